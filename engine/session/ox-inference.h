/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "model/ox-model.h"
#include "ops/ox-call.h"

G_BEGIN_DECLS

/* Fills OxSlot.inferred of every value whose type the file does not declare, in the main graph, the bodies inside it and
 * the functions it calls, as far as the operators' inference goes; dimensions may be expressions ("2*N+1"). To be called
 * once, before the model is shared. What contradicts itself is put into @problems (of char*, may be NULL) as a sentence and
 * goes no further. FALSE only when cancelled. Weights are not read, except small constants that may be shapes or scales. */
gboolean ox_model_infer (OxModel *model, GPtrArray *problems, GCancellable *cancellable);

/* The same for who wants to know more. */
typedef enum
{
  OX_INFERENCE_MISFIT,   /* a node's inputs and attributes do not fit together */
  OX_INFERENCE_TYPE,     /* an output is declared with a type that it has not */
  OX_INFERENCE_SHAPE,    /* the same with a shape */
} OxInferenceProblem;

typedef struct
{
  /* All that was found out about a slot, once each; @fact and what it points at only while this runs. May be NULL. */
  void (*fact)    (const OxSlot *slot, const OxFact *fact, OxDims *dims, gpointer data);
  void (*problem) (const OxNode *node, OxInferenceProblem problem, const char *text, gpointer data);   /* may be NULL */
  gpointer data;
} OxInferenceSink;

gboolean ox_model_infer_into (OxModel *model, const OxInferenceSink *sink, GCancellable *cancellable);

G_END_DECLS
