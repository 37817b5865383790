/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "app/ox-inputs.h"
#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_DOCUMENT (ox_document_get_type ())
G_DECLARE_FINAL_TYPE (OxDocument, ox_document, OX, DOCUMENT, GObject)

/* One opened model: the file, the model, the debugger over it, what its inputs are, and what the page looks at. All calls
 * are on the main thread; work is done on workers. */
OxDocument *ox_document_new          (GFile *file);
GFile      *ox_document_get_file     (OxDocument *self);
/* "mobilenetv2.onnx"; valid UTF-8. (transfer full) */
char       *ox_document_dup_title    (OxDocument *self);
/* "PyTorch 2.4, opset 17"; "" until it is loaded. (transfer full) */
char       *ox_document_dup_subtitle (OxDocument *self);

/* Reads the model. Fails with G_IO_ERROR_CANCELLED or an error of the importer. */
void        ox_document_load_async   (OxDocument *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
gboolean    ox_document_load_finish  (OxDocument *self, GAsyncResult *result, GError **error);

/* All NULL until it is loaded. (transfer none) */
OxModel    *ox_document_get_model    (OxDocument *self);
OxDebugger *ox_document_get_debugger (OxDocument *self);
OxFocus    *ox_document_get_focus    (OxDocument *self);
OxInputs   *ox_document_get_inputs   (OxDocument *self);

/* Makes the values of @inputs (NULL: of what was chosen last) on a worker and gives them to the debugger, which starts
 * anew. A request that a later one has overtaken fails with G_IO_ERROR_CANCELLED. */
void        ox_document_feed_async   (OxDocument *self, const OxInputs *inputs, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer data);
gboolean    ox_document_feed_finish  (OxDocument *self, GAsyncResult *result, GError **error);

G_END_DECLS
