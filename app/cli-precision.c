/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <unistd.h>

#include "cli-json.h"
#include "cli-reference.h"
#include "debug/ox-precision.h"
#include "debug/ox-rounding.h"
#include "debug/ox-what-if.h"

/* Nodes that are shown unless all are asked for. */
#define ROWS 20

typedef struct
{
  OxCliFeeds feeds;
  char      *type, *through;
  char     **nodes, **scopes, **between;
  double     tolerance;
  int        runs;
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

/* ---- what if --------------------------------------------------------------------------------------------------- */

static gboolean
select_nodes (const Options *options, OxSelection *selection, GError **error)
{
  if (options->nodes == NULL && options->scopes == NULL && options->between == NULL)
    ox_selection_add_all (selection);
  for (int i = 0; options->nodes != NULL && options->nodes[i] != NULL; i++)
    if (!ox_selection_add (selection, options->nodes[i], error))
      return FALSE;
  for (int i = 0; options->scopes != NULL && options->scopes[i] != NULL; i++)
    if (!ox_selection_add_scope (selection, options->scopes[i], error))
      return FALSE;
  for (int i = 0; options->between != NULL && options->between[i] != NULL; i++)
    if (!ox_selection_add_between (selection, options->between[i], error))
      return FALSE;
  return TRUE;
}

static void
put_what_if_value (JsonBuilder *json, const OxWhatIfValue *value)
{
  json_builder_begin_object (json);
  ox_json_count (json, "index", value->node->index);
  ox_json_text (json, "node", value->node->name);
  ox_json_text (json, "op_type", value->node->op_type);
  ox_json_text (json, "output", g_ptr_array_index (value->node->output_names, value->output));
  ox_json_text (json, "frame", value->where);
  ox_json_text (json, "type", value->type);
  ox_json_flag (json, "rounded", value->rounded);
  ox_json_number (json, "own", value->own);
  ox_json_number (json, "through", value->through);
  ox_json_number (json, "growth", value->growth);
  ox_json_number (json, "max_abs", value->difference.max_abs);
  ox_json_number (json, "cosine", value->difference.cosine);
  json_builder_end_object (json);
}

static void
put_kept (JsonBuilder *json, const OxWhatIfKept *kept)
{
  json_builder_set_member_name (json, "kept");
  json_builder_begin_object (json);
  ox_json_array (json, "nodes");
  for (guint i = 0; i < kept->nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (kept->nodes, i);
      g_autofree char *path = ox_graph_path (node->graph);

      json_builder_begin_object (json);
      ox_json_count (json, "index", node->index);
      ox_json_text (json, "node", node->name);
      ox_json_text (json, "op_type", node->op_type);
      ox_json_text (json, "output", node->output_names->len > 0 ? g_ptr_array_index (node->output_names, 0) : NULL);
      ox_json_text (json, "graph", path);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  ox_json_count (json, "of", kept->of);
  ox_json_count (json, "runs", kept->runs);
  ox_json_flag (json, "minimal", kept->minimal);
  ox_json_number (json, "error", kept->error);
  ox_json_number (json, "error_without", kept->alone);
  json_builder_end_object (json);
}

static void
print_what_if (OxWhatIf *what_if, const OxWhatIfKept *kept, const Options *options, const char *data_set,
               const GError *failure)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  GPtrArray *values = ox_what_if_values (what_if), *outputs = ox_what_if_outputs (what_if);

  json_builder_begin_object (json);
  ox_json_text (json, "through", options->through);
  if (kept != NULL)
    put_kept (json, kept);
  ox_json_array (json, "outputs");
  for (guint i = 0; i < outputs->len; i++)
    {
      const OxWhatIfOutput *output = g_ptr_array_index (outputs, i);

      json_builder_begin_object (json);
      ox_json_text (json, "output", output->name);
      ox_json_number (json, "error", output->error);
      ox_json_number (json, "max_abs", output->difference.max_abs);
      ox_json_number (json, "cosine", output->difference.cosine);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  ox_json_array (json, "values");
  for (guint i = 0; i < values->len; i++)
    put_what_if_value (json, g_ptr_array_index (values, i));
  json_builder_end_array (json);
  ox_json_text (json, "parting", ox_what_if_parting (what_if));
  ox_json_text (json, "data_set", data_set);
  ox_json_text (json, "failure", failure != NULL ? failure->message : NULL);
  json_builder_end_object (json);
  ox_json_print (json);
}

static double
worst_output (OxWhatIf *what_if)
{
  GPtrArray *outputs = ox_what_if_outputs (what_if);
  double worst = 0;

  for (guint i = 0; i < outputs->len; i++)
    worst = MAX (worst, ((OxWhatIfOutput *) g_ptr_array_index (outputs, i))->error);
  return worst;
}

/* On a terminal the runs are counted. */
static void
show_progress (double fraction, const char *doing, gpointer data)
{
  g_printerr ("\r%3.0f %% %-20.20s", fraction * 100, doing);
}

static int
ask_what_if (const Options *options, OxSession *session, const char *data_set)
{
  OxDtype dtype = ox_dtype_from_name (options->through);
  g_autoptr (OxWhatIf) what_if = NULL;
  g_autoptr (OxWhatIfKept) kept = NULL;
  OxSelection *selection = ox_selection_new (ox_session_get_model (session));
  GError *error = NULL;
  gboolean ok;

  if (!select_nodes (options, selection, &error))
    {
      ox_selection_free (selection);
      return ox_cli_fail (error);
    }
  what_if = ox_what_if_new (session, dtype, selection);
  if (!isnan (options->tolerance))
    {
      if (isatty (STDERR_FILENO))
        ox_what_if_set_progress (what_if, show_progress, NULL);
      kept = ox_what_if_find_kept (what_if, options->tolerance, (guint) CLAMP (options->runs, 8, 1000000), NULL, &error);
      if (isatty (STDERR_FILENO))
        g_printerr ("\r%*s\r", 30, "");
      ox_what_if_set_progress (what_if, NULL, NULL);
      if (kept == NULL)
        return ox_cli_fail (error);
    }
  ok = ox_what_if_run (what_if, NULL, &error);
  if (options->json)
    print_what_if (what_if, kept, options, data_set, error);
  else
    {
      g_autofree char *first =
          kept != NULL ? ox_what_if_kept_describe (kept, options->tolerance, options->all ? 0 : ROWS) : NULL;
      g_autofree char *text = ox_what_if_describe (what_if, options->all ? 0 : ROWS);

      g_print ("%s%s", first != NULL ? first : "", text);
    }
  if (!ok)
    return ox_cli_fail (error);
  return worst_output (what_if) <= (kept != NULL ? options->tolerance : INFINITY) ? OX_EXIT_GOOD : OX_EXIT_DIFFERS;
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
  if (options->through != NULL && !ox_rounding_knows (ox_dtype_from_name (options->through)))
    {
      ox_fail (&error, OX_ERROR_VALUE, "expected f16, bf16, f8e4m3fn, f8e4m3fnuz, f8e5m2, f8e5m2fnuz or i8, found '%s'",
               options->through);
      return ox_cli_fail (error);
    }
  if (options->through == NULL && (options->nodes != NULL || options->scopes != NULL || options->between != NULL
                                   || !isnan (options->tolerance)))
    {
      ox_fail (&error, OX_ERROR_VALUE, "--node, --scope, --between and --tolerance go with --through TYPE");
      return ox_cli_fail (error);
    }
  ox_cli_find_data (&options->feeds, model);
  if (!ox_cli_feed (&options->feeds, session, &data_set, &error))
    return ox_cli_fail (error);
  return options->through != NULL ? ask_what_if (options, session, data_set) : map (options, session, dtype, data_set);
}

int
ox_cli_precision (int argc, char **argv)
{
  Options options = { .tolerance = NAN, .runs = 100 };
  g_autoptr (OxModel) model = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
    { "type", 0, 0, G_OPTION_ARG_STRING, &options.type, "f16 (default), bf16, f8e4m3fn, f8e5m2, …", "TYPE" },
    { "through", 0, 0, G_OPTION_ARG_STRING, &options.through,
      "Round through this type instead, and tell what comes of it; i8 too", "TYPE" },
    { "node", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.nodes, "Only this node, or all of an operator", "NODE" },
    { "scope", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.scopes, "Only nodes in this scope; * and ? may stand in it",
      "SCOPE" },
    { "between", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.between, "Only nodes from one to the other", "NODE..NODE" },
    { "tolerance", 0, 0, G_OPTION_ARG_DOUBLE, &options.tolerance,
      "Find few nodes to keep as they are, so that no output is farther off than this share of it", "X" },
    { "runs", 0, 0, G_OPTION_ARG_INT, &options.runs, "How many runs that may take, about (100)", "N" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, "All nodes and values, not only the worst", NULL },
    { "expand", 0, 0, G_OPTION_ARG_NONE, &options.expand, "Look into operators that are made of others", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "For programs", NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "Threads (0: one a core)", "N" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &options.memory, "Largest tensor in MB (0: the machine's memory)", "MB" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (ox_cli_parse (
          &argc, &argv, "MODEL",
          "Runs a model and tells which nodes would overflow, or lose small numbers, in a narrower type; or runs it in that"
          " type and tells how far off that is.",
          entries, 1))
    {
      model = ox_cli_open_limited (argv[1], options.links, options.threads, options.memory);
      if (model != NULL)
        status = run (model, &options);
    }
  ox_cli_feeds_clear (&options.feeds);
  g_free (options.type);
  g_free (options.through);
  g_strfreev (options.nodes);
  g_strfreev (options.scopes);
  g_strfreev (options.between);
  return status;
}
