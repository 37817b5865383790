/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/cli-reference.h"
#include "app/ox-page-private.h"
#include "debug/ox-edit.h"
#include "proto/ox-import.h"
#include "report/ox-report.h"
#include "session/ox-check.h"
#include "ui/ox-words.h"

/* The run as a page to keep, on a worker and in a session of its own; what was compared last comes along, and is compared again
 * if the run is another since. */

typedef struct
{
  OxSession *session;
  OxModel   *model;
  OxErrors  *errors;    /* NULL: nothing was compared, or it is stale */
  char      *reference; /* to be compared with again; NULL: not */
  double     rtol, atol;
  char      *changes;   /* to the run; NULL: none */
  gboolean   made_up;
} Report;

static void
report_free (gpointer data)
{
  Report *report = data;

  ox_session_free (report->session);
  ox_model_unref (report->model);
  g_clear_object (&report->errors);
  g_free (report->reference);
  g_free (report->changes);
  g_free (report);
}

/* "fill x 0; mute y", or NULL. (transfer full) */
static char *
changes_of (OxDebugger *debugger)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ox_debugger_n_edits (debugger); i++)
    {
      g_autofree char *valid = ox_words_valid (ox_debugger_get_edit (debugger, i)->what);

      g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", valid);
    }
  return g_string_free (text, text->len == 0);
}

static gpointer
prepare (OxPage *self, gpointer *subject, const char *choice, GError **error)
{
  OxOverlay *overlay = ox_focus_get_overlay (self->focus);
  Report *report = g_new0 (Report, 1);

  report->session = ox_debugger_new_study (ox_document_get_debugger (self->document));
  report->model = ox_model_ref (ox_document_get_model (self->document));
  report->made_up = ox_page_inputs_are_made_up (self);
  report->changes = changes_of (ox_document_get_debugger (self->document));
  if (!ox_overlay_get_stale (overlay))
    g_set_object (&report->errors, ox_overlay_get_errors (overlay));
  else
    report->reference = g_strdup (self->compare_last);
  report->rtol = self->compare_rtol;
  report->atol = self->compare_atol;
  return report;
}

static gboolean
write_report (gpointer prepared, const char *path, char **said, GCancellable *cancellable, GError **error)
{
  const Report *report = prepared;
  const OxImportOptions unlinked = { .unlinked = TRUE };
  g_autoptr (OxModel) model = report->model->path != NULL ? ox_import_file (report->model->path, &unlinked, cancellable, NULL)
                                                          : NULL;
  g_autoptr (GPtrArray) checks = model != NULL ? ox_model_check (model, FALSE, cancellable) : NULL;
  const OxReportOptions options = { .inputs = report->made_up ? "made up, random" : "as chosen in the window", .checks = checks,
                                    .changes = report->changes, .compared = report->reference == NULL };
  OxReference *reference = NULL;
  g_autoptr (OxComparison) again = NULL;

  if (report->reference != NULL)
    {
      reference = ox_cli_reference (report->reference, report->session, NULL, FALSE, error);
      if (reference == NULL)
        return FALSE;
      again = ox_comparison_new (report->session, reference);
      ox_comparison_set_tolerance (again, report->rtol, report->atol);
    }
  return ox_report_write (report->session, report->errors != NULL ? ox_errors_comparison (report->errors) : again, path, &options,
                          NULL, cancellable, error);
}

static const OxPageWrite report_page = {
  .heading = "Export Report", .doing = "Running the model for the report…", .runs = TRUE,
  .prepare = prepare, .write = write_report, .done = report_free,
};

static void
report_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *name = ox_page_name_for (data, ".html");

  ox_page_write (data, &report_page, name, NULL, NULL);
}

void
ox_page_add_report (OxPage *self)
{
  static const GActionEntry entries[] = { { "export-report", report_cb } };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
