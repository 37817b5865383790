/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-debugger.h"
#include "debug/ox-iterations.h"

#include "models.h"

/* s = 0; for k in 0, 1, 2: { for j in 0, 1, 2, 3: s = s + j }, so that the inner Loop of outer iteration k begins with 6 k and
 * has 6 k + (0 + ... + j - 1) before iteration j. An inner iteration collects [s, 10 / j], which is infinite at 0. */
static OxModel *
loops_model (void)
{
  const gint64 one = 1;
  OxModel *model = model_new (17);
  OxGraph *g = model->graph, *body, *inner;
  OxNode *loop;
  g_autoptr (GError) error = NULL;

  add_constant (g, "three", ox_tensor_new_scalar (OX_I64, 3));
  add_constant (g, "four", ox_tensor_new_scalar (OX_I64, 4));
  add_constant (g, "ten", tensor_of (OX_F32, 1, &one, (const double[]){ 10 }));
  add_constant (g, "yes", ox_tensor_new_scalar (OX_BOOL, 1));
  add_constant (g, "zero", ox_tensor_new_scalar (OX_F32, 0));
  loop = add (g, "Loop", "outer", "three yes zero", "sum pairs");
  body = add_body (loop, "body", "k go s");
  add (body, "Identity", "", "go", "on");
  loop = add (body, "Loop", "inner", "four yes s", "s_out collected");
  add_outputs (body, "on s_out collected");
  inner = add_body (loop, "body", "j go_in t");
  add (inner, "Identity", "", "go_in", "on_in");
  set_int (add (inner, "Cast", "cast", "j", "jf"), "to", 1);
  add (inner, "Add", "step", "t jf", "t_out");
  add (inner, "Div", "divide", "ten jf", "part");
  add_constant (inner, "shape", list_of (OX_I64, 1, (const double[]){ 1 }));
  add (inner, "Reshape", "list", "t_out shape", "t_list");
  set_int (add (inner, "Concat", "pair", "t_list part", "both"), "axis", 0);
  add_outputs (inner, "on_in t_out both");
  ox_graph_add_output (g, "sum", NULL);
  ox_graph_add_output (g, "pairs", NULL);
  ox_model_link (model, &error);
  g_assert_no_error (error);
  return model;
}

static OxGraph *
body_of (OxGraph *graph, const char *name)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_str_equal (ox_graph_node (graph, i)->name, name))
      return g_ptr_array_index (ox_node_attribute (ox_graph_node (graph, i), "body")->graphs, 0);
  g_assert_not_reached ();
}

static const OxIteration *
row (const OxIterations *iterations, guint series, guint at)
{
  const OxIterationSeries *s = g_ptr_array_index (iterations->series, series);

  g_assert_cmpuint (at, <, s->rows->len);
  return &g_array_index (s->rows, OxIteration, at);
}

static OxIterations *
look (OxDebugger *debugger, OxGraph *body, const GArray *place, gint64 opening)
{
  g_autoptr (OxSession) session = ox_debugger_new_replay (debugger);
  g_autoptr (GError) error = NULL;
  GPtrArray *series = ox_iterations_carried (body);
  OxIterations *found;

  for (guint i = 0; i < series->len; i++)
    {
      OxIterationSeries *s = g_ptr_array_index (series, i);

      s->n_index = 1;
      s->index[0] = 1;
    }
  found = ox_iterations_run (session, body, series, place, opening, NULL, &error);
  g_assert_no_error (error);
  return found;
}

static void
check_inner (const OxIterations *found, guint k)
{
  static const double before[] = { 0, 0, 1, 3, 6 };

  g_assert_cmpuint (found->opening, ==, k);
  g_assert_cmpint (found->iterations, ==, 4);
  g_assert_cmpuint (found->series->len, ==, 2);
  for (guint j = 0; j <= 4; j++)
    {
      g_assert_cmpint (row (found, 0, j)->iteration, ==, j);
      g_assert_cmpfloat (row (found, 0, j)->mean, ==, 6 * k + before[j]);
      g_assert_cmpfloat (row (found, 0, j)->norm, ==, 6 * k + before[j]);
    }
  for (guint j = 1; j < 4; j++)
    {
      const OxIteration *both = row (found, 1, j);
      double sum = 6 * k + before[j + 1], part = (double) (float) (10.0 / j);

      g_assert_cmpint (both->count, ==, 2);
      g_assert_cmpint (both->bad, ==, 0);
      g_assert_cmpfloat (both->element, ==, part);
      g_assert_cmpfloat (both->max, ==, MAX (sum, part));
      g_assert_cmpfloat_with_epsilon (both->norm, hypot (sum, part), 1e-9 * both->norm);
    }
  g_assert_cmpint (row (found, 1, 0)->bad, ==, 1);
  g_assert_true (isinf (row (found, 1, 0)->element));
  g_assert_cmpfloat (row (found, 1, 0)->max, ==, 6 * k);
}

static void
test_nested (void)
{
  g_autoptr (OxModel) model = loops_model ();
  g_autoptr (OxDebugger) debugger = ox_debugger_new (model);
  OxGraph *outer = body_of (model->graph, "outer"), *inner = body_of (outer, "inner");
  g_autoptr (OxIterations) around = look (debugger, outer, NULL, -1), last = look (debugger, inner, NULL, -1);
  g_autoptr (OxIterations) first = look (debugger, inner, NULL, 0), here = NULL;
  g_autoptr (GArray) place = NULL;
  g_autoptr (GError) error = NULL;
  OxFrame *frame;

  g_assert_cmpint (around->iterations, ==, 3);
  for (guint k = 0; k <= 3; k++)
    g_assert_cmpfloat (row (around, 0, k)->mean, ==, 6 * k);
  check_inner (last, 2);
  check_inner (first, 0);
  g_assert_cmpuint (last->openings, ==, 3);
  g_assert_cmpstr (last->where, ==, "main / Loop 'outer' iteration 2");

  /* A row's turn leads there, and the frame one stands in then tells which opening it is. */
  ox_debugger_go (debugger, &(OxGoal){ .move = OX_MOVE_TO_TIME, .time = row (last, 0, 3)->turn }, NULL, &error);
  g_assert_no_error (error);
  frame = ox_debugger_get_frame (debugger, 2);
  g_assert_true (frame != NULL && frame->graph == inner && ox_iterations_has (last, frame) && !ox_iterations_has (first, frame));
  g_assert_cmpint (frame->iteration, ==, 3);
  ox_debugger_go (debugger, &(OxGoal){ .move = OX_MOVE_TO_TIME, .time = row (around, 0, 1)->turn }, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ox_debugger_get_frame (debugger, 1)->iteration, ==, 1);
  ox_debugger_move (debugger, OX_MOVE_OVER, NULL, NULL, &error);
  ox_debugger_move (debugger, OX_MOVE_IN, NULL, NULL, &error);
  g_assert_no_error (error);
  place = ox_iterations_place (ox_debugger_get_frame (debugger, 2));
  here = look (debugger, inner, place, -1);
  check_inner (here, 1);
  g_assert_true (ox_iterations_has (here, ox_debugger_get_frame (debugger, 2)));
}

static void
test_refused (void)
{
  g_autoptr (OxModel) model = loops_model ();
  g_autoptr (OxDebugger) debugger = ox_debugger_new (model);
  g_autoptr (OxSession) session = ox_debugger_new_replay (debugger);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) none = ox_iterations_carried (model->graph);

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_null (ox_iterations_run (session, model->graph, ox_iterations_new_series (), NULL, -1, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_null (ox_iterations_run (session, body_of (model->graph, "outer"), ox_iterations_new_series (), NULL, 1, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_assert_cmpstr (error->message, ==, "the run comes to it 1 times");
}

/* A run that fails on the way shows how far it came: [2] becomes [2, 2], and that [2, 2, 2, 2], which is no 2. */
static void
test_failure (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxDebugger) debugger = NULL;
  g_autoptr (OxIterations) found = NULL;
  g_autoptr (GError) error = NULL;
  OxGraph *g = model->graph, *body;
  OxNode *loop;

  add_constant (g, "nine", ox_tensor_new_scalar (OX_I64, 9));
  add_constant (g, "yes", ox_tensor_new_scalar (OX_BOOL, 1));
  add_constant (g, "x", list_of (OX_F32, 1, (const double[]){ 2 }));
  loop = add (g, "Loop", "grow", "nine yes x", "y");
  body = add_body (loop, "body", "i go s");
  add_constant (body, "limit", list_of (OX_I64, 1, (const double[]){ 2 }));
  add (body, "Identity", "", "go", "on");
  set_int (add (body, "Concat", "twice", "s s", "ss"), "axis", 0);
  add (body, "Expand", "fits", "ss limit", "wide");
  add_outputs (body, "on ss");
  ox_graph_add_output (g, "y", NULL);
  ox_model_link (model, &error);
  g_assert_no_error (error);
  debugger = ox_debugger_new (model);
  found = look (debugger, body_of (g, "grow"), NULL, -1);
  g_assert_nonnull (found->failure);
  g_assert_nonnull (strstr (found->failure, "Expand"));
  g_assert_cmpint (row (found, 0, 0)->count, ==, 1);
  g_assert_cmpfloat (row (found, 0, 0)->norm, ==, 2);
  g_assert_cmpint (row (found, 0, 1)->count, ==, 2);
  g_assert_cmpfloat_with_epsilon (row (found, 0, 1)->norm, sqrt (8), 1e-12);
  g_assert_cmpint (found->iterations, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/iterations/nested", test_nested);
  g_test_add_func ("/iterations/refused", test_refused);
  g_test_add_func ("/iterations/failure", test_failure);
  return g_test_run ();
}
