/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-value-table.h"

#include <math.h>

#include "tensor/ox-format.h"
#include "ui/ox-column.h"
#include "ui/ox-value-log.h"
#include "ui/ox-words.h"

struct _OxValueTable
{
  GtkBox parent_instance;

  OxFocus *focus;
  GtkSingleSelection *selection;
  GtkStack *stack;
};

G_DEFINE_FINAL_TYPE (OxValueTable, ox_value_table, GTK_TYPE_BOX)

static void
ox_value_table_dispose (GObject *object)
{
  g_clear_object (&OX_VALUE_TABLE (object)->focus);
  G_OBJECT_CLASS (ox_value_table_parent_class)->dispose (object);
}

static void
ox_value_table_class_init (OxValueTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_value_table_dispose;
}

static double
time_number (gpointer item)
{
  return (double) OX_VALUE_ITEM (item)->time;
}

static char *
time_text (gpointer item)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, OX_VALUE_ITEM (item)->time + 1);
}

static char *
op_text (gpointer item)
{
  return ox_words_valid (OX_VALUE_ITEM (item)->node->op_type);
}

static char *
name_text (gpointer item)
{
  OxValueItem *self = item;

  return ox_words_valid (ox_graph_slot (self->graph, self->slot)->name);
}

static char *
type_text (gpointer item)
{
  const char *type = OX_VALUE_ITEM (item)->type;

  return g_strdup (type != NULL ? type : "…");
}

static char *
number_text (OxValueItem *self, double value)
{
  return self->numeric ? ox_format_double (value, 4) : g_strdup ("");
}

static double
min_number (gpointer item)
{
  return OX_VALUE_ITEM (item)->numeric ? OX_VALUE_ITEM (item)->statistics.min : (double) NAN;
}

static char *
min_text (gpointer item)
{
  return number_text (item, OX_VALUE_ITEM (item)->statistics.min);
}

static double
max_number (gpointer item)
{
  return OX_VALUE_ITEM (item)->numeric ? OX_VALUE_ITEM (item)->statistics.max : (double) NAN;
}

static char *
max_text (gpointer item)
{
  return number_text (item, OX_VALUE_ITEM (item)->statistics.max);
}

static double
bad_number (gpointer item)
{
  return (double) ox_value_item_bad (item);
}

static char *
bad_text (gpointer item)
{
  double bad = bad_number (item);

  return bad > 0 ? g_strdup_printf ("%.0f", bad) : g_strdup ("");
}

static double
bytes_number (gpointer item)
{
  return (double) OX_VALUE_ITEM (item)->bytes;
}

static char *
bytes_text (gpointer item)
{
  return OX_VALUE_ITEM (item)->type != NULL ? ox_format_bytes (OX_VALUE_ITEM (item)->bytes) : g_strdup ("");
}

static gboolean
is_bad (gpointer item)
{
  return ox_value_item_bad (item) > 0;
}

static void
show_rows (OxValueTable *self)
{
  GListModel *values = ox_value_log_values (ox_focus_get_log (self->focus));

  gtk_stack_set_visible_child_name (self->stack, g_list_model_get_n_items (values) > 0 ? "table" : "none");
}

static void
selected_cb (OxValueTable *self)
{
  OxValueItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (item == NULL)
    return;
  ox_focus_select_node (self->focus, item->node);
  ox_focus_select_value (self->focus, item->graph, item->slot);
}

static void
ox_value_table_init (OxValueTable *self)
{
}

GtkWidget *
ox_value_table_new (OxFocus *focus)
{
  OxValueTable *self = g_object_new (OX_TYPE_VALUE_TABLE, NULL);
  GListModel *values = ox_value_log_values (ox_focus_get_log (focus));
  GtkWidget *scroller = gtk_scrolled_window_new (), *none = gtk_label_new ("No value has been computed yet");
  GtkColumnView *view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));

  self->focus = g_object_ref (focus);
  ox_column_append (view, "Turn", time_text, time_number, FALSE);
  ox_column_append (view, "Operator", op_text, NULL, FALSE);
  ox_column_append (view, "Value", name_text, NULL, TRUE);
  ox_column_append (view, "Type", type_text, NULL, FALSE);
  ox_column_append (view, "Min", min_text, min_number, FALSE);
  ox_column_append (view, "Max", max_text, max_number, FALSE);
  ox_column_set_mark (ox_column_append (view, "NaN, Inf", bad_text, bad_number, FALSE), is_bad);
  ox_column_append (view, "Bytes", bytes_text, bytes_number, FALSE);
  self->selection = ox_column_view_set_model (view, values);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (GTK_WIDGET (view), "data-table");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (view));
  gtk_widget_add_css_class (none, "dim-label");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, none, "none");
  gtk_stack_add_named (self->stack, scroller, "table");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->stack));
  g_signal_connect_object (values, "items-changed", G_CALLBACK (show_rows), self, G_CONNECT_SWAPPED);
  show_rows (self);
  return GTK_WIDGET (self);
}
