/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"
#include "debug/ox-console.h"
#include "ui/ox-drawer.h"
#include "ui/ox-watches.h"

/* Watches, and what is kept of a model: its breakpoints and watches, in the file that "marks" of the console uses. */

#define DELAY 1    /* seconds */

static void
save (OxPage *self)
{
  g_autofree char *path = ox_console_marks_path (self->marks), *text = ox_console_marks (self->marks), *folder = NULL;

  g_clear_handle_id (&self->marks_delay, g_source_remove);
  if (g_strcmp0 (text, self->marks_saved) == 0)
    return;
  folder = g_path_get_dirname (path);
  g_mkdir_with_parents (folder, 0700);
  /* Where nothing can be kept, nothing is; that is no trouble of the model's. */
  if (g_file_set_contents (path, text, -1, NULL))
    {
      g_free (self->marks_saved);
      self->marks_saved = g_steal_pointer (&text);
    }
}

static gboolean
save_cb (gpointer data)
{
  OxPage *self = data;

  self->marks_delay = 0;
  save (self);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (OxPage *self)
{
  if (self->marks != NULL && self->marks_delay == 0)
    self->marks_delay = g_timeout_add_seconds (DELAY, save_cb, self);
}

void
ox_page_load_marks (OxPage *self)
{
  g_autofree char *path = NULL, *text = NULL;
  g_autoptr (GString) said = g_string_new (NULL);

  self->marks = ox_console_new (ox_document_get_debugger (self->document), NULL);
  path = ox_console_marks_path (self->marks);
  if (g_file_get_contents (path, &text, NULL, NULL))
    {
      ox_console_load_marks (self->marks, text, said);
      if (said->len > 0)
        ox_page_tell (self, "Some breakpoints or watches do not fit this model any more");
    }
  self->marks_saved = ox_console_marks (self->marks);
  g_signal_connect_object (self->focus, "state-changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  ox_focus_touch (self->focus);
}

void
ox_page_keep_marks (OxPage *self)
{
  if (self->marks != NULL)
    save (self);
  g_clear_pointer (&self->marks, ox_console_free);
  g_clear_pointer (&self->marks_saved, g_free);
}

/* ---- watches --------------------------------------------------------------------------------------------------- */

static void
watch (OxPage *self, const char *formula)
{
  if (self->outline == NULL)
    return;
  adw_flap_set_reveal_flap (self->outline_flap, TRUE);
  ox_watches_add (OX_WATCHES (ox_outline_get_watches (self->outline)), formula);
}

static void
watch_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  watch (self, NULL);
}

static void
watch_value_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  watch (self, g_variant_get_string (parameter, NULL));
}

static void
origin_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->drawer == NULL)
    return;
  gtk_widget_set_visible (self->drawer, TRUE);
  ox_drawer_show_origin (OX_DRAWER (self->drawer), g_variant_get_string (parameter, NULL));
}

static void
hunt_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->drawer == NULL)
    return;
  gtk_widget_set_visible (self->drawer, TRUE);
  ox_drawer_hunt (OX_DRAWER (self->drawer));
}

static void
show_tab_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->drawer == NULL)
    return;
  gtk_widget_set_visible (self->drawer, TRUE);
  ox_drawer_show (OX_DRAWER (self->drawer), g_variant_get_string (parameter, NULL));
}

void
ox_page_add_marks (OxPage *self)
{
  static const GActionEntry entries[] = {
    { "watch", watch_cb },
    { "watch-value", watch_value_cb, "s" },
    { "origin", origin_cb, "s" },
    { "hunt", hunt_cb },
    { "show-tab", show_tab_cb, "s" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
