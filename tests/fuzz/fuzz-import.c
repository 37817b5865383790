/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-memory.h"
#include "proto/ox-import.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
touch_graph (OxGraph *graph, gpointer data)
{
  for (guint i = 0; i < graph->initializers->len; i++)
    {
      OxValue *value = ox_initializer_get (g_ptr_array_index (graph->initializers, i), NULL);

      if (value != NULL)
        ox_value_unref (value);
    }
  for (guint i = 0; i < graph->nodes->len; i++)
    g_free (ox_node_title (g_ptr_array_index (graph->nodes, i)));
}

/* Any bytes give a model or an error; a model can be counted, its weights read, and it can be written. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (OxModel) model = NULL;
  g_autoptr (GBytes) written = NULL;
  g_auto (OxModelCounts) counts = { 0 };

  ox_memory_set_limit (256u << 20);
  model = ox_import_bytes (bytes, NULL, NULL, &error);
  if ((model == NULL) == (error == NULL))
    __builtin_trap ();
  if (model == NULL)
    return 0;
  ox_model_count (model, &counts);
  ox_graph_foreach (model->graph, touch_graph, NULL);
  for (guint i = 0; i < model->functions->len; i++)
    ox_graph_foreach (((OxFunction *) g_ptr_array_index (model->functions, i))->body, touch_graph, NULL);
  written = ox_export_bytes (model, NULL);
  return 0;
}
