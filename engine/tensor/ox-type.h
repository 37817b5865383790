/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-value.h"

G_BEGIN_DECLS

typedef enum
{
  OX_TYPE_UNKNOWN,
  OX_TYPE_TENSOR,
  OX_TYPE_SPARSE,
  OX_TYPE_SEQUENCE,
  OX_TYPE_OPTIONAL,
  OX_TYPE_MAP,
  OX_TYPE_OPAQUE,
} OxTypeKind;

/* One declared dimension: a number, a name ("batch", "2*N+1"), or neither. */
typedef struct
{
  gint64 value;       /* -1: not a number */
  char  *param;       /* NULL: no name */
  char  *denotation;  /* usually NULL */
} OxTypeDim;

typedef struct _OxType OxType;

/* A declared or inferred type. Immutable once it belongs to a model. */
struct _OxType
{
  gatomicrefcount refs;
  OxTypeKind kind;
  OxDtype    dtype;       /* element type; MAP: key type */
  int        rank;        /* -1: unknown */
  OxTypeDim *dims;
  OxType    *elem;        /* SEQUENCE, OPTIONAL: of what; MAP: of the values */
  char      *name;        /* OPAQUE: "domain.name" */
  char      *denotation;
  GBytes    *unknown;     /* fields of the file that this program does not know */
};

OxType *ox_type_new          (OxTypeKind kind, OxDtype dtype);
OxType *ox_type_new_tensor   (OxDtype dtype, int rank, const gint64 *dims);   /* rank -1, dims -1: unknown */
OxType *ox_type_of_value     (const OxValue *value);
OxType *ox_type_ref          (OxType *type);
void    ox_type_unref        (OxType *type);
void    ox_type_set_rank     (OxType *type, int rank);                        /* dims all unknown */
void    ox_type_set_dim      (OxType *type, int i, gint64 value, const char *param);
/* "f32 Nx3x224x224", "f32 ?" (rank unknown), "seq(f32 ?)", "map(i64, f32 ?)", "optional(…)"; "?" for NULL. */
char   *ox_type_to_string    (const OxType *type);
char   *ox_type_shape_string (const OxType *type);
/* The same for pictures and windows: names of dimensions stand apart, "f32 batch × seq × 64". */
char   *ox_type_label        (const OxType *type);
char   *ox_type_shape_label  (const OxType *type);
/* Whether @value may stand where @type is declared; the error says expected and found. Dimensions with a name are
 * bound in @params (name -> gint64*, may be NULL) and must agree among each other. */
gboolean ox_type_check_value (const OxType *type, const OxValue *value, GHashTable *params, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxType, ox_type_unref)

G_END_DECLS
