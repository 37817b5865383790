/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-lookup.h"

#include <math.h>
#include <string.h>

OxList
ox_list_of (const OxStrings *strings, const OxInts *ints, const OxFloats *floats, const OxValue *value)
{
  const OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;

  if (tensor != NULL)
    return (OxList){ tensor->dtype, tensor->count, NULL, NULL, NULL, tensor };
  if (strings->set)
    return (OxList){ OX_STR, strings->n, strings, NULL, NULL, NULL };
  if (ints->set)
    return (OxList){ OX_I64, ints->n, NULL, ints, NULL, NULL };
  if (floats != NULL && floats->set)
    return (OxList){ OX_F32, floats->n, NULL, NULL, floats, NULL };
  return (OxList){ OX_UNDEFINED, 0, NULL, NULL, NULL, NULL };
}

static const char *
list_string (const OxList *list, gint64 i)
{
  return list->strings != NULL ? list->strings->v[i] : ox_tensor_get_string (list->tensor, i);
}

/* A number as a hash key: integers as they are, floats by their bits, with one NaN and one zero. */
static gint64
number_key (OxDtype dtype, const void *element)
{
  double value;
  gint64 key;

  if (!ox_dtype_is_float (dtype))
    return ox_element_get_int (dtype, element);
  value = ox_element_get (dtype, element);
  value = isnan (value) ? NAN : value + 0.0;
  memcpy (&key, &value, sizeof key);
  return key;
}

static gint64
tensor_key (const OxTensor *tensor, gint64 i)
{
  OxComplex128 element;

  ox_element_read (tensor, i, &element);
  return number_key (tensor->dtype, &element);
}

static gint64
list_key (const OxList *list, gint64 i)
{
  if (list->ints != NULL)
    return list->ints->v[i];
  if (list->floats != NULL)
    return number_key (OX_F32, &list->floats->v[i]);
  return tensor_key (list->tensor, i);
}

void
ox_list_copy (const OxList *list, gint64 i, OxTensor *out, gint64 at)
{
  guint8 *to = ox_tensor_element (out, at);

  if (out->dtype == OX_STR)
    ox_tensor_set_string (out, at, list_string (list, i), -1);
  else if (list->ints != NULL)
    *(gint64 *) to = list->ints->v[i];
  else if (list->floats != NULL)
    *(float *) to = list->floats->v[i];
  else
    ox_element_read (list->tensor, i, to);
}

struct _OxLookup
{
  GHashTable *table;
  gint64 *keys;
};

static void
lookup_free (gpointer data)
{
  OxLookup *lookup = data;

  g_hash_table_unref (lookup->table);
  g_free (lookup->keys);
  g_free (lookup);
}

const OxLookup *
ox_lookup_get (OxCall *call, const OxList *keys)
{
  OxLookup *lookup = ox_call_get_state (call);

  if (lookup != NULL)
    return lookup;
  lookup = g_new0 (OxLookup, 1);
  if (keys->dtype == OX_STR)
    lookup->table = g_hash_table_new (g_str_hash, g_str_equal);
  else
    {
      lookup->table = g_hash_table_new (g_int64_hash, g_int64_equal);
      lookup->keys = g_new (gint64, keys->n + 1);
    }
  for (gint64 i = keys->n - 1; i >= 0; i--)
    {
      gpointer key = lookup->keys;

      if (lookup->keys != NULL)
        {
          lookup->keys[i] = list_key (keys, i);
          key = &lookup->keys[i];
        }
      else
        key = (gpointer) list_string (keys, i);
      g_hash_table_replace (lookup->table, key, GSIZE_TO_POINTER (i));
    }
  ox_call_set_state (call, lookup, lookup_free);
  return lookup;
}

gint64
ox_lookup_find (const OxLookup *lookup, const OxTensor *x, gint64 i)
{
  gpointer value;
  gint64 key;
  gboolean found;

  if (x->dtype == OX_STR)
    found = g_hash_table_lookup_extended (lookup->table, ox_tensor_get_string (x, i), NULL, &value);
  else
    {
      key = tensor_key (x, i);
      found = g_hash_table_lookup_extended (lookup->table, &key, NULL, &value);
    }
  return found ? (gint64) GPOINTER_TO_SIZE (value) : -1;
}
