/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-check-private.h"

#include <string.h>

typedef struct _Names
{
  OxGraph *graph;
  GHashTable *defined; /* name -> what it is ("input", …), so far */
  GHashTable *makers;  /* name -> OxNode* that makes it, all of the graph */
  GHashTable *used;
  struct _Names *outer;
} Names;

/* What a name is where it is read: of this graph or one around it. Marks it as used. */
static const char *
find (Names *names, const char *name, Names **where)
{
  for (; names != NULL; names = names->outer)
    {
      const char *what = g_hash_table_lookup (names->defined, name);

      if (what == NULL)
        continue;
      g_hash_table_add (names->used, (gpointer)name);
      *where = names;
      return what;
    }
  return NULL;
}

/* The node that makes a name which is not there yet. */
static const OxNode *
find_later (Names *names, const char *name)
{
  for (; names != NULL; names = names->outer)
    {
      const OxNode *maker = g_hash_table_lookup (names->makers, name);

      if (maker != NULL)
        {
          g_hash_table_add (names->used, (gpointer)name);
          return maker;
        }
    }
  return NULL;
}

static void
define (OxCheck *self, Names *names, const char *name, const char *what, const OxNode *node)
{
  const char *before = g_hash_table_lookup (names->defined, name);

  if (before != NULL)
    ox_check_add (self, OX_CHECK_ERROR, "names", names->graph, node,
                  "'%s' is the name of %s and of %s; a name stands for one value", name, before, what);
  else
    for (Names *outer = names->outer; outer != NULL; outer = outer->outer)
      if (g_hash_table_contains (outer->defined, name))
        {
          ox_check_add (
              self, OX_CHECK_WARNING, "hidden-names", names->graph, node,
              "'%s' hides a value of the same name in a graph around it, which the standard does not allow",
              name);
          break;
        }
  g_hash_table_insert (names->defined, (gpointer)name, (gpointer)what);
}

/* An initializer that is an input's default must be what the input is declared as. */
static void
compare_default (OxCheck *self, const OxGraph *graph, const OxSlot *input, const OxInitializer *tensor)
{
  const OxType *type = input->type;
  g_autofree char *declared = NULL, *shape = NULL;
  gboolean same;

  if (type == NULL || type->kind != OX_TYPE_TENSOR || tensor->indices != NULL)
    return;
  same = (type->dtype == OX_UNDEFINED || type->dtype == tensor->dtype)
         && (type->rank < 0 || type->rank == tensor->rank);
  for (int i = 0; same && i < type->rank; i++)
    same = type->dims[i].value < 0 || type->dims[i].value == tensor->dims[i];
  if (same)
    return;
  declared = ox_type_to_string (type);
  shape = ox_shape_to_string (tensor->rank, tensor->dims);
  ox_check_add (self, OX_CHECK_WARNING, "declared-shape", graph, NULL,
                "input '%s' is declared %s, its default is %s %s", input->name, declared,
                ox_dtype_name (tensor->dtype), shape);
}

static void
define_inputs (OxCheck *self, Names *names)
{
  OxGraph *graph = names->graph;
  g_autoptr (GHashTable) constants = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) inputs = g_hash_table_new (g_str_hash, g_str_equal);
  /* Slots are the inputs as long as the graph is not linked. */
  guint n_inputs = graph->slots->len;

  for (guint i = 0; i < n_inputs; i++)
    {
      const OxSlot *slot = g_ptr_array_index (graph->slots, i);

      if (slot->name[0] == '\0')
        ox_check_add (self, OX_CHECK_ERROR, "names", graph, NULL, "input %u has no name", i);
      else
        define (self, names, slot->name, "an input", NULL);
      g_hash_table_insert (inputs, slot->name, (gpointer)slot);
    }
  for (guint i = 0; i < graph->initializers->len; i++)
    {
      const OxInitializer *tensor = g_ptr_array_index (graph->initializers, i);
      const char *before = g_hash_table_lookup (names->defined, tensor->name);

      if (tensor->name[0] == '\0')
        ox_check_add (self, OX_CHECK_ERROR, "names", graph, NULL, "initializer %u has no name", i);
      else if (!g_hash_table_add (constants, tensor->name))
        ox_check_add (self, OX_CHECK_ERROR, "names", graph, NULL, "there are two initializers named '%s'",
                      tensor->name);
      else if (before != NULL)
        compare_default (self, graph, g_hash_table_lookup (inputs, tensor->name), tensor);
      else
        {
          define (self, names, tensor->name, "an initializer", NULL);
          if (self->model->ir_version < 4)
            ox_check_add (self, OX_CHECK_WARNING, "ir-version", graph, NULL,
                          "initializer '%s' is no input, which is allowed since IR version 4; its own is "
                          "%" G_GINT64_FORMAT,
                          tensor->name, self->model->ir_version);
        }
    }
}

static void check_graph (OxCheck *self, OxGraph *graph, Names *outer);

static void
check_node (OxCheck *self, Names *names, OxNode *node)
{
  Names *where = NULL;

  for (guint i = 0; i < node->input_names->len; i++)
    {
      const char *name = g_ptr_array_index (node->input_names, i);
      const OxNode *maker;

      if (name[0] == '\0' || find (names, name, &where) != NULL)
        continue;
      maker = find_later (names, name);
      if (maker == node)
        ox_check_add (self, OX_CHECK_ERROR, "names", names->graph, node,
                      "its input %u is '%s', which it makes itself", i, name);
      else if (maker != NULL)
        {
          g_autofree char *title = ox_node_title (maker);

          ox_check_add (self, OX_CHECK_WARNING, "order", names->graph, node,
                        "its input %u is '%s', which node '%s' makes only later; expected topological order",
                        i, name, title);
        }
      else
        ox_check_add (self, OX_CHECK_ERROR, "names", names->graph, node,
                      "its input %u is '%s', which nothing makes", i, name);
    }
  for (guint a = 0; a < node->attributes->len; a++)
    {
      OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

      for (guint g = 0; attribute->graphs != NULL && g < attribute->graphs->len; g++)
        check_graph (self, g_ptr_array_index (attribute->graphs, g), names);
    }
  for (guint i = 0; i < node->output_names->len; i++)
    {
      const char *name = g_ptr_array_index (node->output_names, i);

      if (name[0] != '\0')
        define (self, names, name, "a node's output", node);
    }
}

static void
check_used (OxCheck *self, const Names *names)
{
  OxGraph *graph = names->graph;

  for (guint i = 0; i < graph->initializers->len; i++)
    {
      const OxInitializer *tensor = g_ptr_array_index (graph->initializers, i);

      if (tensor->name[0] != '\0' && !g_hash_table_contains (names->used, tensor->name))
        ox_check_add (self, OX_CHECK_NOTE, "unused", graph, NULL, "initializer '%s' is used by nothing",
                      tensor->name);
    }
  for (guint i = 0; graph->owner == NULL && graph->function == NULL && i < graph->slots->len; i++)
    {
      const OxSlot *slot = g_ptr_array_index (graph->slots, i);

      if (slot->name[0] != '\0' && !g_hash_table_contains (names->used, slot->name))
        ox_check_add (self, OX_CHECK_NOTE, "unused-input", graph, NULL, "input '%s' is used by nothing",
                      slot->name);
    }
  for (guint n = 0; n < graph->nodes->len; n++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, n);
      gboolean used = node->output_names->len == 0;

      for (guint i = 0; i < node->output_names->len && !used; i++)
        used = g_hash_table_contains (names->used, g_ptr_array_index (node->output_names, i));
      if (!used)
        ox_check_add (self, OX_CHECK_NOTE, "unused-node", graph, node, "nothing uses what it makes");
    }
}

static void
check_graph (OxCheck *self, OxGraph *graph, Names *outer)
{
  g_autoptr (GHashTable) defined = g_hash_table_new (g_str_hash, g_str_equal),
                         used = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) makers = g_hash_table_new (g_str_hash, g_str_equal),
                         given = g_hash_table_new (g_str_hash, g_str_equal);
  Names names = { graph, defined, makers, used, outer }, *where = NULL;

  define_inputs (self, &names);
  for (guint n = 0; n < graph->nodes->len; n++)
    {
      OxNode *node = g_ptr_array_index (graph->nodes, n);

      for (guint i = 0; i < node->output_names->len; i++)
        if (((const char *)g_ptr_array_index (node->output_names, i))[0] != '\0')
          g_hash_table_insert (makers, g_ptr_array_index (node->output_names, i), node);
    }
  for (guint n = 0; n < graph->nodes->len; n++)
    check_node (self, &names, g_ptr_array_index (graph->nodes, n));
  for (guint i = 0; i < graph->output_infos->len; i++)
    {
      const char *name = ((const OxSlot *)g_ptr_array_index (graph->output_infos, i))->name;

      if (find (&names, name, &where) == NULL)
        ox_check_add (self, OX_CHECK_ERROR, "names", graph, NULL,
                      "its output %u is '%s', which nothing makes", i, name);
      else if (!g_hash_table_add (given, (gpointer)name) && outer == NULL)
        ox_check_add (self, OX_CHECK_WARNING, "outputs", graph, NULL, "'%s' is an output twice", name);
    }
  if (graph->output_infos->len == 0 && outer == NULL)
    ox_check_add (self, OX_CHECK_WARNING, "outputs", graph, NULL,
                  "it has no outputs, so nothing comes of it");
  check_used (self, &names);
}

void
ox_check_names (OxCheck *self, OxGraph *graph)
{
  check_graph (self, graph, NULL);
}
