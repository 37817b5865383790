/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-step-bar.h"

#include "ui/ox-words.h"

struct _OxStepBar
{
  GtkBox parent_instance;

  OxFocus  *focus;
  GtkLabel *where;
};

G_DEFINE_FINAL_TYPE (OxStepBar, ox_step_bar, GTK_TYPE_BOX)

static const struct
{
  const char *action, *icon, *tip;
} buttons[] = {
  { "page.to-start", "ox-to-start-symbolic", "Run Back to the Start (Ctrl+Shift+F10)" },
  { "page.back", "ox-step-back-symbolic", "Step Back (Shift+F10)" },
  { "page.over", "ox-step-over-symbolic", "Step Over (F10)" },
  { "page.in", "ox-step-in-symbolic", "Step In (F11)" },
  { "page.out", "ox-step-out-symbolic", "Step Out (Shift+F11)" },
  { "page.continue", "ox-continue-symbolic", "Continue (F5)" },
  { "page.stop", "ox-stop-symbolic", "Stop (Shift+F5)" },
};

static void
ox_step_bar_dispose (GObject *object)
{
  g_clear_object (&OX_STEP_BAR (object)->focus);
  G_OBJECT_CLASS (ox_step_bar_parent_class)->dispose (object);
}

static void
ox_step_bar_class_init (OxStepBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_step_bar_dispose;
}

/* What has no button of its own. */
static GtkWidget *
new_more (void)
{
  GtkWidget *more = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new (), back = g_menu_new (), on = g_menu_new ();

  g_menu_append (back, "Back to the Last _Write of the Value", "page.back-to-write");
  g_menu_append (back, "Back to the Previous _NaN or Infinity", "page.back-to-bad");
  g_menu_append (back, "Back to the Previous _Breakpoint", "page.back-to-break");
  g_menu_append (back, "Step Back, _into Bodies", "page.back-in");
  g_menu_append (on, "Run to the _Selected Node", "page.to-node");
  g_menu_append (on, "_Go to the Current Node", "page.show-current");
  g_menu_append (on, "_Restart", "page.restart");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (back));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (on));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (more), "view-more-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (more), G_MENU_MODEL (menu));
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (more), GTK_ARROW_UP);
  gtk_widget_set_tooltip_text (more, "Other Ways Through the Run");
  gtk_widget_set_focus_on_click (more, FALSE);
  return more;
}

static void
ox_step_bar_init (OxStepBar *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "osd");
  gtk_widget_add_css_class (GTK_WIDGET (self), "toolbar");
  gtk_widget_add_css_class (GTK_WIDGET (self), "ox-step-bar");
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      GtkWidget *button = gtk_button_new_from_icon_name (buttons[i].icon);

      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), buttons[i].action);
      gtk_widget_set_tooltip_text (button, buttons[i].tip);
      gtk_widget_set_focus_on_click (button, FALSE);
      gtk_box_append (GTK_BOX (self), button);
    }
  gtk_box_append (GTK_BOX (self), new_more ());
  self->where = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->where, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (self->where, 26);
  gtk_widget_add_css_class (GTK_WIDGET (self->where), "numeric");
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->where));
}

static char *
where (OxDebugger *debugger)
{
  const OxStop *stop;
  g_autofree char *op = NULL;

  if (ox_debugger_is_running (debugger))
    return g_strdup ("Running…");
  stop = ox_debugger_get_stop (debugger);
  if (stop == NULL)
    return g_strdup ("Not started");
  if (stop->reason == OX_STOP_END)
    return g_strdup_printf (stop->time == 1 ? "Done, %" G_GUINT64_FORMAT " turn" : "Done, %" G_GUINT64_FORMAT " turns", stop->time);
  if (stop->node == NULL)
    return g_strdup_printf ("Turn %" G_GUINT64_FORMAT, stop->time);
  op = ox_words_valid (stop->node->op_type);
  if (stop->reason == OX_STOP_BREAKPOINT)
    return g_strdup_printf ("Breakpoint %u, next: %s", stop->breakpoint, op);
  return g_strdup_printf (stop->reason == OX_STOP_FAILED ? "%s failed" : "Next: %s", op);
}

static void
state_changed_cb (OxStepBar *self)
{
  g_autofree char *text = where (ox_focus_get_debugger (self->focus));

  gtk_label_set_text (self->where, text);
}

GtkWidget *
ox_step_bar_new (OxFocus *focus)
{
  OxStepBar *self = g_object_new (OX_TYPE_STEP_BAR, NULL);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  state_changed_cb (self);
  return GTK_WIDGET (self);
}
