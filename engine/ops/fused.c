/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kernel/ox-activation.h"
#include "ops/ox-conv.h"
#include "ops/ox-matmul.h"
#include "ops/ox-move.h"
#include "ops/ox-sub.h"

#include <math.h>

#include "core/ox-parallel.h"

/* What ONNX Runtime's optimiser makes of an operator and the activation behind it: FusedConv, FusedGemm, FusedMatMul,
  FusedMatMulActivation;
 * BiasGelu, FastGelu, QuickGelu, Gelu. */

typedef struct
{
  OxConvAttrs conv;            /* first */
  const char *activation;
  OxFloats    activation_params;
} ConvAttrs;

typedef struct
{
  OxGemmAttrs gemm;            /* first */
  const char *activation;
  OxOptFloat  activation_alpha, activation_beta;
} GemmAttrs;

typedef struct
{
  gint64      transA, transB, transBatchA, transBatchB;
  double      alpha;
  const char *activation;      /* from here on with FusedMatMulActivation only */
  OxOptFloat  activation_alpha, activation_beta, activation_gamma;
  OxOptInt    activation_axis;
} MatMulAttrs;
typedef struct { double alpha; } GeluAttrs;

typedef enum { GELU_ERF, GELU_TANH, GELU_SIGMOID } GeluKind;

/* ---- FusedConv ------------------------------------------------------------------------------------------------ */

static gboolean
conv_activation (OxActivation *activation, const OxCall *call, GError **error)
{
  const ConvAttrs *at = call->attrs;
  double numbers[2] = { 0 };
  int n = MIN (at->activation_params.n, 2);

  for (int i = 0; i < n; i++)
    numbers[i] = at->activation_params.v[i];
  return ox_activation_read (activation, at->activation, n, numbers, error);
}

static gboolean
conv_infer (OxCall *call, GError **error)
{
  OxActivation activation;

  return conv_activation (&activation, call, error) && ox_conv_node_infer (call, error);
}

/* The fourth input is a summand of the output's shape, added before the activation. */
static gboolean
conv_run (OxCall *call, GError **error)
{
  OxActivation activation;
  OxTensor *out;
  const OxTensor *sum;

  if (!conv_activation (&activation, call, error) || !ox_conv_node_run (call, error)
      || (out = ox_call_out (call, 0, error)) == NULL)
    return FALSE;
  if (ox_call_in (call, 3) != NULL)
    {
      if ((sum = ox_call_in_as (call, 3, out->dtype, error)) == NULL)
        return FALSE;
      if (!ox_tensor_same_shape (sum, out))
        return ox_fail (error, OX_ERROR_SHAPE, "the summand has not the shape of the output");
      if (out->dtype == OX_F32)
        for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
          ((float *) out->data)[i] += ((const float *) sum->data)[i];
      else
        for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
          ox_tensor_set (out, i, ox_tensor_get (out, i) + ox_tensor_get (sum, i));
    }
  ox_activation_apply (&activation, out);
  return TRUE;
}

/* ---- FusedGemm ------------------------------------------------------------------------------------------------ */

static gboolean
gemm_activation (OxActivation *activation, const OxCall *call, GError **error)
{
  const GemmAttrs *at = call->attrs;
  const double numbers[] = { at->activation_alpha.v, at->activation_beta.v };

  return ox_activation_read (activation, at->activation, !at->activation_alpha.set ? 0 : !at->activation_beta.set ? 1 : 2,
                             numbers, error);
}

static gboolean
gemm_infer (OxCall *call, GError **error)
{
  OxActivation activation;

  return gemm_activation (&activation, call, error) && ox_gemm_infer (call, error);
}

static gboolean
gemm_run (OxCall *call, GError **error)
{
  OxActivation activation;

  if (!ox_dtype_is_float (ox_call_in (call, 0)->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no activation of %s", ox_dtype_name (ox_call_in (call, 0)->dtype));
  if (!gemm_activation (&activation, call, error) || !ox_gemm_run (call, error))
    return FALSE;
  ox_activation_apply (&activation, ox_call_out (call, 0, error));
  return TRUE;
}

/* ---- FusedMatMul ---------------------------------------------------------------------------------------------- */

/* Where each axis comes from: transBatch moves the first one behind the stack, trans swaps the last two. */
static gboolean
turn_axes (int rank, gboolean trans, gboolean trans_batch, int *from, GError **error)
{
  if (trans_batch && rank < 3)
    return ox_fail (error, OX_ERROR_SHAPE, "a stack to transpose has rank 3 or more, found %d", rank);
  for (int d = 0; d < rank; d++)
    from[d] = d;
  if (trans_batch)
    {
      for (int d = 0; d < rank - 2; d++)
        from[d] = d + 1;
      from[rank - 2] = 0;
    }
  if (trans && rank >= 2)
    {
      int last = from[rank - 1];

      from[rank - 1] = from[rank - 2];
      from[rank - 2] = last;
    }
  return TRUE;
}

static gboolean
matmul_infer (OxCall *call, GError **error)
{
  const MatMulAttrs *at = call->attrs;
  const OxFact *fact[2] = { ox_call_fact (call, 0), ox_call_fact (call, 1) };
  OxDim dims[2][OX_MAX_RANK];
  int from[OX_MAX_RANK];

  for (int i = 0; i < 2; i++)
    {
      int rank = ox_fact_rank (fact[i]);

      if (rank < 0)
        continue;
      if (!turn_axes (rank, (i == 0 ? at->transA : at->transB) != 0, (i == 0 ? at->transBatchA : at->transBatchB) != 0, from,
                      error))
        return FALSE;
      for (int d = 0; d < rank; d++)
        dims[i][d] = fact[i]->dims[from[d]];
    }
  return ox_matmul_one_dtype (call, error)
         && ox_matmul_infer (call, ox_fact_dtype (fact[0]), ox_fact_rank (fact[0]), dims[0], ox_fact_rank (fact[1]), dims[1],
                             error);
}

static OxTensor *
turned (OxTensor *tensor, gboolean trans, gboolean trans_batch, GError **error)
{
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK];
  int from[OX_MAX_RANK];

  if (!turn_axes (tensor->rank, trans, trans_batch, from, error))
    return NULL;
  for (int d = 0; d < tensor->rank; d++)
    {
      dims[d] = tensor->dims[from[d]];
      strides[d] = tensor->strides[from[d]];
    }
  return ox_tensor_new_view (tensor, tensor->rank, dims, strides, tensor->data);
}

static gboolean
matmul_run (OxCall *call, GError **error)
{
  const MatMulAttrs *at = call->attrs;
  g_autoptr (OxTensor) a = turned ((OxTensor *) ox_call_in (call, 0), at->transA != 0, at->transBatchA != 0, error);
  g_autoptr (OxTensor) b = turned ((OxTensor *) ox_call_in (call, 1), at->transB != 0, at->transBatchB != 0, error);

  return a != NULL && b != NULL && ox_matmul_run (call, a, b, at->alpha, error);
}

/* Any operator of the standard that an activation may be, with its own attributes alpha, beta, gamma and axis. */
static gboolean
activation_infer (OxCall *call, GError **error)
{
  static const char *const names[] = { "Celu", "Elu", "Gelu", "HardSigmoid", "LeakyRelu", "LogSoftmax", "Relu", "Selu",
                                       "Sigmoid",
                                       "Softmax", "Softplus", "Softsign", "Tanh", "ThresholdedRelu", NULL };
  const MatMulAttrs *at = call->attrs;

  return g_strv_contains (names, at->activation)
           ? matmul_infer (call, error)
           : ox_fail (error, OX_ERROR_VALUE, "the activation is '%s', expected one like Relu", at->activation);
}

static gboolean
activation_run (OxCall *call, GError **error)
{
  const MatMulAttrs *at = call->attrs;
  OxTensor *product, *result;

  if (!matmul_run (call, error) || (product = ox_call_out (call, 0, error)) == NULL)
    return FALSE;
  if (!ox_sub_forward_all (call, "activation_", at->activation, G_MAXINT32, 1, &product, 1, &result, error))
    return FALSE;
  ox_call_take (call, 0, result);
  return TRUE;
}

/* ---- Gelu and its kin ----------------------------------------------------------------------------------------- */

typedef struct
{
  GeluKind     kind;
  double       alpha;
  const void  *x, *bias;       /* bias: one for each of the last axis, or NULL */
  gint64       n_bias;
  void        *y;
} Gelu;

static gboolean
gelu_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *bias = ox_call_fact (call, 1);
  int rank = ox_fact_rank (x);

  if (bias != NULL && ox_fact_rank (bias) >= 0 && rank >= 0
      && (bias->rank != 1 || rank == 0
          || (ox_dim_known (bias->dims[0]) && ox_dim_known (x->dims[rank - 1]) && bias->dims[0] != x->dims[rank - 1])))
    return ox_fail (error, OX_ERROR_SHAPE, "the bias must be a vector as long as the last axis");
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

/* One loop for each type that is computed in. */
#define GELU_RANGE(T, func, ERF, TANH, EXP)                                                                          \
  static void func (gint64 begin, gint64 end, gpointer data)                                                         \
  {                                                                                                                  \
    const Gelu *job = data;                                                                                          \
    const T *in = job->x, *bias = job->bias;                                                                         \
    T *out = job->y;                                                                                                 \
                                                                                                                     \
    for (gint64 i = begin; i < end; i++)                                                                             \
      {                                                                                                              \
        const T x = in[i] + (bias != NULL ? bias[i % job->n_bias] : 0);                                              \
                                                                                                                     \
        if (job->kind == GELU_ERF)                                                                                   \
          out[i] = (T) 0.5 * x * (1 + ERF (x * (T) M_SQRT1_2));                                                      \
        else if (job->kind == GELU_TANH)                                                                             \
          out[i] = (T) 0.5 * x * (1 + TANH ((T) 0.7978845608 * x + (T) 0.035677408136 * x * x * x));                 \
        else                                                                                                         \
          out[i] = x / (1 + EXP (-(T) job->alpha * x));                                                              \
      }                                                                                                              \
  }

GELU_RANGE (float, gelu_f32, erff, tanhf, expf)
GELU_RANGE (double, gelu_f64, erf, tanh, exp)

static gboolean
gelu_run (OxCall *call, GError **error)
{
  const GeluAttrs *at = call->attrs;
  OxTensor *out = ox_call_out (call, 0, error);
  Gelu job = { .kind = (GeluKind) call->op->code, .alpha = call->op->n_attrs > 0 ? at->alpha : 1 };
  const OxTensor *x, *bias = NULL;
  OxDtype in;

  if (out == NULL)
    return FALSE;
  if (!ox_dtype_is_float (out->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no activation of %s", ox_dtype_name (out->dtype));
  in = out->dtype == OX_F64 ? OX_F64 : OX_F32;
  if ((x = ox_call_in_as (call, 0, in, error)) == NULL
      || (ox_call_in (call, 1) != NULL && (bias = ox_call_in_as (call, 1, in, error)) == NULL))
    return FALSE;
  job.y = in == OX_F64 ? (void *) out->data : ox_call_scratch_n (call, out->count, sizeof (float), error);
  if (job.y == NULL)
    return FALSE;
  job.x = x->data;
  job.bias = bias != NULL ? bias->data : NULL;
  job.n_bias = bias != NULL ? bias->count : 1;
  ox_parallel_for (out->count, 8192, in == OX_F64 ? gelu_f64 : gelu_f32, &job);
  return in == OX_F64 || ox_call_store_f32 (call, 0, job.y, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec conv_specs[] = {
  { "auto_pad", OX_KIND_STRING, offsetof (ConvAttrs, conv.slide.auto_pad), .text = "NOTSET" },
  { "kernel_shape", OX_KIND_INTS, offsetof (ConvAttrs, conv.slide.kernel_shape) },
  { "strides", OX_KIND_INTS, offsetof (ConvAttrs, conv.slide.strides) },
  { "pads", OX_KIND_INTS, offsetof (ConvAttrs, conv.slide.pads) },
  { "dilations", OX_KIND_INTS, offsetof (ConvAttrs, conv.slide.dilations) },
  { "group", OX_KIND_INT, offsetof (ConvAttrs, conv.group), .number = 1 },
  OX_STRING (ConvAttrs, activation, NULL),
  OX_ATTR (ConvAttrs, activation_params, FLOATS),
};
static const OxAttrSpec gemm_specs[] = {
  { "alpha", OX_KIND_FLOAT, offsetof (GemmAttrs, gemm.alpha), .number = 1 },
  { "beta", OX_KIND_FLOAT, offsetof (GemmAttrs, gemm.beta), .number = 1 },
  { "transA", OX_KIND_INT, offsetof (GemmAttrs, gemm.transA) },
  { "transB", OX_KIND_INT, offsetof (GemmAttrs, gemm.transB) },
  OX_STRING (GemmAttrs, activation, NULL),
  OX_ATTR (GemmAttrs, activation_alpha, OPT_FLOAT),
  OX_ATTR (GemmAttrs, activation_beta, OPT_FLOAT),
};
#define MATMUL                                                                                                       \
  OX_FLOAT (MatMulAttrs, alpha, 1), OX_INT (MatMulAttrs, transA, 0), OX_INT (MatMulAttrs, transB, 0),                \
  OX_INT (MatMulAttrs, transBatchA, 0), OX_INT (MatMulAttrs, transBatchB, 0)
static const OxAttrSpec matmul_specs[] = { MATMUL };
static const OxAttrSpec activation_specs[] = {
  MATMUL,
  OX_NEED (MatMulAttrs, activation, STRING),
  OX_ATTR (MatMulAttrs, activation_alpha, OPT_FLOAT),
  OX_ATTR (MatMulAttrs, activation_beta, OPT_FLOAT),
  OX_ATTR (MatMulAttrs, activation_gamma, OPT_FLOAT),
  OX_ATTR (MatMulAttrs, activation_axis, OPT_INT),
};
static const OxAttrSpec quick_specs[] = { OX_FLOAT (GeluAttrs, alpha, 1.702f) };

static const OxOp fused_rows[] = {
  { "FusedConv", 1, { 2, 4 }, { 1, 1 }, OX_ATTRS (conv_specs, ConvAttrs), .infer = conv_infer, .run = conv_run },
  { "FusedGemm", 1, { 2, 3 }, { 1, 1 }, OX_ATTRS (gemm_specs, GemmAttrs), .infer = gemm_infer, .run = gemm_run },
  { "FusedMatMul", 1, { 2, 2 }, { 1, 1 }, OX_ATTRS (matmul_specs, MatMulAttrs), .infer = matmul_infer, .run = matmul_run },
  { "FusedMatMulActivation", 1, { 2, 2 }, { 1, 1 }, OX_ATTRS (activation_specs, MatMulAttrs), .infer = activation_infer,
    .run = activation_run },
  { "Gelu", 1, { 1, 1 }, { 1, 1 }, .infer = gelu_infer, .run = gelu_run, .code = GELU_ERF },
  { "BiasGelu", 1, { 2, 2 }, { 1, 1 }, .infer = gelu_infer, .run = gelu_run, .code = GELU_ERF },
  { "FastGelu", 1, { 1, 2 }, { 1, 1 }, .infer = gelu_infer, .run = gelu_run, .code = GELU_TANH },
  { "QuickGelu", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (quick_specs, GeluAttrs), .infer = gelu_infer, .run = gelu_run,
    .code = GELU_SIGMOID },
};

OX_FAMILY (fused, "com.microsoft", fused_rows);
