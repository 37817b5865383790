/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-ask.h"
#include "session/ox-session-private.h"

gboolean
ox_plan_ask (OxSession *self, OxPlan *plan, OxFrame *frame, const OxNode *node, OxCallSetup *setup, OxAskLook look,
             gpointer data, GError **error)
{
  gboolean owned, ok;
  void *attrs = ox_plan_attrs (self, plan, node, frame, &owned, error);
  OxCall *call;

  if (attrs == NULL)
    return FALSE;
  setup->op = plan->op;
  setup->opset = plan->opset;
  setup->attrs = attrs;
  call = ox_call_new (setup);
  ok = ox_call_infer (call, error);
  if (ok && look != NULL)
    look (call, data);
  ox_call_free (call);
  if (owned)
    ox_attrs_free (plan->op, attrs);
  return ok;
}

gboolean
ox_session_ask (OxSession *self, OxFrame *frame, const OxNode *node, const OxFact *facts, OxDims *dims, OxAskLook look,
                gpointer data, GError **error)
{
  OxPlan *plan = ox_plan_find (self, node, error);
  g_autofree OxValue **in = g_new0 (OxValue *, node->input_names->len + 1);
  OxCallSetup setup = { .n_in = (int) node->input_names->len, .n_out = (int) node->output_names->len, .in = in,
                        .facts = facts, .dims = dims };

  if (plan == NULL)
    return FALSE;
  if (plan->op == NULL || plan->op->infer == NULL || plan->op->flow != OX_FLOW_NONE)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "%s has a body", node->op_type);
  return ox_plan_ask (self, plan, frame, node, &setup, look, data, error);
}
