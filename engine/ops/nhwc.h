/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* Sets output 0 of an operator that has the channels of input 0 and of the output as the last axis, by what the
 * standard's @name gives for the inputs @in with the attributes of the same names (their types taken as @as, if that is not
 * UNDEFINED); the output is of @dtype, or of the inner output's type. */
gboolean ox_nhwc_infer (OxCall *call, const char *name, gint64 opset, int n_in, const int *in, OxDtype as, OxDtype dtype,
                        GError **error);

G_END_DECLS
