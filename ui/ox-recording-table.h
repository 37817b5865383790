/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-record.h"
#include "ui/ox-recording.h"

G_BEGIN_DECLS

/* The rows of a recorded run as a table. Its items are OxRecord of OxTraceRow. */

/* An item for each row, which keeps @recording. (transfer full) */
GListModel       *ox_recording_table_rows (OxRecording *recording);
const OxTraceRow *ox_recording_table_row  (gpointer item);
/* What the recording has nothing for gets no column. */
GtkColumnView    *ox_recording_table_new  (OxRecording *recording);
/* Whether every one of @words (ending with NULL) is in what the row says; "nan", "inf" and "stored" are for rows with them. */
gboolean          ox_recording_table_fits (const OxTraceRow *row, char *const *words);
/* "12.3 µs" (transfer full) */
char             *ox_recording_table_time (double seconds);

G_END_DECLS
