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
} OxReferenceClass;

struct _OxReference
{
  const OxReferenceClass *class;
  char *title, *remark;
  int   size;
};

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
