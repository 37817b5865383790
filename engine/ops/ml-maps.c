/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-ml.h"

#include <math.h>
#include <string.h>

/* Operators that look things up: LabelEncoder, CategoryMapper; and those on maps: DictVectorizer, ZipMap, CastMap. */

typedef struct
{
  OxStrings classes_strings, keys_strings, values_strings;
  OxInts keys_int64s, values_int64s;
  OxFloats keys_floats, values_floats;
  OxValue *keys_tensor, *values_tensor, *default_tensor;
  const char *default_string;
  gint64 default_int64;
  double default_float;
} EncoderAttrs;
typedef struct { OxInts cats_int64s; OxStrings cats_strings; const char *default_string; gint64 default_int64; } MapperAttrs;
typedef struct { OxInts int64_vocabulary; OxStrings string_vocabulary; } DictAttrs;
typedef struct { OxInts classlabels_int64s; OxStrings classlabels_strings; } ZipAttrs;
typedef struct { const char *cast_to, *map_form; gint64 max_map; } CastAttrs;

/* ---- lookup tables -------------------------------------------------------------------------------------------- */

/* A list of keys or values, whatever attribute it comes from. */
typedef struct
{
  OxDtype dtype;   /* UNDEFINED: there is none */
  gint64 n;
  const OxStrings *strings;
  const OxInts *ints;
  const OxFloats *floats;
  const OxTensor *tensor;
} List;

static List
list_of (const OxStrings *strings, const OxInts *ints, const OxFloats *floats, const OxValue *value)
{
  const OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;

  if (tensor != NULL)
    return (List){ tensor->dtype, tensor->count, NULL, NULL, NULL, tensor };
  if (strings->set)
    return (List){ OX_STR, strings->n, strings, NULL, NULL, NULL };
  if (ints->set)
    return (List){ OX_I64, ints->n, NULL, ints, NULL, NULL };
  if (floats != NULL && floats->set)
    return (List){ OX_F32, floats->n, NULL, NULL, floats, NULL };
  return (List){ OX_UNDEFINED, 0, NULL, NULL, NULL, NULL };
}

static const char *
list_string (const List *list, gint64 i)
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
list_key (const List *list, gint64 i)
{
  if (list->ints != NULL)
    return list->ints->v[i];
  if (list->floats != NULL)
    return number_key (OX_F32, &list->floats->v[i]);
  return number_key (list->dtype, ox_tensor_element (list->tensor, i));
}

/* Element @i of @list into element @at of @out, which is of its type. */
static void
list_copy (const List *list, gint64 i, OxTensor *out, gint64 at)
{
  guint8 *to = ox_tensor_element (out, at);

  if (out->dtype == OX_STR)
    ox_tensor_set_string (out, at, list_string (list, i), -1);
  else if (list->ints != NULL)
    *(gint64 *) to = list->ints->v[i];
  else if (list->floats != NULL)
    *(float *) to = list->floats->v[i];
  else
    memcpy (to, ox_tensor_element (list->tensor, i), ox_dtype_size (out->dtype));
}

/* From key to its position; kept by the node. Of equal keys the first counts. */
typedef struct
{
  GHashTable *table;
  gint64 *keys;
} Lookup;

static void
lookup_free (gpointer data)
{
  Lookup *lookup = data;

  g_hash_table_unref (lookup->table);
  g_free (lookup->keys);
  g_free (lookup);
}

static const Lookup *
lookup_get (OxCall *call, const List *keys)
{
  Lookup *lookup = ox_call_get_state (call);

  if (lookup != NULL)
    return lookup;
  lookup = g_new0 (Lookup, 1);
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

/* The position of element @i of @x among the keys, -1 if it is none of them. */
static gint64
lookup_find (const Lookup *lookup, const OxTensor *x, gint64 i)
{
  gpointer value;
  gint64 key;
  gboolean found;

  if (x->dtype == OX_STR)
    found = g_hash_table_lookup_extended (lookup->table, ox_tensor_get_string (x, i), NULL, &value);
  else
    {
      key = number_key (x->dtype, ox_tensor_element (x, i));
      found = g_hash_table_lookup_extended (lookup->table, &key, NULL, &value);
    }
  return found ? (gint64) GPOINTER_TO_SIZE (value) : -1;
}

/* ---- LabelEncoder --------------------------------------------------------------------------------------------- */

static List
encoder_keys (const EncoderAttrs *at)
{
  return list_of (&at->keys_strings, &at->keys_int64s, &at->keys_floats, at->keys_tensor);
}

static List
encoder_values (const EncoderAttrs *at)
{
  return list_of (&at->values_strings, &at->values_int64s, &at->values_floats, at->values_tensor);
}

static gboolean
encoder_infer (OxCall *call, GError **error)
{
  const EncoderAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  const List keys = encoder_keys (at), values = encoder_values (at);
  const OxTensor *fallback = at->default_tensor != NULL ? ox_value_get_tensor (at->default_tensor) : NULL;
  OxDtype dtype = ox_fact_dtype (x);

  if (keys.dtype == OX_UNDEFINED || values.dtype == OX_UNDEFINED || keys.n != values.n)
    return ox_fail (error, OX_ERROR_MODEL, "%" G_GINT64_FORMAT " keys stand against %" G_GINT64_FORMAT " values", keys.n,
                    values.n);
  if (fallback != NULL && (fallback->count != 1 || fallback->dtype != values.dtype))
    return ox_fail (error, OX_ERROR_MODEL, "default_tensor must be one %s", ox_dtype_name (values.dtype));
  if (dtype != OX_UNDEFINED && dtype != keys.dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "X is %s, the keys are %s", ox_dtype_name (dtype), ox_dtype_name (keys.dtype));
  ox_call_set (call, 0, values.dtype, ox_fact_rank (x), ox_fact_rank (x) > 0 ? x->dims : NULL);
  return TRUE;
}

static void
encoder_default (const EncoderAttrs *at, OxTensor *out, gint64 i)
{
  const OxTensor *fallback = at->default_tensor != NULL ? ox_value_get_tensor (at->default_tensor) : NULL;
  const List list = { out->dtype, 1, NULL, NULL, NULL, fallback };

  if (fallback != NULL)
    list_copy (&list, 0, out, i);
  else if (out->dtype == OX_STR)
    ox_tensor_set_string (out, i, at->default_string, -1);
  else if (out->dtype == OX_I64)
    ((gint64 *) out->data)[i] = at->default_int64;
  else
    ox_tensor_set (out, i, ox_dtype_is_float (out->dtype) ? at->default_float : (double) at->default_int64);
}

static gboolean
encoder_run (OxCall *call, GError **error)
{
  const EncoderAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  const List keys = encoder_keys (at), values = encoder_values (at);
  const Lookup *lookup = lookup_get (call, &keys);
  OxTensor *out = ox_call_out (call, 0, error);

  if (out == NULL)
    return FALSE;
  for (gint64 i = 0; i < x->count; i++)
    {
      gint64 k = lookup_find (lookup, x, i);

      if (k >= 0)
        list_copy (&values, k, out, i);
      else
        encoder_default (at, out, i);
    }
  return TRUE;
}

/* ---- LabelEncoder-1, CategoryMapper: strings to integers or back, as the input asks --------------------------- */

typedef struct
{
  const OxStrings *strings;
  const OxInts *ints;      /* NULL: the positions of the strings */
  const char *default_string;
  gint64 default_int64;
} TwoWay;

static TwoWay
two_way (OxCall *call)
{
  const EncoderAttrs *encoder = call->attrs;
  const MapperAttrs *mapper = call->attrs;

  if (call->op->code)
    return (TwoWay){ &mapper->cats_strings, &mapper->cats_int64s, mapper->default_string, mapper->default_int64 };
  return (TwoWay){ &encoder->classes_strings, NULL, encoder->default_string, encoder->default_int64 };
}

static gboolean
two_way_infer (OxCall *call, GError **error)
{
  const TwoWay map = two_way (call);
  const OxFact *x = ox_call_fact (call, 0);
  OxDtype dtype = ox_fact_dtype (x);

  if (map.ints != NULL && map.ints->n != map.strings->n)
    return ox_fail (error, OX_ERROR_MODEL, "%d strings stand against %d integers", map.strings->n, map.ints->n);
  if (dtype != OX_UNDEFINED && dtype != OX_STR && dtype != OX_I64)
    return ox_fail (error, OX_ERROR_DTYPE, "X is %s, expected strings or int64", ox_dtype_name (dtype));
  ox_call_set (call, 0, dtype == OX_UNDEFINED ? OX_UNDEFINED : dtype == OX_STR ? OX_I64 : OX_STR, ox_fact_rank (x),
               ox_fact_rank (x) > 0 ? x->dims : NULL);
  return TRUE;
}

static gboolean
two_way_run (OxCall *call, GError **error)
{
  const TwoWay map = two_way (call);
  const OxTensor *x = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);
  const List strings = { OX_STR, map.strings->n, map.strings, NULL, NULL, NULL };
  const List ints = { OX_I64, map.strings->n, NULL, map.ints, NULL, NULL };
  const Lookup *lookup = NULL;

  if (out == NULL)
    return FALSE;
  if (x->dtype == OX_STR || map.ints != NULL)
    lookup = lookup_get (call, x->dtype == OX_STR ? &strings : &ints);
  for (gint64 i = 0; i < x->count; i++)
    {
      gint64 k;

      if (lookup != NULL)
        k = lookup_find (lookup, x, i);
      else
        {
          k = ox_tensor_get_int (x, i);
          if (k < 0 || k >= strings.n)
            k = -1;
        }
      if (x->dtype == OX_STR)
        ((gint64 *) out->data)[i] = k < 0 ? map.default_int64 : map.ints != NULL ? map.ints->v[k] : k;
      else
        ox_tensor_set_string (out, i, k < 0 ? map.default_string : map.strings->v[k], -1);
    }
  return TRUE;
}

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
  const List words = list_of (&at->string_vocabulary, &at->int64_vocabulary, NULL, NULL);
  OxDtype dtype;
  const OxValue *map = read_map (call, &dtype, error);
  const Lookup *lookup;
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
  lookup = lookup_get (call, &words);
  for (guint i = 0; i < ox_value_n_items (map); i++)
    {
      gint64 k = lookup_find (lookup, map->keys, i);

      if (k >= 0)
        ox_move_block (dtype, out->data + (gsize) k * ox_dtype_size (dtype), ox_tensor_element (map_value (map, i), 0), 1);
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
  for (gint64 r = 0; r < rows; r++)
    {
      GPtrArray *values = ox_value_array_new ();

      for (gint64 k = 0; k < n; k++)
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
    return ox_fail (error, OX_ERROR_DTYPE, "the keys of the map are %s, expected i64", ox_dtype_name (map->keys->dtype));
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

#define DEFAULTS(S) OX_STRING (S, default_string, "_Unused"), OX_INT (S, default_int64, -1)
#define PAIRS                                                                                                        \
  DEFAULTS (EncoderAttrs), OX_FLOAT (EncoderAttrs, default_float, -0.0), OX_ATTR (EncoderAttrs, keys_strings, STRINGS), \
    OX_ATTR (EncoderAttrs, keys_int64s, INTS), OX_ATTR (EncoderAttrs, keys_floats, FLOATS),                          \
    OX_ATTR (EncoderAttrs, values_strings, STRINGS), OX_ATTR (EncoderAttrs, values_int64s, INTS),                    \
    OX_ATTR (EncoderAttrs, values_floats, FLOATS)

static const OxAttrSpec encoder_1[] = { DEFAULTS (EncoderAttrs), OX_ATTR (EncoderAttrs, classes_strings, STRINGS) };
static const OxAttrSpec encoder_2[] = { PAIRS };
static const OxAttrSpec encoder_4[] = { PAIRS, OX_ATTR (EncoderAttrs, keys_tensor, TENSOR),
                                        OX_ATTR (EncoderAttrs, values_tensor, TENSOR),
                                        OX_ATTR (EncoderAttrs, default_tensor, TENSOR) };
static const OxAttrSpec mapper_1[]
  = { DEFAULTS (MapperAttrs), OX_ATTR (MapperAttrs, cats_int64s, INTS), OX_ATTR (MapperAttrs, cats_strings, STRINGS) };
static const OxAttrSpec dict_1[]
  = { OX_ATTR (DictAttrs, int64_vocabulary, INTS), OX_ATTR (DictAttrs, string_vocabulary, STRINGS) };
static const OxAttrSpec zip_1[]
  = { OX_ATTR (ZipAttrs, classlabels_int64s, INTS), OX_ATTR (ZipAttrs, classlabels_strings, STRINGS) };
static const OxAttrSpec cast_1[]
  = { OX_STRING (CastAttrs, cast_to, "TO_FLOAT"), OX_STRING (CastAttrs, map_form, "DENSE"), OX_INT (CastAttrs, max_map, 1) };

#define ONE { 1, 1 }

/* .code of the two-way operators: whether it is CategoryMapper. */
static const OxOp ml_maps_rows[] = {
  { "LabelEncoder", 1, ONE, ONE, OX_ATTRS (encoder_1, EncoderAttrs), .infer = two_way_infer, .run = two_way_run },
  { "LabelEncoder", 2, ONE, ONE, OX_ATTRS (encoder_2, EncoderAttrs), .infer = encoder_infer, .run = encoder_run },
  { "LabelEncoder", 4, ONE, ONE, OX_ATTRS (encoder_4, EncoderAttrs), .infer = encoder_infer, .run = encoder_run },
  { "CategoryMapper", 1, ONE, ONE, OX_ATTRS (mapper_1, MapperAttrs), .infer = two_way_infer, .run = two_way_run,
    .code = TRUE },
  { "DictVectorizer", 1, ONE, ONE, OX_ATTRS (dict_1, DictAttrs), .infer = dict_infer, .run = dict_run,
    .flags = OX_OP_VALUES },
  { "ZipMap", 1, ONE, ONE, OX_ATTRS (zip_1, ZipAttrs), .infer = zip_infer, .run = zip_run },
  { "CastMap", 1, ONE, ONE, OX_ATTRS (cast_1, CastAttrs), .infer = cast_infer, .run = cast_run, .flags = OX_OP_VALUES },
};

OX_FAMILY (ml_maps, "ai.onnx.ml", ml_maps_rows);
