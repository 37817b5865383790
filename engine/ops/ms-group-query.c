/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-cache.h"

#include <math.h>
#include <string.h>

#include "core/ox-memory.h"
#include "ops/ox-move.h"

/* Attention of ONNX Runtime's domain that keeps its keys and values in a cache: GroupQueryAttention, SparseAttention. Both
 * write the new keys behind those of before and see no later ones. */

typedef struct
{
  gint64 num_heads, kv_num_heads, do_rotary, rotary_interleaved, local_window_size, smooth_softmax, qk_output, causal;
  gint64 sliding_window_cache, kv_cache_bit_width, sparse_block_size;
  double scale, softcap, qk_norm_epsilon;
  const char *k_quant_type, *v_quant_type;
} GroupAttrs;

/* The inputs of an operator by their meaning; -1: it has none of it. */
typedef struct { int lengths, total, cos, sin, position_ids, bias, sink, q_norm, k_norm, first_length; } Places;

/* GroupQueryAttention is told the lengths less one. */
static const Places group_places = { 5, 6, 7, 8, 9, 10, 11, 14, 15, 1 };
static const Places sparse_places = { 8, 7, 9, 10, -1, -1, -1, -1, -1, 0 };

enum { QUERY, KEY, VALUE, PAST_KEY, PAST_VALUE, BLOCK_ROWS, BLOCK_COLUMNS, K_SCALE = 12, V_SCALE };

/* What the steps of a run tell each other. */
typedef struct
{
  const GroupAttrs *attrs;
  const Places *places;
  gint64  batch, rows, size, total, capacity;
  gint64 *past, *length;          /* [batch]: keys of before, and with the new ones */
  OxHeads q, k, v, past_k, past_v;
  OxCache k_cache, v_cache;
  gboolean has_past;
} Group;

/* ---- shapes --------------------------------------------------------------------------------------------------- */

static gboolean
check_heads (const GroupAttrs *attrs, GError **error)
{
  if (attrs->num_heads < 1 || attrs->kv_num_heads < 1 || attrs->num_heads > G_MAXINT32 || attrs->num_heads % attrs->kv_num_heads != 0)
    return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " heads of Q do not share %" G_GINT64_FORMAT " heads of K and V",
                    attrs->num_heads, attrs->kv_num_heads);
  return TRUE;
}

static gboolean
group_infer (OxCall *call, GError **error)
{
  const GroupAttrs *attrs = call->attrs;
  const Places *places = call->op->data;
  const OxFact *q = ox_call_fact (call, QUERY), *past = ox_call_fact (call, PAST_KEY);
  const gboolean packed = ox_call_fact (call, KEY) == NULL;
  const OxDim *ints = NULL;
  OxDim size, total = OX_DIM_UNKNOWN, capacity, batch = ox_fact_dim (q, 0), rows = ox_fact_dim (q, 1);
  int n = 0;

  /* What comes before may be omitted. */
  if (ox_call_fact (call, places->total) == NULL || ox_call_fact (call, places->lengths) == NULL
      || (attrs->sparse_block_size != 0 && (past == NULL || ox_call_fact (call, BLOCK_ROWS) == NULL
                                            || ox_call_fact (call, BLOCK_COLUMNS) == NULL)))
    return ox_fail (error, OX_ERROR_MODEL, "inputs %d and %d must not be omitted%s", places->lengths, places->total,
                    attrs->sparse_block_size != 0 ? ", nor the cache and its blocks" : "");
  if (!check_heads (attrs, error))
    return FALSE;
  if (ox_fact_rank (q) >= 0 && q->rank != 3)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a query of 3 axes, found %d", q->rank);
  if (packed != (ox_call_fact (call, VALUE) == NULL))
    return ox_fail (error, OX_ERROR_MODEL, "key and value come together");
  if ((past != NULL) != (ox_call_fact (call, PAST_VALUE) != NULL))
    return ox_fail (error, OX_ERROR_MODEL, "past_key and past_value come together");
  if (past != NULL && ox_fact_rank (past) >= 0 && past->rank != 4)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a past_key of 4 axes, found %d", past->rank);
  if (ox_call_ints (call, places->total, &ints, &n) && n == 1)
    total = ints[0];
  if (call->running && (n != 1 || total < 0))
    return ox_fail (error, OX_ERROR_VALUE, "total_sequence_length should be one number of at least 0");
  size = ox_dim_div (call->dims, ox_fact_dim (q, 2), packed ? attrs->num_heads + 2 * attrs->kv_num_heads : attrs->num_heads);
  capacity = past == NULL ? total : ox_dim_max (call->dims, total, ox_fact_dim (past, 2));
  if (past != NULL && (attrs->sliding_window_cache || attrs->sparse_block_size > 0))
    capacity = ox_fact_dim (past, 2);
  ox_call_set (call, 0, ox_fact_dtype (q), 3, (OxDim[]) { batch, rows, ox_dim_mul (call->dims, attrs->num_heads, size) });
  /* A cache may hold two elements in a byte. */
  if (past != NULL && ox_fact_dtype (past) != ox_fact_dtype (q))
    size = ox_fact_dim (past, 3);
  for (int o = 1; o <= 2; o++)
    ox_call_set (call, o, past != NULL ? ox_fact_dtype (past) : ox_fact_dtype (q), 4,
                 (OxDim[]) { batch, attrs->kv_num_heads, capacity, size });
  ox_call_set (call, 3, ox_fact_dtype (q), 4, (OxDim[]) { batch, attrs->num_heads, rows, total });
  return TRUE;
}

/* ---- what comes in -------------------------------------------------------------------------------------------- */

/* Q, K and V from one tensor or from three. */
static gboolean
read_heads (OxCall *call, Group *g, GError **error)
{
  const gint64 n = g->attrs->num_heads, kv = g->attrs->kv_num_heads;
  const OxTensor *q = ox_call_in_as (call, QUERY, OX_F32, error), *k, *v;
  const gboolean packed = ox_call_in (call, KEY) == NULL;
  gint64 width;
  float *data;

  if (q == NULL)
    return FALSE;
  g->batch = q->dims[0];
  g->rows = q->dims[1];
  width = q->dims[2];
  if (width % (packed ? n + 2 * kv : n) != 0)
    return ox_fail (error, OX_ERROR_SHAPE, "the heads do not divide a query of %" G_GINT64_FORMAT " elements", width);
  g->size = width / (packed ? n + 2 * kv : n);
  data = (float *) (void *) q->data;
  g->q = ox_heads_rows (data, g->batch, n, g->rows, g->size, width);
  if (packed)
    {
      g->k = ox_heads_rows (data + n * g->size, g->batch, kv, g->rows, g->size, width);
      g->v = ox_heads_rows (data + (n + kv) * g->size, g->batch, kv, g->rows, g->size, width);
      return TRUE;
    }
  if ((k = ox_call_in_as (call, KEY, OX_F32, error)) == NULL || (v = ox_call_in_as (call, VALUE, OX_F32, error)) == NULL)
    return FALSE;
  if (k->rank != 3 || k->dims[0] != g->batch || k->dims[1] != g->rows || k->dims[2] != kv * g->size)
    return ox_fail_shape (call, KEY, "the key", "[batch, rows, kv_num_heads * size] with the query's batch and rows", error);
  if (!ox_tensor_same_shape (k, v))
    return ox_fail_shape (call, VALUE, "the value", "like the key", error);
  g->k = ox_heads_rows ((float *) (void *) k->data, g->batch, kv, g->rows, g->size, kv * g->size);
  g->v = ox_heads_rows ((float *) (void *) v->data, g->batch, kv, g->rows, g->size, kv * g->size);
  return TRUE;
}

/* How many keys of before each batch has, and how many with the new ones. */
static gboolean
read_lengths (OxCall *call, Group *g, GError **error)
{
  const gint64 *numbers;
  const OxTensor *lengths = ox_call_in_as (call, g->places->lengths, OX_I64, error);

  if (lengths == NULL || !ox_call_number (call, g->places->total, "total_sequence_length", &g->total, error)
      || (g->past = ox_call_scratch_n (call, 2 * g->batch + 1, sizeof (gint64), error)) == NULL)
    return FALSE;
  g->length = g->past + g->batch;
  if (lengths->count != g->batch)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a length for each of %" G_GINT64_FORMAT " batches, found %" G_GINT64_FORMAT,
                    g->batch, lengths->count);
  numbers = (const gint64 *) (const void *) lengths->data;
  for (gint64 b = 0; b < g->batch; b++)
    {
      /* At the start short batches are padded at their end; later there is no padding. */
      const gboolean first = g->rows == g->total;

      if (numbers[b] < 0 || numbers[b] > g->total - g->places->first_length)
        return ox_fail (error, OX_ERROR_VALUE, "length %" G_GINT64_FORMAT " of batch %" G_GINT64_FORMAT " is not in 0..%" G_GINT64_FORMAT,
                        numbers[b], b, g->total - g->places->first_length);
      g->length[b] = numbers[b] + g->places->first_length;
      g->past[b] = first ? 0 : g->length[b] - g->rows;
      if (g->past[b] < 0)
        return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " keys with %" G_GINT64_FORMAT " new ones among them", g->length[b],
                        g->rows);
    }
  return TRUE;
}

/* Each head of @heads by the root of its mean square, times input @i. */
static gboolean
norm_heads (OxCall *call, OxHeads *heads, int i, const char *name, double epsilon, GError **error)
{
  const float *weight = ox_call_floats (call, i, name, heads->size, error);
  OxHeads normed;

  if (weight == NULL || !ox_heads_alloc (call, &normed, heads->batch, heads->heads, heads->rows, heads->size, error))
    return FALSE;
  for (gint64 b = 0; b < heads->batch && !ox_turn (); b++)
    {
      ox_heads_copy (&normed, 0, heads, 0, b, heads->rows);
      for (gint64 r = 0; r < heads->heads * heads->rows && !ox_turn (); r++)
        {
          float *row = normed.data + b * normed.at[0] + r * heads->size;
          double sum = 0, factor;

          for (gint64 j = 0; j < heads->size; j++)
            sum += (double) row[j] * (double) row[j];
          factor = 1 / sqrt (sum / (double) MAX (heads->size, 1) + epsilon);
          for (gint64 j = 0; j < heads->size; j++)
            row[j] = (float) ((double) row[j] * factor * (double) weight[j]);
        }
    }
  *heads = normed;
  return TRUE;
}

static gboolean
rotate_heads (OxCall *call, Group *g, GError **error)
{
  const OxTensor *cos_table, *sin_table, *ids = NULL;
  const gint64 *given = NULL;
  gint64 *positions, half;

  if (g->attrs->do_rotary == 0)
    return TRUE;
  if (ox_call_in (call, g->places->cos) == NULL || ox_call_in (call, g->places->sin) == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "do_rotary needs cos_cache and sin_cache");
  if ((cos_table = ox_call_in_as (call, g->places->cos, OX_F32, error)) == NULL
      || (sin_table = ox_call_in_as (call, g->places->sin, OX_F32, error)) == NULL
      || (positions = ox_call_scratch_n (call, g->batch * g->rows, sizeof (gint64), error)) == NULL)
    return FALSE;
  if (cos_table->rank != 2 || !ox_tensor_same_shape (cos_table, sin_table) || cos_table->dims[1] > g->size / 2)
    return ox_fail_shape (call, g->places->cos, "cos_cache", "like sin_cache, with no more than half a head in a row", error);
  half = cos_table->dims[1];
  if (g->places->position_ids >= 0 && ox_call_in (call, g->places->position_ids) != NULL)
    {
      if ((ids = ox_call_in_as (call, g->places->position_ids, OX_I64, error)) == NULL)
        return FALSE;
      if (ids->count != g->batch * g->rows)
        return ox_fail_shape (call, g->places->position_ids, "position_ids", "[batch, rows]", error);
      given = (const gint64 *) (const void *) ids->data;
    }
  /* At the start the first position alone counts, for all batches. */
  for (gint64 b = 0; b < g->batch && !ox_turn (); b++)
    for (gint64 s = 0; s < g->rows; s++)
      positions[b * g->rows + s] = given == NULL ? g->past[b] + s : g->rows == g->total ? given[0] + s : given[b * g->rows + s];
  for (int i = 0; i < 2; i++)
    {
      OxHeads *heads = i == 0 ? &g->q : &g->k, turned;

      if (!ox_heads_alloc (call, &turned, heads->batch, heads->heads, heads->rows, heads->size, error))
        return FALSE;
      for (gint64 b = 0; b < heads->batch; b++)
        ox_heads_copy (&turned, 0, heads, 0, b, heads->rows);
      if (!ox_rotate (turned.data, turned.at, turned.batch, turned.heads, turned.rows, half,
                      (const float *) (const void *) cos_table->data, (const float *) (const void *) sin_table->data,
                      cos_table->dims[0], FALSE, positions, g->attrs->rotary_interleaved != 0, error))
        return FALSE;
      *heads = turned;
    }
  return TRUE;
}

/* How many of @length keys a cache of @capacity keeps that always has the last @window: it makes room in steps. */
static gint64
resident (gint64 length, gint64 capacity, gint64 window)
{
  const gint64 step = capacity - window + 1;

  return length <= capacity ? length : length - step * ((length - capacity + step - 1) / step);
}

/* The keys (or values) of before and the new ones, each at its position. */
static gboolean
join (OxCall *call, const Group *g, const OxHeads *past, const OxHeads *now, OxHeads *all, GError **error)
{
  const gboolean sliding = g->attrs->sliding_window_cache != 0;

  if (!ox_heads_alloc (call, all, g->batch, now->heads, sliding ? g->total : g->capacity, g->size, error))
    return FALSE;
  for (gint64 b = 0; b < g->batch; b++)
    {
      gint64 kept = sliding ? resident (g->past[b], g->capacity, g->attrs->local_window_size) : g->past[b];

      if (kept > (g->has_past ? past->rows : 0) || now->rows > all->rows - g->past[b])
        return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " keys of before in a cache of %" G_GINT64_FORMAT, kept,
                        g->has_past ? past->rows : 0);
      if (g->has_past)
        ox_heads_copy (all, g->past[b] - kept, past, 0, b, kept);
      ox_heads_copy (all, g->past[b], now, 0, b, now->rows);
    }
  return TRUE;
}

/* The cache as it goes out. */
static gboolean
keep (OxCall *call, const Group *g, const OxHeads *all, int o, GError **error)
{
  const OxCache *cache = o == 1 ? &g->k_cache : &g->v_cache;

  gint64 *used = ox_call_scratch_n (call, g->batch, sizeof (gint64), error);
  OxHeads window;

  if (used == NULL)
    return FALSE;
  for (gint64 b = 0; b < g->batch; b++)
    used[b] = g->past[b] + g->rows;
  if (g->attrs->sliding_window_cache == 0 || !ox_call_wants (call, o))
    return ox_cache_store (call, cache, o, all, used, error);
  if (!ox_heads_alloc (call, &window, g->batch, all->heads, g->capacity, g->size, error))
    return FALSE;
  for (gint64 b = 0; b < g->batch; b++)
    {
      gint64 kept = resident (g->length[b], g->capacity, g->attrs->local_window_size);

      used[b] = kept;
      ox_heads_copy (&window, 0, all, g->length[b] - kept, b, kept);
    }
  return ox_cache_store (call, cache, o, &window, used, error);
}

static gboolean
read_past (OxCall *call, Group *g, GError **error)
{
  const gint64 bits = g->attrs->kv_cache_bit_width, kv = g->attrs->kv_num_heads;

  g->has_past = ox_call_in (call, PAST_KEY) != NULL;
  g->capacity = g->total;
  if (!ox_cache_init (call, &g->k_cache, PAST_KEY, g->attrs->k_quant_type != NULL ? g->attrs->k_quant_type : "NONE", bits, K_SCALE, kv, g->size, error)
      || !ox_cache_init (call, &g->v_cache, PAST_VALUE, g->attrs->v_quant_type != NULL ? g->attrs->v_quant_type : "NONE", bits, V_SCALE, kv, g->size, error))
    return FALSE;
  if (!g->has_past)
    return TRUE;
  if (!ox_cache_load (call, &g->k_cache, PAST_KEY, "past_key", &g->past_k, error)
      || !ox_cache_load (call, &g->v_cache, PAST_VALUE, "past_value", &g->past_v, error))
    return FALSE;
  if (g->past_k.batch != g->batch || g->past_k.heads != g->attrs->kv_num_heads || g->past_k.size != g->size
      || memcmp (g->past_k.at, g->past_v.at, sizeof g->past_k.at) != 0 || g->past_v.batch != g->batch)
    return ox_fail_shape (call, PAST_KEY, "past_key", "[batch, kv_num_heads, keys, size] like past_value", error);
  g->capacity = g->attrs->sliding_window_cache || g->attrs->sparse_block_size > 0 ? g->past_k.rows : MAX (g->total, g->past_k.rows);
  return TRUE;
}

/* Everything up to the product. */
static gboolean
begin (OxCall *call, Group *g, OxAttention *a, OxHeads *all_k, OxHeads *all_v, GError **error)
{
  g->attrs = call->attrs;
  g->places = call->op->data;
  if (!ox_call_in_float (call, QUERY, error) || !read_heads (call, g, error) || !read_lengths (call, g, error)
      || !read_past (call, g, error))
    return FALSE;
  if (g->places->q_norm >= 0 && (ox_call_in (call, g->places->q_norm) != NULL || ox_call_in (call, g->places->k_norm) != NULL))
    {
      if (ox_call_in (call, g->places->q_norm) == NULL || ox_call_in (call, g->places->k_norm) == NULL)
        return ox_fail (error, OX_ERROR_MODEL, "q_norm_weight and k_norm_weight come together");
      if (!norm_heads (call, &g->q, g->places->q_norm, "q_norm_weight", g->attrs->qk_norm_epsilon, error)
          || !norm_heads (call, &g->k, g->places->k_norm, "k_norm_weight", g->attrs->qk_norm_epsilon, error))
        return FALSE;
    }
  if (!rotate_heads (call, g, error) || !ox_cache_round (call, &g->k_cache, &g->k, error)
      || !ox_cache_round (call, &g->v_cache, &g->v, error) || !join (call, g, &g->past_k, &g->k, all_k, error)
      || !join (call, g, &g->past_v, &g->v, all_v, error))
    return FALSE;
  if (all_k->rows < g->total)
    return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " keys do not fit into a cache of %" G_GINT64_FORMAT, g->total,
                    all_k->rows);
  a->offset = g->past;
  a->valid = g->length;
  return ox_attention_init (call, a, &g->q, all_k, all_v, g->total, g->attrs->scale, error);
}

/* ---- GroupQueryAttention -------------------------------------------------------------------------------------- */

static gboolean
check_group (OxCall *call, const GroupAttrs *attrs, GError **error)
{
  const gint64 window = attrs->local_window_size;

  if (attrs->qk_output < 0 || attrs->qk_output > 2)
    return ox_fail (error, OX_ERROR_VALUE, "qk_output is 0 to 2, found %" G_GINT64_FORMAT, attrs->qk_output);
  if (ox_call_wants (call, 3) && attrs->qk_output == 0)
    return ox_fail (error, OX_ERROR_MODEL, "output_qk is wanted, but qk_output is 0");
  if (window != -1 && (window < 1 || attrs->causal == 0))
    return ox_fail (error, OX_ERROR_VALUE, "local_window_size is %" G_GINT64_FORMAT ", expected -1 or, if causal, 1 or more", window);
  if (attrs->sliding_window_cache && (window < 1 || ox_call_in (call, PAST_KEY) == NULL
                                      || ox_call_in (call, PAST_KEY)->rank != 4 || ox_call_in (call, PAST_KEY)->dims[2] < window))
    return ox_fail (error, OX_ERROR_VALUE, "sliding_window_cache needs a cache of at least local_window_size");
  return TRUE;
}

static gboolean
group_run (OxCall *call, GError **error)
{
  const GroupAttrs *attrs = call->attrs;
  OxAttention a = { .softcap = attrs->softcap, .window = MAX (attrs->local_window_size, 0) };
  OxHeads all_k, all_v;
  Group g = { 0 };

  if (!check_group (call, attrs, error) || !begin (call, &g, &a, &all_k, &all_v, error))
    return FALSE;
  if (attrs->causal == 0)
    a.offset = NULL;
  if (ox_call_in (call, g.places->sink) != NULL)
    {
      if ((a.sink = ox_call_floats (call, g.places->sink, "head_sink", attrs->num_heads, error)) == NULL)
        return FALSE;
    }
  else if (attrs->smooth_softmax > 0)
    {
      float *zeros = ox_call_scratch_n (call, attrs->num_heads, sizeof (float), error);

      if (zeros == NULL)
        return FALSE;
      for (gint64 h = 0; h < attrs->num_heads; h++)
        zeros[h] = 0;
      a.sink = zeros;
    }
  if (!ox_attention_bias (call, g.places->bias, &a, error)
      || !ox_attention_probe (call, 3, &a, attrs->qk_output == 1 ? OX_PROBE_BIASED : OX_PROBE_SOFTMAX, error)
      || !ox_attention_run (call, &a, error))
    return FALSE;
  /* A score that does not count is shown as zero. */
  for (gint64 i = 0; a.probed != NULL && i < a.batch * a.heads * a.q_len * a.kv_len; i++)
    if (((float *) a.probed)[i] == -INFINITY)
      ((float *) a.probed)[i] = 0;
  return ox_call_store_f32 (call, 0, a.y, error) && keep (call, &g, &all_k, 1, error) && keep (call, &g, &all_v, 2, error)
         && (a.probed == NULL || ox_call_store_f32 (call, 3, a.probed, error));
}

/* ---- SparseAttention ------------------------------------------------------------------------------------------ */

/* Hides every block of keys that the layout of a head does not name for the block of a row. */
static gboolean
hide_blocks (OxCall *call, const Group *g, OxAttention *a, GError **error)
{
  const OxTensor *rows = ox_call_in_as (call, BLOCK_ROWS, OX_I64, error), *columns = NULL;
  const gint64 block = g->attrs->sparse_block_size;
  gint64 layouts, blocks, count;
  float *bias;

  if (rows == NULL || (columns = ox_call_in_as (call, BLOCK_COLUMNS, OX_I64, error)) == NULL)
    return FALSE;
  if (rows->rank != 2 || columns->rank != 2 || rows->dims[0] < 1 || columns->dims[0] != rows->dims[0] || rows->dims[1] < 1
      || g->attrs->num_heads % rows->dims[0] != 0)
    return ox_fail_shape (call, BLOCK_ROWS, "block_row_indices", "[layouts, blocks + 1], with layouts that divide the heads", error);
  layouts = rows->dims[0];
  blocks = rows->dims[1] - 1;
  if (!ox_dims_count ((const gint64[]) { g->batch, a->heads, g->rows, g->total }, 4, &count))
    return ox_fail (error, OX_ERROR_MEMORY, "the mask is too large");
  if ((bias = ox_call_scratch_n (call, count, sizeof (float), error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < count; i++)
    bias[i] = -INFINITY;
  a->bias[1] = (OxAddend) { bias, { a->heads * g->rows * g->total, g->rows * g->total, g->total, 1 }, g->total };
  for (gint64 b = 0; b < g->batch && !ox_turn (); b++)
    for (gint64 h = 0; h < a->heads && !ox_turn (); h++)
      for (gint64 s = 0; s < g->rows && !ox_turn (); s++)
        {
          const gint64 *first = (const gint64 *) (const void *) rows->data + h % layouts * rows->dims[1];
          const gint64 *names = (const gint64 *) (const void *) columns->data + h % layouts * columns->dims[1];
          const gint64 row = (g->past[b] + s) / block;
          float *to = bias + ((b * a->heads + h) * g->rows + s) * g->total;

          if (row >= blocks || first[row] < 0 || first[row + 1] > columns->dims[1])
            return ox_fail (error, OX_ERROR_VALUE, "the layout has no row of blocks %" G_GINT64_FORMAT, row);
          for (gint64 i = first[row]; i < first[row + 1] && !ox_turn (); i++)
            for (gint64 t = 0; t < block && names[i] >= 0 && names[i] < blocks && names[i] * block + t < g->total; t++)
              to[names[i] * block + t] = 0;
        }
  return TRUE;
}

static gboolean
sparse_run (OxCall *call, GError **error)
{
  const GroupAttrs *attrs = call->attrs;
  OxHeads all_k, all_v;
  OxAttention a = { 0 };
  Group g = { 0 };

  if (attrs->sparse_block_size < 1 || attrs->sparse_block_size > G_MAXINT32)
    return ox_fail (error, OX_ERROR_VALUE, "sparse_block_size is %" G_GINT64_FORMAT ", expected 1 or more", attrs->sparse_block_size);
  return begin (call, &g, &a, &all_k, &all_v, error) && hide_blocks (call, &g, &a, error) && ox_attention_run (call, &a, error)
         && ox_call_store_f32 (call, 0, a.y, error) && keep (call, &g, &all_k, 1, error)
         && keep (call, &g, &all_v, 2, error);
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec group_specs[] = {
  OX_NEED (GroupAttrs, num_heads, INT),
  OX_NEED (GroupAttrs, kv_num_heads, INT),
  OX_INT (GroupAttrs, do_rotary, 0),
  OX_INT (GroupAttrs, rotary_interleaved, 0),
  OX_INT (GroupAttrs, local_window_size, -1),
  OX_INT (GroupAttrs, smooth_softmax, 0),
  OX_INT (GroupAttrs, qk_output, 0),
  OX_INT (GroupAttrs, causal, 1),
  OX_INT (GroupAttrs, sliding_window_cache, 0),
  OX_INT (GroupAttrs, kv_cache_bit_width, 0),
  OX_FLOAT (GroupAttrs, scale, 0),
  OX_FLOAT (GroupAttrs, softcap, 0),
  OX_FLOAT (GroupAttrs, qk_norm_epsilon, 1e-6f),
  OX_STRING (GroupAttrs, k_quant_type, "NONE"),
  OX_STRING (GroupAttrs, v_quant_type, "NONE"),
};

static const OxAttrSpec sparse_specs[] = {
  OX_NEED (GroupAttrs, num_heads, INT),
  OX_NEED (GroupAttrs, kv_num_heads, INT),
  OX_NEED (GroupAttrs, sparse_block_size, INT),
  OX_INT (GroupAttrs, do_rotary, 0),
  OX_INT (GroupAttrs, rotary_interleaved, 0),
  OX_FLOAT (GroupAttrs, scale, 0),
};

static const OxOp ms_group_query_rows[] = {
  { "GroupQueryAttention", 1, { 1, 16 }, { 1, 4 }, OX_ATTRS (group_specs, GroupAttrs), group_infer, group_run,
    .data = &group_places },
  { "SparseAttention", 1, { 1, 11 }, { 3, 3 }, OX_ATTRS (sparse_specs, GroupAttrs), group_infer, sparse_run,
    .data = &sparse_places },
};

OX_FAMILY (ms_group_query, "com.microsoft", ms_group_query_rows);
