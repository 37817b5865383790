/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"
#include "app/ox-test-case.h"

/* The selected node with the values of a run as a test case in a folder, on a worker. The run is that of the model as it is,
 * without changes. */

typedef struct
{
  OxRegion  *region;
  OxSession *session;
  char      *folder;
  gint64     iteration;
} Case;

static void
case_free (gpointer data)
{
  Case *wanted = data;

  g_clear_pointer (&wanted->region, ox_region_free);
  g_clear_pointer (&wanted->session, ox_session_free);
  g_free (wanted->folder);
  g_free (wanted);
}

static void
case_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Case *wanted = data;
  GError *error = NULL;

  if (ox_test_case_write (wanted->region, wanted->session, wanted->iteration, wanted->folder, FALSE, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxPage *self = OX_PAGE (source);
  const Case *wanted = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  const gboolean done = g_task_propagate_boolean (G_TASK (result), &error);

  if (self->focus == NULL)
    return;
  ox_page_end_progress (self);
  if (done)
    {
      g_autofree char *name = g_path_get_basename (wanted->folder), *text = g_strdup_printf ("The test case is in %s", name);
      g_autofree char *valid = g_utf8_make_valid (text, -1);

      ox_page_tell (self, valid);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
}

/* Of the frame one stands in, if it runs the node's graph. */
static gint64
iteration_now (OxDebugger *debugger, const OxGraph *graph)
{
  for (guint level = ox_debugger_get_depth (debugger); level > 0; level--)
    {
      const OxFrame *frame = ox_debugger_get_frame (debugger, level - 1);

      if (frame != NULL && frame->graph == graph)
        return frame->iteration;
    }
  return -1;
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, OxPage *self)
{
  OxNode *node = self->focus != NULL ? ox_focus_get_node (self->focus) : NULL;
  OxDebugger *debugger = ox_document_get_debugger (self->document);
  const OxSessionOptions options = { .keep_all = TRUE };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GFile) file = NULL;
  g_autoptr (GTask) task = NULL;
  OxModel *model;
  Case *wanted;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file == NULL || node == NULL || g_file_peek_path (file) == NULL)
    return;
  model = ox_document_get_model (self->document);
  wanted = g_new0 (Case, 1);
  wanted->region = ox_region_new_node (node);
  wanted->folder = g_file_get_path (file);
  wanted->iteration = ox_debugger_is_running (debugger) ? -1 : iteration_now (debugger, node->graph);
  wanted->session = ox_session_new (model, &options);
  for (guint i = 0; i < model->graph->inputs->len; i++)
    {
      const char *name = ox_graph_slot (model->graph, g_array_index (model->graph->inputs, int, i))->name;
      OxValue *value = ox_debugger_get_input (debugger, name);

      if (value != NULL)
        ox_session_set_input (wanted->session, name, value, NULL);
    }
  task = g_task_new (self, cancellable, written_cb, NULL);
  g_task_set_task_data (task, wanted, case_free);
  ox_page_start_progress (self, "Running the model for the test case…", cancellable);
  g_task_run_in_thread (task, case_worker);
}

static void
test_case_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxNode *node = self->focus != NULL ? ox_focus_get_node (self->focus) : NULL;
  OxDebugger *debugger = ox_document_get_debugger (self->document);
  g_autofree char *op = NULL, *name = NULL;
  GtkFileChooserNative *dialog;

  if (node == NULL)
    {
      ox_page_tell (self, "Select a node first");
      return;
    }
  if (!ox_debugger_ready (debugger, NULL))
    {
      ox_page_tell (self, "Run the model once, or choose its inputs, first");
      return;
    }
  op = g_utf8_make_valid (node->op_type, -1);
  name = g_strdup_printf ("%s-%u", op, node->index);
  g_strdelimit (name, "/\\", '-');
  dialog = gtk_file_chooser_native_new ("Export Test Case", GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                        GTK_FILE_CHOOSER_ACTION_SAVE, "_Export", "_Cancel");
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (chosen_cb), self, 0);
  g_signal_connect (dialog, "response", G_CALLBACK (g_object_unref), NULL);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
ox_page_add_case (OxPage *self)
{
  static const GActionEntry entries[] = { { "test-case", test_case_cb } };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
