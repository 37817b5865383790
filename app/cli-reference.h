/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli.h"
#include "debug/ox-reference.h"

G_BEGIN_DECLS

/* What "--reference PATH" means for a model that is fed: an .npz, a Polygraphy .json, another .onnx (which is fed with the
 * same), a folder of .npy, .pb and .tensorproto files, a .db of ONNX Runtime, the model itself ("self:f64",
 * "twice"), or "onnxruntime" (the library @runtime, or the one that is found). */
OxReference *ox_cli_reference  (const char *path, OxSession *session, const char *runtime, gboolean allow_links, GError **error);
/* The same for consoles, see ox_console_use_files(). */
OxReference *ox_cli_console_reference (const char *path, OxSession *session, GError **error);
/* ONNX Runtime's values for a session whose model may be in no file. */
OxReference *ox_cli_runtime_reference (OxSession *session, const char *runtime, GError **error);
/* When nothing says where inputs come from and a test_data_set_0 lies beside the model, takes that and says so. */
void         ox_cli_find_data  (OxCliFeeds *feeds, const OxModel *model);
/* The same inputs for another model: by name, then in order. */
gboolean     ox_cli_feed_like  (OxSession *session, OxSession *other, GError **error);

G_END_DECLS
