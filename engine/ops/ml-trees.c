/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ml-trees.h"

/* TreeEnsembleClassifier, TreeEnsembleRegressor: trees as lists of nodes with numbers. */

/* The leaf_ fields are class_… or target_… in the model. */
typedef struct
{
  OxInts treeids, nodeids, featureids, trueids, falseids, missing;
  OxStrings modes;
  OxFloats values;
  OxValue *values_tensor;
  OxInts leaf_trees, leaf_nodes, leaf_ids;
  OxFloats leaf_weights, base_values;
  OxValue *leaf_weights_tensor, *base_values_tensor;
  const char *post_transform, *aggregate_function;
  OxStrings classlabels_strings;
  OxInts classlabels_int64s;
  OxOptInt n_targets;
} ListAttrs;

/* ---- trees as lists ------------------------------------------------------------------------------------------- */

static gboolean
branch_by_name (const char *name, OxBranch *branch, GError **error)
{
  static const char *const names[] = { "BRANCH_LEQ", "BRANCH_LT",  "BRANCH_GTE", "BRANCH_GT",
                                       "BRANCH_EQ",  "BRANCH_NEQ", NULL,         "LEAF" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i], name) == 0)
      {
        *branch = i;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "tree node mode '%s' is not known", name);
}

/* A node is named by its tree and its number there. */
static gboolean
node_key (gint64 tree, gint64 node, gint64 *key, GError **error)
{
  if (tree < 0 || tree > G_MAXINT32 || node < 0 || node > G_MAXINT32)
    return ox_fail (error, OX_ERROR_MODEL, "tree %" G_GINT64_FORMAT " node %" G_GINT64_FORMAT " is not a valid number",
                    tree, node);
  *key = tree << 32 | node;
  return TRUE;
}

static gboolean
find_node (GHashTable *index, gint64 tree, gint64 node, gint64 *result, GError **error)
{
  gint64 key;
  gpointer value;

  if (!node_key (tree, node, &key, error))
    return FALSE;
  if (!g_hash_table_lookup_extended (index, &key, NULL, &value))
    return ox_fail (error, OX_ERROR_MODEL, "tree %" G_GINT64_FORMAT " has no node %" G_GINT64_FORMAT, tree, node);
  *result = GPOINTER_TO_INT (value);
  return TRUE;
}

/* The leaves' weights, sorted to their leaves by counting. */
static gboolean
list_weights (const ListAttrs *at, OxForest *forest, GHashTable *index, GError **error)
{
  const OxNumbers weights = ox_numbers (&at->leaf_weights, at->leaf_weights_tensor);
  gint64 n = at->leaf_ids.n, first = 0;
  g_autofree gint64 *owner = g_new (gint64, n + 1);

  if (!ox_trees_same_length ("the list of leaf trees", at->leaf_trees.n, n, error)
      || !ox_trees_same_length ("the list of leaf nodes", at->leaf_nodes.n, n, error)
      || !ox_trees_same_length ("the list of leaf weights", weights.n, n, error))
    return FALSE;
  g_array_set_size (forest->weights, (guint) n);
  for (gint64 i = 0; i < n; i++)
    {
      if (!find_node (index, at->leaf_trees.v[i], at->leaf_nodes.v[i], &owner[i], error))
        return FALSE;
      g_array_index (forest->nodes, OxForestNode, owner[i]).n++;
    }
  for (guint i = 0; i < forest->nodes->len; i++)
    {
      OxForestNode *node = &g_array_index (forest->nodes, OxForestNode, i);

      node->first = first;
      first += node->n;
      node->n = 0;
    }
  for (gint64 i = 0; i < n; i++)
    {
      OxForestNode *node = &g_array_index (forest->nodes, OxForestNode, owner[i]);

      g_array_index (forest->weights, OxForestWeight, node->first + node->n++)
        = (OxForestWeight){ at->leaf_ids.v[i], ox_number_at (&weights, i) };
    }
  return TRUE;
}

static OxForest *
list_forest (const ListAttrs *at, gint64 n_targets, GError **error)
{
  g_autoptr (OxForest) forest = ox_forest_new ();
  g_autoptr (GHashTable) index = g_hash_table_new (g_int64_hash, g_int64_equal), rooted = NULL;
  const OxNumbers values = ox_numbers (&at->values, at->values_tensor);
  int n = at->treeids.n;
  g_autofree gint64 *keys = g_new (gint64, (gsize) n + 1);
  g_autofree gboolean *child = g_new0 (gboolean, (gsize) n + 1);

  if (!ox_trees_same_length ("nodes_nodeids", at->nodeids.n, n, error)
      || !ox_trees_same_length ("nodes_featureids", at->featureids.n, n, error)
      || !ox_trees_same_length ("nodes_truenodeids", at->trueids.n, n, error)
      || !ox_trees_same_length ("nodes_falsenodeids", at->falseids.n, n, error)
      || !ox_trees_same_length ("nodes_modes", at->modes.n, n, error)
      || !ox_trees_same_length ("nodes_values", values.n, n, error)
      || (at->missing.n > 0 && !ox_trees_same_length ("nodes_missing_value_tracks_true", at->missing.n, n, error)))
    return NULL;
  g_array_set_size (forest->nodes, (guint) n);
  for (int i = 0; i < n; i++)
    {
      OxForestNode *node = &g_array_index (forest->nodes, OxForestNode, i);

      if (!branch_by_name (at->modes.v[i], &node->branch, error)
          || !node_key (at->treeids.v[i], at->nodeids.v[i], &keys[i], error))
        return NULL;
      node->feature = at->featureids.v[i];
      node->split = ox_number_at (&values, i);
      node->missing = at->missing.n > 0 && at->missing.v[i] != 0;
      if (!g_hash_table_insert (index, &keys[i], GINT_TO_POINTER (i)))
        {
          ox_fail (error, OX_ERROR_MODEL, "tree %" G_GINT64_FORMAT " has two nodes %" G_GINT64_FORMAT, at->treeids.v[i],
                   at->nodeids.v[i]);
          return NULL;
        }
    }
  for (int i = 0; i < n; i++)
    {
      OxForestNode *node = &g_array_index (forest->nodes, OxForestNode, i);

      if (node->branch == OX_BRANCH_LEAF)
        continue;
      if (!find_node (index, at->treeids.v[i], at->trueids.v[i], &node->yes, error)
          || !find_node (index, at->treeids.v[i], at->falseids.v[i], &node->no, error))
        return NULL;
      child[node->yes] = child[node->no] = TRUE;
    }
  /* The root of a tree is its first node that is nobody's child. */
  rooted = g_hash_table_new (g_int64_hash, g_int64_equal);
  for (int i = 0; i < n; i++)
    if (!child[i] && g_hash_table_add (rooted, (gpointer) &at->treeids.v[i]))
      {
        gint64 root = i;

        g_array_append_val (forest->roots, root);
      }
  for (int i = 0; i < n; i++)
    if (!g_hash_table_contains (rooted, &at->treeids.v[i]))
      {
        ox_fail (error, OX_ERROR_MODEL, "tree %" G_GINT64_FORMAT " has no root", at->treeids.v[i]);
        return NULL;
      }
  if (!list_weights (at, forest, index, error) || !ox_forest_check (forest, n_targets, error))
    return NULL;
  return g_steal_pointer (&forest);
}

static OxMlLabels
tree_labels (const ListAttrs *at)
{
  return (OxMlLabels){ &at->classlabels_strings, &at->classlabels_int64s };
}

static OxForest *
list_make (OxCall *call, gint64 n_targets, GError **error)
{
  return list_forest (call->attrs, n_targets, error);
}

/* ---- TreeEnsembleClassifier ----------------------------------------------------------------------------------- */

static gboolean
classifier_infer (OxCall *call, GError **error)
{
  const ListAttrs *at = call->attrs;
  const OxMlLabels labels = tree_labels (at);
  OxDim rows, features;
  OxMlTransform transform;

  if (!ox_ml_rows (call, &rows, &features, error) || !ox_ml_transform (at->post_transform, &transform, error))
    return FALSE;
  if (ox_ml_n_labels (&labels) == 0)
    return ox_fail (error, OX_ERROR_MODEL, "neither classlabels_strings nor classlabels_int64s is given");
  ox_call_set (call, 0, ox_ml_label_dtype (&labels), 1, &rows);
  ox_call_set (call, 1, OX_F32, 2, (OxDim[]){ rows, ox_ml_n_labels (&labels) });
  return TRUE;
}

/* What two classes need to know of the weights. */
typedef struct
{
  gboolean binary;        /* all leaves speak of one class */
  gboolean all_positive;
} Weights;

static Weights
look_at_weights (const OxForest *forest, int n_labels)
{
  Weights result = { n_labels == 2 && forest->weights->len > 0, TRUE };

  for (guint i = 0; i < forest->weights->len; i++)
    {
      const OxForestWeight *w = &g_array_index (forest->weights, OxForestWeight, i);

      if (w->target != g_array_index (forest->weights, OxForestWeight, 0).target)
        result.binary = FALSE;
      if (w->value < 0)
        result.all_positive = FALSE;
    }
  return result;
}

/* Two classes, one row: base values, label and scores. Where the leaves speak of one class only, its score decides:
 * above 0.5 if all weights are positive (probabilities), above 0 else. */
static gint64
two_classes (const Weights *weights, const OxNumbers *base, const double *s, const guint8 *has, OxMlTransform transform,
             float *out)
{
  double low = s[0], high = s[1], decisive;
  gboolean two = has[1] != 0;
  OxMlSecond second = OX_ML_OPPOSITE;
  gint64 label;

  if (base->n == 2 && two)
    {
      /* The score of the first class is what counts here, the second base value is added to it. */
      high = ox_number_at (base, 1) + low;
      low = -high;
    }
  else if (base->n == 2)
    {
      high += ox_number_at (base, 1);
      low += ox_number_at (base, 0);
    }
  else if (base->n == 1)
    {
      low += ox_number_at (base, 0);
      second = OX_ML_ALONE;
    }
  decisive = two ? high : low;
  if (weights->binary && weights->all_positive)
    {
      label = decisive > 0.5;
      second = OX_ML_COMPLEMENT;
    }
  else
    {
      label = decisive > 0;
      if (weights->binary)
        second = OX_ML_OPPOSITE;
    }
  /* A class of which no leaf spoke has no score, even where it has a base value. */
  out[0] = has[0] ? (float) low : 0;
  out[1] = two ? (float) high : 0;
  if (two || base->n == 2)
    ox_ml_apply (transform, out, 2);
  else
    ox_ml_apply_one (transform, out, second);
  return label;
}

static gboolean
classifier_run (OxCall *call, GError **error)
{
  const ListAttrs *at = call->attrs;
  const OxMlLabels labels = tree_labels (at);
  const OxNumbers base = ox_numbers (&at->base_values, at->base_values_tensor);
  OxTensor *y = ox_call_out (call, 0, error), *z = y != NULL ? ox_call_out (call, 1, error) : NULL;
  int n = ox_ml_n_labels (&labels);
  const OxForest *forest = z != NULL ? ox_trees_forest (call, list_make, n, error) : NULL;
  OxMlTransform transform;
  double *scores;
  guint8 *has;
  gint64 rows;
  Weights weights;

  if (forest == NULL || !ox_ml_transform (at->post_transform, &transform, error)
      || !ox_trees_score (call, forest, n, OX_AGGREGATE_SUM, &scores, &has, &rows, error))
    return FALSE;
  if (base.n > n)
    return ox_fail (error, OX_ERROR_MODEL, "%" G_GINT64_FORMAT " base values are given for %d classes", base.n, n);
  weights = look_at_weights (forest, n);
  for (gint64 r = 0; r < rows && !ox_turn (); r++)
    {
      double *s = scores + r * n, most = 0;
      float *out = (float *) z->data + r * n;
      gint64 best = -1;

      if (n == 2)
        {
          ox_ml_set_label (&labels, y, r, two_classes (&weights, &base, s, has + r * n, transform, out));
          continue;
        }
      for (int k = 0; k < n; k++)
        {
          gboolean speaks = has[r * n + k] || k < base.n;

          if (k < base.n)
            s[k] += ox_number_at (&base, k);
          if (speaks && (best < 0 || s[k] > most))
            {
              best = k;
              most = s[k];
            }
          out[k] = (float) s[k];
        }
      ox_ml_set_label (&labels, y, r, MAX (best, 0));
      if (n == 1)
        ox_ml_apply_one (transform, out, OX_ML_ALONE);
      else
        ox_ml_apply (transform, out, n);
    }
  return TRUE;
}

/* ---- TreeEnsembleRegressor ------------------------------------------------------------------------------------ */

static gboolean
aggregate_by_name (const char *name, OxAggregate *aggregate, GError **error)
{
  static const char *const names[] = { "AVERAGE", "SUM", "MIN", "MAX" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      {
        *aggregate = i;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "aggregate_function '%s' is not one of AVERAGE, SUM, MIN, MAX", name);
}

static gboolean
list_targets (const ListAttrs *at, gint64 *n, GError **error)
{
  *n = at->n_targets.set ? at->n_targets.v : 1;
  if (*n < 1)
    return ox_fail (error, OX_ERROR_VALUE, "n_targets is %" G_GINT64_FORMAT, *n);
  return TRUE;
}

static gboolean
regressor_infer (OxCall *call, GError **error)
{
  OxDim rows, features;
  gint64 n;

  if (!ox_ml_rows (call, &rows, &features, error) || !list_targets (call->attrs, &n, error))
    return FALSE;
  ox_call_set (call, 0, OX_F32, 2, (OxDim[]){ rows, n });
  return TRUE;
}

static gboolean
regressor_run (OxCall *call, GError **error)
{
  const ListAttrs *at = call->attrs;
  const OxNumbers base = ox_numbers (&at->base_values, at->base_values_tensor);
  OxTensor *y = ox_call_out (call, 0, error);
  const OxForest *forest;
  OxMlTransform transform;
  OxAggregate aggregate = OX_AGGREGATE_SUM;
  double *scores;
  guint8 *has;
  gint64 rows, n;

  if (y == NULL || !list_targets (at, &n, error) || !ox_ml_transform (at->post_transform, &transform, error)
      || !aggregate_by_name (at->aggregate_function, &aggregate, error)
      || (base.n > 0 && !ox_trees_same_length ("base_values", base.n, n, error)))
    return FALSE;
  forest = ox_trees_forest (call, list_make, n, error);
  if (forest == NULL || !ox_trees_score (call, forest, n, aggregate, &scores, &has, &rows, error))
    return FALSE;
  for (gint64 r = 0; r < rows && !ox_pause (r); r++)
    ox_trees_finish (scores + r * n, has + r * n, n, &base, transform, (float *) y->data + r * n);
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

#define FIELD(name, f, kind_) { name, OX_KIND_##kind_, offsetof (ListAttrs, f) }
#define NODES                                                                                                        \
  FIELD ("nodes_treeids", treeids, INTS), FIELD ("nodes_nodeids", nodeids, INTS),                                    \
    FIELD ("nodes_featureids", featureids, INTS), FIELD ("nodes_truenodeids", trueids, INTS),                        \
    FIELD ("nodes_falsenodeids", falseids, INTS), FIELD ("nodes_missing_value_tracks_true", missing, INTS),          \
    FIELD ("nodes_modes", modes, STRINGS), FIELD ("nodes_values", values, FLOATS), OX_IGNORE ("nodes_hitrates"),     \
    FIELD ("base_values", base_values, FLOATS), OX_STRING (ListAttrs, post_transform, "NONE")
#define TENSORS                                                                                                      \
  FIELD ("nodes_values_as_tensor", values_tensor, TENSOR), OX_IGNORE ("nodes_hitrates_as_tensor"),                   \
    FIELD ("base_values_as_tensor", base_values_tensor, TENSOR)
#define CLASSES                                                                                                      \
  FIELD ("class_treeids", leaf_trees, INTS), FIELD ("class_nodeids", leaf_nodes, INTS),                              \
    FIELD ("class_ids", leaf_ids, INTS), FIELD ("class_weights", leaf_weights, FLOATS),                              \
    OX_ATTR (ListAttrs, classlabels_strings, STRINGS), OX_ATTR (ListAttrs, classlabels_int64s, INTS)
#define TARGETS                                                                                                      \
  FIELD ("target_treeids", leaf_trees, INTS), FIELD ("target_nodeids", leaf_nodes, INTS),                            \
    FIELD ("target_ids", leaf_ids, INTS), FIELD ("target_weights", leaf_weights, FLOATS),                            \
    OX_ATTR (ListAttrs, n_targets, OPT_INT), OX_STRING (ListAttrs, aggregate_function, "SUM")

static const OxAttrSpec classifier_1[] = { NODES, CLASSES };
static const OxAttrSpec classifier_3[]
  = { NODES, CLASSES, TENSORS, FIELD ("class_weights_as_tensor", leaf_weights_tensor, TENSOR) };
static const OxAttrSpec regressor_1[] = { NODES, TARGETS };
static const OxAttrSpec regressor_3[]
  = { NODES, TARGETS, TENSORS, FIELD ("target_weights_as_tensor", leaf_weights_tensor, TENSOR) };
static const OxOp ml_trees_rows[] = {
  { "TreeEnsembleClassifier", 1, { 1, 1 }, { 2, 2 }, OX_ATTRS (classifier_1, ListAttrs), .infer = classifier_infer,
    .run = classifier_run },
  { "TreeEnsembleClassifier", 3, { 1, 1 }, { 2, 2 }, OX_ATTRS (classifier_3, ListAttrs), .infer = classifier_infer,
    .run = classifier_run },
  { "TreeEnsembleRegressor", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (regressor_1, ListAttrs), .infer = regressor_infer,
    .run = regressor_run },
  { "TreeEnsembleRegressor", 3, { 1, 1 }, { 1, 1 }, OX_ATTRS (regressor_3, ListAttrs), .infer = regressor_infer,
    .run = regressor_run },
};

OX_FAMILY (ml_trees, "ai.onnx.ml", ml_trees_rows);
