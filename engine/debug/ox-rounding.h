/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-value.h"

G_BEGIN_DECLS

/* Types that values can be rounded through: f16 and bf16, whose overflow is infinite; the types of 8 bits, which saturate as
 * Cast does; i8, in 255 equal steps from minus to plus the tensor's own largest magnitude. */
gboolean ox_rounding_knows (OxDtype dtype);
/* (transfer full) What the numbers are after a way through @dtype; the type and shape stay. Itself when it has no real
 * floating numbers. NULL: out of memory. */
OxTensor *ox_round_tensor  (OxTensor *tensor, OxDtype dtype, GError **error);
/* The same for tensors in sequences, optionals and maps. (transfer full) */
OxValue  *ox_round_value   (OxValue *value, OxDtype dtype, GError **error);

G_END_DECLS
