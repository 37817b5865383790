/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-histogram-view.h"

#include <math.h>

#include "tensor/ox-format.h"

#define BARS_HEIGHT 64
#define TEXT_HEIGHT 18

struct _OxHistogramView
{
  GtkWidget parent_instance;
  OxHistogram histogram;
  gboolean has;
};

G_DEFINE_FINAL_TYPE (OxHistogramView, ox_histogram_view, GTK_TYPE_WIDGET)

static void
append_label (OxHistogramView *self, GtkSnapshot *snapshot, double value, double at, double align, const GdkRGBA *color)
{
  g_autofree char *text = ox_format_double (value, 4);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (at - align * width), BARS_HEIGHT + 2));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static void
ox_histogram_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OxHistogramView *self = OX_HISTOGRAM_VIEW (widget);
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  int width = gtk_widget_get_width (widget);
  double step = (double) width / OX_HISTOGRAM_BINS, most = 0, zero;
  GdkRGBA fg, dim, bar;

  if (!self->has)
    return;
  gtk_style_context_get_color (context, &fg);
  if (!gtk_style_context_lookup_color (context, "accent_color", &bar))
    bar = fg;
  dim = fg;
  dim.alpha *= 0.65f;
  for (int i = 0; i < OX_HISTOGRAM_BINS; i++)
    most = MAX (most, sqrt ((double) self->histogram.bins[i]));
  for (int i = 0; i < OX_HISTOGRAM_BINS && most > 0; i++)
    if (self->histogram.bins[i] > 0)
      {
        double height = MAX (sqrt ((double) self->histogram.bins[i]) / most * BARS_HEIGHT, 1);

        gtk_snapshot_append_color (snapshot, &bar,
                                   &GRAPHENE_RECT_INIT ((float) (i * step), (float) (BARS_HEIGHT - height),
                                                        (float) MAX (step - 1, 1), (float) height));
      }
  dim.alpha *= 0.4f;
  gtk_snapshot_append_color (snapshot, &dim, &GRAPHENE_RECT_INIT (0, BARS_HEIGHT, width, 1));
  dim.alpha /= 0.4f;
  if (self->histogram.low == self->histogram.high)
    {
      append_label (self, snapshot, self->histogram.low, 0, 0, &dim);
      return;
    }
  append_label (self, snapshot, self->histogram.low, 0, 0, &dim);
  append_label (self, snapshot, self->histogram.high, width, 1, &dim);
  zero = -self->histogram.low / (self->histogram.high - self->histogram.low) * width;
  if (zero > width * 0.3 && zero < width * 0.7)
    append_label (self, snapshot, 0, zero, 0.5, &dim);
  if (zero > 0 && zero < width)
    gtk_snapshot_append_color (snapshot, &dim, &GRAPHENE_RECT_INIT ((float) zero, 0, 1, BARS_HEIGHT));
}

static void
ox_histogram_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                           int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : BARS_HEIGHT + TEXT_HEIGHT + 4;
}

static gboolean
tooltip_cb (OxHistogramView *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer unused)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int bin = width > 0 ? CLAMP (x * OX_HISTOGRAM_BINS / width, 0, OX_HISTOGRAM_BINS - 1) : 0;
  double step = (self->histogram.high - self->histogram.low) / OX_HISTOGRAM_BINS;
  g_autofree char *low = NULL, *high = NULL, *text = NULL;

  if (keyboard || !self->has)
    return FALSE;
  low = ox_format_double (self->histogram.low + bin * step, 4);
  high = ox_format_double (self->histogram.low + (bin + 1) * step, 4);
  text = g_strdup_printf ("%s … %s\n%" G_GINT64_FORMAT " elements", low, high, self->histogram.bins[bin]);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
ox_histogram_view_class_init (OxHistogramViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = ox_histogram_view_snapshot;
  widget_class->measure = ox_histogram_view_measure;
  gtk_widget_class_set_css_name (widget_class, "histogram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ox_histogram_view_init (OxHistogramView *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self), "caption");
  g_signal_connect (self, "query-tooltip", G_CALLBACK (tooltip_cb), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, "Histogram", -1);
}

GtkWidget *
ox_histogram_view_new (void)
{
  return g_object_new (OX_TYPE_HISTOGRAM_VIEW, NULL);
}

void
ox_histogram_view_set (OxHistogramView *self, const OxHistogram *histogram)
{
  self->has = histogram != NULL;
  if (histogram != NULL)
    self->histogram = *histogram;
  gtk_widget_set_visible (GTK_WIDGET (self), self->has);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
