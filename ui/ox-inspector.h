/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_INSPECTOR (ox_inspector_get_type ())
G_DECLARE_FINAL_TYPE (OxInspector, ox_inspector, OX, INSPECTOR, GtkBox)

/* The right panel: pages "node", "tensor" and "model" of what the focus is on. @actions are the page's, for windows that are
 * opened from here. */
GtkWidget *ox_inspector_new       (OxFocus *focus, GActionGroup *actions);
/* Shows the page of that name. */
void       ox_inspector_show_page (OxInspector *self, const char *page);
/* What a check of the model has found (OxCheckFinding), for the Model page. */
void       ox_inspector_set_findings (OxInspector *self, GPtrArray *findings);
/* Shows the selected value in a window of its own, as soon as it is there; without one, the first output of the selected
 * node. */
void       ox_inspector_pop_out   (OxInspector *self);

G_END_DECLS
