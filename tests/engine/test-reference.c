/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-comparison-private.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "debug/ox-reference-private.h"
#include "models.h"

#if HAVE_SQLITE
#include <sqlite3.h>
#endif

static OxValue *
vector (const float *numbers, gint64 n)
{
  const gint64 dims[] = { n };
  OxTensor *tensor = ox_tensor_new (OX_F32, 1, dims, NULL);

  for (gint64 i = 0; i < n; i++)
    ox_tensor_set (tensor, i, numbers[i]);
  return ox_value_new_tensor (tensor);
}

/* x + b, then what is left of it without b, then its double: c, d, y. @sub: what takes b away again. */
static OxSession *
feed (float b, const char *sub)
{
  static const float x[] = { 0.5f, 1.0f, 2.0f };
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxValue) input = vector (x, 3);
  g_autoptr (OxValue) weight = vector (&b, 1);
  g_autoptr (GError) error = NULL;
  OxSession *session;

  ox_graph_add_input (model->graph, "x", ox_type_new_tensor (OX_F32, -1, NULL));
  add_constant (model->graph, "b", ox_tensor_ref (weight->tensor));
  add (model->graph, "Add", "", "x b", "c");
  add (model->graph, sub, "", "c b", "d");
  add (model->graph, "Add", "", "d d", "y");
  add_outputs (model->graph, "y");
  ox_model_link (model, &error);
  g_assert_no_error (error);
  session = ox_session_new (model, NULL);
  ox_session_set_input (session, "x", input, &error);
  g_assert_no_error (error);
  return session;
}

static OxComparison *
run_beside (OxSession *session, const char *text)
{
  g_autoptr (GError) error = NULL;
  OxSelfOptions options;
  OxReference *reference;
  OxComparison *comparison;

  ox_self_options_parse (text, &options, &error);
  g_assert_no_error (error);
  reference = ox_reference_new_self (session, &options, NULL, &error);
  g_assert_no_error (error);
  comparison = ox_comparison_new (session, reference);
  ox_comparison_set_histograms (comparison, TRUE);
  ox_comparison_run (comparison, NULL, &error);
  g_assert_no_error (error);
  return comparison;
}

static const OxComparedValue *
value_of (OxComparison *comparison, guint i)
{
  GPtrArray *values = ox_comparison_values (comparison);

  g_assert_cmpuint (i, <, values->len);
  return g_ptr_array_index (values, i);
}

static void
test_options (void)
{
  static const char *const bad[] = { "self:", "self:threads=0", "self:threads=x", "self:f32", "self:f16,f64", "self:fast", "other" };
  OxSelfOptions options;

  g_assert_true (ox_self_options_parse ("self:threads=3,expand,bf16", &options, NULL));
  g_assert_cmpint (options.threads, ==, 3);
  g_assert_true (options.expand);
  g_assert_cmpint (options.dtype, ==, OX_BF16);
  g_assert_true (ox_self_options_parse ("twice", &options, NULL));
  g_assert_cmpint (options.threads, ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (ox_self_options_parse (bad[i], &options, &error));
      g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
    }
  g_assert_false (ox_self_options_fit ("selfie.npz"));
}

static void
test_twice (void)
{
  g_autoptr (OxSession) session = feed (3, "Sub");
  g_autoptr (OxComparison) comparison = run_beside (session, "twice");

  g_assert_cmpuint (ox_comparison_values (comparison)->len, ==, 3);
  g_assert_null (ox_comparison_first (comparison));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (value_of (comparison, i)->own.unequal, ==, 0);
}

/* Bits, not numbers. */
static void
test_bits (void)
{
  static const float zero[] = { 0 }, minus[] = { -0.0f }, nan[] = { NAN };
  g_autoptr (OxValue) a = vector (zero, 1), b = vector (minus, 1), c = vector (nan, 1), d = vector (nan, 1);

  g_assert_false (ox_comparison_same_bits (a, b));
  g_assert_true (ox_comparison_same_bits (a, a));
  g_assert_true (ox_comparison_same_bits (c, d));
}

/* 2^24 + 1/2 and 2^24 + 1 have no f32: they become 2^24. */
static void
test_wide (void)
{
  g_autoptr (OxSession) session = feed (0x1p24f, "Sub");
  g_autoptr (OxComparison) comparison = run_beside (session, "self:f64");

  g_assert_cmpfloat (value_of (comparison, 0)->through.max_abs, ==, 0);
  g_assert_cmpfloat (value_of (comparison, 1)->through.max_abs, ==, 1);
  g_assert_cmpint (value_of (comparison, 1)->through.unequal, ==, 2);
  g_assert_cmpfloat (value_of (comparison, 2)->through.max_abs, ==, 2);
  g_assert_nonnull (value_of (comparison, 1)->decades);
  g_assert_cmpint (value_of (comparison, 1)->decades->equal, ==, 1);
}

/* 0.5 + 2048 has no f16, whose steps are 2 there; what f32 makes of it is no fault. */
static void
test_narrow (void)
{
  g_autoptr (OxSession) session = feed (2048, "Sub");
  g_autoptr (OxComparison) comparison = run_beside (session, "self:f16");

  g_assert_cmpfloat (value_of (comparison, 0)->through.max_abs, ==, 1);
  g_assert_cmpint (value_of (comparison, 0)->verdict, ==, OX_VERDICT_SAME);
}

/* ---- rules and regions ----------------------------------------------------------------------------------------- */

/* What @session should give, without what is in the middle. */
static OxReference *
outputs_of (OxSession *session)
{
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  g_autoptr (GError) error = NULL;

  ox_session_run (session, NULL, &error);
  g_assert_no_error (error);
  g_hash_table_insert (values, g_strdup ("y"), ox_value_ref (ox_session_output (session, 0)));
  return ox_reference_new_values (values, "values");
}

static void
test_region (void)
{
  g_autoptr (OxSession) session = feed (3, "Sub"), other = feed (3, "Mul");
  g_autoptr (OxComparison) comparison = ox_comparison_new (session, outputs_of (other));
  g_autoptr (GPtrArray) region = NULL;
  g_autofree char *text = NULL;

  g_assert_true (ox_comparison_run (comparison, NULL, NULL));
  g_assert_nonnull (ox_comparison_first (comparison));
  region = ox_comparison_region (comparison, ox_comparison_first (comparison));
  g_assert_cmpuint (region->len, ==, 3);
  g_assert_cmpstr (((OxNode *) g_ptr_array_index (region, 1))->op_type, ==, "Sub");
  text = ox_comparison_describe_region (comparison, ox_comparison_first (comparison));
  g_assert_nonnull (strstr (text, "from 'x'"));
}

static void
test_rules (void)
{
  static const char *const bad[] = { "a", "=1,1", "a=1", "a=1,", "a=-1,0", "type:f99=1,1", "a=1,1x" };
  g_autoptr (OxSession) session = feed (3, "Sub"), other = feed (3, "Mul"), third = feed (3, "Mul");
  g_autoptr (OxComparison) byop = ox_comparison_new (session, outputs_of (other));
  g_autoptr (OxComparison) byfile = ox_comparison_new (session, outputs_of (third));
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("rules-XXXXXX", &path, NULL);

  g_close (fd, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (ox_comparison_add_rule (byop, bad[i], NULL));
  g_assert_true (ox_comparison_add_rule (byop, "type:f32=1e9,1e9", NULL));
  g_assert_true (ox_comparison_add_rule (byop, "type:f16=0,0", NULL));
  g_assert_true (ox_comparison_run (byop, NULL, NULL));
  g_assert_null (ox_comparison_first (byop));
  g_file_set_contents (path, "# loose\n\n*=1e9,1e9\n  op:Add=0,0\n", -1, NULL);
  g_assert_true (ox_comparison_add_rules_from (byfile, path, NULL));
  g_assert_true (ox_comparison_run (byfile, NULL, NULL));
  g_assert_nonnull (ox_comparison_first (byfile));
  g_file_set_contents (path, "a=1,1\nb\n", -1, NULL);
  g_assert_false (ox_comparison_add_rules_from (byfile, path, &error));
  g_assert_nonnull (strstr (error->message, "line 2"));
  g_unlink (path);
}

static void
test_decades (void)
{
  static const float mine[] = { 0, 1.5f, 1.002f, 21, NAN, NAN }, theirs[] = { 0, 1, 1, 1, 1, NAN };
  g_autoptr (OxValue) a = vector (mine, 6), b = vector (theirs, 6);
  OxDecades decades;

  ox_decades_compute (a->tensor, b->tensor, &decades);
  g_assert_cmpint (decades.equal, ==, 2);
  g_assert_cmpint (decades.bad, ==, 1);
  g_assert_cmpint (decades.counts[-1 - OX_DECADES_LOW + 1], ==, 1);
  g_assert_cmpint (decades.counts[-3 - OX_DECADES_LOW + 1], ==, 1);
  g_assert_cmpint (decades.counts[1 - OX_DECADES_LOW + 1], ==, 1);
}

/* ---- databases ------------------------------------------------------------------------------------------------- */

static OxValue *
parse_floats (GBytes *bytes, const OxType *type, GError **error)
{
  gsize size;
  const float *numbers = g_bytes_get_data (bytes, &size);

  if (size % sizeof *numbers != 0)
    {
      ox_fail (error, OX_ERROR_FORMAT, "expected floats");
      return NULL;
    }
  return vector (numbers, (gint64) (size / sizeof *numbers));
}

#if HAVE_SQLITE
static void
insert (sqlite3 *database, int step, const char *name, const void *data, int size)
{
  sqlite3_stmt *statement;

  g_assert_cmpint (sqlite3_prepare_v2 (database, "insert into Tensors (Step, Name, Value) values (?, ?, ?)", -1, &statement, NULL),
                   ==, SQLITE_OK);
  sqlite3_bind_int (statement, 1, step);
  sqlite3_bind_text (statement, 2, name, -1, SQLITE_TRANSIENT);
  if (data != NULL)
    sqlite3_bind_blob (statement, 3, data, size, SQLITE_TRANSIENT);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_DONE);
  sqlite3_finalize (statement);
}
#endif

static void
test_sqlite (void)
{
  g_autoptr (OxSession) session = feed (3, "Sub");
  g_autofree char *folder = g_dir_make_tmp ("ox-XXXXXX", NULL), *path = g_build_filename (folder, "trace-pid1.db", NULL);
  g_autoptr (GError) error = NULL;

#if HAVE_SQLITE
  static const float c[] = { 3.5f, 4, 5 }, d[] = { 0.5f, 1, 2.5f }, later[] = { 0, 0, 0 };
  g_autoptr (OxComparison) comparison = NULL;
  OxReference *reference;
  sqlite3 *database;

  sqlite3_open (path, &database);
  sqlite3_exec (database, "create table Tensors (Step int not null, Name text not null, Value TensorProto, primary key (Step, Name))",
                NULL, NULL, NULL);
  insert (database, 2, "c", later, sizeof later);
  insert (database, 1, "c", c, sizeof c);
  insert (database, 1, "d", d, sizeof d);
  reference = ox_reference_new_sqlite (path, parse_floats, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ox_reference_size (reference), ==, 2);
  g_assert_nonnull (strstr (ox_reference_remark (reference), "2 runs"));
  comparison = ox_comparison_new (session, reference);
  g_assert_true (ox_comparison_run (comparison, NULL, &error));
  /* c is right, d is not, y is not there. */
  g_assert_cmpuint (ox_comparison_values (comparison)->len, ==, 2);
  g_assert_cmpuint (ox_comparison_missing (comparison), ==, 1);
  g_assert_cmpstr (ox_comparison_first (comparison)->node->op_type, ==, "Sub");
  g_assert_cmpfloat (ox_comparison_first (comparison)->own.max_abs, ==, 0.5);
  g_clear_pointer (&comparison, ox_comparison_free);
  /* Nothing, where a tensor should be. */
  insert (database, 1, "y", NULL, 0);
  comparison = ox_comparison_new (session, ox_reference_new_sqlite (path, parse_floats, NULL));
  g_assert_false (ox_comparison_run (comparison, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_FORMAT);
  g_clear_error (&error);
  sqlite3_exec (database, "alter table Tensors rename to Others", NULL, NULL, NULL);
  sqlite3_close (database);
  g_assert_null (ox_reference_new_sqlite (path, parse_floats, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_FORMAT);
  g_clear_error (&error);
  g_unlink (path);
  g_assert_null (ox_reference_new_sqlite (path, parse_floats, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_FILE);
#else
  g_assert_nonnull (session);
  g_assert_null (ox_reference_new_sqlite (path, parse_floats, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_UNSUPPORTED);
#endif
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reference/options", test_options);
  g_test_add_func ("/reference/twice", test_twice);
  g_test_add_func ("/reference/bits", test_bits);
  g_test_add_func ("/reference/wide", test_wide);
  g_test_add_func ("/reference/narrow", test_narrow);
  g_test_add_func ("/reference/region", test_region);
  g_test_add_func ("/reference/rules", test_rules);
  g_test_add_func ("/reference/decades", test_decades);
  g_test_add_func ("/reference/sqlite", test_sqlite);
  return g_test_run ();
}
