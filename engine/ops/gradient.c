/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/gradient.h"

/* The derivative with respect to a value has its shape. */
static gboolean
infer_gradient (OxCall *call, GError **error)
{
  const OxGradientAttrs *attrs = call->attrs;

  if (attrs->xs.n + attrs->zs.n != call->n_in)
    return ox_fail (error, OX_ERROR_MODEL, "expected an input for each of its %d xs and %d zs, found %d",
                    attrs->xs.n, attrs->zs.n, call->n_in);
  if (attrs->xs.n < call->n_out)
    return ox_fail (error, OX_ERROR_MODEL, "it has %d outputs, and %d xs", call->n_out, attrs->xs.n);
  for (int i = 0; i < call->n_out; i++)
    ox_call_set_like (call, i, i);
  return TRUE;
}

static const OxAttrSpec gradient_specs[] = {
  OX_NEED (OxGradientAttrs, xs, STRINGS),
  OX_ATTR (OxGradientAttrs, zs, STRINGS),
  OX_NEED (OxGradientAttrs, y, STRING),
};

static const OxOp gradient_rows[] = {
  { "Gradient",
    1,
    { 1, -1 },
    { 1, -1 },
    OX_ATTRS (gradient_specs, OxGradientAttrs),
    infer_gradient,
    .flow = OX_FLOW_GRADIENT },
};

OX_FAMILY (gradient, "ai.onnx.preview.training", gradient_rows);
