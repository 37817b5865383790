/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "session/ox-inference-private.h"

/* What is computed before the run is small: shapes, axes, and what is made of them. */
#define MOST_ELEMENTS 1024

/* The value of @fact, made a tensor if only its elements are known as numbers; NULL if it is not known. */
static OxTensor *
known_value (OxInference *self, const OxFact *fact)
{
  g_autoptr (OxTensor) list = NULL, shaped = NULL;
  gint64 numbers[MOST_ELEMENTS], count = 1;
  OxTensor *tensor;

  if (fact->tensor != NULL)
    return fact->tensor->count <= MOST_ELEMENTS ? ox_tensor_ref ((OxTensor *) fact->tensor) : NULL;
  if (fact->n_ints < 0 || fact->n_ints > MOST_ELEMENTS || fact->rank < 0
      || !(ox_dtype_is_integer (fact->dtype) || fact->dtype == OX_BOOL))
    return NULL;
  for (int i = 0; i < fact->rank; i++)
    {
      if (!ox_dim_known (fact->dims[i]) || fact->dims[i] > MOST_ELEMENTS)
        return NULL;
      count = MIN (count * fact->dims[i], MOST_ELEMENTS + 1);
    }
  if (count != fact->n_ints)
    return NULL;
  for (int i = 0; i < fact->n_ints; i++)
    if (!ox_dim_is_const (self->dims, fact->ints[i], &numbers[i]))
      return NULL;
  list = ox_tensor_new_ints (numbers, count);
  shaped = ox_tensor_reshape (list, fact->rank, fact->dims, NULL);
  tensor = shaped != NULL ? ox_tensor_convert (shaped, fact->dtype, NULL) : NULL;
  return tensor;
}

/* Whether what is inferred of the outputs keeps them small. Where even known inputs leave a size open, it is at most as
 * large as they are (NonZero, Unique). */
static gboolean
stays_small (OxCall *call, int n_out)
{
  for (int o = 0; o < n_out; o++)
    {
      const OxFact *fact = ox_call_out_fact (call, o);
      gint64 count = 1;

      if (fact->kind != OX_TYPE_TENSOR)
        return FALSE;
      for (int i = 0; i < fact->rank; i++)
        {
          if (ox_dim_known (fact->dims[i]) && fact->dims[i] > MOST_ELEMENTS)
            return FALSE;
          if (ox_dim_known (fact->dims[i]))
            count = MIN (count * fact->dims[i], MOST_ELEMENTS + 1);
        }
      if (count > MOST_ELEMENTS)
        return FALSE;
    }
  return TRUE;
}

gboolean
ox_infer_fold (OxInference *self, const OxCallSetup *setup, OxCall *inferred)
{
  const OxOp *op = setup->op;
  g_autoptr (GPtrArray) owner = NULL;
  g_autofree OxValue **values = NULL;
  OxCallSetup again = *setup;
  gboolean ok = TRUE;
  OxCall *call;

  /* An Einsum of many small inputs is no small work. */
  if (op->run == NULL || (op->flags & OX_OP_RANDOM) || op->flow != OX_FLOW_NONE || strcmp (op->name, "Einsum") == 0
      || !stays_small (inferred, setup->n_out))
    return FALSE;
  for (int i = 0; i < setup->n_in; i++)
    {
      const OxFact *fact = ox_call_fact (inferred, i);

      if (fact != NULL && (fact->kind != OX_TYPE_TENSOR || (fact->tensor == NULL && fact->n_ints < 0)))
        return FALSE;
    }
  owner = ox_value_array_new ();
  values = g_new0 (OxValue *, (gsize) setup->n_in + 1);
  for (int i = 0; i < setup->n_in; i++)
    {
      const OxFact *fact = ox_call_fact (inferred, i);
      OxTensor *tensor = fact != NULL ? known_value (self, fact) : NULL;

      if (fact == NULL)
        continue;
      if (tensor == NULL)
        return FALSE;
      values[i] = ox_value_new_tensor (tensor);
      g_ptr_array_add (owner, values[i]);
    }
  again.facts = NULL;
  again.in = values;
  again.dims = NULL;
  call = ox_call_new (&again);
  ok = ox_call_run (call, NULL);
  for (int o = 0; ok && o < setup->n_out; o++)
    {
      g_autoptr (OxValue) value = ox_call_steal (call, o);
      OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
      g_autoptr (OxTensor) usable = NULL;

      if (tensor == NULL || tensor->count > MOST_ELEMENTS)
        continue;
      usable = ox_tensor_usable (tensor, NULL);
      if (usable == NULL)
        continue;
      ox_call_set_tensor (inferred, o, usable);
      g_ptr_array_add (self->tensors, g_steal_pointer (&usable));
    }
  ox_call_free (call);
  return ok;
}
