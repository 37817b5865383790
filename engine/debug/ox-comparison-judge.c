/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "debug/ox-agreement.h"
#include "debug/ox-comparison-private.h"

/* ---- tolerances ------------------------------------------------------------------------------------------------ */

/* What two runtimes may make of the same inputs. @node: one node, whose error is rounding and the order of sums; measured
 * against ONNX Runtime over some sixty models it stays below 5e-6 of the tensor's scale, so a fault of a hundredth of a
 * percent is seen. @nodes: several, where such errors add up and pass through what is steep. Types of fewer bits round
 * more coarsely, and one step either way is all that can be asked of each element. */
static const struct
{
  OxDtype dtype;
  struct { double rtol, atol; } node, nodes;   /* atol in parts of the scale */
} defaults[] = {
  { OX_F32, { 1e-5, 1e-5 }, { 1e-3, 1e-4 } },
  { OX_F64, { 1e-7, 1e-7 }, { 1e-4, 1e-5 } },
  { OX_C64, { 1e-5, 1e-5 }, { 1e-3, 1e-4 } },
  { OX_C128, { 1e-7, 1e-7 }, { 1e-4, 1e-5 } },
  { OX_F16, { 0x1p-9, 0x1p-9 }, { 1e-2, 5e-3 } },
  { OX_BF16, { 0x1p-6, 0x1p-6 }, { 5e-2, 2e-2 } },
  { OX_F8E4M3FN, { 0x1p-2, 0x1p-5 }, { 0x1p-1, 0x1p-3 } },
  { OX_F8E4M3FNUZ, { 0x1p-2, 0x1p-5 }, { 0x1p-1, 0x1p-3 } },
  { OX_F8E5M2, { 0x1p-1, 0x1p-4 }, { 1, 0x1p-2 } },
  { OX_F8E5M2FNUZ, { 0x1p-1, 0x1p-4 }, { 1, 0x1p-2 } },
  { OX_F4E2M1, { 0x1p-1, 0x1p-3 }, { 1, 0x1p-1 } },
  { OX_F8E8M0, { 1, 0 }, { 1, 0 } },
};

static int
by_name (const void *name, const void *entry)
{
  return strcmp (name, *(const char *const *) entry);
}
#define IS_LISTED(name, list) (bsearch (name, list, G_N_ELEMENTS (list), sizeof *list, by_name) != NULL)

/* Of unit size, and computed by approximations that are good to some 1e-7 wherever they are; sorted. */
static const char *const approximated[] = {
  "Attention", "BiasGelu", "Erf", "FastGelu", "GRU", "Gelu", "LSTM", "LogSoftmax", "Mish", "MultiHeadAttention", "QuickGelu",
  "RNN", "Sigmoid", "Softmax", "Softplus", "Swish", "Tanh",
};
#define APPROXIMATION 2.5e-7

static gboolean
is_approximated (const OxNode *node)
{
  return IS_LISTED (node->op_type, approximated);
}

/* What IEEE arithmetic leaves no choice in: one rounding, or none because elements are only moved and chosen; sorted. */
static const char *const exact[] = {
  "Abs", "Add", "Cast", "Ceil", "Clip", "Compress", "Concat", "Constant", "ConstantOfShape", "DepthToSpace", "Div",
  "Dropout", "Expand", "EyeLike", "Flatten", "Floor", "Gather", "GatherElements", "GatherND", "GlobalMaxPool", "Identity",
  "LeakyRelu", "Max", "MaxPool", "Min", "Mul", "Neg", "OneHot", "PRelu", "Pad", "Reciprocal", "ReduceMax", "ReduceMin",
  "Relu", "Reshape", "ReverseSequence", "Round", "ScatterElements", "ScatterND", "Slice", "SpaceToDepth", "Split", "Sqrt",
  "Squeeze", "Sub", "Tile", "TopK", "Transpose", "Trilu", "Unsqueeze", "Where",
};
/* Two units of the last place, and what flushing denormals to zero may make. */
#define LAST_PLACES 0x1p-22
#define FLUSHED 0x1p-126

static gboolean
is_exact (const OxNode *node, OxDtype dtype)
{
  return dtype == OX_F32 && IS_LISTED (node->op_type, exact) && strcmp (node->domain, "ai.onnx") == 0;
}

/* Integers that stand for rounded numbers: whether one half was rounded up or down may differ for a few. */
static gboolean
rounds_to_integers (const OxNode *node)
{
  return strstr (node->op_type, "QuantizeLinear") != NULL || g_str_has_prefix (node->op_type, "QLinear")
         || g_str_has_prefix (node->op_type, "DynamicQuantize") || g_str_has_prefix (node->op_type, "QAttention");
}

/* Bytes and nibbles hold numbers that were rounded, mostly. */
static gboolean
is_quantised (OxDtype dtype)
{
  return ox_dtype_is_integer (dtype) && ox_dtype_bits (dtype) <= 8;
}

static double
largest_of (const OxTensor *tensor)
{
  OxStatistics s;

  ox_statistics_compute (tensor, &s);
  return s.finite > 0 ? MAX (fabs (s.min), fabs (s.max)) : 0;
}

static OxTolerance
default_tolerance (const OxNode *node, const OxValue *expected, OxRegion region, OxDtype computed,
                   double *known)
{
  OxTolerance t = { 0, 0, 0, 0 };
  /* Maps and sequences may hold floats; what is no float in them is compared exactly anyway. */
  OxDtype dtype = expected->kind == OX_VALUE_TENSOR ? expected->dtype : OX_F32;
  double scale = 1;

  if (region == OX_REGION_EXACT)
    return t;
  /* Computed in a narrower type, it is no better than that one. */
  if (computed != OX_UNDEFINED && ox_dtype_is_float (dtype) && ox_dtype_bits (computed) < ox_dtype_bits (dtype))
    dtype = computed;
  if (is_quantised (dtype) && (region == OX_REGION_NODES || rounds_to_integers (node)))
    return region != OX_REGION_NODES ? (OxTolerance){ 0, 0, 0.002, 1 } : (OxTolerance){ 0, 0, 0.05, 2 };
  if (region == OX_REGION_NODE && expected->kind == OX_VALUE_TENSOR && is_exact (node, dtype))
    return (OxTolerance){ LAST_PLACES, FLUSHED, 0, 0 };
  if (expected->kind == OX_VALUE_TENSOR)
    {
      if (isnan (*known))
        *known = ox_tensor_scale (expected->tensor);
      scale = *known;
    }
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    if (defaults[i].dtype == dtype)
      {
        t.rtol = region != OX_REGION_NODES ? defaults[i].node.rtol : defaults[i].nodes.rtol;
        t.atol = (region != OX_REGION_NODES ? defaults[i].node.atol : defaults[i].nodes.atol) * scale;
        /* Coarse numbers through many nodes are as good as the largest of them. */
        if (region == OX_REGION_NODES && ox_dtype_class (dtype) == OX_CLASS_SMALL && expected->kind == OX_VALUE_TENSOR)
          t.atol = MAX (t.atol, defaults[i].nodes.atol * largest_of (expected->tensor));
        /* A few steps of a denormal are many of its digits. */
        if (dtype == OX_F32 || dtype == OX_C64)
          t.atol = MAX (t.atol, FLUSHED);
        if (is_approximated (node))
          t.atol = MAX (t.atol, APPROXIMATION);
      }
  return t;
}

/* *@scale: of @expected, NAN when it is not known yet. */
static OxTolerance
tolerance_for (OxComparison *self, const OxNode *node, guint output, const OxValue *expected, OxRegion region,
                         double *scale, gboolean *asked)
{
  OxTolerance t = default_tolerance (node, expected, region, ox_reference_dtype (self->reference), scale);

  *asked = !isnan (self->rtol) || !isnan (self->atol);
  if (*asked)
    t.share = 0;
  if (!isnan (self->rtol))
    t.rtol = self->rtol;
  if (!isnan (self->atol))
    t.atol = self->atol;
  for (guint i = 0; i < self->rules->len; i++)
    {
      const OxRule *rule = &g_array_index (self->rules, OxRule, i);

      if (ox_rule_fits (rule, node, output, expected))
        {
          t = (OxTolerance){ rule->rtol, rule->atol, 0, 0 };
          *asked = TRUE;
        }
    }
  return t;
}

gboolean
ox_comparison_same_bits (const OxValue *found, const OxValue *expected)
{
  const OxTensor *a = ox_value_get_tensor (found), *b = ox_value_get_tensor (expected);

  return a != NULL && b != NULL && ox_tensor_same_bits (a, b);
}

/* ---- verdicts -------------------------------------------------------------------------------------------------- */

gboolean
ox_comparison_judge (const OxValue *found, const OxValue *expected, const OxTolerance *tolerance, gboolean types_count,
                     OxDifference *difference, char **text)
{
  const OxTensor *a = ox_value_get_tensor (found), *b = ox_value_get_tensor (expected);

  g_clear_pointer (text, g_free);
  if (a == NULL || b == NULL)
    {
      *difference = (OxDifference){ .same_type = TRUE, .same_shape = TRUE, .first = -1, .worst = -1, .max_abs = NAN,
                                    .max_rel = NAN, .cosine = NAN, .psnr = NAN };
      difference->equal = ox_values_agree (found, expected, tolerance->rtol, tolerance->atol, text);
      if (difference->equal)
        g_clear_pointer (text, g_free);
      return difference->equal;
    }
  ox_tensor_compare (a, b, tolerance->rtol, tolerance->atol, difference);
  if (!difference->same_shape || (a->dtype == OX_STR) != (b->dtype == OX_STR) || (types_count && !difference->same_type))
    {
      g_autofree char *x = ox_value_describe (found), *y = ox_value_describe (expected);

      *text = g_strdup_printf ("expected %s, found %s", y, x);
      difference->max_abs = difference->max_rel = NAN;
      return FALSE;
    }
  return difference->outside == 0
         || (difference->outside <= (gint64) (tolerance->share * (double) difference->count)
             && difference->max_abs <= tolerance->reach);
}

static gboolean
is_near (OxComparison *self, const OxDemand *demand, const OxValue *found, const OxValue *expected, double scale,
         OxDifference *difference)
{
  const OxTolerance t
    = default_tolerance (demand->node, expected, demand->region, ox_reference_dtype (self->reference), &scale);

  return ox_tensor_is_near (found->tensor, expected->tensor, t.rtol, t.atol, difference);
}

/* Whether a look is enough; then *@difference has what it has found. */
static gboolean
is_clear (OxComparison *self, const OxDemand *demand, const OxValue *found, const OxValue *expected, gboolean same,
          OxDifference *difference)
{
  const OxTensor *a = ox_value_get_tensor (found), *b = ox_value_get_tensor (expected);

  if (!self->brief || a == NULL || b == NULL || !isnan (self->rtol) || !isnan (self->atol) || self->rules->len > 0)
    return FALSE;
  if (same)
    {
      ox_difference_none (a->count, difference);
      return TRUE;
    }
  if (a->dtype != OX_F32 || b->dtype != OX_F32)
    return FALSE;
  /* Mostly they are near for their own size; what is near zero is held against the others. */
  return is_near (self, demand, found, expected, 0, difference)
         || is_near (self, demand, found, expected, ox_tensor_scale_at_least (b), difference);
}

gboolean
ox_comparison_measure (OxComparison *self, const OxDemand *demand, const OxValue *found, const OxValue *expected, gboolean same,
                       double *scale, OxTolerance *tolerance, gboolean *asked, OxDifference *difference, char **text)
{
  if (is_clear (self, demand, found, expected, same, difference))
    {
      g_clear_pointer (text, g_free);
      *tolerance = (OxTolerance){ NAN, NAN, 0, 0 };
      *asked = FALSE;
      return TRUE;
    }
  *tolerance = tolerance_for (self, demand->node, demand->output, expected, demand->region, scale, asked);
  if (same && difference->equal && tolerance->rtol >= 0 && tolerance->atol >= 0)
    {
      g_clear_pointer (text, g_free);
      return TRUE;
    }
  return ox_comparison_judge (found, expected, tolerance, demand->types, difference, text);
}

gboolean
ox_comparison_agree (const OxNode *node, const OxValue *found, const OxValue *expected, char **text)
{
  double scale = NAN;
  const OxTolerance tolerance = default_tolerance (node, expected, OX_REGION_NODES, OX_UNDEFINED, &scale);
  OxDifference difference;

  *text = NULL;
  if (ox_comparison_judge (found, expected, &tolerance, TRUE, &difference, text))
    return TRUE;
  if (*text == NULL)
    *text = g_strdup_printf ("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " elements differ, max abs %.3g", difference.outside,
                             difference.count, difference.max_abs);
  return FALSE;
}

/* ---- rounding -------------------------------------------------------------------------------------------------- */

/* A rounding of each type, and how much larger than the answer to one of the inputs' an error may be. Sums of some thousand
 * terms in another order make it a few dozen times as large; small floats are summed in larger ones, but some runtimes
 * do not round between nodes what they hand on. */
static const struct
{
  OxDtype dtype;
  double  step, gain;
} roundings[] = { { OX_F32, 0x1p-23, 64 }, { OX_F64, 0x1p-52, 64 }, { OX_F16, 0x1p-11, 4 }, { OX_BF16, 0x1p-8, 4 } };
#define TRIALS 2

static gboolean
find_rounding (OxDtype dtype, double *step, double *gain)
{
  for (guint i = 0; i < G_N_ELEMENTS (roundings); i++)
    if (roundings[i].dtype == dtype)
      {
        *step = roundings[i].step;
        *gain = roundings[i].gain;
        return TRUE;
      }
  return FALSE;
}

/* (transfer full) @value with its last bit wrong here and there, by a fixed pattern; NULL for what is no float. */
static OxValue *
jiggle (const OxValue *value, guint seed)
{
  OxTensor *tensor = ox_value_get_tensor (value), *other;
  double step, gain;

  if (tensor == NULL || tensor->count == 0 || !find_rounding (tensor->dtype, &step, &gain))
    return NULL;
  other = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, NULL);
  if (other == NULL)
    return NULL;
  for (gint64 i = 0; i < tensor->count; i++)
    {
      guint64 bits = ((guint64) i + seed) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

      ox_tensor_set (other, i, ox_tensor_get (tensor, i) * (1 + ((bits >> 40 & 1) ? step : -step)));
    }
  return ox_value_new_tensor (other);
}

gboolean
ox_comparison_is_rounding (OxSession *session, OxFrame *frame, OxNode *node, guint output, const OxValue *found,
                           OxRegion region, const OxDifference *difference)
{
  guint n = node->input_names->len;
  const OxTensor *tensor = ox_value_get_tensor (found);
  double largest = 0, rmse = 0, step, gain;

  if (tensor == NULL || !find_rounding (tensor->dtype, &step, &gain) || !isfinite (difference->max_abs)
      || (region == OX_REGION_NODE && is_exact (node, tensor->dtype)))
    return FALSE;
  for (guint trial = 1; trial <= TRIALS; trial++)
    {
      g_autoptr (GPtrArray) inputs = g_ptr_array_new (), owned = ox_value_array_new (), outputs = NULL;
      const OxTensor *other = NULL;
      OxDifference d;

      for (guint i = 0; i < n; i++)
        {
          OxValue *value = ox_frame_value (frame, node->inputs[i]);
          OxValue *moved = value != NULL ? jiggle (value, trial * 97 + i) : NULL;

          if (moved != NULL)
            g_ptr_array_add (owned, moved);
          g_ptr_array_add (inputs, moved);
        }
      outputs = ox_session_try (session, frame, node, (OxValue *const *) inputs->pdata, NULL, NULL);
      if (outputs != NULL && g_ptr_array_index (outputs, output) != NULL)
        other = ox_value_get_tensor (g_ptr_array_index (outputs, output));
      if (other == NULL || !ox_tensor_same_shape (other, tensor))
        return FALSE;
      ox_tensor_compare (other, tensor, 0, 0, &d);
      largest = MAX (largest, d.max_abs);
      rmse = MAX (rmse, d.rmse);
    }
  return difference->max_abs <= gain * largest && difference->rmse <= gain * rmse;
}
