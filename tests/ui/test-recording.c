/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tensor/ox-tensor-file.h"
#include "ui/ox-focus.h"
#include "ui/ox-recording-table.h"

/* What the tab of a recorded run is made of besides widgets; needs no display. */

static char *folder;

/* A run of two values, the second of which has the hash @hash. */
static OxRecording *
recording (const char *name, const char *hash, const char *model)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text
    = g_strdup_printf ("{\"format\":\"oxtrace 2\",\"hash\":\"xxh64-64k\",\"model\":\"m.onnx\",\"model_hash\":\"%s\"}\n"
                       "{\"output\":\"x\",\"turn\":0,\"value\":\"f32 2\",\"hash\":\"0\",\"stored\":\"x\"}\n"
                       "{\"output\":\"y\",\"turn\":1,\"op\":\"Abs\",\"node\":\"/head/abs\",\"value\":\"f16 2\",\"hash\":\"%s\",\"nan\":2}\n"
                       "{\"turns\":2}\n", model, hash);
  const gint64 two = 2;
  g_autoptr (OxTensor) x = ox_tensor_new_zeros (OX_F32, 1, &two, NULL);
  OxNpzWriter *writer = ox_npz_writer_new (path, NULL);
  g_autoptr (GError) error = NULL;
  OxRecording *made;

  ox_tensor_set (x, 1, 5);
  g_assert_true (ox_npz_writer_add (writer, "x", x, NULL));
  g_assert_true (ox_npz_writer_add_text (writer, "trace.jsonl", text, strlen (text), NULL));
  g_assert_true (ox_npz_writer_close (writer, NULL));
  made = ox_recording_open (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (made);
  return made;
}

static gboolean
fits (const OxTraceRow *row, const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " ", -1);

  return ox_recording_table_fits (row, words);
}

static void
test_rows (void)
{
  g_autoptr (OxRecording) run = recording ("rows.oxtrace", "1", "a");
  g_autoptr (GListModel) rows = ox_recording_table_rows (run);
  g_autoptr (OxRecord) first = g_list_model_get_item (rows, 0), second = g_list_model_get_item (rows, 1);
  const OxTraceRow *x = ox_recording_table_row (first), *y = ox_recording_table_row (second);

  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 2);
  g_assert_cmpuint (ox_record_get_at (second), ==, 1);
  g_assert_true (fits (x, "input") && fits (x, "stored F32") && !fits (x, "nan") && !fits (x, "head"));
  g_assert_true (fits (y, "abs f16 NaN") && fits (y, "HEAD") && !fits (y, "abs stored") && !fits (y, "inf") && fits (y, " "));
}

static void
test_value (void)
{
  g_autoptr (OxRecording) run = recording ("value.oxtrace", "1", "a");
  OxTraceFile *file = ox_recording_get_file (run);
  g_autoptr (GError) error = NULL;
  g_autoptr (OxValue) x = ox_recording_read (run, ox_trace_file_row (file, 0), &error);

  g_assert_no_error (error);
  g_assert_cmpfloat (ox_tensor_get (x->tensor, 1), ==, 5);
  g_assert_null (ox_recording_read (run, ox_trace_file_row (file, 1), &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
}

static void
test_differ (void)
{
  g_autoptr (OxRecording) one = recording ("one.oxtrace", "1", "a"), same = recording ("same.oxtrace", "1", "a");
  g_autoptr (OxRecording) other = recording ("other.oxtrace", "2", "b");
  g_autofree char *none = NULL, *first = NULL;

  g_assert_cmpint (ox_recording_differ (one, same, &none), ==, -1);
  g_assert_cmpstr (none, ==, "2 values, all with the same bits as in same.oxtrace");
  g_assert_cmpint (ox_recording_differ (one, other, &first), ==, 1);
  g_assert_true (g_str_has_prefix (first, "The first value is the same in other.oxtrace, then: Abs 'y' in main: f16 2, other bits"));
  g_assert_true (g_str_has_suffix (first, ". The model's file was another"));
}

static void
count (OxFocus *focus, int *times)
{
  (*times)++;
}

/* A value that is lent is there until anything else is selected. */
static void
test_lend (void)
{
  OxModel *model = ox_model_new ();
  g_autoptr (OxFocus) focus = NULL;
  g_autoptr (OxTensor) seven = ox_tensor_new_scalar (OX_F32, 7);
  g_autoptr (OxValue) value = ox_value_new_tensor (ox_tensor_ref (seven));
  OxValue *lent = NULL;
  const char *message = NULL;
  OxNode *node;
  int changes = 0, slot;
  g_autoptr (GError) error = NULL;

  model->graph = ox_graph_new (model, "g");
  ox_graph_add_input (model->graph, "x", NULL);
  node = ox_graph_add_node (model->graph, "Abs", "", "abs");
  ox_node_add_input (node, "x");
  ox_node_add_output (node, "y");
  ox_graph_add_output (model->graph, "y", NULL);
  g_assert_true (ox_model_link (model, &error));
  focus = ox_focus_new (model, NULL);
  slot = node->outputs[0];
  g_signal_connect (focus, "value-changed", G_CALLBACK (count), &changes);
  g_assert_null (ox_focus_get_lent (focus, NULL, NULL));
  ox_focus_lend_value (focus, node, model->graph, slot, NULL, "elsewhere", "not yet");
  g_assert_true (ox_focus_get_node (focus) == node && ox_focus_get_value (focus, NULL) == slot);
  g_assert_cmpstr (ox_focus_get_lent (focus, &lent, &message), ==, "elsewhere");
  g_assert_null (lent);
  g_assert_cmpstr (message, ==, "not yet");
  ox_focus_lend_value (focus, node, model->graph, slot, value, "elsewhere", NULL);
  g_assert_nonnull (ox_focus_get_lent (focus, &lent, &message));
  g_assert_true (lent == value && message == NULL);
  g_assert_cmpint (changes, ==, 2);
  /* The same value of the debugger's own run. */
  ox_focus_select_value (focus, model->graph, slot);
  g_assert_null (ox_focus_get_lent (focus, &lent, NULL));
  g_assert_null (lent);
  g_assert_cmpint (changes, ==, 3);
  ox_model_unref (model);
}

int
main (int argc, char **argv)
{
  static const char *const files[] = { "rows", "value", "one", "same", "other" };
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("recording-XXXXXX", NULL);
  g_test_add_func ("/recording/rows", test_rows);
  g_test_add_func ("/recording/value", test_value);
  g_test_add_func ("/recording/differ", test_differ);
  g_test_add_func ("/recording/lend", test_lend);
  status = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *name = g_strconcat (files[i], ".oxtrace", NULL), *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_free (folder);
  return status;
}
