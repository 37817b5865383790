/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "model/ox-model.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean allow_links;    /* external data through symbolic or hard links */
  const char *data_dir;    /* where external data lies, NULL: beside the model */
  gboolean unlinked;       /* leave ox_model_link() to the caller: a checker wants to see what is wrong with the names */
} OxImportOptions;

/* Opens a .onnx or .pb file, or a directory that holds exactly one model. The file is mapped, its weights are not read.
 * @options may be NULL. (transfer full). Errors: OX_ERROR_FILE, OX_ERROR_FORMAT, OX_ERROR_MODEL; the message names
 * the file, the graph path and the node. */
OxModel *ox_import_file   (const char *path, const OxImportOptions *options, GCancellable *cancellable, GError **error);
OxModel *ox_import_bytes  (GBytes *bytes, const char *path, const OxImportOptions *options, GError **error);

/* A bare TensorProto, SequenceProto, OptionalProto or MapProto as @type asks for (NULL: a tensor). @name (may be NULL)
 * is set to the name inside, "" if it has none. */
OxValue *ox_import_value  (GBytes *bytes, const OxType *type, char **name, GError **error);

/* A finished model back as a file; initializers are streamed from where they lie. external: data as in the original. */
gboolean ox_export_file   (const OxModel *model, const char *path, GError **error);
/* The same in memory. (transfer full) */
GBytes  *ox_export_bytes  (const OxModel *model, GError **error);
/* A value as a bare message of its kind. */
GBytes  *ox_export_value  (const OxValue *value, const char *name, GError **error);

G_END_DECLS
