/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-study.h"

G_BEGIN_DECLS

/* A study: few nodes to keep as they are, so that with all others in the type that @choice names no output is farther off than a
 * tolerance. They are the overlay's path, and can be copied as a list. */
OxStudy *ox_keep_view_new (OxFocus *focus, GtkWidget *choice);

/* "0.01", "1 %": a share above 0; NAN for what is none. */
double   ox_keep_view_parse (const char *text);

G_END_DECLS
