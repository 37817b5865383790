/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/derive.h"

#include <string.h>

/* Derivative rules of operators that sum: reductions, products, normalizations. */

enum { SUM, MEAN, EXTREME, L1, L2, LOG_SUM, LOG_SUM_EXP, SUM_SQUARE };

/* The shape with its reduced axes as ones, and over how many elements it went. */
static char *
kept_shape (const OxWriter *w, gint64 *dims, gint64 *count)
{
  const OxTensor *x = w->in[0], *list = w->n_in > 1 ? w->in[1] : NULL;
  int n = 0;
  const gint64 *axes = ox_writer_ints (w, "axes", &n);
  gboolean none = ox_writer_has (w, "noop_with_empty_axes") && ox_writer_int (w, "noop_with_empty_axes") != 0;

  if (list != NULL)
    n = (int) list->count;
  *count = 1;
  for (int d = 0; d < x->rank; d++)
    {
      gboolean reduced = n == 0 && !none;

      for (int k = 0; k < n; k++)
        {
          gint64 axis = list != NULL ? ox_tensor_get_int (list, k) : axes[k];

          reduced = reduced || axis == d || axis + x->rank == d;
        }
      dims[d] = reduced ? 1 : x->dims[d];
      *count *= reduced ? x->dims[d] : 1;
    }
  return ox_writer_ints_text (x->rank, dims);
}

static gboolean
derive_reduce (OxWriter *w, int i, GString *to, GError **error, int what)
{
  gint64 dims[OX_MAX_RANK], axes[OX_MAX_RANK], count;
  g_autofree char *kept = kept_shape (w, dims, &count), *list = NULL, *shape = ox_derive_shape (w->in[0]), *ties = NULL;
  g_autoptr (GString) g = g_string_new (NULL), y = g_string_new (NULL), mask = g_string_new (NULL);
  int n_axes = 0;

  if (i > 0)
    return TRUE;
  if (what != SUM && what != MEAN && ox_writer_has (w, "noop_with_empty_axes"))
    return ox_fail (error, OX_ERROR_UNSUPPORTED,
                    "there is no derivative rule for %s with noop_with_empty_axes", w->op->name);
  ox_writer_put (w, g, "Reshape<allowzero=1>($g, %s)", kept);
  if (what != SUM && what != MEAN && what != L1 && what != SUM_SQUARE)
    ox_writer_put (w, y, "Reshape<allowzero=1>($y, %s)", kept);
  switch (what)
    {
    case SUM:
      g_string_append_printf (to, "Expand(%s, %s)", g->str, shape);
      break;
    case MEAN:
      g_string_append_printf (to, "Expand(Div(%s, ", g->str);
      ox_writer_put (w, to, "#%" G_GINT64_FORMAT "), %s)", count, shape);
      break;
    case EXTREME:
      /* The largest elements share it. */
      ox_writer_put (w, mask, "Cast<to=%d>(Equal($0, ", (int) w->scalar);
      g_string_append_printf (mask, "%s))", y->str);
      ties = ox_writer_name (w, mask->str);
      for (int d = 0; d < w->in[0]->rank; d++)
        if (dims[d] != w->in[0]->dims[d])
          axes[n_axes++] = d;
      list = ox_writer_ints_text (n_axes, axes);
      if (n_axes > 0)
        g_string_append_printf (to, "Mul(%s, Div(%s, ReduceSum<keepdims=1>(%s, %s)))", g->str, ties, ties, list);
      else
        g_string_append_printf (to, "Mul(%s, %s)", g->str, ties);
      break;
    case L1:
      g_string_append_printf (to, "Mul(%s, ", g->str);
      ox_writer_put (w, to, "Sign($0))");
      break;
    case L2:
      g_string_append_printf (to, "Mul(%s, Where(Equal(%s, ", g->str, y->str);
      ox_writer_put (w, to, "#0), #0, Div($0, ");
      g_string_append_printf (to, "%s)))", y->str);
      break;
    case LOG_SUM:
      g_string_append_printf (to, "Expand(Div(%s, Exp(%s)), %s)", g->str, y->str, shape);
      break;
    case LOG_SUM_EXP:
      g_string_append_printf (to, "Mul(%s, ", g->str);
      ox_writer_put (w, to, "Exp(Sub($0, ");
      g_string_append_printf (to, "%s)))", y->str);
      break;
    default:
      g_string_append_printf (to, "Mul(%s, ", g->str);
      ox_writer_put (w, to, "Mul(#2, $0))");
      break;
    }
  return TRUE;
}

#define REDUCE(name, what)                                                                                           \
  static gboolean                                                                                                    \
  derive_##name (OxWriter *w, int i, GString *to, GError **error)                                                    \
  {                                                                                                                  \
    return derive_reduce (w, i, to, error, what);                                                                    \
  }

REDUCE (sum, SUM)
REDUCE (mean, MEAN)
REDUCE (extreme, EXTREME)
REDUCE (l1, L1)
REDUCE (l2, L2)
REDUCE (log_sum, LOG_SUM)
REDUCE (log_sum_exp, LOG_SUM_EXP)
REDUCE (sum_square, SUM_SQUARE)

/* ---- products ------------------------------------------------------------------------------------------------- */

/* The last two axes of input @k the other way round; a list is a row of them on the left, a column on the right. */
static char *
turned (OxWriter *w, int k)
{
  int rank = w->in[k]->rank;
  GString *text = g_string_new (NULL);
  gint64 n = rank == 1 ? w->in[k]->dims[0] : 0;

  if (rank == 1)
    ox_writer_put (w, text, "Reshape<allowzero=1>($%d, i64[2]{%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "})", k,
                   k == 0 ? n : 1, k == 0 ? 1 : n);
  else
    {
      g_string_append (text, "Transpose<perm=[");
      for (int d = 0; d < rank; d++)
        g_string_append_printf (text, "%s%d", d > 0 ? "," : "", d < rank - 2 ? d : 2 * rank - 3 - d);
      ox_writer_put (w, text, "]>($%d)", k);
    }
  return g_string_free (text, FALSE);
}

static gboolean
derive_matmul (OxWriter *w, int i, GString *to, GError **error)
{
  const OxTensor *a = w->in[0], *b = w->in[1], *y = w->out[0];
  int rank = y->rank + (a->rank == 1) + (b->rank == 1), batch = rank - 2;
  gint64 dims[OX_MAX_RANK], m = a->rank == 1 ? 1 : a->dims[a->rank - 2], n = b->rank == 1 ? 1 : b->dims[b->rank - 1];
  gint64 inner = a->dims[a->rank - 1];
  g_autofree char *other = turned (w, 1 - i), *shape = NULL, *flat = NULL;
  g_autoptr (GString) g = g_string_new (NULL), product = g_string_new (NULL);

  if (rank > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "there are too many dimensions");
  memcpy (dims, y->dims, (gsize) batch * sizeof (gint64));
  dims[batch] = m;
  dims[batch + 1] = n;
  shape = ox_writer_ints_text (rank, dims);
  if (a->rank == 1 || b->rank == 1)
    ox_writer_put (w, g, "Reshape<allowzero=1>($g, %s)", shape);
  else
    ox_writer_put (w, g, "$g");
  if (i == 0)
    g_string_printf (product, "MatMul(%s, %s)", g->str, other);
  else
    g_string_printf (product, "MatMul(%s, %s)", other, g->str);
  dims[batch] = i == 0 ? m : inner;
  dims[batch + 1] = i == 0 ? inner : n;
  if (i == 1 && b->rank == 1)
    {
      flat = ox_writer_ints_text (--rank, dims);
      g_string_prepend (product, "Reshape<allowzero=1>(");
      g_string_append_printf (product, ", %s)", flat);
    }
  ox_derive_fold (to, product->str, rank, dims, w->in[i]);
  return TRUE;
}

static gboolean
derive_gemm (OxWriter *w, int i, GString *to, GError **error)
{
  gboolean ta = ox_writer_int (w, "transA") != 0, tb = ox_writer_int (w, "transB") != 0;
  g_autoptr (GString) c = g_string_new (NULL);

  if (i == 0 && ta)
    ox_writer_put (w, to, "Gemm<alpha=$alpha, transA=%d, transB=1>($1, $g)", tb);
  else if (i == 0)
    ox_writer_put (w, to, "Gemm<alpha=$alpha, transB=%d>($g, $1)", !tb);
  else if (i == 1 && tb)
    ox_writer_put (w, to, "Gemm<alpha=$alpha, transA=1, transB=%d>($g, $0)", ta);
  else if (i == 1)
    ox_writer_put (w, to, "Gemm<alpha=$alpha, transA=%d>($0, $g)", !ta);
  else
    {
      ox_writer_put (w, c, ox_writer_real (w, "beta") == 1 ? "$g" : "Mul($g, #$beta)");
      ox_derive_fold (to, c->str, 2, w->out[0]->dims, w->in[2]);
    }
  return TRUE;
}

/* ---- along axes ----------------------------------------------------------------------------------------------- */

/* Before opset 13 it went over all axes from one on. */
static gboolean
derive_softmax (OxWriter *w, int i, GString *to, GError **error)
{
  int rank = w->in[0]->rank, n = 0;
  gint64 axis = ox_writer_int (w, "axis"), axes[OX_MAX_RANK];
  g_autofree char *list = NULL;

  axis = axis < 0 ? axis + rank : axis;
  for (gint64 d = axis; d < (w->op->since < 13 ? rank : axis + 1); d++)
    axes[n++] = d;
  list = ox_writer_ints_text (n, axes);
  if (n == 0)
    return TRUE;
  if (strcmp (w->op->name, "Softmax") == 0)
    ox_writer_put (w, to, "Mul($y, Sub($g, ReduceSum<keepdims=1>(Mul($g, $y), %s)))", list);
  else
    ox_writer_put (w, to, "Sub($g, Mul(Exp($y), ReduceSum<keepdims=1>($g, %s)))", list);
  return TRUE;
}

static gboolean
derive_cumsum (OxWriter *w, int i, GString *to, GError **error)
{
  if (i == 0)
    ox_writer_put (w, to, "CumSum<exclusive=$exclusive, reverse=%d>($g, $1)", ox_writer_int (w, "reverse") == 0);
  return TRUE;
}

static gboolean
derive_global_average (OxWriter *w, int i, GString *to, GError **error)
{
  const OxTensor *x = w->in[0];
  g_autofree char *shape = ox_derive_shape (x);
  gint64 count = 1;

  for (int d = 2; d < x->rank; d++)
    count *= x->dims[d];
  ox_writer_put (w, to, "Expand(Div($g, #%" G_GINT64_FORMAT "), %s)", count, shape);
  return TRUE;
}

/* ---- normalizations ------------------------------------------------------------------------------------------- */

/* x is scaled to a mean of 0 and a variance of 1 over the axes from @axis on: the gradient loses what would change them. */
static gboolean
derive_layer_norm (OxWriter *w, int i, GString *to, GError **error)
{
  const OxTensor *x = w->in[0];
  gint64 axis = ox_writer_int (w, "axis"), axes[OX_MAX_RANK];
  int n = 0;
  g_autofree char *list = NULL, *away = NULL, *scale = NULL, *unit = NULL, *scaled = NULL;
  g_autoptr (GString) line = g_string_new (NULL);

  for (gint64 d = axis < 0 ? axis + x->rank : axis; d < x->rank; d++)
    axes[n++] = d;
  list = ox_writer_ints_text (n, axes);
  if (i == 2)
    {
      ox_derive_fold (to, w->gradients[0], x->rank, x->dims, w->in[2]);
      return TRUE;
    }
  ox_writer_put (w, line, "Sub($0, ReduceMean<keepdims=1>($0, %s))", list);
  away = ox_writer_name (w, line->str);
  g_string_truncate (line, 0);
  g_string_append_printf (line, "Reciprocal(Sqrt(Add(ReduceMean<keepdims=1>(Mul(%s, %s), %s), ", away, away, list);
  ox_writer_put (w, line, "#$epsilon)))");
  scale = ox_writer_name (w, line->str);
  g_string_printf (line, "Mul(%s, %s)", away, scale);
  unit = ox_writer_name (w, line->str);
  if (i == 1)
    {
      g_string_printf (line, "Mul(%s, %s)", w->gradients[0], unit);
      ox_derive_fold (to, line->str, x->rank, x->dims, w->in[1]);
      return TRUE;
    }
  g_string_truncate (line, 0);
  ox_writer_put (w, line, "Mul($g, $1)");
  scaled = ox_writer_name (w, line->str);
  g_string_append_printf (
      to,
      "Mul(%s, Sub(Sub(%s, ReduceMean<keepdims=1>(%s, %s)), Mul(%s, ReduceMean<keepdims=1>(Mul(%s, %s), "
      "%s))))",
      scale, scaled, scaled, list, unit, scaled, unit, list);
  return TRUE;
}

/* With the statistics of the training, which are inputs like others. */
static gboolean
derive_batch_norm (OxWriter *w, int i, GString *to, GError **error)
{
  const OxTensor *x = w->in[0];
  gint64 dims[OX_MAX_RANK], axes[OX_MAX_RANK];
  int n = 0;
  g_autofree char *shape = NULL, *list = NULL;

  if (w->op->since < 9 || (ox_writer_has (w, "training_mode") && ox_writer_int (w, "training_mode") != 0))
    return ox_fail (error, OX_ERROR_UNSUPPORTED,
                    "there is a derivative rule only for BatchNormalization without training, from "
                    "opset 9 on");
  if (i > 2)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for the statistics of BatchNormalization");
  for (int d = 0; d < x->rank; d++)
    {
      dims[d] = d == 1 ? x->dims[1] : 1;
      if (d != 1)
        axes[n++] = d;
    }
  shape = ox_writer_ints_text (x->rank, dims);
  list = ox_writer_ints_text (n, axes);
  if (i == 0)
    ox_writer_put (w, to, "Mul($g, Reshape(Div($1, Sqrt(Add($4, #$epsilon))), %s))", shape);
  else if (i == 1)
    ox_writer_put (w, to,
                   "ReduceSum<keepdims=0>(Mul($g, Div(Sub($0, Reshape($3, %s)), Reshape(Sqrt(Add($4, "
                   "#$epsilon)), %s))), %s)",
                   shape, shape, list);
  else
    ox_writer_put (w, to, "ReduceSum<keepdims=0>($g, %s)", list);
  return TRUE;
}

const OxDeriveRow ox_derive_sum_rows[] = {
  { "BatchNormalization", .func = derive_batch_norm },
  { "Conv", .func = ox_derive_conv },
  { "CumSum", .func = derive_cumsum },
  { "Gemm", .func = derive_gemm },
  { "GlobalAveragePool", .func = derive_global_average },
  { "LayerNormalization", .func = derive_layer_norm },
  { "LogSoftmax", .func = derive_softmax },
  { "MatMul", .func = derive_matmul },
  { "ReduceL1", .func = derive_l1 },
  { "ReduceL2", .func = derive_l2 },
  { "ReduceLogSum", .func = derive_log_sum },
  { "ReduceLogSumExp", .func = derive_log_sum_exp },
  { "ReduceMax", .func = derive_extreme },
  { "ReduceMean", .func = derive_mean },
  { "ReduceMin", .func = derive_extreme },
  { "ReduceSum", .func = derive_sum },
  { "ReduceSumSquare", .func = derive_sum_square },
  { "Softmax", .func = derive_softmax },
  { NULL },
};
