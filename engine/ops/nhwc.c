/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/nhwc.h"

#include <string.h>

#include "kernel/ox-activation.h"
#include "ops/ox-conv.h"
#include "ops/ox-move.h"
#include "ops/ox-sub.h"

/* Operators of images that have the channels as the last axis: NhwcMaxPool, NhwcConv, NhwcFusedConv. Weights
 * lie as those of the standard's Conv. */

typedef struct
{
  OxConvAttrs conv; /* first */
  const char *activation;
  OxFloats activation_params;
} NhwcAttrs;

typedef enum { NHWC_CONV, NHWC_MAX_POOL } NhwcKind;

gboolean
ox_nhwc_infer (OxCall *call, const char *name, gint64 opset, int n_in, const int *in, OxDtype as,
                        OxDtype dtype, GError **error)
{
  g_autofree OxFact *facts = g_new0 (OxFact, n_in + 1);
  OxFact out;

  for (int i = 0; i < n_in; i++)
    {
      const OxFact *fact = ox_call_fact (call, in[i]);

      if (fact == NULL)
        {
          facts[i].kind = OX_TYPE_OPAQUE;
          continue;
        }
      facts[i] = *fact;
      facts[i].ints = NULL;
      facts[i].n_ints = -1;
      facts[i].tensor = NULL;
      if (as != OX_UNDEFINED)
        facts[i].dtype = as;
      if (i == 0 && fact->rank > 2)
        {
          facts[i].dims[1] = fact->dims[fact->rank - 1];
          memcpy (facts[i].dims + 2, fact->dims + 1, (gsize) (fact->rank - 2) * sizeof (OxDim));
        }
    }
  if (!ox_sub_infer (call, name, opset, n_in, facts, 1, &out, error))
    return FALSE;
  if (out.rank > 2)
    {
      OxDim channels = out.dims[1];

      memmove (out.dims + 1, out.dims + 2, (gsize) (out.rank - 2) * sizeof (OxDim));
      out.dims[out.rank - 1] = channels;
    }
  ox_call_set (call, 0, dtype != OX_UNDEFINED ? dtype : out.dtype, out.rank, out.dims);
  return TRUE;
}

/* None without the attribute, as an operator that does not have it. */
static gboolean
read_activation (OxActivation *activation, const OxCall *call, GError **error)
{
  const NhwcAttrs *at = call->attrs;
  double numbers[2] = { 0 };
  int n = MIN (at->activation_params.n, 2);

  for (int i = 0; i < n; i++)
    numbers[i] = at->activation_params.v[i];
  return ox_activation_read (activation, at->activation, n, numbers, error);
}

static gboolean
infer_nhwc (OxCall *call, GError **error)
{
  OxActivation activation;

  if (call->op->code == NHWC_MAX_POOL)
    return ox_nhwc_infer (call, "MaxPool", 12, 1, (const int[]){ 0 }, OX_UNDEFINED, OX_UNDEFINED, error);
  return read_activation (&activation, call, error)
         && ox_nhwc_infer (call, "Conv", 11, 3, (const int[]){ 0, 1, 2 }, OX_UNDEFINED, OX_UNDEFINED, error);
}

static gboolean
run_nhwc (OxCall *call, GError **error)
{
  gboolean pool = call->op->code == NHWC_MAX_POOL;
  g_autoptr (OxTensor) first = ox_move_channels ((OxTensor *) ox_call_in (call, 0), TRUE);
  OxTensor *in[3] = { first, (OxTensor *) ox_call_in (call, 1), (OxTensor *) ox_call_in (call, 2) };
  g_autoptr (OxTensor) result
      = ox_sub_forward (call, pool ? "MaxPool" : "Conv", pool ? 12 : 11, pool ? 1 : 3, in, error);
  g_autoptr (OxTensor) turned = NULL, dense = NULL;
  const OxTensor *sum = ox_call_in (call, 3);
  OxActivation activation;

  if (result == NULL)
    return FALSE;
  turned = ox_move_channels (result, FALSE);
  if ((dense = ox_tensor_contiguous (turned, error)) == NULL)
    return FALSE;
  if (!pool)
    {
      if (!read_activation (&activation, call, error))
        return FALSE;
      if (sum != NULL)
        {
          g_autoptr (OxTensor) total = NULL;

          if (sum->dtype != dense->dtype || !ox_tensor_same_shape (sum, dense))
            return ox_fail (error, OX_ERROR_SHAPE, "the summand has not the type and shape of the output");
          if ((total = ox_sub_binary (call, "Add", dense, (OxTensor *) sum, error)) == NULL)
            return FALSE;
          ox_tensor_unref (dense);
          dense = g_steal_pointer (&total);
        }
      /* What the call inside has made is nobody else's yet. */
      ox_activation_apply (&activation, dense);
    }
  ox_call_take (call, 0, g_steal_pointer (&dense));
  return TRUE;
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

#define SLIDE                                                                                                        \
  { "auto_pad", OX_KIND_STRING, offsetof (NhwcAttrs, conv.slide.auto_pad), .text = "NOTSET" },                       \
  { "strides", OX_KIND_INTS, offsetof (NhwcAttrs, conv.slide.strides) },                                             \
  { "pads", OX_KIND_INTS, offsetof (NhwcAttrs, conv.slide.pads) },                                                   \
  { "dilations", OX_KIND_INTS, offsetof (NhwcAttrs, conv.slide.dilations) }
#define CONV                                                                                                         \
  SLIDE, { "kernel_shape", OX_KIND_INTS, offsetof (NhwcAttrs, conv.slide.kernel_shape) },                            \
  { "group", OX_KIND_INT, offsetof (NhwcAttrs, conv.group), .number = 1 }

static const OxAttrSpec pool_specs[] = {
  SLIDE,
  { "kernel_shape", OX_KIND_INTS, offsetof (NhwcAttrs, conv.slide.kernel_shape), .required = TRUE },
  { "ceil_mode", OX_KIND_INT, offsetof (NhwcAttrs, conv.slide.ceil_mode) },
};
static const OxAttrSpec conv_specs[] = { CONV };
static const OxAttrSpec fused_specs[] = {
  CONV,
  OX_STRING (NhwcAttrs, activation, NULL),
  OX_ATTR (NhwcAttrs, activation_params, FLOATS),
};

static const OxOp nhwc_rows[] = {
  { "NhwcMaxPool", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (pool_specs, NhwcAttrs), infer_nhwc, run_nhwc, .code = NHWC_MAX_POOL },
  { "NhwcConv", 1, { 2, 3 }, { 1, 1 }, OX_ATTRS (conv_specs, NhwcAttrs), infer_nhwc, run_nhwc, .code = NHWC_CONV },
  { "NhwcFusedConv", 1, { 2, 4 }, { 1, 1 }, OX_ATTRS (fused_specs, NhwcAttrs), infer_nhwc, run_nhwc, .code = NHWC_CONV },
};

OX_FAMILY (nhwc, "com.microsoft", nhwc_rows);
