/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-ml.h"

#include <math.h>
#include <string.h>

/* SVMClassifier, SVMRegressor. */

typedef struct
{
  OxFloats coefficients, kernel_params, prob_a, prob_b, rho, support_vectors;
  OxInts vectors_per_class, classlabels_ints;
  OxStrings classlabels_strings;
  const char *kernel_type, *post_transform;
  gint64 n_supports, one_class;
} SvmAttrs;

/* ---- kernels of support vector machines ----------------------------------------------------------------------- */

typedef enum { SVM_LINEAR, SVM_POLY, SVM_RBF, SVM_SIGMOID } SvmKernel;

typedef struct
{
  SvmKernel kernel;
  double gamma, coef0, degree;
} Svm;

static gboolean
svm_read (const SvmAttrs *at, Svm *svm, GError **error)
{
  static const char *const names[] = { "LINEAR", "POLY", "RBF", "SIGMOID" };
  guint i = 0;

  while (i < G_N_ELEMENTS (names) && !g_str_equal (names[i], at->kernel_type))
    i++;
  if (i == G_N_ELEMENTS (names))
    return ox_fail (error, OX_ERROR_VALUE, "kernel_type '%s' is not one of LINEAR, POLY, RBF, SIGMOID",
                    at->kernel_type);
  if (at->kernel_params.n != 0 && at->kernel_params.n != 3)
    return ox_fail (error, OX_ERROR_MODEL, "kernel_params has %d numbers, expected gamma, coef0 and degree",
                    at->kernel_params.n);
  *svm = (Svm){ i, 0, 0, 0 };
  if (at->kernel_params.n == 3)
    {
      svm->gamma = at->kernel_params.v[0];
      svm->coef0 = at->kernel_params.v[1];
      svm->degree = at->kernel_params.v[2];
    }
  return TRUE;
}

static double
svm_kernel (const Svm *svm, const double *x, const float *vector, gint64 n)
{
  double sum = 0;

  switch (svm->kernel)
    {
    case SVM_LINEAR:
      return ox_ml_dot (x, vector, n);
    case SVM_POLY:
      return pow (svm->gamma * ox_ml_dot (x, vector, n) + svm->coef0, svm->degree);
    case SVM_SIGMOID:
      return tanh (svm->gamma * ox_ml_dot (x, vector, n) + svm->coef0);
    case SVM_RBF:
      for (gint64 i = 0; i < n; i++)
        sum += (x[i] - vector[i]) * (x[i] - vector[i]);
      return exp (-svm->gamma * sum);
    }
  return 0;
}

static gboolean
at_least (const char *name, gint64 have, gint64 need, GError **error)
{
  if (have < need)
    return ox_fail (error, OX_ERROR_MODEL,
                    "%s has %" G_GINT64_FORMAT " entries, at least %" G_GINT64_FORMAT " are needed", name, have, need);
  return TRUE;
}

/* ---- SVMRegressor --------------------------------------------------------------------------------------------- */

static gboolean
svm_regressor_infer (OxCall *call, GError **error)
{
  const SvmAttrs *at = call->attrs;
  OxDim rows, features;
  OxMlTransform transform;
  Svm svm;

  if (!ox_ml_rows (call, &rows, &features, error) || !ox_ml_transform (at->post_transform, &transform, error)
      || !svm_read (at, &svm, error))
    return FALSE;
  ox_call_set (call, 0, OX_F32, 2, (OxDim[]){ rows, 1 });
  return TRUE;
}

static gboolean
svm_regressor_run (OxCall *call, GError **error)
{
  const SvmAttrs *at = call->attrs;
  OxTensor *y = ox_call_out (call, 0, error);
  OxMlTransform transform;
  OxDim rows, features;
  const double *x = y != NULL ? ox_ml_read (call, &rows, &features, error) : NULL;
  gint64 n = at->n_supports;
  Svm svm;

  if (x == NULL || !svm_read (at, &svm, error) || !ox_ml_transform (at->post_transform, &transform, error)
      || !at_least ("rho", at->rho.n, 1, error))
    return FALSE;
  if (n > 0
      && (n > G_MAXINT || features > G_MAXINT
          || !at_least ("support_vectors", at->support_vectors.n, n * features, error)))
    return n > G_MAXINT || features > G_MAXINT ? ox_fail (error, OX_ERROR_MODEL, "too many support vectors") : FALSE;
  if (!at_least ("coefficients", at->coefficients.n, n > 0 ? n : features, error))
    return FALSE;
  for (gint64 r = 0; r < rows && !ox_turn (); r++)
    {
      const double *row = x + r * features;
      float *out = (float *) y->data + r;
      double sum = at->rho.v[0];

      if (n <= 0)
        sum += ox_ml_dot (row, at->coefficients.v, features);
      for (gint64 i = 0; i < n; i++)
        sum += at->coefficients.v[i] * svm_kernel (&svm, row, at->support_vectors.v + i * features, features);
      *out = (float) sum;
      if (at->one_class)
        *out = *out > 0 ? 1 : -1;
      else
        ox_ml_apply_one (transform, out, OX_ML_ALONE);
    }
  return TRUE;
}

/* ---- SVMClassifier -------------------------------------------------------------------------------------------- */

static OxMlLabels
svm_labels (const SvmAttrs *at)
{
  return (OxMlLabels){ &at->classlabels_strings, &at->classlabels_ints };
}

/* The number of support vectors; 0: a linear model, one line of coefficients a class. */
static gint64
svm_vectors (const SvmAttrs *at)
{
  gint64 n = 0;

  for (int i = 0; i < at->vectors_per_class.n; i++)
    n += CLAMP (at->vectors_per_class.v[i], 0, G_MAXINT);
  return n;
}

/* Scores a row: the pairs of classes if only they are there, else the classes. */
static gint64
svm_width (const SvmAttrs *at, gint64 classes)
{
  if (svm_vectors (at) == 0 || at->prob_a.n > 0 || classes == 2)
    return classes;
  return classes * (classes - 1) / 2;
}

static gboolean
svm_classifier_infer (OxCall *call, GError **error)
{
  const SvmAttrs *at = call->attrs;
  const OxMlLabels labels = svm_labels (at);
  gint64 classes = ox_ml_n_labels (&labels), pairs = classes * (classes - 1) / 2, vectors = svm_vectors (at);
  OxDim rows, features;
  OxMlTransform transform;
  Svm svm;

  if (!ox_ml_rows (call, &rows, &features, error) || !ox_ml_transform (at->post_transform, &transform, error)
      || !svm_read (at, &svm, error) || !at_least ("the list of class labels", classes, vectors > 0 ? 2 : 1, error))
    return FALSE;
  if (classes > 65535)
    return ox_fail (error, OX_ERROR_MODEL, "%" G_GINT64_FORMAT " classes are more than the limit of 65535", classes);
  for (int i = 0; i < at->vectors_per_class.n; i++)
    if (at->vectors_per_class.v[i] < 0)
      return ox_fail (error, OX_ERROR_MODEL, "class %d has %" G_GINT64_FORMAT " support vectors", i,
                      at->vectors_per_class.v[i]);
  if (vectors > 0
      && (!at_least ("vectors_per_class", at->vectors_per_class.n, classes, error)
          || !at_least ("coefficients", at->coefficients.n, (classes - 1) * vectors, error)
          || !at_least ("rho", at->rho.n, pairs, error)
          || (at->prob_a.n > 0
              && (!at_least ("prob_a", at->prob_a.n, pairs, error)
                  || !at_least ("prob_b", at->prob_b.n, pairs, error)))))
    return FALSE;
  if (vectors == 0 && !at_least ("rho", at->rho.n, 1, error))
    return FALSE;
  ox_call_set (call, 0, ox_ml_label_dtype (&labels), 1, &rows);
  ox_call_set (call, 1, OX_F32, 2, (OxDim[]){ rows, svm_width (at, classes) });
  return TRUE;
}

/* One score for each pair of classes i < j, and a vote for the winner. The coefficients are [classes - 1, vectors]: the
 * line of a class against another leaves out the class itself. */
static void
svm_pairs (const SvmAttrs *at, gint64 classes, gint64 vectors, const double *kernels, float *scores, gint64 *votes)
{
  gint64 start_i = 0, pair = 0;

  for (gint64 i = 0; i < classes; i++)
    votes[i] = 0;
  for (gint64 i = 0; i < classes; i++)
    {
      gint64 n_i = at->vectors_per_class.v[i], start_j = start_i + n_i;

      for (gint64 j = i + 1; j < classes; j++)
        {
          gint64 n_j = at->vectors_per_class.v[j];
          double sum = 0;

          for (gint64 m = start_i; m < start_i + n_i; m++)
            sum += at->coefficients.v[(j - 1) * vectors + m] * kernels[m];
          for (gint64 m = start_j; m < start_j + n_j; m++)
            sum += at->coefficients.v[i * vectors + m] * kernels[m];
          sum += at->rho.v[pair];
          scores[pair++] = (float) sum;
          votes[sum > 0 ? i : j]++;
          start_j += n_j;
        }
      start_i += n_i;
    }
}

/* Probabilities of the classes from those of the pairs, by the second method of Wu, Lin and Weng: minimise p'Qp. @q is
 * scratch for classes * (classes + 2) numbers; r[i * k + j] is the probability of i against j. */
static void
couple_probabilities (gint64 k, const float *r, double *q, float *out)
{
  double *qp = q + k * k, *p = qp + k;

  for (gint64 i = 0; i < k; i++)
    {
      p[i] = 1.0 / (double) k;
      q[i * k + i] = 0;
      for (gint64 j = 0; j < k; j++)
        if (j != i)
          {
            q[i * k + i] += (double) r[j * k + i] * r[j * k + i];
            q[i * k + j] = -(double) r[j * k + i] * r[i * k + j];
          }
    }
  for (int turn = 0; turn < 100; turn++)
    {
      double pqp = 0, worst = 0;

      for (gint64 i = 0; i < k; i++)
        {
          qp[i] = 0;
          for (gint64 j = 0; j < k; j++)
            qp[i] += q[i * k + j] * p[j];
          pqp += p[i] * qp[i];
        }
      for (gint64 i = 0; i < k; i++)
        worst = MAX (worst, fabs (qp[i] - pqp));
      if (worst < 0.005 / (double) k)
        break;
      for (gint64 i = 0; i < k; i++)
        {
          double step = (pqp - qp[i]) / q[i * k + i];

          p[i] += step;
          pqp = (pqp + step * (step * q[i * k + i] + 2 * qp[i])) / ((1 + step) * (1 + step));
          for (gint64 j = 0; j < k; j++)
            {
              qp[j] = (qp[j] + step * q[i * k + j]) / (1 + step);
              p[j] /= 1 + step;
            }
        }
    }
  for (gint64 i = 0; i < k; i++)
    out[i] = (float) p[i];
}

/* Platt's sigmoid of a pair's score, kept away from 0 and 1. */
static float
pair_probability (float score, float a, float b)
{
  double p = 1 - 1 / (1 + exp (-((double) score * a + b)));

  return (float) CLAMP (p, 1e-7, 1 - 1e-7);
}

static gint64
most_votes (const gint64 *votes, gint64 n)
{
  gint64 best = 0;

  for (gint64 i = 1; i < n; i++)
    if (votes[i] > votes[best])
      best = i;
  return best;
}

/* Scratch of one row. */
typedef struct
{
  double *kernels, *q;
  float *pairs, *r;
  gint64 *votes;
} SvmRow;

static gboolean
svm_row_new (OxCall *call, SvmRow *row, gint64 vectors, gint64 classes, gboolean probabilities, GError **error)
{
  gint64 square = probabilities ? classes * classes : 0;

  row->kernels = ox_call_scratch_n (call, vectors, sizeof (double), error);
  row->pairs =
      row->kernels != NULL ? ox_call_scratch_n (call, classes * (classes - 1) / 2, sizeof (float), error) : NULL;
  row->votes = row->pairs != NULL ? ox_call_scratch_n (call, classes, sizeof (gint64), error) : NULL;
  row->q = row->votes != NULL ? ox_call_scratch_n (call, square + 2 * classes, sizeof (double), error) : NULL;
  row->r = row->q != NULL ? ox_call_scratch_n (call, square, sizeof (float), error) : NULL;
  return row->r != NULL;
}

static gboolean
svm_classifier_run (OxCall *call, GError **error)
{
  const SvmAttrs *at = call->attrs;
  const OxMlLabels labels = svm_labels (at);
  gint64 classes = ox_ml_n_labels (&labels), vectors = svm_vectors (at), width = svm_width (at, classes);
  OxTensor *y = ox_call_out (call, 0, error), *z = y != NULL ? ox_call_out (call, 1, error) : NULL;
  gboolean probabilities = vectors > 0 && at->prob_a.n > 0, all_positive = TRUE;
  OxMlTransform transform;
  OxDim rows, features;
  const double *x = z != NULL ? ox_ml_read (call, &rows, &features, error) : NULL;
  SvmRow row;
  Svm svm;

  if (x == NULL || !svm_read (at, &svm, error) || !ox_ml_transform (at->post_transform, &transform, error))
    return FALSE;
  if (features > G_MAXINT
      || (vectors > 0 ? at->support_vectors.n / MAX (features, 1) < vectors
                      : at->coefficients.n / MAX (features, 1) < classes))
    return ox_fail (error, OX_ERROR_SHAPE, "the model has too few %s for %" G_GINT64_FORMAT " features",
                    vectors > 0 ? "support_vectors" : "coefficients", features);
  if (!svm_row_new (call, &row, vectors, classes, probabilities, error))
    return FALSE;
  for (int i = 0; i < at->coefficients.n; i++)
    all_positive = all_positive && at->coefficients.v[i] >= 0;
  for (gint64 r = 0; r < rows && !ox_turn (); r++)
    {
      const double *features_r = x + r * features;
      float *scores = (float *) z->data + r * width;
      gint64 best, pair = 0;

      if (vectors == 0)
        {
          for (gint64 k = 0; k < classes && !ox_pause (k); k++)
            scores[k] = (float) (ox_ml_dot (features_r, at->coefficients.v + k * features, features) + at->rho.v[0]);
          best = ox_ml_largest (scores, classes);
          /* With two classes a positive score means the second one, whichever has it. */
          if (classes == 2 && (all_positive ? scores[best] >= 0.5f : scores[best] > 0))
            best = 1;
          ox_ml_set_label (&labels, y, r, best);
          if (classes == 1)
            ox_ml_apply_one (transform, scores, OX_ML_ALONE);
          else
            ox_ml_apply (transform, scores, classes);
          continue;
        }
      for (gint64 i = 0; i < vectors; i++)
        row.kernels[i] = svm_kernel (&svm, features_r, at->support_vectors.v + i * features, features);
      svm_pairs (at, classes, vectors, row.kernels, row.pairs, row.votes);
      ox_ml_set_label (&labels, y, r, most_votes (row.votes, classes));
      if (probabilities)
        {
          for (gint64 i = 0; i < classes && !ox_turn (); i++)
            for (gint64 j = i + 1; j < classes; j++, pair++)
              {
                row.r[i * classes + j] = pair_probability (row.pairs[pair], at->prob_a.v[pair], at->prob_b.v[pair]);
                row.r[j * classes + i] = 1 - row.r[i * classes + j];
              }
          couple_probabilities (classes, row.r, row.q, scores);
          ox_ml_apply (transform, scores, classes);
        }
      else if (classes == 2)
        {
          scores[0] = row.pairs[0];
          scores[1] = 0;
          ox_ml_apply_one (transform, scores, transform == OX_ML_NONE ? OX_ML_OPPOSITE : OX_ML_COMPLEMENT);
        }
      else
        {
          memcpy (scores, row.pairs, (gsize) width * sizeof (float));
          ox_ml_apply (transform, scores, width);
        }
      if (ox_call_cancelled (call, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

#define SVM_SPECS                                                                                                    \
  OX_ATTR (SvmAttrs, coefficients, FLOATS), OX_ATTR (SvmAttrs, kernel_params, FLOATS),                               \
    OX_STRING (SvmAttrs, kernel_type, "LINEAR"), OX_STRING (SvmAttrs, post_transform, "NONE"),                       \
    OX_ATTR (SvmAttrs, rho, FLOATS), OX_ATTR (SvmAttrs, support_vectors, FLOATS)

static const OxAttrSpec svm_regressor_1[]
  = { SVM_SPECS, OX_INT (SvmAttrs, n_supports, 0), OX_INT (SvmAttrs, one_class, 0) };
static const OxAttrSpec svm_classifier_1[] = {
  SVM_SPECS,
  OX_ATTR (SvmAttrs, classlabels_ints, INTS),
  OX_ATTR (SvmAttrs, classlabels_strings, STRINGS),
  OX_ATTR (SvmAttrs, prob_a, FLOATS),
  OX_ATTR (SvmAttrs, prob_b, FLOATS),
  OX_ATTR (SvmAttrs, vectors_per_class, INTS),
};

static const OxOp ml_svm_rows[] = {
  { "SVMRegressor", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (svm_regressor_1, SvmAttrs), .infer = svm_regressor_infer,
    .run = svm_regressor_run },
  { "SVMClassifier", 1, { 1, 1 }, { 2, 2 }, OX_ATTRS (svm_classifier_1, SvmAttrs), .infer = svm_classifier_infer,
    .run = svm_classifier_run },
};

OX_FAMILY (ml_svm, "ai.onnx.ml", ml_svm_rows);
