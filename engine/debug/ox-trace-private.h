/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-trace.h"

G_BEGIN_DECLS

struct _OxTrace
{
  GArray     *records;    /* OxTraceRecord */
  guint       length;     /* of them are done, the others taken back */
  GHashTable *closed;     /* OxGraph* -> GQueue of OxFrame, the last closed one last */
  gsize       kept_bytes;
};

OxTrace *ox_trace_new       (void);
void     ox_trace_free      (OxTrace *trace);
void     ox_trace_clear     (OxTrace *trace);
/* Everything was taken back at once, to be done again. */
void     ox_trace_rewind    (OxTrace *trace);
/* What was taken back would not be the same any more. */
void     ox_trace_cut       (OxTrace *trace);
/* Notes a turn that was done at @time with @depth frames on the stack. */
void     ox_trace_add       (OxTrace *trace, const OxTurn *turn, guint64 time, guint depth);
/* The last turn was taken back. */
void     ox_trace_pop       (OxTrace *trace);
/* The way back of the turn at @time was forgotten: of the frames closed until then, only the last of each graph is of
 * interest. */
void     ox_trace_forget    (OxTrace *trace, guint64 time);
/* The frame of @graph that was closed last. (transfer none) (nullable) */
OxFrame *ox_trace_closed    (OxTrace *trace, const OxGraph *graph);

G_END_DECLS
