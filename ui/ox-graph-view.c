/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-graph-view.h"

#include <adwaita.h>
#include <math.h>

#include "ui/ox-words.h"

#define MIN_SCALE 0.0005
#define MAX_SCALE 4.0
#define MARGIN    24.0
#define TOP       60      /* pixels that the breadcrumb takes, and the step bar */
#define BOTTOM    84
#define READABLE  0.75    /* pixels a point from which on text is read with ease */
#define MOVE_TIME 200     /* ms that the view takes to get somewhere */

/* How one graph was left. */
typedef struct
{
  OxScene   *scene;
  double     x, y, scale;    /* the picture's point in the upper left corner */
  gboolean   placed;
} View;

struct _OxGraphView
{
  GtkWidget parent_instance;

  OxFocus      *focus;
  GHashTable   *views;       /* OxGraph* -> View */
  View         *view;        /* of the graph that is shown; NULL while it is made */
  OxPainter    *painter;
  OxFrame      *frame;       /* of the graph while it is painted: what was observed; borrowed */
  GCancellable *making;
  int           hover;       /* card, -1 */
  double        drag_x, drag_y, pointer_x, pointer_y;

  AdwAnimation *motion;
  double        from_x, from_y, from_scale, to_x, to_y, to_scale;
};

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
  self->view = NULL;
  g_clear_pointer (&self->painter, ox_painter_free);
  g_clear_pointer (&self->views, g_hash_table_unref);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_graph_view_parent_class)->dispose (object);
}

static OxNodeState
state_of (OxNode *node, gpointer data)
{
  OxGraphView *self = data;

  return ox_debugger_node_state (ox_focus_get_debugger (self->focus), node);
}

/* The shape that was observed, else the one that is known from the model. */
static char *
shape_of (OxGraph *graph, int slot, gpointer data)
{
  OxGraphView *self = data;
  const OxSlot *s = ox_graph_slot (graph, slot);
  const OxValue *value = self->frame != NULL && self->frame->graph == graph ? self->frame->values[slot] : NULL;

  if (value != NULL)
    return value->kind == OX_VALUE_TENSOR ? ox_tensor_shape_string (value->tensor) : ox_value_describe (value);
  return ox_words_shape (s);
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

/* A red dot on the left edge of a card. */
static void
paint_breakpoints (OxGraphView *self, cairo_t *cr, gboolean dark)
{
  GPtrArray *nodes = ox_focus_get_breakpoints (self->focus);

  for (guint i = 0; i < nodes->len; i++)
    {
      int card = ox_scene_find (self->view->scene, g_ptr_array_index (nodes, i));
      const OxRect *box = card >= 0 ? &self->view->scene->layout->boxes[card] : NULL;

      if (box == NULL)
        continue;
      ox_color_set_source (cr, ox_palette (dark)->failed, 1);
      cairo_arc (cr, box->x, box->y + box->h / 2, MAX (6, 3 / self->view->scale), 0, 2 * G_PI);
      cairo_fill (cr);
    }
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
  cairo_t *cr;

  if (view == NULL || width <= 0 || height <= 0)
    return;
  if (debugger != NULL && ox_debugger_is_running (debugger))
    debugger = NULL;
  self->frame = find_frame (debugger, view->scene->graph);
  look.dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  look.scale = view->scale;
  look.area = (OxRect){ view->x, view->y, width / view->scale, height / view->scale };
  look.selected = node != NULL ? ox_scene_find (view->scene, node) : -1;
  look.hover = self->hover;
  look.net = slot >= 0 && graph == view->scene->graph ? slot : G_MININT;
  look.state = debugger != NULL ? state_of : NULL;
  look.shape = shape_of;
  look.data = self;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  ox_color_set_source (cr, ox_palette (look.dark)->background, 1);
  cairo_paint (cr);
  cairo_scale (cr, view->scale, view->scale);
  cairo_translate (cr, -view->x, -view->y);
  ox_painter_draw (self->painter, view->scene, cr, &look);
  paint_breakpoints (self, cr, look.dark);
  cairo_destroy (cr);
  self->frame = NULL;
}

static void
moved (OxGraphView *self)
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
  moved (self);
}

static void
stop_motion (OxGraphView *self)
{
  if (adw_animation_get_state (self->motion) == ADW_ANIMATION_PLAYING)
    adw_animation_pause (self->motion);
}

static void
go_to (OxGraphView *self, double x, double y, double scale, gboolean at_once)
{
  if (self->view == NULL)
    return;
  stop_motion (self);
  self->to_x = x;
  self->to_y = y;
  self->to_scale = CLAMP (scale, MIN_SCALE, MAX_SCALE);
  if (at_once)
    {
      self->view->x = x;
      self->view->y = y;
      self->view->scale = self->to_scale;
      moved (self);
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
      double middle = l->n_boxes > 0 ? l->boxes[0].x + l->boxes[0].w / 2 : 0;

      go_to (self, middle - width / scale / 2, -TOP / scale, scale, TRUE);
    }
}

/* Brings the selected node into view, if it is not. */
static void
follow_node (OxGraphView *self)
{
  OxNode *node = ox_focus_get_node (self->focus);
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self)), at;
  const OxRect *box;
  double scale, left, top;

  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->view == NULL || node == NULL || width <= 0 || (at = ox_scene_find (self->view->scene, node)) < 0)
    return;
  box = &self->view->scene->layout->boxes[at];
  scale = MAX (self->view->scale, READABLE);
  left = (box->x - self->view->x) * self->view->scale;
  top = (box->y - self->view->y) * self->view->scale;
  if (scale > self->view->scale || left < 10 || top < TOP || left + box->w * scale > width - 10 || top + box->h * scale > height - BOTTOM)
    go_to (self, box->x + box->w / 2 - width / scale / 2, box->y + box->h / 2 - height / scale / 2.3, scale, FALSE);
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
  moved (self);
  place_first (self);
  follow_node (self);
}

static void
show_graph (OxGraphView *self)
{
  OxGraph *graph = ox_focus_get_graph (self->focus);
  g_autoptr (GTask) task = NULL;

  stop_motion (self);
  g_cancellable_cancel (self->making);
  g_clear_object (&self->making);
  self->view = g_hash_table_lookup (self->views, graph);
  moved (self);
  if (self->view != NULL)
    return;
  self->making = g_cancellable_new ();
  task = g_task_new (self, self->making, made_cb, NULL);
  g_task_set_task_data (task, graph, NULL);
  g_task_run_in_thread (task, make_worker);
}

static void
ox_graph_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  OxGraphView *self = OX_GRAPH_VIEW (widget);

  if (self->view != NULL)
    place_first (self);
}

static OxHit
hit_at (OxGraphView *self, double px, double py)
{
  return ox_layout_hit (self->view->scene->layout, self->view->x + px / self->view->scale, self->view->y + py / self->view->scale,
                        6 / self->view->scale);
}

static void
select_net (OxGraphView *self, int net)
{
  if (net >= 0)
    ox_focus_select_value (self->focus, self->view->scene->graph, net);
}

/* The other end of a chip: the producer of what comes from afar, or the first that reads it. */
static void
follow_chip (OxGraphView *self, int at)
{
  const OxLayout *l = self->view->scene->layout;
  const OxLayoutChip *chip = &l->chips[at];
  int other = chip->other, net = chip->net;

  for (int i = 0; other < 0 && i < l->n_chips; i++)
    if (l->chips[i].net == net && l->chips[i].other == chip->box)
      other = l->chips[i].box;
  if (other >= 0 && ox_scene_card (self->view->scene, other)->node != NULL)
    ox_focus_select_node (self->focus, ox_scene_card (self->view->scene, other)->node);
  select_net (self, net);
}

static void
click_cb (GtkGestureClick *click, int times, double px, double py, OxGraphView *self)
{
  const OxCard *card;
  OxHit hit;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->view == NULL || fabs (self->drag_x) + fabs (self->drag_y) > 4)
    return;
  hit = hit_at (self, px, py);
  switch (hit.kind)
    {
    case OX_HIT_BOX:
      card = ox_scene_card (self->view->scene, hit.index);
      ox_focus_select_node (self->focus, card->node);
      if (card->node == NULL)
        select_net (self, card->slot);
      else if (times == 2)
        gtk_widget_activate_action (GTK_WIDGET (self), "page.enter", NULL);
      break;
    case OX_HIT_ARROW:
      select_net (self, g_array_index (self->view->scene->arrows, OxLayoutArrow, hit.index).net);
      break;
    case OX_HIT_CHIP:
      follow_chip (self, hit.index);
      break;
    case OX_HIT_NOTHING:
      ox_focus_select_node (self->focus, NULL);
      break;
    }
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, OxGraphView *self)
{
  self->drag_x = self->drag_y = 0;
}

static void
drag_update_cb (GtkGestureDrag *drag, double x, double y, OxGraphView *self)
{
  if (self->view == NULL)
    return;
  stop_motion (self);
  self->view->x -= (x - self->drag_x) / self->view->scale;
  self->view->y -= (y - self->drag_y) / self->view->scale;
  self->drag_x = x;
  self->drag_y = y;
  moved (self);
}

static void
zoom (OxGraphView *self, double factor, double px, double py)
{
  double scale;

  if (self->view == NULL)
    return;
  stop_motion (self);
  scale = CLAMP (self->view->scale * factor, MIN_SCALE, MAX_SCALE);
  self->view->x += px / self->view->scale - px / scale;
  self->view->y += py / self->view->scale - py / scale;
  self->view->scale = scale;
  moved (self);
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, OxGraphView *self)
{
  OxHit hit = { OX_HIT_NOTHING, -1 };
  int hover;

  self->pointer_x = x;
  self->pointer_y = y;
  if (self->view == NULL)
    return;
  hit = hit_at (self, x, y);
  hover = hit.kind == OX_HIT_BOX ? hit.index : -1;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), hit.kind != OX_HIT_NOTHING ? "pointer" : NULL);
  if (hover == self->hover)
    return;
  self->hover = hover;
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), hover >= 0 ? ox_scene_card (self->view->scene, hover)->tip : NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The wheel zooms to the pointer; with Shift it moves sideways, on a touchpad it moves. */
static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, OxGraphView *self)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  GdkDevice *device = gtk_event_controller_get_current_event_device (GTK_EVENT_CONTROLLER (scroll));
  gboolean touchpad = device != NULL && gdk_device_get_source (device) == GDK_SOURCE_TOUCHPAD;

  if (self->view == NULL)
    return FALSE;
  if ((state & GDK_SHIFT_MASK) != 0 || (touchpad && (state & GDK_CONTROL_MASK) == 0))
    {
      self->view->x += (dx != 0 ? dx : dy) * (touchpad ? 1 : 60) / self->view->scale;
      if (dx != 0)
        self->view->y += dy * (touchpad ? 1 : 60) / self->view->scale;
      moved (self);
    }
  else
    zoom (self, pow (1.2, -dy), self->pointer_x, self->pointer_y);
  return TRUE;
}

/* The card that an arrow key leads to: along a wire up and down, to the nearest beside it left and right. */
static int
neighbour (const OxScene *scene, int card, guint key)
{
  const OxRect *boxes = scene->layout->boxes, *from = &boxes[card];
  int best = -1;
  double nearest = G_MAXDOUBLE;

  if (key == GDK_KEY_Up || key == GDK_KEY_Down)
    {
      for (guint i = 0; i < scene->arrows->len; i++)
        {
          const OxLayoutArrow *arrow = &g_array_index (scene->arrows, OxLayoutArrow, i);

          if ((key == GDK_KEY_Down ? arrow->from : arrow->to) == card)
            return key == GDK_KEY_Down ? arrow->to : arrow->from;
        }
      return -1;
    }
  for (int i = 0; i < scene->layout->n_boxes; i++)
    {
      double way = (boxes[i].x - from->x) * (key == GDK_KEY_Left ? -1 : 1);

      if (i != card && way > 0 && way < nearest && boxes[i].y < from->y + from->h && boxes[i].y + boxes[i].h > from->y)
        {
          nearest = way;
          best = i;
        }
    }
  return best;
}

static void
walk (OxGraphView *self, guint key)
{
  const OxScene *scene = self->view->scene;
  OxNode *node = ox_focus_get_node (self->focus);
  int card = node != NULL ? ox_scene_find (scene, node) : -1, next;

  if (scene->layout->n_boxes == 0)
    return;
  if (card < 0)
    {
      if (scene->graph->nodes->len > 0)
        ox_focus_select_node (self->focus, ox_graph_node (scene->graph, 0));
      return;
    }
  next = neighbour (scene, card, key);
  if (next >= 0 && ox_scene_card (scene, next)->node != NULL)
    ox_focus_select_node (self->focus, ox_scene_card (scene, next)->node);
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, OxGraphView *self)
{
  double middle_x = gtk_widget_get_width (GTK_WIDGET (self)) / 2.0, middle_y = gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;

  if (self->view == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_Right:
    case GDK_KEY_Up:
    case GDK_KEY_Down:
      walk (self, key);
      return TRUE;
    case GDK_KEY_f:
      fit (self, FALSE);
      return TRUE;
    case GDK_KEY_0:
      zoom (self, 1 / self->view->scale, middle_x, middle_y);
      return TRUE;
    case GDK_KEY_z:
      zoom (self, MAX (1, 1 / self->view->scale), middle_x, middle_y);
      follow_node (self);
      return TRUE;
    case GDK_KEY_plus:
    case GDK_KEY_KP_Add:
      zoom (self, 1.25, middle_x, middle_y);
      return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      zoom (self, 0.8, middle_x, middle_y);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      gtk_widget_activate_action (GTK_WIDGET (self), "page.enter", NULL);
      return TRUE;
    case GDK_KEY_BackSpace:
      gtk_widget_activate_action (GTK_WIDGET (self), "page.leave", NULL);
      return TRUE;
    case GDK_KEY_space:
      gtk_widget_activate_action (GTK_WIDGET (self), "page.show-tensor", NULL);
      return TRUE;
    case GDK_KEY_slash:
      gtk_widget_activate_action (GTK_WIDGET (self), "page.find", NULL);
      return TRUE;
    default:
      return FALSE;
    }
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
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new (), *keys = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);

  self->hover = -1;
  self->painter = ox_painter_new ();
  self->views = g_hash_table_new_full (NULL, NULL, NULL, view_free);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (click, "released", G_CALLBACK (click_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_gesture_group (drag, click);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
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
  g_signal_connect_object (focus, "graph-changed", G_CALLBACK (show_graph), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "node-changed", G_CALLBACK (follow_node), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "value-changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
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
