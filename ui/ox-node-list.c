/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-node-list.h"

#include <string.h>

struct _OxNodeItem
{
  GObject parent_instance;
  OxNode  *node;
  gpointer scope;
  char    *label;
  guint    count;
};

G_DEFINE_FINAL_TYPE (OxNodeItem, ox_node_item, G_TYPE_OBJECT)

struct _OxNodeList
{
  GObject parent_instance;

  GPtrArray *all;     /* OxNode*, in order */
  GPtrArray *shown;   /* those of them that pass */
  GHashTable *at;     /* node -> position in @shown + 1; made when asked for */
  char      **words;  /* NULL: no filter */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OxNodeList, ox_node_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
ox_node_item_finalize (GObject *object)
{
  g_free (OX_NODE_ITEM (object)->label);
  G_OBJECT_CLASS (ox_node_item_parent_class)->finalize (object);
}

static void
ox_node_item_class_init (OxNodeItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_node_item_finalize;
}

static void
ox_node_item_init (OxNodeItem *self)
{
}

OxNodeItem *
ox_node_item_new (OxNode *node)
{
  OxNodeItem *self = g_object_new (OX_TYPE_NODE_ITEM, NULL);

  self->node = node;
  return self;
}

OxNodeItem *
ox_node_item_new_scope (gpointer scope, const char *label, guint n_nodes)
{
  OxNodeItem *self = g_object_new (OX_TYPE_NODE_ITEM, NULL);

  self->scope = scope;
  self->label = g_strdup (label);
  self->count = n_nodes;
  return self;
}

OxNode *
ox_node_item_get_node (OxNodeItem *self)
{
  return self->node;
}

gpointer
ox_node_item_get_scope (OxNodeItem *self)
{
  return self->scope;
}

const char *
ox_node_item_get_label (OxNodeItem *self)
{
  return self->label;
}

guint
ox_node_item_get_count (OxNodeItem *self)
{
  return self->count;
}

static GType
get_item_type (GListModel *model)
{
  return OX_TYPE_NODE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return OX_NODE_LIST (model)->shown->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  OxNodeList *self = OX_NODE_LIST (model);

  return position < self->shown->len ? ox_node_item_new (g_ptr_array_index (self->shown, position)) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
ox_node_list_finalize (GObject *object)
{
  OxNodeList *self = OX_NODE_LIST (object);

  g_ptr_array_unref (self->all);
  g_ptr_array_unref (self->shown);
  g_clear_pointer (&self->at, g_hash_table_unref);
  g_strfreev (self->words);
  G_OBJECT_CLASS (ox_node_list_parent_class)->finalize (object);
}

static void
ox_node_list_class_init (OxNodeListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_node_list_finalize;
}

static void
ox_node_list_init (OxNodeList *self)
{
  self->all = g_ptr_array_new ();
  self->shown = g_ptr_array_new ();
}

OxNodeList *
ox_node_list_new (void)
{
  return g_object_new (OX_TYPE_NODE_LIST, NULL);
}

static gboolean
holds (const char *text, const char *word)
{
  gsize n = strlen (word);

  for (; text != NULL && *text != '\0'; text++)
    if (g_ascii_strncasecmp (text, word, n) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
passes (OxNodeList *self, const OxNode *node)
{
  for (char **word = self->words; word != NULL && *word != NULL; word++)
    {
      gboolean found = **word == '\0' || holds (node->name, *word) || holds (node->op_type, *word);

      for (guint i = 0; !found && i < node->output_names->len; i++)
        found = holds (g_ptr_array_index (node->output_names, i), *word);
      if (!found)
        return FALSE;
    }
  return TRUE;
}

static void
refill (OxNodeList *self)
{
  guint before = self->shown->len;

  g_clear_pointer (&self->at, g_hash_table_unref);
  g_ptr_array_set_size (self->shown, 0);
  for (guint i = 0; i < self->all->len; i++)
    if (passes (self, g_ptr_array_index (self->all, i)))
      g_ptr_array_add (self->shown, g_ptr_array_index (self->all, i));
  g_list_model_items_changed (G_LIST_MODEL (self), 0, before, self->shown->len);
}

static void
add_nodes (OxGraph *graph, gpointer data)
{
  OxNodeList *self = data;

  for (guint i = 0; i < graph->nodes->len; i++)
    g_ptr_array_add (self->all, g_ptr_array_index (graph->nodes, i));
}

void
ox_node_list_set (OxNodeList *self, OxGraph *graph, gboolean inner)
{
  g_ptr_array_set_size (self->all, 0);
  if (graph != NULL && inner)
    ox_graph_foreach (graph, add_nodes, self);
  else if (graph != NULL)
    add_nodes (graph, self);
  refill (self);
}

void
ox_node_list_filter (OxNodeList *self, const char *text)
{
  g_clear_pointer (&self->words, g_strfreev);
  if (text != NULL && *text != '\0')
    self->words = g_strsplit_set (text, " \t", -1);
  refill (self);
}

int
ox_node_list_find (OxNodeList *self, const OxNode *node)
{
  if (self->at == NULL)
    {
      self->at = g_hash_table_new (NULL, NULL);
      for (guint i = 0; i < self->shown->len; i++)
        g_hash_table_insert (self->at, g_ptr_array_index (self->shown, i), GUINT_TO_POINTER (i + 1));
    }
  return GPOINTER_TO_INT (g_hash_table_lookup (self->at, node)) - 1;
}
