/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "core/ox-memory.h"
#include "debug/ox-expression.h"
#include "tensor/ox-format.h"

/* Formulas over four tensors:
 *   a = [[1 2 3] [4 5 6]] f32, b = [1 NaN -2] f32, n = [7 -3] i64, h = [1 6e-8 0] f16, /m/l.0:0 = 2 f32, t = "x" */
static const struct
{
  const char *text, *result;    /* "f64 2: [1, 2]", or "!" and words of the error */
} lines[] = {
  { "1 + 2 * 3", "i64 []: 7" },
  { "(1 + 2) * 3", "i64 []: 9" },
  { "2 ^ 3 ^ 2", "f64 []: 512" },
  { "-2 ^ 2", "f64 []: -4" },
  { "7 % 3 - -1", "i64 []: 2" },
  { "-7 % 3", "i64 []: 2" },
  { "1 / 4", "f64 []: 0.25" },
  { "3 > 2 and not 1 == 2", "bool []: true" },
  { "1 > 2 or 2 <= 2", "bool []: true" },
  { "1e3 >= .5", "bool []: true" },
  { "inf > 1 and not nan == nan", "bool []: true" },

  { "a[1]", "f64 3: [4, 5, 6]" },
  { "a[1,2]", "f64 []: 6" },
  { "a[-1,-3]", "f64 []: 4" },
  { "a[:,1]", "f64 2: [2, 5]" },
  { "a[0,1:]", "f64 2: [2, 3]" },
  { "a[0,:-1]", "f64 2: [1, 2]" },
  { "a[0,::-1]", "f64 3: [3, 2, 1]" },
  { "a[0,2:0:-1]", "f64 2: [3, 2]" },
  { "a[::2,::2]", "f64 1x2: [[1, 3]]" },
  { "a[5:]", "f64 0x3: [] (0x3)" },
  { "(a * 2)[1,0]", "f64 []: 8" },
  { "a[1][2]", "f64 []: 6" },
  { "n[0]", "i64 []: 7" },

  { "a + a[0]", "f64 2x3: [[2, 4, 6], [5, 7, 9]]" },
  { "a[:,0:1] * a[0]", "f64 2x3: [[1, 2, 3], [4, 8, 12]]" },
  { "n * n", "i64 2: [49, 9]" },
  { "n + 0.5", "f64 2: [7.5, -2.5]" },
  { "n / n", "f64 2: [1, 1]" },
  { "a > 4", "bool 2x3: [[false, false, false], [false, true, true]]" },
  { "a == a[0]", "bool 2x3: [[true, true, true], [false, false, false]]" },

  { "max(abs(a - 4))", "f64 []: 3" },
  { "argmax(a)", "i64 []: 5" },
  { "argmin(b)", "i64 []: 2" },
  { "max(b)", "f64 []: 1" },
  { "min(b)", "f64 []: -2" },
  { "sum(b)", "f64 []: NaN" },
  { "nans(b)", "i64 []: 1" },
  { "max(n)", "i64 []: 7" },
  { "max(n, 0)", "i64 2: [7, 0]" },
  { "mean(a)", "f64 []: 3.5" },
  { "std(a[0])", "f64 []: 0.8165" },
  { "range(a)", "f64 []: 5" },
  { "norm(a[0,::2])", "f64 []: 3.162" },
  { "share(a > 4)", "f64 []: 0.3333" },
  { "count(a > 4)", "i64 []: 2" },
  { "any(isnan(b)) and not all(isnan(b))", "bool []: true" },
  { "infs(1 / (a - 1))", "i64 []: 1" },
  { "zeros(h)", "i64 []: 1" },
  { "denormals(h) / size(h)", "f64 []: 0.3333" },
  { "shape(a)", "i64 2: [2, 3]" },
  { "rank(a) + size(a)", "i64 []: 8" },
  { "dot(a[0], a[1])", "f64 []: 32" },
  { "cosine(a[0], a[0] * 5)", "f64 []: 1" },
  { "cosine(a[0], -a[0])", "f64 []: -1" },
  { "max(a[5:])", "f64 []: NaN" },
  { "sqrt(a[0,0]) + exp(0) + log(1) + floor(-0.5) + sign(-2)", "f64 []: 0" },
  { "round(2.5) + ceil(0.1)", "f64 []: 3" },

  { "a[0,1:9223372036854775807:9223372036854775807]", "f64 1: [2]" },
  { "a[0,::-9223372036854775808]", "f64 1: [3]" },
  { "a[-9223372036854775808:]", "f64 2x3: [[1, 2, 3], [4, 5, 6]]" },

  { "9007199254740993 - 1", "i64 []: 9007199254740992" },
  { "9223372036854775806 + 1", "i64 []: 9223372036854775807" },
  { "9223372036854775807 + 1", "f64 []: 9.223e18" },
  { "9223372036854775808", "f64 []: 9.223e18" },
  { "-9223372036854775807 - 1", "i64 []: -9223372036854775808" },
  { "abs(-9223372036854775807 - 1)", "f64 []: 9.223e18" },
  { "(-9223372036854775807 - 1) % -1", "i64 []: 0" },
  { "7 % -4", "i64 []: -1" },
  { "7 % 0", "f64 []: NaN" },
  { "sum(big)", "i64 []: 1" },
  { "max(big) - 1", "i64 []: 9007199254740992" },
  { "argmin(big)", "i64 []: 1" },
  { "range(big)", "i64 []: 18014398509481985" },
  { "big == 9007199254740993", "bool 2: [true, false]" },
  { "min(big, 0)", "i64 2: [0, -9007199254740992]" },
  { "abs(n)", "i64 2: [7, 3]" },
  { "-n", "i64 2: [-7, 3]" },
  { "min(n[2:])", "f64 []: NaN" },
  { "u - 1", "f64 1: [1.845e19]" },
  { "sum(n > 0) + (1 < 2)", "i64 []: 2" },
  { "unique(a > 2)", "bool 2: [false, true]" },
  { "unique(n % 2)", "i64 1: [1]" },
  { "size(unique(a * 0))", "i64 []: 1" },
  { "unique(b)", "f64 3: [-2, 1, NaN]" },

  { "/m/l.0:0 * 3", "f64 []: 6" },
  { "'it''s'", "f64 []: 2" },
  { "'/m/l.0:0' / 4", "f64 []: 0.5" },
  { "/m/l.0:0-1", "f64 []: 1" },

  { "", "!expected a value at its end" },
  { "1 +", "!expected a value at its end" },
  { "1 2", "!expected an operator at column 3, found '2'" },
  { "(1", "!expected ) at its end" },
  { "a[1", "!expected ] at its end" },
  { "a[x]", "!expected an index at column 3" },
  { "a[0:2:0]", "!expected a step other than 0" },
  { "'a", "!expected a closing '" },
  { "'a''", "!expected a closing ' at column 1" },
  { "spin(a)", "!expected a function at column 1" },
  { "dot(a)", "!expected another argument" },
  { "abs(a, a)", "!expected )" },
  { "a[2]", "!index 2 of axis 0, which has 2" },
  { "a[0,0,0]", "!3 indices for 2 axes" },
  { "a + n", "!shapes 2x3 and 2 do not broadcast" },
  { "dot(a, n)", "!6 and 2 elements" },
  { "t", "!texts are no numbers" },
  { "zz", "!there is no zz" },
};

typedef struct
{
  GHashTable *tensors;
  guint       asked;
} Values;

static OxTensor *
look_up (const char *name, gpointer data, GError **error)
{
  Values *values = data;
  OxTensor *tensor = g_hash_table_lookup (values->tensors, name);

  values->asked++;
  if (tensor == NULL)
    ox_fail (error, OX_ERROR_VALUE, "there is no %s", name);
  return tensor != NULL ? ox_tensor_ref (tensor) : NULL;
}

static void
add (Values *values, const char *name, OxDtype dtype, int rank, const gint64 *dims, const double *numbers)
{
  OxTensor *tensor = ox_tensor_new_zeros (dtype, rank, dims, NULL);

  for (gint64 i = 0; i < tensor->count; i++)
    ox_tensor_set (tensor, i, numbers[i]);
  g_hash_table_insert (values->tensors, g_strdup (name), tensor);
}

static Values
make_values (void)
{
  Values values = { g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_tensor_unref), 0 };
  const char *const text = "x";

  add (&values, "a", OX_F32, 2, (gint64[]){ 2, 3 }, (double[]){ 1, 2, 3, 4, 5, 6 });
  add (&values, "b", OX_F32, 1, (gint64[]){ 3 }, (double[]){ 1, (double) NAN, -2 });
  add (&values, "n", OX_I64, 1, (gint64[]){ 2 }, (double[]){ 7, -3 });
  add (&values, "h", OX_F16, 1, (gint64[]){ 3 }, (double[]){ 1, 6e-8, 0 });
  add (&values, "/m/l.0:0", OX_F32, 0, NULL, (double[]){ 2 });
  add (&values, "it's", OX_F32, 0, NULL, (double[]){ 2 });
  add (&values, "u", OX_U64, 1, (gint64[]){ 1 }, (double[]){ 18446744073709549568.0 });
  g_hash_table_insert (values.tensors, g_strdup ("big"),
                       ox_tensor_new_ints ((gint64[]){ 9007199254740993, -9007199254740992 }, 2));
  g_hash_table_insert (values.tensors, g_strdup ("t"), ox_tensor_new_strings (&text, 1));
  return values;
}

static void
test_line (gconstpointer data)
{
  const char *const *line = data;
  Values values = make_values ();
  g_autoptr (GError) error = NULL;
  g_autoptr (OxExpression) expression = ox_expression_new (line[0], &error);
  g_autoptr (OxTensor) result = expression != NULL ? ox_expression_evaluate (expression, look_up, &values, NULL, &error) : NULL;

  if (line[1][0] == '!')
    {
      g_assert_null (result);
      g_assert_nonnull (error);
      if (strstr (error->message, line[1] + 1) == NULL)
        g_error ("%s: %s", line[0], error->message);
    }
  else
    {
      g_autofree char *shape = NULL, *elements = NULL, *found = NULL;

      g_assert_no_error (error);
      shape = ox_tensor_shape_string (result);
      elements = ox_format_tensor (result, 4, 100);
      found = g_strdup_printf ("%s %s: %s", ox_dtype_name (result->dtype), shape, elements);
      g_strdelimit (found, "\n", ' ');
      for (char *at; (at = strstr (found, "  ")) != NULL;)
        memmove (at, at + 1, strlen (at));
      g_assert_cmpstr (found, ==, line[1]);
    }
  g_hash_table_unref (values.tensors);
}

/* Each name once, and one that needs quotes comes back out of them. */
static void
test_names (void)
{
  g_autoptr (OxExpression) expression = ox_expression_new ("max(abs('a b' - x.1)) + x.1 * sum(y)", NULL);
  GPtrArray *names = ox_expression_names (expression);
  g_autofree char *text = NULL;
  static const char *const plain[] = { "x", "/a/b.1", "onnx::Add_3", "_x" }, *const quoted[] = { "a b", "a-b", "12", "max", "and", "nan", "" };

  g_assert_cmpuint (names->len, ==, 3);
  g_assert_cmpstr (g_ptr_array_index (names, 0), ==, "a b");
  g_assert_cmpstr (g_ptr_array_index (names, 1), ==, "x.1");
  g_assert_cmpstr (g_ptr_array_index (names, 2), ==, "y");
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    {
      g_autofree char *same = ox_expression_quote (plain[i]);

      g_assert_cmpstr (same, ==, plain[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (quoted); i++)
    {
      g_autofree char *between = ox_expression_quote (quoted[i]), *expected = g_strdup_printf ("'%s'", quoted[i]);

      g_assert_cmpstr (between, ==, expected);
    }
  text = ox_expression_quote ("it's");
  g_assert_cmpstr (text, ==, "'it''s'");
}

/* Depth and length are bounded; memory too; a cancelled one ends. */
static void
test_bounds (void)
{
  g_autofree char *deep = g_strnfill (200, '('), *minus = g_strnfill (200, '-'), *longest = g_strnfill (5000, '1');
  g_autoptr (GString) chain = g_string_new ("a");
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (OxExpression) expression = NULL;
  Values values = make_values ();
  GError *error = NULL;

  g_assert_null (ox_expression_new (deep, &error));
  g_assert_nonnull (strstr (error->message, "less nesting"));
  g_clear_error (&error);
  g_assert_null (ox_expression_new (minus, &error));
  g_clear_error (&error);
  g_assert_null (ox_expression_new (longest, &error));
  g_assert_nonnull (strstr (error->message, "5000 characters"));
  g_clear_error (&error);

  for (int i = 0; i < 2000; i++)
    g_string_append (chain, "+a");
  expression = ox_expression_new (chain->str, &error);
  g_assert_no_error (error);
  g_cancellable_cancel (cancelled);
  g_assert_null (ox_expression_evaluate (expression, look_up, &values, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  ox_memory_set_limit (16);
  g_assert_null (ox_expression_evaluate (expression, look_up, &values, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_MEMORY);
  g_clear_error (&error);
  ox_memory_set_limit (0);
  g_hash_table_unref (values.tensors);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *path = g_strdup_printf ("/expression/%u", i);

      g_test_add_data_func (path, &lines[i], test_line);
    }
  g_test_add_func ("/expression/names", test_names);
  g_test_add_func ("/expression/bounds", test_bounds);
  return g_test_run ();
}
