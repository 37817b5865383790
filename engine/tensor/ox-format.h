/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-value.h"

G_BEGIN_DECLS

/* Numbers as the program shows them: @digits significant (4 is usual), scientific beyond 1e5 and 1e-4, "NaN", "Inf",
 * "-0". Integers are exact. All (transfer full). */
char *ox_format_double  (double value, int digits);
/* One element; @digits 0: all that are needed to tell it from its neighbours. Strings are quoted and escaped. */
char *ox_format_element (const OxTensor *tensor, gint64 index, int digits);
/* "4.21 M", "38.1 MB" */
char *ox_format_count   (guint64 count);
char *ox_format_bytes   (guint64 bytes);
/* numpy's way: nested brackets, edges and "..." when there are more than @limit elements. */
char *ox_format_tensor  (const OxTensor *tensor, int digits, gint64 limit);
char *ox_format_value   (const OxValue *value, int digits, gint64 limit);

G_END_DECLS
