/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* Products of matrices that MatMul, Gemm and their fused kin share. */

typedef struct { gint64 transA, transB, broadcast; double alpha, beta; } OxGemmAttrs;

/* A matrix as BLAS takes one: rows (columns if transposed) lie @ld elements apart. */
typedef struct
{
  const char *data;
  gboolean    transposed;
  gint64      ld;
} OxMatrix;

/* Fails when the inputs are known to differ in their element type. */
gboolean ox_matmul_one_dtype (OxCall *call, GError **error);
/* Sets output 0 for the product of two shapes by numpy's rules: vectors are promoted, stacks broadcast. */
gboolean ox_matmul_infer     (OxCall *call, OxDtype dtype, int rank_a, const OxDim *a, int rank_b, const OxDim *b,
                              GError **error);
/* Computes output 0: @alpha * @a @b; integers are exact in their own width and take an @alpha of 1 only. The tensors
 * may be views. */
gboolean ox_matmul_run       (OxCall *call, OxTensor *a, OxTensor *b, double alpha, GError **error);
/* The type that products of @dtype are computed in; UNDEFINED if there are none. */
OxDtype  ox_matmul_compute   (OxDtype dtype);
/* The last two axes of @tensor in the float type @dtype, as they lie where BLAS can take that; @is_b: a vector is a
 * column. What is made for it goes to @keep. Returns the tensor, NULL on errors. */
const OxTensor *ox_matrix_init (OxMatrix *matrix, OxTensor *tensor, OxDtype dtype, gboolean is_b, GPtrArray *keep,
                                GError **error);

/* Gemm of every version; attributes begin with an OxGemmAttrs. */
gboolean ox_gemm_infer       (OxCall *call, GError **error);
gboolean ox_gemm_run         (OxCall *call, GError **error);

G_END_DECLS
