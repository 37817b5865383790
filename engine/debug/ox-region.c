/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "debug/ox-extract-private.h"
#include "model/ox-scope.h"

/* Which nodes belong to one. */

OxRegion *
ox_region_new_node (OxNode *node)
{
  gboolean *in = g_new0 (gboolean, node->graph->nodes->len);

  in[node->index] = TRUE;
  return ox_region_new_marked (node->graph, in);
}

OxRegion *
ox_region_new_nodes (OxGraph *graph, const GPtrArray *nodes)
{
  gboolean *in = g_new0 (gboolean, MAX (graph->nodes->len, 1));

  for (guint i = 0; i < nodes->len; i++)
    in[((OxNode *) g_ptr_array_index (nodes, i))->index] = TRUE;
  return ox_region_new_marked (graph, in);
}

OxRegion *
ox_region_new_scope (OxGraph *graph, const char *pattern, GError **error)
{
  gboolean *in = g_new0 (gboolean, MAX (graph->nodes->len, 1)), any = FALSE;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      g_autofree char *scope = ox_node_scope (ox_graph_node (graph, i));

      any |= in[i] = ox_scope_fits (scope, pattern);
    }
  if (any)
    return ox_region_new_marked (graph, in);
  g_free (in);
  ox_fail (error, OX_ERROR_VALUE, "no node is in the scope '%s'", pattern);
  return NULL;
}

/* Marks the nodes of this name, or those that read (@readers) or make the tensor of this name. */
static gboolean
mark (const OxGraph *graph, const char *name, gboolean readers, gboolean *in, GError **error)
{
  const int slot = ox_graph_find (graph, name);
  gboolean found = FALSE;

  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_str_equal (ox_graph_node (graph, i)->name, name))
      found = in[i] = TRUE;
  if (!found && slot >= 0 && readers)
    {
      const GArray *uses = ox_graph_slot (graph, slot)->uses;

      for (guint i = 0; uses != NULL && i < uses->len; i++)
        {
          const OxUse *use = &g_array_index (uses, OxUse, i);

          if (use->node->graph == graph)
            found = in[use->node->index] = TRUE;
        }
    }
  else if (!found && slot >= 0 && ox_graph_slot (graph, slot)->producer != NULL)
    found = in[ox_graph_slot (graph, slot)->producer->index] = TRUE;
  return found || ox_fail (error, OX_ERROR_VALUE, readers ? "there is no node '%s', nor a tensor of this name that a node reads"
                                                          : "there is no node '%s', nor a tensor of this name that a node makes",
                           name);
}

static gboolean *
mark_all (const OxGraph *graph, char **names, gboolean forwards, GError **error)
{
  gboolean *in = g_new0 (gboolean, MAX (graph->nodes->len, 1));

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (!mark (graph, names[i], forwards, in, error))
      {
        g_free (in);
        return NULL;
      }
  if (names == NULL || names[0] == NULL)
    for (guint i = 0; i < graph->nodes->len; i++)
      in[i] = TRUE;
  ox_graph_spread (graph, in, forwards);
  return in;
}

OxRegion *
ox_region_new_between (OxGraph *graph, char **from, char **to, GError **error)
{
  g_autofree gboolean *after = mark_all (graph, from, TRUE, error);
  g_autofree gboolean *before = after != NULL ? mark_all (graph, to, FALSE, error) : NULL;
  gboolean *in, any = FALSE;

  if (before == NULL)
    return NULL;
  in = g_new0 (gboolean, MAX (graph->nodes->len, 1));
  for (guint i = 0; i < graph->nodes->len; i++)
    any |= in[i] = after[i] && before[i];
  if (any)
    return ox_region_new_marked (graph, in);
  g_free (in);
  ox_fail (error, OX_ERROR_VALUE, "no way leads from the one to the other");
  return NULL;
}
