/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

#include "ops/ox-re2.h"

/* Tokenizer of ONNX Runtime: texts parted by separators, into matches of an expression, or into characters. */

typedef struct
{
  gint64 mark, mincharnum;
  const char *pad_value, *tokenexp;
  OxStrings separators;
} TokenizerAttrs;

/* How a row of texts is parted. */
typedef struct
{
  GPtrArray *separators; /* GRegex, none: by @token; neither: into characters */
  GRegex *token;
} Way;

static void
way_free (Way *way)
{
  g_clear_pointer (&way->separators, g_ptr_array_unref);
  g_clear_pointer (&way->token, g_regex_unref);
  g_free (way);
}

static gboolean
is_by_character (const TokenizerAttrs *at)
{
  if (at->separators.n > 0)
    return at->separators.n == 1 && *at->separators.v[0] == '\0';
  return g_str_equal (at->tokenexp, ".");
}

/* Made once a node; NULL for a wrong expression. */
static Way *
way_get (OxCall *call, GError **error)
{
  const TokenizerAttrs *at = call->attrs;
  Way *way = ox_call_get_state (call);

  if (way != NULL)
    return way;
  way = g_new0 (Way, 1);
  if (!is_by_character (at) && at->separators.n > 0)
    way->separators = g_ptr_array_new_with_free_func ((GDestroyNotify) g_regex_unref);
  for (int i = 0; way->separators != NULL && i < at->separators.n; i++)
    {
      GRegex *regex = ox_re2_search (at->separators.v[i], error);

      if (regex == NULL)
        {
          way_free (way);
          return NULL;
        }
      g_ptr_array_add (way->separators, regex);
    }
  if (!is_by_character (at) && at->separators.n == 0 && (way->token = ox_re2_search (at->tokenexp, error)) == NULL)
    {
      way_free (way);
      return NULL;
    }
  ox_call_set_state (call, way, (GDestroyNotify) way_free);
  return way;
}

static gboolean
tokenizer_infer (OxCall *call, GError **error)
{
  const TokenizerAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  OxDim dims[OX_MAX_RANK + 1];

  if ((at->separators.n > 0) == (at->tokenexp != NULL && *at->tokenexp != '\0'))
    return ox_fail (error, OX_ERROR_MODEL, "one of separators and tokenexp must be given");
  if (at->mincharnum < 1)
    return ox_fail (error, OX_ERROR_VALUE, "mincharnum is %" G_GINT64_FORMAT, at->mincharnum);
  if (ox_fact_dtype (x) != OX_UNDEFINED && x->dtype != OX_STR)
    return ox_fail (error, OX_ERROR_DTYPE, "expected texts, found %s", ox_dtype_name (x->dtype));
  if (ox_fact_rank (x) < 0)
    {
      ox_call_set_unknown (call, 0, OX_STR);
      return TRUE;
    }
  if (x->rank < 1 || x->rank > 2)
    return ox_fail (error, OX_ERROR_SHAPE, "the texts have rank %d, expected 1 or 2", x->rank);
  /* Without a text the shape is that of the input; else there is an axis more. */
  if (call->running || !ox_dim_known (x->dims[0]) || !ox_dim_known (x->dims[x->rank - 1]))
    {
      ox_call_set_unknown (call, 0, OX_STR);
      return TRUE;
    }
  memcpy (dims, x->dims, (gsize) x->rank * sizeof (OxDim));
  dims[x->rank] = OX_DIM_UNKNOWN;
  ox_call_set (call, 0, OX_STR, x->dims[0] == 0 || x->dims[x->rank - 1] == 0 ? x->rank : x->rank + 1, dims);
  return TRUE;
}

static void
keep (GPtrArray *tokens, const char *from, gssize length)
{
  if (length > 0)
    g_ptr_array_add (tokens, g_strndup (from, (gsize) length));
}

/* The longest match at the first place where there is one, and so on behind it. */
static void
cut_at (const GRegex *regex, const char *text, gboolean between, GPtrArray *tokens)
{
  gssize done = 0, size = (gssize) strlen (text);

  for (gssize at = 0; at <= size;)
    {
      g_autoptr (GMatchInfo) match = NULL;
      int start, end;

      if (!g_regex_match_all_full (regex, text, size, (int) at, 0, &match, NULL)
          || !g_match_info_fetch_pos (match, 0, &start, &end))
        break;
      if (end == start)
        {
          /* An empty match parts nothing. */
          at = start < size ? g_utf8_next_char (text + start) - text : size + 1;
          continue;
        }
      if (between)
        keep (tokens, text + done, start - done);
      else
        keep (tokens, text + start, end - start);
      at = done = end;
    }
  if (between)
    keep (tokens, text + done, size - done);
}

/* (transfer full) */
static GPtrArray *
tokenize (const TokenizerAttrs *at, const Way *way, const char *given)
{
  GPtrArray *tokens = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = g_utf8_make_valid (given, -1);

  if (way->token != NULL)
    cut_at (way->token, text, FALSE, tokens);
  else if (way->separators != NULL)
    {
      keep (tokens, text, (gssize) strlen (text));
      /* One separator after the other, each on what the ones before have left. */
      for (guint s = 0; s < way->separators->len; s++)
        {
          GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);

          for (guint i = 0; i < tokens->len; i++)
            cut_at (g_ptr_array_index (way->separators, s), g_ptr_array_index (tokens, i), TRUE, parts);
          g_ptr_array_unref (tokens);
          tokens = parts;
        }
    }
  else
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
      keep (tokens, p, g_utf8_next_char (p) - p);
  for (guint i = tokens->len; i-- > 0;)
    if (g_utf8_strlen (g_ptr_array_index (tokens, i), -1) < at->mincharnum)
      g_ptr_array_remove_index (tokens, i);
  return tokens;
}

static gboolean
tokenizer_run (OxCall *call, GError **error)
{
  const TokenizerAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  Way *way = x != NULL ? way_get (call, error) : NULL;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  gint64 dims[3], longest = 0, width;
  OxTensor *out;

  if (way == NULL)
    return FALSE;
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      GPtrArray *tokens = tokenize (at, way, ox_tensor_get_string (x, i));

      g_ptr_array_add (rows, tokens);
      longest = MAX (longest, (gint64) tokens->len);
    }
  /* The marks do not stand alone. */
  width = longest > 0 && at->mark ? longest + 2 : longest;
  memcpy (dims, x->dims, (gsize) x->rank * sizeof *dims);
  dims[x->rank] = width;
  if ((out = ox_call_alloc (call, 0, OX_STR, x->count == 0 ? x->rank : x->rank + 1, dims, error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < x->count && width > 0 && !ox_turn (); i++)
    {
      const GPtrArray *tokens = g_ptr_array_index (rows, (guint) i);
      gint64 to = i * width, end = to + width;

      if (at->mark)
        ox_tensor_set_string (out, to++, "\002", -1);
      for (guint t = 0; t < tokens->len; t++)
        ox_tensor_set_string (out, to++, g_ptr_array_index (tokens, t), -1);
      if (at->mark)
        ox_tensor_set_string (out, to++, "\003", -1);
      while (to < end)
        ox_tensor_set_string (out, to++, at->pad_value, -1);
    }
  return TRUE;
}

static const OxAttrSpec tokenizer_specs[] = {
  OX_NEED (TokenizerAttrs, mark, INT),        OX_NEED (TokenizerAttrs, mincharnum, INT),
  OX_NEED (TokenizerAttrs, pad_value, STRING), OX_STRING (TokenizerAttrs, tokenexp, NULL),
  OX_ATTR (TokenizerAttrs, separators, STRINGS),
};

static const OxOp tokenizer_rows[] = {
  { "Tokenizer", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (tokenizer_specs, TokenizerAttrs), tokenizer_infer, tokenizer_run },
};

OX_FAMILY (tokenizer, "com.microsoft", tokenizer_rows);
