/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "core/ox-error.h"
#include "model/ox-model.h"

G_BEGIN_DECLS

/* An inference that is done node by node. The session holds an explicit stack of frames: the main graph, an If branch,
 * one iteration of a Loop or Scan, a function's body. One turn does one thing: run a node, open a frame, or close one.
 * Every movement is a condition on turns. A node that fails leaves everything as it was before it, so that its inputs
 * can be looked at. A session belongs to one thread at a time. */
typedef struct _OxSession OxSession;
typedef struct _OxFrame OxFrame;

struct _OxFrame
{
  gatomicrefcount refs;
  OxFrame   *parent;          /* that opened it */
  OxFrame   *outer;           /* that runs the graph around its graph: the parent, or one further out when a function was
                               * given the graph as an attribute; NULL for main and functions (not owned) */
  guint64    id;              /* 0 for main, then in the order of opening; the same in every run */
  OxGraph   *graph;
  OxNode    *caller;          /* the parent's node that opened it; NULL for main */
  guint      pc;              /* index of the next node */
  gint64     iteration;       /* of a Loop or Scan, else -1 */
  gint64     iterations;      /* how many there will be, -1 if not known */
  OxValue  **values;          /* [graph->slots->len]; NULL: not computed, or not given */
  GHashTable *bindings;       /* function attributes: name -> OxAttribute*, or NULL */
  gpointer   priv;
};

typedef enum
{
  OX_TURN_NODE,      /* @node ran */
  OX_TURN_ENTERED,   /* @node opened @frame */
  OX_TURN_LEFT,      /* @frame was closed, its results went to @node of its parent, which may open the next iteration */
  OX_TURN_ENDED,     /* the main graph is done */
  OX_TURN_FAILED,    /* @node of @frame could not run */
} OxTurnKind;

typedef struct
{
  OxTurnKind kind;
  OxFrame   *frame;          /* (borrowed) where it happened */
  OxNode    *node;
  double     seconds;        /* what the kernel took */
  gboolean   again;          /* ENTERED: not the first body that @node opens, nor the first time */
} OxTurn;

typedef struct
{
  gboolean keep_all;         /* keep every value until the frame closes (a debugger); else free after the last use */
  guint64  seed;             /* of random operators, mixed with the node's place */
  gboolean expand; /* operators that the standard defines by others are frames of those, where their text is
                      known */
} OxSessionOptions;

OxSession  *ox_session_new         (OxModel *model, const OxSessionOptions *options);
void        ox_session_free        (OxSession *session);
OxModel    *ox_session_get_model   (OxSession *session);
/* Another one of the same model, seed, inputs and changes, at its start. */
OxSession  *ox_session_new_twin    (OxSession *other, gboolean keep_all);
/* The same, with operators as what they are made of or not. If that is not as in @other, values that were changed in one
 * inner frame only are not: frames have other numbers. */
OxSession  *ox_session_new_other   (OxSession *other, gboolean expand);
/* A twin that runs the model as it is. */
OxSession  *ox_session_new_plain   (OxSession *other);

/* Gives a graph input its value (takes a reference); checked against the declared type. */
gboolean    ox_session_set_input   (OxSession *session, const char *name, OxValue *value, GError **error);
/* What was given, or is pinned in its place; NULL if nothing was. (transfer none) */
OxValue    *ox_session_get_input   (OxSession *session, const char *name);
/* Whether all inputs without a default have a value; the error names the first that does not. */
gboolean    ox_session_ready       (OxSession *session, GError **error);
#define OX_ANY_FRAME G_MAXUINT64

/* Pins @value (a reference is taken) in the place of what a node of @graph would write to @slot, in the frame of this id
 * or in all; of what an initializer holds, or an input of the main graph was given, in frames opened from now on. A node
 * whose outputs are all pinned does not run at all. NULL: no longer. It stays so after a restart. */
void        ox_session_pin         (OxSession *session, guint64 frame_id, const OxGraph *graph, int slot, OxValue *value);
/* Whether what stands there after @node's turn is not of its doing: it is pinned, or the node is passed over. */
gboolean    ox_session_is_replaced (OxSession *session, const OxFrame *frame, const OxNode *node, int slot);
/* Back to before the first turn; inputs and pins stay. */
void        ox_session_restart     (OxSession *session);

/* One turn. On OX_TURN_FAILED @error is set (its message has graph path and node). After OX_TURN_ENDED it stays so. */
OxTurnKind  ox_session_turn        (OxSession *session, OxTurn *turn, GCancellable *cancellable, GError **error);
/* Turns until the end. */
gboolean    ox_session_run         (OxSession *session, GCancellable *cancellable, GError **error);

/* Takes the last turn back; only with keep_all. FALSE at the start, or when the way back was forgotten. A turn done
 * again gives the same values and frame ids. */
gboolean    ox_session_undo        (OxSession *session);
/* Keeps the way back of the last @keep turns only, and frees the values that only turns before them have read, and those
 * of frames closed before them. */
void        ox_session_forget      (OxSession *session, guint keep);
guint       ox_session_undoable    (OxSession *session);
/* What nodes have written and is still kept, with keep_all, and the way back itself; storage that views share counts
 * once. */
gsize       ox_session_kept_bytes  (OxSession *session);

guint       ox_session_depth       (OxSession *session);                    /* 0: ended */
/* 0 is main, depth - 1 the top; borrowed. Main also after the end. */
OxFrame    *ox_session_frame       (OxSession *session, guint level);
OxFrame    *ox_session_top         (OxSession *session);
OxNode     *ox_session_next_node   (OxSession *session);                    /* NULL: a frame is about to close, or ended */
/* Whether the next node is between two of its iterations or bodies. */
gboolean    ox_session_between     (OxSession *session);
guint64     ox_session_turns       (OxSession *session);                    /* done so far */
/* Operators that were entered as what they are made of, since the session began. */
guint64     ox_session_expansions  (OxSession *session);
/* "2 Gelu, 1 Softmax; as they are: 1 SwiGLU": what of @model is made of other operators, and what would be if its text
 * were known. (transfer full) */
char       *ox_model_expansions    (const OxModel *model);
/* Output @i of the main graph, NULL before it is there. (transfer none) */
OxValue    *ox_session_output      (OxSession *session, guint i);
/* The value that a reference of a node in @frame means. (transfer none) */
OxValue    *ox_frame_value         (OxFrame *frame, OxRef ref);

/* Called after every NODE turn with the values written (borrowed), before anything is freed. */
typedef void (*OxSessionTap) (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data);
void        ox_session_set_tap     (OxSession *session, OxSessionTap tap, gpointer data);

/* What @node would give in @frame with these inputs (NULL: those that are there), which changes nothing. Not for nodes with a
 * body. (transfer full) array of OxValue or NULL, one an output. */
GPtrArray  *ox_session_try         (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *inputs,
                                    GCancellable *cancellable, GError **error);

/* Runs in the place of a node's kernel: the outputs as ox_session_try() gives them, which it may call; NULL without @error:
 * the kernel runs. */
typedef GPtrArray *(*OxSessionStandIn) (OxSession *session, OxFrame *frame, OxNode *node, gpointer data,
                                        GCancellable *cancellable, GError **error);
void        ox_session_set_stand_in (OxSession *session, OxSessionStandIn stand_in, gpointer data);

/* Puts @value in the place of one that a node of @frame made and that will be read again; does nothing when nobody will.
 * Not with keep_all: there is no way back over it. */
void        ox_session_replace     (OxSession *session, OxFrame *frame, int slot, OxValue *value);

/* Whether a value was there and has been forgotten since. */
gboolean    ox_frame_was_dropped   (OxFrame *frame, int slot);
OxFrame    *ox_frame_ref           (OxFrame *frame);
void        ox_frame_unref         (OxFrame *frame);
/* "main", "Loop 'decode' iteration 3", "If then_branch", "function Gelu". (transfer full) */
char       *ox_frame_label         (const OxFrame *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxSession, ox_session_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxFrame, ox_frame_unref)

G_END_DECLS
