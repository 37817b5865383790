/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kernel/ox-resample.h"

#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "core/ox-memory.h"
#include "core/ox-parallel.h"

/* Where output @x lies in the input. In float, as other runtimes do: thirds and their like then meet the element
 * boundaries that they were meant to. */
static float
coordinate (OxCoord coord, gint64 x, gint64 in, gint64 out, float scale, float roi_begin, float roi_end)
{
  float at = (float) x, length = (float) in, resized = scale * length;

  switch (coord)
    {
    case OX_COORD_ALIGN_CORNERS:
      return resized == 1 || out == 1 ? 0 : at * (length - 1) / (resized - 1);
    case OX_COORD_ASYMMETRIC:
      return at / scale;
    case OX_COORD_TF_CROP:
      if (out <= 1)
        return 0.5f * (roi_begin + roi_end) * (length - 1);
      return roi_begin * (length - 1) + at * (roi_end - roi_begin) * (length - 1) / (float) (out - 1);
    case OX_COORD_PYTORCH_HALF_PIXEL:
      return out > 1 ? (at + 0.5f) / scale - 0.5f : 0;
    case OX_COORD_TF_HALF_PIXEL:
      return (at + 0.5f) / scale;
    case OX_COORD_HALF_PIXEL_SYMMETRIC:
      return length / 2 * (1 - (float) out / resized) + (at + 0.5f) / scale - 0.5f;
    case OX_COORD_HALF_PIXEL:
    default:
      return (at + 0.5f) / scale - 0.5f;
    }
}

static gint64
nearest (OxNearest how, float at)
{
  switch (how)
    {
    case OX_NEAREST_FLOOR:
      return (gint64) floorf (at);
    case OX_NEAREST_CEIL:
      return (gint64) ceilf (at);
    case OX_NEAREST_PREFER_CEIL:
      return (gint64) floorf (at + 0.5f);
    case OX_NEAREST_PREFER_FLOOR:
    default:
      return (gint64) ceilf (at - 0.5f);
    }
}

static double
cubic (double x, double a)
{
  x = fabs (x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

/* The weights of one output at @at, over the elements from floor (at) + first on. */
static void
fill_weights (const OxResample *how, OxTaps *taps, gint64 output, float at, gint64 first, double shrink)
{
  gint64 base = (gint64) floorf (at) + first;
  double total = 0;

  for (gint64 k = 0; k < taps->width; k++)
    {
      gint64 place = base + k;
      double distance = ((double) place - (double) at) * shrink;
      double weight = how->mode == OX_RESAMPLE_LINEAR ? MAX (0, 1 - fabs (distance)) : cubic (distance, how->cubic_a);

      if (how->exclude_outside && (place < 0 || place >= taps->in))
        weight = 0;
      total += weight;
      taps->index[output * taps->width + k] = CLAMP (place, 0, taps->in - 1);
      taps->weight[output * taps->width + k] = (float) weight;
    }
  if (total != 0 && (how->exclude_outside || how->antialias))
    for (gint64 k = 0; k < taps->width; k++)
      taps->weight[output * taps->width + k] = (float) (taps->weight[output * taps->width + k] / total);
}

OxTaps *
ox_taps_new (const OxResample *how, gint64 in, gint64 out, double scale, double roi_begin, double roi_end, GError **error)
{
  g_autoptr (OxTaps) taps = g_new0 (OxTaps, 1);
  double shrink = how->antialias && how->mode != OX_RESAMPLE_NEAREST ? MIN (scale, 1.0) : 1.0;
  gint64 first = 0;
  gsize count, bytes;

  if (!(scale > 0) || !isfinite (scale) || !isfinite (roi_begin) || !isfinite (roi_end))
    {
      ox_fail (error, OX_ERROR_VALUE, "a scale of %g (region %g to %g), expected a positive number", scale, roi_begin, roi_end);
      return NULL;
    }
  taps->in = in;
  taps->out = out;
  taps->width = 1;
  if (how->mode != OX_RESAMPLE_NEAREST)
    {
      double reach = (how->mode == OX_RESAMPLE_LINEAR ? 1 : 2) / shrink;

      if (reach > 4 * (double) in + 16)
        {
          ox_fail (error, OX_ERROR_VALUE, "a scale of %g leaves nothing of %" G_GINT64_FORMAT " elements", scale, in);
          return NULL;
        }
      first = (gint64) floor (-reach) + 1;
      taps->width = 2 - 2 * first;
    }
  if (!ox_size_mul ((gsize) out, (gsize) taps->width, &count) || !ox_size_mul (count, sizeof (gint64), &bytes)
      || (taps->index = ox_alloc (bytes, error)) == NULL)
    {
      if (error != NULL && *error == NULL)
        ox_fail (error, OX_ERROR_MEMORY, "%" G_GINT64_FORMAT " outputs are too many", out);
      return NULL;
    }
  if (how->mode != OX_RESAMPLE_NEAREST && (taps->weight = ox_alloc (count * sizeof (float), error)) == NULL)
    return NULL;
  if (how->coord == OX_COORD_TF_CROP && (taps->outside = ox_alloc0 ((gsize) out, error)) == NULL)
    return NULL;
  for (gint64 x = 0; x < out; x++)
    {
      float at = coordinate (how->coord, x, in, out, (float) scale, (float) roi_begin, (float) roi_end);

      if (taps->outside != NULL)
        taps->outside[x] = at < 0 || at > (float) (in - 1);
      /* Beyond the edges nothing changes any more; the conversion to an integer below must not overflow. */
      at = CLAMP (at, -2 * (float) in - 64, 3 * (float) in + 64);
      if (how->mode == OX_RESAMPLE_NEAREST)
        taps->index[x] = CLAMP (nearest (how->nearest, at), 0, in - 1);
      else
        fill_weights (how, taps, x, at, first, shrink);
    }
  return g_steal_pointer (&taps);
}

void
ox_taps_free (OxTaps *taps)
{
  if (taps == NULL)
    return;
  ox_free (taps->index);
  ox_free (taps->weight);
  ox_free (taps->outside);
  g_free (taps);
}

gboolean
ox_taps_identity (const OxTaps *taps)
{
  if (taps->in != taps->out)
    return FALSE;
  for (gint64 x = 0; x < taps->out; x++)
    {
      if (taps->outside != NULL && taps->outside[x])
        return FALSE;
      for (gint64 k = 0; k < taps->width; k++)
        if (taps->index[x * taps->width + k] != x && (taps->weight == NULL || taps->weight[x * taps->width + k] != 0))
          return FALSE;
    }
  return TRUE;
}

typedef struct
{
  const OxTaps *taps;
  gint64        inner;
  const void   *from;
  void         *to;
} Pass;

/* Item: an output of one of the outer ones. With inner elements whole runs are added, else elements. */
#define DEFINE_APPLY(T, range, name)                                                                                 \
  static void range (gint64 begin, gint64 end, gpointer data)                                                        \
  {                                                                                                                  \
    const Pass *pass = data;                                                                                         \
    const OxTaps *taps = pass->taps;                                                                                 \
    gint64 inner = pass->inner;                                                                                      \
                                                                                                                     \
    gint64 x = begin % taps->out, o = begin / taps->out;                                                             \
                                                                                                                     \
    for (gint64 item = begin; item < end; item++)                                                                    \
      {                                                                                                              \
        const gint64 *index = taps->index + x * taps->width;                                                         \
        const float *weight = taps->weight + x * taps->width;                                                        \
        const T *from = (const T *) pass->from + o * taps->in * inner;                                               \
        T *to = (T *) pass->to + item * inner;                                                                       \
                                                                                                                     \
        if ((item - begin) % 256 == 0 && ox_parallel_stopped ())                                                     \
          return;                                                                                                    \
        if (++x == taps->out)                                                                                        \
          {                                                                                                          \
            x = 0;                                                                                                   \
            o++;                                                                                                     \
          }                                                                                                          \
        if (inner == 1)                                                                                              \
          {                                                                                                          \
            T sum = 0;                                                                                               \
                                                                                                                     \
            for (gint64 k = 0; k < taps->width; k++)                                                                 \
              sum += (T) weight[k] * from[index[k]];                                                                 \
            *to = sum;                                                                                               \
            continue;                                                                                                \
          }                                                                                                          \
        memset (to, 0, (gsize) inner * sizeof (T));                                                                  \
        for (gint64 k = 0; k < taps->width; k++)                                                                     \
          {                                                                                                          \
            const T *run = from + index[k] * inner;                                                                  \
            T w = (T) weight[k];                                                                                     \
                                                                                                                     \
            if (w != 0)                                                                                              \
              _Pragma ("omp simd") for (gint64 i = 0; i < inner; i++)                                                \
                to[i] += w * run[i];                                                                                 \
          }                                                                                                          \
      }                                                                                                              \
  }                                                                                                                  \
                                                                                                                     \
  void name (const OxTaps *taps, gint64 outer, gint64 inner, const T *from, T *to)                                   \
  {                                                                                                                  \
    Pass pass = { taps, inner, from, to };                                                                           \
                                                                                                                     \
    if (inner > 0)                                                                                                   \
      ox_parallel_for (outer * taps->out, 1 + 16384 / (1 + inner), range, &pass);                                    \
  }

DEFINE_APPLY (float, apply_f32, ox_taps_apply_f32)
DEFINE_APPLY (double, apply_f64, ox_taps_apply_f64)
