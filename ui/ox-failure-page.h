/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-failure.h"
#include "ui/ox-sheet.h"

G_BEGIN_DECLS

/* Why a node failed, where the numbers come from that do not fit, step by step, and what can be done, as sections of the node's
 * page. @failure may be NULL. */
void        ox_failure_page_fill  (OxSheet *sheet, const OxFailure *failure, const GError *error);
/* For the page of another node: what it has to do with it, if anything. */
void        ox_failure_page_trace (OxSheet *sheet, const OxFailure *failure, const OxNode *node);
/* The node, all on the chains and the nodes whose bodies they are in: a set. NULL when there is no chain. (transfer full) */
GHashTable *ox_failure_page_nodes (const OxFailure *failure);

G_END_DECLS
