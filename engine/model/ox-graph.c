/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/ox-graph.h"

#include <string.h>

#include "model/ox-model-private.h"

void
ox_metadata_clear (gpointer data)
{
  OxMetadata *entry = data;

  g_free (entry->key);
  g_free (entry->value);
}

static void
slot_free (gpointer data)
{
  OxSlot *slot = data;

  g_free (slot->name);
  g_free (slot->doc);
  g_clear_pointer (&slot->type, ox_type_unref);
  g_clear_pointer (&slot->inferred, ox_type_unref);
  g_clear_pointer (&slot->initializer, ox_initializer_unref);
  g_clear_pointer (&slot->uses, g_array_unref);
  g_clear_pointer (&slot->metadata, g_array_unref);
  g_clear_pointer (&slot->unknown, g_bytes_unref);
  g_free (slot);
}

OxSlot *
ox_slot_new (const char *name, OxType *type)
{
  OxSlot *slot = g_new0 (OxSlot, 1);

  slot->name = g_strdup (name);
  slot->type = type;
  slot->graph_input = slot->graph_output = -1;
  return slot;
}

static void
node_free (gpointer data)
{
  OxNode *node = data;

  if (node == NULL)
    return;
  g_free (node->name);
  g_free (node->op_type);
  g_free (node->domain);
  g_free (node->overload);
  g_free (node->doc);
  g_ptr_array_unref (node->input_names);
  g_ptr_array_unref (node->output_names);
  g_free (node->inputs);
  g_free (node->outputs);
  g_ptr_array_unref (node->attributes);
  g_clear_pointer (&node->metadata, g_array_unref);
  g_clear_pointer (&node->passthrough, g_ptr_array_unref);
  g_clear_pointer (&node->unknown, g_bytes_unref);
  g_free (node);
}

GPtrArray *
ox_nodes_new (void)
{
  return g_ptr_array_new_with_free_func (node_free);
}

OxGraph *
ox_graph_new (OxModel *model, const char *name)
{
  OxGraph *graph = g_new0 (OxGraph, 1);

  graph->model = model;
  graph->name = g_strdup (name != NULL ? name : "");
  graph->nodes = ox_nodes_new ();
  graph->slots = g_ptr_array_new_with_free_func (slot_free);
  graph->inputs = g_array_new (FALSE, FALSE, sizeof (int));
  graph->outputs = g_array_new (FALSE, FALSE, sizeof (OxRef));
  graph->initializers = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_initializer_unref);
  graph->output_infos = g_ptr_array_new_with_free_func (slot_free);
  graph->value_infos = g_ptr_array_new_with_free_func (slot_free);
  return graph;
}

/* Graphs nest at most OX_MAX_NESTING deep, which bounds the recursion through attributes. */
void
ox_graph_free (OxGraph *graph)
{
  g_free (graph->name);
  g_free (graph->doc);
  g_ptr_array_unref (graph->nodes);
  g_ptr_array_unref (graph->slots);
  g_array_unref (graph->inputs);
  g_array_unref (graph->outputs);
  g_ptr_array_unref (graph->initializers);
  g_ptr_array_unref (graph->output_infos);
  g_ptr_array_unref (graph->value_infos);
  g_clear_pointer (&graph->passthrough, g_ptr_array_unref);
  g_clear_pointer (&graph->metadata, g_array_unref);
  g_clear_pointer (&graph->unknown, g_bytes_unref);
  g_clear_pointer (&graph->by_name, g_hash_table_unref);
  g_free (graph);
}

OxNode *
ox_graph_add_node (OxGraph *graph, const char *op_type, const char *domain, const char *name)
{
  OxNode *node = g_new0 (OxNode, 1);

  node->graph = graph;
  node->index = graph->nodes->len;
  node->name = g_strdup (name != NULL ? name : "");
  node->op_type = g_strdup (op_type != NULL ? op_type : "");
  node->domain = g_strdup (ox_domain_canonical (domain));
  node->overload = g_strdup ("");
  node->input_names = g_ptr_array_new_with_free_func (g_free);
  node->output_names = g_ptr_array_new_with_free_func (g_free);
  node->attributes = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_attribute_free);
  g_ptr_array_add (graph->nodes, node);
  return node;
}

void
ox_node_add_input (OxNode *node, const char *name)
{
  g_ptr_array_add (node->input_names, g_strdup (name != NULL ? name : ""));
}

void
ox_node_add_output (OxNode *node, const char *name)
{
  g_ptr_array_add (node->output_names, g_strdup (name != NULL ? name : ""));
}

OxAttribute *
ox_attribute_new (const char *name, OxAttrType type)
{
  OxAttribute *attribute = g_new0 (OxAttribute, 1);

  attribute->name = g_strdup (name != NULL ? name : "");
  attribute->type = type;
  switch (type)
    {
    case OX_ATTR_FLOATS:
      attribute->floats = g_array_new (FALSE, FALSE, sizeof (float));
      break;
    case OX_ATTR_INTS:
      attribute->ints = g_array_new (FALSE, FALSE, sizeof (gint64));
      break;
    case OX_ATTR_STRINGS:
      attribute->strings = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      break;
    case OX_ATTR_TENSOR:
    case OX_ATTR_TENSORS:
    case OX_ATTR_SPARSE_TENSOR:
    case OX_ATTR_SPARSE_TENSORS:
      attribute->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_initializer_unref);
      break;
    case OX_ATTR_GRAPH:
    case OX_ATTR_GRAPHS:
      attribute->graphs = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_graph_free);
      break;
    case OX_ATTR_TYPE:
    case OX_ATTR_TYPES:
      attribute->types = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_type_unref);
      break;
    default:
      break;
    }
  return attribute;
}

OxAttribute *
ox_attribute_copy (const OxAttribute *from)
{
  OxAttribute *to = ox_attribute_new (from->name, from->type);

  g_assert (from->graphs == NULL || from->graphs->len == 0);
  to->ref = g_strdup (from->ref);
  to->f = from->f;
  to->i = from->i;
  if (from->s != NULL)
    to->s = g_bytes_ref (from->s);
  /* Arrays are not written to once the model is there. */
  for (guint k = 0; k < 3; k++)
    {
      GPtrArray *const arrays[] = { from->strings, from->tensors, from->types };
      GPtrArray **const places[] = { &to->strings, &to->tensors, &to->types };

      if (arrays[k] == NULL)
        continue;
      g_clear_pointer (places[k], g_ptr_array_unref);
      *places[k] = g_ptr_array_ref (arrays[k]);
    }
  g_clear_pointer (&to->ints, g_array_unref);
  g_clear_pointer (&to->floats, g_array_unref);
  to->ints = from->ints != NULL ? g_array_ref (from->ints) : NULL;
  to->floats = from->floats != NULL ? g_array_ref (from->floats) : NULL;
  return to;
}

void
ox_attribute_free (OxAttribute *attribute)
{
  g_free (attribute->name);
  g_free (attribute->doc);
  g_free (attribute->ref);
  g_clear_pointer (&attribute->s, g_bytes_unref);
  g_clear_pointer (&attribute->floats, g_array_unref);
  g_clear_pointer (&attribute->ints, g_array_unref);
  g_clear_pointer (&attribute->strings, g_ptr_array_unref);
  g_clear_pointer (&attribute->tensors, g_ptr_array_unref);
  g_clear_pointer (&attribute->graphs, g_ptr_array_unref);
  g_clear_pointer (&attribute->types, g_ptr_array_unref);
  g_clear_pointer (&attribute->unknown, g_bytes_unref);
  g_free (attribute);
}

OxAttribute *
ox_node_add_attribute (OxNode *node, const char *name, OxAttrType type)
{
  OxAttribute *attribute = ox_attribute_new (name, type);

  g_ptr_array_add (node->attributes, attribute);
  return attribute;
}

OxSlot *
ox_graph_add_input (OxGraph *graph, const char *name, OxType *type)
{
  OxSlot *slot = ox_slot_new (name, type);
  int index = (int) graph->slots->len;

  slot->graph_input = (int) graph->inputs->len;
  g_ptr_array_add (graph->slots, slot);
  g_array_append_val (graph->inputs, index);
  return slot;
}

OxSlot *
ox_graph_add_output (OxGraph *graph, const char *name, OxType *type)
{
  OxSlot *slot = ox_slot_new (name, type);

  slot->graph_output = (int) graph->output_infos->len;
  g_ptr_array_add (graph->output_infos, slot);
  return slot;
}

OxSlot *
ox_graph_add_value_info (OxGraph *graph, const char *name, OxType *type)
{
  OxSlot *slot = ox_slot_new (name, type);

  g_ptr_array_add (graph->value_infos, slot);
  return slot;
}

void
ox_graph_add_initializer (OxGraph *graph, OxInitializer *initializer)
{
  g_ptr_array_add (graph->initializers, initializer);
}

OxSlot *
ox_graph_slot (const OxGraph *graph, int slot)
{
  return slot >= 0 && (guint) slot < graph->slots->len ? g_ptr_array_index (graph->slots, slot) : NULL;
}

int
ox_graph_find (const OxGraph *graph, const char *name)
{
  return graph->by_name != NULL ? GPOINTER_TO_INT (g_hash_table_lookup (graph->by_name, name)) - 1 : -1;
}

OxNode *
ox_graph_node (const OxGraph *graph, guint index)
{
  return index < graph->nodes->len ? g_ptr_array_index (graph->nodes, index) : NULL;
}

OxAttribute *
ox_node_attribute (const OxNode *node, const char *name)
{
  for (guint i = 0; i < node->attributes->len; i++)
    {
      OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

      if (strcmp (attribute->name, name) == 0)
        return attribute;
    }
  return NULL;
}

OxSlot *
ox_node_input_slot (const OxNode *node, int i)
{
  const OxGraph *graph = node->graph;

  if (i < 0 || (guint) i >= node->input_names->len || node->inputs == NULL || node->inputs[i].slot < 0)
    return NULL;
  for (int up = node->inputs[i].up; up > 0; up--)
    graph = graph->outer;
  return ox_graph_slot (graph, node->inputs[i].slot);
}

OxSlot *
ox_node_output_slot (const OxNode *node, int i)
{
  if (i < 0 || (guint) i >= node->output_names->len || node->outputs == NULL)
    return NULL;
  return ox_graph_slot (node->graph, node->outputs[i]);
}

char *
ox_node_title (const OxNode *node)
{
  if (node->name[0] != '\0')
    return g_strdup (node->name);
  for (guint i = 0; i < node->output_names->len; i++)
    if (*(const char *) g_ptr_array_index (node->output_names, i) != '\0')
      return g_strdup_printf ("%s of '%s'", node->op_type, (const char *) g_ptr_array_index (node->output_names, i));
  return g_strdup_printf ("%s #%u", node->op_type, node->index);
}

const char *
ox_graph_label (const OxGraph *graph)
{
  const OxFunction *function = graph->function;

  if (function != NULL)
    return function->name;
  if (graph->owner == NULL)
    return "main";
  for (guint i = 0; i < graph->owner->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (graph->owner->attributes, i);

      for (guint j = 0; attribute->graphs != NULL && j < attribute->graphs->len; j++)
        if (g_ptr_array_index (attribute->graphs, j) == graph)
          return attribute->name;
    }
  return "graph";
}

char *
ox_graph_path (const OxGraph *graph)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  GString *path;

  for (; graph != NULL; graph = graph->outer)
    {
      const OxFunction *function = graph->function;
      char *part;

      if (function != NULL)
        part =
            g_strdup_printf ("function %s%s%s%s%s", function->domain, function->domain[0] != '\0' ? "." : "",
                             function->name, function->overload[0] != '\0' ? ":" : "", function->overload);
      else if (graph->owner != NULL && graph->owner->name[0] != '\0')
        part = g_strdup_printf ("%s '%s' %s", graph->owner->op_type, graph->owner->name, ox_graph_label (graph));
      else if (graph->owner != NULL)
        part = g_strdup_printf ("%s #%u %s", graph->owner->op_type, graph->owner->index, ox_graph_label (graph));
      else
        part = g_strdup ("main");
      g_ptr_array_add (parts, part);
    }
  path = g_string_new (NULL);
  for (guint i = parts->len; i > 0; i--)
    {
      if (path->len > 0)
        g_string_append (path, " > ");
      g_string_append (path, g_ptr_array_index (parts, i - 1));
    }
  return g_string_free (path, FALSE);
}

void
ox_graph_spread (const OxGraph *graph, gboolean *marked, gboolean forwards)
{
  const guint n = graph->nodes->len;

  /* Nodes are in topological order: one pass is enough. */
  for (guint k = 0; k < n; k++)
    {
      const OxNode *node = ox_graph_node (graph, forwards ? k : n - 1 - k);

      for (guint o = 0; o < node->output_names->len; o++)
        {
          const OxSlot *slot = ox_node_output_slot (node, (int) o);

          for (guint u = 0; slot != NULL && slot->uses != NULL && u < slot->uses->len; u++)
            {
              const OxNode *user = g_array_index (slot->uses, OxUse, u).node;

              if (user->graph != graph)
                continue;
              if (forwards && marked[node->index])
                marked[user->index] = TRUE;
              else if (!forwards && marked[user->index])
                marked[node->index] = TRUE;
            }
        }
    }
}

void
ox_graph_foreach (OxGraph *graph, void (*func) (OxGraph *graph, gpointer data), gpointer data)
{
  func (graph, data);
  for (guint n = 0; n < graph->nodes->len; n++)
    {
      OxNode *node = g_ptr_array_index (graph->nodes, n);

      for (guint i = 0; i < node->attributes->len; i++)
        {
          OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

          for (guint j = 0; attribute->graphs != NULL && j < attribute->graphs->len; j++)
            ox_graph_foreach (g_ptr_array_index (attribute->graphs, j), func, data);
        }
    }
}
