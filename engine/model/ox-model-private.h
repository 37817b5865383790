/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"

G_BEGIN_DECLS

/* A slot that no graph owns yet; @type (transfer full) may be NULL. */
OxSlot *ox_slot_new       (const char *name, OxType *type);
/* An array that owns its nodes and takes NULL. */
GPtrArray *ox_nodes_new   (void);
void    ox_metadata_clear (gpointer entry);
/* Whether the two names stand for the same operator set. */
gboolean ox_domain_equal  (const char *a, const char *b);

/* What a node of a function's body becomes where the function is called. */
typedef struct
{
  char              *(*name)  (const char *name, gpointer data);   /* (transfer full) of a value; not of "" */
  const OxAttribute *(*bound) (const char *ref, gpointer data);    /* of the call, NULL: there is none */
  gpointer           data;
} OxRenaming;

/* A copy at the end of @graph. @as: NULL for one that says the same. */
OxNode *ox_node_copy      (const OxNode *node, OxGraph *graph, const OxRenaming *as);

G_END_DECLS
