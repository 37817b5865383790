/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "debug/ox-debugger.h"
#include "ui/ox-overlay.h"
#include "ui/ox-value-log.h"

G_BEGIN_DECLS

#define OX_TYPE_FOCUS (ox_focus_get_type ())
G_DECLARE_FINAL_TYPE (OxFocus, ox_focus, OX, FOCUS, GObject)

/* What one model's page looks at: a graph, a node of it, and one value. Every panel reads it and may change it, so that
 * panels do not know each other. Signals, without arguments: "graph-changed", "node-changed", "value-changed",
 * "state-changed" (the debugger moved, started or was reset: states and values are others). */
OxFocus    *ox_focus_new            (OxModel *model, OxDebugger *debugger);
OxModel    *ox_focus_get_model      (OxFocus *self);
OxDebugger *ox_focus_get_debugger   (OxFocus *self);
/* What the values of the debugger's run look like. (transfer none) */
OxValueLog *ox_focus_get_log        (OxFocus *self);
/* What lies over the picture of the graph. (transfer none) */
OxOverlay  *ox_focus_get_overlay    (OxFocus *self);

OxGraph    *ox_focus_get_graph      (OxFocus *self);
OxNode     *ox_focus_get_node       (OxFocus *self);               /* NULL: nothing is selected */
/* The selected value's slot of *@graph, -1 if none. */
int         ox_focus_get_value      (OxFocus *self, OxGraph **graph);

/* Shows @graph; a node or value of another graph is no longer selected. */
void        ox_focus_show_graph     (OxFocus *self, OxGraph *graph);
/* Selects @node and shows its graph; NULL selects nothing. No value is selected then. */
void        ox_focus_select_node    (OxFocus *self, OxNode *node);
/* Selects the value in @slot of @graph beside the selected node. */
void        ox_focus_select_value   (OxFocus *self, OxGraph *graph, int slot);
/* Selects @node and the value of that name, which it makes or reads, maybe from an outer graph. */
void        ox_focus_select_named   (OxFocus *self, OxNode *node, const char *name);

/* Selects @node (may be NULL) and the value in @slot of @graph, and shows @value there until anything else is selected,
 * although the debugger's run has not made it; NULL: there is none, and @message (may be NULL) says why. @from: "recorded
 * in turn 3". */
void        ox_focus_lend_value     (OxFocus *self, OxNode *node, OxGraph *graph, int slot, OxValue *value, const char *from,
                                     const char *message);
/* @from of what is lent, NULL if nothing is; the others (may be NULL) are (transfer none). */
const char *ox_focus_get_lent       (OxFocus *self, OxValue **value, const char **message);

/* Through the graphs and nodes that were shown; FALSE at the end. */
gboolean    ox_focus_go_back        (OxFocus *self);
gboolean    ox_focus_go_forward     (OxFocus *self);

/* Sets a breakpoint at @node or takes it away; changes of breakpoints emit "state-changed". */
void        ox_focus_toggle_breakpoint (OxFocus *self, OxNode *node);

/* Emits "state-changed". */
void        ox_focus_touch          (OxFocus *self);

G_END_DECLS
