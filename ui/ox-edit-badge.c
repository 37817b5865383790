/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-edit.h"
#include "ui/ox-edit-menu.h"

/* The first card that reads a value. */
static int
reader_of (const OxScene *scene, const OxSlot *slot)
{
  int card = -1;

  for (guint i = 0; slot != NULL && slot->uses != NULL && i < slot->uses->len && card < 0; i++)
    card = ox_scene_find (scene, g_array_index (slot->uses, OxUse, i).node);
  return card;
}

/* The card that an edit is about: of its node, or of the input it changes; for weights and constants, which stand in the cards
 * that read them, the first of those. -1 for none in this picture. */
static int
card_of (const OxScene *scene, const OxEdit *edit)
{
  int card = edit->node != NULL ? ox_scene_find (scene, edit->node) : -1;

  if (card >= 0)
    return card;
  if (edit->node != NULL)
    return edit->node->output_names->len == 1 ? reader_of (scene, ox_node_output_slot (edit->node, 0)) : -1;
  for (guint i = 0; edit->graph == scene->graph && i < scene->cards->len; i++)
    if (ox_scene_card (scene, (int) i)->node == NULL && ox_scene_card (scene, (int) i)->slot == edit->slot)
      return (int) i;
  return reader_of (scene, ox_graph_slot (edit->graph, edit->slot));
}

/* A pencil in a disc on the lower right corner of a card. */
static void
paint_badge (cairo_t *cr, const OxRect *box, double scale, gboolean dark)
{
  double r = MAX (8, 4 / scale), x = box->x + box->w - 2, y = box->y + box->h - 2, u = r / 8;

  cairo_new_path (cr);
  cairo_arc (cr, x, y, r, 0, 2 * G_PI);
  ox_color_set_source (cr, ox_palette (dark)->warning, 1);
  cairo_fill (cr);
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_rotate (cr, G_PI / 4);
  cairo_scale (cr, u, u);
  ox_color_set_source (cr, ox_palette (dark)->background, 1);
  cairo_rectangle (cr, -1.6, -5, 3.2, 1.6);
  cairo_rectangle (cr, -1.6, -2.8, 3.2, 4.6);
  cairo_move_to (cr, -1.6, 2.4);
  cairo_line_to (cr, 1.6, 2.4);
  cairo_line_to (cr, 0, 5.4);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_restore (cr);
}

void
ox_edit_paint_badges (OxDebugger *debugger, const OxScene *scene, cairo_t *cr, double scale, gboolean dark)
{
  g_autoptr (GHashTable) done = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < ox_debugger_n_edits (debugger); i++)
    {
      int card = card_of (scene, ox_debugger_get_edit (debugger, i));

      if (card >= 0 && g_hash_table_add (done, GINT_TO_POINTER (card + 1)))
        paint_badge (cr, &scene->layout->boxes[card], scale, dark);
    }
}
