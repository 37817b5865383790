/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-debugger-private.h"

void
ox_edit_free (gpointer data)
{
  OxEdit *edit = data;

  ox_value_unref (edit->value);
  g_free (edit->what);
  g_free (edit);
}

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

/* The turn that has to be done again first: that of the value, or the first of all for what no node makes. */
static guint64
turn_of (OxDebugger *self, const OxEdit *edit)
{
  const OxNode *node = ox_graph_slot (edit->graph, edit->slot)->producer;
  guint64 first = G_MAXUINT64;

  if (node == NULL)
    return 0;
  for (guint i = ox_trace_length (self->trace); i > 0; i--)
    if (begins (ox_trace_get (self->trace, i - 1), node, edit->frame_id))
      {
        first = i - 1;
        if (edit->frame_id != OX_ANY_FRAME)
          break;
      }
  return first;
}

/* Tells the session of the last edit of this value, if there is one. */
static void
apply (OxDebugger *self, OxSession *session, const OxEdit *edit)
{
  OxValue *value = NULL;

  for (guint i = 0; i < self->edits->len; i++)
    {
      const OxEdit *other = g_ptr_array_index (self->edits, i);

      if (other->graph == edit->graph && other->slot == edit->slot && other->frame_id == edit->frame_id)
        value = other->value;
    }
  ox_session_pin (session, edit->frame_id, edit->graph, edit->slot, value);
}

void
ox_debugger_apply_edits (OxDebugger *self, OxSession *session)
{
  for (guint i = 0; i < self->edits->len; i++)
    apply (self, session, g_ptr_array_index (self->edits, i));
}

void
ox_debugger_edit (OxDebugger *self, OxGraph *graph, int slot, OxValue *value, const char *what)
{
  const OxSlot *info = ox_graph_slot (graph, slot);
  OxFrame *frame = ox_debugger_frame_of (self, graph);
  OxEdit *edit;

  g_return_if_fail (!self->running && info != NULL);
  edit = g_new0 (OxEdit, 1);
  edit->graph = graph;
  edit->slot = slot;
  edit->value = ox_value_ref (value);
  edit->what = g_strdup (what);
  /* A weight is the same in every frame. */
  edit->frame_id = info->producer != NULL && frame != NULL ? frame->id : OX_ANY_FRAME;
  g_ptr_array_add (self->edits, edit);
  apply (self, self->session, edit);
  self->stale = MIN (self->stale, turn_of (self, edit));
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
  OxEdit *edit;

  g_return_if_fail (!self->running && i < self->edits->len);
  edit = g_ptr_array_steal_index (self->edits, i);
  apply (self, self->session, edit);
  self->stale = MIN (self->stale, turn_of (self, edit));
  ox_edit_free (edit);
}
