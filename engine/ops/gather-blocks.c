/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-parallel.h"
#include "ops/ox-move.h"

/* GatherBlockQuantized: rows of a table that is quantised in blocks along an axis, restored to float. */

typedef struct { gint64 gather_axis, quantize_axis, block_size, bits; } GatherAttrs;

enum { DATA, INDICES, SCALES, ZEROS };   /* inputs */

typedef struct
{
  OxCall         *call;
  int             rank;
  gint64          dims[OX_MAX_RANK];       /* of the table, numbers of less than a byte counted */
  gint64          steps[OX_MAX_RANK];      /* from one index of an axis to the next among the scales; 0: broadcast */
  int             quantize_axis;
  gint64          block, bits;             /* bits: of a packed byte, else 8 */
  gint64          zero_row, scale_row;     /* bytes of zero points, scales, of the last axis */
  const OxTensor *data, *zeros;
  const gint64   *indices;
  const float    *scales;
  gint64          n_indices, axis_dim, inner;
  float           middle;                  /* the zero point where none is given */
  float          *y;
} Job;

static gboolean
is_small_float (OxDtype dtype)
{
  return ox_dtype_class (dtype) == OX_CLASS_SMALL;
}

/* ---- what comes out ------------------------------------------------------------------------------------------- */

/* How many numbers a byte of the table holds. */
static gboolean
read_pack (const OxCall *call, OxDtype dtype, gint64 *pack, GError **error)
{
  const GatherAttrs *at = call->attrs;

  *pack = 1;
  if (dtype == OX_UNDEFINED || dtype == OX_U4 || dtype == OX_I4)
    return TRUE;
  if (dtype == OX_F8E4M3FN || dtype == OX_F8E4M3FNUZ || dtype == OX_F8E5M2 || dtype == OX_F8E5M2FNUZ || dtype == OX_F4E2M1)
    return TRUE;
  if (dtype != OX_U8)
    return ox_fail (error, OX_ERROR_DTYPE, "expected a table of 4-bit integers, uint8 or small floats, found %s",
                    ox_dtype_name (dtype));
  if (at->bits != 2 && at->bits != 4 && at->bits != 8)
    return ox_fail (error, OX_ERROR_VALUE, "bits is %" G_GINT64_FORMAT ", expected 2, 4 or 8", at->bits);
  *pack = 8 / at->bits;
  return TRUE;
}

static gboolean
infer_gather (OxCall *call, GError **error)
{
  const GatherAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, DATA), *indices = ox_call_fact (call, INDICES), *scales = ox_call_fact (call,
                                                                                                                   SCALES);
  OxDtype dtype = ox_fact_dtype (data), zeros = ox_fact_dtype (ox_call_fact (call, ZEROS));
  int axis, other, rank = ox_fact_rank (data), q = ox_fact_rank (indices);
  OxDim dims[2 * OX_MAX_RANK];
  gint64 pack;

  if (!read_pack (call, dtype, &pack, error))
    return FALSE;
  if (at->block_size != 0 || !is_small_float (dtype))
    if (at->block_size < 16 || at->block_size > G_MAXINT32 || (at->block_size & (at->block_size - 1)) != 0)
      return ox_fail (error, OX_ERROR_VALUE, "block_size is %" G_GINT64_FORMAT ", expected a power of 2 from 16",
                      at->block_size);
  if (ox_call_fact (call, ZEROS) != NULL && is_small_float (dtype))
    return ox_fail (error, OX_ERROR_MODEL, "a table of %s has no zero points", ox_dtype_name (dtype));
  if (dtype != OX_UNDEFINED && zeros != OX_UNDEFINED && zeros != dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "the table is %s, its zero points %s", ox_dtype_name (dtype),
                    ox_dtype_name (zeros));
  if (rank < 0 || q < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (scales));
      return TRUE;
    }
  if (!ox_call_axis (call, at->gather_axis, rank, &axis, error) || !ox_call_axis (call, at->quantize_axis, rank, &other,
                                                                                  error))
    return FALSE;
  if (dtype == OX_U8 && axis != 0)
    return ox_fail (error, OX_ERROR_VALUE, "gather_axis is %d, expected 0 for a table of uint8", axis);
  if (ox_fact_rank (scales) >= 0 && scales->rank != rank)
    return ox_fail (error, OX_ERROR_SHAPE, "the scales have rank %d, the table %d", scales->rank, rank);
  if (rank + q - 1 > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "the output has rank %d, expected at most %d", rank + q - 1, OX_MAX_RANK);
  memcpy (dims, data->dims, (gsize) axis * sizeof (OxDim));
  memcpy (dims + axis, indices->dims, (gsize) q * sizeof (OxDim));
  memcpy (dims + axis + q, data->dims + axis + 1, (gsize) (rank - axis - 1) * sizeof (OxDim));
  if (pack > 1 && axis < rank - 1)
    dims[rank + q - 2] = ox_dim_mul (call->dims, dims[rank + q - 2], pack);
  ox_call_set (call, 0, ox_fact_dtype (scales), rank + q - 1, dims);
  return TRUE;
}

/* ---- computing ------------------------------------------------------------------------------------------------ */

/* Where the scale of element @at of the table is. */
static gint64
scale_at (const Job *job, gint64 at)
{
  gint64 place = 0;

  for (int d = job->rank - 1; d >= 0; d--)
    {
      gint64 i = at % job->dims[d];

      at /= job->dims[d];
      place += (d == job->quantize_axis ? i / job->block : i) * job->steps[d];
    }
  return place;
}

static float
number (const OxTensor *tensor, gint64 byte, gint64 bit, gint64 bits)
{
  gsize size = ox_dtype_size (tensor->dtype);

  if (bits < 8)
    return (float) (tensor->data[byte] >> bit & ((1u << bits) - 1));
  return (float) ox_element_get (tensor->dtype, tensor->data + (gsize) byte * size);
}

/* Item: one index for one place before the axis. */
static void
item_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;

  for (gint64 item = begin; item < end && !ox_turn (); item++)
    {
      gint64 index = job->indices[item % job->n_indices];
      float *y = job->y + item * job->inner;

      if (index < -job->axis_dim || index >= job->axis_dim)
        {
          /* Not an error, unlike Gather's. */
          memset (y, 0, (gsize) job->inner * sizeof (float));
          continue;
        }
      index += index < 0 ? job->axis_dim : 0;
      for (gint64 i = 0; i < job->inner && !ox_turn (); i++)
        {
          gint64 at = (item / job->n_indices * job->axis_dim + index) * job->inner + i, place = scale_at (job, at);
          gint64 row = place / job->scale_row, column = place % job->scale_row * job->bits;
          float zero = job->zeros != NULL ? number (job->zeros, row * job->zero_row + column / 8, column % 8, job->bits)
                                          : job->middle;

          y[i] = (number (job->data, at * job->bits / 8, at * job->bits % 8, job->bits) - zero) * job->scales[place];
        }
    }
}

static gboolean
read_scales (Job *job, int axis, const GatherAttrs *at, GError **error)
{
  const OxTensor *scales = ox_call_in_as (job->call, SCALES, OX_F32, error);
  gint64 step = 1, zeros;

  if (scales == NULL)
    return FALSE;
  job->scales = (const float *) scales->data;
  job->block = at->block_size > 0 ? at->block_size : MAX (job->dims[axis], 1);
  for (int d = job->rank - 1; d >= 0; d--)
    {
      gint64 want = d == axis ? (job->dims[d] + job->block - 1) / job->block : job->dims[d];
      gboolean broadcast = scales->dims[d] == 1 && d != axis && is_small_float (job->data->dtype);

      if (scales->dims[d] != want && !broadcast)
        return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " scales along axis %d, expected %" G_GINT64_FORMAT,
                        scales->dims[d], d, want);
      job->steps[d] = broadcast ? 0 : step;
      step *= scales->dims[d];
    }
  job->scale_row = MAX (scales->dims[job->rank - 1], 1);
  job->zero_row = (job->scale_row * job->bits + 7) / 8;
  if (ox_call_in (job->call, ZEROS) == NULL)
    return TRUE;
  if ((job->zeros = ox_call_in_dense (job->call, ZEROS, error)) == NULL)
    return FALSE;
  zeros = scales->count / job->scale_row * job->zero_row;
  return job->zeros->count == zeros
         || ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " zero points, expected %" G_GINT64_FORMAT,
                     job->zeros->count, zeros);
}

static gboolean
run_gather (OxCall *call, GError **error)
{
  const GatherAttrs *at = call->attrs;
  Job job = { .call = call, .data = ox_call_in_dense (call, DATA, error), .bits = 8, .inner = 1 };
  OxTensor *out = job.data != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 pack, outer = 1;
  int axis;

  if (out == NULL || !read_pack (call, job.data->dtype, &pack, error)
      || (job.indices = ox_call_indices (call, INDICES, error)) == NULL)
    return FALSE;
  job.rank = job.data->rank;
  memcpy (job.dims, job.data->dims, (gsize) job.rank * sizeof (gint64));
  job.dims[job.rank - 1] *= pack;
  if (job.data->dtype == OX_U8)
    {
      job.bits = at->bits;
      job.middle = (float) (1u << (at->bits - 1));
    }
  if (!ox_call_axis (call, at->gather_axis, job.rank, &axis, error)
      || !ox_call_axis (call, at->quantize_axis, job.rank, &job.quantize_axis, error)
      || !read_scales (&job, job.quantize_axis, at, error)
      || (job.y = ox_call_scratch_n (call, MAX (out->count, 1), sizeof (float), error)) == NULL)
    return FALSE;
  job.n_indices = ox_call_in (call, INDICES)->count;
  job.axis_dim = job.dims[axis];
  for (int d = 0; d < job.rank; d++)
    *(d < axis ? &outer : d > axis ? &job.inner : &(gint64){ 0 }) *= job.dims[d];
  if (out->count > 0)
    ox_parallel_for (outer * job.n_indices, 1 + 8192 / MAX (job.inner, 1), item_range, &job);
  return ox_call_store_f32 (call, 0, job.y, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec gather_specs[] = {
  OX_INT (GatherAttrs, gather_axis, 0),
  OX_INT (GatherAttrs, quantize_axis, 1),
  OX_INT (GatherAttrs, block_size, 128),
  OX_INT (GatherAttrs, bits, 4),
};

static const OxOp gather_blocks_rows[] = {
  { "GatherBlockQuantized", 1, { 3, 4 }, { 1, 1 }, OX_ATTRS (gather_specs, GatherAttrs), infer_gather, run_gather },
};

OX_FAMILY (gather_blocks, "com.microsoft", gather_blocks_rows);
