/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-descent.h"

G_BEGIN_DECLS

/* Why a node could not run, and where what it could not run with comes from. */
typedef struct
{
  OxNode    *node;
  int        code;      /* OX_ERROR_* */
  char      *rule;      /* what is not so, with its numbers; without the place */
  GPtrArray *inputs;    /* char*: "0 'x': f32 2x3, from Relu 'r'", one an input */
  GPtrArray *chains;    /* GPtrArray* of OxDescent: one for each number that the rule is about; the inputs' order. Empty where
                         * the rule is not about shapes, or about all numbers at once */
} OxFailure;

/* Of a node that failed in @frame with @error; nothing runs. */
OxFailure *ox_failure_new      (OxDescentSource *source, OxFrame *frame, OxNode *node, const GError *error);
void       ox_failure_free     (OxFailure *failure);
/* Lines of text. @most chains, of at most @steps steps each. (transfer full) */
char      *ox_failure_describe (const OxFailure *failure, guint most, guint steps);
/* The chains alone, for who has said the rest. "" for none. */
char      *ox_failure_describe_chains (const OxFailure *failure, guint most, guint steps);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxFailure, ox_failure_free)

G_END_DECLS
