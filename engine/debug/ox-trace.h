/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* What happened, in order: one record a turn. Values stay in their frames while they fit into the budget. What was done and
 * taken back since stays known, because it would be the same again: until an edit, an input or a restart. */
typedef struct _OxTrace OxTrace;

typedef struct
{
  guint64    time;        /* number of the turn */
  OxTurnKind kind;
  guint64    frame_id;    /* NODE: where it ran; ENTERED, LEFT: the frame that was opened or closed */
  OxGraph   *graph;       /* of that frame */
  guint      depth;       /* frames on the stack before the turn */
  gint64     iteration;
  gboolean   again;       /* ENTERED: as in OxTurn */
  OxNode    *node;
  double     seconds;
  guint64    bytes;       /* written */
  guint8     bad;         /* OX_BAD_*: of what a NODE turn wrote, as far as somebody has looked */
} OxTraceRecord;

#define OX_BAD_NAN 1
#define OX_BAD_INF 2
#define OX_BAD_LOOKED 4

/* Turns done now; those that are known, which may be more. */
guint                ox_trace_length      (OxTrace *trace);
guint                ox_trace_reach       (OxTrace *trace);
/* NULL beyond the reach. */
const OxTraceRecord *ox_trace_get         (OxTrace *trace, guint index);
gsize                ox_trace_kept_bytes  (OxTrace *trace);

G_END_DECLS
