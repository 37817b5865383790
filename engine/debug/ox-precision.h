/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-narrow.h"
#include "debug/ox-progress.h"
#include "debug/ox-sums.h"

G_BEGIN_DECLS

/* What a node would come to in a narrow type; the later, the worse. */
typedef enum
{
  OX_PRECISION_SAFE,
  OX_PRECISION_LOSES,        /* numbers that matter are flushed to zero or are denormal */
  OX_PRECISION_ACCUMULATES,  /* results fit, what is added up on the way may not */
  OX_PRECISION_OVERFLOWS,
  OX_N_PRECISIONS,
} OxPrecisionVerdict;

typedef enum
{
  OX_PRECISION_VALUE,        /* a node made it */
  OX_PRECISION_WEIGHT,
  OX_PRECISION_INPUT,        /* of the model */
} OxPrecisionKind;

/* One value of the model, in all frames that have it. */
typedef struct
{
  const OxSlot   *slot;
  OxPrecisionKind kind;
  char           *type;      /* "f32 1x64x56x56", of the first */
  OxRange         range;
} OxPrecisionValue;

typedef struct
{
  const OxNode      *node;
  char              *where;    /* the first frame it ran in, NULL: main */
  guint64            times;    /* that it ran */
  OxPrecisionVerdict verdict;
  const OxPrecisionValue *value;   /* what the verdict is about; NULL for accumulation, and with nothing to look at */
  OxRange            range;    /* of it, the time it was worst */
  double             largest;  /* magnitude of what it makes, weights and model inputs it reads included */
  gboolean           divides;  /* LOSES: by numbers that are flushed, or takes their logarithm */
  gboolean           inherited;/* OVERFLOWS: it was given numbers that do */
  gboolean           mask;     /* OVERFLOWS: all that do are one and the same negative number, as masks have */
  gboolean           sums;     /* whether there is what follows */
  OxSums             sum;      /* the largest of each */
} OxPrecisionNode;

/* Runs a model and tells of all values and nodes what a narrow type would make of them. */
typedef struct _OxPrecision OxPrecision;

const char  *ox_precision_verdict_name (OxPrecisionVerdict verdict);   /* "accumulation overflows" */

/* @session is fed and at its start; it is not moved. Sums are held against @narrow, those of 8 bits against f16. */
OxPrecision *ox_precision_new    (OxSession *session, const OxNarrow *narrow);
void         ox_precision_free   (OxPrecision *self);
void         ox_precision_set_progress (OxPrecision *self, OxProgress progress, gpointer data);
/* FALSE when the run cannot go on or was cancelled; what was seen until then stays. */
gboolean     ox_precision_run    (OxPrecision *self, GCancellable *cancellable, GError **error);

/* OxPrecisionNode*, the worst first. (transfer none) */
GPtrArray   *ox_precision_nodes  (OxPrecision *self);
/* OxPrecisionValue*, in the order they were met. (transfer none) */
GPtrArray   *ox_precision_values (OxPrecision *self);
guint        ox_precision_count  (OxPrecision *self, OxPrecisionVerdict verdict);
/* Why the node has its verdict, in words. (transfer full) */
char        *ox_precision_node_reason (OxPrecision *self, const OxPrecisionNode *node);
/* Lines about all of it; @rows: how many nodes at most, 0: all of them and all values. (transfer full) */
char        *ox_precision_describe    (OxPrecision *self, guint rows);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxPrecision, ox_precision_free)

G_END_DECLS
