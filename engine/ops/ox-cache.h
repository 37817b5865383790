/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-heads.h"

G_BEGIN_DECLS

/* Keys or values as a cache of few bits keeps them: [batch, heads, rows, size] of int8, float8e4m3fn or, two elements a
 * byte, the first in the low half, unsigned with 8 for zero. */
typedef struct
{
  OxDtype      dtype;          /* a float type: nothing is coded */
  int          bits;           /* 8 or 4 */
  gint64       size;           /* elements of a head */
  const float *scale;          /* one, or one for each element of each head */
  gboolean     each;
} OxCache;

/* How input @i is coded: by the @type of its quantisation, the @bits and the scales that are input @scale_in. */
gboolean ox_cache_init  (OxCall *call, OxCache *cache, int i, const char *type, gint64 bits, int scale_in, gint64 heads,
                         gint64 size, GError **error);
/* Input @i decoded. */
gboolean ox_cache_load  (OxCall *call, const OxCache *cache, int i, const char *name, OxHeads *heads, GError **error);
/* Replaces @heads by a copy as it comes back from the cache. */
gboolean ox_cache_round (OxCall *call, const OxCache *cache, OxHeads *heads, GError **error);
/* Output @o gets the first used[batch] rows of @heads, which are zero from there on. */
gboolean ox_cache_store (OxCall *call, const OxCache *cache, int o, const OxHeads *heads, const gint64 *used, GError **error);

G_END_DECLS
