/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

/* BertTokenizer of ONNX Runtime's extensions: a text, or two, to ids of word pieces. */

typedef struct
{
  const char *vocab_file, *unk_token, *sep_token, *pad_token, *cls_token, *mask_token, *suffix_indicator;
  const char *truncation_strategy_name;
  gint64 do_lower_case, do_basic_tokenize, tokenize_chinese_chars, strip_accents, max_length;
} BertAttrs;

/* Longer words are unknown. */
#define LONGEST_WORD 200

/* ---- the vocabulary ------------------------------------------------------------------------------------------- */

/* Pieces, a line each; empty lines do not count. */
static GHashTable *
vocabulary (OxCall *call)
{
  GHashTable *table = ox_call_get_state (call);
  g_auto (GStrv) lines = NULL;
  gsize id = 0;

  if (table != NULL)
    return table;
  table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  lines = g_strsplit (((const BertAttrs *) call->attrs)->vocab_file, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0')
      g_hash_table_replace (table, g_strdup (lines[i]), GSIZE_TO_POINTER (id++));
  ox_call_set_state (call, table, (GDestroyNotify) g_hash_table_unref);
  return table;
}

static gboolean
find_piece (GHashTable *pieces, const char *piece, gint64 *id)
{
  gpointer value;

  if (!g_hash_table_lookup_extended (pieces, piece, NULL, &value))
    return FALSE;
  *id = (gint64) GPOINTER_TO_SIZE (value);
  return TRUE;
}

static gboolean
special (GHashTable *pieces, const char *piece, gint64 *id, GError **error)
{
  return find_piece (pieces, piece, id)
         || ox_fail (error, OX_ERROR_VALUE, "the vocabulary has no '%s'", piece);
}

/* ---- words ---------------------------------------------------------------------------------------------------- */

/* The blocks of Unicode that are written without spaces, as BERT has them. */
static gboolean
is_ideograph (gunichar c)
{
  static const gunichar blocks[][2] = { { 0x4e00, 0x9fff },   { 0x3400, 0x4dbf },   { 0x20000, 0x2a6df }, { 0x2a700, 0x2b73f },
                                        { 0x2b740, 0x2b81f }, { 0x2b820, 0x2ceaf }, { 0xf900, 0xfaff },   { 0x2f800, 0x2fa1f } };

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    if (c >= blocks[i][0] && c <= blocks[i][1])
      return TRUE;
  return FALSE;
}

static gboolean
is_punctuation (gunichar c)
{
  if (c < 128)
    return g_ascii_ispunct ((char) c);
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONNECT_PUNCTUATION:
    case G_UNICODE_DASH_PUNCTUATION:
    case G_UNICODE_OPEN_PUNCTUATION:
    case G_UNICODE_CLOSE_PUNCTUATION:
    case G_UNICODE_INITIAL_PUNCTUATION:
    case G_UNICODE_FINAL_PUNCTUATION:
    case G_UNICODE_OTHER_PUNCTUATION:
      return TRUE;
    default:
      return FALSE;
    }
}

static void
end_word (GPtrArray *words, GString *word)
{
  if (word->len > 0)
    g_ptr_array_add (words, g_strdup (word->str));
  g_string_truncate (word, 0);
}

/* Parts at spaces, and around punctuation and ideographs, which are words of their own. */
static GPtrArray *
split_words (const BertAttrs *at, const char *text)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) word = g_string_new (NULL);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *plain = at->do_basic_tokenize && at->strip_accents ? g_utf8_normalize (valid, -1, G_NORMALIZE_NFD)
                                                                      : g_strdup (valid);

  for (const char *p = plain; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean alone;

      if (!at->do_basic_tokenize)
        {
          if (c == ' ')
            end_word (words, word);
          else
            g_string_append_unichar (word, c);
          continue;
        }
      if (at->strip_accents && g_unichar_type (c) == G_UNICODE_NON_SPACING_MARK)
        continue;
      if (at->do_lower_case)
        c = g_unichar_tolower (c);
      if (g_unichar_isspace (c))
        {
          end_word (words, word);
          continue;
        }
      if (c == 0xfffd || g_unichar_type (c) == G_UNICODE_CONTROL || g_unichar_type (c) == G_UNICODE_FORMAT)
        continue;
      alone = is_punctuation (c) || (at->tokenize_chinese_chars && is_ideograph (c));
      if (alone)
        end_word (words, word);
      g_string_append_unichar (word, c);
      if (alone)
        end_word (words, word);
    }
  end_word (words, word);
  return words;
}

/* ---- pieces --------------------------------------------------------------------------------------------------- */

/* The longest pieces from the left; a rest that has none makes it unknown. */
static void
add_pieces (const BertAttrs *at, GHashTable *pieces, const char *word, gint64 unknown, GArray *ids)
{
  if (g_utf8_strlen (word, -1) > LONGEST_WORD)
    {
      g_array_append_val (ids, unknown);
      return;
    }
  for (const char *start = word; *start != '\0';)
    {
      const char *end = start + strlen (start);
      gint64 id = unknown;

      for (; end > start; end = g_utf8_prev_char (end))
        {
          g_autofree char *piece = g_strdup_printf ("%s%.*s", start > word ? at->suffix_indicator : "", (int) (end - start), start);

          if (find_piece (pieces, piece, &id))
            break;
        }
      g_array_append_val (ids, id);
      if (end == start)
        return;
      start = end;
    }
}

static GArray *
encode (const BertAttrs *at, GHashTable *pieces, const char *text, gint64 unknown)
{
  g_autoptr (GPtrArray) words = split_words (at, text);
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < words->len; i++)
    add_pieces (at, pieces, g_ptr_array_index (words, i), unknown, ids);
  return ids;
}

/* Keeps @n of @ids, the last ones for @back. */
static void
keep (GArray *ids, gint64 n, gboolean back)
{
  guint drop = n < (gint64) ids->len ? ids->len - (guint) MAX (n, 0) : 0;

  if (drop > 0)
    g_array_remove_range (ids, back ? 0 : ids->len - drop, drop);
}

/* What is beyond max_length, which counts the special pieces, goes. */
static void
cut (const BertAttrs *at, GArray *first, GArray *second)
{
  const char *strategy = at->truncation_strategy_name;
  gboolean back = g_str_equal (strategy, "longest_from_back");
  gint64 a = first->len, b = second != NULL ? second->len : 0, most, half;

  if (at->max_length < 1)
    return;
  most = MAX (at->max_length - (second != NULL ? 3 : 2), 0);
  half = most / 2;
  if (a + b <= most)
    return;
  if (second == NULL)
    a = most;
  else if (g_str_equal (strategy, "only_first"))
    a = most - b;
  else if (g_str_equal (strategy, "only_second"))
    b = most - a;
  else if (a > half && b > half)
    {
      a = most - half;
      b = half;
    }
  else if (b > a)
    b = most - a;
  else
    a = most - b;
  keep (first, a, back && second != NULL);
  if (second != NULL)
    keep (second, b, back);
}

/* ---- the operator --------------------------------------------------------------------------------------------- */

static gboolean
bert_infer (OxCall *call, GError **error)
{
  static const char *const strategies[] = { "longest_first", "longest_from_back", "only_first", "only_second", NULL };
  const char *strategy = ((const BertAttrs *) call->attrs)->truncation_strategy_name;
  const OxFact *x = ox_call_fact (call, 0);
  OxDim unknown = OX_DIM_UNKNOWN;

  if (!g_strv_contains (strategies, strategy))
    return ox_fail (error, OX_ERROR_VALUE, "truncation_strategy_name '%s' is not known", strategy);
  if (ox_fact_dtype (x) != OX_UNDEFINED && x->dtype != OX_STR)
    return ox_fail (error, OX_ERROR_DTYPE, "expected texts, found %s", ox_dtype_name (x->dtype));
  for (int o = 0; o < 3; o++)
    ox_call_set (call, o, OX_I64, 1, &unknown);
  return TRUE;
}

static gboolean
bert_run (OxCall *call, GError **error)
{
  const BertAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  GHashTable *pieces = vocabulary (call);
  g_autoptr (GArray) first = NULL;
  g_autoptr (GArray) second = NULL;
  gint64 unknown = 0, separator = 0, start = 0, pad, mask, count;
  const char *a, *b;
  OxTensor *out[3];

  if (x == NULL || !special (pieces, at->unk_token, &unknown, error) || !special (pieces, at->sep_token, &separator, error)
      || !special (pieces, at->cls_token, &start, error) || !special (pieces, at->pad_token, &pad, error)
      || !special (pieces, at->mask_token, &mask, error))
    return FALSE;
  if (x->count != 1 && x->count != 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected one text or two, found %" G_GINT64_FORMAT, x->count);
  a = ox_tensor_get_string (x, 0);
  b = x->count == 2 ? ox_tensor_get_string (x, 1) : "";
  /* An empty text is none. */
  first = encode (at, pieces, *a != '\0' || *b == '\0' ? a : b, unknown);
  if (*a != '\0' && *b != '\0')
    second = encode (at, pieces, b, unknown);
  cut (at, first, second);
  g_array_prepend_val (first, start);
  g_array_append_val (first, separator);
  if (second != NULL)
    g_array_append_val (second, separator);
  count = (gint64) first->len + (second != NULL ? (gint64) second->len : 0);
  for (int o = 0; o < 3; o++)
    if ((out[o] = ox_call_alloc (call, o, OX_I64, 1, &count, error)) == NULL)
      return FALSE;
  for (gint64 i = 0; i < count && !ox_pause (i); i++)
    {
      gboolean behind = i >= (gint64) first->len;

      ((gint64 *) out[0]->data)[i] = behind ? g_array_index (second, gint64, (guint) i - first->len)
                                            : g_array_index (first, gint64, (guint) i);
      ((gint64 *) out[1]->data)[i] = behind;
      ((gint64 *) out[2]->data)[i] = 1;
    }
  return TRUE;
}

static const OxAttrSpec bert_specs[] = {
  OX_NEED (BertAttrs, vocab_file, STRING),
  OX_STRING (BertAttrs, unk_token, "[UNK]"),
  OX_STRING (BertAttrs, sep_token, "[SEP]"),
  OX_STRING (BertAttrs, pad_token, "[PAD]"),
  OX_STRING (BertAttrs, cls_token, "[CLS]"),
  OX_STRING (BertAttrs, mask_token, "[MASK]"),
  OX_STRING (BertAttrs, suffix_indicator, "##"),
  OX_STRING (BertAttrs, truncation_strategy_name, "longest_first"),
  OX_INT (BertAttrs, do_lower_case, 1),
  OX_INT (BertAttrs, do_basic_tokenize, 1),
  OX_INT (BertAttrs, tokenize_chinese_chars, 1),
  OX_INT (BertAttrs, strip_accents, 0),
  OX_INT (BertAttrs, max_length, -1),
};

static const OxOp bert_tokenizer_rows[] = {
  { "BertTokenizer", 1, { 1, 1 }, { 3, 3 }, OX_ATTRS (bert_specs, BertAttrs), bert_infer, bert_run },
};

OX_FAMILY (bert_tokenizer, "ai.onnx.contrib", bert_tokenizer_rows);
