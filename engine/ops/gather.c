/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include "kernel/ox-walk.h"

/* Operators that read at indices: Gather, GatherElements, GatherND, OneHot. */

typedef struct { gint64 axis, batch_dims; } GatherAttrs;

/* This many bytes are worth a thread. */
#define GRAIN 65536

/* Blocks of contiguous elements: block @i of the result is block source[i] of the data. */
typedef struct
{
  OxDtype dtype;
  guint8 *to;
  const guint8 *from;
  const gint64 *source;
  gint64 block;   /* elements */
} Blocks;

static void
blocks_copy (gint64 begin, gint64 end, gpointer user)
{
  const Blocks *b = user;
  gsize size = ox_dtype_size (b->dtype);
  gsize bytes = (gsize) b->block * size;

  if (b->block == 1 && size == 4)
    for (gint64 i = begin; i < end; i++)
      ((guint32 *) b->to)[i] = ((const guint32 *) b->from)[b->source[i]];
  else
    for (gint64 i = begin; i < end && !ox_pause (i); i++)
      ox_move_block (b->dtype, b->to + (gsize) i * bytes, b->from + (gsize) b->source[i] * bytes, b->block);
}

static void
blocks_run (Blocks *b, gint64 n)
{
  gint64 bytes = b->block * (gint64) ox_dtype_size (b->dtype);

  if (b->block > 0)
    ox_parallel_for (n, MAX (GRAIN / bytes, 1), blocks_copy, b);
}

static gint64
product (const gint64 *dims, int n)
{
  gint64 count = 1;

  for (int i = 0; i < n; i++)
    count *= dims[i];
  return count;
}

/* ---- Gather --------------------------------------------------------------------------------------------------- */

static gboolean
gather_infer (OxCall *call, GError **error)
{
  const GatherAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0), *indices = ox_call_fact (call, 1);
  int rank = ox_fact_rank (data), depth = ox_fact_rank (indices), axis, n = 0, n_values, n_picks;
  OxDim dims[2 * OX_MAX_RANK], picked[4 * OX_MAX_RANK];
  const OxDim *values;
  const gint64 *picks;

  if (rank < 0 || depth < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (data));
      return TRUE;
    }
  if (!ox_call_axis (call, at->axis, rank, &axis, error))
    return FALSE;
  for (int i = 0; i < axis; i++)
    dims[n++] = data->dims[i];
  for (int i = 0; i < depth; i++)
    dims[n++] = indices->dims[i];
  for (int i = axis + 1; i < rank; i++)
    dims[n++] = data->dims[i];
  if (!ox_call_set_checked (call, 0, data->dtype, n, dims, error))
    return FALSE;
  if (call->running || rank != 1 || !ox_dtype_is_integer (data->dtype) || !ox_call_ints (call, 0, &values, &n_values)
      || !ox_call_numbers (call, 1, &picks, &n_picks) || n_picks > (int) G_N_ELEMENTS (picked))
    return TRUE;
  for (int i = 0; i < n_picks; i++)
    {
      gint64 pick = picks[i];

      if (!ox_index_wrap (&pick, n_values, "index", error))
        return FALSE;
      picked[i] = values[pick];
    }
  ox_call_set_ints (call, 0, picked, n_picks);
  return TRUE;
}

static gboolean
gather_run (OxCall *call, GError **error)
{
  const GatherAttrs *at = call->attrs;
  OxTensor *in = (OxTensor *) ox_call_in (call, 0), *out;
  const gint64 *indices = ox_call_indices (call, 1, error);
  const OxTensor *picks = ox_call_in (call, 1), *dense;
  gint64 outer, *source, size;
  Blocks blocks;
  int axis;

  if (indices == NULL || !ox_call_axis (call, at->axis, in->rank, &axis, error))
    return FALSE;
  size = in->dims[axis];
  /* One index: the place it names, not copied. */
  if (picks->count == 1)
    {
      const OxFact *fact = ox_call_out_fact (call, 0);
      gint64 strides[OX_MAX_RANK], index = indices[0];
      int n = 0;

      if (!ox_index_wrap (&index, size, "index", error))
        return FALSE;
      for (int i = 0; i < axis; i++)
        strides[n++] = in->strides[i];
      for (int i = 0; i < picks->rank; i++)
        strides[n++] = (gint64) ox_dtype_size (in->dtype);
      for (int i = axis + 1; i < in->rank; i++)
        strides[n++] = in->strides[i];
      ox_call_take (call, 0,
                    ox_tensor_new_view (in, fact->rank, fact->dims, strides,
                                        in->data + (in->count > 0 ? index * in->strides[axis] : 0)));
      return TRUE;
    }
  out = ox_call_out (call, 0, error);
  dense = out != NULL ? ox_call_in_dense (call, 0, error) : NULL;
  if (dense == NULL)
    return FALSE;
  outer = product (in->dims, axis);
  blocks = (Blocks){ in->dtype, out->data, dense->data, NULL, product (in->dims + axis + 1, in->rank - axis - 1) };
  source = ox_call_scratch_n (call, out->count > 0 ? outer * picks->count : picks->count, sizeof (gint64), error);
  if (source == NULL)
    return FALSE;
  for (gint64 i = 0; i < picks->count && !ox_pause (i); i++)
    {
      source[i] = indices[i];
      if (!ox_index_wrap (&source[i], size, "index", error))
        return FALSE;
    }
  if (ox_call_cancelled (call, error))
    return FALSE;
  if (out->count == 0)
    return TRUE;
  for (gint64 o = 1; o < outer && !(picks->count > 64 ? ox_parallel_stopped () : ox_pause (o)); o++)
    for (gint64 i = 0; i < picks->count && !ox_pause (i); i++)
      source[o * picks->count + i] = o * size + source[i];
  blocks.source = source;
  blocks_run (&blocks, outer * picks->count);
  return TRUE;
}

/* ---- GatherElements ------------------------------------------------------------------------------------------- */

static gboolean
elements_infer (OxCall *call, GError **error)
{
  const GatherAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0), *indices = ox_call_fact (call, 1);
  int rank = ox_fact_rank (data), depth = ox_fact_rank (indices), axis;

  if (rank >= 0 && depth >= 0)
    {
      if (rank != depth)
        return ox_fail (error, OX_ERROR_SHAPE, "indices have rank %d, the data %d", depth, rank);
      if (!ox_call_axis (call, at->axis, rank, &axis, error))
        return FALSE;
      for (int i = 0; i < rank; i++)
        if (i != axis && ox_dim_known (data->dims[i]) && indices->dims[i] > data->dims[i])
          return ox_fail (error, OX_ERROR_SHAPE,
                          "indices have %" G_GINT64_FORMAT " on axis %d, the data only %" G_GINT64_FORMAT,
                          indices->dims[i], i, data->dims[i]);
    }
  ox_call_set (call, 0, ox_fact_dtype (data), depth, depth >= 0 ? indices->dims : NULL);
  return TRUE;
}

static gboolean
elements_run (OxCall *call, GError **error)
{
  const GatherAttrs *at = call->attrs;
  const OxTensor *in = ox_call_in (call, 0);
  const gint64 *indices = ox_call_indices (call, 1, error);
  OxTensor *out = indices != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 place[OX_MAX_RANK] = { 0 };
  const guint8 *row;
  gsize size = ox_dtype_size (in->dtype);
  int axis;

  if (out == NULL || !ox_call_axis (call, at->axis, in->rank, &axis, error))
    return FALSE;
  row = in->data;
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      gint64 index = indices[i];

      if (!ox_index_wrap (&index, in->dims[axis], "index", error))
        return FALSE;
      ox_move_block (in->dtype, out->data + (gsize) i * size, row + index * in->strides[axis], 1);
      /* row follows all axes but the one that is indexed. */
      for (int k = out->rank - 1; k >= 0; k--)
        {
          gint64 step = k == axis ? 0 : in->strides[k];

          row += step;
          if (++place[k] < out->dims[k])
            break;
          row -= step * out->dims[k];
          place[k] = 0;
        }
    }
  return TRUE;
}

/* ---- GatherND ------------------------------------------------------------------------------------------------- */

static gboolean
nd_infer (OxCall *call, GError **error)
{
  const GatherAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0), *indices = ox_call_fact (call, 1);
  int rank = ox_fact_rank (data), depth = ox_fact_rank (indices), n = 0;
  OxDim dims[2 * OX_MAX_RANK], tuple = ox_fact_dim (indices, depth - 1);
  gint64 batch = at->batch_dims;

  if (depth == 0 || rank == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "data and indices must have at least one dimension");
  if (rank > 0 && depth > 0 && (batch < 0 || batch >= MIN (rank, depth)))
    return ox_fail (error, OX_ERROR_VALUE, "batch_dims %" G_GINT64_FORMAT " is outside of 0..%d", batch,
                    MIN (rank, depth) - 1);
  if (rank < 0 || depth < 0 || !ox_dim_known (tuple))
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (data));
      return TRUE;
    }
  if (tuple < 1 || tuple > rank - batch)
    return ox_fail (error, OX_ERROR_SHAPE,
                    "index tuples have %" G_GINT64_FORMAT " parts, expected 1..%" G_GINT64_FORMAT, tuple, rank - batch);
  for (int i = 0; i < batch; i++)
    if (ox_dim_known (data->dims[i]) && ox_dim_known (indices->dims[i]) && data->dims[i] != indices->dims[i])
      return ox_fail (error, OX_ERROR_SHAPE,
                      "batch axis %d has %" G_GINT64_FORMAT " in the data, %" G_GINT64_FORMAT " in the indices", i,
                      data->dims[i], indices->dims[i]);
  for (int i = 0; i < depth - 1; i++)
    dims[n++] = indices->dims[i];
  for (int i = (int) (batch + tuple); i < rank; i++)
    dims[n++] = data->dims[i];
  return ox_call_set_checked (call, 0, data->dtype, n, dims, error);
}

static gboolean
nd_run (OxCall *call, GError **error)
{
  const GatherAttrs *at = call->attrs;
  const OxTensor *in = ox_call_in_dense (call, 0, error), *picks = ox_call_in (call, 1);
  const gint64 *indices = in != NULL ? ox_call_indices (call, 1, error) : NULL;
  OxTensor *out = indices != NULL ? ox_call_out (call, 0, error) : NULL;
  int batch = (int) at->batch_dims, tuple;
  gint64 n, batches, per, *source;
  Blocks blocks;

  if (out == NULL)
    return FALSE;
  tuple = (int) picks->dims[picks->rank - 1];
  n = picks->count / tuple;
  batches = product (in->dims, batch);
  per = batches > 0 ? n / batches : 0;
  source = ox_call_scratch_n (call, n, sizeof (gint64), error);
  if (source == NULL)
    return FALSE;
  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    {
      gint64 place = i / MAX (per, 1);

      for (int k = 0; k < tuple; k++)
        {
          gint64 index = indices[i * tuple + k], size = in->dims[batch + k];

          if (!ox_index_wrap (&index, size, "index", error))
            return FALSE;
          place = place * size + index;
        }
      source[i] = place;
    }
  if (out->count == 0)
    return TRUE;
  blocks = (Blocks){ in->dtype, out->data, in->data, source,
                     product (in->dims + batch + tuple, in->rank - batch - tuple) };
  blocks_run (&blocks, n);
  return TRUE;
}

/* ---- OneHot --------------------------------------------------------------------------------------------------- */

static gboolean
one_hot_depth (OxCall *call, gint64 *depth, GError **error)
{
  const OxTensor *tensor = ox_call_in (call, 1);
  double value;

  if (tensor->count != 1 || tensor->dtype == OX_STR)
    return ox_fail (error, OX_ERROR_SHAPE, "depth must be one number, found %" G_GINT64_FORMAT, tensor->count);
  value = ox_tensor_get (tensor, 0);
  if (!(value >= 0 && value <= 1e15))
    return ox_fail (error, OX_ERROR_VALUE, "depth %g is not a size", value);
  *depth = (gint64) value;
  return TRUE;
}

static gboolean
one_hot_infer (OxCall *call, GError **error)
{
  const GatherAttrs *at = call->attrs;
  const OxFact *indices = ox_call_fact (call, 0), *values = ox_call_fact (call, 2);
  int rank = ox_fact_rank (indices), axis;
  OxDim dims[OX_MAX_RANK + 1], depth = OX_DIM_UNKNOWN;
  const OxDim *ints;
  int n;
  gint64 number;

  if (ox_fact_rank (values) >= 0 && (values->rank != 1 || (ox_dim_known (values->dims[0]) && values->dims[0] != 2)))
    return ox_fail (error, OX_ERROR_SHAPE, "values must be two elements: off and on");
  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (values));
      return TRUE;
    }
  if (!ox_call_axis (call, at->axis, rank + 1, &axis, error))
    return FALSE;
  if (call->running)
    {
      if (!one_hot_depth (call, &number, error))
        return FALSE;
      depth = number;
    }
  else if (ox_call_ints (call, 1, &ints, &n) && n == 1)
    depth = ints[0];
  for (int i = 0, k = 0; i <= rank; i++)
    dims[i] = i == axis ? depth : indices->dims[k++];
  return ox_call_set_checked (call, 0, ox_fact_dtype (values), rank + 1, dims, error);
}

static gboolean
one_hot_run (OxCall *call, GError **error)
{
  const GatherAttrs *at = call->attrs;
  const OxTensor *in = ox_call_in (call, 0), *values = ox_call_in_dense (call, 2, error);
  OxTensor *out = values != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 depth, inner, outer;
  gsize size;
  int axis;

  if (out == NULL || !ox_call_axis (call, at->axis, out->rank, &axis, error)
      || !one_hot_depth (call, &depth, error))
    return FALSE;
  if (out->count == 0)
    return TRUE;
  if (in->dtype == OX_STR)
    return ox_fail (error, OX_ERROR_DTYPE, "indices must be numbers, found strings");
  size = ox_dtype_size (out->dtype);
  {
    gint64 nowhere[OX_MAX_RANK] = { 0 };

    ox_copy_strided (out->dtype, out->rank, out->dims, (char *) out->data, out->strides, (const char *) values->data, nowhere);
  }
  inner = product (out->dims + axis + 1, out->rank - axis - 1);
  outer = product (out->dims, axis);
  for (gint64 o = 0; o < outer && !ox_pause (o); o++)
    for (gint64 i = 0; i < inner && !ox_pause (i); i++)
      {
        double number = ox_tensor_get (in, o * inner + i);
        gint64 index = number >= (double) -depth && number < (double) depth ? (gint64) number : depth;

        /* An index out of range is no error here: the row stays off. */
        if (index < 0)
          index += depth;
        if (index < depth)
          ox_move_block (out->dtype, out->data + (gsize) ((o * depth + index) * inner + i) * size, values->data + size,
                         1);
      }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec axis_0[] = { OX_INT (GatherAttrs, axis, 0) };
static const OxAttrSpec axis_last[] = { OX_INT (GatherAttrs, axis, -1) };
static const OxAttrSpec nd_12[] = { OX_INT (GatherAttrs, batch_dims, 0) };

static const OxOp gather_rows[] = {
  { "Gather", 1, { 2, 2 }, { 1, 1 }, OX_ATTRS (axis_0, GatherAttrs), .infer = gather_infer, .run = gather_run },
  { "GatherElements", 11, { 2, 2 }, { 1, 1 }, OX_ATTRS (axis_0, GatherAttrs), .infer = elements_infer,
    .run = elements_run },
  { "GatherND", 11, { 2, 2 }, { 1, 1 }, .attrs_size = sizeof (GatherAttrs), .infer = nd_infer, .run = nd_run },
  { "GatherND", 12, { 2, 2 }, { 1, 1 }, OX_ATTRS (nd_12, GatherAttrs), .infer = nd_infer, .run = nd_run },
  { "OneHot", 9, { 3, 3 }, { 1, 1 }, OX_ATTRS (axis_last, GatherAttrs), .infer = one_hot_infer, .run = one_hot_run },
};

OX_FAMILY (gather, "ai.onnx", gather_rows);
