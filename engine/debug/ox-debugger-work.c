/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-debugger-private.h"
#include "debug/ox-watch.h"

/* What a worker looks up where the run stands: nothing moves, and nothing else may move meanwhile. */

typedef OxValue *(*Work) (OxDebugger *self, OxGraph *graph, int slot, GCancellable *cancellable, GError **error);

typedef struct
{
  Work          work;
  OxGraph      *graph;
  int           slot;
  GCancellable *outer;
  gulong        chained;
  OxValue      *value;
  GError       *error;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_object (&job->outer);
  g_clear_pointer (&job->value, ox_value_unref);
  g_clear_error (&job->error);
  g_free (job);
}

static void
chain (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

static void
work_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  OxDebugger *self = source;
  Job *job = data;

  job->value = job->work (self, job->graph, job->slot, self->interrupt, &job->error);
  g_task_return_boolean (task, TRUE);
}

/* Back on the main thread: the debugger is free before the caller hears of it. */
static void
work_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) outer = data;
  OxDebugger *self = OX_DEBUGGER (source);
  Job *job = g_task_get_task_data (G_TASK (result));
  const gboolean cancelled = g_cancellable_is_cancelled (self->interrupt);

  if (job->chained != 0)
    g_cancellable_disconnect (job->outer, job->chained);
  self->running = FALSE;
  g_signal_emit_by_name (self, "rested");
  if (job->error != NULL)
    g_task_return_error (outer, g_steal_pointer (&job->error));
  else if (cancelled)
    g_task_return_new_error (outer, G_IO_ERROR, G_IO_ERROR_CANCELLED, "interrupted");
  else
    g_task_return_pointer (outer, g_steal_pointer (&job->value), (GDestroyNotify) ox_value_unref);
}

static void
start (OxDebugger *self, Job wanted, gpointer tag, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *outer = g_task_new (self, NULL, callback, data);
  g_autoptr (GTask) inner = NULL;
  Job *job;

  g_task_set_source_tag (outer, tag);
  if (self->running)
    {
      g_task_return_new_error (outer, G_IO_ERROR, G_IO_ERROR_BUSY, "the session is running");
      g_object_unref (outer);
      return;
    }
  self->running = TRUE;
  g_clear_object (&self->interrupt);
  self->interrupt = g_cancellable_new ();
  job = g_memdup2 (&wanted, sizeof wanted);
  if (cancellable != NULL)
    {
      job->outer = g_object_ref (cancellable);
      job->chained = g_cancellable_connect (cancellable, G_CALLBACK (chain), self->interrupt, NULL);
    }
  inner = g_task_new (self, NULL, work_done, outer);
  g_task_set_task_data (inner, job, job_free);
  g_signal_emit_by_name (self, "running");
  g_task_run_in_thread (inner, work_thread);
}

/* ---- watches ---------------------------------------------------------------------------------------------------- */

static OxValue *
look (OxDebugger *self, OxGraph *graph, int slot, GCancellable *cancellable, GError **error)
{
  ox_debugger_look (self, cancellable);
  return NULL;
}

void
ox_debugger_look_async (OxDebugger *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  start (self, (Job){ .work = look }, ox_debugger_look_async, cancellable, callback, data);
}

gboolean
ox_debugger_look_finish (OxDebugger *self, GAsyncResult *result, GError **error)
{
  GError *problem = NULL;

  g_task_propagate_pointer (G_TASK (result), &problem);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}

/* ---- what the reference has ------------------------------------------------------------------------------------- */

void
ox_debugger_reference_value_async (OxDebugger *self, OxGraph *graph, int slot, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer data)
{
  start (self, (Job){ .work = ox_debugger_reference_value, .graph = graph, .slot = slot }, ox_debugger_reference_value_async,
         cancellable, callback, data);
}

OxValue *
ox_debugger_reference_value_finish (OxDebugger *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
