/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-cache.h"

#include <math.h>
#include <string.h>

#include "tensor/ox-small-float.h"

static gboolean
is_coded (const OxCache *cache)
{
  return cache->scale != NULL;
}

gboolean
ox_cache_init (OxCall *call, OxCache *cache, int i, const char *type, gint64 bits, int scale_in, gint64 heads, gint64 size,
               GError **error)
{
  const OxTensor *tensor = ox_call_in (call, i);
  const gboolean none = strcmp (type, "NONE") == 0;
  OxDtype dtype = tensor != NULL ? tensor->dtype : ox_call_in (call, 0)->dtype;

  *cache = (OxCache) { .dtype = dtype, .bits = bits == 4 ? 4 : 8, .size = size };
  if (!none && strcmp (type, "PER_TENSOR") != 0 && strcmp (type, "PER_CHANNEL") != 0)
    return ox_fail (error, OX_ERROR_VALUE, "quantisation '%s', expected NONE, PER_TENSOR or PER_CHANNEL", type);
  if (none)
    return dtype == OX_F32 || dtype == OX_F16 || dtype == OX_BF16 || dtype == OX_F64
           || ox_fail (error, OX_ERROR_DTYPE, "a cache of %s is quantised, but its type of quantisation is NONE",
                       ox_dtype_name (dtype));
  if (tensor == NULL || ox_call_in (call, scale_in) == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "a quantised cache needs input %d and its scale %d", i, scale_in);
  if (cache->bits == 4 ? dtype != OX_U8 : dtype != OX_I8 && dtype != OX_F8E4M3FN)
    return ox_fail (error, OX_ERROR_DTYPE, "a cache of %d bits as %s", cache->bits, ox_dtype_name (dtype));
  if (bits != 0 && bits != 4 && bits != 8)
    return ox_fail (error, OX_ERROR_VALUE, "kv_cache_bit_width is %" G_GINT64_FORMAT ", expected 4 or 8", bits);
  cache->each = strcmp (type, "PER_CHANNEL") == 0;
  cache->scale = ox_call_floats (call, scale_in, "the scale of the cache", cache->each ? heads * size : 1, error);
  return cache->scale != NULL;
}

static float
scale_at (const OxCache *cache, gint64 head, gint64 j)
{
  return cache->scale[cache->each ? head * cache->size + j : 0];
}

/* The code of @value. */
static guint8
encode (const OxCache *cache, float value, float scale)
{
  const float low = cache->bits == 4 ? -8 : -128, high = cache->bits == 4 ? 7 : 127;
  float x = scale != 0 ? value / scale : 0;

  if (cache->dtype == OX_F8E4M3FN)
    return ox_f8e4m3fn_store (x);
  x = isnan (x) ? 0 : fminf (fmaxf (rintf (x), low), high);
  return cache->bits == 4 ? (guint8) (x + 8) : (guint8) (gint8) x;
}

static float
decode (const OxCache *cache, guint8 code, float scale)
{
  float x = cache->dtype == OX_F8E4M3FN ? ox_f8e4m3fn_load (code)
            : cache->bits == 4 ? (float) (code & 15) - 8
                               : (float) (gint8) code;

  return x * scale;
}

gboolean
ox_cache_load (OxCall *call, const OxCache *cache, int i, const char *name, OxHeads *heads, GError **error)
{
  const gint64 bytes = cache->bits == 4 ? (cache->size + 1) / 2 : cache->size;
  const OxTensor *tensor;

  if (!is_coded (cache))
    return ox_heads_input (call, i, name, heads, error);
  if ((tensor = ox_call_in_dense (call, i, error)) == NULL)
    return FALSE;
  if (tensor->rank != 4 || tensor->dims[3] != bytes)
    return ox_fail_shape (call, i, name, "[batch, heads, rows, bytes of a head]", error);
  if (!ox_heads_alloc (call, heads, tensor->dims[0], tensor->dims[1], tensor->dims[2], cache->size, error))
    return FALSE;
  for (gint64 r = 0; r < heads->batch * heads->heads * heads->rows && !ox_turn (); r++)
    for (gint64 j = 0; j < cache->size && !ox_pause (j); j++)
      {
        const guint8 byte = tensor->data[r * bytes + (cache->bits == 4 ? j / 2 : j)];

        heads->data[r * cache->size + j] = decode (cache, cache->bits == 4 && j % 2 != 0 ? byte >> 4 : byte,
                                                   scale_at (cache, r / heads->rows % heads->heads, j));
      }
  return TRUE;
}

gboolean
ox_cache_round (OxCall *call, const OxCache *cache, OxHeads *heads, GError **error)
{
  OxHeads copy;

  if (!is_coded (cache))
    return TRUE;
  if (!ox_heads_alloc (call, &copy, heads->batch, heads->heads, heads->rows, heads->size, error))
    return FALSE;
  for (gint64 b = 0; b < heads->batch && !ox_pause (b); b++)
    ox_heads_copy (&copy, 0, heads, 0, b, heads->rows);
  for (gint64 r = 0; r < copy.batch * copy.heads * copy.rows && !ox_turn (); r++)
    for (gint64 j = 0; j < cache->size && !ox_pause (j); j++)
      {
        const float scale = scale_at (cache, r / copy.rows % copy.heads, j);
        float *x = copy.data + r * cache->size + j;

        *x = decode (cache, encode (cache, *x, scale), scale);
      }
  *heads = copy;
  return TRUE;
}

gboolean
ox_cache_store (OxCall *call, const OxCache *cache, int o, const OxHeads *heads, const gint64 *used, GError **error)
{
  const gint64 bytes = cache->bits == 4 ? (cache->size + 1) / 2 : cache->size;
  OxTensor *out;

  if (!is_coded (cache) || !ox_call_wants (call, o))
    return ox_heads_store (call, o, heads, error);
  if ((out = ox_call_out (call, o, error)) == NULL)
    return FALSE;
  if (out->count != heads->batch * heads->heads * heads->rows * bytes)
    return ox_fail (error, OX_ERROR_SHAPE, "the cache has not the shape of its heads");
  for (gint64 r = 0; r < heads->batch * heads->heads * heads->rows && !ox_turn (); r++)
    {
      const gint64 b = r / heads->rows / heads->heads, h = r / heads->rows % heads->heads, s = r % heads->rows;
      const float *row = heads->data + b * heads->at[0] + h * heads->at[1] + s * heads->at[2];

      for (gint64 j = 0; j < cache->size && !ox_pause (j); j++)
        {
          guint8 code = s < used[b] ? encode (cache, row[j], scale_at (cache, h, j)) : 0, *to;

          to = out->data + r * bytes + (cache->bits == 4 ? j / 2 : j);
          *to = cache->bits == 4 && j % 2 != 0 ? (guint8) ((*to & 15) | code << 4) : code;
        }
    }
  return TRUE;
}
