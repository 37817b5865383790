/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-provenance.h"

G_BEGIN_DECLS

/* A value in a frame, or a weight, which is the same in all. */
typedef struct
{
  OxFrame      *frame;       /* NULL: a weight */
  const OxSlot *slot;
  OxMask       *mask;
  const OxNode *coarse;
  guint         order;       /* when it was met, from the end */
} OxFound;

/* One turn that was done. */
typedef struct
{
  OxTurnKind kind;
  OxFrame   *frame;          /* owned; ENTERED, LEFT: the inner one */
  OxNode    *node;
} OxStep;

struct _OxProvenance
{
  OxSession    *session;     /* keep_all; after the run at its end */
  gsize         budget;
  GArray       *steps;       /* OxStep */
  GHashTable   *found;       /* OxFound*: itself */
  GHashTable   *touched;     /* OxFrame*: those with something in @found */
  const OxNode *unknown;     /* a node that takes values from nobody knows where */
  GHashTable   *carried;     /* of a node between its iterations, seen from behind: OxCarried* */
  GPtrArray    *regions;
  OxFound      *asked;
  OxProgress    progress;
  gpointer      progress_data;
  GCancellable *cancellable;
};

/* ---- ox-provenance.c ---- */
/* What is known of a value; NULL: nothing hangs on it yet. */
OxFound *ox_provenance_find  (OxProvenance *self, OxFrame *frame, OxRef ref);
/* The same, made with nothing in it; NULL for a value that was never there. */
OxFound *ox_provenance_meet  (OxProvenance *self, OxFrame *frame, OxRef ref);
/* Adds all of a value. */
void     ox_provenance_whole (OxProvenance *self, OxFrame *frame, OxRef ref, const OxNode *coarse);
/* Adds @mask, which may be NULL. */
void     ox_provenance_add   (OxProvenance *self, OxFrame *frame, OxRef ref, const OxMask *mask, const OxNode *coarse);
/* What a node of @frame writes to output @i; NULL: nothing hangs on it. */
OxFound *ox_provenance_output (OxProvenance *self, OxFrame *frame, const OxNode *node, guint i);

/* ---- ox-provenance-frames.c ---- */
void     ox_provenance_left    (OxProvenance *self, const OxStep *step);
void     ox_provenance_entered (OxProvenance *self, const OxStep *step);
/* A node with bodies of which none ran. */
void     ox_provenance_idle    (OxProvenance *self, const OxStep *step);
void     ox_carried_free       (gpointer carried);
guint    ox_carried_hash       (gconstpointer carried);
gboolean ox_carried_equal      (gconstpointer a, gconstpointer b);

G_END_DECLS
