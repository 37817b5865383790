/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cli-json.h"
#include "cli-reference.h"
#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "debug/ox-precision.h"

/* Nodes that are shown unless all are asked for. */
#define ROWS 20

typedef struct
{
  OxCliFeeds feeds;
  char      *type;
  gboolean   json, links, all, expand;
  int        threads, memory;
} Options;

/* ---- the map --------------------------------------------------------------------------------------------------- */

static void
put_range (JsonBuilder *json, const OxRange *range)
{
  ox_json_count (json, "count", range->count);
  ox_json_count (json, "zeros", range->zeros);
  ox_json_count (json, "bad", range->bad);
  ox_json_count (json, "beyond", range->beyond);
  ox_json_count (json, "flushed", range->flushed);
  ox_json_count (json, "denormal", range->denormal);
  ox_json_number (json, "largest", range->largest);
  ox_json_number (json, "smallest", range->smallest);
  ox_json_number (json, "lost", ox_range_lost (range));
}

static void
put_node (JsonBuilder *json, OxPrecision *precision, const OxPrecisionNode *node)
{
  g_autofree char *reason = ox_precision_node_reason (precision, node);

  json_builder_begin_object (json);
  ox_json_count (json, "index", node->node->index);
  ox_json_text (json, "node", node->node->name);
  ox_json_text (json, "op_type", node->node->op_type);
  ox_json_text (json, "output", node->node->output_names->len > 0 ? g_ptr_array_index (node->node->output_names, 0) : NULL);
  ox_json_text (json, "frame", node->where);
  ox_json_count (json, "times", (gint64) node->times);
  ox_json_text (json, "verdict", ox_precision_verdict_name (node->verdict));
  ox_json_text (json, "reason", reason);
  ox_json_text (json, "tensor", node->value != NULL ? node->value->slot->name : NULL);
  ox_json_number (json, "largest", node->largest);
  ox_json_flag (json, "inherited", node->inherited);
  ox_json_flag (json, "mask", node->mask);
  if (node->sums)
    {
      ox_json_count (json, "terms", node->sum.length);
      ox_json_number (json, "sum_bound", node->sum.bound);
      ox_json_number (json, "sum_growth", node->sum.growth);
    }
  json_builder_end_object (json);
}

static void
put_value (JsonBuilder *json, const OxPrecisionValue *value)
{
  static const char *const kinds[] = { "value", "weight", "input" };

  json_builder_begin_object (json);
  ox_json_text (json, "tensor", value->slot->name);
  ox_json_text (json, "kind", kinds[value->kind]);
  ox_json_text (json, "type", value->type);
  put_range (json, &value->range);
  json_builder_end_object (json);
}

static void
print_map (OxPrecision *precision, const OxNarrow *narrow, const char *data_set, const GError *failure)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  GPtrArray *nodes = ox_precision_nodes (precision), *values = ox_precision_values (precision);

  json_builder_begin_object (json);
  ox_json_text (json, "type", ox_dtype_name (narrow->dtype));
  for (int v = 0; v < OX_N_PRECISIONS; v++)
    ox_json_count (json, ox_precision_verdict_name (v), ox_precision_count (precision, v));
  ox_json_array (json, "nodes");
  for (guint i = 0; i < nodes->len; i++)
    put_node (json, precision, g_ptr_array_index (nodes, i));
  json_builder_end_array (json);
  ox_json_array (json, "values");
  for (guint i = 0; i < values->len; i++)
    if (((OxPrecisionValue *) g_ptr_array_index (values, i))->type != NULL)
      put_value (json, g_ptr_array_index (values, i));
  json_builder_end_array (json);
  ox_json_text (json, "data_set", data_set);
  ox_json_text (json, "failure", failure != NULL ? failure->message : NULL);
  json_builder_end_object (json);
  ox_json_print (json);
}

static int
map (const Options *options, OxSession *session, OxDtype dtype, const char *data_set)
{
  g_autoptr (OxPrecision) precision = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;
  OxNarrow narrow;
  gboolean ok;

  if (!ox_narrow_find (dtype, &narrow, &error))
    return ox_cli_fail (error);
  precision = ox_precision_new (session, &narrow);
  ok = ox_precision_run (precision, NULL, &error);
  text = ox_precision_describe (precision, options->all ? 0 : ROWS);
  if (options->json)
    print_map (precision, &narrow, data_set, error);
  else
    g_print ("%s", text);
  if (!ok)
    return ox_cli_fail (error);
  return ox_precision_count (precision, OX_PRECISION_SAFE) == ox_precision_nodes (precision)->len ? OX_EXIT_GOOD
                                                                                                  : OX_EXIT_DIFFERS;
}

/* ---- the verb -------------------------------------------------------------------------------------------------- */

static int
run (OxModel *model, Options *options)
{
  OxSessionOptions how = { .seed = (guint64) options->feeds.seed, .expand = options->expand };
  g_autoptr (OxSession) session = ox_session_new (model, &how);
  g_autofree char *data_set = NULL;
  OxDtype dtype = options->type != NULL ? ox_dtype_from_name (options->type) : OX_F16;
  GError *error = NULL;

  if (dtype == OX_UNDEFINED)
    {
      ox_fail (&error, OX_ERROR_VALUE, "expected a type such as f16, found '%s'", options->type);
      return ox_cli_fail (error);
    }
  ox_cli_find_data (&options->feeds, model);
  if (!ox_cli_feed (&options->feeds, session, &data_set, &error))
    return ox_cli_fail (error);
  return map (options, session, dtype, data_set);
}

int
ox_cli_precision (int argc, char **argv)
{
  Options options = { 0 };
  g_autoptr (OxModel) model = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
    { "type", 0, 0, G_OPTION_ARG_STRING, &options.type, "f16 (default), bf16, f8e4m3fn, f8e5m2, …", "TYPE" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, "All nodes and values, not only the worst", NULL },
    { "expand", 0, 0, G_OPTION_ARG_NONE, &options.expand, "Look into operators that are made of others", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "For programs", NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "Threads (0: one a core)", "N" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &options.memory, "Largest tensor in MB (0: the machine's memory)", "MB" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (ox_cli_parse (&argc, &argv, "MODEL",
                    "Runs a model and tells which nodes would overflow, or lose small numbers, in a narrower type.", entries, 1))
    {
      ox_set_threads (MAX (options.threads, 0));
      ox_memory_set_limit ((gsize) MAX (options.memory, 0) << 20);
      model = ox_cli_open (argv[1], options.links);
      if (model != NULL)
        status = run (model, &options);
    }
  ox_cli_feeds_clear (&options.feeds);
  g_free (options.type);
  return status;
}
