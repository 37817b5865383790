/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"

G_BEGIN_DECLS

/* A slot that no graph owns yet; @type (transfer full) may be NULL. */
OxSlot *ox_slot_new       (const char *name, OxType *type);
void    ox_metadata_clear (gpointer entry);
/* Whether the two names stand for the same operator set. */
gboolean ox_domain_equal  (const char *a, const char *b);

G_END_DECLS
