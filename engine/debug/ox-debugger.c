/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-debugger-private.h"

#define DEFAULT_BUDGET ((gsize) 1 << 30)

enum { RUNNING, STOPPED, RESTED, RESET, BREAKPOINTS, EDITS, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OxDebugger, ox_debugger, G_TYPE_OBJECT)

void
ox_stop_free (OxStop *stop)
{
  g_clear_pointer (&stop->frame, ox_frame_unref);
  g_clear_error (&stop->error);
  g_clear_pointer (&stop->failure, ox_failure_free);
  g_clear_pointer (&stop->log, g_ptr_array_unref);
  g_free (stop->why);
  g_free (stop);
}

static void
ox_debugger_finalize (GObject *object)
{
  OxDebugger *self = OX_DEBUGGER (object);

  g_clear_pointer (&self->stop, ox_stop_free);
  g_clear_pointer (&self->trace, ox_trace_free);
  ox_debugger_clear_watches (self);
  ox_debugger_clear_breakpoints (self);
  g_clear_pointer (&self->session, ox_session_free);
  g_clear_pointer (&self->inputs, g_hash_table_unref);
  g_clear_pointer (&self->edits, g_ptr_array_unref);
  g_clear_pointer (&self->undone, g_ptr_array_unref);
  g_clear_object (&self->interrupt);
  g_clear_pointer (&self->model, ox_model_unref);
  G_OBJECT_CLASS (ox_debugger_parent_class)->finalize (object);
}

static void
ox_debugger_class_init (OxDebuggerClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ox_debugger_finalize;
  signals[RUNNING] = g_signal_new ("running", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[STOPPED] = g_signal_new ("stopped", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[RESTED] = g_signal_new ("rested", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[BREAKPOINTS] = g_signal_new ("breakpoints", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[EDITS] = g_signal_new ("edits", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[RESET] = g_signal_new ("reset", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ox_debugger_init (OxDebugger *self)
{
  self->budget = DEFAULT_BUDGET;
  self->inputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  self->edits = g_ptr_array_new_with_free_func (ox_edit_free);
  self->undone = g_ptr_array_new_with_free_func (ox_debugger_undone_free);
  self->stale = G_MAXUINT64;
  ox_debugger_init_breakpoints (self);
  ox_debugger_init_watches (self);
  self->trace = ox_trace_new ();
}

static OxSession *
new_session (OxDebugger *self, const OxSessionOptions *options)
{
  OxSession *session = ox_session_new (self->model, options);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, self->inputs);
  while (g_hash_table_iter_next (&iter, &name, &value))
    ox_session_set_input (session, name, value, NULL);
  ox_debugger_apply_edits (self, session);
  /* What no node makes is put into the main frame when that is opened. */
  ox_session_restart (session);
  return session;
}

OxSession *
ox_debugger_new_session (OxDebugger *self, gboolean keep)
{
  return new_session (self, &(OxSessionOptions){ .keep_all = keep, .seed = self->seed, .expand = self->expand });
}

OxSession *
ox_debugger_new_study (OxDebugger *self)
{
  return new_session (self, &(OxSessionOptions){ .seed = self->seed });
}

OxSession *
ox_debugger_new_replay (OxDebugger *self)
{
  return ox_debugger_new_session (self, FALSE);
}

OxDebugger *
ox_debugger_new (OxModel *model)
{
  OxDebugger *self = g_object_new (OX_TYPE_DEBUGGER, NULL);

  self->model = ox_model_ref (model);
  self->session = ox_debugger_new_session (self, TRUE);
  return self;
}

OxModel *
ox_debugger_get_model (OxDebugger *self)
{
  return self->model;
}

void
ox_debugger_set_budget (OxDebugger *self, gsize bytes)
{
  g_return_if_fail (!self->running);
  self->budget = bytes;
  ox_debugger_trim (self);
}

void
ox_debugger_restart (OxDebugger *self)
{
  g_return_if_fail (!self->running);
  g_clear_pointer (&self->stop, ox_stop_free);
  self->stale = G_MAXUINT64;
  ox_trace_clear (self->trace);
  ox_session_restart (self->session);
  ox_debugger_cut_watches (self, 0);
  g_signal_emit (self, signals[RESET], 0);
}

void
ox_debugger_set_seed (OxDebugger *self, guint64 seed)
{
  g_return_if_fail (!self->running);
  self->seed = seed;
  ox_session_free (self->session);
  self->session = ox_debugger_new_session (self, TRUE);
  ox_debugger_restart (self);
}

void
ox_debugger_set_expand (OxDebugger *self, gboolean expand)
{
  g_return_if_fail (!self->running);
  if (self->expand == expand)
    return;
  self->expand = expand;
  ox_session_free (self->session);
  self->session = ox_debugger_new_session (self, TRUE);
  ox_debugger_restart (self);
}

gboolean
ox_debugger_get_expand (OxDebugger *self)
{
  return self->expand;
}

gboolean
ox_debugger_set_input (OxDebugger *self, const char *name, OxValue *value, GError **error)
{
  g_return_val_if_fail (!self->running, FALSE);
  if (!ox_session_set_input (self->session, name, value, error))
    return FALSE;
  g_hash_table_insert (self->inputs, g_strdup (name), ox_value_ref (value));
  ox_debugger_restart (self);
  return TRUE;
}

OxValue *
ox_debugger_get_input (OxDebugger *self, const char *name)
{
  return g_hash_table_lookup (self->inputs, name);
}

gboolean
ox_debugger_ready (OxDebugger *self, GError **error)
{
  return ox_session_ready (self->session, error);
}

void
ox_debugger_tell_breakpoints (OxDebugger *self)
{
  g_signal_emit (self, signals[BREAKPOINTS], 0);
}

gboolean
ox_debugger_is_running (OxDebugger *self)
{
  return self->running;
}

const OxStop *
ox_debugger_get_stop (OxDebugger *self)
{
  return self->stop;
}

OxTrace *
ox_debugger_get_trace (OxDebugger *self)
{
  return self->trace;
}

OxFrame *
ox_debugger_get_frame (OxDebugger *self, guint level)
{
  return ox_session_frame (self->session, level);
}

guint
ox_debugger_get_depth (OxDebugger *self)
{
  return ox_session_depth (self->session);
}

/* ---- moves ---------------------------------------------------------------------------------------------------- */

static gboolean
start_move (OxDebugger *self, OxGoal *goal, GError **error)
{
  if (self->running)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "the session is running");
      return FALSE;
    }
  if (!ox_session_ready (self->session, error) || !ox_debugger_aim (self, goal, error))
    return FALSE;
  self->running = TRUE;
  g_clear_object (&self->interrupt);
  self->interrupt = g_cancellable_new ();
  g_signal_emit (self, signals[RUNNING], 0);
  return TRUE;
}

static void
end_move (OxDebugger *self, OxStop *stop)
{
  gboolean counted;

  self->running = FALSE;
  g_clear_pointer (&self->stop, ox_stop_free);
  self->stop = stop;
  counted = self->counted;
  self->counted = FALSE;
  g_signal_emit (self, signals[STOPPED], 0, stop);
  if (counted)
    ox_debugger_tell_breakpoints (self);
}

typedef struct
{
  OxGoal        goal;
  GCancellable *outer;
  gulong        chained;
  OxStop       *stop;
} MoveJob;

static void
job_free (gpointer data)
{
  MoveJob *job = data;

  g_clear_object (&job->outer);
  g_free (job);
}

static void
chain (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

gboolean
ox_debugger_move (OxDebugger *self, OxMove move, OxNode *target, GCancellable *cancellable, GError **error)
{
  return ox_debugger_go (self, &(OxGoal){ .move = move, .target = target }, cancellable, error);
}

gboolean
ox_debugger_go (OxDebugger *self, const OxGoal *goal, GCancellable *cancellable, GError **error)
{
  OxGoal aimed = *goal;
  gulong chained = 0;
  OxStop *stop;

  if (!start_move (self, &aimed, error))
    return FALSE;
  if (cancellable != NULL)
    chained = g_cancellable_connect (cancellable, G_CALLBACK (chain), self->interrupt, NULL);
  stop = ox_debugger_do_move (self, &aimed, self->interrupt);
  if (chained != 0)
    g_cancellable_disconnect (cancellable, chained);
  end_move (self, stop);
  return TRUE;
}

static void
move_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  OxDebugger *self = source;
  MoveJob *job = data;

  job->stop = ox_debugger_do_move (self, &job->goal, self->interrupt);
  g_task_return_boolean (task, TRUE);
}

/* Back on the main thread: the state changes before the caller hears of it. */
static void
move_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) outer = data;
  OxDebugger *self = OX_DEBUGGER (source);
  MoveJob *job = g_task_get_task_data (G_TASK (result));

  if (job->chained != 0)
    g_cancellable_disconnect (job->outer, job->chained);
  end_move (self, g_steal_pointer (&job->stop));
  g_task_return_boolean (outer, TRUE);
}

void
ox_debugger_move_async (OxDebugger *self, OxMove move, OxNode *target, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer data)
{
  ox_debugger_go_async (self, &(OxGoal){ .move = move, .target = target }, cancellable, callback, data);
}

void
ox_debugger_go_async (OxDebugger *self, const OxGoal *goal, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *outer = g_task_new (self, NULL, callback, data);
  g_autoptr (GTask) inner = NULL;
  OxGoal aimed = *goal;
  GError *error = NULL;
  MoveJob *job;

  g_task_set_source_tag (outer, ox_debugger_move_async);
  if (!start_move (self, &aimed, &error))
    {
      g_task_return_error (outer, error);
      g_object_unref (outer);
      return;
    }
  job = g_new0 (MoveJob, 1);
  job->goal = aimed;
  if (cancellable != NULL)
    {
      job->outer = g_object_ref (cancellable);
      job->chained = g_cancellable_connect (cancellable, G_CALLBACK (chain), self->interrupt, NULL);
    }
  inner = g_task_new (self, NULL, move_done, outer);
  g_task_set_task_data (inner, job, job_free);
  g_task_run_in_thread (inner, move_thread);
}

gboolean
ox_debugger_move_finish (OxDebugger *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ox_debugger_interrupt (OxDebugger *self)
{
  if (self->running)
    g_cancellable_cancel (self->interrupt);
}
