/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"

G_BEGIN_DECLS

/* Another model that says the same and is not linked yet: to be changed, and linked or written then. The data of weights is
 * shared. */
OxModel *ox_model_copy (const OxModel *model);

G_END_DECLS
