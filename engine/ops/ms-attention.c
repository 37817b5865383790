/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-heads.h"

#include <math.h>
#include <string.h>

#include "core/ox-memory.h"
#include "kernel/ox-gemm.h"
#include "ops/ox-move.h"

/* Attention of ONNX Runtime's domain that makes Q, K and V itself, from one matrix of weights: Attention,
 * DecoderMaskedSelfAttention, PackedAttention. */

typedef struct
{
  gint64 num_heads, unidirectional, do_rotary, rotary_embedding_dim, past_present_share_buffer;
  OxInts qkv_hidden_sizes;
  double mask_filter_value, scale;
} AttentionAttrs;

/* The inputs of an operator by their meaning; -1: it has none of it. */
typedef struct { int mask, past, bias, past_length, beams, cache_indirection; } Places;

static const Places attention_places = { 3, 4, 5, 6, -1, -1 };
static const Places masked_places = { 3, 4, 5, 6, 7, 8 };

enum { INPUT, WEIGHTS, BIAS };

/* ---- shapes --------------------------------------------------------------------------------------------------- */

/* How many columns Q and K, and V have. */
static gboolean
hidden_sizes (OxCall *call, const AttentionAttrs *attrs, OxDim columns, OxDim *hidden, OxDim *v_hidden, GError **error)
{
  const OxInts *sizes = &attrs->qkv_hidden_sizes;

  if (attrs->num_heads < 1)
    return ox_fail (error, OX_ERROR_VALUE, "num_heads is %" G_GINT64_FORMAT ", expected 1 or more", attrs->num_heads);
  if (sizes->set && sizes->n > 0)
    {
      if (sizes->n != 3 || sizes->v[0] != sizes->v[1] || sizes->v[0] < 1 || sizes->v[2] < 1)
        return ox_fail (error, OX_ERROR_VALUE, "qkv_hidden_sizes should be three positive sizes, the first two equal");
      *hidden = sizes->v[0];
      *v_hidden = sizes->v[2];
      if (ox_dim_known (columns)
          && (*hidden > columns || *v_hidden > columns || *hidden + *hidden != columns - *v_hidden))
        return ox_fail (error, OX_ERROR_SHAPE, "weights of %" G_GINT64_FORMAT " columns are not qkv_hidden_sizes together", columns);
    }
  else
    {
      if (ox_dim_known (columns) && columns % 3 != 0)
        return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " columns of weights are no multiple of three", columns);
      *hidden = *v_hidden = ox_dim_div (call->dims, columns, 3);
    }
  if ((ox_dim_known (*hidden) && *hidden % attrs->num_heads != 0) || (ox_dim_known (*v_hidden) && *v_hidden % attrs->num_heads != 0))
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " heads do not divide %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
                    attrs->num_heads, *hidden, *v_hidden);
  return TRUE;
}

static gboolean
attention_infer (OxCall *call, GError **error)
{
  const AttentionAttrs *attrs = call->attrs;
  const Places *places = call->op->data;
  const OxFact *x = ox_call_fact (call, INPUT), *w = ox_call_fact (call, WEIGHTS), *past = ox_call_fact (call, places->past);
  OxDim hidden, v_hidden, rows = ox_fact_dim (x, 1), total;

  if ((ox_fact_rank (x) >= 0 && x->rank != 3) || (ox_fact_rank (w) >= 0 && w->rank != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "expected input of 3 axes and weights of 2, found %d and %d", ox_fact_rank (x),
                    ox_fact_rank (w));
  if (past != NULL && ox_fact_rank (past) >= 0 && past->rank != 5)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a past of 5 axes, found %d", past->rank);
  if (!hidden_sizes (call, attrs, ox_fact_dim (w, 1), &hidden, &v_hidden, error))
    return FALSE;
  ox_call_set (call, 0, ox_fact_dtype (x), 3, (OxDim[]) { ox_fact_dim (x, 0), rows, v_hidden });
  total = rows;
  if (past != NULL)
    total = attrs->past_present_share_buffer ? ox_fact_dim (past, 3) : ox_dim_add (call->dims, ox_fact_dim (past, 3), rows);
  ox_call_set (call, 1, ox_fact_dtype (x), 5,
               (OxDim[]) { 2, ox_fact_dim (x, 0), attrs->num_heads, total, ox_dim_div (call->dims, hidden, attrs->num_heads) });
  return TRUE;
}

/* ---- the projection ------------------------------------------------------------------------------------------- */

/* @n rows of the input times the weights, plus the bias: [n, columns]. */
static float *
project (OxCall *call, gint64 n, gint64 *columns, GError **error)
{
  const OxTensor *x = ox_call_in_as (call, INPUT, OX_F32, error), *w;
  const float *bias = NULL;
  gint64 inner, count;
  float *y;

  if (x == NULL || (w = ox_call_in_as (call, WEIGHTS, OX_F32, error)) == NULL)
    return NULL;
  inner = x->dims[x->rank - 1];
  *columns = w->dims[1];
  if (w->dims[0] != inner)
    {
      ox_fail (error, OX_ERROR_SHAPE, "weights have %" G_GINT64_FORMAT " rows, expected %" G_GINT64_FORMAT, w->dims[0], inner);
      return NULL;
    }
  if (ox_call_in (call, BIAS) != NULL && (bias = ox_call_floats (call, BIAS, "the bias", *columns, error)) == NULL)
    return NULL;
  if (!ox_dims_count ((const gint64[]) { n, *columns }, 2, &count))
    {
      ox_fail (error, OX_ERROR_MEMORY, "Q, K and V are too large");
      return NULL;
    }
  if ((y = ox_call_scratch_n (call, count, sizeof (float), error)) == NULL)
    return NULL;
  for (gint64 i = 0; i < count && !ox_pause (i); i++)
    y[i] = bias != NULL ? bias[i % *columns] : 0;
  ox_gemm_f32 (FALSE, FALSE, n, *columns, inner, 1, (const float *) (const void *) x->data, inner,
               (const float *) (const void *) w->data, *columns, 1, y, *columns);
  return y;
}

/* Rotation without tables: row s has the angle (past + s) 10000^(-2 i / dim) for its pair i, i + dim / 2. */
static gboolean
rotate_plain (OxCall *call, OxHeads *q, OxHeads *k, gint64 past, gint64 dim, GError **error)
{
  gint64 half, rows = q->rows, count;
  float *cos_table, *sin_table;

  dim = dim != 0 ? dim : q->size;
  half = dim / 2;
  if (dim < 0 || dim > q->size || dim % 2 != 0)
    return ox_fail (error, OX_ERROR_VALUE, "cannot rotate %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " elements", dim, q->size);
  if (!ox_dims_count ((const gint64[]) { rows, half }, 2, &count))
    return ox_fail (error, OX_ERROR_MEMORY, "the rotation is too large");
  if ((cos_table = ox_call_scratch_n (call, count, sizeof (float), error)) == NULL
      || (sin_table = ox_call_scratch_n (call, count, sizeof (float), error)) == NULL)
    return FALSE;
  for (gint64 s = 0; s < rows && !ox_turn (); s++)
    for (gint64 i = 0; i < half && !ox_pause (i); i++)
      {
        double angle = (double) (past + s) * pow (10000, -2 * (double) i / (double) dim);

        cos_table[s * half + i] = (float) cos (angle);
        sin_table[s * half + i] = (float) sin (angle);
      }
  return ox_rotate (q->data, q->at, q->batch, q->heads, rows, half, cos_table, sin_table, rows, FALSE, NULL, FALSE, error)
         && ox_rotate (k->data, k->at, k->batch, k->heads, rows, half, cos_table, sin_table, rows, FALSE, NULL, FALSE, error);
}

/* ---- Attention, DecoderMaskedSelfAttention -------------------------------------------------------------------- */

/* The past as keys and values; *rows are those that count. */
static gboolean
read_past (OxCall *call, const Places *places, const OxHeads *now, OxHeads *k, OxHeads *v, gint64 *rows, GError **error)
{
  const AttentionAttrs *attrs = call->attrs;
  const OxTensor *past = ox_call_in_as (call, places->past, OX_F32, error);
  float *data;

  if (past == NULL)
    return FALSE;
  if (past->rank != 5 || past->dims[0] != 2 || past->dims[1] != now->batch || past->dims[2] != now->heads
      || past->dims[4] != now->size)
    return ox_fail_shape (call, places->past, "past", "[2, batch, heads, rows, size]", error);
  data = (float *) (void *) past->data;
  *k = ox_heads_planes (data, past->dims[1], past->dims[2], past->dims[3], past->dims[4]);
  *v = ox_heads_planes (data + past->count / 2, past->dims[1], past->dims[2], past->dims[3], past->dims[4]);
  *rows = past->dims[3];
  if (attrs->past_present_share_buffer == 0)
    return TRUE;
  if (ox_call_in (call, places->past_length) == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "past_present_share_buffer needs past_sequence_length");
  return ox_call_number (call, places->past_length, "past_sequence_length", rows, error);
}

static gboolean
attention_run (OxCall *call, GError **error)
{
  const AttentionAttrs *attrs = call->attrs;
  const Places *places = call->op->data;
  const OxTensor *x = ox_call_in (call, INPUT);
  const gint64 batch = x->dims[0], rows = x->dims[1], heads = attrs->num_heads;
  OxAttention a = { .batch = batch };
  OxHeads q, k, v, past_k, past_v, all_k, all_v;
  gint64 columns, past = 0, capacity = rows, beams = 1;
  const gboolean has_past = ox_call_in (call, places->past) != NULL;
  OxDim hidden, v_hidden;
  float *qkv;

  if (!ox_call_in_float (call, INPUT, error) || (qkv = project (call, batch * rows, &columns, error)) == NULL
      || !hidden_sizes (call, attrs, columns, &hidden, &v_hidden, error))
    return FALSE;
  q = ox_heads_rows (qkv, batch, heads, rows, hidden / heads, columns);
  k = ox_heads_rows (qkv + hidden, batch, heads, rows, hidden / heads, columns);
  v = ox_heads_rows (qkv + 2 * hidden, batch, heads, rows, v_hidden / heads, columns);
  if (places->beams >= 0 && rows != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "expected one row a batch, found %" G_GINT64_FORMAT, rows);
  if (places->beams >= 0 && ox_call_in (call, places->beams) != NULL
      && !ox_call_number (call, places->beams, "beam_width", &beams, error))
    return FALSE;
  if (beams != 1 || (places->cache_indirection >= 0 && ox_call_in (call, places->cache_indirection) != NULL))
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "attention of several beams over one cache");
  if (has_past && !read_past (call, places, &k, &past_k, &past_v, &past, error))
    return FALSE;
  capacity = has_past && attrs->past_present_share_buffer ? past_k.rows : past + rows;
  if (attrs->do_rotary && !rotate_plain (call, &q, &k, past, attrs->rotary_embedding_dim, error))
    return FALSE;
  all_k = k;
  all_v = v;
  if (has_past && (!ox_heads_join (call, &all_k, &past_k, past, &k, capacity, error)
                   || !ox_heads_join (call, &all_v, &past_v, past, &v, capacity, error)))
    return FALSE;
  return ox_attention_init (call, &a, &q, &all_k, &all_v, past + rows, attrs->scale, error)
         && ox_attention_bias (call, places->bias, &a, error)
         && ox_attention_mask (call, places->mask, &a, past, attrs->mask_filter_value, attrs->unidirectional != 0, error)
         && ox_attention_run (call, &a, error) && ox_call_store_f32 (call, 0, a.y, error)
         && ox_heads_store_both (call, 1, &all_k, &all_v, error);
}

/* ---- PackedAttention ------------------------------------------------------------------------------------------ */

enum { TOKEN_OFFSET = 3, CUMULATIVE, PACKED_BIAS };

static gboolean
packed_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, INPUT), *w = ox_call_fact (call, WEIGHTS);
  OxDim hidden, v_hidden;

  if ((ox_fact_rank (x) >= 0 && x->rank != 2) || (ox_fact_rank (w) >= 0 && w->rank != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "expected input and weights of 2 axes, found %d and %d", ox_fact_rank (x),
                    ox_fact_rank (w));
  if (!hidden_sizes (call, call->attrs, ox_fact_dim (w, 1), &hidden, &v_hidden, error))
    return FALSE;
  ox_call_set (call, 0, ox_fact_dtype (x), 2, (OxDim[]) { ox_fact_dim (x, 0), v_hidden });
  return TRUE;
}

static gboolean
packed_run (OxCall *call, GError **error)
{
  const AttentionAttrs *attrs = call->attrs;
  const OxTensor *x = ox_call_in (call, INPUT);
  const gint64 tokens = x->dims[0], heads = attrs->num_heads;
  OxAttention a = { .batch = 1 };
  OxHeads q, k, v;
  OxDim hidden, v_hidden;
  gint64 columns;
  float *qkv;

  if (!ox_call_in_float (call, INPUT, error) || (qkv = project (call, tokens, &columns, error)) == NULL
      || !hidden_sizes (call, attrs, columns, &hidden, &v_hidden, error))
    return FALSE;
  q = ox_heads_rows (qkv, 1, heads, tokens, hidden / heads, columns);
  k = ox_heads_rows (qkv + hidden, 1, heads, tokens, hidden / heads, columns);
  v = ox_heads_rows (qkv + 2 * hidden, 1, heads, tokens, v_hidden / heads, columns);
  return ox_attention_init (call, &a, &q, &k, &v, tokens, attrs->scale, error)
         && ox_attention_packed (call, &a, TOKEN_OFFSET, CUMULATIVE, PACKED_BIAS, error)
         && ox_call_store_f32 (call, 0, a.y, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec attention_specs[] = {
  OX_NEED (AttentionAttrs, num_heads, INT),
  OX_INT (AttentionAttrs, unidirectional, 0),
  OX_INT (AttentionAttrs, do_rotary, 0),
  OX_INT (AttentionAttrs, rotary_embedding_dim, 0),
  OX_INT (AttentionAttrs, past_present_share_buffer, 0),
  OX_ATTR (AttentionAttrs, qkv_hidden_sizes, INTS),
  OX_FLOAT (AttentionAttrs, mask_filter_value, -10000),
  OX_FLOAT (AttentionAttrs, scale, 0),
};

static const OxAttrSpec masked_specs[] = {
  OX_NEED (AttentionAttrs, num_heads, INT),
  OX_INT (AttentionAttrs, do_rotary, 0),
  OX_INT (AttentionAttrs, past_present_share_buffer, 0),
  OX_FLOAT (AttentionAttrs, mask_filter_value, -10000),
  OX_FLOAT (AttentionAttrs, scale, 0),
};

static const OxAttrSpec packed_specs[] = {
  OX_NEED (AttentionAttrs, num_heads, INT),
  OX_ATTR (AttentionAttrs, qkv_hidden_sizes, INTS),
  OX_FLOAT (AttentionAttrs, scale, 0),
};

static const OxOp ms_attention_rows[] = {
  { "Attention", 1, { 2, 7 }, { 1, 2 }, OX_ATTRS (attention_specs, AttentionAttrs), attention_infer, attention_run,
    .data = &attention_places },
  { "DecoderMaskedSelfAttention", 1, { 3, 9 }, { 1, 2 }, OX_ATTRS (masked_specs, AttentionAttrs), attention_infer, attention_run,
    .data = &masked_places },
  { "PackedAttention", 1, { 5, 6 }, { 1, 1 }, OX_ATTRS (packed_specs, AttentionAttrs), packed_infer, packed_run },
};

OX_FAMILY (ms_attention, "com.microsoft", ms_attention_rows);
