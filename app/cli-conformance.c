/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "debug/ox-agreement.h"
#include "cli.h"
#include "core/ox-parallel.h"
#include "proto/ox-data-set.h"

typedef enum { PASSED, FAILED, SKIPPED } Verdict;

/* Exit statuses of a case's process; whoever else ends it (a sanitizer) has others. */
#define STATUS_OF_CASE 100

typedef struct
{
  char      *filter;
  char      *manifest;
  double     rtol, atol;
  gboolean   verbose, in_process, expand;
  GHashTable *expected;    /* case -> itself: known not to pass */
  guint      count[3], surprises;
} Suite;

/* Outputs that no two runtimes share bit by bit: only type and shape are looked at. */
static gboolean
is_random (const OxModel *model)
{
  static const char *const names[] = { "RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Multinomial",
                                       "Bernoulli" };

  for (guint i = 0; i < model->graph->nodes->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (names); k++)
      if (strcmp (((const OxNode *) g_ptr_array_index (model->graph->nodes, i))->op_type, names[k]) == 0)
        return TRUE;
  return FALSE;
}

/* Where ONNX' own test of its reference implementation asks for less. */
static const struct
{
  const char *pattern;
  double rtol, atol;
} exceptions[] = {
  { "test_densenet121", 2e-3, 0 },
  { "test_dft*", 0, 1e-6 },
  { "test_celu_bfloat16_expanded", 1e-2, 1e-2 },
  /* Values of before opset 19 were cut off to bf16, not rounded: one unit of the last place. */
  { "test_cast_FLOAT_to_BFLOAT16", 8e-3, 0 },
  { "test_castlike_FLOAT_to_BFLOAT16*", 8e-3, 0 },
};

/* Some of the older cases declare another shape than the input they bring, which only gives a type. The input is what is
 * tested, so then its shape is not looked at. */
static gboolean
set_input (OxSession *session, OxModel *model, const char *name, OxValue *value, GError **error)
{
  OxSlot *slot = ox_graph_slot (model->graph, ox_graph_find (model->graph, name));
  g_autoptr (GError) problem = NULL;

  if (slot != NULL && slot->type != NULL && slot->type->kind == OX_TYPE_TENSOR
      && !ox_type_check_value (slot->type, value, NULL, &problem) && g_error_matches (problem, OX_ERROR, OX_ERROR_SHAPE))
    {
      OxType *declared = slot->type;

      slot->type = ox_type_new_tensor (declared->dtype, -1, NULL);
      ox_type_unref (declared);
    }
  return ox_session_set_input (session, name, value, error);
}

static Verdict
run_set (Suite *suite, OxModel *model, const char *folder, double rtol, double atol, char **reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) inputs = ox_data_set_load (model, folder, FALSE, &error);
  g_autoptr (GHashTable) outputs = inputs != NULL ? ox_data_set_load (model, folder, TRUE, &error) : NULL;
  const OxSessionOptions options = { .expand = suite->expand };
  g_autoptr (OxSession) session = ox_session_new (model, &options);
  gboolean random = is_random (model), ok = outputs != NULL;
  GHashTableIter iter;
  gpointer name, value;

  if (ok && g_hash_table_size (outputs) == 0)
    {
      *reason = g_strdup ("no recorded outputs");
      return SKIPPED;
    }
  if (ok)
    g_hash_table_iter_init (&iter, inputs);
  while (ok && g_hash_table_iter_next (&iter, &name, &value))
    ok = set_input (session, model, name, value, &error);
  if (!ok || !ox_session_run (session, NULL, &error))
    {
      *reason = g_strdup (error->message);
      return FAILED;
    }
  if (suite->expand && ox_session_expansions (session) == 0)
    {
      *reason = g_strdup ("nothing in it is made of other operators");
      return SKIPPED;
    }
  for (guint i = 0; i < model->graph->output_infos->len; i++)
    {
      const char *output = ((const OxSlot *) g_ptr_array_index (model->graph->output_infos, i))->name;
      const OxValue *reference = g_hash_table_lookup (outputs, output);
      g_autofree char *text = NULL;

      if (reference != NULL
          && !ox_values_agree (ox_session_output (session, i), reference, random ? G_MAXDOUBLE : rtol,
                               random ? G_MAXDOUBLE : atol, &text))
        {
          *reason = g_strdup_printf ("output '%s': %s", output, text);
          return FAILED;
        }
    }
  return PASSED;
}

static Verdict
run_case (Suite *suite, const char *folder, char **reason)
{
  g_autofree char *path = g_build_filename (folder, "model.onnx", NULL), *name = g_path_get_basename (folder);
  g_autofree char *expanded = g_strconcat (name, suite->expand ? "_expanded" : "", NULL);
  double rtol = suite->rtol, atol = suite->atol;
  g_autoptr (GError) error = NULL;
  g_autoptr (OxModel) model = ox_import_file (path, NULL, NULL, &error);
  Verdict verdict = SKIPPED;

  if (model == NULL)
    {
      *reason = g_strdup (error->message);
      return FAILED;
    }
  for (guint i = 0; i < G_N_ELEMENTS (exceptions); i++)
    if (g_pattern_match_simple (exceptions[i].pattern, name) || g_pattern_match_simple (exceptions[i].pattern, expanded))
      {
        rtol = MAX (rtol, exceptions[i].rtol);
        atol = MAX (atol, exceptions[i].atol);
      }
  *reason = g_strdup ("no data set");
  for (guint i = 0; verdict != FAILED; i++)
    {
      g_autofree char *set = g_strdup_printf ("%s/test_data_set_%u", folder, i);

      if (!g_file_test (set, G_FILE_TEST_IS_DIR))
        break;
      g_clear_pointer (reason, g_free);
      verdict = run_set (suite, model, set, rtol, atol, reason);
    }
  return verdict;
}

/* In a process of its own, so that a crash or a hang is a failure of one case and not the end of the run. */
static Verdict
run_guarded (Suite *suite, const char *folder, char **reason)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[4096];
  int pipes[2], status;
  ssize_t n;
  pid_t child;

  if (suite->in_process || pipe (pipes) != 0)
    return run_case (suite, folder, reason);
  child = fork ();
  if (child < 0)
    {
      close (pipes[0]);
      close (pipes[1]);
      return run_case (suite, folder, reason);
    }
  if (child == 0)
    {
      g_autofree char *why = NULL;
      Verdict verdict;

      close (pipes[0]);
      alarm (60);
      verdict = run_case (suite, folder, &why);
      if (why != NULL && write (pipes[1], why, strlen (why)) < 0)
        _exit (1);
      _exit (STATUS_OF_CASE + (int) verdict);
    }
  close (pipes[1]);
  while ((n = read (pipes[0], buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, n);
  close (pipes[0]);
  if (waitpid (child, &status, 0) == child && WIFEXITED (status) && WEXITSTATUS (status) >= STATUS_OF_CASE
      && WEXITSTATUS (status) <= STATUS_OF_CASE + SKIPPED)
    {
      *reason = g_strdup (text->str);
      return (Verdict) (WEXITSTATUS (status) - STATUS_OF_CASE);
    }
  *reason = WIFSIGNALED (status) ? g_strdup_printf ("CRASHED with signal %d", WTERMSIG (status)) : g_strdup ("CRASHED");
  return FAILED;
}

static void
do_case (Suite *suite, const char *folder)
{
  g_autofree char *name = g_path_get_basename (folder), *reason = NULL;
  gboolean expected;
  Verdict verdict;

  if (suite->filter != NULL && !g_pattern_match_simple (suite->filter, name))
    return;
  verdict = run_guarded (suite, folder, &reason);
  expected = suite->expected != NULL && g_hash_table_contains (suite->expected, name);
  suite->count[verdict]++;
  if (suite->expected != NULL && verdict != SKIPPED && expected == (verdict == PASSED))
    {
      suite->surprises++;
      if (expected)
        g_print ("PASSED unexpectedly: %s; take it off the list of expected failures\n", name);
      else
        g_print ("FAILED %s: %s\n", name, reason);
    }
  else if (suite->expected == NULL && verdict == FAILED)
    g_print ("FAILED %s: %s\n", name, reason);
  else if (suite->verbose)
    g_print ("%s %s%s%s\n", verdict == PASSED ? "passed" : verdict == FAILED ? "failed" : "skipped", name,
             reason != NULL && verdict != PASSED ? ": " : "", reason != NULL && verdict != PASSED ? reason : "");
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Folders inside folders, at most eight deep; links are not followed. */
static void
search (Suite *suite, const char *folder, int depth)
{
  g_autofree char *model = g_build_filename (folder, "model.onnx", NULL);
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (g_file_test (model, G_FILE_TEST_EXISTS))
    {
      do_case (suite, folder);
      return;
    }
  dir = depth > 0 ? g_dir_open (folder, 0, NULL) : NULL;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        g_ptr_array_add (names, g_steal_pointer (&path));
    }
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    search (suite, g_ptr_array_index (names, i), depth - 1);
}

/* One case a line; what stands after the name is the reason, for people. */
static gboolean
read_manifest (Suite *suite, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (suite->manifest, &text, NULL, error))
    return FALSE;
  suite->expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    {
      g_strstrip (lines[i]);
      lines[i][strcspn (lines[i], " \t:")] = '\0';
      if (lines[i][0] != '\0' && lines[i][0] != '#')
        g_hash_table_add (suite->expected, g_strdup (lines[i]));
    }
  return TRUE;
}

static void
free_suite (Suite *suite)
{
  g_clear_pointer (&suite->expected, g_hash_table_unref);
  g_free (suite->filter);
  g_free (suite->manifest);
}

int
ox_cli_conformance (int argc, char **argv)
{
  Suite suite = { .rtol = 1e-3, .atol = 1e-7 };
  const GOptionEntry entries[] = {
    { "filter", 0, 0, G_OPTION_ARG_STRING, &suite.filter, "Only cases whose folder matches, as test_conv_*", "PATTERN" },
    { "expect-fail", 0, 0, G_OPTION_ARG_FILENAME, &suite.manifest, "Cases known not to pass: fails when one does", "FILE" },
    { "rtol", 0, 0, G_OPTION_ARG_DOUBLE, &suite.rtol, "Relative tolerance (1e-3)", "X" },
    { "atol", 0, 0, G_OPTION_ARG_DOUBLE, &suite.atol, "Absolute tolerance (1e-7)", "X" },
    { "expand", 0, 0, G_OPTION_ARG_NONE, &suite.expand, "Only cases with operators made of others, and these as bodies", NULL },
    { "in-process", 0, 0, G_OPTION_ARG_NONE, &suite.in_process, "Without a process a case, for debuggers", NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &suite.verbose, "A line for every case", NULL },
    { NULL },
  };
  GError *error = NULL;
  int status;

  if (!ox_cli_parse (&argc, &argv, "FOLDER…", "Runs every model.onnx with its test_data_set_N below the folders.", entries, -1))
    return OX_EXIT_UNUSABLE;
  if (suite.manifest != NULL && !read_manifest (&suite, &error))
    {
      free_suite (&suite);
      return ox_cli_fail (error);
    }
  /* A process that has started threads must not fork. */
  if (!suite.in_process)
    ox_set_threads (1);
  for (int i = 1; i < argc; i++)
    search (&suite, argv[i], 8);
  g_print ("%u passed, %u failed, %u skipped\n", suite.count[PASSED], suite.count[FAILED], suite.count[SKIPPED]);
  status = suite.count[PASSED] + suite.count[FAILED] == 0 ? OX_EXIT_UNUSABLE
           : suite.expected != NULL                       ? (suite.surprises > 0 ? OX_EXIT_DIFFERS : OX_EXIT_GOOD)
           : suite.count[FAILED] > 0                      ? OX_EXIT_DIFFERS
                                                          : OX_EXIT_GOOD;
  free_suite (&suite);
  return status;
}
