/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kernel/ox-walk.h"
#include "ops/ox-fourier.h"
#include "ops/ox-op.h"

#include <string.h>

/* Rfft, Irfft, ComplexMul and ComplexMulConj of ONNX Runtime: complex numbers are pairs along the last axis. */

typedef struct { gint64 signal_ndim, normalized, onesided; } RealAttrs;

static const OxAttrSpec forward_specs[] = {
  OX_INT (RealAttrs, signal_ndim, 1),
  OX_INT (RealAttrs, normalized, 0),
  OX_INT (RealAttrs, onesided, 1),
};
static const OxAttrSpec inverse_specs[] = {
  OX_NEED (RealAttrs, signal_ndim, INT),
  OX_INT (RealAttrs, normalized, 0),
  OX_INT (RealAttrs, onesided, 1),
};

enum { FORWARD, INVERSE };

/* ---- transforms of real signals -------------------------------------------------------------------------------- */

static gboolean
infer_real (OxCall *call, GError **error)
{
  const RealAttrs *at = call->attrs;
  const gboolean inverse = call->op->code == INVERSE;
  const OxFact *x = ox_call_fact (call, 0);
  OxDim dims[OX_MAX_RANK + 1], *last;
  int rank;

  if (x->dtype != OX_UNDEFINED && !ox_dtype_is_float (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected a float type, found %s", ox_dtype_name (x->dtype));
  if (at->signal_ndim < 1 || at->signal_ndim > 3)
    return ox_fail (error, OX_ERROR_VALUE, "signal_ndim is %" G_GINT64_FORMAT ", expected 1, 2 or 3", at->signal_ndim);
  /* ONNX Runtime has the attribute and does not look at it. */
  if (at->normalized != 0)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "normalized = %" G_GINT64_FORMAT " has no meaning that is known", at->normalized);
  ox_call_set (call, 0, x->dtype, -1, NULL);
  if (x->rank < 0)
    return TRUE;
  rank = x->rank - (inverse ? 1 : 0);
  if (rank < at->signal_ndim || x->rank + 1 > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " axes of signals, found %d axes", at->signal_ndim, MAX (rank, 0));
  memcpy (dims, x->dims, (gsize) x->rank * sizeof (OxDim));
  if (inverse && ox_dim_known (dims[rank]) && dims[rank] != 2)
    return ox_fail (error, OX_ERROR_SHAPE, "the last axis has %" G_GINT64_FORMAT " indices, expected 2", dims[rank]);
  last = &dims[rank - 1];
  if (at->onesided != 0)
    *last = inverse ? ox_dim_sub (call->dims, ox_dim_mul (call->dims, 2, *last), 1)
                    : ox_dim_add (call->dims, ox_dim_div (call->dims, *last, 2), 1);
  dims[rank] = 2;
  ox_call_set (call, 0, x->dtype, inverse ? rank : rank + 1, dims);
  return TRUE;
}

/* Along axis @axis of spectra re, im [outer, n, inner]. */
static gboolean
along (OxCall *call, double *re, double *im, gint64 outer, gint64 n, gint64 inner, gboolean inverse, GError **error)
{
  OxFourier plan;
  double *line;

  if (outer == 0 || inner == 0)
    return TRUE;
  if (!ox_fourier_init (&plan, call, n, error) || (line = ox_call_scratch_n (call, 2 * n, sizeof (double), error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < outer * inner && !ox_turn (); i++)
    {
      const gint64 first = i / inner * n * inner + i % inner;

      for (gint64 k = 0; k < n; k++)
        {
          line[k] = re[first + k * inner];
          line[n + k] = im[first + k * inner];
        }
      ox_fourier_transform (&plan, line, line + n, inverse);
      for (gint64 k = 0; k < n; k++)
        {
          re[first + k * inner] = line[k];
          im[first + k * inner] = line[n + k];
        }
      if (i % 64 == 0 && ox_call_cancelled (call, error))
        return FALSE;
    }
  return TRUE;
}

/* Along all axes of the signal but the last: @dims are those of a spectrum. */
static gboolean
along_others (OxCall *call, double *re, double *im, const gint64 *dims, int rank, int signal, gboolean inverse, GError **error)
{
  for (int axis = rank - signal; axis < rank - 1; axis++)
    {
      gint64 outer = 1, inner = 1;

      for (int i = 0; i < rank; i++)
        if (i != axis)
          *(i < axis ? &outer : &inner) *= dims[i];
      if (!along (call, re, im, outer, dims[axis], inner, inverse, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_forward (OxCall *call, GError **error)
{
  const RealAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_as (call, 0, OX_F64, error);
  OxTensor *y = ox_call_out (call, 0, error);
  const double *from;
  double *re, *im, *line;
  gint64 n, bins, lines, count;
  gsize size;
  OxFourier plan;

  if (x == NULL || y == NULL)
    return FALSE;
  if (y->count == 0)
    return TRUE;
  n = x->dims[x->rank - 1];
  bins = y->dims[y->rank - 2];
  count = y->count / 2;
  lines = count / bins;
  if (!ox_fourier_init (&plan, call, n, error) || (line = ox_call_scratch_n (call, 2 * n, sizeof (double), error)) == NULL
      || (re = ox_call_scratch_n (call, y->count, sizeof (double), error)) == NULL)
    return FALSE;
  im = re + count;
  from = (const double *) (const void *) x->data;
  for (gint64 i = 0; i < lines; i++)
    {
      memcpy (line, from + i * n, (gsize) n * sizeof (double));
      memset (line + n, 0, (gsize) n * sizeof (double));
      ox_fourier_transform (&plan, line, line + n, FALSE);
      memcpy (re + i * bins, line, (gsize) bins * sizeof (double));
      memcpy (im + i * bins, line + n, (gsize) bins * sizeof (double));
      if (i % 64 == 0 && ox_call_cancelled (call, error))
        return FALSE;
    }
  if (!along_others (call, re, im, y->dims, y->rank - 1, (int) at->signal_ndim, FALSE, error))
    return FALSE;
  size = ox_dtype_size (y->dtype);
  for (gint64 i = 0; i < count && !ox_pause (i); i++)
    {
      ox_element_set (y->dtype, y->data + (gsize) (2 * i) * size, re[i]);
      ox_element_set (y->dtype, y->data + (gsize) (2 * i + 1) * size, im[i]);
    }
  return TRUE;
}

static gboolean
run_inverse (OxCall *call, GError **error)
{
  const RealAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_as (call, 0, OX_F64, error);
  OxTensor *y = ox_call_out (call, 0, error);
  const double *from;
  double *re, *im, *line;
  gint64 n, bins, count;
  gsize size;
  OxFourier plan;

  if (x == NULL || y == NULL)
    return FALSE;
  if (y->count == 0)
    return TRUE;
  n = y->dims[y->rank - 1];
  bins = x->dims[x->rank - 2];
  count = x->count / 2;
  if (!ox_fourier_init (&plan, call, n, error) || (line = ox_call_scratch_n (call, 2 * n, sizeof (double), error)) == NULL
      || (re = ox_call_scratch_n (call, x->count, sizeof (double), error)) == NULL)
    return FALSE;
  im = re + count;
  from = (const double *) (const void *) x->data;
  for (gint64 i = 0; i < count; i++)
    {
      re[i] = from[2 * i];
      im[i] = from[2 * i + 1];
    }
  if (!along_others (call, re, im, x->dims, x->rank - 1, (int) at->signal_ndim, TRUE, error))
    return FALSE;
  size = ox_dtype_size (y->dtype);
  for (gint64 i = 0; i < count / bins && !ox_turn (); i++)
    {
      memcpy (line, re + i * bins, (gsize) bins * sizeof (double));
      memcpy (line + n, im + i * bins, (gsize) bins * sizeof (double));
      /* The other half of a spectrum of something real is its mirror. */
      for (gint64 k = bins; k < n; k++)
        {
          line[k] = line[n - k];
          line[n + k] = -line[n + n - k];
        }
      ox_fourier_transform (&plan, line, line + n, TRUE);
      for (gint64 k = 0; k < n && !ox_pause (k); k++)
        ox_element_set (y->dtype, y->data + (gsize) (i * n + k) * size, line[k]);
      if (i % 64 == 0 && ox_call_cancelled (call, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- products ------------------------------------------------------------------------------------------------- */

enum { PLAIN, CONJUGATE };

static gboolean
infer_product (OxCall *call, GError **error)
{
  for (int i = 0; i < 2; i++)
    {
      const OxFact *x = ox_call_fact (call, i);

      if (x->dtype != OX_UNDEFINED && !ox_dtype_is_float (x->dtype))
        return ox_fail (error, OX_ERROR_DTYPE, "expected a float type, found %s", ox_dtype_name (x->dtype));
      if (x->rank == 0 || (x->rank > 0 && ox_dim_known (x->dims[x->rank - 1]) && x->dims[x->rank - 1] != 2))
        return ox_fail (error, OX_ERROR_SHAPE, "the last axis of input %d should hold 2 parts of each number", i);
    }
  return ox_infer_broadcast (call, error);
}

/* (transfer full) @tensor as one of the shape of @like. */
static OxTensor *
spread (const OxTensor *tensor, const OxTensor *like)
{
  gint64 strides[OX_MAX_RANK];

  ox_broadcast_strides (tensor, like->rank, like->dims, strides);
  return ox_tensor_new_view ((OxTensor *) tensor, like->rank, like->dims, strides, tensor->data);
}

static gboolean
run_product (OxCall *call, GError **error)
{
  OxTensor *y = ox_call_out (call, 0, error);
  g_autoptr (OxTensor) a = NULL;
  g_autoptr (OxTensor) b = NULL;
  const OxTensor *x[2];
  gsize size;

  if (y == NULL || (x[0] = ox_call_in_as (call, 0, OX_F64, error)) == NULL
      || (x[1] = ox_call_in_as (call, 1, OX_F64, error)) == NULL)
    return FALSE;
  a = spread (x[0], y);
  b = spread (x[1], y);
  size = ox_dtype_size (y->dtype);
  for (gint64 i = 0; i < y->count && !ox_turn (); i += 2)
    {
      const double ar = ox_tensor_get (a, i), ai = ox_tensor_get (a, i + 1), br = ox_tensor_get (b, i),
                   bi = ox_tensor_get (b, i + 1) * (call->op->code == CONJUGATE ? -1 : 1);

      ox_element_set (y->dtype, y->data + (gsize) i * size, ar * br - ai * bi);
      ox_element_set (y->dtype, y->data + (gsize) (i + 1) * size, ar * bi + ai * br);
      if (i % 65536 == 0 && ox_call_cancelled (call, error))
        return FALSE;
    }
  return TRUE;
}

static const OxOp spectrum_rows[] = {
  { "Rfft", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (forward_specs, RealAttrs), infer_real, run_forward, .code = FORWARD },
  { "Irfft", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (inverse_specs, RealAttrs), infer_real, run_inverse, .code = INVERSE },
  { "ComplexMul", 1, { 2, 2 }, { 1, 1 }, .infer = infer_product, .run = run_product, .code = PLAIN },
  { "ComplexMulConj", 1, { 2, 2 }, { 1, 1 }, .infer = infer_product, .run = run_product, .code = CONJUGATE },
};

OX_FAMILY (spectrum, "com.microsoft", spectrum_rows);
