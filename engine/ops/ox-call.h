/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "core/ox-error.h"
#include "ops/ox-dim.h"
#include "tensor/ox-type.h"

G_BEGIN_DECLS

typedef struct _OxOp OxOp;
typedef struct _OxCall OxCall;

/* What is known of a value before or while it is computed. When a node runs, everything is known. */
typedef struct
{
  OxTypeKind kind;                 /* UNKNOWN: nothing is known */
  OxDtype    dtype;                /* UNDEFINED: not known */
  int        rank;                 /* -1: not known */
  OxDim      dims[OX_MAX_RANK];    /* OX_DIM_UNKNOWN, a number, or an expression */
  OxType    *elem;                 /* SEQUENCE, OPTIONAL, MAP; may be NULL (not owned) */
  const OxDim *ints;               /* the elements of a small integer tensor, where known */
  int        n_ints;               /* -1: not known */
  const OxTensor *tensor;          /* the value itself where it is known (not owned) */
} OxFact;

/* One execution, or inference, of one operator. A kernel sees only this: no names, no graph. */
struct _OxCall
{
  const OxOp  *op;
  gint64       opset;              /* the imported version of the operator's domain */
  const void  *attrs;              /* the family's typed struct */
  int          n_in, n_out;        /* as the node lists them; one may still be omitted */
  OxDims      *dims;               /* the table of dimension expressions */
  gboolean     running;            /* FALSE while only inferring */
  struct _OxCallPrivate *priv;
};

/* ---- inferring ------------------------------------------------------------------------------------------------ */

/* What is known of input @i; NULL if it is omitted. */
const OxFact *ox_call_fact        (OxCall *call, int i);
/* The elements of a small integer input (shape, axes, pads…) if they are known; they may be expressions before the
 * run, never during it. FALSE if not known or omitted. */
gboolean      ox_call_ints        (OxCall *call, int i, const OxDim **values, int *n);
/* The same when all of them are plain numbers (always so during the run). Borrowed until the call ends. */
gboolean      ox_call_numbers     (OxCall *call, int i, const gint64 **values, int *n);
/* Sets output @o; does nothing if it is not there. Rank -1 and OX_DIM_UNKNOWN say "not known yet". */
void          ox_call_set         (OxCall *call, int o, OxDtype dtype, int rank, const OxDim *dims);
void          ox_call_set_like    (OxCall *call, int o, int i);   /* dtype and shape of input @i */
void          ox_call_set_kind    (OxCall *call, int o, OxTypeKind kind, OxDtype dtype, OxType *elem);
/* The elements of output @o are known to be these (already set as an integer tensor). */
void          ox_call_set_ints    (OxCall *call, int o, const OxDim *values, int n);
/* Output @o is known to be @tensor, which must outlive the call: type, shape and elements. */
void          ox_call_set_tensor  (OxCall *call, int o, const OxTensor *tensor);
const OxFact *ox_call_out_fact    (OxCall *call, int o);

/* @axis in -rank..rank-1 made non-negative. */
gboolean      ox_call_axis        (OxCall *call, gint64 axis, int rank, int *result, GError **error);
/* Numpy broadcasting of two shapes; with unknown or symbolic dims as far as it can be said. */
gboolean      ox_call_broadcast   (OxCall *call, int rank_a, const OxDim *a, int rank_b, const OxDim *b, int *rank,
                                   OxDim *dims, GError **error);

/* Whole inference functions that many rows share. */
gboolean      ox_infer_same       (OxCall *call, GError **error);  /* every output like input 0 */
gboolean      ox_infer_broadcast  (OxCall *call, GError **error);  /* dtype of input 0, all inputs broadcast */
gboolean      ox_infer_compare    (OxCall *call, GError **error);  /* the same with bool */

/* ---- running -------------------------------------------------------------------------------------------------- */

/* Input @i, NULL if omitted: aligned and unpacked, any strides. Fails (returns NULL and sets the call's failure) never:
 * the session has checked that tensors are given where the row's infer asked for them. */
const OxTensor *ox_call_in        (OxCall *call, int i);
OxValue        *ox_call_in_value  (OxCall *call, int i);
/* The same, contiguous; and contiguous as float / double / int64 whatever its type. Borrowed until the call ends. */
const OxTensor *ox_call_in_dense  (OxCall *call, int i, GError **error);
const OxTensor *ox_call_in_as     (OxCall *call, int i, OxDtype dtype, GError **error);

/* Output @o, contiguous, allocated on the first request as infer said; also for one that nobody wants. */
OxTensor       *ox_call_out       (OxCall *call, int o, GError **error);
/* The same where the shape is known only now. */
OxTensor       *ox_call_alloc     (OxCall *call, int o, OxDtype dtype, int rank, const gint64 *dims, GError **error);
/* Gives a value instead: a view, an input itself, a sequence. Takes it over. */
void            ox_call_take      (OxCall *call, int o, OxTensor *tensor);
void            ox_call_take_value (OxCall *call, int o, OxValue *value);
/* Converts @n elements of float into output @o (allocated as inferred, any float type). */
gboolean        ox_call_store_f32 (OxCall *call, int o, const float *data, GError **error);
gboolean        ox_call_wants     (OxCall *call, int o);

/* 64-byte aligned memory until the call ends. */
gpointer        ox_call_scratch   (OxCall *call, gsize bytes, GError **error);
/* A product of sizes that fails as an error instead of overflowing: count * size bytes of scratch. */
gpointer        ox_call_scratch_n (OxCall *call, gint64 count, gsize size, GError **error);
gboolean        ox_call_cancelled (OxCall *call, GError **error);
guint64         ox_call_seed      (OxCall *call);
/* What the node keeps from one execution to the next (packed weights); freed with @destroy when the session ends. */
gpointer        ox_call_get_state (OxCall *call);
void            ox_call_set_state (OxCall *call, gpointer state, GDestroyNotify destroy);

/* ---- making calls: the session, the shape inference and tests ------------------------------------------------- */

typedef struct
{
  const OxOp   *op;
  gint64        opset;
  const void   *attrs;
  int           n_in, n_out;
  OxValue     **in;            /* [n_in], NULL: omitted (or, inferring, not known) */
  const OxFact *facts;         /* [n_in] when inferring; NULL: made from @in. kind OX_TYPE_OPAQUE + dtype 0: omitted */
  const gboolean *wanted;      /* [n_out], NULL: all */
  OxDims       *dims;          /* NULL: a table of its own */
  guint64       seed;
  GCancellable *cancellable;
  gpointer     *state;         /* where ox_call_set_state() keeps it, may be NULL */
  GDestroyNotify *state_destroy;
} OxCallSetup;

OxCall  *ox_call_new     (const OxCallSetup *setup);
void     ox_call_free    (OxCall *call);
/* Arity, then the row's infer. */
gboolean ox_call_infer   (OxCall *call, GError **error);
/* Infer, run, and a check that every wanted output is there as inferred. */
gboolean ox_call_run     (OxCall *call, GError **error);
/* (transfer full) Output @o after a run, NULL if not wanted. */
OxValue *ox_call_steal   (OxCall *call, int o);

G_END_DECLS
