/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tensor/ox-statistics.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"

/* Elements of one block; sums are made a block at a time and then added, so that they keep their digits. */
#define BLOCK 4096
/* Blocks one thread takes at a time. */
#define GRAIN 16

/* Reads elements begin..end in row-major order as doubles. */
static void
read_block (const OxTensor *t, gint64 begin, gint64 end, double *out)
{
  gsize size = ox_dtype_size (t->dtype);
  gint64 index[OX_MAX_RANK], rest = begin;
  const guint8 *at = t->data;

  if (t->packed)
    {
      for (gint64 i = begin; i < end; i++)
        out[i - begin] = ox_tensor_get (t, i);
      return;
    }
  if (ox_tensor_is_contiguous (t))
    {
      at += (gsize) begin * size;
      if (t->dtype == OX_F32)
        {
          for (gint64 i = 0; i < end - begin; i++)
            {
              float x;

              memcpy (&x, at + (gsize) i * 4, 4);
              out[i] = x;
            }
          return;
        }
      for (gint64 i = 0; i < end - begin; i++, at += size)
        out[i] = ox_element_get (t->dtype, at);
    }
  else
    {
      for (int i = t->rank - 1; i >= 0; i--)
        {
          index[i] = rest % t->dims[i];
          rest /= t->dims[i];
          at += index[i] * t->strides[i];
        }
      for (gint64 n = 0; n < end - begin; n++)
        {
          out[n] = ox_element_get (t->dtype, at);
          for (int i = t->rank - 1; i >= 0; i--)
            {
              at += t->strides[i];
              if (++index[i] < t->dims[i])
                break;
              at -= t->strides[i] * t->dims[i];
              index[i] = 0;
            }
        }
    }
}

static void
read_complex (const OxTensor *t, gint64 begin, gint64 end, double *out)
{
  for (gint64 i = begin; i < end; i++)
    {
      const guint8 *at = ox_tensor_element (t, i);

      if (t->dtype == OX_C64)
        {
          OxComplex64 c;

          memcpy (&c, at, sizeof c);
          out[i - begin] = hypot (c.re, c.im);
        }
      else
        {
          OxComplex128 c;

          memcpy (&c, at, sizeof c);
          out[i - begin] = hypot (c.re, c.im);
        }
    }
}

void
ox_tensor_read_numbers (const OxTensor *t, gint64 begin, gint64 end, double *out)
{
  if (ox_dtype_class (t->dtype) == OX_CLASS_COMPLEX)
    read_complex (t, begin, end, out);
  else
    read_block (t, begin, end, out);
}

double
ox_dtype_smallest_normal (OxDtype dtype)
{
  switch (dtype)
    {
    case OX_F64:
      return 0x1p-1022;
    case OX_F32:
    case OX_BF16:
      return 0x1p-126;
    case OX_F16:
    case OX_F8E5M2:
      return 0x1p-14;
    case OX_F8E5M2FNUZ:
      return 0x1p-15;
    case OX_F8E4M3FN:
      return 0x1p-6;
    case OX_F8E4M3FNUZ:
      return 0x1p-7;
    case OX_F4E2M1:
      return 1;
    default:
      return 0;
    }
}

typedef struct
{
  gint64 finite, nan, pos_inf, neg_inf, zeros, negatives, denormals, min_index, max_index, first_bad;
  double min, max, sum, squares, shift;
} Part;

typedef struct
{
  const OxTensor *tensor;
  Part *parts;
  double normal, shift;
} Job;

static void
part_add (Part *part, double x, gint64 index, double normal)
{
  if (isfinite (x))
    {
      double d = x - part->shift;

      if (x < part->min)
        {
          part->min = x;
          part->min_index = index;
        }
      if (x > part->max)
        {
          part->max = x;
          part->max_index = index;
        }
      part->finite++;
      part->zeros += x == 0;
      part->negatives += x < 0;
      part->denormals += x != 0 && fabs (x) < normal;
      part->sum += d;
      part->squares += d * d;
      return;
    }
  if (part->first_bad < 0)
    part->first_bad = index;
  if (isnan (x))
    part->nan++;
  else if (x > 0)
    part->pos_inf++;
  else
    part->neg_inf++;
}

static void
statistics_blocks (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  double buffer[BLOCK];

  for (gint64 b = begin; b < end; b++)
    {
      gint64 first = b * BLOCK, last = MIN (first + BLOCK, job->tensor->count);
      Part *part = &job->parts[b];

      *part = (Part){ .min = INFINITY, .max = -INFINITY, .min_index = -1, .max_index = -1, .first_bad = -1, .shift = job->shift };
      ox_tensor_read_numbers (job->tensor, first, last, buffer);
      for (gint64 i = first; i < last; i++)
        part_add (part, buffer[i - first], i, job->normal);
    }
}

/* Sums of parts by halves, so that the error grows with the logarithm of their number. */
static double
pairwise (const Part *parts, gint64 n, gboolean squares)
{
  if (n <= 8)
    {
      double sum = 0;

      for (gint64 i = 0; i < n; i++)
        sum += squares ? parts[i].squares : parts[i].sum;
      return sum;
    }
  return pairwise (parts, n / 2, squares) + pairwise (parts + n / 2, n - n / 2, squares);
}

void
ox_statistics_compute (const OxTensor *tensor, OxStatistics *statistics)
{
  gint64 blocks = (tensor->count + BLOCK - 1) / BLOCK;
  g_autofree Part *parts = NULL;
  Job job = { tensor, NULL, ox_dtype_smallest_normal (tensor->dtype), 0 };

  *statistics = (OxStatistics){ .count = tensor->count, .min = NAN, .max = NAN, .mean = NAN, .std = NAN,
                                .min_index = -1, .max_index = -1, .first_bad = -1 };
  statistics->numeric = tensor->dtype != OX_STR;
  if (!statistics->numeric || tensor->count == 0)
    return;
  parts = job.parts = g_new (Part, blocks);
  /* Deviations are taken from some element near the data, which keeps the squares small. */
  for (gint64 i = 0; i < MIN (tensor->count, 64); i++)
    {
      double x;

      ox_tensor_read_numbers (tensor, i, i + 1, &x);
      if (isfinite (x))
        {
          job.shift = x;
          break;
        }
    }
  ox_parallel_for (blocks, GRAIN, statistics_blocks, &job);
  statistics->min = INFINITY;
  statistics->max = -INFINITY;
  for (gint64 b = 0; b < blocks; b++)
    {
      const Part *part = &parts[b];

      statistics->finite += part->finite;
      statistics->nan += part->nan;
      statistics->pos_inf += part->pos_inf;
      statistics->neg_inf += part->neg_inf;
      statistics->zeros += part->zeros;
      statistics->negatives += part->negatives;
      statistics->denormals += part->denormals;
      if (statistics->first_bad < 0)
        statistics->first_bad = part->first_bad;
      if (part->min < statistics->min)
        {
          statistics->min = part->min;
          statistics->min_index = part->min_index;
        }
      if (part->max > statistics->max)
        {
          statistics->max = part->max;
          statistics->max_index = part->max_index;
        }
    }
  if (statistics->finite > 0)
    {
      double n = (double) statistics->finite, sum = pairwise (parts, blocks, FALSE);
      double variance = pairwise (parts, blocks, TRUE) / n - sum / n * (sum / n);

      statistics->mean = CLAMP (job.shift + sum / n, statistics->min, statistics->max);
      statistics->std = sqrt (MAX (variance, 0));
    }
  else
    statistics->min = statistics->max = NAN;
}

typedef struct
{
  const OxTensor *tensor;
  const OxHistogram *range;
  GMutex lock;
  gint64 *bins;
} HistogramJob;

static void
histogram_blocks (gint64 begin, gint64 end, gpointer data)
{
  HistogramJob *job = data;
  gint64 bins[OX_HISTOGRAM_BINS] = { 0 };
  double buffer[BLOCK], low = job->range->low, width = job->range->high - low;

  for (gint64 b = begin; b < end; b++)
    {
      gint64 first = b * BLOCK, last = MIN (first + BLOCK, job->tensor->count);

      ox_tensor_read_numbers (job->tensor, first, last, buffer);
      for (gint64 i = 0; i < last - first; i++)
        if (isfinite (buffer[i]))
          {
            double at = width > 0 ? (buffer[i] / width - low / width) * OX_HISTOGRAM_BINS : 0;

            bins[(int) CLAMP (at, 0, OX_HISTOGRAM_BINS - 1)]++;
          }
    }
  g_mutex_lock (&job->lock);
  for (int i = 0; i < OX_HISTOGRAM_BINS; i++)
    job->bins[i] += bins[i];
  g_mutex_unlock (&job->lock);
}

gboolean
ox_histogram_compute (const OxTensor *tensor, const OxStatistics *statistics, OxHistogram *histogram)
{
  HistogramJob job = { .tensor = tensor, .range = histogram, .bins = histogram->bins };

  memset (histogram, 0, sizeof *histogram);
  if (statistics->finite == 0)
    return FALSE;
  histogram->low = statistics->min;
  histogram->high = statistics->max;
  if (isinf (histogram->high - histogram->low))
    {
      /* The range itself does not fit a double; half of it does. */
      histogram->low /= 2;
      histogram->high /= 2;
    }
  g_mutex_init (&job.lock);
  ox_parallel_for ((tensor->count + BLOCK - 1) / BLOCK, GRAIN, histogram_blocks, &job);
  g_mutex_clear (&job.lock);
  return TRUE;
}
