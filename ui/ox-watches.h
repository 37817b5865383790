/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_WATCHES (ox_watches_get_type ())
G_DECLARE_FINAL_TYPE (OxWatches, ox_watches, OX, WATCHES, GtkBox)

/* Formulas that are computed at every stop, with what they are now and how they went; not there while there are none. */
GtkWidget *ox_watches_new (OxFocus *focus);
/* Watches @formula; NULL: shows where one can be typed. */
void       ox_watches_add (OxWatches *self, const char *formula);

G_END_DECLS
