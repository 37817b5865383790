/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-breakpoint-marks.h"

#include "debug/ox-breakpoint.h"
#include "debug/ox-place.h"
#include "ui/ox-breakpoint-editor.h"
#include "ui/ox-words.h"

struct _OxBreakpointMarks
{
  OxDebugger *debugger;
  GPtrArray  *all;       /* OxBreakpoint*; NULL: to be asked for again */
  GPtrArray  *places;    /* OxPlace* or NULL, of each */
  GHashTable *fitting;   /* OxNode* -> index of the first whose words fit, + 1; of the scene below */
  OxScene    *scene;     /* that was looked through; or NULL */
};

static void
place_free (gpointer place)
{
  if (place != NULL)
    ox_place_free (place);
}

OxBreakpointMarks *
ox_breakpoint_marks_new (OxDebugger *debugger)
{
  OxBreakpointMarks *self = g_new0 (OxBreakpointMarks, 1);

  self->debugger = g_object_ref (debugger);
  self->places = g_ptr_array_new_with_free_func (place_free);
  self->fitting = g_hash_table_new (NULL, NULL);
  return self;
}

void
ox_breakpoint_marks_reset (OxBreakpointMarks *self)
{
  g_clear_pointer (&self->all, g_ptr_array_unref);
  g_clear_pointer (&self->scene, ox_scene_unref);
}

void
ox_breakpoint_marks_free (OxBreakpointMarks *self)
{
  ox_breakpoint_marks_reset (self);
  g_ptr_array_unref (self->places);
  g_hash_table_unref (self->fitting);
  g_object_unref (self->debugger);
  g_free (self);
}

static void
ask (OxBreakpointMarks *self)
{
  if (self->all != NULL)
    return;
  self->all = ox_debugger_dup_breakpoints (self->debugger);
  g_ptr_array_set_size (self->places, 0);
  for (guint i = 0; i < self->all->len; i++)
    {
      const OxBreakpoint *b = g_ptr_array_index (self->all, i);

      g_ptr_array_add (self->places, b->node == NULL && b->place != NULL ? ox_place_new (b->place, NULL) : NULL);
    }
}

static void
look_through (OxBreakpointMarks *self, OxScene *scene)
{
  gboolean any = FALSE;

  if (self->scene == scene)
    return;
  g_clear_pointer (&self->scene, ox_scene_unref);
  self->scene = ox_scene_ref (scene);
  g_hash_table_remove_all (self->fitting);
  for (guint i = 0; i < self->places->len; i++)
    any = any || g_ptr_array_index (self->places, i) != NULL;
  for (guint n = 0; any && n < scene->graph->nodes->len; n++)
    for (guint i = 0; i < self->places->len; i++)
      {
        const OxPlace *place = g_ptr_array_index (self->places, i);
        OxNode *node = ox_graph_node (scene->graph, n);

        if (place == NULL || !ox_place_fits (place, node))
          continue;
        g_hash_table_insert (self->fitting, node, GUINT_TO_POINTER (i + 1));
        break;
      }
}

static void
paint_own (const OxBreakpoint *b, const OxRect *box, cairo_t *cr, double scale, gboolean dark)
{
  double size = MAX (6, 3 / scale), y = box->y + box->h / 2;

  cairo_new_path (cr);
  if (b->condition != NULL || b->log != NULL)
    {
      size *= 1.3;
      cairo_move_to (cr, box->x, y - size);
      cairo_line_to (cr, box->x + size, y);
      cairo_line_to (cr, box->x, y + size);
      cairo_line_to (cr, box->x - size, y);
      cairo_close_path (cr);
    }
  else
    cairo_arc (cr, box->x, y, size, 0, 2 * G_PI);
  ox_color_set_source (cr, b->enabled ? ox_palette (dark)->failed : ox_palette (dark)->background, 1);
  cairo_fill_preserve (cr);
  ox_color_set_source (cr, ox_palette (dark)->failed, 1);
  cairo_set_line_width (cr, MAX (1.5, 1 / scale));
  cairo_stroke (cr);
}

/* A bracket around the left edge, which leaves room for a sign of the node's own. */
static void
paint_fitting (const OxBreakpoint *b, const OxRect *box, cairo_t *cr, double scale, gboolean dark)
{
  double width = MAX (5, 3 / scale), left = box->x - width - 1, foot = MIN (width, box->w / 4);

  cairo_new_path (cr);
  cairo_move_to (cr, left + foot, box->y + 1);
  cairo_line_to (cr, left, box->y + 1);
  cairo_line_to (cr, left, box->y + box->h - 1);
  cairo_line_to (cr, left + foot, box->y + box->h - 1);
  ox_color_set_source (cr, ox_palette (dark)->failed, b->enabled ? 1 : 0.4);
  cairo_set_line_width (cr, MAX (2, 1.2 / scale));
  cairo_stroke (cr);
}

void
ox_breakpoint_marks_paint (OxBreakpointMarks *self, OxScene *scene, cairo_t *cr, double scale, gboolean dark)
{
  GHashTableIter iter;
  gpointer node, index;

  ask (self);
  look_through (self, scene);
  g_hash_table_iter_init (&iter, self->fitting);
  while (g_hash_table_iter_next (&iter, &node, &index))
    {
      int card = ox_scene_find (scene, node);

      if (card >= 0)
        paint_fitting (g_ptr_array_index (self->all, GPOINTER_TO_UINT (index) - 1), &scene->layout->boxes[card], cr, scale, dark);
    }
  for (guint i = 0; i < self->all->len; i++)
    {
      const OxBreakpoint *b = g_ptr_array_index (self->all, i);
      int card = b->node != NULL ? ox_scene_find (scene, b->node) : -1;

      if (card >= 0)
        paint_own (b, &scene->layout->boxes[card], cr, scale, dark);
    }
}

char *
ox_breakpoint_marks_tip (OxBreakpointMarks *self, const OxNode *node)
{
  g_autoptr (GString) text = g_string_new (NULL);

  ask (self);
  for (guint i = 0; i < self->all->len; i++)
    {
      const OxBreakpoint *b = g_ptr_array_index (self->all, i);
      const OxPlace *place = g_ptr_array_index (self->places, i);
      g_autofree char *words = NULL;

      if (b->node != node && (place == NULL || !ox_place_fits (place, node)))
        continue;
      words = ox_breakpoint_words (b);
      g_string_append_printf (text, "%sbreakpoint %u%s%s%s%s%s", text->len > 0 ? "\n" : "", b->id, place != NULL ? " at " : "",
                              place != NULL ? b->place : "", *words != '\0' ? ", " : "", words, b->enabled ? "" : " (disabled)");
    }
  return text->len > 0 ? ox_words_valid (text->str) : NULL;
}
