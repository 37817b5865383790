/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "layout/ox-pieces.h"

#define FAR 100        /* rows; longer arrows break dot and say nothing */
#define HUB_FAR 8      /* and for a tensor that is read all over the graph */
#define HUB_READERS 4
#define LOOSE_CHIPS 3  /* on one side of a box; more become a grid */
#define CHIP_GAP 4
#define CROWD 64       /* readers, or inputs, that are too many to draw side by side */
#define WIDE 8         /* readers, or inputs, that make a box wide */

/* Boxes are in an order in which arrows go forwards; an arrow that does not is drawn the other way round. */
static gboolean
forwards (const OxLayoutArrow *arrow, int *from, int *to)
{
  *from = MIN (arrow->from, arrow->to);
  *to = MAX (arrow->from, arrow->to);
  return *from != *to;
}

int *
ox_rank_boxes (int n, int m, const int *from, const int *to)
{
  int *rank = g_new0 (int, n + 1);
  g_autofree int *start = g_new0 (int, n + 2), *list = g_new (int, m + 1), *at = NULL;
  g_autofree int *n_in = g_new0 (int, n + 1), *narrow_in = g_new0 (int, n + 1);

  for (int e = 0; e < m; e++)
    {
      start[from[e] + 1]++;
      n_in[to[e]]++;
    }
  for (int e = 0; e < m; e++)
    if (start[from[e] + 1] < WIDE)
      narrow_in[to[e]]++;
  for (int i = 0; i < n; i++)
    start[i + 1] += start[i];
  at = g_memdup2 (start, ((gsize) n + 1) * sizeof (int));
  for (int e = 0; e < m; e++)
    list[at[from[e]]++] = to[e];
  for (int i = 0; i < n; i++)
    for (int k = start[i]; k < start[i + 1]; k++)
      rank[list[k]] = MAX (rank[list[k]], rank[i] + 1);
  for (int i = n - 1; i >= 0; i--)
    {
      int nearest = G_MAXINT, narrow_out = 0;

      for (int k = start[i]; k < start[i + 1]; k++)
        {
          nearest = MIN (nearest, rank[list[k]] - 1);
          narrow_out += n_in[list[k]] < WIDE;
        }
      if (nearest != G_MAXINT && (n_in[i] == 0 || narrow_in[i] <= narrow_out))
        rank[i] = MAX (rank[i], nearest);
    }
  return rank;
}

/* Which arrows become chips. */
static guint8 *
find_far (const OxLayoutRequest *request)
{
  int n = request->n_boxes, m = request->n_arrows, most = request->far > 0 ? request->far : FAR;
  g_autofree int *from = g_new (int, m + 1), *to = g_new (int, m + 1), *rank = NULL;
  g_autofree int *gathered = g_new0 (int, n + 1), *nearest = g_new (int, n + 1);
  g_autofree int *n_out = g_new0 (int, n + 1), *n_in = g_new0 (int, n + 1);
  g_autoptr (GHashTable) readers = g_hash_table_new (NULL, NULL);
  guint8 *far = g_new0 (guint8, m + 1);

  for (int i = 0; i < n; i++)
    nearest[i] = G_MAXINT;
  for (int e = 0; e < m; e++)
    forwards (&request->arrows[e], &from[e], &to[e]);
  for (int e = 0; e < m; e++)
    if (from[e] == to[e])
      far[e] = 1;
  {
    /* A box that points at itself would rank itself; it is a chip in any case. */
    g_autofree int *f = g_new (int, m + 1), *t = g_new (int, m + 1);
    int k = 0;

    for (int e = 0; e < m; e++)
      if (!far[e])
        {
          f[k] = from[e];
          t[k++] = to[e];
        }
    rank = ox_rank_boxes (n, k, f, t);
  }
  for (int e = 0; e < m; e++)
    {
      gpointer net = GINT_TO_POINTER (request->arrows[e].net);

      if (rank[to[e]] - rank[from[e]] > MIN (HUB_FAR, most))
        g_hash_table_insert (readers, net, GINT_TO_POINTER (GPOINTER_TO_INT (g_hash_table_lookup (readers, net)) + 1));
    }
  for (int e = 0; e < m; e++)
    {
      int span = rank[to[e]] - rank[from[e]];
      int n_far = GPOINTER_TO_INT (g_hash_table_lookup (readers, GINT_TO_POINTER (request->arrows[e].net)));

      if (span > most || (span > HUB_FAR && n_far >= HUB_READERS))
        far[e] = 1;
    }
  /* A row of hundreds cannot be read; as parts of their own they are set like words. */
  for (int e = 0; e < m; e++)
    {
      n_out[from[e]]++;
      n_in[to[e]]++;
    }
  for (int e = 0; e < m; e++)
    if (n_out[from[e]] >= CROWD || n_in[to[e]] >= CROWD)
      far[e] = 1;
  /* What gathers from all over the graph keeps an arrow only from right above. */
  for (int e = 0; e < m; e++)
    if (far[e])
      gathered[to[e]]++;
    else
      nearest[to[e]] = MIN (nearest[to[e]], rank[to[e]] - rank[from[e]]);
  for (int e = 0; e < m; e++)
    if (gathered[to[e]] >= WIDE && rank[to[e]] - rank[from[e]] > nearest[to[e]])
      far[e] = 1;
  return far;
}

/* By box, those above it before those below; then as the arrows come. */
static int
by_side (gconstpointer a, gconstpointer b, gpointer data)
{
  const OxLayoutChip *x = a, *y = b;

  if (x->box != y->box)
    return x->box < y->box ? -1 : 1;
  if ((x->other < 0) != (y->other < 0))
    return x->other < 0 ? 1 : -1;
  return x->path - y->path;
}

/* GLib's own folds both halves onto each other, and nets and boxes are alike. */
static guint
hash_pair (gconstpointer key)
{
  return (guint) ((guint64) * (const gint64 *) key * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 32);
}

/* One chip for each net that leaves a box, and for each that arrives. */
static GArray *
make_chips (const OxLayoutRequest *request, const guint8 *far)
{
  GArray *chips = g_array_new (FALSE, TRUE, sizeof (OxLayoutChip));
  g_autoptr (GHashTable) at_producer = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) at_consumer = g_hash_table_new_full (hash_pair, g_int64_equal, g_free, NULL);

  for (int e = 0; e < request->n_arrows; e++)
    {
      const OxLayoutArrow *arrow = &request->arrows[e];
      gint64 key = (gint64) arrow->net << 32 | (guint32) arrow->to;
      OxLayoutChip from = { .net = arrow->net, .box = arrow->from, .other = -1, .path = (int) chips->len };
      OxLayoutChip to = { .net = arrow->net, .box = arrow->to, .other = arrow->from, .path = (int) chips->len + 1 };

      if (!far[e])
        continue;
      if (g_hash_table_add (at_producer, GINT_TO_POINTER (arrow->net)))
        g_array_append_val (chips, from);
      if (g_hash_table_add (at_consumer, g_memdup2 (&key, sizeof key)))
        g_array_append_val (chips, to);
    }
  g_array_sort_with_data (chips, by_side, NULL);
  return chips;
}

static GArray *
make_bundles (const GArray *chips, float chip_w, float chip_h)
{
  GArray *bundles = g_array_new (FALSE, TRUE, sizeof (OxBundle));

  for (guint i = 0; i < chips->len;)
    {
      const OxLayoutChip *first = &g_array_index (chips, OxLayoutChip, i);
      OxBundle bundle = { first->box, first->other >= 0, (int) i, 1, 1 };
      int n = 1;

      while (i + (guint) n < chips->len && g_array_index (chips, OxLayoutChip, i + (guint) n).box == first->box
             && (g_array_index (chips, OxLayoutChip, i + (guint) n).other >= 0) == bundle.above)
        n++;
      if (n > LOOSE_CHIPS)
        {
          double h = (double) chip_h + CHIP_GAP, w = (double) chip_w + CHIP_GAP;

          bundle.n = n;
          bundle.columns = CLAMP ((int) sqrt (2 * n * h / w), 1, n);
        }
      for (int k = 0; k < n; k += bundle.n, bundle.first += bundle.n)
        g_array_append_val (bundles, bundle);
      i += (guint) n;
    }
  return bundles;
}

static void
bundle_size (const OxBundle *bundle, float chip_w, float chip_h, float *w, float *h)
{
  int rows = (bundle->n + bundle->columns - 1) / bundle->columns;

  *w = bundle->columns * (chip_w + CHIP_GAP) - CHIP_GAP;
  *h = rows * (chip_h + CHIP_GAP) - CHIP_GAP;
}

OxRect
ox_bundle_chip (const OxBundle *bundle, int i, float chip_w, float chip_h, OxPoint centre)
{
  float w, h;

  bundle_size (bundle, chip_w, chip_h, &w, &h);
  return (OxRect) { centre.x - (double) w / 2 + (i % bundle->columns) * (double) (chip_w + CHIP_GAP),
                    centre.y - (double) h / 2 + (i / bundle->columns) * (double) (chip_h + CHIP_GAP), (double) chip_w,
                    (double) chip_h };
}

typedef struct { const int *rank; const guint8 *flow; } OrderKeys;

/* Rows from above; in a row what ends there first, what begins there last: so that neither hides a cut. */
static int
by_order (gconstpointer a, gconstpointer b, gpointer data)
{
  const OrderKeys *keys = data;
  int x = *(const int *) a, y = *(const int *) b;

  if (keys->rank[x] != keys->rank[y])
    return keys->rank[x] < keys->rank[y] ? -1 : 1;
  if (keys->flow[x] != keys->flow[y])
    return keys->flow[x] < keys->flow[y] ? -1 : 1;
  return x < y ? -1 : x > y;
}

static int
root_of (int *parent, int i)
{
  while (parent[i] != i)
    i = parent[i] = parent[parent[i]];
  return i;
}

/* Components by their first box, each in the order of its rows. */
static void
find_order (OxPlanned *p)
{
  g_autofree int *rank = NULL, *parent = g_new (int, p->n + 1), *head = g_new (int, p->n + 1), *sorted = g_new (int, p->n + 1);
  g_autofree int *count = g_new0 (int, p->n + 2);
  g_autofree guint8 *flow = g_new0 (guint8, p->n + 1);
  g_autofree int *low = g_new (int, p->m + 1), *high = g_new (int, p->m + 1), *seq = g_new (int, p->n + 1);
  OrderKeys keys;

  /* For ranking, what is below a box must follow it, and what is above go before. */
  {
    g_autofree int *above = g_new0 (int, p->n_request + 1), *below = g_new0 (int, p->n_request + 1);
    int k = 0;

    for (guint u = 0; u < p->bundles->len; u++)
      {
        const OxBundle *bundle = &g_array_index (p->bundles, OxBundle, u);

        (bundle->above ? above : below)[bundle->box]++;
      }
    for (int i = 0; i < p->n_request; i++)
      {
        int n_above = above[i], n_below = below[i];

        above[i] = k;
        seq[i] = k + n_above;
        below[i] = k + n_above + 1;
        k += n_above + 1 + n_below;
      }
    for (guint u = 0; u < p->bundles->len; u++)
      {
        const OxBundle *bundle = &g_array_index (p->bundles, OxBundle, u);

        seq[p->n_request + (int) u] = (bundle->above ? above : below)[bundle->box]++;
      }
  }
  for (int e = 0; e < p->m; e++)
    {
      low[e] = seq[p->from[e]];
      high[e] = seq[p->to[e]];
    }
  {
    g_autofree int *by_seq = ox_rank_boxes (p->n, p->m, low, high);

    rank = g_new (int, p->n + 1);
    for (int i = 0; i < p->n; i++)
      rank[i] = by_seq[seq[i]];
  }
  for (int i = 0; i < p->n; i++)
    {
      parent[i] = i;
      sorted[i] = i;
      flow[i] = 0;
    }
  for (int e = 0; e < p->m; e++)
    {
      int a = root_of (parent, p->from[e]), b = root_of (parent, p->to[e]);

      flow[p->from[e]] |= 1;   /* has a consumer */
      flow[p->to[e]] |= 2;     /* has a producer */
      if (a != b)
        parent[MAX (a, b)] = MIN (a, b);
    }
  for (int i = 0; i < p->n; i++)
    flow[i] = flow[i] == 3 ? 1 : flow[i] == 1 ? 2 : 0;
  keys = (OrderKeys) { rank, flow };
  g_qsort_with_data (sorted, p->n, sizeof (int), by_order, &keys);
  for (int i = 0; i < p->n; i++)
    {
      head[i] = root_of (parent, i);
      count[head[i] + 1]++;
    }
  for (int i = 0; i < p->n; i++)
    count[i + 1] += count[i];
  for (int k = 0; k < p->n; k++)
    {
      int i = sorted[k], at = count[head[i]]++;

      p->order[at] = i;
      p->place[i] = at;
    }
}

OxPlanned *
ox_planned_new (const OxLayoutRequest *request)
{
  OxPlanned *p = g_new0 (OxPlanned, 1);
  g_autofree guint8 *far = find_far (request);
  int near = 0, k = 0;

  for (int e = 0; e < request->n_arrows; e++)
    near += !far[e];
  p->n_request = request->n_boxes;
  p->chips = make_chips (request, far);
  p->bundles = make_bundles (p->chips, request->chip_w, request->chip_h);
  p->n = p->n_request + (int) p->bundles->len;
  p->m = near + (int) p->bundles->len;
  p->w = g_new (float, p->n + 1);
  p->h = g_new (float, p->n + 1);
  p->from = g_new (int, p->m + 1);
  p->to = g_new (int, p->m + 1);
  p->arrow = g_new (int, p->m + 1);
  p->order = g_new (int, p->n + 1);
  p->place = g_new (int, p->n + 1);
  for (int i = 0; i < p->n_request; i++)
    {
      p->w[i] = request->boxes[i].w;
      p->h[i] = request->boxes[i].h;
    }
  for (int e = 0; e < request->n_arrows; e++)
    if (!far[e])
      {
        forwards (&request->arrows[e], &p->from[k], &p->to[k]);
        p->arrow[k++] = e;
      }
  for (guint u = 0; u < p->bundles->len; u++, k++)
    {
      const OxBundle *bundle = &g_array_index (p->bundles, OxBundle, u);
      int i = p->n_request + (int) u;

      bundle_size (bundle, request->chip_w, request->chip_h, &p->w[i], &p->h[i]);
      p->from[k] = bundle->above ? i : bundle->box;
      p->to[k] = bundle->above ? bundle->box : i;
      p->arrow[k] = -1 - bundle->first;
    }
  find_order (p);
  return p;
}

void
ox_planned_free (OxPlanned *p)
{
  g_free (p->w);
  g_free (p->h);
  g_free (p->from);
  g_free (p->to);
  g_free (p->arrow);
  g_free (p->order);
  g_free (p->place);
  g_array_unref (p->chips);
  g_array_unref (p->bundles);
  g_free (p);
}

GArray *
ox_planned_cuts (const OxPlanned *p)
{
  GArray *cuts = g_array_new (FALSE, FALSE, sizeof (int));
  g_autofree int *cover = g_new0 (int, p->n + 2), *open = g_new0 (int, p->n + 2);
  int over = 0, under = 0, mark = -1;

  /* cover: arrows that pass a place; open: arrows that pass the gap after it, which tells where a component ends. */
  for (int e = 0; e < p->m; e++)
    {
      int a = MIN (p->place[p->from[e]], p->place[p->to[e]]), b = MAX (p->place[p->from[e]], p->place[p->to[e]]);

      cover[a + 1]++;
      cover[b]--;
      open[a]++;
      open[b]--;
    }
  for (int i = 0; i < p->n; i++)
    {
      gboolean first = i == 0 || under == 0;

      over += cover[i];
      under += open[i];
      if (first && i > 0)
        g_array_append_val (cuts, mark);
      if (first || over == 0 || under == 0)
        g_array_append_val (cuts, i);
    }
  return cuts;
}
