/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"
#include "debug/ox-edit.h"
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
  GMutex        lock;        /* of what may be changed during a move: */
  GPtrArray    *breakpoints; /* OxNode* */
  GHashTable   *stops;       /* OxNode* -> itself: the enabled ones */
};

/* A fresh session with the inputs; @keep as OxSessionOptions.keep_all. */
OxSession *ox_debugger_new_session (OxDebugger *self, gboolean keep);
void       ox_stop_free            (OxStop *stop);

/* ---- ox-debugger-edit.c ---- */
void       ox_edit_free            (gpointer edit);
void       ox_debugger_undone_free (gpointer undone);
void       ox_debugger_apply_edits (OxDebugger *self, OxSession *session);

/* ---- ox-debugger-value.c ---- */
/* The frame that answers for @graph: on the stack, or closed last; NULL for none. */
OxFrame   *ox_debugger_frame_of    (OxDebugger *self, const OxGraph *graph);

/* ---- ox-debugger-move.c; on the worker ---- */
OxStop    *ox_debugger_do_move     (OxDebugger *self, OxMove move, OxNode *target, GCancellable *cancellable);
/* Whether there is an enabled breakpoint. */
gboolean   ox_debugger_stops_at    (OxDebugger *self, OxNode *node);
/* Forgets as much of the way back as the budget asks for. */
void       ox_debugger_trim        (OxDebugger *self);

G_END_DECLS
