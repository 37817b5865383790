/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "debug/ox-failure.h"
#include "debug/ox-trace.h"
#include "session/ox-session.h"

G_BEGIN_DECLS

#define OX_TYPE_DEBUGGER (ox_debugger_get_type ())
G_DECLARE_FINAL_TYPE (OxDebugger, ox_debugger, OX, DEBUGGER, GObject)

typedef enum
{
  OX_MOVE_IN,         /* one node, into its body if it has one */
  OX_MOVE_OVER,       /* one node of this frame, bodies and all */
  OX_MOVE_OUT,        /* until this frame is closed; out of a Loop with all its iterations */
  OX_MOVE_CONTINUE,   /* until something stops it */
  OX_MOVE_TO_NODE,    /* until @target is next */
  OX_MOVE_BACK,       /* undo one node of this frame; at its beginning, out of it or into the iteration before */
  OX_MOVE_BACK_IN,    /* undo one node, into bodies */
  OX_MOVE_TO_START,   /* undo everything, backwards */
  OX_MOVE_AGAIN,      /* do again what edits have changed, and return to this place, or to the end if the run has no such
                       * place any more */
  /* These have more to say, see OxGoal. Those back stand before the node whose turn it was, with its inputs to look at. */
  OX_MOVE_TO_TIME,        /* to the first place from turn @time on where one can stand, forwards or back; breakpoints do not count */
  OX_MOVE_TO_ITERATION,   /* to the beginning of iteration @iteration of the body one stands in, forwards or back; behind the
                           * Loop, when it ends earlier */
  OX_MOVE_BACK_TO_WRITE,  /* before the node that wrote (@graph, @slot) last, in whatever frame */
  OX_MOVE_BACK_TO_BAD,    /* before the last node that wrote a NaN or Inf (@bad); values that were dropped are computed again */
  OX_MOVE_BACK_TO_BREAK,  /* to the last place that a breakpoint stops at, or to the start */
} OxMove;

/* Where to, and how. */
typedef struct
{
  OxMove   move;
  OxNode  *target;       /* TO_NODE */
  guint64  time;         /* TO_TIME */
  gint64   iteration;    /* TO_ITERATION */
  OxGraph *graph;        /* BACK_TO_WRITE */
  int      slot;
  guint    bad;          /* BACK_TO_BAD: OX_BAD_NAN, OX_BAD_INF or both */
} OxGoal;

/* One always stops before a node, or at the end: frames that are done are closed, and iterations opened, on the way. */
typedef enum
{
  OX_STOP_STEP,
  OX_STOP_TARGET,
  OX_STOP_BREAKPOINT,
  OX_STOP_START,
  OX_STOP_END,
  OX_STOP_FAILED,
  OX_STOP_INTERRUPTED,
  OX_STOP_NOWHERE,      /* BACK_TO_BAD: there is none; one stands where one stood */
} OxStopReason;

typedef struct
{
  OxStopReason reason;
  OxMove       move;      /* that ended here */
  OxFrame     *frame;     /* owned; the top frame, NULL at the end */
  OxNode      *node;      /* the node that is next, or that failed */
  guint64      time;      /* turns done */
  GError      *error;     /* FAILED */
  OxFailure   *failure;   /* FAILED at a node: why, in full */
  guint        breakpoint;   /* BREAKPOINT: its id */
  char        *why;       /* BREAKPOINT: what its condition found; NULL if it has none */
  GPtrArray   *log;       /* char*: what breakpoints have written on the way; NULL: nothing */
} OxStop;

typedef enum
{
  OX_NODE_WAITING,
  OX_NODE_DONE,
  OX_NODE_CURRENT,      /* next, or at work in a body */
  OX_NODE_FAILED,
  OX_NODE_UNTAKEN,      /* in a branch that was not taken */
} OxNodeState;

/* The debugger over one session: moves, the trace, stops. All signals and calls are on the main thread; moves run on a
 * worker, one at a time. Signals: "running", "stopped" (const OxStop *), "rested" (it was no move, and one stands where one
 * stood), "reset" (inputs or position thrown away),
 * "breakpoints" (others than before), "edits" (others than before, see debug/ox-edit.h). */
OxDebugger *ox_debugger_new          (OxModel *model);
OxModel    *ox_debugger_get_model    (OxDebugger *self);
/* Bytes the trace may keep for going back; values beyond are computed again when they are asked for. */
void        ox_debugger_set_budget   (OxDebugger *self, gsize bytes);
void        ox_debugger_set_seed     (OxDebugger *self, guint64 seed);
/* Operators that the standard defines by others are frames of those, as OxSessionOptions.expand says; restarts. */
void        ox_debugger_set_expand   (OxDebugger *self, gboolean expand);
gboolean    ox_debugger_get_expand   (OxDebugger *self);

gboolean    ox_debugger_set_input    (OxDebugger *self, const char *name, OxValue *value, GError **error);   /* restarts */
OxValue    *ox_debugger_get_input    (OxDebugger *self, const char *name);     /* (transfer none) (nullable) */
gboolean    ox_debugger_ready        (OxDebugger *self, GError **error);
void        ox_debugger_restart      (OxDebugger *self);

/* A session of its own with the same inputs, seed and edits, at its start and without keep_all, for a study that leaves the
 * debugger where it is; operators are not expanded. (transfer full) */
OxSession  *ox_debugger_new_study    (OxDebugger *self);
/* The same with operators expanded as the debugger has them: its turns have the numbers of the debugger's. (transfer full) */
OxSession  *ox_debugger_new_replay   (OxDebugger *self);

/* Plain breakpoints; ox-breakpoint.h has those with conditions. Moves forwards stop before such a node, in whatever frame. May
 * be called while a move runs. */
void        ox_debugger_set_breakpoint (OxDebugger *self, OxNode *node, gboolean on);
gboolean    ox_debugger_has_breakpoint (OxDebugger *self, OxNode *node);
/* One that is disabled is kept and stops nothing; a new one is enabled. */
void        ox_debugger_enable_breakpoint  (OxDebugger *self, OxNode *node, gboolean enabled);
gboolean    ox_debugger_breakpoint_enabled (OxDebugger *self, OxNode *node);
/* In the order of their making. (transfer container) of OxNode* */
GPtrArray  *ox_debugger_list_breakpoints   (OxDebugger *self);

gboolean    ox_debugger_is_running   (OxDebugger *self);
/* Refused with G_IO_ERROR_BUSY while another runs. The sync call is for the command line and tests; it may be cancelled
 * from another thread. A failed node is a stop, not an error. */
gboolean    ox_debugger_move         (OxDebugger *self, OxMove move, OxNode *target, GCancellable *cancellable, GError **error);
void        ox_debugger_move_async   (OxDebugger *self, OxMove move, OxNode *target, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer data);
gboolean    ox_debugger_move_finish  (OxDebugger *self, GAsyncResult *result, GError **error);
/* The same for moves that have more to say. Refused with OX_ERROR_VALUE: a value that has not been written so far, or that no
 * node writes; an iteration where there are none, or that will not be. */
gboolean    ox_debugger_go           (OxDebugger *self, const OxGoal *goal, GCancellable *cancellable, GError **error);
void        ox_debugger_go_async     (OxDebugger *self, const OxGoal *goal, GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer data);                       /* ends with ox_debugger_move_finish() */
/* Stops a running move at the next node or tile. */
void        ox_debugger_interrupt    (OxDebugger *self);

/* What follows answers about the moment the debugger stopped at; not while it is running. */
const OxStop *ox_debugger_get_stop   (OxDebugger *self);                       /* NULL before the first move */
OxFrame    *ox_debugger_get_frame    (OxDebugger *self, guint level);          /* 0 is main; NULL beyond the top */
guint       ox_debugger_get_depth    (OxDebugger *self);
OxTrace    *ox_debugger_get_trace    (OxDebugger *self);
OxNodeState ox_debugger_node_state   (OxDebugger *self, OxNode *node);
/* The value of a slot: of the frame on the stack that runs @graph, else of the frame of it that was closed last; constants
 * and inputs also before the start. NULL and no error: not computed yet. A value that was dropped from the trace is computed
 * again, which may take time: use the async call on the main thread. (transfer full) */
OxValue    *ox_debugger_dup_value    (OxDebugger *self, OxGraph *graph, int slot, GError **error);
/* Only what is at hand: NULL for a value that would have to be computed again. For lists of many values. (transfer full) */
OxValue    *ox_debugger_peek_value   (OxDebugger *self, OxGraph *graph, int slot);
void        ox_debugger_dup_value_async  (OxDebugger *self, OxGraph *graph, int slot, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer data);
OxValue    *ox_debugger_dup_value_finish (OxDebugger *self, GAsyncResult *result, GError **error);

G_END_DECLS
