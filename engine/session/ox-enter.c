/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-session-private.h"

/* Opening frames. */

OxFrame *
ox_enter_graph (OxSession *self, OxFrame *parent, OxGraph *graph, OxNode *caller, GError **error)
{
  OxFrame *frame, *outer = graph->outer != NULL ? parent : NULL;

  if (self->stack->len >= OX_MAX_FRAMES)
    {
      ox_fail (error, OX_ERROR_MODEL, "frames are nested deeper than %d; does a function call itself?", OX_MAX_FRAMES);
      return NULL;
    }
  while (outer != NULL && outer->graph != graph->outer)
    outer = outer->parent;
  if (graph->outer != NULL && outer == NULL)
    {
      ox_fail (error, OX_ERROR_MODEL, "%s is not inside a graph that runs", ox_graph_label (graph));
      return NULL;
    }
  frame = ox_frame_new (self, parent, graph, caller);
  frame->outer = outer;
  g_ptr_array_add (self->stack, frame);
  return frame;
}

void
ox_leave_top (OxSession *self)
{
  g_ptr_array_remove_index (self->stack, self->stack->len - 1);
}

gboolean
ox_enter_branch (OxSession *self, OxFrame *frame, OxNode *node, const OxIfAttrs *attrs, OxTurn *turn, GError **error)
{
  OxValue *value = node->inputs[0].slot >= 0 ? ox_frame_read (frame, node->inputs[0], error) : NULL;
  OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  OxGraph *branch;

  if (value == NULL)
    return FALSE;
  if (tensor == NULL || tensor->count != 1 || tensor->dtype != OX_BOOL)
    {
      g_autofree char *found = ox_value_describe (value);

      return ox_fail (error, OX_ERROR_DTYPE, "expected one bool as condition, found %s", found);
    }
  branch = ox_tensor_get_int (tensor, 0) != 0 ? attrs->then_branch : attrs->else_branch;
  if (branch->inputs->len != 0 || branch->outputs->len < node->output_names->len)
    return ox_fail (error, OX_ERROR_MODEL, "%s should have no inputs and %u outputs, found %u and %u",
                    ox_graph_label (branch), node->output_names->len, branch->inputs->len, branch->outputs->len);
  turn->frame = ox_enter_graph (self, frame, branch, node, error);
  return turn->frame != NULL;
}

/* The attributes of a call: those of the node (its own references resolved), then the function's defaults. */
static GHashTable *
bind_attributes (const OxFunction *function, const OxNode *node, OxFrame *caller)
{
  g_autoptr (GHashTable) bindings = g_hash_table_new (g_str_hash, g_str_equal);

  while (caller != NULL && caller->bindings == NULL)
    caller = caller->outer;
  for (guint i = 0; i < function->attribute_defaults->len; i++)
    {
      OxAttribute *attribute = g_ptr_array_index (function->attribute_defaults, i);

      g_hash_table_insert (bindings, attribute->name, attribute);
    }
  for (guint i = 0; i < node->attributes->len; i++)
    {
      OxAttribute *attribute = g_ptr_array_index (node->attributes, i);
      OxAttribute *bound = attribute;

      if (attribute->ref != NULL)
        bound = caller != NULL ? g_hash_table_lookup (caller->bindings, attribute->ref) : NULL;
      if (bound != NULL)
        g_hash_table_insert (bindings, attribute->name, bound);
    }
  return g_steal_pointer (&bindings);
}

gboolean
ox_enter_function (OxSession *self, OxFrame *frame, OxNode *node, OxFunction *function, OxTurn *turn, GError **error)
{
  OxGraph *body = function->body;
  g_autoptr (GHashTable) bindings = NULL;

  if (node->input_names->len > body->inputs->len || node->output_names->len > body->outputs->len)
    return ox_fail (error, OX_ERROR_MODEL, "function %s.%s has %u inputs and %u outputs, the node %u and %u",
                    function->domain, function->name, body->inputs->len, body->outputs->len, node->input_names->len, node->output_names->len);
  bindings = bind_attributes (function, ox_session_node (self, node), frame);
  for (guint i = 0; i < node->input_names->len; i++)
    if (node->inputs[i].slot >= 0 && ox_frame_read (frame, node->inputs[i], error) == NULL)
      {
        const OxSlot *slot = ox_node_input_slot (node, (int) i);

        /* An input that the enclosing call left out stays out. */
        if (slot->graph_input < 0 || frame->graph->function == NULL)
          return FALSE;
        g_clear_error (error);
      }
  turn->frame = ox_enter_graph (self, frame, body, node, error);
  if (turn->frame == NULL)
    return FALSE;
  turn->frame->bindings = g_steal_pointer (&bindings);
  for (guint i = 0; i < node->input_names->len; i++)
    {
      OxValue *value = node->inputs[i].slot >= 0 ? ox_frame_value (frame, node->inputs[i]) : NULL;

      if (value != NULL)
        ox_frame_write (turn->frame, g_array_index (body->inputs, int, i), ox_value_ref (value));
    }
  return TRUE;
}
