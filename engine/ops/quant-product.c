/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "ops/nhwc.h"
#include "ops/ox-conv.h"
#include "ops/ox-move.h"
#include "ops/ox-sub.h"
#include "ops/quant.h"

/* Products of quantised tensors: MatMulInteger, QLinearMatMul, ConvInteger, QLinearConv. The zero points are taken off
 * first; the products are then exact: of 32-bit integers for matrices, in double for convolutions. */

typedef struct { OxConvAttrs conv; gint64 channels_last; } ConvAttrs;

enum { CHANNELS_FIRST, CHANNELS_LAST };   /* CHANNELS_LAST: if the attribute says so */

OxTensor *
ox_quant_centre (OxTensor *tensor, OxTensor *zero, int axis, OxDtype dtype, GError **error)
{
  g_autoptr (OxTensor) wide = ox_tensor_convert (tensor, dtype, error);
  g_autoptr (OxTensor) result = NULL;
  gint64 inner = 1;

  if (wide == NULL)
    return NULL;
  if (zero == NULL)
    return g_steal_pointer (&wide);
  if (axis < 0 || axis >= tensor->rank)
    axis = 0;
  for (int i = axis + 1; i < tensor->rank; i++)
    inner *= tensor->dims[i];
  if (zero->count != 1 && (tensor->rank == 0 || zero->count != tensor->dims[axis]))
    {
      ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " zero points for %" G_GINT64_FORMAT " indices", zero->count,
               tensor->rank > 0 ? tensor->dims[axis] : 1);
      return NULL;
    }
  result = ox_tensor_new (dtype, wide->rank, wide->dims, error);
  if (result == NULL)
    return NULL;
  {
    g_autoptr (OxTensor) dense = ox_tensor_contiguous (wide, error);

    if (dense == NULL)
      return NULL;
    for (gint64 i = 0; i < dense->count && !ox_pause (i); i++)
      {
        gint64 at = zero->count == 1 ? 0 : i / inner % zero->count;
        gint64 z = ox_tensor_get_int (zero, at);

        if (dtype == OX_I32)
          ((gint32 *) (void *) result->data)[i] = (gint32) ((gint64) ((const gint32 *) (const void *) dense->data)[i] - z);
        else
          ((double *) (void *) result->data)[i] = ((const double *) (const void *) dense->data)[i] - (double) z;
      }
  }
  return g_steal_pointer (&result);
}

/* Input @i is of 8-bit integers, or (@small) of floats of 8 bits. */
static gboolean
is_8bit (OxCall *call, int i, gboolean small, GError **error)
{
  const OxFact *fact = ox_call_fact (call, i);
  OxDtype dtype = fact != NULL ? fact->dtype : OX_UNDEFINED;

  return dtype == OX_UNDEFINED || dtype == OX_U8 || dtype == OX_I8
         || (small && (dtype == OX_F8E4M3FN || dtype == OX_F8E5M2 || dtype == OX_F8E4M3FNUZ || dtype == OX_F8E5M2FNUZ))
         || ox_fail (error, OX_ERROR_DTYPE, "expected 8-bit integers as input %d, found %s", i, ox_dtype_name (dtype));
}

/* Gives output 0 a tensor that a call inside has made. */
static gboolean
take (OxCall *call, OxTensor *tensor)
{
  if (tensor == NULL)
    return FALSE;
  ox_call_take (call, 0, tensor);
  return TRUE;
}

/* ---- matrices ------------------------------------------------------------------------------------------------- */

/* The shape is that of MatMul; @b is the place of the second matrix among the inputs. */
static gboolean
infer_product (OxCall *call, int b, gboolean small, OxDtype dtype, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *y = ox_call_fact (call, b);
  OxDim dims[OX_MAX_RANK];
  int rank;

  if (!is_8bit (call, 0, small, error) || !is_8bit (call, b, small, error))
    return FALSE;
  if (x == NULL || y == NULL || x->rank < 0 || y->rank < 0)
    {
      ox_call_set (call, 0, dtype, -1, NULL);
      return TRUE;
    }
  if (x->rank == 0 || y->rank == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "a scalar is no matrix");
  if (ox_dim_known (x->dims[x->rank - 1]) && ox_dim_known (y->dims[MAX (y->rank - 2, 0)])
      && x->dims[x->rank - 1] != y->dims[MAX (y->rank - 2, 0)])
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " columns times %" G_GINT64_FORMAT " rows",
                    x->dims[x->rank - 1],
                    y->dims[MAX (y->rank - 2, 0)]);
  if (!ox_call_broadcast (call, MAX (x->rank - 2, 0), x->dims, MAX (y->rank - 2, 0), y->dims, &rank, dims, error))
    return FALSE;
  if (x->rank > 1)
    dims[rank++] = x->dims[x->rank - 2];
  if (y->rank > 1)
    dims[rank++] = y->dims[y->rank - 1];
  ox_call_set (call, 0, dtype, rank, dims);
  return TRUE;
}

static gboolean
infer_matmul_integer (OxCall *call, GError **error)
{
  return infer_product (call, 1, FALSE, OX_I32, error);
}

/* (transfer full) A scale or zero point so that it broadcasts to a matrix: one for all, one a row (@rows) or a column, or
 * one a row or column of each matrix of a stack, with an axis of 1. */
static OxTensor *
parameter (OxTensor *param, gboolean rows, OxDtype dtype, GError **error)
{
  g_autoptr (OxTensor) typed = ox_tensor_convert (param, dtype, error);

  if (typed == NULL || (param->count != 1 && !(rows && param->rank == 1)))
    return g_steal_pointer (&typed);
  return ox_tensor_reshape (typed, param->count == 1 ? 0 : 2, (const gint64[]){ param->count, 1 }, error);
}

/* (transfer full) A matrix less its zero point in @dtype. */
static OxTensor *
centred (OxCall *call, int i, int zero, gboolean rows, OxDtype dtype, GError **error)
{
  g_autoptr (OxTensor) wide = ox_tensor_convert ((OxTensor *) ox_call_in (call, i), dtype, error);
  g_autoptr (OxTensor) offset = NULL, result = NULL;

  if (wide == NULL || ox_call_in (call, zero) == NULL)
    return g_steal_pointer (&wide);
  if ((offset = parameter ((OxTensor *) ox_call_in (call, zero), rows, dtype, error)) == NULL
      || (result = ox_sub_binary (call, "Sub", wide, offset, error)) == NULL)
    return NULL;
  if (!ox_tensor_same_shape (result, wide))
    {
      ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " zero points of input %d do not fit it", offset->count, i);
      return NULL;
    }
  return g_steal_pointer (&result);
}

/* Sums are exact in 32-bit integers; small floats are multiplied in float. */
static OxTensor *
centred_product (OxCall *call, int a, int a_zero, int b, int b_zero, GError **error)
{
  gboolean small = ox_dtype_is_float (ox_call_in (call, a)->dtype) || ox_dtype_is_float (ox_call_in (call, b)->dtype);
  OxDtype dtype = small ? OX_F32 : OX_I32;
  g_autoptr (OxTensor) left = centred (call, a, a_zero, TRUE, dtype, error);
  g_autoptr (OxTensor) right = left != NULL ? centred (call, b, b_zero, FALSE, dtype, error) : NULL;

  return right != NULL ? ox_sub_binary (call, "MatMul", left, right, error) : NULL;
}

static gboolean
run_matmul_integer (OxCall *call, GError **error)
{
  return take (call, centred_product (call, 0, 2, 1, 3, error));
}

static gboolean
infer_qlinear_matmul (OxCall *call, GError **error)
{
  const OxFact *zero = ox_call_fact (call, 7);

  return infer_product (call, 3, TRUE, zero != NULL ? zero->dtype : OX_UNDEFINED, error);
}

gboolean
ox_quant_requantize (OxCall *call, const OxTensor *sums, const float *scale, gint64 n_scales, int axis, const OxTensor *zero,
                     GError **error)
{
  OxTensor *out = ox_call_out (call, 0, error);
  gint64 inner = 1;
  gsize unit;
  double z;

  if (out == NULL)
    return FALSE;
  if (zero != NULL && zero->count != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "expected one zero point for the output, found %" G_GINT64_FORMAT, zero->count);
  z = zero != NULL ? ox_tensor_get (zero, 0) : 0;
  for (int i = axis + 1; i < out->rank; i++)
    inner *= out->dims[i];
  unit = ox_dtype_size (out->dtype);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      double v = sums->dtype == OX_I32 ? ((const gint32 *) (const void *) sums->data)[i]
                                       : ((const double *) (const void *) sums->data)[i];

      /* The product in float, as the standard's reference has it. */
      ox_quantize_store (out->dtype, out->data + (gsize) i * unit,
                         (double) ((float) v * scale[n_scales == 1 ? 0 : i / inner % n_scales]), z, TRUE);
    }
  return TRUE;
}

float
ox_quant_ratio (const OxTensor *a, gint64 i, const OxTensor *b, gint64 j, const OxTensor *y)
{
  return (float) ox_tensor_get (a, i) * (float) ox_tensor_get (b, j) / (float) ox_tensor_get (y, 0);
}

/* a_scale * b_scale / y_scale, whatever of them is for rows and columns. */
static OxTensor *
product_ratio (OxCall *call, GError **error)
{
  g_autoptr (OxTensor) a = parameter ((OxTensor *) ox_call_in (call, 1), TRUE, OX_F32, error), both = NULL;
  g_autoptr (OxTensor) b = a != NULL ? parameter ((OxTensor *) ox_call_in (call, 4), FALSE, OX_F32, error) : NULL;
  g_autoptr (OxTensor) y = b != NULL ? parameter ((OxTensor *) ox_call_in (call, 6), TRUE, OX_F32, error) : NULL;

  if (y == NULL || (both = ox_sub_binary (call, "Mul", a, b, error)) == NULL)
    return NULL;
  return ox_sub_binary (call, "Div", both, y, error);
}

static gboolean
run_qlinear_matmul (OxCall *call, GError **error)
{
  g_autoptr (OxTensor) sums = centred_product (call, 0, 2, 3, 5, error);
  g_autoptr (OxTensor) wide = NULL, ratio = NULL, scaled = NULL, whole = NULL, zero = NULL, moved = NULL;

  if (sums == NULL || (wide = ox_tensor_convert (sums, OX_F32, error)) == NULL
      || (ratio = product_ratio (call, error)) == NULL
      || (scaled = ox_sub_binary (call, "Mul", wide, ratio, error)) == NULL)
    return FALSE;
  whole = ox_dtype_is_integer (ox_call_out_fact (call, 0)->dtype) ? ox_sub_unary (call, "Round", scaled, error)
                                                                  : ox_tensor_ref (scaled);
  if (whole == NULL || (zero = parameter ((OxTensor *) ox_call_in (call, 7), TRUE, OX_F32, error)) == NULL
      || (moved = ox_sub_binary (call, "Add", whole, zero, error)) == NULL)
    return FALSE;
  if (!ox_tensor_same_shape (moved, sums))
    return ox_fail (error, OX_ERROR_SHAPE, "scales or the zero point do not fit the product");
  return take (call, ox_tensor_convert (moved, ox_call_out_fact (call, 0)->dtype, error));
}

/* ---- convolutions --------------------------------------------------------------------------------------------- */

static gboolean
infer_conv_integer (OxCall *call, GError **error)
{
  return is_8bit (call, 0, FALSE, error) && is_8bit (call, 1, FALSE, error) && ox_conv_infer (call, 0, 1, -1, OX_I32, error);
}

static gboolean
is_last (const OxCall *call)
{
  return call->op->code == CHANNELS_LAST && ((const ConvAttrs *) call->attrs)->channels_last != 0;
}

static OxTensor *
exact_conv (OxCall *call, int x, int x_zero, int w, int w_zero, GError **error)
{
  OxTensor *input = (OxTensor *) ox_call_in (call, x);
  g_autoptr (OxTensor) first = is_last (call) ? ox_move_channels (input, TRUE) : ox_tensor_ref (input);
  g_autoptr (OxTensor) image = ox_quant_centre (first, (OxTensor *) ox_call_in (call, x_zero), 1, OX_F64, error);
  g_autoptr (OxTensor) weight
    = image != NULL ? ox_quant_centre ((OxTensor *) ox_call_in (call, w), (OxTensor *) ox_call_in (call, w_zero), 0,
                                       OX_F64, error)
                    : NULL;
  OxTensor *in[2] = { image, weight };

  return weight != NULL ? ox_sub_run (call, "Conv", 11, call->attrs, 2, in, error) : NULL;
}

static gboolean
run_conv_integer (OxCall *call, GError **error)
{
  g_autoptr (OxTensor) sums = exact_conv (call, 0, 2, 1, 3, error);

  return sums != NULL && take (call, ox_tensor_convert (sums, OX_I32, error));
}

static gboolean
infer_qlinear_conv (OxCall *call, GError **error)
{
  const OxFact *zero = ox_call_fact (call, 7);
  OxDtype dtype = zero != NULL ? zero->dtype : OX_UNDEFINED;

  if (!is_8bit (call, 0, FALSE, error) || !is_8bit (call, 3, FALSE, error))
    return FALSE;
  return is_last (call) ? ox_nhwc_infer (call, "Conv", 11, 3, (const int[]){ 0, 3, 8 }, OX_F64, dtype, error)
                        : ox_conv_infer (call, 0, 3, 8, dtype, error);
}

static gboolean
run_qlinear_conv (OxCall *call, GError **error)
{
  g_autoptr (OxTensor) sums = exact_conv (call, 0, 2, 3, 5, error), turned = NULL, dense = NULL;
  const OxTensor *x_scale = ox_call_in (call, 1), *w_scale = ox_call_in (call, 4), *y_scale = ox_call_in (call, 6);
  const OxTensor *bias = ox_call_in (call, 8);
  g_autofree float *scale = NULL;
  gint64 filters, inner = 1;
  double *v;

  if (sums == NULL)
    return FALSE;
  filters = sums->dims[1];
  for (int i = 2; i < sums->rank; i++)
    inner *= sums->dims[i];
  if (x_scale->count != 1 || y_scale->count != 1 || (w_scale->count != 1 && w_scale->count != filters))
    return ox_fail (error, OX_ERROR_SHAPE,
                    "expected one scale for input and output, and one or %" G_GINT64_FORMAT " for the weight",
                    filters);
  if (bias != NULL && bias->count != filters)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " biases for %" G_GINT64_FORMAT " filters", bias->count,
                    filters);
  /* The tensor is this call's own, so it may be written to. */
  v = (double *) (void *) sums->data;
  for (gint64 i = 0; bias != NULL && i < sums->count && !ox_pause (i); i++)
    v[i] += ox_tensor_get (bias, i / inner % filters);
  scale = g_new (float, w_scale->count);
  for (gint64 i = 0; i < w_scale->count && !ox_pause (i); i++)
    scale[i] = ox_quant_ratio (x_scale, 0, w_scale, i, y_scale);
  turned = is_last (call) ? ox_move_channels (sums, FALSE) : ox_tensor_ref (sums);
  if ((dense = ox_tensor_contiguous (turned, error)) == NULL)
    return FALSE;
  return ox_quant_requantize (call, dense, scale, w_scale->count, is_last (call) ? dense->rank - 1 : 1, ox_call_in (call, 7),
                              error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec conv_specs[] = { OX_CONV_SPECS (OxConvAttrs) };

static const OxOp quant_product_rows[] = {
  { "MatMulInteger", 10, { 2, 4 }, { 1, 1 }, .infer = infer_matmul_integer, .run = run_matmul_integer },
  { "QLinearMatMul", 10, { 8, 8 }, { 1, 1 }, .infer = infer_qlinear_matmul, .run = run_qlinear_matmul },
  { "ConvInteger", 10, { 2, 4 }, { 1, 1 }, OX_ATTRS (conv_specs, OxConvAttrs), infer_conv_integer, run_conv_integer },
  { "QLinearConv", 10, { 8, 9 }, { 1, 1 }, OX_ATTRS (conv_specs, OxConvAttrs), infer_qlinear_conv, run_qlinear_conv },
};

OX_FAMILY (quant_product, "ai.onnx", quant_product_rows);

static const OxAttrSpec ms_conv_specs[] = {
  { "auto_pad", OX_KIND_STRING, offsetof (ConvAttrs, conv.slide.auto_pad), .text = "NOTSET" },
  { "kernel_shape", OX_KIND_INTS, offsetof (ConvAttrs, conv.slide.kernel_shape) },
  { "strides", OX_KIND_INTS, offsetof (ConvAttrs, conv.slide.strides) },
  { "pads", OX_KIND_INTS, offsetof (ConvAttrs, conv.slide.pads) },
  { "dilations", OX_KIND_INTS, offsetof (ConvAttrs, conv.slide.dilations) },
  { "group", OX_KIND_INT, offsetof (ConvAttrs, conv.group), .number = 1 },
  OX_INT (ConvAttrs, channels_last, 0),
};

static const OxOp quant_conv_rows[] = {
  { "QLinearConv", 1, { 8, 9 }, { 1, 1 }, OX_ATTRS (ms_conv_specs, ConvAttrs), infer_qlinear_conv, run_qlinear_conv,
    .code = CHANNELS_LAST },
};

OX_FAMILY (quant_conv, "com.microsoft", quant_conv_rows);
