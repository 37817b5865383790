/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "debug/ox-breakpoint.h"
#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_BREAKPOINT_EDITOR (ox_breakpoint_editor_get_type ())
G_DECLARE_FINAL_TYPE (OxBreakpointEditor, ox_breakpoint_editor, OX, BREAKPOINT_EDITOR, GtkPopover)

/* Opens a popover at @parent (@at is a place in it, or NULL) that says where and when to stop. @like (copied) is what is
 * changed; NULL: a new one, at @node, or where NULL at all nodes that fit words. It goes by itself when it is closed. */
void  ox_breakpoint_editor_open (OxFocus *focus, GtkWidget *parent, const GdkRectangle *at, const OxBreakpoint *like, OxNode *node);
/* "if nan, not the next 3, once, writes max(T)"; "" for a plain one. (transfer full) */
char *ox_breakpoint_words       (const OxBreakpoint *breakpoint);

G_END_DECLS
