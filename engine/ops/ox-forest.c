/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-forest.h"

#include <math.h>

#include "core/ox-parallel.h"

OxForest *
ox_forest_new (void)
{
  OxForest *forest = g_new (OxForest, 1);

  forest->nodes = g_array_new (FALSE, TRUE, sizeof (OxForestNode));
  forest->weights = g_array_new (FALSE, FALSE, sizeof (OxForestWeight));
  forest->members = g_array_new (FALSE, FALSE, sizeof (double));
  forest->roots = g_array_new (FALSE, FALSE, sizeof (gint64));
  return forest;
}

void
ox_forest_free (OxForest *forest)
{
  g_array_unref (forest->nodes);
  g_array_unref (forest->weights);
  g_array_unref (forest->members);
  g_array_unref (forest->roots);
  g_free (forest);
}

static const OxForestNode *
node_at (const OxForest *forest, gint64 i)
{
  return &g_array_index (forest->nodes, OxForestNode, i);
}

gboolean
ox_forest_check (const OxForest *forest, gint64 n_targets, GError **error)
{
  gint64 n = forest->nodes->len;

  for (gint64 i = 0; i < n; i++)
    {
      const OxForestNode *node = node_at (forest, i);

      if (node->branch == OX_BRANCH_LEAF)
        continue;
      if (node->yes < 0 || node->yes >= n || node->no < 0 || node->no >= n)
        return ox_fail (error, OX_ERROR_MODEL, "a branch of tree node %" G_GINT64_FORMAT " leads nowhere", i);
      if (node->feature < 0)
        return ox_fail (error, OX_ERROR_MODEL, "tree node %" G_GINT64_FORMAT " asks for feature %" G_GINT64_FORMAT, i,
                        node->feature);
    }
  for (guint i = 0; i < forest->weights->len; i++)
    {
      gint64 target = g_array_index (forest->weights, OxForestWeight, i).target;

      if (target < 0 || target >= n_targets)
        return ox_fail (error, OX_ERROR_MODEL, "a leaf names target %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, target,
                        n_targets);
    }
  for (guint i = 0; i < forest->roots->len; i++)
    if (g_array_index (forest->roots, gint64, i) < 0 || g_array_index (forest->roots, gint64, i) >= n)
      return ox_fail (error, OX_ERROR_MODEL, "tree %u has no root", i);
  return TRUE;
}

static gboolean
branch_taken (const OxForest *forest, const OxForestNode *node, double x)
{
  if (node->missing && isnan (x))
    return TRUE;
  switch (node->branch)
    {
    case OX_BRANCH_LEQ:
      return x <= node->split;
    case OX_BRANCH_LT:
      return x < node->split;
    case OX_BRANCH_GTE:
      return x >= node->split;
    case OX_BRANCH_GT:
      return x > node->split;
    case OX_BRANCH_EQ:
      return x == node->split;
    case OX_BRANCH_NEQ:
      return x != node->split;
    case OX_BRANCH_MEMBER:
      for (gint64 i = 0; i < node->n; i++)
        if (x == g_array_index (forest->members, double, node->first + i))
          return TRUE;
      return FALSE;
    case OX_BRANCH_LEAF:
      break;
    }
  return FALSE;
}

typedef struct
{
  const OxForest *forest;
  const double *x;
  gint64 features, n_targets;
  OxAggregate aggregate;
  gboolean single;
  double *scores;
  guint8 *has;
  int problem; /* 1: a cycle, 2: a feature that is not there */
} Scoring;

static void
add_leaf (Scoring *s, const OxForestNode *leaf, double *scores, guint8 *has)
{
  for (gint64 i = 0; i < leaf->n && !ox_pause (i); i++)
    {
      const OxForestWeight *w = &g_array_index (s->forest->weights, OxForestWeight, leaf->first + i);
      double *score = &scores[w->target];

      if (s->aggregate == OX_AGGREGATE_MIN)
        *score = !has[w->target] || w->value < *score ? w->value : *score;
      else if (s->aggregate == OX_AGGREGATE_MAX)
        *score = !has[w->target] || w->value > *score ? w->value : *score;
      else
        *score = s->single ? (float) (*score + w->value) : *score + w->value;
      has[w->target] = 1;
    }
}

static void
score_rows (gint64 begin, gint64 end, gpointer user)
{
  Scoring *s = user;
  gint64 n_nodes = s->forest->nodes->len;
  guint n_trees = s->forest->roots->len;

  for (gint64 r = begin; r < end && !ox_turn (); r++)
    {
      const double *row = s->x + r * s->features;
      double *scores = s->scores + r * s->n_targets;

      for (gint64 t = 0; t < s->n_targets; t++)
        scores[t] = s->has[r * s->n_targets + t] = 0;
      for (guint t = 0; t < n_trees; t++)
        {
          const OxForestNode *node = node_at (s->forest, g_array_index (s->forest->roots, gint64, t));
          gint64 steps = 0;

          while (node->branch != OX_BRANCH_LEAF)
            {
              if (node->feature >= s->features || ++steps > n_nodes)
                {
                  g_atomic_int_set (&s->problem, node->feature >= s->features ? 2 : 1);
                  return;
                }
              node = node_at (s->forest, branch_taken (s->forest, node, row[node->feature]) ? node->yes : node->no);
            }
          add_leaf (s, node, scores, s->has + r * s->n_targets);
        }
      for (gint64 t = 0; s->aggregate == OX_AGGREGATE_AVERAGE && t < s->n_targets; t++)
        scores[t] = s->single ? (float) (scores[t] / n_trees) : scores[t] / n_trees;
    }
}

gboolean
ox_forest_score (const OxForest *forest, const double *x, gint64 rows, gint64 features, gint64 n_targets,
                 OxAggregate aggregate, gboolean single, double *scores, guint8 *has, GError **error)
{
  Scoring scoring = { forest, x, features, n_targets, aggregate, single, scores, has, 0 };

  ox_parallel_for (rows, MAX (1 + 2048 / (gint64) MAX (forest->roots->len, 1), 1), score_rows, &scoring);
  if (scoring.problem == 1)
    return ox_fail (error, OX_ERROR_MODEL, "a tree goes in circles");
  if (scoring.problem == 2)
    return ox_fail (error, OX_ERROR_SHAPE, "a tree asks for a feature beyond the %" G_GINT64_FORMAT " of X", features);
  return TRUE;
}
