/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>

#include <glib/gstdio.h>

#include "app/ox-page-private.h"
#include "core/ox-error.h"
#include "debug/ox-comparison-files.h"
#include "debug/ox-edit.h"
#include "debug/ox-profile.h"
#include "debug/ox-trace-file.h"

/* What a run leaves behind for others: its times, a record of it, what a comparison found, the changes. */

static gboolean
write_text (const char *text, const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;

  return g_file_set_contents (path, text, -1, &cause) || ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
}

/* What was run until it failed is in the file, which is worth telling; what was cancelled is not wanted. */
static gboolean
end_run (const char *path, gboolean done, GError **error)
{
  if (done)
    return TRUE;
  if (g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_unlink (path);
  else if (!g_error_matches (*error, OX_ERROR, OX_ERROR_FILE))
    {
      g_autofree char *name = g_path_get_basename (path);

      ox_error_prefix (error, "%s ends where the run did", name);
    }
  return FALSE;
}

/* ---- the run ------------------------------------------------------------------------------------------------------ */

typedef struct
{
  OxSession    *session;
  OxTraceValues values;
} Run;

static void
run_free (Run *run)
{
  ox_session_free (run->session);
  g_free (run);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

static void
run_done (gpointer run)
{
  run_free (run);
}

static gpointer
prepare_run (OxPage *self, gpointer *subject, const char *choice, GError **error)
{
  g_autoptr (Run) run = g_new0 (Run, 1);

  run->session = ox_debugger_new_replay (ox_document_get_debugger (self->document));
  return ox_trace_values_parse (choice, &run->values, error) ? g_steal_pointer (&run) : NULL;
}

static gboolean
write_profile (gpointer prepared, const char *path, char **said, GCancellable *cancellable, GError **error)
{
  g_auto (OxProfileSummary) summary = { 0 };
  g_autoptr (GError) failure = NULL;
  const gboolean done = ox_profile_run (((Run *) prepared)->session, path, NULL, NULL, &summary, cancellable, &failure);

  if (!end_run (path, done, &failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  *said = g_strdup_printf ("%" G_GUINT64_FORMAT " nodes in %.3g ms", summary.nodes, summary.seconds * 1e3);
  return TRUE;
}

static gboolean
write_record (gpointer prepared, const char *path, char **said, GCancellable *cancellable, GError **error)
{
  const Run *run = prepared;
  g_autoptr (GError) failure = NULL;
  const gboolean done = ox_trace_record (run->session, path, &run->values, NULL, NULL, cancellable, &failure);

  if (end_run (path, done, &failure))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static const OxPageWrite profile = {
  .heading = "Export Profile", .doing = "Taking the time of every node…", .runs = TRUE,
  .prepare = prepare_run, .write = write_profile, .done = run_done,
};

static const OxPageWrite record = {
  .heading = "Export Recorded Run", .doing = "Recording the run…", .runs = TRUE,
  .choice = { "Values", { "65536", "none", "all" }, { "Up to 64 KB Each", "Only Statistics and Hashes", "All" } },
  .files = "Recorded runs: .oxtrace", .pattern = "*.oxtrace",
  .prepare = prepare_run, .write = write_record, .done = run_done,
};

/* ---- a comparison ------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxErrors *errors;
  char     *model, *data_set;
  char    **edits;
  gboolean  junit;
} Compared;

static void
compared_free (gpointer data)
{
  Compared *compared = data;

  g_object_unref (compared->errors);
  g_free (compared->model);
  g_free (compared->data_set);
  g_strfreev (compared->edits);
  g_free (compared);
}

static gpointer
prepare_comparison (OxPage *self, gpointer *subject, const char *choice, GError **error)
{
  OxErrors *errors = ox_overlay_get_errors (ox_focus_get_overlay (self->focus));
  Compared *compared;

  if (errors == NULL)
    {
      ox_fail (error, OX_ERROR_VALUE, "nothing was compared");
      return NULL;
    }
  compared = g_new0 (Compared, 1);
  compared->errors = g_object_ref (errors);
  compared->model = g_strdup (ox_document_get_model (self->document)->path);
  compared->data_set = g_strdup (self->compared_data_set);
  compared->edits = g_strdupv (self->compared_edits);
  compared->junit = GPOINTER_TO_INT (*subject);
  return compared;
}

static gboolean
write_comparison (gpointer prepared, const char *path, char **said, GCancellable *cancellable, GError **error)
{
  const Compared *compared = prepared;
  const OxComparisonFacts facts = { .model = compared->model, .isolated = TRUE, .data_set = compared->data_set,
                                    .edits = compared->edits };
  OxComparison *comparison = ox_errors_comparison (compared->errors);
  g_autofree char *text = compared->junit ? ox_comparison_junit (comparison, &facts) : ox_comparison_json (comparison, &facts);

  return write_text (text, path, error);
}

static const OxPageWrite comparison = {
  .heading = "Export Comparison", .doing = "Writing the comparison…",
  .prepare = prepare_comparison, .write = write_comparison, .done = compared_free,
};

/* ---- changes ------------------------------------------------------------------------------------------------------ */

typedef struct
{
  char *script;
  guint written, left_out;
} Edits;

static void
edits_free (gpointer data)
{
  g_free (((Edits *) data)->script);
  g_free (data);
}

static gpointer
prepare_edits (OxPage *self, gpointer *subject, const char *choice, GError **error)
{
  Edits *edits = g_new0 (Edits, 1);

  edits->script = ox_console_edits_script (self->marks, &edits->written, &edits->left_out);
  return edits;
}

static gboolean
write_edits (gpointer prepared, const char *path, char **said, GCancellable *cancellable, GError **error)
{
  const Edits *edits = prepared;

  *said = edits->left_out > 0
            ? g_strdup_printf ("%u of %u changes; those in a body are remarks only", edits->written, edits->written + edits->left_out)
            : g_strdup_printf (edits->written == 1 ? "%u change" : "%u changes", edits->written);
  return write_text (edits->script, path, error);
}

static const OxPageWrite edits = {
  .heading = "Export Edits", .doing = "Writing the changes…",
  .prepare = prepare_edits, .write = write_edits, .done = edits_free,
};

static void
edits_made_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *said = ox_console_run_edits_finish (result, &error);

  if (self->focus == NULL)
    return;
  g_clear_object (&self->moving);
  ox_page_end_progress (self);
  ox_page_update_moves (self);
  ox_focus_touch (self->focus);
  if (said != NULL)
    ox_page_tell (self, g_strchomp (said));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
}

/* Takes @script. */
static void
make_edits (OxPage *self, char *script)
{
  self->moving = g_cancellable_new ();
  ox_page_start_progress (self, "Making the changes…", self->moving);
  ox_console_run_edits_async (self->marks, script, self->moving, edits_made_cb, g_object_ref (self));
  ox_page_update_moves (self);
  g_free (script);
}

typedef struct
{
  OxPage *page;
  char   *script;
} Fed;

static void
fed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Fed *fed = data;
  g_autoptr (OxPage) self = fed->page;
  g_autofree char *script = fed->script;
  g_autoptr (GError) error = NULL;
  gboolean done = ox_document_feed_finish (OX_DOCUMENT (source), result, &error);

  g_free (fed);
  if (self->focus == NULL)
    return;
  g_clear_object (&self->moving);
  ox_page_end_progress (self);
  ox_page_update_moves (self);
  if (done)
    make_edits (self, g_steal_pointer (&script));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
}

static void
edits_chosen_cb (GtkNativeDialog *dialog, int response, OxPage *self)
{
  OxDebugger *debugger = ox_document_get_debugger (self->document);
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autoptr (GError) error = NULL;
  Fed *fed;
  char *script;

  g_object_unref (dialog);
  if (file == NULL || self->focus == NULL)
    return;
  if (self->moving != NULL || ox_debugger_is_running (debugger))
    ox_page_tell (self, "Something is still running");
  else if (!g_file_load_contents (file, NULL, &script, NULL, NULL, &error))
    ox_page_show_trouble (self, error->message, "error", NULL);
  else if (ox_debugger_ready (debugger, NULL))
    make_edits (self, script);
  else
    {
      fed = g_new0 (Fed, 1);
      fed->page = g_object_ref (self);
      fed->script = script;
      self->moving = g_cancellable_new ();
      ox_page_start_progress (self, "Making inputs…", self->moving);
      ox_page_feed_first (self, fed_cb, fed);
      ox_page_update_moves (self);
    }
}

/* ---- the actions -------------------------------------------------------------------------------------------------- */

static const struct
{
  const char        *action, *ending;
  const OxPageWrite *how;
  gboolean           junit;
} files[] = {
  { "export-profile", "-profile.json", &profile, FALSE },
  { "export-record", ".oxtrace", &record, FALSE },
  { "export-comparison", "-comparison.json", &comparison, FALSE },
  { "export-junit", "-comparison.xml", &comparison, TRUE },
  { "export-edits", "-edits.txt", &edits, FALSE },
};

static void
file_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  guint i = 0;
  g_autofree char *name = NULL;

  while (!g_str_equal (g_action_get_name (G_ACTION (action)), files[i].action))
    i++;
  name = ox_page_name_for (data, files[i].ending);
  ox_page_write (data, files[i].how, name, GINT_TO_POINTER (files[i].junit), NULL);
}

static void
open_edits_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  g_autoptr (GFile) folder = NULL;
  GtkFileChooserNative *dialog;

  if (self->focus == NULL)
    return;
  dialog = gtk_file_chooser_native_new ("Open Edits", GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                        GTK_FILE_CHOOSER_ACTION_OPEN, "_Open", "_Cancel");
  folder = g_file_get_parent (ox_document_get_file (self->document));
  if (folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), folder, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (edits_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
enable (OxPage *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), name)), enabled);
}

/* Only what is there can be handed over. */
void
ox_page_update_handover (OxPage *self)
{
  const gboolean there = self->focus != NULL;
  OxErrors *errors = there ? ox_overlay_get_errors (ox_focus_get_overlay (self->focus)) : NULL;
  const gboolean compared = errors != NULL;

  enable (self, "export-profile", there);
  enable (self, "export-record", there);
  enable (self, "open-edits", there);
  enable (self, "test-case", there && ox_focus_get_node (self->focus) != NULL);
  enable (self, "test-case-blamed", compared && ox_comparison_first (ox_errors_comparison (errors)) != NULL);
  enable (self, "export-comparison", compared);
  enable (self, "export-junit", compared);
  enable (self, "export-edits", there && ox_debugger_n_edits (ox_document_get_debugger (self->document)) > 0);
}

void
ox_page_add_handover (OxPage *self)
{
  static const GActionEntry opens[] = { { "open-edits", open_edits_cb } };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), opens, G_N_ELEMENTS (opens), self);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      const GActionEntry entry = { files[i].action, file_cb };

      g_action_map_add_action_entries (G_ACTION_MAP (self->actions), &entry, 1, self);
    }
  ox_page_update_handover (self);
}
