/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/derive.h"

#include <string.h>

char *
ox_derive_shape (const OxTensor *tensor)
{
  return ox_writer_ints_text (tensor->rank, tensor->dims);
}

void
ox_derive_fold (GString *to, const char *expression, int rank, const gint64 *dims, const OxTensor *tensor)
{
  gint64 axes[OX_MAX_RANK];
  int n = 0, extra = rank - tensor->rank;
  g_autofree char *list = NULL, *shape = NULL;

  for (int d = 0; d < rank; d++)
    if (d < extra || (tensor->dims[d - extra] == 1 && dims[d] != 1))
      axes[n++] = d;
  if (n == 0)
    {
      g_string_append (to, expression);
      return;
    }
  list = ox_writer_ints_text (n, axes);
  if (extra == 0)
    {
      g_string_append_printf (to, "ReduceSum<keepdims=1>(%s, %s)", expression, list);
      return;
    }
  shape = ox_derive_shape (tensor);
  g_string_append_printf (to, "Reshape<allowzero=1>(ReduceSum<keepdims=0>(%s, %s), %s)", expression, list, shape);
}

/* Those with the largest, or smallest, element share the gradient. */
static gboolean
derive_extreme (OxWriter *w, int i, GString *to, GError **error)
{
  g_autoptr (GString) ties = g_string_new (NULL);

  for (int k = 0; k < w->n_in; k++)
    ox_writer_put (w, ties, "%sCast<to=%d>(Equal($%d, $y))", k > 0 ? ", " : "", (int) w->scalar, k);
  ox_writer_put (w, to, "Mul($g, Div(Cast<to=%d>(Equal($%d, $y)), Sum(", (int) w->scalar, i);
  g_string_append_printf (to, "%s)))", ties->str);
  return TRUE;
}

static gboolean
derive_mean (OxWriter *w, int i, GString *to, GError **error)
{
  ox_writer_put (w, to, "Div($g, #%d)", w->n_in);
  return TRUE;
}

/* The exponent may be of another type. */
static gboolean
derive_pow (OxWriter *w, int i, GString *to, GError **error)
{
  g_autoptr (GString) b = g_string_new (NULL);

  if (w->in[1]->dtype == w->scalar)
    ox_writer_put (w, b, "$1");
  else
    ox_writer_put (w, b, "Cast<to=%d>($1)", (int) w->scalar);
  if (i == 0)
    {
      /* x^0 is flat, at zero too. */
      ox_writer_put (w, to, "Mul($g, Where(Equal(");
      g_string_append_printf (to, "%s, ", b->str);
      ox_writer_put (w, to, "#0), #0, Mul(");
      g_string_append (to, b->str);
      ox_writer_put (w, to, ", Pow($0, Sub(");
      g_string_append (to, b->str);
      ox_writer_put (w, to, ", #1)))))");
    }
  else
    ox_writer_put (w, to, "Mul($g, Where(Greater($0, #0), Mul($y, Log($0)), #0))");
  return TRUE;
}

/* Bounds are inputs from opset 11 on, attributes before. Within the bounds, and at them, it is the identity. */
static gboolean
derive_clip (OxWriter *w, int i, GString *to, GError **error)
{
  gboolean low = w->n_in > 1 && w->in[1] != NULL, high = w->n_in > 2 && w->in[2] != NULL;

  if (w->op->since < 11)
    {
      const char *const bounds[] = {
        "$g", "Where(GreaterOrEqual($0, #$min), $g, #0)", "Where(LessOrEqual($0, #$max), $g, #0)",
        "Where(And(GreaterOrEqual($0, #$min), LessOrEqual($0, #$max)), $g, #0)"
      };

      ox_writer_put (w, to, "%s", bounds[(ox_writer_has (w, "min") ? 1 : 0) + (ox_writer_has (w, "max") ? 2 : 0)]);
      return TRUE;
    }
  if (i == 0 && low && high)
    ox_writer_put (w, to, "Where(And(GreaterOrEqual($0, $1), LessOrEqual($0, $2)), $g, #0)");
  else if (i == 0 && low)
    ox_writer_put (w, to, "Where(GreaterOrEqual($0, $1), $g, #0)");
  else if (i == 0 && high)
    ox_writer_put (w, to, "Where(LessOrEqual($0, $2), $g, #0)");
  else if (i == 0)
    ox_writer_put (w, to, "$g");
  else if (i == 2)
    ox_writer_put (w, to, "Where(Greater($0, $2), $g, #0)");
  else if (high)
    ox_writer_put (w, to, "Where(And(Less($0, $1), LessOrEqual($1, $2)), $g, #0)");
  else
    ox_writer_put (w, to, "Where(Less($0, $1), $g, #0)");
  return TRUE;
}

static gboolean
derive_gelu (OxWriter *w, int i, GString *to, GError **error)
{
  if (ox_writer_is (w, "approximate", "tanh"))
    {
      /* Half of 1 + tanh u + x (1 - tanh² u) u', u = sqrt (2 / pi) (x + 0.044715 x³). */
      g_autoptr (GString) u = g_string_new (NULL);

      ox_writer_put (w, u, "Tanh(Mul(#0.7978845608028654, Add($0, Mul(#0.044715, Mul($0, Mul($0, $0))))))");
      ox_writer_put (w, to, "Mul($g, Mul(#0.5, Add(Add(#1, ");
      g_string_append (to, u->str);
      ox_writer_put (w, to, "), Mul($0, Mul(Sub(#1, Mul(");
      g_string_append_printf (to, "%s, %s", u->str, u->str);
      ox_writer_put (w, to, ")), Mul(#0.7978845608028654, Add(#1, Mul(#0.134145, Mul($0, $0)))))))))");
    }
  else
    ox_writer_put (w, to, "Mul($g, Add(Mul(#0.5, Add(#1, Erf(Mul($0, #0.7071067811865476)))), "
                          "Mul(Mul($0, #0.3989422804014327), Exp(Mul(#-0.5, Mul($0, $0))))))");
  return TRUE;
}

static gboolean
derive_cast (OxWriter *w, int i, GString *to, GError **error)
{
  if (i == 0)
    g_string_append_printf (to, "Cast<to=%d>(%s)", (int) w->in[0]->dtype, w->gradients[0]);
  return TRUE;
}

/* Without training it is the identity; with it, what was kept was scaled up. */
static gboolean
derive_dropout (OxWriter *w, int i, GString *to, GError **error)
{
  gboolean training = w->op->since >= 12 && w->n_in > 2 && w->in[2] != NULL && w->in[2]->count == 1
                      && ox_tensor_get_int (w->in[2], 0) != 0;
  double ratio = w->n_in > 1 && w->in[1] != NULL && w->in[1]->count == 1 ? ox_tensor_get (w->in[1], 0) : 0.5;

  if (i > 0)
    return TRUE;
  if (w->op->since < 7)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for Dropout before opset 7");
  if (!training || ratio == 0)
    {
      g_string_append (to, w->gradients[0]);
      return TRUE;
    }
  if (w->n_out < 2 || w->out[1] == NULL)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "its derivative needs its mask, which is left out");
  w->out_used[1] = TRUE;
  g_string_append_printf (to, "Where(%s, ", w->out_names[1]);
  ox_writer_put (w, to, "Div($g, #%.17g), #0)", 1 - ratio);
  return TRUE;
}

static const OxDeriveRow rows[] = {
  { "Abs", { "Mul($g, Sign($0))" } },
  { "Acos", { "Neg(Div($g, Sqrt(Sub(#1, Mul($0, $0)))))" } },
  { "Acosh", { "Div($g, Sqrt(Sub(Mul($0, $0), #1)))" } },
  { "Add", { "$g", "$g" }, TRUE },
  { "ArgMax", { "" } },
  { "ArgMin", { "" } },
  { "Asin", { "Div($g, Sqrt(Sub(#1, Mul($0, $0))))" } },
  { "Asinh", { "Div($g, Sqrt(Add(Mul($0, $0), #1)))" } },
  { "Atan", { "Div($g, Add(#1, Mul($0, $0)))" } },
  { "Atanh", { "Div($g, Sub(#1, Mul($0, $0)))" } },
  { "Cast", .func = derive_cast },
  { "CastLike", .func = derive_cast },
  { "Ceil", { "" } },
  { "Celu", { "Where(Greater($0, #0), $g, Mul($g, Exp(Div($0, #$alpha))))" } },
  { "Clip", .func = derive_clip, .stretches = TRUE },
  { "Cos", { "Neg(Mul($g, Sin($0)))" } },
  { "Cosh", { "Mul($g, Sinh($0))" } },
  { "Div", { "Div($g, $1)", "Neg(Div(Mul($g, $y), $1))" }, TRUE },
  { "Dropout", .func = derive_dropout },
  { "Elu", { "Where(Greater($0, #0), $g, Mul($g, Add($y, #$alpha)))" } },
  { "Erf", { "Mul($g, Mul(#1.1283791670955126, Exp(Neg(Mul($0, $0)))))" } },
  { "Exp", { "Mul($g, $y)" } },
  { "Floor", { "" } },
  { "Gelu", .func = derive_gelu },
  { "HardSigmoid", { "Where(And(Greater($y, #0), Less($y, #1)), Mul($g, #$alpha), #0)" } },
  { "HardSwish",
    { ("Mul($g, Where(Greater($0, #3), #1, Where(Less($0, #-3), #0, "
       "Add(Div($0, #3), #0.5))))") } },
  { "Identity", { "$g" } },
  { "LeakyRelu", { "Where(Less($0, #0), Mul($g, #$alpha), $g)" } },
  { "Log", { "Div($g, $0)" } },
  { "Max", .func = derive_extreme, .stretches = TRUE },
  { "Mean", .func = derive_mean, .stretches = TRUE },
  { "Min", .func = derive_extreme, .stretches = TRUE },
  { "Mish",
    { ("Mul($g, Add(Tanh(Softplus($0)), Mul($0, Mul(Sigmoid($0), "
       "Sub(#1, Mul(Tanh(Softplus($0)), Tanh(Softplus($0))))))))") } },
  { "Mul", { "Mul($g, $1)", "Mul($g, $0)" }, TRUE },
  { "Neg", { "Neg($g)" } },
  { "PRelu", { "Where(Less($0, #0), Mul($g, $1), $g)", "Where(Less($0, #0), Mul($g, $0), #0)" }, TRUE },
  { "Pow", .func = derive_pow, .stretches = TRUE },
  { "Reciprocal", { "Neg(Mul($g, Mul($y, $y)))" } },
  { "Relu", { "Where(Greater($0, #0), $g, #0)" } },
  { "Round", { "" } },
  { "Selu", { "Where(Greater($0, #0), Mul($g, #$gamma), Mul($g, Add($y, Mul(#$gamma, #$alpha))))" } },
  { "Sigmoid", { "Mul($g, Mul($y, Sub(#1, $y)))" } },
  { "Sign", { "" } },
  { "Sin", { "Mul($g, Cos($0))" } },
  { "Sinh", { "Mul($g, Cosh($0))" } },
  { "Softplus", { "Mul($g, Sigmoid($0))" } },
  { "Softsign", { "Div($g, Mul(Add(#1, Abs($0)), Add(#1, Abs($0))))" } },
  { "Sqrt", { "Div($g, Mul(#2, $y))" } },
  { "Sub", { "$g", "Neg($g)" }, TRUE },
  { "Sum", { "$g" }, TRUE },
  { "Swish", { ("Mul($g, Mul(Sigmoid(Mul(#$alpha, $0)), Add(#1, Mul(Mul(#$alpha, $0), "
                "Sub(#1, Sigmoid(Mul(#$alpha, $0)))))))") } },
  { "Tan", { "Mul($g, Add(#1, Mul($y, $y)))" } },
  { "Tanh", { "Mul($g, Sub(#1, Mul($y, $y)))" } },
  { "ThresholdedRelu", { "Where(Greater($0, #$alpha), $g, #0)" } },
  { "Where", { "", "Where($0, $g, #0)", "Where($0, #0, $g)" }, TRUE },
  { NULL },
};

static const OxDeriveRow *
find_row (const OxWriter *w)
{
  const OxDeriveRow *const tables[] = { rows, ox_derive_loss_rows, ox_derive_move_rows, ox_derive_sum_rows };

  if (w->op == NULL || strcmp (w->node->domain, "ai.onnx") != 0)
    return NULL;
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const OxDeriveRow *row = tables[t]; row->name != NULL; row++)
      if (strcmp (row->name, w->node->op_type) == 0)
        return row;
  return NULL;
}

gboolean
ox_derive_known (const OxWriter *w, GError **error)
{
  return find_row (w) != NULL
         || ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for %s.%s", w->node->domain,
                     w->node->op_type);
}

gboolean
ox_derive_input (OxWriter *w, int i, GString *to, GError **error)
{
  const OxDeriveRow *row = find_row (w);
  g_autoptr (GString) expression = g_string_new (NULL);
  int last = 0;

  for (int o = 0; o < w->n_out; o++)
    if (w->gradients[o] != NULL && (o > 0 || w->gradients[0] == NULL) && !row->all)
      return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for output %d of %s", o, w->op->name);
  if (row->func != NULL && !row->func (w, i, expression, error))
    return FALSE;
  while (last < 2 && row->in[last + 1] != NULL)
    last++;
  if (row->func == NULL)
    ox_writer_put (w, expression, "%s", row->in[MIN (i, last)]);
  if (expression->len == 0)
    return TRUE;
  if (row->stretches && w->op->since < 7 && !ox_tensor_same_shape (w->in[i], w->out[0]))
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for %s before opset 7 where it broadcasts",
                    w->op->name);
  if (row->stretches)
    ox_derive_fold (to, expression->str, w->out[0]->rank, w->out[0]->dims, w->in[i]);
  else
    g_string_append (to, expression->str);
  return TRUE;
}
