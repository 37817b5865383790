/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernel/ox-stamp.h"
#include "ops/elementwise.h"

/* Activation functions: of one number and a few constants. */

typedef struct { double alpha, beta; } Shape;          /* what the formula calls them */
typedef struct { double alpha, gamma; } SeluAttrs;
typedef struct { double lambd, bias; } ShrinkAttrs;
typedef struct { const char *approximate; } GeluAttrs;

/* @f is computed in double for f64 and in float for all others; the constants are u and v. */
#define ACTIVATION_LOOP(name, ID, S, C, LD, ST, f)                                                                   \
  static void name##_##ID (char **p, const gint64 *step, gint64 n, const void *user)                                 \
  {                                                                                                                  \
    const Shape *shape = user;                                                                                       \
    const C u = shape != NULL ? (C) shape->alpha : 0, v = shape != NULL ? (C) shape->beta : 0;                       \
    (void) u, (void) v;                                                                                              \
    for (gint64 i = 0; i < n; i++)                                                                                   \
      {                                                                                                              \
        const C a = LD (*(const S *) (const void *) (p[1] + i * step[1]));                                           \
        *(S *) (void *) (p[0] + i * step[0]) = (S) ST ((C) (f));                                                     \
      }                                                                                                              \
  }
#define ACTIVATION2(name, f, d)                                                                                      \
  ACTIVATION_LOOP (name, F32, float, float, OX_SAME, OX_SAME, f)                                                     \
  ACTIVATION_LOOP (name, F64, double, double, OX_SAME, OX_SAME, d)                                                   \
  ACTIVATION_LOOP (name, F16, guint16, float, ox_f16_load, ox_f16_store, f)                                          \
  ACTIVATION_LOOP (name, BF16, guint16, float, ox_bf16_load, ox_bf16_store, f)                                       \
  static const OxLoop name##_loops[OX_N_DTYPES]                                                                      \
    = { [OX_F32] = name##_F32, [OX_F64] = name##_F64, [OX_F16] = name##_F16, [OX_BF16] = name##_BF16 };
#define ACTIVATION(name, f) ACTIVATION2 (name, f, f)

/* Without overflow on either side. */
static inline float sigmoid_f (float a) { return a >= 0 ? 1 / (1 + expf (-a)) : expf (a) / (1 + expf (a)); }
static inline double sigmoid_d (double a) { return a >= 0 ? 1 / (1 + exp (-a)) : exp (a) / (1 + exp (a)); }
static inline float softplus_f (float a) { return (a > 0 ? a : 0) + log1pf (expf (-fabsf (a))); }
static inline double softplus_d (double a) { return (a > 0 ? a : 0) + log1p (exp (-fabs (a))); }

/* These have a tail in which errors of the exponent grow, so each type is computed in the next wider one. */
#define WIDE(T, U, exp_t)                                                                                            \
  /* tanh (log (1 + e)) is (e² + 2 e) / (e² + 2 e + 2), in which nothing cancels. */                                 \
  static inline T mish_##T (T a)                                                                                     \
  {                                                                                                                  \
    const U e = exp_t ((U) a), n = e * (e + 2);                                                                      \
    return a > 40 ? a : (T) (a * (n / (n + 2)));                                                                     \
  }                                                                                                                  \
  static inline T swish_##T (T a, U t)                                                                               \
  {                                                                                                                  \
    return (T) (t >= 0 ? a / (1 + exp_t (-t)) : a * (exp_t (t) / (1 + exp_t (t))));                                  \
  }                                                                                                                  \
  /* (1 + tanh (t)) / 2 is the sigmoid of 2 t. */                                                                    \
  static inline T gelu_tanh_##T (T a)                                                                                \
  {                                                                                                                  \
    const U x = a;                                                                                                   \
    return swish_##T (a, (U) 1.5957691216057307117597842L * x * (1 + (U) 0.044715L * x * x));                        \
  }
WIDE (float, double, exp)
WIDE (double, long double, expl)

#define STAMP_NAME relu
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a > 0 || a != a ? a : 0
#define STAMP_INT(C) a < 0 ? 0 : a
#include "kernel/ox-stamp-unary.def"

ACTIVATION (leaky_relu, a < 0 ? u * a : a)
ACTIVATION2 (elu, a < 0 ? u * expm1f (a) : a, a < 0 ? u * expm1 (a) : a)
ACTIVATION2 (selu, a > 0 ? v * a : v * u * expm1f (a), a > 0 ? v * a : v * u * expm1 (a))
ACTIVATION2 (celu, a < 0 ? u * expm1f (a / u) : a, a < 0 ? u * expm1 (a / u) : a)
ACTIVATION (thresholded_relu, a > u ? a : 0)
ACTIVATION2 (sigmoid, sigmoid_f (a), sigmoid_d (a))
ACTIVATION (hard_sigmoid, u *a + v < 0 ? 0 : u * a + v > 1 ? 1 : u * a + v)
ACTIVATION (hard_swish, a *(a / 6 + (float) 0.5 < 0 ? 0 : a / 6 + (float) 0.5 > 1 ? 1 : a / 6 + (float) 0.5))
ACTIVATION2 (softplus, softplus_f (a), softplus_d (a))
ACTIVATION2 (softsign, a / (1 + fabsf (a)), a / (1 + fabs (a)))
ACTIVATION2 (mish, mish_float (a), mish_double (a))
ACTIVATION2 (swish, swish_float (a, (double) u * a), swish_double (a, (long double) u * a))
ACTIVATION2 (gelu, (float) (0.5 * a * erfc (-a * M_SQRT1_2)), (double) (0.5L * a * erfcl (-a * 0.70710678118654752440L)))
ACTIVATION2 (gelu_tanh, gelu_tanh_float (a), gelu_tanh_double (a))

static gboolean
run_gelu (OxCall *call, GError **error)
{
  const GeluAttrs *attrs = call->attrs;
  gboolean by_tanh = strcmp (attrs->approximate, "tanh") == 0;
  const OxTensor *in = ox_call_in (call, 0);
  OxLoop loop;
  OxTensor *out;

  if (!by_tanh && strcmp (attrs->approximate, "none") != 0)
    return ox_fail (error, OX_ERROR_VALUE, "approximate is none or tanh, found '%s'", attrs->approximate);
  loop = ox_loop_for (call, by_tanh ? gelu_tanh_loops : gelu_loops, in->dtype, error);
  out = loop != NULL ? ox_call_out (call, 0, error) : NULL;
  if (out == NULL)
    return FALSE;
  ox_walk_tensors (out, 1, &in, loop, NULL);
  return TRUE;
}

/* ---- SwiGLU --------------------------------------------------------------------------------------------------- */

#define STAMP_NAME gate
#define STAMP_TYPES FLOAT
#define STAMP_EXPR a *b
#define STAMP_INT(C) a *b
#include "kernel/ox-stamp-binary.def"

/* Both inputs have one type and shape; nothing is stretched. */
static gboolean
infer_swiglu (OxCall *call, GError **error)
{
  const OxFact *a = ox_call_fact (call, 0), *b = ox_call_fact (call, 1);
  OxDim dims[OX_MAX_RANK];

  ox_call_set_like (call, 0, a->rank >= 0 ? 0 : 1);
  if (a->kind != OX_TYPE_TENSOR || b->kind != OX_TYPE_TENSOR)
    return TRUE;
  if (a->dtype != OX_UNDEFINED && b->dtype != OX_UNDEFINED && a->dtype != b->dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "A is %s and B is %s, expected one type", ox_dtype_name (a->dtype),
                    ox_dtype_name (b->dtype));
  if (a->rank < 0 || b->rank < 0)
    return TRUE;
  if (a->rank != b->rank)
    return ox_fail (error, OX_ERROR_SHAPE, "A has rank %d and B %d, expected one shape", a->rank, b->rank);
  for (int i = 0; i < a->rank; i++)
    {
      dims[i] = ox_dim_known (b->dims[i]) || a->dims[i] == OX_DIM_UNKNOWN ? b->dims[i] : a->dims[i];
      if (ox_dim_known (a->dims[i]) && ox_dim_known (b->dims[i]) && a->dims[i] != b->dims[i])
        return ox_fail (error, OX_ERROR_SHAPE, "axis %d is %" G_GINT64_FORMAT " in A and %" G_GINT64_FORMAT
                        " in B, expected one shape", i, a->dims[i], b->dims[i]);
    }
  ox_call_set (call, 0, a->dtype, a->rank, dims);
  return TRUE;
}

/* Swish rounds to the type before it is multiplied: the standard defines it as these two operators. */
static gboolean
run_swiglu (OxCall *call, GError **error)
{
  const OxTensor *in[2] = { ox_call_in (call, 0), ox_call_in (call, 1) };
  OxLoop loop = ox_loop_for (call, swish_loops, in[0]->dtype, error);
  OxTensor *out = loop != NULL ? ox_call_out (call, 0, error) : NULL;

  if (out == NULL)
    return FALSE;
  ox_walk_tensors (out, 1, in, loop, call->attrs);
  in[0] = out;
  ox_walk_tensors (out, 2, in, gate_loops[out->dtype], NULL);
  return TRUE;
}

/* ---- Shrink --------------------------------------------------------------------------------------------------- */

/* All number types, so element by element. */
static gboolean
run_shrink (OxCall *call, GError **error)
{
  const ShrinkAttrs *attrs = call->attrs;
  const OxTensor *in = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);

  if (out == NULL)
    return FALSE;
  if (!ox_dtype_is_float (in->dtype) && !ox_dtype_is_integer (in->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "element type %s is not a number", ox_dtype_name (in->dtype));
  for (gint64 i = 0; i < in->count && !ox_pause (i); i++)
    {
      double a = ox_tensor_get (in, i);
      double y = a < -attrs->lambd ? a + attrs->bias : a > attrs->lambd ? a - attrs->bias : 0;

      ox_tensor_set (out, i, ox_dtype_is_integer (in->dtype) ? trunc (y) : y);
    }
  return TRUE;
}

/* ---- PRelu ---------------------------------------------------------------------------------------------------- */

#define STAMP_NAME prelu
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a > 0 || a == 0 ? a : a *b
#define STAMP_INT(C) a < 0 ? OX_WRAP_MUL (C, a, b) : a
#include "kernel/ox-stamp-binary.def"

/* The slope is broadcast to the input, never the other way round. */
static gboolean
infer_prelu (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *slope = ox_call_fact (call, 1);
  OxDim dims[OX_MAX_RANK];
  int rank;

  ox_call_set_like (call, 0, 0);
  if (x->kind != OX_TYPE_TENSOR || slope->kind != OX_TYPE_TENSOR)
    return TRUE;
  if (x->dtype != OX_UNDEFINED && slope->dtype != OX_UNDEFINED && x->dtype != slope->dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "the slope is %s, the input %s", ox_dtype_name (slope->dtype),
                    ox_dtype_name (x->dtype));
  if (call->op->since < 7 || x->rank < 0 || slope->rank < 0)
    return TRUE;
  if (!ox_call_broadcast (call, x->rank, x->dims, slope->rank, slope->dims, &rank, dims, error))
    return FALSE;
  if (rank != x->rank)
    return ox_fail (error, OX_ERROR_SHAPE, "the slope has rank %d, the input %d", slope->rank, x->rank);
  for (int i = 0; i < rank; i++)
    if (ox_dim_known (x->dims[i]) && ox_dim_known (dims[i]) && x->dims[i] != dims[i])
      return ox_fail (error, OX_ERROR_SHAPE, "the slope has more elements than the input on axis %d", i);
  return TRUE;
}

/* Before opset 7 the slope was one number or one a channel. */
static gboolean
run_old_prelu (OxCall *call, GError **error)
{
  const OxTensor *in[2] = { ox_call_in (call, 0), ox_call_in (call, 1) };
  OxLoop loop = ox_loop_for (call, prelu_loops, in[0]->dtype, error);
  OxTensor *out = loop != NULL ? ox_call_out (call, 0, error) : NULL;
  g_autoptr (OxTensor) slope = NULL;
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK];

  if (out == NULL)
    return FALSE;
  if (in[1]->rank == 1 && in[0]->rank > 1)
    {
      for (int i = 0; i < in[0]->rank; i++)
        {
          dims[i] = i == 1 ? in[1]->dims[0] : 1;
          strides[i] = i == 1 ? in[1]->strides[0] : 0;
        }
      if (dims[1] != 1 && dims[1] != in[0]->dims[1])
        return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " slopes for %" G_GINT64_FORMAT " channels", dims[1],
                        in[0]->dims[1]);
      in[1] = slope = ox_tensor_new_view ((OxTensor *) in[1], in[0]->rank, dims, strides, in[1]->data);
    }
  if (!ox_broadcast_strides (in[1], out->rank, out->dims, strides))
    return ox_fail (error, OX_ERROR_SHAPE, "the slope is neither one number nor one a channel");
  ox_walk_tensors (out, 2, in, loop, NULL);
  return TRUE;
}

/* ---- Clip ----------------------------------------------------------------------------------------------------- */

typedef struct { OxOptFloat min, max; } ClipAttrs;

#define STAMP_NAME clip_low
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a < b ? b : a
#define STAMP_INT(C) a < b ? b : a
#include "kernel/ox-stamp-binary.def"

#define STAMP_NAME clip_high
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a > b ? b : a
#define STAMP_INT(C) a > b ? b : a
#include "kernel/ox-stamp-binary.def"

/* First up to @low, then down to @high, which wins when they cross; either may be NULL. */
static gboolean
clip (OxCall *call, const OxTensor *low, const OxTensor *high, GError **error)
{
  const OxTensor *in = ox_call_in (call, 0), *operands[2] = { in, low };
  OxLoop up = ox_loop_for (call, clip_low_loops, in->dtype, error);
  OxTensor *out;

  if (up == NULL)
    return FALSE;
  if ((low != NULL && low->dtype != in->dtype) || (high != NULL && high->dtype != in->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected limits of type %s", ox_dtype_name (in->dtype));
  if ((low != NULL && low->count != 1) || (high != NULL && high->count != 1))
    return ox_fail (error, OX_ERROR_SHAPE, "expected one number as a limit");
  if (low == NULL && high == NULL)
    {
      ox_call_take_value (call, 0, ox_value_ref (ox_call_in_value (call, 0)));
      return TRUE;
    }
  out = ox_call_out (call, 0, error);
  if (out == NULL)
    return FALSE;
  if (low != NULL)
    {
      g_autoptr (OxTensor) scalar = ox_tensor_new_view ((OxTensor *) low, 0, NULL, NULL, low->data);

      operands[1] = scalar;
      ox_walk_tensors (out, 2, operands, up, NULL);
      operands[0] = out;
    }
  if (high != NULL)
    {
      g_autoptr (OxTensor) scalar = ox_tensor_new_view ((OxTensor *) high, 0, NULL, NULL, high->data);

      operands[1] = scalar;
      ox_walk_tensors (out, 2, operands, clip_high_loops[in->dtype], NULL);
    }
  return TRUE;
}

static gboolean
run_old_clip (OxCall *call, GError **error)
{
  const ClipAttrs *attrs = call->attrs;
  OxDtype dtype = ox_call_in (call, 0)->dtype;
  g_autoptr (OxTensor) low = attrs->min.set ? ox_tensor_new_scalar (dtype, attrs->min.v) : NULL;
  g_autoptr (OxTensor) high = attrs->max.set ? ox_tensor_new_scalar (dtype, attrs->max.v) : NULL;

  return clip (call, low, high, error);
}

static gboolean
run_clip (OxCall *call, GError **error)
{
  return clip (call, ox_call_in (call, 1), ox_call_in (call, 2), error);
}

static gboolean
infer_first (OxCall *call, GError **error)
{
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

#define ALPHA(name, a) static const OxAttrSpec name##_specs[] = { OX_FLOAT (Shape, alpha, a) };
#define ALPHA_BETA(name, a, b) \
  static const OxAttrSpec name##_specs[] = { OX_FLOAT (Shape, alpha, a), OX_FLOAT (Shape, beta, b) };
#define OLD_ALPHA(name, a) \
  static const OxAttrSpec name##_specs[] = { OX_FLOAT (Shape, alpha, a), OX_IGNORE ("consumed_inputs") };

static const OxAttrSpec old_specs[] = { OX_IGNORE ("consumed_inputs") };
static const OxAttrSpec gelu_specs[] = { OX_STRING (GeluAttrs, approximate, "none") };
static const OxAttrSpec shrink_specs[] = { OX_FLOAT (ShrinkAttrs, lambd, 0.5), OX_FLOAT (ShrinkAttrs, bias, 0) };
static const OxAttrSpec clip_specs[] = { OX_ATTR (ClipAttrs, min, OPT_FLOAT), OX_ATTR (ClipAttrs, max, OPT_FLOAT),
                                         OX_IGNORE ("consumed_inputs") };
static const OxAttrSpec old_selu_specs[]
  = { OX_FLOAT (SeluAttrs, alpha, 1.6732), OX_FLOAT (SeluAttrs, gamma, 1.0507), OX_IGNORE ("consumed_inputs") };
static const OxAttrSpec selu_specs[]
  = { OX_FLOAT (SeluAttrs, alpha, 1.67326319217681884765625), OX_FLOAT (SeluAttrs, gamma, 1.05070102214813232421875) };
OLD_ALPHA (old_leaky, 0.01)
OLD_ALPHA (old_elu, 1)
ALPHA (leaky, 0.01)
ALPHA (one, 1)
ALPHA_BETA (hard_sigmoid, 0.2, 0.5)
static const OxAttrSpec old_hard_sigmoid_specs[]
  = { OX_FLOAT (Shape, alpha, 0.2), OX_FLOAT (Shape, beta, 0.5), OX_IGNORE ("consumed_inputs") };

#define ONE { 1, 1 }, { 1, 1 }
#define OLD .attrs = old_specs, .n_attrs = 1, .attrs_size = 1
#define FUNC(loops) .infer = ox_infer_same, .run = ox_run_unary, .data = loops

static const OxOp activate_rows[] = {
  { "Relu", 1, ONE, OLD, FUNC (relu_loops) },
  { "Relu", 6, ONE, FUNC (relu_loops) },
  { "LeakyRelu", 1, ONE, OX_ATTRS (old_leaky_specs, Shape), FUNC (leaky_relu_loops) },
  { "LeakyRelu", 6, ONE, OX_ATTRS (leaky_specs, Shape), FUNC (leaky_relu_loops) },
  { "Elu", 1, ONE, OX_ATTRS (old_elu_specs, Shape), FUNC (elu_loops) },
  { "Elu", 6, ONE, OX_ATTRS (one_specs, Shape), FUNC (elu_loops) },
  { "Selu", 1, ONE, OX_ATTRS (old_selu_specs, SeluAttrs), FUNC (selu_loops) },
  { "Selu", 6, ONE, OX_ATTRS (selu_specs, SeluAttrs), FUNC (selu_loops) },
  { "Celu", 12, ONE, OX_ATTRS (one_specs, Shape), FUNC (celu_loops) },
  { "ThresholdedRelu", 10, ONE, OX_ATTRS (one_specs, Shape), FUNC (thresholded_relu_loops) },
  { "Sigmoid", 1, ONE, OLD, FUNC (sigmoid_loops) },
  { "Sigmoid", 6, ONE, FUNC (sigmoid_loops) },
  { "HardSigmoid", 1, ONE, OX_ATTRS (old_hard_sigmoid_specs, Shape), FUNC (hard_sigmoid_loops) },
  { "HardSigmoid", 6, ONE, OX_ATTRS (hard_sigmoid_specs, Shape), FUNC (hard_sigmoid_loops) },
  { "HardSwish", 14, ONE, FUNC (hard_swish_loops) },
  { "Softplus", 1, ONE, FUNC (softplus_loops) },
  { "Softsign", 1, ONE, FUNC (softsign_loops) },
  { "Mish", 18, ONE, FUNC (mish_loops) },
  { "Swish", 24, ONE, OX_ATTRS (one_specs, Shape), FUNC (swish_loops) },
  { "SwiGLU", 28, { 2, 2 }, { 1, 1 }, OX_ATTRS (one_specs, Shape), infer_swiglu, run_swiglu },
  { "Gelu", 20, ONE, OX_ATTRS (gelu_specs, GeluAttrs), ox_infer_same, run_gelu },
  { "Shrink", 9, ONE, OX_ATTRS (shrink_specs, ShrinkAttrs), ox_infer_same, run_shrink },
  { "PRelu", 1, { 2, 2 }, { 1, 1 }, OLD, infer_prelu, run_old_prelu },
  { "PRelu", 6, { 2, 2 }, { 1, 1 }, .infer = infer_prelu, .run = run_old_prelu },
  { "PRelu", 7, { 2, 2 }, { 1, 1 }, .infer = infer_prelu, .run = ox_run_binary, .data = prelu_loops },
  { "Clip", 1, ONE, OX_ATTRS (clip_specs, ClipAttrs), infer_first, run_old_clip },
  { "Clip", 11, { 1, 3 }, { 1, 1 }, .infer = infer_first, .run = run_clip },
};

OX_FAMILY (activate, "ai.onnx", activate_rows);
