/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-matmul.h"

#include <math.h>
#include <string.h>

#include "kernel/ox-gemm.h"
#include "kernel/ox-walk.h"
#include "ops/ox-move.h"

/* Products of matrices: MatMul, Gemm; Det. */

static gboolean
expect_equal (OxDim a, OxDim b, const char *what, GError **error)
{
  if (ox_dim_known (a) && ox_dim_known (b) && a != b)
    return ox_fail (error, OX_ERROR_SHAPE, "%s differ: %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT, what, a, b);
  return TRUE;
}

/* ---- MatMul --------------------------------------------------------------------------------------------------- */

static gboolean
matmul_infer (OxCall *call, GError **error)
{
  const OxFact *a = ox_call_fact (call, 0), *b = ox_call_fact (call, 1);
  OxDtype dtype = ox_fact_dtype (a) != OX_UNDEFINED ? ox_fact_dtype (a) : ox_fact_dtype (b);

  return ox_matmul_one_dtype (call, error)
         && ox_matmul_infer (call, dtype, ox_fact_rank (a), a->dims, ox_fact_rank (b), b->dims, error);
}

static gboolean
matmul_run (OxCall *call, GError **error)
{
  return ox_matmul_run (call, (OxTensor *) ox_call_in (call, 0), (OxTensor *) ox_call_in (call, 1), 1, error);
}

/* Before version 7 C broadcasts only if an attribute says so. */
#define GEMM_STRICT 1

/* ---- Gemm ----------------------------------------------------------------------------------------------------- */

gboolean
ox_gemm_infer (OxCall *call, GError **error)
{
  const OxGemmAttrs *at = call->attrs;
  const OxFact *a = ox_call_fact (call, 0), *b = ox_call_fact (call, 1), *c = ox_call_fact (call, 2);
  int rank_a = ox_fact_rank (a), rank_b = ox_fact_rank (b), rank_c = c != NULL ? ox_fact_rank (c) : -1;
  OxDtype dtype = ox_fact_dtype (a) != OX_UNDEFINED ? ox_fact_dtype (a) : ox_fact_dtype (b);
  OxDim dims[2] = { OX_DIM_UNKNOWN, OX_DIM_UNKNOWN };

  if (!ox_matmul_one_dtype (call, error))
    return FALSE;
  if ((rank_a >= 0 && rank_a != 2) || (rank_b >= 0 && rank_b != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "expected matrices, found ranks %d and %d", rank_a, rank_b);
  if (rank_a == 2 && rank_b == 2
      && !expect_equal (a->dims[at->transA ? 0 : 1], b->dims[at->transB ? 1 : 0],
                        "the columns of A and the rows of B (after transposing)", error))
    return FALSE;
  if (rank_a == 2)
    dims[0] = a->dims[at->transA ? 1 : 0];
  if (rank_b == 2)
    dims[1] = b->dims[at->transB ? 0 : 1];
  if (rank_c > 2)
    return ox_fail (error, OX_ERROR_SHAPE, "C has rank %d, expected at most 2", rank_c);
  for (int d = 0; d < rank_c; d++)
    {
      OxDim have = c->dims[d], want = dims[2 - rank_c + d];

      if (ox_dim_known (have) && ox_dim_known (want) && have != want && have != 1)
        return ox_fail (error, OX_ERROR_SHAPE,
                        "C does not broadcast to the product: %" G_GINT64_FORMAT " where it has %" G_GINT64_FORMAT, have, want);
      if (call->op->code == GEMM_STRICT && !at->broadcast && (rank_c < 2 || (ox_dim_known (have) && ox_dim_known (want) && have != want)))
        return ox_fail (error, OX_ERROR_SHAPE, "C has not the shape of the product and the attribute broadcast is not set");
    }
  ox_call_set (call, 0, dtype, 2, dims);
  return TRUE;
}

/* alpha * product + beta * C for integers; exact when both are 1. */
static void
gemm_finish_ints (const OxGemmAttrs *at, const OxTensor *c, const gint64 *steps, const char *sum, OxTensor *out)
{
  gint64 size = (gint64) ox_dtype_size (out->dtype);

  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      gint64 value = size == 8 ? ((const gint64 *) sum)[i] : ((const gint32 *) sum)[i];
      gint64 add = 0;

      if (c != NULL)
        add = ox_element_get_int (c->dtype, c->data + i / out->dims[1] * steps[0] + i % out->dims[1] * steps[1]);
      if (at->alpha == 1 && at->beta == 1)
        {
          guint64 exact = (guint64) value + (guint64) add;

          if (size == 8)
            ((guint64 *) out->data)[i] = exact;
          else
            ((guint32 *) out->data)[i] = (guint32) exact;
        }
      else
        ox_element_set (out->dtype, out->data + i * size,
                        trunc (at->alpha * (out->dtype == OX_U32 ? (double) (guint32) value : (double) value)
                               + at->beta * (double) add));
    }
}

gboolean
ox_gemm_run (OxCall *call, GError **error)
{
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_tensor_unref);
  const OxGemmAttrs *at = call->attrs;
  const OxDtype dtype = ox_call_in (call, 0)->dtype, compute = ox_matmul_compute (dtype);
  const OxTensor *c = NULL;
  OxTensor *out = ox_call_out (call, 0, error);
  gint64 steps[2] = { 0, 0 }, m, n, k;
  OxMatrix a, b;
  char *sum;

  if (out == NULL)
    return FALSE;
  if (compute == OX_UNDEFINED || (compute == OX_I32 && ox_dtype_size (dtype) != 4))
    return ox_fail (error, OX_ERROR_DTYPE, "no product of %s", ox_dtype_name (dtype));
  m = out->dims[0];
  n = out->dims[1];
  k = ox_call_in (call, 0)->dims[at->transA ? 0 : 1];
  if (ox_call_in (call, 2) != NULL && at->beta != 0)
    {
      c = ox_call_in_as (call, 2, ox_dtype_is_float (dtype) ? compute : dtype, error);
      if (c == NULL)
        return FALSE;
      if (!ox_broadcast_strides (c, 2, out->dims, steps))
        return ox_fail (error, OX_ERROR_SHAPE, "C does not broadcast to the product");
    }
  sum = (char *) out->data;
  if (ox_dtype_class (dtype) == OX_CLASS_SMALL || !ox_dtype_is_float (dtype))
    sum = ox_call_scratch_n (call, out->count, ox_dtype_size (compute), error);
  if (sum == NULL)
    return FALSE;
  if (!ox_dtype_is_float (dtype))
    {
      const OxTensor *x[2];

      for (int i = 0; i < 2; i++)
        {
          if ((x[i] = ox_call_in_dense (call, i, error)) == NULL)
            return FALSE;
          if (i == 0 ? at->transA : at->transB)
            {
              const OxTensor *from = x[i];
              gint64 to_strides[2] = { (gint64) ox_dtype_size (dtype), from->dims[0] * (gint64) ox_dtype_size (dtype) };
              char *to = ox_call_scratch_n (call, from->count, ox_dtype_size (dtype), error);

              if (to == NULL)
                return FALSE;
              ox_copy_strided (dtype, 2, from->dims, to, to_strides, (const char *) from->data, from->strides);
              *(i == 0 ? &a.data : &b.data) = to;
            }
          else
            *(i == 0 ? &a.data : &b.data) = (const char *) x[i]->data;
        }
      if (compute == OX_I32)
        ox_gemm_i32 (m, n, k, (const gint32 *) a.data, (const gint32 *) b.data, (gint32 *) sum);
      else
        ox_gemm_i64 (m, n, k, (const gint64 *) a.data, (const gint64 *) b.data, (gint64 *) sum);
      gemm_finish_ints (at, c, steps, sum, out);
      return TRUE;
    }
  if (ox_matrix_init (&a, (OxTensor *) ox_call_in (call, 0), compute, FALSE, keep, error) == NULL
      || ox_matrix_init (&b, (OxTensor *) ox_call_in (call, 1), compute, TRUE, keep, error) == NULL)
    return FALSE;
  if (c != NULL && out->count > 0)
    {
      gint64 size = (gint64) ox_dtype_size (compute);

      ox_copy_strided (compute, 2, out->dims, sum, (gint64[]){ n * size, size }, (const char *) c->data, steps);
    }
  if (compute == OX_F32)
    ox_gemm_f32 (a.transposed != (at->transA != 0), b.transposed != (at->transB != 0), m, n, k, (float) at->alpha,
                 (const float *) a.data, a.ld, (const float *) b.data, b.ld, c != NULL ? (float) at->beta : 0,
                 (float *) sum, n);
  else
    ox_gemm_f64 (a.transposed != (at->transA != 0), b.transposed != (at->transB != 0), m, n, k, at->alpha,
                 (const double *) a.data, a.ld, (const double *) b.data, b.ld, c != NULL ? at->beta : 0, (double *) sum, n);
  return sum == (char *) out->data || ox_call_store_f32 (call, 0, (const float *) sum, error);
}

/* ---- Det ------------------------------------------------------------------------------------------------------ */

static gboolean
det_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x);

  if (rank >= 0 && rank < 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected matrices, found rank %d", rank);
  if (rank >= 2 && !expect_equal (x->dims[rank - 2], x->dims[rank - 1], "rows and columns", error))
    return FALSE;
  ox_call_set (call, 0, ox_fact_dtype (x), rank < 0 ? -1 : rank - 2, rank < 0 ? NULL : x->dims);
  return TRUE;
}

/* By elimination with the largest pivot of each column; destroys @a. */
static double
determinant (double *a, gint64 n)
{
  double det = 1;

  for (gint64 i = 0; i < n && !ox_parallel_stopped (); i++)
    {
      gint64 pivot = i;

      for (gint64 r = i + 1; r < n; r++)
        if (fabs (a[r * n + i]) > fabs (a[pivot * n + i]))
          pivot = r;
      if (a[pivot * n + i] == 0)
        return 0;
      if (pivot != i)
        {
          for (gint64 j = 0; j < n && !ox_pause (j); j++)
            {
              double swap = a[i * n + j];

              a[i * n + j] = a[pivot * n + j];
              a[pivot * n + j] = swap;
            }
          det = -det;
        }
      det *= a[i * n + i];
      for (gint64 r = i + 1; r < n && !(r % 256 == 0 && ox_parallel_stopped ()); r++)
        {
          double factor = a[r * n + i] / a[i * n + i];

          for (gint64 j = i + 1; j < n; j++)
            a[r * n + j] -= factor * a[i * n + j];
        }
    }
  return det;
}

static gboolean
det_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_as (call, 0, OX_F64, error);
  OxTensor *out = x != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 n;
  double *matrix;

  if (out == NULL)
    return FALSE;
  n = x->dims[x->rank - 1];
  if ((matrix = ox_call_scratch_n (call, MAX (1, n * n), sizeof (double), error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      if (ox_call_cancelled (call, error))
        return FALSE;
      if (n > 0)
        memcpy (matrix, (const double *) x->data + i * n * n, (gsize) (n * n) * sizeof (double));
      ox_tensor_set (out, i, determinant (matrix, n));
    }
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec gemm_specs[] = {
  OX_FLOAT (OxGemmAttrs, alpha, 1),
  OX_FLOAT (OxGemmAttrs, beta, 1),
  OX_INT (OxGemmAttrs, transA, 0),
  OX_INT (OxGemmAttrs, transB, 0),
};
static const OxAttrSpec gemm_1_specs[] = {
  OX_FLOAT (OxGemmAttrs, alpha, 1),
  OX_FLOAT (OxGemmAttrs, beta, 1),
  OX_INT (OxGemmAttrs, transA, 0),
  OX_INT (OxGemmAttrs, transB, 0),
  OX_INT (OxGemmAttrs, broadcast, 0),
};

#define MATMUL(since_) { "MatMul", since_, { 2, 2 }, { 1, 1 }, .infer = matmul_infer, .run = matmul_run }
#define GEMM(since_, min, specs, code_)                                                                               \
  {                                                                                                                  \
    "Gemm", since_, { min, 3 }, { 1, 1 }, OX_ATTRS (specs, OxGemmAttrs), .infer = ox_gemm_infer, .run = ox_gemm_run, \
      .code = code_                                                                                                  \
  }
#define DET(since_) { "Det", since_, { 1, 1 }, { 1, 1 }, .infer = det_infer, .run = det_run }

static const OxOp matmul_rows[] = {
  MATMUL (1),
  MATMUL (9),
  MATMUL (13),
  GEMM (1, 3, gemm_1_specs, GEMM_STRICT),
  GEMM (6, 3, gemm_1_specs, GEMM_STRICT),
  GEMM (7, 3, gemm_specs, 0),
  GEMM (9, 3, gemm_specs, 0),
  GEMM (11, 2, gemm_specs, 0),
  GEMM (13, 2, gemm_specs, 0),
  DET (11),
  DET (22),
};

OX_FAMILY (matmul, "ai.onnx", matmul_rows);
