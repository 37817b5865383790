/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* What a value of a body was in one iteration of a Loop, Scan or SequenceMap. */
typedef struct
{
  gint64  iteration;
  guint64 turn;             /* of the run: turns done when it began */
  gint64  count, bad;       /* elements; NaN and Inf among them */
  double  min, max, mean;   /* of the finite ones; all the same for a scalar */
  double  norm;             /* the root of the sum of their squares */
  double  element;          /* the one that was asked for; NAN if there is none */
} OxIteration;

typedef struct
{
  int     slot;
  int     after;        /* what an iteration makes of it for the next; -1: it is not carried. The last one is a row behind the
                         * last iteration */
  gint64  index[OX_MAX_RANK];   /* of the element that is looked at, or its place in row-major order alone */
  int     n_index;      /* 0: none */
  gint64  step;         /* every so many iterations are in @rows: 1, more when there are very many */
  GArray *rows;         /* OxIteration; empty for what is no tensor of numbers */
  OxValue *last;        /* of @after, while it runs */
} OxIterationSeries;

typedef struct
{
  guint      opening, openings;   /* which time that the body was come to, from 0; how often it was, as far as the run went */
  gint64     iterations;          /* that have begun */
  GArray    *place;               /* of that opening, see below */
  char      *where;               /* "main / Loop 'outer' iteration 2": the frames around it; NULL: none came */
  char      *failure;             /* what the run said when it failed on the way; NULL: it did not */
  GPtrArray *series;              /* OxIterationSeries*, as they were asked for */
} OxIterations;

/* What goes through the iterations of @body: what is carried, then what is collected. (transfer full), series without rows;
 * empty for what is no body of a Loop, Scan or SequenceMap. */
GPtrArray    *ox_iterations_carried (const OxGraph *body);
GPtrArray    *ox_iterations_new_series (void);   /* empty */
OxIterationSeries *ox_iteration_series_new (int slot, int after);
/* What tells one opening of a body from all others: the frames around @frame, which is one of its iterations. (transfer full) */
GArray       *ox_iterations_place   (const OxFrame *frame);
/* Whether @frame is an iteration of the opening that was looked at. */
gboolean      ox_iterations_has     (const OxIterations *self, const OxFrame *frame);

/* Runs @session, fresh and fed, and looks at values of @body as they come, without keeping them; @series (transfer full) as
 * above. Of the opening at @place; NULL: of number @opening, -1: the last. NULL with OX_ERROR_VALUE for a graph
 * that is no such body or that was not come to so often, or with what the run says if it fails before. */
OxIterations *ox_iterations_run  (OxSession *session, OxGraph *body, GPtrArray *series, const GArray *place, gint64 opening,
                                  GCancellable *cancellable, GError **error);
void          ox_iterations_free (OxIterations *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxIterations, ox_iterations_free)

G_END_DECLS
