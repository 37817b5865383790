/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-case.h"

#include "core/ox-error.h"
#include "model/ox-copy.h"

static OxCase *
case_new (OxModel *model)
{
  OxCase *self = g_new0 (OxCase, 1);

  self->model = model;
  self->inputs = ox_value_array_new ();
  return self;
}

void
ox_case_free (OxCase *self)
{
  ox_model_unref (self->model);
  g_ptr_array_unref (self->inputs);
  g_free (self);
}

OxSession *
ox_case_session (const OxCase *self, guint64 seed, GError **error)
{
  const OxSessionOptions options = { .seed = seed };
  const OxGraph *graph = self->model->graph;
  g_autoptr (OxSession) session = ox_session_new (self->model, &options);

  for (guint i = 0; i < self->inputs->len; i++)
    if (!ox_session_set_input (session, ox_graph_slot (graph, g_array_index (graph->inputs, int, i))->name,
                               g_ptr_array_index (self->inputs, i), error))
      return NULL;
  return ox_session_ready (session, error) ? g_steal_pointer (&session) : NULL;
}

/* Bodies stay. */
static void
set_attributes (OxNode *node, const GPtrArray *attributes)
{
  for (guint i = node->attributes->len; i > 0; i--)
    if (((OxAttribute *) g_ptr_array_index (node->attributes, i - 1))->graphs == NULL)
      g_ptr_array_remove_index (node->attributes, i - 1);
  for (guint i = 0; i < attributes->len; i++)
    if (((OxAttribute *) g_ptr_array_index (attributes, i))->graphs == NULL)
      g_ptr_array_add (node->attributes, ox_attribute_copy (g_ptr_array_index (attributes, i)));
}

static void
change_attributes (OxModel *copy, const OxRegion *region, GHashTable *attributes)
{
  g_autofree char *path = ox_graph_path (ox_region_graph (region));
  OxGraph *graph = ox_model_find_graph (copy, path);
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, attributes);
  while (graph != NULL && g_hash_table_iter_next (&iter, &key, &value))
    set_attributes (ox_graph_node (graph, ((const OxNode *) key)->index), value);
}

OxCase *
ox_case_new_region (const OxRegion *region, GPtrArray *inputs, GHashTable *attributes, const OxFrame *frame, GError **error)
{
  g_autoptr (OxModel) copy = ox_model_copy (ox_region_graph (region)->model), cut = NULL;
  const OxCaseChange change = OX_CASE_CHANGE_NONE;
  g_autoptr (OxCase) whole = NULL;

  if (!ox_model_link (copy, error))
    return NULL;
  if (attributes != NULL)
    change_attributes (copy, region, attributes);
  if (!ox_region_cut (region, copy, inputs, NULL, frame, error))
    return NULL;
  cut = ox_model_copy (copy);
  if (!ox_model_link (cut, error))
    return NULL;
  whole = case_new (g_steal_pointer (&cut));
  for (guint i = 0; i < inputs->len; i++)
    g_ptr_array_add (whole->inputs, ox_value_ref (g_ptr_array_index (inputs, i)));
  return ox_case_change (whole, &change, error);
}

OxCase *
ox_case_new_whole (OxSession *session, GError **error)
{
  OxModel *model = ox_session_get_model (session);
  const OxCaseChange change = OX_CASE_CHANGE_NONE;
  g_autoptr (OxModel) copy = ox_model_copy (model);
  g_autoptr (OxCase) whole = NULL;
  OxGraph *graph = copy->graph;

  /* An input that was not given anything is the weight of its name. */
  g_ptr_array_set_size (graph->slots, 0);
  g_array_set_size (graph->inputs, 0);
  whole = case_new (NULL);
  for (guint i = 0; i < model->graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (model->graph, g_array_index (model->graph->inputs, int, i));
      OxValue *value = ox_session_get_input (session, slot->name);

      if (value == NULL)
        continue;
      ox_graph_add_input (graph, slot->name, ox_type_of_value (value));
      g_ptr_array_add (whole->inputs, ox_value_ref (value));
    }
  whole->model = ox_model_ref (copy);
  return ox_model_link (copy, error) ? ox_case_change (whole, &change, error) : NULL;
}

/* ---- what is left ----------------------------------------------------------------------------------------------- */

typedef struct
{
  const OxGraph      *graph;
  const OxCaseChange *change;
  gboolean           *live;      /* [nodes] */
  GHashTable         *outputs;   /* set of names */
} Rest;

static gboolean
is_constant (const OxNode *node)
{
  return g_str_equal (node->op_type, "Constant") && g_str_equal (node->domain, "ai.onnx");
}

static gboolean
is_kept (const Rest *rest, const OxNode *node)
{
  if (is_constant (node) && node->output_names->len > 0 && rest->change->values != NULL
      && g_hash_table_contains (rest->change->values, g_ptr_array_index (node->output_names, 0)))
    return FALSE;
  return rest->change->keep == NULL || rest->change->keep[node->index] || is_constant (node);
}

/* Whether a node that stays reads the slot. */
static gboolean
is_read (const Rest *rest, const OxSlot *slot, const gboolean *stays)
{
  for (guint i = 0; slot->uses != NULL && i < slot->uses->len; i++)
    {
      const OxNode *user = g_array_index (slot->uses, OxUse, i).node;

      if (user->graph == rest->graph && stays[user->index])
        return TRUE;
    }
  return FALSE;
}

/* What the case gives: what it gave, and what was made for nodes that are gone. */
static void
find_outputs (Rest *rest, const gboolean *kept)
{
  for (guint n = 0; n < rest->graph->nodes->len; n++)
    {
      const OxNode *node = ox_graph_node (rest->graph, n);

      for (guint o = 0; kept[n] && o < node->output_names->len; o++)
        {
          const OxSlot *slot = ox_node_output_slot (node, (int) o);

          if (slot == NULL)
            continue;
          if (rest->change->outputs != NULL ? g_hash_table_contains (rest->change->outputs, slot->name)
                                            : slot->graph_output >= 0
                                                || (slot->uses != NULL && !is_constant (node) && !is_read (rest, slot, kept)))
            g_hash_table_add (rest->outputs, slot->name);
        }
    }
}

static gboolean
find_rest (Rest *rest, GError **error)
{
  const guint n = rest->graph->nodes->len;
  g_autofree gboolean *kept = g_new0 (gboolean, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    kept[i] = is_kept (rest, ox_graph_node (rest->graph, i));
  find_outputs (rest, kept);
  for (guint i = n; i > 0; i--)
    {
      const OxNode *node = ox_graph_node (rest->graph, i - 1);

      for (guint o = 0; kept[i - 1] && o < node->output_names->len; o++)
        {
          const OxSlot *slot = ox_node_output_slot (node, (int) o);

          if (slot != NULL && (g_hash_table_contains (rest->outputs, slot->name) || is_read (rest, slot, rest->live)))
            rest->live[i - 1] = TRUE;
        }
    }
  return g_hash_table_size (rest->outputs) > 0 || ox_fail (error, OX_ERROR_VALUE, "nothing is left");
}

/* ---- functions that are called ----------------------------------------------------------------------------------- */

static void
add_called (const OxGraph *graph, OxModel *model, GHashTable *called)
{
  for (guint n = 0; n < graph->nodes->len; n++)
    {
      const OxNode *node = ox_graph_node (graph, n);
      OxFunction *function = ox_model_find_function (model, node->domain, node->op_type, node->overload);

      if (function != NULL && g_hash_table_add (called, function))
        add_called (function->body, model, called);
      for (guint a = 0; a < node->attributes->len; a++)
        {
          const OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

          for (guint g = 0; attribute->graphs != NULL && g < attribute->graphs->len; g++)
            add_called (g_ptr_array_index (attribute->graphs, g), model, called);
        }
    }
}

static void
drop_functions (OxModel *model)
{
  g_autoptr (GHashTable) called = g_hash_table_new (NULL, NULL);

  add_called (model->graph, model, called);
  for (guint i = model->functions->len; i > 0; i--)
    if (!g_hash_table_contains (called, g_ptr_array_index (model->functions, i - 1)))
      g_ptr_array_remove_index (model->functions, i - 1);
}

/* ---- another case ------------------------------------------------------------------------------------------------ */

/* What is taken from one node, or put in its place. */
static void
change_node (OxNode *node, const OxCaseChange *change)
{
  for (guint i = node->attributes->len; change->attribute != NULL && i > 0; i--)
    if (g_str_equal (((OxAttribute *) g_ptr_array_index (node->attributes, i - 1))->name, change->attribute))
      g_ptr_array_remove_index (node->attributes, i - 1);
  if (change->input < 0 || (guint) change->input >= node->input_names->len)
    return;
  g_free (g_ptr_array_index (node->input_names, change->input));
  g_ptr_array_index (node->input_names, change->input) = g_strdup ("");
  while (node->input_names->len > 0 && *(char *) g_ptr_array_index (node->input_names, node->input_names->len - 1) == '\0')
    g_ptr_array_remove_index (node->input_names, node->input_names->len - 1);
}

static OxInitializer *
weight_of (OxInitializer *weight, const OxCaseChange *change)
{
  OxValue *value = change->values != NULL ? g_hash_table_lookup (change->values, weight->name) : NULL;

  return value != NULL && ox_value_get_tensor (value) != NULL
           ? ox_initializer_new_tensor (weight->name, ox_tensor_ref (ox_value_get_tensor (value)))
           : ox_initializer_within (weight);
}

/* What is declared of shapes holds as long as no value is another. */
static OxType *
output_type (const OxSlot *slot, const OxCaseChange *change)
{
  OxType *type = slot->type != NULL ? slot->type : slot->inferred;

  if (type == NULL || type->kind == OX_TYPE_UNKNOWN || (type->kind == OX_TYPE_TENSOR && type->dtype == OX_UNDEFINED))
    return NULL;
  if (type->kind == OX_TYPE_TENSOR && change->values != NULL)
    return ox_type_new_tensor (type->dtype, -1, NULL);
  return ox_type_ref (type);
}

static gboolean
fill_inputs (OxCase *made, const OxCase *self, const Rest *rest, GError **error)
{
  OxGraph *to = made->model->graph;

  for (guint s = 0; s < rest->graph->slots->len; s++)
    {
      const OxSlot *slot = ox_graph_slot (rest->graph, (int) s);
      gboolean is_input = slot->graph_input >= 0, is_cut = slot->producer != NULL && !is_kept (rest, slot->producer);
      OxValue *value = NULL;

      if ((!is_input && !is_cut) || !is_read (rest, slot, rest->live))
        continue;
      if (is_cut)
        value = rest->change->cut != NULL ? g_hash_table_lookup (rest->change->cut, slot->name) : NULL;
      else
        value = g_ptr_array_index (self->inputs, slot->graph_input);
      if (rest->change->values != NULL && g_hash_table_contains (rest->change->values, slot->name))
        value = g_hash_table_lookup (rest->change->values, slot->name);
      if (value == NULL)
        return ox_fail (error, OX_ERROR_VALUE, "there is no value for '%s'", slot->name);
      ox_graph_add_input (to, slot->name, ox_type_of_value (value));
      g_ptr_array_add (made->inputs, ox_value_ref (value));
    }
  return TRUE;
}

static void
fill_weights (OxGraph *to, const Rest *rest)
{
  g_ptr_array_set_size (to->initializers, 0);
  for (guint i = 0; i < rest->graph->initializers->len; i++)
    {
      OxInitializer *weight = g_ptr_array_index (rest->graph->initializers, i);
      const OxSlot *slot = ox_graph_slot (rest->graph, ox_graph_find (rest->graph, weight->name));

      if (slot != NULL && slot->graph_input < 0 && is_read (rest, slot, rest->live))
        ox_graph_add_initializer (to, weight_of (weight, rest->change));
    }
}

static OxCase *
make (const OxCase *self, OxModel *model, const Rest *rest, GError **error)
{
  g_autoptr (OxCase) made = case_new (ox_model_copy (model));
  OxGraph *to = made->model->graph;
  guint n = 0;

  for (guint i = rest->graph->nodes->len; i > 0; i--)
    if (!rest->live[i - 1])
      g_ptr_array_remove_index (to->nodes, i - 1);
  for (; n < to->nodes->len; n++)
    ox_graph_node (to, n)->index = n;
  g_ptr_array_set_size (to->slots, 0);
  g_array_set_size (to->inputs, 0);
  g_ptr_array_set_size (to->output_infos, 0);
  g_ptr_array_set_size (to->value_infos, 0);
  g_clear_pointer (&to->passthrough, g_ptr_array_unref);
  g_ptr_array_set_size (made->model->passthrough, 0);
  made->model->external_bytes = 0;
  for (guint i = 0; i < rest->graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (rest->graph, i);

      for (guint o = 0; rest->live[i] && o < node->output_names->len; o++)
        {
          const OxSlot *slot = ox_node_output_slot (node, (int) o);

          if (slot != NULL && g_hash_table_contains (rest->outputs, slot->name))
            ox_graph_add_output (to, slot->name, output_type (slot, rest->change));
        }
    }
  fill_weights (to, rest);
  if (!fill_inputs (made, self, rest, error))
    return NULL;
  /* Weights need not be inputs since then. */
  if (to->initializers->len > 0 && made->model->ir_version < 4)
    made->model->ir_version = 4;
  drop_functions (made->model);
  return ox_model_link (made->model, error) ? g_steal_pointer (&made) : NULL;
}

OxCase *
ox_case_change (const OxCase *self, const OxCaseChange *change, GError **error)
{
  gboolean other = change->attribute != NULL || change->input >= 0;
  g_autoptr (OxModel) model = other ? ox_model_copy (self->model) : ox_model_ref (self->model);
  g_autofree gboolean *live = NULL;
  g_autoptr (GHashTable) outputs = g_hash_table_new (g_str_hash, g_str_equal);
  Rest rest = { model->graph, change, NULL, outputs };

  if (other)
    {
      change_node (ox_graph_node (model->graph, change->node), change);
      if (!ox_model_link (model, error))
        return NULL;
    }
  rest.live = live = g_new0 (gboolean, MAX (model->graph->nodes->len, 1));
  return find_rest (&rest, error) ? make (self, model, &rest, error) : NULL;
}

OxCase *
ox_case_declare (const OxCase *self, GPtrArray *outputs, GError **error)
{
  g_autoptr (OxCase) made = case_new (ox_model_copy (self->model));

  for (guint i = 0; i < self->inputs->len; i++)
    g_ptr_array_add (made->inputs, ox_value_ref (g_ptr_array_index (self->inputs, i)));
  for (guint i = 0; i < made->model->graph->output_infos->len && i < outputs->len; i++)
    {
      OxSlot *info = g_ptr_array_index (made->model->graph->output_infos, i);

      if (g_ptr_array_index (outputs, i) == NULL)
        continue;
      g_clear_pointer (&info->type, ox_type_unref);
      info->type = ox_type_of_value (g_ptr_array_index (outputs, i));
    }
  return ox_model_link (made->model, error) ? g_steal_pointer (&made) : NULL;
}

OxCase *
ox_case_unfold (const OxCase *self, guint n, const char *branch, GError **error)
{
  const OxCaseChange change = OX_CASE_CHANGE_NONE;
  g_autoptr (OxCase) made = case_new (ox_model_copy (self->model));
  OxGraph *graph = made->model->graph;
  OxNode *choice = ox_graph_node (graph, n);
  OxAttribute *attribute = ox_node_attribute (choice, branch);
  OxGraph *body;

  if (attribute == NULL || attribute->graphs == NULL || attribute->graphs->len != 1)
    {
      ox_fail (error, OX_ERROR_MODEL, "the node has no %s", branch);
      return NULL;
    }
  body = g_ptr_array_index (attribute->graphs, 0);
  while (body->nodes->len > 0)
    {
      OxNode *node = g_ptr_array_steal_index (body->nodes, 0);

      node->graph = graph;
      g_ptr_array_add (graph->nodes, node);
    }
  for (guint i = 0; i < body->initializers->len; i++)
    ox_graph_add_initializer (graph, ox_initializer_ref (g_ptr_array_index (body->initializers, i)));
  for (guint i = 0; i < choice->output_names->len && i < body->output_infos->len; i++)
    if (*(const char *) g_ptr_array_index (choice->output_names, i) != '\0')
      {
        OxNode *identity = ox_graph_add_node (graph, "Identity", "", "");

        ox_node_add_input (identity, ((OxSlot *) g_ptr_array_index (body->output_infos, i))->name);
        ox_node_add_output (identity, g_ptr_array_index (choice->output_names, i));
      }
  g_ptr_array_remove_index (graph->nodes, n);
  for (guint i = 0; i < graph->nodes->len; i++)
    ox_graph_node (graph, i)->index = i;
  for (guint i = 0; i < self->inputs->len; i++)
    g_ptr_array_add (made->inputs, ox_value_ref (g_ptr_array_index (self->inputs, i)));
  return ox_model_link (made->model, error) ? ox_case_change (made, &change, error) : NULL;
}
