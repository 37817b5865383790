/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_OUTLINE (ox_outline_get_type ())
G_DECLARE_FINAL_TYPE (OxOutline, ox_outline, OX, OUTLINE, GtkBox)

/* The left panel: the graphs of the model, and the nodes of the one that is shown, with a filter. */
GtkWidget *ox_outline_new  (OxFocus *focus);
/* Puts the keyboard into the filter. */
void       ox_outline_find (OxOutline *self);
/* The list of watches below it. (transfer none) */
GtkWidget *ox_outline_get_watches (OxOutline *self);

G_END_DECLS
