/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-memory.h"
#include "ops/ox-heads.h"
#include "ops/ox-move.h"

/* What stands around attention in ONNX Runtime's domain: RemovePadding, RestorePadding, RelativePositionBias,
 * GatedRelativePositionBias. */

/* ---- RemovePadding, RestorePadding ---------------------------------------------------------------------------- */

static gboolean
remove_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *counts = ox_call_fact (call, 1);
  OxDim batch = ox_fact_dim (x, 0), tokens = OX_DIM_UNKNOWN;
  const gint64 *n;
  int k;

  if ((ox_fact_rank (x) >= 0 && x->rank != 3) || (ox_fact_rank (counts) >= 0 && counts->rank != 1))
    return ox_fail (error, OX_ERROR_SHAPE, "expected an input of 3 axes and counts of 1, found %d and %d", ox_fact_rank (x),
                    ox_fact_rank (counts));
  if (ox_call_numbers (call, 1, &n, &k))
    {
      const OxDim most = ox_fact_dim (x, 1);

      tokens = 0;
      if (ox_dim_known (batch) && batch != k)
        return ox_fail (error, OX_ERROR_SHAPE, "%d counts for %" G_GINT64_FORMAT " sequences", k, batch);
      for (int b = 0; b < k; b++)
        {
          if (n[b] < 0 || (ox_dim_known (most) && n[b] > most))
            return ox_fail (error, OX_ERROR_VALUE, "a sequence of %" G_GINT64_FORMAT " tokens, expected 0 to %" G_GINT64_FORMAT, n[b],
                            most);
          tokens = ox_dim_add (call->dims, tokens, n[b]);
        }
    }
  ox_call_set (call, 0, ox_fact_dtype (x), 2, (OxDim[]) { tokens, ox_fact_dim (x, 2) });
  ox_call_set (call, 1, OX_I32, 2, (OxDim[]) { batch, ox_fact_dim (x, 1) });
  ox_call_set (call, 2, OX_I32, 1, (OxDim[]) { ox_dim_add (call->dims, batch, 1) });
  ox_call_set (call, 3, OX_I32, 1, (OxDim[]) { 1 });
  return TRUE;
}

static gboolean
remove_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  OxTensor *y = x != NULL ? ox_call_out (call, 0, error) : NULL, *offsets = y != NULL ? ox_call_out (call, 1, error) : NULL;
  OxTensor *ends = offsets != NULL ? ox_call_out (call, 2, error) : NULL, *most = ends != NULL ? ox_call_out (call, 3, error) : NULL;
  gint64 kept = 0, left, longest = 0, row;
  const gint64 *n;
  int batch;

  if (most == NULL)
    return FALSE;
  if (!ox_call_numbers (call, 1, &n, &batch))
    return ox_fail (error, OX_ERROR_DTYPE, "the counts of tokens should be integers");
  row = x->dims[2] * (gint64) ox_dtype_size (x->dtype);
  left = y->dims[0];
  ((gint32 *) (void *) ends->data)[0] = 0;
  for (int b = 0; b < batch; b++)
    {
      for (gint64 s = 0; s < x->dims[1]; s++)
        {
          const gint64 place = b * x->dims[1] + s;

          ((gint32 *) (void *) offsets->data)[s < n[b] ? kept : left] = (gint32) place;
          if (s >= n[b])
            left++;
          else if (row > 0)
            memcpy (y->data + kept * row, x->data + place * row, (gsize) row);
          kept += s < n[b];
        }
      ((gint32 *) (void *) ends->data)[b + 1] = (gint32) kept;
      longest = MAX (longest, n[b]);
    }
  ((gint32 *) (void *) most->data)[0] = (gint32) longest;
  return TRUE;
}

static gboolean
restore_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *offsets = ox_call_fact (call, 1);

  if ((ox_fact_rank (x) >= 0 && x->rank != 2) || (ox_fact_rank (offsets) >= 0 && offsets->rank != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "expected input and offsets of 2 axes, found %d and %d", ox_fact_rank (x),
                    ox_fact_rank (offsets));
  ox_call_set (call, 0, ox_fact_dtype (x), 3, (OxDim[]) { ox_fact_dim (offsets, 0), ox_fact_dim (offsets, 1), ox_fact_dim (x, 1) });
  return TRUE;
}

static gboolean
restore_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  const gint64 *places = x != NULL ? ox_call_indices (call, 1, error) : NULL;
  OxTensor *y = places != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 row;

  if (y == NULL)
    return FALSE;
  if (!ox_dtype_is_float (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected a float type, found %s", ox_dtype_name (x->dtype));
  if (x->dims[0] > y->dims[0] * y->dims[1])
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " tokens for %" G_GINT64_FORMAT " places", x->dims[0],
                    y->dims[0] * y->dims[1]);
  row = x->dims[1] * (gint64) ox_dtype_size (x->dtype);
  if (y->count > 0)
    ox_clear (y->data, ox_tensor_bytes (y));
  for (gint64 i = 0; i < x->dims[0] && !ox_turn (); i++)
    {
      if (places[i] < 0 || places[i] >= y->dims[0] * y->dims[1])
        return ox_fail (error, OX_ERROR_VALUE, "place %" G_GINT64_FORMAT " is not in 0..%" G_GINT64_FORMAT, places[i],
                        y->dims[0] * y->dims[1] - 1);
      if (row > 0)
        memcpy (y->data + places[i] * row, x->data + i * row, (gsize) row);
    }
  return TRUE;
}

/* ---- RelativePositionBias ------------------------------------------------------------------------------------- */

typedef struct { gint64 max_distance, is_bidirectional; } RelativeAttrs;

static gboolean
relative_infer (OxCall *call, GError **error)
{
  const OxFact *table = ox_call_fact (call, 0);
  const OxDim *rows = NULL, *keys = NULL;
  int n = 0, m = 0;
  OxDim length = OX_DIM_UNKNOWN;

  if (ox_fact_rank (table) >= 0 && table->rank != 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a bias_table of 2 axes, found %d", table->rank);
  if (ox_call_ints (call, 1, &rows, &n) && ox_call_ints (call, 2, &keys, &m))
    {
      if (n != 1 || m != 1 || (ox_dim_known (rows[0]) && ox_dim_known (keys[0]) && rows[0] != keys[0]))
        return ox_fail (error, OX_ERROR_VALUE, "query_length and key_length should be one and the same number");
      length = rows[0];
      if (call->running && length < 0)
        return ox_fail (error, OX_ERROR_VALUE, "the length is negative");
    }
  ox_call_set (call, 0, ox_fact_dtype (table), 4, (OxDim[]) { 1, ox_fact_dim (table, 1), length, length });
  return TRUE;
}

/* The class of a distance: small ones have one each, larger ones share by their logarithm. */
static gint64
bucket_of (gint64 distance, gint64 buckets, const RelativeAttrs *attrs)
{
  gint64 first = 0, exact, bucket;

  if (attrs->is_bidirectional)
    {
      buckets /= 2;
      first = distance > 0 ? buckets : 0;
    }
  distance = ABS (distance);
  exact = buckets / 2;
  if (distance < exact)
    return first + distance;
  if (exact == 0)
    return first + MAX (buckets - 1, 0);
  bucket = exact + (gint64) (logf ((float) distance / (float) exact) / logf ((float) attrs->max_distance / (float) exact)
                             * (float) (buckets - exact));
  return first + CLAMP (bucket, 0, buckets - 1);
}

static gboolean
relative_run (OxCall *call, GError **error)
{
  const RelativeAttrs *attrs = call->attrs;
  const OxTensor *table = ox_call_in_as (call, 0, OX_F32, error);
  OxTensor *out = table != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 length, buckets;
  float *y;

  if (out == NULL || !ox_call_in_float (call, 0, error) || (y = ox_call_scratch_n (call, out->count, sizeof (float), error)) == NULL)
    return FALSE;
  length = out->dims[2];
  buckets = table->dims[0];
  if (buckets < (attrs->is_bidirectional ? 4 : 2) || attrs->max_distance <= buckets / (attrs->is_bidirectional ? 4 : 2))
    return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " buckets for a distance of up to %" G_GINT64_FORMAT, buckets,
                    attrs->max_distance);
  /* The table lies head by head, whatever its shape says. */
  for (gint64 h = 0; h < table->dims[1] && !ox_turn (); h++)
    for (gint64 s = 0; s < length && !ox_turn (); s++)
      for (gint64 t = 0; t < length; t++)
        y[(h * length + s) * length + t] =
          ((const float *) (const void *) table->data)[h * buckets + bucket_of (t - s, buckets, attrs)];
  return ox_call_store_f32 (call, 0, y, error);
}

/* ---- GatedRelativePositionBias -------------------------------------------------------------------------------- */

typedef struct { gint64 num_heads; } GatedAttrs;

enum { QUERY, QUERY_BIAS, REL_POS, WEIGHT, BIAS, ECO, TOKENS };

static gboolean
gated_infer (OxCall *call, GError **error)
{
  const GatedAttrs *attrs = call->attrs;
  const OxFact *q = ox_call_fact (call, QUERY), *tokens = ox_call_fact (call, TOKENS);
  const OxFact *shape = tokens != NULL ? tokens : q;

  if (attrs->num_heads < 1)
    return ox_fail (error, OX_ERROR_VALUE, "num_heads is %" G_GINT64_FORMAT ", expected 1 or more", attrs->num_heads);
  if ((ox_fact_rank (q) >= 0 && q->rank != (tokens != NULL ? 2 : 3)) || (tokens != NULL && ox_fact_rank (tokens) >= 0 && tokens->rank != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "expected a query of %d axes%s", tokens != NULL ? 2 : 3,
                    tokens != NULL ? " and offsets of 2" : "");
  ox_call_set (call, 0, ox_fact_dtype (q), 4,
               (OxDim[]) { ox_fact_dim (shape, 0), attrs->num_heads, ox_fact_dim (shape, 1), ox_fact_dim (shape, 1) });
  return TRUE;
}

static double
sigmoid (double x)
{
  return x >= 0 ? 1 / (1 + exp (-x)) : exp (x) / (1 + exp (x));
}

/* The gate of a row: two sums over the halves of weight' (q + query_bias) + bias. */
static double
gate_of (const float *q, const float *q_bias, gint64 size, const float *weight, const float *bias, gint64 columns, double eco)
{
  double half[2] = { 0, 0 };

  for (gint64 d = 0; d < columns && !ox_turn (); d++)
    {
      double sum = (double) bias[d];

      for (gint64 i = 0; i < size; i++)
        sum += ((double) q[i] + (double) q_bias[i]) * (double) weight[i * columns + d];
      half[d >= columns / 2] += sum;
    }
  return sigmoid (half[0]) * (sigmoid (half[1]) * eco - 1) + 2;
}

static gboolean
gated_run (OxCall *call, GError **error)
{
  const gint64 heads = ((const GatedAttrs *) call->attrs)->num_heads;
  const OxTensor *query = ox_call_in_as (call, QUERY, OX_F32, error), *weight = NULL;
  OxTensor *out = query != NULL ? ox_call_out (call, 0, error) : NULL;
  const gint64 *places = NULL;
  const float *q_bias, *rel, *bias, *eco;
  gint64 size, length, batch, tokens;
  float *y;

  if (out == NULL || !ox_call_in_float (call, QUERY, error) || (weight = ox_call_in_as (call, WEIGHT, OX_F32, error)) == NULL)
    return FALSE;
  batch = out->dims[0];
  length = out->dims[2];
  size = query->dims[query->rank - 1] / heads;
  tokens = query->rank == 2 ? query->dims[0] : batch * length;
  if (query->dims[query->rank - 1] % heads != 0 || weight->rank != 2 || weight->dims[0] != size || weight->dims[1] % 2 != 0)
    return ox_fail_shape (call, WEIGHT, "the weight", "[size of a head, an even number]", error);
  if ((q_bias = ox_call_floats (call, QUERY_BIAS, "query_bias", heads * size, error)) == NULL
      || (rel = ox_call_floats (call, REL_POS, "rel_pos", heads * length * length, error)) == NULL
      || (bias = ox_call_floats (call, BIAS, "the bias", weight->dims[1], error)) == NULL
      || (eco = ox_call_floats (call, ECO, "eco_a", heads, error)) == NULL
      || (ox_call_in (call, TOKENS) != NULL && (places = ox_call_indices (call, TOKENS, error)) == NULL)
      || (y = ox_call_scratch_n (call, out->count, sizeof (float), error)) == NULL)
    return FALSE;
  if (tokens > batch * length)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " tokens for %" G_GINT64_FORMAT " places", tokens, batch * length);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    y[i] = 0;
  for (gint64 i = 0; i < tokens && !ox_turn (); i++)
    {
      const gint64 place = places != NULL ? places[i] : i, b = place / MAX (length, 1), s = place % MAX (length, 1);

      if (place < 0 || place >= batch * length)
        return ox_fail (error, OX_ERROR_VALUE, "place %" G_GINT64_FORMAT " is not in 0..%" G_GINT64_FORMAT, place, batch * length - 1);
      for (gint64 h = 0; h < heads && !ox_turn (); h++)
        {
          const float *q = (const float *) (const void *) query->data + (i * heads + h) * size;
          const double gate = gate_of (q, q_bias + h * size, size, (const float *) (const void *) weight->data, bias,
                                       weight->dims[1], (double) eco[h]);

          for (gint64 t = 0; t < length; t++)
            y[((b * heads + h) * length + s) * length + t] = (float) (gate * (double) rel[(h * length + s) * length + t]);
        }
    }
  return ox_call_store_f32 (call, 0, y, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec relative_specs[] = {
  OX_NEED (RelativeAttrs, max_distance, INT),
  OX_INT (RelativeAttrs, is_bidirectional, 0),
};

static const OxAttrSpec gated_specs[] = { OX_NEED (GatedAttrs, num_heads, INT) };

static const OxOp ms_padding_rows[] = {
  { "RemovePadding", 1, { 2, 2 }, { 4, 4 }, .infer = remove_infer, .run = remove_run },
  { "RestorePadding", 1, { 2, 2 }, { 1, 1 }, .infer = restore_infer, .run = restore_run },
  { "RelativePositionBias", 1, { 3, 3 }, { 1, 1 }, OX_ATTRS (relative_specs, RelativeAttrs), relative_infer, relative_run },
  { "GatedRelativePositionBias", 1, { 6, 7 }, { 1, 1 }, OX_ATTRS (gated_specs, GatedAttrs), gated_infer, gated_run },
};

OX_FAMILY (ms_padding, "com.microsoft", ms_padding_rows);
