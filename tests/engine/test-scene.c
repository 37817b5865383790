/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "core/ox-error.h"
#include "model/ox-scope.h"
#include "scene/ox-card.h"

static OxNode *
add (OxGraph *graph, const char *op, const char *name, const char *in, const char *out)
{
  OxNode *node = ox_graph_add_node (graph, op, "", name);
  g_auto (GStrv) ins = g_strsplit (in, " ", -1);

  for (int i = 0; ins[i] != NULL; i++)
    ox_node_add_input (node, ins[i]);
  ox_node_add_output (node, out);
  return node;
}

/* x -> Conv (weight folded) -> Relu -> Add (with x) -> y; names as a PyTorch export has them, one of them hostile. */
static OxModel *
model_new (void)
{
  OxModel *model = ox_model_new ();
  OxGraph *g = model->graph = ox_graph_new (model, "g<&>\"");
  const gint64 image[] = { 1, 3, 8, 8 }, weight[] = { 3, 3, 1, 1 }, one[] = { 1, 1 };
  OxNode *conv;

  ox_graph_add_input (g, "x", ox_type_new_tensor (OX_F32, 4, image));
  ox_graph_add_initializer (g, ox_initializer_new_tensor ("w", ox_tensor_new_zeros (OX_F32, 4, weight, NULL)));
  conv = add (g, "Conv", "/body/conv/Conv", "x w", "c");
  g_array_append_vals (ox_node_add_attribute (conv, "kernel_shape", OX_ATTR_INTS)->ints, one, 2);
  add (g, "Relu", "/body/act/Relu", "c", "r");
  add (g, "Add", "</text><script>alert(1)</script>", "r x", "y");
  ox_graph_add_output (g, "y", ox_type_new_tensor (OX_F32, 4, image));
  g_assert_true (ox_model_link (model, NULL));
  return model;
}

static OxScene *
scene_new (OxModel *model, const OxSceneOptions *options)
{
  g_autoptr (GError) error = NULL;
  OxScene *scene = ox_scene_new (model->graph, options, NULL, &error);

  g_assert_no_error (error);
  return scene;
}

static void
test_cards (void)
{
  g_autoptr (OxModel) model = model_new ();
  g_autoptr (OxScene) scene = scene_new (model, NULL);
  const OxCard *conv = ox_scene_card (scene, ox_scene_find (scene, ox_graph_node (model->graph, 0)));

  g_assert_cmpuint (scene->cards->len, ==, 5);
  g_assert_cmpuint (scene->arrows->len, ==, 5);
  g_assert_cmpstr (conv->title, ==, "Conv");
  g_assert_cmpstr (conv->detail, ==, "1x1");
  g_assert_cmpstr (conv->insets[0], ==, "W 3x3x1x1");
  g_assert_null (conv->insets[1]);
  g_assert_cmpint (conv->family, ==, OX_FAMILY_MATRIX);
  g_assert_cmpint (ox_scene_card (scene, 0)->kind, ==, OX_CARD_INPUT);
  g_assert_cmpstr (ox_scene_net_name (scene, ox_graph_find (model->graph, "c")), ==, "c");
}

static void
test_scopes (void)
{
  g_autoptr (OxModel) model = model_new ();
  g_autoptr (OxScene) inside = scene_new (model, &(OxSceneOptions) { .scope = "body" });
  g_autoptr (OxScene) grouped = scene_new (model, &(OxSceneOptions) { .depth = 1 });
  g_autoptr (GError) error = NULL;
  g_autofree char *cut = ox_scope_cut ("a/b/c", 2), *scope = ox_node_scope (ox_graph_node (model->graph, 0));

  g_assert_cmpstr (cut, ==, "a/b");
  g_assert_cmpstr (scope, ==, "body/conv");
  g_assert_true (ox_scope_inside ("a/b", "a"));
  g_assert_false (ox_scope_inside ("ab", "a"));
  /* x comes in, Conv, Relu, r goes out. */
  g_assert_cmpuint (inside->cards->len, ==, 4);
  g_assert_cmpint (ox_scene_find (inside, ox_graph_node (model->graph, 2)), ==, -1);
  /* x, one card for body, one for the scope that the hostile name makes, y. */
  g_assert_cmpuint (grouped->cards->len, ==, 4);
  g_assert_cmpint (ox_scene_find (grouped, ox_graph_node (model->graph, 0)), ==,
                   ox_scene_find (grouped, ox_graph_node (model->graph, 1)));
  g_assert_null (ox_scene_new (model->graph, &(OxSceneOptions) { .scope = "nowhere" }, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
}

static char *
export (OxScene *scene, const char *ending, const OxExportOptions *options, gsize *size)
{
  g_autofree char *name = g_strconcat ("ox-scene-XXXXXX", ending, NULL);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  char *content = NULL;
  int fd = g_file_open_tmp (name, &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_assert_true (ox_scene_export (scene, path, options, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &content, size, NULL));
  g_unlink (path);
  return content;
}

static void
count_text (GMarkupParseContext *context, const char *element, const char **names, const char **values, gpointer data,
            GError **error)
{
  guint *counts = data;

  counts[0] += strcmp (element, "text") == 0;
  counts[1] += strcmp (element, "title") == 0;
  counts[2] += strcmp (element, "script") == 0;
}

static void
test_svg (void)
{
  g_autoptr (OxModel) model = model_new ();
  g_autoptr (OxScene) scene = scene_new (model, NULL);
  gsize size;
  g_autofree char *svg = export (scene, ".svg", NULL, &size), *dark = export (scene, ".svg", &(OxExportOptions) { .dark = TRUE }, NULL);
  guint counts[3] = { 0 };
  GMarkupParser parser = { .start_element = count_text };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, counts, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_markup_parse_context_parse (context, svg, (gssize) size, &error));
  g_assert_true (g_markup_parse_context_end_parse (context, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (counts[0], >=, 8);                       /* titles, details, insets, shapes */
  g_assert_cmpuint (counts[1], ==, 1 + scene->cards->len);   /* the picture's and one a card */
  g_assert_cmpuint (counts[2], ==, 0);
  g_assert_nonnull (strstr (svg, "&lt;script&gt;"));
  g_assert_null (strstr (svg, "class="));
  g_assert_cmpstr (svg, !=, dark);
}

static void
test_dot (void)
{
  g_autoptr (OxModel) model = model_new ();
  g_autoptr (OxScene) scene = scene_new (model, NULL);
  g_autofree char *dot = export (scene, ".dot", NULL, NULL);

  g_assert_true (g_str_has_prefix (dot, "digraph \"g<&>\\\"\" {"));
  g_assert_nonnull (strstr (dot, "label=\"Conv\\n1x1\\nW 3x3x1x1\""));
  g_assert_null (strstr (dot, "=<"));
}

static guint32
read_u32 (const char *p)
{
  const guint8 *b = (const guint8 *) p;

  return (guint32) b[0] << 24 | (guint32) b[1] << 16 | (guint32) b[2] << 8 | b[3];
}

static void
test_png_pdf (void)
{
  g_autoptr (OxModel) model = model_new ();
  g_autoptr (OxScene) scene = scene_new (model, NULL);
  gsize size;
  g_autofree char *once = export (scene, ".png", NULL, &size), *thrice = export (scene, ".png", &(OxExportOptions) { .scale = 3 }, NULL);
  g_autofree char *pdf = export (scene, ".pdf", NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpmem (once, 8, "\x89PNG\r\n\x1a\n", 8);
  g_assert_cmpuint (read_u32 (once + 16), ==, (guint32) (scene->layout->width + 32 + 0.999999));
  g_assert_cmpuint (read_u32 (thrice + 20), >=, 3 * (read_u32 (once + 20) - 1));
  g_assert_true (g_str_has_prefix (pdf, "%PDF"));
  g_assert_false (ox_scene_export (scene, "/tmp/picture.gif", NULL, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_false (ox_scene_export (scene, "/nowhere/at/all.svg", NULL, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_FILE);
}

/* Text keeps 4.5:1 on every card, in both themes; edges can be told from the background. */
static void
test_contrast (void)
{
  for (int dark = 0; dark < 2; dark++)
    {
      const OxPalette *colors = ox_palette (dark);

      for (int f = 0; f < OX_N_FAMILIES; f++)
        {
          g_assert_cmpfloat (ox_color_contrast (colors->text, colors->fill[f]), >=, 7);
          g_assert_cmpfloat (ox_color_contrast (colors->faint_text, colors->fill[f]), >=, 4.5);
          g_assert_cmpfloat (ox_color_contrast (colors->edge[f], colors->background), >=, 1.9);
        }
      g_assert_cmpfloat (ox_color_contrast (colors->faint_text, colors->background), >=, 4.5);
      g_assert_cmpfloat (ox_color_contrast (colors->text, colors->chip), >=, 4.5);
      g_assert_cmpfloat (ox_color_contrast (colors->failed, colors->background), >=, 3);
      g_assert_cmpfloat (ox_color_contrast (colors->accent, colors->background), >=, 3);
    }
}

static void
test_ruler (void)
{
  OxRuler *ruler = ox_ruler_new ();
  g_autofree char *huge = g_strnfill (1000000, 'm');
  g_autofree char *fitted = ox_ruler_fit (ruler, OX_TEXT_TITLE, huge, 100), *same = ox_ruler_fit (ruler, OX_TEXT_TITLE, "Conv", 100);
  g_autofree char *tiny = ox_ruler_fit (ruler, OX_TEXT_TITLE, "Convolution", 1);

  g_assert_true (g_str_has_suffix (fitted, "…"));
  g_assert_cmpfloat (ox_ruler_width (ruler, OX_TEXT_TITLE, fitted), <=, 100);
  g_assert_cmpstr (same, ==, "Conv");
  g_assert_cmpstr (tiny, ==, "…");
  ox_ruler_free (ruler);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/cards", test_cards);
  g_test_add_func ("/scene/scopes", test_scopes);
  g_test_add_func ("/scene/svg", test_svg);
  g_test_add_func ("/scene/dot", test_dot);
  g_test_add_func ("/scene/png-pdf", test_png_pdf);
  g_test_add_func ("/scene/contrast", test_contrast);
  g_test_add_func ("/scene/ruler", test_ruler);
  return g_test_run ();
}
