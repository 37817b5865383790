/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "debug/ox-narrow.h"
#include "debug/ox-quant-site.h"
#include "tensor/ox-statistics.h"

#define BLOCK 4096
/* Of more channels than that it is not counted which codes each uses. */
#define MAX_BITSETS 16384

typedef struct
{
  double   scale, zero;
  gboolean varies;
  gint64   count, clipped, edge, real, compared;
  double   squares;                      /* of codes less their zero point */
  double   signal, noise;                /* of the numbers, and what quantising takes */
  double   reference, distance;
  double   product, matched;             /* without a scale: of codes and reference, and squares of those codes */
} Channel;

struct _OxQuantSums
{
  OxCodes  codes;
  gint64   n;
  Channel *channels;
  guint8  *used;                         /* one bit a code, first of all, then of each channel if it is not too many */
  gsize    bytes;                        /* of one set */
  gboolean each;
};

gboolean
ox_codes_find (OxDtype dtype, OxCodes *codes)
{
  gboolean is_signed = ox_dtype_class (dtype) == OX_CLASS_INT;
  OxNarrow narrow;
  int bits = ox_dtype_bits (dtype);

  if (ox_dtype_is_integer (dtype) && bits <= 16)
    *codes = (OxCodes){ dtype, bits, is_signed ? -ldexp (1, bits - 1) : 0, ldexp (1, is_signed ? bits - 1 : bits) - 1 };
  else if (bits == 8 && ox_narrow_find (dtype, &narrow, NULL))
    *codes = (OxCodes){ dtype, 8, -narrow.largest, narrow.largest };
  else
    return FALSE;
  return TRUE;
}

OxQuantSums *
ox_quant_sums_new (const OxCodes *codes, gint64 n_channels)
{
  OxQuantSums *self = g_new0 (OxQuantSums, 1);

  self->codes = *codes;
  self->n = MAX (n_channels, 1);
  self->channels = g_new0 (Channel, self->n);
  self->bytes = ((gsize) 1 << codes->bits) / 8 + 1;
  self->each = self->n > 1 && self->n <= MAX_BITSETS && codes->bits <= 8;
  self->used = g_new0 (guint8, self->bytes * (self->each ? (gsize) self->n + 1 : 1));
  return self;
}

void
ox_quant_sums_free (OxQuantSums *self)
{
  g_free (self->channels);
  g_free (self->used);
  g_free (self);
}

gint64
ox_quant_sums_channels (const OxQuantSums *self)
{
  return self->n;
}

gboolean
ox_quant_places_init (OxQuantPlaces *places, const OxTensor *codes, const OxTensor *scale, gint64 axis, gint64 block)
{
  *places = (OxQuantPlaces){ 1, 1, 1, 1 };
  if (scale == NULL || (scale->count == 1 && block == 0))
    return TRUE;
  if (axis < 0)
    axis += codes->rank;
  if (axis < 0 || axis >= codes->rank || codes->dims[axis] == 0)
    return FALSE;
  for (int i = (int) axis + 1; i < codes->rank; i++)
    places->inner *= codes->dims[i];
  places->axis_dim = codes->dims[axis];
  places->block = MAX (block, 1);
  places->blocks = (places->axis_dim - 1) / places->block + 1;
  return block == 0 ? scale->count == places->axis_dim
                    : places->inner > 0 && scale->count == codes->count / places->axis_dim * places->blocks;
}

static gint64
channel_at (const OxQuantPlaces *places, gint64 i, gboolean blocked)
{
  gint64 at = i / places->inner % places->axis_dim / places->block;

  return blocked ? (i / (places->inner * places->axis_dim) * places->blocks + at) * places->inner + i % places->inner : at;
}

static void
mark (OxQuantSums *self, gint64 channel, gsize code)
{
  self->used[code / 8] |= (guint8) (1U << code % 8);
  if (self->each)
    self->used[self->bytes * (gsize) (channel + 1) + code / 8] |= (guint8) (1U << code % 8);
}

/* A NaN of a float type is a code as well. */
static gsize
code_of (const OxQuantSums *self, const OxTensor *codes, gint64 i, double q)
{
  if (ox_dtype_class (self->codes.dtype) == OX_CLASS_SMALL)
    return *ox_tensor_element (codes, i);
  return (gsize) CLAMP (nearbyint (q) - self->codes.low, 0, self->codes.high - self->codes.low);
}

static void
add_element (OxQuantSums *self, Channel *channel, double q, const double *real, const double *reference)
{
  double zero = isnan (channel->zero) ? 0 : channel->zero, back = (q - zero) * channel->scale;
  gboolean is_float = ox_dtype_class (self->codes.dtype) == OX_CLASS_SMALL;

  channel->count++;
  channel->squares += (q - zero) * (q - zero);
  /* Of one bit, all are. */
  if ((q <= self->codes.low || q >= self->codes.high) && q != zero && self->codes.bits > 1)
    channel->edge++;
  if (real != NULL && isfinite (*real))
    {
      double target = *real / channel->scale + zero;

      channel->real++;
      if (!is_float)
        target = nearbyint (target);
      if ((target < self->codes.low || target > self->codes.high) && self->codes.bits > 1)
        channel->clipped++;
      channel->signal += *real * *real;
      channel->noise += (*real - back) * (*real - back);
    }
  if (reference != NULL && isfinite (*reference))
    {
      channel->compared++;
      channel->reference += *reference * *reference;
      channel->distance += (*reference - back) * (*reference - back);
      channel->product += *reference * (q - zero);
      channel->matched += (q - zero) * (q - zero);
    }
}

static void
set_channel (Channel *channel, double scale, double zero)
{
  if (channel->count > 0 && (channel->scale != scale || !(channel->zero == zero || (isnan (channel->zero) && isnan (zero)))))
    channel->varies = TRUE;
  channel->scale = scale;
  channel->zero = zero;
}

void
ox_quant_sums_add (OxQuantSums *self, const OxTensor *codes, const OxTensor *scale, const OxTensor *zero,
                   const OxQuantPlaces *places, const OxTensor *real, const OxTensor *reference)
{
  gboolean blocked = places->block > 1 || (self->n > 1 && self->n != places->axis_dim);
  double q[BLOCK], x[BLOCK], r[BLOCK];

  for (gint64 c = 0; c < self->n; c++)
    set_channel (&self->channels[c],
                 scale != NULL && scale->count > 0 ? ox_tensor_get (scale, scale->count == 1 ? 0 : c) : NAN,
                 zero != NULL && zero->count > 0 ? ox_tensor_get (zero, zero->count == 1 ? 0 : c)
                 : scale != NULL                 ? 0
                                                 : NAN);
  for (gint64 begin = 0; begin < codes->count; begin += BLOCK)
    {
      gint64 end = MIN (begin + BLOCK, codes->count);

      ox_tensor_read_numbers (codes, begin, end, q);
      if (real != NULL)
        ox_tensor_read_numbers (real, begin, end, x);
      if (reference != NULL)
        ox_tensor_read_numbers (reference, begin, end, r);
      for (gint64 i = begin; i < end; i++)
        {
          gint64 k = i - begin, c = self->n == 1 ? 0 : channel_at (places, i, blocked);

          add_element (self, &self->channels[c], q[k], real != NULL ? &x[k] : NULL, reference != NULL ? &r[k] : NULL);
          mark (self, c, code_of (self, codes, i, q[k]));
        }
    }
}

static double
decibels (double signal, double noise)
{
  return isnan (noise) ? NAN : noise > 0 ? 10 * log10 (signal / noise) : INFINITY;
}

/* The distance with the scale that makes it least. */
static double
unscaled (const Channel *channel)
{
  return channel->reference - (channel->matched > 0 ? channel->product * channel->product / channel->matched : 0);
}

static int
count_bits (const guint8 *set, gsize bytes)
{
  int n = 0;

  for (gsize i = 0; i < bytes; i++)
    n += __builtin_popcount (set[i]);
  return n;
}

void
ox_quant_sums_tell (const OxQuantSums *self, gint64 channel, OxQuantChannel *result)
{
  gint64 first = channel < 0 ? 0 : channel, end = channel < 0 ? self->n : channel + 1;
  Channel sum = { .scale = self->channels[first].scale, .zero = self->channels[first].zero };
  double squares = 0, steps = 0;

  for (gint64 c = first; c < end; c++)
    {
      const Channel *one = &self->channels[c];
      double step = isnan (one->scale) ? 1 : one->scale;

      if (one->varies || one->scale != sum.scale)
        sum.scale = isnan (one->scale) && isnan (sum.scale) && !one->varies ? sum.scale : NAN;
      if (one->varies || one->zero != sum.zero)
        sum.zero = NAN;
      sum.count += one->count;
      sum.clipped += one->clipped;
      sum.edge += one->edge;
      sum.real += one->real;
      sum.compared += one->compared;
      sum.signal += one->signal;
      sum.noise += one->noise;
      sum.reference += one->reference;
      sum.distance += isnan (one->scale) ? unscaled (one) : one->distance;
      squares += one->squares * step * step;
      steps += (double) one->count * step * step / 12;
    }
  result->channel = channel;
  result->scale = sum.scale;
  result->zero = sum.zero;
  result->count = sum.count;
  result->clipped = sum.real > 0 ? sum.clipped : -1;
  result->edge = sum.edge;
  result->used = channel < 0 || self->n == 1 ? count_bits (self->used, self->bytes)
                 : self->each ? count_bits (self->used + self->bytes * (gsize) (channel + 1), self->bytes) : -1;
  result->sqnr = sum.real > 0 ? decibels (sum.signal, sum.noise) : NAN;
  /* Steps of floats are not even. */
  result->expected = ox_dtype_class (self->codes.dtype) == OX_CLASS_SMALL ? NAN
                     : steps > 0 && squares > 0                           ? decibels (squares, steps)
                                                                          : NAN;
  result->against = sum.compared > 0 ? decibels (sum.reference, sum.distance) : NAN;
}
