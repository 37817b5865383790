/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-selection.h"
#include "model/ox-scope.h"

struct _OxSelection
{
  OxModel    *model;
  gboolean    all;
  GHashTable *nodes;     /* OxNode* -> itself */
  GPtrArray  *graphs;    /* OxGraph*: all of the model */
};

static void
collect_graph (OxGraph *graph, gpointer graphs)
{
  g_ptr_array_add (graphs, graph);
}

OxSelection *
ox_selection_new (OxModel *model)
{
  OxSelection *self = g_new0 (OxSelection, 1);

  self->model = ox_model_ref (model);
  self->nodes = g_hash_table_new (NULL, NULL);
  self->graphs = g_ptr_array_new ();
  ox_model_foreach_graph (model, collect_graph, self->graphs);
  return self;
}

void
ox_selection_free (OxSelection *self)
{
  g_ptr_array_unref (self->graphs);
  g_hash_table_unref (self->nodes);
  ox_model_unref (self->model);
  g_free (self);
}

void
ox_selection_add_all (OxSelection *self)
{
  self->all = TRUE;
}

/* One by its name or an output; NULL for none. */
static OxNode *
find_named (const OxSelection *self, const char *text)
{
  guint64 number;

  if (text[0] == '#' && g_ascii_string_to_unsigned (text + 1, 10, 0, G_MAXUINT - 1, &number, NULL))
    return ox_graph_node (self->model->graph, (guint) number);
  for (guint g = 0; g < self->graphs->len && text[0] != '\0'; g++)
    {
      OxGraph *graph = g_ptr_array_index (self->graphs, g);
      int slot = ox_graph_find (graph, text);

      for (guint i = 0; i < graph->nodes->len; i++)
        if (strcmp (ox_graph_node (graph, i)->name, text) == 0)
          return ox_graph_node (graph, i);
      if (slot >= 0 && ox_graph_slot (graph, slot)->producer != NULL)
        return ox_graph_slot (graph, slot)->producer;
    }
  return NULL;
}

gboolean
ox_selection_add (OxSelection *self, const char *text, GError **error)
{
  OxNode *node = find_named (self, text);
  guint before = g_hash_table_size (self->nodes), found = 0;

  if (node != NULL)
    {
      g_hash_table_add (self->nodes, node);
      return TRUE;
    }
  for (guint g = 0; g < self->graphs->len; g++)
    {
      const OxGraph *graph = g_ptr_array_index (self->graphs, g);

      for (guint i = 0; i < graph->nodes->len; i++)
        if (g_ascii_strcasecmp (ox_graph_node (graph, i)->op_type, text) == 0)
          {
            g_hash_table_add (self->nodes, ox_graph_node (graph, i));
            found++;
          }
    }
  return found > 0 || g_hash_table_size (self->nodes) > before
         || ox_fail (error, OX_ERROR_VALUE, "there is no node '%s'", text);
}

gboolean
ox_selection_add_scope (OxSelection *self, const char *pattern, GError **error)
{
  gboolean found = FALSE;

  for (guint g = 0; g < self->graphs->len; g++)
    {
      const OxGraph *graph = g_ptr_array_index (self->graphs, g);

      for (guint i = 0; i < graph->nodes->len; i++)
        {
          g_autofree char *scope = ox_node_scope (ox_graph_node (graph, i));

          if (!ox_scope_fits (scope, pattern))
            continue;
          g_hash_table_add (self->nodes, ox_graph_node (graph, i));
          found = TRUE;
        }
    }
  return found || ox_fail (error, OX_ERROR_VALUE, "no node is in the scope '%s'", pattern);
}

void
ox_selection_add_node (OxSelection *self, OxNode *node)
{
  g_hash_table_add (self->nodes, node);
}

void
ox_selection_add_scope_of (OxSelection *self, const OxNode *node)
{
  g_autofree char *wanted = ox_node_scope (node);

  for (guint g = 0; g < self->graphs->len; g++)
    {
      const OxGraph *graph = g_ptr_array_index (self->graphs, g);

      for (guint i = 0; i < graph->nodes->len; i++)
        {
          g_autofree char *scope = ox_node_scope (ox_graph_node (graph, i));

          if (ox_scope_inside (scope, wanted))
            g_hash_table_add (self->nodes, ox_graph_node (graph, i));
        }
    }
}

void
ox_selection_add_operator_of (OxSelection *self, const OxNode *node)
{
  for (guint g = 0; g < self->graphs->len; g++)
    {
      const OxGraph *graph = g_ptr_array_index (self->graphs, g);

      for (guint i = 0; i < graph->nodes->len; i++)
        if (strcmp (ox_graph_node (graph, i)->op_type, node->op_type) == 0
            && strcmp (ox_graph_node (graph, i)->domain, node->domain) == 0)
          g_hash_table_add (self->nodes, ox_graph_node (graph, i));
    }
}

/* Marks @node and what can be reached from it. (transfer full) */
static gboolean *
reachable (const OxNode *node, gboolean forwards)
{
  gboolean *marked = g_new0 (gboolean, node->graph->nodes->len);

  marked[node->index] = TRUE;
  ox_graph_spread (node->graph, marked, forwards);
  return marked;
}

gboolean
ox_selection_add_between (OxSelection *self, const char *text, GError **error)
{
  g_auto (GStrv) ends = g_strsplit (text, "..", 2);
  OxNode *from, *to;
  g_autofree gboolean *after = NULL, *before = NULL;

  if (ends[0] == NULL || ends[1] == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "expected NODE..NODE, found '%s'", text);
  from = find_named (self, ends[0]);
  to = find_named (self, ends[1]);
  if (from == NULL || to == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "there is no node '%s'", from == NULL ? ends[0] : ends[1]);
  if (from->graph != to->graph)
    return ox_fail (error, OX_ERROR_VALUE, "'%s' and '%s' are in different graphs", ends[0], ends[1]);
  after = reachable (from, TRUE);
  before = reachable (to, FALSE);
  if (!after[to->index])
    return ox_fail (error, OX_ERROR_VALUE, "no way leads from '%s' to '%s'", ends[0], ends[1]);
  for (guint i = 0; i < from->graph->nodes->len; i++)
    if (after[i] && before[i])
      g_hash_table_add (self->nodes, ox_graph_node (from->graph, i));
  return TRUE;
}

gboolean
ox_selection_has (const OxSelection *self, const OxFrame *frame, const OxNode *node)
{
  if (self->all || g_hash_table_contains (self->nodes, node))
    return TRUE;
  for (; frame != NULL && frame->caller != NULL; frame = frame->parent)
    if (g_hash_table_contains (self->nodes, frame->caller))
      return TRUE;
  return FALSE;
}
