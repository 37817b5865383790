/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"
#include "debug/ox-edit.h"
#include "debug/ox-reference.h"
#include "debug/ox-trace-private.h"

G_BEGIN_DECLS

struct _OxDebugger
{
  GObject       parent_instance;

  OxModel      *model;
  OxSession    *session;
  OxTrace      *trace;
  GHashTable   *inputs;      /* name -> OxValue */
  gsize         budget;
  guint64       seed;
  GPtrArray    *edits;       /* OxEdit* */
  GPtrArray    *undone;      /* edits that were taken away, see ox-debugger-edit.c */
  guint64       stale;       /* the first turn that has to be done again; G_MAXUINT64: none */
  gboolean      expand;
  gboolean      running;
  GCancellable *interrupt;   /* of the move that runs */
  OxStop       *stop;
  /* ox-breakpoint.c */
  GMutex        lock;        /* of what may be changed during a move: */
  GPtrArray    *breakpoints; /* with what they mean */
  GHashTable   *stops;       /* OxNode* -> GPtrArray of the enabled ones that it is to be judged by */
  GHashTable   *met;         /* OxGraph* whose nodes have been held against patterns */
  gint          matched;     /* times that the two tables were made anew */
  guint64       sieve[4];    /* on the worker: bits of the nodes in @stops */
  gint          sieved_at;   /* as @matched was */
  const OxGraph *sieved;     /* it has been met */
  GPtrArray    *log;         /* char*: written since the last stop */
  gboolean      looking_back;   /* on the worker: what writes lines does not; hits count */
  gboolean      patterns, counted;   /* there are some; hits have changed since the last stop */
  guint         last_id;
  GHashTable   *last;        /* place of a value -> hash of what it was; on the worker */
  OxReference  *reference;

  GPtrArray    *watches;     /* ox-watch.c; under the lock */
  guint         last_watch;
};

/* A fresh session with the inputs; @keep as OxSessionOptions.keep_all. */
OxSession *ox_debugger_new_session (OxDebugger *self, gboolean keep);
void       ox_stop_free            (OxStop *stop);

/* ---- ox-debugger-edit.c ---- */
void       ox_edit_free            (gpointer edit);
void       ox_debugger_undone_free (gpointer undone);
void       ox_debugger_apply_edits (OxDebugger *self, OxSession *session);

/* What stopped on the way: the first breakpoint that did. */
typedef struct
{
  guint id;
  char *why;
} OxHit;

/* ---- ox-breakpoint.c ---- */
void       ox_debugger_init_breakpoints  (OxDebugger *self);
void       ox_debugger_clear_breakpoints (OxDebugger *self);
/* Says that the list is another. */
void       ox_debugger_tell_breakpoints  (OxDebugger *self);
/* On the worker: what stops at @node in @frame before its turn, or after it if @done tells of that. The id of the first, *@why
 * (transfer full) says what is so; 0: nothing. */
guint      ox_debugger_judge             (OxDebugger *self, OxFrame *frame, OxNode *node, const OxTraceRecord *done,
                                          GCancellable *cancellable, char **why);

/* Whether something may stop at @node. */
gboolean   ox_debugger_judges            (OxDebugger *self, const OxNode *node);

/* ---- ox-watch.c ---- */
void       ox_debugger_init_watches      (OxDebugger *self);
void       ox_debugger_clear_watches     (OxDebugger *self);
/* On the worker, after a turn: it may have written what watches name. */
void       ox_debugger_look_after        (OxDebugger *self, const OxTurn *turn, GCancellable *cancellable);
/* What was after @turns turns has not happened. */
void       ox_debugger_cut_watches       (OxDebugger *self, guint64 turns);

/* ---- ox-edit-text.c ---- */
/* "1, 2", "[1, 2]", "[]". (transfer full) */
char     **ox_edit_split           (const char *text);

/* ---- ox-debugger-value.c ---- */
/* ox_debugger_dup_value(), which may be cancelled. */
OxValue   *ox_debugger_find_value  (OxDebugger *self, OxGraph *graph, int slot, GCancellable *cancellable, GError **error);
/* The frame that answers for @graph: on the stack, or closed last; NULL for none. */
OxFrame   *ox_debugger_frame_of    (OxDebugger *self, const OxGraph *graph);

/* ---- ox-debugger-move.c; on the worker ---- */
OxStop    *ox_debugger_do_move     (OxDebugger *self, const OxGoal *goal, GCancellable *cancellable);
OxTurnKind ox_debugger_do_turn     (OxDebugger *self, GCancellable *cancellable, GError **error);
/* To the next node: frames that have nothing left to do are closed, and the next iteration is opened. ENDED: there is none. */
OxTurnKind ox_debugger_settle      (OxDebugger *self, GCancellable *cancellable, GError **error);
/* To the moment after that many turns: takes turns back while that can be done, else runs again. */
gboolean   ox_debugger_rewind      (OxDebugger *self, guint64 turns, GCancellable *cancellable, GError **error);
/* Whether one stands before a node before this turn, not in the middle of one. */
gboolean   ox_debugger_begins_node (const OxTraceRecord *record);
/* Forgets as much of the way back as the budget asks for. */
void       ox_debugger_trim        (OxDebugger *self);

/* ---- ox-debugger-failure.c; on the worker ---- */
/* (transfer full) What can be said of a node that failed just now. Runs again to learn of shapes that were dropped. */
OxFailure *ox_debugger_explain     (OxDebugger *self, OxFrame *frame, OxNode *node, const GError *error, GCancellable *cancellable);

/* ---- ox-debugger-time.c ---- */
/* Whether the goal can be gone to; fills in what the trace knows of it. */
gboolean   ox_debugger_aim         (OxDebugger *self, OxGoal *goal, GError **error);
/* TO_TIME and those after it; on the worker. */
OxStopReason ox_debugger_travel    (OxDebugger *self, const OxGoal *goal, OxHit *hit, GCancellable *cancellable, GError **error);
/* The level of the innermost frame that is an iteration; 0 for none. */
guint      ox_debugger_iteration_level (OxDebugger *self);
/* Whether it is an iteration that is gone to forwards. */
gboolean   ox_debugger_is_ahead    (OxDebugger *self, const OxGoal *goal);

G_END_DECLS
