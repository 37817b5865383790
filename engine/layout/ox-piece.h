/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "layout/ox-layout.h"

G_BEGIN_DECLS

/* A part of a layout that is laid out by itself, with boxes and arrows numbered from 0. @top and @bottom (-1: none) are
 * alone in the first and the last row, so that pieces can be stacked on them. */
typedef struct
{
  int    n, m;
  float *w, *h;        /* [n] */
  int   *from, *to;    /* [m]; from < to */
  int    top, bottom;
} OxPiece;

typedef struct
{
  OxPoint *centres;    /* [n] */
  int     *first;      /* [m + 1] into points */
  OxPoint *points;     /* 1 + 3 k an arrow */
  double   width, height;
  gboolean fallback;
} OxPieceLayout;

void           ox_piece_layout_free (OxPieceLayout *layout);

/* Rows of @n boxes with @m arrows from[e] < to[e], by longest path. Then what has room below moves down to its first
 * consumer if that makes no arrow longer on balance. Arrows from what very many read, or to what reads very many, do not
 * count: so one of 500 steps that each read a slice of the same tensor stays with its step. (transfer full) */
int           *ox_rank_boxes        (int n, int m, const int *from, const int *to);

/* Rows, order by barycentres, no help from outside: works for everything, looks plain. */
OxPieceLayout *ox_layered_layout    (const OxPiece *piece);

/* The helper process; one at a time. */
typedef struct _OxHelper OxHelper;

OxHelper      *ox_helper_new        (void);
void           ox_helper_free       (OxHelper *helper);
/* NULL without an error when the helper cannot do it (not there, died, took longer than @seconds, or all
 * pieces together took too long): take the fallback. With
 * an error when cancelled. @effort 0 is the best picture, 1 a quick one. */
OxPieceLayout *ox_helper_layout     (OxHelper *helper, const OxPiece *piece, int effort, double seconds,
                                     GCancellable *cancellable, GError **error);

/* How the two processes talk: native endian, over pipes. Request: OxWireRequest, float w[n], float h[n], gint32 from[m],
 * gint32 to[m]. Reply: OxWireReply, float centre[n][2], gint32 n_points[m], float point[n_points][2]. */
#define OX_WIRE_MAGIC 0x4f784c31u
#define OX_WIRE_MOST 20000      /* boxes or arrows of one piece */

typedef struct
{
  guint32 magic;
  gint32  n, m, top, bottom, effort;
} OxWireRequest;

typedef struct
{
  guint32 magic;
  gint32  status;      /* 0: good */
  float   width, height;
  gint32  n_points;    /* all of them */
} OxWireReply;

G_END_DECLS
