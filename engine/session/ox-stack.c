/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "kernel/ox-walk.h"
#include "session/ox-session-private.h"

OxValue *
ox_stack_tensors (guint n, OxValue **items, int axis, gboolean backwards, GError **error)
{
  OxTensor *first = n > 0 ? ox_value_get_tensor (items[0]) : NULL;
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK];
  g_autoptr (OxTensor) out = NULL;

  for (guint i = 0; i < n; i++)
    {
      OxTensor *tensor = ox_value_get_tensor (items[i]);

      if (tensor == NULL)
        {
          ox_fail (error, OX_ERROR_DTYPE, "expected a tensor of each iteration, found something else in iteration %u", i);
          return NULL;
        }
      if (tensor->dtype != first->dtype || !ox_tensor_same_shape (tensor, first))
        {
          g_autofree char *a = ox_tensor_shape_string (first), *b = ox_tensor_shape_string (tensor);

          ox_fail (error, OX_ERROR_SHAPE, "expected %s %s of every iteration as of the first, found %s %s in iteration %u",
                   ox_dtype_name (first->dtype), a, ox_dtype_name (tensor->dtype), b, i);
          return NULL;
        }
    }
  if (first == NULL || first->rank + 1 > OX_MAX_RANK)
    {
      ox_fail (error, OX_ERROR_SHAPE, "there is nothing to stack");
      return NULL;
    }
  if (axis < 0)
    axis += first->rank + 1;
  if (axis < 0 || axis > first->rank)
    {
      ox_fail (error, OX_ERROR_VALUE, "axis %d is not one of the %d of the result", axis, first->rank + 1);
      return NULL;
    }
  for (int d = 0, k = 0; d <= first->rank; d++)
    dims[d] = d == axis ? (gint64) n : first->dims[k++];
  out = ox_tensor_new (first->dtype, first->rank + 1, dims, error);
  if (out == NULL)
    return NULL;
  for (int d = 0, k = 0; d <= first->rank; d++)
    if (d != axis)
      strides[k++] = out->strides[d];
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (OxTensor) usable = ox_tensor_usable (ox_value_get_tensor (items[i]), error);
      gint64 at = backwards ? (gint64) (n - 1 - i) : (gint64) i;

      if (usable == NULL)
        return NULL;
      ox_copy_strided (out->dtype, usable->rank, usable->dims, (char *) out->data + at * out->strides[axis], strides,
                       (const char *) usable->data, usable->strides);
    }
  return ox_value_new_tensor (g_steal_pointer (&out));
}

OxTensor *
ox_stack_pad (OxTensor *tensor, gint64 longest, GError **error)
{
  g_autoptr (OxTensor) usable = NULL;
  OxTensor *out;
  gint64 dims[OX_MAX_RANK];

  if (tensor->rank == 0 || tensor->dims[0] >= longest)
    return ox_tensor_ref (tensor);
  memcpy (dims, tensor->dims, (gsize) tensor->rank * sizeof (gint64));
  dims[0] = longest;
  usable = ox_tensor_usable (tensor, error);
  if (usable == NULL)
    return NULL;
  out = ox_tensor_new_zeros (tensor->dtype, tensor->rank, dims, error);
  if (out != NULL)
    ox_copy_strided (out->dtype, usable->rank, usable->dims, (char *) out->data, out->strides, (const char *) usable->data,
                     usable->strides);
  return out;
}

OxValue *
ox_stack_slice (OxTensor *tensor, int axis, gint64 index, GError **error)
{
  g_autoptr (OxTensor) usable = ox_tensor_usable (tensor, error);
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK];

  if (usable == NULL)
    return NULL;
  for (int d = 0, k = 0; d < usable->rank; d++)
    if (d != axis)
      {
        dims[k] = usable->dims[d];
        strides[k++] = usable->strides[d];
      }
  return ox_value_new_tensor (ox_tensor_new_view (usable, usable->rank - 1, dims, strides,
                                                  usable->data + index * usable->strides[axis]));
}

OxValue *
ox_stack_nothing (const OxType *type, int axis, GError **error)
{
  gint64 dims[OX_MAX_RANK];
  int rank = type != NULL && type->kind == OX_TYPE_TENSOR && type->rank >= 0 ? type->rank + 1 : 1;
  OxTensor *tensor;

  if (type == NULL || type->dtype == OX_UNDEFINED)
    {
      ox_fail (error, OX_ERROR_MODEL, "there was no iteration, and the body does not declare the type of its output");
      return NULL;
    }
  if (rank > OX_MAX_RANK)
    {
      ox_fail (error, OX_ERROR_SHAPE, "the result has %d dimensions, at most %d are possible", rank, OX_MAX_RANK);
      return NULL;
    }
  if (axis < 0)
    axis += rank;
  for (int d = 0, k = 0; d < rank; d++)
    if (d == CLAMP (axis, 0, rank - 1))
      dims[d] = 0;
    else
      {
        dims[d] = MAX (type->dims[k].value, 0);
        k++;
      }
  tensor = ox_tensor_new (type->dtype, rank, dims, error);
  return tensor != NULL ? ox_value_new_tensor (tensor) : NULL;
}
