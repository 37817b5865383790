/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-graph-view.h"

G_BEGIN_DECLS

#define OX_TYPE_OVERVIEW (ox_overview_get_type ())
G_DECLARE_FINAL_TYPE (OxOverview, ox_overview, OX, OVERVIEW, GtkWidget)

/* A small map of the whole graph with a frame around what @view shows; a click or drag moves the view there. Hidden while
 * everything is in view. */
GtkWidget *ox_overview_new (OxGraphView *view);

G_END_DECLS
