/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 time;      /* turns done */
  double  value;
} OxWatchPoint;

/* A formula (see ox-expression.h) that is computed at every stop, and on the way whenever a value it names is written. */
typedef struct
{
  guint     id;         /* from 1 */
  char     *text;
  OxTensor *value;      /* at the last stop; NULL: it could not be computed */
  char     *trouble;    /* why not */
  GArray   *history;    /* OxWatchPoint, of results that are one number; thinned out when it grows long */
} OxWatch;

void       ox_watch_free             (gpointer watch);

/* Its id; 0 with @error for what is no formula. It has a value from the next stop on, or after ox_debugger_look(). */
guint      ox_debugger_add_watch     (OxDebugger *self, const char *text, GError **error);
gboolean   ox_debugger_remove_watch  (OxDebugger *self, guint id);
/* Copies, in the order of their making. (transfer full) of OxWatch* */
GPtrArray *ox_debugger_dup_watches   (OxDebugger *self);
/* Computes all watches where the run stands. Not while a move runs; may take time with large tensors: the async call is for
 * the main thread, and the debugger is running until its end. */
void       ox_debugger_look          (OxDebugger *self, GCancellable *cancellable);
void       ox_debugger_look_async    (OxDebugger *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
gboolean   ox_debugger_look_finish   (OxDebugger *self, GAsyncResult *result, GError **error);
/* A formula where the run stands, whose names are looked for from the frame one is in outwards, then in the frames that were
 * closed last. Values that were dropped are computed again. Not while a move runs. (transfer full) */
OxTensor  *ox_debugger_evaluate      (OxDebugger *self, const char *text, GCancellable *cancellable, GError **error);

G_END_DECLS
