/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-extract-private.h"

/* ---- what goes in and comes out --------------------------------------------------------------------------------- */

static gboolean
is_constant (const OxNode *node)
{
  return g_str_equal (node->op_type, "Constant") && g_str_equal (node->domain, "ai.onnx");
}

/* The slot that a name means in @graph or around it. */
static OxSlot *
resolve (const OxGraph *graph, const char *name)
{
  for (; graph != NULL; graph = graph->outer)
    {
      const int slot = ox_graph_find (graph, name);

      if (slot >= 0)
        return ox_graph_slot (graph, slot);
    }
  return NULL;
}

typedef void (*NameFunc) (const char *name, gpointer data);

/* Every name that @node reads from its graph or from around it, in its bodies too. */
static void
foreach_read (const OxNode *node, const GPtrArray *hidden, NameFunc func, gpointer data)
{
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const char *name = g_ptr_array_index (node->input_names, i);
      gboolean inner = FALSE;

      for (guint h = 0; h < hidden->len && !inner; h++)
        inner = ox_graph_find (g_ptr_array_index (hidden, h), name) >= 0;
      if (*name != '\0' && !inner)
        func (name, data);
    }
  for (guint a = 0; a < node->attributes->len; a++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

      for (guint g = 0; attribute->graphs != NULL && g < attribute->graphs->len; g++)
        {
          OxGraph *body = g_ptr_array_index (attribute->graphs, g);
          g_autoptr (GPtrArray) more = g_ptr_array_copy ((GPtrArray *) hidden, NULL, NULL);

          g_ptr_array_add (more, body);
          for (guint i = 0; i < body->nodes->len; i++)
            foreach_read (ox_graph_node (body, i), more, func, data);
          /* A body may return what is around it. */
          for (guint o = 0; o < body->output_infos->len; o++)
            {
              const char *name = ((OxSlot *) g_ptr_array_index (body->output_infos, o))->name;
              gboolean inner = FALSE;

              for (guint h = 0; h < more->len && !inner; h++)
                inner = ox_graph_find (g_ptr_array_index (more, h), name) >= 0;
              if (!inner)
                func (name, data);
            }
        }
    }
}

typedef struct
{
  OxRegion   *region;
  GHashTable *made, *seen;
} Reading;

static void
add_input (const char *name, gpointer data)
{
  Reading *reading = data;
  const OxSlot *slot;

  if (g_hash_table_contains (reading->made, name) || !g_hash_table_add (reading->seen, (gpointer) name))
    return;
  slot = resolve (reading->region->graph, name);
  if (slot == NULL || (slot->initializer != NULL && !reading->region->weights) || (slot->producer != NULL && is_constant (slot->producer)))
    return;
  g_ptr_array_add (reading->region->inputs, g_strdup (name));
}

/* Whether somebody outside reads the slot, or the graph returns it. */
static gboolean
is_wanted (const OxRegion *self, const OxSlot *slot)
{
  if (slot->graph_output >= 0)
    return TRUE;
  for (guint i = 0; slot->uses != NULL && i < slot->uses->len; i++)
    {
      const OxNode *user = g_array_index (slot->uses, OxUse, i).node;

      if (user->graph != self->graph || !self->in[user->index])
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_given (const OxRegion *self, const char *name)
{
  return self->given != NULL && g_hash_table_contains (self->given, name);
}

static void
find_outputs (OxRegion *self, gboolean all)
{
  for (guint i = 0; i < self->graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (self->graph, i);

      for (guint o = 0; self->in[i] && o < node->output_names->len; o++)
        {
          const OxSlot *slot = ox_node_output_slot (node, (int) o);

          if (slot != NULL && *slot->name != '\0' && !is_given (self, slot->name) && (all || is_wanted (self, slot)))
            g_ptr_array_add (self->outputs, g_strdup (slot->name));
        }
    }
}

static void
find_inputs (OxRegion *self)
{
  Reading reading = { self, g_hash_table_new (g_str_hash, g_str_equal), g_hash_table_new (g_str_hash, g_str_equal) };
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  g_ptr_array_set_size (self->inputs, 0);
  for (guint i = 0; i < self->graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (self->graph, i);

      for (guint o = 0; self->in[i] && o < node->output_names->len; o++)
        if (!is_given (self, g_ptr_array_index (node->output_names, o)))
          g_hash_table_add (reading.made, g_ptr_array_index (node->output_names, o));
    }
  for (guint i = 0; i < self->graph->nodes->len; i++)
    if (self->in[i])
      foreach_read (ox_graph_node (self->graph, i), none, add_input, &reading);
  g_hash_table_unref (reading.made);
  g_hash_table_unref (reading.seen);
}

void
ox_region_take_weights (OxRegion *self)
{
  self->weights = TRUE;
  find_inputs (self);
}

static void
find_ends (OxRegion *self)
{
  self->size = 0;
  for (guint i = 0; i < self->graph->nodes->len; i++)
    self->size += self->in[i];
  find_inputs (self);
  g_ptr_array_set_size (self->outputs, 0);
  find_outputs (self, FALSE);
  if (self->outputs->len == 0)
    find_outputs (self, TRUE);
}

OxRegion *
ox_region_new_marked (OxGraph *graph, gboolean *in)
{
  OxRegion *self = g_new0 (OxRegion, 1);

  self->model = ox_model_ref (graph->model);
  self->graph = graph;
  self->in = in;
  self->inputs = g_ptr_array_new_with_free_func (g_free);
  self->outputs = g_ptr_array_new_with_free_func (g_free);
  find_ends (self);
  return self;
}

void
ox_region_leave_out (OxRegion *self, const OxNode *node)
{
  self->in[node->index] = FALSE;
  find_ends (self);
}

void
ox_region_give (OxRegion *self, const char *name)
{
  if (self->given == NULL)
    self->given = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (self->given, g_strdup (name));
  find_ends (self);
}

void
ox_region_free (OxRegion *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->outputs);
  g_clear_pointer (&self->given, g_hash_table_unref);
  g_free (self->in);
  ox_model_unref (self->model);
  g_free (self);
}

OxGraph *
ox_region_graph (const OxRegion *self)
{
  return self->graph;
}

gboolean
ox_region_has (const OxRegion *self, const OxNode *node)
{
  return node->graph == self->graph && self->in[node->index];
}

guint
ox_region_size (const OxRegion *self)
{
  return self->size;
}

GPtrArray *
ox_region_inputs (const OxRegion *self)
{
  return self->inputs;
}

GPtrArray *
ox_region_outputs (const OxRegion *self)
{
  return self->outputs;
}

/* ---- values of a run --------------------------------------------------------------------------------------------- */

OxValue *
ox_region_value (OxFrame *frame, const char *name)
{
  int up = 0;

  for (const OxGraph *graph = frame->graph; graph != NULL; graph = graph->outer, up++)
    {
      const int slot = ox_graph_find (graph, name);
      OxValue *value = slot >= 0 ? ox_frame_value (frame, (OxRef){ up, slot }) : NULL;

      if (value != NULL)
        return ox_value_ref (value);
      /* A weight is read when somebody asks. */
      if (slot >= 0)
        return ox_graph_slot (graph, slot)->initializer != NULL ? ox_initializer_get (ox_graph_slot (graph, slot)->initializer, NULL)
                                                                : NULL;
    }
  return NULL;
}

static gboolean
is_the_frame (const OxRegion *self, OxFrame *frame, guint64 frame_id, gint64 iteration)
{
  return frame != NULL && frame->graph == self->graph && (frame_id == OX_ANY_FRAME || frame->id == frame_id)
         && (iteration < 0 || frame->iteration == iteration);
}

/* Takes what is there and was not taken before; inputs before the nodes run, outputs after. */
static void
take (const GPtrArray *names, GPtrArray *values, OxFrame *frame)
{
  for (guint i = 0; i < names->len; i++)
    if (g_ptr_array_index (values, i) == NULL)
      g_ptr_array_index (values, i) = ox_region_value (frame, g_ptr_array_index (names, i));
}

gboolean
ox_region_record (OxRegion *self, OxSession *session, guint64 frame_id, gint64 iteration, GPtrArray *inputs, GPtrArray *outputs,
                  OxFrame **frame, GCancellable *cancellable, GError **error)
{
  guint last = 0;

  *frame = NULL;
  g_ptr_array_set_size (inputs, (int) self->inputs->len);
  g_ptr_array_set_size (outputs, (int) self->outputs->len);
  for (guint i = 0; i < self->graph->nodes->len; i++)
    last = self->in[i] ? i : last;
  while (ox_session_depth (session) > 0)
    {
      OxFrame *top = ox_session_top (session);
      const OxNode *node = ox_session_next_node (session);
      OxTurn turn;

      if (*frame == NULL && is_the_frame (self, top, frame_id, iteration))
        *frame = ox_frame_ref (top);
      if (*frame != NULL && top == *frame && node != NULL && self->in[node->index])
        take (self->inputs, inputs, top);
      if (ox_session_turn (session, &turn, cancellable, error) == OX_TURN_FAILED)
        return FALSE;
      ox_session_forget (session, 1);
      if (*frame == NULL)
        continue;
      take (self->outputs, outputs, *frame);
      if ((*frame)->pc > last)
        break;
    }
  if (*frame == NULL)
    return ox_fail (error, OX_ERROR_VALUE, iteration >= 0 ? "these nodes do not run in iteration %" G_GINT64_FORMAT
                                                          : "these nodes do not run with these inputs", iteration);
  for (guint i = 0; i < outputs->len; i++)
    if (g_ptr_array_index (outputs, i) == NULL)
      return ox_fail (error, OX_ERROR_VALUE, "'%s' was not made", (const char *) g_ptr_array_index (self->outputs, i));
  return TRUE;
}

/* ---- the model --------------------------------------------------------------------------------------------------- */

static OxType *
type_for (const OxGraph *graph, const char *name, const GPtrArray *values, guint i)
{
  const OxValue *value = values != NULL ? g_ptr_array_index (values, i) : NULL;
  const OxSlot *slot = resolve (graph, name);
  OxType *type = slot == NULL ? NULL : slot->type != NULL ? slot->type : slot->inferred;

  if (value != NULL)
    return ox_type_of_value (value);
  if (type == NULL && slot != NULL && slot->initializer != NULL)
    return ox_type_new_tensor (slot->initializer->dtype, slot->initializer->rank, slot->initializer->dims);
  return type != NULL ? ox_type_ref (type) : NULL;
}

/* What stands for a function's attribute becomes what the call gives. */
static gboolean
bind (OxNode *node, const OxFrame *frame, GError **error)
{
  for (guint i = node->attributes->len; i > 0; i--)
    {
      OxAttribute *attribute = g_ptr_array_index (node->attributes, i - 1), *given;

      if (attribute->ref == NULL)
        continue;
      given = frame != NULL && frame->bindings != NULL ? g_hash_table_lookup (frame->bindings, attribute->ref) : NULL;
      if (given == NULL && frame == NULL)
        return ox_fail (error, OX_ERROR_VALUE, "'%s' of %s is an attribute of the function's call, and no call is given",
                        attribute->name, node->op_type);
      if (given != NULL)
        {
          OxAttribute *copy = ox_attribute_copy (given);

          g_free (copy->name);
          copy->name = g_strdup (attribute->name);
          g_clear_pointer (&copy->ref, g_free);
          ox_attribute_free (attribute);
          g_ptr_array_index (node->attributes, i - 1) = copy;
        }
      else
        g_ptr_array_remove_index (node->attributes, i - 1);
    }
  return TRUE;
}

typedef struct
{
  const OxGraph *from;
  OxGraph       *to;
  GHashTable    *made, *seen, *ends;
  GPtrArray     *constants;     /* OxNode* that go along */
} Cutting;

/* A weight goes along with its data; a Constant as the node that it is. */
static void
add_constant (const char *name, gpointer data)
{
  Cutting *cutting = data;
  const OxSlot *slot;

  if (g_hash_table_contains (cutting->made, name) || !g_hash_table_add (cutting->seen, (gpointer) name)
      || g_hash_table_contains (cutting->ends, name))
    return;
  slot = resolve (cutting->from, name);
  if (slot != NULL && slot->initializer != NULL)
    /* Its data is mapped: from beside the model it moves into it. */
    ox_graph_add_initializer (cutting->to, ox_initializer_within (slot->initializer));
  else if (slot != NULL && slot->producer != NULL && is_constant (slot->producer))
    g_ptr_array_add (cutting->constants, slot->producer);
}

/* What they make in the place of a value that is given gets a name that nobody reads. */
static void
rename_given (const OxRegion *self, const OxGraph *from, OxNode *node)
{
  for (guint o = 0; o < node->output_names->len; o++)
    {
      const char *name = g_ptr_array_index (node->output_names, o);
      g_autoptr (GString) other = NULL;

      if (!is_given (self, name))
        continue;
      other = g_string_new (name);
      do
        g_string_append (other, "_made");
      while (resolve (from, other->str) != NULL);
      g_free (g_ptr_array_index (node->output_names, o));
      g_ptr_array_index (node->output_names, o) = g_string_free (g_steal_pointer (&other), FALSE);
    }
}

static void
move_node (OxNode *node, OxGraph *to)
{
  OxGraph *from = node->graph;

  for (guint i = 0; i < from->nodes->len; i++)
    if (g_ptr_array_index (from->nodes, i) == node)
      {
        g_ptr_array_steal_index (from->nodes, i);
        break;
      }
  node->graph = to;
  node->index = to->nodes->len;
  g_ptr_array_add (to->nodes, node);
}

gboolean
ox_region_cut (const OxRegion *self, OxModel *copy, GPtrArray *inputs, GPtrArray *outputs, const OxFrame *frame, GError **error)
{
  g_autofree char *path = ox_graph_path (self->graph);
  OxGraph *from = ox_model_find_graph (copy, path), *to;
  const OxFunction *function;
  g_autoptr (GPtrArray) nodes = g_ptr_array_new (), constants = g_ptr_array_new (), none = g_ptr_array_new ();
  Cutting cutting = { from };

  if (from == NULL || from->nodes->len != self->graph->nodes->len)
    return ox_fail (error, OX_ERROR_VALUE, "the file is not the model any more");
  for (guint i = 0; i < from->nodes->len; i++)
    if (self->in[i])
      {
        if (!bind (ox_graph_node (from, i), frame, error))
          return FALSE;
        rename_given (self, from, ox_graph_node (from, i));
        g_ptr_array_add (nodes, ox_graph_node (from, i));
      }
  to = ox_graph_new (copy, from->name != NULL ? from->name : "region");
  cutting = (Cutting){ from, to, g_hash_table_new (g_str_hash, g_str_equal), g_hash_table_new (g_str_hash, g_str_equal),
                       g_hash_table_new (g_str_hash, g_str_equal), constants };
  for (guint i = 0; i < self->inputs->len; i++)
    {
      const char *name = g_ptr_array_index (self->inputs, i);

      g_hash_table_add (cutting.ends, (gpointer) name);
      ox_graph_add_input (to, name, type_for (from, name, inputs, i));
    }
  for (guint i = 0; i < self->outputs->len; i++)
    {
      const char *name = g_ptr_array_index (self->outputs, i);

      ox_graph_add_output (to, name, type_for (from, name, outputs, i));
    }
  for (guint i = 0; i < nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (nodes, i);

      for (guint o = 0; o < node->output_names->len; o++)
        g_hash_table_add (cutting.made, g_ptr_array_index (node->output_names, o));
    }
  for (guint i = 0; i < nodes->len; i++)
    foreach_read (g_ptr_array_index (nodes, i), none, add_constant, &cutting);
  function = from->function;
  for (const OxGraph *graph = from; function == NULL && graph->outer != NULL; graph = graph->outer)
    function = graph->outer->function;
  if (function != NULL)
    {
      g_array_unref (copy->opsets);
      copy->opsets = ox_opsets_new ();
      for (guint i = 0; i < function->opsets->len; i++)
        {
          const OxOpset *opset = &g_array_index (function->opsets, OxOpset, i);
          const OxOpset mine = { g_strdup (opset->domain), opset->version };

          g_array_append_val (copy->opsets, mine);
        }
    }
  for (guint i = 0; i < constants->len; i++)
    move_node (g_ptr_array_index (constants, i), to);
  for (guint i = 0; i < nodes->len; i++)
    move_node (g_ptr_array_index (nodes, i), to);
  g_hash_table_unref (cutting.made);
  g_hash_table_unref (cutting.seen);
  g_hash_table_unref (cutting.ends);
  /* What trained the model, and ran on which devices, speaks of names that are gone. */
  g_ptr_array_set_size (copy->passthrough, 0);
  ox_graph_free (copy->graph);
  copy->graph = to;
  return TRUE;
}
