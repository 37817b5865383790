/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"

/* GridSample and AffineGrid. */

#define MAX_AXES 3

typedef struct { const char *mode, *padding_mode; gint64 align_corners; } SampleAttrs;
typedef struct { gint64 align_corners; } AffineAttrs;

typedef enum { SAMPLE_NEAREST, SAMPLE_LINEAR, SAMPLE_CUBIC } SampleMode;
typedef enum { PAD_ZEROS, PAD_BORDER, PAD_REFLECTION } SamplePad;

/* ---- GridSample ----------------------------------------------------------------------------------------------- */

typedef struct
{
  SampleMode  mode;
  SamplePad   pad;
  gboolean    align_corners;
  OxDtype     dtype;             /* f32 or f64 */
  int         n;                 /* spatial axes */
  gint64      channels, in[MAX_AXES], in_count, out_count;
  const void *x, *grid;          /* the grid is in the same type */
  void       *y;
} Sample;

static gboolean
sample_read (Sample *sample, const OxCall *call, GError **error)
{
  const SampleAttrs *at = call->attrs;
  const char *mode = at->mode, *pad = at->padding_mode;

  if (strcmp (mode, "nearest") == 0)
    sample->mode = SAMPLE_NEAREST;
  else if (strcmp (mode, "linear") == 0 || strcmp (mode, "bilinear") == 0)
    sample->mode = SAMPLE_LINEAR;
  else if (strcmp (mode, "cubic") == 0 || strcmp (mode, "bicubic") == 0)
    sample->mode = SAMPLE_CUBIC;
  else
    return ox_fail (error, OX_ERROR_VALUE, "mode is '%s', expected nearest, linear or cubic", mode);
  if (strcmp (pad, "zeros") == 0)
    sample->pad = PAD_ZEROS;
  else if (strcmp (pad, "border") == 0)
    sample->pad = PAD_BORDER;
  else if (strcmp (pad, "reflection") == 0)
    sample->pad = PAD_REFLECTION;
  else
    return ox_fail (error, OX_ERROR_VALUE, "padding_mode is '%s', expected zeros, border or reflection", pad);
  sample->align_corners = at->align_corners != 0;
  return TRUE;
}

static gboolean
sample_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *grid = ox_call_fact (call, 1);
  int rank = MAX (ox_fact_rank (x), ox_fact_rank (grid));
  OxDim dims[OX_MAX_RANK], last;
  Sample sample;

  if (!sample_read (&sample, call, error))
    return FALSE;
  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (x));
      return TRUE;
    }
  if (ox_fact_rank (x) >= 0 && ox_fact_rank (grid) >= 0 && x->rank != grid->rank)
    return ox_fail (error, OX_ERROR_SHAPE, "the input has rank %d and the grid %d", x->rank, grid->rank);
  if (rank < 3 || rank > MAX_AXES + 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected rank 3 to %d, found %d", MAX_AXES + 2, rank);
  last = ox_fact_dim (grid, rank - 1);
  if (ox_dim_known (last) && last != rank - 2)
    return ox_fail (error, OX_ERROR_SHAPE, "a point of the grid has %" G_GINT64_FORMAT " coordinates, expected %d", last, rank - 2);
  dims[0] = ox_fact_dim (x, 0);
  if (ox_dim_known (dims[0]) && ox_dim_known (ox_fact_dim (grid, 0)) && dims[0] != ox_fact_dim (grid, 0))
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " images and %" G_GINT64_FORMAT " grids", dims[0], grid->dims[0]);
  dims[1] = ox_fact_dim (x, 1);
  for (int d = 2; d < rank; d++)
    dims[d] = ox_fact_dim (grid, d - 1);
  ox_call_set (call, 0, ox_fact_dtype (x), rank, dims);
  return TRUE;
}

/* Folds @at back into @low..@high. */
static double
reflect (double at, double low, double high)
{
  double range = high - low, rest;

  if (at >= low && at <= high)
    return at;
  if (!(range > 0))
    return low;
  rest = fmod (at < low ? low - at : at - high, 2 * range);
  if (at < low)
    return rest <= range ? low + rest : high - (rest - range);
  return rest <= range ? high - rest : low + (rest - range);
}

/* In the precision of the grid and kept as float, which decides where a coordinate is half-way between elements. */
static double
denormalize (const Sample *sample, double at, gint64 length)
{
  if (sample->dtype == OX_F32)
    {
      float f = (float) at, n = (float) length;

      return sample->align_corners ? (f + 1) / 2 * (n - 1) : ((f + 1) * n - 1) / 2;
    }
  at = sample->align_corners ? (at + 1) / 2 * (double) (length - 1) : ((at + 1) * (double) length - 1) / 2;
  return (float) at;
}

/* The taps along one axis for the normalised coordinate @at: places in the input (-1: reads 0) and weights. */
static int
axis_taps (const Sample *sample, int axis, double at, gint64 *place, double *weight)
{
  gint64 length = sample->in[axis];
  double low = sample->align_corners ? 0 : -0.5, high = (double) length - (sample->align_corners ? 1 : 0.5);
  double base, r;
  int n;

  at = denormalize (sample, at, length);
  if (sample->mode == SAMPLE_NEAREST)
    at = nearbyint (at);
  if (!(at >= low && at <= high))
    {
      if (isnan (at))
        at = low;
      else if (sample->pad == PAD_BORDER)
        at = CLAMP (at, 0, (double) (length - 1));
      else if (sample->pad == PAD_REFLECTION)
        at = reflect (at, low, high);
      else
        at = CLAMP (at, -8, (double) length + 8);
    }
  base = floor (at);
  r = at - base;
  switch (sample->mode)
    {
    case SAMPLE_NEAREST:
      n = 1;
      weight[0] = 1;
      /* Reflected coordinates may be half-way; the reference cuts them off. */
      base = trunc (at);
      break;
    case SAMPLE_LINEAR:
      n = 2;
      weight[0] = 1 - r;
      weight[1] = r;
      break;
    case SAMPLE_CUBIC:
    default:
      {
        const double a = -0.75;

        n = 4;
        base -= 1;
        weight[0] = ((a * (r + 1) - 5 * a) * (r + 1) + 8 * a) * (r + 1) - 4 * a;
        weight[1] = ((a + 2) * r - (a + 3)) * r * r + 1;
        weight[2] = ((a + 2) * (1 - r) - (a + 3)) * (1 - r) * (1 - r) + 1;
        weight[3] = ((a * (2 - r) - 5 * a) * (2 - r) + 8 * a) * (2 - r) - 4 * a;
      }
      break;
    }
  for (int k = 0; k < n; k++)
    {
      double tap = base + k;

      if (sample->pad == PAD_BORDER)
        tap = CLAMP (tap, 0, (double) (length - 1));
      else if (sample->pad == PAD_REFLECTION)
        tap = trunc (reflect (tap, low, high));
      place[k] = tap >= 0 && tap < (double) length ? (gint64) tap : -1;
    }
  return n;
}

/* Item: a point of the grid of an image; its taps serve all channels. */
static void
sample_range (gint64 begin, gint64 end, gpointer data)
{
  const Sample *s = data;

  for (gint64 item = begin; item < end && !ox_turn (); item++)
    {
      gint64 image = item / s->out_count, point = item % s->out_count;
      gint64 place[MAX_AXES][4], offset[64];
      double weight[MAX_AXES][4], product[64];
      int n[MAX_AXES] = { 1, 1, 1 }, taps = 0, all = 1;

      if ((item - begin) % 256 == 0 && ox_parallel_stopped ())
        return;

      /* The last axis comes first in the grid. */
      for (int d = 0; d < s->n; d++)
        {
          gint64 i = item * s->n + s->n - 1 - d;
          double at = s->dtype == OX_F32 ? ((const float *) s->grid)[i] : ((const double *) s->grid)[i];

          all *= n[d] = axis_taps (s, d, at, place[d], weight[d]);
        }
      for (int t = 0; t < all; t++)
        {
          gint64 at = 0;
          double w = 1;
          int rest = t, which[MAX_AXES];
          gboolean inside = TRUE;

          for (int d = s->n - 1; d >= 0; d--)
            {
              which[d] = rest % n[d];
              rest /= n[d];
            }
          for (int d = 0; d < s->n; d++)
            {
              inside = inside && place[d][which[d]] >= 0;
              at = at * s->in[d] + place[d][which[d]];
              w *= weight[d][which[d]];
            }
          if (!inside || w == 0)
            continue;
          offset[taps] = at;
          product[taps++] = w;
        }
      for (gint64 c = 0; c < s->channels && !ox_pause (c); c++)
        {
          gint64 from = (image * s->channels + c) * s->in_count, to = (image * s->channels + c) * s->out_count + point;
          double sum = 0;

          if (s->dtype == OX_F32)
            {
              for (int t = 0; t < taps; t++)
                sum += product[t] * ((const float *) s->x)[from + offset[t]];
              ((float *) s->y)[to] = (float) sum;
            }
          else
            {
              for (int t = 0; t < taps; t++)
                sum += product[t] * ((const double *) s->x)[from + offset[t]];
              ((double *) s->y)[to] = sum;
            }
        }
    }
}

/* The nearest element as it is, of any type: nothing is computed, so nothing is rounded. */
static void
nearest_elements (const Sample *s, const OxTensor *x, OxTensor *out)
{
  gint64 size = (gint64) ox_dtype_size (x->dtype);

  for (gint64 item = 0; item < out->dims[0] * s->out_count && !ox_turn (); item++)
    {
      gint64 image = item / s->out_count, point = item % s->out_count, at = 0, place;
      gboolean inside = TRUE;
      double weight;

      for (int d = 0; d < s->n; d++)
        {
          gint64 i = item * s->n + s->n - 1 - d;
          double coordinate = s->dtype == OX_F32 ? ((const float *) s->grid)[i] : ((const double *) s->grid)[i];

          axis_taps (s, d, coordinate, &place, &weight);
          inside = inside && place >= 0;
          at = at * s->in[d] + place;
        }
      for (gint64 c = 0; c < s->channels && !ox_pause (c); c++)
        {
          gint64 channel = image * s->channels + c;
          guint8 *to = out->data + (channel * s->out_count + point) * size;

          if (inside)
            ox_move_block (x->dtype, to, x->data + (channel * s->in_count + at) * size, 1);
          else if (x->dtype != OX_STR)
            memset (to, 0, (gsize) size);
        }
    }
}

static gboolean
sample_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in (call, 0), *grid;
  OxTensor *out = ox_call_out (call, 0, error);
  gboolean wide = x->dtype == OX_F64 || (!ox_dtype_is_float (x->dtype) && ox_dtype_size (x->dtype) >= 4);
  Sample sample;

  if (out == NULL || !sample_read (&sample, call, error))
    return FALSE;
  if (sample.mode != SAMPLE_NEAREST && !ox_dtype_is_float (x->dtype) && !ox_dtype_is_integer (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no mode but nearest for %s", ox_dtype_name (x->dtype));
  sample.dtype = wide ? OX_F64 : OX_F32;
  sample.n = x->rank - 2;
  sample.channels = x->dims[1];
  sample.in_count = sample.out_count = 1;
  for (int d = 0; d < sample.n; d++)
    {
      sample.in[d] = x->dims[d + 2];
      sample.in_count *= x->dims[d + 2];
      sample.out_count *= out->dims[d + 2];
    }
  if (out->count == 0)
    return TRUE;
  if (sample.in_count == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "an image without elements cannot be sampled");
  if (sample.mode == SAMPLE_NEAREST && !ox_dtype_is_float (x->dtype))
    {
      sample.dtype = ox_call_in (call, 1)->dtype == OX_F64 ? OX_F64 : OX_F32;
      if ((x = ox_call_in_dense (call, 0, error)) == NULL || (grid = ox_call_in_as (call, 1, sample.dtype, error)) == NULL)
        return FALSE;
      sample.grid = grid->data;
      nearest_elements (&sample, x, out);
      return TRUE;
    }
  if ((x = ox_call_in_as (call, 0, sample.dtype, error)) == NULL || (grid = ox_call_in_as (call, 1, sample.dtype, error)) == NULL)
    return FALSE;
  sample.x = x->data;
  sample.grid = grid->data;
  sample.y = out->data;
  if (out->dtype != sample.dtype
      && (sample.y = ox_call_scratch_n (call, out->count, ox_dtype_size (sample.dtype), error)) == NULL)
    return FALSE;
  ox_parallel_for (out->dims[0] * sample.out_count, 1 + 2048 / (1 + sample.channels), sample_range, &sample);
  if (sample.y == out->data)
    return TRUE;
  if (ox_dtype_is_float (out->dtype))
    return ox_call_store_f32 (call, 0, sample.y, error);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    ox_tensor_set (out, i, wide ? trunc (((const double *) sample.y)[i]) : truncf (((const float *) sample.y)[i]));
  return TRUE;
}

/* ---- AffineGrid ----------------------------------------------------------------------------------------------- */

static gboolean
affine_infer (OxCall *call, GError **error)
{
  const OxFact *theta = ox_call_fact (call, 0), *shape = ox_call_fact (call, 1);
  OxDim dims[MAX_AXES + 2];
  const OxDim *size;
  int n;

  if (ox_fact_rank (theta) >= 0 && theta->rank != 3)
    return ox_fail (error, OX_ERROR_SHAPE, "theta has rank %d, expected 3", theta->rank);
  if (!ox_call_ints (call, 1, &size, &n))
    {
      n = ox_fact_rank (shape) == 1 && (shape->dims[0] == 4 || shape->dims[0] == 5) ? (int) shape->dims[0] : -1;
      for (int d = 0; d < n; d++)
        dims[d] = OX_DIM_UNKNOWN;
      ox_call_set (call, 0, ox_fact_dtype (theta), n, dims);
      return TRUE;
    }
  if (n != 4 && n != 5)
    return ox_fail (error, OX_ERROR_SHAPE, "size has %d elements, expected 4 or 5", n);
  if (ox_fact_rank (theta) == 3)
    for (int d = 0; d < 3; d++)
      {
        OxDim want = d == 0 ? size[0] : n - 3 + d;

        if (ox_dim_known (theta->dims[d]) && ox_dim_known (want) && theta->dims[d] != want)
          return ox_fail (error, OX_ERROR_SHAPE, "theta has %" G_GINT64_FORMAT " along axis %d, expected %" G_GINT64_FORMAT,
                          theta->dims[d], d, want);
      }
  dims[0] = size[0];
  for (int d = 1; d < n - 1; d++)
    dims[d] = size[d + 1];
  dims[n - 1] = n - 2;
  ox_call_set (call, 0, ox_fact_dtype (theta), n, dims);
  return TRUE;
}

static double
normalised (gint64 i, gint64 n, gboolean align_corners)
{
  if (align_corners)
    return n > 1 ? 2 * (double) i / (double) (n - 1) - 1 : 0;
  return (2 * (double) i + 1) / (double) n - 1;
}

static gboolean
affine_run (OxCall *call, GError **error)
{
  const AffineAttrs *at = call->attrs;
  const OxTensor *theta = ox_call_in_as (call, 0, OX_F64, error);
  OxTensor *out = theta != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 n, points;

  if (out == NULL)
    return FALSE;
  if (!ox_dtype_is_float (out->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no grid of %s", ox_dtype_name (out->dtype));
  n = out->rank - 2;
  points = out->count / MAX (1, n);
  for (gint64 i = 0; i < points && !ox_turn (); i++)
    {
      double point[MAX_AXES + 1];
      gint64 rest = i;
      const double *matrix;

      for (gint64 d = n - 1; d >= 0; d--)
        {
          point[n - 1 - d] = normalised (rest % out->dims[d + 1], out->dims[d + 1], at->align_corners != 0);
          rest /= out->dims[d + 1];
        }
      point[n] = 1;
      matrix = (const double *) theta->data + rest * n * (n + 1);
      for (gint64 r = 0; r < n; r++)
        {
          double sum = 0;

          for (gint64 k = 0; k <= n; k++)
            sum += matrix[r * (n + 1) + k] * point[k];
          ox_tensor_set (out, i * n + r, sum);
        }
    }
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

#define SAMPLE_SPECS(mode_)                                                                                          \
  { OX_STRING (SampleAttrs, mode, mode_), OX_STRING (SampleAttrs, padding_mode, "zeros"), OX_INT (SampleAttrs, align_corners, 0) }

static const OxAttrSpec sample_16_specs[] = SAMPLE_SPECS ("bilinear");
static const OxAttrSpec sample_20_specs[] = SAMPLE_SPECS ("linear");
static const OxAttrSpec affine_specs[] = { OX_INT (AffineAttrs, align_corners, 0) };

#define SAMPLE(since_, specs)                                                                                        \
  { "GridSample", since_, { 2, 2 }, { 1, 1 }, OX_ATTRS (specs, SampleAttrs), .infer = sample_infer, .run = sample_run }

static const OxOp grid_rows[] = {
  SAMPLE (16, sample_16_specs),
  SAMPLE (20, sample_20_specs),
  SAMPLE (22, sample_20_specs),
  { "AffineGrid", 20, { 2, 2 }, { 1, 1 }, OX_ATTRS (affine_specs, AffineAttrs), .infer = affine_infer, .run = affine_run },
};

OX_FAMILY (grid, "ai.onnx", grid_rows);
