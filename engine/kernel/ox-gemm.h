/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* C = alpha * op(A) * op(B) + beta * C, row-major; op transposes when the flag is set. m, n, k are those of the product;
 * lda, ldb, ldc are row lengths in elements of the arrays as they lie in memory. Any of them may be 0. */
void ox_gemm_f32 (gboolean ta, gboolean tb, gint64 m, gint64 n, gint64 k, float alpha, const float *a, gint64 lda,
                  const float *b, gint64 ldb, float beta, float *c, gint64 ldc);
void ox_gemm_f64 (gboolean ta, gboolean tb, gint64 m, gint64 n, gint64 k, double alpha, const double *a, gint64 lda,
                  const double *b, gint64 ldb, double beta, double *c, gint64 ldc);
/* Integer products, exact modulo 2^32: c = a * b (zero points subtracted before). a is [m,k], b is [k,n], both widened to int32. */
void ox_gemm_i32 (gint64 m, gint64 n, gint64 k, const gint32 *a, const gint32 *b, gint32 *c);
/* The same modulo 2^64. */
void ox_gemm_i64 (gint64 m, gint64 n, gint64 k, const gint64 *a, const gint64 *b, gint64 *c);
/* Which kernels run, for About and bench: "OpenBLAS 0.3.21 SkylakeX, …". */
const char *ox_gemm_describe (void);

G_END_DECLS
