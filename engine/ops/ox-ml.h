/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-move.h"

G_BEGIN_DECLS

/* What the operators of ai.onnx.ml have in common: rows of features, labels, transforms of scores. */

/* The numbers are those of TreeEnsemble-5. */
typedef enum
{
  OX_ML_NONE,
  OX_ML_SOFTMAX,
  OX_ML_LOGISTIC,
  OX_ML_SOFTMAX_ZERO,
  OX_ML_PROBIT,
} OxMlTransform;

/* How a single score of a binary classifier becomes two; with LOGISTIC they are those of -score and score. */
typedef enum
{
  OX_ML_ALONE,       /* it does not */
  OX_ML_COMPLEMENT,  /* 1 - score, score */
  OX_ML_OPPOSITE,    /* -score, score */
} OxMlSecond;

gboolean ox_ml_transform   (const char *name, OxMlTransform *transform, GError **error);
void     ox_ml_apply       (OxMlTransform transform, float *scores, gint64 n);
/* The same for the one score at scores[0]; writes two of them unless @second is OX_ML_ALONE or there is PROBIT. */
void     ox_ml_apply_one   (OxMlTransform transform, float *scores, OxMlSecond second);

/* X is [rows, features] or [features]: one row. Each may be OX_DIM_UNKNOWN. */
gboolean ox_ml_rows        (OxCall *call, OxDim *rows, OxDim *features, GError **error);

/* X as [rows, features] of double; NULL on error. */
const double *ox_ml_read   (OxCall *call, OxDim *rows, OxDim *features, GError **error);
double   ox_ml_dot         (const double *x, const float *w, gint64 n);
/* The first of the largest. */
gint64   ox_ml_largest     (const float *scores, gint64 n);

/* Labels are strings or integers. */
typedef struct
{
  const OxStrings *strings;
  const OxInts    *ints;
} OxMlLabels;

int      ox_ml_n_labels    (const OxMlLabels *labels);
OxDtype  ox_ml_label_dtype (const OxMlLabels *labels);
/* Element @at of @out becomes label @k. */
void     ox_ml_set_label   (const OxMlLabels *labels, OxTensor *out, gint64 at, gint64 k);

G_END_DECLS
