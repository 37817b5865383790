/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/ox-edit.h"
#include "debug/ox-versus.h"
#include "text-models.h"

/* Nodes that are changed for a run. Expected values are worked out by hand. */

static OxValue *
doubles (gint64 n, const double *values)
{
  return ox_value_new_tensor (list_of (OX_F64, n, values));
}

static OxDebugger *
debugger_of (OxModel *model, const char *input, OxValue *value)
{
  OxDebugger *debugger = ox_debugger_new (model);
  g_autoptr (GError) error = NULL;

  ox_debugger_set_input (debugger, input, value, &error);
  g_assert_no_error (error);
  ox_value_unref (value);
  return debugger;
}

static const OxStop *
move (OxDebugger *debugger, OxMove how)
{
  g_autoptr (GError) error = NULL;

  ox_debugger_move (debugger, how, NULL, NULL, &error);
  g_assert_no_error (error);
  return ox_debugger_get_stop (debugger);
}

static void
is (OxDebugger *debugger, const char *name, const char *expected)
{
  OxGraph *graph = ox_debugger_get_model (debugger)->graph;
  g_autoptr (GError) error = NULL;
  g_autoptr (OxValue) value = ox_debugger_dup_value (debugger, graph, ox_graph_find (graph, name), &error);

  g_assert_no_error (error);
  assert_value (value, expected);
}

static OxNode *
node_at (OxDebugger *debugger, guint i)
{
  return ox_graph_node (ox_debugger_get_model (debugger)->graph, i);
}

static void
set_attribute (OxDebugger *debugger, OxNode *node, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  OxAttribute *attribute = ox_debugger_parse_attribute (debugger, node, name, text, &error);

  g_assert_no_error (error);
  ox_debugger_edit_attribute (debugger, node, name, attribute, text, &error);
  g_assert_no_error (error);
  ox_attribute_free (attribute);
}

static void
refuses (OxDebugger *debugger, OxNode *node, const char *name, const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;
  OxAttribute *attribute = text != NULL ? ox_debugger_parse_attribute (debugger, node, name, text, &error) : NULL;

  if (error == NULL)
    g_assert_false (ox_debugger_edit_attribute (debugger, node, name, attribute, "", &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, message));
  g_assert_cmpuint (ox_debugger_n_edits (debugger), ==, 0);
  g_clear_pointer (&attribute, ox_attribute_free);
}

/* LeakyRelu is x or alpha x. */
static void
test_attribute (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> z\ny = LeakyRelu<alpha=0.5>(x)\nz = Neg(y)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (3, (double[]) { -4, 2, -8 }));
  OxNode *node = node_at (debugger, 0);

  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "z", "[2, -2, 4]");
  set_attribute (debugger, node, "alpha", "0.25");
  move (debugger, OX_MOVE_AGAIN);
  is (debugger, "z", "[1, -2, 2]");
  g_assert_true (ox_debugger_is_edited (debugger, node));
  g_assert_false (ox_debugger_is_edited (debugger, node_at (debugger, 1)));
  set_attribute (debugger, node, "alpha", "2");
  move (debugger, OX_MOVE_AGAIN);
  is (debugger, "z", "[8, -2, 16]");
  /* The one before counts again. */
  ox_debugger_drop_edit (debugger, 1);
  move (debugger, OX_MOVE_AGAIN);
  is (debugger, "z", "[1, -2, 2]");
  ox_debugger_drop_edit (debugger, 0);
  move (debugger, OX_MOVE_AGAIN);
  is (debugger, "z", "[2, -2, 4]");
  g_assert_cmpuint (ox_debugger_n_redos (debugger), ==, 2);
  g_assert_true (ox_debugger_redo_edit (debugger));
  g_assert_true (ox_debugger_redo_edit (debugger));
  g_assert_false (ox_debugger_redo_edit (debugger));
  move (debugger, OX_MOVE_AGAIN);
  is (debugger, "z", "[8, -2, 16]");
  /* It holds through a restart and stepping; the model is as it was. */
  ox_debugger_restart (debugger);
  move (debugger, OX_MOVE_OVER);
  is (debugger, "y", "[-8, 2, -16]");
  g_assert_cmpfloat (ox_node_attribute (node, "alpha")->f, ==, 0.5);
}

/* Without alpha it is 0.01. */
static void
test_attribute_away (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> y\ny = LeakyRelu<alpha=0.5>(x)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (1, (double[]) { -100 }));
  g_autoptr (GError) error = NULL;

  ox_debugger_edit_attribute (debugger, node_at (debugger, 0), "alpha", NULL, "", &error);
  g_assert_no_error (error);
  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "y", "[-1]");
}

static void
test_attribute_refused (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> y, z\ny = LeakyRelu<alpha=0.5>(x)\nz = Cast<to=1>(x)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (1, (double[]) { 1 }));
  OxAttribute *wrong = ox_attribute_new ("alpha", OX_ATTR_INT);
  g_autoptr (GError) error = NULL;

  refuses (debugger, node_at (debugger, 0), "beta", "1", "has no attribute 'beta'");
  refuses (debugger, node_at (debugger, 0), "alpha", "much", "expected a number, found 'much'");
  refuses (debugger, node_at (debugger, 1), "to", "0.5", "expected an int, found '0.5'");
  refuses (debugger, node_at (debugger, 1), "to", NULL, "needs the attribute 'to'");
  g_assert_false (ox_debugger_edit_attribute (debugger, node_at (debugger, 0), "alpha", wrong, "", &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_MODEL);
  ox_attribute_free (wrong);
}

/* Element types go by their names. */
static void
test_attribute_dtype (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> y\ny = Cast<to=1>(x)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (2, (double[]) { 1.75, -300.5 }));

  set_attribute (debugger, node_at (debugger, 0), "to", "i16");
  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "y", "[1, -300]");
}

static void
test_mute (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> z\ny = Exp(x)\nz = Add(y, x)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (2, (double[]) { 3, 5 }));
  g_autoptr (GError) error = NULL;

  ox_debugger_pass_over (debugger, node_at (debugger, 0), OX_EDIT_MUTE, -1, "mute y", &error);
  g_assert_no_error (error);
  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "y", "[0, 0]");
  is (debugger, "z", "[3, 5]");
  ox_debugger_drop_edit (debugger, 0);
  move (debugger, OX_MOVE_AGAIN);
  is (debugger, "z", "[23.0855, 153.413]");
}

static void
test_identity (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> z, s\ny = Sub(x, f64[2]{10, 20})\nz = Neg(y)\ns = Shape(y)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (2, (double[]) { 3, 5 }));
  OxNode *sub = ox_graph_slot (model->graph, ox_graph_find (model->graph, "y"))->producer;
  OxNode *shape = ox_graph_slot (model->graph, ox_graph_find (model->graph, "s"))->producer;
  g_autoptr (GError) error = NULL;

  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "z", "[7, 15]");
  ox_debugger_pass_over (debugger, sub, OX_EDIT_IDENTITY, -1, "identity y", &error);
  g_assert_no_error (error);
  move (debugger, OX_MOVE_AGAIN);
  is (debugger, "z", "[-3, -5]");
  ox_debugger_pass_over (debugger, sub, OX_EDIT_IDENTITY, 1, "identity y 1", &error);
  g_assert_no_error (error);
  move (debugger, OX_MOVE_AGAIN);
  is (debugger, "z", "[-10, -20]");
  g_assert_false (ox_debugger_pass_over (debugger, sub, OX_EDIT_IDENTITY, 2, "", &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (ox_debugger_pass_over (debugger, shape, OX_EDIT_IDENTITY, -1, "", &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_DTYPE);
  g_assert_nonnull (strstr (error->message, "'s' (i64 1)"));
  g_assert_cmpuint (ox_debugger_n_edits (debugger), ==, 2);
}

/* One that nobody knows fails, is passed over, and the run goes on from there. */
static void
test_unknown (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> z\ny = Riddle(x)\nz = Neg(y)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (2, (double[]) { 3, 5 }));
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (move (debugger, OX_MOVE_CONTINUE)->reason, ==, OX_STOP_FAILED);
  g_assert_false (ox_debugger_pass_over (debugger, node_at (debugger, 0), OX_EDIT_MUTE, -1, "", &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_clear_error (&error);
  ox_debugger_pass_over (debugger, node_at (debugger, 0), OX_EDIT_IDENTITY, -1, "", &error);
  g_assert_no_error (error);
  g_assert_cmpint (move (debugger, OX_MOVE_CONTINUE)->reason, ==, OX_STOP_END);
  is (debugger, "z", "[-3, -5]");
}

/* The input 5 elements long does not fit its reader's bias of 2. */
static void
test_identity_shape (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> z\ny = Slice(x, i64[1]{0}, i64[1]{2})\nz = Add(y, f64[2]{10, 20})");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (5, (double[]) { 1, 2, 3, 4, 5 }));
  OxNode *slice = ox_graph_slot (model->graph, ox_graph_find (model->graph, "y"))->producer;
  g_autoptr (GError) error = NULL;

  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "z", "[11, 22]");
  g_assert_false (ox_debugger_pass_over (debugger, slice, OX_EDIT_IDENTITY, -1, "", &error));
  g_assert_nonnull (strstr (error->message, "would not take it"));
}

/* ---- only what follows is computed ----------------------------------------------------------------------------- */

static guint64
again (OxDebugger *debugger)
{
  guint64 before = ox_debugger_kernels (debugger);

  g_assert_cmpint (move (debugger, OX_MOVE_AGAIN)->reason, !=, OX_STOP_FAILED);
  return ox_debugger_kernels (debugger) - before;
}

static void
fill (OxDebugger *debugger, const char *name, double number)
{
  OxGraph *graph = ox_debugger_get_model (debugger)->graph;
  int slot = ox_graph_find (graph, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (OxValue) value = ox_debugger_dup_value (debugger, graph, slot, &error);
  g_autoptr (OxValue) filled = ox_value_new_tensor (ox_edit_fill (ox_value_get_tensor (value), number, &error));

  g_assert_no_error (error);
  ox_debugger_edit (debugger, graph, slot, filled, name);
}

/* Every value of the main graph is what a debugger that starts with the same edits computes, to the bit. */
static void
equals_fresh (OxDebugger *debugger, const char *input)
{
  OxModel *model = ox_debugger_get_model (debugger);
  g_autoptr (OxDebugger) fresh = debugger_of (model, input, ox_value_ref (ox_debugger_get_input (debugger, input)));

  for (guint i = 0; i < ox_debugger_n_edits (debugger); i++)
    {
      const OxEdit *edit = ox_debugger_get_edit (debugger, i);

      g_assert_cmpint (edit->kind, ==, OX_EDIT_VALUE);
      ox_debugger_edit (fresh, edit->graph, edit->slot, edit->value, edit->what);
    }
  move (fresh, OX_MOVE_AGAIN);
  ox_debugger_restart (fresh);
  move (fresh, OX_MOVE_CONTINUE);
  for (int i = 0; i < (int) model->graph->slots->len; i++)
    {
      g_autoptr (OxValue) one = ox_debugger_dup_value (debugger, model->graph, i, NULL);
      g_autoptr (OxValue) other = ox_debugger_dup_value (fresh, model->graph, i, NULL);
      OxTensor *a = ox_value_get_tensor (one), *b = ox_value_get_tensor (other);

      g_assert_true (ox_tensor_same_shape (a, b));
      g_assert_cmpmem (a->data, ox_tensor_bytes (a), b->data, ox_tensor_bytes (b));
    }
}

static const char *const forked = "x -> y, s\na = Exp(x)\nn = RandomNormalLike(x)\nb = Add(a, n)\nc = Mul(b, f64[2]{3, 4})\n"
                                "y = Neg(c)\ns = Sub(n, a)";

static void
test_descendants (void)
{
  g_autoptr (OxModel) model = whole_model (17, forked);
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (2, (double[]) { 1, 2 }));
  const char *weight = g_ptr_array_index (ox_graph_slot (model->graph, ox_graph_find (model->graph, "c"))->producer->input_names, 1);

  move (debugger, OX_MOVE_CONTINUE);
  g_assert_cmpuint (ox_debugger_kernels (debugger), ==, 6);
  fill (debugger, "b", 2);
  g_assert_cmpuint (again (debugger), ==, 2);   /* c, y */
  is (debugger, "y", "[-6, -8]");
  equals_fresh (debugger, "x");
  fill (debugger, weight, 5);
  g_assert_cmpuint (again (debugger), ==, 2);
  is (debugger, "y", "[-10, -10]");
  equals_fresh (debugger, "x");
  fill (debugger, "n", 0);
  g_assert_cmpuint (again (debugger), ==, 1);   /* s; b is still what it was made */
  equals_fresh (debugger, "x");
  ox_debugger_drop_edit (debugger, 0);
  g_assert_cmpuint (again (debugger), ==, 3);   /* b, c, y */
  equals_fresh (debugger, "x");
  ox_debugger_drop_edit (debugger, 1);
  g_assert_cmpuint (again (debugger), ==, 5);   /* n is drawn again; b, c, y, s */
  ox_debugger_drop_edit (debugger, 0);
  g_assert_cmpuint (again (debugger), ==, 2);
  g_assert_cmpuint (ox_debugger_n_edits (debugger), ==, 0);
  equals_fresh (debugger, "x");
  fill (debugger, "x", 1);
  g_assert_cmpuint (again (debugger), ==, 6);
  equals_fresh (debugger, "x");
}

/* Before the first node, too. */
static void
test_before_start (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> y\ny = Mul(x, f64[2]{3, 4})");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (2, (double[]) { 1, 2 }));
  const char *weight = g_ptr_array_index (node_at (debugger, 0)->input_names, 1);

  fill (debugger, weight, 5);
  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "y", "[5, 10]");
  move (debugger, OX_MOVE_TO_START);
  fill (debugger, "x", 3);
  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "y", "[15, 15]");
  move (debugger, OX_MOVE_TO_START);
  ox_debugger_drop_edit (debugger, 0);
  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "y", "[9, 12]");
}

/* A weight that was changed is still that when a value beyond the budget is computed again. */
static void
test_dropped (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> z\ny = Mul(x, f64[2]{3, 4})\nz = Neg(y)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (2, (double[]) { 1, 2 }));

  ox_debugger_set_budget (debugger, 0);
  fill (debugger, g_ptr_array_index (node_at (debugger, 0)->input_names, 1), 5);
  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "y", "[5, 10]");
  is (debugger, "z", "[-5, -10]");
}

/* Where the bits come out the same, nothing follows. */
static void
test_descendants_cut (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> z\ny = Relu(x)\nz = Exp(y)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (2, (double[]) { -1, -2 }));

  move (debugger, OX_MOVE_CONTINUE);
  fill (debugger, "x", -3);
  g_assert_cmpuint (again (debugger), ==, 1);
  is (debugger, "z", "[1, 1]");
  equals_fresh (debugger, "x");
}

/* What does not fit into the budget is computed again; what is kept stays within it. */
static void
test_descendants_budget (void)
{
  g_autoptr (OxModel) model = whole_model (17, forked);
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (2, (double[]) { 1, 2 }));

  ox_debugger_set_budget (debugger, 0);
  move (debugger, OX_MOVE_CONTINUE);
  fill (debugger, "b", 2);
  again (debugger);
  is (debugger, "y", "[-6, -8]");
  equals_fresh (debugger, "x");
  ox_debugger_drop_edit (debugger, 0);
  again (debugger);
  equals_fresh (debugger, "x");
}

/* acc = acc + exp(k), three times. */
static OxModel *
loop_model (void)
{
  OxModel *model = model_new (17);
  OxGraph *graph = model->graph, *body;
  OxNode *node;

  ox_graph_add_input (graph, "k", NULL);
  add_constant (graph, "times", ox_tensor_new_scalar (OX_I64, 3));
  add_constant (graph, "go", ox_tensor_new_scalar (OX_BOOL, 1));
  add (graph, "Neg", "first", "k", "start");
  node = add (graph, "Loop", "loop", "times go start", "end all");
  body = add_body (node, "body", "i on acc");
  add (body, "Identity", "on", "on", "on_out");
  add (body, "Exp", "exp", "k", "e");
  add (body, "Add", "add", "acc e", "acc_out");
  add (body, "Sqrt", "sqrt", "e", "root");
  add_outputs (body, "on_out acc_out root");
  add (graph, "Neg", "last", "end", "y");
  add (graph, "Exp", "after", "all", "z");
  add_outputs (graph, "y z");
  link_good (model);
  return model;
}

static void
test_descendants_loop (void)
{
  g_autoptr (OxModel) model = loop_model ();
  g_autoptr (OxDebugger) debugger = debugger_of (model, "k", doubles (1, (double[]) { 0 }));

  move (debugger, OX_MOVE_CONTINUE);
  is (debugger, "y", "[-3]");
  fill (debugger, "start", 10);
  g_assert_cmpuint (again (debugger), ==, 4);   /* three times Add, and the last Neg */
  is (debugger, "y", "[-13]");
  equals_fresh (debugger, "k");
  ox_debugger_drop_edit (debugger, 0);
  g_assert_cmpuint (again (debugger), ==, 5);   /* and start itself */
  is (debugger, "y", "[-3]");
  equals_fresh (debugger, "k");
  ox_debugger_set_budget (debugger, 0);
  fill (debugger, "times", 2);
  again (debugger);
  is (debugger, "y", "[-2]");
  equals_fresh (debugger, "k");
}

/* ---- values --------------------------------------------------------------------------------------------------- */

static void
through (OxDtype dtype, guint n, const double *from, const double *expected)
{
  g_autoptr (OxTensor) tensor = list_of (OX_F32, n, from);
  g_autoptr (GError) error = NULL;
  g_autoptr (OxTensor) changed = ox_edit_through (tensor, dtype, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (ox_tensor_get (changed, i), expected[i], 1e-6);
}

static void
test_through (void)
{
  /* scale 254 / 127 = 2; ties to even */
  through (OX_I8, 5, (double[]) { 254, -254, 3, 5, 0.9 }, (double[]) { 254, -254, 4, 4, 0 });
  /* scale 510 / 255 = 2 */
  through (OX_U8, 3, (double[]) { 510, -510, 3.1 }, (double[]) { 510, 0, 4 });
  /* scale 14 / 7 = 2 */
  through (OX_I4, 4, (double[]) { -14, 14, 2.9, 3.1 }, (double[]) { -14, 14, 2, 4 });
  through (OX_I8, 2, (double[]) { 0, 0 }, (double[]) { 0, 0 });
  through (OX_I32, 2, (double[]) { 1.75, -2.5 }, (double[]) { 2, -2 });
  /* 11, 8, 4 and 3 bits of fraction with the leading one */
  through (OX_F16, 2, (double[]) { 2049, 4099 }, (double[]) { 2048, 4100 });
  through (OX_BF16, 2, (double[]) { 257, 259 }, (double[]) { 256, 260 });
  through (OX_F8E4M3FN, 2, (double[]) { 17, 19 }, (double[]) { 16, 20 });
  through (OX_F8E4M3FNUZ, 2, (double[]) { 17, 19 }, (double[]) { 16, 20 });
  through (OX_F8E5M2, 2, (double[]) { 9, 11 }, (double[]) { 8, 12 });
  through (OX_F8E5M2FNUZ, 2, (double[]) { 9, 11 }, (double[]) { 8, 12 });
}

/* ---- beside the run without changes --------------------------------------------------------------------------- */

static const OxVersusValue *
find_versus (OxVersus *versus, const char *name)
{
  GPtrArray *values = ox_versus_values (versus);

  for (guint i = 0; i < values->len; i++)
    {
      const OxVersusValue *value = g_ptr_array_index (values, i);

      if (g_str_equal (g_ptr_array_index (value->node->output_names, value->output), name))
        return value;
    }
  return NULL;
}

static OxVersus *
run_versus (OxDebugger *debugger)
{
  OxVersus *versus = ox_debugger_versus (debugger);
  g_autoptr (GError) error = NULL;

  ox_versus_run (versus, NULL, &error);
  g_assert_no_error (error);
  return versus;
}

static void
test_versus (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> z, w\ny = Neg(x)\nz = Add(y, y)\nw = Abs(x)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "x", doubles (2, (double[]) { 3, 4 }));
  int slot = ox_graph_find (model->graph, "y");
  g_autoptr (OxValue) other = doubles (2, (double[]) { -3, -6 });
  g_autoptr (OxVersus) versus = NULL;
  g_autofree char *line = NULL, *json = NULL;
  const OxVersusValue *z;

  move (debugger, OX_MOVE_CONTINUE);
  ox_debugger_edit (debugger, model->graph, slot, other, "set");
  versus = run_versus (debugger);
  z = find_versus (versus, "z");
  g_assert_cmpint (z->kind, ==, OX_VERSUS_MOVED);
  g_assert_true (z == ox_versus_output (versus, 0));
  g_assert_cmpint (z->difference.outside, ==, 1);
  g_assert_cmpint (z->difference.first, ==, 1);
  g_assert_cmpfloat (z->difference.max_abs, ==, 4);
  g_assert_cmpfloat (z->difference.max_rel, ==, 0.5);
  g_assert_cmpfloat (z->first_without, ==, -8);
  g_assert_cmpfloat (z->first_with, ==, -12);
  /* (6 * 6 + 8 * 12) / (10 * sqrt (36 + 144)) */
  g_assert_cmpfloat_with_epsilon (z->difference.cosine, 132 / (10 * sqrt (180)), 1e-12);
  /* sqrt (16 / 2) / sqrt (100 / 2) */
  g_assert_cmpfloat_with_epsilon (z->moved, 0.4, 1e-12);
  g_assert_cmpint (find_versus (versus, "w")->kind, ==, OX_VERSUS_SAME);
  g_assert_cmpuint (ox_versus_n_same (versus), ==, 1);
  line = ox_versus_value_describe (z);
  g_assert_nonnull (strstr (line, "first [1]: -8 -> -12"));
  json = ox_versus_to_json (versus);
  g_assert_nonnull (strstr (json, "\"max_abs\" : 4"));
}

/* A Loop that ends earlier, and a run without the change that cannot go on. */
static void
test_versus_flow (void)
{
  g_autoptr (OxModel) model = loop_model (), riddle = whole_model (17, "x -> z\ny = Riddle(x)\nz = Neg(y)");
  g_autoptr (OxDebugger) debugger = debugger_of (model, "k", doubles (1, (double[]) { 0 }));
  g_autoptr (OxDebugger) other = debugger_of (riddle, "x", doubles (1, (double[]) { 2 }));
  g_autoptr (OxVersus) versus = NULL, alone = NULL;
  g_autoptr (GError) error = NULL;
  guint only = 0;

  move (debugger, OX_MOVE_CONTINUE);
  fill (debugger, "times", 2);
  versus = run_versus (debugger);
  for (guint i = 0; i < ox_versus_values (versus)->len; i++)
    only += ((OxVersusValue *) g_ptr_array_index (ox_versus_values (versus), i))->kind == OX_VERSUS_ONLY_WITHOUT;
  g_assert_cmpuint (only, ==, 4);   /* the nodes of the third iteration */
  g_assert_cmpfloat (find_versus (versus, "y")->difference.max_abs, ==, 1);
  g_assert_cmpstr (find_versus (versus, "z")->text, ==, "was f64 3x1");
  ox_debugger_pass_over (other, node_at (other, 0), OX_EDIT_IDENTITY, -1, "", &error);
  g_assert_no_error (error);
  alone = run_versus (other);
  g_assert_null (ox_versus_failure (alone, TRUE));
  g_assert_nonnull (strstr (ox_versus_failure (alone, FALSE), "Riddle"));
  g_assert_cmpint (find_versus (alone, "z")->kind, ==, OX_VERSUS_ONLY_WITH);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edit/attribute", test_attribute);
  g_test_add_func ("/edit/attribute-away", test_attribute_away);
  g_test_add_func ("/edit/attribute-refused", test_attribute_refused);
  g_test_add_func ("/edit/attribute-dtype", test_attribute_dtype);
  g_test_add_func ("/edit/mute", test_mute);
  g_test_add_func ("/edit/identity", test_identity);
  g_test_add_func ("/edit/identity-shape", test_identity_shape);
  g_test_add_func ("/edit/unknown", test_unknown);
  g_test_add_func ("/edit/descendants", test_descendants);
  g_test_add_func ("/edit/before-start", test_before_start);
  g_test_add_func ("/edit/dropped", test_dropped);
  g_test_add_func ("/edit/descendants-cut", test_descendants_cut);
  g_test_add_func ("/edit/descendants-budget", test_descendants_budget);
  g_test_add_func ("/edit/descendants-loop", test_descendants_loop);
  g_test_add_func ("/edit/through", test_through);
  g_test_add_func ("/edit/versus", test_versus);
  g_test_add_func ("/edit/versus-flow", test_versus_flow);
  return g_test_run ();
}
