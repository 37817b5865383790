/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-fourier.h"

#include <math.h>
#include <string.h>

/* Points between two looks at whether to stop. */
#define PAUSE ((gint64) 1 << 16)

static void
transform_halves (const OxFourier *plan, double *re, double *im)
{
  const gint64 m = plan->m;

  for (gint64 i = 1, j = 0; i < m && !ox_pause (i); i++)
    {
      gint64 bit = m >> 1;

      for (; j & bit; bit >>= 1)
        j ^= bit;
      j ^= bit;
      if (i < j)
        {
          const double a = re[i], b = im[i];

          re[i] = re[j];
          im[i] = im[j];
          re[j] = a;
          im[j] = b;
        }
    }
  for (gint64 half = 1; half < m; half *= 2)
    for (gint64 first = 0; first < m && !(half < PAUSE && first % PAUSE == 0 && ox_parallel_stopped ()); first += 2 * half)
      for (gint64 k = 0; k < half && !ox_pause (k); k++)
        {
          const double c = plan->wr[k * (m / (2 * half))], s = plan->wi[k * (m / (2 * half))];
          const gint64 p = first + k, q = p + half;
          const double a = re[q] * c - im[q] * s, b = re[q] * s + im[q] * c;

          re[q] = re[p] - a;
          im[q] = im[p] - b;
          re[p] += a;
          im[p] += b;
        }
}

gboolean
ox_fourier_init (OxFourier *plan, OxCall *call, gint64 n, GError **error)
{
  double *room;
  gint64 m = 1;

  if (n < 1 || n > OX_FOURIER_LONGEST)
    return ox_fail (error, OX_ERROR_VALUE, "a transform of %" G_GINT64_FORMAT " points, expected 1 to %" G_GINT64_FORMAT, n, OX_FOURIER_LONGEST);
  while (m < n)
    m *= 2;
  if (m != n)
    while (m < 2 * n - 1)
      m *= 2;
  if ((room = ox_call_scratch_n (call, 5 * m + 2 * n, sizeof (double), error)) == NULL)
    return FALSE;
  *plan = (OxFourier) { .n = n, .m = m, .wr = room, .wi = room + m / 2, .fr = room + m, .fi = room + 2 * m, .tr = room + 3 * m,
                   .ti = room + 4 * m, .cr = room + 5 * m, .ci = room + 5 * m + n };
  for (gint64 k = 0; k < m / 2 && !ox_pause (k); k++)
    {
      plan->wr[k] = cos (2 * G_PI * (double) k / (double) m);
      plan->wi[k] = -sin (2 * G_PI * (double) k / (double) m);
    }
  if (m == n)
    return TRUE;
  ox_clear (plan->fr, (gsize) (2 * m) * sizeof (double));
  for (gint64 k = 0; k < n && !ox_pause (k); k++)
    {
      /* k^2 modulo 2 n keeps the angle small and so exact. */
      const double angle = G_PI * (double) (k * k % (2 * n)) / (double) n;

      plan->cr[k] = cos (angle);
      plan->ci[k] = -sin (angle);
      plan->fr[k] = plan->fr[k == 0 ? 0 : m - k] = plan->cr[k];
      plan->fi[k] = plan->fi[k == 0 ? 0 : m - k] = -plan->ci[k];
    }
  transform_halves (plan, plan->fr, plan->fi);
  return TRUE;
}

void
ox_fourier_transform (const OxFourier *plan, double *re, double *im, gboolean inverse)
{
  const gint64 n = plan->n, m = plan->m;
  double *tr = plan->tr, *ti = plan->ti;

  for (gint64 k = 0; k < n && inverse && !ox_pause (k); k++)
    im[k] = -im[k];
  if (m == n)
    transform_halves (plan, re, im);
  else
    {
      ox_clear (tr, (gsize) m * sizeof (double));
      ox_clear (ti, (gsize) m * sizeof (double));
      for (gint64 k = 0; k < n && !ox_pause (k); k++)
        {
          tr[k] = re[k] * plan->cr[k] - im[k] * plan->ci[k];
          ti[k] = re[k] * plan->ci[k] + im[k] * plan->cr[k];
        }
      transform_halves (plan, tr, ti);
      for (gint64 k = 0; k < m && !ox_pause (k); k++)
        {
          const double a = tr[k] * plan->fr[k] - ti[k] * plan->fi[k];

          /* Conjugated: the way back is the way there of the conjugate. */
          ti[k] = -(tr[k] * plan->fi[k] + ti[k] * plan->fr[k]);
          tr[k] = a;
        }
      transform_halves (plan, tr, ti);
      for (gint64 k = 0; k < n && !ox_pause (k); k++)
        {
          const double a = tr[k] / (double) m, b = -ti[k] / (double) m;

          re[k] = a * plan->cr[k] - b * plan->ci[k];
          im[k] = a * plan->ci[k] + b * plan->cr[k];
        }
    }
  for (gint64 k = 0; k < n && inverse && !ox_pause (k); k++)
    {
      re[k] /= (double) n;
      im[k] /= -(double) n;
    }
}
