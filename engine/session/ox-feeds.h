/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"

G_BEGIN_DECLS

typedef enum
{
  OX_FILL_RANDOM,   /* seeded; floats in 0..1, integers small, bool mixed, strings "a".. */
  OX_FILL_ZEROS,
  OX_FILL_ONES,
} OxFill;

/* A value for a declared input made up from its type. Dimensions that are not numbers come from @symbols (name ->
 * gint64*; may be NULL), then 1. @shape (rank numbers, or NULL) overrides all. Equal arguments give equal bits.
 * (transfer full). Errors: OX_ERROR_UNSUPPORTED for types that cannot be made up, OX_ERROR_MEMORY. */
OxValue *ox_feed_make (const OxSlot *input, OxFill fill, guint64 seed, GHashTable *symbols, int rank, const gint64 *shape,
                       GError **error);

G_END_DECLS
