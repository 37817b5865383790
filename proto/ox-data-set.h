/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "proto/ox-import.h"

G_BEGIN_DECLS

/* One value from a file: .pb (as @type asks; NULL: a tensor) or whatever ox_tensor_file_load() reads; "FILE.npz:NAME"
 * picks an array. (transfer full) */
OxValue    *ox_value_load     (const char *path, const OxType *type, GError **error);
/* The same for a value of this name: of an .npz with several arrays it is the one called so. (transfer full) */
OxValue    *ox_value_load_named (const char *path, const char *name, const OxType *type, GError **error);

/* A folder of input_i.pb and output_i.pb as the ONNX backend tests have them. The values by the name of the graph's
 * input (or output): the name inside the file if the graph has it, else the position, which for inputs counts only
 * those without a default. A uint16 tensor where the model declares bfloat16 holds its bit patterns. An empty table if
 * there is no such file. (transfer full) */
GHashTable *ox_data_set_load  (const OxModel *model, const char *folder, gboolean outputs, GError **error);
/* Writes FOLDER/input_@i.pb (or output_@i.pb) with @name inside. */
gboolean    ox_data_set_write (const char *folder, gboolean outputs, guint i, const char *name, const OxValue *value,
                               GError **error);

G_END_DECLS
