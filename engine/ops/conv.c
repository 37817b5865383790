/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-conv.h"

#include <string.h>

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "kernel/ox-gemm.h"
#include "ops/ox-move.h"

/* Conv: as one product where the window is a point, directly where a filter sees one channel, else by unrolling a tile
 * of the image at a time into columns. */

/* Elements of one tile of columns, so that it stays in the second cache. */
#define TILE_ELEMENTS 131072

gboolean
ox_conv_infer (OxCall *call, int x, int w, int b, OxDtype dtype, GError **error)
{
  const OxConvAttrs *at = call->attrs;
  const OxFact *image = ox_call_fact (call, x), *weight = ox_call_fact (call, w);
  int rank = ox_fact_rank (image), rank_w = ox_fact_rank (weight), rank_b;
  OxDim dims[OX_MAX_RANK], kernel[OX_WINDOW_MAX];
  OxDim channels, filters, each;
  OxWindow window;

  if (rank < 0 && rank_w < 0)
    {
      ox_call_set_unknown (call, 0, dtype);
      return TRUE;
    }
  if (rank >= 0 && rank_w >= 0 && rank != rank_w)
    return ox_fail (error, OX_ERROR_SHAPE, "the image has rank %d and the weight %d", rank, rank_w);
  rank = MAX (rank, rank_w);
  if (rank < 3 || rank > OX_WINDOW_MAX + 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected rank 3 to %d, found %d", OX_WINDOW_MAX + 2, rank);
  for (int i = 0; i < rank - 2; i++)
    kernel[i] = ox_fact_dim (weight, i + 2);
  if (!ox_slide_read (&window, &at->slide, rank - 2, kernel, error))
    return FALSE;
  channels = ox_fact_dim (image, 1);
  filters = ox_fact_dim (weight, 0);
  each = ox_fact_dim (weight, 1);
  if (at->group < 1)
    return ox_fail (error, OX_ERROR_VALUE, "group is %" G_GINT64_FORMAT ", expected at least 1", at->group);
  if (ox_dim_known (channels) && ox_dim_known (each) && channels / at->group != each)
    return ox_fail (error, OX_ERROR_SHAPE,
                    "the weight has %" G_GINT64_FORMAT " channels, the input %" G_GINT64_FORMAT " in %" G_GINT64_FORMAT " groups",
                    each, channels, at->group);
  if ((ox_dim_known (channels) && channels % at->group != 0) || (ox_dim_known (filters) && filters % at->group != 0))
    return ox_fail (error, OX_ERROR_SHAPE,
                    "%" G_GINT64_FORMAT " channels and %" G_GINT64_FORMAT " filters do not divide into %" G_GINT64_FORMAT " groups",
                    channels, filters, at->group);
  rank_b = b >= 0 && ox_call_fact (call, b) != NULL ? ox_fact_rank (ox_call_fact (call, b)) : -1;
  if (rank_b >= 0)
    {
      OxDim length = rank_b == 1 ? ox_fact_dim (ox_call_fact (call, b), 0) : -2;

      if (rank_b != 1 || (ox_dim_known (length) && ox_dim_known (filters) && length != filters))
        return ox_fail (error, OX_ERROR_SHAPE, "the bias must be a vector with one element for each filter");
    }
  dims[0] = ox_fact_dim (image, 0);
  dims[1] = filters;
  for (int i = 2; i < rank; i++)
    dims[i] = ox_fact_dim (image, i);
  if (!ox_slide_infer (call, &window, &at->slide, dims + 2, dims + 2, error))
    return FALSE;
  ox_call_set (call, 0, dtype, rank, dims);
  return TRUE;
}

gboolean
ox_conv_init (OxConv *conv, OxCall *call, int x, int w, GError **error)
{
  const OxConvAttrs *at = call->attrs;
  const OxTensor *image = ox_call_in (call, x), *weight = ox_call_in (call, w);

  if (!ox_slide_read (&conv->window, &at->slide, image->rank - 2, weight->dims + 2, error))
    return FALSE;
  ox_slide_place (&conv->window, &at->slide, image->dims + 2, ox_call_out_fact (call, 0)->dims + 2);
  conv->batch = image->dims[0];
  conv->groups = at->group;
  conv->channels = weight->dims[1];
  conv->filters = weight->dims[0] / at->group;
  return TRUE;
}

gboolean
ox_conv_node_infer (OxCall *call, GError **error)
{
  OxDtype x = ox_fact_dtype (ox_call_fact (call, 0)), w = ox_fact_dtype (ox_call_fact (call, 1));

  if (x != OX_UNDEFINED && w != OX_UNDEFINED && x != w)
    return ox_fail (error, OX_ERROR_DTYPE, "the image is %s and the weight %s", ox_dtype_name (x), ox_dtype_name (w));
  return ox_conv_infer (call, 0, 1, 2, x != OX_UNDEFINED ? x : w, error);
}

typedef struct
{
  const OxConv *conv;
  OxCall     *call;
  OxDtype     dtype;         /* f32 or f64 */
  gint64      size;
  const char *x, *w, *b;
  char       *y;
  gint64      tile, tiles;   /* outputs of a tile, tiles of a group of an image */
  gint        failed;        /* a range had no memory, or the call was cancelled */
} Job;

static void
fill_row (const Job *job, char *row, gint64 count, gint64 filter)
{
  if (job->dtype == OX_F32)
    {
      float value = job->b != NULL ? ((const float *) job->b)[filter] : 0;

      _Pragma ("omp simd") for (gint64 i = 0; i < count; i++)
        ((float *) row)[i] = value;
    }
  else
    {
      double value = job->b != NULL ? ((const double *) job->b)[filter] : 0;

      for (gint64 i = 0; i < count; i++)
        ((double *) row)[i] = value;
    }
}

/* Item: one tile of one group of one image. */
static void
tile_range (gint64 begin, gint64 end, gpointer data)
{
  Job *job = data;
  const OxConv *conv = job->conv;
  const OxWindow *window = &conv->window;
  gint64 depth = conv->channels * window->kernel_count;
  gboolean point = ox_window_is_point (window);
  char *columns = NULL;

  if (!point && (columns = ox_alloc ((gsize) (depth * job->tile * job->size), NULL)) == NULL)
    {
      g_atomic_int_set (&job->failed, TRUE);
      return;
    }
  for (gint64 item = begin; item < end && !g_atomic_int_get (&job->failed); item++)
    {
      gint64 group = item / job->tiles % conv->groups, at = item % job->tiles * job->tile;
      gint64 count = MIN (job->tile, window->out_count - at), stack = item / job->tiles;
      const char *x = job->x + stack * conv->channels * window->in_count * job->size;
      const char *w = job->w + group * conv->filters * depth * job->size;
      char *y = job->y + (stack * conv->filters * window->out_count + at) * job->size;
      gint64 ld = count;

      if (ox_call_cancelled (job->call, NULL))
        {
          g_atomic_int_set (&job->failed, TRUE);
          break;
        }
      if (point)
        {
          x += at * job->size;
          ld = window->in_count;
        }
      else
        {
          ox_window_unroll (window, (gsize) job->size, x, conv->channels, at, count, NULL, columns);
          x = columns;
        }
      for (gint64 f = 0; f < conv->filters && job->b != NULL && !ox_turn (); f++)
        fill_row (job, y + f * window->out_count * job->size, count, group * conv->filters + f);
      if (job->dtype == OX_F32)
        ox_gemm_f32 (FALSE, FALSE, conv->filters, count, depth, 1, (const float *) w, depth, (const float *) x, ld,
                     job->b != NULL ? 1 : 0, (float *) y, window->out_count);
      else
        ox_gemm_f64 (FALSE, FALSE, conv->filters, count, depth, 1, (const double *) w, depth, (const double *) x, ld,
                     job->b != NULL ? 1 : 0, (double *) y, window->out_count);
    }
  ox_free (columns);
}

/* Item: one filter of one image, which sees one channel. */
static void
depthwise_range (gint64 begin, gint64 end, gpointer data)
{
  Job *job = data;
  const OxConv *conv = job->conv;
  const OxWindow *window = &conv->window;

  for (gint64 item = begin; item < end && !ox_turn (); item++)
    {
      gint64 filter = item % (conv->groups * conv->filters);
      const char *x = job->x + item / conv->filters * window->in_count * job->size;
      const char *w = job->w + filter * window->kernel_count * job->size;
      char *y = job->y + item * window->out_count * job->size;

      if (ox_parallel_stopped ())
        return;
      fill_row (job, y, window->out_count, filter);
      if (job->dtype == OX_F32)
        ox_window_apply_f32 (window, (const float *) x, (const float *) w, (float *) y);
      else
        ox_window_apply_f64 (window, (const double *) x, (const double *) w, (double *) y);
    }
}

gboolean
ox_conv_node_run (OxCall *call, GError **error)
{
  OxDtype dtype = ox_call_in (call, 0)->dtype;
  OxTensor *out = ox_call_out (call, 0, error);
  const OxTensor *x, *w, *b = NULL;
  Job job = { .call = call };
  OxConv conv;
  gint64 depth;

  if (out == NULL)
    return FALSE;
  if (dtype != OX_F32 && dtype != OX_F64 && dtype != OX_F16 && dtype != OX_BF16)
    return ox_fail (error, OX_ERROR_DTYPE, "no convolution of %s", ox_dtype_name (dtype));
  job.dtype = dtype == OX_F64 ? OX_F64 : OX_F32;
  job.size = (gint64) ox_dtype_size (job.dtype);
  if (!ox_conv_init (&conv, call, 0, 1, error) || (x = ox_call_in_as (call, 0, job.dtype, error)) == NULL
      || (w = ox_call_in_as (call, 1, job.dtype, error)) == NULL
      || (ox_call_in (call, 2) != NULL && (b = ox_call_in_as (call, 2, job.dtype, error)) == NULL))
    return FALSE;
  job.conv = &conv;
  job.x = (const char *) x->data;
  job.w = (const char *) w->data;
  job.b = b != NULL ? (const char *) b->data : NULL;
  job.y = (char *) out->data;
  if (dtype != job.dtype && (job.y = ox_call_scratch_n (call, out->count, (gsize) job.size, error)) == NULL)
    return FALSE;
  if (out->count == 0)
    return TRUE;

  depth = conv.channels * conv.window.kernel_count;
  if (conv.channels == 1 && conv.window.n <= 2)
    ox_parallel_for (conv.batch * conv.groups * conv.filters,
                     1 + 131072 / (1 + conv.window.out_count * conv.window.kernel_count), depthwise_range, &job);
  else
    {
      job.tile = MAX (128, TILE_ELEMENTS / MAX (1, depth) / 16 * 16);
      if (conv.window.out_count < job.tile + job.tile / 2)
        job.tile = conv.window.out_count;
      job.tiles = (conv.window.out_count + job.tile - 1) / job.tile;
      ox_parallel_for (conv.batch * conv.groups * job.tiles,
                       1 + (gint64) ((1 << 20) / (1 + (double) conv.filters * depth * job.tile)), tile_range, &job);
    }
  if (ox_call_cancelled (call, error))
    return FALSE;
  if (job.failed)
    return ox_fail (error, OX_ERROR_MEMORY, "no memory for a tile of the unrolled image");
  return job.y == (char *) out->data || ox_call_store_f32 (call, 0, (const float *) job.y, error);
}

static const OxAttrSpec conv_specs[] = { OX_CONV_SPECS (OxConvAttrs) };

#define CONV(since_)                                                                                                 \
  { "Conv", since_, { 2, 3 }, { 1, 1 }, OX_ATTRS (conv_specs, OxConvAttrs), .infer = ox_conv_node_infer, .run = ox_conv_node_run }

static const OxOp conv_rows[] = {
  CONV (1),
  CONV (11),
  CONV (22),
};

OX_FAMILY (conv, "ai.onnx", conv_rows);
