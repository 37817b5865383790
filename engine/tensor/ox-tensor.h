/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-dtype.h"

G_BEGIN_DECLS

#define OX_MAX_RANK 32

/* An n-dimensional array of one element type. Its maker may write to it until it is published (put into an
 * OxValue); from then on it is immutable and may be shared between threads.
 *
 * Elements lie at data + sum (index[i] * strides[i]); strides are bytes and may be zero or negative. A packed
 * tensor (4- or 2-bit elements as in a file) has no strides to walk; ox_tensor_unpack() makes one that has.
 * Strings are char* made by g_ref_string_new_len(), owned by the storage; NULL reads as "". */
typedef struct
{
  gatomicrefcount refs;
  OxDtype       dtype;
  int           rank;
  gboolean      packed;
  gint64        count;      /* elements */
  guint8       *data;       /* the first element */
  GBytes       *storage;    /* keeps data alive */
  gint64       *dims;       /* [rank] */
  gint64       *strides;    /* [rank], bytes */
} OxTensor;

/* A contiguous tensor with uninitialised elements (strings: empty). Errors: OX_ERROR_SHAPE for dimensions that are
 * negative or do not multiply, OX_ERROR_MEMORY. */
OxTensor   *ox_tensor_new           (OxDtype dtype, int rank, const gint64 *dims, GError **error);
OxTensor   *ox_tensor_new_zeros     (OxDtype dtype, int rank, const gint64 *dims, GError **error);
/* A contiguous tensor over @bytes from @offset, not copied; for 4- and 2-bit types @bytes is packed. Errors:
 * OX_ERROR_FORMAT when @bytes is too short. */
OxTensor   *ox_tensor_new_for_bytes (OxDtype dtype, int rank, const gint64 *dims, GBytes *bytes, gsize offset,
                                     GError **error);
/* Other dims and strides over the same storage; @data must lie inside it. */
OxTensor   *ox_tensor_new_view      (OxTensor *base, int rank, const gint64 *dims, const gint64 *strides, guint8 *data);
/* A rank-0 tensor, or a rank-1 tensor of int64. */
OxTensor   *ox_tensor_new_scalar    (OxDtype dtype, double value);
OxTensor   *ox_tensor_new_ints      (const gint64 *values, gint64 n);
/* A 1-D tensor of strings (copied); @n 0 is allowed. */
OxTensor   *ox_tensor_new_strings   (const char *const *values, gint64 n);

OxTensor   *ox_tensor_ref           (OxTensor *tensor);
void        ox_tensor_unref         (OxTensor *tensor);

gboolean    ox_tensor_is_contiguous (const OxTensor *tensor);
gsize       ox_tensor_bytes         (const OxTensor *tensor);   /* what its elements take, views included */
gboolean    ox_tensor_same_shape    (const OxTensor *a, const OxTensor *b);

/* (transfer full) Itself if it already is so, else a copy: contiguous, aligned for its type and unpacked. */
OxTensor   *ox_tensor_contiguous    (OxTensor *tensor, GError **error);
/* (transfer full) Itself if it is aligned for its type and unpacked (strides may be any), else a copy. Everything a
 * kernel sees has been through this. */
OxTensor   *ox_tensor_usable        (OxTensor *tensor, GError **error);
/* (transfer full) A view when the strides allow it, else a copy. The counts must be equal. */
OxTensor   *ox_tensor_reshape       (OxTensor *tensor, int rank, const gint64 *dims, GError **error);
/* (transfer full) A copy in another element type, by value as ox_element_get/set do, but exact between integers. */
OxTensor   *ox_tensor_convert       (OxTensor *tensor, OxDtype dtype, GError **error);
/* The elements as in a file: contiguous little-endian, 4- and 2-bit types packed. Not for strings. */
GBytes     *ox_tensor_pack          (OxTensor *tensor, GError **error);
/* Copies all elements of @from, whatever its strides, into the contiguous memory at @to (strings are referenced). */
void        ox_tensor_copy_to       (const OxTensor *from, void *to);

/* Element number @index in row-major order. */
guint8     *ox_tensor_element       (const OxTensor *tensor, gint64 index);
double      ox_tensor_get           (const OxTensor *tensor, gint64 index);
gint64      ox_tensor_get_int       (const OxTensor *tensor, gint64 index);
const char *ox_tensor_get_string    (const OxTensor *tensor, gint64 index);   /* (transfer none) never NULL */
void        ox_tensor_set           (OxTensor *tensor, gint64 index, double value);
void        ox_tensor_set_string    (OxTensor *tensor, gint64 index, const char *text, gssize length);

/* "1x3x224x224", "[]" for a scalar. */
char       *ox_shape_to_string      (int rank, const gint64 *dims);
char       *ox_tensor_shape_string  (const OxTensor *tensor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxTensor, ox_tensor_unref)

G_END_DECLS
