/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-graph.h"

G_BEGIN_DECLS

/* Where a node belongs in the program the model was made from: "layers.0/self_attn", "" for the outermost. From the
 * exporter's metadata (namespace, pkg.torch.onnx.name_scopes), else from the parts of the node's name before its last '/',
 * or '.' if it has none. (transfer full) */
char    *ox_node_scope    (const OxNode *node);
/* Whether @scope is @prefix or inside it; everything is inside "". */
gboolean ox_scope_inside  (const char *scope, const char *prefix);
/* The same for a prefix that may have wildcards (* and ?), which have to fit all of @scope then. */
gboolean ox_scope_fits    (const char *scope, const char *pattern);
/* The first @depth parts of @scope. (transfer full) */
char    *ox_scope_cut     (const char *scope, int depth);
int      ox_scope_depth   (const char *scope);

G_END_DECLS
