/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-parallel.h"
#include "debug/ox-reference-private.h"
#include "debug/ox-runtime.h"

/* How many values are asked for first, when nothing is known of their size. */
#define FIRST_PART 32

/* ONNX Runtime has to run the model whole; what it makes is taken a part at a time, in the order of the nodes. */
typedef struct
{
  OxReference base;
  OxRuntime  *runtime;
  GHashTable *inputs;      /* name -> OxValue */
  GPtrArray  *names;       /* of all values, in order; owned by the model */
  GHashTable *places;      /* name -> its place in names + 1 */
  GHashTable *pending;     /* name -> OxValue: of the last part */
  OxModel    *model;
  guint       part;        /* how many are asked for at a time */
  gsize       budget;
} Peer;

static gboolean
run_part (Peer *self, guint first, GError **error)
{
  guint n = MIN (self->part, self->names->len - first);
  g_autoptr (GPtrArray) values
    = ox_runtime_run (self->runtime, self->inputs, (const char *const *) self->names->pdata + first, n, error);
  gsize bytes = 0;

  if (values == NULL)
    return FALSE;
  g_hash_table_remove_all (self->pending);
  for (guint i = 0; i < n; i++)
    {
      OxValue *value = g_ptr_array_index (values, i);

      bytes += ox_value_bytes (value);
      g_hash_table_insert (self->pending, g_ptr_array_index (self->names, first + i), ox_value_ref (value));
    }
  self->part = (guint) CLAMP ((double) self->budget / ((double) (bytes + 1) / n), 1, self->names->len);
  return TRUE;
}

static OxValue *
peer_get (OxReference *reference, OxFrame *frame, const OxNode *node, guint output, const OxValue *found, GError **error)
{
  Peer *self = (Peer *) reference;
  const char *name = g_ptr_array_index (node->output_names, output);
  guint place;
  gpointer value;

  /* What happens in bodies stays there. */
  if (frame->id != 0)
    return NULL;
  place = GPOINTER_TO_UINT (g_hash_table_lookup (self->places, name));
  if (place == 0)
    return NULL;
  if (!g_hash_table_contains (self->pending, name) && !run_part (self, place - 1, error))
    return NULL;
  g_hash_table_steal_extended (self->pending, name, NULL, &value);
  return value;
}

static void
peer_free (OxReference *reference)
{
  Peer *self = (Peer *) reference;

  g_hash_table_unref (self->inputs);
  g_ptr_array_unref (self->names);
  g_hash_table_unref (self->places);
  g_hash_table_unref (self->pending);
  ox_runtime_close (self->runtime);
  ox_model_unref (self->model);
  g_free (self);
}

static const OxReferenceClass peer_class = { peer_get, NULL, peer_free, NULL };

OxReference *
ox_reference_new_runtime (OxRuntime *runtime, GBytes *model, const char *folder, OxSession *mine, gsize budget, GError **error)
{
  Peer *self = g_new0 (Peer, 1);
  OxGraph *graph;

  self->model = ox_model_ref (ox_session_get_model (mine));
  graph = self->model->graph;
  self->base.class = &peer_class;
  self->base.title = g_strdup_printf ("ONNX Runtime %s", ox_runtime_version (runtime));
  self->base.remark = g_strdup_printf ("ONNX Runtime %s is %s, without graph optimisation", ox_runtime_version (runtime),
                                       ox_runtime_library (runtime));
  self->base.size = -1;
  self->base.runs_again = TRUE;
  self->runtime = runtime;
  self->budget = budget;
  self->part = FIRST_PART;
  self->inputs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) ox_value_unref);
  self->pending = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) ox_value_unref);
  self->places = g_hash_table_new (g_str_hash, g_str_equal);
  self->names = g_ptr_array_new ();
  for (guint i = 0; i < graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));
      OxValue *value = ox_session_get_input (mine, slot->name);

      if (value != NULL)
        g_hash_table_insert (self->inputs, slot->name, ox_value_ref (value));
    }
  for (guint n = 0; n < graph->nodes->len; n++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, n);

      for (guint o = 0; o < node->output_names->len; o++)
        if (node->outputs[o] >= 0)
          {
            g_ptr_array_add (self->names, g_ptr_array_index (node->output_names, o));
            g_hash_table_insert (self->places, g_ptr_array_index (node->output_names, o), GUINT_TO_POINTER (self->names->len));
          }
    }
  if (!ox_runtime_load (runtime, model, folder, ox_get_threads (), error))
    {
      ox_reference_free (&self->base);
      return NULL;
    }
  return &self->base;
}
