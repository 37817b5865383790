/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_HUNT_VIEW (ox_hunt_view_get_type ())
G_DECLARE_FINAL_TYPE (OxHuntView, ox_hunt_view, OX, HUNT_VIEW, GtkBox)

/* The first infinity, NaN and number beyond 16 bits of a run with the debugger's inputs, each with the elements it comes from;
 * a row that is clicked selects its node and value. The run is one of its own, on a worker. */
GtkWidget *ox_hunt_view_new (OxFocus *focus);
/* As if its button were clicked, unless it is at work. */
void       ox_hunt_view_start (OxHuntView *self);

G_END_DECLS
