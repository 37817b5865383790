/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "core/ox-error.h"
#include "debug/ox-reference-private.h"
#include "tensor/ox-tensor-file.h"

/* Deeper than anything Polygraphy writes. */
#define MAX_DEPTH 64

/* Files of old versions have the bytes of arrays as characters, zeros among them, at which the parser's strings would end:
 * "\u0000" is made this character, which is none of the 256 that can be there. */
#define ZERO 0x100

/* The parser recurses; brackets outside of strings are counted before it may. Zeros are made ZERO. */
static gboolean
prepare (char *text, gsize size, GError **error)
{
  gboolean string = FALSE;
  int depth = 0;

  for (gsize i = 0; i < size; i++)
    if (string)
      {
        if (text[i] == '\\')
          {
            if (i + 6 <= size && strncmp (text + i, "\\u0000", 6) == 0)
              text[i + 3] = '1';
            i++;
          }
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

/* NULL if it is not base64 from end to end; what passes over what it does not know would make an array of anything. */
static GBytes *
decode_base64 (const char *text)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  gsize length = strlen (text), digits = strspn (text, alphabet), size;
  guchar *data;

  if (length % 4 != 0 || length - digits > 2 || strspn (text + digits, "=") != length - digits)
    return NULL;
  data = g_base64_decode (text, &size);
  return g_bytes_new_take (data, size);
}

/* NULL if there is a character that is no byte. */
static GBytes *
decode_latin (const char *text)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      guint8 byte = c == ZERO ? 0 : (guint8) c;

      if (c > ZERO)
        return NULL;
      g_byte_array_append (bytes, &byte, 1);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

/* An .npy in base64; of old versions its bytes as they are, or an .npz with the one array. */
static OxTensor *
parse_array (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = decode_base64 (text);
  const char *data;
  gsize size;

  if (bytes == NULL)
    bytes = decode_latin (text);
  if (bytes == NULL)
    {
      ox_fail (error, OX_ERROR_FORMAT, "expected an array in base64 or as characters of one byte, found neither");
      return NULL;
    }
  data = g_bytes_get_data (bytes, &size);
  return size >= 2 && memcmp (data, "PK", 2) == 0 ? ox_npz_parse (bytes, error) : ox_npy_parse (bytes, OX_UNDEFINED, error);
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

/* How old versions say what class an object is of. */
static gboolean
is_old_mark (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return g_str_has_prefix (name, "__polygraphy_encoded_") && JSON_NODE_HOLDS_VALUE (node)
         && g_strcmp0 (json_node_get_string (node), "polygraphy_serialized_json_type") == 0;
}

static gboolean
add_values (GHashTable *values, JsonObject *object, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    {
      OxTensor *tensor;

      if (strcmp (l->data, "polygraphy_class") == 0 || is_old_mark (object, l->data))
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
  if (!prepare (text, size, error))
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
