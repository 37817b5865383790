/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"
#include "session/ox-inference.h"

G_BEGIN_DECLS

typedef struct
{
  OxModel      *model;
  OxDims       *dims;
  const OxInferenceSink *sink;
  GPtrArray    *arena;      /* g_free() */
  GPtrArray    *tensors;    /* OxTensor* that facts point at */
  GPtrArray    *types;      /* OxType* that facts point at */
  GHashTable   *merged;     /* OxSlot* -> OxFact*: what all calls of a function have in common */
  GCancellable *cancellable;
  int           quiet;      /* > 0: on trial, nothing is stored or reported */
  int           doubtful;   /* > 0: in a branch that is not taken, where nothing counts as wrong */
  int           repeated;   /* > 0: in a body that runs more than once */
  int           calls;      /* functions around this graph */
  guint         trials;     /* bodies and functions gone through so far */
  gboolean      gave_up;    /* a call was not looked into: nothing is certain of any function's values */
} OxInference;

/* What is known in one graph, and in those around it. */
typedef struct _OxInferenceScope
{
  const OxGraph *graph;
  OxFact        *facts;     /* [slots]; kind UNKNOWN: nothing; kind OPAQUE without type: a function's input left out */
  GHashTable    *bindings;  /* a function's attributes: name -> OxAttribute*, or NULL */
  struct _OxInferenceScope *outer;
} OxInferenceScope;

/* Graphs nest at most OX_MAX_NESTING deep. @inputs and @outputs may be NULL. FALSE only when cancelled. */
gboolean      ox_infer_graph   (OxInference *self, OxGraph *graph, OxInferenceScope *outer, GHashTable *bindings,
                                const OxFact *inputs, OxFact *outputs);
/* What operators with bodies, and calls of functions, give. */
gboolean      ox_infer_flow    (OxInference *self, OxInferenceScope *scope, OxNode *node, const OxOp *op, const void *attrs);
gboolean      ox_infer_bodies  (OxInference *self, OxInferenceScope *scope, OxNode *node);
gboolean      ox_infer_call    (OxInference *self, OxInferenceScope *scope, OxNode *node, OxFunction *function);

/* Computes what follows from constants: sets the values of @inferred's outputs. FALSE if nothing was done. */
gboolean      ox_infer_fold    (OxInference *self, const OxCallSetup *setup, OxCall *inferred);

void          ox_fact_clear    (OxFact *fact);
/* What both say; of what they disagree in, nothing. TRUE if @a has lost something. */
gboolean      ox_fact_meet     (OxFact *a, const OxFact *b);
void          ox_fact_of_type  (OxInference *self, const OxType *type, OxFact *fact);
const OxFact *ox_infer_look_up (const OxInferenceScope *scope, OxRef ref);
/* Keeps @fact as what is known of a slot; copies what it points at. */
void          ox_infer_keep    (OxInference *self, OxInferenceScope *scope, int slot, const OxFact *fact);

G_END_DECLS
