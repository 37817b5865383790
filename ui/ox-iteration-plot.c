/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-iteration-plot.h"

#include <adwaita.h>
#include <math.h>

#include "scene/ox-palette.h"
#include "tensor/ox-format.h"

#define HEIGHT 52
#define ABOVE 12.0        /* free for signs */
#define BELOW 5.0
/* So few are points, too. */
#define MOST_POINTS 40

struct _OxIterationPlot
{
  GtkWidget parent_instance;

  const GArray   *rows;      /* borrowed */
  gint64          end;
  gint64          current;   /* -1 */
  OxIterationMode mode;
  double          hover;     /* where the pointer is; -1 */
};

G_DEFINE_FINAL_TYPE (OxIterationPlot, ox_iteration_plot, GTK_TYPE_WIDGET)

static guint chosen;

/* ---- words ----------------------------------------------------------------------------------------------------- */

double
ox_iteration_number (const OxIteration *row, OxIterationMode mode)
{
  return mode == OX_ITERATION_NORM ? row->norm : mode == OX_ITERATION_ELEMENT && row->count != 1 ? row->element : row->mean;
}

char *
ox_iteration_words (const OxIteration *row, OxIterationMode mode, gint64 end)
{
  GString *text = g_string_new (NULL);
  g_autofree char *number = ox_format_double (ox_iteration_number (row, mode), 6);

  if (row->iteration == end)
    g_string_append (text, "behind the last iteration: ");
  else
    g_string_append_printf (text, "iteration %" G_GINT64_FORMAT ": ", row->iteration);
  if (mode == OX_ITERATION_ELEMENT && row->count != 1 && isnan (row->element) && row->bad == 0)
    g_string_append (text, "no such element");
  else if (mode == OX_ITERATION_NORM)
    g_string_append_printf (text, "norm %s", number);
  else if (mode == OX_ITERATION_ELEMENT || row->count == 1)
    g_string_append (text, row->bad > 0 && mode == OX_ITERATION_RANGE ? "" : number);
  else if (row->count == 0)
    g_string_append (text, "no elements");
  else if (isfinite (row->mean))
    {
      g_autofree char *min = ox_format_double (row->min, 6), *max = ox_format_double (row->max, 6);

      g_string_append_printf (text, "%s to %s, mean %s", min, max, number);
    }
  if (row->bad > 0)
    g_string_append_printf (text, row->bad < row->count ? ", %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " NaN or infinite"
                            : row->count > 1 ? "all NaN or infinite" : "NaN or infinite", row->bad, row->count);
  return g_string_free (text, FALSE);
}

/* ---- places ---------------------------------------------------------------------------------------------------- */

static guint
length (const OxIterationPlot *self)
{
  return self->rows != NULL ? self->rows->len : 0;
}

static const OxIteration *
row_at (const OxIterationPlot *self, guint i)
{
  return &g_array_index (self->rows, OxIteration, i);
}

static double
x_of (const OxIterationPlot *self, gint64 iteration, double width)
{
  return OX_ITERATION_LEFT
         + MAX (width - OX_ITERATION_LEFT - OX_ITERATION_RIGHT, 1) * (self->end > 0 ? (double) iteration / (double) self->end : 0.5);
}

/* The first row that is not before @iteration. */
static guint
find (const GArray *rows, double iteration)
{
  guint low = 0, high = rows->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if ((double) g_array_index (rows, OxIteration, middle).iteration < iteration)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

const OxIteration *
ox_iteration_plot_find (const GArray *rows, gint64 iteration)
{
  guint at = find (rows, (double) iteration);
  const OxIteration *row = at < rows->len ? &g_array_index (rows, OxIteration, at) : NULL;

  return row != NULL && row->iteration == iteration ? row : NULL;
}

/* The nearest row; NULL when there is none. */
static const OxIteration *
row_near (const OxIterationPlot *self, double x)
{
  double width = MAX (gtk_widget_get_width (GTK_WIDGET ((OxIterationPlot *) self)) - OX_ITERATION_LEFT - OX_ITERATION_RIGHT, 1);
  double wanted = CLAMP ((x - OX_ITERATION_LEFT) / width, 0, 1) * (double) self->end;
  guint n = length (self), at;

  if (n == 0)
    return NULL;
  at = find (self->rows, wanted);
  if (at == n || (at > 0 && wanted - (double) row_at (self, at - 1)->iteration < (double) row_at (self, at)->iteration - wanted))
    at--;
  return row_at (self, at);
}

/* ---- the picture ----------------------------------------------------------------------------------------------- */

/* The rows that fall on one pixel. */
typedef struct
{
  double low, high, sum;
  guint  n;
  gboolean bad;
} Column;

static void
find_range (const OxIterationPlot *self, double *low, double *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint i = 0; i < length (self); i++)
    {
      const OxIteration *row = row_at (self, i);
      double number = ox_iteration_number (row, self->mode);
      double from = self->mode == OX_ITERATION_RANGE ? row->min : number, to = self->mode == OX_ITERATION_RANGE ? row->max : number;

      if (isfinite (from))
        *low = MIN (*low, from);
      if (isfinite (to))
        *high = MAX (*high, to);
    }
}

static double
y_of (double number, double low, double high, double height)
{
  return high > low ? height - BELOW - (height - ABOVE - BELOW) * (number / (high - low) - low / (high - low))
                    : (ABOVE + height - BELOW) / 2;
}

/* (transfer full) of Column, one a pixel between the margins. */
static GArray *
columns_of (const OxIterationPlot *self, double width)
{
  guint n = (guint) MAX (width - OX_ITERATION_LEFT - OX_ITERATION_RIGHT, 1) + 1;
  GArray *columns = g_array_sized_new (FALSE, TRUE, sizeof (Column), n);

  g_array_set_size (columns, n);
  for (guint i = 0; i < length (self); i++)
    {
      const OxIteration *row = row_at (self, i);
      guint at = (guint) CLAMP (x_of (self, row->iteration, width) - OX_ITERATION_LEFT + 0.5, 0, n - 1);
      Column *column = &g_array_index (columns, Column, at);
      double number = ox_iteration_number (row, self->mode);

      column->bad = column->bad || row->bad > 0;
      if (!isfinite (number))
        continue;
      if (self->mode == OX_ITERATION_RANGE)
        {
          column->low = column->n > 0 ? MIN (column->low, row->min) : row->min;
          column->high = column->n > 0 ? MAX (column->high, row->max) : row->max;
        }
      else
        {
          column->low = column->n > 0 ? MIN (column->low, number) : number;
          column->high = column->n > 0 ? MAX (column->high, number) : number;
        }
      column->sum += number;
      column->n++;
    }
  return columns;
}

static void
draw_scale (OxIterationPlot *self, cairo_t *cr, const OxPalette *colors, double low, double high, double height)
{
  double numbers[] = { high, low };

  for (guint i = 0; i < (high > low ? 2 : 1) && low <= high; i++)
    {
      g_autofree char *text = ox_format_double (numbers[i], 3);
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
      double y = y_of (numbers[i], low, high, height);
      int w, h;

      pango_attr_list_insert (attributes, pango_attr_scale_new (0.8));
      pango_layout_set_attributes (layout, attributes);
      pango_layout_get_pixel_size (layout, &w, &h);
      ox_color_set_source (cr, colors->faint_text, 1);
      cairo_move_to (cr, OX_ITERATION_LEFT - 8 - w, CLAMP (y - h / 2.0, 0, height - h));
      pango_cairo_show_layout (cr, layout);
      ox_color_set_source (cr, colors->text, 0.12);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, OX_ITERATION_LEFT, floor (y) + 0.5);
      cairo_line_to (cr, gtk_widget_get_width (GTK_WIDGET (self)) - OX_ITERATION_RIGHT, floor (y) + 0.5);
      cairo_stroke (cr);
    }
}

static void
draw_band (cairo_t *cr, const OxPalette *colors, GArray *columns, double low, double high, double height)
{
  guint n = columns->len;
  int before = -1;

  ox_color_set_source (cr, colors->accent, 0.25);
  for (guint i = 0; i < n; i++)
    {
      const Column *to = &g_array_index (columns, Column, i), *from;

      if (to->n > 0 && before >= 0)
        {
          from = &g_array_index (columns, Column, (guint) before);
          cairo_move_to (cr, OX_ITERATION_LEFT + before, y_of (from->high, low, high, height));
          cairo_line_to (cr, OX_ITERATION_LEFT + (double) i, y_of (to->high, low, high, height));
          cairo_line_to (cr, OX_ITERATION_LEFT + (double) i, y_of (to->low, low, high, height));
          cairo_line_to (cr, OX_ITERATION_LEFT + before, y_of (from->low, low, high, height));
          cairo_close_path (cr);
        }
      before = to->n > 0 ? (int) i : to->bad ? -1 : before;
    }
  cairo_fill (cr);
}

static void
draw_line (cairo_t *cr, const OxPalette *colors, GArray *columns, double low, double high, double height, gboolean points)
{
  gboolean pen = FALSE;

  ox_color_set_source (cr, colors->accent, 1);
  cairo_set_line_width (cr, 1.6);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (guint i = 0; i < columns->len; i++)
    {
      const Column *column = &g_array_index (columns, Column, i);
      double x = OX_ITERATION_LEFT + (double) i;

      if (column->n > 0 && pen)
        cairo_line_to (cr, x, y_of (column->sum / column->n, low, high, height));
      else if (column->n > 0)
        cairo_move_to (cr, x, y_of (column->sum / column->n, low, high, height));
      pen = column->n > 0 || (pen && !column->bad);
    }
  cairo_stroke (cr);
  for (guint i = 0; points && i < columns->len; i++)
    {
      const Column *column = &g_array_index (columns, Column, i);

      if (column->n == 0)
        continue;
      cairo_arc (cr, OX_ITERATION_LEFT + (double) i, y_of (column->sum / column->n, low, high, height), 2.6, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

/* Signs as on the cards, not so near that they run together. */
static void
draw_bad (cairo_t *cr, const OxPalette *colors, GArray *columns)
{
  double last = -INFINITY;

  ox_color_set_source (cr, colors->warning, 1);
  for (guint i = 0; i < columns->len; i++)
    {
      double x = OX_ITERATION_LEFT + (double) i;

      if (!g_array_index (columns, Column, i).bad || x < last + 5)
        continue;
      cairo_move_to (cr, x, 1);
      cairo_line_to (cr, x + 4.5, 9);
      cairo_line_to (cr, x - 4.5, 9);
      cairo_close_path (cr);
      last = x;
    }
  cairo_fill (cr);
}

static void
draw_upright (cairo_t *cr, OxColor color, double alpha, double x, double height, double width)
{
  ox_color_set_source (cr, color, alpha);
  cairo_set_line_width (cr, width);
  cairo_move_to (cr, x, 0);
  cairo_line_to (cr, x, height);
  cairo_stroke (cr);
}

static void
ox_iteration_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OxIterationPlot *self = OX_ITERATION_PLOT (widget);
  const OxPalette *colors = ox_palette (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const OxIteration *near = self->hover >= 0 ? row_near (self, self->hover) : NULL;
  g_autoptr (GArray) columns = NULL;
  double low, high;
  cairo_t *cr;

  if (length (self) == 0 || width <= OX_ITERATION_LEFT + OX_ITERATION_RIGHT || height <= ABOVE + BELOW)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  find_range (self, &low, &high);
  columns = columns_of (self, width);
  draw_scale (self, cr, colors, low, high, height);
  if (self->current >= 0)
    draw_upright (cr, colors->accent, 0.55, x_of (self, self->current, width), height, 2);
  if (near != NULL)
    draw_upright (cr, colors->text, 0.3, x_of (self, near->iteration, width), height, 1);
  if (low <= high)
    {
      draw_band (cr, colors, columns, low, high, height);
      draw_line (cr, colors, columns, low, high, height, length (self) <= MOST_POINTS);
    }
  draw_bad (cr, colors, columns);
  if (gtk_widget_has_visible_focus (widget))
    {
      ox_color_set_source (cr, colors->accent, 0.6);
      cairo_set_line_width (cr, 2);
      cairo_rectangle (cr, OX_ITERATION_LEFT - 4, 1, width - OX_ITERATION_LEFT - OX_ITERATION_RIGHT + 8, height - 2);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

/* ---- the pointer and keys --------------------------------------------------------------------------------------- */

static void
click_cb (GtkGestureClick *click, int times, double x, double y, OxIterationPlot *self)
{
  const OxIteration *row = row_near (self, x);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (row != NULL)
    g_signal_emit (self, chosen, 0, row);
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, OxIterationPlot *self)
{
  self->hover = x;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave_cb (GtkEventControllerMotion *motion, OxIterationPlot *self)
{
  self->hover = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, OxIterationPlot *self)
{
  guint n = length (self), at;

  if (n == 0 || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)) != 0)
    return FALSE;
  at = self->current >= 0 ? MIN (find (self->rows, (double) self->current), n - 1) : 0;
  switch (key)
    {
    case GDK_KEY_Left:
      at -= at > 0 ? 1 : 0;
      break;
    case GDK_KEY_Right:
      at += self->current >= 0 && at + 1 < n ? 1 : 0;
      break;
    case GDK_KEY_Home:
      at = 0;
      break;
    case GDK_KEY_End:
      at = n - 1;
      break;
    default:
      return FALSE;
    }
  g_signal_emit (self, chosen, 0, row_at (self, at));
  return TRUE;
}

static gboolean
tooltip_cb (OxIterationPlot *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  const OxIteration *row = row_near (self, keyboard ? x_of (self, MAX (self->current, 0), gtk_widget_get_width (GTK_WIDGET (self))) : x);
  g_autofree char *text = row != NULL ? ox_iteration_words (row, self->mode, self->end) : NULL;

  if (text == NULL)
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
ox_iteration_plot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *min_base,
                           int *nat_base)
{
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : OX_ITERATION_LEFT + OX_ITERATION_RIGHT + 40;
  *natural = *minimum;
}

static void
ox_iteration_plot_class_init (OxIterationPlotClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = ox_iteration_plot_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = ox_iteration_plot_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
  chosen = g_signal_new ("chosen", OX_TYPE_ITERATION_PLOT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
ox_iteration_plot_init (OxIterationPlot *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new (), *keys = gtk_event_controller_key_new ();

  self->current = -1;
  self->hover = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "pointer");
  g_signal_connect (self, "query-tooltip", G_CALLBACK (tooltip_cb), NULL);
  g_signal_connect (click, "pressed", G_CALLBACK (click_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

GtkWidget *
ox_iteration_plot_new (void)
{
  return g_object_new (OX_TYPE_ITERATION_PLOT, NULL);
}

void
ox_iteration_plot_set (OxIterationPlot *self, const GArray *rows, gint64 end)
{
  self->rows = rows;
  self->end = end;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
ox_iteration_plot_set_mode (OxIterationPlot *self, OxIterationMode mode)
{
  self->mode = mode;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
ox_iteration_plot_set_current (OxIterationPlot *self, gint64 iteration)
{
  if (iteration == self->current)
    return;
  self->current = iteration;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
