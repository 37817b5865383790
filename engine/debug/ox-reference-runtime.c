/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-parallel.h"
#include "debug/ox-reference-private.h"
#include "debug/ox-runtime.h"
#include "model/ox-inline.h"

/* How many values are asked for first, when nothing is known of their size. */
#define FIRST_PART 32

/* What one value is called there. A function gives its value on to the node that calls it, so several may be one. */
typedef struct
{
  guint place;             /* in the names */
  guint asked, left;       /* how often it was asked for, and will be yet */
} Wanted;

/* ONNX Runtime has to run the model whole; what it makes is taken a part at a time, in the order of the nodes. */
typedef struct
{
  OxReference base;
  OxRuntime  *runtime;
  GHashTable *inputs;      /* name -> OxValue */
  GHashTable *inlined;     /* ox_inlined_key() of a value in a function -> its name there */
  GPtrArray  *names;       /* of all values, in order; owned by the model and the table above */
  GHashTable *wanted;      /* name -> Wanted */
  GHashTable *pending;     /* name -> OxValue: of the last part, and what will be asked for again */
  OxModel    *model;
  guint       part;        /* how many are asked for at a time */
  gsize       budget;
} Peer;

static gboolean
is_done_with (gpointer name, gpointer value, gpointer data)
{
  const Wanted *wanted = g_hash_table_lookup (((Peer *) data)->wanted, name);

  return wanted->asked == 0 || wanted->left == 0;
}

static gboolean
run_part (Peer *self, guint first, GError **error)
{
  guint n = MIN (self->part, self->names->len - first);
  g_autoptr (GPtrArray) values
    = ox_runtime_run (self->runtime, self->inputs, (const char *const *) self->names->pdata + first, n, error);
  gsize bytes = 0;

  if (values == NULL)
    return FALSE;
  g_hash_table_foreach_remove (self->pending, is_done_with, self);
  for (guint i = 0; i < n; i++)
    {
      OxValue *value = g_ptr_array_index (values, i);

      bytes += ox_value_bytes (value);
      g_hash_table_insert (self->pending, g_ptr_array_index (self->names, first + i), ox_value_ref (value));
    }
  self->part = (guint) CLAMP ((double) self->budget / ((double) (bytes + 1) / n), 1, self->names->len);
  return TRUE;
}

/* The indices of the nodes that called the functions around a frame; FALSE in a body. */
static gboolean
put_path (const OxFrame *frame, GString *path)
{
  for (; frame->id != 0; frame = frame->parent)
    {
      g_autofree char *index = NULL;

      if (frame->graph->function == NULL || frame->parent == NULL || frame->caller == NULL)
        return FALSE;
      index = g_strdup_printf (path->len > 0 ? "%u." : "%u", frame->caller->index);
      g_string_prepend (path, index);
    }
  return TRUE;
}

/* What a value is called there, NULL if it is not there. */
static const char *
name_there (Peer *self, const OxFrame *frame, const char *name)
{
  g_autoptr (GString) path = NULL;
  g_autofree char *key = NULL;

  if (frame->id == 0)
    return name;
  path = g_string_new (NULL);
  /* What happens in bodies stays there. */
  if (!put_path (frame, path))
    return NULL;
  key = ox_inlined_key (path->str, name);
  return g_hash_table_lookup (self->inlined, key);
}

static OxValue *
peer_get (OxReference *reference, OxFrame *frame, const OxNode *node, guint output, const OxValue *found, GError **error)
{
  Peer *self = (Peer *) reference;
  const char *name = name_there (self, frame, g_ptr_array_index (node->output_names, output));
  Wanted *wanted = name != NULL ? g_hash_table_lookup (self->wanted, name) : NULL;
  gpointer value;

  if (wanted == NULL)
    return NULL;
  if (!g_hash_table_contains (self->pending, name) && !run_part (self, wanted->place, error))
    return NULL;
  wanted->asked++;
  wanted->left -= wanted->left > 0;
  if (wanted->left > 0)
    return ox_value_ref (g_hash_table_lookup (self->pending, name));
  g_hash_table_steal_extended (self->pending, name, NULL, &value);
  return value;
}

static void
peer_free (OxReference *reference)
{
  Peer *self = (Peer *) reference;

  g_hash_table_unref (self->inputs);
  g_ptr_array_unref (self->names);
  g_hash_table_unref (self->wanted);
  g_hash_table_unref (self->inlined);
  g_hash_table_unref (self->pending);
  ox_runtime_close (self->runtime);
  ox_model_unref (self->model);
  g_free (self);
}

static const OxReferenceClass peer_class = { peer_get, NULL, peer_free, NULL };

static void
want (Peer *self, const char *name)
{
  Wanted *wanted = g_hash_table_lookup (self->wanted, name);

  if (wanted == NULL)
    {
      wanted = g_new0 (Wanted, 1);
      wanted->place = self->names->len;
      g_hash_table_insert (self->wanted, (gpointer) name, wanted);
      g_ptr_array_add (self->names, (gpointer) name);
    }
  wanted->left++;
}

/* In the order in which they are made: those of a function before what the call of it makes. */
static void
want_values (Peer *self, const OxNode *node, const char *path)
{
  const OxFunction *function = ox_model_find_function (self->model, node->domain, node->op_type, node->overload);

  for (guint i = 0; function != NULL && i < function->body->nodes->len; i++)
    {
      const OxNode *inner = ox_graph_node (function->body, i);
      g_autofree char *further = g_strdup_printf ("%s.%u", path, i);
      gboolean there = FALSE;

      for (guint o = 0; o < inner->output_names->len && !there; o++)
        {
          g_autofree char *key = ox_inlined_key (path, g_ptr_array_index (inner->output_names, o));

          there = g_hash_table_contains (self->inlined, key);
        }
      /* A call that stays one there has no values in it. */
      if (there)
        want_values (self, inner, further);
      for (guint o = 0; there && o < inner->output_names->len; o++)
        {
          g_autofree char *key = ox_inlined_key (path, g_ptr_array_index (inner->output_names, o));
          const char *name = g_hash_table_lookup (self->inlined, key);

          if (name != NULL && inner->outputs[o] >= 0)
            want (self, name);
        }
    }
}

OxReference *
ox_reference_new_runtime (OxRuntime *runtime, GBytes *model, const char *folder, OxSession *mine, GHashTable *inlined, gsize budget,
                          GError **error)
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
  self->inlined = g_hash_table_ref (inlined);
  self->pending = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) ox_value_unref);
  self->wanted = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
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
      const OxNode *node = ox_graph_node (graph, n);
      g_autofree char *path = g_strdup_printf ("%u", n);

      want_values (self, node, path);
      for (guint o = 0; o < node->output_names->len; o++)
        if (node->outputs[o] >= 0)
          want (self, g_ptr_array_index (node->output_names, o));
    }
  if (!ox_runtime_load (runtime, model, folder, ox_get_threads (), error))
    {
      ox_reference_free (&self->base);
      return NULL;
    }
  return &self->base;
}
