/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "ops/ox-op.h"

/* CausalConvWithState: each channel is convolved with a kernel of its own over what is now and what was before. The state
 * is the last k - 1 elements of both, for the next call. Computed in float. In ONNX Runtime's domain the elements of the
 * kernel may lie some way from each other, and channels may come last. */

typedef struct { const char *activation; gint64 dilation, channels_last, ndim, state_window; } CausalAttrs;

enum { INPUT, WEIGHT, BIAS, PAST, N_IN };

typedef struct
{
  gint64       channels, length, k, dilation;
  const float *in[N_IN];            /* NULL where omitted */
  float       *padded;              /* [batch, channels, k - 1 + length] */
  float       *y, *state;
  OxDtype      rounded;             /* the result of the convolution has this type before the activation */
  gboolean     silu, last;          /* last: channels lie side by side */
} Job;

static OxDim
known_of (OxDim a, OxDim b)
{
  return ox_dim_known (b) || a == OX_DIM_UNKNOWN ? b : a;
}

static gboolean
infer_causal (OxCall *call, GError **error)
{
  static const char *const names[N_IN] = { "input", "weight", "bias", "past_state" };
  static const int ranks[N_IN] = { 3, 3, 1, 3 };
  const CausalAttrs *attrs = call->attrs;
  const OxFact *in[N_IN];
  OxDim dims[3] = { OX_DIM_UNKNOWN, OX_DIM_UNKNOWN, OX_DIM_UNKNOWN }, before = OX_DIM_UNKNOWN;
  OxDtype dtype;

  if (!g_str_equal (attrs->activation, "none") && !g_str_equal (attrs->activation, "silu")
      && !g_str_equal (attrs->activation, "swish"))
    return ox_fail (error, OX_ERROR_VALUE, "activation is none, silu or swish, found '%s'", attrs->activation);
  dtype = ox_call_fact (call, INPUT)->dtype;
  for (int i = 0; i < N_IN; i++)
    {
      in[i] = ox_call_fact (call, i);
      if (in[i] != NULL && in[i]->rank >= 0 && in[i]->rank != ranks[i])
        return ox_fail (error, OX_ERROR_SHAPE, "%s should have rank %d, found %d", names[i], ranks[i], in[i]->rank);
      if (in[i] != NULL && in[i]->dtype != OX_UNDEFINED && dtype != OX_UNDEFINED && in[i]->dtype != dtype)
        return ox_fail (error, OX_ERROR_DTYPE, "%s is %s, the input %s", names[i], ox_dtype_name (in[i]->dtype),
                        ox_dtype_name (dtype));
    }
  if (dtype != OX_UNDEFINED && dtype != OX_F32 && dtype != OX_F16 && dtype != OX_BF16)
    return ox_fail (error, OX_ERROR_DTYPE, "expected f32, f16 or bf16, found %s", ox_dtype_name (dtype));
  for (int i = 0; in[INPUT]->rank == 3 && i < 3; i++)
    dims[i] = in[INPUT]->dims[i];
  if (in[WEIGHT]->rank == 3)
    {
      OxDim k = in[WEIGHT]->dims[2];

      if (ox_dim_known (k) && k < 1)
        return ox_fail (error, OX_ERROR_SHAPE, "the kernel should have an element at least");
      if (ox_dim_known (in[WEIGHT]->dims[1]) && in[WEIGHT]->dims[1] != 1)
        return ox_fail (error, OX_ERROR_SHAPE, "axis 1 of weight should be 1, found %" G_GINT64_FORMAT, in[WEIGHT]->dims[1]);
      if (ox_dim_known (in[WEIGHT]->dims[0]) && ox_dim_known (dims[1]) && in[WEIGHT]->dims[0] != dims[1])
        return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " kernels for %" G_GINT64_FORMAT " channels",
                        in[WEIGHT]->dims[0], dims[1]);
      dims[1] = known_of (dims[1], in[WEIGHT]->dims[0]);
      before = ox_dim_sub (call->dims, k, 1);
    }
  if (in[PAST] != NULL && in[PAST]->rank == 3)
    before = known_of (before, in[PAST]->dims[2]);
  if (in[INPUT]->rank == 3)
    ox_call_set (call, 0, dtype, 3, dims);
  else
    ox_call_set (call, 0, dtype, -1, NULL);
  ox_call_set (call, 1, dtype, 3, (const OxDim[]) { dims[0], dims[1], before });
  return TRUE;
}

static float
rounded (OxDtype dtype, float v)
{
  guint16 bits[2] = { 0 };

  if (dtype == OX_F32)
    return v;
  ox_element_set (dtype, (guint8 *) bits, (double) v);
  return (float) ox_element_get (dtype, (const guint8 *) bits);
}

/* Element @i of @n of channel @c of member @b. */
static gint64
place (const Job *job, gint64 b, gint64 c, gint64 i, gint64 n)
{
  return job->last ? (b * n + i) * job->channels + c : (b * job->channels + c) * n + i;
}

/* One row: a channel of a member of the batch. */
static void
do_rows (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  gint64 before = (job->k - 1) * job->dilation, width = before + job->length;

  for (gint64 row = begin; row < end && !ox_turn (); row++)
    {
      gint64 channel = row % job->channels, b = row / job->channels;
      const float *kernel = job->in[WEIGHT] + channel * job->k;
      float *padded = job->padded + row * width;

      for (gint64 i = 0; i < before && !ox_pause (i); i++)
        padded[i] = job->in[PAST] != NULL ? job->in[PAST][place (job, b, channel, i, before)] : 0;
      for (gint64 i = 0; i < job->length && !ox_pause (i); i++)
        padded[before + i] = job->in[INPUT][place (job, b, channel, i, job->length)];
      for (gint64 i = 0; i < before && !ox_pause (i); i++)
        job->state[place (job, b, channel, i, before)] = padded[job->length + i];
      for (gint64 i = 0; i < job->length && !ox_turn (); i++)
        {
          float sum = job->in[BIAS] != NULL ? job->in[BIAS][channel] : 0;

          for (gint64 j = 0; j < job->k; j++)
            sum += padded[i + j * job->dilation] * kernel[j];
          if (job->silu)
            {
              sum = rounded (job->rounded, sum);
              sum = sum >= 0 ? sum / (1 + expf (-sum)) : sum * expf (sum) / (1 + expf (sum));
            }
          job->y[place (job, b, channel, i, job->length)] = sum;
        }
    }
}

static gboolean
check_dims (const OxTensor *tensor, const char *name, int rank, const gint64 *want, GError **error)
{
  if (tensor->rank < rank)
    return ox_fail (error, OX_ERROR_SHAPE, "%s should have %d axes, found %d", name, rank, tensor->rank);
  for (int i = 0; i < rank; i++)
    if (tensor->dims[i] != want[i])
      return ox_fail (error, OX_ERROR_SHAPE, "axis %d of %s should be %" G_GINT64_FORMAT ", found %" G_GINT64_FORMAT, i, name,
                      want[i], tensor->dims[i]);
  return TRUE;
}

/* What both domains do once the shapes are checked. */
static gboolean
convolve (OxCall *call, Job *job, gint64 batch, GError **error)
{
  const OxTensor *x = ox_call_in (call, INPUT);

  if (ox_call_out (call, 0, error) == NULL || ox_call_out (call, 1, error) == NULL)
    return FALSE;
  if (x->count == 0 && ox_call_out (call, 1, error)->count == 0)
    return TRUE;
  for (int i = 0; i < N_IN; i++)
    {
      const OxTensor *tensor = ox_call_in (call, i) != NULL ? ox_call_in_as (call, i, OX_F32, error) : NULL;

      if (tensor == NULL && ox_call_in (call, i) != NULL)
        return FALSE;
      job->in[i] = tensor != NULL ? (const float *) (const void *) tensor->data : NULL;
    }
  /* Both outputs together are as large as the padded rows, so this sum does not overflow. */
  if ((job->y = ox_call_scratch_n (call, x->count + 1, sizeof (float), error)) == NULL
      || (job->state = ox_call_scratch_n (call, ox_call_out (call, 1, error)->count + 1, sizeof (float), error)) == NULL
      || (job->padded = ox_call_scratch_n (call, x->count + ox_call_out (call, 1, error)->count + 1, sizeof (float), error)) == NULL)
    return FALSE;
  ox_parallel_for (batch * job->channels, MAX (1, 4096 / MAX (1, job->length)), do_rows, job);
  return ox_call_store_f32 (call, 0, job->y, error) && ox_call_store_f32 (call, 1, job->state, error);
}

static gboolean
run_causal (OxCall *call, GError **error)
{
  const CausalAttrs *attrs = call->attrs;
  const OxTensor *x = ox_call_in (call, INPUT), *weight = ox_call_in (call, WEIGHT), *bias = ox_call_in (call, BIAS);
  const OxTensor *past = ox_call_in (call, PAST);
  Job job = { .channels = x->dims[1], .length = x->dims[2], .k = weight->dims[2], .dilation = 1, .rounded = x->dtype,
              .silu = !g_str_equal (attrs->activation, "none") };

  if ((bias != NULL && !check_dims (bias, "bias", 1, &job.channels, error))
      || (past != NULL && !check_dims (past, "past_state", 3, (const gint64[]) { x->dims[0], x->dims[1], job.k - 1 }, error)))
    return FALSE;
  return convolve (call, &job, x->dims[0], error);
}

/* ---- ONNX Runtime's domain ------------------------------------------------------------------------------------ */

static gboolean
infer_ms (OxCall *call, GError **error)
{
  const CausalAttrs *attrs = call->attrs;
  const OxFact *x = ox_call_fact (call, INPUT), *weight = ox_call_fact (call, WEIGHT);
  OxDim dims[OX_MAX_RANK];

  if (!g_str_equal (attrs->activation, "none") && !g_str_equal (attrs->activation, "silu")
      && !g_str_equal (attrs->activation, "swish"))
    return ox_fail (error, OX_ERROR_VALUE, "activation is none, silu or swish, found '%s'", attrs->activation);
  if (attrs->ndim != 1 || attrs->state_window != 0)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "%" G_GINT64_FORMAT " axes and a window of %" G_GINT64_FORMAT " states", attrs->ndim,
                    attrs->state_window);
  if (attrs->dilation < 1 || attrs->dilation > G_MAXINT32)
    return ox_fail (error, OX_ERROR_VALUE, "dilation is %" G_GINT64_FORMAT ", expected 1 or more", attrs->dilation);
  if ((x->rank >= 0 && (attrs->channels_last ? x->rank < 3 : x->rank != 3)) || (weight->rank >= 0 && weight->rank != 3))
    return ox_fail (error, OX_ERROR_SHAPE, "expected an input and a weight of 3 axes, found %d and %d", x->rank, weight->rank);
  ox_call_set_like (call, 0, INPUT);
  if (x->rank < 0)
    {
      ox_call_set (call, 1, x->dtype, -1, NULL);
      return TRUE;
    }
  memcpy (dims, x->dims, sizeof dims);
  dims[attrs->channels_last ? 1 : 2] =
    weight->rank < 0 ? OX_DIM_UNKNOWN : ox_dim_mul (call->dims, ox_dim_sub (call->dims, weight->dims[2], 1), attrs->dilation);
  if (weight->rank == 3 && weight->dims[2] == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "the kernel should have an element at least");
  ox_call_set (call, 1, x->dtype, x->rank, dims);
  return TRUE;
}

static gboolean
run_ms (OxCall *call, GError **error)
{
  const CausalAttrs *attrs = call->attrs;
  const OxTensor *x = ox_call_in (call, INPUT), *weight = ox_call_in (call, WEIGHT), *bias = ox_call_in (call, BIAS);
  const OxTensor *past = ox_call_in (call, PAST);
  Job job = { .channels = x->dims[1], .length = x->dims[2], .k = weight->dims[2], .dilation = attrs->dilation,
              .rounded = OX_F32, .silu = !g_str_equal (attrs->activation, "none"), .last = attrs->channels_last != 0 };
  OxTensor *state;

  if (x->dtype != OX_F32 && x->dtype != OX_F16 && x->dtype != OX_BF16)
    return ox_fail (error, OX_ERROR_DTYPE, "expected f32, f16 or bf16, found %s", ox_dtype_name (x->dtype));
  if (job.last)
    {
      job.length = x->dims[1];
      job.channels = 1;
      for (int i = 2; i < x->rank; i++)
        if (__builtin_mul_overflow (job.channels, x->dims[i], &job.channels))
          return ox_fail (error, OX_ERROR_SHAPE, "the channels are too many");
    }
  if (!check_dims (weight, "weight", 2, (const gint64[]) { job.channels, 1 }, error)
      || (bias != NULL && !check_dims (bias, "bias", 1, &job.channels, error))
      || (state = ox_call_out (call, 1, error)) == NULL)
    return FALSE;
  if (past != NULL && past->rank != state->rank)
    return ox_fail (error, OX_ERROR_SHAPE, "expected past_state to have %d axes, found %d", state->rank, past->rank);
  if (past != NULL && !check_dims (past, "past_state", past->rank, state->dims, error))
    return FALSE;
  return convolve (call, &job, x->dims[0], error);
}

static const OxAttrSpec causal_specs[] = { OX_STRING (CausalAttrs, activation, "none") };

static const OxOp causal_conv_rows[] = {
  { "CausalConvWithState", 27, { 2, 4 }, { 2, 2 }, OX_ATTRS (causal_specs, CausalAttrs), infer_causal, run_causal },
};

OX_FAMILY (causal_conv, "ai.onnx", causal_conv_rows);

static const OxAttrSpec ms_causal_specs[] = {
  OX_STRING (CausalAttrs, activation, "none"), OX_INT (CausalAttrs, dilation, 1), OX_INT (CausalAttrs, channels_last, 0),
  OX_INT (CausalAttrs, ndim, 1),               OX_INT (CausalAttrs, state_window, 0),
};

static const OxOp ms_causal_conv_rows[] = {
  { "CausalConvWithState", 1, { 2, 4 }, { 1, 2 }, OX_ATTRS (ms_causal_specs, CausalAttrs), infer_ms, run_ms },
};

OX_FAMILY (ms_causal_conv, "com.microsoft", ms_causal_conv_rows);
