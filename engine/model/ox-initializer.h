/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-value.h"

G_BEGIN_DECLS

/* A constant of a model that is read only when somebody looks: shape and type are known, the elements stay where they
 * are in the file. Made by the importer; shared; thread-safe. */
typedef struct _OxInitializer OxInitializer;

/* How the elements lie in @data. */
typedef enum
{
  OX_ENCODING_RAW,       /* little-endian, row-major, 4- and 2-bit types packed (raw_data, external, float_data, double_data) */
  OX_ENCODING_VARINT,    /* packed protobuf varints (int32_data, int64_data, uint64_data); [4|2]-bit: packed bytes */
  OX_ENCODING_TENSOR,    /* @tensor already holds them */
  OX_ENCODING_MISSING,   /* nowhere: the external file is not there; @problem says so */
} OxEncoding;

struct _OxInitializer
{
  gatomicrefcount refs;
  char      *name, *doc;
  OxDtype    dtype;
  int        dtype_number;   /* as in the file; differs from dtype (UNDEFINED) for a number that is no type */
  int        rank;
  gint64    *dims;
  OxEncoding encoding;
  GBytes    *data;
  char      *problem;        /* why there is no data: a sentence */
  char      *location;       /* external: as written, else NULL */
  guint64    offset, length; /* external: as resolved */
  OxInitializer *indices;    /* sparse: this one holds the values, dims are those of the dense tensor in sparse_dims */
  int        sparse_rank;
  gint64    *sparse_dims;
  GArray    *metadata;       /* OxMetadata, may be NULL */
  GBytes    *unknown;
  GMutex     lock;
  OxValue   *value;          /* made on the first ox_initializer_get() */
};

OxInitializer *ox_initializer_new        (const char *name, OxDtype dtype, int rank, const gint64 *dims);
/* Over a tensor in memory (taken). */
OxInitializer *ox_initializer_new_tensor (const char *name, OxTensor *tensor);
OxInitializer *ox_initializer_ref        (OxInitializer *initializer);
void           ox_initializer_unref      (OxInitializer *initializer);
/* (transfer full) Itself, or one over the same bytes that lies within the model when it is written, not beside it. */
OxInitializer *ox_initializer_within     (OxInitializer *initializer);
/* (transfer full) The same elements by another name. */
OxInitializer *ox_initializer_called     (OxInitializer *initializer, const char *name);

/* (transfer full) The value: a tensor over the mapped bytes where they can be used as they are, decoded else; a sparse
 * one as an OX_VALUE_SPARSE. Errors: OX_ERROR_FILE for missing data, OX_ERROR_FORMAT for too few bytes. */
OxValue       *ox_initializer_get        (OxInitializer *initializer, GError **error);
/* Elements (the dense count for a sparse one) or 0 if the dims do not multiply; bytes in the file. */
gint64         ox_initializer_count      (const OxInitializer *initializer);
guint64        ox_initializer_bytes      (const OxInitializer *initializer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxInitializer, ox_initializer_unref)

G_END_DECLS
