/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kernel/ox-moments.h"

#include "core/ox-parallel.h"

#define BLOCK 256
/* Elements between two looks at whether to stop. */
#define PAUSE ((gint64) 1 << 16)

#define DEFINE_SUMS(T, suffix)                                                                                       \
  double ox_sum_##suffix (const T *x, gint64 n)                                                                      \
  {                                                                                                                  \
    double total = 0;                                                                                                \
                                                                                                                     \
    for (gint64 at = 0; at < n && !((at & 0xffff) == 0xff00 && ox_parallel_stopped ()); at += BLOCK)                 \
      {                                                                                                              \
        gint64 count = MIN (BLOCK, n - at);                                                                          \
        T sum = 0;                                                                                                   \
                                                                                                                     \
        _Pragma ("omp simd reduction(+ : sum)") for (gint64 i = 0; i < count; i++)                                   \
          sum += x[at + i];                                                                                          \
        total += (double) sum;                                                                                       \
      }                                                                                                              \
    return total;                                                                                                    \
  }                                                                                                                  \
                                                                                                                     \
  double ox_square_sum_##suffix (const T *x, gint64 n, double center)                                                \
  {                                                                                                                  \
    double total = 0;                                                                                                \
    T middle = (T) center;                                                                                           \
                                                                                                                     \
    for (gint64 at = 0; at < n && !((at & 0xffff) == 0xff00 && ox_parallel_stopped ()); at += BLOCK)                 \
      {                                                                                                              \
        gint64 count = MIN (BLOCK, n - at);                                                                          \
        T sum = 0;                                                                                                   \
                                                                                                                     \
        _Pragma ("omp simd reduction(+ : sum)") for (gint64 i = 0; i < count; i++)                                   \
          sum += (x[at + i] - middle) * (x[at + i] - middle);                                                        \
        total += (double) sum;                                                                                       \
      }                                                                                                              \
    return total;                                                                                                    \
  }                                                                                                                  \
                                                                                                                     \
  void ox_scale_##suffix (const T *x, T *y, gint64 n, T a, T b)                                                      \
  {                                                                                                                  \
    for (gint64 at = 0; at < n && !(at > 0 && ox_parallel_stopped ()); at += PAUSE)                                  \
      {                                                                                                              \
        gint64 end = MIN (n, at + PAUSE);                                                                            \
                                                                                                                     \
        _Pragma ("omp simd") for (gint64 i = at; i < end; i++)                                                       \
          y[i] = x[i] * a + b;                                                                                       \
      }                                                                                                              \
  }

DEFINE_SUMS (float, f32)
DEFINE_SUMS (double, f64)
