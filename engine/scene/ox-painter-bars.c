/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "scene/ox-scene.h"

/* Between the strokes of what is hatched. */
#define HATCH 3.0

/* The whole way is faint, so that lengths can be told from it. */
void
ox_painter_bar (cairo_t *cr, gboolean dark, gboolean own, double x, double y, double w, double h, double length)
{
  const OxPalette *colors = ox_palette (dark);
  OxColor color = own ? colors->failed : colors->warning;
  double filled = w * CLAMP (length, 0, 1);

  cairo_save (cr);
  cairo_new_path (cr);
  cairo_rectangle (cr, x, y, w, h);
  ox_color_set_source (cr, colors->text, 0.12);
  cairo_fill (cr);
  if (filled > 0)
    {
      cairo_rectangle (cr, x, y, filled, h);
      ox_color_set_source (cr, color, own ? 1 : 0.3);
      cairo_fill_preserve (cr);
      if (!own)
        {
          cairo_clip (cr);
          ox_color_set_source (cr, color, 1);
          cairo_set_line_width (cr, h / 3);
          for (double at = x - h; at < x + filled + h; at += MAX (HATCH, h))
            {
              cairo_move_to (cr, at, y + h);
              cairo_line_to (cr, at + h, y);
            }
          cairo_stroke (cr);
        }
      cairo_new_path (cr);
    }
  cairo_restore (cr);
}
