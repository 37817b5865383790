/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

/* A list of narrow types to choose one of, f16 first; @integers: i8, too. */
GtkWidget *ox_dtype_choice_new  (gboolean integers);
OxDtype    ox_dtype_choice_get  (GtkWidget *choice);
/* From now on both say the same, as far as both have it. */
void       ox_dtype_choice_bind (GtkWidget *choice, GtkWidget *other);

G_END_DECLS
