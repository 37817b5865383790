/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kernel/ox-gemm.h"

#include <cblas.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "kernel/ox-tile.h"

/* cblas counts in int; longer sides are cut into pieces of this many. */
#define PIECE ((gint64) 1 << 30)

/* A product of fewer multiplications is not worth a second thread. */
#define SHARE ((gint64) 1 << 22)
/* Multiplications between two looks at whether to stop, where it is not the tiles that look. */
#define BLOCK ((gint64) 1 << 25)
/* Multiplications of one call of OpenBLAS: some ten milliseconds, less where each reads a number from memory. */
#define CALL 0x1p26
#define CALL_VECTOR 0x1p24
#define DEEP ((gint64) 4096)
/* Panels are multiples of this many rows or columns, as the kernels of OpenBLAS like it. */
#define UNIT 48

/* The pool's threads share a product, each calling OpenBLAS for its panel: OpenBLAS' own threads would fight with the
 * pool's, and would cut by the number of threads. */
static void
prepare (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      openblas_set_num_threads (1);
      g_once_init_leave (&once, 1);
    }
}

/* Cuts a product so that a call of OpenBLAS is short: the longer side first, and both where that does not do. */
static void
cut (gint64 m, gint64 n, gint64 k, gint64 *down, gint64 *across, gint64 *deep)
{
  const double most = MIN (m, n) == 1 ? CALL_VECTOR : CALL;
  gint64 room, *longer = m > n ? down : across, *shorter = m > n ? across : down;

  if ((double) m * (double) n * (double) k <= most)
    return;
  *deep = MIN (k, DEEP);
  room = (gint64) most / *deep / UNIT;
  *shorter = MIN (MIN (m, n), UNIT * MAX (1, room / (4 * UNIT)));
  *longer = UNIT * MAX (1, room / *shorter);
}

/* @tile is tried before BLAS. A product with one row or column is a matrix times a vector, which OpenBLAS does not see by itself. */
#define DEFINE_GEMM(T, name, gemm, gemv, own, tile)                                                                  \
  static void name##_scale (gint64 m, gint64 n, T beta, T *c, gint64 ldc)                                            \
  {                                                                                                                  \
    for (gint64 i = 0; i < m; i++)                                                                                   \
      for (gint64 j = 0; j < n; j++)                                                                                 \
        c[i * ldc + j] = beta == 0 ? 0 : beta * c[i * ldc + j];                                                      \
  }                                                                                                                  \
                                                                                                                     \
  /* For row lengths that int does not hold. */                                                                      \
  static void name##_plain (gboolean ta, gboolean tb, gint64 m, gint64 n, gint64 k, T alpha, const T *a, gint64 lda, \
                            const T *b, gint64 ldb, T beta, T *c, gint64 ldc)                                        \
  {                                                                                                                  \
    name##_scale (m, n, beta, c, ldc);                                                                               \
    for (gint64 i = 0; i < m; i++)                                                                                   \
      for (gint64 p = 0; p < k; p++)                                                                                 \
        {                                                                                                            \
          T x = alpha * (ta ? a[p * lda + i] : a[i * lda + p]);                                                      \
                                                                                                                     \
          for (gint64 j = 0; j < n; j++)                                                                             \
            c[i * ldc + j] += x * (tb ? b[j * ldb + p] : b[p * ldb + j]);                                            \
        }                                                                                                            \
  }                                                                                                                  \
                                                                                                                     \
  static void name##_piece (gboolean ta, gboolean tb, gint64 m, gint64 n, gint64 k, T alpha, const T *a, gint64 lda, \
                            const T *b, gint64 ldb, T beta, T *c, gint64 ldc)                                        \
  {                                                                                                                  \
    lda = MAX (lda, 1);                                                                                              \
    ldb = MAX (ldb, 1);                                                                                              \
    if (lda > G_MAXINT || ldb > G_MAXINT || ldc > G_MAXINT)                                                          \
      name##_plain (ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);                                           \
    else if (m == 1)                                                                                                 \
      gemv (CblasRowMajor, tb ? CblasNoTrans : CblasTrans, (int) (tb ? n : k), (int) (tb ? k : n), alpha, b,         \
            (int) ldb, a, (int) (ta ? lda : 1), beta, c, 1);                                                         \
    else if (n == 1)                                                                                                 \
      gemv (CblasRowMajor, ta ? CblasTrans : CblasNoTrans, (int) (ta ? k : m), (int) (ta ? m : k), alpha, a,         \
            (int) lda, b, (int) (tb ? 1 : ldb), beta, c, (int) ldc);                                                 \
    else if (!(tile))                                                                                                \
      gemm (CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, (int) m, (int) n,         \
            (int) k, alpha, a, (int) lda, b, (int) ldb, beta, c, (int) ldc);                                         \
  }                                                                                                                  \
                                                                                                                     \
  typedef struct                                                                                                     \
  {                                                                                                                  \
    gboolean ta, tb, rows;                                                                                           \
    gint64 m, n, k, lda, ldb, ldc;                                                                                   \
    T alpha, beta;                                                                                                   \
    const T *a, *b;                                                                                                  \
    T *c;                                                                                                            \
  } name##_product;                                                                                                  \
                                                                                                                     \
  static void name##_pieces (const name##_product *x, gint64 i0, gint64 m, gint64 j0, gint64 n)                      \
  {                                                                                                                  \
    gint64 down = PIECE, across = PIECE, deep = PIECE;                                                               \
                                                                                                                     \
    if (!(own))                                                                                                      \
      cut (m, n, x->k, &down, &across, &deep);                                                                       \
    for (gint64 i = i0; i < i0 + m; i += down)                                                                       \
      for (gint64 j = j0; j < j0 + n; j += across)                                                                   \
        for (gint64 p = 0; p < x->k && !ox_parallel_stopped (); p += deep)                                           \
          name##_piece (x->ta, x->tb, MIN (down, i0 + m - i), MIN (across, j0 + n - j), MIN (deep, x->k - p), x->alpha,\
                        x->a + (x->ta ? p * x->lda + i : i * x->lda + p), x->lda,                                    \
                        x->b + (x->tb ? j * x->ldb + p : p * x->ldb + j), x->ldb, p == 0 ? x->beta : 1,              \
                        x->c + i * x->ldc + j, x->ldc);                                                              \
  }                                                                                                                  \
                                                                                                                     \
  static void name##_panel (gint64 begin, gint64 end, gpointer data)                                                 \
  {                                                                                                                  \
    const name##_product *x = data;                                                                                  \
    gint64 size = x->rows ? x->m : x->n, from = begin * UNIT, to = MIN (end * UNIT, size);                           \
    double line = x->rows ? (double) x->n * x->k : (double) x->m * x->k;                                             \
    gint64 block = own ? to - from : UNIT * MAX (1, (gint64) (BLOCK / (line * UNIT)));                               \
                                                                                                                     \
    for (; from < to && !ox_parallel_stopped (); from += block)                                                      \
      if (x->rows)                                                                                                   \
        name##_pieces (x, from, MIN (block, to - from), 0, x->n);                                                    \
      else                                                                                                           \
        name##_pieces (x, 0, x->m, from, MIN (block, to - from));                                                    \
  }                                                                                                                  \
                                                                                                                     \
  void name (gboolean ta, gboolean tb, gint64 m, gint64 n, gint64 k, T alpha, const T *a, gint64 lda, const T *b,    \
             gint64 ldb, T beta, T *c, gint64 ldc)                                                                   \
  {                                                                                                                  \
    name##_product x = { ta, tb, m > n, m, n, k, lda, ldb, ldc, alpha, beta, a, b, c };                              \
    double line = x.rows ? (double) n * k : (double) m * k;                                                          \
                                                                                                                     \
    if (m <= 0 || n <= 0)                                                                                            \
      return;                                                                                                        \
    if (k <= 0)                                                                                                      \
      {                                                                                                              \
        name##_scale (m, n, beta, c, ldc);                                                                           \
        return;                                                                                                      \
      }                                                                                                              \
    prepare ();                                                                                                      \
    ox_parallel_ranges ((MAX (m, n) + UNIT - 1) / UNIT, MAX (2, (gint64) (SHARE / (line * UNIT))), name##_panel, &x);\
  }

DEFINE_GEMM (float, ox_gemm_f32, cblas_sgemm, cblas_sgemv, ox_tile_usable () && MIN (x->m, x->n) > 1,
             ox_tile_usable () && ox_tile_gemm (ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc))
DEFINE_GEMM (double, ox_gemm_f64, cblas_dgemm, cblas_dgemv, FALSE, FALSE)

#undef DEFINE_GEMM

typedef struct
{
  gint64 n, k;
  const void *a, *b;
  void *c;
} IntProduct;

/* Four rows of b at a time: the row of c is then read and written a quarter as often. */
#define DEFINE_ROWS(T, name)                                                                                         \
  static void name (gint64 begin, gint64 end, gpointer data)                                                         \
  {                                                                                                                  \
    const IntProduct *p = data;                                                                                      \
    const T *a = p->a, *b = p->b;                                                                                    \
                                                                                                                     \
    for (gint64 i = begin; i < end; i++)                                                                             \
      {                                                                                                              \
        const T *x = a + i * p->k;                                                                                   \
        T *c = (T *) p->c + i * p->n;                                                                                \
        gint64 l = 0, since = 0;                                                                                     \
                                                                                                                     \
        if (ox_parallel_stopped ())                                                                                  \
          return;                                                                                                    \
                                                                                                                     \
        memset (c, 0, (gsize) p->n * sizeof (T));                                                                    \
        for (; l + 4 <= p->k; l += 4)                                                                                \
          {                                                                                                          \
            const T *b0 = b + l * p->n, *b1 = b0 + p->n, *b2 = b1 + p->n, *b3 = b2 + p->n;                           \
            T x0 = x[l], x1 = x[l + 1], x2 = x[l + 2], x3 = x[l + 3];                                                \
                                                                                                                     \
            _Pragma ("omp simd") for (gint64 j = 0; j < p->n; j++)                                                   \
              c[j] += x0 * b0[j] + x1 * b1[j] + x2 * b2[j] + x3 * b3[j];                                             \
            if ((since += p->n) > BLOCK / 64)                                                                        \
              {                                                                                                      \
                since = 0;                                                                                           \
                if (ox_parallel_stopped ())                                                                          \
                  return;                                                                                            \
              }                                                                                                      \
          }                                                                                                          \
        for (; l < p->k; l++)                                                                                        \
          _Pragma ("omp simd") for (gint64 j = 0; j < p->n; j++)                                                     \
            c[j] += x[l] * b[l * p->n + j];                                                                          \
      }                                                                                                              \
  }

DEFINE_ROWS (guint32, rows_32)
DEFINE_ROWS (guint64, rows_64)

#undef DEFINE_ROWS

static void
int_product (OxRangeFunc rows, gint64 m, gint64 n, gint64 k, const void *a, const void *b, void *c)
{
  IntProduct product = { n, k, a, b, c };

  if (m > 0 && n > 0)
    ox_parallel_for (m, MAX (1, 65536 / MAX (1, (gint64) MIN ((gint64) 65536, n) * MIN ((gint64) 65536, k))), rows, &product);
}

void
ox_gemm_i32 (gint64 m, gint64 n, gint64 k, const gint32 *a, const gint32 *b, gint32 *c)
{
  int_product (rows_32, m, n, k, a, b, c);
}

void
ox_gemm_i64 (gint64 m, gint64 n, gint64 k, const gint64 *a, const gint64 *b, gint64 *c)
{
  int_product (rows_64, m, n, k, a, b, c);
}

const char *
ox_gemm_describe (void)
{
  static gsize text;

  if (g_once_init_enter (&text))
    {
      g_auto (GStrv) words = g_strsplit (openblas_get_config (), " ", 3);

      g_once_init_leave (&text, (gsize) g_strdup_printf ("%s %s %s%s", words[0], g_strv_length (words) > 1 ? words[1] : "",
                                                         openblas_get_corename (),
                                                         ox_tile_usable () ? ", own AVX2 tiles for f32" : ""));
    }
  return (const char *) text;
}
