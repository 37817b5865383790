/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "ops/ox-op.h"

/* The rows of the registry against the signatures of the standard, as operators.json has them: each version of an
 * operator must find a row that takes its attributes and as many inputs and outputs as it may have. */

static GHashTable *names; /* "domain/name" of the registry */

static void
add_name (const char *domain, const OxOp *op, gpointer data)
{
  g_hash_table_add (names, g_strdup_printf ("%s/%s", domain, op->name));
}

static const char *
kind_name (OxAttrKind kind)
{
  static const char *const texts[] = { "INT", "FLOAT", "STRING", "INT", "FLOAT", "INTS", "FLOATS", "STRINGS", "TENSOR",
                                       "TENSORS", "GRAPH", "TYPE_PROTO" };

  return (guint) kind < G_N_ELEMENTS (texts) ? texts[kind] : NULL;
}

/* A problem as text, NULL for none. */
static char *
check_attributes (const OxOp *op, JsonArray *attributes)
{
  for (guint i = 0; i < json_array_get_length (attributes); i++)
    {
      JsonObject *a = json_array_get_object_element (attributes, i);
      const char *name = json_object_get_string_member (a, "name"), *type = json_object_get_string_member (a, "type");
      int k = 0;

      while (k < op->n_attrs && !g_str_equal (op->attrs[k].name, name))
        k++;
      if (k == op->n_attrs)
        return g_strdup_printf ("attribute %s is not there", name);
      /* A sparse tensor is a kind of tensor to the operators. */
      if (kind_name (op->attrs[k].kind) != NULL && !g_str_equal (kind_name (op->attrs[k].kind), type)
          && !g_str_equal (type, "SPARSE_TENSOR"))
        return g_strdup_printf ("attribute %s is %s, in the standard %s", name, kind_name (op->attrs[k].kind), type);
    }
  return NULL;
}

static gboolean
takes (OxArity arity, gint64 min, gint64 max)
{
  return arity.min <= min && (arity.max < 0 || (max <= arity.max));
}

static void
check (JsonObject *o, guint *checked, guint *missing)
{
  const char *domain = json_object_get_string_member (o, "domain"), *name = json_object_get_string_member (o, "name");
  gint64 since = json_object_get_int_member (o, "since");
  g_autofree char *key = g_strdup_printf ("%s/%s", domain, name);
  g_autofree char *problem = NULL;
  const OxOp *op = ox_op_find (domain, name, since);

  if (!g_hash_table_contains (names, key))
    {
      (*missing)++;
      g_test_message ("%s-%" G_GINT64_FORMAT " is not there yet", key, since);
      return;
    }
  if (op == NULL)
    g_error ("%s: no row for version %" G_GINT64_FORMAT, key, since);
  problem = check_attributes (op, json_object_get_array_member (o, "attributes"));
  if (problem != NULL)
    g_error ("%s-%" G_GINT64_FORMAT ", row %d: %s", key, since, op->since, problem);
  if (!takes (op->in, json_object_get_int_member (o, "min_in"), json_object_get_int_member (o, "max_in"))
      || !takes (op->out, json_object_get_int_member (o, "min_out"), json_object_get_int_member (o, "max_out")))
    g_error ("%s-%" G_GINT64_FORMAT ", row %d: takes %d..%d inputs and %d..%d outputs", key, since, op->since, op->in.min,
             op->in.max, op->out.min, op->out.max);
  (*checked)++;
}

static void
test_signatures (void)
{
  const char *folder = g_getenv ("OX_SHARED_DATA");
  g_autofree char *path = g_build_filename (folder != NULL ? folder : "", "operators.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  guint checked = 0, missing = 0;
  JsonArray *all;

  if (!json_parser_load_from_file (parser, path, NULL))
    {
      g_test_skip ("there is no operators.json");
      return;
    }
  names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  ox_op_foreach (add_name, NULL);
  all = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (all); i++)
    check (json_array_get_object_element (all, i), &checked, &missing);
  g_test_message ("%u signatures have their row, %u have none yet", checked, missing);
  g_assert_cmpuint (checked, >, 0);
  g_hash_table_unref (names);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/standard/signatures", test_signatures);
  return g_test_run ();
}
