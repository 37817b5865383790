/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "scenes.h"

static void
test_cards (void)
{
  g_autoptr (OxModel) model = small_model ();
  g_autoptr (OxScene) scene = scene_of (model, NULL);
  const OxCard *conv = card_of (scene, "net/stem"), *relu = card_of (scene, "net/act"), *sum = card_of (scene, "skip"), *in;

  g_assert_cmpuint (scene->cards->len, ==, 6);
  g_assert_cmpstr (conv->title, ==, "Conv");
  g_assert_cmpstr (conv->detail, ==, "3x3 s2 p1 g32");
  g_assert_cmpstr (conv->insets[0], ==, "W 64x2x3x3");
  g_assert_null (conv->insets[1]);
  g_assert_cmpstr (conv->tip, ==, "net/stem");
  g_assert_null (relu->detail);
  g_assert_null (relu->insets);
  g_assert_cmpstr (sum->insets[0], ==, "half = 0.5");
  in = ox_scene_card (scene, 0);
  g_assert_cmpint (in->kind, ==, OX_CARD_INPUT);
  g_assert_cmpstr (in->title, ==, "x");
  g_assert_cmpstr (in->detail, ==, "f32 1x64x56x56");
  g_assert_cmpint (in->slot, ==, ox_graph_find (model->graph, "x"));
  /* Text lies inside of its card. */
  for (guint i = 0; i < scene->cards->len; i++)
    {
      OxRuler *ruler = ox_ruler_new ();
      const OxCard *card = ox_scene_card (scene, (int) i);

      g_assert_cmpfloat (card->w, >=, ox_ruler_width (ruler, OX_TEXT_TITLE, card->title) + OX_CARD_LEFT);
      ox_ruler_free (ruler);
    }
  /* z's producer is found, what is folded has no card. */
  g_assert_cmpint (ox_scene_find (scene, card_of (scene, "skip")->node), >=, 0);
  g_assert_cmpuint (scene->arrows->len, ==, 5);
}

static void
test_details (void)
{
  static const gint64 axes[] = { 2, 3 }, uneven[] = { 2, 1 }, many[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
  OxModel *model = model_new (17);
  OxGraph *g = model->graph;
  g_autoptr (OxScene) scene = NULL;
  OxNode *node;

  ox_graph_add_input (g, "x", NULL);
  set_int (add (g, "Softmax", "soft", "x", "a"), "axis", 2);
  set_int (add (g, "Cast", "cast", "a", "b"), "to", OX_F16);
  node = add (g, "ReduceMean", "mean", "b", "c");
  set_ints (node, "axes", 2, axes);
  node = add (g, "MaxPool", "pool", "c", "d");
  set_ints (node, "kernel_shape", 2, uneven);
  set_ints (node, "strides", 2, uneven);
  set_string (node, "auto_pad", "VALID\xff\xc0", 7);   /* not UTF-8 */
  set_ints (add (g, "Transpose", "turn", "d", "e"), "perm", 10, many);
  ox_node_add_attribute (add (g, "Elu", "elu", "e", "f"), "alpha", OX_ATTR_FLOAT)->f = 0.25;
  add_outputs (g, "f");
  link_model (model);
  scene = scene_of (model, NULL);
  ox_model_unref (model);
  g_assert_cmpstr (card_of (scene, "soft")->detail, ==, "axis=2");
  g_assert_cmpstr (card_of (scene, "cast")->detail, ==, "to=f16");
  g_assert_cmpstr (card_of (scene, "mean")->detail, ==, "axes=2,3");
  g_assert_cmpstr (card_of (scene, "turn")->detail, ==, "perm=1,2,3,4,5,6,7,8,…");
  g_assert_cmpstr (card_of (scene, "elu")->detail, ==, "alpha=0.25");
  g_assert_true (g_str_has_prefix (card_of (scene, "pool")->detail, "2x1 s2x1 VALID"));
  g_assert_true (g_utf8_validate (card_of (scene, "pool")->detail, -1, NULL));
}

/* Constants that are small are written out; attributes that change nothing are not. */
static void
test_constants (void)
{
  const double pair[] = { 2, 3 }, start[] = { 0 }, end[] = { 9223372036854775807.0 }, scales[] = { 1, 1, 2, 0.5 };
  const gint64 big[] = { 640, 64 }, list[] = { 4, 5 };
  const char *odd[] = { "a\xff\"\n" };
  OxModel *model = model_new (17);
  OxGraph *g = model->graph;
  g_autoptr (OxScene) scene = NULL;
  OxNode *node;

  ox_graph_add_input (g, "x", NULL);
  add_constant (g, "layers.0.axes", list_of (OX_I64, 2, pair));
  add_constant (g, "from", list_of (OX_I64, 1, start));
  add_constant (g, "to", list_of (OX_I64, 1, end));
  add_constant (g, "scales", list_of (OX_F32, 4, scales));
  add_constant (g, "onnx::MatMul_12", zeros (OX_F16, 2, big));
  add_constant (g, "layers.0.bias", zeros (OX_F32, 1, big));
  add_constant (g, "odd", ox_tensor_new_strings (odd, 1));
  add (g, "Unsqueeze", "grow", "x layers.0.axes", "a");
  add (g, "Slice", "cut", "a from to", "b");
  node = add (g, "Resize", "resize", "b - scales", "c");
  set_string (node, "coordinate_transformation_mode", "half_pixel", -1);   /* the default */
  set_string (node, "mode", "linear", -1);
  set_string (node, "nearest_mode", "floor", -1);
  add (g, "MatMul", "product", "c onnx::MatMul_12", "d");
  add (g, "Add", "sum", "d layers.0.bias", "e");
  set_ints (add (g, "Constant", "", "", "k"), "value_ints", 2, list);
  add (g, "Mul", "scale", "e k", "f");
  add (g, "Equal", "same", "f odd", "h");
  node = add (g, "ReduceMean", "mean", "h", "i");
  set_int (node, "keepdims", 1);
  set_ints (node, "axes", 2, list);
  add_outputs (g, "i");
  link_model (model);
  scene = scene_of (model, NULL);
  ox_model_unref (model);
  g_assert_cmpstr (card_of (scene, "grow")->insets[0], ==, "axes = 2,3");
  g_assert_cmpstr (card_of (scene, "cut")->insets[0], ==, "starts = 0");
  g_assert_cmpstr (card_of (scene, "cut")->insets[1], ==, "ends = end");
  g_assert_cmpstr (card_of (scene, "resize")->detail, ==, "linear floor");
  g_assert_cmpstr (card_of (scene, "resize")->insets[0], ==, "scales = 1,1,2,0.5");
  g_assert_cmpstr (card_of (scene, "product")->insets[0], ==, "B f16 640x64");
  g_assert_cmpstr (card_of (scene, "sum")->insets[0], ==, "bias 640");
  g_assert_cmpstr (card_of (scene, "scale")->insets[0], ==, "B = 4,5");
  g_assert_true (g_utf8_validate (card_of (scene, "same")->insets[0], -1, NULL));
  g_assert_cmpstr (card_of (scene, "mean")->detail, ==, "axes=4,5");
}

static void
test_long_names (void)
{
  g_autofree char *name = g_strnfill (100000, 'm'), *op = g_strnfill (300, 'O');
  OxModel *model = model_new (17);
  g_autoptr (OxScene) scene = NULL;
  const OxCard *card;

  ox_graph_add_input (model->graph, name, NULL);
  add (model->graph, op, "n", name, "y");
  add_outputs (model->graph, "y");
  link_model (model);
  scene = scene_of (model, NULL);
  ox_model_unref (model);
  card = card_of (scene, "n");
  g_assert_true (g_str_has_suffix (card->title, "…"));
  g_assert_cmpfloat (card->w, <, 210);
  card = ox_scene_card (scene, 0);
  g_assert_true (g_str_has_suffix (card->title, "…"));
  g_assert_cmpfloat (card->w, <, 210);
  g_assert_cmpuint (strlen (card->tip), ==, 100000);
}

static void
test_families (void)
{
  static const struct { const char *op; OxFamily family; } rows[] = {
    { "Reshape", OX_FAMILY_MOVEMENT }, { "Concat", OX_FAMILY_MOVEMENT }, { "Add", OX_FAMILY_ELEMENTWISE },
    { "Relu", OX_FAMILY_ACTIVATION }, { "Softmax", OX_FAMILY_ACTIVATION }, { "Conv", OX_FAMILY_MATRIX },
    { "MatMul", OX_FAMILY_MATRIX }, { "LayerNormalization", OX_FAMILY_NORM }, { "MaxPool", OX_FAMILY_REDUCTION },
    { "ReduceSum", OX_FAMILY_REDUCTION }, { "LSTM", OX_FAMILY_RECURRENT }, { "Attention", OX_FAMILY_RECURRENT },
    { "QuantizeLinear", OX_FAMILY_QUANT }, { "Loop", OX_FAMILY_CONTROL }, { "If", OX_FAMILY_CONTROL },
    { "NoSuchThing", OX_FAMILY_OTHER }, { "", OX_FAMILY_OTHER }, { "Add Sub", OX_FAMILY_OTHER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%s", rows[i].op);
      g_assert_cmpint (ox_family_of ("ai.onnx", rows[i].op), ==, rows[i].family);
    }
  for (int i = 0; i < OX_N_FAMILIES; i++)
    g_assert_cmpstr (ox_family_name ((OxFamily) i), !=, "");
}

/* ---- colours -------------------------------------------------------------------------------------------------- */

/* What marks a state on a card, and the lines, can be seen by anybody: WCAG's 3:1 for graphics. */
static void
test_state_colors (void)
{
  g_assert_cmpfloat_with_epsilon (ox_color_contrast (0xffffff, 0x000000), 21, 1e-9);
  g_assert_cmpfloat_with_epsilon (ox_color_contrast (0x777777, 0xffffff), 4.478, 1e-3);
  for (int theme = 0; theme < 2; theme++)
    {
      const OxPalette *p = ox_palette (theme);

      for (int i = 0; i < OX_N_FAMILIES; i++)
        {
          g_test_message ("%s, %s", theme ? "dark" : "light", ox_family_name ((OxFamily) i));
          g_assert_cmpfloat (ox_color_contrast (p->fill[i], p->failed), >=, 3);
          g_assert_cmpfloat (ox_color_contrast (p->fill[i], p->warning), >=, 3);
          g_assert_cmpfloat (ox_color_contrast (p->fill[i], p->done), >=, 3);
        }
      g_assert_cmpfloat (ox_color_contrast (p->background, p->line), >=, 3);
      g_assert_cmpfloat (ox_color_contrast (p->background, p->lit), >=, 3);
    }
}

/* What eyes without one kind of cone see of a colour, after Viénot, Brettel and Mollon (1999), in linear light. */
static void
as_seen (OxColor color, int missing, double lab[3])
{
  static const double matrix[3][9] = {
    { 1, 0, 0, 0, 1, 0, 0, 0, 1 },
    { 0.11238, 0.88762, 0, 0.11238, 0.88762, 0, 0.00401, -0.00401, 1 },    /* no red cones */
    { 0.29275, 0.70725, 0, 0.29275, 0.70725, 0, -0.02234, 0.02234, 1 },    /* no green cones */
  };
  static const double xyz[9] = { 0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505 };
  static const double white[3] = { 0.9505, 1, 1.089 };
  double rgb[3], seen[3], f[3];

  for (int i = 0; i < 3; i++)
    {
      double c = (color >> (16 - 8 * i) & 255) / 255.0;

      rgb[i] = c <= 0.04045 ? c / 12.92 : pow ((c + 0.055) / 1.055, 2.4);
    }
  for (int i = 0; i < 3; i++)
    seen[i] = CLAMP (matrix[missing][3 * i] * rgb[0] + matrix[missing][3 * i + 1] * rgb[1] + matrix[missing][3 * i + 2] * rgb[2], 0, 1);
  for (int i = 0; i < 3; i++)
    {
      double t = (xyz[3 * i] * seen[0] + xyz[3 * i + 1] * seen[1] + xyz[3 * i + 2] * seen[2]) / white[i];

      f[i] = t > 0.008856 ? cbrt (t) : 7.787 * t + 16.0 / 116;
    }
  lab[0] = 116 * f[1] - 16;
  lab[1] = 500 * (f[0] - f[1]);
  lab[2] = 200 * (f[1] - f[2]);
}

/* The families' edges are told apart by everybody: no two of them look the same to eyes without red or green cones. */
static void
test_color_blind (void)
{
  for (int theme = 0; theme < 2; theme++)
    for (int missing = 0; missing < 3; missing++)
      for (int i = 0; i < OX_FAMILY_OTHER; i++)
        for (int k = i + 1; k < OX_FAMILY_OTHER; k++)
          {
            double a[3], b[3], distance;

            as_seen (ox_palette (theme)->edge[i], missing, a);
            as_seen (ox_palette (theme)->edge[k], missing, b);
            distance = sqrt ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
            g_test_message ("theme %d, eyes %d: %s and %s: %.1f", theme, missing, ox_family_name ((OxFamily) i),
                            ox_family_name ((OxFamily) k), distance);
            g_assert_cmpfloat (distance, >=, 9);
          }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/card/texts", test_cards);
  g_test_add_func ("/card/details", test_details);
  g_test_add_func ("/card/constants", test_constants);
  g_test_add_func ("/card/long-names", test_long_names);
  g_test_add_func ("/card/families", test_families);
  g_test_add_func ("/card/state-colors", test_state_colors);
  g_test_add_func ("/card/color-blind", test_color_blind);
  return g_test_run ();
}
