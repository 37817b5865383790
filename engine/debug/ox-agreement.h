/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-value.h"

G_BEGIN_DECLS

/* Whether @found is @expected within the tolerances: shapes and types equal, NaN equals NaN, integers and strings
 * exact; element by element for sequences, optionals and maps. @text (may be NULL) is set to how far they are apart. */
gboolean ox_values_agree (const OxValue *found, const OxValue *expected, double rtol, double atol, char **text);

G_END_DECLS
