/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_EDIT_VIEW (ox_edit_view_get_type ())
G_DECLARE_FINAL_TYPE (OxEditView, ox_edit_view, OX, EDIT_VIEW, GtkBox)

/* The list of changes with what takes them back, and beside it the run with them against the one without. */
GtkWidget *ox_edit_view_new (OxFocus *focus);

G_END_DECLS
