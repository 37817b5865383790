/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define OX_TYPE_WINDOW (ox_window_get_type ())
G_DECLARE_FINAL_TYPE (OxWindow, ox_window, OX, WINDOW, AdwApplicationWindow)

/* A window with a tab for every model, and a welcome while there is none. */
GtkWidget *ox_window_new  (GtkApplication *application);
/* Opens @file in a tab; a file that is open already is shown. */
void       ox_window_open (OxWindow *self, GFile *file);

G_END_DECLS
