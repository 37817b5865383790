/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"
#include "app/ox-settings.h"
#include "ui/ox-breadcrumb.h"
#include "ui/ox-drawer.h"
#include "ui/ox-graph-view.h"
#include "ui/ox-legend.h"
#include "ui/ox-overview.h"
#include "ui/ox-step-bar.h"

/* A panel's edge: pulled, it makes the panel wider, and the width is remembered. */
typedef struct
{
  GtkWidget  *panel;
  const char *key;
  int         sign;    /* 1: the panel is to the left */
  int         start;
} Handle;

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, Handle *handle)
{
  handle->start = gtk_widget_get_width (handle->panel);
  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
drag_update_cb (GtkGestureDrag *drag, double x, double y, Handle *handle)
{
  GtkWidget *self = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (drag));
  int room = gtk_widget_get_width (gtk_widget_get_parent (self)), width = gtk_widget_get_width (handle->panel);
  int moved = handle->sign * (int) x, wanted;

  /* The handle goes with the edge, so the way is from where it is now. */
  wanted = CLAMP (width + moved, 200, MAX (200, room - 320));
  if (wanted == width)
    return;
  gtk_widget_set_size_request (handle->panel, wanted, -1);
  g_settings_set_int (ox_settings_get (NULL), handle->key, wanted);
}

static GtkWidget *
make_handle (GtkWidget *panel, const char *key, int sign)
{
  GtkWidget *self = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  GtkGesture *drag = gtk_gesture_drag_new ();
  Handle *handle = g_new0 (Handle, 1);

  handle->panel = panel;
  handle->key = key;
  handle->sign = sign;
  gtk_widget_add_css_class (self, "ox-handle");
  gtk_widget_set_cursor_from_name (self, "col-resize");
  g_object_set_data_full (G_OBJECT (self), "handle", handle, g_free);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), handle);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), handle);
  gtk_widget_add_controller (self, GTK_EVENT_CONTROLLER (drag));
  return self;
}

/* Narrow, a panel lies over the graph and is closed at first; wide, it is as it was left. */
static void
folded_cb (AdwFlap *flap, GParamSpec *pspec, const char *key)
{
  adw_flap_set_reveal_flap (flap, !adw_flap_get_folded (flap) && g_settings_get_boolean (ox_settings_get (NULL), key));
}

static void
revealed_cb (AdwFlap *flap, GParamSpec *pspec, const char *key)
{
  if (!adw_flap_get_folded (flap))
    g_settings_set_boolean (ox_settings_get (NULL), key, adw_flap_get_reveal_flap (flap));
}

static AdwFlap *
make_flap (OxPage *self, GtkWidget *panel, GtkWidget *content, GtkPackType side, const char *action, const char *visible_key,
           const char *width_key)
{
  AdwFlap *flap = ADW_FLAP (adw_flap_new ());
  GSettings *settings = ox_settings_get (NULL);
  g_autoptr (GPropertyAction) toggle = g_property_action_new (action, flap, "reveal-flap");

  gtk_widget_set_size_request (panel, g_settings_get_int (settings, width_key), -1);
  gtk_widget_set_hexpand (panel, FALSE);
  gtk_widget_add_css_class (panel, "ox-panel");
  adw_flap_set_flap_position (flap, side);
  adw_flap_set_flap (flap, panel);
  adw_flap_set_content (flap, content);
  adw_flap_set_separator (flap, make_handle (panel, width_key, side == GTK_PACK_START ? 1 : -1));
  adw_flap_set_locked (flap, TRUE);
  adw_flap_set_swipe_to_open (flap, FALSE);
  adw_flap_set_swipe_to_close (flap, FALSE);
  adw_flap_set_reveal_flap (flap, g_settings_get_boolean (settings, visible_key));
  g_signal_connect (flap, "notify::folded", G_CALLBACK (folded_cb), (gpointer) visible_key);
  g_signal_connect (flap, "notify::reveal-flap", G_CALLBACK (revealed_cb), (gpointer) visible_key);
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (toggle));
  return flap;
}

static GtkWidget *
make_middle (OxPage *self)
{
  GtkWidget *crumb = ox_breadcrumb_new (self->focus), *steps = ox_step_bar_new (self->focus), *overview;
  GtkWidget *legend = ox_legend_new (self->focus);

  self->overlay = GTK_OVERLAY (gtk_overlay_new ());
  self->graph = ox_graph_view_new (self->focus);
  gtk_overlay_set_child (self->overlay, self->graph);
  gtk_widget_set_size_request (GTK_WIDGET (self->overlay), 320, 200);
  gtk_widget_set_halign (crumb, GTK_ALIGN_START);
  gtk_widget_set_valign (crumb, GTK_ALIGN_START);
  gtk_widget_set_margin_start (crumb, 12);
  gtk_widget_set_margin_top (crumb, 12);
  gtk_widget_set_halign (steps, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (steps, GTK_ALIGN_END);
  gtk_widget_set_margin_bottom (steps, 12);
  gtk_overlay_add_overlay (self->overlay, crumb);
  gtk_overlay_add_overlay (self->overlay, steps);
  gtk_widget_set_halign (legend, GTK_ALIGN_START);
  gtk_widget_set_valign (legend, GTK_ALIGN_END);
  gtk_widget_set_margin_start (legend, 12);
  gtk_widget_set_margin_bottom (legend, 76);
  gtk_overlay_add_overlay (self->overlay, legend);
  overview = ox_overview_new (OX_GRAPH_VIEW (self->graph));
  gtk_widget_set_halign (overview, GTK_ALIGN_END);
  gtk_widget_set_valign (overview, GTK_ALIGN_END);
  gtk_widget_set_margin_end (overview, 12);
  gtk_widget_set_margin_bottom (overview, 76);
  g_settings_bind (ox_settings_get (NULL), "minimap-visible", overview, "visible", G_SETTINGS_BIND_DEFAULT);
  gtk_overlay_add_overlay (self->overlay, overview);
  return GTK_WIDGET (self->overlay);
}

/* Once there is room to divide. */
static void
place_drawer_cb (GtkPaned *paned, GParamSpec *pspec, OxPage *self)
{
  int height = gtk_widget_get_height (GTK_WIDGET (paned));

  if (height <= 0)
    return;
  g_signal_handlers_disconnect_by_func (paned, place_drawer_cb, self);
  gtk_paned_set_position (paned, MAX (200, height - g_settings_get_int (ox_settings_get (NULL), "drawer-height")));
}

static void
drawer_moved_cb (GtkPaned *paned, GParamSpec *pspec, OxPage *self)
{
  int height = gtk_widget_get_height (GTK_WIDGET (paned)) - gtk_paned_get_position (paned);

  if (gtk_widget_get_visible (self->drawer) && gtk_widget_get_height (self->drawer) > 0 && height >= 80)
    g_settings_set_int (ox_settings_get (NULL), "drawer-height", height);
}

/* Toasts come up above the step bar; with the drawer open that would be where the current node is, so over the drawer. */
static void
place_toasts (OxPage *self)
{
  if (gtk_widget_get_visible (self->drawer))
    gtk_widget_remove_css_class (GTK_WIDGET (self->toasts), "ox-above-steps");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->toasts), "ox-above-steps");
}

static void
drawer_shown_cb (GtkWidget *drawer, GParamSpec *pspec, OxPage *self)
{
  place_toasts (self);
  g_settings_set_boolean (ox_settings_get (NULL), "drawer-visible", gtk_widget_get_visible (drawer));
}

static void
add_drawer (OxPage *self)
{
  GSettings *settings = ox_settings_get (NULL);
  g_autoptr (GPropertyAction) toggle = NULL;

  self->drawer = ox_drawer_new (self->focus);
  gtk_widget_set_visible (self->drawer, g_settings_get_boolean (settings, "drawer-visible"));
  gtk_paned_set_end_child (self->paned, self->drawer);
  toggle = g_property_action_new ("drawer", self->drawer, "visible");
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (toggle));
  g_signal_connect (self->paned, "notify::max-position", G_CALLBACK (place_drawer_cb), self);
  g_signal_connect (self->paned, "notify::position", G_CALLBACK (drawer_moved_cb), self);
  g_signal_connect (self->drawer, "notify::visible", G_CALLBACK (drawer_shown_cb), self);
}

/* Escape first closes a panel that lies over the graph. */
static gboolean
escape_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, OxPage *self)
{
  AdwFlap *flaps[] = { self->inspector_flap, self->outline_flap };

  if (key != GDK_KEY_Escape)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (flaps); i++)
    if (adw_flap_get_folded (flaps[i]) && adw_flap_get_reveal_flap (flaps[i]))
      {
        adw_flap_set_reveal_flap (flaps[i], FALSE);
        gtk_widget_grab_focus (self->graph);
        return TRUE;
      }
  return FALSE;
}

GtkWidget *
ox_page_make_panels (OxPage *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkWidget *outline = ox_outline_new (self->focus), *inspector = ox_inspector_new (self->focus, G_ACTION_GROUP (self->actions));

  self->outline = OX_OUTLINE (outline);
  self->inspector = OX_INSPECTOR (inspector);
  self->paned = GTK_PANED (gtk_paned_new (GTK_ORIENTATION_VERTICAL));
  gtk_paned_set_start_child (self->paned, make_middle (self));
  gtk_paned_set_shrink_start_child (self->paned, FALSE);
  gtk_paned_set_shrink_end_child (self->paned, FALSE);
  gtk_paned_set_resize_end_child (self->paned, FALSE);
  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->toasts), "ox-toasts");
  adw_toast_overlay_set_child (self->toasts, GTK_WIDGET (self->paned));
  gtk_widget_set_hexpand (GTK_WIDGET (self->toasts), TRUE);
  add_drawer (self);
  place_toasts (self);
  self->inspector_flap = make_flap (self, inspector, GTK_WIDGET (self->toasts), GTK_PACK_END, "inspector", "inspector-visible",
                                    "inspector-width");
  self->outline_flap = make_flap (self, outline, GTK_WIDGET (self->inspector_flap), GTK_PACK_START, "outline", "outline-visible",
                                  "outline-width");
  gtk_widget_set_vexpand (GTK_WIDGET (self->outline_flap), TRUE);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (escape_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->outline_flap), keys);
  return GTK_WIDGET (self->outline_flap);
}
