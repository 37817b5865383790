/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "ops/ox-expand.h"

/* Attention and RotaryEmbedding, written for the shapes at hand. */

typedef struct
{
  gboolean flat;                                             /* heads lie in the last axis */
  gint64   batch, q_heads, kv_heads, rows, fresh, past, length, size, v_size;
} Heads;

#define D G_GINT64_FORMAT

static gboolean
read_heads (const OxWriter *w, Heads *h)
{
  const OxTensor *q = w->in[0], *k = w->in[1], *v = w->in[2], *past = ox_expand_given (w, 4) ? w->in[4] : NULL;
  int rank = q->rank;

  if ((rank != 3 && rank != 4) || k->rank != rank || v->rank != rank || k->dtype != q->dtype || v->dtype != q->dtype
      || (past != NULL) != ox_expand_given (w, 5))
    return FALSE;
  h->flat = rank == 3;
  h->batch = q->dims[0];
  h->rows = q->dims[rank - 2];
  h->fresh = k->dims[rank - 2];
  h->q_heads = h->flat ? ox_writer_int (w, "q_num_heads") : q->dims[1];
  h->kv_heads = h->flat ? ox_writer_int (w, "kv_num_heads") : k->dims[1];
  if (h->q_heads < 1 || h->kv_heads < 1 || h->q_heads % h->kv_heads != 0)
    return FALSE;
  h->size = q->dims[rank - 1] / (h->flat ? h->q_heads : 1);
  h->v_size = v->dims[rank - 1] / (h->flat ? h->kv_heads : 1);
  if (past != NULL && (past->rank != 4 || w->in[5]->rank != 4 || past->dtype != q->dtype || w->in[5]->dtype != q->dtype))
    return FALSE;
  h->past = past != NULL ? past->dims[2] : 0;
  h->length = h->past + h->fresh;
  return h->size > 0 && q->count > 0 && k->count > 0 && v->count > 0;
}

/* @name as [batch, heads, rows, size]. */
static void
put_heads (OxWriter *w, const Heads *h, const char *name, gint64 heads, gint64 rows, gint64 size)
{
  if (h->flat)
    ox_expand_line (w, "%s4 = Transpose<perm=[0,2,1,3]>(Reshape(%s, i64[4]{%" D ",%" D ",%" D ",%" D "}))",
                    name, name, h->batch, rows, heads, size);
}

/* Each head of K and V once for every head of Q that shares it. */
static void
put_shared (OxWriter *w, const Heads *h, const char *to, const char *from, gint64 size)
{
  if (h->q_heads == h->kv_heads)
    ox_expand_line (w, "%s = %s", to, from);
  else
    ox_expand_line (w,
                    "%s = Reshape(Expand(Unsqueeze(%s, i64[1]{2}), i64[5]{%" D ",%" D ",%" D ",%" D ",%" D
                    "}), "
                    "i64[4]{%" D ",%" D ",%" D ",%" D "})",
                    to, from, h->batch, h->kv_heads, h->q_heads / h->kv_heads, h->length, size, h->batch,
                    h->q_heads, h->length, size);
}

/* What is added to the scores: 0 where a key may be seen, -inf where not. FALSE if nothing is. */
static gboolean
put_bias (OxWriter *w, const Heads *h, gboolean *ok)
{
  gboolean mask = ox_expand_given (w, 3), filled = ox_expand_given (w, 6), causal = ox_writer_int (w, "is_causal") != 0;
  g_autoptr (GString) sum = g_string_new (NULL);

  *ok = TRUE;
  if (filled && (w->in[6]->count != h->batch || w->in[6]->dtype != OX_I64))
    *ok = FALSE;
  if (mask)
    {
      const OxTensor *m = w->in[3];
      gint64 last = m->rank > 0 ? m->dims[m->rank - 1] : 0, pads[2 * OX_MAX_RANK] = { 0 };
      const char *name = "attn_mask";

      if (m->rank < 1 || m->rank > 4 || (m->dtype != OX_BOOL && m->dtype != w->scalar))
        *ok = FALSE;
      if (!*ok)
        return FALSE;
      if (m->dtype == OX_BOOL)
        ox_expand_line (w, "MaskBias = Where(attn_mask, #0, #-inf)");
      name = m->dtype == OX_BOOL ? "MaskBias" : name;
      pads[2 * m->rank - 1] = h->length - last;
      if (last != 1 && last < h->length)
        {
          g_autofree char *list = ox_writer_ints_text (2 * m->rank, pads);

          ox_expand_line (w, "PaddedBias = Pad(%s, %s, #-inf)", name, list);
          name = "PaddedBias";
        }
      g_string_append (sum, name);
    }
  if (filled || causal)
    ox_expand_line (w, "Column = Range(i64{0}, i64{%" D "}, i64{1})", h->length);
  if (filled)
    ox_expand_line (w, "Filled = Reshape(nonpad_kv_seqlen, i64[4]{%" D ",1,1,1})\n"
                       "FilledBias = Where(Less(Column, Filled), #0, #-inf)",
                    h->batch);
  if (causal)
    {
      ox_expand_line (w, "Line = Unsqueeze(Range(i64{0}, i64{%" D "}, i64{1}), i64[1]{1})", h->rows);
      if (filled)
        ox_expand_line (w, "Row = Add(Line, Sub(Filled, i64{%" D "}))", h->rows);
      else
        ox_expand_line (w, "Row = Add(Line, i64{%" D "})", h->past);
      ox_expand_line (w, "CausalBias = Where(LessOrEqual(Column, Row), #0, #-inf)");
    }
  for (int k = 0; k < 2; k++)
    if (k == 0 ? filled : causal)
      {
        const char *name = k == 0 ? "FilledBias" : "CausalBias";

        if (sum->len == 0)
          g_string_append (sum, name);
        else
          {
            g_string_prepend (sum, "Add(");
            g_string_append_printf (sum, ", %s)", name);
          }
      }
  if (sum->len > 0)
    ox_expand_line (w, "Bias = %s", sum->str);
  return sum->len > 0;
}

static gboolean
expand_attention (OxWriter *w)
{
  static const char *const shown[] = { "QK", "Capped", "Biased", "P" };
  gint64 mode = ox_writer_int (w, "qk_matmul_output_mode"), precision;
  gboolean biased, ok;
  double cap = ox_writer_real (w, "softcap"), scale;
  OxDtype type = w->scalar;
  Heads h;

  if (!ox_expand_given (w, 1) || !ox_expand_given (w, 2) || !read_heads (w, &h) || mode < 0 || mode > 3)
    return FALSE;
  precision = ox_writer_has (w, "softmax_precision") ? ox_writer_int (w, "softmax_precision") : type;
  if (precision != OX_F32 && precision != OX_F64 && precision != OX_F16 && precision != OX_BF16)
    return FALSE;
  scale = ox_writer_has (w, "scale") ? ox_writer_real (w, "scale") : 1 / sqrt ((double) h.size);
  if (scale < 0)
    return FALSE;
  ox_expand_line (w, "Q, K, V, attn_mask, past_key, past_value%s -> Y, present_key, present_value, qk_matmul_output",
                  w->op->in.max > 6 ? ", nonpad_kv_seqlen" : "");
  put_heads (w, &h, "Q", h.q_heads, h.rows, h.size);
  put_heads (w, &h, "K", h.kv_heads, h.fresh, h.size);
  put_heads (w, &h, "V", h.kv_heads, h.fresh, h.v_size);
  ox_expand_line (
      w,
      ox_expand_given (w, 4)
          ? "present_key = Concat<axis=2>(past_key, %s)\npresent_value = Concat<axis=2>(past_value, %s)"
          : "present_key = %s\npresent_value = %s",
      h.flat ? "K4" : "K", h.flat ? "V4" : "V");
  put_shared (w, &h, "Keys", "present_key", h.size);
  put_shared (w, &h, "Values", "present_value", h.v_size);
  ox_expand_line (w, "QS = Mul(%s, #%.17g)\nKS = Mul(Keys, #%.17g)\nQK = MatMul(QS, Transpose<perm=[0,1,3,2]>(KS))",
                  h.flat ? "Q4" : "Q", sqrt (scale), sqrt (scale));
  ox_expand_line (w, cap > 0 ? "Capped = Mul(Tanh(Div(QK, #%.9g)), #%.9g)" : "Capped = QK", cap, cap);
  biased = put_bias (w, &h, &ok);
  if (!ok)
    return FALSE;
  ox_expand_line (w, biased ? "Biased = Add(Capped, Bias)" : "Biased = Capped");
  if (precision == type)
    ox_expand_line (w, "S = Softmax(Biased)");
  else
    ox_expand_line (w, "S = Cast<to=%d>(Softmax(Cast<to=%d>(Biased)))", (int) type, (int) precision);
  /* A query that may look at nothing sees nothing. */
  if (biased)
    ox_expand_line (w, "Hidden = Equal(ReduceMax<keepdims=1>(Biased, i64[1]{-1}), #-inf)\nP = Where(Hidden, #0, S)");
  else
    ox_expand_line (w, "P = S");
  if (h.flat)
    ox_expand_line (
        w, "Y4 = MatMul(P, Values)\nY = Reshape(Transpose<perm=[0,2,1,3]>(Y4), i64[3]{%" D ",%" D ",%" D "})",
        h.batch, h.rows, h.q_heads * h.v_size);
  else
    ox_expand_line (w, "Y = MatMul(P, Values)");
  ox_expand_line (w, "qk_matmul_output = %s", shown[mode]);
  return TRUE;
}

/* Pairs are turned: (a, b) becomes (a cos - b sin, a sin + b cos). They lie half the width apart, or side by side. */
static gboolean
expand_rotary (OxWriter *w)
{
  const OxTensor *x = w->in[0], *table = ox_expand_given (w, 1) ? w->in[1] : NULL;
  gboolean side = ox_writer_int (w, "interleaved") != 0, flat = x->rank == 3, looked_up = ox_expand_given (w, 3);
  gint64 heads, rows, size, width;
  const char *row;

  if (table == NULL || !ox_expand_given (w, 2) || (x->rank != 3 && x->rank != 4) || x->count == 0 || table->dtype != x->dtype
      || w->in[2]->dtype != x->dtype || table->rank != (looked_up ? 2 : 3))
    return FALSE;
  heads = flat ? ox_writer_int (w, "num_heads") : x->dims[1];
  if (heads < 1 || (flat && x->dims[2] % heads != 0))
    return FALSE;
  rows = flat ? x->dims[1] : x->dims[2];
  size = flat ? x->dims[2] / heads : x->dims[3];
  width = ox_writer_int (w, "rotary_embedding_dim") != 0 ? ox_writer_int (w, "rotary_embedding_dim") : size;
  if (width < 2 || width > size || width % 2 != 0)
    return FALSE;
  ox_expand_line (w, "X, cos_cache, sin_cache, position_ids -> Y");
  if (flat)
    ox_expand_line (w, "Rows = Reshape(X, i64[4]{%" D ",%" D ",%" D ",%" D "})", x->dims[0], rows, heads, size);
  else
    ox_expand_line (w, "Rows = Transpose<perm=[0,2,1,3]>(X)");
  ox_expand_line (w, looked_up ? "Cos = Unsqueeze(Gather(cos_cache, position_ids), i64[1]{2})\n"
                                 "Sin = Unsqueeze(Gather(sin_cache, position_ids), i64[1]{2})"
                               : "Cos = Unsqueeze(cos_cache, i64[1]{2})\nSin = Unsqueeze(sin_cache, i64[1]{2})");
  row = width < size ? "Turned" : "Rows";
  if (width < size)
    ox_expand_line (w, "Turned = Slice(Rows, i64[1]{0}, i64[1]{%" D "}, i64[1]{3})\n"
                       "Rest = Slice(Rows, i64[1]{%" D "}, i64[1]{%" D "}, i64[1]{3})",
                    width, width, size);
  if (side)
    ox_expand_line (w, "A = Slice(%s, i64[1]{0}, i64[1]{%" D "}, i64[1]{3}, i64[1]{2})\n"
                       "B = Slice(%s, i64[1]{1}, i64[1]{%" D "}, i64[1]{3}, i64[1]{2})",
                    row, width, row, width);
  else
    ox_expand_line (w, "A = Slice(%s, i64[1]{0}, i64[1]{%" D "}, i64[1]{3})\n"
                       "B = Slice(%s, i64[1]{%" D "}, i64[1]{%" D "}, i64[1]{3})",
                    row, width / 2, row, width / 2, width);
  ox_expand_line (w, "Real = Sub(Mul(Cos, A), Mul(Sin, B))\nImaginary = Add(Mul(Sin, A), Mul(Cos, B))");
  if (side)
    ox_expand_line (w, "Pairs = Concat<axis=4>(Unsqueeze(Real, i64[1]{4}), Unsqueeze(Imaginary, i64[1]{4}))\n"
                       "New = Reshape(Pairs, i64[4]{%" D ",%" D ",%" D ",%" D "})",
                    x->dims[0], rows, heads, width);
  else
    ox_expand_line (w, "New = Concat<axis=3>(Real, Imaginary)");
  ox_expand_line (w, width < size ? "Whole = Concat<axis=3>(New, Rest)" : "Whole = New");
  if (flat)
    ox_expand_line (w, "Y = Reshape(Whole, i64[3]{%" D ",%" D ",%" D "})", x->dims[0], rows, x->dims[2]);
  else
    ox_expand_line (w, "Y = Transpose<perm=[0,2,1,3]>(Whole)");
  return TRUE;
}

const OxExpandRow ox_expand_attention_rows[] = {
  { "Attention", 23, .func = expand_attention },
  { "LinearAttention", 27 },
  { "RotaryEmbedding", 23, .func = expand_rotary },
  { NULL },
};
