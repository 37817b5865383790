/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* One operator of ai.onnx on values at hand, for operators that are made of others. @attribute may be NULL, else it is an
 * integer's name and @number its value; all others have their defaults. The first output. (transfer full) */
OxValue *ox_apply (const char *name, const char *attribute, gint64 number, int n_in, OxValue **in, GCancellable *cancellable,
                   GError **error);

G_END_DECLS
