/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

#include "kernel/ox-walk.h"

/* Operators that permute or select elements: SpaceToDepth, DepthToSpace, Trilu, ReverseSequence, Compress, NonZero. */

typedef struct { gint64 blocksize; const char *mode; } SpaceAttrs;
typedef struct { gint64 upper; } TriluAttrs;
typedef struct { gint64 batch_axis, time_axis; } ReverseAttrs;
typedef struct { OxOptInt axis; } CompressAttrs;

/* ---- SpaceToDepth, DepthToSpace ------------------------------------------------------------------------------- */

static gboolean
space_infer (OxCall *call, GError **error)
{
  const SpaceAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0);
  int rank = ox_fact_rank (data);
  gboolean to_depth = call->op->code;
  gint64 b = at->blocksize, square;
  OxDim dims[4];

  if (b < 1 || b > G_MAXINT32)
    return ox_fail (error, OX_ERROR_VALUE, "blocksize is %" G_GINT64_FORMAT ", expected at least 1", b);
  if (at->mode != NULL && !g_str_equal (at->mode, "DCR") && !g_str_equal (at->mode, "CRD"))
    return ox_fail (error, OX_ERROR_VALUE, "mode '%s' is not DCR or CRD", at->mode);
  if (rank < 0)
    return ox_call_set_rank (call, 0, ox_fact_dtype (data), 4, error);
  if (rank != 4)
    return ox_fail (error, OX_ERROR_SHAPE, "the input has rank %d, expected 4", rank);
  square = b * b;
  memcpy (dims, data->dims, sizeof dims);
  for (int i = 1; i < 4; i++)
    {
      gint64 part = to_depth ? (i > 1 ? b : 1) : (i == 1 ? square : 1);

      if (ox_dim_known (dims[i]) && dims[i] % part != 0)
        return ox_fail (error, OX_ERROR_SHAPE,
                        "axis %d has %" G_GINT64_FORMAT " elements, which is no multiple of %" G_GINT64_FORMAT, i,
                        dims[i], part);
    }
  dims[1] = to_depth ? ox_dim_mul (call->dims, dims[1], square) : ox_dim_div (call->dims, dims[1], square);
  for (int i = 2; i < 4; i++)
    dims[i] = to_depth ? ox_dim_div (call->dims, dims[i], b) : ox_dim_mul (call->dims, dims[i], b);
  ox_call_set (call, 0, data->dtype, 4, dims);
  return TRUE;
}

/* Axes are split by strides alone: input and output are two views of one 6-dimensional index space. */
static gboolean
space_run (OxCall *call, GError **error)
{
  const SpaceAttrs *at = call->attrs;
  const OxTensor *in = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);
  gboolean to_depth = call->op->code, crd = g_strcmp0 (at->mode, "CRD") == 0;
  const OxTensor *deep, *wide;
  gint64 b = at->blocksize, c, dims[6], deep_strides[6], wide_strides[6];

  if (out == NULL)
    return FALSE;
  if (out->count == 0)
    return TRUE;
  deep = to_depth ? out : in;
  wide = to_depth ? in : out;
  c = wide->dims[1];
  /* Index: batch, channel, row, row in the block, column, column in the block. */
  memcpy (dims, (gint64[]){ wide->dims[0], c, deep->dims[2], b, deep->dims[3], b }, sizeof dims);
  memcpy (wide_strides,
          (gint64[]){ wide->strides[0], wide->strides[1], wide->strides[2] * b, wide->strides[2], wide->strides[3] * b,
                      wide->strides[3] },
          sizeof dims);
  memcpy (deep_strides,
          (gint64[]){ deep->strides[0], deep->strides[1] * (crd ? b * b : 1), deep->strides[2],
                      deep->strides[1] * (crd ? b : b * c), deep->strides[3], deep->strides[1] * (crd ? 1 : c) },
          sizeof dims);
  ox_copy_strided (in->dtype, 6, dims, (char *) out->data, to_depth ? deep_strides : wide_strides,
                   (const char *) in->data, to_depth ? wide_strides : deep_strides);
  return TRUE;
}

/* ---- Trilu ---------------------------------------------------------------------------------------------------- */

static gboolean
trilu_infer (OxCall *call, GError **error)
{
  int rank = ox_fact_rank (ox_call_fact (call, 0));

  if (rank >= 0 && rank < 2)
    return ox_fail (error, OX_ERROR_SHAPE, "the input has rank %d, expected at least 2", rank);
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

static gboolean
trilu_run (OxCall *call, GError **error)
{
  const TriluAttrs *at = call->attrs;
  OxTensor *in = (OxTensor *) ox_call_in (call, 0);
  OxTensor *out = ox_tensor_new_zeros (in->dtype, in->rank, in->dims, error);
  gint64 k = 0, rows, cols, place[OX_MAX_RANK] = { 0 };
  gsize size = ox_dtype_size (in->dtype);
  const guint8 *row = in->data;

  if (out == NULL)
    return FALSE;
  ox_call_take (call, 0, out);
  if (ox_call_in (call, 1) != NULL && !ox_call_number (call, 1, "k", &k, error))
    return FALSE;
  if (out->count == 0)
    return TRUE;
  rows = in->dims[in->rank - 2];
  cols = in->dims[in->rank - 1];
  k = CLAMP (k, -rows, cols);
  for (gint64 i = 0; i < out->count / cols && !ox_turn (); i++)
    {
      gint64 edge = i % rows + k;
      gint64 first = at->upper ? CLAMP (edge, 0, cols) : 0, last = at->upper ? cols : CLAMP (edge + 1, 0, cols);

      if (last > first)
        ox_copy_strided (in->dtype, 1, (gint64[]){ last - first },
                         (char *) out->data + (gsize) (i * cols + first) * size, &out->strides[in->rank - 1],
                         (const char *) row + first * in->strides[in->rank - 1], &in->strides[in->rank - 1]);
      for (int axis = in->rank - 2; axis >= 0; axis--)
        {
          row += in->strides[axis];
          if (++place[axis] < in->dims[axis])
            break;
          row -= in->strides[axis] * in->dims[axis];
          place[axis] = 0;
        }
    }
  return TRUE;
}

/* ---- ReverseSequence ------------------------------------------------------------------------------------------ */

static gboolean
reverse_infer (OxCall *call, GError **error)
{
  const ReverseAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0), *lengths = ox_call_fact (call, 1);
  int rank = ox_fact_rank (data);

  if (at->batch_axis < 0 || at->batch_axis > 1 || at->time_axis < 0 || at->time_axis > 1
      || at->batch_axis == at->time_axis)
    return ox_fail (error, OX_ERROR_VALUE,
                    "batch_axis %" G_GINT64_FORMAT " and time_axis %" G_GINT64_FORMAT " must be 0 and 1 or 1 and 0",
                    at->batch_axis, at->time_axis);
  if (rank >= 0 && rank < 2)
    return ox_fail (error, OX_ERROR_SHAPE, "the input has rank %d, expected at least 2", rank);
  if (ox_fact_rank (lengths) >= 0
      && (lengths->rank != 1
          || (rank >= 0 && ox_dim_known (lengths->dims[0]) && ox_dim_known (data->dims[at->batch_axis])
              && lengths->dims[0] != data->dims[at->batch_axis])))
    return ox_fail (error, OX_ERROR_SHAPE, "sequence_lens must be one number for each batch");
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

static gboolean
reverse_run (OxCall *call, GError **error)
{
  const ReverseAttrs *at = call->attrs;
  const OxTensor *in = ox_call_in (call, 0);
  const gint64 *lengths = ox_call_indices (call, 1, error);
  OxTensor *out = lengths != NULL ? ox_call_out (call, 0, error) : NULL;
  int batch = (int) at->batch_axis, time = (int) at->time_axis;
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK], size;

  if (out == NULL)
    return FALSE;
  size = in->dims[time];
  memcpy (dims, in->dims, (gsize) in->rank * sizeof (gint64));
  memcpy (strides, in->strides, (gsize) in->rank * sizeof (gint64));
  dims[batch] = 1;
  for (gint64 b = 0; b < in->dims[batch] && !ox_pause (b); b++)
    {
      gint64 n = lengths[b];
      char *to = (char *) out->data + b * out->strides[batch];
      const char *from = (const char *) in->data + b * in->strides[batch];

      if (n < 0 || n > size)
        return ox_fail (error, OX_ERROR_VALUE,
                        "sequence length %" G_GINT64_FORMAT " is outside of 0..%" G_GINT64_FORMAT, n, size);
      if (out->count == 0)
        continue;
      dims[time] = n;
      strides[time] = -in->strides[time];
      if (n > 0)
        ox_copy_strided (in->dtype, in->rank, dims, to, out->strides, from + (n - 1) * in->strides[time], strides);
      dims[time] = size - n;
      if (size > n)
        ox_copy_strided (in->dtype, in->rank, dims, to + n * out->strides[time], out->strides,
                         from + n * in->strides[time], in->strides);
    }
  return TRUE;
}

/* ---- Compress ------------------------------------------------------------------------------------------------- */

static gboolean
compress_infer (OxCall *call, GError **error)
{
  const CompressAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0), *condition = ox_call_fact (call, 1);
  int rank = ox_fact_rank (data), axis;
  OxDim dims[OX_MAX_RANK];

  if (ox_fact_rank (condition) >= 0 && condition->rank != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "the condition has rank %d, expected 1", condition->rank);
  if (ox_fact_dtype (condition) != OX_UNDEFINED && condition->dtype != OX_BOOL)
    return ox_fail (error, OX_ERROR_DTYPE, "the condition is %s, expected bool", ox_dtype_name (condition->dtype));
  if (!at->axis.set)
    return ox_call_set_rank (call, 0, ox_fact_dtype (data), 1, error);
  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (data));
      return TRUE;
    }
  if (!ox_call_axis (call, at->axis.v, rank, &axis, error))
    return FALSE;
  memcpy (dims, data->dims, (gsize) rank * sizeof (OxDim));
  dims[axis] = OX_DIM_UNKNOWN;
  ox_call_set (call, 0, data->dtype, rank, dims);
  return TRUE;
}

static gboolean
compress_run (OxCall *call, GError **error)
{
  const CompressAttrs *at = call->attrs;
  const OxTensor *in = ox_call_in_dense (call, 0, error);
  const OxTensor *condition = in != NULL ? ox_call_in_dense (call, 1, error) : NULL;
  gint64 dims[OX_MAX_RANK], outer = 1, inner = 1, size, kept = 0, to = 0;
  int rank = 1, axis = 0;
  OxTensor *out;
  gsize bytes;

  if (condition == NULL)
    return FALSE;
  size = dims[0] = in->count;
  if (at->axis.set)
    {
      if (!ox_call_axis (call, at->axis.v, in->rank, &axis, error))
        return FALSE;
      rank = in->rank;
      memcpy (dims, in->dims, (gsize) rank * sizeof (gint64));
      size = dims[axis];
      for (int i = 0; i < axis; i++)
        outer *= dims[i];
      for (int i = axis + 1; i < rank; i++)
        inner *= dims[i];
    }
  for (gint64 i = 0; i < condition->count && !ox_pause (i); i++)
    if (condition->data[i])
      {
        if (i >= size)
          return ox_fail (error, OX_ERROR_VALUE,
                          "the condition takes element %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, i, size);
        kept++;
      }
  /* What was counted is trusted from here on. */
  if (ox_call_cancelled (call, error))
    return FALSE;
  dims[axis] = kept;
  out = ox_call_alloc (call, 0, in->dtype, rank, dims, error);
  if (out == NULL)
    return FALSE;
  if (out->count == 0)
    return TRUE;
  bytes = (gsize) inner * ox_dtype_size (in->dtype);
  for (gint64 o = 0; o < outer && !ox_turn (); o++)
    for (gint64 i = 0; i < MIN (condition->count, size) && !(inner >= 256 ? ox_parallel_stopped () : ox_pause (i)); i++)
      if (condition->data[i])
        ox_move_block (in->dtype, out->data + (gsize) to++ * bytes, in->data + (gsize) (o * size + i) * bytes, inner);
  return TRUE;
}

/* ---- NonZero -------------------------------------------------------------------------------------------------- */

static gboolean
nonzero_infer (OxCall *call, GError **error)
{
  int rank = ox_fact_rank (ox_call_fact (call, 0));

  ox_call_set (call, 0, OX_I64, 2, (OxDim[]){ rank >= 0 ? rank : OX_DIM_UNKNOWN, OX_DIM_UNKNOWN });
  return TRUE;
}

static gboolean
is_zero (OxDtype dtype, const void *element)
{
  switch (ox_dtype_class (dtype))
    {
    case OX_CLASS_STRING:
      return *(char *const *) element == NULL || **(char *const *) element == '\0';
    case OX_CLASS_COMPLEX:
      return dtype == OX_C64 ? ((const OxComplex64 *) element)->re == 0 && ((const OxComplex64 *) element)->im == 0
                             : ((const OxComplex128 *) element)->re == 0 && ((const OxComplex128 *) element)->im == 0;
    case OX_CLASS_FLOAT:
    case OX_CLASS_SMALL:
      return ox_element_get (dtype, element) == 0;
    default:
      return ox_element_get_int (dtype, element) == 0;
    }
}

static gboolean
nonzero_run (OxCall *call, GError **error)
{
  const OxTensor *in = ox_call_in_dense (call, 0, error);
  gsize size;
  gint64 n = 0, at = 0, *to;
  OxTensor *out;

  if (in == NULL)
    return FALSE;
  size = ox_dtype_size (in->dtype);
  for (gint64 i = 0; i < in->count && !ox_pause (i); i++)
    n += !is_zero (in->dtype, in->data + (gsize) i * size);
  if (ox_call_cancelled (call, error))
    return FALSE;
  out = ox_call_alloc (call, 0, OX_I64, 2, (gint64[]){ in->rank, n }, error);
  if (out == NULL)
    return FALSE;
  to = (gint64 *) out->data;
  for (gint64 i = 0; i < in->count && !ox_pause (i); i++)
    if (!is_zero (in->dtype, in->data + (gsize) i * size))
      {
        gint64 rest = i;

        for (int axis = in->rank - 1; axis >= 0; axis--)
          {
            to[axis * n + at] = rest % in->dims[axis];
            rest /= in->dims[axis];
          }
        at++;
      }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec space_1[] = { OX_NEED (SpaceAttrs, blocksize, INT) };
static const OxAttrSpec depth_11[] = { OX_NEED (SpaceAttrs, blocksize, INT), OX_STRING (SpaceAttrs, mode, "DCR") };
static const OxAttrSpec trilu_attrs[] = { OX_INT (TriluAttrs, upper, 1) };
static const OxAttrSpec reverse_attrs[] = { OX_INT (ReverseAttrs, batch_axis, 1), OX_INT (ReverseAttrs, time_axis, 0) };
static const OxAttrSpec compress_attrs[] = { OX_ATTR (CompressAttrs, axis, OPT_INT) };

/* .code of the first two: whether space becomes depth. */
static const OxOp rearrange_rows[] = {
  { "SpaceToDepth", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (space_1, SpaceAttrs), .infer = space_infer, .run = space_run,
    .code = TRUE },
  { "DepthToSpace", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (space_1, SpaceAttrs), .infer = space_infer, .run = space_run },
  { "DepthToSpace", 11, { 1, 1 }, { 1, 1 }, OX_ATTRS (depth_11, SpaceAttrs), .infer = space_infer, .run = space_run },
  { "Trilu", 14, { 1, 2 }, { 1, 1 }, OX_ATTRS (trilu_attrs, TriluAttrs), .infer = trilu_infer, .run = trilu_run },
  { "ReverseSequence", 10, { 2, 2 }, { 1, 1 }, OX_ATTRS (reverse_attrs, ReverseAttrs), .infer = reverse_infer,
    .run = reverse_run },
  { "Compress", 9, { 2, 2 }, { 1, 1 }, OX_ATTRS (compress_attrs, CompressAttrs), .infer = compress_infer,
    .run = compress_run },
  { "NonZero", 9, { 1, 1 }, { 1, 1 }, .infer = nonzero_infer, .run = nonzero_run },
};

OX_FAMILY (rearrange, "ai.onnx", rearrange_rows);
