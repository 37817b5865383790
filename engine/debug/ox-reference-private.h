/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-reference.h"

G_BEGIN_DECLS

typedef struct
{
  OxValue *(*get)      (OxReference *self, OxFrame *frame, const OxNode *node, guint output, const OxValue *found,
                        GError **error);
  gboolean (*is_exact) (OxReference *self, const OxNode *node);   /* NULL: never */
  void     (*free)     (OxReference *self);
  /* Adds the nodes between the counterpart of an output and the last values that have one; NULL: it has no nodes. */
  void     (*region)   (OxReference *self, const OxNode *node, guint output, GPtrArray *nodes);
} OxReferenceClass;

struct _OxReference
{
  const OxReferenceClass *class;
  char *title, *remark;
  GCancellable *cancellable;   /* not owned */
  int   size;
  gboolean runs_again;   /* what has gone is made anew when it is asked for */
  gboolean same;      /* all values have to have the same bits */
  OxDtype dtype;      /* OX_UNDEFINED, or what its floats were computed in while the values have the model's type */
};

/* ---- ox-reference-model.c ---- */
typedef enum
{
  OX_LIKENESS_SOME,   /* nodes that are the same in both models give the same bits */
  OX_LIKENESS_ALL,    /* all are the same */
  OX_LIKENESS_NONE,   /* they are run in another way */
} OxLikeness;

/* Turns of the reference are done by this many threads (0: as many as all else). */
void         ox_reference_model_set (OxReference *self, int threads, OxLikeness likeness);

/* ---- region ---- */
/* Adds the nodes that @node's inputs come from, back to values that are not @between, and itself, in order. */
void         ox_region_collect  (const OxNode *node, gboolean (*between) (const OxSlot *slot, gpointer data), gpointer data,
                                 GPtrArray *nodes);

/* ---- ox-alignment.c: which values of two models belong together ---- */

typedef struct
{
  GHashTable *slots;     /* OxSlot* -> the other model's OxSlot* */
  GHashTable *nodes;     /* OxNode* -> the other model's OxNode* */
  GHashTable *graphs;    /* OxGraph* -> the other model's OxGraph* */
  GHashTable *taken;     /* set of the other model's slots */
  guint       by_name, by_place, by_value, unmatched;   /* values that nodes of the main graph make */
} OxAlignment;

OxAlignment *ox_alignment_new    (OxModel *mine, OxModel *theirs);
void         ox_alignment_free   (OxAlignment *self);
/* Runs both once and matches what is left by operator, shape and numbers, if anything can be left on both sides. */
gboolean     ox_alignment_by_value (OxAlignment *self, OxSession *mine, OxSession *theirs, GCancellable *cancellable,
                                    GError **error);
/* Whether the node's counterpart is the same operator with the same inputs. */
gboolean     ox_alignment_is_same (OxAlignment *self, const OxNode *node);

G_END_DECLS
