/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_STEP_BAR (ox_step_bar_get_type ())
G_DECLARE_FINAL_TYPE (OxStepBar, ox_step_bar, OX, STEP_BAR, GtkBox)

/* The buttons that move the debugger, floating over the graph, and where it is. They activate the actions "page.to-start",
 * "page.back", "page.continue", "page.in", "page.over", "page.out", "page.stop", and others by a menu. */
GtkWidget *ox_step_bar_new (OxFocus *focus);

G_END_DECLS
