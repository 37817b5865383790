/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-case.h"
#include "debug/ox-debugger.h"

G_BEGIN_DECLS

/* Some nodes of a debugger's run as a test case, with the values that they have there: weights, attributes and values that were
 * changed are as they were changed. What stands in the place of a value that the nodes make for each other becomes an input, and
 * nodes that are passed over do not go along. Where nothing is at hand it is a run of its own that makes the values. */
typedef struct _OxExcerpt OxExcerpt;

/* Where the debugger lives. @region (transfer full), of a graph that runs in the frame one stands in, or in one around it; else the
 * frame that was closed last is meant, or the first one. OX_ERROR_VALUE when all nodes are passed over, or when something was
 * changed in a body of theirs. */
OxExcerpt  *ox_excerpt_new     (OxDebugger *debugger, OxRegion *region, GError **error);
void        ox_excerpt_free    (OxExcerpt *self);
/* In any thread, once. @expected (transfer full): OxValue or NULL for each output: what the nodes make. When one of them fails there
 * is a case all the same, without values, or with those that were put in the place of them. */
OxCase     *ox_excerpt_make    (OxExcerpt *self, GPtrArray **expected, GCancellable *cancellable, GError **error);
/* How one of the nodes failed; NULL: it did not. */
const char *ox_excerpt_failure (const OxExcerpt *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxExcerpt, ox_excerpt_free)

G_END_DECLS
