/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

#include "app/ox-document.h"

G_BEGIN_DECLS

#define OX_TYPE_PAGE (ox_page_get_type ())
G_DECLARE_FINAL_TYPE (OxPage, ox_page, OX, PAGE, AdwBin)

/* One model in a tab: the graph, the panels around it, the drawer below, trouble on top, and the actions "page.*". Signals:
 * "titled" when title or subtitle changed. */
GtkWidget    *ox_page_new           (GFile *file);
OxDocument   *ox_page_get_document  (OxPage *self);
/* The actions, to be put into the window while the page is the one that is seen. */
GActionGroup *ox_page_get_actions   (OxPage *self);
/* Stops everything that is under way; the page will be thrown away. */
void          ox_page_close         (OxPage *self);

G_END_DECLS
