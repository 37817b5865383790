/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include <glib/gstdio.h>

#include "app/ox-inputs.h"
#include "debug/ox-console.h"
#include "tensor/ox-tensor-file.h"
#include "ui/ox-focus.h"
#include "ui/ox-keep-view.h"
#include "ui/ox-node-list.h"
#include "ui/ox-record.h"
#include "ui/ox-scope-tree.h"
#include "ui/ox-tensor-picture.h"
#include "ui/ox-words.h"

/* What the panels are made of besides widgets; needs no display. */

/* x -> a/conv/Conv -> a/act/Relu -> b/Add (with a default bias) -> y */
static OxModel *
make_model (void)
{
  OxModel *model = ox_model_new ();
  OxGraph *graph = model->graph != NULL ? model->graph : (model->graph = ox_graph_new (model, "g"));
  static const char *const nodes[][4] = {
    { "Conv", "/a/conv/Conv", "x", "c" }, { "Relu", "/a/act/Relu", "c", "r" }, { "Add", "/b/Add", "r", "y" }
  };
  OxType *type = ox_type_new_tensor (OX_F32, 2, (const gint64[]){ -1, 3 });
  OxTensor *bias = ox_tensor_new_scalar (OX_F32, 7);
  g_autoptr (GError) error = NULL;

  ox_type_set_dim (type, 0, -1, "batch");
  ox_graph_add_input (graph, "x", type);
  ox_graph_add_input (graph, "bias", ox_type_new_tensor (OX_F32, 0, NULL));
  ox_graph_add_initializer (graph, ox_initializer_new_tensor ("bias", bias));
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      OxNode *node = ox_graph_add_node (graph, nodes[i][0], "", nodes[i][1]);

      ox_node_add_input (node, nodes[i][2]);
      if (i == 2)
        ox_node_add_input (node, "bias");
      ox_node_add_output (node, nodes[i][3]);
    }
  ox_graph_add_output (graph, "y", NULL);
  g_assert_true (ox_model_link (model, &error));
  g_assert_no_error (error);
  return model;
}

static void
count (OxFocus *focus, int *times)
{
  (*times)++;
}

static void
test_focus (void)
{
  g_autoptr (OxModel) model = make_model ();
  g_autoptr (OxDebugger) debugger = ox_debugger_new (model);
  g_autoptr (OxFocus) focus = ox_focus_new (model, debugger);
  OxNode *first = ox_graph_node (model->graph, 0), *last = ox_graph_node (model->graph, 2);
  OxGraph *graph;
  int nodes = 0, values = 0;

  g_signal_connect (focus, "node-changed", G_CALLBACK (count), &nodes);
  g_signal_connect (focus, "value-changed", G_CALLBACK (count), &values);
  ox_focus_select_node (focus, first);
  ox_focus_select_node (focus, first);
  ox_focus_select_value (focus, model->graph, last->outputs[0]);
  g_assert_cmpint (ox_focus_get_value (focus, &graph), ==, last->outputs[0]);
  g_assert_true (graph == model->graph && ox_focus_get_node (focus) == first);
  ox_focus_select_node (focus, last);
  g_assert_cmpint (ox_focus_get_value (focus, NULL), ==, -1);
  g_assert_cmpint (nodes, ==, 2);
  g_assert_cmpint (values, ==, 2);
  g_assert_true (ox_focus_go_back (focus));
  g_assert_true (ox_focus_get_node (focus) == first);
  g_assert_true (ox_focus_go_back (focus));
  g_assert_null (ox_focus_get_node (focus));
  g_assert_false (ox_focus_go_back (focus));
  g_assert_true (ox_focus_go_forward (focus));
  g_assert_true (ox_focus_get_node (focus) == first);
  /* A new way ends the old one's future. */
  ox_focus_select_node (focus, ox_graph_node (model->graph, 1));
  g_assert_false (ox_focus_go_forward (focus));

  ox_focus_toggle_breakpoint (focus, last);
  g_assert_true (ox_debugger_has_breakpoint (debugger, last));
  ox_debugger_enable_breakpoint (debugger, last, FALSE);
  g_assert_true (ox_debugger_has_breakpoint (debugger, last) && !ox_debugger_breakpoint_enabled (debugger, last));
  ox_focus_toggle_breakpoint (focus, last);
  g_assert_false (ox_debugger_has_breakpoint (debugger, last));
}

static void
test_node_list (void)
{
  g_autoptr (OxModel) model = make_model ();
  g_autoptr (OxNodeList) list = ox_node_list_new ();
  g_autoptr (OxNodeItem) item = NULL;

  ox_node_list_set (list, model->graph, FALSE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 3);
  ox_node_list_filter (list, "A/ RELU");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
  item = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_cmpstr (ox_node_item_get_node (item)->op_type, ==, "Relu");
  g_assert_cmpint (ox_node_list_find (list, ox_graph_node (model->graph, 1)), ==, 0);
  g_assert_cmpint (ox_node_list_find (list, ox_graph_node (model->graph, 0)), ==, -1);
  ox_node_list_filter (list, "nothing has this");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
  ox_node_list_filter (list, "");
  g_assert_cmpint (ox_node_list_find (list, ox_graph_node (model->graph, 2)), ==, 2);
}

static void
test_scope_tree (void)
{
  g_autoptr (OxModel) model = make_model ();
  OxScopeTree *tree = ox_scope_tree_new (model->graph);
  g_autoptr (GListModel) top = ox_scope_tree_children (tree, NULL), inner = NULL;
  g_autoptr (OxNodeItem) a = g_list_model_get_item (top, 0), b = g_list_model_get_item (top, 1), node = NULL;

  g_assert_true (ox_scope_tree_is_deep (tree));
  g_assert_cmpuint (g_list_model_get_n_items (top), ==, 2);
  g_assert_cmpstr (ox_node_item_get_label (a), ==, "a");
  g_assert_cmpuint (ox_node_item_get_count (a), ==, 2);
  g_assert_cmpstr (ox_node_item_get_label (b), ==, "b");
  inner = ox_scope_tree_children (tree, a);
  g_assert_cmpuint (g_list_model_get_n_items (inner), ==, 2);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GArray) path = ox_scope_tree_path (tree, ox_graph_node (model->graph, i));
      g_autoptr (GListModel) level = ox_scope_tree_children (tree, NULL);

      g_assert_nonnull (path);
      g_clear_object (&node);
      for (guint k = 0; k < path->len; k++)
        {
          g_clear_object (&node);
          node = g_list_model_get_item (level, g_array_index (path, guint, k));
          g_assert_nonnull (node);
          g_clear_object (&level);
          level = ox_scope_tree_children (tree, node);
        }
      g_assert_true (ox_node_item_get_node (node) == ox_graph_node (model->graph, i));
      g_assert_null (level);
    }
  ox_scope_tree_free (tree);
}

static void
test_inputs (void)
{
  g_autoptr (OxModel) model = make_model ();
  g_autoptr (OxInputs) inputs = ox_inputs_new (model), copy = NULL;
  g_autoptr (GHashTable) values = NULL, same = NULL;
  g_autoptr (GError) error = NULL;
  OxValue *value, *other;

  g_assert_cmpuint (ox_inputs_length (inputs), ==, 2);
  g_assert_cmpint (ox_inputs_get (inputs, 0)->kind, ==, OX_INPUT_FILL);
  g_assert_cmpint (ox_inputs_get (inputs, 1)->kind, ==, OX_INPUT_DEFAULT);
  g_assert_cmpstr (ox_inputs_symbol (inputs, 0), ==, "batch");
  g_assert_null (ox_inputs_symbol (inputs, 1));
  ox_inputs_set_symbol (inputs, "batch", 4);
  copy = ox_inputs_copy (inputs);
  values = ox_inputs_make (inputs, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (values), ==, 1);
  value = g_hash_table_lookup (values, "x");
  g_assert_cmpint (value->tensor->dims[0], ==, 4);
  same = ox_inputs_make (copy, &error);
  other = g_hash_table_lookup (same, "x");
  for (gint64 i = 0; i < 12; i++)
    g_assert_cmpfloat (ox_tensor_get (value->tensor, i), ==, ox_tensor_get (other->tensor, i));
  ox_inputs_set_fill (inputs, 1, OX_FILL_ONES);
  g_clear_pointer (&values, g_hash_table_unref);
  values = ox_inputs_make (inputs, &error);
  value = g_hash_table_lookup (values, "bias");
  g_assert_cmpfloat (ox_tensor_get (value->tensor, 0), ==, 1);
}

static void
test_inputs_folder (void)
{
  g_autoptr (OxModel) model = make_model ();
  g_autoptr (OxInputs) inputs = ox_inputs_new (model);
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("onnxscope-XXXXXX", &error), *path = g_build_filename (folder, "x.npy", NULL);
  g_autoptr (OxTensor) tensor = ox_tensor_new_zeros (OX_F32, 2, (const gint64[]){ 2, 3 }, &error);
  g_autoptr (GBytes) bytes = ox_npy_write (tensor, &error);
  g_autoptr (GHashTable) values = NULL;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  OxValue *value;

  g_assert_cmpuint (ox_inputs_set_folder (inputs, folder, &error), ==, 0);
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, data, (gssize) size, &error));
  g_assert_cmpuint (ox_inputs_set_folder (inputs, folder, &error), ==, 1);
  values = ox_inputs_make (inputs, &error);
  g_assert_no_error (error);
  value = g_hash_table_lookup (values, "x");
  g_assert_cmpint (value->tensor->dims[0], ==, 2);

  /* A file that is gone: the error says of which input. */
  g_assert_cmpint (g_remove (path), ==, 0);
  g_clear_pointer (&values, g_hash_table_unref);
  values = ox_inputs_make (inputs, &error);
  g_assert_null (values);
  g_assert_nonnull (g_strstr_len (error->message, -1, "input 'x'"));
  g_rmdir (folder);
}

/* x -> Log -> l -> Abs -> y */
static OxModel *
make_logs (void)
{
  OxModel *model = ox_model_new ();
  OxGraph *graph = model->graph != NULL ? model->graph : (model->graph = ox_graph_new (model, "g"));
  static const char *const nodes[][3] = { { "Log", "x", "l" }, { "Abs", "l", "y" } };
  OxOpset import = { g_strdup (""), 17 };
  g_autoptr (GError) error = NULL;

  g_array_append_val (model->opsets, import);
  ox_graph_add_input (graph, "x", ox_type_new_tensor (OX_F32, 1, (const gint64[]){ 3 }));
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      OxNode *node = ox_graph_add_node (graph, nodes[i][0], "", nodes[i][0]);

      ox_node_add_input (node, nodes[i][1]);
      ox_node_add_output (node, nodes[i][2]);
    }
  ox_graph_add_output (graph, "y", NULL);
  g_assert_true (ox_model_link (model, &error));
  g_assert_no_error (error);
  return model;
}

/* Waits until every value of the list was looked through. */
static OxValueItem *
last_of (OxValueLog *log)
{
  GListModel *values = ox_value_log_values (log);
  OxValueItem *item = g_list_model_get_item (values, g_list_model_get_n_items (values) - 1);

  g_assert_nonnull (item);
  while (item->queued)
    g_main_context_iteration (NULL, TRUE);
  return item;
}

static void
note (OxValueLog *log, OxNode *node, guint64 time, guint64 *sum)
{
  *sum += time + 1;
}

static void
test_value_log (void)
{
  g_autoptr (OxModel) model = make_logs ();
  g_autoptr (OxDebugger) debugger = ox_debugger_new (model);
  g_autoptr (OxFocus) focus = ox_focus_new (model, debugger);
  OxValueLog *log = ox_focus_get_log (focus);
  OxNode *first = ox_graph_node (model->graph, 0), *second = ox_graph_node (model->graph, 1);
  OxTensor *tensor = ox_tensor_new_zeros (OX_F32, 1, (const gint64[]){ 3 }, NULL);
  g_autoptr (OxValue) value = ox_value_new_tensor (tensor);
  g_autoptr (OxValueItem) item = NULL;
  g_autoptr (GError) error = NULL;
  guint64 noted = 0;

  ox_tensor_set (tensor, 1, 1);
  ox_tensor_set (tensor, 2, -1);
  g_signal_connect (log, "noted", G_CALLBACK (note), &noted);
  g_assert_true (ox_debugger_set_input (debugger, "x", value, &error));
  g_assert_no_error (error);
  for (int run = 0; run < 2; run++)
    {
      g_assert_true (ox_debugger_move (debugger, OX_MOVE_OVER, NULL, NULL, &error));
      item = last_of (log);
      /* The logarithm of 0 and of -1. */
      g_assert_cmpint (ox_value_item_bad (item), ==, 2);
      g_assert_cmpstr (item->type, ==, "f32 3");
      g_assert_cmpint (ox_value_log_bad (log, first, G_MAXUINT64), ==, 2);
      g_assert_cmpint (ox_value_log_bad (log, first, 0), ==, 2);
      g_assert_cmpint (ox_value_log_bad (log, first, 1), ==, 0);
      g_assert_cmpint (ox_value_log_bad (log, second, G_MAXUINT64), ==, 0);
      g_clear_object (&item);
      g_assert_true (ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error));
      item = last_of (log);
      g_assert_cmpint (ox_value_log_bad (log, second, G_MAXUINT64), ==, 2);
      g_assert_cmpuint (g_list_model_get_n_items (ox_value_log_values (log)), ==, 2);
      g_clear_object (&item);

      /* What is taken back says nothing any more. */
      g_assert_true (ox_debugger_move (debugger, run == 0 ? OX_MOVE_BACK_IN : OX_MOVE_TO_START, NULL, NULL, &error));
      g_assert_cmpuint (g_list_model_get_n_items (ox_value_log_values (log)), ==, run == 0 ? 1 : 0);
      g_assert_cmpint (ox_value_log_bad (log, second, G_MAXUINT64), ==, 0);
      g_assert_cmpint (ox_value_log_bad (log, first, G_MAXUINT64), ==, run == 0 ? 2 : 0);
      if (run == 0)
        ox_debugger_restart (debugger);
      g_assert_cmpuint (g_list_model_get_n_items (ox_value_log_values (log)), ==, 0);
    }
  g_assert_cmpuint (noted, ==, 2 * (1 + 2));
}

typedef struct
{
  char   *text;
  GError *error;
  gboolean quit, done;
} Answer;

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  answer->text = ox_console_run_finish (result, &answer->quit, &answer->error);
  answer->done = TRUE;
}

static void
say (OxConsole *console, const char *line, const char *expected)
{
  Answer answer = { 0 };

  ox_console_run_async (console, line, NULL, answered, &answer);
  while (!answer.done)
    g_main_context_iteration (NULL, TRUE);
  if (g_strstr_len (answer.text != NULL ? answer.text : answer.error->message, -1, expected) == NULL)
    g_error ("%s: expected '%s', found '%s'", line, expected, answer.text != NULL ? answer.text : answer.error->message);
  g_assert_true ((answer.text != NULL) != (answer.error != NULL));
  g_free (answer.text);
  g_clear_error (&answer.error);
}

static void
check_offers (OxConsole *console, const char *typed, const char *expected)
{
  g_auto (GStrv) offers = ox_console_complete (console, typed, 10);
  g_autofree char *text = g_strjoinv ("|", offers);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_console (void)
{
  g_autoptr (OxModel) model = make_logs ();
  g_autoptr (OxDebugger) debugger = ox_debugger_new (model);
  g_autoptr (OxConsole) console = ox_console_new (debugger, NULL);
  g_autoptr (OxValue) value = ox_value_new_tensor (ox_tensor_new_zeros (OX_F32, 1, (const gint64[]){ 3 }, NULL));
  OxNode *second = ox_graph_node (model->graph, 1);

  say (console, "next", "input 'x'");
  say (console, "nonsense", "no command");
  say (console, "", "");
  g_assert_true (ox_debugger_set_input (debugger, "x", value, NULL));
  say (console, "print l", "not computed yet");
  say (console, "print nothing", "there is no value");
  say (console, "break Abs", "breakpoint 1 at #1 Abs");
  say (console, "disable Abs", "disabled #1 Abs");
  g_assert_true (ox_debugger_has_breakpoint (debugger, second) && !ox_debugger_breakpoint_enabled (debugger, second));
  say (console, "info breakpoints", "disabled");
  say (console, "continue", "at the end");
  say (console, "enable Abs", "enabled #1 Abs");
  say (console, "run", "breakpoint");
  say (console, "print l[1]", "-Inf");
  say (console, "print l[9]", "expected an index");
  say (console, "back", "#0 Log");
  say (console, "next 5", "#1 Abs");
  say (console, "next 5", "at the end, 3 turns");
  say (console, "delete Abs", "no breakpoint at #1");
  say (console, "enable Abs", "there is no breakpoint");
  g_assert_true (ox_console_line_moves (console, " until Abs"));
  g_assert_true (ox_console_line_moves (console, "n 3"));
  g_assert_false (ox_console_line_moves (console, "print l"));
  g_assert_false (ox_console_line_moves (console, "restart"));
  check_offers (console, "fin", "finish");
  check_offers (console, "break A", "break Abs");
  check_offers (console, "print ", "print Log|print Abs|print x|print l|print y");
  check_offers (console, "print q", "");
}

/* The colour of the pixel at a part of the width and height, 0xRRGGBB. */
static guint32
pixel_at (GdkTexture *texture, double x, double y)
{
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  g_autofree guint32 *pixels = g_new (guint32, (gsize) width * (gsize) height);

  gdk_texture_download (texture, (guchar *) pixels, (gsize) width * 4);
  return pixels[(int) (y * height) * width + (int) (x * width)] & 0xffffff;
}

static void
test_picture (void)
{
  g_autoptr (OxTensor) planes = ox_tensor_new_zeros (OX_F32, 3, (const gint64[]){ 2, 2, 2 }, NULL);
  g_autoptr (OxTensor) colour = ox_tensor_new_zeros (OX_F32, 3, (const gint64[]){ 3, 1, 2 }, NULL);
  g_autoptr (OxTensor) large = ox_tensor_new_zeros (OX_U8, 2, (const gint64[]){ 3, 5000 }, NULL);
  g_autoptr (OxTensor) line = ox_tensor_new_zeros (OX_F32, 1, (const gint64[]){ 4 }, NULL);
  g_autoptr (OxTensor) none = ox_tensor_new_zeros (OX_F32, 2, (const gint64[]){ 0, 4 }, NULL);
  const gint64 second[] = { 1, 0, 0 };
  g_autoptr (GdkTexture) grey = NULL, coloured = NULL, wide = NULL;

  g_assert_true (ox_tensor_has_picture (planes) && ox_tensor_has_picture (large));
  g_assert_false (ox_tensor_has_picture (line) || ox_tensor_has_picture (none) || ox_tensor_has_picture (NULL));
  /* The second plane: black, white, a NaN, and beyond white. */
  ox_tensor_set (planes, 5, 2);
  ox_tensor_set (planes, 6, NAN);
  ox_tensor_set (planes, 7, 9);
  grey = ox_tensor_picture (planes, second, 0, 2);
  g_assert_cmpint (gdk_texture_get_width (grey), ==, 256);
  g_assert_cmphex (pixel_at (grey, 0.25, 0.25), ==, 0x000000);
  g_assert_cmphex (pixel_at (grey, 0.75, 0.25), ==, 0xffffff);
  g_assert_cmphex (pixel_at (grey, 0.25, 0.75), ==, 0xff8c00);
  g_assert_cmphex (pixel_at (grey, 0.75, 0.75), ==, 0xffffff);

  ox_tensor_set (colour, 0, 1);
  ox_tensor_set (colour, 3, 1);
  ox_tensor_set (colour, 5, 1);
  coloured = ox_tensor_picture (colour, second, 0, 1);
  g_assert_cmphex (pixel_at (coloured, 0.25, 0.5), ==, 0xff0000);
  g_assert_cmphex (pixel_at (coloured, 0.75, 0.5), ==, 0x00ffff);

  ox_tensor_set (large, 3 * 5000 - 1, 255);
  wide = ox_tensor_picture (large, second, 0, 0);
  g_assert_cmpint (gdk_texture_get_width (wide), ==, 1024);
  g_assert_cmpint (gdk_texture_get_height (wide), ==, 3);
  g_assert_cmphex (pixel_at (wide, 0.5, 0.5), ==, 0x808080);
}

static void
test_words (void)
{
  g_autoptr (OxModel) model = make_model ();
  g_autofree char *type = ox_words_slot_type (ox_graph_slot (model->graph, ox_graph_find (model->graph, "x")));
  g_autofree char *shape = ox_words_shape (ox_graph_slot (model->graph, ox_graph_find (model->graph, "x")));
  g_autofree char *constant = ox_words_slot_type (ox_graph_slot (model->graph, ox_graph_find (model->graph, "bias")));
  g_autofree char *unknown = ox_words_shape (ox_graph_slot (model->graph, ox_graph_find (model->graph, "c")));
  g_autofree char *bad = ox_words_valid ("a\xff");
  OxAttribute *attribute = ox_attribute_new ("to", OX_ATTR_INT);
  g_autofree char *to = NULL;

  g_assert_cmpstr (type, ==, "f32 batch × 3");
  g_assert_cmpstr (shape, ==, "batch × 3");
  g_assert_cmpstr (constant, ==, "f32 []");
  g_assert_cmpstr (unknown, ==, "");
  g_assert_true (g_utf8_validate (bad, -1, NULL));
  attribute->i = 1;
  to = ox_words_attribute (attribute, 0);
  g_assert_cmpstr (to, ==, "1  (f32)");
  ox_attribute_free (attribute);
}

static void
test_bars (void)
{
  g_autoptr (OxModel) model = make_model ();
  g_autoptr (OxBars) bars = ox_bars_new ("own", "through", "tip");
  g_autoptr (OxOverlay) overlay = ox_overlay_new ();
  const OxNode *first = ox_graph_node (model->graph, 0), *second = ox_graph_node (model->graph, 1);
  OxCardErrors lengths = { 0 };

  ox_bars_add (bars, first, 0.25, NAN);
  ox_bars_add (bars, first, 0.125, 0.5);
  ox_bars_set_first (bars, first);
  g_assert_true (ox_bars_get (bars, first, &lengths));
  g_assert_cmpfloat (lengths.own, ==, 0.25);
  g_assert_cmpfloat (lengths.through, ==, 0.5);
  g_assert_true (lengths.first);
  g_assert_false (ox_bars_get (bars, second, &lengths));
  g_assert_false (lengths.first);

  /* They are what is shown until something else is. */
  g_assert_null (ox_overlay_get_bars (overlay));
  ox_overlay_set_precision (overlay, bars);
  g_assert_cmpint (ox_overlay_get_kind (overlay), ==, OX_OVERLAY_PRECISION);
  g_assert_true (ox_overlay_get_bars (overlay) == bars);
  ox_overlay_set_kind (overlay, OX_OVERLAY_NONE);
  g_assert_null (ox_overlay_get_bars (overlay));
  ox_overlay_set_kind (overlay, OX_OVERLAY_PRECISION);
  ox_overlay_set_precision (overlay, NULL);
  g_assert_cmpint (ox_overlay_get_kind (overlay), ==, OX_OVERLAY_NONE);
}

static void
count_clear (gpointer data)
{
  (**(int **) data)++;
}

static void
test_records (void)
{
  static const char *const words[] = { "one", "two" };
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  int cleared = 0, **owner = g_atomic_rc_box_new (int *);
  GListModel *list;
  OxRecord *item;

  *owner = &cleared;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    g_ptr_array_add (records, (gpointer) words[i]);
  list = ox_record_list (records, owner, count_clear);
  g_atomic_rc_box_release_full (owner, count_clear);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 2);
  item = g_list_model_get_item (list, 1);
  g_assert_cmpstr (ox_record_get (item), ==, "two");
  g_assert_cmpuint (ox_record_get_at (item), ==, 1);
  g_assert_true (ox_record_get_owner (item) == owner);
  g_object_unref (list);
  g_assert_cmpint (cleared, ==, 0);
  g_object_unref (item);
  g_assert_cmpint (cleared, ==, 1);
}

static void
test_select_named (void)
{
  g_autoptr (OxModel) model = make_model ();
  g_autoptr (OxDebugger) debugger = ox_debugger_new (model);
  g_autoptr (OxFocus) focus = ox_focus_new (model, debugger);
  OxNode *last = ox_graph_node (model->graph, 2);
  OxGraph *graph;

  ox_focus_select_named (focus, last, "bias");
  g_assert_true (ox_focus_get_node (focus) == last);
  g_assert_cmpint (ox_focus_get_value (focus, &graph), ==, ox_graph_find (model->graph, "bias"));
  ox_focus_select_named (focus, last, "nothing of this name");
  g_assert_cmpint (ox_focus_get_value (focus, NULL), ==, -1);
}

static void
test_tolerance (void)
{
  g_assert_cmpfloat (ox_keep_view_parse ("0.01"), ==, 0.01);
  g_assert_cmpfloat (ox_keep_view_parse (" 1 % "), ==, 0.01);
  g_assert_cmpfloat (ox_keep_view_parse ("1e-3"), ==, 1e-3);
  g_assert_true (isnan (ox_keep_view_parse ("")) && isnan (ox_keep_view_parse ("0")) && isnan (ox_keep_view_parse ("-1 %")));
  g_assert_true (isnan (ox_keep_view_parse ("1 percent")) && isnan (ox_keep_view_parse ("nan")) && isnan (ox_keep_view_parse ("inf")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/panels/focus", test_focus);
  g_test_add_func ("/panels/node-list", test_node_list);
  g_test_add_func ("/panels/scope-tree", test_scope_tree);
  g_test_add_func ("/panels/inputs", test_inputs);
  g_test_add_func ("/panels/inputs-folder", test_inputs_folder);
  g_test_add_func ("/panels/value-log", test_value_log);
  g_test_add_func ("/panels/console", test_console);
  g_test_add_func ("/panels/picture", test_picture);
  g_test_add_func ("/panels/words", test_words);
  g_test_add_func ("/panels/bars", test_bars);
  g_test_add_func ("/panels/records", test_records);
  g_test_add_func ("/panels/select-named", test_select_named);
  g_test_add_func ("/panels/tolerance", test_tolerance);
  return g_test_run ();
}
