/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* @number, or its neighbour: JSON-GLib writes 1e-08 as 1e-08.0, which nobody reads. */
double ox_json_writable (double number);

/* Members of an object; a NULL text is null. JSON has neither NaN nor infinity: they are texts. */
void ox_json_text   (JsonBuilder *json, const char *key, const char *text);
void ox_json_count  (JsonBuilder *json, const char *key, gint64 count);
void ox_json_number (JsonBuilder *json, const char *key, double number);
void ox_json_flag   (JsonBuilder *json, const char *key, gboolean flag);
/* The array follows. */
void ox_json_array  (JsonBuilder *json, const char *key);
/* The whole, in lines. (transfer full) */
char *ox_json_lines (JsonBuilder *json);

G_END_DECLS
