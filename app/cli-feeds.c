/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "cli.h"
#include "proto/ox-data-set.h"
#include "session/ox-feeds.h"

void
ox_cli_feeds_entries (OxCliFeeds *feeds, GOptionEntry *entries)
{
  const GOptionEntry mine[] = {
    { "data-set", 0, 0, G_OPTION_ARG_FILENAME, &feeds->data_set, "input_i.pb, and output_i.pb to compare with", "FOLDER" },
    { "input", 'i', 0, G_OPTION_ARG_STRING_ARRAY, &feeds->inputs, "An input from .npy, .npz[:ARRAY], .pb, .csv or an image",
      "NAME=FILE" },
    { "shape", 's', 0, G_OPTION_ARG_STRING_ARRAY, &feeds->shapes, "Shape of a made-up input, or value of a symbol",
      "NAME=1x3x224x224" },
    { "fill", 0, 0, G_OPTION_ARG_STRING, &feeds->fill, "How to make up inputs: random (0 to 1), zeros, ones", "KIND" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &feeds->seed, "Of made-up inputs and of random operators", "N" },
  };

  memcpy (entries, mine, sizeof mine);
}

void
ox_cli_feeds_clear (OxCliFeeds *feeds)
{
  g_free (feeds->data_set);
  g_strfreev (feeds->inputs);
  g_strfreev (feeds->shapes);
  g_free (feeds->fill);
}

/* "NAME=REST"; the name may itself hold '=' no further than the last one. */
static gboolean
split (const char *text, char **name, const char **rest, GError **error)
{
  const char *equals = strchr (text, '=');

  if (equals == NULL || equals == text)
    return ox_fail (error, OX_ERROR_VALUE, "expected NAME=VALUE, found '%s'", text);
  *name = g_strndup (text, (gsize) (equals - text));
  *rest = equals + 1;
  return TRUE;
}

static gboolean
parse_shape (const char *text, GArray *dims, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, "x", -1);

  for (int i = 0; parts[i] != NULL && text[0] != '\0'; i++)
    {
      gint64 dim;

      if (!g_ascii_string_to_signed (parts[i], 10, 0, G_MAXINT64, &dim, NULL) || i >= OX_MAX_RANK)
        return ox_fail (error, OX_ERROR_VALUE, "expected a shape such as 1x3x224x224, found '%s'", text);
      g_array_append_val (dims, dim);
    }
  return TRUE;
}

static gboolean
fill_of (const char *text, OxFill *fill, GError **error)
{
  *fill = OX_FILL_RANDOM;
  if (text == NULL || strcmp (text, "random") == 0)
    return TRUE;
  *fill = OX_FILL_ZEROS;
  if (strcmp (text, "zeros") == 0)
    return TRUE;
  *fill = OX_FILL_ONES;
  return strcmp (text, "ones") == 0 || ox_fail (error, OX_ERROR_VALUE, "expected random, zeros or ones, found '%s'", text);
}

static gboolean
feed_data_set (OxCliFeeds *feeds, OxSession *session, GHashTable *given, char **found, GError **error)
{
  OxModel *model = ox_session_get_model (session);
  g_autofree char *beside = NULL, *folder = NULL;
  g_autoptr (GHashTable) values = NULL;
  GHashTableIter iter;
  gpointer name, value;

  if (feeds->data_set == NULL)
    return TRUE;
  folder = g_path_get_dirname (model->path);
  beside = g_build_filename (folder, feeds->data_set, NULL);
  *found = g_strdup (!g_file_test (feeds->data_set, G_FILE_TEST_IS_DIR) && g_file_test (beside, G_FILE_TEST_IS_DIR)
                       ? beside : feeds->data_set);
  values = ox_data_set_load (model, *found, FALSE, error);
  if (values == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      if (!ox_session_set_input (session, name, value, error))
        return FALSE;
      g_hash_table_add (given, g_strdup (name));
    }
  return TRUE;
}

static gboolean
feed_files (OxCliFeeds *feeds, OxSession *session, GHashTable *given, GError **error)
{
  const OxGraph *graph = ox_session_get_model (session)->graph;

  for (int i = 0; feeds->inputs != NULL && feeds->inputs[i] != NULL; i++)
    {
      g_autofree char *name = NULL;
      g_autoptr (OxValue) value = NULL;
      const char *file;
      const OxSlot *slot;

      if (!split (feeds->inputs[i], &name, &file, error))
        return FALSE;
      slot = ox_graph_slot (graph, ox_graph_find (graph, name));
      if (slot == NULL || slot->graph_input < 0)
        return ox_fail (error, OX_ERROR_VALUE, "the model has no input '%s'", name);
      value = ox_value_load_named (file, name, slot->type, error);
      if (value == NULL || !ox_session_set_input (session, name, value, error))
        return FALSE;
      g_hash_table_add (given, g_strdup (name));
    }
  return TRUE;
}

/* "--shape" names inputs, and symbols that are no input. */
static gboolean
read_shapes (OxCliFeeds *feeds, const OxGraph *graph, GHashTable *shapes, GHashTable *symbols, GError **error)
{
  for (int i = 0; feeds->shapes != NULL && feeds->shapes[i] != NULL; i++)
    {
      g_autofree char *name = NULL;
      GArray *dims = g_array_new (FALSE, FALSE, sizeof (gint64));
      const OxSlot *slot;
      const char *text;

      if (!split (feeds->shapes[i], &name, &text, error) || !parse_shape (text, dims, error))
        {
          g_array_unref (dims);
          return FALSE;
        }
      slot = ox_graph_slot (graph, ox_graph_find (graph, name));
      if (slot != NULL && slot->graph_input >= 0)
        g_hash_table_insert (shapes, g_strdup (name), dims);
      else if (dims->len == 1)
        {
          g_hash_table_insert (symbols, g_strdup (name), g_memdup2 (dims->data, sizeof (gint64)));
          g_array_unref (dims);
        }
      else
        {
          g_array_unref (dims);
          return ox_fail (error, OX_ERROR_VALUE, "the model has no input '%s'", name);
        }
    }
  return TRUE;
}

static gboolean
make_up (OxCliFeeds *feeds, OxSession *session, GHashTable *given, GError **error)
{
  const OxGraph *graph = ox_session_get_model (session)->graph;
  g_autoptr (GHashTable) shapes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  g_autoptr (GHashTable) symbols = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  OxFill fill;

  if (!fill_of (feeds->fill, &fill, error) || !read_shapes (feeds, graph, shapes, symbols, error))
    return FALSE;
  for (guint i = 0; i < graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));
      const GArray *shape = g_hash_table_lookup (shapes, slot->name);
      g_autoptr (OxValue) value = NULL;
      g_autofree char *text = NULL;

      if (g_hash_table_contains (given, slot->name) || slot->initializer != NULL
          || (slot->type != NULL && slot->type->kind == OX_TYPE_OPTIONAL))
        continue;
      value = ox_feed_make (slot, fill, (guint64) feeds->seed, symbols, shape != NULL ? (int) shape->len : 0,
                            shape != NULL ? (const gint64 *) (void *) shape->data : NULL, error);
      if (value == NULL || !ox_session_set_input (session, slot->name, value, error))
        return FALSE;
      text = ox_value_describe (value);
      if (feeds->said != NULL)
        g_string_append_printf (feeds->said, "input '%s' is made up: %s, %s\n", slot->name, text,
                                feeds->fill != NULL ? feeds->fill : "random");
      else
        g_printerr ("onnxscope: input '%s' is made up: %s, %s\n", slot->name, text, feeds->fill != NULL ? feeds->fill : "random");
      feeds->made_up = TRUE;
    }
  return TRUE;
}

gboolean
ox_cli_feed (OxCliFeeds *feeds, OxSession *session, char **data_set, GError **error)
{
  g_autoptr (GHashTable) given = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *found = NULL;

  if (!feed_data_set (feeds, session, given, &found, error) || !feed_files (feeds, session, given, error)
      || !make_up (feeds, session, given, error))
    return FALSE;
  if (data_set != NULL)
    *data_set = g_steal_pointer (&found);
  return TRUE;
}
