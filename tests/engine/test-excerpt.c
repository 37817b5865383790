/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/ox-edit.h"
#include "debug/ox-excerpt.h"
#include "text-models.h"

/* Parts of a debugger's run as test cases. */

static OxDebugger *
debugger_of (OxModel *model, OxTensor *x)
{
  OxDebugger *debugger = ox_debugger_new (model);
  g_autoptr (OxValue) value = ox_value_new_tensor (x);
  g_autoptr (GError) error = NULL;

  ox_debugger_set_input (debugger, "x", value, &error);
  g_assert_no_error (error);
  return debugger;
}

static void
move_to (OxDebugger *debugger, OxMove move, OxNode *target)
{
  g_autoptr (GError) error = NULL;

  ox_debugger_move (debugger, move, target, NULL, &error);
  g_assert_no_error (error);
}

static OxRegion *
region_of (OxGraph *graph, const char *nodes)
{
  g_auto (GStrv) words = g_strsplit (nodes, " ", -1);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  for (int i = 0; words[i] != NULL; i++)
    g_ptr_array_add (list, ox_graph_node (graph, (guint) g_ascii_strtoull (words[i], NULL, 10)));
  return ox_region_new_nodes (graph, list);
}

static void
put_values (GString *text, const OxGraph *graph, gboolean are_inputs, const GPtrArray *values)
{
  for (guint i = 0; i < values->len; i++)
    {
      const OxSlot *slot = are_inputs ? ox_graph_slot (graph, g_array_index (graph->inputs, int, i))
                                      : g_ptr_array_index (graph->output_infos, i);
      g_autofree char *value = value_text (g_ptr_array_index (values, i));

      g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : "", slot->name, value);
    }
}

/* "a Neg, x [1], y [-1]": the nodes, what goes in, what comes out; the case is run, and gives what it says. */
static char *
text_of (OxDebugger *debugger, OxRegion *region)
{
  g_autoptr (GPtrArray) expected = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OxExcerpt) excerpt = ox_excerpt_new (debugger, region, &error);
  g_autoptr (OxCase) made = NULL;
  g_autoptr (OxSession) session = NULL;
  GString *text = g_string_new (NULL);

  g_assert_no_error (error);
  made = ox_excerpt_make (excerpt, &expected, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < made->model->graph->nodes->len; i++)
    g_string_append_printf (text, "%s ", ox_graph_node (made->model->graph, i)->op_type);
  g_string_append (text, "| ");
  put_values (text, made->model->graph, TRUE, made->inputs);
  g_string_append (text, " | ");
  put_values (text, made->model->graph, FALSE, expected);
  if (ox_excerpt_failure (excerpt) != NULL)
    return g_string_free (text, FALSE);
  session = ox_case_session (made, 0, &error);
  g_assert_no_error (error);
  run_good (session);
  for (guint i = 0; i < expected->len; i++)
    {
      g_autofree char *value = value_text (g_ptr_array_index (expected, i));

      assert_value (ox_session_output (session, i), value);
    }
  return g_string_free (text, FALSE);
}

static void
assert_excerpt (OxDebugger *debugger, OxRegion *region, const char *expected)
{
  g_autofree char *text = text_of (debugger, region);

  g_assert_cmpstr (text, ==, expected);
}

static void
edit (OxDebugger *debugger, const char *name, gint64 n, const double *numbers)
{
  OxGraph *graph = ox_debugger_get_model (debugger)->graph;
  g_autoptr (OxValue) value = ox_value_new_tensor (list_of (OX_F64, n, numbers));

  ox_debugger_edit (debugger, graph, ox_graph_find (graph, name), value, name);
}

/* One of two values of a node is another: the node stays for the other one. */
static void
test_given (void)
{
  g_autoptr (OxModel) model = whole_model (18, "x -> y, z\na, b = Split<axis=0,num_outputs=2>(x)\nc = Neg(a)\nd = Neg(b)\n"
                                               "y = Add(c, d)\nz = Abs(b)");
  const double numbers[] = { 1, 2, 3, 4 }, other[] = { 50, 60 };
  g_autoptr (OxDebugger) debugger = debugger_of (model, list_of (OX_F64, 4, numbers));

  assert_excerpt (debugger, region_of (model->graph, "0 1 2 3"), "Split Neg Neg Add | x [1, 2, 3, 4] | b [3, 4], y [-4, -6]");
  move_to (debugger, OX_MOVE_CONTINUE, NULL);
  edit (debugger, "b", 2, other);
  move_to (debugger, OX_MOVE_AGAIN, NULL);
  assert_excerpt (debugger, region_of (model->graph, "0 1 2 3"), "Split Neg Neg Add | x [1, 2, 3, 4], b [50, 60] | y [-51, -62]");
  /* The same from a run that is made for it. */
  ox_debugger_restart (debugger);
  assert_excerpt (debugger, region_of (model->graph, "0 1 2 3"), "Split Neg Neg Add | x [1, 2, 3, 4], b [50, 60] | y [-51, -62]");
  edit (debugger, "a", 2, other);
  assert_excerpt (debugger, region_of (model->graph, "0 1 2 3"), "Neg Neg Add | a [50, 60], b [50, 60] | y [-100, -120]");
}

/* What was put in the place of an output is not what the nodes make, which is expected of them; unless they cannot make it. */
static void
test_outputs (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> y, z\na = Neg(x)\ny = Neg(a)\nshape = Constant<value_ints=[5]>()\n"
                                               "z = Reshape(a, shape)");
  const double numbers[] = { 1, 2 }, other[] = { 8, 9 };
  g_autoptr (OxDebugger) debugger = debugger_of (model, list_of (OX_F64, 2, numbers));

  edit (debugger, "y", 2, other);
  edit (debugger, "z", 2, other);
  move_to (debugger, OX_MOVE_CONTINUE, NULL);
  assert_excerpt (debugger, region_of (model->graph, "0 1"), "Neg Neg | x [1, 2] | a [-1, -2], y [1, 2]");
  assert_excerpt (debugger, region_of (model->graph, "3"), "Constant Reshape | a [-1, -2] | z [8, 9]");
}

static void
test_passed (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> y\na = Neg(x)\nb = Mul(a, a)\ny = Add(b, a)");
  const double numbers[] = { 1, 2 };
  g_autoptr (OxDebugger) debugger = debugger_of (model, list_of (OX_F64, 2, numbers));
  g_autoptr (GError) error = NULL;
  OxExcerpt *excerpt;

  move_to (debugger, OX_MOVE_CONTINUE, NULL);
  g_assert_true (ox_debugger_pass_over (debugger, ox_graph_node (model->graph, 1), OX_EDIT_MUTE, -1, "mute b", &error));
  move_to (debugger, OX_MOVE_AGAIN, NULL);
  assert_excerpt (debugger, region_of (model->graph, "0 1 2"), "Neg Add | x [1, 2], b [0, 0] | a [-1, -2], y [-1, -2]");
  excerpt = ox_excerpt_new (debugger, region_of (model->graph, "1"), &error);
  g_assert_null (excerpt);
  g_assert_cmpstr (error->message, ==, "the node is passed over in this run: mute b");
}

/* Values are those of the frame one stands in, of the one closed last, or of the first. */
static void
test_frames (void)
{
  g_autoptr (OxModel) model = nested_model ();
  const double seven = 7;
  g_autoptr (OxDebugger) debugger = debugger_of (model, list_of (OX_I64, 1, &seven));
  OxNode *more = NULL, *size;
  g_autoptr (GError) error = NULL;
  OxGraph *body, *branch;
  OxExcerpt *excerpt;

  body = g_ptr_array_index (((OxAttribute *) g_ptr_array_index (ox_graph_node (model->graph, 0)->attributes, 0))->graphs, 0);
  branch = g_ptr_array_index (ox_node_attribute (ox_graph_node (body, 1), "else_branch")->graphs, 0);
  more = ox_graph_node (branch, 0);
  size = ox_graph_node (body, 2);
  assert_excerpt (debugger, ox_region_new_node (more), "Concat | before [7] | e [7, 1]");
  move_to (debugger, OX_MOVE_CONTINUE, NULL);
  assert_excerpt (debugger, ox_region_new_node (more), "Concat | before [7, 1, 7, 1] | e [7, 1, 7, 1, 1]");
  assert_excerpt (debugger, ox_region_new_node (size), "Size | after [7, 1, 7, 1, 1] | size [][5]");
  move_to (debugger, OX_MOVE_TO_START, NULL);
  move_to (debugger, OX_MOVE_TO_NODE, size);
  move_to (debugger, OX_MOVE_TO_NODE, size);
  assert_excerpt (debugger, ox_region_new_node (size), "Size | after [7, 1, 7, 1] | size [][4]");
  /* What was changed in a body is lost on the Loop as a whole. */
  ox_debugger_edit (debugger, body, ox_graph_find (body, "after"), ox_debugger_get_input (debugger, "x"), "replace");
  move_to (debugger, OX_MOVE_AGAIN, NULL);
  assert_excerpt (debugger, ox_region_new_node (size), "Size | after [7] | size [][1]");
  excerpt = ox_excerpt_new (debugger, ox_region_new_node (ox_graph_node (model->graph, 0)), &error);
  g_assert_null (excerpt);
  g_assert_cmpstr (error->message, ==, "\"replace\" is about a body of the nodes, where a test case cannot have it; undo it, or take "
                                       "nodes of that body");
}

/* Nodes that fail are a case, too; nodes before which others fail are none. */
static void
test_failing (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> y\na = Neg(x)\nb = Neg(a)\nshape = Constant<value_ints=[5]>()\n"
                                               "r = Reshape(b, shape)\ny = Neg(r)");
  const double numbers[] = { 1, 2 };
  g_autoptr (OxDebugger) debugger = debugger_of (model, list_of (OX_F64, 2, numbers));
  g_autoptr (GPtrArray) expected = NULL;
  g_autoptr (OxExcerpt) excerpt = NULL;
  g_autoptr (GError) error = NULL;

  assert_excerpt (debugger, region_of (model->graph, "1 3"), "Constant Neg Reshape | a [-1, -2] | r nothing");
  move_to (debugger, OX_MOVE_CONTINUE, NULL);
  assert_excerpt (debugger, region_of (model->graph, "0 1 2 3"), "Neg Neg Constant Reshape | x [1, 2] | r nothing");
  excerpt = ox_excerpt_new (debugger, region_of (model->graph, "4"), &error);
  g_assert_no_error (error);
  g_assert_null (ox_excerpt_make (excerpt, &expected, NULL, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/excerpt/given", test_given);
  g_test_add_func ("/excerpt/outputs", test_outputs);
  g_test_add_func ("/excerpt/passed", test_passed);
  g_test_add_func ("/excerpt/frames", test_frames);
  g_test_add_func ("/excerpt/failing", test_failing);
  return g_test_run ();
}
