/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "app/ox-inputs.h"
#include "ui/ox-focus.h"
#include "ui/ox-recording.h"

G_BEGIN_DECLS

#define OX_TYPE_DOCUMENT (ox_document_get_type ())
G_DECLARE_FINAL_TYPE (OxDocument, ox_document, OX, DOCUMENT, GObject)

/* One opened model: the file, the model, the debugger over it, what its inputs are, and what the page looks at. All calls
 * are on the main thread; work is done on workers. @file may also be a recorded run, which names its model. */
OxDocument *ox_document_new          (GFile *file);
/* The model's file; that of a recorded run is known once it is found, and is the recording until then. */
GFile      *ox_document_get_file     (OxDocument *self);
/* What was opened. */
GFile      *ox_document_get_opened   (OxDocument *self);
/* Whether a file is a recorded run, by its name. */
gboolean    ox_document_is_recording (GFile *file);
/* "mobilenetv2.onnx"; valid UTF-8. (transfer full) */
char       *ox_document_dup_title    (OxDocument *self);
/* "PyTorch 2.4, opset 17"; "" until it is loaded. (transfer full) */
char       *ox_document_dup_subtitle (OxDocument *self);

/* Reads the model. Fails with G_IO_ERROR_CANCELLED or an error of the importer. */
void        ox_document_load_async   (OxDocument *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
gboolean    ox_document_load_finish  (OxDocument *self, GAsyncResult *result, GError **error);

/* Of a recorded run, what was found of it when loading failed or was done; NULL before, and of a model. (transfer none) */
OxRecording *ox_document_get_recording (OxDocument *self);
/* How its model fits it. When it is missing, or another, loading fails: until a model was given, or a doubtful one taken. */
OxTraceModel ox_document_get_fit     (OxDocument *self);
/* In words, to be said as long as it is open; NULL if nothing is wrong. */
const char *ox_document_get_doubt    (OxDocument *self);
/* The model to load with it. */
void        ox_document_set_file     (OxDocument *self, GFile *file);
void        ox_document_take_doubtful (OxDocument *self);

/* All NULL until it is loaded. (transfer none) */
OxModel    *ox_document_get_model    (OxDocument *self);
OxDebugger *ox_document_get_debugger (OxDocument *self);
OxFocus    *ox_document_get_focus    (OxDocument *self);
OxInputs   *ox_document_get_inputs   (OxDocument *self);

/* Chooses them for when the debugger needs some. */
void        ox_document_propose_inputs (OxDocument *self, const OxInputs *inputs);
/* Makes the values of @inputs (NULL: of what was chosen last) on a worker and gives them to the debugger, which starts
 * anew. A request that a later one has overtaken fails with G_IO_ERROR_CANCELLED. */
void        ox_document_feed_async   (OxDocument *self, const OxInputs *inputs, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer data);
gboolean    ox_document_feed_finish  (OxDocument *self, GAsyncResult *result, GError **error);

G_END_DECLS
