/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_ITERATION_VIEW (ox_iteration_view_get_type ())
G_DECLARE_FINAL_TYPE (OxIterationView, ox_iteration_view, OX, ITERATION_VIEW, GtkBox)

/* What goes through the iterations of a Loop, Scan or SequenceMap: of the one that is selected, or that the selected node
 * is in; each value as a line over all iterations, where a click goes to one. The numbers come from a run of its own on a
 * worker, which begins by itself while that is quick. */
GtkWidget *ox_iteration_view_new       (OxFocus *focus);
/* Whether @model has anything to show here. */
gboolean   ox_iteration_view_is_needed (OxModel *model);

G_END_DECLS
