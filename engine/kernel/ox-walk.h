/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

#define OX_WALK_MAX 8

/* The inner loop of an elementwise kernel: @n elements, operand k at p[k], step[k] bytes apart. By convention the
 * output is operand 0. It must not depend on being called once: the walker cuts and may run pieces in parallel. */
typedef void (*OxLoop) (char **p, const gint64 *step, gint64 n, const void *user);

/* Calls @loop over the index space @dims for @nops operands. strides[k] are in bytes, 0 along a broadcast axis.
 * Adjacent axes that can be one are merged and the longest run is innermost. With @parallel, pieces run on the
 * pool's threads; the outermost axes are cut, so an operand with stride 0 there (a reduction) must not be written. */
void     ox_walk             (int nops, int rank, const gint64 *dims, char *const *data,
                              const gint64 *const *strides, gboolean parallel, OxLoop loop, const void *user);

/* The same for tensors that are broadcast against @out, operand 0 (numpy's rule; shapes have been checked). */
void     ox_walk_tensors     (OxTensor *out, int n_in, const OxTensor *const *in, OxLoop loop, const void *user);

/* Strides of @tensor seen as @rank/@dims: 0 along axes it is broadcast over. FALSE if it does not broadcast. */
gboolean ox_broadcast_strides (const OxTensor *tensor, int rank, const gint64 *dims, gint64 *strides);

/* Copies elements whatever the strides; same dtype and dims. Strings are referenced. */
void     ox_copy_strided     (OxDtype dtype, int rank, const gint64 *dims, char *to, const gint64 *to_strides,
                              const char *from, const gint64 *from_strides);

G_END_DECLS
