/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"

G_BEGIN_DECLS

/* Another model without calls of its own functions, not linked yet: their nodes stand where they were called, in bodies too. Values
 * of the graph keep their names, those of a function are "call/name", its outputs what the call has made of them; two of a
 * name get a number. @calls: how many were replaced; @left (of char*, may be NULL) takes sentences about those that stay
 * because they or what they call need other versions of operators. @names (char* -> char*, may be NULL) takes what has become of the
 * functions' values: ox_inlined_key() -> name. @model is linked. */
OxModel *ox_model_inline (const OxModel *model, guint *calls, GPtrArray *left, GHashTable *names);

/* (transfer full) @name in the function that the node at @path calls: indices of the calls, from the main graph on, '.' between them. */
char    *ox_inlined_key  (const char *path, const char *name);

G_END_DECLS
