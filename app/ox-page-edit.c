/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"
#include "proto/ox-data-set.h"
#include "ui/ox-edit-actions.h"
#include "ui/ox-edit-menu.h"

static void
told_cb (OxEditActions *actions, const char *text, gboolean undo, OxPage *self)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (escaped);

  if (undo)
    {
      adw_toast_set_button_label (toast, "_Undo");
      adw_toast_set_action_name (toast, "edit.undo");
    }
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* Keys find the page's actions from wherever the keyboard is. */
static void
pass_on_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  g_autofree char *name = g_strdup_printf ("edit.%s", g_action_get_name (G_ACTION (action)));

  gtk_widget_activate_action (GTK_WIDGET (self), name, NULL);
}

void
ox_page_add_edits (OxPage *self)
{
  static const GActionEntry entries[] = { { "undo", pass_on_cb }, { "redo", pass_on_cb } };
  OxEditActions *actions = ox_edit_actions_new (self->focus, GTK_WIDGET (self), ox_value_load);

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  g_object_set_data_full (G_OBJECT (self), "edits", actions, g_object_unref);
  g_signal_connect_object (actions, "told", G_CALLBACK (told_cb), self, 0);
  g_signal_connect_object (ox_focus_get_debugger (self->focus), "edits", G_CALLBACK (gtk_widget_queue_draw), self->graph,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_debugger (self->focus), "edits", G_CALLBACK (ox_page_update_handover), self, G_CONNECT_SWAPPED);
  ox_edit_menu_attach (OX_GRAPH_VIEW (self->graph), self->focus);
}
