/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernel/ox-gemm.h"
#include "ops/ox-move.h"

/* Mixtures of experts of ONNX Runtime's domain: MoE, and QMoE with weights of 2, 4 or 8 bits. Each token goes through the
 * k experts that the router likes best. One expert's weights are in float at a time. */

typedef struct
{
  gint64      k, normalize_routing_weights, use_sparse_mixer, swiglu_fusion;
  double      activation_alpha, activation_beta;
  OxOptFloat  swiglu_limit;
  const char *activation_type, *quant_type;
  gint64      block_size, expert_weight_bits, accuracy_level, weights_prepacked;
} MoeAttrs;

/* The inputs of a layer; -1: the operator has none of it. */
typedef struct { int weight, scales, bias, zeros; } Layer;
typedef struct { Layer fc[3]; int mixing; } Plan;

static const Plan plain_plan = { { { 2, -1, 3, -1 }, { 4, -1, 5, -1 }, { 6, -1, 7, -1 } }, -1 };
static const Plan quant_plan = { { { 2, 3, 4, 11 }, { 5, 6, 7, 12 }, { 8, 9, 10, 13 } }, 14 };

typedef enum { RELU, GELU, SILU, SWIGLU, IDENTITY } Activation;

enum { INPUT, ROUTER };

/* A layer while it runs: @rows results of @columns numbers. */
typedef struct
{
  gboolean      there;
  gint64        rows, columns;
  gint64        bits, block, blocks;      /* bits 0: not quantised */
  gint64        zero_expert, zero_row;    /* bytes of zero points of an expert, and of a row (0: packed along the rows) */
  const float  *f32, *scales, *bias;
  const guint8 *bytes, *zeros;
} Weight;

/* ---- what goes in --------------------------------------------------------------------------------------------- */

static gboolean
read_activation (const OxCall *call, Activation *activation, GError **error)
{
  static const char *const names[] = { "relu", "gelu", "silu", "swiglu", "identity" };
  const MoeAttrs *at = call->attrs;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], at->activation_type) == 0)
      {
        *activation = (Activation) i;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "activation_type is '%s', expected relu, gelu, silu, swiglu or identity",
                  at->activation_type);
}

static gboolean
moe_infer (OxCall *call, GError **error)
{
  const MoeAttrs *at = call->attrs;
  const Plan *plan = call->op->data;
  int rank = ox_fact_rank (ox_call_fact (call, INPUT));
  Activation activation;

  if (!read_activation (call, &activation, error))
    return FALSE;
  if (at->k < 1 || at->swiglu_fusion < 0 || at->swiglu_fusion > 2)
    return ox_fail (error, OX_ERROR_VALUE, "k is %" G_GINT64_FORMAT " and swiglu_fusion %" G_GINT64_FORMAT, at->k,
                    at->swiglu_fusion);
  if (at->use_sparse_mixer != 0)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "use_sparse_mixer");
  if (plan == &quant_plan)
    {
      if (strcmp (at->quant_type, "int") != 0)
        return ox_fail (error, OX_ERROR_UNSUPPORTED, "quant_type '%s'", at->quant_type);
      if (at->weights_prepacked > 0)
        return ox_fail (error, OX_ERROR_UNSUPPORTED, "weights laid out for a GPU");
      if (at->expert_weight_bits != 2 && at->expert_weight_bits != 4 && at->expert_weight_bits != 8)
        return ox_fail (error, OX_ERROR_VALUE, "expert_weight_bits is %" G_GINT64_FORMAT ", expected 2, 4 or 8",
                        at->expert_weight_bits);
      if (at->block_size != 0 && (at->block_size < 16 || (at->block_size & (at->block_size - 1)) != 0))
        return ox_fail (error, OX_ERROR_VALUE, "block_size is %" G_GINT64_FORMAT ", expected a power of 2 from 16",
                        at->block_size);
      for (int i = 15; i < call->n_in; i++)
        if (ox_call_fact (call, i) != NULL)
          return ox_fail (error, OX_ERROR_UNSUPPORTED, "input %d, of float quantisation", i);
    }
  for (int i = 0; i < 2; i++)
    if (ox_call_fact (call, plan->fc[i].weight) == NULL)
      return ox_fail (error, OX_ERROR_MODEL, "input %d, a weight, must not be omitted", plan->fc[i].weight);
  if (rank >= 0 && rank != 2 && rank != 3)
    return ox_fail (error, OX_ERROR_SHAPE, "the input has rank %d, expected 2 or 3", rank);
  ox_call_set_like (call, 0, INPUT);
  return TRUE;
}

static gboolean
expect_count (OxCall *call, int i, const char *what, gint64 count, GError **error)
{
  gint64 found = ox_call_in (call, i)->count;

  return found == count
         || ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " %s in input %d, expected %" G_GINT64_FORMAT, found,
                     what, i, count);
}

/* Scales, blocks and zero points of a quantised weight. */
static gboolean
read_quantised (OxCall *call, const Layer *layer, gint64 experts, Weight *w, GError **error)
{
  const MoeAttrs *at = call->attrs;
  const OxTensor *bytes = ox_call_in_dense (call, layer->weight, error), *scales, *zeros;
  gint64 pack = 8 / w->bits;

  w->block = at->block_size > 0 ? at->block_size : MAX (w->columns, 1);
  w->blocks = (w->columns + w->block - 1) / w->block;
  if (bytes == NULL)
    return FALSE;
  if (bytes->dtype != OX_U8)
    return ox_fail (error, OX_ERROR_DTYPE, "expected a weight of uint8 as input %d, found %s", layer->weight,
                    ox_dtype_name (bytes->dtype));
  if (ox_call_in (call, layer->scales) == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "input %d, scales, must not be omitted", layer->scales);
  if (!expect_count (call, layer->scales, "scales", experts * w->rows * w->blocks, error)
      || (scales = ox_call_in_as (call, layer->scales, OX_F32, error)) == NULL)
    return FALSE;
  w->bytes = bytes->data;
  w->scales = (const float *) (const void *) scales->data;
  if (ox_call_in (call, layer->zeros) == NULL)
    return TRUE;
  if (at->block_size == 0 && w->rows % pack != 0)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " zero points are not whole bytes", w->rows);
  w->zero_row = at->block_size > 0 ? (w->blocks + pack - 1) / pack : 0;
  w->zero_expert = at->block_size > 0 ? w->rows * w->zero_row : w->rows / pack;
  if (!expect_count (call, layer->zeros, "bytes of zero points", experts * w->zero_expert, error)
      || (zeros = ox_call_in_dense (call, layer->zeros, error)) == NULL)
    return FALSE;
  if (zeros->dtype != OX_U8)
    return ox_fail (error, OX_ERROR_DTYPE, "expected zero points of uint8, found %s", ox_dtype_name (zeros->dtype));
  w->zeros = zeros->data;
  return TRUE;
}

/* @rows -1: as many as there are; @columns must be so many. */
static gboolean
read_layer (OxCall *call, int number, gint64 experts, gint64 rows, gint64 columns, Weight *w, GError **error)
{
  const Plan *plan = call->op->data;
  const Layer *layer = &plan->fc[number];
  const OxTensor *tensor = ox_call_in (call, layer->weight), *part;
  gint64 pack;

  memset (w, 0, sizeof *w);
  if (tensor == NULL)
    return TRUE;
  w->there = TRUE;
  w->bits = plan == &quant_plan ? ((const MoeAttrs *) call->attrs)->expert_weight_bits : 0;
  pack = w->bits > 0 ? 8 / w->bits : 1;
  if (tensor->rank != 3 || tensor->dims[0] != experts || (rows >= 0 && tensor->dims[1] != rows)
      || columns % pack != 0 || tensor->dims[2] != columns / pack)
    {
      g_autofree char *found = ox_tensor_shape_string (tensor);

      return ox_fail (error, OX_ERROR_SHAPE,
                      "the weight in input %d is %s, expected %" G_GINT64_FORMAT " experts and %" G_GINT64_FORMAT " columns",
                      layer->weight, found, experts, columns / pack);
    }
  w->rows = tensor->dims[1];
  w->columns = columns;
  if (w->bits > 0 && !read_quantised (call, layer, experts, w, error))
    return FALSE;
  if (w->bits == 0)
    {
      if ((part = ox_call_in_as (call, layer->weight, OX_F32, error)) == NULL)
        return FALSE;
      w->f32 = (const float *) (const void *) part->data;
    }
  if (ox_call_in (call, layer->bias) != NULL)
    {
      if (!expect_count (call, layer->bias, "biases", experts * w->rows, error)
          || (part = ox_call_in_as (call, layer->bias, OX_F32, error)) == NULL)
        return FALSE;
      w->bias = (const float *) (const void *) part->data;
    }
  return TRUE;
}

/* ---- one expert ----------------------------------------------------------------------------------------------- */

static const float *
restored (const Weight *w, gint64 expert, float *room)
{
  guint mask = (1u << w->bits) - 1;

  if (w->bits == 0)
    return w->f32 + expert * w->rows * w->columns;
  for (gint64 r = 0; r < w->rows && !ox_turn (); r++)
    for (gint64 c = 0; c < w->columns && !ox_turn (); c++)
      {
        gint64 bit = ((expert * w->rows + r) * w->columns + c) * w->bits, block = c / w->block;
        float zero = (float) (1u << (w->bits - 1));

        if (w->zeros != NULL)
          {
            gint64 place = (w->zero_row > 0 ? block : r) * w->bits;

            zero = (float) (w->zeros[expert * w->zero_expert + r * w->zero_row + place / 8] >> place % 8 & mask);
          }
        room[r * w->columns + c]
          = ((float) (w->bytes[bit / 8] >> bit % 8 & mask) - zero) * w->scales[(expert * w->rows + r) * w->blocks + block];
      }
  return room;
}

/* y [n, rows] = x [n, columns] times the expert's weight, plus its bias. */
static void
apply (const Weight *w, gint64 expert, gint64 n, const float *x, float *room, float *y)
{
  for (gint64 i = 0; i < n * w->rows && !ox_pause (i); i++)
    y[i] = w->bias != NULL ? w->bias[expert * w->rows + i % w->rows] : 0;
  ox_gemm_f32 (FALSE, TRUE, n, w->rows, w->columns, 1, x, w->columns, restored (w, expert, room), w->columns, 1, y, w->rows);
}

static float
activated (const MoeAttrs *at, Activation activation, float g, float l)
{
  switch (activation)
    {
    case RELU:
      return g > 0 ? g : 0;
    case GELU:
      return 0.5f * g * (1 + tanhf (0.7978845608f * g * (1 + 0.044715f * g * g)));
    case SILU:
      return g / (1 + expf (-g));
    case SWIGLU:
      {
        float limit = at->swiglu_limit.set ? (float) at->swiglu_limit.v : INFINITY;

        g = MIN (g, limit);
        l = CLAMP (l, -limit, limit);
        return g / (1 + expf (-(float) at->activation_alpha * g)) * (l + (float) at->activation_beta);
      }
    case IDENTITY:
    default:
      return g;
    }
}

/* ---- the mixture ---------------------------------------------------------------------------------------------- */

/* How much of each expert a token gets, [tokens, experts], 0 where it is not chosen. Of equal ones the first is. */
static gboolean
route (OxCall *call, gint64 tokens, gint64 experts, float *shares, GError **error)
{
  const MoeAttrs *at = call->attrs;
  const Plan *plan = call->op->data;
  const OxTensor *router = ox_call_in_as (call, ROUTER, OX_F32, error), *mixing = NULL;

  if (router == NULL)
    return FALSE;
  if (plan->mixing >= 0 && ox_call_in (call, plan->mixing) != NULL
      && (!expect_count (call, plan->mixing, "mixing weights", tokens * experts, error)
          || (mixing = ox_call_in_as (call, plan->mixing, OX_F32, error)) == NULL))
    return FALSE;
  for (gint64 t = 0; t < tokens && !ox_turn (); t++)
    {
      const float *p = (const float *) (const void *) router->data + t * experts;
      float *share = shares + t * experts, high = p[0], all = 0, chosen = 0;

      for (gint64 e = 0; e < experts; e++)
        {
          high = MAX (high, p[e]);
          share[e] = 0;
        }
      for (gint64 e = 0; e < experts && !ox_pause (e); e++)
        all += expf (p[e] - high);
      for (gint64 n = 0; n < at->k && !ox_turn (); n++)
        {
          gint64 best = -1;

          for (gint64 e = 0; e < experts; e++)
            if (share[e] == 0 && (best < 0 || p[e] > p[best]))
              best = e;
          if (best < 0)
            break;
          share[best] = mixing != NULL ? ((const float *) (const void *) mixing->data)[t * experts + best]
                                       : expf (p[best] - high) / all;
          chosen += share[best];
          /* Chosen, though it may get nothing. */
          if (share[best] == 0)
            share[best] = NAN;
        }
      for (gint64 e = 0; e < experts; e++)
        share[e] = share[e] != share[e] ? 0 : at->normalize_routing_weights && chosen != 0 ? share[e] / chosen : share[e];
    }
  return TRUE;
}

static gboolean
moe_run (OxCall *call, GError **error)
{
  const MoeAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_as (call, INPUT, OX_F32, error), *router = ox_call_in (call, ROUTER);
  gint64 hidden, tokens, experts, inter, rooms;
  gboolean fused;
  Weight w[3];
  float *shares, *room, *in, *mid, *gate, *y, *result;
  Activation activation;

  if (x == NULL || !read_activation (call, &activation, error))
    return FALSE;
  if (router->rank != 2 || router->dims[1] < 1)
    return ox_fail (error, OX_ERROR_SHAPE, "the router's numbers have rank %d, expected a token a row", router->rank);
  hidden = x->dims[x->rank - 1];
  tokens = router->dims[0];
  experts = router->dims[1];
  if (x->count != tokens * hidden || at->k > experts)
    return ox_fail (error, OX_ERROR_SHAPE,
                    "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " experts for %" G_GINT64_FORMAT " tokens",
                    at->k, experts, tokens);
  fused = activation == SWIGLU && at->swiglu_fusion != 0;
  if (!read_layer (call, 0, experts, -1, hidden, &w[0], error))
    return FALSE;
  inter = fused ? w[0].rows / 2 : w[0].rows;
  if (fused && w[0].rows % 2 != 0)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " rows of a fused weight", w[0].rows);
  if (!read_layer (call, 1, experts, hidden, inter, &w[1], error) || !read_layer (call, 2, experts, inter, hidden, &w[2],
                                                                                  error))
    return FALSE;
  if (fused ? w[2].there : activation == SWIGLU && !w[2].there)
    return ox_fail (error, OX_ERROR_MODEL, "swiglu has its second part in FC1 if swiglu_fusion says so, else in FC3");
  rooms = MAX (w[0].rows * hidden, 1);
  if ((shares = ox_call_scratch_n (call, tokens * experts + 1, sizeof (float), error)) == NULL
      || (room = ox_call_scratch_n (call, rooms, sizeof (float), error)) == NULL
      || (in = ox_call_scratch_n (call, tokens * hidden + 1, sizeof (float), error)) == NULL
      || (mid = ox_call_scratch_n (call, tokens * w[0].rows + 1, sizeof (float), error)) == NULL
      || (gate = ox_call_scratch_n (call, tokens * inter + 1, sizeof (float), error)) == NULL
      || (y = ox_call_scratch_n (call, tokens * hidden + 1, sizeof (float), error)) == NULL
      || (result = ox_call_scratch_n (call, tokens * hidden + 1, sizeof (float), error)) == NULL
      || !route (call, tokens, experts, shares, error))
    return FALSE;
  ox_clear (result, (gsize) (tokens * hidden) * sizeof (float));
  for (gint64 e = 0; e < experts; e++)
    {
      gint64 n = 0;

      if (ox_call_cancelled (call, error))
        return FALSE;
      for (gint64 t = 0; t < tokens && !ox_turn (); t++)
        if (shares[t * experts + e] != 0)
          memcpy (in + n++ * hidden, (const float *) (const void *) x->data + t * hidden, (gsize) hidden * sizeof (float));
      if (n == 0)
        continue;
      apply (&w[0], e, n, in, room, mid);
      if (w[2].there)
        apply (&w[2], e, n, in, room, gate);
      for (gint64 i = 0; i < n * inter && !ox_pause (i); i++)
        {
          const float *row = mid + i / inter * w[0].rows;
          gint64 c = i % inter;
          float g = fused && at->swiglu_fusion == 1 ? row[2 * c] : row[c];
          float l = fused ? row[at->swiglu_fusion == 1 ? 2 * c + 1 : inter + c] : w[2].there ? gate[i] : 1;
          float v = activated (at, activation, g, l);

          gate[i] = w[2].there && activation != SWIGLU ? v * l : v;
        }
      apply (&w[1], e, n, gate, room, y);
      n = 0;
      for (gint64 t = 0; t < tokens && !ox_turn (); t++)
        if (shares[t * experts + e] != 0)
          {
            for (gint64 i = 0; i < hidden; i++)
              result[t * hidden + i] += shares[t * experts + e] * y[n * hidden + i];
            n++;
          }
    }
  return ox_call_store_f32 (call, 0, result, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

#define COMMON                                                                                                       \
  OX_INT (MoeAttrs, k, 1), OX_INT (MoeAttrs, normalize_routing_weights, 0), OX_INT (MoeAttrs, use_sparse_mixer, 0),  \
  OX_INT (MoeAttrs, swiglu_fusion, 0), OX_FLOAT (MoeAttrs, activation_alpha, 1), OX_FLOAT (MoeAttrs, activation_beta, 0), \
  OX_ATTR (MoeAttrs, swiglu_limit, OPT_FLOAT), OX_STRING (MoeAttrs, activation_type, "relu")

static const OxAttrSpec moe_specs[] = { COMMON };
static const OxAttrSpec quant_specs[] = {
  COMMON,
  OX_STRING (MoeAttrs, quant_type, "int"),
  OX_INT (MoeAttrs, block_size, 0),
  OX_INT (MoeAttrs, expert_weight_bits, 4),
  OX_INT (MoeAttrs, accuracy_level, 0),
  OX_INT (MoeAttrs, weights_prepacked, -1),
};

static const OxOp moe_rows[] = {
  { "MoE", 1, { 2, 8 }, { 1, 1 }, OX_ATTRS (moe_specs, MoeAttrs), moe_infer, moe_run, .data = &plain_plan },
  { "QMoE", 1, { 2, 21 }, { 1, 1 }, OX_ATTRS (quant_specs, MoeAttrs), moe_infer, moe_run, .data = &quant_plan },
};

OX_FAMILY (moe, "com.microsoft", moe_rows);
