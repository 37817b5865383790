/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"

/* Normalisations without a learned scale: LRN, LpNormalization, MeanVarianceNormalization. */

typedef struct { double alpha, beta, bias; gint64 size; } LrnAttrs;
typedef struct { gint64 axis, p; } LpAttrs;
typedef struct { OxInts axes; } MvnAttrs;

/* Input 0 and a place for output 0 in f32, or in f64 where the input is f64. */
typedef struct
{
  OxDtype     dtype;
  const void *x;
  void       *y;
} Pair;

static gboolean
pair_init (Pair *pair, OxCall *call, GError **error)
{
  OxDtype dtype = ox_call_in (call, 0)->dtype;
  OxTensor *out = ox_call_out (call, 0, error);
  const OxTensor *x;

  if (out == NULL)
    return FALSE;
  if (!ox_dtype_is_float (dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no normalisation of %s", ox_dtype_name (dtype));
  pair->dtype = dtype == OX_F64 ? OX_F64 : OX_F32;
  if ((x = ox_call_in_as (call, 0, pair->dtype, error)) == NULL)
    return FALSE;
  pair->x = x->data;
  pair->y = out->data;
  return dtype == pair->dtype || (pair->y = ox_call_scratch_n (call, out->count, sizeof (float), error)) != NULL;
}

static gboolean
pair_finish (const Pair *pair, OxCall *call, GError **error)
{
  OxTensor *out = ox_call_out (call, 0, error);

  return out != NULL && (pair->y == out->data || ox_call_store_f32 (call, 0, pair->y, error));
}

static double
pair_get (const Pair *pair, gint64 i)
{
  return pair->dtype == OX_F32 ? ((const float *) pair->x)[i] : ((const double *) pair->x)[i];
}

static void
pair_set (const Pair *pair, gint64 i, double value)
{
  if (pair->dtype == OX_F32)
    ((float *) pair->y)[i] = (float) value;
  else
    ((double *) pair->y)[i] = value;
}

/* ---- LRN ------------------------------------------------------------------------------------------------------ */

typedef struct
{
  Pair   pair;
  const LrnAttrs *at;
  gint64 channels, inner;
} LrnJob;

static gboolean
lrn_infer (OxCall *call, GError **error)
{
  const LrnAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);

  if (at->size < 1)
    return ox_fail (error, OX_ERROR_VALUE, "size is %" G_GINT64_FORMAT ", expected at least 1", at->size);
  if (ox_fact_rank (x) >= 0 && x->rank < 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected an input with batch and channels, found rank %d", x->rank);
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

/* Elements that are done at once, and stay in the first cache. */
#define LRN_RUN 2048

/* y collects the squares of the channels around, then becomes the result. The usual beta needs no pow(). */
#define DEFINE_LRN(T, name, root, power)                                                                             \
  static void name (const LrnJob *job, gint64 image, gint64 c)                                                       \
  {                                                                                                                  \
    const LrnAttrs *at = job->at;                                                                                    \
    gint64 low = MAX (0, c - (at->size - 1) / 2);                                                                    \
    gint64 high = at->size / 2 >= job->channels - c ? job->channels : c + at->size / 2 + 1;                          \
    const T *x = (const T *) job->pair.x + image * job->channels * job->inner;                                       \
    T *y = (T *) job->pair.y + (image * job->channels + c) * job->inner;                                             \
    T factor = (T) (at->alpha / (double) at->size), bias = (T) at->bias, beta = (T) at->beta;                        \
                                                                                                                     \
    for (gint64 first = 0, last; first < job->inner && !ox_turn (); first = last)                                    \
      {                                                                                                              \
        last = MIN (job->inner, first + LRN_RUN);                                                                    \
        memset (y + first, 0, (gsize) (last - first) * sizeof (T));                                                  \
        for (gint64 k = low; k < high && !ox_turn (); k++)                                                           \
          _Pragma ("omp simd") for (gint64 i = first; i < last; i++)                                                 \
            y[i] += x[k * job->inner + i] * x[k * job->inner + i];                                                   \
        if (at->beta == 0.75)                                                                                        \
          for (gint64 i = first; i < last; i++)                                                                      \
            {                                                                                                        \
              T half = root (bias + factor * y[i]);                                                                  \
                                                                                                                     \
              y[i] = x[c * job->inner + i] / (half * root (half));                                                   \
            }                                                                                                        \
        else                                                                                                         \
          for (gint64 i = first; i < last; i++)                                                                      \
            y[i] = x[c * job->inner + i] / power (bias + factor * y[i], beta);                                       \
      }                                                                                                              \
  }

DEFINE_LRN (float, lrn_f32, sqrtf, powf)
DEFINE_LRN (double, lrn_f64, sqrt, pow)

#undef DEFINE_LRN

static void
lrn_range (gint64 begin, gint64 end, gpointer data)
{
  const LrnJob *job = data;

  for (gint64 i = begin; i < end && !ox_turn (); i++)
    (job->pair.dtype == OX_F32 ? lrn_f32 : lrn_f64) (job, i / job->channels, i % job->channels);
}

static gboolean
lrn_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in (call, 0);
  LrnJob job = { .at = call->attrs, .channels = x->dims[1], .inner = 1 };

  if (!pair_init (&job.pair, call, error))
    return FALSE;
  for (int d = 2; d < x->rank; d++)
    job.inner *= x->dims[d];
  if (x->count > 0)
    ox_parallel_for (x->dims[0] * job.channels, 1 + 16384 / (1 + job.inner), lrn_range, &job);
  return pair_finish (&job.pair, call, error);
}

/* ---- LpNormalization ------------------------------------------------------------------------------------------ */

typedef struct
{
  Pair   pair;
  gint64 p, length, inner;
} LpJob;

static gboolean
lp_infer (OxCall *call, GError **error)
{
  const LpAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  int axis;

  if (at->p != 1 && at->p != 2)
    return ox_fail (error, OX_ERROR_VALUE, "p is %" G_GINT64_FORMAT ", expected 1 or 2", at->p);
  ox_call_set_like (call, 0, 0);
  return ox_fact_rank (x) < 0 || ox_call_axis (call, at->axis, x->rank, &axis, error);
}

/* Item: a line along the axis. A line of zeros stays one. */
static void
lp_range (gint64 begin, gint64 end, gpointer data)
{
  const LpJob *job = data;

  for (gint64 item = begin; item < end && !ox_turn (); item++)
    {
      gint64 at = item / job->inner * job->length * job->inner + item % job->inner;
      double norm = 0;

      for (gint64 k = 0; k < job->length && !ox_pause (k); k++)
        {
          double v = pair_get (&job->pair, at + k * job->inner);

          norm += job->p == 1 ? fabs (v) : v * v;
        }
      if (job->p == 2)
        norm = sqrt (norm);
      for (gint64 k = 0; k < job->length && !ox_pause (k); k++)
        pair_set (&job->pair, at + k * job->inner, norm == 0 ? 0 : pair_get (&job->pair, at + k * job->inner) / norm);
    }
}

static gboolean
lp_run (OxCall *call, GError **error)
{
  const LpAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  LpJob job = { .p = at->p, .inner = 1 };
  int axis;

  if (!pair_init (&job.pair, call, error) || !ox_call_axis (call, at->axis, x->rank, &axis, error))
    return FALSE;
  job.length = x->dims[axis];
  for (int d = axis + 1; d < x->rank; d++)
    job.inner *= x->dims[d];
  if (x->count > 0)
    ox_parallel_for (x->count / job.length, 1 + 8192 / (1 + job.length), lp_range, &job);
  return pair_finish (&job.pair, call, error);
}

/* ---- MeanVarianceNormalization -------------------------------------------------------------------------------- */

/* Which axes are averaged over; [0, 2, 3] by default. */
static gboolean
mvn_axes (OxCall *call, int rank, gboolean *averaged, GError **error)
{
  static const gint64 usual[] = { 0, 2, 3 };
  const MvnAttrs *at = call->attrs;
  const gint64 *axes = at->axes.set ? at->axes.v : usual;
  int n = at->axes.set ? at->axes.n : (int) G_N_ELEMENTS (usual);
  int axis;

  memset (averaged, 0, (gsize) rank * sizeof (gboolean));
  for (int i = 0; i < n; i++)
    {
      if (!ox_call_axis (call, axes[i], rank, &axis, error))
        return FALSE;
      averaged[axis] = TRUE;
    }
  return TRUE;
}

static gboolean
mvn_infer (OxCall *call, GError **error)
{
  gboolean averaged[OX_MAX_RANK];
  int rank = ox_fact_rank (ox_call_fact (call, 0));

  ox_call_set_like (call, 0, 0);
  return rank < 0 || mvn_axes (call, rank, averaged, error);
}

/* Calls of next() give the group that each element in row-major order belongs to. */
typedef struct
{
  int    rank;
  const gint64 *dims;
  gint64 at[OX_MAX_RANK], step[OX_MAX_RANK];
  gint64 group;
} Groups;

static void
groups_next (Groups *groups)
{
  for (int d = groups->rank - 1; d >= 0; d--)
    {
      groups->group += groups->step[d];
      if (++groups->at[d] < groups->dims[d])
        return;
      groups->group -= groups->step[d] * groups->dims[d];
      groups->at[d] = 0;
    }
}

static gboolean
mvn_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in (call, 0);
  gboolean averaged[OX_MAX_RANK];
  Groups groups = { .rank = x->rank, .dims = x->dims };
  gint64 n = 1;
  double *mean, *deviation;
  Pair pair;

  if (!pair_init (&pair, call, error) || !mvn_axes (call, x->rank, averaged, error))
    return FALSE;
  for (int d = x->rank - 1; d >= 0; d--)
    if (!averaged[d])
      {
        groups.step[d] = n;
        n *= x->dims[d];
      }
  if ((mean = ox_call_scratch_n (call, n, sizeof (double), error)) == NULL
      || (deviation = ox_call_scratch_n (call, n, sizeof (double), error)) == NULL)
    return FALSE;
  if (x->count == 0)
    return TRUE;
  ox_clear (mean, (gsize) n * sizeof (double));
  ox_clear (deviation, (gsize) n * sizeof (double));
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++, groups_next (&groups))
    mean[groups.group] += pair_get (&pair, i);
  for (gint64 g = 0; g < n; g++)
    mean[g] /= (double) (x->count / n);
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++, groups_next (&groups))
    {
      double v = pair_get (&pair, i) - mean[groups.group];

      deviation[groups.group] += v * v;
    }
  /* The standard's 1e-9 keeps constant groups at zero. */
  for (gint64 g = 0; g < n && !ox_pause (g); g++)
    deviation[g] = sqrt (deviation[g] / (double) (x->count / n)) + 1e-9;
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++, groups_next (&groups))
    pair_set (&pair, i, (pair_get (&pair, i) - mean[groups.group]) / deviation[groups.group]);
  return pair_finish (&pair, call, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec lrn_specs[] = {
  OX_FLOAT (LrnAttrs, alpha, 0.0001f),
  OX_FLOAT (LrnAttrs, beta, 0.75),
  OX_FLOAT (LrnAttrs, bias, 1),
  OX_NEED (LrnAttrs, size, INT),
};
static const OxAttrSpec lp_specs[] = { OX_INT (LpAttrs, axis, -1), OX_INT (LpAttrs, p, 2) };
static const OxAttrSpec mvn_specs[] = { OX_ATTR (MvnAttrs, axes, INTS) };

#define LRN(since_) { "LRN", since_, { 1, 1 }, { 1, 1 }, OX_ATTRS (lrn_specs, LrnAttrs), .infer = lrn_infer, .run = lrn_run }
#define LP(since_)                                                                                                   \
  { "LpNormalization", since_, { 1, 1 }, { 1, 1 }, OX_ATTRS (lp_specs, LpAttrs), .infer = lp_infer, .run = lp_run }
#define MVN(since_)                                                                                                  \
  {                                                                                                                  \
    "MeanVarianceNormalization", since_, { 1, 1 }, { 1, 1 }, OX_ATTRS (mvn_specs, MvnAttrs), .infer = mvn_infer,     \
      .run = mvn_run                                                                                                 \
  }

static const OxOp norm_plain_rows[] = { LRN (1), LRN (13), LP (1), LP (22), MVN (9), MVN (13) };

OX_FAMILY (norm_plain, "ai.onnx", norm_plain_rows);
