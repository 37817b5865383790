/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-drawer.h"

#include "ui/ox-compare-view.h"
#include "ui/ox-console-view.h"
#include "ui/ox-edit-view.h"
#include "ui/ox-hunt-view.h"
#include "ui/ox-iteration-view.h"
#include "ui/ox-origin-view.h"
#include "ui/ox-precision-view.h"
#include "ui/ox-recording-view.h"
#include "ui/ox-time-slider.h"
#include "ui/ox-timeline.h"
#include "ui/ox-value-table.h"

struct _OxDrawer
{
  GtkBox parent_instance;

  GtkStack      *stack;
  GtkWidget     *recording;
  GtkWidget     *switcher, *all;     /* the tabs; a list of them where they have no room */
  GtkAdjustment *across;             /* of the tabs */
  guint          fitting;
  OxOriginView  *origin;
  OxHuntView    *hunt;
  OxPrecisionView *precision;
  OxStudy       *quantisation;
  OxConsoleView *console;
};

G_DEFINE_FINAL_TYPE (OxDrawer, ox_drawer, GTK_TYPE_BOX)

static void
ox_drawer_dispose (GObject *object)
{
  g_clear_handle_id (&OX_DRAWER (object)->fitting, g_source_remove);
  G_OBJECT_CLASS (ox_drawer_parent_class)->dispose (object);
}

static void
ox_drawer_class_init (OxDrawerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_drawer_dispose;
}

static void
ox_drawer_init (OxDrawer *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "ox-panel");
  gtk_widget_set_size_request (GTK_WIDGET (self), -1, 120);
}

/* ---- the tabs -------------------------------------------------------------------------------------------------- */

/* The tab of the page that is shown comes into sight. */
static void
show_tab (OxDrawer *self)
{
  g_autoptr (GtkSelectionModel) pages = gtk_stack_get_pages (self->stack);
  GtkWidget *tab = gtk_widget_get_first_child (self->switcher);
  graphene_rect_t bounds;

  for (guint i = 0; tab != NULL && !gtk_selection_model_is_selected (pages, i); i++)
    tab = gtk_widget_get_next_sibling (tab);
  if (tab != NULL && gtk_widget_get_width (tab) > 0 && gtk_widget_compute_bounds (tab, self->switcher, &bounds))
    gtk_adjustment_clamp_page (self->across, bounds.origin.x - 24, bounds.origin.x + bounds.size.width + 24);
}

static gboolean
fit_cb (gpointer data)
{
  OxDrawer *self = data;
  int needed;

  self->fitting = 0;
  gtk_widget_measure (self->switcher, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &needed, NULL, NULL);
  gtk_widget_set_visible (self->all, needed > gtk_widget_get_width (GTK_WIDGET (self)));
  show_tab (self);
  return G_SOURCE_REMOVE;
}

/* Not while sizes are being given. */
static void
room_cb (OxDrawer *self)
{
  if (self->fitting == 0)
    self->fitting = g_idle_add (fit_cb, self);
}

/* Pages come and go. */
static void
list_pages_cb (GtkMenuButton *button, gpointer data)
{
  g_autoptr (GtkSelectionModel) pages = gtk_stack_get_pages (OX_DRAWER (data)->stack);
  g_autoptr (GMenu) menu = g_menu_new ();

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pages)); i++)
    {
      g_autoptr (GObject) page = g_list_model_get_item (G_LIST_MODEL (pages), i);
      g_autofree char *action = g_strdup_printf ("drawer.page::%s", gtk_stack_page_get_name (GTK_STACK_PAGE (page)));

      if (gtk_stack_page_get_visible (GTK_STACK_PAGE (page)))
        g_menu_append (menu, gtk_stack_page_get_title (GTK_STACK_PAGE (page)), action);
    }
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
}

/* Those that have no room are to be had by a menu; the wheel shows them, too. */
static GtkWidget *
make_tabs (OxDrawer *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *tabs = gtk_scrolled_window_new ();
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GPropertyAction) page = g_property_action_new ("page", self->stack, "visible-child-name");

  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (page));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "drawer", G_ACTION_GROUP (group));
  self->switcher = gtk_stack_switcher_new ();
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (self->switcher), self->stack);
  gtk_widget_set_halign (self->switcher, GTK_ALIGN_START);
  gtk_widget_add_css_class (self->switcher, "ox-switcher");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (tabs), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (tabs), self->switcher);
  gtk_widget_set_hexpand (tabs, TRUE);
  self->across = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (tabs));
  self->all = gtk_menu_button_new ();
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->all), list_pages_cb, self, NULL);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->all), "pan-down-symbolic");
  gtk_widget_set_tooltip_text (self->all, "All Pages");
  gtk_widget_set_valign (self->all, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_end (self->all, 6);
  gtk_widget_add_css_class (self->all, "flat");
  gtk_widget_set_visible (self->all, FALSE);
  g_signal_connect_object (self->across, "changed", G_CALLBACK (room_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->stack, "notify::visible-child", G_CALLBACK (room_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (row), tabs);
  gtk_box_append (GTK_BOX (row), self->all);
  return row;
}

GtkWidget *
ox_drawer_new (OxFocus *focus)
{
  OxDrawer *self = g_object_new (OX_TYPE_DRAWER, NULL);
  GtkWidget *stack = gtk_stack_new ();
  GtkWidget *time = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  /* In the first place once there is one. */
  self->recording = ox_recording_view_new (focus);
  gtk_stack_page_set_visible (gtk_stack_add_titled (GTK_STACK (stack), self->recording, "recording", "Recording"), FALSE);
  gtk_box_append (GTK_BOX (time), ox_time_slider_new (focus));
  gtk_box_append (GTK_BOX (time), ox_timeline_new (focus));
  gtk_stack_add_titled (GTK_STACK (stack), time, "timeline", "Timeline");
  gtk_stack_set_visible_child (GTK_STACK (stack), time);
  if (ox_iteration_view_is_needed (ox_focus_get_model (focus)))
    gtk_stack_add_titled (GTK_STACK (stack), ox_iteration_view_new (focus), "iterations", "Iterations");
  gtk_stack_add_titled (GTK_STACK (stack), ox_value_table_new (focus), "values", "Values");
  gtk_stack_add_titled (GTK_STACK (stack), ox_compare_view_new (focus), "compare", "Compare");
  self->hunt = OX_HUNT_VIEW (ox_hunt_view_new (focus));
  gtk_stack_add_titled (GTK_STACK (stack), GTK_WIDGET (self->hunt), "hunt", "Hunt");
  self->precision = OX_PRECISION_VIEW (ox_precision_view_new (focus));
  gtk_stack_add_titled (GTK_STACK (stack), GTK_WIDGET (self->precision), "precision", "Precision");
  self->quantisation = ox_quant_view_new (focus);
  gtk_stack_add_titled (GTK_STACK (stack), GTK_WIDGET (self->quantisation), "quantisation", "Quantisation");
  gtk_stack_add_titled (GTK_STACK (stack), ox_edit_view_new (focus), "edits", "Edits");
  self->origin = OX_ORIGIN_VIEW (ox_origin_view_new (focus));
  gtk_stack_add_titled (GTK_STACK (stack), GTK_WIDGET (self->origin), "origin", "Origin");
  self->stack = GTK_STACK (stack);
  self->console = OX_CONSOLE_VIEW (ox_console_view_new (focus));
  gtk_stack_add_titled (self->stack, GTK_WIDGET (self->console), "console", "Console");
  gtk_widget_set_vexpand (stack, TRUE);
  gtk_box_append (GTK_BOX (self), make_tabs (self));
  gtk_box_append (GTK_BOX (self), stack);
  return GTK_WIDGET (self);
}

void
ox_drawer_show (OxDrawer *self, const char *name)
{
  gtk_stack_set_visible_child_name (self->stack, name);
}

void
ox_drawer_hunt (OxDrawer *self)
{
  ox_drawer_show (self, "hunt");
  ox_hunt_view_start (self->hunt);
}

void
ox_drawer_precision (OxDrawer *self, const char *question)
{
  ox_drawer_show (self, "precision");
  ox_precision_view_ask (self->precision, question);
}

void
ox_drawer_quantisation (OxDrawer *self, const char *path, OxQuantOpen open)
{
  ox_drawer_show (self, "quantisation");
  if (path != NULL)
    ox_quant_view_set_reference (self->quantisation, path, open);
  ox_study_ask (self->quantisation);
}

void
ox_drawer_show_recording (OxDrawer *self, OxRecording *recording, const char *doubt)
{
  gtk_stack_page_set_visible (gtk_stack_get_page (self->stack, self->recording), TRUE);
  ox_recording_view_set (OX_RECORDING_VIEW (self->recording), recording, doubt);
  ox_drawer_show (self, "recording");
  gtk_widget_grab_focus (self->recording);
}

void
ox_drawer_tell_recording (OxDrawer *self, const char *text, gint64 first)
{
  ox_drawer_show (self, "recording");
  ox_recording_view_tell (OX_RECORDING_VIEW (self->recording), text, first);
}

void
ox_drawer_show_origin (OxDrawer *self, const char *expression)
{
  ox_drawer_show (self, "origin");
  ox_origin_view_ask (self->origin, expression);
}

void
ox_drawer_show_console (OxDrawer *self)
{
  gtk_stack_set_visible_child_name (self->stack, "console");
  ox_console_view_type (self->console);
}
