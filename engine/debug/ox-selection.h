/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* A set of nodes of a model, and of what is in their bodies. */
typedef struct _OxSelection OxSelection;

OxSelection *ox_selection_new     (OxModel *model);
void         ox_selection_free    (OxSelection *self);
void         ox_selection_add_all (OxSelection *self);
/* A node's name, an output of it, "#3" of the main graph, or an operator: all of that kind. OX_ERROR_VALUE when there is
 * none. */
gboolean     ox_selection_add     (OxSelection *self, const char *text, GError **error);
/* Nodes in a scope, or in all that fit a pattern (* and ?). */
gboolean     ox_selection_add_scope (OxSelection *self, const char *pattern, GError **error);
/* One node; all in its scope; all of its operator, by domain and name. */
void         ox_selection_add_node        (OxSelection *self, OxNode *node);
void         ox_selection_add_scope_of    (OxSelection *self, const OxNode *node);
void         ox_selection_add_operator_of (OxSelection *self, const OxNode *node);
/* "A..B": both, and what lies on the ways from one to the other in the graph they are in. */
gboolean     ox_selection_add_between (OxSelection *self, const char *text, GError **error);
/* Whether a node that runs in @frame is selected, or a node whose body it is in. */
gboolean     ox_selection_has     (const OxSelection *self, const OxFrame *frame, const OxNode *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxSelection, ox_selection_free)

G_END_DECLS
