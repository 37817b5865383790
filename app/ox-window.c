/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-window.h"

#include "app/ox-page.h"
#include "app/ox-settings.h"
#include "app/ox-welcome.h"

struct _OxWindow
{
  AdwApplicationWindow parent_instance;

  GtkStack       *stack;      /* "welcome", "tabs" */
  AdwTabView     *tabs;
  AdwWindowTitle *title;
  GtkWidget      *page_buttons[5];
};

G_DEFINE_FINAL_TYPE (OxWindow, ox_window, ADW_TYPE_APPLICATION_WINDOW)

static OxPage *
get_page (OxWindow *self)
{
  AdwTabPage *tab = adw_tab_view_get_selected_page (self->tabs);

  return tab != NULL ? OX_PAGE (adw_tab_page_get_child (tab)) : NULL;
}

/* Title, actions and buttons are those of the page that is seen. */
static void
follow_page (OxWindow *self)
{
  OxPage *page = get_page (self);

  gtk_widget_insert_action_group (GTK_WIDGET (self), "page", page != NULL ? ox_page_get_actions (page) : NULL);
  gtk_stack_set_visible_child_name (self->stack, page != NULL ? "tabs" : "welcome");
  for (guint i = 0; i < G_N_ELEMENTS (self->page_buttons); i++)
    gtk_widget_set_visible (self->page_buttons[i], page != NULL);
  if (page != NULL)
    {
      g_autofree char *title = ox_document_dup_title (ox_page_get_document (page));
      g_autofree char *subtitle = ox_document_dup_subtitle (ox_page_get_document (page));

      adw_window_title_set_title (self->title, title);
      adw_window_title_set_subtitle (self->title, subtitle);
      gtk_window_set_title (GTK_WINDOW (self), title);
    }
  else
    {
      adw_window_title_set_title (self->title, "Onnxscope");
      adw_window_title_set_subtitle (self->title, "");
      gtk_window_set_title (GTK_WINDOW (self), "Onnxscope");
    }
}

static void
titled_cb (OxPage *page, OxWindow *self)
{
  AdwTabPage *tab = adw_tab_view_get_page (self->tabs, GTK_WIDGET (page));
  g_autofree char *title = ox_document_dup_title (ox_page_get_document (page));
  GFile *file = ox_document_get_opened (ox_page_get_document (page));
  g_autofree char *uri = g_file_get_uri (file);
  const char *type = ox_document_is_recording (file) ? "application/x-oxtrace" : "application/x-onnx";

  adw_tab_page_set_title (tab, title);
  /* Only what could be opened is worth offering again. */
  gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri,
                               &(GtkRecentData){ .display_name = title,
                                                 .mime_type = (char *) type,
                                                 .app_name = (char *) "Onnxscope",
                                                 .app_exec = (char *) "onnxscope %u" });
  follow_page (self);
}

void
ox_window_open (OxWindow *self, GFile *file)
{
  AdwTabPage *tab = NULL;
  GtkWidget *page;
  g_autofree char *title = NULL, *tip = g_file_get_parse_name (file);

  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    {
      tab = adw_tab_view_get_nth_page (self->tabs, i);
      if (g_file_equal (ox_document_get_opened (ox_page_get_document (OX_PAGE (adw_tab_page_get_child (tab)))), file))
        {
          adw_tab_view_set_selected_page (self->tabs, tab);
          return;
        }
    }
  page = ox_page_new (file);
  tab = adw_tab_view_append (self->tabs, page);
  title = ox_document_dup_title (ox_page_get_document (OX_PAGE (page)));
  adw_tab_page_set_title (tab, title);
  adw_tab_page_set_tooltip (tab, tip);
  g_signal_connect_object (page, "titled", G_CALLBACK (titled_cb), self, 0);
  adw_tab_view_set_selected_page (self->tabs, tab);
  follow_page (self);
}

static void
open_response_cb (GtkNativeDialog *dialog, int response, OxWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
      g_autoptr (GFile) folder = gtk_file_chooser_get_current_folder (GTK_FILE_CHOOSER (dialog));
      g_autofree char *path = folder != NULL ? g_file_get_path (folder) : NULL;

      if (path != NULL && g_utf8_validate (path, -1, NULL))
        g_settings_set_string (ox_settings_get (NULL), "open-directory", path);
      for (guint i = 0; i < g_list_model_get_n_items (files); i++)
        {
          g_autoptr (GFile) file = g_list_model_get_item (files, i);

          ox_window_open (self, file);
        }
    }
  g_object_unref (dialog);
}

static void
open_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new ("Open Model", GTK_WINDOW (widget), GTK_FILE_CHOOSER_ACTION_OPEN,
                                                              "_Open", "_Cancel");
  g_autoptr (GtkFileFilter) models = gtk_file_filter_new (), runs = gtk_file_filter_new (), all = gtk_file_filter_new ();
  g_autofree char *path = g_settings_get_string (ox_settings_get (NULL), "open-directory");
  g_autoptr (GFile) folder = g_file_new_for_path (*path != '\0' ? path : g_get_home_dir ());

  gtk_file_filter_set_name (models, "ONNX models and recorded runs");
  gtk_file_filter_add_pattern (models, "*.onnx");
  gtk_file_filter_add_pattern (models, "*.pb");
  gtk_file_filter_add_pattern (models, "*.ort");
  gtk_file_filter_add_pattern (models, "*.oxtrace");
  gtk_file_filter_set_name (runs, "Recorded runs");
  gtk_file_filter_add_pattern (runs, "*.oxtrace");
  gtk_file_filter_set_name (all, "All files");
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), models);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), runs);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), all);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), TRUE);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), folder, NULL);
  g_signal_connect_object (dialog, "response", G_CALLBACK (open_response_cb), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
open_uri_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));

  ox_window_open (OX_WINDOW (widget), file);
}

static void
close_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  OxWindow *self = OX_WINDOW (widget);
  AdwTabPage *tab = adw_tab_view_get_selected_page (self->tabs);

  if (tab != NULL)
    adw_tab_view_close_page (self->tabs, tab);
  else
    gtk_window_close (GTK_WINDOW (self));
}

static void
next_tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_tab_view_select_next_page (OX_WINDOW (widget)->tabs);
}

static void
previous_tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_tab_view_select_previous_page (OX_WINDOW (widget)->tabs);
}

static gboolean
close_page_cb (AdwTabView *tabs, AdwTabPage *tab, OxWindow *self)
{
  ox_page_close (OX_PAGE (adw_tab_page_get_child (tab)));
  adw_tab_view_close_page_finish (tabs, tab, TRUE);
  return GDK_EVENT_STOP;
}

static gboolean
dropped_cb (GtkDropTarget *target, const GValue *value, double x, double y, OxWindow *self)
{
  GSList *files = g_value_get_boxed (value);

  for (GSList *list = files; list != NULL; list = list->next)
    ox_window_open (self, list->data);
  return files != NULL;
}

/* The title bar, the same for every page. */
static GtkWidget *
page_button (OxWindow *self, guint i, gboolean toggle, const char *icon, const char *action, const char *tip)
{
  GtkWidget *button = toggle ? gtk_toggle_button_new () : gtk_button_new ();

  gtk_button_set_icon_name (GTK_BUTTON (button), icon);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tip);
  self->page_buttons[i] = button;
  return button;
}

typedef struct
{
  const char *label, *action;    /* no action: the menu of what is handed over */
} Entry;

static GMenuModel *
make_handover_menu (void)
{
  static const Entry sections[][6] = {
    { { "_Picture…", "page.export" }, { "_Report…", "page.export-report" } },
    { { "_Test Case of the Node…", "page.test-case::node" },
      { "Test Case of the _First Difference…", "page.test-case-blamed" } },
    { { "Pr_ofile of the Run…", "page.export-profile" }, { "Recorded R_un…", "page.export-record" } },
    { { "Comparison as _JSON…", "page.export-comparison" }, { "Comparison as JU_nit…", "page.export-junit" } },
    { { "_Edits as Script…", "page.export-edits" }, { "Open E_dits…", "page.open-edits" } },
  };
  GMenu *menu = g_menu_new ();

  for (guint s = 0; s < G_N_ELEMENTS (sections); s++)
    {
      g_autoptr (GMenu) section = g_menu_new ();

      for (guint i = 0; sections[s][i].label != NULL; i++)
        g_menu_append (section, sections[s][i].label, sections[s][i].action);
      g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
    }
  return G_MENU_MODEL (menu);
}

static GMenuModel *
make_menu (void)
{
  static const Entry sections[][10] = {
    { { "_Run Back to the Start", "page.to-start" }, { "Re_start", "page.restart" },
      { "Run to the _Selected Node", "page.to-node" }, { "_Breakpoint at It", "page.breakpoint" },
      { "Break _When…", "page.condition" }, { "_Watch…", "page.watch" },
      { "Step Back into _Bodies", "page.back-in" }, { "Go to the _Current Node", "page.show-current" },
      { "Change _Inputs…", "page.inputs" } },
    { { "_Hand Over", NULL }, { "Timeline and _Values", "page.drawer" }, { "C_onsole", "page.console" },
      { "Close _Model", "win.close" } },
    { { "_Preferences", "app.preferences" }, { "_Keyboard Shortcuts", "app.shortcuts" }, { "_About Onnxscope", "app.about" },
      { "_Quit", "app.quit" } },
  };
  g_autoptr (GMenuModel) handover = make_handover_menu ();
  GMenu *menu = g_menu_new ();

  for (guint s = 0; s < G_N_ELEMENTS (sections); s++)
    {
      g_autoptr (GMenu) section = g_menu_new ();

      for (guint i = 0; sections[s][i].label != NULL; i++)
        if (sections[s][i].action != NULL)
          g_menu_append (section, sections[s][i].label, sections[s][i].action);
        else
          g_menu_append_submenu (section, sections[s][i].label, G_MENU_MODEL (handover));
      g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
    }
  return G_MENU_MODEL (menu);
}

/* What lies over the graph, and what is to be compared. */
static GtkWidget *
overlay_button (OxWindow *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new (), kinds = g_menu_new (), compare = g_menu_new ();

  g_menu_append (kinds, "_Nothing", "page.overlay::none");
  g_menu_append (kinds, "_Errors of a Comparison", "page.overlay::errors");
  g_menu_append (kinds, "P_recision", "page.overlay::precision");
  g_menu_append (kinds, "The _Path of a Hunt or Origin", "page.overlay::path");
  g_menu_append (compare, "_Hunt for NaN and Infinity", "page.hunt");
  g_menu_append (compare, "_Map of Precision", "page.precision");
  g_menu_append (compare, "Look at _Quantisation", "page.quantisation");
  g_menu_append (compare, "Compare with a _File…", "page.compare-file");
  g_menu_append (compare, "Compare with a F_older…", "page.compare-folder");
  g_menu_append (compare, "Compare with Another Mo_del…", "page.compare-model");
  g_menu_append (compare, "Compare with ONNX _Runtime", "page.compare-with::onnxruntime");
  g_menu_append (compare, "Compare _Again", "page.compare-again");
  g_menu_append_section (menu, "Over the Graph", G_MENU_MODEL (kinds));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (compare));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "ox-overlay-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (button, "What Lies over the Graph");
  self->page_buttons[4] = button;
  return button;
}

/* A submenu would keep the keyboard. */
static void
menu_closed_cb (GtkPopover *popover, OxWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (focus == NULL || gtk_widget_is_ancestor (focus, GTK_WIDGET (popover)))
    gtk_widget_activate_action (GTK_WIDGET (self), "page.focus-graph", NULL);
}

static GtkWidget *
make_header (OxWindow *self)
{
  GtkWidget *header = adw_header_bar_new (), *open = gtk_button_new_with_mnemonic ("_Open"), *menu = gtk_menu_button_new ();
  g_autoptr (GMenuModel) model = make_menu ();

  self->title = ADW_WINDOW_TITLE (adw_window_title_new ("Onnxscope", ""));
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), GTK_WIDGET (self->title));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (open), "win.open");
  gtk_widget_set_tooltip_text (open, "Open a Model or a Recorded Run (Ctrl+O)");
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (menu), "open-menu-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (menu), model);
  gtk_widget_set_tooltip_text (menu, "Main Menu");
  g_signal_connect_object (gtk_menu_button_get_popover (GTK_MENU_BUTTON (menu)), "closed", G_CALLBACK (menu_closed_cb), self, 0);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), open);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), page_button (self, 0, TRUE, "ox-panel-left-symbolic", "page.outline",
                                                                   "Outline (Ctrl+Shift+O)"));
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), menu);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), page_button (self, 1, TRUE, "ox-panel-right-symbolic", "page.inspector",
                                                                 "Inspector (Ctrl+Shift+I)"));
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), page_button (self, 2, TRUE, "ox-panel-bottom-symbolic", "page.drawer",
                                                                 "Timeline, Values and Console (Ctrl+Shift+D)"));
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), page_button (self, 3, FALSE, "system-search-symbolic", "page.find",
                                                                 "Find a Node (Ctrl+F)"));
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), overlay_button (self));
  return header;
}

static gboolean
ox_window_close_request (GtkWindow *window)
{
  OxWindow *self = OX_WINDOW (window);
  GSettings *settings = ox_settings_get (NULL);
  int width, height;

  g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
  gtk_window_get_default_size (window, &width, &height);
  if (!gtk_window_is_maximized (window) && width >= 360 && height >= 300)
    {
      g_settings_set_int (settings, "window-width", width);
      g_settings_set_int (settings, "window-height", height);
    }
  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    ox_page_close (OX_PAGE (adw_tab_page_get_child (adw_tab_view_get_nth_page (self->tabs, i))));
  return GTK_WINDOW_CLASS (ox_window_parent_class)->close_request (window);
}

static void
ox_window_class_init (OxWindowClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  GTK_WINDOW_CLASS (klass)->close_request = ox_window_close_request;
  gtk_widget_class_install_action (widget, "win.open", NULL, open_cb);
  gtk_widget_class_install_action (widget, "win.open-uri", "s", open_uri_cb);
  gtk_widget_class_install_action (widget, "win.close", NULL, close_cb);
  gtk_widget_class_install_action (widget, "win.next-tab", NULL, next_tab_cb);
  gtk_widget_class_install_action (widget, "win.previous-tab", NULL, previous_tab_cb);
}

static void
ox_window_init (OxWindow *self)
{
  GSettings *settings = ox_settings_get (NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *tabs = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bar = GTK_WIDGET (adw_tab_bar_new ());
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  self->tabs = ADW_TAB_VIEW (adw_tab_view_new ());
  adw_tab_bar_set_view (ADW_TAB_BAR (bar), self->tabs);
  gtk_widget_set_vexpand (GTK_WIDGET (self->tabs), TRUE);
  gtk_box_append (GTK_BOX (tabs), bar);
  gtk_box_append (GTK_BOX (tabs), GTK_WIDGET (self->tabs));
  g_signal_connect (self->tabs, "close-page", G_CALLBACK (close_page_cb), self);
  g_signal_connect_swapped (self->tabs, "notify::selected-page", G_CALLBACK (follow_page), self);

  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, ox_welcome_new (), "welcome");
  gtk_stack_add_named (self->stack, tabs, "tabs");
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), box);

  g_signal_connect (target, "drop", G_CALLBACK (dropped_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (settings, "window-width"),
                               g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  follow_page (self);
}

GtkWidget *
ox_window_new (GtkApplication *application)
{
  return g_object_new (OX_TYPE_WINDOW, "application", application, NULL);
}
