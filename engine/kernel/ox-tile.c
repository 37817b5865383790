/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kernel/ox-tile.h"

#include "core/ox-parallel.h"

#include <string.h>

#include "core/ox-memory.h"

#if defined(__x86_64__) && defined(__GNUC__)

/* The result is made of tiles of 6 x 16, twelve registers of eight floats; edges are padded with zeros. The panels are
 * sized for the first and second cache, and sums go over blocks of DEPTH. */
#define ROWS 6
#define COLUMNS 16
#define DEPTH 256
#define PANEL_M (ROWS * 20)
#define PANEL_N (COLUMNS * 64)

#define TARGET __attribute__ ((target ("avx2,fma")))

typedef float Vector __attribute__ ((vector_size (32)));

typedef struct
{
  float *a, *b;
} Buffers;

static void
buffers_free (gpointer data)
{
  Buffers *buffers = data;

  ox_free (buffers->a);
  ox_free (buffers->b);
  g_free (buffers);
}

static GPrivate buffers_key = G_PRIVATE_INIT (buffers_free);

/* Kept by the thread: fresh pages for every product would cost more than a small product itself. */
static Buffers *
get_buffers (void)
{
  Buffers *buffers = g_private_get (&buffers_key);

  if (buffers == NULL)
    {
      buffers = g_new0 (Buffers, 1);
      buffers->a = ox_alloc (PANEL_M * DEPTH * sizeof (float), NULL);
      buffers->b = ox_alloc (PANEL_N * DEPTH * sizeof (float), NULL);
      if (buffers->a == NULL || buffers->b == NULL)
        {
          buffers_free (buffers);
          return NULL;
        }
      g_private_set (&buffers_key, buffers);
    }
  return buffers;
}

gboolean
ox_tile_usable (void)
{
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
}

/* Strips of @width lines (rows of A, columns of B), the element of every line for each step of the depth together.
 * @line and @step are how far apart lines and steps lie. */
TARGET static inline __attribute__ ((always_inline)) void
pack (float *to, const float *from, gint64 lines, gint64 depth, gint64 line, gint64 step, const int width)
{
  for (gint64 at = 0; at < lines; at += width, to += depth * width)
    {
      gint64 count = MIN (width, lines - at);
      const float *strip = from + at * line;

      if (count == width && line == 1)
        for (gint64 p = 0; p < depth; p++)
          memcpy (to + p * width, strip + p * step, (gsize) width * sizeof (float));
      else if (count == width)
        for (gint64 p = 0; p < depth; p++)
          for (int i = 0; i < width; i++)
            to[p * width + i] = strip[i * line + p * step];
      else
        for (gint64 p = 0; p < depth; p++)
          for (int i = 0; i < width; i++)
            to[p * width + i] = i < count ? strip[i * line + p * step] : 0;
    }
}

TARGET static void
pack_rows (float *to, const float *from, gint64 lines, gint64 depth, gint64 line, gint64 step)
{
  pack (to, from, lines, depth, line, step, ROWS);
}

TARGET static void
pack_columns (float *to, const float *from, gint64 lines, gint64 depth, gint64 line, gint64 step)
{
  pack (to, from, lines, depth, line, step, COLUMNS);
}

#define FOR_ROWS(DO) DO (0) DO (1) DO (2) DO (3) DO (4) DO (5)

TARGET static void
tile (gint64 depth, const float *a, const float *b, float *sums)
{
#define CLEAR(i) Vector l##i = { 0 }, r##i = { 0 };
  FOR_ROWS (CLEAR)
#undef CLEAR

  for (gint64 p = 0; p < depth; p++, a += ROWS, b += COLUMNS)
    {
      Vector left = *(const Vector *) b, right = *(const Vector *) (b + 8);

#define STEP(i)                                                                                                      \
  l##i = l##i + a[i] * left;                                                                                         \
  r##i = r##i + a[i] * right;
      FOR_ROWS (STEP)
#undef STEP
    }
#define STORE(i)                                                                                                     \
  *(Vector *) (sums + COLUMNS * i) = l##i;                                                                           \
  *(Vector *) (sums + COLUMNS * i + 8) = r##i;
  FOR_ROWS (STORE)
#undef STORE
}

TARGET static inline Vector
combine (float alpha, Vector sum, float beta, Vector c)
{
  return beta == 0 ? alpha * sum : beta * c + alpha * sum;
}

/* c = beta * c + alpha * sums. Edges go through a whole line, so that they are computed as everything else is. */
TARGET static void
finish (const float *sums, gint64 rows, gint64 columns, float alpha, float beta, float *c, gint64 ldc)
{
  for (gint64 i = 0; i < rows; i++, c += ldc, sums += COLUMNS)
    {
      float line[COLUMNS] = { 0 };
      Vector left, right;

      if (beta != 0)
        memcpy (line, c, (gsize) columns * sizeof (float));
      memcpy (&left, line, sizeof left);
      memcpy (&right, line + 8, sizeof right);
      left = combine (alpha, *(const Vector *) sums, beta, left);
      right = combine (alpha, *(const Vector *) (sums + 8), beta, right);
      if (columns == COLUMNS)
        {
          memcpy (c, &left, sizeof left);
          memcpy (c + 8, &right, sizeof right);
          continue;
        }
      memcpy (line, &left, sizeof left);
      memcpy (line + 8, &right, sizeof right);
      memcpy (c, line, (gsize) columns * sizeof (float));
    }
}

gboolean
ox_tile_gemm (gboolean ta, gboolean tb, gint64 m, gint64 n, gint64 k, float alpha, const float *a, gint64 lda,
              const float *b, gint64 ldb, float beta, float *c, gint64 ldc)
{
  Buffers *buffers = get_buffers ();
  float sums[ROWS * COLUMNS] __attribute__ ((aligned (32)));

  if (buffers == NULL)
    return FALSE;
  for (gint64 j0 = 0; j0 < n; j0 += PANEL_N)
    for (gint64 p0 = 0; p0 < k; p0 += DEPTH)
      {
        gint64 columns = MIN (PANEL_N, n - j0), depth = MIN (DEPTH, k - p0);

        pack_columns (buffers->b, b + (tb ? j0 * ldb + p0 : p0 * ldb + j0), columns, depth, tb ? ldb : 1, tb ? 1 : ldb);
        for (gint64 i0 = 0; i0 < m; i0 += PANEL_M)
          {
            gint64 rows = MIN (PANEL_M, m - i0);

            if (ox_parallel_stopped ())
              return TRUE;

            pack_rows (buffers->a, a + (ta ? p0 * lda + i0 : i0 * lda + p0), rows, depth, ta ? 1 : lda, ta ? lda : 1);
            for (gint64 j = 0; j < columns; j += COLUMNS)
              for (gint64 i = 0; i < rows; i += ROWS)
                {
                  tile (depth, buffers->a + i * depth, buffers->b + j * depth, sums);
                  finish (sums, MIN (ROWS, rows - i), MIN (COLUMNS, columns - j), alpha, p0 == 0 ? beta : 1,
                          c + (i0 + i) * ldc + j0 + j, ldc);
                }
          }
      }
  return TRUE;
}

#else

gboolean
ox_tile_usable (void)
{
  return FALSE;
}

gboolean
ox_tile_gemm (gboolean ta, gboolean tb, gint64 m, gint64 n, gint64 k, float alpha, const float *a, gint64 lda,
              const float *b, gint64 ldb, float beta, float *c, gint64 ldc)
{
  return FALSE;
}

#endif
