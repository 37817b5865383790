/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* What the families that move elements around (shape, slicing, index, sequence) have in common. */

/* The rank of what is a tensor; -1 if that or its rank is not known. */
int      ox_fact_rank        (const OxFact *fact);
/* Dimension @axis of a fact, OX_DIM_UNKNOWN when its rank is not known. */
OxDim    ox_fact_dim         (const OxFact *fact, int axis);
OxDtype  ox_fact_dtype       (const OxFact *fact);
/* The product of @n dimensions; 0 wins over what is not known. */
OxDim    ox_dims_product     (OxDims *dims, int n, const OxDim *values);
/* Output @o is of unknown rank. */
void     ox_call_set_unknown (OxCall *call, int o, OxDtype dtype);
/* ox_call_set() that fails when @rank is beyond the limit. */
gboolean ox_call_set_checked (OxCall *call, int o, OxDtype dtype, int rank, const OxDim *dims, GError **error);
/* Every one of @rank dims unknown; @rank -1 too. */
gboolean ox_call_set_rank    (OxCall *call, int o, OxDtype dtype, OxDim rank, GError **error);
/* Output @o has the elements of input @i in the same order (before the run; a shape may pass through). */
void     ox_call_pass_ints   (OxCall *call, int o, int i);

/* ox_call_ints() for the first versions of operators that took sizes in the float type of their data. */
gboolean ox_call_sizes       (OxCall *call, int i, const OxDim **values, int *n);

typedef enum
{
  OX_GIVEN_NO,        /* omitted */
  OX_GIVEN_LATER,     /* there, but its numbers are not known before the run */
  OX_GIVEN_YES,
} OxGiven;

/* A list of integers that is input @i (@i >= 0) or an attribute (@attr, may be NULL). */
OxGiven  ox_call_list        (OxCall *call, int i, const OxInts *attr, const gint64 **values, int *n);
/* @axes made non-negative in @result [n]; an axis that is named twice is an error. */
gboolean ox_call_axes        (OxCall *call, const gint64 *axes, int n, int rank, int *result, GError **error);
/* A single number from input @i, a scalar or one element. */
gboolean ox_call_number      (OxCall *call, int i, const char *name, gint64 *value, GError **error);

/* Element @i of a tensor of an attribute, which may be packed or misaligned, as a kernel would have it: 16 bytes. */
void     ox_element_read     (const OxTensor *tensor, gint64 i, void *element);
/* Copies @n contiguous elements; the target of strings holds valid references or NULL. */
void     ox_move_block       (OxDtype dtype, void *to, const void *from, gint64 n);
/* Copies all of @from to the strided place @to. */
void     ox_move_tensor      (const OxTensor *from, guint8 *to, const gint64 *to_strides);
/* (transfer full) A contiguous copy, made by all threads. */
OxTensor *ox_move_dense      (const OxTensor *tensor, GError **error);
/* (transfer full) The same elements in another shape: a view wherever the strides allow it. */
OxTensor *ox_move_reshape    (OxTensor *tensor, int rank, const gint64 *dims, GError **error);
/* (transfer full) A view with the last axis moved to place 1 (@first) or the other way round. */
OxTensor *ox_move_channels   (OxTensor *tensor, gboolean first);
/* Input @i as contiguous int64; checks that it is of an integer type. */
const gint64 *ox_call_indices (OxCall *call, int i, GError **error);
/* @index in -@size..@size-1 made non-negative, else an error that names @what. */
gboolean ox_index_wrap       (gint64 *index, gint64 size, const char *what, GError **error);

G_END_DECLS
