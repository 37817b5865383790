/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-scope-tree.h"

#include <string.h>

#include "model/ox-scope.h"

typedef struct _Scope Scope;

/* Something in a scope: a scope or a node. */
typedef struct
{
  Scope  *scope;
  OxNode *node;
} Entry;

struct _Scope
{
  Scope  *parent;
  char   *label;
  guint   n_nodes;    /* with those in scopes inside */
  GArray *entries;    /* Entry */
};

struct _OxScopeTree
{
  Scope      *top;
  GHashTable *scopes;   /* path -> Scope, all but the top one; owned */
};

#define OX_TYPE_SCOPE_LIST (ox_scope_list_get_type ())
G_DECLARE_FINAL_TYPE (OxScopeList, ox_scope_list, OX, SCOPE_LIST, GObject)

/* What is in one scope, as a list that makes its items when asked. */
struct _OxScopeList
{
  GObject parent_instance;
  Scope *scope;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OxScopeList, ox_scope_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
ox_scope_list_class_init (OxScopeListClass *klass)
{
}

static void
ox_scope_list_init (OxScopeList *self)
{
}

static GType
get_item_type (GListModel *model)
{
  return OX_TYPE_NODE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return OX_SCOPE_LIST (model)->scope->entries->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  const Scope *scope = OX_SCOPE_LIST (model)->scope;
  const Entry *entry;

  if (position >= scope->entries->len)
    return NULL;
  entry = &g_array_index (scope->entries, Entry, position);
  if (entry->node != NULL)
    return ox_node_item_new (entry->node);
  return ox_node_item_new_scope (entry->scope, entry->scope->label, entry->scope->n_nodes);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
scope_free (gpointer data)
{
  Scope *scope = data;

  g_free (scope->label);
  g_array_unref (scope->entries);
  g_free (scope);
}

static Scope *
scope_new (Scope *parent, const char *label)
{
  Scope *scope = g_new0 (Scope, 1);

  scope->parent = parent;
  scope->label = g_strdup (label);
  scope->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  return scope;
}

/* The scope of that path, made with all around it when it is new. */
static Scope *
find_scope (OxScopeTree *tree, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  GString *so_far = g_string_new (NULL);
  Scope *scope = tree->top;

  for (char **part = parts; *path != '\0' && *part != NULL; part++)
    {
      Scope *inner;

      g_string_append_printf (so_far, "%s%s", so_far->len > 0 ? "/" : "", *part);
      inner = g_hash_table_lookup (tree->scopes, so_far->str);
      if (inner == NULL)
        {
          Entry entry;

          inner = scope_new (scope, *part);
          entry = (Entry){ inner, NULL };
          g_array_append_val (scope->entries, entry);
          g_hash_table_insert (tree->scopes, g_strdup (so_far->str), inner);
        }
      scope = inner;
    }
  g_string_free (so_far, TRUE);
  return scope;
}

/* A scope with only one scope in it takes that one's place. */
static void
join_single (Scope *scope)
{
  while (scope->parent != NULL && scope->entries->len == 1 && g_array_index (scope->entries, Entry, 0).scope != NULL)
    {
      Scope *inner = g_array_index (scope->entries, Entry, 0).scope;
      char *label = g_strconcat (scope->label, "/", inner->label, NULL);
      GArray *entries = scope->entries;

      g_free (scope->label);
      scope->label = label;
      scope->entries = inner->entries;
      inner->entries = entries;
      g_array_set_size (entries, 0);
      for (guint i = 0; i < scope->entries->len; i++)
        if (g_array_index (scope->entries, Entry, i).scope != NULL)
          g_array_index (scope->entries, Entry, i).scope->parent = scope;
    }
}

OxScopeTree *
ox_scope_tree_new (OxGraph *graph)
{
  OxScopeTree *tree = g_new0 (OxScopeTree, 1);
  GHashTableIter iter;
  gpointer scope;

  tree->top = scope_new (NULL, "");
  tree->scopes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, scope_free);
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      OxNode *node = g_ptr_array_index (graph->nodes, i);
      g_autofree char *path = ox_node_scope (node);
      Entry entry = { NULL, node };
      Scope *home = find_scope (tree, path);

      g_array_append_val (home->entries, entry);
      for (; home != NULL; home = home->parent)
        home->n_nodes++;
    }
  g_hash_table_iter_init (&iter, tree->scopes);
  while (g_hash_table_iter_next (&iter, NULL, &scope))
    join_single (scope);
  return tree;
}

void
ox_scope_tree_free (OxScopeTree *tree)
{
  if (tree == NULL)
    return;
  scope_free (tree->top);
  g_hash_table_unref (tree->scopes);
  g_free (tree);
}

gboolean
ox_scope_tree_is_deep (OxScopeTree *tree)
{
  return g_hash_table_size (tree->scopes) > 1;
}

GListModel *
ox_scope_tree_children (OxScopeTree *tree, OxNodeItem *item)
{
  Scope *scope = item != NULL ? ox_node_item_get_scope (item) : tree->top;
  OxScopeList *list;

  if (scope == NULL)
    return NULL;
  list = g_object_new (OX_TYPE_SCOPE_LIST, NULL);
  list->scope = scope;
  return G_LIST_MODEL (list);
}

/* The position of @node under @scope, going down; FALSE if it is not there. */
static gboolean
find_node (const Scope *scope, const char *path, const OxNode *node, GArray *way)
{
  for (guint i = 0; i < scope->entries->len; i++)
    {
      const Entry *entry = &g_array_index (scope->entries, Entry, i);
      gsize n = entry->scope != NULL ? strlen (entry->scope->label) : 0;

      if (entry->node == node)
        {
          g_array_append_val (way, i);
          return TRUE;
        }
      if (entry->scope == NULL || strncmp (path, entry->scope->label, n) != 0 || (path[n] != '/' && path[n] != '\0'))
        continue;
      g_array_append_val (way, i);
      /* As deep as the scope's path is long. */
      return find_node (entry->scope, path[n] == '/' ? path + n + 1 : path + n, node, way);
    }
  return FALSE;
}

GArray *
ox_scope_tree_path (OxScopeTree *tree, OxNode *node)
{
  g_autofree char *path = ox_node_scope (node);
  GArray *way = g_array_new (FALSE, FALSE, sizeof (guint));

  if (!find_node (tree->top, path, node, way))
    g_clear_pointer (&way, g_array_unref);
  return way;
}
