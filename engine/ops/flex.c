/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "ops/flex.h"
#include "ops/ox-apply.h"

/* Products, softmax and casts are those of the operators of these names, rounding and all. Query heads that share a head
 * of K and V get an axis of their own, along which K and V are stretched. */

static gboolean
is_real (gint64 dtype)
{
  return dtype == OX_F32 || dtype == OX_F16 || dtype == OX_BF16 || dtype == OX_F64;
}

OxDtype
ox_flex_type (const OxFlexAttrs *attrs, OxDtype dtype)
{
  if (attrs->softmax_precision.set)
    return is_real (attrs->softmax_precision.v) ? (OxDtype) attrs->softmax_precision.v : OX_UNDEFINED;
  return !is_real (dtype) ? OX_UNDEFINED : dtype == OX_F64 ? OX_F64 : OX_F32;
}

/* ---- shapes --------------------------------------------------------------------------------------------------- */

static gboolean
agree (const char *what, OxDim a, OxDim b, GError **error)
{
  if (a < 0 || b < 0 || a == b)
    return TRUE;
  return ox_fail (error, OX_ERROR_SHAPE, "%s: expected %" G_GINT64_FORMAT ", found %" G_GINT64_FORMAT, what, (gint64) a,
                  (gint64) b);
}

static gboolean
check_types (const OxFlexAttrs *attrs, OxDtype q, OxDtype k, OxDtype v, GError **error)
{
  if (q != OX_UNDEFINED && !is_real (q))
    return ox_fail (error, OX_ERROR_DTYPE, "expected f32, f16, bf16 or f64, found %s", ox_dtype_name (q));
  if (q != OX_UNDEFINED && ((k != OX_UNDEFINED && k != q) || (v != OX_UNDEFINED && v != q)))
    return ox_fail (error, OX_ERROR_DTYPE, "Q, K and V should be of one type, found %s, %s and %s", ox_dtype_name (q),
                    ox_dtype_name (k), ox_dtype_name (v));
  if (attrs->softmax_precision.set && !is_real (attrs->softmax_precision.v))
    return ox_fail (error, OX_ERROR_VALUE, "softmax_precision should be 1, 10, 11 or 16, found %" G_GINT64_FORMAT,
                    attrs->softmax_precision.v);
  return TRUE;
}

static gboolean
check_shapes (const OxDim *q, const OxDim *k, const OxDim *v, GError **error)
{
  if (!agree ("the batch of K", q[0], k[0], error) || !agree ("the batch of V", q[0], v[0], error)
      || !agree ("the heads of V", k[1], v[1], error) || !agree ("the length of V", k[2], v[2], error)
      || !agree ("the head size of K", q[3], k[3], error))
    return FALSE;
  if (q[1] >= 0 && k[1] >= 0 && q[1] != k[1] && (k[1] == 0 || q[1] % k[1] != 0))
    return ox_fail (error, OX_ERROR_SHAPE,
                    "the %" G_GINT64_FORMAT " heads of Q should be a multiple of the %" G_GINT64_FORMAT " of K and V",
                    (gint64) q[1], (gint64) k[1]);
  return TRUE;
}

static gboolean
infer_flex (OxCall *call, GError **error)
{
  const OxFact *q = ox_call_fact (call, 0), *k = ox_call_fact (call, 1), *v = ox_call_fact (call, 2);

  if (q == NULL || k == NULL || v == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "it needs Q, K and V");
  if (!check_types (call->attrs, q->dtype, k->dtype, v->dtype, error))
    return FALSE;
  if ((q->rank >= 0 && q->rank != 4) || (k->rank >= 0 && k->rank != 4) || (v->rank >= 0 && v->rank != 4))
    return ox_fail (error, OX_ERROR_SHAPE, "Q, K and V should have 4 dimensions, found %d, %d and %d", q->rank, k->rank,
                    v->rank);
  if (q->rank < 0 || v->rank < 0)
    {
      ox_call_set (call, 0, q->dtype, -1, NULL);
      return TRUE;
    }
  ox_call_set (call, 0, q->dtype, 4, (const OxDim[]) { q->dims[0], q->dims[1], q->dims[2], v->dims[3] });
  return k->rank < 0 || check_shapes (q->dims, k->dims, v->dims, error);
}

/* ---- the steps ------------------------------------------------------------------------------------------------ */

/* [batch, heads, a, b] with the heads as @kv groups of those that share one. */
static OxValue *
group (OxValue *value, gint64 kv, gboolean transposed, GError **error)
{
  g_autoptr (OxTensor) t = ox_tensor_usable (ox_value_get_tensor (value), error);
  int row = transposed ? 3 : 2, column = transposed ? 2 : 3;
  gint64 shared;

  if (t == NULL)
    return NULL;
  shared = kv > 0 ? t->dims[1] / kv : 1;
  return ox_value_new_tensor (
    ox_tensor_new_view (t, 5, (const gint64[]) { t->dims[0], kv, shared, t->dims[row], t->dims[column] },
                        (const gint64[]) { t->strides[0], t->strides[1] * shared, t->strides[1], t->strides[row],
                                           t->strides[column] }, t->data));
}

/* Both grouped, multiplied, and the groups undone. */
static OxValue *
multiply (OxValue *a, OxValue *b, gint64 kv, gboolean transposed, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxValue) x = group (a, kv, FALSE, error), y = x != NULL ? group (b, kv, transposed, error) : NULL;
  g_autoptr (OxValue) product = NULL;
  OxTensor *t, *flat;

  if (y == NULL)
    return NULL;
  product = ox_apply ("MatMul", NULL, 0, 2, (OxValue *[]) { x, y }, cancellable, error);
  if (product == NULL)
    return NULL;
  t = product->tensor;
  flat = ox_tensor_reshape (t, 4, (const gint64[]) { t->dims[0], t->dims[1] * t->dims[2], t->dims[3], t->dims[4] }, error);
  return flat != NULL ? ox_value_new_tensor (flat) : NULL;
}

static OxValue *
cast (OxValue *value, OxDtype dtype, GCancellable *cancellable, GError **error)
{
  if (value->dtype == dtype)
    return ox_value_ref (value);
  return ox_apply ("Cast", "to", dtype, 1, &value, cancellable, error);
}

static OxValue *
times (OxValue *value, double factor, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxValue) scalar = ox_value_new_tensor (ox_tensor_new_scalar (value->dtype, factor));

  return ox_apply ("Mul", NULL, 0, 2, (OxValue *[]) { value, scalar }, cancellable, error);
}

OxValue *
ox_flex_scores (const OxFlexAttrs *attrs, OxValue *q, OxValue *k, OxValue *v, GCancellable *cancellable, GError **error)
{
  const OxTensor *tq = ox_value_get_tensor (q), *tk = ox_value_get_tensor (k), *tv = ox_value_get_tensor (v);
  g_autoptr (OxValue) scaled_q = NULL, scaled_k = NULL, scores = NULL;
  double scale, root;

  if (tq == NULL || tk == NULL || tv == NULL || tq->rank != 4 || tk->rank != 4 || tv->rank != 4)
    {
      g_autofree char *a = ox_value_describe (q), *b = ox_value_describe (k), *c = ox_value_describe (v);

      ox_fail (error, OX_ERROR_SHAPE, "Q, K and V should be tensors of 4 dimensions, found %s, %s and %s", a, b, c);
      return NULL;
    }
  if (!check_types (attrs, tq->dtype, tk->dtype, tv->dtype, error) || !check_shapes (tq->dims, tk->dims, tv->dims, error))
    return NULL;
  /* Half of the scale goes to each side before the product, which keeps small types in their range. */
  scale = attrs->scale.set ? attrs->scale.v : tq->dims[3] > 0 ? 1 / sqrt ((double) tq->dims[3]) : 1;
  root = (double) sqrtf ((float) fabs (scale));
  scaled_q = times (q, scale < 0 ? -root : root, cancellable, error);
  scaled_k = scaled_q != NULL ? times (k, root, cancellable, error) : NULL;
  scores = scaled_k != NULL ? multiply (scaled_q, scaled_k, tk->dims[1], TRUE, cancellable, error) : NULL;
  return scores != NULL ? cast (scores, ox_flex_type (attrs, tq->dtype), cancellable, error) : NULL;
}

OxValue *
ox_flex_probs (OxValue *scores, GCancellable *cancellable, GError **error)
{
  return ox_apply ("Softmax", "axis", 3, 1, &scores, cancellable, error);
}

gboolean
ox_flex_check (const OxValue *before, const OxValue *after, GError **error)
{
  const OxTensor *tensor = ox_value_get_tensor (after);

  if (tensor == NULL || tensor->dtype != before->dtype || !ox_tensor_same_shape (tensor, before->tensor))
    {
      g_autofree char *expected = ox_value_describe (before), *found = ox_value_describe (after);

      return ox_fail (error, OX_ERROR_SHAPE, "the graph should return what it was given, %s, found %s", expected, found);
    }
  return TRUE;
}

OxValue *
ox_flex_product (OxValue *probs, OxValue *v, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxValue) values = cast (v, probs->dtype, cancellable, error), product = NULL;

  product = values != NULL ? multiply (probs, values, v->tensor->dims[1], FALSE, cancellable, error) : NULL;
  return product != NULL ? cast (product, v->dtype, cancellable, error) : NULL;
}

static const OxAttrSpec flex_specs[] = {
  OX_ATTR (OxFlexAttrs, score_mod, GRAPH),
  OX_ATTR (OxFlexAttrs, prob_mod, GRAPH),
  OX_ATTR (OxFlexAttrs, scale, OPT_FLOAT),
  OX_ATTR (OxFlexAttrs, softmax_precision, OPT_INT),
};

static const OxOp flex_rows[] = {
  { "FlexAttention", 1, { 3, 3 }, { 1, 1 }, OX_ATTRS (flex_specs, OxFlexAttrs), infer_flex, .flow = OX_FLOW_FLEX },
};

OX_FAMILY (flex, "ai.onnx.preview", flex_rows);
