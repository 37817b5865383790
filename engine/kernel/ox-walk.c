/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kernel/ox-walk.h"

#include <string.h>

#include "core/ox-parallel.h"

/* Elements between two looks at whether to stop. */
#define PAUSE ((gint64) 1 << 18)
/* Below this many elements a piece is not worth a thread. */
#define GRAIN 32768

typedef struct
{
  int nops, rank;
  gint64 dims[OX_MAX_RANK];
  gint64 strides[OX_WALK_MAX][OX_MAX_RANK];
  char *data[OX_WALK_MAX];
  OxLoop loop;
  const void *user;
  gint64 pause;         /* what a loop is given at most of the only axis */
} Walk;

/* Drops axes of length 1, orders the rest so that the smallest steps are innermost, and merges neighbours that all
 * operands step through as if they were one axis. */
static void
walk_init (Walk *walk, int nops, int rank, const gint64 *dims, const gint64 *const *strides)
{
  int order[OX_MAX_RANK], n = 0, merged = 0;

  for (int i = 0; i < rank; i++)
    if (dims[i] != 1)
      order[n++] = i;
  /* Insertion sort by the first operand in which two axes differ; stable, so row-major stays row-major. */
  for (int i = 1; i < n; i++)
    for (int j = i; j > 0; j--)
      {
        int a = order[j - 1], b = order[j];
        gboolean swap = FALSE;

        for (int k = 0; k < nops; k++)
          {
            gint64 x = ABS (strides[k][a]), y = ABS (strides[k][b]);

            if (x == y || x == 0 || y == 0)
              continue;
            swap = x < y;
            break;
          }
        if (!swap)
          break;
        order[j - 1] = b;
        order[j] = a;
      }
  for (int i = 0; i < n; i++)
    {
      gint64 length = dims[order[i]];
      gboolean joins = merged > 0;

      for (int k = 0; joins && k < nops; k++)
        joins = walk->strides[k][merged - 1] == strides[k][order[i]] * length;
      if (joins)
        walk->dims[merged - 1] *= length;
      else
        walk->dims[merged++] = length;
      for (int k = 0; k < nops; k++)
        walk->strides[k][merged - 1] = strides[k][order[i]];
    }
  if (merged == 0)
    {
      walk->dims[0] = 1;
      for (int k = 0; k < nops; k++)
        walk->strides[k][0] = 0;
      merged = 1;
    }
  walk->nops = nops;
  walk->rank = merged;
}

/* Rows begin..end of everything but the innermost axis. */
static void
walk_rows (gint64 begin, gint64 end, gpointer user)
{
  const Walk *walk = user;
  int nops = walk->nops, last = walk->rank - 1;
  const gint64 pause = MAX (PAUSE / walk->dims[last], 1);
  gint64 index[OX_MAX_RANK], step[OX_WALK_MAX], rest = begin;
  char *p[OX_WALK_MAX], *row[OX_WALK_MAX];

  for (int k = 0; k < nops; k++)
    {
      row[k] = walk->data[k];
      step[k] = walk->strides[k][last];
    }
  for (int i = last - 1; i >= 0; i--)
    {
      index[i] = rest % walk->dims[i];
      rest /= walk->dims[i];
      for (int k = 0; k < nops; k++)
        row[k] += index[i] * walk->strides[k][i];
    }
  for (gint64 r = begin; r < end; r++)
    {
      if ((r - begin) % pause == 0 && ox_parallel_stopped ())
        return;
      memcpy (p, row, sizeof p);
      walk->loop (p, step, walk->dims[last], walk->user);
      for (int i = last - 1; i >= 0; i--)
        {
          for (int k = 0; k < nops; k++)
            row[k] += walk->strides[k][i];
          if (++index[i] < walk->dims[i])
            break;
          index[i] = 0;
          for (int k = 0; k < nops; k++)
            row[k] -= walk->strides[k][i] * walk->dims[i];
        }
    }
}

/* Elements begin..end of the innermost axis, when it is the only one. */
static void
walk_line (gint64 begin, gint64 end, gpointer user)
{
  const Walk *walk = user;
  char *p[OX_WALK_MAX];
  gint64 step[OX_WALK_MAX];

  for (int k = 0; k < walk->nops; k++)
    {
      step[k] = walk->strides[k][0];
      p[k] = walk->data[k] + begin * step[k];
    }
  for (; begin < end && !ox_parallel_stopped (); begin += MIN (walk->pause, end - begin))
    {
      char *at[OX_WALK_MAX];

      /* Loops may move what they are given. */
      memcpy (at, p, sizeof at);
      walk->loop (at, step, MIN (walk->pause, end - begin), walk->user);
      for (int k = 0; k < walk->nops; k++)
        p[k] += MIN (walk->pause, end - begin) * step[k];
    }
}

void
ox_walk (int nops, int rank, const gint64 *dims, char *const *data, const gint64 *const *strides, gboolean parallel,
         OxLoop loop, const void *user)
{
  Walk walk;
  gint64 rows = 1;

  g_return_if_fail (nops <= OX_WALK_MAX && rank <= OX_MAX_RANK);
  for (int i = 0; i < rank; i++)
    if (dims[i] == 0)
      return;
  walk_init (&walk, nops, rank, dims, strides);
  for (int k = 0; k < OX_WALK_MAX; k++)
    walk.data[k] = k < nops ? data[k] : NULL;
  walk.loop = loop;
  walk.user = user;
  /* What is summed in one go stays so: it would round otherwise. */
  walk.pause = parallel ? PAUSE : G_MAXINT64;
  for (int i = 0; i < walk.rank - 1; i++)
    rows *= walk.dims[i];
  if (walk.rank == 1)
    {
      if (parallel)
        ox_parallel_ranges (walk.dims[0], GRAIN, walk_line, &walk);
      else
        walk_line (0, walk.dims[0], &walk);
    }
  else if (parallel)
    ox_parallel_ranges (rows, MAX (GRAIN / walk.dims[walk.rank - 1], 1), walk_rows, &walk);
  else
    walk_rows (0, rows, &walk);
}

gboolean
ox_broadcast_strides (const OxTensor *tensor, int rank, const gint64 *dims, gint64 *strides)
{
  int shift = rank - tensor->rank;

  if (shift < 0)
    return FALSE;
  for (int i = 0; i < rank; i++)
    {
      int j = i - shift;

      if (j < 0 || (tensor->dims[j] == 1 && dims[i] != 1))
        strides[i] = 0;
      else if (tensor->dims[j] == dims[i])
        strides[i] = tensor->strides[j];
      else
        return FALSE;
    }
  return TRUE;
}

void
ox_walk_tensors (OxTensor *out, int n_in, const OxTensor *const *in, OxLoop loop, const void *user)
{
  gint64 strides[OX_WALK_MAX][OX_MAX_RANK];
  const gint64 *lines[OX_WALK_MAX];
  char *data[OX_WALK_MAX];

  g_return_if_fail (n_in < OX_WALK_MAX);
  data[0] = (char *) out->data;
  lines[0] = out->strides;
  for (int k = 0; k < n_in; k++)
    {
      if (!ox_broadcast_strides (in[k], out->rank, out->dims, strides[k + 1]))
        {
          g_critical ("operand %d does not broadcast", k);
          return;
        }
      data[k + 1] = (char *) in[k]->data;
      lines[k + 1] = strides[k + 1];
    }
  ox_walk (n_in + 1, out->rank, out->dims, data, lines, TRUE, loop, user);
}

#define COPY_LOOP(bytes, T)                                                                                          \
  static void copy_##bytes (char **p, const gint64 *step, gint64 n, const void *user)                                \
  {                                                                                                                  \
    if (step[0] == bytes && step[1] == bytes)                                                                        \
      memcpy (p[0], p[1], (gsize) n * bytes);                                                                        \
    else                                                                                                             \
      for (gint64 i = 0; i < n; i++)                                                                                 \
        *(T *) (p[0] + i * step[0]) = *(const T *) (p[1] + i * step[1]);                                             \
  }

COPY_LOOP (1, guint8)
COPY_LOOP (2, guint16)
COPY_LOOP (4, guint32)
COPY_LOOP (8, guint64)
COPY_LOOP (16, OxComplex128)

#undef COPY_LOOP

static void
copy_strings (char **p, const gint64 *step, gint64 n, const void *user)
{
  for (gint64 i = 0; i < n; i++)
    {
      char **to = (char **) (p[0] + i * step[0]), *from = *(char **) (p[1] + i * step[1]);

      if (from != NULL)
        g_ref_string_acquire (from);
      if (*to != NULL)
        g_ref_string_release (*to);
      *to = from;
    }
}

void
ox_copy_strided (OxDtype dtype, int rank, const gint64 *dims, char *to, const gint64 *to_strides, const char *from,
                 const gint64 *from_strides)
{
  char *data[2] = { to, (char *) from };
  const gint64 *strides[2] = { to_strides, from_strides };
  OxLoop loop = copy_1;

  switch (ox_dtype_size (dtype))
    {
    case 2:
      loop = copy_2;
      break;
    case 4:
      loop = copy_4;
      break;
    case 8:
      loop = dtype == OX_STR ? copy_strings : copy_8;
      break;
    case 16:
      loop = copy_16;
      break;
    default:
      break;
    }
  ox_walk (2, rank, dims, data, strides, TRUE, loop, NULL);
}
