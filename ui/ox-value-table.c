/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-value-table.h"

#include <math.h>

#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"
#include "ui/ox-column.h"
#include "ui/ox-words.h"

#define MAX_VALUES 20000

#define OX_TYPE_VALUE_ITEM (ox_value_item_get_type ())
G_DECLARE_FINAL_TYPE (OxValueItem, ox_value_item, OX, VALUE_ITEM, GObject)

struct _OxValueItem
{
  GObject parent_instance;
  OxNode      *node;
  OxGraph     *graph;
  int          slot;
  guint64      time;
  char        *type;         /* NULL: not looked at yet */
  OxStatistics statistics;
  gboolean     numeric;
  guint64      bytes;
};

G_DEFINE_FINAL_TYPE (OxValueItem, ox_value_item, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TYPE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

struct _OxValueTable
{
  GtkBox parent_instance;

  OxFocus *focus;
  GListStore *values;
  GHashTable *rows;           /* OxSlot -> OxValueItem, both borrowed */
  GtkSingleSelection *selection;
  GtkStack *stack;
  GQueue   *waiting;          /* OxValueItem, owned: to be looked at */
  gboolean  looking;          /* one is looked through on a worker */
  guint     length;           /* of the trace, as far as it was read */
};

G_DEFINE_FINAL_TYPE (OxValueTable, ox_value_table, GTK_TYPE_BOX)

static void
ox_value_item_finalize (GObject *object)
{
  g_free (OX_VALUE_ITEM (object)->type);
  G_OBJECT_CLASS (ox_value_item_parent_class)->finalize (object);
}

static void
ox_value_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, OX_VALUE_ITEM (object)->type);
}

static void
ox_value_item_class_init (OxValueItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_value_item_finalize;
  G_OBJECT_CLASS (klass)->get_property = ox_value_item_get_property;
  properties[PROP_TYPE] = g_param_spec_string ("type", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
}

static void
ox_value_item_init (OxValueItem *self)
{
}

static void
ox_value_table_dispose (GObject *object)
{
  OxValueTable *self = OX_VALUE_TABLE (object);

  g_queue_clear_full (self->waiting, g_object_unref);
  g_clear_object (&self->values);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_value_table_parent_class)->dispose (object);
}

static void
ox_value_table_finalize (GObject *object)
{
  OxValueTable *self = OX_VALUE_TABLE (object);

  g_queue_free (self->waiting);
  g_hash_table_unref (self->rows);
  G_OBJECT_CLASS (ox_value_table_parent_class)->finalize (object);
}

static void
ox_value_table_class_init (OxValueTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_value_table_dispose;
  G_OBJECT_CLASS (klass)->finalize = ox_value_table_finalize;
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
  return ox_words_operator (OX_VALUE_ITEM (item)->node);
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
  const OxStatistics *s = &OX_VALUE_ITEM (item)->statistics;

  return (double) (s->nan + s->pos_inf + s->neg_inf);
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

typedef struct
{
  OxValueItem *item;
  OxValue     *value;
  OxStatistics statistics;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_object_unref (look->item);
  g_clear_pointer (&look->value, ox_value_unref);
  g_free (look);
}

static void
look_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;

  ox_statistics_compute (look->value->tensor, &look->statistics);
  g_task_return_boolean (task, TRUE);
}

static void
told (OxValueTable *self, OxValueItem *item, const OxValue *value, const OxStatistics *statistics)
{
  g_free (item->type);
  item->type = value != NULL ? ox_value_describe (value) : g_strdup ("not kept");
  item->bytes = value != NULL ? ox_value_bytes (value) : 0;
  item->numeric = statistics != NULL && statistics->numeric && statistics->finite > 0;
  item->statistics = statistics != NULL ? *statistics : (OxStatistics){ 0 };
  g_object_notify_by_pspec (G_OBJECT (item), properties[PROP_TYPE]);
}

static void look_at_next (OxValueTable *self);

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxValueTable *self = OX_VALUE_TABLE (source);
  Look *look = g_task_get_task_data (G_TASK (result));

  if (self->focus == NULL)
    return;
  told (self, look->item, look->value, &look->statistics);
  self->looking = FALSE;
  look_at_next (self);
}

/* Values that were dropped from the trace are not computed again for a table. */
static void
look_at_next (OxValueTable *self)
{
  OxDebugger *debugger = self->focus != NULL ? ox_focus_get_debugger (self->focus) : NULL;
  g_autoptr (GTask) task = NULL;
  OxValueItem *item = NULL;
  OxValue *value = NULL;
  Look *look;

  if (debugger == NULL || self->looking || ox_debugger_is_running (debugger) || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  while (value == NULL && (item = g_queue_pop_head (self->waiting)) != NULL)
    {
      value = ox_debugger_peek_value (debugger, item->graph, item->slot);
      if (value != NULL && value->kind == OX_VALUE_TENSOR)
        break;
      told (self, item, value, NULL);
      g_object_unref (item);
      g_clear_pointer (&value, ox_value_unref);
    }
  if (value == NULL)
    return;
  self->looking = TRUE;
  task = g_task_new (self, NULL, looked_cb, NULL);
  look = g_new0 (Look, 1);
  look->item = item;
  look->value = value;
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, look_worker);
}

static void
add_outputs (OxValueTable *self, const OxTraceRecord *record, GPtrArray *fresh)
{
  OxGraph *graph = record->node->graph;

  for (guint i = 0; i < record->node->output_names->len; i++)
    {
      int slot = record->node->outputs[i];
      OxValueItem *item;

      if (slot < 0)
        continue;
      item = g_hash_table_lookup (self->rows, ox_graph_slot (graph, slot));
      if (item == NULL)
        {
          if (g_hash_table_size (self->rows) >= MAX_VALUES)
            return;
          item = g_object_new (OX_TYPE_VALUE_ITEM, NULL);
          item->node = record->node;
          item->graph = graph;
          item->slot = slot;
          g_hash_table_insert (self->rows, ox_graph_slot (graph, slot), item);
          g_ptr_array_add (fresh, item);
        }
      else if (item->type == NULL)
        {
          /* Waits for its turn already. */
          item->time = record->time;
          continue;
        }
      item->time = record->time;
      g_clear_pointer (&item->type, g_free);
      g_queue_push_tail (self->waiting, g_object_ref (item));
    }
}

static void
fill (OxValueTable *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  g_autoptr (GPtrArray) fresh = g_ptr_array_new_with_free_func (g_object_unref);
  OxTrace *trace;
  guint length;

  if (debugger == NULL || ox_debugger_is_running (debugger))
    return;
  trace = ox_debugger_get_trace (debugger);
  length = trace != NULL ? ox_trace_length (trace) : 0;
  if (length < self->length)
    {
      g_queue_clear_full (self->waiting, g_object_unref);
      g_hash_table_remove_all (self->rows);
      g_list_store_remove_all (self->values);
      self->length = 0;
    }
  for (; self->length < length; self->length++)
    {
      const OxTraceRecord *record = ox_trace_get (trace, self->length);

      if (record->node != NULL && (record->kind == OX_TURN_NODE || record->kind == OX_TURN_LEFT))
        add_outputs (self, record, fresh);
    }
  g_list_store_splice (self->values, g_list_model_get_n_items (G_LIST_MODEL (self->values)), 0, fresh->pdata, fresh->len);
  gtk_stack_set_visible_child_name (self->stack, g_hash_table_size (self->rows) > 0 ? "table" : "none");
  look_at_next (self);
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
  GtkWidget *scroller = gtk_scrolled_window_new (), *none = gtk_label_new ("No value has been computed yet");
  GtkColumnView *view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));

  self->values = g_list_store_new (OX_TYPE_VALUE_ITEM);
  self->rows = g_hash_table_new (NULL, NULL);
  self->waiting = g_queue_new ();
  ox_column_append (view, "Turn", time_text, time_number, FALSE);
  ox_column_append (view, "Operator", op_text, NULL, FALSE);
  ox_column_append (view, "Value", name_text, NULL, TRUE);
  ox_column_append (view, "Type", type_text, NULL, FALSE);
  ox_column_append (view, "Min", min_text, min_number, FALSE);
  ox_column_append (view, "Max", max_text, max_number, FALSE);
  ox_column_append (view, "NaN, Inf", bad_text, bad_number, FALSE);
  ox_column_append (view, "Bytes", bytes_text, bytes_number, FALSE);
  self->selection = ox_column_view_set_model (view, G_LIST_MODEL (self->values));
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
  g_signal_connect (self, "map", G_CALLBACK (look_at_next), NULL);
}

GtkWidget *
ox_value_table_new (OxFocus *focus)
{
  OxValueTable *self = g_object_new (OX_TYPE_VALUE_TABLE, NULL);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  fill (self);
  return GTK_WIDGET (self);
}
