/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

/* TfIdfVectorizer: counts n-grams of a pool in rows of tokens. */

typedef struct
{
  gint64 max_gram_length, max_skip_count, min_gram_length;
  const char *mode;
  OxInts ngram_counts, ngram_indexes, pool_int64s;
  OxStrings pool_strings;
  OxFloats weights;
} TfIdfAttrs;

/* The pool as a tree: an n-gram is the way of its tokens from node 0. */
typedef struct
{
  GHashTable *strings;   /* token -> its number */
  GHashTable *ints;      /* gint64 * -> its number */
  GHashTable *edges;     /* gint64 *, node << 32 | token -> node */
  GArray *grams;         /* gint64 by node: the number of the n-gram that ends here, -1 */
} Pool;

static void
pool_free (gpointer data)
{
  Pool *pool = data;

  g_hash_table_unref (pool->strings);
  g_hash_table_unref (pool->ints);
  g_hash_table_unref (pool->edges);
  g_array_unref (pool->grams);
  g_free (pool);
}

/* The number of a token, -1 if the pool does not have it. */
static gint64
find_token (const Pool *pool, const char *text, gint64 number)
{
  gpointer value;
  gboolean found = text != NULL ? g_hash_table_lookup_extended (pool->strings, text, NULL, &value)
                                : g_hash_table_lookup_extended (pool->ints, &number, NULL, &value);

  return found ? (gint64) GPOINTER_TO_SIZE (value) : -1;
}

static gint64
find_node (const Pool *pool, gint64 node, gint64 token)
{
  gint64 key = node << 32 | token;

  return (gint64) GPOINTER_TO_SIZE (g_hash_table_lookup (pool->edges, &key));
}

static gint64
add_node (Pool *pool, gint64 node, gint64 token)
{
  gint64 next = find_node (pool, node, token), none = -1, key = node << 32 | token;

  /* Node 0 is nobody's child, so 0 says that there is none. */
  if (next == 0)
    {
      next = pool->grams->len;
      g_array_append_val (pool->grams, none);
      g_hash_table_insert (pool->edges, g_memdup2 (&key, sizeof key), GSIZE_TO_POINTER (next));
    }
  return next;
}

static Pool *
pool_new (const TfIdfAttrs *at)
{
  gboolean strings = at->pool_strings.n > 0;
  gint64 n_items = strings ? at->pool_strings.n : at->pool_int64s.n, gram = 0, none = -1;
  Pool *pool = g_new (Pool, 1);

  pool->strings = g_hash_table_new (g_str_hash, g_str_equal);
  pool->ints = g_hash_table_new (g_int64_hash, g_int64_equal);
  pool->edges = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  pool->grams = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_array_append_val (pool->grams, none);
  for (gint64 i = 0; i < n_items && !ox_pause (i); i++)
    if (find_token (pool, strings ? at->pool_strings.v[i] : NULL, strings ? 0 : at->pool_int64s.v[i]) < 0)
      {
        if (strings)
          g_hash_table_insert (pool->strings, (gpointer) at->pool_strings.v[i], GSIZE_TO_POINTER (i));
        else
          g_hash_table_insert (pool->ints, (gpointer) &at->pool_int64s.v[i], GSIZE_TO_POINTER (i));
      }
  for (int length = 1; length <= at->ngram_counts.n; length++)
    {
      gint64 begin = at->ngram_counts.v[length - 1];
      gint64 end = length < at->ngram_counts.n ? at->ngram_counts.v[length] : n_items;

      for (; begin + length <= end; begin += length, gram++)
        {
          gint64 node = 0;

          if (length < at->min_gram_length || length > at->max_gram_length)
            continue;
          for (gint64 i = begin; i < begin + length; i++)
            node = add_node (
                pool, node,
                find_token (pool, strings ? at->pool_strings.v[i] : NULL, strings ? 0 : at->pool_int64s.v[i]));
          g_array_index (pool->grams, gint64, node) = gram;
        }
    }
  return pool;
}

static gboolean
tfidf_check (const TfIdfAttrs *at, gint64 *width, GError **error)
{
  gint64 n_items = at->pool_strings.n > 0 ? at->pool_strings.n : at->pool_int64s.n, last = 0, grams = 0;

  if (!g_str_equal (at->mode, "TF") && !g_str_equal (at->mode, "IDF") && !g_str_equal (at->mode, "TFIDF"))
    return ox_fail (error, OX_ERROR_VALUE, "mode '%s' is not one of TF, IDF, TFIDF", at->mode);
  if (at->min_gram_length < 1 || at->max_gram_length < at->min_gram_length || at->max_skip_count < 0)
    return ox_fail (error, OX_ERROR_VALUE,
                    "grams of %" G_GINT64_FORMAT "..%" G_GINT64_FORMAT " tokens with up to %" G_GINT64_FORMAT
                    " skipped make no sense",
                    at->min_gram_length, at->max_gram_length, at->max_skip_count);
  if ((at->pool_strings.n > 0) == (at->pool_int64s.n > 0))
    return ox_fail (error, OX_ERROR_MODEL, "one of pool_strings and pool_int64s must be given");
  if (at->ngram_counts.n < at->max_gram_length)
    return ox_fail (error, OX_ERROR_MODEL, "ngram_counts has %d entries for grams of up to %" G_GINT64_FORMAT,
                    at->ngram_counts.n, at->max_gram_length);
  for (int i = 0; i < at->ngram_counts.n; i++)
    {
      gint64 end = i + 1 < at->ngram_counts.n ? at->ngram_counts.v[i + 1] : n_items;

      if (at->ngram_counts.v[i] < last || at->ngram_counts.v[i] > n_items || end < at->ngram_counts.v[i]
          || (end - at->ngram_counts.v[i]) % (i + 1) != 0)
        return ox_fail (error, OX_ERROR_MODEL, "ngram_counts[%d] = %" G_GINT64_FORMAT " does not cut the pool of %"
                        G_GINT64_FORMAT " into grams", i, at->ngram_counts.v[i], n_items);
      last = at->ngram_counts.v[i];
      grams += (end - last) / (i + 1);
    }
  if (at->ngram_indexes.n != grams)
    return ox_fail (error, OX_ERROR_MODEL, "ngram_indexes has %d entries, the pool %" G_GINT64_FORMAT " grams",
                    at->ngram_indexes.n, grams);
  if (at->weights.n > 0 && at->weights.n != grams)
    return ox_fail (error, OX_ERROR_MODEL, "weights has %d entries, the pool %" G_GINT64_FORMAT " grams", at->weights.n,
                    grams);
  *width = 0;
  for (int i = 0; i < at->ngram_indexes.n; i++)
    {
      if (at->ngram_indexes.v[i] < 0 || at->ngram_indexes.v[i] > G_MAXINT32)
        return ox_fail (error, OX_ERROR_VALUE, "ngram_indexes has an entry of %" G_GINT64_FORMAT,
                        at->ngram_indexes.v[i]);
      *width = MAX (*width, at->ngram_indexes.v[i] + 1);
    }
  return TRUE;
}

static gboolean
tfidf_infer (OxCall *call, GError **error)
{
  const TfIdfAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x);
  OxDtype dtype = ox_fact_dtype (x);
  gint64 width;

  if (!tfidf_check (at, &width, error))
    return FALSE;
  if (dtype != OX_UNDEFINED && (at->pool_strings.n > 0 ? dtype != OX_STR : !ox_dtype_is_integer (dtype)))
    return ox_fail (error, OX_ERROR_DTYPE, "X is %s, the pool holds %s", ox_dtype_name (dtype),
                    at->pool_strings.n > 0 ? "strings" : "integers");
  if (rank > 2)
    return ox_fail (error, OX_ERROR_SHAPE, "X has rank %d, expected [C] or [N, C]", rank);
  if (rank < 0)
    ox_call_set_unknown (call, 0, OX_F32);
  else if (rank == 2)
    ox_call_set (call, 0, OX_F32, 2, (OxDim[]){ x->dims[0], width });
  else
    ox_call_set (call, 0, OX_F32, 1, &width);
  return TRUE;
}

/* Counts the grams of one row of tokens; each gram may skip the same number of tokens between its own. */
static void
count_row (const TfIdfAttrs *at, const Pool *pool, const gint64 *tokens, gint64 n, gint64 *counts)
{
  gint64 shortest = at->min_gram_length;

  for (gint64 step = 1; step <= MIN (at->max_skip_count, n) + 1 && shortest <= at->max_gram_length && !ox_turn (); step++)
    {
      for (gint64 start = 0; start < n && !ox_turn (); start++)
        {
          gint64 node = 0, at_token = start;

          for (gint64 length = 1; length <= at->max_gram_length && at_token < n; length++, at_token += step)
            {
              gint64 gram;

              node = tokens[at_token] >= 0 ? find_node (pool, node, tokens[at_token]) : 0;
              if (node == 0)
                break;
              gram = g_array_index (pool->grams, gint64, node);
              if (length >= shortest && gram >= 0)
                counts[gram]++;
            }
        }
      /* A single token is the same at every step. */
      if (shortest == 1)
        shortest = 2;
    }
}

static gboolean
tfidf_run (OxCall *call, GError **error)
{
  const TfIdfAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  const OxFact *fact = ox_call_out_fact (call, 0);
  OxTensor *y = ox_tensor_new_zeros (OX_F32, fact->rank, fact->dims, error);
  const Pool *pool = ox_call_get_state (call);
  gboolean tf = !g_str_equal (at->mode, "IDF"), idf = !g_str_equal (at->mode, "TF");
  gint64 rows, columns, width, *counts, *tokens;

  if (y == NULL)
    return FALSE;
  ox_call_take (call, 0, y);
  if (pool == NULL)
    {
      Pool *made = pool_new (at);

      ox_call_set_state (call, made, pool_free);
      pool = made;
    }
  rows = x->rank == 2 ? x->dims[0] : 1;
  columns = x->rank == 0 ? 1 : x->dims[x->rank - 1];
  width = fact->dims[fact->rank - 1];
  counts = ox_call_scratch_n (call, at->ngram_indexes.n, sizeof (gint64), error);
  tokens = counts != NULL ? ox_call_scratch_n (call, columns, sizeof (gint64), error) : NULL;
  if (tokens == NULL)
    return FALSE;
  for (gint64 r = 0; r < rows && !ox_turn (); r++)
    {
      memset (counts, 0, (gsize) at->ngram_indexes.n * sizeof (gint64));
      for (gint64 i = 0; i < columns && !ox_pause (i); i++)
        tokens[i] = x->dtype == OX_STR ? find_token (pool, ox_tensor_get_string (x, r * columns + i), 0)
                                       : find_token (pool, NULL, ox_tensor_get_int (x, r * columns + i));
      count_row (at, pool, tokens, columns, counts);
      for (int g = 0; g < at->ngram_indexes.n; g++)
        if (counts[g] > 0)
          ((float *) y->data)[r * width + at->ngram_indexes.v[g]]
            += (tf ? (float) counts[g] : 1) * (idf && at->weights.n > 0 ? at->weights.v[g] : 1);
      if (ox_call_cancelled (call, error))
        return FALSE;
    }
  return TRUE;
}

static const OxAttrSpec tfidf_9[] = {
  OX_NEED (TfIdfAttrs, max_gram_length, INT),  OX_NEED (TfIdfAttrs, max_skip_count, INT),
  OX_NEED (TfIdfAttrs, min_gram_length, INT),  OX_NEED (TfIdfAttrs, mode, STRING),
  OX_NEED (TfIdfAttrs, ngram_counts, INTS),    OX_NEED (TfIdfAttrs, ngram_indexes, INTS),
  OX_ATTR (TfIdfAttrs, pool_int64s, INTS),     OX_ATTR (TfIdfAttrs, pool_strings, STRINGS),
  OX_ATTR (TfIdfAttrs, weights, FLOATS),
};

static const OxOp tfidf_rows[] = {
  { "TfIdfVectorizer", 9, { 1, 1 }, { 1, 1 }, OX_ATTRS (tfidf_9, TfIdfAttrs), .infer = tfidf_infer, .run = tfidf_run },
};

OX_FAMILY (tfidf, "ai.onnx", tfidf_rows);
