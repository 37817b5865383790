/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-lookup.h"

/* Operators that look labels up: LabelEncoder, CategoryMapper. */

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
typedef struct
{
  OxInts cats_int64s;
  OxStrings cats_strings;
  const char *default_string;
  gint64 default_int64;
} MapperAttrs;

/* ---- LabelEncoder --------------------------------------------------------------------------------------------- */

static OxList
encoder_keys (const EncoderAttrs *at)
{
  return ox_list_of (&at->keys_strings, &at->keys_int64s, &at->keys_floats, at->keys_tensor);
}

static OxList
encoder_values (const EncoderAttrs *at)
{
  return ox_list_of (&at->values_strings, &at->values_int64s, &at->values_floats, at->values_tensor);
}

static gboolean
encoder_infer (OxCall *call, GError **error)
{
  const EncoderAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  const OxList keys = encoder_keys (at), values = encoder_values (at);
  const OxTensor *fallback = at->default_tensor != NULL ? ox_value_get_tensor (at->default_tensor) : NULL;
  OxDtype dtype = ox_fact_dtype (x);

  if (keys.dtype == OX_UNDEFINED || values.dtype == OX_UNDEFINED || keys.n != values.n)
    return ox_fail (error, OX_ERROR_MODEL, "%" G_GINT64_FORMAT " keys stand against %" G_GINT64_FORMAT " values",
                    keys.n, values.n);
  if (fallback != NULL && (fallback->count != 1 || fallback->dtype != values.dtype))
    return ox_fail (error, OX_ERROR_MODEL, "default_tensor must be one %s", ox_dtype_name (values.dtype));
  if (dtype != OX_UNDEFINED && dtype != keys.dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "X is %s, the keys are %s", ox_dtype_name (dtype),
                    ox_dtype_name (keys.dtype));
  ox_call_set (call, 0, values.dtype, ox_fact_rank (x), ox_fact_rank (x) > 0 ? x->dims : NULL);
  return TRUE;
}

static void
encoder_default (const EncoderAttrs *at, OxTensor *out, gint64 i)
{
  const OxTensor *fallback = at->default_tensor != NULL ? ox_value_get_tensor (at->default_tensor) : NULL;
  const OxList list = { out->dtype, 1, NULL, NULL, NULL, fallback };

  if (fallback != NULL)
    ox_list_copy (&list, 0, out, i);
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
  const OxList keys = encoder_keys (at), values = encoder_values (at);
  const OxLookup *lookup = ox_lookup_get (call, &keys);
  OxTensor *out = ox_call_out (call, 0, error);

  if (out == NULL)
    return FALSE;
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      gint64 k = ox_lookup_find (lookup, x, i);

      if (k >= 0)
        ox_list_copy (&values, k, out, i);
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
  const OxList strings = { OX_STR, map.strings->n, map.strings, NULL, NULL, NULL };
  const OxList ints = { OX_I64, map.strings->n, NULL, map.ints, NULL, NULL };
  const OxLookup *lookup = NULL;

  if (out == NULL)
    return FALSE;
  if (x->dtype == OX_STR || map.ints != NULL)
    lookup = ox_lookup_get (call, x->dtype == OX_STR ? &strings : &ints);
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      gint64 k;

      if (lookup != NULL)
        k = ox_lookup_find (lookup, x, i);
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

/* ---- the table ------------------------------------------------------------------------------------------------ */

#define DEFAULTS(S) OX_STRING (S, default_string, "_Unused"), OX_INT (S, default_int64, -1)
#define PAIRS                                                                                                          \
  DEFAULTS (EncoderAttrs), OX_FLOAT (EncoderAttrs, default_float, -0.0),                                               \
      OX_ATTR (EncoderAttrs, keys_strings, STRINGS), OX_ATTR (EncoderAttrs, keys_int64s, INTS),                        \
      OX_ATTR (EncoderAttrs, keys_floats, FLOATS), OX_ATTR (EncoderAttrs, values_strings, STRINGS),                    \
      OX_ATTR (EncoderAttrs, values_int64s, INTS), OX_ATTR (EncoderAttrs, values_floats, FLOATS)

static const OxAttrSpec encoder_1[] = { DEFAULTS (EncoderAttrs), OX_ATTR (EncoderAttrs, classes_strings, STRINGS) };
static const OxAttrSpec encoder_2[] = { PAIRS };
static const OxAttrSpec encoder_4[] = { PAIRS, OX_ATTR (EncoderAttrs, keys_tensor, TENSOR),
                                        OX_ATTR (EncoderAttrs, values_tensor, TENSOR),
                                        OX_ATTR (EncoderAttrs, default_tensor, TENSOR) };
static const OxAttrSpec mapper_1[]
  = { DEFAULTS (MapperAttrs), OX_ATTR (MapperAttrs, cats_int64s, INTS), OX_ATTR (MapperAttrs, cats_strings, STRINGS) };

#define ONE { 1, 1 }

/* .code of the two-way operators: whether it is CategoryMapper. */
static const OxOp ml_encode_rows[] = {
  { "LabelEncoder", 1, ONE, ONE, OX_ATTRS (encoder_1, EncoderAttrs), .infer = two_way_infer, .run = two_way_run },
  { "LabelEncoder", 2, ONE, ONE, OX_ATTRS (encoder_2, EncoderAttrs), .infer = encoder_infer, .run = encoder_run },
  { "LabelEncoder", 4, ONE, ONE, OX_ATTRS (encoder_4, EncoderAttrs), .infer = encoder_infer, .run = encoder_run },
  { "CategoryMapper", 1, ONE, ONE, OX_ATTRS (mapper_1, MapperAttrs), .infer = two_way_infer, .run = two_way_run,
    .code = TRUE },
};

OX_FAMILY (ml_encode, "ai.onnx.ml", ml_encode_rows);
