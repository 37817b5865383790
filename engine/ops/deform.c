/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-conv.h"

#include <math.h>
#include <string.h>

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "kernel/ox-gemm.h"
#include "ops/ox-move.h"

/* DeformConv: a convolution of images whose taps are moved by offsets that are an input. */

typedef struct
{
  OxConvAttrs conv;              /* first */
  gint64      offset_group;
} DeformAttrs;

/* Checks that what is known of input @i has the dims @want, 4 of them. */
static gboolean
expect_dims (OxCall *call, int i, const char *name, const OxDim *want, GError **error)
{
  const OxFact *fact = ox_call_fact (call, i);

  if (fact == NULL || ox_fact_rank (fact) < 0)
    return TRUE;
  if (fact->rank != 4)
    return ox_fail (error, OX_ERROR_SHAPE, "%s has rank %d, expected 4", name, fact->rank);
  for (int d = 0; d < 4; d++)
    if (ox_dim_known (fact->dims[d]) && ox_dim_known (want[d]) && fact->dims[d] != want[d])
      return ox_fail (error, OX_ERROR_SHAPE, "%s has %" G_GINT64_FORMAT " along axis %d, expected %" G_GINT64_FORMAT, name,
                      fact->dims[d], d, want[d]);
  return TRUE;
}

static gboolean
deform_infer (OxCall *call, GError **error)
{
  const DeformAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0), *w = ox_call_fact (call, 1), *out;
  OxDim want[4], taps, channels = ox_fact_dim (x, 1);

  if (!ox_conv_infer (call, 0, 1, 3, ox_fact_dtype (x), error))
    return FALSE;
  out = ox_call_out_fact (call, 0);
  if (out->rank < 0)
    return TRUE;
  if (out->rank != 4)
    return ox_fail (error, OX_ERROR_SHAPE, "expected images, found rank %d", out->rank);
  if (at->offset_group < 1 || (ox_dim_known (channels) && channels % at->offset_group != 0))
    return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " channels do not divide into %" G_GINT64_FORMAT " offset groups",
                    channels, at->offset_group);
  taps = ox_dim_mul (call->dims, ox_dim_mul (call->dims, ox_fact_dim (w, 2), ox_fact_dim (w, 3)), at->offset_group);
  want[0] = out->dims[0];
  want[1] = ox_dim_mul (call->dims, taps, 2);
  want[2] = out->dims[2];
  want[3] = out->dims[3];
  if (!expect_dims (call, 2, "offset", want, error))
    return FALSE;
  want[1] = taps;
  return expect_dims (call, 4, "mask", want, error);
}

typedef struct
{
  const OxConv *conv;
  gint64        offset_groups, channels;     /* channels of the image */
  const double *offset, *mask;               /* of this image */
  const double *x;                           /* of this image */
  double       *columns;
} Job;

/* Bilinear; what is outside reads 0. */
static double
read_at (const double *image, gint64 height, gint64 width, double y, double x)
{
  double sum = 0;
  gint64 top, left;

  if (!(y > -1 && y < (double) height && x > -1 && x < (double) width))
    return 0;
  top = (gint64) floor (y);
  left = (gint64) floor (x);
  for (gint64 i = top; i <= top + 1; i++)
    for (gint64 j = left; j <= left + 1; j++)
      if (i >= 0 && i < height && j >= 0 && j < width)
        sum += (1 - fabs (y - (double) i)) * (1 - fabs (x - (double) j)) * image[i * width + j];
  return sum;
}

/* Item: a channel of the image. */
static void
columns_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  const OxWindow *w = &job->conv->window;

  for (gint64 c = begin; c < end && !ox_turn (); c++)
    for (gint64 tap = 0; tap < w->kernel_count && !ox_turn (); tap++)
      {
        gint64 which = c / (job->channels / job->offset_groups) * w->kernel_count + tap;
        const double *dy = job->offset + 2 * which * w->out_count, *dx = dy + w->out_count;
        const double *mask = job->mask != NULL ? job->mask + which * w->out_count : NULL;
        double *to = job->columns + (c * w->kernel_count + tap) * w->out_count;
        gint64 ky = tap / w->kernel[1], kx = tap % w->kernel[1];

        for (gint64 i = 0; i < w->out_count && !ox_pause (i); i++)
          {
            double y = (double) (i / w->out[1] * w->stride[0] - w->begin[0] + ky * w->dilation[0]) + dy[i];
            double x = (double) (i % w->out[1] * w->stride[1] - w->begin[1] + kx * w->dilation[1]) + dx[i];
            double value = read_at (job->x + c * w->in_count, w->in[0], w->in[1], y, x);

            to[i] = mask != NULL ? value * mask[i] : value;
          }
      }
}

static gboolean
deform_run (OxCall *call, GError **error)
{
  const DeformAttrs *at = call->attrs;
  OxTensor *out = ox_call_out (call, 0, error);
  const OxTensor *in[5] = { NULL };
  Job job = { .offset_groups = at->offset_group };
  gint64 filters, depth, sizes[3];
  double *y;
  OxConv conv;

  if (out == NULL)
    return FALSE;
  if (!ox_dtype_is_float (out->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no convolution of %s", ox_dtype_name (out->dtype));
  for (int i = 0; i < 5; i++)
    if (ox_call_in (call, i) != NULL && (in[i] = ox_call_in_as (call, i, OX_F64, error)) == NULL)
      return FALSE;
  if (!ox_conv_init (&conv, call, 0, 1, error))
    return FALSE;
  job.conv = &conv;
  job.channels = in[0]->dims[1];
  filters = conv.groups * conv.filters;
  depth = conv.channels * conv.window.kernel_count;
  sizes[0] = job.channels;
  sizes[1] = conv.window.kernel_count;
  sizes[2] = conv.window.out_count;
  if (!ox_dims_count (sizes, 3, &sizes[0]))
    return ox_fail (error, OX_ERROR_MEMORY, "the columns of one image are too large");
  if ((job.columns = ox_call_scratch_n (call, sizes[0], sizeof (double), error)) == NULL
      || (y = ox_call_scratch_n (call, filters * conv.window.out_count, sizeof (double), error)) == NULL)
    return FALSE;
  for (gint64 image = 0; image < conv.batch && out->count > 0; image++)
    {
      gint64 taps = at->offset_group * conv.window.kernel_count * conv.window.out_count;

      if (ox_call_cancelled (call, error))
        return FALSE;
      job.x = (const double *) in[0]->data + image * job.channels * conv.window.in_count;
      job.offset = (const double *) in[2]->data + image * 2 * taps;
      job.mask = in[4] != NULL ? (const double *) in[4]->data + image * taps : NULL;
      ox_parallel_for (job.channels, 1, columns_range, &job);
      for (gint64 f = 0; f < filters && !ox_turn (); f++)
        for (gint64 i = 0; i < conv.window.out_count; i++)
          y[f * conv.window.out_count + i] = in[3] != NULL ? ((const double *) in[3]->data)[f] : 0;
      for (gint64 g = 0; g < conv.groups && !ox_pause (g); g++)
        ox_gemm_f64 (FALSE, FALSE, conv.filters, conv.window.out_count, depth, 1,
                     (const double *) in[1]->data + g * conv.filters * depth, depth,
                     job.columns + g * depth * conv.window.out_count, conv.window.out_count, 1,
                     y + g * conv.filters * conv.window.out_count, conv.window.out_count);
      for (gint64 i = 0; i < filters * conv.window.out_count && !ox_pause (i); i++)
        ox_tensor_set (out, image * filters * conv.window.out_count + i, y[i]);
    }
  return TRUE;
}

static const OxAttrSpec deform_specs[] = {
  { "kernel_shape", OX_KIND_INTS, offsetof (DeformAttrs, conv.slide.kernel_shape) },
  { "strides", OX_KIND_INTS, offsetof (DeformAttrs, conv.slide.strides) },
  { "pads", OX_KIND_INTS, offsetof (DeformAttrs, conv.slide.pads) },
  { "dilations", OX_KIND_INTS, offsetof (DeformAttrs, conv.slide.dilations) },
  { "group", OX_KIND_INT, offsetof (DeformAttrs, conv.group), .number = 1 },
  OX_INT (DeformAttrs, offset_group, 1),
};

#define DEFORM(since_)                                                                                               \
  { "DeformConv", since_, { 3, 5 }, { 1, 1 }, OX_ATTRS (deform_specs, DeformAttrs), .infer = deform_infer, .run = deform_run }

static const OxOp deform_rows[] = { DEFORM (19), DEFORM (22) };

OX_FAMILY (deform, "ai.onnx", deform_rows);
