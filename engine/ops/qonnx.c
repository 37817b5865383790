/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernel/ox-walk.h"
#include "ops/ox-move.h"

/* QONNX: tensors of float whose values are those of a few bits: Quant (now IntQuant), BipolarQuant, Trunc, FloatQuant. The
 * parameters are tensors that broadcast to the first input. Brevitas and FINN have the same in domains of their own. */

typedef struct { gint64 is_signed, narrow; const char *rounding_mode; } QuantAttrs;

typedef enum { QUANT, BIPOLAR, TRUNC, FLOAT_QUANT } Kind;
typedef enum { ROUND_EVEN, ROUND_CEIL, ROUND_FLOOR, ROUND_UP, ROUND_DOWN, ROUND_HALF_UP, ROUND_HALF_DOWN } Rounding;

typedef struct
{
  Kind     kind;
  Rounding rounding;
  gboolean is_signed, narrow;
  int      n;                  /* inputs */
} Job;

/* ---- one element ---------------------------------------------------------------------------------------------- */

/* UP is away from zero and DOWN towards it, which HALF_UP and HALF_DOWN do to halves. */
static float
rounded (Rounding rounding, float x)
{
  switch (rounding)
    {
    case ROUND_CEIL:
      return ceilf (x);
    case ROUND_FLOOR:
      return floorf (x);
    case ROUND_UP:
      return x < 0 ? floorf (x) : ceilf (x);
    case ROUND_DOWN:
      return truncf (x);
    case ROUND_HALF_UP:
      return roundf (x);
    case ROUND_HALF_DOWN:
      return fabsf (x - truncf (x)) == 0.5f ? truncf (x) : roundf (x);
    case ROUND_EVEN:
    default:
      return rintf (x);
    }
}

static float
clamped (const Job *job, float bits, float x)
{
  float low = job->is_signed ? -exp2f (bits - 1) + (job->narrow ? 1 : 0) : 0;
  float high = job->is_signed ? exp2f (bits - 1) - 1 : exp2f (bits) - (job->narrow ? 2 : 1);

  x = x > high ? high : x;
  return x < low ? low : x;
}

/* v: x, scale, zero point, bits. */
static float
quant (const Job *job, const float *v)
{
  float q = v[0] / v[1] + v[2];

  if (v[3] == 1 && job->is_signed)
    q = q >= 0 ? 1 : -1;
  else
    q = rounded (job->rounding, clamped (job, v[3], q));
  return (q - v[2]) * v[1];
}

/* v: x, scale, zero point, bits before; then bits after, or the scale after and bits after (version 2). */
static float
trunc_bits (const Job *job, const float *v)
{
  float q = rintf (v[0] / v[1] + v[2]), step;

  if (job->n == 5)
    {
      step = exp2f (v[3] - v[4]);
      return (rounded (job->rounding, q / step) - v[2]) * v[1];
    }
  step = exp2f (rintf (log2f (v[4] / v[1])));
  q = rounded (job->rounding, clamped (job, v[5], q / step));
  return (q - v[2] / step) * v[4];
}

/* v: x, scale, bits of the exponent, bits of the mantissa, bias of the exponent, largest value. */
static float
float_quant (const Job *job, const float *v)
{
  const float tiny = 1.17549435e-38f;
  float x = v[0] / v[1], step, high, q;

  step = exp2f (fmaxf (floorf (log2f (fabsf (x) + tiny)) - v[3], 1 - v[4] - v[3]));
  q = step * rounded (job->rounding, x / step);
  high = fminf ((2 - exp2f (-v[3])) * exp2f (exp2f (v[2]) - 1 - v[4]), v[5]);
  q = q > high ? high : q;
  q = q < (job->is_signed ? -high : 0) ? (job->is_signed ? -high : 0) : q;
  return q * v[1];
}

static void
loop (char **p, const gint64 *step, gint64 n, const void *user)
{
  const Job *job = user;

  for (gint64 i = 0; i < n && !ox_turn (); i++)
    {
      float v[6] = { 0 }, *out = (float *) (void *) (p[0] + i * step[0]);

      for (int k = 0; k < job->n; k++)
        v[k] = *(const float *) (const void *) (p[k + 1] + i * step[k + 1]);
      *out = job->kind == QUANT     ? quant (job, v)
             : job->kind == BIPOLAR ? (v[0] >= 0 ? v[1] : -v[1])
             : job->kind == TRUNC   ? trunc_bits (job, v)
                                    : float_quant (job, v);
    }
}

/* ---- the operators -------------------------------------------------------------------------------------------- */

static gboolean
read_rounding (Rounding *rounding, const OxCall *call, GError **error)
{
  static const char *const names[] = { "ROUND", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN" };
  const QuantAttrs *at = call->attrs;

  *rounding = ROUND_EVEN;
  if (call->op->n_attrs == 0)
    return TRUE;
  if (g_ascii_strcasecmp (at->rounding_mode, "HALF_EVEN") == 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (at->rounding_mode, names[i]) == 0)
      {
        *rounding = (Rounding) i;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "rounding_mode is '%s', expected one like ROUND, CEIL, FLOOR", at->rounding_mode);
}

static gboolean
infer_quant (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  Rounding rounding;

  if (!read_rounding (&rounding, call, error))
    return FALSE;
  if (x != NULL && x->dtype != OX_UNDEFINED && !ox_dtype_is_float (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected floats as input 0, found %s", ox_dtype_name (x->dtype));
  for (int i = 1; i < call->n_in; i++)
    {
      const OxFact *param = ox_call_fact (call, i);
      int rank = ox_fact_rank (param);

      for (int d = 0; d < rank && ox_fact_rank (x) >= 0; d++)
        {
          int at = d + x->rank - rank;

          if (ox_dim_known (param->dims[d]) && param->dims[d] != 1
              && (at < 0 || (ox_dim_known (x->dims[at]) && x->dims[at] != param->dims[d])))
            return ox_fail (error, OX_ERROR_SHAPE, "input %d does not broadcast to the first one: %" G_GINT64_FORMAT " of axis %d",
                            i, param->dims[d], d);
        }
    }
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

static gboolean
run_quant (OxCall *call, GError **error)
{
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_tensor_unref);
  const QuantAttrs *at = call->attrs;
  gboolean attrs = call->op->n_attrs > 0;
  Job job = { .kind = (Kind) call->op->code, .n = call->n_in, .is_signed = attrs && at->is_signed != 0,
              .narrow = attrs && at->narrow != 0 };
  const OxTensor *in[6];
  g_autoptr (OxTensor) out = NULL;

  if (!read_rounding (&job.rounding, call, error))
    return FALSE;
  for (int i = 0; i < call->n_in; i++)
    {
      if ((in[i] = ox_call_in_as (call, i, OX_F32, error)) == NULL)
        return FALSE;
      if (i > 0 && in[i]->count == 1)
        {
          OxTensor *single = ox_tensor_new_view ((OxTensor *) in[i], 0, NULL, NULL, in[i]->data);

          g_ptr_array_add (keep, single);
          in[i] = single;
        }
      if (!ox_broadcast_strides (in[i], in[0]->rank, in[0]->dims, (gint64[OX_MAX_RANK]){ 0 }))
        return ox_fail (error, OX_ERROR_SHAPE, "input %d does not broadcast to the first one", i);
    }
  if ((out = ox_tensor_new (OX_F32, in[0]->rank, in[0]->dims, error)) == NULL)
    return FALSE;
  ox_walk_tensors (out, call->n_in, in, loop, &job);
  return ox_call_store_f32 (call, 0, (const float *) (void *) out->data, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

#define SIGNED { "signed", OX_KIND_INT, offsetof (QuantAttrs, is_signed), .number = 1 }
#define NARROW OX_INT (QuantAttrs, narrow, 0)

static const OxAttrSpec quant_specs[] = { SIGNED, NARROW, OX_STRING (QuantAttrs, rounding_mode, "ROUND") };
static const OxAttrSpec trunc_1_specs[] = { OX_STRING (QuantAttrs, rounding_mode, "FLOOR") };
static const OxAttrSpec trunc_specs[] = { SIGNED, NARROW, OX_STRING (QuantAttrs, rounding_mode, "FLOOR") };
/* What tells of symbolic values is for those who build hardware; it has no effect on the operator, by its words. */
static const OxAttrSpec float_specs[] = {
  SIGNED,
  OX_STRING (QuantAttrs, rounding_mode, "ROUND"),
  OX_IGNORE ("has_infinity"),
  OX_IGNORE ("has_inf"),
  OX_IGNORE ("has_nan"),
  OX_IGNORE ("has_subnormal"),
  OX_IGNORE ("saturation"),
};

#define ROW(name_, since_, min, max, kind, ...)                                                                      \
  { name_, since_, { min, max }, { 1, 1 }, __VA_ARGS__, .infer = infer_quant, .run = run_quant, .code = kind }

/* Trunc-2 takes the inputs of version 1 too, for files that do not say which they mean. */
static const OxOp qonnx_rows[] = {
  ROW ("Quant", 1, 4, 4, QUANT, OX_ATTRS (quant_specs, QuantAttrs)),
  ROW ("IntQuant", 1, 4, 4, QUANT, OX_ATTRS (quant_specs, QuantAttrs)),
  ROW ("BipolarQuant", 1, 2, 2, BIPOLAR, .attrs_size = sizeof (QuantAttrs)),
  ROW ("Trunc", 1, 5, 5, TRUNC, OX_ATTRS (trunc_1_specs, QuantAttrs)),
  ROW ("Trunc", 2, 5, 6, TRUNC, OX_ATTRS (trunc_specs, QuantAttrs)),
  ROW ("FloatQuant", 1, 6, 6, FLOAT_QUANT, OX_ATTRS (float_specs, QuantAttrs)),
};

OX_FAMILY (qonnx, "qonnx.custom_op.general", qonnx_rows);
OX_FAMILY (brevitas, "onnx.brevitas", qonnx_rows);
OX_FAMILY (finn, "finn.custom_op.general", qonnx_rows);
