/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <adwaita.h>

#include "ui/ox-edit-actions.h"
#include "ui/ox-words.h"

#define MOST_FIELDS 2

typedef struct
{
  AdwMessageDialog *dialog;
  GtkWidget        *rows[MOST_FIELDS];
  guint             n;
  char             *body;
  OxEditNumbers     numbers;
  OxEditCheck       check;
  OxEditText        text;
  void            (*otherwise) (gpointer data);
  gpointer          data;
  GDestroyNotify    destroy;
} Asked;

static void
asked_free (gpointer data)
{
  Asked *asked = data;

  if (asked->destroy != NULL)
    asked->destroy (asked->data);
  g_free (asked->body);
  g_free (asked);
}

static gboolean
read_number (GtkWidget *row, double *number)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
  char *end;

  *number = g_ascii_strtod (text, &end);
  return end != text && *end == '\0';
}

/* Only what can be done can be pressed. */
static void
changed_cb (Asked *asked)
{
  gboolean good = TRUE;

  for (guint i = 0; asked->numbers != NULL && i < asked->n; i++)
    {
      double number;
      gboolean read = read_number (asked->rows[i], &number);

      good = good && read;
      if (read)
        gtk_widget_remove_css_class (asked->rows[i], "error");
      else
        gtk_widget_add_css_class (asked->rows[i], "error");
    }
  if (asked->text != NULL)
    {
      g_autofree char *wrong = asked->check (gtk_editable_get_text (GTK_EDITABLE (asked->rows[0])), asked->data);
      g_autofree char *valid = wrong != NULL ? ox_words_valid (wrong) : NULL;

      good = wrong == NULL;
      adw_message_dialog_set_body (asked->dialog, good ? asked->body : valid);
      if (good)
        gtk_widget_remove_css_class (asked->rows[0], "error");
      else
        gtk_widget_add_css_class (asked->rows[0], "error");
    }
  adw_message_dialog_set_response_enabled (asked->dialog, "apply", good);
}

static void
response_cb (AdwMessageDialog *dialog, const char *response, Asked *asked)
{
  double numbers[MOST_FIELDS];

  if (g_str_equal (response, "other"))
    asked->otherwise (asked->data);
  if (!g_str_equal (response, "apply"))
    return;
  for (guint i = 0; asked->numbers != NULL && i < asked->n; i++)
    if (!read_number (asked->rows[i], &numbers[i]))
      return;
  if (asked->numbers != NULL)
    asked->numbers (numbers, asked->data);
  else
    asked->text (gtk_editable_get_text (GTK_EDITABLE (asked->rows[0])), asked->data);
}

static Asked *
new_dialog (GtkWidget *owner, const char *heading, const char *body, const char *other, gpointer data, GDestroyNotify destroy)
{
  GtkRoot *root = gtk_widget_get_root (owner);
  g_autofree char *title = ox_words_valid (heading), *text = ox_words_valid (body);
  Asked *asked = g_new0 (Asked, 1);

  asked->dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, title, text));
  asked->body = g_steal_pointer (&text);
  asked->data = data;
  asked->destroy = destroy;
  adw_message_dialog_add_response (asked->dialog, "cancel", "_Cancel");
  if (other != NULL)
    adw_message_dialog_add_response (asked->dialog, "other", other);
  adw_message_dialog_add_response (asked->dialog, "apply", "_Apply");
  adw_message_dialog_set_response_appearance (asked->dialog, "apply", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (asked->dialog, "apply");
  adw_message_dialog_set_close_response (asked->dialog, "cancel");
  g_object_set_data_full (G_OBJECT (asked->dialog), "asked", asked, asked_free);
  g_signal_connect (asked->dialog, "response", G_CALLBACK (response_cb), asked);
  return asked;
}

static void
add_row (Asked *asked, GtkListBox *list, const char *title, const char *text)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_editable_set_text (GTK_EDITABLE (row), text);
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (row), TRUE);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (changed_cb), asked);
  gtk_list_box_append (list, row);
  asked->rows[asked->n++] = row;
}

static void
present (Asked *asked, GtkWidget *list)
{
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  adw_message_dialog_set_extra_child (asked->dialog, list);
  changed_cb (asked);
  gtk_window_present (GTK_WINDOW (asked->dialog));
  gtk_widget_grab_focus (asked->rows[0]);
}

void
ox_edit_dialog_numbers (GtkWidget *owner, const char *heading, const char *body, const OxEditField *fields, guint n,
                        OxEditNumbers done, gpointer data, GDestroyNotify destroy)
{
  Asked *asked = new_dialog (owner, heading, body, NULL, data, destroy);
  GtkWidget *list = gtk_list_box_new ();

  g_return_if_fail (n > 0 && n <= MOST_FIELDS);
  asked->numbers = done;
  for (guint i = 0; i < n; i++)
    {
      char text[G_ASCII_DTOSTR_BUF_SIZE];

      add_row (asked, GTK_LIST_BOX (list), fields[i].title, g_ascii_formatd (text, sizeof text, "%.9g", fields[i].value));
    }
  present (asked, list);
}

void
ox_edit_dialog_text (GtkWidget *owner, const char *heading, const char *body, const char *title, const char *text,
                     OxEditCheck check, OxEditText done, gpointer data, GDestroyNotify destroy)
{
  ox_edit_dialog_text_or (owner, heading, body, title, text, check, done, NULL, NULL, data, destroy);
}

void
ox_edit_dialog_text_or (GtkWidget *owner, const char *heading, const char *body, const char *title, const char *text,
                        OxEditCheck check, OxEditText done, const char *other, void (*otherwise) (gpointer data), gpointer data,
                        GDestroyNotify destroy)
{
  Asked *asked = new_dialog (owner, heading, body, other, data, destroy);
  GtkWidget *list = gtk_list_box_new ();

  asked->check = check;
  asked->text = done;
  asked->otherwise = otherwise;
  add_row (asked, GTK_LIST_BOX (list), title, text);
  present (asked, list);
}
