/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"
#include "debug/ox-trace-private.h"

G_BEGIN_DECLS

struct _OxDebugger
{
  GObject       parent_instance;

  OxModel      *model;
  OxSession    *session;
  OxTrace      *trace;
  GHashTable   *inputs;      /* name -> OxValue */
  GHashTable   *closed;      /* OxGraph* -> GPtrArray of OxFrame, the last closed one last */
  gsize         budget;
  guint64       seed;
  gboolean      running;
  GCancellable *interrupt;   /* of the move that runs */
  OxStop       *stop;
};

/* A fresh session with the inputs; @keep as OxSessionOptions.keep_all. */
OxSession *ox_debugger_new_session (OxDebugger *self, gboolean keep);
/* One turn with everything that is noted of it. On failure @error is set. */
OxTurnKind ox_debugger_turn        (OxDebugger *self, GCancellable *cancellable, GError **error);
/* Takes one turn back: undone, or everything done again up to the turn before. FALSE at the start or when stopped. */
gboolean   ox_debugger_unturn      (OxDebugger *self, GCancellable *cancellable, GError **error);
/* To the state after @turns turns. */
gboolean   ox_debugger_replay      (OxDebugger *self, guint64 turns, GCancellable *cancellable, GError **error);
void       ox_debugger_forget_run  (OxDebugger *self);
void       ox_stop_free            (OxStop *stop);

G_END_DECLS
