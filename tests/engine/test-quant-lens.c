/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-quant-lens.h"

#include <math.h>
#include <string.h>

#include "text-models.h"

static OxModel *
start (void)
{
  OxModel *model = model_new (21);
  OxOpset microsoft = { g_strdup ("com.microsoft"), 1 }, qonnx = { g_strdup ("qonnx.custom_op.general"), 1 };

  g_array_append_val (model->opsets, microsoft);
  g_array_append_val (model->opsets, qonnx);
  ox_graph_add_input (model->graph, "x", NULL);
  return model;
}

static OxNode *
add_other (OxGraph *graph, const char *domain, const char *op, const char *in, const char *out)
{
  OxNode *node = add (graph, op, "", in, out);

  g_free (node->domain);
  node->domain = g_strdup (domain);
  return node;
}

static void
constant (OxModel *model, const char *name, OxDtype dtype, int rank, const gint64 *dims, const double *values)
{
  add_constant (model->graph, name, tensor_of (dtype, rank, dims, values));
}

static void
scalar (OxModel *model, const char *name, OxDtype dtype, double value)
{
  add_constant (model->graph, name, ox_tensor_new_scalar (dtype, value));
}

static OxSession *
session_of (OxModel *model, const char *outputs, OxTensor *x)
{
  g_autoptr (OxValue) value = ox_value_new_tensor (x);
  OxSession *session;

  add_outputs (model->graph, outputs);
  link_good (model);
  session = ox_session_new (model, NULL);
  give (session, "x", value);
  ox_model_unref (model);
  return session;
}

static OxQuantLens *
look_beside (OxSession *session, OxSession *reference)
{
  OxQuantLens *lens = ox_quant_lens_new (session, reference);
  g_autoptr (GError) error = NULL;

  ox_quant_lens_run (lens, NULL, &error);
  g_assert_no_error (error);
  return lens;
}

/* Takes the model. */
static OxQuantLens *
look (OxModel *model, const char *outputs, OxTensor *x)
{
  g_autoptr (OxSession) session = session_of (model, outputs, x);

  return look_beside (session, NULL);
}

static const OxQuantSite *
site_of (OxQuantLens *lens, const char *name)
{
  GPtrArray *sites = ox_quant_lens_sites (lens);

  for (guint i = 0; i < sites->len; i++)
    if (g_str_equal (((OxQuantSite *) g_ptr_array_index (sites, i))->name, name))
      return g_ptr_array_index (sites, i);
  g_error ("nothing is known of '%s'", name);
}

static void
assert_near (double found, double expected)
{
  if (!(fabs (found - expected) <= 1e-6 * MAX (fabs (expected), 1)))
    g_error ("expected %.12g, found %.12g", expected, found);
}

/* 300 becomes 255, 0.25 becomes 0. */
static void
test_quantise (void)
{
  OxModel *model = start ();
  const double x[] = { 0.25, 1, 2, 300 };
  g_autoptr (OxQuantLens) lens = NULL;
  g_autofree char *text = NULL;
  const OxQuantSite *site;

  scalar (model, "s", OX_F32, 1);
  scalar (model, "z", OX_U8, 0);
  add (model->graph, "QuantizeLinear", "", "x s z", "q");
  lens = look (model, "q", list_of (OX_F32, 4, x));
  site = site_of (lens, "q");
  g_assert_cmpint (site->kind, ==, OX_QUANT_MADE);
  g_assert_cmpstr (site->type, ==, "u8 4");
  g_assert_cmpint (site->channels->len, ==, 0);
  g_assert_cmpint (site->all.count, ==, 4);
  g_assert_cmpint (site->all.clipped, ==, 1);
  g_assert_cmpint (site->all.edge, ==, 1);
  g_assert_cmpint (site->all.used, ==, 4);
  g_assert_cmpfloat (site->all.scale, ==, 1);
  assert_near (site->all.sqnr, 10 * log10 ((0.0625 + 1 + 4 + 90000) / (0.0625 + 45 * 45)));
  assert_near (site->all.expected, 10 * log10 ((0. + 1 + 4 + 255 * 255) / (4. / 12)));
  g_assert_true (isnan (site->all.against));
  text = ox_quant_lens_describe (lens, 10);
  g_assert_nonnull (strstr (text, "0 weights and 1 other tensors are quantised, 1 of them clipped"));
  g_assert_nonnull (
      strstr (text, "  16.5 dB  'q' (u8 4) at #0 QuantizeLinear, scale 1, 25% clipped, 252 of 256 codes unused\n"));
}

/* Rows with scales and zero points of their own; the second loses all of it. */
static void
test_channels (void)
{
  OxModel *model = start ();
  const double x[] = { 1, -2, 3, 1, 2, -3, 10, 20, 27 }, s[] = { 1, 10, 0.2 }, z[] = { 0, 0, -8 };
  g_autoptr (OxQuantLens) lens = NULL;
  const OxQuantSite *site;
  const OxQuantChannel *channel;

  constant (model, "s", OX_F32, 1, (gint64[]) { 3 }, s);
  constant (model, "z", OX_I8, 1, (gint64[]) { 3 }, z);
  set_int (add (model->graph, "QuantizeLinear", "", "x s z", "q"), "axis", 0);
  lens = look (model, "q", tensor_of (OX_F32, 2, (gint64[]) { 3, 3 }, x));
  site = site_of (lens, "q");
  g_assert_cmpint (site->channels->len, ==, 3);
  channel = &g_array_index (site->channels, OxQuantChannel, 0);
  g_assert_cmpint (channel->channel, ==, 1);
  assert_near (channel->sqnr, 0);
  assert_near (channel->scale, 10);
  g_assert_cmpint (channel->used, ==, 1);
  /* 27 / 0.2 - 8 = 127 is the last code; 10 and 20 are 42 and 92. */
  channel = &g_array_index (site->channels, OxQuantChannel, 1);
  g_assert_cmpint (channel->channel, ==, 2);
  assert_near (channel->zero, -8);
  g_assert_cmpint (channel->clipped, ==, 0);
  g_assert_cmpint (channel->edge, ==, 1);
  g_assert_true (channel->sqnr > 100);
  g_assert_true (isnan (site->all.scale));
  assert_near (site->all.sqnr, 10 * log10 ((14. + 14 + 100 + 400 + 729) / 14));
}

/* Weights beside the model they were made from: of the same name, or with what quantisers put behind it. */
static void
test_reference (void)
{
  OxModel *model = start (), *plain = start ();
  const double q[] = { 10, -20, 30, 40 }, w[] = { 1.1, -2, 3, 4 }, u[] = { 12, 8 }, v[] = { 0.4, -0.4 }, x[] = { 1, 1 };
  g_autoptr (OxSession) one = NULL, other = NULL;
  g_autoptr (OxQuantLens) lens = NULL;
  const OxQuantSite *site;

  constant (model, "w_quantized", OX_I8, 2, (gint64[]) { 2, 2 }, q);
  scalar (model, "s", OX_F32, 0.1);
  add (model->graph, "DequantizeLinear", "", "w_quantized s", "w_DequantizeLinear_Output");
  add (model->graph, "MatMul", "", "x w_DequantizeLinear_Output", "a");
  constant (model, "v_q", OX_U8, 2, (gint64[]) { 1, 2 }, u);
  scalar (model, "vz", OX_U8, 10);
  scalar (model, "as", OX_F32, 0.125);
  scalar (model, "az", OX_U8, 0);
  add (model->graph, "QuantizeLinear", "", "a as az", "a_Q");
  constant (model, "k", OX_U8, 2, (gint64[]) { 2, 1 }, u);
  add (model->graph, "MatMulInteger", "", "k v_q - vz", "p");
  one = session_of (model, "p a_Q", tensor_of (OX_F32, 2, (gint64[]) { 1, 2 }, x));

  constant (plain, "w", OX_F32, 2, (gint64[]) { 2, 2 }, w);
  constant (plain, "v", OX_F32, 2, (gint64[]) { 1, 2 }, v);
  add (plain->graph, "MatMul", "", "x w", "a");
  add (plain->graph, "Mul", "", "a v", "y");
  other = session_of (plain, "y", tensor_of (OX_F32, 2, (gint64[]) { 1, 2 }, x));

  lens = look_beside (one, other);
  site = site_of (lens, "w_quantized");
  g_assert_cmpint (site->kind, ==, OX_QUANT_WEIGHT);
  g_assert_cmpstr (site->reference, ==, "w");
  assert_near (site->all.against, 10 * log10 ((1.21 + 4 + 9 + 16) / 0.01));
  g_assert_true (isnan (site->all.sqnr));
  /* Twice as large with opposite signs: some scale makes it exact. */
  site = site_of (lens, "v_q");
  g_assert_cmpstr (site->reference, ==, "v");
  g_assert_true (isinf (site->all.against) || site->all.against > 100);
  g_assert_true (isnan (site->all.scale));
  assert_near (site->all.zero, 10);
  /* a is [4, 2] here and [4.1, 2] there. */
  site = site_of (lens, "a_Q");
  g_assert_cmpstr (site->reference, ==, "a");
  assert_near (site->all.against, 10 * log10 ((4.1 * 4.1 + 4) / 0.01));
  g_assert_true (site->all.sqnr > 100);
  g_assert_null (site_of (lens, "k")->reference);
}

/* A normalisation that went into the weights of what is before it. */
static void
test_folded (void)
{
  OxModel *model = start (), *plain = start ();
  const double w[] = { 6 }, half[] = { 2 }, one[] = { 1 }, none[] = { 0 }, x[] = { 1, 2, 3 };
  g_autoptr (OxSession) quantised = NULL, other = NULL;
  g_autoptr (OxQuantLens) lens = NULL;

  constant (model, "w", OX_F32, 3, (gint64[]) { 1, 1, 1 }, w);
  scalar (model, "s", OX_F32, 1);
  scalar (model, "z", OX_U8, 0);
  add (model->graph, "Conv", "", "x w", "c");
  add (model->graph, "QuantizeLinear", "", "c s z", "c_Q");
  quantised = session_of (model, "c_Q", tensor_of (OX_F32, 3, (gint64[]) { 1, 1, 3 }, x));
  constant (plain, "k", OX_F32, 3, (gint64[]) { 1, 1, 1 }, (double[]) { 3 });
  constant (plain, "two", OX_F32, 1, (gint64[]) { 1 }, half);
  constant (plain, "one", OX_F32, 1, (gint64[]) { 1 }, one);
  constant (plain, "zero", OX_F32, 1, (gint64[]) { 1 }, none);
  add (plain->graph, "Conv", "", "x k", "c");
  ox_node_add_attribute (add (plain->graph, "BatchNormalization", "", "c two zero zero one", "n"), "epsilon", OX_ATTR_FLOAT)
      ->f = 0;
  add (plain->graph, "Relu", "", "n", "y");
  other = session_of (plain, "y", tensor_of (OX_F32, 3, (gint64[]) { 1, 1, 3 }, x));
  lens = look_beside (quantised, other);
  g_assert_true (isinf (site_of (lens, "c_Q")->all.against));
}

/* Blocks of two along the second axis, in 4 bits. */
static void
test_blocks (void)
{
  OxModel *model = start ();
  const double q[] = { 7, -8, 1, 2, 3, 4, -1, 0 }, s[] = { 1, 0.5, 2, 4 };
  g_autoptr (OxQuantLens) lens = NULL;
  const OxQuantSite *site;
  OxNode *node;

  constant (model, "w", OX_I4, 2, (gint64[]) { 2, 4 }, q);
  constant (model, "s", OX_F32, 2, (gint64[]) { 2, 2 }, s);
  node = add (model->graph, "DequantizeLinear", "", "w s", "f");
  set_int (node, "axis", 1);
  set_int (node, "block_size", 2);
  add (model->graph, "Add", "", "f x", "y");
  lens = look (model, "y", ox_tensor_new_scalar (OX_F32, 1));
  site = site_of (lens, "w");
  g_assert_cmpint (site->codes.bits, ==, 4);
  g_assert_cmpint (site->channels->len, ==, 4);
  g_assert_cmpint (site->all.used, ==, 8);
  g_assert_cmpint (site->all.edge, ==, 2);
  for (guint i = 0; i < 4; i++)
    {
      const OxQuantChannel *channel = &g_array_index (site->channels, OxQuantChannel, i);
      double a = q[2 * channel->channel], b = q[2 * channel->channel + 1];

      g_assert_cmpfloat (channel->scale, ==, s[channel->channel]);
      g_assert_cmpint (channel->count, ==, 2);
      assert_near (channel->expected, 10 * log10 ((a * a + b * b) * 12 / 2));
    }
  /* -1 and 0 tell least. */
  g_assert_cmpint (g_array_index (site->channels, OxQuantChannel, 0).channel, ==, 3);
}

/* Codes 1, 15, 8, 0 in two bytes a row, lowest bits first; the zero point of the first row is 8, of the second 2. */
static void
test_packed (void)
{
  OxModel *model = start ();
  double blob[2 * 16] = { 0xf1, 0x08, [16] = 0x22, [17] = 0x32 };
  const double s[] = { 0.5, 0.25 }, z[] = { 0x08, 0x02 };
  g_autoptr (OxQuantLens) lens = NULL;
  const OxQuantSite *site;
  OxNode *node;

  for (int i = 2; i < 16; i++)
    {
      blob[i] = 0x88;
      blob[16 + i] = 0x22;
    }
  constant (model, "w", OX_U8, 3, (gint64[]) { 2, 1, 16 }, blob);
  constant (model, "s", OX_F32, 1, (gint64[]) { 2 }, s);
  constant (model, "z", OX_U8, 1, (gint64[]) { 2 }, z);
  node = add_other (model->graph, "com.microsoft", "MatMulNBits", "x w s z", "y");
  set_int (node, "K", 32);
  set_int (node, "N", 2);
  set_int (node, "block_size", 32);
  lens = look (model, "y", ox_tensor_new_zeros (OX_F32, 2, (gint64[]) { 1, 32 }, NULL));
  site = site_of (lens, "w");
  g_assert_cmpint (site->kind, ==, OX_QUANT_WEIGHT);
  g_assert_cmpstr (site->type, ==, "4 bits 2x32");
  g_assert_cmpint (site->all.count, ==, 64);
  /* 1, 15, 8, 0 and 2, 3. */
  g_assert_cmpint (site->all.used, ==, 6);
  for (guint i = 0; i < 2; i++)
    {
      const OxQuantChannel *channel = &g_array_index (site->channels, OxQuantChannel, i);
      double squares = channel->channel == 0 ? 49 + 49 + 64 : 1;

      g_assert_cmpfloat (channel->zero, ==, channel->channel == 0 ? 8 : 2);
      g_assert_cmpint (channel->used, ==, channel->channel == 0 ? 4 : 2);
      assert_near (channel->expected, 10 * log10 (squares * 12 / 32));
    }
}

/* What is expected from codes alone is what quantising does, when nothing is clipped. */
static void
test_expected (void)
{
  OxModel *model = start ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  OxTensor *x = ox_tensor_new (OX_F32, 1, (gint64[]) { 5000 }, NULL);
  g_autoptr (OxQuantLens) lens = NULL;
  const OxQuantSite *site;

  for (gint64 i = 0; i < x->count; i++)
    ox_tensor_set (x, i, g_rand_double_range (rand, -1, 1) + g_rand_double_range (rand, -1, 1));
  add (model->graph, "DynamicQuantizeLinear", "", "x", "q s z");
  lens = look (model, "q", x);
  site = site_of (lens, "q");
  g_assert_cmpint (site->kind, ==, OX_QUANT_MADE);
  g_assert_true (fabs (site->all.expected - site->all.sqnr) < 0.3);
  g_assert_true (site->all.sqnr > 40 && site->all.sqnr < 60);
}

/* The product does not fit; nobody knows by how much. */
static void
test_saturated (void)
{
  OxModel *model = start ();
  const double a[] = { 100, 100, 1, 0 }, b[] = { 100, 1, 100, 1 };
  g_autoptr (OxQuantLens) lens = NULL;
  g_autofree char *text = NULL;
  const OxQuantSite *site;

  constant (model, "b", OX_I8, 2, (gint64[]) { 2, 2 }, b);
  scalar (model, "s", OX_F32, 0.1);
  scalar (model, "z", OX_I8, 0);
  add (model->graph, "QLinearMatMul", "", "x s z b s z s z", "y");
  lens = look (model, "y", tensor_of (OX_I8, 2, (gint64[]) { 2, 2 }, a));
  g_assert_cmpint (ox_quant_lens_sites (lens)->len, ==, 3);
  site = site_of (lens, "y");
  g_assert_cmpint (site->kind, ==, OX_QUANT_CODES);
  /* 20000 and 200 are 2000 and 20 in tenths; 100 and 1 are 10 and 0. */
  g_assert_cmpint (site->all.edge, ==, 1);
  g_assert_true (site->saturated);
  assert_near (ox_quant_site_rank (site), 10 * log10 (4));
  g_assert_true (g_ptr_array_index (ox_quant_lens_sites (lens), 0) == site);
  g_assert_cmpint (site_of (lens, "x")->kind, ==, OX_QUANT_CODES);
  g_assert_cmpint (site_of (lens, "b")->kind, ==, OX_QUANT_WEIGHT);
  text = ox_quant_lens_describe (lens, 10);
  g_assert_nonnull (strstr (text, "  saturated  'y' (i8 2x2) at #0 QLinearMatMul, scale 0.1, 25% at the edge"));
}

/* Numbers of a few bits: signed, narrow, with a scale a row; and of one bit. */
static void
test_numbers (void)
{
  OxModel *model = start ();
  const double x[] = { 1, -3, 9, 0.5, 0.5, -0.25 }, s[] = { 1, 0.25 };
  g_autoptr (OxQuantLens) lens = NULL;
  const OxQuantSite *site;
  OxNode *node;

  constant (model, "s", OX_F32, 2, (gint64[]) { 2, 1 }, s);
  scalar (model, "one", OX_F32, 1);
  scalar (model, "z", OX_F32, 0);
  scalar (model, "bits", OX_F32, 3);
  node = add_other (model->graph, "qonnx.custom_op.general", "Quant", "x s z bits", "q");
  set_int (node, "signed", 1);
  set_int (node, "narrow", 1);
  add_other (model->graph, "qonnx.custom_op.general", "BipolarQuant", "x one", "b");
  lens = look (model, "q b", tensor_of (OX_F32, 2, (gint64[]) { 2, 3 }, x));
  site = site_of (lens, "q");
  g_assert_cmpint (site->kind, ==, OX_QUANT_MADE);
  g_assert_cmpint (site->codes.bits, ==, 3);
  g_assert_cmpfloat (site->codes.low, ==, -3);
  g_assert_cmpint (site->all.clipped, ==, 1);
  /* 1, -3, 3; 2, 2, -1. */
  g_assert_cmpint (site->all.used, ==, 5);
  assert_near (site->all.sqnr, 10 * log10 ((1 + 9 + 81 + 0.25 + 0.25 + 0.0625) / 36));
  g_assert_cmpint (g_array_index (site->channels, OxQuantChannel, 0).channel, ==, 0);
  site = site_of (lens, "b");
  g_assert_cmpint (site->all.used, ==, 2);
  g_assert_cmpint (site->all.clipped, ==, 0);
  assert_near (site->all.sqnr, 10 * log10 ((1 + 9 + 81 + 0.25 + 0.25 + 0.0625) / (4 + 64 + 0.25 + 0.25 + 0.5625)));
}

static void
test_nothing (void)
{
  OxModel *model = start ();
  g_autoptr (OxQuantLens) lens = NULL;
  g_autofree char *text = NULL;

  add (model->graph, "Neg", "", "x", "y");
  lens = look (model, "y", ox_tensor_new_scalar (OX_F32, 1));
  text = ox_quant_lens_describe (lens, 10);
  g_assert_cmpstr (text, ==, "nothing in it is quantised\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quant-lens/quantise", test_quantise);
  g_test_add_func ("/quant-lens/channels", test_channels);
  g_test_add_func ("/quant-lens/reference", test_reference);
  g_test_add_func ("/quant-lens/folded", test_folded);
  g_test_add_func ("/quant-lens/blocks", test_blocks);
  g_test_add_func ("/quant-lens/packed", test_packed);
  g_test_add_func ("/quant-lens/expected", test_expected);
  g_test_add_func ("/quant-lens/saturated", test_saturated);
  g_test_add_func ("/quant-lens/numbers", test_numbers);
  g_test_add_func ("/quant-lens/nothing", test_nothing);
  return g_test_run ();
}
