/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-console.h"
#include "debug/ox-debugger.h"
#include "ops/ox-expand.h"
#include "text-models.h"

/* Operators as what they are made of: each line runs as it is and expanded, and both must agree. */

typedef struct { int opset; const char *shapes, *text; } Line;

static const Line lines[] = {
  { 20, "1,2,3", "A -> Y; Y = AffineGrid(A, i64[4]{1,2,3,4})" },
  { 20, "2,2,3", "A -> Y; Y = AffineGrid<align_corners=1>(A, i64[4]{2,2,3,4})" },
  { 20, "1,3,4", "A -> Y; Y = AffineGrid(A, i64[5]{1,2,3,2,4})" },
  { 23, "1,2,3,4 1,2,5,4 1,2,5,3", "Q, K, V -> Y; Y = Attention(Q, K, V)" },
  { 23, "2,3,8 2,4,4 2,4,6 3,4",
    "Q, K, V, M -> Y; Y = Attention<q_num_heads=4, kv_num_heads=2, softcap=2.0>(Q, K, V, M)" },
  { 23, "1,2,3,4 1,2,3,4 1,2,3,4",
    "Q, K, V -> Y, S; Y, _, _, S = Attention<is_causal=1, qk_matmul_output_mode=2>(Q, K, V)" },
  { 23, "1,2,2,4 1,2,3,4 1,2,3,4 1,2,2,4 1,2,2,4",
    ("Q, K, V, P, R -> Y, C, E; Y, C, E = Attention<is_causal=1, scale=0.7, softmax_precision=1>(Q, K, V, "
     "bool[2,5]{1,1,0,1,1,1,0,0,1,1}, P, R)") },
  { 23, "1,1,2,4 1,1,3,4 1,1,3,4", "Q, K, V -> Y; Y = Attention(Q, K, V, bool[2,3]{0,0,0,1,1,0})" },
  { 24, "2,1,2,4 2,1,3,4 2,1,3,4", "Q, K, V -> Y; Y = Attention<is_causal=1>(Q, K, V, , , , i64[2]{2,3})" },
  { 17, "", "-> Y; Y = BlackmanWindow(i64{7})" },
  { 15, "3", "A -> Y; Y = CastLike(A, i32{0})" },
  { 27, "2,3,4 3,1,3", "X, W -> Y, P; Y, P = CausalConvWithState(Cast<to=1>(X), Cast<to=1>(W))" },
  { 27, "2,3,4 3,1,3 3 2,3,2",
    ("X, W, B, S -> Y, P; Y, P = CausalConvWithState<activation=\"silu\">(Cast<to=1>(X), Cast<to=1>(W), Cast<to=1>(B), "
     "Cast<to=1>(S))") },
  { 12, "7", "A -> Y; Y = Celu<alpha=0.4>(Sub(A, 0.7))" },
  { 18, "5,4", "A -> Y; Y = CenterCropPad(A, i64[2]{2,7})" },
  { 18, "5,4", "A -> Y; Y = CenterCropPad<axes=[-1]>(A, i64[1]{1})" },
  { 13, "7", "A -> Y; Y = Clip(A, 0.5, 0.8)" },
  { 13, "7", "A -> Y; Y = Clip(A, , 0.8)" },
  { 13, "7", "A -> Y; Y = Clip(A)" },
  { 13, "3,4", "A -> Y, S, Z; Y, S, Z = DynamicQuantizeLinear(Cast<to=1>(Sub(A, 0.6)))" },
  { 13, "7", "A -> Y; Y = Elu<alpha=0.4>(Sub(A, 0.7))" },
  { 20, "7", "A -> Y; Y = Gelu(Sub(A, 0.7))" },
  { 20, "7", "A -> Y; Y = Gelu<approximate=\"tanh\">(Sub(A, 0.7))" },
  { 16, "4 4", "A, B -> Y; Y = GreaterOrEqual(A, B)" },
  { 20, "2,4,3 2 2", "A, S, B -> Y; Y = GroupNormalization<num_groups=2>(A, S, B)" },
  { 21, "2,4,3,2 4 4", "A, S, B -> Y; Y = GroupNormalization<num_groups=2, epsilon=0.01>(A, S, B)" },
  { 17, "", "-> Y; Y = HammingWindow<periodic=0>(i64{7})" },
  { 17, "", "-> Y; Y = HannWindow<output_datatype=11>(i32{6})" },
  { 13, "9", "A -> Y; Y = HardSigmoid<alpha=1.5, beta=0.2>(Sub(A, 0.7))" },
  { 14, "9", "A -> Y; Y = HardSwish(Mul(Sub(A, 0.7), 8))" },
  { 17, "2,3,4 3,4 3,4", "A, S, B -> Y, M, I; Y, M, I = LayerNormalization<axis=1>(A, S, B)" },
  { 17, "2,4 4", "A, S -> Y; Y = LayerNormalization<epsilon=0.1>(A, S)" },
  { 16, "7", "A -> Y; Y = LeakyRelu<alpha=0.3>(Sub(A, 0.7))" },
  { 16, "4 4", "A, B -> Y; Y = LessOrEqual(A, B)" },
  { 13, "2,3", "A -> Y; Y = LogSoftmax<axis=0>(A)" },
  { 13, "2,3,2,2", "A -> Y; Y = MeanVarianceNormalization(A)" },
  { 13, "2,3,2", "A -> Y; Y = MeanVarianceNormalization<axes=[-1]>(A)" },
  { 18, "7", "A -> Y; Y = Mish(Sub(A, 0.7))" },
  { 13, "3,4", "A -> Y; Y = NegativeLogLikelihoodLoss(A, i64[3]{1,0,3})" },
  { 13, "3,4 4", "A, W -> Y; Y = NegativeLogLikelihoodLoss<reduction=\"sum\">(A, i32[3]{1,0,3}, W)" },
  { 13, "2,4,2 4", "A, W -> Y; Y = NegativeLogLikelihoodLoss<ignore_index=-1>(A, i64[2,2]{1,-1,3,0}, W)" },
  { 13, "2,4,2",
    "A -> Y; Y = NegativeLogLikelihoodLoss<ignore_index=3, reduction=\"none\">(A, i64[2,2]{1,2,3,0})" },
  { 16, "3,2 2", "A, B -> Y; Y = PRelu(Sub(A, 0.7), B)" },
  { 23, "2,3,4 3,4", "A, S -> Y; Y = RMSNormalization<axis=-2>(A, S)" },
  { 13, "", "-> Y; Y = Range(i64{7}, i64{-4}, i64{-2})" },
  { 13, "", "-> Y; Y = Range(0.5, 2.1, 0.4)" },
  { 13, "", "-> Y; Y = Range(i32{3}, i32{3}, i32{1})" },
  { 11, "2,3", "A -> Y; Y = ReduceL1<axes=[1], keepdims=0>(Sub(A, 0.7))" },
  { 18, "2,3", "A -> Y; Y = ReduceL2(A, i64[1]{-1})" },
  { 18, "2,3", "A -> Y; Y = ReduceLogSum<keepdims=0>(A)" },
  { 18, "2,3", "A -> Y; Y = ReduceLogSumExp(Mul(A, 400), i64[1]{0})" },
  { 18, "2,3", "A -> Y; Y = ReduceSumSquare(Cast<to=7>(Mul(A, 9)), i64[1]{0})" },
  { 14, "7", "A -> Y; Y = Relu(Sub(A, 0.7))" },
  { 14, "", "-> Y; Y = Relu(i32[3]{-1,0,4})" },
  { 23, "1,2,3,4 5,2 5,2", "A, C, S -> Y; Y = RotaryEmbedding(A, C, S, i64[1,3]{0,4,2})" },
  { 23, "2,3,8 2,3,1 2,3,1",
    ("A, C, S -> Y; Y = RotaryEmbedding<interleaved=1, num_heads=2, rotary_embedding_dim=2>"
     "(A, C, S)") },
  { 13, "7", "A -> Y; Y = Selu(Sub(A, 0.7))" },
  { 13, "9", "A -> Y; Y = Shrink<bias=0.1, lambd=0.2>(Sub(A, 0.7))" },
  { 13, "2,3,2", "A -> Y; Y = Softmax<axis=-2>(A)" },
  { 13, "3,4", "A -> Y, L; Y, L = SoftmaxCrossEntropyLoss(A, i64[3]{1,0,3})" },
  { 13, "3,4 4",
    "A, W -> Y; Y = SoftmaxCrossEntropyLoss<ignore_index=0, reduction=\"sum\">(A, i64[3]{1,0,3}, W)" },
  { 13, "5", "A -> Y; Y = Softplus(Mul(Sub(A, 0.7), 900))" },
  { 13, "5", "A -> Y; Y = Softsign(Sub(A, 0.7))" },
  { 28, "2,3 2,3", "A, B -> Y; Y = SwiGLU<alpha=1.3>(Sub(A, 0.7), B)" },
  { 24, "5", "A -> Y; Y = Swish<alpha=1.3>(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = ThresholdedRelu<alpha=0.7>(A)" },
};

static void
give_inputs (OxSession *session, const Line *line)
{
  g_auto (GStrv) shapes = g_strsplit (line->shapes, " ", -1);
  OxGraph *graph = ox_session_get_model (session)->graph;

  for (guint i = 0; i < graph->inputs->len; i++)
    {
      g_autoptr (OxValue) value = make_input (shapes[i], (int) i, -1, 0);

      give (session, ox_graph_slot (graph, g_array_index (graph->inputs, int, i))->name, value);
    }
}

static OxModel *
line_model (const Line *line)
{
  const char *from = strstr (line->text, "-> ") + 3;
  g_autofree char *outputs = g_strndup (from, strcspn (from, ";"));
  g_auto (GStrv) names = g_strsplit (outputs, ", ", -1);
  g_autofree char *list = g_strjoinv (" ", names);
  OxModel *model = text_model (line->opset, line->text);

  add_outputs (model->graph, list);
  link_good (model);
  return model;
}

static void
test_line (gconstpointer data)
{
  const Line *line = data;
  const OxSessionOptions options = { .expand = TRUE };
  g_autoptr (OxModel) model = line_model (line);
  g_autoptr (OxSession) plain = ox_session_new (model, NULL), expanded = ox_session_new (model, &options);

  give_inputs (plain, line);
  give_inputs (expanded, line);
  run_good (plain);
  run_good (expanded);
  g_assert_cmpuint (ox_session_expansions (plain), ==, 0);
  g_assert_cmpuint (ox_session_expansions (expanded), >=, 1);
  for (guint i = 0; i < model->graph->outputs->len; i++)
    {
      const OxTensor *a = ox_value_get_tensor (ox_session_output (plain, i));
      const OxTensor *b = ox_value_get_tensor (ox_session_output (expanded, i));

      g_assert_true (ox_tensor_same_shape (a, b));
      g_assert_cmpint (a->dtype, ==, b->dtype);
      for (gint64 k = 0; k < a->count; k++)
        {
          double x = ox_tensor_get (a, k), y = ox_tensor_get (b, k);

          if (!(x == y || fabs (x - y) <= 1e-6 * (1 + fabs (x))))
            g_error ("%s: output %u, element %d: %.9g as it is, %.9g expanded", line->text, i, (int) k, x, y);
        }
    }
}

/* Every text is in a line above, so that a new one is not forgotten. */
static void
check_row (const char *domain, const OxOp *op, gpointer data)
{
  g_autofree char *call = g_strconcat (op->name, "(", NULL), *with = g_strconcat (op->name, "<", NULL);

  if (ox_expand_kind (domain, op->name, G_MAXINT32) != OX_EXPAND_YES || g_str_equal (op->name, "Bernoulli"))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (strstr (lines[i].text, call) != NULL || strstr (lines[i].text, with) != NULL)
      return;
  g_error ("no line expands %s", op->name);
}

static void
test_all (void)
{
  ox_op_foreach (check_row, NULL);
  g_assert_cmpint (ox_expand_kind ("ai.onnx", "Softmax", 13), ==, OX_EXPAND_YES);
  g_assert_cmpint (ox_expand_kind ("ai.onnx", "Softmax", 11), ==, OX_EXPAND_NO);
  g_assert_cmpint (ox_expand_kind ("ai.onnx", "Conv", 21), ==, OX_EXPAND_NO);
  g_assert_cmpint (ox_expand_kind ("ai.onnx", "LinearAttention", 27), ==, OX_EXPAND_MISSING);
  g_assert_cmpint (ox_expand_kind ("com.microsoft", "Gelu", 1), ==, OX_EXPAND_NO);
}

/* What is drawn is another, but of the same shape and type, and the share of ones is about that asked for. */
static void
test_random (void)
{
  const Line line = { 22, "40,50", "A -> Y; Y = Bernoulli<dtype=7, seed=3.0>(Mul(A, 0.5))" };
  const OxSessionOptions options = { .expand = TRUE };
  g_autoptr (OxModel) model = line_model (&line);
  g_autoptr (OxSession) session = ox_session_new (model, &options);
  const OxTensor *y;
  double sum = 0;

  give_inputs (session, &line);
  run_good (session);
  g_assert_cmpuint (ox_session_expansions (session), ==, 1);
  y = ox_value_get_tensor (ox_session_output (session, 0));
  g_assert_cmpint (y->dtype, ==, OX_I64);
  g_assert_cmpint (y->count, ==, 2000);
  for (gint64 i = 0; i < y->count; i++)
    sum += ox_tensor_get (y, i);
  g_assert_cmpfloat_with_epsilon (sum / 2000, 0.375, 0.04);
}

/* What the kernel refuses it refuses, and types without a text run as they are. */
static void
test_as_it_is (void)
{
  const Line shrink = { 13, "", "-> Y; Y = Shrink(i32[3]{-2,0,2})" };
  const Line bad = { 13, "2,3", "A -> Y; Y = Softmax<axis=5>(A)" };
  const OxSessionOptions options = { .expand = TRUE };
  g_autoptr (OxModel) integers = line_model (&shrink), wrong = line_model (&bad);
  g_autoptr (OxSession) session = ox_session_new (integers, &options), failing = ox_session_new (wrong, &options);
  g_autoptr (GError) error = NULL;

  run_good (session);
  g_assert_cmpuint (ox_session_expansions (session), ==, 0);
  give_inputs (failing, &bad);
  g_assert_false (ox_session_run (failing, NULL, &error));
  g_assert_nonnull (strstr (error->message, "axis 5"));
  g_assert_cmpuint (ox_session_expansions (failing), ==, 0);
}

/* ---- the text ------------------------------------------------------------------------------------------------- */

static void
expect_mistake (const char *text, const char *words)
{
  g_autoptr (OxModel) model = model_new (21);
  g_autoptr (GError) error = NULL;

  g_assert_null (ox_function_parse (model, "f", 21, OX_F32, text, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_MODEL);
  if (strstr (error->message, words) == NULL)
    g_error ("expected '%s' in '%s'", words, error->message);
}

static void
test_text (void)
{
  g_autoptr (OxModel) model = model_new (21);
  g_autoptr (GError) error = NULL;
  OxFunction *function = ox_function_parse (model, "f", 21, OX_F32,
                                            "'a b', %c -> y\ny = Add(Mul('a b', 2), Mul('a b', 2))", &error);
  const OxInitializer *two;

  g_assert_null (function);
  g_clear_error (&error);
  function = ox_function_parse (model, "f", 21, OX_F32,
                                "'a b', c -> y, '\\'z\\\\'\n"
                                "y = Split<axis=-1, list=[1,2], reals=[1,2.5], word=\"up\">(Mul('a b', 2), , Mul(c, 2))\n"
                                "'\\'z\\\\' = i64[2]{-3, 9223372036854775807}",
                                &error);
  g_assert_no_error (error);
  g_assert_cmpuint (function->body->nodes->len, ==, 4);
  g_assert_cmpuint (function->body->initializers->len, ==, 2);
  two = g_ptr_array_index (function->body->initializers, 0);
  g_assert_cmpstr (two->name, ==, "const 2");
  g_assert_cmpint (two->dtype, ==, OX_F32);
  g_assert_cmpint (((OxOpset *) (void *) function->opsets->data)->version, ==, 21);
  {
    const OxNode *split = ox_graph_node (function->body, 2);
    const OxAttribute *reals = ox_node_attribute (split, "reals"), *list = ox_node_attribute (split, "list");
    g_autoptr (OxValue) large = ox_initializer_get (g_ptr_array_index (function->body->initializers, 1), NULL);

    g_assert_cmpint (ox_node_attribute (split, "axis")->i, ==, -1);
    g_assert_cmpint (list->type, ==, OX_ATTR_INTS);
    g_assert_cmpint (reals->type, ==, OX_ATTR_FLOATS);
    g_assert_cmpfloat (g_array_index (reals->floats, float, 1), ==, 2.5f);
    g_assert_cmpuint (split->input_names->len, ==, 3);
    g_assert_cmpstr (g_ptr_array_index (split->input_names, 1), ==, "");
    g_assert_cmpint (ox_tensor_get_int (large->tensor, 1), ==, G_MAXINT64);
  }
  ox_function_free (function);
  expect_mistake ("a -> y\ny = Neg(a", "expected ')'");
  expect_mistake ("a -> y\ny = Neg(b)", "'b', which nothing produces");
  expect_mistake ("a -> y\ny = Neg<axis>(a)", "expected '='");
  expect_mistake ("a -> y\ny = Neg(a) b", "expected the end of the line");
  expect_mistake ("a -> y\ny = Add(a, f33{1})", "expected the name of a type");
  expect_mistake ("a -> y\ny = Add(a, f32[2]{1})", "expected ','");
  expect_mistake ("a\ny = Neg(a)", "expected '-'");
  expect_mistake ("a -> y\ny = Neg('a)", "expected the end of a text");
}

/* ---- stepping ------------------------------------------------------------------------------------------------- */

static void
say (OxConsole *console, const char *line, const char *words)
{
  g_autoptr (GError) error = NULL;
  gboolean quit;
  g_autofree char *text = ox_console_run (console, line, NULL, &quit, &error);

  g_assert_no_error (error);
  if (strstr (text, words) == NULL)
    g_error ("%s: expected '%s' in '%s'", line, words, text);
}

/* A loss inside: frames in frames, forwards and back, with every budget. */
static void
test_steps (void)
{
  static const char *const places[] = {
    "function SoftmaxCrossEntropyLoss", "function LogSoftmax", "#1 Sub", "#2 Exp", "#3 ReduceSum", "#4 Log", "#5 Sub",
    "function SoftmaxCrossEntropyLoss", "function NegativeLogLikelihoodLoss",
  };
  const Line line = { 13, "3,4", "A -> Y, L; Y, L = SoftmaxCrossEntropyLoss(A, i64[3]{1,0,3})" };
  g_autoptr (OxModel) model = line_model (&line);

  for (int b = 0; b < 2; b++)
    {
      g_autoptr (OxDebugger) debugger = ox_debugger_new (model);
      g_autoptr (OxConsole) console = ox_console_new (debugger, NULL);
      g_autoptr (OxValue) a = make_input ("3,4", 0, -1, 0);

      ox_debugger_set_input (debugger, "A", a, NULL);
      ox_debugger_set_budget (debugger, b == 0 ? G_MAXSIZE : 0);
      say (console, "step", "at the end");
      say (console, "expand", "off");
      say (console, "expand on", "1 SoftmaxCrossEntropyLoss");
      g_assert_true (ox_debugger_get_expand (debugger));
      for (int round = 0; round < 2; round++)
        {
          for (guint i = 0; i < G_N_ELEMENTS (places); i++)
            say (console, "step", places[i]);
          say (console, "print log_prob", "3x4");
          for (guint i = G_N_ELEMENTS (places) - 1; i > 0; i--)
            say (console, "back-in", i == 7 ? "#5 Sub" : i == 1 ? "function SoftmaxCrossEntropyLoss" : "#");
          say (console, "back-in", "main");
          say (console, "step", "function SoftmaxCrossEntropyLoss");
          say (console, "next", "#1 NegativeLogLikelihoodLoss");
          say (console, "back", "#0 LogSoftmax");
          say (console, "finish", "at the end");
          say (console, "start", "main");
        }
      say (console, "break LogSoftmax", "breakpoint");
      say (console, "continue", "breakpoint");
      say (console, "expand off", "off");
      say (console, "step", "at the end");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *path = g_strdup_printf ("/expand/line/%u", i);

      g_test_add_data_func (path, &lines[i], test_line);
    }
  g_test_add_func ("/expand/all", test_all);
  g_test_add_func ("/expand/random", test_random);
  g_test_add_func ("/expand/as-it-is", test_as_it_is);
  g_test_add_func ("/expand/text", test_text);
  g_test_add_func ("/expand/steps", test_steps);
  return g_test_run ();
}
