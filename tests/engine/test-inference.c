/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "models.h"
#include "session/ox-inference.h"

static OxType *
named (OxDtype dtype, const char *dims)
{
  g_auto (GStrv) words = g_strsplit (dims, " ", -1);
  int rank = (int) g_strv_length (words);
  OxType *type = ox_type_new (OX_TYPE_TENSOR, dtype);

  ox_type_set_rank (type, rank);
  for (int i = 0; i < rank; i++)
    if (g_ascii_isdigit (words[i][0]))
      ox_type_set_dim (type, i, g_ascii_strtoll (words[i], NULL, 10), NULL);
    else
      ox_type_set_dim (type, i, -1, words[i]);
  return type;
}

static void
infer (OxModel *model)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  ox_model_link (model, &error);
  g_assert_no_error (error);
  g_assert_true (ox_model_infer (model, problems, NULL));
  if (problems->len > 0)
    g_assert_cmpstr (g_ptr_array_index (problems, 0), ==, NULL);
}

static void
assert_type (OxGraph *graph, const char *name, const char *expected)
{
  const OxSlot *slot = ox_graph_slot (graph, ox_graph_find (graph, name));
  g_autofree char *text = NULL;

  g_assert_nonnull (slot);
  text = ox_type_to_string (slot->inferred);
  g_assert_cmpstr (text, ==, expected);
}

static OxGraph *
body_of (OxNode *node, const char *attribute)
{
  return g_ptr_array_index (ox_node_attribute (node, attribute)->graphs, 0);
}

/* shape (x) = [N, 6]; its first element times two, then -1: a Reshape of x to [2N, ?]. */
static void
test_shape_arithmetic (void)
{
  const double zero = 0, two = 2, minus = -1;
  g_autoptr (OxModel) model = model_new (17);
  OxGraph *g = model->graph;

  ox_graph_add_input (g, "x", named (OX_F32, "N 6"));
  add_constant (g, "zero", list_of (OX_I64, 1, &zero));
  add_constant (g, "two", list_of (OX_I64, 1, &two));
  add_constant (g, "minus", list_of (OX_I64, 1, &minus));
  add (g, "Shape", "", "x", "shape");
  add (g, "Gather", "", "shape zero", "n");
  add (g, "Mul", "", "n two", "n2");
  set_int (add (g, "Concat", "", "n2 minus", "target"), "axis", 0);
  add (g, "Reshape", "", "x target", "y");
  add_outputs (g, "y");
  infer (model);
  assert_type (g, "y", "f32 2*Nx3");
}

/* What follows from constants is computed: the places of the elements of [0, 3, 0, 5] that are not 0 are two. */
static void
test_constants (void)
{
  const double values[] = { 0, 3, 0, 5 };
  g_autoptr (OxModel) model = model_new (17);
  OxGraph *g = model->graph;

  add_constant (g, "c", list_of (OX_F32, 4, values));
  add (g, "NonZero", "", "c", "places");
  add (g, "Squeeze", "", "places", "list");
  add (g, "ConstantOfShape", "", "list", "y");
  add_outputs (g, "y");
  infer (model);
  assert_type (g, "places", "i64 1x2");
  assert_type (g, "y", "f32 1x3");
}

/* Both branches of an If: where they differ nothing is known; with a constant condition only one counts. */
static void
check_if (const char *condition, const char *expected)
{
  g_autoptr (OxModel) model = model_new (17);
  OxGraph *g = model->graph, *body;
  OxNode *node;

  ox_graph_add_input (g, "x", named (OX_F32, "N 3"));
  ox_graph_add_input (g, "flag", ox_type_new_tensor (OX_BOOL, 0, NULL));
  add_constant (g, "yes", ox_tensor_new_scalar (OX_BOOL, 1));
  node = add (g, "If", "", condition, "y");
  body = add_body (node, "then_branch", "");
  set_int (add (body, "Concat", "", "x x", "t"), "axis", 0);
  add_outputs (body, "t");
  body = add_body (node, "else_branch", "");
  add (body, "Neg", "", "x", "e");
  add_outputs (body, "e");
  add_outputs (g, "y");
  infer (model);
  assert_type (g, "y", expected);
  assert_type (body_of (node, "then_branch"), "t", "f32 2*Nx3");
}

static void
test_if (void)
{
  check_if ("flag", "f32 ?x3");
  check_if ("yes", "f32 2*Nx3");
}

/* What a loop carries: s grows, k stays; m is stacked as often as the loop runs. */
static void
test_loop (void)
{
  g_autoptr (OxModel) model = model_new (17);
  OxGraph *g = model->graph, *body;
  OxNode *node;

  ox_graph_add_input (g, "x", named (OX_F32, "N 3"));
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, 5));
  node = add (g, "Loop", "", "trips - x x", "s k m");
  body = add_body (node, "body", "i go s0 k0");
  set_int (add (body, "Concat", "", "s0 k0", "s1"), "axis", 0);
  add (body, "Neg", "", "k0", "k1");
  add_outputs (body, "go s1 k1 k0");
  add_outputs (g, "s k m");
  infer (model);
  assert_type (g, "s", "f32 ?x3");
  assert_type (g, "k", "f32 Nx3");
  assert_type (g, "m", "f32 5xNx3");
  assert_type (body_of (node, "body"), "s1", "f32 ?x3");
  assert_type (body_of (node, "body"), "i", "i64 []");
}

/* When the body may stop the loop, nobody knows how often it runs; and a state may change its type only to be wrong. */
static void
test_loop_open (void)
{
  g_autoptr (OxModel) model = model_new (17);
  OxGraph *g = model->graph, *body;
  OxNode *node;

  ox_graph_add_input (g, "x", named (OX_F32, "N"));
  ox_graph_add_input (g, "flags", named (OX_BOOL, "5"));
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, 5));
  node = add (g, "Loop", "", "trips - x", "s m");
  body = add_body (node, "body", "i go s0");
  add (body, "Gather", "", "flags i", "flag");
  add (body, "Neg", "", "s0", "s1");
  add_outputs (body, "flag s1 s1");
  add_outputs (g, "s m");
  infer (model);
  assert_type (g, "s", "f32 N");
  assert_type (g, "m", "f32 ?xN");
}

static void
test_scan (void)
{
  const gint64 axis = 1;
  g_autoptr (OxModel) model = model_new (17);
  OxGraph *g = model->graph, *body;
  OxNode *node;

  ox_graph_add_input (g, "start", named (OX_F32, "4"));
  ox_graph_add_input (g, "x", named (OX_F32, "4 T"));
  node = add (g, "Scan", "", "start x", "end ys");
  set_int (node, "num_scan_inputs", 1);
  set_ints (node, "scan_input_axes", 1, &axis);
  set_ints (node, "scan_output_axes", 1, &axis);
  body = add_body (node, "body", "state item");
  add (body, "Add", "", "state item", "sum");
  add_outputs (body, "sum item");
  add_outputs (g, "end ys");
  infer (model);
  assert_type (body, "sum", "f32 4");
  assert_type (g, "end", "f32 4");
  assert_type (g, "ys", "f32 4xT");
}

static OxFunction *
function_new (OxModel *model, const char *name, const char *inputs, const char *outputs)
{
  OxFunction *function = ox_function_new (model, "local", name, "");
  g_auto (GStrv) names = g_strsplit (inputs, " ", -1);
  OxOpset import = { g_strdup ("ai.onnx"), 17 }, local = { g_strdup ("local"), 1 };

  g_array_append_val (function->opsets, import);
  g_array_append_val (function->opsets, local);
  for (int i = 0; names[i] != NULL; i++)
    ox_graph_add_input (function->body, names[i], NULL);
  add_outputs (function->body, outputs);
  return function;
}

static OxNode *
call (OxGraph *graph, const char *name, const char *in, const char *out)
{
  OxNode *node = add (graph, name, "", in, out);

  g_free (node->domain);
  node->domain = g_strdup ("local");
  return node;
}

/* A function that joins its input with itself along an axis that the call says, called with two shapes; one around it. */
static void
test_functions (void)
{
  g_autoptr (OxModel) model = model_new (17);
  OxGraph *g = model->graph;
  OxOpset local = { g_strdup ("local"), 1 };
  OxFunction *twice, *around;
  OxAttribute *axis;

  g_array_append_val (model->opsets, local);
  twice = function_new (model, "Twice", "a b", "r");
  axis = ox_node_add_attribute (add (twice->body, "Concat", "", "a a", "r"), "axis", OX_ATTR_INT);
  axis->ref = g_strdup ("axis");
  around = function_new (model, "Around", "a", "r");
  set_int (call (around->body, "Twice", "a", "t"), "axis", 1);
  add (around->body, "Neg", "", "t", "r");
  ox_graph_add_input (g, "x", named (OX_F32, "N 3"));
  ox_graph_add_input (g, "z", named (OX_F32, "5 3"));
  set_int (call (g, "Twice", "x", "y"), "axis", 0);
  call (g, "Around", "z", "w");
  add_outputs (g, "y w");
  infer (model);
  assert_type (g, "y", "f32 2*Nx3");
  assert_type (g, "w", "f32 5x6");
  /* All calls have in common: */
  assert_type (twice->body, "a", "f32 ?x3");
  assert_type (twice->body, "r", "f32 ?x?");
  assert_type (around->body, "t", "f32 5x6");
}

/* Names are a function's own: its N is not the graph's. */
static void
test_function_names (void)
{
  g_autoptr (OxModel) model = model_new (17);
  OxGraph *g = model->graph;
  OxOpset local = { g_strdup ("local"), 1 };
  OxFunction *function;

  g_array_append_val (model->opsets, local);
  function = function_new (model, "Unknown", "a", "r");
  add (function->body, "NonZero", "", "a", "r");
  ox_graph_add_value_info (function->body, "r", named (OX_I64, "1 N"));
  ox_graph_add_input (g, "x", named (OX_F32, "N"));
  call (g, "Unknown", "x", "y");
  add_outputs (g, "y");
  infer (model);
  assert_type (g, "y", "i64 1x?");
}

/* A function that calls itself, and one that doubles its calls forty times over: no answer, and no end of time neither. */
static void
test_runaway (void)
{
  g_autoptr (OxModel) model = model_new (17);
  OxGraph *g = model->graph;
  OxOpset local = { g_strdup ("local"), 1 };
  OxFunction *self;

  g_array_append_val (model->opsets, local);
  self = function_new (model, "Self", "a", "r");
  call (self->body, "Self", "a", "r");
  for (int i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("F%d", i), *next = g_strdup_printf ("F%d", i + 1);
      OxFunction *function = function_new (model, name, "a", "r");

      call (function->body, next, "a", "b");
      call (function->body, next, "b", "r");
    }
  add (function_new (model, "F40", "a", "r")->body, "Neg", "", "a", "r");
  ox_graph_add_input (g, "x", named (OX_F32, "N"));
  call (g, "Self", "x", "y");
  call (g, "F0", "x", "z");
  add_outputs (g, "y z");
  infer (model);
  assert_type (g, "y", "?");
}

/* Loops in loops in loops…: each settles, but not each in each. */
static void
test_deep_loops (void)
{
  g_autoptr (OxModel) model = model_new (17);
  OxGraph *g = model->graph;
  const char *inner = "x";

  ox_graph_add_input (g, "x", named (OX_F32, "N"));
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, 2));
  for (int depth = 0; depth < 30; depth++)
    {
      g_autofree char *inputs = g_strdup_printf ("trips - %s", inner);
      g_autofree char *body_inputs = g_strdup_printf ("i%d go%d s", depth, depth);
      g_autofree char *outputs = g_strdup_printf ("go%d r", depth);
      OxNode *node = add (g, "Loop", "", inputs, depth == 0 ? "y" : "r");
      OxGraph *body = add_body (node, "body", body_inputs);

      add_outputs (body, outputs);
      g = body;
      inner = "s";
    }
  set_int (add (g, "Concat", "", "s s", "r"), "axis", 0);
  add_outputs (model->graph, "y");
  infer (model);
  assert_type (model->graph, "y", "f32 ?");
}

static void
note (const OxNode *node, OxInferenceProblem problem, const char *text, gpointer data)
{
  g_string_append_printf (data, "%d: %s\n", problem, text);
}

/* What a file declares and what follows. */
static void
test_contradiction (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (GString) said = g_string_new (NULL);
  const OxInferenceSink sink = { .problem = note, .data = said };
  OxGraph *g = model->graph;
  g_autoptr (GError) error = NULL;

  ox_graph_add_input (g, "x", named (OX_F32, "N 3"));
  add (g, "Neg", "", "x", "y");
  add (g, "Neg", "", "y", "z");
  ox_graph_add_value_info (g, "y", named (OX_F32, "M 4"));
  ox_graph_add_output (g, "z", named (OX_F32, "M 3"));
  ox_model_link (model, &error);
  g_assert_no_error (error);
  ox_model_infer_into (model, &sink, NULL);
  g_assert_cmpstr (said->str, ==, "2: output 'y' is declared f32 Mx4, but follows as f32 Nx3\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inference/shape-arithmetic", test_shape_arithmetic);
  g_test_add_func ("/inference/constants", test_constants);
  g_test_add_func ("/inference/if", test_if);
  g_test_add_func ("/inference/loop", test_loop);
  g_test_add_func ("/inference/loop-open", test_loop_open);
  g_test_add_func ("/inference/scan", test_scan);
  g_test_add_func ("/inference/functions", test_functions);
  g_test_add_func ("/inference/function-names", test_function_names);
  g_test_add_func ("/inference/runaway", test_runaway);
  g_test_add_func ("/inference/deep-loops", test_deep_loops);
  g_test_add_func ("/inference/contradiction", test_contradiction);
  return g_test_run ();
}
