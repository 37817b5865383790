/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"

/* CropAndResize of ONNX Runtime: regions of images, each brought to one size. */

typedef struct { const char *mode; double extrapolation_value; } CropAttrs;

enum { IMAGES, ROIS, BATCH_INDICES, CROP_SIZE };

static gboolean
crop_infer (OxCall *call, GError **error)
{
  const char *mode = ((const CropAttrs *) call->attrs)->mode;
  const OxFact *x = ox_call_fact (call, IMAGES), *rois = ox_call_fact (call, ROIS);
  OxDim dims[4];
  const OxDim *size;
  int n;

  if (!g_str_equal (mode, "bilinear") && !g_str_equal (mode, "nearest"))
    return ox_fail (error, OX_ERROR_VALUE, "mode '%s' is not bilinear or nearest", mode);
  if ((ox_fact_rank (x) >= 0 && x->rank != 4) || (ox_fact_rank (rois) >= 0 && rois->rank != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "expected images of rank 4 and regions of rank 2");
  dims[0] = ox_fact_dim (rois, 0);
  dims[1] = ox_fact_dim (x, 1);
  dims[2] = dims[3] = OX_DIM_UNKNOWN;
  if (ox_call_ints (call, CROP_SIZE, &size, &n))
    {
      if (n != 2)
        return ox_fail (error, OX_ERROR_SHAPE, "crop_size has %d elements, expected 2", n);
      for (int k = 0; k < 2; k++)
        {
          if (ox_dim_known (size[k]) && size[k] < 1)
            return ox_fail (error, OX_ERROR_VALUE, "crop_size is %" G_GINT64_FORMAT, size[k]);
          dims[2 + k] = size[k];
        }
    }
  ox_call_set (call, 0, ox_fact_dtype (x), 4, dims);
  return TRUE;
}

typedef struct
{
  const float *x, *rois;
  float *y;
  const gint64 *batch;
  gint64 channels, height, width, out_height, out_width;
  gboolean nearest;
  float outside;
} Job;

/* Where place @i of @n lies between @from and @to, parts of the axis of @length elements. */
static float
place (float from, float to, gint64 length, gint64 n, gint64 i)
{
  float last = (float) (length - 1);

  return n > 1 ? from * last + (float) i * ((to - from) * last / (float) (n - 1)) : 0.5f * (from + to) * last;
}

static float
sample (const Job *job, const float *plane, float y, float x)
{
  gint64 top, left, bottom, right;
  float upper, lower;

  if (!(y >= 0 && y <= (float) (job->height - 1) && x >= 0 && x <= (float) (job->width - 1)))
    return job->outside;
  if (job->nearest)
    return plane[(gint64) roundf (y) * job->width + (gint64) roundf (x)];
  top = (gint64) floorf (y);
  left = (gint64) floorf (x);
  bottom = (gint64) ceilf (y);
  right = (gint64) ceilf (x);
  x -= (float) left;
  upper = plane[top * job->width + left] * (1 - x) + plane[top * job->width + right] * x;
  lower = plane[bottom * job->width + left] * (1 - x) + plane[bottom * job->width + right] * x;
  return upper + (lower - upper) * (y - (float) top);
}

/* Item: a channel of a region, which is given as y1, x1, y2, x2. */
static void
crop_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;

  for (gint64 item = begin; item < end && !ox_turn (); item++)
    {
      gint64 roi = item / job->channels;
      const float *plane = job->x + (job->batch[roi] * job->channels + item % job->channels) * job->height * job->width;
      const float *box = job->rois + roi * 4;
      float *y = job->y + item * job->out_height * job->out_width;

      for (gint64 r = 0; r < job->out_height && !ox_turn (); r++)
        for (gint64 c = 0; c < job->out_width && !ox_pause (c); c++)
          *y++ = sample (job, plane, place (box[0], box[2], job->height, job->out_height, r),
                         place (box[1], box[3], job->width, job->out_width, c));
    }
}

static gboolean
crop_run (OxCall *call, GError **error)
{
  const CropAttrs *at = call->attrs;
  OxTensor *out = ox_call_out (call, 0, error);
  const OxTensor *x = out != NULL ? ox_call_in_as (call, IMAGES, OX_F32, error) : NULL;
  const OxTensor *rois = x != NULL ? ox_call_in_as (call, ROIS, OX_F32, error) : NULL;
  Job job = { .nearest = g_str_equal (at->mode, "nearest"), .outside = (float) at->extrapolation_value };

  if (rois == NULL || (job.batch = ox_call_indices (call, BATCH_INDICES, error)) == NULL)
    return FALSE;
  if (!ox_dtype_is_float (out->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no regions of %s", ox_dtype_name (out->dtype));
  if (rois->dims[1] != 4 || ox_call_in (call, BATCH_INDICES)->count != rois->dims[0])
    return ox_fail (error, OX_ERROR_SHAPE, "expected 4 numbers and an index of the batch for each region");
  for (gint64 i = 0; i < rois->dims[0]; i++)
    if (job.batch[i] < 0 || job.batch[i] >= x->dims[0])
      return ox_fail (error, OX_ERROR_VALUE, "image %" G_GINT64_FORMAT " is not one of %" G_GINT64_FORMAT, job.batch[i], x->dims[0]);
  job.x = (const float *) x->data;
  job.rois = (const float *) rois->data;
  job.channels = x->dims[1];
  job.height = x->dims[2];
  job.width = x->dims[3];
  job.out_height = out->dims[2];
  job.out_width = out->dims[3];
  if ((job.y = ox_call_scratch_n (call, out->count, sizeof *job.y, error)) == NULL)
    return FALSE;
  if (out->count > 0)
    ox_parallel_for (rois->dims[0] * job.channels, 1 + 8192 / (job.out_height * job.out_width), crop_range, &job);
  return ox_call_store_f32 (call, 0, job.y, error);
}

static const OxAttrSpec crop_specs[] = {
  OX_STRING (CropAttrs, mode, "bilinear"),
  OX_FLOAT (CropAttrs, extrapolation_value, 0),
};

static const OxOp crop_resize_rows[] = {
  { "CropAndResize", 1, { 4, 4 }, { 1, 1 }, OX_ATTRS (crop_specs, CropAttrs), crop_infer, crop_run },
};

OX_FAMILY (crop_resize, "com.microsoft", crop_resize_rows);
