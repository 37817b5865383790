/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-comparison.h"

G_BEGIN_DECLS

/* Writes what was compared as JUnit's XML: a test case a value, a failure for those that differ. */
gboolean ox_cli_junit_write (OxComparison *comparison, const OxModel *model, const char *path, GError **error);

G_END_DECLS
