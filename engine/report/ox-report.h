/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-comparison.h"
#include "debug/ox-progress.h"

G_BEGIN_DECLS

/* A run as a page to keep: the model, the picture, every value with its statistics, where it first differs from a reference,
 * NaN and infinities and where they come from, and what is wrong with the model. One HTML file that asks for nothing
 * from elsewhere, and reads without its script. */

#define OX_REPORT_ROWS 5000     /* of the table */
#define OX_REPORT_CARDS 1500    /* of the picture */

typedef struct
{
  const char *inputs;           /* where the inputs come from, as a sentence; NULL: not told */
  const char *changes;          /* what was changed of the run, as commands; NULL: nothing */
  guint64     seed;             /* of the session */
  GPtrArray  *checks;           /* OxCheckFinding* of ox_model_check(); NULL: not looked for */
  gboolean    compared;         /* the comparison has run already */
  guint       rows;             /* values in the table; 0: OX_REPORT_ROWS */
  guint       cards;            /* in the picture; with more, scopes are one card each; 0: OX_REPORT_CARDS */
  gboolean    no_times;         /* two reports of one run are the same then, to the byte */
  const char *date;             /* NULL: none */
  double      seconds;          /* to look where an infinity or a NaN comes from, each; 0: 3 */
  OxProgress  progress;         /* or NULL */
  gpointer    data;
} OxReportOptions;

typedef struct
{
  gboolean differs;             /* from the reference, or a NaN or infinity came up that is not there on purpose */
  GError  *failure;             /* of the run, which is in the report as far as it came; NULL: it came to its end */
} OxReportResult;

/* Runs a twin of @session, which is fed and at its start, once; a second time when an infinity or a NaN came up. @comparison
 * (of the same session, may be NULL) is run with it unless it has been. @options and @result may be NULL. FALSE when the
 * reference cannot be read, the file cannot be written, or it was cancelled; what was at @path is there still, then. */
gboolean ox_report_write (OxSession *session,
                          OxComparison *comparison,
                          const char *path,
                          const OxReportOptions *options,
                          OxReportResult *result,
                          GCancellable *cancellable,
                          GError **error);
void     ox_report_result_clear (OxReportResult *result);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OxReportResult, ox_report_result_clear)

G_END_DECLS
