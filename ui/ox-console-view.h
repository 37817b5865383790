/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_CONSOLE_VIEW (ox_console_view_get_type ())
G_DECLARE_FINAL_TYPE (OxConsoleView, ox_console_view, OX, CONSOLE_VIEW, GtkBox)

/* The debugger by words, as in the terminal. Up and Down go through what was typed, Tab completes names. Where inputs are
 * wanted it activates "page.make-inputs", and goes on when the debugger has them. */
GtkWidget *ox_console_view_new  (OxFocus *focus);
/* Gives the keyboard to its entry. */
void       ox_console_view_type (OxConsoleView *self);

G_END_DECLS
