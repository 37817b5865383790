/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"
#include "ops/ox-sub.h"
#include "ops/quant.h"

/* QAttention and QEmbedLayerNormalization of ONNX Runtime's domain: its Attention and EmbedLayerNormalization with inputs
 * that are quantised. They are restored to float; what follows the first step is of floats in any case. */

typedef struct
{
  gint64 num_heads, unidirectional, do_rotary, past_present_share_buffer;
  double mask_filter_value, scale, epsilon;
} BertAttrs;

#define PLACES_MAX 8

/* Where an input of the plain operator is; @scale -1: it is not quantised. */
typedef struct { int data, scale, zero; } Place;

typedef struct
{
  const char *name;
  int         n;
  Place       places[PLACES_MAX];
} Plan;

static const Plan attention_plan = {
  "com.microsoft/Attention", 5,
  { { 0, 3, 6 }, { 1, 4, 7 }, { 2, -1, -1 }, { 5, -1, -1 }, { 8, -1, -1 } },
};
static const Plan embed_plan = {
  "com.microsoft/EmbedLayerNormalization", 8,
  { { 0, -1, -1 }, { 1, -1, -1 }, { 2, 8, 13 }, { 3, 9, 14 }, { 4, 10, 15 }, { 5, 11, 16 }, { 6, 12, 17 }, { 7, -1, -1 } },
};

/* The type of the scales, which is that of the outputs. */
static OxDtype
float_type (OxCall *call)
{
  const Plan *plan = call->op->data;

  for (int i = 0; i < plan->n; i++)
    if (plan->places[i].scale >= 0)
      return ox_fact_dtype (ox_call_fact (call, plan->places[i].scale));
  return OX_UNDEFINED;
}

static gboolean
check_place (OxCall *call, const Place *place, GError **error)
{
  OxDtype dtype = ox_fact_dtype (ox_call_fact (call, place->data)), zero = ox_fact_dtype (ox_call_fact (call, place->zero));

  if (place->scale < 0 || ox_call_fact (call, place->data) == NULL)
    return TRUE;
  if (dtype != OX_UNDEFINED && dtype != OX_U8 && dtype != OX_I8)
    return ox_fail (error, OX_ERROR_DTYPE, "expected 8-bit integers as input %d, found %s", place->data,
                    ox_dtype_name (dtype));
  if (ox_call_fact (call, place->scale) == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "input %d, a scale, must not be omitted", place->scale);
  return dtype == OX_UNDEFINED || zero == OX_UNDEFINED || dtype == zero
         || ox_fail (error, OX_ERROR_DTYPE, "input %d is %s, its zero point %s", place->data, ox_dtype_name (dtype),
                     ox_dtype_name (zero));
}

static gboolean
infer_bert (OxCall *call, GError **error)
{
  const Plan *plan = call->op->data;
  OxFact facts[PLACES_MAX] = { 0 }, out[2];

  for (int i = 0; i < plan->n; i++)
    {
      const OxFact *fact = ox_call_fact (call, plan->places[i].data);

      if (!check_place (call, &plan->places[i], error))
        return FALSE;
      if (fact == NULL)
        {
          facts[i].kind = OX_TYPE_OPAQUE;
          continue;
        }
      facts[i] = *fact;
      facts[i].ints = NULL;
      facts[i].n_ints = -1;
      facts[i].tensor = NULL;
      if (plan->places[i].scale >= 0 || ox_dtype_is_float (fact->dtype))
        facts[i].dtype = OX_F32;
    }
  if (!ox_sub_infer (call, plan->name, 1, plan->n, facts, 2, out, error))
    return FALSE;
  for (int o = 0; o < 2; o++)
    ox_call_set (call, o, out[o].dtype == OX_F32 ? float_type (call) : out[o].dtype, out[o].rank, out[o].dims);
  return TRUE;
}

/* (transfer full) */
static OxTensor *
restored (OxCall *call, const Place *place, GError **error)
{
  OxTensor *tensor = (OxTensor *) ox_call_in (call, place->data);

  if (place->scale >= 0)
    return ox_quant_restore (call, tensor, (OxTensor *) ox_call_in (call, place->scale),
                             (OxTensor *) ox_call_in (call, place->zero), error);
  return ox_dtype_is_float (tensor->dtype) ? ox_tensor_convert (tensor, OX_F32, error) : ox_tensor_ref (tensor);
}

static gboolean
run_bert (OxCall *call, GError **error)
{
  const Plan *plan = call->op->data;
  OxTensor *in[PLACES_MAX] = { NULL }, *out[2] = { NULL };
  gboolean good = TRUE;

  for (int i = 0; i < plan->n && good; i++)
    if (ox_call_in (call, plan->places[i].data) != NULL)
      good = (in[i] = restored (call, &plan->places[i], error)) != NULL;
  good = good && ox_sub_forward_all (call, "", plan->name, 1, plan->n, in, MIN (call->n_out, 2), out, error);
  for (int o = 0; o < 2; o++)
    {
      OxTensor *typed = good && out[o] != NULL ? ox_tensor_convert (out[o], ox_call_out_fact (call, o)->dtype, error) : NULL;

      good = good && (typed != NULL || out[o] == NULL);
      if (typed != NULL)
        ox_call_take (call, o, typed);
      g_clear_pointer (&out[o], ox_tensor_unref);
    }
  for (int i = 0; i < plan->n; i++)
    g_clear_pointer (&in[i], ox_tensor_unref);
  return good;
}

static const OxAttrSpec attention_specs[] = {
  OX_NEED (BertAttrs, num_heads, INT),
  OX_INT (BertAttrs, unidirectional, 0),
  OX_INT (BertAttrs, do_rotary, 0),
  OX_INT (BertAttrs, past_present_share_buffer, 0),
  OX_FLOAT (BertAttrs, mask_filter_value, -10000),
  OX_FLOAT (BertAttrs, scale, 0),
};
static const OxAttrSpec embed_specs[] = { OX_FLOAT (BertAttrs, epsilon, 1e-12f) };

static const OxOp quant_bert_rows[] = {
  { "QAttention", 1, { 5, 9 }, { 1, 2 }, OX_ATTRS (attention_specs, BertAttrs), infer_bert, run_bert, .data
    = &attention_plan },
  { "QEmbedLayerNormalization", 1, { 1, 18 }, { 1, 2 }, OX_ATTRS (embed_specs, BertAttrs), infer_bert, run_bert,
    .data = &embed_plan },
};

OX_FAMILY (quant_bert, "com.microsoft", quant_bert_rows);
