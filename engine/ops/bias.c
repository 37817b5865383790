/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>

#include "ops/ox-sub.h"

/* Operators of ONNX Runtime that add a bias and do one thing more: BiasAdd, BiasSplitGelu, BiasSoftmax. BiasGelu is in
 * fused.c, BiasDropout in random.c. */

typedef struct { gint64 axis, is_inner_broadcast; } SoftmaxAttrs;

/* ---- BiasAdd, BiasSplitGelu ----------------------------------------------------------------------------------- */

/* @x [rows, n] with @bias [n]. */
typedef struct { const float *x, *bias; gint64 rows, n; } Biased;

static gboolean
biased_read (OxCall *call, Biased *b, GError **error)
{
  const OxTensor *x = ox_call_in (call, 0), *bias;

  if (!ox_dtype_is_float (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "element type %s is not one of those of %s", ox_dtype_name (x->dtype),
                    call->op->name);
  if ((x = ox_call_in_as (call, 0, OX_F32, error)) == NULL || (bias = ox_call_in_as (call, 1, OX_F32, error)) == NULL)
    return FALSE;
  b->n = x->dims[x->rank - 1];
  b->rows = b->n > 0 ? x->count / b->n : 0;
  if (bias->rank != 1 || bias->count != b->n)
    return ox_fail (error, OX_ERROR_SHAPE, "the bias has %" G_GINT64_FORMAT " elements, expected %" G_GINT64_FORMAT,
                    bias->count, b->n);
  b->x = (const float *) x->data;
  b->bias = (const float *) bias->data;
  return TRUE;
}

static gboolean
add_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);

  ox_call_set_like (call, 0, 0);
  if (ox_fact_rank (x) == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "a scalar has no channels");
  return TRUE;
}

static gboolean
add_run (OxCall *call, GError **error)
{
  const OxTensor *skip = ox_call_in_as (call, 2, OX_F32, error);
  Biased b;
  float *y;

  if (skip == NULL || !biased_read (call, &b, error))
    return FALSE;
  if (!ox_tensor_same_shape (skip, ox_call_in (call, 0)))
    {
      g_autofree char *have = ox_tensor_shape_string (skip), *want = ox_tensor_shape_string (ox_call_in (call, 0));

      return ox_fail (error, OX_ERROR_SHAPE, "skip has the shape %s, expected %s", have, want);
    }
  if ((y = ox_call_scratch_n (call, skip->count, sizeof (float), error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < skip->count && !ox_pause (i); i++)
    y[i] = b.x[i] + b.bias[i % b.n] + ((const float *) skip->data)[i];
  return ox_call_store_f32 (call, 0, y, error);
}

static gboolean
split_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  OxDim dims[OX_MAX_RANK];
  OxDim *last;

  if (ox_fact_rank (x) < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (x));
      return TRUE;
    }
  if (x->rank == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "a scalar has no channels");
  for (int d = 0; d < x->rank; d++)
    dims[d] = x->dims[d];
  last = &dims[x->rank - 1];
  if (ox_dim_known (*last) && *last % 2 != 0)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " channels have no halves", *last);
  *last = ox_dim_div (call->dims, *last, 2);
  ox_call_set (call, 0, x->dtype, x->rank, dims);
  return TRUE;
}

/* The first half times the Gelu of the second. */
static gboolean
split_run (OxCall *call, GError **error)
{
  OxTensor *out = ox_call_out (call, 0, error);
  gint64 half;
  Biased b;
  float *y;

  if (out == NULL || !biased_read (call, &b, error)
      || (y = ox_call_scratch_n (call, out->count, sizeof (float), error)) == NULL)
    return FALSE;
  half = b.n / 2;
  for (gint64 r = 0; r < b.rows && !ox_turn (); r++)
    for (gint64 i = 0; i < half; i++)
      {
        float left = b.x[r * b.n + i] + b.bias[i], right = b.x[r * b.n + half + i] + b.bias[half + i];

        y[r * half + i] = left * (0.5f * right * (1 + erff (right * (float) G_SQRT2 / 2)));
      }
  return ox_call_store_f32 (call, 0, y, error);
}

/* ---- BiasSoftmax ---------------------------------------------------------------------------------------------- */

static gboolean
softmax_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  int axis;

  ox_call_set_like (call, 0, 0);
  return ox_fact_rank (x) < 0 || ox_call_axis (call, ((const SoftmaxAttrs *) call->attrs)->axis, x->rank, &axis, error);
}

/* Which axes the bias lacks, its shape tells: is_inner_broadcast only says it once more. */
static gboolean
softmax_run (OxCall *call, GError **error)
{
  OxTensor *x = (OxTensor *) ox_call_in (call, 0), *result;
  g_autoptr (OxTensor) sum = ox_sub_binary (call, "Add", x, (OxTensor *) ox_call_in (call, 1), error);

  if (sum == NULL)
    return FALSE;
  if (!ox_tensor_same_shape (sum, x))
    {
      g_autofree char *have = ox_tensor_shape_string (ox_call_in (call, 1)), *want = ox_tensor_shape_string (x);

      return ox_fail (error, OX_ERROR_SHAPE, "a bias of shape %s does not broadcast to %s", have, want);
    }
  result = ox_sub_forward (call, "Softmax", 11, 1, &sum, error);
  if (result == NULL)
    return FALSE;
  ox_call_take (call, 0, result);
  return TRUE;
}

static const OxAttrSpec softmax_specs[] = { OX_INT (SoftmaxAttrs, axis, 1), OX_NEED (SoftmaxAttrs, is_inner_broadcast, INT) };

static const OxOp bias_rows[] = {
  { "BiasAdd", 1, { 3, 3 }, { 1, 1 }, .infer = add_infer, .run = add_run },
  { "BiasSplitGelu", 1, { 2, 2 }, { 1, 1 }, .infer = split_infer, .run = split_run },
  { "BiasSoftmax", 1, { 2, 2 }, { 1, 1 }, OX_ATTRS (softmax_specs, SoftmaxAttrs), softmax_infer, softmax_run },
};

OX_FAMILY (bias, "com.microsoft", bias_rows);
