/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-comparison.h"

G_BEGIN_DECLS

/* What a comparison that has run found, for programs and build servers. */

typedef struct
{
  const char *model;       /* its path; NULL: in no file */
  gboolean    isolated;    /* JSON: each node's own error, and both */
  const char *data_set;    /* where the inputs came from; NULL: elsewhere */
  char      **edits;       /* what was changed in the run that was compared; NULL: nothing */
} OxComparisonFacts;

/* (transfer full) All numbers of all values, in lines. */
char *ox_comparison_json  (OxComparison *comparison, const OxComparisonFacts *facts);
/* (transfer full) JUnit's XML: a test case a value, a failure for those that differ. */
char *ox_comparison_junit (OxComparison *comparison, const OxComparisonFacts *facts);

G_END_DECLS
