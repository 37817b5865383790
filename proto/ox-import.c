/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "proto/ox-import.h"

#include <string.h>

#include "proto/ox-import-private.h"

#define NEWEST_IR_VERSION 14

static void
free_message (ProtobufCMessage *message)
{
  protobuf_c_message_free_unpacked (message, NULL);
}

static void
import_header (OxModel *model, const Onnx__ModelProto *proto)
{
  GArray *metadata = ox_import_metadata (proto->n_metadata_props, proto->metadata_props);

  model->ir_version = proto->ir_version;
  model->model_version = proto->model_version;
  model->producer_name = ox_import_text (proto->producer_name);
  model->producer_version = ox_import_text (proto->producer_version);
  model->domain = ox_import_text (proto->domain);
  model->doc = ox_import_text (proto->doc_string);
  if (metadata != NULL)
    {
      g_array_unref (model->metadata);
      model->metadata = metadata;
    }
  for (size_t i = 0; i < proto->n_opset_import; i++)
    {
      g_autofree char *domain = ox_import_text (proto->opset_import[i]->domain);
      OxOpset opset = { g_strdup (ox_domain_canonical (domain)), proto->opset_import[i]->version };

      g_array_append_val (model->opsets, opset);
    }
  /* Before there were operator sets, everything was of the first. */
  if (model->opsets->len == 0 && model->ir_version < 3)
    {
      OxOpset first = { g_strdup (ox_domain_canonical (NULL)), 1 };

      g_array_append_val (model->opsets, first);
    }
  if (model->opsets->len == 0)
    g_ptr_array_add (model->warnings, g_strdup ("it imports no operator set"));
  if (model->ir_version > NEWEST_IR_VERSION)
    g_ptr_array_add (model->warnings,
                     g_strdup_printf ("its IR version %" G_GINT64_FORMAT " is newer than the newest known, %d",
                                      model->ir_version, NEWEST_IR_VERSION));
}

static gboolean
import_model (OxImporter *importer, OxModel *model, const Onnx__ModelProto *proto, GError **error)
{
  g_autoptr (GPtrArray) kept = ox_import_kept (importer, &proto->base);

  if (proto->graph == NULL)
    return ox_fail (error, OX_ERROR_FORMAT, "this is not an ONNX model: it has no graph");
  import_header (model, proto);
  if (kept != NULL)
    g_ptr_array_extend_and_steal (model->passthrough, g_steal_pointer (&kept));
  model->unknown = ox_wire_unknown (&proto->base);
  for (size_t i = 0; i < proto->n_functions; i++)
    if (!ox_import_function (importer, proto->functions[i], error))
      return FALSE;
  model->graph = ox_graph_new (model, NULL);
  if (!ox_import_graph (importer, model->graph, proto->graph, error))
    return FALSE;
  ox_importer_report (importer);
  return TRUE;
}

static OxModel *
import_mapped (GBytes *bytes, const char *path, const OxImportOptions *options, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (OxModel) model = ox_model_new ();
  g_autofree char *shown = path != NULL ? g_filename_display_name (path) : g_strdup ("model");
  ProtobufCMessage *message;
  OxImporter importer;
  gboolean ok;

  model->path = g_strdup (path);
  model->file = g_bytes_ref (bytes);
  if (g_bytes_get_size (bytes) == 0)
    {
      ox_fail (error, OX_ERROR_FORMAT, "%s: the file is empty", shown);
      return NULL;
    }
  message = ox_wire_unpack (bytes, &onnx__model_proto__descriptor, cancellable, error);
  if (message == NULL)
    {
      ox_error_prefix (error, "%s", shown);
      return NULL;
    }
  ox_importer_init (&importer, bytes, model, path, options);
  ok = import_model (&importer, model, (const Onnx__ModelProto *) message, error)
       && ((options != NULL && options->unlinked) || ox_model_link (model, error));
  ox_importer_clear (&importer);
  free_message (message);
  if (!ok)
    {
      ox_error_prefix (error, "%s", shown);
      return NULL;
    }
  return g_steal_pointer (&model);
}

/* The one model in a folder. */
static char *
find_model (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = NULL;
  g_autofree char *found = NULL;
  g_autoptr (GError) cause = NULL;
  const char *name;
  guint n = 0;

  dir = g_dir_open (folder, 0, &cause);
  if (dir == NULL)
    {
      ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".onnx") && n++ == 0)
      found = g_build_filename (folder, name, NULL);
  if (n != 1)
    {
      g_autofree char *shown = g_filename_display_name (folder);

      ox_fail (error, OX_ERROR_FILE, "%s: expected one .onnx file in the folder, found %u", shown, n);
      return NULL;
    }
  return g_steal_pointer (&found);
}

OxModel *
ox_import_file (const char *path, const OxImportOptions *options, GCancellable *cancellable, GError **error)
{
  g_autofree char *inside = NULL;
  g_autoptr (GMappedFile) map = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) cause = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      path = inside = find_model (path, error);
      if (path == NULL)
        return NULL;
    }
  else if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      ox_fail (error, OX_ERROR_FILE, "%s: not a regular file", path);
      return NULL;
    }
  map = g_mapped_file_new (path, FALSE, &cause);
  if (map == NULL)
    {
      ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
      return NULL;
    }
  bytes = g_mapped_file_get_bytes (map);
  return import_mapped (bytes, path, options, cancellable, error);
}

OxModel *
ox_import_bytes (GBytes *bytes, const char *path, const OxImportOptions *options, GError **error)
{
  return import_mapped (bytes, path, options, NULL, error);
}
