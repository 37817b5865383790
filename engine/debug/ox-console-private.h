/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-console.h"

G_BEGIN_DECLS

struct _OxConsole
{
  OxDebugger *debugger;
  guint64     shown;          /* id + 1 of the frame the last position was in; 0: none yet */
  guint       listed;         /* where "list" goes on */
  GHashTable *graphs;         /* OxGraph* -> itself: all of the model */
};

/* ---- ox-console-find.c ---- */
/* By name, by the name of an output, by "#N" in the frame that is looked at, or by operator: the next of that kind there.
 * The frame's graph first, then those around it, then all others. NULL with OX_ERROR_VALUE. */
OxNode *ox_console_find_node  (OxConsole *console, const char *text, GError **error);
/* A value's graph and slot, from the inside out. */
gboolean ox_console_find_slot (OxConsole *console, const char *name, OxGraph **graph, int *slot);
/* The frame one stands in; main before the start and after the end. */
OxFrame *ox_console_frame     (OxConsole *console);
/* The node that is next; NULL at the end. */
OxNode *ox_console_node       (OxConsole *console);

/* ---- ox-console-show.c ---- */
/* "f32 1x3x8x8": what is known of the value that @ref means in @frame, without reading weights. (transfer full) */
char   *ox_console_describe   (OxFrame *frame, OxRef ref);
void    ox_console_put_node   (OxConsole *console, GString *text, OxFrame *frame, const OxNode *node);
void    ox_console_put_details (OxConsole *console, GString *text, OxFrame *frame, const OxNode *node);
/* "print NAME" and "print NAME[0,3]". */
gboolean ox_console_put_value (OxConsole *console, GString *text, const char *expression, GError **error);
gboolean ox_console_put_info  (OxConsole *console, GString *text, const char *what, GError **error);
void    ox_console_put_list   (OxConsole *console, GString *text, OxFrame *frame, guint first, guint n);
void    ox_console_put_stack  (OxConsole *console, GString *text);

G_END_DECLS
