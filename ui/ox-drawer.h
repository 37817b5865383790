/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_DRAWER (ox_drawer_get_type ())
G_DECLARE_FINAL_TYPE (OxDrawer, ox_drawer, OX, DRAWER, GtkBox)

/* The panel at the bottom: the timeline of turns and the table of values. */
GtkWidget *ox_drawer_new          (OxFocus *focus);
/* Turns to the console and gives it the keyboard. */
void       ox_drawer_show_console (OxDrawer *self);

G_END_DECLS
