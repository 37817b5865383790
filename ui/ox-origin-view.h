/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_ORIGIN_VIEW (ox_origin_view_get_type ())
G_DECLARE_FINAL_TYPE (OxOriginView, ox_origin_view, OX, ORIGIN_VIEW, GtkBox)

/* What an element can hang on: the region of every input, weight and value that can have an influence on it, in a run of its
 * own on a worker. The nodes on the way are the overlay's path; a row that is clicked selects its value. */
GtkWidget *ox_origin_view_new (OxFocus *focus);
/* Asks for "T", "T[0,3]". */
void       ox_origin_view_ask (OxOriginView *self, const char *expression);

G_END_DECLS
