/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-application.h"

#include "app/ox-actions.h"
#include "app/ox-preferences.h"
#include "app/ox-settings.h"
#include "app/ox-window.h"

struct _OxApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (OxApplication, ox_application, ADW_TYPE_APPLICATION)

static OxWindow *
get_window (OxApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  for (GList *list = gtk_application_get_windows (GTK_APPLICATION (self)); !OX_IS_WINDOW (window) && list != NULL; list = list->next)
    window = list->data;
  return OX_IS_WINDOW (window) ? OX_WINDOW (window) : OX_WINDOW (ox_window_new (GTK_APPLICATION (self)));
}

static void
ox_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (OX_APPLICATION (application))));
}

static void
ox_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  OxWindow *window = get_window (OX_APPLICATION (application));

  for (int i = 0; i < n_files; i++)
    ox_window_open (window, files[i]);
  gtk_window_present (GTK_WINDOW (window));
}

static void
apply_theme (GSettings *settings)
{
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT, ADW_COLOR_SCHEME_FORCE_DARK };
  int theme = g_settings_get_enum (settings, "theme");

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), schemes[CLAMP (theme, 0, 2)]);
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  GList *windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (self)));

  /* Closing lets every window keep its state; the program ends with the last. */
  for (GList *list = windows; list != NULL; list = list->next)
    gtk_window_close (list->data);
  g_list_free (windows);
}

static void
preferences_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  GtkWindow *window = ox_preferences_new ();

  gtk_window_set_transient_for (window, GTK_WINDOW (get_window (self)));
  gtk_window_present (window);
}

static void
shortcuts_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  GtkWindow *window = ox_actions_new_shortcuts ();

  if (window == NULL)
    return;
  gtk_window_set_transient_for (window, GTK_WINDOW (get_window (self)));
  gtk_window_present (window);
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  adw_show_about_window (GTK_WINDOW (get_window (self)), "application-name", "Onnxscope", "application-icon", OX_APP_ID, "version",
                         OX_VERSION, "comments", "See, run and debug ONNX models node by node", "license-type",
                         GTK_LICENSE_APACHE_2_0, "developer-name", "The Onnxscope developers", NULL);
}

static void
ox_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = {
    { "quit", quit_cb },
    { "preferences", preferences_cb },
    { "shortcuts", shortcuts_cb },
    { "about", about_cb },
  };
  GSettings *settings = ox_settings_get (NULL);
  g_autoptr (GAction) theme = g_settings_create_action (settings, "theme");

  G_APPLICATION_CLASS (ox_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
  g_action_map_add_action (G_ACTION_MAP (application), theme);
  ox_actions_install (GTK_APPLICATION (application));
  g_signal_connect (settings, "changed::theme", G_CALLBACK (apply_theme), NULL);
  apply_theme (settings);
  gtk_window_set_default_icon_name (OX_APP_ID);
}

static void
ox_application_class_init (OxApplicationClass *klass)
{
  GApplicationClass *application = G_APPLICATION_CLASS (klass);

  application->startup = ox_application_startup;
  application->activate = ox_application_activate;
  application->open = ox_application_open;
}

static void
ox_application_init (OxApplication *self)
{
}

OxApplication *
ox_application_new (void)
{
  return g_object_new (OX_TYPE_APPLICATION, "application-id", OX_APP_ID, "flags", G_APPLICATION_HANDLES_OPEN,
                       "resource-base-path", "/io/github/onnxscope/Onnxscope", NULL);
}
