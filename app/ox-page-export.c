/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-export-dialog.h"
#include "app/ox-page-private.h"
#include "scene/ox-scene.h"

/* The picture of the shown graph into a file, on a worker. */

typedef struct
{
  OxModel       *model;    /* keeps @graph */
  OxGraph       *graph;
  char          *path;
  OxExportChoice choice;
  OxBars        *bars;     /* to be drawn on the cards, or NULL */
} Export;

static void
export_free (gpointer data)
{
  Export *export = data;

  ox_model_unref (export->model);
  g_clear_object (&export->bars);
  g_free (export->path);
  g_free (export);
}

static gboolean
errors_of (OxNode *node, OxCardErrors *errors, gpointer data)
{
  return ox_bars_get (data, node, errors);
}

static void
export_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Export *export = data;
  const OxExportOptions options = { .dark = export->choice.dark, .scale = export->choice.scale,
                                    .errors = export->bars != NULL ? errors_of : NULL, .data = export->bars };
  GError *error = NULL;
  g_autoptr (OxScene) scene = ox_scene_new (export->graph, NULL, cancellable, &error);

  if (scene != NULL && ox_scene_export (scene, export->path, &options, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxPage *self = OX_PAGE (source);
  const Export *export = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      if (self->focus != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        ox_page_show_trouble (self, error->message, "error", NULL);
    }
  else if (self->focus != NULL)
    ox_page_tell_written (self, export->path, NULL);
  if (self->focus != NULL)
    ox_page_end_progress (self);
}

static void
export_chosen_cb (OxExportDialog *dialog, GFile *file, OxPage *self)
{
  g_autofree char *path = g_file_get_path (file), *ending = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = NULL;
  Export *export;

  if (self->focus == NULL)
    return;
  if (path == NULL)
    {
      ox_page_show_trouble (self, "The picture can be exported to this computer's folders only", "error", NULL);
      return;
    }
  export = g_new0 (Export, 1);
  export->model = ox_model_ref (ox_document_get_model (self->document));
  export->graph = ox_focus_get_graph (self->focus);
  g_set_object (&export->bars, ox_overlay_get_bars (ox_focus_get_overlay (self->focus)));
  ox_export_dialog_get_choice (dialog, &export->choice);
  ending = g_strconcat (".", export->choice.format, NULL);
  /* The ending decides what is written. */
  export->path = g_str_has_suffix (path, ending) ? g_steal_pointer (&path) : g_strconcat (path, ending, NULL);
  task = g_task_new (self, cancellable, exported_cb, NULL);
  g_task_set_task_data (task, export, export_free);
  ox_page_start_progress (self, "Exporting…", cancellable);
  g_task_run_in_thread (task, export_worker);
}

static void
export_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  g_autoptr (GFile) folder = NULL;
  g_autofree char *title = NULL;
  GtkWindow *dialog;

  if (self->focus == NULL)
    return;
  folder = g_file_get_parent (ox_document_get_file (self->document));
  title = ox_page_name_for (self, "");
  dialog = ox_export_dialog_new (folder, title);
  g_signal_connect_object (dialog, "export", G_CALLBACK (export_chosen_cb), self, 0);
  gtk_window_set_transient_for (dialog, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (dialog);
}

void
ox_page_add_export (OxPage *self)
{
  static const GActionEntry entries[] = { { "export", export_cb } };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
