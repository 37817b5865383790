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
  OxOriginView  *origin;
  OxHuntView    *hunt;
  OxPrecisionView *precision;
  OxStudy       *quantisation;
  OxConsoleView *console;
};

G_DEFINE_FINAL_TYPE (OxDrawer, ox_drawer, GTK_TYPE_BOX)

static void
ox_drawer_class_init (OxDrawerClass *klass)
{
}

static void
ox_drawer_init (OxDrawer *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "ox-panel");
  gtk_widget_set_size_request (GTK_WIDGET (self), -1, 120);
}

GtkWidget *
ox_drawer_new (OxFocus *focus)
{
  OxDrawer *self = g_object_new (OX_TYPE_DRAWER, NULL);
  GtkWidget *switcher = gtk_stack_switcher_new (), *stack = gtk_stack_new (), *tabs = gtk_scrolled_window_new ();
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
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), GTK_STACK (stack));
  gtk_widget_set_halign (switcher, GTK_ALIGN_START);
  gtk_widget_add_css_class (switcher, "ox-switcher");
  /* Where they have no room, the wheel shows the others. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (tabs), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (tabs), switcher);
  gtk_widget_set_vexpand (stack, TRUE);
  gtk_box_append (GTK_BOX (self), tabs);
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
