/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"
#include "ui/ox-recording.h"

G_BEGIN_DECLS

#define OX_TYPE_RECORDING_VIEW (ox_recording_view_get_type ())
G_DECLARE_FINAL_TYPE (OxRecordingView, ox_recording_view, OX, RECORDING_VIEW, GtkBox)

/* What a recorded run made, value by value. A row that is selected selects its node, and a value that is stored is shown on the
 * Tensor page; nothing is run for it. Buttons call "page.hold-against" and "page.compare-recording". */
GtkWidget *ox_recording_view_new  (OxFocus *focus);
/* @doubt (may be NULL): how the model that is open is not the one that was recorded. */
void       ox_recording_view_set  (OxRecordingView *self, OxRecording *recording, const char *doubt);
/* What holding it against another run has found, see ox_recording_differ(); that row is selected. */
void       ox_recording_view_tell (OxRecordingView *self, const char *text, gint64 first);

G_END_DECLS
