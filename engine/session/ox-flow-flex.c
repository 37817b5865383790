/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/flex.h"
#include "session/ox-session-private.h"

/* FlexAttention as a flow: what is carried from body to body are the scores, then what the softmax made of them. */

static gboolean
is_score_mod (const OxFlowState *flow, gint64 body)
{
  return flow->scores_first && body == 0;
}

static void
carry (OxFlowState *flow, OxValue *value)
{
  g_clear_pointer (&flow->carried[0], ox_value_unref);
  flow->carried[0] = value;
}

gboolean
ox_flow_flex_begin (OxFlowState *flow, OxFrame *frame, OxNode *node, const OxFlexAttrs *attrs, GCancellable *cancellable,
                    GError **error)
{
  OxGraph *bodies[] = { attrs->score_mod, attrs->prob_mod };
  OxValue *in[3], *value;

  if (node->input_names->len != 3)
    return ox_fail (error, OX_ERROR_MODEL, "expected 3 inputs, found %u", node->input_names->len);
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    if (bodies[i] != NULL)
      {
        if (bodies[i]->inputs->len != 1 || bodies[i]->outputs->len != 1)
          return ox_fail (error, OX_ERROR_MODEL, "%s should have one input and one output, found %u and %u",
                          ox_graph_label (bodies[i]), bodies[i]->inputs->len, bodies[i]->outputs->len);
        flow->bodies[flow->limit++] = bodies[i];
      }
  flow->scores_first = attrs->score_mod != NULL;
  for (guint i = 0; i < 3; i++)
    if ((in[i] = ox_frame_read (frame, node->inputs[i], error)) == NULL)
      {
        ox_error_prefix (error, "input %u", i);
        return FALSE;
      }
  value = ox_flex_scores (attrs, in[0], in[1], in[2], cancellable, error);
  if (value == NULL)
    return FALSE;
  carry (flow, value);
  if (!flow->scores_first)
    {
      value = ox_flex_probs (flow->carried[0], cancellable, error);
      if (value == NULL)
        return FALSE;
      carry (flow, value);
    }
  g_ptr_array_add (flow->items, ox_value_ref (in[2]));
  return TRUE;
}

OxValue *
ox_flow_flex_next (OxFlowState *flow, OxValue *result, GCancellable *cancellable, GError **error)
{
  if (!ox_flex_check (flow->carried[0], result, error))
    {
      ox_error_prefix (error, "%s", ox_graph_label (flow->bodies[flow->done]));
      return NULL;
    }
  return is_score_mod (flow, flow->done) ? ox_flex_probs (result, cancellable, error) : ox_value_ref (result);
}

OxValue *
ox_flow_flex_end (OxFlowState *flow, GCancellable *cancellable, GError **error)
{
  return ox_flex_product (flow->carried[0], g_ptr_array_index (flow->items, 0), cancellable, error);
}
