/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "protocol/ox-protocol-private.h"

/* From "initialize" to the stops. */

#define MOST_TARGETS 100

static const char *const abilities[] = {
  "supportsConfigurationDoneRequest", "supportsFunctionBreakpoints", "supportsConditionalBreakpoints",
  "supportsHitConditionalBreakpoints", "supportsLogPoints", "supportsExceptionFilterOptions", "supportsExceptionInfoRequest",
  "supportsEvaluateForHovers", "supportsStepBack", "supportsSetVariable", "supportsGotoTargetsRequest", "supportsRestartRequest",
  "supportsCompletionsRequest", "supportsTerminateRequest",
};

gboolean
ox_protocol_initialize (OxProtocol *self, OxRequest *request, GError **error)
{
  JsonBuilder *body;

  if (!ox_arguments_flag (request->arguments, "linesStartAt1", &self->lines_at_1, error)
      || !ox_arguments_flag (request->arguments, "columnsStartAt1", &self->columns_at_1, error)
      || !ox_arguments_flag (request->arguments, "supportsVariablePaging", &self->pages, error)
      || !ox_arguments_flag (request->arguments, "supportsInvalidatedEvent", &self->invalidates, error))
    return FALSE;
  body = ox_body_new ();
  for (guint i = 0; i < G_N_ELEMENTS (abilities); i++)
    ox_put_flag (body, abilities[i], TRUE);
  ox_protocol_put_filters (body);
  ox_protocol_answer (self, request, body);
  return TRUE;
}

/* ---- telling ----------------------------------------------------------------------------------------------------- */

static void
tell_stopped (OxProtocol *self, const char *reason, const char *description, const char *text, guint breakpoint)
{
  JsonBuilder *body = ox_body_new ();

  ox_put_text (body, "reason", reason);
  ox_put_text (body, "description", description);
  ox_put_text (body, "text", text);
  ox_put_count (body, "threadId", OX_PROTOCOL_THREAD);
  ox_put_flag (body, "allThreadsStopped", TRUE);
  if (breakpoint != 0)
    {
      ox_put_array (body, "hitBreakpointIds");
      json_builder_add_int_value (body, breakpoint);
      json_builder_end_array (body);
    }
  ox_put_count (body, "turn", ox_trace_length (ox_debugger_get_trace (self->debugger)));
  ox_protocol_event (self, "stopped", body);
}

static void
tell_end (OxProtocol *self)
{
  if (self->stop_at_end)
    tell_stopped (self, "end", "the end of the run", NULL, 0);
  else
    ox_protocol_event (self, "terminated", NULL);
}

void
ox_protocol_tell_stop (OxProtocol *self)
{
  const OxStop *stop = ox_debugger_get_stop (self->debugger);
  g_autofree char *text = NULL;

  if (stop == NULL)
    {
      tell_stopped (self, "entry", "the start of the run", NULL, 0);
      return;
    }
  for (guint i = 0; stop->log != NULL && i < stop->log->len; i++)
    {
      g_autofree char *line = g_strconcat (g_ptr_array_index (stop->log, i), "\n", NULL);

      ox_protocol_output (self, "console", line);
    }
  switch (stop->reason)
    {
    case OX_STOP_END:
      tell_end (self);
      break;
    case OX_STOP_BREAKPOINT:
      text = g_strdup_printf ("breakpoint %u%s%s", stop->breakpoint, stop->why != NULL ? ": " : "", stop->why != NULL ? stop->why : "");
      tell_stopped (self, ox_protocol_is_exception (self, stop->breakpoint) ? "exception" : "breakpoint", text, stop->why,
                    stop->breakpoint);
      break;
    case OX_STOP_START:
      tell_stopped (self, "entry", "the start of the run", NULL, 0);
      break;
    case OX_STOP_FAILED:
      tell_stopped (self, "exception", "a node failed", stop->error != NULL ? stop->error->message : NULL, 0);
      break;
    case OX_STOP_INTERRUPTED:
      tell_stopped (self, "pause", "interrupted", NULL, 0);
      break;
    default:
      tell_stopped (self, stop->move == OX_MOVE_TO_TIME || stop->reason == OX_STOP_TARGET ? "goto" : "step", NULL, NULL, 0);
    }
}

/* ---- moves ------------------------------------------------------------------------------------------------------- */

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxProtocol *self = data;
  g_autoptr (OxRequest) request = g_steal_pointer (&self->moving);
  g_autoptr (GError) error = NULL;

  self->quiet = FALSE;
  if (!ox_debugger_move_finish (self->debugger, result, &error))
    ox_protocol_fail (self, request, error->message);
  else if (!self->over && self->leaving == NULL && !self->ending)
    ox_protocol_tell_stop (self);
  ox_protocol_go_on (self);
}

/* Answers as soon as it is under way; one that is refused is answered when that is known. */
static void
go (OxProtocol *self, const OxRequest *request, const OxGoal *goal, JsonBuilder *body)
{
  self->moving = ox_request_copy (request);
  self->quiet = TRUE;
  ox_debugger_go_async (self->debugger, goal, NULL, moved_cb, self);
  if (ox_debugger_is_running (self->debugger))
    {
      ox_protocol_expire (self);
      ox_protocol_answer (self, request, body);
    }
  else
    g_clear_object (&body);
}

static const struct { const char *command; OxMove move; } moves[] = {
  { "next", OX_MOVE_OVER },         { "stepIn", OX_MOVE_IN },           { "stepOut", OX_MOVE_OUT },
  { "stepBack", OX_MOVE_BACK },     { "continue", OX_MOVE_CONTINUE },   { "reverseContinue", OX_MOVE_BACK_TO_BREAK },
};

static gboolean
check_begun (OxProtocol *self, GError **error)
{
  return self->begun || ox_fail (error, OX_ERROR_VALUE, "the run has not begun: configurationDone comes first");
}

gboolean
ox_protocol_move (OxProtocol *self, OxRequest *request, GError **error)
{
  OxGoal goal = { 0 };
  JsonBuilder *body = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    if (g_str_equal (moves[i].command, request->command))
      goal.move = moves[i].move;
  if (!check_begun (self, error))
    return FALSE;
  if (goal.move == OX_MOVE_CONTINUE || goal.move == OX_MOVE_BACK_TO_BREAK)
    {
      body = ox_body_new ();
      ox_put_flag (body, "allThreadsContinued", TRUE);
    }
  go (self, request, &goal, body);
  return TRUE;
}

gboolean
ox_protocol_goto_targets (OxProtocol *self, OxRequest *request, GError **error)
{
  OxTrace *trace = ox_debugger_get_trace (self->debugger);
  JsonObject *source = NULL;
  gint64 line = 0;
  OxGraph *graph;
  OxNode *node;
  JsonBuilder *body;
  guint n = 0;

  if (!ox_arguments_object (request->arguments, "source", &source, error)
      || !ox_arguments_need_count (request->arguments, "line", 0, G_MAXINT32, &line, error)
      || (graph = ox_protocol_find_source (self, source, error)) == NULL)
    return FALSE;
  node = line - self->lines_at_1 >= 0 ? ox_graph_node (graph, (guint) (line - self->lines_at_1)) : NULL;
  body = ox_body_new ();
  ox_put_array (body, "targets");
  for (guint i = 0; node != NULL && i < ox_trace_reach (trace) && n < MOST_TARGETS; i++)
    {
      const OxTraceRecord *record = ox_trace_get (trace, i);
      g_autofree char *label = NULL;

      if (record->node != node || (record->kind != OX_TURN_NODE && (record->kind != OX_TURN_ENTERED || record->again)))
        continue;
      label = g_strdup_printf ("turn %u", i);
      json_builder_begin_object (body);
      ox_put_count (body, "id", i);
      ox_put_text (body, "label", label);
      ox_put_count (body, "line", line);
      json_builder_end_object (body);
      n++;
    }
  json_builder_end_array (body);
  ox_protocol_answer (self, request, body);
  return TRUE;
}

gboolean
ox_protocol_goto (OxProtocol *self, OxRequest *request, GError **error)
{
  gint64 turn = -1;

  if (!check_begun (self, error) || !ox_arguments_count (request->arguments, "targetId", 0, G_MAXINT32, &turn, error)
      || !ox_arguments_count (request->arguments, "turn", 0, G_MAXINT32, &turn, error))
    return FALSE;
  if (turn < 0)
    return ox_fail (error, OX_ERROR_VALUE, "expected a number as 'turn' or 'targetId', found nothing");
  go (self, request, &(OxGoal){ .move = OX_MOVE_TO_TIME, .time = (guint64) turn }, NULL);
  return TRUE;
}

gboolean
ox_protocol_pause (OxProtocol *self, OxRequest *request, GError **error)
{
  if (self->looking == NULL && self->moving == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "nothing runs");
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  ox_debugger_interrupt (self->debugger);
  ox_protocol_answer (self, request, NULL);
  return TRUE;
}

/* ---- the beginning ----------------------------------------------------------------------------------------------- */

/* A command of the console moves. */
static void
running_cb (OxDebugger *debugger, OxProtocol *self)
{
  JsonBuilder *body;

  if (self->quiet)
    return;
  self->told = TRUE;
  ox_protocol_expire (self);
  body = ox_body_new ();
  ox_put_count (body, "threadId", OX_PROTOCOL_THREAD);
  ox_put_flag (body, "allThreadsContinued", TRUE);
  ox_protocol_event (self, "continued", body);
}

static void
add_graph (OxGraph *graph, gpointer graphs)
{
  g_ptr_array_add (graphs, graph);
}

gboolean
ox_protocol_launch (OxProtocol *self, OxRequest *request, GError **error)
{
  g_autoptr (GString) said = g_string_new (NULL);
  gboolean plain = FALSE;

  if (self->debugger != NULL)
    return ox_fail (error, OX_ERROR_VALUE, "a model is there already; restart begins its run anew");
  if (!ox_arguments_flag (request->arguments, "stopOnEntry", &self->stop_on_entry, error)
      || !ox_arguments_flag (request->arguments, "stopAtEnd", &self->stop_at_end, error)
      || !ox_arguments_flag (request->arguments, "noDebug", &plain, error))
    return FALSE;
  if (plain)
    return ox_fail (error, OX_ERROR_VALUE, "noDebug: a run without a debugger is 'onnxscope run'");
  self->debugger = self->host.launch (request->arguments, said, self->host.data, error);
  if (self->debugger == NULL)
    return FALSE;
  self->console = ox_console_new (self->debugger, self->host.load);
  ox_model_foreach_graph (ox_debugger_get_model (self->debugger), add_graph, self->graphs);
  g_signal_connect (self->debugger, "running", G_CALLBACK (running_cb), self);
  if (said->len > 0)
    ox_protocol_output (self, "console", said->str);
  ox_protocol_answer (self, request, NULL);
  ox_protocol_event (self, "initialized", NULL);
  return TRUE;
}

static void
begin (OxProtocol *self, const OxRequest *request)
{
  if (self->stop_on_entry)
    {
      ox_protocol_answer (self, request, NULL);
      tell_stopped (self, "entry", "the start of the run", NULL, 0);
    }
  else
    go (self, request, &(OxGoal){ .move = OX_MOVE_CONTINUE }, NULL);
}

gboolean
ox_protocol_configured (OxProtocol *self, OxRequest *request, GError **error)
{
  if (self->begun)
    return ox_fail (error, OX_ERROR_VALUE, "the run has begun already");
  self->begun = TRUE;
  begin (self, request);
  return TRUE;
}

gboolean
ox_protocol_restart (OxProtocol *self, OxRequest *request, GError **error)
{
  if (!check_begun (self, error))
    return FALSE;
  ox_protocol_expire (self);
  ox_debugger_restart (self->debugger);
  ox_protocol_renew_stops (self);
  begin (self, request);
  return TRUE;
}
