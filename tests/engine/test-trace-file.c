/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-trace-file.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "models.h"
#include "tensor/ox-tensor-file.h"

static char *folder;

static char *
record (double x, gsize most, const char *pattern, const char *name)
{
  g_autoptr (OxModel) model = nested_model ();
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  const OxTraceValues values = { most, pattern };
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  give_list (session, "x", 1, &x);
  g_assert_true (ox_trace_record (session, path, &values, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_value (ox_session_output (session, 0), x == 7 ? "[7, 1, 7, 1, 1, 2, 4, 5]" : "[8, 1, 8, 1, 1, 2, 4, 5]");
  return path;
}

static const OxTraceRow *
find (OxTraceFile *trace, const char *output, guint nth)
{
  for (guint i = 0; i < ox_trace_file_length (trace); i++)
    if (g_str_equal (ox_trace_file_row (trace, i)->output, output) && nth-- == 0)
      return ox_trace_file_row (trace, i);
  g_assert_not_reached ();
}

static void
test_rows (void)
{
  g_autofree char *path = record (7, G_MAXSIZE, NULL, "rows.oxtrace");
  g_autoptr (GError) error = NULL;
  g_autoptr (OxTraceFile) trace = ox_trace_file_open (path, &error);
  const OxTraceRow *x, *y;
  g_autoptr (OxValue) value = NULL;

  g_assert_no_error (error);
  g_assert_null (ox_trace_file_failure (trace));
  x = ox_trace_file_row (trace, 0);
  g_assert_cmpstr (x->output, ==, "x");
  g_assert_cmpuint (x->turn, ==, 0);
  g_assert_cmpfloat (x->max, ==, 7);
  /* 7 1 7 1 1 2 4 5: sum 28 of 8, squares 146; the variance is 146/8 - 3.5^2 = 6. */
  y = find (trace, "y", 0);
  g_assert_cmpstr (y->value, ==, "i64 8");
  g_assert_cmpfloat (y->min, ==, 1);
  g_assert_cmpfloat (y->max, ==, 7);
  g_assert_cmpfloat_with_epsilon (y->mean, 3.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (y->std, sqrt (6), 1e-12);
  value = ox_trace_file_value (trace, y, &error);
  g_assert_no_error (error);
  assert_value (value, "[7, 1, 7, 1, 1, 2, 4, 5]");
  g_unlink (path);
}

/* Only what fits the pattern and the size is stored; everything else is there by its hash. */
static void
test_choice (void)
{
  g_autofree char *path = record (7, 8, "s*", "choice.oxtrace");
  g_autoptr (GError) error = NULL;
  g_autoptr (OxTraceFile) trace = ox_trace_file_open (path, &error);
  g_autoptr (OxValue) none = NULL;

  g_assert_no_error (error);
  for (guint i = 0; i < ox_trace_file_length (trace); i++)
    if (ox_trace_file_row (trace, i)->stored != NULL)
      {
        g_assert_true (ox_trace_file_row (trace, i)->output[0] == 's');
        g_assert_cmpstr (ox_trace_file_row (trace, i)->value, !=, "i64 8");
      }
  none = ox_trace_file_value (trace, find (trace, "y", 0), &error);
  g_assert_null (none);
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_unlink (path);
}

static void
test_against (void)
{
  g_autofree char *a = record (7, 0, NULL, "a.oxtrace"), *b = record (7, G_MAXSIZE, NULL, "b.oxtrace");
  g_autofree char *c = record (8, 0, NULL, "c.oxtrace");
  g_autoptr (GError) error = NULL;
  g_autoptr (OxTraceFile) one = ox_trace_file_open (a, &error), same = ox_trace_file_open (b, &error);
  g_autoptr (OxTraceFile) other = ox_trace_file_open (c, &error);
  g_autofree char *text = NULL, *more = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (ox_trace_file_differ (one, same, &text), ==, -1);
  g_assert_null (text);
  /* The input already is another. */
  g_assert_cmpint (ox_trace_file_differ (one, other, &more), ==, 0);
  g_assert_nonnull (strstr (more, "input 'x' in main: i64 1, other bits; mean 7 and 8"));
  g_unlink (a);
  g_unlink (b);
  g_unlink (c);
}

/* A shape is part of the hash, and so is the place where a text ends. */
static void
test_hash (void)
{
  const char *const ab[] = { "ab", "c" }, *const bc[] = { "a", "bc" };
  const gint64 flat[] = { 4 }, square[] = { 2, 2 };
  const double numbers[] = { 1, 2, 3, 4 };
  OxTensor *tensors[] = { tensor_of (OX_F32, 1, flat, numbers), tensor_of (OX_F32, 2, square, numbers),
                          tensor_of (OX_I32, 1, flat, numbers), ox_tensor_new_strings (ab, 2), ox_tensor_new_strings (bc, 2),
                          tensor_of (OX_F32, 1, flat, numbers) };
  g_autoptr (GPtrArray) hashes = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      g_autoptr (OxValue) value = ox_value_new_tensor (tensors[i]);

      g_ptr_array_add (hashes, ox_value_hash (value, NULL));
      g_assert_cmpuint (strlen (g_ptr_array_index (hashes, i)), ==, 32);
    }
  for (guint i = 0; i < 5; i++)
    for (guint k = 0; k < i; k++)
      g_assert_cmpstr (g_ptr_array_index (hashes, i), !=, g_ptr_array_index (hashes, k));
  g_assert_cmpstr (g_ptr_array_index (hashes, 0), ==, g_ptr_array_index (hashes, 5));
}

/* Values that are larger than a tile differ by any of their elements. */
static void
test_tiles (void)
{
  const gint64 n = 100000, places[] = { 0, 16383, 16384, 65535, 65536, 99999 };
  g_autoptr (OxTensor) tensor = ox_tensor_new_zeros (OX_F32, 1, &n, NULL);
  g_autoptr (OxValue) value = ox_value_new_tensor (ox_tensor_ref (tensor));
  g_autofree char *zeros = ox_value_hash (value, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *other = NULL, *again = NULL;

      ox_tensor_set (tensor, places[i], -0.0);
      other = ox_value_hash (value, NULL);
      g_assert_cmpstr (other, !=, zeros);
      ox_tensor_set (tensor, places[i], 0);
      again = ox_value_hash (value, NULL);
      g_assert_cmpstr (again, ==, zeros);
    }
}

/* A trace of the first version, held against one of now, with other numbers of which the mean tells, and without a hash. */
static OxTraceFile *
written (const char *head, const char *hash, double mean, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "written.oxtrace", NULL);
  g_autofree char *text = g_strdup_printf ("{%s,\"model\":\"m\",\"model_hash\":\"\"}\n"
                                           "{\"output\":\"y\",\"turn\":1,\"op\":\"Abs\",\"value\":\"f32 2\",\"min\":1,\"max\":3,"
                                           "\"mean\":%g,\"std\":1,\"hash\":\"%s\"}\n{\"turns\":2}\n", head, mean, hash);
  OxNpzWriter *writer = ox_npz_writer_new (path, NULL);
  OxTraceFile *trace;

  g_assert_true (ox_npz_writer_add_text (writer, "trace.jsonl", text, strlen (text), NULL));
  g_assert_true (ox_npz_writer_close (writer, NULL));
  trace = ox_trace_file_open (path, error);
  g_unlink (path);
  return trace;
}

static void
test_versions (void)
{
  const char *const v2 = "\"format\":\"oxtrace 2\",\"hash\":\"xxh64-64k\"";
  g_autoptr (OxTraceFile) old = written ("\"format\":\"oxtrace 1\"", "00", 2, NULL), now = written (v2, "11", 2, NULL);
  g_autoptr (OxTraceFile) other = written (v2, "12", 2, NULL), far = written (v2, "11", 2.5, NULL);
  g_autoptr (GError) error = NULL, future = NULL;
  g_autofree char *same = NULL, *bits = NULL, *mean = NULL;

  g_assert_cmpstr (ox_trace_file_hashing (old), ==, "sha256");
  g_assert_cmpstr (ox_trace_file_hashing (now), ==, OX_TRACE_HASH);
  g_assert_cmpint (ox_trace_file_differ (old, now, &same), ==, -1);
  g_assert_cmpint (ox_trace_file_differ (now, other, &bits), ==, 0);
  g_assert_cmpint (ox_trace_file_differ (old, far, &mean), ==, 0);
  g_assert_nonnull (strstr (mean, "mean 2 and 2.5"));
  g_assert_null (written ("\"format\":\"oxtrace 2\"", "11", 2, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_FORMAT);
  g_assert_null (written ("\"format\":\"oxtrace 3\",\"hash\":\"x\"", "11", 2, &future));
  g_assert_error (future, OX_ERROR, OX_ERROR_FORMAT);
}

/* Cut and changed in every way: an error, or another trace, never a crash. */
static void
test_broken (void)
{
  g_autofree char *path = record (7, G_MAXSIZE, NULL, "whole.oxtrace"), *broken = g_build_filename (folder, "broken.oxtrace", NULL);
  g_autofree char *data = NULL;
  gsize size;
  guint errors = 0;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  for (guint i = 0; i < 600; i++)
    {
      gsize at = (gsize) i * size / 600, length = i % 3 == 0 ? at : size;
      g_autofree char *copy = g_memdup2 (data, size);
      g_autoptr (GError) error = NULL;
      g_autoptr (OxTraceFile) trace = NULL;

      if (length == size)
        copy[at] = (char) (i % 3 == 1 ? ~copy[at] : '{');
      g_assert_true (g_file_set_contents (broken, copy, (gssize) length, NULL));
      trace = ox_trace_file_open (broken, &error);
      g_assert_true ((trace == NULL) == (error != NULL));
      errors += error != NULL;
      for (guint r = 0; trace != NULL && r < ox_trace_file_length (trace); r++)
        {
          OxValue *value = ox_trace_file_value (trace, ox_trace_file_row (trace, r), NULL);

          g_clear_pointer (&value, ox_value_unref);
        }
    }
  g_assert_cmpuint (errors, >, 200);
  g_unlink (broken);
  g_unlink (path);
}

static void
test_failure (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  g_autofree char *path = g_build_filename (folder, "failed.oxtrace", NULL);
  const OxTraceValues values = { 0 };
  const double x[] = { 1, 2 };
  g_autoptr (GError) error = NULL, wrong = NULL;
  g_autoptr (OxTraceFile) trace = NULL;

  ox_graph_add_input (model->graph, "x", NULL);
  add (model->graph, "Neg", "good", "x", "a");
  add (model->graph, "Riddle", "bad", "a", "y");
  add_outputs (model->graph, "y");
  g_assert_true (ox_model_link (model, &error));
  session = ox_session_new (model, NULL);
  give_list (session, "x", 2, x);
  g_assert_false (ox_trace_record (session, path, &values, NULL, NULL, NULL, &wrong));
  g_assert_error (wrong, OX_ERROR, OX_ERROR_UNSUPPORTED);
  trace = ox_trace_file_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ox_trace_file_failure (trace), ==, wrong->message);
  g_assert_cmpuint (ox_trace_file_length (trace), ==, 2);
  g_assert_cmpstr (ox_trace_file_row (trace, 1)->node, ==, "good");
  g_assert_cmpfloat (ox_trace_file_row (trace, 1)->min, ==, -2);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("trace-XXXXXX", NULL);
  g_test_add_func ("/trace-file/rows", test_rows);
  g_test_add_func ("/trace-file/choice", test_choice);
  g_test_add_func ("/trace-file/against", test_against);
  g_test_add_func ("/trace-file/hash", test_hash);
  g_test_add_func ("/trace-file/tiles", test_tiles);
  g_test_add_func ("/trace-file/versions", test_versions);
  g_test_add_func ("/trace-file/broken", test_broken);
  g_test_add_func ("/trace-file/failure", test_failure);
  status = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return status;
}
