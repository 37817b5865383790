/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/elementwise.h"

OxLoop
ox_loop_for (OxCall *call, const OxLoop *table, OxDtype dtype, GError **error)
{
  OxLoop loop = dtype < OX_N_DTYPES ? table[dtype] : NULL;

  if (loop == NULL)
    ox_fail (error, OX_ERROR_DTYPE, "element type %s is not one of those of %s", ox_dtype_name (dtype), call->op->name);
  return loop;
}

static gboolean
infer_old (OxCall *call, OxDtype dtype, GError **error)
{
  const OxFact *a = ox_call_fact (call, 0), *b = ox_call_fact (call, 1);

  if (a != NULL && b != NULL && a->dtype != OX_UNDEFINED && b->dtype != OX_UNDEFINED && a->dtype != b->dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "inputs must have one element type, found %s and %s", ox_dtype_name (a->dtype),
                    ox_dtype_name (b->dtype));
  ox_call_set_like (call, 0, 0);
  if (dtype != OX_UNDEFINED && a != NULL)
    ox_call_set (call, 0, dtype, a->rank, a->dims);
  return TRUE;
}

gboolean
ox_infer_old_broadcast (OxCall *call, GError **error)
{
  return infer_old (call, OX_UNDEFINED, error);
}

gboolean
ox_infer_old_compare (OxCall *call, GError **error)
{
  return infer_old (call, OX_BOOL, error);
}

static gboolean
run_over (OxCall *call, OxTensor *second, GError **error)
{
  const OxTensor *in[2] = { ox_call_in (call, 0), second };
  OxLoop loop = ox_loop_for (call, call->op->data, in[0]->dtype, error);
  OxTensor *out = loop != NULL ? ox_call_out (call, 0, error) : NULL;

  if (out == NULL)
    return FALSE;
  ox_walk_tensors (out, 2, in, loop, call->attrs);
  return TRUE;
}

gboolean
ox_run_binary (OxCall *call, GError **error)
{
  return run_over (call, (OxTensor *) ox_call_in (call, 1), error);
}

OxTensor *
ox_old_operand (OxCall *call, GError **error)
{
  const OxBroadcastAttrs *attrs = call->attrs;
  const OxTensor *a = ox_call_in (call, 0);
  OxTensor *b = (OxTensor *) ox_call_in (call, 1);
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK];
  int axis = a->rank - b->rank;

  if (ox_tensor_same_shape (a, b))
    return ox_tensor_ref (b);
  if (!attrs->broadcast)
    {
      g_autofree char *left = ox_tensor_shape_string (a), *right = ox_tensor_shape_string (b);

      ox_fail (error, OX_ERROR_SHAPE, "shapes %s and %s differ, and broadcast is not set", left, right);
      return NULL;
    }
  if (attrs->axis.set && (b->rank > 0 || a->rank > 0) && b->rank <= a->rank
      && !ox_call_axis (call, attrs->axis.v, MAX (a->rank, 1), &axis, error))
    return NULL;
  if (axis < 0 || axis + b->rank > a->rank)
    {
      ox_fail (error, OX_ERROR_SHAPE, "an operand of rank %d does not fit into rank %d from axis %d on", b->rank, a->rank,
               axis);
      return NULL;
    }
  for (int i = 0; i < a->rank; i++)
    {
      gboolean inside = i >= axis && i < axis + b->rank;

      dims[i] = inside ? b->dims[i - axis] : 1;
      strides[i] = inside ? b->strides[i - axis] : 0;
      if (dims[i] != 1 && dims[i] != a->dims[i])
        {
          ox_fail (error, OX_ERROR_SHAPE, "axis %d: %" G_GINT64_FORMAT " does not stretch to %" G_GINT64_FORMAT, i, dims[i],
                   a->dims[i]);
          return NULL;
        }
    }
  return ox_tensor_new_view (b, a->rank, dims, strides, b->data);
}

gboolean
ox_run_old_binary (OxCall *call, GError **error)
{
  g_autoptr (OxTensor) second = ox_old_operand (call, error);

  return second != NULL && run_over (call, second, error);
}

gboolean
ox_run_unary (OxCall *call, GError **error)
{
  const OxTensor *in = ox_call_in (call, 0);
  OxLoop loop = ox_loop_for (call, call->op->data, in->dtype, error);
  OxTensor *out = loop != NULL ? ox_call_out (call, 0, error) : NULL;

  if (out == NULL)
    return FALSE;
  ox_walk_tensors (out, 1, &in, loop, call->attrs);
  return TRUE;
}

gboolean
ox_run_variadic (OxCall *call, GError **error)
{
  const OxTensor *in[2] = { ox_call_in (call, 0), call->n_in > 1 ? ox_call_in (call, 1) : NULL };
  OxLoop loop = ox_loop_for (call, call->op->data, in[0]->dtype, error);
  OxTensor *out;

  if (loop == NULL)
    return FALSE;
  if (call->n_in == 1)
    {
      ox_call_take_value (call, 0, ox_value_ref (ox_call_in_value (call, 0)));
      return TRUE;
    }
  out = ox_call_out (call, 0, error);
  if (out == NULL)
    return FALSE;
  ox_walk_tensors (out, 2, in, loop, call->attrs);
  for (int i = 2; i < call->n_in; i++)
    {
      in[0] = out;
      in[1] = ox_call_in (call, i);
      ox_walk_tensors (out, 2, in, loop, call->attrs);
    }
  return TRUE;
}
