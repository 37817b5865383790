/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-session-private.h"

void
ox_plan_free (gpointer data)
{
  OxPlan *plan = data;

  if (plan->attrs != NULL)
    ox_attrs_free (plan->op, plan->attrs);
  if (plan->state != NULL && plan->destroy != NULL)
    plan->destroy (plan->state);
  g_free (plan);
}

static gboolean
has_references (const OxNode *node)
{
  for (guint i = 0; i < node->attributes->len; i++)
    if (((const OxAttribute *) g_ptr_array_index (node->attributes, i))->ref != NULL)
      return TRUE;
  return FALSE;
}

OxPlan *
ox_plan_find (OxSession *session, const OxNode *node, GError **error)
{
  OxPlan *plan = g_hash_table_lookup (session->plans, node);

  if (plan != NULL)
    return plan;
  plan = g_new0 (OxPlan, 1);
  plan->opset = ox_model_opset (session->model, node->graph, node->domain);
  /* A file that forgot to import a domain means its newest version. */
  if (plan->opset == 0)
    plan->opset = G_MAXINT32;
  plan->function = ox_model_find_function (session->model, node->domain, node->op_type, node->overload);
  if (plan->function == NULL)
    plan->op = ox_op_find (node->domain, node->op_type, plan->opset);
  if (plan->op == NULL && plan->function == NULL)
    {
      if (plan->opset != G_MAXINT32)
        ox_fail (error, OX_ERROR_UNSUPPORTED, "operator %s.%s is not supported in opset %" G_GINT64_FORMAT, node->domain,
                 node->op_type, plan->opset);
      else
        ox_fail (error, OX_ERROR_UNSUPPORTED, "operator %s.%s is not supported, and no opset of its domain is imported",
                 node->domain, node->op_type);
      g_free (plan);
      return NULL;
    }
  if (plan->op != NULL && !has_references (ox_session_node (session, node)))
    {
      plan->attrs = ox_attrs_parse (plan->op, ox_session_node (session, node), NULL, error);
      if (plan->attrs == NULL)
        {
          g_free (plan);
          return NULL;
        }
    }
  g_hash_table_insert (session->plans, (gpointer) node, plan);
  return plan;
}

/* Attributes that refer to a function's are those of the call that opened the innermost function. */
void *
ox_plan_attrs (OxSession *session, const OxPlan *plan, const OxNode *node, OxFrame *frame, gboolean *owned, GError **error)
{
  *owned = plan->attrs == NULL;
  if (plan->attrs != NULL)
    return plan->attrs;
  while (frame != NULL && frame->bindings == NULL)
    frame = frame->outer;
  return ox_attrs_parse (plan->op, ox_session_node (session, node), frame != NULL ? frame->bindings : NULL, error);
}
