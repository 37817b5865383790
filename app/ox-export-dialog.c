/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-export-dialog.h"

#include "app/ox-settings.h"

static const struct
{
  const char *title, *ending, *what;
} formats[] = {
  { "SVG", "svg", "Sharp at any size, with text that can be found and copied" },
  { "PDF", "pdf", "One page as large as the graph, for print" },
  { "PNG", "png", "Pixels, for pages that take nothing else" },
  { "DOT", "dot", "The graph as Graphviz writes it, to be laid out anew" },
};

#define FORMAT_PNG 2
#define FORMAT_DOT 3

struct _OxExportDialog
{
  AdwWindow parent_instance;

  GFile         *folder;
  char          *name;
  AdwComboRow   *format, *colours;
  GtkWidget     *scale_row;
  GtkSpinButton *scale;
  GtkWidget     *accept;
};

G_DEFINE_FINAL_TYPE (OxExportDialog, ox_export_dialog, ADW_TYPE_WINDOW)

enum
{
  EXPORT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
ox_export_dialog_finalize (GObject *object)
{
  OxExportDialog *self = OX_EXPORT_DIALOG (object);

  g_clear_object (&self->folder);
  g_free (self->name);
  G_OBJECT_CLASS (ox_export_dialog_parent_class)->finalize (object);
}

static void
ox_export_dialog_class_init (OxExportDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_export_dialog_finalize;
  signals[EXPORT] = g_signal_new ("export", OX_TYPE_EXPORT_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_FILE);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
follow_format (OxExportDialog *self)
{
  guint at = adw_combo_row_get_selected (self->format);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->format), formats[at].what);
  gtk_widget_set_sensitive (self->scale_row, at == FORMAT_PNG);
  gtk_widget_set_sensitive (GTK_WIDGET (self->colours), at != FORMAT_DOT);
}

static void
saved_cb (GtkNativeDialog *chooser, int response, OxExportDialog *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser)), folder = g_file_get_parent (file);
      g_autofree char *path = folder != NULL ? g_file_get_path (folder) : NULL;

      if (path != NULL && g_utf8_validate (path, -1, NULL))
        g_settings_set_string (ox_settings_get (NULL), "export-directory", path);
      g_signal_emit (self, signals[EXPORT], 0, file);
      gtk_window_close (GTK_WINDOW (self));
    }
  g_object_unref (chooser);
}

static void
ask_file (OxExportDialog *self)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new ("Export to File", GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE,
                                                               "_Export", "_Cancel");
  g_autofree char *kept = g_settings_get_string (ox_settings_get (NULL), "export-directory");
  g_autofree char *name = g_strconcat (self->name, ".", formats[adw_combo_row_get_selected (self->format)].ending, NULL);

  if (*kept != '\0')
    {
      g_autoptr (GFile) folder = g_file_new_for_path (kept);

      gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser), folder, NULL);
    }
  else if (self->folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser), self->folder, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), g_strdelimit (name, "/\\:", '-'));
  g_signal_connect_object (chooser, "response", G_CALLBACK (saved_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static GtkWidget *
make_header (OxExportDialog *self)
{
  GtkWidget *header = adw_header_bar_new (), *cancel = gtk_button_new_with_mnemonic ("_Cancel");
  GtkWidget *export = gtk_button_new_with_mnemonic ("_Export…");

  gtk_actionable_set_action_name (GTK_ACTIONABLE (cancel), "window.close");
  gtk_widget_add_css_class (export, "suggested-action");
  g_signal_connect_swapped (export, "clicked", G_CALLBACK (ask_file), self);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), adw_window_title_new ("Export Picture", ""));
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), export);
  self->accept = export;
  return header;
}

static void
ox_export_dialog_init (OxExportDialog *self)
{
  static const char *const colours[] = { "Light", "Dark", NULL };
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL), themes = gtk_string_list_new (colours);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *page = adw_preferences_page_new ();
  GtkWidget *group = adw_preferences_group_new (), *header = make_header (self);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    gtk_string_list_append (list, formats[i].title);
  self->format = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->format), "Format");
  adw_combo_row_set_model (self->format, G_LIST_MODEL (list));
  self->colours = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->colours), "Colours");
  adw_combo_row_set_model (self->colours, G_LIST_MODEL (themes));
  self->scale_row = adw_action_row_new ();
  self->scale = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (0.1, 8, 0.5));
  gtk_spin_button_set_digits (self->scale, 1);
  gtk_spin_button_set_value (self->scale, 2);
  gtk_widget_set_valign (GTK_WIDGET (self->scale), GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->scale_row), "Scale");
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->scale_row), GTK_WIDGET (self->scale));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->format));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->colours));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->scale_row);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), page);
  gtk_widget_set_vexpand (page, TRUE);
  adw_window_set_content (ADW_WINDOW (self), box);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->accept);
  gtk_window_set_focus (GTK_WINDOW (self), self->accept);
  g_signal_connect_swapped (self->format, "notify::selected", G_CALLBACK (follow_format), self);
  follow_format (self);
  gtk_window_set_title (GTK_WINDOW (self), "Export Picture");
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (self), 460, 320);
}

GtkWindow *
ox_export_dialog_new (GFile *folder, const char *name)
{
  OxExportDialog *self = g_object_new (OX_TYPE_EXPORT_DIALOG, NULL);

  self->folder = folder != NULL ? g_object_ref (folder) : NULL;
  self->name = g_strdup (name);
  return GTK_WINDOW (self);
}

void
ox_export_dialog_get_choice (OxExportDialog *self, OxExportChoice *choice)
{
  choice->format = formats[adw_combo_row_get_selected (self->format)].ending;
  choice->dark = adw_combo_row_get_selected (self->colours) == 1;
  choice->scale = gtk_spin_button_get_value (self->scale);
}
