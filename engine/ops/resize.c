/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "kernel/ox-resample.h"

/* Resize and Upsample. */

typedef struct
{
  const char *mode, *coordinate_transformation_mode, *nearest_mode, *keep_aspect_ratio_policy;
  gint64      antialias, exclude_outside;
  double      cubic_coeff_a, extrapolation_value;
  double      height_scale, width_scale;      /* Upsample-1 */
  OxInts      axes;
  OxFloats    scales;                         /* Upsample-7 */
} ResizeAttrs;

/* Which input is what; -1: not there in this version. */
typedef struct { int roi, scales, sizes; } Inputs;

static Inputs
inputs_of (const OxCall *call)
{
  if (strcmp (call->op->name, "Upsample") == 0)
    return (Inputs){ -1, call->op->since >= 9 ? 1 : -1, -1 };
  return call->op->since == 10 ? (Inputs){ -1, 1, -1 } : (Inputs){ 1, 2, 3 };
}

/* ---- attributes ----------------------------------------------------------------------------------------------- */

typedef struct { const char *name; int value; } Word;

static gboolean
read_word (const char *what, const char *text, const Word *words, int n, int *value, GError **error)
{
  for (int i = 0; i < n; i++)
    if (strcmp (words[i].name, text) == 0)
      {
        *value = words[i].value;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "%s is '%s', expected one like '%s'", what, text, words[0].name);
}

static gboolean
read_how (const OxCall *call, OxResample *how, GError **error)
{
  static const Word modes[] = { { "nearest", OX_RESAMPLE_NEAREST },
                                { "linear", OX_RESAMPLE_LINEAR },
                                { "bilinear", OX_RESAMPLE_LINEAR },
                                { "cubic", OX_RESAMPLE_CUBIC } };
  static const Word coords[] = { { "half_pixel", OX_COORD_HALF_PIXEL },
                                 { "half_pixel_symmetric", OX_COORD_HALF_PIXEL_SYMMETRIC },
                                 { "pytorch_half_pixel", OX_COORD_PYTORCH_HALF_PIXEL },
                                 { "align_corners", OX_COORD_ALIGN_CORNERS },
                                 { "asymmetric", OX_COORD_ASYMMETRIC },
                                 { "tf_crop_and_resize", OX_COORD_TF_CROP },
                                 /* In version 11 only. */
                                 { "tf_half_pixel_for_nn", OX_COORD_TF_HALF_PIXEL } };
  static const Word nearests[] = { { "round_prefer_floor", OX_NEAREST_PREFER_FLOOR },
                                   { "round_prefer_ceil", OX_NEAREST_PREFER_CEIL },
                                   { "floor", OX_NEAREST_FLOOR },
                                   { "ceil", OX_NEAREST_CEIL } };
  const ResizeAttrs *at = call->attrs;
  int mode = OX_RESAMPLE_NEAREST, coord = OX_COORD_ASYMMETRIC, nearest = OX_NEAREST_FLOOR;

  if (!read_word ("mode", at->mode, modes, G_N_ELEMENTS (modes), &mode, error))
    return FALSE;
  if (inputs_of (call).sizes >= 0
      && (!read_word ("coordinate_transformation_mode", at->coordinate_transformation_mode, coords, G_N_ELEMENTS (coords),
                      &coord, error)
          || !read_word ("nearest_mode", at->nearest_mode, nearests, G_N_ELEMENTS (nearests), &nearest, error)))
    return FALSE;
  *how = (OxResample){ (OxResampleMode) mode,
                       (OxCoord) coord,
                       (OxNearest) nearest,
                       at->antialias != 0,
                       at->exclude_outside != 0,
                       at->cubic_coeff_a };
  return TRUE;
}

/* ---- sizes ---------------------------------------------------------------------------------------------------- */

/* The scale of every axis, 1 where none is given, and its region; @sizes where the output's size is given instead. */
typedef struct
{
  gboolean known;                     /* FALSE: not before the run */
  gboolean by_sizes;
  gboolean given[OX_MAX_RANK];
  double   scale[OX_MAX_RANK], roi_begin[OX_MAX_RANK], roi_end[OX_MAX_RANK];
  OxDim    size[OX_MAX_RANK];
} Plan;

static gboolean
is_there (OxCall *call, int i)
{
  const OxFact *fact = i >= 0 ? ox_call_fact (call, i) : NULL;

  /* Older models give an empty tensor for what they leave out. */
  return fact != NULL && !(fact->rank == 1 && fact->dims[0] == 0);
}

/* The axes that scales, sizes and roi speak of. */
static gboolean
plan_axes (OxCall *call, int rank, int *axes, int *n, GError **error)
{
  const ResizeAttrs *at = call->attrs;

  if (!at->axes.set)
    {
      *n = rank;
      for (int d = 0; d < rank; d++)
        axes[d] = d;
      return TRUE;
    }
  *n = at->axes.n;
  if (*n > rank)
    return ox_fail (error, OX_ERROR_VALUE, "%d axes for an input of rank %d", *n, rank);
  return ox_call_axes (call, at->axes.v, *n, rank, axes, error);
}

static gboolean
plan_scale (Plan *plan, int axis, double scale, GError **error)
{
  if (!(scale > 0) || !isfinite (scale))
    return ox_fail (error, OX_ERROR_VALUE, "a scale of %g, expected a positive number", scale);
  plan->given[axis] = TRUE;
  plan->scale[axis] = scale;
  return TRUE;
}

static gboolean
plan_scales (Plan *plan, OxCall *call, int n, const int *axes, GError **error)
{
  const ResizeAttrs *at = call->attrs;
  const Inputs in = inputs_of (call);
  const OxTensor *tensor;

  if (in.scales < 0 && call->op->since < 7)
    {
      if (n != 4)
        return ox_fail (error, OX_ERROR_SHAPE, "expected an image of rank 4, found %d", n);
      return plan_scale (plan, 0, 1, error) && plan_scale (plan, 1, 1, error)
             && plan_scale (plan, 2, at->height_scale, error) && plan_scale (plan, 3, at->width_scale, error);
    }
  if (in.scales < 0)
    {
      if (at->scales.n != n)
        return ox_fail (error, OX_ERROR_VALUE, "%d scales, expected %d", at->scales.n, n);
      for (int i = 0; i < n; i++)
        if (!plan_scale (plan, axes[i], at->scales.v[i], error))
          return FALSE;
      return TRUE;
    }
  tensor = ox_call_fact (call, in.scales)->tensor;
  if (tensor == NULL)
    {
      plan->known = FALSE;
      return TRUE;
    }
  if (tensor->count != n)
    return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " scales, expected %d", tensor->count, n);
  for (int i = 0; i < n; i++)
    if (!plan_scale (plan, axes[i], ox_tensor_get (tensor, i), error))
      return FALSE;
  return TRUE;
}

/* With a policy the same scale goes for every axis: the least or the largest that the sizes ask for. */
static gboolean
plan_sizes (Plan *plan, OxCall *call, const OxFact *x, int n, const int *axes, GError **error)
{
  const ResizeAttrs *at = call->attrs;
  const char *policy = at->keep_aspect_ratio_policy != NULL ? at->keep_aspect_ratio_policy : "stretch";
  gboolean smaller = strcmp (policy, "not_larger") == 0, larger = strcmp (policy, "not_smaller") == 0;
  const OxDim *sizes;
  double common = 0;
  int count;

  plan->by_sizes = TRUE;
  if (!smaller && !larger && strcmp (policy, "stretch") != 0)
    return ox_fail (error, OX_ERROR_VALUE, "keep_aspect_ratio_policy is '%s', expected stretch, not_larger or not_smaller", policy);
  if (!ox_call_ints (call, inputs_of (call).sizes, &sizes, &count))
    {
      plan->known = FALSE;
      return TRUE;
    }
  if (count != n)
    return ox_fail (error, OX_ERROR_VALUE, "%d sizes, expected %d", count, n);
  for (int i = 0; i < n; i++)
    {
      OxDim in = x->dims[axes[i]];
      double scale;
      gint64 number;

      plan->given[axes[i]] = TRUE;
      plan->size[axes[i]] = sizes[i];
      if (!ox_dim_is_const (call->dims, sizes[i], &number) || !ox_dim_known (in) || in == 0)
        {
          plan->known = plan->known && !smaller && !larger;
          continue;
        }
      if (number < 0)
        return ox_fail (error, OX_ERROR_VALUE, "a size of %" G_GINT64_FORMAT, number);
      scale = plan->scale[axes[i]] = (double) number / (double) in;
      common = i == 0 ? scale : smaller ? MIN (common, scale) : MAX (common, scale);
    }
  for (int i = 0; (smaller || larger) && plan->known && i < n; i++)
    {
      plan->scale[axes[i]] = common;
      plan->size[axes[i]] = (gint64) floor (common * (double) x->dims[axes[i]] + 0.5);
    }
  return TRUE;
}

static gboolean
plan_init (Plan *plan, OxCall *call, const OxResample *how, const OxFact *x, GError **error)
{
  const Inputs in = inputs_of (call);
  gboolean scales = in.scales < 0 || is_there (call, in.scales), sizes = is_there (call, in.sizes);
  int axes[OX_MAX_RANK], n;

  memset (plan, 0, sizeof *plan);
  plan->known = TRUE;
  for (int d = 0; d < x->rank; d++)
    {
      plan->scale[d] = plan->roi_end[d] = 1;
      plan->size[d] = x->dims[d];
    }
  if (scales == sizes)
    return ox_fail (error, OX_ERROR_MODEL, "expected either scales or sizes, found %s", scales ? "both" : "neither");
  if (!plan_axes (call, x->rank, axes, &n, error))
    return FALSE;
  if (how->coord == OX_COORD_TF_CROP && is_there (call, in.roi))
    {
      const OxTensor *roi = ox_call_fact (call, in.roi)->tensor;

      if (roi == NULL)
        plan->known = FALSE;
      else if (roi->count != 2 * n)
        return ox_fail (error, OX_ERROR_VALUE, "roi has %" G_GINT64_FORMAT " elements, expected %d", roi->count, 2 * n);
      for (int i = 0; roi != NULL && i < n; i++)
        {
          plan->roi_begin[axes[i]] = ox_tensor_get (roi, i);
          plan->roi_end[axes[i]] = ox_tensor_get (roi, n + i);
        }
    }
  return scales ? plan_scales (plan, call, n, axes, error) : plan_sizes (plan, call, x, n, axes, error);
}

/* floor (in * scale): exact on numbers (in float, as shape inference does everywhere) and, where the scale is a small
 * fraction, on expressions. */
static OxDim
scaled (OxDims *dims, OxDim in, double scale)
{
  if (scale == 1)
    return in;
  if (ox_dim_known (in))
    {
      float product = floorf ((float) in * (float) scale);

      return product >= 0 && product < 4e18f ? (gint64) product : OX_DIM_UNKNOWN;
    }
  for (int bottom = 1; bottom <= 16; bottom *= 2)
    if (scale * bottom == floor (scale * bottom) && scale * bottom < 1e6)
      return ox_dim_div (dims, ox_dim_mul (dims, in, (gint64) (scale * bottom)), bottom);
  return OX_DIM_UNKNOWN;
}

static gboolean
resize_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  OxDim dims[OX_MAX_RANK];
  OxResample how;
  Plan plan;

  if (!read_how (call, &how, error))
    return FALSE;
  if (ox_fact_rank (x) < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (x));
      return TRUE;
    }
  if (!plan_init (&plan, call, &how, x, error))
    return FALSE;
  for (int d = 0; d < x->rank; d++)
    if (!plan.known)
      dims[d] = OX_DIM_UNKNOWN;
    else if (plan.by_sizes || !plan.given[d])
      dims[d] = plan.size[d];
    else
      dims[d] = scaled (call->dims, x->dims[d],
                        how.coord == OX_COORD_TF_CROP ? plan.scale[d] * (plan.roi_end[d] - plan.roi_begin[d]) : plan.scale[d]);
  ox_call_set (call, 0, x->dtype, x->rank, dims);
  return TRUE;
}

/* ---- running -------------------------------------------------------------------------------------------------- */

typedef struct
{
  int       rank;
  OxTaps  **taps;
  OxDtype   dtype;
  gint64    size;
  const OxTensor *x;
  OxTensor *out;
} Gather;

#define DEFINE_GATHER(T, name)                                                                                       \
  static void name (const OxTaps *taps, gint64 step, const guint8 *from, void *to)                                   \
  {                                                                                                                  \
    for (gint64 i = 0; i < taps->out; i++)                                                                           \
      ((T *) to)[i] = *(const T *) (from + taps->index[i] * step);                                                   \
  }

/* Elements of any type are moved as words of their size. */
typedef guint16 __attribute__ ((may_alias)) Word16;
typedef guint32 __attribute__ ((may_alias)) Word32;

DEFINE_GATHER (guint8, gather_8)
DEFINE_GATHER (Word16, gather_16)
DEFINE_GATHER (Word32, gather_32)

#undef DEFINE_GATHER

/* Item: a row along the last axis of the output. */
static void
gather_range (gint64 begin, gint64 end, gpointer data)
{
  const Gather *job = data;
  const OxTaps *last = job->taps[job->rank - 1];
  gint64 step = job->x->strides[job->rank - 1];

  for (gint64 item = begin; item < end && !ox_turn (); item++)
    {
      const guint8 *from = job->x->data;
      guint8 *to = job->out->data + item * last->out * job->size;
      gint64 rest = item;

      for (int d = job->rank - 2; d >= 0; d--)
        {
          from += job->taps[d]->index[rest % job->taps[d]->out] * job->x->strides[d];
          rest /= job->taps[d]->out;
        }
      switch (job->size)
        {
        case 1:
          gather_8 (last, step, from, to);
          break;
        case 2:
          gather_16 (last, step, from, to);
          break;
        case 4:
          gather_32 (last, step, from, to);
          break;
        default:
          for (gint64 i = 0; i < last->out && !ox_pause (i); i++)
            ox_move_block (job->dtype, to + i * job->size, from + last->index[i] * step, 1);
          break;
        }
    }
}

/* Puts the extrapolation value where a coordinate is outside of the input. */
static void
extrapolate (OxTensor *out, OxTaps **taps, double value)
{
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      gint64 rest = i;
      gboolean outside = FALSE;

      for (int d = out->rank - 1; d >= 0; d--)
        {
          outside = outside || (taps[d]->outside != NULL && taps[d]->outside[rest % out->dims[d]]);
          rest /= out->dims[d];
        }
      if (outside)
        ox_tensor_set (out, i, value);
    }
}

/* One pass for each axis that changes. */
static gboolean
resample (OxCall *call, OxTaps **taps, OxTensor *out, GError **error)
{
  OxDtype dtype = out->dtype;
  gboolean wide = dtype == OX_F64 || (!ox_dtype_is_float (dtype) && ox_dtype_size (dtype) >= 4);
  OxDtype compute = wide ? OX_F64 : OX_F32;
  const OxTensor *x = ox_call_in_as (call, 0, compute, error);
  gint64 dims[OX_MAX_RANK];
  const void *from;

  if (x == NULL)
    return FALSE;
  from = x->data;
  for (int d = 0; d < x->rank; d++)
    dims[d] = x->dims[d];
  /* The axes before the last one are vectorised, and a shrinking axis leaves less for the others. */
  for (int d = 0; d < x->rank; d++)
    {
      gint64 outer = 1, inner = 1;
      void *to;

      if (ox_taps_identity (taps[d]))
        continue;
      for (int k = 0; k < x->rank; k++)
        if (k != d)
          *(k < d ? &outer : &inner) *= dims[k];
      dims[d] = taps[d]->out;
      if (ox_call_cancelled (call, error)
          || (to = ox_call_scratch_n (call, outer * inner * dims[d], ox_dtype_size (compute), error)) == NULL)
        return FALSE;
      if (wide)
        ox_taps_apply_f64 (taps[d], outer, inner, from, to);
      else
        ox_taps_apply_f32 (taps[d], outer, inner, from, to);
      from = to;
    }
  if (dtype == OX_F64)
    {
      memcpy (out->data, from, (gsize) out->count * sizeof (double));
      return TRUE;
    }
  if (ox_dtype_is_float (dtype))
    return ox_call_store_f32 (call, 0, from, error);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    ox_element_set (dtype, out->data + i * (gint64) ox_dtype_size (dtype),
                    trunc (wide ? ((const double *) from)[i] : (double) ((const float *) from)[i]));
  return TRUE;
}

static gboolean
resize_run (OxCall *call, GError **error)
{
  const ResizeAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);
  g_autoptr (GPtrArray) taps = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_taps_free);
  OxResample how;
  Plan plan;

  if (out == NULL || !read_how (call, &how, error) || !plan_init (&plan, call, &how, ox_call_fact (call, 0), error))
    return FALSE;
  if (out->count == 0)
    return TRUE;
  if (x->count == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "nothing to make %" G_GINT64_FORMAT " elements of", out->count);
  for (int d = 0; d < x->rank; d++)
    {
      OxResample axis = how;
      OxTaps *one;

      /* Axes that nothing is said of stay as they are. */
      if (!plan.given[d])
        axis = (OxResample){ how.mode, OX_COORD_ASYMMETRIC, OX_NEAREST_FLOOR, FALSE, FALSE, how.cubic_a };
      /* Version 10 does not say how it rounds; its tests go up where the output is smaller. */
      else if (call->op->since == 10 && plan.scale[d] < 1)
        axis.nearest = OX_NEAREST_CEIL;
      one = ox_taps_new (&axis, x->dims[d], out->dims[d], plan.scale[d], plan.roi_begin[d], plan.roi_end[d], error);
      if (one == NULL)
        return FALSE;
      g_ptr_array_add (taps, one);
    }
  if (how.mode != OX_RESAMPLE_NEAREST)
    {
      if (!ox_dtype_is_float (x->dtype) && !ox_dtype_is_integer (x->dtype))
        return ox_fail (error, OX_ERROR_DTYPE, "no mode but nearest for %s", ox_dtype_name (x->dtype));
      if (!resample (call, (OxTaps **) taps->pdata, out, error))
        return FALSE;
    }
  else if (x->rank == 0)
    ox_move_block (x->dtype, out->data, x->data, 1);
  else
    {
      Gather job = { x->rank, (OxTaps **) taps->pdata, x->dtype, (gint64) ox_dtype_size (x->dtype), x, out };
      gint64 width = out->dims[out->rank - 1];

      ox_parallel_for (out->count / width, 1 + 16384 / width, gather_range, &job);
    }
  if (how.coord == OX_COORD_TF_CROP && x->dtype != OX_STR)
    extrapolate (out, (OxTaps **) taps->pdata, at->extrapolation_value);
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

#define MODE OX_STRING (ResizeAttrs, mode, "nearest")
#define COORDINATES                                                                                                  \
  MODE, OX_STRING (ResizeAttrs, coordinate_transformation_mode, "half_pixel"),                                       \
    OX_STRING (ResizeAttrs, nearest_mode, "round_prefer_floor"), OX_FLOAT (ResizeAttrs, cubic_coeff_a, -0.75),       \
    OX_INT (ResizeAttrs, exclude_outside, 0), OX_FLOAT (ResizeAttrs, extrapolation_value, 0)

static const OxAttrSpec upsample_1_specs[] = { MODE, OX_NEED (ResizeAttrs, height_scale, FLOAT), OX_NEED (ResizeAttrs, width_scale, FLOAT) };
static const OxAttrSpec upsample_7_specs[] = { MODE, OX_NEED (ResizeAttrs, scales, FLOATS) };
static const OxAttrSpec mode_specs[] = { MODE };
static const OxAttrSpec resize_11_specs[] = { COORDINATES };
static const OxAttrSpec resize_18_specs[] = { COORDINATES, OX_ATTR (ResizeAttrs, axes, INTS), OX_INT (ResizeAttrs, antialias, 0),
                                              OX_STRING (ResizeAttrs, keep_aspect_ratio_policy, "stretch") };

#define ROW(name_, since_, min, max, specs)                                                                          \
  { name_, since_, { min, max }, { 1, 1 }, OX_ATTRS (specs, ResizeAttrs), .infer = resize_infer, .run = resize_run }

static const OxOp resize_rows[] = {
  ROW ("Upsample", 1, 1, 1, upsample_1_specs),
  ROW ("Upsample", 7, 1, 1, upsample_7_specs),
  ROW ("Upsample", 9, 2, 2, mode_specs),
  ROW ("Upsample", 10, 2, 2, mode_specs),
  ROW ("Resize", 10, 2, 2, mode_specs),
  ROW ("Resize", 11, 1, 4, resize_11_specs),
  ROW ("Resize", 13, 1, 4, resize_11_specs),
  ROW ("Resize", 18, 1, 4, resize_18_specs),
  ROW ("Resize", 19, 1, 4, resize_18_specs),
};

OX_FAMILY (resize, "ai.onnx", resize_rows);
