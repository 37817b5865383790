/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/cli-reference.h"
#include "app/ox-page-private.h"
#include "core/ox-error.h"
#include "proto/ox-import.h"
#include "ui/ox-drawer.h"

/* What asks something of a run of its own, in the drawer. */

static void
precision_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->drawer == NULL)
    return;
  gtk_widget_set_visible (self->drawer, TRUE);
  ox_drawer_precision (OX_DRAWER (self->drawer), "map");
}

/* "node", "scope", "operator" or "all". */
static void
what_if_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  const char *wanted = g_variant_get_string (parameter, NULL);

  if (self->drawer == NULL)
    return;
  gtk_widget_set_visible (self->drawer, TRUE);
  ox_drawer_precision (OX_DRAWER (self->drawer), wanted);
}

static void
quantisation_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->drawer == NULL)
    return;
  gtk_widget_set_visible (self->drawer, TRUE);
  ox_drawer_quantisation (OX_DRAWER (self->drawer), NULL, NULL);
}

/* ---- a model before it was quantised --------------------------------------------------------------------------- */

static OxSession *
open_reference (const char *path, OxSession *like, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxModel) model = ox_import_file (path, NULL, cancellable, error);
  g_autoptr (OxSession) session = model != NULL ? ox_session_new (model, NULL) : NULL;

  if (session != NULL && ox_cli_feed_like (session, like, error))
    return g_steal_pointer (&session);
  ox_error_prefix (error, "%s", path);
  return NULL;
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, OxPage *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL && self->drawer != NULL)
    ox_drawer_quantisation (OX_DRAWER (self->drawer), path, open_reference);
  else if (file != NULL)
    ox_page_show_trouble (self, "A model is read from this computer's folders only", "error", NULL);
  g_object_unref (dialog);
}

static void
reference_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  g_autoptr (GtkFileFilter) models = gtk_file_filter_new ();
  g_autoptr (GFile) beside = NULL;
  GtkFileChooserNative *dialog;

  if (self->focus == NULL)
    return;
  dialog = gtk_file_chooser_native_new ("Choose the Model before It Was Quantised",
                                        GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), GTK_FILE_CHOOSER_ACTION_OPEN,
                                        "_Hold Against", "_Cancel");
  gtk_file_filter_set_name (models, "Models: .onnx");
  gtk_file_filter_add_pattern (models, "*.onnx");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), models);
  beside = g_file_get_parent (ox_document_get_file (self->document));
  if (beside != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), beside, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
ox_page_add_studies (OxPage *self)
{
  static const GActionEntry entries[] = {
    { "precision", precision_cb },
    { "quantisation", quantisation_cb },
    { "quant-reference", reference_cb },
    { "what-if", what_if_cb, "s" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
