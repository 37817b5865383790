/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <glib/gstdio.h>

#include "core/ox-error.h"
#include "proto/ox-data-set.h"
#include "tensor/ox-tensor-file.h"

/* A folder with one file, which is removed with it. */
static char *
write_set (const char *file, OxTensor *tensor, const char *name)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("ox-data-set-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (OxValue) value = ox_value_new_tensor (tensor);
  g_autoptr (GBytes) bytes = ox_export_value (value, name, &error);

  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), &error));
  return folder;
}

static void
remove_set (char *folder, const char *file)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

/* y = x, of one type. */
static OxModel *
new_model (OxDtype dtype)
{
  OxModel *model = ox_model_new ();
  g_autoptr (GError) error = NULL;
  gint64 n = 2;
  OxNode *node;

  model->graph = ox_graph_new (model, "main");
  ox_graph_add_input (model->graph, "x", ox_type_new_tensor (dtype, 1, &n));
  node = ox_graph_add_node (model->graph, "Identity", "", "");
  ox_node_add_input (node, "x");
  ox_node_add_output (node, "y");
  ox_graph_add_output (model->graph, "y", ox_type_new_tensor (dtype, 1, &n));
  g_assert_true (ox_model_link (model, &error));
  return model;
}

static OxTensor *
new_tensor (OxDtype dtype, double first, double second)
{
  gint64 n = 2;
  OxTensor *tensor = ox_tensor_new_zeros (dtype, 1, &n, NULL);

  ox_tensor_set (tensor, 0, first);
  ox_tensor_set (tensor, 1, second);
  return tensor;
}

static void
check (OxDtype declared, OxTensor *stored, gboolean output, OxDtype dtype, double first, double second)
{
  g_autoptr (OxModel) model = new_model (declared);
  const char *file = output ? "output_0.pb" : "input_0.pb", *name = output ? "y" : "x";
  char *folder = write_set (file, stored, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) values = ox_data_set_load (model, folder, output, &error);
  OxTensor *tensor;

  g_assert_no_error (error);
  tensor = ox_value_get_tensor (g_hash_table_lookup (values, name));
  g_assert_nonnull (tensor);
  g_assert_cmpint (tensor->dtype, ==, dtype);
  g_assert_cmpint (tensor->rank, ==, 1);
  g_assert_cmpfloat (ox_tensor_get (tensor, 0), ==, first);
  g_assert_cmpfloat (ox_tensor_get (tensor, 1), ==, second);
  remove_set (folder, file);
}

/* 1 is 0x3f80 and -2 is 0xc000 in bfloat16. */
static void
test_bfloat16_as_uint16 (void)
{
  check (OX_BF16, new_tensor (OX_U16, 0x3f80, 0xc000), FALSE, OX_BF16, 1, -2);
  check (OX_BF16, new_tensor (OX_U16, 0x3f80, 0xc000), TRUE, OX_BF16, 1, -2);
}

/* Nothing else is taken for something else. */
static void
test_as_stored (void)
{
  check (OX_BF16, new_tensor (OX_BF16, 1, -2), FALSE, OX_BF16, 1, -2);
  check (OX_U16, new_tensor (OX_U16, 0x3f80, 7), FALSE, OX_U16, 0x3f80, 7);
  check (OX_F16, new_tensor (OX_U16, 0x3f80, 7), FALSE, OX_U16, 0x3f80, 7);
  check (OX_BF16, new_tensor (OX_I16, 5, -7), TRUE, OX_I16, 5, -7);
}

/* Of several arrays in an .npz the one called as the input; else there must be one only, or it must be said. */
static void
test_npz_by_name (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ox-npz-XXXXXX", NULL), *path = g_build_filename (folder, "a.npz", NULL),
                  *said = g_strconcat (path, ":other", NULL);
  g_autoptr (OxTensor) x = new_tensor (OX_F32, 1, 2);
  g_autoptr (OxTensor) other = new_tensor (OX_F32, 3, 4);
  g_autoptr (GError) error = NULL;
  OxNpzWriter *writer = ox_npz_writer_new (path, &error);
  OxValue *value;

  g_assert_true (ox_npz_writer_add (writer, "other", other, &error) && ox_npz_writer_add (writer, "x", x, &error));
  g_assert_true (ox_npz_writer_close (writer, &error));
  value = ox_value_load_named (path, "x", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (ox_tensor_get (value->tensor, 1), ==, 2);
  ox_value_unref (value);
  value = ox_value_load_named (said, "x", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (ox_tensor_get (value->tensor, 1), ==, 4);
  ox_value_unref (value);
  g_assert_null (ox_value_load_named (path, "y", NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, "expected one array, found 2"));
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data-set/bfloat16-as-uint16", test_bfloat16_as_uint16);
  g_test_add_func ("/data-set/as-stored", test_as_stored);
  g_test_add_func ("/data-set/npz-by-name", test_npz_by_name);
  return g_test_run ();
}
