/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/ox-edit.h"
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
  return g_test_run ();
}
