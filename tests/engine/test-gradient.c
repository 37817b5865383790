/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-debugger.h"
#include "text-models.h"

/* Gradient against differences: a line is the opset, the shapes of the inputs, and a graph. What is derived is the sum of
 * the squares of its output, in f64, with respect to every input; their elements lie between 0.2 and 1.3. */

typedef struct { int opset; const char *shapes, *text; } Line;

static const Line lines[] = {
  { 13, "2,3 3", "A, B -> Y; Y = Add(A, B)" },
  { 13, "2,1 1,3", "A, B -> Y; Y = Sub(A, B)" },
  { 13, "2,3 2,1", "A, B -> Y; Y = Mul(A, B)" },
  { 13, "3 2,3", "A, B -> Y; Y = Div(A, B)" },
  { 13, "2,3 3", "A, B -> Y; Y = Pow(A, B)" },
  { 13, "2,3", "A -> Y; Y = Pow(Sub(A, 0.7), i32{2})" },
  { 13, "4 4 1", "A, B, C -> Y; Y = Sum(A, B, C)" },
  { 13, "4 4 1", "A, B, C -> Y; Y = Mean(A, B, C)" },
  { 13, "4 4 1", "A, B, C -> Y; Y = Max(A, B, C)" },
  { 13, "4 4", "A, B -> Y; Y = Min(A, B)" },
  { 13, "3,2 2", "A, B -> Y; Y = Where(Greater(A, 0.7), Mul(A, B), B)" },
  { 16, "3,2 2", "A, B -> Y; Y = PRelu(Sub(A, 0.7), B)" },
  /* A value that is read more than once. */
  { 13, "5", "A -> Y; B = Mul(A, A); Y = Add(Mul(B, A), B)" },
  { 13, "5", "A -> Y; Y = Abs(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Acos(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Acosh(Add(A, 1))" },
  { 13, "5", "A -> Y; Y = Asin(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Asinh(A)" },
  { 13, "5", "A -> Y; Y = Atan(A)" },
  { 13, "5", "A -> Y; Y = Atanh(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Celu<alpha=0.4>(Sub(A, 0.7))" },
  { 6, "5", "A -> Y; Y = Clip<min=0.4, max=0.9>(A)" },
  { 13, "5", "A -> Y; Y = Clip(A, 0.4, 0.9)" },
  { 13, "5 []", "A, B -> Y; Y = Clip(A, B, )" },
  { 13, "5 []", "A, B -> Y; Y = Clip(A, , B)" },
  { 13, "5", "A -> Y; Y = Cos(A)" },
  { 13, "5", "A -> Y; Y = Cosh(A)" },
  { 13, "5", "A -> Y; Y = Elu<alpha=0.4>(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Erf(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Exp(A)" },
  { 20, "5", "A -> Y; Y = Gelu(Sub(A, 0.7))" },
  { 20, "5", "A -> Y; Y = Gelu<approximate=\"tanh\">(Sub(A, 0.7))" },
  { 13, "9", "A -> Y; Y = HardSigmoid<alpha=1.5, beta=0.2>(Sub(A, 0.7))" },
  { 14, "9", "A -> Y; Y = HardSwish(Mul(Sub(A, 0.7), 8))" },
  { 13, "5", "A -> Y; Y = Identity(A)" },
  { 13, "5", "A -> Y; Y = LeakyRelu<alpha=0.3>(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Log(A)" },
  { 18, "5", "A -> Y; Y = Mish(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Neg(A)" },
  { 13, "5", "A -> Y; Y = Reciprocal(A)" },
  { 13, "5", "A -> Y; Y = Relu(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Selu(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Sigmoid(A)" },
  { 13, "5", "A -> Y; Y = Sin(A)" },
  { 13, "5", "A -> Y; Y = Sinh(A)" },
  { 13, "5", "A -> Y; Y = Softplus(A)" },
  { 13, "5", "A -> Y; Y = Softsign(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Sqrt(A)" },
  { 24, "5", "A -> Y; Y = Swish<alpha=1.3>(Sub(A, 0.7))" },
  { 13, "5", "A -> Y; Y = Tan(A)" },
  { 13, "5", "A -> Y; Y = Tanh(A)" },
  { 13, "5", "A -> Y; Y = ThresholdedRelu<alpha=0.7>(A)" },
  { 13, "5", "A -> Y; Y = Mul(Floor(Mul(A, 3)), A)" },
  { 13, "5", "A -> Y; Y = Dropout(A)" },
  { 13, "2,3 3,4", "A, B -> Y; Y = MatMul(A, B)" },
  { 13, "3 3", "A, B -> Y; Y = MatMul(A, B)" },
  { 13, "3 2,3,4", "A, B -> Y; Y = MatMul(A, B)" },
  { 13, "2,4,3 3", "A, B -> Y; Y = MatMul(A, B)" },
  { 13, "2,1,2,3 3,3,4", "A, B -> Y; Y = MatMul(A, B)" },
  { 13, "2,3 3,4 4", "A, B, C -> Y; Y = Gemm<alpha=0.5, beta=2.0>(A, B, C)" },
  { 13, "3,2 3,4 2,1", "A, B, C -> Y; Y = Gemm<transA=1>(A, B, C)" },
  { 13, "2,3 4,3 []", "A, B, C -> Y; Y = Gemm<transB=1>(A, B, C)" },
  { 13, "3,2 4,3", "A, B -> Y; Y = Gemm<transA=1, transB=1>(A, B)" },
  { 13, "2,3,2", "A -> Y; Y = ReduceSum(A, i64[2]{0,-1})" },
  { 13, "2,3", "A -> Y; Y = ReduceSum<keepdims=0>(A)" },
  { 13, "2,3", "A -> Y; Y = ReduceSum<noop_with_empty_axes=1>(A)" },
  { 11, "2,3", "A -> Y; Y = ReduceSum<axes=[1], keepdims=0>(A)" },
  { 13, "2,3,2", "A -> Y; Y = ReduceMean<axes=[1], keepdims=0>(A)" },
  { 18, "2,3", "A -> Y; Y = ReduceMax<keepdims=0>(A, i64[1]{1})" },
  { 18, "2,3", "A -> Y; Y = ReduceMin(A)" },
  { 18, "2,3", "A -> Y; Y = ReduceL1(Sub(A, 0.7), i64[1]{0})" },
  { 18, "2,3", "A -> Y; Y = ReduceL2<keepdims=0>(A, i64[1]{0})" },
  { 18, "2,3", "A -> Y; Y = ReduceLogSum(A, i64[1]{0})" },
  { 18, "2,3", "A -> Y; Y = ReduceLogSumExp(A, i64[1]{1})" },
  { 18, "2,3", "A -> Y; Y = ReduceSumSquare(A, i64[1]{1})" },
  { 13, "2,3", "A -> Y; Y = Softmax<axis=0>(A)" },
  { 11, "2,3,2", "A -> Y; Y = Softmax<axis=1>(A)" },
  { 13, "2,3", "A -> Y; Y = LogSoftmax(A)" },
  { 14, "2,3", "A -> Y; Y = CumSum<exclusive=1>(A, i64{1})" },
  { 13, "2,3", "A -> Y; Y = Mul(Reshape(A, i64[2]{3,-1}), f64[3,1]{1,2,3})" },
  { 13, "2,3", "A -> Y; Y = Mul(Flatten<axis=0>(A), f64[6]{1,2,3,4,5,6})" },
  { 13, "2,1,3", "A -> Y; Y = Mul(Squeeze(A, i64[1]{1}), f64[3]{1,2,3})" },
  { 13, "3", "A -> Y; Y = Mul(Unsqueeze(A, i64[1]{1}), f64[2]{1,2})" },
  { 13, "2,3,2", "A -> Y; Y = Mul(Transpose<perm=[1,2,0]>(A), f64[3,1,1]{1,2,3})" },
  { 13, "2,3", "A -> Y; Y = Mul(Transpose(A), f64[3,1]{1,2,3})" },
  { 13, "3,1", "A -> Y; Y = Mul(Expand(A, i64[3]{2,3,2}), f64[2]{1,3})" },
  { 13, "2,2 2,3", "A, B -> Y; Y = Mul(Concat<axis=-1>(A, B, A), f64[7]{1,2,3,4,5,6,7})" },
  { 13, "6,2", "A -> Y; Y = Mul(Slice(A, i64[2]{1,0}, i64[2]{-1,1}, i64[2]{0,1}), f64[4,1]{1,2,3,4})" },
  { 13, "6,2", "A -> Y; Y = Mul(Slice(A, i64[2]{-1,0}, i64[2]{-9,2}, i64[2]{0,1}, i64[2]{-2,1}), f64[3,1]{1,2,3})" },
  { 9, "5", "A -> Y; Y = Mul(Slice<starts=[1], ends=[3]>(A), f64[2]{1,2})" },
  { 13, "5", "A -> Y; B, C = Split(A, i64[2]{2,3}); Y = Mul(C, 2)" },
  { 13, "4", "A -> Y; B, C = Split(A, i64[2]{2,2}); Y = Div(B, C)" },
  { 13, "2,3", "A -> Y; Y = Mul(Pad(A, i64[4]{1,0,2,1}), f64[4]{1,2,3,4})" },
  { 13, "2,3", "A -> Y; Y = Mul(Tile(A, i64[2]{2,3}), f64[9]{1,2,3,4,5,6,7,8,9})" },
  { 13, "4,2", "A -> Y; Y = Mul(Gather(A, i64[2,2]{0,3,-1,0}), f64[2]{1,2})" },
  { 13, "2,4", "A -> Y; Y = Mul(Gather<axis=1>(A, i64{2}), f64[2]{1,2})" },
  { 13, "2,3", "A -> Y; Y = GatherElements<axis=1>(A, i64[2,2]{0,0,2,1})" },
  { 13, "2,3", "A -> Y; Y = GatherND(A, i64[3,2]{0,1,1,2,0,1})" },
  { 13, "2,2,5 3,2,3 3", "A, B, C -> Y; Y = Conv(A, B, C)" },
  { 13, "1,2,6,7 3,2,3,2 3", "A, B, C -> Y; Y = Conv<strides=[2,3], pads=[1,0,2,1]>(A, B, C)" },
  { 13, "1,2,7,7 1,2,3,3", "A, B -> Y; Y = Conv<dilations=[2,1], auto_pad=\"SAME_UPPER\", strides=[2,2]>(A, B)" },
  { 13, "1,4,5 6,2,2", "A, B -> Y; Y = Conv<group=2>(A, B)" },
  { 13, "2,2,3,2", "A -> Y; Y = GlobalAveragePool(A)" },
  { 17, "2,3,4 3,4 3,4", "A, B, C -> Y; Y = LayerNormalization<axis=1>(A, B, C)" },
  { 17, "2,4 4", "A, B -> Y; Y = LayerNormalization(A, B)" },
  { 15, "2,3,4 3 3", "A, B, C -> Y; Y = BatchNormalization(A, B, C, f64[3]{1,0.5,0}, f64[3]{1,2,0.5})" },
  { 12, "1,2,5,6", "A -> Y; Y = MaxPool<kernel_shape=[2,3], strides=[1,2], pads=[1,0,0,1]>(A)" },
  { 12, "2,1,7", "A -> Y; Y = MaxPool<kernel_shape=[3], dilations=[2], ceil_mode=1, strides=[2]>(A)" },
  { 12, "2,1,7", "A -> Y; Y = MaxPool<kernel_shape=[3], auto_pad=\"SAME_LOWER\", strides=[2]>(A)" },
  { 13, "3,4", "A -> Y; Y = NegativeLogLikelihoodLoss(A, i64[3]{1,0,3})" },
  { 13, "2,4,2", ("A -> Y; Y = NegativeLogLikelihoodLoss<ignore_index=-1>(A, i64[2,2]{1,-1,3,0}, "
                  "f64[4]{1,2,3,4})") },
  { 13, "3,4", "A -> Y; Y = SoftmaxCrossEntropyLoss<reduction=\"none\">(A, i32[3]{1,0,3}, f64[4]{1,2,3,4})" },
  { 13, "3,4", "A -> Y; L, P = SoftmaxCrossEntropyLoss<ignore_index=0>(A, i64[3]{1,0,3}); Y = Add(Mul(L, L), P)" },
  { 13, "2,4,2", "A -> Y; Y = SoftmaxCrossEntropyLoss<reduction=\"sum\">(A, i64[2,2]{1,2,3,0})" },
  /* A small network with a loss. */
  { 13, "4,3 3,5 5 5,2", "X, W, B, V -> Y; H = Tanh(Add(MatMul(X, W), B)); P = LogSoftmax(MatMul(H, V)); "
                         "Y = ReduceMean<keepdims=0>(Neg(P))" },
};

/* ---- models ---------------------------------------------------------------------------------------------------- */

static void
set_strings (OxNode *node, const char *name, const char *texts)
{
  OxAttribute *attribute = ox_node_add_attribute (node, name, OX_ATTR_STRINGS);
  g_auto (GStrv) parts = g_strsplit (texts, " ", -1);

  for (int i = 0; parts[i] != NULL; i++)
    g_ptr_array_add (attribute->strings, g_bytes_new (parts[i], strlen (parts[i])));
}

static OxNode *
add_gradient (OxGraph *graph, const char *xs, const char *zs, const char *y, const char *inputs, const char *outputs)
{
  OxNode *node = add (graph, "Gradient", "gradient", inputs, outputs);

  g_free (node->domain);
  node->domain = g_strdup ("ai.onnx.preview.training");
  set_strings (node, "xs", xs);
  if (zs != NULL)
    set_strings (node, "zs", zs);
  ox_node_add_attribute (node, "y", OX_ATTR_STRING)->s = g_bytes_new (y, strlen (y));
  return node;
}

/* ---- differences ---------------------------------------------------------------------------------------------- */

static double
loss_at (OxSession *session, char **names, char **shapes, int nudged, gint64 element, double by)
{
  ox_session_restart (session);
  for (int i = 0; shapes[i] != NULL; i++)
    {
      g_autoptr (OxValue) value = make_input (shapes[i], i, i == nudged ? element : -1, by);

      give (session, names[i], value);
    }
  run_good (session);
  return ox_tensor_get (ox_value_get_tensor (ox_session_output (session, 0)), 0);
}

static void
test_line (gconstpointer data)
{
  const Line *line = data;
  g_autoptr (OxModel) plain = text_model (line->opset, line->text), model = text_model (line->opset, line->text);
  g_auto (GStrv) shapes = g_strsplit (line->shapes, " ", -1);
  g_autofree char *head = g_strndup (line->text, (gsize) (strstr (line->text, " ->") - line->text));
  g_auto (GStrv) names = g_strsplit (head, ", ", -1);
  g_autofree char *xs = g_strjoinv (" ", names);
  g_autoptr (GString) outputs = g_string_new (NULL);
  g_autoptr (OxSession) below = NULL, session = NULL;

  for (int i = 0; names[i] != NULL; i++)
    g_string_append_printf (outputs, "%sg%d", i > 0 ? " " : "", i);
  add (plain->graph, "ReduceSumSquare", "loss", "Y", "loss");
  set_int (ox_graph_node (plain->graph, plain->graph->nodes->len - 1), "keepdims", 0);
  add_outputs (plain->graph, "loss");
  link_good (plain);
  add (model->graph, "Mul", "square", "Y Y", "loss");
  add_gradient (model->graph, xs, NULL, "loss", xs, outputs->str);
  add_outputs (model->graph, outputs->str);
  link_good (model);
  below = ox_session_new (plain, NULL);
  session = ox_session_new (model, NULL);
  for (int i = 0; names[i] != NULL; i++)
    {
      g_autoptr (OxValue) value = make_input (shapes[i], i, -1, 0);

      give (session, names[i], value);
    }
  run_good (session);
  for (int i = 0; names[i] != NULL; i++)
    {
      g_autoptr (OxValue) value = make_input (shapes[i], i, -1, 0);
      const OxTensor *gradient = ox_value_get_tensor (ox_session_output (session, (guint) i));

      g_assert_true (ox_tensor_same_shape (gradient, value->tensor));
      g_assert_cmpint (gradient->dtype, ==, OX_F64);
      for (gint64 e = 0; e < gradient->count; e++)
        {
          double h = 1e-5, found = ox_tensor_get (gradient, e);
          double expected = (loss_at (below, names, shapes, i, e, h) - loss_at (below, names, shapes, i, e, -h)) / (2 * h);

          if (!(fabs (found - expected) <= 2e-6 * (1 + fabs (expected))))
            g_error ("%s: input %d, element %d: expected %.9g, found %.9g", line->text, i, (int) e, expected, found);
        }
    }
}

/* ---- what the attributes mean --------------------------------------------------------------------------------- */

static OxValue *
scalar (OxDtype dtype, double v)
{
  return ox_value_new_tensor (ox_tensor_new_scalar (dtype, v));
}

static void
expect_outputs (OxModel *model, const char *inputs, const double *values, const double *expected)
{
  g_auto (GStrv) names = g_strsplit (inputs, " ", -1);
  g_autoptr (OxSession) session = ox_session_new (model, NULL);

  for (int i = 0; names[i] != NULL; i++)
    {
      g_autoptr (OxValue) value = scalar (OX_F64, values[i]);

      give (session, names[i], value);
    }
  run_good (session);
  for (guint i = 0; i < model->graph->outputs->len; i++)
    g_assert_cmpfloat_with_epsilon (ox_tensor_get (ox_value_get_tensor (ox_session_output (session, i)), 0),
                                    expected[i], 1e-12);
}

/* With respect to a value in between nothing goes further back; zs hold still; what y does not depend on has zero. */
static void
test_between (void)
{
  g_autoptr (OxModel) model = text_model (13, "A, B, C -> Y; H = Mul(A, A); Y = Add(Mul(H, B), A)");
  const double values[] = { 3, 5, 7 }, expected[] = { 5, 0, 9 };

  add_gradient (model->graph, "H C", "B A", "Y", "H C B A", "dH dC");
  add_gradient (model->graph, "B", "H A", "Y", "B H A", "dB");
  add_outputs (model->graph, "dH dC dB");
  link_good (model);
  expect_outputs (model, "A B C", values, expected);
}

/* At other values than those of the run: d(a² b) at a = 2, b = 10; y itself stays as it was. */
static void
test_other_values (void)
{
  g_autoptr (OxModel) model = text_model (13, "A, B, A2, B2 -> Y; H = Mul(A, A); Y = Mul(H, B)");
  const double values[] = { 3, 5, 2, 10 }, expected[] = { 45, 40, 4, 30 };

  add_gradient (model->graph, "A B", NULL, "Y", "A2 B2", "dA dB");
  add_gradient (model->graph, "A", "B", "Y", "A B", "dA1");
  add_outputs (model->graph, "Y dA dB dA1");
  link_good (model);
  expect_outputs (model, "A B A2 B2", values, expected);
}

/* Before y has been computed it is computed for the derivative; an output that is left out is not there. */
static void
test_early (void)
{
  g_autoptr (OxModel) model = model_new (13);
  OxOpset training = { g_strdup ("ai.onnx.preview.training"), 1 };
  const double values[] = { 3, 5 }, expected[] = { 3, 15 };

  g_array_append_val (model->opsets, training);
  ox_graph_add_input (model->graph, "A", NULL);
  ox_graph_add_input (model->graph, "B", NULL);
  add_gradient (model->graph, "A B", NULL, "Y", "A B", "- dB");
  add (model->graph, "Mul", "mul", "A B", "Y");
  add_outputs (model->graph, "dB Y");
  link_good (model);
  expect_outputs (model, "A B", values, expected);
}

/* Sums of f16 stay f16; a Cast between types is gone back through. */
static void
test_types (void)
{
  g_autoptr (OxModel) model = text_model (13, "A -> Y; Y = Mul(Cast<to=11>(A), 3)");
  g_autoptr (OxSession) session = NULL;
  g_autoptr (OxValue) value = scalar (OX_F16, 2);
  const OxTensor *gradient;

  add_gradient (model->graph, "A", NULL, "Y", "A", "dA");
  add_outputs (model->graph, "dA");
  link_good (model);
  session = ox_session_new (model, NULL);
  give (session, "A", value);
  run_good (session);
  gradient = ox_value_get_tensor (ox_session_output (session, 0));
  g_assert_cmpint (gradient->dtype, ==, OX_F16);
  g_assert_cmpfloat (ox_tensor_get (gradient, 0), ==, 3);
}

/* Inside a branch: what is further out is constant, under a name of its own. */
static void
test_inside (void)
{
  g_autoptr (OxModel) model = text_model (13, "A, B -> H; H = Mul(A, A)");
  const double values[] = { 3, 5 }, expected[] = { 45, 9 };
  OxNode *pick;
  OxGraph *body;

  add_constant (model->graph, "yes", ox_tensor_new_scalar (OX_BOOL, 1));
  pick = add (model->graph, "If", "pick", "yes", "d e");
  for (int k = 0; k < 2; k++)
    {
      body = add_body (pick, k == 0 ? "then_branch" : "else_branch", "");
      add (body, "Identity", "copy", "B", "X");
      add (body, "Mul", "mul", "X H", "Y");
      add (body, "Mul", "again", "Y X", "Z");
      add_gradient (body, "X", NULL, "Y", k == 0 ? "X" : "H", "g");
      add (body, "Mul", "times", "g X", "G");
      add_outputs (body, "G g");
    }
  add_outputs (model->graph, "d e");
  link_good (model);
  expect_outputs (model, "A B", values, expected);
}

/* In a function: attributes of its call count, also for nodes that run again; f (x) = elu (x), alpha 3. */
static void
test_function (void)
{
  g_autoptr (OxModel) model = text_model (13, "A, B -> Q; Q = Neg(B)");
  const double values[] = { -1, -2 }, expected[] = { 3 * exp (-1), 3 * exp (-2) };
  OxFunction *function = ox_function_new (model, "own", "Slope", NULL);
  const OxOpset training = { g_strdup ("ai.onnx.preview.training"), 1 }, standard = { g_strdup ("ai.onnx"), 13 };
  OxNode *elu, *call;

  g_array_append_val (function->opsets, training);
  g_array_append_val (function->opsets, standard);
  ox_graph_add_input (function->body, "X", NULL);
  ox_graph_add_input (function->body, "X2", NULL);
  elu = add (function->body, "Elu", "elu", "X", "Y");
  g_free (ox_node_add_attribute (elu, "alpha", OX_ATTR_FLOAT)->ref);
  ox_node_attribute (elu, "alpha")->ref = g_strdup ("steep");
  add_gradient (function->body, "X", NULL, "Y", "X", "g");
  add_gradient (function->body, "X", NULL, "Y", "X2", "g2");
  add_outputs (function->body, "g g2");
  call = add (model->graph, "Slope", "call", "A B", "d d2");
  g_free (call->domain);
  call->domain = g_strdup ("own");
  ox_node_add_attribute (call, "steep", OX_ATTR_FLOAT)->f = 3;
  add_outputs (model->graph, "d d2");
  link_good (model);
  expect_outputs (model, "A B", values, expected);
}

static void
expect_failure (OxModel *model, const char *words)
{
  g_autoptr (OxSession) session = NULL;
  g_autoptr (OxValue) value = scalar (OX_F64, 2);
  g_autoptr (GError) error = NULL;

  link_good (model);
  session = ox_session_new (model, NULL);
  give (session, "A", value);
  g_assert_false (ox_session_run (session, NULL, &error));
  if (error == NULL || strstr (error->message, words) == NULL)
    g_error ("expected '%s' in '%s'", words, error != NULL ? error->message : "");
  ox_model_unref (model);
}

static OxModel *
bad_model (const char *text, const char *xs, const char *zs, const char *y, const char *inputs, const char *outputs)
{
  OxModel *model = text_model (13, text);

  add_gradient (model->graph, xs, zs, y, inputs, outputs);
  add_outputs (model->graph, "Y");
  return model;
}

static void
test_bad (void)
{
  expect_failure (bad_model ("A -> Y; Y = Det(Reshape(A, i64[2]{1,1}))", "A", NULL, "Y", "A", "d"),
                  "the derivative of node 'Det of 'Y'' (Det): there is no derivative rule for ai.onnx.Det");
  expect_failure (bad_model ("A -> Y; Y = Neg(A)", "Q", NULL, "Y", "A", "d"), "xs names 'Q', which is no value of main");
  expect_failure (bad_model ("A -> Y; Y = Neg(A)", "A", NULL, "Q", "A", "d"), "y names 'Q'");
  expect_failure (bad_model ("A -> Y; Y = Neg(A)", "A", "Y", "Y", "A", "d"),
                  "expected an input for each of its 1 xs and 1 zs");
  expect_failure (bad_model ("A -> Y; Y = Neg(A)", "A", NULL, "Y", "A", "d e"), "it has 2 outputs, and 1 xs");
  expect_failure (bad_model ("A -> Y; Y = Neg(A)", "A", "A", "Y", "A A", "d"), "among its xs and zs twice");
  expect_failure (bad_model ("A -> Y; Y = Neg(A)", "A", NULL, "d", "A", "d"), "y 'd' is made from its own result");
  expect_failure (bad_model ("A -> Y; B = Shape(A); Y = Neg(A)", "A", NULL, "B", "A", "d"), "no tensor of real numbers");
}

/* ---- stepping ------------------------------------------------------------------------------------------------- */

static void
expect (OxDebugger *debugger, OxMove move, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *label = NULL, *text = NULL;
  const OxStop *stop;

  ox_debugger_move (debugger, move, NULL, NULL, &error);
  g_assert_no_error (error);
  stop = ox_debugger_get_stop (debugger);
  g_assert_no_error (stop->error);
  label = stop->frame != NULL ? ox_frame_label (stop->frame) : g_strdup ("");
  text = stop->node != NULL ? g_strdup_printf ("%s in %s", stop->node->op_type, label) : g_strdup ("end");
  g_assert_cmpstr (text, ==, expected);
}

/* Into what is computed again and into the derivative, and back. The values that the rules look at stay whatever the
 * budget, and so do the bits. */
static void
test_steps (void)
{
  static const char *const places[] = {
    "Gradient in main", "Mul in function Y again", "Exp in function Y again", "Expand in function derivative of Y",
    "Mul in function derivative of Y", "Mul in function derivative of Y", "Mul in function derivative of Y",
    "Sum in function derivative of Y", "Identity in function derivative of Y", "end",
  };
  static const gsize budgets[] = { G_MAXSIZE, 0 };
  const int n = G_N_ELEMENTS (places);

  for (guint b = 0; b < G_N_ELEMENTS (budgets); b++)
    {
      g_autoptr (OxModel) model = text_model (13, "A, A2 -> Y; H = Mul(A, A); Y = Exp(H)");
      g_autoptr (OxDebugger) debugger = NULL;
      g_autoptr (OxValue) one = scalar (OX_F64, 1), half = scalar (OX_F64, 0.5), result = NULL;

      add_gradient (model->graph, "A", NULL, "Y", "A2", "dA");
      add_outputs (model->graph, "dA");
      link_good (model);
      debugger = ox_debugger_new (model);
      ox_debugger_set_input (debugger, "A", one, NULL);
      ox_debugger_set_input (debugger, "A2", half, NULL);
      ox_debugger_set_budget (debugger, budgets[b]);
      expect (debugger, OX_MOVE_OVER, "Exp in main");
      for (int round = 0; round < 2; round++)
        {
          for (int i = 0; i < n; i++)
            expect (debugger, OX_MOVE_IN, places[i]);
          for (int i = n - 1; i > 0; i--)
            expect (debugger, OX_MOVE_BACK_IN, places[i - 1]);
          expect (debugger, OX_MOVE_OVER, "end");
          expect (debugger, OX_MOVE_BACK, "Gradient in main");
          expect (debugger, OX_MOVE_BACK, "Exp in main");
        }
      expect (debugger, OX_MOVE_CONTINUE, "end");
      result = ox_debugger_dup_value (debugger, model->graph, ox_graph_find (model->graph, "dA"), NULL);
      g_assert_cmpfloat_with_epsilon (ox_tensor_get (result->tensor, 0), exp (0.25), 1e-12);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *path = g_strdup_printf ("/gradient/line/%u", i);

      g_test_add_data_func (path, &lines[i], test_line);
    }
  g_test_add_func ("/gradient/between", test_between);
  g_test_add_func ("/gradient/other-values", test_other_values);
  g_test_add_func ("/gradient/early", test_early);
  g_test_add_func ("/gradient/types", test_types);
  g_test_add_func ("/gradient/inside", test_inside);
  g_test_add_func ("/gradient/function", test_function);
  g_test_add_func ("/gradient/bad", test_bad);
  g_test_add_func ("/gradient/steps", test_steps);
  return g_test_run ();
}
