/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-json.h"

void
ox_json_text (JsonBuilder *json, const char *key, const char *text)
{
  json_builder_set_member_name (json, key);
  if (text != NULL)
    json_builder_add_string_value (json, text);
  else
    json_builder_add_null_value (json);
}

void
ox_json_count (JsonBuilder *json, const char *key, gint64 count)
{
  json_builder_set_member_name (json, key);
  json_builder_add_int_value (json, count);
}

double
ox_json_writable (double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_dtostr (text, sizeof text, number);
  return strchr (text, 'e') != NULL && strchr (text, '.') == NULL ? nextafter (number, 0) : number;
}

void
ox_json_number (JsonBuilder *json, const char *key, double number)
{
  if (isfinite (number))
    {
      json_builder_set_member_name (json, key);
      json_builder_add_double_value (json, ox_json_writable (number));
    }
  else
    ox_json_text (json, key, isnan (number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
}

void
ox_json_flag (JsonBuilder *json, const char *key, gboolean flag)
{
  json_builder_set_member_name (json, key);
  json_builder_add_boolean_value (json, flag);
}

void
ox_json_array (JsonBuilder *json, const char *key)
{
  json_builder_set_member_name (json, key);
  json_builder_begin_array (json);
}

char *
ox_json_lines (JsonBuilder *json)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  g_autofree char *text = NULL;

  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}
