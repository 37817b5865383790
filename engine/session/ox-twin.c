/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-session-private.h"

static OxSession *
copy (OxSession *other, gboolean keep_all, gboolean expand, gboolean changes)
{
  OxSessionOptions options = { .keep_all = keep_all, .seed = other->seed, .expand = expand };
  OxSession *self = ox_session_new (other->model, &options);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, other->inputs);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_hash_table_insert (self->inputs, g_strdup (name), ox_value_ref (value));
  if (changes)
    {
      ox_pin_copy (self, other);
      ox_pass_copy (self, other);
      ox_shadow_copy (self, other);
    }
  /* What no node makes is put into the main frame when that is opened. */
  ox_session_restart (self);
  return self;
}

OxSession *
ox_session_new_twin (OxSession *other, gboolean keep_all)
{
  return copy (other, keep_all, other->expand, TRUE);
}

OxSession *
ox_session_new_other (OxSession *other, gboolean expand)
{
  return copy (other, FALSE, expand, TRUE);
}

OxSession *
ox_session_new_plain (OxSession *other)
{
  return copy (other, FALSE, other->expand, FALSE);
}

OxValue *
ox_session_get_input (OxSession *self, const char *name)
{
  OxValue *pinned = self->main != NULL ? ox_pinned (self, self->main, ox_graph_find (self->model->graph, name)) : NULL;

  return pinned != NULL ? pinned : g_hash_table_lookup (self->inputs, name);
}

void
ox_session_replace (OxSession *self, OxFrame *frame, int slot, OxValue *value)
{
  g_return_if_fail (!self->keep_all && slot >= 0);

  if (frame->values[slot] == NULL)
    return;
  ox_value_unref (frame->values[slot]);
  frame->values[slot] = ox_value_ref (value);
}
