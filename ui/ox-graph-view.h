/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "scene/ox-scene.h"
#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_GRAPH_VIEW (ox_graph_view_get_type ())
G_DECLARE_FINAL_TYPE (OxGraphView, ox_graph_view, OX, GRAPH_VIEW, GtkWidget)

/* The graph that the focus is on: pan by dragging, zoom with the wheel, select by clicking cards and edges, walk with the
 * arrows. Pictures are made on a worker and kept for every graph that was shown. */
GtkWidget *ox_graph_view_new (OxFocus *focus);
/* Shows the whole graph; does not zoom in beyond 1. */
void       ox_graph_view_fit (OxGraphView *self);

G_END_DECLS
