/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-session-private.h"

OxFramePriv *
ox_frame_priv (OxFrame *frame)
{
  return frame->priv;
}

/* A reader is an input of a node, a subgraph that captures, or the graph's outputs. */
static guint *
count_uses (const OxGraph *graph)
{
  guint *uses = g_new0 (guint, MAX (graph->slots->len, 1));

  for (guint i = 0; i < graph->slots->len; i++)
    {
      const OxSlot *slot = g_ptr_array_index (graph->slots, i);

      uses[i] = slot->uses != NULL ? slot->uses->len : 0;
    }
  for (guint i = 0; i < graph->outputs->len; i++)
    {
      const OxRef *ref = &g_array_index (graph->outputs, OxRef, i);

      if (ref->up == 0)
        uses[ref->slot]++;
    }
  return uses;
}

OxFrame *
ox_frame_new (OxSession *session, OxFrame *parent, OxGraph *graph, OxNode *caller)
{
  OxFrame *frame = g_new0 (OxFrame, 1);
  OxFramePriv *priv = g_new0 (OxFramePriv, 1);

  g_atomic_ref_count_init (&frame->refs);
  frame->parent = parent != NULL ? ox_frame_ref (parent) : NULL;
  frame->id = session->next_id++;
  frame->graph = graph;
  frame->caller = caller;
  frame->iteration = -1;
  frame->iterations = -1;
  frame->values = g_new0 (OxValue *, MAX (graph->slots->len, 1));
  frame->priv = priv;
  priv->pinned = g_hash_table_contains (session->pinned, graph);
  if (!session->keep_all && !priv->pinned)
    priv->uses = count_uses (graph);
  for (guint i = 0; session->pins != NULL && i < graph->slots->len; i++)
    if (ox_graph_slot (graph, (int) i)->producer == NULL && ox_pinned (session, frame, (int) i) != NULL)
      frame->values[i] = ox_value_ref (ox_pinned (session, frame, (int) i));
  return frame;
}

OxFrame *
ox_frame_ref (OxFrame *frame)
{
  g_atomic_ref_count_inc (&frame->refs);
  return frame;
}

/* The parents are at most OX_MAX_FRAMES. */
void
ox_frame_unref (OxFrame *frame)
{
  OxFramePriv *priv = frame->priv;

  if (!g_atomic_ref_count_dec (&frame->refs))
    return;
  for (guint i = 0; i < frame->graph->slots->len; i++)
    g_clear_pointer (&frame->values[i], ox_value_unref);
  g_free (frame->values);
  g_clear_pointer (&frame->bindings, g_hash_table_unref);
  g_clear_pointer (&priv->flow, ox_flow_unref);
  g_free (priv->uses);
  g_free (priv->dropped);
  g_free (priv);
  g_clear_pointer (&frame->parent, ox_frame_unref);
  g_free (frame);
}

static OxFrame *
frame_of (OxFrame *frame, OxRef ref)
{
  for (int up = ref.up; up > 0 && frame != NULL; up--)
    frame = frame->outer;
  return frame;
}

OxValue *
ox_frame_value (OxFrame *frame, OxRef ref)
{
  frame = frame_of (frame, ref);
  return frame != NULL && ref.slot >= 0 ? frame->values[ref.slot] : NULL;
}

OxValue *
ox_frame_read (OxFrame *frame, OxRef ref, GError **error)
{
  const OxSlot *slot;

  frame = frame_of (frame, ref);
  slot = frame != NULL ? ox_graph_slot (frame->graph, ref.slot) : NULL;
  if (slot == NULL)
    {
      ox_fail (error, OX_ERROR_MODEL, "a value is read that is in no frame");
      return NULL;
    }
  if (frame->values[ref.slot] == NULL && slot->initializer != NULL)
    frame->values[ref.slot] = ox_initializer_get (slot->initializer, error);
  else if (frame->values[ref.slot] == NULL)
    ox_fail (error, OX_ERROR_MODEL, "'%s' has no value", slot->name);
  return frame->values[ref.slot];
}

void
ox_frame_write (OxFrame *frame, int slot, OxValue *value)
{
  OxFramePriv *priv = frame->priv;
  OxValue *old = frame->values[slot];

  frame->values[slot] = value;
  if (priv->dropped != NULL)
    priv->dropped[slot] = 0;
  if (old != NULL)
    ox_value_unref (old);
  if (priv->uses != NULL && priv->uses[slot] == 0)
    g_clear_pointer (&frame->values[slot], ox_value_unref);
}

void
ox_frame_mark_dropped (OxFrame *frame, int slot)
{
  OxFramePriv *priv = frame->priv;

  if (priv->dropped == NULL)
    priv->dropped = g_new0 (guint8, frame->graph->slots->len);
  priv->dropped[slot] = 1;
}

gboolean
ox_frame_was_dropped (OxFrame *frame, int slot)
{
  const OxFramePriv *priv = frame->priv;

  return priv->dropped != NULL && priv->dropped[slot];
}

static void
release_slot (OxFrame *frame, int slot)
{
  OxFramePriv *priv = frame->priv;

  if (priv->uses[slot] > 0 && --priv->uses[slot] == 0)
    g_clear_pointer (&frame->values[slot], ox_value_unref);
}

void
ox_frame_release (OxFrame *frame, const OxNode *node)
{
  OxFramePriv *priv = frame->priv;

  if (priv->uses == NULL)
    return;
  for (guint i = 0; i < node->input_names->len; i++)
    if (node->inputs[i].up == 0 && node->inputs[i].slot >= 0)
      release_slot (frame, node->inputs[i].slot);
  /* What its subgraphs captured is noted as uses of input -1; only nodes with graphs have any. */
  for (guint a = 0; a < node->attributes->len; a++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

      if (attribute->graphs == NULL || attribute->graphs->len == 0)
        continue;
      for (guint s = 0; s < frame->graph->slots->len; s++)
        {
          const OxSlot *slot = g_ptr_array_index (frame->graph->slots, s);

          for (guint u = 0; slot->uses != NULL && u < slot->uses->len; u++)
            {
              const OxUse *use = &g_array_index (slot->uses, OxUse, u);

              if (use->node == node && use->input < 0)
                release_slot (frame, (int) s);
            }
        }
      break;
    }
}

char *
ox_frame_label (const OxFrame *frame)
{
  const OxFunction *function = frame->graph->function;
  const OxNode *caller = frame->caller;

  if (caller == NULL)
    return g_strdup ("main");
  if (function != NULL)
    return g_strdup_printf ("function %s", function->name);
  if (frame->iteration >= 0 && caller->name[0] != '\0')
    return g_strdup_printf ("%s '%s' iteration %" G_GINT64_FORMAT, caller->op_type, caller->name, frame->iteration);
  if (frame->iteration >= 0)
    return g_strdup_printf ("%s iteration %" G_GINT64_FORMAT, caller->op_type, frame->iteration);
  return g_strdup_printf ("%s %s", caller->op_type, ox_graph_label (frame->graph));
}
