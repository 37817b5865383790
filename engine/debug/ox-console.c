/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-console-private.h"

#define LIST_LENGTH 10
#define MAX_REPEAT 1000000

static const struct
{
  OxCommand   command;
  const char *name, *alias, *argument, *help;
} commands[] = {
  { OX_COMMAND_STEP, "step", "s", "[N]", "one node, into its body if it has one" },
  { OX_COMMAND_NEXT, "next", "n", "[N]", "one node, body and all" },
  { OX_COMMAND_FINISH, "finish", "fin", "", "out of this body, with all its iterations" },
  { OX_COMMAND_CONTINUE, "continue", "c", "", "to a breakpoint or the end" },
  { OX_COMMAND_UNTIL, "until", "u", "NODE", "until this node is next" },
  { OX_COMMAND_BACK, "back", "rn", "[N]", "undo one node, body and all" },
  { OX_COMMAND_BACK_IN, "back-in", "rs", "[N]", "undo one node, into its body" },
  { OX_COMMAND_START, "start", "", "", "undo everything" },
  { OX_COMMAND_GOTO, "goto", "", "TURN", "to this turn, forwards or back; info time says which there are" },
  { OX_COMMAND_ITERATION, "iteration", "", "N", "to iteration N of the Loop or Scan one is in, forwards or back" },
  { OX_COMMAND_BACK_TO_WRITE, "back-to-write", "", "NAME", "back to before the node that wrote this value last" },
  { OX_COMMAND_BACK_TO_BAD, "back-to-nan", "", "[nan|inf]", "back to before the last node that wrote a NaN or Inf" },
  { OX_COMMAND_BACK_TO_BREAK, "back-to-break", "rc", "", "back to a breakpoint or the start" },
  { OX_COMMAND_RUN, "run", "r", "", "from the start to a breakpoint or the end" },
  { OX_COMMAND_RESTART, "restart", "", "", "forget the run" },
  { OX_COMMAND_BREAK, "break", "b", "PLACE [if CONDITION]", "stop at a node, or at all of op:Conv scope:layers.3* out:f16" },
  { OX_COMMAND_TBREAK, "tbreak", "tb", "PLACE [if CONDITION]", "stop there once" },
  { OX_COMMAND_LOG, "log", "", "PLACE [if CONDITION] [: FORMULA; ...]", "write a line there and go on" },
  { OX_COMMAND_CONDITION, "condition", "", "N [CONDITION]", "when breakpoint N stops: nan, inf, abs>65504, changed, max(out)>1" },
  { OX_COMMAND_IGNORE, "ignore", "", "N COUNT", "so many hits more of breakpoint N do not stop" },
  { OX_COMMAND_DELETE, "delete", "d", "N|NODE", "take a breakpoint away" },
  { OX_COMMAND_ENABLE, "enable", "", "N|NODE", "a breakpoint stops again" },
  { OX_COMMAND_DISABLE, "disable", "", "N|NODE", "a breakpoint is kept and does not stop" },
  { OX_COMMAND_WATCH, "watch", "", "FORMULA", "compute it at every stop: max(abs(a - b)), argmax(logits), T[0,:,3]" },
  { OX_COMMAND_UNWATCH, "unwatch", "", "N", "no longer" },
  { OX_COMMAND_REFERENCE, "reference", "", "[REFERENCE]", "what \"differs\" compares with: a file, a folder, onnxruntime" },
  { OX_COMMAND_MARKS, "marks", "", "save|load [FILE]", "breakpoints and watches, kept for this model" },
  { OX_COMMAND_EVAL, "eval", "e", "FORMULA", "compute it where the run stands" },
  { OX_COMMAND_PRINT, "print", "p", "NAME[INDICES]", "a value: its type, numbers and elements" },
  { OX_COMMAND_INFO, "info", "i", "WHAT", "frame, node [NODE], locals, inputs, outputs, breakpoints, watches, time" },
  { OX_COMMAND_LIST, "list", "l", "[NODE]", "the nodes around the next one, or around this one" },
  { OX_COMMAND_WHERE, "where", "bt", "", "the frames" },
  { OX_COMMAND_SET, "set", "", "NAME[INDICES] NUMBER|FILE", "change an element, or take a value from a file" },
  { OX_COMMAND_FILL, "fill", "", "NAME NUMBER", "all elements of a value" },
  { OX_COMMAND_SCALE, "scale", "", "NAME FACTOR", "multiply a value" },
  { OX_COMMAND_CLAMP, "clamp", "", "NAME LOW HIGH", "bring a value into these bounds" },
  { OX_COMMAND_NOISE, "noise", "", "NAME DEVIATION [SEED]", "add normally distributed noise to a value" },
  { OX_COMMAND_THROUGH, "through", "", "NAME TYPE", "round a value as another element type would: f16, bf16, i8" },
  { OX_COMMAND_REPLACE, "replace", "", "NAME", "take a value from the reference" },
  { OX_COMMAND_SUPPLY, "supply", "", "NODE FILE...", "take a node's outputs from files; it does not run" },
  { OX_COMMAND_SKIP, "skip", "", "[NODE]", "pass over the node that is next or has failed: inputs or zeros are its outputs" },
  { OX_COMMAND_ATTRIBUTE, "attribute", "", "NODE NAME VALUE", "change an attribute for this run: 3, 0.5, 1,2,2, a word, a file" },
  { OX_COMMAND_UNSET, "unset", "", "NODE NAME", "take an attribute away for this run" },
  { OX_COMMAND_MUTE, "mute", "", "NODE", "do not run a node: its outputs are zeros" },
  { OX_COMMAND_IDENTITY, "identity", "", "NODE [INPUT]", "do not run a node: its output is an input of the same type" },
  { OX_COMMAND_REDO, "redo", "", "", "make the change again that was taken back last" },
  { OX_COMMAND_UNDO, "undo", "", "[N]", "take the last change back, or the one of this number" },
  { OX_COMMAND_EDITS, "edits", "", "[save|load FILE]", "what was changed; the commands for it as a script, and done again" },
  { OX_COMMAND_EXPAND, "expand", "", "on|off", "operators that are made of others are bodies to step into; starts again" },
  { OX_COMMAND_HUNT, "hunt", "", "", "the first Inf and NaN of a run with these inputs, and where they come from" },
  { OX_COMMAND_COMPARE, "compare", "", "REFERENCE [VALUE]", "the first node of such a run that differs from a file, a folder, onnxruntime, self:f64 or twice; or all about a value" },
  { OX_COMMAND_PRECISION, "precision", "", "[TYPE] [all] | through TYPE [NODE]", "what f16, or another narrow type, would make of such a run" },
  { OX_COMMAND_QUANT, "quant", "", "[all]", "what is quantised in such a run, and how well" },
  { OX_COMMAND_PROVENANCE, "provenance", "", "NAME[INDICES]", "what of every value, weight and input it can hang on" },
  { OX_COMMAND_VERSUS, "versus", "", "[NAME]", "the run with the changes beside the one without" },
  { OX_COMMAND_PROFILE, "profile", "", "FILE", "what each node of such a run takes, for chrome://tracing and Perfetto" },
  { OX_COMMAND_RECORD, "record", "", "FILE [all|BYTES|PATTERN]", "the run so far as a file, for onnxscope trace; with which values" },
  { OX_COMMAND_ITERATIONS, "iterations", "", "NAME [TIME]", "what a value of a body is in each iteration of such a run" },
  { OX_COMMAND_EXPLAIN, "explain", "", "", "why a node failed, and where the numbers come from that do not fit" },
  { OX_COMMAND_EXTRACT, "extract", "", "NODE|--from A --to B|--scope S -o FOLDER [--weights-as-inputs]",
    "write a node, or several, with the values they have here as a test case" },
  { OX_COMMAND_HELP, "help", "h", "", "this" },
  { OX_COMMAND_QUIT, "quit", "q", "", "" },
};

static void
collect_graph (OxGraph *graph, gpointer graphs)
{
  g_ptr_array_add (graphs, graph);
}

static OxConsoleLoad default_load;
static OxConsoleOpen default_open;
static OxConsoleWrite default_write;

void
ox_console_use_files (OxConsoleLoad load, OxConsoleOpen open, OxConsoleWrite write)
{
  default_load = load;
  default_open = open;
  default_write = write;
}

OxReference *
ox_console_open_reference (OxConsole *self, const char *text, OxSession *session, GError **error)
{
  OxSelfOptions options;

  if (self->open != NULL)
    return self->open (text, session, error);
  if (ox_self_options_fit (text))
    return ox_self_options_parse (text, &options, error) ? ox_reference_new_self (session, &options, NULL, error) : NULL;
  return g_str_has_suffix (text, ".json") ? ox_reference_new_json (text, error) : ox_reference_new_npz (text, error);
}

OxConsole *
ox_console_new (OxDebugger *debugger, OxConsoleLoad load)
{
  OxConsole *self = g_new0 (OxConsole, 1);
  OxModel *model = ox_debugger_get_model (debugger);

  self->debugger = g_object_ref (debugger);
  self->load = load != NULL ? load : default_load;
  self->open = default_open;
  self->write = default_write;
  self->graphs = g_ptr_array_new ();
  ox_model_foreach_graph (model, collect_graph, self->graphs);
  return self;
}

void
ox_console_free (OxConsole *self)
{
  g_ptr_array_unref (self->graphs);
  g_object_unref (self->debugger);
  g_free (self->said);
  g_free (self);
}

/* ---- moves ---------------------------------------------------------------------------------------------------- */

void
ox_console_put_position (OxConsole *self, GString *text)
{
  const OxStop *stop = ox_debugger_get_stop (self->debugger);
  OxFrame *frame = ox_console_frame (self);
  OxNode *node = ox_console_node (self);

  self->listed = 0;
  if (self->said != NULL)
    g_string_append (text, self->said);
  g_clear_pointer (&self->said, g_free);
  if (stop != NULL && stop->reason == OX_STOP_FAILED)
    g_string_append_printf (text, "FAILED: %s\n", stop->error->message);
  if (stop != NULL && stop->reason == OX_STOP_INTERRUPTED)
    g_string_append (text, "interrupted\n");
  for (guint i = 0; stop != NULL && stop->log != NULL && i < stop->log->len; i++)
    g_string_append_printf (text, "%s\n", (const char *) g_ptr_array_index (stop->log, i));
  if (stop != NULL && stop->reason == OX_STOP_NOWHERE)
    g_string_append (text, "there is none before this\n");
  if (stop != NULL && stop->reason == OX_STOP_BREAKPOINT)
    g_string_append_printf (text, "breakpoint %u%s%s\n", stop->breakpoint, stop->why != NULL ? ": " : "", stop->why != NULL ? stop->why : "");
  if (node == NULL)
    {
      g_string_append_printf (text, "at the end, %" G_GUINT64_FORMAT " turns\n", stop != NULL ? stop->time : 0);
      ox_console_put_watch_values (self, text);
      self->shown = 0;
      return;
    }
  /* What the program wrote itself is there from its first frame on. */
  if (!g_ptr_array_find (self->graphs, frame->graph, NULL))
    g_ptr_array_add (self->graphs, frame->graph);
  if (self->shown != frame->id + 1)
    {
      g_autofree char *label = ox_frame_label (frame);

      g_string_append_printf (text, "%s\n", label);
    }
  self->shown = frame->id + 1;
  ox_console_put_node (self, text, frame, node);
  ox_console_put_watch_values (self, text);
}

gboolean
ox_console_moves (OxConsole *self, OxCommand command, const char *argument, OxConsoleMoves *moves, GError **error)
{
  static const struct { OxCommand command; OxMove move; } list[] = {
    { OX_COMMAND_STEP, OX_MOVE_IN },           { OX_COMMAND_NEXT, OX_MOVE_OVER },    { OX_COMMAND_FINISH, OX_MOVE_OUT },
    { OX_COMMAND_RUN, OX_MOVE_CONTINUE },      { OX_COMMAND_CONTINUE, OX_MOVE_CONTINUE },
    { OX_COMMAND_UNTIL, OX_MOVE_TO_NODE },     { OX_COMMAND_BACK, OX_MOVE_BACK },
    { OX_COMMAND_BACK_IN, OX_MOVE_BACK_IN },   { OX_COMMAND_START, OX_MOVE_TO_START },
  };
  guint i = 0;

  if (command >= OX_COMMAND_SET && command <= OX_COMMAND_UNDO)
    {
      const OxStop *stop = ox_debugger_get_stop (self->debugger);
      const gboolean failed = stop != NULL && stop->reason == OX_STOP_FAILED;

      *moves = (OxConsoleMoves){ { .move = OX_MOVE_AGAIN }, 1 };
      if (!ox_console_edit (self, command, argument, error))
        return FALSE;
      /* What failed has not had its turn, so there is nothing to do again: it goes on. */
      if (command == OX_COMMAND_SKIP && failed && ox_debugger_is_edited (self->debugger, stop->node))
        moves->goal.move = OX_MOVE_OVER;
      return TRUE;
    }
  if (command >= OX_COMMAND_GOTO && command <= OX_COMMAND_BACK_TO_BREAK)
    {
      *moves = (OxConsoleMoves){ .times = 1 };
      return ox_console_travel (self, command, argument, &moves->goal, error);
    }
  while (i < G_N_ELEMENTS (list) && list[i].command != command)
    i++;
  if (i == G_N_ELEMENTS (list))
    return FALSE;
  *moves = (OxConsoleMoves){ { .move = list[i].move }, 1 };
  if (command == OX_COMMAND_UNTIL)
    {
      moves->goal.target = ox_console_find_node (self, argument, error);
      return moves->goal.target != NULL;
    }
  if (argument[0] != '\0' && !g_ascii_string_to_unsigned (argument, 10, 1, MAX_REPEAT, &moves->times, NULL))
    return ox_fail (error, OX_ERROR_VALUE, "expected how many times, found '%s'", argument);
  if (command == OX_COMMAND_RUN)
    ox_debugger_restart (self->debugger);
  return TRUE;
}

gboolean
ox_console_goes_on (OxConsole *self)
{
  const OxStop *stop = ox_debugger_get_stop (self->debugger);

  return stop->reason == OX_STOP_STEP;
}

static gboolean
do_moves (OxConsole *self, GString *text, const OxConsoleMoves *moves, GCancellable *cancellable, GError **error)
{
  for (guint64 i = 0; i < moves->times; i++)
    {
      if (!ox_debugger_go (self->debugger, &moves->goal, cancellable, error))
        return FALSE;
      if (!ox_console_goes_on (self))
        break;
    }
  ox_console_put_position (self, text);
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

      g_string_append_printf (text, "  %-32s %s\n", head, commands[i].help);
    }
}

static gboolean
find_command (const char *word, OxCommand *command, GError **error)
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
expand (OxConsole *self, GString *text, const char *argument, GError **error)
{
  gboolean on = g_str_equal (argument, "on");
  g_autofree char *what = ox_model_expansions (ox_debugger_get_model (self->debugger));

  if (argument[0] != '\0' && !on && !g_str_equal (argument, "off"))
    return ox_fail (error, OX_ERROR_VALUE, "expected on or off, found '%s'", argument);
  if (argument[0] != '\0' && on != ox_debugger_get_expand (self->debugger))
    {
      ox_debugger_set_expand (self->debugger, on);
      self->shown = 0;
    }
  g_string_append_printf (text, "expand is %s: %s\n", ox_debugger_get_expand (self->debugger) ? "on" : "off", what);
  return TRUE;
}

gboolean
ox_console_do (OxConsole *self, GString *text, OxCommand command, const char *argument, gboolean *quit, GError **error)
{
  if (ox_console_is_stop (command))
    return ox_console_stop (self, text, command, argument, error);
  switch (command)
    {
    case OX_COMMAND_RESTART:
      ox_debugger_restart (self->debugger);
      ox_console_put_position (self, text);
      return TRUE;
    case OX_COMMAND_INFO:
      return ox_console_put_info (self, text, argument, error);
    case OX_COMMAND_LIST:
      return put_list (self, text, argument, error);
    case OX_COMMAND_WHERE:
      ox_console_put_stack (self, text);
      return TRUE;
    case OX_COMMAND_EDITS:
      return ox_console_edits (self, text, argument, error);
    case OX_COMMAND_EXPAND:
      return expand (self, text, argument, error);
    case OX_COMMAND_EXPLAIN:
      return ox_console_explain (self, text, error);
    case OX_COMMAND_HELP:
      put_help (text);
      return TRUE;
    case OX_COMMAND_QUIT:
      *quit = TRUE;
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
}

gboolean
ox_console_parse (char *copy, OxCommand *command, char **argument, gboolean *empty, GError **error)
{
  *command = OX_COMMAND_HELP;
  *empty = copy[0] == '\0' || copy[0] == '#';
  *argument = copy + strcspn (copy, " \t");
  if (*empty)
    return TRUE;
  if (**argument != '\0')
    *(*argument)++ = '\0';
  g_strstrip (*argument);
  return find_command (copy, command, error);
}

static gboolean
print (OxConsole *self, GString *text, const char *expression, GError **error)
{
  g_autoptr (OxValue) value = NULL;
  g_autoptr (GError) problem = NULL;
  const char *indices;
  OxGraph *graph;
  int slot;

  if (!ox_console_find_value (self, expression, &graph, &slot, &indices, error))
    return FALSE;
  value = ox_debugger_dup_value (self->debugger, graph, slot, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  return ox_console_put_value (text, expression, indices, value, error);
}

char *
ox_console_run (OxConsole *self, const char *line, GCancellable *cancellable, gboolean *quit, GError **error)
{
  g_autofree char *copy = g_strstrip (g_strdup (line)), *script = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) problem = NULL;
  OxConsoleMoves moves;
  OxCommand command;
  gboolean empty, done;
  char *argument;

  *quit = FALSE;
  if (!ox_console_parse (copy, &command, &argument, &empty, error))
    return NULL;
  if (empty)
    return g_strdup ("");
  if (command == OX_COMMAND_EDITS && (script = ox_console_read_edits (argument, &problem)) != NULL)
    return ox_console_run_edits (self, script, cancellable, error);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  if (ox_console_moves (self, command, argument, &moves, &problem))
    done = do_moves (self, text, &moves, cancellable, error);
  else if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      done = FALSE;
    }
  else if (command == OX_COMMAND_PRINT)
    done = print (self, text, argument, error);
  else if (ox_console_is_study (command))
    {
      g_autoptr (OxConsoleStudy) study = ox_console_study_new (self, command, argument, error);

      return study != NULL ? ox_console_study_run (study, cancellable, error) : NULL;
    }
  else
    done = ox_console_do (self, text, command, argument, quit, error);
  return done ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

char **
ox_console_commands (void)
{
  GStrvBuilder *names = g_strv_builder_new ();
  char **all;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_strv_builder_add (names, commands[i].name);
  all = g_strv_builder_end (names);
  g_strv_builder_unref (names);
  return all;
}
