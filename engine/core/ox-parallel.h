/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Does the items from @begin up to, not including, @end. */
typedef void (*OxRangeFunc) (gint64 begin, gint64 end, gpointer data);

/* Splits 0..@n into ranges of at least @grain items and runs them on the pool's threads and the calling
 * one; returns when all are done, or when it was told to stop (below), which it looks at between ranges. The split depends
 * on @n and @grain only, never on the number of threads, so that sums over ranges are the same on every machine. */
void ox_parallel_for     (gint64 n, gint64 grain, OxRangeFunc func, gpointer data);
/* The same in few ranges, for a @func that prepares much for each and looks whether to stop by itself. */
void ox_parallel_ranges  (gint64 n, gint64 grain, OxRangeFunc func, gpointer data);

/* What stops the calling thread's work, and what it gives to the pool; NULL: nothing. Loops that can leave what they make
 * unfinished, because whoever set it throws that away, look at ox_parallel_stopped() now and then. */
void          ox_parallel_set_stop (GCancellable *stop);
GCancellable *ox_parallel_get_stop (void);
gboolean      ox_parallel_stopped  (void);
/* The same as an error, G_IO_ERROR_CANCELLED, and FALSE: for who would go on with what was left unfinished. */
gboolean      ox_parallel_check    (GError **error);

/* For the condition of a plain loop over elements: looks at every 65536th @i, so that a short one is always done whole. */
static inline gboolean
ox_pause (gint64 i)
{
  return (i & 0xffff) == 0xffff && ox_parallel_stopped ();
}

/* How many threads work, the caller's included; 0 means one a core. */
void ox_set_threads      (int threads);
int  ox_get_threads      (void);

/* The same for loops around others, or of longer steps: at every 64th call. */
static inline gboolean
ox_turn (void)
{
  static _Thread_local guint turns;

  if ((++turns & 63) != 0 || !ox_parallel_stopped ())
    return FALSE;
  /* The loops around look at once, too. */
  turns--;
  return TRUE;
}

G_END_DECLS
