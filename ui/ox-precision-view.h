/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_PRECISION_VIEW (ox_precision_view_get_type ())
G_DECLARE_FINAL_TYPE (OxPrecisionView, ox_precision_view, OX, PRECISION_VIEW, GtkBox)

/* What a narrower type would do to the model: a map of what is safe, what comes of rounding some of it, and the nodes that have
 * to stay as they are. */
GtkWidget *ox_precision_view_new (OxFocus *focus);
/* Turns to "map", "keep", or "all", "node", "scope" or "operator" (what if those are rounded) and asks. */
void       ox_precision_view_ask (OxPrecisionView *self, const char *question);

G_END_DECLS
