/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

static const char *program;
static char *folder;   /* for what the tests write */

/* In arguments S: is the folder of the samples, B: that of the broken models, T: the one for what is written, and = stands
 * for itself. Words are separated by spaces. @out and @err are parts of what is said, separated by bars; "!" before one
 * says that it must not be there. */
typedef struct
{
  const char *name, *arguments, *input;
  int         status;
  const char *out, *err;
} Case;

static const Case cases[] = {
#include "cases.def"
};

static char *
expand (const char *word)
{
  static const struct { const char *mark, *path; } folders[]
    = { { "S:", "../../data/samples" }, { "B:", "../proto/broken" } };
  const char *at;

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if ((at = strstr (word, folders[i].mark)) != NULL)
      {
        g_autofree char *root = g_test_build_filename (G_TEST_DIST, folders[i].path, NULL);

        return g_strdup_printf ("%.*s%s/%s", (int) (at - word), word, root, at + 2);
      }
  if ((at = strstr (word, "T:")) != NULL)
    return g_strdup_printf ("%.*s%s/%s", (int) (at - word), word, folder, at + 2);
  return g_strdup (word);
}

static int
call (const char *arguments, const char *input, char **out, char **err)
{
  g_auto (GStrv) words = g_strsplit (arguments, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GSubprocessLauncher) launcher
    = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (argv, g_strdup (program));
  for (int i = 0; words[i] != NULL; i++)
    g_ptr_array_add (argv, expand (words[i]));
  g_ptr_array_add (argv, NULL);
  g_subprocess_launcher_unsetenv (launcher, "DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "WAYLAND_DISPLAY");
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, input != NULL ? input : "", NULL, out, err, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_if_exited (process))
    g_error ("'%s' was killed by signal %d", arguments, g_subprocess_get_term_sig (process));
  return g_subprocess_get_exit_status (process);
}

static void
check_parts (const char *arguments, const char *what, const char *text, const char *parts)
{
  g_auto (GStrv) list = g_strsplit (parts != NULL ? parts : "", "|", -1);

  for (int i = 0; list[i] != NULL; i++)
    if (list[i][0] == '!' ? strstr (text, list[i] + 1) != NULL : strstr (text, list[i]) == NULL)
      g_error ("'%s': %s should have '%s': %s", arguments, what, list[i], text);
}

static void
test_case (gconstpointer data)
{
  const Case *one = data;
  g_autofree char *out = NULL, *err = NULL;
  int status = call (one->arguments, one->input, &out, &err);

  if (status != one->status)
    g_error ("'%s': expected status %d, found %d: %s%s", one->arguments, one->status, status, out, err);
  check_parts (one->arguments, "stdout", out, one->out);
  check_parts (one->arguments, "stderr", err, one->err);
  if (status == 2 && one->out == NULL && out[0] != '\0')
    g_error ("'%s' fails and says on stdout: %s", one->arguments, out);
}

/* The keys that programs rely on. */
static void
test_json (void)
{
  static const char *const keys[] = { "ir_version", "opset_import", "producer", "nodes", "nodes_total", "op_types", "inputs",
                                      "outputs", "initializers", "parameters", "bytes" };
  g_autofree char *out = NULL, *err = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *root, *ops;

  g_assert_cmpint (call ("info --json S:decoder/model.onnx", NULL, &out, &err), ==, 0);
  json_parser_load_from_data (parser, out, -1, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (!json_object_has_member (root, keys[i]))
      g_error ("there is no %s", keys[i]);
  g_assert_cmpint (json_object_get_int_member (root, "nodes"), ==, 7);
  g_assert_cmpint (json_object_get_int_member (root, "nodes_total"), ==, 24);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (root, "opset_import"), "ai.onnx"), ==, 17);
  ops = json_object_get_object_member (root, "op_types");
  g_assert_cmpint (json_object_get_int_member (ops, "Gather"), ==, 3);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "inputs")), ==, 1);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "outputs")), ==, 3);
}

/* What run writes, run can read. */
static void
test_round_trip (void)
{
  g_autofree char *out = NULL, *err = NULL, *set = g_build_filename (folder, "set", NULL);
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "../../data/samples/decoder/test_data_set_0/input_0.pb", NULL);
  g_autofree char *to = g_build_filename (set, "input_0.pb", NULL);
  g_autoptr (GFile) source = g_file_new_for_path (from), target = g_file_new_for_path (to);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (call ("run -q --data-set test_data_set_0 --output-dir T:set --npz T:all.npz --dump-all S:decoder/model.onnx",
                         NULL, &out, &err), ==, 0);
  g_assert_true (g_file_copy (source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (call ("run --data-set T:set --rtol 0 --atol 0 S:decoder/model.onnx", NULL, &out, &err), ==, 0);
  g_assert_nonnull (strstr (out, "same     verdict"));
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  /* The archive has outputs and intermediates; one that is no input of the model is refused, not ignored. */
  g_assert_cmpint (call ("run --input digit=T:all.npz:letters S:decoder/model.onnx", NULL, &out, &err), ==, 2);
  g_assert_nonnull (strstr (err, "digit"));
}

/* Everything a run wrote is a reference for the next, loops and all; not for another model. */
static void
test_compare_all (void)
{
  g_autofree char *out = NULL, *err = NULL, *script = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *root;

  g_assert_cmpint (call ("run -q --data-set test_data_set_0 --npz T:every.npz --dump-all S:decoder/model.onnx", NULL, &out,
                         &err), ==, 0);
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (call ("compare --isolated --json --rtol 0 --atol 0 --reference T:every.npz S:decoder/model.onnx", NULL, &out,
                         &err), ==, 0);
  json_parser_load_from_data (parser, out, -1, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  g_assert_true (json_node_is_null (json_object_get_member (root, "first_divergence")));
  g_assert_cmpint (json_object_get_int_member (root, "missing"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (root, "compared"), >, 100);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "tensors")), ==,
                    json_object_get_int_member (root, "compared"));
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  /* The same by words, from wherever the debugger stands. */
  script = g_strdup_printf ("next\ncompare %s/every.npz\nnext\n", folder);
  g_assert_cmpint (call ("debug --data-set test_data_set_0 S:decoder/model.onnx", script, &out, &err), ==, 0);
  g_assert_nonnull (strstr (out, " 0 differ, 0 are not in the reference"));
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (call ("compare --reference T:every.npz S:classifier/model.onnx", NULL, &out, &err), ==, 2);
  g_assert_nonnull (strstr (err, "has none of"));
}

/* The copy has every value as an output, of the type it has, and gives what the model gives. */
static void
test_instrument (void)
{
  g_autofree char *out = NULL, *err = NULL;

  g_assert_cmpint (call ("instrument -o T:every.onnx S:decoder/model.onnx", NULL, &out, &err), ==, 0);
  g_assert_nonnull (strstr (out, "values are outputs too"));
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (call ("run -q --data-set S:decoder/test_data_set_0 --npz T:some.npz T:every.onnx", NULL, &out, &err), ==, 0);
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (call ("compare --rtol 0 --atol 0 --reference T:some.npz S:decoder/model.onnx", NULL, &out, &err), ==, 0);
  g_assert_nonnull (strstr (out, "no node differs"));
}

/* Another runtime in this process, where there is one: on both samples no node differs from it. */
static void
test_runtime (void)
{
  static const char *const samples[] = { "classifier", "decoder" };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *out = NULL, *err = NULL;
      g_autofree char *arguments = g_strdup_printf ("compare --reference onnxruntime S:%s/model.onnx", samples[i]);
      int status = call (arguments, NULL, &out, &err);

      if (status == 2 && strstr (err, "ONNX Runtime is not here") != NULL)
        {
          g_test_skip ("ONNX Runtime is not here");
          return;
        }
      if (status != 0)
        g_error ("'%s': %d: %s%s", arguments, status, out, err);
      g_assert_nonnull (strstr (out, "no node differs"));
    }
}

static void
read_until (GDataInputStream *lines, const char *words)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, &error);

      g_assert_no_error (error);
      if (line == NULL)
        g_error ("the program ends before it says '%s'", words);
      if (strstr (line, words) != NULL)
        return;
    }
}

/* A signal stops the move and not the program. The wait is for a machine that is slow: the model runs much longer. */
static void
test_interrupt (void)
{
  const char *root = g_getenv ("OX_SHARED_DATA");
  g_autofree char *model = g_build_filename (root != NULL ? root : "", "conformance", "node",
                                             "test_range_float_type_positive_delta_expanded", "model.onnx", NULL);
  g_autofree char *limit = NULL, *start = NULL, *delta = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (GError) error = NULL;
  static const char script[] = "info inputs\nrun\nback\nquit\n";
  GOutputStream *input;

  if (root == NULL || !g_file_test (model, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the shared data is not there");
      return;
    }
  start = g_strdup_printf ("start=%s/0.csv", folder);
  limit = g_strdup_printf ("limit=%s/1e8.csv", folder);
  delta = g_strdup_printf ("delta=%s/1.csv", folder);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "debug",
                              "--budget", "10", "--input", start, "--input", limit, "--input", delta, model, NULL);
  g_assert_no_error (error);
  input = g_subprocess_get_stdin_pipe (process);
  g_output_stream_write_all (input, script, sizeof script - 1, NULL, NULL, &error);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  read_until (lines, "delta: f32 []");
  g_usleep (300000);
  g_subprocess_send_signal (process, SIGINT);
  read_until (lines, "interrupted");
  read_until (lines, "#");
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
}

/* Every kind of picture has its own beginning and is not empty. */
static void
test_export (void)
{
  static const struct { const char *ending, *begins; } kinds[]
    = { { "svg", "<?xml" }, { "png", "\x89PNG" }, { "pdf", "%PDF" }, { "dot", "digraph" } };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *arguments = g_strdup_printf ("export -o T:picture.%s S:decoder/model.onnx", kinds[i].ending);
      g_autofree char *path = g_strdup_printf ("%s/picture.%s", folder, kinds[i].ending);
      g_autofree char *out = NULL, *err = NULL, *text = NULL;
      gsize size;
      int status = call (arguments, NULL, &out, &err);

      if (status != 0)
        g_error ("'%s': status %d: %s", arguments, status, err);
      g_assert_true (g_file_get_contents (path, &text, &size, NULL));
      if (size < 500 || strncmp (text, kinds[i].begins, strlen (kinds[i].begins)) != 0)
        g_error ("%s does not begin with %s: %.40s", path, kinds[i].begins, text);
    }
}

/* Equal seeds give equal outputs, others do not. */
static void
test_seed (void)
{
  g_autofree char *a = NULL, *b = NULL, *c = NULL, *err = NULL;

  call ("run --seed 3 S:classifier/model.onnx", NULL, &a, &err);
  g_clear_pointer (&err, g_free);
  call ("run --seed 3 S:classifier/model.onnx", NULL, &b, &err);
  g_clear_pointer (&err, g_free);
  call ("run --seed 4 S:classifier/model.onnx", NULL, &c, &err);
  g_assert_cmpstr (a, ==, b);
  g_assert_cmpstr (a, !=, c);
}

/* Every broken file ends with a sentence and a status, whatever the verb. */
static void
test_broken (void)
{
  static const char *const verbs[] = { "info", "info --json", "run", "debug" };
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "../proto/broken", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    for (guint v = 0; g_str_has_suffix (name, ".onnx") && v < G_N_ELEMENTS (verbs); v++)
      {
        g_autofree char *arguments = g_strdup_printf ("%s B:%s", verbs[v], name), *out = NULL, *err = NULL;
        int status = call (arguments, "run\n", &out, &err);

        if (status < 0 || status > 3)
          g_error ("'%s': status %d", arguments, status);
        if (status != 0 && !g_str_has_prefix (err, "onnxscope") && strstr (err, "stdin:1:") == NULL
            && strstr (out, "FAILED") == NULL)
          g_error ("'%s' fails without a word: %s", arguments, err);
      }
}

static void
write_file (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* A table of 256 numbers, the first of which is none. */
static void
write_nan_image (void)
{
  GString *text = g_string_new ("nan");

  for (int i = 1; i < 256; i++)
    g_string_append (text, ",0.5");
  write_file ("nan.csv", text->str);
  memcpy (text->str, "9e4", 3);
  write_file ("large.csv", text->str);
  g_string_free (text, TRUE);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_tree (inner);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (argc < 2)
    {
      g_printerr ("expected the program as argument\n");
      return 2;
    }
  program = argv[1];
  folder = g_dir_make_tmp ("onnxscope-cli-XXXXXX", NULL);
  write_file ("listed.txt", "# known\ndecoder: for some reason\n");
  write_file ("script.txt", "next 2\n");
  write_file ("bad.json", "{\"lst\": 3}");
  write_nan_image ();
  write_file ("0.csv", "0\n");
  write_file ("1.csv", "1\n");
  write_file ("1e8.csv", "100000000\n");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/cli/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/cli/json", test_json);
  g_test_add_func ("/cli/round-trip", test_round_trip);
  g_test_add_func ("/cli/compare-all", test_compare_all);
  g_test_add_func ("/cli/instrument-copy", test_instrument);
  g_test_add_func ("/cli/onnxruntime", test_runtime);
  g_test_add_func ("/cli/export", test_export);
  g_test_add_func ("/cli/interrupt", test_interrupt);
  g_test_add_func ("/cli/seed", test_seed);
  g_test_add_func ("/cli/broken", test_broken);
  status = g_test_run ();
  remove_tree (folder);
  g_free (folder);
  return status;
}
