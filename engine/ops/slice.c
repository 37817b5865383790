/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

/* Operators that take a part of a tensor by ranges: Slice, Split, CenterCropPad. Slices are views. */

typedef struct { OxInts starts, ends, axes; } SliceAttrs;
typedef struct { gint64 axis; OxInts split; OxOptInt num_outputs; } SplitAttrs;
typedef struct { OxInts axes; } CropAttrs;

/* ---- Slice ---------------------------------------------------------------------------------------------------- */

/* The range of one axis on numbers. */
static gint64
slice_range (gint64 size, gint64 *start, gint64 end, gint64 *step)
{
  if (*start < 0)
    *start += size;
  if (end < 0)
    end += size;
  if (*step == G_MININT64)
    *step = -G_MAXINT64;
  if (*step > 0)
    {
      *start = CLAMP (*start, 0, size);
      end = CLAMP (end, 0, size);
      return end > *start ? (end - *start - 1) / *step + 1 : 0;
    }
  /* Other than in numpy a start before the first element is the first one. */
  if (size == 0)
    return 0;
  *start = CLAMP (*start, 0, size - 1);
  end = CLAMP (end, -1, size - 1);
  return *start > end ? (*start - end - 1) / -*step + 1 : 0;
}

/* The length of a range when the dimension or its ends are expressions. */
static OxDim
slice_length (OxDims *dims, OxDim size, OxDim start, OxDim end, OxDim step_dim)
{
  gint64 s = 0, e = 0, step = 0;
  gboolean start_number = ox_dim_is_const (dims, start, &s), end_number = ox_dim_is_const (dims, end, &e);
  gboolean step_number = ox_dim_is_const (dims, step_dim, &step);
  OxDim length;

  if (ox_dim_known (size) && start_number && end_number && step_number)
    return step != 0 ? slice_range (size, &s, e, &step) : OX_DIM_UNKNOWN;
  if (size == OX_DIM_UNKNOWN || start == OX_DIM_UNKNOWN || end == OX_DIM_UNKNOWN || !step_number || step == 0)
    return OX_DIM_UNKNOWN;
  if (step < 0)
    {
      if (start_number && end_number && (s == -1 || s >= G_MAXINT32) && e <= G_MININT32)
        return step == -1 ? size : ox_dim_ceil_div (dims, size, ox_dim_const (dims, -MAX (step, -G_MAXINT64)));
      return OX_DIM_UNKNOWN;
    }
  /* A symbolic end is taken to be one that counts from the front. */
  if (end_number && e >= G_MAXINT32)
    end = size;
  else if (end_number && e < 0)
    end = ox_dim_max (dims, ox_dim_add (dims, size, end), 0);
  else if (end != size)
    end = ox_dim_min (dims, end, size);
  if (start_number && s < 0)
    {
      if (end == size)
        length = ox_dim_min (dims, ox_dim_const (dims, -MAX (s, -G_MAXINT64)), size);
      else
        length = ox_dim_max (dims, ox_dim_sub (dims, end, ox_dim_max (dims, ox_dim_add (dims, size, start), 0)), 0);
    }
  else if (start == 0)
    length = end;
  else
    length = ox_dim_max (dims, ox_dim_sub (dims, end, start), 0);
  return step == 1 ? length : ox_dim_ceil_div (dims, length, step);
}

/* Starts, ends and steps by axis, as expressions; -1 of n_axes says they are not known. */
typedef struct
{
  int n;
  int axes[OX_MAX_RANK];
  OxDim start[OX_MAX_RANK], end[OX_MAX_RANK], step[OX_MAX_RANK];
} Ranges;

static gboolean
slice_lengths (int starts, int other, const char *what, GError **error)
{
  if (starts != other)
    return ox_fail (error, OX_ERROR_SHAPE, "%d starts are given but %d %s", starts, other, what);
  return TRUE;
}

static gboolean
slice_read (OxCall *call, int rank, Ranges *ranges, gboolean *known, GError **error)
{
  const SliceAttrs *at = call->attrs;
  const OxDim *starts, *ends, *steps = NULL;
  const gint64 *axes = NULL;
  gint64 natural[OX_MAX_RANK];
  int n, n_ends, n_axes, n_steps;
  OxGiven given;

  *known = FALSE;
  if (call->op->n_attrs > 0)
    {
      n = at->starts.n;
      if (!slice_lengths (n, at->ends.n, "ends", error))
        return FALSE;
      given = ox_call_list (call, -1, &at->axes, &axes, &n_axes);
      starts = ends = NULL;
    }
  else
    {
      if (!ox_call_ints (call, 1, &starts, &n) || !ox_call_ints (call, 2, &ends, &n_ends))
        return TRUE;
      if (!slice_lengths (n, n_ends, "ends", error))
        return FALSE;
      given = ox_call_list (call, 3, NULL, &axes, &n_axes);
      if (ox_call_fact (call, 4) != NULL)
        {
          if (!ox_call_ints (call, 4, &steps, &n_steps))
            return TRUE;
          if (!slice_lengths (n, n_steps, "steps", error))
            return FALSE;
        }
    }
  if (given == OX_GIVEN_LATER)
    return TRUE;
  if (given == OX_GIVEN_YES && !slice_lengths (n, n_axes, "axes", error))
    return FALSE;
  if (n > rank)
    return ox_fail (error, OX_ERROR_SHAPE, "%d axes are sliced, the input has rank %d", n, rank);
  for (int i = 0; i < n; i++)
    natural[i] = i;
  if (!ox_call_axes (call, given == OX_GIVEN_YES ? axes : natural, n, rank, ranges->axes, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    {
      gint64 step;

      ranges->start[i] = starts != NULL ? starts[i] : ox_dim_const (call->dims, at->starts.v[i]);
      ranges->end[i] = ends != NULL ? ends[i] : ox_dim_const (call->dims, at->ends.v[i]);
      ranges->step[i] = steps != NULL ? steps[i] : 1;
      if (ox_dim_is_const (call->dims, ranges->step[i], &step) && step == 0)
        return ox_fail (error, OX_ERROR_VALUE, "the step of axis %d is 0", ranges->axes[i]);
    }
  ranges->n = n;
  *known = TRUE;
  return TRUE;
}

/* A slice of a shape is still known element by element. */
static void
slice_ints (OxCall *call, const Ranges *ranges)
{
  const OxDim *values;
  OxDim part[OX_MAX_RANK * 2];
  gint64 start, end, step, length;
  int n;

  if (call->running || ox_fact_rank (ox_call_fact (call, 0)) != 1 || ranges->n != 1
      || !ox_call_ints (call, 0, &values, &n) || !ox_dim_is_const (call->dims, ranges->start[0], &start)
      || !ox_dim_is_const (call->dims, ranges->end[0], &end) || !ox_dim_is_const (call->dims, ranges->step[0], &step))
    return;
  length = slice_range (n, &start, end, &step);
  if (length > (gint64) G_N_ELEMENTS (part))
    return;
  for (gint64 i = 0; i < length; i++)
    part[i] = values[start + i * step];
  ox_call_set_ints (call, 0, part, (int) length);
}

static gboolean
slice_infer (OxCall *call, GError **error)
{
  const OxFact *data = ox_call_fact (call, 0);
  int rank = ox_fact_rank (data);
  OxDim dims[OX_MAX_RANK];
  Ranges ranges;
  gboolean known;

  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (data));
      return TRUE;
    }
  if (!slice_read (call, rank, &ranges, &known, error))
    return FALSE;
  if (!known)
    return ox_call_set_rank (call, 0, data->dtype, rank, error);
  if (rank > 0)
    memcpy (dims, data->dims, (gsize) rank * sizeof (OxDim));
  for (int i = 0; i < ranges.n; i++)
    dims[ranges.axes[i]]
      = slice_length (call->dims, dims[ranges.axes[i]], ranges.start[i], ranges.end[i], ranges.step[i]);
  ox_call_set (call, 0, data->dtype, rank, dims);
  if (ox_dtype_is_integer (data->dtype))
    slice_ints (call, &ranges);
  return TRUE;
}

static gboolean
slice_run (OxCall *call, GError **error)
{
  OxTensor *in = (OxTensor *) ox_call_in (call, 0);
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK];
  guint8 *data = in->data;
  gboolean known;
  Ranges ranges;

  if (!slice_read (call, in->rank, &ranges, &known, error))
    return FALSE;
  if (!known)
    return ox_fail (error, OX_ERROR_SHAPE, "starts, ends, axes and steps must be lists of integers");
  if (in->rank > 0)
    {
      memcpy (dims, in->dims, (gsize) in->rank * sizeof (gint64));
      memcpy (strides, in->strides, (gsize) in->rank * sizeof (gint64));
    }
  for (int i = 0; i < ranges.n; i++)
    {
      int axis = ranges.axes[i];
      gint64 start = 0, end = 0, step = 1;

      ox_dim_is_const (call->dims, ranges.start[i], &start);
      ox_dim_is_const (call->dims, ranges.end[i], &end);
      ox_dim_is_const (call->dims, ranges.step[i], &step);
      dims[axis] = slice_range (in->dims[axis], &start, end, &step);
      if (dims[axis] > 0)
        data += start * strides[axis];
      /* With one element the step may be beyond all bounds. */
      if (dims[axis] > 1)
        strides[axis] *= step;
    }
  ox_call_take (call, 0, ox_tensor_new_view (in, in->rank, dims, strides, data));
  return TRUE;
}

/* ---- Split ---------------------------------------------------------------------------------------------------- */

/* The lengths of the parts; FALSE in @known when an expression stands in the way. */
static gboolean
split_parts (OxCall *call, OxDim size, OxDim *parts, gboolean *known, GError **error)
{
  const SplitAttrs *at = call->attrs;
  const OxDim *values;
  gint64 sum = 0;
  int n = call->n_out, count;
  gboolean all = TRUE;

  *known = TRUE;
  if (at->num_outputs.set && at->num_outputs.v != n)
    return ox_fail (error, OX_ERROR_MODEL, "num_outputs is %" G_GINT64_FORMAT ", the node has %d outputs",
                    at->num_outputs.v, n);
  if (at->num_outputs.set && ox_call_fact (call, 1) != NULL)
    return ox_fail (error, OX_ERROR_MODEL, "both split and num_outputs are given");
  if (at->split.set || ox_call_fact (call, 1) != NULL)
    {
      if (at->split.set)
        count = at->split.n;
      else if (!ox_call_sizes (call, 1, &values, &count))
        {
          *known = FALSE;
          return TRUE;
        }
      if (count != n)
        return ox_fail (error, OX_ERROR_SHAPE, "split has %d parts, the node has %d outputs", count, n);
      for (int i = 0; i < n; i++)
        {
          gint64 part;

          parts[i] = at->split.set ? ox_dim_const (call->dims, at->split.v[i]) : values[i];
          if (!ox_dim_is_const (call->dims, parts[i], &part))
            all = FALSE;
          else if (part < 0 || part > G_MAXINT64 - sum)
            return ox_fail (error, OX_ERROR_VALUE, "split has a part of %" G_GINT64_FORMAT, part);
          else
            sum += part;
        }
      if (all && ox_dim_known (size) && sum != size)
        return ox_fail (error, OX_ERROR_SHAPE,
                        "the parts add up to %" G_GINT64_FORMAT ", the axis has %" G_GINT64_FORMAT, sum, size);
      return TRUE;
    }
  if (!at->num_outputs.set && ox_dim_known (size) && size % n != 0)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " elements do not split into %d equal parts", size, n);
  for (int i = 0; i < n; i++)
    parts[i] = at->num_outputs.set ? ox_dim_ceil_div (call->dims, size, n) : ox_dim_div (call->dims, size, n);
  if (at->num_outputs.set)
    {
      parts[n - 1] = ox_dim_sub (call->dims, size, ox_dim_mul (call->dims, parts[0], n - 1));
      if (ox_dim_known (size) && !ox_dim_known (parts[n - 1]))
        return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " elements do not split into %d parts", size, n);
    }
  return TRUE;
}

static gboolean
split_infer (OxCall *call, GError **error)
{
  const SplitAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0);
  int rank = ox_fact_rank (data), axis, n_ints;
  g_autofree OxDim *parts = g_new (OxDim, call->n_out + 1);
  const OxDim *ints;
  OxDim dims[OX_MAX_RANK];
  gint64 at_int = 0, part;
  gboolean known;

  if (rank < 0)
    {
      for (int o = 0; o < call->n_out; o++)
        ox_call_set_unknown (call, o, ox_fact_dtype (data));
      return TRUE;
    }
  if (!ox_call_axis (call, at->axis, rank, &axis, error) || !split_parts (call, data->dims[axis], parts, &known, error))
    return FALSE;
  memcpy (dims, data->dims, (gsize) rank * sizeof (OxDim));
  for (int o = 0; o < call->n_out; o++)
    {
      dims[axis] = known ? parts[o] : OX_DIM_UNKNOWN;
      ox_call_set (call, o, data->dtype, rank, dims);
    }
  if (call->running || !known || rank != 1 || !ox_dtype_is_integer (data->dtype)
      || !ox_call_ints (call, 0, &ints, &n_ints))
    return TRUE;
  for (int o = 0; o < call->n_out && ox_dim_is_const (call->dims, parts[o], &part) && at_int + part <= n_ints; o++)
    {
      ox_call_set_ints (call, o, ints + at_int, (int) part);
      at_int += part;
    }
  return TRUE;
}

static gboolean
split_run (OxCall *call, GError **error)
{
  const SplitAttrs *at = call->attrs;
  OxTensor *in = (OxTensor *) ox_call_in (call, 0);
  g_autofree OxDim *parts = g_new (OxDim, call->n_out + 1);
  gint64 dims[OX_MAX_RANK], first = 0;
  gboolean known;
  int axis;

  if (!ox_call_axis (call, at->axis, in->rank, &axis, error)
      || !split_parts (call, in->dims[axis], parts, &known, error))
    return FALSE;
  if (!known)
    return ox_fail (error, OX_ERROR_SHAPE, "split must be a list of integers");
  memcpy (dims, in->dims, (gsize) in->rank * sizeof (gint64));
  for (int o = 0; o < call->n_out; o++)
    {
      dims[axis] = parts[o];
      ox_call_take (call, o,
                    ox_tensor_new_view (in, in->rank, dims, in->strides,
                                        in->data + (parts[o] > 0 ? first * in->strides[axis] : 0)));
      first += parts[o];
    }
  return TRUE;
}

/* ---- CenterCropPad -------------------------------------------------------------------------------------------- */

static gboolean
crop_infer (OxCall *call, GError **error)
{
  const CropAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0);
  int rank = ox_fact_rank (data), n, axes[OX_MAX_RANK];
  OxDim dims[OX_MAX_RANK];
  const OxDim *shape;
  gboolean known = ox_call_ints (call, 1, &shape, &n);

  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (data));
      return TRUE;
    }
  for (int i = 0; i < rank; i++)
    {
      axes[i] = i;
      dims[i] = data->dims[i];
    }
  if (at->axes.set && (at->axes.n > rank || !ox_call_axes (call, at->axes.v, at->axes.n, rank, axes, error)))
    return at->axes.n > rank ? ox_fail (error, OX_ERROR_SHAPE, "%d axes are given, the rank is %d", at->axes.n, rank)
                             : FALSE;
  if (known && n != (at->axes.set ? at->axes.n : rank))
    return ox_fail (error, OX_ERROR_SHAPE, "the shape has %d entries, expected %d", n,
                    at->axes.set ? at->axes.n : rank);
  for (int i = 0; i < (at->axes.set ? at->axes.n : rank); i++)
    {
      gint64 size;

      if (known && ox_dim_is_const (call->dims, shape[i], &size) && size < 0)
        return ox_fail (error, OX_ERROR_VALUE, "the shape has a dimension of %" G_GINT64_FORMAT, size);
      dims[axes[i]] = known ? shape[i] : OX_DIM_UNKNOWN;
    }
  ox_call_set (call, 0, data->dtype, rank, dims);
  return TRUE;
}

static gboolean
crop_run (OxCall *call, GError **error)
{
  OxTensor *in = (OxTensor *) ox_call_in (call, 0);
  const OxFact *fact = ox_call_out_fact (call, 0);
  OxTensor *out = ox_tensor_new_zeros (fact->dtype, fact->rank, fact->dims, error);
  gint64 dims[OX_MAX_RANK];
  guint8 *from = in->data, *to;
  g_autoptr (OxTensor) part = NULL;

  if (out == NULL)
    return FALSE;
  ox_call_take (call, 0, out);
  if (in->count == 0 || out->count == 0)
    return TRUE;
  to = out->data;
  for (int i = 0; i < in->rank; i++)
    {
      gint64 have = in->dims[i], want = out->dims[i];

      dims[i] = MIN (have, want);
      if (have > want)
        from += (have - want) / 2 * in->strides[i];
      else
        to += (want - have) / 2 * out->strides[i];
    }
  part = ox_tensor_new_view (in, in->rank, dims, in->strides, from);
  ox_move_tensor (part, to, out->strides);
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec slice_1[]
  = { OX_NEED (SliceAttrs, starts, INTS), OX_NEED (SliceAttrs, ends, INTS), OX_ATTR (SliceAttrs, axes, INTS) };
static const OxAttrSpec split_1[] = { OX_INT (SplitAttrs, axis, 0), OX_ATTR (SplitAttrs, split, INTS) };
static const OxAttrSpec split_13[] = { OX_INT (SplitAttrs, axis, 0) };
static const OxAttrSpec split_18[] = { OX_INT (SplitAttrs, axis, 0), OX_ATTR (SplitAttrs, num_outputs, OPT_INT) };
static const OxAttrSpec crop_attrs[] = { OX_ATTR (CropAttrs, axes, INTS) };

static const OxOp slice_rows[] = {
  { "Slice", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (slice_1, SliceAttrs), .infer = slice_infer, .run = slice_run },
  { "Slice", 10, { 3, 5 }, { 1, 1 }, .attrs_size = sizeof (SliceAttrs), .infer = slice_infer, .run = slice_run },
  { "Split", 1, { 1, 2 }, { 1, -1 }, OX_ATTRS (split_1, SplitAttrs), .infer = split_infer, .run = split_run },
  { "Split", 2, { 1, 1 }, { 1, -1 }, OX_ATTRS (split_1, SplitAttrs), .infer = split_infer, .run = split_run },
  { "Split", 13, { 1, 2 }, { 1, -1 }, OX_ATTRS (split_13, SplitAttrs), .infer = split_infer, .run = split_run },
  { "Split", 18, { 1, 2 }, { 1, -1 }, OX_ATTRS (split_18, SplitAttrs), .infer = split_infer, .run = split_run },
  { "CenterCropPad", 18, { 2, 2 }, { 1, 1 }, OX_ATTRS (crop_attrs, CropAttrs), .infer = crop_infer, .run = crop_run },
};

OX_FAMILY (slice, "ai.onnx", slice_rows);
