/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-iteration-rows.h"

#include <math.h>

#include "tensor/ox-format.h"
#include "ui/ox-label.h"
#include "ui/ox-words.h"

#define NAMES_WIDTH 190

struct _OxIterationRows
{
  GtkBox parent_instance;

  GtkBox             *plots;
  GtkWidget          *axis;
  const OxIterations *iterations;   /* borrowed; or NULL */
  gint64              end, current;
  OxIterationMode     mode;
};

G_DEFINE_FINAL_TYPE (OxIterationRows, ox_iteration_rows, GTK_TYPE_BOX)

enum
{
  CHOSEN,
  NAMED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
ox_iteration_rows_class_init (OxIterationRowsClass *klass)
{
  signals[CHOSEN] = g_signal_new ("chosen", OX_TYPE_ITERATION_ROWS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_POINTER);
  signals[NAMED] = g_signal_new ("named", OX_TYPE_ITERATION_ROWS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
chosen_cb (OxIterationPlot *plot, gpointer row, OxIterationRows *self)
{
  g_signal_emit (self, signals[CHOSEN], 0, row);
}

static void
named_cb (GtkWidget *button, OxIterationRows *self)
{
  g_signal_emit (self, signals[NAMED], 0, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "slot")));
}

static gint64
end_of (const OxIterations *iterations)
{
  gint64 end = MAX (iterations->iterations - 1, 0);

  for (guint i = 0; i < iterations->series->len; i++)
    {
      const GArray *rows = ((const OxIterationSeries *) g_ptr_array_index (iterations->series, i))->rows;

      if (rows->len > 0)
        end = MAX (end, g_array_index (rows, OxIteration, rows->len - 1).iteration);
    }
  return end;
}

/* What is carried is known by the name it has in the body. */
static GtkWidget *
make_row (OxIterationRows *self, const OxIterationSeries *series, OxGraph *body)
{
  const OxSlot *slot = ox_graph_slot (body, series->slot);
  const OxSlot *after = series->after >= 0 ? ox_graph_slot (body, series->after) : NULL;
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *button = gtk_button_new (), *plot = ox_iteration_plot_new ();
  GtkWidget *title = ox_label_new_line (slot->name, NULL, PANGO_ELLIPSIZE_MIDDLE);
  GtkWidget *number = ox_label_new_line ("", "caption", PANGO_ELLIPSIZE_END);
  g_autofree char *name = ox_words_valid (slot->name), *next = after != NULL ? ox_words_valid (after->name) : NULL, *tip = NULL;

  tip = next != NULL ? g_strdup_printf ("%s: each iteration makes %s of it for the next", name, next)
        : slot->producer == NULL ? g_strdup_printf ("%s: what each iteration is given", name)
                                 : g_strdup_printf ("%s: what each iteration makes", name);
  /* A long name must not make the column wider. */
  gtk_label_set_max_width_chars (GTK_LABEL (title), 1);
  gtk_label_set_max_width_chars (GTK_LABEL (number), 1);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_set_tooltip_text (title, NULL);
  gtk_widget_add_css_class (number, "numeric");
  gtk_widget_add_css_class (number, "dim-label");
  gtk_box_append (GTK_BOX (lines), title);
  gtk_box_append (GTK_BOX (lines), number);
  gtk_button_set_child (GTK_BUTTON (button), lines);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "ox-iteration-name");
  gtk_widget_set_size_request (button, NAMES_WIDTH, -1);
  gtk_widget_set_hexpand (button, FALSE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, tip);
  g_object_set_data (G_OBJECT (button), "slot", GINT_TO_POINTER (series->slot));
  g_signal_connect (button, "clicked", G_CALLBACK (named_cb), self);
  gtk_widget_set_hexpand (plot, TRUE);
  gtk_widget_set_vexpand (plot, TRUE);
  ox_iteration_plot_set (OX_ITERATION_PLOT (plot), series->rows, self->end);
  ox_iteration_plot_set_mode (OX_ITERATION_PLOT (plot), self->mode);
  g_signal_connect (plot, "chosen", G_CALLBACK (chosen_cb), self);
  gtk_box_append (GTK_BOX (row), button);
  gtk_box_append (GTK_BOX (row), plot);
  g_object_set_data (G_OBJECT (row), "plot", plot);
  g_object_set_data (G_OBJECT (row), "number", number);
  g_object_set_data (G_OBJECT (row), "series", (gpointer) series);
  return row;
}

/* Beside the name, in few words; the plot's tooltip has all of them. */
static void
say_number (OxIterationRows *self, GtkWidget *row)
{
  static const char *const words[] = { "mean", "norm", "element" };
  const OxIterationSeries *series = g_object_get_data (G_OBJECT (row), "series");
  const OxIteration *at = self->current >= 0 ? ox_iteration_plot_find (series->rows, self->current) : NULL;
  g_autofree char *text = NULL, *number = NULL;

  if (at != NULL)
    {
      number = ox_format_double (ox_iteration_number (at, self->mode), 4);
      text = at->bad > 0 && at->bad == at->count ? g_strdup ("NaN or infinite")
             : at->count == 1                    ? g_strdup (number)
                                : g_strdup_printf ("%s %s%s", words[self->mode], number, at->bad > 0 ? ", some NaN or Inf" : "");
    }
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "number"),
                      text != NULL ? text : series->rows->len == 0 ? "no tensor of numbers" : "");
}

void
ox_iteration_rows_mark (OxIterationRows *self, gint64 iteration)
{
  self->current = iteration;
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->plots)); row != NULL; row = gtk_widget_get_next_sibling (row))
    {
      ox_iteration_plot_set_current (g_object_get_data (G_OBJECT (row), "plot"), iteration);
      say_number (self, row);
    }
  gtk_widget_queue_draw (self->axis);
}

void
ox_iteration_rows_set (OxIterationRows *self, const OxIterations *iterations, OxGraph *body)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->plots))) != NULL)
    gtk_box_remove (self->plots, row);
  self->iterations = iterations;
  self->current = -1;
  if (iterations == NULL)
    return;
  self->end = end_of (iterations);
  for (guint i = 0; i < iterations->series->len; i++)
    gtk_box_append (self->plots, make_row (self, g_ptr_array_index (iterations->series, i), body));
  ox_iteration_rows_mark (self, -1);
}

void
ox_iteration_rows_set_mode (OxIterationRows *self, OxIterationMode mode)
{
  self->mode = mode;
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->plots)); row != NULL; row = gtk_widget_get_next_sibling (row))
    {
      ox_iteration_plot_set_mode (g_object_get_data (G_OBJECT (row), "plot"), mode);
      say_number (self, row);
    }
}

/* The numbers of the first and last iteration, and of the one where the run is. */
static void
draw_axis (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  OxIterationRows *self = data;
  double left = NAMES_WIDTH + OX_ITERATION_LEFT, right = width - OX_ITERATION_RIGHT, taken = -1;
  gint64 marks[] = { self->current, 0, self->end };
  GdkRGBA color;

  if (self->iterations == NULL || right <= left)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &color);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      g_autofree char *text = marks[i] == self->iterations->iterations ? g_strdup ("end")
                                                                       : g_strdup_printf ("%" G_GINT64_FORMAT, marks[i]);
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (area), text);
      double x = left + (right - left) * (self->end > 0 ? (double) marks[i] / (double) self->end : 0.5);
      int w, h;

      pango_layout_get_pixel_size (layout, &w, &h);
      /* The current one comes first; the others only where there is room. */
      if (marks[i] < 0 || (taken >= 0 && fabs (x - taken) < w + 16))
        continue;
      if (i == 0 || self->end == 0)
        taken = x;
      color.alpha = i == 0 ? 1 : 0.6F;
      gdk_cairo_set_source_rgba (cr, &color);
      cairo_move_to (cr, CLAMP (x - w / 2.0, 0, width - w - 2), (height - h) / 2.0);
      pango_cairo_show_layout (cr, layout);
    }
}

static void
ox_iteration_rows_init (OxIterationRows *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->current = -1;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->plots = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->plots));
  gtk_widget_set_vexpand (scroller, TRUE);
  self->axis = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->axis), 20);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->axis), draw_axis, self, NULL);
  gtk_widget_add_css_class (self->axis, "caption");
  gtk_box_append (GTK_BOX (self), scroller);
  gtk_box_append (GTK_BOX (self), self->axis);
}

GtkWidget *
ox_iteration_rows_new (void)
{
  return g_object_new (OX_TYPE_ITERATION_ROWS, NULL);
}
