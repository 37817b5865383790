/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <cairo-pdf.h>
#include <errno.h>
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>

#include "core/ox-error.h"
#include "core/ox-memory.h"
#include "scene/ox-export-private.h"

#define TILE 4096           /* pixels; cairo's images end at 32767 */
#define BAND 512            /* rows that are in memory at a time */
#define MOST_PIXELS 2000000 /* of one side: what a PNG reader may still take */

static void
view_of (const OxExportOptions *options, OxSceneView *view)
{
  *view = (OxSceneView) OX_SCENE_VIEW_INIT;
  view->dark = options->dark;
  view->state = options->state;
  view->errors = options->errors;
  view->data = options->data;
}

gboolean
ox_export_pdf (OxScene *scene, const char *path, const OxExportOptions *options, GCancellable *cancellable, GError **error)
{
  double width = scene->layout->width + 2 * OX_EXPORT_MARGIN, height = scene->layout->height + 2 * OX_EXPORT_MARGIN;
  cairo_surface_t *surface = cairo_pdf_surface_create (path, width, height);
  cairo_t *cr = cairo_create (surface);
  OxPainter *painter = ox_painter_new ();
  OxSceneView view;
  cairo_status_t status;

  view_of (options, &view);
  view.area = (OxRect) { -OX_EXPORT_MARGIN, -OX_EXPORT_MARGIN, width, height };
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, scene->graph->name);
  ox_color_set_source (cr, ox_palette (options->dark)->background, 1);
  cairo_paint (cr);
  cairo_translate (cr, OX_EXPORT_MARGIN, OX_EXPORT_MARGIN);
  ox_painter_draw (painter, scene, cr, &view);
  ox_painter_free (painter);
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return status == CAIRO_STATUS_SUCCESS || ox_fail (error, OX_ERROR_FILE, "%s", cairo_status_to_string (status));
}

/* ---- PNG ------------------------------------------------------------------------------------------------------ */

typedef struct
{
  png_structp png;
  png_infop   info;
  FILE       *file;
  guint8     *band;        /* RGB, width * 3 * BAND */
} Png;

static void
paint_tile (OxScene *scene, OxPainter *painter, const OxExportOptions *options, gint64 x, gint64 y, int w, int h,
            guint8 *to, gsize stride)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, w, h);
  cairo_t *cr = cairo_create (surface);
  double scale = options->scale;
  OxSceneView view;

  view_of (options, &view);
  view.scale = MAX (scale, 0.05);
  view.area = (OxRect) { (double) x / scale - OX_EXPORT_MARGIN, (double) y / scale - OX_EXPORT_MARGIN, w / scale, h / scale };
  ox_color_set_source (cr, ox_palette (options->dark)->background, 1);
  cairo_paint (cr);
  cairo_translate (cr, -(double) x, -(double) y);
  cairo_scale (cr, scale, scale);
  cairo_translate (cr, OX_EXPORT_MARGIN, OX_EXPORT_MARGIN);
  ox_painter_draw (painter, scene, cr, &view);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  for (int row = 0; row < h; row++)
    {
      const guint32 *from = (const guint32 *) (const void *) (cairo_image_surface_get_data (surface)
                                                              + row * cairo_image_surface_get_stride (surface));
      guint8 *p = to + (gsize) row * stride;

      for (int i = 0; i < w; i++, p += 3)
        {
          p[0] = (guint8) (from[i] >> 16);
          p[1] = (guint8) (from[i] >> 8);
          p[2] = (guint8) from[i];
        }
    }
  cairo_surface_destroy (surface);
}

/* libpng reports by jumping; nothing that needs freeing is made between here and there. */
static gboolean
begin_png (Png *p, guint32 width, guint32 height)
{
  if (setjmp (png_jmpbuf (p->png)) != 0)
    return FALSE;
  png_init_io (p->png, p->file);
  png_set_user_limits (p->png, MOST_PIXELS, MOST_PIXELS);
  png_set_IHDR (p->png, p->info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level (p->png, 4);
  png_write_info (p->png, p->info);
  return TRUE;
}

static gboolean
write_rows (Png *p, gsize stride, int rows)
{
  if (setjmp (png_jmpbuf (p->png)) != 0)
    return FALSE;
  for (int i = 0; i < rows; i++)
    png_write_row (p->png, p->band + (gsize) i * stride);
  return TRUE;
}

static gboolean
end_png (Png *p)
{
  if (setjmp (png_jmpbuf (p->png)) != 0)
    return FALSE;
  png_write_end (p->png, p->info);
  return TRUE;
}

gboolean
ox_export_png (OxScene *scene, const char *path, const OxExportOptions *options, GCancellable *cancellable, GError **error)
{
  double w = ceil ((scene->layout->width + 2 * OX_EXPORT_MARGIN) * options->scale);
  double h = ceil ((scene->layout->height + 2 * OX_EXPORT_MARGIN) * options->scale);
  OxPainter *painter;
  Png p = { NULL };
  gsize stride;
  gboolean ok = FALSE;

  if (!(w >= 1 && h >= 1 && w <= MOST_PIXELS && h <= MOST_PIXELS))
    return ox_fail (error, OX_ERROR_MEMORY, "%.0f x %.0f pixels are too many; %d a side are possible, choose a smaller scale", w, h,
                    MOST_PIXELS);
  stride = (gsize) w * 3;
  p.band = ox_alloc (stride * BAND, error);
  if (p.band == NULL)
    return FALSE;
  p.file = fopen (path, "wb");
  if (p.file == NULL)
    {
      ox_fail (error, OX_ERROR_FILE, "%s", g_strerror (errno));
      ox_free (p.band);
      return FALSE;
    }
  painter = ox_painter_new ();
  p.png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  p.info = p.png != NULL ? png_create_info_struct (p.png) : NULL;
  ok = p.info != NULL && begin_png (&p, (guint32) w, (guint32) h);
  for (gint64 y = 0; ok && y < (gint64) h; y += BAND)
    {
      int rows = (int) MIN (BAND, (gint64) h - y);

      for (gint64 x = 0; x < (gint64) w; x += TILE)
        paint_tile (scene, painter, options, x, y, (int) MIN (TILE, (gint64) w - x), rows, p.band + x * 3, stride);
      ok = write_rows (&p, stride, rows) && !g_cancellable_is_cancelled (cancellable);
    }
  ok = ok && end_png (&p);
  if (p.png != NULL)
    png_destroy_write_struct (&p.png, &p.info);
  ok = fclose (p.file) == 0 && ok;
  ox_painter_free (painter);
  ox_free (p.band);
  if (!ok && !g_cancellable_set_error_if_cancelled (cancellable, error))
    ox_fail (error, OX_ERROR_FILE, "it could not be written");
  return ok;
}
