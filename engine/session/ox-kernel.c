/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-session-private.h"

static guint64
mix (guint64 a, guint64 b)
{
  guint64 x = a ^ (b + G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) + (a << 6) + (a >> 2));

  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

/* Whether input @i was left out, by the node or by whoever gave the graph its inputs. */
static gboolean
is_left_out (OxFrame *frame, const OxNode *node, guint i)
{
  const OxSlot *slot = ox_node_input_slot (node, (int) i);
  OxGraph *graph = node->graph;

  if (slot == NULL)
    return TRUE;
  if (slot->graph_input < 0 || slot->initializer != NULL || ox_frame_value (frame, node->inputs[i]) != NULL)
    return FALSE;
  if (slot->type != NULL && slot->type->kind == OX_TYPE_OPTIONAL)
    return TRUE;
  /* What a function was not given is not given to its nodes either. */
  for (int up = node->inputs[i].up; up > 0; up--)
    graph = graph->outer;
  return graph->function != NULL;
}

gboolean
ox_kernel_run (OxSession *self, OxFrame *frame, const OxNode *node, OxPlan *plan, const void *attrs, OxValue *const *inputs,
               OxValue **out, GCancellable *cancellable, GError **error)
{
  guint n_in = node->input_names->len, n_out = node->output_names->len;
  g_autofree OxValue **in = g_new0 (OxValue *, n_in + 1);
  g_autofree gboolean *wanted = g_new0 (gboolean, n_out + 1);
  OxCallSetup setup = {
    .op = plan->op, .opset = plan->opset, .attrs = attrs, .n_in = (int) n_in, .n_out = (int) n_out, .in = in,
    .wanted = wanted, .seed = mix (mix (self->seed, frame->id), node->index), .cancellable = cancellable,
    /* What a kernel keeps is made from attributes, which must then be the same every time. */
    .state = plan->attrs != NULL ? &plan->state : NULL, .state_destroy = plan->attrs != NULL ? &plan->destroy : NULL,
  };
  gboolean ok;
  OxCall *call;

  for (guint i = 0; i < n_in; i++)
    {
      if (is_left_out (frame, node, i))
        continue;
      in[i] = inputs != NULL && inputs[i] != NULL ? inputs[i] : ox_frame_read (frame, node->inputs[i], error);
      if (in[i] == NULL)
        {
          ox_error_prefix (error, "input %u", i);
          return FALSE;
        }
    }
  for (guint i = 0; i < n_out; i++)
    wanted[i] = node->outputs[i] >= 0;
  call = ox_call_new (&setup);
  ok = ox_call_run (call, error);
  for (guint i = 0; ok && i < n_out; i++)
    out[i] = ox_call_steal (call, (int) i);
  ox_call_free (call);
  return ok;
}

static void
unref_some (gpointer value)
{
  if (value != NULL)
    ox_value_unref (value);
}

GPtrArray *
ox_session_try (OxSession *self, OxFrame *frame, OxNode *node, OxValue *const *inputs, GCancellable *cancellable,
                GError **error)
{
  OxPlan *plan = ox_plan_find (self, node, error);
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func (unref_some);
  gboolean owned, ok;
  void *attrs;

  if (plan == NULL)
    return NULL;
  if (plan->function != NULL || plan->op->flow != OX_FLOW_NONE)
    {
      ox_fail (error, OX_ERROR_UNSUPPORTED, "%s has a body and is not run aside", node->op_type);
      return NULL;
    }
  attrs = ox_plan_attrs (self, plan, node, frame, &owned, error);
  if (attrs == NULL)
    return NULL;
  g_ptr_array_set_size (outputs, (int) node->output_names->len);
  ok = ox_kernel_run (self, frame, node, plan, attrs, inputs, (OxValue **) outputs->pdata, cancellable, error);
  if (owned)
    ox_attrs_free (plan->op, attrs);
  return ok ? g_steal_pointer (&outputs) : NULL;
}
