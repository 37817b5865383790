/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-console.h"
#include "debug/ox-edit.h"
#include "debug/ox-versus.h"

G_BEGIN_DECLS

struct _OxConsole
{
  OxDebugger *debugger;
  OxConsoleLoad load;
  OxConsoleOpen open;         /* or NULL */
  OxConsoleWrite write;       /* or NULL */
  char       *said;           /* what an edit has to say before the next position; or NULL */
  guint64     shown;          /* id + 1 of the frame the last position was in; 0: none yet */
  guint       listed;         /* where "list" goes on */
  GPtrArray *graphs;          /* OxGraph*: all of the model, in its order, then what the program wrote */
};

typedef enum
{
  OX_COMMAND_STEP, OX_COMMAND_NEXT, OX_COMMAND_FINISH, OX_COMMAND_CONTINUE, OX_COMMAND_UNTIL, OX_COMMAND_BACK,
  OX_COMMAND_BACK_IN, OX_COMMAND_START, OX_COMMAND_GOTO, OX_COMMAND_ITERATION, OX_COMMAND_BACK_TO_WRITE,
  OX_COMMAND_BACK_TO_BAD, OX_COMMAND_BACK_TO_BREAK, OX_COMMAND_RUN, OX_COMMAND_RESTART, OX_COMMAND_BREAK, OX_COMMAND_TBREAK,
  OX_COMMAND_LOG, OX_COMMAND_CONDITION, OX_COMMAND_IGNORE, OX_COMMAND_DELETE, OX_COMMAND_ENABLE, OX_COMMAND_DISABLE,
  OX_COMMAND_WATCH, OX_COMMAND_UNWATCH, OX_COMMAND_REFERENCE, OX_COMMAND_MARKS, OX_COMMAND_EVAL,
  OX_COMMAND_PRINT, OX_COMMAND_INFO, OX_COMMAND_LIST, OX_COMMAND_WHERE,
  OX_COMMAND_SET, OX_COMMAND_FILL, OX_COMMAND_SCALE, OX_COMMAND_CLAMP, OX_COMMAND_NOISE, OX_COMMAND_THROUGH,
  OX_COMMAND_REPLACE, OX_COMMAND_SUPPLY, OX_COMMAND_SKIP, OX_COMMAND_ATTRIBUTE, OX_COMMAND_UNSET, OX_COMMAND_MUTE,
  OX_COMMAND_IDENTITY, OX_COMMAND_REDO,
  OX_COMMAND_UNDO, OX_COMMAND_EDITS, OX_COMMAND_EXPAND, OX_COMMAND_HUNT, OX_COMMAND_COMPARE,
  OX_COMMAND_PRECISION, OX_COMMAND_QUANT, OX_COMMAND_PROVENANCE, OX_COMMAND_VERSUS, OX_COMMAND_PROFILE, OX_COMMAND_RECORD,
  OX_COMMAND_ITERATIONS, OX_COMMAND_EXPLAIN, OX_COMMAND_EXTRACT, OX_COMMAND_HELP, OX_COMMAND_QUIT,
} OxCommand;

/* A command that moves: how, where to, and how often. */
typedef struct
{
  OxGoal  goal;
  guint64 times;
} OxConsoleMoves;

/* ---- ox-console.c ---- */
/* @copy is cut; @argument points into it, "" for none. An empty line and a comment are OX_COMMAND_HELP with @empty. */
gboolean ox_console_parse     (char *copy, OxCommand *command, char **argument, gboolean *empty, GError **error);
/* FALSE without @error: the command does not move. */
gboolean ox_console_moves     (OxConsole *console, OxCommand command, const char *argument, OxConsoleMoves *moves, GError **error);
/* (transfer full) the names of all commands. */
/* What @text names, for @session, which is fed. (transfer full) */
OxReference *ox_console_open_reference (OxConsole *self, const char *text, OxSession *session, GError **error);
char   **ox_console_commands   (void);
/* After a move that is one of many: not beyond a breakpoint. */
gboolean ox_console_goes_on    (OxConsole *console);
void     ox_console_put_position (OxConsole *console, GString *text);
/* A command that neither moves nor prints a value. */
gboolean ox_console_do        (OxConsole *console, GString *text, OxCommand command, const char *argument, gboolean *quit,
                               GError **error);

/* ---- ox-console-stop.c ---- */
/* One of BREAK to MARKS. */
gboolean ox_console_is_stop    (OxCommand command);
gboolean ox_console_stop       (OxConsole *console, GString *text, OxCommand command, const char *argument, GError **error);
/* "PLACE [if CONDITION] [: FORMULAS]"; @node: which one that is, or NULL. */
gboolean ox_console_add_breakpoint (OxConsole *console, GString *text, OxCommand command, const char *argument, OxNode *node,
                                    GError **error);
void     ox_console_put_breakpoints  (OxConsole *console, GString *text);
/* The watches with what they are now; with what they were too. */
void     ox_console_put_watch_values (OxConsole *console, GString *text);
void     ox_console_put_watches      (OxConsole *console, GString *text);

/* ---- ox-console-failure.c ---- */
/* Why the node that failed just now did. */
gboolean ox_console_explain   (OxConsole *console, GString *text, GError **error);
/* "skip [NODE]" */
gboolean ox_console_skip      (OxConsole *console, GString *text, char **words, int n, GError **error);

/* ---- ox-console-extract.c ---- */
typedef struct _OxConsoleExtract OxConsoleExtract;

/* "NODE -o FOLDER" and so on: a part of the run as a test case. Made where the debugger lives, to be run in any thread. */
OxConsoleExtract *ox_console_extract_new  (OxConsole *console, const char *argument, GError **error);
void              ox_console_extract_free (OxConsoleExtract *self);
/* (transfer full) what to show. */
char             *ox_console_extract_run  (OxConsoleExtract *self, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxConsoleExtract, ox_console_extract_free)

/* ---- ox-console-marks.c ---- */
gboolean ox_console_keep_marks (OxConsole *console, GString *text, const char *argument, GError **error);

/* ---- ox-console-time.c ---- */
/* GOTO to BACK_TO_BREAK: where to. */
gboolean ox_console_travel    (OxConsole *console, OxCommand command, const char *argument, OxGoal *goal, GError **error);
/* Turns done, known and kept; the last ones. */
void     ox_console_put_time  (OxConsole *console, GString *text);

/* ---- ox-console-study.c ---- */
typedef struct _OxConsoleStudy OxConsoleStudy;

/* Whether a command is one: a run of its own, with the debugger's inputs. */
gboolean        ox_console_is_study   (OxCommand command);
/* Made where the debugger lives, to be run in any thread. */
OxConsoleStudy *ox_console_study_new  (OxConsole *console, OxCommand command, const char *argument, GError **error);
void            ox_console_study_free (OxConsoleStudy *self);
/* (transfer full) what to show. */
char           *ox_console_study_run  (OxConsoleStudy *self, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxConsoleStudy, ox_console_study_free)

/* ---- ox-console-lens.c: what these commands answer about a session that is fed; (transfer full) ---- */
char           *ox_console_quant      (OxSession *session, const char *argument, GCancellable *cancellable, GError **error);
char           *ox_console_provenance (OxSession *session, const char *argument, GCancellable *cancellable, GError **error);
char           *ox_console_precision  (OxSession *session, const char *argument, GCancellable *cancellable, GError **error);

char           *ox_console_iterations (OxSession *session, const char *argument, GCancellable *cancellable, GError **error);

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
/* One line, indented. */
void    ox_console_put_attribute (GString *text, const OxAttribute *attribute);
void    ox_console_put_details (OxConsole *console, GString *text, OxFrame *frame, const OxNode *node);
/* "NAME" and "NAME[0,3]"; @indices point after the bracket, NULL for none. */
gboolean ox_console_find_value (OxConsole *console, const char *expression, OxGraph **graph, int *slot, const char **indices,
                                GError **error);
/* On any thread. @value may be NULL. */
gboolean ox_console_put_value (GString *text, const char *expression, const char *indices, OxValue *value, GError **error);
gboolean ox_console_put_info  (OxConsole *console, GString *text, const char *what, GError **error);
void    ox_console_put_list   (OxConsole *console, GString *text, OxFrame *frame, guint first, guint n);
void    ox_console_put_stack  (OxConsole *console, GString *text);

/* ---- ox-console-edit.c ---- */
/* One of SET to UNDO: changes the run, which then has to be done again (OX_MOVE_AGAIN). */
gboolean ox_console_edit      (OxConsole *console, OxCommand command, const char *argument, GError **error);
/* "", or "save FILE". */
gboolean ox_console_edits     (OxConsole *console, GString *text, const char *argument, GError **error);
/* ---- ox-console-script.c ---- */
/* (transfer full) The file of "load FILE", which is to be run; NULL without @error for another argument of "edits". */
char    *ox_console_read_edits (const char *argument, GError **error);

/* ---- ox-console-edit.c, too ---- */
/* (transfer full) a value from a file, of the type of @slot (may be NULL). */
OxValue *ox_console_load_value (OxConsole *console, const char *path, const OxSlot *slot, GError **error);

/* ---- ox-console-versus.c ---- */
/* (transfer full) runs both and says what moved; @name "": outputs and what moved most. */
char    *ox_console_versus    (OxVersus *versus, const char *name, GCancellable *cancellable, GError **error);

/* ---- ox-console-change.c ---- */
/* ATTRIBUTE, UNSET, MUTE and IDENTITY. */
gboolean ox_console_change_node (OxConsole *console, GString *text, OxCommand command, const char *argument, char **words, int n,
                                 GError **error);

G_END_DECLS
