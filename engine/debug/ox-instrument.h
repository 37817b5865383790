/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"

G_BEGIN_DECLS

/* Makes outputs of all values that nodes of the main graph make, as far as they are none yet, and returns how many. The model
 * may be written then, and nothing else: it is no longer linked. Types are those declared or inferred (see
 * session/ox-inference.h); a runtime finds the others by itself. */
guint ox_model_instrument (OxModel *model);

/* The same with values of bodies. What a branch of an If makes becomes an output of the If, which is empty when the other branch is
 * taken; what a Loop or Scan makes is stacked over its iterations, if its shape is known and the same in all of them. They are
 * named after the node: "loop/name". @left (of char*, may be NULL) takes sentences about what is not there. */
typedef struct
{
  guint main, branches, iterations;
} OxInstrumented;

void  ox_model_instrument_bodies (OxModel *model, OxInstrumented *counts, GPtrArray *left);

G_END_DECLS
