/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-precision.h"

#include <math.h>
#include <string.h>

#include "tensor/ox-small-float.h"
#include "text-models.h"

static OxNarrow
narrow_of (OxDtype dtype)
{
  g_autoptr (GError) error = NULL;
  OxNarrow narrow;

  ox_narrow_find (dtype, &narrow, &error);
  g_assert_no_error (error);
  return narrow;
}

/* Counts against what a conversion to the type makes of the same numbers, of all magnitudes. */
static void
test_range (gconstpointer data)
{
  OxDtype dtype = (OxDtype) GPOINTER_TO_INT (data);
  OxNarrow narrow = narrow_of (dtype);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (GError) error = NULL;
  g_autoptr (OxTensor) numbers = ox_tensor_new (OX_F64, 1, (gint64[]) { 20000 }, NULL), there = NULL;
  gint64 beyond = 0, flushed = 0, denormal = 0, zeros = 0;
  OxRange range = { 0 };

  for (gint64 i = 0; i < numbers->count; i++)
    {
      double x = ldexp (g_rand_double_range (rand, -1, 1), g_rand_int_range (rand, -30, 20));

      /* Floats, as the type is rounded to from them. */
      ox_tensor_set (numbers, i,
                     i % 100 == 0   ? 0
                     : i % 100 == 1 ? narrow.largest
                     : i % 100 == 2 ? narrow.denormal / 2
                                    : (float)x);
    }
  there = ox_tensor_convert (numbers, dtype, &error);
  g_assert_no_error (error);
  for (gint64 i = 0; i < numbers->count; i++)
    {
      double x = fabs (ox_tensor_get (numbers, i)), y = fabs (ox_tensor_get (there, i));

      zeros += x == 0;
      beyond += x > narrow.largest;
      flushed += x != 0 && y == 0;
      denormal += x < narrow.normal && y > 0;
      g_assert_true (x > narrow.largest || y <= narrow.largest);
      if (x >= narrow.normal && x <= narrow.largest)
        g_assert_cmpfloat (fabs (x - y), <=, x * narrow.unit);
    }
  ox_range_add (&range, numbers, &narrow);
  g_assert_cmpint (range.count, ==, 20000);
  g_assert_cmpint (range.zeros, ==, zeros);
  g_assert_cmpint (range.beyond, ==, beyond);
  g_assert_cmpint (range.flushed, ==, flushed);
  g_assert_cmpint (range.denormal, ==, denormal);
  g_assert_cmpint (range.bad, ==, 0);
}

static void
test_lost (void)
{
  OxNarrow narrow = narrow_of (OX_F16);
  const double small[] = { 3, 4, 0x1p-26 }, beyond[] = { -1e30, -1e30, 1, NAN, INFINITY }, more[] = { -1e30, -2e30 };
  g_autoptr (OxTensor) a = list_of (OX_F32, 3, small), b = list_of (OX_F32, 5, beyond), c = list_of (OX_F32, 2, more);
  OxRange range = { 0 }, other = { 0 };

  ox_range_add (&range, a, &narrow);
  g_assert_cmpint (range.flushed, ==, 1);
  g_assert_cmpfloat (fabs (ox_range_lost (&range) / (0x1p-26 / 5) - 1), <, 1e-9);
  g_assert_cmpfloat (range.smallest, ==, 0x1p-26);
  ox_range_add (&other, b, &narrow);
  g_assert_cmpint (other.bad, ==, 2);
  g_assert_cmpint (other.beyond, ==, 2);
  g_assert_true (other.one_beyond);
  ox_range_merge (&range, &other);
  g_assert_cmpint (range.count, ==, 8);
  g_assert_true (range.one_beyond);
  g_assert_cmpfloat (range.extreme, ==, (float) -1e30);
  g_assert_cmpfloat (range.smallest, ==, 0x1p-26);
  ox_range_add (&range, c, &narrow);
  g_assert_false (range.one_beyond);
}

static OxSession *
session_of (OxModel *model, OxDtype dtype, int rank, const gint64 *dims, const double *x)
{
  g_autoptr (OxValue) value = ox_value_new_tensor (tensor_of (dtype, rank, dims, x));
  g_autoptr (GError) error = NULL;
  OxSession *session;

  session = ox_session_new (model, NULL);
  ox_session_set_input (session, "X", value, &error);
  g_assert_no_error (error);
  return session;
}

static OxPrecision *
map (OxModel *model, OxDtype dtype, int rank, const gint64 *dims, const double *x)
{
  OxNarrow narrow = narrow_of (dtype);
  g_autoptr (OxSession) session = session_of (model, OX_F64, rank, dims, x);
  OxPrecision *precision = ox_precision_new (session, &narrow);
  g_autoptr (GError) error = NULL;

  ox_precision_run (precision, NULL, &error);
  g_assert_no_error (error);
  ox_model_unref (model);
  return precision;
}

static const OxPrecisionNode *
node_of (OxPrecision *precision, const char *output)
{
  GPtrArray *nodes = ox_precision_nodes (precision);

  for (guint i = 0; i < nodes->len; i++)
    {
      const OxPrecisionNode *node = g_ptr_array_index (nodes, i);

      if (g_str_equal (g_ptr_array_index (node->node->output_names, 0), output))
        return node;
    }
  g_assert_not_reached ();
}

/* 300 * 300 - 300 * 300 + 1: the result fits, two thirds of the way do not. */
static void
test_sums (void)
{
  const double x[] = { 300, -300, 1, 1, 2, 3 };
  g_autoptr (OxPrecision) precision
    = map (whole_model (17, "X -> Y\nY = MatMul(X, f64[3,1]{300, 300, 1})"), OX_F16, 2, (gint64[]) { 2, 3 }, x);
  const OxPrecisionNode *node = node_of (precision, "Y");
  g_autofree char *reason = ox_precision_node_reason (precision, node);

  g_assert_cmpint (node->verdict, ==, OX_PRECISION_ACCUMULATES);
  g_assert_true (node->sums);
  g_assert_cmpint (node->sum.length, ==, 3);
  g_assert_cmpfloat (node->sum.bound, ==, 180001);
  /* Results 1 and 903, magnitudes 180001 and 903. */
  g_assert_cmpfloat (fabs (node->sum.growth / sqrt (3. / 18 + (180001. * 180001 + 903. * 903) / (1 + 903. * 903) / 12) - 1),
                     <, 1e-9);
  g_assert_cmpstr (reason, ==, "sums of 3 terms reach up to 1.8e5 on the way to at most 903");
}

/* What is foretold of sums in f16 is what happens to them, within a factor of two. */
static void
test_growth (gconstpointer data)
{
  double mean = GPOINTER_TO_INT (data);
  const int n = 400, m = 50;
  OxNarrow narrow = narrow_of (OX_F16);
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autofree double *x = g_new (double, n * m);
  g_autoptr (OxPrecision) precision = NULL;
  double off = 0, squares = 0;

  for (int row = 0; row < m; row++)
    {
      double exact = 0;
      float sum = 0;

      for (int i = 0; i < n; i++)
        {
          x[row * n + i] = ox_f16_load (ox_f16_store ((float) (mean + g_rand_double_range (rand, -1, 1))));
          exact += x[row * n + i];
          sum = ox_f16_load (ox_f16_store (sum + (float) x[row * n + i]));
        }
      off += (sum - exact) * (sum - exact);
      squares += exact * exact;
    }
  precision = map (whole_model (13, "X -> Y\nY = ReduceSum(X, i64[1]{1})"), OX_F16, 2, (gint64[]) { m, n }, x);
  off = sqrt (off / squares);
  g_test_message ("off by %g, foretold %g", off, node_of (precision, "Y")->sum.growth * narrow.unit);
  g_assert_cmpfloat (node_of (precision, "Y")->sum.growth * narrow.unit, >, off / 2);
  g_assert_cmpfloat (node_of (precision, "Y")->sum.growth * narrow.unit, <, off * 2);
}

/* What every kind of sum reaches: counted by hand. */
static void
test_kinds_of_sums (void)
{
  static const struct { const char *text; gint64 length; double bound;
  } rows[] = {
    { "X -> Y\nY = ReduceSum<keepdims=0>(X, i64[1]{1})", 3, 14 }, /* 2 + 4 + 8 */
    { "X -> Y\nY = ReduceMean<keepdims=0>(X, i64[1]{1})", 3, 14 },
    { "X -> Y\nY = ReduceL2<keepdims=0>(X, i64[1]{1})", 3, 84 }, /* 4 + 16 + 64 */
    { "X -> Y\nY = ReduceSumSquare<keepdims=0>(X, i64[1]{1})", 3, 84 },
    { "X -> Y\nY = Einsum<equation=\"ij,ij->i\">(X, X)", 3, 84 },
    { "X -> Y\nY = Gemm<transA=1>(X, f64[2,1]{-1, 1}, f64[1]{-5})", 2, 14 },             /* column 2: 8 + 1 + 5 */
    { "X -> Y\nY = Conv(Reshape(X, i64[3]{1, 2, 3}), f64[1,2,2]{1, 1, -1, 1})", 4, 15 }, /* 4 + 8 + 2 + 1 of columns 1, 2 */
    { "X -> Y\nY = AveragePool<kernel_shape=[2]>(Reshape(X, i64[3]{1, 1, 6}))", 2, 12 },
    { "X -> Y\nY = ConvTranspose(Reshape(X, i64[3]{1, 2, 3}), f64[2,1,2]{1, 1, 1, 1})", 4, 15 },
  };
  const double x[] = { -2, 4, -8, 1, -2, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (OxPrecision) precision = map (whole_model (18, rows[i].text), OX_F16, 2, (gint64[]) { 2, 3 }, x);
      const OxPrecisionNode *node = node_of (precision, "Y");

      g_assert_true (node->sums);
      g_test_message ("%s", rows[i].text);
      g_assert_cmpint (node->sum.length, ==, rows[i].length);
      g_assert_cmpfloat (fabs (node->sum.bound - rows[i].bound), <, 1e-9);
      g_assert_cmpint (node->verdict, ==, OX_PRECISION_SAFE);
    }
}

static void
test_verdicts (void)
{
  const double x[] = { 300, 0 };
  g_autoptr (OxPrecision) precision
    = map (whole_model (17, "X -> Y, M, C, D\nS = Mul(X, X)\nT = Neg(S)\nE = Add(T, 1e-12)\nD = Div(X, f64[2]{1, 1e-9})\n"
                           "M = Add(X, f64[2]{0, -1e30})\nC = Sub(X, 1.0)\nY = Identity(E)"),
           OX_F16, 1, (gint64[]) { 2 }, x);
  GPtrArray *nodes = ox_precision_nodes (precision);
  g_autofree char *text = ox_precision_describe (precision, 3), *all = ox_precision_describe (precision, 0);

  g_assert_cmpint (node_of (precision, "S")->verdict, ==, OX_PRECISION_OVERFLOWS);
  g_assert_false (node_of (precision, "S")->inherited);
  g_assert_false (node_of (precision, "S")->mask);
  g_assert_true (node_of (precision, "T")->inherited);
  g_assert_cmpint (node_of (precision, "D")->verdict, ==, OX_PRECISION_LOSES);
  g_assert_true (node_of (precision, "D")->divides);
  g_assert_true (node_of (precision, "M")->mask);
  g_assert_cmpint (node_of (precision, "C")->verdict, ==, OX_PRECISION_SAFE);
  g_assert_cmpint (ox_precision_count (precision, OX_PRECISION_OVERFLOWS), ==, 5);
  /* The one that makes it first, masks last. */
  g_assert_true (g_ptr_array_index (nodes, 0) == node_of (precision, "S"));
  g_assert_true (g_ptr_array_index (nodes, 4) == node_of (precision, "M"));
  g_assert_nonnull (strstr (text, "f16: 6 of 7 nodes are not safe: overflows: 5, loses small values: 1\n"));
  g_assert_nonnull (strstr (text, "'S': 1 of 2 beyond 65504, the largest 90000\n"));
  g_assert_nonnull (strstr (text, "and 3 more\n"));
  g_assert_null (strstr (text, "\nvalues:"));
  g_assert_nonnull (strstr (all, "\nvalues:\n  input 'X' (f64 2): largest 300, smallest 300; 0 beyond"));
}

/* An epsilon of its own is lost whole; beside large numbers it is not missed. In bf16 it is there. */
static void
test_epsilon (void)
{
  const double x[] = { 1, 2 };
  static const char text[] = "X -> Y\nE = Sub(f64[1]{3e-12}, f64[1]{2e-12})\nY = Sqrt(Add(X, E))";
  g_autoptr (OxPrecision) half = map (whole_model (17, text), OX_F16, 1, (gint64[]) { 2 }, x);
  g_autoptr (OxPrecision) brain = map (whole_model (17, text), OX_BF16, 1, (gint64[]) { 2 }, x);

  g_assert_cmpint (node_of (half, "E")->verdict, ==, OX_PRECISION_LOSES);
  g_assert_cmpint (node_of (half, "Y")->verdict, ==, OX_PRECISION_SAFE);
  g_assert_cmpint (node_of (brain, "E")->verdict, ==, OX_PRECISION_SAFE);
}

static void
note_progress (double fraction, const char *doing, gpointer data)
{
  double *last = data;

  g_assert_cmpfloat (fraction, >=, *last);
  g_assert_nonnull (doing);
  *last = fraction;
}

static void
test_progress (void)
{
  OxNarrow narrow = narrow_of (OX_F16);
  OxModel *model = whole_model (17, "X -> Y\nA = Neg(X)\nY = Neg(A)");
  const double x[] = { 1 };
  g_autoptr (OxSession) session = session_of (model, OX_F64, 1, (gint64[]) { 1 }, x);
  g_autoptr (OxPrecision) one = ox_precision_new (session, &narrow), other = ox_precision_new (session, &narrow);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  double last = 0;

  ox_precision_set_progress (one, note_progress, &last);
  g_assert_true (ox_precision_run (one, NULL, &error));
  g_assert_cmpfloat (last, ==, 1);
  g_cancellable_cancel (cancellable);
  g_assert_false (ox_precision_run (other, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ox_model_unref (model);
}

int
main (int argc, char **argv)
{
  static const OxDtype types[] = { OX_F16, OX_BF16, OX_F8E4M3FN, OX_F8E4M3FNUZ, OX_F8E5M2, OX_F8E5M2FNUZ };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *name = g_strconcat ("/precision/range/", ox_dtype_name (types[i]), NULL);

      g_test_add_data_func (name, GINT_TO_POINTER (types[i]), test_range);
    }
  g_test_add_func ("/precision/lost", test_lost);
  g_test_add_func ("/precision/sums", test_sums);
  g_test_add_data_func ("/precision/growth/random", GINT_TO_POINTER (0), test_growth);
  g_test_add_data_func ("/precision/growth/alike", GINT_TO_POINTER (4), test_growth);
  g_test_add_func ("/precision/kinds-of-sums", test_kinds_of_sums);
  g_test_add_func ("/precision/verdicts", test_verdicts);
  g_test_add_func ("/precision/epsilon", test_epsilon);
  g_test_add_func ("/precision/progress", test_progress);
  return g_test_run ();
}
