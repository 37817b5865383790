/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-instrument.h"

#include <string.h>

/* Half a type is worse than none. */
static OxType *
type_of (const OxSlot *slot)
{
  OxType *type = slot->type != NULL ? slot->type : slot->inferred;

  if (type == NULL || type->kind == OX_TYPE_UNKNOWN || (type->kind == OX_TYPE_TENSOR && type->dtype == OX_UNDEFINED))
    return NULL;
  return type;
}

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
      const OxNode *node = ox_graph_node (graph, n);

      for (guint o = 0; o < node->output_names->len; o++)
        {
          const OxSlot *slot = ox_node_output_slot (node, (int) o);
          OxType *type;

          if (slot == NULL || !g_hash_table_add (there, slot->name))
            continue;
          type = type_of (slot);
          ox_graph_add_output (graph, slot->name, type != NULL ? ox_type_ref (type) : NULL);
          added++;
        }
    }
  return added;
}

/* ---- bodies -------------------------------------------------------------------------------------------------------- */

/* A value that a graph has to give away. */
typedef struct
{
  char   *name;
  OxType *type;      /* NULL: not known */
} Given;

static void
given_free (gpointer data)
{
  Given *self = data;

  g_free (self->name);
  g_clear_pointer (&self->type, ox_type_unref);
  g_free (self);
}

typedef struct
{
  OxInstrumented *counts;
  GPtrArray      *left;
  GHashTable     *names;         /* set: all names of the model, and those that are added; owned */
  guint           shapeless, untyped, functions, others;
} Instrument;

static void
add_given (GPtrArray *list, const char *name, OxType *type)
{
  Given *given = g_new0 (Given, 1);

  given->name = g_strdup (name);
  given->type = type != NULL ? ox_type_ref (type) : NULL;
  g_ptr_array_add (list, given);
}

/* (transfer full) "loop/name", and something behind it if there is such a name. */
static char *
new_name (Instrument *self, const OxNode *node, const char *name)
{
  g_autofree char *title = ox_node_title (node);
  char *made = g_strdup_printf ("%s/%s", title, name);

  for (guint i = 2; g_hash_table_contains (self->names, made); i++)
    {
      g_free (made);
      made = g_strdup_printf ("%s/%s.%u", title, name, i);
    }
  g_hash_table_add (self->names, g_strdup (made));
  return made;
}

static gboolean
is_tensor (const OxType *type)
{
  return type != NULL && type->kind == OX_TYPE_TENSOR;
}

/* Whether it can be stacked: it has the same shape in every iteration. */
static gboolean
has_shape (const OxType *type)
{
  for (int i = 0; i < type->rank; i++)
    if (type->dims[i].value < 0)
      return FALSE;
  return type->rank >= 0;
}

static OxType *
stacked (const OxType *type)
{
  gint64 dims[OX_MAX_RANK];

  if (type->rank + 1 > OX_MAX_RANK)
    return ox_type_new_tensor (type->dtype, -1, NULL);
  dims[0] = -1;
  for (int i = 0; i < type->rank; i++)
    dims[i + 1] = type->dims[i].value;
  return ox_type_new_tensor (type->dtype, type->rank + 1, dims);
}

/* A node may name fewer outputs than its body has. */
static void
pad_outputs (OxNode *node, guint n)
{
  while (node->output_names->len < n)
    ox_node_add_output (node, "");
}

static GPtrArray *instrument_graph (Instrument *self, OxGraph *graph);

static OxGraph *
body_of (const OxNode *node, const char *name)
{
  const OxAttribute *attribute = ox_node_attribute (node, name);

  return attribute != NULL && attribute->graphs != NULL && attribute->graphs->len == 1 ? g_ptr_array_index (attribute->graphs, 0) : NULL;
}

/* Lists of a Scan that has axes and directions get longer. */
static void
extend (OxNode *node, const char *name)
{
  OxAttribute *attribute = ox_node_attribute (node, name);
  const gint64 zero = 0;

  if (attribute != NULL && attribute->ints != NULL && attribute->ints->len > 0)
    g_array_append_val (attribute->ints, zero);
}

static void
instrument_iterations (Instrument *self, OxNode *node, GPtrArray *given)
{
  OxGraph *body = body_of (node, "body");
  gboolean loop = g_str_equal (node->op_type, "Loop");
  g_autoptr (GPtrArray) inner = body != NULL ? instrument_graph (self, body) : NULL;

  for (guint i = 0; inner != NULL && i < inner->len; i++)
    {
      const Given *value = g_ptr_array_index (inner, i);
      g_autoptr (OxType) type = NULL;
      g_autofree char *name = NULL;

      if (!is_tensor (value->type) || !has_shape (value->type))
        {
          self->shapeless++;
          continue;
        }
      pad_outputs (node, body->output_infos->len - loop);
      name = new_name (self, node, value->name);
      type = stacked (value->type);
      ox_graph_add_output (body, value->name, ox_type_ref (value->type));
      ox_node_add_output (node, name);
      extend (node, "scan_output_axes");
      extend (node, "scan_output_directions");
      add_given (given, name, type);
      self->counts->iterations++;
    }
}

/* A branch that does not make the value gives an empty one. */
static void
add_empty (Instrument *self, OxGraph *branch, const OxNode *node, const Given *value)
{
  g_autofree char *wanted = g_strdup_printf ("no %s", value->name), *name = new_name (self, node, wanted);
  const gint64 none = 0;
  OxNode *constant = ox_graph_add_node (branch, "Constant", "", "");
  OxAttribute *attribute = ox_node_add_attribute (constant, "value", OX_ATTR_TENSOR);

  g_ptr_array_add (attribute->tensors,
                   ox_initializer_new_tensor ("", ox_tensor_new_zeros (value->type->dtype, 1, &none, NULL)));
  ox_node_add_output (constant, name);
  ox_graph_add_output (branch, name, ox_type_new_tensor (value->type->dtype, 1, &none));
}

static void
instrument_branches (Instrument *self, OxNode *node, GPtrArray *given)
{
  OxGraph *branches[] = { body_of (node, "then_branch"), body_of (node, "else_branch") };

  for (guint b = 0; b < 2 && branches[0] != NULL && branches[1] != NULL; b++)
    {
      g_autoptr (GPtrArray) inner = instrument_graph (self, branches[b]);

      for (guint i = 0; i < inner->len; i++)
        {
          const Given *value = g_ptr_array_index (inner, i);
          g_autoptr (OxType) type = NULL;
          g_autofree char *name = NULL;

          if (!is_tensor (value->type))
            {
              self->untyped++;
              continue;
            }
          pad_outputs (node, branches[b]->output_infos->len);
          name = new_name (self, node, value->name);
          type = ox_type_new_tensor (value->type->dtype, -1, NULL);
          ox_graph_add_output (branches[b], value->name, ox_type_ref (value->type));
          add_empty (self, branches[1 - b], node, value);
          ox_node_add_output (node, name);
          add_given (given, name, type);
          self->counts->branches++;
        }
    }
}

/* (transfer full) What @graph makes and does not give away yet, bodies in it included. */
static GPtrArray *
instrument_graph (Instrument *self, OxGraph *graph)
{
  GPtrArray *given = g_ptr_array_new_with_free_func (given_free);
  g_autoptr (GHashTable) there = g_hash_table_new (g_str_hash, g_str_equal);
  const guint n_nodes = graph->nodes->len;

  for (guint i = 0; i < graph->output_infos->len; i++)
    g_hash_table_add (there, ((OxSlot *) g_ptr_array_index (graph->output_infos, i))->name);
  for (guint n = 0; n < n_nodes; n++)
    {
      OxNode *node = ox_graph_node (graph, n);
      const guint n_outputs = node->output_names->len;
      const gboolean standard = g_str_equal (node->domain, "ai.onnx");
      gboolean body = FALSE;

      for (guint o = 0; o < n_outputs; o++)
        {
          const OxSlot *slot = ox_node_output_slot (node, (int) o);

          if (slot != NULL && g_hash_table_add (there, slot->name))
            add_given (given, slot->name, type_of (slot));
        }
      for (guint a = 0; a < node->attributes->len; a++)
        body |= ((OxAttribute *) g_ptr_array_index (node->attributes, a))->graphs != NULL;
      if (ox_model_find_function (graph->model, node->domain, node->op_type, node->overload) != NULL)
        self->functions++;
      else if (standard && (g_str_equal (node->op_type, "Loop")
                            || (g_str_equal (node->op_type, "Scan") && ox_model_opset (graph->model, graph, "ai.onnx") >= 9)))
        instrument_iterations (self, node, given);
      else if (standard && g_str_equal (node->op_type, "If"))
        instrument_branches (self, node, given);
      else
        self->others += body;
    }
  return given;
}

static void
collect_names (OxGraph *graph, gpointer data)
{
  for (guint i = 0; i < graph->slots->len; i++)
    g_hash_table_add (data, g_strdup (ox_graph_slot (graph, (int) i)->name));
}

static void
say (GPtrArray *left, guint n, const char *one, const char *many)
{
  if (left != NULL && n > 0)
    g_ptr_array_add (left, g_strdup_printf ("%u %s", n, n == 1 ? one : many));
}

void
ox_model_instrument_bodies (OxModel *model, OxInstrumented *counts, GPtrArray *left)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Instrument self = { .counts = counts, .left = left, .names = names };
  g_autoptr (GPtrArray) given = NULL;

  *counts = (OxInstrumented){ 0 };
  ox_graph_foreach (model->graph, collect_names, names);
  given = instrument_graph (&self, model->graph);
  for (guint i = 0; i < given->len; i++)
    {
      Given *value = g_ptr_array_index (given, i);

      ox_graph_add_output (model->graph, value->name, g_steal_pointer (&value->type));
    }
  counts->main = given->len;
  say (left, self.shapeless, "value of a Loop or Scan has no shape that is known to be the same in every iteration",
       "values of Loops and Scans have no shape that is known to be the same in every iteration");
  say (left, self.untyped, "value of a branch is no tensor, or of a type that is not known",
       "values of branches are no tensors, or of types that are not known");
  say (left, self.functions, "node calls a function, whose values stay inside", "nodes call functions, whose values stay inside");
  say (left, self.others, "node has a body of another kind, whose values stay inside",
       "nodes have bodies of other kinds, whose values stay inside");
}
