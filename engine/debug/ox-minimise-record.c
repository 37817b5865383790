/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "debug/ox-minimise-private.h"

typedef struct
{
  OxFrame *frame;
  int      slot;
  OxValue *value;
} Replacement;

static void
replacement_clear (gpointer data)
{
  Replacement *self = data;

  ox_frame_unref (self->frame);
  ox_value_unref (self->value);
}

typedef struct
{
  OxReference *reference;
  guint64      frame_id;
  GHashTable  *names;          /* set; NULL: all */
  GHashTable  *values, *expected;
  GArray      *replacements;
  GError      *failure;
} Recorder;

GHashTable *
ox_minimise_values_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
}

static void
keep (GHashTable *values, const char *name, OxValue *value)
{
  g_hash_table_replace (values, g_strdup (name), ox_value_ref (value));
}

static gboolean
is_wanted (const Recorder *self, const char *name)
{
  return self->names == NULL || g_hash_table_contains (self->names, name);
}

static void
tap (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Recorder *self = data;

  for (guint i = 0; i < node->output_names->len; i++)
    {
      const char *name = g_ptr_array_index (node->output_names, i);
      g_autoptr (OxValue) expected = NULL;
      gboolean fits;

      if (outputs[i] == NULL || node->outputs[i] < 0)
        continue;
      if (self->reference != NULL && self->failure == NULL)
        expected = ox_reference_get (self->reference, frame, node, i, outputs[i], &self->failure);
      fits = expected != NULL && expected->kind == outputs[i]->kind && expected->dtype == outputs[i]->dtype;
      if (fits)
        {
          const Replacement replacement = { ox_frame_ref (frame), node->outputs[i], ox_value_ref (expected) };

          g_array_append_val (self->replacements, replacement);
        }
      if (frame->id != self->frame_id)
        continue;
      if (expected != NULL)
        keep (self->expected, name, expected);
      if (is_wanted (self, name))
        keep (self->values, name, fits ? expected : outputs[i]);
    }
}

/* What nodes of the frame read and do not make: from before the node. */
static void
take (Recorder *self, OxFrame *frame)
{
  GHashTableIter iter;
  gpointer name;

  if (self->names == NULL)
    {
      for (guint i = 0; i < frame->graph->inputs->len; i++)
        {
          const int slot = g_array_index (frame->graph->inputs, int, i);
          OxValue *value = ox_frame_value (frame, (OxRef){ 0, slot });

          if (value != NULL)
            keep (self->values, ox_graph_slot (frame->graph, slot)->name, value);
        }
      return;
    }
  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      int up = 0;

      for (const OxGraph *graph = frame->graph; graph != NULL; graph = graph->outer, up++)
        {
          const int slot = ox_graph_find (graph, name);
          OxValue *value = slot >= 0 ? ox_frame_value (frame, (OxRef){ up, slot }) : NULL;

          if (value != NULL)
            keep (self->values, name, value);
          if (slot >= 0)
            break;
        }
    }
}

static void
replace (Recorder *self, OxSession *session)
{
  for (guint i = 0; i < self->replacements->len; i++)
    {
      const Replacement *r = &g_array_index (self->replacements, Replacement, i);

      ox_session_replace (session, r->frame, r->slot, r->value);
    }
  g_array_set_size (self->replacements, 0);
}

gboolean
ox_minimise_record (OxSession *session, OxReference *reference, guint64 frame_id, const GPtrArray *names, guint last,
                    GHashTable *values, GHashTable *expected, OxFrame **frame, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxSession) twin = ox_session_new_twin (session, FALSE);
  g_autoptr (GHashTable) set = names != NULL ? g_hash_table_new (g_str_hash, g_str_equal) : NULL;
  g_autoptr (GArray) replacements = g_array_new (FALSE, FALSE, sizeof (Replacement));
  Recorder self = { reference, frame_id, set, values, expected, replacements, NULL };

  g_array_set_clear_func (replacements, replacement_clear);
  for (guint i = 0; names != NULL && i < names->len; i++)
    g_hash_table_add (set, g_ptr_array_index (names, i));
  *frame = NULL;
  ox_session_set_tap (twin, tap, &self);
  while (ox_session_depth (twin) > 0 && self.failure == NULL && (*frame == NULL || (*frame)->pc <= last))
    {
      OxFrame *top = ox_session_top (twin);

      if (top->id == frame_id && *frame == NULL)
        *frame = ox_frame_ref (top);
      if (top->id == frame_id)
        take (&self, top);
      if (ox_session_turn (twin, NULL, cancellable, NULL) == OX_TURN_FAILED)
        break;
      replace (&self, twin);
    }
  if (self.failure == NULL && !g_cancellable_set_error_if_cancelled (cancellable, error) && *frame != NULL)
    return TRUE;
  g_clear_pointer (frame, ox_frame_unref);
  if (self.failure != NULL)
    g_propagate_error (error, self.failure);
  else if (error != NULL && *error == NULL)
    ox_fail (error, OX_ERROR_VALUE, "the run does not come to this node");
  return FALSE;
}
