/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* Operators that are made of others run them as calls inside their own. @name is that of an operator of the standard, or
 * "domain/Name"; @attrs is the typed struct of its row. Inputs may be NULL (omitted). (transfer full) the first output;
 * errors name the inner operator. */
OxTensor *ox_sub_run     (OxCall *call, const char *name, gint64 opset, const void *attrs, int n_in, OxTensor *const *in,
                          GError **error);
/* An operator without attributes, of the newest version. */
OxTensor *ox_sub_unary   (OxCall *call, const char *name, OxTensor *in, GError **error);
OxTensor *ox_sub_binary  (OxCall *call, const char *name, OxTensor *a, OxTensor *b, GError **error);

/* The same with those attributes of the calling operator that the inner one has too, of the same name and kind. */
OxTensor *ox_sub_forward (OxCall *call, const char *name, gint64 opset, int n_in, OxTensor *const *in, GError **error);
/* The same for several outputs, and where the caller's names begin with @prefix: activation_alpha for alpha. */
gboolean  ox_sub_forward_all (OxCall *call, const char *prefix, const char *name, gint64 opset, int n_in, OxTensor *const *in,
                              int n_out, OxTensor **out, GError **error);
/* Types and shapes that the inner operator with these attributes gives for inputs of which @in is known. */
gboolean  ox_sub_infer   (OxCall *call, const char *name, gint64 opset, int n_in, const OxFact *in, int n_out, OxFact *out,
                          GError **error);

G_END_DECLS
