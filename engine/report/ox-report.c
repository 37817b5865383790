/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "report/ox-report.h"

#include <math.h>
#include <stddef.h>

#include "ox-report-page.h"
#include "report/ox-report-private.h"

/* ---- the page -------------------------------------------------------------------------------------------------- */

static const struct
{
  const char *name;
  gsize       offset;
} aliases[] = {
  { "bg", offsetof (OxPalette, background) },    { "text", offsetof (OxPalette, text) },
  { "faint", offsetof (OxPalette, faint_text) }, { "line", offsetof (OxPalette, line) },
  { "grid", offsetof (OxPalette, grid) },        { "accent", offsetof (OxPalette, accent) },
  { "failed", offsetof (OxPalette, failed) },    { "warning", offsetof (OxPalette, warning) },
  { "done", offsetof (OxPalette, done) },        { "chip", offsetof (OxPalette, chip) },
};

static char *
resource (const char *name)
{
  g_autofree char *path = g_strconcat ("/io/github/onnxscope/report/", name, NULL);
  g_autoptr (GBytes) bytes =
      g_resource_lookup_data (ox_report_page_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  g_assert (bytes != NULL);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* Colours are the picture's; on paper they are the light ones. */
static void
put_style (GString *html)
{
  g_autofree char *css = resource ("report.css");

  ox_html (html, "<style>\n:root{");
  ox_scene_append_colors (html, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    ox_html (html, "--%s:var(--ox%u);", aliases[i].name, (guint) (aliases[i].offset / sizeof (OxColor)));
  ox_html (html, "}\n@media screen and (prefers-color-scheme:dark){:root{");
  ox_scene_append_colors (html, TRUE);
  ox_html (html, "}}\n");
  ox_scene_append_texts (html, "svg ");
  g_string_append (html, css);
  ox_html (html, "</style>\n");
}

/* Only this script may run, and nothing may be fetched, whatever the names of a model hold. */
static void
put_head (OxReport *self, GString *html, const char *title, const char *script)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize n = sizeof digest;
  g_autofree char *text = NULL;

  g_checksum_update (sum, (const guchar *) script, -1);
  g_checksum_get_digest (sum, digest, &n);
  text = g_base64_encode (digest, n);
  ox_html (html,
           "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
           "script-src 'sha256-%s'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"onnxscope " OX_VERSION
           "\">\n<title>%s – onnxscope report</title>\n",
           text, title);
  put_style (html);
  ox_html (html, "</head>\n<body>\n");
}

/* What came of it, in a word each. */
static void
put_badges (OxReport *self, GString *html)
{
  ox_html (html, "<p class=\"badges\">");
  if (self->result->failure != NULL)
    ox_html (html, "<span class=\"verdict differs\">the run stopped</span> ");
  if (self->comparison != NULL && ox_comparison_first (self->comparison) != NULL)
    ox_html (html, "<span class=\"verdict differs\">differs from the reference</span> ");
  else if (self->comparison != NULL && self->result->failure == NULL)
    ox_html (html, "<span class=\"verdict same\">agrees with the reference</span> ");
  if (self->n_bad > 0)
    ox_html (html, "<span class=\"verdict %s\">NaN or infinity</span> ", self->result->differs ? "differs" : "inherited");
  if (self->result->failure == NULL && self->comparison == NULL && self->n_bad == 0)
    ox_html (html, "<span class=\"verdict same\">ran to its end</span> ");
  ox_html (html, "</p>\n");
}

static gboolean
put_page (OxReport *self, GString *html, GCancellable *cancellable, GError **error)
{
  g_autofree char *title = ox_report_title (self), *script = resource ("report.js");

  put_head (self, html, title, script);
  ox_html (html, "<header>\n<h1>%s</h1>\n", title);
  if (self->model->graph->name[0] != '\0')
    ox_html (html, "<p class=\"faint\">graph %s, %u nodes</p>\n", self->model->graph->name, self->model->graph->nodes->len);
  put_badges (self, html);
  ox_html (html, "<nav><a href=\"#result\">Result</a> <a href=\"#picture\">Picture</a> <a href=\"#values\">Values</a> "
                 "<a href=\"#model\">Model</a> <a href=\"#run\">Run</a></nav>\n</header>\n<main>\n");
  ox_report_put_result (self, html);
  if (!ox_report_put_picture (self, html, cancellable, error))
    return FALSE;
  ox_report_put_table (self, html);
  ox_report_put_differences (self, html);
  ox_report_put_checks (self, html);
  ox_report_put_model (self, html);
  ox_report_put_run (self, html);
  ox_html (html, "</main>\n<script>");
  g_string_append (html, script);
  ox_html (html, "</script>\n</body>\n</html>\n");
  return TRUE;
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

static void
report_init (
    OxReport *self, OxSession *session, OxComparison *comparison, const OxReportOptions *options, OxReportResult *result)
{
  self->session = session;
  self->model = ox_session_get_model (session);
  self->comparison = comparison;
  if (options != NULL)
    self->options = *options;
  self->result = result;
  self->records = g_array_new (FALSE, FALSE, sizeof (OxRecord));
  self->texts = g_string_chunk_new (4096);
  self->outputs = g_new0 (char *, self->model->graph->outputs->len + 1);
  self->bad = g_hash_table_new (NULL, NULL);
}

static void
report_clear (OxReport *self)
{
  g_array_unref (self->records);
  g_string_chunk_free (self->texts);
  for (guint i = 0; i < self->model->graph->outputs->len; i++)
    g_free (self->outputs[i]);
  g_free (self->outputs);
  g_clear_pointer (&self->hunt, ox_hunt_free);
  g_clear_pointer (&self->errors, ox_node_errors_free);
  g_hash_table_unref (self->bad);
  g_clear_pointer (&self->scene, ox_scene_unref);
  g_free (self->no_picture);
  g_free (self->card_errors);
  g_free (self->linked);
  g_free (self->listed);
}

void
ox_report_result_clear (OxReportResult *result)
{
  g_clear_error (&result->failure);
  result->differs = FALSE;
}

gboolean
ox_report_write (OxSession *session, OxComparison *comparison, const char *path, const OxReportOptions *options,
                 OxReportResult *result, GCancellable *cancellable, GError **error)
{
  g_auto (OxReportResult) own = { 0 };
  g_autoptr (GString) html = g_string_new (NULL);
  g_autoptr (GError) cause = NULL;
  OxReport self = { 0 };
  gboolean done;

  if (result != NULL)
    *result = own;
  report_init (&self, session, comparison, options, result != NULL ? result : &own);
  done = ox_report_run (&self, cancellable, error) && ox_report_make_picture (&self, cancellable, error);
  if (done)
    {
      ox_report_choose_rows (&self);
      done = put_page (&self, html, cancellable, error);
    }
  if (done && !g_file_set_contents (path, html->str, (gssize) html->len, &cause))
    done = ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
  report_clear (&self);
  if (!done && result != NULL)
    ox_report_result_clear (result);
  return done;
}
