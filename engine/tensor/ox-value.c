/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tensor/ox-value.h"

#include <string.h>

static OxValue *
value_alloc (OxValueKind kind, OxDtype dtype)
{
  OxValue *value = g_new0 (OxValue, 1);

  g_atomic_ref_count_init (&value->refs);
  value->kind = kind;
  value->dtype = dtype;
  return value;
}

OxValue *
ox_value_new_tensor (OxTensor *tensor)
{
  OxValue *value = value_alloc (OX_VALUE_TENSOR, tensor->dtype);

  value->tensor = tensor;
  return value;
}

OxValue *
ox_value_new_sparse (OxTensor *values, OxTensor *indices, int rank, const gint64 *dims)
{
  OxValue *value = value_alloc (OX_VALUE_SPARSE, values->dtype);

  value->tensor = values;
  value->indices = indices;
  value->rank = rank;
  value->dims = g_memdup2 (dims, (gsize) rank * sizeof (gint64));
  return value;
}

OxValue *
ox_value_new_sequence (OxDtype dtype, GPtrArray *items)
{
  OxValue *value = value_alloc (OX_VALUE_SEQUENCE, dtype);

  value->items = items;
  return value;
}

OxValue *
ox_value_new_optional (OxDtype dtype, OxValue *some)
{
  OxValue *value = value_alloc (OX_VALUE_OPTIONAL, some != NULL ? some->dtype : dtype);

  value->items = ox_value_array_new ();
  if (some != NULL)
    g_ptr_array_add (value->items, some);
  return value;
}

OxValue *
ox_value_new_map (OxTensor *keys, GPtrArray *values)
{
  OxValue *value = value_alloc (OX_VALUE_MAP, keys->dtype);

  value->keys = keys;
  value->items = values;
  return value;
}

OxValue *
ox_value_ref (OxValue *value)
{
  g_atomic_ref_count_inc (&value->refs);
  return value;
}

/* The importer bounds how deep values nest, so the recursion through items is bounded too. */
void
ox_value_unref (OxValue *value)
{
  if (!g_atomic_ref_count_dec (&value->refs))
    return;
  g_clear_pointer (&value->tensor, ox_tensor_unref);
  g_clear_pointer (&value->indices, ox_tensor_unref);
  g_clear_pointer (&value->keys, ox_tensor_unref);
  g_clear_pointer (&value->items, g_ptr_array_unref);
  g_free (value->dims);
  g_free (value);
}

OxTensor *
ox_value_get_tensor (const OxValue *value)
{
  return value->kind == OX_VALUE_TENSOR ? value->tensor : NULL;
}

guint
ox_value_n_items (const OxValue *value)
{
  return value->items != NULL ? value->items->len : 0;
}

OxValue *
ox_value_get_item (const OxValue *value, guint i)
{
  return i < ox_value_n_items (value) ? g_ptr_array_index (value->items, i) : NULL;
}

gsize
ox_value_bytes (const OxValue *value)
{
  gsize bytes = 0;

  if (value->tensor != NULL)
    bytes += ox_tensor_bytes (value->tensor);
  if (value->indices != NULL)
    bytes += ox_tensor_bytes (value->indices);
  if (value->keys != NULL)
    bytes += ox_tensor_bytes (value->keys);
  for (guint i = 0; i < ox_value_n_items (value); i++)
    bytes += ox_value_bytes (ox_value_get_item (value, i));
  return bytes;
}

char *
ox_value_describe (const OxValue *value)
{
  g_autofree char *inner = NULL;

  switch (value->kind)
    {
    case OX_VALUE_TENSOR:
      inner = ox_tensor_shape_string (value->tensor);
      return g_strdup_printf ("%s %s", ox_dtype_name (value->dtype), inner);
    case OX_VALUE_SPARSE:
      inner = ox_shape_to_string (value->rank, value->dims);
      return g_strdup_printf ("sparse %s %s, %" G_GINT64_FORMAT " stored", ox_dtype_name (value->dtype), inner,
                              value->tensor->count);
    case OX_VALUE_SEQUENCE:
      return g_strdup_printf ("sequence of %u", ox_value_n_items (value));
    case OX_VALUE_OPTIONAL:
      if (ox_value_n_items (value) == 0)
        return g_strdup ("optional, empty");
      inner = ox_value_describe (ox_value_get_item (value, 0));
      return g_strdup_printf ("optional %s", inner);
    case OX_VALUE_MAP:
      return g_strdup_printf ("map of %u %s", ox_value_n_items (value), ox_dtype_name (value->dtype));
    }
  return g_strdup ("?");
}

GPtrArray *
ox_value_array_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) ox_value_unref);
}
