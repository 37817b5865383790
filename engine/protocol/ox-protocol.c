/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "protocol/ox-protocol-private.h"

/* Messages, their order, and what waits. */

#define MOST_WAITING 256

/* When a request can be done. */
typedef enum
{
  ALWAYS,       /* also while something runs */
  RUNNING,      /* the same, after "launch" */
  STOPPED,      /* after "launch", when no move runs */
} When;

static gboolean leave (OxProtocol *self, OxRequest *request, GError **error);
static gboolean terminate (OxProtocol *self, OxRequest *request, GError **error);

static const struct
{
  const char       *command;
  When              when;
  gboolean          waits;     /* until what is looked at is there */
  OxProtocolHandler handler;
} requests[] = {
  { "initialize", ALWAYS, TRUE, ox_protocol_initialize },
  { "launch", ALWAYS, TRUE, ox_protocol_launch },
  { "configurationDone", STOPPED, TRUE, ox_protocol_configured },
  { "setFunctionBreakpoints", RUNNING, TRUE, ox_protocol_set_stops },
  { "setExceptionBreakpoints", RUNNING, TRUE, ox_protocol_set_stops },
  { "setBreakpoints", RUNNING, TRUE, ox_protocol_set_stops },
  { "threads", ALWAYS, FALSE, ox_protocol_threads },
  { "stackTrace", STOPPED, TRUE, ox_protocol_stack_trace },
  { "scopes", STOPPED, TRUE, ox_protocol_scopes },
  { "variables", STOPPED, TRUE, ox_protocol_variables },
  { "setVariable", STOPPED, TRUE, ox_protocol_set_variable },
  { "evaluate", STOPPED, TRUE, ox_protocol_evaluate },
  { "completions", STOPPED, TRUE, ox_protocol_completions },
  { "exceptionInfo", STOPPED, TRUE, ox_protocol_exception_info },
  { "source", RUNNING, FALSE, ox_protocol_source },
  { "next", STOPPED, TRUE, ox_protocol_move },
  { "stepIn", STOPPED, TRUE, ox_protocol_move },
  { "stepOut", STOPPED, TRUE, ox_protocol_move },
  { "stepBack", STOPPED, TRUE, ox_protocol_move },
  { "continue", STOPPED, TRUE, ox_protocol_move },
  { "reverseContinue", STOPPED, TRUE, ox_protocol_move },
  { "gotoTargets", STOPPED, TRUE, ox_protocol_goto_targets },
  { "goto", STOPPED, TRUE, ox_protocol_goto },
  { "restart", STOPPED, TRUE, ox_protocol_restart },
  { "pause", RUNNING, FALSE, ox_protocol_pause },
  { "terminate", ALWAYS, FALSE, terminate },
  { "disconnect", ALWAYS, FALSE, leave },
};

/* ---- out --------------------------------------------------------------------------------------------------------- */

void
ox_put_text (JsonBuilder *json, const char *key, const char *text)
{
  g_autofree char *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  if (valid == NULL)
    return;
  json_builder_set_member_name (json, key);
  json_builder_add_string_value (json, valid);
}

void
ox_put_count (JsonBuilder *json, const char *key, gint64 count)
{
  json_builder_set_member_name (json, key);
  json_builder_add_int_value (json, count);
}

void
ox_put_flag (JsonBuilder *json, const char *key, gboolean flag)
{
  json_builder_set_member_name (json, key);
  json_builder_add_boolean_value (json, flag);
}

void
ox_put_array (JsonBuilder *json, const char *key)
{
  json_builder_set_member_name (json, key);
  json_builder_begin_array (json);
}

void
ox_put_object (JsonBuilder *json, const char *key)
{
  json_builder_set_member_name (json, key);
  json_builder_begin_object (json);
}

JsonBuilder *
ox_body_new (void)
{
  JsonBuilder *json = json_builder_new ();

  json_builder_begin_object (json);
  return json;
}

/* Takes both. */
static void
send (OxProtocol *self, JsonBuilder *json, JsonBuilder *body)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (body != NULL)
    {
      json_builder_end_object (body);
      json_builder_set_member_name (json, "body");
      json_builder_add_value (json, json_builder_get_root (body));
      g_object_unref (body);
    }
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  json_generator_set_root (generator, root);
  text = json_generator_to_data (generator, &length);
  g_object_unref (json);
  self->host.send (text, length, self->host.data);
}

static JsonBuilder *
message_new (OxProtocol *self, const char *type)
{
  JsonBuilder *json = ox_body_new ();

  ox_put_count (json, "seq", ++self->seq);
  ox_put_text (json, "type", type);
  return json;
}

static void
respond (OxProtocol *self, const OxRequest *request, JsonBuilder *body, const char *message)
{
  JsonBuilder *json = message_new (self, "response");

  ox_put_count (json, "request_seq", request->seq);
  ox_put_flag (json, "success", message == NULL);
  ox_put_text (json, "command", request->command);
  ox_put_text (json, "message", message);
  send (self, json, body);
}

void
ox_protocol_answer (OxProtocol *self, const OxRequest *request, JsonBuilder *body)
{
  respond (self, request, body, NULL);
}

void
ox_protocol_fail (OxProtocol *self, const OxRequest *request, const char *message)
{
  respond (self, request, NULL, message);
}

void
ox_protocol_event (OxProtocol *self, const char *event, JsonBuilder *body)
{
  JsonBuilder *json = message_new (self, "event");

  ox_put_text (json, "event", event);
  send (self, json, body);
}

void
ox_protocol_output (OxProtocol *self, const char *category, const char *text)
{
  JsonBuilder *body = ox_body_new ();

  ox_put_text (body, "category", category);
  ox_put_text (body, "output", text);
  ox_protocol_event (self, "output", body);
}

/* ---- in ---------------------------------------------------------------------------------------------------------- */

void
ox_request_free (OxRequest *request)
{
  g_clear_pointer (&request->message, json_node_unref);
  g_free (request);
}

OxRequest *
ox_request_copy (const OxRequest *request)
{
  OxRequest *copy = g_memdup2 (request, sizeof *request);

  json_node_ref (copy->message);
  return copy;
}

static gboolean
read_request (OxRequest *request, GError **error)
{
  JsonObject *root = json_node_get_object (request->message);
  const char *type = NULL;

  return ox_arguments_need_count (root, "seq", 0, G_MAXINT32, &request->seq, error)
         && ox_arguments_need_text (root, "command", &request->command, error)
         && ox_arguments_need_text (root, "type", &type, error)
         && (g_str_equal (type, "request") || ox_fail (error, OX_ERROR_VALUE, "expected a request, found a message of type '%s'", type))
         && ox_arguments_object (root, "arguments", &request->arguments, error);
}

static gboolean
busy (OxProtocol *self)
{
  return self->moving != NULL || self->looking != NULL;
}

static int
find (const char *command)
{
  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    if (g_str_equal (requests[i].command, command))
      return (int) i;
  return -1;
}

static void
dispatch (OxProtocol *self, OxRequest *request)
{
  const int i = find (request->command);
  g_autoptr (GError) error = NULL;

  if (i < 0)
    ox_fail (&error, OX_ERROR_VALUE, "there is no request '%s'", request->command);
  else if (requests[i].when != ALWAYS && self->debugger == NULL)
    ox_fail (&error, OX_ERROR_VALUE, "there is no model yet: launch comes first");
  else if (requests[i].when == STOPPED && self->moving != NULL)
    ox_fail (&error, OX_ERROR_VALUE, "notStopped");
  else
    requests[i].handler (self, request, &error);
  if (error != NULL)
    ox_protocol_fail (self, request, error->message);
}

void
ox_protocol_take (OxProtocol *self, const char *text, gsize length)
{
  g_autoptr (OxRequest) request = g_new0 (OxRequest, 1);
  g_autoptr (GError) error = NULL;
  int i;

  if (self->over || self->leaving != NULL)
    return;
  request->command = "";
  request->message = ox_arguments_parse (text, length, &error);
  if (request->message == NULL || !read_request (request, &error))
    {
      ox_protocol_fail (self, request, error->message);
      return;
    }
  i = find (request->command);
  if (self->looking == NULL || i < 0 || !requests[i].waits)
    dispatch (self, request);
  else if (self->waiting.length < MOST_WAITING)
    g_queue_push_tail (&self->waiting, g_steal_pointer (&request));
  else
    ox_protocol_fail (self, request, "too many requests wait");
}

void
ox_protocol_refuse (OxProtocol *self, const GError *error)
{
  const OxRequest nothing = { .command = "" };

  if (!self->over)
    ox_protocol_fail (self, &nothing, error->message);
}

OxRequest *
ox_protocol_look (OxProtocol *self, const OxRequest *request)
{
  g_assert (self->looking == NULL);
  self->looking = ox_request_copy (request);
  self->told = FALSE;
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  return self->looking;
}

void
ox_protocol_looked (OxProtocol *self, JsonBuilder *body, GError *error)
{
  g_autoptr (OxRequest) request = g_steal_pointer (&self->looking);

  if (error == NULL)
    ox_protocol_answer (self, request, body);
  else
    {
      ox_protocol_fail (self, request, g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? "cancelled" : error->message);
      g_clear_object (&body);
      g_error_free (error);
    }
  ox_protocol_go_on (self);
}

void
ox_protocol_go_on (OxProtocol *self)
{
  if (self->ending && !busy (self))
    {
      self->ending = FALSE;
      ox_protocol_event (self, "terminated", NULL);
    }
  if (self->leaving != NULL && !busy (self))
    {
      ox_protocol_answer (self, self->leaving, NULL);
      g_clear_pointer (&self->leaving, ox_request_free);
      self->over = TRUE;
    }
  while (self->looking == NULL && !self->over && self->waiting.length > 0)
    {
      g_autoptr (OxRequest) request = g_queue_pop_head (&self->waiting);

      dispatch (self, request);
    }
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

static void
interrupt (OxProtocol *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  if (self->debugger != NULL)
    ox_debugger_interrupt (self->debugger);
}

static void
drop_waiting (OxProtocol *self)
{
  OxRequest *request;

  while ((request = g_queue_pop_head (&self->waiting)) != NULL)
    {
      ox_protocol_fail (self, request, "cancelled");
      ox_request_free (request);
    }
}

static gboolean
leave (OxProtocol *self, OxRequest *request, GError **error)
{
  drop_waiting (self);
  self->leaving = ox_request_copy (request);
  interrupt (self);
  ox_protocol_go_on (self);
  return TRUE;
}

static gboolean
terminate (OxProtocol *self, OxRequest *request, GError **error)
{
  drop_waiting (self);
  interrupt (self);
  ox_protocol_answer (self, request, NULL);
  if (!busy (self))
    ox_protocol_event (self, "terminated", NULL);
  else
    self->ending = TRUE;
  return TRUE;
}

void
ox_protocol_end (OxProtocol *self)
{
  if (!self->over)
    drop_waiting (self);
  self->over = TRUE;
  interrupt (self);
}

gboolean
ox_protocol_is_over (OxProtocol *self)
{
  return self->over && !busy (self);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

OxProtocol *
ox_protocol_new (const OxProtocolHost *host)
{
  OxProtocol *self = g_new0 (OxProtocol, 1);

  self->host = *host;
  self->lines_at_1 = self->columns_at_1 = TRUE;
  self->first_handle = 1;
  self->handles = g_ptr_array_new_with_free_func (ox_handle_free);
  self->stops = g_ptr_array_new_with_free_func (ox_protocol_stop_free);
  self->graphs = g_ptr_array_new ();
  g_queue_init (&self->waiting);
  return self;
}

void
ox_protocol_free (OxProtocol *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify) ox_request_free);
  g_clear_pointer (&self->looking, ox_request_free);
  g_clear_pointer (&self->moving, ox_request_free);
  g_clear_pointer (&self->leaving, ox_request_free);
  g_clear_pointer (&self->console, ox_console_free);
  g_clear_object (&self->debugger);
  g_clear_object (&self->cancellable);
  g_ptr_array_unref (self->handles);
  g_ptr_array_unref (self->stops);
  g_ptr_array_unref (self->graphs);
  g_free (self);
}
