/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-breakpoint-private.h"

#include <string.h>

static guint
bit_of (const OxNode *node)
{
  return (guint) (((guint64) GPOINTER_TO_SIZE (node) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> 56);
}

static void
stop_at (OxDebugger *self, OxNode *node, OxPoint *point)
{
  GPtrArray *points = g_hash_table_lookup (self->stops, node);

  if (points == NULL)
    {
      points = g_ptr_array_new_with_free_func (ox_point_unref);
      g_hash_table_insert (self->stops, node, points);
    }
  g_ptr_array_add (points, ox_point_ref (point));
}

static void
match_graph (OxGraph *graph, gpointer data)
{
  OxDebugger *self = data;

  g_hash_table_add (self->met, graph);
  for (guint i = 0; i < graph->nodes->len; i++)
    for (guint k = 0; k < self->breakpoints->len; k++)
      {
        OxPoint *point = g_ptr_array_index (self->breakpoints, k);

        if (point->place != NULL && point->shown.enabled && ox_place_fits (point->place, ox_graph_node (graph, i)))
          stop_at (self, ox_graph_node (graph, i), point);
      }
}

void
ox_debugger_match_points (OxDebugger *self)
{
  gboolean patterns = FALSE;

  g_atomic_int_inc (&self->matched);
  g_hash_table_remove_all (self->stops);
  g_hash_table_remove_all (self->met);
  for (guint i = 0; i < self->breakpoints->len; i++)
    {
      OxPoint *point = g_ptr_array_index (self->breakpoints, i);

      if (point->place != NULL)
        patterns = TRUE;
      else if (point->shown.enabled)
        stop_at (self, point->shown.node, point);
    }
  self->patterns = patterns;
  if (patterns)
    ox_model_foreach_graph (self->model, match_graph, self);
}

/* What the worker asks first. Bodies of functions are met while they run. */
static void
fill_sieve (OxDebugger *self, OxGraph *graph)
{
  const gint matched = g_atomic_int_get (&self->matched);
  const gboolean new = self->patterns && !g_hash_table_contains (self->met, graph);
  GHashTableIter iter;
  gpointer node;

  if (new)
    match_graph (graph, self);
  self->sieved = graph;
  if (!new && self->sieved_at == matched)
    return;
  self->sieved_at = matched;
  memset (self->sieve, 0, sizeof self->sieve);
  g_hash_table_iter_init (&iter, self->stops);
  while (g_hash_table_iter_next (&iter, &node, NULL))
    self->sieve[bit_of (node) / 64] |= G_GUINT64_CONSTANT (1) << bit_of (node) % 64;
}

GPtrArray *
ox_debugger_points_at (OxDebugger *self, OxGraph *graph, const OxNode *node)
{
  GPtrArray *points;

  /* A turn costs next to nothing where nobody wants to stop. */
  if (self->sieved == graph && self->sieved_at == g_atomic_int_get (&self->matched)
      && !(self->sieve[bit_of (node) / 64] >> bit_of (node) % 64 & 1))
    return NULL;
  g_mutex_lock (&self->lock);
  if (self->sieved != graph || self->sieved_at != g_atomic_int_get (&self->matched))
    fill_sieve (self, graph);
  points = g_hash_table_lookup (self->stops, node);
  points = points != NULL ? g_ptr_array_ref (points) : NULL;
  g_mutex_unlock (&self->lock);
  return points;
}

gboolean
ox_debugger_judges (OxDebugger *self, const OxNode *node)
{
  gboolean result;

  g_mutex_lock (&self->lock);
  result = g_hash_table_contains (self->stops, node);
  g_mutex_unlock (&self->lock);
  return result;
}
