/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-edit-menu.h"

#include "ui/ox-edit-actions.h"
#include "ui/ox-graph-view-private.h"

GtkWidget *
ox_edit_menu_button_new (void)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenuModel) menu = ox_edit_actions_value_menu ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "document-edit-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  gtk_widget_set_tooltip_text (button, "Change the Value");
  gtk_widget_add_css_class (button, "flat");
  return button;
}

typedef struct
{
  OxGraphView *view;
  OxFocus     *focus;      /* owned */
  GtkWidget   *popover;    /* a child of the view */
} Menu;

static void
menu_free (gpointer data, GClosure *closure)
{
  Menu *menu = data;

  g_object_unref (menu->focus);
  g_free (menu);
}

static void
pop_up (Menu *menu, double x, double y)
{
  GdkRectangle at = { (int) x, (int) y, 1, 1 };

  gtk_popover_set_pointing_to (GTK_POPOVER (menu->popover), &at);
  gtk_popover_popup (GTK_POPOVER (menu->popover));
}

static void
pressed_cb (GtkGestureClick *click, int times, double x, double y, Menu *menu)
{
  const View *view = menu->view->view;
  OxHit hit;

  if (view == NULL)
    return;
  hit = ox_layout_hit (view->scene->layout, view->x + x / view->scale, view->y + y / view->scale, 6 / view->scale);
  if (hit.kind != OX_HIT_BOX || ox_scene_card (view->scene, hit.index)->node == NULL)
    return;
  gtk_gesture_set_state (GTK_GESTURE (click), GTK_EVENT_SEQUENCE_CLAIMED);
  ox_focus_select_node (menu->focus, ox_scene_card (view->scene, hit.index)->node);
  pop_up (menu, x, y);
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, Menu *menu)
{
  const View *view = menu->view->view;
  OxNode *node = ox_focus_get_node (menu->focus);
  int card = view != NULL && node != NULL ? ox_scene_find (view->scene, node) : -1;
  const OxRect *box = card >= 0 ? &view->scene->layout->boxes[card] : NULL;

  if (key != GDK_KEY_Menu || box == NULL)
    return FALSE;
  pop_up (menu, (box->x + box->w / 2 - view->x) * view->scale, (box->y + box->h - view->y) * view->scale);
  return TRUE;
}

static void
gone_cb (GtkWidget *popover)
{
  gtk_widget_unparent (popover);
}

void
ox_edit_menu_attach (OxGraphView *view, OxFocus *focus)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_autoptr (GMenuModel) model = ox_edit_actions_node_menu ();
  Menu *menu = g_new0 (Menu, 1);

  menu->view = view;
  menu->focus = g_object_ref (focus);
  menu->popover = gtk_popover_menu_new_from_model (model);
  gtk_popover_set_has_arrow (GTK_POPOVER (menu->popover), FALSE);
  gtk_widget_set_halign (menu->popover, GTK_ALIGN_START);
  gtk_widget_set_parent (menu->popover, GTK_WIDGET (view));
  /* A submenu would keep the keyboard. */
  g_signal_connect_swapped (menu->popover, "closed", G_CALLBACK (gtk_widget_grab_focus), view);
  g_signal_connect_swapped (view, "destroy", G_CALLBACK (gone_cb), menu->popover);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_data (click, "pressed", G_CALLBACK (pressed_cb), menu, menu_free, 0);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), menu);
  gtk_widget_add_controller (GTK_WIDGET (view), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (view), keys);
}
