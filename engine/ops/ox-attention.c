/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-attention.h"

#include <math.h>
#include <string.h>

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "kernel/ox-gemm.h"
#include "tensor/ox-small-float.h"

/* Rows of queries whose scores are held at a time. */
#define TILE 64

static inline double
round_to (OxDtype dtype, double v)
{
  return dtype == OX_F16 ? (double) ox_f16_load (ox_f16_store ((float) v))
         : dtype == OX_BF16 ? (double) ox_bf16_load (ox_bf16_store ((float) v))
                            : v;
}

#define REAL float
#define GEMM ox_gemm_f32
#define EXP expf
#define TANH tanhf
#define NAME(name) name##_f32
#include "ops/ox-attention-stamp.def"

#define REAL double
#define GEMM ox_gemm_f64
#define EXP exp
#define TANH tanh
#define NAME(name) name##_f64
#include "ops/ox-attention-stamp.def"

typedef struct
{
  const OxAttention *attention;
  gint64 tiles;      /* of rows, a head */
  gsize bytes;       /* of scores, a tile */
  gint failed;
} Job;

static void
do_tiles (gint64 begin, gint64 end, gpointer data)
{
  Job *job = data;
  const OxAttention *a = job->attention;
  gpointer scores = ox_alloc (job->bytes, NULL);

  if (scores == NULL)
    {
      g_atomic_int_set (&job->failed, 1);
      return;
    }
  for (gint64 i = begin; i < end && !ox_parallel_stopped (); i++)
    {
      const gint64 first = i % job->tiles * TILE, rows = MIN (TILE, a->q_len - first);
      const gint64 h = i / job->tiles % a->heads, b = i / job->tiles / a->heads;

      if (a->f64)
        rows_f64 (a, b, h, first, rows, scores);
      else
        rows_f32 (a, b, h, first, rows, scores);
    }
  ox_free (scores);
}

gboolean
ox_attention_run (OxCall *call, const OxAttention *attention, GError **error)
{
  const OxAttention *a = attention;
  Job job = { .attention = a, .tiles = (a->q_len + TILE - 1) / TILE };

  if (a->kv_heads < 1 || a->heads % a->kv_heads != 0)
    return ox_fail (error, OX_ERROR_SHAPE,
                    "%" G_GINT64_FORMAT " query heads are no multiple of %" G_GINT64_FORMAT " key heads", a->heads, a->kv_heads);
  if (!ox_size_mul (TILE * (a->f64 ? sizeof (double) : sizeof (float)), (gsize) MAX (a->kv_len, 1), &job.bytes))
    return ox_fail (error, OX_ERROR_MEMORY, "%" G_GINT64_FORMAT " keys are too many", a->kv_len);
  if (a->q_len > 0 && a->v_head > 0)
    ox_parallel_for (a->batch * a->heads * job.tiles, 1, do_tiles, &job);
  if (g_atomic_int_get (&job.failed))
    return ox_fail (error, OX_ERROR_MEMORY, "no memory for the scores of %" G_GINT64_FORMAT " keys", a->kv_len);
  return !ox_call_cancelled (call, error);
}

gboolean
ox_rotate (float *x, const gint64 *at, gint64 batch, gint64 heads, gint64 rows, gint64 half, const float *cos,
           const float *sin, gint64 table_rows, gboolean batched, const gint64 *positions, gboolean interleaved,
           GError **error)
{
  const gint64 next = interleaved ? 2 : 1, partner = interleaved ? 1 : half;

  for (gint64 b = 0; b < batch && !ox_turn (); b++)
    for (gint64 s = 0; s < rows && !ox_turn (); s++)
      {
        const gint64 p = positions != NULL ? positions[b * rows + s] : batched ? b * rows + s : s;
        const float *c, *d;

        if (p < 0 || p >= table_rows)
          return ox_fail (error, OX_ERROR_VALUE,
                          "position %" G_GINT64_FORMAT " is outside of tables of %" G_GINT64_FORMAT " rows", p, table_rows);
        c = cos + p * half;
        d = sin + p * half;
        for (gint64 h = 0; h < heads && !ox_turn (); h++)
          {
            float *row = x + b * at[0] + h * at[1] + s * at[2];

            for (gint64 i = 0; i < half && !ox_pause (i); i++)
              {
                const float re = row[i * next], im = row[i * next + partner];

                row[i * next] = c[i] * re - d[i] * im;
                row[i * next + partner] = d[i] * re + c[i] * im;
              }
          }
      }
  return TRUE;
}
