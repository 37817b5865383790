/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* What is remembered of values that may be gone: for each name of the model the type and shape it had last, and the elements
 * of small integer tensors, which may be shapes. */
typedef struct _OxShapes OxShapes;

typedef struct
{
  guint64  frame_id;
  OxDtype  dtype;
  int      rank;
  gint64   dims[OX_MAX_RANK];
  int      n_ints;               /* -1: not small, or no integers */
  gint64  *ints;
} OxShape;

OxShapes      *ox_shapes_new  (void);
void           ox_shapes_free (OxShapes *self);
/* To be called by a session's tap. */
void           ox_shapes_note (OxShapes *self, const OxFrame *frame, const OxNode *node, OxValue *const *outputs);
/* NULL: not a tensor, or not there yet. */
const OxShape *ox_shapes_get  (OxShapes *self, const OxSlot *slot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxShapes, ox_shapes_free)

G_END_DECLS
