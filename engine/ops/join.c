/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

#include "kernel/ox-walk.h"

/* Operators that make a larger tensor of smaller ones: Concat, Tile, Pad. */

typedef struct { gint64 axis; } ConcatAttrs;
typedef struct { OxInts pads; const char *mode; double value; OxInts paddings; } PadAttrs;

/* ---- Concat --------------------------------------------------------------------------------------------------- */

static void
concat_ints (OxCall *call, OxDim total)
{
  g_autofree OxDim *all = NULL;
  gint64 at = 0;

  if (call->running || !ox_dim_known (total) || total > OX_MAX_RANK * 4)
    return;
  all = g_new (OxDim, total + 1);
  for (int i = 0; i < call->n_in; i++)
    {
      OxDim length = ox_call_fact (call, i)->dims[0];
      const OxDim *values;
      int n;
      gboolean known = ox_call_ints (call, i, &values, &n);

      for (gint64 k = 0; k < length && at < total; k++)
        all[at++] = known && k < n ? values[k] : OX_DIM_UNKNOWN;
    }
  ox_call_set_ints (call, 0, all, (int) total);
}

static gboolean
concat_infer (OxCall *call, GError **error)
{
  const ConcatAttrs *at = call->attrs;
  OxDim dims[OX_MAX_RANK], total = 0;
  OxDtype dtype = OX_UNDEFINED;
  int rank = -1, axis = 0;
  gboolean complete = TRUE;

  for (int i = 0; i < call->n_in; i++)
    {
      const OxFact *fact = ox_call_fact (call, i);

      if (dtype == OX_UNDEFINED)
        dtype = ox_fact_dtype (fact);
      else if (ox_fact_dtype (fact) != OX_UNDEFINED && fact->dtype != dtype)
        return ox_fail (error, OX_ERROR_DTYPE, "input %d is %s, the ones before are %s", i, ox_dtype_name (fact->dtype),
                        ox_dtype_name (dtype));
      if (ox_fact_rank (fact) < 0)
        {
          complete = FALSE;
          continue;
        }
      if (rank < 0)
        {
          rank = fact->rank;
          if (!ox_call_axis (call, at->axis, rank, &axis, error))
            return FALSE;
          memcpy (dims, fact->dims, (gsize) rank * sizeof (OxDim));
        }
      if (fact->rank != rank)
        return ox_fail (error, OX_ERROR_SHAPE, "input %d has rank %d, the ones before have %d", i, fact->rank, rank);
      for (int k = 0; k < rank; k++)
        {
          if (k == axis || dims[k] == fact->dims[k])
            continue;
          if (ox_dim_known (dims[k]) && ox_dim_known (fact->dims[k]))
            return ox_fail (error, OX_ERROR_SHAPE,
                            "input %d has %" G_GINT64_FORMAT " on axis %d, the ones before have %" G_GINT64_FORMAT, i,
                            fact->dims[k], k, dims[k]);
          if (!ox_dim_known (dims[k]) && (dims[k] == OX_DIM_UNKNOWN || ox_dim_known (fact->dims[k])))
            dims[k] = fact->dims[k];
        }
      total = ox_dim_add (call->dims, total, fact->dims[axis]);
    }
  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, dtype);
      return TRUE;
    }
  dims[axis] = complete ? total : OX_DIM_UNKNOWN;
  ox_call_set (call, 0, dtype, rank, dims);
  if (complete && rank == 1 && ox_dtype_is_integer (dtype))
    concat_ints (call, total);
  return TRUE;
}

static gboolean
concat_run (OxCall *call, GError **error)
{
  const ConcatAttrs *at = call->attrs;
  OxTensor *out;
  guint8 *to;
  int axis;

  if (call->n_in == 1)
    {
      ox_call_take (call, 0, ox_tensor_ref ((OxTensor *) ox_call_in (call, 0)));
      return TRUE;
    }
  out = ox_call_out (call, 0, error);
  if (out == NULL || !ox_call_axis (call, at->axis, out->rank, &axis, error))
    return FALSE;
  to = out->data;
  for (int i = 0; i < call->n_in; i++)
    {
      const OxTensor *in = ox_call_in (call, i);

      if (in->count == 0)
        continue;
      ox_move_tensor (in, to, out->strides);
      to += in->dims[axis] * out->strides[axis];
    }
  return TRUE;
}

/* ---- Tile ----------------------------------------------------------------------------------------------------- */

/* Repeats by axis. Tile-1 names one axis and how often it is repeated. */
static gboolean
tile_repeats (OxCall *call, int rank, OxDim *repeats, gboolean *known, GError **error)
{
  const OxDim *values;
  int n, axis;

  *known = FALSE;
  for (int i = 0; i < rank; i++)
    repeats[i] = 1;
  if (!ox_call_sizes (call, 1, &values, &n))
    return TRUE;
  if (call->op->since == 1)
    {
      const OxDim *axes;
      gint64 number;
      int n_axes;

      if (!ox_call_sizes (call, 2, &axes, &n_axes))
        return TRUE;
      if (n != 1 || n_axes != 1)
        return ox_fail (error, OX_ERROR_SHAPE, "tiles and axis must be one number each, found %d and %d", n, n_axes);
      if (!ox_dim_is_const (call->dims, axes[0], &number))
        return TRUE;
      if (!ox_call_axis (call, number, rank, &axis, error))
        return FALSE;
      repeats[axis] = values[0];
    }
  else if (n != rank)
    return ox_fail (error, OX_ERROR_SHAPE, "%d repeats are given, the input has rank %d", n, rank);
  else if (rank > 0)
    memcpy (repeats, values, (gsize) rank * sizeof (OxDim));
  for (int i = 0; i < rank; i++)
    {
      gint64 number;

      if (ox_dim_is_const (call->dims, repeats[i], &number) && number < 0)
        return ox_fail (error, OX_ERROR_VALUE, "axis %d is to be repeated %" G_GINT64_FORMAT " times", i, number);
    }
  *known = TRUE;
  return TRUE;
}

static gboolean
tile_infer (OxCall *call, GError **error)
{
  const OxFact *data = ox_call_fact (call, 0);
  int rank = ox_fact_rank (data);
  OxDim dims[OX_MAX_RANK], repeats[OX_MAX_RANK];
  gboolean known;

  if (rank < 0)
    return ox_call_set_rank (call, 0, ox_fact_dtype (data),
                             call->op->since > 1 ? ox_fact_dim (ox_call_fact (call, 1), 0) : OX_DIM_UNKNOWN, error);
  if (!tile_repeats (call, rank, repeats, &known, error))
    return FALSE;
  for (int i = 0; i < rank; i++)
    dims[i] = known ? ox_dim_mul (call->dims, data->dims[i], repeats[i]) : OX_DIM_UNKNOWN;
  ox_call_set (call, 0, data->dtype, rank, dims);
  return TRUE;
}

/* The input is put into the first corner, then what is there is doubled along one axis after the other. */
static gboolean
tile_run (OxCall *call, GError **error)
{
  const OxTensor *in = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);
  gint64 dims[OX_MAX_RANK];

  if (out == NULL)
    return FALSE;
  if (out->count == 0)
    return TRUE;
  ox_move_tensor (in, out->data, out->strides);
  if (in->rank > 0)
    memcpy (dims, in->dims, (gsize) in->rank * sizeof (gint64));
  for (int i = in->rank - 1; i >= 0; i--)
    {
      gint64 done = in->dims[i];

      while (done < out->dims[i])
        {
          gint64 more = MIN (done, out->dims[i] - done);

          dims[i] = more;
          ox_copy_strided (out->dtype, out->rank, dims, (char *) out->data + done * out->strides[i], out->strides,
                           (const char *) out->data, out->strides);
          done += more;
        }
      dims[i] = out->dims[i];
    }
  return TRUE;
}

/* ---- Pad ------------------------------------------------------------------------------------------------------ */

typedef enum { PAD_CONSTANT, PAD_REFLECT, PAD_EDGE, PAD_WRAP } PadMode;

static gboolean
pad_mode (OxCall *call, PadMode *mode, GError **error)
{
  static const char *const names[] = { "constant", "reflect", "edge", "wrap" };
  const PadAttrs *at = call->attrs;
  int n = call->op->since >= 19 ? 4 : 3;

  for (int i = 0; i < n; i++)
    if (g_str_equal (at->mode, names[i]))
      {
        *mode = i;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "mode '%s' is not one of constant, reflect, edge%s", at->mode,
                  n > 3 ? ", wrap" : "");
}

/* What is added before and after each axis; negative numbers take away. */
static gboolean
pad_amounts (OxCall *call, int rank, OxDim *before, OxDim *after, gboolean *known, GError **error)
{
  const PadAttrs *at = call->attrs;
  const OxInts *attr = call->op->since == 1 ? &at->paddings : &at->pads;
  const OxDim *values = NULL;
  const gint64 *axes;
  int n, n_axes, list[OX_MAX_RANK];
  OxGiven given = OX_GIVEN_NO;

  *known = FALSE;
  for (int i = 0; i < rank; i++)
    {
      before[i] = after[i] = 0;
      list[i] = i;
    }
  if (call->op->since < 11)
    n = attr->n;
  else if (!ox_call_ints (call, 1, &values, &n))
    return TRUE;
  n_axes = rank;
  if (call->op->since >= 18)
    given = ox_call_list (call, 3, NULL, &axes, &n_axes);
  if (given == OX_GIVEN_LATER)
    return TRUE;
  if (given == OX_GIVEN_NO)
    n_axes = rank;
  else if (n_axes > rank)
    return ox_fail (error, OX_ERROR_SHAPE, "%d axes are given, the rank is %d", n_axes, rank);
  else if (!ox_call_axes (call, axes, n_axes, rank, list, error))
    return FALSE;
  if (n != 2 * n_axes)
    return ox_fail (error, OX_ERROR_SHAPE, "%d pads are given for %d axes, expected %d", n, n_axes, 2 * n_axes);
  for (int i = 0; i < n_axes; i++)
    {
      before[list[i]] = values != NULL ? values[i] : ox_dim_const (call->dims, attr->v[i]);
      after[list[i]] = values != NULL ? values[n_axes + i] : ox_dim_const (call->dims, attr->v[n_axes + i]);
    }
  *known = TRUE;
  return TRUE;
}

static gboolean
pad_infer (OxCall *call, GError **error)
{
  const OxFact *data = ox_call_fact (call, 0), *value = ox_call_fact (call, 2);
  int rank = ox_fact_rank (data);
  OxDim dims[OX_MAX_RANK], before[OX_MAX_RANK], after[OX_MAX_RANK];
  PadMode mode;
  gboolean known;

  if (!pad_mode (call, &mode, error))
    return FALSE;
  if (ox_fact_dtype (data) != OX_UNDEFINED && ox_fact_dtype (value) != OX_UNDEFINED && data->dtype != value->dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "the value to pad with is %s, the data %s", ox_dtype_name (value->dtype),
                    ox_dtype_name (data->dtype));
  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (data));
      return TRUE;
    }
  if (!pad_amounts (call, rank, before, after, &known, error))
    return FALSE;
  for (int i = 0; i < rank; i++)
    {
      gint64 size;

      dims[i] = known ? ox_dim_add (call->dims, data->dims[i], ox_dim_add (call->dims, before[i], after[i]))
                      : OX_DIM_UNKNOWN;
      if (ox_dim_is_const (call->dims, dims[i], &size) && size < 0)
        return ox_fail (error, OX_ERROR_SHAPE,
                        "axis %d of %" G_GINT64_FORMAT " would have %" G_GINT64_FORMAT " elements", i, data->dims[i],
                        size);
    }
  ox_call_set (call, 0, data->dtype, rank, dims);
  return TRUE;
}

/* Which element of an axis stands at @i of the result: of the part lo..hi that was not taken away; -1: the constant. */
static gint64
pad_source (PadMode mode, gint64 i, gint64 lo, gint64 hi)
{
  gint64 n = hi - lo, period, k = i - lo;

  if (i >= lo && i < hi)
    return i;
  switch (mode)
    {
    case PAD_CONSTANT:
      break;
    case PAD_EDGE:
      return i < lo ? lo : hi - 1;
    case PAD_WRAP:
      k %= n;
      return lo + (k < 0 ? k + n : k);
    case PAD_REFLECT:
      if (n == 1)
        return lo;
      period = 2 * (n - 1);
      k %= period;
      k = k < 0 ? k + period : k;
      return lo + (k < n ? k : period - k);
    }
  return -1;
}

/* The value as one element of the type of the data. */
static gboolean
pad_value (OxCall *call, OxDtype dtype, guint8 *element, GError **error)
{
  const PadAttrs *at = call->attrs;
  const OxTensor *given = call->op->since >= 11 ? ox_call_in (call, 2) : NULL;

  memset (element, 0, 16);
  if (call->op->since < 11)
    ox_element_set (dtype, element, at->value);
  else if (given != NULL)
    {
      if (given->count != 1)
        return ox_fail (error, OX_ERROR_SHAPE, "the value to pad with has %" G_GINT64_FORMAT " elements, expected 1",
                        given->count);
      memcpy (element, given->data, ox_dtype_size (dtype));
    }
  return TRUE;
}

static void
pad_fill (OxTensor *out, const guint8 *element)
{
  gint64 zeros[OX_MAX_RANK] = { 0 };

  ox_copy_strided (out->dtype, out->rank, out->dims, (char *) out->data, out->strides, (const char *) element, zeros);
}

static gboolean
pad_run (OxCall *call, GError **error)
{
  const OxTensor *in = ox_call_in (call, 0);
  const OxFact *fact = ox_call_out_fact (call, 0);
  OxTensor *out = ox_tensor_new_zeros (fact->dtype, fact->rank, fact->dims, error);
  OxDim before[OX_MAX_RANK], after[OX_MAX_RANK];
  gint64 lo[OX_MAX_RANK], hi[OX_MAX_RANK], dims[OX_MAX_RANK];
  guint8 element[16] __attribute__ ((aligned (16))), *to;
  const guint8 *from = in->data;
  gboolean known, empty = FALSE;
  PadMode mode;

  if (out == NULL)
    return FALSE;
  ox_call_take (call, 0, out);
  if (!pad_mode (call, &mode, error) || !pad_amounts (call, in->rank, before, after, &known, error)
      || !pad_value (call, in->dtype, element, error))
    return FALSE;
  if (!known)
    return ox_fail (error, OX_ERROR_SHAPE, "pads must be a list of integers");
  if (out->count == 0)
    return TRUE;
  if (mode == PAD_CONSTANT)
    pad_fill (out, element);
  /* The part of the input that stays, placed in the result. */
  to = out->data;
  for (int i = 0; i < in->rank; i++)
    {
      gint64 b = 0, a = 0;

      ox_dim_is_const (call->dims, before[i], &b);
      ox_dim_is_const (call->dims, after[i], &a);
      dims[i] = MAX (in->dims[i] + MIN (b, 0) + MIN (a, 0), 0);
      lo[i] = MAX (b, 0);
      hi[i] = lo[i] + dims[i];
      if (dims[i] == 0)
        empty = TRUE;
      else
        {
          from -= MIN (b, 0) * in->strides[i];
          to += lo[i] * out->strides[i];
        }
    }
  if (empty)
    return mode == PAD_CONSTANT ? TRUE : ox_fail (error, OX_ERROR_SHAPE, "mode %s has nothing to pad from",
                                                  ((const PadAttrs *) call->attrs)->mode);
  ox_copy_strided (out->dtype, out->rank, dims, (char *) to, out->strides, (const char *) from, in->strides);
  if (mode == PAD_CONSTANT)
    return TRUE;
  /* Then one axis after the other is completed from itself, over all of the axes done before. */
  to = out->data;
  for (int i = 0; i < out->rank; i++)
    to += lo[i] * out->strides[i];
  for (int i = 0; i < out->rank; i++)
    {
      guint8 *base = to - lo[i] * out->strides[i];

      dims[i] = 1;
      for (gint64 k = 0; k < out->dims[i] && !ox_pause (k); k++)
        if (k < lo[i] || k >= hi[i])
          ox_copy_strided (out->dtype, out->rank, dims, (char *) base + k * out->strides[i], out->strides,
                           (const char *) base + pad_source (mode, k, lo[i], hi[i]) * out->strides[i], out->strides);
      dims[i] = out->dims[i];
      to = base;
    }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec concat_1[] = { OX_INT (ConcatAttrs, axis, 1) };
static const OxAttrSpec concat_4[] = { OX_NEED (ConcatAttrs, axis, INT) };
static const OxAttrSpec pad_1[] = { OX_NEED (PadAttrs, paddings, INTS), OX_STRING (PadAttrs, mode, "constant"),
                                    OX_FLOAT (PadAttrs, value, 0) };
static const OxAttrSpec pad_2[]
  = { OX_NEED (PadAttrs, pads, INTS), OX_STRING (PadAttrs, mode, "constant"), OX_FLOAT (PadAttrs, value, 0) };
static const OxAttrSpec pad_11[] = { OX_STRING (PadAttrs, mode, "constant") };

static const OxOp join_rows[] = {
  { "Concat", 1, { 1, -1 }, { 1, 1 }, OX_ATTRS (concat_1, ConcatAttrs), .infer = concat_infer, .run = concat_run },
  { "Concat", 4, { 1, -1 }, { 1, 1 }, OX_ATTRS (concat_4, ConcatAttrs), .infer = concat_infer, .run = concat_run },
  { "Tile", 1, { 3, 3 }, { 1, 1 }, .infer = tile_infer, .run = tile_run },
  { "Tile", 6, { 2, 2 }, { 1, 1 }, .infer = tile_infer, .run = tile_run },
  { "Pad", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (pad_1, PadAttrs), .infer = pad_infer, .run = pad_run },
  { "Pad", 2, { 1, 1 }, { 1, 1 }, OX_ATTRS (pad_2, PadAttrs), .infer = pad_infer, .run = pad_run },
  { "Pad", 11, { 2, 3 }, { 1, 1 }, OX_ATTRS (pad_11, PadAttrs), .infer = pad_infer, .run = pad_run },
  { "Pad", 18, { 2, 4 }, { 1, 1 }, OX_ATTRS (pad_11, PadAttrs), .infer = pad_infer, .run = pad_run },
  { "Pad", 19, { 2, 4 }, { 1, 1 }, OX_ATTRS (pad_11, PadAttrs), .infer = pad_infer, .run = pad_run },
};

OX_FAMILY (join, "ai.onnx", join_rows);
