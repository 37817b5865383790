/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "core/ox-parallel.h"
#include "tensor/ox-statistics.h"

/* Several blocks and a bit, as they lie and turned, against plain loops; @strange: some are no numbers. */
static void
test_blocks (gconstpointer strange)
{
  const gint64 dims[] = { 101, 203 }, turned[] = { 203, 101 }, strides[] = { 4, 203 * 4 };
  g_autoptr (OxTensor) a = ox_tensor_new (OX_F32, 2, dims, NULL), b = ox_tensor_new (OX_F32, 2, dims, NULL);
  double most = 0, relative = 0, sum = 0, xy = 0, xx = 0, yy = 0;
  gint64 unequal = 0, outside = 0, first = -1, worst = -1;

  for (gint64 i = 0; i < a->count; i++)
    {
      double y = sin ((double) i * 1.7), x = i > 9000 && i % 3 == 0 ? y * (1 + 1e-4 * cos ((double) i)) : y;

      ox_tensor_set (b, i, y);
      ox_tensor_set (a, i, x);
      if (strange != NULL && i % 5000 == 4999)
        {
          ox_tensor_set (a, i, i % 10000 == 4999 ? (double) NAN : (double) INFINITY);
          ox_tensor_set (b, i, i % 10000 == 4999 ? (double) NAN : (double) INFINITY);
        }
    }
  for (int turn = 0; turn < 2; turn++)
    {
      g_autoptr (OxTensor) x = turn == 0 ? ox_tensor_ref (a) : ox_tensor_new_view (a, 2, turned, strides, a->data);
      g_autoptr (OxTensor) y = turn == 0 ? ox_tensor_ref (b) : ox_tensor_new_view (b, 2, turned, strides, b->data);
      OxDifference d;

      most = relative = sum = xy = xx = yy = 0;
      unequal = outside = 0;
      first = worst = -1;
      for (gint64 i = 0; i < x->count; i++)
        {
          double p = ox_tensor_get (x, i), q = ox_tensor_get (y, i), diff = fabs (p - q);

          if (!isfinite (q))
            continue;
          unequal += p != q;
          if (diff > 2e-5 + 1e-5 * fabs (q) && outside++ == 0)
            first = i;
          if (diff > most)
            {
              most = diff;
              worst = i;
            }
          relative = MAX (relative, diff > 0 ? diff / fabs (q) : 0);
          sum += diff;
          xy += p * q;
          xx += p * p;
          yy += q * q;
        }
      g_assert_cmpint (outside, >, 100);
      ox_tensor_compare (x, y, 1e-5, 2e-5, &d);
      g_assert_cmpint (d.unequal, ==, unequal);
      g_assert_cmpint (d.outside, ==, outside);
      g_assert_cmpint (d.first, ==, first);
      g_assert_cmpint (d.worst, ==, worst);
      g_assert_cmpfloat (d.max_abs, ==, most);
      g_assert_cmpfloat (d.max_rel, ==, relative);
      g_assert_cmpfloat_with_epsilon (d.mean_abs, sum / (double) x->count, 1e-12);
      g_assert_cmpfloat_with_epsilon (d.cosine, xy / sqrt (xx) / sqrt (yy), 1e-12);
      g_assert_cmpint (ox_tensor_is_near (x, y, 1e-5, 2e-5, &d), ==, FALSE);
      g_assert_cmpint (ox_tensor_is_near (x, y, 1e-3, 1e-4, &d), ==, strange == NULL);
      if (strange == NULL)
        {
          g_assert_cmpint (d.unequal, ==, unequal);
          g_assert_cmpfloat_with_epsilon (d.max_abs, most, 1e-7 * most);
        }
      g_assert_false (ox_tensor_same_bits (x, y));
      g_assert_true (ox_tensor_same_bits (x, x));
      g_assert_cmpfloat (ox_tensor_scale_at_least (y), <=, ox_tensor_scale (y));
      g_assert_cmpfloat (ox_tensor_scale_at_least (y), >, 0.05);
    }
}

/* What is near is so by ox_tensor_compare(), too, and at the bounds it is not said. */
static void
test_bounds (void)
{
  const gint64 n = 9;
  g_autoptr (OxTensor) a = ox_tensor_new (OX_F32, 1, &n, NULL), b = ox_tensor_new (OX_F32, 1, &n, NULL);
  g_autoptr (OxTensor) wide = NULL;
  OxDifference d;

  for (gint64 i = 0; i < n; i++)
    {
      ox_tensor_set (a, i, i == 8 ? 1.25 : 1);
      ox_tensor_set (b, i, 1);
    }
  g_assert_true (ox_tensor_is_near (a, b, 0, 0.2501, &d));
  g_assert_cmpint (d.unequal, ==, 1);
  g_assert_cmpfloat (d.max_abs, ==, 0.25);
  g_assert_true (isnan (d.rmse));
  g_assert_true (ox_tensor_is_near (a, b, 0.2, 0.0501, &d));
  g_assert_false (ox_tensor_is_near (a, b, 0, 0.2499, &d));
  g_assert_false (ox_tensor_is_near (a, b, 0.2, 0.0499, &d));
  g_assert_false (ox_tensor_is_near (a, b, -1, 1, &d));
  g_assert_false (ox_tensor_is_near (a, b, 0, (double) NAN, &d));
  g_assert_true (ox_tensor_is_near (b, b, 0, 1e-20, &d));
  g_assert_cmpint (d.unequal, ==, 0);
  wide = ox_tensor_convert (a, OX_F64, NULL);
  g_assert_false (ox_tensor_is_near (wide, b, 1, 1, &d));
  g_assert_false (ox_tensor_same_bits (wide, a));
  ox_tensor_set (a, 0, 0);
  ox_tensor_set (b, 0, -0.0);
  ox_tensor_set (a, 8, 1);
  g_assert_false (ox_tensor_same_bits (a, b));
  ox_tensor_compare (a, b, 0, 0, &d);
  g_assert_cmpint (d.unequal, ==, 0);
}

/* Near zero a product is as coarse as the bound: what is near is within it all the same. */
static void
test_denormals (void)
{
  const gint64 one = 1;
  const double bound = 0x1p-126;
  g_autoptr (OxTensor) a = ox_tensor_new (OX_F32, 1, &one, NULL), b = ox_tensor_new (OX_F32, 1, &one, NULL);
  guint near = 0, far = 0;

  for (int i = 0; i < 20000; i++)
    {
      double y = g_test_rand_double_range (-4, 4) * bound;
      OxDifference d;

      ox_tensor_set (b, 0, y);
      ox_tensor_set (a, 0, y + (bound + 1e-3 * fabs (y)) * g_test_rand_double_range (0.9999, 1.0001));
      if (ox_tensor_is_near (a, b, 1e-3, bound, &d))
        {
          near++;
          ox_tensor_compare (a, b, 1e-3, bound, &d);
          g_assert_cmpint (d.outside, ==, 0);
        }
      else
        far++;
    }
  g_assert_cmpint (near, >, 1000);
  g_assert_cmpint (far, >, 1000);
}

/* What one thread finds is what several find, wherever it is. */
static void
test_threads (void)
{
  const gint64 n = 300000;
  g_autoptr (OxTensor) a = ox_tensor_new (OX_F32, 1, &n, NULL), b = ox_tensor_new (OX_F32, 1, &n, NULL);
  OxDifference d;

  for (gint64 i = 0; i < n; i++)
    {
      ox_tensor_set (a, i, i % 1000 == 7 ? 1.5 : 1);
      ox_tensor_set (b, i, 1);
    }
  for (int threads = 1; threads <= 3; threads += 2)
    {
      ox_set_threads (threads);
      g_assert_true (ox_tensor_same_bits (a, a));
      g_assert_false (ox_tensor_same_bits (a, b));
      g_assert_true (ox_tensor_is_near (a, b, 0, 0.51, &d));
      g_assert_cmpint (d.unequal, ==, 300);
      g_assert_cmpfloat (d.max_abs, ==, 0.5);
      ox_tensor_set (a, n - 1, 3);
      g_assert_false (ox_tensor_is_near (a, b, 0, 0.51, &d));
      ox_tensor_set (a, n - 1, 1);
    }
  ox_set_threads (0);
  for (gint64 i = 0; i < n; i++)
    ox_tensor_set (a, i, 1);
  g_assert_true (ox_tensor_same_bits (a, b));
  ox_tensor_set (a, n - 1, 2);
  g_assert_false (ox_tensor_same_bits (a, b));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/difference/blocks", NULL, test_blocks);
  g_test_add_data_func ("/difference/blocks-not-finite", "", test_blocks);
  g_test_add_func ("/difference/bounds", test_bounds);
  g_test_add_func ("/difference/denormals", test_denormals);
  g_test_add_func ("/difference/threads", test_threads);
  return g_test_run ();
}
