/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-agreement.h"

#include <string.h>

#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"

static gboolean
agree_tensors (OxTensor *found, OxTensor *expected, double rtol, double atol, char **text)
{
  g_autofree char *shape = ox_tensor_shape_string (found);
  OxDifference d;

  if (found->dtype != expected->dtype || !ox_tensor_same_shape (found, expected))
    {
      g_autofree char *other = ox_tensor_shape_string (expected);

      *text = g_strdup_printf ("expected %s %s, found %s %s", ox_dtype_name (expected->dtype), other,
                               ox_dtype_name (found->dtype), shape);
      return FALSE;
    }
  ox_tensor_compare (found, expected, rtol, atol, &d);
  if (d.equal)
    *text = g_strdup_printf ("%s %s, max abs %.3g, max rel %.3g", ox_dtype_name (found->dtype), shape, d.max_abs, d.max_rel);
  else
    {
      g_autoptr (OxTensor) a = ox_tensor_usable (found, NULL), b = ox_tensor_usable (expected, NULL);
      g_autofree char *x = a != NULL ? ox_format_element (a, d.first, 0) : NULL;
      g_autofree char *y = b != NULL ? ox_format_element (b, d.first, 0) : NULL;

      *text = g_strdup_printf ("%s %s, %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                               " elements differ, max abs %.3g, max rel %.3g; the first is number %" G_GINT64_FORMAT
                               ": expected %s, found %s",
                               ox_dtype_name (found->dtype), shape, d.outside, d.count, d.max_abs, d.max_rel, d.first,
                               y != NULL ? y : "?", x != NULL ? x : "?");
    }
  return d.equal;
}

static const OxValue *
unwrap (const OxValue *value)
{
  return value->kind == OX_VALUE_OPTIONAL && ox_value_n_items (value) == 1 ? ox_value_get_item (value, 0) : value;
}

/* Some writers of data sets store a map as the sequence of its keys and its values, two lists. */
static gboolean
agree_with_lists (const OxValue *map, const OxValue *lists, double rtol, double atol, char **text)
{
  OxTensor *keys = ox_value_get_tensor (ox_value_get_item (lists, 0));
  OxTensor *values = ox_value_get_tensor (ox_value_get_item (lists, 1));
  gint64 n = ox_value_n_items (map);
  g_autoptr (OxTensor) found = NULL;

  if (keys == NULL || values == NULL)
    {
      *text = g_strdup ("expected keys and values, found a sequence of other things");
      return FALSE;
    }
  if (!agree_tensors (map->keys, keys, 0, 0, text))
    return FALSE;
  g_clear_pointer (text, g_free);
  found = ox_tensor_new (values->dtype, 1, &n, NULL);
  for (gint64 i = 0; found != NULL && i < n; i++)
    {
      OxTensor *value = ox_value_get_tensor (ox_value_get_item (map, (guint) i));

      if (value == NULL || value->count != 1 || value->dtype != values->dtype)
        {
          *text = g_strdup_printf ("the value of key %" G_GINT64_FORMAT " is not one %s", i, ox_dtype_name (values->dtype));
          return FALSE;
        }
      if (value->dtype == OX_STR)
        ox_tensor_set_string (found, i, ox_tensor_get_string (value, 0), -1);
      else
        memcpy (ox_tensor_element (found, i), ox_tensor_element (value, 0), ox_dtype_size (value->dtype));
    }
  return found != NULL && agree_tensors (found, values, rtol, atol, text);
}

/* Values nest no deeper than what made them. */
static gboolean
agree (const OxValue *found, const OxValue *expected, double rtol, double atol, char **text)
{
  /* Files of optionals hold the value itself as often as the optional. */
  if (found->kind != expected->kind)
    {
      found = unwrap (found);
      expected = unwrap (expected);
    }
  if (found->kind == OX_VALUE_MAP && expected->kind == OX_VALUE_SEQUENCE && ox_value_n_items (expected) == 2)
    return agree_with_lists (found, expected, rtol, atol, text);
  if (found->kind != expected->kind || ox_value_n_items (found) != ox_value_n_items (expected))
    {
      g_autofree char *a = ox_value_describe (found), *b = ox_value_describe (expected);

      *text = g_strdup_printf ("expected %s, found %s", b, a);
      return FALSE;
    }
  switch (found->kind)
    {
    case OX_VALUE_TENSOR:
      return agree_tensors (found->tensor, expected->tensor, rtol, atol, text);
    case OX_VALUE_SPARSE:
      return agree_tensors (found->indices, expected->indices, 0, 0, text)
             && (g_free (*text), *text = NULL, agree_tensors (found->tensor, expected->tensor, rtol, atol, text));
    case OX_VALUE_MAP:
      if (!agree_tensors (found->keys, expected->keys, 0, 0, text))
        return FALSE;
      g_clear_pointer (text, g_free);
      break;
    default:
      break;
    }
  for (guint i = 0; i < ox_value_n_items (found); i++)
    {
      g_autofree char *inner = NULL;

      if (!agree (ox_value_get_item (found, i), ox_value_get_item (expected, i), rtol, atol, &inner))
        {
          *text = g_strdup_printf ("element %u: %s", i, inner);
          return FALSE;
        }
    }
  *text = ox_value_describe (found);
  return TRUE;
}

gboolean
ox_values_agree (const OxValue *found, const OxValue *expected, double rtol, double atol, char **text)
{
  g_autofree char *own = NULL;
  gboolean result = agree (found, expected, rtol, atol, &own);

  if (text != NULL)
    *text = g_steal_pointer (&own);
  return result;
}
