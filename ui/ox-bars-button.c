/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-bars-button.h"

static gboolean
is_shown (GtkWidget *button, OxOverlay *overlay)
{
  OxBars *bars = g_object_get_data (G_OBJECT (button), "bars");

  return bars != NULL && ox_overlay_get_bars (overlay) == bars;
}

static void
toggled_cb (GtkCheckButton *button, OxFocus *focus)
{
  OxOverlay *overlay = ox_focus_get_overlay (focus);
  gboolean on = gtk_check_button_get_active (button);

  if (on == is_shown (GTK_WIDGET (button), overlay))
    return;
  if (on)
    ox_overlay_set_precision (overlay, g_object_get_data (G_OBJECT (button), "bars"));
  else
    ox_overlay_set_kind (overlay, OX_OVERLAY_NONE);
}

static void
changed_cb (OxOverlay *overlay, GtkWidget *button)
{
  gtk_check_button_set_active (GTK_CHECK_BUTTON (button), is_shown (button, overlay));
}

GtkWidget *
ox_bars_button_new (OxFocus *focus)
{
  GtkWidget *button = gtk_check_button_new_with_label ("Bars");

  g_object_set_data (G_OBJECT (button), "focus", focus);
  gtk_widget_set_tooltip_text (button, "As Bars on the Nodes");
  g_signal_connect_object (button, "toggled", G_CALLBACK (toggled_cb), focus, 0);
  g_signal_connect_object (ox_focus_get_overlay (focus), "changed", G_CALLBACK (changed_cb), button, 0);
  return button;
}

void
ox_bars_button_show (GtkWidget *button, OxBars *bars)
{
  OxFocus *focus = g_object_get_data (G_OBJECT (button), "focus");

  g_object_set_data_full (G_OBJECT (button), "bars", g_object_ref (bars), g_object_unref);
  ox_overlay_set_precision (ox_focus_get_overlay (focus), bars);
}
