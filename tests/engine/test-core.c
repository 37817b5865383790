/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "core/ox-hash.h"
#include "core/ox-memory.h"
#include "core/ox-parallel.h"

static void
test_prefix (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ox_fail (&error, OX_ERROR_SHAPE, "expected %d, found %d", 3, 4));
  ox_error_prefix (&error, "Conv '%s'", "stem");
  g_assert_error (error, OX_ERROR, OX_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==, "Conv 'stem': expected 3, found 4");
}

static void
test_dims (void)
{
  const gint64 good[] = { 2, 3, 4 }, huge[] = { G_MAXINT64 / 2, 4 }, hidden[] = { 1 << 20, 0 }, bad[] = { 2, -1 };
  gint64 count;

  g_assert_true (ox_dims_count (good, 3, &count) && count == 24);
  g_assert_true (ox_dims_count (NULL, 0, &count) && count == 1);
  g_assert_false (ox_dims_count (huge, 2, &count));
  g_assert_true (ox_dims_count (hidden, 2, &count) && count == 0);
  g_assert_false (ox_dims_count (bad, 2, &count));
}

static void
test_limit (void)
{
  g_autoptr (GError) error = NULL;

  ox_memory_set_limit (1000);
  g_assert_null (ox_alloc (1001, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_MEMORY);
  ox_free (ox_alloc (1000, NULL));
  ox_memory_set_limit (0);
}

static void
count_range (gint64 begin, gint64 end, gpointer data)
{
  for (gint64 i = begin; i < end; i++)
    g_atomic_int_inc (&((int *) data)[i]);
}

static void
test_parallel (void)
{
  for (int threads = 1; threads <= 4; threads++)
    {
      g_autofree int *seen = g_new0 (int, 10000);

      ox_set_threads (threads);
      for (int round = 0; round < 50; round++)
        ox_parallel_for (10000, 7, count_range, seen);
      for (int i = 0; i < 10000; i++)
        g_assert_cmpint (seen[i], ==, 50);
    }
  ox_set_threads (0);
}

/* Bytes 11, 48, 85, ...: what the public implementation makes of them. */
static void
test_hash (void)
{
  static const struct { gsize size; guint64 seed, hash; } cases[] = {
    { 0, 0, G_GUINT64_CONSTANT (0xef46db3751d8e999) },
    { 1, 0, G_GUINT64_CONSTANT (0xf592c0c7639c4cb6) },
    { 3, 0, G_GUINT64_CONSTANT (0x22c08528601d4f27) },
    { 4, 7, G_GUINT64_CONSTANT (0x2dc798d3db8ef9ae) },
    { 11, 0, G_GUINT64_CONSTANT (0x1bef4539443a2d5a) },
    { 31, 0, G_GUINT64_CONSTANT (0xe4a0e629e519a4ae) },
    { 32, 0, G_GUINT64_CONSTANT (0xcc6b8aaada790b2d) },
    { 39, 1, G_GUINT64_CONSTANT (0xa1116b5fab3e8313) },
    { 64, 0, G_GUINT64_CONSTANT (0x155ccce4bf32befc) },
    { 200, 0, G_GUINT64_CONSTANT (0x2f074b6dd9094e34) },
  };
  guint8 data[200];

  for (guint i = 0; i < sizeof data; i++)
    data[i] = (guint8) (i * 37 + 11);
  g_assert_cmpuint (ox_hash64 ("abc", 3, 0), ==, G_GUINT64_CONSTANT (0x44bc2cf5ad770999));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (ox_hash64 (data, cases[i].size, cases[i].seed), ==, cases[i].hash);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/error/prefix", test_prefix);
  g_test_add_func ("/core/hash", test_hash);
  g_test_add_func ("/core/memory/dims", test_dims);
  g_test_add_func ("/core/memory/limit", test_limit);
  g_test_add_func ("/core/parallel/covers", test_parallel);
  return g_test_run ();
}
