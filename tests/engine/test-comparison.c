/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-comparison-files.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "models.h"
#include "tensor/ox-tensor-file.h"

/* Small models of one kind: x goes through products with w and v. A line is "Operator inputs > outputs". */
#define MODEL "MatMul x w > a|Add a b > c|Relu c > d|Sub d x > e|MatMul e v > f|Softmax f > y"

/* Numbers that repeat with no shape. */
static OxTensor *
numbers (gint64 rows, gint64 columns, guint seed, double size)
{
  const gint64 dims[] = { rows, columns };
  OxTensor *tensor = ox_tensor_new (OX_F32, 2, dims, NULL);

  for (gint64 i = 0; i < tensor->count; i++)
    ox_tensor_set (tensor, i, size * sin ((double) (i * 7 + 3) * (1 + seed)));
  return tensor;
}

/* @scale is what w and v are multiplied by: "w*1.05". @prefix goes before every name but x. */
static OxSession *
feed (const char *lines, const char *weight, double factor, const char *prefix)
{
  static const char *const weights[] = { "w", "v", "b" };
  g_auto (GStrv) list = g_strsplit (lines, "|", -1);
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxValue) x = ox_value_new_tensor (numbers (3, 8, 1, 1));
  g_autoptr (GError) error = NULL;
  g_autofree char *output = g_strconcat (prefix, "y", NULL);
  OxSession *session;

  ox_graph_add_input (model->graph, "x", ox_type_new_tensor (OX_F32, -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (weights); i++)
    {
      g_autofree char *name = g_strconcat (prefix, weights[i], NULL);
      double size = g_str_equal (weights[i], weight) ? 0.5 * factor : 0.5;

      add_constant (model->graph, name, numbers (i < 2 ? 8 : 1, 8, i + 2, size));
    }
  for (int i = 0; list[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (list[i], " ", -1);
      OxNode *node = ox_graph_add_node (model->graph, words[0], "", "");
      gboolean out = FALSE;

      for (int k = 1; words[k] != NULL; k++)
        {
          g_autofree char *name = g_strconcat (g_str_equal (words[k], "x") ? "" : prefix, words[k], NULL);

          if (g_str_equal (words[k], ">"))
            out = TRUE;
          else if (out)
            ox_node_add_output (node, name);
          else
            ox_node_add_input (node, name);
        }
    }
  add_outputs (model->graph, output);
  ox_model_link (model, &error);
  g_assert_no_error (error);
  session = ox_session_new (model, NULL);
  ox_session_set_input (session, "x", x, &error);
  g_assert_no_error (error);
  return session;
}

static void
keep (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  for (guint i = 0; i < node->output_names->len; i++)
    if (outputs[i] != NULL)
      g_hash_table_insert (data, g_strdup (g_ptr_array_index (node->output_names, i)), ox_value_ref (outputs[i]));
}

/* Every value of a run by name. */
static GHashTable *
record (OxSession *session)
{
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  g_autoptr (OxSession) twin = ox_session_new_twin (session, FALSE);
  g_autoptr (GError) error = NULL;

  ox_session_set_tap (twin, keep, values);
  ox_session_run (twin, NULL, &error);
  g_assert_no_error (error);
  return values;
}

static OxComparison *
compare (OxSession *session, OxReference *reference)
{
  OxComparison *comparison = ox_comparison_new (session, reference);
  g_autoptr (GError) error = NULL;

  ox_comparison_run (comparison, NULL, &error);
  g_assert_no_error (error);
  return comparison;
}

static OxReference *
model_reference (OxSession *theirs, OxSession *mine)
{
  g_autoptr (GError) error = NULL;
  OxReference *reference = ox_reference_new_model (theirs, mine, NULL, &error);

  g_assert_no_error (error);
  return reference;
}

static const OxComparedValue *
find (OxComparison *comparison, const char *name)
{
  GPtrArray *values = ox_comparison_values (comparison);

  for (guint i = 0; i < values->len; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (values, i);

      if (g_str_equal (g_ptr_array_index (value->node->output_names, value->output), name))
        return value;
    }
  g_error ("'%s' was not compared", name);
}

static void
assert_first (OxComparison *comparison, const char *name)
{
  const OxComparedValue *first = ox_comparison_first (comparison);

  if (name == NULL)
    {
      g_autofree char *text = first != NULL ? ox_compared_value_describe (first) : NULL;

      g_assert_cmpstr (text, ==, NULL);
      return;
    }
  g_assert_nonnull (first);
  g_assert_cmpstr (g_ptr_array_index (first->node->output_names, first->output), ==, name);
}

/* One fault each, against recorded values and against the healthy model. */
typedef struct
{
  const char *name, *lines, *weight;
  double      factor;
  const char *first;          /* NULL: none */
  const char *first_exact;    /* of two models by this engine */
} Fault;

static const Fault faults[] = {
  { "healthy", MODEL, "", 1, NULL, NULL },
  { "weight", MODEL, "w", 1.05, "a", "a" },
  { "small", MODEL, "v", 1.0001, "f", "f" },
  { "rounding", MODEL, "v", 1.0000002, NULL, "f" },
  { "bias", MODEL, "b", 1.001, "c", "c" },
  { "operator", "MatMul x w > a|Add a b > c|Abs c > d|Sub d x > e|MatMul e v > f|Softmax f > y", "", 1, "d", "d" },
  { "swapped", "MatMul x w > a|Add a b > c|Relu c > d|Sub x d > e|MatMul e v > f|Softmax f > y", "", 1, "e", "e" },
  { "missing-node", "MatMul x w > a|Add a b > c|Sub c x > e|MatMul e v > f|Softmax f > y", "", 1, "e", "e" },
  { "wrong-wire", "MatMul x w > a|Add a b > c|Relu c > d|Sub d x > e|MatMul d v > f|Softmax f > y", "", 1, "f", "f" },
};

static void
test_fault (gconstpointer data)
{
  const Fault *fault = data;
  g_autoptr (OxSession) healthy = feed (MODEL, "", 1, ""), faulty = feed (fault->lines, fault->weight, fault->factor, "");
  g_autoptr (OxComparison) recorded = compare (faulty, ox_reference_new_values (record (healthy), "values"));
  g_autoptr (OxComparison) lockstep = compare (faulty, model_reference (g_steal_pointer (&healthy), faulty));

  assert_first (recorded, fault->first);
  assert_first (lockstep, fault->first_exact);
  g_assert_cmpuint (ox_comparison_missing (recorded), ==, 0);
}

/* What comes after the fault has it by inheritance, and nothing of its own. */
static void
test_inherited (void)
{
  g_autoptr (OxSession) healthy = feed (MODEL, "", 1, ""), faulty = feed (MODEL, "w", 1.05, "");
  g_autoptr (OxComparison) comparison = compare (faulty, ox_reference_new_values (record (healthy), "values"));
  const OxComparedValue *a = find (comparison, "a"), *e = find (comparison, "e");

  g_assert_cmpint (a->verdict, ==, OX_VERDICT_DIFFERS);
  g_assert_cmpfloat_with_epsilon (a->own.max_rel, 0.05, 1e-5);
  g_assert_cmpint (a->own.unequal, ==, a->own.count);
  g_assert_cmpint (e->verdict, ==, OX_VERDICT_INHERITED);
  g_assert_true (e->has_own && e->has_through);
  g_assert_cmpfloat (e->own.max_abs, ==, 0);
  g_assert_cmpfloat (e->through.max_abs, >, 1e-3);
}

/* Names that have nothing in common: the operators and their places tell, and after a change of structure the numbers. */
static void
test_renamed (void)
{
  const char *longer = "MatMul x w > a|Identity a > a2|Add a2 b > c|Relu c > d|Sub d x > e|MatMul e v > f|Softmax f > y";
  g_autoptr (OxSession) same = feed (MODEL, "", 1, "t_"), other = feed (longer, "", 1, "u_");
  g_autoptr (OxSession) mine = feed (MODEL, "v", 1.01, "m_");
  g_autoptr (OxComparison) by_place = compare (mine, model_reference (g_steal_pointer (&same), mine));
  g_autoptr (OxComparison) by_value = NULL;

  assert_first (by_place, "m_f");
  g_assert_cmpuint (ox_comparison_values (by_place)->len, ==, 6);
  g_assert_nonnull (strstr (ox_reference_remark (ox_comparison_reference (by_place)), "6 by operator and place"));
  by_value = compare (mine, model_reference (g_steal_pointer (&other), mine));
  assert_first (by_value, "m_f");
  g_assert_cmpint (find (by_value, "m_d")->verdict, ==, OX_VERDICT_SAME);
}

/* Only the outputs are known: several nodes lie between, and a rounding error is no fault. */
static void
test_outputs_only (void)
{
  g_autoptr (OxSession) healthy = feed (MODEL, "", 1, ""), slightly = feed (MODEL, "w", 1.000001, "");
  g_autoptr (OxSession) faulty = feed (MODEL, "w", 1.05, "");
  g_autoptr (GHashTable) values = record (healthy), some = NULL;
  g_autoptr (OxComparison) good = NULL, bad = NULL;

  some = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  g_hash_table_insert (some, g_strdup ("y"), ox_value_ref (g_hash_table_lookup (values, "y")));
  good = compare (slightly, ox_reference_new_values (g_hash_table_ref (some), "values"));
  assert_first (good, NULL);
  g_assert_cmpuint (ox_comparison_missing (good), ==, 5);
  bad = compare (faulty, ox_reference_new_values (g_hash_table_ref (some), "values"));
  assert_first (bad, "y");
}

static void
test_tolerances (void)
{
  g_autoptr (OxSession) healthy = feed (MODEL, "", 1, ""), faulty = feed (MODEL, "w", 1.05, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (OxComparison) wide = ox_comparison_new (faulty, ox_reference_new_values (record (healthy), "values"));
  g_autoptr (OxComparison) ruled = ox_comparison_new (faulty, ox_reference_new_values (record (healthy), "values"));
  g_autoptr (OxComparison) narrow = ox_comparison_new (healthy, ox_reference_new_values (record (healthy), "values"));

  ox_comparison_set_tolerance (wide, 0.1, 0.1);
  g_assert_true (ox_comparison_run (wide, NULL, &error));
  assert_first (wide, NULL);
  g_assert_true (ox_comparison_add_rule (ruled, "?=0,0", NULL));
  g_assert_true (ox_comparison_add_rule (ruled, "a*=0.06,0", NULL));
  g_assert_true (ox_comparison_run (ruled, NULL, &error));
  assert_first (ruled, NULL);
  g_assert_cmpint (find (ruled, "c")->verdict, ==, OX_VERDICT_INHERITED);
  ox_comparison_set_tolerance (narrow, 0, -1);
  g_assert_true (ox_comparison_run (narrow, NULL, &error));
  assert_first (narrow, "a");
}

/* A value of the reference with some elements moved. */
static GHashTable *
moved (OxSession *session, const char *name, double by)
{
  GHashTable *values = record (session);
  const OxTensor *tensor = ox_value_get_tensor (g_hash_table_lookup (values, name));
  OxTensor *other = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, NULL);

  for (gint64 i = 0; i < tensor->count; i++)
    ox_tensor_set (other, i, ox_tensor_get (tensor, i) + (i == 0 ? by : 0));
  g_hash_table_insert (values, g_strdup (name), ox_value_new_tensor (other));
  return values;
}

/* A mean that cancels is nothing but rounding; a Neg has no way to make an error at all. */
static void
test_rounding (void)
{
  g_autoptr (OxSession) session = feed ("Neg x > n|ReduceMean n > y", "", 1, "");
  g_autoptr (OxComparison) mean = NULL, plain = NULL;

  mean = compare (session, ox_reference_new_values (moved (session, "y", 3e-8), "values"));
  assert_first (mean, NULL);
  plain = compare (session, ox_reference_new_values (moved (session, "n", 3e-5), "values"));
  assert_first (plain, "n");
}

/* A shape that is not the reference's; and a node that cannot run with the reference's inputs. */
static void
test_shapes (void)
{
  const char *healthy_lines = "MatMul x w > a|Transpose a > t|Transpose t > u|Add u b > y";
  g_autoptr (OxSession) healthy = feed (healthy_lines, "", 1, "");
  g_autoptr (OxSession) shape = feed ("MatMul x w > a|Identity a > t|Transpose t > u|Add u b > y", "", 1, "");
  g_autoptr (OxSession) fails = feed ("MatMul x w > a|Transpose a > t|Transpose t > u|MatMul u x > y", "", 1, "");
  g_autoptr (OxComparison) one = compare (shape, ox_reference_new_values (record (healthy), "values"));
  g_autoptr (OxComparison) two = compare (fails, ox_reference_new_values (record (healthy), "values"));
  g_autofree char *text = NULL;

  assert_first (one, "t");
  g_assert_cmpstr (ox_comparison_first (one)->text, ==, "expected f32 8x3, found f32 3x8");
  assert_first (two, "y");
  g_assert_false (ox_comparison_first (two)->has_own);
  text = ox_compared_value_describe (ox_comparison_first (two));
  g_assert_nonnull (strstr (text, "MatMul"));
}

/* Another generator's numbers are nobody's fault, and what hangs on them is compared with them. */
static void
test_random (void)
{
  g_autoptr (OxSession) session = feed ("RandomNormalLike x > r|Add r b > c|Relu c > y", "", 1, "");
  g_autoptr (OxSession) other = feed ("Identity x > r|Add r b > c|Relu c > y", "", 1, "");
  g_autoptr (OxComparison) comparison = compare (session, ox_reference_new_values (record (other), "values"));

  assert_first (comparison, NULL);
  g_assert_cmpint (find (comparison, "r")->verdict, ==, OX_VERDICT_RANDOM);
  g_assert_cmpint (find (comparison, "c")->verdict, ==, OX_VERDICT_SAME);
  g_assert_cmpfloat (find (comparison, "y")->through.max_abs, ==, 0);
}

/* Inside of bodies, iteration by iteration. */
static void
test_bodies (void)
{
  g_autoptr (OxModel) healthy = nested_model (), faulty = nested_model ();
  g_autoptr (OxSession) theirs = ox_session_new (healthy, NULL), mine = ox_session_new (faulty, NULL);
  g_autoptr (OxComparison) comparison = NULL;
  const double seven = 7;
  const guint8 never[] = { 0, 0, 0 };
  g_autoptr (OxValue) value = NULL;
  OxSlot *flags = ox_graph_slot (faulty->graph, ox_graph_find (faulty->graph, "flags"));

  give_list (theirs, "x", 1, &seven);
  give_list (mine, "x", 1, &seven);
  /* The condition of the second round: the Gather that reads it is the first to differ. */
  value = ox_initializer_get (flags->initializer, NULL);
  memcpy (ox_value_get_tensor (value)->data, never, sizeof never);
  comparison = compare (mine, model_reference (g_steal_pointer (&theirs), mine));
  assert_first (comparison, "flag");
  g_assert_cmpstr (ox_comparison_first (comparison)->where, ==, "Loop 'loop' iteration 1");
}

static void
append_array (GString *json, const char *name, const OxValue *value)
{
  g_autoptr (GBytes) bytes = ox_npy_write (ox_value_get_tensor (value), NULL);
  g_autofree char *text = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  g_string_append_printf (json, "\"%s\": {\"values\": {\"array\": \"%s\", \"polygraphy_class\": \"ndarray\"},"
                          " \"polygraphy_class\": \"LazyArray\"}", name, text);
}

static void
test_json (void)
{
  static const char *const broken[] = { "", "[", "{\"lst\": []}", "{\"lst\": [[\"r\", [{}]]]}", "7", "[{\"a\": 3}]",
                                        "{\"a\": {\"tensor\": \"AAAA\"}}", "{\"a\": {\"array\": \"AAAA\"}}" };
  g_autoptr (OxSession) healthy = feed (MODEL, "", 1, ""), faulty = feed (MODEL, "v", 1.01, "");
  g_autoptr (GHashTable) values = record (healthy);
  g_autoptr (GString) json = g_string_new ("{\"lst\": [[\"runner\", [{\"outputs\": {");
  g_autoptr (GError) error = NULL;
  g_autoptr (OxComparison) comparison = NULL;
  g_autofree char *path = NULL;
  OxReference *reference;

  g_close (g_file_open_tmp ("ox-XXXXXX.json", &path, &error), NULL);
  append_array (json, "e", g_hash_table_lookup (values, "e"));
  g_string_append (json, ", ");
  append_array (json, "f", g_hash_table_lookup (values, "f"));
  g_string_append (json, "}, \"runtime\": null, \"polygraphy_class\": \"IterationResult\"}]]],"
                         " \"polygraphy_class\": \"RunResults\"}");
  g_assert_true (g_file_set_contents (path, json->str, -1, NULL));
  reference = ox_reference_new_json (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ox_reference_size (reference), ==, 2);
  comparison = compare (faulty, reference);
  assert_first (comparison, "f");
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) cause = NULL;

      g_assert_true (g_file_set_contents (path, broken[i], -1, NULL));
      if (ox_reference_new_json (path, &cause) != NULL)
        g_error ("'%s' is taken for a reference", broken[i]);
      g_assert_nonnull (strstr (cause->message, path));
    }
  g_remove (path);
}

/* Out of order, twice, and with a type that numpy lacks. */
static void
test_npz (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  OxNpzReader *reader;
  OxNpzWriter *writer;
  OxTensor *tensor;

  g_close (g_file_open_tmp ("ox-XXXXXX.npz", &path, &error), NULL);
  writer = ox_npz_writer_new (path, &error);
  for (int i = 0; i < 5; i++)
    {
      g_autofree char *name = i < 4 ? g_strdup_printf ("a/%d", i) : g_strdup ("half::bfloat16");
      g_autoptr (OxTensor) one = ox_tensor_new_scalar (i < 4 ? OX_F32 : OX_U16, i < 4 ? i : 0x3fc0);

      g_assert_true (ox_npz_writer_add (writer, name, one, &error));
    }
  g_assert_true (ox_npz_writer_close (writer, &error));
  reader = ox_npz_reader_new (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (ox_npz_reader_names (reader)), ==, 5);
  for (int i = 0; i < 12; i++)
    {
      int which = i * 7 % 4;
      g_autofree char *name = g_strdup_printf ("a/%d", which);

      tensor = ox_npz_reader_get (reader, name, OX_UNDEFINED, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (ox_tensor_get (tensor, 0), ==, which);
      ox_tensor_unref (tensor);
    }
  tensor = ox_npz_reader_get (reader, "half", OX_UNDEFINED, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tensor->dtype, ==, OX_BF16);
  g_assert_cmpfloat (ox_tensor_get (tensor, 0), ==, 1.5);
  ox_tensor_unref (tensor);
  g_assert_null (ox_npz_reader_get (reader, "b", OX_UNDEFINED, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  ox_npz_reader_free (reader);
  g_remove (path);
}

/* The numbers themselves, worked out by hand: found 1, 2.5, 3, -4 where 1, 2, 4, -4 is right. */
static void
test_metrics (void)
{
  const double found[] = { 1, 2.5, 3, -4 }, expected[] = { 1, 2, 4, -4 };
  g_autoptr (OxTensor) a = list_of (OX_F32, 4, found), b = list_of (OX_F32, 4, expected), h = NULL, k = NULL;
  OxDifference d;

  ox_tensor_compare (a, b, 0, 0.5, &d);
  g_assert_cmpint (d.unequal, ==, 2);
  g_assert_cmpint (d.outside, ==, 1);
  g_assert_cmpint (d.first, ==, 2);
  g_assert_cmpfloat (d.max_abs, ==, 1);
  g_assert_cmpfloat (d.max_rel, ==, 0.25);
  g_assert_cmpfloat (d.mean_abs, ==, 0.375);
  g_assert_cmpfloat_with_epsilon (d.rmse, sqrt (1.25 / 4), 1e-12);
  g_assert_cmpfloat_with_epsilon (d.cosine, (1 + 5 + 12 + 16) / sqrt ((1 + 6.25 + 9 + 16) * (1 + 4 + 16 + 16)), 1e-12);
  g_assert_cmpfloat_with_epsilon (d.psnr, 20 * log10 (4 / sqrt (1.25 / 4)), 1e-9);
  /* 3 and 4: in the binade of 4 a last place is 2^-21. */
  g_assert_cmpfloat (d.max_ulps, ==, 0x1p21);
  h = ox_tensor_convert (a, OX_F16, NULL);
  k = ox_tensor_convert (b, OX_F16, NULL);
  ox_tensor_compare (h, k, 0, 0, &d);
  g_assert_cmpfloat (d.max_ulps, ==, 0x1p8);
  g_assert_cmpfloat (ox_tensor_scale (b), ==, 4);
}

/* The run by itself: what is off and hangs on nothing that is off differs, all else inherits. */
static void
test_through (void)
{
  g_autoptr (OxSession) healthy = feed (MODEL, "", 1, ""), faulty = feed (MODEL, "w", 1.05, "");
  g_autoptr (OxComparison) off = ox_comparison_new (faulty, ox_reference_new_values (record (healthy), "values"));
  g_autoptr (OxComparison) same = ox_comparison_new (healthy, ox_reference_new_values (record (healthy), "values"));
  g_autoptr (GHashTable) values = record (healthy);

  ox_comparison_set_isolated (off, FALSE);
  ox_comparison_set_brief (off, TRUE);
  g_assert_true (ox_comparison_run (off, NULL, NULL));
  assert_first (off, "a");
  g_assert_cmpint (find (off, "c")->verdict, ==, OX_VERDICT_INHERITED);
  g_assert_cmpint (find (off, "e")->verdict, ==, OX_VERDICT_INHERITED);
  g_assert_false (find (off, "e")->has_own);
  g_assert_cmpfloat_with_epsilon (find (off, "a")->through.max_rel, 0.05, 1e-5);
  ox_comparison_set_isolated (same, FALSE);
  ox_comparison_set_brief (same, TRUE);
  g_assert_true (ox_comparison_run (same, NULL, NULL));
  assert_first (same, NULL);
  for (guint i = 0; i < ox_comparison_values (same)->len; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (ox_comparison_values (same), i);

      g_assert_true (value->same && value->has_through && value->through.unequal == 0 && value->through.cosine == 1);
    }
  g_assert_cmpuint (ox_comparison_values (same)->len, ==, g_hash_table_size (values));
}

/* Brief or not, the verdicts are the same. */
static void
test_brief (gconstpointer data)
{
  const Fault *fault = data;
  g_autoptr (OxSession) healthy = feed (MODEL, "", 1, ""), faulty = feed (fault->lines, fault->weight, fault->factor, "");
  g_autoptr (OxComparison) full = compare (faulty, ox_reference_new_values (record (healthy), "values"));
  g_autoptr (OxComparison) brief = ox_comparison_new (faulty, ox_reference_new_values (record (healthy), "values"));

  ox_comparison_set_brief (brief, TRUE);
  g_assert_true (ox_comparison_run (brief, NULL, NULL));
  g_assert_cmpuint (ox_comparison_values (brief)->len, ==, ox_comparison_values (full)->len);
  for (guint i = 0; i < ox_comparison_values (full)->len; i++)
    {
      const OxComparedValue *a = g_ptr_array_index (ox_comparison_values (full), i);
      const OxComparedValue *b = g_ptr_array_index (ox_comparison_values (brief), i);

      g_assert_cmpint (a->verdict, ==, b->verdict);
      g_assert_cmpint (a->own.unequal, ==, b->own.unequal);
      g_assert_cmpint (a->through.unequal, ==, b->through.unequal);
      g_assert_cmpfloat (fabs (a->through.max_abs - b->through.max_abs), <=, 1e-7 * a->through.max_abs);
    }
}

/* Whoever reads them has to know that it is not the model as it is; one that was not changed says nothing of it. */
static void
test_changed (void)
{
  g_autoptr (OxSession) healthy = feed (MODEL, "", 1, ""), faulty = feed (MODEL, "v", 1.05, "");
  g_autoptr (OxComparison) comparison = compare (faulty, ox_reference_new_values (record (healthy), "values"));
  char *edits[] = { (char *) "fill b 0", (char *) "mute <c>", NULL };
  const OxComparisonFacts plain = { .model = "m.onnx" }, changed = { .model = "m.onnx", .edits = edits };
  g_autofree char *json = ox_comparison_json (comparison, &plain), *other = ox_comparison_json (comparison, &changed);
  g_autofree char *xml = ox_comparison_junit (comparison, &plain), *another = ox_comparison_junit (comparison, &changed);

  g_assert_null (strstr (json, "\"edits\""));
  g_assert_nonnull (strstr (other, "  \"edits\" : [\n    \"fill b 0\",\n    \"mute <c>\"\n  ],\n"));
  g_assert_null (strstr (xml, "name=\"edit\""));
  g_assert_nonnull (strstr (another, "<property name=\"edit\" value=\"mute &lt;c&gt;\"/>"));
  g_assert_nonnull (strstr (xml, "tests=\"6\" failures=\"1\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/comparison/fault/", faults[i].name, NULL);

      g_autofree char *brief = g_strconcat ("/comparison/brief/", faults[i].name, NULL);

      g_test_add_data_func (path, &faults[i], test_fault);
      g_test_add_data_func (brief, &faults[i], test_brief);
    }
  g_test_add_func ("/comparison/through", test_through);
  g_test_add_func ("/comparison/inherited", test_inherited);
  g_test_add_func ("/comparison/renamed", test_renamed);
  g_test_add_func ("/comparison/outputs-only", test_outputs_only);
  g_test_add_func ("/comparison/tolerances", test_tolerances);
  g_test_add_func ("/comparison/rounding", test_rounding);
  g_test_add_func ("/comparison/shapes", test_shapes);
  g_test_add_func ("/comparison/random", test_random);
  g_test_add_func ("/comparison/bodies", test_bodies);
  g_test_add_func ("/comparison/json", test_json);
  g_test_add_func ("/comparison/changed", test_changed);
  g_test_add_func ("/comparison/npz", test_npz);
  g_test_add_func ("/comparison/metrics", test_metrics);
  return g_test_run ();
}
