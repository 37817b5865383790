/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ox-error.h"
#include "debug/ox-edit.h"
#include "text-models.h"

/* Tensors as somebody types them. */

static OxTensor *
zeros_of (OxDtype dtype, int rank, const gint64 *dims)
{
  g_autoptr (GError) error = NULL;
  OxTensor *tensor = ox_tensor_new_zeros (dtype, rank, dims, &error);

  g_assert_no_error (error);
  return tensor;
}

static void
becomes (OxTensor *like, const char *typed, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OxTensor) tensor = ox_edit_parse (like, typed, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_true (ox_tensor_same_shape (tensor, like));
  g_assert_cmpint (tensor->dtype, ==, like->dtype);
  text = ox_edit_text (tensor);
  g_assert_cmpstr (text, ==, expected);
}

static void
refuses (OxTensor *like, const char *typed, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ox_edit_parse (like, typed, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_numbers (void)
{
  const gint64 dims[] = { 2, 2 };
  g_autoptr (OxTensor) floats = zeros_of (OX_F32, 2, dims);
  g_autoptr (OxTensor) bytes = zeros_of (OX_U8, 2, dims);
  g_autoptr (OxTensor) longs = zeros_of (OX_I64, 2, dims);
  g_autoptr (OxTensor) flags = zeros_of (OX_BOOL, 2, dims);
  g_autoptr (OxTensor) one = zeros_of (OX_F64, 0, NULL);

  becomes (floats, "1, 2.5,-3,  4e2", "1, 2.5, -3, 400");
  becomes (floats, "[0.5]", "0.5, 0.5, 0.5, 0.5");
  becomes (floats, "nan, inf, -inf, 0", "nan, inf, -inf, 0");
  becomes (bytes, "0, 1, 254, 255", "0, 1, 254, 255");
  /* 2^53 + 1, which no f64 is. */
  becomes (longs, "9007199254740993", "9007199254740993, 9007199254740993, 9007199254740993, 9007199254740993");
  becomes (flags, "true, 0, false, 1", "1, 0, 0, 1");
  becomes (one, "0.25", "0.25");
  refuses (floats, "1, 2, 3", "expected 4 elements, or one for all, found 3");
  refuses (floats, "1, 2, 3, x", "expected a number, found 'x'");
  refuses (floats, "", "expected 4 elements, or one for all, found 0");
  refuses (bytes, "256", "expected a number that u8 has, found 256");
  refuses (bytes, "-1", "expected a number that u8 has, found -1");
  refuses (bytes, "1.5", "expected an int, found '1.5'");
  refuses (flags, "2", "expected a number that bool has, found 2");
}

static void
test_strings (void)
{
  const gint64 two = 2;
  g_autoptr (OxTensor) one = zeros_of (OX_STR, 0, NULL);
  g_autoptr (OxTensor) pair = zeros_of (OX_STR, 1, &two);

  becomes (one, "yes, or no", "yes, or no");
  becomes (pair, "yes, no", "yes, no");
  refuses (pair, "yes", "expected 2 elements, found 1");
}

/* A tensor that nobody would type has no text. */
static void
test_large (void)
{
  const gint64 many = 257, few = 256;
  g_autoptr (OxTensor) large = zeros_of (OX_F32, 1, &many);
  g_autoptr (OxTensor) small = zeros_of (OX_F32, 1, &few);
  g_autofree char *text = ox_edit_text (large), *other = ox_edit_text (small);

  g_assert_null (text);
  g_assert_nonnull (other);
}

/* x + c with c changed from 2 to 5: 3 + 5 is 8, also before anything has run. */
static void
test_constant (void)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> y\nc = Constant<value_float=2.0>()\ny = Add(x, c)");
  g_autoptr (OxDebugger) debugger = NULL;
  g_autoptr (OxValue) x = ox_value_new_tensor (ox_tensor_new_scalar (OX_F64, 3));
  g_autoptr (GError) error = NULL;
  OxNode *node = ox_graph_node (model->graph, 0);
  OxAttribute *attribute = ox_attribute_new ("value", OX_ATTR_TENSOR);
  g_autoptr (OxValue) before = NULL, y = NULL;
  g_autofree char *text = NULL;

  g_ptr_array_add (attribute->tensors, ox_initializer_new_tensor ("value", ox_tensor_new_scalar (OX_F64, 2)));
  g_ptr_array_set_size (node->attributes, 0);
  g_ptr_array_add (node->attributes, attribute);
  debugger = ox_debugger_new (model);
  ox_debugger_set_input (debugger, "x", x, &error);
  g_assert_no_error (error);
  text = ox_edit_attribute_text (ox_debugger_node_attributes (debugger, node), "value");
  g_assert_cmpstr (text, ==, "2");
  attribute = ox_debugger_parse_attribute (debugger, node, "value", "5", &error);
  g_assert_no_error (error);
  g_assert_true (ox_debugger_edit_attribute (debugger, node, "value", attribute, "attribute c value 5", &error));
  ox_attribute_free (attribute);
  before = ox_debugger_dup_value (debugger, model->graph, ox_graph_find (model->graph, "c"), &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (ox_tensor_get (before->tensor, 0), ==, 5);
  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error);
  g_assert_no_error (error);
  y = ox_debugger_dup_value (debugger, model->graph, ox_graph_find (model->graph, "y"), &error);
  g_assert_cmpfloat (ox_tensor_get (y->tensor, 0), ==, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edit-text/numbers", test_numbers);
  g_test_add_func ("/edit-text/strings", test_strings);
  g_test_add_func ("/edit-text/large", test_large);
  g_test_add_func ("/edit-text/constant", test_constant);
  return g_test_run ();
}
