/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* Where the scale and zero point of an element are: one for all, one an index of an axis, or one a block of it. */
typedef struct
{
  gint64 inner, axis_dim, block, blocks;   /* element i has place i / inner % axis_dim on the axis */
  gboolean single;
  gboolean blocked;
} OxQuantGrid;

/* Reads the shapes of @x and @scale. Errors: OX_ERROR_SHAPE. */
gboolean ox_quant_grid_init (OxQuantGrid *grid, OxCall *call, int rank, const gint64 *dims, const OxTensor *scale,
                             gint64 axis, gint64 block_size, GError **error);
/* Which scale element @i of the tensor uses. */
gint64   ox_quant_grid_at   (const OxQuantGrid *grid, gint64 i);

/* round (x) + zero, saturated to the integer type, halves to even; float types are rounded by their own rule. */
void     ox_quantize_store  (OxDtype dtype, void *to, double scaled, double zero, gboolean saturate);

/* What DynamicQuantizeLinear does with @n numbers. */
void     ox_quant_dynamic   (const float *v, gint64 n, guint8 *y, float *scale, guint8 *zero);

/* (transfer full) tensor - zero_point in @dtype (OX_I32 or OX_F64); @zero NULL, one number, or one an index of @axis. */
OxTensor *ox_quant_centre   (OxTensor *tensor, OxTensor *zero, int axis, OxDtype dtype, GError **error);

/* (transfer full) scale * (tensor - zero) in float; @scale and @zero (may be NULL) are one number or one a column. */
OxTensor *ox_quant_restore  (OxCall *call, OxTensor *tensor, OxTensor *scale, OxTensor *zero, GError **error);
/* a[i] * b[j] / y in float: what sums of products are scaled by. */
float    ox_quant_ratio     (const OxTensor *a, gint64 i, const OxTensor *b, gint64 j, const OxTensor *y);
/* Output 0 = round (sum * scale) + zero, contiguous sums of OX_I32 or OX_F64; the scale is one or one an index of @axis. */
gboolean ox_quant_requantize (OxCall *call, const OxTensor *sums, const float *scale, gint64 n_scales, int axis,
                              const OxTensor *zero, GError **error);

G_END_DECLS
