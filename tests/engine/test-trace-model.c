/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-trace-model.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "models.h"
#include "tensor/ox-tensor-file.h"

/* SHA-256 of the three letters abc, as FIPS 180 has it. */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static char *folder;

/* A run of three turns, of which one made two values and one took its time in a body. */
static OxTraceFile *
written (const char *model, const char *hash)
{
  g_autofree char *path = g_build_filename (folder, "run.oxtrace", NULL);
  g_autofree char *text
    = g_strdup_printf ("{\"format\":\"oxtrace 2\",\"hash\":\"xxh64-64k\",\"model\":\"%s\",\"model_hash\":\"%s\"}\n"
                       "{\"output\":\"x\",\"turn\":0,\"value\":\"f32 1\",\"hash\":\"0\",\"stored\":\"x\"}\n"
                       "{\"output\":\"a\",\"turn\":1,\"op\":\"Split\",\"value\":\"f32 1\",\"hash\":\"0\",\"seconds\":0.25,\"nan\":2}\n"
                       "{\"output\":\"b\",\"turn\":1,\"op\":\"Split\",\"value\":\"f32 1\",\"hash\":\"0\",\"seconds\":0.25}\n"
                       "{\"output\":\"c\",\"turn\":3,\"op\":\"Abs\",\"value\":\"f32 1\",\"hash\":\"0\",\"seconds\":0.5,\"inf\":1}\n"
                       "{\"turns\":3}\n", model, hash);
  OxNpzWriter *writer = ox_npz_writer_new (path, NULL);
  OxTraceFile *trace;
  g_autoptr (GError) error = NULL;

  g_assert_true (ox_npz_writer_add_text (writer, "trace.jsonl", text, strlen (text), NULL));
  g_assert_true (ox_npz_writer_close (writer, NULL));
  trace = ox_trace_file_open (path, &error);
  g_assert_no_error (error);
  return trace;
}

static char *
put (const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
test_find (void)
{
  g_autofree char *sub = g_build_filename (folder, "sub", NULL), *inside = NULL, *beside = NULL, *found = NULL;
  g_autoptr (OxTraceFile) trace = written ("sub/m.onnx", ABC);
  g_autoptr (GError) error = NULL;
  OxTraceModel how;

  g_assert_null (ox_trace_file_find_model (trace, &how, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (how, ==, OX_TRACE_MODEL_MISSING);
  /* What is there is found, although it is another. */
  g_assert_cmpint (g_mkdir (sub, 0700), ==, 0);
  inside = put ("sub/m.onnx", "abd");
  found = ox_trace_file_find_model (trace, &how, NULL, &error);
  g_assert_cmpstr (found, ==, inside);
  g_assert_cmpint (how, ==, OX_TRACE_MODEL_OTHER);
  g_clear_pointer (&found, g_free);
  /* One that fits comes before it, even farther off. */
  beside = put ("m.onnx", "abc");
  found = ox_trace_file_find_model (trace, &how, NULL, &error);
  g_assert_cmpstr (found, ==, beside);
  g_assert_cmpint (how, ==, OX_TRACE_MODEL_SAME);
  g_unlink (inside);
  g_unlink (beside);
  g_rmdir (sub);
}

static void
test_fits (void)
{
  g_autofree char *path = put ("fits.onnx", "abc"), *gone = g_build_filename (folder, "gone.onnx", NULL);
  g_autoptr (OxTraceFile) trace = written (path, ABC), untold = written ("", "");
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL, missing = NULL, stopped = NULL;
  OxTraceModel how = OX_TRACE_MODEL_MISSING;

  g_assert_true (ox_trace_file_fits (trace, path, &how, NULL, &error));
  g_assert_cmpint (how, ==, OX_TRACE_MODEL_SAME);
  g_assert_true (ox_trace_file_fits (untold, path, &how, NULL, &error));
  g_assert_cmpint (how, ==, OX_TRACE_MODEL_UNTOLD);
  g_assert_null (ox_trace_file_find_model (untold, &how, NULL, &error));
  g_assert_cmpint (how, ==, OX_TRACE_MODEL_MISSING);
  g_assert_no_error (error);
  g_assert_false (ox_trace_file_fits (trace, gone, &how, NULL, &missing));
  g_assert_error (missing, OX_ERROR, OX_ERROR_FILE);
  g_cancellable_cancel (cancelled);
  g_assert_false (ox_trace_file_fits (trace, path, &how, cancelled, &stopped));
  g_assert_error (stopped, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_unlink (path);
}

static void
test_sum (void)
{
  g_autoptr (OxTraceFile) trace = written ("", "");
  OxTraceSum sum;

  ox_trace_file_sum (trace, &sum);
  g_assert_cmpuint (sum.values, ==, 4);
  g_assert_cmpuint (sum.stored, ==, 1);
  g_assert_cmpuint (sum.bad, ==, 2);
  g_assert_cmpuint (sum.turns, ==, 3);
  /* Split took its quarter once, for both that it made. */
  g_assert_cmpfloat (sum.seconds, ==, 0.75);
}

/* Every row of a run with a Loop and an If leads to the node that made it. */
static void
test_nodes (void)
{
  g_autofree char *path = g_build_filename (folder, "nested.oxtrace", NULL);
  g_autoptr (OxModel) model = nested_model (), other = nested_model ();
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autoptr (OxTraceNodes) nodes = ox_trace_nodes_new (other);
  g_autoptr (OxTraceFile) trace = NULL;
  const OxTraceValues values = { 0 };
  const double x = 7;
  g_autoptr (GError) error = NULL;
  guint then = 0, otherwise = 0;

  give_list (session, "x", 1, &x);
  g_assert_true (ox_trace_record (session, path, &values, NULL, NULL, NULL, &error));
  trace = ox_trace_file_open (path, &error);
  g_assert_no_error (error);
  g_assert_null (ox_trace_nodes_find (nodes, ox_trace_file_row (trace, 0)));
  for (guint i = 1; i < ox_trace_file_length (trace); i++)
    {
      const OxTraceRow *row = ox_trace_file_row (trace, i);
      OxNode *node = ox_trace_nodes_find (nodes, row);

      g_assert_nonnull (node);
      g_assert_true (node->graph->model == other);
      g_assert_cmpstr (node->name, ==, row->node);
      g_assert_cmpuint (node->index, ==, row->index);
      then += g_str_equal (ox_graph_label (node->graph), "then_branch");
      otherwise += g_str_equal (ox_graph_label (node->graph), "else_branch");
    }
  /* The flags are 0 1 0. */
  g_assert_cmpuint (then, ==, 1);
  g_assert_cmpuint (otherwise, ==, 2);
  g_unlink (path);
}

/* Both branches call what they make, and the nodes that make it, the same. */
static void
test_siblings (void)
{
  g_autoptr (OxModel) model = model_new (17);
  OxNode *pick, *in_then, *in_else;
  OxGraph *branch;
  g_autoptr (GError) error = NULL;
  g_autoptr (OxTraceNodes) nodes = NULL;
  OxTraceRow row = { .frame = 1, .op_type = (char *) "Abs", .node = (char *) "n", .output = (char *) "z" };

  ox_graph_add_input (model->graph, "flag", NULL);
  ox_graph_add_input (model->graph, "x", NULL);
  pick = add (model->graph, "If", "pick", "flag", "y");
  branch = add_body (pick, "then_branch", "");
  in_then = add (branch, "Abs", "n", "x", "z");
  add_outputs (branch, "z");
  branch = add_body (pick, "else_branch", "");
  in_else = add (branch, "Abs", "n", "x", "z");
  add_outputs (branch, "z");
  add_outputs (model->graph, "y");
  g_assert_true (ox_model_link (model, &error));
  nodes = ox_trace_nodes_new (model);
  row.where = (char *) "If then_branch";
  g_assert_true (ox_trace_nodes_find (nodes, &row) == in_then);
  row.where = (char *) "If else_branch";
  g_assert_true (ox_trace_nodes_find (nodes, &row) == in_else);
  row.op_type = (char *) "Neg";
  g_assert_null (ox_trace_nodes_find (nodes, &row));
}

int
main (int argc, char **argv)
{
  g_autofree char *run = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("trace-model-XXXXXX", NULL);
  run = g_build_filename (folder, "run.oxtrace", NULL);
  g_test_add_func ("/trace-model/find", test_find);
  g_test_add_func ("/trace-model/fits", test_fits);
  g_test_add_func ("/trace-model/sum", test_sum);
  g_test_add_func ("/trace-model/nodes", test_nodes);
  g_test_add_func ("/trace-model/siblings", test_siblings);
  status = g_test_run ();
  g_unlink (run);
  g_rmdir (folder);
  g_free (folder);
  return status;
}
