/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"

G_BEGIN_DECLS

/* The debugger by words, as the terminal and the window's console have it: "step", "print conv1", "break decode". */
typedef struct _OxConsole OxConsole;

OxConsole  *ox_console_new  (OxDebugger *debugger);
void        ox_console_free (OxConsole *console);

/* Does one line. (transfer full) What to show, lines ending in a newline; "" for nothing. @quit is set by "quit". Moves
 * run in this thread until @cancellable stops them. Errors: OX_ERROR_VALUE for a command, node or value that is not
 * there, and whatever a value says that cannot be read. A node that fails is an answer, not an error. */
char       *ox_console_run  (OxConsole *console, const char *line, GCancellable *cancellable, gboolean *quit, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxConsole, ox_console_free)

G_END_DECLS
