/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-case.h"

G_BEGIN_DECLS

/* Runs @session, which is at its start and keeps all, as far as @region needs, and writes FOLDER/model.onnx and
 * FOLDER/test_data_set_0 with input_i.pb and output_i.pb, as the ONNX backend tests have them. Not for the main thread. */
gboolean ox_test_case_write (OxRegion *region, OxSession *session, gint64 iteration, const char *folder, gboolean allow_links,
                             GCancellable *cancellable, GError **error);
/* Writes a case in the same way. @expected: OxValue or NULL for each output; may be NULL. */
gboolean ox_case_write      (const OxCase *self, const GPtrArray *expected, const char *folder, GError **error);
/* Writes the region as a model without running it: types are those that are declared or follow. */
gboolean ox_region_write    (OxRegion *region, const char *path, gboolean allow_links, GError **error);

G_END_DECLS
