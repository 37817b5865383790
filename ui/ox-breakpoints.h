/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_BREAKPOINTS (ox_breakpoints_get_type ())
G_DECLARE_FINAL_TYPE (OxBreakpoints, ox_breakpoints, OX, BREAKPOINTS, GtkBox)

/* The list of breakpoints: enable, disable, remove, go there. Hidden while there is none. */
GtkWidget *ox_breakpoints_new (OxFocus *focus);

G_END_DECLS
