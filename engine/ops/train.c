/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "core/ox-parallel.h"
#include "ops/ox-op.h"

/* One step of an optimizer: Adagrad, Adam and Momentum of ai.onnx.preview.training. The inputs are the learning rate R,
 * the number of updates T, then all tensors X, all their gradients G, and one or two lists of what is accumulated;
 * the outputs are the new X and the new accumulated tensors. Computed in double, rounded once. */

typedef struct
{
  double norm_coefficient, norm_coefficient_post, decay_factor, epsilon, alpha, beta;
  const char *mode;
} TrainAttrs;

enum { ADAGRAD, ADAM, MOMENTUM };

/* Lists of inputs: X, G, V or H; Adam has both. The outputs are the same but G. */
#define MAX_LISTS 4

typedef struct
{
  const TrainAttrs *attrs;
  int      what;
  gboolean nesterov;
  double   rate, beta;           /* adjusted to the number of updates */
  const OxTensor *in[MAX_LISTS];
  OxTensor *out[MAX_LISTS - 1];
} Step;

static int
n_lists (const OxCall *call)
{
  return call->op->code == ADAM ? 4 : 3;
}

static inline double
load (const OxTensor *tensor, gint64 i)
{
  return tensor->dtype == OX_F64 ? ((const double *) (const void *) tensor->data)[i]
                                 : (double) ((const float *) (const void *) tensor->data)[i];
}

static inline void
store (OxTensor *tensor, gint64 i, double value)
{
  if (tensor->dtype == OX_F64)
    ((double *) (void *) tensor->data)[i] = value;
  else
    ((float *) (void *) tensor->data)[i] = (float) value;
}

static void
do_step (gint64 begin, gint64 end, gpointer data)
{
  const Step *step = data;
  const TrainAttrs *attrs = step->attrs;

  for (gint64 i = begin; i < end && !ox_pause (i); i++)
    {
      double x = load (step->in[0], i), g = attrs->norm_coefficient * x + load (step->in[1], i);
      double kept = load (step->in[2], i);

      switch (step->what)
        {
        case ADAGRAD:
          kept += g * g;
          x -= step->rate * g / (sqrt (kept) + attrs->epsilon);
          break;
        case ADAM:
          {
            double square = attrs->beta * load (step->in[3], i) + (1 - attrs->beta) * g * g;

            kept = attrs->alpha * kept + (1 - attrs->alpha) * g;
            x -= step->rate * kept / (sqrt (square) + attrs->epsilon);
            x *= 1 - attrs->norm_coefficient_post;
            store (step->out[2], i, square);
            break;
          }
        default:
          kept = attrs->alpha * kept + step->beta * g;
          x -= step->rate * (step->nesterov ? g + attrs->alpha * kept : kept);
          break;
        }
      store (step->out[0], i, x);
      store (step->out[1], i, kept);
    }
}

static gboolean
check_scalar (OxCall *call, int i, const char *what, gboolean good_dtype, GError **error)
{
  const OxFact *fact = ox_call_fact (call, i);

  if (fact->dtype != OX_UNDEFINED && !good_dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "%s is %s, expected %s", what, ox_dtype_name (fact->dtype),
                    i == 0 ? "f32 or f64" : "i64");
  if (fact->rank > 1 || (fact->rank == 1 && ox_dim_known (fact->dims[0]) && fact->dims[0] != 1))
    return ox_fail (error, OX_ERROR_SHAPE, "%s should be a scalar", what);
  return TRUE;
}

static gboolean
infer_train (OxCall *call, GError **error)
{
  const TrainAttrs *attrs = call->attrs;
  int lists = n_lists (call), n = (call->n_in - 2) / lists;
  OxDtype rate = ox_call_fact (call, 0)->dtype;

  if (call->op->code == MOMENTUM && !g_str_equal (attrs->mode, "standard") && !g_str_equal (attrs->mode, "nesterov"))
    return ox_fail (error, OX_ERROR_VALUE, "mode is '%s', expected standard or nesterov", attrs->mode);
  if (n * lists + 2 != call->n_in || n == 0)
    return ox_fail (error, OX_ERROR_MODEL, "expected R, T and %d inputs for each tensor, found %d inputs", lists,
                    call->n_in);
  if (!check_scalar (call, 0, "R", rate == OX_F32 || rate == OX_F64, error)
      || !check_scalar (call, 1, "T", ox_call_fact (call, 1)->dtype == OX_I64, error))
    return FALSE;
  for (int i = 2; i < call->n_in; i++)
    {
      const OxFact *x = ox_call_fact (call, 2 + (i - 2) % n), *fact = ox_call_fact (call, i);

      if (fact->dtype != OX_UNDEFINED && fact->dtype != OX_F32 && fact->dtype != OX_F64)
        return ox_fail (error, OX_ERROR_DTYPE, "input %d is %s, expected f32 or f64", i, ox_dtype_name (fact->dtype));
      if (fact->rank < 0 || x->rank < 0)
        continue;
      for (int d = 0; d < MAX (fact->rank, 1); d++)
        if (fact->rank != x->rank
            || (d < fact->rank && ox_dim_known (fact->dims[d]) && ox_dim_known (x->dims[d])
                && fact->dims[d] != x->dims[d]))
          return ox_fail (error, OX_ERROR_SHAPE, "input %d has not the shape of its tensor, input %d", i,
                          2 + (i - 2) % n);
    }
  if (call->n_out != n * (lists - 1))
    return ox_fail (error, OX_ERROR_MODEL, "expected %d outputs for %d tensors, found %d", n * (lists - 1), n,
                    call->n_out);
  for (int o = 0; o < call->n_out; o++)
    ox_call_set_like (call, o, o < n ? 2 + o : 2 + n + o);
  return TRUE;
}

static gboolean
run_train (OxCall *call, GError **error)
{
  const TrainAttrs *attrs = call->attrs;
  int lists = n_lists (call), n = (call->n_in - 2) / lists;
  double updates = (double) ox_tensor_get_int (ox_call_in (call, 1), 0);
  Step step = { .attrs = attrs, .what = (int) call->op->code, .beta = attrs->beta };

  step.rate = ox_tensor_get (ox_call_in (call, 0), 0);
  if (step.what == ADAGRAD)
    step.rate /= 1 + updates * attrs->decay_factor;
  else if (step.what == ADAM && updates > 0)
    step.rate *= sqrt (1 - pow (attrs->beta, updates)) / (1 - pow (attrs->alpha, updates));
  else if (step.what == MOMENTUM)
    {
      step.nesterov = g_str_equal (attrs->mode, "nesterov");
      if (updates <= 0) /* the first gradient is taken whole */
        step.beta = 1;
    }
  for (int k = 0; k < n; k++)
    {
      for (int l = 0; l < lists; l++)
        if ((step.in[l] = ox_call_in_dense (call, 2 + l * n + k, error)) == NULL)
          return FALSE;
      for (int l = 0; l < lists - 1; l++)
        if ((step.out[l] = ox_call_out (call, l * n + k, error)) == NULL)
          return FALSE;
      if (ox_call_cancelled (call, error))
        return FALSE;
      ox_parallel_for (step.in[0]->count, 16384, do_step, &step);
    }
  return TRUE;
}

static const OxAttrSpec adagrad_specs[] = {
  OX_FLOAT (TrainAttrs, norm_coefficient, 0),
  OX_FLOAT (TrainAttrs, decay_factor, 0),
  OX_FLOAT (TrainAttrs, epsilon, 1e-6f),
};

static const OxAttrSpec adam_specs[] = {
  OX_FLOAT (TrainAttrs, norm_coefficient, 0),
  OX_FLOAT (TrainAttrs, norm_coefficient_post, 0),
  OX_FLOAT (TrainAttrs, epsilon, 1e-6f),
  OX_FLOAT (TrainAttrs, alpha, 0.9f),
  OX_FLOAT (TrainAttrs, beta, 0.999f),
};

static const OxAttrSpec momentum_specs[] = {
  OX_NEED (TrainAttrs, norm_coefficient, FLOAT),
  OX_NEED (TrainAttrs, alpha, FLOAT),
  OX_NEED (TrainAttrs, beta, FLOAT),
  OX_NEED (TrainAttrs, mode, STRING),
};

#define ROW(name_, specs_, code_)                                                                                    \
  { name_, 1, { 3, -1 }, { 1, -1 }, OX_ATTRS (specs_, TrainAttrs), infer_train, run_train, .code = code_ }

static const OxOp train_rows[] = {
  ROW ("Adagrad", adagrad_specs, ADAGRAD),
  ROW ("Adam", adam_specs, ADAM),
  ROW ("Momentum", momentum_specs, MOMENTUM),
};

OX_FAMILY (train, "ai.onnx.preview.training", train_rows);
