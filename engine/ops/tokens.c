/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

#include "ops/ox-sub.h"

/* Ids, texts and their scores in ONNX Runtime's domain: MurmurHash3, NGramRepeatBlock, Unique, TorchEmbedding, ExpandDims,
 * Range, IsAllFinite. */

typedef struct { gint64 positive, seed; } HashAttrs;
typedef struct { gint64 ngram_size; } BlockAttrs;
typedef struct { gint64 isinf_only, isnan_only; } FiniteAttrs;

/* ---- MurmurHash3 ---------------------------------------------------------------------------------------------- */

static guint32
rotate (guint32 x, int bits)
{
  return x << bits | x >> (32 - bits);
}

/* The variant of 32 bits. */
static guint32
murmur (const guint8 *data, gsize n, guint32 hash)
{
  guint32 k = 0;

  for (gsize i = 0; i + 4 <= n; i += 4)
    {
      k = (guint32) data[i] | (guint32) data[i + 1] << 8 | (guint32) data[i + 2] << 16 | (guint32) data[i + 3] << 24;
      hash ^= rotate (k * 0xcc9e2d51u, 15) * 0x1b873593u;
      hash = rotate (hash, 13) * 5 + 0xe6546b64u;
    }
  k = 0;
  for (gsize i = n & ~(gsize) 3; i < n; i++)
    k |= (guint32) data[i] << 8 * (i & 3);
  hash ^= rotate (k * 0xcc9e2d51u, 15) * 0x1b873593u;
  hash ^= (guint32) n;
  hash = (hash ^ hash >> 16) * 0x85ebca6bu;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
  return hash ^ hash >> 16;
}

static gboolean
hash_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);

  if (x != NULL)
    ox_call_set (call, 0, ((const HashAttrs *) call->attrs)->positive ? OX_U32 : OX_I32, ox_fact_rank (x),
                 ox_fact_rank (x) > 0 ? x->dims : NULL);
  return TRUE;
}

static gboolean
hash_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  OxTensor *out = x != NULL ? ox_call_out (call, 0, error) : NULL;
  guint32 seed = (guint32) ((const HashAttrs *) call->attrs)->seed;
  gsize size;

  if (out == NULL)
    return FALSE;
  size = ox_dtype_size (x->dtype);
  if (x->dtype != OX_STR && size != 4 && size != 8)
    return ox_fail (error, OX_ERROR_DTYPE, "element type %s is not one of those of MurmurHash3", ox_dtype_name (x->dtype));
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      const char *text = x->dtype == OX_STR ? ox_tensor_get_string (x, i) : NULL;

      ((guint32 *) out->data)[i] = text != NULL ? murmur ((const guint8 *) text, strlen (text), seed)
                                                : murmur (x->data + (gsize) i * size, size, seed);
    }
  return TRUE;
}

/* ---- NGramRepeatBlock ----------------------------------------------------------------------------------------- */

static gboolean
block_infer (OxCall *call, GError **error)
{
  const OxFact *ids = ox_call_fact (call, 0), *scores = ox_call_fact (call, 1);

  if (((const BlockAttrs *) call->attrs)->ngram_size < 1)
    return ox_fail (error, OX_ERROR_VALUE, "ngram_size is %" G_GINT64_FORMAT, ((const BlockAttrs *) call->attrs)->ngram_size);
  if ((ox_fact_rank (ids) >= 0 && ids->rank != 2) || (ox_fact_rank (scores) >= 0 && scores->rank != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "ids and scores must have rank 2");
  if (ox_dim_known (ox_fact_dim (ids, 0)) && ox_dim_known (ox_fact_dim (scores, 0)) && ids->dims[0] != scores->dims[0])
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " rows of ids and %" G_GINT64_FORMAT " of scores", ids->dims[0],
                    scores->dims[0]);
  ox_call_set_like (call, 0, 1);
  return TRUE;
}

/* What would complete an n-gram that was there before scores minus infinity. */
static gboolean
block_run (OxCall *call, GError **error)
{
  gint64 n = ((const BlockAttrs *) call->attrs)->ngram_size, length, words;
  const OxTensor *scores = ox_call_in_as (call, 1, OX_F32, error);
  const gint64 *ids = scores != NULL ? ox_call_indices (call, 0, error) : NULL;
  OxTensor *out = ids != NULL ? ox_call_out (call, 0, error) : NULL;
  float *y;

  if (out == NULL || (y = ox_call_scratch_n (call, scores->count, sizeof *y, error)) == NULL)
    return FALSE;
  if (scores->count > 0)
    memcpy (y, scores->data, (gsize) scores->count * sizeof *y);
  length = ox_call_in (call, 0)->dims[1];
  words = scores->dims[1];
  for (gint64 b = 0; b < scores->dims[0] && !ox_turn (); b++)
    for (gint64 i = 0; n <= length && i <= length - n && !ox_pause (i); i++)
      {
        const gint64 *row = ids + b * length;
        gint64 word = row[i + n - 1];

        if (n > 1 && memcmp (row + i, row + length - (n - 1), (gsize) (n - 1) * sizeof *row) != 0)
          continue;
        if (word < 0 || word >= words)
          return ox_fail (error, OX_ERROR_VALUE, "id %" G_GINT64_FORMAT " is not one of %" G_GINT64_FORMAT " words", word, words);
        y[b * words + word] = -INFINITY;
      }
  return ox_call_store_f32 (call, 0, y, error);
}

/* ---- Unique --------------------------------------------------------------------------------------------------- */

static gboolean
unique_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  OxDim unknown = OX_DIM_UNKNOWN, n = ox_fact_dim (x, 0);

  if (ox_fact_rank (x) >= 0 && x->rank != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "expected rank 1, found %d", x->rank);
  ox_call_set (call, 0, ox_fact_dtype (x), 1, &unknown);
  ox_call_set (call, 1, OX_I64, 1, &n);
  ox_call_set (call, 2, OX_I64, 1, &unknown);
  return TRUE;
}

/* What two elements that are alike have in common: their text, or their bits, with one zero. (transfer full) */
static char *
element_key (const OxTensor *x, gint64 i)
{
  const guint8 *at = x->data + (gsize) i * ox_dtype_size (x->dtype);
  GString *key;

  if (x->dtype == OX_STR)
    return g_strdup (ox_tensor_get_string (x, i));
  if (ox_dtype_is_float (x->dtype) && ox_tensor_get (x, i) == 0)
    return g_strdup ("0");
  key = g_string_new ("=");
  for (gsize k = 0; k < ox_dtype_size (x->dtype); k++)
    g_string_append_printf (key, "%02x", at[k]);
  return g_string_free (key, FALSE);
}

/* In the order of the first appearance. */
static gboolean
unique_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  OxTensor *y, *index, *counts;
  gint64 n = 0, *first, *place;
  gsize size;

  if (x == NULL || (first = ox_call_scratch_n (call, x->count, sizeof *first, error)) == NULL
      || (place = ox_call_scratch_n (call, x->count, sizeof *place, error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      char *key = element_key (x, i);
      gpointer known;

      if (g_hash_table_lookup_extended (places, key, NULL, &known))
        {
          place[i] = (gint64) GPOINTER_TO_SIZE (known);
          g_free (key);
          continue;
        }
      place[i] = n;
      first[n] = i;
      g_hash_table_insert (places, key, GSIZE_TO_POINTER ((gsize) n++));
    }
  if ((y = ox_call_alloc (call, 0, x->dtype, 1, &n, error)) == NULL || (index = ox_call_out (call, 1, error)) == NULL
      || (counts = ox_call_alloc (call, 2, OX_I64, 1, &n, error)) == NULL)
    return FALSE;
  size = ox_dtype_size (x->dtype);
  for (gint64 k = 0; k < n && !ox_pause (k); k++)
    {
      ox_move_block (x->dtype, y->data + (gsize) k * size, x->data + (gsize) first[k] * size, 1);
      ((gint64 *) counts->data)[k] = 0;
    }
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      ((gint64 *) index->data)[i] = place[i];
      ((gint64 *) counts->data)[place[i]]++;
    }
  return TRUE;
}

/* ---- TorchEmbedding, ExpandDims, Range ------------------------------------------------------------------------ */

static gboolean
embedding_infer (OxCall *call, GError **error)
{
  const OxFact *table = ox_call_fact (call, 0), *ids = ox_call_fact (call, 1);
  OxDim dims[OX_MAX_RANK + 1];

  if (ox_fact_rank (table) >= 0 && table->rank != 2)
    return ox_fail (error, OX_ERROR_SHAPE, "the table has rank %d, expected 2", table->rank);
  if (ox_fact_rank (ids) < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (table));
      return TRUE;
    }
  for (int d = 0; d < ids->rank; d++)
    dims[d] = ids->dims[d];
  dims[ids->rank] = ox_fact_dim (table, 1);
  return ox_call_set_checked (call, 0, ox_fact_dtype (table), ids->rank + 1, dims, error);
}

/* The padding and the scaling of gradients, the other inputs, matter to training only. */
static gboolean
embedding_run (OxCall *call, GError **error)
{
  OxTensor *result = ox_sub_binary (call, "Gather", (OxTensor *) ox_call_in (call, 0), (OxTensor *) ox_call_in (call, 1), error);

  if (result == NULL)
    return FALSE;
  ox_call_take (call, 0, result);
  return TRUE;
}

static gboolean
expand_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  const gint64 *number;
  OxDim dims[OX_MAX_RANK + 1];
  int n, axis;

  if (ox_fact_rank (x) < 0 || !ox_call_numbers (call, 1, &number, &n))
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (x));
      return TRUE;
    }
  if (n != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "axis has %d elements, expected 1", n);
  if (!ox_call_axis (call, number[0], x->rank + 1, &axis, error))
    return FALSE;
  for (int d = 0; d <= x->rank; d++)
    dims[d] = d < axis ? x->dims[d] : d == axis ? 1 : x->dims[d - 1];
  return ox_call_set_checked (call, 0, x->dtype, x->rank + 1, dims, error);
}

static gboolean
expand_run (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_out_fact (call, 0);
  OxTensor *result;

  if (fact->rank < 0)
    return ox_fail (error, OX_ERROR_DTYPE, "the axis must be an integer");
  if ((result = ox_move_reshape ((OxTensor *) ox_call_in (call, 0), fact->rank, fact->dims, error)) == NULL)
    return FALSE;
  ox_call_take (call, 0, result);
  return TRUE;
}

static gboolean
range_infer (OxCall *call, GError **error)
{
  OxDim unknown = OX_DIM_UNKNOWN;

  ox_call_set (call, 0, ox_fact_dtype (ox_call_fact (call, 0)), 1, &unknown);
  return TRUE;
}

/* That of the standard with a delta that may be left out. */
static gboolean
range_run (OxCall *call, GError **error)
{
  const OxTensor *start = ox_call_in (call, 0);
  OxTensor *in[3] = { (OxTensor *) start, (OxTensor *) ox_call_in (call, 1), (OxTensor *) ox_call_in (call, 2) }, *result;
  g_autoptr (OxTensor) one = NULL;

  if (start->dtype == OX_STR)
    return ox_fail (error, OX_ERROR_DTYPE, "strings have no range");
  if (in[2] == NULL)
    in[2] = one = ox_tensor_new_scalar (start->dtype, 1);
  if ((result = ox_sub_run (call, "Range", 11, NULL, 3, in, error)) == NULL)
    return FALSE;
  ox_call_take (call, 0, result);
  return TRUE;
}

/* ---- IsAllFinite ---------------------------------------------------------------------------------------------- */

static gboolean
finite_infer (OxCall *call, GError **error)
{
  const FiniteAttrs *at = call->attrs;

  if (at->isinf_only && at->isnan_only)
    return ox_fail (error, OX_ERROR_VALUE, "isinf_only and isnan_only exclude each other");
  ox_call_set (call, 0, OX_BOOL, 0, NULL);
  return TRUE;
}

static gboolean
finite_run (OxCall *call, GError **error)
{
  const FiniteAttrs *at = call->attrs;
  OxTensor *out = ox_call_out (call, 0, error);
  gboolean good = TRUE;

  if (out == NULL)
    return FALSE;
  for (int i = 0; good && i < call->n_in; i++)
    {
      const OxTensor *x = ox_call_in (call, i);

      if (!ox_dtype_is_float (x->dtype))
        return ox_fail (error, OX_ERROR_DTYPE, "element type %s is not one of those of IsAllFinite", ox_dtype_name (x->dtype));
      for (gint64 k = 0; good && k < x->count && !ox_pause (k); k++)
        {
          double v = ox_tensor_get (x, k);

          good = !((isinf (v) && !at->isnan_only) || (isnan (v) && !at->isinf_only));
        }
    }
  out->data[0] = good;
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec hash_specs[] = { OX_INT (HashAttrs, positive, 1), OX_INT (HashAttrs, seed, 0) };
static const OxAttrSpec block_specs[] = { OX_NEED (BlockAttrs, ngram_size, INT) };
static const OxAttrSpec finite_specs[] = { OX_INT (FiniteAttrs, isinf_only, 0), OX_INT (FiniteAttrs, isnan_only, 0) };

static const OxOp tokens_rows[] = {
  { "MurmurHash3", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (hash_specs, HashAttrs), hash_infer, hash_run },
  { "NGramRepeatBlock", 1, { 2, 2 }, { 1, 1 }, OX_ATTRS (block_specs, BlockAttrs), block_infer, block_run },
  { "Unique", 1, { 1, 1 }, { 3, 3 }, .infer = unique_infer, .run = unique_run },
  { "TorchEmbedding", 1, { 2, 4 }, { 1, 1 }, .infer = embedding_infer, .run = embedding_run },
  { "ExpandDims", 1, { 2, 2 }, { 1, 1 }, .infer = expand_infer, .run = expand_run },
  { "Range", 1, { 2, 3 }, { 1, 1 }, .infer = range_infer, .run = range_run },
  { "IsAllFinite", 1, { 1, -1 }, { 1, 1 }, OX_ATTRS (finite_specs, FiniteAttrs), finite_infer, finite_run },
};

OX_FAMILY (tokens, "com.microsoft", tokens_rows);
