/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-console-private.h"

#define LIST_LENGTH 10
#define MAX_REPEAT 1000000

typedef enum
{
  COMMAND_STEP, COMMAND_NEXT, COMMAND_FINISH, COMMAND_CONTINUE, COMMAND_UNTIL, COMMAND_BACK, COMMAND_BACK_IN, COMMAND_START,
  COMMAND_RUN, COMMAND_RESTART, COMMAND_BREAK, COMMAND_DELETE, COMMAND_PRINT, COMMAND_INFO, COMMAND_LIST, COMMAND_WHERE,
  COMMAND_HELP, COMMAND_QUIT,
} Command;

static const struct
{
  Command     command;
  const char *name, *alias, *argument, *help;
} commands[] = {
  { COMMAND_STEP, "step", "s", "[N]", "one node, into its body if it has one" },
  { COMMAND_NEXT, "next", "n", "[N]", "one node, body and all" },
  { COMMAND_FINISH, "finish", "fin", "", "out of this body, with all its iterations" },
  { COMMAND_CONTINUE, "continue", "c", "", "to a breakpoint or the end" },
  { COMMAND_UNTIL, "until", "u", "NODE", "until this node is next" },
  { COMMAND_BACK, "back", "rn", "[N]", "undo one node, body and all" },
  { COMMAND_BACK_IN, "back-in", "rs", "[N]", "undo one node, into its body" },
  { COMMAND_START, "start", "", "", "undo everything" },
  { COMMAND_RUN, "run", "r", "", "from the start to a breakpoint or the end" },
  { COMMAND_RESTART, "restart", "", "", "forget the run" },
  { COMMAND_BREAK, "break", "b", "NODE", "stop before this node" },
  { COMMAND_DELETE, "delete", "d", "NODE", "no longer" },
  { COMMAND_PRINT, "print", "p", "NAME[INDICES]", "a value: its type, numbers and elements" },
  { COMMAND_INFO, "info", "i", "WHAT", "frame, node [NODE], locals, inputs, outputs, breakpoints" },
  { COMMAND_LIST, "list", "l", "[NODE]", "the nodes around the next one, or around this one" },
  { COMMAND_WHERE, "where", "bt", "", "the frames" },
  { COMMAND_HELP, "help", "h", "", "this" },
  { COMMAND_QUIT, "quit", "q", "", "" },
};

static void
collect_graph (OxGraph *graph, gpointer graphs)
{
  g_hash_table_add (graphs, graph);
}

OxConsole *
ox_console_new (OxDebugger *debugger)
{
  OxConsole *self = g_new0 (OxConsole, 1);
  OxModel *model = ox_debugger_get_model (debugger);

  self->debugger = g_object_ref (debugger);
  self->graphs = g_hash_table_new (NULL, NULL);
  ox_graph_foreach (model->graph, collect_graph, self->graphs);
  for (guint i = 0; i < model->functions->len; i++)
    ox_graph_foreach (((OxFunction *) g_ptr_array_index (model->functions, i))->body, collect_graph, self->graphs);
  return self;
}

void
ox_console_free (OxConsole *self)
{
  g_hash_table_unref (self->graphs);
  g_object_unref (self->debugger);
  g_free (self);
}

/* ---- moves ---------------------------------------------------------------------------------------------------- */

static void
put_position (OxConsole *self, GString *text)
{
  const OxStop *stop = ox_debugger_get_stop (self->debugger);
  OxFrame *frame = ox_console_frame (self);
  OxNode *node = ox_console_node (self);

  self->listed = 0;
  if (stop != NULL && stop->reason == OX_STOP_FAILED)
    g_string_append_printf (text, "FAILED: %s\n", stop->error->message);
  if (stop != NULL && stop->reason == OX_STOP_INTERRUPTED)
    g_string_append (text, "interrupted\n");
  if (stop != NULL && stop->reason == OX_STOP_BREAKPOINT)
    g_string_append (text, "breakpoint\n");
  if (node == NULL)
    {
      g_string_append_printf (text, "at the end, %" G_GUINT64_FORMAT " turns\n", stop != NULL ? stop->time : 0);
      self->shown = 0;
      return;
    }
  if (self->shown != frame->id + 1)
    {
      g_autofree char *label = ox_frame_label (frame);

      g_string_append_printf (text, "%s\n", label);
    }
  self->shown = frame->id + 1;
  ox_console_put_node (self, text, frame, node);
}

static gboolean
do_moves (OxConsole *self, GString *text, OxMove move, const char *argument, GCancellable *cancellable, GError **error)
{
  guint64 times = 1;
  OxNode *target = NULL;

  if (move == OX_MOVE_TO_NODE)
    {
      target = ox_console_find_node (self, argument, error);
      if (target == NULL)
        return FALSE;
    }
  else if (argument[0] != '\0' && !g_ascii_string_to_unsigned (argument, 10, 1, MAX_REPEAT, &times, NULL))
    return ox_fail (error, OX_ERROR_VALUE, "expected how many times, found '%s'", argument);
  while (times-- > 0)
    {
      if (!ox_debugger_move (self->debugger, move, target, cancellable, error))
        return FALSE;
      if (ox_debugger_get_stop (self->debugger)->reason != OX_STOP_STEP)
        break;
    }
  put_position (self, text);
  return TRUE;
}

static gboolean
set_breakpoint (OxConsole *self, GString *text, const char *argument, gboolean on, GError **error)
{
  OxNode *node = ox_console_find_node (self, argument, error);
  g_autofree char *path = NULL;

  if (node == NULL)
    return FALSE;
  if (!on && !ox_debugger_has_breakpoint (self->debugger, node))
    return ox_fail (error, OX_ERROR_VALUE, "there is no breakpoint at '%s'", argument);
  ox_debugger_set_breakpoint (self->debugger, node, on);
  path = ox_graph_path (node->graph);
  g_string_append_printf (text, "%s #%u %s in %s\n", on ? "breakpoint at" : "no breakpoint at", node->index, node->op_type,
                          path);
  return TRUE;
}

static gboolean
put_list (OxConsole *self, GString *text, const char *argument, GError **error)
{
  OxFrame *frame = ox_console_frame (self);
  OxNode *node;
  guint first;

  if (argument[0] != '\0')
    {
      node = ox_console_find_node (self, argument, error);
      if (node == NULL)
        return FALSE;
      if (node->graph != frame->graph)
        return ox_fail (error, OX_ERROR_VALUE, "'%s' is in another graph; info node shows it", argument);
      first = node->index;
    }
  else if (self->listed > 0)
    first = self->listed + LIST_LENGTH / 2;
  else
    first = frame->pc;
  first = first > LIST_LENGTH / 2 ? first - LIST_LENGTH / 2 : 0;
  if (first >= frame->graph->nodes->len && frame->graph->nodes->len > 0)
    return ox_fail (error, OX_ERROR_VALUE, "the graph ends here");
  ox_console_put_list (self, text, frame, first, LIST_LENGTH);
  self->listed = first + LIST_LENGTH;
  return TRUE;
}

static void
put_help (GString *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *head = g_strdup_printf ("%s%s%s%s%s", commands[i].name, commands[i].alias[0] != '\0' ? ", " : "",
                                               commands[i].alias, commands[i].argument[0] != '\0' ? " " : "",
                                               commands[i].argument);

      g_string_append_printf (text, "  %-24s %s\n", head, commands[i].help);
    }
}

static gboolean
find_command (const char *word, Command *command, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (word, commands[i].name) || g_str_equal (word, commands[i].alias))
      {
        *command = commands[i].command;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "there is no command '%s'; help lists them", word);
}

static gboolean
run (OxConsole *self, GString *text, Command command, const char *argument, GCancellable *cancellable, gboolean *quit,
     GError **error)
{
  switch (command)
    {
    case COMMAND_STEP:
      return do_moves (self, text, OX_MOVE_IN, argument, cancellable, error);
    case COMMAND_NEXT:
      return do_moves (self, text, OX_MOVE_OVER, argument, cancellable, error);
    case COMMAND_FINISH:
      return do_moves (self, text, OX_MOVE_OUT, argument, cancellable, error);
    case COMMAND_RUN:
      ox_debugger_restart (self->debugger);
      return do_moves (self, text, OX_MOVE_CONTINUE, argument, cancellable, error);
    case COMMAND_CONTINUE:
      return do_moves (self, text, OX_MOVE_CONTINUE, argument, cancellable, error);
    case COMMAND_UNTIL:
      return do_moves (self, text, OX_MOVE_TO_NODE, argument, cancellable, error);
    case COMMAND_BACK:
      return do_moves (self, text, OX_MOVE_BACK, argument, cancellable, error);
    case COMMAND_BACK_IN:
      return do_moves (self, text, OX_MOVE_BACK_IN, argument, cancellable, error);
    case COMMAND_START:
      return do_moves (self, text, OX_MOVE_TO_START, argument, cancellable, error);
    case COMMAND_RESTART:
      ox_debugger_restart (self->debugger);
      put_position (self, text);
      return TRUE;
    case COMMAND_BREAK:
      return set_breakpoint (self, text, argument, TRUE, error);
    case COMMAND_DELETE:
      return set_breakpoint (self, text, argument, FALSE, error);
    case COMMAND_PRINT:
      return ox_console_put_value (self, text, argument, error);
    case COMMAND_INFO:
      return ox_console_put_info (self, text, argument, error);
    case COMMAND_LIST:
      return put_list (self, text, argument, error);
    case COMMAND_WHERE:
      ox_console_put_stack (self, text);
      return TRUE;
    case COMMAND_HELP:
      put_help (text);
      return TRUE;
    case COMMAND_QUIT:
      *quit = TRUE;
      return TRUE;
    }
  return TRUE;
}

char *
ox_console_run (OxConsole *self, const char *line, GCancellable *cancellable, gboolean *quit, GError **error)
{
  g_autofree char *copy = g_strstrip (g_strdup (line));
  char *argument = copy + strcspn (copy, " \t");
  g_autoptr (GString) text = g_string_new (NULL);
  Command command = COMMAND_HELP;

  *quit = FALSE;
  if (copy[0] == '\0' || copy[0] == '#')
    return g_strdup ("");
  if (argument[0] != '\0')
    *argument++ = '\0';
  g_strstrip (argument);
  if (!find_command (copy, &command, error) || !run (self, text, command, argument, cancellable, quit, error))
    return NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}
