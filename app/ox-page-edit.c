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

void
ox_page_add_edits (OxPage *self)
{
  OxEditActions *actions = ox_edit_actions_new (self->focus, GTK_WIDGET (self), ox_value_load);

  g_object_set_data_full (G_OBJECT (self), "edits", actions, g_object_unref);
  g_signal_connect_object (actions, "told", G_CALLBACK (told_cb), self, 0);
  g_signal_connect_object (ox_focus_get_debugger (self->focus), "edits", G_CALLBACK (gtk_widget_queue_draw), self->graph,
                           G_CONNECT_SWAPPED);
  ox_edit_menu_attach (OX_GRAPH_VIEW (self->graph), self->focus);
}
