/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "app/ox-page-private.h"

/* Something of the run becomes a file or a folder: asks where to, makes inputs if none were chosen, and writes on a worker. */

typedef struct
{
  OxPage            *page;
  const OxPageWrite *how;
  gpointer           subject;
  GDestroyNotify     destroy;     /* of the subject */
  char              *path, *choice;
  gpointer           prepared;
  char              *said;        /* by the worker */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->prepared != NULL && job->how->done != NULL)
    job->how->done (job->prepared);
  if (job->subject != NULL && job->destroy != NULL)
    job->destroy (job->subject);
  g_object_unref (job->page);
  g_free (job->path);
  g_free (job->choice);
  g_free (job->said);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

/* ---- where it is ------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxPage *page;
  GFile  *folder;
} Shown;

static void
shown_free (Shown *shown)
{
  g_object_unref (shown->page);
  g_object_unref (shown->folder);
  g_free (shown);
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Shown *shown = data;
  g_autoptr (GError) error = NULL;

  if (!gtk_show_uri_full_finish (GTK_WINDOW (source), result, &error) && shown->page->focus != NULL)
    {
      g_autofree char *place = g_file_get_parse_name (shown->folder);
      g_autofree char *text = g_strdup_printf ("It is in %s, which nothing here can show: %s", place, error->message);

      ox_page_show_trouble (shown->page, text, "warning", NULL);
    }
  shown_free (shown);
}

/* Without a file manager that can point at a file, its folder is opened. */
static void
pointed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Shown *shown = data;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (shown->page));
  g_autofree char *uri = g_file_get_uri (shown->folder);

  if (answer == NULL && GTK_IS_WINDOW (root))
    gtk_show_uri_full (GTK_WINDOW (root), uri, GDK_CURRENT_TIME, NULL, shown_cb, shown);
  else
    shown_free (shown);
}

static void
show_file_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  g_autoptr (GFile) file = g_file_new_for_path (g_variant_get_bytestring (parameter)), folder = g_file_get_parent (file);
  GDBusConnection *bus = g_application_get_dbus_connection (g_application_get_default ());
  g_autofree char *uri = g_file_get_uri (file);
  const char *uris[] = { uri, NULL };
  Shown *shown;

  if (bus == NULL)
    return;
  shown = g_new0 (Shown, 1);
  shown->page = g_object_ref (self);
  shown->folder = g_object_ref (folder != NULL ? folder : file);
  g_dbus_connection_call (bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1", "org.freedesktop.FileManager1",
                          "ShowItems", g_variant_new ("(^ass)", uris, ""), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, pointed_cb, shown);
}

void
ox_page_tell_written (OxPage *self, const char *path, const char *said)
{
  g_autofree char *name = g_path_get_basename (path), *valid = g_utf8_make_valid (name, -1);
  g_autofree char *text = g_strdup_printf (said != NULL ? "Exported “%s”: %s" : "Exported “%s”", valid, said);
  g_autofree char *sound = g_utf8_make_valid (text, -1), *escaped = g_markup_escape_text (sound, -1);
  AdwToast *toast = adw_toast_new (escaped);

  adw_toast_set_button_label (toast, "_Show");
  adw_toast_set_action_name (toast, "page.show-file");
  adw_toast_set_action_target_value (toast, g_variant_new_bytestring (path));
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void
write_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;

  if (job->how->write (job->prepared, job->path, &job->said, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxPage *self = OX_PAGE (source);
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  const gboolean done = g_task_propagate_boolean (G_TASK (result), &error);

  if (self->focus == NULL || self->writing != g_task_get_cancellable (G_TASK (result)))
    return;
  g_clear_object (&self->writing);
  ox_page_end_progress (self);
  if (done)
    ox_page_tell_written (self, job->path, job->said);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
}

/* Takes @job. */
static void
begin (Job *job)
{
  OxPage *self = job->page;
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;

  job->prepared = job->how->prepare (self, &job->subject, job->choice, &error);
  if (job->prepared == NULL)
    {
      ox_page_show_trouble (self, error->message, "error", NULL);
      job_free (job);
      return;
    }
  self->writing = g_cancellable_new ();
  task = g_task_new (self, self->writing, written_cb, NULL);
  g_task_set_task_data (task, job, job_free);
  ox_page_start_progress (self, job->how->doing, self->writing);
  g_task_run_in_thread (task, write_worker);
}

static void
fed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Job) job = data;
  OxPage *self = job->page;
  g_autoptr (GError) error = NULL;
  gboolean done = ox_document_feed_finish (OX_DOCUMENT (source), result, &error);

  if (self->focus == NULL)
    return;
  g_clear_object (&self->moving);
  ox_page_end_progress (self);
  ox_page_update_moves (self);
  ox_focus_touch (self->focus);
  if (done)
    begin (g_steal_pointer (&job));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

static gboolean
is_busy (OxPage *self, const OxPageWrite *how)
{
  OxDebugger *debugger = ox_document_get_debugger (self->document);
  const gboolean busy = self->writing != NULL || (how->runs && (self->moving != NULL || ox_debugger_is_running (debugger)));

  if (busy)
    ox_page_tell (self, "Something is still running");
  return busy;
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, Job *asked)
{
  g_autoptr (Job) job = asked;
  OxPage *self = job->page;
  g_autoptr (GFile) file = NULL;

  g_object_unref (dialog);
  if (response != GTK_RESPONSE_ACCEPT || self->focus == NULL || is_busy (self, job->how))
    return;
  file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  job->path = file != NULL ? g_file_get_path (file) : NULL;
  if (job->how->choice.label != NULL)
    job->choice = g_strdup (gtk_file_chooser_get_choice (GTK_FILE_CHOOSER (dialog), "choice"));
  if (job->path == NULL)
    ox_page_show_trouble (self, "This can be exported to this computer's folders only", "error", NULL);
  else if (!job->how->runs || ox_debugger_ready (ox_document_get_debugger (self->document), NULL))
    begin (g_steal_pointer (&job));
  else
    {
      self->moving = g_cancellable_new ();
      ox_page_start_progress (self, "Making inputs…", self->moving);
      ox_page_feed_first (self, fed_cb, g_steal_pointer (&job));
      ox_page_update_moves (self);
    }
}

char *
ox_page_name_for (OxPage *self, const char *ending)
{
  g_autofree char *title = ox_document_dup_title (self->document);
  char *dot = strrchr (title, '.');

  if (dot != NULL && dot != title)
    *dot = '\0';
  return g_strconcat (g_strdelimit (title, "/\\:", '-'), ending, NULL);
}

void
ox_page_write (OxPage *self, const OxPageWrite *how, const char *name, gpointer subject, GDestroyNotify destroy)
{
  Job *job = g_new0 (Job, 1);
  g_autoptr (GFile) folder = NULL;
  GtkFileChooserNative *dialog;
  guint n = 0;

  job->page = g_object_ref (self);
  job->how = how;
  job->subject = subject;
  job->destroy = destroy;
  if (self->focus == NULL || is_busy (self, how))
    {
      job_free (job);
      return;
    }
  dialog = gtk_file_chooser_native_new (how->heading, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                        GTK_FILE_CHOOSER_ACTION_SAVE, "_Export", "_Cancel");
  folder = g_file_get_parent (ox_document_get_file (self->document));
  if (folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), folder, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  if (how->files != NULL)
    {
      g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

      gtk_file_filter_set_name (filter, how->files);
      gtk_file_filter_add_pattern (filter, how->pattern);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
    }
  while (how->choice.label != NULL && how->choice.options[n] != NULL)
    n++;
  if (n > 0)
    {
      gtk_file_chooser_add_choice (GTK_FILE_CHOOSER (dialog), "choice", how->choice.label, (const char **) how->choice.options,
                                   (const char **) how->choice.labels);
      gtk_file_chooser_set_choice (GTK_FILE_CHOOSER (dialog), "choice", how->choice.options[0]);
    }
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (chosen_cb), job);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
ox_page_add_written (OxPage *self)
{
  static const GActionEntry entries[] = { { "show-file", show_file_cb, "ay" } };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
