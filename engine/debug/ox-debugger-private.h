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
  GPtrArray    *log;         /* char*: written since the last stop */
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

/* ---- ox-breakpoint.c ---- */
void       ox_debugger_init_breakpoints  (OxDebugger *self);
void       ox_debugger_clear_breakpoints (OxDebugger *self);
/* Says that the list is another. */
void       ox_debugger_tell_breakpoints  (OxDebugger *self);
/* On the worker: what stops at @node in @frame before its turn, or after it if @done tells of that. The id of the first, *@why
 * (transfer full) says what is so; 0: nothing. */
guint      ox_debugger_judge             (OxDebugger *self, OxFrame *frame, OxNode *node, const OxTraceRecord *done,
                                          GCancellable *cancellable, char **why);

/* ---- ox-watch.c ---- */
void       ox_debugger_init_watches      (OxDebugger *self);
void       ox_debugger_clear_watches     (OxDebugger *self);
/* On the worker: @node has written what watches may name. */
void       ox_debugger_look_after        (OxDebugger *self, const OxNode *node, GCancellable *cancellable);
/* What was after @turns turns has not happened. */
void       ox_debugger_cut_watches       (OxDebugger *self, guint64 turns);

/* ---- ox-debugger-value.c ---- */
/* The frame that answers for @graph: on the stack, or closed last; NULL for none. */
OxFrame   *ox_debugger_frame_of    (OxDebugger *self, const OxGraph *graph);

/* ---- ox-debugger-move.c; on the worker ---- */
OxStop    *ox_debugger_do_move     (OxDebugger *self, OxMove move, OxNode *target, GCancellable *cancellable);
/* Forgets as much of the way back as the budget asks for. */
void       ox_debugger_trim        (OxDebugger *self);

G_END_DECLS
