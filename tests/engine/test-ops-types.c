/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "op-lines.h"
#include "ops/ox-op.h"

/* Every operator with every element type that it must take: the cases of op-recipes.def with the types of the newest
 * version, and, where operators.json is there, with those of each version; a type it has and no case has fails. */

typedef struct { const char *types, *line; } Recipe;

static const Recipe recipes[] = {
#define OX_RECIPE(types, line) { types, line },
#include "op-recipes.def"
};

/* A type variable of a case: the kind of value it stands for, its types. */
typedef struct
{
  char *name;
  char kind; /* t: tensor, s: sequence, o: optional, q: optional sequence */
  gboolean used[OX_N_DTYPES];
} Variable;

static void
variable_free (Variable *variable)
{
  g_free (variable->name);
  g_free (variable);
}

static char *
head_of (const char *line)
{
  return g_strndup (line, strcspn (line, " "));
}

/* "ai.onnx/Abs" and the version. */
static char *
split_head (const char *line, gint64 *version)
{
  g_autofree char *head = head_of (line);
  char *colon = strrchr (head, ':');

  *version = g_ascii_strtoll (colon + 1, NULL, 10);
  *colon = '\0';
  return strchr (head, '/') != NULL ? g_strdup (head) : g_strconcat ("ai.onnx/", head, NULL);
}

/* ---- variables ------------------------------------------------------------------------------------------------ */

static gboolean
is_mark (char c)
{
  return c == '$' || c == '#' || c == '@';
}

static char
kind_at (const char *line, const char *mark)
{
  if (mark[-1] == '?')
    return 'o';
  if (mark[-1] != '(')
    return g_str_has_prefix (line, "SequenceEmpty") ? 's' : 't';
  return mark[-2] == '?' ? 'q' : 's';
}

/* The variables of the inputs and attributes, without types. */
static GPtrArray *
variables_of (const char *line)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) variable_free);
  const char *end = strstr (line, " => ");

  for (const char *p = line; p < end; p++)
    if (is_mark (*p))
      {
        gsize n = strspn (p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZnid0123456789");
        g_autofree char *name = g_strndup (p + 1, n);
        Variable *variable;
        guint i = 0;

        while (i < all->len && !g_str_equal (((Variable *) g_ptr_array_index (all, i))->name, name))
          i++;
        if (i < all->len)
          continue;
        variable = g_new0 (Variable, 1);
        variable->name = g_steal_pointer (&name);
        variable->kind = kind_at (line, p);
        g_ptr_array_add (all, variable);
      }
  return all;
}

static Variable *
variable_find (GPtrArray *variables, const char *name)
{
  for (guint i = 0; i < variables->len; i++)
    if (g_str_equal (((Variable *) g_ptr_array_index (variables, i))->name, name))
      return g_ptr_array_index (variables, i);
  return NULL;
}

static gboolean
in_group (const char *word, OxDtype dtype)
{
  static const char *const groups[][2] = {
    { "real", " f16 f32 f64 " },
    { "int", " i8 i16 i32 i64 " },
    { "uint", " u8 u16 u32 u64 " },
    { "fp8", " f8e4m3fn f8e4m3fnuz f8e5m2 f8e5m2fnuz " },
    { "complex", " c64 c128 " },
    { "small", " u4 i4 u2 i2 f4e2m1 f8e8m0 " },
  };
  g_autofree char *spaced = g_strdup_printf (" %s ", ox_dtype_name (dtype));

  if (g_str_equal (word, "all") || g_str_equal (word, ox_dtype_name (dtype)))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (g_str_equal (word, groups[i][0]))
      return strstr (groups[i][1], spaced) != NULL;
  return FALSE;
}

static void
set_own_types (GPtrArray *variables, const char *types)
{
  g_auto (GStrv) specs = g_strsplit (types, " ", -1);

  for (int i = 0; specs[i] != NULL && *specs[i] != '\0'; i++)
    {
      g_auto (GStrv) halves = g_strsplit (specs[i], "=", 2);
      g_auto (GStrv) words = g_strsplit (halves[1], "+", -1);
      Variable *variable = variable_find (variables, halves[0]);

      g_assert_nonnull (variable);
      for (int w = 0; words[w] != NULL; w++)
        for (int t = 1; t < OX_N_DTYPES; t++)
          variable->used[t] = variable->used[t] || in_group (words[w], (OxDtype) t);
    }
}

/* ---- running -------------------------------------------------------------------------------------------------- */

static char *
substitute (const char *line, GPtrArray *variables, const OxDtype *choice, gint64 version)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *head = head_of (line);
  const char *colon = strrchr (head, ':');

  g_string_append_printf (text, "%.*s:%" G_GINT64_FORMAT, (int) (colon - head), head, version);
  for (const char *p = line + strlen (head); *p != '\0'; p++)
    {
      gsize best = 0;

      for (guint v = 0; is_mark (*p) && v < variables->len; v++)
        {
          const char *name = ((Variable *) g_ptr_array_index (variables, v))->name;
          gsize n = strlen (name);
          g_autofree char *upper = g_ascii_strup (ox_dtype_onnx_name (choice[v]), -1);

          if (n <= best || strncmp (p + 1, name, n) != 0 || g_ascii_isalnum (p[1 + n]))
            continue;
          best = n;
          if (*p == '#')
            g_string_append_printf (text, "%d", choice[v]);
          else
            g_string_append (text, *p == '$' ? ox_dtype_name (choice[v]) : upper);
        }
      if (best == 0)
        g_string_append_c (text, *p);
      p += best;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Some pairs of types are none by the words of the operator. */
static gboolean
allowed (const char *line, const OxDtype *choice)
{
  if (g_str_has_prefix (line, "SequenceInsert"))
    return choice[0] == choice[1];
  return !g_str_has_prefix (line, "BitCast") || ox_dtype_bits (choice[0]) == ox_dtype_bits (choice[1]);
}

static guint
run_all (const char *line, GPtrArray *variables, gint64 version)
{
  OxDtype choice[8] = { 0 };
  guint problems = 0, runs = 0, at;

  g_assert_cmpuint (variables->len, <, G_N_ELEMENTS (choice));
  for (guint v = 0; v < variables->len; v++)
    while (!((Variable *) g_ptr_array_index (variables, v))->used[choice[v]])
      if (++choice[v] == OX_N_DTYPES)
        return 0;
  do
    {
      if (allowed (line, choice))
        {
          g_autofree char *text = substitute (line, variables, choice, version);
          g_autofree char *problem = op_line_problem (text);

          runs++;
          if (problem != NULL && problems++ < 12)
            g_test_message ("%s", problem);
        }
      /* The next combination. */
      for (at = 0; at < variables->len; at++)
        {
          const Variable *variable = g_ptr_array_index (variables, at);
          OxDtype next = choice[at] + 1, first = 0;

          while (next < OX_N_DTYPES && !variable->used[next])
            next++;
          while (!variable->used[first])
            first++;
          choice[at] = next < OX_N_DTYPES ? next : first;
          if (next < OX_N_DTYPES)
            break;
        }
    }
  while (at < variables->len);
  if (problems > 0)
    {
      g_test_message ("%u of %u combinations are wrong", problems, runs);
      g_test_fail ();
    }
  return runs;
}

/* Where the case ends: before the next one of the operator. */
static gint64
last_version (const char *key, gint64 version)
{
  gint64 last = G_MAXINT, other;

  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    {
      g_autofree char *name = split_head (recipes[i].line, &other);

      if (g_str_equal (name, key) && other > version)
        last = MIN (last, other - 1);
    }
  return last;
}

static void
test_recipe (gconstpointer data)
{
  const Recipe *recipe = data;
  g_autoptr (GPtrArray) variables = variables_of (recipe->line);
  gint64 version;
  g_autofree char *name = split_head (recipe->line, &version);

  g_autofree char *domain = g_strndup (name, strcspn (name, "/"));

  if (ox_op_find (domain, strchr (name, '/') + 1, version) == NULL)
    {
      g_test_skip ("the operator is not there yet");
      return;
    }
  set_own_types (variables, recipe->types);
  g_assert_cmpuint (run_all (recipe->line, variables, last_version (name, version)), >, 0);
}

/* ---- the standard --------------------------------------------------------------------------------------------- */

static OxDtype
dtype_of (const char *type, char *kind)
{
  static const char *const heads[] = { "t tensor(", "s seq(tensor(", "o optional(tensor(", "q optional(seq(tensor(" };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    if (g_str_has_prefix (type, heads[i] + 2))
      {
        const char *inner = type + strlen (heads[i] + 2);
        g_autofree char *name = g_strndup (inner, strcspn (inner, ")"));

        *kind = heads[i][0];
        return ox_dtype_from_name (name);
      }
  return OX_UNDEFINED;
}

/* The cases of an operator's version run with its types; what they take is marked in @taken as "T tensor(float)". */
static gboolean
run_version (const char *key, gint64 since, JsonObject *types, GHashTable *taken)
{
  gint64 best = 0, version;

  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    {
      g_autofree char *name = split_head (recipes[i].line, &version);

      if (g_str_equal (name, key) && version <= since)
        best = MAX (best, version);
    }
  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    {
      g_autofree char *name = split_head (recipes[i].line, &version);
      g_autoptr (GPtrArray) variables = variables_of (recipes[i].line);

      /* Optionals of Identity came later than its sequences, which stay. */
      if (!g_str_equal (name, key) || (version != best && !(version == 14 && best == 16)))
        continue;
      set_own_types (variables, recipes[i].types);
      for (guint v = 0; v < variables->len; v++)
        {
          Variable *variable = g_ptr_array_index (variables, v);
          JsonArray *list = json_object_get_array_member (types, variable->name);
          gboolean own[OX_N_DTYPES];

          memcpy (own, variable->used, sizeof own);
          memset (variable->used, 0, sizeof own);

          for (guint k = 0; k < json_array_get_length (list); k++)
            {
              const char *type = json_array_get_string_element (list, k);
              char kind = 0;
              OxDtype dtype = dtype_of (type, &kind);

              if (dtype == OX_UNDEFINED || kind != variable->kind || !own[dtype])
                continue;
              variable->used[dtype] = TRUE;
              g_hash_table_add (taken, g_strdup_printf ("%s %s", variable->name, type));
            }
        }
      run_all (recipes[i].line, variables, since);
    }
  return best > 0;
}

static void
test_signature (gconstpointer data)
{
  JsonObject *o = (JsonObject *) data, *types = json_object_get_object_member (o, "types");
  JsonArray *inputs = json_object_get_array_member (o, "inputs");
  gint64 since = json_object_get_int_member (o, "since");
  g_autofree char *key = g_strdup_printf ("%s/%s", json_object_get_string_member (o, "domain"),
                                          json_object_get_string_member (o, "name"));
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean good = TRUE;

  if (!run_version (key, since, types, taken))
    g_error ("%s-%" G_GINT64_FORMAT " has no case", key, since);
  for (guint i = 0; i < json_array_get_length (inputs); i++)
    {
      const char *type = json_object_get_string_member (json_array_get_object_element (inputs, i), "type");
      JsonArray *list = json_object_has_member (types, type) ? json_object_get_array_member (types, type) : NULL;

      for (guint k = 0; list != NULL && k < json_array_get_length (list); k++)
        {
          g_autofree char *pair = g_strdup_printf ("%s %s", type, json_array_get_string_element (list, k));

          /* Strings have no sum. */
          if (!g_hash_table_contains (taken, pair)
              && !(g_str_has_suffix (key, "/Col2Im") && g_str_equal (pair, "T tensor(string)")))
            {
              g_test_message ("%s-%" G_GINT64_FORMAT ": no case has %s", key, since, pair);
              good = FALSE;
            }
        }
    }
  if (!good)
    g_test_fail ();
}

/* Operators with a body run in the session, those of maps have lines of their own in test-ops-ml.c. */
static gboolean
is_other (const char *domain, const char *name)
{
  const OxOp *op = ox_op_find (domain, name, G_MAXINT);

  return op == NULL || op->flow != OX_FLOW_NONE || g_str_equal (name, "CastMap") || g_str_equal (name, "DictVectorizer")
         || g_str_equal (name, "ZipMap");
}

static void
add_standard (JsonParser *parser)
{
  const char *folder = g_getenv ("OX_SHARED_DATA");
  g_autofree char *path = g_build_filename (folder != NULL ? folder : "", "operators.json", NULL);
  JsonArray *all;

  if (!json_parser_load_from_file (parser, path, NULL))
    return;
  all = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (all); i++)
    {
      JsonObject *o = json_array_get_object_element (all, i);
      const char *domain = json_object_get_string_member (o, "domain"), *name = json_object_get_string_member (o, "name");
      gint64 since = json_object_get_int_member (o, "since");
      g_autofree char *test = g_strdup_printf ("/ops/types/standard/%s/%s-%" G_GINT64_FORMAT, domain, name, since);

      if (!is_other (domain, name))
        g_test_add_data_func (test, o, test_signature);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    {
      gint64 version;
      g_autofree char *name = split_head (recipes[i].line, &version);
      g_autofree char *test = g_strdup_printf ("/ops/types/own/%s-%" G_GINT64_FORMAT "/%u", name, version, i);

      g_test_add_data_func (test, &recipes[i], test_recipe);
    }
  add_standard (parser);
  return g_test_run ();
}
