/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-error.h"
#include "model/ox-model-private.h"

/* A use of an outer value from inside a node's subgraph. */
typedef struct
{
  OxNode *owner;
  int     slot;
} Capture;

typedef struct
{
  OxModel    *model;      /* whose warnings; NULL: none */
  GHashTable *captures;   /* OxGraph* -> GArray of Capture */
} Linker;

static gboolean
fail_at (GError **error, const OxGraph *graph, const OxNode *node, const char *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail_at (GError **error, const OxGraph *graph, const OxNode *node, const char *format, ...)
{
  g_autofree char *path = ox_graph_path (graph);
  g_autofree char *title = node != NULL ? ox_node_title (node) : NULL;
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (node != NULL)
    return ox_fail (error, OX_ERROR_MODEL, "%s: node '%s' (%s): %s", path, title, node->op_type, text);
  return ox_fail (error, OX_ERROR_MODEL, "%s: %s", path, text);
}

static void
define (OxGraph *graph, OxSlot *slot, int index)
{
  g_hash_table_insert (graph->by_name, slot->name, GINT_TO_POINTER (index + 1));
}

static OxSlot *
new_slot (OxGraph *graph, const char *name, int *index)
{
  OxSlot *slot = ox_slot_new (name, NULL);

  *index = (int) graph->slots->len;
  g_ptr_array_add (graph->slots, slot);
  define (graph, slot, *index);
  return slot;
}

static gboolean
define_inputs (OxGraph *graph, GError **error)
{
  for (guint i = 0; i < graph->slots->len; i++)
    {
      OxSlot *slot = g_ptr_array_index (graph->slots, i);

      if (slot->name[0] == '\0')
        return fail_at (error, graph, NULL, "input %u has no name", i);
      if (ox_graph_find (graph, slot->name) >= 0)
        return fail_at (error, graph, NULL, "there are two inputs named '%s'", slot->name);
      define (graph, slot, (int) i);
    }
  for (guint i = 0; i < graph->initializers->len; i++)
    {
      OxInitializer *initializer = g_ptr_array_index (graph->initializers, i);
      int index = ox_graph_find (graph, initializer->name);
      OxSlot *slot;

      if (initializer->name[0] == '\0')
        return fail_at (error, graph, NULL, "initializer %u has no name", i);
      slot = index >= 0 ? ox_graph_slot (graph, index) : new_slot (graph, initializer->name, &index);
      if (slot->initializer != NULL)
        return fail_at (error, graph, NULL, "there are two initializers named '%s'", slot->name);
      slot->initializer = ox_initializer_ref (initializer);
    }
  return TRUE;
}

static gboolean
define_outputs (OxGraph *graph, OxNode *node, GError **error)
{
  node->outputs = g_new (int, MAX (node->output_names->len, 1));
  for (guint i = 0; i < node->output_names->len; i++)
    {
      const char *name = g_ptr_array_index (node->output_names, i);
      OxSlot *slot;

      node->outputs[i] = -1;
      if (name[0] == '\0')
        continue;
      slot = ox_graph_slot (graph, ox_graph_find (graph, name));
      if (slot != NULL && slot->producer != NULL)
        {
          g_autofree char *other = ox_node_title (slot->producer);

          return fail_at (error, graph, node, "its output '%s' is already an output of node '%s'", name, other);
        }
      if (slot != NULL)
        return fail_at (error, graph, node, "its output '%s' is already the name of an %s", name,
                        slot->initializer != NULL ? "initializer" : "input");
      slot = new_slot (graph, name, &node->outputs[i]);
      slot->producer = node;
      slot->output = (int) i;
    }
  return TRUE;
}

/* value_info entries lend their type to the slot they name. */
static void
adopt_infos (OxGraph *graph)
{
  for (guint i = 0; i < graph->value_infos->len;)
    {
      OxSlot *info = g_ptr_array_index (graph->value_infos, i);
      OxSlot *slot = ox_graph_slot (graph, ox_graph_find (graph, info->name));

      if (slot == NULL || slot->type != NULL)
        {
          i++;
          continue;
        }
      slot->type = g_steal_pointer (&info->type);
      slot->doc = g_steal_pointer (&info->doc);
      slot->metadata = g_steal_pointer (&info->metadata);
      slot->unknown = g_steal_pointer (&info->unknown);
      g_ptr_array_remove_index (graph->value_infos, i);
    }
}

/* Searches outwards; every graph that is passed notes which of its nodes looked. */
static OxRef
resolve (Linker *linker, OxGraph *graph, const char *name)
{
  OxRef ref = { 0, -1 };
  OxNode *owner = NULL;

  for (; graph != NULL; owner = graph->owner, graph = graph->outer, ref.up++)
    {
      ref.slot = ox_graph_find (graph, name);
      if (ref.slot < 0)
        continue;
      if (ref.up > 0)
        {
          GArray *list = g_hash_table_lookup (linker->captures, graph);
          Capture capture = { owner, ref.slot };

          if (list == NULL)
            {
              list = g_array_new (FALSE, FALSE, sizeof (Capture));
              g_hash_table_insert (linker->captures, graph, list);
            }
          g_array_append_val (list, capture);
        }
      return ref;
    }
  ref.up = 0;
  return ref;
}

static gboolean
resolve_inputs (Linker *linker, OxGraph *graph, OxNode *node, GError **error)
{
  node->inputs = g_new (OxRef, MAX (node->input_names->len, 1));
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const char *name = g_ptr_array_index (node->input_names, i);

      node->inputs[i] = (OxRef) { 0, -1 };
      if (name[0] == '\0')
        continue;
      node->inputs[i] = resolve (linker, graph, name);
      if (node->inputs[i].slot < 0)
        return fail_at (error, graph, node, "its input %u is '%s', which nothing produces", i, name);
    }
  return TRUE;
}

static gboolean
resolve_outputs (Linker *linker, OxGraph *graph, GError **error)
{
  g_array_set_size (graph->outputs, 0);
  for (guint i = 0; i < graph->output_infos->len; i++)
    {
      OxSlot *info = g_ptr_array_index (graph->output_infos, i);
      OxRef ref = resolve (linker, graph, info->name);

      if (ref.slot < 0)
        return fail_at (error, graph, NULL, "its output %u is '%s', which nothing produces", i, info->name);
      if (ref.up == 0)
        {
          OxSlot *slot = ox_graph_slot (graph, ref.slot);

          if (slot->graph_output < 0)
            slot->graph_output = (int) i;
          if (slot->type == NULL && info->type != NULL)
            slot->type = ox_type_ref (info->type);
        }
      g_array_append_val (graph->outputs, ref);
    }
  return TRUE;
}

static int
compare_captures (gconstpointer a, gconstpointer b)
{
  const Capture *x = a, *y = b;

  if (x->owner->index != y->owner->index)
    return x->owner->index < y->owner->index ? -1 : 1;
  return (x->slot > y->slot) - (x->slot < y->slot);
}

/* What the node needs that is computed in its graph: its inputs, then what its subgraphs capture. */
static OxNode *
next_need (const OxGraph *graph, const OxNode *node, const GArray *captures, const guint *first, guint *cursor)
{
  for (;;)
    {
      guint i = (*cursor)++;
      int slot = -1;

      if (i < node->input_names->len)
        slot = node->inputs[i].up == 0 ? node->inputs[i].slot : -1;
      else if (captures != NULL && first[node->index] + (i - node->input_names->len) < captures->len)
        {
          const Capture *capture
            = &g_array_index (captures, Capture, first[node->index] + (i - node->input_names->len));

          if (capture->owner != node)
            return NULL;
          slot = capture->slot;
        }
      else
        return NULL;
      if (slot >= 0 && ((OxSlot *) g_ptr_array_index (graph->slots, slot))->producer != NULL)
        return ((OxSlot *) g_ptr_array_index (graph->slots, slot))->producer;
    }
}

/* Depth-first with an explicit stack, in file order: nodes that are in order stay where they are. */
static gboolean
sort_nodes (Linker *linker, OxGraph *graph, const GArray *captures, GError **error)
{
  guint n = graph->nodes->len, top = 0, done = 0;
  g_autofree guint *first = g_new0 (guint, n + 1);
  g_autofree guint *cursor = g_new0 (guint, n + 1);
  g_autofree guint8 *state = g_new0 (guint8, n + 1);   /* 1: on the stack, 2: placed */
  g_autofree OxNode **stack = g_new (OxNode *, n + 1);
  g_autofree OxNode **order = g_new (OxNode *, n + 1);
  gboolean moved = FALSE;

  if (captures != NULL)
    for (guint i = 0, c = 0; i < n; i++)
      {
        while (c < captures->len && g_array_index (captures, Capture, c).owner->index < i)
          c++;
        first[i] = c;
      }
  for (guint start = 0; start < n; start++)
    {
      if (state[start] != 0)
        continue;
      stack[top++] = g_ptr_array_index (graph->nodes, start);
      state[start] = 1;
      while (top > 0)
        {
          OxNode *node = stack[top - 1];
          OxNode *need = next_need (graph, node, captures, first, &cursor[node->index]);

          if (need == NULL)
            {
              state[node->index] = 2;
              moved = moved || node->index != done;
              order[done++] = node;
              top--;
            }
          else if (state[need->index] == 1)
            {
              g_autofree char *other = ox_node_title (need);

              return fail_at (error, graph, node, "it is part of a cycle: it needs the result of node '%s', which needs its",
                              other);
            }
          else if (state[need->index] == 0)
            {
              state[need->index] = 1;
              stack[top++] = need;
            }
        }
    }
  if (moved)
    {
      g_autofree char *path = ox_graph_path (graph);

      if (linker->model != NULL)
        g_ptr_array_add (linker->model->warnings,
                         g_strdup_printf ("%s: the nodes are not in topological order; they were put in order", path));
      for (guint i = 0; i < n; i++)
        {
          graph->nodes->pdata[i] = order[i];
          order[i]->index = i;
        }
    }
  return TRUE;
}

static void
add_use (OxGraph *graph, int slot, OxNode *node, int input)
{
  OxSlot *s = g_ptr_array_index (graph->slots, slot);
  OxUse use = { node, input };

  if (s->uses == NULL)
    s->uses = g_array_sized_new (FALSE, FALSE, sizeof (OxUse), 1);
  g_array_append_val (s->uses, use);
}

static void
fill_uses (OxGraph *graph, GArray *captures)
{
  guint c = 0;

  if (captures != NULL)
    g_array_sort (captures, compare_captures);
  for (guint n = 0; n < graph->nodes->len; n++)
    {
      OxNode *node = g_ptr_array_index (graph->nodes, n);

      for (guint i = 0; i < node->input_names->len; i++)
        if (node->inputs[i].up == 0 && node->inputs[i].slot >= 0)
          add_use (graph, node->inputs[i].slot, node, (int) i);
      for (int last = -1; captures != NULL && c < captures->len; c++)
        {
          const Capture *capture = &g_array_index (captures, Capture, c);

          if (capture->owner != node)
            break;
          if (capture->slot != last)
            add_use (graph, capture->slot, node, -1);
          last = capture->slot;
        }
    }
}

/* Recurses into subgraphs, at most OX_MAX_NESTING deep. */
static gboolean
link_graph (Linker *linker, OxGraph *graph, int depth, GError **error)
{
  GArray *captures;

  if (depth > OX_MAX_NESTING)
    return ox_fail (error, OX_ERROR_MODEL, "graphs are nested deeper than %d", OX_MAX_NESTING);
  if (graph->by_name != NULL)
    return fail_at (error, graph, NULL, "it has been linked already");
  graph->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  if (!define_inputs (graph, error))
    return FALSE;
  for (guint i = 0; i < graph->nodes->len; i++)
    if (!define_outputs (graph, g_ptr_array_index (graph->nodes, i), error))
      return FALSE;
  adopt_infos (graph);
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      OxNode *node = g_ptr_array_index (graph->nodes, i);

      if (!resolve_inputs (linker, graph, node, error))
        return FALSE;
      for (guint a = 0; a < node->attributes->len; a++)
        {
          OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

          for (guint g = 0; attribute->graphs != NULL && g < attribute->graphs->len; g++)
            {
              OxGraph *inner = g_ptr_array_index (attribute->graphs, g);

              inner->outer = graph;
              inner->owner = node;
              if (!link_graph (linker, inner, depth + 1, error))
                return FALSE;
            }
        }
    }
  if (!resolve_outputs (linker, graph, error))
    return FALSE;
  captures = g_hash_table_lookup (linker->captures, graph);
  if (captures != NULL)
    g_array_sort (captures, compare_captures);
  if (!sort_nodes (linker, graph, captures, error))
    return FALSE;
  fill_uses (graph, captures);
  return TRUE;
}

gboolean
ox_function_link (OxFunction *function, GError **error)
{
  g_autoptr (GHashTable) captures = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  Linker linker = { NULL, captures };

  return link_graph (&linker, function->body, 1, error);
}

gboolean
ox_model_link (OxModel *model, GError **error)
{
  g_autoptr (GHashTable) captures = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Linker linker = { model, captures };

  if (model->graph == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "the model has no graph");
  for (guint i = 0; i < model->functions->len; i++)
    {
      OxFunction *function = g_ptr_array_index (model->functions, i);

      if (!g_hash_table_add (keys, g_strdup_printf ("%s\n%s\n%s", function->domain, function->name, function->overload)))
        return ox_fail (error, OX_ERROR_MODEL, "there are two functions %s.%s", function->domain, function->name);
      if (!link_graph (&linker, function->body, 1, error))
        return FALSE;
    }
  return link_graph (&linker, model->graph, 1, error);
}
