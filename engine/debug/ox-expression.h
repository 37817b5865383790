/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

/* A formula over tensors, parsed once: "max(abs(a - b)) > 1e-3", "argmax(logits)", "T[0,:,3]".
 *
 *   a + b  - * / % ^  -a      numpy's broadcasting; / of a name needs a space, since names have it too
 *   a < b  <= > >= == !=  not a  a and b  a or b
 *   T[0,:,-1]  T[1:9:2]       indices and ranges, as numpy has them
 *   f(a), g(a, b)             ox_expression_functions() lists them
 *   name, 'any name'          a name of letters, digits, _ . : / and what begins with one of letters, _ and /; a quote in
 *                             quotes is written twice
 *
 * Integers and truths are computed in 64 bits as long as they fit, all else in double; of complex numbers the magnitude is
 * taken. */
typedef struct _OxExpression OxExpression;

/* The tensor of that name. (transfer full) NULL with @error when there is none. */
typedef OxTensor *(*OxExpressionLookup) (const char *name, gpointer data, GError **error);

/* Errors: OX_ERROR_VALUE with the column of what is not understood. */
OxExpression *ox_expression_new       (const char *text, GError **error);
void          ox_expression_free      (OxExpression *self);
const char   *ox_expression_text      (const OxExpression *self);
/* The names it looks up, each once. (transfer none) array of char* */
GPtrArray    *ox_expression_names     (const OxExpression *self);
/* (transfer full) f64, i64 for counts, indices and what is made of integers, bool for comparisons. Errors: what @lookup says,
 * OX_ERROR_SHAPE, OX_ERROR_DTYPE for texts, OX_ERROR_MEMORY, G_IO_ERROR_CANCELLED. */
OxTensor     *ox_expression_evaluate  (const OxExpression *self, OxExpressionLookup lookup, gpointer data,
                                       GCancellable *cancellable, GError **error);
/* "abs sqrt ...", for help. */
const char   *ox_expression_functions (void);
/* @name as it stands in an expression: quoted where it must be. (transfer full) */
char         *ox_expression_quote     (const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxExpression, ox_expression_free)

G_END_DECLS
