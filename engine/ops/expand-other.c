/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "ops/ox-expand.h"

/* Losses, ranges, windows, quantization and what else the standard defines as a function. */

#define D G_GINT64_FORMAT

static gboolean
expand_cast_like (OxWriter *w)
{
  g_autoptr (GString) attributes = g_string_new (NULL);

  if (!ox_expand_given (w, 1))
    return FALSE;
  if (ox_writer_has (w, "saturate"))
    g_string_append_printf (attributes, ", saturate=%" D, ox_writer_int (w, "saturate"));
  /* Other words than the usual one stay with the kernel. */
  if (ox_writer_has (w, "round_mode") && !ox_writer_is (w, "round_mode", "up"))
    return FALSE;
  ox_expand_line (w, "input, target_type -> output\noutput = Cast<to=%d%s>(input)", (int) w->in[1]->dtype, attributes->str);
  return TRUE;
}

/* ---- losses --------------------------------------------------------------------------------------------------- */

/* A weight of 1 for every element unless given; none for those of the class that is ignored. */
static gboolean
expand_nll (OxWriter *w)
{
  const OxTensor *x = w->in[0], *target = ox_expand_given (w, 1) ? w->in[1] : NULL;
  gboolean weighted = ox_expand_given (w, 2), ignores = ox_writer_has (w, "ignore_index");
  gboolean mean = ox_writer_is (w, "reduction", "mean"), sum = ox_writer_is (w, "reduction", "sum");
  const char *type;

  if (target == NULL || x->rank < 2 || target->rank != x->rank - 1 || (weighted && w->in[2]->dtype != x->dtype)
      || (!mean && !sum && !ox_writer_is (w, "reduction", "none")))
    return FALSE;
  type = ox_dtype_name (target->dtype);
  ox_expand_line (w, "input, target, weight -> loss");
  if (ignores)
    ox_expand_line (w, "Ignored = Equal(target, %s{%" D "})\nClass = Where(Ignored, %s{0}, target)", type,
                    ox_writer_int (w, "ignore_index"), type);
  else
    ox_expand_line (w, "Class = target");
  ox_expand_line (w, "Log = Squeeze(GatherElements<axis=1>(input, Unsqueeze(Class, i64[1]{1})), i64[1]{1})");
  if (weighted)
    ox_expand_line (w, ignores ? "Weight = Where(Ignored, #0, Gather(weight, Class))" : "Weight = Gather(weight, Class)");
  else if (ignores)
    ox_expand_line (w, "Weight = Where(Ignored, #0, #1)");
  ox_expand_line (w, "Each = %s", weighted || ignores ? "Mul(Neg(Log), Weight)" : "Neg(Log)");
  if (mean && (weighted || ignores))
    ox_expand_line (w, "loss = Div(ReduceSum<keepdims=0>(Each), ReduceSum<keepdims=0>(Weight))");
  else
    ox_expand_line (w, "loss = %s", mean ? "ReduceMean<keepdims=0>(Each)" : sum ? "ReduceSum<keepdims=0>(Each)" : "Each");
  return TRUE;
}

static gboolean
expand_cross_entropy (OxWriter *w)
{
  g_autoptr (GString) attributes = g_string_new (NULL);
  gboolean mean = ox_writer_is (w, "reduction", "mean"), sum = ox_writer_is (w, "reduction", "sum");

  if (!mean && !sum && !ox_writer_is (w, "reduction", "none"))
    return FALSE;
  if (ox_writer_has (w, "ignore_index"))
    g_string_append_printf (attributes, ", ignore_index=%" D, ox_writer_int (w, "ignore_index"));
  ox_expand_line (w, "scores, labels, weights -> output, log_prob\nlog_prob = LogSoftmax<axis=1>(scores)\n"
                     "output = NegativeLogLikelihoodLoss<reduction=\"%s\"%s>(log_prob, labels%s)",
                  mean ? "mean" : sum ? "sum" : "none", attributes->str, ox_expand_given (w, 2) ? ", weights" : "");
  return TRUE;
}

/* ---- numbers -------------------------------------------------------------------------------------------------- */

/* Not where there is no end, or where whole numbers are larger than f64 counts. */
static gboolean
expand_range (OxWriter *w)
{
  gboolean whole = ox_dtype_is_integer (w->in[0]->dtype);
  double start, limit, delta, n;

  if (!ox_expand_given (w, 1) || !ox_expand_given (w, 2) || w->in[0]->count != 1 || w->in[1]->count != 1
      || w->in[2]->count != 1 || ox_writer_has (w, "stash_type"))
    return FALSE;
  start = ox_tensor_get (w->in[0], 0);
  limit = ox_tensor_get (w->in[1], 0);
  delta = ox_tensor_get (w->in[2], 0);
  n = ceil ((limit - start) / delta);
  if (!isfinite (n) || n > 1e9 || (whole && (fabs (start) > 1e15 || fabs (limit) > 1e15 || fabs (delta) > 1e15)))
    return FALSE;
  /* The text is the same for all values, so that a loop does not fill the memory with bodies. */
  ox_expand_line (w, "start, limit, delta -> output\n"
                     "Span = Sub(Cast<to=11>(limit), Cast<to=11>(start))\n"
                     "Count = Max(Ceil(Div(Span, Cast<to=11>(delta))), f64{0})\n"
                     "Ones = Expand(i64{1}, Reshape(Cast<to=7>(Count), i64[1]{1}))\n"
                     "Index = CumSum<exclusive=1>(Ones, i64{0})\n"
                     "Steps = Mul(Cast<to=$t>(Index), delta)\n"
                     "output = Add(start, Steps)");
  return TRUE;
}

static gboolean
put_window (OxWriter *w, const char *text)
{
  gint64 type = ox_writer_int (w, "output_datatype"), n;

  if (w->in[0]->count != 1)
    return FALSE;
  n = ox_tensor_get_int (w->in[0], 0);
  if (n < 2 || n > 1000000000)
    return FALSE;
  w->scalar = OX_F64;
  ox_expand_line (w, "size -> output\n"
                     "Index = Range(#0, Cast<to=11>(size), #1)\n"
                     "Angle = Div(Mul(Index, #6.283185307179586), #%" D ")\n%s\n"
                     "output = Cast<to=%" D ">(Window)",
                  ox_writer_int (w, "periodic") != 0 ? n : n - 1, text, type);
  return TRUE;
}

static gboolean
expand_hann (OxWriter *w)
{
  return put_window (w, "Window = Sub(#0.5, Mul(#0.5, Cos(Angle)))");
}

static gboolean
expand_hamming (OxWriter *w)
{
  return put_window (w, "Window = Sub(#0.543478260869565, Mul(#0.456521739130435, Cos(Angle)))");
}

static gboolean
expand_blackman (OxWriter *w)
{
  return put_window (w, "Once = Mul(#0.5, Cos(Angle))\nTwice = Mul(#0.08, Cos(Mul(Angle, #2)))\n"
                        "Window = Add(Sub(#0.42, Once), Twice)");
}

static gboolean
expand_bernoulli (OxWriter *w)
{
  g_autofree char *seed =
      ox_writer_has (w, "seed") ? g_strdup_printf (", seed=%.9g", ox_writer_real (w, "seed")) : g_strdup ("");
  gint64 type = ox_writer_has (w, "dtype") ? ox_writer_int (w, "dtype") : w->in[0]->dtype;

  /* A seed has to read as a real. */
  if (*seed != '\0' && strpbrk (seed + 7, ".e") == NULL)
    {
      char *longer = g_strconcat (seed, ".0", NULL);

      g_free (seed);
      seed = longer;
    }
  ox_expand_line (w,
                  "input -> output\nDraw = RandomUniformLike<dtype=$t%s>(input)\noutput = Cast<to=%" D
                  ">(Less(Draw, input))",
                  seed, type);
  return TRUE;
}

/* What was before stands in front; the last of both is the next state. */
static gboolean
expand_causal_conv (OxWriter *w)
{
  const OxTensor *x = w->in[0], *weight = ox_expand_given (w, 1) ? w->in[1] : NULL;
  gint64 before;

  if (weight == NULL || x->rank != 3 || weight->rank != 3 || x->count == 0 || weight->count == 0)
    return FALSE;
  before = weight->dims[2] - 1;
  ox_expand_line (w, "input, weight, bias, past_state -> output, present_state");
  if (ox_expand_given (w, 3))
    ox_expand_line (w, "Whole = Concat<axis=2>(past_state, input)");
  else
    ox_expand_line (w, "Whole = Pad(input, i64[6]{0,0,%" D ",0,0,0})", before);
  ox_expand_line (w, "Sum = Conv<group=%" D ">(Whole, weight%s)", x->dims[1], ox_expand_given (w, 2) ? ", bias" : "");
  ox_expand_line (w, ox_writer_is (w, "activation", "none") ? "output = Sum" : "output = Mul(Sum, Sigmoid(Sum))");
  ox_expand_line (w, "present_state = Slice(Whole, i64[1]{%" D "}, i64[1]{%" D "}, i64[1]{2})", x->dims[2],
                  x->dims[2] + before);
  return TRUE;
}

/* ---- shapes --------------------------------------------------------------------------------------------------- */

/* Axes that are too long lose at both sides, those too short get zeros there; the odd one at the end. */
static gboolean
expand_crop (OxWriter *w)
{
  const OxTensor *x = w->in[0], *shape = ox_expand_given (w, 1) ? w->in[1] : NULL;
  gint64 starts[OX_MAX_RANK], ends[OX_MAX_RANK], all[OX_MAX_RANK], pads[2 * OX_MAX_RANK];
  int n = 0;
  const gint64 *axes = ox_writer_ints (w, "axes", &n);
  g_autofree char *from = NULL, *until = NULL, *along = NULL, *around = NULL;

  if (shape == NULL || shape->count != (axes != NULL ? n : x->rank))
    return FALSE;
  for (int d = 0; d < x->rank; d++)
    {
      starts[d] = pads[d] = pads[x->rank + d] = 0;
      ends[d] = x->dims[d];
      all[d] = d;
    }
  for (gint64 i = 0; i < shape->count; i++)
    {
      gint64 axis = axes != NULL ? axes[i] : i, want = ox_tensor_get_int (shape, i), have;

      axis = axis < 0 ? axis + x->rank : axis;
      if (axis < 0 || axis >= x->rank || want < 0)
        return FALSE;
      have = x->dims[axis];
      starts[axis] = have > want ? (have - want) / 2 : 0;
      ends[axis] = starts[axis] + MIN (have, want);
      pads[axis] = want > have ? (want - have) / 2 : 0;
      pads[x->rank + axis] = want > have ? want - have - pads[axis] : 0;
    }
  from = ox_writer_ints_text (x->rank, starts);
  until = ox_writer_ints_text (x->rank, ends);
  along = ox_writer_ints_text (x->rank, all);
  around = ox_writer_ints_text (2 * x->rank, pads);
  ox_expand_line (w,
                  "input_data, shape -> output_data\nCropped = Slice(input_data, %s, %s, %s)\noutput_data = "
                  "Pad(Cropped, %s)",
                  from, until, along, around);
  return TRUE;
}

/* Points of the picture from -1 to 1 in every direction, moved by theta. */
static gboolean
expand_affine (OxWriter *w)
{
  const OxTensor *theta = w->in[0], *size = ox_expand_given (w, 1) ? w->in[1] : NULL;
  gboolean align = ox_writer_int (w, "align_corners") != 0;
  gint64 n, dims[5];

  if (size == NULL || (size->count != 4 && size->count != 5) || theta->rank != 3)
    return FALSE;
  n = size->count - 2;
  for (gint64 i = 0; i <= n + 1; i++)
    if ((dims[i] = ox_tensor_get_int (size, i)) < 1 || (align && i > 1 && dims[i] < 2))
      return FALSE;
  if (theta->dims[0] != dims[0] || theta->dims[1] != n || theta->dims[2] != n + 1)
    return FALSE;
  ox_expand_line (w, "theta, size -> grid");
  /* x goes along the last axis, y along the one before. */
  for (gint64 k = 0; k < n; k++)
    {
      gint64 length = dims[n + 1 - k];

      ox_expand_line (w, "Index%" D " = Cast<to=$t>(Range(i64{0}, i64{%" D "}, i64{1}))", k, length);
      if (align)
        ox_expand_line (w, "Line%" D " = Sub(Div(Mul(Index%" D ", #2), #%" D "), #1)", k, k, length - 1);
      else
        ox_expand_line (w, "Line%" D " = Sub(Div(Add(Mul(Index%" D ", #2), #1), #%" D "), #1)", k, k, length);
      if (n == 2)
        ox_expand_line (
            w, "Axis%" D " = Expand(Reshape(Line%" D ", i64[3]{%" D ",%" D ",1}), i64[3]{%" D ",%" D ",1})",
            k, k, k == 1 ? length : 1, k == 0 ? length : 1, dims[2], dims[3]);
      else
        ox_expand_line (w,
                        "Axis%" D " = Expand(Reshape(Line%" D ", i64[4]{%" D ",%" D ",%" D ",1}), i64[4]{%" D
                        ",%" D ",%" D ",1})",
                        k, k, k == 2 ? length : 1, k == 1 ? length : 1, k == 0 ? length : 1, dims[2], dims[3],
                        dims[4]);
    }
  ox_expand_line (w,
                  n == 2 ? "One = Expand(#1, i64[3]{%" D ",%" D
                           ",1})\nPoints = Concat<axis=-1>(Axis0, Axis1, One)"
                         : "One = Expand(#1, i64[4]{%" D ",%" D ",%" D
                           ",1})\nPoints = Concat<axis=-1>(Axis0, Axis1, Axis2, One)",
                  dims[2], dims[3], n == 2 ? 0 : dims[4]);
  ox_expand_line (
      w, "Rows = Reshape(Points, i64[2]{-1,%" D "})\nMoved = MatMul(Rows, Transpose<perm=[0,2,1]>(theta))",
      n + 1);
  if (n == 2)
    ox_expand_line (w, "grid = Reshape(Moved, i64[4]{%" D ",%" D ",%" D ",2})", dims[0], dims[2], dims[3]);
  else
    ox_expand_line (w, "grid = Reshape(Moved, i64[5]{%" D ",%" D ",%" D ",%" D ",3})", dims[0], dims[2], dims[3], dims[4]);
  return TRUE;
}

const OxExpandRow ox_expand_other_rows[] = {
  { "AffineGrid", 20, .func = expand_affine },
  { "Bernoulli", 15, .func = expand_bernoulli },
  { "BlackmanWindow", 17, .func = expand_blackman, .any = TRUE },
  { "CastLike", 15, .func = expand_cast_like, .any = TRUE },
  { "CausalConvWithState", 27, .func = expand_causal_conv },
  { "CenterCropPad", 18, .func = expand_crop, .any = TRUE },
  { "DynamicQuantizeLinear", 11,
    ("x -> y, y_scale, y_zero_point\nTop = Max(ReduceMax<keepdims=0>(x), #0)\nBottom = Min(ReduceMin<keepdims=0>(x), #0)\n"
     "y_scale = Div(Sub(Top, Bottom), #255)\nZero = Round(Clip(Div(Neg(Bottom), y_scale), #0, #255))\n"
     "y_zero_point = Cast<to=2>(Zero)\ny = QuantizeLinear(x, y_scale, y_zero_point)") },
  { "HammingWindow", 17, .func = expand_hamming, .any = TRUE },
  { "HannWindow", 17, .func = expand_hann, .any = TRUE },
  { "NegativeLogLikelihoodLoss", 12, .func = expand_nll },
  { "Range", 11, .func = expand_range, .any = TRUE },
  { "SoftmaxCrossEntropyLoss", 12, .func = expand_cross_entropy },
  { "SwiGLU", 28, "A, B -> Y\nGate = Swish<alpha=$alpha>(A)\nY = Mul(Gate, B)" },
  { NULL },
};
