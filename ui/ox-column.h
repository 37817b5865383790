/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The text of an item's cell. (transfer full) */
typedef char *(*OxColumnText) (gpointer item);
/* Its place among others; NaN sorts last in both directions of the hand. */
typedef double (*OxColumnNumber) (gpointer item);

/* Appends a column of texts that sorts by @number, or by the text itself when it is NULL; numbers stand to the right. */
GtkColumnViewColumn *ox_column_append (GtkColumnView *view, const char *title, OxColumnText text, OxColumnNumber number,
                                       gboolean expand);
/* It has few words, to the left and whole, although it sorts by numbers. To be said before it is first seen. */
void                 ox_column_set_words (GtkColumnViewColumn *column);
/* Items of which @mark is true have their cell in the colour of warnings, and bold. */
void                 ox_column_set_mark (GtkColumnViewColumn *column, gboolean (*mark) (gpointer item));
/* Makes @view a table of @model (transfer none) that sorts by its columns; the selection is returned (transfer none). */
GtkSingleSelection  *ox_column_view_set_model (GtkColumnView *view, GListModel *model);

G_END_DECLS
