/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* What ox_attention_run() puts into probed. */
typedef enum
{
  OX_PROBE_PRODUCT,   /* scale * q k' */
  OX_PROBE_CAPPED,    /* after the soft cap */
  OX_PROBE_BIASED,    /* after biases and masks */
  OX_PROBE_SOFTMAX,
} OxProbe;

/* Something added to the scores; elements from batch to batch, head, row and column, 0 where it is stretched. */
typedef struct
{
  const void *data;                     /* NULL: nothing */
  gint64      at[4];
  gint64      length;                   /* keys from here on are hidden */
} OxAddend;

/* Attention of heads over keys, as every operator of that name does it:
 * y = softmax (cap (scale * q k') + biases) v, a row at a time. Arrays are of float, or of double with f64; element
 * (b, h, s, i) of q is at q + b * q_at[0] + h * q_at[1] + s * q_at[2] + i, and so on. Query head h reads key and value
 * head h / (heads / kv_heads). A row without any key that it may see is zero. */
typedef struct
{
  gboolean      f64;
  gint64        batch, heads, kv_heads, q_len, kv_len, head, v_head;
  const void   *q, *k, *v;
  void         *y;
  gint64        q_at[3], k_at[3], v_at[3], y_at[3];
  double        scale, softcap;         /* softcap 0: none */
  OxDtype       precision;              /* the softmax rounds to it: F16, BF16; else nothing is rounded */
  OxAddend      bias[2];
  const gint64 *offset;                 /* [batch]: row i sees keys up to i + offset; NULL: all of them */
  const gint64 *valid;                  /* [batch]: keys that are there; NULL: all */
  gint64        window;                 /* row i sees the last so many keys up to its own; 0: all */
  const float  *sink;                   /* [heads]: one more logit that has no value; NULL: none */
  OxProbe       probe;
  void         *probed;                 /* [batch, heads, q_len, kv_len] or NULL */
} OxAttention;

gboolean ox_attention_run  (OxCall *call, const OxAttention *attention, GError **error);

/* Rotary position embedding in place of [batch, heads, rows, head] floats with the strides @at. Row s of batch b has
 * position positions[b * rows + s], or s without them; row p of @cos and @sin (@half long) is for position p; with
 * @batched tables there is one a batch instead, [batch, rows, half]. Errors: OX_ERROR_VALUE for a position that the
 * tables do not have. */
gboolean ox_rotate (float *x, const gint64 *at, gint64 batch, gint64 heads, gint64 rows, gint64 half,
                    const float *cos, const float *sin, gint64 table_rows, gboolean batched, const gint64 *positions,
                    gboolean interleaved, GError **error);

G_END_DECLS
