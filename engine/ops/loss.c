/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "ops/ox-op.h"

/* NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss. */

typedef struct { const char *reduction; OxOptInt ignore_index; } LossAttrs;

typedef enum { NONE, SUM, MEAN } Reduction;

static gboolean
read_reduction (const LossAttrs *attrs, Reduction *reduction, GError **error)
{
  *reduction = strcmp (attrs->reduction, "none") == 0 ? NONE : strcmp (attrs->reduction, "sum") == 0 ? SUM : MEAN;
  return *reduction != MEAN || strcmp (attrs->reduction, "mean") == 0
         || ox_fail (error, OX_ERROR_VALUE, "reduction is none, sum or mean, found '%s'", attrs->reduction);
}

/* The loss has the labels' shape, or none; log_prob that of the scores. */
static gboolean
infer_loss (OxCall *call, GError **error)
{
  const OxFact *scores = ox_call_fact (call, 0), *labels = ox_call_fact (call, 1);
  Reduction reduction;

  if (!read_reduction (call->attrs, &reduction, error))
    return FALSE;
  if (scores == NULL || labels == NULL)
    return TRUE;
  if (scores->rank >= 0 && scores->rank < 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a batch and classes, found rank %d", scores->rank);
  if (scores->rank >= 0 && labels->rank >= 0)
    {
      if (labels->rank != scores->rank - 1)
        return ox_fail (error, OX_ERROR_SHAPE, "labels should have rank %d, found %d", scores->rank - 1, labels->rank);
      for (int i = 0; i < labels->rank; i++)
        {
          OxDim a = scores->dims[i == 0 ? 0 : i + 1], b = labels->dims[i];

          if (ox_dim_known (a) && ox_dim_known (b) && a != b)
            return ox_fail (error, OX_ERROR_SHAPE, "axis %d of the labels is %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT, i, b, a);
        }
    }
  if (reduction == NONE)
    ox_call_set (call, 0, scores->dtype, labels->rank, labels->dims);
  else
    ox_call_set (call, 0, scores->dtype, 0, NULL);
  ox_call_set_like (call, 1, 0);
  return TRUE;
}

/* log (softmax) along the classes, in double. */
static void
log_softmax (double *to, const double *from, gint64 batch, gint64 classes, gint64 inner)
{
  for (gint64 n = 0; n < batch && !ox_turn (); n++)
    for (gint64 d = 0; d < inner && !ox_turn (); d++)
      {
        const double *x = from + n * classes * inner + d;
        double *y = to + n * classes * inner + d;
        double top = -INFINITY, sum = 0;

        for (gint64 c = 0; c < classes && !ox_pause (c); c++)
          top = fmax (top, x[c * inner]);
        for (gint64 c = 0; c < classes && !ox_pause (c); c++)
          sum += exp (x[c * inner] - top);
        for (gint64 c = 0; c < classes && !ox_pause (c); c++)
          y[c * inner] = x[c * inner] - top - log (sum);
      }
}

static gboolean
sum_losses (OxCall *call, const double *log_prob, gint64 batch, gint64 classes, gint64 inner, GError **error)
{
  const LossAttrs *attrs = call->attrs;
  const OxTensor *labels = ox_call_in (call, 1), *weights = ox_call_in (call, 2);
  OxTensor *out = ox_call_out (call, 0, error);
  double total = 0, weight_sum = 0;
  Reduction reduction;

  if (out == NULL || !read_reduction (attrs, &reduction, error))
    return FALSE;
  if (weights != NULL && weights->count != classes)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " weights for %" G_GINT64_FORMAT " classes", weights->count, classes);
  for (gint64 i = 0; i < batch * inner && !ox_pause (i); i++)
    {
      gint64 label = ox_tensor_get_int (labels, i);
      gboolean ignored = attrs->ignore_index.set && label == attrs->ignore_index.v;
      double weight, loss;

      if (!ignored && (label < 0 || label >= classes))
        return ox_fail (error, OX_ERROR_VALUE, "label %" G_GINT64_FORMAT " at place %" G_GINT64_FORMAT " is not in 0..%" G_GINT64_FORMAT,
                        label, i, classes - 1);
      weight = ignored ? 0 : weights != NULL ? ox_tensor_get (weights, label) : 1;
      loss = ignored ? 0 : -weight * log_prob[(i / inner * classes + label) * inner + i % inner];
      total += loss;
      weight_sum += weight;
      if (reduction == NONE)
        ox_tensor_set (out, i, loss);
    }
  if (reduction != NONE)
    ox_tensor_set (out, 0, reduction == MEAN ? total / weight_sum : total);
  return TRUE;
}

static gboolean
run_loss (OxCall *call, GError **error)
{
  gboolean from_scores = call->op->code;
  const OxTensor *scores = ox_call_in_as (call, 0, OX_F64, error), *labels = ox_call_in (call, 1);
  gint64 batch, classes, inner = 1;
  const double *log_prob;
  double *made = NULL;

  if (scores == NULL)
    return FALSE;
  if (!ox_dtype_is_float (ox_call_in (call, 0)->dtype) || !ox_dtype_is_integer (labels->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected floats and integer labels, found %s and %s",
                    ox_dtype_name (ox_call_in (call, 0)->dtype), ox_dtype_name (labels->dtype));
  batch = scores->dims[0];
  classes = scores->dims[1];
  for (int i = 2; i < scores->rank; i++)
    inner *= scores->dims[i];
  log_prob = (const double *) (const void *) scores->data;
  if (from_scores)
    {
      made = ox_call_scratch_n (call, scores->count + 1, sizeof (double), error);
      if (made == NULL)
        return FALSE;
      log_softmax (made, log_prob, batch, classes, inner);
      log_prob = made;
      if (ox_call_wants (call, 1))
        {
          OxTensor *out = ox_call_out (call, 1, error);

          if (out == NULL)
            return FALSE;
          for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
            ox_tensor_set (out, i, made[i]);
        }
    }
  return sum_losses (call, log_prob, batch, classes, inner, error);
}

static const OxAttrSpec loss_specs[] = { OX_STRING (LossAttrs, reduction, "mean"), OX_ATTR (LossAttrs, ignore_index, OPT_INT) };

static const OxOp loss_rows[] = {
  { "NegativeLogLikelihoodLoss", 12, { 2, 3 }, { 1, 1 }, OX_ATTRS (loss_specs, LossAttrs), infer_loss, run_loss },
  { "SoftmaxCrossEntropyLoss", 12, { 2, 3 }, { 1, 2 }, OX_ATTRS (loss_specs, LossAttrs), infer_loss, run_loss, .code = TRUE },
};

OX_FAMILY (loss, "ai.onnx", loss_rows);
