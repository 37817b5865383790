/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-signature.h"

#include <string.h>

#include "ops/ox-op.h"

#define OX_SIGNATURE(...) { __VA_ARGS__ },
static const OxSignature table[] = {
#include "ops/signatures-a-d.def"
#include "ops/signatures-e-m.def"
#include "ops/signatures-n-r.def"
#include "ops/signatures-s-z.def"
#include "ops/signatures-other.def"
};
#undef OX_SIGNATURE

/* What the classes stand for. */
static const struct { const char *name, *types; } classes[] = {
  { "int", "i8+i16+i32+i64" },
  { "uint", "u8+u16+u32+u64" },
  { "float", "f16+f32+f64" },
  { "number", "int+uint+float" },
  { "wide", "i32+i64+u32+u64+float" },
  { "basic", "number+c64+c128+bool+str" },
  { "f8", "f8e4m3fn+f8e4m3fnuz+f8e5m2+f8e5m2fnuz" },
  { "i4s", "i4+u4" },
  { "i2s", "i2+u2" },
};

static OxSignature resolved[G_N_ELEMENTS (table)];
static GHashTable *first_of;      /* "domain/name" -> index + 1 of its first version */

static gboolean
same_operator (const OxSignature *a, const OxSignature *b)
{
  return strcmp (a->name, b->name) == 0 && strcmp (a->domain, b->domain) == 0;
}

static const char *
inherit (const char *text, const char *before)
{
  return strcmp (text, "=") == 0 ? before : text;
}

static void
resolve (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  first_of = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      OxSignature *mine = &resolved[i];

      *mine = table[i];
      if (i > 0 && same_operator (mine, mine - 1))
        {
          mine->inputs = inherit (mine->inputs, mine[-1].inputs);
          mine->outputs = inherit (mine->outputs, mine[-1].outputs);
          mine->attributes = inherit (mine->attributes, mine[-1].attributes);
          mine->types = inherit (mine->types, mine[-1].types);
        }
      else
        g_hash_table_insert (first_of, g_strconcat (mine->domain, "/", mine->name, NULL), GUINT_TO_POINTER (i + 1));
    }
  g_once_init_leave (&done, 1);
}

static const OxSignature *
find_first (const char *domain, const char *name)
{
  g_autofree char *key = g_strconcat (domain, "/", name, NULL);
  guint index;

  resolve ();
  index = GPOINTER_TO_UINT (g_hash_table_lookup (first_of, key));
  return index > 0 ? &resolved[index - 1] : NULL;
}

const OxSignature *
ox_signature_find (const char *domain, const char *name, gint64 version)
{
  const OxSignature *at = find_first (domain, name), *end = resolved + G_N_ELEMENTS (resolved);

  if (at == NULL || at->since > version)
    return NULL;
  while (at + 1 < end && same_operator (at, at + 1) && at[1].since <= version)
    at++;
  return at;
}

int
ox_signature_first (const char *domain, const char *name)
{
  const OxSignature *first = find_first (domain, name);

  return first != NULL ? first->since : 0;
}

int
ox_signature_newest (const char *domain)
{
  int newest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i].domain, domain) == 0)
      newest = MAX (newest, table[i].since);
  return newest;
}

void
ox_signature_foreach (void (*func) (const OxSignature *signature, gpointer data), gpointer data)
{
  resolve ();
  for (guint i = 0; i < G_N_ELEMENTS (resolved); i++)
    func (&resolved[i], data);
}

/* ---- inputs and outputs --------------------------------------------------------------------------------------- */

/* The end of the word that starts at @text. */
static const char *
word_end (const char *text)
{
  return text + strcspn (text, " ");
}

gboolean
ox_signature_parameter (const char *parameters, int i, OxParameter *parameter)
{
  for (const char *word = parameters; *word != '\0';)
    {
      const char *end = word_end (word);
      gsize n = strcspn (word, " ?*");

      memset (parameter, 0, sizeof *parameter);
      g_assert (n < sizeof parameter->type);
      memcpy (parameter->type, word, n);
      parameter->optional = word[n] == '?';
      parameter->variadic = word[n] == '*';
      parameter->least = parameter->variadic && word[n + 1] != '0';
      parameter->mixed = parameter->variadic && end[-1] == '~';
      if (i-- == 0 || parameter->variadic)
        return TRUE;
      word = *end != '\0' ? end + 1 : end;
    }
  return FALSE;
}

void
ox_signature_arity (const char *parameters, int *min, int *max)
{
  OxParameter p;
  int i;

  *min = 0;
  for (i = 0; ox_signature_parameter (parameters, i, &p); i++)
    {
      if (p.variadic)
        {
          *min = i + p.least;
          *max = -1;
          return;
        }
      if (!p.optional)
        *min = i + 1;
    }
  *max = i;
}

/* ---- attributes ----------------------------------------------------------------------------------------------- */

char
ox_signature_attribute (const OxSignature *signature, const char *name)
{
  gsize n = strlen (name);

  for (const char *word = signature->attributes; *word != '\0';)
    {
      const char *end = word_end (word);

      if (strncmp (word, name, n) == 0 && word[n] == ':')
        return word[n + 1];
      word = *end != '\0' ? end + 1 : end;
    }
  return 0;
}

OxAttrType
ox_signature_attr_type (char kind)
{
  static const struct { char kind; OxAttrType type; } kinds[] = {
    { 'i', OX_ATTR_INT }, { 'f', OX_ATTR_FLOAT }, { 's', OX_ATTR_STRING }, { 'I', OX_ATTR_INTS }, { 'F', OX_ATTR_FLOATS },
    { 'S', OX_ATTR_STRINGS }, { 't', OX_ATTR_TENSOR }, { 'z', OX_ATTR_SPARSE_TENSOR }, { 'g', OX_ATTR_GRAPH },
    { 'y', OX_ATTR_TYPE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].kind == kind)
      return kinds[i].type;
  return OX_ATTR_UNDEFINED;
}

const char *
ox_signature_kind_name (OxAttrType type)
{
  static const char *const names[] = { "of no kind", "a float", "an int", "a string", "a tensor", "a graph",
                                       "a list of floats", "a list of ints", "a list of strings", "a list of tensors",
                                       "a list of graphs", "a sparse tensor", "a list of sparse tensors", "a type",
                                       "a list of types" };

  return (guint) type < G_N_ELEMENTS (names) ? names[type] : "of an unknown kind";
}

/* ---- types ---------------------------------------------------------------------------------------------------- */

char *
ox_signature_types (const OxSignature *signature, const char *variable)
{
  gsize n = strlen (variable);

  for (const char *word = signature->types; *word != '\0';)
    {
      const char *end = word_end (word);

      if (strncmp (word, variable, n) == 0 && word[n] == '=')
        return g_strndup (word + n + 1, (gsize) (end - word) - n - 1);
      word = *end != '\0' ? end + 1 : end;
    }
  return NULL;
}

/* Types nest as deep as the importer lets them. */
char *
ox_signature_type_text (const OxType *type)
{
  g_autofree char *inner = NULL;

  if (type == NULL)
    return NULL;
  switch (type->kind)
    {
    case OX_TYPE_TENSOR:
      return type->dtype != OX_UNDEFINED ? g_strdup (ox_dtype_name (type->dtype)) : NULL;
    case OX_TYPE_SEQUENCE:
    case OX_TYPE_OPTIONAL:
      inner = ox_signature_type_text (type->elem);
      return inner != NULL ? g_strdup_printf ("%s(%s)", type->kind == OX_TYPE_SEQUENCE ? "seq" : "opt", inner) : NULL;
    case OX_TYPE_MAP:
      inner = ox_signature_type_text (type->elem);
      return inner != NULL && type->dtype != OX_UNDEFINED
               ? g_strdup_printf ("map(%s,%s)", ox_dtype_name (type->dtype), inner)
               : NULL;
    case OX_TYPE_UNKNOWN:
    case OX_TYPE_SPARSE:
    case OX_TYPE_OPAQUE:
      break;
    }
  return NULL;
}

/* The length of the first alternative of @types: up to a + outside of brackets. */
static gsize
alternative (const char *types)
{
  int depth = 0;
  gsize n;

  for (n = 0; types[n] != '\0' && (types[n] != '+' || depth > 0); n++)
    depth += (types[n] == '(') - (types[n] == ')');
  return n;
}

static const char *
class_types (const char *name, gsize n)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (strncmp (classes[i].name, name, n) == 0 && classes[i].name[n] == '\0')
      return classes[i].types;
  return NULL;
}

/* Adds the alternatives one by one, each inside @before…@after. */
static void
spread (const char *types, const char *before, const char *after, GPtrArray *list)
{
  while (*types != '\0')
    {
      gsize n = alternative (types);
      const char *more = class_types (types, n);

      if (more != NULL)
        spread (more, before, after, list);
      else if (g_str_has_prefix (types, "seq(") || g_str_has_prefix (types, "opt("))
        {
          g_autofree char *inner = g_strndup (types + 4, n - 5), *left = g_strdup_printf ("%s%.4s", before, types);
          g_autofree char *right = g_strconcat (")", after, NULL);

          spread (inner, left, right, list);
        }
      else
        g_ptr_array_add (list, g_strdup_printf ("%s%.*s%s", before, (int) n, types, after));
      types += n + (types[n] == '+');
    }
}

gboolean
ox_signature_type_is (const char *types, const char *text)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);

  spread (types, "", "", list);
  return g_ptr_array_find_with_equal_func (list, text, g_str_equal, NULL);
}

char *
ox_signature_types_text (const char *types)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  GString *text = g_string_new (NULL);

  spread (types, "", "", list);
  for (guint i = 0; i < list->len; i++)
    {
      if (i > 0)
        g_string_append (text, i + 1 < list->len ? ", " : " or ");
      g_string_append (text, g_ptr_array_index (list, i));
    }
  return g_string_free (text, FALSE);
}
