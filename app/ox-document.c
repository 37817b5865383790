/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-document.h"

#include "core/ox-error.h"
#include "proto/ox-import.h"
#include "session/ox-inference.h"

struct _OxDocument
{
  GObject parent_instance;

  GFile      *file;
  OxModel    *model;
  OxDebugger *debugger;
  OxFocus    *focus;
  OxInputs   *inputs;
  guint       feeding;   /* serial number of the newest request */
};

G_DEFINE_FINAL_TYPE (OxDocument, ox_document, G_TYPE_OBJECT)

static void
ox_document_finalize (GObject *object)
{
  OxDocument *self = OX_DOCUMENT (object);

  g_clear_object (&self->focus);
  g_clear_object (&self->debugger);
  g_clear_pointer (&self->inputs, ox_inputs_free);
  g_clear_pointer (&self->model, ox_model_unref);
  g_clear_object (&self->file);
  G_OBJECT_CLASS (ox_document_parent_class)->finalize (object);
}

static void
ox_document_class_init (OxDocumentClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_document_finalize;
}

static void
ox_document_init (OxDocument *self)
{
}

OxDocument *
ox_document_new (GFile *file)
{
  OxDocument *self = g_object_new (OX_TYPE_DOCUMENT, NULL);

  self->file = g_object_ref (file);
  return self;
}

GFile *
ox_document_get_file (OxDocument *self)
{
  return self->file;
}

OxModel *
ox_document_get_model (OxDocument *self)
{
  return self->model;
}

OxDebugger *
ox_document_get_debugger (OxDocument *self)
{
  return self->debugger;
}

OxFocus *
ox_document_get_focus (OxDocument *self)
{
  return self->focus;
}

OxInputs *
ox_document_get_inputs (OxDocument *self)
{
  return self->inputs;
}

char *
ox_document_dup_title (OxDocument *self)
{
  g_autofree char *name = g_file_get_basename (self->file), *whole = NULL;
  g_autoptr (GFile) folder = g_file_get_parent (self->file);

  if (name == NULL)
    return g_strdup ("Model");
  /* Every other model is called so; the folder tells them apart. */
  if (g_str_equal (name, "model.onnx") && folder != NULL)
    {
      g_autofree char *parent = g_file_get_basename (folder);

      whole = g_strdup_printf ("%s/%s", parent, name);
    }
  return g_utf8_make_valid (whole != NULL ? whole : name, -1);
}

char *
ox_document_dup_subtitle (OxDocument *self)
{
  GString *text = g_string_new (NULL);
  g_autofree char *valid = NULL;
  gint64 opset;

  if (self->model != NULL)
    {
      const OxModel *model = self->model;

      if (model->producer_name != NULL && *model->producer_name != '\0')
        g_string_append (text, model->producer_name);
      if (text->len > 0 && model->producer_version != NULL && *model->producer_version != '\0')
        g_string_append_printf (text, " %s", model->producer_version);
      opset = ox_model_opset (model, model->graph, "ai.onnx");
      if (opset > 0)
        g_string_append_printf (text, "%sopset %" G_GINT64_FORMAT, text->len > 0 ? ", " : "", opset);
    }
  valid = g_utf8_make_valid (text->str, (gssize) text->len);
  g_string_free (text, TRUE);
  return g_steal_pointer (&valid);
}

static void
load_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_file_get_path (data);
  OxModel *model = NULL;

  if (path != NULL)
    model = ox_import_file (path, NULL, cancellable, &error);
  else
    {
      g_autofree char *uri = g_file_get_uri (data);
      g_autoptr (GBytes) bytes = g_file_load_bytes (data, cancellable, NULL, &error);

      /* Not a file of this machine: as a whole, and without external data. */
      if (bytes != NULL)
        model = ox_import_bytes (bytes, uri, NULL, &error);
    }
  /* Nobody else has the model yet; what is found to contradict itself stands beside the importer's warnings. */
  if (model != NULL && !ox_model_infer (model, model->warnings, cancellable))
    {
      g_clear_pointer (&model, ox_model_unref);
      g_cancellable_set_error_if_cancelled (cancellable, &error);
    }
  if (model != NULL)
    g_task_return_pointer (task, model, (GDestroyNotify) ox_model_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
ox_document_load_async (OxDocument *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_task_set_source_tag (task, ox_document_load_async);
  g_task_set_task_data (task, g_object_ref (self->file), g_object_unref);
  g_task_run_in_thread (task, load_worker);
}

gboolean
ox_document_load_finish (OxDocument *self, GAsyncResult *result, GError **error)
{
  OxModel *model = g_task_propagate_pointer (G_TASK (result), error);

  if (model == NULL)
    return FALSE;
  g_clear_object (&self->focus);
  g_clear_object (&self->debugger);
  g_clear_pointer (&self->inputs, ox_inputs_free);
  g_clear_pointer (&self->model, ox_model_unref);
  self->model = model;
  self->debugger = ox_debugger_new (model);
  self->focus = ox_focus_new (model, self->debugger);
  self->inputs = ox_inputs_new (model);
  return TRUE;
}

typedef struct
{
  OxInputs *inputs;
  guint     serial;
} Feed;

static void
feed_free (gpointer data)
{
  Feed *feed = data;

  ox_inputs_free (feed->inputs);
  g_free (feed);
}

static void
feed_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Feed *feed = data;
  GError *error = NULL;
  GHashTable *values = ox_inputs_make (feed->inputs, &error);

  if (values != NULL)
    g_task_return_pointer (task, values, (GDestroyNotify) g_hash_table_unref);
  else
    g_task_return_error (task, error);
}

void
ox_document_feed_async (OxDocument *self, const OxInputs *inputs, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  Feed *feed = g_new0 (Feed, 1);

  feed->inputs = ox_inputs_copy (inputs != NULL ? inputs : self->inputs);
  feed->serial = ++self->feeding;
  g_task_set_source_tag (task, ox_document_feed_async);
  g_task_set_task_data (task, feed, feed_free);
  g_task_run_in_thread (task, feed_worker);
}

gboolean
ox_document_feed_finish (OxDocument *self, GAsyncResult *result, GError **error)
{
  Feed *feed = g_task_get_task_data (G_TASK (result));
  g_autoptr (GHashTable) values = g_task_propagate_pointer (G_TASK (result), error);
  GHashTableIter iter;
  gpointer name, value;

  if (values == NULL)
    return FALSE;
  if (feed->serial != self->feeding)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Other inputs were chosen meanwhile");
      return FALSE;
    }
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!ox_debugger_set_input (self->debugger, name, value, error))
      return FALSE;
  /* An input that had a value may be asked to go back to its default. */
  for (guint i = 0; i < ox_inputs_length (feed->inputs); i++)
    {
      const OxSlot *slot = ox_inputs_slot (feed->inputs, i);
      g_autoptr (OxValue) usual = NULL;

      if (ox_inputs_get (feed->inputs, i)->kind != OX_INPUT_DEFAULT || ox_debugger_get_input (self->debugger, slot->name) == NULL)
        continue;
      usual = ox_initializer_get (slot->initializer, error);
      if (usual == NULL || !ox_debugger_set_input (self->debugger, slot->name, usual, error))
        return FALSE;
    }
  g_clear_pointer (&self->inputs, ox_inputs_free);
  self->inputs = g_steal_pointer (&feed->inputs);
  return TRUE;
}
