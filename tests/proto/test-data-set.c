/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <glib/gstdio.h>

#include "proto/ox-data-set.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data-set/bfloat16-as-uint16", test_bfloat16_as_uint16);
  g_test_add_func ("/data-set/as-stored", test_as_stored);
  return g_test_run ();
}
