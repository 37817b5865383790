/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_COMPARE_VIEW (ox_compare_view_get_type ())
G_DECLARE_FINAL_TYPE (OxCompareView, ox_compare_view, OX, COMPARE_VIEW, GtkBox)

/* What the overlay's errors are, as a table: the first value that differs by its own node's doing on top; a row that is
 * selected selects its node and value. The comparison itself is the page's: actions "page.compare-file", "page.compare-folder",
 * "page.compare-model", "page.compare-with" (what ox_cli_reference() takes), "page.compare-again", "page.compare-tolerances". */
GtkWidget *ox_compare_view_new (OxFocus *focus);

G_END_DECLS
