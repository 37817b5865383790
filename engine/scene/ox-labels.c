/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "scene/ox-card.h"

/* Where shapes are written. A tensor's shape is written once, beside one of its arrows, where it covers neither a card nor
 * a line nor another shape; not at all where there is no such place. */

#define GAP 3.0
#define HEIGHT 12.0
#define UNKNOWN 60.0    /* what a shape takes that is not known before the model runs */
#define DIMENSION 17.0  /* and one dimension of it */
#define MOST_WIDE 190.0 /* a longer one says little; the inspector has it */
#define MOST_TRIES 4    /* arrows of one tensor */
#define CELL_W 256
#define CELL_H 64
#define STEPS 6         /* of a curve, to find out where it passes */

typedef struct
{
  OxScene    *scene;
  OxRuler    *ruler;
  GHashTable *cells;    /* cell -> GArray of OxRect: what is written there */
  GArray     *boxes, *paths, *chips;
} Writer;

static gint64 *
cell_key (double x, double y)
{
  gint64 *key = g_new (gint64, 1);

  *key = (gint64) floor (y / CELL_H) * (1 << 24) + (gint64) floor (x / CELL_W);
  return key;
}

static gboolean
meet (const OxRect *a, const OxRect *b)
{
  return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/* Point @k of @n on the way along a path. */
static OxPoint
point_at (const OxPoint *p, int n_points, int k)
{
  int last = (n_points - 1) / 3 * STEPS, segment = MIN (k, last - 1) / STEPS;
  double t = (double) (k - segment * STEPS) / STEPS, s = 1 - t;

  p += 3 * segment;
  return (OxPoint) { s * s * s * p[0].x + 3 * s * s * t * p[1].x + 3 * s * t * t * p[2].x + t * t * t * p[3].x,
                     s * s * s * p[0].y + 3 * s * s * t * p[1].y + 3 * s * t * t * p[2].y + t * t * t * p[3].y };
}

/* The part of a path that lies between two heights: how far it goes left and right. FALSE if it does not get there. */
static gboolean
reach (const OxLayout *layout, int path, double top, double bottom, double *left, double *right)
{
  int n_points = layout->paths[path].n_points, n = (n_points - 1) / 3 * STEPS;
  const OxPoint *p = &layout->points[layout->paths[path].first];
  OxPoint before = p[0];

  *left = G_MAXDOUBLE;
  *right = -G_MAXDOUBLE;
  for (int k = 1; k <= n; k++)
    {
      OxPoint now = point_at (p, n_points, k);
      double low = MIN (before.y, now.y), high = MAX (before.y, now.y), height = now.y - before.y;

      if (low <= bottom && high >= top)
        {
          /* The ends of this piece, cut to the two heights. */
          double a = fabs (height) > 1e-6 ? CLAMP ((top - before.y) / height, 0, 1) : 0;
          double b = fabs (height) > 1e-6 ? CLAMP ((bottom - before.y) / height, 0, 1) : 1;
          double xa = before.x + a * (now.x - before.x), xb = before.x + b * (now.x - before.x);

          *left = MIN (*left, MIN (xa, xb));
          *right = MAX (*right, MAX (xa, xb));
        }
      before = now;
    }
  return *left <= *right;
}

static gboolean
is_free (Writer *w, const OxRect *rect)
{
  OxLayout *layout = w->scene->layout;
  OxRect around = { rect->x - 1, rect->y - 0.5, rect->w + 2, rect->h + 1 };
  double left, right;

  g_array_set_size (w->boxes, 0);
  g_array_set_size (w->paths, 0);
  g_array_set_size (w->chips, 0);
  ox_layout_visible (layout, &around, w->boxes, w->paths, w->chips);
  if (w->boxes->len > 0 || w->chips->len > 0)
    return FALSE;
  for (double y = around.y; y < around.y + around.h + CELL_H; y += CELL_H)
    for (double x = around.x; x < around.x + around.w + CELL_W; x += CELL_W)
      {
        g_autofree gint64 *key = cell_key (MIN (x, around.x + around.w), MIN (y, around.y + around.h));
        const GArray *written = g_hash_table_lookup (w->cells, key);

        for (guint i = 0; written != NULL && i < written->len; i++)
          if (meet (&around, &g_array_index (written, OxRect, i)))
            return FALSE;
      }
  for (guint i = 0; i < w->paths->len; i++)
    {
      int path = g_array_index (w->paths, int, i);

      if (layout->paths[path].n_points >= 4
          && reach (layout, path, around.y, around.y + around.h, &left, &right)
          && left < around.x + around.w && right > around.x)
        return FALSE;
    }
  return TRUE;
}

static void
remember (Writer *w, const OxRect *rect)
{
  for (int corner = 0; corner < 4; corner++)
    {
      g_autofree gint64 *key = cell_key (rect->x + (corner & 1 ? rect->w : 0), rect->y + (corner & 2 ? rect->h : 0));
      GArray *written = g_hash_table_lookup (w->cells, key);

      if (written == NULL)
        {
          written = g_array_new (FALSE, FALSE, sizeof (OxRect));
          g_hash_table_insert (w->cells, g_steal_pointer (&key), written);
        }
      g_array_append_val (written, *rect);
    }
}

/* Room for what is known of the shape now, and a little for what will be seen. */
static double
width_of (Writer *w, int net)
{
  const OxSlot *slot = net >= 0 ? ox_graph_slot (w->scene->graph, net) : NULL;
  const OxType *type = slot == NULL ? NULL : slot->type != NULL ? slot->type : slot->inferred;
  g_autofree char *text = NULL;
  double width;

  if (slot == NULL)
    return 0;
  if (type == NULL || type->kind != OX_TYPE_TENSOR || type->rank < 0)
    return UNKNOWN;
  text = ox_type_shape_label (type);
  width = ox_ruler_width (w->ruler, OX_TEXT_INSET, text);
  for (int i = 0; i < type->rank; i++)
    if (type->dims[i].value < 0)
      return MAX (width, MIN (type->rank * DIMENSION, UNKNOWN));
  return width;
}

static gboolean
write_at (Writer *w, int path, double width)
{
  const OxLayout *layout = w->scene->layout;
  const OxLayoutPath *at = &layout->paths[path];
  const OxPoint *start = &layout->points[at->first], *end = &start[at->n_points - 1];
  /* Below the card that makes it, above the one that reads it (and its arrow's head), half way. */
  const double tops[] = { start->y + 2, end->y - HEIGHT - 6, (start->y + end->y - HEIGHT) / 2 };

  if (end->y - start->y < HEIGHT + 8)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (tops); i++)
    {
      double left, right;

      if (!reach (layout, path, tops[i], tops[i] + HEIGHT, &left, &right))
        continue;
      for (int side = 0; side < 2; side++)
        {
          OxRect rect = { side == 0 ? right + GAP : left - GAP - width, tops[i], width, HEIGHT };

          if (rect.x < -8 || rect.x + rect.w > layout->width + 8 || !is_free (w, &rect))
            continue;
          w->scene->labels[path] = rect;
          remember (w, &rect);
          return TRUE;
        }
    }
  return FALSE;
}

void
ox_scene_place_labels (OxScene *scene, OxRuler *ruler)
{
  const OxLayout *layout = scene->layout;
  g_autoptr (GHashTable) tries = g_hash_table_new (NULL, NULL);   /* net -> arrows that were tried; MOST_TRIES: done */
  Writer w = { scene, ruler, g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_array_unref),
               g_array_new (FALSE, FALSE, sizeof (int)), g_array_new (FALSE, FALSE, sizeof (int)),
               g_array_new (FALSE, FALSE, sizeof (int)) };

  scene->labels = g_new (OxRect, layout->n_arrows + 1);
  for (int i = 0; i < layout->n_arrows; i++)
    {
      int net = g_array_index (scene->arrows, OxLayoutArrow, i).net;
      int tried = GPOINTER_TO_INT (g_hash_table_lookup (tries, GINT_TO_POINTER (net)));
      double width;

      scene->labels[i] = (OxRect) { NAN, NAN, 0, 0 };
      if (layout->paths[i].n_points < 4 || tried >= MOST_TRIES || (width = width_of (&w, net)) <= 0 || width > MOST_WIDE)
        continue;
      tried = write_at (&w, i, width) ? MOST_TRIES : tried + 1;
      g_hash_table_insert (tries, GINT_TO_POINTER (net), GINT_TO_POINTER (tried));
    }
  g_hash_table_unref (w.cells);
  g_array_unref (w.boxes);
  g_array_unref (w.paths);
  g_array_unref (w.chips);
}
