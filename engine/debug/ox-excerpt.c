/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "debug/ox-debugger-private.h"
#include "debug/ox-excerpt.h"
#include "debug/ox-extract-private.h"

struct _OxExcerpt
{
  OxRegion   *region;
  OxSession  *session;      /* that makes the values; NULL: they are at hand */
  guint64     seed;
  guint64     frame_id;     /* whose values are meant */
  OxFrame    *frame;
  GPtrArray  *inputs, *outputs;     /* OxValue; of outputs some may be NULL */
  GHashTable *changed;      /* set of names of outputs that are not what the nodes made */
  GHashTable *weights;      /* name -> OxValue: weights and Constants that were changed */
  GHashTable *attributes;   /* OxNode* -> GPtrArray of OxAttribute* */
  char       *failure;
};

void
ox_excerpt_free (OxExcerpt *self)
{
  ox_region_free (self->region);
  g_clear_pointer (&self->session, ox_session_free);
  g_clear_pointer (&self->frame, ox_frame_unref);
  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->outputs);
  g_hash_table_unref (self->changed);
  g_hash_table_unref (self->weights);
  g_hash_table_unref (self->attributes);
  g_free (self->failure);
  g_free (self);
}

const char *
ox_excerpt_failure (const OxExcerpt *self)
{
  return self->failure;
}

/* ---- what was changed -------------------------------------------------------------------------------------------- */

static void
collect_inner (const OxNode *node, GHashTable *graphs)
{
  OxFunction *function = ox_model_find_function (node->graph->model, node->domain, node->op_type, node->overload);
  g_autoptr (GPtrArray) bodies = g_ptr_array_new ();

  if (function != NULL)
    g_ptr_array_add (bodies, function->body);
  for (guint a = 0; a < node->attributes->len; a++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

      for (guint g = 0; attribute->graphs != NULL && g < attribute->graphs->len; g++)
        g_ptr_array_add (bodies, g_ptr_array_index (attribute->graphs, g));
    }
  for (guint b = 0; b < bodies->len; b++)
    {
      OxGraph *body = g_ptr_array_index (bodies, b);

      if (g_hash_table_add (graphs, body))
        for (guint i = 0; i < body->nodes->len; i++)
          collect_inner (ox_graph_node (body, i), graphs);
    }
}

/* Whether an edit is in a body of the nodes: one of the model's, or one that an operator was expanded to. */
static gboolean
is_inner (const OxExcerpt *self, const OxEdit *edit, GHashTable *inner)
{
  const OxGraph *graph = edit->graph, *mine = ox_region_graph (self->region);
  const OxModel *model = mine->model;

  if (g_hash_table_contains (inner, graph))
    return TRUE;
  for (; graph != NULL && graph != mine; graph = graph->outer)
    if (graph->outer == NULL && graph != model->graph)
      {
        for (guint i = 0; i < model->functions->len; i++)
          if (((OxFunction *) g_ptr_array_index (model->functions, i))->body == graph)
            return FALSE;
        return TRUE;
      }
  return FALSE;
}

/* Whether one of the nodes reads the slot, or something in a body of theirs. */
static gboolean
is_read_inside (const OxRegion *region, const OxSlot *slot)
{
  for (guint i = 0; slot->uses != NULL && i < slot->uses->len; i++)
    {
      const OxNode *user = g_array_index (slot->uses, OxUse, i).node;

      while (user != NULL && user->graph != ox_region_graph (region))
        user = user->graph->owner;
      if (user != NULL && ox_region_has (region, user))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_constant (const OxSlot *slot)
{
  return slot->initializer != NULL
         || (slot->producer != NULL && g_str_equal (slot->producer->op_type, "Constant") && g_str_equal (slot->producer->domain, "ai.onnx"));
}

static gboolean
is_seen (const OxGraph *from, const OxGraph *graph)
{
  while (from != NULL && from != graph)
    from = from->outer;
  return from != NULL;
}

static void
take_value (OxExcerpt *self, const OxEdit *edit)
{
  const OxSlot *slot = ox_graph_slot (edit->graph, edit->slot);

  if (is_constant (slot))
    {
      if (is_seen (ox_region_graph (self->region), edit->graph))
        g_hash_table_replace (self->weights, g_strdup (slot->name), ox_value_ref (edit->value));
    }
  else if (slot->producer == NULL || !ox_region_has (self->region, slot->producer))
    return;
  else if (is_read_inside (self->region, slot))
    ox_region_give (self->region, slot->name);
  else
    g_hash_table_add (self->changed, g_strdup (slot->name));
}

static void
take_attributes (OxExcerpt *self, OxDebugger *debugger, OxNode *node)
{
  GPtrArray *now = ox_debugger_node_attributes (debugger, node);
  GPtrArray *kept = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_attribute_free);

  for (guint i = 0; i < now->len; i++)
    if (((OxAttribute *) g_ptr_array_index (now, i))->graphs == NULL)
      g_ptr_array_add (kept, ox_attribute_copy (g_ptr_array_index (now, i)));
  g_hash_table_replace (self->attributes, node, kept);
}

static gboolean
take_edits (OxExcerpt *self, OxDebugger *debugger, GError **error)
{
  OxGraph *graph = ox_region_graph (self->region);
  g_autoptr (GHashTable) inner = g_hash_table_new (NULL, NULL);
  const guint n = ox_debugger_n_edits (debugger);

  for (guint i = 0; i < n; i++)
    {
      const OxEdit *edit = ox_debugger_get_edit (debugger, i);

      if ((edit->kind != OX_EDIT_MUTE && edit->kind != OX_EDIT_IDENTITY) || !ox_region_has (self->region, edit->node))
        continue;
      if (ox_region_size (self->region) == 1)
        return ox_fail (error, OX_ERROR_VALUE, "the node is passed over in this run: %s", edit->what);
      ox_region_leave_out (self->region, edit->node);
    }
  for (guint i = 0; n > 0 && i < graph->nodes->len; i++)
    if (ox_region_has (self->region, ox_graph_node (graph, i)))
      collect_inner (ox_graph_node (graph, i), inner);
  for (guint i = 0; i < n; i++)
    {
      const OxEdit *edit = ox_debugger_get_edit (debugger, i);

      if (is_inner (self, edit, inner))
        return ox_fail (error, OX_ERROR_VALUE, "\"%s\" is about a body of the nodes, where a test case cannot have it; undo it, or "
                        "take nodes of that body", edit->what);
      if (edit->kind == OX_EDIT_VALUE)
        take_value (self, edit);
      else if (edit->kind == OX_EDIT_ATTRIBUTE && ox_region_has (self->region, edit->node))
        take_attributes (self, debugger, edit->node);
    }
  return TRUE;
}

/* ---- what is at hand --------------------------------------------------------------------------------------------- */

static OxFrame *
frame_on_stack (OxDebugger *debugger, const OxGraph *graph)
{
  for (guint level = ox_debugger_get_depth (debugger); level > 0; level--)
    {
      OxFrame *frame = ox_debugger_get_frame (debugger, level - 1);

      if (frame != NULL && frame->graph == graph)
        return frame;
    }
  return graph == ox_debugger_get_model (debugger)->graph ? ox_debugger_frame_of (debugger, graph) : NULL;
}

static void
put_value (GPtrArray *values, OxFrame *frame, const char *name)
{
  g_ptr_array_add (values, ox_region_value (frame, name));
}

/* All inputs, or none. */
static gboolean
take_values (OxExcerpt *self, OxFrame *frame)
{
  const GPtrArray *inputs = ox_region_inputs (self->region), *outputs = ox_region_outputs (self->region);

  for (guint i = 0; i < inputs->len; i++)
    {
      put_value (self->inputs, frame, g_ptr_array_index (inputs, i));
      if (g_ptr_array_index (self->inputs, i) == NULL)
        {
          g_ptr_array_set_size (self->inputs, 0);
          return FALSE;
        }
    }
  for (guint i = 0; i < outputs->len; i++)
    put_value (self->outputs, frame, g_ptr_array_index (outputs, i));
  self->frame = ox_frame_ref (frame);
  return TRUE;
}

static void
free_value (gpointer value)
{
  if (value != NULL)
    ox_value_unref (value);
}

OxExcerpt *
ox_excerpt_new (OxDebugger *debugger, OxRegion *region, GError **error)
{
  OxFrame *frame = frame_on_stack (debugger, ox_region_graph (region));
  const OxFrame *closed = frame == NULL ? ox_debugger_frame_of (debugger, ox_region_graph (region)) : NULL;
  g_autoptr (OxExcerpt) self = g_new0 (OxExcerpt, 1);

  self->region = region;
  self->seed = debugger->seed;
  self->frame_id = frame != NULL ? frame->id : closed != NULL ? closed->id : OX_ANY_FRAME;
  self->inputs = g_ptr_array_new_with_free_func (free_value);
  self->outputs = g_ptr_array_new_with_free_func (free_value);
  self->changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->weights = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  self->attributes = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  if (!take_edits (self, debugger, error))
    return NULL;
  if (frame == NULL || !take_values (self, frame))
    {
      self->session = ox_debugger_new_session (debugger, TRUE);
      if (!ox_session_ready (self->session, error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

/* ---- the case ---------------------------------------------------------------------------------------------------- */

/* Takes @cause: one of the nodes could not run, which is worth a case, too. */
static gboolean
keep_failure (OxExcerpt *self, GError *cause, GError **error)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, cause);
      return FALSE;
    }
  self->failure = g_strdup (cause->message);
  g_error_free (cause);
  return TRUE;
}

static gboolean
record (OxExcerpt *self, GCancellable *cancellable, GError **error)
{
  const GPtrArray *names = ox_region_inputs (self->region);
  GError *cause = NULL;
  const OxNode *failed;

  if (ox_region_record (self->region, self->session, self->frame_id, -1, self->inputs, self->outputs, &self->frame, cancellable, &cause))
    return TRUE;
  failed = ox_session_depth (self->session) > 0 ? ox_session_next_node (self->session) : NULL;
  if (self->frame != NULL && self->frame == ox_session_top (self->session) && failed != NULL && ox_region_has (self->region, failed))
    {
      for (guint i = 0; i < names->len; i++)
        if (g_ptr_array_index (self->inputs, i) == NULL)
          {
            g_propagate_error (error, cause);
            return FALSE;
          }
      return keep_failure (self, cause, error);
    }
  g_propagate_error (error, cause);
  return FALSE;
}

/* (transfer full) What the nodes made, or NULL. */
static OxValue *
output_at_hand (const OxExcerpt *self, const char *name)
{
  const GPtrArray *names = ox_region_outputs (self->region);

  for (guint i = 0; i < names->len && i < self->outputs->len; i++)
    if (g_str_equal (g_ptr_array_index (names, i), name) && g_ptr_array_index (self->outputs, i) != NULL)
      return ox_value_ref (g_ptr_array_index (self->outputs, i));
  return NULL;
}

/* What was made there; what they make of these inputs, where their turns have not come, or where something else was put in the
 * place of what they made. That is expected after all when they cannot make anything. */
static gboolean
find_outputs (OxExcerpt *self, const OxCase *made, GPtrArray *expected, GCancellable *cancellable, GError **error)
{
  const GPtrArray *infos = made->model->graph->output_infos;
  g_autoptr (OxSession) session = NULL;

  for (guint i = 0; i < infos->len; i++)
    {
      const char *name = ((OxSlot *) g_ptr_array_index (infos, i))->name;
      g_autoptr (OxValue) at_hand = output_at_hand (self, name);
      const gboolean counts = at_hand != NULL && !g_hash_table_contains (self->changed, name);

      if (!counts && session == NULL && self->failure == NULL)
        {
          GError *cause = NULL;

          session = ox_case_session (made, self->seed, error);
          if (session == NULL)
            return FALSE;
          if (!ox_session_run (session, cancellable, &cause) && !keep_failure (self, cause, error))
            return FALSE;
        }
      if (!counts && self->failure == NULL)
        {
          g_clear_pointer (&at_hand, ox_value_unref);
          at_hand = ox_session_output (session, i) != NULL ? ox_value_ref (ox_session_output (session, i)) : NULL;
          if (at_hand == NULL)
            return ox_fail (error, OX_ERROR_VALUE, "'%s' was not made", name);
        }
      g_ptr_array_add (expected, g_steal_pointer (&at_hand));
    }
  return TRUE;
}

OxCase *
ox_excerpt_make (OxExcerpt *self, GPtrArray **expected, GCancellable *cancellable, GError **error)
{
  const OxCaseChange change = { .values = g_hash_table_size (self->weights) > 0 ? self->weights : NULL, .input = -1 };
  const GPtrArray *names = ox_region_inputs (self->region);
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func (free_value);
  g_autoptr (OxCase) plain = NULL, made = NULL, declared = NULL;

  if (self->session != NULL && !record (self, cancellable, error))
    return NULL;
  for (guint i = 0; i < names->len; i++)
    if (g_ptr_array_index (self->inputs, i) == NULL)
      {
        ox_fail (error, OX_ERROR_VALUE, "'%s' was given no value", (const char *) g_ptr_array_index (names, i));
        return NULL;
      }
  plain = ox_case_new_region (self->region, self->inputs, self->attributes, self->frame, error);
  made = plain != NULL ? ox_case_change (plain, &change, error) : NULL;
  if (made == NULL || !find_outputs (self, made, outputs, cancellable, error))
    return NULL;
  declared = ox_case_declare (made, outputs, error);
  if (declared != NULL)
    *expected = g_steal_pointer (&outputs);
  return g_steal_pointer (&declared);
}
