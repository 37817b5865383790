/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/ox-inline.h"

#include <string.h>

#include "model/ox-copy.h"
#include "model/ox-model-private.h"

/* Calls in calls make many nodes of few: then it is no help any more. */
#define MAX_NODES 200000

typedef struct
{
  OxModel    *model;
  GHashTable *names;      /* set: all there are, owned */
  GHashTable *kept;       /* OxFunction* that some call still needs */
  GHashTable *paths;      /* OxNode* of the main graph -> char*: the indices of the calls it came from, and its own */
  GHashTable *told;       /* see ox_model_inline(), or NULL */
  guint       calls, other_versions, too_many, nodes;
} Inline;

/* One call. */
typedef struct
{
  Inline     *all;
  GHashTable *names;      /* of the function's body -> in the graph; both owned */
  GHashTable *bound;      /* attribute -> const OxAttribute*, not owned */
  char       *title;
} Call;

/* (transfer full) */
static char *
new_name (Inline *self, const char *title, const char *name)
{
  char *made = g_strdup_printf ("%s/%s", title, name);

  for (guint i = 2; g_hash_table_contains (self->names, made); i++)
    {
      g_free (made);
      made = g_strdup_printf ("%s/%s.%u", title, name, i);
    }
  g_hash_table_add (self->names, g_strdup (made));
  return made;
}

static char *
rename_value (const char *name, gpointer data)
{
  Call *call = data;
  const char *known = g_hash_table_lookup (call->names, name);
  char *made;

  if (known != NULL)
    return g_strdup (known);
  made = new_name (call->all, call->title, name);
  g_hash_table_insert (call->names, g_strdup (name), g_strdup (made));
  return made;
}

static const OxAttribute *
find_bound (const char *ref, gpointer data)
{
  return g_hash_table_lookup (((Call *) data)->bound, ref);
}

/* ---- versions of operators ------------------------------------------------------------------------------------- */

static gint64
version_in (const GArray *opsets, const char *domain)
{
  for (guint i = 0; i < opsets->len; i++)
    if (ox_domain_equal (g_array_index (opsets, OxOpset, i).domain, domain))
      return g_array_index (opsets, OxOpset, i).version;
  return 0;
}

typedef struct
{
  Inline           *all;
  const OxFunction *function;
  gboolean          other;
} Versions;

static void
compare_versions (OxGraph *graph, gpointer data)
{
  Versions *self = data;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (graph, i);
      const gint64 here = version_in (self->all->model->opsets, node->domain), there = version_in (self->function->opsets, node->domain);

      self->other |= here != 0 && there != 0 && here != there;
    }
}

static void
import_versions (Inline *self, const OxFunction *function)
{
  for (guint i = 0; i < function->opsets->len; i++)
    {
      const OxOpset *opset = &g_array_index (function->opsets, OxOpset, i);
      const OxOpset mine = { g_strdup (opset->domain), opset->version };

      if (version_in (self->model->opsets, opset->domain) == 0)
        g_array_append_val (self->model->opsets, mine);
      else
        g_free (mine.domain);
    }
}

/* ---- one call -------------------------------------------------------------------------------------------------- */

static void inline_graph (Inline *self, OxGraph *graph, int depth);

/* "" for what the call has not. */
static const char *
name_at (const GPtrArray *names, guint i)
{
  return i < names->len ? g_ptr_array_index (names, i) : "";
}

static void
bind_attributes (Call *self, const OxFunction *function, const OxNode *node)
{
  for (guint i = 0; i < function->attribute_defaults->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (function->attribute_defaults, i);

      g_hash_table_insert (self->bound, attribute->name, (gpointer) attribute);
    }
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

      g_hash_table_insert (self->bound, attribute->name, (gpointer) attribute);
    }
}

static void
add_identity (OxGraph *graph, const char *from, const char *to)
{
  OxNode *node = ox_graph_add_node (graph, "Identity", "", "");

  ox_node_add_input (node, from);
  ox_node_add_output (node, to);
}

/* What the function returns has the name that the call gives it; an input that it hands on, or a value it returns twice, is copied. */
static void
name_outputs (Call *self, const OxFunction *function, const OxNode *node)
{
  for (guint i = 0; i < function->body->output_infos->len; i++)
    {
      const char *inner = ((OxSlot *) g_ptr_array_index (function->body->output_infos, i))->name;
      const char *outer = name_at (node->output_names, i);

      if (outer[0] != '\0' && !g_hash_table_contains (self->names, inner))
        g_hash_table_insert (self->names, g_strdup (inner), g_strdup (outer));
    }
}

char *
ox_inlined_key (const char *path, const char *name)
{
  return g_strconcat (path, ":", name, NULL);
}

/* What has become of the values that the body's own nodes make. */
static void
tell_names (Inline *self, const char *path, const OxFunction *function, GHashTable *names)
{
  for (guint i = 0; self->told != NULL && i < function->body->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (function->body, i);

      for (guint o = 0; o < node->output_names->len; o++)
        {
          const char *name = g_ptr_array_index (node->output_names, o), *made = g_hash_table_lookup (names, name);

          if (made != NULL)
            g_hash_table_insert (self->told, ox_inlined_key (path, name), g_strdup (made));
        }
    }
}

static void
expand (Inline *self, OxGraph *graph, const OxNode *node, const OxFunction *function)
{
  const char *path = g_hash_table_lookup (self->paths, node);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) bound = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *title = node->name[0] != '\0' ? g_strdup (node->name)
                                                 : g_strdup_printf ("%s of %s", node->op_type, name_at (node->output_names, 0));
  Call call = { self, names, bound, title };
  const OxRenaming as = { rename_value, find_bound, &call };

  for (guint i = 0; i < function->body->inputs->len; i++)
    g_hash_table_insert (names, g_strdup (ox_graph_slot (function->body, g_array_index (function->body->inputs, int, i))->name),
                         g_strdup (name_at (node->input_names, i)));
  bind_attributes (&call, function, node);
  name_outputs (&call, function, node);
  import_versions (self, function);
  for (guint i = 0; i < function->body->initializers->len; i++)
    {
      OxInitializer *initializer = g_ptr_array_index (function->body->initializers, i);
      g_autofree char *name = rename_value (initializer->name, &call);

      ox_graph_add_initializer (graph, ox_initializer_called (initializer, name));
    }
  for (guint i = 0; i < function->body->nodes->len; i++)
    {
      OxNode *copy = ox_node_copy (ox_graph_node (function->body, i), graph, &as);
      g_autofree char *name = copy->name[0] != '\0' ? g_strdup_printf ("%s/%s", title, copy->name) : g_strdup ("");

      g_free (copy->name);
      copy->name = g_steal_pointer (&name);
      if (path != NULL)
        g_hash_table_insert (self->paths, copy, g_strdup_printf ("%s.%u", path, i));
    }
  if (path != NULL)
    tell_names (self, path, function, names);
  for (guint i = 0; i < function->body->output_infos->len; i++)
    {
      const char *inner = ((OxSlot *) g_ptr_array_index (function->body->output_infos, i))->name;
      const char *outer = name_at (node->output_names, i), *made = g_hash_table_lookup (names, inner);

      if (outer[0] != '\0' && made != NULL && made[0] != '\0' && strcmp (made, outer) != 0)
        add_identity (graph, made, outer);
    }
  self->calls++;
}

/* Whether it can be done without changing what any operator means. */
static gboolean
can_expand (Inline *self, const OxNode *node, const OxFunction *function, int depth)
{
  Versions versions = { self, function, FALSE };

  ox_graph_foreach (function->body, compare_versions, &versions);
  self->other_versions += versions.other;
  if (!versions.other && (depth > OX_MAX_NESTING || self->nodes + function->body->nodes->len > MAX_NODES))
    self->too_many++;
  else if (!versions.other && node->input_names->len <= function->body->inputs->len
           && node->output_names->len <= function->body->output_infos->len)
    {
      self->nodes += function->body->nodes->len;
      return TRUE;
    }
  return FALSE;
}

static void
inline_bodies (Inline *self, const OxNode *node, int depth)
{
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

      for (guint k = 0; attribute->graphs != NULL && k < attribute->graphs->len; k++)
        inline_graph (self, g_ptr_array_index (attribute->graphs, k), depth + 1);
    }
}

/* The nodes of a graph are put in anew, those of calls in the place of the calls, until there are none. */
static void
inline_graph (Inline *self, OxGraph *graph, int depth)
{
  gboolean again = TRUE;

  for (; again; depth++)
    {
      g_autoptr (GPtrArray) nodes = graph->nodes;
      const guint other_versions = self->other_versions, too_many = self->too_many;

      again = FALSE;
      graph->nodes = ox_nodes_new ();
      for (guint i = 0; i < nodes->len; i++)
        {
          OxNode *node = g_ptr_array_index (nodes, i);
          OxFunction *function = ox_model_find_function (self->model, node->domain, node->op_type, node->overload);

          if (function != NULL && can_expand (self, node, function, depth))
            {
              expand (self, graph, node, function);
              again = TRUE;
              continue;
            }
          if (function != NULL)
            g_hash_table_add (self->kept, function);
          g_ptr_array_index (nodes, i) = NULL;
          node->index = graph->nodes->len;
          g_ptr_array_add (graph->nodes, node);
        }
      /* They will be met again. */
      if (again)
        {
          self->other_versions = other_versions;
          self->too_many = too_many;
        }
    }
  for (guint i = 0; i < graph->nodes->len; i++)
    inline_bodies (self, ox_graph_node (graph, i), depth);
}

/* ---- the model ------------------------------------------------------------------------------------------------- */

static void
collect_names (OxGraph *graph, gpointer data)
{
  for (guint i = 0; i < graph->slots->len; i++)
    g_hash_table_add (data, g_strdup (ox_graph_slot (graph, (int) i)->name));
}

/* What a function that stays calls stays, too. */
static void
keep_called (OxGraph *graph, gpointer data)
{
  Inline *self = data;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (graph, i);
      OxFunction *function = ox_model_find_function (self->model, node->domain, node->op_type, node->overload);

      if (function != NULL && g_hash_table_add (self->kept, function))
        ox_graph_foreach (function->body, keep_called, self);
    }
}

static void
drop_functions (Inline *self)
{
  g_autoptr (GList) kept = g_hash_table_get_keys (self->kept);

  for (GList *l = kept; l != NULL; l = l->next)
    ox_graph_foreach (((OxFunction *) l->data)->body, keep_called, self);
  for (guint i = self->model->functions->len; i-- > 0;)
    if (!g_hash_table_contains (self->kept, g_ptr_array_index (self->model->functions, i)))
      g_ptr_array_remove_index (self->model->functions, i);
}

static void
say (GPtrArray *left, guint n, const char *one, const char *many)
{
  if (left != NULL && n > 0)
    g_ptr_array_add (left, g_strdup_printf ("%u %s", n, n == 1 ? one : many));
}

OxModel *
ox_model_inline (const OxModel *model, guint *calls, GPtrArray *left, GHashTable *told)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) kept = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) paths = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  Inline self = { .model = ox_model_copy (model), .names = names, .kept = kept, .paths = paths, .told = told };

  ox_graph_foreach (model->graph, collect_names, names);
  for (guint i = 0; i < self.model->graph->nodes->len; i++)
    g_hash_table_insert (paths, ox_graph_node (self.model->graph, i), g_strdup_printf ("%u", i));
  inline_graph (&self, self.model->graph, 0);
  drop_functions (&self);
  *calls = self.calls;
  say (left, self.other_versions, "call of a function stays, which is written in other versions of operators",
       "calls of functions stay, which are written in other versions of operators");
  say (left, self.too_many, "call of a function stays, as there would be too many nodes",
       "calls of functions stay, as there would be too many nodes");
  return self.model;
}
