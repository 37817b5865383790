/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

/* Experiments of the first versions of ONNX that models of then have and ONNX Runtime still runs: Affine,
 * ParametricSoftplus, ScaledTanh, Scale, ImageScaler, Crop. */

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
  for (gint64 i = 0; i < out->count; i++)
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
  for (gint64 i = 0; i < out->count; i++)
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

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec curve_specs[] = { OX_FLOAT (CurveAttrs, alpha, 1), OX_FLOAT (CurveAttrs, beta, 1) };
static const OxAttrSpec affine_specs[] = { OX_FLOAT (CurveAttrs, alpha, 1), OX_FLOAT (CurveAttrs, beta, 0) };
static const OxAttrSpec scale_specs[] = { OX_FLOAT (ScalerAttrs, scale, 1) };
static const OxAttrSpec scaler_specs[] = { OX_FLOAT (ScalerAttrs, scale, 1), OX_NEED (ScalerAttrs, bias, FLOATS) };
static const OxAttrSpec crop_specs[] = { OX_NEED (CropAttrs, border, INTS), OX_ATTR (CropAttrs, scale, INTS) };

#define ONE { 1, 1 }

static const OxOp experiments_rows[] = {
  { "Affine", 1, ONE, ONE, OX_ATTRS (affine_specs, CurveAttrs), ox_infer_same, curve_run, .code = AFFINE },
  { "ParametricSoftplus", 1, ONE, ONE, OX_ATTRS (curve_specs, CurveAttrs), ox_infer_same, curve_run, .code = SOFTPLUS },
  { "ScaledTanh", 1, ONE, ONE, OX_ATTRS (curve_specs, CurveAttrs), ox_infer_same, curve_run, .code = TANH },
  { "Scale", 1, ONE, ONE, OX_ATTRS (scale_specs, ScalerAttrs), scaler_infer, scaler_run },
  { "ImageScaler", 1, ONE, ONE, OX_ATTRS (scaler_specs, ScalerAttrs), scaler_infer, scaler_run, .code = 1 },
  { "Crop", 1, ONE, ONE, OX_ATTRS (crop_specs, CropAttrs), crop_infer, crop_run },
};

OX_FAMILY (experiments, "ai.onnx", experiments_rows);
