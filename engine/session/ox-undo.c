/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "session/ox-session-private.h"

/* The way back. Every turn leaves a record of how to take it back; within the records that are left (the horizon) every
 * value that a turn has read is still there. Forgetting a record frees what only turns before the horizon have read, in
 * the same order in which a session that keeps nothing would have freed it. */

void
ox_undo_clear (gpointer data)
{
  OxUndo *undo = data;

  g_clear_pointer (&undo->frame, ox_frame_unref);
  g_clear_pointer (&undo->flow, ox_flow_unref);
  g_clear_pointer (&undo->before, g_ptr_array_unref);
}

/* What a tensor takes beside its elements. */
#define TENSOR_OVERHEAD 256

/* ---- bytes ---------------------------------------------------------------------------------------------------- */

/* Views share their storage, which counts once. */
typedef struct
{
  guint users;
  gsize bytes;
} Storage;

static void
count_tensor (OxSession *self, const OxTensor *tensor, gboolean more)
{
  Storage *storage;

  if (tensor == NULL || tensor->storage == NULL)
    return;
  storage = g_hash_table_lookup (self->storages, tensor->storage);
  if (more && storage == NULL)
    {
      storage = g_new0 (Storage, 1);
      storage->bytes = ox_tensor_bytes (tensor) + TENSOR_OVERHEAD;
      self->kept_bytes += storage->bytes;
      g_hash_table_insert (self->storages, tensor->storage, storage);
    }
  if (storage == NULL)
    return;
  storage->users += more ? 1 : -1;
  if (storage->users == 0)
    {
      self->kept_bytes -= storage->bytes;
      g_hash_table_remove (self->storages, tensor->storage);
    }
}

/* Values nest no deeper than their type, which is at most OX_MAX_NESTING. */
void
ox_undo_count_value (OxSession *self, const OxValue *value, gboolean more)
{
  count_tensor (self, value->tensor, more);
  count_tensor (self, value->indices, more);
  for (guint i = 0; i < ox_value_n_items (value); i++)
    ox_undo_count_value (self, ox_value_get_item (value, i), more);
}

static void
forget_value (OxSession *self, OxFrame *frame, int slot)
{
  if (frame->values[slot] == NULL)
    return;
  ox_undo_count_value (self, frame->values[slot], FALSE);
  g_clear_pointer (&frame->values[slot], ox_value_unref);
}

void
ox_undo_count_outputs (OxSession *self, OxFrame *frame, const OxNode *node)
{
  for (guint i = 0; self->keep_all && i < node->output_names->len; i++)
    if (node->outputs[i] >= 0 && frame->values[node->outputs[i]] != NULL)
      ox_undo_count_value (self, frame->values[node->outputs[i]], TRUE);
}

/* A way back into a frame keeps the frame. */
static gsize
record_bytes (const OxUndo *undo)
{
  gsize frame = sizeof (OxFrame) + sizeof (OxFramePriv) + undo->frame->graph->slots->len * sizeof (OxValue *);

  return sizeof (OxUndo) + (undo->kind == OX_TURN_LEFT ? frame : 0);
}

gsize
ox_session_kept_bytes (OxSession *self)
{
  return self->kept_bytes;
}

/* ---- records -------------------------------------------------------------------------------------------------- */

void
ox_undo_reset (OxSession *self)
{
  g_array_set_size (self->undo, 0);
  self->undo_first = 0;
  g_hash_table_remove_all (self->storages);
  self->kept_bytes = 0;
  ox_recall_recount (self);
}

void
ox_undo_remember (OxSession *self, OxTurnKind kind, const OxNode *completed, OxFrame *frame, OxFlowState *flow,
                  GPtrArray *before)
{
  OxUndo undo = { kind, completed, ox_frame_ref (frame), flow != NULL ? ox_flow_ref (flow) : NULL, before, 0 };

  if (self->keep_all)
    {
      self->kept_bytes += record_bytes (&undo);
      g_array_append_val (self->undo, undo);
    }
  else
    ox_undo_clear (&undo);
}

guint
ox_session_undoable (OxSession *self)
{
  return self->undo->len - self->undo_first;
}

/* Nothing from the horizon on reads it. */
static gboolean
is_read_last_by (OxFrame *frame, int index, const OxNode *node)
{
  const OxSlot *slot = ox_graph_slot (frame->graph, index);
  const OxUse *last = slot->uses != NULL && slot->uses->len > 0 ? &g_array_index (slot->uses, OxUse, slot->uses->len - 1) : NULL;

  if (slot->producer == NULL || slot->graph_output >= 0 || ox_frame_priv (frame)->pinned)
    return FALSE;
  return last != NULL ? last->node == node : slot->producer == node;
}

static void
drop (OxSession *self, OxFrame *frame, int slot)
{
  if (frame->values[slot] == NULL)
    return;
  forget_value (self, frame, slot);
  ox_frame_mark_dropped (frame, slot);
}

static gboolean
has_bodies (const OxNode *node)
{
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

      if (attribute->graphs != NULL && attribute->graphs->len > 0)
        return TRUE;
    }
  return FALSE;
}

/* The horizon has passed @node, which was completed in @frame. */
static void
pass_node (OxSession *self, OxFrame *frame, const OxNode *node)
{
  const OxGraph *graph = frame->graph;
  gboolean bodies = has_bodies (node);

  for (guint i = 0; i < node->output_names->len; i++)
    if (node->outputs[i] >= 0 && is_read_last_by (frame, node->outputs[i], node))
      drop (self, frame, node->outputs[i]);
  for (guint i = 0; i < node->input_names->len; i++)
    if (node->inputs[i].slot >= 0 && node->inputs[i].up == 0
        && is_read_last_by (frame, node->inputs[i].slot, node))
      drop (self, frame, node->inputs[i].slot);
  /* What its bodies captured can be any slot. */
  for (guint s = 0; bodies && s < graph->slots->len; s++)
    if (frame->values[s] != NULL && is_read_last_by (frame, (int) s, node))
      drop (self, frame, (int) s);
}

/* The horizon has passed the end of @frame: nobody comes back into it. */
static void
pass_frame (OxSession *self, OxFrame *frame)
{
  for (guint s = 0; s < frame->graph->slots->len; s++)
    {
      const OxSlot *slot = ox_graph_slot (frame->graph, (int) s);

      if (frame->values[s] == NULL)
        continue;
      if (slot->producer != NULL)
        forget_value (self, frame, (int) s);
      else
        g_clear_pointer (&frame->values[s], ox_value_unref);
      ox_frame_mark_dropped (frame, (int) s);
    }
}

static void
pass (OxSession *self, OxUndo *undo)
{
  self->kept_bytes -= record_bytes (undo);
  if (undo->kind == OX_TURN_LEFT)
    pass_frame (self, undo->frame);
  if (undo->completed != NULL)
    pass_node (self, undo->kind == OX_TURN_LEFT ? undo->frame->parent : undo->frame, undo->completed);
  ox_undo_clear (undo);
}

void
ox_session_forget (OxSession *self, guint keep)
{
  while (ox_session_undoable (self) > keep)
    pass (self, &g_array_index (self->undo, OxUndo, self->undo_first++));
  /* The cleared ones at the front are taken out when they are the larger part. */
  if (self->undo_first > 64 && self->undo_first > self->undo->len / 2)
    {
      g_array_remove_range (self->undo, 0, self->undo_first);
      self->undo_first = 0;
    }
}

/* ---- back ----------------------------------------------------------------------------------------------------- */

static void
retract (OxSession *self, OxFrame *frame, const OxNode *node)
{
  frame->pc--;
  for (guint i = 0; i < node->output_names->len; i++)
    if (node->outputs[i] >= 0)
      forget_value (self, frame, node->outputs[i]);
}

static void
return_into (OxSession *self, OxUndo *undo)
{
  OxFrame *parent = undo->frame->parent;
  OxFramePriv *outer = ox_frame_priv (parent);

  if (undo->completed != NULL)
    retract (self, parent, undo->completed);
  if (undo->flow != NULL)
    {
      ox_flow_retreat (undo->flow, undo->before);
      if (outer->flow == NULL)
        outer->flow = ox_flow_ref (undo->flow);
    }
  g_ptr_array_add (self->stack, ox_frame_ref (undo->frame));
}

static void
unopen (OxSession *self, OxUndo *undo)
{
  OxFramePriv *outer = ox_frame_priv (undo->frame->parent);

  /* The first iteration made the state; opening it again makes it anew. */
  if (outer->flow != NULL && outer->flow->done == 0)
    g_clear_pointer (&outer->flow, ox_flow_unref);
  g_ptr_array_remove_index (self->stack, self->stack->len - 1);
  self->next_id--;
}

gboolean
ox_session_undo (OxSession *self)
{
  OxUndo undo, *last;

  if (ox_session_undoable (self) == 0)
    return FALSE;
  last = &g_array_index (self->undo, OxUndo, self->undo->len - 1);
  undo = *last;
  self->kept_bytes -= record_bytes (&undo);
  memset (last, 0, sizeof *last);
  g_array_set_size (self->undo, self->undo->len - 1);
  switch (undo.kind)
    {
    case OX_TURN_NODE:
      retract (self, undo.frame, undo.completed);
      break;
    case OX_TURN_ENTERED:
      unopen (self, &undo);
      break;
    case OX_TURN_LEFT:
      return_into (self, &undo);
      break;
    case OX_TURN_ENDED:
      self->ended = FALSE;
      g_ptr_array_add (self->stack, ox_frame_ref (self->main));
      break;
    case OX_TURN_FAILED:
      break;
    }
  ox_undo_clear (&undo);
  self->turns--;
  return TRUE;
}
