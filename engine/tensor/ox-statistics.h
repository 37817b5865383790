/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

/* What a tensor's numbers look like. NaN and infinities are counted apart: min, max, mean, std and the histogram are over
 * the finite ones. For complex tensors the numbers are magnitudes; strings have a count only. */
typedef struct
{
  gint64   count;
  gint64   finite, nan, pos_inf, neg_inf, zeros, negatives, denormals;
  double   min, max, mean, std;    /* NaN when nothing is finite */
  gint64   min_index, max_index;   /* row-major; -1 */
  gint64   first_bad;              /* row-major index of the first NaN or infinity, -1 */
  gboolean numeric;
} OxStatistics;

#define OX_HISTOGRAM_BINS 64

typedef struct
{
  double low, high;                /* the finite range; equal when there is one value */
  gint64 bins[OX_HISTOGRAM_BINS];
} OxHistogram;

/* One pass over the elements, whatever the strides; the sums are blocked, so large tensors do not lose digits. */
void     ox_statistics_compute (const OxTensor *tensor, OxStatistics *statistics);
/* A second pass; FALSE when there is no finite number. */
gboolean ox_histogram_compute  (const OxTensor *tensor, const OxStatistics *statistics, OxHistogram *histogram);

/* Elements @begin to @end in row-major order, as doubles; of complex ones the magnitudes. */
void     ox_tensor_read_numbers (const OxTensor *tensor, gint64 begin, gint64 end, double *out);
/* Below it, and not zero, is a denormal. 0 for what is no float. */
double   ox_dtype_smallest_normal (OxDtype dtype);

/* How far two tensors of one shape are apart: @b is the reference. */
typedef struct
{
  gboolean same_type, same_shape;
  gint64   count, outside;         /* elements; those that are not within atol + rtol * |b| */
  gint64   unequal;                /* those that are not the same number */
  double   max_abs, max_rel, mean_abs, rmse, cosine;
  double   max_ulps;               /* in units of the last place of the larger one; floats only */
  double   psnr;                   /* decibels: the largest |b| over the rmse; infinite when nothing differs */
  double   largest, rms;           /* of the finite |b| */
  gint64   first;                  /* row-major index of the first outside, -1 */
  gint64   worst;                  /* of the largest absolute difference, -1 */
  gboolean equal;                  /* same type, same shape, nothing outside */
} OxDifference;

/* NaN equals NaN, infinities must match, strings are compared exactly (max_abs stays 0). */
void     ox_tensor_compare     (const OxTensor *a, const OxTensor *b, double rtol, double atol, OxDifference *difference);
/* Of @count pairs with the same bits, that nobody has looked at otherwise. */
void     ox_difference_none    (gint64 count, OxDifference *difference);
/* TRUE: all pairs are well within, floats on both sides; says so at the speed of memory, and of @difference fills count, unequal
 * and max_abs, that rounded to a float: what else it has is NaN. FALSE says nothing. */
gboolean ox_tensor_is_near     (const OxTensor *a, const OxTensor *b, double rtol, double atol, OxDifference *difference);
/* The same type, shape and bits; of no strings. */
gboolean ox_tensor_same_bits   (const OxTensor *a, const OxTensor *b);

#define OX_DECADES 24
#define OX_DECADES_LOW -16

/* Differences by size: those below 1e-16, then a decade each, the last without an end. */
typedef struct
{
  gint64 equal, bad;               /* pairs that are equal; one of which is NaN or infinite */
  gint64 counts[OX_DECADES];
} OxDecades;

/* Of two tensors of one shape that hold no strings. */
void     ox_decades_compute    (const OxTensor *a, const OxTensor *b, OxDecades *decades);
/* What is large in this tensor: 9 of 10 of its finite numbers other than zero are no larger. From samples when it has many
 * elements; the same tensor always gives the same. 0 when there are none. */
double   ox_tensor_scale       (const OxTensor *tensor);
/* What that hardly can be less than, from few samples. */
double   ox_tensor_scale_at_least (const OxTensor *tensor);

G_END_DECLS
