/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-ml.h"

/* LinearClassifier, LinearRegressor. */

typedef struct
{
  OxFloats coefficients, intercepts;
  OxStrings classlabels_strings;
  OxInts classlabels_ints;
  const char *post_transform;
  gint64 targets;
} LinearAttrs;

/* ---- LinearRegressor ------------------------------------------------------------------------------------------ */

static gboolean
regressor_infer (OxCall *call, GError **error)
{
  const LinearAttrs *at = call->attrs;
  OxDim rows, features;
  OxMlTransform transform;

  if (!ox_ml_rows (call, &rows, &features, error) || !ox_ml_transform (at->post_transform, &transform, error))
    return FALSE;
  if (at->targets < 1)
    return ox_fail (error, OX_ERROR_VALUE, "targets is %" G_GINT64_FORMAT, at->targets);
  ox_call_set (call, 0, OX_F32, 2, (OxDim[]){ rows, at->targets });
  return TRUE;
}

/* scores [n] of one row. */
static void
linear_row (const LinearAttrs *at, const double *x, gint64 features, gint64 n, float *scores)
{
  for (gint64 k = 0; k < n && !ox_pause (k); k++)
    scores[k] = (float) (ox_ml_dot (x, at->coefficients.v + k * features, features)
                         + (at->intercepts.n > 0 ? at->intercepts.v[k] : 0));
}

static gboolean
check_coefficients (const LinearAttrs *at, gint64 n, gint64 features, GError **error)
{
  if (features > G_MAXINT || at->coefficients.n / MAX (features, 1) < n)
    return ox_fail (error, OX_ERROR_SHAPE,
                    "%d coefficients are given for %" G_GINT64_FORMAT " scores of %" G_GINT64_FORMAT " features",
                    at->coefficients.n, n, features);
  if (at->intercepts.n > 0 && at->intercepts.n != n)
    return ox_fail (error, OX_ERROR_SHAPE, "%d intercepts are given for %" G_GINT64_FORMAT " scores", at->intercepts.n,
                    n);
  return TRUE;
}

static gboolean
regressor_run (OxCall *call, GError **error)
{
  const LinearAttrs *at = call->attrs;
  OxTensor *y = ox_call_out (call, 0, error);
  OxMlTransform transform;
  OxDim rows, features;
  const double *x = y != NULL ? ox_ml_read (call, &rows, &features, error) : NULL;

  if (x == NULL || !ox_ml_transform (at->post_transform, &transform, error)
      || !check_coefficients (at, at->targets, features, error))
    return FALSE;
  for (gint64 r = 0; r < rows && !ox_turn (); r++)
    {
      float *scores = (float *) y->data + r * at->targets;

      linear_row (at, x + r * features, features, at->targets, scores);
      if (at->targets == 1)
        ox_ml_apply_one (transform, scores, OX_ML_ALONE);
      else
        ox_ml_apply (transform, scores, at->targets);
    }
  return TRUE;
}

/* ---- LinearClassifier ----------------------------------------------------------------------------------------- */

/* How many scores there are: one for each intercept, without any what the coefficients make. */
static OxDim
classifier_scores (const LinearAttrs *at, OxDim features)
{
  if (at->intercepts.n > 0)
    return at->intercepts.n;
  return ox_dim_known (features) ? at->coefficients.n / MAX (features, 1) : OX_DIM_UNKNOWN;
}

static gboolean
classifier_infer (OxCall *call, GError **error)
{
  const LinearAttrs *at = call->attrs;
  const OxMlLabels labels = { &at->classlabels_strings, &at->classlabels_ints };
  int n_labels = ox_ml_n_labels (&labels);
  OxDim rows, features, n;
  OxMlTransform transform;

  if (!ox_ml_rows (call, &rows, &features, error) || !ox_ml_transform (at->post_transform, &transform, error))
    return FALSE;
  n = classifier_scores (at, features);
  if (n == 0 || (n > 1 && n_labels < n))
    return ox_fail (error, OX_ERROR_MODEL, "%" G_GINT64_FORMAT " scores are made for %d class labels", n, n_labels);
  if (n == 1 && n_labels == 2)
    n = 2;
  ox_call_set (call, 0, ox_ml_label_dtype (&labels), 1, &rows);
  ox_call_set (call, 1, OX_F32, 2, (OxDim[]){ rows, n });
  return TRUE;
}

/* The label for a single score; without two labels they are 0 and 1. */
static void
set_binary_label (const OxMlLabels *labels, OxTensor *y, gint64 at, gboolean positive)
{
  if (ox_ml_n_labels (labels) == 2)
    ox_ml_set_label (labels, y, at, positive);
  else if (y->dtype == OX_STR)
    ox_tensor_set_string (y, at, positive ? "1" : "0", -1);
  else
    ((gint64 *) y->data)[at] = positive;
}

static gboolean
classifier_run (OxCall *call, GError **error)
{
  const LinearAttrs *at = call->attrs;
  const OxMlLabels labels = { &at->classlabels_strings, &at->classlabels_ints };
  OxTensor *y = ox_call_out (call, 0, error), *z = y != NULL ? ox_call_out (call, 1, error) : NULL;
  OxMlTransform transform;
  OxDim rows, features;
  const double *x = z != NULL ? ox_ml_read (call, &rows, &features, error) : NULL;
  gint64 n;

  if (x == NULL || !ox_ml_transform (at->post_transform, &transform, error))
    return FALSE;
  n = classifier_scores (at, features);
  if (!check_coefficients (at, n, features, error))
    return FALSE;
  for (gint64 r = 0; r < rows && !ox_turn (); r++)
    {
      float *scores = (float *) z->data + r * z->dims[1];

      linear_row (at, x + r * features, features, n, scores);
      if (n == 1)
        {
          set_binary_label (&labels, y, r, scores[0] > 0);
          ox_ml_apply_one (transform, scores, ox_ml_n_labels (&labels) == 2 ? OX_ML_COMPLEMENT : OX_ML_ALONE);
        }
      else
        {
          ox_ml_set_label (&labels, y, r, ox_ml_largest (scores, n));
          ox_ml_apply (transform, scores, n);
        }
    }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec regressor_1[] = {
  OX_ATTR (LinearAttrs, coefficients, FLOATS),
  OX_ATTR (LinearAttrs, intercepts, FLOATS),
  OX_INT (LinearAttrs, targets, 1),
  OX_STRING (LinearAttrs, post_transform, "NONE"),
};
/* multi_class tells how the model was fitted, the scores are made the same way. */
static const OxAttrSpec classifier_1[] = {
  OX_NEED (LinearAttrs, coefficients, FLOATS),
  OX_ATTR (LinearAttrs, intercepts, FLOATS),
  OX_ATTR (LinearAttrs, classlabels_strings, STRINGS),
  OX_ATTR (LinearAttrs, classlabels_ints, INTS),
  OX_IGNORE ("multi_class"),
  OX_STRING (LinearAttrs, post_transform, "NONE"),
};

static const OxOp ml_linear_rows[] = {
  { "LinearRegressor", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (regressor_1, LinearAttrs), .infer = regressor_infer,
    .run = regressor_run },
  { "LinearClassifier", 1, { 1, 1 }, { 2, 2 }, OX_ATTRS (classifier_1, LinearAttrs), .infer = classifier_infer,
    .run = classifier_run },
};

OX_FAMILY (ml_linear, "ai.onnx.ml", ml_linear_rows);
