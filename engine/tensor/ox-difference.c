/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "tensor/ox-statistics.h"

#define BLOCK 4096
/* How many elements tell a tensor's scale. */
#define SAMPLES 8192

static void
compare_strings (const OxTensor *a, const OxTensor *b, OxDifference *d)
{
  for (gint64 i = 0; i < a->count; i++)
    if (strcmp (ox_tensor_get_string (a, i), ox_tensor_get_string (b, i)) != 0)
      {
        if (d->first < 0)
          d->first = d->worst = i;
        d->outside++;
        d->unequal++;
      }
  d->cosine = d->outside == 0 ? 1 : NAN;
}

/* One pair; returns its absolute difference, infinite when the two cannot be compared. */
static double
compare_pair (double x, double y)
{
  if (x == y || (isnan (x) && isnan (y)))
    return 0;
  if (!isfinite (x) || !isfinite (y))
    return INFINITY;
  return fabs (x - y);
}

typedef struct
{
  const OxTensor *a, *b;
  double rtol, atol;
  double xy, xx, yy, sum, squares, finite, normal;
  int mantissa;
  OxDifference *d;
} Comparison;

/* Bits of the mantissa that are written; 0 for what is no float. */
static int
mantissa_bits (OxDtype dtype)
{
  switch (dtype)
    {
    case OX_F64:
      return 52;
    case OX_F32:
      return 23;
    case OX_F16:
      return 10;
    case OX_BF16:
      return 7;
    case OX_F8E4M3FN:
    case OX_F8E4M3FNUZ:
      return 3;
    case OX_F8E5M2:
    case OX_F8E5M2FNUZ:
      return 2;
    case OX_F4E2M1:
      return 1;
    default:
      return 0;
    }
}

/* @diff in units of the last place of the larger of two numbers. */
static double
in_ulps (const Comparison *c, double x, double y, double diff)
{
  double larger = fmax (fmax (fabs (x), fabs (y)), c->normal);
  int exponent;

  frexp (larger, &exponent);
  return ldexp (diff, c->mantissa + 1 - exponent);
}

/* The power of two below a positive normal number. */
static inline double
power_below (double x)
{
  guint64 bits;

  memcpy (&bits, &x, sizeof bits);
  bits &= G_GUINT64_CONSTANT (0x7ff) << 52;
  memcpy (&x, &bits, sizeof x);
  return x;
}

/* A block of floats side by side without NaN and infinities; FALSE, and nothing is done, if there are some. */
static gboolean
compare_floats (Comparison *c, const float *restrict x, const float *restrict y, int n, gint64 first)
{
  OxDifference *d = c->d;
  double xx = 0, xy = 0, yy = 0, sum = 0, squares = 0, largest = 0, apart = 0, relative = 0, ulps = 0;
  const double rtol = c->rtol, atol = c->atol, normal = c->normal;
  int outside = 0, unequal = 0;

  if (memcmp (x, y, sizeof *x * (gsize) n) == 0)
    {
#pragma omp simd reduction(+ : yy) reduction(max : largest)
      for (int i = 0; i < n; i++)
        {
          double q = fabs ((double) y[i]);

          yy += q * q;
          largest = q > largest ? q : largest;
        }
      if (!isfinite (yy) || atol < 0 || rtol < 0)
        return FALSE;
      xx = xy = yy;
    }
  else
    {
#pragma omp simd reduction(+ : xx, xy, yy, sum, squares, outside, unequal) reduction(max : largest, apart, relative, ulps)
      for (int i = 0; i < n; i++)
        {
          double p = x[i], q = y[i], diff = fabs (p - q), size = fabs (q), larger = fabs (p) > size ? fabs (p) : size;
          double part = diff > 0 ? diff / size : 0, steps;

          larger = larger > normal ? larger : normal;
          steps = diff / power_below (larger);
          xx += p * p;
          xy += p * q;
          yy += q * q;
          sum += diff;
          squares += diff * diff;
          outside += !(diff <= atol + rtol * size);
          unequal += diff > 0;
          largest = size > largest ? size : largest;
          apart = diff > apart ? diff : apart;
          relative = part > relative ? part : relative;
          ulps = steps > ulps ? steps : ulps;
        }
      if (!isfinite (xx) || !isfinite (yy))
        return FALSE;
    }
  if (outside > 0 && d->first < 0)
    for (int i = 0; i < n && d->first < 0; i++)
      if (!(fabs ((double) x[i] - (double) y[i]) <= atol + rtol * fabs ((double) y[i])))
        d->first = first + i;
  if (apart > d->max_abs)
    for (int i = 0; i < n && apart > d->max_abs; i++)
      if (fabs ((double) x[i] - (double) y[i]) == apart)
        {
          d->max_abs = apart;
          d->worst = first + i;
        }
  d->outside += outside;
  d->unequal += unequal;
  d->max_rel = MAX (d->max_rel, relative);
  d->max_ulps = MAX (d->max_ulps, ldexp (ulps, c->mantissa));
  d->largest = MAX (d->largest, largest);
  c->xx += xx;
  c->xy += xy;
  c->yy += yy;
  c->sum += sum;
  c->squares += squares;
  c->finite += n;
  return TRUE;
}

static void
compare_blocks (Comparison *c, void (*read) (const OxTensor *, gint64, gint64, double *), int stride)
{
  g_autofree double *x = g_new (double, BLOCK * 2), *y = g_new (double, BLOCK * 2);
  OxDifference *d = c->d;
  gboolean floats = c->a->dtype == OX_F32 && c->b->dtype == OX_F32 && ox_tensor_is_contiguous (c->a)
                    && ox_tensor_is_contiguous (c->b) && c->a->count > 0;
  const float *p32 = floats ? (const float *) (const void *) ox_tensor_element (c->a, 0) : NULL;
  const float *q32 = floats ? (const float *) (const void *) ox_tensor_element (c->b, 0) : NULL;

  /* Weights in a file may lie anywhere. */
  floats = floats && (guintptr) p32 % sizeof (float) == 0 && (guintptr) q32 % sizeof (float) == 0;
  for (gint64 first = 0; first < c->a->count; first += BLOCK)
    {
      gint64 last = MIN (first + BLOCK, c->a->count);

      if (floats && compare_floats (c, p32 + first, q32 + first, (int) (last - first), first))
        continue;
      read (c->a, first, last, x);
      read (c->b, first, last, y);
      for (gint64 i = first; i < last; i++)
        {
          double diff = 0, allowed = 0, size = 0;

          for (int k = 0; k < stride; k++)
            {
              double p = x[(i - first) * stride + k], q = y[(i - first) * stride + k];
              double apart = compare_pair (p, q);

              if (stride == 1)
                {
                  diff = apart;
                  size = fabs (q);
                }
              else
                {
                  diff = hypot (diff, apart);
                  size = hypot (size, q);
                }
              if (isfinite (p) && isfinite (q))
                {
                  c->xy += p * q;
                  c->xx += p * p;
                  c->yy += q * q;
                }
            }
          allowed = c->atol + c->rtol * (isfinite (size) ? size : 0);
          if (!(diff <= allowed))
            {
              if (d->first < 0)
                d->first = i;
              d->outside++;
            }
          if (diff > d->max_abs)
            {
              d->max_abs = diff;
              d->worst = i;
            }
          if (diff > 0)
            {
              d->unequal++;
              d->max_rel = MAX (d->max_rel, size > 0 ? diff / size : INFINITY);
              if (c->mantissa > 0 && isfinite (diff))
                d->max_ulps = MAX (d->max_ulps, in_ulps (c, x[i - first], y[i - first], diff));
            }
          if (isfinite (size))
            d->largest = MAX (d->largest, size);
          if (isfinite (diff))
            {
              c->sum += diff;
              c->squares += diff * diff;
              c->finite++;
            }
        }
    }
}

static void
read_pairs (const OxTensor *t, gint64 begin, gint64 end, double *out)
{
  for (gint64 i = begin; i < end; i++, out += 2)
    {
      const guint8 *at = ox_tensor_element (t, i);

      if (t->dtype == OX_C64)
        {
          OxComplex64 c;

          memcpy (&c, at, sizeof c);
          out[0] = c.re;
          out[1] = c.im;
        }
      else
        memcpy (out, at, sizeof (OxComplex128));
    }
}

/* 64-bit integers do not fit a double: an exact look at those that seem equal. */
static void
compare_exact (const OxTensor *a, const OxTensor *b, double rtol, double atol, OxDifference *d)
{
  for (gint64 i = 0; i < a->count; i++)
    {
      gint64 x = ox_tensor_get_int (a, i), y = ox_tensor_get_int (b, i);

      if (x != y && ox_tensor_get (a, i) == ox_tensor_get (b, i))
        {
          double diff = (double) ((guint64) MAX (x, y) - (guint64) MIN (x, y));

          d->unequal++;
          d->max_abs = MAX (d->max_abs, diff);
          if (d->worst < 0)
            d->worst = i;
          if (diff > atol + rtol * fabs ((double) y))
            {
              if (d->first < 0)
                d->first = i;
              d->outside++;
            }
        }
    }
}

void
ox_tensor_compare (const OxTensor *a, const OxTensor *b, double rtol, double atol, OxDifference *difference)
{
  Comparison c = { .a = a, .b = b, .rtol = rtol, .atol = atol, .d = difference };

  *difference = (OxDifference){ .same_type = a->dtype == b->dtype, .same_shape = ox_tensor_same_shape (a, b),
                                .count = a->count, .first = -1, .worst = -1, .cosine = NAN, .psnr = NAN };
  if (!difference->same_shape || (a->dtype == OX_STR) != (b->dtype == OX_STR))
    return;
  if (a->dtype == OX_STR)
    compare_strings (a, b, difference);
  else
    {
      gboolean complex = ox_dtype_class (a->dtype) == OX_CLASS_COMPLEX && ox_dtype_class (b->dtype) == OX_CLASS_COMPLEX;

      if (complex)
        compare_blocks (&c, read_pairs, 2);
      else
        {
          c.mantissa = mantissa_bits (b->dtype);
          c.normal = ox_dtype_smallest_normal (b->dtype);
          compare_blocks (&c, ox_tensor_read_numbers, 1);
        }
      if ((a->dtype == OX_I64 || a->dtype == OX_U64) && a->dtype == b->dtype)
        compare_exact (a, b, rtol, atol, difference);
      if (c.finite > 0)
        {
          difference->mean_abs = c.sum / c.finite;
          difference->rmse = sqrt (c.squares / c.finite);
          difference->rms = sqrt (c.yy / c.finite);
          difference->psnr = difference->rmse > 0 ? 20 * log10 (difference->largest / difference->rmse) : INFINITY;
        }
      if (c.xx > 0 && c.yy > 0)
        difference->cosine = CLAMP (c.xy / (sqrt (c.xx) * sqrt (c.yy)), -1, 1);
      else if (c.xx == 0 && c.yy == 0)
        difference->cosine = 1;
    }
  difference->equal = difference->same_type && difference->outside == 0;
}

static void
count_decade (double diff, OxDecades *decades)
{
  int at;

  if (diff == 0)
    decades->equal++;
  else if (!isfinite (diff))
    decades->bad++;
  else
    {
      at = (int) floor (log10 (diff)) - OX_DECADES_LOW + 1;
      decades->counts[CLAMP (at, 0, OX_DECADES - 1)]++;
    }
}

void
ox_decades_compute (const OxTensor *a, const OxTensor *b, OxDecades *decades)
{
  gboolean complex = ox_dtype_class (a->dtype) == OX_CLASS_COMPLEX && ox_dtype_class (b->dtype) == OX_CLASS_COMPLEX;
  void (*read) (const OxTensor *, gint64, gint64, double *) = complex ? read_pairs : ox_tensor_read_numbers;
  g_autofree double *x = g_new (double, BLOCK * 2), *y = g_new (double, BLOCK * 2);

  *decades = (OxDecades){ 0 };
  for (gint64 first = 0; first < a->count; first += BLOCK)
    {
      gint64 last = MIN (first + BLOCK, a->count);

      read (a, first, last, x);
      read (b, first, last, y);
      for (gint64 i = 0; i < last - first; i++)
        count_decade (complex ? hypot (compare_pair (x[2 * i], y[2 * i]), compare_pair (x[2 * i + 1], y[2 * i + 1]))
                              : compare_pair (x[i], y[i]),
                      decades);
    }
}

/* The number that would be at place @k if they were sorted; moves them about. */
static double
select_place (double *numbers, gint64 n, gint64 k)
{
  gint64 low = 0, high = n - 1;

  while (low < high)
    {
      double pivot = numbers[low + (high - low) / 2];
      gint64 i = low, j = high;

      while (i <= j)
        {
          while (numbers[i] < pivot)
            i++;
          while (numbers[j] > pivot)
            j--;
          if (i <= j)
            {
              double swap = numbers[i];

              numbers[i++] = numbers[j];
              numbers[j--] = swap;
            }
        }
      if (k <= j)
        high = j;
      else if (k >= i)
        low = i;
      else
        break;
    }
  return numbers[k];
}

double
ox_tensor_scale (const OxTensor *tensor)
{
  g_autofree double *sizes = NULL;
  gint64 n = MIN (tensor->count, SAMPLES), used = 0;

  if (tensor->dtype == OX_STR || n == 0)
    return 0;
  sizes = g_new (double, n);
  for (gint64 i = 0; i < n; i++)
    {
      /* All of a small tensor; of a large one places that follow no axis: a step that shares no factor with a shape. */
      gint64 at = n == tensor->count ? i : (gint64) (((guint64) i * G_GUINT64_CONSTANT (2654435761)) % (guint64) tensor->count);
      double x;

      ox_tensor_read_numbers (tensor, at, at + 1, &x);
      if (isfinite (x) && x != 0)
        sizes[used++] = fabs (x);
    }
  if (used == 0)
    return 0;
  return select_place (sizes, used, (used - 1) * 9 / 10);
}
