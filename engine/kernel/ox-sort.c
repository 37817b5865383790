/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kernel/ox-sort.h"

#include <string.h>

#include "core/ox-parallel.h"

/* Items that are put in order by insertion. */
#define RUN 8
/* Comparisons between two looks at whether to stop: one may walk a whole slice. */
#define PAUSE 128

typedef struct
{
  gsize size;
  GCompareDataFunc compare;
  gpointer data;
  guint turn;
} Sorting;

static gboolean
is_after (Sorting *s, const guint8 *a, const guint8 *b)
{
  return s->compare (a, b, s->data) > 0;
}

static gboolean
stopped (Sorting *s)
{
  return ++s->turn % PAUSE == 0 && ox_parallel_stopped ();
}

static inline void
put (guint8 *to, const guint8 *from, gsize size)
{
  if (size == 8)
    memcpy (to, from, 8);
  else if (size == 16)
    memcpy (to, from, 16);
  else
    memcpy (to, from, size);
}

/* [0, n) in order; @spare holds one item. */
static void
insert_run (Sorting *s, guint8 *items, gint64 n, guint8 *spare)
{
  gsize size = s->size;

  for (gint64 i = 1; i < n; i++)
    {
      gint64 at = i;

      while (at > 0 && is_after (s, items + (gsize) (at - 1) * size, items + (gsize) i * size))
        at--;
      if (at == i)
        continue;
      put (spare, items + (gsize) i * size, size);
      memmove (items + (gsize) (at + 1) * size, items + (gsize) at * size, (gsize) (i - at) * size);
      put (items + (gsize) at * size, spare, size);
    }
}

/* @to becomes the two neighbours [first, middle) and [middle, end) of @from together. */
static gboolean
merge (Sorting *s, guint8 *to, const guint8 *from, gint64 first, gint64 middle, gint64 end)
{
  gsize size = s->size;
  const guint8 *a = from + (gsize) first * size, *a_end = from + (gsize) middle * size;
  const guint8 *b = a_end, *b_end = from + (gsize) end * size;

  to += (gsize) first * size;
  while (a < a_end && b < b_end)
    {
      gboolean second = is_after (s, a, b);

      if (stopped (s))
        return FALSE;
      put (to, second ? b : a, size);
      a += second ? 0 : size;
      b += second ? size : 0;
      to += size;
    }
  memcpy (to, a, (gsize) (a_end - a));
  memcpy (to + (a_end - a), b, (gsize) (b_end - b));
  return TRUE;
}

gboolean
ox_sort (gpointer items, gpointer room, gint64 n, gsize size, GCompareDataFunc compare, gpointer data)
{
  Sorting s = { size, compare, data, 0 };
  guint8 *from = items, *to = room;

  for (gint64 first = 0; first < n; first += RUN)
    {
      if (stopped (&s))
        return FALSE;
      insert_run (&s, from + (gsize) first * size, MIN (RUN, n - first), to);
    }
  for (gint64 length = RUN; length < n; length *= 2)
    {
      guint8 *swap = from;

      for (gint64 first = 0; first < n; first += 2 * length)
        if (!merge (&s, to, from, first, MIN (first + length, n), MIN (first + 2 * length, n)))
          return FALSE;
      from = to;
      to = swap;
    }
  if (from != items)
    memcpy (items, from, (gsize) n * size);
  return TRUE;
}
