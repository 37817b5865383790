/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-debugger-private.h"

static OxFrame *
find_on_stack (OxDebugger *self, const OxGraph *graph)
{
  for (guint level = ox_session_depth (self->session); level > 0; level--)
    if (ox_session_frame (self->session, level - 1)->graph == graph)
      return ox_session_frame (self->session, level - 1);
  return graph == self->model->graph ? ox_session_frame (self->session, 0) : NULL;
}

OxFrame *
ox_debugger_frame_of (OxDebugger *self, const OxGraph *graph)
{
  OxFrame *frame = find_on_stack (self, graph);

  return frame != NULL ? frame : ox_trace_closed (self->trace, graph);
}

/* The same, but a frame closed in an earlier iteration says nothing of this one. Graphs nest at most OX_MAX_NESTING deep. */
static OxFrame *
find_present_frame (OxDebugger *self, const OxGraph *graph)
{
  OxFrame *frame = find_on_stack (self, graph);

  if (frame != NULL)
    return frame;
  frame = ox_trace_closed (self->trace, graph);
  if (frame != NULL && graph->outer != NULL && find_present_frame (self, graph->outer) != frame->outer)
    return NULL;
  return frame;
}

static gboolean
has_opened (OxDebugger *self, const OxNode *node)
{
  for (guint level = ox_session_depth (self->session); level > 1; level--)
    if (ox_session_frame (self->session, level - 1)->caller == node)
      return TRUE;
  return FALSE;
}

OxNodeState
ox_debugger_node_state (OxDebugger *self, OxNode *node)
{
  OxFrame *frame = find_present_frame (self, node->graph);
  OxNode *owner = node->graph->owner;

  if (self->stop == NULL)
    return OX_NODE_WAITING;
  if (self->stop->reason == OX_STOP_FAILED && self->stop->node == node)
    return OX_NODE_FAILED;
  if (frame != NULL && node->index < frame->pc)
    return OX_NODE_DONE;
  if (frame != NULL)
    return node->index == frame->pc ? OX_NODE_CURRENT : OX_NODE_WAITING;
  /* A body without a frame, of an If that has opened the other one or of a node that is done: not taken. */
  if (owner != NULL
      && ((has_opened (self, owner) && g_str_equal (owner->op_type, "If"))
          || ox_debugger_node_state (self, owner) == OX_NODE_DONE))
    return OX_NODE_UNTAKEN;
  return OX_NODE_WAITING;
}

/* ---- values that were dropped --------------------------------------------------------------------------------- */

typedef struct
{
  guint64  frame_id;
  int      slot;
  OxValue *value;
} Wanted;

/* A session of its own, made on the main thread, that runs up to the present. */
typedef struct
{
  OxSession *session;
  guint64    frame_id, turns;
  int        slot;
  gboolean   is_input;   /* of the frame, rather than a node's */
} ValueJob;

static void
value_job_free (gpointer data)
{
  ValueJob *job = data;

  ox_session_free (job->session);
  g_free (job);
}

static void
catch_output (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Wanted *wanted = data;

  if (frame->id != wanted->frame_id || wanted->value != NULL)
    return;
  for (guint i = 0; i < node->output_names->len; i++)
    if (node->outputs[i] == wanted->slot && outputs[i] != NULL)
      wanted->value = ox_value_ref (outputs[i]);
}

/* Runs again from the start until the value is there: the same inputs and seeds give the same bits. */
static OxValue *
compute_again (const ValueJob *job, GCancellable *cancellable, GError **error)
{
  Wanted wanted = { job->frame_id, job->slot, NULL };

  ox_session_set_tap (job->session, catch_output, &wanted);
  while (wanted.value == NULL && ox_session_turns (job->session) < job->turns)
    {
      OxTurn turn;
      OxTurnKind kind = ox_session_turn (job->session, &turn, cancellable, error);

      if (kind == OX_TURN_FAILED)
        return NULL;
      if (job->is_input && kind == OX_TURN_ENTERED && turn.frame->id == job->frame_id
          && turn.frame->values[job->slot] != NULL)
        wanted.value = ox_value_ref (turn.frame->values[job->slot]);
      ox_session_forget (job->session, 0);
    }
  if (wanted.value == NULL)
    ox_fail (error, OX_ERROR_VALUE, "the value could not be computed again");
  return wanted.value;
}

static OxInitializer *
constant_of (OxDebugger *self, const OxSlot *slot)
{
  /* With the attributes it runs with. */
  const OxNode *node = slot->producer != NULL ? ox_session_node (self->session, slot->producer) : NULL;
  const OxAttribute *attribute = node != NULL && g_str_equal (node->op_type, "Constant")
                                     && g_str_equal (node->domain, "ai.onnx") ? ox_node_attribute (node, "value") : NULL;

  if (slot->initializer != NULL)
    return slot->initializer;
  return attribute != NULL && attribute->type == OX_ATTR_TENSOR && attribute->tensors->len == 1
           ? g_ptr_array_index (attribute->tensors, 0) : NULL;
}

/* What is at hand; FALSE with @job filled when it has to be computed again. */
static gboolean
look_up (OxDebugger *self, OxGraph *graph, int slot, OxValue **value, ValueJob **job, GError **error)
{
  OxFrame *frame = ox_debugger_frame_of (self, graph);
  const OxSlot *info = ox_graph_slot (graph, slot);

  *value = NULL;
  if (info == NULL)
    return TRUE;
  if (frame != NULL && frame->values[slot] != NULL)
    *value = ox_value_ref (frame->values[slot]);
  else if (constant_of (self, info) != NULL)
    *value = ox_initializer_get (constant_of (self, info), error);
  else if (frame != NULL && ox_frame_was_dropped (frame, slot))
    {
      gboolean is_input = info->producer == NULL;

      /* A session that keeps nothing frees an input that nobody reads at once. */
      *job = g_new0 (ValueJob, 1);
      **job = (ValueJob) { ox_debugger_new_session (self, is_input), frame->id, ox_session_turns (self->session), slot,
                           is_input };
      return FALSE;
    }
  return TRUE;
}

OxValue *
ox_debugger_peek_value (OxDebugger *self, OxGraph *graph, int slot)
{
  const OxFrame *frame = ox_debugger_frame_of (self, graph);
  const OxSlot *info = ox_graph_slot (graph, slot);

  if (info == NULL)
    return NULL;
  if (frame != NULL && frame->values[slot] != NULL)
    return ox_value_ref (frame->values[slot]);
  return info->initializer != NULL ? ox_initializer_get (info->initializer, NULL) : NULL;
}

OxValue *
ox_debugger_find_value (OxDebugger *self, OxGraph *graph, int slot, GCancellable *cancellable, GError **error)
{
  OxValue *value;
  ValueJob *job;

  if (look_up (self, graph, slot, &value, &job, error))
    return value;
  value = compute_again (job, cancellable, error);
  value_job_free (job);
  return value;
}

OxValue *
ox_debugger_dup_value (OxDebugger *self, OxGraph *graph, int slot, GError **error)
{
  return ox_debugger_find_value (self, graph, slot, NULL, error);
}

static void
value_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  OxValue *value = compute_again (data, cancellable, &error);

  if (value != NULL)
    g_task_return_pointer (task, value, (GDestroyNotify) ox_value_unref);
  else
    g_task_return_error (task, error);
}

void
ox_debugger_dup_value_async (OxDebugger *self, OxGraph *graph, int slot, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  GError *error = NULL;
  OxValue *value;
  ValueJob *job;

  g_task_set_source_tag (task, ox_debugger_dup_value_async);
  if (self->running)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, "the session is running");
  else if (!look_up (self, graph, slot, &value, &job, &error))
    {
      g_task_set_task_data (task, job, value_job_free);
      g_task_run_in_thread (task, value_thread);
    }
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, value, (GDestroyNotify) ox_value_unref);
}

OxValue *
ox_debugger_dup_value_finish (OxDebugger *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
