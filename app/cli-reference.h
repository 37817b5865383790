/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli.h"
#include "debug/ox-reference.h"

G_BEGIN_DECLS

/* What "--reference PATH" means for a model that is fed: an .npz, a Polygraphy .json, another .onnx (which is fed with the
 * same), or a folder of .npy and .pb files. */
OxReference *ox_cli_reference  (const char *path, OxSession *session, gboolean allow_links, GError **error);
/* When nothing says where inputs come from and a test_data_set_0 lies beside the model, takes that and says so. */
void         ox_cli_find_data  (OxCliFeeds *feeds, const OxModel *model);
/* The same inputs for another model: by name, then in order. */
gboolean     ox_cli_feed_like  (OxSession *session, OxSession *other, GError **error);

G_END_DECLS
