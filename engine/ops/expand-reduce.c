/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-expand.h"

#include <string.h>

/* Softmax and reductions. */

/* "<keepdims=1>(%s, axes)" of this node around @expression, with axes from attribute or input. */
static char *
around (OxWriter *w, const char *expression)
{
  GString *text = g_string_new ("ReduceSum<keepdims=");
  int n = 0;
  const gint64 *axes = ox_writer_ints (w, "axes", &n);
  g_autofree char *list = axes != NULL && n > 0 ? ox_writer_ints_text (n, axes) : NULL;

  g_string_append_printf (text, "%" G_GINT64_FORMAT, ox_writer_int (w, "keepdims"));
  if (ox_writer_has (w, "noop_with_empty_axes"))
    g_string_append_printf (text, ", noop_with_empty_axes=%" G_GINT64_FORMAT, ox_writer_int (w, "noop_with_empty_axes"));
  g_string_append_printf (text, ">(%s", expression);
  if (list != NULL)
    g_string_append_printf (text, ", %s", list);
  else if (ox_expand_given (w, 1))
    g_string_append (text, ", axes");
  return g_string_free (g_string_append_c (text, ')'), FALSE);
}

static gboolean
put_reduce (OxWriter *w, const char *before, const char *inner, const char *after)
{
  g_autofree char *sum = around (w, inner);

  ox_expand_line (w, "data, axes -> reduced\n%s%s = %s%s", before, *after != '\0' ? "Sum" : "reduced", sum, after);
  return TRUE;
}

static gboolean
expand_l1 (OxWriter *w)
{
  return put_reduce (w, "", "Abs(data)", "");
}

static gboolean
expand_l2 (OxWriter *w)
{
  return put_reduce (w, "Square = Mul(data, data)\n", "Square", "\nreduced = Sqrt(Sum)");
}

static gboolean
expand_log_sum (OxWriter *w)
{
  return put_reduce (w, "", "data", "\nreduced = Log(Sum)");
}

/* In f64, which large elements do not leave so soon. */
static gboolean
expand_log_sum_exp (OxWriter *w)
{
  return put_reduce (w, "Wide = Cast<to=11>(data)\nPower = Exp(Wide)\n", "Power", "\nreduced = Cast<to=$t>(Log(Sum))");
}

static gboolean
expand_sum_square (OxWriter *w)
{
  return put_reduce (w, "Square = Mul(data, data)\n", "Square", "");
}

#define SOFTMAX "X -> Y\nTop = ReduceMax<keepdims=1>(X, i64[1]{$axis})\nD = Sub(X, Top)\nE = Exp(D)\n" \
                "S = ReduceSum<keepdims=1>(E, i64[1]{$axis})\n"

const OxExpandRow ox_expand_reduce_rows[] = {
  { "LogSoftmax", 13, SOFTMAX "Y = Sub(D, Log(S))" },
  { "ReduceL1", 1, .func = expand_l1 },
  { "ReduceL2", 1, .func = expand_l2 },
  { "ReduceLogSum", 1, .func = expand_log_sum },
  { "ReduceLogSumExp", 1, .func = expand_log_sum_exp },
  { "ReduceSumSquare", 1, .func = expand_sum_square, .any = TRUE },
  { "Softmax", 13, SOFTMAX "Y = Div(E, S)" },
  { NULL },
};
