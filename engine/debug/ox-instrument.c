/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-instrument.h"

guint
ox_model_instrument (OxModel *model)
{
  OxGraph *graph = model->graph;
  g_autoptr (GHashTable) there = g_hash_table_new (g_str_hash, g_str_equal);
  guint added = 0;

  for (guint i = 0; i < graph->output_infos->len; i++)
    g_hash_table_add (there, ((OxSlot *) g_ptr_array_index (graph->output_infos, i))->name);
  for (guint n = 0; n < graph->nodes->len; n++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, n);

      for (guint o = 0; o < node->output_names->len; o++)
        {
          const OxSlot *slot = ox_node_output_slot (node, (int) o);
          OxType *type = slot == NULL ? NULL : slot->type != NULL ? slot->type : slot->inferred;

          if (slot == NULL || !g_hash_table_add (there, slot->name))
            continue;
          /* Half a type is worse than none. */
          if (type != NULL && (type->kind == OX_TYPE_UNKNOWN || (type->kind == OX_TYPE_TENSOR && type->dtype == OX_UNDEFINED)))
            type = NULL;
          ox_graph_add_output (graph, slot->name, type != NULL ? ox_type_ref (type) : NULL);
          added++;
        }
    }
  return added;
}
