/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-conv.h"

#include <string.h>

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "kernel/ox-gemm.h"
#include "ops/ox-move.h"
#include "ops/ox-sub.h"

/* Convolutions run backwards: ConvTranspose and Col2Im. Their window slides over the output: OxWindow.in is the image
 * that is written, OxWindow.out the positions that are read. */

typedef struct
{
  OxConvAttrs conv;            /* first */
  OxInts      output_padding, output_shape;
} TransposeAttrs;

typedef struct { OxInts dilations, pads, strides; } FoldAttrs;

/* Elements of the columns of one block of channels. */
#define BLOCK_ELEMENTS ((gint64) 1 << 20)

/* ---- ConvTranspose -------------------------------------------------------------------------------------------- */

static gboolean
is_auto (const TransposeAttrs *at, const char *mode)
{
  return at->conv.slide.auto_pad != NULL && strcmp (at->conv.slide.auto_pad, mode) == 0;
}

/* The part of output_shape for the spatial axes; older exporters give batch and channels in front. */
static const gint64 *
wanted_shape (const TransposeAttrs *at, int n, GError **error)
{
  static const gint64 none[1];

  if (!at->output_shape.set || at->output_shape.n == 0)
    return none;
  if (at->output_shape.n != n && at->output_shape.n != n + 2)
    {
      ox_fail (error, OX_ERROR_VALUE, "output_shape has %d elements, expected %d", at->output_shape.n, n);
      return NULL;
    }
  for (int d = 0; d < at->output_shape.n; d++)
    if (at->output_shape.v[d] < 0 || at->output_shape.v[d] > G_MAXINT32)
      {
        ox_fail (error, OX_ERROR_VALUE, "output_shape has %" G_GINT64_FORMAT, at->output_shape.v[d]);
        return NULL;
      }
  return at->output_shape.v + (at->output_shape.n - n);
}

static gboolean
read_output_padding (const TransposeAttrs *at, int n, gint64 *padding, GError **error)
{
  if (at->output_padding.n != 0 && at->output_padding.n != n)
    return ox_fail (error, OX_ERROR_VALUE, "output_padding has %d elements, expected %d", at->output_padding.n, n);
  for (int d = 0; d < n; d++)
    {
      padding[d] = at->output_padding.n > 0 ? at->output_padding.v[d] : 0;
      if (padding[d] < 0 || padding[d] > G_MAXINT32)
        return ox_fail (error, OX_ERROR_VALUE, "output_padding has %" G_GINT64_FORMAT, padding[d]);
    }
  return TRUE;
}

/* What the image measures before pads are cut off. */
static OxDim
full_size (OxCall *call, const OxWindow *window, int d, OxDim in, gint64 padding)
{
  gint64 reach = (window->kernel[d] - 1) * window->dilation[d] + 1;
  OxDim steps = ox_dim_mul (call->dims, ox_dim_sub (call->dims, in, 1), window->stride[d]);

  if (window->kernel[d] == 0)
    return OX_DIM_UNKNOWN;
  return ox_dim_add (call->dims, steps, ox_dim_const (call->dims, reach + padding));
}

static gboolean
transpose_infer (OxCall *call, GError **error)
{
  const TransposeAttrs *at = call->attrs;
  const OxFact *image = ox_call_fact (call, 0), *weight = ox_call_fact (call, 1), *bias = ox_call_fact (call, 2);
  int rank = ox_fact_rank (image), rank_w = ox_fact_rank (weight);
  OxDtype dtype = ox_fact_dtype (image) != OX_UNDEFINED ? ox_fact_dtype (image) : ox_fact_dtype (weight);
  OxDim dims[OX_MAX_RANK], kernel[OX_WINDOW_MAX], channels, rows;
  gint64 padding[OX_WINDOW_MAX], group = at->conv.group;
  const gint64 *wanted;
  OxWindow window;

  if (rank < 0 && rank_w < 0)
    {
      ox_call_set_unknown (call, 0, dtype);
      return TRUE;
    }
  if (rank >= 0 && rank_w >= 0 && rank != rank_w)
    return ox_fail (error, OX_ERROR_SHAPE, "the image has rank %d and the weight %d", rank, rank_w);
  rank = MAX (rank, rank_w);
  if (rank < 3 || rank > OX_WINDOW_MAX + 2)
    return ox_fail (error, OX_ERROR_SHAPE, "expected rank 3 to %d, found %d", OX_WINDOW_MAX + 2, rank);
  for (int d = 0; d < rank - 2; d++)
    kernel[d] = ox_fact_dim (weight, d + 2);
  if (!ox_slide_read (&window, &at->conv.slide, rank - 2, kernel, error)
      || !read_output_padding (at, rank - 2, padding, error) || (wanted = wanted_shape (at, rank - 2, error)) == NULL)
    return FALSE;
  channels = ox_fact_dim (image, 1);
  rows = ox_fact_dim (weight, 0);
  if (group < 1 || (ox_dim_known (channels) && channels % group != 0))
    return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " channels do not divide into %" G_GINT64_FORMAT " groups",
                    channels, group);
  if (ox_dim_known (channels) && ox_dim_known (rows) && channels != rows)
    return ox_fail (error, OX_ERROR_SHAPE,
                    "the weight has %" G_GINT64_FORMAT " channels on its first axis, the input %" G_GINT64_FORMAT, rows, channels);
  dims[0] = ox_fact_dim (image, 0);
  dims[1] = ox_dim_mul (call->dims, ox_fact_dim (weight, 1), group);
  if (bias != NULL && ox_fact_rank (bias) >= 0
      && (bias->rank != 1 || (ox_dim_known (bias->dims[0]) && ox_dim_known (dims[1]) && bias->dims[0] != dims[1])))
    return ox_fail (error, OX_ERROR_SHAPE, "the bias must be a vector with one element for each filter");
  for (int d = 0; d < rank - 2; d++)
    {
      OxDim in = ox_fact_dim (image, d + 2);

      if (at->output_shape.n > 0)
        dims[d + 2] = wanted[d];
      else if (is_auto (at, "SAME_UPPER") || is_auto (at, "SAME_LOWER"))
        dims[d + 2] = ox_dim_mul (call->dims, in, window.stride[d]);
      else
        {
          OxDim full = full_size (call, &window, d, in, padding[d]);

          dims[d + 2] = ox_dim_sub (call->dims, full, window.begin[d] + window.end[d]);
          if (ox_dim_known (full) && full < window.begin[d] + window.end[d])
            return ox_fail (error, OX_ERROR_SHAPE, "the pads along spatial axis %d are larger than the output", d);
        }
    }
  ox_call_set (call, 0, dtype, rank, dims);
  return TRUE;
}

/* Where output_shape or SAME rule, the pads follow from the sizes. */
static void
transpose_place (OxWindow *window, const TransposeAttrs *at, const gint64 *padding, const gint64 *image, const gint64 *out)
{
  gboolean derived = at->output_shape.n > 0 || is_auto (at, "SAME_UPPER") || is_auto (at, "SAME_LOWER");

  window->in_count = window->out_count = window->kernel_count = 1;
  for (int d = 0; d < window->n; d++)
    {
      gint64 full = (image[d] - 1) * window->stride[d] + (window->kernel[d] - 1) * window->dilation[d] + 1 + padding[d];
      gint64 total = MAX (0, full - out[d]);

      window->in[d] = out[d];
      window->out[d] = image[d];
      window->in_count *= window->in[d];
      window->out_count *= window->out[d];
      window->kernel_count *= window->kernel[d];
      if (derived)
        window->begin[d] = is_auto (at, "SAME_UPPER") ? total / 2 : total - total / 2;
    }
}

typedef struct
{
  const OxWindow *window;
  OxCall     *call;
  OxDtype     dtype;
  gint64      size, groups, channels, filters;   /* of one group */
  const char *x, *w, *b;
  char       *y;
  gint64      block, blocks;                     /* filters of a block, blocks of a group of an image */
  gint        failed;
} Job;

static void
fill (const Job *job, char *y, gint64 filter)
{
  for (gint64 i = 0; i < job->window->in_count; i++)
    if (job->dtype == OX_F32)
      ((float *) y)[i] = job->b != NULL ? ((const float *) job->b)[filter] : 0;
    else
      ((double *) y)[i] = job->b != NULL ? ((const double *) job->b)[filter] : 0;
}

/* Item: a block of filters of one group of one image. */
static void
block_range (gint64 begin, gint64 end, gpointer data)
{
  Job *job = data;
  const OxWindow *window = job->window;
  gint64 taps = window->kernel_count, positions = window->out_count;
  char *columns = ox_alloc ((gsize) (job->block * taps * positions * job->size), NULL);

  if (columns == NULL)
    g_atomic_int_set (&job->failed, TRUE);
  for (gint64 item = begin; item < end && !g_atomic_int_get (&job->failed); item++)
    {
      gint64 stack = item / job->blocks, group = stack % job->groups, first = item % job->blocks * job->block;
      gint64 count = MIN (job->block, job->filters - first);
      const char *x = job->x + stack * job->channels * positions * job->size;
      const char *w = job->w + (group * job->channels * job->filters + first) * taps * job->size;
      char *y = job->y + (stack * job->filters + first) * window->in_count * job->size;

      if (ox_call_cancelled (job->call, NULL))
        {
          g_atomic_int_set (&job->failed, TRUE);
          break;
        }
      for (gint64 f = 0; f < count; f++)
        fill (job, y + f * window->in_count * job->size, group * job->filters + first + f);
      if (job->dtype == OX_F32)
        {
          ox_gemm_f32 (TRUE, FALSE, count * taps, positions, job->channels, 1, (const float *) w, job->filters * taps,
                       (const float *) x, positions, 0, (float *) columns, positions);
          ox_window_fold_f32 (window, (const float *) columns, count, (float *) y);
        }
      else
        {
          ox_gemm_f64 (TRUE, FALSE, count * taps, positions, job->channels, 1, (const double *) w, job->filters * taps,
                       (const double *) x, positions, 0, (double *) columns, positions);
          ox_window_fold_f64 (window, (const double *) columns, count, (double *) y);
        }
    }
  ox_free (columns);
}

static gboolean
transpose_run (OxCall *call, GError **error)
{
  const TransposeAttrs *at = call->attrs;
  OxDtype dtype = ox_call_in (call, 0)->dtype;
  OxTensor *out = ox_call_out (call, 0, error);
  const OxTensor *x, *w, *b = NULL;
  Job job = { .call = call, .groups = at->conv.group };
  gint64 padding[OX_WINDOW_MAX], columns;
  OxWindow window;

  if (out == NULL)
    return FALSE;
  if (dtype != OX_F32 && dtype != OX_F64 && dtype != OX_F16 && dtype != OX_BF16)
    return ox_fail (error, OX_ERROR_DTYPE, "no convolution of %s", ox_dtype_name (dtype));
  job.dtype = dtype == OX_F64 ? OX_F64 : OX_F32;
  job.size = (gint64) ox_dtype_size (job.dtype);
  if ((x = ox_call_in_as (call, 0, job.dtype, error)) == NULL || (w = ox_call_in_as (call, 1, job.dtype, error)) == NULL
      || (ox_call_in (call, 2) != NULL && (b = ox_call_in_as (call, 2, job.dtype, error)) == NULL)
      || !ox_slide_read (&window, &at->conv.slide, x->rank - 2, w->dims + 2, error)
      || !read_output_padding (at, x->rank - 2, padding, error))
    return FALSE;
  transpose_place (&window, at, padding, x->dims + 2, out->dims + 2);
  job.window = &window;
  job.channels = w->dims[0] / job.groups;
  job.filters = w->dims[1];
  job.x = (const char *) x->data;
  job.w = (const char *) w->data;
  job.b = b != NULL ? (const char *) b->data : NULL;
  job.y = (char *) out->data;
  if (dtype != job.dtype && (job.y = ox_call_scratch_n (call, out->count, (gsize) job.size, error)) == NULL)
    return FALSE;
  if (out->count == 0)
    return TRUE;

  if (!ox_dims_count ((gint64[]){ window.kernel_count, window.out_count, job.size * 2 }, 3, &columns))
    return ox_fail (error, OX_ERROR_MEMORY, "the columns of one filter are too large");
  job.block = CLAMP (BLOCK_ELEMENTS / MAX (1, window.kernel_count * window.out_count), 1, job.filters);
  job.blocks = (job.filters + job.block - 1) / job.block;
  ox_parallel_for (x->dims[0] * job.groups * job.blocks, 1, block_range, &job);
  if (ox_call_cancelled (call, error))
    return FALSE;
  if (job.failed)
    return ox_fail (error, OX_ERROR_MEMORY, "no memory for a block of columns");
  return job.y == (char *) out->data || ox_call_store_f32 (call, 0, (const float *) job.y, error);
}

/* ---- ConvTransposeWithDynamicPads of ONNX Runtime: the pads are input 2, the bias input 3 ------------------------------ */

static gboolean
dynamic_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *w = ox_call_fact (call, 1);
  const TransposeAttrs *at = call->attrs;
  OxDim dims[OX_MAX_RANK];

  if (at->conv.group < 1)
    return ox_fail (error, OX_ERROR_VALUE, "group is %" G_GINT64_FORMAT, at->conv.group);
  if (ox_fact_rank (x) < 2)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (x));
      return TRUE;
    }
  for (int d = 0; d < x->rank; d++)
    dims[d] = d == 0 ? x->dims[0] : OX_DIM_UNKNOWN;
  dims[1] = ox_dim_mul (call->dims, ox_fact_dim (w, 1), at->conv.group);
  ox_call_set (call, 0, ox_fact_dtype (x), x->rank, dims);
  return TRUE;
}

static gboolean
dynamic_run (OxCall *call, GError **error)
{
  TransposeAttrs at = *(const TransposeAttrs *) call->attrs;
  OxTensor *in[3] = { (OxTensor *) ox_call_in (call, 0), (OxTensor *) ox_call_in (call, 1), (OxTensor *) ox_call_in (call, 3) };
  OxTensor *result;

  if (ox_call_in (call, 2) != NULL)
    {
      if ((at.conv.slide.pads.v = ox_call_indices (call, 2, error)) == NULL)
        return FALSE;
      if (ox_call_in (call, 2)->count > 2 * OX_WINDOW_MAX)
        return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " pads", ox_call_in (call, 2)->count);
      at.conv.slide.pads.n = (int) ox_call_in (call, 2)->count;
      at.conv.slide.pads.set = TRUE;
    }
  if ((result = ox_sub_run (call, "ConvTranspose", 11, &at, 3, in, error)) == NULL)
    return FALSE;
  ox_call_take (call, 0, result);
  return TRUE;
}

/* ---- Col2Im --------------------------------------------------------------------------------------------------- */

/* Reads the window of Col2Im; FALSE with no error set while something is not known yet. */
static gboolean
fold_window (OxCall *call, OxWindow *window, gboolean *known, GError **error)
{
  const FoldAttrs *at = call->attrs;
  const gint64 *image, *block;
  int n, n_block;
  OxSlideAttrs slide = { .strides = at->strides, .pads = at->pads, .dilations = at->dilations };

  *known = FALSE;
  if (!ox_call_numbers (call, 1, &image, &n) || !ox_call_numbers (call, 2, &block, &n_block))
    return TRUE;
  if (n != n_block)
    return ox_fail (error, OX_ERROR_SHAPE, "image_shape has %d elements and block_shape %d", n, n_block);
  slide.kernel_shape = (OxInts){ block, n_block, TRUE };
  if (!ox_slide_read (window, &slide, n, NULL, error))
    return FALSE;
  window->in_count = window->out_count = window->kernel_count = 1;
  for (int d = 0; d < n; d++)
    {
      gint64 room = image[d] + window->begin[d] + window->end[d] - ((window->kernel[d] - 1) * window->dilation[d] + 1);

      if (image[d] < 0 || image[d] > G_MAXINT32 || room < 0)
        return ox_fail (error, OX_ERROR_VALUE,
                        "a block of %" G_GINT64_FORMAT " does not fit into an image of %" G_GINT64_FORMAT, window->kernel[d],
                        image[d]);
      window->in[d] = image[d];
      window->out[d] = room / window->stride[d] + 1;
    }
  if (!ox_dims_count (window->in, n, &window->in_count) || !ox_dims_count (window->out, n, &window->out_count)
      || !ox_dims_count (window->kernel, n, &window->kernel_count))
    return ox_fail (error, OX_ERROR_VALUE, "the image or the block is too large");
  *known = TRUE;
  return TRUE;
}

static gboolean
fold_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0), *image = ox_call_fact (call, 1);
  OxDim dims[OX_MAX_RANK];
  OxWindow window;
  gboolean known;
  int n;

  if (ox_fact_rank (x) >= 0 && x->rank != 3)
    return ox_fail (error, OX_ERROR_SHAPE, "expected rank 3 for the columns, found %d", x->rank);
  if (!fold_window (call, &window, &known, error))
    return FALSE;
  dims[0] = ox_fact_dim (x, 0);
  dims[1] = OX_DIM_UNKNOWN;
  if (!known)
    {
      n = ox_fact_rank (image) == 1 && ox_dim_known (image->dims[0]) && image->dims[0] <= OX_WINDOW_MAX ? (int) image->dims[0] : -1;
      for (int d = 0; d < n; d++)
        dims[d + 2] = OX_DIM_UNKNOWN;
      ox_call_set (call, 0, ox_fact_dtype (x), n < 0 ? -1 : n + 2, dims);
      return TRUE;
    }
  if (ox_dim_known (ox_fact_dim (x, 1)) && ox_fact_dim (x, 1) % window.kernel_count != 0)
    return ox_fail (error, OX_ERROR_SHAPE,
                    "%" G_GINT64_FORMAT " rows are no multiple of the block's %" G_GINT64_FORMAT " elements", x->dims[1],
                    window.kernel_count);
  if (ox_dim_known (ox_fact_dim (x, 2)) && ox_fact_dim (x, 2) != window.out_count)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " columns, the image has place for %" G_GINT64_FORMAT " blocks",
                    x->dims[2], window.out_count);
  dims[1] = ox_dim_div (call->dims, ox_fact_dim (x, 1), window.kernel_count);
  memcpy (dims + 2, window.in, (gsize) window.n * sizeof (OxDim));
  ox_call_set (call, 0, ox_fact_dtype (x), window.n + 2, dims);
  return TRUE;
}

/* The low bits of @value as element @i. */
static void
store_whole (OxTensor *out, gint64 i, guint64 value)
{
  switch (ox_dtype_size (out->dtype))
    {
    case 1:
      out->data[i] = out->dtype == OX_BOOL ? value != 0 : (guint8) value;
      break;
    case 2:
      ((guint16 *) out->data)[i] = (guint16) value;
      break;
    case 4:
      ((guint32 *) out->data)[i] = (guint32) value;
      break;
    default:
      ((guint64 *) out->data)[i] = value;
      break;
    }
}

/* Real and imaginary parts one after the other. */
static gboolean
fold_complex (OxCall *call, const OxWindow *window, OxTensor *out, GError **error)
{
  const OxTensor *x = ox_call_in_as (call, 0, OX_C128, error);
  double *part, *sum;

  if (x == NULL || (part = ox_call_scratch_n (call, x->count, sizeof *part, error)) == NULL
      || (sum = ox_call_scratch_n (call, out->count, sizeof *sum, error)) == NULL)
    return FALSE;
  for (int which = 0; which < 2; which++)
    {
      for (gint64 i = 0; i < x->count && !ox_pause (i); i++)
        part[i] = ((const double *) x->data)[2 * i + which];
      ox_clear (sum, (gsize) out->count * sizeof *sum);
      ox_window_fold_f64 (window, part, out->dims[0] * out->dims[1], sum);
      for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
        if (out->dtype == OX_C64)
          ((float *) out->data)[2 * i + which] = (float) sum[i];
        else
          ((double *) out->data)[2 * i + which] = sum[i];
    }
  return TRUE;
}

static OxDtype
fold_dtype (OxDtype dtype)
{
  if (dtype == OX_F32 || ox_dtype_class (dtype) == OX_CLASS_SMALL)
    return OX_F32;
  return dtype == OX_F64 ? OX_F64 : OX_I64;
}

static gboolean
fold_run (OxCall *call, GError **error)
{
  OxDtype dtype = ox_call_in (call, 0)->dtype, compute = fold_dtype (dtype);
  OxTensor *out = ox_call_out (call, 0, error);
  gsize size = ox_dtype_size (compute);
  const OxTensor *x;
  OxWindow window;
  gint64 images;
  gboolean known;
  char *sum;

  if (out == NULL || !fold_window (call, &window, &known, error))
    return FALSE;
  if (dtype == OX_STR)
    return ox_fail (error, OX_ERROR_DTYPE, "strings have no sum");
  if (out->count == 0)
    return TRUE;
  if (ox_dtype_class (dtype) == OX_CLASS_COMPLEX)
    return fold_complex (call, &window, out, error);
  if ((x = ox_call_in_as (call, 0, compute, error)) == NULL
      || (sum = ox_call_scratch_n (call, out->count, size, error)) == NULL)
    return FALSE;
  ox_clear (sum, (gsize) out->count * size);
  images = out->dims[0] * out->dims[1];
  if (compute == OX_F32)
    {
      ox_window_fold_f32 (&window, (const float *) x->data, images, (float *) sum);
      return ox_call_store_f32 (call, 0, (const float *) sum, error);
    }
  if (compute == OX_F64)
    {
      ox_window_fold_f64 (&window, (const double *) x->data, images, (double *) sum);
      memcpy (out->data, sum, (gsize) out->count * size);
      return TRUE;
    }
  ox_window_fold_u64 (&window, (const guint64 *) x->data, images, (guint64 *) sum);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    store_whole (out, i, ((const guint64 *) sum)[i]);
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec transpose_specs[] = {
  { "auto_pad", OX_KIND_STRING, offsetof (TransposeAttrs, conv.slide.auto_pad), .text = "NOTSET" },
  { "kernel_shape", OX_KIND_INTS, offsetof (TransposeAttrs, conv.slide.kernel_shape) },
  { "strides", OX_KIND_INTS, offsetof (TransposeAttrs, conv.slide.strides) },
  { "pads", OX_KIND_INTS, offsetof (TransposeAttrs, conv.slide.pads) },
  { "dilations", OX_KIND_INTS, offsetof (TransposeAttrs, conv.slide.dilations) },
  { "group", OX_KIND_INT, offsetof (TransposeAttrs, conv.group), .number = 1 },
  OX_ATTR (TransposeAttrs, output_padding, INTS),
  OX_ATTR (TransposeAttrs, output_shape, INTS),
};
static const OxAttrSpec fold_specs[] = {
  OX_ATTR (FoldAttrs, dilations, INTS),
  OX_ATTR (FoldAttrs, pads, INTS),
  OX_ATTR (FoldAttrs, strides, INTS),
};

static const OxAttrSpec dynamic_specs[] = {
  { "auto_pad", OX_KIND_STRING, offsetof (TransposeAttrs, conv.slide.auto_pad), .text = "NOTSET" },
  { "kernel_shape", OX_KIND_INTS, offsetof (TransposeAttrs, conv.slide.kernel_shape) },
  { "strides", OX_KIND_INTS, offsetof (TransposeAttrs, conv.slide.strides) },
  { "dilations", OX_KIND_INTS, offsetof (TransposeAttrs, conv.slide.dilations) },
  { "group", OX_KIND_INT, offsetof (TransposeAttrs, conv.group), .number = 1 },
  OX_ATTR (TransposeAttrs, output_padding, INTS),
};

#define TRANSPOSE(since_)                                                                                            \
  {                                                                                                                  \
    "ConvTranspose", since_, { 2, 3 }, { 1, 1 }, OX_ATTRS (transpose_specs, TransposeAttrs),                         \
      .infer = transpose_infer, .run = transpose_run                                                                 \
  }

static const OxOp conv_transpose_rows[] = {
  TRANSPOSE (1),
  TRANSPOSE (11),
  TRANSPOSE (22),
  { "Col2Im", 18, { 3, 3 }, { 1, 1 }, OX_ATTRS (fold_specs, FoldAttrs), .infer = fold_infer, .run = fold_run },
};

OX_FAMILY (conv_transpose, "ai.onnx", conv_transpose_rows);

static const OxOp conv_transpose_ms_rows[] = {
  { "ConvTransposeWithDynamicPads", 1, { 2, 4 }, { 1, 1 }, OX_ATTRS (dynamic_specs, TransposeAttrs), dynamic_infer,
    dynamic_run },
};

OX_FAMILY (conv_transpose_ms, "com.microsoft", conv_transpose_ms_rows);
