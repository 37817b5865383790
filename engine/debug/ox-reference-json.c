/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "core/ox-error.h"
#include "debug/ox-reference-private.h"
#include "tensor/ox-tensor-file.h"

/* Deeper than anything Polygraphy writes. */
#define MAX_DEPTH 64

/* The parser recurses; brackets outside of strings are counted before it may. */
static gboolean
check_depth (const char *text, gsize size, GError **error)
{
  gboolean string = FALSE;
  int depth = 0;

  for (gsize i = 0; i < size; i++)
    if (string)
      {
        if (text[i] == '\\')
          i++;
        else if (text[i] == '"')
          string = FALSE;
      }
    else if (text[i] == '"')
      string = TRUE;
    else if (text[i] == '[' || text[i] == '{')
      {
        if (++depth > MAX_DEPTH)
          return ox_fail (error, OX_ERROR_FORMAT, "nested deeper than %d", MAX_DEPTH);
      }
    else if (text[i] == ']' || text[i] == '}')
      depth--;
  return TRUE;
}

static JsonObject *
as_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonArray *
as_array (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static JsonNode *
member (JsonObject *object, const char *name)
{
  return object != NULL ? json_object_get_member (object, name) : NULL;
}

static JsonNode *
element (JsonArray *array, guint i)
{
  return array != NULL && i < json_array_get_length (array) ? json_array_get_element (array, i) : NULL;
}

static OxTensor *
parse_array (const char *text, GError **error)
{
  gsize size;
  g_autofree guchar *data = g_base64_decode (text, &size);
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  return ox_npy_parse (bytes, OX_UNDEFINED, error);
}

/* An ndarray, or what holds one. */
static OxTensor *
parse_value (JsonNode *node, GError **error)
{
  JsonObject *object = as_object (node);
  JsonNode *array;

  /* LazyArray, LazyNumpyArray */
  if (member (object, "values") != NULL)
    object = as_object (member (object, "values"));
  array = member (object, "array");
  if (array != NULL && JSON_NODE_HOLDS_VALUE (array) && json_node_get_string (array) != NULL)
    return parse_array (json_node_get_string (array), error);
  if (member (object, "tensor") != NULL)
    ox_fail (error, OX_ERROR_FORMAT, "it is an array of PyTorch, which only PyTorch reads; save it from numpy");
  else
    ox_fail (error, OX_ERROR_FORMAT, "expected an array as Polygraphy writes it");
  return NULL;
}

static gboolean
add_values (GHashTable *values, JsonObject *object, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    {
      OxTensor *tensor;

      if (strcmp (l->data, "polygraphy_class") == 0)
        continue;
      tensor = parse_value (json_object_get_member (object, l->data), error);
      if (tensor == NULL)
        {
          ox_error_prefix (error, "%s", (const char *) l->data);
          return FALSE;
        }
      g_hash_table_replace (values, g_strdup (l->data), ox_value_new_tensor (tensor));
    }
  return TRUE;
}

/* {"lst": [["runner", [{"outputs": {…}}, …]], …]}, or [{…}, …], or {…}: the values of the first iteration. */
static JsonObject *
find_values (JsonNode *root, GString *remark)
{
  JsonArray *runners = as_array (member (as_object (root), "lst")), *runner, *iterations;

  if (runners == NULL)
    return as_object (as_array (root) != NULL ? element (as_array (root), 0) : root);
  runner = as_array (element (runners, 0));
  iterations = as_array (element (runner, 1));
  if (json_array_get_length (runners) > 1 || (iterations != NULL && json_array_get_length (iterations) > 1))
    g_string_append_printf (remark, "of %u runners and %u iterations the first is compared",
                            json_array_get_length (runners), iterations != NULL ? json_array_get_length (iterations) : 0);
  return as_object (member (as_object (element (iterations, 0)), "outputs"));
}

OxReference *
ox_reference_new_json (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GHashTable) values = NULL;
  g_autoptr (GError) cause = NULL;
  g_autoptr (GString) remark = g_string_new (NULL);
  g_autofree char *text = NULL;
  OxReference *self;
  JsonObject *object;
  gsize size;

  if (!g_file_get_contents (path, &text, &size, &cause))
    {
      ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
      return NULL;
    }
  if (!check_depth (text, size, error))
    {
      ox_error_prefix (error, "%s", path);
      return NULL;
    }
  if (!json_parser_load_from_data (parser, text, (gssize) size, &cause))
    {
      ox_fail (error, OX_ERROR_FORMAT, "%s: %s", path, cause->message);
      return NULL;
    }
  object = find_values (json_parser_get_root (parser), remark);
  if (object == NULL)
    {
      ox_fail (error, OX_ERROR_FORMAT, "%s: expected what Polygraphy saves as outputs or inputs of a run", path);
      return NULL;
    }
  values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  if (!add_values (values, object, error))
    {
      ox_error_prefix (error, "%s", path);
      return NULL;
    }
  self = ox_reference_new_values (g_steal_pointer (&values), path);
  if (remark->len > 0)
    self->remark = g_strdup (remark->str);
  return self;
}
