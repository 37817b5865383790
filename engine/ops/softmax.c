/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "core/ox-parallel.h"
#include "kernel/ox-sum.h"
#include "ops/ox-op.h"

/* Softmax, LogSoftmax and Hardmax: along one axis from opset 13 on, over all axes from one on before. */

typedef struct { gint64 axis; } AxisAttrs;

enum { SOFTMAX, LOG_SOFTMAX, HARDMAX };

typedef struct
{
  const double *in64;
  const float  *in32;
  double *out64;
  float  *out32;
  gint64  n, inner;   /* elements of a row, and how far apart they are */
  int     what;
} Rows;

/* One row in double: float inputs lose nothing, and the sum keeps its digits. */
#define SOFTMAX_ROW(T, in, out)                                                                                      \
  {                                                                                                                  \
    gint64 best = 0;                                                                                                 \
    double top = (double) (in)[0], sum;                                                                              \
    for (gint64 i = 1; i < rows->n && !ox_pause (i); i++)                                                            \
      if ((in)[i * rows->inner] > top || isnan ((double) (in)[i * rows->inner]))                                     \
        {                                                                                                            \
          top = (double) (in)[i * rows->inner];                                                                      \
          best = i;                                                                                                  \
        }                                                                                                            \
    if (rows->what == HARDMAX)                                                                                       \
      {                                                                                                              \
        for (gint64 i = 0; i < rows->n && !ox_pause (i); i++)                                                        \
          (out)[i * rows->inner] = i == best;                                                                        \
        continue;                                                                                                    \
      }                                                                                                              \
    OxSum total = { 0 };                                                                                             \
    for (gint64 i = 0; i < rows->n && !ox_pause (i); i++)                                                            \
      {                                                                                                              \
        double e = exp ((double) (in)[i * rows->inner] - top);                                                       \
        (out)[i * rows->inner] = (T) e;                                                                              \
        ox_sum_add (&total, e);                                                                                      \
      }                                                                                                              \
    sum = ox_sum_get (&total);                                                                                       \
    if (rows->what == SOFTMAX)                                                                                       \
      for (gint64 i = 0; i < rows->n && !ox_pause (i); i++)                                                          \
        (out)[i * rows->inner] = (T) ((double) (out)[i * rows->inner] / sum);                                        \
    else                                                                                                             \
      for (gint64 i = 0; i < rows->n && !ox_pause (i); i++)                                                          \
        (out)[i * rows->inner] = (T) ((double) (in)[i * rows->inner] - top - log (sum));                             \
  }

static void
do_rows (gint64 begin, gint64 end, gpointer data)
{
  const Rows *rows = data;

  for (gint64 r = begin; r < end && !ox_pause (r); r++)
    {
      gint64 at = r / rows->inner * rows->n * rows->inner + r % rows->inner;

      if (rows->in32 != NULL)
        SOFTMAX_ROW (float, rows->in32 + at, rows->out32 + at)
      else
        SOFTMAX_ROW (double, rows->in64 + at, rows->out64 + at)
    }
}

static gboolean
infer_softmax (OxCall *call, GError **error)
{
  const AxisAttrs *attrs = call->attrs;
  const OxFact *fact = ox_call_fact (call, 0);
  int axis;

  if (fact != NULL && fact->dtype != OX_UNDEFINED && !ox_dtype_is_float (fact->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected floats, found %s", ox_dtype_name (fact->dtype));
  if (fact != NULL && fact->rank >= 0 && !ox_call_axis (call, attrs->axis, MAX (fact->rank, 1), &axis, error))
    return FALSE;
  return ox_infer_same (call, error);
}

static gboolean
run_softmax (OxCall *call, GError **error)
{
  const AxisAttrs *attrs = call->attrs;
  gboolean flat = call->op->since < 13;
  const OxTensor *in = ox_call_in (call, 0), *dense;
  OxDtype work = in->dtype == OX_F64 ? OX_F64 : OX_F32;
  OxTensor *out;
  Rows rows = { .n = 1, .inner = 1, .what = (int) call->op->code };
  float *scratch = NULL;
  gint64 outer = 1;
  int axis = 0;

  if (in->rank > 0 && !ox_call_axis (call, attrs->axis, in->rank, &axis, error))
    return FALSE;
  dense = ox_call_in_as (call, 0, work, error);
  out = dense != NULL ? ox_call_out (call, 0, error) : NULL;
  if (out == NULL)
    return FALSE;
  for (int i = 0; i < in->rank; i++)
    if (i < axis)
      outer *= in->dims[i];
    else if (i == axis || flat)
      rows.n *= in->dims[i];
    else
      rows.inner *= in->dims[i];
  if (out->count == 0)
    return TRUE;
  if (work == OX_F64)
    {
      rows.in64 = (const double *) (const void *) dense->data;
      rows.out64 = (double *) (void *) out->data;
    }
  else
    {
      rows.in32 = (const float *) (const void *) dense->data;
      scratch = out->dtype == OX_F32 ? NULL : ox_call_scratch_n (call, out->count, sizeof (float), error);
      if (out->dtype != OX_F32 && scratch == NULL)
        return FALSE;
      rows.out32 = scratch != NULL ? scratch : (float *) (void *) out->data;
    }
  ox_parallel_for (outer * rows.inner, MAX (1, 16384 / rows.n), do_rows, &rows);
  return scratch == NULL || ox_call_store_f32 (call, 0, scratch, error);
}

static const OxAttrSpec one_specs[] = { OX_INT (AxisAttrs, axis, 1) };
static const OxAttrSpec last_specs[] = { OX_INT (AxisAttrs, axis, -1) };

#define ROWS(name_, code_)                                                                                           \
  { name_, 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (one_specs, AxisAttrs), infer_softmax, run_softmax, .code = code_ },      \
  { name_, 13, { 1, 1 }, { 1, 1 }, OX_ATTRS (last_specs, AxisAttrs), infer_softmax, run_softmax, .code = code_ }

static const OxOp softmax_rows[] = {
  ROWS ("Softmax", SOFTMAX),
  ROWS ("LogSoftmax", LOG_SOFTMAX),
  ROWS ("Hardmax", HARDMAX),
};

OX_FAMILY (softmax, "ai.onnx", softmax_rows);
