/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-parallel.h"
#include "ops/ox-move.h"

/* MultiThreshold of QONNX and FINN: how many of its channel's thresholds an element reaches, times a scale plus a bias. */

typedef struct { const char *out_dtype, *data_layout; double out_scale, out_bias; } ThresholdAttrs;

typedef struct
{
  const float *x, *thresholds;
  float       *y;
  gint64       inner, channels, rows, n;   /* rows: one for all channels, or one each; n thresholds a row */
  float        scale, bias;
} Job;

/* Images of other ranks than those a layout is named for have their channels last. */
static gboolean
channel_axis (const OxCall *call, int rank, int *axis, GError **error)
{
  static const char *const first[] = { "NCHW", "NCW", "NC", "", NULL }, *const last[] = { "NHWC", "NWC", NULL };
  const char *layout = ((const ThresholdAttrs *) call->attrs)->data_layout;

  if (!g_strv_contains (first, layout) && !g_strv_contains (last, layout))
    return ox_fail (error, OX_ERROR_VALUE, "data_layout is '%s', expected NCHW or NHWC", layout);
  if (rank == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "a scalar has no channels");
  *axis = g_strv_contains (last, layout) || (rank != 2 && rank != 4) ? rank - 1 : 1;
  return TRUE;
}

static gboolean
infer_threshold (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *t = ox_call_fact (call, 1);
  int axis;

  if (x != NULL && x->dtype != OX_UNDEFINED && !ox_dtype_is_float (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected floats as input 0, found %s", ox_dtype_name (x->dtype));
  if (ox_fact_rank (t) >= 0 && t->rank != 2)
    return ox_fail (error, OX_ERROR_SHAPE, "the thresholds have rank %d, expected a channel a row", t->rank);
  if (ox_fact_rank (x) >= 0)
    {
      OxDim rows = ox_fact_dim (t, 0);

      if (!channel_axis (call, x->rank, &axis, error))
        return FALSE;
      if (ox_dim_known (rows) && rows != 1 && ox_dim_known (x->dims[axis]) && x->dims[axis] != rows)
        return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " rows of thresholds for %" G_GINT64_FORMAT " channels", rows,
                        x->dims[axis]);
    }
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

static void
threshold_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;

  for (gint64 i = begin; i < end && !ox_turn (); i++)
    {
      const float *row = job->thresholds + (job->rows == 1 ? 0 : i / job->inner % job->channels) * job->n;
      gint64 count = 0;

      for (gint64 k = 0; k < job->n; k++)
        count += job->x[i] >= row[k];
      job->y[i] = job->scale * (float) count + job->bias;
    }
}

static gboolean
run_threshold (OxCall *call, GError **error)
{
  const ThresholdAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_as (call, 0, OX_F32, error), *t = x != NULL ? ox_call_in_as (call, 1, OX_F32, error) : NULL;
  Job job = { .inner = 1, .scale = (float) at->out_scale, .bias = (float) at->out_bias };
  int axis;

  if (t == NULL || !channel_axis (call, x->rank, &axis, error)
      || (job.y = ox_call_scratch_n (call, x->count + 1, sizeof (float), error)) == NULL)
    return FALSE;
  job.x = (const float *) (const void *) x->data;
  job.thresholds = (const float *) (const void *) t->data;
  job.rows = t->dims[0];
  job.n = t->dims[1];
  job.channels = x->dims[axis];
  for (int d = axis + 1; d < x->rank; d++)
    job.inner *= x->dims[d];
  if (job.rows != 1 && job.rows != job.channels)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " rows of thresholds for %" G_GINT64_FORMAT " channels", job.rows,
                    job.channels);
  ox_parallel_for (x->count, 1 + 65536 / MAX (job.n, 1), threshold_range, &job);
  return ox_call_store_f32 (call, 0, job.y, error);
}

/* out_dtype tells those who build hardware what the numbers fit in; it has no effect on them. */
static const OxAttrSpec threshold_specs[] = {
  OX_STRING (ThresholdAttrs, out_dtype, NULL),
  OX_STRING (ThresholdAttrs, data_layout, "NCHW"),
  OX_FLOAT (ThresholdAttrs, out_scale, 1),
  OX_FLOAT (ThresholdAttrs, out_bias, 0),
};

static const OxOp threshold_rows[] = {
  { "MultiThreshold", 1, { 2, 2 }, { 1, 1 }, OX_ATTRS (threshold_specs, ThresholdAttrs), infer_threshold, run_threshold },
};

OX_FAMILY (qonnx_threshold, "qonnx.custom_op.general", threshold_rows);
OX_FAMILY (finn_threshold, "finn.custom_op.general", threshold_rows);
