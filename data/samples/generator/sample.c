/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sample.h"

#include <math.h>
#include <stdlib.h>

/* xorshift64*: a few lines, and equal everywhere. */
double
sample_uniform (guint64 *state)
{
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (double) ((*state * G_GUINT64_CONSTANT (2685821657736338717)) >> 11) / 9007199254740992.0;
}

double
sample_normal (guint64 *state)
{
  double u = sample_uniform (state), v = sample_uniform (state);

  return sqrt (-2 * log (1 - u)) * cos (2 * G_PI * v);
}

OxModel *
sample_model (const char *graph_name, const char *doc)
{
  OxModel *model = ox_model_new ();
  OxOpset opset = { g_strdup ("ai.onnx"), 17 };

  model->ir_version = 8;
  model->producer_name = g_strdup ("onnxscope-samples");
  model->producer_version = g_strdup ("1");
  model->doc = g_strdup (doc);
  model->graph = ox_graph_new (model, graph_name);
  g_array_append_val (model->opsets, opset);
  return model;
}

OxNode *
sample_node (OxGraph *graph, const char *op, const char *name, const char *in, const char *out)
{
  OxNode *node = ox_graph_add_node (graph, op, "", name);
  g_auto (GStrv) ins = g_strsplit (in, " ", -1), outs = g_strsplit (out, " ", -1);

  for (int i = 0; ins[i] != NULL; i++)
    if (ins[i][0] != '\0')
      ox_node_add_input (node, g_str_equal (ins[i], "-") ? "" : ins[i]);
  for (int i = 0; outs[i] != NULL; i++)
    ox_node_add_output (node, outs[i]);
  return node;
}

void
sample_int (OxNode *node, const char *name, gint64 value)
{
  ox_node_add_attribute (node, name, OX_ATTR_INT)->i = value;
}

void
sample_ints (OxNode *node, const char *name, int n, const gint64 *values)
{
  g_array_append_vals (ox_node_add_attribute (node, name, OX_ATTR_INTS)->ints, values, (guint) n);
}

OxTensor *
sample_tensor (int rank, const gint64 *dims, const double *data)
{
  OxTensor *tensor = ox_tensor_new (OX_F32, rank, dims, NULL);

  for (gint64 i = 0; i < tensor->count; i++)
    ((float *) tensor->data)[i] = (float) data[i];
  return tensor;
}

void
sample_weight (OxGraph *graph, const char *name, int rank, const gint64 *dims, const double *data)
{
  ox_graph_add_initializer (graph, ox_initializer_new_tensor (name, sample_tensor (rank, dims, data)));
}

void
sample_weight_int (OxGraph *graph, const char *name, int rank, gint64 value)
{
  OxTensor *tensor = rank == 0 ? ox_tensor_new_scalar (OX_I64, (double) value) : ox_tensor_new_ints (&value, 1);

  ox_graph_add_initializer (graph, ox_initializer_new_tensor (name, tensor));
}

OxType *
sample_type (OxDtype dtype, const char *dims)
{
  OxType *type = ox_type_new (OX_TYPE_TENSOR, dtype);
  g_auto (GStrv) list = g_strsplit (dims, " ", -1);
  int rank = dims[0] == '\0' ? 0 : (int) g_strv_length (list);

  ox_type_set_rank (type, rank);
  for (int i = 0; i < rank; i++)
    if (g_ascii_isdigit (list[i][0]))
      ox_type_set_dim (type, i, atoi (list[i]), NULL);
    else
      ox_type_set_dim (type, i, -1, list[i]);
  return type;
}

static void
write_values (const char *dir, const char *kind, guint n, OxValue **values)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/test_data_set_0/%s_%u.pb", dir, kind, i);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = ox_export_value (values[i], "", &error);

      if (bytes == NULL
          || !g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), &error))
        {
          g_printerr ("%s: %s\n", path, error->message);
          exit (1);
        }
    }
}

void
sample_write (OxModel *model, const char *dir, guint n_in, OxValue **in, guint n_out, OxValue **out)
{
  g_autofree char *path = g_build_filename (dir, "model.onnx", NULL);
  g_autofree char *set = g_build_filename (dir, "test_data_set_0", NULL);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (set, 0755);
  if (!ox_model_link (model, &error) || !ox_export_file (model, path, &error))
    {
      g_printerr ("%s: %s\n", path, error->message);
      exit (1);
    }
  write_values (dir, "input", n_in, in);
  write_values (dir, "output", n_out, out);
}
