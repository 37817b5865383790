/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-fourier.h"
#include "ops/ox-op.h"

#include <math.h>
#include <string.h>

/* DFT, STFT, the windows and MelWeightMatrix. Transforms are done in double whatever the type. */

typedef struct { gint64 axis, inverse, onesided; } DftAttrs;
typedef struct { gint64 onesided; } StftAttrs;
typedef struct { gint64 periodic, output_datatype; } WindowAttrs;

static const OxAttrSpec dft17_specs[] = {
  OX_INT (DftAttrs, axis, 1),
  OX_INT (DftAttrs, inverse, 0),
  OX_INT (DftAttrs, onesided, 0),
};
static const OxAttrSpec dft20_specs[] = {
  OX_INT (DftAttrs, inverse, 0),
  OX_INT (DftAttrs, onesided, 0),
};
static const OxAttrSpec stft_specs[] = { OX_INT (StftAttrs, onesided, 1) };
static const OxAttrSpec window_specs[] = {
  OX_INT (WindowAttrs, periodic, 1),
  OX_INT (WindowAttrs, output_datatype, OX_F32),
};
static const OxAttrSpec mel_specs[] = { OX_INT (WindowAttrs, output_datatype, OX_F32) };

/* ---- DFT ------------------------------------------------------------------------------------------------------- */

/* The axis; FALSE without an error: not known yet. */
static gboolean
dft_axis (OxCall *call, int rank, int *axis, GError **error)
{
  const DftAttrs *attrs = call->attrs;
  const gint64 *values;
  gint64 wanted = call->op->since == 17 ? attrs->axis : -2;
  int n;

  if (call->op->since >= 20 && ox_call_fact (call, 2) != NULL)
    {
      if (!ox_call_numbers (call, 2, &values, &n))
        return FALSE;
      if (n != 1)
        return ox_fail (error, OX_ERROR_SHAPE, "expected one axis, found %d", n);
      wanted = values[0];
    }
  if (!ox_call_axis (call, wanted, rank, axis, error))
    return FALSE;
  return *axis != rank - 1
         || ox_fail (error, OX_ERROR_VALUE, "axis %d is that of the real and imaginary parts", *axis);
}

/* The one element of input @i. */
static OxDim
one_of (OxCall *call, int i)
{
  const OxDim *values;
  int n;

  return ox_call_ints (call, i, &values, &n) && n == 1 ? values[0] : OX_DIM_UNKNOWN;
}

static gboolean
infer_dft (OxCall *call, GError **error)
{
  const DftAttrs *attrs = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  const gboolean real = attrs->inverse != 0 && attrs->onesided != 0;
  GError *inner = NULL;
  OxDim dims[OX_MAX_RANK], length;
  int axis;

  if (x->dtype != OX_UNDEFINED && !ox_dtype_is_float (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected a float type, found %s", ox_dtype_name (x->dtype));
  ox_call_set (call, 0, x->dtype, -1, NULL);
  if (x->rank < 0)
    return TRUE;
  if (x->rank < 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected at least 2 axes, found %d", x->rank);
  if (!dft_axis (call, x->rank, &axis, &inner))
    {
      if (inner == NULL)
        for (int i = 0; i < x->rank; i++)
          dims[i] = OX_DIM_UNKNOWN;
      else
        {
          g_propagate_error (error, inner);
          return FALSE;
        }
      ox_call_set (call, 0, x->dtype, x->rank, dims);
      return TRUE;
    }
  memcpy (dims, x->dims, (gsize) x->rank * sizeof (OxDim));
  if (ox_dim_known (dims[x->rank - 1]) && dims[x->rank - 1] != 1 && dims[x->rank - 1] != 2)
    return ox_fail (error, OX_ERROR_SHAPE, "the last axis has %" G_GINT64_FORMAT " indices, expected 1 or 2", dims[x->rank - 1]);
  length = ox_call_fact (call, 1) != NULL ? one_of (call, 1)
           : real                         ? ox_dim_mul (call->dims, 2, ox_dim_sub (call->dims, dims[axis], 1))
                                          : dims[axis];
  dims[axis] = attrs->onesided != 0 && !real ? ox_dim_add (call->dims, ox_dim_div (call->dims, length, 2), 1) : length;
  dims[x->rank - 1] = real ? 1 : 2;
  ox_call_set (call, 0, x->dtype, x->rank, dims);
  return TRUE;
}

static gboolean
run_dft (OxCall *call, GError **error)
{
  const DftAttrs *attrs = call->attrs;
  const OxTensor *x = ox_call_in_as (call, 0, OX_F64, error);
  const gboolean inverse = attrs->inverse != 0, real = inverse && attrs->onesided != 0;
  const gint64 *given;
  gint64 length, have, outer = 1, inner = 1, parts, out_parts, out_length;
  OxTensor *y;
  OxFourier plan;
  double *re, *im;
  gsize size;
  GError *inner_error = NULL;
  int axis, n;

  if (x == NULL)
    return FALSE;
  if (!dft_axis (call, x->rank, &axis, &inner_error))
    {
      if (inner_error == NULL)
        return ox_fail (error, OX_ERROR_DTYPE, "expected an integer as axis");
      g_propagate_error (error, inner_error);
      return FALSE;
    }
  have = x->dims[axis];
  length = real ? 2 * (have - 1) : have;
  if (ox_call_in (call, 1) != NULL)
    {
      if (!ox_call_numbers (call, 1, &given, &n) || n != 1)
        return ox_fail (error, OX_ERROR_SHAPE, "expected one integer as dft_length");
      length = given[0];
    }
  if (!ox_fourier_init (&plan, call, length, error) || (y = ox_call_out (call, 0, error)) == NULL
      || (re = ox_call_scratch_n (call, 2 * length, sizeof (double), error)) == NULL)
    return FALSE;
  im = re + length;
  size = ox_dtype_size (y->dtype);
  parts = x->dims[x->rank - 1];
  out_parts = y->dims[y->rank - 1];
  out_length = y->dims[axis];
  for (int i = 0; i < x->rank - 1; i++)
    if (i != axis)
      *(i < axis ? &outer : &inner) *= x->dims[i];
  for (gint64 line = 0; line < outer * inner && !ox_turn (); line++)
    {
      const gint64 o = line / inner, at = line % inner, used = MIN (have, real ? length / 2 + 1 : length);
      const double *from = (const double *) (const void *) x->data;

      ox_clear (re, (gsize) (2 * length) * sizeof (double));
      for (gint64 k = 0; k < used && !ox_pause (k); k++)
        {
          const double *element = from + ((o * have + k) * inner + at) * parts;

          re[k] = element[0];
          im[k] = parts == 2 ? element[1] : 0;
        }
      /* The other half of a spectrum of something real is its mirror. */
      if (real)
        for (gint64 k = length / 2 + 1; k < length; k++)
          {
            re[k] = re[length - k];
            im[k] = -im[length - k];
          }
      ox_fourier_transform (&plan, re, im, inverse);
      for (gint64 k = 0; k < out_length && !ox_pause (k); k++)
        {
          guint8 *to = y->data + (gsize) (((o * out_length + k) * inner + at) * out_parts) * size;

          ox_element_set (y->dtype, to, re[k]);
          if (out_parts == 2)
            ox_element_set (y->dtype, to + size, im[k]);
        }
      if (line % 64 == 0 && ox_call_cancelled (call, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- STFT ------------------------------------------------------------------------------------------------------ */

enum { SIGNAL, STEP, WINDOW, LENGTH };

static gboolean
infer_stft (OxCall *call, GError **error)
{
  const StftAttrs *attrs = call->attrs;
  const OxFact *x = ox_call_fact (call, SIGNAL), *window = ox_call_fact (call, WINDOW);
  OxDim length = OX_DIM_UNKNOWN, step = one_of (call, STEP), bins, frames;
  gint64 number;

  if (x->dtype != OX_UNDEFINED && !ox_dtype_is_float (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected a float type, found %s", ox_dtype_name (x->dtype));
  if (x->rank >= 0 && x->rank != 2 && x->rank != 3)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a signal of 2 or 3 axes, found %d", x->rank);
  if (ox_call_fact (call, LENGTH) != NULL)
    length = one_of (call, LENGTH);
  else if (window == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "neither window nor frame_length is given");
  else if (window->rank == 1)
    length = window->dims[0];
  if (ox_dim_is_const (call->dims, step, &number) && step != OX_DIM_UNKNOWN && number < 1)
    return ox_fail (error, OX_ERROR_VALUE, "frame_step %" G_GINT64_FORMAT " is not positive", number);
  if (ox_dim_is_const (call->dims, length, &number) && length != OX_DIM_UNKNOWN && number < 1)
    return ox_fail (error, OX_ERROR_VALUE, "frame_length %" G_GINT64_FORMAT " is not positive", number);
  bins = attrs->onesided != 0 ? ox_dim_add (call->dims, ox_dim_div (call->dims, length, 2), 1) : length;
  frames = x->rank < 0 ? OX_DIM_UNKNOWN
                       : ox_dim_add (call->dims, ox_dim_div (call->dims, ox_dim_sub (call->dims, x->dims[1], length), step), 1);
  ox_call_set (call, 0, x->dtype, 4, (OxDim[]) { x->rank < 0 ? OX_DIM_UNKNOWN : x->dims[0], ox_dim_max (call->dims, frames, 0), bins, 2 });
  return TRUE;
}

static gboolean
run_stft (OxCall *call, GError **error)
{
  const StftAttrs *attrs = call->attrs;
  const OxTensor *x = ox_call_in_as (call, SIGNAL, OX_F64, error), *window = NULL;
  OxTensor *y = ox_call_out (call, 0, error);
  const gint64 *step, *given;
  gint64 length, parts, at = 0;
  OxFourier plan;
  double *re, *im;
  gsize size;
  int n;

  if (x == NULL || y == NULL)
    return FALSE;
  if (ox_call_in (call, WINDOW) != NULL)
    {
      if ((window = ox_call_in_as (call, WINDOW, OX_F64, error)) == NULL)
        return FALSE;
      if (window->rank != 1)
        return ox_fail (error, OX_ERROR_SHAPE, "expected a window of 1 axis, found %d", window->rank);
    }
  if (!ox_call_numbers (call, STEP, &step, &n) || n != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "expected one integer as frame_step");
  length = window != NULL ? window->count : 0;
  if (ox_call_in (call, LENGTH) != NULL)
    {
      if (!ox_call_numbers (call, LENGTH, &given, &n) || n != 1)
        return ox_fail (error, OX_ERROR_SHAPE, "expected one integer as frame_length");
      length = given[0];
    }
  if (window != NULL && window->count != length)
    return ox_fail (error, OX_ERROR_SHAPE, "a window of %" G_GINT64_FORMAT " for frames of %" G_GINT64_FORMAT, window->count, length);
  parts = x->rank == 3 ? x->dims[2] : 1;
  if (parts != 1 && parts != 2)
    return ox_fail (error, OX_ERROR_SHAPE, "the last axis has %" G_GINT64_FORMAT " indices, expected 1 or 2", parts);
  if (parts == 2 && attrs->onesided != 0)
    return ox_fail (error, OX_ERROR_VALUE, "half of a spectrum is enough for real signals only");
  if (!ox_fourier_init (&plan, call, length, error)
      || (re = ox_call_scratch_n (call, 2 * length, sizeof (double), error)) == NULL)
    return FALSE;
  im = re + length;
  size = ox_dtype_size (y->dtype);
  for (gint64 b = 0; b < y->dims[0] && !ox_turn (); b++)
    for (gint64 f = 0; f < y->dims[1] && !ox_turn (); f++)
      {
        const double *from = (const double *) (const void *) x->data + (b * x->dims[1] + f * step[0]) * parts;

        for (gint64 k = 0; k < length && !ox_pause (k); k++)
          {
            const double w = window != NULL ? ((const double *) (const void *) window->data)[k] : 1;

            re[k] = w * from[k * parts];
            im[k] = parts == 2 ? w * from[k * parts + 1] : 0;
          }
        ox_fourier_transform (&plan, re, im, FALSE);
        for (gint64 k = 0; k < y->dims[2] && !ox_pause (k); k++, at += 2)
          {
            ox_element_set (y->dtype, y->data + (gsize) at * size, re[k]);
            ox_element_set (y->dtype, y->data + (gsize) (at + 1) * size, im[k]);
          }
        if (f % 64 == 0 && ox_call_cancelled (call, error))
          return FALSE;
      }
  return TRUE;
}

/* ---- windows --------------------------------------------------------------------------------------------------- */

static gboolean
datatype (gint64 number, OxDtype *dtype, GError **error)
{
  *dtype = (OxDtype) number;
  return (ox_dtype_is_valid ((int) number) && number > 0 && number < OX_N_DTYPES
          && (ox_dtype_is_float (*dtype) || ox_dtype_is_integer (*dtype)))
         || ox_fail (error, OX_ERROR_MODEL, "output_datatype %" G_GINT64_FORMAT " is not a type of numbers", number);
}

static gboolean
infer_window (OxCall *call, GError **error)
{
  const WindowAttrs *attrs = call->attrs;
  OxDim size = one_of (call, 0);
  OxDtype dtype;
  gint64 number;

  if (!datatype (attrs->output_datatype, &dtype, error))
    return FALSE;
  if (size != OX_DIM_UNKNOWN && ox_dim_is_const (call->dims, size, &number) && number < 0)
    return ox_fail (error, OX_ERROR_VALUE, "a window of %" G_GINT64_FORMAT " elements", number);
  ox_call_set (call, 0, dtype, 1, &size);
  return TRUE;
}

enum { HANN, HAMMING, BLACKMAN };

static gboolean
run_window (OxCall *call, GError **error)
{
  /* The weights of 1, cos and cos 2. */
  static const double weights[][3] = { { 0.5, -0.5, 0 }, { 25.0 / 46, -21.0 / 46, 0 }, { 0.42, -0.5, 0.08 } };
  const WindowAttrs *attrs = call->attrs;
  const double *w = weights[call->op->code];
  OxTensor *y = ox_call_out (call, 0, error);
  gint64 period;

  if (y == NULL)
    return FALSE;
  period = attrs->periodic != 0 ? y->count : y->count - 1;
  for (gint64 i = 0; i < y->count && !ox_pause (i); i++)
    {
      const double angle = 2 * G_PI * (double) i / (double) MAX (period, 1);

      ox_element_set (y->dtype, y->data + (gsize) i * ox_dtype_size (y->dtype),
                      y->count == 1 && period == 0 ? 1 : w[0] + w[1] * cos (angle) + w[2] * cos (2 * angle));
    }
  return TRUE;
}

/* ---- MelWeightMatrix ------------------------------------------------------------------------------------------- */

static gboolean
infer_mel (OxCall *call, GError **error)
{
  const WindowAttrs *attrs = call->attrs;
  OxDim length = one_of (call, 1);
  OxDtype dtype;

  if (!datatype (attrs->output_datatype, &dtype, error))
    return FALSE;
  ox_call_set (call, 0, dtype, 2, (OxDim[]) { ox_dim_add (call->dims, ox_dim_div (call->dims, length, 2), 1), one_of (call, 0) });
  return TRUE;
}

static gboolean
run_mel (OxCall *call, GError **error)
{
  double in[5], low, high;
  gint64 *edges, bands;
  OxTensor *y;

  for (int i = 0; i < 5; i++)
    {
      const OxTensor *tensor = ox_call_in_dense (call, i, error);

      if (tensor == NULL)
        return FALSE;
      if (tensor->count != 1)
        return ox_fail (error, OX_ERROR_SHAPE, "expected one number as input %d", i);
      in[i] = ox_tensor_get (tensor, 0);
    }
  if (in[0] < 1 || in[1] < 1 || in[2] < 1 || in[0] > OX_FOURIER_LONGEST || in[1] > OX_FOURIER_LONGEST || !(in[3] >= 0) || !(in[4] > in[3]) || !isfinite (in[4]))
    return ox_fail (error, OX_ERROR_VALUE, "no %g mel bands from %g to %g Hz of %g points at %g Hz", in[0], in[3], in[4], in[1], in[2]);
  if ((y = ox_call_out (call, 0, error)) == NULL)
    return FALSE;
  bands = y->dims[1];
  if ((edges = ox_call_scratch_n (call, bands + 2, sizeof (gint64), error)) == NULL)
    return FALSE;
  low = 2595 * log10 (1 + in[3] / 700);
  high = 2595 * log10 (1 + in[4] / 700);
  for (gint64 i = 0; i < bands + 2 && !ox_pause (i); i++)
    {
      const double mel = low + (double) i * (high - low) / (double) (bands + 2);

      edges[i] = (gint64) MIN (floor ((in[1] + 1) * 700 * (pow (10, mel / 2595) - 1) / in[2]), 2 * (double) OX_FOURIER_LONGEST);
    }
  for (gint64 i = 0; i < y->count && !ox_pause (i); i++)
    {
      const gint64 j = i / bands, from = edges[i % bands], centre = edges[i % bands + 1], to = edges[i % bands + 2];
      double v = 0;

      if (j >= from && j <= centre)
        v = centre == from ? 1 : (double) (j - from) / (double) (centre - from);
      if (j >= centre && j < to)
        v = (double) (to - j) / (double) (to - centre);
      ox_element_set (y->dtype, y->data + (gsize) i * ox_dtype_size (y->dtype), v);
    }
  return TRUE;
}

#define WINDOW_ROW(name, code_)                                                                                      \
  { name, 17, { 1, 1 }, { 1, 1 }, OX_ATTRS (window_specs, WindowAttrs), infer_window, run_window, .code = code_ }

static const OxOp signal_rows[] = {
  { "DFT", 17, { 1, 2 }, { 1, 1 }, OX_ATTRS (dft17_specs, DftAttrs), infer_dft, run_dft },
  { "DFT", 20, { 1, 3 }, { 1, 1 }, OX_ATTRS (dft20_specs, DftAttrs), infer_dft, run_dft },
  { "STFT", 17, { 2, 4 }, { 1, 1 }, OX_ATTRS (stft_specs, StftAttrs), infer_stft, run_stft },
  WINDOW_ROW ("HannWindow", HANN),
  WINDOW_ROW ("HammingWindow", HAMMING),
  WINDOW_ROW ("BlackmanWindow", BLACKMAN),
  { "MelWeightMatrix", 17, { 5, 5 }, { 1, 1 }, OX_ATTRS (mel_specs, WindowAttrs), infer_mel, run_mel },
};

OX_FAMILY (signal, "ai.onnx", signal_rows);
