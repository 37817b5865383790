/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "tensor/ox-difference-private.h"

#define BLOCK OX_DIFFERENCE_BLOCK
/* Blocks one thread takes at a time. */
#define GRAIN 16

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
in_ulps (const OxDifferenceRule *rule, double x, double y, double diff)
{
  double larger = fmax (fmax (fabs (x), fabs (y)), rule->normal);
  int exponent;

  frexp (larger, &exponent);
  return ldexp (diff, rule->mantissa + 1 - exponent);
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static gboolean
is_dense (const OxTensor *tensor)
{
  return !tensor->packed && ox_tensor_is_contiguous (tensor)
         && (guintptr) tensor->data % MIN (ox_dtype_size (tensor->dtype), 8) == 0;
}

/* @n elements of @size bytes that lie @stride bytes apart. */
static void
copy_row (guint8 *to, const guint8 *from, gint64 n, gint64 stride, gsize size)
{
  if (stride == (gint64) size)
    memcpy (to, from, (gsize) n * size);
  else if (size == 4)
    for (gint64 i = 0; i < n; i++)
      memcpy (to + i * 4, from + i * stride, 4);
  else
    for (gint64 i = 0; i < n; i++)
      memcpy (to + (gsize) i * size, from + i * stride, size);
}

const guint8 *
ox_tensor_gather (const OxTensor *tensor, gint64 begin, gint64 end, guint8 **room)
{
  gsize size = ox_dtype_size (tensor->dtype);
  gint64 index[OX_MAX_RANK], rest = begin;
  int last = tensor->rank - 1;
  const guint8 *at = tensor->data;
  guint8 *to;

  if (is_dense (tensor) || last < 0)
    return tensor->data + (gsize) begin * size;
  if (*room == NULL)
    *room = g_malloc (OX_DIFFERENCE_BLOCK * 16);
  to = *room;
  for (int i = last; i >= 0; i--)
    {
      index[i] = rest % tensor->dims[i];
      rest /= tensor->dims[i];
      at += index[i] * tensor->strides[i];
    }
  for (gint64 left = end - begin; left > 0;)
    {
      gint64 n = MIN (left, tensor->dims[last] - index[last]);

      copy_row (to, at, n, tensor->strides[last], size);
      to += (gsize) n * size;
      left -= n;
      at -= index[last] * tensor->strides[last];
      index[last] = 0;
      for (int i = last - 1; i >= 0; i--)
        {
          at += tensor->strides[i];
          if (++index[i] < tensor->dims[i])
            break;
          at -= tensor->strides[i] * tensor->dims[i];
          index[i] = 0;
        }
    }
  return *room;
}

/* ---- blocks ---------------------------------------------------------------------------------------------------- */

typedef struct
{
  const OxTensor  *a, *b;
  OxDifferenceRule rule;
  void (*read) (const OxTensor *, gint64, gint64, double *);
  int              stride;       /* doubles an element */
  gboolean         floats;
  OxDifferencePart *parts;
} Job;

/* The pairs one by one, whatever they are. */
static void
compare_numbers (const Job *job, const double *x, const double *y, int n, gint64 first, OxDifferencePart *part)
{
  const OxDifferenceRule *rule = &job->rule;

  *part = (OxDifferencePart){ .first = -1, .worst = -1 };
  for (int i = 0; i < n; i++)
    {
      double diff = 0, allowed = 0, size = 0;

      for (int k = 0; k < job->stride; k++)
        {
          double p = x[i * job->stride + k], q = y[i * job->stride + k], apart = compare_pair (p, q);

          diff = job->stride == 1 ? apart : hypot (diff, apart);
          size = job->stride == 1 ? fabs (q) : hypot (size, q);
          if (isfinite (p) && isfinite (q))
            {
              part->xy += p * q;
              part->xx += p * p;
              part->yy += q * q;
            }
        }
      allowed = rule->atol + rule->rtol * (isfinite (size) ? size : 0);
      if (!(diff <= allowed))
        {
          if (part->first < 0)
            part->first = first + i;
          part->outside++;
        }
      if (diff > part->max_abs)
        {
          part->max_abs = diff;
          part->worst = first + i;
        }
      if (diff > 0)
        {
          part->unequal++;
          part->max_rel = MAX (part->max_rel, size > 0 ? diff / size : INFINITY);
          if (rule->mantissa > 0 && isfinite (diff))
            part->max_ulps = MAX (part->max_ulps, in_ulps (rule, x[i], y[i], diff));
        }
      if (isfinite (size))
        part->largest = MAX (part->largest, size);
      if (isfinite (diff))
        {
          part->sum += diff;
          part->squares += diff * diff;
          part->finite++;
        }
    }
}

static void
compare_blocks (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  g_autofree double *x = NULL, *y = NULL;
  g_autofree guint8 *left = NULL, *right = NULL;
  OxDifferenceRecord record = { 0 };

  for (gint64 b = begin; b < end; b++)
    {
      gint64 first = b * BLOCK, last = MIN (first + BLOCK, job->a->count);
      OxDifferencePart *part = &job->parts[b];

      if (job->floats
          && ox_difference_floats (&job->rule, (const float *) (const void *) ox_tensor_gather (job->a, first, last, &left),
                                   (const float *) (const void *) ox_tensor_gather (job->b, first, last, &right),
                                   (int) (last - first), first, &record, part))
        continue;
      if (x == NULL)
        {
          x = g_new (double, BLOCK * job->stride);
          y = g_new (double, BLOCK * job->stride);
        }
      job->read (job->a, first, last, x);
      job->read (job->b, first, last, y);
      compare_numbers (job, x, y, (int) (last - first), first, part);
    }
}

static void
add_part (OxDifferencePart *all, const OxDifferencePart *part)
{
  all->outside += part->outside;
  all->unequal += part->unequal;
  all->finite += part->finite;
  all->first = all->first < 0 ? part->first : all->first;
  if (part->max_abs > all->max_abs)
    {
      all->max_abs = part->max_abs;
      all->worst = part->worst;
    }
  all->max_rel = MAX (all->max_rel, part->max_rel);
  all->max_ulps = MAX (all->max_ulps, part->max_ulps);
  all->largest = MAX (all->largest, part->largest);
  all->xy += part->xy;
  all->xx += part->xx;
  all->yy += part->yy;
  all->sum += part->sum;
  all->squares += part->squares;
}

/* Aligned floats, wherever they lie. */
static gboolean
has_floats (const OxTensor *tensor)
{
  gboolean aligned = tensor->dtype == OX_F32 && (guintptr) tensor->data % sizeof (float) == 0;

  for (int i = 0; i < tensor->rank; i++)
    aligned = aligned && tensor->strides[i] % (gint64) sizeof (float) == 0;
  return aligned;
}

static void
compare_all (Job *job, OxDifferencePart *all)
{
  gint64 blocks = (job->a->count + BLOCK - 1) / BLOCK;
  g_autofree OxDifferencePart *parts = NULL;

  job->floats = has_floats (job->a) && has_floats (job->b);
  if (blocks <= 1)
    {
      job->parts = all;
      if (blocks == 1)
        compare_blocks (0, 1, job);
      return;
    }
  job->parts = parts = g_new (OxDifferencePart, blocks);
  ox_parallel_for (blocks, GRAIN, compare_blocks, job);
  for (gint64 b = 0; b < blocks; b++)
    add_part (all, &parts[b]);
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

/* ---- tensors --------------------------------------------------------------------------------------------------- */

static gboolean
is_complex (const OxTensor *a, const OxTensor *b)
{
  return ox_dtype_class (a->dtype) == OX_CLASS_COMPLEX && ox_dtype_class (b->dtype) == OX_CLASS_COMPLEX;
}

void
ox_tensor_compare (const OxTensor *a, const OxTensor *b, double rtol, double atol, OxDifference *difference)
{
  *difference = (OxDifference){ .same_type = a->dtype == b->dtype, .same_shape = ox_tensor_same_shape (a, b),
                                .count = a->count, .first = -1, .worst = -1, .cosine = NAN, .psnr = NAN };
  if (!difference->same_shape || (a->dtype == OX_STR) != (b->dtype == OX_STR))
    return;
  if (a->dtype == OX_STR)
    compare_strings (a, b, difference);
  else
    {
      gboolean complex = is_complex (a, b);
      Job job = { .a = a, .b = b, .rule = { rtol, atol, 0, 0 }, .read = complex ? read_pairs : ox_tensor_read_numbers,
                  .stride = complex ? 2 : 1 };
      OxDifferencePart all = { .first = -1, .worst = -1 };

      if (!complex)
        {
          job.rule.mantissa = mantissa_bits (b->dtype);
          job.rule.normal = ox_dtype_smallest_normal (b->dtype);
        }
      compare_all (&job, &all);
      difference->outside = all.outside;
      difference->unequal = all.unequal;
      difference->first = all.first;
      difference->worst = all.worst;
      difference->max_abs = all.max_abs;
      difference->max_rel = all.max_rel;
      difference->max_ulps = all.max_ulps;
      difference->largest = all.largest;
      if ((a->dtype == OX_I64 || a->dtype == OX_U64) && a->dtype == b->dtype)
        compare_exact (a, b, rtol, atol, difference);
      if (all.finite > 0)
        {
          double n = (double) all.finite;

          difference->mean_abs = all.sum / n;
          difference->rmse = sqrt (all.squares / n);
          difference->rms = sqrt (all.yy / n);
          difference->psnr = difference->rmse > 0 ? 20 * log10 (difference->largest / difference->rmse) : INFINITY;
        }
      if (all.xx > 0 && all.yy > 0)
        difference->cosine = CLAMP (all.xy / (sqrt (all.xx) * sqrt (all.yy)), -1, 1);
      else if (all.xx == 0 && all.yy == 0)
        difference->cosine = 1;
    }
  difference->equal = difference->same_type && difference->outside == 0;
}

void
ox_difference_none (gint64 count, OxDifference *difference)
{
  *difference = (OxDifference){ .same_type = TRUE, .same_shape = TRUE, .equal = TRUE, .count = count, .first = -1, .worst = -1,
                                .cosine = 1, .psnr = INFINITY, .largest = NAN, .rms = NAN };
}

typedef struct
{
  const OxTensor *a, *b;
  float           rtol, atol;
  gint            far;         /* some are: the others need not look any more */
  GMutex          lock;        /* of what follows */
  gint64          unequal;
  float           apart;
} Look;

static void
look_at_bits (gint64 begin, gint64 end, gpointer data)
{
  Look *self = data;
  const gsize size = ox_dtype_size (self->a->dtype);
  g_autofree guint8 *left = NULL, *right = NULL;

  for (gint64 block = begin; block < end && !g_atomic_int_get (&self->far); block++)
    {
      gint64 first = block * BLOCK, last = MIN (first + BLOCK, self->a->count);

      if (memcmp (ox_tensor_gather (self->a, first, last, &left), ox_tensor_gather (self->b, first, last, &right),
                  (gsize) (last - first) * size) != 0)
        g_atomic_int_set (&self->far, TRUE);
    }
}

static void
look_whether_near (gint64 begin, gint64 end, gpointer data)
{
  Look *self = data;
  g_autofree guint8 *left = NULL, *right = NULL;
  gint64 unequal = 0;
  float apart = 0;

  for (gint64 block = begin; block < end && !g_atomic_int_get (&self->far); block++)
    {
      gint64 first = block * BLOCK, last = MIN (first + BLOCK, self->a->count);
      const float *x = (const float *) (const void *) ox_tensor_gather (self->a, first, last, &left);
      const float *y = (const float *) (const void *) ox_tensor_gather (self->b, first, last, &right);
      float most;

      if (!ox_floats_are_near (x, y, (int) (last - first), self->rtol, self->atol, &unequal, &most))
        g_atomic_int_set (&self->far, TRUE);
      apart = MAX (apart, most);
    }
  g_mutex_lock (&self->lock);
  self->unequal += unequal;
  self->apart = MAX (self->apart, apart);
  g_mutex_unlock (&self->lock);
}

/* FALSE when something is far, or when it was told to stop. */
static gboolean
look (Look *self, OxRangeFunc func)
{
  gint64 blocks = (self->a->count + BLOCK - 1) / BLOCK;

  if (blocks > GRAIN)
    ox_parallel_for (blocks, GRAIN, func, self);
  else
    func (0, blocks, self);
  return !self->far && !ox_parallel_stopped ();
}

gboolean
ox_tensor_same_bits (const OxTensor *a, const OxTensor *b)
{
  Look job = { .a = a, .b = b };

  if (a->dtype != b->dtype || a->dtype == OX_STR || !ox_tensor_same_shape (a, b))
    return FALSE;
  if (a == b || a->count == 0)
    return TRUE;
  if (a->packed || b->packed)
    {
      for (gint64 i = 0; i < a->count; i++)
        {
          double x = ox_tensor_get (a, i), y = ox_tensor_get (b, i);

          if (memcmp (&x, &y, sizeof x) != 0)
            return FALSE;
        }
      return TRUE;
    }
  if (a->count <= BLOCK && is_dense (a) && is_dense (b))
    return memcmp (a->data, b->data, (gsize) a->count * ox_dtype_size (a->dtype)) == 0;
  return look (&job, look_at_bits);
}

/* Tolerances that floats can be held against: a little less, for what is lost on the way; of the smallest that is more than
 * the half step of a denormal that a product may be off. */
#define NARROW(x) ((float) (x) * (1 - 0x1p-20f))
#define LEAST 0x1p-126

gboolean
ox_tensor_is_near (const OxTensor *a, const OxTensor *b, double rtol, double atol, OxDifference *difference)
{
  Look job = { .a = a, .b = b, .rtol = NARROW (rtol), .atol = NARROW (atol) };

  if (!has_floats (a) || !has_floats (b) || !ox_tensor_same_shape (a, b) || !(rtol >= 0 && atol >= LEAST && atol < 1e30)
      || !look (&job, look_whether_near))
    return FALSE;
  *difference = (OxDifference){ .same_type = TRUE, .same_shape = TRUE, .equal = TRUE, .count = a->count, .first = -1, .worst = -1,
                                .unequal = job.unequal, .max_abs = (double) job.apart, .max_rel = NAN, .mean_abs = NAN, .rmse = NAN,
                                .cosine = NAN, .max_ulps = NAN, .psnr = NAN, .largest = NAN, .rms = NAN };
  return TRUE;
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
  gboolean complex = is_complex (a, b);
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
