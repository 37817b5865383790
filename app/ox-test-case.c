/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>

#include <glib/gstdio.h>

#include "ox-test-case.h"
#include "proto/ox-data-set.h"
#include "proto/ox-import.h"
#include "session/ox-inference.h"

static OxModel *
read_again (OxRegion *region, gboolean allow_links, GError **error)
{
  const OxImportOptions options = { .allow_links = allow_links };
  const OxModel *model = ox_region_graph (region)->model;

  if (model->path != NULL)
    return ox_import_file (model->path, &options, NULL, error);
  ox_fail (error, OX_ERROR_FILE, "the model is in no file");
  return NULL;
}

static gboolean
write_values (const char *folder, gboolean are_outputs, const GPtrArray *names, const GPtrArray *values, GError **error)
{
  for (guint i = 0; i < names->len; i++)
    if (g_ptr_array_index (values, i) != NULL
        && !ox_data_set_write (folder, are_outputs, i, g_ptr_array_index (names, i), g_ptr_array_index (values, i), error))
      return FALSE;
  return TRUE;
}

static void
free_value (gpointer value)
{
  if (value != NULL)
    ox_value_unref (value);
}

gboolean
ox_test_case_write (OxRegion *region, OxSession *session, gint64 iteration, const char *folder, gboolean allow_links,
                    GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) inputs = g_ptr_array_new_with_free_func (free_value), outputs = g_ptr_array_new_with_free_func (free_value);
  g_autofree char *path = g_build_filename (folder, "model.onnx", NULL), *set = g_build_filename (folder, "test_data_set_0", NULL);
  g_autoptr (OxFrame) frame = NULL;
  g_autoptr (OxModel) model = NULL;

  if (!ox_region_record (region, session, OX_ANY_FRAME, iteration, inputs, outputs, &frame, cancellable, error))
    return FALSE;
  for (guint i = 0; i < inputs->len; i++)
    if (g_ptr_array_index (inputs, i) == NULL)
      return ox_fail (error, OX_ERROR_VALUE, "'%s' was given no value", (const char *) g_ptr_array_index (ox_region_inputs (region), i));
  model = read_again (region, allow_links, error);
  if (model == NULL || !ox_region_cut (region, model, inputs, outputs, frame, error))
    return FALSE;
  if (g_mkdir_with_parents (set, 0777) != 0)
    return ox_fail (error, OX_ERROR_FILE, "%s: %s", set, g_strerror (errno));
  return ox_export_file (model, path, error) && write_values (set, FALSE, ox_region_inputs (region), inputs, error)
         && write_values (set, TRUE, ox_region_outputs (region), outputs, error);
}

/* What an earlier case has left there. */
static void
clear_values (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    if (g_pattern_match_simple ("input_*.pb", file) || g_pattern_match_simple ("output_*.pb", file))
      {
        g_autofree char *path = g_build_filename (folder, file, NULL);

        g_unlink (path);
      }
}

gboolean
ox_case_write (const OxCase *self, const GPtrArray *expected, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "model.onnx", NULL), *set = g_build_filename (folder, "test_data_set_0", NULL);
  g_autoptr (GPtrArray) inputs = g_ptr_array_new (), outputs = g_ptr_array_new ();
  const OxGraph *graph = self->model->graph;

  for (guint i = 0; i < graph->inputs->len; i++)
    g_ptr_array_add (inputs, ox_graph_slot (graph, g_array_index (graph->inputs, int, i))->name);
  for (guint i = 0; i < graph->output_infos->len; i++)
    g_ptr_array_add (outputs, ((OxSlot *) g_ptr_array_index (graph->output_infos, i))->name);
  if (g_mkdir_with_parents (set, 0777) != 0)
    return ox_fail (error, OX_ERROR_FILE, "%s: %s", set, g_strerror (errno));
  clear_values (set);
  return ox_export_file (self->model, path, error) && write_values (set, FALSE, inputs, self->inputs, error)
         && (expected == NULL || write_values (set, TRUE, outputs, expected, error));
}

gboolean
ox_region_write (OxRegion *region, const char *path, gboolean allow_links, GError **error)
{
  g_autoptr (OxModel) model = read_again (region, allow_links, error);

  if (model == NULL)
    return FALSE;
  ox_model_infer (model, NULL, NULL);
  return ox_region_cut (region, model, NULL, NULL, NULL, error) && ox_export_file (model, path, error);
}
