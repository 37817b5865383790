/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <gtk/gtk.h>

/* A small window full of files: what is dragged out of it is the files named on the command line. */

static GdkContentProvider *
prepare_cb (GtkDragSource *source, double x, double y, GSList *files)
{
  return gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, files);
}

int
main (int argc, char **argv)
{
  GtkDragSource *source = gtk_drag_source_new ();
  GtkWidget *window, *label;
  GSList *files = NULL;

  gtk_init ();
  for (int i = argc - 1; i > 0; i--)
    files = g_slist_prepend (files, g_file_new_for_commandline_arg (argv[i]));
  window = gtk_window_new ();
  label = gtk_label_new ("drag me");
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_cb), files);
  gtk_widget_add_controller (label, GTK_EVENT_CONTROLLER (source));
  gtk_window_set_title (GTK_WINDOW (window), "Drag Source");
  gtk_window_set_default_size (GTK_WINDOW (window), 160, 120);
  gtk_window_set_child (GTK_WINDOW (window), label);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_present (GTK_WINDOW (window));
  while (g_list_model_get_n_items (gtk_window_get_toplevels ()) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_slist_free_full (files, g_object_unref);
  return 0;
}
