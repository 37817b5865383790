/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "ops/ox-op.h"

/* LinearAttention: a state S of d_k x d_v for each head of keys and values, and for each token
 *   S = exp (decay) S;  v = beta (v - S^T k);  S += k v^T;  output = scale S^T q
 * where the rules "linear" and "delta" leave out the first step, "linear" and "gated" the second.
 * Q is [batch, length, q_heads * d_k], K and V are [batch, length, kv_heads * …]. Computed in float, as the standard says.
 * In ONNX Runtime's domain (code 1) several heads of K and V may share one of Q as well. */

typedef struct
{
  gint64      q_num_heads, kv_num_heads, chunk_size, state_window;
  double      scale;
  const char *update_rule;
} LinearAttrs;

enum { QUERY, KEY, VALUE, PAST, DECAY, BETA, N_IN };

typedef struct
{
  gint64       batch, length, q_heads, kv_heads, d_k, d_v;
  gint64       n_decay, n_beta;      /* numbers a token: kv_heads, or kv_heads * d_k, or 1 */
  const float *in[N_IN];             /* NULL where omitted */
  float       *output, *state;       /* state: [batch, kv_heads, d_k, d_v] */
  float       *written;              /* [batch, kv_heads, d_v] */
  float        scale;
} Job;

static gboolean
read_rule (const LinearAttrs *attrs, gboolean *gated, gboolean *delta, GError **error)
{
  *gated = g_str_equal (attrs->update_rule, "gated") || g_str_equal (attrs->update_rule, "gated_delta");
  *delta = g_str_equal (attrs->update_rule, "delta") || g_str_equal (attrs->update_rule, "gated_delta");
  return *gated || *delta || g_str_equal (attrs->update_rule, "linear")
         || ox_fail (error, OX_ERROR_VALUE, "update_rule is linear, gated, delta or gated_delta, found '%s'",
                     attrs->update_rule);
}

/* The rule says whether there is a decay and a beta. */
static gboolean
check_given (OxCall *call, int i, const char *name, gboolean needed, GError **error)
{
  const LinearAttrs *attrs = call->attrs;
  gboolean given = ox_call_fact (call, i) != NULL;

  return given == needed
         || ox_fail (error, OX_ERROR_MODEL, "update_rule %s %s %s", attrs->update_rule, needed ? "needs" : "takes no", name);
}

static gboolean
infer_linear (OxCall *call, GError **error)
{
  static const char *const names[N_IN] = { "query", "key", "value", "past_state", "decay", "beta" };
  const LinearAttrs *attrs = call->attrs;
  const OxFact *q = ox_call_fact (call, QUERY), *v = ox_call_fact (call, VALUE), *past = ox_call_fact (call, PAST);
  OxDtype dtype = q->dtype, state = past != NULL ? past->dtype : dtype;
  OxDim batch, d_k, d_v;
  gboolean gated, delta;

  if (!read_rule (attrs, &gated, &delta, error) || !check_given (call, DECAY, "decay", gated, error)
      || !check_given (call, BETA, "beta", delta, error))
    return FALSE;
  if (attrs->state_window != 0)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "a window of %" G_GINT64_FORMAT " states", attrs->state_window);
  if (attrs->kv_num_heads < 1 || attrs->q_num_heads < 1
      || (attrs->q_num_heads % attrs->kv_num_heads != 0
          && !(call->op->code == 1 && attrs->kv_num_heads % attrs->q_num_heads == 0)))
    return ox_fail (error, OX_ERROR_VALUE, "q_num_heads %" G_GINT64_FORMAT " should be a multiple of kv_num_heads %" G_GINT64_FORMAT,
                    attrs->q_num_heads, attrs->kv_num_heads);
  for (int i = 0; i < N_IN; i++)
    {
      const OxFact *fact = ox_call_fact (call, i);
      int rank = i == PAST ? 4 : 3;

      if (fact == NULL)
        continue;
      if (fact->rank >= 0 && fact->rank != rank)
        return ox_fail (error, OX_ERROR_SHAPE, "%s should have %d dimensions, found %d", names[i], rank, fact->rank);
      if (i != PAST && fact->dtype != OX_UNDEFINED && dtype != OX_UNDEFINED && fact->dtype != dtype)
        return ox_fail (error, OX_ERROR_DTYPE, "%s is %s, the query %s", names[i], ox_dtype_name (fact->dtype),
                        ox_dtype_name (dtype));
      if (fact->dtype != OX_UNDEFINED && fact->dtype != OX_F32 && fact->dtype != OX_F16 && fact->dtype != OX_BF16)
        return ox_fail (error, OX_ERROR_DTYPE, "%s is %s, expected f32, f16 or bf16", names[i], ox_dtype_name (fact->dtype));
    }
  batch = q->rank == 3 ? q->dims[0] : OX_DIM_UNKNOWN;
  d_k = q->rank == 3 ? ox_dim_div (call->dims, q->dims[2], attrs->q_num_heads) : OX_DIM_UNKNOWN;
  d_v = v->rank == 3 ? ox_dim_div (call->dims, v->dims[2], attrs->kv_num_heads) : OX_DIM_UNKNOWN;
  if (past != NULL && past->rank == 4 && !ox_dim_known (d_k))
    d_k = past->dims[2];
  ox_call_set (call, 0, dtype, 3, (const OxDim[]) { batch, q->rank == 3 ? q->dims[1] : OX_DIM_UNKNOWN,
                                                    ox_dim_mul (call->dims, d_v, MAX (attrs->q_num_heads, attrs->kv_num_heads)) });
  ox_call_set (call, 1, state, 4, (const OxDim[]) { batch, attrs->kv_num_heads, d_k, d_v });
  return TRUE;
}

/* One head of keys and values of one member of the batch, with all heads of queries that share it. */
static void
do_head (const Job *job, gint64 b, gint64 h)
{
  gint64 d_k = job->d_k, d_v = job->d_v, heads = MAX (job->q_heads, job->kv_heads);
  gint64 group = heads / job->kv_heads, share = heads / job->q_heads;
  float *state = job->state + (b * job->kv_heads + h) * d_k * d_v, *written = job->written + (b * job->kv_heads + h) * d_v;

  for (gint64 t = 0; t < job->length && !ox_turn (); t++)
    {
      gint64 token = b * job->length + t;
      const float *k = job->in[KEY] + (token * job->kv_heads + h) * d_k, *v = job->in[VALUE] + (token * job->kv_heads + h) * d_v;

      if (job->in[DECAY] != NULL)
        {
          gboolean by_key = job->n_decay != job->kv_heads;
          const float *decay = job->in[DECAY] + token * job->n_decay + (by_key ? h * d_k : h);

          for (gint64 i = 0; i < d_k && !ox_turn (); i++)
            for (gint64 j = 0, keep = i * d_v; j < d_v && !ox_pause (j); j++)
              state[keep + j] *= expf (decay[by_key ? i : 0]);
        }
      memcpy (written, v, (gsize) d_v * sizeof (float));
      if (job->in[BETA] != NULL)
        {
          float beta = job->in[BETA][token * job->n_beta + (job->n_beta > 1 ? h : 0)];

          for (gint64 i = 0; i < d_k && !ox_turn (); i++)
            for (gint64 j = 0; j < d_v; j++)
              written[j] -= state[i * d_v + j] * k[i];
          for (gint64 j = 0; j < d_v; j++)
            written[j] *= beta;
        }
      for (gint64 i = 0; i < d_k && !ox_turn (); i++)
        for (gint64 j = 0; j < d_v; j++)
          state[i * d_v + j] += k[i] * written[j];
      for (gint64 g = h * group; g < (h + 1) * group && !ox_turn (); g++)
        {
          const float *q = job->in[QUERY] + (token * job->q_heads + g / share) * d_k;
          float *y = job->output + (token * heads + g) * d_v;

          memset (y, 0, (gsize) d_v * sizeof (float));
          for (gint64 i = 0; i < d_k && !ox_turn (); i++)
            for (gint64 j = 0; j < d_v; j++)
              y[j] += q[i] * state[i * d_v + j];
          for (gint64 j = 0; j < d_v; j++)
            y[j] *= job->scale;
        }
    }
}

static void
do_heads (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;

  for (gint64 i = begin; i < end && !ox_turn (); i++)
    do_head (job, i / job->kv_heads, i % job->kv_heads);
}

/* Input @i as float; [batch, length, @last], or the state. */
static gboolean
read_input (OxCall *call, Job *job, int i, const char *name, gint64 last, GError **error)
{
  const gint64 want[4] = { job->batch, i == PAST ? job->kv_heads : job->length, i == PAST ? job->d_k : last, job->d_v };
  const OxTensor *tensor = ox_call_in (call, i);

  if (tensor == NULL)
    return TRUE;
  for (int d = 0; d < tensor->rank; d++)
    if (tensor->dims[d] != want[d])
      return ox_fail (error, OX_ERROR_SHAPE, "axis %d of %s should be %" G_GINT64_FORMAT ", found %" G_GINT64_FORMAT, d, name,
                      want[d], tensor->dims[d]);
  tensor = ox_call_in_as (call, i, OX_F32, error);
  job->in[i] = tensor != NULL ? (const float *) (const void *) tensor->data : NULL;
  return tensor != NULL;
}

static gboolean
run_linear (OxCall *call, GError **error)
{
  const LinearAttrs *attrs = call->attrs;
  const OxTensor *q = ox_call_in (call, QUERY), *v = ox_call_in (call, VALUE);
  const OxTensor *decay = ox_call_in (call, DECAY), *beta = ox_call_in (call, BETA);
  Job job = { .batch = q->dims[0], .length = q->dims[1], .q_heads = attrs->q_num_heads, .kv_heads = attrs->kv_num_heads };
  gint64 heads, size;

  job.d_k = q->dims[2] / job.q_heads;
  job.d_v = v->dims[2] / job.kv_heads;
  if (q->dims[2] % job.q_heads != 0 || v->dims[2] % job.kv_heads != 0)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " heads do not divide the last axes of "
                    "query and value, %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT, job.q_heads, job.kv_heads, q->dims[2], v->dims[2]);
  job.scale = (float) (attrs->scale != 0 ? attrs->scale : 1 / sqrt ((double) MAX (job.d_k, 1)));
  job.n_decay = decay != NULL && decay->dims[2] == job.kv_heads ? job.kv_heads : job.kv_heads * job.d_k;
  job.n_beta = beta != NULL && beta->dims[2] == 1 ? 1 : job.kv_heads;
  if (!read_input (call, &job, QUERY, "query", q->dims[2], error)
      || !read_input (call, &job, KEY, "key", job.kv_heads * job.d_k, error)
      || !read_input (call, &job, VALUE, "value", v->dims[2], error) || !read_input (call, &job, PAST, "past_state", 0, error)
      || !read_input (call, &job, DECAY, "decay", job.n_decay, error)
      || !read_input (call, &job, BETA, "beta", job.n_beta, error))
    return FALSE;
  /* The outputs are allocated first: their sizes are checked then, and these here are not larger. */
  if (ox_call_out (call, 0, error) == NULL || ox_call_out (call, 1, error) == NULL)
    return FALSE;
  if (ox_call_out (call, 0, error)->count == 0 && ox_call_out (call, 1, error)->count == 0)
    return TRUE;
  heads = job.batch * job.kv_heads;
  size = ox_call_out (call, 1, error)->count;
  if ((job.output = ox_call_scratch_n (call, ox_call_out (call, 0, error)->count + 1, sizeof (float), error)) == NULL
      || (job.state = ox_call_scratch_n (call, size + 1, sizeof (float), error)) == NULL
      || (job.written = ox_call_scratch_n (call, heads * job.d_v + 1, sizeof (float), error)) == NULL)
    return FALSE;
  if (job.in[PAST] != NULL)
    memcpy (job.state, job.in[PAST], (gsize) size * sizeof (float));
  else
    ox_clear (job.state, (gsize) size * sizeof (float));
  ox_parallel_for (heads, 1, do_heads, &job);
  return ox_call_store_f32 (call, 0, job.output, error) && ox_call_store_f32 (call, 1, job.state, error);
}

static const OxAttrSpec linear_specs[] = {
  OX_NEED (LinearAttrs, q_num_heads, INT),  OX_NEED (LinearAttrs, kv_num_heads, INT), OX_INT (LinearAttrs, chunk_size, 64),
  OX_FLOAT (LinearAttrs, scale, 0),         OX_STRING (LinearAttrs, update_rule, "gated_delta"),
};

static const OxAttrSpec ms_linear_specs[] = {
  OX_NEED (LinearAttrs, q_num_heads, INT),  OX_NEED (LinearAttrs, kv_num_heads, INT), OX_INT (LinearAttrs, chunk_size, 64),
  OX_INT (LinearAttrs, state_window, 0),    OX_FLOAT (LinearAttrs, scale, 0),
  OX_STRING (LinearAttrs, update_rule, "gated_delta"),
};

static const OxOp linear_attention_rows[] = {
  { "LinearAttention", 27, { 3, 6 }, { 2, 2 }, OX_ATTRS (linear_specs, LinearAttrs), infer_linear, run_linear },
};

OX_FAMILY (linear_attention, "ai.onnx", linear_attention_rows);

static const OxOp ms_linear_attention_rows[] = {
  { "LinearAttention", 1, { 3, 6 }, { 1, 2 }, OX_ATTRS (ms_linear_specs, LinearAttrs), infer_linear, run_linear, .code = 1 },
};

OX_FAMILY (ms_linear_attention, "com.microsoft", ms_linear_attention_rows);
