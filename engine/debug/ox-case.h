/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-extract.h"

G_BEGIN_DECLS

/* A model of one graph and what it is fed. Smaller ones are made of it; it never changes itself. */
typedef struct
{
  OxModel   *model;       /* linked */
  GPtrArray *inputs;      /* OxValue, in the order of the graph's inputs */
} OxCase;

/* How another case is made of one. What nothing reads any more is left out, functions that nobody calls too. */
typedef struct
{
  const gboolean *keep;       /* [nodes]; NULL: all. Constants stay as long as they are read. */
  GHashTable     *cut;        /* name -> OxValue: what nodes that are not kept made, for those that are */
  GHashTable     *outputs;    /* set of names; NULL: those of the graph that are kept, and what kept nodes made for others */
  GHashTable     *values;     /* name -> OxValue: in the place of inputs and weights, and of Constants, which become inputs; or
                               * NULL */
  const char     *attribute;  /* taken from node number @node; or NULL */
  int             input;      /* if not negative, taken from node number @node */
  guint           node;
} OxCaseChange;
#define OX_CASE_CHANGE_NONE { .input = -1 }

/* A region with the values of a run, see ox_region_record(). @attributes: OxNode* -> GPtrArray of OxAttribute*, what nodes of the
 * region have instead, bodies apart; or NULL. */
OxCase    *ox_case_new_region (const OxRegion *region, GPtrArray *inputs, GHashTable *attributes, const OxFrame *frame,
                               GError **error);
/* All of a session's main graph, with what it was given. */
OxCase    *ox_case_new_whole  (OxSession *session, GError **error);
/* NULL with @error when nothing is left, or when a value is not there. */
OxCase    *ox_case_change     (const OxCase *self, const OxCaseChange *change, GError **error);
/* A branch ("then_branch") of the If that is node number @node in the place of it. */
OxCase    *ox_case_unfold     (const OxCase *self, guint node, const char *branch, GError **error);
void       ox_case_free       (OxCase *self);
/* A session of it that was given its inputs. */
OxSession *ox_case_session    (const OxCase *self, guint64 seed, GError **error);
/* The graph's outputs get the types of these values, of which some may be NULL. */
OxCase    *ox_case_declare    (const OxCase *self, GPtrArray *outputs, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxCase, ox_case_free)

G_END_DECLS
