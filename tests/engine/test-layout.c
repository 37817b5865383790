/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "core/ox-error.h"
#include "layout/ox-pieces.h"

typedef struct
{
  GArray *boxes, *arrows;
} Drawing;

static Drawing
drawing_new (int n)
{
  Drawing d = { g_array_new (FALSE, FALSE, sizeof (OxLayoutBox)), g_array_new (FALSE, FALSE, sizeof (OxLayoutArrow)) };

  for (int i = 0; i < n; i++)
    {
      OxLayoutBox box = { 60 + (float) (i % 3) * 20, 24 };

      g_array_append_val (d.boxes, box);
    }
  return d;
}

static void
point (Drawing *d, int from, int to)
{
  OxLayoutArrow arrow = { from, to, from };

  g_array_append_val (d->arrows, arrow);
}

static OxLayout *
lay_out (Drawing *d)
{
  OxLayoutRequest request = { (int) d->boxes->len, (int) d->arrows->len, (OxLayoutBox *) (void *) d->boxes->data,
                              (OxLayoutArrow *) (void *) d->arrows->data, 50, 14, 0 };
  g_autoptr (GError) error = NULL;
  OxLayout *layout = ox_layout_compute (&request, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (layout->n_boxes, ==, (int) d->boxes->len);
  return layout;
}

static void
drawing_clear (Drawing *d)
{
  g_array_unref (d->boxes);
  g_array_unref (d->arrows);
}

static gboolean
overlap (const OxRect *a, const OxRect *b)
{
  const double e = 0.5;

  return a->x + e < b->x + b->w && b->x + e < a->x + a->w && a->y + e < b->y + b->h && b->y + e < a->y + a->h;
}

/* No two boxes overlap, arrows go down and touch what they join, everything is inside. */
static void
check (Drawing *d, OxLayout *layout)
{
  g_autoptr (GArray) near = g_array_new (FALSE, FALSE, sizeof (int)), chips = g_array_new (FALSE, FALSE, sizeof (int));
  guint chipped = 0;

  for (int i = 0; i < layout->n_boxes; i++)
    {
      const OxRect *box = &layout->boxes[i];

      g_assert_cmpfloat (box->x, >, -1);
      g_assert_cmpfloat (box->y, >, -1);
      g_assert_cmpfloat (box->x + box->w, <, layout->width + 1);
      g_assert_cmpfloat (box->y + box->h, <, layout->height + 1);
      g_array_set_size (near, 0);
      g_array_set_size (chips, 0);
      ox_layout_visible (layout, box, near, NULL, chips);
      for (guint k = 0; k < near->len; k++)
        {
          int other = g_array_index (near, int, k);

          if (other != i && overlap (box, &layout->boxes[other]))
            g_error ("boxes %d and %d overlap", i, other);
        }
      for (guint k = 0; k < chips->len; k++)
        g_assert_false (overlap (box, &layout->chips[g_array_index (chips, int, k)].rect));
    }
  for (guint e = 0; e < d->arrows->len; e++)
    {
      const OxLayoutArrow *arrow = &g_array_index (d->arrows, OxLayoutArrow, e);
      const OxLayoutPath *path = &layout->paths[e];
      const OxRect *from = &layout->boxes[arrow->from], *to = &layout->boxes[arrow->to];

      if (path->n_points == 0)
        {
          chipped++;
          continue;
        }
      g_assert_cmpint (path->n_points % 3, ==, 1);
      g_assert_cmpfloat (from->y + from->h, <, to->y + 1);
      g_assert_cmpfloat (fabs (layout->points[path->first].y - from->y - from->h), <, 3);
      g_assert_cmpfloat (fabs (layout->points[path->first + path->n_points - 1].y - to->y), <, 3);
      g_assert_cmpfloat (layout->points[path->first].x, >, from->x - 2);
      g_assert_cmpfloat (layout->points[path->first].x, <, from->x + from->w + 2);
    }
  g_assert_true (chipped == 0 || layout->n_chips > 0);
}

static void
check_and_clear (Drawing *d)
{
  g_autoptr (OxLayout) layout = lay_out (d);

  check (d, layout);
  drawing_clear (d);
}

static void
test_small (void)
{
  Drawing empty = drawing_new (0), one = drawing_new (1), chain = drawing_new (5), diamond = drawing_new (4);
  Drawing apart = drawing_new (40), self = drawing_new (2), cycle = drawing_new (3);
  g_autoptr (OxLayout) around = NULL, itself = NULL;

  check_and_clear (&empty);
  check_and_clear (&one);
  for (int i = 0; i < 4; i++)
    point (&chain, i, i + 1);
  check_and_clear (&chain);
  point (&diamond, 0, 1);
  point (&diamond, 0, 2);
  point (&diamond, 1, 3);
  point (&diamond, 2, 3);
  check_and_clear (&diamond);
  check_and_clear (&apart);
  point (&self, 0, 0);
  point (&self, 0, 1);
  itself = lay_out (&self);
  g_assert_cmpint (itself->n_chips, ==, 2);
  point (&cycle, 0, 1);
  point (&cycle, 1, 2);
  point (&cycle, 2, 0);
  around = lay_out (&cycle);
  g_assert_cmpint (around->n_boxes, ==, 3);
  drawing_clear (&self);
  drawing_clear (&cycle);
}

/* Layers that are alike are laid out once. */
static void
test_repeated (void)
{
  const int layers = 5000, per = 10;
  Drawing d = drawing_new (layers * per + 1);
  g_autoptr (OxLayout) layout = NULL;

  for (int i = 0; i < layers; i++)
    {
      int a = i * per;

      for (int k = 1; k < per; k++)
        point (&d, k < 5 ? a : a + k - 4, a + k);
      for (int k = 5; k < per; k++)
        point (&d, a + k, a + per);
    }
  for (guint i = 0; i < d.boxes->len; i++)
    g_array_index (d.boxes, OxLayoutBox, i).w = 70;
  layout = lay_out (&d);
  check (&d, layout);
  g_test_message ("%d boxes, %d pieces, %d classes, %.0f x %.0f", layout->n_boxes, layout->n_pieces, layout->n_classes,
                  layout->width, layout->height);
  g_assert_cmpint (layout->n_pieces, >, 1000);
  g_assert_cmpint (layout->n_classes, <, 10);
  drawing_clear (&d);
}

/* A tensor that everybody reads becomes a chip at each reader far away, and one at its producer. */
static void
test_hub (void)
{
  const int n = 300;
  Drawing d = drawing_new (n);
  g_autoptr (OxLayout) layout = NULL;
  int own = 0;

  for (int i = 1; i < n; i++)
    point (&d, i - 1, i);
  for (int i = 30; i < n; i += 30)
    point (&d, 0, i);
  layout = lay_out (&d);
  check (&d, layout);
  for (int i = 0; i < layout->n_chips; i++)
    own += layout->chips[i].other < 0;
  g_assert_cmpint (own, ==, 1);
  g_assert_cmpint (layout->n_chips, ==, 1 + (n - 1) / 30);
  drawing_clear (&d);
}

static void
test_fan (void)
{
  Drawing d = drawing_new (402);

  for (int i = 1; i <= 400; i++)
    {
      point (&d, 0, i);
      point (&d, i, 401);
    }
  check_and_clear (&d);
}

/* Thousands of readers of one tensor, and a box that reads them all: a page of small parts, not a row. */
static void
test_crowd (void)
{
  const int n = 5000;
  Drawing d = drawing_new (n);
  g_autoptr (OxLayout) layout = NULL;

  for (int i = 1; i < n - 1; i++)
    {
      point (&d, 0, i);
      point (&d, i, n - 1);
    }
  layout = lay_out (&d);
  check (&d, layout);
  g_assert_cmpfloat (layout->width, <, 30000);
  g_assert_cmpfloat (layout->height, <, 30000);
  /* The chips of the last box are a grid beside which its only line begins. */
  for (int i = 0, lines = 0; i < layout->n_chips; i++)
    if (layout->chips[i].box == n - 1)
      {
        const OxLayoutPath *path = &layout->paths[layout->chips[i].path];

        lines += layout->chips[i].path == d.arrows->len + (guint) i;
        g_assert_cmpint (lines, ==, 1);
        g_assert_cmpint (path->n_points, >=, 4);
      }
  drawing_clear (&d);
}

/* Steps that each read a slice of the same tensor are beside their step, and two states passed on from step to step do not
 * make the picture lean. */
static void
test_steps (void)
{
  const int steps = 2000, per = 4;
  Drawing d = drawing_new (1 + steps * per);
  g_autoptr (OxLayout) layout = NULL;

  for (int s = 0; s < steps; s++)
    {
      int slice = 1 + s * per;

      point (&d, 0, slice);
      point (&d, slice, slice + 1);
      point (&d, slice + 1, slice + 2);
      point (&d, slice + 1, slice + 3);
      if (s > 0)
        {
          point (&d, slice - 1, slice + 1);
          point (&d, slice - 2, slice + 3);
        }
    }
  layout = lay_out (&d);
  check (&d, layout);
  g_assert_cmpfloat (layout->width, <, 3000);
  for (int s = 0; s < steps; s++)
    g_assert_cmpfloat (layout->boxes[2 + s * per].y - layout->boxes[1 + s * per].y, <, 200);
  drawing_clear (&d);
}

/* What a search finds is what a look at everything finds, wherever and however large the area is. */
static void
test_search (void)
{
  Drawing d = drawing_new (3000);
  g_autoptr (OxLayout) layout = NULL;
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (int)), paths = g_array_new (FALSE, FALSE, sizeof (int));
  guint32 seed = 7;

  for (int i = 1; i < 3000; i++)
    point (&d, (int) ((seed = seed * 1664525u + 1013904223u) >> 8) % i, i);
  layout = lay_out (&d);
  for (int round = 0; round < 200; round++)
    {
      OxRect area;
      guint n_boxes = 0, n_paths = 0;

      seed = seed * 1664525u + 1013904223u;
      area.x = (seed >> 8) % 1000 / 1000.0 * layout->width;
      seed = seed * 1664525u + 1013904223u;
      area.y = (seed >> 8) % 1000 / 1000.0 * layout->height;
      area.w = round % 10 * layout->width / 20;
      area.h = round % 7 * layout->height / 14;
      g_array_set_size (boxes, 0);
      g_array_set_size (paths, 0);
      ox_layout_visible (layout, &area, boxes, paths, NULL);
      for (int i = 0; i < layout->n_boxes; i++)
        {
          const OxRect *b = &layout->boxes[i];

          n_boxes += b->x <= area.x + area.w && area.x <= b->x + b->w && b->y <= area.y + area.h && area.y <= b->y + b->h;
        }
      for (int i = 0; i < layout->n_paths; i++)
        {
          const OxRect *b = &layout->paths[i].bounds;

          n_paths += layout->paths[i].n_points > 0 && b->x <= area.x + area.w && area.x <= b->x + b->w
                     && b->y <= area.y + area.h && area.y <= b->y + b->h;
        }
      g_assert_cmpuint (boxes->len, ==, n_boxes);
      g_assert_cmpuint (paths->len, ==, n_paths);
    }
  drawing_clear (&d);
}

static void
test_skips (void)
{
  Drawing d = drawing_new (60);

  for (int i = 1; i < 60; i++)
    point (&d, i - 1, i);
  for (int i = 0; i < 25; i += 5)
    point (&d, i, 59 - i);
  check_and_clear (&d);
}

static gboolean
same (const OxLayout *a, const OxLayout *b)
{
  return a->n_boxes == b->n_boxes && memcmp (a->boxes, b->boxes, sizeof (OxRect) * (gsize) a->n_boxes) == 0;
}

static char *
write_script (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
  return path;
}

/* Whatever the helper does, the picture is there; a bad one costs what the fallback costs. */
static void
test_helper (void)
{
  Drawing d = drawing_new (900);
  g_autofree char *before = g_strdup (g_getenv ("OX_LAYOUT_HELPER"));
  g_autofree char *folder = g_dir_make_tmp ("layout-XXXXXX", NULL);
  g_autofree char *killed = write_script (folder, "killed", "#!/bin/sh\nhead -c 10 > /dev/null\nkill -9 $$\n");
  g_autofree char *deaf = write_script (folder, "deaf", "#!/bin/sh\nexec <&- >&-\nexec sleep 20\n");
  g_autofree char *liar = write_script (folder, "liar", "#!/bin/sh\nexec cat /dev/zero\n");
  g_autofree char *echo = write_script (folder, "echo", "#!/bin/sh\nexec cat\n");
  const char *bad[] = { "/nowhere/at/all", "/bin/true", killed, deaf, liar, echo };
  g_autoptr (OxLayout) first = NULL, second = NULL, without = NULL;

  /* So many arrows that they do not fit into the buffer of a pipe. */
  for (int i = 1; i < 900; i++)
    for (int k = 1; k <= 12; k++)
      if (i - k * 7 > 0 && i % 40 > k)
        point (&d, i - k, i);
      else if (k == 1)
        point (&d, i - 1, i);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (OxLayout) layout = NULL;

      g_setenv ("OX_LAYOUT_HELPER", bad[i], TRUE);
      layout = lay_out (&d);
      g_assert_cmpint (layout->n_fallbacks, ==, layout->n_classes);
      if (i == 0)
        {
          check (&d, layout);
          without = g_steal_pointer (&layout);
        }
      else
        g_assert_true (same (layout, without));
    }
  drawing_clear (&d);
  if (before == NULL)
    {
      g_unsetenv ("OX_LAYOUT_HELPER");
      g_test_skip ("OX_LAYOUT_HELPER is not set");
    }
  else
    {
      g_setenv ("OX_LAYOUT_HELPER", before, TRUE);
      d = drawing_new (6);
      for (int i = 1; i < 6; i++)
        point (&d, (i - 1) / 2, i);
      first = lay_out (&d);
      second = lay_out (&d);
      g_assert_cmpint (first->n_fallbacks, ==, 0);
      g_assert_true (same (first, second));
      drawing_clear (&d);
    }
  for (guint i = 2; i < G_N_ELEMENTS (bad); i++)
    g_unlink (bad[i]);
  g_rmdir (folder);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (100000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* A helper that hangs is given up as soon as nobody waits for it. */
static void
test_hanging (void)
{
  Drawing d = drawing_new (4);
  g_autofree char *before = g_strdup (g_getenv ("OX_LAYOUT_HELPER"));
  g_autofree char *folder = g_dir_make_tmp ("layout-XXXXXX", NULL);
  g_autofree char *hangs = write_script (folder, "hangs", "#!/bin/sh\nexec sleep 20\n");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();
  OxLayoutRequest request;
  GThread *thread;

  for (int i = 1; i < 4; i++)
    point (&d, i - 1, i);
  g_setenv ("OX_LAYOUT_HELPER", hangs, TRUE);
  request = (OxLayoutRequest) { 4, 3, (OxLayoutBox *) (void *) d.boxes->data, (OxLayoutArrow *) (void *) d.arrows->data,
                                50, 14, 0 };
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_null (ox_layout_compute (&request, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* Before the helper ends by itself. */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 15000000);
  g_thread_join (thread);
  if (before != NULL)
    g_setenv ("OX_LAYOUT_HELPER", before, TRUE);
  else
    g_unsetenv ("OX_LAYOUT_HELPER");
  g_unlink (hangs);
  g_rmdir (folder);
  drawing_clear (&d);
}

static void
test_cancel (void)
{
  Drawing d = drawing_new (2);
  OxLayoutRequest request = { 2, 1, (OxLayoutBox *) (void *) d.boxes->data, NULL, 50, 14, 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  point (&d, 0, 1);
  request.arrows = (OxLayoutArrow *) (void *) d.arrows->data;
  g_cancellable_cancel (cancellable);
  g_assert_null (ox_layout_compute (&request, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_array_index (d.arrows, OxLayoutArrow, 0).to = 7;
  g_assert_null (ox_layout_compute (&request, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  drawing_clear (&d);
}

static void
test_hit (void)
{
  Drawing d = drawing_new (2);
  g_autoptr (OxLayout) layout = NULL;
  const OxRect *box;
  OxHit hit;

  point (&d, 0, 1);
  layout = lay_out (&d);
  box = &layout->boxes[1];
  hit = ox_layout_hit (layout, box->x + 2, box->y + 2, 3);
  g_assert_cmpint (hit.kind, ==, OX_HIT_BOX);
  g_assert_cmpint (hit.index, ==, 1);
  hit = ox_layout_hit (layout, layout->points[0].x + 1, layout->points[0].y + 6, 3);
  g_assert_cmpint (hit.kind, ==, OX_HIT_ARROW);
  hit = ox_layout_hit (layout, layout->width + 100, 0, 3);
  g_assert_cmpint (hit.kind, ==, OX_HIT_NOTHING);
  drawing_clear (&d);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/small", test_small);
  g_test_add_func ("/layout/repeated", test_repeated);
  g_test_add_func ("/layout/hub", test_hub);
  g_test_add_func ("/layout/fan", test_fan);
  g_test_add_func ("/layout/crowd", test_crowd);
  g_test_add_func ("/layout/steps", test_steps);
  g_test_add_func ("/layout/search", test_search);
  g_test_add_func ("/layout/skips", test_skips);
  g_test_add_func ("/layout/helper", test_helper);
  g_test_add_func ("/layout/hanging", test_hanging);
  g_test_add_func ("/layout/cancel", test_cancel);
  g_test_add_func ("/layout/hit", test_hit);
  return g_test_run ();
}
