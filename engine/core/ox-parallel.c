/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-parallel.h"

#define MAX_RANGES 64
/* Pieces of a range, between which it is looked at whether to stop. */
#define MAX_PIECES 64

typedef struct
{
  OxRangeFunc func;
  gpointer data;
  gint64 n, size, piece;
  gint next;      /* the range to take next */
  gint ranges;
  gint open;      /* ranges not done yet */
  GMutex lock;
  GCond done;
  gint refs;
  GCancellable *stop;
} Batch;

static int wanted_threads;
static GPrivate inside, stopping;

void
ox_parallel_set_stop (GCancellable *stop)
{
  g_private_set (&stopping, stop);
}

GCancellable *
ox_parallel_get_stop (void)
{
  return g_private_get (&stopping);
}

gboolean
ox_parallel_stopped (void)
{
  return g_cancellable_is_cancelled (g_private_get (&stopping));
}

gboolean
ox_parallel_check (GError **error)
{
  return !g_cancellable_set_error_if_cancelled (g_private_get (&stopping), error);
}

static void
run_range (gint64 begin, gint64 end, gint64 piece, OxRangeFunc func, gpointer data)
{
  for (; begin < end && !ox_parallel_stopped (); begin += piece)
    func (begin, MIN (begin + piece, end), data);
}

static void
batch_unref (Batch *batch)
{
  if (!g_atomic_int_dec_and_test (&batch->refs))
    return;
  g_mutex_clear (&batch->lock);
  g_cond_clear (&batch->done);
  g_free (batch);
}

static void
batch_work (Batch *batch)
{
  gint i;

  while ((i = g_atomic_int_add (&batch->next, 1)) < batch->ranges)
    {
      gint64 begin = i * batch->size;

      run_range (begin, MIN (begin + batch->size, batch->n), batch->piece, batch->func, batch->data);
      g_mutex_lock (&batch->lock);
      if (--batch->open == 0)
        g_cond_signal (&batch->done);
      g_mutex_unlock (&batch->lock);
    }
}

static void
worker (gpointer item, gpointer unused)
{
  Batch *batch = item;

  /* Only looked at while there are ranges, so while the caller waits. */
  g_private_set (&inside, GINT_TO_POINTER (1));
  g_private_set (&stopping, batch->stop);
  batch_work (batch);
  g_private_set (&stopping, NULL);
  batch_unref (item);
}

static GThreadPool *
pool (void)
{
  static gsize once;
  static GThreadPool *threads;

  if (g_once_init_enter (&once))
    {
      threads = g_thread_pool_new (worker, NULL, -1, FALSE, NULL);
      g_once_init_leave (&once, 1);
    }
  return threads;
}

void
ox_set_threads (int threads)
{
  g_atomic_int_set (&wanted_threads, MAX (threads, 0));
}

int
ox_get_threads (void)
{
  static gint processors;
  int threads = g_atomic_int_get (&wanted_threads);

  if (threads > 0)
    return threads;
  /* Asking opens files, which takes longer than a small kernel. */
  if (g_atomic_int_get (&processors) == 0)
    g_atomic_int_set (&processors, (gint) g_get_num_processors ());
  return g_atomic_int_get (&processors);
}

static void
parallel (gint64 n, gint64 grain, gint64 pieces, OxRangeFunc func, gpointer data)
{
  int threads = ox_get_threads ();
  gint64 ranges, size, piece;
  Batch *batch;

  if (n <= 0)
    return;
  grain = MAX (grain, 1);
  ranges = CLAMP ((n + grain - 1) / grain, 1, MAX_RANGES);
  size = (n + ranges - 1) / ranges;
  ranges = (n + size - 1) / size;
  piece = MAX ((size + pieces - 1) / pieces, MIN (grain, size));
  if (ranges == 1 || threads == 1 || g_private_get (&inside) != NULL)
    {
      /* The same ranges, one after the other. */
      for (gint64 begin = 0; begin < n; begin += size)
        run_range (begin, MIN (begin + size, n), piece, func, data);
      return;
    }

  batch = g_new0 (Batch, 1);
  batch->func = func;
  batch->data = data;
  batch->n = n;
  batch->stop = g_private_get (&stopping);
  batch->size = size;
  batch->piece = piece;
  batch->ranges = batch->open = (gint) ranges;
  g_mutex_init (&batch->lock);
  g_cond_init (&batch->done);
  batch->refs = 1;
  for (int i = 1; i < MIN (threads, ranges); i++)
    {
      g_atomic_int_inc (&batch->refs);
      g_thread_pool_push (pool (), batch, NULL);
    }
  batch_work (batch);
  g_mutex_lock (&batch->lock);
  while (batch->open > 0)
    g_cond_wait (&batch->done, &batch->lock);
  g_mutex_unlock (&batch->lock);
  batch_unref (batch);
}

void
ox_parallel_for (gint64 n, gint64 grain, OxRangeFunc func, gpointer data)
{
  parallel (n, grain, MAX_PIECES, func, data);
}

void
ox_parallel_ranges (gint64 n, gint64 grain, OxRangeFunc func, gpointer data)
{
  parallel (n, grain, 1, func, data);
}
