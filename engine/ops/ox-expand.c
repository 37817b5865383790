/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-expand.h"

#include <string.h>

/* Clip from opset 11 on: bounds may be left out. */
static gboolean
expand_clip (OxWriter *w)
{
  gboolean low = ox_expand_given (w, 1), high = ox_expand_given (w, 2);

  ox_expand_line (w, "X, min, max -> Y");
  if (low)
    ox_expand_line (w, "%s = Max(X, min)", high ? "L" : "Y");
  if (high)
    ox_expand_line (w, "Y = Min(%s, max)", low ? "L" : "X");
  if (!low && !high)
    ox_expand_line (w, "Y = X");
  return TRUE;
}

static gboolean
expand_gelu (OxWriter *w)
{
  if (ox_writer_is (w, "approximate", "tanh"))
    ox_expand_line (w, "X -> Y\n"
                       "Cube = Mul(Mul(X, X), X)\n"
                       "Inner = Mul(#0.7978845608028654, Add(X, Mul(#0.044715, Cube)))\n"
                       "Y = Mul(Mul(#0.5, X), Add(#1, Tanh(Inner)))");
  else
    ox_expand_line (w, "X -> Y\n"
                       "E = Erf(Div(X, #1.4142135623730951))\n"
                       "Y = Mul(Mul(#0.5, X), Add(#1, E))");
  return TRUE;
}

static const OxExpandRow rows[] = {
  { "Celu", 12, "X -> Y\nBelow = Mul(#$alpha, Sub(Exp(Div(X, #$alpha)), #1))\nY = Where(Less(X, #0), Below, X)" },
  { "Clip", 11, .func = expand_clip, .any = TRUE },
  { "Elu", 6, "X -> Y\nBelow = Mul(#$alpha, Sub(Exp(X), #1))\nY = Where(Less(X, #0), Below, X)" },
  { "Gelu", 20, .func = expand_gelu },
  { "GreaterOrEqual", 12, "A, B -> C\nC = Or(Greater(A, B), Equal(A, B))", .any = TRUE },
  { "HardSigmoid", 6, "X -> Y\nLine = Add(Mul(X, #$alpha), #$beta)\nY = Max(#0, Min(#1, Line))" },
  { "HardSwish", 14, "X -> Y\nH = HardSigmoid<alpha=0.16666667, beta=0.5>(X)\nY = Mul(X, H)" },
  { "LeakyRelu", 6, "X -> Y\nY = Where(Less(X, #0), Mul(#$alpha, X), X)" },
  { "LessOrEqual", 12, "A, B -> C\nC = Or(Less(A, B), Equal(A, B))", .any = TRUE },
  { "Mish", 18, "X -> Y\nS = Softplus(X)\nT = Tanh(S)\nY = Mul(X, T)" },
  { "PRelu", 7, "X, slope -> Y\nY = Where(Less(X, #0), Mul(slope, X), X)", .any = TRUE },
  { "Relu", 6, "X -> Y\nY = Max(X, #0)", .any = TRUE },
  { "Selu", 6, ("X -> Y\nBelow = Mul(#$gamma, Sub(Mul(#$alpha, Exp(X)), #$alpha))\n"
                "Y = Where(LessOrEqual(X, #0), Below, Mul(#$gamma, X))") },
  { "Shrink", 9, ("X -> Y\nLow = Less(X, Neg(#$lambd))\nHigh = Greater(X, #$lambd)\n"
                  "Y = Where(Low, Add(X, #$bias), Where(High, Sub(X, #$bias), #0))") },
  { "Softplus", 1, "X -> Y\nFar = Max(X, #0)\nNear = Log(Add(Exp(Neg(Abs(X))), #1))\nY = Add(Far, Near)" },
  { "Softsign", 1, "X -> Y\nY = Div(X, Add(#1, Abs(X)))" },
  { "Swish", 24, "X -> Y\nS = Sigmoid(Mul(X, #$alpha))\nY = Mul(X, S)" },
  { "ThresholdedRelu", 10, "X -> Y\nY = Where(Greater(X, #$alpha), X, #0)" },
  { NULL },
};

/* ---- finding -------------------------------------------------------------------------------------------------- */

static const OxExpandRow *
find_row (const char *domain, const char *name, gint64 opset)
{
  const OxExpandRow *const tables[]
    = { rows, ox_expand_reduce_rows, ox_expand_norm_rows, ox_expand_attention_rows, ox_expand_other_rows };
  const OxExpandRow *found = NULL;

  if (strcmp (domain, "ai.onnx") != 0)
    return NULL;
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const OxExpandRow *row = tables[t]; row->name != NULL; row++)
      if (strcmp (row->name, name) == 0 && row->since <= opset && (found == NULL || row->since > found->since))
        found = row;
  return found;
}

OxExpandKind
ox_expand_kind (const char *domain, const char *name, gint64 opset)
{
  const OxExpandRow *row = find_row (domain, name, opset);

  return row == NULL ? OX_EXPAND_NO : row->text != NULL || row->func != NULL ? OX_EXPAND_YES : OX_EXPAND_MISSING;
}

static gboolean
is_real (OxDtype dtype)
{
  return dtype == OX_F32 || dtype == OX_F64 || dtype == OX_F16 || dtype == OX_BF16;
}

char *
ox_expand (OxWriter *w)
{
  const OxExpandRow *row = find_row (w->node->domain, w->node->op_type, w->opset);
  g_autoptr (GString) text = g_string_new (NULL);

  if (row == NULL || w->n_in == 0 || w->in[0] == NULL || (!row->any && !is_real (w->in[0]->dtype)))
    return NULL;
  w->scalar = w->in[0]->dtype;
  w->text = text;
  if (row->text != NULL)
    ox_writer_put (w, text, "%s", row->text);
  else if (row->func == NULL || !row->func (w))
    return NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
ox_expand_given (const OxWriter *w, int i)
{
  return i < w->n_in && w->in[i] != NULL;
}

void
ox_expand_line (OxWriter *w, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  ox_writer_put (w, w->text, "%s\n", line);
}
