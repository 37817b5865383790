/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-tensor-window.h"

#include <adwaita.h>

#include "ui/ox-tensor-view.h"
#include "ui/ox-words.h"

static gboolean
close_cb (GtkWidget *window, GVariant *arguments, gpointer unused)
{
  gtk_window_close (GTK_WINDOW (window));
  return TRUE;
}

GtkWindow *
ox_tensor_window_new (const char *name, OxValue *value, const char *declared)
{
  GtkWidget *window = adw_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *header = adw_header_bar_new ();
  GtkWidget *view = ox_tensor_view_new (), *scroller = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();
  g_autofree char *what = ox_value_describe (value), *title = ox_words_valid (name);

  ox_tensor_view_set (OX_TENSOR_VIEW (view), name, value, declared, NULL);
  gtk_widget_set_margin_start (view, 12);
  gtk_widget_set_margin_end (view, 12);
  gtk_widget_set_margin_bottom (view, 12);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_widget_set_vexpand (scroller, TRUE);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), adw_window_title_new (title, what));
  gtk_widget_add_css_class (header, "flat");
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), scroller);
  adw_window_set_content (ADW_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), title);
  gtk_window_set_default_size (GTK_WINDOW (window), 760, 640);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Escape|<Control>w"),
                                                          gtk_callback_action_new (close_cb, NULL, NULL)));
  gtk_widget_add_controller (window, keys);
  return GTK_WINDOW (window);
}
