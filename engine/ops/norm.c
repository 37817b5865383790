/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

#include "kernel/ox-moments.h"
#include "kernel/ox-walk.h"

/* Elements between two looks at whether to stop. */
#define PAUSE ((gint64) 1 << 16)

/* Normalisations with a learned scale: Batch-, Instance-, Group-, Layer- and RMSNormalization. */

typedef struct
{
  double epsilon, momentum;
  gint64 is_test, spatial, training_mode;     /* BatchNormalization */
  gint64 num_groups, axis, stash_type;
} NormAttrs;

/* Everything is computed in f32, or in f64 where the input is f64. */
typedef struct
{
  OxDtype     dtype;
  gint64      size;
  const char *x;
  char       *y;
  const char *scale, *bias;     /* bias may be NULL */
  gint64      channels, inner;
  double      epsilon;
  gint64      group;            /* channels of a group */
  gboolean    by_group;         /* GroupNormalization-18: scale and bias have an element for each group */
  gboolean    subtract;         /* the mean, in rows */
  double     *mean, *inverse;   /* of each row, may be NULL */
} Job;

static double
value_at (const Job *job, const char *data, gint64 i)
{
  return job->dtype == OX_F32 ? ((const float *) data)[i] : ((const double *) data)[i];
}

static double
sum (const Job *job, const char *x, gint64 n)
{
  return job->dtype == OX_F32 ? ox_sum_f32 ((const float *) x, n) : ox_sum_f64 ((const double *) x, n);
}

static double
square_sum (const Job *job, const char *x, gint64 n, double center)
{
  return job->dtype == OX_F32 ? ox_square_sum_f32 ((const float *) x, n, center)
                              : ox_square_sum_f64 ((const double *) x, n, center);
}

static void
scale (const Job *job, const char *x, char *y, gint64 n, double a, double b)
{
  if (job->dtype == OX_F32)
    ox_scale_f32 ((const float *) x, (float *) y, n, (float) a, (float) b);
  else
    ox_scale_f64 ((const double *) x, (double *) y, n, a, b);
}

/* Sets x and y of @job, in the type it computes in. */
static gboolean
job_init (Job *job, OxCall *call, GError **error)
{
  OxDtype dtype = ox_call_in (call, 0)->dtype;
  OxTensor *out = ox_call_out (call, 0, error);
  const OxTensor *x;

  if (out == NULL)
    return FALSE;
  if (!ox_dtype_is_float (dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no normalisation of %s", ox_dtype_name (dtype));
  job->dtype = dtype == OX_F64 || out->dtype == OX_F64 ? OX_F64 : OX_F32;
  job->size = (gint64) ox_dtype_size (job->dtype);
  if ((x = ox_call_in_as (call, 0, job->dtype, error)) == NULL)
    return FALSE;
  job->x = (const char *) x->data;
  job->y = (char *) out->data;
  job->epsilon = ((const NormAttrs *) call->attrs)->epsilon;
  return out->dtype == job->dtype || (job->y = ox_call_scratch_n (call, out->count, (gsize) job->size, error)) != NULL;
}

static gboolean
job_finish (Job *job, OxCall *call, GError **error)
{
  OxTensor *out = ox_call_out (call, 0, error);

  if (out == NULL || job->y == (char *) out->data)
    return out != NULL;
  if (job->dtype == OX_F32)
    return ox_call_store_f32 (call, 0, (const float *) job->y, error);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    ox_tensor_set (out, i, ((const double *) job->y)[i]);
  return TRUE;
}

/* Input @i as a vector of @n elements in the computing type. */
static const char *
vector (const Job *job, OxCall *call, int i, gint64 n, const char *name, GError **error)
{
  const OxTensor *tensor = ox_call_in_as (call, i, job->dtype, error);

  if (tensor != NULL && tensor->count != n)
    {
      ox_fail (error, OX_ERROR_SHAPE, "%s has %" G_GINT64_FORMAT " elements, expected %" G_GINT64_FORMAT, name, tensor->count, n);
      return NULL;
    }
  return tensor != NULL ? (const char *) tensor->data : NULL;
}

/* ---- BatchNormalization --------------------------------------------------------------------------------------- */

/* Until version 13 further outputs ask for training, from 14 on an attribute does. */
static gboolean
batch_trains (const OxCall *call)
{
  const NormAttrs *at = call->attrs;

  if (call->op->since >= 14)
    return at->training_mode != 0;
  return call->n_out > 1 && !at->is_test;
}

static gboolean
batch_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);

  if (ox_fact_rank (x) == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "expected an input with channels, found a scalar");
  ox_call_set_like (call, 0, 0);
  for (int o = 1; o < 5; o++)
    ox_call_set_like (call, o, o % 2 == 1 ? 3 : 4);
  return TRUE;
}

/* Item: a channel of an image; scale and bias hold the factor and the summand. */
static void
channel_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;

  for (gint64 item = begin; item < end && !ox_turn (); item++)
    {
      gint64 at = item * job->inner * job->size, c = item % job->channels;

      scale (job, job->x + at, job->y + at, job->inner, value_at (job, job->scale, c), value_at (job, job->bias, c));
    }
}

/* Item: an image whose channels have one element each. */
static void
single_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;

  for (gint64 i = begin * job->channels; i < end * job->channels && !ox_pause (i); i++)
    if (job->dtype == OX_F32)
      {
        gint64 c = i % job->channels;

        ((float *) job->y)[i] = ((const float *) job->x)[i] * ((const float *) job->scale)[c] + ((const float *) job->bias)[c];
      }
    else
      {
        gint64 c = i % job->channels;

        ((double *) job->y)[i] = ((const double *) job->x)[i] * ((const double *) job->scale)[c] + ((const double *) job->bias)[c];
      }
}

/* Mean and population variance of every channel over all images. */
static void
batch_statistics (const Job *job, gint64 batch, double *mean, double *variance)
{
  gint64 step = job->channels * job->inner * job->size;
  double n = (double) (batch * job->inner);

  for (gint64 c = 0; c < job->channels && !ox_turn (); c++)
    {
      const char *x = job->x + c * job->inner * job->size;

      mean[c] = variance[c] = 0;
      for (gint64 b = 0; b < batch && !ox_turn (); b++)
        mean[c] += sum (job, x + b * step, job->inner);
      mean[c] /= n;
      for (gint64 b = 0; b < batch && !ox_turn (); b++)
        variance[c] += square_sum (job, x + b * step, job->inner, mean[c]);
      variance[c] /= n;
    }
}

static gboolean
batch_run (OxCall *call, GError **error)
{
  const NormAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  const char *in[5];
  gboolean train = batch_trains (call);
  gint64 batch;
  double *mean, *variance;
  char *factor, *summand;
  Job job = { 0 };

  if (!job_init (&job, call, error))
    return FALSE;
  batch = x->dims[0];
  job.channels = x->rank > 1 ? x->dims[1] : 1;
  job.inner = 1;
  for (int d = 2; d < x->rank; d++)
    job.inner *= x->dims[d];
  if (call->op->since < 9 && !at->spatial)
    {
      job.channels *= job.inner;
      job.inner = 1;
    }
  for (int i = 1; i < 5; i++)
    if ((in[i] = vector (&job, call, i, job.channels, i == 1 ? "scale" : i == 2 ? "B" : i == 3 ? "mean" : "var", error)) == NULL)
      return FALSE;
  if ((mean = ox_call_scratch_n (call, job.channels, sizeof (double), error)) == NULL
      || (variance = ox_call_scratch_n (call, job.channels, sizeof (double), error)) == NULL
      || (factor = ox_call_scratch_n (call, job.channels, (gsize) job.size, error)) == NULL
      || (summand = ox_call_scratch_n (call, job.channels, (gsize) job.size, error)) == NULL)
    return FALSE;
  if (train)
    batch_statistics (&job, batch, mean, variance);
  for (gint64 c = 0; c < job.channels && !ox_pause (c); c++)
    {
      double a, b;

      if (!train)
        {
          mean[c] = value_at (&job, in[3], c);
          variance[c] = value_at (&job, in[4], c);
        }
      a = value_at (&job, in[1], c) / sqrt (variance[c] + job.epsilon);
      b = value_at (&job, in[2], c) - mean[c] * a;
      if (job.dtype == OX_F32)
        {
          ((float *) factor)[c] = (float) a;
          ((float *) summand)[c] = (float) b;
        }
      else
        {
          ((double *) factor)[c] = a;
          ((double *) summand)[c] = b;
        }
    }
  for (int o = 1; o < call->n_out; o++)
    {
      OxTensor *out = ox_call_wants (call, o) ? ox_call_out (call, o, error) : NULL;
      const double *now = o % 2 == 1 ? mean : variance;

      if (!ox_call_wants (call, o))
        continue;
      if (out == NULL)
        return FALSE;
      for (gint64 c = 0; c < job.channels && !ox_pause (c); c++)
        {
          double before = value_at (&job, in[o % 2 == 1 ? 3 : 4], c);

          /* The third and fourth further outputs are the statistics of this batch alone. */
          ox_tensor_set (out, c, !train ? before : o >= 3 ? now[c] : before * at->momentum + now[c] * (1 - at->momentum));
        }
    }
  job.scale = factor;
  job.bias = summand;
  if (job.inner == 1)
    ox_parallel_for (batch, 1 + 65536 / (1 + job.channels), single_range, &job);
  else
    ox_parallel_for (batch * job.channels, 1 + 65536 / (1 + job.inner), channel_range, &job);
  return job_finish (&job, call, error);
}

/* ---- InstanceNormalization, GroupNormalization ---------------------------------------------------------------- */

static gboolean
group_infer (OxCall *call, GError **error)
{
  const NormAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  gboolean groups = call->op->code != 0;

  if (ox_fact_rank (x) >= 0 && x->rank < 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected an input with batch and channels, found rank %d", x->rank);
  if (groups && (at->num_groups < 1 || (ox_dim_known (ox_fact_dim (x, 1)) && ox_fact_dim (x, 1) % at->num_groups != 0)))
    return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " channels do not divide into %" G_GINT64_FORMAT " groups",
                    ox_fact_dim (x, 1), at->num_groups);
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

/* Item: a group of an image. */
static void
group_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  gint64 n = job->group * job->inner, groups = job->channels / job->group;

  for (gint64 item = begin; item < end && !ox_turn (); item++)
    {
      const char *x = job->x + item * n * job->size;
      char *y = job->y + item * n * job->size;
      double mean = sum (job, x, n) / (double) n;
      double inverse = 1 / sqrt (square_sum (job, x, n, mean) / (double) n + job->epsilon);

      for (gint64 c = 0; c < job->group && !ox_pause (c); c++)
        {
          gint64 at = job->by_group ? item % groups : item % groups * job->group + c;
          double a = value_at (job, job->scale, at) * inverse;

          scale (job, x + c * job->inner * job->size, y + c * job->inner * job->size, job->inner, a,
                 value_at (job, job->bias, at) - mean * a);
        }
    }
}

static gboolean
group_run (OxCall *call, GError **error)
{
  const NormAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  gint64 groups, n;
  Job job = { 0 };

  if (!job_init (&job, call, error))
    return FALSE;
  job.channels = x->dims[1];
  job.inner = 1;
  for (int d = 2; d < x->rank; d++)
    job.inner *= x->dims[d];
  groups = call->op->code != 0 ? at->num_groups : job.channels;
  job.by_group = call->op->code != 0 && call->op->since < 21;
  job.group = groups > 0 ? job.channels / groups : 1;
  n = job.by_group ? groups : job.channels;
  if ((job.scale = vector (&job, call, 1, n, "scale", error)) == NULL
      || (job.bias = vector (&job, call, 2, n, "the bias", error)) == NULL)
    return FALSE;
  if (x->count > 0)
    ox_parallel_for (x->dims[0] * groups, 1 + 32768 / (1 + job.group * job.inner), group_range, &job);
  return job_finish (&job, call, error);
}

/* ---- LayerNormalization, RMSNormalization --------------------------------------------------------------------- */

static gboolean
layer_infer (OxCall *call, GError **error)
{
  const NormAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0), *scale = ox_call_fact (call, 1);
  OxDim dims[OX_MAX_RANK];
  int axis;

  ox_call_set_like (call, 0, 0);
  /* Without a mean to subtract the result is of the type of the scale. */
  if (call->op->code == 1 && x != NULL && x->kind == OX_TYPE_TENSOR)
    ox_call_set (call, 0, ox_fact_dtype (scale), x->rank, x->dims);
  if (at->stash_type <= OX_UNDEFINED || at->stash_type >= OX_N_DTYPES || !ox_dtype_is_float ((OxDtype) at->stash_type))
    return ox_fail (error, OX_ERROR_VALUE, "stash_type is %" G_GINT64_FORMAT ", expected a float type", at->stash_type);
  if (ox_fact_rank (x) < 0)
    {
      for (int o = 1; o < 3; o++)
        ox_call_set_unknown (call, o, (OxDtype) at->stash_type);
      return TRUE;
    }
  if (!ox_call_axis (call, at->axis, x->rank, &axis, error))
    return FALSE;
  for (int d = 0; d < x->rank; d++)
    dims[d] = d < axis ? x->dims[d] : 1;
  for (int o = 1; o < 3; o++)
    ox_call_set (call, o, (OxDtype) at->stash_type, x->rank, dims);
  return TRUE;
}

/* y = (x - mean) * inverse * scale + bias; @scale and @bias have an element for each of the row. */
#define DEFINE_ROW(T, name)                                                                                          \
  static void name (const T *x, T *y, gint64 n, T mean, T inverse, const T *factor, const T *bias)                   \
  {                                                                                                                  \
    for (gint64 at = 0; at < n && !(at > 0 && ox_parallel_stopped ()); at += PAUSE)                                  \
      {                                                                                                              \
        gint64 end = MIN (n, at + PAUSE);                                                                            \
                                                                                                                     \
        if (bias != NULL)                                                                                            \
          _Pragma ("omp simd") for (gint64 i = at; i < end; i++)                                                     \
            y[i] = (x[i] - mean) * inverse * factor[i] + bias[i];                                                    \
        else                                                                                                         \
          _Pragma ("omp simd") for (gint64 i = at; i < end; i++)                                                     \
            y[i] = (x[i] - mean) * inverse * factor[i];                                                              \
      }                                                                                                              \
  }

DEFINE_ROW (float, row_f32)
DEFINE_ROW (double, row_f64)

#undef DEFINE_ROW

/* Item: a row; channels 0: scale and bias are as large as x. */
static void
layer_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  gint64 n = job->inner;

  for (gint64 item = begin; item < end && !ox_turn (); item++)
    {
      gint64 at = item * n * job->size, own = job->channels == 0 ? at : 0;
      const char *x = job->x + at, *bias = job->bias != NULL ? job->bias + own : NULL;
      double mean = job->subtract ? sum (job, x, n) / (double) n : 0;
      double inverse = 1 / sqrt (square_sum (job, x, n, mean) / (double) n + job->epsilon);

      if (job->mean != NULL)
        job->mean[item] = mean;
      if (job->inverse != NULL)
        job->inverse[item] = inverse;
      if (job->dtype == OX_F32)
        row_f32 ((const float *) x, (float *) (job->y + at), n, (float) mean, (float) inverse,
                 (const float *) (job->scale + own), (const float *) bias);
      else
        row_f64 ((const double *) x, (double *) (job->y + at), n, mean, inverse, (const double *) (job->scale + own),
                 (const double *) bias);
    }
}

/* Input @i broadcast to the axes from @axis on, or, with @whole, to all of x. */
static const char *
layer_vector (const Job *job, OxCall *call, int i, int axis, gboolean whole, GError **error)
{
  const OxTensor *x = ox_call_in (call, 0), *tensor = ox_call_in_as (call, i, job->dtype, error);
  const gint64 *dims = whole ? x->dims : x->dims + axis;
  int rank = whole ? x->rank : x->rank - axis;
  gint64 strides[OX_MAX_RANK], dense[OX_MAX_RANK], count = 1;
  char *copy;

  if (tensor == NULL)
    return NULL;
  for (int d = rank - 1; d >= 0; d--)
    {
      dense[d] = count * job->size;
      count *= dims[d];
    }
  if (tensor->rank == rank && tensor->count == count)
    return (const char *) tensor->data;
  if (!ox_broadcast_strides (tensor, rank, dims, strides))
    {
      g_autofree char *have = ox_tensor_shape_string (tensor), *want = ox_tensor_shape_string (x);

      ox_fail (error, OX_ERROR_SHAPE, "scale or bias of shape %s does not broadcast to %s", have, want);
      return NULL;
    }
  if ((copy = ox_call_scratch_n (call, count, (gsize) job->size, error)) == NULL)
    return NULL;
  if (count > 0)
    ox_copy_strided (job->dtype, rank, dims, copy, dense, (const char *) tensor->data, strides);
  return copy;
}

static gboolean
layer_run (OxCall *call, GError **error)
{
  const NormAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  gint64 rows = 1;
  gboolean whole = FALSE;
  gboolean centered = call->op->code == 0;
  int mean = centered ? 1 : -1, inverse = centered ? 2 : 1, axis; /* the outputs */
  Job job = { .subtract = centered };

  if (!job_init (&job, call, error) || !ox_call_axis (call, at->axis, x->rank, &axis, error))
    return FALSE;
  for (int d = 0; d < axis; d++)
    rows *= x->dims[d];
  job.inner = 1;
  for (int d = axis; d < x->rank; d++)
    job.inner *= x->dims[d];
  for (int i = 1; i < call->n_in; i++)
    whole = whole || (ox_call_in (call, i) != NULL && ox_call_in (call, i)->rank > x->rank - axis);
  job.channels = whole ? 0 : 1;
  if ((job.scale = layer_vector (&job, call, 1, axis, whole, error)) == NULL
      || (ox_call_in (call, 2) != NULL && (job.bias = layer_vector (&job, call, 2, axis, whole, error)) == NULL)
      || (ox_call_wants (call, mean) && (job.mean = ox_call_scratch_n (call, rows, sizeof (double), error)) == NULL)
      || (ox_call_wants (call, inverse) && (job.inverse = ox_call_scratch_n (call, rows, sizeof (double), error)) == NULL))
    return FALSE;
  if (job.inner > 0 || job.mean != NULL || job.inverse != NULL)
    ox_parallel_for (rows, 1 + 32768 / (1 + job.inner), layer_range, &job);
  for (int o = 1; o < 3; o++)
    {
      const double *values = o == mean ? job.mean : o == inverse ? job.inverse : NULL;
      OxTensor *out;

      if (values == NULL)
        continue;
      if ((out = ox_call_out (call, o, error)) == NULL)
        return FALSE;
      for (gint64 i = 0; i < rows && !ox_pause (i); i++)
        ox_tensor_set (out, i, values[i]);
    }
  return job_finish (&job, call, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

#define EPSILON OX_FLOAT (NormAttrs, epsilon, 1e-5f)
#define MOMENTUM OX_FLOAT (NormAttrs, momentum, 0.9f)
#define STASH OX_INT (NormAttrs, stash_type, 1)

static const OxAttrSpec batch_1_specs[] = { EPSILON, MOMENTUM, OX_INT (NormAttrs, is_test, 0), OX_INT (NormAttrs, spatial, 1),
                                            OX_IGNORE ("consumed_inputs") };
static const OxAttrSpec batch_6_specs[] = { EPSILON, MOMENTUM, OX_INT (NormAttrs, is_test, 0), OX_INT (NormAttrs, spatial, 1) };
static const OxAttrSpec batch_7_specs[] = { EPSILON, MOMENTUM, OX_INT (NormAttrs, spatial, 1) };
static const OxAttrSpec batch_9_specs[] = { EPSILON, MOMENTUM };
static const OxAttrSpec batch_14_specs[] = { EPSILON, MOMENTUM, OX_INT (NormAttrs, training_mode, 0) };
static const OxAttrSpec instance_1_specs[] = { EPSILON, OX_IGNORE ("consumed_inputs") };
static const OxAttrSpec instance_specs[] = { EPSILON };
static const OxAttrSpec group_18_specs[] = { EPSILON, OX_NEED (NormAttrs, num_groups, INT) };
static const OxAttrSpec group_21_specs[] = { EPSILON, OX_NEED (NormAttrs, num_groups, INT), STASH };
static const OxAttrSpec layer_specs[] = { EPSILON, OX_INT (NormAttrs, axis, -1), STASH };

#define BATCH(since_, outs, specs)                                                                                   \
  {                                                                                                                  \
    "BatchNormalization", since_, { 5, 5 }, { 1, outs }, OX_ATTRS (specs, NormAttrs), .infer = batch_infer,          \
      .run = batch_run                                                                                               \
  }
#define GROUP(name_, since_, specs, code_)                                                                           \
  { name_, since_, { 3, 3 }, { 1, 1 }, OX_ATTRS (specs, NormAttrs), .infer = group_infer, .run = group_run, .code = code_ }

static const OxOp norm_rows[] = {
  BATCH (1, 5, batch_1_specs),
  BATCH (6, 5, batch_6_specs),
  BATCH (7, 5, batch_7_specs),
  BATCH (9, 5, batch_9_specs),
  BATCH (14, 3, batch_14_specs),
  BATCH (15, 3, batch_14_specs),
  GROUP ("InstanceNormalization", 1, instance_1_specs, 0),
  GROUP ("InstanceNormalization", 6, instance_specs, 0),
  GROUP ("InstanceNormalization", 22, instance_specs, 0),
  GROUP ("GroupNormalization", 18, group_18_specs, 1),
  GROUP ("GroupNormalization", 21, group_21_specs, 1),
  /* ONNX has it since 17; ONNX Runtime's optimiser writes the same operator into files of any opset. */
  { "LayerNormalization", 1, { 2, 3 }, { 1, 3 }, OX_ATTRS (layer_specs, NormAttrs), .infer = layer_infer, .run = layer_run },
  { "RMSNormalization", 23, { 2, 2 }, { 1, 1 }, OX_ATTRS (layer_specs, NormAttrs), .infer = layer_infer, .run = layer_run,
    .code = 1 },
  /* What ONNX Runtime writes into models of every version. */
  { "SimplifiedLayerNormalization", 1, { 2, 2 }, { 1, 2 }, OX_ATTRS (layer_specs, NormAttrs), .infer = layer_infer,
    .run = layer_run, .code = 1 },
};

OX_FAMILY (norm, "ai.onnx", norm_rows);
