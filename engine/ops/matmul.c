/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "kernel/ox-gemm.h"
#include "kernel/ox-walk.h"

/* Products of matrices: MatMul, Gemm; Det. */

typedef struct { gint64 transA, transB, broadcast; double alpha, beta; } GemmAttrs;

/* A stack of matrices as BLAS takes one: @data plus @offsets[] elements, rows @ld elements apart. */
typedef struct
{
  const char *data;
  gboolean    transposed;
  gint64      ld;
} Matrix;

/* Products up to this many multiplications are shared out as whole ones, larger ones by panels. */
#define SMALL_PRODUCT ((gint64) 1 << 22)

/* ---- MatMul --------------------------------------------------------------------------------------------------- */

static gboolean
expect_equal (OxDim a, OxDim b, const char *what, GError **error)
{
  if (ox_dim_known (a) && ox_dim_known (b) && a != b)
    return ox_fail (error, OX_ERROR_SHAPE, "%s differ: %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT, what, a, b);
  return TRUE;
}

static gboolean
expect_one_dtype (OxCall *call, GError **error)
{
  OxDtype first = ox_fact_dtype (ox_call_fact (call, 0));

  for (int i = 1; i < call->n_in; i++)
    {
      OxDtype dtype = ox_fact_dtype (ox_call_fact (call, i));

      if (first != OX_UNDEFINED && dtype != OX_UNDEFINED && dtype != first)
        return ox_fail (error, OX_ERROR_DTYPE, "inputs must have one element type, found %s and %s",
                        ox_dtype_name (first), ox_dtype_name (dtype));
    }
  return TRUE;
}

static gboolean
matmul_infer (OxCall *call, GError **error)
{
  const OxFact *a = ox_call_fact (call, 0), *b = ox_call_fact (call, 1);
  int rank_a = ox_fact_rank (a), rank_b = ox_fact_rank (b), rank;
  OxDtype dtype = ox_fact_dtype (a) != OX_UNDEFINED ? ox_fact_dtype (a) : ox_fact_dtype (b);
  OxDim dims[OX_MAX_RANK];

  if (!expect_one_dtype (call, error))
    return FALSE;
  if (rank_a == 0 || rank_b == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "a scalar is no matrix: the ranks are %d and %d", rank_a, rank_b);
  if (rank_a < 0 || rank_b < 0)
    {
      ox_call_set_unknown (call, 0, dtype);
      return TRUE;
    }
  if (!expect_equal (a->dims[rank_a - 1], b->dims[MAX (0, rank_b - 2)], "the columns of A and the rows of B", error)
      || !ox_call_broadcast (call, MAX (0, rank_a - 2), a->dims, MAX (0, rank_b - 2), b->dims, &rank, dims, error))
    return FALSE;
  if (rank_a > 1)
    dims[rank++] = a->dims[rank_a - 2];
  if (rank_b > 1)
    dims[rank++] = b->dims[rank_b - 1];
  ox_call_set (call, 0, dtype, rank, dims);
  return TRUE;
}

/* Rows and columns of a tensor whose last axes are a matrix; a vector is one row of A or one column of B. */
static void
matrix_shape (const OxTensor *tensor, gboolean is_b, gint64 *rows, gint64 *columns)
{
  int rank = tensor->rank;

  *rows = rank > 1 ? tensor->dims[rank - 2] : is_b ? tensor->dims[0] : 1;
  *columns = rank > 1 ? tensor->dims[rank - 1] : is_b ? 1 : tensor->dims[0];
}

/* A view by Transpose or Slice goes to BLAS as it lies, if one of the last two axes is contiguous and no stride is
 * negative; else a dense copy. */
static const OxTensor *
matrix_init (Matrix *matrix, OxCall *call, int i, OxDtype dtype, gboolean is_b, GError **error)
{
  const OxTensor *tensor = ox_call_in (call, i);
  gint64 size = (gint64) ox_dtype_size (dtype), rows, columns;
  gint64 row_step, column_step;
  gboolean usable;

  if (tensor->dtype != dtype && (tensor = ox_call_in_as (call, i, dtype, error)) == NULL)
    return NULL;
  matrix_shape (tensor, is_b, &rows, &columns);
  if (tensor->rank > 1)
    {
      row_step = tensor->strides[tensor->rank - 2];
      column_step = tensor->strides[tensor->rank - 1];
    }
  else
    {
      row_step = is_b ? tensor->strides[0] : columns * size;
      column_step = is_b ? size : tensor->strides[0];
    }
  usable = row_step % size == 0 && column_step % size == 0;
  for (int d = 0; d < tensor->rank - 2; d++)
    usable = usable && tensor->strides[d] % size == 0;
  matrix->data = (const char *) tensor->data;
  if (usable && (column_step == size || columns == 1) && (row_step >= columns * size || rows == 1))
    {
      matrix->transposed = FALSE;
      matrix->ld = rows == 1 ? columns : row_step / size;
      return tensor;
    }
  if (usable && (row_step == size || rows == 1) && (column_step >= rows * size || columns == 1))
    {
      matrix->transposed = TRUE;
      matrix->ld = columns == 1 ? rows : column_step / size;
      return tensor;
    }
  tensor = ox_call_in_as (call, i, dtype, error);
  if (tensor == NULL)
    return NULL;
  matrix->data = (const char *) tensor->data;
  matrix->transposed = FALSE;
  matrix->ld = columns;
  return tensor;
}

typedef struct
{
  OxDtype  dtype;
  Matrix   a, b;
  gint64   m, n, k;
  char    *out;
  int      rank;                       /* of the stack */
  gint64   dims[OX_MAX_RANK];
  gint64   step_a[OX_MAX_RANK], step_b[OX_MAX_RANK];
} Stack;

static void
product (OxDtype dtype, const Matrix *a, const Matrix *b, gint64 m, gint64 n, gint64 k, const char *x, const char *y,
         char *out)
{
  if (dtype == OX_F32)
    ox_gemm_f32 (a->transposed, b->transposed, m, n, k, 1, (const float *) x, a->ld, (const float *) y, b->ld, 0,
                 (float *) out, n);
  else if (dtype == OX_F64)
    ox_gemm_f64 (a->transposed, b->transposed, m, n, k, 1, (const double *) x, a->ld, (const double *) y, b->ld, 0,
                 (double *) out, n);
  else if (dtype == OX_I32)
    ox_gemm_i32 (m, n, k, (const gint32 *) x, (const gint32 *) y, (gint32 *) out);
  else
    ox_gemm_i64 (m, n, k, (const gint64 *) x, (const gint64 *) y, (gint64 *) out);
}

static void
stack_range (gint64 begin, gint64 end, gpointer data)
{
  const Stack *stack = data;
  gint64 bytes = stack->m * stack->n * (gint64) ox_dtype_size (stack->dtype);

  for (gint64 i = begin; i < end; i++)
    {
      const char *a = stack->a.data, *b = stack->b.data;
      gint64 rest = i;

      for (int d = stack->rank - 1; d >= 0; d--)
        {
          gint64 index = rest % stack->dims[d];

          rest /= stack->dims[d];
          a += index * stack->step_a[d];
          b += index * stack->step_b[d];
        }
      product (stack->dtype, &stack->a, &stack->b, stack->m, stack->n, stack->k, a, b, stack->out + i * bytes);
    }
}

/* Strides of the stack of @tensor along the axes of the result's stack. */
static void
stack_steps (const OxTensor *tensor, int rank, gint64 *steps)
{
  int own = MAX (0, tensor->rank - 2);

  for (int d = 0; d < rank; d++)
    {
      int at = d - (rank - own);

      steps[d] = at < 0 || tensor->dims[at] == 1 ? 0 : tensor->strides[at];
    }
}

/* Integers are exact in their own width: 32-bit types share one kernel and 64-bit types another. */
static OxDtype
compute_dtype (OxDtype dtype)
{
  switch (dtype)
    {
    case OX_F64:
      return OX_F64;
    case OX_F32:
    case OX_F16:
    case OX_BF16:
      return OX_F32;
    case OX_U64:
    case OX_I64:
      return OX_I64;
    default:
      return ox_dtype_is_integer (dtype) ? OX_I32 : OX_UNDEFINED;
    }
}

/* Input @i in the computing type's width: u32 and u64 keep their own, as signed and unsigned products agree. */
static OxDtype
operand_dtype (OxDtype dtype, OxDtype compute)
{
  return dtype == OX_U32 || dtype == OX_U64 ? dtype : compute;
}

static gboolean
matmul_run (OxCall *call, GError **error)
{
  const OxDtype dtype = ox_call_in (call, 0)->dtype;
  const OxFact *fact = ox_call_out_fact (call, 0);
  Stack stack = { .dtype = compute_dtype (dtype) };
  const OxTensor *a, *b;
  OxTensor *out;
  gint64 count = 1;

  if (stack.dtype == OX_UNDEFINED)
    return ox_fail (error, OX_ERROR_DTYPE, "no product of %s", ox_dtype_name (dtype));
  if ((out = ox_call_out (call, 0, error)) == NULL)
    return FALSE;
  if (ox_dtype_is_float (dtype))
    {
      if ((a = matrix_init (&stack.a, call, 0, stack.dtype, FALSE, error)) == NULL
          || (b = matrix_init (&stack.b, call, 1, stack.dtype, TRUE, error)) == NULL)
        return FALSE;
    }
  else
    {
      if ((a = ox_call_in_as (call, 0, operand_dtype (dtype, stack.dtype), error)) == NULL
          || (b = ox_call_in_as (call, 1, operand_dtype (dtype, stack.dtype), error)) == NULL)
        return FALSE;
      stack.a.data = (const char *) a->data;
      stack.b.data = (const char *) b->data;
    }
  matrix_shape (a, FALSE, &stack.m, &stack.k);
  matrix_shape (b, TRUE, &stack.k, &stack.n);
  stack.out = (char *) out->data;
  if (ox_dtype_size (dtype) != ox_dtype_size (stack.dtype)
      && (stack.out = ox_call_scratch_n (call, out->count, ox_dtype_size (stack.dtype), error)) == NULL)
    return FALSE;

  stack.rank = MAX (a->rank, b->rank) - 2;
  stack.rank = MAX (0, stack.rank);
  for (int d = 0; d < stack.rank; d++)
    count *= stack.dims[d] = fact->dims[d];
  stack_steps (a, stack.rank, stack.step_a);
  stack_steps (b, stack.rank, stack.step_b);
  /* One matrix B for a dense stack A is one product with more rows. */
  if (count > 1 && b->rank <= 2 && !stack.a.transposed && ox_tensor_is_contiguous (a))
    {
      stack.m *= count;
      stack.a.ld = stack.k;
      stack.rank = 0;
      count = 1;
    }
  if (out->count == 0)
    return TRUE;
  if (count > 1 && (double) stack.m * stack.n * stack.k <= SMALL_PRODUCT)
    ox_parallel_for (count, MAX (1, SMALL_PRODUCT / (1 + stack.m * stack.n * stack.k)), stack_range, &stack);
  else
    for (gint64 i = 0; i < count; i++)
      {
        if (ox_call_cancelled (call, error))
          return FALSE;
        stack_range (i, i + 1, &stack);
      }
  if (ox_dtype_is_float (dtype))
    return stack.out == (char *) out->data || ox_call_store_f32 (call, 0, (const float *) stack.out, error);
  if (stack.out != (char *) out->data)
    for (gint64 i = 0; i < out->count; i++)
      ox_element_set (dtype, out->data + i * (gint64) ox_dtype_size (dtype), ((const gint32 *) stack.out)[i]);
  return TRUE;
}

/* ---- Gemm ----------------------------------------------------------------------------------------------------- */

static gboolean
gemm_infer (OxCall *call, GError **error)
{
  const GemmAttrs *at = call->attrs;
  const OxFact *a = ox_call_fact (call, 0), *b = ox_call_fact (call, 1), *c = ox_call_fact (call, 2);
  int rank_a = ox_fact_rank (a), rank_b = ox_fact_rank (b), rank_c = c != NULL ? ox_fact_rank (c) : -1;
  OxDtype dtype = ox_fact_dtype (a) != OX_UNDEFINED ? ox_fact_dtype (a) : ox_fact_dtype (b);
  OxDim dims[2] = { OX_DIM_UNKNOWN, OX_DIM_UNKNOWN };

  if (!expect_one_dtype (call, error))
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
      if (call->op->since < 7 && !at->broadcast && (rank_c < 2 || (ox_dim_known (have) && ox_dim_known (want) && have != want)))
        return ox_fail (error, OX_ERROR_SHAPE, "C has not the shape of the product and the attribute broadcast is not set");
    }
  ox_call_set (call, 0, dtype, 2, dims);
  return TRUE;
}

/* alpha * product + beta * C for integers; exact when both are 1. */
static void
gemm_finish_ints (const GemmAttrs *at, const OxTensor *c, const gint64 *steps, const char *sum, OxTensor *out)
{
  gint64 size = (gint64) ox_dtype_size (out->dtype);

  for (gint64 i = 0; i < out->count; i++)
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

static gboolean
gemm_run (OxCall *call, GError **error)
{
  const GemmAttrs *at = call->attrs;
  const OxDtype dtype = ox_call_in (call, 0)->dtype, compute = compute_dtype (dtype);
  const OxTensor *c = NULL;
  OxTensor *out = ox_call_out (call, 0, error);
  gint64 steps[2] = { 0, 0 }, m, n, k;
  Matrix a, b;
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
      product (compute, NULL, NULL, m, n, k, a.data, b.data, sum);
      gemm_finish_ints (at, c, steps, sum, out);
      return TRUE;
    }
  if (matrix_init (&a, call, 0, compute, FALSE, error) == NULL || matrix_init (&b, call, 1, compute, TRUE, error) == NULL)
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

  for (gint64 i = 0; i < n; i++)
    {
      gint64 pivot = i;

      for (gint64 r = i + 1; r < n; r++)
        if (fabs (a[r * n + i]) > fabs (a[pivot * n + i]))
          pivot = r;
      if (a[pivot * n + i] == 0)
        return 0;
      if (pivot != i)
        {
          for (gint64 j = 0; j < n; j++)
            {
              double swap = a[i * n + j];

              a[i * n + j] = a[pivot * n + j];
              a[pivot * n + j] = swap;
            }
          det = -det;
        }
      det *= a[i * n + i];
      for (gint64 r = i + 1; r < n; r++)
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
  for (gint64 i = 0; i < out->count; i++)
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
  OX_FLOAT (GemmAttrs, alpha, 1),
  OX_FLOAT (GemmAttrs, beta, 1),
  OX_INT (GemmAttrs, transA, 0),
  OX_INT (GemmAttrs, transB, 0),
};
static const OxAttrSpec gemm_1_specs[] = {
  OX_FLOAT (GemmAttrs, alpha, 1),
  OX_FLOAT (GemmAttrs, beta, 1),
  OX_INT (GemmAttrs, transA, 0),
  OX_INT (GemmAttrs, transB, 0),
  OX_INT (GemmAttrs, broadcast, 0),
};

#define MATMUL(since_) { "MatMul", since_, { 2, 2 }, { 1, 1 }, .infer = matmul_infer, .run = matmul_run }
#define GEMM(since_, min, specs)                                                                                     \
  { "Gemm", since_, { min, 3 }, { 1, 1 }, OX_ATTRS (specs, GemmAttrs), .infer = gemm_infer, .run = gemm_run }
#define DET(since_) { "Det", since_, { 1, 1 }, { 1, 1 }, .infer = det_infer, .run = det_run }

static const OxOp matmul_rows[] = {
  MATMUL (1),
  MATMUL (9),
  MATMUL (13),
  GEMM (1, 3, gemm_1_specs),
  GEMM (6, 3, gemm_1_specs),
  GEMM (7, 3, gemm_specs),
  GEMM (9, 3, gemm_specs),
  GEMM (11, 2, gemm_specs),
  GEMM (13, 2, gemm_specs),
  DET (11),
  DET (22),
};

OX_FAMILY (matmul, "ai.onnx", matmul_rows);
