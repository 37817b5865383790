/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

#include "ui/ox-breakpoint-marks.h"
#include "ui/ox-graph-view.h"

G_BEGIN_DECLS

#define MIN_SCALE 0.0005
#define MAX_SCALE 4.0
#define MARGIN    24.0
#define TOP       60      /* pixels that the breadcrumb takes, and the step bar */
#define BOTTOM    84
#define READABLE  0.75    /* pixels a point from which on text is read with ease */
#define MOVE_TIME 200     /* ms that the view takes to get somewhere */

/* How one graph was left. */
typedef struct
{
  OxScene   *scene;
  double     x, y, scale;    /* the picture's point in the upper left corner */
  gboolean   placed;
} View;

struct _OxGraphView
{
  GtkWidget parent_instance;

  OxFocus      *focus;
  GHashTable   *views;       /* OxGraph* -> View */
  View         *view;        /* of the graph that is shown; NULL while it is made */
  OxPainter    *painter;
  OxBreakpointMarks *marks;
  OxFrame      *frame;       /* of the graph while it is painted: what was observed; borrowed */
  gboolean      running;     /* while it is painted */
  GHashTable   *states;      /* OxNode* -> OxNodeState + 1 and */
  GHashTable   *shapes;      /* OxSlot* -> char*: as they were painted last, for while the session runs */
  GCancellable *making;
  int           width, height;   /* as they were last */
  guint         following;   /* an idle that brings the selected node into view */
  int           hover;       /* card, -1 */
  double        drag_x, drag_y, pointer_x, pointer_y;

  AdwAnimation *motion;
  double        from_x, from_y, from_scale, to_x, to_y, to_scale;
};

/* Another part is seen: draws it and says so. */
void ox_graph_view_moved     (OxGraphView *self);
/* Ends a motion that is under way. */
void ox_graph_view_halt      (OxGraphView *self);
/* Brings the selected node into view, if it is not. */
void ox_graph_view_follow    (OxGraphView *self);
/* ox-graph-view-input.c: keys, clicks, the wheel, dragging. */
void ox_graph_view_add_input (OxGraphView *self);

G_END_DECLS
