/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-attention.h"

G_BEGIN_DECLS

/* What the attentions of ONNX Runtime's domain have in common. All of them compute in float. */

/* Heads lying in memory: element (b, h, s, i) is at data + b * at[0] + h * at[1] + s * at[2] + i. */
typedef struct
{
  float *data;
  gint64 batch, heads, rows, size;
  gint64 at[3];
} OxHeads;

/* [batch, rows, step] where the heads of a row begin at @data: step is at least heads * size. */
OxHeads  ox_heads_rows    (float *data, gint64 batch, gint64 heads, gint64 rows, gint64 size, gint64 step);
/* [batch, heads, rows, size] */
OxHeads  ox_heads_planes  (float *data, gint64 batch, gint64 heads, gint64 rows, gint64 size);
/* Room for [batch, heads, rows, size], zero. */
gboolean ox_heads_alloc   (OxCall *call, OxHeads *heads, gint64 batch, gint64 n, gint64 rows, gint64 size, GError **error);
/* Copies @n rows of batch @b from row @from_row to row @to_row. */
void     ox_heads_copy    (const OxHeads *to, gint64 to_row, const OxHeads *from, gint64 from_row, gint64 b, gint64 n);
/* The first @past_rows rows of @past (NULL: none) and then those of @now, in room for @capacity rows. */
gboolean ox_heads_join    (OxCall *call, OxHeads *joined, const OxHeads *past, gint64 past_rows, const OxHeads *now,
                           gint64 capacity, GError **error);
/* Adds the @bias of [heads * size] to every row, into a copy of its own. */
gboolean ox_heads_bias    (OxCall *call, OxHeads *heads, const float *bias, GError **error);
/* Input @i, which must be of 4 axes, as planes. */
gboolean ox_heads_input   (OxCall *call, int i, const char *name, OxHeads *heads, GError **error);
/* Input @i, which must have @count elements, as floats. */
const float *ox_call_floats (OxCall *call, int i, const char *name, gint64 count, GError **error);
/* Input 0 must be of a float type. */
gboolean ox_call_in_float (OxCall *call, int i, GError **error);
/* The error for input @i, called @name, that should have the shape @expected. */
gboolean ox_fail_shape    (OxCall *call, int i, const char *name, const char *expected, GError **error);

/* Puts Q, K and V into @a; an output of [batch, rows, heads * v_size] is allocated. @scale 0: one over the root of the
 * size of a head. */
gboolean ox_attention_init (OxCall *call, OxAttention *a, const OxHeads *q, const OxHeads *k, const OxHeads *v, gint64 kv_len,
                            double scale, GError **error);
/* Input @i as what is added to the scores: [batch or 1, heads or 1, q_len, kv_len]. */
gboolean ox_attention_bias (OxCall *call, int i, OxAttention *a, GError **error);
/* Input @i (it may be omitted) as the mask_index of Attention, in any of its shapes: @filter is added where a key is masked.
 * @causal: row s of each batch sees the keys up to @past + s. */
gboolean ox_attention_mask (OxCall *call, int i, OxAttention *a, gint64 past, double filter, gboolean causal, GError **error);
/* Runs @a for each of the sequences behind each other in its one batch: input @lengths has where each begins and where the
 * last one ends, @offsets ([sequences, longest]) where each token would be, @bias [.., .., longest, longest] is optional. */
gboolean ox_attention_packed (OxCall *call, OxAttention *a, int offsets, int lengths, int bias, GError **error);
/* Room for the scores that output @o gets. */
gboolean ox_attention_probe (OxCall *call, int o, OxAttention *a, OxProbe probe, GError **error);

/* Two outputs @o and @o + 1, or one (@both) with a leading axis of 2, get @k and @v. */
gboolean ox_heads_store   (OxCall *call, int o, const OxHeads *heads, GError **error);
gboolean ox_heads_store_both (OxCall *call, int o, const OxHeads *k, const OxHeads *v, GError **error);

G_END_DECLS
