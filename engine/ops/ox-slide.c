/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-slide.h"

#include <string.h>

static gboolean
is_auto (const OxSlideAttrs *at, const char *mode)
{
  return at->auto_pad != NULL && strcmp (at->auto_pad, mode) == 0;
}

static gboolean
is_same (const OxSlideAttrs *at)
{
  return is_auto (at, "SAME_UPPER") || is_auto (at, "SAME_LOWER");
}

/* @ints into @values, @fallback where not set; each in @min..2^31-1, so that sums and products stay in range. */
static gboolean
read_list (const OxInts *ints, const char *name, int n, gint64 min, gint64 fallback, gint64 *values, GError **error)
{
  if (ints->set && ints->n > 0 && ints->n != n)
    return ox_fail (error, OX_ERROR_VALUE, "%s has %d elements, expected %d", name, ints->n, n);
  for (int i = 0; i < n; i++)
    {
      values[i] = ints->set && ints->n > 0 ? ints->v[i] : fallback;
      if (values[i] < min || values[i] > G_MAXINT32)
        return ox_fail (error, OX_ERROR_VALUE, "%s has %" G_GINT64_FORMAT ", expected at least %" G_GINT64_FORMAT, name,
                        values[i], min);
    }
  return TRUE;
}

gboolean
ox_slide_read (OxWindow *window, const OxSlideAttrs *at, int n, const OxDim *kernel, GError **error)
{
  gint64 pads[2 * OX_WINDOW_MAX];

  memset (window, 0, sizeof *window);
  window->n = n;
  if (n < 1 || n > OX_WINDOW_MAX)
    return ox_fail (error, OX_ERROR_SHAPE, "%d spatial axes, expected 1 to %d", n, OX_WINDOW_MAX);
  if (at->auto_pad != NULL && at->auto_pad[0] != '\0' && !is_auto (at, "NOTSET") && !is_auto (at, "VALID") && !is_same (at))
    return ox_fail (error, OX_ERROR_VALUE, "auto_pad is '%s', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER",
                    at->auto_pad);
  if (kernel == NULL && !at->kernel_shape.set)
    return ox_fail (error, OX_ERROR_MODEL, "the attribute kernel_shape is missing");
  if (!read_list (&at->strides, "strides", n, 1, 1, window->stride, error)
      || !read_list (&at->dilations, "dilations", n, 1, 1, window->dilation, error)
      || !read_list (&at->pads, "pads", 2 * n, 0, 0, pads, error)
      || (at->kernel_shape.n > 0 && !read_list (&at->kernel_shape, "kernel_shape", n, 1, 1, window->kernel, error)))
    return FALSE;
  for (int d = 0; d < n; d++)
    {
      if (!at->pads.set || (at->auto_pad != NULL && at->auto_pad[0] != '\0' && !is_auto (at, "NOTSET")))
        pads[d] = pads[n + d] = 0;
      window->begin[d] = pads[d];
      window->end[d] = pads[n + d];
      if (kernel == NULL)
        continue;
      if (at->kernel_shape.n == 0)
        window->kernel[d] = ox_dim_known (kernel[d]) ? kernel[d] : 0;
      else if (ox_dim_known (kernel[d]) && kernel[d] != window->kernel[d])
        return ox_fail (error, OX_ERROR_SHAPE,
                        "kernel_shape says %" G_GINT64_FORMAT " along axis %d, the weight has %" G_GINT64_FORMAT,
                        window->kernel[d], d, kernel[d]);
      if (ox_dim_known (kernel[d]) && (kernel[d] < 1 || kernel[d] > G_MAXINT32))
        return ox_fail (error, OX_ERROR_SHAPE, "the weight has %" G_GINT64_FORMAT " along spatial axis %d", kernel[d], d);
    }
  return TRUE;
}

gboolean
ox_slide_infer (OxCall *call, const OxWindow *window, const OxSlideAttrs *at, const OxDim *in, OxDim *out, GError **error)
{
  OxDims *dims = call->dims;

  for (int d = 0; d < window->n; d++)
    {
      gint64 reach = (window->kernel[d] - 1) * window->dilation[d] + 1, pads = window->begin[d] + window->end[d];
      OxDim stride = window->stride[d], room;

      if (is_same (at))
        {
          out[d] = ox_dim_ceil_div (dims, in[d], stride);
          continue;
        }
      if (window->kernel[d] == 0)
        {
          out[d] = OX_DIM_UNKNOWN;
          continue;
        }
      if (ox_dim_known (in[d]) && in[d] + pads < reach)
        return ox_fail (error, OX_ERROR_SHAPE,
                        "a window of %" G_GINT64_FORMAT " along spatial axis %d is larger than the padded input of %" G_GINT64_FORMAT,
                        reach, d, in[d] + pads);
      room = ox_dim_add (dims, in[d], ox_dim_const (dims, pads - reach));
      if (at->ceil_mode && !is_auto (at, "VALID"))
        /* The last window must begin in the input or in the padding before it. */
        out[d] = ox_dim_min (dims, ox_dim_add (dims, ox_dim_ceil_div (dims, room, stride), 1),
                             ox_dim_ceil_div (dims, ox_dim_add (dims, in[d], window->begin[d]), stride));
      else
        /* VALID is the same in both modes: ceil ((in - reach + 1) / stride). */
        out[d] = ox_dim_add (dims, ox_dim_div (dims, room, stride), 1);
    }
  return TRUE;
}

void
ox_slide_place (OxWindow *window, const OxSlideAttrs *at, const gint64 *in, const gint64 *out)
{
  window->in_count = window->out_count = window->kernel_count = 1;
  for (int d = 0; d < window->n; d++)
    {
      window->in[d] = in[d];
      window->out[d] = out[d];
      window->in_count *= in[d];
      window->out_count *= out[d];
      if (__builtin_mul_overflow (window->kernel_count, window->kernel[d], &window->kernel_count))
        window->kernel_count = G_MAXINT64;
      if (is_same (at))
        {
          gint64 reach = (window->kernel[d] - 1) * window->dilation[d] + 1;
          gint64 total = MAX (0, (out[d] - 1) * window->stride[d] + reach - in[d]);

          window->begin[d] = is_auto (at, "SAME_UPPER") ? total / 2 : total - total / 2;
          window->end[d] = total - window->begin[d];
        }
    }
}
