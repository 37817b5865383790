/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "core/ox-parallel.h"
#include "report/ox-report-private.h"
#include "session/ox-check.h"
#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"

/* Inputs and outputs, and findings of the check, that are listed. */
#define MOST_LISTED 500

char *
ox_report_title (const OxReport *self)
{
  if (self->model->path != NULL)
    return g_path_get_basename (self->model->path);
  return g_strdup (self->model->graph->name[0] != '\0' ? self->model->graph->name : "model");
}

static void
put_fact (GString *html, const char *name, const char *value)
{
  if (value != NULL && value[0] != '\0')
    ox_html (html, "<dt>%s</dt><dd>%s</dd>\n", name, value);
}

static char *
describe_opsets (const OxModel *model)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < model->opsets->len; i++)
    {
      const OxOpset *opset = &g_array_index (model->opsets, OxOpset, i);

      g_string_append_printf (text, "%s%s %" G_GINT64_FORMAT, i > 0 ? ", " : "", opset->domain, opset->version);
    }
  return g_string_free (text, FALSE);
}

static char *
describe_producer (const OxModel *model)
{
  const char *name = model->producer_name != NULL ? model->producer_name : "";
  const char *version = model->producer_version != NULL ? model->producer_version : "";

  return g_strconcat (name, name[0] != '\0' && version[0] != '\0' ? " " : "", version, NULL);
}

/* ---- inputs and outputs ---------------------------------------------------------------------------------------- */

static void
put_declared (GString *html, const OxSlot *slot)
{
  g_autofree char *type = slot->type != NULL ? ox_type_label (slot->type) : NULL;

  ox_html (html, "<td class=\"name\">%s<span class=\"type\">%s</span></td>", slot->name, type);
}

static void
put_input (OxReport *self, GString *html, const OxSlot *slot)
{
  const OxValue *value = ox_session_get_input (self->session, slot->name);
  const OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  g_autofree char *text = value != NULL ? ox_value_describe (value) : NULL;
  OxStatistics statistics = { .min = NAN, .mean = NAN, .max = NAN };

  if (tensor != NULL)
    ox_statistics_compute (tensor, &statistics);
  ox_html (html, "<tr>");
  put_declared (html, slot);
  ox_html (html, "<td class=\"mono\">%s</td><td class=\"n\">", text != NULL ? text : "not given");
  ox_html_number (html, statistics.numeric ? statistics.min : NAN, 4);
  ox_html (html, "</td><td class=\"n\">");
  ox_html_number (html, statistics.numeric ? statistics.mean : NAN, 4);
  ox_html (html, "</td><td class=\"n\">");
  ox_html_number (html, statistics.numeric ? statistics.max : NAN, 4);
  ox_html (html, "</td></tr>\n");
}

static void
put_inputs (OxReport *self, GString *html)
{
  const OxGraph *graph = self->model->graph;
  guint n = 0, of = 0;

  for (guint i = 0; i < graph->inputs->len; i++)
    of += ox_graph_slot (graph, g_array_index (graph->inputs, int, i))->initializer == NULL;
  ox_html (html, "<h3>Inputs</h3>\n");
  if (of == 0)
    {
      ox_html (html, "<p class=\"empty\">The model has none.</p>\n");
      return;
    }
  ox_html (
      html,
      "<div class=\"scroll\"><table><thead><tr><th>Input</th><th>Given</th><th class=\"n\">Min</th><th class=\"n\">Mean</th>"
      "<th class=\"n\">Max</th></tr></thead><tbody>\n");
  for (guint i = 0; i < graph->inputs->len && n < MOST_LISTED; i++)
    {
      const OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));

      if (slot->initializer != NULL)
        continue;
      put_input (self, html, slot);
      n++;
    }
  ox_html (html, "</tbody></table></div>\n");
  if (n < of)
    ox_html (html, "<p class=\"note\">%u of %u are listed.</p>\n", n, of);
}

static void
put_outputs (OxReport *self, GString *html)
{
  const OxGraph *graph = self->model->graph;

  ox_html (
      html,
      "<h3>Outputs</h3>\n<div class=\"scroll\"><table><thead><tr><th>Output</th><th>Begins with</th></tr></thead><tbody>\n");
  for (guint i = 0; i < graph->output_infos->len && i < MOST_LISTED; i++)
    {
      ox_html (html, "<tr>");
      put_declared (html, g_ptr_array_index (graph->output_infos, i));
      if (self->outputs[i] != NULL)
        ox_html (html, "<td class=\"mono pre\">%s</td></tr>\n", self->outputs[i]);
      else
        ox_html (html, "<td class=\"faint\">no node of this run made it</td></tr>\n");
    }
  ox_html (html, "</tbody></table></div>\n");
  if (graph->output_infos->len > MOST_LISTED)
    ox_html (html, "<p class=\"note\">%d of %u are listed.</p>\n", MOST_LISTED, graph->output_infos->len);
}

/* ---- the sections ---------------------------------------------------------------------------------------------- */

void
ox_report_put_model (OxReport *self, GString *html)
{
  const OxModel *model = self->model;
  g_auto (OxModelCounts) counts = { 0 };
  g_autofree char *opsets = describe_opsets (model), *producer = describe_producer (model), *parameters = NULL,
                  *bytes = NULL;
  g_autofree char *nodes = NULL, *file = NULL, *size = NULL, *ir = g_strdup_printf ("%" G_GINT64_FORMAT, model->ir_version);
  g_autofree char *hash = model->file != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, model->file) : NULL;

  ox_model_count (model, &counts);
  parameters = ox_format_count (counts.parameters);
  bytes = ox_format_bytes (counts.bytes);
  size = model->file != NULL ? ox_format_bytes (g_bytes_get_size (model->file)) : NULL;
  nodes = counts.nodes_total == counts.nodes
              ? g_strdup_printf ("%u", counts.nodes)
              : g_strdup_printf ("%u, with bodies and functions %u", counts.nodes, counts.nodes_total);
  file = model->path != NULL ? g_path_get_basename (model->path) : NULL;
  ox_html (html, "<section id=\"model\">\n<h2>Model</h2>\n<dl>\n");
  put_fact (html, "File", file);
  put_fact (html, "Size", size);
  put_fact (html, "SHA-256", hash);
  put_fact (html, "Graph", model->graph->name);
  put_fact (html, "Producer", producer);
  put_fact (html, "Operator sets", opsets);
  put_fact (html, "IR version", ir);
  put_fact (html, "Nodes", nodes);
  put_fact (html, "Parameters", parameters);
  put_fact (html, "Weights", bytes);
  if (model->external_bytes > 0)
    put_fact (html, "External data", "yes; the hash is of the model's file alone");
  put_fact (html, "About", model->graph->doc != NULL && model->graph->doc[0] != '\0' ? model->graph->doc : model->doc);
  ox_html (html, "</dl>\n");
  put_inputs (self, html);
  put_outputs (self, html);
  ox_html (html, "</section>\n");
}

void
ox_report_put_run (OxReport *self, GString *html)
{
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, self->options.seed);
  g_autofree char *threads = g_strdup_printf ("%d", ox_get_threads ());
  g_autofree char *nodes = g_strdup_printf ("%" G_GUINT64_FORMAT, self->n_nodes),
                  *time = ox_format_double (self->seconds * 1e3, 3);
  g_autofree char *seconds = g_strconcat (time, " ms in kernels", NULL);

  ox_html (html, "<section id=\"run\">\n<h2>Run</h2>\n<dl>\n");
  put_fact (html, "Program", "onnxscope " OX_VERSION);
  put_fact (html, "Date", self->options.date);
  put_fact (html, "Inputs", self->options.inputs);
  put_fact (html, "Changes", self->options.changes);
  put_fact (html, "Seed", seed);
  put_fact (html, "Threads", threads);
  put_fact (html, "Reference",
            self->comparison != NULL ? ox_reference_title (ox_comparison_reference (self->comparison)) : "none");
  put_fact (html, "Nodes run", nodes);
  if (!self->options.no_times)
    put_fact (html, "Time", seconds);
  ox_html (html, "</dl>\n</section>\n");
}

void
ox_report_put_checks (OxReport *self, GString *html)
{
  static const char *const severities[] = { "error", "warning", "note" };
  const GPtrArray *findings = self->options.checks;

  if (findings == NULL)
    return;
  ox_html (html, "<section id=\"check\">\n<h2>Check against the standard</h2>\n");
  if (findings->len == 0)
    {
      ox_html (html, "<p class=\"empty\">Nothing is wrong with the model.</p>\n</section>\n");
      return;
    }
  ox_html (html, "<ul class=\"checks\">\n");
  for (guint i = 0; i < findings->len && i < MOST_LISTED; i++)
    {
      const OxCheckFinding *finding = g_ptr_array_index (findings, i);

      ox_html (html, "<li><span class=\"verdict %s\">%s</span> ", severities[finding->severity],
               severities[finding->severity]);
      if (finding->node != NULL)
        ox_html (html, "<b>%s</b> %s: ", finding->op_type, finding->node);
      ox_html (html, "%s <span class=\"faint\">%s</span></li>\n", finding->text, finding->rule);
    }
  ox_html (html, "</ul>\n");
  if (findings->len > MOST_LISTED)
    ox_html (html, "<p class=\"note\">%d of %u are listed.</p>\n", MOST_LISTED, findings->len);
  ox_html (html, "</section>\n");
}
