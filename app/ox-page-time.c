/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"

/* The moves back to where something happened. */

static const char *const names[] = { "back-to-write", "back-to-bad", "back-to-break" };

typedef struct
{
  OxPage  *page;
  OxGraph *graph;     /* of the value that was looked at */
  int      slot;      /* -1: none was */
} Going;

/* One goes on looking at the value. */
static void
gone_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Going *going = data;
  g_autoptr (OxPage) self = going->page;
  g_autoptr (GError) error = NULL;
  gboolean done = ox_debugger_move_finish (OX_DEBUGGER (source), result, &error);

  if (self->focus == NULL)
    return;
  if (!done && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *text = g_utf8_make_valid (error->message, -1);

      ox_page_tell (self, text);
    }
  if (done && going->slot >= 0)
    ox_focus_select_value (self->focus, going->graph, going->slot);
}

/* The value in focus, or the first that the selected node makes. */
static int
value_of (OxPage *self, OxGraph **graph)
{
  OxNode *node = ox_focus_get_node (self->focus);
  int slot = ox_focus_get_value (self->focus, graph);

  if (slot >= 0 || node == NULL)
    return slot;
  *graph = node->graph;
  for (guint i = 0; i < node->output_names->len; i++)
    if (node->outputs[i] >= 0)
      return node->outputs[i];
  return -1;
}

static void
back_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxDebugger *debugger = ox_document_get_debugger (self->document);
  const char *name = g_action_get_name (G_ACTION (action));
  OxGoal goal = { 0 };
  Going *going;

  if (self->focus == NULL || self->moving != NULL || ox_debugger_is_running (debugger))
    return;
  if (g_str_equal (name, names[0]))
    {
      goal.move = OX_MOVE_BACK_TO_WRITE;
      goal.slot = value_of (self, &goal.graph);
      if (goal.slot < 0)
        {
          ox_page_tell (self, "Select a value or a node first");
          return;
        }
    }
  else if (g_str_equal (name, names[1]))
    {
      goal.move = OX_MOVE_BACK_TO_BAD;
      goal.bad = OX_BAD_NAN | OX_BAD_INF;
    }
  else
    goal.move = OX_MOVE_BACK_TO_BREAK;
  going = g_new0 (Going, 1);
  going->page = g_object_ref (self);
  going->slot = goal.move == OX_MOVE_BACK_TO_WRITE ? ox_focus_get_value (self->focus, &going->graph) : -1;
  ox_debugger_go_async (debugger, &goal, NULL, gone_cb, going);
}

void
ox_page_enable_time (OxPage *self, gboolean started)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), names[i])),
                                 started);
}

void
ox_page_add_time (OxPage *self)
{
  const GActionEntry entries[] = { { names[0], back_cb }, { names[1], back_cb }, { names[2], back_cb } };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
