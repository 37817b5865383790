/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-hunt.h"

#include <math.h>
#include <string.h>

#include "models.h"

#define EVERYTHING ((1U << OX_N_HUNTS) - 1)

static OxModel *
start (void)
{
  OxModel *model = model_new (17);

  ox_graph_add_input (model->graph, "x", ox_type_new_tensor (OX_F32, -1, NULL));
  return model;
}

/* Links, feeds x and hunts. */
static OxHunt *
hunt (OxModel *model, const char *output, int rank, const gint64 *dims, const double *x, guint kinds)
{
  g_autoptr (OxValue) value = ox_value_new_tensor (tensor_of (OX_F32, rank, dims, x));
  g_autoptr (OxSession) session = NULL;
  g_autoptr (GError) error = NULL;
  OxHunt *self;

  add_outputs (model->graph, output);
  ox_model_link (model, &error);
  g_assert_no_error (error);
  session = ox_session_new (model, NULL);
  ox_session_set_input (session, "x", value, &error);
  g_assert_no_error (error);
  self = ox_hunt_new (session, kinds);
  ox_hunt_run (self, 10, NULL, &error);
  g_assert_no_error (error);
  return self;
}

static void
assert_finding (const OxFinding *finding, const char *output, const char *index, gint64 count)
{
  g_assert_nonnull (finding);
  g_assert_cmpstr (g_ptr_array_index (finding->node->output_names, finding->output), ==, output);
  g_assert_cmpstr (finding->index, ==, index);
  g_assert_cmpint (finding->count, ==, count);
}

/* "y[1] < Div: a[1] = 0 of 1 node!" for every generation: what is followed has an exclamation mark. */
static char *
genealogy (const OxFinding *finding)
{
  static const char *const origins[] = { "node", "weight", "input" };
  GString *text = g_string_new (NULL);

  g_assert_nonnull (finding->generations);
  for (guint g = 0; g < finding->generations->len; g++)
    {
      const OxGeneration *generation = g_ptr_array_index (finding->generations, g);

      g_string_append_printf (text, "%s%s%s %s", g > 0 ? "; " : "", generation->name, generation->index, generation->node->op_type);
      for (guint i = 0; i < generation->ancestors->len; i++)
        {
          const OxAncestor *a = g_ptr_array_index (generation->ancestors, i);

          g_string_append_printf (text, "%s%s%s %g of %" G_GINT64_FORMAT " %s%s", i == 0 ? ": " : ", ", a->name, a->index,
                                  a->value, a->among, origins[a->origin], a->followed ? "!" : "");
        }
    }
  return g_string_free (text, FALSE);
}

static void
assert_genealogy (const OxFinding *finding, const char *expected)
{
  g_autofree char *text = genealogy (finding);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_nothing (void)
{
  OxModel *model = start ();
  const double x[] = { 1, 2, 3, 4 };
  const gint64 dims[] = { 2, 2 };
  g_autoptr (OxHunt) self = NULL;

  add (model->graph, "Log", "", "x", "y");
  self = hunt (model, "y", 2, dims, x, EVERYTHING);
  for (int kind = 0; kind < OX_N_HUNTS; kind++)
    g_assert_null (ox_hunt_first (self, kind));
  ox_model_unref (model);
}

/* 0/0 is NaN and 1/0 is infinite; the zero comes from a difference. */
static void
test_division (void)
{
  OxModel *model = start ();
  const double x[] = { 5, 1, 3 }, w[] = { 4, 1, 3 };
  const gint64 dims[] = { 1, 3 };
  g_autoptr (OxHunt) self = NULL;

  add_constant (model->graph, "w", list_of (OX_F32, 3, w));
  add (model->graph, "Sub", "", "x w", "d");
  add (model->graph, "Transpose", "", "d", "t");
  add (model->graph, "Div", "", "w t", "y");
  self = hunt (model, "y", 2, dims, x, EVERYTHING);
  /* t is 3x1: [1; 0; 0], so y is 3x3 with two rows of infinities. */
  assert_finding (ox_hunt_first (self, OX_HUNT_INF), "y", "[1,0]", 6);
  assert_finding (ox_hunt_first (self, OX_HUNT_OVERFLOW16), "y", "[1,0]", 6);
  g_assert_null (ox_hunt_first (self, OX_HUNT_NAN));
  assert_genealogy (ox_hunt_first (self, OX_HUNT_INF),
                    "y[1,0] Div: w[0] 4 of 1 weight, t[1,0] 0 of 1 node!; t[1,0] Transpose: d[0,1] 0 of 1 node!; "
                    "d[0,1] Sub: x[0,1] 1 of 1 input!, w[1] 1 of 1 weight");
  ox_model_unref (model);
}

/* The largest term of a product, and of the row of a sum. */
static void
test_overflow (void)
{
  OxModel *model = start ();
  const double x[] = { 1, 2, 3, 4 }, w[] = { 1, 1e38, 3e38, 1 };
  const gint64 dims[] = { 2, 2 };
  const gint64 last = -1;
  g_autoptr (OxHunt) self = NULL;

  add_constant (model->graph, "w", tensor_of (OX_F32, 2, dims, w));
  add (model->graph, "MatMul", "", "x w", "p");
  set_ints (add (model->graph, "ReduceMax", "", "p", "y"), "axes", 1, &last);
  self = hunt (model, "y", 2, dims, x, EVERYTHING);
  /* Row 0: 1 + 6e38, which is too large; row 1: 3 + 1.2e39. */
  assert_finding (ox_hunt_first (self, OX_HUNT_INF), "p", "[0,0]", 2);
  assert_genealogy (ox_hunt_first (self, OX_HUNT_INF), "p[0,0] MatMul: x[0,1] 2 of 2 input, w[1,0] 3e+38 of 2 weight!");
  ox_model_unref (model);
}

/* A part of an image: what its window does not see, it does not hang on. */
static void
test_window (void)
{
  OxModel *model = start ();
  double x[36] = { 0 };
  const double w[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
  const gint64 dims[] = { 1, 1, 6, 6 }, kernel[] = { 1, 1, 3, 3 }, ones[] = { 1, 1, 1, 1 }, two[] = { 2, 2 };
  g_autoptr (OxHunt) self = NULL;
  OxNode *conv;

  x[4 * 6 + 5] = -1;
  x[0] = 1e30;
  add_constant (model->graph, "w", tensor_of (OX_F32, 4, kernel, w));
  conv = add (model->graph, "Conv", "", "x w", "c");
  set_ints (conv, "pads", 4, ones);
  set_ints (conv, "strides", 2, two);
  add (model->graph, "Log", "", "c", "y");
  self = hunt (model, "y", 4, dims, x, 1U << OX_HUNT_NAN);
  /* Output (2,2) sees rows and columns 3 to 5. */
  assert_finding (ox_hunt_first (self, OX_HUNT_NAN), "y", "[0,0,2,2]", 1);
  g_assert_null (ox_hunt_first (self, OX_HUNT_INF));
  assert_genealogy (ox_hunt_first (self, OX_HUNT_NAN),
                    "y[0,0,2,2] Log: c[0,0,2,2] -1 of 1 node!; "
                    "c[0,0,2,2] Conv: x[0,0,4,5] -1 of 9 input!, w[0,0,0,0] 1 of 9 weight");
  ox_model_unref (model);
}

/* A mask is infinite on purpose, and so is what it is added to; what overflows later is not. */
static void
test_mask (void)
{
  OxModel *model = start ();
  const double x[] = { 1, 50, 3, 100 }, mask[] = { 0, -INFINITY, 0, 0 };
  const gint64 dims[] = { 2, 2 };
  g_autoptr (OxHunt) self = NULL;

  add_constant (model->graph, "mask", tensor_of (OX_F32, 2, dims, mask));
  add (model->graph, "Add", "", "x mask", "m");
  add (model->graph, "Softmax", "", "m", "s");
  add (model->graph, "Exp", "", "x", "e");
  add (model->graph, "Mul", "", "s e", "y");
  self = hunt (model, "y", 2, dims, x, EVERYTHING);
  assert_finding (ox_hunt_first (self, OX_HUNT_INF), "m", "[0,1]", 1);
  g_assert_true (ox_hunt_first (self, OX_HUNT_INF)->intended);
  assert_finding (ox_hunt_first_unintended (self, OX_HUNT_INF), "e", "[1,1]", 1);
  g_assert_null (ox_hunt_first (self, OX_HUNT_NAN));
  assert_finding (ox_hunt_first_unintended (self, OX_HUNT_OVERFLOW16), "e", "[0,1]", 2);
  assert_genealogy (ox_hunt_first (self, OX_HUNT_INF), "m[0,1] Add: x[0,1] 50 of 1 input, mask[0,1] -inf of 1 weight!");
  ox_model_unref (model);
}

/* All of a row masked: the NaN of the Softmax hangs on the row and not on the others. */
static void
test_row (void)
{
  OxModel *model = start ();
  const double x[] = { 1, 2, 3, 4 }, mask[] = { 0, 0, -INFINITY, -INFINITY };
  const gint64 dims[] = { 2, 2 };
  g_autoptr (OxHunt) self = NULL;

  add_constant (model->graph, "mask", tensor_of (OX_F32, 2, dims, mask));
  add (model->graph, "Add", "", "x mask", "m");
  add (model->graph, "Softmax", "", "m", "y");
  self = hunt (model, "y", 2, dims, x, EVERYTHING);
  assert_finding (ox_hunt_first (self, OX_HUNT_NAN), "y", "[1,0]", 2);
  assert_genealogy (ox_hunt_first (self, OX_HUNT_NAN),
                    "y[1,0] Softmax: m[1,0] -inf of 2 node!; m[1,0] Add: x[1,0] 3 of 1 input, mask[1,0] -inf of 1 weight!");
  g_assert_null (ox_hunt_first_unintended (self, OX_HUNT_INF));
  ox_model_unref (model);
}

/* In the body of a function, whose inputs are looked up at its call. */
static void
test_function (void)
{
  OxModel *model = start ();
  OxFunction *function = ox_function_new (model, "own", "Root", "");
  OxOpset import = { g_strdup ("own"), 1 }, inner = { g_strdup ("ai.onnx"), 17 };
  const double x[] = { 4, -9 };
  const gint64 n = 2;
  g_autoptr (OxHunt) self = NULL;
  g_autofree char *text = NULL;

  g_array_append_val (model->opsets, import);
  g_array_append_val (function->opsets, inner);
  ox_graph_add_input (function->body, "a", NULL);
  add (function->body, "Sqrt", "", "a", "b");
  add_outputs (function->body, "b");
  add (model->graph, "Neg", "", "x", "n");
  add (model->graph, "Neg", "", "n", "p");
  ox_node_add_output (ox_graph_add_node (model->graph, "Root", "own", "root"), "y");
  ox_node_add_input (g_ptr_array_index (model->graph->nodes, 2), "p");
  self = hunt (model, "y", 1, &n, x, EVERYTHING);
  assert_finding (ox_hunt_first (self, OX_HUNT_NAN), "b", "[1]", 1);
  g_assert_cmpstr (ox_hunt_first (self, OX_HUNT_NAN)->where, ==, "function Root");
  assert_genealogy (ox_hunt_first (self, OX_HUNT_NAN),
                    "b[1] Sqrt: a[1] -9 of 1 node!; p[1] Neg: n[1] 9 of 1 node!; n[1] Neg: x[1] -9 of 1 input!");
  text = ox_finding_describe (ox_hunt_first (self, OX_HUNT_NAN));
  g_assert_nonnull (strstr (text, "first nan: #0 Sqrt"));
  g_assert_nonnull (strstr (text, "<- x[1] = -9, an input"));
  ox_model_unref (model);
}

/* 65504 is the largest number of 16 bits. */
static void
test_largest (void)
{
  OxModel *model = start ();
  const double x[] = { 65504, -65505, 7 };
  const gint64 n = 3;
  g_autoptr (OxHunt) self = NULL;

  add (model->graph, "Neg", "", "x", "y");
  self = hunt (model, "y", 1, &n, x, EVERYTHING);
  assert_finding (ox_hunt_first (self, OX_HUNT_OVERFLOW16), "y", "[1]", 1);
  g_assert_cmpfloat (ox_hunt_first (self, OX_HUNT_OVERFLOW16)->value, ==, 65505);
  g_assert_null (ox_hunt_first (self, OX_HUNT_INF));
  ox_model_unref (model);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hunt/nothing", test_nothing);
  g_test_add_func ("/hunt/division", test_division);
  g_test_add_func ("/hunt/overflow", test_overflow);
  g_test_add_func ("/hunt/window", test_window);
  g_test_add_func ("/hunt/mask", test_mask);
  g_test_add_func ("/hunt/row", test_row);
  g_test_add_func ("/hunt/function", test_function);
  g_test_add_func ("/hunt/largest", test_largest);
  return g_test_run ();
}
