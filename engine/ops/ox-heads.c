/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-heads.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/ox-memory.h"

OxHeads
ox_heads_rows (float *data, gint64 batch, gint64 heads, gint64 rows, gint64 size, gint64 step)
{
  return (OxHeads) { data, batch, heads, rows, size, { rows * step, size, step } };
}

OxHeads
ox_heads_planes (float *data, gint64 batch, gint64 heads, gint64 rows, gint64 size)
{
  return (OxHeads) { data, batch, heads, rows, size, { heads * rows * size, rows * size, size } };
}

gboolean
ox_heads_alloc (OxCall *call, OxHeads *heads, gint64 batch, gint64 n, gint64 rows, gint64 size, GError **error)
{
  gint64 count;
  float *data;

  if (!ox_dims_count ((const gint64[]) { batch, n, rows, size }, 4, &count))
    return ox_fail (error, OX_ERROR_MEMORY, "the heads are too large");
  if ((data = ox_call_scratch_n (call, count, sizeof (float), error)) == NULL)
    return FALSE;
  if (count > 0)
    ox_clear (data, (gsize) count * sizeof (float));
  *heads = ox_heads_planes (data, batch, n, rows, size);
  return TRUE;
}

void
ox_heads_copy (const OxHeads *to, gint64 to_row, const OxHeads *from, gint64 from_row, gint64 b, gint64 n)
{
  for (gint64 h = 0; h < to->heads && to->size > 0 && !ox_turn (); h++)
    for (gint64 s = 0; s < n && !ox_turn (); s++)
      memcpy (to->data + b * to->at[0] + h * to->at[1] + (to_row + s) * to->at[2],
              from->data + b * from->at[0] + h * from->at[1] + (from_row + s) * from->at[2],
              (gsize) to->size * sizeof (float));
}

gboolean
ox_heads_join (OxCall *call, OxHeads *joined, const OxHeads *past, gint64 past_rows, const OxHeads *now, gint64 capacity,
               GError **error)
{
  if (past != NULL && (past->batch != now->batch || past->heads != now->heads || past->size != now->size))
    return ox_fail (error, OX_ERROR_SHAPE,
                    "expected a past of %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x?x%" G_GINT64_FORMAT ", found %" G_GINT64_FORMAT
                    "x%" G_GINT64_FORMAT "x?x%" G_GINT64_FORMAT, now->batch, now->heads, now->size, past->batch, past->heads,
                    past->size);
  if (past_rows < 0 || past_rows > (past != NULL ? past->rows : 0) || now->rows > capacity - past_rows)
    return ox_fail (error, OX_ERROR_VALUE,
                    "%" G_GINT64_FORMAT " rows of the past and %" G_GINT64_FORMAT " new ones do not fit into %" G_GINT64_FORMAT,
                    past_rows, now->rows, capacity);
  if (!ox_heads_alloc (call, joined, now->batch, now->heads, capacity, now->size, error))
    return FALSE;
  for (gint64 b = 0; b < now->batch && !ox_pause (b); b++)
    {
      if (past != NULL)
        ox_heads_copy (joined, 0, past, 0, b, MIN (past->rows, capacity));
      ox_heads_copy (joined, past_rows, now, 0, b, now->rows);
    }
  return TRUE;
}

gboolean
ox_heads_bias (OxCall *call, OxHeads *heads, const float *bias, GError **error)
{
  OxHeads with;

  if (!ox_heads_alloc (call, &with, heads->batch, heads->heads, heads->rows, heads->size, error))
    return FALSE;
  for (gint64 b = 0; b < heads->batch && !ox_turn (); b++)
    {
      ox_heads_copy (&with, 0, heads, 0, b, heads->rows);
      for (gint64 h = 0; h < heads->heads && !ox_turn (); h++)
        for (gint64 s = 0; s < heads->rows && !ox_turn (); s++)
          for (gint64 i = 0; i < heads->size; i++)
            with.data[b * with.at[0] + h * with.at[1] + s * with.at[2] + i] += bias[h * heads->size + i];
    }
  *heads = with;
  return TRUE;
}

gboolean
ox_fail_shape (OxCall *call, int i, const char *name, const char *expected, GError **error)
{
  g_autofree char *found = ox_tensor_shape_string (ox_call_in (call, i));

  return ox_fail (error, OX_ERROR_SHAPE, "expected %s to be %s, found %s", name, expected, found);
}

gboolean
ox_heads_input (OxCall *call, int i, const char *name, OxHeads *heads, GError **error)
{
  const OxTensor *tensor = ox_call_in_as (call, i, OX_F32, error);

  if (tensor == NULL)
    return FALSE;
  if (tensor->rank != 4)
    return ox_fail_shape (call, i, name, "[batch, heads, rows, size]", error);
  *heads = ox_heads_planes ((float *) (void *) tensor->data, tensor->dims[0], tensor->dims[1], tensor->dims[2], tensor->dims[3]);
  return TRUE;
}

const float *
ox_call_floats (OxCall *call, int i, const char *name, gint64 count, GError **error)
{
  const OxTensor *tensor = ox_call_in_as (call, i, OX_F32, error);

  if (tensor == NULL)
    return NULL;
  if (tensor->count != count)
    {
      ox_fail (error, OX_ERROR_SHAPE, "expected %s to have %" G_GINT64_FORMAT " elements, found %" G_GINT64_FORMAT, name, count,
               tensor->count);
      return NULL;
    }
  return (const float *) (const void *) tensor->data;
}

gboolean
ox_call_in_float (OxCall *call, int i, GError **error)
{
  OxDtype dtype = ox_call_in (call, i)->dtype;

  return ox_dtype_is_float (dtype)
         || ox_fail (error, OX_ERROR_DTYPE, "expected a float type as input %d, found %s", i, ox_dtype_name (dtype));
}

/* ---- the parts of an attention -------------------------------------------------------------------------------- */

gboolean
ox_attention_init (OxCall *call, OxAttention *a, const OxHeads *q, const OxHeads *k, const OxHeads *v, gint64 kv_len,
                   double scale, GError **error)
{
  OxHeads y;

  if (k->size != q->size)
    return ox_fail (error, OX_ERROR_SHAPE, "heads of Q have %" G_GINT64_FORMAT " elements, those of K %" G_GINT64_FORMAT, q->size,
                    k->size);
  if (q->batch != k->batch || q->batch != v->batch || k->heads != v->heads || k->rows != v->rows || k->rows < kv_len)
    return ox_fail (error, OX_ERROR_SHAPE, "Q, K and V differ in batch, heads or length");
  if (!ox_heads_alloc (call, &y, q->batch, q->heads, q->rows, v->size, error))
    return FALSE;
  a->batch = q->batch;
  a->heads = q->heads;
  a->kv_heads = k->heads;
  a->q_len = q->rows;
  a->kv_len = kv_len;
  a->head = q->size;
  a->v_head = v->size;
  a->q = q->data;
  a->k = k->data;
  a->v = v->data;
  a->y = y.data;
  memcpy (a->q_at, q->at, sizeof a->q_at);
  memcpy (a->k_at, k->at, sizeof a->k_at);
  memcpy (a->v_at, v->at, sizeof a->v_at);
  a->y_at[0] = q->heads * q->rows * v->size;
  a->y_at[1] = v->size;
  a->y_at[2] = q->heads * v->size;
  a->scale = scale != 0 ? scale : 1 / sqrt ((double) MAX (q->size, 1));
  return TRUE;
}

gboolean
ox_attention_bias (OxCall *call, int i, OxAttention *a, GError **error)
{
  const gint64 want[4] = { a->batch, a->heads, a->q_len, a->kv_len };
  const OxTensor *tensor = ox_call_in (call, i);
  OxAddend *add = &a->bias[0];
  gint64 step = 1;

  if (tensor == NULL)
    return TRUE;
  if ((tensor = ox_call_in_as (call, i, OX_F32, error)) == NULL)
    return FALSE;
  for (int d = 3; d >= 0 && tensor->rank == 4; d--)
    {
      if (tensor->dims[d] != want[d] && !(d < 2 && tensor->dims[d] == 1))
        break;
      add->at[d] = tensor->dims[d] == 1 && want[d] != 1 ? 0 : step;
      step *= tensor->dims[d];
      if (d == 0)
        {
          add->data = tensor->data;
          add->length = a->kv_len;
          return TRUE;
        }
    }
  return ox_fail_shape (call, i, "attention_bias", "[batch or 1, heads or 1, rows, keys]", error);
}

/* The value of mask_index for key @t of row @s; what was not masked is 1. */
typedef struct
{
  const gint32 *data;
  int    rank;
  gint64 count, batch, rows, keys, past, last;   /* last: the length of the last axis */
} Mask;

static gboolean
is_masked (const Mask *m, gint64 b, gint64 s, gint64 t)
{
  switch (m->rank)
    {
    case 1:
      return t >= m->data[b] || (m->count == 2 * m->batch && t < m->data[b + m->batch]);
    case 2:
      /* A mask of the new keys alone lets all of the past be seen. */
      return m->last == m->keys ? m->data[b * m->last + t] <= 0
                                : t >= m->past && m->data[b * m->last + t - m->past] <= 0;
    case 3:
      return m->data[(b * m->rows + s) * m->last + t] <= 0;
    default:
      return m->data[(b * m->last + m->past + s) * m->last + t] <= 0;
    }
}

static gboolean
hide_later (OxCall *call, OxAttention *a, gint64 past, GError **error)
{
  gint64 *offset = ox_call_scratch_n (call, a->batch, sizeof (gint64), error);

  for (gint64 b = 0; offset != NULL && b < a->batch; b++)
    offset[b] = past;
  a->offset = offset;
  return offset != NULL;
}

gboolean
ox_attention_mask (OxCall *call, int i, OxAttention *a, gint64 past, double filter, gboolean causal, GError **error)
{
  const OxTensor *tensor = ox_call_in (call, i);
  Mask m = { .batch = a->batch, .rows = a->q_len, .keys = a->kv_len, .past = past };
  gboolean fits;
  gint64 count, rows;
  float *bias;

  if (tensor == NULL)
    return !causal || hide_later (call, a, past, error);
  if ((tensor = ox_call_in_as (call, i, OX_I32, error)) == NULL)
    return FALSE;
  m.data = (const gint32 *) (const void *) tensor->data;
  m.rank = tensor->rank;
  m.count = tensor->count;
  m.last = tensor->rank > 0 ? tensor->dims[tensor->rank - 1] : 0;
  /* One column for all keys says nothing about any of them. */
  if (tensor->rank == 2 && m.last == 1 && a->kv_len != 1 && (tensor->dims[0] == 1 || tensor->dims[0] == a->batch))
    return !causal || hide_later (call, a, past, error);
  switch (tensor->rank)
    {
    case 1:
      fits = m.last == a->batch || m.last == 2 * a->batch || m.last == 3 * a->batch + 2;
      break;
    case 2:
      fits = tensor->dims[0] == a->batch && (m.last == a->kv_len || m.last == a->kv_len - past);
      break;
    case 3:
      fits = tensor->dims[0] == a->batch && tensor->dims[1] == a->q_len && m.last == a->kv_len;
      break;
    default:
      fits = tensor->rank == 4 && tensor->dims[0] == a->batch && tensor->dims[1] == 1 && tensor->dims[2] == m.last
             && m.last >= a->kv_len && m.last - past >= a->q_len;
    }
  if (!fits)
    return ox_fail_shape (call, i, "the mask", "[batch], [2 batch], [3 batch + 2], [batch, keys], [batch, rows, keys] or "
                          "[batch, 1, most, most]", error);
  /* What is to come is not hidden but has the least number of all, as ONNX Runtime has it: where the mask takes every other
   * key with that number too, all of them count the same. */
  rows = tensor->rank > 2 || causal ? a->q_len : 1;
  if (!ox_dims_count ((const gint64[]) { a->batch, rows, a->kv_len }, 3, &count))
    return ox_fail (error, OX_ERROR_MEMORY, "the mask is too large");
  if ((bias = ox_call_scratch_n (call, count, sizeof (float), error)) == NULL)
    return FALSE;
  for (gint64 b = 0; b < a->batch && !ox_turn (); b++)
    for (gint64 s = 0; s < rows && !ox_turn (); s++)
      for (gint64 t = 0; t < a->kv_len; t++)
        bias[(b * rows + s) * a->kv_len + t] = causal && t > past + s ? -FLT_MAX : is_masked (&m, b, s, t) ? (float) filter : 0;
  a->bias[1] = (OxAddend) { bias, { rows * a->kv_len, 0, rows > 1 ? a->kv_len : 0, 1 }, a->kv_len };
  return TRUE;
}

gboolean
ox_attention_packed (OxCall *call, OxAttention *a, int offsets, int lengths, int bias, GError **error)
{
  const OxTensor *places = ox_call_in (call, offsets), *ends = ox_call_in_as (call, lengths, OX_I64, error);
  const gint64 tokens = a->q_len;
  const gint64 *end;
  gint64 n, longest;

  if (ends == NULL)
    return FALSE;
  n = ends->count - 1;
  end = (const gint64 *) (const void *) ends->data;
  if (ends->rank != 1 || n < 0 || end[0] != 0 || end[n] != tokens)
    return ox_fail (error, OX_ERROR_VALUE, "the lengths of the sequences should go from 0 to %" G_GINT64_FORMAT, tokens);
  if (places->rank != 2 || places->dims[0] != n)
    return ox_fail_shape (call, offsets, "token_offset", "[sequences, longest]", error);
  longest = places->dims[1];
  for (gint64 b = 0; b < n; b++)
    if (end[b + 1] < end[b] || end[b + 1] - end[b] > longest)
      return ox_fail (error, OX_ERROR_VALUE, "sequence %" G_GINT64_FORMAT " goes from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                      ", expected 0 to %" G_GINT64_FORMAT " tokens", b, end[b], end[b + 1], longest);
  if (ox_call_in (call, bias) != NULL)
    {
      OxAttention whole = *a;

      whole.batch = n;
      whole.q_len = whole.kv_len = longest;
      if (!ox_attention_bias (call, bias, &whole, error))
        return FALSE;
      a->bias[0] = whole.bias[0];
    }
  for (gint64 b = 0; b < n && !ox_pause (b); b++)
    {
      OxAttention one = *a;

      one.q_len = one.kv_len = end[b + 1] - end[b];
      one.q = (const float *) a->q + end[b] * a->q_at[2];
      one.k = (const float *) a->k + end[b] * a->k_at[2];
      one.v = (const float *) a->v + end[b] * a->v_at[2];
      one.y = (float *) a->y + end[b] * a->y_at[2];
      if (one.bias[0].data != NULL)
        one.bias[0].data = (const float *) a->bias[0].data + b * a->bias[0].at[0];
      if (!ox_attention_run (call, &one, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
ox_attention_probe (OxCall *call, int o, OxAttention *a, OxProbe probe, GError **error)
{
  OxHeads scores;

  if (!ox_call_wants (call, o))
    return TRUE;
  if (!ox_heads_alloc (call, &scores, a->batch, a->heads, a->q_len, a->kv_len, error))
    return FALSE;
  a->probe = probe;
  a->probed = scores.data;
  return TRUE;
}

/* ---- what comes out ------------------------------------------------------------------------------------------- */

/* The heads as planes without gaps. */
static const float *
dense (OxCall *call, const OxHeads *heads, GError **error)
{
  OxHeads planes;

  if (heads->at[2] == heads->size && heads->at[1] == heads->rows * heads->size && heads->at[0] == heads->heads * heads->at[1])
    return heads->data;
  if (!ox_heads_alloc (call, &planes, heads->batch, heads->heads, heads->rows, heads->size, error))
    return NULL;
  for (gint64 b = 0; b < heads->batch && !ox_pause (b); b++)
    ox_heads_copy (&planes, 0, heads, 0, b, heads->rows);
  return planes.data;
}

gboolean
ox_heads_store (OxCall *call, int o, const OxHeads *heads, GError **error)
{
  const float *data;

  return !ox_call_wants (call, o) || ((data = dense (call, heads, error)) != NULL && ox_call_store_f32 (call, o, data, error));
}

gboolean
ox_heads_store_both (OxCall *call, int o, const OxHeads *k, const OxHeads *v, GError **error)
{
  const float *keys, *values;
  OxHeads both;
  gsize half;

  if (!ox_call_wants (call, o))
    return TRUE;
  if (k->size != v->size)
    return ox_fail (error, OX_ERROR_SHAPE, "keys of %" G_GINT64_FORMAT " and values of %" G_GINT64_FORMAT " elements in one tensor",
                    k->size, v->size);
  if ((keys = dense (call, k, error)) == NULL || (values = dense (call, v, error)) == NULL
      || !ox_heads_alloc (call, &both, 2 * k->batch, k->heads, k->rows, k->size, error))
    return FALSE;
  half = (gsize) (k->batch * k->heads * k->rows * k->size);
  if (half > 0)
    {
      memcpy (both.data, keys, half * sizeof (float));
      memcpy (both.data + half, values, half * sizeof (float));
    }
  return ox_call_store_f32 (call, o, both.data, error);
}
