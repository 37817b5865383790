/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-gradient.h"

/* Gradient as a flow: a frame that computes again what the run has at other values, if there is such, then one of the
 * derivative. Both are functions the program writes itself, and their values are given to them. */

static gboolean
prepare_back (OxFlowState *flow, gint64 body, GError **error)
{
  OxFunction *back;

  g_clear_pointer (&flow->feeds[body], g_ptr_array_unref);
  flow->feeds[body] = ox_value_array_new ();
  back = ox_gradient_back (flow->gradient, flow->feeds[body], error);
  flow->bodies[body] = back != NULL ? back->body : NULL;
  return back != NULL;
}

gboolean
ox_flow_gradient_begin (OxFlowState *flow, OxSession *session, OxFrame *frame, OxNode *node, const OxGradientAttrs *attrs,
                        GError **error)
{
  OxFunction *again;
  GError *failure = NULL;

  flow->gradient = ox_gradient_new (session, frame, node, attrs, error);
  if (flow->gradient == NULL)
    return FALSE;
  flow->feeds[0] = ox_value_array_new ();
  again = ox_gradient_again (flow->gradient, flow->feeds[0], &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  flow->limit = again != NULL ? 2 : 1;
  flow->bodies[0] = again != NULL ? again->body : NULL;
  return again != NULL || prepare_back (flow, 0, error);
}

void
ox_flow_gradient_end (OxFlowState *flow)
{
  g_clear_pointer (&flow->gradient, ox_gradient_free);
}

void
ox_flow_gradient_feed (OxFlowState *flow, OxFrame *frame)
{
  const OxGraph *body = flow->bodies[flow->done];
  OxFrame *around = frame->parent;

  for (guint i = 0; i < body->inputs->len; i++)
    ox_frame_write (frame, g_array_index (body->inputs, int, i),
                    ox_value_ref (g_ptr_array_index (flow->feeds[flow->done], i)));
  /* Nodes of a function refer to the attributes of its call, also when they run again. */
  while (around != NULL && around->bindings == NULL)
    around = around->outer;
  if (around != NULL)
    frame->bindings = g_hash_table_ref (around->bindings);
}

gboolean
ox_flow_gradient_next (OxFlowState *flow, OxValue **results, GError **error)
{
  const OxGraph *body = flow->bodies[flow->done];

  if (flow->done + 1 < flow->limit)
    {
      ox_gradient_accept (flow->gradient, results);
      return prepare_back (flow, 1, error);
    }
  g_clear_pointer (&flow->items, g_ptr_array_unref);
  flow->items = ox_value_array_new ();
  for (guint i = 0; i < body->outputs->len; i++)
    g_ptr_array_add (flow->items, ox_value_ref (results[i]));
  return TRUE;
}
