/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-tensor-grid.h"

#include <math.h>

#include "tensor/ox-format.h"

#define PAD 8

struct _OxTensorGrid
{
  GtkWidget parent_instance;

  OxTensor *tensor;
  gint64 index[OX_MAX_RANK];
  double low, high;
  gint64 row, column;       /* selected; -1 */

  GtkAdjustment *adjustments[2];
  GtkScrollablePolicy policies[2];
  PangoLayout *layout;
  int cell_width, cell_height, head_width;
};

enum
{
  PROP_0,
  PROP_HADJUSTMENT,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
};

enum
{
  SELECTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE_WITH_CODE (OxTensorGrid, ox_tensor_grid, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

static gint64
n_rows (OxTensorGrid *self)
{
  if (self->tensor == NULL || self->tensor->count == 0)
    return 0;
  return self->tensor->rank >= 2 ? self->tensor->dims[self->tensor->rank - 2]
                                 : self->tensor->rank == 1 ? self->tensor->dims[0] : 1;
}

static gint64
n_columns (OxTensorGrid *self)
{
  if (self->tensor == NULL || self->tensor->count == 0)
    return 0;
  return self->tensor->rank >= 2 ? self->tensor->dims[self->tensor->rank - 1] : 1;
}

/* The row-major number of a cell's element. */
static gint64
element_at (OxTensorGrid *self, gint64 row, gint64 column)
{
  gint64 element = 0;

  for (int i = 0; i < self->tensor->rank - 2; i++)
    element = element * self->tensor->dims[i] + self->index[i];
  return (element * n_rows (self) + row) * n_columns (self) + column;
}

static int
text_width (OxTensorGrid *self, const char *text)
{
  int width;

  pango_layout_set_text (self->layout, text, -1);
  pango_layout_get_pixel_size (self->layout, &width, NULL);
  return width;
}

/* Wide enough for a sample of the elements; a cell that still does not fit is ellipsised. */
static void
measure_cells (OxTensorGrid *self)
{
  gint64 count = self->tensor != NULL ? self->tensor->count : 0, rows = n_rows (self);
  g_autofree char *head = NULL;

  if (self->layout == NULL)
    {
      self->layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
      pango_layout_set_ellipsize (self->layout, PANGO_ELLIPSIZE_END);
    }
  pango_layout_set_width (self->layout, -1);
  pango_layout_set_text (self->layout, "0", -1);
  pango_layout_get_pixel_size (self->layout, NULL, &self->cell_height);
  self->cell_height += 6;
  /* Four digits of any size: 0.0001 is the smallest that is not written with an exponent. */
  self->cell_width
    = text_width (self, self->tensor != NULL && ox_dtype_is_float (self->tensor->dtype) ? "-0.0001234" : "-0.0000");
  for (int i = 0; i < 64 && count > 0; i++)
    {
      gint64 element = count <= 64 ? MIN (i, count - 1) : (gint64) ((double) i / 63 * (double) (count - 1));
      g_autofree char *text = ox_format_element (self->tensor, element, 4);

      self->cell_width = MAX (self->cell_width, text_width (self, text));
    }
  self->cell_width = MIN (self->cell_width + 2 * PAD, 240);
  head = g_strdup_printf ("%" G_GINT64_FORMAT, MAX (MAX (rows, n_columns (self)) - 1, 0));
  self->head_width = text_width (self, head) + 2 * PAD;
  if (n_columns (self) > 1)
    self->cell_width = MAX (self->cell_width, self->head_width);
}

static void
set_adjustment_values (OxTensorGrid *self)
{
  double sizes[2] = { (double) n_columns (self) * self->cell_width + self->head_width,
                      (double) n_rows (self) * self->cell_height + self->cell_height };
  double pages[2] = { gtk_widget_get_width (GTK_WIDGET (self)), gtk_widget_get_height (GTK_WIDGET (self)) };
  double steps[2] = { self->cell_width, self->cell_height };

  for (int i = 0; i < 2; i++)
    if (self->adjustments[i] != NULL)
      {
        double upper = MAX (sizes[i], pages[i]);
        double value = CLAMP (gtk_adjustment_get_value (self->adjustments[i]), 0, upper - pages[i]);

        gtk_adjustment_configure (self->adjustments[i], value, 0, upper, steps[i], pages[i] * 0.9, pages[i]);
      }
}

static double
scroll (OxTensorGrid *self, int i)
{
  return self->adjustments[i] != NULL ? floor (gtk_adjustment_get_value (self->adjustments[i])) : 0;
}

static void
draw_text (OxTensorGrid *self, GtkSnapshot *snapshot, const char *text, double x, double y, double width, gboolean right,
           const GdkRGBA *color)
{
  int w;

  pango_layout_set_width (self->layout, -1);
  pango_layout_set_text (self->layout, text, -1);
  pango_layout_get_pixel_size (self->layout, &w, NULL);
  if (w > width - PAD)
    {
      pango_layout_set_width (self->layout, (int) (width - PAD) * PANGO_SCALE);
      w = (int) width - PAD;
    }
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (right ? x + width - PAD - w : x + (width - w) / 2), (float) y + 3));
  gtk_snapshot_append_layout (snapshot, self->layout, color);
  gtk_snapshot_restore (snapshot);
}

/* Blue below the middle, red above, nothing in it. */
static gboolean
heat_color (OxTensorGrid *self, double value, GdkRGBA *color)
{
  double bound = MAX (fabs (self->low), fabs (self->high)), at;

  if (self->low == self->high || bound == 0 || isnan (value))
    return FALSE;
  at = isinf (value) ? 1 : MIN (fabs (value) / bound, 1);
  *color = value < 0 ? (GdkRGBA){ 0.13f, 0.40f, 0.76f, (float) (at * 0.45) } : (GdkRGBA){ 0.80f, 0.15f, 0.15f, (float) (at * 0.45) };
  return at > 0.01;
}

static void
ox_tensor_grid_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OxTensorGrid *self = OX_TENSOR_GRID (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  int cw = self->cell_width, ch = self->cell_height, hw = self->head_width;
  double sx = scroll (self, 0), sy = scroll (self, 1);
  gint64 first_row = (gint64) (sy / ch), first_column = (gint64) (sx / cw);
  gint64 last_row = MIN (first_row + height / ch + 1, n_rows (self) - 1);
  gint64 last_column = MIN (first_column + width / cw + 1, n_columns (self) - 1);
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  GdkRGBA fg, dim, line, accent;

  if (n_rows (self) == 0)
    return;
  gtk_style_context_get_color (context, &fg);
  dim = line = fg;
  dim.alpha *= 0.65f;
  line.alpha *= 0.12f;
  if (!gtk_style_context_lookup_color (context, "accent_bg_color", &accent))
    accent = fg;

  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (hw, ch, width - hw, height - ch));
  for (gint64 row = first_row; row <= last_row; row++)
    for (gint64 column = first_column; column <= last_column; column++)
      {
        double x = hw + (double) column * cw - sx, y = ch + (double) row * ch - sy;
        gint64 element = element_at (self, row, column);
        g_autofree char *text = ox_format_element (self->tensor, element, 4);
        double value = ox_tensor_get (self->tensor, element);
        GdkRGBA heat;
        graphene_rect_t cell = GRAPHENE_RECT_INIT ((float) x, (float) y, cw, ch);

        if (heat_color (self, value, &heat))
          gtk_snapshot_append_color (snapshot, &heat, &cell);
        if (row == self->row && column == self->column)
          {
            GskRoundedRect frame;

            gsk_rounded_rect_init_from_rect (&frame, &cell, 3);
            gtk_snapshot_append_border (snapshot, &frame, (float[4]){ 2, 2, 2, 2 },
                                        (GdkRGBA[4]){ accent, accent, accent, accent });
          }
        draw_text (self, snapshot, text, x, y, cw, self->tensor->dtype != OX_STR, &fg);
      }
  gtk_snapshot_pop (snapshot);

  /* Headings stay in place. */
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (hw, 0, width - hw, ch));
  for (gint64 column = first_column; column <= last_column && n_columns (self) > 1; column++)
    {
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, column);

      draw_text (self, snapshot, text, hw + (double) column * cw - sx, 0, cw, TRUE, &dim);
    }
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, ch, hw, height - ch));
  for (gint64 row = first_row; row <= last_row; row++)
    {
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, row);

      draw_text (self, snapshot, text, 0, ch + (double) row * ch - sy, hw, TRUE, &dim);
    }
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (0, ch - 1, width, 1));
  gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (hw - 1, 0, 1, height));
}

static void
ox_tensor_grid_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                        int *minimum_baseline, int *natural_baseline)
{
  OxTensorGrid *self = OX_TENSOR_GRID (widget);
  gboolean across = orientation == GTK_ORIENTATION_HORIZONTAL;
  double whole = across ? (double) n_columns (self) * self->cell_width + self->head_width
                        : (double) (n_rows (self) + 1) * self->cell_height;

  *minimum = across ? 80 : 3 * MAX (self->cell_height, 18);
  *natural = (int) CLAMP (whole, *minimum, across ? 400 : 300);
}

static void
ox_tensor_grid_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  set_adjustment_values (OX_TENSOR_GRID (widget));
}

static void
refresh (OxTensorGrid *self)
{
  measure_cells (self);
  set_adjustment_values (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
ox_tensor_grid_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  OxTensorGrid *self = OX_TENSOR_GRID (widget);

  GTK_WIDGET_CLASS (ox_tensor_grid_parent_class)->css_changed (widget, change);
  g_clear_object (&self->layout);
  measure_cells (self);
}

/* Brings a cell into view and selects it. */
static void
select_cell (OxTensorGrid *self, gint64 row, gint64 column)
{
  double at[2], size[2] = { self->cell_width, self->cell_height }, head[2] = { self->head_width, self->cell_height };

  if (n_rows (self) == 0)
    return;
  self->row = CLAMP (row, 0, n_rows (self) - 1);
  self->column = CLAMP (column, 0, n_columns (self) - 1);
  at[0] = (double) self->column * self->cell_width;
  at[1] = (double) self->row * self->cell_height;
  for (int i = 0; i < 2; i++)
    if (self->adjustments[i] != NULL)
      gtk_adjustment_clamp_page (self->adjustments[i], at[i], at[i] + size[i] + head[i]);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[SELECTED], 0);
}

static gboolean
cell_at (OxTensorGrid *self, double x, double y, gint64 *row, gint64 *column)
{
  if (n_rows (self) == 0 || x < self->head_width || y < self->cell_height)
    return FALSE;
  *column = (gint64) ((x - self->head_width + scroll (self, 0)) / self->cell_width);
  *row = (gint64) ((y - self->cell_height + scroll (self, 1)) / self->cell_height);
  return *row < n_rows (self) && *column < n_columns (self);
}

static void
pressed_cb (GtkGestureClick *gesture, int n, double x, double y, OxTensorGrid *self)
{
  gint64 row, column;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (!cell_at (self, x, y, &row, &column))
    return;
  select_cell (self, row, column);
  /* Nothing happens where a value cannot be changed. */
  if (n == 2)
    gtk_widget_activate_action (GTK_WIDGET (self), "edit.element", "x", element_at (self, row, column));
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, OxTensorGrid *self)
{
  gint64 page = MAX (gtk_widget_get_height (GTK_WIDGET (self)) / MAX (self->cell_height, 1) - 2, 1);

  if (key == GDK_KEY_c && state & GDK_CONTROL_MASK && self->row >= 0)
    {
      g_autofree char *text = ox_format_element (self->tensor, element_at (self, self->row, self->column), 0);

      gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
      return TRUE;
    }
  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_F2:
      if (self->row >= 0)
        gtk_widget_activate_action (GTK_WIDGET (self), "edit.element", "x", element_at (self, self->row, self->column));
      return self->row >= 0;
    case GDK_KEY_Up:
      select_cell (self, self->row - 1, self->column);
      return TRUE;
    case GDK_KEY_Down:
      select_cell (self, self->row + 1, self->column);
      return TRUE;
    case GDK_KEY_Left:
      select_cell (self, self->row, self->column - 1);
      return TRUE;
    case GDK_KEY_Right:
      select_cell (self, self->row, self->column + 1);
      return TRUE;
    case GDK_KEY_Page_Up:
      select_cell (self, self->row - page, self->column);
      return TRUE;
    case GDK_KEY_Page_Down:
      select_cell (self, self->row + page, self->column);
      return TRUE;
    case GDK_KEY_Home:
      select_cell (self, 0, 0);
      return TRUE;
    case GDK_KEY_End:
      select_cell (self, n_rows (self) - 1, n_columns (self) - 1);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
tooltip_cb (OxTensorGrid *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer unused)
{
  gint64 row, column, rest;
  GString *where;
  g_autofree char *value = NULL, *text = NULL;

  if (keyboard || !cell_at (self, x, y, &row, &column))
    return FALSE;
  rest = element_at (self, row, column);
  value = ox_format_element (self->tensor, rest, 0);
  where = g_string_new ("[");
  for (int i = 0; i < self->tensor->rank; i++)
    {
      gint64 at = i < self->tensor->rank - 2 ? self->index[i] : i == self->tensor->rank - 1 && self->tensor->rank >= 2 ? column : row;

      g_string_append_printf (where, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", at);
    }
  g_string_append_c (where, ']');
  text = g_strdup_printf ("%s\n%s", where->str, value);
  gtk_tooltip_set_text (tooltip, text);
  g_string_free (where, TRUE);
  return TRUE;
}

static void
set_adjustment (OxTensorGrid *self, int i, GtkAdjustment *adjustment)
{
  if (self->adjustments[i] != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->adjustments[i], self);
      g_clear_object (&self->adjustments[i]);
    }
  if (adjustment != NULL)
    {
      self->adjustments[i] = g_object_ref_sink (adjustment);
      g_signal_connect_swapped (adjustment, "value-changed", G_CALLBACK (gtk_widget_queue_draw), self);
      set_adjustment_values (self);
    }
}

static void
ox_tensor_grid_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  OxTensorGrid *self = OX_TENSOR_GRID (object);

  if (id == PROP_HADJUSTMENT || id == PROP_VADJUSTMENT)
    g_value_set_object (value, self->adjustments[id - PROP_HADJUSTMENT]);
  else
    g_value_set_enum (value, self->policies[id - PROP_HSCROLL_POLICY]);
}

static void
ox_tensor_grid_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  OxTensorGrid *self = OX_TENSOR_GRID (object);

  if (id == PROP_HADJUSTMENT || id == PROP_VADJUSTMENT)
    set_adjustment (self, (int) id - PROP_HADJUSTMENT, g_value_get_object (value));
  else
    self->policies[id - PROP_HSCROLL_POLICY] = g_value_get_enum (value);
}

static void
ox_tensor_grid_dispose (GObject *object)
{
  OxTensorGrid *self = OX_TENSOR_GRID (object);

  set_adjustment (self, 0, NULL);
  set_adjustment (self, 1, NULL);
  g_clear_object (&self->layout);
  g_clear_pointer (&self->tensor, ox_tensor_unref);
  G_OBJECT_CLASS (ox_tensor_grid_parent_class)->dispose (object);
}

static void
ox_tensor_grid_class_init (OxTensorGridClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ox_tensor_grid_dispose;
  object_class->get_property = ox_tensor_grid_get_property;
  object_class->set_property = ox_tensor_grid_set_property;
  widget_class->snapshot = ox_tensor_grid_snapshot;
  widget_class->measure = ox_tensor_grid_measure;
  widget_class->size_allocate = ox_tensor_grid_size_allocate;
  widget_class->css_changed = ox_tensor_grid_css_changed;
  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
  /* The selected cell changed. */
  signals[SELECTED] = g_signal_new ("selected", OX_TYPE_TENSOR_GRID, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "tensorgrid");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GRID);
}

static void
ox_tensor_grid_init (OxTensorGrid *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->row = self->column = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self), "numeric");
  g_signal_connect (self, "query-tooltip", G_CALLBACK (tooltip_cb), NULL);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  measure_cells (self);
}

GtkWidget *
ox_tensor_grid_new (void)
{
  return g_object_new (OX_TYPE_TENSOR_GRID, NULL);
}

void
ox_tensor_grid_set (OxTensorGrid *self, OxTensor *tensor)
{
  g_clear_pointer (&self->tensor, ox_tensor_unref);
  if (tensor != NULL)
    self->tensor = ox_tensor_ref (tensor);
  memset (self->index, 0, sizeof self->index);
  self->row = self->column = -1;
  for (int i = 0; i < 2; i++)
    if (self->adjustments[i] != NULL)
      gtk_adjustment_set_value (self->adjustments[i], 0);
  refresh (self);
}

void
ox_tensor_grid_set_index (OxTensorGrid *self, int axis, gint64 index)
{
  if (self->tensor == NULL || axis < 0 || axis >= self->tensor->rank - 2)
    return;
  self->index[axis] = CLAMP (index, 0, self->tensor->dims[axis] - 1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[SELECTED], 0);
}

const gint64 *
ox_tensor_grid_index (OxTensorGrid *self)
{
  return self->index;
}

void
ox_tensor_grid_set_range (OxTensorGrid *self, double low, double high)
{
  self->low = low;
  self->high = high;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
ox_tensor_grid_reveal (OxTensorGrid *self, gint64 element)
{
  gint64 columns = n_columns (self), rows = n_rows (self), rest;

  if (self->tensor == NULL || element < 0 || element >= self->tensor->count)
    return;
  rest = element / (rows * columns);
  for (int i = self->tensor->rank - 3; i >= 0; i--)
    {
      self->index[i] = rest % self->tensor->dims[i];
      rest /= self->tensor->dims[i];
    }
  select_cell (self, element / columns % rows, element % columns);
}

gint64
ox_tensor_grid_selected (OxTensorGrid *self)
{
  return self->tensor != NULL && self->row >= 0 ? element_at (self, self->row, self->column) : -1;
}
