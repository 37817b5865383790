/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A label that wraps, starts at the left and can be selected; @text may be any bytes, @css may be NULL. */
GtkWidget *ox_label_new      (const char *text, const char *css);
/* One of a single line, which is cut as @mode says and is whole in its tooltip. */
GtkWidget *ox_label_new_line (const char *text, const char *css, PangoEllipsizeMode mode);
/* Other words for it. */
void       ox_label_set_line (GtkLabel *label, const char *text);

G_END_DECLS
