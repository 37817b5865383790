/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-value-log.h"

#define MAX_VALUES 100000
/* What one turn of the worker looks through, so that the lists fill while it goes on. */
#define BATCH_VALUES 64
#define BATCH_ELEMENTS (1 << 22)

struct _OxValueLog
{
  GObject parent_instance;

  OxDebugger *debugger;
  GListStore *values;
  GHashTable *rows;           /* OxSlot -> OxValueItem, both borrowed */
  GQueue     *waiting;        /* OxValueItem, owned: to be looked at */
  GCancellable *looking;      /* while the worker is at it */
  guint       length;         /* of the trace, as far as it was read */
  gboolean    changed;        /* since that was said */
  guint       serial;         /* of what is valid: grows with every restart */
};

G_DEFINE_FINAL_TYPE (OxValueItem, ox_value_item, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE (OxValueLog, ox_value_log, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TYPE,
  N_PROPS
};

enum
{
  NOTED,
  CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

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

gint64
ox_value_item_bad (const OxValueItem *self)
{
  return self->statistics.nan + self->statistics.pos_inf + self->statistics.neg_inf;
}

static void
ox_value_log_finalize (GObject *object)
{
  OxValueLog *self = OX_VALUE_LOG (object);

  g_queue_free_full (self->waiting, g_object_unref);
  g_hash_table_unref (self->rows);
  g_object_unref (self->values);
  g_object_unref (self->debugger);
  G_OBJECT_CLASS (ox_value_log_parent_class)->finalize (object);
}

static void
ox_value_log_class_init (OxValueLogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_value_log_finalize;
  signals[NOTED] = g_signal_new ("noted", OX_TYPE_VALUE_LOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                 G_TYPE_POINTER, G_TYPE_UINT64);
  signals[CHANGED] = g_signal_new ("changed", OX_TYPE_VALUE_LOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ox_value_log_init (OxValueLog *self)
{
  self->values = g_list_store_new (OX_TYPE_VALUE_ITEM);
  self->rows = g_hash_table_new (NULL, NULL);
  self->waiting = g_queue_new ();
}

/* ---- looking -------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxValueItem *item;
  OxValue     *value;
  OxStatistics statistics;
  guint        version;    /* of the item */
  gboolean     done;
} Look;

typedef struct
{
  GArray *looks;     /* Look */
  guint   serial;
} Batch;

static void
look_clear (gpointer data)
{
  Look *look = data;

  g_object_unref (look->item);
  ox_value_unref (look->value);
}

static void
batch_free (gpointer data)
{
  Batch *batch = data;

  g_array_unref (batch->looks);
  g_free (batch);
}

static void
look_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Batch *batch = data;

  for (guint i = 0; i < batch->looks->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      Look *look = &g_array_index (batch->looks, Look, i);

      ox_statistics_compute (look->value->tensor, &look->statistics);
      look->done = TRUE;
    }
  g_task_return_boolean (task, TRUE);
}

static void
note (OxValueLog *self, OxValueItem *item, const OxValue *value, const OxStatistics *statistics)
{
  gint64 before = ox_value_item_bad (item);

  item->queued = FALSE;
  g_free (item->type);
  item->type = value != NULL ? ox_value_describe (value) : g_strdup ("not kept");
  item->bytes = value != NULL ? ox_value_bytes (value) : 0;
  item->numeric = statistics != NULL && statistics->numeric && statistics->finite > 0;
  item->statistics = statistics != NULL ? *statistics : (OxStatistics){ 0 };
  g_object_notify_by_pspec (G_OBJECT (item), properties[PROP_TYPE]);
  if (before > 0 || ox_value_item_bad (item) > 0)
    {
      self->changed = TRUE;
      g_signal_emit (self, signals[NOTED], 0, item->node, item->time);
    }
}

static void
say_changed (OxValueLog *self)
{
  if (self->changed)
    g_signal_emit (self, signals[CHANGED], 0);
  self->changed = FALSE;
}

static void look_on (OxValueLog *self);

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  OxValueLog *self = OX_VALUE_LOG (source);
  Batch *batch = g_task_get_task_data (G_TASK (result));

  g_clear_object (&self->looking);
  /* What was not come to, or was written again meanwhile, waits on in its old order. */
  for (guint i = batch->looks->len; i-- > 0 && batch->serial == self->serial;)
    {
      Look *look = &g_array_index (batch->looks, Look, i);

      if ((!look->done || look->version != look->item->version) && look->item->version != OX_VALUE_FORGOTTEN)
        g_queue_push_head (self->waiting, g_object_ref (look->item));
    }
  for (guint i = 0; i < batch->looks->len && batch->serial == self->serial; i++)
    {
      Look *look = &g_array_index (batch->looks, Look, i);

      if (look->done && look->version == look->item->version)
        note (self, look->item, look->value, &look->statistics);
    }
  say_changed (self);
  look_on (self);
}

static void
look_on (OxValueLog *self)
{
  g_autoptr (GTask) task = NULL;
  Batch *batch;
  gint64 elements = 0;

  if (self->looking != NULL || g_queue_is_empty (self->waiting) || ox_debugger_is_running (self->debugger))
    return;
  batch = g_new0 (Batch, 1);
  batch->serial = self->serial;
  batch->looks = g_array_new (FALSE, TRUE, sizeof (Look));
  g_array_set_clear_func (batch->looks, look_clear);
  while (batch->looks->len < BATCH_VALUES && elements < BATCH_ELEMENTS && !g_queue_is_empty (self->waiting))
    {
      OxValueItem *item = g_queue_pop_head (self->waiting);
      OxValue *value = ox_debugger_peek_value (self->debugger, item->graph, item->slot);

      if (value != NULL && value->kind == OX_VALUE_TENSOR)
        {
          Look look = { item, value, { 0 }, item->version, FALSE };

          elements += value->tensor->count;
          g_array_append_val (batch->looks, look);
          continue;
        }
      note (self, item, value, NULL);
      g_object_unref (item);
      g_clear_pointer (&value, ox_value_unref);
    }
  self->looking = g_cancellable_new ();
  task = g_task_new (self, self->looking, looked_cb, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_priority (task, G_PRIORITY_LOW);
  g_task_set_task_data (task, batch, batch_free);
  g_task_run_in_thread (task, look_worker);
}

/* ---- the trace ------------------------------------------------------------------------------------------------ */

static void
wait_for (OxValueLog *self, OxValueItem *item, guint64 time)
{
  item->time = time;
  item->version++;
  if (item->queued)
    return;
  item->queued = TRUE;
  g_queue_push_tail (self->waiting, g_object_ref (item));
}

/* Calls a node that entered a body and is not through has nothing to show for. */
static gboolean
has_written (const OxTraceRecord *record)
{
  return record->node != NULL
         && (record->kind == OX_TURN_NODE || (record->kind == OX_TURN_LEFT && record->bytes > 0));
}

static void
add_outputs (OxValueLog *self, const OxTraceRecord *record, GPtrArray *fresh)
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
      wait_for (self, item, record->time);
    }
}

static void
forget (OxValueLog *self, OxValueItem *item)
{
  self->changed = self->changed || ox_value_item_bad (item) > 0;
  item->version = OX_VALUE_FORGOTTEN;
  if (g_queue_remove (self->waiting, item))
    g_object_unref (item);
  g_hash_table_remove (self->rows, ox_graph_slot (item->graph, item->slot));
  item->statistics = (OxStatistics){ 0 };
}

/* Turns were taken back: what they wrote is gone, or is what an earlier turn wrote. */
static void
take_back (OxValueLog *self, OxTrace *trace, guint length)
{
  const OxTraceRecord *last = length > 0 ? ox_trace_get (trace, length - 1) : NULL;
  g_autoptr (GHashTable) stale = g_hash_table_new (NULL, NULL);
  OxGraph *main = ox_debugger_get_model (self->debugger)->graph;

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->values)); i-- > 0;)
    {
      g_autoptr (OxValueItem) item = g_list_model_get_item (G_LIST_MODEL (self->values), i);

      if (last != NULL && item->time <= last->time)
        continue;
      if (item->graph != main && last != NULL)
        g_hash_table_add (stale, item);
      else
        {
          forget (self, item);
          g_list_store_remove (self->values, i);
        }
    }
  for (guint i = length; i-- > 0 && g_hash_table_size (stale) > 0;)
    {
      const OxTraceRecord *record = ox_trace_get (trace, i);

      for (guint k = 0; has_written (record) && k < record->node->output_names->len; k++)
        {
          int slot = record->node->outputs[k];
          OxValueItem *item = slot >= 0 ? g_hash_table_lookup (self->rows, ox_graph_slot (record->node->graph, slot)) : NULL;

          if (item != NULL && g_hash_table_remove (stale, item))
            wait_for (self, item, record->time);
        }
    }
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->values)); i-- > 0 && g_hash_table_size (stale) > 0;)
    {
      g_autoptr (OxValueItem) item = g_list_model_get_item (G_LIST_MODEL (self->values), i);

      if (g_hash_table_remove (stale, item))
        {
          forget (self, item);
          g_list_store_remove (self->values, i);
        }
    }
  self->length = length;
}

static void
stopped_cb (OxValueLog *self)
{
  g_autoptr (GPtrArray) fresh = g_ptr_array_new_with_free_func (g_object_unref);
  OxTrace *trace = ox_debugger_get_trace (self->debugger);
  guint length = ox_trace_length (trace);

  if (length < self->length)
    take_back (self, trace, length);
  for (; self->length < length; self->length++)
    {
      const OxTraceRecord *record = ox_trace_get (trace, self->length);

      if (has_written (record))
        add_outputs (self, record, fresh);
    }
  if (fresh->len > 0)
    g_list_store_splice (self->values, g_list_model_get_n_items (G_LIST_MODEL (self->values)), 0, fresh->pdata, fresh->len);
  say_changed (self);
  look_on (self);
}

static void
running_cb (OxValueLog *self)
{
  g_cancellable_cancel (self->looking);
}

static void
reset_cb (OxValueLog *self)
{
  self->serial++;
  g_cancellable_cancel (self->looking);
  g_queue_clear_full (self->waiting, g_object_unref);
  g_hash_table_remove_all (self->rows);
  g_list_store_remove_all (self->values);
  self->length = 0;
  self->changed = TRUE;
  say_changed (self);
}

OxValueLog *
ox_value_log_new (OxDebugger *debugger)
{
  OxValueLog *self = g_object_new (OX_TYPE_VALUE_LOG, NULL);

  self->debugger = g_object_ref (debugger);
  g_signal_connect_object (debugger, "running", G_CALLBACK (running_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "stopped", G_CALLBACK (stopped_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "rested", G_CALLBACK (look_on), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "reset", G_CALLBACK (reset_cb), self, G_CONNECT_SWAPPED);
  return self;
}

GListModel *
ox_value_log_values (OxValueLog *self)
{
  return G_LIST_MODEL (self->values);
}

gint64
ox_value_log_bad (OxValueLog *self, const OxNode *node, guint64 time)
{
  gint64 bad = 0;

  for (guint i = 0; i < node->output_names->len; i++)
    {
      int slot = node->outputs[i];
      const OxValueItem *item = slot >= 0 ? g_hash_table_lookup (self->rows, ox_graph_slot (node->graph, slot)) : NULL;

      if (item != NULL && (time == G_MAXUINT64 || item->time == time))
        bad += ox_value_item_bad (item);
    }
  return bad;
}
