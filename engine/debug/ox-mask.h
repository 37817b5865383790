/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

/* Some of the elements of a tensor. Of what is no tensor: all of it. */
typedef struct
{
  int      rank;
  gint64   dims[OX_MAX_RANK];
  gint64   count;             /* elements of the tensor; 0: no tensor */
  guint8  *on;                /* [count] 1: in it; NULL: no tensor */
} OxMask;

/* Nothing of @like (NULL: no tensor) yet; NULL: out of memory. */
OxMask  *ox_mask_new      (const OxTensor *like);
OxMask  *ox_mask_new_dims (int rank, const gint64 *dims);
OxMask  *ox_mask_copy     (const OxMask *mask);
void     ox_mask_free     (OxMask *mask);
void     ox_mask_fill     (OxMask *mask);
gboolean ox_mask_same_shape (const OxMask *a, const OxMask *b);
/* Adds what is in @other, of the same number of elements; else all. */
void     ox_mask_add      (OxMask *mask, const OxMask *other);
gint64   ox_mask_size     (const OxMask *mask);
/* From low up to, not including, high in every axis. FALSE when it is empty. */
gboolean ox_mask_box      (const OxMask *mask, gint64 *low, gint64 *high);

/* In place of an axis of @from: no axis. */
#define OX_FREE -1
/* Adds the elements of @to that agree with some element of @from in the axes: axis i of @to is axis map[i] of @from, or
 * free. An axis of one element agrees with all. */
void     ox_mask_add_by_axes (OxMask *to, const OxMask *from, const int *map);
/* The part at @index of an axis, which the part does not have. (transfer full) */
OxMask  *ox_mask_slice    (const OxMask *mask, int axis, gint64 index);
/* Adds such a part at its place. */
void     ox_mask_add_slice (OxMask *mask, int axis, gint64 index, const OxMask *part);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxMask, ox_mask_free)

G_END_DECLS
