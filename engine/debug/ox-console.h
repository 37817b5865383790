/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-case.h"
#include "debug/ox-debugger.h"
#include "debug/ox-reference.h"

G_BEGIN_DECLS

/* The debugger by words, as the terminal and the window's console have it: "step", "print conv1", "break decode". */
typedef struct _OxConsole OxConsole;

/* Reads a value of a type (may be NULL) from a file. (transfer full) */
typedef OxValue *(*OxConsoleLoad) (const char *path, const OxType *type, GError **error);

/* Opens what @text names as a reference for @session, which is fed: a file, a folder, another runtime. (transfer full) */
typedef OxReference *(*OxConsoleOpen) (const char *text, OxSession *session, GError **error);
/* Writes a test case; @expected: OxValue or NULL for each output, may be NULL. */
typedef gboolean (*OxConsoleWrite) (const OxCase *self, const GPtrArray *expected, const char *folder, GError **error);

/* What commands read and write files with, in all consoles made from now on. Without: tensor files, and as references .npz,
 * .json and the model itself; "extract" is refused. To be said when the program starts. */
void        ox_console_use_files (OxConsoleLoad load, OxConsoleOpen open, OxConsoleWrite write);
/* @load: what this one reads values with; NULL: what ox_console_use_files() said. */
OxConsole  *ox_console_new  (OxDebugger *debugger, OxConsoleLoad load);
void        ox_console_free (OxConsole *console);

/* Does one line. (transfer full) What to show, lines ending in a newline; "" for nothing. @quit is set by "quit". Moves
 * run in this thread until @cancellable stops them. Errors: OX_ERROR_VALUE for a command, node or value that is not
 * there, and whatever a value says that cannot be read. A node that fails is an answer, not an error. */
char       *ox_console_run  (OxConsole *console, const char *line, GCancellable *cancellable, gboolean *quit, GError **error);

/* The same without waiting: moves and values are computed on a worker, the debugger tells of them with its signals. One
 * line at a time; @console must live until the callback. */
void        ox_console_run_async  (OxConsole *console, const char *line, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer data);
char       *ox_console_run_finish (GAsyncResult *result, gboolean *quit, GError **error);
/* Whether the line is a command that needs inputs. */
gboolean    ox_console_line_moves (OxConsole *console, const char *line);
/* What @text may go on with, at its end: commands, then names of nodes and values of the frame that is looked at.
 * (transfer full) whole lines, at most @most. */
char      **ox_console_complete   (OxConsole *console, const char *text, guint most);

/* The run so far, with its changes, as a recorded run at @path: see ox_trace_record_turns(); it is run again for that, without a
 * way back. @which: see ox_trace_values_parse(). *@said (transfer full): what was written. */
gboolean    ox_console_record     (OxConsole *console, const char *path, const char *which, char **said, GError **error);
/* What was changed as commands, a line each. (transfer full) @left_out: changes in one frame of a body are remarks only, for where
 * one stood is not in it. */
char       *ox_console_edits_script     (OxConsole *console, guint *written, guint *left_out);
/* Does such lines, after all of them have been looked at: nothing but changes, and what leads to the end of the run, where
 * breakpoints do not count. (transfer full) what to show. With @error the changes before that line are made. */
char       *ox_console_run_edits        (OxConsole *console, const char *script, GCancellable *cancellable, GError **error);
void        ox_console_run_edits_async  (OxConsole *console, const char *script, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer data);
char       *ox_console_run_edits_finish (GAsyncResult *result, GError **error);

/* Breakpoints and watches as lines for a file. (transfer full) */
char       *ox_console_marks      (OxConsole *console);
/* Takes such lines in the place of what there is; those that cannot be done are told in @text. Returns how many. */
guint       ox_console_load_marks (OxConsole *console, const char *marks, GString *text);
/* The same in a file. */
gboolean    ox_console_save_marks_file (OxConsole *console, const char *path, GError **error);
gboolean    ox_console_load_marks_file (OxConsole *console, const char *path, GString *text, GError **error);
/* Where the marks of this model are kept. (transfer full) */
char       *ox_console_marks_path (OxConsole *console);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxConsole, ox_console_free)

G_END_DECLS
