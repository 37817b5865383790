/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "layout/ox-layout-private.h"

#define CELL 512.0
#define MOST_CELLS 4000000

/* Which things touch which cell: boxes are 0.., paths follow, then chips. */
typedef struct _OxLayoutGrid
{
  int      columns, rows;
  double   cell;
  int     *start;     /* [columns * rows + 1] */
  int     *things;
  guint32 *seen;      /* [things]: the number of the search that saw it */
  guint32  search;
  int      n_things;
} Grid;

OxLayout *
ox_layout_ref (OxLayout *layout)
{
  g_atomic_ref_count_inc (&layout->refs);
  return layout;
}

void
ox_layout_unref (OxLayout *layout)
{
  if (!g_atomic_ref_count_dec (&layout->refs))
    return;
  ox_layout_grid_free (layout->grid);
  g_free (layout->boxes);
  g_free (layout->paths);
  g_free (layout->points);
  g_free (layout->chips);
  g_free (layout);
}

static const OxRect *
thing_rect (const OxLayout *layout, int thing)
{
  if (thing < layout->n_boxes)
    return &layout->boxes[thing];
  thing -= layout->n_boxes;
  if (thing < layout->n_paths)
    return layout->paths[thing].n_points > 0 ? &layout->paths[thing].bounds : NULL;
  return &layout->chips[thing - layout->n_paths].rect;
}

static void
cells_of (const Grid *grid, const OxRect *rect, int *x0, int *y0, int *x1, int *y1)
{
  *x0 = (int) CLAMP (floor (rect->x / grid->cell), 0, grid->columns - 1);
  *y0 = (int) CLAMP (floor (rect->y / grid->cell), 0, grid->rows - 1);
  *x1 = (int) CLAMP (floor ((rect->x + rect->w) / grid->cell), 0, grid->columns - 1);
  *y1 = (int) CLAMP (floor ((rect->y + rect->h) / grid->cell), 0, grid->rows - 1);
}

Grid *
ox_layout_grid_new (const OxLayout *layout)
{
  Grid *grid = g_new0 (Grid, 1);
  int *at, x0, y0, x1, y1;

  grid->cell = CELL;
  while (ceil (layout->width / grid->cell + 1) * ceil (layout->height / grid->cell + 1) > MOST_CELLS)
    grid->cell *= 2;
  grid->columns = (int) (layout->width / grid->cell) + 1;
  grid->rows = (int) (layout->height / grid->cell) + 1;
  grid->n_things = layout->n_boxes + layout->n_paths + layout->n_chips;
  grid->start = g_new0 (int, (gsize) grid->columns * (gsize) grid->rows + 2);
  grid->seen = g_new0 (guint32, grid->n_things + 1);
  for (int pass = 0; pass < 2; pass++)
    {
      at = pass == 1 ? g_memdup2 (grid->start, ((gsize) grid->columns * (gsize) grid->rows + 1) * sizeof (int)) : NULL;
      for (int i = 0; i < grid->n_things; i++)
        {
          const OxRect *rect = thing_rect (layout, i);

          if (rect == NULL)
            continue;
          cells_of (grid, rect, &x0, &y0, &x1, &y1);
          for (int y = y0; y <= y1; y++)
            for (int x = x0; x <= x1; x++)
              if (pass == 0)
                grid->start[y * grid->columns + x + 1]++;
              else
                grid->things[at[y * grid->columns + x]++] = i;
        }
      if (pass == 0)
        {
          for (int k = 0; k < grid->columns * grid->rows; k++)
            grid->start[k + 1] += grid->start[k];
          grid->things = g_new (int, grid->start[grid->columns * grid->rows] + 1);
        }
      g_free (at);
    }
  return grid;
}

void
ox_layout_grid_free (Grid *grid)
{
  g_free (grid->start);
  g_free (grid->things);
  g_free (grid->seen);
  g_free (grid);
}

static gboolean
touch (const OxRect *a, const OxRect *b)
{
  return a->x <= b->x + b->w && b->x <= a->x + a->w && a->y <= b->y + b->h && b->y <= a->y + a->h;
}

void
ox_layout_visible (OxLayout *layout, const OxRect *area, GArray *boxes, GArray *paths, GArray *chips)
{
  Grid *grid = layout->grid;
  int x0, y0, x1, y1;

  grid->search++;
  cells_of (grid, area, &x0, &y0, &x1, &y1);
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++)
      for (int k = grid->start[y * grid->columns + x]; k < grid->start[y * grid->columns + x + 1]; k++)
        {
          int thing = grid->things[k];

          if (grid->seen[thing] == grid->search || !touch (thing_rect (layout, thing), area))
            continue;
          grid->seen[thing] = grid->search;
          if (thing < layout->n_boxes)
            {
              if (boxes != NULL)
                g_array_append_val (boxes, thing);
              continue;
            }
          thing -= layout->n_boxes;
          if (thing < layout->n_paths)
            {
              if (paths != NULL)
                g_array_append_val (paths, thing);
              continue;
            }
          thing -= layout->n_paths;
          if (chips != NULL)
            g_array_append_val (chips, thing);
        }
}

static OxPoint
on_curve (const OxPoint *p, double t)
{
  double s = 1 - t, a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;

  return (OxPoint) { a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x, a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y };
}

static double
distance_to_segment (OxPoint a, OxPoint b, double x, double y)
{
  double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  double t = length > 0 ? CLAMP (((x - a.x) * dx + (y - a.y) * dy) / length, 0, 1) : 0;

  return hypot (x - a.x - t * dx, y - a.y - t * dy);
}

static double
distance_to_path (const OxLayout *layout, const OxLayoutPath *path, double x, double y)
{
  double nearest = G_MAXDOUBLE;

  for (int k = path->first; k + 3 < path->first + path->n_points; k += 3)
    {
      OxPoint last = layout->points[k];

      for (int i = 1; i <= 8; i++)
        {
          OxPoint next = on_curve (&layout->points[k], i / 8.0);

          nearest = MIN (nearest, distance_to_segment (last, next, x, y));
          last = next;
        }
    }
  return nearest;
}

OxHit
ox_layout_hit (const OxLayout *layout, double x, double y, double tolerance)
{
  const Grid *grid = layout->grid;
  OxRect area = { x - tolerance, y - tolerance, 2 * tolerance, 2 * tolerance };
  double nearest = tolerance;
  OxHit hit = { OX_HIT_NOTHING, -1 };
  int x0, y0, x1, y1;

  cells_of (grid, &area, &x0, &y0, &x1, &y1);
  for (int cy = y0; cy <= y1; cy++)
    for (int cx = x0; cx <= x1; cx++)
      for (int k = grid->start[cy * grid->columns + cx]; k < grid->start[cy * grid->columns + cx + 1]; k++)
        {
          int thing = grid->things[k];
          const OxRect *rect = thing_rect (layout, thing);
          gboolean is_path = thing >= layout->n_boxes && thing < layout->n_boxes + layout->n_paths;

          if (!is_path && x >= rect->x && x <= rect->x + rect->w && y >= rect->y && y <= rect->y + rect->h)
            return (OxHit) { thing < layout->n_boxes ? OX_HIT_BOX : OX_HIT_CHIP,
                             thing < layout->n_boxes ? thing : thing - layout->n_boxes - layout->n_paths };
          if (is_path && thing - layout->n_boxes < layout->n_arrows && touch (rect, &area))
            {
              double d = distance_to_path (layout, &layout->paths[thing - layout->n_boxes], x, y);

              if (d <= nearest)
                {
                  nearest = d;
                  hit = (OxHit) { OX_HIT_ARROW, thing - layout->n_boxes };
                }
            }
        }
  return hit;
}
