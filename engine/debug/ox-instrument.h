/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"

G_BEGIN_DECLS

/* Makes outputs of all values that nodes of the main graph make, as far as they are none yet, and returns how many. The model
 * may be written then, and nothing else: it is no longer linked. Types are those declared or inferred (see
 * session/ox-inference.h); a runtime finds the others by itself. */
guint ox_model_instrument (OxModel *model);

G_END_DECLS
