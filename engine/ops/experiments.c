/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

/* Experiments of the first versions of ONNX that models of then have and ONNX Runtime still runs: Affine,
 * ParametricSoftplus, ScaledTanh, Scale, ImageScaler, Crop; and ConstantFill, which models of recurrent nets have. */

typedef struct { double alpha, beta; } CurveAttrs;
typedef struct { double scale; OxFloats bias; } ScalerAttrs;
typedef struct { OxInts border, scale; } CropAttrs;

enum { AFFINE, SOFTPLUS, TANH };

/* ---- of one number -------------------------------------------------------------------------------------------- */

static gboolean
store_double (OxCall *call, OxTensor *out, gint64 i, double v, GError **error)
{
  if (!ox_dtype_is_float (out->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "element type %s is not one of those of %s", ox_dtype_name (out->dtype),
                    call->op->name);
  ox_tensor_set (out, i, v);
  return TRUE;
}

static gboolean
curve_run (OxCall *call, GError **error)
{
  const CurveAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);

  if (out == NULL)
    return FALSE;
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      double v = ox_tensor_get (x, i), e = at->beta * v;

      if (call->op->code == AFFINE)
        v = at->alpha * v + at->beta;
      else if (call->op->code == TANH)
        v = at->alpha * tanh (e);
      else /* log (exp (e) + 1) that does not overflow */
        v = at->alpha * (fmax (e, 0) + log1p (exp (-fabs (e))));
      if (!store_double (call, out, i, v, error))
        return FALSE;
    }
  return TRUE;
}

/* Scale multiplies; ImageScaler adds a bias to each channel then. */
static gboolean
scaler_infer (OxCall *call, GError **error)
{
  const ScalerAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);

  ox_call_set_like (call, 0, 0);
  if (!call->op->code || ox_fact_rank (x) < 0)
    return TRUE;
  if (x->rank != 4)
    return ox_fail (error, OX_ERROR_SHAPE, "expected images of rank 4, found %d", x->rank);
  if (ox_dim_known (x->dims[1]) && x->dims[1] != at->bias.n)
    return ox_fail (error, OX_ERROR_SHAPE, "%d elements of bias for %" G_GINT64_FORMAT " channels", at->bias.n, x->dims[1]);
  return TRUE;
}

static gboolean
scaler_run (OxCall *call, GError **error)
{
  const ScalerAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);
  gint64 plane = x->rank == 4 ? x->dims[2] * x->dims[3] : 1;

  if (out == NULL)
    return FALSE;
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      double bias = call->op->code ? at->bias.v[i / plane % at->bias.n] : 0;

      if (!store_double (call, out, i, ox_tensor_get (x, i) * at->scale + bias, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- Crop ----------------------------------------------------------------------------------------------------- */

/* The border is left, top, right, bottom; with a scale, which is a height and a width, right and bottom follow from it. */
static gboolean
crop_infer (OxCall *call, GError **error)
{
  const CropAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  OxDim dims[4];

  if (at->border.n != 4)
    return ox_fail (error, OX_ERROR_MODEL, "border has %d elements, expected 4", at->border.n);
  if (at->scale.set && at->scale.n != 0 && at->scale.n != 2)
    return ox_fail (error, OX_ERROR_MODEL, "scale has %d elements, expected 2", at->scale.n);
  if (ox_fact_rank (x) < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (x));
      return TRUE;
    }
  if (x->rank != 4)
    return ox_fail (error, OX_ERROR_SHAPE, "expected images of rank 4, found %d", x->rank);
  dims[0] = x->dims[0];
  dims[1] = x->dims[1];
  for (int d = 2; d < 4; d++)
    {
      gint64 first = at->border.v[3 - d], behind = at->border.v[5 - d], size = OX_DIM_UNKNOWN;

      if (!ox_dim_known (x->dims[d]))
        {
          dims[d] = at->scale.n == 2 ? at->scale.v[d - 2] : OX_DIM_UNKNOWN;
          continue;
        }
      if (first < 0 || first > x->dims[d] || behind < 0 || behind > x->dims[d])
        return ox_fail (error, OX_ERROR_VALUE, "a border of %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " in %" G_GINT64_FORMAT,
                        first, behind, x->dims[d]);
      size = at->scale.n == 2 ? at->scale.v[d - 2] : x->dims[d] - first - behind;
      if (size < 0 || size > x->dims[d] - first)
        return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " elements from %" G_GINT64_FORMAT " on are not inside of %"
                        G_GINT64_FORMAT, size, first, x->dims[d]);
      dims[d] = size;
    }
  ox_call_set (call, 0, x->dtype, 4, dims);
  return TRUE;
}

static gboolean
crop_run (OxCall *call, GError **error)
{
  const CropAttrs *at = call->attrs;
  OxTensor *x = (OxTensor *) ox_call_in (call, 0);
  const OxFact *fact = ox_call_out_fact (call, 0);
  gint64 offset = 0, count = 1;

  for (int d = 0; d < 4; d++)
    count *= fact->dims[d];
  if (count > 0)
    offset = at->border.v[1] * x->strides[2] + at->border.v[0] * x->strides[3];
  ox_call_take (call, 0, ox_tensor_new_view (x, 4, fact->dims, x->strides, x->data + offset));
  return TRUE;
}

/* ---- ConstantFill --------------------------------------------------------------------------------------------- */

typedef struct
{
  gint64 dtype, input_as_shape;
  double value;
  OxInts shape, extra_shape;
} FillAttrs;

/* The shape is the attribute, the input's, or the numbers in the input; extra_shape comes behind an input's. */
static gboolean
infer_constant_fill (OxCall *call, GError **error)
{
  const FillAttrs *attrs = call->attrs;
  const OxFact *in = call->n_in > 0 ? ox_call_fact (call, 0) : NULL;
  const OxDim *from = NULL;
  OxDim dims[OX_MAX_RANK];
  int n = 0, extra = in != NULL ? attrs->extra_shape.n : 0;
  OxDtype dtype = attrs->dtype > 0 && attrs->dtype < OX_N_DTYPES ? (OxDtype) attrs->dtype : OX_UNDEFINED;

  if (dtype != OX_F32 && dtype != OX_I32 && dtype != OX_I64 && dtype != OX_BOOL)
    return ox_fail (error, OX_ERROR_DTYPE, "dtype is float, int32, int64 or bool, found %" G_GINT64_FORMAT, attrs->dtype);
  if (in != NULL ? attrs->shape.set : attrs->extra_shape.set)
    return ox_fail (error, OX_ERROR_MODEL, "%s", in != NULL ? "shape does not go with an input"
                                                            : "extra_shape needs an input");
  if (in == NULL)
    n = attrs->shape.n;
  else if (!attrs->input_as_shape)
    {
      n = in->rank;
      from = in->dims;
    }
  else if (!ox_call_ints (call, 0, &from, &n))
    n = -1;
  if (n + extra > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "expected up to %d dimensions, found %d", OX_MAX_RANK, n + extra);
  if (n < 0)
    {
      if (call->running)
        return ox_fail (error, OX_ERROR_SHAPE, "the shape should be a list of integers");
      ox_call_set (call, 0, dtype, -1, NULL);
      return TRUE;
    }
  for (int i = 0; i < n + extra; i++)
    {
      gint64 number;

      dims[i] = i >= n ? ox_dim_const (call->dims, attrs->extra_shape.v[i - n])
                : from != NULL ? from[i]
                               : ox_dim_const (call->dims, attrs->shape.v[i]);
      if ((i >= n ? attrs->extra_shape.v[i - n] < 0 : from == NULL && attrs->shape.v[i] < 0)
          || (ox_dim_is_const (call->dims, dims[i], &number) && number < 0))
        return ox_fail (error, OX_ERROR_SHAPE, "dimension %d is negative", i);
    }
  ox_call_set (call, 0, dtype, n + extra, dims);
  return TRUE;
}

static gboolean
run_constant_fill (OxCall *call, GError **error)
{
  const FillAttrs *attrs = call->attrs;
  OxTensor *out = ox_call_out (call, 0, error);
  gsize size;

  if (out == NULL)
    return FALSE;
  size = ox_dtype_size (out->dtype);
  if (out->count > 0)
    ox_tensor_set (out, 0, attrs->value);
  for (gint64 i = 1; i < out->count && !ox_turn (); i++)
    memcpy (out->data + (gsize) i * size, out->data, size);
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec curve_specs[] = { OX_FLOAT (CurveAttrs, alpha, 1), OX_FLOAT (CurveAttrs, beta, 1) };
static const OxAttrSpec affine_specs[] = { OX_FLOAT (CurveAttrs, alpha, 1), OX_FLOAT (CurveAttrs, beta, 0) };
static const OxAttrSpec scale_specs[] = { OX_FLOAT (ScalerAttrs, scale, 1) };
static const OxAttrSpec scaler_specs[] = { OX_FLOAT (ScalerAttrs, scale, 1), OX_NEED (ScalerAttrs, bias, FLOATS) };
static const OxAttrSpec crop_specs[] = { OX_NEED (CropAttrs, border, INTS), OX_ATTR (CropAttrs, scale, INTS) };

static const OxAttrSpec fill_specs[] = {
  OX_INT (FillAttrs, dtype, OX_F32),    OX_INT (FillAttrs, input_as_shape, 0),  OX_FLOAT (FillAttrs, value, 0),
  OX_ATTR (FillAttrs, shape, INTS),     OX_ATTR (FillAttrs, extra_shape, INTS),
};

#define ONE { 1, 1 }

static const OxOp experiments_rows[] = {
  { "Affine", 1, ONE, ONE, OX_ATTRS (affine_specs, CurveAttrs), ox_infer_same, curve_run, .code = AFFINE },
  { "ParametricSoftplus", 1, ONE, ONE, OX_ATTRS (curve_specs, CurveAttrs), ox_infer_same, curve_run, .code = SOFTPLUS },
  { "ScaledTanh", 1, ONE, ONE, OX_ATTRS (curve_specs, CurveAttrs), ox_infer_same, curve_run, .code = TANH },
  { "Scale", 1, ONE, ONE, OX_ATTRS (scale_specs, ScalerAttrs), scaler_infer, scaler_run },
  { "ImageScaler", 1, ONE, ONE, OX_ATTRS (scaler_specs, ScalerAttrs), scaler_infer, scaler_run, .code = 1 },
  { "ConstantFill", 1, { 0, 1 }, { 1, 1 }, OX_ATTRS (fill_specs, FillAttrs), infer_constant_fill, run_constant_fill },
  { "Crop", 1, ONE, ONE, OX_ATTRS (crop_specs, CropAttrs), crop_infer, crop_run },
};

OX_FAMILY (experiments, "ai.onnx", experiments_rows);
