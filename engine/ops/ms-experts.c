/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-memory.h"
#include "kernel/ox-gemm.h"
#include "ops/ox-heads.h"
#include "ops/ox-move.h"

/* MoE of ONNX Runtime's domain: each token goes through the k networks of two or three layers that a router likes best. */

typedef struct
{
  gint64 k, normalize_routing_weights, use_sparse_mixer, swiglu_fusion;
  double activation_alpha, activation_beta;
  OxOptFloat swiglu_limit;
  const char *activation_type;
} MoeAttrs;

typedef enum { RELU, GELU, SILU, IDENTITY, SWIGLU, N_ACTIVATIONS } Activation;

enum { INPUT, ROUTER, FC1, FC1_BIAS, FC2, FC2_BIAS, FC3, FC3_BIAS };

typedef struct
{
  const MoeAttrs *attrs;
  Activation   activation;
  gint64       tokens, hidden, inner, experts, width;   /* width: rows of FC1, twice inner if two layers are in it */
  const float *x, *fc1, *b1, *fc2, *b2, *fc3, *b3;      /* a bias and the third layer may be NULL */
  float       *weights;                                 /* [tokens, experts], 0: not chosen */
} Moe;

static gboolean
moe_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, INPUT);

  if (ox_call_fact (call, ROUTER) == NULL || ox_call_fact (call, FC1) == NULL || ox_call_fact (call, FC2) == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "inputs %d, %d and %d must not be omitted", ROUTER, FC1, FC2);
  if (ox_fact_rank (x) >= 0 && x->rank != 2 && x->rank != 3)
    return ox_fail (error, OX_ERROR_SHAPE, "expected an input of 2 or 3 axes, found %d", x->rank);
  ox_call_set_like (call, 0, INPUT);
  return TRUE;
}

/* ---- the router ----------------------------------------------------------------------------------------------- */

static gint64
best_of (const float *scores, const float *taken, gint64 n)
{
  gint64 best = -1;

  for (gint64 i = 0; i < n; i++)
    if (taken[i] == 0 && (best < 0 || scores[i] > scores[best]))
      best = i;
  return best;
}

/* The weights of the @k best by the softmax of all scores; or of theirs alone. */
static void
choose (const float *scores, float *weights, gint64 n, gint64 k, gboolean alone)
{
  double sum = 0, top = -INFINITY;

  for (gint64 j = 0; j < k; j++)
    weights[best_of (scores, weights, n)] = 1;
  for (gint64 i = 0; i < n; i++)
    top = fmax (top, (double) scores[i]);
  for (gint64 i = 0; i < n; i++)
    sum += !alone || weights[i] != 0 ? exp ((double) scores[i] - top) : 0;
  for (gint64 i = 0; i < n; i++)
    weights[i] = weights[i] != 0 ? (float) (exp ((double) scores[i] - top) / sum) : 0;
}

/* The two best, each by the softmax of those that are not much worse than it; the second without the first. */
static void
choose_sparse (const float *scores, float *weights, gint64 n)
{
  const double jitter = 0.01;
  gint64 first = best_of (scores, weights, n);

  for (int turn = 0; turn < 2; turn++)
    {
      gint64 best = best_of (scores, weights, n);
      double top, sum = 0;

      if (best < 0)
        return;
      top = (double) scores[best];
      for (gint64 i = 0; i < n; i++)
        if ((turn == 0 || i != first) && (top - (double) scores[i]) / fmax (fabs ((double) scores[i]), top) <= 2 * jitter)
          sum += exp ((double) scores[i] - top);
      weights[best] = sum > 0 ? (float) (1 / sum) : 1;
    }
}

/* ---- the networks --------------------------------------------------------------------------------------------- */

static double
sigmoid (double x)
{
  return x >= 0 ? 1 / (1 + exp (-x)) : exp (x) / (1 + exp (x));
}

static float
activate (const Moe *m, float v)
{
  const double x = (double) v;

  switch (m->activation)
    {
    case RELU:
      return (float) fmax (x, 0);
    case GELU:
      /* By tanh, as ONNX Runtime does. */
      return (float) (0.5 * x * (1 + tanh (0.7978845608028654 * (x + 0.044715 * x * x * x))));
    case SILU:
      return (float) (x * sigmoid (x));
    default:
      return v;
    }
}

static float
swiglu (const Moe *m, float gate, float linear)
{
  const double limit = m->attrs->swiglu_limit.set ? m->attrs->swiglu_limit.v : INFINITY;
  const double g = fmin ((double) gate, limit), l = fmax (fmin ((double) linear, limit), -limit);

  return (float) (g * sigmoid (m->attrs->activation_alpha * g) * (l + m->attrs->activation_beta));
}

/* y [n, columns] = x [n, inner] w' + bias */
static void
layer (const float *x, gint64 n, gint64 inner, const float *w, const float *bias, gint64 columns, float *y)
{
  for (gint64 i = 0; i < n * columns; i++)
    y[i] = bias != NULL ? bias[i % columns] : 0;
  ox_gemm_f32 (FALSE, TRUE, n, columns, inner, 1, x, inner, w, inner, 1, y, columns);
}

/* Adds to y what expert @e makes of its tokens. rows: [tokens, hidden], one and three: [tokens, width], two: [tokens, inner] */
static void
do_expert (const Moe *m, gint64 e, float *rows, float *one, float *two, float *three, float *y)
{
  const gboolean third = m->fc3 != NULL;
  gint64 n = 0;

  for (gint64 t = 0; t < m->tokens; t++)
    if (m->weights[t * m->experts + e] != 0)
      memcpy (rows + n++ * m->hidden, m->x + t * m->hidden, (gsize) m->hidden * sizeof (float));
  if (n == 0)
    return;
  layer (rows, n, m->hidden, m->fc1 + e * m->width * m->hidden, m->b1 != NULL ? m->b1 + e * m->width : NULL, m->width, one);
  if (third)
    layer (rows, n, m->hidden, m->fc3 + e * m->inner * m->hidden, m->b3 != NULL ? m->b3 + e * m->inner : NULL, m->inner, three);
  for (gint64 i = 0; i < n; i++)
    for (gint64 j = 0; j < m->inner; j++)
      {
        const float *row = one + i * m->width, *other = three + i * m->inner;

        two[i * m->inner + j] = m->activation != SWIGLU ? activate (m, row[j]) * (third ? other[j] : 1)
                                : m->attrs->swiglu_fusion == 1 ? swiglu (m, row[2 * j], row[2 * j + 1])
                                : m->attrs->swiglu_fusion == 2 ? swiglu (m, row[j], row[m->inner + j])
                                                               : swiglu (m, row[j], other[j]);
      }
  layer (two, n, m->inner, m->fc2 + e * m->hidden * m->inner, m->b2 != NULL ? m->b2 + e * m->hidden : NULL, m->hidden, rows);
  n = 0;
  for (gint64 t = 0; t < m->tokens; t++)
    {
      const float weight = m->weights[t * m->experts + e];

      for (gint64 j = 0; j < m->hidden && weight != 0; j++)
        y[t * m->hidden + j] += weight * rows[n * m->hidden + j];
      n += weight != 0;
    }
}

/* ---- the run -------------------------------------------------------------------------------------------------- */

static gboolean
read_layer (OxCall *call, const Moe *m, int i, const char *name, gint64 rows, gint64 columns, const float **weight,
            const float **bias, GError **error)
{
  const OxTensor *tensor = ox_call_in_as (call, i, OX_F32, error);
  g_autofree char *want = g_strdup_printf ("%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT, m->experts, rows, columns);

  if (tensor == NULL)
    return FALSE;
  if (tensor->rank != 3 || tensor->dims[0] != m->experts || tensor->dims[1] != rows || tensor->dims[2] != columns)
    return ox_fail_shape (call, i, name, want, error);
  *weight = (const float *) (const void *) tensor->data;
  return ox_call_in (call, i + 1) == NULL
         || (*bias = ox_call_floats (call, i + 1, "the bias of a layer", m->experts * rows, error)) != NULL;
}

static gboolean
check_attrs (const MoeAttrs *attrs, Moe *m, gboolean third, GError **error)
{
  static const char *const names[N_ACTIVATIONS] = { "relu", "gelu", "silu", "identity", "swiglu" };

  for (m->activation = 0; m->activation < N_ACTIVATIONS; m->activation++)
    if (strcmp (attrs->activation_type, names[m->activation]) == 0)
      break;
  if (m->activation == N_ACTIVATIONS)
    return ox_fail (error, OX_ERROR_VALUE, "activation_type '%s', expected relu, gelu, silu, identity or swiglu",
                    attrs->activation_type);
  if (attrs->swiglu_fusion < 0 || attrs->swiglu_fusion > 2)
    return ox_fail (error, OX_ERROR_VALUE, "swiglu_fusion is 0 to 2, found %" G_GINT64_FORMAT, attrs->swiglu_fusion);
  if (m->activation == SWIGLU && third != (attrs->swiglu_fusion == 0))
    return ox_fail (error, OX_ERROR_MODEL, "swiglu takes its second half from fc3_experts_weights exactly if swiglu_fusion is 0");
  if (attrs->k < 1 || attrs->k > m->experts || (attrs->use_sparse_mixer && attrs->k != 2))
    return ox_fail (error, OX_ERROR_VALUE, "k is %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " experts%s", attrs->k, m->experts,
                    attrs->use_sparse_mixer ? ", the sparse mixer takes 2" : "");
  return TRUE;
}

static gboolean
moe_run (OxCall *call, GError **error)
{
  const MoeAttrs *attrs = call->attrs;
  const OxTensor *x = ox_call_in_as (call, INPUT, OX_F32, error), *router, *fc2 = ox_call_in (call, FC2);
  const gboolean third = ox_call_in (call, FC3) != NULL;
  float *rows, *one, *two, *three, *y;
  Moe m = { .attrs = attrs };
  gint64 count;

  if (x == NULL || !ox_call_in_float (call, INPUT, error) || (router = ox_call_in_as (call, ROUTER, OX_F32, error)) == NULL)
    return FALSE;
  m.x = (const float *) (const void *) x->data;
  m.hidden = x->dims[x->rank - 1];
  m.tokens = x->rank == 3 ? x->dims[0] * x->dims[1] : x->dims[0];
  if (router->rank != 2 || router->dims[0] != m.tokens || router->dims[1] < 1)
    return ox_fail_shape (call, ROUTER, "router_probs", "[tokens, experts]", error);
  m.experts = router->dims[1];
  if (fc2->rank != 3)
    return ox_fail_shape (call, FC2, "fc2_experts_weights", "[experts, hidden, inner]", error);
  m.inner = fc2->dims[2];
  if (!check_attrs (attrs, &m, third, error))
    return FALSE;
  m.width = m.activation == SWIGLU && attrs->swiglu_fusion != 0 ? 2 * m.inner : m.inner;
  if (!read_layer (call, &m, FC1, "fc1_experts_weights", m.width, m.hidden, &m.fc1, &m.b1, error)
      || !read_layer (call, &m, FC2, "fc2_experts_weights", m.hidden, m.inner, &m.fc2, &m.b2, error)
      || (third && !read_layer (call, &m, FC3, "fc3_experts_weights", m.inner, m.hidden, &m.fc3, &m.b3, error)))
    return FALSE;
  if (!ox_dims_count ((const gint64[]) { m.tokens, m.width }, 2, &count))
    return ox_fail (error, OX_ERROR_MEMORY, "the layers are too large");
  if ((m.weights = ox_call_scratch_n (call, router->count, sizeof (float), error)) == NULL
      || (rows = ox_call_scratch_n (call, x->count, sizeof (float), error)) == NULL
      || (one = ox_call_scratch_n (call, count, sizeof (float), error)) == NULL
      || (two = ox_call_scratch_n (call, count, sizeof (float), error)) == NULL
      || (three = ox_call_scratch_n (call, count, sizeof (float), error)) == NULL
      || (y = ox_call_scratch_n (call, x->count, sizeof (float), error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < x->count; i++)
    y[i] = 0;
  for (gint64 t = 0; t < m.tokens; t++)
    {
      const float *scores = (const float *) (const void *) router->data + t * m.experts;

      for (gint64 e = 0; e < m.experts; e++)
        m.weights[t * m.experts + e] = 0;
      if (attrs->use_sparse_mixer)
        choose_sparse (scores, m.weights + t * m.experts, m.experts);
      else
        choose (scores, m.weights + t * m.experts, m.experts, attrs->k, attrs->normalize_routing_weights != 0);
    }
  for (gint64 e = 0; e < m.experts; e++)
    {
      if (ox_call_cancelled (call, error))
        return FALSE;
      do_expert (&m, e, rows, one, two, three, y);
    }
  return ox_call_store_f32 (call, 0, y, error);
}

static const OxAttrSpec moe_specs[] = {
  OX_INT (MoeAttrs, k, 1),
  OX_INT (MoeAttrs, normalize_routing_weights, 0),
  OX_INT (MoeAttrs, use_sparse_mixer, 0),
  OX_INT (MoeAttrs, swiglu_fusion, 0),
  OX_FLOAT (MoeAttrs, activation_alpha, 1),
  OX_FLOAT (MoeAttrs, activation_beta, 0),
  OX_ATTR (MoeAttrs, swiglu_limit, OPT_FLOAT),
  OX_STRING (MoeAttrs, activation_type, "relu"),
};

static const OxOp ms_experts_rows[] = {
  { "MoE", 1, { 1, 8 }, { 1, 1 }, OX_ATTRS (moe_specs, MoeAttrs), moe_infer, moe_run },
};

OX_FAMILY (ms_experts, "com.microsoft", ms_experts_rows);
