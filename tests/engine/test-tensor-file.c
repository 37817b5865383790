/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"
#include "tensor/ox-tensor-file.h"

static void
test_npy_round_trip (void)
{
  static const OxDtype types[] = { OX_F32, OX_F64, OX_F16, OX_I8, OX_U8, OX_I16, OX_U16, OX_I32, OX_U32, OX_I64, OX_U64, OX_BOOL };
  static const gint64 shapes[][3] = { { 2, 3, 4 }, { 0, 3, 1 }, { 5, 1, 1 } };

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    for (guint s = 0; s < 3; s++)
      for (int rank = 0; rank <= 3; rank++)
        {
          g_autoptr (OxTensor) tensor = ox_tensor_new_zeros (types[t], rank, shapes[s], NULL), again = NULL;
          g_autoptr (GBytes) bytes = NULL;
          g_autoptr (GError) error = NULL;

          for (gint64 i = 0; i < tensor->count; i++)
            ox_tensor_set (tensor, i, (double) (i + 1));
          bytes = ox_npy_write (tensor, &error);
          g_assert_no_error (error);
          again = ox_npy_parse (bytes, OX_UNDEFINED, &error);
          g_assert_no_error (error);
          g_assert_cmpint (again->dtype, ==, types[t]);
          g_assert_true (ox_tensor_same_shape (tensor, again));
          g_assert_cmpmem (again->data, ox_tensor_bytes (again), tensor->data, ox_tensor_bytes (tensor));
        }
}

static GBytes *
npy (const char *dict, const void *data, gsize size)
{
  GByteArray *out = g_byte_array_new ();
  guint16 length = (guint16) strlen (dict);
  guint8 head[10] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, length & 255, (guint8) (length >> 8) };

  g_byte_array_append (out, head, 10);
  g_byte_array_append (out, (const guint8 *) dict, length);
  g_byte_array_append (out, data, (guint) size);
  return g_byte_array_free_to_bytes (out);
}

static void
test_npy_variants (void)
{
  static const guint8 big[] = { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6 };
  static const guint8 half[] = { 0x80, 0x3f, 0, 0x40 };
  static const guint32 text[] = { 'a', 0xe9, 0, 'b', 0, 0 };
  g_autoptr (GBytes) fortran = npy ("{\"shape\": (2, 3), 'descr': '>i2', 'fortran_order': True}\n", big, sizeof big);
  g_autoptr (GBytes) raw = npy ("{'descr': '|V2', 'fortran_order': False, 'shape': (2,), }\n", half, sizeof half);
  g_autoptr (GBytes) words = npy ("{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }\n", text, sizeof text);
  g_autoptr (OxTensor) a = ox_npy_parse (fortran, OX_UNDEFINED, NULL);
  g_autoptr (OxTensor) b = ox_npy_parse (raw, OX_BF16, NULL);
  g_autoptr (OxTensor) c = ox_npy_parse (words, OX_UNDEFINED, NULL);
  static const int expected[] = { 1, 3, 5, 2, 4, 6 };

  for (int i = 0; i < 6; i++)
    g_assert_cmpint (ox_tensor_get_int (a, i), ==, expected[i]);
  g_assert_cmpfloat (ox_tensor_get (b, 0), ==, 1);
  g_assert_cmpfloat (ox_tensor_get (b, 1), ==, 2);
  g_assert_cmpstr (ox_tensor_get_string (c, 0), ==, "aé");
  g_assert_cmpstr (ox_tensor_get_string (c, 1), ==, "b");
}

static void
test_npy_broken (void)
{
  static const char *const dicts[] = {
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }",
    "{'descr': '<f4', 'shape': (1,), }",
    "{'descr': '<U999999999', 'fortran_order': False, 'shape': (999999999,), }",
    "{'descr': '', 'fortran_order': False, 'shape': (), }",
    "{'descr",
    "",
  };

  for (guint i = 0; i < G_N_ELEMENTS (dicts); i++)
    {
      g_autoptr (GBytes) bytes = npy (dicts[i], "abc", 3);
      g_autoptr (GError) error = NULL;

      g_assert_null (ox_npy_parse (bytes, OX_UNDEFINED, &error));
      g_assert_nonnull (error);
    }
}

static void
test_npz (void)
{
  g_autofree char *dir = g_dir_make_tmp ("ox-npz-XXXXXX", NULL), *path = g_build_filename (dir, "a.npz", NULL);
  g_autoptr (OxTensor) one = ox_tensor_new_ints ((gint64[]){ 1, 2, 3 }, 3), two = ox_tensor_new_scalar (OX_F32, 2.5);
  g_autoptr (GHashTable) arrays = NULL;
  g_autoptr (GError) error = NULL;
  OxNpzWriter *writer = ox_npz_writer_new (path, &error);

  g_assert_no_error (error);
  g_assert_true (ox_npz_writer_add (writer, "a/b:0", one, &error));
  g_assert_true (ox_npz_writer_add (writer, "../c", two, &error));
  g_assert_true (ox_npz_writer_close (writer, &error));
  arrays = ox_npz_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_hash_table_size (arrays), ==, 2);
  g_assert_cmpint (ox_tensor_get_int (g_hash_table_lookup (arrays, "a/b:0"), 2), ==, 3);
  g_assert_cmpfloat (ox_tensor_get (g_hash_table_lookup (arrays, "../c"), 0), ==, 2.5);
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_table (void)
{
  g_autofree char *dir = g_dir_make_tmp ("ox-csv-XXXXXX", NULL), *path = g_build_filename (dir, "a.csv", NULL);
  g_autoptr (OxType) type = ox_type_new_tensor (OX_F64, 3, (gint64[]){ -1, 1, 3 });
  g_autoptr (OxTensor) tensor = NULL, bad = NULL;
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, "x,y,z\n1,2,3\n4,5,6e-1\n", -1, NULL);
  tensor = ox_tensor_file_load (path, NULL, type, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tensor->rank, ==, 3);
  g_assert_cmpint (tensor->dims[0], ==, 2);
  g_assert_cmpfloat (ox_tensor_get (tensor, 5), ==, 0.6);
  g_file_set_contents (path, "1,2\n3\n", -1, NULL);
  bad = ox_tensor_file_load (path, NULL, NULL, &error);
  g_assert_error (error, OX_ERROR, OX_ERROR_FORMAT);
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_image (void)
{
  /* 2 x 1 pixels: red and blue. */
  static const guint8 ppm[] = { 'P', '6', '\n', '2', ' ', '1', '\n', '2', '5', '5', '\n', 255, 0, 0, 0, 0, 255 };
  g_autofree char *dir = g_dir_make_tmp ("ox-img-XXXXXX", NULL), *path = g_build_filename (dir, "a.png", NULL);
  g_autoptr (OxType) nchw = ox_type_new_tensor (OX_F32, 4, (gint64[]){ 1, 3, -1, -1 });
  g_autoptr (OxType) nhwc = ox_type_new_tensor (OX_U8, 4, (gint64[]){ -1, 1, 2, 3 });
  g_autoptr (OxTensor) a = NULL, b = NULL;
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, (const char *) ppm, sizeof ppm, NULL);
  a = ox_image_load (path, nchw, &error);
  if (g_error_matches (error, g_quark_from_string ("gdk-pixbuf-error-quark"), 3))
    {
      g_test_skip ("gdk-pixbuf has no PNM loader here");
      return;
    }
  g_assert_no_error (error);
  b = ox_image_load (path, nhwc, &error);
  g_assert_no_error (error);
  g_assert_cmpint (a->count, ==, 6);
  g_assert_cmpfloat (ox_tensor_get (a, 0), ==, 1);
  g_assert_cmpfloat (ox_tensor_get (a, 1), ==, 0);
  g_assert_cmpfloat (ox_tensor_get (a, 5), ==, 1);
  g_assert_cmpint (ox_tensor_get_int (b, 0), ==, 255);
  g_assert_cmpint (ox_tensor_get_int (b, 5), ==, 255);
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_statistics (void)
{
  gint64 n = 100003;
  g_autoptr (OxTensor) tensor = ox_tensor_new (OX_F32, 1, &n, NULL);
  OxStatistics s;
  OxHistogram h;
  gint64 total = 0;

  for (gint64 i = 0; i < n; i++)
    ox_tensor_set (tensor, i, 1e6 + (double) (i % 2));
  ox_tensor_set (tensor, 7, NAN);
  ox_tensor_set (tensor, 9, -INFINITY);
  ox_tensor_set (tensor, 11, 0);
  ox_statistics_compute (tensor, &s);
  g_assert_cmpint (s.nan, ==, 1);
  g_assert_cmpint (s.neg_inf, ==, 1);
  g_assert_cmpint (s.finite, ==, n - 2);
  g_assert_cmpint (s.zeros, ==, 1);
  g_assert_cmpint (s.first_bad, ==, 7);
  g_assert_cmpint (s.min_index, ==, 11);
  g_assert_cmpfloat (s.max, ==, 1000001);
  ox_tensor_set (tensor, 7, 1e6);
  ox_tensor_set (tensor, 9, 1e6 + 1);
  ox_tensor_set (tensor, 11, 1e6 + 1);
  ox_statistics_compute (tensor, &s);
  /* 50000 of 100003 are one above the rest */
  g_assert_cmpfloat_with_epsilon (s.mean, 1e6 + 50000.0 / 100003, 1e-6);
  g_assert_cmpfloat_with_epsilon (s.std, 0.5, 1e-4);
  g_assert_true (ox_histogram_compute (tensor, &s, &h));
  for (int i = 0; i < OX_HISTOGRAM_BINS; i++)
    total += h.bins[i];
  g_assert_cmpint (total, ==, n);
  g_assert_cmpint (h.bins[0] + h.bins[OX_HISTOGRAM_BINS - 1], ==, n);
}

static void
test_compare (void)
{
  g_autoptr (OxTensor) a = ox_tensor_new (OX_F32, 1, (gint64[]){ 4 }, NULL), b = ox_tensor_new (OX_F32, 1, (gint64[]){ 4 }, NULL);
  g_autoptr (OxTensor) big = ox_tensor_new_ints ((gint64[]){ G_MAXINT64 }, 1), less = ox_tensor_new_ints ((gint64[]){ G_MAXINT64 - 1 }, 1);
  OxDifference d;
  const double x[] = { 1, NAN, INFINITY, 100 }, y[] = { 1.0005, NAN, INFINITY, 101 };

  for (int i = 0; i < 4; i++)
    {
      ox_tensor_set (a, i, x[i]);
      ox_tensor_set (b, i, y[i]);
    }
  ox_tensor_compare (a, b, 1e-3, 0, &d);
  g_assert_false (d.equal);
  g_assert_cmpint (d.outside, ==, 1);
  g_assert_cmpint (d.first, ==, 3);
  g_assert_cmpfloat_with_epsilon (d.max_abs, 1, 1e-6);
  ox_tensor_compare (a, b, 2e-2, 0, &d);
  g_assert_true (d.equal);
  ox_tensor_set (a, 2, -INFINITY);
  ox_tensor_compare (a, b, 2e-2, 0, &d);
  g_assert_cmpint (d.first, ==, 2);
  ox_tensor_compare (big, less, 0, 0, &d);
  g_assert_cmpfloat (d.max_abs, ==, 1);
  g_assert_false (d.equal);
}

static void
test_format (void)
{
  static const struct
  {
    double value;
    int digits;
    const char *text;
  } rows[] = {
    { 0.1234567, 4, "0.1235" }, { 123456, 4, "1.235e5" }, { 12345.6, 4, "12346" }, { -0.0, 4, "-0" }, { 1e-5, 4, "1e-5" },
    { 0.00012, 4, "0.00012" },  { NAN, 4, "NaN" },        { -INFINITY, 4, "-Inf" }, { 3, 4, "3" },     { 1.5e300, 3, "1.5e300" },
  };
  g_autoptr (OxTensor) tensor = ox_tensor_new (OX_F32, 2, (gint64[]){ 2, 2 }, NULL);
  g_autofree char *text = NULL, *exact = NULL, *bytes = ox_format_bytes (38100000), *count = ox_format_count (4210000);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *found = ox_format_double (rows[i].value, rows[i].digits);

      g_assert_cmpstr (found, ==, rows[i].text);
    }
  for (int i = 0; i < 4; i++)
    ox_tensor_set (tensor, i, i + 0.1);
  text = ox_format_tensor (tensor, 4, 100);
  g_assert_cmpstr (text, ==, "[[0.1, 1.1],\n [2.1, 3.1]]");
  exact = ox_format_element (tensor, 3, 0);
  g_assert_cmpstr (exact, ==, "3.1");
  g_assert_cmpstr (bytes, ==, "38.1 MB");
  g_assert_cmpstr (count, ==, "4.21 M");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor-file/npy/round-trip", test_npy_round_trip);
  g_test_add_func ("/tensor-file/npy/variants", test_npy_variants);
  g_test_add_func ("/tensor-file/npy/broken", test_npy_broken);
  g_test_add_func ("/tensor-file/npz", test_npz);
  g_test_add_func ("/tensor-file/table", test_table);
  g_test_add_func ("/tensor-file/image", test_image);
  g_test_add_func ("/tensor-file/statistics", test_statistics);
  g_test_add_func ("/tensor-file/compare", test_compare);
  g_test_add_func ("/tensor-file/format", test_format);
  return g_test_run ();
}
