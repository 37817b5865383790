/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* What a run took, written as the trace event format that chrome://tracing and Perfetto show, with the fields that ONNX
 * Runtime's profiler writes, so that what reads its profiles reads these. Events are written as they end, so memory does not
 * grow with the run. Times are whole microseconds. */

typedef struct
{
  guint64 nodes;           /* that ran, those with bodies once for all of these */
  double  seconds;         /* of the whole run */
  char   *slowest;         /* title of the node without a body that took longest in one go, NULL if none ran */
  double  slowest_seconds;
} OxProfileSummary;

/* Runs @session, fed and at its start, to its end and writes @path. @tap (may be NULL) is called as by the session. FALSE when
 * the file cannot be written (OX_ERROR_FILE) or the run fails or is cancelled: then what was run until there is in the file all
 * the same, and open bodies end where the run ended. @summary (may be NULL) is filled in either case. */
gboolean ox_profile_run (OxSession *session, const char *path, OxSessionTap tap, gpointer data, OxProfileSummary *summary,
                         GCancellable *cancellable, GError **error);

void     ox_profile_summary_clear (OxProfileSummary *summary);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OxProfileSummary, ox_profile_summary_clear)

G_END_DECLS
