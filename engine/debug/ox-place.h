/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"

G_BEGIN_DECLS

/* Which nodes: words that all have to fit, with * and ? in patterns.
 *
 *   op:Conv  op:*Norm*      the operator          domain:com.microsoft
 *   scope:layers.3*         where it belongs      name:*_proj*
 *   in:f16  out:u8          a type of its inputs, outputs, as far as it is known from the model */
typedef struct _OxPlace OxPlace;

/* Whether @text is words of this kind, rather than the name of a node. */
gboolean  ox_place_is_query (const char *text);
/* Errors: OX_ERROR_VALUE for a word that is none. */
OxPlace  *ox_place_new      (const char *text, GError **error);
void      ox_place_free     (OxPlace *self);
gboolean  ox_place_fits     (const OxPlace *self, const OxNode *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxPlace, ox_place_free)

G_END_DECLS
