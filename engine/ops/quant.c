/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/quant.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "tensor/ox-small-float.h"

/* QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear; the first two of ONNX Runtime's own domain too, which had the
 * types of 16 and 4 bits and float16 before the standard. */

typedef struct { gint64 axis, saturate, block_size; OxOptInt output_dtype, precision; } QuantAttrs;

static gint64
default_axis (const OxCall *call)
{
  return call->op->n_attrs == 0 ? 1 : ((const QuantAttrs *) call->attrs)->axis;
}

gboolean
ox_quant_grid_init (OxQuantGrid *grid, OxCall *call, int rank, const gint64 *dims, const OxTensor *scale, gint64 axis_attr,
                    gint64 block_size, GError **error)
{
  int axis;

  memset (grid, 0, sizeof *grid);
  grid->inner = grid->axis_dim = grid->block = 1;
  grid->single = scale->count == 1 && (scale->rank == 0 || block_size == 0);
  if (grid->single)
    return TRUE;
  if (!ox_call_axis (call, axis_attr, rank, &axis, error))
    return FALSE;
  grid->axis_dim = dims[axis];
  for (int i = axis + 1; i < rank; i++)
    grid->inner *= dims[i];
  if (scale->rank == 1 && block_size == 0)
    {
      if (scale->dims[0] != dims[axis])
        return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " scales for %" G_GINT64_FORMAT " indices of axis %d",
                        scale->dims[0], dims[axis], axis);
      grid->blocks = dims[axis];
      return TRUE;
    }
  if (scale->rank != rank || block_size < 0)
    return ox_fail (error, OX_ERROR_SHAPE, "expected one scale, one an index of axis %d, or one a block; found rank %d", axis,
                    scale->rank);
  for (int i = 0; i < rank; i++)
    if (i != axis && scale->dims[i] != dims[i])
      return ox_fail (error, OX_ERROR_SHAPE, "axis %d: %" G_GINT64_FORMAT " scales for %" G_GINT64_FORMAT " elements", i,
                      scale->dims[i], dims[i]);
  grid->blocks = scale->dims[axis];
  /* Without a size it follows from the shapes, as in the standard's reference. */
  grid->block = block_size > 0 ? block_size : grid->blocks > 0 ? MAX ((dims[axis] + grid->blocks - 1) / grid->blocks, 1) : 1;
  if ((dims[axis] > 0 ? (dims[axis] - 1) / grid->block + 1 : 0) != grid->blocks)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " blocks of %" G_GINT64_FORMAT " for %" G_GINT64_FORMAT " elements of axis %d",
                    grid->blocks, grid->block, dims[axis], axis);
  grid->blocked = TRUE;
  return TRUE;
}

gint64
ox_quant_grid_at (const OxQuantGrid *grid, gint64 i)
{
  gint64 place, outer;

  if (grid->single)
    return 0;
  place = i / grid->inner % grid->axis_dim;
  if (!grid->blocked)
    return place;
  outer = i / grid->inner / grid->axis_dim;
  return (outer * grid->blocks + place / grid->block) * grid->inner + i % grid->inner;
}

void
ox_quantize_store (OxDtype dtype, void *to, double scaled, double zero, gboolean saturate)
{
  if (ox_dtype_is_integer (dtype))
    {
      double v = rint (scaled) + zero;
      int bits = ox_dtype_bits (dtype);
      gboolean is_signed = ox_dtype_class (dtype) == OX_CLASS_INT;
      double low = is_signed ? -ldexp (1, bits - 1) : 0, high = ldexp (1, is_signed ? bits - 1 : bits) - 1;

      ox_element_set (dtype, to, isnan (v) ? 0 : CLAMP (v, low, high));
      return;
    }
  scaled += zero;
  if (!saturate && dtype == OX_F8E4M3FN)
    *(guint8 *) to = ox_f8e4m3fn_store_wide ((float) scaled);
  else if (!saturate && dtype == OX_F8E4M3FNUZ)
    *(guint8 *) to = ox_f8e4m3fnuz_store_wide ((float) scaled);
  else if (!saturate && dtype == OX_F8E5M2)
    *(guint8 *) to = ox_f8e5m2_store_wide ((float) scaled);
  else if (!saturate && dtype == OX_F8E5M2FNUZ)
    *(guint8 *) to = ox_f8e5m2fnuz_store_wide ((float) scaled);
  else
    ox_element_set (dtype, to, scaled);
}

/* ---- what goes in and out ------------------------------------------------------------------------------------- */

static gboolean
check_type (gint64 number, GError **error)
{
  return (number > 0 && number < OX_N_DTYPES && number != OX_STR)
         || ox_fail (error, OX_ERROR_VALUE, "output_dtype %" G_GINT64_FORMAT " is not a number type", number);
}

static gboolean
infer_quantize (OxCall *call, GError **error)
{
  const QuantAttrs *attrs = call->attrs;
  const OxFact *x = ox_call_fact (call, 0), *zero = ox_call_fact (call, 2);
  OxDtype dtype = OX_U8;

  if (call->op->since >= 21 && attrs->output_dtype.set && attrs->output_dtype.v != 0)
    {
      if (!check_type (attrs->output_dtype.v, error))
        return FALSE;
      dtype = (OxDtype) attrs->output_dtype.v;
      if (zero != NULL && zero->dtype != OX_UNDEFINED && zero->dtype != dtype)
        return ox_fail (error, OX_ERROR_DTYPE, "output_dtype is %s, the zero point is %s", ox_dtype_name (dtype),
                        ox_dtype_name (zero->dtype));
    }
  else if (zero != NULL)
    dtype = zero->dtype;
  if (x != NULL)
    ox_call_set (call, 0, dtype, x->rank, x->dims);
  return TRUE;
}

static gboolean
infer_dequantize (OxCall *call, GError **error)
{
  const QuantAttrs *attrs = call->attrs;
  const OxFact *x = ox_call_fact (call, 0), *scale = ox_call_fact (call, 1);
  OxDtype dtype = scale != NULL ? scale->dtype : OX_F32;

  if (call->op->since >= 23 && attrs->output_dtype.set && attrs->output_dtype.v != 0)
    {
      if (!check_type (attrs->output_dtype.v, error))
        return FALSE;
      dtype = (OxDtype) attrs->output_dtype.v;
    }
  if (x != NULL)
    ox_call_set (call, 0, dtype, x->rank, x->dims);
  return TRUE;
}

typedef struct
{
  OxQuantGrid     grid;
  const OxTensor *x;
  const float    *scale;
  const double   *zero;      /* NULL: 0 */
  OxTensor       *out;
  OxDtype         precision; /* the division is rounded to it */
  gboolean        saturate;
} Job;

/* Float division, rounded once more where the precision is smaller. */
static double
divide (const Job *job, double x, gint64 at)
{
  float q = (float) x / job->scale[at];

  if (job->precision == OX_F16)
    return (double) ox_f16_load (ox_f16_store (q));
  if (job->precision == OX_BF16)
    return (double) ox_bf16_load (ox_bf16_store (q));
  return (double) q;
}

static void
quantize_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  gsize unit = ox_dtype_size (job->out->dtype), x_unit = ox_dtype_size (job->x->dtype);

  for (gint64 i = begin; i < end && !ox_pause (i); i++)
    {
      gint64 at = ox_quant_grid_at (&job->grid, i);
      double x = job->x->dtype == OX_F32 ? (double) ((const float *) (const void *) job->x->data)[i]
                                         : ox_element_get (job->x->dtype, job->x->data + (gsize) i * x_unit);

      ox_quantize_store (job->out->dtype, job->out->data + (gsize) i * unit, divide (job, x, at),
                         job->zero != NULL ? job->zero[at] : 0, job->saturate);
    }
}

static void
dequantize_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  gsize unit = ox_dtype_size (job->out->dtype), x_unit = ox_dtype_size (job->x->dtype);

  for (gint64 i = begin; i < end && !ox_pause (i); i++)
    {
      gint64 at = ox_quant_grid_at (&job->grid, i);
      double x = ox_element_get (job->x->dtype, job->x->data + (gsize) i * x_unit);
      float v = (float) (x - (job->zero != NULL ? job->zero[at] : 0)) * job->scale[at];

      if (job->out->dtype == OX_F32)
        ((float *) (void *) job->out->data)[i] = v;
      else
        ox_element_set (job->out->dtype, job->out->data + (gsize) i * unit, (double) v);
    }
}

static gboolean
run_linear (OxCall *call, gboolean back, GError **error)
{
  const QuantAttrs *attrs = call->attrs;
  const OxTensor *x = ox_call_in_dense (call, 0, error), *scale = NULL, *zero = NULL;
  Job job = { .x = x, .saturate = call->op->since < 19 || attrs->saturate, .precision = OX_F32 };

  if (x == NULL || (scale = ox_call_in_as (call, 1, OX_F32, error)) == NULL)
    return FALSE;
  if (!ox_quant_grid_init (&job.grid, call, x->rank, x->dims, scale, default_axis (call),
                           call->op->since >= 21 ? attrs->block_size : 0, error))
    return FALSE;
  if (ox_call_in (call, 2) != NULL)
    {
      if (!ox_tensor_same_shape (ox_call_in (call, 2), scale) && ox_call_in (call, 2)->count != scale->count)
        return ox_fail (error, OX_ERROR_SHAPE, "scale and zero point have different shapes");
      zero = ox_call_in_as (call, 2, OX_F64, error);
      if (zero == NULL)
        return FALSE;
      job.zero = (const double *) (const void *) zero->data;
    }
  if (!back && !ox_dtype_is_float (x->dtype) && x->dtype != OX_I32)
    return ox_fail (error, OX_ERROR_DTYPE, "%s is not quantised", ox_dtype_name (x->dtype));
  job.scale = (const float *) (const void *) scale->data;
  if (!back && call->op->since >= 23 && attrs->precision.set && attrs->precision.v != 0)
    job.precision = (OxDtype) attrs->precision.v;
  else if (!back && call->op->since >= 23 && ox_dtype_is_float (x->dtype) && ox_call_in (call, 1)->dtype == x->dtype)
    job.precision = x->dtype;
  job.out = ox_call_out (call, 0, error);
  if (job.out == NULL)
    return FALSE;
  ox_parallel_for (x->count, 8192, back ? dequantize_range : quantize_range, &job);
  return TRUE;
}

static gboolean
run_quantize (OxCall *call, GError **error)
{
  return run_linear (call, FALSE, error);
}

static gboolean
run_dequantize (OxCall *call, GError **error)
{
  return run_linear (call, TRUE, error);
}

/* ---- DynamicQuantizeLinear ------------------------------------------------------------------------------------ */

static gboolean
infer_dynamic (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);

  if (x != NULL)
    ox_call_set (call, 0, OX_U8, x->rank, x->dims);
  ox_call_set (call, 1, OX_F32, 0, NULL);
  ox_call_set (call, 2, OX_U8, 0, NULL);
  return TRUE;
}

void
ox_quant_dynamic (const float *v, gint64 n, guint8 *y, float *scale, guint8 *zero)
{
  float low = 0, high = 0, step, offset;

  for (gint64 at = 0; at < n && !ox_parallel_stopped (); at += 0x10000)
    for (gint64 i = at; i < MIN (n, at + 0x10000); i++)
      {
        low = v[i] < low ? v[i] : low;
        high = v[i] > high ? v[i] : high;
      }
  step = (high - low) / 255;
  /* Nothing but zeros: any scale does, 1 is one that can be divided by. */
  if (step == 0)
    step = 1;
  offset = rintf (CLAMP (0 - low / step, 0, 255));
  *scale = step;
  *zero = (guint8) offset;
  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    {
      float q = rintf (v[i] / step) + offset;

      y[i] = (guint8) (q != q ? 0 : CLAMP (q, 0, 255));
    }
}

static gboolean
run_dynamic (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_as (call, 0, OX_F32, error);
  OxTensor *y = x != NULL ? ox_call_out (call, 0, error) : NULL, *scale = NULL, *zero = NULL;

  if (y == NULL || (scale = ox_call_out (call, 1, error)) == NULL || (zero = ox_call_out (call, 2, error)) == NULL)
    return FALSE;
  ox_quant_dynamic ((const float *) (const void *) x->data, x->count, y->data, (float *) (void *) scale->data, zero->data);
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

#define AXIS OX_INT (QuantAttrs, axis, 1)
#define SATURATE OX_INT (QuantAttrs, saturate, 1)
#define BLOCK OX_INT (QuantAttrs, block_size, 0)
#define OUTPUT OX_ATTR (QuantAttrs, output_dtype, OPT_INT)
#define PRECISION OX_ATTR (QuantAttrs, precision, OPT_INT)
static const OxAttrSpec axis_specs[] = { AXIS };
static const OxAttrSpec quant19_specs[] = { AXIS, SATURATE };
static const OxAttrSpec quant21_specs[] = { AXIS, SATURATE, BLOCK, OUTPUT };
static const OxAttrSpec quant23_specs[] = { AXIS, SATURATE, BLOCK, OUTPUT, PRECISION };
static const OxAttrSpec dequant21_specs[] = { AXIS, BLOCK };
static const OxAttrSpec dequant23_specs[] = { AXIS, BLOCK, OUTPUT };

static const OxOp quant_rows[] = {
  { "QuantizeLinear", 10, { 2, 3 }, { 1, 1 }, .attrs_size = sizeof (QuantAttrs), .infer = infer_quantize,
    .run = run_quantize },
  { "QuantizeLinear", 13, { 2, 3 }, { 1, 1 }, OX_ATTRS (axis_specs, QuantAttrs), infer_quantize, run_quantize },
  { "QuantizeLinear", 19, { 2, 3 }, { 1, 1 }, OX_ATTRS (quant19_specs, QuantAttrs), infer_quantize, run_quantize },
  { "QuantizeLinear", 21, { 2, 3 }, { 1, 1 }, OX_ATTRS (quant21_specs, QuantAttrs), infer_quantize, run_quantize },
  { "QuantizeLinear", 23, { 2, 3 }, { 1, 1 }, OX_ATTRS (quant23_specs, QuantAttrs), infer_quantize, run_quantize },
  { "DequantizeLinear", 10, { 2, 3 }, { 1, 1 }, .attrs_size = sizeof (QuantAttrs), .infer = infer_dequantize,
    .run = run_dequantize },
  { "DequantizeLinear", 13, { 2, 3 }, { 1, 1 }, OX_ATTRS (axis_specs, QuantAttrs), infer_dequantize, run_dequantize },
  { "DequantizeLinear", 21, { 2, 3 }, { 1, 1 }, OX_ATTRS (dequant21_specs, QuantAttrs), infer_dequantize,
    run_dequantize },
  { "DequantizeLinear", 23, { 2, 3 }, { 1, 1 }, OX_ATTRS (dequant23_specs, QuantAttrs), infer_dequantize,
    run_dequantize },
  { "DynamicQuantizeLinear", 11, { 1, 1 }, { 3, 3 }, .infer = infer_dynamic, .run = run_dynamic },
};

OX_FAMILY (quant, "ai.onnx", quant_rows);

static const OxOp quant_ms_rows[] = {
  { "QuantizeLinear", 1, { 2, 3 }, { 1, 1 }, OX_ATTRS (axis_specs, QuantAttrs), infer_quantize, run_quantize },
  { "DequantizeLinear", 1, { 2, 3 }, { 1, 1 }, OX_ATTRS (axis_specs, QuantAttrs), infer_dequantize, run_dequantize },
};

OX_FAMILY (quant_ms, "com.microsoft", quant_ms_rows);
