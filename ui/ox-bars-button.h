/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

/* A check button that lays some bars of precision over the graph, and takes them away. */
GtkWidget *ox_bars_button_new  (OxFocus *focus);
/* From now on these; they are shown. */
void       ox_bars_button_show (GtkWidget *button, OxBars *bars);

G_END_DECLS
