/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ml-trees.h"

OxNumbers
ox_numbers (const OxFloats *floats, const OxValue *value)
{
  const OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;

  return (OxNumbers){ floats, tensor, tensor != NULL ? tensor->count : floats != NULL ? floats->n : 0 };
}

double
ox_number_at (const OxNumbers *list, gint64 i)
{
  OxComplex128 element;

  if (list->tensor == NULL)
    return list->floats->v[i];
  ox_element_read (list->tensor, i, &element);
  return ox_element_get (list->tensor->dtype, &element);
}

gboolean
ox_trees_same_length (const char *name, gint64 n, gint64 expected, GError **error)
{
  if (n != expected)
    return ox_fail (error, OX_ERROR_MODEL, "%s has %" G_GINT64_FORMAT " entries, expected %" G_GINT64_FORMAT, name, n,
                    expected);
  return TRUE;
}

const OxForest *
ox_trees_forest (OxCall *call, OxForest *(*make) (OxCall *call, gint64 n_targets, GError **error), gint64 n_targets,
                 GError **error)
{
  OxForest *forest = ox_call_get_state (call);

  if (forest == NULL && (forest = make (call, n_targets, error)) != NULL)
    ox_call_set_state (call, forest, (GDestroyNotify) ox_forest_free);
  return forest;
}

gboolean
ox_trees_score (OxCall *call, const OxForest *forest, gint64 n_targets, OxAggregate aggregate, double **scores,
                guint8 **has, gint64 *rows, GError **error)
{
  const OxTensor *x = ox_call_in_as (call, 0, OX_F64, error);
  OxDim features;

  if (x == NULL || !ox_ml_rows (call, rows, &features, error))
    return FALSE;
  if (n_targets > 0 && *rows > G_MAXINT64 / n_targets)
    return ox_fail (error, OX_ERROR_MEMORY, "too many scores");
  *scores = ox_call_scratch_n (call, *rows * n_targets, sizeof (double), error);
  *has = *scores != NULL ? ox_call_scratch_n (call, *rows * n_targets, 1, error) : NULL;
  if (*has == NULL)
    return FALSE;
  return ox_forest_score (forest, (const double *) x->data, *rows, features, n_targets, aggregate,
                          ox_call_in (call, 0)->dtype != OX_F64, *scores, *has, error);
}

void
ox_trees_finish (const double *s, const guint8 *has, gint64 n, const OxNumbers *base, OxMlTransform transform, float *out)
{
  for (gint64 k = 0; k < n && !ox_pause (k); k++)
    out[k] = n > 1 && !has[k] ? 0 : (float) (s[k] + (base->n == n ? ox_number_at (base, k) : 0));
  if (n == 1)
    ox_ml_apply_one (transform, out, OX_ML_ALONE);
  else
    ox_ml_apply (transform, out, n);
}
