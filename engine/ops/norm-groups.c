/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"

/* GroupNorm and SkipGroupNorm, as ONNX Runtime's optimiser writes them into diffusion models: channels in groups, last or
 * second, and an activation behind. */

typedef struct { double epsilon; gint64 activation, channels_last, groups; } GroupAttrs;

/* Inputs of both; the simple one ends with beta. */
enum { X, GAMMA, BETA, SKIP, BIAS };

static gboolean
group_infer (OxCall *call, GError **error)
{
  const GroupAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, X);
  OxDim channels;

  ox_call_set_like (call, 0, X);
  ox_call_set_like (call, 1, X);
  if (at->activation != 0 && at->activation != 1)
    return ox_fail (error, OX_ERROR_VALUE, "activation is %" G_GINT64_FORMAT ", expected 0 (none) or 1 (swish)",
                    at->activation);
  if (at->groups < 1)
    return ox_fail (error, OX_ERROR_VALUE, "groups is %" G_GINT64_FORMAT, at->groups);
  if (ox_fact_rank (x) < 0)
    return TRUE;
  if (x->rank < 3)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a batch, channels and at least one axis more, found rank %d", x->rank);
  channels = x->dims[at->channels_last ? x->rank - 1 : 1];
  if (ox_dim_known (channels) && channels % at->groups != 0)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " channels do not make %" G_GINT64_FORMAT " groups", channels,
                    at->groups);
  return TRUE;
}

typedef struct
{
  const GroupAttrs *at;
  const float *x, *gamma, *beta;
  float *y;
  gint64 channels, points;
} Job;

/* Item: a group of an image. */
static void
group_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  gint64 groups = job->at->groups, width = job->channels / groups, n = width * job->points;
  /* How far a channel and a point are apart. */
  gint64 across = job->at->channels_last ? 1 : job->points, along = job->at->channels_last ? job->channels : 1;

  for (gint64 item = begin; item < end && !ox_turn (); item++)
    {
      gint64 first = item % groups * width, start = item / groups * job->channels * job->points + first * across;
      double sum = 0, squares = 0, mean, inverse;

      for (gint64 c = 0; c < width && !ox_turn (); c++)
        for (gint64 p = 0; p < job->points && !ox_pause (p); p++)
          sum += job->x[start + c * across + p * along];
      mean = sum / (double) n;
      for (gint64 c = 0; c < width && !ox_turn (); c++)
        for (gint64 p = 0; p < job->points && !ox_pause (p); p++)
          {
            double d = job->x[start + c * across + p * along] - mean;

            squares += d * d;
          }
      inverse = 1 / sqrt (squares / (double) n + job->at->epsilon);
      for (gint64 c = 0; c < width && !ox_turn (); c++)
        for (gint64 p = 0; p < job->points && !ox_pause (p); p++)
          {
            gint64 at = start + c * across + p * along;
            double y = (job->x[at] - mean) * inverse * job->gamma[first + c] + job->beta[first + c];

            job->y[at] = (float) (job->at->activation == 1 ? y / (1 + exp (-y)) : y);
          }
    }
}

static const float *
channel_vector (OxCall *call, int i, const char *name, gint64 channels, GError **error)
{
  const OxTensor *tensor = ox_call_in_as (call, i, OX_F32, error);

  if (tensor != NULL && tensor->count != channels)
    {
      ox_fail (error, OX_ERROR_SHAPE, "%s has %" G_GINT64_FORMAT " elements, expected %" G_GINT64_FORMAT, name, tensor->count,
               channels);
      return NULL;
    }
  return tensor != NULL ? (const float *) tensor->data : NULL;
}

/* @sum = x + skip + bias; the skip has x's shape, or an element for each channel of each image. */
static gboolean
add_skip (OxCall *call, const Job *job, const OxTensor *x, float *sum, GError **error)
{
  const OxTensor *skip = ox_call_in_as (call, SKIP, OX_F32, error);
  const float *bias = NULL;
  gboolean whole;

  if (skip == NULL || (ox_call_in (call, BIAS) != NULL
                       && (bias = channel_vector (call, BIAS, "bias", job->channels, error)) == NULL))
    return FALSE;
  whole = ox_tensor_same_shape (skip, x);
  if (!whole && skip->count != x->dims[0] * job->channels)
    {
      g_autofree char *have = ox_tensor_shape_string (skip), *want = ox_tensor_shape_string (x);

      return ox_fail (error, OX_ERROR_SHAPE, "skip of shape %s does not fit %s", have, want);
    }
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      gint64 channel = job->at->channels_last ? i % job->channels : i / job->points % job->channels;
      gint64 image = i / (job->channels * job->points);

      sum[i] = job->x[i] + ((const float *) skip->data)[whole ? i : image * job->channels + channel]
               + (bias != NULL ? bias[channel] : 0);
    }
  return TRUE;
}

static gboolean
group_run (OxCall *call, GError **error)
{
  const GroupAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, X);
  Job job = { .at = at };
  float *sum = NULL;

  if (!ox_dtype_is_float (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no normalisation of %s", ox_dtype_name (x->dtype));
  if ((x = ox_call_in_as (call, X, OX_F32, error)) == NULL)
    return FALSE;
  job.channels = x->dims[at->channels_last ? x->rank - 1 : 1];
  job.points = x->count > 0 ? x->count / (x->dims[0] * job.channels) : 0;
  job.x = (const float *) x->data;
  if ((job.gamma = channel_vector (call, GAMMA, "gamma", job.channels, error)) == NULL
      || (job.beta = channel_vector (call, BETA, "beta", job.channels, error)) == NULL
      || (job.y = ox_call_scratch_n (call, x->count, sizeof (float), error)) == NULL)
    return FALSE;
  if (call->op->code == 1)
    {
      if ((sum = ox_call_scratch_n (call, x->count, sizeof (float), error)) == NULL
          || !add_skip (call, &job, x, sum, error))
        return FALSE;
      job.x = sum;
    }
  if (x->count > 0)
    ox_parallel_for (x->dims[0] * at->groups, 1, group_range, &job);
  if (sum != NULL && ox_call_wants (call, 1) && !ox_call_store_f32 (call, 1, sum, error))
    return FALSE;
  return ox_call_store_f32 (call, 0, job.y, error);
}

static const OxAttrSpec group_specs[] = {
  OX_FLOAT (GroupAttrs, epsilon, 1e-5f),
  OX_NEED (GroupAttrs, activation, INT),
  OX_INT (GroupAttrs, channels_last, 1),
  OX_NEED (GroupAttrs, groups, INT),
};

static const OxOp norm_groups_rows[] = {
  { "GroupNorm", 1, { 3, 3 }, { 1, 1 }, OX_ATTRS (group_specs, GroupAttrs), group_infer, group_run },
  { "SkipGroupNorm", 1, { 4, 5 }, { 1, 2 }, OX_ATTRS (group_specs, GroupAttrs), group_infer, group_run, .code = 1 },
};

OX_FAMILY (norm_groups, "com.microsoft", norm_groups_rows);
