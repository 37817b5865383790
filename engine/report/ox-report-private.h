/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-hunt.h"
#include "debug/ox-node-errors.h"
#include "report/ox-html.h"
#include "report/ox-report.h"
#include "scene/ox-scene.h"

G_BEGIN_DECLS

/* One value of the run. */
typedef struct
{
  const OxNode *node;
  const OxNode *top;        /* the node of the main graph that it is inside of, or itself */
  guint         output;
  guint64       frame;
  const char   *where;      /* NULL: main */
  const char   *type;       /* "f32 1x64"; NULL: it was never made */
  gboolean      numeric;
  gint64        nan, inf;
  double        min, mean, max;
  double        seconds;    /* of the node, at its first value; NAN: not known */
  const OxComparedValue *compared;   /* or NULL */
} OxRecord;

/* What the page is made of. */
typedef struct
{
  OxModel        *model;
  OxSession      *session;      /* fed; not run by this */
  OxComparison   *comparison;   /* or NULL */
  OxReportOptions options;
  OxReportResult *result;

  GArray         *records;      /* OxRecord, in order of execution */
  guint64         n_values;     /* that were made; records end at a bound */
  guint64         n_nodes, n_bad;
  double          seconds;      /* of all kernels */
  GStringChunk   *texts;
  char          **outputs;      /* of the main graph, as text; NULL where no node makes it */
  guint           last;         /* first record of the turn */
  const OxNode   *failed;       /* the node of the main graph at which the run ended, or NULL */

  OxHunt         *hunt;         /* NULL: nothing to find */
  OxNodeErrors   *errors;       /* NULL without comparison */
  const OxNode   *first;        /* top of the first divergence */
  GHashTable     *bad;          /* set of top nodes with NaN or infinities */

  OxScene        *scene;        /* NULL: left out */
  int             depth;        /* of its scopes, 0: all */
  char           *no_picture;   /* why */
  OxCardErrors   *card_errors;  /* of each card, the largest; NULL without comparison */
  gboolean       *linked;       /* of each card: whether a row is about it */
  guint8         *listed;       /* of each record: whether it has a row */
} OxReport;

/* ---- ox-report-run.c ---- */
gboolean ox_report_run          (OxReport *self, GCancellable *cancellable, GError **error);

/* ---- ox-report-picture.c ---- */
gboolean ox_report_make_picture (OxReport *self, GCancellable *cancellable, GError **error);
gboolean ox_report_put_picture  (OxReport *self, GString *html, GCancellable *cancellable, GError **error);
/* The card of a record, -1 for none. */
int      ox_report_card         (const OxReport *self, const OxRecord *record);

/* ---- ox-report-table.c ---- */
/* Which records are listed; before the picture is put. */
void     ox_report_choose_rows  (OxReport *self);
void     ox_report_put_table    (OxReport *self, GString *html);

/* ---- ox-report-differences.c ---- */
void     ox_report_put_result   (OxReport *self, GString *html);
void     ox_report_put_differences (OxReport *self, GString *html);
const char *ox_report_verdict   (OxVerdict verdict);

/* ---- ox-report-facts.c ---- */
char    *ox_report_title        (const OxReport *self);
void     ox_report_put_model    (OxReport *self, GString *html);
void     ox_report_put_run      (OxReport *self, GString *html);
void     ox_report_put_checks   (OxReport *self, GString *html);

G_END_DECLS
