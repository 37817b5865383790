/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cli-json.h"
#include "cli.h"
#include "proto/ox-import.h"
#include "session/ox-check.h"

static const char *const severities[] = { "error", "warning", "note" };

static const char rules[] =
    "Rules: structure, ir-version, opsets, functions, names, hidden-names, order, outputs,\n"
    "operator, unsupported, deprecated, arity, attribute, type, shape, declared-type, declared-shape,\n"
    "data, external-data, weights, unused, unused-input, unused-node.\n\n"
    "Exit status: 0 without errors, 1 with errors, 2 when the file cannot be read as a model.\n"
    "An operator that is sound but cannot be run here is a warning; only 'run' and its kin\n"
    "answer 3 for it.";

static void
print_json (const OxModel *model, const GPtrArray *findings, const guint *counts)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  ox_json_text (json, "model", model->path);
  for (guint i = 0; i < G_N_ELEMENTS (severities); i++)
    {
      g_autofree char *name = g_strconcat (severities[i], "s", NULL);

      ox_json_count (json, name, counts[i]);
    }
  ox_json_array (json, "findings");
  for (guint i = 0; i < findings->len; i++)
    {
      const OxCheckFinding *finding = g_ptr_array_index (findings, i);

      json_builder_begin_object (json);
      ox_json_text (json, "severity", severities[finding->severity]);
      ox_json_text (json, "rule", finding->rule);
      ox_json_text (json, "graph", finding->path);
      ox_json_text (json, "node", finding->node);
      ox_json_text (json, "op_type", finding->op_type);
      ox_json_text (json, "text", finding->text);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  ox_json_print (json);
}

static void
print_text (const GPtrArray *findings, const guint *counts, gboolean quiet)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const OxCheckFinding *finding = g_ptr_array_index (findings, i);

      if (quiet && finding->severity == OX_CHECK_NOTE)
        continue;
      g_print ("%s: ", severities[finding->severity]);
      if (finding->path != NULL)
        g_print ("%s: ", finding->path);
      if (finding->node != NULL)
        g_print ("node '%s' (%s): ", finding->node, finding->op_type);
      g_print ("%s [%s]\n", finding->text, finding->rule);
    }
  for (guint i = 0; i < G_N_ELEMENTS (severities); i++)
    g_print ("%u %s%s%s", counts[i], severities[i], counts[i] == 1 ? "" : "s",
             i + 1 < G_N_ELEMENTS (severities) ? ", " : "\n");
}

int
ox_cli_check (int argc, char **argv)
{
  gboolean json = FALSE, links = FALSE, weights = FALSE, quiet = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "For programs", NULL },
    { "weights", 0, 0, G_OPTION_ARG_NONE, &weights, "Read all weights: NaN, infinities, zeros, denormals",
      NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "Without the notes", NULL },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &links, "Follow links to external data", NULL },
    { NULL },
  };
  OxImportOptions options = { .unlinked = TRUE };
  g_autofree char *summary = g_strconcat (
      "Tells what is wrong with a model. Its weights are not read unless asked for.\n\n", rules, NULL);
  g_autoptr (OxModel) model = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  GError *error = NULL;
  guint counts[3] = { 0 };

  if (!ox_cli_parse (&argc, &argv, "MODEL", summary, entries, 1))
    return OX_EXIT_UNUSABLE;
  options.allow_links = links;
  model = ox_import_file (argv[1], &options, NULL, &error);
  if (model == NULL)
    {
      ox_cli_fail (error);
      return OX_EXIT_UNUSABLE;
    }
  findings = ox_model_check (model, weights, NULL);
  for (guint i = 0; i < findings->len; i++)
    counts[((const OxCheckFinding *)g_ptr_array_index (findings, i))->severity]++;
  if (json)
    print_json (model, findings, counts);
  else
    print_text (findings, counts, quiet);
  return counts[OX_CHECK_ERROR] > 0 ? OX_EXIT_DIFFERS : OX_EXIT_GOOD;
}
