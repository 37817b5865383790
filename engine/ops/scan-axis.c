/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "ops/ox-op.h"

/* Elements between two looks at whether to stop. */
#define PAUSE ((gint64) 1 << 16)

/* Operators that go along one axis: the place of the largest, and running sums and products. */

typedef struct { gint64 axis, keepdims, select_last_index; } ArgAttrs;
typedef struct { gint64 exclusive, reverse; } RunningAttrs;

enum { ARG_MAX, ARG_MIN };
enum { RUNNING_SUM, RUNNING_PROD };

static gboolean
infer_arg (OxCall *call, GError **error)
{
  const ArgAttrs *attrs = call->attrs;
  const OxFact *fact = ox_call_fact (call, 0);
  OxDim dims[OX_MAX_RANK];
  int axis = 0, rank = 0;

  if (fact == NULL || fact->rank < 0)
    {
      ox_call_set (call, 0, OX_I64, -1, NULL);
      return TRUE;
    }
  if (fact->rank > 0 && !ox_call_axis (call, attrs->axis, fact->rank, &axis, error))
    return FALSE;
  for (int i = 0; i < fact->rank; i++)
    if (i != axis)
      dims[rank++] = fact->dims[i];
    else if (attrs->keepdims)
      dims[rank++] = 1;
  ox_call_set (call, 0, OX_I64, rank, dims);
  return TRUE;
}

/* The first line along the axis that starts at element @o of what is left of it. */
static const guint8 *
line_start (const OxTensor *in, int axis, gint64 o)
{
  const guint8 *p = in->data;

  for (int d = in->rank - 1; d >= 0; d--)
    if (d != axis)
      {
        p += o % in->dims[d] * in->strides[d];
        o /= in->dims[d];
      }
  return p;
}

static gint64
best_of (const OxTensor *in, const guint8 *p, gint64 n, gint64 step, gboolean minimum, gboolean last)
{
  gboolean whole = ox_dtype_is_integer (in->dtype) || in->dtype == OX_BOOL;
  guint64 flip = in->dtype == OX_U64 ? G_GUINT64_CONSTANT (1) << 63 : 0;
  gint64 best = 0;

  if (whole)
    {
      gint64 top = (gint64) ((guint64) ox_element_get_int (in->dtype, p) ^ flip);

      for (gint64 i = 1; i < n && !ox_pause (i); i++)
        {
          gint64 x = (gint64) ((guint64) ox_element_get_int (in->dtype, p + i * step) ^ flip);

          if ((minimum ? x < top : x > top) || (last && x == top))
            {
              top = x;
              best = i;
            }
        }
    }
  else
    {
      double top = ox_element_get (in->dtype, p);

      /* A NaN is the extreme of everything, the first of them unless the last is asked for. */
      for (gint64 i = 1; i < n && !ox_pause (i); i++)
        {
          double x = ox_element_get (in->dtype, p + i * step);
          gboolean equal = x == top || (isnan (x) && isnan (top));

          if ((!isnan (top) && (isnan (x) || (minimum ? x < top : x > top))) || (last && equal))
            {
              top = x;
              best = i;
            }
        }
    }
  return best;
}

static gboolean
run_arg (OxCall *call, GError **error)
{
  const ArgAttrs *attrs = call->attrs;
  const OxTensor *in = ox_call_in (call, 0);
  int axis = 0;
  gint64 n, step;
  OxTensor *out;

  if (!ox_dtype_is_float (in->dtype) && !ox_dtype_is_integer (in->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected numbers, found %s", ox_dtype_name (in->dtype));
  if (in->rank > 0 && !ox_call_axis (call, attrs->axis, in->rank, &axis, error))
    return FALSE;
  n = in->rank > 0 ? in->dims[axis] : 1;
  step = in->rank > 0 ? in->strides[axis] : 0;
  out = ox_call_out (call, 0, error);
  if (out == NULL)
    return FALSE;
  if (n == 0 && out->count > 0)
    return ox_fail (error, OX_ERROR_SHAPE, "axis %d has no elements", axis);
  for (gint64 o = 0; o < out->count && !ox_pause (o); o++)
    {
      if (o % MAX (1, PAUSE / n) == 0 && ox_call_cancelled (call, error))
        return FALSE;
      ((gint64 *) (void *) out->data)[o] = best_of (in, line_start (in, axis, o), n, step, call->op->code == ARG_MIN,
                                                    attrs->select_last_index != 0);
    }
  return TRUE;
}

/* ---- running sums --------------------------------------------------------------------------------------------- */

static gboolean
infer_running (OxCall *call, GError **error)
{
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

typedef union { double f64; float f32; guint64 whole; } Running;

/* @n rows of @inner elements, summed from row to row; @acc has an element for each of a row. */
static void
run_rows (const RunningAttrs *attrs, gboolean product, OxDtype dtype, const guint8 *from, guint8 *to, gint64 n, gint64 inner,
          Running *acc)
{
  const gsize unit = ox_dtype_size (dtype);

  for (gint64 j = 0; j < inner && !ox_pause (j); j++)
    if (ox_dtype_is_integer (dtype))
      acc[j].whole = product ? 1 : 0;
    else if (dtype == OX_F64)
      acc[j].f64 = product ? 1 : 0;
    else
      acc[j].f32 = product ? 1 : 0;
  for (gint64 k = 0; k < n && !(inner >= 64 ? ox_parallel_stopped () : ox_pause (k)); k++)
    {
      const gint64 row = (attrs->reverse ? n - 1 - k : k) * inner;

      for (gint64 j = 0; j < inner && !ox_pause (j); j++)
        {
          const guint8 *x = from + (gsize) (row + j) * unit;
          guint8 *y = to + (gsize) (row + j) * unit;
          const Running before = acc[j];

          if (ox_dtype_is_integer (dtype))
            {
              guint64 v = (guint64) ox_element_get_int (dtype, x);

              acc[j].whole = product ? before.whole * v : before.whole + v;
              memcpy (y, attrs->exclusive ? &before.whole : &acc[j].whole, unit);
            }
          else if (dtype == OX_F32)
            {
              float v = *(const float *) (const void *) x;

              acc[j].f32 = product ? before.f32 * v : before.f32 + v;
              *(float *) (void *) y = attrs->exclusive ? before.f32 : acc[j].f32;
            }
          else
            {
              double v = ox_element_get (dtype, x);

              if (dtype == OX_F64)
                acc[j].f64 = product ? before.f64 * v : before.f64 + v;
              else
                acc[j].f32 = product ? before.f32 * (float) v : before.f32 + (float) v;
              ox_element_set (dtype, y, dtype == OX_F64 ? attrs->exclusive ? before.f64 : acc[j].f64
                                                        : (double) (attrs->exclusive ? before.f32 : acc[j].f32));
            }
        }
    }
}

static gboolean
run_running (OxCall *call, GError **error)
{
  const OxTensor *in = ox_call_in_dense (call, 0, error);
  Running *acc;
  const gint64 *axes;
  OxTensor *out;
  int n_axes, axis;
  gint64 n, inner = 1;

  if (in == NULL)
    return FALSE;
  if (!ox_call_numbers (call, 1, &axes, &n_axes) || n_axes != 1)
    return ox_fail (error, OX_ERROR_VALUE, "expected one integer as axis");
  if (in->rank == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "a scalar has no axis");
  if (!ox_call_axis (call, axes[0], in->rank, &axis, error))
    return FALSE;
  if (!ox_dtype_is_float (in->dtype) && !ox_dtype_is_integer (in->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected numbers, found %s", ox_dtype_name (in->dtype));
  out = ox_call_out (call, 0, error);
  if (out == NULL)
    return FALSE;
  if (out->count == 0)
    return TRUE;
  n = in->dims[axis];
  for (int d = axis + 1; d < in->rank; d++)
    inner *= in->dims[d];
  if ((acc = ox_call_scratch_n (call, inner, sizeof (Running), error)) == NULL)
    return FALSE;
  for (gint64 at = 0; at < out->count && !ox_turn (); at += n * inner)
    {
      const guint8 *from = in->data + (gsize) at * ox_dtype_size (in->dtype);
      guint8 *to = out->data + (gsize) at * ox_dtype_size (in->dtype);

      if ((n * inner >= 256 || at % PAUSE == 0) && ox_call_cancelled (call, error))
        return FALSE;
      run_rows (call->attrs, call->op->code == RUNNING_PROD, in->dtype, from, to, n, inner, acc);
    }
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec arg1_specs[] = { OX_INT (ArgAttrs, axis, 0), OX_INT (ArgAttrs, keepdims, 1) };
static const OxAttrSpec arg12_specs[]
  = { OX_INT (ArgAttrs, axis, 0), OX_INT (ArgAttrs, keepdims, 1), OX_INT (ArgAttrs, select_last_index, 0) };
static const OxAttrSpec running_specs[] = { OX_INT (RunningAttrs, exclusive, 0), OX_INT (RunningAttrs, reverse, 0) };

static const OxOp scan_axis_rows[] = {
  { "ArgMax", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (arg1_specs, ArgAttrs), infer_arg, run_arg, .code = ARG_MAX },
  { "ArgMax", 12, { 1, 1 }, { 1, 1 }, OX_ATTRS (arg12_specs, ArgAttrs), infer_arg, run_arg, .code = ARG_MAX },
  { "ArgMin", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (arg1_specs, ArgAttrs), infer_arg, run_arg, .code = ARG_MIN },
  { "ArgMin", 12, { 1, 1 }, { 1, 1 }, OX_ATTRS (arg12_specs, ArgAttrs), infer_arg, run_arg, .code = ARG_MIN },
  { "CumSum", 11, { 2, 2 }, { 1, 1 }, OX_ATTRS (running_specs, RunningAttrs), infer_running, run_running,
    .code = RUNNING_SUM },
  { "CumProd", 26, { 2, 2 }, { 1, 1 }, OX_ATTRS (running_specs, RunningAttrs), infer_running, run_running,
    .code = RUNNING_PROD },
};

OX_FAMILY (scan_axis, "ai.onnx", scan_axis_rows);
