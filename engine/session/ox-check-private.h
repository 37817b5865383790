/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-check.h"

G_BEGIN_DECLS

typedef struct
{
  OxModel      *model;
  GPtrArray    *findings;
  GHashTable   *counts;      /* rule + severity -> how many */
  GHashTable   *bad_nodes;   /* OxNode* that have an error already, so that what follows from it is not said */
  GHashTable   *called;      /* OxFunction* that some node calls */
  GPtrArray    *misfits;     /* what the inference says of nodes, until it is known what else is */
  GCancellable *cancellable;
} OxCheck;

/* @graph and @node may be NULL. */
void ox_check_add       (OxCheck *self, OxCheckSeverity severity, const char *rule, const OxGraph *graph, const OxNode *node,
                         const char *format, ...) G_GNUC_PRINTF (6, 7);
/* Sets owner and outer of all inner graphs, which linking does later; FALSE: nested too deep. */
gboolean ox_check_nest  (OxCheck *self, OxGraph *graph, int depth);
/* IR version, imports, functions. */
void ox_check_model     (OxCheck *self);
/* Names of a graph and those inside it: unique, made before they are read, used. */
void ox_check_names     (OxCheck *self, OxGraph *graph);
/* Operators, how many inputs and outputs, attributes; and once linked and inferred, types. */
void ox_check_operators (OxCheck *self, OxGraph *graph);
void ox_check_types     (OxCheck *self, OxGraph *graph);
/* Whether constants have their data; and what their numbers look like. */
void ox_check_data      (OxCheck *self, OxGraph *graph);
void ox_check_weights   (OxCheck *self, OxGraph *graph);

G_END_DECLS
