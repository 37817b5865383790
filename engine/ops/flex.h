/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* FlexAttention in its three steps; between them the session runs the graphs the model brings along. */

typedef struct
{
  OxGraph   *score_mod, *prob_mod;      /* NULL: none */
  OxOptFloat scale;
  OxOptInt   softmax_precision;
} OxFlexAttrs;

/* What the softmax computes in for Q of type @dtype; UNDEFINED if that is not known or not possible. */
OxDtype  ox_flex_type    (const OxFlexAttrs *attrs, OxDtype dtype);
/* Q K^T scale as [batch, q_heads, q_len, kv_len] in the type of the softmax. (transfer full) */
OxValue *ox_flex_scores  (const OxFlexAttrs *attrs, OxValue *q, OxValue *k, OxValue *v, GCancellable *cancellable,
                          GError **error);
OxValue *ox_flex_probs   (OxValue *scores, GCancellable *cancellable, GError **error);
/* What a graph made of @before must be like it. */
gboolean ox_flex_check   (const OxValue *before, const OxValue *after, GError **error);
OxValue *ox_flex_product (OxValue *probs, OxValue *v, GCancellable *cancellable, GError **error);

G_END_DECLS
