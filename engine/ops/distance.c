/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

/* Matrices of ONNX Runtime's domain: Inverse, CDist, UnfoldTensor. */

typedef struct { const char *metric; } DistanceAttrs;
typedef struct { gint64 dim, size, step; } UnfoldAttrs;

/* ---- Inverse -------------------------------------------------------------------------------------------------- */

static gboolean
inverse_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x);

  ox_call_set_like (call, 0, 0);
  if (rank < 0)
    return TRUE;
  if (rank < 2 || (ox_dim_known (x->dims[rank - 1]) && ox_dim_known (x->dims[rank - 2])
                   && x->dims[rank - 1] != x->dims[rank - 2]))
    return ox_fail (error, OX_ERROR_SHAPE, "expected square matrices");
  return TRUE;
}

/* Gauss and Jordan with the largest pivot; FALSE if there is none. @a is used up. */
static gboolean
invert (double *a, double *inverse, gint64 n)
{
  for (gint64 i = 0; i < n * n && !ox_pause (i); i++)
    inverse[i] = i / n == i % n;
  for (gint64 k = 0; k < n && !ox_turn (); k++)
    {
      gint64 pivot = k;
      double factor;

      for (gint64 i = k + 1; i < n; i++)
        if (fabs (a[i * n + k]) > fabs (a[pivot * n + k]))
          pivot = i;
      if (!(fabs (a[pivot * n + k]) > 0))
        return FALSE;
      for (gint64 j = 0; j < n && pivot != k && !ox_pause (j); j++)
        {
          double t = a[k * n + j], u = inverse[k * n + j];

          a[k * n + j] = a[pivot * n + j];
          a[pivot * n + j] = t;
          inverse[k * n + j] = inverse[pivot * n + j];
          inverse[pivot * n + j] = u;
        }
      factor = 1 / a[k * n + k];
      for (gint64 j = 0; j < n; j++)
        {
          a[k * n + j] *= factor;
          inverse[k * n + j] *= factor;
        }
      for (gint64 i = 0; i < n && !ox_turn (); i++)
        {
          double f = a[i * n + k];

          for (gint64 j = 0; i != k && f != 0 && j < n; j++)
            {
              a[i * n + j] -= f * a[k * n + j];
              inverse[i * n + j] -= f * inverse[k * n + j];
            }
        }
    }
  return TRUE;
}

static gboolean
inverse_run (OxCall *call, GError **error)
{
  OxTensor *out = ox_call_out (call, 0, error);
  const OxTensor *x;
  gint64 n, count;
  double *a, *inverse;

  if (out == NULL)
    return FALSE;
  if (!ox_dtype_is_float (out->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "element type %s is not one of those of Inverse", ox_dtype_name (out->dtype));
  n = out->dims[out->rank - 1];
  count = n > 0 ? out->count / (n * n) : 0;
  if ((x = ox_call_in_as (call, 0, OX_F64, error)) == NULL || (a = ox_call_scratch_n (call, n * n, sizeof *a, error)) == NULL
      || (inverse = ox_call_scratch_n (call, n * n, sizeof *inverse, error)) == NULL)
    return FALSE;
  for (gint64 m = 0; m < count; m++)
    {
      if (ox_call_cancelled (call, error))
        return FALSE;
      memcpy (a, (const double *) x->data + m * n * n, (gsize) (n * n) * sizeof *a);
      if (!invert (a, inverse, n))
        return ox_fail (error, OX_ERROR_VALUE, "matrix %" G_GINT64_FORMAT " has no inverse", m);
      for (gint64 i = 0; i < n * n && !ox_pause (i); i++)
        ox_tensor_set (out, m * n * n + i, inverse[i]);
    }
  return TRUE;
}

/* ---- CDist ---------------------------------------------------------------------------------------------------- */

typedef double (*Distance) (const double *a, const double *b, gint64 n);

static double
square_euclidean (const double *a, const double *b, gint64 n)
{
  double sum = 0;

  for (gint64 i = 0; i < n; i++)
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

static double
euclidean (const double *a, const double *b, gint64 n)
{
  return sqrt (square_euclidean (a, b, n));
}

static double
city_block (const double *a, const double *b, gint64 n)
{
  double sum = 0;

  for (gint64 i = 0; i < n; i++)
    sum += fabs (a[i] - b[i]);
  return sum;
}

static double
chebyshev (const double *a, const double *b, gint64 n)
{
  double most = 0;

  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    most = fmax (most, fabs (a[i] - b[i]));
  return most;
}

static double
cosine (const double *a, const double *b, gint64 n)
{
  double ab = 0, aa = 0, bb = 0;

  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
  return 1 - ab / sqrt (aa * bb);
}

static double
hamming (const double *a, const double *b, gint64 n)
{
  gint64 different = 0;

  for (gint64 i = 0; i < n; i++)
    different += a[i] != b[i];
  return (double) different / (double) n;
}

static const struct { const char *name; Distance distance; } metrics[] = {
  { "sqeuclidean", square_euclidean }, { "euclidean", euclidean }, { "cityblock", city_block },
  { "chebyshev", chebyshev },          { "cosine", cosine },       { "hamming", hamming },
};

static gboolean
distance_infer (OxCall *call, GError **error)
{
  const OxFact *a = ox_call_fact (call, 0), *b = ox_call_fact (call, 1);

  if ((ox_fact_rank (a) >= 0 && a->rank != 2) || (ox_fact_rank (b) >= 0 && b->rank != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "expected two matrices");
  if (ox_dim_known (ox_fact_dim (a, 1)) && ox_dim_known (ox_fact_dim (b, 1)) && a->dims[1] != b->dims[1])
    return ox_fail (error, OX_ERROR_SHAPE, "rows have %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " elements", a->dims[1],
                    b->dims[1]);
  ox_call_set (call, 0, ox_fact_dtype (a), 2, (OxDim[]){ ox_fact_dim (a, 0), ox_fact_dim (b, 0) });
  return TRUE;
}

static gboolean
distance_run (OxCall *call, GError **error)
{
  const char *name = ((const DistanceAttrs *) call->attrs)->metric;
  OxTensor *out = ox_call_out (call, 0, error);
  const OxTensor *a, *b;
  Distance distance = NULL;

  if (out == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (metrics); i++)
    if (g_str_equal (name, metrics[i].name))
      distance = metrics[i].distance;
  if (distance == NULL)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "the metric '%s' is not supported", name);
  if (!ox_dtype_is_float (out->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "element type %s is not one of those of CDist", ox_dtype_name (out->dtype));
  if ((a = ox_call_in_as (call, 0, OX_F64, error)) == NULL || (b = ox_call_in_as (call, 1, OX_F64, error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < a->dims[0]; i++)
    {
      if (ox_call_cancelled (call, error))
        return FALSE;
      for (gint64 k = 0; k < b->dims[0] && !ox_turn (); k++)
        ox_tensor_set (out, i * b->dims[0] + k,
                       distance ((const double *) a->data + i * a->dims[1], (const double *) b->data + k * a->dims[1],
                                 a->dims[1]));
    }
  return TRUE;
}

/* ---- UnfoldTensor --------------------------------------------------------------------------------------------- */

static gboolean
unfold_infer (OxCall *call, GError **error)
{
  const UnfoldAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  OxDim dims[OX_MAX_RANK + 1];
  int axis;

  if (at->size < 1 || at->step < 1)
    return ox_fail (error, OX_ERROR_VALUE, "size and step must be at least 1, found %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
                    at->size, at->step);
  if (ox_fact_rank (x) < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (x));
      return TRUE;
    }
  if (!ox_call_axis (call, at->dim, x->rank, &axis, error))
    return FALSE;
  for (int d = 0; d < x->rank; d++)
    dims[d] = x->dims[d];
  if (ox_dim_known (dims[axis]))
    {
      if (dims[axis] < at->size)
        return ox_fail (error, OX_ERROR_SHAPE, "windows of %" G_GINT64_FORMAT " do not fit %" G_GINT64_FORMAT " elements", at->size,
                        dims[axis]);
      dims[axis] = (dims[axis] - at->size) / at->step + 1;
    }
  else
    dims[axis] = OX_DIM_UNKNOWN;
  dims[x->rank] = at->size;
  return ox_call_set_checked (call, 0, x->dtype, x->rank + 1, dims, error);
}

/* Windows along an axis, as a view. */
static gboolean
unfold_run (OxCall *call, GError **error)
{
  const UnfoldAttrs *at = call->attrs;
  OxTensor *x = (OxTensor *) ox_call_in (call, 0);
  const OxFact *fact = ox_call_out_fact (call, 0);
  gint64 strides[OX_MAX_RANK + 1];
  int axis;

  if (!ox_call_axis (call, at->dim, x->rank, &axis, error))
    return FALSE;
  for (int d = 0; d < x->rank; d++)
    strides[d] = x->strides[d];
  strides[x->rank] = x->strides[axis];
  if (x->dims[axis] > at->step)
    strides[axis] *= at->step;
  ox_call_take (call, 0, ox_tensor_new_view (x, fact->rank, fact->dims, strides, x->data));
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec distance_specs[] = { OX_STRING (DistanceAttrs, metric, "sqeuclidean") };
static const OxAttrSpec unfold_specs[] = {
  OX_INT (UnfoldAttrs, dim, -1), OX_NEED (UnfoldAttrs, size, INT), OX_INT (UnfoldAttrs, step, 1)
};

static const OxOp distance_rows[] = {
  { "Inverse", 1, { 1, 1 }, { 1, 1 }, .infer = inverse_infer, .run = inverse_run },
  { "CDist", 1, { 2, 2 }, { 1, 1 }, OX_ATTRS (distance_specs, DistanceAttrs), distance_infer, distance_run },
  { "UnfoldTensor", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (unfold_specs, UnfoldAttrs), unfold_infer, unfold_run },
};

OX_FAMILY (distance, "com.microsoft", distance_rows);
