/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-call-private.h"

#include <string.h>

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "ops/ox-move.h"
#include "tensor/ox-small-float.h"

/* Shapes, axes and pads are never longer; a longer tensor is data. */
#define MAX_INTS 65536

/* ---- inputs --------------------------------------------------------------------------------------------------- */

const OxFact *
ox_call_fact (OxCall *call, int i)
{
  return i >= 0 && i < call->n_in && call->priv->in[i].there ? &call->priv->in[i].fact : NULL;
}

gboolean
ox_call_ints (OxCall *call, int i, const OxDim **values, int *n)
{
  const OxFact *fact = ox_call_fact (call, i);
  const OxTensor *tensor = fact != NULL ? fact->tensor : NULL;
  OxCallIn *in;

  if (fact == NULL)
    return FALSE;
  if (fact->n_ints >= 0)
    {
      *values = fact->ints;
      *n = fact->n_ints;
      return TRUE;
    }
  if (tensor == NULL || tensor->count > MAX_INTS
      || !(ox_dtype_is_integer (tensor->dtype) || tensor->dtype == OX_BOOL))
    return FALSE;
  in = &call->priv->in[i];
  if (in->ints == NULL)
    {
      in->ints = g_new (OxDim, tensor->count + 1);
      in->n_ints = (int) tensor->count;
      for (gint64 k = 0; k < tensor->count; k++)
        in->ints[k] = ox_dim_const (call->dims, ox_tensor_get_int (tensor, k));
    }
  *values = in->ints;
  *n = in->n_ints;
  return TRUE;
}

gboolean
ox_call_numbers (OxCall *call, int i, const gint64 **values, int *n)
{
  const OxDim *dims;
  int count;
  OxCallIn *in;

  if (!ox_call_ints (call, i, &dims, &count))
    return FALSE;
  in = &call->priv->in[i];
  if (in->numbers == NULL)
    {
      g_autofree gint64 *numbers = g_new (gint64, (gsize) count + 1);

      for (int k = 0; k < count; k++)
        if (!ox_dim_is_const (call->dims, dims[k], &numbers[k]))
          return FALSE;
      in->numbers = g_steal_pointer (&numbers);
    }
  *values = in->numbers;
  *n = count;
  return TRUE;
}

const OxTensor *
ox_call_in (OxCall *call, int i)
{
  return i >= 0 && i < call->n_in ? call->priv->in[i].usable : NULL;
}

OxValue *
ox_call_in_value (OxCall *call, int i)
{
  return i >= 0 && i < call->n_in ? call->priv->in[i].value : NULL;
}

const OxTensor *
ox_call_in_as (OxCall *call, int i, OxDtype dtype, GError **error)
{
  OxTensor *tensor = (OxTensor *) ox_call_in (call, i), *copy;
  OxCallIn *in;

  if (tensor == NULL)
    {
      ox_fail (error, OX_ERROR_MODEL, "input %d is omitted", i);
      return NULL;
    }
  in = &call->priv->in[i];
  if (tensor->dtype == dtype && ox_tensor_is_contiguous (tensor))
    return tensor;
  for (guint k = 0; in->copies != NULL && k < in->copies->len; k++)
    if (((OxTensor *) g_ptr_array_index (in->copies, k))->dtype == dtype)
      return g_ptr_array_index (in->copies, k);
  copy = tensor->dtype == dtype ? ox_move_dense (tensor, error) : ox_tensor_convert (tensor, dtype, error);
  if (copy != NULL)
    {
      if (in->copies == NULL)
        in->copies = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_tensor_unref);
      g_ptr_array_add (in->copies, copy);
    }
  return copy;
}

const OxTensor *
ox_call_in_dense (OxCall *call, int i, GError **error)
{
  const OxTensor *tensor = ox_call_in (call, i);

  return ox_call_in_as (call, i, tensor != NULL ? tensor->dtype : OX_UNDEFINED, error);
}

/* ---- outputs -------------------------------------------------------------------------------------------------- */

gboolean
ox_call_wants (OxCall *call, int o)
{
  return o >= 0 && o < call->n_out && call->priv->out[o].wanted;
}

OxTensor *
ox_call_out (OxCall *call, int o, GError **error)
{
  OxCallOut *out = ox_call_slot (call, o);

  g_return_val_if_fail (out != NULL, NULL);
  if (out->tensor == NULL)
    {
      const OxFact *fact = &out->fact;

      for (int i = 0; i < MAX (fact->rank, 1); i++)
        if (fact->kind != OX_TYPE_TENSOR || fact->dtype == OX_UNDEFINED || fact->rank < 0
            || (i < fact->rank && !ox_dim_known (fact->dims[i])))
          {
            ox_fail (error, OX_ERROR_SHAPE, "the type or shape of output %d could not be told from the inputs", o);
            return NULL;
          }
      out->tensor = ox_tensor_new (fact->dtype, fact->rank, fact->dims, error);
    }
  return out->tensor;
}

OxTensor *
ox_call_alloc (OxCall *call, int o, OxDtype dtype, int rank, const gint64 *dims, GError **error)
{
  OxTensor *tensor = ox_tensor_new (dtype, rank, dims, error);

  if (tensor != NULL)
    ox_call_take (call, o, tensor);
  return tensor;
}

void
ox_call_take (OxCall *call, int o, OxTensor *tensor)
{
  OxCallOut *out = ox_call_slot (call, o);

  g_return_if_fail (out != NULL);
  g_clear_pointer (&out->tensor, ox_tensor_unref);
  out->tensor = tensor;
}

void
ox_call_take_value (OxCall *call, int o, OxValue *value)
{
  OxCallOut *out = ox_call_slot (call, o);

  g_return_if_fail (out != NULL);
  g_clear_pointer (&out->value, ox_value_unref);
  out->value = value;
}

gboolean
ox_call_store_f32 (OxCall *call, int o, const float *data, GError **error)
{
  OxTensor *out = ox_call_out (call, o, error);

  if (out == NULL)
    return FALSE;
  switch (out->dtype)
    {
    case OX_F32:
      if (out->count > 0)
        ox_copy (out->data, data, (gsize) out->count * sizeof (float));
      return TRUE;
    case OX_F64:
      for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
        ((double *) out->data)[i] = data[i];
      return TRUE;
    case OX_F16:
      for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
        ((guint16 *) out->data)[i] = ox_f16_store (data[i]);
      return TRUE;
    case OX_BF16:
      for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
        ((guint16 *) out->data)[i] = ox_bf16_store (data[i]);
      return TRUE;
    default:
      if (!ox_dtype_is_float (out->dtype))
        return ox_fail (error, OX_ERROR_DTYPE, "output %d is %s, expected a float type", o, ox_dtype_name (out->dtype));
      for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
        ox_element_set (out->dtype, out->data + i * (gint64) ox_dtype_size (out->dtype), data[i]);
      return TRUE;
    }
}

/* ---- surroundings --------------------------------------------------------------------------------------------- */

gpointer
ox_call_scratch (OxCall *call, gsize bytes, GError **error)
{
  gpointer memory = ox_alloc (bytes, error);

  if (memory != NULL)
    {
      if (call->priv->scratch == NULL)
        call->priv->scratch = g_ptr_array_new_with_free_func (ox_free);
      g_ptr_array_add (call->priv->scratch, memory);
    }
  return memory;
}

gpointer
ox_call_scratch_n (OxCall *call, gint64 count, gsize size, GError **error)
{
  gsize bytes;

  if (count < 0 || !ox_size_mul ((gsize) count, size, &bytes))
    {
      ox_fail (error, OX_ERROR_MEMORY, "%" G_GINT64_FORMAT " elements of %" G_GSIZE_FORMAT " bytes are too many", count,
               size);
      return NULL;
    }
  return ox_call_scratch (call, bytes, error);
}

gboolean
ox_call_cancelled (OxCall *call, GError **error)
{
  return g_cancellable_set_error_if_cancelled (call->priv->cancellable, error);
}

guint64
ox_call_seed (OxCall *call)
{
  return call->priv->seed;
}

gpointer
ox_call_get_state (OxCall *call)
{
  return *call->priv->state;
}

void
ox_call_set_state (OxCall *call, gpointer state, GDestroyNotify destroy)
{
  struct _OxCallPrivate *priv = call->priv;

  if (*priv->state != NULL && *priv->state_destroy != NULL)
    (*priv->state_destroy) (*priv->state);
  *priv->state = state;
  *priv->state_destroy = destroy;
}

/* ---- making one ----------------------------------------------------------------------------------------------- */

static void
fact_of_value (const OxValue *value, OxFact *fact)
{
  const OxTensor *tensor = ox_value_get_tensor (value);

  memset (fact, 0, offsetof (OxFact, dims));
  fact->elem = NULL;
  fact->ints = NULL;
  fact->n_ints = -1;
  fact->tensor = tensor;
  fact->rank = -1;
  if (tensor != NULL)
    {
      fact->kind = OX_TYPE_TENSOR;
      fact->dtype = tensor->dtype;
      fact->rank = tensor->rank;
      if (tensor->rank > 0)
        memcpy (fact->dims, tensor->dims, (gsize) tensor->rank * sizeof (OxDim));
      return;
    }
  fact->dtype = value->dtype;
  switch (value->kind)
    {
    case OX_VALUE_TENSOR:
      break;
    case OX_VALUE_SPARSE:
      fact->kind = OX_TYPE_SPARSE;
      fact->rank = value->rank;
      if (value->rank > 0)
        memcpy (fact->dims, value->dims, (gsize) value->rank * sizeof (OxDim));
      break;
    case OX_VALUE_SEQUENCE:
      fact->kind = OX_TYPE_SEQUENCE;
      break;
    case OX_VALUE_OPTIONAL:
      fact->kind = OX_TYPE_OPTIONAL;
      break;
    case OX_VALUE_MAP:
      fact->kind = OX_TYPE_MAP;
      break;
    }
}

OxCall *
ox_call_new (const OxCallSetup *setup)
{
  struct _OxCallPrivate *priv = g_new0 (struct _OxCallPrivate, 1);
  OxCall *call = g_new0 (OxCall, 1);

  call->op = setup->op;
  call->opset = setup->opset;
  call->attrs = setup->attrs;
  call->n_in = setup->n_in;
  call->n_out = setup->n_out;
  call->dims = setup->dims != NULL ? ox_dims_ref (setup->dims) : ox_dims_new ();
  call->priv = priv;
  priv->seed = setup->seed;
  priv->cancellable = setup->cancellable;
  priv->state = setup->state != NULL ? setup->state : &priv->own_state;
  priv->state_destroy = setup->state != NULL && setup->state_destroy != NULL ? setup->state_destroy : &priv->own_destroy;
  priv->in = g_new0 (OxCallIn, setup->n_in + 1);
  for (int i = 0; i < setup->n_in; i++)
    {
      OxCallIn *in = &priv->in[i];

      in->value = setup->in != NULL ? setup->in[i] : NULL;
      if (setup->facts != NULL)
        {
          in->fact = setup->facts[i];
          in->there = !(in->fact.kind == OX_TYPE_OPAQUE && in->fact.dtype == OX_UNDEFINED);
        }
      else if (in->value != NULL)
        {
          fact_of_value (in->value, &in->fact);
          in->there = TRUE;
        }
    }
  priv->n_slots = MAX (setup->n_out, setup->op->out.max);
  priv->out = g_new0 (OxCallOut, priv->n_slots + 1);
  for (int o = 0; o < priv->n_slots; o++)
    {
      priv->out[o].fact.rank = priv->out[o].fact.n_ints = -1;
      priv->out[o].wanted = o < setup->n_out && (setup->wanted == NULL || setup->wanted[o]);
    }
  return call;
}

void
ox_call_free (OxCall *call)
{
  struct _OxCallPrivate *priv;

  if (call == NULL)
    return;
  priv = call->priv;
  for (int i = 0; i < call->n_in; i++)
    {
      g_clear_pointer (&priv->in[i].usable, ox_tensor_unref);
      g_clear_pointer (&priv->in[i].copies, g_ptr_array_unref);
      g_free (priv->in[i].ints);
      g_free (priv->in[i].numbers);
    }
  for (int o = 0; o < priv->n_slots; o++)
    {
      g_clear_pointer (&priv->out[o].tensor, ox_tensor_unref);
      g_clear_pointer (&priv->out[o].value, ox_value_unref);
      g_free (priv->out[o].ints);
    }
  g_clear_pointer (&priv->scratch, g_ptr_array_unref);
  if (priv->own_state != NULL && priv->own_destroy != NULL)
    priv->own_destroy (priv->own_state);
  ox_dims_unref (call->dims);
  g_free (priv->in);
  g_free (priv->out);
  g_free (priv);
  g_free (call);
}

static gboolean
check_arity (const char *what, OxArity arity, int n, GError **error)
{
  if (n < arity.min || (arity.max >= 0 && n > arity.max))
    {
      g_autofree char *wanted = arity.max == arity.min ? g_strdup_printf ("%d", arity.min)
                                : arity.max < 0        ? g_strdup_printf ("at least %d", arity.min)
                                                : g_strdup_printf ("%d to %d", arity.min, arity.max);

      return ox_fail (error, OX_ERROR_MODEL, "expected %s %s, found %d", wanted, what, n);
    }
  return TRUE;
}

static const char *
kind_name (OxTypeKind kind)
{
  static const char *const names[]
    = { "of unknown type", "a tensor", "a sparse tensor", "a sequence", "an optional", "a map", "opaque" };

  return (guint) kind < G_N_ELEMENTS (names) ? names[kind] : names[0];
}

gboolean
ox_call_infer (OxCall *call, GError **error)
{
  const OxOp *op = call->op;
  gboolean variadic = op->in.max < 0;

  if (!check_arity ("inputs", op->in, call->n_in, error) || !check_arity ("outputs", op->out, call->n_out, error))
    return FALSE;
  for (int i = 0; i < call->n_in; i++)
    {
      const OxFact *fact = ox_call_fact (call, i);

      if (fact == NULL && (i < op->in.min || (variadic && !(op->flags & OX_OP_OMITS))))
        return ox_fail (error, OX_ERROR_MODEL, "input %d must not be omitted", i);
      if (fact != NULL && !(op->flags & OX_OP_VALUES) && fact->kind != OX_TYPE_TENSOR && fact->kind != OX_TYPE_UNKNOWN)
        return ox_fail (error, OX_ERROR_DTYPE, "input %d is %s, expected a tensor", i, kind_name (fact->kind));
    }
  return op->infer == NULL || op->infer (call, error);
}

static gboolean
check_output (OxCall *call, int o, GError **error)
{
  OxCallOut *out = &call->priv->out[o];
  const OxFact *fact = &out->fact;
  const OxTensor *tensor = out->tensor != NULL ? out->tensor : out->value != NULL ? ox_value_get_tensor (out->value) : NULL;
  gboolean good = TRUE;

  if (out->tensor == NULL && out->value == NULL)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "internal error: output %d was not computed", o);
  if (tensor == NULL || fact->kind == OX_TYPE_UNKNOWN)
    return TRUE;
  if (fact->kind == OX_TYPE_TENSOR)
    {
      good = (fact->dtype == OX_UNDEFINED || fact->dtype == tensor->dtype) && (fact->rank < 0 || fact->rank == tensor->rank);
      for (int i = 0; good && i < fact->rank; i++)
        good = !ox_dim_known (fact->dims[i]) || fact->dims[i] == tensor->dims[i];
    }
  else
    good = FALSE;
  if (!good)
    {
      g_autofree char *got = ox_tensor_shape_string (tensor);
      g_autofree char *expected = fact->rank >= 0 ? ox_shape_to_string (fact->rank, fact->dims) : g_strdup ("?");

      return ox_fail (error, OX_ERROR_UNSUPPORTED, "internal error: output %d is %s %s, inferred %s %s", o,
                      ox_dtype_name (tensor->dtype), got, ox_dtype_name (fact->dtype), expected);
    }
  return TRUE;
}

static gboolean
run_call (OxCall *call, GError **error)
{
  struct _OxCallPrivate *priv = call->priv;

  call->running = TRUE;
  for (int i = 0; i < call->n_in; i++)
    {
      OxTensor *tensor = priv->in[i].value != NULL ? ox_value_get_tensor (priv->in[i].value) : NULL;

      if (tensor == NULL || priv->in[i].usable != NULL)
        continue;
      if ((priv->in[i].usable = ox_tensor_usable (tensor, error)) == NULL)
        return FALSE;
      priv->in[i].fact.tensor = priv->in[i].usable;
    }
  if (call->op->run == NULL)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "%s-%d is not run as a kernel", call->op->name, call->op->since);
  if (!ox_call_infer (call, error) || !call->op->run (call, error) || ox_call_cancelled (call, error))
    return FALSE;
  for (int o = 0; o < call->n_out; o++)
    if (priv->out[o].wanted && !check_output (call, o, error))
      return FALSE;
  return TRUE;
}

/* Kernels stop in the middle when they are told to: what comes out then is thrown away, and what they say of it. */
gboolean
ox_call_run (OxCall *call, GError **error)
{
  GCancellable *before = ox_parallel_get_stop ();
  g_autoptr (GError) problem = NULL;
  gboolean ok;

  if (call->priv->cancellable == NULL)
    return run_call (call, error);
  ox_parallel_set_stop (call->priv->cancellable);
  ok = run_call (call, &problem);
  ox_parallel_set_stop (before);
  if (!ok && !ox_call_cancelled (call, error))
    g_propagate_error (error, g_steal_pointer (&problem));
  return ok;
}

OxValue *
ox_call_steal (OxCall *call, int o)
{
  OxCallOut *out = ox_call_slot (call, o);

  if (out == NULL || !ox_call_wants (call, o))
    return NULL;
  if (out->value != NULL)
    return g_steal_pointer (&out->value);
  return out->tensor != NULL ? ox_value_new_tensor (g_steal_pointer (&out->tensor)) : NULL;
}
