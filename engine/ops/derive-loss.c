/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "ops/derive.h"

/* Derivative rules of the losses, and of MaxPool. */

/* What the gradient of the loss is for the logarithms it picks, in the shape of input 0. */
static gboolean
put_picked (OxWriter *w, GString *to, GError **error)
{
  const OxTensor *target = w->in[1];
  gboolean weighted = w->n_in > 2 && w->in[2] != NULL, ignores = ox_writer_has (w, "ignore_index");
  gboolean mean = ox_writer_is (w, "reduction", "mean");
  g_autofree char *ignored = NULL, *class = NULL, *weight = NULL, *shape = ox_derive_shape (w->in[0]);
  g_autofree char *places = ox_derive_shape (target);
  const char *type = ox_dtype_name (target->dtype);
  g_autoptr (GString) line = g_string_new (NULL);

  if (w->gradients[0] == NULL)
    {
      ox_writer_put (w, to, "Expand(#0, %s)", shape);
      return TRUE;
    }
  if (ignores)
    {
      ox_writer_put (w, line, "Equal($1, %s{$ignore_index})", type);
      ignored = ox_writer_name (w, line->str);
      g_string_printf (line, "Where(%s, %s{0}, ", ignored, type);
      ox_writer_put (w, line, "$1)");
      class = ox_writer_name (w, line->str);
      g_string_truncate (line, 0);
    }
  else
    {
      ox_writer_put (w, line, "$1");
      class = g_string_free (g_steal_pointer (&line), FALSE);
      line = g_string_new (NULL);
    }
  if (weighted)
    {
      ox_writer_put (w, line, "Gather($2, ");
      g_string_append_printf (line, "%s)", class);
    }
  else
    ox_writer_put (w, line, "Expand(#1, %s)", places);
  if (ignores)
    {
      g_autoptr (GString) zero = g_string_new (NULL);

      ox_writer_put (w, zero, "#0");
      g_string_prepend (line, ", ");
      g_string_prepend (line, zero->str);
      g_string_prepend (line, ", ");
      g_string_prepend (line, ignored);
      g_string_prepend (line, "Where(");
      g_string_append_c (line, ')');
    }
  weight = ox_writer_name (w, line->str);
  ox_writer_put (w, to, "ScatterElements<axis=1>(Expand(#0, %s), ", shape);
  g_string_append_printf (to, "Unsqueeze(%s, i64[1]{1}), Unsqueeze(Neg(Mul(%s, ", class, weight);
  if (mean)
    g_string_append_printf (to, "Div(%s, ReduceSum<keepdims=0>(%s))", w->gradients[0], weight);
  else
    g_string_append (to, w->gradients[0]);
  g_string_append (to, ")), i64[1]{1}))");
  return TRUE;
}

static gboolean
derive_nll (OxWriter *w, int i, GString *to, GError **error)
{
  if (i > 1)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for the weights of %s", w->op->name);
  return i == 1 || put_picked (w, to, error);
}

/* Through the logarithm of a softmax along the classes, which may be an output of its own. */
static gboolean
derive_cross_entropy (OxWriter *w, int i, GString *to, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *picked = NULL;

  if (i > 1)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for the weights of %s", w->op->name);
  if (i == 1)
    return TRUE;
  if (!put_picked (w, line, error))
    return FALSE;
  if (w->n_out > 1 && w->gradients[1] != NULL)
    {
      g_string_prepend (line, "Add(");
      g_string_append_printf (line, ", %s)", w->gradients[1]);
    }
  picked = ox_writer_name (w, line->str);
  g_string_append_printf (to, "Sub(%s, Mul(", picked);
  ox_writer_put (w, to, "Softmax<axis=1>($0), ReduceSum<keepdims=1>(");
  g_string_append_printf (to, "%s, i64[1]{1})))", picked);
  return TRUE;
}

/* Where the largest was is found again; windows that share it add up. */
static gboolean
derive_max_pool (OxWriter *w, int i, GString *to, GError **error)
{
  static const char *const lists[] = { "strides", "pads", "dilations" };
  static const char *const words[] = { "SAME_UPPER", "SAME_LOWER", "VALID" };
  g_autofree char *shape = ox_derive_shape (w->in[0]), *indices = g_strdup_printf ("'%%p%u'", ++*w->serial);

  if (w->op->since < 8)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for MaxPool before opset 8");
  g_string_append_printf (w->text, "_, %s = MaxPool<", indices);
  ox_writer_put (w, w->text, "kernel_shape=[$kernel_shape]");
  for (guint k = 0; k < G_N_ELEMENTS (lists); k++)
    if (ox_writer_has (w, lists[k]))
      ox_writer_put (w, w->text, ", %s=[$%s]", lists[k], lists[k]);
  for (guint k = 0; k < G_N_ELEMENTS (words); k++)
    if (ox_writer_is (w, "auto_pad", words[k]))
      g_string_append_printf (w->text, ", auto_pad=\"%s\"", words[k]);
  if (ox_writer_has (w, "ceil_mode"))
    ox_writer_put (w, w->text, ", ceil_mode=$ceil_mode");
  ox_writer_put (w, w->text, ">($0)\n");
  ox_writer_put (w, to, "Reshape<allowzero=1>(ScatterElements<reduction=\"add\">(Expand(#0, i64[1]{%" G_GINT64_FORMAT "}), ",
                 w->in[0]->count);
  g_string_append_printf (to, "Reshape(%s, i64[1]{-1}), Reshape(%s, i64[1]{-1})), %s)", indices, w->gradients[0], shape);
  return TRUE;
}

const OxDeriveRow ox_derive_loss_rows[] = {
  { "MaxPool", .func = derive_max_pool },
  { "NegativeLogLikelihoodLoss", .func = derive_nll },
  { "SoftmaxCrossEntropyLoss", .func = derive_cross_entropy, .all = TRUE },
  { NULL },
};
