/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "scene/ox-scene.h"
#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_GRAPH_VIEW (ox_graph_view_get_type ())
G_DECLARE_FINAL_TYPE (OxGraphView, ox_graph_view, OX, GRAPH_VIEW, GtkWidget)

/* The graph that the focus is on: pan by dragging, zoom with the wheel, select by clicking cards and edges, walk with the
 * arrows. Scenes are made on a worker and kept for every graph that was shown. Signal: "moved", when another part or another
 * graph is seen. */
GtkWidget *ox_graph_view_new (OxFocus *focus);
/* Shows the whole graph; does not zoom in beyond 1. */
void       ox_graph_view_fit (OxGraphView *self);
/* (transfer none) NULL while it is made. */
OxScene   *ox_graph_view_get_scene (OxGraphView *self);
/* What is seen, in the scene's points. */
OxRect     ox_graph_view_get_area  (OxGraphView *self);
/* Brings a point of the scene into the middle. */
void       ox_graph_view_center    (OxGraphView *self, double x, double y);
/* Where in the widget a node's card is; FALSE when it is not in the picture. */
gboolean   ox_graph_view_place_of  (OxGraphView *self, const OxNode *node, GdkRectangle *place);

G_END_DECLS
