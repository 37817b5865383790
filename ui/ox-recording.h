/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "debug/ox-trace-model.h"

G_BEGIN_DECLS

#define OX_TYPE_RECORDING (ox_recording_get_type ())
G_DECLARE_FINAL_TYPE (OxRecording, ox_recording, OX, RECORDING, GObject)

/* A recorded run that was opened. It does not change, so that every thread may look at it. */

/* (transfer full) NULL with @error. Reads the file: not for the main thread. */
OxRecording *ox_recording_open      (const char *path, GCancellable *cancellable, GError **error);
OxTraceFile *ox_recording_get_file  (OxRecording *self);
/* The name of its file; valid UTF-8. (transfer full) */
char        *ox_recording_dup_name  (OxRecording *self);
const OxTraceSum *ox_recording_sum  (OxRecording *self);
/* A value that is stored. Reads it: not for the main thread. (transfer full) NULL with @error. */
OxValue     *ox_recording_read      (OxRecording *self, const OxTraceRow *row, GError **error);

/* The first value that is another in @other: its number here, which may be behind the last, or -1. @text (transfer full) says all
 * of it in words. Not for the main thread. */
gint64       ox_recording_differ    (OxRecording *self, OxRecording *other, char **text);

G_END_DECLS
