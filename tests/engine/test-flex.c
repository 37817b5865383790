/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-debugger.h"
#include "models.h"
#include "session/ox-inference.h"

/* FlexAttention with the graphs it brings along. Q has the heads 0 and 1, K the keys 0 and ln 3, V the values 4 and 8: the
 * plain result is half of each, 6, and a quarter and three quarters, 7. */

typedef enum { SCORES = 1 << 0, PROBS = 1 << 1, WRONG_SHAPE = 1 << 2, OUTER = 1 << 3 } Parts;

static OxType *
type_of (OxDtype dtype, const gint64 *dims)
{
  return ox_type_new_tensor (dtype, 4, dims);
}

static OxModel *
flex_model (OxDtype dtype, guint parts, gint64 precision, double scale)
{
  const double zero_ln3[] = { 0, 0x1.193ea7aad030bp+0 }, four_eight[] = { 4, 8 };
  OxModel *model = model_new (21);
  OxOpset preview = { g_strdup ("ai.onnx.preview"), 1 };
  OxGraph *g = model->graph, *body;
  OxNode *node;

  g_array_append_val (model->opsets, preview);
  ox_graph_add_input (g, "q", type_of (dtype, (const gint64[]) { 1, 2, 1, 1 }));
  add_constant (g, "k", tensor_of (dtype, 4, (const gint64[]) { 1, 1, 2, 1 }, zero_ln3));
  add_constant (g, "v", tensor_of (dtype, 4, (const gint64[]) { 1, 1, 2, 1 }, four_eight));
  add_constant (g, "bias", ox_tensor_new_scalar (OX_F32, 0));
  node = ox_graph_add_node (g, "FlexAttention", "ai.onnx.preview", "flex");
  ox_node_add_input (node, "q");
  ox_node_add_input (node, "k");
  ox_node_add_input (node, "v");
  ox_node_add_output (node, "y");
  ox_node_add_attribute (node, "scale", OX_ATTR_FLOAT)->f = scale;
  if (precision != 0)
    set_int (node, "softmax_precision", precision);
  if (parts & SCORES)
    {
      body = add_body (node, "score_mod", "s");
      add (body, "Add", "double", "s s", "d");
      if (parts & WRONG_SHAPE)
        add (body, "Flatten", "flat", "d", "d2");
      else if (parts & OUTER)
        add (body, "Add", "bias", "d bias", "d2");
      else
        add (body, "Identity", "same", "d", "d2");
      add_outputs (body, "d2");
    }
  if (parts & PROBS)
    {
      body = add_body (node, "prob_mod", "p");
      add (body, "Mul", "square", "p p", "pp");
      add_outputs (body, "pp");
    }
  add_outputs (g, "y");
  return model;
}

static void
link_good (OxModel *model)
{
  g_autoptr (GError) error = NULL;

  ox_model_link (model, &error);
  g_assert_no_error (error);
}

static OxValue *
queries (OxDtype dtype, double first)
{
  const double values[] = { first, 1 };

  return ox_value_new_tensor (tensor_of (dtype, 4, (const gint64[]) { 1, 2, 1, 1 }, values));
}

static void
check_run (OxDtype dtype, guint parts, gint64 precision, double scale, double a, double b, double tolerance)
{
  g_autoptr (OxModel) model = flex_model (dtype, parts, precision, scale);
  g_autoptr (OxSession) session = NULL;
  g_autoptr (OxValue) q = queries (dtype, 0);
  g_autoptr (GError) error = NULL;
  OxTensor *y;

  link_good (model);
  session = ox_session_new (model, NULL);
  ox_session_set_input (session, "q", q, &error);
  g_assert_no_error (error);
  ox_session_run (session, NULL, &error);
  g_assert_no_error (error);
  y = ox_value_get_tensor (ox_session_output (session, 0));
  g_assert_cmpint (y->dtype, ==, dtype);
  g_assert_cmpint (y->rank, ==, 4);
  g_assert_cmpint (y->dims[1], ==, 2);
  g_assert_cmpfloat_with_epsilon (ox_tensor_get (y, 0), a, tolerance);
  g_assert_cmpfloat_with_epsilon (ox_tensor_get (y, 1), b, tolerance);
}

static void
test_values (void)
{
  check_run (OX_F32, 0, 0, 1, 6, 7, 1e-6);
  check_run (OX_F64, 0, 0, 1, 6, 7, 1e-7);
  check_run (OX_F16, 0, 0, 1, 6, 7, 0.01);
  check_run (OX_BF16, 0, 0, 1, 6, 7, 0.04);
  check_run (OX_F32, 0, OX_F16, 1, 6, 7, 0.01);
  check_run (OX_F16, 0, OX_F64, 1, 6, 7, 0.01);
  /* Scores twice as large: 0.1 and 0.9; as large the other way round: 0.75 and 0.25. */
  check_run (OX_F32, 0, 0, 2, 6, 7.6, 1e-6);
  check_run (OX_F32, 0, 0, -1, 6, 5, 1e-6);
}

static void
test_graphs (void)
{
  check_run (OX_F32, SCORES, 0, 1, 6, 7.6, 1e-6);
  check_run (OX_F32, SCORES | OUTER, 0, 1, 6, 7.6, 1e-6);
  check_run (OX_F32, PROBS, 0, 1, 3, 0.25 + 4.5, 1e-6);
  check_run (OX_F32, SCORES | PROBS, 0, 1, 3, 0.04 + 6.48, 1e-6);
  check_run (OX_F64, SCORES | PROBS, 0, 1, 3, 0.04 + 6.48, 1e-7);
}

static void
check_fails (OxModel *model, OxDtype dtype, const char *words)
{
  g_autoptr (OxSession) session = NULL;
  g_autoptr (OxValue) q = queries (dtype, 0);
  g_autoptr (GError) error = NULL;

  link_good (model);
  session = ox_session_new (model, NULL);
  ox_session_set_input (session, "q", q, &error);
  g_assert_no_error (error);
  g_assert_false (ox_session_run (session, NULL, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, words) == NULL)
    g_error ("expected '%s' in '%s'", words, error->message);
  ox_model_unref (model);
}

static void
test_bad (void)
{
  check_fails (flex_model (OX_F32, SCORES | WRONG_SHAPE, 0, 1), OX_F32, "score_mod: the graph should return what it was given");
  check_fails (flex_model (OX_F32, 0, OX_I32, 1), OX_F32, "softmax_precision should be 1, 10, 11 or 16, found 6");
  check_fails (flex_model (OX_I32, 0, 0, 1), OX_I32, "expected f32, f16, bf16 or f64, found i32");
}

static const char *const places[] = {
  "double in FlexAttention score_mod", "same in FlexAttention score_mod", "square in FlexAttention prob_mod",
};

static void
expect (OxDebugger *debugger, OxMove move, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *label = NULL, *text = NULL;
  const OxStop *stop;

  ox_debugger_move (debugger, move, NULL, NULL, &error);
  g_assert_no_error (error);
  stop = ox_debugger_get_stop (debugger);
  label = stop->frame != NULL ? ox_frame_label (stop->frame) : g_strdup ("");
  text = stop->node != NULL ? g_strdup_printf ("%s in %s", stop->node->name, label) : g_strdup ("end");
  g_assert_cmpstr (text, ==, expected);
}

/* Into both graphs and back, with every budget. */
static void
test_steps (void)
{
  static const gsize budgets[] = { G_MAXSIZE, 1500, 0 };
  g_autoptr (OxModel) model = flex_model (OX_F32, SCORES | PROBS, 0, 1);
  OxGraph *probs;

  link_good (model);
  probs = g_ptr_array_index (ox_node_attribute (ox_graph_node (model->graph, 0), "prob_mod")->graphs, 0);
  for (guint b = 0; b < G_N_ELEMENTS (budgets); b++)
    {
      g_autoptr (OxDebugger) debugger = ox_debugger_new (model);
      g_autoptr (OxValue) q = queries (OX_F32, 0), y = NULL, p = NULL;

      ox_debugger_set_input (debugger, "q", q, NULL);
      ox_debugger_set_budget (debugger, budgets[b]);
      for (int round = 0; round < 2; round++)
        {
          for (guint i = 0; i < G_N_ELEMENTS (places); i++)
            expect (debugger, OX_MOVE_IN, places[i]);
          g_assert_cmpint (ox_debugger_node_state (debugger, ox_graph_node (probs, 0)), ==, OX_NODE_CURRENT);
          expect (debugger, OX_MOVE_IN, "end");
          for (guint i = G_N_ELEMENTS (places); i > 0; i--)
            expect (debugger, OX_MOVE_BACK_IN, places[i - 1]);
          g_assert_cmpint (ox_debugger_node_state (debugger, ox_graph_node (probs, 0)), ==, OX_NODE_WAITING);
          expect (debugger, OX_MOVE_BACK_IN, "flex in main");
          expect (debugger, OX_MOVE_OVER, "end");
          expect (debugger, OX_MOVE_BACK, "flex in main");
          expect (debugger, OX_MOVE_IN, places[0]);
          expect (debugger, OX_MOVE_OVER, places[1]);
          expect (debugger, OX_MOVE_OVER, places[2]);
          expect (debugger, OX_MOVE_BACK, places[1]);
          expect (debugger, OX_MOVE_OUT, "end");
          expect (debugger, OX_MOVE_TO_START, "flex in main");
        }
      expect (debugger, OX_MOVE_CONTINUE, "end");
      y = ox_debugger_dup_value (debugger, model->graph, ox_graph_find (model->graph, "y"), NULL);
      g_assert_cmpfloat_with_epsilon (ox_tensor_get (y->tensor, 1), 6.52, 1e-6);
      p = ox_debugger_dup_value (debugger, probs, ox_graph_find (probs, "p"), NULL);
      g_assert_nonnull (p);
      g_assert_cmpfloat_with_epsilon (ox_tensor_get (p->tensor, 2), 0.1, 1e-6);
    }
}

/* Before a run the graphs know what they will be given. */
static void
test_inference (void)
{
  g_autoptr (OxModel) model = flex_model (OX_F16, SCORES, 0, 1);
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  OxGraph *body;
  const OxType *type;
  g_autofree char *text = NULL;

  link_good (model);
  g_assert_true (ox_model_infer (model, problems, NULL));
  g_assert_cmpuint (problems->len, ==, 0);
  body = g_ptr_array_index (ox_node_attribute (ox_graph_node (model->graph, 0), "score_mod")->graphs, 0);
  type = ox_graph_slot (body, ox_graph_find (body, "d"))->inferred;
  g_assert_nonnull (type);
  text = ox_type_to_string (type);
  g_assert_cmpstr (text, ==, "f32 1x2x1x2");
  type = ox_graph_slot (model->graph, ox_graph_find (model->graph, "y"))->inferred;
  g_assert_cmpint (type->dtype, ==, OX_F16);
  g_assert_cmpint (type->rank, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flex/values", test_values);
  g_test_add_func ("/flex/graphs", test_graphs);
  g_test_add_func ("/flex/bad", test_bad);
  g_test_add_func ("/flex/steps", test_steps);
  g_test_add_func ("/flex/inference", test_inference);
  return g_test_run ();
}
