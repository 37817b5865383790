/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A regular expression of RE2's language that matches a whole string or nothing. (transfer full). Errors:
 * OX_ERROR_VALUE for what is no such expression; what only backtracking engines have (back references, look-around,
 * atomic groups) is one too. */
GRegex *ox_re2_full_match (const char *pattern, GError **error);
/* The same for looking for it anywhere. */
GRegex *ox_re2_search     (const char *pattern, GError **error);

G_END_DECLS
