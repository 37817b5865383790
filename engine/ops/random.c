/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "ops/ox-op.h"
#include "ops/ox-sub.h"

/* Random tensors, and Dropout. With a seed attribute the numbers depend on it alone; without one on the session's seed
 * and the node's place, so that a step done again draws the same. Other runtimes draw others. */

typedef struct { OxInts shape; gint64 dtype; double mean, scale, low, high; OxOptFloat seed; } RandomAttrs;
typedef struct { OxOptInt dtype; double mean, scale, low, high; OxOptFloat seed; } LikeAttrs;
typedef struct { gint64 sample_size, dtype; OxOptFloat seed; } MultinomialAttrs;
typedef struct { OxOptInt dtype; OxOptFloat seed; } BernoulliAttrs;

enum { NORMAL, UNIFORM };

/* ---- the generator: MT19937, whose doubles numpy's legacy generator gives for the same seed ------------------- */

#define MT_N 624
#define MT_M 397

typedef struct
{
  guint32 state[MT_N];
  int     at;
} Mt;

static void
mt_seed (Mt *mt, guint32 seed)
{
  mt->state[0] = seed;
  for (guint32 i = 1; i < MT_N; i++)
    mt->state[i] = 1812433253u * (mt->state[i - 1] ^ (mt->state[i - 1] >> 30)) + i;
  mt->at = MT_N;
}

static guint32
mt_next (Mt *mt)
{
  guint32 y;

  if (mt->at == MT_N)
    {
      for (int i = 0; i < MT_N; i++)
        {
          y = (mt->state[i] & 0x80000000u) | (mt->state[(i + 1) % MT_N] & 0x7fffffffu);
          mt->state[i] = mt->state[(i + MT_M) % MT_N] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
        }
      mt->at = 0;
    }
  y = mt->state[mt->at++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

/* 0 <= x < 1 with 53 bits. */
static double
mt_uniform (Mt *mt)
{
  guint32 a = mt_next (mt) >> 5, b = mt_next (mt) >> 6;

  return (a * 67108864.0 + b) / 9007199254740992.0;
}

static double
mt_normal (Mt *mt)
{
  double u = mt_uniform (mt), v = mt_uniform (mt);

  return sqrt (-2 * log (1 - u)) * cos (2 * G_PI * v);
}

/* A seed attribute is a float; its whole part counts, as in numpy. */
static void
start (OxCall *call, OxOptFloat seed, Mt *mt)
{
  guint64 s = ox_call_seed (call);

  if (seed.set)
    s = isfinite (seed.v) ? (guint64) (gint64) CLAMP (seed.v, -9e18, 9e18) : 0;
  mt_seed (mt, (guint32) (s ^ (s >> 32)));
}

static gboolean
check_type (gint64 dtype, GError **error)
{
  return (dtype > 0 && dtype < OX_N_DTYPES && ox_dtype_is_float ((OxDtype) dtype))
         || ox_fail (error, OX_ERROR_VALUE, "dtype %" G_GINT64_FORMAT " is not a float type", dtype);
}

static gboolean
fill (OxCall *call, OxOptFloat seed, double a, double b, GError **error)
{
  OxTensor *out = ox_call_out (call, 0, error);
  Mt mt;

  if (out == NULL)
    return FALSE;
  start (call, seed, &mt);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    ox_tensor_set (out, i, call->op->code == NORMAL ? a + b * mt_normal (&mt) : a + (b - a) * mt_uniform (&mt));
  return TRUE;
}

static gboolean
infer_random (OxCall *call, GError **error)
{
  const RandomAttrs *attrs = call->attrs;

  if (!check_type (attrs->dtype, error))
    return FALSE;
  if (attrs->shape.n > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "the shape has %d dimensions", attrs->shape.n);
  for (int i = 0; i < attrs->shape.n; i++)
    if (attrs->shape.v[i] < 0)
      return ox_fail (error, OX_ERROR_SHAPE, "dimension %d is %" G_GINT64_FORMAT, i, attrs->shape.v[i]);
  ox_call_set (call, 0, (OxDtype) attrs->dtype, attrs->shape.n, attrs->shape.v);
  return TRUE;
}

static gboolean
run_random (OxCall *call, GError **error)
{
  const RandomAttrs *attrs = call->attrs;

  return call->op->code == NORMAL ? fill (call, attrs->seed, attrs->mean, attrs->scale, error)
                                  : fill (call, attrs->seed, attrs->low, attrs->high, error);
}

static gboolean
infer_like (OxCall *call, GError **error)
{
  const LikeAttrs *attrs = call->attrs;
  const OxFact *fact = ox_call_fact (call, 0);
  gint64 dtype = attrs->dtype.set ? attrs->dtype.v : fact != NULL ? (gint64) fact->dtype : OX_F32;

  if (fact == NULL || fact->dtype == OX_UNDEFINED)
    return TRUE;
  if (!check_type (dtype, error))
    return FALSE;
  ox_call_set (call, 0, (OxDtype) dtype, fact->rank, fact->dims);
  return TRUE;
}

static gboolean
run_like (OxCall *call, GError **error)
{
  const LikeAttrs *attrs = call->attrs;

  return call->op->code == NORMAL ? fill (call, attrs->seed, attrs->mean, attrs->scale, error)
                                  : fill (call, attrs->seed, attrs->low, attrs->high, error);
}

/* ---- drawing from probabilities ------------------------------------------------------------------------------- */

static gboolean
infer_bernoulli (OxCall *call, GError **error)
{
  const BernoulliAttrs *attrs = call->attrs;
  const OxFact *fact = ox_call_fact (call, 0);
  gint64 dtype = attrs->dtype.set ? attrs->dtype.v : fact != NULL ? (gint64) fact->dtype : 0;

  if (fact == NULL || fact->dtype == OX_UNDEFINED)
    return TRUE;
  if (dtype < 1 || dtype >= OX_N_DTYPES || dtype == OX_STR)
    return ox_fail (error, OX_ERROR_VALUE, "dtype %" G_GINT64_FORMAT " cannot hold 0 and 1", dtype);
  ox_call_set (call, 0, (OxDtype) dtype, fact->rank, fact->dims);
  return TRUE;
}

static gboolean
run_bernoulli (OxCall *call, GError **error)
{
  const BernoulliAttrs *attrs = call->attrs;
  const OxTensor *in = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);
  Mt mt;

  if (out == NULL)
    return FALSE;
  start (call, attrs->seed, &mt);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    ox_tensor_set (out, i, mt_uniform (&mt) < ox_tensor_get (in, i));
  return TRUE;
}

static gboolean
infer_multinomial (OxCall *call, GError **error)
{
  const MultinomialAttrs *attrs = call->attrs;
  const OxFact *fact = ox_call_fact (call, 0);
  OxDim dims[2] = { OX_DIM_UNKNOWN, attrs->sample_size };

  if (attrs->dtype != OX_I32 && attrs->dtype != OX_I64)
    return ox_fail (error, OX_ERROR_VALUE, "dtype should be int32 or int64, found %" G_GINT64_FORMAT, attrs->dtype);
  if (attrs->sample_size < 0)
    return ox_fail (error, OX_ERROR_VALUE, "sample_size is %" G_GINT64_FORMAT, attrs->sample_size);
  if (fact != NULL && fact->rank >= 0 && fact->rank != 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected a matrix of log-probabilities, found rank %d", fact->rank);
  if (fact != NULL && fact->rank == 2)
    dims[0] = fact->dims[0];
  ox_call_set (call, 0, (OxDtype) attrs->dtype, 2, dims);
  return TRUE;
}

static gboolean
run_multinomial (OxCall *call, GError **error)
{
  const MultinomialAttrs *attrs = call->attrs;
  const OxTensor *in = ox_call_in (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);
  gint64 classes = in->dims[1];
  double *sums;
  Mt mt;

  if (out == NULL)
    return FALSE;
  if (classes == 0 && out->count > 0)
    return ox_fail (error, OX_ERROR_SHAPE, "there are no classes to draw from");
  sums = ox_call_scratch_n (call, classes, sizeof (double), error);
  if (sums == NULL)
    return FALSE;
  start (call, attrs->seed, &mt);
  for (gint64 row = 0; row < in->dims[0]; row++)
    {
      double top = -INFINITY, sum = 0;

      if (ox_call_cancelled (call, error))
        return FALSE;
      for (gint64 c = 0; c < classes && !ox_pause (c); c++)
        top = fmax (top, ox_tensor_get (in, row * classes + c));
      for (gint64 c = 0; c < classes && !ox_pause (c); c++)
        sums[c] = sum += exp (ox_tensor_get (in, row * classes + c) - top);
      for (gint64 s = 0; s < attrs->sample_size && !ox_pause (s); s++)
        {
          double draw = mt_uniform (&mt) * sum;
          gint64 c = 0, beyond = classes - 1;

          /* The first class whose sum is more than what was drawn. */
          while (c < beyond)
            if (sums[c + (beyond - c) / 2] <= draw)
              c += (beyond - c) / 2 + 1;
            else
              beyond = c + (beyond - c) / 2;
          ox_tensor_set (out, row * attrs->sample_size + s, (double) c);
        }
    }
  return TRUE;
}

/* ---- Dropout -------------------------------------------------------------------------------------------------- */

typedef struct { double ratio; OxOptInt is_test, seed; } DropoutAttrs;

static gboolean
infer_dropout (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_fact (call, 0);

  ox_call_set_like (call, 0, 0);
  if (fact != NULL)
    ox_call_set (call, 1, call->op->since < 10 ? fact->dtype : OX_BOOL, fact->rank, fact->dims);
  return TRUE;
}

static gboolean
infer_bias_dropout (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_fact (call, 0);

  ox_call_set_like (call, 0, 0);
  if (fact != NULL)
    ox_call_set (call, 1, OX_BOOL, fact->rank, fact->dims);
  return TRUE;
}

/* What is kept is scaled, so that sums stay as they are. */
static gboolean
drop (OxCall *call, double ratio, OxOptFloat seed, GError **error)
{
  const OxTensor *in = ox_call_in (call, 0);
  OxTensor *mask = ox_call_wants (call, 1) ? ox_call_out (call, 1, error) : NULL;
  OxTensor *out;
  Mt mt;

  if (ox_call_wants (call, 1) && mask == NULL)
    return FALSE;
  if (ratio == 0)
    {
      for (gint64 i = 0; mask != NULL && i < mask->count && !ox_pause (i); i++)
        ox_tensor_set (mask, i, 1);
      ox_call_take_value (call, 0, ox_value_ref (ox_call_in_value (call, 0)));
      return TRUE;
    }
  if (!(ratio > 0 && ratio < 1))
    return ox_fail (error, OX_ERROR_VALUE, "the ratio should be in 0..1 and less than 1, found %g", ratio);
  out = ox_call_out (call, 0, error);
  if (out == NULL)
    return FALSE;
  start (call, seed, &mt);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      gboolean keep = mt_uniform (&mt) >= ratio;

      ox_tensor_set (out, i, keep ? ox_tensor_get (in, i) / (1 - ratio) : 0);
      if (mask != NULL)
        ox_tensor_set (mask, i, keep);
    }
  return TRUE;
}

static gboolean
run_old_dropout (OxCall *call, GError **error)
{
  const DropoutAttrs *attrs = call->attrs;

  /* From opset 7 on inference drops nothing. Before, is_test decided; exporters left it out of models for inference, and
   * the standard's own cases expect nothing to be dropped then, so only an explicit 0 trains. */
  return drop (call, call->op->since < 7 && attrs->is_test.set && attrs->is_test.v == 0 ? attrs->ratio : 0, (OxOptFloat) { 0 },
               error);
}

static gboolean
run_dropout (OxCall *call, GError **error)
{
  const DropoutAttrs *attrs = call->attrs;
  const OxTensor *ratio = ox_call_in (call, 1), *training = ox_call_in (call, 2);
  OxOptFloat seed = { (double) attrs->seed.v, attrs->seed.set };

  if ((ratio != NULL && ratio->count != 1) || (training != NULL && (training->count != 1 || training->dtype != OX_BOOL)))
    return ox_fail (error, OX_ERROR_SHAPE, "expected one number as ratio and one bool as training_mode");
  if (training == NULL || ox_tensor_get_int (training, 0) == 0)
    return drop (call, 0, seed, error);
  return drop (call, ratio != NULL ? ox_tensor_get (ratio, 0) : 0.5, seed, error);
}

/* ---- BiasDropout of ONNX Runtime: a sum, dropped from, and a residual --------------------------------------------- */

static gboolean
run_bias_dropout (OxCall *call, GError **error)
{
  const DropoutAttrs *attrs = call->attrs;
  OxTensor *x = (OxTensor *) ox_call_in (call, 0), *mask = NULL, *out;
  const OxTensor *residual = ox_call_in (call, 2), *given = ox_call_in (call, 3), *training = ox_call_in (call, 4);
  g_autoptr (OxTensor) sum = ox_sub_binary (call, "Add", x, (OxTensor *) ox_call_in (call, 1), error);
  double ratio = 0;
  Mt mt;

  if (sum == NULL)
    return FALSE;
  if (!ox_tensor_same_shape (sum, x) || (residual != NULL && !ox_tensor_same_shape (residual, x)))
    return ox_fail (error, OX_ERROR_SHAPE, "bias or residual do not have the shape of the data");
  if ((given != NULL && given->count != 1) || (training != NULL && (training->count != 1 || training->dtype != OX_BOOL)))
    return ox_fail (error, OX_ERROR_SHAPE, "expected one number as ratio and one bool as training_mode");
  if (training != NULL && ox_tensor_get_int (training, 0) != 0)
    ratio = given != NULL ? ox_tensor_get (given, 0) : 0.5;
  if (!(ratio >= 0 && ratio < 1))
    return ox_fail (error, OX_ERROR_VALUE, "the ratio should be in 0..1 and less than 1, found %g", ratio);
  if ((out = ox_call_out (call, 0, error)) == NULL
      || (ox_call_wants (call, 1) && (mask = ox_call_out (call, 1, error)) == NULL))
    return FALSE;
  start (call, (OxOptFloat) { (double) attrs->seed.v, attrs->seed.set }, &mt);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    {
      gboolean keep = ratio == 0 || mt_uniform (&mt) >= ratio;

      ox_tensor_set (out, i, (keep ? ox_tensor_get (sum, i) / (1 - ratio) : 0)
                             + (residual != NULL ? ox_tensor_get (residual, i) : 0));
      if (mask != NULL)
        ox_tensor_set (mask, i, keep);
    }
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

#define SEED(S) OX_ATTR (S, seed, OPT_FLOAT)
static const OxAttrSpec normal_specs[] = { OX_NEED (RandomAttrs, shape, INTS), OX_INT (RandomAttrs, dtype, 1),
                                           OX_FLOAT (RandomAttrs, mean, 0), OX_FLOAT (RandomAttrs, scale, 1),
                                           SEED (RandomAttrs) };
static const OxAttrSpec uniform_specs[] = { OX_NEED (RandomAttrs, shape, INTS), OX_INT (RandomAttrs, dtype, 1),
                                            OX_FLOAT (RandomAttrs, low, 0), OX_FLOAT (RandomAttrs, high, 1),
                                            SEED (RandomAttrs) };
static const OxAttrSpec normal_like_specs[] = { OX_ATTR (LikeAttrs, dtype, OPT_INT), OX_FLOAT (LikeAttrs, mean, 0),
                                                OX_FLOAT (LikeAttrs, scale, 1), SEED (LikeAttrs) };
static const OxAttrSpec uniform_like_specs[] = { OX_ATTR (LikeAttrs, dtype, OPT_INT), OX_FLOAT (LikeAttrs, low, 0),
                                                 OX_FLOAT (LikeAttrs, high, 1), SEED (LikeAttrs) };
static const OxAttrSpec bernoulli_specs[] = { OX_ATTR (BernoulliAttrs, dtype, OPT_INT), SEED (BernoulliAttrs) };
static const OxAttrSpec multinomial_specs[] = { OX_INT (MultinomialAttrs, sample_size, 1),
                                                OX_INT (MultinomialAttrs, dtype, OX_I32), SEED (MultinomialAttrs) };
static const OxAttrSpec dropout1_specs[] = { OX_FLOAT (DropoutAttrs, ratio, 0.5), OX_ATTR (DropoutAttrs, is_test, OPT_INT),
                                             OX_IGNORE ("consumed_inputs") };
static const OxAttrSpec dropout6_specs[] = { OX_FLOAT (DropoutAttrs, ratio, 0.5), OX_ATTR (DropoutAttrs, is_test, OPT_INT) };
static const OxAttrSpec dropout7_specs[] = { OX_FLOAT (DropoutAttrs, ratio, 0.5) };
static const OxAttrSpec dropout12_specs[] = { OX_ATTR (DropoutAttrs, seed, OPT_INT) };
#define DROPOUT(since_, specs_, in_max, run_) \
  { "Dropout", since_, { 1, in_max }, { 1, 2 }, OX_ATTRS (specs_, DropoutAttrs), infer_dropout, run_, .flags = OX_OP_RANDOM }

static const OxOp random_rows[] = {
  { "RandomNormal", 1, { 0, 0 }, { 1, 1 }, OX_ATTRS (normal_specs, RandomAttrs), infer_random, run_random,
    .flags = OX_OP_RANDOM, .code = NORMAL },
  { "RandomUniform", 1, { 0, 0 }, { 1, 1 }, OX_ATTRS (uniform_specs, RandomAttrs), infer_random, run_random,
    .flags = OX_OP_RANDOM, .code = UNIFORM },
  { "RandomNormalLike", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (normal_like_specs, LikeAttrs), infer_like, run_like,
    .flags = OX_OP_RANDOM, .code = NORMAL },
  { "RandomUniformLike", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (uniform_like_specs, LikeAttrs), infer_like, run_like,
    .flags = OX_OP_RANDOM, .code = UNIFORM },
  { "Bernoulli", 15, { 1, 1 }, { 1, 1 }, OX_ATTRS (bernoulli_specs, BernoulliAttrs), infer_bernoulli, run_bernoulli,
    .flags = OX_OP_RANDOM },
  { "Multinomial", 7, { 1, 1 }, { 1, 1 }, OX_ATTRS (multinomial_specs, MultinomialAttrs), infer_multinomial,
    run_multinomial, .flags = OX_OP_RANDOM },
  DROPOUT (1, dropout1_specs, 1, run_old_dropout),
  DROPOUT (6, dropout6_specs, 1, run_old_dropout),
  DROPOUT (7, dropout7_specs, 1, run_old_dropout),
  DROPOUT (10, dropout7_specs, 1, run_old_dropout),
  DROPOUT (12, dropout12_specs, 3, run_dropout),
};

OX_FAMILY (random, "ai.onnx", random_rows);

static const OxOp random_ms_rows[] = {
  { "BiasDropout", 1, { 2, 5 }, { 1, 2 }, OX_ATTRS (dropout12_specs, DropoutAttrs), infer_bias_dropout, run_bias_dropout,
    .flags = OX_OP_RANDOM },
};

OX_FAMILY (random_ms, "com.microsoft", random_ms_rows);
