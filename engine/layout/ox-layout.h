/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Boxes and arrows in, coordinates out. Nothing here knows what the boxes are: no names, no text, no model. Units are
 * points, y grows downwards, arrows point down. */

typedef struct
{
  float w, h;
} OxLayoutBox;

typedef struct
{
  int from, to;      /* boxes */
  int net;           /* edges of one net start at the same tensor; any number >= 0 */
} OxLayoutArrow;

typedef struct
{
  int                  n_boxes, n_arrows;
  const OxLayoutBox   *boxes;     /* in an order in which most arrows go forwards */
  const OxLayoutArrow *arrows;
  float                chip_w, chip_h;
  int                  far;       /* arrows over more rows than this become chips; 0: the default */
} OxLayoutRequest;

typedef struct { double x, y, w, h; } OxRect;
typedef struct { double x, y; } OxPoint;

/* An arrow as a chain of cubic Bézier curves: 1 + 3 k points from @first on. n_points 0: it became two chips. */
typedef struct
{
  int first, n_points;
  OxRect bounds;
} OxLayoutPath;

/* Stands for an arrow that is too long to draw. One at each consumer, and one a net at the producer. More than a few at
 * the same box are set as a grid and share one short line. */
typedef struct
{
  OxRect rect;
  int    net;
  int    box;        /* which it is attached to */
  int    other;      /* the producer; -1 for the producer's own chip */
  int    path;       /* the short line between them, an index into paths beyond the arrows' */
} OxLayoutChip;

typedef struct _OxLayout OxLayout;

struct _OxLayout
{
  gatomicrefcount refs;
  double        width, height;
  int           n_boxes, n_paths, n_chips, n_arrows;
  OxRect       *boxes;
  OxLayoutPath *paths;       /* [n_arrows] of the request, then those of the chips */
  OxPoint      *points;
  OxLayoutChip *chips;
  int           n_pieces, n_classes, n_fallbacks;   /* how it was made */
  struct _OxLayoutGrid *grid;
};

/* Blocks until it is done: for a worker. Errors: G_IO_ERROR_CANCELLED, OX_ERROR_VALUE for a request with indices or sizes
 * out of range. A layout helper that cannot be started or dies costs looks, never the result. */
OxLayout *ox_layout_compute (const OxLayoutRequest *request, GCancellable *cancellable, GError **error);
OxLayout *ox_layout_ref     (OxLayout *layout);
void      ox_layout_unref   (OxLayout *layout);

typedef enum { OX_HIT_NOTHING, OX_HIT_BOX, OX_HIT_ARROW, OX_HIT_CHIP } OxHitKind;

typedef struct
{
  OxHitKind kind;
  int       index;   /* box, arrow, or chip */
} OxHit;

/* What is at a point: boxes and chips first, then arrows within @tolerance. */
OxHit     ox_layout_hit     (const OxLayout *layout, double x, double y, double tolerance);
/* Everything that touches @area, each once, in no order. */
void      ox_layout_visible (const OxLayout *layout, const OxRect *area, GArray *boxes, GArray *paths, GArray *chips);   /* of int */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxLayout, ox_layout_unref)

G_END_DECLS
