/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-debugger-private.h"
#include "debug/ox-watch.h"

void
ox_debugger_trim (OxDebugger *self)
{
  OxSession *session = self->session;

  ox_session_trim_results (session, self->budget);
  /* The last turn stays, so that what was just computed can be seen whatever the budget. */
  while (ox_session_kept_bytes (session) > self->budget && ox_session_undoable (session) > 1)
    {
      ox_trace_forget (self->trace, ox_session_turns (session) - ox_session_undoable (session));
      ox_session_forget (session, ox_session_undoable (session) - 1);
    }
  self->trace->kept_bytes = ox_session_kept_bytes (session);
}

/* Breakpoints are asked about what a turn has made. */
static void
judge (OxDebugger *self, const OxTurn *turn, OxHit *hit, GCancellable *cancellable)
{
  OxFrame *frame = turn->kind == OX_TURN_LEFT ? turn->frame->parent : turn->frame;
  const OxTraceRecord *record = ox_trace_get (self->trace, ox_trace_length (self->trace) - 1);
  g_autofree char *why = NULL;
  guint id;

  /* A node with bodies is done when its last frame has closed. */
  if (hit->id != 0 || (turn->kind != OX_TURN_NODE && turn->kind != OX_TURN_LEFT) || frame->pc <= turn->node->index)
    return;
  if ((id = ox_debugger_judge (self, frame, turn->node, record, cancellable, &why)) != 0)
    *hit = (OxHit){ id, g_steal_pointer (&why) };
}

/* @hit: NULL when nothing is to stop. */
static OxTurnKind
take_turn (OxDebugger *self, OxHit *hit, GCancellable *cancellable, GError **error)
{
  guint64 time = ox_session_turns (self->session);
  guint depth = ox_session_depth (self->session);
  OxTurn turn;
  OxTurnKind kind = ox_session_turn (self->session, &turn, cancellable, error);

  if (kind == OX_TURN_FAILED || ox_session_turns (self->session) == time)
    return kind;
  ox_trace_add (self->trace, &turn, time, depth);
  /* While all that the node has read is still there. */
  ox_debugger_look_after (self, &turn, cancellable);
  if (hit != NULL)
    judge (self, &turn, hit, cancellable);
  ox_debugger_trim (self);
  return kind;
}

OxTurnKind
ox_debugger_do_turn (OxDebugger *self, GCancellable *cancellable, GError **error)
{
  return take_turn (self, NULL, cancellable, error);
}

/* ---- back ----------------------------------------------------------------------------------------------------- */

/* From the start again: the same inputs and seeds give the same bits. Only as far as it was cancelled. */
static gboolean
replay (OxDebugger *self, guint64 turns, GCancellable *cancellable, GError **error)
{
  ox_trace_rewind (self->trace);
  ox_session_restart (self->session);
  ox_debugger_cut_watches (self, 0);
  while (ox_session_turns (self->session) < turns)
    if (ox_debugger_do_turn (self, cancellable, error) == OX_TURN_FAILED)
      return FALSE;
  return TRUE;
}

gboolean
ox_debugger_rewind (OxDebugger *self, guint64 turns, GCancellable *cancellable, GError **error)
{
  guint64 now = ox_session_turns (self->session);

  if (now - turns > ox_session_undoable (self->session))
    return replay (self, turns, cancellable, error);
  for (; now > turns; now--)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      ox_trace_pop (self->trace);
      ox_session_undo (self->session);
    }
  self->trace->kept_bytes = ox_session_kept_bytes (self->session);
  ox_debugger_cut_watches (self, turns);
  return TRUE;
}

gboolean
ox_debugger_begins_node (const OxTraceRecord *record)
{
  return record->kind == OX_TURN_NODE || (record->kind == OX_TURN_ENTERED && !record->again);
}

static OxStopReason
backwards (OxDebugger *self, OxMove move, GCancellable *cancellable, GError **error)
{
  guint depth = MAX (ox_session_depth (self->session), 1), i = ox_trace_length (self->trace);

  while (i > 0)
    {
      const OxTraceRecord *record = ox_trace_get (self->trace, --i);

      if (ox_debugger_begins_node (record) && (move == OX_MOVE_BACK_IN || record->depth <= depth))
        break;
    }
  if (!ox_debugger_rewind (self, move == OX_MOVE_TO_START ? 0 : i, cancellable, error))
    return OX_STOP_FAILED;
  return ox_session_turns (self->session) == 0 ? OX_STOP_START : OX_STOP_STEP;
}

/* ---- forwards ------------------------------------------------------------------------------------------------- */

OxTurnKind
ox_debugger_settle (OxDebugger *self, GCancellable *cancellable, GError **error)
{
  while (ox_session_depth (self->session) > 0
         && (ox_session_next_node (self->session) == NULL || ox_session_between (self->session)))
    if (ox_debugger_do_turn (self, cancellable, error) == OX_TURN_FAILED)
      return OX_TURN_FAILED;
  return ox_session_depth (self->session) == 0 ? OX_TURN_ENDED : OX_TURN_NODE;
}

typedef struct
{
  guint64 frame_id;
  guint   depth, pc;
} Place;

static Place
place_of (OxDebugger *self)
{
  OxFrame *top = ox_session_top (self->session);

  return (Place) { top != NULL ? top->id : 0, ox_session_depth (self->session), top != NULL ? top->pc : 0 };
}

static gboolean
arrived (OxDebugger *self, const OxGoal *goal, Place from, guint level)
{
  Place now = place_of (self);

  switch (goal->move)
    {
    case OX_MOVE_IN:
      return TRUE;
    case OX_MOVE_OVER:
      return now.depth < from.depth || (now.depth == from.depth && (now.frame_id != from.frame_id || now.pc != from.pc));
    case OX_MOVE_OUT:
      return now.depth < from.depth;
    case OX_MOVE_TO_NODE:
      return ox_session_next_node (self->session) == goal->target;
    case OX_MOVE_TO_ITERATION:
      return now.depth <= level || ox_session_frame (self->session, level)->iteration >= goal->iteration;
    default:
      return FALSE;
    }
}

/* Whether one stops before the next node. */
static gboolean
judge_next (OxDebugger *self, OxHit *hit, GCancellable *cancellable)
{
  OxNode *next = ox_session_next_node (self->session);

  if (next != NULL)
    hit->id = ox_debugger_judge (self, ox_session_top (self->session), next, NULL, cancellable, &hit->why);
  return hit->id != 0;
}

static OxStopReason
forwards (OxDebugger *self, const OxGoal *goal, GCancellable *cancellable, OxHit *hit, GError **error)
{
  const guint level = ox_debugger_iteration_level (self);
  Place from = place_of (self);

  if (from.depth == 0)
    return OX_STOP_END;
  /* Whoever lets a fresh run go has not stopped before its first node yet. */
  if (self->stop == NULL && goal->move == OX_MOVE_CONTINUE && judge_next (self, hit, cancellable))
    return OX_STOP_BREAKPOINT;
  for (;;)
    {
      OxTurnKind kind = take_turn (self, hit, cancellable, error);

      while (kind != OX_TURN_FAILED && ox_session_depth (self->session) > 0
             && (ox_session_next_node (self->session) == NULL || ox_session_between (self->session)))
        kind = take_turn (self, hit, cancellable, error);
      if (kind == OX_TURN_FAILED)
        return OX_STOP_FAILED;
      if (hit->id != 0 || judge_next (self, hit, cancellable))
        return OX_STOP_BREAKPOINT;
      if (ox_session_depth (self->session) == 0)
        return OX_STOP_END;
      if (arrived (self, goal, from, level))
        return goal->move == OX_MOVE_TO_NODE || (goal->move == OX_MOVE_TO_ITERATION && ox_session_depth (self->session) > level)
                 ? OX_STOP_TARGET : OX_STOP_STEP;
    }
}

/* ---- after edits ---------------------------------------------------------------------------------------------- */

static OxStopReason
do_again (OxDebugger *self, GCancellable *cancellable, GError **error)
{
  const guint64 from = self->stale, now = ox_session_turns (self->session);
  Place place = place_of (self);

  self->stale = G_MAXUINT64;
  ox_debugger_cut_watches (self, now);
  if (from < now)
    ox_session_keep_results (self->session, now - from);
  /* What no node makes is put into its frame when that is opened: then from the very start. */
  if (from < now && !(from > 0 ? ox_debugger_rewind (self, from, cancellable, error) : replay (self, 0, cancellable, error)))
    return OX_STOP_FAILED;
  ox_trace_cut (self->trace);
  while (from < now && ox_session_depth (self->session) > 0)
    {
      Place at = place_of (self);

      if (at.frame_id == place.frame_id && at.depth == place.depth && at.pc == place.pc
          && !ox_session_between (self->session))
        break;
      if (ox_debugger_do_turn (self, cancellable, error) == OX_TURN_FAILED)
        return OX_STOP_FAILED;
    }
  if (ox_session_depth (self->session) == 0)
    return OX_STOP_END;
  return ox_session_turns (self->session) == 0 ? OX_STOP_START : OX_STOP_STEP;
}

/* Only what the edits reach is computed: other nodes take what they gave before. */
static OxStopReason
again (OxDebugger *self, GCancellable *cancellable, GError **error)
{
  OxStopReason reason = do_again (self, cancellable, error);

  ox_session_drop_results (self->session);
  return reason;
}

OxStop *
ox_debugger_do_move (OxDebugger *self, const OxGoal *goal, GCancellable *cancellable)
{
  const OxMove move = goal->move;
  OxStop *stop = g_new0 (OxStop, 1);
  OxHit hit = { 0 };
  OxFrame *top;

  stop->move = move;
  if (move == OX_MOVE_BACK || move == OX_MOVE_BACK_IN || move == OX_MOVE_TO_START)
    stop->reason = backwards (self, move, cancellable, &stop->error);
  else if (move == OX_MOVE_AGAIN)
    stop->reason = again (self, cancellable, &stop->error);
  else if (move >= OX_MOVE_TO_TIME && !ox_debugger_is_ahead (self, goal))
    stop->reason = ox_debugger_travel (self, goal, &hit, cancellable, &stop->error);
  else
    stop->reason = forwards (self, goal, cancellable, &hit, &stop->error);
  if (g_error_matches (stop->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      stop->reason = OX_STOP_INTERRUPTED;
      g_clear_error (&stop->error);
    }
  stop->breakpoint = hit.id;
  stop->why = hit.why;
  g_mutex_lock (&self->lock);
  if (self->log->len > 0)
    {
      stop->log = g_steal_pointer (&self->log);
      self->log = g_ptr_array_new_with_free_func (g_free);
    }
  g_mutex_unlock (&self->lock);
  ox_debugger_look (self, cancellable);
  top = ox_session_top (self->session);
  stop->frame = top != NULL ? ox_frame_ref (top) : NULL;
  stop->node = ox_session_next_node (self->session);
  stop->time = ox_session_turns (self->session);
  /* A frame that cannot be closed failed at the node that opened it. */
  if (stop->reason == OX_STOP_FAILED && stop->node == NULL && top != NULL)
    stop->node = top->caller;
  if (stop->reason == OX_STOP_FAILED && stop->node != NULL && stop->error != NULL)
    stop->failure = ox_debugger_explain (self, top, stop->node, stop->error, cancellable);
  return stop;
}
