/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "kernel/ox-window.h"
#include "ops/ox-op.h"

G_BEGIN_DECLS

/* The attributes of the sliding window that convolutions and poolings share. */

/* First member of the attributes of every family that slides a window. */
typedef struct
{
  const char *auto_pad;
  OxInts      kernel_shape, strides, pads, dilations;
  gint64      ceil_mode;
} OxSlideAttrs;

#define OX_SLIDE_SPECS(S)                                                                                           \
  { "auto_pad", OX_KIND_STRING, offsetof (S, slide.auto_pad), .text = "NOTSET" },                                   \
  { "kernel_shape", OX_KIND_INTS, offsetof (S, slide.kernel_shape) },                                               \
  { "strides", OX_KIND_INTS, offsetof (S, slide.strides) },                                                         \
  { "pads", OX_KIND_INTS, offsetof (S, slide.pads) }

/* Checks the attributes for @n spatial axes and reads kernel, stride, dilation and explicit pads into @window; kernel
 * from the attribute or, where that is not set, from @kernel (may be NULL: the attribute is required; unknown dims
 * give 0). Errors: OX_ERROR_VALUE, OX_ERROR_SHAPE. */
gboolean ox_slide_read  (OxWindow *window, const OxSlideAttrs *at, int n, const OxDim *kernel, GError **error);
/* The sizes of the output over inputs of the sizes @in. */
gboolean ox_slide_infer (OxCall *call, const OxWindow *window, const OxSlideAttrs *at, const OxDim *in, OxDim *out,
                          GError **error);
/* Sets sizes and pads for the run, once @in and @out are numbers. */
void     ox_slide_place (OxWindow *window, const OxSlideAttrs *at, const gint64 *in, const gint64 *out);

G_END_DECLS
