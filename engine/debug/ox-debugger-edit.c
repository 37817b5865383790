/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-debugger-private.h"

void
ox_edit_free (gpointer data)
{
  OxEdit *edit = data;

  g_clear_pointer (&edit->value, ox_value_unref);
  g_clear_pointer (&edit->attribute, ox_attribute_free);
  g_clear_pointer (&edit->observed, g_ptr_array_unref);
  g_free (edit->name);
  g_free (edit->what);
  g_free (edit);
}

/* ---- which turns have to be done again ------------------------------------------------------------------------ */

/* Whether @record is the beginning of the node's turn in this frame. Of what opens bodies the latest one counts. */
static gboolean
begins (const OxTraceRecord *record, const OxNode *node, guint64 frame_id)
{
  if (record->node != node)
    return FALSE;
  if (record->kind == OX_TURN_NODE)
    return frame_id == OX_ANY_FRAME || record->frame_id == frame_id;
  return record->kind == OX_TURN_ENTERED && !record->again;
}

/* The turn that has to be done again first: that of the value or node, or the first of all for what no node makes. */
static guint64
turn_of (OxDebugger *self, const OxEdit *edit)
{
  guint64 first = G_MAXUINT64;

  if (edit->node == NULL)
    return 0;
  for (guint i = ox_trace_length (self->trace); i > 0; i--)
    if (begins (ox_trace_get (self->trace, i - 1), edit->node, edit->frame_id))
      {
        first = i - 1;
        if (edit->frame_id != OX_ANY_FRAME)
          break;
      }
  return first;
}

/* ---- telling the session -------------------------------------------------------------------------------------- */

static gboolean
is_same_value (const OxEdit *a, const OxEdit *b)
{
  return a->kind == OX_EDIT_VALUE && b->kind == OX_EDIT_VALUE && a->graph == b->graph && a->slot == b->slot
         && a->frame_id == b->frame_id;
}

static gboolean
is_pass (const OxEdit *edit)
{
  return edit->kind == OX_EDIT_MUTE || edit->kind == OX_EDIT_IDENTITY;
}

/* Of what was done to this value or node, the last one counts; of attributes, the last one of each name. */
static void
apply (OxDebugger *self, OxSession *session, const OxEdit *edit)
{
  const OxEdit *last = NULL;

  if (edit->kind == OX_EDIT_ATTRIBUTE)
    ox_session_reset_attributes (session, edit->node);
  for (guint i = 0; i < self->edits->len; i++)
    {
      const OxEdit *other = g_ptr_array_index (self->edits, i);

      if (is_same_value (edit, other) || (is_pass (edit) && is_pass (other) && edit->node == other->node))
        last = other;
      /* They were tried when they were made; when the one before is gone there may be nothing left to take away. */
      if (edit->kind == OX_EDIT_ATTRIBUTE && other->kind == OX_EDIT_ATTRIBUTE && edit->node == other->node)
        ox_session_set_attribute (session, edit->node, other->name, other->attribute, NULL);
    }
  if (edit->kind == OX_EDIT_VALUE)
    ox_session_pin (session, edit->frame_id, edit->graph, edit->slot, last != NULL ? last->value : NULL);
  else if (is_pass (edit) && last != NULL)
    ox_session_pass (session, edit->node, last->kind == OX_EDIT_MUTE ? OX_PASS_ZEROS : OX_PASS_IDENTITY, last->input,
                     last->observed);
  else if (is_pass (edit))
    ox_session_pass (session, edit->node, OX_PASS_NONE, -1, NULL);
}

void
ox_debugger_apply_edits (OxDebugger *self, OxSession *session)
{
  for (guint i = 0; i < self->edits->len; i++)
    apply (self, session, g_ptr_array_index (self->edits, i));
}

/* The list was changed by @edit, which came or went. */
static void
changed (OxDebugger *self, const OxEdit *edit)
{
  apply (self, self->session, edit);
  self->stale = MIN (self->stale, turn_of (self, edit));
  ox_trace_cut (self->trace);
  /* What no node makes is put into the main frame when that is opened. */
  if (edit->node == NULL && ox_session_turns (self->session) == 0)
    ox_session_restart (self->session);
  g_signal_emit_by_name (self, "edits");
}

static void
add (OxDebugger *self, OxEdit *edit)
{
  g_ptr_array_set_size (self->undone, 0);
  g_ptr_array_add (self->edits, edit);
  changed (self, edit);
}

/* ---- values --------------------------------------------------------------------------------------------------- */

void
ox_debugger_edit (OxDebugger *self, OxGraph *graph, int slot, OxValue *value, const char *what)
{
  const OxSlot *info = ox_graph_slot (graph, slot);
  OxFrame *frame = ox_debugger_frame_of (self, graph);
  OxEdit *edit;

  g_return_if_fail (!self->running && info != NULL);
  edit = g_new0 (OxEdit, 1);
  edit->kind = OX_EDIT_VALUE;
  edit->graph = graph;
  edit->slot = slot;
  edit->node = info->producer;
  edit->value = ox_value_ref (value);
  edit->what = g_strdup (what);
  /* A weight is the same in every frame. */
  edit->frame_id = info->producer != NULL && frame != NULL ? frame->id : OX_ANY_FRAME;
  add (self, edit);
}

/* @value in the type of @found. (transfer full) */
static OxValue *
as_found (OxValue *value, const OxValue *found, GError **error)
{
  OxTensor *tensor = ox_value_get_tensor (value), *other = ox_value_get_tensor (found);
  OxTensor *converted;

  if ((tensor == NULL) != (other == NULL) || (tensor != NULL && !ox_tensor_same_shape (tensor, other)))
    {
      g_autofree char *expected = ox_value_describe (found), *has = ox_value_describe (value);

      ox_fail (error, OX_ERROR_SHAPE, "expected %s in the reference, found %s", expected, has);
      return NULL;
    }
  if (tensor == NULL || tensor->dtype == other->dtype)
    return ox_value_ref (value);
  converted = ox_tensor_convert (tensor, other->dtype, error);
  return converted != NULL ? ox_value_new_tensor (converted) : NULL;
}

OxValue *
ox_debugger_reference_value (OxDebugger *self, OxGraph *graph, int slot, GCancellable *cancellable, GError **error)
{
  const OxSlot *info = ox_graph_slot (graph, slot);
  OxFrame *frame = ox_debugger_frame_of (self, graph);
  g_autoptr (OxValue) found = NULL, value = NULL;
  GError *failure = NULL;

  if (self->reference == NULL)
    ox_fail (error, OX_ERROR_VALUE, "there is no reference");
  else if (info->producer == NULL)
    ox_fail (error, OX_ERROR_VALUE, "'%s' is not made by a node, and so not in the reference", info->name);
  else if ((found = ox_debugger_find_value (self, graph, slot, cancellable, &failure)) == NULL || frame == NULL)
    {
      if (failure != NULL)
        g_propagate_error (error, failure);
      else
        ox_fail (error, OX_ERROR_VALUE, "'%s' is not computed yet", info->name);
    }
  else
    {
      ox_reference_set_cancellable (self->reference, cancellable);
      value = ox_reference_get (self->reference, frame, info->producer, (guint) info->output, found, &failure);
      ox_reference_set_cancellable (self->reference, NULL);
      if (failure != NULL)
        g_propagate_error (error, failure);
      else if (value == NULL)
        ox_fail (error, OX_ERROR_VALUE, "the reference has no '%s'", info->name);
    }
  return value != NULL ? as_found (value, found, error) : NULL;
}

/* ---- nodes ---------------------------------------------------------------------------------------------------- */

static OxEdit *
edit_of_node (OxEditKind kind, OxNode *node, const char *what)
{
  OxEdit *edit = g_new0 (OxEdit, 1);

  edit->kind = kind;
  edit->graph = node->graph;
  edit->frame_id = OX_ANY_FRAME;
  edit->slot = -1;
  edit->node = node;
  edit->input = -1;
  edit->what = g_strdup (what);
  return edit;
}

gboolean
ox_debugger_edit_attribute (OxDebugger *self, OxNode *node, const char *name, const OxAttribute *attribute, const char *what,
                            GError **error)
{
  OxEdit *edit;

  g_return_val_if_fail (!self->running, FALSE);
  if (!ox_session_set_attribute (self->session, node, name, attribute, error))
    return FALSE;
  edit = edit_of_node (OX_EDIT_ATTRIBUTE, node, what);
  edit->name = g_strdup (name);
  edit->attribute = attribute != NULL ? ox_attribute_copy (attribute) : NULL;
  add (self, edit);
  return TRUE;
}

static void
clear_type (gpointer type)
{
  if (type != NULL)
    ox_type_unref (type);
}

/* What the outputs are now, where that is at hand. */
static GPtrArray *
observe (OxDebugger *self, const OxNode *node)
{
  GPtrArray *types = g_ptr_array_new_with_free_func (clear_type);

  for (guint o = 0; o < node->output_names->len; o++)
    {
      g_autoptr (OxValue) value = node->outputs[o] >= 0 ? ox_debugger_peek_value (self, node->graph, node->outputs[o]) : NULL;

      g_ptr_array_add (types, value != NULL ? ox_type_of_value (value) : NULL);
    }
  return types;
}

static gboolean
inputs_are_there (OxFrame *frame, const OxNode *node)
{
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxSlot *slot = ox_node_input_slot (node, (int) i);

      if (slot != NULL && slot->initializer == NULL && ox_frame_value (frame, node->inputs[i]) == NULL)
        return FALSE;
    }
  return TRUE;
}

/* Whether those of this graph that read output @o would take @value. */
static gboolean
readers_accept (OxDebugger *self, OxFrame *frame, const OxNode *node, guint o, OxValue *value, GError **error)
{
  const OxSlot *slot = ox_node_output_slot (node, (int) o);

  for (guint u = 0; slot->uses != NULL && u < slot->uses->len; u++)
    {
      const OxNode *reader = g_array_index (slot->uses, OxUse, u).node;
      g_autofree OxValue **inputs = g_new0 (OxValue *, reader->input_names->len + 1);
      g_autofree char *title = NULL;

      if (reader->graph != node->graph)
        continue;
      for (guint i = 0; i < reader->input_names->len; i++)
        if (reader->inputs[i].up == 0 && reader->inputs[i].slot == node->outputs[o])
          inputs[i] = value;
      if (ox_session_accepts (self->session, frame, reader, inputs, error))
        continue;
      title = ox_node_title (reader);
      ox_error_prefix (error, "'%s' would not take it", title);
      return FALSE;
    }
  return TRUE;
}

/* Tries as much as can be tried now. */
static gboolean
can_pass (OxDebugger *self, const OxEdit *edit, GError **error)
{
  OxFrame *frame = ox_debugger_frame_of (self, edit->graph);
  g_autoptr (GPtrArray) values = NULL;

  if (frame == NULL || !inputs_are_there (frame, edit->node))
    return TRUE;
  values = ox_session_pass_try (self->session, frame, edit->node,
                                edit->kind == OX_EDIT_MUTE ? OX_PASS_ZEROS : OX_PASS_IDENTITY, edit->input, edit->observed,
                                error);
  if (values == NULL)
    return FALSE;
  for (guint o = 0; edit->kind == OX_EDIT_IDENTITY && o < values->len; o++)
    if (g_ptr_array_index (values, o) != NULL
        && !readers_accept (self, frame, edit->node, o, g_ptr_array_index (values, o), error))
      return FALSE;
  return TRUE;
}

gboolean
ox_debugger_pass_over (OxDebugger *self, OxNode *node, OxEditKind how, int input, const char *what, GError **error)
{
  OxEdit *edit;

  g_return_val_if_fail (!self->running && (how == OX_EDIT_MUTE || how == OX_EDIT_IDENTITY), FALSE);
  if (input >= (int) node->input_names->len)
    return ox_fail (error, OX_ERROR_VALUE, "expected an input of the %u that the node has, found number %d",
                    node->input_names->len, input);
  edit = edit_of_node (how, node, what);
  edit->input = input;
  edit->observed = observe (self, node);
  if (!can_pass (self, edit, error))
    {
      ox_edit_free (edit);
      return FALSE;
    }
  add (self, edit);
  return TRUE;
}

/* ---- the list ------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxEdit *edit;
  guint   place;
} Undone;

void
ox_debugger_undone_free (gpointer data)
{
  Undone *undone = data;

  g_clear_pointer (&undone->edit, ox_edit_free);
  g_free (undone);
}

guint
ox_debugger_n_edits (OxDebugger *self)
{
  return self->edits->len;
}

const OxEdit *
ox_debugger_get_edit (OxDebugger *self, guint i)
{
  return i < self->edits->len ? g_ptr_array_index (self->edits, i) : NULL;
}

void
ox_debugger_drop_edit (OxDebugger *self, guint i)
{
  Undone *undone;

  g_return_if_fail (!self->running && i < self->edits->len);
  undone = g_new0 (Undone, 1);
  undone->edit = g_ptr_array_steal_index (self->edits, i);
  undone->place = i;
  g_ptr_array_add (self->undone, undone);
  changed (self, undone->edit);
}

gboolean
ox_debugger_redo_edit (OxDebugger *self)
{
  Undone *undone;
  OxEdit *edit;

  g_return_val_if_fail (!self->running, FALSE);
  if (self->undone->len == 0)
    return FALSE;
  undone = g_ptr_array_index (self->undone, self->undone->len - 1);
  edit = g_steal_pointer (&undone->edit);
  g_ptr_array_insert (self->edits, (int) MIN (undone->place, self->edits->len), edit);
  g_ptr_array_set_size (self->undone, (int) self->undone->len - 1);
  changed (self, edit);
  return TRUE;
}

guint
ox_debugger_n_redos (OxDebugger *self)
{
  return self->undone->len;
}

guint64
ox_debugger_kernels (OxDebugger *self)
{
  return ox_session_kernels (self->session);
}

gboolean
ox_debugger_is_edited (OxDebugger *self, const OxNode *node)
{
  for (guint i = 0; i < self->edits->len; i++)
    if (ox_debugger_get_edit (self, i)->node == node)
      return TRUE;
  return FALSE;
}

gboolean
ox_debugger_is_edited_value (OxDebugger *self, const OxGraph *graph, int slot)
{
  for (guint i = 0; i < self->edits->len; i++)
    {
      const OxEdit *edit = ox_debugger_get_edit (self, i);

      if (edit->kind == OX_EDIT_VALUE && edit->graph == graph && edit->slot == slot)
        return TRUE;
    }
  return FALSE;
}
