/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

#include "kernel/ox-loops.h"

/* Operators that write at indices: Scatter, ScatterElements, ScatterND, TensorScatter. */

typedef struct { gint64 axis; const char *reduction; } ScatterAttrs;
typedef struct { gint64 axis; const char *mode; } CacheAttrs;

/* ---- reductions ----------------------------------------------------------------------------------------------- */

typedef enum { REDUCE_NONE, REDUCE_ADD, REDUCE_MUL, REDUCE_MIN, REDUCE_MAX, N_REDUCE } Reduce;

static const char *const reduce_names[N_REDUCE] = { "none", "add", "mul", "min", "max" };

/* to[i] = to[i] op from[i] for @n contiguous elements. */
typedef void (*ReduceFunc) (void *to, const void *from, gint64 n);

#define REDUCE(name, ID, S, C, LD, ST, EXPR)                                                                         \
  static void name##_##ID (void *to, const void *from, gint64 n)                                                     \
  {                                                                                                                  \
    for (gint64 i = 0; i < n; i++)                                                                                   \
      {                                                                                                              \
        const C a = (C) LD (((const S *) to)[i]), b = (C) LD (((const S *) from)[i]);                                \
        ((S *) to)[i] = (S) ST (EXPR);                                                                               \
      }                                                                                                              \
  }

/* Integers wrap, so sums and products are made in unsigned; min and max pass a NaN on. */
#define REDUCE_FLOAT(ID, S, C, LD, ST)                                                                               \
  REDUCE (add, ID, S, C, LD, ST, a + b)                                                                              \
  REDUCE (mul, ID, S, C, LD, ST, a *b)                                                                               \
  REDUCE (min, ID, S, C, LD, ST, (a < b || a != a) ? a : b)                                                          \
  REDUCE (max, ID, S, C, LD, ST, (a > b || a != a) ? a : b)
#define REDUCE_SMALL REDUCE_FLOAT
#define REDUCE_INT(ID, S, C, LD, ST)                                                                                 \
  REDUCE (add, ID, S, guint64, LD, ST, a + b)                                                                        \
  REDUCE (mul, ID, S, guint64, LD, ST, a *b)                                                                         \
  REDUCE (min, ID, S, C, LD, ST, a < b ? a : b)                                                                      \
  REDUCE (max, ID, S, C, LD, ST, a > b ? a : b)
#define REDUCE_UINT REDUCE_INT
#define REDUCE_BOOL(ID, S, C, LD, ST)                                                                                \
  REDUCE (add, ID, S, C, LD, ST, a | b)                                                                              \
  REDUCE (mul, ID, S, C, LD, ST, a & b)                                                                              \
  REDUCE (min, ID, S, C, LD, ST, a & b)                                                                              \
  REDUCE (max, ID, S, C, LD, ST, a | b)
#define REDUCE_COMPLEX(ID, S, C, LD, ST)
#define REDUCE_STRING(ID, S, C, LD, ST)

#define OX_DT(ID, NUM, SHORT, NAME, BITS, S, C, LD, ST, CLASS) REDUCE_##CLASS (ID, S, C, LD, ST)
#include "tensor/ox-dtypes.def"

#define ROW_FLOAT(ID) [OX_##ID] = { NULL, add_##ID, mul_##ID, min_##ID, max_##ID },
#define ROW_SMALL ROW_FLOAT
#define ROW_INT ROW_FLOAT
#define ROW_UINT ROW_FLOAT
#define ROW_BOOL ROW_FLOAT
#define ROW_COMPLEX(ID)
#define ROW_STRING(ID)

static const ReduceFunc reduces[OX_N_DTYPES][N_REDUCE] = {
#define OX_DT(ID, NUM, SHORT, NAME, BITS, S, C, LD, ST, CLASS) ROW_##CLASS (ID)
#include "tensor/ox-dtypes.def"
};

/* @func NULL: plain replacement. */
static gboolean
reduce_find (OxCall *call, OxDtype dtype, ReduceFunc *func, GError **error)
{
  const char *name = ((const ScatterAttrs *) call->attrs)->reduction;
  int n = call->op->since >= 18 ? N_REDUCE : REDUCE_MIN;

  *func = NULL;
  if (name == NULL)
    return TRUE;
  for (int i = 0; i < n; i++)
    if (g_str_equal (name, reduce_names[i]))
      {
        *func = reduces[dtype][i];
        if (i != REDUCE_NONE && *func == NULL)
          return ox_fail (error, OX_ERROR_DTYPE, "reduction %s is not defined for %s", name, ox_dtype_name (dtype));
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "reduction '%s' is not known to version %d", name, call->op->since);
}

static void
write_block (OxDtype dtype, ReduceFunc func, void *to, const void *from, gint64 n)
{
  if (func != NULL)
    func (to, from, n);
  else
    ox_move_block (dtype, to, from, n);
}

/* ---- ScatterElements ------------------------------------------------------------------------------------------ */

static gboolean
check_dtypes (OxCall *call, int i, int k, GError **error)
{
  OxDtype a = ox_fact_dtype (ox_call_fact (call, i)), b = ox_fact_dtype (ox_call_fact (call, k));

  if (a != OX_UNDEFINED && b != OX_UNDEFINED && a != b)
    return ox_fail (error, OX_ERROR_DTYPE, "the updates are %s, the data %s", ox_dtype_name (b), ox_dtype_name (a));
  return TRUE;
}

static gboolean
elements_infer (OxCall *call, GError **error)
{
  const ScatterAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0), *indices = ox_call_fact (call, 1), *updates = ox_call_fact (call, 2);
  int rank = ox_fact_rank (data), axis;

  if (!check_dtypes (call, 0, 2, error))
    return FALSE;
  ox_call_set_like (call, 0, 0);
  if (rank < 0 || ox_fact_rank (indices) < 0 || ox_fact_rank (updates) < 0)
    return TRUE;
  if (indices->rank != rank || updates->rank != rank)
    return ox_fail (error, OX_ERROR_SHAPE, "data, indices and updates must be of one rank, found %d, %d and %d", rank,
                    indices->rank, updates->rank);
  if (!ox_call_axis (call, at->axis, rank, &axis, error))
    return FALSE;
  for (int i = 0; i < rank; i++)
    {
      if (ox_dim_known (indices->dims[i]) && ox_dim_known (updates->dims[i]) && indices->dims[i] != updates->dims[i])
        return ox_fail (error, OX_ERROR_SHAPE,
                        "indices have %" G_GINT64_FORMAT " on axis %d, the updates %" G_GINT64_FORMAT, indices->dims[i],
                        i, updates->dims[i]);
      if (i != axis && ox_dim_known (data->dims[i]) && indices->dims[i] > data->dims[i])
        return ox_fail (error, OX_ERROR_SHAPE,
                        "indices have %" G_GINT64_FORMAT " on axis %d, the data only %" G_GINT64_FORMAT,
                        indices->dims[i], i, data->dims[i]);
    }
  return TRUE;
}

/* A fresh copy of input 0 as output 0. */
static OxTensor *
copy_data (OxCall *call, GError **error)
{
  OxTensor *out = ox_call_out (call, 0, error);

  if (out != NULL)
    ox_move_tensor (ox_call_in (call, 0), out->data, out->strides);
  return out;
}

static gboolean
elements_run (OxCall *call, GError **error)
{
  const ScatterAttrs *at = call->attrs;
  const OxTensor *updates = ox_call_in_dense (call, 2, error);
  const gint64 *indices = updates != NULL ? ox_call_indices (call, 1, error) : NULL;
  OxTensor *out = indices != NULL ? copy_data (call, error) : NULL;
  gint64 place[OX_MAX_RANK] = { 0 };
  ReduceFunc func;
  guint8 *row;
  gsize size;
  int axis;

  if (out == NULL || !reduce_find (call, out->dtype, &func, error)
      || !ox_call_axis (call, at->axis, out->rank, &axis, error))
    return FALSE;
  size = ox_dtype_size (out->dtype);
  row = out->data;
  for (gint64 i = 0; i < updates->count && !ox_pause (i); i++)
    {
      gint64 index = indices[i];

      if (!ox_index_wrap (&index, out->dims[axis], "index", error))
        return FALSE;
      write_block (out->dtype, func, row + index * out->strides[axis], updates->data + (gsize) i * size, 1);
      for (int k = out->rank - 1; k >= 0; k--)
        {
          gint64 step = k == axis ? 0 : out->strides[k];

          row += step;
          if (++place[k] < updates->dims[k])
            break;
          row -= step * updates->dims[k];
          place[k] = 0;
        }
    }
  return TRUE;
}

/* ---- ScatterND ------------------------------------------------------------------------------------------------ */

static gboolean
nd_infer (OxCall *call, GError **error)
{
  const OxFact *data = ox_call_fact (call, 0), *indices = ox_call_fact (call, 1), *updates = ox_call_fact (call, 2);
  int rank = ox_fact_rank (data), depth = ox_fact_rank (indices);
  OxDim tuple = ox_fact_dim (indices, depth - 1);

  if (!check_dtypes (call, 0, 2, error))
    return FALSE;
  if (rank == 0 || depth == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "data and indices must have at least one dimension");
  ox_call_set_like (call, 0, 0);
  if (rank < 0 || !ox_dim_known (tuple) || ox_fact_rank (updates) < 0)
    return TRUE;
  if (tuple < 1 || tuple > rank)
    return ox_fail (error, OX_ERROR_SHAPE, "index tuples have %" G_GINT64_FORMAT " parts, expected 1..%d", tuple, rank);
  if (updates->rank != depth - 1 + rank - tuple)
    return ox_fail (error, OX_ERROR_SHAPE, "updates have rank %d, expected %d", updates->rank,
                    (int) (depth - 1 + rank - tuple));
  for (int i = 0; i < updates->rank; i++)
    {
      OxDim expected = i < depth - 1 ? indices->dims[i] : data->dims[i - (depth - 1) + (int) tuple];

      if (ox_dim_known (expected) && ox_dim_known (updates->dims[i]) && expected != updates->dims[i])
        return ox_fail (error, OX_ERROR_SHAPE,
                        "updates have %" G_GINT64_FORMAT " on axis %d, expected %" G_GINT64_FORMAT, updates->dims[i], i,
                        expected);
    }
  return TRUE;
}

static gboolean
nd_run (OxCall *call, GError **error)
{
  const OxTensor *updates = ox_call_in_dense (call, 2, error), *picks = ox_call_in (call, 1);
  const gint64 *indices = updates != NULL ? ox_call_indices (call, 1, error) : NULL;
  OxTensor *out = indices != NULL ? copy_data (call, error) : NULL;
  ReduceFunc func;
  gint64 n, block = 1;
  gsize bytes;
  int tuple;

  if (out == NULL || !reduce_find (call, out->dtype, &func, error))
    return FALSE;
  tuple = (int) picks->dims[picks->rank - 1];
  n = picks->count / tuple;
  for (int i = tuple; i < out->rank; i++)
    block *= out->dims[i];
  bytes = (gsize) block * ox_dtype_size (out->dtype);
  for (gint64 i = 0; i < n && !(block > 64 ? ox_parallel_stopped () : ox_pause (i)); i++)
    {
      gint64 place = 0;

      for (int k = 0; k < tuple; k++)
        {
          gint64 index = indices[i * tuple + k];

          if (!ox_index_wrap (&index, out->dims[k], "index", error))
            return FALSE;
          place = place * out->dims[k] + index;
        }
      write_block (out->dtype, func, out->data + (gsize) place * bytes, updates->data + (gsize) i * bytes, block);
    }
  return TRUE;
}

/* ---- TensorScatter: rows of a key-value cache ----------------------------------------------------------------- */

static gboolean
cache_infer (OxCall *call, GError **error)
{
  const CacheAttrs *at = call->attrs;
  const OxFact *cache = ox_call_fact (call, 0), *update = ox_call_fact (call, 1), *starts = ox_call_fact (call, 2);
  int rank = ox_fact_rank (cache), axis;

  if (!g_str_equal (at->mode, "linear") && !g_str_equal (at->mode, "circular"))
    return ox_fail (error, OX_ERROR_VALUE, "mode '%s' is not linear or circular", at->mode);
  if (!check_dtypes (call, 0, 1, error))
    return FALSE;
  ox_call_set_like (call, 0, 0);
  if (rank < 0)
    return TRUE;
  if (!ox_call_axis (call, at->axis, rank, &axis, error))
    return FALSE;
  if (axis == 0)
    return ox_fail (error, OX_ERROR_VALUE, "axis 0 is the batch, not the sequence");
  if (ox_fact_rank (starts) >= 0
      && (starts->rank != 1
          || (ox_dim_known (starts->dims[0]) && ox_dim_known (cache->dims[0]) && starts->dims[0] != cache->dims[0])))
    return ox_fail (error, OX_ERROR_SHAPE, "write_indices must be one number for each batch");
  if (ox_fact_rank (update) < 0)
    return TRUE;
  if (update->rank != rank)
    return ox_fail (error, OX_ERROR_SHAPE, "the update has rank %d, the cache %d", update->rank, rank);
  for (int i = 0; i < rank; i++)
    {
      OxDim a = cache->dims[i], b = update->dims[i];

      if (ox_dim_known (a) && ox_dim_known (b) && (i == axis ? b > a : a != b))
        return ox_fail (error, OX_ERROR_SHAPE,
                        "the update has %" G_GINT64_FORMAT " on axis %d, the cache %" G_GINT64_FORMAT, b, i, a);
    }
  return TRUE;
}

static gboolean
cache_run (OxCall *call, GError **error)
{
  const CacheAttrs *at = call->attrs;
  OxTensor *update = (OxTensor *) ox_call_in (call, 1), *out = copy_data (call, error);
  const gint64 *starts = NULL;
  gint64 dims[OX_MAX_RANK], length, size;
  gboolean circular = g_str_equal (at->mode, "circular");
  int axis;

  if (out == NULL || !ox_call_axis (call, at->axis, out->rank, &axis, error))
    return FALSE;
  if (ox_call_in (call, 2) != NULL && (starts = ox_call_indices (call, 2, error)) == NULL)
    return FALSE;
  length = update->dims[axis];
  size = out->dims[axis];
  for (gint64 b = 0; b < out->dims[0] && !ox_turn (); b++)
    {
      gint64 start = starts != NULL ? starts[b] : 0, first;

      if (circular && size > 0)
        start %= size;
      if (start < 0 || start > size - (circular ? 0 : length))
        return ox_fail (error, OX_ERROR_VALUE,
                        "%" G_GINT64_FORMAT " rows from write index %" G_GINT64_FORMAT
                        " do not fit into %" G_GINT64_FORMAT,
                        length, start, size);
      memcpy (dims, update->dims, (gsize) out->rank * sizeof (gint64));
      dims[0] = 1;
      first = MIN (length, size - start);
      for (int part = 0; part < 2; part++)
        {
          gint64 from = part == 0 ? 0 : first, to = part == 0 ? start : 0;
          g_autoptr (OxTensor) view = NULL;

          dims[axis] = part == 0 ? first : length - first;
          if (dims[axis] <= 0 || update->count == 0)
            continue;
          view = ox_tensor_new_view (update, out->rank, dims, update->strides,
                                     update->data + b * update->strides[0] + from * update->strides[axis]);
          ox_move_tensor (view, out->data + b * out->strides[0] + to * out->strides[axis], out->strides);
        }
    }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec axis_attrs[] = { OX_INT (ScatterAttrs, axis, 0) };
static const OxAttrSpec elements_16[] = { OX_INT (ScatterAttrs, axis, 0), OX_STRING (ScatterAttrs, reduction, "none") };
static const OxAttrSpec nd_16[] = { OX_STRING (ScatterAttrs, reduction, "none") };
static const OxAttrSpec cache_attrs[] = { OX_INT (CacheAttrs, axis, -2), OX_STRING (CacheAttrs, mode, "linear") };

#define ROW(name, since, ...)                                                                                        \
  { name, since, { 3, 3 }, { 1, 1 }, __VA_ARGS__ }

static const OxOp scatter_rows[] = {
  ROW ("Scatter", 9, OX_ATTRS (axis_attrs, ScatterAttrs), .infer = elements_infer, .run = elements_run),
  ROW ("ScatterElements", 11, OX_ATTRS (axis_attrs, ScatterAttrs), .infer = elements_infer, .run = elements_run),
  ROW ("ScatterElements", 16, OX_ATTRS (elements_16, ScatterAttrs), .infer = elements_infer, .run = elements_run),
  ROW ("ScatterElements", 18, OX_ATTRS (elements_16, ScatterAttrs), .infer = elements_infer, .run = elements_run),
  ROW ("ScatterND", 11, .attrs_size = sizeof (ScatterAttrs), .infer = nd_infer, .run = nd_run),
  ROW ("ScatterND", 16, OX_ATTRS (nd_16, ScatterAttrs), .infer = nd_infer, .run = nd_run),
  ROW ("ScatterND", 18, OX_ATTRS (nd_16, ScatterAttrs), .infer = nd_infer, .run = nd_run),
  { "TensorScatter", 24, { 2, 3 }, { 1, 1 }, OX_ATTRS (cache_attrs, CacheAttrs), .infer = cache_infer,
    .run = cache_run },
};

OX_FAMILY (scatter, "ai.onnx", scatter_rows);
