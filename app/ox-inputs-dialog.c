/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-inputs-dialog.h"

#include "tensor/ox-tensor-file.h"
#include "ui/ox-words.h"

/* Old models list all their weights as inputs. */
#define MAX_ROWS 200

/* The choices of an input's row; DEFAULT is there only for inputs that have one. */
enum
{
  CHOICE_RANDOM,
  CHOICE_ZEROS,
  CHOICE_ONES,
  CHOICE_FILE,
  CHOICE_DEFAULT,
};

struct _OxInputsDialog
{
  AdwWindow parent_instance;

  OxInputs        *inputs;
  GFile           *folder;     /* where one looks first */
  AdwToastOverlay *toasts;
  GtkWidget       *accept;
  GPtrArray       *rows;       /* AdwComboRow, one an input that is shown */
  guint            asked;      /* the input a file is being chosen for */
  gboolean         filling;
};

G_DEFINE_FINAL_TYPE (OxInputsDialog, ox_inputs_dialog, ADW_TYPE_WINDOW)

enum
{
  APPLY,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
ox_inputs_dialog_finalize (GObject *object)
{
  OxInputsDialog *self = OX_INPUTS_DIALOG (object);

  g_clear_pointer (&self->inputs, ox_inputs_free);
  g_clear_object (&self->folder);
  g_ptr_array_unref (self->rows);
  G_OBJECT_CLASS (ox_inputs_dialog_parent_class)->finalize (object);
}

static void
ox_inputs_dialog_class_init (OxInputsDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_inputs_dialog_finalize;
  signals[APPLY] = g_signal_new ("apply", OX_TYPE_INPUTS_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ox_inputs_dialog_init (OxInputsDialog *self)
{
  self->rows = g_ptr_array_new ();
}


static GtkFileChooserNative *
make_chooser (OxInputsDialog *self, const char *title, GtkFileChooserAction action)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, "_Use", "_Cancel");

  if (self->folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), self->folder, NULL);
  return dialog;
}

/* Puts what is chosen into the rows. */
static void
show_choices (OxInputsDialog *self)
{
  self->filling = TRUE;
  for (guint i = 0; i < self->rows->len; i++)
    {
      const OxInputChoice *choice = ox_inputs_get (self->inputs, i);
      AdwComboRow *row = g_ptr_array_index (self->rows, i);
      g_autofree char *type = ox_words_slot_type (ox_inputs_slot (self->inputs, i));
      g_autofree char *base = choice->kind == OX_INPUT_FILE ? g_path_get_basename (choice->path) : NULL;
      g_autofree char *text = base != NULL ? g_strdup_printf ("%s, from %s", type, base) : g_strdup (type);
      g_autofree char *valid = ox_words_valid (text), *markup = g_markup_escape_text (valid, -1);
      guint at = CHOICE_DEFAULT;

      if (choice->kind == OX_INPUT_FILE)
        at = CHOICE_FILE;
      else if (choice->kind == OX_INPUT_FILL)
        at = choice->fill == OX_FILL_ZEROS ? CHOICE_ZEROS : choice->fill == OX_FILL_ONES ? CHOICE_ONES : CHOICE_RANDOM;
      adw_combo_row_set_selected (row, at);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), markup);
    }
  self->filling = FALSE;
}

static void
file_response_cb (GtkNativeDialog *dialog, int response, OxInputsDialog *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autoptr (GFile) folder = g_file_get_parent (file);
      g_autofree char *path = g_file_get_path (file);

      g_set_object (&self->folder, folder);
      if (path != NULL)
        ox_inputs_set_file (self->inputs, self->asked, path);
    }
  show_choices (self);
  g_object_unref (dialog);
}

static void
ask_file (OxInputsDialog *self, guint i)
{
  GtkFileChooserNative *dialog = make_chooser (self, "Choose an Input", GTK_FILE_CHOOSER_ACTION_OPEN);
  g_autoptr (GtkFileFilter) tensors = gtk_file_filter_new (), images = gtk_file_filter_new ();

  self->asked = i;
  gtk_file_filter_set_name (tensors, "Tensors (.npy, .npz, .pb, .csv)");
  gtk_file_filter_add_pattern (tensors, "*.npy");
  gtk_file_filter_add_pattern (tensors, "*.npz");
  gtk_file_filter_add_pattern (tensors, "*.oxtrace");
  gtk_file_filter_add_pattern (tensors, "*.pb");
  gtk_file_filter_add_pattern (tensors, "*.csv");
  gtk_file_filter_add_pattern (tensors, "*.txt");
  if (ox_type_is_image (ox_inputs_slot (self->inputs, i)->type))
    {
      gtk_file_filter_set_name (images, "Images");
      gtk_file_filter_add_pixbuf_formats (images);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), images);
    }
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), tensors);
  g_signal_connect_object (dialog, "response", G_CALLBACK (file_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
chosen_cb (AdwComboRow *row, GParamSpec *pspec, OxInputsDialog *self)
{
  static const OxFill fills[] = { OX_FILL_RANDOM, OX_FILL_ZEROS, OX_FILL_ONES };
  guint at = adw_combo_row_get_selected (row), i;

  if (self->filling || !g_ptr_array_find (self->rows, row, &i))
    return;
  if (at == CHOICE_FILE)
    ask_file (self, i);
  else if (at == CHOICE_DEFAULT)
    ox_inputs_set_default (self->inputs, i);
  else if (at <= CHOICE_ONES)
    ox_inputs_set_fill (self->inputs, i, fills[at]);
  show_choices (self);
}

/* The choice "File…" cannot be chosen twice. */
static void
file_clicked_cb (GtkWidget *button, OxInputsDialog *self)
{
  guint i;

  if (g_ptr_array_find (self->rows, gtk_widget_get_ancestor (button, ADW_TYPE_COMBO_ROW), &i))
    ask_file (self, i);
}

static void
folder_response_cb (GtkNativeDialog *dialog, int response, OxInputsDialog *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)), parent = g_file_get_parent (folder);
      g_autofree char *path = g_file_get_path (folder), *text = NULL;
      g_autoptr (GError) error = NULL;
      guint found = path != NULL ? ox_inputs_set_folder (self->inputs, path, &error) : 0;

      g_set_object (&self->folder, parent);
      if (error != NULL)
        {
          g_autofree char *base = g_file_get_basename (folder), *valid = ox_words_valid (base);

          /* What is expected stands beside the button. */
          text = g_strdup_printf ("No inputs found in %s", valid);
        }
      else
        text = g_strdup_printf (found == 1 ? "%u input found" : "%u inputs found", found);
      adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
      show_choices (self);
    }
  g_object_unref (dialog);
}

static void
ask_folder_cb (OxInputsDialog *self)
{
  GtkFileChooserNative *dialog = make_chooser (self, "Choose a Data Set", GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER);

  g_signal_connect_object (dialog, "response", G_CALLBACK (folder_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
symbol_cb (GtkSpinButton *spin, OxInputsDialog *self)
{
  ox_inputs_set_symbol (self->inputs, g_object_get_data (G_OBJECT (spin), "symbol"), (gint64) gtk_spin_button_get_value (spin));
}

static void
seed_cb (GtkSpinButton *spin, OxInputsDialog *self)
{
  ox_inputs_set_seed (self->inputs, (guint64) gtk_spin_button_get_value (spin));
}

static GtkWidget *
spin_row (const char *title, const char *subtitle, double low, double high, double value, GtkWidget **spin)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *valid = ox_words_valid (title), *markup = g_markup_escape_text (valid, -1);

  *spin = gtk_spin_button_new_with_range (low, high, 1);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (*spin), value);
  gtk_widget_set_valign (*spin, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), markup);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), *spin);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), *spin);
  return row;
}

static GtkWidget *
make_source (OxInputsDialog *self)
{
  GtkWidget *group = adw_preferences_group_new (), *row = adw_action_row_new (), *spin;
  GtkWidget *icon = gtk_image_new_from_icon_name ("folder-open-symbolic");

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), "Use a Data Set…");
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), "A folder with input_0.pb, input_1.pb, … or a file for each name");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), icon);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_signal_connect_swapped (row, "activated", G_CALLBACK (ask_folder_cb), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  row = spin_row ("Seed", "Equal seeds make equal random numbers", 0, 1e9, (double) ox_inputs_get_seed (self->inputs), &spin);
  g_signal_connect (spin, "value-changed", G_CALLBACK (seed_cb), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return group;
}

static GtkWidget *
make_symbols (OxInputsDialog *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  const char *name;

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), "Sizes");
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), "Dimensions the model leaves open, for inputs that are made up");
  for (guint i = 0; i < MAX_ROWS && (name = ox_inputs_symbol (self->inputs, i)) != NULL; i++)
    {
      GtkWidget *spin, *row = spin_row (name, NULL, 0, 1e6, (double) ox_inputs_get_symbol (self->inputs, name), &spin);

      g_object_set_data_full (G_OBJECT (spin), "symbol", g_strdup (name), g_free);
      g_signal_connect (spin, "value-changed", G_CALLBACK (symbol_cb), self);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
    }
  gtk_widget_set_visible (group, ox_inputs_symbol (self->inputs, 0) != NULL);
  return group;
}

static GtkWidget *
make_inputs (OxInputsDialog *self, AdwPreferencesGroup *with_default)
{
  static const char *const choices[] = { "Random", "Zeros", "Ones", "File…", "Default", NULL };
  static const char *const without_default[] = { "Random", "Zeros", "Ones", "File…", NULL };
  GtkWidget *group = adw_preferences_group_new ();
  guint n = ox_inputs_length (self->inputs);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), n > 0 ? "Inputs" : "This model has no inputs");
  for (guint i = 0; i < MIN (n, MAX_ROWS); i++)
    {
      const OxSlot *slot = ox_inputs_slot (self->inputs, i);
      g_autoptr (GtkStringList) list = gtk_string_list_new (slot->initializer != NULL ? choices : without_default);
      g_autofree char *valid = ox_words_valid (slot->name), *title = g_markup_escape_text (valid, -1);
      GtkWidget *row = adw_combo_row_new (), *file = gtk_button_new_from_icon_name ("document-open-symbolic");

      gtk_widget_add_css_class (file, "flat");
      gtk_widget_set_valign (file, GTK_ALIGN_CENTER);
      gtk_widget_set_tooltip_text (file, "Choose a File");
      g_signal_connect (file, "clicked", G_CALLBACK (file_clicked_cb), self);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), file);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
      adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
      adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
      g_ptr_array_add (self->rows, row);
      g_signal_connect (row, "notify::selected", G_CALLBACK (chosen_cb), self);
      adw_preferences_group_add (slot->initializer != NULL ? with_default : ADW_PREFERENCES_GROUP (group), row);
      gtk_widget_set_visible (GTK_WIDGET (with_default), slot->initializer != NULL || gtk_widget_get_visible (GTK_WIDGET (with_default)));
    }
  if (n > MAX_ROWS)
    {
      g_autofree char *text = g_strdup_printf ("%u more inputs keep what they have", n - MAX_ROWS);

      adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), text);
    }
  return group;
}

static void
apply_cb (OxInputsDialog *self)
{
  g_signal_emit (self, signals[APPLY], 0);
  gtk_window_close (GTK_WINDOW (self));
}

static GtkWidget *
make_header (OxInputsDialog *self)
{
  GtkWidget *header = adw_header_bar_new (), *cancel = gtk_button_new_with_mnemonic ("_Cancel");
  GtkWidget *apply = gtk_button_new_with_mnemonic ("_Use These");

  gtk_actionable_set_action_name (GTK_ACTIONABLE (cancel), "window.close");
  gtk_widget_add_css_class (apply, "suggested-action");
  g_signal_connect_swapped (apply, "clicked", G_CALLBACK (apply_cb), self);
  self->accept = apply;
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), adw_window_title_new ("Inputs", ""));
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), apply);
  return header;
}

GtkWindow *
ox_inputs_dialog_new (const OxInputs *inputs, GFile *folder)
{
  OxInputsDialog *self = g_object_new (OX_TYPE_INPUTS_DIALOG, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *page = adw_preferences_page_new ();
  GtkWidget *with_default = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (with_default), "Inputs with a Default");
  gtk_widget_set_visible (with_default, FALSE);
  self->inputs = ox_inputs_copy (inputs);
  if (folder != NULL)
    self->folder = g_object_ref (folder);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (make_source (self)));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (make_symbols (self)));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (make_inputs (self, ADW_PREFERENCES_GROUP (with_default))));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (with_default));
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), page);
  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  adw_toast_overlay_set_child (self->toasts, box);
  adw_window_set_content (ADW_WINDOW (self), GTK_WIDGET (self->toasts));
  gtk_window_set_default_widget (GTK_WINDOW (self), self->accept);
  gtk_window_set_focus (GTK_WINDOW (self), self->accept);
  gtk_window_set_title (GTK_WINDOW (self), "Inputs");
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (self), 520, 600);
  show_choices (self);
  return GTK_WINDOW (self);
}

const OxInputs *
ox_inputs_dialog_get_inputs (OxInputsDialog *self)
{
  return self->inputs;
}
