/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cli.h"
#include "ox-test-case.h"

typedef struct
{
  OxCliFeeds feeds;
  char      *node, *from, *to, *scope, *body, *output;
  gint64     iteration;
  gboolean   links, weights;
} Options;

/* ---- which nodes ------------------------------------------------------------------------------------------------ */

typedef struct
{
  const char *text;
  OxNode     *named, *of_kind;
  guint       n_of_kind;
  OxGraph    *body;
} Search;

static void
search_graph (OxGraph *graph, gpointer data)
{
  Search *search = data;
  const int slot = ox_graph_find (graph, search->text);

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      OxNode *node = ox_graph_node (graph, i);

      if (search->named == NULL && g_str_equal (node->name, search->text))
        search->named = node;
      if (g_ascii_strcasecmp (node->op_type, search->text) == 0 && search->n_of_kind++ == 0)
        search->of_kind = node;
    }
  if (search->named == NULL && slot >= 0)
    search->named = ox_graph_slot (graph, slot)->producer;
}

static OxNode *
find_node (OxModel *model, const char *text, GError **error)
{
  Search search = { .text = text };
  guint64 number;

  if (text[0] == '#' && g_ascii_string_to_unsigned (text + 1, 10, 0, G_MAXUINT - 1, &number, NULL)
      && ox_graph_node (model->graph, (guint) number) != NULL)
    return ox_graph_node (model->graph, (guint) number);
  ox_model_foreach_graph (model, search_graph, &search);
  if (search.named != NULL)
    return search.named;
  if (search.n_of_kind == 1)
    return search.of_kind;
  if (search.n_of_kind > 1)
    ox_fail (error, OX_ERROR_VALUE, "there are %u nodes '%s'; say which by name, by an output or as #N", search.n_of_kind, text);
  else
    ox_fail (error, OX_ERROR_VALUE, "there is no node '%s'", text);
  return NULL;
}

static void
search_body (OxGraph *graph, gpointer data)
{
  Search *search = data;
  g_autofree char *path = ox_graph_path (graph);

  if (search->body == NULL && (g_str_equal (path, search->text) || g_strcmp0 (graph->name, search->text) == 0
                               || (graph->owner != NULL && g_str_equal (graph->owner->name, search->text))))
    search->body = graph;
}

static OxRegion *
find_region (OxModel *model, const Options *options, GError **error)
{
  g_auto (GStrv) from = options->from != NULL ? g_strsplit (options->from, ",", -1) : NULL;
  g_auto (GStrv) to = options->to != NULL ? g_strsplit (options->to, ",", -1) : NULL;
  OxGraph *graph = model->graph;

  if (options->node != NULL)
    {
      OxNode *node = find_node (model, options->node, error);

      return node != NULL ? ox_region_new_node (node) : NULL;
    }
  if (options->body != NULL)
    {
      Search search = { .text = options->body };

      ox_model_foreach_graph (model, search_body, &search);
      if ((graph = search.body) == NULL)
        {
          ox_fail (error, OX_ERROR_VALUE, "there is no body '%s'", options->body);
          return NULL;
        }
    }
  return options->scope != NULL ? ox_region_new_scope (graph, options->scope, error) : ox_region_new_between (graph, from, to, error);
}

/* ---- the verb ---------------------------------------------------------------------------------------------------- */

static int
extract (OxModel *model, Options *options)
{
  const OxSessionOptions keep = { .keep_all = TRUE, .seed = (guint64) options->feeds.seed };
  g_autoptr (OxSession) session = NULL;
  g_autoptr (OxRegion) region = NULL;
  GError *error = NULL;

  if ((region = find_region (model, options, &error)) == NULL)
    return ox_cli_fail (error);
  if (options->weights)
    ox_region_take_weights (region);
  if (g_str_has_suffix (options->output, ".onnx"))
    {
      if (!ox_region_write (region, options->output, options->links, &error))
        return ox_cli_fail (error);
    }
  else
    {
      session = ox_session_new (model, &keep);
      if (!ox_cli_feed (&options->feeds, session, NULL, &error)
          || !ox_test_case_write (region, session, options->iteration, options->output, options->links, NULL, &error))
        return ox_cli_fail (error);
    }
  g_print ("%s: %u %s, %u inputs, %u outputs\n", options->output, ox_region_size (region), ox_region_size (region) == 1 ? "node" : "nodes",
           ox_region_inputs (region)->len, ox_region_outputs (region)->len);
  return OX_EXIT_GOOD;
}

int
ox_cli_extract (int argc, char **argv)
{
  Options options = { .iteration = -1 };
  g_autoptr (OxModel) model = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
    { "node", 'n', 0, G_OPTION_ARG_STRING, &options.node, "One node: its name, an output, #N, or an operator there is one of", "NODE" },
    { "from", 0, 0, G_OPTION_ARG_STRING, &options.from, "Where the region begins: nodes, or tensors that they read", "A[,B...]" },
    { "to", 0, 0, G_OPTION_ARG_STRING, &options.to, "Where it ends: nodes, or tensors that they make", "C[,D...]" },
    { "scope", 0, 0, G_OPTION_ARG_STRING, &options.scope, "All nodes of a scope, or of scopes like layers.3*", "PATTERN" },
    { "body", 0, 0, G_OPTION_ARG_STRING, &options.body, "The region is in the body of this node, or in this function", "NAME" },
    { "iteration", 0, 0, G_OPTION_ARG_INT64, &options.iteration, "Values of this iteration of a Loop or Scan (the first)", "N" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, "A model (FILE.onnx), or a folder for a test case", "PATH" },
    { "weights-as-inputs", 0, 0, G_OPTION_ARG_NONE, &options.weights, "Weights are inputs too, with their values", NULL },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (!ox_cli_parse (&argc, &argv, "MODEL",
                     "Writes some nodes as a model of their own. With a folder as output the model is run, and model.onnx and\n"
                     "test_data_set_0 with the values of that run are written: a case for other runtimes and for\n"
                     "\"onnxscope conformance\".",
                     entries, 1))
    ;
  else if (options.output == NULL)
    g_printerr ("onnxscope extract: expected -o FILE.onnx or -o FOLDER; --help tells more\n");
  else if ((options.node != NULL) + (options.scope != NULL) + (options.from != NULL || options.to != NULL) != 1)
    g_printerr ("onnxscope extract: expected one of --node, --scope, or --from and --to; --help tells more\n");
  else if ((model = ox_cli_open (argv[1], options.links)) != NULL)
    status = extract (model, &options);
  ox_cli_feeds_clear (&options.feeds);
  g_free (options.node);
  g_free (options.from);
  g_free (options.to);
  g_free (options.scope);
  g_free (options.body);
  g_free (options.output);
  return status;
}
