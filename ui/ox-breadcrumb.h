/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_BREADCRUMB (ox_breadcrumb_get_type ())
G_DECLARE_FINAL_TYPE (OxBreadcrumb, ox_breadcrumb, OX, BREADCRUMB, GtkBox)

/* Where one is: the call stack (main > Loop iteration 3 > then_branch) when the shown graph is on it, else the graphs
 * around the shown one. A click on a level shows its graph. Hidden while there is only the main graph. */
GtkWidget *ox_breadcrumb_new (OxFocus *focus);

G_END_DECLS
