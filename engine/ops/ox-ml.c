/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-ml.h"

#include <math.h>

gboolean
ox_ml_transform (const char *name, OxMlTransform *transform, GError **error)
{
  static const char *const names[] = { "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      {
        *transform = i;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE,
                  "post_transform '%s' is not one of NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO, PROBIT", name);
}

static float
logistic (float x)
{
  float v = 1 / (1 + expf (-fabsf (x)));

  return x < 0 ? 1 - v : v;
}

/* The normal quantile by Winitzki's approximation of the inverse error function (a = 0.147), as runtimes do it. */
static float
probit (float x)
{
  float y = 2 * x - 1, sign = y < 0 ? -1.0f : 1.0f, l = logf ((1 - y) * (1 + y));
  float v = 2 / (3.14159f * 0.147f) + 0.5f * l, w = 1 / 0.147f * l;

  return 1.41421356f * sign * sqrtf (-v + sqrtf (v * v - w));
}

/* @zero: scores that are 0 stay 0. */
static void
softmax (float *scores, gint64 n, gboolean zero)
{
  float top = -G_MAXFLOAT, sum = 0;

  for (gint64 i = 0; i < n; i++)
    top = MAX (top, scores[i]);
  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    if (zero && fabsf (scores[i]) <= 0.0000001f)
      scores[i] *= expf (-top);
    else
      {
        scores[i] = expf (scores[i] - top);
        sum += scores[i];
      }
  for (gint64 i = 0; i < n; i++)
    scores[i] /= sum;
}

void
ox_ml_apply (OxMlTransform transform, float *scores, gint64 n)
{
  switch (transform)
    {
    case OX_ML_NONE:
      break;
    case OX_ML_SOFTMAX:
    case OX_ML_SOFTMAX_ZERO:
      softmax (scores, n, transform == OX_ML_SOFTMAX_ZERO);
      break;
    case OX_ML_LOGISTIC:
      for (gint64 i = 0; i < n; i++)
        scores[i] = logistic (scores[i]);
      break;
    case OX_ML_PROBIT:
      for (gint64 i = 0; i < n; i++)
        scores[i] = probit (scores[i]);
      break;
    }
}

void
ox_ml_apply_one (OxMlTransform transform, float *scores, OxMlSecond second)
{
  float score = scores[0];

  if (transform == OX_ML_PROBIT)
    scores[0] = probit (score);
  else if (second != OX_ML_ALONE && transform == OX_ML_LOGISTIC)
    {
      scores[0] = logistic (-score);
      scores[1] = logistic (score);
    }
  else if (second != OX_ML_ALONE)
    {
      scores[0] = second == OX_ML_COMPLEMENT ? 1 - score : -score;
      scores[1] = score;
    }
}

gboolean
ox_ml_rows (OxCall *call, OxDim *rows, OxDim *features, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x);

  *rows = *features = OX_DIM_UNKNOWN;
  if (rank < 0)
    return TRUE;
  if (rank != 1 && rank != 2)
    return ox_fail (error, OX_ERROR_SHAPE, "X has rank %d, expected rows of features", rank);
  if (x->dtype == OX_STR || ox_dtype_class (x->dtype) == OX_CLASS_COMPLEX)
    return ox_fail (error, OX_ERROR_DTYPE, "X is %s, expected real numbers", ox_dtype_name (x->dtype));
  *rows = rank == 1 ? 1 : x->dims[0];
  *features = x->dims[rank - 1];
  return TRUE;
}

const double *
ox_ml_read (OxCall *call, OxDim *rows, OxDim *features, GError **error)
{
  const OxTensor *x = ox_ml_rows (call, rows, features, error) ? ox_call_in_as (call, 0, OX_F64, error) : NULL;

  return x != NULL ? (const double *) x->data : NULL;
}

double
ox_ml_dot (const double *x, const float *w, gint64 n)
{
  double sum = 0;

  for (gint64 i = 0; i < n; i++)
    sum += x[i] * w[i];
  return sum;
}

gint64
ox_ml_largest (const float *scores, gint64 n)
{
  gint64 best = 0;

  for (gint64 i = 1; i < n; i++)
    if (scores[i] > scores[best])
      best = i;
  return best;
}

int
ox_ml_n_labels (const OxMlLabels *labels)
{
  return labels->strings->n > 0 ? labels->strings->n : labels->ints->n;
}

OxDtype
ox_ml_label_dtype (const OxMlLabels *labels)
{
  return labels->strings->n > 0 ? OX_STR : OX_I64;
}

void
ox_ml_set_label (const OxMlLabels *labels, OxTensor *out, gint64 at, gint64 k)
{
  if (out->dtype == OX_STR)
    ox_tensor_set_string (out, at, labels->strings->v[k], -1);
  else
    ((gint64 *) out->data)[at] = labels->ints->v[k];
}
