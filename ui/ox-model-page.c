/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-model-page.h"

#include <string.h>

#include "session/ox-check.h"
#include "tensor/ox-format.h"
#include "ui/ox-words.h"

#define MAX_OPERATORS 40
#define MAX_FINDINGS 20

static void
add_origin (OxSheet *sheet, OxModel *model)
{
  g_autofree char *producer = g_strjoin (" ", model->producer_name != NULL ? model->producer_name : "",
                                         model->producer_version != NULL ? model->producer_version : "", NULL);
  g_autofree char *ir = g_strdup_printf ("%" G_GINT64_FORMAT, model->ir_version);

  ox_sheet_section (sheet, NULL);
  g_strstrip (producer);
  if (*producer != '\0')
    ox_sheet_row (sheet, "producer", producer, FALSE);
  if (model->domain != NULL && *model->domain != '\0')
    ox_sheet_row (sheet, "domain", model->domain, FALSE);
  if (model->model_version != 0)
    {
      g_autofree char *version = g_strdup_printf ("%" G_GINT64_FORMAT, model->model_version);

      ox_sheet_row (sheet, "version", version, FALSE);
    }
  ox_sheet_row (sheet, "IR version", ir, FALSE);
  for (guint i = 0; model->opsets != NULL && i < model->opsets->len; i++)
    {
      const OxOpset *opset = &g_array_index (model->opsets, OxOpset, i);
      g_autofree char *text = g_strdup_printf ("%s %" G_GINT64_FORMAT, opset->domain, opset->version);

      ox_sheet_row (sheet, i == 0 ? "operator sets" : "", text, FALSE);
    }
}

static void
add_size (OxSheet *sheet, OxModel *model, const OxModelCounts *counts)
{
  g_autofree char *nodes = g_strdup_printf ("%u", counts->nodes), *parameters = ox_format_count (counts->parameters);
  g_autofree char *total = g_strdup_printf ("%u in all graphs", counts->nodes_total);
  g_autofree char *bytes = ox_format_bytes (counts->bytes), *weights = g_strdup_printf ("%u", counts->initializers);
  g_autofree char *plain = g_strdup_printf ("%" G_GUINT64_FORMAT, counts->parameters);
  g_autofree char *exact = g_strdup_printf ("%s (%" G_GUINT64_FORMAT ")", parameters, counts->parameters);

  ox_sheet_section (sheet, "Size");
  ox_sheet_row (sheet, "nodes", nodes, FALSE);
  if (counts->nodes_total != counts->nodes)
    ox_sheet_row (sheet, "", total, FALSE);
  if (model->functions->len > 0)
    {
      g_autofree char *functions = g_strdup_printf ("%u", model->functions->len);

      ox_sheet_row (sheet, "functions", functions, FALSE);
    }
  ox_sheet_row (sheet, "weights", weights, FALSE);
  ox_sheet_row (sheet, "parameters", counts->parameters < 10000 ? plain : exact, FALSE);
  ox_sheet_row (sheet, "weight bytes", bytes, FALSE);
  if (model->file != NULL)
    {
      g_autofree char *file = ox_format_bytes (g_bytes_get_size (model->file));

      ox_sheet_row (sheet, "file", file, FALSE);
    }
  if (model->external_bytes > 0)
    {
      g_autofree char *external = ox_format_bytes (model->external_bytes);

      ox_sheet_row (sheet, "external data", external, FALSE);
    }
}

static int
more_used (gconstpointer a, gconstpointer b, gpointer table)
{
  const char *left = *(const char *const *) a, *right = *(const char *const *) b;
  guint l = GPOINTER_TO_UINT (g_hash_table_lookup (table, left)), r = GPOINTER_TO_UINT (g_hash_table_lookup (table, right));

  return l != r ? (l < r ? 1 : -1) : g_strcmp0 (left, right);
}

static void
add_operators (OxSheet *sheet, const OxModelCounts *counts)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, counts->op_types);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (names, key);
  g_ptr_array_sort_with_data (names, more_used, counts->op_types);
  ox_sheet_section (sheet, "Operators");
  for (guint i = 0; i < MIN (names->len, MAX_OPERATORS); i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *count = g_strdup_printf ("%u", GPOINTER_TO_UINT (g_hash_table_lookup (counts->op_types, name)));

      const char *dot = strrchr (name, '.');
      g_autofree char *label = dot != NULL ? g_strdup_printf ("%.*s · %s", (int) (dot - name), name, dot + 1) : g_strdup (name);

      ox_sheet_row (sheet, label, count, FALSE);
    }
  if (names->len > MAX_OPERATORS)
    {
      g_autofree char *rest = g_strdup_printf ("%u more", names->len - MAX_OPERATORS);

      ox_sheet_row (sheet, "…", rest, FALSE);
    }
}

static void
add_inputs (OxSheet *sheet, OxGraph *graph, gboolean with_default)
{
  for (guint i = 0; i < graph->inputs->len; i++)
    {
      int slot = g_array_index (graph->inputs, int, i);
      const OxSlot *s = ox_graph_slot (graph, slot);
      g_autofree char *type = ox_words_slot_type (s);

      if ((s->initializer != NULL) == with_default)
        ox_sheet_value (sheet, NULL, graph, slot, type, NULL);
    }
}

static void
add_ends (OxSheet *sheet, OxGraph *graph)
{
  ox_sheet_section (sheet, "Inputs");
  add_inputs (sheet, graph, FALSE);
  ox_sheet_section (sheet, "Outputs");
  for (guint i = 0; i < graph->outputs->len; i++)
    {
      const OxRef *ref = &g_array_index (graph->outputs, OxRef, i);
      g_autofree char *type = NULL;

      if (ref->up != 0 || ref->slot < 0)
        continue;
      type = ox_words_slot_type (ox_graph_slot (graph, ref->slot));
      ox_sheet_value (sheet, NULL, graph, ref->slot, type, NULL);
    }
}

static void
add_metadata (OxSheet *sheet, GArray *metadata)
{
  ox_sheet_section (sheet, "Metadata");
  for (guint i = 0; metadata != NULL && i < metadata->len; i++)
    {
      const OxMetadata *entry = &g_array_index (metadata, OxMetadata, i);
      g_autofree char *value = ox_words_valid (entry->value);

      /* Whole vocabularies are kept here. */
      if (g_utf8_strlen (value, -1) > 500)
        {
          g_autofree char *head = g_utf8_substring (value, 0, 500), *cut = g_strconcat (head, "…", NULL);

          ox_sheet_row (sheet, entry->key, cut, FALSE);
        }
      else
        ox_sheet_row (sheet, entry->key, value, FALSE);
    }
}

/* Errors and warnings, the node below the sentence; notes are for the command line. */
static void
add_findings (OxSheet *sheet, OxModel *model, GPtrArray *findings)
{
  guint shown = 0, more = 0;

  ox_sheet_section (sheet, "Check");
  for (guint i = 0; findings != NULL && i < findings->len; i++)
    {
      const OxCheckFinding *finding = g_ptr_array_index (findings, i);
      OxNode *node;

      if (finding->severity == OX_CHECK_NOTE)
        continue;
      if (shown++ >= MAX_FINDINGS)
        {
          more++;
          continue;
        }
      ox_sheet_text (sheet, finding->text, finding->severity == OX_CHECK_ERROR ? "error" : "warning");
      if ((node = ox_check_finding_node (finding, model)) != NULL)
        ox_sheet_node (sheet, node);
    }
  if (more > 0)
    {
      g_autofree char *rest = g_strdup_printf ("%u more, which onnxscope check lists", more);

      ox_sheet_text (sheet, rest, NULL);
    }
}

void
ox_model_page_fill (OxSheet *sheet, OxModel *model, GPtrArray *findings)
{
  g_auto (OxModelCounts) counts = { 0 };
  g_autofree char *base = model->path != NULL ? g_path_get_basename (model->path) : g_strdup ("Model");

  ox_model_count (model, &counts);
  ox_sheet_clear (sheet);
  ox_sheet_title (sheet, base, model->graph->name);
  ox_sheet_section (sheet, "Warnings");
  for (guint i = 0; i < model->warnings->len; i++)
    ox_sheet_text (sheet, g_ptr_array_index (model->warnings, i), "warning");
  add_findings (sheet, model, findings);
  add_origin (sheet, model);
  add_ends (sheet, model->graph);
  add_size (sheet, model, &counts);
  add_operators (sheet, &counts);
  ox_sheet_section (sheet, "Inputs with a Default");
  add_inputs (sheet, model->graph, TRUE);
  add_metadata (sheet, model->metadata);
  ox_sheet_section (sheet, "Documentation");
  if (model->doc != NULL && *model->doc != '\0')
    ox_sheet_text (sheet, model->doc, NULL);
  if (model->graph->doc != NULL && *model->graph->doc != '\0')
    ox_sheet_text (sheet, model->graph->doc, NULL);
}
