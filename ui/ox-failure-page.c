/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-failure-page.h"

/* Of a longer chain its first steps and its last are shown; the graph shows all. */
#define MOST_CHAINS 6
#define MOST_STEPS 12

static void
add_step (OxSheet *sheet, const OxDescent *step, gboolean first)
{
  g_autofree char *text = ox_descent_describe (step);

  ox_sheet_step (sheet, text, first, step->node, step->graph, step->slot);
}

static void
add_chain (OxSheet *sheet, const GPtrArray *chain)
{
  ox_sheet_section (sheet, NULL);
  for (guint i = 0; i < chain->len; i++)
    {
      if (chain->len > MOST_STEPS && i == MOST_STEPS - 2)
        {
          g_autofree char *text = g_strdup_printf ("… %u more", chain->len - MOST_STEPS + 1);

          ox_sheet_text (sheet, text, "dim-label");
          i = chain->len - 1;
        }
      add_step (sheet, g_ptr_array_index (chain, i), i == 0);
    }
}

void
ox_failure_page_fill (OxSheet *sheet, const OxFailure *failure, const GError *error)
{
  static const char *const words[] = { "Change Input", "Supply Outputs…", "Skip", "Mute" };
  static const char *const tips[] = { "Goes to the input that does not fit: the pencil there changes it",
                                      "The node does not run: its outputs are read from files",
                                      "The node does not run: its outputs are inputs of the same type and shape, else zeros",
                                      "The node does not run: its outputs are zeros" };
  static const char *const actions[] = { "edit.input", "edit.supply", "edit.skip", "edit.mute" };

  ox_sheet_section (sheet, "This node failed");
  ox_sheet_text (sheet, failure != NULL ? failure->rule : error->message, "error");
  if (failure == NULL)
    return;
  ox_sheet_buttons (sheet, G_N_ELEMENTS (words), words, tips, actions);
  if (failure->chains->len == 0)
    return;
  ox_sheet_heading (sheet, "Where its numbers come from");
  for (guint i = 0; i < failure->chains->len && i < MOST_CHAINS; i++)
    add_chain (sheet, g_ptr_array_index (failure->chains, i));
  if (failure->chains->len > MOST_CHAINS)
    {
      g_autofree char *text = g_strdup_printf ("and %u more numbers", failure->chains->len - MOST_CHAINS);

      ox_sheet_text (sheet, text, "dim-label");
    }
}

void
ox_failure_page_trace (OxSheet *sheet, const OxFailure *failure, const OxNode *node)
{
  gboolean there = FALSE;

  for (guint c = 0; c < failure->chains->len; c++)
    {
      const GPtrArray *chain = g_ptr_array_index (failure->chains, c);

      for (guint i = 0; i < chain->len; i++)
        {
          const OxDescent *step = g_ptr_array_index (chain, i);

          if (step->node != node)
            continue;
          if (!there)
            ox_sheet_section (sheet, "On the way to a failure");
          there = TRUE;
          add_step (sheet, step, FALSE);
        }
    }
  if (there)
    ox_sheet_node (sheet, failure->node);
}

static void
add_with_owners (GHashTable *nodes, const OxNode *node)
{
  for (; node != NULL; node = node->graph->owner)
    g_hash_table_add (nodes, (gpointer) node);
}

GHashTable *
ox_failure_page_nodes (const OxFailure *failure)
{
  GHashTable *nodes;

  if (failure->chains->len == 0)
    return NULL;
  nodes = g_hash_table_new (NULL, NULL);
  add_with_owners (nodes, failure->node);
  for (guint c = 0; c < failure->chains->len; c++)
    {
      const GPtrArray *chain = g_ptr_array_index (failure->chains, c);

      for (guint i = 0; i < chain->len; i++)
        add_with_owners (nodes, ((const OxDescent *) g_ptr_array_index (chain, i))->node);
    }
  return nodes;
}
