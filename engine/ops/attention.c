/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "kernel/ox-gemm.h"
#include "ops/ox-op.h"
#include "tensor/ox-small-float.h"

/* Attention: softmax (Q K^T scale + mask) V by heads, with keys and values of before. Computed in float. */

typedef struct
{
  gint64     is_causal, qk_matmul_output_mode;
  OxOptInt   q_num_heads, kv_num_heads, softmax_precision;
  OxOptFloat scale;
  double     softcap;
} AttentionAttrs;

enum { MODE_PRODUCT, MODE_CAPPED, MODE_MASKED, MODE_SOFTMAX };

/* Q is [batch, q_heads, q_len, size], K and V [batch, kv_heads, length, …], whatever lies between two rows. */
typedef struct
{
  const AttentionAttrs *attrs;
  gint64        batch, q_heads, kv_heads, q_len, new_len, past, length, size, v_size;
  gint64        q_step, q_head, q_batch;   /* elements from row to row, head to head, batch to batch */
  gint64        y_step, y_head, y_batch;
  double        scale;
  const float  *q;
  float        *k, *v, *y;                 /* k, v: [batch, kv_heads, length, …] */
  float        *scores;                    /* [batch, q_heads, q_len, length] */
  float        *shown;                     /* what the fourth output gets, NULL: nobody wants it */
  const OxTensor *mask;
  gint64        mask_step[4];              /* bytes; 0 where it is stretched */
  gint64        mask_length;
  const gint64 *filled;                    /* [batch] keys that are no padding, NULL: all */
} Job;

/* ---- shapes --------------------------------------------------------------------------------------------------- */

static OxDim
split (OxCall *call, OxDim whole, gint64 heads)
{
  return heads > 0 ? ox_dim_div (call->dims, whole, heads) : OX_DIM_UNKNOWN;
}

static gboolean
infer_attention (OxCall *call, GError **error)
{
  const AttentionAttrs *attrs = call->attrs;
  const OxFact *q = ox_call_fact (call, 0), *k = ox_call_fact (call, 1), *v = ox_call_fact (call, 2);
  const OxFact *past = ox_call_fact (call, 4), *past_value = ox_call_fact (call, 5);
  OxDim batch, q_heads, kv_heads, q_len, length, size, v_size;
  gboolean flat;

  if (q == NULL || k == NULL || v == NULL || q->rank < 0 || k->rank < 0 || v->rank < 0)
    return TRUE;
  flat = q->rank == 3;
  if ((q->rank != 3 && q->rank != 4) || k->rank != q->rank || v->rank != q->rank)
    return ox_fail (error, OX_ERROR_SHAPE, "Q, K and V should all have 3 or 4 dimensions, found %d, %d and %d", q->rank, k->rank,
                    v->rank);
  if (flat && (!attrs->q_num_heads.set || !attrs->kv_num_heads.set || attrs->q_num_heads.v < 1 || attrs->kv_num_heads.v < 1))
    return ox_fail (error, OX_ERROR_MODEL, "3 dimensions need q_num_heads and kv_num_heads");
  if ((past != NULL) != (past_value != NULL))
    return ox_fail (error, OX_ERROR_MODEL, "past_key and past_value come together");
  batch = q->dims[0];
  q_len = q->dims[flat ? 1 : 2];
  length = k->dims[flat ? 1 : 2];
  q_heads = flat ? attrs->q_num_heads.v : q->dims[1];
  kv_heads = flat ? attrs->kv_num_heads.v : k->dims[1];
  size = flat ? split (call, k->dims[2], attrs->kv_num_heads.v) : k->dims[3];
  v_size = flat ? split (call, v->dims[2], attrs->kv_num_heads.v) : v->dims[3];
  if (past != NULL)
    length = past->rank == 4 ? ox_dim_add (call->dims, length, past->dims[2]) : OX_DIM_UNKNOWN;
  if (flat)
    ox_call_set (call, 0, q->dtype, 3, (const OxDim[]) { batch, q_len, ox_dim_mul (call->dims, q_heads, v_size) });
  else
    ox_call_set (call, 0, q->dtype, 4, (const OxDim[]) { batch, q_heads, q_len, v_size });
  ox_call_set (call, 1, k->dtype, 4, (const OxDim[]) { batch, kv_heads, length, size });
  ox_call_set (call, 2, v->dtype, 4, (const OxDim[]) { batch, kv_heads, length, v_size });
  ox_call_set (call, 3, q->dtype, 4, (const OxDim[]) { batch, q_heads, q_len, length });
  return TRUE;
}

/* ---- the heads ------------------------------------------------------------------------------------------------ */

static double
round_to (OxDtype dtype, double v)
{
  return dtype == OX_F16 ? (double) ox_f16_load (ox_f16_store ((float) v))
         : dtype == OX_BF16 ? (double) ox_bf16_load (ox_bf16_store ((float) v))
                            : v;
}

/* What is added to the score of key @t for query @s; -inf hides it. */
static float
bias_at (const Job *job, gint64 b, gint64 h, gint64 s, gint64 t)
{
  gint64 offset = job->filled != NULL ? job->filled[b] - job->q_len : job->past;
  const guint8 *at;

  if (job->filled != NULL && t >= job->filled[b])
    return -INFINITY;
  if (job->attrs->is_causal && t > s + offset)
    return -INFINITY;
  if (job->mask == NULL)
    return 0;
  if (t >= job->mask_length)
    return -INFINITY;
  at = job->mask->data + b * job->mask_step[0] + h * job->mask_step[1] + s * job->mask_step[2] + t * job->mask_step[3];
  if (job->mask->dtype == OX_BOOL)
    return *at != 0 ? 0 : -INFINITY;
  return (float) ox_element_get (job->mask->dtype, at);
}

static void
softmax_row (const Job *job, float *row)
{
  OxDtype precision = job->attrs->softmax_precision.set ? (OxDtype) job->attrs->softmax_precision.v : OX_F32;
  double top = -INFINITY, sum = 0;

  for (gint64 t = 0; t < job->length; t++)
    top = fmax (top, row[t]);
  /* A query that may look at nothing sees nothing. */
  if (top == -INFINITY)
    {
      memset (row, 0, (gsize) job->length * sizeof (float));
      return;
    }
  for (gint64 t = 0; t < job->length; t++)
    sum += exp (round_to (precision, row[t]) - round_to (precision, top));
  for (gint64 t = 0; t < job->length; t++)
    row[t] = (float) round_to (precision, exp (round_to (precision, row[t]) - round_to (precision, top)) / sum);
}

static void
show (const Job *job, int mode, gint64 head, const float *scores)
{
  gint64 n = job->q_len * job->length;

  if (job->shown != NULL && job->attrs->qk_matmul_output_mode == mode)
    memcpy (job->shown + head * n, scores, (gsize) n * sizeof (float));
}

static void
do_heads (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  double cap = job->attrs->softcap;

  for (gint64 head = begin; head < end; head++)
    {
      gint64 b = head / job->q_heads, h = head % job->q_heads, kv = b * job->kv_heads + h / (job->q_heads / job->kv_heads);
      float *scores = job->scores + head * job->q_len * job->length;

      ox_gemm_f32 (FALSE, TRUE, job->q_len, job->length, job->size, (float) job->scale, job->q + b * job->q_batch + h * job->q_head,
                   job->q_step, job->k + kv * job->length * job->size, job->size, 0, scores, job->length);
      show (job, MODE_PRODUCT, head, scores);
      for (gint64 i = 0; cap > 0 && i < job->q_len * job->length; i++)
        scores[i] = (float) (cap * tanh (scores[i] / cap));
      show (job, MODE_CAPPED, head, scores);
      for (gint64 s = 0; s < job->q_len; s++)
        for (gint64 t = 0; t < job->length; t++)
          scores[s * job->length + t] += bias_at (job, b, h, s, t);
      show (job, MODE_MASKED, head, scores);
      for (gint64 s = 0; s < job->q_len; s++)
        softmax_row (job, scores + s * job->length);
      show (job, MODE_SOFTMAX, head, scores);
      ox_gemm_f32 (FALSE, FALSE, job->q_len, job->v_size, job->length, 1, scores, job->length,
                   job->v + kv * job->length * job->v_size, job->v_size, 0, job->y + b * job->y_batch + h * job->y_head,
                   job->y_step);
    }
}

/* ---- the run -------------------------------------------------------------------------------------------------- */

/* Past and present, one after the other: [batch, kv_heads, length, size]. */
static float *
join_past (OxCall *call, const Job *job, int now, int before, gint64 size, gboolean flat, GError **error)
{
  const OxTensor *tensor = ox_call_in_as (call, now, OX_F32, error), *past = NULL;
  float *joined;
  const float *from, *old = NULL;

  if (tensor == NULL || (ox_call_in (call, before) != NULL && (past = ox_call_in_as (call, before, OX_F32, error)) == NULL))
    return NULL;
  if (tensor->dims[0] != job->batch || tensor->dims[flat ? 1 : 2] != job->new_len
      || tensor->dims[flat ? 2 : 3] != (flat ? job->kv_heads * size : size) || (!flat && tensor->dims[1] != job->kv_heads))
    {
      ox_fail (error, OX_ERROR_SHAPE, "K and V differ in batch, heads or length");
      return NULL;
    }
  if (past != NULL && (past->rank != 4 || past->dims[0] != job->batch || past->dims[1] != job->kv_heads
                       || past->dims[2] != job->past || past->dims[3] != size))
    {
      g_autofree char *found = ox_tensor_shape_string (past);

      ox_fail (error, OX_ERROR_SHAPE, "what is past should be %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT ", found %s",
               job->batch, job->kv_heads, job->past, size, found);
      return NULL;
    }
  joined = ox_call_scratch_n (call, job->batch * job->kv_heads * job->length * size + 1, sizeof (float), error);
  if (joined == NULL)
    return NULL;
  from = (const float *) (const void *) tensor->data;
  old = past != NULL ? (const float *) (const void *) past->data : NULL;
  for (gint64 b = 0; b < job->batch; b++)
    for (gint64 h = 0; h < job->kv_heads; h++)
      {
        float *to = joined + (b * job->kv_heads + h) * job->length * size;

        if (old != NULL)
          memcpy (to, old + (b * job->kv_heads + h) * job->past * size, (gsize) (job->past * size) * sizeof (float));
        for (gint64 s = 0; s < job->new_len; s++)
          memcpy (to + (job->past + s) * size,
                  flat ? from + ((b * job->new_len + s) * job->kv_heads + h) * size
                       : from + ((b * job->kv_heads + h) * job->new_len + s) * size,
                  (gsize) size * sizeof (float));
      }
  return joined;
}

/* The mask is stretched over batch, heads and queries; its keys may end early. */
static gboolean
read_mask (OxCall *call, Job *job, GError **error)
{
  const gint64 want[4] = { job->batch, job->q_heads, job->q_len, job->length };
  const OxTensor *mask = ox_call_in (call, 3);

  if (mask == NULL)
    return TRUE;
  if (mask->rank < 1 || mask->rank > 4)
    return ox_fail (error, OX_ERROR_SHAPE, "the mask should have up to 4 dimensions, found %d", mask->rank);
  job->mask = mask;
  for (int i = 0; i < mask->rank; i++)
    {
      int axis = 4 - mask->rank + i;

      if (mask->dims[i] != 1 && mask->dims[i] != want[axis] && !(axis == 3 && mask->dims[i] < want[axis]))
        {
          g_autofree char *found = ox_tensor_shape_string (mask);

          return ox_fail (error, OX_ERROR_SHAPE, "a mask of %s does not fit %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT,
                          found, want[0], want[1], want[2], want[3]);
        }
      job->mask_step[axis] = mask->dims[i] == 1 && want[axis] != 1 ? 0 : mask->strides[i];
    }
  job->mask_length = mask->dims[mask->rank - 1] == 1 ? job->length : mask->dims[mask->rank - 1];
  return TRUE;
}

static gboolean
read_filled (OxCall *call, Job *job, GError **error)
{
  const gint64 *numbers;
  int n;

  if (ox_call_in (call, 6) == NULL)
    return TRUE;
  if (!ox_call_numbers (call, 6, &numbers, &n) || n != job->batch)
    return ox_fail (error, OX_ERROR_SHAPE, "nonpad_kv_seqlen should have %" G_GINT64_FORMAT " elements", job->batch);
  for (int i = 0; i < n; i++)
    if (numbers[i] < 0 || numbers[i] > job->length)
      return ox_fail (error, OX_ERROR_VALUE, "nonpad_kv_seqlen %" G_GINT64_FORMAT " is not in 0..%" G_GINT64_FORMAT, numbers[i],
                      job->length);
  job->filled = numbers;
  return TRUE;
}

static gboolean
read_shapes (OxCall *call, Job *job, gboolean flat, GError **error)
{
  const AttentionAttrs *attrs = call->attrs;
  const OxTensor *q = ox_call_in (call, 0), *k = ox_call_in (call, 1), *v = ox_call_in (call, 2), *past = ox_call_in (call, 4);

  job->batch = q->dims[0];
  job->q_len = q->dims[flat ? 1 : 2];
  job->new_len = k->dims[flat ? 1 : 2];
  job->q_heads = flat ? attrs->q_num_heads.v : q->dims[1];
  job->kv_heads = flat ? attrs->kv_num_heads.v : k->dims[1];
  if (job->kv_heads < 1 || job->q_heads % job->kv_heads != 0)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " heads of Q do not share %" G_GINT64_FORMAT " heads of K and V",
                    job->q_heads, job->kv_heads);
  job->size = flat ? q->dims[2] / job->q_heads : q->dims[3];
  job->v_size = flat ? v->dims[2] / job->kv_heads : v->dims[3];
  if (flat && (q->dims[2] % job->q_heads != 0 || v->dims[2] % job->kv_heads != 0))
    return ox_fail (error, OX_ERROR_SHAPE, "the heads do not divide the last axis");
  if (past != NULL && past->rank != 4)
    return ox_fail (error, OX_ERROR_SHAPE, "past_key should have 4 dimensions, found %d", past->rank);
  job->past = past != NULL ? past->dims[2] : 0;
  job->length = job->past + job->new_len;
  job->scale = attrs->scale.set ? attrs->scale.v : 1 / sqrt ((double) MAX (job->size, 1));
  job->q_step = flat ? job->q_heads * job->size : job->size;
  job->q_head = flat ? job->size : job->q_len * job->size;
  job->q_batch = job->q_heads * job->q_len * job->size;
  job->y_step = flat ? job->q_heads * job->v_size : job->v_size;
  job->y_head = flat ? job->v_size : job->q_len * job->v_size;
  job->y_batch = job->q_heads * job->q_len * job->v_size;
  return TRUE;
}

static gboolean
run_attention (OxCall *call, GError **error)
{
  const AttentionAttrs *attrs = call->attrs;
  const OxTensor *q = ox_call_in (call, 0), *dense;
  gboolean flat = q->rank == 3;
  Job job = { .attrs = attrs };
  gint64 heads;

  if (attrs->qk_matmul_output_mode < 0 || attrs->qk_matmul_output_mode > MODE_SOFTMAX)
    return ox_fail (error, OX_ERROR_VALUE, "qk_matmul_output_mode is 0 to 3, found %" G_GINT64_FORMAT, attrs->qk_matmul_output_mode);
  if (!ox_dtype_is_float (q->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected floats, found %s", ox_dtype_name (q->dtype));
  if (!read_shapes (call, &job, flat, error) || !read_mask (call, &job, error) || !read_filled (call, &job, error)
      || (dense = ox_call_in_as (call, 0, OX_F32, error)) == NULL
      || (job.k = join_past (call, &job, 1, 4, job.size, flat, error)) == NULL
      || (job.v = join_past (call, &job, 2, 5, job.v_size, flat, error)) == NULL)
    return FALSE;
  job.q = (const float *) (const void *) dense->data;
  heads = job.batch * job.q_heads;
  job.y = ox_call_scratch_n (call, heads * job.q_len * job.v_size + 1, sizeof (float), error);
  job.scores = job.y != NULL ? ox_call_scratch_n (call, heads * job.q_len * job.length + 1, sizeof (float), error) : NULL;
  if (job.scores == NULL)
    return FALSE;
  if (ox_call_wants (call, 3)
      && (job.shown = ox_call_scratch_n (call, heads * job.q_len * job.length + 1, sizeof (float), error)) == NULL)
    return FALSE;
  ox_parallel_for (heads, 1, do_heads, &job);
  return ox_call_store_f32 (call, 0, job.y, error)
         && (!ox_call_wants (call, 1) || ox_call_store_f32 (call, 1, job.k, error))
         && (!ox_call_wants (call, 2) || ox_call_store_f32 (call, 2, job.v, error))
         && (job.shown == NULL || ox_call_store_f32 (call, 3, job.shown, error));
}

static const OxAttrSpec attention_specs[] = {
  OX_INT (AttentionAttrs, is_causal, 0),
  OX_INT (AttentionAttrs, qk_matmul_output_mode, 0),
  OX_ATTR (AttentionAttrs, q_num_heads, OPT_INT),
  OX_ATTR (AttentionAttrs, kv_num_heads, OPT_INT),
  OX_ATTR (AttentionAttrs, softmax_precision, OPT_INT),
  OX_ATTR (AttentionAttrs, scale, OPT_FLOAT),
  OX_FLOAT (AttentionAttrs, softcap, 0),
};

static const OxOp attention_rows[] = {
  { "Attention", 23, { 3, 6 }, { 1, 4 }, OX_ATTRS (attention_specs, AttentionAttrs), infer_attention, run_attention },
  { "Attention", 24, { 3, 7 }, { 1, 4 }, OX_ATTRS (attention_specs, AttentionAttrs), infer_attention, run_attention },
};

OX_FAMILY (attention, "ai.onnx", attention_rows);
