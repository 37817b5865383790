/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

#include "kernel/ox-walk.h"
#include "ops/ox-re2.h"

/* StringConcat, StringSplit, RegexFullMatch, StringNormalizer. */

typedef struct { const char *delimiter; OxOptInt maxsplit; } SplitAttrs;
typedef struct { const char *pattern; } RegexAttrs;
typedef struct
{
  const char *case_change_action, *locale;
  gint64 is_case_sensitive;
  OxStrings stopwords;
} NormalizerAttrs;

static gboolean
expect_strings (OxCall *call, int i, GError **error)
{
  OxDtype dtype = ox_fact_dtype (ox_call_fact (call, i));

  if (dtype != OX_UNDEFINED && dtype != OX_STR)
    return ox_fail (error, OX_ERROR_DTYPE, "input %d is %s, expected strings", i, ox_dtype_name (dtype));
  return TRUE;
}

/* ---- StringConcat --------------------------------------------------------------------------------------------- */

static gboolean
concat_infer (OxCall *call, GError **error)
{
  return expect_strings (call, 0, error) && expect_strings (call, 1, error) && ox_infer_broadcast (call, error);
}

static void
concat_loop (char **p, const gint64 *step, gint64 n, const void *user)
{
  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    {
      const char *a = *(char *const *) (p[1] + i * step[1]), *b = *(char *const *) (p[2] + i * step[2]);
      g_autofree char *joined = g_strconcat (a != NULL ? a : "", b != NULL ? b : "", NULL);

      *(char **) (p[0] + i * step[0]) = g_ref_string_new (joined);
    }
}

static gboolean
concat_run (OxCall *call, GError **error)
{
  const OxTensor *in[2] = { ox_call_in (call, 0), ox_call_in (call, 1) };
  OxTensor *out = ox_call_out (call, 0, error);

  if (out == NULL)
    return FALSE;
  ox_walk_tensors (out, 2, in, concat_loop, NULL);
  return TRUE;
}

/* ---- StringSplit ---------------------------------------------------------------------------------------------- */

static gboolean
split_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x);
  OxDim dims[OX_MAX_RANK + 1];

  if (!expect_strings (call, 0, error))
    return FALSE;
  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, OX_STR);
      ox_call_set_unknown (call, 1, OX_I64);
      return TRUE;
    }
  if (rank > 0)
    memcpy (dims, x->dims, (gsize) rank * sizeof (OxDim));
  ox_call_set (call, 1, OX_I64, rank, dims);
  dims[rank] = OX_DIM_UNKNOWN;
  return ox_call_set_checked (call, 0, OX_STR, rank + 1, dims, error);
}

static const char *
skip_space (const char *text)
{
  while (*text != '\0' && g_unichar_isspace (g_utf8_get_char_validated (text, -1)))
    text = g_utf8_next_char (text);
  return text;
}

/* The end of the word that begins at @text; bytes that are no UTF-8 belong to it. */
static const char *
skip_word (const char *text)
{
  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char_validated (text, -1);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        text++;
      else if (g_unichar_isspace (c))
        break;
      else
        text = g_utf8_next_char (text);
    }
  return text;
}

/* As Python splits: without a delimiter at runs of white space, and no part is empty then. */
static void
split_text (const char *text, const SplitAttrs *at, GPtrArray *parts)
{
  gboolean limited = at->maxsplit.set && at->maxsplit.v >= 0;
  gsize length = at->delimiter != NULL ? strlen (at->delimiter) : 0;
  gint64 left = limited ? at->maxsplit.v : G_MAXINT64;

  if (length > 0)
    {
      for (const char *end; left > 0 && (end = strstr (text, at->delimiter)) != NULL; left--, text = end + length)
        g_ptr_array_add (parts, g_ref_string_new_len (text, end - text));
      g_ptr_array_add (parts, g_ref_string_new (text));
      return;
    }
  for (text = skip_space (text); *text != '\0'; left--)
    {
      const char *end = left > 0 ? skip_word (text) : text + strlen (text);

      g_ptr_array_add (parts, g_ref_string_new_len (text, end - text));
      text = skip_space (end);
    }
}

static gboolean
split_run (OxCall *call, GError **error)
{
  const SplitAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  OxTensor *counts = ox_call_out (call, 1, error), *out;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ref_string_release);
  gint64 most = 0, dims[OX_MAX_RANK + 1], *n;
  guint from = 0;

  if (counts == NULL)
    return FALSE;
  n = (gint64 *) counts->data;
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      guint before = parts->len;

      split_text (ox_tensor_get_string (x, i), at, parts);
      n[i] = parts->len - before;
      most = MAX (most, n[i]);
    }
  if (x->rank > 0)
    memcpy (dims, x->dims, (gsize) x->rank * sizeof (gint64));
  dims[x->rank] = most;
  out = ox_call_alloc (call, 0, OX_STR, x->rank + 1, dims, error);
  if (out == NULL)
    return FALSE;
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    for (gint64 k = 0; k < n[i]; k++)
      ((char **) out->data)[i * most + k] = g_ref_string_acquire (g_ptr_array_index (parts, from++));
  return TRUE;
}

/* ---- RegexFullMatch ------------------------------------------------------------------------------------------- */

static gboolean
regex_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x);

  if (!expect_strings (call, 0, error))
    return FALSE;
  ox_call_set (call, 0, OX_BOOL, rank, rank > 0 ? x->dims : NULL);
  return TRUE;
}

static gboolean
regex_run (OxCall *call, GError **error)
{
  const RegexAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);
  GRegex *regex = ox_call_get_state (call);

  if (out == NULL)
    return FALSE;
  if (regex == NULL)
    {
      regex = ox_re2_full_match (at->pattern, error);
      if (regex == NULL)
        return FALSE;
      ox_call_set_state (call, regex, (GDestroyNotify) g_regex_unref);
    }
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      g_autoptr (GError) problem = NULL;

      out->data[i] = g_regex_match_full (regex, ox_tensor_get_string (x, i), -1, 0, 0, NULL, &problem);
      if (problem != NULL)
        return ox_fail (error, OX_ERROR_VALUE, "string %" G_GINT64_FORMAT " cannot be matched: %s", i,
                        problem->message);
    }
  return TRUE;
}

/* ---- StringNormalizer ----------------------------------------------------------------------------------------- */

typedef enum { CASE_NONE, CASE_LOWER, CASE_UPPER } CaseAction;

static gboolean
normalizer_action (const NormalizerAttrs *at, CaseAction *action, GError **error)
{
  static const char *const names[] = { "NONE", "LOWER", "UPPER" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], at->case_change_action))
      {
        *action = i;
        break;
      }
    else if (i + 1 == G_N_ELEMENTS (names))
      return ox_fail (error, OX_ERROR_VALUE, "case_change_action '%s' is not one of NONE, LOWER, UPPER",
                      at->case_change_action);
  /* Letters have one other case everywhere but in these languages. */
  for (const char *const *name = (const char *const[]){ "tr", "az", "lt", NULL }; *action != CASE_NONE && *name; name++)
    if (at->locale != NULL && g_ascii_strncasecmp (at->locale, *name, 2) == 0 && !g_ascii_isalpha (at->locale[2]))
      return ox_fail (error, OX_ERROR_UNSUPPORTED, "the letters of locale '%s' are not known", at->locale);
  return TRUE;
}

static gboolean
normalizer_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x);
  CaseAction action;

  if (!expect_strings (call, 0, error) || !normalizer_action (call->attrs, &action, error))
    return FALSE;
  if (rank >= 0 && rank != 1 && !(rank == 2 && (x->dims[0] == 1 || !ox_dim_known (x->dims[0]))))
    return ox_fail (error, OX_ERROR_SHAPE, "X must be [C] or [1, C]");
  ox_call_set (call, 0, OX_STR, rank, (OxDim[]){ rank == 2 ? 1 : OX_DIM_UNKNOWN, OX_DIM_UNKNOWN });
  return TRUE;
}

/* Letter by letter, so that the result does not depend on where the program runs. (transfer full) */
static char *
change_case (const char *text, CaseAction action)
{
  GString *out = g_string_new (NULL);

  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char_validated (text, -1);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_c (out, *text++);
          continue;
        }
      g_string_append_unichar (out, action == CASE_UPPER ? g_unichar_toupper (c)
                                    : action == CASE_LOWER ? g_unichar_tolower (c)
                                                           : c);
      text = g_utf8_next_char (text);
    }
  return g_string_free (out, FALSE);
}

static gboolean
normalizer_run (OxCall *call, GError **error)
{
  const NormalizerAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  g_autoptr (GHashTable) stop = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  CaseAction action, fold = at->is_case_sensitive ? CASE_NONE : CASE_LOWER;
  gint64 n;
  OxTensor *out;

  if (!normalizer_action (at, &action, error))
    return FALSE;
  for (int i = 0; i < at->stopwords.n; i++)
    g_hash_table_add (stop, change_case (at->stopwords.v[i], fold));
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      const char *text = ox_tensor_get_string (x, i);
      g_autofree char *folded = change_case (text, fold);

      if (!g_hash_table_contains (stop, folded))
        g_ptr_array_add (kept, change_case (text, action));
    }
  /* When nothing is left the result is one empty string. */
  n = MAX (kept->len, 1);
  out = ox_call_alloc (call, 0, OX_STR, x->rank, x->rank == 2 ? (gint64[]){ 1, n } : &n, error);
  if (out == NULL)
    return FALSE;
  for (guint i = 0; i < kept->len; i++)
    ox_tensor_set_string (out, i, g_ptr_array_index (kept, i), -1);
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec split_20[] = { OX_STRING (SplitAttrs, delimiter, NULL),
                                       OX_ATTR (SplitAttrs, maxsplit, OPT_INT) };
static const OxAttrSpec regex_20[] = { OX_NEED (RegexAttrs, pattern, STRING) };
static const OxAttrSpec normalizer_10[]
  = { OX_STRING (NormalizerAttrs, case_change_action, "NONE"), OX_STRING (NormalizerAttrs, locale, NULL),
      OX_INT (NormalizerAttrs, is_case_sensitive, 0), OX_ATTR (NormalizerAttrs, stopwords, STRINGS) };

static const OxOp strings_rows[] = {
  { "StringConcat", 20, { 2, 2 }, { 1, 1 }, .infer = concat_infer, .run = concat_run },
  { "StringSplit", 20, { 1, 1 }, { 2, 2 }, OX_ATTRS (split_20, SplitAttrs), .infer = split_infer, .run = split_run },
  { "RegexFullMatch", 20, { 1, 1 }, { 1, 1 }, OX_ATTRS (regex_20, RegexAttrs), .infer = regex_infer, .run = regex_run },
  { "StringNormalizer", 10, { 1, 1 }, { 1, 1 }, OX_ATTRS (normalizer_10, NormalizerAttrs), .infer = normalizer_infer,
    .run = normalizer_run },
};

OX_FAMILY (strings, "ai.onnx", strings_rows);
