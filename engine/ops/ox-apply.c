/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-apply.h"

OxValue *
ox_apply (const char *name, const char *attribute, gint64 number, int n_in, OxValue **in, GCancellable *cancellable,
          GError **error)
{
  const OxOp *op = ox_op_find ("ai.onnx", name, G_MAXINT32);
  OxGraph *graph = ox_graph_new (NULL, NULL);
  OxNode *node = ox_graph_add_node (graph, name, NULL, NULL);
  OxCallSetup setup = { .op = op, .opset = G_MAXINT32, .n_in = n_in, .n_out = 1, .in = in, .cancellable = cancellable };
  OxValue *value = NULL;
  void *attrs;

  g_assert (op != NULL && op->run != NULL);
  if (attribute != NULL)
    ox_node_add_attribute (node, attribute, OX_ATTR_INT)->i = number;
  setup.attrs = attrs = ox_attrs_parse (op, node, NULL, error);
  if (attrs != NULL)
    {
      OxCall *call = ox_call_new (&setup);

      if (ox_call_run (call, error))
        value = ox_call_steal (call, 0);
      else
        ox_error_prefix (error, "%s", name);
      ox_call_free (call);
      ox_attrs_free (op, attrs);
    }
  ox_graph_free (graph);
  return value;
}
