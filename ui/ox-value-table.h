/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_VALUE_TABLE (ox_value_table_get_type ())
G_DECLARE_FINAL_TYPE (OxValueTable, ox_value_table, OX, VALUE_TABLE, GtkBox)

/* A table of the values that nodes have written: turn, operator, name, type and shape, range, NaN and infinities, bytes. The
 * numbers are gathered one value after the other while the table is on screen. A row that is selected selects its value. */
GtkWidget *ox_value_table_new (OxFocus *focus);

G_END_DECLS
