/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "core/ox-error.h"
#include "debug/ox-narrow.h"
#include "tensor/ox-statistics.h"

#define BLOCK 4096
/* Beyond it a square is no longer a double. */
#define LARGEST_ROOT 1e150

static const OxNarrow types[] = {
  { OX_F16, 65504, 0x1p-14, 0x1p-24, 0x1p-11 },
  { OX_BF16, 0x1.fep127, 0x1p-126, 0x1p-133, 0x1p-8 },
  { OX_F8E4M3FN, 448, 0x1p-6, 0x1p-9, 0x1p-4 },
  { OX_F8E4M3FNUZ, 240, 0x1p-7, 0x1p-10, 0x1p-4 },
  { OX_F8E5M2, 57344, 0x1p-14, 0x1p-16, 0x1p-3 },
  { OX_F8E5M2FNUZ, 57344, 0x1p-15, 0x1p-17, 0x1p-3 },
};

gboolean
ox_narrow_find (OxDtype dtype, OxNarrow *narrow, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].dtype == dtype)
      {
        *narrow = types[i];
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_DTYPE, "expected f16, bf16, f8e4m3fn, f8e4m3fnuz, f8e5m2 or f8e5m2fnuz, found %s",
                  ox_dtype_name (dtype));
}

gboolean
ox_narrow_can_hold (const OxTensor *tensor)
{
  return tensor != NULL && ox_dtype_is_float (tensor->dtype) && tensor->dtype != OX_F8E8M0;
}

static void
add_number (OxRange *range, double x, const OxNarrow *narrow)
{
  double a = fabs (x);

  if (a == 0)
    range->zeros++;
  else if (!isfinite (x))
    range->bad++;
  else
    {
      if (a > narrow->largest)
        range->one_beyond = range->beyond++ == 0 || (range->one_beyond && x == range->extreme);
      if (a > range->largest)
        {
          range->largest = a;
          range->extreme = x;
        }
      if (range->smallest == 0 || a < range->smallest)
        range->smallest = a;
      if (a < narrow->normal)
        {
          /* Half of the smallest is a tie, which goes to even. */
          double left = a <= narrow->denormal / 2 ? 0 : nearbyint (a / narrow->denormal) * narrow->denormal;

          range->lost += (a - left) * (a - left);
          if (left == 0)
            range->flushed++;
          else
            range->denormal++;
        }
      if (a <= narrow->largest && a < LARGEST_ROOT)
        range->squares += a * a;
    }
}

void
ox_range_add (OxRange *range, const OxTensor *tensor, const OxNarrow *narrow)
{
  double numbers[BLOCK];

  range->count += tensor->count;
  for (gint64 begin = 0; begin < tensor->count; begin += BLOCK)
    {
      gint64 end = MIN (begin + BLOCK, tensor->count);

      ox_tensor_read_numbers (tensor, begin, end, numbers);
      for (gint64 i = 0; i < end - begin; i++)
        add_number (range, numbers[i], narrow);
    }
}

void
ox_range_merge (OxRange *range, const OxRange *other)
{
  range->one_beyond = range->beyond == 0    ? other->one_beyond
                      : other->beyond == 0 ? range->one_beyond
                                           : range->one_beyond && other->one_beyond && range->extreme == other->extreme;
  range->count += other->count;
  range->zeros += other->zeros;
  range->bad += other->bad;
  range->beyond += other->beyond;
  range->flushed += other->flushed;
  range->denormal += other->denormal;
  range->squares += other->squares;
  range->lost += other->lost;
  if (other->largest > range->largest)
    {
      range->largest = other->largest;
      range->extreme = other->extreme;
    }
  if (other->smallest > 0 && (range->smallest == 0 || other->smallest < range->smallest))
    range->smallest = other->smallest;
}

double
ox_range_lost (const OxRange *range)
{
  return range->squares > 0 ? sqrt (range->lost / range->squares) : 0;
}
