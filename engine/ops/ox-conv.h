/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-slide.h"

G_BEGIN_DECLS

/* What the convolutions of all element types share. */

typedef struct
{
  OxSlideAttrs slide;          /* first */
  gint64       group;
} OxConvAttrs;

#define OX_CONV_SPECS(S)                                                                                             \
  OX_SLIDE_SPECS (S),                                                                                                \
  { "dilations", OX_KIND_INTS, offsetof (S, slide.dilations) },                                                      \
  { "group", OX_KIND_INT, offsetof (S, group), .number = 1 }

/* One convolution while it runs: X [batch, groups * channels, window.in], W [groups * filters, channels, window.kernel],
 * Y [batch, groups * filters, window.out]. */
typedef struct
{
  OxWindow window;
  gint64   batch, groups, channels, filters;   /* channels and filters of one group */
} OxConv;

/* Sets output 0 for the image that is input @x, the weight that is input @w and, where @b >= 0, the bias that is
 * input @b. */
gboolean ox_conv_infer (OxCall *call, int x, int w, int b, OxDtype dtype, GError **error);
/* Sets @conv after ox_conv_infer(), while running. */
gboolean ox_conv_init  (OxConv *conv, OxCall *call, int x, int w, GError **error);

/* Conv of every version; attributes begin with an OxConvAttrs. */
gboolean ox_conv_node_infer (OxCall *call, GError **error);
gboolean ox_conv_node_run   (OxCall *call, GError **error);

G_END_DECLS
