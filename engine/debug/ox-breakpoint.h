/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"
#include "debug/ox-reference.h"

G_BEGIN_DECLS

/* Where and when moves forwards stop. */
typedef struct
{
  guint    id;          /* from 1; 0: a new one */
  OxNode  *node;        /* this one, in whatever frame; NULL: all that fit @place */
  char    *place;       /* words, see ox-place.h */
  char    *condition;   /* see ox-condition.h; NULL: none, then it stops before the node. One that speaks of outputs stops
                         * right after it */
  char    *log;         /* formulas, parted by semicolons: writes a line and goes on; "" writes only where it is. Or a text with
                         * formulas in it: "the largest is {max(out)}". NULL: stops */
  guint64  ignore;      /* so many hits more do not count */
  guint64  hits;        /* how often it has stopped, or written */
  gboolean enabled;
  gboolean once;        /* goes when it has stopped */
  char    *trouble;     /* why the condition could not be judged last, or NULL */
} OxBreakpoint;

void       ox_breakpoint_free           (gpointer breakpoint);

/* Adds it (id 0), or puts it in the place of the one with this id, whose hits stay. Returns its id; 0 with @error, and nothing
 * changed, for a place, condition or log that is not understood, or a condition that needs a reference. May be called while a
 * move runs. */
guint      ox_debugger_put_breakpoint     (OxDebugger *self, const OxBreakpoint *breakpoint, GError **error);
/* FALSE: there is none. */
gboolean   ox_debugger_remove_breakpoint  (OxDebugger *self, guint id);
/* Copies, in the order of their making. (transfer full) of OxBreakpoint* */
GPtrArray *ox_debugger_dup_breakpoints    (OxDebugger *self);

/* What "differs" compares with (transfer full); NULL for nothing any more. Not while a move runs. */
void         ox_debugger_set_reference    (OxDebugger *self, OxReference *reference);
/* NULL: none. (transfer none) */
OxReference *ox_debugger_get_reference    (OxDebugger *self);

G_END_DECLS
