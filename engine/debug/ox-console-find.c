/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-console-private.h"

OxFrame *
ox_console_frame (OxConsole *self)
{
  guint depth = ox_debugger_get_depth (self->debugger);

  return ox_debugger_get_frame (self->debugger, depth > 0 ? depth - 1 : 0);
}

OxNode *
ox_console_node (OxConsole *self)
{
  OxFrame *frame = ox_console_frame (self);

  return ox_debugger_get_depth (self->debugger) > 0 ? ox_graph_node (frame->graph, frame->pc) : NULL;
}

static OxNode *
find_in_graph (OxGraph *graph, const char *text)
{
  int slot;

  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_str_equal (ox_graph_node (graph, i)->name, text))
      return ox_graph_node (graph, i);
  slot = ox_graph_find (graph, text);
  return slot >= 0 ? ox_graph_slot (graph, slot)->producer : NULL;
}

static OxNode *
find_operator (OxGraph *graph, guint from, const char *text)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      OxNode *node = ox_graph_node (graph, (from + i) % graph->nodes->len);

      if (g_ascii_strcasecmp (node->op_type, text) == 0)
        return node;
    }
  return NULL;
}

OxNode *
ox_console_find_node (OxConsole *self, const char *text, GError **error)
{
  OxFrame *frame = ox_console_frame (self);
  GHashTableIter iter;
  gpointer graph;
  guint64 number;
  OxNode *node;

  if (text[0] == '\0')
    {
      ox_fail (error, OX_ERROR_VALUE, "expected a node: its name, one of its outputs, #N, or an operator");
      return NULL;
    }
  if (text[0] == '#' && g_ascii_string_to_unsigned (text + 1, 10, 0, G_MAXUINT - 1, &number, NULL)
      && ox_graph_node (frame->graph, (guint) number) != NULL)
    return ox_graph_node (frame->graph, (guint) number);
  for (OxGraph *at = frame->graph; at != NULL; at = at->outer)
    if ((node = find_in_graph (at, text)) != NULL)
      return node;
  g_hash_table_iter_init (&iter, self->graphs);
  while (g_hash_table_iter_next (&iter, &graph, NULL))
    if ((node = find_in_graph (graph, text)) != NULL)
      return node;
  if ((node = find_operator (frame->graph, frame->pc + 1, text)) != NULL)
    return node;
  g_hash_table_iter_init (&iter, self->graphs);
  while (g_hash_table_iter_next (&iter, &graph, NULL))
    if ((node = find_operator (graph, 0, text)) != NULL)
      return node;
  ox_fail (error, OX_ERROR_VALUE, "there is no node '%s'", text);
  return NULL;
}

gboolean
ox_console_find_slot (OxConsole *self, const char *name, OxGraph **graph, int *slot)
{
  GHashTableIter iter;
  gpointer any;

  for (*graph = ox_console_frame (self)->graph; *graph != NULL; *graph = (*graph)->outer)
    if ((*slot = ox_graph_find (*graph, name)) >= 0)
      return TRUE;
  g_hash_table_iter_init (&iter, self->graphs);
  while (g_hash_table_iter_next (&iter, &any, NULL))
    if ((*slot = ox_graph_find (any, name)) >= 0)
      {
        *graph = any;
        return TRUE;
      }
  return FALSE;
}
