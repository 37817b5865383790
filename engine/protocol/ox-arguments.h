/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Members of an object that somebody else wrote. What is not there, or null, leaves the result as it was; what is of another
 * type is FALSE with OX_ERROR_VALUE. @object may be NULL: nothing is there. Borrowed. */
gboolean ox_arguments_text   (JsonObject *object, const char *key, const char **text, GError **error);
gboolean ox_arguments_count  (JsonObject *object, const char *key, gint64 least, gint64 most, gint64 *count, GError **error);
gboolean ox_arguments_flag   (JsonObject *object, const char *key, gboolean *flag, GError **error);
gboolean ox_arguments_object (JsonObject *object, const char *key, JsonObject **member, GError **error);
gboolean ox_arguments_array  (JsonObject *object, const char *key, JsonArray **member, GError **error);
/* Element @i as an object. */
JsonObject *ox_arguments_item (JsonArray *array, guint i, GError **error);
/* The same for what has to be there. */
gboolean ox_arguments_need_text (JsonObject *object, const char *key, const char **text, GError **error);
gboolean ox_arguments_need_count (JsonObject *object, const char *key, gint64 least, gint64 most, gint64 *count, GError **error);

/* One message: an object that nests no deeper than OX_ARGUMENTS_DEPTH. (transfer full) */
#define OX_ARGUMENTS_DEPTH 32
JsonNode *ox_arguments_parse (const char *text, gsize length, GError **error);

G_END_DECLS
