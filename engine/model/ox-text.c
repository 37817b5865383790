/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/ox-text.h"

#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "model/ox-model-private.h"

typedef struct
{
  const char *at;
  OxGraph    *graph;
  OxDtype     scalar;
  guint       temporaries;
  int         depth;
  GHashTable *names;       /* that are taken: inputs, temporaries, constants */
  GHashTable *constants;   /* as written -> name */
} Parser;

static char *parse_value (Parser *self, GError **error);

/* ---- words ---------------------------------------------------------------------------------------------------- */

static void
skip (Parser *self)
{
  while (*self->at == ' ')
    self->at++;
}

static gboolean
accept (Parser *self, char c)
{
  skip (self);
  if (*self->at != c)
    return FALSE;
  self->at++;
  return TRUE;
}

static gboolean
fail (Parser *self, const char *expected, GError **error)
{
  return ox_fail (error, OX_ERROR_MODEL, "expected %s at '%.20s'", expected, self->at);
}

static gboolean
need (Parser *self, char c, GError **error)
{
  const char expected[] = { '\'', c, '\'', '\0' };

  return accept (self, c) || fail (self, expected, error);
}

static gboolean
at_end (Parser *self)
{
  skip (self);
  return *self->at == '\n' || *self->at == ';' || *self->at == '\0';
}

static gboolean
in_word (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '.';
}

static char *
parse_quoted (Parser *self, char end, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (self->at++; *self->at != end; self->at++)
    {
      if (*self->at == '\\')
        self->at++;
      if (*self->at == '\0')
        {
          fail (self, "the end of a text", error);
          return NULL;
        }
      g_string_append_c (text, *self->at);
    }
  self->at++;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A plain or a quoted name. */
static char *
parse_name (Parser *self, GError **error)
{
  const char *from;

  skip (self);
  if (*self->at == '\'')
    return parse_quoted (self, '\'', error);
  from = self->at;
  while (in_word (*self->at))
    self->at++;
  if (from == self->at)
    fail (self, "a name", error);
  return from != self->at ? g_strndup (from, (gsize) (self->at - from)) : NULL;
}

static gboolean
is_number (Parser *self)
{
  const char *at = self->at;

  skip (self);
  at = self->at + (*self->at == '-');
  return g_ascii_isdigit (*at) || (g_str_has_prefix (at, "inf") && !in_word (at[3]))
         || (g_str_has_prefix (at, "nan") && !in_word (at[3]));
}

/* @whole tells whether it was written as an integer. */
static gboolean
parse_number (Parser *self, double *real, gint64 *integer, gboolean *whole, GError **error)
{
  const char *from = self->at + (*self->at == '-');
  char *end;

  *integer = g_ascii_strtoll (self->at, &end, 10);
  *whole = g_ascii_isdigit (*from) && *end != '.' && *end != 'e';
  *real = (double) *integer;
  if (g_str_has_prefix (from, "inf") || g_str_has_prefix (from, "nan"))
    {
      *real = *from == 'n' ? NAN : from != self->at ? -INFINITY : INFINITY;
      self->at = from + 3;
      return TRUE;
    }
  if (!*whole)
    *real = g_ascii_strtod (self->at, &end);
  if (end == self->at)
    return fail (self, "a number", error);
  self->at = end;
  return TRUE;
}

/* ---- attributes ----------------------------------------------------------------------------------------------- */

static void
add_text (OxAttribute *attribute, const char *text)
{
  attribute->type = OX_ATTR_STRING;
  attribute->s = g_bytes_new (text, strlen (text));
}

/* A list is one of integers unless a number in it has a point. */
static gboolean
parse_list (Parser *self, OxAttribute *attribute, GError **error)
{
  g_autoptr (GArray) floats = g_array_new (FALSE, FALSE, sizeof (float)), ints = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean all_whole = TRUE;

  while (!accept (self, ']'))
    {
      double real;
      gint64 integer;
      gboolean whole;
      float single;

      if (floats->len > 0 && !need (self, ',', error))
        return FALSE;
      skip (self);
      if (!parse_number (self, &real, &integer, &whole, error))
        return FALSE;
      single = (float) real;
      g_array_append_val (floats, single);
      g_array_append_val (ints, integer);
      all_whole = all_whole && whole;
    }
  attribute->type = all_whole ? OX_ATTR_INTS : OX_ATTR_FLOATS;
  if (all_whole)
    attribute->ints = g_steal_pointer (&ints);
  else
    attribute->floats = g_steal_pointer (&floats);
  return TRUE;
}

static gboolean
parse_attribute (Parser *self, GPtrArray *attributes, GError **error)
{
  g_autofree char *name = parse_name (self, error), *text = NULL;
  OxAttribute *attribute;
  gboolean whole;

  if (name == NULL || !need (self, '=', error))
    return FALSE;
  attribute = ox_attribute_new (name, OX_ATTR_UNDEFINED);
  g_ptr_array_add (attributes, attribute);
  skip (self);
  if (accept (self, '['))
    return parse_list (self, attribute, error);
  if (*self->at == '"')
    {
      text = parse_quoted (self, '"', error);
      if (text != NULL)
        add_text (attribute, text);
      return text != NULL;
    }
  if (!parse_number (self, &attribute->f, &attribute->i, &whole, error))
    return FALSE;
  attribute->type = whole ? OX_ATTR_INT : OX_ATTR_FLOAT;
  if (!whole)
    attribute->f = (double) (float) attribute->f;
  return TRUE;
}

/* ---- constants ------------------------------------------------------------------------------------------------ */

/* @name (taken), or something longer that is free. */
static char *
claim (Parser *self, char *name)
{
  while (!g_hash_table_add (self->names, g_strdup (name)))
    {
      char *longer = g_strconcat (name, "'", NULL);

      g_free (name);
      name = longer;
    }
  return name;
}

/* Takes @tensor over. What is written alike is one constant; its name is how it is written. */
static char *
define (Parser *self, OxTensor *tensor, const char *from)
{
  g_autofree char *written = g_strndup (from, (gsize) (self->at - from));
  char *name = g_strdup (g_hash_table_lookup (self->constants, written));

  if (name != NULL)
    {
      ox_tensor_unref (tensor);
      return name;
    }
  name = claim (self, g_strconcat (in_word (from[0]) && g_ascii_isalpha (from[0]) ? "" : "const ", written, NULL));
  ox_graph_add_initializer (self->graph, ox_initializer_new_tensor (name, tensor));
  g_hash_table_insert (self->constants, g_steal_pointer (&written), g_strdup (name));
  return name;
}

static void
set_element (OxTensor *tensor, gint64 i, double real, gint64 integer, gboolean whole)
{
  if (tensor->dtype == OX_I64 && whole)
    ((gint64 *) (void *) tensor->data)[i] = integer;
  else
    ox_tensor_set (tensor, i, real);
}

static char *
parse_scalar (Parser *self, GError **error)
{
  const char *from = self->at;
  double real;
  gint64 integer;
  gboolean whole;
  OxTensor *tensor;

  if (!parse_number (self, &real, &integer, &whole, error))
    return NULL;
  tensor = ox_tensor_new_scalar (self->scalar, real);
  set_element (tensor, 0, real, integer, whole);
  return define (self, tensor, from);
}

/* After the name of the type. */
static char *
parse_constant (Parser *self, OxDtype dtype, const char *from, GError **error)
{
  gint64 dims[OX_MAX_RANK], integer;
  g_autoptr (OxTensor) tensor = NULL;
  gboolean whole;
  double real;
  int rank = 0;

  for (gboolean more = accept (self, '['); more; more = !accept (self, ']'))
    {
      if (rank > 0 && !need (self, ',', error))
        return NULL;
      skip (self);
      if (*self->at == ']')
        continue;
      if (rank == OX_MAX_RANK || !parse_number (self, &real, &dims[rank++], &whole, error))
        return NULL;
    }
  tensor = ox_tensor_new (dtype, rank, dims, error);
  if (tensor == NULL || !need (self, '{', error))
    return NULL;
  for (gint64 i = 0; i < tensor->count; i++)
    {
      if (i > 0 && !need (self, ',', error))
        return NULL;
      skip (self);
      if (!parse_number (self, &real, &integer, &whole, error))
        return NULL;
      set_element (tensor, i, real, integer, whole);
    }
  return need (self, '}', error) ? define (self, g_steal_pointer (&tensor), from) : NULL;
}

/* ---- nodes ---------------------------------------------------------------------------------------------------- */

/* After the operator's name. What stands inside becomes nodes before this one. */
static OxNode *
parse_call (Parser *self, const char *op, GError **error)
{
  g_autoptr (GPtrArray) attributes = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_attribute_free);
  g_autoptr (GPtrArray) inputs = g_ptr_array_new_with_free_func (g_free);
  OxNode *node;

  if (accept (self, '<'))
    for (gboolean more = TRUE; more; more = accept (self, ','))
      if (!parse_attribute (self, attributes, error))
        return NULL;
  if (attributes->len > 0 && !need (self, '>', error))
    return NULL;
  if (!need (self, '(', error))
    return NULL;
  if (!accept (self, ')'))
    {
      for (gboolean more = TRUE; more; more = accept (self, ','))
        {
          char *value;

          skip (self);
          value = *self->at == ',' || *self->at == ')' ? g_strdup ("") : parse_value (self, error);
          if (value == NULL)
            return NULL;
          g_ptr_array_add (inputs, value);
        }
      if (!need (self, ')', error))
        return NULL;
    }
  node = ox_graph_add_node (self->graph, op, NULL, NULL);
  while (attributes->len > 0)
    g_ptr_array_add (node->attributes, g_ptr_array_steal_index (attributes, 0));
  for (guint i = 0; i < inputs->len; i++)
    ox_node_add_input (node, g_ptr_array_index (inputs, i));
  return node;
}

/* The name of a value; a call gets one of its own. */
static char *
parse_value (Parser *self, GError **error)
{
  g_autofree char *name = NULL, *value = NULL;
  const char *from;
  gboolean quoted;
  OxNode *node;

  if (is_number (self))
    return parse_scalar (self, error);
  from = self->at;
  quoted = *from == '\'';
  name = parse_name (self, error);
  if (name == NULL || quoted)
    return g_steal_pointer (&name);
  if (*self->at == '[' || *self->at == '{')
    {
      OxDtype dtype = ox_dtype_from_name (name);

      if (dtype == OX_UNDEFINED)
        fail (self, "the name of a type before", error);
      return dtype != OX_UNDEFINED ? parse_constant (self, dtype, from, error) : NULL;
    }
  if (*self->at != '(' && *self->at != '<')
    return g_steal_pointer (&name);
  if (++self->depth > OX_MAX_NESTING)
    {
      fail (self, "fewer calls inside calls", error);
      return NULL;
    }
  node = parse_call (self, name, error);
  self->depth--;
  if (node == NULL)
    return NULL;
  value = claim (self, g_strdup_printf ("%%%u", ++self->temporaries));
  ox_node_add_output (node, value);
  return g_steal_pointer (&value);
}

static gboolean
parse_line (Parser *self, GError **error)
{
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *name = NULL;
  gboolean quoted;
  OxNode *node;

  for (gboolean more = TRUE; more; more = accept (self, ','))
    {
      char *output = parse_name (self, error);

      if (output == NULL)
        return FALSE;
      g_ptr_array_add (outputs, g_str_equal (output, "_") ? (g_free (output), g_strdup ("")) : output);
    }
  if (!need (self, '=', error))
    return FALSE;
  skip (self);
  quoted = *self->at == '\'';
  if (!quoted && g_ascii_isalpha (*self->at))
    {
      const char *end = self->at;

      while (in_word (*end))
        end++;
      quoted = *end != '(' && *end != '<';
    }
  else
    quoted = TRUE;
  name = quoted ? parse_value (self, error) : parse_name (self, error);
  if (name == NULL)
    return FALSE;
  if (quoted)
    {
      node = ox_graph_add_node (self->graph, "Identity", NULL, NULL);
      ox_node_add_input (node, name);
    }
  else
    node = parse_call (self, name, error);
  for (guint i = 0; node != NULL && i < outputs->len; i++)
    ox_node_add_output (node, g_ptr_array_index (outputs, i));
  return node != NULL && (at_end (self) || fail (self, "the end of the line", error));
}

static gboolean
parse_head (Parser *self, GError **error)
{
  skip (self);
  if (!g_str_has_prefix (self->at, "->"))
    for (gboolean more = TRUE; more; more = accept (self, ','))
      {
        g_autofree char *name = parse_name (self, error);

        if (name == NULL)
          return FALSE;
        ox_graph_add_input (self->graph, name, NULL);
        g_hash_table_add (self->names, g_steal_pointer (&name));
      }
  if (!need (self, '-', error) || !need (self, '>', error))
    return FALSE;
  for (gboolean more = TRUE; more; more = accept (self, ','))
    {
      g_autofree char *name = parse_name (self, error);

      if (name == NULL)
        return FALSE;
      ox_graph_add_output (self->graph, name, NULL);
    }
  return at_end (self) || fail (self, "the end of the line", error);
}

OxFunction *
ox_function_parse (OxModel *model, const char *name, gint64 opset, OxDtype scalar, const char *text, GError **error)
{
  OxFunction *function = ox_function_new_apart (model, name);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) constants = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Parser self = { text, function->body, scalar, 0, 0, names, constants };
  OxOpset import = { g_strdup ("ai.onnx"), opset };
  gboolean ok;

  g_array_append_val (function->opsets, import);
  ok = parse_head (&self, error);
  while (ok && *self.at != '\0')
    {
      self.at++;
      if (!at_end (&self))
        ok = parse_line (&self, error);
    }
  if (ok && ox_function_link (function, error))
    return function;
  ox_error_prefix (error, "%s", name);
  ox_function_free (function);
  return NULL;
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

void
ox_text_add_name (GString *text, const char *name)
{
  g_string_append_c (text, '\'');
  for (; *name != '\0'; name++)
    {
      if (*name == '\'' || *name == '\\')
        g_string_append_c (text, '\\');
      g_string_append_c (text, *name);
    }
  g_string_append_c (text, '\'');
}

void
ox_text_add_real (GString *text, double number)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (number))
    g_string_append (text, "nan");
  else if (isinf (number))
    g_string_append (text, number < 0 ? "-inf" : "inf");
  else
    {
      g_ascii_dtostr (digits, sizeof digits, number);
      g_string_append (text, digits);
      if (strpbrk (digits, ".e") == NULL)
        g_string_append (text, ".0");
    }
}
