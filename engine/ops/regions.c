/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <math.h>
#include <string.h>

#include "kernel/ox-sort.h"

/* Operators on boxes in images: NonMaxSuppression, RoiAlign, MaxRoiPool. */

typedef struct { gint64 center_point_box; } SuppressAttrs;
typedef struct
{
  const char *mode, *coordinate_transformation_mode;
  gint64 output_height, output_width, sampling_ratio;
  double spatial_scale;
} AlignAttrs;
typedef struct { OxInts pooled_shape; double spatial_scale; } PoolAttrs;

/* Checks that input @i, where it is known, has @rank and, on the last axis, @last elements (-1: any). */
static gboolean
expect_shape (OxCall *call, int i, const char *name, int rank, gint64 last, GError **error)
{
  const OxFact *fact = ox_call_fact (call, i);
  int have = ox_fact_rank (fact);

  if (have >= 0 && have != rank)
    return ox_fail (error, OX_ERROR_SHAPE, "%s has rank %d, expected %d", name, have, rank);
  if (have > 0 && last >= 0 && ox_dim_known (fact->dims[rank - 1]) && fact->dims[rank - 1] != last)
    return ox_fail (error, OX_ERROR_SHAPE, "%s has %" G_GINT64_FORMAT " on its last axis, expected %" G_GINT64_FORMAT,
                    name, fact->dims[rank - 1], last);
  return TRUE;
}

/* ---- NonMaxSuppression ---------------------------------------------------------------------------------------- */

static gboolean
suppress_infer (OxCall *call, GError **error)
{
  const OxFact *boxes = ox_call_fact (call, 0), *scores = ox_call_fact (call, 1);

  if (!expect_shape (call, 0, "boxes", 3, 4, error) || !expect_shape (call, 1, "scores", 3, -1, error))
    return FALSE;
  if (ox_fact_rank (boxes) == 3 && ox_fact_rank (scores) == 3)
    for (int i = 0; i < 2; i++)
      {
        OxDim a = boxes->dims[i], b = scores->dims[i == 0 ? 0 : 2];

        if (ox_dim_known (a) && ox_dim_known (b) && a != b)
          return ox_fail (error, OX_ERROR_SHAPE,
                          "boxes and scores differ in the number of %s: %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
                          i == 0 ? "batches" : "boxes", a, b);
      }
  ox_call_set (call, 0, OX_I64, 2, (OxDim[]){ OX_DIM_UNKNOWN, 3 });
  return TRUE;
}

typedef struct { float y1, x1, y2, x2; } Box;

static Box
box_read (const float *p, gboolean center)
{
  if (center)
    return (Box){ p[1] - p[3] / 2, p[0] - p[2] / 2, p[1] + p[3] / 2, p[0] + p[2] / 2 };
  return (Box){ MIN (p[0], p[2]), MIN (p[1], p[3]), MAX (p[0], p[2]), MAX (p[1], p[3]) };
}

static gboolean
boxes_overlap (const Box *a, const Box *b, float threshold)
{
  float h = MIN (a->y2, b->y2) - MAX (a->y1, b->y1), w = MIN (a->x2, b->x2) - MAX (a->x1, b->x1);
  float area_a = (a->y2 - a->y1) * (a->x2 - a->x1), area_b = (b->y2 - b->y1) * (b->x2 - b->x1), both;

  if (!(h > 0 && w > 0))
    return FALSE;
  both = h * w;
  if (area_a <= 0 || area_b <= 0)
    return FALSE;
  return both / (area_a + area_b - both) > threshold;
}

typedef struct { float score; gint64 index; } Scored;

static int
scored_compare (gconstpointer a, gconstpointer b, gpointer unused)
{
  const Scored *x = a, *y = b;

  if (x->score != y->score)
    return x->score > y->score ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

/* The one number of the optional input @i. */
static gboolean
number_input (OxCall *call, int i, const char *name, double *value, GError **error)
{
  const OxTensor *tensor = ox_call_in (call, i);

  if (tensor == NULL)
    return TRUE;
  if (tensor->count != 1 || tensor->dtype == OX_STR)
    return ox_fail (error, OX_ERROR_SHAPE, "%s must be one number, found %" G_GINT64_FORMAT, name, tensor->count);
  *value = ox_tensor_get (tensor, 0);
  return TRUE;
}

static gboolean
suppress_run (OxCall *call, GError **error)
{
  const SuppressAttrs *at = call->attrs;
  const OxTensor *boxes = ox_call_in_as (call, 0, OX_F32, error);
  const OxTensor *scores = boxes != NULL ? ox_call_in_as (call, 1, OX_F32, error) : NULL;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (gint64));
  double most = 0, overlap = 0, least = -INFINITY;
  gint64 batches, classes, n;
  Scored *order, *room;
  Box *kept;
  OxTensor *out;

  if (scores == NULL)
    return FALSE;
  if (!number_input (call, 2, "max_output_boxes_per_class", &most, error)
      || !number_input (call, 3, "iou_threshold", &overlap, error)
      || !number_input (call, 4, "score_threshold", &least, error))
    return FALSE;
  if (!(overlap >= 0 && overlap <= 1))
    return ox_fail (error, OX_ERROR_VALUE, "iou_threshold is %g, expected 0..1", overlap);
  batches = scores->dims[0];
  classes = scores->dims[1];
  n = scores->dims[2];
  order = ox_call_scratch_n (call, n, sizeof (Scored), error);
  room = order != NULL ? ox_call_scratch_n (call, n, sizeof (Scored), error) : NULL;
  kept = room != NULL ? ox_call_scratch_n (call, n, sizeof (Box), error) : NULL;
  if (kept == NULL)
    return FALSE;
  for (gint64 line = 0; line < batches * classes && most > 0 && n > 0 && !ox_turn (); line++)
    {
      const float *score = (const float *) scores->data + line * n;
      const float *box = (const float *) boxes->data + line / classes * n * 4;
      gint64 count = 0, n_kept = 0;

      for (gint64 i = 0; i < n && !ox_pause (i); i++)
        if (score[i] > least)
          order[count++] = (Scored){ score[i], i };
      if (!ox_sort (order, room, count, sizeof (Scored), scored_compare, NULL))
        return FALSE;
      for (gint64 i = 0; i < count && n_kept < most; i++)
        {
          Box next = box_read (box + order[i].index * 4, at->center_point_box != 0);
          gboolean hidden = FALSE;

          if (i % 64 == 0 && ox_call_cancelled (call, error))
            return FALSE;
          for (gint64 k = 0; k < n_kept && !hidden; k++)
            hidden = boxes_overlap (&next, &kept[k], (float) overlap);
          if (hidden)
            continue;
          kept[n_kept++] = next;
          g_array_append_vals (found, (gint64[]){ line / classes, line % classes, order[i].index }, 3);
        }
      if (ox_call_cancelled (call, error))
        return FALSE;
    }
  out = ox_call_alloc (call, 0, OX_I64, 2, (gint64[]){ found->len / 3, 3 }, error);
  if (out == NULL)
    return FALSE;
  if (found->len > 0)
    memcpy (out->data, found->data, found->len * sizeof (gint64));
  return TRUE;
}

/* ---- RoiAlign ------------------------------------------------------------------------------------------------- */

/* A region may ask for so many samples a cell; beyond it the numbers are not those of boxes in an image. */
#define MOST_SAMPLES (1 << 24)

static gboolean
align_infer (OxCall *call, GError **error)
{
  const AlignAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0), *rois = ox_call_fact (call, 1), *batch = ox_call_fact (call, 2);
  const char *grid = at->coordinate_transformation_mode;

  if (!expect_shape (call, 0, "X", 4, -1, error) || !expect_shape (call, 1, "rois", 2, 4, error)
      || !expect_shape (call, 2, "batch_indices", 1, -1, error))
    return FALSE;
  if (!g_str_equal (at->mode, "avg") && !g_str_equal (at->mode, "max"))
    return ox_fail (error, OX_ERROR_VALUE, "mode '%s' is not avg or max", at->mode);
  if (grid != NULL && !g_str_equal (grid, "half_pixel") && !g_str_equal (grid, "output_half_pixel"))
    return ox_fail (error, OX_ERROR_VALUE, "coordinate_transformation_mode '%s' is not half_pixel or output_half_pixel",
                    grid);
  if (at->output_height < 1 || at->output_width < 1 || at->sampling_ratio < 0)
    return ox_fail (error, OX_ERROR_VALUE, "the output is %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT
                    " with sampling_ratio %" G_GINT64_FORMAT, at->output_height, at->output_width, at->sampling_ratio);
  if (ox_dim_known (ox_fact_dim (rois, 0)) && ox_dim_known (ox_fact_dim (batch, 0)) && rois->dims[0] != batch->dims[0])
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " rois but %" G_GINT64_FORMAT " batch_indices",
                    rois->dims[0], batch->dims[0]);
  ox_call_set (call, 0, ox_fact_dtype (x), 4,
               (OxDim[]){ ox_fact_dim (rois, 0), ox_fact_dim (x, 1), at->output_height, at->output_width });
  return TRUE;
}

typedef struct
{
  const AlignAttrs *at;
  const double *x, *rois;
  const gint64 *batch;
  double *out;
  gint64 c, h, w;
} Align;

/* One sample: the four neighbours with their weights; the maximum is taken over the weighted neighbours. */
static double
align_sample (const double *plane, gint64 h, gint64 w, double y, double x, gboolean max)
{
  gint64 y0, x0, y1, x1;
  double ly, lx, a, b, c, d;

  if (!(y >= -1 && y <= (double) h && x >= -1 && x <= (double) w))
    return 0;
  y = MAX (y, 0);
  x = MAX (x, 0);
  y0 = MIN ((gint64) y, h - 1);
  x0 = MIN ((gint64) x, w - 1);
  y1 = MIN (y0 + 1, h - 1);
  x1 = MIN (x0 + 1, w - 1);
  ly = y0 >= h - 1 ? 0 : y - (double) y0;
  lx = x0 >= w - 1 ? 0 : x - (double) x0;
  a = (1 - ly) * (1 - lx) * plane[y0 * w + x0];
  b = (1 - ly) * lx * plane[y0 * w + x1];
  c = ly * (1 - lx) * plane[y1 * w + x0];
  d = ly * lx * plane[y1 * w + x1];
  return max ? MAX (MAX (a, b), MAX (c, d)) : a + b + c + d;
}

static void
align_box (const Align *a, const double *roi, double *y, double *x, double *height, double *width)
{
  gboolean half = g_strcmp0 (a->at->coordinate_transformation_mode, "half_pixel") == 0;
  double shift = half ? 0.5 : 0, scale = a->at->spatial_scale;

  *x = roi[0] * scale - shift;
  *y = roi[1] * scale - shift;
  *width = roi[2] * scale - shift - *x;
  *height = roi[3] * scale - shift - *y;
  if (!half)
    {
      *width = MAX (*width, 1);
      *height = MAX (*height, 1);
    }
}

static void
align_counts (const Align *a, double height, double width, double *rows, double *cols)
{
  const AlignAttrs *at = a->at;

  *rows = at->sampling_ratio > 0 ? (double) at->sampling_ratio : ceil (height / (double) at->output_height);
  *cols = at->sampling_ratio > 0 ? (double) at->sampling_ratio : ceil (width / (double) at->output_width);
}

static void
align_planes (gint64 begin, gint64 end, gpointer user)
{
  const Align *a = user;
  gint64 oh = a->at->output_height, ow = a->at->output_width;
  gboolean max = g_str_equal (a->at->mode, "max");

  for (gint64 i = begin; i < end && !ox_turn (); i++)
    {
      gint64 r = i / a->c;
      const double *plane = a->x + (a->batch[r] * a->c + i % a->c) * a->h * a->w;
      double y, x, height, width, rows, cols;

      align_box (a, a->rois + r * 4, &y, &x, &height, &width);
      align_counts (a, height, width, &rows, &cols);
      for (gint64 cell = 0; cell < oh * ow && !ox_turn (); cell++)
        {
          double sum = 0, top = -INFINITY, bin_h = height / (double) oh, bin_w = width / (double) ow;

          for (gint64 iy = 0; iy < rows && !ox_turn (); iy++)
            for (gint64 ix = 0; ix < cols && !ox_pause (ix); ix++)
              {
                double sy = y + (double) (cell / ow) * bin_h + ((double) iy + 0.5) * bin_h / rows;
                double sx = x + (double) (cell % ow) * bin_w + ((double) ix + 0.5) * bin_w / cols;
                double value = align_sample (plane, a->h, a->w, sy, sx, max);

                sum += value;
                top = MAX (top, value);
              }
          if (!max)
            a->out[i * oh * ow + cell] = sum / MAX (rows * cols, 1);
          else
            a->out[i * oh * ow + cell] = rows > 0 && cols > 0 ? top : 0;
        }
    }
}

static gboolean
align_run (OxCall *call, GError **error)
{
  const AlignAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_as (call, 0, OX_F64, error);
  const OxTensor *rois = x != NULL ? ox_call_in_as (call, 1, OX_F64, error) : NULL;
  const gint64 *batch = rois != NULL ? ox_call_indices (call, 2, error) : NULL;
  OxTensor *out = batch != NULL ? ox_call_out (call, 0, error) : NULL;
  Align align;

  if (out == NULL)
    return FALSE;
  align = (Align){ at, (const double *) x->data, (const double *) rois->data, batch, NULL, x->dims[1], x->dims[2],
                   x->dims[3] };
  if (out->count == 0)
    return TRUE;
  if (x->dims[2] == 0 || x->dims[3] == 0)
    return ox_fail (error, OX_ERROR_SHAPE, "the image has no pixels");
  for (gint64 r = 0; r < rois->dims[0] && !ox_pause (r); r++)
    {
      double y, left, height, width, rows, cols;
      gint64 index = batch[r];

      if (index < 0 || index >= x->dims[0])
        return ox_fail (error, OX_ERROR_VALUE, "batch index %" G_GINT64_FORMAT " is outside of 0..%" G_GINT64_FORMAT,
                        index, x->dims[0] - 1);
      align_box (&align, align.rois + r * 4, &y, &left, &height, &width);
      align_counts (&align, height, width, &rows, &cols);
      if (!isfinite (y) || !isfinite (left) || !(MAX (rows, 0) * MAX (cols, 0) <= MOST_SAMPLES))
        return ox_fail (error, OX_ERROR_VALUE, "region %" G_GINT64_FORMAT " is not a box of sensible size", r);
    }
  align.out = ox_call_scratch_n (call, out->count, sizeof (double), error);
  if (align.out == NULL)
    return FALSE;
  ox_parallel_for (rois->dims[0] * x->dims[1], 4, align_planes, &align);
  for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
    ox_element_set (out->dtype, out->data + (gsize) i * ox_dtype_size (out->dtype), align.out[i]);
  return TRUE;
}

/* ---- MaxRoiPool ----------------------------------------------------------------------------------------------- */

static gboolean
pool_infer (OxCall *call, GError **error)
{
  const PoolAttrs *at = call->attrs;
  const OxFact *x = ox_call_fact (call, 0), *rois = ox_call_fact (call, 1);

  if (!expect_shape (call, 0, "X", 4, -1, error) || !expect_shape (call, 1, "rois", 2, 5, error))
    return FALSE;
  if (at->pooled_shape.n != 2 || at->pooled_shape.v[0] < 1 || at->pooled_shape.v[1] < 1)
    return ox_fail (error, OX_ERROR_VALUE, "pooled_shape must be two numbers of at least 1");
  ox_call_set (call, 0, ox_fact_dtype (x), 4,
               (OxDim[]){ ox_fact_dim (rois, 0), ox_fact_dim (x, 1), at->pooled_shape.v[0], at->pooled_shape.v[1] });
  return TRUE;
}

static gboolean
pool_run (OxCall *call, GError **error)
{
  const PoolAttrs *at = call->attrs;
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  const OxTensor *rois = x != NULL ? ox_call_in_as (call, 1, OX_F64, error) : NULL;
  OxTensor *out = rois != NULL ? ox_call_out (call, 0, error) : NULL;
  gint64 c, h, w, ph, pw, n = 0;
  gsize size;

  if (out == NULL)
    return FALSE;
  if (!ox_dtype_is_float (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "X is %s, expected a float type", ox_dtype_name (x->dtype));
  size = ox_dtype_size (x->dtype);
  c = x->dims[1];
  h = x->dims[2];
  w = x->dims[3];
  ph = at->pooled_shape.v[0];
  pw = at->pooled_shape.v[1];
  for (gint64 r = 0; r < rois->dims[0] && !ox_turn (); r++)
    {
      const double *roi = (const double *) rois->data + r * 5;
      double edge[4], bin_h, bin_w;

      for (int i = 0; i < 4; i++)
        {
          edge[i] = round (roi[i + 1] * at->spatial_scale);
          if (!(fabs (edge[i]) < 1e9))
            return ox_fail (error, OX_ERROR_VALUE, "region %" G_GINT64_FORMAT " is not a box of sensible size", r);
        }
      if (!(roi[0] >= 0 && roi[0] < (double) x->dims[0]))
        return ox_fail (error, OX_ERROR_VALUE, "batch index %g is outside of 0..%" G_GINT64_FORMAT, roi[0],
                        x->dims[0] - 1);
      bin_w = MAX (edge[2] - edge[0] + 1, 1) / (double) pw;
      bin_h = MAX (edge[3] - edge[1] + 1, 1) / (double) ph;
      for (gint64 channel = 0; channel < c && !ox_turn (); channel++)
        for (gint64 cell = 0; cell < ph * pw && !ox_turn (); cell++)
          {
            double row = (double) (cell / pw), col = (double) (cell % pw), most = 0;
            gint64 y0 = CLAMP ((gint64) (floor (row * bin_h) + edge[1]), 0, h);
            gint64 y1 = CLAMP ((gint64) (ceil ((row + 1) * bin_h) + edge[1]), 0, h);
            gint64 x0 = CLAMP ((gint64) (floor (col * bin_w) + edge[0]), 0, w);
            gint64 x1 = CLAMP ((gint64) (ceil ((col + 1) * bin_w) + edge[0]), 0, w);
            const guint8 *plane = x->data + (gsize) (((gint64) roi[0] * c + channel) * h * w) * size;
            gboolean any = FALSE;

            for (gint64 iy = y0; iy < y1 && !ox_turn (); iy++)
              for (gint64 ix = x0; ix < x1 && !ox_pause (ix); ix++)
                {
                  double value = ox_element_get (x->dtype, plane + (gsize) (iy * w + ix) * size);

                  if (!any || value > most)
                    most = value;
                  any = TRUE;
                }
            ox_element_set (out->dtype, out->data + (gsize) n++ * size, most);
          }
      if (ox_call_cancelled (call, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec suppress_attrs[] = { OX_INT (SuppressAttrs, center_point_box, 0) };
static const OxAttrSpec align_attrs[]
  = { OX_STRING (AlignAttrs, mode, "avg"),      OX_INT (AlignAttrs, output_height, 1),
      OX_INT (AlignAttrs, output_width, 1),     OX_INT (AlignAttrs, sampling_ratio, 0),
      OX_FLOAT (AlignAttrs, spatial_scale, 1),  OX_STRING (AlignAttrs, coordinate_transformation_mode, "half_pixel") };
static const OxAttrSpec pool_attrs[] = { OX_NEED (PoolAttrs, pooled_shape, INTS),
                                         OX_FLOAT (PoolAttrs, spatial_scale, 1) };

/* RoiAlign-10 lacks the last attribute and samples as output_half_pixel does. */
static const OxOp regions_rows[] = {
  { "NonMaxSuppression", 10, { 2, 5 }, { 1, 1 }, OX_ATTRS (suppress_attrs, SuppressAttrs), .infer = suppress_infer,
    .run = suppress_run },
  { "RoiAlign", 10, { 3, 3 }, { 1, 1 }, .attrs = align_attrs, .n_attrs = G_N_ELEMENTS (align_attrs) - 1,
    .attrs_size = sizeof (AlignAttrs), .infer = align_infer, .run = align_run },
  { "RoiAlign", 16, { 3, 3 }, { 1, 1 }, OX_ATTRS (align_attrs, AlignAttrs), .infer = align_infer, .run = align_run },
  { "MaxRoiPool", 1, { 2, 2 }, { 1, 1 }, OX_ATTRS (pool_attrs, PoolAttrs), .infer = pool_infer, .run = pool_run },
};

OX_FAMILY (regions, "ai.onnx", regions_rows);
