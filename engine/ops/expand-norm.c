/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-expand.h"

/* Normalizations. */

/* The axes from @axis on, as a text. */
static char *
axes_from (const OxWriter *w)
{
  gint64 axes[OX_MAX_RANK], axis = ox_writer_int (w, "axis");
  int rank = w->in[0]->rank, n = 0;

  for (gint64 d = axis < 0 ? axis + rank : axis; d < rank; d++)
    if (d >= 0)
      axes[n++] = d;
  return n > 0 ? ox_writer_ints_text (n, axes) : NULL;
}

/* @value as stash_type, and back. */
static OxDtype
stash_type (const OxWriter *w)
{
  gint64 type = ox_writer_int (w, "stash_type");

  return type == OX_F32 || type == OX_F64 || type == OX_F16 || type == OX_BF16 ? (OxDtype) type : OX_UNDEFINED;
}

static gboolean
expand_layer (OxWriter *w)
{
  g_autofree char *axes = axes_from (w);
  OxDtype stash = stash_type (w), own = w->in[0]->dtype;

  if (axes == NULL || stash == OX_UNDEFINED || !ox_expand_given (w, 1))
    return FALSE;
  w->scalar = stash;
  ox_expand_line (w, "X, Scale, B -> Y, Mean, InvStdDev");
  if (stash != own)
    ox_expand_line (w, "XU = Cast<to=%d>(X)", (int) stash);
  ox_expand_line (w, "Mean = ReduceMean<keepdims=1>(%s, %s)", stash != own ? "XU" : "X", axes);
  ox_expand_line (w, "D = Sub(%s, Mean)", stash != own ? "XU" : "X");
  ox_expand_line (w, "Var = ReduceMean<keepdims=1>(Mul(D, D), %s)", axes);
  ox_expand_line (w, "InvStdDev = Reciprocal(Sqrt(Add(Var, #$epsilon)))");
  ox_expand_line (w, stash != own ? "N = Cast<to=%d>(Mul(D, InvStdDev))" : "N = Mul(D, InvStdDev)", (int) own);
  if (ox_expand_given (w, 2))
    ox_expand_line (w, "S = Mul(N, Scale)\nY = Add(S, B)");
  else
    ox_expand_line (w, "Y = Mul(N, Scale)");
  return TRUE;
}

static gboolean
expand_rms (OxWriter *w)
{
  g_autofree char *axes = axes_from (w);
  OxDtype stash = stash_type (w), own = w->in[0]->dtype;

  if (axes == NULL || stash == OX_UNDEFINED || !ox_expand_given (w, 1) || w->in[1]->dtype != own)
    return FALSE;
  w->scalar = stash;
  ox_expand_line (w, "X, scale -> Y");
  if (stash != own)
    ox_expand_line (w, "XU = Cast<to=%d>(X)", (int) stash);
  ox_expand_line (w, "Square = Mul(%s, %s)", stash != own ? "XU" : "X", stash != own ? "XU" : "X");
  ox_expand_line (w, "RMS = Sqrt(Add(ReduceMean<keepdims=1>(Square, %s), #$epsilon))", axes);
  ox_expand_line (w, "N = Div(%s, RMS)", stash != own ? "XU" : "X");
  if (stash != own)
    ox_expand_line (w, "NT = Cast<to=%d>(N)", (int) own);
  ox_expand_line (w, "Y = Mul(%s, scale)", stash != own ? "NT" : "N");
  return TRUE;
}

/* Scale and bias are one a group before version 21, one a channel from it on. */
static gboolean
expand_group (OxWriter *w)
{
  const OxTensor *x = w->in[0];
  gint64 groups = ox_writer_int (w, "num_groups");
  gboolean by_channel = w->op->since >= 21;
  OxDtype stash = by_channel ? stash_type (w) : x->dtype, own = x->dtype;
  g_autofree char *shape = ox_writer_ints_text (x->rank, x->dims);

  if (x->rank < 3 || groups < 1 || x->dims[1] % groups != 0 || x->count == 0 || !ox_expand_given (w, 1)
      || !ox_expand_given (w, 2) || stash == OX_UNDEFINED)
    return FALSE;
  w->scalar = stash;
  ox_expand_line (w, "X, scale, bias -> Y");
  if (stash != own)
    ox_expand_line (w, "XU = Cast<to=%d>(X)", (int) stash);
  ox_expand_line (w, "G = Reshape(%s, i64[3]{%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",-1})",
                  stash != own ? "XU" : "X", x->dims[0], groups);
  ox_expand_line (w, "D = Sub(G, ReduceMean<keepdims=1>(G, i64[1]{2}))\n"
                     "Var = ReduceMean<keepdims=1>(Mul(D, D), i64[1]{2})\n"
                     "N = Div(D, Sqrt(Add(Var, #$epsilon)))");
  if (by_channel)
    {
      if (stash != own)
        ox_expand_line (w, "NT = Cast<to=%d>(N)", (int) own);
      ox_expand_line (w, "C = Reshape(%s, i64[3]{%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",-1})", stash != own ? "NT" : "N",
                      x->dims[0], x->dims[1]);
    }
  ox_expand_line (w, "S = Mul(%s, Unsqueeze(scale, i64[1]{1}))\nB = Add(S, Unsqueeze(bias, i64[1]{1}))",
                  by_channel ? "C" : "N");
  ox_expand_line (w, "Y = Reshape(B, %s)", shape);
  return TRUE;
}

static gboolean
expand_mean_variance (OxWriter *w)
{
  static const gint64 usual[] = { 0, 2, 3 };
  int n = 0;
  const gint64 *axes = ox_writer_ints (w, "axes", &n);
  g_autofree char *list = axes != NULL ? ox_writer_ints_text (n, axes) : ox_writer_ints_text (3, usual);

  if (axes != NULL && n == 0)
    return FALSE;
  ox_expand_line (w, "X -> Y\n"
                     "D = Sub(X, ReduceMean<keepdims=1>(X, %s))\n"
                     "Std = Sqrt(ReduceMean<keepdims=1>(Mul(D, D), %s))\n"
                     "Y = Div(D, Add(Std, #1e-9))",
                  list, list);
  return TRUE;
}

const OxExpandRow ox_expand_norm_rows[] = {
  { "GroupNormalization", 18, .func = expand_group },
  { "LayerNormalization", 17, .func = expand_layer },
  { "MeanVarianceNormalization", 9, .func = expand_mean_variance },
  { "RMSNormalization", 23, .func = expand_rms },
  { NULL },
};
