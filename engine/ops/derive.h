/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-writer.h"

G_BEGIN_DECLS

/* Derivatives. A rule gives the gradient of input @i, from that of the first output ($g), as an expression of standard
 * operators: the product of the gradient and the derivative, in the shape of the output where the row says so (it is then
 * summed over what was stretched). */

/* Appends the expression to @to; nothing: it is zero. Lines that go before are appended to w->text. */
typedef gboolean (*OxDeriveFunc) (OxWriter *w, int i, GString *to, GError **error);

typedef struct
{
  const char  *name;          /* of ai.onnx */
  const char  *in[3];         /* "": zero; for an input beyond the last, the last one */
  gboolean     stretches;     /* inputs broadcast */
  OxDeriveFunc func;          /* instead of @in */
  gboolean     all;           /* from the gradients of all outputs, rather than of the first alone */
} OxDeriveRow;

/* Whether the node has a rule; without one that is an OX_ERROR_UNSUPPORTED. */
gboolean ox_derive_known (const OxWriter *w, GError **error);
/* Appends what the gradient of input @i is to @to; nothing: it is zero. */
gboolean ox_derive_input (OxWriter *w, int i, GString *to, GError **error);

/* ---- derive-conv.c ---- */
gboolean ox_derive_conv  (OxWriter *w, int i, GString *to, GError **error);

/* ---- derive-loss.c, derive-move.c, derive-sum.c ---- */
extern const OxDeriveRow ox_derive_loss_rows[], ox_derive_move_rows[], ox_derive_sum_rows[];
/* "i64[2]{3,4}" of a tensor. (transfer full) */
char    *ox_derive_shape (const OxTensor *tensor);
/* Appends @expression summed to the shape of @tensor from that of @from. */
void     ox_derive_fold  (GString *to, const char *expression, int rank, const gint64 *dims, const OxTensor *tensor);

G_END_DECLS
