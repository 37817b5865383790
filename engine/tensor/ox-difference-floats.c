/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "tensor/ox-difference-private.h"

/* The same loops twice, with registers of 16 bytes and of 32. No products are fused with sums, so both find the same. */
#if defined(__x86_64__) && defined(__GNUC__)
#define WIDE __attribute__ ((target ("avx2")))
#define HAS_WIDE __builtin_cpu_supports ("avx2")
#else
#define WIDE
#define HAS_WIDE FALSE
#endif
#define BODY static inline __attribute__ ((always_inline))

/* The power of two below a positive normal number. */
BODY double
power_below (double x)
{
  guint64 bits;

  memcpy (&bits, &x, sizeof bits);
  bits &= G_GUINT64_CONSTANT (0x7ff) << 52;
  memcpy (&x, &bits, sizeof x);
  return x;
}

typedef struct
{
  double xx, xy, yy, sum, squares, largest, apart, outside, unequal, beyond;
} Sums;

/* @record: beyond counts what is relatively further apart, so that the many others need no division. */
BODY void
add_up (const OxDifferenceRule *rule, const OxDifferenceRecord *record, const float *restrict x, const float *restrict y,
        int n, Sums *sums)
{
  double xx = 0, xy = 0, yy = 0, sum = 0, squares = 0, largest = 0, apart = 0, outside = 0, unequal = 0, beyond = 0;
  const double rtol = rule->rtol, atol = rule->atol, normal = rule->normal;
  const double most = record->max_rel, steps = ldexp (record->max_ulps, -rule->mantissa);

#pragma omp simd reduction(+ : xx, xy, yy, sum, squares, outside, unequal, beyond) reduction(max : largest, apart)
  for (int i = 0; i < n; i++)
    {
      double p = x[i], q = y[i], diff = fabs (p - q), size = fabs (q), larger = fabs (p) > size ? fabs (p) : size;

      larger = larger > normal ? larger : normal;
      xx += p * p;
      xy += p * q;
      yy += q * q;
      sum += diff;
      squares += diff * diff;
      outside += diff <= atol + rtol * size ? 0.0 : 1.0;
      unequal += diff > 0 ? 1.0 : 0.0;
      beyond += diff > most * size ? 1.0 : 0.0;
      beyond += diff > steps * power_below (larger) ? 1.0 : 0.0;
      largest = size > largest ? size : largest;
      apart = diff > apart ? diff : apart;
    }
  *sums = (Sums){ xx, xy, yy, sum, squares, largest, apart, outside, unequal, beyond };
}

/* Of a block that is the same on both sides. */
BODY void
add_same (const float *y, int n, Sums *sums)
{
  double yy = 0, largest = 0;

#pragma omp simd reduction(+ : yy) reduction(max : largest)
  for (int i = 0; i < n; i++)
    {
      double q = fabs ((double) y[i]);

      yy += q * q;
      largest = q > largest ? q : largest;
    }
  *sums = (Sums){ .xx = yy, .xy = yy, .yy = yy, .largest = largest };
}

BODY void
relate (const OxDifferenceRule *rule, const float *restrict x, const float *restrict y, int n, double *max_rel,
        double *max_ulps)
{
  const double normal = rule->normal;
  double relative = 0, ulps = 0;

#pragma omp simd reduction(max : relative, ulps)
  for (int i = 0; i < n; i++)
    {
      double p = x[i], q = y[i], diff = fabs (p - q), size = fabs (q), larger = fabs (p) > size ? fabs (p) : size;
      double part = diff > 0 ? diff / size : 0, steps;

      larger = larger > normal ? larger : normal;
      steps = diff / power_below (larger);
      relative = part > relative ? part : relative;
      ulps = steps > ulps ? steps : ulps;
    }
  *max_rel = relative;
  *max_ulps = ldexp (ulps, rule->mantissa);
}

BODY gboolean
are_near (const float *restrict x, const float *restrict y, int n, float rtol, float atol, int *unequal, float *apart)
{
  float most = 0;
  int far = 0, other = 0;

#pragma omp simd reduction(+ : far, other) reduction(max : most)
  for (int i = 0; i < n; i++)
    {
      float diff = fabsf (x[i] - y[i]), allowed = atol + rtol * fabsf (y[i]);

      far += !(diff <= allowed);
      other += diff != 0;
      most = diff > most ? diff : most;
    }
  *unequal = other;
  *apart = most;
  return far == 0;
}

WIDE static void
add_up_wide (const OxDifferenceRule *rule, const OxDifferenceRecord *record, const float *x, const float *y, int n,
             Sums *sums)
{
  add_up (rule, record, x, y, n, sums);
}

WIDE static void
add_same_wide (const float *y, int n, Sums *sums)
{
  add_same (y, n, sums);
}

WIDE static void
relate_wide (const OxDifferenceRule *rule, const float *x, const float *y, int n, double *max_rel, double *max_ulps)
{
  relate (rule, x, y, n, max_rel, max_ulps);
}

WIDE static gboolean
are_near_wide (const float *x, const float *y, int n, float rtol, float atol, int *unequal, float *apart)
{
  return are_near (x, y, n, rtol, atol, unequal, apart);
}

gboolean
ox_difference_floats (const OxDifferenceRule *rule, const float *x, const float *y, int n, gint64 first,
                      OxDifferenceRecord *record, OxDifferencePart *part)
{
  const gboolean wide = HAS_WIDE;
  Sums sums;

  if (!(rule->atol >= 0 && rule->rtol >= 0))
    return FALSE;
  if (memcmp (x, y, sizeof *x * (gsize) n) == 0)
    wide ? add_same_wide (y, n, &sums) : add_same (y, n, &sums);
  else
    wide ? add_up_wide (rule, record, x, y, n, &sums) : add_up (rule, record, x, y, n, &sums);
  if (!isfinite (sums.xx) || !isfinite (sums.yy))
    return FALSE;
  *part = (OxDifferencePart){ .outside = (gint64) sums.outside, .unequal = (gint64) sums.unequal, .first = -1, .worst = -1,
                              .finite = n, .largest = sums.largest, .xy = sums.xy, .xx = sums.xx, .yy = sums.yy,
                              .sum = sums.sum, .squares = sums.squares };
  if (sums.beyond > 0)
    {
      wide ? relate_wide (rule, x, y, n, &part->max_rel, &part->max_ulps)
           : relate (rule, x, y, n, &part->max_rel, &part->max_ulps);
      record->max_rel = MAX (record->max_rel, part->max_rel);
      record->max_ulps = MAX (record->max_ulps, part->max_ulps);
    }
  for (int i = 0; sums.outside > 0 && part->first < 0 && i < n; i++)
    if (!(fabs ((double) x[i] - (double) y[i]) <= rule->atol + rule->rtol * fabs ((double) y[i])))
      part->first = first + i;
  if (sums.apart > record->max_abs)
    for (int i = 0; i < n && part->worst < 0; i++)
      if (fabs ((double) x[i] - (double) y[i]) == sums.apart)
        {
          record->max_abs = part->max_abs = sums.apart;
          part->worst = first + i;
        }
  return TRUE;
}

gboolean
ox_floats_are_near (const float *x, const float *y, int n, float rtol, float atol, gint64 *unequal, float *apart)
{
  int other;
  gboolean near = HAS_WIDE ? are_near_wide (x, y, n, rtol, atol, &other, apart)
                           : are_near (x, y, n, rtol, atol, &other, apart);

  *unequal += other;
  return near;
}
