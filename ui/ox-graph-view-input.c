/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "ui/ox-graph-view-private.h"

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
  ox_graph_view_halt (self);
  self->view->x -= (x - self->drag_x) / self->view->scale;
  self->view->y -= (y - self->drag_y) / self->view->scale;
  self->drag_x = x;
  self->drag_y = y;
  ox_graph_view_moved (self);
}

static void
zoom (OxGraphView *self, double factor, double px, double py)
{
  double scale;

  if (self->view == NULL)
    return;
  ox_graph_view_halt (self);
  scale = CLAMP (self->view->scale * factor, MIN_SCALE, MAX_SCALE);
  self->view->x += px / self->view->scale - px / scale;
  self->view->y += py / self->view->scale - py / scale;
  self->view->scale = scale;
  ox_graph_view_moved (self);
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
  if (hover >= 0)
    {
      const OxCard *card = ox_scene_card (self->view->scene, hover);
      g_autofree char *stops = card->node != NULL ? ox_breakpoint_marks_tip (self->marks, card->node) : NULL;
      g_autofree char *tip = stops != NULL ? g_strdup_printf ("%s\n%s", card->tip, stops) : g_strdup (card->tip);

      gtk_widget_set_tooltip_text (GTK_WIDGET (self), tip);
    }
  else
    gtk_widget_set_tooltip_text (GTK_WIDGET (self), NULL);
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
      ox_graph_view_moved (self);
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
      ox_graph_view_fit (self);
      return TRUE;
    case GDK_KEY_0:
      zoom (self, 1 / self->view->scale, middle_x, middle_y);
      return TRUE;
    case GDK_KEY_z:
      zoom (self, MAX (1, 1 / self->view->scale), middle_x, middle_y);
      ox_graph_view_follow (self);
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
    case GDK_KEY_Escape:
      if (ox_focus_get_value (self->focus, NULL) >= 0)
        ox_focus_select_value (self->focus, NULL, -1);
      else
        ox_focus_select_node (self->focus, NULL);
      return TRUE;
    case GDK_KEY_slash:
      gtk_widget_activate_action (GTK_WIDGET (self), "page.find", NULL);
      return TRUE;
    default:
      return FALSE;
    }
}

void
ox_graph_view_add_input (OxGraphView *self)
{
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new (), *keys = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);

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
}
