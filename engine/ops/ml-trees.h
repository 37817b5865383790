/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-forest.h"
#include "ops/ox-ml.h"

G_BEGIN_DECLS

/* What the operators on trees, as lists of named nodes or as arrays of them, have in common. */

/* A list of numbers that is floats or a tensor. */
typedef struct
{
  const OxFloats *floats;
  const OxTensor *tensor;
  gint64 n;
} OxNumbers;

/* @value wins where both are there; either may be NULL. */
OxNumbers ox_numbers      (const OxFloats *floats, const OxValue *value);
double    ox_number_at    (const OxNumbers *list, gint64 i);
gboolean  ox_trees_same_length (const char *name, gint64 n, gint64 expected, GError **error);

/* The forest of the node; made by @make at the first run and kept. */
const OxForest *ox_trees_forest (OxCall *call, OxForest *(*make) (OxCall *call, gint64 n_targets, GError **error),
                                 gint64 n_targets, GError **error);
/* Scores of all rows of X as ox_forest_score() has them; @scores and @has are scratch of the call. */
gboolean  ox_trees_score  (OxCall *call, const OxForest *forest, gint64 n_targets, OxAggregate aggregate, double **scores,
                           guint8 **has, gint64 *rows, GError **error);
/* One row of a regression: adds the base values, if there is one a target, and makes the transform. As runtimes do it,
 * one of several targets stays 0 when no leaf spoke of it. */
void      ox_trees_finish (const double *s, const guint8 *has, gint64 n, const OxNumbers *base, OxMlTransform transform,
                           float *out);

G_END_DECLS
