/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "tensor/ox-statistics.h"

/* How many elements tell a tensor's scale. */
#define SAMPLES 1024
/* And how many tell what it is more than. */
#define FEW 32

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

/* The sizes of at most @most finite numbers other than zero. */
static gint64
sample (const OxTensor *tensor, gint64 most, double *sizes)
{
  gint64 n = MIN (tensor->count, most), used = 0, at = 0, step = 1;
  const guint8 *floats = tensor->dtype == OX_F32 && ox_tensor_is_contiguous (tensor) ? tensor->data : NULL;

  /* All of a small tensor; of a large one places that follow no axis: a step that shares no factor with a shape. */
  if (n < tensor->count)
    step = G_GINT64_CONSTANT (2654435761) % tensor->count;
  for (gint64 i = 0; i < n; i++)
    {
      double x;

      if (floats != NULL)
        {
          float f;

          memcpy (&f, floats + at * 4, 4);
          x = f;
        }
      else
        ox_tensor_read_numbers (tensor, at, at + 1, &x);
      if (isfinite (x) && x != 0)
        sizes[used++] = fabs (x);
      at = at >= tensor->count - step ? at - (tensor->count - step) : at + step;
    }
  return used;
}

double
ox_tensor_scale (const OxTensor *tensor)
{
  g_autofree double *sizes = NULL;
  gint64 used;

  if (tensor->dtype == OX_STR || tensor->count == 0)
    return 0;
  sizes = g_new (double, MIN (tensor->count, SAMPLES));
  used = sample (tensor, SAMPLES, sizes);
  return used > 0 ? select_place (sizes, used, (used - 1) * 9 / 10) : 0;
}

double
ox_tensor_scale_at_least (const OxTensor *tensor)
{
  double sizes[FEW];
  gint64 used = tensor->dtype != OX_STR ? sample (tensor, FEW, sizes) : 0;

  return used > 0 ? select_place (sizes, used, used / 2) : 0;
}
