/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "kernel/ox-walk.h"
#include "tensor/ox-small-float.h"
#include "tensor/ox-type.h"

/* Rounds to nearest even among all finite codes, by looking at every one of them. */
static float
nearest (double value, float (*load) (guint8), int codes, guint8 *code)
{
  double best = INFINITY;
  float found = NAN;

  for (int c = 0; c < codes; c++)
    {
      float x = load ((guint8) c);
      double distance = fabs (x - value);

      if (!isfinite (x) || (signbit (x) != 0) != (signbit (value) != 0))
        continue;
      if (distance < best || (distance == best && (c & 1) == 0))
        {
          best = distance;
          found = x;
          *code = (guint8) c;
        }
    }
  return found;
}

static void
test_small_floats (void)
{
  static const struct
  {
    float (*load) (guint8);
    guint8 (*store) (float);
    int codes;
  } types[] = {
    { ox_f8e4m3fn_load, ox_f8e4m3fn_store, 256 },     { ox_f8e4m3fnuz_load, ox_f8e4m3fnuz_store, 256 },
    { ox_f8e5m2_load, ox_f8e5m2_store, 256 },         { ox_f8e5m2fnuz_load, ox_f8e5m2fnuz_store, 256 },
    { ox_f4e2m1_load, ox_f4e2m1_store, 16 },
  };

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    for (double value = 1e-6; value < 70000; value *= 1.0371)
      {
        guint8 code = 0;
        float expected = nearest ((float) value, types[t].load, types[t].codes, &code);

        g_assert_cmpfloat (types[t].load (types[t].store ((float) value)), ==, expected);
        g_assert_cmpfloat (types[t].load (types[t].store (-(float) value)), ==, -expected);
      }
  g_assert_cmpfloat (ox_f8e4m3fn_load (0x7e), ==, 448);
  g_assert_cmpfloat (ox_f8e4m3fnuz_load (0x7f), ==, 240);
  g_assert_cmpfloat (ox_f8e5m2_load (0x7b), ==, 57344);
  g_assert_true (isinf (ox_f8e5m2_load (0x7c)) && isnan (ox_f8e5m2_load (0x7d)) && isnan (ox_f8e4m3fn_load (0xff)));
  g_assert_cmphex (ox_f8e5m2_store_wide (1e9f), ==, 0x7c);
  g_assert_cmphex (ox_f8e4m3fn_store_wide (1e9f), ==, 0x7f);
  g_assert_cmphex (ox_f8e4m3fnuz_store (-0.0f), ==, 0);
  g_assert_cmpfloat (ox_f8e8m0_load (127), ==, 1);
  g_assert_cmphex (ox_f8e8m0_store (3), ==, 129);
  g_assert_true (isnan (ox_f8e8m0_load (255)));
}

static void
test_half (void)
{
  for (guint32 bits = 0; bits < 65536; bits++)
    {
      float value = ox_f16_load ((guint16) bits);

      if (isnan (value))
        g_assert_true ((bits & 0x7c00) == 0x7c00 && isnan (ox_f16_load (ox_f16_store (value))));
      else
        {
          g_assert_cmphex (ox_f16_store (value), ==, bits);
          g_assert_cmphex (ox_f16_from_double (value), ==, bits);
          if ((bits & 0x7fff) < 0x7bff)
            {
              /* Half way to the next code goes to the even one; a hair more goes up. */
              double next = ox_f16_load ((guint16) (bits + 1)), half = (value + next) / 2;

              g_assert_cmphex (ox_f16_store ((float) half), ==, bits + (bits & 1));
              g_assert_cmphex (ox_f16_from_double (half), ==, bits + (bits & 1));
              g_assert_cmphex (ox_f16_from_double (half + (next - value) * 1e-6), ==, bits + 1);
            }
        }
    }
  g_assert_cmphex (ox_f16_store (65520), ==, 0x7c00);
  g_assert_cmphex (ox_f16_store (65519), ==, 0x7bff);
  g_assert_cmphex (ox_bf16_store (1.00390625f), ==, 0x3f80);
  g_assert_cmphex (ox_bf16_store (1.01171875f), ==, 0x3f82);
}

static void
test_pack (void)
{
  static const guint8 raw[] = { 0x8f, 0x71, 0x02 };
  const gint64 dims[] = { 5 }, short_dims[] = { 7 };
  static const int expected[] = { -1, -8, 1, 7, 2 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (raw, sizeof raw);
  g_autoptr (OxTensor) packed = ox_tensor_new_for_bytes (OX_I4, 1, dims, bytes, 0, NULL);
  g_autoptr (OxTensor) open = ox_tensor_contiguous (packed, NULL);
  g_autoptr (GBytes) again = ox_tensor_pack (open, NULL);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 5; i++)
    {
      g_assert_cmpint (ox_tensor_get_int (packed, i), ==, expected[i]);
      g_assert_cmpint (ox_tensor_get_int (open, i), ==, expected[i]);
    }
  g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again), raw, sizeof raw);
  g_assert_null (ox_tensor_new_for_bytes (OX_I4, 1, short_dims, bytes, 0, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_FORMAT);
}

static void
test_views (void)
{
  const gint64 dims[] = { 2, 3, 4 }, turned[] = { 4, 3, 2 }, strides[] = { -4, 16, 48 }, flat[] = { 24 };
  g_autoptr (OxTensor) base = ox_tensor_new (OX_F32, 3, dims, NULL);
  g_autoptr (OxTensor) view = NULL, dense = NULL, again = NULL;

  for (int i = 0; i < 24; i++)
    ox_tensor_set (base, i, i);
  /* The last axis backwards, then transposed. */
  view = ox_tensor_new_view (base, 3, turned, strides, base->data + 12);
  g_assert_false (ox_tensor_is_contiguous (view));
  dense = ox_tensor_contiguous (view, NULL);
  again = ox_tensor_reshape (view, 1, flat, NULL);
  for (int i = 0; i < 24; i++)
    {
      int expected = 3 - i / 6 + i / 2 % 3 * 4 + i % 2 * 12;

      g_assert_cmpfloat (ox_tensor_get (view, i), ==, expected);
      g_assert_cmpfloat (((float *) dense->data)[i], ==, expected);
      g_assert_cmpfloat (((float *) again->data)[i], ==, expected);
    }
}

static void
test_strings (void)
{
  const char *const words[] = { "one", "", "three" };
  const gint64 dims[] = { 2, 3 }, strides[] = { 0, 8 };
  g_autoptr (OxTensor) tensor = ox_tensor_new_strings (words, 3);
  g_autoptr (OxTensor) view = ox_tensor_new_view (tensor, 2, dims, strides, tensor->data);
  g_autoptr (OxTensor) copy = ox_tensor_contiguous (view, NULL);

  ox_tensor_set_string (tensor, 0, "changed", -1);
  g_assert_cmpstr (ox_tensor_get_string (copy, 0), ==, "one");
  g_assert_cmpstr (ox_tensor_get_string (copy, 5), ==, "three");
}

static void
test_hostile (void)
{
  static const gint64 shapes[][3] = { { G_MAXINT64, G_MAXINT64, 2 }, { -1, 1, 1 }, { 1 << 30, 1 << 30, 1 << 2 } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ox_tensor_new (OX_F32, 3, shapes[i], &error));
      g_assert_true (g_error_matches (error, OX_ERROR, OX_ERROR_SHAPE) || g_error_matches (error, OX_ERROR, OX_ERROR_MEMORY));
    }
  g_assert_null (ox_tensor_new (OX_F32, OX_MAX_RANK + 1, NULL, NULL));
  g_assert_null (ox_tensor_new (99, 0, NULL, NULL));
}

static void
add_loop (char **p, const gint64 *step, gint64 n, const void *user)
{
  for (gint64 i = 0; i < n; i++)
    *(float *) (p[0] + i * step[0]) = *(float *) (p[1] + i * step[1]) + *(float *) (p[2] + i * step[2]);
}

/* Every order of axes and every broadcast pattern of a small shape against index arithmetic. */
static void
test_walk (void)
{
  static const int orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
  const gint64 dims[] = { 3, 4, 5 };

  for (guint o = 0; o < G_N_ELEMENTS (orders); o++)
    for (int mask = 0; mask < 8; mask++)
      {
        gint64 stride = 4, sa[3], b_dims[3];
        g_autoptr (OxTensor) base = ox_tensor_new (OX_F32, 3, dims, NULL), a = NULL, b = NULL;
        g_autoptr (OxTensor) out = ox_tensor_new (OX_F32, 3, dims, NULL);
        const OxTensor *in[2];

        for (int i = 2; i >= 0; i--)
          {
            sa[orders[o][i]] = stride;
            stride *= dims[orders[o][i]];
          }
        a = ox_tensor_new_view (base, 3, dims, sa, base->data);
        for (int i = 0; i < 60; i++)
          ox_tensor_set (a, i, i * 1000);
        for (int i = 0; i < 3; i++)
          b_dims[i] = mask >> i & 1 ? 1 : dims[i];
        b = ox_tensor_new (OX_F32, 3, b_dims, NULL);
        for (int i = 0; i < b->count; i++)
          ox_tensor_set (b, i, i);
        in[0] = a;
        in[1] = b;
        ox_walk_tensors (out, 2, in, add_loop, NULL);
        for (int i = 0; i < 60; i++)
          {
            gint64 at[3] = { i / 20, i / 5 % 4, i % 5 }, j = 0;

            for (int k = 0; k < 3; k++)
              j = j * b_dims[k] + (b_dims[k] == 1 ? 0 : at[k]);
            g_assert_cmpfloat (ox_tensor_get (out, i), ==, i * 1000 + j);
          }
      }
}

static void
test_type_check (void)
{
  g_autoptr (OxType) type = ox_type_new_tensor (OX_F32, 2, (gint64[]){ -1, 3 });
  g_autoptr (GHashTable) params = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (OxValue) good = ox_value_new_tensor (ox_tensor_new_zeros (OX_F32, 2, (gint64[]){ 2, 3 }, NULL));
  g_autoptr (OxValue) other = ox_value_new_tensor (ox_tensor_new_zeros (OX_F32, 2, (gint64[]){ 4, 3 }, NULL));
  g_autoptr (OxValue) bad = ox_value_new_tensor (ox_tensor_new_zeros (OX_F64, 2, (gint64[]){ 2, 3 }, NULL));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *label = NULL, *plain = NULL;

  plain = ox_type_label (type);
  g_assert_cmpstr (plain, ==, "f32 ?x3");
  ox_type_set_dim (type, 0, -1, "N");
  text = ox_type_to_string (type);
  label = ox_type_label (type);
  g_assert_cmpstr (text, ==, "f32 Nx3");
  g_assert_cmpstr (label, ==, "f32 N × 3");
  g_assert_true (ox_type_check_value (type, good, params, NULL));
  g_assert_false (ox_type_check_value (type, other, params, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_SHAPE);
  g_clear_error (&error);
  g_assert_false (ox_type_check_value (type, bad, params, &error));
  g_assert_cmpstr (error->message, ==, "expected f32 Nx3, found f64 2x3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/small-floats", test_small_floats);
  g_test_add_func ("/tensor/half", test_half);
  g_test_add_func ("/tensor/pack", test_pack);
  g_test_add_func ("/tensor/views", test_views);
  g_test_add_func ("/tensor/strings", test_strings);
  g_test_add_func ("/tensor/hostile", test_hostile);
  g_test_add_func ("/tensor/walk", test_walk);
  g_test_add_func ("/tensor/type-check", test_type_check);
  return g_test_run ();
}
