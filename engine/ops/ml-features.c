/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-ml.h"

#include <math.h>
#include <string.h>

/* Operators that prepare features: Binarizer, Imputer, Normalizer, Scaler, FeatureVectorizer, ArrayFeatureExtractor,
 * OneHotEncoder. */

typedef struct { double threshold; } BinarizerAttrs;
typedef struct
{
  OxFloats imputed_value_floats;
  OxInts imputed_value_int64s;
  double replaced_value_float;
  gint64 replaced_value_int64;
} ImputerAttrs;
typedef struct { const char *norm; } NormalizerAttrs;
typedef struct { OxFloats offset, scale; } ScalerAttrs;
typedef struct { OxInts inputdimensions; } VectorizerAttrs;
typedef struct { OxInts cats_int64s; OxStrings cats_strings; gint64 zeros; } OneHotAttrs;

/* Real numbers or integers, as far as it is known. */
static gboolean
expect_numbers (OxCall *call, int i, GError **error)
{
  OxDtype dtype = ox_fact_dtype (ox_call_fact (call, i));

  if (dtype == OX_STR || ox_dtype_class (dtype) == OX_CLASS_COMPLEX)
    return ox_fail (error, OX_ERROR_DTYPE, "input %d is %s, expected numbers", i, ox_dtype_name (dtype));
  return TRUE;
}

/* Numbers in, an f32 of the same shape out. */
static gboolean
to_float_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x);

  if (!expect_numbers (call, 0, error))
    return FALSE;
  ox_call_set (call, 0, OX_F32, rank, rank > 0 ? x->dims : NULL);
  return TRUE;
}

/* ---- Binarizer, Imputer --------------------------------------------------------------------------------------- */

static gboolean
same_numbers_infer (OxCall *call, GError **error)
{
  if (!expect_numbers (call, 0, error))
    return FALSE;
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

static gboolean
binarizer_run (OxCall *call, GError **error)
{
  const BinarizerAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  OxTensor *y = x != NULL ? ox_call_out (call, 0, error) : NULL;
  gsize size;

  if (y == NULL)
    return FALSE;
  size = ox_dtype_size (x->dtype);
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    ox_element_set (y->dtype, y->data + (gsize) i * size,
                    ox_element_get (x->dtype, x->data + (gsize) i * size) > at->threshold);
  return TRUE;
}

static gboolean
imputer_run (OxCall *call, GError **error)
{
  const ImputerAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  OxTensor *y = x != NULL ? ox_call_out (call, 0, error) : NULL;
  gboolean real;
  gint64 columns;
  int n;
  gsize size;

  if (y == NULL)
    return FALSE;
  real = ox_dtype_is_float (x->dtype);
  n = real ? at->imputed_value_floats.n : at->imputed_value_int64s.n;
  columns = x->rank > 0 ? x->dims[x->rank - 1] : 1;
  size = ox_dtype_size (x->dtype);
  if (n != 1 && n != columns)
    return ox_fail (error, OX_ERROR_SHAPE, "%d imputed %s are given, expected 1 or %" G_GINT64_FORMAT, n,
                    real ? "floats" : "int64s", columns);
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      const guint8 *from = x->data + (gsize) i * size;
      guint8 *to = y->data + (gsize) i * size;
      gint64 k = n == 1 ? 0 : i % columns;

      if (real)
        {
          double value = ox_element_get (x->dtype, from);

          if (isnan (at->replaced_value_float) ? isnan (value) : value == at->replaced_value_float)
            ox_element_set (y->dtype, to, at->imputed_value_floats.v[k]);
          else
            memcpy (to, from, size);
        }
      else if (ox_element_get_int (x->dtype, from) == at->replaced_value_int64)
        {
          gint64 value = at->imputed_value_int64s.v[k];

          if (y->dtype == OX_I64)
            memcpy (to, &value, size);
          else
            ox_element_set (y->dtype, to, (double) value);
        }
      else
        memcpy (to, from, size);
    }
  return TRUE;
}

/* ---- Normalizer, Scaler --------------------------------------------------------------------------------------- */

typedef enum { NORM_MAX, NORM_L1, NORM_L2 } Norm;

static gboolean
norm_read (OxCall *call, Norm *norm, GError **error)
{
  static const char *const names[] = { "MAX", "L1", "L2" };
  const char *name = ((const NormalizerAttrs *) call->attrs)->norm;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], name))
      {
        *norm = i;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "norm '%s' is not one of MAX, L1, L2", name);
}

static gboolean
normalizer_infer (OxCall *call, GError **error)
{
  OxDim rows, features;
  Norm norm;

  return ox_ml_rows (call, &rows, &features, error) && norm_read (call, &norm, error) && to_float_infer (call, error);
}

static gboolean
normalizer_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_as (call, 0, OX_F64, error);
  OxTensor *y = x != NULL ? ox_call_out (call, 0, error) : NULL;
  OxDim rows, n;
  Norm norm = NORM_MAX;

  if (y == NULL || !norm_read (call, &norm, error) || !ox_ml_rows (call, &rows, &n, error))
    return FALSE;
  for (gint64 r = 0; r < rows && !ox_turn (); r++)
    {
      const double *from = (const double *) x->data + r * n;
      double size = norm == NORM_MAX ? -INFINITY : 0;

      for (gint64 i = 0; i < n; i++)
        size = norm == NORM_MAX  ? MAX (size, from[i])
               : norm == NORM_L1 ? size + fabs (from[i])
                                 : size + from[i] * from[i];
      if (norm == NORM_L2)
        size = sqrt (size);
      for (gint64 i = 0; i < n; i++)
        ((float *) y->data)[r * n + i] = (float) (size != 0 ? from[i] / size : from[i]);
    }
  return TRUE;
}

static gboolean
scaler_run (OxCall *call, GError **error)
{
  const ScalerAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_as (call, 0, OX_F64, error);
  OxTensor *y = x != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 n;

  if (y == NULL)
    return FALSE;
  n = x->rank > 0 ? x->dims[x->rank - 1] : 1;
  if ((at->offset.n > 1 && at->offset.n != n) || (at->scale.n > 1 && at->scale.n != n))
    return ox_fail (error, OX_ERROR_SHAPE,
                    "%d offsets and %d scales are given, expected 1 or %" G_GINT64_FORMAT " each", at->offset.n,
                    at->scale.n, n);
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      double offset = at->offset.n > 1 ? at->offset.v[i % n] : at->offset.n == 1 ? at->offset.v[0] : 0;
      double scale = at->scale.n > 1 ? at->scale.v[i % n] : at->scale.n == 1 ? at->scale.v[0] : 1;

      ((float *) y->data)[i] = (float) ((((const double *) x->data)[i] - offset) * scale);
    }
  return TRUE;
}

/* ---- FeatureVectorizer ---------------------------------------------------------------------------------------- */

/* A vector is one row; everything behind the first axis of another tensor is one row of features. */
static gboolean
vectorizer_infer (OxCall *call, GError **error)
{
  const VectorizerAttrs *at = call->attrs;
  OxDim rows = OX_DIM_UNKNOWN, columns = 0;

  if (at->inputdimensions.set && at->inputdimensions.n != call->n_in)
    return ox_fail (error, OX_ERROR_MODEL, "inputdimensions has %d entries, the node has %d inputs",
                    at->inputdimensions.n, call->n_in);
  for (int i = 0; i < call->n_in; i++)
    {
      const OxFact *x = ox_call_fact (call, i);
      int rank = ox_fact_rank (x);
      OxDim own = rank == 1 ? 1 : ox_fact_dim (x, 0), features = OX_DIM_UNKNOWN;

      if (!expect_numbers (call, i, error))
        return FALSE;
      if (rank == 0)
        return ox_fail (error, OX_ERROR_SHAPE, "input %d has rank 0, expected rows of features", i);
      if (rank == 1)
        features = x->dims[0];
      else if (rank > 1)
        features = ox_dims_product (call->dims, rank - 1, x->dims + 1);
      if (at->inputdimensions.set && at->inputdimensions.v[i] < 0)
        return ox_fail (error, OX_ERROR_VALUE, "inputdimensions has an entry of %" G_GINT64_FORMAT,
                        at->inputdimensions.v[i]);
      if (ox_dim_known (rows) && ox_dim_known (own) && rows != own)
        return ox_fail (error, OX_ERROR_SHAPE,
                        "input %d has %" G_GINT64_FORMAT " rows, the ones before have %" G_GINT64_FORMAT, i, own, rows);
      if (!ox_dim_known (rows))
        rows = own;
      columns = ox_dim_add (call->dims, columns,
                            at->inputdimensions.set ? at->inputdimensions.v[i] : features);
    }
  ox_call_set (call, 0, OX_F32, 2, (OxDim[]){ rows, columns });
  return TRUE;
}

/* Each input takes as many columns as inputdimensions says: cut, or filled up with zeros. */
static gboolean
vectorizer_run (OxCall *call, GError **error)
{
  const VectorizerAttrs *at = call->attrs;
  const OxFact *fact = ox_call_out_fact (call, 0);
  OxTensor *y = ox_tensor_new_zeros (OX_F32, 2, fact->dims, error);
  gint64 column = 0;

  if (y == NULL)
    return FALSE;
  ox_call_take (call, 0, y);
  for (int i = 0; i < call->n_in; i++)
    {
      const OxTensor *x = ox_call_in_as (call, i, OX_F32, error);
      gint64 have, take;

      if (x == NULL)
        return FALSE;
      have = x->count / MAX (x->rank == 1 ? 1 : x->dims[0], 1);
      take = at->inputdimensions.set ? at->inputdimensions.v[i] : have;
      for (gint64 r = 0; r < y->dims[0] && MIN (have, take) > 0 && !ox_turn (); r++)
        memcpy ((float *) y->data + r * y->dims[1] + column, (const float *) x->data + r * have,
                (gsize) MIN (have, take) * sizeof (float));
      column += take;
    }
  return TRUE;
}

/* ---- ArrayFeatureExtractor ------------------------------------------------------------------------------------ */

static gboolean
extractor_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *y = ox_call_fact (call, 1);
  int rank = ox_fact_rank (x);
  OxDim dims[OX_MAX_RANK], n = ox_fact_rank (y) >= 0 ? ox_dims_product (call->dims, y->rank, y->dims) : OX_DIM_UNKNOWN;

  if (rank == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "X must have at least one dimension");
  if (rank == 1)
    {
      ox_call_set (call, 0, x->dtype, 2, (OxDim[]){ 1, n });
      return TRUE;
    }
  if (rank > 0)
    {
      memcpy (dims, x->dims, (gsize) rank * sizeof (OxDim));
      dims[rank - 1] = n;
    }
  ox_call_set (call, 0, ox_fact_dtype (x), rank, dims);
  return TRUE;
}

static gboolean
extractor_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  const gint64 *picks = x != NULL ? ox_call_indices (call, 1, error) : NULL;
  OxTensor *z = picks != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 n = ox_call_in (call, 1)->count, columns;
  gsize size;

  if (z == NULL)
    return FALSE;
  columns = x->dims[x->rank - 1];
  size = ox_dtype_size (x->dtype);
  for (gint64 i = 0; i < n; i++)
    if (picks[i] < 0 || picks[i] >= columns)
      return ox_fail (error, OX_ERROR_VALUE, "feature %" G_GINT64_FORMAT " is outside of 0..%" G_GINT64_FORMAT,
                      picks[i], columns - 1);
  for (gint64 i = 0; i < z->count && !ox_pause (i); i++)
    ox_move_block (x->dtype, z->data + (gsize) i * size, x->data + (gsize) (i / n * columns + picks[i % n]) * size, 1);
  return TRUE;
}

/* ---- OneHotEncoder -------------------------------------------------------------------------------------------- */

static gboolean
one_hot_infer (OxCall *call, GError **error)
{
  const OneHotAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x);
  OxDim dims[OX_MAX_RANK + 1];

  if (at->cats_int64s.n > 0 && at->cats_strings.n > 0)
    return ox_fail (error, OX_ERROR_MODEL, "both cats_int64s and cats_strings are given");
  if (ox_fact_dtype (x) != OX_UNDEFINED && (x->dtype == OX_STR) != (at->cats_strings.n > 0))
    return ox_fail (error, OX_ERROR_DTYPE, "X is %s, the categories are %s", ox_dtype_name (x->dtype),
                    at->cats_strings.n > 0 ? "strings" : "integers");
  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, OX_F32);
      return TRUE;
    }
  if (rank > 0)
    memcpy (dims, x->dims, (gsize) rank * sizeof (OxDim));
  dims[rank] = at->cats_strings.n > 0 ? at->cats_strings.n : at->cats_int64s.n;
  return ox_call_set_checked (call, 0, OX_F32, rank + 1, dims, error);
}

static gboolean
one_hot_run (OxCall *call, GError **error)
{
  const OneHotAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  const OxFact *fact = ox_call_out_fact (call, 0);
  OxTensor *y = ox_tensor_new_zeros (OX_F32, fact->rank, fact->dims, error);
  int n = at->cats_strings.n > 0 ? at->cats_strings.n : at->cats_int64s.n;

  if (y == NULL)
    return FALSE;
  ox_call_take (call, 0, y);
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      int k = 0;

      if (x->dtype == OX_STR)
        while (k < n && !g_str_equal (at->cats_strings.v[k], ox_tensor_get_string (x, i)))
          k++;
      else
        {
          /* A number stands for the category it is when cut to an integer. */
          double number = ox_tensor_get (x, i);
          gint64 value = ox_dtype_is_float (x->dtype)
                           ? (number > -9e18 && number < 9e18 ? (gint64) number : G_MININT64)
                           : ox_tensor_get_int (x, i);

          while (k < n && at->cats_int64s.v[k] != value)
            k++;
        }
      if (k < n)
        ((float *) y->data)[i * n + k] = 1;
      else if (!at->zeros)
        return ox_fail (error, OX_ERROR_VALUE, "element %" G_GINT64_FORMAT " is of no known category", i);
    }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec binarizer_1[] = { OX_FLOAT (BinarizerAttrs, threshold, 0) };
static const OxAttrSpec imputer_1[]
  = { OX_ATTR (ImputerAttrs, imputed_value_floats, FLOATS), OX_ATTR (ImputerAttrs, imputed_value_int64s, INTS),
      OX_FLOAT (ImputerAttrs, replaced_value_float, 0), OX_INT (ImputerAttrs, replaced_value_int64, 0) };
static const OxAttrSpec normalizer_1[] = { OX_STRING (NormalizerAttrs, norm, "MAX") };
static const OxAttrSpec scaler_1[] = { OX_ATTR (ScalerAttrs, offset, FLOATS), OX_ATTR (ScalerAttrs, scale, FLOATS) };
static const OxAttrSpec vectorizer_1[] = { OX_ATTR (VectorizerAttrs, inputdimensions, INTS) };
static const OxAttrSpec one_hot_1[] = { OX_ATTR (OneHotAttrs, cats_int64s, INTS),
                                        OX_ATTR (OneHotAttrs, cats_strings, STRINGS), OX_INT (OneHotAttrs, zeros, 1) };

#define ONE { 1, 1 }

static const OxOp ml_features_rows[] = {
  { "Binarizer", 1, ONE, ONE, OX_ATTRS (binarizer_1, BinarizerAttrs), .infer = same_numbers_infer,
    .run = binarizer_run },
  { "Imputer", 1, ONE, ONE, OX_ATTRS (imputer_1, ImputerAttrs), .infer = same_numbers_infer, .run = imputer_run },
  { "Normalizer", 1, ONE, ONE, OX_ATTRS (normalizer_1, NormalizerAttrs), .infer = normalizer_infer,
    .run = normalizer_run },
  { "Scaler", 1, ONE, ONE, OX_ATTRS (scaler_1, ScalerAttrs), .infer = to_float_infer, .run = scaler_run },
  { "FeatureVectorizer", 1, { 1, -1 }, ONE, OX_ATTRS (vectorizer_1, VectorizerAttrs), .infer = vectorizer_infer,
    .run = vectorizer_run },
  { "ArrayFeatureExtractor", 1, { 2, 2 }, ONE, .infer = extractor_infer, .run = extractor_run },
  { "OneHotEncoder", 1, ONE, ONE, OX_ATTRS (one_hot_1, OneHotAttrs), .infer = one_hot_infer, .run = one_hot_run },
};

OX_FAMILY (ml_features, "ai.onnx.ml", ml_features_rows);
