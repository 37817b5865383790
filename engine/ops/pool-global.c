/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>

#include "core/ox-parallel.h"
#include "kernel/ox-moments.h"

/* Poolings of whole images: GlobalAveragePool, GlobalMaxPool, GlobalLpPool. */

typedef struct { gint64 p; double p_float; } GlobalAttrs;

typedef enum { GLOBAL_AVERAGE, GLOBAL_MAX, GLOBAL_LP } GlobalKind;

static gboolean
global_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  OxDim dims[OX_MAX_RANK];

  if (ox_fact_rank (x) < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (x));
      return TRUE;
    }
  if (x->rank < 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected an input with batch and channels, found rank %d", x->rank);
  for (int d = 0; d < x->rank; d++)
    dims[d] = d < 2 ? x->dims[d] : 1;
  ox_call_set (call, 0, x->dtype, x->rank, dims);
  return TRUE;
}

typedef struct
{
  GlobalKind  kind;
  OxDtype     dtype;
  const void *x;
  void       *y;
  gint64      inner;
  double      p;
} Job;

#define DEFINE_POOL(T, name, suffix)                                                                                 \
  static double name (const Job *job, const T *x)                                                                    \
  {                                                                                                                  \
    double total = 0;                                                                                                \
    T most = -INFINITY;                                                                                              \
                                                                                                                     \
    switch (job->kind)                                                                                               \
      {                                                                                                              \
      case GLOBAL_AVERAGE:                                                                                           \
        return ox_sum_##suffix (x, job->inner) / (double) job->inner;                                                \
      case GLOBAL_MAX:                                                                                               \
        for (gint64 i = 0; i < job->inner && !ox_pause (i); i++)                                                     \
          most = x[i] > most ? x[i] : most;                                                                          \
        return (double) most;                                                                                        \
      case GLOBAL_LP:                                                                                                \
      default:                                                                                                       \
        if (job->p == 2)                                                                                             \
          return sqrt (ox_square_sum_##suffix (x, job->inner, 0));                                                   \
        for (gint64 i = 0; i < job->inner && !ox_pause (i); i++)                                                     \
          total += job->p == 1 ? fabs ((double) x[i]) : pow (fabs ((double) x[i]), job->p);                          \
        return pow (total, 1 / job->p);                                                                              \
      }                                                                                                              \
  }

DEFINE_POOL (float, pool_f32, f32)
DEFINE_POOL (double, pool_f64, f64)

#undef DEFINE_POOL

static void
global_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;

  for (gint64 i = begin; i < end; i++)
    if (job->dtype == OX_F32)
      ((float *) job->y)[i] = (float) pool_f32 (job, (const float *) job->x + i * job->inner);
    else
      ((double *) job->y)[i] = pool_f64 (job, (const double *) job->x + i * job->inner);
}

static gboolean
global_run (OxCall *call, GError **error)
{
  const GlobalAttrs *at = call->attrs;
  OxDtype dtype = ox_call_in (call, 0)->dtype;
  OxTensor *out = ox_call_out (call, 0, error);
  Job job = { .kind = (GlobalKind) call->op->code, .inner = 1 };
  const OxTensor *x;

  if (out == NULL)
    return FALSE;
  if (!ox_dtype_is_float (dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no pooling of %s", ox_dtype_name (dtype));
  if (job.kind == GLOBAL_LP)
    job.p = at->p != 0 ? (double) at->p : at->p_float;
  if (job.kind == GLOBAL_LP && !(job.p >= 1))
    return ox_fail (error, OX_ERROR_VALUE, "p is %g, expected at least 1", job.p);
  job.dtype = dtype == OX_F64 ? OX_F64 : OX_F32;
  if ((x = ox_call_in_as (call, 0, job.dtype, error)) == NULL)
    return FALSE;
  for (int d = 2; d < x->rank; d++)
    job.inner *= x->dims[d];
  job.x = x->data;
  job.y = out->data;
  if (dtype != job.dtype && (job.y = ox_call_scratch_n (call, out->count, sizeof (float), error)) == NULL)
    return FALSE;
  ox_parallel_for (out->count, 1 + 65536 / (1 + job.inner), global_range, &job);
  return job.y == out->data || ox_call_store_f32 (call, 0, job.y, error);
}

static const OxAttrSpec lp_1_specs[] = { { "p", OX_KIND_FLOAT, offsetof (GlobalAttrs, p_float), .number = 2 } };
static const OxAttrSpec lp_2_specs[] = { OX_INT (GlobalAttrs, p, 2) };

#define GLOBAL(name_, kind, since_) { name_, since_, { 1, 1 }, { 1, 1 }, .infer = global_infer, .run = global_run, .code = kind }
#define GLOBAL_LP_ROW(since_, specs)                                                                                 \
  {                                                                                                                  \
    "GlobalLpPool", since_, { 1, 1 }, { 1, 1 }, OX_ATTRS (specs, GlobalAttrs), .infer = global_infer,                \
      .run = global_run, .code = GLOBAL_LP                                                                           \
  }

static const OxOp pool_global_rows[] = {
  GLOBAL ("GlobalAveragePool", GLOBAL_AVERAGE, 1),
  GLOBAL ("GlobalAveragePool", GLOBAL_AVERAGE, 22),
  GLOBAL ("GlobalMaxPool", GLOBAL_MAX, 1),
  GLOBAL ("GlobalMaxPool", GLOBAL_MAX, 22),
  GLOBAL_LP_ROW (1, lp_1_specs),
  GLOBAL_LP_ROW (2, lp_2_specs),
  GLOBAL_LP_ROW (22, lp_2_specs),
};

OX_FAMILY (pool_global, "ai.onnx", pool_global_rows);
