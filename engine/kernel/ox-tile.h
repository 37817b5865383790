/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Products of float matrices in which every element of the result is summed in the same order, wherever it lies: equal
 * rows give equal results to the last bit, which the tail kernels of BLAS libraries do not promise. */

/* Whether this processor has what the tiles are made of (AVX2 and FMA). */
gboolean ox_tile_usable (void);
/* As ox_gemm_f32(), on the calling thread. FALSE if there is no memory for the packed panels; nothing is done then. */
gboolean ox_tile_gemm   (gboolean ta, gboolean tb, gint64 m, gint64 n, gint64 k, float alpha, const float *a, gint64 lda,
                         const float *b, gint64 ldb, float beta, float *c, gint64 ldc);

G_END_DECLS
