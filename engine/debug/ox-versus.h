/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"
#include "tensor/ox-statistics.h"

G_BEGIN_DECLS

/* One value that a node makes, with the changes and without. */
typedef enum
{
  OX_VERSUS_SAME,      /* the same numbers */
  OX_VERSUS_MOVED,     /* other numbers, or another type or shape: then @text says so */
  OX_VERSUS_ONLY_WITH, /* computed only with the changes: another branch, more iterations */
  OX_VERSUS_ONLY_WITHOUT,
} OxVersusKind;

typedef struct
{
  OxVersusKind  kind;
  const OxNode *node;
  guint         output;
  char         *where;        /* "Loop 'decode' iteration 3"; NULL: main */
  char         *type;         /* "f32 1x6", with the changes where it is there */
  char         *text;         /* what differs besides numbers, or NULL */
  OxDifference  difference;   /* of what is with the changes from what is without; exact */
  char         *first, *worst; /* "[0,3]": where it differs first and most; NULL */
  double        first_with, first_without, worst_with, worst_without;
  double        moved;        /* how far: the root mean square of the differences in parts of that of the numbers without;
                               * infinite for another type; -1 for what one run alone has */
} OxVersusValue;

/* The run without any changes beside the one with them, node by node. Keeps numbers, not values: a value is compared as
 * soon as both runs have it. */
typedef struct _OxVersus OxVersus;

/* Two fed sessions of one model at their start, without keep_all (transfer full). */
OxVersus   *ox_versus_new        (OxSession *with, OxSession *without);
/* The debugger's inputs, with its edits and without: made on its thread, run on any. */
OxVersus   *ox_debugger_versus   (OxDebugger *debugger);
void        ox_versus_free       (OxVersus *self);
/* FALSE only when it was cancelled. A run that fails ends early; what was compared until then stays. */
gboolean    ox_versus_run        (OxVersus *self, GCancellable *cancellable, GError **error);

/* In the order of execution. (transfer none) OxVersusValue* */
GPtrArray  *ox_versus_values     (OxVersus *self);
/* Those that are not the same, the one that moved most first. (transfer container) */
GPtrArray  *ox_versus_moved      (OxVersus *self);
guint       ox_versus_n_same     (OxVersus *self);
/* What output @i of the main graph did; NULL when no node made it, or it was not reached. */
const OxVersusValue *ox_versus_output (OxVersus *self, guint i);
/* Why the run with or without the changes ended early, or NULL. */
const char *ox_versus_failure    (OxVersus *self, gboolean with);
/* "logits (f32 1x6): 5 of 6 differ, max abs 3.1, …", without the end of the line. (transfer full) */
char       *ox_versus_value_describe (const OxVersusValue *value);
/* An object with outputs, values and counts. (transfer full) */
char       *ox_versus_to_json    (OxVersus *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxVersus, ox_versus_free)

G_END_DECLS
