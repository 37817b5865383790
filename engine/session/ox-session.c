/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-parallel.h"

#include "session/ox-session-private.h"

static void
find_gradients (OxGraph *graph, gpointer pinned)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (graph, i);

      if (strcmp (node->op_type, "Gradient") == 0 && strcmp (node->domain, "ai.onnx.preview.training") == 0)
        {
          g_hash_table_add (pinned, graph);
          return;
        }
    }
}

OxSession *
ox_session_new (OxModel *model, const OxSessionOptions *options)
{
  OxSession *self = g_new0 (OxSession, 1);

  self->model = ox_model_ref (model);
  self->keep_all = options != NULL && options->keep_all;
  self->seed = options != NULL ? options->seed : 0;
  self->expand = options != NULL && options->expand;
  self->inputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  self->plans = g_hash_table_new_full (NULL, NULL, NULL, ox_plan_free);
  self->pinned = g_hash_table_new (NULL, NULL);
  ox_model_foreach_graph (model, find_gradients, self->pinned);
  self->stack = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_frame_unref);
  self->undo = g_array_new (FALSE, TRUE, sizeof (OxUndo));
  g_array_set_clear_func (self->undo, ox_undo_clear);
  self->storages = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  ox_session_restart (self);
  return self;
}

void
ox_session_free (OxSession *self)
{
  ox_session_drop_results (self);
  g_array_unref (self->undo);
  g_hash_table_unref (self->storages);
  g_ptr_array_unref (self->stack);
  g_clear_pointer (&self->main, ox_frame_unref);
  g_hash_table_unref (self->plans);
  g_clear_pointer (&self->touched, g_hash_table_unref);
  g_clear_pointer (&self->passes, g_hash_table_unref);
  g_clear_pointer (&self->shadows, g_hash_table_unref);
  g_clear_pointer (&self->replaced, g_ptr_array_unref);
  g_hash_table_unref (self->pinned);
  g_clear_pointer (&self->pins, g_hash_table_unref);
  g_hash_table_unref (self->inputs);
  ox_model_unref (self->model);
  g_free (self);
}

OxModel *
ox_session_get_model (OxSession *self)
{
  return self->model;
}

static void
give_input (OxSession *self, const char *name, OxValue *value)
{
  int slot = ox_graph_find (self->model->graph, name);

  if (ox_pinned (self, self->main, slot) != NULL)
    value = ox_pinned (self, self->main, slot);
  /* An output that is an input needs it even if no node reads it. */
  if (self->main->values[slot] != NULL)
    ox_value_unref (self->main->values[slot]);
  self->main->values[slot] = ox_value_ref (value);
}

void
ox_session_restart (OxSession *self)
{
  GHashTableIter iter;
  gpointer name, value;

  ox_undo_reset (self);
  g_ptr_array_set_size (self->stack, 0);
  g_clear_pointer (&self->main, ox_frame_unref);
  self->next_id = 0;
  self->turns = 0;
  self->ended = FALSE;
  self->main = ox_frame_new (self, NULL, self->model->graph, NULL);
  g_ptr_array_add (self->stack, ox_frame_ref (self->main));
  g_hash_table_iter_init (&iter, self->inputs);
  while (g_hash_table_iter_next (&iter, &name, &value))
    give_input (self, name, value);
}

gboolean
ox_session_set_input (OxSession *self, const char *name, OxValue *value, GError **error)
{
  OxSlot *slot = ox_graph_slot (self->model->graph, ox_graph_find (self->model->graph, name));

  if (slot == NULL || slot->graph_input < 0)
    return ox_fail (error, OX_ERROR_VALUE, "the model has no input '%s'", name);
  if (slot->type != NULL && !ox_type_check_value (slot->type, value, NULL, error))
    {
      ox_error_prefix (error, "input '%s'", name);
      return FALSE;
    }
  g_hash_table_insert (self->inputs, g_strdup (name), ox_value_ref (value));
  give_input (self, name, value);
  return TRUE;
}

gboolean
ox_session_ready (OxSession *self, GError **error)
{
  OxGraph *graph = self->model->graph;

  for (guint i = 0; i < graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));
      gboolean optional = slot->type != NULL && slot->type->kind == OX_TYPE_OPTIONAL;

      if (slot->initializer == NULL && !optional && !g_hash_table_contains (self->inputs, slot->name))
        {
          g_autofree char *type = ox_type_to_string (slot->type);

          return ox_fail (error, OX_ERROR_VALUE, "input '%s' (%s) has no value", slot->name, type);
        }
    }
  return TRUE;
}

/* ---- turns ---------------------------------------------------------------------------------------------------- */

static void
prefix_node (GError **error, const OxNode *node)
{
  g_autofree char *path = ox_graph_path (node->graph);
  g_autofree char *title = ox_node_title (node);

  ox_error_prefix (error, "%s: node '%s' (%s)", path, title, node->op_type);
}

/* The results are there: stores them, or what stands in their place, and moves on. Takes over the values; @outputs may
 * have NULLs. */
static void
complete (OxSession *self, OxFrame *frame, OxNode *node, guint n, OxValue **outputs)
{
  guint n_out = node->output_names->len;
  g_autofree OxValue **all = g_new0 (OxValue *, MAX (n, n_out) + 1);

  for (guint i = 0; i < n; i++)
    all[i] = outputs[i];
  for (guint i = 0; self->pins != NULL && i < n_out; i++)
    {
      OxValue *other = ox_pinned (self, frame, node->outputs[i]);

      if (other != NULL)
        {
          g_clear_pointer (&all[i], ox_value_unref);
          all[i] = ox_value_ref (other);
        }
    }
  if (self->tap != NULL)
    self->tap (self, frame, node, all, self->tap_data);
  for (guint i = 0; i < MAX (n, n_out); i++)
    if (all[i] != NULL && i < n_out && node->outputs[i] >= 0)
      ox_frame_write (frame, node->outputs[i], all[i]);
    else if (all[i] != NULL)
      ox_value_unref (all[i]);
  ox_undo_count_outputs (self, frame, node);
  g_clear_pointer (&ox_frame_priv (frame)->flow, ox_flow_unref);
  ox_frame_release (frame, node);
  frame->pc++;
}

static gboolean
run_kernel (OxSession *self, OxFrame *frame, OxNode *node, OxPlan *plan, const void *attrs, OxTurn *turn,
            GCancellable *cancellable, GError **error)
{
  g_autofree OxValue **out = g_new0 (OxValue *, node->output_names->len + 1);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GPtrArray) others = NULL;
  GError *failure = NULL;
  gboolean ok;

  if (self->recall != NULL && self->stand_in == NULL && ox_recall_take (self, frame, node, out, &turn->seconds))
    {
      complete (self, frame, node, node->output_names->len, out);
      return TRUE;
    }
  self->kernels++;
  if (self->stand_in != NULL)
    others = self->stand_in (self, frame, node, self->stand_in_data, cancellable, &failure);
  if (others != NULL)
    {
      for (guint i = 0; i < node->output_names->len && i < others->len; i++)
        out[i] = g_steal_pointer (&g_ptr_array_index (others, i));
      ok = TRUE;
    }
  else if (failure != NULL)
    {
      g_propagate_error (error, failure);
      ok = FALSE;
    }
  else
    ok = ox_kernel_run (self, frame, node, plan, attrs, NULL, out, cancellable, error);
  turn->seconds = (double) (g_get_monotonic_time () - start) / 1e6;
  if (ok)
    complete (self, frame, node, node->output_names->len, out);
  return ok;
}

static gboolean
pass_over (OxSession *self, OxFrame *frame, OxNode *node, OxTurn *turn, GError **error)
{
  g_autofree OxValue **out = g_new0 (OxValue *, node->output_names->len + 1);

  turn->kind = OX_TURN_NODE;
  if (!ox_pass_run (self, frame, node, out, error))
    return FALSE;
  complete (self, frame, node, node->output_names->len, out);
  return TRUE;
}

/* Opens the next iteration, or completes the node when there is none. */
static gboolean
continue_flow (OxSession *self, OxFrame *frame, OxNode *node, OxFlowState *flow, OxTurn *turn, GCancellable *cancellable,
               GError **error)
{
  if (ox_flow_is_over (flow))
    {
      g_autoptr (GPtrArray) outputs = ox_flow_finish (flow, cancellable, error);
      guint n;

      if (outputs == NULL || !ox_parallel_check (error))
        return FALSE;
      n = outputs->len;
      turn->kind = OX_TURN_NODE;
      for (guint i = 0; i < n; i++)
        ox_value_ref (g_ptr_array_index (outputs, i));
      complete (self, frame, node, n, (OxValue **) outputs->pdata);
      return TRUE;
    }
  turn->frame = ox_enter_graph (self, frame, ox_flow_body (flow), node, error);
  if (turn->frame == NULL)
    return FALSE;
  if (!ox_flow_feed (flow, turn->frame, error) || !ox_parallel_check (error))
    {
      ox_leave_top (self);
      self->next_id--;
      return FALSE;
    }
  turn->kind = OX_TURN_ENTERED;
  turn->again = flow->done > 0;
  return TRUE;
}

static gboolean
run_node (OxSession *self, OxFrame *frame, OxNode *node, OxTurn *turn, GCancellable *cancellable, GError **error)
{
  OxFramePriv *priv = ox_frame_priv (frame);
  OxPlan *plan;
  gboolean owned, ok;
  void *attrs;

  /* It may then be an operator that nobody knows. */
  if (priv->flow == NULL && ox_pinned_whole (self, frame, node))
    {
      turn->kind = OX_TURN_NODE;
      complete (self, frame, node, 0, NULL);
      return TRUE;
    }
  if (priv->flow == NULL && ox_pass_has (self, node))
    return pass_over (self, frame, node, turn, error);
  plan = ox_plan_find (self, node, error);
  if (plan == NULL)
    return FALSE;
  turn->kind = OX_TURN_ENTERED;
  if (plan->function != NULL)
    return ox_enter_function (self, frame, node, plan->function, turn, error);
  if (priv->flow != NULL)
    return continue_flow (self, frame, node, priv->flow, turn, cancellable, error);
  attrs = ox_plan_attrs (self, plan, node, frame, &owned, error);
  if (attrs == NULL)
    return FALSE;
  if (plan->op->flow == OX_FLOW_NONE)
    {
      GError *failure = NULL;
      OxFunction *parts = self->expand ? ox_expansion_find (self, frame, node, plan, attrs, &failure) : NULL;

      if (parts != NULL || failure != NULL)
        {
          ok = parts != NULL && ox_enter_function (self, frame, node, parts, turn, &failure);
          if (failure != NULL)
            g_propagate_error (error, failure);
          self->expansions += ok ? 1 : 0;
          if (owned)
            ox_attrs_free (plan->op, attrs);
          return ok;
        }
      turn->kind = OX_TURN_NODE;
      ok = run_kernel (self, frame, node, plan, attrs, turn, cancellable, error);
    }
  else if (plan->op->flow == OX_FLOW_IF)
    ok = node->input_names->len == 1 ? ox_enter_branch (self, frame, node, attrs, turn, error)
                                     : ox_fail (error, OX_ERROR_MODEL, "expected one input");
  else
    {
      OxFlowState *flow = ox_flow_begin (self, frame, node, plan->op, attrs, cancellable, error);

      ok = flow != NULL;
      if (ok)
        {
          priv->flow = flow;
          ok = continue_flow (self, frame, node, flow, turn, cancellable, error);
          if (!ok)
            g_clear_pointer (&priv->flow, ox_flow_unref);
        }
    }
  if (owned)
    ox_attrs_free (plan->op, attrs);
  return ok;
}

/* (transfer full) array of what the frame's graph returns. A function may leave an output out. */
static GPtrArray *
collect (OxFrame *frame, GError **error)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new ();
  const GArray *outputs = frame->graph->outputs;

  for (guint i = 0; i < outputs->len; i++)
    {
      OxValue *value = ox_frame_read (frame, g_array_index (outputs, OxRef, i), error);

      if (value == NULL)
        {
          ox_error_prefix (error, "output %u", i);
          return NULL;
        }
      g_ptr_array_add (results, value);
    }
  return g_steal_pointer (&results);
}

static gboolean
leave_frame (OxSession *self, OxFrame *frame, OxTurn *turn, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) results = collect (frame, error);
  g_autoptr (GPtrArray) outputs = NULL, before = NULL;
  g_autoptr (OxFrame) kept = ox_frame_ref (frame);
  OxFrame *parent = frame->parent;
  OxNode *caller = frame->caller;
  OxFlowState *flow = ox_frame_priv (parent)->flow;
  gboolean finished = TRUE;

  if (results == NULL)
    return FALSE;
  if (flow != NULL)
    {
      if (!ox_flow_advance (flow, (OxValue **) results->pdata, &before, cancellable, error))
        return FALSE;
      finished = ox_flow_is_over (flow);
      outputs = finished ? ox_flow_finish (flow, cancellable, error) : NULL;
      if ((finished && outputs == NULL) || !ox_parallel_check (error))
        {
          ox_flow_retreat (flow, before);
          return FALSE;
        }
    }
  else
    {
      outputs = ox_value_array_new ();
      for (guint i = 0; i < results->len; i++)
        g_ptr_array_add (outputs, ox_value_ref (g_ptr_array_index (results, i)));
    }
  ox_undo_remember (self, OX_TURN_LEFT, finished ? caller : NULL, kept, flow, g_steal_pointer (&before));
  ox_leave_top (self);
  turn->kind = OX_TURN_LEFT;
  turn->frame = self->keep_all ? kept : parent;
  turn->node = caller;
  if (finished)
    {
      for (guint i = 0; i < outputs->len; i++)
        ox_value_ref (g_ptr_array_index (outputs, i));
      complete (self, parent, caller, outputs->len, (OxValue **) outputs->pdata);
    }
  return TRUE;
}

static OxTurnKind
fail_turn (OxTurn *turn, OxFrame *frame, OxNode *node, GError **error)
{
  if (node != NULL)
    prefix_node (error, node);
  turn->kind = OX_TURN_FAILED;
  turn->frame = frame;
  turn->node = node;
  return OX_TURN_FAILED;
}

static OxTurnKind
turn_once (OxSession *self, OxTurn *turn, GCancellable *cancellable, GError **error)
{
  OxFrame *frame = ox_session_top (self);
  OxNode *node = NULL;
  gboolean done;

  memset (turn, 0, sizeof *turn);
  turn->kind = OX_TURN_ENDED;
  turn->frame = self->main;
  if (frame == NULL)
    return OX_TURN_ENDED;
  if (self->turns == 0 && !ox_session_ready (self, error))
    return fail_turn (turn, frame, NULL, error);
  turn->frame = frame;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return fail_turn (turn, frame, NULL, error);
  if (frame->pc < frame->graph->nodes->len)
    {
      node = turn->node = g_ptr_array_index (frame->graph->nodes, frame->pc);
      if (!run_node (self, frame, node, turn, cancellable, error))
        return fail_turn (turn, frame, node, error);
      ox_undo_remember (self, turn->kind, turn->kind == OX_TURN_NODE ? node : NULL, turn->frame, NULL, NULL);
      if (self->keep_all)
        g_array_index (self->undo, OxUndo, self->undo->len - 1).seconds = turn->seconds;
    }
  else if (frame->parent != NULL)
    {
      if (!leave_frame (self, frame, turn, cancellable, error))
        return fail_turn (turn, frame, frame->caller, error);
    }
  else
    {
      g_autoptr (GPtrArray) results = collect (frame, error);

      done = results != NULL;
      if (!done)
        return fail_turn (turn, frame, NULL, error);
      ox_undo_remember (self, OX_TURN_ENDED, NULL, frame, NULL, NULL);
      ox_leave_top (self);
      self->ended = TRUE;
      turn->frame = self->main;
    }
  self->turns++;
  return turn->kind;
}

OxTurnKind
ox_session_turn (OxSession *self, OxTurn *turn, GCancellable *cancellable, GError **error)
{
  GCancellable *before = ox_parallel_get_stop ();
  OxTurn own;
  OxTurnKind kind;

  ox_parallel_set_stop (cancellable);
  kind = turn_once (self, turn != NULL ? turn : &own, cancellable, error);
  ox_parallel_set_stop (before);
  return kind;
}

gboolean
ox_session_run (OxSession *self, GCancellable *cancellable, GError **error)
{
  for (;;)
    switch (ox_session_turn (self, NULL, cancellable, error))
      {
      case OX_TURN_ENDED:
        return TRUE;
      case OX_TURN_FAILED:
        return FALSE;
      default:
        break;
      }
}

/* ---- looking -------------------------------------------------------------------------------------------------- */

guint
ox_session_depth (OxSession *self)
{
  return self->stack->len;
}

OxFrame *
ox_session_frame (OxSession *self, guint level)
{
  if (level < self->stack->len)
    return g_ptr_array_index (self->stack, level);
  return level == 0 ? self->main : NULL;
}

OxFrame *
ox_session_top (OxSession *self)
{
  return self->stack->len > 0 ? g_ptr_array_index (self->stack, self->stack->len - 1) : NULL;
}

OxNode *
ox_session_next_node (OxSession *self)
{
  OxFrame *frame = ox_session_top (self);

  return frame != NULL ? ox_graph_node (frame->graph, frame->pc) : NULL;
}

gboolean
ox_session_between (OxSession *self)
{
  OxFrame *frame = ox_session_top (self);

  return frame != NULL && ox_frame_priv (frame)->flow != NULL;
}

guint64
ox_session_turns (OxSession *self)
{
  return self->turns;
}

guint64
ox_session_kernels (OxSession *self)
{
  return self->kernels;
}

guint64
ox_session_expansions (OxSession *self)
{
  return self->expansions;
}

OxValue *
ox_session_output (OxSession *self, guint i)
{
  const GArray *outputs = self->model->graph->outputs;

  if (i >= outputs->len)
    return NULL;
  return self->ended ? ox_frame_read (self->main, g_array_index (outputs, OxRef, i), NULL)
                     : ox_frame_value (self->main, g_array_index (outputs, OxRef, i));
}

void
ox_session_set_tap (OxSession *self, OxSessionTap tap, gpointer data)
{
  self->tap = tap;
  self->tap_data = data;
}

void
ox_session_set_stand_in (OxSession *self, OxSessionStandIn stand_in, gpointer data)
{
  self->stand_in = stand_in;
  self->stand_in_data = data;
}
