/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tensor/ox-type.h"

#include "core/ox-error.h"

OxType *
ox_type_new (OxTypeKind kind, OxDtype dtype)
{
  OxType *type = g_new0 (OxType, 1);

  g_atomic_ref_count_init (&type->refs);
  type->kind = kind;
  type->dtype = dtype;
  type->rank = -1;
  return type;
}

OxType *
ox_type_new_tensor (OxDtype dtype, int rank, const gint64 *dims)
{
  OxType *type = ox_type_new (OX_TYPE_TENSOR, dtype);

  if (rank >= 0)
    {
      ox_type_set_rank (type, rank);
      for (int i = 0; i < rank; i++)
        type->dims[i].value = dims[i] >= 0 ? dims[i] : -1;
    }
  return type;
}

OxType *
ox_type_of_value (const OxValue *value)
{
  OxType *type;

  switch (value->kind)
    {
    case OX_VALUE_TENSOR:
      return ox_type_new_tensor (value->dtype, value->tensor->rank, value->tensor->dims);
    case OX_VALUE_SPARSE:
      type = ox_type_new_tensor (value->dtype, value->rank, value->dims);
      type->kind = OX_TYPE_SPARSE;
      return type;
    case OX_VALUE_SEQUENCE:
    case OX_VALUE_OPTIONAL:
      type = ox_type_new (value->kind == OX_VALUE_SEQUENCE ? OX_TYPE_SEQUENCE : OX_TYPE_OPTIONAL, OX_UNDEFINED);
      type->elem = ox_value_n_items (value) > 0 ? ox_type_of_value (ox_value_get_item (value, 0))
                                                : ox_type_new_tensor (value->dtype, -1, NULL);
      return type;
    case OX_VALUE_MAP:
      type = ox_type_new (OX_TYPE_MAP, value->dtype);
      if (ox_value_n_items (value) > 0)
        type->elem = ox_type_of_value (ox_value_get_item (value, 0));
      return type;
    }
  return ox_type_new (OX_TYPE_UNKNOWN, OX_UNDEFINED);
}

OxType *
ox_type_ref (OxType *type)
{
  g_atomic_ref_count_inc (&type->refs);
  return type;
}

static void
clear_dims (OxType *type)
{
  for (int i = 0; i < type->rank; i++)
    {
      g_free (type->dims[i].param);
      g_free (type->dims[i].denotation);
    }
  g_clear_pointer (&type->dims, g_free);
}

void
ox_type_unref (OxType *type)
{
  /* A chain of element types, not a recursion. */
  while (type != NULL && g_atomic_ref_count_dec (&type->refs))
    {
      OxType *elem = type->elem;

      clear_dims (type);
      g_free (type->name);
      g_free (type->denotation);
      g_clear_pointer (&type->unknown, g_bytes_unref);
      g_free (type);
      type = elem;
    }
}

void
ox_type_set_rank (OxType *type, int rank)
{
  clear_dims (type);
  type->rank = rank;
  type->dims = g_new0 (OxTypeDim, MAX (rank, 0));
  for (int i = 0; i < rank; i++)
    type->dims[i].value = -1;
}

void
ox_type_set_dim (OxType *type, int i, gint64 value, const char *param)
{
  g_return_if_fail (i >= 0 && i < type->rank);
  type->dims[i].value = value;
  g_free (type->dims[i].param);
  type->dims[i].param = g_strdup (param);
}

static char *
shape_text (const OxType *type, const char *between)
{
  GString *text;

  if (type == NULL || type->rank < 0)
    return g_strdup ("?");
  text = g_string_new (type->rank == 0 ? "[]" : NULL);
  for (int i = 0; i < type->rank; i++)
    {
      const OxTypeDim *dim = &type->dims[i];

      if (i > 0)
        g_string_append (text, between);
      if (dim->value >= 0)
        g_string_append_printf (text, "%" G_GINT64_FORMAT, dim->value);
      else
        g_string_append (text, dim->param != NULL ? dim->param : "?");
    }
  return g_string_free (text, FALSE);
}

char *
ox_type_shape_string (const OxType *type)
{
  return shape_text (type, "x");
}

char *
ox_type_shape_label (const OxType *type)
{
  for (int i = 0; type != NULL && i < type->rank; i++)
    if (type->dims[i].value < 0 && type->dims[i].param != NULL)
      return shape_text (type, " × ");
  return shape_text (type, "x");
}

static char *
type_text (const OxType *type, char *(*shape) (const OxType *type))
{
  g_autofree char *inner = NULL;

  if (type == NULL)
    return g_strdup ("?");
  switch (type->kind)
    {
    case OX_TYPE_TENSOR:
    case OX_TYPE_SPARSE:
      inner = shape (type);
      return g_strdup_printf ("%s%s %s", type->kind == OX_TYPE_SPARSE ? "sparse " : "", ox_dtype_name (type->dtype), inner);
    case OX_TYPE_SEQUENCE:
      inner = type_text (type->elem, shape);
      return g_strdup_printf ("seq(%s)", inner);
    case OX_TYPE_OPTIONAL:
      inner = type_text (type->elem, shape);
      return g_strdup_printf ("optional(%s)", inner);
    case OX_TYPE_MAP:
      inner = type_text (type->elem, shape);
      return g_strdup_printf ("map(%s, %s)", ox_dtype_name (type->dtype), inner);
    case OX_TYPE_OPAQUE:
      return g_strdup_printf ("opaque(%s)", type->name != NULL ? type->name : "");
    case OX_TYPE_UNKNOWN:
      break;
    }
  return g_strdup ("?");
}

char *
ox_type_to_string (const OxType *type)
{
  return type_text (type, ox_type_shape_string);
}

char *
ox_type_label (const OxType *type)
{
  return type_text (type, ox_type_shape_label);
}

static gboolean
mismatch (const OxType *type, const OxValue *value, OxError code, GError **error)
{
  g_autofree char *expected = ox_type_to_string (type), *found = ox_value_describe (value);

  return ox_fail (error, code, "expected %s, found %s", expected, found);
}

static gboolean
check_dims (const OxType *type, const OxValue *value, int rank, const gint64 *dims, GHashTable *params, GError **error)
{
  if (type->rank < 0)
    return TRUE;
  if (type->rank != rank)
    return mismatch (type, value, OX_ERROR_SHAPE, error);
  for (int i = 0; i < rank; i++)
    {
      const OxTypeDim *dim = &type->dims[i];
      gint64 *bound;

      if (dim->value >= 0 && dim->value != dims[i])
        return mismatch (type, value, OX_ERROR_SHAPE, error);
      if (dim->value >= 0 || dim->param == NULL || params == NULL)
        continue;
      bound = g_hash_table_lookup (params, dim->param);
      if (bound == NULL)
        g_hash_table_insert (params, g_strdup (dim->param), g_memdup2 (&dims[i], sizeof dims[i]));
      else if (*bound != dims[i])
        return ox_fail (error, OX_ERROR_SHAPE, "dimension '%s' is %" G_GINT64_FORMAT " elsewhere and %" G_GINT64_FORMAT " here",
                        dim->param, *bound, dims[i]);
    }
  return TRUE;
}

gboolean
ox_type_check_value (const OxType *type, const OxValue *value, GHashTable *params, GError **error)
{
  static const OxTypeKind kinds[] = {
    [OX_VALUE_TENSOR] = OX_TYPE_TENSOR,     [OX_VALUE_SPARSE] = OX_TYPE_SPARSE, [OX_VALUE_SEQUENCE] = OX_TYPE_SEQUENCE,
    [OX_VALUE_OPTIONAL] = OX_TYPE_OPTIONAL, [OX_VALUE_MAP] = OX_TYPE_MAP,
  };

  if (type == NULL || type->kind == OX_TYPE_UNKNOWN)
    return TRUE;
  if (type->kind != kinds[value->kind])
    return mismatch (type, value, OX_ERROR_DTYPE, error);
  switch (value->kind)
    {
    case OX_VALUE_TENSOR:
    case OX_VALUE_SPARSE:
      if (type->dtype != OX_UNDEFINED && type->dtype != value->dtype)
        return mismatch (type, value, OX_ERROR_DTYPE, error);
      return value->kind == OX_VALUE_TENSOR
               ? check_dims (type, value, value->tensor->rank, value->tensor->dims, params, error)
               : check_dims (type, value, value->rank, value->dims, params, error);
    case OX_VALUE_MAP:
      if (type->dtype != OX_UNDEFINED && type->dtype != value->dtype)
        return mismatch (type, value, OX_ERROR_DTYPE, error);
      break;
    case OX_VALUE_SEQUENCE:
    case OX_VALUE_OPTIONAL:
      break;
    }
  for (guint i = 0; type->elem != NULL && i < ox_value_n_items (value); i++)
    if (!ox_type_check_value (type->elem, ox_value_get_item (value, i), value->kind == OX_VALUE_SEQUENCE ? NULL : params, error))
      {
        ox_error_prefix (error, "element %u", i);
        return FALSE;
      }
  return TRUE;
}
