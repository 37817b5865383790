/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "model/ox-model.h"

G_BEGIN_DECLS

#define OX_TYPE_NODE_ITEM (ox_node_item_get_type ())
G_DECLARE_FINAL_TYPE (OxNodeItem, ox_node_item, OX, NODE_ITEM, GObject)
#define OX_TYPE_NODE_LIST (ox_node_list_get_type ())
G_DECLARE_FINAL_TYPE (OxNodeList, ox_node_list, OX, NODE_LIST, GObject)

/* A node or a scope of nodes as an item of a list; made when a list view asks for it, so that 50,000 nodes cost 50,000
 * pointers. */
OxNodeItem *ox_node_item_new       (OxNode *node);
/* @scope is whatever tells the owner of the list which it is; @label is copied. */
OxNodeItem *ox_node_item_new_scope (gpointer scope, const char *label, guint n_nodes);
OxNode     *ox_node_item_get_node  (OxNodeItem *self);   /* NULL: a scope */
gpointer    ox_node_item_get_scope (OxNodeItem *self);   /* NULL: a node */
const char *ox_node_item_get_label (OxNodeItem *self);   /* of a scope */
guint       ox_node_item_get_count (OxNodeItem *self);   /* nodes in a scope */

/* A GListModel of the nodes of a graph whose name, operator or output holds a text. */
OxNodeList *ox_node_list_new      (void);
/* @graph may be NULL: no nodes. With @inner the nodes of graphs inside it come after it. */
void        ox_node_list_set      (OxNodeList *self, OxGraph *graph, gboolean inner);
/* NULL or "": all. Upper and lower case of ASCII are the same. Words are all to be found. */
void        ox_node_list_filter   (OxNodeList *self, const char *text);
/* The node's position; -1 if it is not in the list. */
int         ox_node_list_find     (OxNodeList *self, const OxNode *node);

G_END_DECLS
