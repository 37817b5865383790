/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "proto/ox-export-private.h"

static guint
elem_kind (const OxValue *value)
{
  switch (value->kind)
    {
    case OX_VALUE_TENSOR:
      return 1;
    case OX_VALUE_SPARSE:
      return 2;
    case OX_VALUE_SEQUENCE:
      return 3;
    case OX_VALUE_MAP:
      return 4;
    case OX_VALUE_OPTIONAL:
      return 5;
    }
  return 0;
}

static gboolean fill_value (OxRope *rope, const OxValue *value, const char *name, GError **error);

/* Element kind k is field k + 2 in sequences and optionals alike. */
static gboolean
put_items (OxRope *rope, const OxValue *value, GError **error)
{
  guint n = ox_value_n_items (value), kind = n > 0 ? elem_kind (ox_value_get_item (value, 0)) : 1;

  ox_rope_int (rope, 2, kind);
  for (guint i = 0; i < n; i++)
    {
      OxRope *inner = ox_rope_new ();

      if (!fill_value (inner, ox_value_get_item (value, i), NULL, error))
        {
          ox_rope_free (inner);
          return FALSE;
        }
      ox_rope_message (rope, kind + 2, inner);
    }
  return TRUE;
}

static gboolean
fill_tensor (OxRope *rope, OxTensor *tensor, const char *name, GError **error)
{
  for (int i = 0; i < tensor->rank; i++)
    ox_rope_int (rope, 1, tensor->dims[i]);
  ox_rope_int (rope, 2, tensor->dtype);
  ox_rope_text (rope, 8, name);
  return ox_export_elements (rope, tensor, error);
}

static gboolean
put_tensor_message (OxRope *rope, guint field, OxTensor *tensor, const char *name, GError **error)
{
  OxRope *inner = ox_rope_new ();

  if (!fill_tensor (inner, tensor, name, error))
    {
      ox_rope_free (inner);
      return FALSE;
    }
  ox_rope_message (rope, field, inner);
  return TRUE;
}

static gboolean
fill_map (OxRope *rope, const OxValue *value, GError **error)
{
  OxTensor *keys = value->keys;
  OxRope *values;

  ox_rope_int (rope, 2, keys->dtype);
  for (gint64 i = 0; i < keys->count; i++)
    if (keys->dtype == OX_STR)
      ox_rope_text (rope, 4, ox_tensor_get_string (keys, i));
    else
      ox_rope_int (rope, 3, ox_tensor_get_int (keys, i));
  values = ox_rope_new ();
  if (!put_items (values, value, error))
    {
      ox_rope_free (values);
      return FALSE;
    }
  ox_rope_message (rope, 5, values);
  return TRUE;
}

/* Values nest no deeper than what made them. */
static gboolean
fill_value (OxRope *rope, const OxValue *value, const char *name, GError **error)
{
  if (value->kind == OX_VALUE_TENSOR)
    return fill_tensor (rope, value->tensor, name, error);
  if (value->kind == OX_VALUE_SPARSE)
    {
      if (!put_tensor_message (rope, 1, value->tensor, name, error)
          || !put_tensor_message (rope, 2, value->indices, NULL, error))
        return FALSE;
      for (int i = 0; i < value->rank; i++)
        ox_rope_int (rope, 3, value->dims[i]);
      return TRUE;
    }
  ox_rope_text (rope, 1, name);
  if (value->kind == OX_VALUE_MAP)
    return fill_map (rope, value, error);
  return put_items (rope, value, error);
}

GBytes *
ox_export_value (const OxValue *value, const char *name, GError **error)
{
  OxRope *rope = ox_rope_new ();
  GBytes *bytes = fill_value (rope, value, name, error) ? ox_rope_to_bytes (rope) : NULL;

  ox_rope_free (rope);
  return bytes;
}
