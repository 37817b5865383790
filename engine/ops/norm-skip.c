/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "kernel/ox-moments.h"
#include "kernel/ox-walk.h"

/* Normalisations of sums as ONNX Runtime's optimiser writes them into transformers: SkipLayerNormalization,
 * SkipSimplifiedLayerNormalization, EmbedLayerNormalization. */

typedef struct { double epsilon; } SkipAttrs;

/* @y = the rows of @sum normalised, scaled and shifted; everything in float. */
typedef struct
{
  gboolean     centered;       /* else by the root of the mean square alone */
  gint64       length;
  double       epsilon;
  const float *sum, *gamma, *beta;
  float       *y;
  double      *mean, *inverse; /* of each row, may be NULL */
} Rows;

static void
rows_range (gint64 begin, gint64 end, gpointer data)
{
  const Rows *rows = data;
  gint64 n = rows->length;

  for (gint64 r = begin; r < end && !ox_turn (); r++)
    {
      const float *x = rows->sum + r * n;
      float *y = rows->y + r * n, middle, factor;
      double mean = rows->centered ? ox_sum_f32 (x, n) / (double) n : 0;
      double inverse = 1 / sqrt (ox_square_sum_f32 (x, n, mean) / (double) n + rows->epsilon);

      middle = (float) mean;
      factor = (float) inverse;
      for (gint64 i = 0; i < n; i++)
        y[i] = (x[i] - middle) * factor * rows->gamma[i] + (rows->beta != NULL ? rows->beta[i] : 0);
      if (rows->mean != NULL)
        rows->mean[r] = mean;
      if (rows->inverse != NULL)
        rows->inverse[r] = inverse;
    }
}

/* Input @i as a float vector of @n elements. */
static const float *
vector (OxCall *call, int i, const char *name, gint64 n, GError **error)
{
  const OxTensor *tensor = ox_call_in_as (call, i, OX_F32, error);

  if (tensor != NULL && (tensor->rank != 1 || tensor->count != n))
    {
      g_autofree char *shape = ox_tensor_shape_string (tensor);

      ox_fail (error, OX_ERROR_SHAPE, "%s has the shape %s, expected %" G_GINT64_FORMAT " elements", name, shape, n);
      return NULL;
    }
  return tensor != NULL ? (const float *) tensor->data : NULL;
}

static gboolean
is_float_input (OxCall *call, int i, GError **error)
{
  OxDtype dtype = ox_call_in (call, i)->dtype;

  return ox_dtype_is_float (dtype)
         || ox_fail (error, OX_ERROR_DTYPE, "no normalisation of %s", ox_dtype_name (dtype));
}

/* ---- SkipLayerNormalization ----------------------------------------------------------------------------------- */

/* The inputs behind gamma: the simplified one has no beta. */
static int
bias_input (const OxCall *call)
{
  return call->op->code == 0 ? 4 : 3;
}

static gboolean
skip_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  OxDim dims[OX_MAX_RANK];

  ox_call_set_like (call, 0, 0);
  ox_call_set_like (call, 3, 0);
  if (ox_fact_rank (x) < 0)
    {
      ox_call_set_unknown (call, 1, OX_F32);
      ox_call_set_unknown (call, 2, OX_F32);
      return TRUE;
    }
  if (x->rank < 1)
    return ox_fail (error, OX_ERROR_SHAPE, "a scalar has no axis to normalise");
  memcpy (dims, x->dims, (gsize) x->rank * sizeof (OxDim));
  dims[x->rank - 1] = 1;
  ox_call_set (call, 1, OX_F32, x->rank, dims);
  ox_call_set (call, 2, OX_F32, x->rank, dims);
  return TRUE;
}

/* @sum = input + skip + bias, where skip may lack the batch. */
static gboolean
skip_sum (OxCall *call, gint64 length, float *sum, GError **error)
{
  const OxTensor *x = ox_call_in_as (call, 0, OX_F32, error), *skip = x != NULL ? ox_call_in_as (call, 1, OX_F32, error) : NULL;
  const float *bias = NULL;
  gint64 strides[OX_MAX_RANK], dense[OX_MAX_RANK], step = sizeof (float);

  if (skip == NULL || (ox_call_in (call, bias_input (call)) != NULL
                       && (bias = vector (call, bias_input (call), "the bias", length, error)) == NULL))
    return FALSE;
  if (!ox_broadcast_strides (skip, x->rank, x->dims, strides))
    {
      g_autofree char *have = ox_tensor_shape_string (skip), *want = ox_tensor_shape_string (x);

      return ox_fail (error, OX_ERROR_SHAPE, "skip of shape %s does not broadcast to %s", have, want);
    }
  for (int d = x->rank - 1; d >= 0; d--)
    {
      dense[d] = step;
      step *= x->dims[d];
    }
  if (x->count == 0)
    return TRUE;
  ox_copy_strided (OX_F32, x->rank, x->dims, (char *) sum, dense, (const char *) skip->data, strides);
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    sum[i] += ((const float *) x->data)[i] + (bias != NULL ? bias[i % length] : 0);
  return TRUE;
}

static gboolean
skip_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in (call, 0);
  gint64 length = x->dims[x->rank - 1], n = length > 0 ? x->count / length : 0;
  Rows rows = { .centered = call->op->code == 0, .length = length, .epsilon = ((const SkipAttrs *) call->attrs)->epsilon };
  float *sum;

  if (!is_float_input (call, 0, error) || (sum = ox_call_scratch_n (call, x->count, sizeof (float), error)) == NULL
      || (rows.y = ox_call_scratch_n (call, x->count, sizeof (float), error)) == NULL
      || (ox_call_wants (call, 1) && (rows.mean = ox_call_scratch_n (call, n, sizeof (double), error)) == NULL)
      || (ox_call_wants (call, 2) && (rows.inverse = ox_call_scratch_n (call, n, sizeof (double), error)) == NULL)
      || (rows.gamma = vector (call, 2, "gamma", length, error)) == NULL
      || (rows.centered && ox_call_in (call, 3) != NULL && (rows.beta = vector (call, 3, "beta", length, error)) == NULL)
      || !skip_sum (call, length, sum, error))
    return FALSE;
  rows.sum = sum;
  ox_parallel_for (n, 1 + 32768 / (1 + length), rows_range, &rows);
  for (int o = 1; o < 3; o++)
    {
      const double *values = o == 1 ? rows.mean : rows.inverse;
      OxTensor *out = values != NULL ? ox_call_out (call, o, error) : NULL;

      if (values != NULL && out == NULL)
        return FALSE;
      for (gint64 i = 0; out != NULL && i < n && !ox_pause (i); i++)
        ox_tensor_set (out, i, values[i]);
    }
  return (!ox_call_wants (call, 3) || ox_call_store_f32 (call, 3, sum, error)) && ox_call_store_f32 (call, 0, rows.y, error);
}

/* ---- EmbedLayerNormalization ---------------------------------------------------------------------------------- */

/* Inputs, by their place in the node. */
enum { IDS, SEGMENT_IDS, WORDS, POSITIONS, SEGMENTS, GAMMA, BETA, MASK, POSITION_IDS };

static gboolean
embed_infer (OxCall *call, GError **error)
{
  static const int needed[] = { WORDS, POSITIONS, GAMMA, BETA };
  const OxFact *ids = ox_call_fact (call, IDS), *words = ox_call_fact (call, WORDS);
  OxDim dims[3];

  /* The ids of segments may be left out between inputs that may not. */
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (ox_call_fact (call, needed[i]) == NULL)
      return ox_fail (error, OX_ERROR_MODEL, "input %d must not be omitted", needed[i]);
  if ((ox_fact_rank (ids) >= 0 && ids->rank != 2) || (ox_fact_rank (words) >= 0 && words->rank != 2))
    return ox_fail (error, OX_ERROR_SHAPE, "the ids and the table of words must have rank 2");
  if ((ox_call_fact (call, SEGMENT_IDS) != NULL) != (ox_call_fact (call, SEGMENTS) != NULL))
    return ox_fail (error, OX_ERROR_MODEL, "ids of segments go with a table of segments");
  dims[0] = ox_fact_dim (ids, 0);
  dims[1] = ox_fact_dim (ids, 1);
  dims[2] = ox_fact_dim (words, 1);
  ox_call_set (call, 0, ox_fact_dtype (words), 3, dims);
  ox_call_set (call, 1, OX_I32, 1, dims);
  ox_call_set (call, 2, ox_fact_dtype (words), 3, dims);
  return TRUE;
}

/* Adds to each of @n rows the row of the table that is input @table_in and that the ids (NULL: the place in the
 * sentence) name; ids of one sentence serve all. */
static gboolean
add_rows (OxCall *call, int table_in, const char *name, const OxTensor *ids, gint64 n, gint64 sentence, gint64 length,
          float *sum, GError **error)
{
  const OxTensor *table = ox_call_in_as (call, table_in, OX_F32, error);

  if (table == NULL)
    return FALSE;
  if (table->rank != 2 || table->dims[1] != length)
    return ox_fail (error, OX_ERROR_SHAPE, "the table of %s must have rows of %" G_GINT64_FORMAT " elements", name, length);
  if (ids != NULL && ids->count != n && ids->count != sentence)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " ids of %s, expected %" G_GINT64_FORMAT, ids->count, name, n);
  for (gint64 r = 0; r < n && !ox_turn (); r++)
    {
      gint64 id = ids != NULL ? ((const gint64 *) ids->data)[r % ids->count] : r % sentence;
      const float *row;

      if (id < 0 || id >= table->dims[0])
        return ox_fail (error, OX_ERROR_VALUE, "id %" G_GINT64_FORMAT " is outside of a table of %" G_GINT64_FORMAT " %s", id,
                        table->dims[0], name);
      row = (const float *) table->data + id * length;
      for (gint64 i = 0; i < length; i++)
        sum[r * length + i] += row[i];
    }
  return TRUE;
}

/* How many words of each sentence the mask keeps; 0 where there is none. */
static gboolean
count_mask (OxCall *call, gint64 batch, gint64 sentence, GError **error)
{
  OxTensor *out = ox_call_out (call, 1, error);
  const OxTensor *mask = NULL;

  if (out == NULL || (ox_call_in (call, MASK) != NULL && (mask = ox_call_in_as (call, MASK, OX_I64, error)) == NULL))
    return FALSE;
  if (mask != NULL && mask->count != batch * sentence)
    return ox_fail (error, OX_ERROR_SHAPE, "the mask has not the shape of the ids");
  for (gint64 b = 0; b < batch && !ox_turn (); b++)
    {
      gint64 kept = 0;

      for (gint64 s = 0; mask != NULL && s < sentence; s++)
        kept += ((const gint64 *) mask->data)[b * sentence + s] == 1;
      ((gint32 *) out->data)[b] = (gint32) kept;
    }
  return TRUE;
}

static gboolean
embed_run (OxCall *call, GError **error)
{
  const OxTensor *ids = ox_call_in_as (call, IDS, OX_I64, error), *segments = NULL, *places = NULL;
  gint64 length = ox_call_in (call, WORDS)->dims[1], n, sentence;
  Rows rows = { .centered = TRUE, .length = length, .epsilon = ((const SkipAttrs *) call->attrs)->epsilon };
  OxTensor *out = ids != NULL ? ox_call_out (call, 0, error) : NULL;
  float *sum;

  if (out == NULL || !is_float_input (call, WORDS, error)
      || (ox_call_in (call, SEGMENT_IDS) != NULL && (segments = ox_call_in_as (call, SEGMENT_IDS, OX_I64, error)) == NULL)
      || (ox_call_in (call, POSITION_IDS) != NULL && (places = ox_call_in_as (call, POSITION_IDS, OX_I64, error)) == NULL)
      || (sum = ox_call_scratch_n (call, out->count, sizeof (float), error)) == NULL
      || (rows.y = ox_call_scratch_n (call, out->count, sizeof (float), error)) == NULL
      || (rows.gamma = vector (call, GAMMA, "gamma", length, error)) == NULL
      || (rows.beta = vector (call, BETA, "beta", length, error)) == NULL)
    return FALSE;
  n = ids->count;
  sentence = ids->dims[1];
  if (out->count > 0)
    ox_clear (sum, (gsize) out->count * sizeof (float));
  if (!add_rows (call, WORDS, "words", ids, n, sentence, length, sum, error)
      || !add_rows (call, POSITIONS, "positions", places, n, sentence, length, sum, error)
      || (segments != NULL && !add_rows (call, SEGMENTS, "segments", segments, n, sentence, length, sum, error))
      || (ox_call_wants (call, 1) && !count_mask (call, ids->dims[0], sentence, error)))
    return FALSE;
  rows.sum = sum;
  if (length > 0)
    ox_parallel_for (n, 1 + 32768 / (1 + length), rows_range, &rows);
  return (!ox_call_wants (call, 2) || ox_call_store_f32 (call, 2, sum, error)) && ox_call_store_f32 (call, 0, rows.y, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec skip_specs[] = { OX_FLOAT (SkipAttrs, epsilon, 1e-12f) };
static const OxAttrSpec simplified_specs[] = { OX_FLOAT (SkipAttrs, epsilon, 1e-6f) };
/* mask_index_type speaks to shape inference of other programs only. */
static const OxAttrSpec embed_specs[] = { OX_FLOAT (SkipAttrs, epsilon, 1e-12f), OX_IGNORE ("mask_index_type") };

static const OxOp norm_skip_rows[] = {
  { "SkipLayerNormalization", 1, { 3, 5 }, { 1, 4 }, OX_ATTRS (skip_specs, SkipAttrs), .infer = skip_infer, .run = skip_run },
  { "SkipSimplifiedLayerNormalization", 1, { 3, 4 }, { 1, 4 }, OX_ATTRS (simplified_specs, SkipAttrs), .infer = skip_infer,
    .run = skip_run, .code = 1 },
  { "EmbedLayerNormalization", 1, { 1, 9 }, { 1, 3 }, OX_ATTRS (embed_specs, SkipAttrs), .infer = embed_infer,
    .run = embed_run },
};

OX_FAMILY (norm_skip, "com.microsoft", norm_skip_rows);
