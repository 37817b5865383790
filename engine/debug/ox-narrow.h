/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

/* A floating type of 16 bits or less, by its limits. */
typedef struct
{
  OxDtype dtype;
  double  largest;
  double  normal, denormal;   /* the smallest of each */
  double  unit;               /* the largest relative error of rounding a normal number */
} OxNarrow;

/* What a narrow type makes of numbers. */
typedef struct
{
  gint64 count;               /* elements, of all tensors that were added */
  gint64 zeros, bad;          /* NaN and infinities are bad already */
  gint64 beyond;              /* finite, and beyond the type's largest */
  gboolean one_beyond;        /* all of them are one and the same number */
  gint64 flushed;             /* not zero, and rounded to zero */
  gint64 denormal;            /* rounded to a denormal of the type */
  double largest, smallest;   /* magnitudes of the finite ones, the smallest of those that are not zero; 0: none */
  double extreme;             /* the largest one with its sign */
  double squares, lost;       /* sums of squares of what fits, and of what being flushed or denormal takes from it */
} OxRange;

/* f16, bf16 and the four types of 8 bits; FALSE with @error for others. */
gboolean ox_narrow_find   (OxDtype dtype, OxNarrow *narrow, GError **error);
/* Whether the tensor has numbers that could be of a narrow type: real and floating. */
gboolean ox_narrow_can_hold (const OxTensor *tensor);
void     ox_range_add     (OxRange *range, const OxTensor *tensor, const OxNarrow *narrow);
/* Adds what another range counted. */
void     ox_range_merge   (OxRange *range, const OxRange *other);
/* How much of the numbers is lost because they are small: root of lost over squares; 0 when there are none. */
double   ox_range_lost    (const OxRange *range);

G_END_DECLS
