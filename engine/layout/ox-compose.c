/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "layout/ox-layout-private.h"
#include "layout/ox-pieces.h"

#define MERGE 14          /* pieces are at least this many boxes, if there are as many */
#define DOT_MOST 900      /* boxes beyond which dot is only asked for a quick picture */
#define QUICK_MOST 2500   /* and beyond which it is not asked */
#define PIECE_SECONDS 1.5
#define COMPONENT_GAP 48.0

typedef struct
{
  const OxPlanned *p;
  OxHelper     *helper;
  GCancellable *cancellable;
  GHashTable   *classes;      /* GBytes -> OxPieceLayout */
  OxPoint      *centres;      /* [p->n] */
  GArray      **paths;        /* [p->m] of OxPoint */
  int          *arrows_start, *arrows;   /* CSR: arrows by the later of their places */
  int           n_pieces, n_fallbacks;
} Composer;

/* A piece is the boxes at places first..last; those are its pins when there is something above or below. */
static OxPiece *
piece_new (const Composer *c, int first, int last, gboolean above, gboolean below, GArray *members)
{
  const OxPlanned *p = c->p;
  OxPiece *piece = g_new0 (OxPiece, 1);

  piece->n = last - first + 1;
  piece->top = above ? 0 : -1;
  piece->bottom = below ? piece->n - 1 : -1;
  piece->w = g_new (float, piece->n);
  piece->h = g_new (float, piece->n);
  for (int i = 0; i < piece->n; i++)
    {
      piece->w[i] = p->w[p->order[first + i]];
      piece->h[i] = p->h[p->order[first + i]];
    }
  g_array_set_size (members, 0);
  for (int at = first + 1; at <= last; at++)
    for (int k = c->arrows_start[at]; k < c->arrows_start[at + 1]; k++)
      g_array_append_val (members, c->arrows[k]);
  piece->m = (int) members->len;
  piece->from = g_new (int, piece->m + 1);
  piece->to = g_new (int, piece->m + 1);
  for (int e = 0; e < piece->m; e++)
    {
      int arrow = g_array_index (members, int, e);
      int a = p->place[p->from[arrow]] - first, b = p->place[p->to[arrow]] - first;

      piece->from[e] = MIN (a, b);
      piece->to[e] = MAX (a, b);
    }
  return piece;
}

static void
piece_free (OxPiece *piece)
{
  g_free (piece->w);
  g_free (piece->h);
  g_free (piece->from);
  g_free (piece->to);
  g_free (piece);
}

/* Equal keys, equal pictures. */
static GBytes *
piece_key (const OxPiece *piece)
{
  GByteArray *key = g_byte_array_new ();
  int head[4] = { piece->n, piece->m, piece->top, piece->bottom };

  g_byte_array_append (key, (const guint8 *) head, sizeof head);
  g_byte_array_append (key, (const guint8 *) piece->w, (guint) piece->n * (guint) sizeof (float));
  g_byte_array_append (key, (const guint8 *) piece->h, (guint) piece->n * (guint) sizeof (float));
  g_byte_array_append (key, (const guint8 *) piece->from, (guint) piece->m * (guint) sizeof (int));
  g_byte_array_append (key, (const guint8 *) piece->to, (guint) piece->m * (guint) sizeof (int));
  return g_byte_array_free_to_bytes (key);
}

static OxPieceLayout *
lay_out (Composer *c, const OxPiece *piece, GError **error)
{
  GBytes *key = piece_key (piece);
  OxPieceLayout *layout = g_hash_table_lookup (c->classes, key);
  GError *cause = NULL;

  if (layout != NULL)
    {
      g_bytes_unref (key);
      return layout;
    }
  if (piece->n <= DOT_MOST)
    layout = ox_helper_layout (c->helper, piece, 0, PIECE_SECONDS, c->cancellable, &cause);
  if (layout == NULL && cause == NULL && piece->n <= QUICK_MOST)
    layout = ox_helper_layout (c->helper, piece, 1, PIECE_SECONDS, c->cancellable, &cause);
  if (layout == NULL && cause == NULL)
    {
      layout = ox_layered_layout (piece);
      c->n_fallbacks++;
    }
  if (layout == NULL)
    {
      g_propagate_error (error, cause);
      g_bytes_unref (key);
      return NULL;
    }
  g_hash_table_insert (c->classes, key, layout);
  return layout;
}

/* Sets the piece so that its first box is at @anchor (or at the origin); mirrored when that keeps the stack straighter. */
static OxPoint
put_piece (Composer *c, int first, const OxPiece *piece, const OxPieceLayout *layout, const GArray *members,
           const OxPoint *anchor, double drift)
{
  const OxPoint *top = &layout->centres[0], *bottom = &layout->centres[piece->n - 1];
  double slant = piece->bottom >= 0 ? bottom->x - top->x : 0;
  gboolean mirror = anchor != NULL && fabs (drift + slant) > fabs (drift - slant) + 1e-6;
  double sign = mirror ? -1 : 1;
  OxPoint origin = anchor != NULL ? (OxPoint) { anchor->x - sign * top->x, anchor->y - top->y } : (OxPoint) { 0, 0 };

  for (int i = 0; i < piece->n; i++)
    c->centres[c->p->order[first + i]]
      = (OxPoint) { origin.x + sign * layout->centres[i].x, origin.y + layout->centres[i].y };
  for (int e = 0; e < piece->m; e++)
    {
      GArray *path = g_array_new (FALSE, FALSE, sizeof (OxPoint));

      for (int k = layout->first[e]; k < layout->first[e + 1]; k++)
        {
          OxPoint q = { origin.x + sign * layout->points[k].x, origin.y + layout->points[k].y };

          g_array_append_val (path, q);
        }
      /* Arrows end on the edges of their boxes, whatever room was left for an arrow head. */
      g_array_index (path, OxPoint, 0).y
        = c->centres[c->p->order[first + piece->from[e]]].y + (double) piece->h[piece->from[e]] / 2;
      g_array_index (path, OxPoint, path->len - 1).y
        = c->centres[c->p->order[first + piece->to[e]]].y - (double) piece->h[piece->to[e]] / 2;
      c->paths[g_array_index (members, int, e)] = path;
    }
  return c->centres[c->p->order[first + piece->n - 1]];
}

/* Component places first..last with its cuts. */
static gboolean
stack_component (Composer *c, const int *cuts, int n_cuts, GError **error)
{
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (int));
  OxPoint anchor = { 0, 0 };
  double start = 0;
  int from = 0;

  if (n_cuts == 1)
    {
      c->centres[c->p->order[cuts[0]]] = (OxPoint) { 0, 0 };
      return TRUE;
    }
  while (from < n_cuts - 1)
    {
      int to = from + 1;
      OxPiece *piece;
      OxPieceLayout *layout;

      while (to < n_cuts - 1 && cuts[to] - cuts[from] + 1 < MERGE)
        to++;
      /* What is left over at the end is not worth a piece. */
      if (n_cuts - 1 - to > 0 && cuts[n_cuts - 1] - cuts[to] + 1 < MERGE / 2)
        to = n_cuts - 1;
      piece = piece_new (c, cuts[from], cuts[to], from > 0, to < n_cuts - 1, members);
      layout = lay_out (c, piece, error);
      c->n_pieces++;
      if (layout == NULL)
        {
          piece_free (piece);
          return FALSE;
        }
      anchor = put_piece (c, cuts[from], piece, layout, members, from > 0 ? &anchor : NULL, anchor.x - start);
      if (from == 0)
        start = anchor.x;
      piece_free (piece);
      from = to;
    }
  return TRUE;
}

static void
index_arrows (Composer *c)
{
  const OxPlanned *p = c->p;
  g_autofree int *at = NULL;

  c->arrows_start = g_new0 (int, p->n + 2);
  c->arrows = g_new (int, p->m + 1);
  for (int e = 0; e < p->m; e++)
    c->arrows_start[MAX (p->place[p->from[e]], p->place[p->to[e]]) + 1]++;
  for (int i = 0; i < p->n; i++)
    c->arrows_start[i + 1] += c->arrows_start[i];
  at = g_memdup2 (c->arrows_start, ((gsize) p->n + 1) * sizeof (int));
  for (int e = 0; e < p->m; e++)
    c->arrows[at[MAX (p->place[p->from[e]], p->place[p->to[e]])]++] = e;
}

/* ---- components side by side ---------------------------------------------------------------------------------- */

static void
extend (OxRect *box, double x0, double y0, double x1, double y1)
{
  double right = MAX (box->x + box->w, x1), bottom = MAX (box->y + box->h, y1);

  box->x = MIN (box->x, x0);
  box->y = MIN (box->y, y0);
  box->w = right - box->x;
  box->h = bottom - box->y;
}

static OxRect
component_bounds (const Composer *c, int first, int last)
{
  const OxPlanned *p = c->p;
  OxRect box = { G_MAXDOUBLE / 4, G_MAXDOUBLE / 4, -G_MAXDOUBLE / 2, -G_MAXDOUBLE / 2 };

  box = (OxRect) { c->centres[p->order[first]].x, c->centres[p->order[first]].y, 0, 0 };
  for (int at = first; at <= last; at++)
    {
      int i = p->order[at];
      OxPoint q = c->centres[i];
      double w = (double) p->w[i] / 2, h = (double) p->h[i] / 2;

      extend (&box, q.x - w, q.y - h, q.x + w, q.y + h);
      for (int k = c->arrows_start[at]; k < c->arrows_start[at + 1]; k++)
        for (guint b = 0; c->paths[c->arrows[k]] != NULL && b < c->paths[c->arrows[k]]->len; b++)
          {
            OxPoint r = g_array_index (c->paths[c->arrows[k]], OxPoint, b);

            extend (&box, r.x, r.y, r.x, r.y);
          }
    }
  return box;
}

static void
move_component (Composer *c, int first, int last, double dx, double dy)
{
  const OxPlanned *p = c->p;

  for (int at = first; at <= last; at++)
    {
      c->centres[p->order[at]].x += dx;
      c->centres[p->order[at]].y += dy;
      for (int k = c->arrows_start[at]; k < c->arrows_start[at + 1]; k++)
        for (guint b = 0; c->paths[c->arrows[k]] != NULL && b < c->paths[c->arrows[k]]->len; b++)
          {
            g_array_index (c->paths[c->arrows[k]], OxPoint, b).x += dx;
            g_array_index (c->paths[c->arrows[k]], OxPoint, b).y += dy;
          }
    }
}

/* Shelves, as text is set: about as wide as high, but never narrower than the widest component. */
static OxRect
shelve (Composer *c, const GArray *spans)
{
  guint n = spans->len / 2;
  g_autofree OxRect *boxes = g_new (OxRect, n + 1);
  double area = 0, widest = 0, limit, x = 0, y = 0, row = 0;
  OxRect all = { 0, 0, 0, 0 };

  for (guint i = 0; i < n; i++)
    {
      boxes[i] = component_bounds (c, g_array_index (spans, int, 2 * i), g_array_index (spans, int, 2 * i + 1));
      area += (boxes[i].w + COMPONENT_GAP) * (boxes[i].h + COMPONENT_GAP);
      widest = MAX (widest, boxes[i].w);
    }
  limit = MAX (widest, sqrt (area) * 1.4);
  for (guint i = 0; i < n; i++)
    {
      if (x > 0 && x + boxes[i].w > limit)
        {
          x = 0;
          y += row + COMPONENT_GAP;
          row = 0;
        }
      move_component (c, g_array_index (spans, int, 2 * i), g_array_index (spans, int, 2 * i + 1), x - boxes[i].x,
                      y - boxes[i].y);
      row = MAX (row, boxes[i].h);
      x += boxes[i].w + COMPONENT_GAP;
      all.w = MAX (all.w, x - COMPONENT_GAP);
      all.h = MAX (all.h, y + boxes[i].h);
    }
  return all;
}

/* ---- the whole ------------------------------------------------------------------------------------------------ */

static OxRect
rect_at (OxPoint centre, float w, float h)
{
  return (OxRect) { centre.x - (double) w / 2, centre.y - (double) h / 2, (double) w, (double) h };
}

static OxLayout *
collect (Composer *c, const OxLayoutRequest *request, OxRect all)
{
  const OxPlanned *p = c->p;
  OxLayout *layout = g_new0 (OxLayout, 1);
  GArray *points = g_array_new (FALSE, FALSE, sizeof (OxPoint));

  g_atomic_ref_count_init (&layout->refs);
  layout->width = all.w;
  layout->height = all.h;
  layout->n_boxes = request->n_boxes;
  layout->n_arrows = request->n_arrows;
  layout->n_chips = (int) p->chips->len;
  layout->n_paths = request->n_arrows + layout->n_chips;
  layout->boxes = g_new (OxRect, layout->n_boxes + 1);
  layout->paths = g_new0 (OxLayoutPath, layout->n_paths + 1);
  layout->chips = g_new (OxLayoutChip, layout->n_chips + 1);
  for (int i = 0; i < layout->n_boxes; i++)
    layout->boxes[i] = rect_at (c->centres[i], p->w[i], p->h[i]);
  for (guint u = 0; u < p->bundles->len; u++)
    {
      const OxBundle *bundle = &g_array_index (p->bundles, OxBundle, u);

      for (int i = 0; i < bundle->n; i++)
        {
          OxLayoutChip *chip = &layout->chips[bundle->first + i];

          *chip = g_array_index (p->chips, OxLayoutChip, bundle->first + i);
          chip->rect = ox_bundle_chip (bundle, i, request->chip_w, request->chip_h, c->centres[p->n_request + (int) u]);
          chip->path = request->n_arrows + bundle->first;
        }
    }
  for (int e = 0; e < p->m; e++)
    {
      OxLayoutPath *path = &layout->paths[p->arrow[e] >= 0 ? p->arrow[e] : request->n_arrows - 1 - p->arrow[e]];
      const GArray *from = c->paths[e];
      gboolean backwards = p->arrow[e] >= 0 && request->arrows[p->arrow[e]].from != p->from[e];

      if (from == NULL || from->len == 0)
        continue;
      path->first = (int) points->len;
      path->n_points = (int) from->len;
      path->bounds = (OxRect) { g_array_index (from, OxPoint, 0).x, g_array_index (from, OxPoint, 0).y, 0, 0 };
      for (guint k = 0; k < from->len; k++)
        {
          OxPoint q = g_array_index (from, OxPoint, backwards ? from->len - 1 - k : k);

          extend (&path->bounds, q.x, q.y, q.x, q.y);
          g_array_append_val (points, q);
        }
    }
  layout->points = (OxPoint *) (void *) g_array_free (points, FALSE);
  layout->n_pieces = c->n_pieces;
  layout->n_classes = (int) g_hash_table_size (c->classes);
  layout->n_fallbacks = c->n_fallbacks;
  layout->grid = ox_layout_grid_new (layout);
  return layout;
}

static gboolean
check_request (const OxLayoutRequest *request, GError **error)
{
  if (request->n_boxes < 0 || request->n_arrows < 0 || request->n_boxes > 10000000 || request->n_arrows > 20000000)
    return ox_fail (error, OX_ERROR_VALUE, "%d boxes and %d arrows cannot be laid out", request->n_boxes, request->n_arrows);
  for (int i = 0; i < request->n_boxes; i++)
    if (!(request->boxes[i].w >= 0 && request->boxes[i].w < 20000 && request->boxes[i].h >= 0 && request->boxes[i].h < 20000))
      return ox_fail (error, OX_ERROR_VALUE, "box %d has a size that cannot be laid out", i);
  for (int i = 0; i < request->n_arrows; i++)
    if (request->arrows[i].from < 0 || request->arrows[i].from >= request->n_boxes || request->arrows[i].to < 0
        || request->arrows[i].to >= request->n_boxes)
      return ox_fail (error, OX_ERROR_VALUE, "arrow %d points at no box", i);
  return TRUE;
}

OxLayout *
ox_layout_compute (const OxLayoutRequest *request, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) cuts = NULL, spans = g_array_new (FALSE, FALSE, sizeof (int));
  Composer c = { .cancellable = cancellable };
  OxPlanned *planned;
  OxLayout *layout = NULL;
  gboolean ok = TRUE;

  if (!check_request (request, error))
    return NULL;
  c.p = planned = ox_planned_new (request);
  c.helper = ox_helper_new ();
  c.classes = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                     (GDestroyNotify) ox_piece_layout_free);
  c.centres = g_new0 (OxPoint, planned->n + 1);
  c.paths = g_new0 (GArray *, planned->m + 1);
  index_arrows (&c);
  cuts = ox_planned_cuts (planned);
  for (guint i = 0; ok && i < cuts->len;)
    {
      guint end = i;

      while (end < cuts->len && g_array_index (cuts, int, end) >= 0)
        end++;
      ok = stack_component (&c, &g_array_index (cuts, int, i), (int) (end - i), error);
      g_array_append_val (spans, g_array_index (cuts, int, i));
      g_array_append_val (spans, g_array_index (cuts, int, end - 1));
      i = end + 1;
    }
  if (ok)
    layout = collect (&c, request, shelve (&c, spans));
  for (int e = 0; e < planned->m; e++)
    if (c.paths[e] != NULL)
      g_array_unref (c.paths[e]);
  g_free (c.paths);
  g_free (c.centres);
  g_free (c.arrows_start);
  g_free (c.arrows);
  g_hash_table_unref (c.classes);
  ox_helper_free (c.helper);
  ox_planned_free (planned);
  return layout;
}
