/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cli-json.h"
#include "cli-reference.h"
#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "debug/ox-hunt.h"
#include "debug/ox-minimise.h"
#include "ox-test-case.h"

typedef struct
{
  OxCliFeeds feeds;
  char      *reference, *runtime, *kinds, *test, *output, *rules_file;
  char     **rules;
  gboolean   fails, json, links;
  double     rtol, atol;
  int        limit, threads, memory;
  char      *scratch;        /* where candidates lie for --test */
} Options;

/* ---- what has to stay -------------------------------------------------------------------------------------------- */

/* Whether the reference can be asked for any model. */
static gboolean
is_live (const char *reference)
{
  return strcmp (reference, "onnxruntime") == 0 || ox_self_options_fit (reference);
}

static OxReference *
refer (OxSession *session, gpointer data, GError **error)
{
  const Options *options = data;

  if (strcmp (options->reference, "onnxruntime") == 0)
    return ox_cli_runtime_reference (session, options->runtime, error);
  return ox_cli_reference (options->reference, session, options->runtime, options->links, error);
}

static gboolean
prepare (OxComparison *comparison, gpointer data, GError **error)
{
  const Options *options = data;

  ox_comparison_set_tolerance (comparison, options->rtol, options->atol);
  if (options->rules_file != NULL && !ox_comparison_add_rules_from (comparison, options->rules_file, error))
    return FALSE;
  for (guint i = 0; options->rules != NULL && options->rules[i] != NULL; i++)
    if (!ox_comparison_add_rule (comparison, options->rules[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
parse_kinds (const char *text, guint *kinds, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  *kinds = 0;
  for (int i = 0; words[i] != NULL; i++)
    {
      const guint before = *kinds;

      for (int kind = 0; kind < OX_N_HUNTS; kind++)
        if (strcmp (words[i], ox_hunt_name (kind)) == 0)
          *kinds |= 1U << kind;
      if (*kinds == before)
        return ox_fail (error, OX_ERROR_VALUE, "expected inf, nan or overflow16, each once, found '%s'", words[i]);
    }
  return TRUE;
}

/* The command, with the folder of the candidate as its last word. */
static gboolean
ask_command (const OxCase *candidate, gpointer data, GCancellable *cancellable)
{
  const Options *options = data;
  g_auto (GStrv) words = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  int status;

  if (!ox_case_write (candidate, NULL, options->scratch, NULL) || !g_shell_parse_argv (options->test, NULL, &words, NULL))
    return FALSE;
  for (int i = 0; words[i] != NULL; i++)
    g_ptr_array_add (argv, words[i]);
  g_ptr_array_add (argv, options->scratch);
  g_ptr_array_add (argv, NULL);
  return g_spawn_sync (NULL, (char **) argv->pdata, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                       &status, NULL)
         && g_spawn_check_wait_status (status, NULL);
}

static gboolean
find_command (const char *test, GError **error)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) cause = NULL;
  g_autofree char *program = NULL;

  if (!g_shell_parse_argv (test, NULL, &words, &cause))
    return ox_fail (error, OX_ERROR_VALUE, "%s: %s", test, cause->message);
  program = g_find_program_in_path (words[0]);
  return program != NULL || ox_fail (error, OX_ERROR_FILE, "there is no program '%s'", words[0]);
}

static gboolean
set_question (OxMinimise *minimise, Options *options, GError **error)
{
  guint kinds;

  if (options->reference != NULL)
    ox_minimise_differs (minimise, refer, is_live (options->reference), prepare, options);
  else if (options->kinds != NULL)
    {
      if (!parse_kinds (options->kinds, &kinds, error))
        return FALSE;
      ox_minimise_makes (minimise, kinds);
    }
  else if (options->fails)
    ox_minimise_fails (minimise);
  else
    {
      if (!find_command (options->test, error))
        return FALSE;
      options->scratch = g_dir_make_tmp ("onnxscope-XXXXXX", error);
      ox_minimise_asks (minimise, ask_command, options);
      return options->scratch != NULL;
    }
  return TRUE;
}

static void
remove_scratch (const Options *options)
{
  g_autofree char *model = g_build_filename (options->scratch, "model.onnx", NULL);
  g_autofree char *set = g_build_filename (options->scratch, "test_data_set_0", NULL);
  g_autoptr (GDir) dir = g_dir_open (set, 0, NULL);
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (set, file, NULL);

      g_unlink (path);
    }
  g_unlink (model);
  g_rmdir (set);
  g_rmdir (options->scratch);
}

/* ---- Ctrl-C keeps what was found ----------------------------------------------------------------------------------- */

static int wake[2];

static void
on_interrupt (int number)
{
  ssize_t ignored = write (wake[1], "", 1);

  (void) ignored;
}

static gpointer
wait_for_interrupt (gpointer data)
{
  char byte;

  if (read (wake[0], &byte, 1) == 1)
    g_cancellable_cancel (data);
  return NULL;
}

/* The second one ends the program. */
static void
start_interrupt (GCancellable *cancellable)
{
  struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = (int) (SA_RESTART | SA_RESETHAND) };

  if (pipe (wake) != 0)
    return;
  g_thread_unref (g_thread_new ("interrupt", wait_for_interrupt, cancellable));
  sigaction (SIGINT, &action, NULL);
}

/* ---- what was found ------------------------------------------------------------------------------------------------ */

static void
print_json (OxMinimise *minimise, const Options *options)
{
  const OxGraph *graph = ox_minimise_case (minimise)->model->graph;
  g_autoptr (JsonBuilder) json = json_builder_new ();
  GPtrArray *notes = ox_minimise_notes (minimise);

  json_builder_begin_object (json);
  ox_json_text (json, "output", options->output);
  ox_json_count (json, "tried", ox_minimise_tried (minimise));
  ox_json_count (json, "taken", ox_minimise_taken (minimise));
  ox_json_flag (json, "stopped", ox_minimise_stopped (minimise));
  ox_json_array (json, "nodes");
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (graph, i);

      json_builder_begin_object (json);
      ox_json_text (json, "node", node->name);
      ox_json_text (json, "op_type", node->op_type);
      ox_json_text (json, "output", node->output_names->len > 0 ? g_ptr_array_index (node->output_names, 0) : NULL);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  ox_json_array (json, "inputs");
  for (guint i = 0; i < graph->inputs->len; i++)
    {
      g_autofree char *type = ox_value_describe (g_ptr_array_index (ox_minimise_case (minimise)->inputs, i));

      json_builder_begin_object (json);
      ox_json_text (json, "name", ox_graph_slot (graph, g_array_index (graph->inputs, int, i))->name);
      ox_json_text (json, "type", type);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  ox_json_array (json, "notes");
  for (guint i = 0; i < notes->len; i++)
    json_builder_add_string_value (json, g_ptr_array_index (notes, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
  ox_json_print (json);
}

static void
print_text (OxMinimise *minimise, const Options *options)
{
  const OxGraph *graph = ox_minimise_case (minimise)->model->graph;
  GPtrArray *notes = ox_minimise_notes (minimise);
  const guint nodes = graph->nodes->len, inputs = graph->inputs->len, weights = graph->initializers->len;

  for (guint i = 0; i < notes->len; i++)
    g_print ("%s\n", (const char *) g_ptr_array_index (notes, i));
  for (guint i = 0; i < nodes; i++)
    {
      g_autofree char *title = ox_node_title (ox_graph_node (graph, i));

      g_print ("  #%u %s '%s'\n", i, ox_graph_node (graph, i)->op_type, title);
    }
  for (guint i = 0; i < inputs; i++)
    {
      g_autofree char *type = ox_value_describe (g_ptr_array_index (ox_minimise_case (minimise)->inputs, i));

      g_print ("  input '%s': %s\n", ox_graph_slot (graph, g_array_index (graph->inputs, int, i))->name, type);
    }
  for (guint i = 0; i < weights; i++)
    {
      const OxInitializer *weight = g_ptr_array_index (graph->initializers, i);
      g_autofree char *shape = ox_shape_to_string (weight->rank, weight->dims);

      g_print ("  weight '%s': %s %s\n", weight->name, ox_dtype_name (weight->dtype), shape);
    }
  g_print ("%s: %u %s, %u %s, %u %s; %u cases tried, %u of them still showed it%s\n", options->output, nodes,
           nodes == 1 ? "node" : "nodes", inputs, inputs == 1 ? "input" : "inputs", weights, weights == 1 ? "weight" : "weights",
           ox_minimise_tried (minimise), ox_minimise_taken (minimise),
           ox_minimise_stopped (minimise) ? "; stopped before the end" : "");
}

/* ---- the verb ------------------------------------------------------------------------------------------------------ */

static int
minimise_model (OxModel *model, Options *options)
{
  const OxSessionOptions how = { .seed = (guint64) options->feeds.seed };
  g_autoptr (OxSession) session = ox_session_new (model, &how);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (OxMinimise) minimise = NULL;
  GError *error = NULL;

  ox_cli_find_data (&options->feeds, model);
  if (!ox_cli_feed (&options->feeds, session, NULL, &error))
    return ox_cli_fail (error);
  minimise = ox_minimise_new (session, (guint64) options->feeds.seed);
  ox_minimise_set_limit (minimise, (guint) MAX (options->limit, 1));
  start_interrupt (cancellable);
  if (!set_question (minimise, options, &error) || !ox_minimise_run (minimise, cancellable, &error)
      || !ox_case_write (ox_minimise_case (minimise), ox_minimise_expected (minimise), options->output, &error))
    return ox_cli_fail (error);
  if (options->json)
    print_json (minimise, options);
  else
    print_text (minimise, options);
  return OX_EXIT_GOOD;
}

int
ox_cli_minimise (int argc, char **argv)
{
  Options options = { .rtol = NAN, .atol = NAN, .limit = 1000 };
  g_autoptr (OxModel) model = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
    { "reference", 'r', 0, G_OPTION_ARG_FILENAME, &options.reference, "It differs from this, which is what compare takes", "FILE" },
    { "for", 0, 0, G_OPTION_ARG_STRING, &options.kinds, "A node makes such a value: nan, inf, overflow16", "KIND[,KIND]" },
    { "fails", 0, 0, G_OPTION_ARG_NONE, &options.fails, "The run fails, in the same way", NULL },
    { "test", 0, 0, G_OPTION_ARG_STRING, &options.test, "A command says so with status 0; its last word is a case's folder", "COMMAND" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, "The folder for model.onnx and test_data_set_0", "FOLDER" },
    { "limit", 0, 0, G_OPTION_ARG_INT, &options.limit, "Cases to try at most (1000)", "N" },
    { "onnxruntime", 0, 0, G_OPTION_ARG_FILENAME, &options.runtime, "The library, for --reference onnxruntime", "FILE" },
    { "rtol", 0, 0, G_OPTION_ARG_DOUBLE, &options.rtol, "Relative tolerance instead of the defaults", "X" },
    { "atol", 0, 0, G_OPTION_ARG_DOUBLE, &options.atol, "Absolute tolerance instead of the defaults", "X" },
    { "rule", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.rules, "Tolerances: WHAT is a pattern of names, type:f16 or op:Softmax",
      "WHAT=rtol,atol" },
    { "rules", 0, 0, G_OPTION_ARG_FILENAME, &options.rules_file, "A file with a rule a line", "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "For programs", NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "Threads (0: one a core)", "N" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &options.memory, "Largest tensor in MB (0: the machine's memory)", "MB" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (!ox_cli_parse (&argc, &argv, "MODEL",
                     "Writes the smallest model found that still shows something, as a test case. It begins with the node to blame\n"
                     "and what it is given in the run, and leaves out nodes, outputs, attributes, sizes and values. Ctrl-C keeps\n"
                     "what was found until then.",
                     entries, 1))
    ;
  else if (options.output == NULL)
    g_printerr ("onnxscope minimise: expected -o FOLDER; --help tells more\n");
  else if ((options.reference != NULL) + (options.kinds != NULL) + options.fails + (options.test != NULL) != 1)
    g_printerr ("onnxscope minimise: expected one of --reference, --for, --fails and --test; --help tells more\n");
  else
    {
      ox_set_threads (MAX (options.threads, 0));
      ox_memory_set_limit ((gsize) MAX (options.memory, 0) << 20);
      if ((model = ox_cli_open (argv[1], options.links)) != NULL)
        status = minimise_model (model, &options);
    }
  if (options.scratch != NULL)
    remove_scratch (&options);
  ox_cli_feeds_clear (&options.feeds);
  g_free (options.scratch);
  g_free (options.reference);
  g_free (options.runtime);
  g_free (options.kinds);
  g_free (options.test);
  g_free (options.output);
  g_free (options.rules_file);
  g_strfreev (options.rules);
  return status;
}
