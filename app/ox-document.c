/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-document.h"

#include "core/ox-error.h"
#include "proto/ox-import.h"
#include "session/ox-inference.h"

struct _OxDocument
{
  GObject parent_instance;

  GFile      *opened, *file;   /* a recorded run and its model; else the same */
  OxRecording *recording;
  OxTraceModel fit;
  char       *doubt;
  gboolean    chosen, doubtful;   /* the model's file was; a model that is another is taken */
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
  g_clear_object (&self->recording);
  g_clear_pointer (&self->doubt, g_free);
  g_clear_object (&self->opened);
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

  self->opened = g_object_ref (file);
  self->file = g_object_ref (file);
  return self;
}

gboolean
ox_document_is_recording (GFile *file)
{
  g_autofree char *name = g_file_get_basename (file), *lower = name != NULL ? g_ascii_strdown (name, -1) : NULL;

  return lower != NULL && g_str_has_suffix (lower, ".oxtrace");
}

GFile *
ox_document_get_file (OxDocument *self)
{
  return self->file;
}

GFile *
ox_document_get_opened (OxDocument *self)
{
  return self->opened;
}

OxRecording *
ox_document_get_recording (OxDocument *self)
{
  return self->recording;
}

OxTraceModel
ox_document_get_fit (OxDocument *self)
{
  return self->fit;
}

const char *
ox_document_get_doubt (OxDocument *self)
{
  return self->doubt;
}

void
ox_document_set_file (OxDocument *self, GFile *file)
{
  g_set_object (&self->file, file);
  self->chosen = TRUE;
  self->doubtful = FALSE;
}

void
ox_document_take_doubtful (OxDocument *self)
{
  self->doubtful = TRUE;
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
  g_autofree char *name = g_file_get_basename (self->opened), *whole = NULL;
  g_autoptr (GFile) folder = g_file_get_parent (self->opened);

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

      if (self->recording != NULL)
        {
          g_autofree char *name = g_file_get_basename (self->file);

          g_string_append_printf (text, "%s: ", name);
        }
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

typedef struct
{
  GFile        *file;        /* the model's; NULL: the recording knows */
  char         *path;        /* of the recorded run; NULL: there is none */
  gboolean      doubtful;

  OxRecording  *recording;   /* found */
  OxTraceModel  fit;
  char         *doubt;
  OxModel      *model;
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_clear_object (&load->file);
  g_clear_object (&load->recording);
  g_clear_pointer (&load->model, ox_model_unref);
  g_free (load->doubt);
  g_free (load->path);
  g_free (load);
}

/* The recording and the file of its model. */
static gboolean
find_model (Load *load, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = load->file != NULL ? g_file_get_path (load->file) : NULL, *name = NULL;
  const char *then;
  OxTraceFile *file;

  load->recording = load->recording != NULL ? load->recording : ox_recording_open (load->path, cancellable, error);
  if (load->recording == NULL)
    return FALSE;
  file = ox_recording_get_file (load->recording);
  then = ox_trace_file_model (file);
  name = ox_recording_dup_name (load->recording);
  if (path == NULL)
    {
      g_autoptr (GError) cause = NULL;

      path = ox_trace_file_find_model (file, &load->fit, cancellable, &cause);
      if (cause != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&cause));
          return FALSE;
        }
    }
  else if (!ox_trace_file_fits (file, path, &load->fit, cancellable, error))
    return FALSE;
  if (path == NULL)
    return ox_fail (error, OX_ERROR_FILE,
                    then[0] != '\0' ? "%s was recorded of %s. It is not there, and no file of its name is beside the recording."
                                    : "%s was recorded of a model without a file.%s", name, then);
  if (load->file == NULL)
    load->file = g_file_new_for_path (path);
  if (load->fit == OX_TRACE_MODEL_UNTOLD)
    load->doubt = g_strdup_printf ("%s does not tell whether it was recorded of the model that is open", name);
  else if (load->fit == OX_TRACE_MODEL_OTHER)
    load->doubt = g_strdup_printf ("%s was recorded of another model: the file that is open has other bytes", name);
  if (load->fit != OX_TRACE_MODEL_OTHER || load->doubtful)
    return TRUE;
  return ox_fail (error, OX_ERROR_FILE, "%s was recorded of %s. The file %s has other bytes.", name,
                  then[0] != '\0' ? then : "a model without a path", path);
}

static void
load_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Load *load = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  OxModel *model = NULL;

  if (load->path != NULL && !find_model (load, cancellable, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  path = g_file_get_path (load->file);
  if (path != NULL)
    model = ox_import_file (path, NULL, cancellable, &error);
  else
    {
      g_autofree char *uri = g_file_get_uri (load->file);
      g_autoptr (GBytes) bytes = g_file_load_bytes (load->file, cancellable, NULL, &error);

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
  load->model = model;
  if (model != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
ox_document_load_async (OxDocument *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  Load *load = g_new0 (Load, 1);

  g_task_set_source_tag (task, ox_document_load_async);
  g_task_set_task_data (task, load, load_free);
  if (ox_document_is_recording (self->opened))
    {
      load->path = g_file_get_path (self->opened);
      load->recording = self->recording != NULL ? g_object_ref (self->recording) : NULL;
      load->doubtful = self->doubtful;
      if (load->path == NULL)
        {
          g_task_return_new_error (task, OX_ERROR, OX_ERROR_FILE,
                                   "A recorded run is read from this computer's folders only");
          return;
        }
    }
  if (load->path == NULL || self->chosen)
    load->file = g_object_ref (self->file);
  g_task_run_in_thread (task, load_worker);
}

gboolean
ox_document_load_finish (OxDocument *self, GAsyncResult *result, GError **error)
{
  Load *load = g_task_get_task_data (G_TASK (result));
  gboolean done = g_task_propagate_boolean (G_TASK (result), error);

  g_set_object (&self->recording, load->recording);
  self->fit = load->fit;
  g_free (self->doubt);
  self->doubt = g_steal_pointer (&load->doubt);
  if (load->file != NULL && load->path != NULL)
    g_set_object (&self->file, load->file);
  if (!done)
    return FALSE;
  g_clear_object (&self->focus);
  g_clear_object (&self->debugger);
  g_clear_pointer (&self->inputs, ox_inputs_free);
  g_clear_pointer (&self->model, ox_model_unref);
  self->model = g_steal_pointer (&load->model);
  self->debugger = ox_debugger_new (self->model);
  self->focus = ox_focus_new (self->model, self->debugger);
  self->inputs = ox_inputs_new (self->model);
  return TRUE;
}

void
ox_document_propose_inputs (OxDocument *self, const OxInputs *inputs)
{
  OxInputs *copy = ox_inputs_copy (inputs);

  g_clear_pointer (&self->inputs, ox_inputs_free);
  self->inputs = copy;
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
