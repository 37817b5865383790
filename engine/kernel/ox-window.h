/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The sliding window of convolutions and poolings, and what moves data through it. */

#define OX_WINDOW_MAX 6

/* A window along @n spatial axes: output o reads inputs o * stride - begin + k * dilation, k < kernel. */
typedef struct
{
  int    n;
  gint64 in[OX_WINDOW_MAX], out[OX_WINDOW_MAX];
  gint64 kernel[OX_WINDOW_MAX], stride[OX_WINDOW_MAX], dilation[OX_WINDOW_MAX];
  gint64 begin[OX_WINDOW_MAX], end[OX_WINDOW_MAX];
  gint64 in_count, out_count, kernel_count;   /* products */
} OxWindow;

/* The outputs @first..@last - 1 along @axis whose input at kernel offset @k lies inside the image. */
void     ox_window_span     (const OxWindow *window, int axis, gint64 k, gint64 *first, gint64 *last);
/* Whether output and input are the same positions: one tap, stride 1, no pads. */
gboolean ox_window_is_point (const OxWindow *window);

/* Unrolls @channels images at @image into @columns [channels * kernel_count, count]: for each channel and tap the
 * elements that the outputs from..from + count - 1 read, @pad (one element; NULL: zero bits) outside of the image.
 * @size is that of an element: 1, 4 or 8. */
void     ox_window_unroll   (const OxWindow *window, gsize size, const void *image, gint64 channels, gint64 from,
                             gint64 count, const void *pad, void *columns);
/* The opposite for all outputs: adds @columns [channels * kernel_count, out_count] into the images. */
void     ox_window_fold_f32 (const OxWindow *window, const float *columns, gint64 channels, float *image);
void     ox_window_fold_f64 (const OxWindow *window, const double *columns, gint64 channels, double *image);
void     ox_window_fold_u64 (const OxWindow *window, const guint64 *columns, gint64 channels, guint64 *image);
/* One channel with its own taps (depthwise), at most 2 axes: @out [out_count] += taps * image. */
void     ox_window_apply_f32 (const OxWindow *window, const float *image, const float *taps, float *out);
void     ox_window_apply_f64 (const OxWindow *window, const double *image, const double *taps, double *out);

G_END_DECLS
