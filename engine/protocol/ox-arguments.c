/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-error.h"
#include "protocol/ox-arguments.h"

static const char *
kind_of (JsonNode *node)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      return "an object";
    case JSON_NODE_ARRAY:
      return "an array";
    case JSON_NODE_NULL:
      return "null";
    default:
      return json_node_get_value_type (node) == G_TYPE_STRING    ? "a text"
             : json_node_get_value_type (node) == G_TYPE_BOOLEAN ? "a truth"
                                                                 : "a number";
    }
}

static JsonNode *
member_of (JsonObject *object, const char *key)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, key) : NULL;

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gboolean
wrong (JsonNode *node, const char *key, const char *expected, GError **error)
{
  return ox_fail (error, OX_ERROR_VALUE, "expected %s as '%s', found %s", expected, key, kind_of (node));
}

static gboolean
is_value (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

gboolean
ox_arguments_text (JsonObject *object, const char *key, const char **text, GError **error)
{
  JsonNode *node = member_of (object, key);

  if (node == NULL)
    return TRUE;
  if (!is_value (node, G_TYPE_STRING))
    return wrong (node, key, "a text", error);
  *text = json_node_get_string (node);
  return TRUE;
}

gboolean
ox_arguments_count (JsonObject *object, const char *key, gint64 least, gint64 most, gint64 *count, GError **error)
{
  JsonNode *node = member_of (object, key);
  double number;
  gint64 found;

  if (node == NULL)
    return TRUE;
  if (!is_value (node, G_TYPE_INT64) && !is_value (node, G_TYPE_DOUBLE))
    return wrong (node, key, "a number", error);
  number = json_node_get_double (node);
  found = is_value (node, G_TYPE_INT64) ? json_node_get_int (node)
          : number >= -9e15 && number <= 9e15 ? (gint64) number
                                              : G_MININT64;
  if (found < least || found > most || (is_value (node, G_TYPE_DOUBLE) && (double) found != number))
    return ox_fail (error, OX_ERROR_VALUE, "expected a whole number of %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                    " as '%s', found %.17g", least, most, key, number);
  *count = found;
  return TRUE;
}

gboolean
ox_arguments_flag (JsonObject *object, const char *key, gboolean *flag, GError **error)
{
  JsonNode *node = member_of (object, key);

  if (node == NULL)
    return TRUE;
  if (!is_value (node, G_TYPE_BOOLEAN))
    return wrong (node, key, "true or false", error);
  *flag = json_node_get_boolean (node);
  return TRUE;
}

gboolean
ox_arguments_object (JsonObject *object, const char *key, JsonObject **member, GError **error)
{
  JsonNode *node = member_of (object, key);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return wrong (node, key, "an object", error);
  *member = json_node_get_object (node);
  return TRUE;
}

gboolean
ox_arguments_array (JsonObject *object, const char *key, JsonArray **member, GError **error)
{
  JsonNode *node = member_of (object, key);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return wrong (node, key, "an array", error);
  *member = json_node_get_array (node);
  return TRUE;
}

JsonObject *
ox_arguments_item (JsonArray *array, guint i, GError **error)
{
  JsonNode *node = json_array_get_element (array, i);

  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  ox_fail (error, OX_ERROR_VALUE, "expected an object as element %u, found %s", i, kind_of (node));
  return NULL;
}

gboolean
ox_arguments_need_text (JsonObject *object, const char *key, const char **text, GError **error)
{
  if (member_of (object, key) == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "expected a text as '%s', found nothing", key);
  return ox_arguments_text (object, key, text, error);
}

gboolean
ox_arguments_need_count (JsonObject *object, const char *key, gint64 least, gint64 most, gint64 *count, GError **error)
{
  if (member_of (object, key) == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "expected a number as '%s', found nothing", key);
  return ox_arguments_count (object, key, least, most, count, error);
}

/* The parser calls itself for each level. It also takes remarks and more, which could hide brackets from this count, so what is
 * no JSON outside of texts is refused here. */
static gboolean
check_text (const char *text, gsize length, GError **error)
{
  gboolean quoted = FALSE;
  guint depth = 0;

  for (gsize i = 0; i < length; i++)
    if (quoted && text[i] == '\\')
      i++;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (quoted)
      continue;
    else if (text[i] == '{' || text[i] == '[')
      {
        if (++depth > OX_ARGUMENTS_DEPTH)
          return ox_fail (error, OX_ERROR_FORMAT, "expected no more than %d objects and arrays inside each other", OX_ARGUMENTS_DEPTH);
      }
    else if (text[i] == '}' || text[i] == ']')
      depth -= depth > 0;
    else if (!g_ascii_isalnum (text[i]) && (text[i] == '\0' || strchr (" \t\r\n,:+-.", text[i]) == NULL))
      return ox_fail (error, OX_ERROR_FORMAT, "expected JSON, found the byte %d outside of a text, at %" G_GSIZE_FORMAT,
                      (guint8) text[i], i);
  return TRUE;
}

JsonNode *
ox_arguments_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) problem = NULL;
  JsonNode *root;

  if (!g_utf8_validate_len (text, length, NULL))
    {
      ox_fail (error, OX_ERROR_FORMAT, "the message is not UTF-8");
      return NULL;
    }
  if (!check_text (text, length, error))
    return NULL;
  if (!json_parser_load_from_data (parser, text, (gssize) length, &problem))
    ox_fail (error, OX_ERROR_FORMAT, "expected JSON: %s", problem->message);
  else if ((root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    ox_fail (error, OX_ERROR_FORMAT, "expected an object of JSON");
  else
    return json_node_ref (root);
  return NULL;
}
