/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"
#include "ui/ox-failure-page.h"

/* The two thin bars under the header: what went wrong, and what is under way. */

static void
show_clicked_cb (OxPage *self)
{
  if (self->trouble_node != NULL && self->focus != NULL)
    ox_focus_select_node (self->focus, self->trouble_node);
  else
    ox_inspector_show_page (self->inspector, "model");
  if (self->inspector_flap != NULL)
    adw_flap_set_reveal_flap (self->inspector_flap, TRUE);
}

GtkWidget *
ox_page_make_trouble (OxPage *self)
{
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  self->trouble_box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12));
  gtk_widget_add_css_class (GTK_WIDGET (self->trouble_box), "ox-trouble");
  self->trouble_text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->trouble_text, 0);
  gtk_label_set_ellipsize (self->trouble_text, PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_selectable (self->trouble_text, TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self->trouble_text), FALSE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->trouble_text), TRUE);
  self->trouble_show = GTK_BUTTON (gtk_button_new_with_label ("Show"));
  gtk_widget_set_valign (GTK_WIDGET (self->trouble_show), GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->trouble_show, "clicked", G_CALLBACK (show_clicked_cb), self);
  gtk_widget_set_valign (close, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (close, "Close");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "circular");
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (ox_page_hide_trouble), self);
  gtk_box_append (self->trouble_box, GTK_WIDGET (self->trouble_text));
  gtk_box_append (self->trouble_box, GTK_WIDGET (self->trouble_show));
  gtk_box_append (self->trouble_box, close);
  gtk_widget_set_visible (GTK_WIDGET (self->trouble_box), FALSE);
  return GTK_WIDGET (self->trouble_box);
}

void
ox_page_show_trouble (OxPage *self, const char *text, const char *css, OxNode *node)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  gtk_label_set_text (self->trouble_text, valid);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->trouble_text), valid);
  gtk_widget_remove_css_class (GTK_WIDGET (self->trouble_box), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->trouble_box), "warning");
  gtk_widget_add_css_class (GTK_WIDGET (self->trouble_box), css);
  self->trouble_node = node;
  gtk_widget_set_visible (GTK_WIDGET (self->trouble_show), self->focus != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->trouble_box), TRUE);
}

void
ox_page_hide_trouble (OxPage *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->trouble_box), FALSE);
}

void
ox_page_light_failure (OxPage *self, const OxFailure *failure)
{
  OxOverlay *overlay = ox_focus_get_overlay (self->focus);
  GHashTable *nodes = failure != NULL ? ox_failure_page_nodes (failure) : NULL;

  if (nodes != NULL)
    {
      if (!self->failure_lit)
        self->unlit = ox_overlay_get_kind (overlay);
      self->failure_lit = TRUE;
      ox_overlay_set_path (overlay, nodes, "Where the numbers come from that do not fit");
    }
  else if (self->failure_lit)
    {
      gboolean still = ox_overlay_get_kind (overlay) == OX_OVERLAY_PATH;

      self->failure_lit = FALSE;
      ox_overlay_set_path (overlay, NULL, NULL);
      /* Unless somebody has chosen another since. */
      if (still && self->unlit != OX_OVERLAY_PATH)
        ox_overlay_set_kind (overlay, self->unlit);
    }
}

static void
cancel_clicked_cb (OxPage *self)
{
  if (self->progress_cancel == NULL)
    return;
  gtk_label_set_text (self->progress_text, "Stopping…");
  g_cancellable_cancel (self->progress_cancel);
}

GtkWidget *
ox_page_make_progress (OxPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *cancel = gtk_button_new_with_label ("Cancel");

  self->progress = GTK_REVEALER (gtk_revealer_new ());
  self->progress_bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->progress_bar), "ox-progress");
  gtk_progress_bar_set_pulse_step (self->progress_bar, 0.08);
  self->progress_text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->progress_text, 0);
  gtk_label_set_ellipsize (self->progress_text, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->progress_text), TRUE);
  gtk_widget_add_css_class (cancel, "flat");
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (cancel_clicked_cb), self);
  gtk_widget_set_margin_start (line, 12);
  gtk_widget_set_margin_end (line, 12);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->progress_text));
  gtk_box_append (GTK_BOX (line), cancel);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->progress_bar));
  gtk_box_append (GTK_BOX (box), line);
  gtk_revealer_set_child (self->progress, box);
  return GTK_WIDGET (self->progress);
}

static gboolean
pulse_cb (gpointer data)
{
  OxPage *self = data;

  gtk_progress_bar_pulse (self->progress_bar);
  return G_SOURCE_CONTINUE;
}

static gboolean
reveal_cb (gpointer data)
{
  OxPage *self = data;

  self->progress_delay = 0;
  gtk_revealer_set_reveal_child (self->progress, TRUE);
  self->progress_pulse = g_timeout_add (60, pulse_cb, self);
  return G_SOURCE_REMOVE;
}

void
ox_page_start_progress (OxPage *self, const char *text, GCancellable *cancellable)
{
  ox_page_end_progress (self);
  gtk_label_set_text (self->progress_text, text);
  g_set_object (&self->progress_cancel, cancellable);
  self->progress_delay = g_timeout_add (200, reveal_cb, self);
}

void
ox_page_end_progress (OxPage *self)
{
  g_clear_handle_id (&self->progress_delay, g_source_remove);
  g_clear_handle_id (&self->progress_pulse, g_source_remove);
  g_clear_object (&self->progress_cancel);
  gtk_revealer_set_reveal_child (self->progress, FALSE);
}
