/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-slide.h"

#include <math.h>
#include <string.h>

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "ops/ox-move.h"

/* Poolings over a sliding window: MaxPool, AveragePool, LpPool; and MaxUnpool. */

typedef struct
{
  OxSlideAttrs slide;          /* first */
  gint64       count_include_pad, storage_order, p;
  double       p_float;        /* LpPool-1 has a float */
} PoolAttrs;

typedef enum { POOL_MAX, POOL_AVERAGE, POOL_LP } PoolKind;

/* ---- the loops ------------------------------------------------------------------------------------------------ */

/* One row of the output: all axes but the last are fixed, and the taps along them that lie inside the image are gone
 * through one after the other. */
typedef struct
{
  gint64 low[OX_WINDOW_MAX], high[OX_WINDOW_MAX], tap[OX_WINDOW_MAX], at[OX_WINDOW_MAX];
  gint64 start;                /* where the row of the image begins */
} Row;

static void
row_set_start (const OxWindow *window, Row *row)
{
  row->start = 0;
  for (int d = 0; d < window->n - 1; d++)
    row->start = (row->start + row->at[d] + row->tap[d] * window->dilation[d]) * window->in[d + 1];
}

static gint64
ceil_div (gint64 a, gint64 b)
{
  return a <= 0 ? -(-a / b) : (a - 1) / b + 1;
}

/* FALSE if all of its taps are in the padding. */
static gboolean
row_first (const OxWindow *window, gint64 number, Row *row)
{
  for (int d = window->n - 2; d >= 0; d--)
    {
      gint64 at = number % window->out[d] * window->stride[d] - window->begin[d];

      number /= window->out[d];
      row->at[d] = at;
      row->low[d] = MAX (0, ceil_div (-at, window->dilation[d]));
      row->high[d] = MIN (window->kernel[d], ceil_div (window->in[d] - at, window->dilation[d]));
      row->tap[d] = row->low[d];
      if (row->low[d] >= row->high[d])
        return FALSE;
    }
  row_set_start (window, row);
  return TRUE;
}

static gboolean
row_next (const OxWindow *window, Row *row)
{
  int d = window->n - 2;

  while (d >= 0 && ++row->tap[d] == row->high[d])
    {
      row->tap[d] = row->low[d];
      d--;
    }
  if (d < 0)
    return FALSE;
  row_set_start (window, row);
  return TRUE;
}

/* The taps along the last axis that any output sees inside the image. */
static void
last_axis_taps (const OxWindow *window, gint64 *low, gint64 *high)
{
  int axis = window->n - 1;

  *low = MAX (0, ceil_div (window->begin[axis] - (window->out[axis] - 1) * window->stride[axis], window->dilation[axis]));
  *high = MIN (window->kernel[axis], ceil_div (window->in[axis] + window->begin[axis], window->dilation[axis]));
}

/* Elements of a row between two looks at whether to stop. */
#define SLIDE_RUN ((gint64) 1 << 16)

/* STEP sees the element v of the image, the place i in the row and the element's index at in the image. */
#define DEFINE_SLIDE(T, name, initial, ...)                                                                          \
  static void name (const OxWindow *window, const T *image, T *out, gint64 *index, double p)                         \
  {                                                                                                                  \
    int axis = window->n - 1;                                                                                        \
    gint64 width = window->out[axis], stride = window->stride[axis], low, high;                                      \
                                                                                                                     \
    last_axis_taps (window, &low, &high);                                                                            \
    for (gint64 number = 0; number < window->out_count / width; number++, out += width)                              \
      {                                                                                                              \
        for (gint64 from = 0; from < width; from += SLIDE_RUN)                                                       \
          {                                                                                                          \
            gint64 to = MIN (width, from + SLIDE_RUN);                                                               \
            Row row;                                                                                                 \
                                                                                                                     \
            if (ox_parallel_stopped ())                                                                              \
              return;                                                                                                \
            for (gint64 i = from; i < to; i++)                                                                       \
              out[i] = initial;                                                                                      \
            if (!row_first (window, number, &row))                                                                   \
              continue;                                                                                              \
            do                                                                                                       \
              for (gint64 k = low; k < high; k++)                                                                    \
                {                                                                                                    \
                  gint64 first, last, begin;                                                                         \
                                                                                                                     \
                  ox_window_span (window, axis, k, &first, &last);                                                   \
                  first = MAX (first, from);                                                                         \
                  last = MIN (last, to);                                                                             \
                  begin = row.start + k * window->dilation[axis] - window->begin[axis];                              \
                  for (gint64 i = first; i < last; i++)                                                              \
                    {                                                                                                \
                      gint64 at = begin + i * stride;                                                                \
                      T v = image[at];                                                                               \
                                                                                                                     \
                      __VA_ARGS__;                                                                                   \
                    }                                                                                                \
                }                                                                                                    \
            while (row_next (window, &row));                                                                         \
          }                                                                                                          \
        if (index != NULL)                                                                                           \
          index += width;                                                                                            \
      }                                                                                                              \
  }

#define DEFINE_MAX(T, name, lowest, above)                                                                           \
  DEFINE_SLIDE (T, name, lowest, out[i] = above ? v : out[i])                                                        \
  DEFINE_SLIDE (T, name##_index, lowest, if ((above) || index[i] < 0) { out[i] = v; index[i] = at; })

/* The first NaN of a window is its largest element: one that got lost here could not be found any more. */
DEFINE_MAX (float, max_f32, -INFINITY, v > out[i] || (v != v && out[i] == out[i]))
DEFINE_MAX (double, max_f64, -INFINITY, v > out[i] || (v != v && out[i] == out[i]))
DEFINE_MAX (gint8, max_i8, G_MININT8, v > out[i])
DEFINE_MAX (guint8, max_u8, 0, v > out[i])
DEFINE_SLIDE (float, sum_f32, 0, out[i] += v)
DEFINE_SLIDE (double, sum_f64, 0, out[i] += v)
DEFINE_SLIDE (float, power_sum_f32, 0, out[i] += p == 1 ? fabsf (v) : p == 2 ? v * v : powf (fabsf (v), (float) p))
DEFINE_SLIDE (double, power_sum_f64, 0, out[i] += p == 1 ? fabs (v) : p == 2 ? v * v : pow (fabs (v), p))

#undef DEFINE_MAX
#undef DEFINE_SLIDE

/* ---- the operators -------------------------------------------------------------------------------------------- */

static gboolean
pool_infer (OxCall *call, GError **error)
{
  const PoolAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  OxDim dims[OX_MAX_RANK];
  OxWindow window;

  if (ox_fact_rank (x) < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (x));
      ox_call_set_unknown (call, 1, OX_I64);
      return TRUE;
    }
  if (x->rank < 3)
    return ox_fail (error, OX_ERROR_SHAPE, "expected rank 3 or more, found %d", x->rank);
  if (!ox_slide_read (&window, &at->slide, x->rank - 2, NULL, error))
    return FALSE;
  memcpy (dims, x->dims, (gsize) x->rank * sizeof (OxDim));
  if (!ox_slide_infer (call, &window, &at->slide, dims + 2, dims + 2, error))
    return FALSE;
  ox_call_set (call, 0, x->dtype, x->rank, dims);
  ox_call_set (call, 1, OX_I64, x->rank, dims);
  return TRUE;
}

typedef struct
{
  OxWindow    window;
  PoolKind    kind;
  OxDtype     dtype;
  gint64      size;
  const char *x;
  char       *y;
  gint64     *index;                    /* NULL: nobody wants it */
  gboolean    column_major;
  double      p;
  double     *weight;                   /* AveragePool: 1 / elements along each axis, one axis after the other */
} Job;

/* The index of an element when the first spatial axis is the fastest. */
static gint64
column_major (const OxWindow *window, gint64 at)
{
  gint64 result = 0;

  for (int d = window->n - 1; d >= 0; d--)
    {
      result = result * window->in[d] + at % window->in[d];
      at /= window->in[d];
    }
  return result;
}

static void
pool_max (const Job *job, const char *x, char *y, gint64 *index)
{
  const OxWindow *w = &job->window;

  if (index != NULL)
    for (gint64 i = 0; i < w->out_count && !ox_pause (i); i++)
      index[i] = -1;
  switch (job->dtype)
    {
    case OX_F32:
      (index != NULL ? max_f32_index : max_f32) (w, (const float *) x, (float *) y, index, 0);
      break;
    case OX_F64:
      (index != NULL ? max_f64_index : max_f64) (w, (const double *) x, (double *) y, index, 0);
      break;
    case OX_I8:
      (index != NULL ? max_i8_index : max_i8) (w, (const gint8 *) x, (gint8 *) y, index, 0);
      break;
    default:
      (index != NULL ? max_u8_index : max_u8) (w, (const guint8 *) x, (guint8 *) y, index, 0);
      break;
    }
}

static void
pool_average (const Job *job, char *y)
{
  const OxWindow *w = &job->window;
  gint64 width = w->out[w->n - 1];

  for (gint64 row = 0; row < w->out_count / width && !ox_turn (); row++)
    {
      const double *weight = job->weight;
      double outer = 1;
      gint64 rest = row;

      for (int d = w->n - 2; d >= 0; d--)
        {
          const double *axis = job->weight;

          for (int e = 0; e < d; e++)
            axis += w->out[e];
          outer *= axis[rest % w->out[d]];
          rest /= w->out[d];
        }
      for (int d = 0; d < w->n - 1; d++)
        weight += w->out[d];
      for (gint64 i = 0; i < width; i++)
        if (job->dtype == OX_F32)
          ((float *) y)[row * width + i] *= (float) (outer * weight[i]);
        else
          ((double *) y)[row * width + i] *= outer * weight[i];
    }
}

static void
pool_range (gint64 begin, gint64 end, gpointer data)
{
  const Job *job = data;
  const OxWindow *w = &job->window;

  for (gint64 image = begin; image < end && !ox_turn (); image++)
    {
      const char *x = job->x + image * w->in_count * job->size;
      char *y = job->y + image * w->out_count * job->size;
      gint64 *index = job->index != NULL ? job->index + image * w->out_count : NULL;

      if (ox_parallel_stopped ())
        return;

      if (job->kind == POOL_MAX)
        {
          pool_max (job, x, y, index);
          for (gint64 i = 0; index != NULL && i < w->out_count && !ox_pause (i); i++)
            if (index[i] >= 0)
              index[i] = image * w->in_count + (job->column_major ? column_major (w, index[i]) : index[i]);
        }
      else if (job->kind == POOL_AVERAGE)
        {
          if (job->dtype == OX_F32)
            sum_f32 (w, (const float *) x, (float *) y, NULL, 0);
          else
            sum_f64 (w, (const double *) x, (double *) y, NULL, 0);
          pool_average (job, y);
        }
      else if (job->dtype == OX_F32)
        {
          power_sum_f32 (w, (const float *) x, (float *) y, NULL, job->p);
          for (gint64 i = 0; i < w->out_count && !ox_pause (i); i++)
            ((float *) y)[i] = job->p == 2 ? sqrtf (((float *) y)[i]) : powf (((float *) y)[i], (float) (1 / job->p));
        }
      else
        {
          power_sum_f64 (w, (const double *) x, (double *) y, NULL, job->p);
          for (gint64 i = 0; i < w->out_count && !ox_pause (i); i++)
            ((double *) y)[i] = pow (((double *) y)[i], 1 / job->p);
        }
    }
}

/* One over the elements each window has along each axis: those in the image, or those in the padded image. */
static gboolean
average_weights (Job *job, OxCall *call, gboolean with_pads, GError **error)
{
  const OxWindow *w = &job->window;
  gint64 total = 0;
  double *weight;

  for (int d = 0; d < w->n; d++)
    total += w->out[d];
  if ((weight = job->weight = ox_call_scratch_n (call, total, sizeof (double), error)) == NULL)
    return FALSE;
  for (int d = 0; d < w->n; d++)
    for (gint64 o = 0; o < w->out[d] && !ox_pause (o); o++)
      {
        gint64 at = o * w->stride[d] - w->begin[d];
        gint64 low = with_pads ? 0 : MAX (0, ceil_div (-at, w->dilation[d]));
        gint64 high = ceil_div (w->in[d] + (with_pads ? w->end[d] : 0) - at, w->dilation[d]);

        high = MIN (high, w->kernel[d]);
        *weight++ = high > low ? 1.0 / (double) (high - low) : 0;
      }
  return TRUE;
}

static gboolean
pool_run (OxCall *call, GError **error)
{
  const PoolAttrs *at = call->attrs;
  OxDtype dtype = ox_call_in (call, 0)->dtype;
  OxTensor *out = ox_call_out (call, 0, error), *index;
  Job job = { .kind = (PoolKind) call->op->code, .p = at->p != 0 ? (double) at->p : at->p_float };
  gboolean bytes = dtype == OX_I8 || dtype == OX_U8;
  const OxTensor *x;
  gint64 images;

  if (out == NULL)
    return FALSE;
  if (!ox_dtype_is_float (dtype) && !(bytes && job.kind == POOL_MAX))
    return ox_fail (error, OX_ERROR_DTYPE, "no pooling of %s", ox_dtype_name (dtype));
  if (job.kind == POOL_LP && !(job.p >= 1))
    return ox_fail (error, OX_ERROR_VALUE, "p is %g, expected at least 1", job.p);
  job.dtype = bytes || dtype == OX_F64 ? dtype : OX_F32;
  job.size = (gint64) ox_dtype_size (job.dtype);
  if ((x = ox_call_in_as (call, 0, job.dtype, error)) == NULL
      || !ox_slide_read (&job.window, &at->slide, x->rank - 2, NULL, error))
    return FALSE;
  ox_slide_place (&job.window, &at->slide, x->dims + 2, out->dims + 2);
  job.x = (const char *) x->data;
  job.y = (char *) out->data;
  job.column_major = at->storage_order != 0;
  if (job.dtype != dtype && (job.y = ox_call_scratch_n (call, out->count, (gsize) job.size, error)) == NULL)
    return FALSE;
  if (ox_call_wants (call, 1))
    {
      if ((index = ox_call_out (call, 1, error)) == NULL)
        return FALSE;
      job.index = (gint64 *) index->data;
    }
  if (out->count == 0)
    return TRUE;
  if (job.kind == POOL_AVERAGE && !average_weights (&job, call, at->count_include_pad != 0, error))
    return FALSE;
  images = x->dims[0] * x->dims[1];
  ox_parallel_for (images, 1 + 65536 / (1 + MIN (job.window.kernel_count, 65536) * MIN (job.window.out_count, 65536)),
                   pool_range, &job);
  return job.y == (char *) out->data || ox_call_store_f32 (call, 0, (const float *) job.y, error);
}

/* ---- MaxUnpool ------------------------------------------------------------------------------------------------ */

static gboolean
unpool_infer (OxCall *call, GError **error)
{
  const PoolAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x), n;
  OxDim dims[OX_MAX_RANK];
  const OxDim *shape;
  OxWindow window;

  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (x));
      return TRUE;
    }
  if (rank < 3 || !ox_slide_read (&window, &at->slide, rank - 2, NULL, error))
    return rank < 3 ? ox_fail (error, OX_ERROR_SHAPE, "expected rank 3 or more, found %d", rank) : FALSE;
  if (ox_call_fact (call, 2) != NULL)
    {
      if (!ox_call_ints (call, 2, &shape, &n))
        {
          for (int d = 0; d < rank; d++)
            dims[d] = OX_DIM_UNKNOWN;
          ox_call_set (call, 0, x->dtype, rank, dims);
          return TRUE;
        }
      if (n != rank)
        return ox_fail (error, OX_ERROR_SHAPE, "output_shape has %d elements, the input rank %d", n, rank);
      ox_call_set (call, 0, x->dtype, rank, shape);
      return TRUE;
    }
  memcpy (dims, x->dims, (gsize) rank * sizeof (OxDim));
  for (int d = 0; d < rank - 2; d++)
    {
      OxDim steps = ox_dim_mul (call->dims, ox_dim_sub (call->dims, dims[d + 2], 1), window.stride[d]);

      dims[d + 2] = ox_dim_add (call->dims, steps,
                                ox_dim_const (call->dims, window.kernel[d] - window.begin[d] - window.end[d]));
    }
  ox_call_set (call, 0, x->dtype, rank, dims);
  return TRUE;
}

/* The indices count in the shape that the attributes give; where output_shape asks for a larger one, that is its first
 * corner. */
static gboolean
unpool_run (OxCall *call, GError **error)
{
  const PoolAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_dense (call, 0, error), *index = x != NULL ? ox_call_in_as (call, 1, OX_I64, error) : NULL;
  OxTensor *out = index != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 shape[OX_MAX_RANK], total, size;
  OxWindow window;

  if (out == NULL || !ox_slide_read (&window, &at->slide, x->rank - 2, NULL, error))
    return FALSE;
  if (!ox_tensor_same_shape (x, index))
    return ox_fail (error, OX_ERROR_SHAPE, "the values and their indices have different shapes");
  shape[0] = x->dims[0];
  shape[1] = x->dims[1];
  for (int d = 0; d < window.n; d++)
    shape[d + 2] = MAX (0, (x->dims[d + 2] - 1) * window.stride[d] + window.kernel[d] - window.begin[d] - window.end[d]);
  if (!ox_dims_count (shape, x->rank, &total))
    return ox_fail (error, OX_ERROR_SHAPE, "the unpooled shape is too large");
  size = (gint64) ox_dtype_size (x->dtype);
  if (out->count > 0)
    ox_clear (out->data, (gsize) (out->count * size));
  for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
    {
      gint64 rest = ((const gint64 *) index->data)[i], to = 0, scale = 1;

      if (rest < 0 || rest >= total)
        return ox_fail (error, OX_ERROR_VALUE, "index %" G_GINT64_FORMAT " is outside of the unpooled shape", rest);
      for (int d = x->rank - 1; d >= 0; d--)
        {
          gint64 place = rest % shape[d];

          rest /= shape[d];
          if (place >= out->dims[d])
            return ox_fail (error, OX_ERROR_VALUE, "index %" G_GINT64_FORMAT " is outside of output_shape",
                            ((const gint64 *) index->data)[i]);
          to += place * scale;
          scale *= out->dims[d];
        }
      memcpy (out->data + to * size, x->data + i * size, (gsize) size);
    }
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

#define DILATIONS { "dilations", OX_KIND_INTS, offsetof (PoolAttrs, slide.dilations) }
#define CEIL_MODE { "ceil_mode", OX_KIND_INT, offsetof (PoolAttrs, slide.ceil_mode) }
#define ORDER OX_INT (PoolAttrs, storage_order, 0)
#define INCLUDE_PAD OX_INT (PoolAttrs, count_include_pad, 0)

static const OxAttrSpec plain_specs[] = { OX_SLIDE_SPECS (PoolAttrs) };
static const OxAttrSpec max_8_specs[] = { OX_SLIDE_SPECS (PoolAttrs), ORDER };
static const OxAttrSpec max_10_specs[] = { OX_SLIDE_SPECS (PoolAttrs), ORDER, CEIL_MODE, DILATIONS };
static const OxAttrSpec average_7_specs[] = { OX_SLIDE_SPECS (PoolAttrs), INCLUDE_PAD };
static const OxAttrSpec average_10_specs[] = { OX_SLIDE_SPECS (PoolAttrs), INCLUDE_PAD, CEIL_MODE };
static const OxAttrSpec average_19_specs[] = { OX_SLIDE_SPECS (PoolAttrs), INCLUDE_PAD, CEIL_MODE, DILATIONS };
static const OxAttrSpec lp_1_specs[]
    = { OX_SLIDE_SPECS (PoolAttrs), { "p", OX_KIND_FLOAT, offsetof (PoolAttrs, p_float), .number = 2 } };
static const OxAttrSpec lp_2_specs[] = { OX_SLIDE_SPECS (PoolAttrs), OX_INT (PoolAttrs, p, 2) };
static const OxAttrSpec lp_18_specs[] = { OX_SLIDE_SPECS (PoolAttrs), OX_INT (PoolAttrs, p, 2), CEIL_MODE, DILATIONS };
static const OxAttrSpec unpool_specs[] = {
  { "kernel_shape", OX_KIND_INTS, offsetof (PoolAttrs, slide.kernel_shape), .required = TRUE },
  { "strides", OX_KIND_INTS, offsetof (PoolAttrs, slide.strides) },
  { "pads", OX_KIND_INTS, offsetof (PoolAttrs, slide.pads) },
};

#define POOL(name_, kind_, since_, outs, specs)                                                                      \
  {                                                                                                                  \
    name_, since_, { 1, 1 }, { 1, outs }, OX_ATTRS (specs, PoolAttrs), .infer = pool_infer, .run = pool_run,         \
      .code = POOL_##kind_                                                                                           \
  }
#define UNPOOL(since_)                                                                                               \
  {                                                                                                                  \
    "MaxUnpool", since_, { 2, 3 }, { 1, 1 }, OX_ATTRS (unpool_specs, PoolAttrs), .infer = unpool_infer, .run = unpool_run \
  }

static const OxOp pool_rows[] = {
  POOL ("MaxPool", MAX, 1, 1, plain_specs),
  POOL ("MaxPool", MAX, 8, 2, max_8_specs),
  POOL ("MaxPool", MAX, 10, 2, max_10_specs),
  POOL ("MaxPool", MAX, 11, 2, max_10_specs),
  POOL ("MaxPool", MAX, 12, 2, max_10_specs),
  POOL ("MaxPool", MAX, 22, 2, max_10_specs),
  POOL ("AveragePool", AVERAGE, 1, 1, plain_specs),
  POOL ("AveragePool", AVERAGE, 7, 1, average_7_specs),
  POOL ("AveragePool", AVERAGE, 10, 1, average_10_specs),
  POOL ("AveragePool", AVERAGE, 11, 1, average_10_specs),
  POOL ("AveragePool", AVERAGE, 19, 1, average_19_specs),
  POOL ("AveragePool", AVERAGE, 22, 1, average_19_specs),
  POOL ("LpPool", LP, 1, 1, lp_1_specs),
  POOL ("LpPool", LP, 2, 1, lp_2_specs),
  POOL ("LpPool", LP, 11, 1, lp_2_specs),
  POOL ("LpPool", LP, 18, 1, lp_18_specs),
  POOL ("LpPool", LP, 22, 1, lp_18_specs),
  UNPOOL (9),
  UNPOOL (11),
  UNPOOL (22),
};

OX_FAMILY (pool, "ai.onnx", pool_rows);
