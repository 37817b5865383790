/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-overview.h"

#include <adwaita.h>

#define MAX_WIDTH  150.0
#define MAX_HEIGHT 190.0
#define PADDING    6.0

struct _OxOverview
{
  GtkWidget parent_instance;

  OxGraphView     *view;
  OxScene         *scene;     /* what @map was painted of */
  gboolean         dark;
  cairo_surface_t *map;
  double           scale;     /* pixels a point */
};

G_DEFINE_FINAL_TYPE (OxOverview, ox_overview, GTK_TYPE_WIDGET)

static void
forget_map (OxOverview *self)
{
  g_clear_pointer (&self->map, cairo_surface_destroy);
  g_clear_pointer (&self->scene, ox_scene_unref);
}

static void
ox_overview_dispose (GObject *object)
{
  OxOverview *self = OX_OVERVIEW (object);

  forget_map (self);
  g_clear_object (&self->view);
  G_OBJECT_CLASS (ox_overview_parent_class)->dispose (object);
}

/* Long thin graphs are pressed: the map is to be seen, not to be measured. */
static void
paint_map (OxOverview *self, OxScene *scene, int width, int height)
{
  OxPainter *painter = ox_painter_new ();
  OxSceneView look = OX_SCENE_VIEW_INIT;
  cairo_t *cr;

  forget_map (self);
  self->scene = ox_scene_ref (scene);
  self->map = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  look.dark = self->dark;
  look.scale = self->scale;
  look.area = (OxRect){ 0, 0, scene->layout->width, scene->layout->height };
  cr = cairo_create (self->map);
  cairo_translate (cr, PADDING, PADDING);
  cairo_scale (cr, (width - 2 * PADDING) / MAX (scene->layout->width, 1), (height - 2 * PADDING) / MAX (scene->layout->height, 1));
  ox_painter_draw (painter, scene, cr, &look);
  cairo_destroy (cr);
  ox_painter_free (painter);
}

static void
ox_overview_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OxOverview *self = OX_OVERVIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  OxScene *scene = ox_graph_view_get_scene (self->view);
  const OxPalette *palette = ox_palette (dark);
  OxRect seen;
  double x, y;
  cairo_t *cr;

  if (scene == NULL || width <= 2 * PADDING || height <= 2 * PADDING)
    return;
  self->scale = MIN ((width - 2 * PADDING) / MAX (scene->layout->width, 1), (height - 2 * PADDING) / MAX (scene->layout->height, 1));
  if (self->scene != scene || self->dark != dark || self->map == NULL || cairo_image_surface_get_width (self->map) != width
      || cairo_image_surface_get_height (self->map) != height)
    {
      self->dark = dark;
      paint_map (self, scene, width, height);
    }
  seen = ox_graph_view_get_area (self->view);
  x = (width - 2 * PADDING) / MAX (scene->layout->width, 1);
  y = (height - 2 * PADDING) / MAX (scene->layout->height, 1);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  ox_color_set_source (cr, palette->background, 0.92);
  cairo_paint (cr);
  cairo_set_source_surface (cr, self->map, 0, 0);
  cairo_paint (cr);
  cairo_rectangle (cr, PADDING + seen.x * x, PADDING + seen.y * y, MAX (seen.w * x, 4), MAX (seen.h * y, 4));
  ox_color_set_source (cr, palette->accent, 0.15);
  cairo_fill_preserve (cr);
  ox_color_set_source (cr, palette->accent, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  ox_color_set_source (cr, palette->line, 0.6);
  cairo_set_line_width (cr, 1);
  cairo_rectangle (cr, 0.5, 0.5, width - 1, height - 1);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
ox_overview_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                     int *natural_baseline)
{
  OxScene *scene = ox_graph_view_get_scene (OX_OVERVIEW (widget)->view);
  double w = scene != NULL ? MAX (scene->layout->width, 1) : 1, h = scene != NULL ? MAX (scene->layout->height, 1) : 1;
  double scale = MIN (MAX_WIDTH / w, MAX_HEIGHT / h), size;

  size = orientation == GTK_ORIENTATION_HORIZONTAL ? CLAMP (w * scale, 60, MAX_WIDTH) : CLAMP (h * scale, 60, MAX_HEIGHT);
  *minimum = *natural = (int) size;
}

static void
follow (OxOverview *self)
{
  OxScene *scene = ox_graph_view_get_scene (self->view);
  OxRect seen = ox_graph_view_get_area (self->view);
  gboolean all = scene == NULL || (seen.w >= scene->layout->width && seen.h >= scene->layout->height);

  gtk_widget_set_opacity (GTK_WIDGET (self), all ? 0 : 1);
  gtk_widget_set_can_target (GTK_WIDGET (self), !all);
  if (scene != self->scene)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
go (OxOverview *self, double px, double py)
{
  OxScene *scene = ox_graph_view_get_scene (self->view);
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));

  if (scene != NULL)
    ox_graph_view_center (self->view, (px - PADDING) * scene->layout->width / (width - 2 * PADDING),
                          (py - PADDING) * scene->layout->height / (height - 2 * PADDING));
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, OxOverview *self)
{
  go (self, x, y);
}

static void
drag_update_cb (GtkGestureDrag *drag, double dx, double dy, OxOverview *self)
{
  double x, y;

  if (gtk_gesture_drag_get_start_point (drag, &x, &y))
    go (self, x + dx, y + dy);
}

static void
ox_overview_class_init (OxOverviewClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = ox_overview_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = ox_overview_measure;
  G_OBJECT_CLASS (klass)->dispose = ox_overview_dispose;
}

static void
ox_overview_init (OxOverview *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "pointer");
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

GtkWidget *
ox_overview_new (OxGraphView *view)
{
  OxOverview *self = g_object_new (OX_TYPE_OVERVIEW, NULL);

  self->view = g_object_ref (view);
  g_signal_connect_object (view, "moved", G_CALLBACK (follow), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
