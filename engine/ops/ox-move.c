/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "kernel/ox-walk.h"

/* Bytes that take long enough to copy to look whether to stop. */
#define LARGE ((gsize) 1 << 22)

int
ox_fact_rank (const OxFact *fact)
{
  return fact != NULL && fact->kind == OX_TYPE_TENSOR ? fact->rank : -1;
}

OxDim
ox_fact_dim (const OxFact *fact, int axis)
{
  return axis >= 0 && axis < ox_fact_rank (fact) ? fact->dims[axis] : OX_DIM_UNKNOWN;
}

OxDtype
ox_fact_dtype (const OxFact *fact)
{
  return fact != NULL && fact->kind == OX_TYPE_TENSOR ? fact->dtype : OX_UNDEFINED;
}

OxDim
ox_dims_product (OxDims *dims, int n, const OxDim *values)
{
  OxDim product = 1;

  for (int i = 0; i < n; i++)
    if (values[i] == 0)
      return 0;
  for (int i = 0; i < n; i++)
    product = ox_dim_mul (dims, product, values[i]);
  return product;
}

void
ox_call_set_unknown (OxCall *call, int o, OxDtype dtype)
{
  ox_call_set (call, o, dtype, -1, NULL);
}

gboolean
ox_call_set_checked (OxCall *call, int o, OxDtype dtype, int rank, const OxDim *dims, GError **error)
{
  if (rank > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "the result would have rank %d, the limit is %d", rank, OX_MAX_RANK);
  ox_call_set (call, o, dtype, rank, dims);
  return TRUE;
}

gboolean
ox_call_set_rank (OxCall *call, int o, OxDtype dtype, OxDim rank, GError **error)
{
  OxDim dims[OX_MAX_RANK];

  if (!ox_dim_known (rank))
    rank = -1;
  if (rank > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "the result would have rank %" G_GINT64_FORMAT ", the limit is %d", rank,
                    OX_MAX_RANK);
  for (int i = 0; i < rank; i++)
    dims[i] = OX_DIM_UNKNOWN;
  ox_call_set (call, o, dtype, (int) rank, dims);
  return TRUE;
}

void
ox_call_pass_ints (OxCall *call, int o, int i)
{
  const OxFact *fact = ox_call_fact (call, i);
  const OxDim *values;
  int n;

  if (!call->running && fact != NULL && ox_dtype_is_integer (fact->dtype) && ox_call_ints (call, i, &values, &n))
    ox_call_set_ints (call, o, values, n);
}

gboolean
ox_call_sizes (OxCall *call, int i, const OxDim **values, int *n)
{
  const OxFact *fact = ox_call_fact (call, i);
  const OxTensor *tensor = fact != NULL ? fact->tensor : NULL;
  OxDim *sizes;

  if (tensor == NULL || !ox_dtype_is_float (tensor->dtype))
    return ox_call_ints (call, i, values, n);
  if (tensor->count > G_MAXUINT16 || (sizes = ox_call_scratch_n (call, tensor->count, sizeof (OxDim), NULL)) == NULL)
    return FALSE;
  for (gint64 k = 0; k < tensor->count; k++)
    {
      double number = ox_tensor_get (tensor, k);

      if (!(number > -1e15 && number < 1e15))
        return FALSE;
      sizes[k] = ox_dim_const (call->dims, (gint64) number);
    }
  *values = sizes;
  *n = (int) tensor->count;
  return TRUE;
}

OxGiven
ox_call_list (OxCall *call, int i, const OxInts *attr, const gint64 **values, int *n)
{
  *values = NULL;
  *n = 0;
  if (attr != NULL)
    {
      if (!attr->set)
        return OX_GIVEN_NO;
      *values = attr->v;
      *n = attr->n;
      return OX_GIVEN_YES;
    }
  if (ox_call_fact (call, i) == NULL)
    return OX_GIVEN_NO;
  return ox_call_numbers (call, i, values, n) ? OX_GIVEN_YES : OX_GIVEN_LATER;
}

gboolean
ox_call_axes (OxCall *call, const gint64 *axes, int n, int rank, int *result, GError **error)
{
  gboolean seen[OX_MAX_RANK] = { FALSE };

  if (n > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_VALUE, "%d axes are given, the limit is %d", n, OX_MAX_RANK);
  for (int i = 0; i < n; i++)
    {
      if (!ox_call_axis (call, axes[i], rank, &result[i], error))
        return FALSE;
      if (seen[result[i]])
        return ox_fail (error, OX_ERROR_VALUE, "axis %d is given twice", result[i]);
      seen[result[i]] = TRUE;
    }
  return TRUE;
}

gboolean
ox_call_number (OxCall *call, int i, const char *name, gint64 *value, GError **error)
{
  const OxTensor *tensor = ox_call_in (call, i);

  if (tensor == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "%s is omitted", name);
  if (tensor->count != 1 || !ox_dtype_is_integer (tensor->dtype))
    {
      g_autofree char *shape = ox_tensor_shape_string (tensor);

      return ox_fail (error, OX_ERROR_SHAPE, "%s must be one integer, found %s %s", name, ox_dtype_name (tensor->dtype),
                      shape);
    }
  *value = ox_tensor_get_int (tensor, 0);
  return TRUE;
}

void
ox_element_read (const OxTensor *tensor, gint64 i, void *element)
{
  if (tensor->packed)
    ox_element_set (tensor->dtype, element, ox_tensor_get (tensor, i));
  else
    memcpy (element, ox_tensor_element (tensor, i), ox_dtype_size (tensor->dtype));
}

void
ox_move_block (OxDtype dtype, void *to, const void *from, gint64 n)
{
  if (n <= 0)
    return;
  if (dtype != OX_STR)
    {
      gsize bytes = (gsize) n * ox_dtype_size (dtype);

      if (bytes < LARGE)
        memcpy (to, from, bytes);
      else
        ox_copy (to, from, bytes);
    }
  else
    {
      char **target = to, *const *source = from;

      for (gint64 i = 0; i < n && !ox_pause (i); i++)
        {
          if (source[i] != NULL)
            g_ref_string_acquire (source[i]);
          if (target[i] != NULL)
            g_ref_string_release (target[i]);
          target[i] = source[i];
        }
    }
}

void
ox_move_tensor (const OxTensor *from, guint8 *to, const gint64 *to_strides)
{
  ox_copy_strided (from->dtype, from->rank, from->dims, (char *) to, to_strides, (const char *) from->data,
                   from->strides);
}

OxTensor *
ox_move_dense (const OxTensor *tensor, GError **error)
{
  OxTensor *copy = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, error);

  if (copy == NULL)
    return NULL;
  ox_move_tensor (tensor, copy->data, copy->strides);
  if (ox_parallel_check (error))
    return copy;
  ox_tensor_unref (copy);
  return NULL;
}

/* Finds strides for @dims over the elements of @tensor, neither of them empty and of equal counts: runs of old and new
 * axes with the same product are matched, and the old ones of a run must be steps of one axis. */
static gboolean
reshape_strides (const OxTensor *tensor, int rank, const gint64 *dims, gint64 *strides)
{
  gint64 old[OX_MAX_RANK], steps[OX_MAX_RANK], step;
  int n = 0, old_at = 0, new_at = 0;

  for (int i = 0; i < tensor->rank; i++)
    if (tensor->dims[i] != 1)
      {
        old[n] = tensor->dims[i];
        steps[n++] = tensor->strides[i];
      }
  while (old_at < n)
    {
      int old_end = old_at + 1, new_end = new_at + 1;
      gint64 a = old[old_at], b = dims[new_at];

      while (a != b)
        if (a < b)
          a *= old[old_end++];
        else
          b *= dims[new_end++];
      for (int i = old_at; i < old_end - 1; i++)
        if (steps[i] != steps[i + 1] * old[i + 1])
          return FALSE;
      step = steps[old_end - 1];
      for (int i = new_end - 1; i >= new_at; i--)
        {
          strides[i] = step;
          step *= dims[i];
        }
      old_at = old_end;
      new_at = new_end;
    }
  /* Only axes of one element are left. */
  for (; new_at < rank; new_at++)
    strides[new_at] = (gint64) ox_dtype_size (tensor->dtype);
  return TRUE;
}

OxTensor *
ox_move_reshape (OxTensor *tensor, int rank, const gint64 *dims, GError **error)
{
  g_autoptr (OxTensor) dense = NULL;
  gint64 strides[OX_MAX_RANK], count;

  if (ox_tensor_is_contiguous (tensor) || !ox_dims_count (dims, rank, &count) || count != tensor->count)
    return ox_tensor_reshape (tensor, rank, dims, error);
  if (reshape_strides (tensor, rank, dims, strides))
    return ox_tensor_new_view (tensor, rank, dims, strides, tensor->data);
  dense = ox_move_dense (tensor, error);
  return dense != NULL ? ox_tensor_reshape (dense, rank, dims, error) : NULL;
}

const gint64 *
ox_call_indices (OxCall *call, int i, GError **error)
{
  const OxTensor *tensor = ox_call_in (call, i);

  if (tensor != NULL && !ox_dtype_is_integer (tensor->dtype))
    {
      ox_fail (error, OX_ERROR_DTYPE, "input %d must be of an integer type, found %s", i,
               ox_dtype_name (tensor->dtype));
      return NULL;
    }
  tensor = ox_call_in_as (call, i, OX_I64, error);
  return tensor != NULL ? (const gint64 *) tensor->data : NULL;
}

gboolean
ox_index_wrap (gint64 *index, gint64 size, const char *what, GError **error)
{
  if (*index < -size || *index >= size)
    return ox_fail (error, OX_ERROR_VALUE,
                    "%s %" G_GINT64_FORMAT " is outside of %" G_GINT64_FORMAT "..%" G_GINT64_FORMAT, what, *index,
                    -size, size - 1);
  if (*index < 0)
    *index += size;
  return TRUE;
}

OxTensor *
ox_move_channels (OxTensor *tensor, gboolean first)
{
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK];
  int rank = tensor->rank;

  for (int d = 0; d < rank; d++)
    {
      int from = d;

      if (d > 0 && rank > 2)
        from = first ? (d == 1 ? rank - 1 : d - 1) : (d == rank - 1 ? 1 : d + 1);
      dims[d] = tensor->dims[from];
      strides[d] = tensor->strides[from];
    }
  return ox_tensor_new_view (tensor, rank, dims, strides, tensor->data);
}
