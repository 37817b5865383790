/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "model/ox-graph.h"
#include "ui/ox-node-list.h"

G_BEGIN_DECLS

/* The nodes of a graph under the scopes they were exported from: "layers.0" > "self_attn" > nodes, in the order of the graph.
 * A scope that holds nothing but one other is shown as one: "model/layers". */
typedef struct _OxScopeTree OxScopeTree;

OxScopeTree *ox_scope_tree_new      (OxGraph *graph);
void         ox_scope_tree_free     (OxScopeTree *tree);
/* FALSE: all nodes are in one scope, so that a tree says nothing. */
gboolean     ox_scope_tree_is_deep  (OxScopeTree *tree);
/* A GListModel of OxNodeItem: what is at the top, or inside @item; NULL if that is a node. (transfer full). The tree has to
 * outlive it. */
GListModel  *ox_scope_tree_children (OxScopeTree *tree, OxNodeItem *item);
/* The way to @node: positions from the top on. (transfer full) array of guint; NULL if it is not there. */
GArray      *ox_scope_tree_path     (OxScopeTree *tree, OxNode *node);

G_END_DECLS
