/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "kernel/ox-sum.h"
#include "ops/ox-op.h"

/* Reductions over any set of axes: an attribute at first, an input later. */

typedef struct { OxInts axes; gint64 keepdims, noop_with_empty_axes; } ReduceAttrs;

/* Elements between two looks at whether to stop. */
#define PAUSE ((gint64) 1 << 16)

enum { SUM, MEAN, PROD, MAX_, MIN_, L1, L2, LOG_SUM, LOG_SUM_EXP, SUM_SQUARE };

/* Which axes go. FALSE when they are not known yet. */
static gboolean
find_axes (OxCall *call, int rank, gboolean *gone, gboolean *noop, gboolean *known, GError **error)
{
  const ReduceAttrs *attrs = call->attrs;
  const gint64 *axes = attrs->axes.v;
  int n = attrs->axes.n;

  *noop = FALSE;
  *known = TRUE;
  memset (gone, 0, (gsize) MAX (rank, 1) * sizeof *gone);
  if (ox_call_fact (call, 1) != NULL && !ox_call_numbers (call, 1, &axes, &n))
    {
      *known = FALSE;
      return !call->running || ox_fail (error, OX_ERROR_VALUE, "axes should be a list of integers");
    }
  if (n == 0 && attrs->noop_with_empty_axes)
    {
      *noop = TRUE;
      return TRUE;
    }
  for (int i = 0; i < n; i++)
    {
      int axis;

      if (!ox_call_axis (call, axes[i], rank, &axis, error))
        return FALSE;
      gone[axis] = TRUE;
    }
  for (int i = 0; n == 0 && i < rank; i++)
    gone[i] = TRUE;
  return TRUE;
}

static gboolean
infer_reduce (OxCall *call, GError **error)
{
  const ReduceAttrs *attrs = call->attrs;
  const OxFact *fact = ox_call_fact (call, 0);
  gboolean gone[OX_MAX_RANK], noop, known;
  OxDim dims[OX_MAX_RANK];
  int rank = 0;

  if (fact == NULL)
    return TRUE;
  if (fact->rank < 0)
    {
      ox_call_set (call, 0, fact->dtype, -1, NULL);
      return TRUE;
    }
  if (!find_axes (call, fact->rank, gone, &noop, &known, error))
    return FALSE;
  if (!known)
    {
      for (int i = 0; i < fact->rank; i++)
        dims[i] = OX_DIM_UNKNOWN;
      ox_call_set (call, 0, fact->dtype, attrs->keepdims ? fact->rank : -1, dims);
      return TRUE;
    }
  for (int i = 0; i < fact->rank; i++)
    if (!gone[i])
      dims[rank++] = fact->dims[i];
    else if (attrs->keepdims)
      dims[rank++] = 1;
  ox_call_set (call, 0, fact->dtype, rank, dims);
  return TRUE;
}

typedef struct
{
  int           what;
  OxDtype       dtype;
  const guint8 *data;
  guint8       *out;
  int           n_kept, n_gone;
  gint64        kept_dims[OX_MAX_RANK], kept_strides[OX_MAX_RANK];
  gint64        gone_dims[OX_MAX_RANK], gone_strides[OX_MAX_RANK];
  gint64        count;   /* elements of one reduction */
  gsize         unit;
} Reduction;

/* Merges neighbours that lie like one axis. */
static void
merge_axes (int *n, gint64 *dims, gint64 *strides)
{
  int k = 0;

  for (int i = 0; i < *n; i++)
    if (k > 0 && strides[k - 1] == strides[i] * dims[i])
      {
        dims[k - 1] *= dims[i];
        strides[k - 1] = strides[i];
      }
    else
      {
        dims[k] = dims[i];
        strides[k++] = strides[i];
      }
  *n = k;
}

/* Walks the reduced axes of one result and hands each run of the innermost one to BODY: p, step, len. Long ones come in
 * pieces, between which it is looked at whether to stop. */
#define EACH_RUN(BODY)                                                                                               \
  {                                                                                                                  \
    gint64 index[OX_MAX_RANK] = { 0 }, since = 0;                                                                    \
    const guint8 *run = start;                                                                                       \
    const int last = r->n_gone - 1;                                                                                  \
    const gint64 whole = r->n_gone > 0 ? r->gone_dims[last] : 1, step = r->n_gone > 0 ? r->gone_strides[last] : 0;   \
    if (r->count > 0)                                                                                                \
      for (;;)                                                                                                       \
        {                                                                                                            \
          int d;                                                                                                     \
          for (gint64 done = 0; done < whole; done += PAUSE)                                                         \
            {                                                                                                        \
              const gint64 len = MIN (PAUSE, whole - done);                                                          \
              const guint8 *p = run + done * step;                                                                   \
              BODY                                                                                                   \
              if ((since += len) >= PAUSE)                                                                           \
                {                                                                                                    \
                  since = 0;                                                                                         \
                  if (ox_parallel_stopped ())                                                                        \
                    return 0;                                                                                        \
                }                                                                                                    \
            }                                                                                                        \
          for (d = last - 1; d >= 0; d--)                                                                            \
            {                                                                                                        \
              run += r->gone_strides[d];                                                                             \
              if (++index[d] < r->gone_dims[d])                                                                      \
                break;                                                                                               \
              run -= r->gone_strides[d] * r->gone_dims[d];                                                           \
              index[d] = 0;                                                                                          \
            }                                                                                                        \
          if (d < 0)                                                                                                 \
            break;                                                                                                   \
        }                                                                                                            \
  }

/* A run of floats is summed in four lanes of double. */
static double
sum_f32 (const guint8 *p, gint64 step, gint64 n)
{
  double lane[4] = { 0 };
  gint64 i = 0;

  if (step == sizeof (float))
    for (const float *x = (const float *) (const void *) p; i + 4 <= n; i += 4)
      {
        lane[0] += x[i];
        lane[1] += x[i + 1];
        lane[2] += x[i + 2];
        lane[3] += x[i + 3];
      }
  for (; i < n; i++)
    lane[0] += *(const float *) (const void *) (p + i * step);
  return lane[0] + lane[1] + (lane[2] + lane[3]);
}

static inline double
load (const Reduction *r, const guint8 *p)
{
  return r->dtype == OX_F32 ? *(const float *) (const void *) p : ox_element_get (r->dtype, p);
}

static double
reduce_double (const Reduction *r, const guint8 *start)
{
  OxSum total = { 0 };
  double acc = r->what == PROD ? 1 : r->what == MAX_ ? -INFINITY : r->what == MIN_ ? INFINITY : 0, top = -INFINITY;

  switch (r->what)
    {
    case SUM:
    case MEAN:
    case LOG_SUM:
      if (r->dtype == OX_F32)
        EACH_RUN (ox_sum_add (&total, sum_f32 (p, step, len));)
      else
        EACH_RUN (for (gint64 i = 0; i < len; i++) ox_sum_add (&total, load (r, p + i * step));)
      acc = ox_sum_get (&total);
      break;
    case PROD:
      EACH_RUN (for (gint64 i = 0; i < len; i++) acc *= load (r, p + i * step);)
      break;
    case MAX_:
      EACH_RUN (for (gint64 i = 0; i < len; i++) {
        double x = load (r, p + i * step);

        acc = x > acc || isnan (x) ? x : acc;
      })
      break;
    case MIN_:
      EACH_RUN (for (gint64 i = 0; i < len; i++) {
        double x = load (r, p + i * step);

        acc = x < acc || isnan (x) ? x : acc;
      })
      break;
    case L1:
      EACH_RUN (for (gint64 i = 0; i < len; i++) ox_sum_add (&total, fabs (load (r, p + i * step)));)
      acc = ox_sum_get (&total);
      break;
    case LOG_SUM_EXP:
      EACH_RUN (for (gint64 i = 0; i < len; i++) {
        double x = load (r, p + i * step);

        top = x > top || isnan (x) ? x : top;
      })
      if (isinf (top))
        return top;
      EACH_RUN (for (gint64 i = 0; i < len; i++) ox_sum_add (&total, exp (load (r, p + i * step) - top));)
      return r->count == 0 ? -INFINITY : top + log (ox_sum_get (&total));
    default:
      EACH_RUN (for (gint64 i = 0; i < len; i++) {
        double x = load (r, p + i * step);

        ox_sum_add (&total, x * x);
      })
      acc = ox_sum_get (&total);
      break;
    }
  return r->what == MEAN ? acc / (double) r->count : r->what == L2 ? sqrt (acc) : r->what == LOG_SUM ? log (acc) : acc;
}

/* Integers are exact modulo 2^64; MEAN and the roots go through double. */
static guint64
reduce_int (const Reduction *r, const guint8 *start)
{
  gboolean is_unsigned = r->dtype == OX_U64;
  guint64 acc = r->what == PROD;
  gboolean any = FALSE;

  EACH_RUN (for (gint64 i = 0; i < len; i++) {
    guint64 x = (guint64) ox_element_get_int (r->dtype, p + i * step);
    gboolean above = is_unsigned ? x > acc : (gint64) x > (gint64) acc;

    if (r->what == PROD)
      acc *= x;
    else if (r->what == MAX_)
      acc = !any || above ? x : acc;
    else if (r->what == MIN_)
      acc = !any || !above ? x : acc;
    else if (r->what == L1)
      acc += !is_unsigned && (gint64) x < 0 ? 0 - x : x;
    else if (r->what == SUM_SQUARE)
      acc += x * x;
    else
      acc += x;
    any = TRUE;
  })
  return acc;
}

/* Nothing at all has the smallest number as its maximum. */
static guint64
empty_extreme (OxDtype dtype, gboolean maximum)
{
  int bits = ox_dtype_bits (dtype);

  if (dtype == OX_BOOL)
    return !maximum;
  if (ox_dtype_class (dtype) == OX_CLASS_UINT)
    return maximum ? 0 : bits == 64 ? G_MAXUINT64 : ((guint64) 1 << bits) - 1;
  return maximum ? (guint64) -1 << (bits - 1) : ((guint64) 1 << (bits - 1)) - 1;
}

static void
do_reductions (gint64 begin, gint64 end, gpointer data)
{
  const Reduction *r = data;
  gboolean exact = !ox_dtype_is_float (r->dtype)
                   && (r->what == SUM || r->what == PROD || r->what == MAX_ || r->what == MIN_ || r->what == L1
                       || r->what == SUM_SQUARE);

  for (gint64 o = begin; o < end && !ox_turn (); o++)
    {
      const guint8 *start = r->data;
      guint8 *to = r->out + (gsize) o * r->unit;
      gint64 rest = o;

      for (int d = r->n_kept - 1; d >= 0; d--)
        {
          start += rest % r->kept_dims[d] * r->kept_strides[d];
          rest /= r->kept_dims[d];
        }
      if (exact)
        {
          guint64 v = r->count == 0 && (r->what == MAX_ || r->what == MIN_) ? empty_extreme (r->dtype, r->what == MAX_)
                                                                            : reduce_int (r, start);

          memcpy (to, &v, r->unit);
        }
      else
        {
          double v = reduce_double (r, start);

          ox_element_set (r->dtype, to, ox_dtype_is_integer (r->dtype) ? trunc (v) : v);
        }
    }
}

static gboolean
run_reduce (OxCall *call, GError **error)
{
  const OxTensor *in = ox_call_in (call, 0);
  gboolean gone[OX_MAX_RANK], noop, known;
  Reduction r = { .what = (int) call->op->code, .dtype = in->dtype, .data = in->data, .count = 1 };
  OxTensor *out;

  if (!find_axes (call, in->rank, gone, &noop, &known, error))
    return FALSE;
  if (!ox_dtype_is_float (in->dtype) && !ox_dtype_is_integer (in->dtype)
      && !(in->dtype == OX_BOOL && (r.what == MAX_ || r.what == MIN_)))
    return ox_fail (error, OX_ERROR_DTYPE, "element type %s is not one of those of %s", ox_dtype_name (in->dtype),
                    call->op->name);
  out = ox_call_out (call, 0, error);
  if (out == NULL)
    return FALSE;
  for (int i = 0; i < in->rank; i++)
    if (gone[i])
      {
        r.gone_dims[r.n_gone] = in->dims[i];
        r.gone_strides[r.n_gone++] = in->strides[i];
        r.count *= in->dims[i];
      }
    else
      {
        r.kept_dims[r.n_kept] = in->dims[i];
        r.kept_strides[r.n_kept++] = in->strides[i];
      }
  merge_axes (&r.n_kept, r.kept_dims, r.kept_strides);
  merge_axes (&r.n_gone, r.gone_dims, r.gone_strides);
  r.out = out->data;
  r.unit = ox_dtype_size (out->dtype);
  ox_parallel_for (out->count, MAX (1, 16384 / MAX (r.count, 1)), do_reductions, &r);
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec old_specs[] = { OX_ATTR (ReduceAttrs, axes, INTS), OX_INT (ReduceAttrs, keepdims, 1) };
static const OxAttrSpec specs[]
  = { OX_INT (ReduceAttrs, keepdims, 1), OX_INT (ReduceAttrs, noop_with_empty_axes, 0) };

#define ROWS(name_, input_since, code_)                                                                              \
  { name_, 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (old_specs, ReduceAttrs), infer_reduce, run_reduce, .code = code_ },      \
  { name_, input_since, { 1, 2 }, { 1, 1 }, OX_ATTRS (specs, ReduceAttrs), infer_reduce, run_reduce, .code = code_ }

static const OxOp reduce_rows[] = {
  ROWS ("ReduceSum", 13, SUM),
  ROWS ("ReduceMean", 18, MEAN),
  ROWS ("ReduceProd", 18, PROD),
  ROWS ("ReduceMax", 18, MAX_),
  ROWS ("ReduceMin", 18, MIN_),
  ROWS ("ReduceL1", 18, L1),
  ROWS ("ReduceL2", 18, L2),
  ROWS ("ReduceLogSum", 18, LOG_SUM),
  ROWS ("ReduceLogSumExp", 18, LOG_SUM_EXP),
  ROWS ("ReduceSumSquare", 18, SUM_SQUARE),
};

OX_FAMILY (reduce, "ai.onnx", reduce_rows);
