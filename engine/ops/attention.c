/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-memory.h"
#include "ops/ox-attention.h"
#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

/* Attention of the standard. */

typedef struct
{
  gint64 is_causal, mode;
  OxOptInt kv_num_heads, q_num_heads, precision;
  OxOptFloat scale;
  double softcap;
} AttentionAttrs;

static const OxAttrSpec attention_specs[] = {
  OX_INT (AttentionAttrs, is_causal, 0),
  { "qk_matmul_output_mode", OX_KIND_INT, offsetof (AttentionAttrs, mode) },
  OX_ATTR (AttentionAttrs, kv_num_heads, OPT_INT),
  OX_ATTR (AttentionAttrs, q_num_heads, OPT_INT),
  { "softmax_precision", OX_KIND_OPT_INT, offsetof (AttentionAttrs, precision) },
  OX_ATTR (AttentionAttrs, scale, OPT_FLOAT),
  OX_FLOAT (AttentionAttrs, softcap, 0),
};

enum { Q, K, V, MASK, PAST_KEY, PAST_VALUE, NONPAD };

/* An input as [batch, heads, rows, head]. */
typedef struct { OxDim batch, heads, rows, head; } Heads;

static gboolean
heads_of (OxCall *call, int i, OxOptInt heads, const char *attr, Heads *result, GError **error)
{
  const OxFact *fact = ox_call_fact (call, i);

  if (fact->rank == 4)
    {
      *result = (Heads) { fact->dims[0], fact->dims[1], fact->dims[2], fact->dims[3] };
      return TRUE;
    }
  if (fact->rank != 3)
    return ox_fail (error, OX_ERROR_SHAPE, "expected input %d to have 3 or 4 axes, found %d", i, fact->rank);
  if (!heads.set || heads.v < 1)
    return ox_fail (error, OX_ERROR_MODEL, "inputs with 3 axes need %s", attr);
  if (ox_dim_known (fact->dims[2]) && fact->dims[2] % heads.v != 0)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " elements are no multiple of %" G_GINT64_FORMAT " heads",
                    fact->dims[2], heads.v);
  *result = (Heads) { fact->dims[0], heads.v, fact->dims[1], ox_dim_div (call->dims, fact->dims[2], heads.v) };
  return TRUE;
}

static gboolean
attention_infer (OxCall *call, GError **error)
{
  const AttentionAttrs *attrs = call->attrs;
  const OxFact *q = ox_call_fact (call, Q), *k = ox_call_fact (call, K), *v = ox_call_fact (call, V);
  const OxFact *past = ox_call_fact (call, PAST_KEY), *past_value = ox_call_fact (call, PAST_VALUE);
  Heads qh, kh, vh;
  OxDim total;

  if (attrs->mode < 0 || attrs->mode > 3)
    return ox_fail (error, OX_ERROR_MODEL, "qk_matmul_output_mode is %" G_GINT64_FORMAT ", expected 0 to 3", attrs->mode);
  if ((past == NULL) != (past_value == NULL))
    return ox_fail (error, OX_ERROR_MODEL, "past_key and past_value are given together or not at all");
  if (q == NULL || k == NULL || v == NULL || q->rank < 0 || k->rank < 0 || v->rank < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (q));
      ox_call_set_unknown (call, 1, ox_fact_dtype (k));
      ox_call_set_unknown (call, 2, ox_fact_dtype (v));
      ox_call_set_unknown (call, 3, ox_fact_dtype (q));
      return TRUE;
    }
  if (!heads_of (call, Q, attrs->q_num_heads, "q_num_heads", &qh, error)
      || !heads_of (call, K, attrs->kv_num_heads, "kv_num_heads", &kh, error)
      || !heads_of (call, V, attrs->kv_num_heads, "kv_num_heads", &vh, error))
    return FALSE;
  total = kh.rows;
  if (past != NULL)
    total = past->rank == 4 ? ox_dim_add (call->dims, past->dims[2], kh.rows) : OX_DIM_UNKNOWN;
  if (q->rank == 4)
    ox_call_set (call, 0, q->dtype, 4, (OxDim[]) { qh.batch, qh.heads, qh.rows, vh.head });
  else
    ox_call_set (call, 0, q->dtype, 3, (OxDim[]) { qh.batch, qh.rows, ox_dim_mul (call->dims, qh.heads, vh.head) });
  ox_call_set (call, 1, k->dtype, 4, (OxDim[]) { kh.batch, kh.heads, total, kh.head });
  ox_call_set (call, 2, v->dtype, 4, (OxDim[]) { vh.batch, vh.heads, total, vh.head });
  ox_call_set (call, 3, q->dtype, 4, (OxDim[]) { qh.batch, qh.heads, qh.rows, total });
  return TRUE;
}

static void
strides_of (const OxTensor *tensor, const Heads *heads, gint64 *at)
{
  at[0] = heads->heads * heads->rows * heads->head;
  at[1] = tensor->rank == 4 ? heads->rows * heads->head : heads->head;
  at[2] = tensor->rank == 4 ? heads->head : heads->heads * heads->head;
}

/* Writes @data, in the computing type, to output @o. */
static gboolean
store (OxCall *call, int o, OxDtype dtype, const void *data, GError **error)
{
  OxTensor *out;

  if (dtype == OX_F32)
    return ox_call_store_f32 (call, o, data, error);
  if ((out = ox_call_out (call, o, error)) == NULL)
    return FALSE;
  if (out->count > 0)
    memcpy (out->data, data, ox_tensor_bytes (out));
  return TRUE;
}

/* The past and the new rows of keys or values behind each other as [batch, heads, total, head]. */
static const guint8 *
join (OxCall *call, const OxTensor *now, int past_input, const Heads *heads, gint64 *at, gint64 *total, GError **error)
{
  const gsize size = ox_dtype_size (now->dtype);
  const OxTensor *past = NULL;
  gint64 past_rows = 0, count;
  guint8 *joined;

  if (ox_call_in (call, past_input) != NULL)
    {
      if ((past = ox_call_in_as (call, past_input, now->dtype, error)) == NULL)
        return NULL;
      if (past->rank != 4 || past->dims[0] != heads->batch || past->dims[1] != heads->heads || past->dims[3] != heads->head)
        {
          g_autofree char *found = ox_tensor_shape_string (past);

          ox_fail (error, OX_ERROR_SHAPE,
                   "expected a past of %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x?x%" G_GINT64_FORMAT ", found %s",
                   heads->batch, heads->heads, heads->head, found);
          return NULL;
        }
      past_rows = past->dims[2];
    }
  *total = past_rows + heads->rows;
  if (past == NULL && (now->rank == 4 || !ox_call_wants (call, past_input == PAST_KEY ? 1 : 2)))
    {
      strides_of (now, heads, at);
      return now->data;
    }
  if (!ox_dims_count ((const gint64[]) { heads->batch, heads->heads, *total, heads->head }, 4, &count))
    {
      ox_fail (error, OX_ERROR_MEMORY, "past and present are too large");
      return NULL;
    }
  if ((joined = ox_call_scratch_n (call, count, size, error)) == NULL)
    return NULL;
  strides_of (now, heads, at);
  for (gint64 b = 0; b < heads->batch && !ox_turn (); b++)
    for (gint64 h = 0; h < heads->heads && !ox_turn (); h++)
      {
        guint8 *to = joined + (gsize) ((b * heads->heads + h) * *total * heads->head) * size;
        const gsize row = (gsize) heads->head * size;

        if (past != NULL && past_rows * heads->head > 0)
          memcpy (to, past->data + (gsize) ((b * heads->heads + h) * past_rows) * row, (gsize) past_rows * row);
        for (gint64 s = 0; s < heads->rows && row > 0 && !ox_turn (); s++)
          memcpy (to + (gsize) (past_rows + s) * row, now->data + (gsize) (b * at[0] + h * at[1] + s * at[2]) * size, row);
      }
  at[0] = heads->heads * *total * heads->head;
  at[1] = *total * heads->head;
  at[2] = heads->head;
  return joined;
}

/* The mask as something to add: a boolean one is 0 where it is set, else minus infinity. */
static gboolean
mask_init (OxCall *call, OxAttention *a, OxDtype dtype, GError **error)
{
  const OxTensor *mask = ox_call_in (call, MASK);
  const gint64 dims[] = { a->batch, a->heads, a->q_len };
  OxAddend *add = &a->bias[0];
  gint64 stride = 1;

  if (mask == NULL)
    return TRUE;
  if (mask->rank < 1 || mask->rank > 4)
    return ox_fail (error, OX_ERROR_SHAPE, "expected an attn_mask of 2 to 4 axes, found %d", mask->rank);
  if ((mask = ox_call_in_as (call, MASK, dtype, error)) == NULL)
    return FALSE;
  add->data = mask->data;
  /* Keys that the mask does not reach are hidden; a single column is stretched. */
  add->length = mask->dims[mask->rank - 1] == 1 ? a->kv_len : mask->dims[mask->rank - 1];
  if (add->length > a->kv_len)
    return ox_fail (error, OX_ERROR_SHAPE, "attn_mask is for %" G_GINT64_FORMAT " keys, there are %" G_GINT64_FORMAT, add->length,
                    a->kv_len);
  add->at[3] = mask->dims[mask->rank - 1] == 1 ? 0 : 1;
  for (int axis = mask->rank - 1; axis >= 0; axis--)
    {
      const int place = axis + 4 - mask->rank;

      if (place < 3 && mask->dims[axis] != 1)
        {
          if (mask->dims[axis] != dims[place])
            return ox_fail (error, OX_ERROR_SHAPE, "axis %d of attn_mask has %" G_GINT64_FORMAT " indices, expected %" G_GINT64_FORMAT,
                            axis, mask->dims[axis], dims[place]);
          add->at[place] = stride;
        }
      stride *= mask->dims[axis];
    }
  if (ox_call_in (call, MASK)->dtype == OX_BOOL)
    {
      gpointer bias = ox_call_scratch_n (call, mask->count, ox_dtype_size (dtype), error);

      if (bias == NULL)
        return FALSE;
      for (gint64 i = 0; i < mask->count && !ox_pause (i); i++)
        if (dtype == OX_F64)
          ((double *) bias)[i] = ((const double *) (const void *) mask->data)[i] != 0 ? 0 : -INFINITY;
        else
          ((float *) bias)[i] = ((const float *) (const void *) mask->data)[i] != 0 ? 0 : -INFINITY;
      add->data = bias;
    }
  return TRUE;
}

/* Which keys a row may see: by causality and by the lengths without padding. */
static gboolean
limits_init (OxCall *call, OxAttention *a, GError **error)
{
  const AttentionAttrs *attrs = call->attrs;
  const OxTensor *nonpad = ox_call_in (call, NONPAD), *past = ox_call_in (call, PAST_KEY);
  gint64 *offset;

  if (nonpad != NULL)
    {
      if ((nonpad = ox_call_in_as (call, NONPAD, OX_I64, error)) == NULL)
        return FALSE;
      if (nonpad->count != a->batch)
        return ox_fail (error, OX_ERROR_SHAPE, "expected nonpad_kv_seqlen to have %" G_GINT64_FORMAT " elements, found %" G_GINT64_FORMAT,
                        a->batch, nonpad->count);
      a->valid = (const gint64 *) (const void *) nonpad->data;
      for (gint64 b = 0; b < a->batch; b++)
        if (a->valid[b] < 0 || a->valid[b] > a->kv_len)
          return ox_fail (error, OX_ERROR_VALUE, "a length of %" G_GINT64_FORMAT " keys, there are %" G_GINT64_FORMAT, a->valid[b],
                          a->kv_len);
    }
  if (attrs->is_causal == 0)
    return TRUE;
  if ((offset = ox_call_scratch_n (call, a->batch, sizeof (gint64), error)) == NULL)
    return FALSE;
  for (gint64 b = 0; b < a->batch; b++)
    offset[b] = past != NULL ? past->dims[2] : nonpad != NULL ? a->valid[b] - a->q_len : 0;
  a->offset = offset;
  return TRUE;
}

static gboolean
attention_run (OxCall *call, GError **error)
{
  const AttentionAttrs *attrs = call->attrs;
  const gboolean f64 = ox_call_in (call, Q)->dtype == OX_F64 || (attrs->precision.set && attrs->precision.v == OX_F64);
  const OxDtype dtype = f64 ? OX_F64 : OX_F32, wanted = ox_call_in (call, Q)->dtype;
  const OxTensor *q, *k, *v;
  const gsize size = ox_dtype_size (dtype);
  OxAttention a = { .f64 = f64, .softcap = attrs->softcap, .probe = (OxProbe) attrs->mode,
                    .precision = attrs->precision.set ? (OxDtype) attrs->precision.v : OX_UNDEFINED };
  gint64 v_total, count;
  Heads qh, kh, vh;

  for (int i = Q; i <= V; i++)
    if (!ox_dtype_is_float (ox_call_in (call, i)->dtype))
      return ox_fail (error, OX_ERROR_DTYPE, "expected a float type as input %d, found %s", i,
                      ox_dtype_name (ox_call_in (call, i)->dtype));
  if (attrs->softcap < 0)
    return ox_fail (error, OX_ERROR_VALUE, "softcap %g is negative", attrs->softcap);
  if ((q = ox_call_in_as (call, Q, dtype, error)) == NULL || (k = ox_call_in_as (call, K, dtype, error)) == NULL
      || (v = ox_call_in_as (call, V, dtype, error)) == NULL)
    return FALSE;
  if (!heads_of (call, Q, attrs->q_num_heads, "q_num_heads", &qh, error)
      || !heads_of (call, K, attrs->kv_num_heads, "kv_num_heads", &kh, error)
      || !heads_of (call, V, attrs->kv_num_heads, "kv_num_heads", &vh, error))
    return FALSE;
  if (qh.batch != kh.batch || kh.batch != vh.batch || qh.head != kh.head || kh.heads != vh.heads || kh.rows != vh.rows
      || q->rank != k->rank || k->rank != v->rank)
    {
      g_autofree char *qs = ox_tensor_shape_string (q), *ks = ox_tensor_shape_string (k), *vs = ox_tensor_shape_string (v);

      return ox_fail (error, OX_ERROR_SHAPE, "Q %s, K %s and V %s do not fit together", qs, ks, vs);
    }
  a.batch = qh.batch;
  a.heads = qh.heads;
  a.kv_heads = kh.heads;
  a.q_len = qh.rows;
  a.head = qh.head;
  a.v_head = vh.head;
  a.scale = attrs->scale.set ? attrs->scale.v : 1 / sqrt ((double) qh.head);
  a.q = q->data;
  strides_of (q, &qh, a.q_at);
  if ((a.k = join (call, k, PAST_KEY, &kh, a.k_at, &a.kv_len, error)) == NULL
      || (a.v = join (call, v, PAST_VALUE, &vh, a.v_at, &v_total, error)) == NULL)
    return FALSE;
  if (v_total != a.kv_len)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " keys, but %" G_GINT64_FORMAT " values", a.kv_len, v_total);
  if (!mask_init (call, &a, dtype, error) || !limits_init (call, &a, error))
    return FALSE;
  if (!ox_dims_count ((const gint64[]) { a.batch, a.heads, a.q_len, a.v_head }, 4, &count))
    return ox_fail (error, OX_ERROR_MEMORY, "the result is too large");
  if ((a.y = ox_call_scratch_n (call, count, size, error)) == NULL)
    return FALSE;
  a.y_at[0] = a.heads * a.q_len * a.v_head;
  a.y_at[1] = q->rank == 4 ? a.q_len * a.v_head : a.v_head;
  a.y_at[2] = q->rank == 4 ? a.v_head : a.heads * a.v_head;
  if (ox_call_wants (call, 3))
    {
      if (!ox_dims_count ((const gint64[]) { a.batch, a.heads, a.q_len, a.kv_len }, 4, &count))
        return ox_fail (error, OX_ERROR_MEMORY, "the scores are too large");
      if ((a.probed = ox_call_scratch_n (call, count, size, error)) == NULL)
        return FALSE;
    }
  if (!ox_attention_run (call, &a, error))
    return FALSE;
  /* Doubles only for the softmax: the outputs stay what they are. */
  if (f64 && wanted != OX_F64)
    {
      const void *const data[] = { a.y, a.k, a.v, a.probed };

      for (int o = 0; o < 4; o++)
        if (ox_call_wants (call, o))
          {
            OxTensor *out = ox_call_out (call, o, error);

            if (out == NULL)
              return FALSE;
            for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
              ox_element_set (out->dtype, out->data + i * (gint64) ox_dtype_size (out->dtype), ((const double *) data[o])[i]);
          }
      return TRUE;
    }
  return store (call, 0, dtype, a.y, error) && (!ox_call_wants (call, 1) || store (call, 1, dtype, a.k, error))
         && (!ox_call_wants (call, 2) || store (call, 2, dtype, a.v, error))
         && (!ox_call_wants (call, 3) || store (call, 3, dtype, a.probed, error));
}

static const OxOp attention_rows[] = {
  { "Attention", 23, { 3, 6 }, { 1, 4 }, OX_ATTRS (attention_specs, AttentionAttrs), attention_infer, attention_run },
  { "Attention", 24, { 3, 7 }, { 1, 4 }, OX_ATTRS (attention_specs, AttentionAttrs), attention_infer, attention_run },
};

OX_FAMILY (attention, "ai.onnx", attention_rows);
