/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "layout/ox-piece.h"

G_BEGIN_DECLS

/* The request with its far arrows turned into chips: what is really laid out. Boxes are the request's, then chips. */
typedef struct
{
  int     n, m, n_request;         /* boxes with chips, arrows that are drawn; boxes of the request */
  float  *w, *h;
  int    *from, *to;               /* [m] */
  int    *arrow;                   /* [m] index in the request, or -1 - chip */
  GArray *chips;                   /* OxLayoutChip without rectangles */
  int    *order, *place;           /* [n] boxes in layout order, and where each is in it */
} OxPlanned;

OxPlanned *ox_planned_new  (const OxLayoutRequest *request);
void       ox_planned_free (OxPlanned *planned);

/* Places in @order at which a component can be cut: no arrow passes them. (transfer full) array of int, in order; each
 * component's first and last place are among them and -1 separates components. */
GArray    *ox_planned_cuts (const OxPlanned *planned);

G_END_DECLS
