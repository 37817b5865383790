/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-time-slider.h"

#include <adwaita.h>
#include <string.h>

#include "scene/ox-palette.h"
#include "ui/ox-words.h"

#define HEIGHT 30
#define SIDE 14.0         /* free on both sides of the line */
#define HANDLE 6.0
#define NONE G_MAXUINT64
/* Of a long run some turns for each pixel are looked at. */
#define MOST_A_PIXEL 64

enum
{
  MARK_BAD = 1,
  MARK_BREAK = 2,
  MARK_FAILED = 4,
};

struct _OxTimeSlider
{
  GtkBox parent_instance;

  OxFocus   *focus;
  GtkWidget *strip;
  GtkWidget *loop;           /* the line of iterations */
  GtkLabel  *loop_name;
  GtkScale  *iterations;
  guint      reach;          /* turns that are known */
  guint64    now, wanted;    /* NONE: nothing is wanted */
  gint64     wanted_iteration;   /* -1 */
  GByteArray *marks;         /* MARK_*, one a pixel */
  gboolean   stale;
  double     drag_from;
};

G_DEFINE_FINAL_TYPE (OxTimeSlider, ox_time_slider, GTK_TYPE_BOX)

static void
ox_time_slider_dispose (GObject *object)
{
  OxTimeSlider *self = OX_TIME_SLIDER (object);

  g_clear_object (&self->focus);
  g_clear_pointer (&self->marks, g_byte_array_unref);
  G_OBJECT_CLASS (ox_time_slider_parent_class)->dispose (object);
}

static void
ox_time_slider_class_init (OxTimeSliderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_time_slider_dispose;
}

/* ---- where one is ---------------------------------------------------------------------------------------------- */

static double
x_of (OxTimeSlider *self, double turn, int width)
{
  return SIDE + (width - 2 * SIDE) * (self->reach > 0 ? MIN (turn / self->reach, 1) : 0);
}

static guint
turn_at (OxTimeSlider *self, double x)
{
  int width = gtk_widget_get_width (self->strip);
  double part = width > 2 * SIDE ? (x - SIDE) / (width - 2 * SIDE) : 0;

  return (guint) (CLAMP (part, 0, 1) * self->reach + 0.5);
}

/* ---- going there ----------------------------------------------------------------------------------------------- */

static void
gone_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxTimeSlider) self = data;
  g_autoptr (GError) error = NULL;

  if (!ox_debugger_move_finish (OX_DEBUGGER (source), result, &error) && self->focus != NULL
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_widget_activate_action (GTK_WIDGET (self), "page.report", "s", error->message);
}

/* The last place that was asked for wins: what is under way to another is broken off. */
static void
go (OxTimeSlider *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxGoal goal = { 0 };

  if (ox_debugger_is_running (debugger))
    {
      ox_debugger_interrupt (debugger);
      return;
    }
  if (self->wanted != NONE)
    goal = (OxGoal){ .move = OX_MOVE_TO_TIME, .time = self->wanted };
  else if (self->wanted_iteration >= 0)
    goal = (OxGoal){ .move = OX_MOVE_TO_ITERATION, .iteration = self->wanted_iteration };
  else
    return;
  self->wanted = NONE;
  self->wanted_iteration = -1;
  ox_debugger_go_async (debugger, &goal, NULL, gone_cb, g_object_ref (self));
}

static void
want (OxTimeSlider *self, guint turn)
{
  if (self->reach == 0 || (turn == self->now && self->wanted == NONE))
    return;
  self->wanted = turn;
  self->wanted_iteration = -1;
  gtk_widget_queue_draw (self->strip);
  go (self);
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, OxTimeSlider *self)
{
  gtk_widget_grab_focus (self->strip);
  self->drag_from = x;
  want (self, turn_at (self, x));
}

static void
drag_update_cb (GtkGestureDrag *drag, double x, double y, OxTimeSlider *self)
{
  want (self, turn_at (self, self->drag_from + x));
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, OxTimeSlider *self)
{
  guint64 from = self->wanted != NONE ? self->wanted : self->now;

  if (key == GDK_KEY_Left)
    want (self, (guint) (from > 0 ? from - 1 : 0));
  else if (key == GDK_KEY_Right)
    want (self, (guint) MIN (from + 1, self->reach));
  else if (key == GDK_KEY_Home)
    want (self, 0);
  else if (key == GDK_KEY_End)
    want (self, self->reach);
  else
    return FALSE;
  return TRUE;
}

static void
iteration_cb (OxTimeSlider *self)
{
  self->wanted_iteration = (gint64) gtk_range_get_value (GTK_RANGE (self->iterations));
  self->wanted = NONE;
  go (self);
}

/* ---- the picture ----------------------------------------------------------------------------------------------- */

static void
find_marks (OxTimeSlider *self, int width)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxTrace *trace = ox_debugger_get_trace (debugger);
  guint pixels = (guint) MAX (width, 1);

  g_byte_array_set_size (self->marks, pixels);
  memset (self->marks->data, 0, pixels);
  self->stale = FALSE;
  for (guint i = 0, step = MAX (self->reach / pixels / MOST_A_PIXEL, 1); i < self->reach; i += step)
    {
      const OxTraceRecord *record = ox_trace_get (trace, i);
      guint at = (guint) CLAMP (x_of (self, i, width), 0, width - 1);

      if (record == NULL || record->node == NULL)
        continue;
      if ((record->bad & (OX_BAD_NAN | OX_BAD_INF)) != 0
          || (record->kind == OX_TURN_NODE && ox_value_log_bad (ox_focus_get_log (self->focus), record->node, record->time) > 0))
        self->marks->data[at] |= MARK_BAD;
      if (record->kind == OX_TURN_FAILED)
        self->marks->data[at] |= MARK_FAILED;
      if (record->kind == OX_TURN_NODE && ox_debugger_has_breakpoint (debugger, record->node))
        self->marks->data[at] |= MARK_BREAK;
    }
}

static void
draw_mark (cairo_t *cr, const OxPalette *colors, guint8 mark, double x, double middle)
{
  if (mark & (MARK_BAD | MARK_FAILED))
    {
      /* A sign above the line, as on the cards. */
      ox_color_set_source (cr, mark & MARK_FAILED ? colors->failed : colors->warning, 1);
      cairo_move_to (cr, x, middle - 12);
      cairo_line_to (cr, x + 4.5, middle - 4);
      cairo_line_to (cr, x - 4.5, middle - 4);
      cairo_close_path (cr);
      cairo_fill (cr);
    }
  if (mark & MARK_BREAK)
    {
      ox_color_set_source (cr, colors->failed, 1);
      cairo_arc (cr, x, middle + 8, 3, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

static void
draw_strip (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  OxTimeSlider *self = data;
  const OxPalette *colors = ox_palette (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  double middle = height / 2.0, end = x_of (self, self->reach, width);
  double at = x_of (self, (double) (self->wanted != NONE ? self->wanted : self->now), width);

  if (self->focus == NULL || width <= 2 * SIDE)
    return;
  if (!ox_debugger_is_running (ox_focus_get_debugger (self->focus)) && (self->stale || (int) self->marks->len != width))
    find_marks (self, width);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width (cr, 3);
  ox_color_set_source (cr, colors->text, 0.2);
  cairo_move_to (cr, at, middle);
  cairo_line_to (cr, end, middle);
  cairo_stroke (cr);
  ox_color_set_source (cr, colors->accent, 1);
  cairo_move_to (cr, SIDE, middle);
  cairo_line_to (cr, at, middle);
  cairo_stroke (cr);
  for (guint i = 0; i < self->marks->len; i++)
    if (self->marks->data[i] != 0)
      draw_mark (cr, colors, self->marks->data[i], i, middle);
  cairo_arc (cr, at, middle, HANDLE, 0, 2 * G_PI);
  ox_color_set_source (cr, colors->background, 1);
  cairo_fill_preserve (cr);
  ox_color_set_source (cr, colors->accent, 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
}

static gboolean
tooltip_cb (GtkWidget *strip, int x, int y, gboolean keyboard, GtkTooltip *tooltip, OxTimeSlider *self)
{
  OxDebugger *debugger = self->focus != NULL ? ox_focus_get_debugger (self->focus) : NULL;
  guint turn = keyboard ? (guint) self->now : turn_at (self, x);
  const OxTraceRecord *record;
  g_autofree char *text = NULL, *op = NULL, *name = NULL;

  if (debugger == NULL || self->reach == 0 || ox_debugger_is_running (debugger))
    return FALSE;
  record = ox_trace_get (ox_debugger_get_trace (debugger), turn);
  if (record == NULL || record->node == NULL)
    text = g_strdup_printf ("After %u of %u turns", turn, self->reach);
  else
    {
      op = ox_words_operator (record->node);
      name = ox_words_node (record->node);
      text = g_strdup_printf ("Before turn %u of %u: %s %s%s", turn + 1, self->reach, op, name,
                              record->bad & (OX_BAD_NAN | OX_BAD_INF) ? ", which makes NaN or infinity" : "");
    }
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- following the run ----------------------------------------------------------------------------------------- */

static void
show_iterations (OxTimeSlider *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxFrame *frame = NULL;
  g_autofree char *op = NULL, *name = NULL, *text = NULL;
  gint64 most;

  for (guint level = ox_debugger_get_depth (debugger); level-- > 0 && frame == NULL;)
    {
      OxFrame *here = ox_debugger_get_frame (debugger, level);

      if (here != NULL && here->iteration >= 0)
        frame = here;
    }
  gtk_widget_set_visible (self->loop, frame != NULL);
  if (frame == NULL)
    return;
  op = ox_words_operator (frame->caller);
  name = ox_words_node (frame->caller);
  most = frame->iterations > 0 ? frame->iterations : frame->iteration + 2;
  text = frame->iterations > 0 ? g_strdup_printf ("%s %s: iteration %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT " of them", op, name,
                                                  frame->iteration, frame->iterations)
                               : g_strdup_printf ("%s %s: iteration %" G_GINT64_FORMAT, op, name, frame->iteration);
  gtk_label_set_text (self->loop_name, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->loop_name), text);
  g_signal_handlers_block_by_func (self->iterations, iteration_cb, self);
  gtk_range_set_range (GTK_RANGE (self->iterations), 0, MAX ((double) most - 1, 1));
  gtk_range_set_value (GTK_RANGE (self->iterations), (double) frame->iteration);
  g_signal_handlers_unblock_by_func (self->iterations, iteration_cb, self);
}

static void
state_changed_cb (OxTimeSlider *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  const OxStop *stop;
  OxTrace *trace;

  if (ox_debugger_is_running (debugger))
    return;
  trace = ox_debugger_get_trace (debugger);
  stop = ox_debugger_get_stop (debugger);
  self->reach = trace != NULL ? ox_trace_reach (trace) : 0;
  self->now = stop != NULL ? stop->time : 0;
  self->stale = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self), self->reach > 0);
  show_iterations (self);
  gtk_widget_queue_draw (self->strip);
  go (self);
}

static void
looked_cb (OxTimeSlider *self)
{
  self->stale = TRUE;
  gtk_widget_queue_draw (self->strip);
}

static void
reset_cb (OxTimeSlider *self)
{
  self->wanted = NONE;
  self->wanted_iteration = -1;
}

static void
ox_time_slider_init (OxTimeSlider *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkWidget *plot = gtk_button_new_from_icon_name ("utilities-system-monitor-symbolic");

  self->wanted = NONE;
  self->wanted_iteration = -1;
  self->marks = g_byte_array_new ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->strip = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->strip), HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->strip), draw_strip, self, NULL);
  gtk_widget_set_focusable (self->strip, TRUE);
  gtk_widget_set_has_tooltip (self->strip, TRUE);
  g_signal_connect (self->strip, "query-tooltip", G_CALLBACK (tooltip_cb), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (self->strip, GTK_EVENT_CONTROLLER (drag));
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (self->strip, keys);
  self->loop = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_margin_start (self->loop, 12);
  gtk_widget_set_margin_end (self->loop, 12);
  self->loop_name = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->loop_name, PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (self->loop_name, 48);
  self->iterations = GTK_SCALE (gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 1));
  gtk_range_set_round_digits (GTK_RANGE (self->iterations), 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->iterations), TRUE);
  g_signal_connect_swapped (self->iterations, "value-changed", G_CALLBACK (iteration_cb), self);
  gtk_box_append (GTK_BOX (self->loop), GTK_WIDGET (self->loop_name));
  gtk_widget_set_tooltip_text (plot, "Plot What the Iterations Carry");
  gtk_widget_set_valign (plot, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (plot, "flat");
  gtk_widget_add_css_class (plot, "ox-small-button");
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (plot), "page.show-tab::iterations");
  gtk_box_append (GTK_BOX (self->loop), GTK_WIDGET (self->iterations));
  gtk_box_append (GTK_BOX (self->loop), plot);
  gtk_box_append (GTK_BOX (self), self->strip);
  gtk_box_append (GTK_BOX (self), self->loop);
}

GtkWidget *
ox_time_slider_new (OxFocus *focus)
{
  OxTimeSlider *self = g_object_new (OX_TYPE_TIME_SLIDER, NULL);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_debugger (focus), "reset", G_CALLBACK (reset_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_log (focus), "changed", G_CALLBACK (looked_cb), self, G_CONNECT_SWAPPED);
  state_changed_cb (self);
  return GTK_WIDGET (self);
}
