/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-heads.h"

#include <math.h>

#include "core/ox-memory.h"
#include "kernel/ox-gemm.h"
#include "ops/ox-move.h"

/* DecoderAttention of ONNX Runtime's domain: rows before batches, and what it does is said by inputs. */

typedef struct { gint64 num_heads; } DecoderAttrs;

enum { QUERY, KEY, Q_WEIGHT, KV_WEIGHT, BIAS, MASK, KEY_CACHE, VALUE_CACHE, STATIC_KV, USE_PAST, HAS_STATE, HAS_MASK };

/* The boolean input @i; FALSE if it is not known. */
static gboolean
flag (OxCall *call, int i, gboolean *value)
{
  const OxFact *fact = ox_call_fact (call, i);

  if (fact == NULL || fact->tensor == NULL || fact->tensor->count != 1 || fact->tensor->dtype != OX_BOOL)
    return FALSE;
  *value = fact->tensor->data[0] != 0;
  return TRUE;
}

static gboolean
decoder_infer (OxCall *call, GError **error)
{
  const DecoderAttrs *attrs = call->attrs;
  const OxFact *q = ox_call_fact (call, QUERY), *k = ox_call_fact (call, KEY), *cache = ox_call_fact (call, KEY_CACHE);
  gboolean crossing, past, state;
  OxDim rows = OX_DIM_UNKNOWN;

  for (int i = STATIC_KV; i <= HAS_MASK; i++)
    if (ox_call_fact (call, i) == NULL)
      return ox_fail (error, OX_ERROR_MODEL, "input %d must not be omitted", i);
  if (attrs->num_heads < 1)
    return ox_fail (error, OX_ERROR_VALUE, "num_heads is %" G_GINT64_FORMAT ", expected 1 or more", attrs->num_heads);
  if ((ox_fact_rank (q) >= 0 && q->rank != 3) || (ox_fact_rank (k) >= 0 && k->rank != 3))
    return ox_fail (error, OX_ERROR_SHAPE, "expected query and key of 3 axes, found %d and %d", ox_fact_rank (q), ox_fact_rank (k));
  ox_call_set_like (call, 0, QUERY);
  if (flag (call, STATIC_KV, &crossing) && flag (call, USE_PAST, &past) && flag (call, HAS_STATE, &state))
    {
      past = past && state;
      rows = crossing ? ox_fact_dim (k, 0) : ox_fact_dim (q, 0);
      if (past)
        rows = crossing ? ox_fact_dim (cache, 2) : ox_dim_add (call->dims, ox_fact_dim (cache, 2), rows);
    }
  else if (call->running)
    return ox_fail (error, OX_ERROR_DTYPE, "static_kv, use_past and has_layer_state should be one boolean each");
  for (int o = 1; o < 3; o++)
    ox_call_set (call, o, ox_fact_dtype (q), 4, (OxDim[]) { ox_fact_dim (q, 1), attrs->num_heads, rows,
                                                            ox_dim_div (call->dims, ox_fact_dim (q, 2), attrs->num_heads) });
  return TRUE;
}

/* Input @i, [rows, batch, hidden], times weight @w plus the bias from @first on, as @parts beside each other. */
static gboolean
project (OxCall *call, int i, int w, gint64 first, int parts, OxHeads *heads, GError **error)
{
  const gint64 n = ((const DecoderAttrs *) call->attrs)->num_heads;
  const OxTensor *x = ox_call_in_as (call, i, OX_F32, error), *weight, *bias;
  gint64 hidden, columns, count;
  float *y;

  if (x == NULL || (weight = ox_call_in_as (call, w, OX_F32, error)) == NULL
      || (bias = ox_call_in_as (call, BIAS, OX_F32, error)) == NULL)
    return FALSE;
  hidden = ox_call_in (call, QUERY)->dims[2];
  columns = hidden * parts;
  if (weight->rank != 2 || weight->dims[0] != hidden || weight->dims[1] != columns || x->dims[2] != hidden || hidden % n != 0)
    return ox_fail_shape (call, w, "a weight", "[hidden, hidden or twice that], hidden a multiple of num_heads", error);
  if (bias->count != 3 * hidden)
    return ox_fail_shape (call, BIAS, "the bias", "[3 * hidden]", error);
  if (!ox_dims_count ((const gint64[]) { x->dims[0], x->dims[1], columns }, 3, &count))
    return ox_fail (error, OX_ERROR_MEMORY, "Q, K and V are too large");
  if ((y = ox_call_scratch_n (call, count, sizeof (float), error)) == NULL)
    return FALSE;
  for (gint64 j = 0; j < count && !ox_pause (j); j++)
    y[j] = ((const float *) (const void *) bias->data)[first + j % columns];
  ox_gemm_f32 (FALSE, FALSE, x->dims[0] * x->dims[1], columns, hidden, 1, (const float *) (const void *) x->data, hidden,
               (const float *) (const void *) weight->data, columns, 1, y, columns);
  for (int part = 0; part < parts; part++)
    heads[part] = (OxHeads) { y + part * hidden, x->dims[1], n, x->dims[0], hidden / n,
                              { columns, hidden / n, x->dims[1] * columns } };
  return TRUE;
}

/* Where the mask is set a key is hidden. */
static gboolean
hide_padding (OxCall *call, OxAttention *a, GError **error)
{
  const OxTensor *mask = ox_call_in (call, MASK) != NULL ? ox_call_in_as (call, MASK, OX_F32, error) : NULL;
  float *bias;

  if (ox_call_in (call, MASK) == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "has_key_padding_mask, but there is none");
  if (mask == NULL || (bias = ox_call_scratch_n (call, mask->count, sizeof (float), error)) == NULL)
    return FALSE;
  if (mask->rank != 2 || mask->dims[0] != a->batch || mask->dims[1] != a->kv_len)
    return ox_fail_shape (call, MASK, "key_padding_mask", "[batch, keys]", error);
  for (gint64 i = 0; i < mask->count && !ox_pause (i); i++)
    bias[i] = ((const float *) (const void *) mask->data)[i] != 0 ? -INFINITY : 0;
  a->bias[1] = (OxAddend) { bias, { a->kv_len, 0, 0, 1 }, a->kv_len };
  return TRUE;
}

static gboolean
decoder_run (OxCall *call, GError **error)
{
  gboolean crossing = FALSE, past = FALSE, state = FALSE, masked = FALSE;
  const gint64 hidden = ox_call_in (call, QUERY)->dims[2];
  OxHeads q, kv[2], cached[2], all[2];
  OxAttention a = { 0 };

  if (!ox_call_in_float (call, QUERY, error) || !project (call, QUERY, Q_WEIGHT, 0, 1, &q, error))
    return FALSE;
  if (!flag (call, STATIC_KV, &crossing) || !flag (call, USE_PAST, &past) || !flag (call, HAS_STATE, &state)
      || !flag (call, HAS_MASK, &masked))
    return ox_fail (error, OX_ERROR_DTYPE, "the last four inputs should be one boolean each");
  past = past && state;
  if (past && (ox_call_in (call, KEY_CACHE) == NULL || ox_call_in (call, VALUE_CACHE) == NULL))
    return ox_fail (error, OX_ERROR_MODEL, "use_past, but there is no key_cache and value_cache");
  if ((!(past && crossing) && !project (call, crossing ? KEY : QUERY, KV_WEIGHT, hidden, 2, kv, error))
      || (past && (!ox_heads_input (call, KEY_CACHE, "key_cache", &cached[0], error)
                   || !ox_heads_input (call, VALUE_CACHE, "value_cache", &cached[1], error))))
    return FALSE;
  for (int i = 0; i < 2; i++)
    if (!past)
      all[i] = kv[i];
    else if (crossing)
      all[i] = cached[i];
    else if (!ox_heads_join (call, &all[i], &cached[i], cached[i].rows, &kv[i], cached[i].rows + kv[i].rows, error))
      return FALSE;
  if (all[0].heads != q.heads)
    return ox_fail_shape (call, KEY_CACHE, "key_cache", "[batch, num_heads, keys, size]", error);
  if (!ox_attention_init (call, &a, &q, &all[0], &all[1], all[0].rows, 0, error) || (masked && !hide_padding (call, &a, error)))
    return FALSE;
  if (all[1].size != q.size)
    return ox_fail_shape (call, VALUE_CACHE, "value_cache", "like key_cache", error);
  a.y_at[0] = hidden;
  a.y_at[2] = q.batch * hidden;
  return ox_attention_run (call, &a, error) && ox_call_store_f32 (call, 0, a.y, error)
         && ox_heads_store (call, 1, &all[0], error) && ox_heads_store (call, 2, &all[1], error);
}

/* The mask of this operator hides keys for good: nothing is filled in. */
static const OxAttrSpec decoder_specs[] = {
  OX_NEED (DecoderAttrs, num_heads, INT),
  OX_IGNORE ("mask_filter_value"),
};

static const OxOp ms_decoder_rows[] = {
  { "DecoderAttention", 1, { 5, 12 }, { 1, 3 }, OX_ATTRS (decoder_specs, DecoderAttrs), decoder_infer, decoder_run },
};

OX_FAMILY (ms_decoder, "com.microsoft", ms_decoder_rows);
