/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-small-float.h"
#include "kernel/ox-walk.h"

/* For stamping typed loops from tensor/ox-dtypes.def. A family defines OX_DT as one of these with its own expression
 * and includes the list:
 *
 *   #define OX_DT(ID, NUM, SHORT, NAME, BITS, S, C, LD, ST, CLASS) OX_BINARY_##CLASS (add, ID, S, C, LD, ST, a + b)
 */
#define OX_SAME(x) (x)
#define OX_TRUTH(x) ((x) != 0)
/* Wrap to the width of the packed types; a gint8 holds the sign-extended value. */
#define OX_U4(x) ((guint8) ((guint32) (x) & 15))
#define OX_I4(x) ((gint8) (((gint32) ((guint32) (x) & 15) ^ 8) - 8))
#define OX_U2(x) ((guint8) ((guint32) (x) & 3))
#define OX_I2(x) ((gint8) (((gint32) ((guint32) (x) & 3) ^ 2) - 2))

/* static void <name>_<ID> (…): out = EXPR of a (type C). The contiguous case is a loop of its own, so that the
 * compiler can vectorise it. */
#define OX_UNARY_LOOP(name, ID, S, C, LD, ST, EXPR)                                                                  \
  static void name##_##ID (char **p, const gint64 *step, gint64 n, const void *user)                                 \
  {                                                                                                                  \
    if (step[0] == sizeof (S) && step[1] == sizeof (S))                                                              \
      {                                                                                                              \
        S *restrict o = (S *) p[0];                                                                                  \
        const S *restrict x = (const S *) p[1];                                                                      \
        _Pragma ("omp simd") for (gint64 i = 0; i < n; i++)                                                          \
        {                                                                                                            \
          const C a = LD (x[i]);                                                                                     \
          o[i] = (S) ST (EXPR);                                                                                      \
        }                                                                                                            \
      }                                                                                                              \
    else                                                                                                             \
      for (gint64 i = 0; i < n; i++)                                                                                 \
        {                                                                                                            \
          const C a = LD (*(const S *) (p[1] + i * step[1]));                                                        \
          *(S *) (p[0] + i * step[0]) = (S) ST (EXPR);                                                               \
        }                                                                                                            \
  }

/* out (type S) = EXPR of a and b (type C). */
#define OX_BINARY_LOOP(name, ID, S, C, LD, ST, EXPR)                                                                 \
  static void name##_##ID (char **p, const gint64 *step, gint64 n, const void *user)                                 \
  {                                                                                                                  \
    if (step[0] == sizeof (S) && step[1] == sizeof (S) && step[2] == sizeof (S))                                     \
      {                                                                                                              \
        S *o = (S *) p[0];                                                                                           \
        const S *x = (const S *) p[1], *y = (const S *) p[2];                                                        \
        for (gint64 i = 0; i < n; i++)                                                                               \
          {                                                                                                          \
            const C a = LD (x[i]), b = LD (y[i]);                                                                    \
            o[i] = (S) ST (EXPR);                                                                                    \
          }                                                                                                          \
      }                                                                                                              \
    else if (step[0] == sizeof (S) && step[1] == sizeof (S) && step[2] == 0)                                         \
      {                                                                                                              \
        S *o = (S *) p[0];                                                                                           \
        const S *x = (const S *) p[1];                                                                               \
        const C b = LD (*(const S *) p[2]);                                                                          \
        for (gint64 i = 0; i < n; i++)                                                                               \
          {                                                                                                          \
            const C a = LD (x[i]);                                                                                   \
            o[i] = (S) ST (EXPR);                                                                                    \
          }                                                                                                          \
      }                                                                                                              \
    else                                                                                                             \
      for (gint64 i = 0; i < n; i++)                                                                                 \
        {                                                                                                            \
          const C a = LD (*(const S *) (p[1] + i * step[1])), b = LD (*(const S *) (p[2] + i * step[2]));            \
          *(S *) (p[0] + i * step[0]) = (S) ST (EXPR);                                                               \
        }                                                                                                            \
  }

/* out (bool) = EXPR of a and b (type C). */
#define OX_COMPARE_LOOP(name, ID, S, C, LD, EXPR)                                                                    \
  static void name##_##ID (char **p, const gint64 *step, gint64 n, const void *user)                                 \
  {                                                                                                                  \
    for (gint64 i = 0; i < n; i++)                                                                                   \
      {                                                                                                              \
        const C a = LD (*(const S *) (p[1] + i * step[1])), b = LD (*(const S *) (p[2] + i * step[2]));              \
        *(guint8 *) (p[0] + i * step[0]) = (EXPR) ? 1 : 0;                                                           \
      }                                                                                                              \
  }
