/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "ops/ox-signature.h"

/* The table of signatures: how it is read, and whether it is what the standard's own list (operators.json) says. */

static void
test_reading (void)
{
  const OxSignature *loop = ox_signature_find ("ai.onnx", "Loop", 13), *clip;
  g_autofree char *types = NULL, *text = NULL;
  OxParameter p;
  int min, max;

  g_assert_cmpint (loop->since, ==, 13);
  g_assert_null (ox_signature_find ("ai.onnx", "Gelu", 19));
  g_assert_cmpint (ox_signature_first ("ai.onnx", "Gelu"), ==, 20);
  g_assert_cmpint (ox_signature_first ("ai.onnx", "Frobnicate"), ==, 0);
  g_assert_cmpint (ox_signature_newest ("nobody"), ==, 0);
  ox_signature_arity (loop->inputs, &min, &max);
  g_assert_cmpint (min, ==, 2);
  g_assert_cmpint (max, ==, -1);
  g_assert_true (ox_signature_parameter (loop->inputs, 7, &p) && p.variadic && p.mixed);
  g_assert_cmpstr (p.type, ==, "V");
  clip = ox_signature_find ("ai.onnx", "Clip", 11);
  ox_signature_arity (clip->inputs, &min, &max);
  g_assert_cmpint (min, ==, 1);
  g_assert_cmpint (max, ==, 3);
  g_assert_false (ox_signature_parameter (clip->inputs, 3, &p));
  types = ox_signature_types (clip, "T");
  text = ox_signature_types_text (types);
  g_assert_cmpstr (text, ==, "f16, f32 or f64");
  g_assert_true (ox_signature_type_is ("basic+seq(opt(float))", "seq(opt(f16))"));
  g_assert_false (ox_signature_type_is ("basic+seq(opt(float))", "seq(f16)"));
  g_assert_false (ox_signature_type_is ("float", "f3"));
}

/* "seq(tensor(float))" -> "seq(f32)" */
static char *
short_type (const char *type)
{
  g_autofree char *inner = NULL, *value = NULL;
  const char *comma;

  if (g_str_has_prefix (type, "tensor("))
    {
      inner = g_strndup (type + 7, strlen (type) - 8);
      return short_type (inner);
    }
  if (g_str_has_prefix (type, "seq(") || g_str_has_prefix (type, "optional("))
    {
      const char *open = strchr (type, '(');

      inner = g_strndup (open + 1, strlen (open) - 2);
      value = short_type (inner);
      return g_strdup_printf ("%s(%s)", type[0] == 's' ? "seq" : "opt", value);
    }
  if (g_str_has_prefix (type, "map("))
    {
      g_autofree char *key = NULL, *key_name = NULL;

      comma = strchr (type, ',');
      key_name = g_strndup (type + 4, (gsize) (comma - type) - 4);
      inner = g_strndup (comma + 1, strlen (comma) - 2);
      key = short_type (key_name);
      value = short_type (g_strstrip (inner));
      return g_strdup_printf ("map(%s,%s)", key, value);
    }
  for (int i = 1; i < OX_N_DTYPES; i++)
    if (strcmp (ox_dtype_onnx_name (i), type) == 0)
      return g_strdup (ox_dtype_name (i));
  g_error ("unknown type %s", type);
}

static void
check_parameters (const OxSignature *s, const char *parameters, JsonArray *list, gint64 min, gint64 max, JsonObject *types)
{
  OxParameter p;
  int least, most;

  ox_signature_arity (parameters, &least, &most);
  g_assert_cmpint (least, ==, min);
  g_assert_cmpint (most, ==, max == G_MAXINT32 ? -1 : max);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *o = json_array_get_object_element (list, i);
      const char *option = json_object_get_string_member (o, "option"), *type = json_object_get_string_member (o, "type");
      g_autofree char *plain = json_object_has_member (types, type) ? NULL : short_type (type);

      g_assert_true (ox_signature_parameter (parameters, (int) i, &p));
      g_assert_cmpstr (p.type, ==, plain != NULL ? plain : type);
      g_assert_cmpint (p.optional, ==, g_str_equal (option, "Optional"));
      g_assert_cmpint (p.variadic, ==, g_str_equal (option, "Variadic"));
    }
}

static void
check_types (const OxSignature *s, JsonObject *types)
{
  g_autoptr (GList) names = json_object_get_members (types);

  for (GList *at = names; at != NULL; at = at->next)
    {
      JsonArray *list = json_object_get_array_member (types, at->data);
      g_autofree char *mine = ox_signature_types (s, at->data), *text = NULL;
      guint n = 1;

      g_assert_nonnull (mine);
      for (guint i = 0; i < json_array_get_length (list); i++)
        {
          g_autofree char *type = short_type (json_array_get_string_element (list, i));

          if (!ox_signature_type_is (mine, type))
            g_error ("%s-%d: %s is not %s", s->name, s->since, (char *) at->data, type);
        }
      /* And no more than those: as many as it writes out. */
      text = ox_signature_types_text (mine);
      for (const char *p = text; *p != '\0'; p++)
        n += g_str_has_prefix (p, ", ") || g_str_has_prefix (p, " or ");
      g_assert_cmpuint (n, ==, json_array_get_length (list));
    }
}

static void
check_attributes (const OxSignature *s, JsonArray *list)
{
  static const char *const names[] = { "i INT", "f FLOAT", "s STRING", "I INTS", "F FLOATS", "S STRINGS", "t TENSOR",
                                       "z SPARSE_TENSOR", "g GRAPH", "y TYPE_PROTO" };
  g_auto (GStrv) mine = g_strsplit (s->attributes, " ", -1);

  g_assert_cmpuint (s->attributes[0] != '\0' ? g_strv_length (mine) : 0, ==, json_array_get_length (list));
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *o = json_array_get_object_element (list, i);
      const char *name = json_object_get_string_member (o, "name");
      char kind = ox_signature_attribute (s, name);
      g_autofree char *required = g_strdup_printf ("%s:%c!", name, kind);
      guint k = 0;

      while (k < G_N_ELEMENTS (names) && names[k][0] != kind)
        k++;
      g_assert_cmpuint (k, <, G_N_ELEMENTS (names));
      g_assert_cmpstr (names[k] + 2, ==, json_object_get_string_member (o, "type"));
      g_assert_cmpint (g_strv_contains ((const char *const *) mine, required), ==,
                       json_object_get_boolean_member (o, "required"));
    }
}

static void
count_one (const OxSignature *signature, gpointer data)
{
  (*(guint *) data)++;
}

static void
test_standard (void)
{
  const char *folder = g_getenv ("OX_SHARED_DATA");
  g_autofree char *path = g_build_filename (folder != NULL ? folder : "", "operators.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *all;
  guint n = 0;

  if (!json_parser_load_from_file (parser, path, NULL))
    {
      g_test_skip ("there is no operators.json");
      return;
    }
  all = json_node_get_array (json_parser_get_root (parser));
  ox_signature_foreach (count_one, &n);
  g_assert_cmpuint (n, ==, json_array_get_length (all));
  for (guint i = 0; i < n; i++)
    {
      JsonObject *o = json_array_get_object_element (all, i), *types = json_object_get_object_member (o, "types");
      int since = (int) json_object_get_int_member (o, "since");
      const OxSignature *s = ox_signature_find (json_object_get_string_member (o, "domain"),
                                                json_object_get_string_member (o, "name"), since);

      g_assert_nonnull (s);
      g_assert_cmpint (s->since, ==, since);
      g_assert_cmpint (s->deprecated, ==, json_object_get_boolean_member (o, "deprecated"));
      check_parameters (s, s->inputs, json_object_get_array_member (o, "inputs"), json_object_get_int_member (o, "min_in"),
                        json_object_get_int_member (o, "max_in"), types);
      check_parameters (s, s->outputs, json_object_get_array_member (o, "outputs"),
                        json_object_get_int_member (o, "min_out"), json_object_get_int_member (o, "max_out"), types);
      check_types (s, types);
      check_attributes (s, json_object_get_array_member (o, "attributes"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/signature/reading", test_reading);
  g_test_add_func ("/ops/signature/standard", test_standard);
  return g_test_run ();
}
