/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

#include "core/ox-memory.h"
#include "kernel/ox-walk.h"

/* Operators that ask for a shape or change it. Their results are views of the input wherever strides allow it. */

typedef struct { gint64 start; OxOptInt end; } ShapeAttrs;
typedef struct { OxInts shape; gint64 allowzero; } ReshapeAttrs;
typedef struct { gint64 axis; } AxisAttrs;
typedef struct { OxInts axes; } AxesAttrs;
typedef struct { OxInts perm; } TransposeAttrs;

/* ---- Shape, Size ---------------------------------------------------------------------------------------------- */

static void
shape_range (OxCall *call, int rank, int *first, int *n)
{
  const ShapeAttrs *at = call->attrs;
  gint64 start = at->start, end = at->end.set ? at->end.v : rank;

  if (start < 0)
    start += rank;
  if (end < 0)
    end += rank;
  start = CLAMP (start, 0, rank);
  end = CLAMP (end, 0, rank);
  *first = (int) start;
  *n = (int) MAX (end - start, 0);
}

static gboolean
shape_infer (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_fact (call, 0);
  int first, n;

  if (ox_fact_rank (fact) < 0)
    return ox_call_set_rank (call, 0, OX_I64, 1, error);
  shape_range (call, fact->rank, &first, &n);
  ox_call_set (call, 0, OX_I64, 1, (OxDim[]){ n });
  if (!call->running)
    ox_call_set_ints (call, 0, fact->dims + first, n);
  return TRUE;
}

static gboolean
shape_run (OxCall *call, GError **error)
{
  const OxTensor *in = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);
  int first, n;

  if (out == NULL)
    return FALSE;
  shape_range (call, in->rank, &first, &n);
  if (n > 0)
    memcpy (out->data, in->dims + first, (gsize) n * sizeof (gint64));
  return TRUE;
}

static gboolean
size_infer (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_fact (call, 0);

  ox_call_set (call, 0, OX_I64, 0, NULL);
  if (!call->running && ox_fact_rank (fact) >= 0)
    {
      OxDim size = ox_dims_product (call->dims, fact->rank, fact->dims);

      ox_call_set_ints (call, 0, &size, 1);
    }
  return TRUE;
}

static gboolean
size_run (OxCall *call, GError **error)
{
  OxTensor *out = ox_call_out (call, 0, error);

  if (out == NULL)
    return FALSE;
  *(gint64 *) out->data = ox_call_in (call, 0)->count;
  return TRUE;
}

/* ---- Reshape, Flatten ----------------------------------------------------------------------------------------- */

/* The wanted shape as expressions; FALSE: not known. */
static gboolean
reshape_target (OxCall *call, const OxDim **target, int *n)
{
  const ReshapeAttrs *at = call->attrs;

  if (call->op->in.max == 2)
    return ox_call_ints (call, 1, target, n);
  /* Negative numbers need to be made expressions; the attribute is short. */
  *n = MIN (at->shape.n, OX_MAX_RANK);
  return TRUE;
}

static gboolean
reshape_infer (OxCall *call, GError **error)
{
  const ReshapeAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0);
  const OxDim *target = NULL;
  OxDim dims[OX_MAX_RANK], own[OX_MAX_RANK], total = 1, rest = 1;
  int rank = ox_fact_rank (data), n, hole = -1;
  gboolean copied[OX_MAX_RANK] = { FALSE }, zero = FALSE, all_known = rank >= 0;

  if (call->op->in.max == 1 && at->shape.n > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "the shape has %d dimensions, the limit is %d", at->shape.n, OX_MAX_RANK);
  if (!reshape_target (call, &target, &n))
    return ox_call_set_rank (call, 0, ox_fact_dtype (data), ox_fact_dim (ox_call_fact (call, 1), 0), error);
  if (n > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "the shape has %d dimensions, the limit is %d", n, OX_MAX_RANK);
  if (target == NULL)
    {
      for (int i = 0; i < n; i++)
        own[i] = ox_dim_const (call->dims, at->shape.v[i]);
      target = own;
    }
  for (int i = 0; i < n; i++)
    {
      gint64 number;

      dims[i] = target[i];
      if (!ox_dim_is_const (call->dims, target[i], &number))
        {
          all_known = FALSE;
          continue;
        }
      if (number == -1)
        {
          if (hole >= 0)
            return ox_fail (error, OX_ERROR_SHAPE, "the shape has more than one -1");
          hole = i;
        }
      else if (number < -1)
        return ox_fail (error, OX_ERROR_SHAPE, "the shape has a dimension of %" G_GINT64_FORMAT, number);
      else if (number == 0 && at->allowzero == 0)
        {
          if (rank >= 0 && i >= rank)
            return ox_fail (error, OX_ERROR_SHAPE, "the shape copies dimension %d of an input of rank %d", i, rank);
          dims[i] = rank >= 0 ? data->dims[i] : OX_DIM_UNKNOWN;
          copied[i] = TRUE;
        }
      else if (number == 0)
        zero = TRUE;
    }
  if (hole >= 0 && zero)
    return ox_fail (error, OX_ERROR_SHAPE, "the shape has both 0 and -1, with allowzero the -1 could be anything");
  /* Dimensions that are copied stand on both sides and need not be known. */
  for (int i = 0; i < n; i++)
    if (i != hole && !copied[i])
      rest = ox_dim_mul (call->dims, rest, dims[i]);
  for (int i = 0; i < rank; i++)
    if (i >= n || !copied[i])
      total = ox_dim_mul (call->dims, total, data->dims[i]);
  if (rank < 0)
    total = OX_DIM_UNKNOWN;
  if (hole >= 0)
    {
      if (ox_dim_known (total) && ox_dim_known (rest) && (rest == 0 || total % rest != 0))
        return ox_fail (error, OX_ERROR_SHAPE,
                        "the -1 in the shape has no solution: %" G_GINT64_FORMAT
                        " elements in parts of %" G_GINT64_FORMAT,
                        total, rest);
      dims[hole] = ox_dim_div (call->dims, total, rest);
    }
  else if (all_known && ox_dim_known (total) && ox_dim_known (rest) && total != rest)
    return ox_fail (error, OX_ERROR_SHAPE,
                    "the shape asks for %" G_GINT64_FORMAT " elements where the input has %" G_GINT64_FORMAT, rest,
                    total);
  ox_call_set (call, 0, ox_fact_dtype (data), n, dims);
  ox_call_pass_ints (call, 0, 0);
  return TRUE;
}

/* The input in the shape that was inferred. */
static gboolean
reshape_run (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_out_fact (call, 0);
  OxTensor *out;

  for (int i = 0; i < fact->rank; i++)
    if (!ox_dim_known (fact->dims[i]))
      return ox_fail (error, OX_ERROR_SHAPE, "the shape of the result has too many elements");
  out = ox_move_reshape ((OxTensor *) ox_call_in (call, 0), fact->rank, fact->dims, error);
  if (out == NULL)
    return FALSE;
  ox_call_take (call, 0, out);
  return TRUE;
}

static gboolean
flatten_infer (OxCall *call, GError **error)
{
  const AxisAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0);
  int rank = ox_fact_rank (data);
  gint64 axis = at->axis;

  if (rank < 0)
    return ox_call_set_rank (call, 0, ox_fact_dtype (data), 2, error);
  if (axis < -rank || axis > rank)
    return ox_fail (error, OX_ERROR_VALUE, "axis %" G_GINT64_FORMAT " is outside of %d..%d", axis, -rank, rank);
  if (axis < 0)
    axis += rank;
  ox_call_set (call, 0, data->dtype, 2,
               (OxDim[]){ ox_dims_product (call->dims, (int) axis, data->dims),
                          ox_dims_product (call->dims, rank - (int) axis, data->dims + axis) });
  ox_call_pass_ints (call, 0, 0);
  return TRUE;
}

/* ---- Squeeze, Unsqueeze --------------------------------------------------------------------------------------- */

static OxGiven
squeeze_axes (OxCall *call, const gint64 **axes, int *n)
{
  const AxesAttrs *at = call->attrs;

  return ox_call_list (call, 1, call->op->n_attrs > 0 ? &at->axes : NULL, axes, n);
}

static gboolean
squeeze_infer (OxCall *call, GError **error)
{
  const OxFact *data = ox_call_fact (call, 0);
  const gint64 *axes;
  OxDim dims[OX_MAX_RANK];
  gboolean gone[OX_MAX_RANK] = { FALSE };
  int rank = ox_fact_rank (data), n, left = 0, list[OX_MAX_RANK];
  OxGiven given = squeeze_axes (call, &axes, &n);

  if (rank < 0 || given == OX_GIVEN_LATER)
    {
      OxDim count = ox_fact_dim (ox_call_fact (call, 1), 0);
      gboolean known = given == OX_GIVEN_LATER && rank >= 0 && ox_dim_known (count) && count <= rank;

      return ox_call_set_rank (call, 0, ox_fact_dtype (data), known ? rank - count : OX_DIM_UNKNOWN, error);
    }
  if (given == OX_GIVEN_YES)
    {
      if (!ox_call_axes (call, axes, n, rank, list, error))
        return FALSE;
      for (int i = 0; i < n; i++)
        {
          gone[list[i]] = TRUE;
          if (ox_dim_known (data->dims[list[i]]) && data->dims[list[i]] != 1)
            return ox_fail (error, OX_ERROR_SHAPE,
                            "axis %d to be squeezed has %" G_GINT64_FORMAT " elements, expected 1", list[i],
                            data->dims[list[i]]);
        }
    }
  else
    for (int i = 0; i < rank; i++)
      {
        if (!ox_dim_known (data->dims[i]))
          {
            ox_call_set_unknown (call, 0, data->dtype);
            return TRUE;
          }
        gone[i] = data->dims[i] == 1;
      }
  for (int i = 0; i < rank; i++)
    if (!gone[i])
      dims[left++] = data->dims[i];
  ox_call_set (call, 0, data->dtype, left, dims);
  ox_call_pass_ints (call, 0, 0);
  return TRUE;
}

static gboolean
unsqueeze_infer (OxCall *call, GError **error)
{
  const OxFact *data = ox_call_fact (call, 0);
  const gint64 *axes;
  OxDim dims[OX_MAX_RANK];
  gboolean added[OX_MAX_RANK] = { FALSE };
  int rank = ox_fact_rank (data), n, list[OX_MAX_RANK];
  OxGiven given = squeeze_axes (call, &axes, &n);

  if (rank < 0 || given != OX_GIVEN_YES)
    {
      OxDim count = given == OX_GIVEN_YES ? n : ox_fact_dim (ox_call_fact (call, 1), 0);

      return ox_call_set_rank (
          call, 0, ox_fact_dtype (data),
          rank >= 0 && ox_dim_known (count) ? ox_dim_add (call->dims, rank, count) : OX_DIM_UNKNOWN, error);
    }
  if (n > OX_MAX_RANK - rank)
    return ox_fail (error, OX_ERROR_SHAPE, "the result would have rank %d, the limit is %d", rank + n, OX_MAX_RANK);
  if (!ox_call_axes (call, axes, n, rank + n, list, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    added[list[i]] = TRUE;
  for (int i = 0, j = 0; i < rank + n; i++)
    dims[i] = added[i] ? 1 : data->dims[j++];
  ox_call_set (call, 0, data->dtype, rank + n, dims);
  ox_call_pass_ints (call, 0, 0);
  return TRUE;
}

/* ---- Expand --------------------------------------------------------------------------------------------------- */

static gboolean
expand_infer (OxCall *call, GError **error)
{
  const OxFact *data = ox_call_fact (call, 0);
  const OxDim *shape;
  OxDim dims[OX_MAX_RANK];
  int rank = ox_fact_rank (data), n;

  if (!ox_call_ints (call, 1, &shape, &n))
    {
      OxDim length = ox_fact_dim (ox_call_fact (call, 1), 0);

      return ox_call_set_rank (call, 0, ox_fact_dtype (data),
                               rank >= 0 && ox_dim_known (length) ? MAX (rank, length) : OX_DIM_UNKNOWN, error);
    }
  if (n > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "the shape has %d dimensions, the limit is %d", n, OX_MAX_RANK);
  for (int i = 0; i < n; i++)
    {
      gint64 number;

      if (ox_dim_is_const (call->dims, shape[i], &number) && number < 0)
        return ox_fail (error, OX_ERROR_SHAPE, "the shape has a dimension of %" G_GINT64_FORMAT, number);
    }
  if (!ox_call_broadcast (call, rank, data->dims, n, shape, &rank, dims, error))
    return FALSE;
  ox_call_set (call, 0, ox_fact_dtype (data), rank, dims);
  return TRUE;
}

static gboolean
expand_run (OxCall *call, GError **error)
{
  OxTensor *in = (OxTensor *) ox_call_in (call, 0);
  const OxFact *fact = ox_call_out_fact (call, 0);
  gint64 strides[OX_MAX_RANK], count;

  if (!ox_dims_count (fact->dims, fact->rank, &count))
    return ox_fail (error, OX_ERROR_SHAPE, "the shape of the result has too many elements");
  if (!ox_broadcast_strides (in, fact->rank, fact->dims, strides))
    return ox_fail (error, OX_ERROR_SHAPE, "the input does not broadcast to the shape");
  ox_call_take (call, 0, ox_tensor_new_view (in, fact->rank, fact->dims, strides, in->data));
  return TRUE;
}

/* ---- Transpose ------------------------------------------------------------------------------------------------ */

static gboolean
transpose_perm (OxCall *call, int rank, int *perm, GError **error)
{
  const TransposeAttrs *at = call->attrs;

  if (at->perm.set && at->perm.n != rank)
    return ox_fail (error, OX_ERROR_SHAPE, "perm has %d entries, the input has rank %d", at->perm.n, rank);
  if (at->perm.set)
    return ox_call_axes (call, at->perm.v, rank, rank, perm, error);
  for (int i = 0; i < rank; i++)
    perm[i] = rank - 1 - i;
  return TRUE;
}

static gboolean
transpose_infer (OxCall *call, GError **error)
{
  const TransposeAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0);
  int rank = ox_fact_rank (data), perm[OX_MAX_RANK];
  OxDim dims[OX_MAX_RANK];

  if (rank < 0)
    return ox_call_set_rank (call, 0, ox_fact_dtype (data), at->perm.set ? at->perm.n : OX_DIM_UNKNOWN, error);
  if (!transpose_perm (call, rank, perm, error))
    return FALSE;
  for (int i = 0; i < rank; i++)
    dims[i] = data->dims[perm[i]];
  ox_call_set (call, 0, data->dtype, rank, dims);
  if (rank <= 1)
    ox_call_pass_ints (call, 0, 0);
  return TRUE;
}

static gboolean
transpose_run (OxCall *call, GError **error)
{
  OxTensor *in = (OxTensor *) ox_call_in (call, 0);
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK];
  int perm[OX_MAX_RANK];

  if (!transpose_perm (call, in->rank, perm, error))
    return FALSE;
  for (int i = 0; i < in->rank; i++)
    {
      dims[i] = in->dims[perm[i]];
      strides[i] = in->strides[perm[i]];
    }
  ox_call_take (call, 0, ox_tensor_new_view (in, in->rank, dims, strides, in->data));
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec shape_attrs[] = { OX_INT (ShapeAttrs, start, 0), OX_ATTR (ShapeAttrs, end, OPT_INT) };
static const OxAttrSpec reshape_1[] = { OX_NEED (ReshapeAttrs, shape, INTS), OX_IGNORE ("consumed_inputs") };
static const OxAttrSpec reshape_14[] = { OX_INT (ReshapeAttrs, allowzero, 0) };
static const OxAttrSpec flatten_attrs[] = { OX_INT (AxisAttrs, axis, 1) };
static const OxAttrSpec squeeze_attrs[] = { OX_ATTR (AxesAttrs, axes, INTS) };
static const OxAttrSpec unsqueeze_attrs[] = { OX_NEED (AxesAttrs, axes, INTS) };
static const OxAttrSpec transpose_attrs[] = { OX_ATTR (TransposeAttrs, perm, INTS) };

static const OxOp shape_rows[] = {
  { "Shape", 1, { 1, 1 }, { 1, 1 }, .attrs_size = sizeof (ShapeAttrs), .infer = shape_infer, .run = shape_run },
  { "Shape", 15, { 1, 1 }, { 1, 1 }, OX_ATTRS (shape_attrs, ShapeAttrs), .infer = shape_infer, .run = shape_run },
  { "Size", 1, { 1, 1 }, { 1, 1 }, .infer = size_infer, .run = size_run },
  { "Reshape", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (reshape_1, ReshapeAttrs), .infer = reshape_infer, .run = reshape_run },
  { "Reshape", 5, { 2, 2 }, { 1, 1 }, .attrs_size = sizeof (ReshapeAttrs), .infer = reshape_infer, .run = reshape_run },
  { "Reshape", 14, { 2, 2 }, { 1, 1 }, OX_ATTRS (reshape_14, ReshapeAttrs), .infer = reshape_infer,
    .run = reshape_run },
  { "Flatten", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (flatten_attrs, AxisAttrs), .infer = flatten_infer, .run = reshape_run },
  { "Squeeze", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (squeeze_attrs, AxesAttrs), .infer = squeeze_infer, .run = reshape_run },
  { "Squeeze", 13, { 1, 2 }, { 1, 1 }, .infer = squeeze_infer, .run = reshape_run },
  { "Unsqueeze", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (unsqueeze_attrs, AxesAttrs), .infer = unsqueeze_infer,
    .run = reshape_run },
  { "Unsqueeze", 13, { 2, 2 }, { 1, 1 }, .infer = unsqueeze_infer, .run = reshape_run },
  { "Expand", 8, { 2, 2 }, { 1, 1 }, .infer = expand_infer, .run = expand_run },
  { "Transpose", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (transpose_attrs, TransposeAttrs), .infer = transpose_infer,
    .run = transpose_run },
};

OX_FAMILY (shape, "ai.onnx", shape_rows);
