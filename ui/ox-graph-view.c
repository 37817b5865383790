/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-edit-menu.h"
#include "ui/ox-graph-view-private.h"

#include <math.h>

#include "ui/ox-words.h"

G_DEFINE_FINAL_TYPE (OxGraphView, ox_graph_view, GTK_TYPE_WIDGET)

enum
{
  MOVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
view_free (gpointer data)
{
  View *view = data;

  ox_scene_unref (view->scene);
  g_free (view);
}

static void
ox_graph_view_dispose (GObject *object)
{
  OxGraphView *self = OX_GRAPH_VIEW (object);

  g_cancellable_cancel (self->making);
  g_clear_object (&self->making);
  g_clear_object (&self->motion);
  g_clear_handle_id (&self->following, g_source_remove);
  self->view = NULL;
  g_clear_pointer (&self->marks, ox_breakpoint_marks_free);
  g_clear_pointer (&self->painter, ox_painter_free);
  g_clear_pointer (&self->views, g_hash_table_unref);
  g_clear_pointer (&self->states, g_hash_table_unref);
  g_clear_pointer (&self->shapes, g_hash_table_unref);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_graph_view_parent_class)->dispose (object);
}

static OxNodeState
state_of (OxNode *node, gpointer data)
{
  OxGraphView *self = data;
  OxNodeState state;

  if (self->running)
    return (OxNodeState) MAX (GPOINTER_TO_INT (g_hash_table_lookup (self->states, node)) - 1, 0);
  state = ox_debugger_node_state (ox_focus_get_debugger (self->focus), node);
  g_hash_table_insert (self->states, node, GINT_TO_POINTER ((int) state + 1));
  return state;
}

static gboolean
is_bad (OxNode *node, gpointer data)
{
  OxGraphView *self = data;

  return ox_value_log_bad (ox_focus_get_log (self->focus), node, G_MAXUINT64) > 0;
}

static gboolean
errors_of (OxNode *node, OxCardErrors *errors, gpointer data)
{
  OxGraphView *self = data;

  return ox_bars_get (ox_overlay_get_bars (ox_focus_get_overlay (self->focus)), node, errors);
}

static gboolean
is_aside (OxNode *node, gpointer data)
{
  OxGraphView *self = data;

  return !ox_overlay_on_path (ox_focus_get_overlay (self->focus), node);
}

/* The shape that was observed, else the one that is known from the model. */
static char *
shape_of (OxGraph *graph, int slot, gpointer data)
{
  OxGraphView *self = data;
  const OxSlot *s = ox_graph_slot (graph, slot);
  const OxValue *value = self->frame != NULL && self->frame->graph == graph ? self->frame->values[slot] : NULL;
  char *text;

  if (self->running && (text = g_hash_table_lookup (self->shapes, s)) != NULL)
    return g_strdup (text);
  if (value == NULL)
    return ox_words_shape (s);
  text = value->kind == OX_VALUE_TENSOR ? ox_tensor_shape_string (value->tensor) : ox_value_describe (value);
  g_hash_table_insert (self->shapes, (gpointer) s, g_strdup (text));
  return text;
}

/* The frame on the stack that runs the graph. */
static OxFrame *
find_frame (OxDebugger *debugger, const OxGraph *graph)
{
  OxFrame *found = NULL;

  for (guint level = 0; debugger != NULL && level < MAX (ox_debugger_get_depth (debugger), 1); level++)
    {
      OxFrame *frame = ox_debugger_get_frame (debugger, level);

      if (frame != NULL && frame->graph == graph)
        found = frame;
    }
  return found;
}

static void
ox_graph_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OxGraphView *self = OX_GRAPH_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxNode *node = ox_focus_get_node (self->focus);
  OxGraph *graph;
  int slot = ox_focus_get_value (self->focus, &graph);
  const View *view = self->view;
  OxSceneView look = OX_SCENE_VIEW_INIT;
  OxOverlay *overlay = ox_focus_get_overlay (self->focus);
  cairo_t *cr;

  if (view == NULL || width <= 0 || height <= 0)
    return;
  self->running = debugger != NULL && ox_debugger_is_running (debugger);
  if (!self->running)
    {
      g_hash_table_remove_all (self->states);
      g_hash_table_remove_all (self->shapes);
    }
  self->frame = find_frame (self->running ? NULL : debugger, view->scene->graph);
  look.dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  look.scale = view->scale;
  look.area = (OxRect){ view->x, view->y, width / view->scale, height / view->scale };
  look.selected = node != NULL ? ox_scene_find (view->scene, node) : -1;
  look.hover = self->hover;
  /* A weight stands in a card: there is no net of it to light up. */
  look.net = slot >= 0 && graph == view->scene->graph && ox_graph_slot (graph, slot)->initializer == NULL ? slot : G_MININT;
  look.state = debugger != NULL ? state_of : NULL;
  look.bad = is_bad;
  look.shape = shape_of;
  if (ox_overlay_get_bars (overlay) != NULL)
    look.errors = errors_of;
  if (ox_overlay_get_kind (overlay) == OX_OVERLAY_PATH && ox_overlay_has_path (overlay))
    look.aside = is_aside;
  look.data = self;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  ox_color_set_source (cr, ox_palette (look.dark)->background, 1);
  cairo_paint (cr);
  cairo_scale (cr, view->scale, view->scale);
  cairo_translate (cr, -view->x, -view->y);
  ox_painter_draw (self->painter, view->scene, cr, &look);
  ox_breakpoint_marks_paint (self->marks, view->scene, cr, view->scale, look.dark);
  ox_edit_paint_badges (debugger, view->scene, cr, view->scale, look.dark);
  cairo_destroy (cr);
  if (view->scene->layout->n_boxes == 0)
    {
      g_autoptr (PangoLayout) text = gtk_widget_create_pango_layout (widget, "This graph has no nodes");
      GtkStyleContext *style = gtk_widget_get_style_context (widget);
      int w, h;

      pango_layout_get_pixel_size (text, &w, &h);
      gtk_snapshot_render_layout (snapshot, style, (width - w) / 2.0, (height - h) / 2.0, text);
    }
  self->frame = NULL;
}

void
ox_graph_view_moved (OxGraphView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[MOVED], 0);
}

static void
move_cb (double at, gpointer data)
{
  OxGraphView *self = data;

  if (self->view == NULL)
    return;
  self->view->x = self->from_x + (self->to_x - self->from_x) * at;
  self->view->y = self->from_y + (self->to_y - self->from_y) * at;
  self->view->scale = self->from_scale + (self->to_scale - self->from_scale) * at;
  ox_graph_view_moved (self);
}

void
ox_graph_view_halt (OxGraphView *self)
{
  if (adw_animation_get_state (self->motion) == ADW_ANIMATION_PLAYING)
    adw_animation_pause (self->motion);
}

static void
go_to (OxGraphView *self, double x, double y, double scale, gboolean at_once)
{
  if (self->view == NULL)
    return;
  ox_graph_view_halt (self);
  self->to_x = x;
  self->to_y = y;
  self->to_scale = CLAMP (scale, MIN_SCALE, MAX_SCALE);
  if (at_once)
    {
      self->view->x = x;
      self->view->y = y;
      self->view->scale = self->to_scale;
      ox_graph_view_moved (self);
      return;
    }
  self->from_x = self->view->x;
  self->from_y = self->view->y;
  self->from_scale = self->view->scale;
  adw_animation_reset (self->motion);
  adw_animation_play (self->motion);
}

static void
fit (OxGraphView *self, gboolean at_once)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  const OxLayout *l;
  double scale;

  if (self->view == NULL || width <= 0 || height <= 0)
    return;
  l = self->view->scene->layout;
  scale = MIN (width / (l->width + 2 * MARGIN), MAX (height - TOP - BOTTOM, 50) / MAX (l->height, 1));
  scale = CLAMP (scale, MIN_SCALE, 1);
  go_to (self, (l->width - width / scale) / 2, (l->height - (height + TOP - BOTTOM) / scale) / 2, scale, at_once);
}

void
ox_graph_view_fit (OxGraphView *self)
{
  fit (self, FALSE);
}

/* What is read first: all of a small graph, the beginning of a large one. */
static void
place_first (OxGraphView *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  const OxLayout *l = self->view->scene->layout;
  double scale = CLAMP (width / (l->width + 2 * MARGIN), READABLE, 1);

  if (width <= 0 || self->view->placed)
    return;
  self->view->placed = TRUE;
  if (l->height * READABLE + TOP + BOTTOM <= height && l->width * READABLE + 2 * MARGIN <= width)
    fit (self, TRUE);
  else
    {
      double seen = width / scale, middle = l->n_boxes > 0 ? l->boxes[0].x + l->boxes[0].w / 2 : 0;
      double last = l->width + MARGIN - seen;

      /* Around the first node, but no space beside the graph while some of it is out of sight. */
      go_to (self, last < -MARGIN ? (l->width - seen) / 2 : CLAMP (middle - seen / 2, -MARGIN, last), -TOP / scale, scale,
             TRUE);
    }
}

/* Brings the selected node into view, if it is not. */
void
ox_graph_view_follow (OxGraphView *self)
{
  OxNode *node = ox_focus_get_node (self->focus);
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self)), at;
  gboolean moving = adw_animation_get_state (self->motion) == ADW_ANIMATION_PLAYING;
  const OxRect *box;
  double now, scale, left, top;

  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->view == NULL || node == NULL || width <= 0 || (at = ox_scene_find (self->view->scene, node)) < 0)
    return;
  box = &self->view->scene->layout->boxes[at];
  /* What counts is where the view will be. */
  now = moving ? self->to_scale : self->view->scale;
  scale = MAX (now, READABLE);
  left = (box->x - (moving ? self->to_x : self->view->x)) * now;
  top = (box->y - (moving ? self->to_y : self->view->y)) * now;
  if (scale > now || left < 10 || top < TOP || left + box->w * scale > width - 10 || top + box->h * scale > height - BOTTOM)
    go_to (self, box->x + box->w / 2 - width / scale / 2, box->y + box->h / 2 - height / scale / 2.3, scale, FALSE);
}

static void
breakpoints_cb (OxGraphView *self)
{
  if (self->marks != NULL)
    ox_breakpoint_marks_reset (self->marks);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
make_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  OxScene *scene = ox_scene_new (data, NULL, cancellable, &error);

  if (scene != NULL)
    g_task_return_pointer (task, scene, (GDestroyNotify) ox_scene_unref);
  else
    g_task_return_error (task, error);
}

static void
made_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxGraphView *self = OX_GRAPH_VIEW (source);
  g_autoptr (GError) error = NULL;
  OxScene *scene = g_task_propagate_pointer (G_TASK (result), &error);
  View *view;

  if (scene == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && self->focus != NULL)
        gtk_widget_activate_action (GTK_WIDGET (self), "page.report", "s", error->message);
      return;
    }
  if (self->views == NULL)
    {
      ox_scene_unref (scene);
      return;
    }
  view = g_new0 (View, 1);
  view->scene = scene;
  view->scale = 1;
  g_hash_table_replace (self->views, scene->graph, view);
  if (ox_focus_get_graph (self->focus) != scene->graph)
    return;
  self->view = view;
  ox_graph_view_moved (self);
  place_first (self);
  ox_graph_view_follow (self);
}

static void
show_graph (OxGraphView *self)
{
  OxGraph *graph = ox_focus_get_graph (self->focus);
  g_autoptr (GTask) task = NULL;

  ox_graph_view_halt (self);
  g_cancellable_cancel (self->making);
  g_clear_object (&self->making);
  self->view = g_hash_table_lookup (self->views, graph);
  ox_graph_view_moved (self);
  if (self->view != NULL)
    return;
  self->making = g_cancellable_new ();
  task = g_task_new (self, self->making, made_cb, NULL);
  g_task_set_task_data (task, graph, NULL);
  g_task_run_in_thread (task, make_worker);
}

static gboolean
follow_cb (gpointer data)
{
  OxGraphView *self = data;

  self->following = 0;
  ox_graph_view_follow (self);
  return G_SOURCE_REMOVE;
}

static void
ox_graph_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  OxGraphView *self = OX_GRAPH_VIEW (widget);
  gboolean smaller = width < self->width || height < self->height;

  self->width = width;
  self->height = height;
  if (self->view == NULL)
    return;
  place_first (self);
  /* Not from within the allocation: moving tells others. */
  if (smaller && self->following == 0)
    self->following = g_idle_add (follow_cb, self);
}

static void
ox_graph_view_class_init (OxGraphViewClass *klass)
{
  signals[MOVED] = g_signal_new ("moved", OX_TYPE_GRAPH_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  GTK_WIDGET_CLASS (klass)->snapshot = ox_graph_view_snapshot;
  GTK_WIDGET_CLASS (klass)->size_allocate = ox_graph_view_size_allocate;
  G_OBJECT_CLASS (klass)->dispose = ox_graph_view_dispose;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ox_graph_view_init (OxGraphView *self)
{
  self->hover = -1;
  self->painter = ox_painter_new ();
  self->views = g_hash_table_new_full (NULL, NULL, NULL, view_free);
  self->states = g_hash_table_new (NULL, NULL);
  self->shapes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  ox_graph_view_add_input (self);
  self->motion = adw_timed_animation_new (GTK_WIDGET (self), 0, 1, MOVE_TIME,
                                          adw_callback_animation_target_new (move_cb, self, NULL));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
ox_graph_view_new (OxFocus *focus)
{
  OxGraphView *self = g_object_new (OX_TYPE_GRAPH_VIEW, NULL);

  self->focus = g_object_ref (focus);
  self->marks = ox_breakpoint_marks_new (ox_focus_get_debugger (focus));
  g_signal_connect_object (ox_focus_get_debugger (focus), "breakpoints", G_CALLBACK (breakpoints_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "graph-changed", G_CALLBACK (show_graph), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "node-changed", G_CALLBACK (ox_graph_view_follow), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "value-changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_overlay (focus), "changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_log (focus), "changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  show_graph (self);
  return GTK_WIDGET (self);
}

OxScene *
ox_graph_view_get_scene (OxGraphView *self)
{
  return self->view != NULL ? self->view->scene : NULL;
}

OxRect
ox_graph_view_get_area (OxGraphView *self)
{
  OxRect area = { 0, 0, 0, 0 };

  if (self->view != NULL)
    area = (OxRect){ self->view->x, self->view->y, gtk_widget_get_width (GTK_WIDGET (self)) / self->view->scale,
                     gtk_widget_get_height (GTK_WIDGET (self)) / self->view->scale };
  return area;
}

void
ox_graph_view_center (OxGraphView *self, double x, double y)
{
  OxRect area = ox_graph_view_get_area (self);

  if (self->view != NULL)
    go_to (self, x - area.w / 2, y - area.h / 2, self->view->scale, TRUE);
}

gboolean
ox_graph_view_place_of (OxGraphView *self, const OxNode *node, GdkRectangle *place)
{
  int card = self->view != NULL ? ox_scene_find (self->view->scene, node) : -1;
  const OxRect *box;
  double scale;

  if (card < 0)
    return FALSE;
  box = &self->view->scene->layout->boxes[card];
  scale = self->view->scale;
  *place = (GdkRectangle){ (int) ((box->x - self->view->x) * scale), (int) ((box->y - self->view->y) * scale), (int) (box->w * scale),
                           (int) (box->h * scale) };
  return TRUE;
}
