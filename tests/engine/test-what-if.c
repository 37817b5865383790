/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-rounding.h"
#include "debug/ox-what-if.h"

#include <math.h>
#include <string.h>

#include "text-models.h"

/* The model is taken. */
static OxSession *
session_of (OxModel *model, OxTensor *x)
{
  g_autoptr (OxValue) value = ox_value_new_tensor (x);
  OxSession *session = ox_session_new (model, NULL);

  give (session, "X", value);
  ox_model_unref (model);
  return session;
}

/* "" selects all. */
static OxWhatIf *
ask (OxSession *session, OxDtype dtype, const char *nodes)
{
  OxSelection *selection = ox_selection_new (ox_session_get_model (session));
  g_auto (GStrv) words = g_strsplit (nodes, " ", -1);
  g_autoptr (GError) error = NULL;

  if (nodes[0] == '\0')
    ox_selection_add_all (selection);
  for (int i = 0; nodes[0] != '\0' && words[i] != NULL; i++)
    {
      if (strstr (words[i], "..") != NULL)
        ox_selection_add_between (selection, words[i], &error);
      else
        ox_selection_add (selection, words[i], &error);
      g_assert_no_error (error);
    }
  return ox_what_if_new (session, dtype, selection);
}

static void
run_what_if (OxWhatIf *what_if)
{
  g_autoptr (GError) error = NULL;

  ox_what_if_run (what_if, NULL, &error);
  g_assert_no_error (error);
}

static const OxWhatIfValue *
value_of (OxWhatIf *what_if, const char *name)
{
  GPtrArray *values = ox_what_if_values (what_if);

  for (guint i = 0; i < values->len; i++)
    {
      const OxWhatIfValue *value = g_ptr_array_index (values, i);

      if (g_str_equal (g_ptr_array_index (value->node->output_names, value->output), name))
        return value;
    }
  g_assert_not_reached ();
}

static void
assert_near (double found, double expected)
{
  if (!(fabs (found - expected) <= 1e-9 * fabs (expected)))
    g_error ("expected %.17g, found %.17g", expected, found);
}

static void
test_rounding (void)
{
  const double x[] = { 2049, -70000, 1e-9, 0, -3, 2051 };
  const double half[] = { 2048, -INFINITY, 0, 0, -3, 2052 }, f8[] = { 448, -448, 0, 0, -3, 448 };
  /* Steps of 70000 / 127 = 551.2: 2049 is 3.7 of them. */
  const double steps[] = { 4 * 70000. / 127, -70000, 0, 0, 0, 4 * 70000. / 127 };
  const struct
  {
    OxDtype dtype;
    const double *expected;
  } rows[] = { { OX_F16, half }, { OX_F8E4M3FN, f8 }, { OX_I8, steps } };
  g_autoptr (GError) error = NULL;

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    for (int wide = 0; wide < 2; wide++)
      {
        g_autoptr (OxTensor) tensor = tensor_of (wide ? OX_F64 : OX_F32, 2, (gint64[]) { 2, 3 }, x);
        g_autoptr (OxTensor) rounded = ox_round_tensor (tensor, rows[r].dtype, &error);

        g_assert_no_error (error);
        g_assert_cmpint (rounded->dtype, ==, tensor->dtype);
        for (int i = 0; i < 6; i++)
          g_assert_true (fabs (ox_tensor_get (rounded, i) - rows[r].expected[i]) <= 1e-3
                         || ox_tensor_get (rounded, i) == rows[r].expected[i]);
      }
  g_assert_true (ox_rounding_knows (OX_BF16));
  g_assert_false (ox_rounding_knows (OX_F32));
  g_assert_false (ox_rounding_knows (OX_I16));
}

/* A row of a transposed view, and integers, which stay what they are. */
static void
test_rounding_views (void)
{
  const double x[] = { 1, 2049, 3, 4099 };
  g_autoptr (OxTensor) base = tensor_of (OX_F32, 2, (gint64[]){ 2, 2 }, x), ints = tensor_of (OX_I64, 1, (gint64[]){ 4 }, x);
  g_autoptr (OxTensor) view = ox_tensor_new_view (base, 2, base->dims, (gint64[]) { 4, 8 }, base->data);
  g_autoptr (OxTensor) rounded = ox_round_tensor (view, OX_F16, NULL), same = ox_round_tensor (ints, OX_F16, NULL);

  g_assert_cmpfloat (ox_tensor_get (rounded, 1), ==, 3);
  g_assert_cmpfloat (ox_tensor_get (rounded, 2), ==, 2048);
  g_assert_cmpfloat (ox_tensor_get (rounded, 3), ==, 4100);
  g_assert_true (same == ints);
}

/* 2049 is 2048 in f16, where the sum below is 0 instead of 1. */
static void
test_travel (void)
{
  g_autoptr (OxSession) session
    = session_of (whole_model (17, "X -> Y\nA = Mul(X, 1.0)\nB = Sub(A, 2048.0)\nY = Reshape(Add(B, 3.0), i64[1]{1})"),
                  list_of (OX_F64, 1, (double[]) { 2049 }));
  g_autoptr (OxWhatIf) all = ask (session, OX_F16, ""), first = ask (session, OX_F16, "A"),
                       last = ask (session, OX_F16, "Add");
  const OxWhatIfOutput *output;
  g_autofree char *text = NULL;

  run_what_if (all);
  assert_near (value_of (all, "A")->own, 1. / 2049);
  assert_near (value_of (all, "A")->through, 1. / 2049);
  assert_near (value_of (all, "B")->own, 1);
  assert_near (value_of (all, "B")->through, 1);
  assert_near (value_of (all, "Y")->through, 0.25);
  g_assert_true (value_of (all, "B")->rounded);
  g_assert_false (value_of (all, "Y")->rounded);
  output = g_ptr_array_index (ox_what_if_outputs (all), 0);
  g_assert_cmpstr (output->name, ==, "Y");
  assert_near (output->error, 0.25);
  text = ox_what_if_describe (all, 20);
  g_assert_nonnull (strstr (text, "through f16: 3 of 4 values are rounded\n  output 'Y': error 0.25, at most 1"));
  g_assert_null (ox_what_if_parting (all));

  /* B is given 2048 and is exact by itself. */
  run_what_if (first);
  assert_near (value_of (first, "A")->own, 1. / 2049);
  assert_near (value_of (first, "B")->through, 1);
  g_assert_false (value_of (first, "B")->rounded);
  assert_near (value_of (first, "B")->growth, 2049);

  run_what_if (last);
  assert_near (value_of (last, "Y")->through, 0);
}

/* The text with @type and @numbers in the places of TYPE and NUMBERS. */
static char *
fill_in (const char *text, const char *type, const char *numbers)
{
  g_auto (GStrv) a = g_strsplit (text, "TYPE", -1), b = NULL;
  g_autofree char *typed = g_strjoinv (type, a);

  b = g_strsplit (typed, "NUMBERS", -1);
  return g_strjoinv (numbers, b);
}

/* All of a model through f16 is bit by bit what the same model of f16 computes. */
static void
test_kernels (void)
{
  static const char *const texts[] = {
    "X -> Y\nY = MatMul(X, TYPE[6,4]{NUMBERS})",
    "X -> Y\nW = Reshape(TYPE[24]{NUMBERS}, i64[3]{4, 2, 3})\nY = Relu(Conv<pads=[1,1]>(Reshape(X, i64[3]{1, 2, 12}), W))",
    "X -> Y\nW = TYPE[24]{NUMBERS}\nA = Softmax(X)\nS = Reshape(W, i64[2]{4, 6})\nY = Add(Mul(A, S), Exp(X))",
    ("X -> Y\nW = Reshape(TYPE[24]{NUMBERS}, i64[2]{4, 6})\nM = ReduceMean<axes=[1]>(X)\nD = Sub(X, M)\nV = "
     "ReduceMean<axes=[1]>(Mul(D, D))\n"
     "Y = Div(Mul(D, W), Sqrt(V))"),
    "X -> Y\nW = Reshape(TYPE[24]{NUMBERS}, i64[2]{4, 6})\nY = Tanh(Gemm<transB=1>(X, W))",
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  for (guint t = 0; t < G_N_ELEMENTS (texts); t++)
    {
      g_autoptr (GString) numbers = g_string_new (NULL);
      g_autofree char *narrow = NULL, *wide = NULL;
      g_autoptr (OxTensor) x = ox_tensor_new (OX_F32, 2, (gint64[]) { 4, 6 }, NULL);
      g_autoptr (OxSession) one = NULL, other = NULL;
      g_autoptr (OxWhatIf) what_if = NULL;
      const OxWhatIfOutput *output;
      const OxTensor *expected;

      for (int i = 0; i < 24; i++)
        {
          g_string_append_printf (numbers, "%s%.4f", i > 0 ? ", " : "", g_rand_double_range (rand, -2, 2));
          ox_tensor_set (x, i, g_rand_double_range (rand, -3, 3));
        }
      narrow = fill_in (texts[t], "f16", numbers->str);
      wide = fill_in (texts[t], "f32", numbers->str);
      one = session_of (whole_model (13, narrow), ox_tensor_convert (x, OX_F16, NULL));
      other = session_of (whole_model (13, wide), ox_tensor_ref (x));
      run_good (one);
      expected = ox_value_get_tensor (ox_session_output (one, 0));
      what_if = ask (other, OX_F16, "");
      run_what_if (what_if);
      output = g_ptr_array_index (ox_what_if_outputs (what_if), 0);
      g_assert_cmpfloat (output->error, >, 0);
      run_good (other);
      /* What is off is what the narrow model is off. */
      {
        g_autoptr (OxTensor) back = ox_tensor_convert ((OxTensor *) expected, OX_F32, NULL);
        OxDifference difference;

        ox_tensor_compare (back, ox_value_get_tensor (ox_session_output (other, 0)), 0, 0, &difference);
        g_test_message ("model %u: %g", t, difference.rmse / difference.rms);
        g_assert_cmpfloat (output->difference.rmse, ==, difference.rmse);
        g_assert_cmpfloat (output->difference.max_abs, ==, difference.max_abs);
        g_assert_cmpint (output->difference.unequal, ==, difference.unequal);
      }
    }
}

static gboolean
within (OxSession *session, guint kept, double tolerance)
{
  static const char *const names[] = { "A", "S", "T", "E", "Y" };
  g_autoptr (GString) nodes = g_string_new (NULL);
  g_autoptr (OxWhatIf) what_if = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if ((kept >> i & 1) == 0)
      g_string_append_printf (nodes, "%s%s", nodes->len > 0 ? " " : "", names[i]);
  if (nodes->len == 0)
    return TRUE;
  what_if = ask (session, OX_F16, nodes->str);
  run_what_if (what_if);
  return ((OxWhatIfOutput *) g_ptr_array_index (ox_what_if_outputs (what_if), 0))->error <= tolerance;
}

/* A square that overflows and comes back: it and its reader have to be kept, as trying all sets shows. */
static void
test_kept (void)
{
  const double tolerance = 0.002;
  g_autoptr (OxSession) session
    = session_of (whole_model (17, "X -> Y\nA = Neg(X)\nS = Mul(A, A)\nT = Mul(S, 1e-4)\nE = Exp(T)\nY = Neg(E)"),
                  list_of (OX_F64, 3, (double[]) { 300, 200, 310 }));
  g_autoptr (OxWhatIf) what_if = ask (session, OX_F16, "");
  g_autoptr (OxWhatIfKept) kept = NULL, fewer = NULL, none = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint fewest = 5;

  for (guint set = 0; set < 32; set++)
    {
      guint n = 0;

      for (guint i = 0; i < 5; i++)
        n += set >> i & 1;
      if (n < fewest && within (session, set, tolerance))
        fewest = n;
    }
  kept = ox_what_if_find_kept (what_if, tolerance, 60, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (kept->of, ==, 5);
  g_assert_cmpuint (kept->nodes->len, ==, fewest);
  g_assert_cmpstr (g_ptr_array_index (((OxNode *) g_ptr_array_index (kept->nodes, 0))->output_names, 0), ==, "S");
  g_assert_cmpstr (g_ptr_array_index (((OxNode *) g_ptr_array_index (kept->nodes, 1))->output_names, 0), ==, "T");
  g_assert_true (kept->minimal);
  g_assert_cmpfloat (kept->error, <=, tolerance);
  g_assert_true (isinf (kept->alone));
  g_assert_cmpuint (kept->runs, <=, 61);
  text = ox_what_if_kept_describe (kept, tolerance, 20);
  g_assert_nonnull (strstr (text, "of 5 nodes: then the error is "));
  /* The run that follows has them kept. */
  run_what_if (what_if);
  assert_near (((OxWhatIfOutput *) g_ptr_array_index (ox_what_if_outputs (what_if), 0))->error, kept->error);
  g_assert_false (value_of (what_if, "S")->rounded);
  g_assert_true (value_of (what_if, "A")->rounded);
  /* Nothing is good enough for nothing but everything. */
  fewer = ox_what_if_find_kept (what_if, 0, 60, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (fewer->error, ==, 0);
  g_assert_cmpuint (fewer->nodes->len, >, 2);
  none = ox_what_if_find_kept (what_if, INFINITY, 60, NULL, &error);
  g_assert_cmpuint (none->nodes->len, ==, 0);
}

/* Rounded, 2049 is no longer larger than 2048.5: the other branch is taken. */
static void
test_parting (void)
{
  OxModel *model = model_new (17);
  const double limit = 2048.5;
  OxGraph *g = model->graph, *branch;
  g_autoptr (OxSession) session = NULL;
  g_autoptr (OxWhatIf) what_if = NULL;
  OxNode *pick;

  ox_graph_add_input (g, "X", NULL);
  add_constant (g, "limit", ox_tensor_new_scalar (OX_F32, limit));
  add (g, "Greater", "more", "X limit", "flag");
  pick = add (g, "If", "pick", "flag", "Y");
  branch = add_body (pick, "then_branch", "");
  add (branch, "Neg", "down", "X", "n");
  add_outputs (branch, "n");
  branch = add_body (pick, "else_branch", "");
  add (branch, "Abs", "up", "X", "p");
  add_outputs (branch, "p");
  add_outputs (g, "Y");
  link_good (model);
  session = session_of (model, ox_tensor_new_scalar (OX_F32, 2049));
  what_if = ask (session, OX_F16, "");
  run_what_if (what_if);
  g_assert_nonnull (ox_what_if_parting (what_if));
  g_assert_nonnull (strstr (ox_what_if_parting (what_if), "down"));
  /* -2049 and 2048 */
  assert_near (((OxWhatIfOutput *) g_ptr_array_index (ox_what_if_outputs (what_if), 0))->error, 4097. / 2049);
  assert_near (value_of (what_if, "flag")->through, 1);
}

static guint
count_rounded (OxWhatIf *what_if)
{
  GPtrArray *values = ox_what_if_values (what_if);
  guint n = 0;

  for (guint i = 0; i < values->len; i++)
    n += ((OxWhatIfValue *) g_ptr_array_index (values, i))->rounded;
  return n;
}

static void
test_selection (void)
{
  OxModel *model = whole_model (17, "X -> Y\nA = Neg(X)\nB = Exp(A)\nC = Abs(A)\nD = Neg(X)\nY = Add(Add(B, C), D)");
  static const struct { const char *nodes; guint n; } rows[]
    = { { "", 6 }, { "A", 1 }, { "#1 #2", 2 }, { "neg", 2 }, { "A..Y", 5 }, { "B..Y", 3 }, { "A..C Add", 4 } };
  g_autoptr (OxSession) session = NULL;
  g_autoptr (OxSelection) selection = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 4; i++)
    {
      OxNode *node = ox_graph_node (model->graph, i);

      g_free (node->name);
      node->name = g_strdup_printf ("block%u/part/node", i / 2);
    }
  session = session_of (model, list_of (OX_F64, 1, (double[]) { 0.1 }));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (OxWhatIf) what_if = ask (session, OX_F16, rows[i].nodes);

      run_what_if (what_if);
      g_assert_cmpuint (count_rounded (what_if), ==, rows[i].n);
    }
  selection = ox_selection_new (ox_session_get_model (session));
  g_assert_true (ox_selection_add_scope (selection, "block1", &error));
  g_assert_false (ox_selection_has (selection, NULL, ox_graph_node (ox_session_get_model (session)->graph, 1)));
  g_assert_true (ox_selection_has (selection, NULL, ox_graph_node (ox_session_get_model (session)->graph, 3)));
  g_assert_true (ox_selection_add_scope (selection, "bl*0/p?rt", &error));
  g_assert_true (ox_selection_has (selection, NULL, ox_graph_node (ox_session_get_model (session)->graph, 1)));
  g_clear_pointer (&selection, ox_selection_free);
  selection = ox_selection_new (ox_session_get_model (session));
  ox_selection_add_node (selection, ox_graph_node (ox_session_get_model (session)->graph, 0));
  g_assert_true (ox_selection_has (selection, NULL, ox_graph_node (ox_session_get_model (session)->graph, 0)));
  g_assert_false (ox_selection_has (selection, NULL, ox_graph_node (ox_session_get_model (session)->graph, 1)));
  ox_selection_add_scope_of (selection, ox_graph_node (ox_session_get_model (session)->graph, 0));
  g_assert_true (ox_selection_has (selection, NULL, ox_graph_node (ox_session_get_model (session)->graph, 1)));
  g_assert_false (ox_selection_has (selection, NULL, ox_graph_node (ox_session_get_model (session)->graph, 3)));
  ox_selection_add_operator_of (selection, ox_graph_node (ox_session_get_model (session)->graph, 0));
  g_assert_true (ox_selection_has (selection, NULL, ox_graph_node (ox_session_get_model (session)->graph, 3)));
  g_assert_false (ox_selection_has (selection, NULL, ox_graph_node (ox_session_get_model (session)->graph, 2)));
  g_assert_false (ox_selection_add_scope (selection, "block7", &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (ox_selection_add_between (selection, "Y..A", &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (ox_selection_add (selection, "nobody", &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
}

/* In a Loop every iteration is rounded: 2048 + 1 is 2048 again in f16, three times. */
static void
test_loop (void)
{
  OxModel *model = model_new (17);
  OxGraph *g = model->graph, *body;
  g_autoptr (OxSession) session = NULL;
  g_autoptr (OxWhatIf) what_if = NULL;

  ox_graph_add_input (g, "X", NULL);
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, 3));
  add_constant (g, "one", ox_tensor_new_scalar (OX_F32, 1));
  body = add_body (add (g, "Loop", "loop", "trips - X", "Y"), "body", "i go before");
  add (body, "Add", "more", "before one", "after");
  add_outputs (body, "go after");
  add_outputs (g, "Y");
  link_good (model);
  session = session_of (model, ox_tensor_new_scalar (OX_F32, 2048));
  what_if = ask (session, OX_F16, "loop");
  run_what_if (what_if);
  g_assert_cmpuint (count_rounded (what_if), ==, 3);
  assert_near (((OxWhatIfOutput *) g_ptr_array_index (ox_what_if_outputs (what_if), 0))->error, 3. / 2051);
  assert_near (((OxWhatIfValue *) g_ptr_array_index (ox_what_if_values (what_if), 1))->own, (2050 - 2048) / 2050.);
}

static void
test_cancel (void)
{
  g_autoptr (OxSession) session =
      session_of (whole_model (17, "X -> Y\nY = Neg(X)"), list_of (OX_F64, 1, (double[]){ 0.1 }));
  g_autoptr (OxWhatIf) what_if = ask (session, OX_F16, "");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (ox_what_if_run (what_if, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (ox_what_if_find_kept (what_if, 1e-9, 20, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/what-if/rounding", test_rounding);
  g_test_add_func ("/what-if/rounding-views", test_rounding_views);
  g_test_add_func ("/what-if/travel", test_travel);
  g_test_add_func ("/what-if/kernels", test_kernels);
  g_test_add_func ("/what-if/kept", test_kept);
  g_test_add_func ("/what-if/parting", test_parting);
  g_test_add_func ("/what-if/selection", test_selection);
  g_test_add_func ("/what-if/loop", test_loop);
  g_test_add_func ("/what-if/cancel", test_cancel);
  return g_test_run ();
}
