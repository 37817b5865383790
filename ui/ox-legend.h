/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_LEGEND (ox_legend_get_type ())
G_DECLARE_FINAL_TYPE (OxLegend, ox_legend, OX, LEGEND, GtkBox)

/* What the signs of the overlay mean, with a button that takes it away; not there while nothing is laid over the graph. */
GtkWidget *ox_legend_new (OxFocus *focus);

G_END_DECLS
