/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "scene/ox-scene.h"

G_BEGIN_DECLS

/* The signs of breakpoints on the cards of a picture: what they say depends on the breakpoints alone, so it is found once. */
typedef struct _OxBreakpointMarks OxBreakpointMarks;

OxBreakpointMarks *ox_breakpoint_marks_new   (OxDebugger *debugger);
void               ox_breakpoint_marks_free  (OxBreakpointMarks *self);
/* The breakpoints are others. */
void               ox_breakpoint_marks_reset (OxBreakpointMarks *self);
/* On the left edge of a card: a dot is a breakpoint of its own, a diamond one with a condition, a bracket one of all nodes that
 * fit some words; hollow, or faint, when it is disabled. @cr is scaled by @scale. */
void               ox_breakpoint_marks_paint (OxBreakpointMarks *self, OxScene *scene, cairo_t *cr, double scale, gboolean dark);
/* "breakpoint 2 at op:Conv, if nan": a line for each at @node; NULL: none. (transfer full) */
char              *ox_breakpoint_marks_tip   (OxBreakpointMarks *self, const OxNode *node);

G_END_DECLS
