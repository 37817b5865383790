/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-call.h"

G_BEGIN_DECLS

/* Decision trees in the form in which they are walked. */

/* The numbers are those of TreeEnsemble-5; a leaf has none there. */
typedef enum
{
  OX_BRANCH_LEQ,
  OX_BRANCH_LT,
  OX_BRANCH_GTE,
  OX_BRANCH_GT,
  OX_BRANCH_EQ,
  OX_BRANCH_NEQ,
  OX_BRANCH_MEMBER,
  OX_BRANCH_LEAF,
} OxBranch;

typedef struct
{
  OxBranch branch;
  gboolean missing;     /* NaN goes to @yes */
  gint64   feature;
  double   split;
  gint64   yes, no;     /* nodes */
  gint64   first, n;    /* LEAF: of the weights; MEMBER: of the members */
} OxForestNode;

typedef struct
{
  gint64 target;
  double value;
} OxForestWeight;

typedef struct
{
  GArray *nodes;        /* OxForestNode */
  GArray *weights;      /* OxForestWeight, those of one leaf together */
  GArray *members;      /* double */
  GArray *roots;        /* gint64: nodes */
} OxForest;

typedef enum
{
  OX_AGGREGATE_AVERAGE,
  OX_AGGREGATE_SUM,
  OX_AGGREGATE_MIN,
  OX_AGGREGATE_MAX,
} OxAggregate;

OxForest *ox_forest_new    (void);
void      ox_forest_free   (OxForest *forest);
/* Children, features and targets are in range; call once when the forest is complete. */
gboolean  ox_forest_check  (const OxForest *forest, gint64 n_targets, GError **error);
/* What the trees say about @rows rows of @features numbers each: scores and, in @has, whether any leaf named the target,
 * both [rows, n_targets]. With @single the sums are made in float. */
gboolean  ox_forest_score  (const OxForest *forest, const double *x, gint64 rows, gint64 features, gint64 n_targets,
                            OxAggregate aggregate, gboolean single, double *scores, guint8 *has, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxForest, ox_forest_free)

G_END_DECLS
