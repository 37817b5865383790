/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-call-private.h"

#include <string.h>

/* What an operator finds out about its outputs before it runs. */

OxCallOut *
ox_call_slot (OxCall *call, int o)
{
  return o >= 0 && o < call->priv->n_slots ? &call->priv->out[o] : NULL;
}

void
ox_call_set (OxCall *call, int o, OxDtype dtype, int rank, const OxDim *dims)
{
  OxCallOut *out = ox_call_slot (call, o);

  g_return_if_fail (rank <= OX_MAX_RANK);
  if (out == NULL)
    return;
  out->fact.kind = OX_TYPE_TENSOR;
  out->fact.dtype = dtype;
  out->fact.rank = rank;
  if (rank > 0)
    memcpy (out->fact.dims, dims, (gsize) rank * sizeof (OxDim));
  out->fact.elem = NULL;
  out->fact.n_ints = -1;
  out->fact.tensor = NULL;
}

void
ox_call_set_like (OxCall *call, int o, int i)
{
  const OxFact *fact = ox_call_fact (call, i);

  if (fact == NULL || fact->kind == OX_TYPE_UNKNOWN)
    return;
  if (fact->kind == OX_TYPE_TENSOR)
    ox_call_set (call, o, fact->dtype, fact->rank, fact->dims);
  else
    ox_call_set_kind (call, o, fact->kind, fact->dtype, fact->elem);
}

void
ox_call_set_kind (OxCall *call, int o, OxTypeKind kind, OxDtype dtype, OxType *elem)
{
  OxCallOut *out = ox_call_slot (call, o);

  if (out == NULL)
    return;
  out->fact.kind = kind;
  out->fact.dtype = dtype;
  out->fact.rank = -1;
  out->fact.elem = elem;
  out->fact.n_ints = -1;
}

void
ox_call_set_ints (OxCall *call, int o, const OxDim *values, int n)
{
  OxCallOut *out = ox_call_slot (call, o);

  if (out == NULL)
    return;
  g_free (out->ints);
  out->ints = g_memdup2 (values, (gsize) n * sizeof (OxDim));
  out->fact.ints = out->ints;
  out->fact.n_ints = n;
}

void
ox_call_set_tensor (OxCall *call, int o, const OxTensor *tensor)
{
  OxCallOut *out = ox_call_slot (call, o);

  if (out == NULL)
    return;
  ox_call_set (call, o, tensor->dtype, tensor->rank, tensor->dims);
  out->fact.tensor = tensor;
}

const OxFact *
ox_call_out_fact (OxCall *call, int o)
{
  OxCallOut *out = ox_call_slot (call, o);

  return out != NULL ? &out->fact : NULL;
}
