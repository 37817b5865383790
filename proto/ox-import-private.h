/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "onnx.pb-c.h"
#include "proto/ox-import.h"
#include "proto/ox-wire.h"

G_BEGIN_DECLS

/* One import: the file, where its external data lies, and what went wrong without stopping it. */
typedef struct
{
  GBytes     *file;
  OxModel    *model;        /* NULL for a bare value */
  char       *dir;          /* of external data, NULL: none may be read */
  gboolean    allow_links;
  GHashTable *externals;    /* location -> External* */
} OxImporter;

void           ox_importer_init    (OxImporter *self, GBytes *file, OxModel *model, const char *path,
                                    const OxImportOptions *options);
/* Puts one warning for each external file with a problem into the model. */
void           ox_importer_report  (OxImporter *self);
void           ox_importer_clear   (OxImporter *self);

/* (transfer full) Text of the file as valid UTF-8; "" for NULL. */
char          *ox_import_text      (const char *text);
void           ox_import_set_string (OxTensor *tensor, gint64 index, const ProtobufCBinaryData *text);
GArray        *ox_import_metadata  (size_t n, Onnx__StringStringEntryProto **entries);     /* NULL for none */
OxInitializer *ox_import_tensor    (OxImporter *self, const Onnx__TensorProto *proto, GError **error);
OxInitializer *ox_import_sparse    (OxImporter *self, const Onnx__SparseTensorProto *proto, GError **error);
OxType        *ox_import_type      (const Onnx__TypeProto *proto);                         /* NULL for NULL */
gboolean       ox_import_graph     (OxImporter *self, OxGraph *graph, const Onnx__GraphProto *proto, GError **error);
gboolean       ox_import_function  (OxImporter *self, const Onnx__FunctionProto *proto, GError **error);
/* The fields that are only kept, in file order; NULL for none. */
GPtrArray     *ox_import_kept      (OxImporter *self, const ProtobufCMessage *message);

G_END_DECLS
