/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-session-private.h"

/* Values that somebody put in the place of what would be there. */

typedef struct
{
  guint64  frame_id;
  OxValue *value;
} Pin;

static void
clear_pin (gpointer data)
{
  ox_value_unref (((Pin *) data)->value);
}

static GHashTable *
new_table (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
}

static GArray *
new_list (void)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (Pin));

  g_array_set_clear_func (list, clear_pin);
  return list;
}

static GArray *
list_of (OxSession *self, const OxGraph *graph, int slot)
{
  return self->pins != NULL ? g_hash_table_lookup (self->pins, ox_graph_slot (graph, slot)) : NULL;
}

void
ox_session_pin (OxSession *self, guint64 frame_id, const OxGraph *graph, int slot, OxValue *value)
{
  OxSlot *key = ox_graph_slot (graph, slot);
  GArray *list;

  g_return_if_fail (key != NULL);
  ox_recall_touch (self, key->producer);
  if (self->pins == NULL)
    self->pins = new_table ();
  list = g_hash_table_lookup (self->pins, key);
  if (list == NULL)
    {
      list = new_list ();
      g_hash_table_insert (self->pins, key, list);
    }
  for (guint i = 0; i < list->len; i++)
    if (g_array_index (list, Pin, i).frame_id == frame_id)
      {
        g_array_remove_index (list, i);
        break;
      }
  if (value != NULL)
    {
      Pin added = { frame_id, ox_value_ref (value) };

      g_array_append_val (list, added);
    }
  if (list->len == 0)
    g_hash_table_remove (self->pins, key);
}

OxValue *
ox_pinned (OxSession *self, const OxFrame *frame, int slot)
{
  const GArray *list = slot >= 0 && self->pins != NULL ? list_of (self, frame->graph, slot) : NULL;
  OxValue *any = NULL;

  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const Pin *one = &g_array_index (list, Pin, i);

      if (one->frame_id == frame->id)
        return one->value;
      if (one->frame_id == OX_ANY_FRAME)
        any = one->value;
    }
  return any;
}

gboolean
ox_session_is_replaced (OxSession *self, const OxFrame *frame, const OxNode *node, int slot)
{
  return ox_pass_has (self, node) || ox_pinned (self, frame, slot) != NULL;
}

gboolean
ox_pinned_whole (OxSession *self, const OxFrame *frame, const OxNode *node)
{
  guint wanted = 0;

  for (guint i = 0; self->pins != NULL && i < node->output_names->len; i++)
    if (node->outputs[i] >= 0)
      {
        if (ox_pinned (self, frame, node->outputs[i]) == NULL)
          return FALSE;
        wanted++;
      }
  return wanted > 0;
}

void
ox_pin_copy (OxSession *self, OxSession *other)
{
  GHashTableIter iter;
  gpointer key, list;

  if (other->pins == NULL)
    return;
  if (self->pins == NULL)
    self->pins = new_table ();
  g_hash_table_iter_init (&iter, other->pins);
  while (g_hash_table_iter_next (&iter, &key, &list))
    {
      GArray *mine = new_list ();

      for (guint i = 0; i < ((GArray *) list)->len; i++)
        {
          Pin pin = g_array_index ((GArray *) list, Pin, i);

          if (self->expand != other->expand && pin.frame_id != OX_ANY_FRAME && pin.frame_id != 0)
            continue;
          ox_value_ref (pin.value);
          g_array_append_val (mine, pin);
        }
      g_hash_table_insert (self->pins, key, mine);
    }
}
