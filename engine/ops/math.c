/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "kernel/ox-stamp.h"
#include "ops/elementwise.h"

/* Functions of one number. Types of 16 bits and less compute in float and round once. */

static inline float sign_f (double a) { return a > 0 ? 1 : a < 0 ? -1 : (float) a; }

#define STAMP_NAME neg
#define STAMP_TYPES NUMBER
#define STAMP_EXPR -a
#define STAMP_INT(C) OX_WRAP_SUB (C, 0, a)
#include "kernel/ox-stamp-unary.def"

#define STAMP_NAME abs
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a > 0 ? a : a == 0 ? 0 : -a
#define STAMP_INT(C) a < 0 ? OX_WRAP_SUB (C, 0, a) : a
#include "kernel/ox-stamp-unary.def"

#define STAMP_NAME sign
#define STAMP_TYPES NUMBER
#define STAMP_EXPR sign_f (a)
#define STAMP_INT(C) (a > 0) - (a < 0)
#include "kernel/ox-stamp-unary.def"

#define STAMP_NAME reciprocal
#define STAMP_TYPES FLOAT
#define STAMP_EXPR 1 / a
#define STAMP_INT(C) a
#include "kernel/ox-stamp-unary.def"

/* @f for float and small types, @d for double. */
#define FUNCTION(name, f, d)                                                                                         \
  OX_UNARY_LOOP (name, F32, float, float, OX_SAME, OX_SAME, f)                                                       \
  OX_UNARY_LOOP (name, F64, double, double, OX_SAME, OX_SAME, d)                                                     \
  OX_UNARY_LOOP (name, F16, guint16, float, ox_f16_load, ox_f16_store, f)                                            \
  OX_UNARY_LOOP (name, BF16, guint16, float, ox_bf16_load, ox_bf16_store, f)                                         \
  static const OxLoop name##_loops[OX_N_DTYPES]                                                                      \
    = { [OX_F32] = name##_F32, [OX_F64] = name##_F64, [OX_F16] = name##_F16, [OX_BF16] = name##_BF16 };

FUNCTION (exp, expf (a), exp (a))
FUNCTION (log, logf (a), log (a))
FUNCTION (sqrt, sqrtf (a), sqrt (a))
FUNCTION (floor, floorf (a), floor (a))
FUNCTION (ceil, ceilf (a), ceil (a))
FUNCTION (round, rintf (a), rint (a))
FUNCTION (sin, sinf (a), sin (a))
FUNCTION (cos, cosf (a), cos (a))
FUNCTION (tan, tanf (a), tan (a))
FUNCTION (asin, asinf (a), asin (a))
FUNCTION (acos, acosf (a), acos (a))
FUNCTION (atan, atanf (a), atan (a))
FUNCTION (sinh, sinhf (a), sinh (a))
FUNCTION (cosh, coshf (a), cosh (a))
FUNCTION (tanh, tanhf (a), tanh (a))
FUNCTION (asinh, asinhf (a), asinh (a))
FUNCTION (acosh, acoshf (a), acosh (a))
FUNCTION (atanh, atanhf (a), atanh (a))
FUNCTION (erf, erff (a), erf (a))

/* Erf-9 takes integers: what is behind the point is cut off. */
#define OX_DT(ID, NUM, SHORT, NAME, BITS, S, C, LD, ST, CLASS) \
  OX_IF_INTEGER_##CLASS (OX_UNARY_LOOP (erf_whole, ID, S, double, OX_SAME, OX_SAME, erf (a)))
#include "tensor/ox-dtypes.def"
static const OxLoop erf_whole_loops[OX_N_DTYPES] = {
#define OX_DT(ID, NUM, SHORT, NAME, BITS, S, C, LD, ST, CLASS) OX_IF_INTEGER_##CLASS ([OX_##ID] = erf_whole_##ID, )
#include "tensor/ox-dtypes.def"
  [OX_F32] = erf_F32, [OX_F64] = erf_F64, [OX_F16] = erf_F16, [OX_BF16] = erf_BF16,
};

/* ---- bool results --------------------------------------------------------------------------------------------- */

typedef struct { gint64 detect_negative, detect_positive; } InfAttrs;

static gboolean
infer_bool (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_fact (call, 0);

  if (fact != NULL)
    ox_call_set (call, 0, OX_BOOL, fact->rank, fact->dims);
  return TRUE;
}

#define TEST_LOOP(name, ID, S, LD, EXPR)                                                                             \
  static void name##_##ID (char **p, const gint64 *step, gint64 n, const void *user)                                 \
  {                                                                                                                  \
    for (gint64 i = 0; i < n; i++)                                                                                   \
      {                                                                                                              \
        const double a = LD (*(const S *) (const void *) (p[1] + i * step[1]));                                      \
        *(guint8 *) (p[0] + i * step[0]) = (EXPR) ? 1 : 0;                                                           \
      }                                                                                                              \
  }
#define TEST(name, EXPR)                                                                                             \
  TEST_LOOP (name, F32, float, OX_SAME, EXPR)                                                                        \
  TEST_LOOP (name, F64, double, OX_SAME, EXPR)                                                                       \
  TEST_LOOP (name, F16, guint16, ox_f16_load, EXPR)                                                                  \
  TEST_LOOP (name, BF16, guint16, ox_bf16_load, EXPR)                                                                \
  TEST_LOOP (name, F8E4M3FN, guint8, ox_f8e4m3fn_load, EXPR)                                                         \
  TEST_LOOP (name, F8E4M3FNUZ, guint8, ox_f8e4m3fnuz_load, EXPR)                                                     \
  TEST_LOOP (name, F8E5M2, guint8, ox_f8e5m2_load, EXPR)                                                             \
  TEST_LOOP (name, F8E5M2FNUZ, guint8, ox_f8e5m2fnuz_load, EXPR)                                                     \
  static const OxLoop name##_loops[OX_N_DTYPES] = {                                                                  \
    [OX_F32] = name##_F32, [OX_F64] = name##_F64, [OX_F16] = name##_F16, [OX_BF16] = name##_BF16,                    \
    [OX_F8E4M3FN] = name##_F8E4M3FN, [OX_F8E4M3FNUZ] = name##_F8E4M3FNUZ, [OX_F8E5M2] = name##_F8E5M2,               \
    [OX_F8E5M2FNUZ] = name##_F8E5M2FNUZ,                                                                             \
  };
TEST (is_nan, a != a)
#define DETECTS(side) (((const InfAttrs *) user)->detect_##side)
TEST (is_inf, (a == (double) INFINITY && DETECTS (positive)) || (a == -(double) INFINITY && DETECTS (negative)))
#undef DETECTS

static gboolean
run_identity (OxCall *call, GError **error)
{
  ox_call_take_value (call, 0, ox_value_ref (ox_call_in_value (call, 0)));
  return TRUE;
}

static gboolean
infer_identity (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_fact (call, 0);
  const OxDim *ints;
  int n;

  if (fact == NULL || fact->kind == OX_TYPE_UNKNOWN)
    return TRUE;
  if (fact->kind != OX_TYPE_TENSOR)
    {
      ox_call_set_kind (call, 0, fact->kind, fact->dtype, fact->elem);
      return TRUE;
    }
  ox_call_set_like (call, 0, 0);
  if (!call->running && ox_call_ints (call, 0, &ints, &n))
    ox_call_set_ints (call, 0, ints, n);
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec old_specs[] = { OX_IGNORE ("consumed_inputs") };
static const OxAttrSpec inf_specs[] = { OX_INT (InfAttrs, detect_negative, 1), OX_INT (InfAttrs, detect_positive, 1) };

#define ROW(name_, since_, loops) \
  { name_, since_, { 1, 1 }, { 1, 1 }, .infer = ox_infer_same, .run = ox_run_unary, .data = loops }
/* Until opset 6 these had a list of inputs that may be overwritten. */
#define ROWS(name_, loops)                                                                                           \
  { name_, 1, { 1, 1 }, { 1, 1 }, .attrs = old_specs, .n_attrs = 1, .attrs_size = 1, .infer = ox_infer_same,         \
    .run = ox_run_unary, .data = loops },                                                                            \
  ROW (name_, 6, loops)

static const OxOp math_rows[] = {
  ROWS ("Neg", neg_loops),
  ROWS ("Abs", abs_loops),
  ROWS ("Reciprocal", reciprocal_loops),
  ROWS ("Exp", exp_loops),
  ROWS ("Log", log_loops),
  ROWS ("Sqrt", sqrt_loops),
  ROWS ("Floor", floor_loops),
  ROWS ("Ceil", ceil_loops),
  ROWS ("Tanh", tanh_loops),
  ROW ("Sign", 9, sign_loops),
  ROW ("Round", 11, round_loops),
  ROW ("Sin", 7, sin_loops),
  ROW ("Cos", 7, cos_loops),
  ROW ("Tan", 7, tan_loops),
  ROW ("Asin", 7, asin_loops),
  ROW ("Acos", 7, acos_loops),
  ROW ("Atan", 7, atan_loops),
  ROW ("Sinh", 9, sinh_loops),
  ROW ("Cosh", 9, cosh_loops),
  ROW ("Asinh", 9, asinh_loops),
  ROW ("Acosh", 9, acosh_loops),
  ROW ("Atanh", 9, atanh_loops),
  ROW ("Erf", 9, erf_whole_loops),
  ROW ("Erf", 13, erf_loops),
  { "IsNaN", 9, { 1, 1 }, { 1, 1 }, .infer = infer_bool, .run = ox_run_unary, .data = is_nan_loops },
  { "IsInf", 10, { 1, 1 }, { 1, 1 }, OX_ATTRS (inf_specs, InfAttrs), infer_bool, ox_run_unary, .data = is_inf_loops },
  { "Identity", 1, { 1, 1 }, { 1, 1 }, .infer = infer_identity, .run = run_identity, .flags = OX_OP_VALUES },
};

OX_FAMILY (math, "ai.onnx", math_rows);
