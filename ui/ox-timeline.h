/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_TIMELINE (ox_timeline_get_type ())
G_DECLARE_FINAL_TYPE (OxTimeline, ox_timeline, OX, TIMELINE, GtkBox)

/* A table of the turns that were done: number, node, what happened, how long it took, bytes written. A row that is selected
 * selects its node. */
GtkWidget *ox_timeline_new (OxFocus *focus);

G_END_DECLS
