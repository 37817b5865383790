/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-heads.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ops/ox-move.h"

/* Attention of ONNX Runtime's domain that is given Q, K and V: MultiHeadAttention, DecoderMaskedMultiHeadAttention,
 * PackedMultiHeadAttention. */

typedef struct
{
  gint64 num_heads, unidirectional, past_present_share_buffer;
  double mask_filter_value, scale;
} MultiAttrs;

/* The inputs of an operator by their meaning; -1: it has none of it. */
typedef struct { int proj_bias, mask, bias, past_key, past_value, past_length, beams, cache_indirection; } Places;

static const Places multi_places = { 3, 4, 5, 6, 7, 8, -1, 9 };
static const Places masked_places = { 10, 3, 4, 5, 6, 7, 8, 9 };

enum { QUERY, KEY, VALUE };

static gboolean
check_heads (const MultiAttrs *attrs, GError **error)
{
  return (attrs->num_heads > 0 && attrs->num_heads <= G_MAXINT32)
         || ox_fail (error, OX_ERROR_VALUE, "num_heads is %" G_GINT64_FORMAT ", expected 1 or more", attrs->num_heads);
}

static gboolean
is_masked_op (const OxCall *call)
{
  return call->op->data == &masked_places;
}

/* Whether the cache has room for more than what is in it. */
static gboolean
shares_buffer (OxCall *call)
{
  const Places *places = call->op->data;
  const gboolean has_past = ox_call_fact (call, places->past_key) != NULL;

  return has_past && (is_masked_op (call) ? ((const MultiAttrs *) call->attrs)->past_present_share_buffer != 0
                                          : ox_call_fact (call, places->past_length) != NULL);
}

/* ---- shapes --------------------------------------------------------------------------------------------------- */

/* @whole in heads. */
static OxDim
split (OxCall *call, OxDim whole)
{
  return ox_dim_div (call->dims, whole, ((const MultiAttrs *) call->attrs)->num_heads);
}

static gboolean
multi_infer (OxCall *call, GError **error)
{
  const MultiAttrs *attrs = call->attrs;
  const Places *places = call->op->data;
  const OxFact *q = ox_call_fact (call, QUERY), *k = ox_call_fact (call, KEY), *v = ox_call_fact (call, VALUE);
  const OxFact *past = ox_call_fact (call, places->past_key);
  OxDim batch = ox_fact_dim (q, 0), rows = ox_fact_dim (q, 1), keys = rows, size, v_size, total;
  const int rank = ox_fact_rank (q), k_rank = k != NULL ? ox_fact_rank (k) : 0, v_rank = v != NULL ? ox_fact_rank (v) : 0;

  if (!check_heads (attrs, error))
    return FALSE;
  if ((past != NULL) != (ox_call_fact (call, places->past_value) != NULL))
    return ox_fail (error, OX_ERROR_MODEL, "past_key and past_value come together");
  if (past != NULL && ox_fact_rank (past) >= 0 && past->rank != 4)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a past_key of 4 axes, found %d", past->rank);
  if (rank < 0 || k_rank < 0 || v_rank < 0)
    {
      for (int o = 0; o < 4; o++)
        ox_call_set_unknown (call, o, ox_fact_dtype (q));
      return TRUE;
    }
  if (rank == 5 && k == NULL && v == NULL && !is_masked_op (call))
    size = v_size = q->dims[4];
  else if (rank == 3 && k == NULL && v == NULL && is_masked_op (call))
    size = v_size = ox_dim_div (call->dims, q->dims[2], 3 * attrs->num_heads);
  else if (rank == 3 && k_rank == 5 && v == NULL)
    {
      size = v_size = k->dims[4];
      keys = k->dims[1];
    }
  else if (rank == 3 && k_rank == 4 && v_rank == 4)
    {
      size = k->dims[3];
      v_size = v->dims[3];
      keys = k->dims[2];
    }
  else if (rank == 3 && k_rank == 3 && v_rank == 3)
    {
      size = split (call, q->dims[2]);
      v_size = split (call, v->dims[2]);
      keys = k->dims[1];
    }
  else
    return ox_fail (error, OX_ERROR_SHAPE, "query, key and value of %d, %d and %d axes do not go together", rank, k_rank, v_rank);
  total = past == NULL ? keys : ox_dim_add (call->dims, ox_fact_dim (past, 2), keys);
  ox_call_set (call, 0, q->dtype, 3, (OxDim[]) { batch, rows, ox_dim_mul (call->dims, attrs->num_heads, v_size) });
  if (shares_buffer (call))
    {
      gint64 length;

      total = OX_DIM_UNKNOWN;
      keys = ox_fact_dim (past, 2);
      if (call->running)
        {
          if (ox_call_fact (call, places->past_length) == NULL)
            return ox_fail (error, OX_ERROR_MODEL, "past_present_share_buffer needs past_sequence_length");
          if (!ox_call_number (call, places->past_length, "past_sequence_length", &length, error))
            return FALSE;
          if (length < 0 || length > keys)
            return ox_fail (error, OX_ERROR_VALUE, "past_sequence_length is %" G_GINT64_FORMAT ", expected 0 to %" G_GINT64_FORMAT,
                            length, keys);
          total = length + (k == NULL ? rows : ox_fact_dim (k, k_rank == 4 ? 2 : 1));
        }
    }
  else
    keys = total;
  ox_call_set (call, 1, q->dtype, 4, (OxDim[]) { batch, attrs->num_heads, keys, size });
  ox_call_set (call, 2, q->dtype, 4, (OxDim[]) { batch, attrs->num_heads, keys, v_size });
  ox_call_set (call, 3, q->dtype, 4, (OxDim[]) { batch, attrs->num_heads, rows, total });
  return TRUE;
}

/* ---- what comes in -------------------------------------------------------------------------------------------- */

/* Part @part of @parts that lie beside each other in each head of [.., heads, parts, size]. */
static OxHeads
part_of (const OxTensor *tensor, gint64 batch, gint64 rows, gint64 heads, int part, int parts, gint64 size)
{
  OxHeads result = ox_heads_rows ((float *) (void *) tensor->data + part * size, batch, heads, rows, size, heads * parts * size);

  result.at[1] = parts * size;
  return result;
}

/* Input @i of [batch, rows, heads * size]. */
static gboolean
rows_of (OxCall *call, int i, const char *name, gint64 batch, OxHeads *heads, GError **error)
{
  const gint64 n = ((const MultiAttrs *) call->attrs)->num_heads;
  const OxTensor *tensor = ox_call_in_as (call, i, OX_F32, error);

  if (tensor == NULL)
    return FALSE;
  if (tensor->rank != 3 || tensor->dims[0] != batch || tensor->dims[2] % n != 0)
    return ox_fail_shape (call, i, name, "[batch, rows, heads * size]", error);
  *heads = ox_heads_rows ((float *) (void *) tensor->data, batch, n, tensor->dims[1], tensor->dims[2] / n, tensor->dims[2]);
  return TRUE;
}

static gboolean
read_heads (OxCall *call, OxHeads *q, OxHeads *k, OxHeads *v, GError **error)
{
  const gint64 n = ((const MultiAttrs *) call->attrs)->num_heads;
  const OxTensor *query = ox_call_in_as (call, QUERY, OX_F32, error), *key = ox_call_in (call, KEY);
  gint64 batch, rows, size;

  if (query == NULL)
    return FALSE;
  batch = query->dims[0];
  rows = query->dims[1];
  if (key == NULL)
    {
      /* Packed by heads, or, for one row, each for all heads. */
      const gboolean by_heads = query->rank == 5;

      if (by_heads ? query->dims[2] != n || query->dims[3] != 3 : query->dims[2] % (3 * n) != 0)
        return ox_fail_shape (call, QUERY, "the query", by_heads ? "[batch, rows, num_heads, 3, size]" : "[batch, rows, 3 * heads * size]",
                              error);
      size = by_heads ? query->dims[4] : query->dims[2] / (3 * n);
      for (int part = 0; part < 3; part++)
        *(part == 0 ? q : part == 1 ? k : v) =
          by_heads ? part_of (query, batch, rows, n, part, 3, size)
                   : ox_heads_rows ((float *) (void *) query->data + part * n * size, batch, n, rows, size, 3 * n * size);
      return TRUE;
    }
  if (!rows_of (call, QUERY, "the query", batch, q, error))
    return FALSE;
  if (key->rank == 3)
    return rows_of (call, KEY, "the key", batch, k, error) && rows_of (call, VALUE, "the value", batch, v, error);
  if (key->rank == 4)
    {
      if (!ox_heads_input (call, KEY, "the key", k, error) || !ox_heads_input (call, VALUE, "the value", v, error))
        return FALSE;
      return (k->heads == n && v->heads == n)
             || ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " heads in key and value, expected %"
                         G_GINT64_FORMAT, k->heads, v->heads, n);
    }
  if ((key = ox_call_in_as (call, KEY, OX_F32, error)) == NULL)
    return FALSE;
  if (key->dims[0] != batch || key->dims[2] != n || key->dims[3] != 2)
    return ox_fail_shape (call, KEY, "the key", "[batch, rows, num_heads, 2, size]", error);
  *k = part_of (key, batch, key->dims[1], n, 0, 2, key->dims[4]);
  *v = part_of (key, batch, key->dims[1], n, 1, 2, key->dims[4]);
  return TRUE;
}

/* Adds the bias of the projections, input @i. */
static gboolean
add_bias (OxCall *call, int i, OxHeads *q, OxHeads *k, OxHeads *v, GError **error)
{
  const gint64 hidden = q->heads * q->size, k_hidden = k->heads * k->size;
  const float *bias;

  if (ox_call_in (call, i) == NULL)
    return TRUE;
  bias = ox_call_floats (call, i, "the bias", hidden + k_hidden + v->heads * v->size, error);
  return bias != NULL && ox_heads_bias (call, q, bias, error) && ox_heads_bias (call, k, bias + hidden, error)
         && ox_heads_bias (call, v, bias + hidden + k_hidden, error);
}

/* In place of the past of each batch that of the beam it came from, by [batches, beams, most]: batches * beams make up the
 * batch of the heads. */
static gboolean
follow_beams (OxCall *call, const Places *places, gint64 beams, OxHeads *past, gint64 rows, GError **error)
{
  const OxTensor *table = ox_call_in_as (call, places->cache_indirection, OX_I64, error);
  OxHeads followed;
  gint64 most;

  if (table == NULL || !ox_heads_alloc (call, &followed, past->batch, past->heads, past->rows, past->size, error))
    return FALSE;
  if (table->rank != 3 || table->dims[0] * table->dims[1] != past->batch || table->dims[1] != beams || table->dims[2] < rows)
    return ox_fail_shape (call, places->cache_indirection, "cache_indirection", "[batch / beams, beams, most]", error);
  most = table->dims[2];
  for (gint64 b = 0; b < past->batch && !ox_turn (); b++)
    for (gint64 t = 0; t < rows; t++)
      {
        gint64 beam = ((const gint64 *) (const void *) table->data)[b * most + t];
        OxHeads from = *past;

        if (beam < 0 || beam >= beams)
          return ox_fail (error, OX_ERROR_VALUE, "beam %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, beam, beams);
        from.data += (b / beams * beams + beam - b) * past->at[0];
        ox_heads_copy (&followed, t, &from, t, b, 1);
      }
  *past = followed;
  return TRUE;
}

/* ---- MultiHeadAttention, DecoderMaskedMultiHeadAttention ------------------------------------------------------ */

typedef struct { OxHeads now, past, all, seen; } Cache;   /* all: as it goes out; seen: as it is looked at */

static gboolean
join (OxCall *call, const Places *places, Cache *cache, int past_in, const char *name, gint64 past, gint64 capacity, gint64 beams,
      GError **error)
{
  OxHeads before;

  cache->all = cache->seen = cache->now;
  if (ox_call_in (call, past_in) == NULL)
    return TRUE;
  if (!ox_heads_input (call, past_in, name, &before, error)
      || !ox_heads_join (call, &cache->all, &before, past, &cache->now, capacity, error))
    return FALSE;
  cache->seen = cache->all;
  return beams <= 1 || (follow_beams (call, places, beams, &before, past, error)
                        && ox_heads_join (call, &cache->seen, &before, past, &cache->now, capacity, error));
}

static gboolean
multi_run (OxCall *call, GError **error)
{
  const MultiAttrs *attrs = call->attrs;
  const Places *places = call->op->data;
  const OxTensor *past_key = ox_call_in (call, places->past_key);
  const gboolean shared = shares_buffer (call);
  gint64 past = past_key != NULL ? past_key->dims[2] : 0, capacity, beams = 1;
  OxAttention a = { 0 };
  Cache k, v;
  OxHeads q;

  if (!ox_call_in_float (call, QUERY, error) || !read_heads (call, &q, &k.now, &v.now, error)
      || !add_bias (call, places->proj_bias, &q, &k.now, &v.now, error)
      || (shared && !ox_call_number (call, places->past_length, "past_sequence_length", &past, error))
      || (places->beams >= 0 && ox_call_in (call, places->beams) != NULL
          && !ox_call_number (call, places->beams, "beam_width", &beams, error)))
    return FALSE;
  if (is_masked_op (call) && q.rows != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "expected one row a batch, found %" G_GINT64_FORMAT, q.rows);
  if (ox_call_in (call, places->cache_indirection) != NULL && places->beams < 0)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "cache_indirection without a number of beams");
  if (beams < 1 || (beams > 1 && (ox_call_in (call, places->cache_indirection) == NULL || past_key == NULL)))
    return ox_fail (error, OX_ERROR_MODEL, "%" G_GINT64_FORMAT " beams need a cache and cache_indirection", beams);
  capacity = shared ? past_key->dims[2] : past + k.now.rows;
  if (!join (call, places, &k, places->past_key, "past_key", past, capacity, beams, error)
      || !join (call, places, &v, places->past_value, "past_value", past, capacity, beams, error))
    return FALSE;
  if (!ox_attention_init (call, &a, &q, &k.seen, &v.seen, past + k.now.rows, attrs->scale, error)
      || !ox_attention_bias (call, places->bias, &a, error)
      || !ox_attention_mask (call, places->mask, &a, past, attrs->mask_filter_value, attrs->unidirectional != 0, error)
      || !ox_attention_probe (call, 3, &a, OX_PROBE_BIASED, error) || !ox_attention_run (call, &a, error))
    return FALSE;
  /* A hidden score shows as the least number. */
  for (gint64 i = 0; a.probed != NULL && a.offset != NULL && i < a.batch * a.heads * a.q_len * a.kv_len; i++)
    ((float *) a.probed)[i] = fmaxf (((float *) a.probed)[i], -FLT_MAX);
  return ox_call_store_f32 (call, 0, a.y, error) && ox_heads_store (call, 1, &k.all, error)
         && ox_heads_store (call, 2, &v.all, error) && (a.probed == NULL || ox_call_store_f32 (call, 3, a.probed, error));
}

/* ---- PackedMultiHeadAttention --------------------------------------------------------------------------------- */

enum { PACKED_PROJ_BIAS = 3, TOKEN_OFFSET, CUMULATIVE, PACKED_BIAS };

static gboolean
packed_infer (OxCall *call, GError **error)
{
  const MultiAttrs *attrs = call->attrs;
  const OxFact *q = ox_call_fact (call, QUERY), *k = ox_call_fact (call, KEY), *v = ox_call_fact (call, VALUE);
  const int rank = ox_fact_rank (q);
  OxDim columns;

  if (!check_heads (attrs, error))
    return FALSE;
  if (ox_call_fact (call, TOKEN_OFFSET) == NULL || ox_call_fact (call, CUMULATIVE) == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "inputs %d and %d must not be omitted", TOKEN_OFFSET, CUMULATIVE);
  if ((k == NULL) != (v == NULL) || (rank >= 0 && rank != (k == NULL ? 4 : 2)) || (v != NULL && ox_fact_rank (v) >= 0 && v->rank != 2)
      || (k != NULL && ox_fact_rank (k) >= 0 && k->rank != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "expected [tokens, num_heads, 3, size], or query, key and value of [tokens, elements]");
  columns = v != NULL ? ox_fact_dim (v, 1) : ox_dim_mul (call->dims, attrs->num_heads, ox_fact_dim (q, 3));
  ox_call_set (call, 0, ox_fact_dtype (q), 2, (OxDim[]) { ox_fact_dim (q, 0), columns });
  return TRUE;
}

static gboolean
packed_run (OxCall *call, GError **error)
{
  const MultiAttrs *attrs = call->attrs;
  const gint64 n = attrs->num_heads;
  const OxTensor *query = ox_call_in_as (call, QUERY, OX_F32, error);
  OxAttention a = { 0 };
  OxHeads heads[3];
  gint64 tokens;

  if (query == NULL || !ox_call_in_float (call, QUERY, error))
    return FALSE;
  tokens = query->dims[0];
  if (query->rank == 4 && (query->dims[1] != n || query->dims[2] != 3))
    return ox_fail_shape (call, QUERY, "the query", "[tokens, num_heads, 3, size]", error);
  for (int i = 0; i < 3; i++)
    {
      const OxTensor *tensor = query->rank == 4 ? query : ox_call_in_as (call, i, OX_F32, error);

      if (tensor == NULL)
        return FALSE;
      if (query->rank == 2 && (tensor->dims[0] != tokens || tensor->dims[1] % n != 0))
        return ox_fail_shape (call, i, "query, key and value", "[tokens, heads * size]", error);
      heads[i] = query->rank == 4 ? part_of (query, 1, tokens, n, i, 3, query->dims[3])
                                  : ox_heads_rows ((float *) (void *) tensor->data, 1, n, tokens, tensor->dims[1] / n,
                                                   tensor->dims[1]);
    }
  return add_bias (call, PACKED_PROJ_BIAS, &heads[0], &heads[1], &heads[2], error)
         && ox_attention_init (call, &a, &heads[0], &heads[1], &heads[2], tokens, attrs->scale, error)
         && ox_attention_packed (call, &a, TOKEN_OFFSET, CUMULATIVE, PACKED_BIAS, error)
         && ox_call_store_f32 (call, 0, a.y, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec multi_specs[] = {
  OX_NEED (MultiAttrs, num_heads, INT),
  OX_INT (MultiAttrs, unidirectional, 0),
  OX_FLOAT (MultiAttrs, mask_filter_value, -10000),
  OX_FLOAT (MultiAttrs, scale, 0),
};

/* output_qk only says that the output of that name may be asked for, which the node says too. */
static const OxAttrSpec masked_specs[] = {
  OX_NEED (MultiAttrs, num_heads, INT),
  OX_INT (MultiAttrs, past_present_share_buffer, 0),
  OX_IGNORE ("output_qk"),
  OX_FLOAT (MultiAttrs, mask_filter_value, -10000),
  OX_FLOAT (MultiAttrs, scale, 0),
};

/* Nothing is masked in packed sequences. */
static const OxAttrSpec packed_specs[] = {
  OX_NEED (MultiAttrs, num_heads, INT),
  OX_IGNORE ("mask_filter_value"),
  OX_FLOAT (MultiAttrs, scale, 0),
};

static const OxOp ms_multi_head_rows[] = {
  { "MultiHeadAttention", 1, { 1, 10 }, { 1, 4 }, OX_ATTRS (multi_specs, MultiAttrs), multi_infer, multi_run,
    .data = &multi_places },
  { "DecoderMaskedMultiHeadAttention", 1, { 1, 11 }, { 1, 4 }, OX_ATTRS (masked_specs, MultiAttrs), multi_infer, multi_run,
    .data = &masked_places },
  { "PackedMultiHeadAttention", 1, { 1, 7 }, { 1, 1 }, OX_ATTRS (packed_specs, MultiAttrs), packed_infer, packed_run },
};

OX_FAMILY (ms_multi_head, "com.microsoft", ms_multi_head_rows);
