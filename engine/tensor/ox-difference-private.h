/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-statistics.h"

G_BEGIN_DECLS

/* Elements that are looked at together. */
#define OX_DIFFERENCE_BLOCK 4096

/* What is asked of every element. */
typedef struct
{
  double rtol, atol;
  double normal;           /* the smallest normal number of the reference's type */
  int    mantissa;         /* bits of its mantissa that are written; 0: no float */
} OxDifferenceRule;

/* What one block adds. Maxima are left at 0 where an earlier block of the same thread has a larger one. */
typedef struct
{
  gint64 outside, unequal, first, worst, finite;
  double max_abs, max_rel, max_ulps, largest;
  double xy, xx, yy, sum, squares;
} OxDifferencePart;

/* The largest so far. */
typedef struct
{
  double max_abs, max_rel, max_ulps;
} OxDifferenceRecord;

/* ---- ox-difference-floats.c ---- */
/* A block of floats that begins at element @first; FALSE, and nothing is done, if some are no finite numbers or the rule has
 * no sense. */
gboolean ox_difference_floats (const OxDifferenceRule *rule, const float *x, const float *y, int n, gint64 first,
                               OxDifferenceRecord *record, OxDifferencePart *part);
/* Whether all are well within; then counts those that are unequal, and sets *@apart to the largest difference as a float. */
gboolean ox_floats_are_near   (const float *x, const float *y, int n, float rtol, float atol, gint64 *unequal, float *apart);

/* ---- ox-difference.c ---- */
/* Elements @begin to @end in row-major order as they lie in memory, at most a block: in the tensor itself or, when they are
 * scattered, in @room of OX_DIFFERENCE_BLOCK * 16 bytes, which is made when it is NULL. Not of packed ones. */
const guint8 *ox_tensor_gather (const OxTensor *tensor, gint64 begin, gint64 end, guint8 **room);

G_END_DECLS
