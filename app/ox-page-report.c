/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

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
  gboolean   made_up;
} Report;

static void
report_free (gpointer data)
{
  Report *report = data;

  ox_session_free (report->session);
  ox_model_unref (report->model);
  g_clear_object (&report->errors);
  g_free (report);
}

static gpointer
prepare (OxPage *self, gpointer *subject, const char *choice, GError **error)
{
  Report *report = g_new0 (Report, 1);

  report->session = ox_debugger_new_study (ox_document_get_debugger (self->document));
  report->model = ox_model_ref (ox_document_get_model (self->document));
  report->made_up = ox_page_inputs_are_made_up (self);
  g_set_object (&report->errors, ox_overlay_get_errors (ox_focus_get_overlay (self->focus)));
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
                                    .compared = TRUE };
  OxComparison *comparison = report->errors != NULL ? ox_errors_comparison (report->errors) : NULL;

  return ox_report_write (report->session, comparison, path, &options, NULL, cancellable, error);
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
