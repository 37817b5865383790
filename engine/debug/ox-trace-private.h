/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-trace.h"

G_BEGIN_DECLS

/* A value that may be dropped when there are too many. */
typedef struct
{
  OxFrame *frame;      /* owned */
  int      slot;
  guint64  time;       /* of the turn that wrote it */
  gsize    bytes;
} OxKept;

struct _OxTrace
{
  GArray  *records;    /* OxTraceRecord */
  GQueue   kept;       /* OxKept*, oldest first */
  gsize    kept_bytes, budget;
  guint64  dropped;    /* values that are no longer there */
};

OxTrace *ox_trace_new       (gsize budget);
void     ox_trace_free      (OxTrace *trace);
void     ox_trace_clear     (OxTrace *trace);
/* Notes a turn, and with it the values it wrote; drops old ones beyond the budget. */
void     ox_trace_add       (OxTrace *trace, const OxTurn *turn, guint64 time, guint depth);
/* The turns from @time on were taken back. */
void     ox_trace_truncate  (OxTrace *trace, guint64 time);
void     ox_trace_trim      (OxTrace *trace);

G_END_DECLS
