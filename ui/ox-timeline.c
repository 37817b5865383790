/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-timeline.h"

#include <math.h>

#include "tensor/ox-format.h"
#include "ui/ox-column.h"
#include "ui/ox-words.h"

/* A loop makes millions of turns; the last of them are what one looks at. */
#define MAX_TURNS 20000

#define OX_TYPE_TURN_ITEM (ox_turn_item_get_type ())
G_DECLARE_FINAL_TYPE (OxTurnItem, ox_turn_item, OX, TURN_ITEM, GObject)

struct _OxTurnItem
{
  GObject parent_instance;
  OxTraceRecord record;
  gint64 bad;          /* NaN and infinities in what it wrote, as far as it is known */
};

enum
{
  PROP_0,
  PROP_BAD,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (OxTurnItem, ox_turn_item, G_TYPE_OBJECT)

struct _OxTimeline
{
  GtkBox parent_instance;

  OxFocus *focus;
  GListStore *turns;
  GtkSingleSelection *selection;
  GtkStack *stack;
  GtkAdjustment *adjustment;
  guint first, length;    /* of the trace: what @turns holds */
  gboolean away;          /* scrolled away from the end, where new turns come */
};

G_DEFINE_FINAL_TYPE (OxTimeline, ox_timeline, GTK_TYPE_BOX)

static void
ox_turn_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int64 (value, OX_TURN_ITEM (object)->bad);
}

static void
ox_turn_item_class_init (OxTurnItemClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = ox_turn_item_get_property;
  properties[PROP_BAD] = g_param_spec_int64 ("bad", NULL, NULL, 0, G_MAXINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
}

static void
ox_turn_item_init (OxTurnItem *self)
{
}

static void
ox_timeline_dispose (GObject *object)
{
  OxTimeline *self = OX_TIMELINE (object);

  g_clear_object (&self->turns);
  g_clear_object (&self->adjustment);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_timeline_parent_class)->dispose (object);
}

static void
ox_timeline_class_init (OxTimelineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_timeline_dispose;
}

static double
turn_number (gpointer item)
{
  return (double) OX_TURN_ITEM (item)->record.time;
}

static char *
turn_text (gpointer item)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, OX_TURN_ITEM (item)->record.time + 1);
}

static char *
op_text (gpointer item)
{
  const OxNode *node = OX_TURN_ITEM (item)->record.node;

  return node != NULL ? ox_words_valid (node->op_type) : g_strdup ("");
}

static char *
node_text (gpointer item)
{
  const OxNode *node = OX_TURN_ITEM (item)->record.node;

  return node != NULL ? ox_words_node (node) : g_strdup ("");
}

static char *
kind_text (gpointer item)
{
  const OxTraceRecord *record = &OX_TURN_ITEM (item)->record;

  switch (record->kind)
    {
    case OX_TURN_NODE:
      if (record->iteration >= 0)
        return g_strdup_printf ("ran, iteration %" G_GINT64_FORMAT, record->iteration);
      return g_strdup ("ran");
    case OX_TURN_ENTERED:
      return g_strdup ("entered");
    case OX_TURN_LEFT:
      return g_strdup ("left");
    case OX_TURN_ENDED:
      return g_strdup ("end");
    case OX_TURN_FAILED:
      return g_strdup ("failed");
    }
  return g_strdup ("");
}

static double
bad_number (gpointer item)
{
  return (double) OX_TURN_ITEM (item)->bad;
}

static char *
bad_text (gpointer item)
{
  gint64 bad = OX_TURN_ITEM (item)->bad;

  return bad > 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, bad) : g_strdup ("");
}

static gboolean
is_bad (gpointer item)
{
  return OX_TURN_ITEM (item)->bad > 0;
}

static double
seconds_number (gpointer item)
{
  return OX_TURN_ITEM (item)->record.kind == OX_TURN_NODE ? OX_TURN_ITEM (item)->record.seconds : (double) NAN;
}

static char *
seconds_text (gpointer item)
{
  double seconds = seconds_number (item);

  if (isnan (seconds))
    return g_strdup ("");
  if (seconds < 1e-3)
    return g_strdup_printf ("%.1f µs", seconds * 1e6);
  return seconds < 1 ? g_strdup_printf ("%.2f ms", seconds * 1e3) : g_strdup_printf ("%.2f s", seconds);
}

static double
bytes_number (gpointer item)
{
  return (double) OX_TURN_ITEM (item)->record.bytes;
}

static char *
bytes_text (gpointer item)
{
  guint64 bytes = OX_TURN_ITEM (item)->record.bytes;

  return bytes > 0 ? ox_format_bytes (bytes) : g_strdup ("");
}

/* Values are looked through after their turn is shown. */
static void
noted_cb (OxValueLog *log, OxNode *node, guint64 time, OxTimeline *self)
{
  g_autoptr (OxTurnItem) item = NULL;

  if (time < self->first || time >= self->length)
    return;
  item = g_list_model_get_item (G_LIST_MODEL (self->turns), (guint) time - self->first);
  if (item == NULL || item->record.node != node)
    return;
  item->bad = ox_value_log_bad (log, node, time);
  g_object_notify_by_pspec (G_OBJECT (item), properties[PROP_BAD]);
}

static void
clear (OxTimeline *self)
{
  g_list_store_remove_all (self->turns);
  self->first = self->length = 0;
}

static void
fill (OxTimeline *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxTrace *trace;
  guint length, first;

  if (debugger == NULL || ox_debugger_is_running (debugger))
    return;
  trace = ox_debugger_get_trace (debugger);
  length = trace != NULL ? ox_trace_length (trace) : 0;
  first = length > MAX_TURNS ? length - MAX_TURNS : 0;
  if (length < self->length && length >= self->first)
    {
      g_list_store_splice (self->turns, length - self->first, self->length - length, NULL, 0);
      self->length = length;
    }
  if (length < self->length || first > self->length || first < self->first)
    {
      clear (self);
      self->first = self->length = first;
    }
  if (first > self->first)
    {
      g_list_store_splice (self->turns, 0, first - self->first, NULL, 0);
      self->first = first;
    }
  if (length > self->length)
    {
      g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

      for (guint i = self->length; i < length; i++)
        {
          OxTurnItem *item = g_object_new (OX_TYPE_TURN_ITEM, NULL);

          item->record = *ox_trace_get (trace, i);
          if (item->record.node != NULL)
            item->bad = ox_value_log_bad (ox_focus_get_log (self->focus), item->record.node, item->record.time);
          g_ptr_array_add (items, item);
        }
      g_list_store_splice (self->turns, g_list_model_get_n_items (G_LIST_MODEL (self->turns)), 0, items->pdata, items->len);
      self->length = length;
    }
  gtk_stack_set_visible_child_name (self->stack, length > 0 ? "table" : "none");
}

static void
selected_cb (OxTimeline *self)
{
  OxTurnItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (item != NULL && item->record.node != NULL)
    ox_focus_select_node (self->focus, item->record.node);
}

static void
scrolled_cb (GtkAdjustment *adjustment, OxTimeline *self)
{
  double end = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);

  /* Half a row: the list moves a little by itself while it measures rows. */
  self->away = gtk_adjustment_get_value (adjustment) < end - 12;
}

static gboolean
to_end_cb (gpointer data)
{
  OxTimeline *self = data;

  if (self->adjustment != NULL)
    gtk_adjustment_set_value (self->adjustment, gtk_adjustment_get_upper (self->adjustment));
  return G_SOURCE_REMOVE;
}

/* The list listens to its adjustment only once it has told it all. */
static void
grown_cb (GtkAdjustment *adjustment, OxTimeline *self)
{
  if (!self->away)
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, to_end_cb, g_object_ref (self), g_object_unref);
}

static void
ox_timeline_init (OxTimeline *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *none = gtk_label_new ("Nothing has run yet");
  GtkColumnView *view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));

  self->turns = g_list_store_new (OX_TYPE_TURN_ITEM);
  ox_column_append (view, "Turn", turn_text, turn_number, FALSE);
  ox_column_append (view, "Operator", op_text, NULL, FALSE);
  ox_column_append (view, "Node", node_text, NULL, TRUE);
  ox_column_append (view, "What", kind_text, NULL, FALSE);
  ox_column_set_mark (ox_column_append (view, "NaN, Inf", bad_text, bad_number, FALSE), is_bad);
  ox_column_append (view, "Time", seconds_text, seconds_number, FALSE);
  ox_column_append (view, "Written", bytes_text, bytes_number, FALSE);
  self->selection = ox_column_view_set_model (view, G_LIST_MODEL (self->turns));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (GTK_WIDGET (view), "data-table");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (view));
  self->adjustment = g_object_ref (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)));
  g_signal_connect_object (self->adjustment, "value-changed", G_CALLBACK (scrolled_cb), self, 0);
  g_signal_connect_object (self->adjustment, "changed", G_CALLBACK (grown_cb), self, 0);
  gtk_widget_add_css_class (none, "dim-label");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, none, "none");
  gtk_stack_add_named (self->stack, scroller, "table");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->stack));
}

GtkWidget *
ox_timeline_new (OxFocus *focus)
{
  OxTimeline *self = g_object_new (OX_TYPE_TIMELINE, NULL);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_debugger (focus), "reset", G_CALLBACK (clear), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_log (focus), "noted", G_CALLBACK (noted_cb), self, 0);
  fill (self);
  return GTK_WIDGET (self);
}
