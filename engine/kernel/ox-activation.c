/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kernel/ox-activation.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"

typedef enum { NONE, RELU, LEAKY_RELU, TANH, SIGMOID, CLIP, HARD_SIGMOID, ELU, SOFTPLUS, GELU, HARD_SWISH } Kind;

static const struct { const char *name; Kind kind; double a, b; } kinds[] = {
  { "", NONE, 0, 0 },
  { "Relu", RELU, 0, 0 },
  { "LeakyRelu", LEAKY_RELU, 0.01, 0 },
  { "Tanh", TANH, 0, 0 },
  { "Sigmoid", SIGMOID, 0, 0 },
  { "Clip", CLIP, -INFINITY, INFINITY },
  { "HardSigmoid", HARD_SIGMOID, 0.2, 0.5 },
  { "Elu", ELU, 1, 0 },
  { "Softplus", SOFTPLUS, 0, 0 },
  { "Gelu", GELU, 0, 0 },
  { "HardSwish", HARD_SWISH, 0, 0 },
};

gboolean
ox_activation_read (OxActivation *activation, const char *name, int n, const double *numbers, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].name, name != NULL ? name : "") == 0)
      {
        activation->kind = kinds[i].kind;
        activation->a = n > 0 ? numbers[0] : kinds[i].a;
        activation->b = n > 1 ? numbers[1] : kinds[i].b;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "the activation is '%s', expected one like Relu", name);
}

static double
value (const OxActivation *activation, double x)
{
  switch ((Kind) activation->kind)
    {
    case RELU:
      return x > 0 || isnan (x) ? x : 0;
    case LEAKY_RELU:
      return x >= 0 || isnan (x) ? x : activation->a * x;
    case TANH:
      return tanh (x);
    case SIGMOID:
      return 1 / (1 + exp (-x));
    case CLIP:
      return x < activation->a ? activation->a : x > activation->b ? activation->b : x;
    case HARD_SIGMOID:
      return CLAMP (activation->a * x + activation->b, 0, 1);
    case ELU:
      return x >= 0 ? x : activation->a * expm1 (x);
    case SOFTPLUS:
      return x > 0 ? x + log1p (exp (-x)) : log1p (exp (x));
    case GELU:
      return 0.5 * x * (1 + erf (x * M_SQRT1_2));
    case HARD_SWISH:
      return x * CLAMP (x / 6 + 0.5, 0, 1);
    case NONE:
    default:
      return x;
    }
}

typedef struct
{
  const OxActivation *activation;
  OxTensor           *tensor;
} Job;

static void
apply_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  const OxTensor *tensor = job->tensor;
  float slope = job->activation->kind == RELU ? 0 : (float) job->activation->a;
  gint64 size = (gint64) ox_dtype_size (tensor->dtype);

  /* The usual ones in float get a loop that can be vectorised. */
  if (tensor->dtype == OX_F32 && (job->activation->kind == RELU || job->activation->kind == LEAKY_RELU))
    {
      float *x = (float *) tensor->data;

      _Pragma ("omp simd") for (gint64 i = begin; i < end; i++)
        x[i] = x[i] < 0 ? slope * x[i] : x[i];
    }
  else if (tensor->dtype == OX_F32 && job->activation->kind == CLIP)
    {
      float *x = (float *) tensor->data, low = (float) job->activation->a, high = (float) job->activation->b;

      _Pragma ("omp simd") for (gint64 i = begin; i < end; i++)
        x[i] = x[i] < low ? low : x[i] > high ? high : x[i];
    }
  else
    for (gint64 i = begin; i < end; i++)
      ox_element_set (tensor->dtype, tensor->data + i * size,
                      value (job->activation, ox_element_get (tensor->dtype, tensor->data + i * size)));
}

void
ox_activation_apply (const OxActivation *activation, OxTensor *tensor)
{
  Job job = { activation, tensor };

  if (activation->kind != NONE)
    ox_parallel_for (tensor->count, 8192, apply_range, &job);
}
