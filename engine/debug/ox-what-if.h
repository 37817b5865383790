/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-progress.h"
#include "debug/ox-selection.h"
#include "tensor/ox-statistics.h"

G_BEGIN_DECLS

/* Some nodes of a model in a narrower type: what each is given is rounded through the type before it runs, weights too, and
 * what it makes after it. Within a node sums are kept as wide as its kernel keeps them, which for f16 and bf16 is what the
 * kernels of those types do. Operators that only move values carry them as they are. */
typedef struct _OxWhatIf OxWhatIf;

/* One value beside what it is in an unchanged run. */
typedef struct
{
  const OxNode *node;
  guint         output;
  char         *where;       /* the frame, NULL: main */
  char         *type;        /* "f32 1x64" */
  gboolean      rounded;     /* the node was one of those */
  double        through;     /* how far off it is in the run; see ox_what_if_error() */
  double        own;         /* how far off the node is by itself, given what it has in the unchanged run; 0 for others */
  double        growth;      /* through, by the largest of own and of what it was made from; 0: that was exact */
  OxDifference  difference;  /* of the run */
} OxWhatIfValue;

/* One output of the model. */
typedef struct
{
  const char  *name;
  double       error;
  OxDifference difference;   /* of tensors */
} OxWhatIfOutput;

/* Nodes that stay as they are. */
typedef struct
{
  GPtrArray *nodes;          /* OxNode*, in the order they run */
  guint      of;             /* how many there were to choose from */
  guint      runs;
  gboolean   minimal;        /* no single one of them can be left out; else the runs were used up first */
  double     error;          /* of the outputs with these kept, in the last run */
  double     alone;          /* with none kept */
} OxWhatIfKept;

/* @session is fed and at its start; @dtype as in ox_rounding_knows(). @selection (transfer full). */
OxWhatIf  *ox_what_if_new   (OxSession *session, OxDtype dtype, OxSelection *selection);
void       ox_what_if_free  (OxWhatIf *self);
void       ox_what_if_set_progress (OxWhatIf *self, OxProgress progress, gpointer data);
/* Both runs side by side. FALSE when one cannot go on or was cancelled; what was seen until then stays. */
gboolean   ox_what_if_run   (OxWhatIf *self, GCancellable *cancellable, GError **error);
/* Looks for few nodes of the selection to keep, so that no output is farther off than @tolerance: single nodes or groups are
 * rounded alone, those that do most are kept, then as many as can are let go again. At most about @runs runs. Afterwards
 * ox_what_if_run() is with them kept. NULL with @error. */
OxWhatIfKept *ox_what_if_find_kept (OxWhatIf *self, double tolerance, guint runs, GCancellable *cancellable, GError **error);
void          ox_what_if_kept_free (OxWhatIfKept *kept);

/* After ox_what_if_run(): OxWhatIfValue*, in the order of execution. (transfer none) */
GPtrArray *ox_what_if_values  (OxWhatIf *self);
/* OxWhatIfOutput* (transfer none) */
GPtrArray *ox_what_if_outputs (OxWhatIf *self);
/* Where the runs went different ways, so that values could no longer be compared; NULL: they did not. */
const char *ox_what_if_parting (OxWhatIf *self);
/* How far two values are apart: root mean square of the difference over that of the reference; of what is not floating,
 * the share of elements that differ. Infinite when one is NaN or infinite and the other not, or they are not alike. */
double     ox_what_if_error   (const OxValue *found, const OxValue *expected, OxDifference *difference);
/* Lines; @rows: how many values at most, 0: all. (transfer full) */
char      *ox_what_if_describe (OxWhatIf *self, guint rows);
char      *ox_what_if_kept_describe (const OxWhatIfKept *kept, double tolerance, guint rows);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxWhatIf, ox_what_if_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxWhatIfKept, ox_what_if_kept_free)

G_END_DECLS
