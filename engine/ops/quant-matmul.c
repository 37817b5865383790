/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-matmul.h"
#include "ops/ox-move.h"
#include "ops/ox-sub.h"
#include "ops/quant.h"

/* Products of quantised matrices as ONNX Runtime's optimiser writes them: MatMulIntegerToFloat, DynamicQuantizeMatMul,
 * MatMulInteger16, QGemm. The sums are exact 32-bit integers; scales are multiplied in float. */

typedef struct { double alpha; gint64 transA, transB; } GemmAttrs;

/* ---- what goes in --------------------------------------------------------------------------------------------- */

static gboolean
expect_8bit (OxCall *call, int i, GError **error)
{
  OxDtype dtype = ox_fact_dtype (ox_call_fact (call, i));

  return dtype == OX_UNDEFINED || dtype == OX_U8 || dtype == OX_I8
         || ox_fail (error, OX_ERROR_DTYPE, "expected 8-bit integers as input %d, found %s", i, ox_dtype_name (dtype));
}

/* The zero point @zero has the type of what it belongs to. */
static gboolean
expect_zero (OxCall *call, int x, int zero, GError **error)
{
  OxDtype a = ox_fact_dtype (ox_call_fact (call, x)), b = ox_fact_dtype (ox_call_fact (call, zero));

  return a == OX_UNDEFINED || b == OX_UNDEFINED || a == b
         || ox_fail (error, OX_ERROR_DTYPE, "input %d is %s, its zero point %s", x, ox_dtype_name (a), ox_dtype_name (b));
}

/* Parameters are one number, one a column, or one a column of each matrix of a stack. */
static gboolean
fits (const OxTensor *param, const OxTensor *matrix, const char *what, GError **error)
{
  gint64 columns = matrix->rank > 0 ? matrix->dims[matrix->rank - 1] : 1;
  gboolean good = param->count == 1 || (param->rank == 1 && param->count == columns);

  if (!good && param->rank == matrix->rank && param->rank > 2)
    {
      good = TRUE;
      for (int d = 0; d < param->rank; d++)
        good = good && param->dims[d] == (d == param->rank - 2 ? 1 : matrix->dims[d]);
    }
  return good
         || ox_fail (error, OX_ERROR_SHAPE, "%s: %" G_GINT64_FORMAT " for %" G_GINT64_FORMAT " columns", what, param->count,
                     columns);
}

/* (transfer full) A vector as a row or a column, transposed if @turn. */
static OxTensor *
matrix (OxTensor *tensor, gboolean is_column, gboolean turn, GError **error)
{
  gint64 dims[2] = { 1, 1 };

  if (tensor->rank > 1 && !turn)
    return ox_tensor_ref (tensor);
  if (tensor->rank == 1)
    {
      dims[is_column ? 0 : 1] = tensor->dims[0];
      return ox_tensor_reshape (tensor, 2, dims, error);
    }
  dims[0] = tensor->dims[1];
  dims[1] = tensor->dims[0];
  return ox_tensor_new_view (tensor, 2, dims, (gint64[]){ tensor->strides[1], tensor->strides[0] }, tensor->data);
}

/* (transfer full) @tensor - @zero in 32-bit integers. */
static OxTensor *
centred (OxCall *call, OxTensor *tensor, OxTensor *zero, GError **error)
{
  g_autoptr (OxTensor) wide = ox_tensor_convert (tensor, OX_I32, error), offset = NULL, difference = NULL;

  if (wide == NULL || zero == NULL)
    return g_steal_pointer (&wide);
  if (!fits (zero, tensor, "zero points", error) || (offset = ox_tensor_convert (zero, OX_I32, error)) == NULL
      || (difference = ox_sub_binary (call, "Sub", wide, offset, error)) == NULL)
    return NULL;
  return ox_tensor_reshape (difference, tensor->rank, tensor->dims, error);
}

OxTensor *
ox_quant_restore (OxCall *call, OxTensor *tensor, OxTensor *scale, OxTensor *zero, GError **error)
{
  g_autoptr (OxTensor) difference = NULL, wide = NULL, step = NULL;

  if (!fits (scale, tensor, "scales", error) || (difference = centred (call, tensor, zero, error)) == NULL
      || (wide = ox_tensor_convert (difference, OX_F32, error)) == NULL
      || (step = ox_tensor_convert (scale, OX_F32, error)) == NULL)
    return NULL;
  return ox_sub_binary (call, "Mul", wide, step, error);
}

/* Gives output 0 a result of the inferred count, in the inferred shape and type. */
static gboolean
finish (OxCall *call, OxTensor *result, GError **error)
{
  const OxFact *out = ox_call_out_fact (call, 0);
  g_autoptr (OxTensor) typed = ox_tensor_convert (result, out->dtype, error);
  OxTensor *shaped = typed != NULL ? ox_tensor_reshape (typed, out->rank, out->dims, error) : NULL;

  if (shaped == NULL)
    return FALSE;
  ox_call_take (call, 0, shaped);
  return TRUE;
}

/* ---- products in float ---------------------------------------------------------------------------------------- */

typedef struct { OxTensor *data, *scale, *zero; } Quantised;

/* (transfer full) a b, in float. */
static OxTensor *
float_product (OxCall *call, const Quantised *a, const Quantised *b, GError **error)
{
  g_autoptr (OxTensor) x = matrix (a->data, FALSE, FALSE, error);
  g_autoptr (OxTensor) y = x != NULL ? matrix (b->data, TRUE, FALSE, error) : NULL;
  g_autoptr (OxTensor) left = y != NULL ? centred (call, x, a->zero, error) : NULL;
  g_autoptr (OxTensor) right = left != NULL ? centred (call, y, b->zero, error) : NULL;
  g_autoptr (OxTensor) x_scale = right != NULL ? ox_tensor_convert (a->scale, OX_F32, error) : NULL;
  g_autoptr (OxTensor) y_scale = x_scale != NULL ? ox_tensor_convert (b->scale, OX_F32, error) : NULL;
  g_autoptr (OxTensor) sums = NULL, wide = NULL, scale = NULL;

  if (y_scale == NULL || !fits (x_scale, x, "scales of A", error) || !fits (y_scale, y, "scales of B", error))
    return NULL;
  if (x_scale->count != 1)
    {
      /* A scale for each column of A goes into the sums. */
      g_autoptr (OxTensor) p = ox_tensor_convert (left, OX_F32, error), q = NULL, row = NULL;

      if (p == NULL || (q = ox_tensor_convert (right, OX_F32, error)) == NULL
          || (row = ox_sub_binary (call, "Mul", p, x_scale, error)) == NULL
          || (wide = ox_sub_binary (call, "MatMul", row, q, error)) == NULL)
        return NULL;
      scale = ox_tensor_ref (y_scale);
    }
  else if ((sums = ox_sub_binary (call, "MatMul", left, right, error)) == NULL
           || (wide = ox_tensor_convert (sums, OX_F32, error)) == NULL
           || (scale = ox_sub_binary (call, "Mul", x_scale, y_scale, error)) == NULL)
    return NULL;
  return ox_sub_binary (call, "Mul", wide, scale, error);
}

static gboolean
scaled_product (OxCall *call, const Quantised *a, const Quantised *b, OxTensor *bias, GError **error)
{
  g_autoptr (OxTensor) product = float_product (call, a, b, error), summand = NULL, sum = NULL;

  if (product == NULL)
    return FALSE;
  if (bias == NULL)
    return finish (call, product, error);
  return (summand = ox_tensor_convert (bias, OX_F32, error)) != NULL
         && (sum = ox_sub_binary (call, "Add", product, summand, error)) != NULL && finish (call, sum, error);
}

/* The bias that is input @bias has one number for each column of input @b. */
static gboolean
infer_product (OxCall *call, int b, int bias, OxDtype dtype, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *y = ox_call_fact (call, b), *add = bias >= 0 ? ox_call_fact (call, bias) : NULL;
  int rank = ox_fact_rank (y), rank_add = ox_fact_rank (add);
  OxDim columns = rank > 1 ? ox_fact_dim (y, rank - 1) : rank == 1 ? 1 : OX_DIM_UNKNOWN;

  if (rank_add >= 0
      && (rank_add != 1 || (ox_dim_known (columns) && ox_dim_known (add->dims[0]) && add->dims[0] != columns)))
    return ox_fail (error, OX_ERROR_SHAPE, "the bias must be a vector with one element for each column of B");
  return ox_matmul_infer (call, dtype, ox_fact_rank (x), x != NULL ? x->dims : NULL, rank, y != NULL ? y->dims : NULL,
                          error);
}

static gboolean
infer_to_float (OxCall *call, GError **error)
{
  OxDtype a = ox_fact_dtype (ox_call_fact (call, 2)), b = ox_fact_dtype (ox_call_fact (call, 3));
  OxDtype dtype = a != OX_UNDEFINED ? a : b;

  if (a != OX_UNDEFINED && b != OX_UNDEFINED && a != b)
    return ox_fail (error, OX_ERROR_DTYPE, "the scales are %s and %s", ox_dtype_name (a), ox_dtype_name (b));
  if (dtype != OX_UNDEFINED && dtype != OX_F32 && dtype != OX_F16)
    return ox_fail (error, OX_ERROR_DTYPE, "expected scales of float or float16, found %s", ox_dtype_name (dtype));
  return expect_8bit (call, 0, error) && expect_8bit (call, 1, error) && expect_zero (call, 0, 4, error)
         && expect_zero (call, 1, 5, error) && infer_product (call, 1, 6, dtype, error);
}

static gboolean
run_to_float (OxCall *call, GError **error)
{
  OxTensor *in[7];

  for (int i = 0; i < 7; i++)
    in[i] = (OxTensor *) ox_call_in (call, i);
  return scaled_product (call, &(Quantised){ in[0], in[2], in[4] }, &(Quantised){ in[1], in[3], in[5] }, in[6], error);
}

static gboolean
infer_dynamic (OxCall *call, GError **error)
{
  OxDtype dtype = ox_fact_dtype (ox_call_fact (call, 0));

  if (dtype != OX_UNDEFINED && dtype != OX_F32)
    return ox_fail (error, OX_ERROR_DTYPE, "expected floats as input 0, found %s", ox_dtype_name (dtype));
  return expect_8bit (call, 1, error) && expect_zero (call, 1, 3, error) && infer_product (call, 1, 4, OX_F32, error);
}

static gboolean
run_dynamic (OxCall *call, GError **error)
{
  const OxTensor *a = ox_call_in_dense (call, 0, error);
  g_autoptr (OxTensor) data = a != NULL ? ox_tensor_new (OX_U8, a->rank, a->dims, error) : NULL;
  g_autoptr (OxTensor) scale = data != NULL ? ox_tensor_new (OX_F32, 0, NULL, error) : NULL;
  g_autoptr (OxTensor) zero = scale != NULL ? ox_tensor_new (OX_U8, 0, NULL, error) : NULL;

  if (zero == NULL)
    return FALSE;
  ox_quant_dynamic ((const float *) a->data, a->count, data->data, (float *) scale->data, zero->data);
  return scaled_product (call, &(Quantised){ data, scale, zero },
                         &(Quantised){ (OxTensor *) ox_call_in (call, 1), (OxTensor *) ox_call_in (call, 2),
                                       (OxTensor *) ox_call_in (call, 3) },
                         (OxTensor *) ox_call_in (call, 4), error);
}

/* ---- MatMulInteger16 ------------------------------------------------------------------------------------------ */

static gboolean
infer_16 (OxCall *call, GError **error)
{
  OxDtype dtype[2];

  for (int i = 0; i < 2; i++)
    {
      dtype[i] = ox_fact_dtype (ox_call_fact (call, i));
      if (dtype[i] != OX_UNDEFINED && dtype[i] != OX_I16 && dtype[i] != OX_U16)
        return ox_fail (error, OX_ERROR_DTYPE, "expected 16-bit integers as input %d, found %s", i,
                        ox_dtype_name (dtype[i]));
    }
  return infer_product (call, 1, -1,
                        dtype[0] == OX_I16 || dtype[1] == OX_I16           ? OX_I32
                        : dtype[0] == OX_U16 && dtype[1] == OX_U16         ? OX_U32
                                                                           : OX_UNDEFINED,
                        error);
}

static gboolean
run_16 (OxCall *call, GError **error)
{
  OxDtype dtype = ox_call_out_fact (call, 0)->dtype;
  g_autoptr (OxTensor) a = ox_tensor_convert ((OxTensor *) ox_call_in (call, 0), dtype, error);
  g_autoptr (OxTensor) b = a != NULL ? ox_tensor_convert ((OxTensor *) ox_call_in (call, 1), dtype, error) : NULL;
  g_autoptr (OxTensor) product = b != NULL ? ox_sub_binary (call, "MatMul", a, b, error) : NULL;

  return product != NULL && finish (call, product, error);
}

/* ---- QGemm ---------------------------------------------------------------------------------------------------- */

static gboolean
infer_gemm (OxCall *call, GError **error)
{
  const GemmAttrs *at = call->attrs;
  const OxFact *a = ox_call_fact (call, 0), *b = ox_call_fact (call, 3), *c = ox_call_fact (call, 6);
  const OxFact *zero = ox_call_fact (call, 8);
  int rank_a = ox_fact_rank (a), rank_b = ox_fact_rank (b);
  OxDim dims[2] = { ox_fact_dim (a, at->transA ? 1 : 0), ox_fact_dim (b, at->transB ? 0 : 1) };
  OxDim k[2] = { ox_fact_dim (a, at->transA ? 0 : 1), ox_fact_dim (b, at->transB ? 1 : 0) };

  if (!expect_8bit (call, 0, error) || !expect_8bit (call, 3, error) || !expect_8bit (call, 8, error)
      || !expect_zero (call, 0, 2, error) || !expect_zero (call, 3, 5, error))
    return FALSE;
  if ((zero == NULL) != (ox_call_fact (call, 7) == NULL))
    return ox_fail (error, OX_ERROR_MODEL, "the scale and the zero point of the output go together");
  if ((rank_a >= 0 && rank_a != 2) || (rank_b >= 0 && rank_b != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "expected matrices, found ranks %d and %d", rank_a, rank_b);
  if (ox_dim_known (k[0]) && ox_dim_known (k[1]) && k[0] != k[1])
    return ox_fail (error, OX_ERROR_SHAPE,
                    "the columns of A and the rows of B differ: %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
                    k[0], k[1]);
  if (c != NULL && c->dtype != OX_UNDEFINED && c->dtype != OX_I32)
    return ox_fail (error, OX_ERROR_DTYPE, "expected int32 as C, found %s", ox_dtype_name (c->dtype));
  if (ox_fact_rank (c) > 2)
    return ox_fail (error, OX_ERROR_SHAPE, "C has rank %d, expected at most 2", ox_fact_rank (c));
  for (int d = 0; d < ox_fact_rank (c); d++)
    {
      OxDim have = c->dims[d], want = dims[2 - ox_fact_rank (c) + d];

      if (ox_dim_known (have) && ox_dim_known (want) && have != want && have != 1)
        return ox_fail (error, OX_ERROR_SHAPE,
                        "C does not broadcast to the product: %" G_GINT64_FORMAT " where it has %" G_GINT64_FORMAT, have,
                          want);
    }
  ox_call_set (call, 0, zero != NULL ? zero->dtype : OX_F32, 2, dims);
  return TRUE;
}

static gboolean
run_gemm (OxCall *call, GError **error)
{
  const GemmAttrs *at = call->attrs;
  OxTensor *in[9];
  g_autoptr (OxTensor) a = NULL, b = NULL, left = NULL, right = NULL, product = NULL, sums = NULL, dense = NULL;
  OxTensor *out = ox_call_out (call, 0, error);
  double zero;
  gint64 n;
  float *scale;

  if (out == NULL)
    return FALSE;
  for (int i = 0; i < 9; i++)
    in[i] = (OxTensor *) ox_call_in (call, i);
  if (in[1]->count != 1 || in[2]->count != 1 || (in[7] != NULL && (in[7]->count != 1 || in[8]->count != 1)))
    return ox_fail (error, OX_ERROR_SHAPE, "expected one scale and zero point for A and for the output");
  if ((a = matrix (in[0], FALSE, at->transA != 0, error)) == NULL
      || (b = matrix (in[3], TRUE, at->transB != 0, error)) == NULL
      || !fits (in[4], b, "scales of B", error) || (left = centred (call, a, in[2], error)) == NULL
      || (right = centred (call, b, in[5], error)) == NULL
      || (product = ox_sub_binary (call, "MatMul", left, right, error)) == NULL
      || (sums = in[6] != NULL ? ox_sub_binary (call, "Add", product, in[6], error) : ox_tensor_ref (product)) == NULL
      || (dense = ox_tensor_contiguous (sums, error)) == NULL)
    return FALSE;
  n = out->dims[1];
  if (dense->count != out->count)
    return ox_fail (error, OX_ERROR_SHAPE, "C does not broadcast to the product");
  if ((scale = ox_call_scratch_n (call, MAX (n, 1), sizeof (float), error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    {
      scale[i] = (float) at->alpha * (float) ox_tensor_get (in[1], 0)
                 * (float) ox_tensor_get (in[4], in[4]->count == 1 ? 0 : i);
      if (in[7] != NULL)
        scale[i] /= (float) ox_tensor_get (in[7], 0);
    }
  zero = in[8] != NULL ? ox_tensor_get (in[8], 0) : 0;
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      float v = (float) ((const gint32 *) dense->data)[i] * scale[i % n];

      if (in[7] == NULL)
        ((float *) out->data)[i] = v;
      else
        ox_quantize_store (out->dtype, out->data + i, (double) v, zero, TRUE);
    }
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec gemm_specs[] = {
  OX_FLOAT (GemmAttrs, alpha, 1),
  OX_INT (GemmAttrs, transA, 0),
  OX_INT (GemmAttrs, transB, 0),
};

static const OxOp quant_matmul_rows[] = {
  { "MatMulIntegerToFloat", 1, { 4, 7 }, { 1, 1 }, .infer = infer_to_float, .run = run_to_float },
  { "DynamicQuantizeMatMul", 1, { 3, 5 }, { 1, 1 }, .infer = infer_dynamic, .run = run_dynamic },
  { "MatMulInteger16", 1, { 2, 2 }, { 1, 1 }, .infer = infer_16, .run = run_16 },
  { "QGemm", 1, { 6, 9 }, { 1, 1 }, OX_ATTRS (gemm_specs, GemmAttrs), infer_gemm, run_gemm },
};

OX_FAMILY (quant_matmul, "com.microsoft", quant_matmul_rows);
