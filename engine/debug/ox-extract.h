/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* Some nodes of one graph, to become a model of their own. What they read and do not make becomes its inputs, unless it is a
 * weight or a Constant, which go along; what is read outside of them, or is an output of the graph, becomes its outputs. */
typedef struct _OxRegion OxRegion;

/* One node. */
OxRegion   *ox_region_new_node    (OxNode *node);
/* Some nodes of @graph: OxNode*. */
OxRegion   *ox_region_new_nodes   (OxGraph *graph, const GPtrArray *nodes);
/* What lies on the ways from any of @from to any of @to in @graph, both included. Words are names of nodes, or of tensors: then
 * those who read it, or who makes it. An empty list: from the beginning, to the end. Errors: OX_ERROR_VALUE for a name that is
 * not there, or when no way leads. */
OxRegion   *ox_region_new_between (OxGraph *graph, char **from, char **to, GError **error);
/* All nodes of @graph in a scope or in scopes that fit a pattern. */
OxRegion   *ox_region_new_scope   (OxGraph *graph, const char *pattern, GError **error);
/* Weights do not go along: they are inputs, too. */
void        ox_region_take_weights (OxRegion *self);
/* A node does not go along after all. */
void        ox_region_leave_out   (OxRegion *self, const OxNode *node);
/* What one of the nodes makes is an input all the same: the others read what stands in its place. */
void        ox_region_give        (OxRegion *self, const char *name);
void        ox_region_free        (OxRegion *self);
OxGraph    *ox_region_graph       (const OxRegion *self);
guint       ox_region_size        (const OxRegion *self);
gboolean    ox_region_has         (const OxRegion *self, const OxNode *node);
/* Names of what goes in and comes out, in the order in which nodes read and make it. (transfer none) of char* */
GPtrArray  *ox_region_inputs      (const OxRegion *self);
GPtrArray  *ox_region_outputs     (const OxRegion *self);

/* Runs @session, which is at its start and keeps all, until the nodes have run in the first frame of their graph that has this
 * number (OX_ANY_FRAME: any) and is this iteration (-1: any). @inputs and @outputs (of OxValue, made by the caller, who frees what
 * is in them) take the values in the order of the names; an input may be NULL where nothing was given. @frame (transfer full) is
 * that frame. Errors: those of the run, where one of the nodes may have failed, and OX_ERROR_VALUE when the nodes do not run. */
gboolean    ox_region_record      (OxRegion *self, OxSession *session, guint64 frame_id, gint64 iteration, GPtrArray *inputs,
                                   GPtrArray *outputs, OxFrame **frame, GCancellable *cancellable, GError **error);

/* Makes @copy, another reading of the region's model that nobody else has, into the region's model. Types of inputs and outputs
 * are those of the values (may be NULL: as far as they are declared or inferred); @frame (may be NULL) says what attributes of a
 * function's call are. It can be written then and nothing else. Errors: OX_ERROR_VALUE when @copy is another model, or for an
 * attribute that the call would give. */
gboolean    ox_region_cut         (const OxRegion *self, OxModel *copy, GPtrArray *inputs, GPtrArray *outputs, const OxFrame *frame,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxRegion, ox_region_free)

G_END_DECLS
