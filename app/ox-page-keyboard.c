/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"

/* When what has the keyboard goes away, as a row of a node that is no longer shown, the toolkit gives the keyboard to the
 * first button of the window. The graph gets it. */

typedef struct
{
  OxPage    *page;       /* not owned: it has this */
  GtkWidget *last;       /* in the page, that had the keyboard; weak */
  GtkWindow *window;     /* that is listened to; weak */
  guint      soon;
} Keyboard;

static gboolean
to_graph_cb (gpointer data)
{
  Keyboard *self = data;

  self->soon = 0;
  if (self->page->graph != NULL && gtk_widget_get_mapped (self->page->graph))
    gtk_widget_grab_focus (self->page->graph);
  return G_SOURCE_REMOVE;
}

static void
moved_cb (GtkWindow *window, GParamSpec *pspec, OxPage *page)
{
  Keyboard *self = g_object_get_data (G_OBJECT (page), "keyboard");
  GtkWidget *now = gtk_window_get_focus (window);

  if (!gtk_widget_get_mapped (GTK_WIDGET (page)))
    return;
  if (now != NULL && gtk_widget_is_ancestor (now, GTK_WIDGET (page)))
    g_set_weak_pointer (&self->last, now);
  else if (self->last != NULL && !gtk_widget_get_mapped (self->last))
    {
      g_clear_weak_pointer (&self->last);
      if (self->soon == 0)
        self->soon = g_idle_add (to_graph_cb, self);
    }
}

static void
root_cb (OxPage *page)
{
  Keyboard *self = g_object_get_data (G_OBJECT (page), "keyboard");
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (page));

  if (self->window != NULL)
    g_signal_handlers_disconnect_by_func (self->window, moved_cb, page);
  g_set_weak_pointer (&self->window, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL);
  if (self->window != NULL)
    g_signal_connect_object (self->window, "notify::focus-widget", G_CALLBACK (moved_cb), page, 0);
}

static void
keyboard_free (gpointer data)
{
  Keyboard *self = data;

  g_clear_handle_id (&self->soon, g_source_remove);
  g_clear_weak_pointer (&self->last);
  g_clear_weak_pointer (&self->window);
  g_free (self);
}

void
ox_page_keep_keyboard (OxPage *page)
{
  Keyboard *self = g_new0 (Keyboard, 1);

  self->page = page;
  g_object_set_data_full (G_OBJECT (page), "keyboard", self, keyboard_free);
  g_signal_connect (page, "notify::root", G_CALLBACK (root_cb), NULL);
  root_cb (page);
}
