/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"
#include "ops/ox-slide.h"
#include "ops/ox-sub.h"
#include "ops/quant.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "kernel/ox-walk.h"

/* ONNX Runtime's QLinear operators: 8-bit tensors, each with a scale and a zero point, go through the
 * standard's operator in float, and the result is quantised again. */

typedef struct
{
  OxSlideAttrs slide; /* first */
  gint64 count_include_pad, channels_last, axis, keepdims, opset;
  double alpha;
  OxInts axes;
} LinearAttrs;

enum
{
  ROUND,
  ROUND_SUM
};

/* How the inputs of a row lie: @plain ones first, then groups of tensor, scale and zero point from
 * @first on. */
typedef struct
{
  const char *name;  /* the operator inside … */
  gint64 opset;      /* … and its version */
  int plain;         /* inputs before the groups that are passed on as they are */
  int first, groups; /* where the groups begin, and how many: -1 all that are left */
  int scale;         /* of the output; its zero point is the next input */
} Plan;

static int
n_groups (const OxCall *call, const Plan *plan)
{
  return plan->groups >= 0 ? plan->groups : (call->n_in - plan->first) / 3;
}

static gint64
inner_version (const OxCall *call, const Plan *plan)
{
  return plan->opset > 0 ? plan->opset : ((const LinearAttrs *) call->attrs)->opset;
}

static gboolean
is_last (const OxCall *call)
{
  return ((const LinearAttrs *) call->attrs)->channels_last != 0;
}

/* ---- what comes out ------------------------------------------------------------------------------------------------ */

/* Type @dtype (UNDEFINED: any 8-bit one) for input @i; narrows *@dtype. */
static gboolean
check_8bit (OxCall *call, int i, OxDtype *dtype, GError **error)
{
  OxDtype have = ox_fact_dtype (ox_call_fact (call, i));

  if (have == OX_UNDEFINED)
    return TRUE;
  if (have != OX_U8 && have != OX_I8)
    return ox_fail (error, OX_ERROR_DTYPE, "expected 8-bit integers as input %d, found %s", i, ox_dtype_name (have));
  if (*dtype != OX_UNDEFINED && have != *dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "input %d is %s, expected %s as the others", i, ox_dtype_name (have),
                    ox_dtype_name (*dtype));
  *dtype = have;
  return TRUE;
}

static gboolean
check_scale (OxCall *call, int i, GError **error)
{
  OxDtype have = ox_fact_dtype (ox_call_fact (call, i));

  if (ox_call_fact (call, i) == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "input %d, a scale, must not be omitted", i);
  return have == OX_UNDEFINED || have == OX_F32
         || ox_fail (error, OX_ERROR_DTYPE, "expected a scale of float as input %d, found %s", i, ox_dtype_name (have));
}

static gboolean
infer_linear (OxCall *call, GError **error)
{
  const Plan *plan = call->op->data;
  int groups = n_groups (call, plan), n = plan->plain + groups;
  g_autofree OxFact *facts = g_new0 (OxFact, n + 1);
  OxDtype dtype = OX_UNDEFINED;
  OxFact out;

  if (plan->groups < 0 && (groups == 0 || plan->first + 3 * groups != call->n_in))
    return ox_fail (error, OX_ERROR_MODEL, "expected %d inputs and then tensors with scale and zero point, found %d",
                    plan->first, call->n_in);
  for (int i = 0; i < n; i++)
    {
      int at = i < plan->plain ? i : plan->first + 3 * (i - plan->plain);
      const OxFact *fact = ox_call_fact (call, at);

      if (fact != NULL)
        facts[i] = *fact;
      else
        return ox_fail (error, OX_ERROR_MODEL, "input %d must not be omitted", at);
      facts[i].ints = NULL;
      facts[i].n_ints = -1;
      facts[i].tensor = NULL;
      if (i < plan->plain)
        continue;
      facts[i].dtype = OX_F32;
      if (!check_8bit (call, at, &dtype, error) || !check_scale (call, at + 1, error)
          || !check_8bit (call, at + 2, &dtype, error))
        return FALSE;
      if (is_last (call) && facts[i].rank > 2)
        {
          facts[i].dims[1] = fact->dims[fact->rank - 1];
          memcpy (facts[i].dims + 2, fact->dims + 1, (gsize) (fact->rank - 2) * sizeof (OxDim));
        }
    }
  if (!check_scale (call, plan->scale, error) || !check_8bit (call, plan->scale + 1, &dtype, error)
      || !ox_sub_infer (call, plan->name, inner_version (call, plan), n, facts, 1, &out, error))
    return FALSE;
  if (is_last (call) && out.rank > 2)
    {
      OxDim channels = out.dims[1];

      memmove (out.dims + 1, out.dims + 2, (gsize) (out.rank - 2) * sizeof (OxDim));
      out.dims[out.rank - 1] = channels;
    }
  ox_call_set (call, 0, dtype, out.rank, out.dims);
  return TRUE;
}

/* ---- computing ----------------------------------------------------------------------------------------------------- */

/* The one number of input @i; 0 if it is omitted. */
static gboolean
single (OxCall *call, int i, float *value, GError **error)
{
  const OxTensor *tensor = ox_call_in (call, i);

  *value = 0;
  if (tensor == NULL)
    return TRUE;
  if (tensor->count != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "input %d has %" G_GINT64_FORMAT " elements, expected one", i,
                    tensor->count);
  *value = (float) ox_tensor_get (tensor, 0);
  return TRUE;
}

/* (transfer full) Input @at in float; its axes turned to channels first. */
static OxTensor *
restored (OxCall *call, int at, GError **error)
{
  const OxTensor *x = ox_call_in_dense (call, at, error);
  g_autoptr (OxTensor) wide = NULL;
  float table[256], scale, zero;
  float *to;

  if (x == NULL || !single (call, at + 1, &scale, error) || !single (call, at + 2, &zero, error)
      || (wide = ox_tensor_new (OX_F32, x->rank, x->dims, error)) == NULL)
    return NULL;
  for (int i = 0; i < 256; i++)
    table[i] = scale * ((x->dtype == OX_I8 ? (float) (gint8) i : (float) i) - zero);
  to = (float *) wide->data;
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    to[i] = table[x->data[i]];
  return is_last (call) ? ox_move_channels (wide, TRUE) : g_steal_pointer (&wide);
}

typedef struct
{
  const float *x;
  guint8 *y;
  float scale, zero, low, high;
  gboolean sum; /* the zero point is added before rounding, not after: which shows at a half */
} Store;

static void
store_range (gint64 begin, gint64 end, gpointer data)
{
  const Store *job = data;

  for (gint64 i = begin; i < end && !ox_pause (i); i++)
    {
      float v = job->x[i] / job->scale;

      v = job->sum ? rintf (v + job->zero) : rintf (v) + job->zero;
      v = v < job->low ? job->low : v > job->high ? job->high : v;
      job->y[i] = v != v ? 0 : (guint8) (gint) v;
    }
}

static gboolean
store (OxCall *call, OxTensor *result, GError **error)
{
  const Plan *plan = call->op->data;
  g_autoptr (OxTensor) turned = is_last (call) ? ox_move_channels (result, FALSE) : ox_tensor_ref (result);
  g_autoptr (OxTensor) dense = ox_tensor_contiguous (turned, error);
  OxTensor *out = dense != NULL ? ox_call_out (call, 0, error) : NULL;
  Store job = { .sum = call->op->code == ROUND_SUM };

  if (out == NULL || !single (call, plan->scale, &job.scale, error)
      || !single (call, plan->scale + 1, &job.zero, error))
    return FALSE;
  job.x = (const float *) dense->data;
  job.y = out->data;
  job.low = out->dtype == OX_I8 ? -128 : 0;
  job.high = out->dtype == OX_I8 ? 127 : 255;
  ox_parallel_for (out->count, 16384, store_range, &job);
  return TRUE;
}

static gboolean
run_linear (OxCall *call, GError **error)
{
  const Plan *plan = call->op->data;
  int n = plan->plain + n_groups (call, plan);
  g_autoptr (GPtrArray) in = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_tensor_unref);
  g_autoptr (OxTensor) result = NULL;

  for (int i = 0; i < n; i++)
    {
      OxTensor *tensor = i < plan->plain ? ox_tensor_ref ((OxTensor *) ox_call_in (call, i))
                                         : restored (call, plan->first + 3 * (i - plan->plain), error);

      if (tensor == NULL)
        return FALSE;
      g_ptr_array_add (in, tensor);
    }
  result = ox_sub_forward (call, plan->name, inner_version (call, plan), n, (OxTensor *const *) in->pdata, error);
  return result != NULL && store (call, result, error);
}

/* ---- sums and products --------------------------------------------------------------------------------------------- */

typedef enum { PAIR_ADD, PAIR_MUL } PairKind;

/* Each element is a * scale[0] + b * scale[1] + fixed, or (a - zero[0]) * (b - zero[1]) * scale[0] + fixed.
 * The zero point of the output is part of the sum that is rounded: so does ONNX Runtime, and a half goes to
 * an even result. */
typedef struct
{
  PairKind kind;
  gboolean is_signed;
  float scale[2], zero[2], fixed;
} Pair;

static void
pair_loop (char **p, const gint64 *step, gint64 n, const void *user)
{
  const Pair *pair = user;
  float low = pair->is_signed ? -128 : 0, high = pair->is_signed ? 127 : 255;

  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    {
      const void *at[2] = { p[1] + i * step[1], p[2] + i * step[2] };
      float a = pair->is_signed ? (float) *(const gint8 *) at[0] : (float) *(const guint8 *) at[0];
      float b = pair->is_signed ? (float) *(const gint8 *) at[1] : (float) *(const guint8 *) at[1];
      float v = pair->kind == PAIR_ADD ? fmaf (b, pair->scale[1], fmaf (a, pair->scale[0], pair->fixed))
                                       : (a - pair->zero[0]) * (b - pair->zero[1]) * pair->scale[0] + pair->fixed;

      v = rintf (v);
      v = v < low ? low : v > high ? high : v;
      *(guint8 *) (p[0] + i * step[0]) = v != v ? 0 : (guint8) (gint) v;
    }
}

static gboolean
run_pair (OxCall *call, GError **error)
{
  const OxTensor *in[2] = { ox_call_in (call, 0), ox_call_in (call, 3) };
  OxTensor *out = ox_call_out (call, 0, error);
  Pair pair = { .kind = (PairKind) call->op->code };
  float scale;

  if (out == NULL || !single (call, 1, &pair.scale[0], error) || !single (call, 2, &pair.zero[0], error)
      || !single (call, 4, &pair.scale[1], error) || !single (call, 5, &pair.zero[1], error)
      || !single (call, 6, &scale, error) || !single (call, 7, &pair.fixed, error))
    return FALSE;
  pair.is_signed = out->dtype == OX_I8;
  if (pair.kind == PAIR_MUL)
    pair.scale[0] = pair.scale[0] * pair.scale[1] / scale;
  else
    {
      pair.scale[0] /= scale;
      pair.scale[1] /= scale;
      pair.fixed -= pair.scale[0] * pair.zero[0] + pair.scale[1] * pair.zero[1];
    }
  ox_walk_tensors (out, 2, in, pair_loop, &pair);
  return TRUE;
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

#define LAST OX_INT (LinearAttrs, channels_last, 0)
static const OxAttrSpec leaky_specs[] = { OX_FLOAT (LinearAttrs, alpha, 0.01f) };
static const OxAttrSpec average_specs[] = {
  { "auto_pad", OX_KIND_STRING, offsetof (LinearAttrs, slide.auto_pad), .text = "NOTSET" },
  { "kernel_shape", OX_KIND_INTS, offsetof (LinearAttrs, slide.kernel_shape), .required = TRUE },
  { "strides", OX_KIND_INTS, offsetof (LinearAttrs, slide.strides) },
  { "pads", OX_KIND_INTS, offsetof (LinearAttrs, slide.pads) },
  { "ceil_mode", OX_KIND_INT, offsetof (LinearAttrs, slide.ceil_mode) },
  OX_INT (LinearAttrs, count_include_pad, 0),
  LAST,
};
static const OxAttrSpec global_specs[] = { LAST };
static const OxAttrSpec softmax_specs[] = { OX_INT (LinearAttrs, axis, -1), OX_NEED (LinearAttrs, opset, INT) };
static const OxAttrSpec concat_specs[] = { OX_NEED (LinearAttrs, axis, INT) };
static const OxAttrSpec mean_specs[] = { OX_NEED (LinearAttrs, axes, INTS), OX_NEED (LinearAttrs, keepdims, INT) };

#define PLAIN .attrs_size = sizeof (LinearAttrs)
#define PAIR(name_, code_)                                                                                           \
  {                                                                                                                  \
    name_, 1, { 2, 8 }, { 1, 1 }, PLAIN, .infer = infer_linear, .run = run_pair, .code = code_,                      \
      .data = &(const Plan){ "Add", 14, 0, 0, 2, 6 }                                                                 \
  }
#define ROW(name_, min, max, attrs_, code_, ...)                                                                     \
  {                                                                                                                  \
    name_, 1, { min, max }, { 1, 1 }, attrs_, .infer = infer_linear, .run = run_linear, .code = code_,               \
      .data = &(const Plan){ __VA_ARGS__ }                                                                           \
  }

static const OxOp quant_linear_rows[] = {
  PAIR ("QLinearAdd", PAIR_ADD),
  PAIR ("QLinearMul", PAIR_MUL),
  ROW ("QLinearSigmoid", 2, 5, PLAIN, ROUND, "Sigmoid", 13, 0, 0, 1, 3),
  ROW ("QLinearLeakyRelu", 2, 5, OX_ATTRS (leaky_specs, LinearAttrs), ROUND, "LeakyRelu", 16, 0, 0, 1, 3),
  ROW ("QLinearSoftmax", 2, 5, OX_ATTRS (softmax_specs, LinearAttrs), ROUND, "Softmax", 0, 0, 0, 1, 3),
  ROW ("QLinearReduceMean", 2, 5, OX_ATTRS (mean_specs, LinearAttrs), ROUND, "ReduceMean", 13, 0, 0, 1, 3),
  ROW ("QLinearAveragePool", 2, 5, OX_ATTRS (average_specs, LinearAttrs), ROUND_SUM, "AveragePool", 11, 0, 0, 1, 3),
  ROW ("QLinearGlobalAveragePool", 2, 5, OX_ATTRS (global_specs, LinearAttrs), ROUND, "GlobalAveragePool", 1, 0, 0, 1, 3),
  ROW ("QLinearConcat", 5, -1, OX_ATTRS (concat_specs, LinearAttrs), ROUND, "Concat", 13, 0, 2, -1, 0),
  ROW ("QLinearWhere", 9, 9, PLAIN, ROUND, "Where", 16, 1, 1, 2, 7),
};

OX_FAMILY (quant_linear, "com.microsoft", quant_linear_rows);
