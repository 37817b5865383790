/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

typedef enum
{
  OX_VALUE_TENSOR,
  OX_VALUE_SPARSE,
  OX_VALUE_SEQUENCE,
  OX_VALUE_OPTIONAL,
  OX_VALUE_MAP,
} OxValueKind;

typedef struct _OxValue OxValue;

/* What flows along an edge. Immutable and shared; made by the functions below, which take their parts over. */
struct _OxValue
{
  gatomicrefcount refs;
  OxValueKind kind;
  OxDtype     dtype;    /* of the tensor; of the elements or keys of the others where it is known */
  OxTensor   *tensor;   /* TENSOR; SPARSE: the values [nnz] */
  OxTensor   *indices;  /* SPARSE: [nnz] linear or [nnz, rank], int64 */
  gint64     *dims;     /* SPARSE: the dense shape, rank of them */
  int         rank;
  GPtrArray  *items;    /* SEQUENCE: of OxValue; OPTIONAL: none or one; MAP: values, one a key */
  OxTensor   *keys;     /* MAP: 1-D, integer or string */
};

OxValue    *ox_value_new_tensor   (OxTensor *tensor);                       /* (transfer full) */
OxValue    *ox_value_new_sparse   (OxTensor *values, OxTensor *indices, int rank, const gint64 *dims);
OxValue    *ox_value_new_sequence (OxDtype dtype, GPtrArray *items);        /* @items owns its OxValues */
OxValue    *ox_value_new_optional (OxDtype dtype, OxValue *some);           /* @some may be NULL */
OxValue    *ox_value_new_map      (OxTensor *keys, GPtrArray *values);
OxValue    *ox_value_ref          (OxValue *value);
void        ox_value_unref        (OxValue *value);

/* NULL if it is no tensor. */
OxTensor   *ox_value_get_tensor   (const OxValue *value);
guint       ox_value_n_items      (const OxValue *value);
OxValue    *ox_value_get_item     (const OxValue *value, guint i);
gsize       ox_value_bytes        (const OxValue *value);
/* "f32 1x3x224x224", "sequence of 3", "optional, empty", "map of 10 str" */
char       *ox_value_describe     (const OxValue *value);
/* An array for values: frees with ox_value_unref(). */
GPtrArray  *ox_value_array_new    (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxValue, ox_value_unref)

G_END_DECLS
