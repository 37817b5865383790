/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-situation.h"

#include "debug/ox-edit.h"

struct _OxSituation
{
  GPtrArray *values;    /* OxValue* */
  GString   *words;
};

void
ox_situation_free (OxSituation *self)
{
  g_ptr_array_unref (self->values);
  g_string_free (self->words, TRUE);
  g_free (self);
}

static void
keep_value (OxSituation *situation, OxValue *value)
{
  g_string_append_printf (situation->words, "%p ", (void *) value);
  if (value != NULL)
    g_ptr_array_add (situation->values, ox_value_ref (value));
}

OxSituation *
ox_situation_new (OxDebugger *debugger)
{
  const OxGraph *graph = ox_debugger_get_model (debugger)->graph;
  OxSituation *now = g_new (OxSituation, 1);

  now->values = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_value_unref);
  now->words = g_string_new (NULL);
  for (guint i = 0; i < graph->inputs->len; i++)
    keep_value (now, ox_debugger_get_input (debugger, ox_graph_slot (graph, g_array_index (graph->inputs, int, i))->name));
  for (guint i = 0; i < ox_debugger_n_edits (debugger); i++)
    {
      const OxEdit *edit = ox_debugger_get_edit (debugger, i);

      g_string_append_printf (now->words, "%d %p %" G_GUINT64_FORMAT " %d %p %s ", (int) edit->kind,
                              (void *) edit->graph, edit->frame_id, edit->slot, (void *) edit->node,
                              edit->what != NULL ? edit->what : "");
      keep_value (now, edit->value);
    }
  return now;
}

gboolean
ox_situation_holds (const OxSituation *self, OxDebugger *debugger)
{
  g_autoptr (OxSituation) now = ox_situation_new (debugger);

  return g_string_equal (now->words, self->words);
}
