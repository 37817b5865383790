/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A label that wraps, starts at the left and can be selected; @text may be any bytes, @css may be NULL. */
GtkWidget *ox_label_new (const char *text, const char *css);

G_END_DECLS
