/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "kernel/ox-stamp.h"
#include "ops/elementwise.h"

/* Arithmetic of two or more tensors. */

#define STAMP_NAME add
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a + b
#define STAMP_INT(C) OX_WRAP_ADD (C, a, b)
#include "kernel/ox-stamp-binary.def"

#define STAMP_NAME sub
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a - b
#define STAMP_INT(C) OX_WRAP_SUB (C, a, b)
#include "kernel/ox-stamp-binary.def"

#define STAMP_NAME mul
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a *b
#define STAMP_INT(C) OX_WRAP_MUL (C, a, b)
#include "kernel/ox-stamp-binary.def"

/* Divisors of integers have been checked; the one quotient that does not fit wraps. */
#define STAMP_NAME div
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a / b
#define STAMP_INT(C) b == -1 ? OX_WRAP_SUB (C, 0, a) : a / b
#include "kernel/ox-stamp-binary.def"

/* NaN wins, from either side. */
#define STAMP_NAME max
#define STAMP_TYPES NUMBER
#define STAMP_EXPR (a > b || a != a) ? a : b
#define STAMP_INT(C) a > b ? a : b
#include "kernel/ox-stamp-binary.def"

#define STAMP_NAME min
#define STAMP_TYPES NUMBER
#define STAMP_EXPR (a < b || a != a) ? a : b
#define STAMP_INT(C) a < b ? a : b
#include "kernel/ox-stamp-binary.def"

static gboolean
check_divisor (const OxTensor *b, GError **error)
{
  if (!ox_dtype_is_integer (b->dtype))
    return TRUE;
  for (gint64 i = 0; i < b->count && !ox_pause (i); i++)
    if (ox_tensor_get_int (b, i) == 0)
      return ox_fail (error, OX_ERROR_VALUE, "division by zero: element %" G_GINT64_FORMAT " of the divisor is 0", i);
  return ox_parallel_check (error);
}

static gboolean
run_div (OxCall *call, GError **error)
{
  return check_divisor (ox_call_in (call, 1), error) && ox_run_binary (call, error);
}

static gboolean
run_old_div (OxCall *call, GError **error)
{
  return check_divisor (ox_call_in (call, 1), error) && ox_run_old_binary (call, error);
}

/* ---- shapes computed from shapes ------------------------------------------------------------------------------ */

enum { ADD, SUB, MUL, DIV };

/* Small integer tensors are dimensions on their way: what is known of them goes on. */
static gboolean
infer_arith (OxCall *call, GError **error)
{
  const OxDim *a, *b;
  OxDim result[64];
  int n_a, n_b, n;

  if (!ox_infer_broadcast (call, error))
    return FALSE;
  if (call->running || !ox_call_ints (call, 0, &a, &n_a) || !ox_call_ints (call, 1, &b, &n_b))
    return TRUE;
  n = MAX (n_a, n_b);
  if (n > (int) G_N_ELEMENTS (result) || (n_a != n && n_a != 1) || (n_b != n && n_b != 1))
    return TRUE;
  for (int i = 0; i < n; i++)
    {
      OxDim x = a[n_a == 1 ? 0 : i], y = b[n_b == 1 ? 0 : i];

      switch (call->op->code)
        {
        case ADD:
          result[i] = ox_dim_add (call->dims, x, y);
          break;
        case SUB:
          result[i] = ox_dim_sub (call->dims, x, y);
          break;
        case MUL:
          result[i] = ox_dim_mul (call->dims, x, y);
          break;
        default:
          result[i] = ox_dim_div (call->dims, x, y);
          break;
        }
    }
  ox_call_set_ints (call, 0, result, n);
  return TRUE;
}

/* ---- Mean ----------------------------------------------------------------------------------------------------- */

static void
divide_all (OxTensor *out, double by)
{
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    ox_tensor_set (out, i, ox_tensor_get (out, i) / by);
}

static gboolean
run_mean (OxCall *call, GError **error)
{
  OxTensor *out;

  if (!ox_run_variadic (call, error))
    return FALSE;
  if (call->n_in == 1)
    return TRUE;
  out = ox_call_out (call, 0, error);
  if (out == NULL)
    return FALSE;
  divide_all (out, call->n_in);
  return TRUE;
}

/* ---- Mod ------------------------------------------------------------------------------------------------------ */

typedef struct { gint64 fmod; } ModAttrs;

/* The sign of the divisor, as in Python; of the dividend with fmod. */
static inline gint64
mod_int (gint64 a, gint64 b, gboolean truncate)
{
  gint64 r = b == -1 ? 0 : a % b;

  return !truncate && r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static inline double
mod_float (double a, double b, gboolean truncate)
{
  double r = fmod (a, b);

  return !truncate && r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static gboolean
run_mod (OxCall *call, GError **error)
{
  const ModAttrs *attrs = call->attrs;
  const OxTensor *a = ox_call_in (call, 0), *b = ox_call_in (call, 1);
  gint64 sa[OX_MAX_RANK], sb[OX_MAX_RANK], index[OX_MAX_RANK] = { 0 };
  OxTensor *out = ox_call_out (call, 0, error);
  const char *pa = (const char *) a->data, *pb = (const char *) b->data;
  gsize unit;

  if (out == NULL || !check_divisor (b, error))
    return FALSE;
  if (!ox_dtype_is_integer (a->dtype) && !ox_dtype_is_float (a->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "element type %s is not one of those of Mod", ox_dtype_name (a->dtype));
  ox_broadcast_strides (a, out->rank, out->dims, sa);
  ox_broadcast_strides (b, out->rank, out->dims, sb);
  unit = ox_dtype_size (out->dtype);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      guint8 *to = out->data + (gsize) i * unit;

      if (a->dtype == OX_U64)
        *(guint64 *) (void *) to = *(const guint64 *) (const void *) pa % *(const guint64 *) (const void *) pb;
      else if (a->dtype == OX_I64)
        *(gint64 *) (void *) to = mod_int (*(const gint64 *) (const void *) pa, *(const gint64 *) (const void *) pb,
                                           attrs->fmod != 0);
      else if (ox_dtype_is_integer (a->dtype))
        ox_element_set (a->dtype, to, (double) mod_int (ox_element_get_int (a->dtype, pa), ox_element_get_int (a->dtype, pb),
                                                        attrs->fmod != 0));
      else
        ox_element_set (a->dtype, to, mod_float (ox_element_get (a->dtype, pa), ox_element_get (a->dtype, pb),
                                                 attrs->fmod != 0));
      for (int d = out->rank - 1; d >= 0; d--)
        {
          pa += sa[d];
          pb += sb[d];
          if (++index[d] < out->dims[d])
            break;
          pa -= sa[d] * out->dims[d];
          pb -= sb[d] * out->dims[d];
          index[d] = 0;
        }
    }
  return TRUE;
}

/* ---- Pow ------------------------------------------------------------------------------------------------------ */

/* Base and exponent may have different types; the result has the base's. */
static gboolean
infer_pow (OxCall *call, GError **error)
{
  const OxFact *a = ox_call_fact (call, 0), *b = ox_call_fact (call, 1);
  OxDim dims[OX_MAX_RANK];
  int rank = -1;

  if (a == NULL || b == NULL)
    return TRUE;
  if (!ox_call_broadcast (call, a->rank, a->dims, b->rank, b->dims, &rank, dims, error))
    return FALSE;
  ox_call_set (call, 0, a->dtype, rank, dims);
  return TRUE;
}

static gint64
pow_int (gint64 base, gint64 exponent)
{
  guint64 result = 1, b = (guint64) base;

  if (exponent < 0)
    return base == 1 ? 1 : base == -1 ? (exponent & 1 ? -1 : 1) : 0;
  for (; exponent > 0; exponent >>= 1, b *= b)
    if (exponent & 1)
      result *= b;
  return (gint64) result;
}

static void
pow_f32_loop (char **p, const gint64 *step, gint64 n, const void *user)
{
  double fixed = *(const double *) (const void *) p[2];

  if (step[2] == 0 && (fixed == 2 || fixed == 3 || fixed == 0.5 || fixed == -1))
    for (gint64 i = 0; i < n && !ox_pause (i); i++)
      {
        float a = *(const float *) (const void *) (p[1] + i * step[1]);

        *(float *) (void *) (p[0] + i * step[0]) = fixed == 2 ? a * a : fixed == 3 ? (float) ((double) a * a * a)
                                                   : fixed == 0.5 ? (a == -INFINITY ? INFINITY : sqrtf (a + 0.0f))
                                                                  : 1 / a;
      }
  else
    for (gint64 i = 0; i < n && !ox_pause (i); i++)
      *(float *) (void *) (p[0] + i * step[0])
        = (float) pow (*(const float *) (const void *) (p[1] + i * step[1]),
                       *(const double *) (const void *) (p[2] + i * step[2]));
}

static void
pow_f64_loop (char **p, const gint64 *step, gint64 n, const void *user)
{
  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    *(double *) (void *) (p[0] + i * step[0]) = pow (*(const double *) (const void *) (p[1] + i * step[1]),
                                                     *(const double *) (const void *) (p[2] + i * step[2]));
}

static void
pow_i64_loop (char **p, const gint64 *step, gint64 n, const void *user)
{
  for (gint64 i = 0; i < n; i++)
    *(gint64 *) (void *) (p[0] + i * step[0]) = pow_int (*(const gint64 *) (const void *) (p[1] + i * step[1]),
                                                         *(const gint64 *) (const void *) (p[2] + i * step[2]));
}

/* The low bits of 64-bit integers, as products of the narrow type have them. */
static void
wrap_all (const OxTensor *wide, OxTensor *out)
{
  const gint64 *from = (const gint64 *) (const void *) wide->data;

  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    switch (out->dtype)
      {
      case OX_U4:
        out->data[i] = OX_U4 (from[i]);
        break;
      case OX_I4:
        ((gint8 *) out->data)[i] = OX_I4 (from[i]);
        break;
      case OX_U2:
        out->data[i] = OX_U2 (from[i]);
        break;
      case OX_I2:
        ((gint8 *) out->data)[i] = OX_I2 (from[i]);
        break;
      default:
        if (ox_dtype_size (out->dtype) == 1)
          out->data[i] = (guint8) from[i];
        else if (ox_dtype_size (out->dtype) == 2)
          ((guint16 *) (void *) out->data)[i] = (guint16) from[i];
        else if (ox_dtype_size (out->dtype) == 4)
          ((guint32 *) (void *) out->data)[i] = (guint32) from[i];
        else
          ((gint64 *) (void *) out->data)[i] = from[i];
        break;
      }
}

static gboolean
pow_over (OxCall *call, OxTensor *exponent, GError **error)
{
  const OxTensor *a = ox_call_in (call, 0);
  gboolean exact = ox_dtype_is_integer (a->dtype) && ox_dtype_is_integer (exponent->dtype);
  OxDtype work = exact ? OX_I64 : a->dtype == OX_F32 ? OX_F32 : OX_F64;
  OxTensor *out = ox_call_out (call, 0, error);
  g_autoptr (OxTensor) b = NULL, base = NULL, made = NULL, rounded = NULL;
  const OxTensor *in[2];

  if (out == NULL)
    return FALSE;
  if (!(ox_dtype_is_integer (a->dtype) || ox_dtype_is_float (a->dtype))
      || !(ox_dtype_is_integer (exponent->dtype) || ox_dtype_is_float (exponent->dtype)))
    return ox_fail (error, OX_ERROR_DTYPE, "%s to the power of %s is not possible", ox_dtype_name (a->dtype),
                    ox_dtype_name (exponent->dtype));
  b = ox_tensor_convert (exponent, exact ? OX_I64 : OX_F64, error);
  if (b == NULL)
    return FALSE;
  in[0] = a;
  in[1] = b;
  if (a->dtype == work)
    {
      ox_walk_tensors (out, 2, in, work == OX_F32 ? pow_f32_loop : work == OX_F64 ? pow_f64_loop : pow_i64_loop, NULL);
      return TRUE;
    }
  base = ox_tensor_convert ((OxTensor *) a, work, error);
  made = base != NULL ? ox_tensor_new (work, out->rank, out->dims, error) : NULL;
  if (made == NULL)
    return FALSE;
  in[0] = base;
  ox_walk_tensors (made, 2, in, work == OX_F64 ? pow_f64_loop : pow_i64_loop, NULL);
  if (exact)
    {
      wrap_all (made, out);
      return TRUE;
    }
  /* Like a cast: towards zero. */
  for (gint64 i = 0; work == OX_F64 && ox_dtype_is_integer (out->dtype) && i < made->count && !ox_pause (i); i++)
    ox_tensor_set (made, i, trunc (ox_tensor_get (made, i)));
  rounded = ox_tensor_convert (made, out->dtype, error);
  if (rounded == NULL)
    return FALSE;
  ox_tensor_copy_to (rounded, out->data);
  return TRUE;
}

static gboolean
run_pow (OxCall *call, GError **error)
{
  return pow_over (call, (OxTensor *) ox_call_in (call, 1), error);
}

static gboolean
run_old_pow (OxCall *call, GError **error)
{
  g_autoptr (OxTensor) b = ox_old_operand (call, error);

  return b != NULL && pow_over (call, b, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec old_specs[] = { OX_BROADCAST_SPECS, OX_IGNORE ("consumed_inputs") };
static const OxAttrSpec old_variadic_specs[] = { OX_IGNORE ("consumed_inputs") };
static const OxAttrSpec mod_specs[] = { OX_INT (ModAttrs, fmod, 0) };
#define OLD OX_ATTRS (old_specs, OxBroadcastAttrs)
#define OLD_VARIADIC .attrs = old_variadic_specs, .n_attrs = 1, .attrs_size = 1

static const OxOp arith_rows[] = {
  { "Add", 1, { 2, 2 }, { 1, 1 }, OLD, ox_infer_old_broadcast, ox_run_old_binary, .data = add_loops },
  { "Add", 7, { 2, 2 }, { 1, 1 }, .infer = infer_arith, .run = ox_run_binary, .code = ADD, .data = add_loops },
  { "Sub", 1, { 2, 2 }, { 1, 1 }, OLD, ox_infer_old_broadcast, ox_run_old_binary, .data = sub_loops },
  { "Sub", 7, { 2, 2 }, { 1, 1 }, .infer = infer_arith, .run = ox_run_binary, .code = SUB, .data = sub_loops },
  { "Mul", 1, { 2, 2 }, { 1, 1 }, OLD, ox_infer_old_broadcast, ox_run_old_binary, .data = mul_loops },
  { "Mul", 7, { 2, 2 }, { 1, 1 }, .infer = infer_arith, .run = ox_run_binary, .code = MUL, .data = mul_loops },
  { "Div", 1, { 2, 2 }, { 1, 1 }, OLD, ox_infer_old_broadcast, run_old_div, .data = div_loops },
  { "Div", 7, { 2, 2 }, { 1, 1 }, .infer = infer_arith, .run = run_div, .code = DIV, .data = div_loops },
  { "Pow", 1, { 2, 2 }, { 1, 1 }, OLD, ox_infer_old_broadcast, run_old_pow },
  { "Pow", 7, { 2, 2 }, { 1, 1 }, .infer = infer_pow, .run = run_pow },
  { "Mod", 10, { 2, 2 }, { 1, 1 }, OX_ATTRS (mod_specs, ModAttrs), ox_infer_broadcast, run_mod },
  { "Max", 1, { 1, -1 }, { 1, 1 }, OLD_VARIADIC, ox_infer_broadcast, ox_run_variadic, .data = max_loops },
  { "Max", 8, { 1, -1 }, { 1, 1 }, .infer = ox_infer_broadcast, .run = ox_run_variadic, .data = max_loops },
  { "Min", 1, { 1, -1 }, { 1, 1 }, OLD_VARIADIC, ox_infer_broadcast, ox_run_variadic, .data = min_loops },
  { "Min", 8, { 1, -1 }, { 1, 1 }, .infer = ox_infer_broadcast, .run = ox_run_variadic, .data = min_loops },
  { "Sum", 1, { 1, -1 }, { 1, 1 }, OLD_VARIADIC, ox_infer_broadcast, ox_run_variadic, .data = add_loops },
  { "Sum", 8, { 1, -1 }, { 1, 1 }, .infer = ox_infer_broadcast, .run = ox_run_variadic, .data = add_loops },
  { "Mean", 1, { 1, -1 }, { 1, 1 }, OLD_VARIADIC, ox_infer_broadcast, run_mean, .data = add_loops },
  { "Mean", 8, { 1, -1 }, { 1, 1 }, .infer = ox_infer_broadcast, .run = run_mean, .data = add_loops },
};

OX_FAMILY (arith, "ai.onnx", arith_rows);
