/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-genealogy.h"

G_BEGIN_DECLS

/* The part of a tensor that an element hangs on: from low up to, not including, high in every axis. */
typedef struct
{
  gint64 low[OX_MAX_RANK], high[OX_MAX_RANK];
} OxBox;

/* What element @element of the output hangs on in input @input, for what is done element by element, and for convolutions and
 * matrix products, which take too long to be asked. @inputs: the tensors, NULL for what is none. FALSE for other operators. */
gboolean ox_box_compute (const OxNode *node, OxTensor *const *inputs, guint input, const OxTensor *output, gint64 element,
                         OxBox *box);

G_END_DECLS
