/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "debug/ox-debugger-private.h"
#include "tensor/ox-statistics.h"

/* Moves to a moment of the run: a turn, an iteration, or back to where something happened. */

/* ---- the last write ------------------------------------------------------------------------------------------- */

/* The last record before @end in which @node began, in whatever frame; -1 for none. */
static gint64
last_turn_of (OxDebugger *self, const OxNode *node, guint end)
{
  for (guint i = end; i > 0; i--)
    {
      const OxTraceRecord *record = ox_trace_get (self->trace, i - 1);

      if (record->node == node && ox_debugger_begins_node (record))
        return i - 1;
    }
  return -1;
}

/* What the body's input @input was given from the iteration before: an output of the body. NULL for what is not carried. */
static const OxRef *
carried_from (const OxNode *owner, const OxGraph *body, int input)
{
  const OxAttribute *scans = ox_node_attribute (owner, "num_scan_inputs");
  int output;

  if (g_str_equal (owner->op_type, "Loop"))
    output = input > 0 ? input - 1 : -1;
  else if (g_str_equal (owner->op_type, "Scan") && scans != NULL && input < (int) body->inputs->len - (int) scans->i)
    output = input;
  else
    return NULL;
  return output >= 0 && output < (int) body->outputs->len ? &g_array_index (body->outputs, OxRef, output) : NULL;
}

/* Inputs of a body come from the iteration before, or through the node that has the body. */
static gint64
last_write (OxDebugger *self, const OxGraph *graph, int slot, guint end)
{
  const OxSlot *info = ox_graph_slot (graph, slot);

  while (info->producer == NULL && info->graph_input >= 0 && graph->owner != NULL)
    {
      const OxTraceRecord *record = NULL;
      const OxRef *from;

      while (end > 0 && (record = ox_trace_get (self->trace, end - 1)) != NULL
             && (record->kind != OX_TURN_ENTERED || record->graph != graph))
        end--;
      if (end == 0)
        return -1;
      end--;
      from = record->again ? carried_from (graph->owner, graph, info->graph_input) : NULL;
      if (from == NULL || from->up > 0)
        return last_turn_of (self, graph->owner, end + 1);
      info = ox_graph_slot (graph, from->slot);
    }
  return info->producer != NULL ? last_turn_of (self, info->producer, end) : -1;
}

/* ---- NaN and Inf ---------------------------------------------------------------------------------------------- */

#define TILE 4096

static guint8
badness (const OxValue *value, GCancellable *cancellable)
{
  OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  double numbers[TILE];
  guint8 bad = 0;

  for (guint i = 0; value != NULL && tensor == NULL && i < ox_value_n_items (value); i++)
    bad |= badness (ox_value_get_item (value, i), cancellable);
  if (tensor == NULL || !(ox_dtype_is_float (tensor->dtype) || ox_dtype_class (tensor->dtype) == OX_CLASS_COMPLEX))
    return bad;
  for (gint64 i = 0; i < tensor->count && bad != (OX_BAD_NAN | OX_BAD_INF); i += TILE)
    {
      gint64 n = MIN (TILE, tensor->count - i);

      if (i % (TILE * 256) == 0 && g_cancellable_is_cancelled (cancellable))
        break;
      ox_tensor_read_numbers (tensor, i, i + n, numbers);
      for (gint64 k = 0; k < n; k++)
        if (!isfinite (numbers[k]))
          bad |= isnan (numbers[k]) ? OX_BAD_NAN : OX_BAD_INF;
    }
  return bad;
}

typedef struct
{
  OxTrace      *trace;
  GCancellable *cancellable;
} Look;

static void
note (OxTrace *trace, guint64 time, guint8 bad)
{
  if (time < trace->length)
    g_array_index (trace->records, OxTraceRecord, (guint) time).bad = bad | OX_BAD_LOOKED;
}

static void
look_at_outputs (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  const Look *look = data;
  const OxTraceRecord *record = ox_trace_get (look->trace, (guint) ox_session_turns (session));
  guint8 bad = 0;

  if (record == NULL || record->kind != OX_TURN_NODE || record->bad != 0)
    return;
  for (guint i = 0; i < node->output_names->len; i++)
    bad |= outputs[i] != NULL ? badness (outputs[i], look->cancellable) : 0;
  if (!g_cancellable_is_cancelled (look->cancellable))
    note (look->trace, ox_session_turns (session), bad);
}

/* Looks at all turns before @end again, in a run of their own that keeps nothing. */
static gboolean
look_again (OxDebugger *self, guint end, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxSession) session = ox_debugger_new_session (self, FALSE);
  Look look = { self->trace, cancellable };

  ox_session_set_tap (session, look_at_outputs, &look);
  while (ox_session_turns (session) < end)
    if (ox_session_turn (session, NULL, cancellable, error) == OX_TURN_FAILED)
      return FALSE;
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static void
add_frame (gpointer frame, gpointer frames)
{
  g_hash_table_insert (frames, &((OxFrame *) frame)->id, frame);
}

/* Those whose values are at hand, by their id. */
static GHashTable *
kept_frames (OxDebugger *self)
{
  GHashTable *frames = g_hash_table_new (g_int64_hash, g_int64_equal);
  GHashTableIter iter;
  gpointer queue;

  g_hash_table_iter_init (&iter, self->trace->closed);
  while (g_hash_table_iter_next (&iter, NULL, &queue))
    g_queue_foreach (queue, add_frame, frames);
  for (guint level = 0; level == 0 || level < ox_session_depth (self->session); level++)
    add_frame (ox_session_frame (self->session, level), frames);
  return frames;
}

/* FALSE when one of the outputs is not at hand. */
static gboolean
look_here (const OxFrame *frame, const OxNode *node, guint8 *bad, GCancellable *cancellable)
{
  *bad = 0;
  for (guint i = 0; frame != NULL && i < node->output_names->len; i++)
    {
      if (node->outputs[i] < 0)
        continue;
      if (frame->values[node->outputs[i]] == NULL)
        return FALSE;
      *bad |= badness (frame->values[node->outputs[i]], cancellable);
    }
  return frame != NULL;
}

static OxStopReason
back_to_bad (OxDebugger *self, guint kinds, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) frames = kept_frames (self);

  for (guint i = ox_trace_length (self->trace); i > 0; i--)
    {
      const OxTraceRecord *record = ox_trace_get (self->trace, i - 1);
      guint8 bad;

      if (record->kind != OX_TURN_NODE)
        continue;
      if (record->bad == 0)
        {
          if (look_here (g_hash_table_lookup (frames, &record->frame_id), record->node, &bad, cancellable))
            note (self->trace, i - 1, bad);
          else if (!look_again (self, i, cancellable, error))
            return OX_STOP_FAILED;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          /* What was looked at last may have been looked at in part. */
          g_array_index (self->trace->records, OxTraceRecord, i - 1).bad = 0;
          return OX_STOP_FAILED;
        }
      if ((record->bad & kinds) != 0)
        return ox_debugger_rewind (self, i - 1, cancellable, error) ? OX_STOP_TARGET : OX_STOP_FAILED;
    }
  return OX_STOP_NOWHERE;
}

/* ---- the other ones ------------------------------------------------------------------------------------------- */

static OxStopReason
stand (OxDebugger *self, OxStopReason reason, GCancellable *cancellable, GError **error)
{
  switch (ox_debugger_settle (self, cancellable, error))
    {
    case OX_TURN_FAILED:
      return OX_STOP_FAILED;
    case OX_TURN_ENDED:
      return OX_STOP_END;
    default:
      return ox_session_turns (self->session) == 0 ? OX_STOP_START : reason;
    }
}

/* The turn of @record is the last that is done: whether a breakpoint that speaks of what it made stops. */
static gboolean
stops_after (OxDebugger *self, const OxTraceRecord *record, OxHit *hit, GCancellable *cancellable)
{
  OxFrame *frame = ox_session_top (self->session);

  /* A node with bodies is done when its last frame has closed. */
  if (frame == NULL || ox_session_between (self->session) || frame->graph != record->node->graph || frame->pc <= record->node->index)
    return FALSE;
  hit->id = ox_debugger_judge (self, frame, record->node, record, cancellable, &hit->why);
  return hit->id != 0;
}

static gboolean
stops_before (OxDebugger *self, const OxTraceRecord *record, OxHit *hit, GCancellable *cancellable)
{
  hit->id = ox_debugger_judge (self, ox_session_top (self->session), record->node, NULL, cancellable, &hit->why);
  return hit->id != 0;
}

/* The places that moves forwards stop at, from the last to the first. */
static OxStopReason
look_for_break (OxDebugger *self, OxHit *hit, GCancellable *cancellable, GError **error)
{
  const guint now = ox_trace_length (self->trace);
  guint place = now;   /* the first one can stand at behind the record */

  for (guint i = now; i > 0; i--)
    {
      const OxTraceRecord record = *ox_trace_get (self->trace, i - 1);
      const gboolean judges = record.node != NULL && ox_debugger_judges (self, record.node);

      if (judges && place < now && (record.kind == OX_TURN_NODE || record.kind == OX_TURN_LEFT))
        {
          if (!ox_debugger_rewind (self, i, cancellable, error))
            return OX_STOP_FAILED;
          if (stops_after (self, &record, hit, cancellable))
            return stand (self, OX_STOP_BREAKPOINT, cancellable, error);
        }
      if (!ox_debugger_begins_node (&record))
        continue;
      place = i - 1;
      if (!judges)
        continue;
      if (!ox_debugger_rewind (self, place, cancellable, error))
        return OX_STOP_FAILED;
      if (stops_before (self, &record, hit, cancellable))
        return OX_STOP_BREAKPOINT;
    }
  return ox_debugger_rewind (self, 0, cancellable, error) ? OX_STOP_START : OX_STOP_FAILED;
}

static OxStopReason
back_to_break (OxDebugger *self, OxHit *hit, GCancellable *cancellable, GError **error)
{
  OxStopReason reason;

  self->looking_back = TRUE;
  reason = look_for_break (self, hit, cancellable, error);
  self->looking_back = FALSE;
  return reason;
}

static OxStopReason
to_time (OxDebugger *self, guint64 time, GCancellable *cancellable, GError **error)
{
  if (time < ox_session_turns (self->session) && !ox_debugger_rewind (self, time, cancellable, error))
    return OX_STOP_FAILED;
  while (ox_session_turns (self->session) < time && ox_session_depth (self->session) > 0)
    if (ox_debugger_do_turn (self, cancellable, error) == OX_TURN_FAILED)
      return OX_STOP_FAILED;
  return stand (self, OX_STOP_TARGET, cancellable, error);
}

guint
ox_debugger_iteration_level (OxDebugger *self)
{
  guint level = MAX (ox_session_depth (self->session), 1) - 1;

  while (level > 0 && ox_session_frame (self->session, level)->iteration < 0)
    level--;
  return level;
}

gboolean
ox_debugger_is_ahead (OxDebugger *self, const OxGoal *goal)
{
  return goal->move == OX_MOVE_TO_ITERATION
         && goal->iteration > ox_session_frame (self->session, ox_debugger_iteration_level (self))->iteration;
}

static OxStopReason
to_iteration (OxDebugger *self, gint64 iteration, GCancellable *cancellable, GError **error)
{
  const guint level = ox_debugger_iteration_level (self);
  const OxGraph *body = ox_session_frame (self->session, level)->graph;

  for (guint i = ox_trace_length (self->trace); i > 0; i--)
    {
      const OxTraceRecord *record = ox_trace_get (self->trace, i - 1);

      if (record->kind == OX_TURN_ENTERED && record->graph == body && record->depth == level && record->iteration == iteration)
        return ox_debugger_rewind (self, i, cancellable, error) ? stand (self, OX_STOP_TARGET, cancellable, error)
                                                                : OX_STOP_FAILED;
    }
  return OX_STOP_NOWHERE;
}

OxStopReason
ox_debugger_travel (OxDebugger *self, const OxGoal *goal, OxHit *hit, GCancellable *cancellable, GError **error)
{
  switch (goal->move)
    {
    case OX_MOVE_TO_ITERATION:
      return to_iteration (self, goal->iteration, cancellable, error);
    case OX_MOVE_BACK_TO_BAD:
      return back_to_bad (self, goal->bad, cancellable, error);
    case OX_MOVE_BACK_TO_BREAK:
      return back_to_break (self, hit, cancellable, error);
    default:
      return to_time (self, goal->time, cancellable, error);
    }
}

/* ---- before they begin ---------------------------------------------------------------------------------------- */

static gboolean
aim_at_write (OxDebugger *self, OxGoal *goal, GError **error)
{
  const OxSlot *slot = ox_graph_slot (goal->graph, goal->slot);
  gint64 time;

  if (slot == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "there is no such value");
  if (slot->producer == NULL && (slot->graph_input < 0 || goal->graph->owner == NULL))
    return ox_fail (error, OX_ERROR_VALUE, "'%s' is %s; no node writes it", slot->name,
                    slot->initializer != NULL ? "a constant" : "an input");
  time = last_write (self, goal->graph, goal->slot, ox_trace_length (self->trace));
  if (time < 0)
    return ox_fail (error, OX_ERROR_VALUE, "'%s' has not been written so far", slot->name);
  goal->time = (guint64) time;
  return TRUE;
}

static gboolean
aim_at_iteration (OxDebugger *self, const OxGoal *goal, GError **error)
{
  guint level = ox_debugger_iteration_level (self);
  const OxFrame *frame = ox_session_frame (self->session, level);

  if (level == 0)
    return ox_fail (error, OX_ERROR_VALUE, "expected to be in the body of a Loop or Scan; step goes into one");
  if (goal->iteration < 0 || (frame->iterations >= 0 && goal->iteration >= frame->iterations))
    {
      g_autofree char *most = frame->iterations >= 0 ? g_strdup_printf (" to %" G_GINT64_FORMAT, frame->iterations - 1)
                                                     : g_strdup (" on");

      return ox_fail (error, OX_ERROR_VALUE, "expected an iteration of 0%s, found %" G_GINT64_FORMAT, most, goal->iteration);
    }
  return TRUE;
}

gboolean
ox_debugger_aim (OxDebugger *self, OxGoal *goal, GError **error)
{
  if (goal->move == OX_MOVE_BACK_TO_WRITE)
    return aim_at_write (self, goal, error);
  if (goal->move == OX_MOVE_TO_ITERATION)
    return aim_at_iteration (self, goal, error);
  return TRUE;
}
