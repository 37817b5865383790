/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"
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
  ox_drawer_quantisation (OX_DRAWER (self->drawer));
}

void
ox_page_add_studies (OxPage *self)
{
  static const GActionEntry entries[] = {
    { "precision", precision_cb },
    { "quantisation", quantisation_cb },
    { "what-if", what_if_cb, "s" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
