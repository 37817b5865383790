/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "layout/ox-piece.h"

G_BEGIN_DECLS

/* Chips on the same side of the same box that are laid out as one: alone, or many as a grid. */
typedef struct
{
  int      box;
  gboolean above;                  /* at a consumer */
  int      first, n, columns;      /* chips; in a grid of so many columns */
} OxBundle;

/* The request with its far arrows turned into chips: what is really laid out. Boxes are the request's, then bundles. */
typedef struct
{
  int     n, m, n_request;         /* boxes with bundles, arrows that are drawn; boxes of the request */
  float  *w, *h;
  int    *from, *to;               /* [m] */
  int    *arrow;                   /* [m] index in the request, or -1 - the bundle's first chip */
  GArray *chips;                   /* OxLayoutChip without rectangles; those of a bundle in a row */
  GArray *bundles;                 /* OxBundle */
  int    *order, *place;           /* [n] boxes in layout order, and where each is in it */
} OxPlanned;

OxPlanned *ox_planned_new  (const OxLayoutRequest *request);
void       ox_planned_free (OxPlanned *planned);

/* Places in @order at which a component can be cut: no arrow passes them. (transfer full) array of int, in order; each
 * component's first and last place are among them and -1 separates components. */
GArray    *ox_planned_cuts (const OxPlanned *planned);
/* Where chip @i of a bundle is when the bundle's middle is at @centre. */
OxRect     ox_bundle_chip  (const OxBundle *bundle, int i, float chip_w, float chip_h, OxPoint centre);

G_END_DECLS
