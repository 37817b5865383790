/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "layout/ox-layout-private.h"

#define CELL 512.0
#define COARSER 8
#define LEVELS 8
#define MOST_CELLS 4000000   /* of the finest level */
#define COVERS 24            /* cells that a thing may cover before it goes to a coarser level */

typedef struct
{
  int    columns, rows;
  double cell;
  int   *start;     /* [columns * rows + 1] */
  int   *things;    /* boxes are 0.., paths follow, then chips */
} Level;

/* Which things touch which cell. A long arrow is in a coarse level, so that it takes a few entries and not thousands. */
typedef struct _OxLayoutGrid
{
  int   n_levels;
  Level levels[LEVELS];
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

typedef struct
{
  int x0, y0, x1, y1;
} Cells;

static Cells
cells_of (const Level *level, const OxRect *rect)
{
  return (Cells) { (int) CLAMP (floor (rect->x / level->cell), 0, level->columns - 1),
                   (int) CLAMP (floor (rect->y / level->cell), 0, level->rows - 1),
                   (int) CLAMP (floor ((rect->x + rect->w) / level->cell), 0, level->columns - 1),
                   (int) CLAMP (floor ((rect->y + rect->h) / level->cell), 0, level->rows - 1) };
}

static int
level_of (const Grid *grid, const OxRect *rect)
{
  int l = 0;

  for (; l < grid->n_levels - 1; l++)
    {
      Cells c = cells_of (&grid->levels[l], rect);

      if (((gint64) c.x1 - c.x0 + 1) * ((gint64) c.y1 - c.y0 + 1) <= COVERS)
        break;
    }
  return l;
}

static void
fill_level (Grid *grid, int l, const OxLayout *layout, const guint8 *levels, int n_things)
{
  Level *level = &grid->levels[l];
  int n_cells = level->columns * level->rows, *at = NULL;

  level->start = g_new0 (int, n_cells + 2);
  for (int pass = 0; pass < 2; pass++)
    {
      for (int i = 0; i < n_things; i++)
        {
          Cells c;

          if (levels[i] != l)
            continue;
          c = cells_of (level, thing_rect (layout, i));
          for (int y = c.y0; y <= c.y1; y++)
            for (int x = c.x0; x <= c.x1; x++)
              if (pass == 0)
                level->start[y * level->columns + x + 1]++;
              else
                level->things[at[y * level->columns + x]++] = i;
        }
      if (pass == 0)
        {
          for (int k = 0; k < n_cells; k++)
            level->start[k + 1] += level->start[k];
          level->things = g_new (int, level->start[n_cells] + 1);
          at = g_memdup2 (level->start, ((gsize) n_cells + 1) * sizeof (int));
        }
    }
  g_free (at);
}

Grid *
ox_layout_grid_new (const OxLayout *layout)
{
  Grid *grid = g_new0 (Grid, 1);
  int n_things = layout->n_boxes + layout->n_paths + layout->n_chips;
  g_autofree guint8 *levels = g_new (guint8, n_things + 1);
  double cell = CELL;

  while (ceil (layout->width / cell + 1) * ceil (layout->height / cell + 1) > MOST_CELLS)
    cell *= 2;
  do
    {
      Level *level = &grid->levels[grid->n_levels++];

      level->cell = cell;
      level->columns = (int) (layout->width / cell) + 1;
      level->rows = (int) (layout->height / cell) + 1;
      cell *= COARSER;
    }
  while (grid->n_levels < LEVELS && (grid->levels[grid->n_levels - 1].columns > 1 || grid->levels[grid->n_levels - 1].rows > 1));
  for (int i = 0; i < n_things; i++)
    levels[i] = thing_rect (layout, i) != NULL ? (guint8) level_of (grid, thing_rect (layout, i)) : LEVELS;
  for (int l = 0; l < grid->n_levels; l++)
    fill_level (grid, l, layout, levels, n_things);
  return grid;
}

void
ox_layout_grid_free (Grid *grid)
{
  for (int l = 0; l < grid->n_levels; l++)
    {
      g_free (grid->levels[l].start);
      g_free (grid->levels[l].things);
    }
  g_free (grid);
}

static gboolean
touch (const OxRect *a, const OxRect *b)
{
  return a->x <= b->x + b->w && b->x <= a->x + a->w && a->y <= b->y + b->h && b->y <= a->y + a->h;
}

typedef struct
{
  const OxLayout *layout;
  OxRect  area;
  GArray *boxes, *paths, *chips;   /* of a search for what is visible */
  double  x, y, nearest;           /* of a hit test */
  OxHit   hit;
} Search;

/* Everything that touches the area, once: of the cells that a thing shares with the area, only the first one counts. */
static void
search (Search *s, void (*found) (Search *s, int thing))
{
  const Grid *grid = s->layout->grid;

  for (int l = 0; l < grid->n_levels; l++)
    {
      const Level *level = &grid->levels[l];
      Cells c = cells_of (level, &s->area);

      for (int y = c.y0; y <= c.y1; y++)
        for (int x = c.x0; x <= c.x1; x++)
          for (int k = level->start[y * level->columns + x]; k < level->start[y * level->columns + x + 1]; k++)
            {
              const OxRect *rect = thing_rect (s->layout, level->things[k]);
              Cells own = cells_of (level, rect);

              if (x == MAX (c.x0, own.x0) && y == MAX (c.y0, own.y0) && touch (rect, &s->area))
                found (s, level->things[k]);
            }
    }
}

static void
note_visible (Search *s, int thing)
{
  GArray *list = s->boxes;

  if (thing >= s->layout->n_boxes)
    {
      thing -= s->layout->n_boxes;
      list = s->paths;
      if (thing >= s->layout->n_paths)
        {
          thing -= s->layout->n_paths;
          list = s->chips;
        }
    }
  if (list != NULL)
    g_array_append_val (list, thing);
}

void
ox_layout_visible (const OxLayout *layout, const OxRect *area, GArray *boxes, GArray *paths, GArray *chips)
{
  Search s = { .layout = layout, .area = *area, .boxes = boxes, .paths = paths, .chips = chips };

  search (&s, note_visible);
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

static void
note_hit (Search *s, int thing)
{
  const OxLayout *layout = s->layout;
  const OxRect *rect = thing_rect (layout, thing);
  int path = thing - layout->n_boxes;

  if (path < 0 || path >= layout->n_paths)
    {
      if (s->x >= rect->x && s->x <= rect->x + rect->w && s->y >= rect->y && s->y <= rect->y + rect->h)
        s->hit = path < 0 ? (OxHit) { OX_HIT_BOX, thing } : (OxHit) { OX_HIT_CHIP, path - layout->n_paths };
    }
  else if (path < layout->n_arrows && (s->hit.kind == OX_HIT_NOTHING || s->hit.kind == OX_HIT_ARROW))
    {
      double d = distance_to_path (layout, &layout->paths[path], s->x, s->y);

      if (d <= s->nearest)
        {
          s->nearest = d;
          s->hit = (OxHit) { OX_HIT_ARROW, path };
        }
    }
}

OxHit
ox_layout_hit (const OxLayout *layout, double x, double y, double tolerance)
{
  Search s = { .layout = layout, .area = { x - tolerance, y - tolerance, 2 * tolerance, 2 * tolerance }, .x = x, .y = y,
               .nearest = tolerance, .hit = { OX_HIT_NOTHING, -1 } };

  search (&s, note_hit);
  return s.hit;
}
