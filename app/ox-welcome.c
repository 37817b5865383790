/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-welcome.h"

#define MAX_RECENT 5

struct _OxWelcome
{
  AdwBin parent_instance;

  GtkWidget *recent;   /* the heading and the list */
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (OxWelcome, ox_welcome, ADW_TYPE_BIN)

/* The sample as it is installed, else as it lies in the source tree around the build tree. */
static GFile *
find_sample (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  const char *const places[] = { "../share/onnxscope/samples", "../../data/samples", "../data/samples" };

  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (folder, places[i], "classifier", "model.onnx", NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_file_new_for_path (path);
    }
  return NULL;
}

static int
newer_first (gconstpointer a, gconstpointer b)
{
  return g_date_time_compare (gtk_recent_info_get_visited ((gpointer) b), gtk_recent_info_get_visited ((gpointer) a));
}

static GtkWidget *
recent_row (GtkRecentInfo *info)
{
  GtkWidget *row = adw_action_row_new (), *icon = gtk_image_new_from_icon_name ("go-next-symbolic");
  g_autofree char *title = g_markup_escape_text (gtk_recent_info_get_display_name (info), -1);
  g_autoptr (GFile) file = g_file_new_for_uri (gtk_recent_info_get_uri (info)), folder = g_file_get_parent (file);
  g_autofree char *where = folder != NULL ? g_file_get_parse_name (folder) : g_strdup ("");
  g_autofree char *subtitle = g_markup_escape_text (where, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), icon);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.open-uri");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", gtk_recent_info_get_uri (info));
  return row;
}

static void
fill (OxWelcome *self)
{
  GList *items = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());
  GtkWidget *child;
  guint n = 0;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  items = g_list_sort (items, newer_first);
  for (GList *list = items; list != NULL && n < MAX_RECENT; list = list->next)
    if (gtk_recent_info_has_application (list->data, "Onnxscope") && gtk_recent_info_exists (list->data))
      {
        gtk_list_box_append (self->list, recent_row (list->data));
        n++;
      }
  gtk_widget_set_visible (self->recent, n > 0);
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
}

static void
ox_welcome_class_init (OxWelcomeClass *klass)
{
}

static GtkWidget *
pill (const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_add_css_class (button, "pill");
  return button;
}

static void
ox_welcome_init (OxWelcome *self)
{
  GtkWidget *page = adw_status_page_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *open = pill ("_Open…", "win.open");
  GtkWidget *clamp = adw_clamp_new (), *heading = gtk_label_new ("Recent");
  g_autoptr (GFile) sample = find_sample ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), OX_APP_ID "-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), "Open a Model");
  adw_status_page_set_description (ADW_STATUS_PAGE (page), "Drop an ONNX file here to see its graph and run it node by node.");
  gtk_widget_add_css_class (open, "suggested-action");
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (buttons), open);
  if (sample != NULL)
    {
      GtkWidget *button = pill ("Open _Sample", "win.open-uri");
      g_autofree char *uri = g_file_get_uri (sample);

      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", uri);
      gtk_box_append (GTK_BOX (buttons), button);
    }
  gtk_box_append (GTK_BOX (box), buttons);

  self->recent = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_add_css_class (heading, "heading");
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");
  gtk_box_append (GTK_BOX (self->recent), heading);
  gtk_box_append (GTK_BOX (self->recent), GTK_WIDGET (self->list));
  adw_clamp_set_child (ADW_CLAMP (clamp), self->recent);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 480);
  gtk_box_append (GTK_BOX (box), clamp);
  adw_status_page_set_child (ADW_STATUS_PAGE (page), box);
  gtk_widget_set_vexpand (page, TRUE);
  adw_bin_set_child (ADW_BIN (self), page);
  fill (self);
  g_signal_connect_object (gtk_recent_manager_get_default (), "changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
}

GtkWidget *
ox_welcome_new (void)
{
  return g_object_new (OX_TYPE_WELCOME, NULL);
}
