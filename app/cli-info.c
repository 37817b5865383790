/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-glib/json-glib.h>

#include "cli-json.h"
#include "cli.h"
#include "tensor/ox-format.h"

static int
by_name (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
sorted_keys (GHashTable *table)
{
  GPtrArray *keys = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (keys, key);
  g_ptr_array_sort (keys, by_name);
  return keys;
}

static void
add_value (JsonBuilder *json, const OxSlot *slot)
{
  const OxType *type = slot->type;
  g_autofree char *text = ox_type_to_string (type);

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "name");
  json_builder_add_string_value (json, slot->name);
  json_builder_set_member_name (json, "type");
  json_builder_add_string_value (json, text);
  if (type != NULL && (type->kind == OX_TYPE_TENSOR || type->kind == OX_TYPE_SPARSE))
    {
      json_builder_set_member_name (json, "dtype");
      json_builder_add_string_value (json, ox_dtype_name (type->dtype));
      json_builder_set_member_name (json, "shape");
      if (type->rank < 0)
        json_builder_add_null_value (json);
      else
        {
          json_builder_begin_array (json);
          for (int i = 0; i < type->rank; i++)
            if (type->dims[i].value >= 0)
              json_builder_add_int_value (json, type->dims[i].value);
            else if (type->dims[i].param != NULL)
              json_builder_add_string_value (json, type->dims[i].param);
            else
              json_builder_add_null_value (json);
          json_builder_end_array (json);
        }
    }
  json_builder_end_object (json);
}

static void
print_json (const OxModel *model, const OxModelCounts *counts)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (GPtrArray) ops = sorted_keys (counts->op_types);
  const OxGraph *graph = model->graph;

  json_builder_begin_object (json);
  ox_json_count (json, "ir_version", model->ir_version);
  json_builder_set_member_name (json, "opset_import");
  json_builder_begin_object (json);
  for (guint i = 0; i < model->opsets->len; i++)
    {
      const OxOpset *opset = &g_array_index (model->opsets, OxOpset, i);

      ox_json_count (json, opset->domain, opset->version);
    }
  json_builder_end_object (json);
  ox_json_text (json, "producer", model->producer_name);
  ox_json_text (json, "producer_version", model->producer_version);
  ox_json_text (json, "domain", model->domain);
  ox_json_count (json, "model_version", model->model_version);
  ox_json_text (json, "graph", graph->name);
  ox_json_count (json, "nodes", counts->nodes);
  ox_json_count (json, "nodes_total", counts->nodes_total);
  json_builder_set_member_name (json, "op_types");
  json_builder_begin_object (json);
  for (guint i = 0; i < ops->len; i++)
    ox_json_count (json, g_ptr_array_index (ops, i),
             GPOINTER_TO_UINT (g_hash_table_lookup (counts->op_types, g_ptr_array_index (ops, i))));
  json_builder_end_object (json);
  json_builder_set_member_name (json, "inputs");
  json_builder_begin_array (json);
  for (guint i = 0; i < graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));

      /* Old files list their weights among the inputs. */
      if (slot->initializer == NULL)
        add_value (json, slot);
    }
  json_builder_end_array (json);
  json_builder_set_member_name (json, "outputs");
  json_builder_begin_array (json);
  for (guint i = 0; i < graph->output_infos->len; i++)
    add_value (json, g_ptr_array_index (graph->output_infos, i));
  json_builder_end_array (json);
  ox_json_count (json, "initializers", counts->initializers);
  ox_json_count (json, "parameters", (gint64) counts->parameters);
  ox_json_count (json, "bytes", (gint64) counts->bytes);
  ox_json_count (json, "functions", model->functions->len);
  json_builder_set_member_name (json, "metadata");
  json_builder_begin_object (json);
  for (guint i = 0; i < model->metadata->len; i++)
    ox_json_text (json, g_array_index (model->metadata, OxMetadata, i).key, g_array_index (model->metadata, OxMetadata, i).value);
  json_builder_end_object (json);
  json_builder_set_member_name (json, "warnings");
  json_builder_begin_array (json);
  for (guint i = 0; i < model->warnings->len; i++)
    json_builder_add_string_value (json, g_ptr_array_index (model->warnings, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
  ox_json_print (json);
}

static void
print_value (const char *kind, const OxSlot *slot)
{
  g_autofree char *type = ox_type_to_string (slot->type);

  g_print ("%-13s %s  %s\n", kind, slot->name, type);
}

static void
print_text (const OxModel *model, const OxModelCounts *counts)
{
  g_autoptr (GPtrArray) ops = sorted_keys (counts->op_types);
  g_autofree char *parameters = ox_format_count (counts->parameters), *bytes = ox_format_bytes (counts->bytes);
  const OxGraph *graph = model->graph;

  g_print ("%-13s %s\n", "file", model->path);
  g_print ("%-13s %s\n", "graph", graph->name);
  g_print ("%-13s %s %s\n", "producer", model->producer_name, model->producer_version);
  g_print ("%-13s %" G_GINT64_FORMAT "\n", "IR version", model->ir_version);
  for (guint i = 0; i < model->opsets->len; i++)
    g_print ("%-13s %s %" G_GINT64_FORMAT "\n", i == 0 ? "opsets" : "", g_array_index (model->opsets, OxOpset, i).domain,
             g_array_index (model->opsets, OxOpset, i).version);
  g_print ("%-13s %u", "nodes", counts->nodes);
  if (counts->nodes_total != counts->nodes)
    g_print (" (%u with subgraphs and functions)", counts->nodes_total);
  g_print ("\n%-13s %u, %s elements, %s\n", "initializers", counts->initializers, parameters, bytes);
  if (model->functions->len > 0)
    g_print ("%-13s %u\n", "functions", model->functions->len);
  for (guint i = 0; i < graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));

      if (slot->initializer == NULL)
        print_value ("input", slot);
    }
  for (guint i = 0; i < graph->output_infos->len; i++)
    print_value ("output", g_ptr_array_index (graph->output_infos, i));
  for (guint i = 0; i < ops->len; i++)
    g_print ("%-13s %6u  %s\n", i == 0 ? "operators" : "",
             GPOINTER_TO_UINT (g_hash_table_lookup (counts->op_types, g_ptr_array_index (ops, i))),
             (const char *) g_ptr_array_index (ops, i));
  for (guint i = 0; i < model->metadata->len; i++)
    g_print ("%-13s %s = %s\n", i == 0 ? "metadata" : "", g_array_index (model->metadata, OxMetadata, i).key,
             g_array_index (model->metadata, OxMetadata, i).value);
}

int
ox_cli_info (int argc, char **argv)
{
  gboolean json = FALSE, links = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "For programs", NULL },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &links, "Follow links to external data", NULL },
    { NULL },
  };
  g_autoptr (OxModel) model = NULL;
  g_auto (OxModelCounts) counts = { 0 };

  if (!ox_cli_parse (&argc, &argv, "MODEL", "Tells what is in a model. Its weights are not read.", entries, 1))
    return OX_EXIT_UNUSABLE;
  model = ox_cli_open (argv[1], links);
  if (model == NULL)
    return OX_EXIT_UNUSABLE;
  ox_model_count (model, &counts);
  if (json)
    print_json (model, &counts);
  else
    print_text (model, &counts);
  return OX_EXIT_GOOD;
}
