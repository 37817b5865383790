/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ml-trees.h"

/* TreeEnsemble: trees as arrays of nodes and leaves that name each other by index. */

typedef struct
{
  gint64 aggregate_function, post_transform;
  OxOptInt n_targets;
  OxInts tree_roots, nodes_featureids, nodes_truenodeids, nodes_trueleafs, nodes_falsenodeids, nodes_falseleafs;
  OxInts nodes_missing_value_tracks_true, leaf_targetids;
  OxValue *nodes_modes, *nodes_splits, *leaf_weights, *membership_values;
} IndexAttrs;

static gboolean
index_targets (OxCall *call, gint64 *n, GError **error)
{
  const IndexAttrs *at = call->attrs;

  *n = 1;
  for (int i = 0; i < at->leaf_targetids.n; i++)
    *n = MAX (*n, at->leaf_targetids.v[i] < G_MAXINT32 ? at->leaf_targetids.v[i] + 1 : G_MAXINT32);
  if (at->n_targets.set)
    *n = at->n_targets.v;
  if (*n < 1)
    return ox_fail (error, OX_ERROR_VALUE, "n_targets is %" G_GINT64_FORMAT, *n);
  if (at->aggregate_function < 0 || at->aggregate_function > OX_AGGREGATE_MAX)
    return ox_fail (error, OX_ERROR_VALUE, "aggregate_function %" G_GINT64_FORMAT " is outside of 0..3",
                    at->aggregate_function);
  if (at->post_transform < 0 || at->post_transform > OX_ML_PROBIT)
    return ox_fail (error, OX_ERROR_VALUE, "post_transform %" G_GINT64_FORMAT " is outside of 0..4",
                    at->post_transform);
  return TRUE;
}

static gboolean
index_infer (OxCall *call, GError **error)
{
  OxDim rows, features;
  gint64 n;

  if (!ox_ml_rows (call, &rows, &features, error) || !index_targets (call, &n, error))
    return FALSE;
  ox_call_set (call, 0, ox_fact_dtype (ox_call_fact (call, 0)), 2, (OxDim[]){ rows, n });
  return TRUE;
}

/* The leaves stand behind the nodes, one weight each. */
static OxForest *
index_make (OxCall *call, gint64 n_targets, GError **error)
{
  const IndexAttrs *at = call->attrs;
  g_autoptr (OxForest) forest = ox_forest_new ();
  const OxNumbers splits = ox_numbers (NULL, at->nodes_splits), modes = ox_numbers (NULL, at->nodes_modes);
  const OxNumbers weights = ox_numbers (NULL, at->leaf_weights), members = ox_numbers (NULL, at->membership_values);
  int n = at->nodes_featureids.n, n_leaves = at->leaf_targetids.n;
  gint64 member = 0;

  if (!ox_trees_same_length ("nodes_splits", splits.n, n, error)
      || !ox_trees_same_length ("nodes_modes", modes.n, n, error)
      || !ox_trees_same_length ("nodes_truenodeids", at->nodes_truenodeids.n, n, error)
      || !ox_trees_same_length ("nodes_trueleafs", at->nodes_trueleafs.n, n, error)
      || !ox_trees_same_length ("nodes_falsenodeids", at->nodes_falsenodeids.n, n, error)
      || !ox_trees_same_length ("nodes_falseleafs", at->nodes_falseleafs.n, n, error)
      || !ox_trees_same_length ("leaf_weights", weights.n, n_leaves, error)
      || (at->nodes_missing_value_tracks_true.n > 0
          && !ox_trees_same_length ("nodes_missing_value_tracks_true", at->nodes_missing_value_tracks_true.n, n,
                                    error)))
    return NULL;
  for (gint64 i = 0; i < members.n; i++)
    {
      double value = ox_number_at (&members, i);

      g_array_append_val (forest->members, value);
    }
  g_array_set_size (forest->nodes, (guint) n + (guint) n_leaves);
  for (int i = 0; i < n; i++)
    {
      OxForestNode *node = &g_array_index (forest->nodes, OxForestNode, i);
      double mode = ox_number_at (&modes, i);
      gint64 yes = at->nodes_truenodeids.v[i], no = at->nodes_falsenodeids.v[i];
      gboolean yes_leaf = at->nodes_trueleafs.v[i] != 0, no_leaf = at->nodes_falseleafs.v[i] != 0;

      if (!(mode >= 0 && mode <= OX_BRANCH_MEMBER))
        {
          ox_fail (error, OX_ERROR_VALUE, "tree node mode %g is outside of 0..6", mode);
          return NULL;
        }
      if (yes < 0 || yes >= (yes_leaf ? n_leaves : n) || no < 0 || no >= (no_leaf ? n_leaves : n))
        {
          ox_fail (error, OX_ERROR_MODEL, "a branch of tree node %d leads nowhere", i);
          return NULL;
        }
      node->branch = (OxBranch) mode;
      node->feature = at->nodes_featureids.v[i];
      node->split = ox_number_at (&splits, i);
      node->missing = at->nodes_missing_value_tracks_true.n > 0 && at->nodes_missing_value_tracks_true.v[i] != 0;
      node->yes = yes + (yes_leaf ? n : 0);
      node->no = no + (no_leaf ? n : 0);
      /* The members of each such node follow one another, a NaN ends each list. */
      if (node->branch != OX_BRANCH_MEMBER)
        continue;
      node->first = member;
      while (member < members.n && ox_number_at (&members, member) == ox_number_at (&members, member))
        member++;
      node->n = member++ - node->first;
    }
  for (int i = 0; i < n_leaves; i++)
    {
      OxForestNode *leaf = &g_array_index (forest->nodes, OxForestNode, n + i);
      const OxForestWeight weight = { at->leaf_targetids.v[i], ox_number_at (&weights, i) };

      leaf->branch = OX_BRANCH_LEAF;
      leaf->first = i;
      leaf->n = 1;
      g_array_append_val (forest->weights, weight);
    }
  /* A tree of a single leaf has a node both of whose branches lead to it. */
  g_array_append_vals (forest->roots, at->tree_roots.v, (guint) at->tree_roots.n);
  if (!ox_forest_check (forest, n_targets, error))
    return NULL;
  return g_steal_pointer (&forest);
}

static gboolean
index_run (OxCall *call, GError **error)
{
  const IndexAttrs *at = call->attrs;
  const OxNumbers none = { 0 };
  OxTensor *y = ox_call_out (call, 0, error);
  const OxForest *forest;
  double *scores;
  guint8 *has;
  gint64 rows, n;
  float *line;

  if (y == NULL || !index_targets (call, &n, error))
    return FALSE;
  forest = ox_trees_forest (call, index_make, n, error);
  line = forest != NULL ? ox_call_scratch_n (call, n, sizeof (float), error) : NULL;
  if (line == NULL
      || !ox_trees_score (call, forest, n, (OxAggregate) at->aggregate_function, &scores, &has, &rows, error))
    return FALSE;
  for (gint64 r = 0; r < rows && !ox_turn (); r++)
    {
      ox_trees_finish (scores + r * n, has + r * n, n, &none, (OxMlTransform) at->post_transform, line);
      for (gint64 k = 0; k < n && !ox_pause (k); k++)
        ox_element_set (y->dtype, y->data + (gsize) (r * n + k) * ox_dtype_size (y->dtype),
                        at->post_transform == OX_ML_NONE ? scores[r * n + k] : line[k]);
    }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec index_5[] = {
  OX_INT (IndexAttrs, aggregate_function, OX_AGGREGATE_SUM),
  OX_INT (IndexAttrs, post_transform, OX_ML_NONE),
  OX_ATTR (IndexAttrs, n_targets, OPT_INT),
  OX_NEED (IndexAttrs, tree_roots, INTS),
  OX_NEED (IndexAttrs, nodes_featureids, INTS),
  OX_NEED (IndexAttrs, nodes_truenodeids, INTS),
  OX_NEED (IndexAttrs, nodes_trueleafs, INTS),
  OX_NEED (IndexAttrs, nodes_falsenodeids, INTS),
  OX_NEED (IndexAttrs, nodes_falseleafs, INTS),
  OX_ATTR (IndexAttrs, nodes_missing_value_tracks_true, INTS),
  OX_NEED (IndexAttrs, leaf_targetids, INTS),
  OX_NEED (IndexAttrs, nodes_modes, TENSOR),
  OX_NEED (IndexAttrs, nodes_splits, TENSOR),
  OX_NEED (IndexAttrs, leaf_weights, TENSOR),
  OX_ATTR (IndexAttrs, membership_values, TENSOR),
  OX_IGNORE ("nodes_hitrates"),
};

static const OxOp ml_tree_arrays_rows[] = {
  { "TreeEnsemble", 5, { 1, 1 }, { 1, 1 }, OX_ATTRS (index_5, IndexAttrs), .infer = index_infer, .run = index_run },
};

OX_FAMILY (ml_tree_arrays, "ai.onnx.ml", ml_tree_arrays_rows);
