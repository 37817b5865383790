/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "layout/ox-piece.h"

#define ROW_GAP 30.0
#define BOX_GAP 22.0
#define SWEEPS 8
#define SMOOTH 20             /* rows on either side */
#define MOST_DUMMIES 200000   /* beyond, long arrows are drawn straight */

/* Boxes, then a dummy for every row that an arrow passes; arrows are cut into segments from row to row. */
typedef struct
{
  int     n, n_rows, n_segments;
  int    *row;                     /* [n] */
  double *w, *h, *x, *weight;      /* [n]; x is the centre */
  int    *start, *order;           /* [n_rows + 1], [n] */
  int    *from, *to;               /* [n_segments] */
  int    *up_start, *up;           /* neighbours above each box: CSR */
  int    *down_start, *down;
} Rows;

static void
rows_free (Rows *r)
{
  g_free (r->row);
  g_free (r->w);
  g_free (r->h);
  g_free (r->x);
  g_free (r->weight);
  g_free (r->start);
  g_free (r->order);
  g_free (r->from);
  g_free (r->to);
  g_free (r->up_start);
  g_free (r->up);
  g_free (r->down_start);
  g_free (r->down);
  g_free (r);
}

static void
neighbours (int n, int m, const int *of, const int *other, int **start, int **list)
{
  int *at;

  *start = g_new0 (int, n + 2);
  *list = g_new (int, m + 1);
  for (int e = 0; e < m; e++)
    (*start)[of[e] + 1]++;
  for (int i = 0; i < n; i++)
    (*start)[i + 1] += (*start)[i];
  at = g_memdup2 (*start, ((gsize) n + 1) * sizeof (int));
  for (int e = 0; e < m; e++)
    (*list)[at[of[e]]++] = other[e];
  g_free (at);
}

/* The pins are alone in their rows. */
static int *
find_rows (const OxPiece *piece, int *n_rows)
{
  int *row = ox_rank_boxes (piece->n, piece->m, piece->from, piece->to), last = 0;
  gboolean first = FALSE, shared = FALSE;

  if (piece->top >= 0)
    row[piece->top] = 0;
  for (int i = 0; i < piece->n; i++)
    first = first || (piece->top >= 0 && i != piece->top && row[i] == 0);
  for (int i = 0; i < piece->n; i++)
    {
      row[i] += first && i != piece->top;
      last = MAX (last, row[i]);
    }
  for (int i = 0; i < piece->n; i++)
    shared = shared || (i != piece->bottom && row[i] == last);
  if (piece->bottom >= 0)
    row[piece->bottom] = last = shared ? last + 1 : last;
  *n_rows = last + 1;
  return row;
}

static Rows *
rows_new (const OxPiece *piece)
{
  Rows *r = g_new0 (Rows, 1);
  int *row = find_rows (piece, &r->n_rows);
  gint64 dummies = 0;
  gboolean straight;
  int next = piece->n, s = 0;

  for (int e = 0; e < piece->m; e++)
    dummies += MAX (row[piece->to[e]] - row[piece->from[e]] - 1, 0);
  straight = dummies > MOST_DUMMIES;
  r->n = piece->n + (straight ? 0 : (int) dummies);
  r->n_segments = piece->m + (straight ? 0 : (int) dummies);
  r->row = g_new0 (int, r->n + 1);
  r->w = g_new0 (double, r->n + 1);
  r->h = g_new0 (double, r->n + 1);
  r->x = g_new0 (double, r->n + 1);
  r->weight = g_new0 (double, r->n + 1);
  r->from = g_new (int, r->n_segments + 1);
  r->to = g_new (int, r->n_segments + 1);
  memcpy (r->row, row, (gsize) piece->n * sizeof (int));
  g_free (row);
  for (int i = 0; i < piece->n; i++)
    {
      r->w[i] = (double) piece->w[i];
      r->h[i] = (double) piece->h[i];
    }
  for (int e = 0; e < piece->m; e++)
    {
      int at = piece->from[e];

      for (int y = r->row[at] + 1; !straight && y < r->row[piece->to[e]]; y++)
        {
          r->row[next] = y;
          r->w[next] = 4;
          r->from[s] = at;
          r->to[s++] = next;
          at = next++;
        }
      r->from[s] = at;
      r->to[s++] = piece->to[e];
    }
  neighbours (r->n, r->n_segments, r->to, r->from, &r->up_start, &r->up);
  neighbours (r->n, r->n_segments, r->from, r->to, &r->down_start, &r->down);
  r->start = g_new0 (int, r->n_rows + 2);
  r->order = g_new (int, r->n + 1);
  for (int i = 0; i < r->n; i++)
    r->start[r->row[i] + 1]++;
  for (int y = 0; y < r->n_rows; y++)
    r->start[y + 1] += r->start[y];
  {
    g_autofree int *at = g_memdup2 (r->start, ((gsize) r->n_rows + 1) * sizeof (int));

    for (int i = 0; i < r->n; i++)
      r->order[at[r->row[i]]++] = i;
  }
  return r;
}

/* ---- order and coordinates ------------------------------------------------------------------------------------ */

static double
barycentre (const Rows *r, int i, const int *start, const int *list)
{
  double sum = 0;

  if (start[i] == start[i + 1])
    return r->x[i];
  for (int k = start[i]; k < start[i + 1]; k++)
    sum += r->x[list[k]];
  return sum / (start[i + 1] - start[i]);
}

static int
by_weight (gconstpointer a, gconstpointer b, gpointer data)
{
  const Rows *r = data;
  int x = *(const int *) a, y = *(const int *) b;

  return r->weight[x] < r->weight[y] ? -1 : r->weight[x] > r->weight[y] ? 1 : x - y;
}

static double
distance (const Rows *r, int left, int right)
{
  return (r->w[left] + r->w[right]) / 2 + BOX_GAP;
}

/* The places nearest to the wishes in weight[] that keep order and distance: pools of neighbours that would collide share
 * the mean of what they wish. */
static void
place_row (Rows *r, int row, double *pool, int *size)
{
  int first = r->start[row], n = r->start[row + 1] - first, pools = 0;
  double offset = 0;

  for (int k = 0; k < n; k++)
    {
      int i = r->order[first + k];

      if (k > 0)
        offset += distance (r, r->order[first + k - 1], i);
      pool[pools] = r->weight[i] - offset;
      size[pools++] = 1;
      while (pools > 1 && pool[pools - 2] > pool[pools - 1])
        {
          pool[pools - 2] = (pool[pools - 2] * size[pools - 2] + pool[pools - 1] * size[pools - 1])
                            / (size[pools - 2] + size[pools - 1]);
          size[pools - 2] += size[pools - 1];
          pools--;
        }
    }
  offset = 0;
  for (int p = 0, k = 0; p < pools; p++)
    for (int left = size[p]; left > 0; left--, k++)
      {
        if (k > 0)
          offset += distance (r, r->order[first + k - 1], r->order[first + k]);
        r->x[r->order[first + k]] = pool[p] + offset;
      }
}

static void
arrange (Rows *r)
{
  g_autofree double *pool = g_new (double, r->n + 1);
  g_autofree int *size = g_new (int, r->n + 1);

  for (int y = 0; y < r->n_rows; y++)
    place_row (r, y, pool, size);
  for (int sweep = 0; sweep < SWEEPS; sweep++)
    {
      gboolean down = sweep % 2 == 0, sorting = sweep < SWEEPS - 2;

      for (int k = 0; k < r->n_rows; k++)
        {
          int y = down ? k : r->n_rows - 1 - k;

          for (int i = r->start[y]; i < r->start[y + 1]; i++)
            r->weight[r->order[i]] = barycentre (r, r->order[i], down ? r->up_start : r->down_start, down ? r->up : r->down);
          if (sorting)
            g_qsort_with_data (r->order + r->start[y], r->start[y + 1] - r->start[y], sizeof (int), by_weight, r);
          place_row (r, y, pool, size);
        }
    }
}

/* Thousands of rows that each lean a little to the same side would make a picture as wide as high: rows are moved back so
 * that the way of their middles, smoothed, is upright. */
static void
stand_up (Rows *r)
{
  g_autofree double *sum = g_new0 (double, r->n_rows + 1), *middle = g_new0 (double, r->n_rows + 1);
  double left = G_MAXDOUBLE, right = -G_MAXDOUBLE, widest = 0;

  for (int y = 0; y < r->n_rows; y++)
    {
      double from = G_MAXDOUBLE, to = -G_MAXDOUBLE;

      for (int k = r->start[y]; k < r->start[y + 1]; k++)
        {
          from = MIN (from, r->x[r->order[k]] - r->w[r->order[k]] / 2);
          to = MAX (to, r->x[r->order[k]] + r->w[r->order[k]] / 2);
        }
      if (r->start[y] == r->start[y + 1])
        from = to = y > 0 ? middle[y - 1] : 0;
      left = MIN (left, from);
      right = MAX (right, to);
      widest = MAX (widest, to - from);
      middle[y] = (from + to) / 2;
      sum[y + 1] = sum[y] + middle[y];
    }
  if (right - left < 2 * widest + 500)
    return;
  for (int y = 0; y < r->n_rows; y++)
    {
      int from = MAX (y - SMOOTH, 0), to = MIN (y + SMOOTH + 1, r->n_rows);
      double back = (sum[to] - sum[from]) / (to - from);

      for (int k = r->start[y]; k < r->start[y + 1]; k++)
        r->x[r->order[k]] -= back;
    }
}

/* ---- the result ----------------------------------------------------------------------------------------------- */

static void
add_curve (GArray *points, OxPoint a, OxPoint b)
{
  double bend = (b.y - a.y) / 2;
  OxPoint three[3] = { { a.x, a.y + bend }, { b.x, b.y - bend }, b };

  if (points->len == 0 || g_array_index (points, OxPoint, points->len - 1).x != a.x
      || g_array_index (points, OxPoint, points->len - 1).y != a.y)
    g_array_append_val (points, a);
  g_array_append_vals (points, three, 3);
}

OxPieceLayout *
ox_layered_layout (const OxPiece *piece)
{
  Rows *r = rows_new (piece);
  OxPieceLayout *layout = g_new0 (OxPieceLayout, 1);
  g_autofree double *y = g_new0 (double, r->n_rows + 1), *tall = g_new0 (double, r->n_rows + 1);
  double left = G_MAXDOUBLE, right = -G_MAXDOUBLE;
  GArray *points = g_array_new (FALSE, FALSE, sizeof (OxPoint));
  int s = 0;

  arrange (r);
  stand_up (r);
  for (int i = 0; i < r->n; i++)
    {
      tall[r->row[i]] = MAX (tall[r->row[i]], r->h[i]);
      left = MIN (left, r->x[i] - r->w[i] / 2);
      right = MAX (right, r->x[i] + r->w[i] / 2);
    }
  for (int k = 0; k < r->n_rows; k++)
    y[k + 1] = y[k] + tall[k] + ROW_GAP;
  layout->fallback = TRUE;
  layout->width = right - left;
  layout->height = MAX (y[r->n_rows] - ROW_GAP, 0);
  layout->centres = g_new (OxPoint, piece->n);
  layout->first = g_new0 (int, piece->m + 1);
  for (int i = 0; i < r->n; i++)
    r->x[i] -= left;
  for (int i = 0; i < piece->n; i++)
    layout->centres[i] = (OxPoint) { r->x[i], y[r->row[i]] + tall[r->row[i]] / 2 };
  for (int e = 0; e < piece->m; e++)
    {
      int at = piece->from[e];
      OxPoint p = { r->x[at], layout->centres[at].y + r->h[at] / 2 };
      guint before = points->len;

      for (;; s++)
        {
          int next = r->to[s];
          gboolean end = next < piece->n;
          OxPoint q = { r->x[next], end ? layout->centres[next].y - r->h[next] / 2
                                        : y[r->row[next]] + tall[r->row[next]] / 2 };

          if (points->len == before)
            g_array_append_val (points, p);
          add_curve (points, p, q);
          p = q;
          if (end)
            break;
        }
      s++;
      layout->first[e + 1] = (int) points->len;
    }
  layout->points = (OxPoint *) (void *) g_array_free (points, FALSE);
  rows_free (r);
  return layout;
}
