/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/control.h"
#include "ops/flex.h"
#include "ops/gradient.h"
#include "ops/ox-op.h"
#include "session/ox-ask.h"
#include "session/ox-change.h"
#include "session/ox-session.h"

G_BEGIN_DECLS

#define OX_MAX_FRAMES 256   /* functions that call functions, and graphs in graphs */

typedef struct _OxRecall OxRecall;

/* What is known of a node once it has been looked up; kept for all its executions. */
typedef struct
{
  const OxOp     *op;          /* NULL with a function */
  OxFunction     *function;
  gint64          opset;
  void           *attrs;       /* NULL when they depend on the function's call */
  gpointer        state;       /* the kernel's own */
  GDestroyNotify  destroy;
} OxPlan;

/* A Loop, Scan or SequenceMap between two iterations, or another operator between two bodies. Values are owned. */
typedef struct
{
  gatomicrefcount refs;
  OxFlow      kind;
  OxGraph    *body;
  gint64      done;            /* iterations */
  gint64      limit;           /* how many there can be; -1: no limit */
  gboolean    go;              /* Loop: the condition */
  guint       n_carried, n_scans;
  OxValue   **carried;         /* [n_carried] */
  GPtrArray **scans;           /* [n_scans] of OxValue, one an iteration */
  OxGraph    *bodies[2];       /* FlexAttention, Gradient: in the order they run; @limit of them */
  gboolean    scores_first;    /* FlexAttention: the first of them is score_mod */
  GPtrArray  *items;           /* Scan: the inputs that are cut, usable; SequenceMap: all inputs; FlexAttention: V; Gradient:
                                * what comes out */
  struct _OxGradient *gradient; /* Gradient */
  GPtrArray  *feeds[2];        /* Gradient: of its bodies */
  int        *axes;            /* Scan: of each item; then of each output */
  gboolean   *backwards;       /* Scan: likewise */
  gint64      batch;           /* Scan-8: how many sequences, else 0 */
  gint64     *lengths;         /* Scan-8: of each */
  gint64      longest;
  GPtrArray  *starts;          /* Scan-8: the initial states with their batch axis */
  GPtrArray **finals;          /* Scan-8: [n_carried] final states, one a sequence */
} OxFlowState;

typedef struct
{
  OxFlowState *flow;           /* of the node at pc, between its iterations */
  guint       *uses;           /* [slots] readers still to come; NULL when everything is kept */
  guint8      *dropped;        /* [slots] values that were there; NULL for none */
  gboolean     pinned;         /* a Gradient may look at any value */
} OxFramePriv;

/* How to take a turn back. */
typedef struct
{
  OxTurnKind   kind;
  const OxNode *completed;     /* by this turn, in @frame or for LEFT its parent; or NULL */
  OxFrame     *frame;          /* NODE: where; ENTERED, LEFT: the inner frame. Owned. */
  OxFlowState *flow;           /* LEFT of an iteration: the state it advanced. Owned. */
  GPtrArray   *before;         /* and how to take that back. Owned. */
  double       seconds;        /* NODE: what the kernel took */
} OxUndo;

struct _OxSession
{
  OxModel       *model;
  gboolean       keep_all;
  gboolean       expand;
  guint64        seed;
  GHashTable    *inputs;       /* name -> OxValue */
  GHashTable    *pins;         /* OxSlot* -> what ox-pin.c keeps; NULL for none */
  GHashTable    *passes;       /* OxNode* -> what ox-pass.c keeps; NULL for none */
  GHashTable    *shadows;      /* OxNode* -> the OxNode it runs as; NULL for none */
  GPtrArray     *replaced;     /* OxAttribute*: all that shadows have or had */
  OxRecall      *recall;       /* results to take instead of running kernels; or NULL */
  GHashTable    *touched;      /* OxNode*: changed since results were kept; NULL for none */
  guint64        kernels;      /* that ran */
  GHashTable    *plans;        /* OxNode* -> OxPlan */
  GHashTable    *pinned;       /* OxGraph*: those with a Gradient in them */
  GPtrArray     *stack;        /* OxFrame*, main first */
  OxFrame       *main;         /* also after the end */
  gboolean       ended;
  guint64        next_id;
  guint64        turns;
  guint64        expansions;
  GArray        *undo;         /* OxUndo, with keep_all */
  guint          undo_first;   /* those before are forgotten */
  GHashTable    *storages;     /* GBytes* of kept values -> how many use it, and its bytes */
  gsize          kept_bytes;
  OxSessionTap   tap;
  gpointer       tap_data;
  OxSessionStandIn stand_in;
  gpointer       stand_in_data;
};

/* ---- ox-frame.c ---- */
OxFrame  *ox_frame_new        (OxSession *session, OxFrame *parent, OxGraph *graph, OxNode *caller);
/* (transfer none) The value, reading initializers; NULL with @error set if it is not there. */
OxValue  *ox_frame_read       (OxFrame *frame, OxRef ref, GError **error);
/* Takes over @value. */
void      ox_frame_write      (OxFrame *frame, int slot, OxValue *value);
/* The node at pc has its results: counts down what it read, and frees what nobody will read any more. */
void      ox_frame_release    (OxFrame *frame, const OxNode *node);
void      ox_frame_mark_dropped (OxFrame *frame, int slot);
OxFramePriv *ox_frame_priv    (OxFrame *frame);

/* ---- ox-pin.c ---- */
/* (transfer none) What stands in the place of the value; NULL for nothing. */
OxValue  *ox_pinned      (OxSession *session, const OxFrame *frame, int slot);
/* Those of another session of the model, too. */
void      ox_pin_copy    (OxSession *session, OxSession *other);
/* Whether nothing that @node would write is wanted of it. */
gboolean  ox_pinned_whole   (OxSession *session, const OxFrame *frame, const OxNode *node);

/* ---- ox-pass.c ---- */
gboolean  ox_pass_has    (OxSession *session, const OxNode *node);
/* Those of another session of the model, too. */
void      ox_pass_copy   (OxSession *session, OxSession *other);
/* Fills @out in the place of the node's kernel. */
gboolean  ox_pass_run    (OxSession *session, OxFrame *frame, const OxNode *node, OxValue **out, GError **error);

/* ---- ox-shadow.c ---- */
/* Those of another session of the model, too. */
void      ox_shadow_copy (OxSession *session, OxSession *other);

/* ---- ox-recall.c ---- */
/* What @node wrote before is not what it writes now. @node may be NULL. */
void      ox_recall_touch   (OxSession *session, const OxNode *node);
/* Fills @out with what the node would write; FALSE when it has to run. */
gboolean  ox_recall_take    (OxSession *session, OxFrame *frame, const OxNode *node, OxValue **out, double *seconds);
/* Nothing counts as kept any more: counts anew. */
void      ox_recall_recount (OxSession *session);

/* ---- ox-enter.c ---- */
/* A frame for @graph on top of the stack; NULL when they are nested too deep. */
OxFrame  *ox_enter_graph      (OxSession *session, OxFrame *parent, OxGraph *graph, OxNode *caller, GError **error);
void      ox_leave_top        (OxSession *session);
gboolean  ox_enter_branch     (OxSession *session, OxFrame *frame, OxNode *node, const OxIfAttrs *attrs, OxTurn *turn,
                               GError **error);
gboolean  ox_enter_function   (OxSession *session, OxFrame *frame, OxNode *node, OxFunction *function, OxTurn *turn,
                               GError **error);

/* ---- ox-expansion.c ---- */
/* The function a node is made of; NULL without error if it runs as it is. */
OxFunction *ox_expansion_find (OxSession *session, OxFrame *frame, const OxNode *node, const OxPlan *plan, const void *attrs,
                               GError **error);

/* ---- ox-undo.c ---- */
void      ox_undo_clear       (gpointer undo);
void      ox_undo_reset       (OxSession *session);
/* Takes over @before. */
void      ox_undo_remember    (OxSession *session, OxTurnKind kind, const OxNode *completed, OxFrame *frame,
                               OxFlowState *flow, GPtrArray *before);
void      ox_undo_count_value (OxSession *session, const OxValue *value, gboolean more);
/* The outputs of @node were written: counts their bytes. */
void      ox_undo_count_outputs (OxSession *session, OxFrame *frame, const OxNode *node);

/* ---- ox-plan.c ---- */
OxPlan   *ox_plan_find        (OxSession *session, const OxNode *node, GError **error);
void      ox_plan_free        (gpointer plan);
/* The typed attributes for this execution; *@owned tells whether to free them. */
void     *ox_plan_attrs       (OxSession *session, const OxPlan *plan, const OxNode *node, OxFrame *frame, gboolean *owned,
                               GError **error);

/* ---- ox-ask.c ---- */
/* Has the operator of @plan infer the outputs of the call that @setup begins (inputs or facts), which @look sees. */
gboolean  ox_plan_ask         (OxSession *session, OxPlan *plan, OxFrame *frame, const OxNode *node, OxCallSetup *setup,
                               OxAskLook look, gpointer data, GError **error);

/* ---- ox-flow-begin.c ---- */
OxFlowState *ox_flow_begin    (OxSession *session, OxFrame *frame, OxNode *node, const OxOp *op, const void *attrs,
                               GCancellable *cancellable, GError **error);

/* ---- ox-kernel.c ---- */
/* Runs @node's kernel without writing anything. @inputs (NULL, or an element NULL: as in the frame); @out takes the
 * outputs. */
gboolean  ox_kernel_run       (OxSession *session, OxFrame *frame, const OxNode *node, OxPlan *plan, const void *attrs,
                               OxValue *const *inputs, OxValue **out, GCancellable *cancellable, GError **error);

/* ---- ox-flow.c ---- */
OxFlowState *ox_flow_new      (OxFlow kind, OxGraph *body, guint n_carried, guint n_scans);
/* A value of one element. */
gboolean  ox_flow_read_single (const OxValue *value, const char *what, gint64 *result, GError **error);
/* Scan-8: the states of sequence @b of the batch. */
gboolean  ox_flow_start_sequence (OxFlowState *flow, gint64 b, GError **error);
OxFlowState *ox_flow_ref      (OxFlowState *flow);
void      ox_flow_unref       (OxFlowState *flow);
gboolean  ox_flow_is_over     (const OxFlowState *flow);
/* What runs next. */
OxGraph  *ox_flow_body        (const OxFlowState *flow);
/* The inputs of the next iteration's body into @frame. */
gboolean  ox_flow_feed        (OxFlowState *flow, OxFrame *frame, GError **error);
/* After an iteration with these results; on failure @flow is as it was. @before (may be NULL) takes what
 * ox_flow_retreat() needs to go back. */
gboolean  ox_flow_advance     (OxFlowState *flow, OxValue **results, GPtrArray **before, GCancellable *cancellable,
                               GError **error);
void      ox_flow_retreat     (OxFlowState *flow, GPtrArray *before);
/* (transfer full) array of the node's outputs. */
GPtrArray *ox_flow_finish     (OxFlowState *flow, GCancellable *cancellable, GError **error);

/* ---- ox-flow-flex.c ---- */
gboolean  ox_flow_flex_begin  (OxFlowState *flow, OxFrame *frame, OxNode *node, const OxFlexAttrs *attrs,
                               GCancellable *cancellable, GError **error);
/* (transfer full) What is carried on after a body's result; and the node's output. */
OxValue  *ox_flow_flex_next   (OxFlowState *flow, OxValue *result, GCancellable *cancellable, GError **error);
OxValue  *ox_flow_flex_end    (OxFlowState *flow, GCancellable *cancellable, GError **error);

/* ---- ox-flow-gradient.c ---- */
gboolean  ox_flow_gradient_begin (OxFlowState *flow, OxSession *session, OxFrame *frame, OxNode *node,
                                  const OxGradientAttrs *attrs, GError **error);
void      ox_flow_gradient_end  (OxFlowState *flow);
void      ox_flow_gradient_feed (OxFlowState *flow, OxFrame *frame);
gboolean  ox_flow_gradient_next (OxFlowState *flow, OxValue **results, GError **error);

/* ---- ox-stack.c ---- */
/* (transfer full) One tensor of equal ones along a new axis @axis, the last first with @backwards. */
OxValue  *ox_stack_tensors    (guint n, OxValue **items, int axis, gboolean backwards, GError **error);
/* (transfer full) The same of tensors with different first dimension, filled up with zeros to @longest. */
OxTensor *ox_stack_pad        (OxTensor *tensor, gint64 longest, GError **error);
/* (transfer full) Element @index along @axis, as a view. */
OxValue  *ox_stack_slice      (OxTensor *tensor, int axis, gint64 index, GError **error);
/* (transfer full) What a scan output is when there was no iteration: nothing, of the type declared. */
OxValue  *ox_stack_nothing    (const OxType *type, int axis, GError **error);

G_END_DECLS
