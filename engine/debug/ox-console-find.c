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
find_named (OxGraph *graph, const char *text)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_str_equal (ox_graph_node (graph, i)->name, text))
      return ox_graph_node (graph, i);
  return NULL;
}

static OxNode *
find_maker (OxGraph *graph, const char *text)
{
  const int slot = ox_graph_find (graph, text);

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
    if ((node = find_named (at, text)) != NULL || (node = find_maker (at, text)) != NULL)
      return node;
  for (guint i = 0; i < self->graphs->len; i++)
    if ((node = find_named (g_ptr_array_index (self->graphs, i), text)) != NULL)
      return node;
  for (guint i = 0; i < self->graphs->len; i++)
    if ((node = find_maker (g_ptr_array_index (self->graphs, i), text)) != NULL)
      return node;
  if ((node = find_operator (frame->graph, frame->pc + 1, text)) != NULL)
    return node;
  for (guint i = 0; i < self->graphs->len; i++)
    if ((node = find_operator (g_ptr_array_index (self->graphs, i), 0, text)) != NULL)
      return node;
  ox_fail (error, OX_ERROR_VALUE, "there is no node '%s'", text);
  return NULL;
}

gboolean
ox_console_find_slot (OxConsole *self, const char *name, OxGraph **graph, int *slot)
{
  for (*graph = ox_console_frame (self)->graph; *graph != NULL; *graph = (*graph)->outer)
    if ((*slot = ox_graph_find (*graph, name)) >= 0)
      return TRUE;
  for (guint i = 0; i < self->graphs->len; i++)
    {
      *graph = g_ptr_array_index (self->graphs, i);
      if ((*slot = ox_graph_find (*graph, name)) >= 0)
        return TRUE;
    }
  return FALSE;
}
