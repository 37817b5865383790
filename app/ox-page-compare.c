/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "app/cli-reference.h"
#include "app/ox-page-private.h"
#include "debug/ox-breakpoint.h"
#include "debug/ox-edit.h"
#include "ui/ox-drawer.h"
#include "ui/ox-edit-actions.h"

/* The run held against a reference, on a worker and in sessions of its own; what is found lies over the graph and in the
 * drawer. */

typedef struct
{
  OxSession    *session;
  char         *reference;    /* what ox_cli_reference() takes */
  double        rtol, atol;
  OxSituation  *situation;
  OxComparison *comparison;
  char         *data_set;     /* where the inputs came from, or NULL */
  char        **edits;
  OxReference  *other;        /* the same for breakpoints and changes */
} Compare;

static void
compare_free (gpointer data)
{
  Compare *compare = data;

  g_clear_pointer (&compare->comparison, ox_comparison_free);
  g_clear_pointer (&compare->other, ox_reference_free);
  g_clear_pointer (&compare->situation, ox_situation_free);
  ox_session_free (compare->session);
  g_free (compare->reference);
  g_free (compare->data_set);
  g_strfreev (compare->edits);
  g_free (compare);
}

static void
compare_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Compare *compare = data;
  GError *error = NULL;
  OxReference *reference = ox_cli_reference (compare->reference, compare->session, NULL, FALSE, &error);

  if (reference != NULL)
    {
      compare->comparison = ox_comparison_new (compare->session, reference);
      ox_comparison_set_histograms (compare->comparison, TRUE);
      ox_comparison_set_tolerance (compare->comparison, compare->rtol, compare->atol);
      if (ox_comparison_run (compare->comparison, cancellable, &error))
        {
          compare->other = ox_cli_reference (compare->reference, compare->session, NULL, FALSE, NULL);
          if (compare->other != NULL)
            ox_reference_run_again (compare->other);
          g_task_return_boolean (task, TRUE);
          return;
        }
    }
  g_task_return_error (task, error);
}

/* Inputs or edits have changed, or one has come back to those that were compared. */
static void
update_stale (OxPage *self)
{
  OxDebugger *debugger = ox_document_get_debugger (self->document);

  if (self->focus != NULL && self->compared != NULL && !ox_debugger_is_running (debugger))
    ox_overlay_set_stale (ox_focus_get_overlay (self->focus), !ox_situation_holds (self->compared, debugger));
}

static void
compared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxPage *self = OX_PAGE (source);
  Compare *compare = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);
  g_autoptr (OxErrors) errors = NULL;

  if (self->focus == NULL || self->comparing != g_task_get_cancellable (G_TASK (result)))
    return;
  g_clear_object (&self->comparing);
  ox_page_end_progress (self);
  if (!done)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        ox_page_show_trouble (self, error->message, "error", NULL);
      return;
    }
  if (ox_page_inputs_are_made_up (self) && ox_reference_size (ox_comparison_reference (compare->comparison)) >= 0)
    ox_page_show_trouble (self, "The inputs are made up: values of a file come from other inputs, unless you know better",
                          "warning", NULL);
  if (compare->other != NULL && !ox_debugger_is_running (ox_document_get_debugger (self->document)))
    ox_debugger_set_reference (ox_document_get_debugger (self->document), g_steal_pointer (&compare->other));
  g_free (self->compared_data_set);
  self->compared_data_set = g_steal_pointer (&compare->data_set);
  g_strfreev (self->compared_edits);
  self->compared_edits = g_steal_pointer (&compare->edits);
  errors = ox_errors_new (g_steal_pointer (&compare->comparison));
  gtk_widget_set_visible (self->drawer, TRUE);
  ox_drawer_show (OX_DRAWER (self->drawer), "compare");
  g_clear_pointer (&self->compared, ox_situation_free);
  self->compared = g_steal_pointer (&compare->situation);
  ox_overlay_set_errors (ox_focus_get_overlay (self->focus), errors);
  update_stale (self);
}

/* What to call it. (transfer full) */
static char *
name_of (const char *reference)
{
  g_autofree char *name = NULL;

  if (g_str_equal (reference, "onnxruntime"))
    return g_strdup ("ONNX Runtime");
  if (ox_self_options_fit (reference))
    return g_strdup ("the model itself");
  name = g_path_get_basename (reference);
  return g_utf8_make_valid (name, -1);
}

/* (transfer full) The folder that all inputs are files of as a data set has them, or NULL. */
static char *
data_set_of (const OxInputs *inputs)
{
  g_autofree char *folder = NULL;

  for (guint i = 0; i < ox_inputs_length (inputs); i++)
    {
      const OxInputChoice *choice = ox_inputs_get (inputs, i);
      g_autofree char *its = choice->path != NULL ? g_path_get_dirname (choice->path) : NULL;
      g_autofree char *name = choice->path != NULL ? g_path_get_basename (choice->path) : NULL;

      if (choice->kind == OX_INPUT_DEFAULT)
        continue;
      if (choice->kind != OX_INPUT_FILE || !g_pattern_match_simple ("input_*.pb", name)
          || (folder != NULL && !g_str_equal (folder, its)))
        return NULL;
      g_free (folder);
      folder = g_steal_pointer (&its);
    }
  return g_steal_pointer (&folder);
}

static char **
edits_of (OxDebugger *debugger)
{
  GPtrArray *words = g_ptr_array_new ();

  for (guint i = 0; i < ox_debugger_n_edits (debugger); i++)
    g_ptr_array_add (words, g_strdup (ox_debugger_get_edit (debugger, i)->what));
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}

static void
start (OxPage *self, const char *reference)
{
  OxDebugger *debugger = ox_document_get_debugger (self->document);
  GAction *again = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "compare-again");
  g_autofree char *name = name_of (reference), *text = g_strdup_printf ("Comparing with %s…", name);
  g_autoptr (GTask) task = NULL;
  Compare *compare = g_new0 (Compare, 1);

  g_clear_object (&self->comparing);
  self->comparing = g_cancellable_new ();
  compare->session = ox_debugger_new_study (debugger);
  compare->reference = g_strdup (reference);
  compare->situation = ox_situation_new (debugger);
  compare->rtol = self->compare_rtol;
  compare->atol = self->compare_atol;
  compare->data_set = data_set_of (ox_document_get_inputs (self->document));
  compare->edits = edits_of (debugger);
  if (reference != self->compare_last)
    {
      g_free (self->compare_last);
      self->compare_last = g_strdup (reference);
    }
  g_simple_action_set_enabled (G_SIMPLE_ACTION (again), TRUE);
  task = g_task_new (self, self->comparing, compared_cb, NULL);
  g_task_set_task_data (task, compare, compare_free);
  ox_page_start_progress (self, text, self->comparing);
  g_task_run_in_thread (task, compare_worker);
}

static void
fed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxPage) self = data;
  g_autofree char *reference = g_steal_pointer (&self->compare_next);
  g_autoptr (GError) error = NULL;
  gboolean done = ox_document_feed_finish (OX_DOCUMENT (source), result, &error);

  if (self->focus == NULL)
    return;
  g_clear_object (&self->moving);
  ox_page_end_progress (self);
  ox_page_update_moves (self);
  ox_focus_touch (self->focus);
  if (done)
    start (self, reference);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
}

void
ox_page_compare (OxPage *self, const char *reference)
{
  OxDebugger *debugger = ox_document_get_debugger (self->document);

  if (self->focus == NULL || self->moving != NULL || self->comparing != NULL || ox_debugger_is_running (debugger))
    {
      ox_page_tell (self, "Something is still running");
      return;
    }
  if (ox_debugger_ready (debugger, NULL))
    {
      start (self, reference);
      return;
    }
  g_free (self->compare_next);
  self->compare_next = g_strdup (reference);
  self->moving = g_cancellable_new ();
  ox_page_start_progress (self, "Making inputs…", self->moving);
  ox_page_feed_first (self, fed_cb, g_object_ref (self));
  ox_page_update_moves (self);
}

/* ---- choosing -------------------------------------------------------------------------------------------------- */

static void
chosen_cb (GtkNativeDialog *dialog, int response, OxPage *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

      if (path != NULL)
        ox_page_compare (self, path);
      else
        ox_page_show_trouble (self, "A reference is read from this computer's folders only", "error", NULL);
    }
  g_object_unref (dialog);
}

static const struct
{
  const char *heading, *filter;
  GtkFileChooserAction action;
  const char *patterns[7];
} choices[] = {
  { "Choose a Reference", "References: .npz, .json, .db, .oxtrace, .onnx", GTK_FILE_CHOOSER_ACTION_OPEN,
    { "*.npz", "*.json", "*.db", "*.sqlite", "*.oxtrace", "*.onnx" } },
  { "Choose a Folder of Values", NULL, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, { NULL } },
  { "Choose a Model", "Models: .onnx", GTK_FILE_CHOOSER_ACTION_OPEN, { "*.onnx" } },
};

static void
choose (OxPage *self, guint which)
{
  GtkFileChooserNative *dialog;
  g_autoptr (GFile) beside = NULL;

  if (self->focus == NULL)
    return;
  dialog = gtk_file_chooser_native_new (choices[which].heading, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                        choices[which].action, "_Compare", "_Cancel");
  beside = g_file_get_parent (ox_document_get_file (self->document));
  if (choices[which].filter != NULL)
    {
      g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

      gtk_file_filter_set_name (filter, choices[which].filter);
      for (guint i = 0; choices[which].patterns[i] != NULL; i++)
        gtk_file_filter_add_pattern (filter, choices[which].patterns[i]);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
    }
  if (beside != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), beside, NULL);
  g_signal_connect_object (dialog, "response", G_CALLBACK (chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
file_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  choose (self, 0);
}

static void
folder_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  choose (self, 1);
}

static void
model_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  choose (self, 2);
}

static void
with_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  ox_page_compare (self, g_variant_get_string (parameter, NULL));
}

static void
again_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->compare_last != NULL)
    ox_page_compare (self, self->compare_last);
}

/* ---- tolerances ------------------------------------------------------------------------------------------------ */

/* "1e-3, 1e-5"; nothing for those of the types and operators. */
static gboolean
read_tolerances (const char *text, double *rtol, double *atol)
{
  char *end;

  *rtol = *atol = NAN;
  if (text[strspn (text, " ")] == '\0')
    return TRUE;
  *rtol = g_ascii_strtod (text, &end);
  if (end == text)
    return FALSE;
  while (*end == ' ' || *end == ',')
    end++;
  text = end;
  *atol = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && *rtol >= 0 && *atol >= 0 && isfinite (*rtol) && isfinite (*atol);
}

static char *
check_tolerances (const char *text, gpointer data)
{
  double rtol, atol;

  return read_tolerances (text, &rtol, &atol) ? NULL : g_strdup ("Expected two numbers such as 1e-3, 1e-5, or nothing");
}

static void
set_tolerances (const char *text, gpointer data)
{
  OxPage *self = data;

  if (read_tolerances (text, &self->compare_rtol, &self->compare_atol) && self->compare_last != NULL)
    ox_page_compare (self, self->compare_last);
}

static void
tolerances_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  g_autofree char *now = isnan (self->compare_rtol) ? g_strdup ("") : g_strdup_printf ("%g, %g", self->compare_rtol, self->compare_atol);

  ox_edit_dialog_text (GTK_WIDGET (self), "Tolerances",
                       "A value agrees when it is not farther off than the absolute tolerance and the relative one times the "
                       "expected value. Without numbers its type and operator say what rounding may do.",
                       "Relative, Absolute", now, check_tolerances, set_tolerances, g_object_ref (self), g_object_unref);
}

/* ---- the overlay ----------------------------------------------------------------------------------------------- */

static const char *const kinds[] = { [OX_OVERLAY_NONE] = "none", [OX_OVERLAY_ERRORS] = "errors", [OX_OVERLAY_PATH] = "path",
                                     [OX_OVERLAY_PRECISION] = "precision" };

static void
overlay_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  const char *wanted = g_variant_get_string (parameter, NULL);
  OxOverlay *overlay = self->focus != NULL ? ox_focus_get_overlay (self->focus) : NULL;

  if (overlay == NULL)
    return;
  if (g_str_equal (wanted, "errors") && ox_overlay_get_errors (overlay) == NULL)
    {
      gtk_widget_set_visible (self->drawer, TRUE);
      ox_drawer_show (OX_DRAWER (self->drawer), "compare");
      ox_page_tell (self, "Compare the model with a reference first");
      return;
    }
  if (g_str_equal (wanted, "path") && !ox_overlay_has_path (overlay))
    {
      ox_page_tell (self, "Hunt, or ask where an element comes from, first");
      return;
    }
  if (g_str_equal (wanted, "precision") && ox_overlay_get_precision (overlay) == NULL)
    {
      g_action_group_activate_action (G_ACTION_GROUP (self->actions), "precision", NULL);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (wanted, kinds[i]))
      ox_overlay_set_kind (overlay, (OxOverlayKind) i);
}

static void
overlay_changed_cb (OxPage *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "overlay");

  ox_page_update_handover (self);
  g_simple_action_set_state (G_SIMPLE_ACTION (action),
                             g_variant_new_string (kinds[ox_overlay_get_kind (ox_focus_get_overlay (self->focus))]));
}

void
ox_page_follow_overlay (OxPage *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  g_signal_connect_object (ox_focus_get_overlay (self->focus), "changed", G_CALLBACK (overlay_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "edits", G_CALLBACK (update_stale), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "reset", G_CALLBACK (update_stale), self, G_CONNECT_SWAPPED);
}

void
ox_page_add_compare (OxPage *self)
{
  static const GActionEntry entries[] = {
    { "compare-file", file_cb },
    { "compare-folder", folder_cb },
    { "compare-model", model_cb },
    { "compare-with", with_cb, "s" },
    { "compare-again", again_cb },
    { "compare-tolerances", tolerances_cb },
    { "overlay", overlay_cb, "s", "'none'" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "compare-again")), FALSE);
}
