/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-instrument.h"

#include "core/ox-error.h"
#include "model/ox-copy.h"
#include "models.h"
#include "session/ox-inference.h"

/* (transfer full) The model with its bodies instrumented, as a session that has run. */
static OxSession *
run (OxModel *model, OxInstrumented *counts, GPtrArray *left)
{
  g_autoptr (OxModel) copy = NULL;
  g_autoptr (GError) error = NULL;
  OxSession *session;

  ox_model_link (model, &error);
  g_assert_no_error (error);
  ox_model_infer (model, NULL, NULL);
  ox_model_instrument_bodies (model, counts, left);
  copy = ox_model_copy (model);
  ox_model_link (copy, &error);
  g_assert_no_error (error);
  session = ox_session_new (copy, NULL);
  ox_session_run (session, NULL, &error);
  g_assert_no_error (error);
  return session;
}

static void
assert_output (OxSession *session, const char *name, const char *expected)
{
  const OxGraph *graph = ox_session_get_model (session)->graph;

  for (guint i = 0; i < graph->output_infos->len; i++)
    if (g_str_equal (((OxSlot *) g_ptr_array_index (graph->output_infos, i))->name, name))
      {
        assert_value (ox_session_output (session, i), expected);
        return;
      }
  g_error ("there is no output '%s'", name);
}

static void
add_number (OxGraph *graph, const char *name, OxDtype dtype, double number)
{
  add_constant (graph, name, tensor_of (dtype, 0, NULL, &number));
}

/* v = v * 2 + i from 1, with the trip count 3: products 2, 4, 10; v 2, 5, 12. In all of them an If that doubles what is above 4. */
static OxModel *
loop_model (void)
{
  OxModel *model = model_new (17);
  OxNode *loop, *choice;
  OxGraph *body;

  add_number (model->graph, "trips", OX_I64, 3);
  add_number (model->graph, "start", OX_I64, 1);
  add_number (model->graph, "two", OX_I64, 2);
  add_number (model->graph, "four", OX_I64, 4);
  loop = add (model->graph, "Loop", "loop", "trips - start", "last");
  body = ox_graph_new (model, "body");
  g_ptr_array_add (ox_node_add_attribute (loop, "body", OX_ATTR_GRAPH)->graphs, body);
  ox_graph_add_input (body, "i", ox_type_new_tensor (OX_I64, 0, NULL));
  ox_graph_add_input (body, "go", ox_type_new_tensor (OX_BOOL, 0, NULL));
  ox_graph_add_input (body, "v", ox_type_new_tensor (OX_I64, 0, NULL));
  add (body, "Identity", "", "go", "on");
  add (body, "Mul", "", "v two", "product");
  add (body, "Add", "", "product i", "next");
  add (body, "Greater", "", "product four", "large");
  choice = add (body, "If", "choice", "large", "chosen");
  add (add_body (choice, "then_branch", ""), "Add", "", "product product", "twice");
  add_outputs (g_ptr_array_index (ox_node_attribute (choice, "then_branch")->graphs, 0), "twice");
  add (add_body (choice, "else_branch", ""), "Sub", "", "product four", "less");
  add_outputs (g_ptr_array_index (ox_node_attribute (choice, "else_branch")->graphs, 0), "less");
  add_outputs (body, "on next");
  add_outputs (model->graph, "last");
  return model;
}

static void
test_loop (void)
{
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (OxModel) model = loop_model ();
  g_autoptr (OxSession) session = NULL;
  OxInstrumented counts;

  session = run (model, &counts, left);
  assert_output (session, "last", "[][12]");
  assert_output (session, "loop/product", "[2, 4, 10]");
  assert_output (session, "loop/large", "[0, 0, 1]");
  /* 2 - 4, 4 - 4, 10 + 10 */
  assert_output (session, "loop/chosen", "[-2, 0, 20]");
  g_assert_cmpuint (counts.iterations, ==, 3);
  g_assert_cmpuint (counts.branches, ==, 0);
  g_assert_cmpuint (counts.main, ==, 3);
  g_assert_cmpuint (left->len, ==, 0);
}

/* Neg only where x is above y; the branch that is not taken gives nothing. */
static void
test_branches (void)
{
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  OxInstrumented counts;
  OxGraph *yes, *no;
  OxNode *choice;

  add_number (model->graph, "x", OX_F32, 5);
  add_number (model->graph, "y", OX_F32, 3);
  add (model->graph, "Greater", "", "x y", "above");
  choice = add (model->graph, "If", "choice", "above", "z");
  yes = add_body (choice, "then_branch", "");
  no = add_body (choice, "else_branch", "");
  add (yes, "Neg", "", "x", "minus");
  add (yes, "Abs", "", "minus", "plus");
  add_outputs (yes, "plus");
  add (no, "Add", "", "x y", "sum");
  add (no, "Neg", "", "sum", "minus_sum");
  add_outputs (no, "minus_sum");
  add_outputs (model->graph, "z");
  session = run (model, &counts, left);
  assert_output (session, "z", "[][5]");
  assert_output (session, "above", "[][1]");
  assert_output (session, "choice/minus", "[][-5]");
  assert_output (session, "choice/sum", "[]");
  g_assert_cmpuint (counts.branches, ==, 2);
  g_assert_cmpuint (counts.main, ==, 3);
  g_assert_cmpuint (left->len, ==, 0);
}

/* The list grows, so that it cannot be stacked; a sentence says so. */
static void
test_left (void)
{
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  OxInstrumented counts;
  const double one = 1;
  OxNode *loop;
  OxGraph *body;

  add_number (model->graph, "trips", OX_I64, 2);
  add_constant (model->graph, "start", list_of (OX_F32, 1, &one));
  loop = add (model->graph, "Loop", "loop", "trips - start", "last");
  body = add_body (loop, "body", "i go v");
  add (body, "Identity", "", "go", "on");
  add (body, "Concat", "", "v v", "longer");
  set_int (ox_graph_node (body, 1), "axis", 0);
  add (body, "Neg", "", "longer", "next");
  add_outputs (body, "on next");
  add_outputs (model->graph, "last");
  session = run (model, &counts, left);
  assert_output (session, "last", "[1, 1, 1, 1]");
  g_assert_cmpuint (counts.iterations, ==, 0);
  g_assert_cmpuint (left->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (left, 0), ==,
                   "1 value of a Loop or Scan has no shape that is known to be the same in every iteration");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/instrument/loop", test_loop);
  g_test_add_func ("/instrument/branches", test_branches);
  g_test_add_func ("/instrument/left", test_left);
  return g_test_run ();
}
