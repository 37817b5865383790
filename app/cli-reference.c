/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cli-reference.h"

#include <string.h>

#include "debug/ox-instrument.h"
#include "debug/ox-runtime.h"
#include "model/ox-inline.h"
#include "proto/ox-data-set.h"

/* What ONNX Runtime may hand over at a time. */
#define BUDGET ((gsize) 512 << 20)

/* ---- a folder -------------------------------------------------------------------------------------------------- */

static gboolean
has_value (const OxModel *model, const char *name)
{
  return ox_graph_find (model->graph, name) >= 0;
}

/* "output_3.pb" and "output3.pb" give 3; -1 for others. */
static int
output_number (const char *file)
{
  const char *digits = g_str_has_prefix (file, "output_") ? file + 7 : g_str_has_prefix (file, "output") ? file + 6 : "";
  char *end;
  guint64 number = g_ascii_isdigit (digits[0]) ? g_ascii_strtoull (digits, &end, 10) : G_MAXUINT64;

  return number < G_MAXINT && end[0] == '.' ? (int) number : -1;
}

/* "input_0.pb" of a data set, which no node makes. */
static gboolean
is_input (const char *file)
{
  const char *digits = g_str_has_prefix (file, "input_") ? file + 6 : g_str_has_prefix (file, "input") ? file + 5 : "";
  gsize n = strspn (digits, "0123456789");

  return n > 0 && strcmp (digits + n, ".pb") == 0;
}

/* The value a .pb is of: the name inside if the model has it; else the file's, or an output's by its number. */
static char *
name_of_pb (const char *path, const char *file, const char *stem, const OxModel *model, GError **error)
{
  g_autoptr (GMappedFile) map = g_mapped_file_new (path, FALSE, error);
  g_autoptr (GBytes) bytes = map != NULL ? g_mapped_file_get_bytes (map) : NULL;
  g_autofree char *inside = NULL;
  g_autoptr (OxValue) value = NULL;
  int number = output_number (file);

  if (map == NULL)
    return NULL;
  /* What is no tensor has no name to go by; the model tells its type when it is read. */
  value = ox_import_value (bytes, NULL, &inside, NULL);
  if (inside != NULL && inside[0] != '\0' && (number < 0 || has_value (model, inside)))
    return g_steal_pointer (&inside);
  if (number >= 0 && number < (int) model->graph->output_infos->len)
    return g_strdup (((const OxSlot *) g_ptr_array_index (model->graph->output_infos, (guint) number))->name);
  return g_strdup (stem);
}

static OxReference *
open_folder (const char *path, const OxModel *model, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const char *file;

  if (dir == NULL)
    return NULL;
  while ((file = g_dir_read_name (dir)) != NULL)
    {
      const char *dot = strrchr (file, '.');
      g_autofree char *full = g_build_filename (path, file, NULL), *stem = NULL, *name = NULL;

      if (dot == NULL || dot == file)
        continue;
      stem = g_strndup (file, (gsize) (dot - file));
      if (strcmp (dot, ".npy") == 0)
        name = g_strdup (stem);
      else if (strcmp (dot, ".tensorproto") == 0 || (strcmp (dot, ".pb") == 0 && !is_input (file)))
        {
          name = name_of_pb (full, file, stem, model, error);
          if (name == NULL)
            return NULL;
          /* Every process of a run writes its own. */
          if (strcmp (dot, ".tensorproto") == 0 && g_hash_table_contains (files, name))
            {
              ox_fail (error, OX_ERROR_FORMAT, "%s: expected one node dump of '%s', found '%s' and '%s'", path, name,
                       strrchr (g_hash_table_lookup (files, name), '/') + 1, file);
              return NULL;
            }
        }
      if (name != NULL)
        g_hash_table_replace (files, g_steal_pointer (&name), g_steal_pointer (&full));
    }
  if (g_hash_table_size (files) == 0)
    {
      ox_fail (error, OX_ERROR_FORMAT, "%s: there is no .npy, no output .pb and no .tensorproto in this folder", path);
      return NULL;
    }
  return ox_reference_new_files (g_steal_pointer (&files), ox_value_load, path);
}

/* ---- another model --------------------------------------------------------------------------------------------- */

gboolean
ox_cli_feed_like (OxSession *session, OxSession *other, GError **error)
{
  const OxGraph *mine = ox_session_get_model (session)->graph, *theirs = ox_session_get_model (other)->graph;
  guint next = 0;

  for (guint i = 0; i < mine->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (mine, g_array_index (mine->inputs, int, i));
      OxValue *value = ox_session_get_input (other, slot->name);

      /* One of another name: the next of those that this model has not. */
      for (; value == NULL && slot->initializer == NULL && next < theirs->inputs->len; next++)
        {
          const OxSlot *rest = ox_graph_slot (theirs, g_array_index (theirs->inputs, int, next));
          const OxSlot *same = ox_graph_slot (mine, ox_graph_find (mine, rest->name));

          if (same == NULL || same->graph_input < 0)
            value = ox_session_get_input (other, rest->name);
        }
      if (value != NULL && !ox_session_set_input (session, slot->name, value, error))
        return FALSE;
    }
  return ox_session_ready (session, error);
}

static OxReference *
open_model (const char *path, OxSession *session, gboolean allow_links, GError **error)
{
  OxImportOptions options = { .allow_links = allow_links };
  g_autoptr (OxModel) model = ox_import_file (path, &options, NULL, error);
  g_autoptr (OxSession) theirs = NULL;

  if (model == NULL)
    return NULL;
  theirs = ox_session_new (model, NULL);
  if (!ox_cli_feed_like (theirs, session, error))
    {
      ox_error_prefix (error, "%s", path);
      return NULL;
    }
  return ox_reference_new_model (g_steal_pointer (&theirs), session, NULL, error);
}

/* ---- another runtime ------------------------------------------------------------------------------------------- */

OxReference *
ox_cli_runtime_reference (OxSession *session, const char *library, GError **error)
{
  g_autoptr (OxRuntime) runtime = ox_runtime_open (library, error);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (OxModel) copy = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *folder = NULL;
  guint calls;

  if (runtime == NULL)
    return NULL;
  copy = ox_model_inline (ox_session_get_model (session), &calls, NULL, names);
  if (!ox_model_link (copy, error))
    return NULL;
  ox_model_instrument (copy);
  if ((bytes = ox_export_bytes (copy, error)) == NULL)
    return NULL;
  if (copy->external_bytes > 0 && copy->path != NULL)
    folder = g_path_get_dirname (copy->path);
  return ox_reference_new_runtime (g_steal_pointer (&runtime), bytes, folder, session, names, BUDGET, error);
}

static OxValue *
parse_value (GBytes *bytes, const OxType *type, GError **error)
{
  return ox_import_value (bytes, type, NULL, error);
}

static OxReference *
open_self (const char *text, OxSession *session, GError **error)
{
  OxSelfOptions options;

  return ox_self_options_parse (text, &options, error) ? ox_reference_new_self (session, &options, NULL, error) : NULL;
}

OxReference *
ox_cli_reference (const char *path, OxSession *session, const char *runtime, gboolean allow_links, GError **error)
{
  if (strcmp (path, "onnxruntime") == 0)
    return ox_cli_runtime_reference (session, runtime, error);
  if (ox_self_options_fit (path))
    return open_self (path, session, error);
  if (g_str_has_suffix (path, ".db") || g_str_has_suffix (path, ".sqlite"))
    return ox_reference_new_sqlite (path, parse_value, error);
  if (g_str_has_suffix (path, ".npz") || g_str_has_suffix (path, ".oxtrace"))
    return ox_reference_new_npz (path, error);
  if (g_str_has_suffix (path, ".json"))
    return ox_reference_new_json (path, error);
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return open_folder (path, ox_session_get_model (session), error);
  if (g_str_has_suffix (path, ".onnx"))
    return open_model (path, session, allow_links, error);
  ox_fail (error, g_file_test (path, G_FILE_TEST_EXISTS) ? OX_ERROR_FORMAT : OX_ERROR_FILE,
           "%s: expected a reference: a .npz, a .json, a .onnx, a .db, a folder, onnxruntime, self:OPTION or twice", path);
  return NULL;
}

OxReference *
ox_cli_console_reference (const char *path, OxSession *session, GError **error)
{
  return ox_cli_reference (path, session, NULL, FALSE, error);
}

void
ox_cli_find_data (OxCliFeeds *feeds, const OxModel *model)
{
  g_autofree char *folder = model->path != NULL ? g_path_get_dirname (model->path) : NULL;
  g_autofree char *set = folder != NULL ? g_build_filename (folder, "test_data_set_0", NULL) : NULL;

  if (set == NULL || feeds->data_set != NULL || feeds->inputs != NULL || feeds->shapes != NULL || feeds->fill != NULL
      || !g_file_test (set, G_FILE_TEST_IS_DIR))
    return;
  g_printerr ("onnxscope: inputs are those of %s\n", set);
  feeds->data_set = g_steal_pointer (&set);
}
