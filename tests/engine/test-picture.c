/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <glib/gstdio.h>
#include <graphviz/cgraph.h>
#include <math.h>
#include <png.h>

#include "core/ox-error.h"
#include "scenes.h"

static char *folder;

static char *
export_as (OxScene *scene, const char *name, const OxExportOptions *options)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  ox_scene_export (scene, path, options, NULL, &error);
  g_assert_no_error (error);
  return path;
}

static char *
contents (const char *path)
{
  char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* ---- what is where -------------------------------------------------------------------------------------------- */

static void
test_hit (void)
{
  g_autoptr (OxModel) model = small_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL);
  const OxLayout *layout = scene->layout;
  OxHit hit;

  for (int i = 0; i < layout->n_boxes; i++)
    {
      const OxRect *r = &layout->boxes[i];

      hit = ox_layout_hit (layout, r->x + r->w / 2, r->y + r->h / 2, 4);
      g_assert_cmpint (hit.kind, ==, OX_HIT_BOX);
      g_assert_cmpint (hit.index, ==, i);
      g_assert_cmpfloat (r->w, ==, ox_scene_card (scene, i)->w);
      g_assert_cmpfloat (r->x + r->w, <=, layout->width + 0.01);
      g_assert_cmpfloat (r->y + r->h, <=, layout->height + 0.01);
    }
  for (int i = 0; i < layout->n_arrows; i++)
    {
      const OxPoint *p = &layout->points[layout->paths[i].first];
      int middle = layout->paths[i].n_points / 6 * 3, net = g_array_index (scene->arrows, OxLayoutArrow, i).net;

      g_assert_cmpint (layout->paths[i].n_points, >=, 4);
      /* Between the cards: half way of the first curve or its end. */
      hit = ox_layout_hit (layout, middle > 0 ? p[middle].x : (p[0].x + 3 * p[1].x + 3 * p[2].x + p[3].x) / 8,
                           middle > 0 ? p[middle].y : (p[0].y + 3 * p[1].y + 3 * p[2].y + p[3].y) / 8, 4);
      g_assert_cmpint (hit.kind, ==, OX_HIT_ARROW);
      g_assert_cmpint (g_array_index (scene->arrows, OxLayoutArrow, hit.index).net, ==, net);
      g_assert_cmpstr (ox_scene_net_name (scene, net), ==, ox_graph_slot (model->graph, net)->name);
    }
  hit = ox_layout_hit (layout, -500, -500, 4);
  g_assert_cmpint (hit.kind, ==, OX_HIT_NOTHING);
}

static gboolean
meet (const OxRect *a, const OxRect *b)
{
  return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/* Shapes are written where there is room: on no card, on no other shape, and once a tensor. */
static void
test_labels (void)
{
  OxModel *model = model_new (17);
  OxGraph *g = model->graph;
  const gint64 dims[] = { 1, 512, 128, 128 };
  g_autofree char *last = g_strdup ("x");
  g_autoptr (OxScene) scene = NULL;
  g_autoptr (GHashTable) nets = g_hash_table_new (NULL, NULL);
  int written = 0;

  ox_graph_add_input (g, "x", ox_type_new_tensor (OX_F32, 4, dims));
  for (int i = 0; i < 20; i++)
    {
      g_autofree char *act = g_strdup_printf ("a%d", i), *sum = g_strdup_printf ("s%d", i), *both = g_strdup_printf ("%s %s", last, act);

      add (g, "Sigmoid", act, last, act);
      add (g, "Mul", sum, both, sum);
      ox_graph_add_value_info (g, act, ox_type_new_tensor (OX_F32, 4, dims));
      ox_graph_add_value_info (g, sum, ox_type_new_tensor (OX_F32, 4, dims));
      g_free (last);
      last = g_steal_pointer (&sum);
    }
  ox_graph_add_output (g, last, NULL);
  link_model (model);
  scene = scene_of (model, NULL);
  ox_model_unref (model);
  for (int i = 0; i < scene->layout->n_arrows; i++)
    {
      const OxRect *label = &scene->labels[i];

      if (isnan (label->x))
        continue;
      written++;
      g_assert_true (g_hash_table_add (nets, GINT_TO_POINTER (g_array_index (scene->arrows, OxLayoutArrow, i).net)));
      for (int k = 0; k < scene->layout->n_boxes; k++)
        g_assert_false (meet (label, &scene->layout->boxes[k]));
      for (int k = 0; k < i; k++)
        g_assert_false (!isnan (scene->labels[k].x) && meet (label, &scene->labels[k]));
    }
  /* Nearly all of the 41 tensors have room. */
  g_assert_cmpint (written, >=, 36);
}

static void
test_bodies (void)
{
  g_autoptr (OxModel) model = nested_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL), inside = NULL;
  OxNode *loop = ox_graph_node (model->graph, 0);
  g_autoptr (GError) error = NULL;
  gboolean outer = FALSE;

  g_assert_true (card_of (scene, "loop")->has_body);
  g_assert_false (card_of (scene, "join")->has_body);
  inside = ox_scene_new (g_ptr_array_index (ox_node_attribute (loop, "body")->graphs, 0), NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (card_of (inside, "pick")->has_body);
  for (guint i = 0; i < inside->cards->len; i++)
    outer = outer || g_str_equal (ox_scene_card (inside, (int) i)->tip, "i");
  g_assert_true (outer);
}

static void
test_empty (void)
{
  OxModel *model = model_new (17);
  g_autoptr (OxScene) scene = NULL;
  static const char *const names[] = { "empty.svg", "empty.png", "empty.pdf", "empty.dot" };

  link_model (model);
  scene = scene_of (model, NULL);
  ox_model_unref (model);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = export_as (scene, names[i], NULL);

      g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
    }
}

/* ---- painting ------------------------------------------------------------------------------------------------- */

/* How many pixels of the picture, painted at a scale, are nearly of a colour. */
static int
count_color (OxScene *scene, OxSceneView *view, OxColor color)
{
  int w = (int) ceil (scene->layout->width * view->scale) + 20, h = (int) ceil (scene->layout->height * view->scale) + 20, n = 0;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, w, h);
  cairo_t *cr = cairo_create (surface);
  OxPainter *painter = ox_painter_new ();
  const guint8 *data;

  view->area = (OxRect){ -10, -10, w / view->scale, h / view->scale };
  ox_color_set_source (cr, ox_palette (view->dark)->background, 1);
  cairo_paint (cr);
  cairo_scale (cr, view->scale, view->scale);
  cairo_translate (cr, 10, 10);
  ox_painter_draw (painter, scene, cr, view);
  cairo_surface_flush (surface);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  data = cairo_image_surface_get_data (surface);
  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++)
      {
        const guint8 *p = data + y * cairo_image_surface_get_stride (surface) + 4 * x;

        n += ABS (p[2] - (int) (color >> 16 & 255)) + ABS (p[1] - (int) (color >> 8 & 255)) + ABS (p[0] - (int) (color & 255)) < 12;
      }
  ox_painter_free (painter);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return n;
}

static OxNodeState
a_state (OxNode *node, gpointer data)
{
  return g_str_equal (node->name, "net/act") ? GPOINTER_TO_INT (data) : OX_NODE_WAITING;
}

static void
test_states (void)
{
  g_autoptr (OxModel) model = small_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL);

  for (int theme = 0; theme < 2; theme++)
    {
      const OxPalette *colors = ox_palette (theme);
      OxSceneView view = OX_SCENE_VIEW_INIT;

      view.dark = theme;
      view.state = a_state;
      view.data = GINT_TO_POINTER (OX_NODE_WAITING);
      g_assert_cmpint (count_color (scene, &view, colors->failed), <, 5);
      g_assert_cmpint (count_color (scene, &view, colors->accent), <, 5);
      view.data = GINT_TO_POINTER (OX_NODE_FAILED);
      g_assert_cmpint (count_color (scene, &view, colors->failed), >, 100);
      view.data = GINT_TO_POINTER (OX_NODE_CURRENT);
      g_assert_cmpint (count_color (scene, &view, colors->accent), >, 100);
      view.data = GINT_TO_POINTER (OX_NODE_UNTAKEN);
      g_assert_cmpint (count_color (scene, &view, colors->edge[OX_FAMILY_ACTIVATION]), <, 5);
    }
}

static void
test_detail_levels (void)
{
  g_autoptr (OxModel) model = small_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL);
  const OxPalette *colors = ox_palette (FALSE);
  OxSceneView view = OX_SCENE_VIEW_INIT;

  g_assert_cmpint (count_color (scene, &view, colors->fill[OX_FAMILY_MATRIX]), >, 1000);
  g_assert_cmpint (count_color (scene, &view, colors->text), >, 40);
  /* From afar a card is a patch in the colour of its family, and there is no text. */
  view.scale = 0.2;
  g_assert_cmpint (count_color (scene, &view, colors->fill[OX_FAMILY_MATRIX]), <, 20);
  g_assert_cmpint (count_color (scene, &view, colors->text), ==, 0);
}

static void
test_net (void)
{
  g_autoptr (OxModel) model = small_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL);
  const OxPalette *colors = ox_palette (FALSE);
  OxSceneView view = OX_SCENE_VIEW_INIT;

  g_assert_cmpint (count_color (scene, &view, colors->lit), <, 5);
  g_assert_cmpint (count_color (scene, &view, colors->edge[OX_FAMILY_ELEMENTWISE]), >, 30);
  /* a goes from the convolution to the activation; the addition steps back. */
  view.net = ox_graph_find (model->graph, "a");
  g_assert_cmpint (count_color (scene, &view, colors->lit), >, 15);
  g_assert_cmpint (count_color (scene, &view, colors->edge[OX_FAMILY_ELEMENTWISE]), <, 5);
  g_assert_cmpint (count_color (scene, &view, colors->edge[OX_FAMILY_MATRIX]), >, 30);
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

#define HOSTILE "<b>&amp;\"]]>'<script>\n\t\\N \\ --> %s é 中 \x01"

static OxModel *
hostile_model (void)
{
  OxModel *model = model_new (17);
  OxGraph *g = model->graph;
  OxNode *node;

  g_free (g->name);
  g->name = g_strdup (HOSTILE);
  ox_graph_add_input (g, HOSTILE, NULL);
  node = ox_graph_add_node (g, "<script>alert(1)</script>", "", HOSTILE "node");
  ox_node_add_input (node, HOSTILE);
  ox_node_add_output (node, "\"]; evil [label=<<b>x</b>>");
  set_string (node, "mode", "\"><x/>\n\\", -1);
  ox_graph_add_output (g, "\"]; evil [label=<<b>x</b>>", NULL);
  link_model (model);
  return model;
}

typedef struct
{
  int      titles, texts, others;
  GString *now;
  gboolean node_seen;
} Svg;

static void
svg_start (GMarkupParseContext *context, const char *name, const char **names, const char **values, gpointer data, GError **error)
{
  static const char *const known[] = { "svg", "g", "title", "text", "rect", "path", "tspan", NULL };
  Svg *svg = data;

  svg->titles += g_str_equal (name, "title");
  svg->texts += g_str_equal (name, "text");
  svg->others += !g_strv_contains (known, name);
  for (int i = 0; names[i] != NULL; i++)
    svg->others += g_str_has_prefix (names[i], "on") || strstr (names[i], "href") != NULL || strstr (values[i], "url(") != NULL;
  g_string_truncate (svg->now, 0);
}

static void
svg_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  g_string_append_len (((Svg *) data)->now, text, (gssize) length);
}

static void
svg_end (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Svg *svg = data;

  if (g_str_equal (name, "title") && g_str_has_suffix (svg->now->str, "node") && strstr (svg->now->str, "<script>") != NULL)
    svg->node_seen = TRUE;
}

static void
test_svg (void)
{
  g_autoptr (OxModel) model = hostile_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL);
  g_autofree char *path = export_as (scene, "hostile.svg", NULL), *text = contents (path);
  const GMarkupParser parser = { .start_element = svg_start, .end_element = svg_end, .text = svg_text };
  Svg svg = { .now = g_string_new (NULL) };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &svg, NULL);
  g_autoptr (GError) error = NULL;

  g_markup_parse_context_parse (context, text, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p++)
    g_assert_true ((guchar) *p >= 32 || *p == '\n' || *p == '\t');
  g_assert_null (strstr (text, "<script"));
  g_assert_cmpint (svg.others, ==, 0);
  g_assert_cmpint (svg.titles, ==, 1 + 3);   /* the picture, and every card */
  g_assert_cmpint (svg.texts, >=, 4);
  g_assert_true (svg.node_seen);
  g_string_free (svg.now, TRUE);
}

/* Graphviz reads back what was written. */
static void
test_dot (void)
{
  g_autoptr (OxModel) model = hostile_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL);
  g_autofree char *path = export_as (scene, "hostile.dot", NULL), *text = contents (path);
  Agraph_t *graph = agmemread (text);
  gboolean found = FALSE;
  int tips = 0;

  g_assert_nonnull (graph);
  g_assert_cmpint (agnnodes (graph), ==, 3);
  g_assert_cmpint (agnedges (graph), ==, 2);
  for (Agnode_t *n = agfstnode (graph); n != NULL; n = agnxtnode (graph, n))
    {
      char *label = agget (n, (char *) "label");

      g_assert_false (aghtmlstr (label));
      found = found || g_str_has_prefix (label, "<script>alert(1)");
      /* An entity in a name is text, not the character that it stands for. */
      tips += strstr (agget (n, (char *) "tooltip"), "&amp;amp;") != NULL;
    }
  g_assert_true (found);
  g_assert_cmpint (tips, ==, 2);   /* of the input and the node */
  agclose (graph);
}

static void
assert_png (const char *path, double w, double h)
{
  png_image image = { .version = PNG_IMAGE_VERSION };

  g_assert_true (png_image_begin_read_from_file (&image, path));
  g_assert_cmpuint (image.width, ==, (guint) w);
  g_assert_cmpuint (image.height, ==, (guint) h);
  png_image_free (&image);
}

static void
test_png (void)
{
  g_autoptr (OxModel) model = small_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL);
  double w = scene->layout->width + 32, h = scene->layout->height + 32;
  OxExportOptions twice = { TRUE, 2 }, small = { FALSE, 0.25 }, huge = { FALSE, 1e9 };
  g_autofree char *one = export_as (scene, "one.png", NULL), *two = export_as (scene, "two.png", &twice),
                  *quarter = export_as (scene, "quarter.png", &small), *none = g_build_filename (folder, "none.png", NULL);
  g_autoptr (GError) error = NULL;

  assert_png (one, ceil (w), ceil (h));
  assert_png (two, ceil (2 * w), ceil (2 * h));
  assert_png (quarter, ceil (w / 4), ceil (h / 4));
  g_assert_false (ox_scene_export (scene, none, &huge, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_MEMORY);
  g_assert_false (g_file_test (none, G_FILE_TEST_EXISTS));
}

/* Taller than any image of cairo: painted in tiles, whose seams cannot be seen. */
static void
test_png_tall (void)
{
  OxModel *model = model_new (17);
  g_autofree guint8 *all = NULL;
  g_autofree char *path = NULL, *last = g_strdup ("x");
  png_image image = { .version = PNG_IMAGE_VERSION };
  g_autoptr (OxScene) scene = NULL;
  OxExportOptions options = { FALSE, 1 };
  gsize stride;
  int ink = 0;

  ox_graph_add_input (model->graph, "x", NULL);
  for (int i = 0; i < 700; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%d", i);

      add (model->graph, "Relu", name, last, name);
      g_free (last);
      last = g_steal_pointer (&name);
    }
  ox_graph_add_output (model->graph, last, NULL);
  link_model (model);
  scene = scene_of (model, NULL);
  ox_model_unref (model);
  g_assert_cmpfloat (scene->layout->height, >, 33000);
  path = export_as (scene, "tall.png", &options);
  g_assert_true (png_image_begin_read_from_file (&image, path));
  image.format = PNG_FORMAT_RGB;
  stride = (gsize) image.width * 3;
  all = g_malloc (stride * image.height);
  g_assert_true (png_image_finish_read (&image, NULL, all, (int) stride, NULL));
  /* Every card is there: rows of its edge's colour at its left edge. */
  for (int i = 0; i < scene->layout->n_boxes; i++)
    {
      const OxRect *r = &scene->layout->boxes[i];
      OxColor edge = ox_palette (FALSE)->edge[OX_FAMILY_ACTIVATION];
      const guint8 *p = all + (gsize) (r->y + r->h / 2 + 16) * stride + (gsize) (r->x + 2 + 16) * 3;

      if (ox_scene_card (scene, i)->kind == OX_CARD_NODE)
        ink += ABS (p[0] - (int) (edge >> 16)) + ABS (p[1] - (int) (edge >> 8 & 255)) + ABS (p[2] - (int) (edge & 255)) < 12;
    }
  g_assert_cmpint (ink, ==, 700);
}

static void
test_pdf (void)
{
  g_autoptr (OxModel) model = hostile_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL);
  g_autofree char *path = export_as (scene, "hostile.pdf", NULL), *text = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  g_assert_cmpuint (length, >, 1000);
  g_assert_true (g_str_has_prefix (text, "%PDF-"));
  g_assert_nonnull (g_strrstr_len (text + length - 16, 16, "%%EOF"));
}

static void
test_refused (void)
{
  static const char *const names[] = { "kept.svg", "kept.png", "kept.pdf", "kept.dot" };
  g_autoptr (OxModel) model = small_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL);
  g_autofree char *odd = g_build_filename (folder, "a.jpeg", NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (ox_scene_export (scene, odd, NULL, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL), *gone = g_build_filename (folder, "no", "such", names[i], NULL);
      g_autofree char *text = NULL;

      g_test_message ("%s", names[i]);
      g_assert_false (ox_scene_export (scene, gone, NULL, NULL, &error));
      g_assert_error (error, OX_ERROR, OX_ERROR_FILE);
      g_clear_error (&error);
      /* What is stopped leaves the file that was there. */
      g_assert_true (g_file_set_contents (path, "before", -1, NULL));
      g_assert_false (ox_scene_export (scene, path, NULL, cancelled, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      text = contents (path);
      g_assert_cmpstr (text, ==, "before");
    }
}

static void
remove_all (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
  g_free (folder);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("onnxscope-picture-XXXXXX", NULL);
  g_test_add_func ("/picture/hit", test_hit);
  g_test_add_func ("/picture/labels", test_labels);
  g_test_add_func ("/picture/bodies", test_bodies);
  g_test_add_func ("/picture/empty", test_empty);
  g_test_add_func ("/picture/states", test_states);
  g_test_add_func ("/picture/detail-levels", test_detail_levels);
  g_test_add_func ("/picture/net", test_net);
  g_test_add_func ("/picture/svg", test_svg);
  g_test_add_func ("/picture/dot", test_dot);
  g_test_add_func ("/picture/png", test_png);
  g_test_add_func ("/picture/png-tall", test_png_tall);
  g_test_add_func ("/picture/pdf", test_pdf);
  g_test_add_func ("/picture/refused", test_refused);
  status = g_test_run ();
  remove_all ();
  return status;
}
