/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "model/ox-model.h"
#include "model/ox-scope.h"

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

static OxModel *
model_new (void)
{
  OxModel *model = ox_model_new ();

  model->graph = ox_graph_new (model, "g");
  return model;
}

static void
test_links (void)
{
  g_autoptr (OxModel) model = model_new ();
  g_autoptr (GError) error = NULL;
  OxGraph *g = model->graph;
  gint64 two = 2;
  OxSlot *x, *w;

  ox_graph_add_input (g, "x", ox_type_new_tensor (OX_F32, 1, &two));
  ox_graph_add_initializer (g, ox_initializer_new_tensor ("w", ox_tensor_new_scalar (OX_F32, 3)));
  add (g, "Mul", "m", "x w", "a");
  add (g, "Add", "n", "a x", "y");
  ox_graph_add_output (g, "y", NULL);
  g_assert_true (ox_model_link (model, &error));
  g_assert_no_error (error);
  x = ox_graph_slot (g, ox_graph_find (g, "x"));
  g_assert_cmpint (x->graph_input, ==, 0);
  g_assert_cmpuint (x->uses->len, ==, 2);
  w = ox_node_input_slot (ox_graph_node (g, 0), 1);
  g_assert_nonnull (w->initializer);
  g_assert_true (ox_node_input_slot (ox_graph_node (g, 1), 0)->producer == ox_graph_node (g, 0));
  g_assert_cmpint (ox_node_output_slot (ox_graph_node (g, 1), 0)->graph_output, ==, 0);
  g_assert_cmpuint (model->warnings->len, ==, 0);
}

static void
test_order (void)
{
  g_autoptr (OxModel) model = model_new ();
  g_autoptr (GError) error = NULL;
  OxGraph *g = model->graph;

  ox_graph_add_input (g, "x", NULL);
  add (g, "Add", "c", "b a", "c");
  add (g, "Neg", "b", "a", "b");
  add (g, "Abs", "a", "x", "a");
  ox_graph_add_output (g, "c", NULL);
  g_assert_true (ox_model_link (model, &error));
  g_assert_cmpstr (ox_graph_node (g, 0)->name, ==, "a");
  g_assert_cmpstr (ox_graph_node (g, 1)->name, ==, "b");
  g_assert_cmpstr (ox_graph_node (g, 2)->name, ==, "c");
  g_assert_cmpuint (ox_graph_node (g, 2)->index, ==, 2);
  g_assert_cmpuint (model->warnings->len, ==, 1);
}

static void
expect_failure (OxModel *model, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ox_model_link (model, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_MODEL);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_wrong (void)
{
  g_autoptr (OxModel) cyclic = model_new ();
  g_autoptr (OxModel) undefined = model_new ();
  g_autoptr (OxModel) twice = model_new ();
  g_autoptr (OxModel) self = model_new ();
  g_autoptr (OxModel) empty = ox_model_new ();

  add (cyclic->graph, "Neg", "a", "y", "x");
  add (cyclic->graph, "Neg", "b", "x", "y");
  expect_failure (cyclic, "cycle");
  add (undefined->graph, "Neg", "a", "nowhere", "x");
  expect_failure (undefined, "main: node 'a' (Neg): its input 0 is 'nowhere'");
  ox_graph_add_input (twice->graph, "x", NULL);
  add (twice->graph, "Neg", "a", "x", "x");
  expect_failure (twice, "already the name of an input");
  add (self->graph, "Neg", "a", "x", "x");
  expect_failure (self, "cycle");
  expect_failure (empty, "no graph");
}

/* A Loop in the main graph whose body's If reads a value of the main graph that is produced after it in the file. */
static void
test_captures (void)
{
  g_autoptr (OxModel) model = model_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  OxGraph *g = model->graph, *body = ox_graph_new (model, "b"), *branch = ox_graph_new (model, "t");
  OxNode *loop, *choice, *neg;
  OxSlot *slot;

  ox_graph_add_input (g, "x", NULL);
  loop = add (g, "Loop", "loop", "x", "y");
  add (g, "Abs", "late", "x", "v");
  ox_graph_add_output (g, "y", NULL);
  g_ptr_array_add (ox_node_add_attribute (loop, "body", OX_ATTR_GRAPH)->graphs, body);
  ox_graph_add_input (body, "i", NULL);
  choice = add (body, "If", "", "i", "r");
  ox_graph_add_output (body, "r", NULL);
  g_ptr_array_add (ox_node_add_attribute (choice, "then_branch", OX_ATTR_GRAPH)->graphs, branch);
  neg = add (branch, "Neg", "neg", "v", "n");
  ox_graph_add_output (branch, "n", NULL);
  ox_graph_add_output (branch, "i", NULL);

  g_assert_true (ox_model_link (model, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (ox_graph_node (g, 0)->name, ==, "late");
  g_assert_cmpint (neg->inputs[0].up, ==, 2);
  slot = ox_node_input_slot (neg, 0);
  g_assert_cmpstr (slot->name, ==, "v");
  g_assert_cmpuint (slot->uses->len, ==, 1);
  g_assert_true (g_array_index (slot->uses, OxUse, 0).node == loop);
  g_assert_cmpint (g_array_index (slot->uses, OxUse, 0).input, ==, -1);
  g_assert_cmpint (g_array_index (branch->outputs, OxRef, 1).up, ==, 1);
  path = ox_graph_path (branch);
  g_assert_cmpstr (path, ==, "main > Loop 'loop' body > If #0 then_branch");
}

static void
test_initializers (void)
{
  const gint64 three = 3, five = 5, dims[2] = { 2, 2 };
  g_autoptr (OxInitializer) varints = ox_initializer_new ("v", OX_I32, 1, &three);
  g_autoptr (OxInitializer) nibbles = ox_initializer_new ("n", OX_I4, 1, &five);
  g_autoptr (OxInitializer) shorted = ox_initializer_new ("s", OX_F32, 2, dims);
  g_autoptr (OxInitializer) missing = ox_initializer_new ("m", OX_F32, 2, dims);
  g_autoptr (GError) error = NULL;
  OxValue *value;

  varints->encoding = OX_ENCODING_VARINT;
  varints->data = g_bytes_new_static ("\x01\xac\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13);
  value = ox_initializer_get (varints, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (ox_tensor_get (value->tensor, 1), ==, 300);
  g_assert_cmpfloat (ox_tensor_get (value->tensor, 2), ==, -1);
  ox_value_unref (value);

  nibbles->encoding = OX_ENCODING_VARINT;
  nibbles->data = g_bytes_new_static ("\x21\xf3\x01\x0f", 4);   /* 0x21, 0xf3, 0x0f */
  value = ox_initializer_get (nibbles, &error);
  g_assert_no_error (error);
  {
    g_autoptr (OxTensor) usable = ox_tensor_usable (value->tensor, NULL);

    g_assert_cmpfloat (ox_tensor_get (usable, 0), ==, 1);
    g_assert_cmpfloat (ox_tensor_get (usable, 1), ==, 2);
    g_assert_cmpfloat (ox_tensor_get (usable, 2), ==, 3);
    g_assert_cmpfloat (ox_tensor_get (usable, 3), ==, -1);
    g_assert_cmpfloat (ox_tensor_get (usable, 4), ==, -1);
  }
  ox_value_unref (value);

  shorted->data = g_bytes_new_static ("abcd", 4);
  g_assert_null (ox_initializer_get (shorted, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_FORMAT);
  g_clear_error (&error);
  missing->encoding = OX_ENCODING_MISSING;
  missing->problem = g_strdup ("the file w.bin is not there");
  g_assert_null (ox_initializer_get (missing, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_FILE);
}

static void
check_scope (OxGraph *graph, const char *name, const char *expected)
{
  g_autofree char *scope = ox_node_scope (ox_graph_add_node (graph, "Relu", "", name));

  g_assert_cmpstr (scope, ==, expected);
}

static void
test_scope (void)
{
  g_autoptr (OxModel) model = model_new ();
  g_autofree char *part = g_strnfill (120, 'n'), *name = g_strconcat ("/a/", part, "/Relu", NULL);
  g_autofree char *long_scope = g_strconcat ("a/", part, NULL), *none = NULL, *two = NULL, *all = NULL;

  check_scope (model->graph, "/model/layers.0/self_attn/q_proj/MatMul", "model/layers.0/self_attn/q_proj");
  check_scope (model->graph, "//model//MatMul", "model");
  check_scope (model->graph, "features.4.conv", "features/4");
  check_scope (model->graph, "Relu_7", "");
  check_scope (model->graph, "/Relu", "");
  check_scope (model->graph, "/", "");
  check_scope (model->graph, ".", "");
  check_scope (model->graph, "", "");
  check_scope (model->graph, part, "");
  check_scope (model->graph, name, long_scope);
  none = ox_scope_cut ("a/b/c", 0);
  two = ox_scope_cut ("a/b/c", 2);
  all = ox_scope_cut ("a/b/c", 9);
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpstr (two, ==, "a/b");
  g_assert_cmpstr (all, ==, "a/b/c");
  g_assert_cmpint (ox_scope_depth (""), ==, 0);
  g_assert_cmpint (ox_scope_depth ("a"), ==, 1);
  g_assert_cmpint (ox_scope_depth ("a/b/c"), ==, 3);
  g_assert_true (ox_scope_inside ("a/b", ""));
  g_assert_true (ox_scope_inside ("a/b", "a/b"));
  g_assert_false (ox_scope_inside ("a", "a/b"));
}

/* What the exporter says comes before the name, and a list that is cut off or hostile is read as far as it goes. */
static void
test_scope_metadata (void)
{
  static const struct { const char *key, *value, *scope; } cases[] = {
    { "namespace", "decoder/layer.1", "decoder/layer.1" },
    { "namespace", "", "by" },
    { "something", "decoder", "by" },
    { "pkg.torch.onnx.name_scopes", "['', 'model', 'model.layers.0', 'model.layers.0.mlp', 'relu']", "model/layers.0/mlp" },
    { "pkg.torch.onnx.name_scopes", "['', 'relu']", "" },
    { "pkg.torch.onnx.name_scopes", "[\"model\", \"modeled\", \"relu\"]", "model/modeled" },
    { "pkg.torch.onnx.name_scopes", "['model', 'mod", "" },
    { "pkg.torch.onnx.name_scopes", "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OxModel) model = model_new ();
      OxNode *node = ox_graph_add_node (model->graph, "Relu", "", "/by/name");
      OxMetadata entry = { g_strdup (cases[i].key), g_strdup (cases[i].value) };
      g_autofree char *scope = NULL;

      if (node->metadata == NULL)
        node->metadata = ox_metadata_new ();
      g_array_append_val (node->metadata, entry);
      scope = ox_node_scope (node);
      g_assert_cmpstr (scope, ==, cases[i].scope);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/links", test_links);
  g_test_add_func ("/model/order", test_order);
  g_test_add_func ("/model/wrong", test_wrong);
  g_test_add_func ("/model/captures", test_captures);
  g_test_add_func ("/model/initializers", test_initializers);
  g_test_add_func ("/model/scope", test_scope);
  g_test_add_func ("/model/scope-metadata", test_scope_metadata);
  return g_test_run ();
}
