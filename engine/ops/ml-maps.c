/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-lookup.h"
#include "ops/ox-ml.h"

#include <math.h>

/* Operators that make maps or take them: DictVectorizer, ZipMap, CastMap. */

typedef struct { OxInts int64_vocabulary; OxStrings string_vocabulary; } DictAttrs;
typedef struct { OxInts classlabels_int64s; OxStrings classlabels_strings; } ZipAttrs;
typedef struct { const char *cast_to, *map_form; gint64 max_map; } CastAttrs;

/* ---- maps ----------------------------------------------------------------------------------------------------- */

/* Input 0 as a map all of whose values are tensors of one element and one type; NULL on error. */
static const OxValue *
read_map (OxCall *call, OxDtype *dtype, GError **error)
{
  const OxValue *map = ox_call_in_value (call, 0);

  *dtype = OX_UNDEFINED;
  if (map->kind != OX_VALUE_MAP)
    {
      ox_fail (error, OX_ERROR_DTYPE, "the input is not a map");
      return NULL;
    }
  for (guint i = 0; i < ox_value_n_items (map); i++)
    {
      const OxTensor *value = ox_value_get_tensor (ox_value_get_item (map, i));

      if (value == NULL || value->count != 1 || (*dtype != OX_UNDEFINED && value->dtype != *dtype))
        {
          ox_fail (error, OX_ERROR_DTYPE, "the values of the map must be single elements of one type");
          return NULL;
        }
      *dtype = value->dtype;
    }
  return map;
}

static const OxTensor *
map_value (const OxValue *map, guint i)
{
  return ox_value_get_tensor (ox_value_get_item (map, i));
}

static gboolean
expect_map (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_fact (call, 0);

  if (fact->kind != OX_TYPE_MAP && fact->kind != OX_TYPE_UNKNOWN)
    return ox_fail (error, OX_ERROR_DTYPE, "the input must be a map");
  return TRUE;
}

static gboolean
dict_infer (OxCall *call, GError **error)
{
  const DictAttrs *at = call->attrs;
  const OxFact *map = ox_call_fact (call, 0);
  OxDtype dtype = !call->running && map->elem != NULL ? map->elem->dtype : OX_UNDEFINED;

  if (!expect_map (call, error))
    return FALSE;
  if (at->int64_vocabulary.set == at->string_vocabulary.set)
    return ox_fail (error, OX_ERROR_MODEL, "one of int64_vocabulary and string_vocabulary must be given");
  ox_call_set (call, 0, dtype, 2,
               (OxDim[]){ 1, at->string_vocabulary.set ? at->string_vocabulary.n : at->int64_vocabulary.n });
  return TRUE;
}

static gboolean
dict_run (OxCall *call, GError **error)
{
  const DictAttrs *at = call->attrs;
  const OxList words = ox_list_of (&at->string_vocabulary, &at->int64_vocabulary, NULL, NULL);
  OxDtype dtype;
  const OxValue *map = read_map (call, &dtype, error);
  const OxLookup *lookup;
  OxTensor *out;

  if (map == NULL)
    return FALSE;
  if (map->keys->dtype != words.dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "the keys of the map are %s, the vocabulary %s",
                    ox_dtype_name (map->keys->dtype), ox_dtype_name (words.dtype));
  out = ox_tensor_new_zeros (dtype != OX_UNDEFINED ? dtype : OX_F32, 2, (gint64[]){ 1, words.n }, error);
  if (out == NULL)
    return FALSE;
  ox_call_take (call, 0, out);
  lookup = ox_lookup_get (call, &words);
  for (guint i = 0; i < ox_value_n_items (map); i++)
    {
      gint64 k = ox_lookup_find (lookup, map->keys, i);

      if (k >= 0)
        {
          guint8 *to = out->data + (gsize) k * ox_dtype_size (dtype);

          if (dtype == OX_STR)
            ox_tensor_set_string (out, k, ox_tensor_get_string (map_value (map, i), 0), -1);
          else
            ox_element_read (map_value (map, i), 0, to);
        }
    }
  return TRUE;
}

/* The type of ZipMap's elements, made once so that a fact may borrow it. */
static OxType *
zip_type (OxDtype key)
{
  static OxType *types[2];
  static gsize made;

  if (g_once_init_enter (&made))
    {
      for (int i = 0; i < 2; i++)
        {
          types[i] = ox_type_new (OX_TYPE_MAP, i == 0 ? OX_I64 : OX_STR);
          types[i]->elem = ox_type_new_tensor (OX_F32, 0, NULL);
        }
      g_once_init_leave (&made, 1);
    }
  return types[key == OX_STR];
}

static gboolean
zip_infer (OxCall *call, GError **error)
{
  const ZipAttrs *at = call->attrs;
  OxDim rows, columns;
  int n = at->classlabels_strings.set ? at->classlabels_strings.n : at->classlabels_int64s.n;

  if (!ox_ml_rows (call, &rows, &columns, error))
    return FALSE;
  if (at->classlabels_strings.set == at->classlabels_int64s.set)
    return ox_fail (error, OX_ERROR_MODEL, "one of classlabels_strings and classlabels_int64s must be given");
  if (ox_dim_known (columns) && columns != n)
    return ox_fail (error, OX_ERROR_SHAPE, "X has %" G_GINT64_FORMAT " columns for %d class labels", columns, n);
  ox_call_set_kind (call, 0, OX_TYPE_SEQUENCE, OX_UNDEFINED, zip_type (at->classlabels_strings.set ? OX_STR : OX_I64));
  return TRUE;
}

static gboolean
zip_run (OxCall *call, GError **error)
{
  const ZipAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_as (call, 0, OX_F32, error);
  g_autoptr (OxTensor) keys = NULL;
  g_autoptr (GPtrArray) maps = ox_value_array_new ();
  OxDim rows, n;

  if (x == NULL || !ox_ml_rows (call, &rows, &n, error))
    return FALSE;
  keys = at->classlabels_strings.set ? ox_tensor_new_strings (at->classlabels_strings.v, n)
                                     : ox_tensor_new_ints (at->classlabels_int64s.v, n);
  for (gint64 r = 0; r < rows && !ox_turn (); r++)
    {
      GPtrArray *values = ox_value_array_new ();

      for (gint64 k = 0; k < n && !ox_pause (k); k++)
        g_ptr_array_add (values, ox_value_new_tensor (ox_tensor_new_view (
                                   (OxTensor *) x, 0, NULL, NULL, x->data + (gsize) (r * n + k) * sizeof (float))));
      g_ptr_array_add (maps, ox_value_new_map (ox_tensor_ref (keys), values));
    }
  ox_call_take_value (call, 0, ox_value_new_sequence (OX_UNDEFINED, g_steal_pointer (&maps)));
  return TRUE;
}

/* ---- CastMap -------------------------------------------------------------------------------------------------- */

static gboolean
cast_dtype (const CastAttrs *at, OxDtype *dtype, GError **error)
{
  static const struct { const char *name; OxDtype dtype; } names[]
    = { { "TO_FLOAT", OX_F32 }, { "TO_STRING", OX_STR }, { "TO_INT64", OX_I64 } };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (at->cast_to, names[i].name))
      {
        *dtype = names[i].dtype;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "cast_to '%s' is not one of TO_FLOAT, TO_STRING, TO_INT64", at->cast_to);
}

static gboolean
cast_infer (OxCall *call, GError **error)
{
  const CastAttrs *at = call->attrs;
  gboolean sparse = g_str_equal (at->map_form, "SPARSE");
  OxDtype dtype;

  if (!expect_map (call, error) || !cast_dtype (at, &dtype, error))
    return FALSE;
  if (!sparse && !g_str_equal (at->map_form, "DENSE"))
    return ox_fail (error, OX_ERROR_VALUE, "map_form '%s' is not DENSE or SPARSE", at->map_form);
  if (sparse && at->max_map < 1)
    return ox_fail (error, OX_ERROR_VALUE, "max_map is %" G_GINT64_FORMAT, at->max_map);
  ox_call_set (call, 0, dtype, 2, (OxDim[]){ 1, sparse ? at->max_map : OX_DIM_UNKNOWN });
  return TRUE;
}

static gboolean
cast_one (const OxTensor *value, OxTensor *out, gint64 at, GError **error)
{
  const char *text = value->dtype == OX_STR ? ox_tensor_get_string (value, 0) : NULL;
  double number = text == NULL ? ox_tensor_get (value, 0) : 0;
  char *end = NULL;

  if (out->dtype == OX_STR)
    {
      g_autofree char *made = text == NULL ? g_strdup_printf ("%f", number) : NULL;

      ox_tensor_set_string (out, at, text != NULL ? text : made, -1);
      return TRUE;
    }
  if (text != NULL)
    {
      number = g_ascii_strtod (text, &end);
      if (end == text)
        return ox_fail (error, OX_ERROR_VALUE, "'%s' is not a number", text);
    }
  ox_tensor_set (out, at, out->dtype == OX_I64 ? trunc (number) : number);
  return TRUE;
}

typedef struct { gint64 key; guint item; } Keyed;

static int
keyed_compare (gconstpointer a, gconstpointer b)
{
  const Keyed *x = a, *y = b;

  return x->key < y->key ? -1 : x->key > y->key;
}

/* Dense: the values in the order of their keys. Sparse: each at the place its key names, the rest empty. */
static gboolean
cast_run (OxCall *call, GError **error)
{
  const CastAttrs *at = call->attrs;
  gboolean sparse = g_str_equal (at->map_form, "SPARSE");
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (Keyed));
  OxDtype dtype, from;
  const OxValue *map = read_map (call, &from, error);
  OxTensor *out;

  if (map == NULL || !cast_dtype (at, &dtype, error))
    return FALSE;
  if (map->keys->dtype != OX_I64)
    return ox_fail (error, OX_ERROR_DTYPE, "the keys of the map are %s, expected i64",
                    ox_dtype_name (map->keys->dtype));
  for (guint i = 0; i < ox_value_n_items (map); i++)
    {
      const Keyed next = { ox_tensor_get_int (map->keys, i), i };

      g_array_append_val (order, next);
    }
  g_array_sort (order, keyed_compare);
  out = ox_tensor_new_zeros (dtype, 2, (gint64[]){ 1, sparse ? at->max_map : order->len }, error);
  if (out == NULL)
    return FALSE;
  ox_call_take (call, 0, out);
  for (guint i = 0; i < order->len; i++)
    {
      const Keyed *entry = &g_array_index (order, Keyed, i);
      gint64 place = sparse ? entry->key : i;

      if (place < 0)
        return ox_fail (error, OX_ERROR_VALUE, "key %" G_GINT64_FORMAT " is no place in a sparse map", place);
      if (place < out->count && !cast_one (map_value (map, entry->item), out, place, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec dict_1[]
  = { OX_ATTR (DictAttrs, int64_vocabulary, INTS), OX_ATTR (DictAttrs, string_vocabulary, STRINGS) };
static const OxAttrSpec zip_1[]
  = { OX_ATTR (ZipAttrs, classlabels_int64s, INTS), OX_ATTR (ZipAttrs, classlabels_strings, STRINGS) };
static const OxAttrSpec cast_1[] = { OX_STRING (CastAttrs, cast_to, "TO_FLOAT"),
                                     OX_STRING (CastAttrs, map_form, "DENSE"), OX_INT (CastAttrs, max_map, 1) };

#define ONE { 1, 1 }

static const OxOp ml_maps_rows[] = {
  { "DictVectorizer", 1, ONE, ONE, OX_ATTRS (dict_1, DictAttrs), .infer = dict_infer, .run = dict_run,
    .flags = OX_OP_VALUES },
  { "ZipMap", 1, ONE, ONE, OX_ATTRS (zip_1, ZipAttrs), .infer = zip_infer, .run = zip_run },
  { "CastMap", 1, ONE, ONE, OX_ATTRS (cast_1, CastAttrs), .infer = cast_infer, .run = cast_run, .flags = OX_OP_VALUES },
};

OX_FAMILY (ml_maps, "ai.onnx.ml", ml_maps_rows);
