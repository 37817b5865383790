/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* What a value of a body was in each iteration of a Loop, Scan or SequenceMap. */
typedef struct
{
  gint64 iteration;
  gint64 count, bad;        /* elements; NaN and Inf among them */
  double min, max, mean;    /* of the finite ones; all the same for a scalar */
} OxIteration;

typedef struct
{
  guint   opening, openings;   /* which time that the node was come to, from 0; how often it was, as far as the run went */
  gint64  step;                /* every so many iterations are in @rows: 1, more when there are very many */
  GArray *rows;                /* OxIteration */
} OxIterations;

/* Runs @session, fresh and fed, and looks at (@body, @slot). @opening -1: the last time. Values are looked at as they come and
 * not kept. NULL with OX_ERROR_VALUE for a graph that is no such body, that was not come to so often, or for what is no tensor
 * of numbers; with what the run says if it fails before. */
OxIterations *ox_iterations_run  (OxSession *session, OxGraph *body, int slot, gint64 opening, GCancellable *cancellable,
                                  GError **error);
void          ox_iterations_free (OxIterations *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxIterations, ox_iterations_free)

G_END_DECLS
