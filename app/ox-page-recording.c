/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"
#include "ui/ox-drawer.h"

/* A recorded run beside the graph of its model; nothing is run for it. */

static GtkFileChooserNative *
make_chooser (OxPage *self, const char *heading, const char *button, const char *name, const char *pattern)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (heading, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                                              GTK_FILE_CHOOSER_ACTION_OPEN, button, "_Cancel");
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  g_autoptr (GFile) beside = g_file_get_parent (ox_document_get_opened (self->document));

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_pattern (filter, pattern);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  if (beside != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), beside, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  return dialog;
}

/* ---- without its model ----------------------------------------------------------------------------------------- */

static void
model_chosen_cb (GtkNativeDialog *dialog, int response, OxPage *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;

  if (file != NULL && self->document != NULL && self->loading == NULL)
    {
      ox_document_set_file (self->document, file);
      ox_page_load (self);
    }
  g_object_unref (dialog);
}

static void
choose_clicked_cb (OxPage *self)
{
  GtkFileChooserNative *dialog = make_chooser (self, "Choose the Recorded Model", "_Open", "Models: .onnx", "*.onnx");

  g_signal_connect_object (dialog, "response", G_CALLBACK (model_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
anyway_clicked_cb (OxPage *self)
{
  ox_document_take_doubtful (self->document);
  ox_page_load (self);
}

static GtkWidget *
new_pill (const char *label, GCallback clicked, OxPage *self)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_add_css_class (button, "pill");
  g_signal_connect_swapped (button, "clicked", clicked, self);
  return button;
}

GtkWidget *
ox_page_make_astray (OxPage *self)
{
  GtkWidget *page = adw_status_page_new (), *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *choose = new_pill ("_Choose Model…", G_CALLBACK (choose_clicked_cb), self);

  self->anyway = new_pill ("Open _Anyway", G_CALLBACK (anyway_clicked_cb), self);
  gtk_widget_add_css_class (choose, "suggested-action");
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (buttons), choose);
  gtk_box_append (GTK_BOX (buttons), self->anyway);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "dialog-question-symbolic");
  adw_status_page_set_child (ADW_STATUS_PAGE (page), buttons);
  self->astray = ADW_STATUS_PAGE (page);
  return page;
}

void
ox_page_show_astray (OxPage *self, const char *text)
{
  OxTraceModel fit = ox_document_get_fit (self->document);

  adw_status_page_set_title (self->astray, fit == OX_TRACE_MODEL_MISSING ? "The Recorded Model Is Missing"
                                           : fit == OX_TRACE_MODEL_OTHER ? "The Model Is Not the Recorded One"
                                                                         : "The Recorded Model Cannot Be Opened");
  adw_status_page_set_description (self->astray, text);
  gtk_widget_set_visible (self->anyway, fit == OX_TRACE_MODEL_OTHER);
  gtk_stack_set_visible_child_name (self->stack, "astray");
  gtk_widget_grab_focus (gtk_widget_get_prev_sibling (self->anyway));
}

/* ---- with it --------------------------------------------------------------------------------------------------- */

/* A run that is asked for begins with what was recorded, as far as it is there. */
static void
propose_inputs (OxPage *self, OxTraceFile *file)
{
  g_autoptr (OxInputs) inputs = ox_inputs_copy (ox_document_get_inputs (self->document));
  gboolean any = FALSE;

  for (guint i = 0; i < ox_inputs_length (inputs); i++)
    for (guint k = 0; k < ox_trace_file_length (file); k++)
      {
        const OxTraceRow *row = ox_trace_file_row (file, k);

        if (row->op_type[0] != '\0')
          break;
        if (row->stored == NULL || !g_str_equal (row->output, ox_inputs_slot (inputs, i)->name)
            || !g_str_equal (row->stored, row->output))
          continue;
        ox_inputs_set_file (inputs, i, ox_trace_file_path (file));
        any = TRUE;
        break;
      }
  if (any)
    ox_document_propose_inputs (self->document, inputs);
}

void
ox_page_show_recording (OxPage *self)
{
  OxRecording *recording = ox_document_get_recording (self->document);

  if (recording == NULL)
    return;
  propose_inputs (self, ox_recording_get_file (recording));
  gtk_widget_set_visible (self->drawer, TRUE);
  ox_drawer_show_recording (OX_DRAWER (self->drawer), recording, ox_document_get_doubt (self->document));
}

/* ---- against another ------------------------------------------------------------------------------------------- */

typedef struct
{
  OxRecording *recording;
  char        *path;
  char        *text;     /* found */
  gint64       first;
} Hold;

static void
hold_free (gpointer data)
{
  Hold *hold = data;

  g_object_unref (hold->recording);
  g_free (hold->path);
  g_free (hold->text);
  g_free (hold);
}

static void
hold_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Hold *hold = data;
  GError *error = NULL;
  g_autoptr (OxRecording) other = ox_recording_open (hold->path, cancellable, &error);

  if (other == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  hold->first = ox_recording_differ (hold->recording, other, &hold->text);
  g_task_return_boolean (task, TRUE);
}

static void
held_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  OxPage *self = OX_PAGE (source);
  Hold *hold = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);

  if (self->focus == NULL || self->holding != g_task_get_cancellable (G_TASK (result)))
    return;
  g_clear_object (&self->holding);
  ox_page_end_progress (self);
  if (done)
    {
      gtk_widget_set_visible (self->drawer, TRUE);
      ox_drawer_tell_recording (OX_DRAWER (self->drawer), hold->text, hold->first);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
}

static void
hold (OxPage *self, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path), *text = g_strdup_printf ("Reading %s…", name);
  g_autoptr (GTask) task = NULL;
  Hold *job = g_new0 (Hold, 1);

  if (self->holding != NULL)
    g_cancellable_cancel (self->holding);
  g_clear_object (&self->holding);
  self->holding = g_cancellable_new ();
  job->recording = g_object_ref (ox_document_get_recording (self->document));
  job->path = g_strdup (path);
  task = g_task_new (self, self->holding, held_cb, NULL);
  g_task_set_task_data (task, job, hold_free);
  ox_page_start_progress (self, text, self->holding);
  g_task_run_in_thread (task, hold_worker);
}

static void
other_chosen_cb (GtkNativeDialog *dialog, int response, OxPage *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL && self->focus != NULL)
    hold (self, path);
  else if (file != NULL)
    ox_page_show_trouble (self, "A recorded run is read from this computer's folders only", "error", NULL);
  g_object_unref (dialog);
}

static void
hold_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  GtkFileChooserNative *dialog;

  if (self->focus == NULL || ox_document_get_recording (self->document) == NULL)
    return;
  dialog = make_chooser (self, "Choose Another Recorded Run", "_Hold Against", "Recorded runs: .oxtrace", "*.oxtrace");
  g_signal_connect_object (dialog, "response", G_CALLBACK (other_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
compare_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxRecording *recording = ox_document_get_recording (self->document);

  if (self->focus != NULL && recording != NULL)
    ox_page_compare (self, ox_trace_file_path (ox_recording_get_file (recording)));
}

void
ox_page_add_recording (OxPage *self)
{
  static const GActionEntry entries[] = {
    { "hold-against", hold_cb },
    { "compare-recording", compare_cb },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
