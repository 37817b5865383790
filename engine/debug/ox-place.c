/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-place.h"

#include <string.h>

#include "core/ox-error.h"
#include "model/ox-scope.h"

typedef enum { OPERATOR, DOMAIN_NAME, SCOPE, NAME, IN, OUT } Key;

static const char *const keys[] = { "op:", "domain:", "scope:", "name:", "in:", "out:" };

typedef struct
{
  Key     key;
  char   *pattern;
  OxDtype dtype;     /* IN, OUT */
} Word;

struct _OxPlace
{
  GArray *words;
};

static void
word_clear (gpointer data)
{
  g_free (((Word *) data)->pattern);
}

static int
key_of (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_has_prefix (word, keys[i]))
      return (int) i;
  return -1;
}

gboolean
ox_place_is_query (const char *text)
{
  return key_of (text) >= 0;
}

OxPlace *
ox_place_new (const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit_set (text, " \t", -1);
  g_autoptr (OxPlace) self = g_new0 (OxPlace, 1);

  self->words = g_array_new (FALSE, TRUE, sizeof (Word));
  g_array_set_clear_func (self->words, word_clear);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const int key = key_of (parts[i]);
      Word word = { 0 };

      if (parts[i][0] == '\0')
        continue;
      if (key < 0 || parts[i][strlen (keys[key])] == '\0')
        {
          ox_fail (error, OX_ERROR_VALUE, "expected op:, domain:, scope:, name:, in: or out: and what it is, found '%s'", parts[i]);
          return NULL;
        }
      word.key = (Key) key;
      word.pattern = g_strdup (parts[i] + strlen (keys[key]));
      word.dtype = key == IN || key == OUT ? ox_dtype_from_name (word.pattern) : OX_UNDEFINED;
      g_array_append_val (self->words, word);
      if ((key == IN || key == OUT) && word.dtype == OX_UNDEFINED)
        {
          ox_fail (error, OX_ERROR_VALUE, "there is no element type '%s'", word.pattern);
          return NULL;
        }
    }
  if (self->words->len > 0)
    return g_steal_pointer (&self);
  ox_fail (error, OX_ERROR_VALUE, "expected which nodes");
  return NULL;
}

void
ox_place_free (OxPlace *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->words);
  g_free (self);
}

static OxDtype
type_of (const OxSlot *slot)
{
  if (slot == NULL)
    return OX_UNDEFINED;
  if (slot->initializer != NULL)
    return slot->initializer->dtype;
  if (slot->type != NULL)
    return slot->type->dtype;
  return slot->inferred != NULL ? slot->inferred->dtype : OX_UNDEFINED;
}

static gboolean
has_type (const OxNode *node, gboolean outputs, OxDtype dtype)
{
  const guint n = outputs ? node->output_names->len : node->input_names->len;

  for (guint i = 0; i < n; i++)
    if (type_of (outputs ? ox_node_output_slot (node, (int) i) : ox_node_input_slot (node, (int) i)) == dtype)
      return TRUE;
  return FALSE;
}

static gboolean
in_scope (const OxNode *node, const char *pattern)
{
  g_autofree char *scope = ox_node_scope (node);

  return ox_scope_fits (scope, pattern);
}

static gboolean
like (const char *pattern, const char *text)
{
  g_autofree char *lower = g_ascii_strdown (text, -1), *wanted = g_ascii_strdown (pattern, -1);

  return g_pattern_match_simple (wanted, lower);
}

gboolean
ox_place_fits (const OxPlace *self, const OxNode *node)
{
  for (guint i = 0; i < self->words->len; i++)
    {
      const Word *word = &g_array_index (self->words, Word, i);
      gboolean fits;

      switch (word->key)
        {
        case OPERATOR:
          fits = like (word->pattern, node->op_type);
          break;
        case DOMAIN_NAME:
          fits = g_pattern_match_simple (word->pattern, node->domain);
          break;
        case SCOPE:
          fits = in_scope (node, word->pattern);
          break;
        case NAME:
          fits = g_pattern_match_simple (word->pattern, node->name);
          break;
        default:
          fits = has_type (node, word->key == OUT, word->dtype);
        }
      if (!fits)
        return FALSE;
    }
  return TRUE;
}
