/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-preferences.h"

#include "app/ox-settings.h"

static void
theme_cb (AdwComboRow *row, GParamSpec *pspec, GSettings *settings)
{
  g_settings_set_enum (settings, "theme", (int) adw_combo_row_get_selected (row));
}

static GtkWidget *
switch_row (GSettings *settings, const char *key, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new (), *toggle = gtk_switch_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  g_settings_bind (settings, key, toggle, "active", G_SETTINGS_BIND_DEFAULT);
  return row;
}

GtkWindow *
ox_preferences_new (void)
{
  static const char *const themes[] = { "As the system", "Light", "Dark", NULL };
  GtkWidget *window = adw_preferences_window_new (), *page = adw_preferences_page_new ();
  GtkWidget *look = adw_preferences_group_new (), *theme = adw_combo_row_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (themes);
  GSettings *settings = ox_settings_get (NULL);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (look), "Appearance");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (theme), "Colours");
  adw_combo_row_set_model (ADW_COMBO_ROW (theme), G_LIST_MODEL (names));
  adw_combo_row_set_selected (ADW_COMBO_ROW (theme), (guint) g_settings_get_enum (settings, "theme"));
  g_signal_connect (theme, "notify::selected", G_CALLBACK (theme_cb), settings);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (look), theme);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (look),
                             switch_row (settings, "minimap-visible", "Minimap", "A small map of the whole graph over a corner of it"));
  adw_preferences_page_set_title (ADW_PREFERENCES_PAGE (page), "General");
  adw_preferences_page_set_icon_name (ADW_PREFERENCES_PAGE (page), "preferences-system-symbolic");
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (look));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), ADW_PREFERENCES_PAGE (page));
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (window), FALSE);
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), 480, 320);
  return GTK_WINDOW (window);
}
