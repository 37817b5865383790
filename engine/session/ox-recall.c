/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "session/ox-session-private.h"

/* What kernels read and wrote before the session went back. A node that is run again, in the frame of the same id and with
 * the same bits in the same layout, would write the same: it draws its random numbers from that id and its place. So it gets
 * what it wrote then. Values count as kept until they are taken or dropped. */

typedef struct
{
  guint64       frame_id;
  const OxNode *node;
  OxValue     **in, **out;       /* owned; an input that is left out is NULL */
  guint8       *counted;         /* [inputs] */
  OxAttribute **attributes;      /* what references to a function's call meant; NULL: there are none */
  double        seconds;
} Entry;

struct _OxRecall
{
  GHashTable *entries;           /* Entry -> itself */
  GPtrArray  *order;             /* Entry*, the last turn first; NULL where it was dropped. Owns them. */
  guint       first;             /* that is not NULL */
};

static guint
entry_hash (gconstpointer key)
{
  const Entry *entry = key;

  return g_direct_hash (entry->node) * 31 + (guint) entry->frame_id;
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const Entry *one = a, *other = b;

  return one->node == other->node && one->frame_id == other->frame_id;
}

/* Adds what an entry holds to the bytes that are kept, or takes it off. Weights and inputs never count. */
static void
count_entry (OxSession *self, const Entry *entry, gboolean more)
{
  for (guint i = 0; i < entry->node->input_names->len; i++)
    if (entry->in[i] != NULL && entry->counted[i])
      ox_undo_count_value (self, entry->in[i], more);
  for (guint o = 0; o < entry->node->output_names->len; o++)
    if (entry->out[o] != NULL)
      ox_undo_count_value (self, entry->out[o], more);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  if (entry == NULL)
    return;
  for (guint i = 0; i < entry->node->input_names->len; i++)
    g_clear_pointer (&entry->in[i], ox_value_unref);
  for (guint o = 0; o < entry->node->output_names->len; o++)
    g_clear_pointer (&entry->out[o], ox_value_unref);
  g_free (entry->in);
  g_free (entry->out);
  g_free (entry->counted);
  g_free (entry->attributes);
  g_free (entry);
}

/* ---- sameness ------------------------------------------------------------------------------------------------- */

static gboolean
same_elements (const OxTensor *a, const OxTensor *b)
{
  if (a->data == b->data && a->storage == b->storage)
    return TRUE;
  if (a->dtype == OX_STR)
    {
      for (gint64 i = 0; i < a->count; i++)
        if (strcmp (ox_tensor_get_string (a, i), ox_tensor_get_string (b, i)) != 0)
          return FALSE;
      return TRUE;
    }
  if (a->packed)
    return memcmp (a->data, b->data, ox_tensor_bytes (a)) == 0;
  return ox_tensor_is_contiguous (a) && memcmp (a->data, b->data, (gsize) a->count * ox_dtype_size (a->dtype)) == 0;
}

static gboolean
same_tensor (const OxTensor *a, const OxTensor *b)
{
  if (a == b)
    return TRUE;
  return a != NULL && b != NULL && a->dtype == b->dtype && a->packed == b->packed && ox_tensor_same_shape (a, b)
         && (a->packed || a->rank == 0 || memcmp (a->strides, b->strides, (gsize) a->rank * sizeof (gint64)) == 0)
         && same_elements (a, b);
}

/* Values nest no deeper than their type, which is at most OX_MAX_NESTING. */
static gboolean
same_value (const OxValue *a, const OxValue *b)
{
  guint n;

  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL || a->kind != b->kind || a->dtype != b->dtype || a->rank != b->rank)
    return FALSE;
  n = ox_value_n_items (a);
  if (n != ox_value_n_items (b) || !same_tensor (a->tensor, b->tensor) || !same_tensor (a->indices, b->indices)
      || !same_tensor (a->keys, b->keys)
      || (a->rank > 0 && memcmp (a->dims, b->dims, (gsize) a->rank * sizeof (gint64)) != 0))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!same_value (ox_value_get_item (a, i), ox_value_get_item (b, i)))
      return FALSE;
  return TRUE;
}

/* (transfer full) what the node's references mean in @frame. */
static OxAttribute **
resolve (OxSession *self, const OxNode *node, OxFrame *frame)
{
  const GPtrArray *attributes = ox_session_node (self, node)->attributes;
  OxAttribute **meant = g_new0 (OxAttribute *, attributes->len + 1);

  while (frame != NULL && frame->bindings == NULL)
    frame = frame->outer;
  for (guint i = 0; i < attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (attributes, i);

      if (attribute->ref != NULL && frame != NULL)
        meant[i] = g_hash_table_lookup (frame->bindings, attribute->ref);
    }
  return meant;
}

static gboolean
same_attributes (OxSession *self, const Entry *entry, const OxNode *node, OxFrame *frame)
{
  guint n = ox_session_node (self, node)->attributes->len;
  g_autofree OxAttribute **now = NULL;

  if (entry->attributes == NULL)
    return TRUE;
  now = resolve (self, node, frame);
  return memcmp (now, entry->attributes, n * sizeof *now) == 0;
}

/* ---- remembering ---------------------------------------------------------------------------------------------- */

void
ox_recall_touch (OxSession *self, const OxNode *node)
{
  if (node == NULL)
    return;
  if (self->touched == NULL)
    self->touched = g_hash_table_new (NULL, NULL);
  g_hash_table_add (self->touched, (gpointer) node);
}

static void
keep (OxSession *self, const OxUndo *undo)
{
  const OxNode *node = undo->completed;
  OxFrame *frame = undo->frame;
  const OxPlan *plan = g_hash_table_lookup (self->plans, node);
  Entry *entry;

  if (plan == NULL || plan->op == NULL || plan->op->flow != OX_FLOW_NONE || ox_pass_has (self, node)
      || (self->touched != NULL && g_hash_table_contains (self->touched, node)))
    return;
  entry = g_new0 (Entry, 1);
  entry->frame_id = frame->id;
  entry->node = node;
  entry->seconds = undo->seconds;
  entry->in = g_new0 (OxValue *, node->input_names->len + 1);
  entry->out = g_new0 (OxValue *, node->output_names->len + 1);
  entry->counted = g_new0 (guint8, node->input_names->len + 1);
  entry->attributes = plan->attrs == NULL ? resolve (self, node, frame) : NULL;
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxSlot *slot = ox_node_input_slot (node, (int) i);
      OxValue *value = slot != NULL ? ox_frame_value (frame, node->inputs[i]) : NULL;

      entry->in[i] = value != NULL ? ox_value_ref (value) : NULL;
      entry->counted[i] = value != NULL && slot->producer != NULL;
    }
  for (guint o = 0; o < node->output_names->len; o++)
    {
      OxValue *value = node->outputs[o] >= 0 ? frame->values[node->outputs[o]] : NULL;

      entry->out[o] = value != NULL ? ox_value_ref (value) : NULL;
    }
  if (g_hash_table_contains (self->recall->entries, entry))
    {
      entry_free (entry);
      return;
    }
  count_entry (self, entry, TRUE);
  g_hash_table_add (self->recall->entries, entry);
  g_ptr_array_add (self->recall->order, entry);
}

void
ox_session_keep_results (OxSession *self, guint64 turns)
{
  guint64 n = MIN (turns, ox_session_undoable (self));

  ox_session_drop_results (self);
  self->recall = g_new0 (OxRecall, 1);
  self->recall->entries = g_hash_table_new (entry_hash, entry_equal);
  self->recall->order = g_ptr_array_new_with_free_func (entry_free);
  for (guint64 i = 0; i < n; i++)
    {
      const OxUndo *undo = &g_array_index (self->undo, OxUndo, self->undo->len - 1 - i);

      if (undo->kind == OX_TURN_NODE && undo->completed != NULL)
        keep (self, undo);
    }
  g_clear_pointer (&self->touched, g_hash_table_unref);
}

void
ox_session_drop_results (OxSession *self)
{
  if (self->recall == NULL)
    return;
  ox_session_trim_results (self, 0);
  g_hash_table_unref (self->recall->entries);
  g_ptr_array_unref (self->recall->order);
  g_clear_pointer (&self->recall, g_free);
}

static void
forget (OxSession *self, guint i)
{
  Entry *entry = g_steal_pointer (&g_ptr_array_index (self->recall->order, i));

  if (entry == NULL)
    return;
  g_hash_table_remove (self->recall->entries, entry);
  count_entry (self, entry, FALSE);
  entry_free (entry);
}

void
ox_session_trim_results (OxSession *self, gsize bytes)
{
  OxRecall *recall = self->recall;

  while (recall != NULL && recall->first < recall->order->len && (bytes == 0 || self->kept_bytes > bytes))
    forget (self, recall->first++);
}

void
ox_recall_recount (OxSession *self)
{
  for (guint i = self->recall != NULL ? self->recall->first : 0; self->recall != NULL && i < self->recall->order->len; i++)
    count_entry (self, g_ptr_array_index (self->recall->order, i), TRUE);
}

/* ---- taking --------------------------------------------------------------------------------------------------- */

gboolean
ox_recall_take (OxSession *self, OxFrame *frame, const OxNode *node, OxValue **out, double *seconds)
{
  const Entry wanted = { .frame_id = frame->id, .node = node };
  const Entry *entry = self->recall != NULL ? g_hash_table_lookup (self->recall->entries, &wanted) : NULL;

  if (entry == NULL || !same_attributes (self, entry, node, frame))
    return FALSE;
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxSlot *slot = ox_node_input_slot (node, (int) i);
      OxValue *value = slot == NULL                 ? NULL
                       : slot->initializer != NULL ? ox_frame_read (frame, node->inputs[i], NULL)
                                                   : ox_frame_value (frame, node->inputs[i]);

      if (!same_value (value, entry->in[i]))
        return FALSE;
    }
  /* The entry stays until the end: the bytes count once as long as the values are the same. */
  for (guint o = 0; o < node->output_names->len; o++)
    out[o] = entry->out[o] != NULL ? ox_value_ref (entry->out[o]) : NULL;
  *seconds = entry->seconds;
  return TRUE;
}
