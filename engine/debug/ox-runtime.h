/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-reference.h"

G_BEGIN_DECLS

/* ONNX Runtime, if it is on this machine: its library is opened when it is asked for, and only what of its C interface has
 * kept its place since the first version is used. */
typedef struct _OxRuntime OxRuntime;

/* @library: a file, or NULL for the environment's ONNXSCOPE_ONNXRUNTIME and the usual places. Errors: OX_ERROR_FILE, which
 * says where it was looked for. */
OxRuntime  *ox_runtime_open     (const char *library, GError **error);
void        ox_runtime_close    (OxRuntime *self);
const char *ox_runtime_version  (OxRuntime *self);
const char *ox_runtime_library  (OxRuntime *self);
/* A model from memory, without graph optimisation, with its external data in @folder. */
gboolean    ox_runtime_load     (OxRuntime *self, GBytes *model, const char *folder, int threads, GError **error);
/* Runs it: values by name in, the values of @outputs in their order out. (transfer full) array of OxValue. */
GPtrArray  *ox_runtime_run      (OxRuntime *self, GHashTable *inputs, const char *const *outputs, guint n, GError **error);

/* A reference that runs @model, an instrumented copy of the one @mine has, with the same inputs; @inlined says what values of
 * functions are called in it, see ox_model_inline(). It is run in parts, as many values at a time as @budget bytes hold. Takes
 * @self over. */
OxReference *ox_reference_new_runtime (OxRuntime *self, GBytes *model, const char *folder, OxSession *mine, GHashTable *inlined,
                                       gsize budget, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxRuntime, ox_runtime_close)

G_END_DECLS
