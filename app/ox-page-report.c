/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "app/ox-page-private.h"
#include "proto/ox-import.h"
#include "report/ox-report.h"
#include "session/ox-check.h"

/* The run as a page to keep, on a worker and in a session of its own; what was compared last comes along. */

typedef struct
{
  OxSession *session;
  OxModel   *model;
  OxErrors  *errors;    /* NULL: nothing was compared */
  char      *path;
  gboolean   made_up;
} Report;

static void
report_free (gpointer data)
{
  Report *report = data;

  ox_session_free (report->session);
  ox_model_unref (report->model);
  g_clear_object (&report->errors);
  g_free (report->path);
  g_free (report);
}

static void
report_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Report *report = data;
  const OxImportOptions unlinked = { .unlinked = TRUE };
  g_autoptr (OxModel) model = report->model->path != NULL ? ox_import_file (report->model->path, &unlinked, cancellable, NULL)
                                                          : NULL;
  g_autoptr (GPtrArray) checks = model != NULL ? ox_model_check (model, FALSE, cancellable) : NULL;
  const OxReportOptions options = { .inputs = report->made_up ? "made up, random" : "as chosen in the window", .checks = checks,
                                    .compared = TRUE };
  OxComparison *comparison = report->errors != NULL ? ox_errors_comparison (report->errors) : NULL;
  GError *error = NULL;

  if (ox_report_write (report->session, comparison, report->path, &options, NULL, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
reported_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxPage *self = OX_PAGE (source);
  const Report *report = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);
  g_autofree char *name = g_path_get_basename (report->path), *text = g_strdup_printf ("Exported %s", name);
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  if (self->focus == NULL)
    return;
  ox_page_end_progress (self);
  if (done)
    ox_page_tell (self, valid);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
}

static void
start (OxPage *self, const char *path)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (self, cancellable, reported_cb, NULL);
  Report *report = g_new0 (Report, 1);

  report->session = ox_debugger_new_study (ox_document_get_debugger (self->document));
  report->model = ox_model_ref (ox_document_get_model (self->document));
  report->path = g_strdup (path);
  report->made_up = ox_page_inputs_are_made_up (self);
  g_set_object (&report->errors, ox_overlay_get_errors (ox_focus_get_overlay (self->focus)));
  g_task_set_task_data (task, report, report_free);
  ox_page_start_progress (self, "Running the model for the report…", cancellable);
  g_task_run_in_thread (task, report_worker);
}

static void
fed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxPage) self = data;
  g_autofree char *path = g_steal_pointer (&self->report_next);
  g_autoptr (GError) error = NULL;
  gboolean done = ox_document_feed_finish (OX_DOCUMENT (source), result, &error);

  if (self->focus == NULL)
    return;
  g_clear_object (&self->moving);
  ox_page_end_progress (self);
  ox_page_update_moves (self);
  ox_focus_touch (self->focus);
  if (done)
    start (self, path);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, OxPage *self)
{
  OxDebugger *debugger = ox_document_get_debugger (self->document);
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response != GTK_RESPONSE_ACCEPT || self->focus == NULL)
    return;
  file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  path = file != NULL ? g_file_get_path (file) : NULL;
  if (path == NULL)
    {
      ox_page_show_trouble (self, "A report can be exported to this computer's folders only", "error", NULL);
      return;
    }
  if (self->moving != NULL || ox_debugger_is_running (debugger))
    ox_page_tell (self, "Something is still running");
  else if (ox_debugger_ready (debugger, NULL))
    start (self, path);
  else
    {
      g_free (self->report_next);
      self->report_next = g_steal_pointer (&path);
      self->moving = g_cancellable_new ();
      ox_page_start_progress (self, "Making inputs…", self->moving);
      ox_page_feed_first (self, fed_cb, g_object_ref (self));
      ox_page_update_moves (self);
    }
}

static void
report_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  g_autofree char *title = NULL, *name = NULL;
  g_autoptr (GFile) folder = NULL;
  GtkFileChooserNative *dialog;
  char *dot;

  if (self->focus == NULL)
    return;
  title = ox_document_dup_title (self->document);
  dot = strrchr (title, '.');
  if (dot != NULL && dot != title)
    *dot = '\0';
  name = g_strconcat (g_strdelimit (title, "/\\:", '-'), ".html", NULL);
  dialog = gtk_file_chooser_native_new ("Export Report", GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                        GTK_FILE_CHOOSER_ACTION_SAVE, "_Export", "_Cancel");
  folder = g_file_get_parent (ox_document_get_file (self->document));
  if (folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), folder, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (chosen_cb), self, 0);
  g_signal_connect (dialog, "response", G_CALLBACK (g_object_unref), NULL);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
ox_page_add_report (OxPage *self)
{
  static const GActionEntry entries[] = { { "export-report", report_cb } };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
