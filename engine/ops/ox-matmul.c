/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-matmul.h"

#include "core/ox-parallel.h"
#include "kernel/ox-gemm.h"
#include "ops/ox-move.h"

/* Products up to this many multiplications are shared out as whole ones, larger ones by panels. */
#define SMALL_PRODUCT ((gint64) 1 << 22)

static gboolean
expect_equal (OxDim a, OxDim b, const char *what, GError **error)
{
  if (ox_dim_known (a) && ox_dim_known (b) && a != b)
    return ox_fail (error, OX_ERROR_SHAPE, "%s differ: %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT, what, a, b);
  return TRUE;
}

gboolean
ox_matmul_one_dtype (OxCall *call, GError **error)
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

gboolean
ox_matmul_infer (OxCall *call, OxDtype dtype, int rank_a, const OxDim *a, int rank_b, const OxDim *b, GError **error)
{
  OxDim dims[OX_MAX_RANK];
  int rank;

  if (rank_a == 0 || rank_b == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "a scalar is no matrix: the ranks are %d and %d", rank_a, rank_b);
  if (rank_a < 0 || rank_b < 0)
    {
      ox_call_set_unknown (call, 0, dtype);
      return TRUE;
    }
  if (!expect_equal (a[rank_a - 1], b[MAX (0, rank_b - 2)], "the columns of A and the rows of B", error)
      || !ox_call_broadcast (call, MAX (0, rank_a - 2), a, MAX (0, rank_b - 2), b, &rank, dims, error))
    return FALSE;
  if (rank_a > 1)
    dims[rank++] = a[rank_a - 2];
  if (rank_b > 1)
    dims[rank++] = b[rank_b - 1];
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
const OxTensor *
ox_matrix_init (OxMatrix *matrix, OxTensor *tensor, OxDtype dtype, gboolean is_b, GPtrArray *keep, GError **error)
{
  gint64 size = (gint64) ox_dtype_size (dtype), rows, columns;
  gint64 row_step, column_step;
  gboolean usable;

  if (tensor->dtype != dtype)
    {
      if ((tensor = ox_tensor_convert (tensor, dtype, error)) == NULL)
        return NULL;
      g_ptr_array_add (keep, tensor);
    }
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
  if ((tensor = ox_tensor_contiguous (tensor, error)) == NULL)
    return NULL;
  g_ptr_array_add (keep, tensor);
  matrix->data = (const char *) tensor->data;
  matrix->transposed = FALSE;
  matrix->ld = columns;
  return tensor;
}

typedef struct
{
  OxDtype  dtype;
  OxMatrix a, b;
  double   alpha;
  gint64   m, n, k;
  char    *out;
  int      rank;                       /* of the stack */
  gint64   dims[OX_MAX_RANK];
  gint64   step_a[OX_MAX_RANK], step_b[OX_MAX_RANK];
} Stack;

static void
product (const Stack *s, const char *x, const char *y, char *out)
{
  if (s->dtype == OX_F32)
    ox_gemm_f32 (s->a.transposed, s->b.transposed, s->m, s->n, s->k, (float) s->alpha, (const float *) x, s->a.ld,
                 (const float *) y, s->b.ld, 0, (float *) out, s->n);
  else if (s->dtype == OX_F64)
    ox_gemm_f64 (s->a.transposed, s->b.transposed, s->m, s->n, s->k, s->alpha, (const double *) x, s->a.ld,
                 (const double *) y, s->b.ld, 0, (double *) out, s->n);
  else if (s->dtype == OX_I32)
    ox_gemm_i32 (s->m, s->n, s->k, (const gint32 *) x, (const gint32 *) y, (gint32 *) out);
  else
    ox_gemm_i64 (s->m, s->n, s->k, (const gint64 *) x, (const gint64 *) y, (gint64 *) out);
}

static void
stack_range (gint64 begin, gint64 end, gpointer data)
{
  const Stack *stack = data;
  gint64 bytes = stack->m * stack->n * (gint64) ox_dtype_size (stack->dtype);

  for (gint64 i = begin; i < end && !ox_turn (); i++)
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
      product (stack, a, b, stack->out + i * bytes);
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
OxDtype
ox_matmul_compute (OxDtype dtype)
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

/* A dense operand of integers: u32 and u64 stay what they are, as signed and unsigned products agree. */
static OxTensor *
integers (OxTensor *tensor, OxDtype compute, GPtrArray *keep, GError **error)
{
  gboolean own = tensor->dtype == OX_U32 || tensor->dtype == OX_U64 || tensor->dtype == compute;

  tensor = own ? ox_tensor_contiguous (tensor, error) : ox_tensor_convert (tensor, compute, error);
  if (tensor != NULL)
    g_ptr_array_add (keep, tensor);
  return tensor;
}

gboolean
ox_matmul_run (OxCall *call, OxTensor *first, OxTensor *second, double alpha, GError **error)
{
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_tensor_unref);
  const OxDtype dtype = first->dtype;
  const OxFact *fact = ox_call_out_fact (call, 0);
  Stack stack = { .dtype = ox_matmul_compute (dtype), .alpha = alpha };
  const OxTensor *a, *b;
  OxTensor *out;
  gint64 count = 1;

  if (stack.dtype == OX_UNDEFINED || (alpha != 1 && !ox_dtype_is_float (dtype)))
    return ox_fail (error, OX_ERROR_DTYPE, "no product of %s", ox_dtype_name (dtype));
  if ((out = ox_call_out (call, 0, error)) == NULL)
    return FALSE;
  if (ox_dtype_is_float (dtype))
    {
      if ((a = ox_matrix_init (&stack.a, first, stack.dtype, FALSE, keep, error)) == NULL
          || (b = ox_matrix_init (&stack.b, second, stack.dtype, TRUE, keep, error)) == NULL)
        return FALSE;
    }
  else
    {
      if ((a = integers (first, stack.dtype, keep, error)) == NULL || (b = integers (second, stack.dtype, keep, error)) == NULL)
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
    for (gint64 i = 0; i < count && !ox_pause (i); i++)
      {
        if (ox_call_cancelled (call, error))
          return FALSE;
        stack_range (i, i + 1, &stack);
      }
  if (ox_dtype_is_float (dtype))
    return stack.out == (char *) out->data || ox_call_store_f32 (call, 0, (const float *) stack.out, error);
  if (stack.out != (char *) out->data)
    for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
      ox_element_set (dtype, out->data + i * (gint64) ox_dtype_size (dtype), ((const gint32 *) stack.out)[i]);
  return TRUE;
}

