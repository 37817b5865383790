/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-settings.h"

#include "core/ox-error.h"

static GSettingsSchema *
look_in (const char *folder)
{
  GSettingsSchemaSource *usual = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) source = g_settings_schema_source_new_from_directory (folder, usual, TRUE, NULL);

  return source != NULL ? g_settings_schema_source_lookup (source, OX_APP_ID, FALSE) : NULL;
}

static GSettingsSchema *
find_schema (void)
{
  GSettingsSchemaSource *usual = g_settings_schema_source_get_default ();
  GSettingsSchema *schema = usual != NULL ? g_settings_schema_source_lookup (usual, OX_APP_ID, TRUE) : NULL;
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  const char *const places[] = { "../data", "../share/glib-2.0/schemas" };

  for (guint i = 0; schema == NULL && folder != NULL && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *place = g_build_filename (folder, places[i], NULL);

      schema = look_in (place);
    }
  return schema;
}

GSettings *
ox_settings_get (GError **error)
{
  static GSettings *settings;

  if (settings == NULL)
    {
      g_autoptr (GSettingsSchema) schema = find_schema ();

      if (schema == NULL)
        {
          ox_fail (error, OX_ERROR_FILE, "The settings schema %s is not installed; set GSETTINGS_SCHEMA_DIR to its folder",
                   OX_APP_ID);
          return NULL;
        }
      settings = g_settings_new_full (schema, NULL, NULL);
    }
  return settings;
}
