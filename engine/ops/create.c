/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "ops/ox-move.h"
#include "ops/ox-op.h"

/* Operators that make tensors from attributes and shapes. */

typedef struct
{
  OxValue   *value, *sparse_value;
  OxOptInt   value_int;
  OxOptFloat value_float;
  OxInts     value_ints;
  OxFloats   value_floats;
  OxStrings  value_strings;
  const char *value_string;
} ConstantAttrs;

static OxTensor *
floats_tensor (const float *v, int n, gboolean scalar, GError **error)
{
  gint64 dim = n;
  OxTensor *tensor = ox_tensor_new (OX_F32, scalar ? 0 : 1, &dim, error);

  if (tensor != NULL && n > 0)
    memcpy (tensor->data, v, (gsize) n * sizeof (float));
  return tensor;
}

/* (transfer full) The value of a Constant node; exactly one attribute is set. */
static OxValue *
constant_value (const ConstantAttrs *attrs, GError **error)
{
  int n = (attrs->value != NULL) + (attrs->sparse_value != NULL) + attrs->value_int.set + attrs->value_float.set
          + attrs->value_ints.set + attrs->value_floats.set + attrs->value_strings.set + (attrs->value_string != NULL);
  OxTensor *tensor = NULL;
  float number;

  if (n != 1)
    {
      ox_fail (error, OX_ERROR_MODEL, "expected one of the value attributes, found %d", n);
      return NULL;
    }
  if (attrs->value != NULL || attrs->sparse_value != NULL)
    return ox_value_ref (attrs->value != NULL ? attrs->value : attrs->sparse_value);
  if (attrs->value_int.set)
    {
      tensor = ox_tensor_new (OX_I64, 0, NULL, error);
      if (tensor != NULL)
        *(gint64 *) (void *) tensor->data = attrs->value_int.v;
    }
  else if (attrs->value_ints.set)
    tensor = ox_tensor_new_ints (attrs->value_ints.v, attrs->value_ints.n);
  else if (attrs->value_floats.set)
    tensor = floats_tensor (attrs->value_floats.v, attrs->value_floats.n, FALSE, error);
  else if (attrs->value_strings.set)
    tensor = ox_tensor_new_strings (attrs->value_strings.v, attrs->value_strings.n);
  else if (attrs->value_string != NULL)
    {
      tensor = ox_tensor_new (OX_STR, 0, NULL, error);
      if (tensor != NULL)
        ox_tensor_set_string (tensor, 0, attrs->value_string, -1);
    }
  else
    {
      number = (float) attrs->value_float.v;
      tensor = floats_tensor (&number, 1, TRUE, error);
    }
  return tensor != NULL ? ox_value_new_tensor (tensor) : NULL;
}

static gboolean
infer_constant (OxCall *call, GError **error)
{
  g_autoptr (OxValue) value = constant_value (call->attrs, error);
  OxDim ints[64];

  if (value == NULL)
    return FALSE;
  if (value->kind != OX_VALUE_TENSOR)
    {
      ox_call_set_kind (call, 0, OX_TYPE_SPARSE, value->dtype, NULL);
      return TRUE;
    }
  ox_call_set (call, 0, value->dtype, value->tensor->rank, value->tensor->dims);
  if (!call->running && ox_dtype_is_integer (value->dtype) && value->tensor->count <= (gint64) G_N_ELEMENTS (ints))
    {
      g_autoptr (OxTensor) usable = ox_tensor_usable (value->tensor, error);

      if (usable == NULL)
        return FALSE;
      for (gint64 i = 0; i < usable->count; i++)
        ints[i] = ox_dim_const (call->dims, ox_tensor_get_int (usable, i));
      ox_call_set_ints (call, 0, ints, (int) usable->count);
    }
  return TRUE;
}

static gboolean
run_constant (OxCall *call, GError **error)
{
  OxValue *value = constant_value (call->attrs, error);

  if (value == NULL)
    return FALSE;
  ox_call_take_value (call, 0, value);
  return TRUE;
}

/* ---- ConstantOfShape ------------------------------------------------------------------------------------------ */

typedef struct { OxValue *value; } FillAttrs;

static gboolean
infer_fill (OxCall *call, GError **error)
{
  const FillAttrs *attrs = call->attrs;
  OxDtype dtype = attrs->value != NULL ? attrs->value->dtype : OX_F32;
  const OxFact *fact = ox_call_fact (call, 0);
  const OxDim *dims;
  int n;

  if (ox_call_ints (call, 0, &dims, &n) && n <= OX_MAX_RANK)
    {
      gint64 number;

      for (int i = 0; i < n; i++)
        if (ox_dim_is_const (call->dims, dims[i], &number) && number < 0)
          return ox_fail (error, OX_ERROR_SHAPE, "dimension %d is %" G_GINT64_FORMAT, i, number);
      ox_call_set (call, 0, dtype, n, dims);
    }
  else if (call->running)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a shape of at most %d dimensions", OX_MAX_RANK);
  else
    return ox_call_set_rank (call, 0, dtype, ox_fact_rank (fact) == 1 ? fact->dims[0] : OX_DIM_UNKNOWN, error);
  return TRUE;
}

static gboolean
run_fill (OxCall *call, GError **error)
{
  const FillAttrs *attrs = call->attrs;
  OxTensor *value = attrs->value != NULL ? ox_value_get_tensor (attrs->value) : NULL;
  g_autoptr (OxTensor) one = NULL;
  gint64 dims[OX_MAX_RANK] = { 0 }, strides[OX_MAX_RANK] = { 0 };
  const OxFact *fact = ox_call_out_fact (call, 0);
  OxTensor *out;

  if (attrs->value != NULL && (value == NULL || value->count != 1))
    return ox_fail (error, OX_ERROR_SHAPE, "the value should be one element");
  one = value != NULL ? ox_tensor_usable (value, error) : ox_tensor_new_scalar (OX_F32, 0);
  if (one == NULL)
    return FALSE;
  if (one->dtype == OX_STR)
    {
      out = ox_call_out (call, 0, error);
      for (gint64 i = 0; out != NULL && i < out->count && !ox_pause (i); i++)
        ox_tensor_set_string (out, i, ox_tensor_get_string (one, 0), -1);
      return out != NULL;
    }
  out = ox_call_out (call, 0, error);
  if (out == NULL)
    return FALSE;
  memcpy (dims, out->dims, (gsize) fact->rank * sizeof (gint64));
  {
    g_autoptr (OxTensor) spread = ox_tensor_new_view (one, fact->rank, dims, strides, one->data);

    ox_move_tensor (spread, out->data, out->strides);
  }
  return TRUE;
}

/* ---- EyeLike -------------------------------------------------------------------------------------------------- */

typedef struct { OxOptInt dtype; gint64 k; } EyeAttrs;

static gboolean
infer_eye (OxCall *call, GError **error)
{
  const EyeAttrs *attrs = call->attrs;
  const OxFact *fact = ox_call_fact (call, 0);

  if (attrs->dtype.set && !ox_dtype_is_valid ((int) CLAMP (attrs->dtype.v, 0, 1000)))
    return ox_fail (error, OX_ERROR_VALUE, "dtype %" G_GINT64_FORMAT " is not an element type", attrs->dtype.v);
  if (fact == NULL)
    return TRUE;
  if (fact->rank >= 0 && fact->rank != 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a matrix, found rank %d", fact->rank);
  ox_call_set (call, 0, attrs->dtype.set ? (OxDtype) attrs->dtype.v : fact->dtype, fact->rank, fact->dims);
  return TRUE;
}

static gboolean
run_eye (OxCall *call, GError **error)
{
  const EyeAttrs *attrs = call->attrs;
  OxTensor *out = ox_call_out (call, 0, error);
  gsize unit;

  if (out == NULL)
    return FALSE;
  if (out->dtype == OX_STR)
    return ox_fail (error, OX_ERROR_DTYPE, "strings have no one");
  unit = ox_dtype_size (out->dtype);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    ox_element_set (out->dtype, out->data + (gsize) i * unit, 0);
  for (gint64 i = 0; i < out->dims[0] && !ox_pause (i); i++)
    if (attrs->k < out->dims[1] - i && attrs->k >= -i)
      ox_element_set (out->dtype, out->data + (gsize) (i * out->dims[1] + i + attrs->k) * unit, 1);
  return TRUE;
}

/* ---- Range ---------------------------------------------------------------------------------------------------- */

typedef struct { gint64 stash_type; } RangeAttrs;

/* The type in which a range of small floats is computed; before version 27 nothing was said of it. */
static gboolean
range_stash (OxCall *call, OxDtype *stash, GError **error)
{
  gint64 type = call->op->n_attrs > 0 ? ((const RangeAttrs *) call->attrs)->stash_type : OX_F64;

  if (type < 0 || type > G_MAXINT || !ox_dtype_is_valid ((int) type) || !ox_dtype_is_float ((OxDtype) type))
    return ox_fail (error, OX_ERROR_VALUE, "stash_type %" G_GINT64_FORMAT " is no float type", type);
  *stash = (OxDtype) type;
  return TRUE;
}

static double
range_round (OxDtype type, double value)
{
  double element = 0;

  ox_element_set (type, &element, value);
  return ox_element_get (type, &element);
}

/* How many steps there are; -1 for a delta of 0 or a number that is none. */
static gint64
range_count (const OxTensor *start, const OxTensor *limit, const OxTensor *delta)
{
  double d = ox_tensor_get (delta, 0), n;

  if (ox_dtype_is_integer (start->dtype))
    {
      gint64 a = ox_tensor_get_int (start, 0), b = ox_tensor_get_int (limit, 0), step = ox_tensor_get_int (delta, 0);
      guint64 distance = step > 0 ? (guint64) b - (guint64) a : (guint64) a - (guint64) b;
      guint64 size = step > 0 ? (guint64) step : 0 - (guint64) step;

      if (step == 0)
        return -1;
      if (step > 0 ? b <= a : b >= a)
        return 0;
      return (gint64) MIN ((distance - 1) / size + 1, (guint64) G_MAXINT64);
    }
  n = ceil ((ox_tensor_get (limit, 0) - ox_tensor_get (start, 0)) / d);
  return d == 0 || isnan (n) || n > 9e15 ? -1 : n < 0 ? 0 : (gint64) n;
}

static gboolean
infer_range (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_fact (call, 0);
  const OxDim *start, *limit, *delta;
  OxDim dim = OX_DIM_UNKNOWN;
  int n_start, n_limit, n_delta;
  gint64 zero, one;
  OxDtype stash;

  if (!range_stash (call, &stash, error))
    return FALSE;
  if (call->running || fact == NULL)
    return TRUE;
  if (ox_call_ints (call, 0, &start, &n_start) && ox_call_ints (call, 1, &limit, &n_limit)
      && ox_call_ints (call, 2, &delta, &n_delta) && n_start == 1 && n_limit == 1 && n_delta == 1
      && ox_dim_is_const (call->dims, start[0], &zero) && zero == 0 && ox_dim_is_const (call->dims, delta[0], &one) && one == 1)
    dim = limit[0];
  ox_call_set (call, 0, fact->dtype, 1, &dim);
  return TRUE;
}

static gboolean
run_range (OxCall *call, GError **error)
{
  const OxTensor *start = ox_call_in (call, 0), *limit = ox_call_in (call, 1), *delta = ox_call_in (call, 2);
  OxDtype dtype = start->dtype, stash = OX_F64;
  OxTensor *out;
  gint64 n;

  if (!range_stash (call, &stash, error))
    return FALSE;
  if (start->count != 1 || limit->count != 1 || delta->count != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "start, limit and delta should be one number each");
  if (limit->dtype != dtype || delta->dtype != dtype || !(ox_dtype_is_integer (dtype) || ox_dtype_is_float (dtype)))
    return ox_fail (error, OX_ERROR_DTYPE, "start, limit and delta should be numbers of one type, found %s, %s, %s",
                    ox_dtype_name (dtype), ox_dtype_name (limit->dtype), ox_dtype_name (delta->dtype));
  n = range_count (start, limit, delta);
  if (n < 0)
    return ox_fail (error, OX_ERROR_VALUE, "a range with these limits and this delta has no end");
  out = ox_call_alloc (call, 0, dtype, 1, &n, error);
  if (out == NULL)
    return FALSE;
  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    if (dtype == OX_F32)
      ((float *) (void *) out->data)[i] = *(const float *) (const void *) start->data
                                          + (float) i * *(const float *) (const void *) delta->data;
    else if (ox_dtype_is_integer (dtype))
      {
        guint64 v = (guint64) ox_tensor_get_int (start, 0) + (guint64) i * (guint64) ox_tensor_get_int (delta, 0);

        memcpy (out->data + (gsize) i * ox_dtype_size (dtype), &v, ox_dtype_size (dtype));
      }
    else
      {
        double step = ox_dtype_class (dtype) == OX_CLASS_SMALL
                        ? range_round (stash, (double) i * range_round (stash, ox_tensor_get (delta, 0)))
                        : (double) i * ox_tensor_get (delta, 0);

        ox_tensor_set (out, i, ox_dtype_class (dtype) == OX_CLASS_SMALL
                                 ? range_round (stash, range_round (stash, ox_tensor_get (start, 0)) + step)
                                 : ox_tensor_get (start, 0) + step);
      }
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec range_specs[] = { OX_INT (RangeAttrs, stash_type, OX_F32) };
static const OxAttrSpec constant_specs[] = {
  OX_ATTR (ConstantAttrs, value, TENSOR),        OX_ATTR (ConstantAttrs, sparse_value, TENSOR),
  OX_ATTR (ConstantAttrs, value_int, OPT_INT),   OX_ATTR (ConstantAttrs, value_float, OPT_FLOAT),
  OX_ATTR (ConstantAttrs, value_ints, INTS),     OX_ATTR (ConstantAttrs, value_floats, FLOATS),
  OX_ATTR (ConstantAttrs, value_strings, STRINGS), OX_STRING (ConstantAttrs, value_string, NULL),
};
static const OxAttrSpec fill_specs[] = { OX_ATTR (FillAttrs, value, TENSOR) };
static const OxAttrSpec eye_specs[] = { OX_ATTR (EyeAttrs, dtype, OPT_INT), OX_INT (EyeAttrs, k, 0) };

static const OxOp create_rows[] = {
  { "Constant", 1, { 0, 0 }, { 1, 1 }, OX_ATTRS (constant_specs, ConstantAttrs), infer_constant, run_constant,
    .flags = OX_OP_VALUES },
  { "ConstantOfShape", 9, { 1, 1 }, { 1, 1 }, OX_ATTRS (fill_specs, FillAttrs), infer_fill, run_fill },
  { "EyeLike", 9, { 1, 1 }, { 1, 1 }, OX_ATTRS (eye_specs, EyeAttrs), infer_eye, run_eye },
  { "Range", 11, { 3, 3 }, { 1, 1 }, .infer = infer_range, .run = run_range },
  { "Range", 27, { 3, 3 }, { 1, 1 }, OX_ATTRS (range_specs, RangeAttrs), .infer = infer_range, .run = run_range },
};

OX_FAMILY (create, "ai.onnx", create_rows);
