/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* What happened, in order: one record a turn. Values stay in their frames while they fit into the budget. */
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
} OxTraceRecord;

guint                ox_trace_length      (OxTrace *trace);
const OxTraceRecord *ox_trace_get         (OxTrace *trace, guint index);
gsize                ox_trace_kept_bytes  (OxTrace *trace);

G_END_DECLS
