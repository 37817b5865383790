/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

/* The codes a tensor may use: from low to high, 2^bits of them, or a float type of 8 bits. */
typedef struct
{
  OxDtype dtype;
  int     bits;
  double  low, high;
} OxCodes;

/* What one scale and zero point do: of a tensor, a channel or a block. */
typedef struct
{
  gint64 channel;            /* index of the scale; -1: all of the tensor */
  double scale, zero;        /* NAN: none, or several */
  gint64 count;
  gint64 clipped;            /* numbers beyond the codes; -1: the numbers are not known */
  gint64 edge;               /* elements at the lowest or highest code, zero not counted */
  int    used;               /* different codes; -1: not counted */
  double sqnr;               /* decibels: the numbers over what quantising makes of them; NAN: not known */
  double expected;           /* decibels, from the codes alone: their spread over steps that are rounded evenly */
  double against;            /* decibels: the reference's numbers over the distance to them, which without a scale
                              * is the least there can be; NAN: there are none */
} OxQuantChannel;

/* Counts of one quantised tensor, however often it was met. */
typedef struct _OxQuantSums OxQuantSums;

/* Codes of a tensor: integers of 16 bits or less, or floats of 8; FALSE for others. */
gboolean     ox_codes_find       (OxDtype dtype, OxCodes *codes);

/* @n_channels scales; 1: one for all. */
OxQuantSums *ox_quant_sums_new   (const OxCodes *codes, gint64 n_channels);
void         ox_quant_sums_free  (OxQuantSums *self);
gint64       ox_quant_sums_channels (const OxQuantSums *self);

/* Which scale belongs to an element. */
typedef struct
{
  gint64 inner, axis_dim, block, blocks;
} OxQuantPlaces;

/* One scale for all, one an index of @axis, or one a block of it. FALSE when the shapes do not fit. @scale may be NULL. */
gboolean ox_quant_places_init (OxQuantPlaces *places, const OxTensor *codes, const OxTensor *scale, gint64 axis,
                               gint64 block);
/* @codes: numbers of codes (as ox_tensor_get() reads them); @scale, @zero, @real (the numbers before) and @reference may be
 * NULL; those with as many elements as @codes. */
void         ox_quant_sums_add   (OxQuantSums *self, const OxTensor *codes, const OxTensor *scale, const OxTensor *zero,
                                  const OxQuantPlaces *places, const OxTensor *real, const OxTensor *reference);
/* What it came to; @channel -1: all together. */
void         ox_quant_sums_tell  (const OxQuantSums *self, gint64 channel, OxQuantChannel *result);

G_END_DECLS
