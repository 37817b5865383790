/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "kernel/ox-gemm.h"
#include "ops/ox-move.h"

/* Products with a weight of few bits, quantised in blocks along its rows: MatMulNBits, MatMulBnb4. Rows of the weight are
 * restored to float a few at a time; sums are of floats, whatever less precision accuracy_level would allow. */

typedef struct { gint64 K, N, bits, block_size, accuracy_level, weight_prepacked, quant_type, transB; } BlockAttrs;

typedef enum { N_BITS, BNB4 } Kind;

enum { A, B, SCALES, ZEROS, GROUPS, BIAS };   /* inputs; B and SCALES of MatMulBnb4 too */

/* The values of four bits, FP4 and NF4, as bitsandbytes made them. */
static const float bnb4_values[2][16] = {
  { 0, 5.208333333e-03f, 0.66666667f, 1, 0.33333333f, 0.5f, 0.16666667f, 0.25f,
    -0.0f, -5.208333333e-03f, -0.66666667f, -1, -0.33333333f, -0.5f, -0.16666667f, -0.25f },
  { -1, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f,
    -0.09105003625154495f, 0, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
    0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1 },
};

typedef struct
{
  OxCall       *call;
  Kind          kind;
  gint64        m, n, k;         /* the weight is [n, k] */
  gint64        bits, block, blocks, zero_row;   /* blocks of a row, bytes of packed zero points of a row */
  gboolean      transposed;      /* the product is with its transpose: [m, k] times [k, n] */
  const float  *a, *scales, *zeros_f32, *values;
  const guint8 *b, *zeros;
  const gint32 *groups;          /* the block of each column */
  float        *y;
  gint          failed;
} Job;

/* ---- what comes out ------------------------------------------------------------------------------------------- */

static gboolean
check_attrs (const OxCall *call, GError **error)
{
  const BlockAttrs *at = call->attrs;

  if (at->K < 1 || at->N < 1 || at->K > G_MAXINT32 || at->N > G_MAXINT32)
    return ox_fail (error, OX_ERROR_VALUE,
                    "K and N are %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT ", expected positive numbers",
                    at->K, at->N);
  if (at->block_size < 16 || at->block_size > G_MAXINT32 || (at->block_size & (at->block_size - 1)) != 0)
    return ox_fail (error, OX_ERROR_VALUE, "block_size is %" G_GINT64_FORMAT ", expected a power of 2 from 16",
                    at->block_size);
  if (call->op->code == BNB4)
    return at->quant_type == 0 || at->quant_type == 1
           || ox_fail (error, OX_ERROR_VALUE, "quant_type is %" G_GINT64_FORMAT ", expected 0 or 1", at->quant_type);
  if (at->bits != 2 && at->bits != 4 && at->bits != 8)
    return ox_fail (error, OX_ERROR_VALUE, "bits is %" G_GINT64_FORMAT ", expected 2, 4 or 8", at->bits);
  if (at->accuracy_level < 0 || at->accuracy_level > 4)
    return ox_fail (error, OX_ERROR_VALUE, "accuracy_level is %" G_GINT64_FORMAT ", expected 0 to 4", at->accuracy_level);
  return at->weight_prepacked == 0
         || ox_fail (error, OX_ERROR_UNSUPPORTED,
                     "weight_prepacked is %" G_GINT64_FORMAT ": the weight is laid out for a GPU",
                     at->weight_prepacked);
}

/* What input @i has must be @n elements of @dtype (UNDEFINED: any). */
static gboolean
expect (OxCall *call, int i, const char *what, OxDtype dtype, gint64 n, GError **error)
{
  const OxFact *fact = ox_call_fact (call, i);
  OxDim count = OX_DIM_UNKNOWN;

  if (fact == NULL)
    return TRUE;
  if (dtype != OX_UNDEFINED && fact->dtype != OX_UNDEFINED && fact->dtype != dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "the %s are %s, expected %s", what, ox_dtype_name (fact->dtype),
                    ox_dtype_name (dtype));
  if (ox_fact_rank (fact) >= 0)
    count = ox_dims_product (call->dims, fact->rank, fact->dims);
  return !ox_dim_known (count) || count == n
         || ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " %s, expected %" G_GINT64_FORMAT, count, what, n);
}

static gboolean
infer_blocks (OxCall *call, GError **error)
{
  const BlockAttrs *at = call->attrs;
  const OxFact *a = ox_call_fact (call, A), *zeros = ox_call_fact (call, ZEROS);
  OxDtype dtype = ox_fact_dtype (a);
  gboolean turned = call->op->code == BNB4 && at->transB == 0;
  gint64 in = turned ? at->N : at->K, out = turned ? at->K : at->N, blocks;
  OxDim dims[OX_MAX_RANK];

  if (!check_attrs (call, error))
    return FALSE;
  if (dtype != OX_UNDEFINED && dtype != OX_F32 && dtype != OX_F16 && dtype != OX_BF16)
    return ox_fail (error, OX_ERROR_DTYPE, "expected float, float16 or bfloat16 as input 0, found %s",
                    ox_dtype_name (dtype));
  if (call->op->code == BNB4)
    {
      if (!expect (call, B, "bytes of weight", OX_U8, (at->N * at->K + 1) / 2, error)
          || !expect (call, SCALES, "scales", dtype, (at->N * at->K - 1) / at->block_size + 1, error))
        return FALSE;
    }
  else
    {
      blocks = (at->K - 1) / at->block_size + 1;
      if (!expect (call, B, "bytes of weight", OX_U8, at->N * blocks * (at->block_size * at->bits / 8), error)
          || !expect (call, SCALES, "scales", dtype, at->N * blocks, error) || !expect (call, BIAS, "biases", dtype,
                                                                                        at->N, error))
        return FALSE;
      if (zeros != NULL && zeros->dtype == OX_U8)
        {
          if (!expect (call, ZEROS, "bytes of zero points", OX_U8, at->N * ((blocks * at->bits + 7) / 8), error))
            return FALSE;
        }
      else if (zeros != NULL && zeros->dtype != OX_UNDEFINED && !expect (call, ZEROS, "zero points", dtype,
                                                                         at->N * blocks, error))
        return FALSE;
      if (ox_call_fact (call, GROUPS) != NULL && !expect (call, GROUPS, "groups", OX_I32, at->K, NULL)
          && !expect (call, GROUPS, "groups", OX_I32, blocks * at->block_size, error))
        return FALSE;
    }
  if (ox_fact_rank (a) < 0)
    {
      ox_call_set_unknown (call, 0, dtype);
      return TRUE;
    }
  if (a->rank == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "a scalar is no matrix");
  if (ox_dim_known (a->dims[a->rank - 1]) && a->dims[a->rank - 1] != in)
    return ox_fail (error, OX_ERROR_SHAPE, "A has %" G_GINT64_FORMAT " columns, expected %" G_GINT64_FORMAT,
                    a->dims[a->rank - 1], in);
  memcpy (dims, a->dims, (gsize) a->rank * sizeof (OxDim));
  dims[a->rank - 1] = out;
  ox_call_set (call, 0, dtype, a->rank, dims);
  return TRUE;
}

/* ---- the weight ----------------------------------------------------------------------------------------------- */

/* Row @n of the weight in float. */
static void
restore_row (const Job *job, gint64 n, float *row)
{
  if (job->kind == BNB4)
    {
      for (gint64 k = 0; k < job->k && !ox_pause (k); k++)
        {
          gint64 at = n * job->k + k;
          guint8 byte = job->b[at / 2];

          row[k] = job->values[at % 2 == 0 ? byte >> 4 : byte & 15] * job->scales[at / job->block];
        }
      return;
    }
  for (gint64 k = 0; k < job->k && !ox_turn (); k++)
    {
      gint64 bit = (n * job->blocks * job->block + k) * job->bits;
      gint64 block = job->groups != NULL ? job->groups[k] : k / job->block, at = n * job->blocks + block;
      guint mask = (1u << job->bits) - 1;
      float q = (float) (job->b[bit / 8] >> bit % 8 & mask), zero = (float) (1u << (job->bits - 1));

      if (job->zeros_f32 != NULL)
        zero = job->zeros_f32[at];
      else if (job->zeros != NULL)
        zero = (float) (job->zeros[n * job->zero_row + block * job->bits / 8] >> block * job->bits % 8 & mask);
      row[k] = (q - zero) * job->scales[at];
    }
}

#define ROWS 32                /* of the weight, restored together */

static void
tile_range (gint64 begin, gint64 end, gpointer data)
{
  Job *job = data;
  float *rows = ox_alloc ((gsize) (ROWS * job->k) * sizeof (float), NULL);

  if (rows == NULL)
    g_atomic_int_set (&job->failed, TRUE);
  for (gint64 tile = begin; tile < end && !g_atomic_int_get (&job->failed); tile++)
    {
      gint64 first = tile * ROWS, count = MIN (ROWS, job->n - first);

      if (ox_call_cancelled (job->call, NULL))
        break;
      for (gint64 i = 0; i < count && !ox_turn (); i++)
        restore_row (job, first + i, rows + i * job->k);
      ox_gemm_f32 (FALSE, TRUE, job->m, count, job->k, 1, job->a, job->k, rows, job->k, 0, job->y + first, job->n);
    }
  ox_free (rows);
}

/* [m, n] times the weight as it lies: sums over its rows, on this thread tile by tile. */
static gboolean
add_rows (Job *job, float *rows, GError **error)
{
  for (gint64 first = 0; first < job->n; first += ROWS)
    {
      gint64 count = MIN (ROWS, job->n - first);

      if (ox_call_cancelled (job->call, error))
        return FALSE;
      for (gint64 i = 0; i < count && !ox_turn (); i++)
        restore_row (job, first + i, rows + i * job->k);
      ox_gemm_f32 (FALSE, FALSE, job->m, job->k, count, 1, job->a + first, job->n, rows, job->k, first > 0 ? 1 : 0, job->y,
                   job->k);
    }
  return TRUE;
}

/* ---- the product ---------------------------------------------------------------------------------------------- */

static gboolean
read_weight (Job *job, GError **error)
{
  OxCall *call = job->call;
  const OxTensor *b = ox_call_in_dense (call, B, error), *scales = b != NULL ? ox_call_in_as (call, SCALES, OX_F32, error)
    : NULL;
  const OxTensor *zeros = NULL, *groups;

  if (scales == NULL)
    return FALSE;
  job->b = b->data;
  job->scales = (const float *) scales->data;
  if (ox_call_in (call, ZEROS) != NULL)
    {
      gboolean packed = ox_call_in (call, ZEROS)->dtype == OX_U8;

      if ((zeros = packed ? ox_call_in_dense (call, ZEROS, error) : ox_call_in_as (call, ZEROS, OX_F32, error)) == NULL)
        return FALSE;
      job->zeros = packed ? zeros->data : NULL;
      job->zeros_f32 = packed ? NULL : (const float *) zeros->data;
    }
  if (ox_call_in (call, GROUPS) != NULL)
    {
      if ((groups = ox_call_in_dense (call, GROUPS, error)) == NULL)
        return FALSE;
      job->groups = (const gint32 *) groups->data;
      for (gint64 k = 0; k < job->k; k++)
        if (job->groups[k] < 0 || job->groups[k] >= job->blocks)
          return ox_fail (error, OX_ERROR_VALUE,
                          "group %d of column %" G_GINT64_FORMAT ", there are %" G_GINT64_FORMAT " blocks",
                          job->groups[k], k, job->blocks);
    }
  return TRUE;
}

static gboolean
run_blocks (OxCall *call, GError **error)
{
  const BlockAttrs *at = call->attrs;
  Job job = { .call = call, .kind = (Kind) call->op->code, .n = at->N, .k = at->K, .bits = at->bits, .block
              = at->block_size };
  const OxTensor *a = ox_call_in_as (call, A, OX_F32, error), *bias = NULL;
  OxTensor *out = a != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 width;

  if (out == NULL)
    return FALSE;
  job.blocks = (job.k - 1) / job.block + 1;
  job.zero_row = (job.blocks * job.bits + 7) / 8;
  job.values = bnb4_values[at->quant_type == 1];
  job.transposed = job.kind == N_BITS || at->transB != 0;
  width = job.transposed ? job.n : job.k;
  job.m = out->count / width;
  job.a = (const float *) a->data;
  if (!read_weight (&job, error)
      || (ox_call_in (call, BIAS) != NULL && (bias = ox_call_in_as (call, BIAS, OX_F32, error)) == NULL)
      || (job.y = ox_call_scratch_n (call, MAX (out->count, 1), sizeof (float), error)) == NULL)
    return FALSE;
  if (job.transposed)
    ox_parallel_for ((job.n - 1) / ROWS + 1, 1, tile_range, &job);
  else
    {
      float *rows = ox_call_scratch_n (call, ROWS * job.k, sizeof (float), error);

      if (rows == NULL || !add_rows (&job, rows, error))
        return FALSE;
    }
  if (ox_call_cancelled (call, error))
    return FALSE;
  if (job.failed)
    return ox_fail (error, OX_ERROR_MEMORY, "no memory for some rows of the weight");
  for (gint64 i = 0; bias != NULL && i < out->count && !ox_pause (i); i++)
    job.y[i] += ((const float *) bias->data)[i % width];
  return ox_call_store_f32 (call, 0, job.y, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec bits_specs[] = {
  OX_NEED (BlockAttrs, K, INT),
  OX_NEED (BlockAttrs, N, INT),
  OX_NEED (BlockAttrs, block_size, INT),
  OX_INT (BlockAttrs, bits, 4),
  OX_INT (BlockAttrs, accuracy_level, 0),
  OX_INT (BlockAttrs, weight_prepacked, 0),
};
static const OxAttrSpec bnb4_specs[] = {
  OX_NEED (BlockAttrs, K, INT),          OX_NEED (BlockAttrs, N, INT),   OX_NEED (BlockAttrs, block_size, INT),
  OX_NEED (BlockAttrs, quant_type, INT), OX_INT (BlockAttrs, transB, 1), OX_IGNORE ("training_mode"),
};

static const OxOp quant_blocks_rows[] = {
  { "MatMulNBits", 1, { 3, 6 }, { 1, 1 }, OX_ATTRS (bits_specs, BlockAttrs), infer_blocks, run_blocks, .code = N_BITS },
  { "MatMulBnb4", 1, { 3, 3 }, { 1, 1 }, OX_ATTRS (bnb4_specs, BlockAttrs), infer_blocks, run_blocks, .code = BNB4 },
};

OX_FAMILY (quant_blocks, "com.microsoft", quant_blocks_rows);
