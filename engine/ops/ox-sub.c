/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-sub.h"

OxTensor *
ox_sub_run (OxCall *call, const char *name, gint64 opset, const void *attrs, int n_in, OxTensor *const *in, GError **error)
{
  const OxOp *op = ox_op_find ("ai.onnx", name, opset);
  g_autofree OxValue **values = g_new0 (OxValue *, n_in + 1);
  g_autofree guint8 *plain = NULL;
  OxTensor *result = NULL;
  OxCallSetup setup = { .op = op, .opset = opset, .attrs = attrs, .n_in = n_in, .n_out = 1, .in = values,
                        .seed = ox_call_seed (call), .cancellable = NULL };
  OxCall *inner;

  if (op == NULL)
    {
      ox_fail (error, OX_ERROR_UNSUPPORTED, "%s is not supported", name);
      return NULL;
    }
  if (attrs == NULL)
    setup.attrs = plain = g_malloc0 (MAX (op->attrs_size, 1));
  for (int i = 0; i < n_in; i++)
    values[i] = in[i] != NULL ? ox_value_new_tensor (ox_tensor_ref (in[i])) : NULL;
  inner = ox_call_new (&setup);
  if (ox_call_run (inner, error))
    {
      OxValue *value = ox_call_steal (inner, 0);

      result = ox_tensor_ref (ox_value_get_tensor (value));
      ox_value_unref (value);
    }
  else
    ox_error_prefix (error, "%s inside", name);
  ox_call_free (inner);
  for (int i = 0; i < n_in; i++)
    if (values[i] != NULL)
      ox_value_unref (values[i]);
  return result;
}

OxTensor *
ox_sub_unary (OxCall *call, const char *name, OxTensor *in, GError **error)
{
  return ox_sub_run (call, name, G_MAXINT32, NULL, 1, &in, error);
}

OxTensor *
ox_sub_binary (OxCall *call, const char *name, OxTensor *a, OxTensor *b, GError **error)
{
  OxTensor *in[2] = { a, b };

  return ox_sub_run (call, name, G_MAXINT32, NULL, 2, in, error);
}
