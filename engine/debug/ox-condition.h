/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-expression.h"
#include "session/ox-session.h"

G_BEGIN_DECLS

/* What must be so for a breakpoint to stop: a formula, see ox-expression.h, in which "in" is each input of the node in turn and
 * "out" each output, in0 … and out0 … one of them, time the seconds and bytes the size of what was written; or one of the
 * words
 *
 *   nan  inf  bad (either)  zero (all of it)  constant      of an output
 *   abs>65504  denormals>0.1  range<1e-6  rank>4  size>1e6  min<0  max>1  mean>0  std<1e-3  time>0.01  bytes>1e6
 *   shape=1x3x*   differs (from the reference)   changed (since it was computed last)                                   */
typedef struct _OxCondition OxCondition;

/* A node in its frame, before its turn (@outputs NULL) or after it. */
typedef struct
{
  OxFrame *frame;
  OxNode  *node;
  gboolean after;
  double   seconds;
  guint64  bytes;
  /* Whether output @output differs from a reference, or from when it was computed last, and how. (transfer full) NULL: no. */
  char  *(*differs) (OxFrame *frame, OxNode *node, guint output, gpointer data);
  char  *(*changed) (OxFrame *frame, OxNode *node, guint output, gpointer data);
  gpointer data;
} OxMoment;

OxCondition *ox_condition_new     (const char *text, GError **error);
void         ox_condition_free    (OxCondition *self);
const char  *ox_condition_text    (const OxCondition *self);
/* Whether it speaks of outputs, time or bytes, so that it can be judged only after the node's turn. */
gboolean     ox_condition_is_after (const OxCondition *self);
gboolean     ox_condition_asks_reference (const OxCondition *self);
gboolean     ox_condition_asks_last (const OxCondition *self);
/* TRUE with *@why (transfer full), a sentence with the numbers. FALSE with @error when it cannot be judged, as for a value that
 * is not there yet. */
gboolean     ox_condition_holds   (const OxCondition *self, const OxMoment *moment, GCancellable *cancellable, char **why,
                                   GError **error);
/* A formula at that moment, for what a breakpoint logs. (transfer full) */
OxTensor    *ox_moment_evaluate   (const OxMoment *moment, const OxExpression *expression, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxCondition, ox_condition_free)

G_END_DECLS
