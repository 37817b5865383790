/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-case.h"
#include "debug/ox-comparison.h"

G_BEGIN_DECLS

/* Makes a model that shows something small: begins with the node that is to blame and the values it is given, or with all that
 * leads to it, and leaves out what it can while it still shows it. Values, sizes and attributes are tried where the question can
 * be answered for other values than those of the run. */
typedef struct _OxMinimise OxMinimise;

/* A reference for a session that is fed and at its start. (transfer full) */
typedef OxReference *(*OxMinimiseRefer)   (OxSession *session, gpointer data, GError **error);
/* Gives a comparison its tolerances. */
typedef gboolean     (*OxMinimisePrepare) (OxComparison *comparison, gpointer data, GError **error);
/* Whether a case still shows it. */
typedef gboolean     (*OxMinimiseTest)    (const OxCase *candidate, gpointer data, GCancellable *cancellable);

/* @session is fed and at its start; @seed is that of its random operators. */
OxMinimise *ox_minimise_new       (OxSession *session, guint64 seed);
void        ox_minimise_free      (OxMinimise *self);
/* At most so many cases are tried (1000). */
void        ox_minimise_set_limit (OxMinimise *self, guint limit);

/* What has to stay; one of these. */
/* A value differs from the reference. @live: @refer can be asked for any case, and has values for all inputs; else it has those
 * of the model's run only. @prepare may be NULL. */
void        ox_minimise_differs   (OxMinimise *self, OxMinimiseRefer refer, gboolean live, OxMinimisePrepare prepare, gpointer data);
/* A node makes such a value of inputs that have none; @kinds as ox_hunt_new() takes them. */
void        ox_minimise_makes     (OxMinimise *self, guint kinds);
/* The run fails in the same way. */
void        ox_minimise_fails     (OxMinimise *self);
/* @test says so. */
void        ox_minimise_asks      (OxMinimise *self, OxMinimiseTest test, gpointer data);

/* FALSE with @error when there is nothing to begin with. When it is cancelled after that, what was found until then is kept. */
gboolean    ox_minimise_run       (OxMinimise *self, GCancellable *cancellable, GError **error);
/* What is left. (transfer none) */
const OxCase *ox_minimise_case    (OxMinimise *self);
/* What the reference has for its outputs, or else what the run gives. OxValue or NULL. (transfer none) */
GPtrArray  *ox_minimise_expected  (OxMinimise *self);
/* Sentences about what was kept, and why. (transfer none) array of char* */
GPtrArray  *ox_minimise_notes     (OxMinimise *self);
/* Cases that were tried; those that still showed it. */
guint       ox_minimise_tried     (OxMinimise *self);
guint       ox_minimise_taken     (OxMinimise *self);
/* Whether the limit or a cancellation ended it. */
gboolean    ox_minimise_stopped   (OxMinimise *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxMinimise, ox_minimise_free)

G_END_DECLS
