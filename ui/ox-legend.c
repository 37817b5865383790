/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-legend.h"

#include <adwaita.h>

#include "scene/ox-scene.h"

#define BAR_WIDTH 36
#define BAR_HEIGHT 6

struct _OxLegend
{
  GtkBox parent_instance;

  OxFocus   *focus;
  GtkWidget *bars;      /* the box of both */
  GtkLabel  *own, *through;
  GtkLabel  *stale;     /* below them */
  GtkLabel  *path;
};

G_DEFINE_FINAL_TYPE (OxLegend, ox_legend, GTK_TYPE_BOX)

static void
ox_legend_dispose (GObject *object)
{
  g_clear_object (&OX_LEGEND (object)->focus);
  G_OBJECT_CLASS (ox_legend_parent_class)->dispose (object);
}

static void
ox_legend_class_init (OxLegendClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_legend_dispose;
}

static void
draw_bar (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer own)
{
  /* The legend is dark whatever the theme. */
  ox_painter_bar (cr, TRUE, GPOINTER_TO_INT (own), 0, (height - BAR_HEIGHT) / 2.0, width, BAR_HEIGHT, 0.75);
}

static GtkLabel *
attach_bar (GtkGrid *grid, int row, gboolean own)
{
  GtkWidget *bar = gtk_drawing_area_new (), *label = gtk_label_new (NULL);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (bar), BAR_WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (bar), BAR_HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (bar), draw_bar, GINT_TO_POINTER (own), NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption");
  gtk_grid_attach (grid, bar, 0, row, 1, 1);
  gtk_grid_attach (grid, label, 1, row, 1, 1);
  return GTK_LABEL (label);
}

static void
close_cb (OxLegend *self)
{
  ox_overlay_set_kind (ox_focus_get_overlay (self->focus), OX_OVERLAY_NONE);
}

static void
changed_cb (OxLegend *self)
{
  OxOverlay *overlay = ox_focus_get_overlay (self->focus);
  OxOverlayKind kind = ox_overlay_get_kind (overlay);
  OxBars *bars = ox_overlay_get_bars (overlay);
  gboolean path = kind == OX_OVERLAY_PATH && ox_overlay_has_path (overlay);

  gtk_widget_set_visible (self->bars, bars != NULL);
  if (bars != NULL)
    {
      gtk_label_set_text (self->own, ox_bars_own_text (bars));
      gtk_label_set_text (self->through, ox_bars_through_text (bars));
      gtk_widget_set_tooltip_text (self->bars, ox_bars_tip (bars));
      gtk_widget_set_visible (GTK_WIDGET (self->stale), kind == OX_OVERLAY_ERRORS && ox_overlay_get_stale (overlay));
    }
  gtk_widget_set_visible (GTK_WIDGET (self->path), path);
  gtk_label_set_text (self->path, path && ox_overlay_path_title (overlay) != NULL ? ox_overlay_path_title (overlay) : "");
  gtk_widget_set_visible (GTK_WIDGET (self), bars != NULL || path);
}

static void
ox_legend_init (OxLegend *self)
{
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  gtk_widget_add_css_class (GTK_WIDGET (self), "osd");
  gtk_widget_add_css_class (GTK_WIDGET (self), "ox-legend");
  self->bars = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->bars), 8);
  self->own = attach_bar (GTK_GRID (self->bars), 0, TRUE);
  self->through = attach_bar (GTK_GRID (self->bars), 1, FALSE);
  self->stale = GTK_LABEL (gtk_label_new ("before the last change"));
  gtk_widget_add_css_class (GTK_WIDGET (self->stale), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->stale), "ox-bad");
  gtk_grid_attach (GTK_GRID (self->bars), GTK_WIDGET (self->stale), 0, 2, 2, 1);
  self->path = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->path, PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (self->path, 40);
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "ox-small-button");
  gtk_widget_set_valign (close, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (close, "Take the Overlay Away");
  gtk_widget_set_focus_on_click (close, FALSE);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (close_cb), self);
  gtk_box_append (GTK_BOX (self), self->bars);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->path));
  gtk_box_append (GTK_BOX (self), close);
}

GtkWidget *
ox_legend_new (OxFocus *focus)
{
  OxLegend *self = g_object_new (OX_TYPE_LEGEND, NULL);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (ox_focus_get_overlay (focus), "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  changed_cb (self);
  return GTK_WIDGET (self);
}
