/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-watch.h"
#include "protocol/ox-protocol-private.h"

/* Where one stands, formulas and the console. */

#define MOST_COMPLETIONS 100

gboolean
ox_protocol_threads (OxProtocol *self, OxRequest *request, GError **error)
{
  JsonBuilder *body = ox_body_new ();

  ox_put_array (body, "threads");
  json_builder_begin_object (body);
  ox_put_count (body, "id", OX_PROTOCOL_THREAD);
  ox_put_text (body, "name", "run");
  json_builder_end_object (body);
  json_builder_end_array (body);
  ox_protocol_answer (self, request, body);
  return TRUE;
}

/* ---- sources: a graph is a text with a line a node --------------------------------------------------------------- */

gint64
ox_protocol_source_of (OxProtocol *self, OxGraph *graph)
{
  guint i;

  /* What the program writes itself, as the body of an expanded operator, comes to be on the way. */
  if (!g_ptr_array_find (self->graphs, graph, &i))
    {
      i = self->graphs->len;
      g_ptr_array_add (self->graphs, graph);
    }
  return (gint64) i + 1;
}

OxGraph *
ox_protocol_find_source (OxProtocol *self, JsonObject *source, GError **error)
{
  const char *name = NULL;
  gint64 number = 0;

  if (!ox_arguments_count (source, "sourceReference", 0, G_MAXINT32, &number, error)
      || !ox_arguments_text (source, "name", &name, error))
    return NULL;
  if (number >= 1 && number <= (gint64) self->graphs->len)
    return g_ptr_array_index (self->graphs, (guint) number - 1);
  for (guint i = 0; number == 0 && name != NULL && i < self->graphs->len; i++)
    {
      g_autofree char *path = ox_graph_path (g_ptr_array_index (self->graphs, i));

      if (g_str_equal (path, name))
        return g_ptr_array_index (self->graphs, i);
    }
  ox_fail (error, OX_ERROR_VALUE, "there is no such source: expected the sourceReference of a graph, or its path as the name");
  return NULL;
}

void
ox_protocol_put_source (OxProtocol *self, JsonBuilder *json, OxGraph *graph)
{
  g_autofree char *path = ox_graph_path (graph);

  ox_put_object (json, "source");
  ox_put_text (json, "name", path);
  ox_put_count (json, "sourceReference", ox_protocol_source_of (self, graph));
  json_builder_end_object (json);
}

static void
put_names (GString *text, GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", *name != '\0' ? name : "_");
    }
}

gboolean
ox_protocol_source (OxProtocol *self, OxRequest *request, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  JsonObject *source = NULL;
  gint64 number = 0;
  JsonBuilder *body;
  OxGraph *graph;

  if (!ox_arguments_object (request->arguments, "source", &source, error)
      || !ox_arguments_count (request->arguments, "sourceReference", 0, G_MAXINT32, &number, error))
    return FALSE;
  if (number >= 1 && number <= (gint64) self->graphs->len)
    graph = g_ptr_array_index (self->graphs, (guint) number - 1);
  else if ((graph = ox_protocol_find_source (self, source, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (graph, i);
      g_autofree char *name = g_strdelimit (g_strdup (node->name), "\r\n", ' ');

      put_names (text, node->output_names);
      g_string_append_printf (text, " = %s (", node->op_type);
      put_names (text, node->input_names);
      g_string_append_printf (text, ")%s%s\n", *name != '\0' ? "   # " : "", name);
    }
  body = ox_body_new ();
  ox_put_text (body, "content", text->str);
  ox_protocol_answer (self, request, body);
  return TRUE;
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

/* The node a frame stands at: what is next, or what opened the frame above. NULL at the end. */
static OxNode *
node_at (OxProtocol *self, guint level)
{
  const guint depth = ox_debugger_get_depth (self->debugger);
  const OxFrame *frame = ox_debugger_get_frame (self->debugger, level);

  if (level + 1 < depth)
    return ox_debugger_get_frame (self->debugger, level + 1)->caller;
  return depth > 0 ? ox_graph_node (frame->graph, frame->pc) : NULL;
}

static void
put_frame (OxProtocol *self, JsonBuilder *json, guint level)
{
  OxFrame *frame = ox_debugger_get_frame (self->debugger, level);
  OxNode *node = node_at (self, level);
  g_autofree char *label = ox_frame_label (frame), *title = node != NULL ? ox_node_title (node) : g_strdup ("the end");
  g_autofree char *name = node != NULL ? g_strdup_printf ("%s: %s", label, title) : g_strdup_printf ("%s: the end", label);
  g_autofree char *path = ox_graph_path (frame->graph);
  const guint line = node != NULL ? node->index : frame->graph->nodes->len;

  json_builder_begin_object (json);
  ox_put_count (json, "id", ox_protocol_add_handle (self, &(OxHandle){ .kind = OX_HANDLE_FRAME, .graph = frame->graph, .node = node,
                                                                      .level = level }));
  ox_put_text (json, "name", name);
  ox_protocol_put_source (self, json, frame->graph);
  ox_put_count (json, "line", line + self->lines_at_1);
  ox_put_count (json, "column", self->columns_at_1);
  ox_put_object (json, "onnxscope");
  ox_put_text (json, "graph", path);
  ox_put_text (json, "frame", label);
  if (frame->iteration >= 0)
    ox_put_count (json, "iteration", frame->iteration);
  if (node != NULL)
    {
      ox_put_count (json, "index", node->index);
      ox_put_text (json, "node", title);
      ox_put_text (json, "operator", node->op_type);
      ox_put_text (json, "domain", node->domain);
    }
  json_builder_end_object (json);
  json_builder_end_object (json);
}

gboolean
ox_protocol_stack_trace (OxProtocol *self, OxRequest *request, GError **error)
{
  const guint depth = MAX (ox_debugger_get_depth (self->debugger), 1);
  gint64 first = 0, levels = 0;
  JsonBuilder *body;

  if (!ox_arguments_count (request->arguments, "startFrame", 0, G_MAXINT32, &first, error)
      || !ox_arguments_count (request->arguments, "levels", 0, G_MAXINT32, &levels, error))
    return FALSE;
  body = ox_body_new ();
  ox_put_array (body, "stackFrames");
  for (gint64 i = first; i < depth && (levels == 0 || i - first < levels); i++)
    put_frame (self, body, depth - 1 - (guint) i);
  json_builder_end_array (body);
  ox_put_count (body, "totalFrames", depth);
  ox_protocol_answer (self, request, body);
  return TRUE;
}

static void
put_scope (OxProtocol *self, JsonBuilder *json, const char *name, const char *hint, const OxHandle *frame, OxHandleKind kind,
           gint64 n)
{
  json_builder_begin_object (json);
  ox_put_text (json, "name", name);
  ox_put_text (json, "presentationHint", hint);
  ox_put_count (json, "variablesReference",
                ox_protocol_add_handle (self, &(OxHandle){ .kind = kind, .graph = frame->graph, .node = frame->node }));
  if (n >= 0)
    ox_put_count (json, "namedVariables", n);
  ox_put_flag (json, "expensive", kind == OX_HANDLE_INITIALIZERS);
  json_builder_end_object (json);
}

gboolean
ox_protocol_scopes (OxProtocol *self, OxRequest *request, GError **error)
{
  gint64 number = 0;
  OxHandle *found, frame;
  JsonBuilder *body;

  if (!ox_arguments_need_count (request->arguments, "frameId", 0, G_MAXINT32, &number, error)
      || (found = ox_protocol_handle (self, number, error)) == NULL)
    return FALSE;
  if (found->kind != OX_HANDLE_FRAME)
    return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " is no frame", number);
  frame = *found;
  body = ox_body_new ();
  ox_put_array (body, "scopes");
  if (frame.node != NULL)
    {
      put_scope (self, body, "Inputs", "arguments", &frame, OX_HANDLE_INPUTS, -1);
      put_scope (self, body, "Attributes", NULL, &frame, OX_HANDLE_ATTRIBUTES, -1);
    }
  put_scope (self, body, "Values", "locals", &frame, OX_HANDLE_VALUES, -1);
  put_scope (self, body, "Outputs", "returnValue", &frame, OX_HANDLE_OUTPUTS, frame.graph->outputs->len);
  put_scope (self, body, "Initializers", NULL, &frame, OX_HANDLE_INITIALIZERS, frame.graph->initializers->len);
  json_builder_end_array (body);
  ox_protocol_answer (self, request, body);
  return TRUE;
}

gboolean
ox_protocol_exception_info (OxProtocol *self, OxRequest *request, GError **error)
{
  const OxStop *stop = ox_debugger_get_stop (self->debugger);
  g_autofree char *text = NULL;
  JsonBuilder *body;

  if (stop == NULL || (stop->reason != OX_STOP_FAILED && (stop->reason != OX_STOP_BREAKPOINT || stop->why == NULL)))
    return ox_fail (error, OX_ERROR_VALUE, "the run did not stop for a failure or a condition");
  if (stop->failure != NULL)
    text = ox_failure_describe (stop->failure, 8, 16);
  body = ox_body_new ();
  ox_put_text (body, "exceptionId", stop->reason == OX_STOP_FAILED ? "failed" : "condition");
  ox_put_text (body, "description", text != NULL ? text : stop->error != NULL ? stop->error->message : stop->why);
  ox_put_text (body, "breakMode", "always");
  ox_protocol_answer (self, request, body);
  return TRUE;
}

/* ---- formulas ---------------------------------------------------------------------------------------------------- */

static void
evaluate_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  OxProtocol *self = data;
  const char *formula = g_object_get_data (G_OBJECT (task), "formula");
  GError *error = NULL;
  OxTensor *tensor = ox_debugger_evaluate (self->debugger, formula, cancellable, &error);

  if (tensor == NULL)
    g_task_return_error (task, error);
  else
    {
      g_autoptr (OxValue) value = ox_value_new_tensor (tensor);
      JsonBuilder *body = ox_body_new ();

      ox_protocol_put_value (self, body, value, &(OxHandle){ .kind = OX_HANDLE_HELD, .value = value });
      g_task_return_pointer (task, body, g_object_unref);
    }
}

/* What a worker made is the body. */
static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  JsonBuilder *body = g_task_propagate_pointer (G_TASK (result), &error);

  ox_protocol_looked (data, body, error);
}

static void
evaluate (OxProtocol *self, OxRequest *request, const char *formula)
{
  g_autoptr (GTask) task = NULL;

  ox_protocol_look (self, request);
  task = g_task_new (NULL, self->cancellable, looked_cb, self);
  g_task_set_task_data (task, self, NULL);
  g_object_set_data_full (G_OBJECT (task), "formula", g_strdup (formula), g_free);
  g_task_run_in_thread (task, evaluate_thread);
}

/* ---- the console ------------------------------------------------------------------------------------------------- */

static void
console_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxProtocol *self = data;
  GError *error = NULL;
  gboolean quit = FALSE;
  g_autofree char *text = ox_console_run_finish (result, &quit, &error);
  const gboolean moved = self->told;
  JsonBuilder *body = NULL;

  if (text != NULL)
    {
      body = ox_body_new ();
      ox_put_text (body, "result", g_strchomp (text));
      ox_put_count (body, "variablesReference", 0);
    }
  if (moved && !self->over && self->leaving == NULL)
    ox_protocol_tell_stop (self);
  ox_protocol_looked (self, body, error);
}

gboolean
ox_protocol_evaluate (OxProtocol *self, OxRequest *request, GError **error)
{
  const char *expression = NULL, *context = "";
  gint64 frame = 0;

  if (!ox_arguments_need_text (request->arguments, "expression", &expression, error)
      || !ox_arguments_text (request->arguments, "context", &context, error)
      || !ox_arguments_count (request->arguments, "frameId", 0, G_MAXINT32, &frame, error)
      || (frame != 0 && ox_protocol_handle (self, frame, error) == NULL))
    return FALSE;
  if (!g_str_equal (context, "repl"))
    evaluate (self, request, expression);
  else
    {
      ox_protocol_look (self, request);
      ox_console_run_async (self->console, expression, self->cancellable, console_cb, self);
    }
  return TRUE;
}

/* Bytes of the first @units UTF-16 units. */
static gsize
bytes_of (const char *text, gint64 units)
{
  const char *at = text;

  for (; *at != '\0' && units > 0; at = g_utf8_next_char (at))
    units -= g_utf8_get_char (at) > 0xffff ? 2 : 1;
  return (gsize) (at - text);
}

gboolean
ox_protocol_completions (OxProtocol *self, OxRequest *request, GError **error)
{
  const char *text = NULL;
  g_autofree char *begun = NULL;
  g_auto (GStrv) lines = NULL;
  gint64 column = 0;
  JsonBuilder *body;

  if (!ox_arguments_need_text (request->arguments, "text", &text, error)
      || !ox_arguments_need_count (request->arguments, "column", 0, G_MAXINT32, &column, error))
    return FALSE;
  begun = g_strndup (text, bytes_of (text, column - self->columns_at_1));
  lines = ox_console_complete (self->console, begun, MOST_COMPLETIONS);
  body = ox_body_new ();
  ox_put_array (body, "targets");
  for (int i = 0; lines[i] != NULL; i++)
    {
      json_builder_begin_object (body);
      ox_put_text (body, "label", lines[i]);
      ox_put_count (body, "start", 0);
      ox_put_count (body, "length", column - self->columns_at_1);
      json_builder_end_object (body);
    }
  json_builder_end_array (body);
  ox_protocol_answer (self, request, body);
  return TRUE;
}
