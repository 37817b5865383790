/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-breakpoint.h"
#include "debug/ox-condition.h"
#include "debug/ox-debugger-private.h"
#include "debug/ox-place.h"

G_BEGIN_DECLS

/* A breakpoint with what it means. Lives while the list or a judgement on the worker holds it. */
typedef struct
{
  gatomicrefcount refs;
  OxBreakpoint    shown;      /* under the debugger's lock */
  OxPlace        *place;
  OxCondition    *condition;
  GPtrArray      *log;        /* OxExpression* */
  GPtrArray      *words;      /* char*: what stands before each of them, and after the last; NULL: they are told with their texts */
} OxPoint;

OxPoint   *ox_point_ref             (OxPoint *self);
void       ox_point_unref           (gpointer self);

/* ---- ox-breakpoint-match.c ---- */
/* Under the lock, when the list has changed: which nodes each of them is about. */
void       ox_debugger_match_points (OxDebugger *self);
/* On the worker. (transfer full) The points that a turn of @node, in @graph, is judged by; NULL: none. */
GPtrArray *ox_debugger_points_at    (OxDebugger *self, OxGraph *graph, const OxNode *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxPoint, ox_point_unref)

G_END_DECLS
