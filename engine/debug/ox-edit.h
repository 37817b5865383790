/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"

G_BEGIN_DECLS

/* One change somebody made to the run: a value stands in the place of another from that point on. */
typedef struct
{
  guint64  frame_id;    /* where; OX_ANY_FRAME: in all frames of the graph */
  OxGraph *graph;
  int      slot;
  OxValue *value;
  char    *what;        /* "fill 0", in words for a list */
} OxEdit;

/* Puts @value in the place of a value: of what a node writes in the frame that answers for @graph now (all frames if there
 * is none yet), of a weight, or of an input of the main graph. @what is kept for the list. The run is as it was until the
 * next OX_MOVE_AGAIN, which does again what comes after the change and returns to where it stands. A later edit of the same
 * value takes the place of the earlier. */
void          ox_debugger_edit      (OxDebugger *self, OxGraph *graph, int slot, OxValue *value, const char *what);
/* In the order of making; those that others took the place of are still there. */
guint         ox_debugger_n_edits   (OxDebugger *self);
const OxEdit *ox_debugger_get_edit  (OxDebugger *self, guint i);
/* Takes edit @i away; then OX_MOVE_AGAIN as above. */
void          ox_debugger_drop_edit (OxDebugger *self, guint i);

/* ---- values made from others; (transfer full), NULL with OX_ERROR_VALUE or _DTYPE for what they are not ---------- */

/* All elements set to @number; the shape and type stay. */
OxTensor     *ox_edit_fill          (OxTensor *tensor, double number, GError **error);
OxTensor     *ox_edit_scale         (OxTensor *tensor, double factor, GError **error);
OxTensor     *ox_edit_clamp         (OxTensor *tensor, double low, double high, GError **error);
/* Adds normally distributed noise of this standard deviation; the same seed adds the same. */
OxTensor     *ox_edit_noise         (OxTensor *tensor, double deviation, guint64 seed, GError **error);
/* There and back again: what the values are when they go through another element type. */
OxTensor     *ox_edit_through       (OxTensor *tensor, OxDtype dtype, GError **error);
/* Element @index in row-major order. */
OxTensor     *ox_edit_element       (OxTensor *tensor, gint64 index, double number, GError **error);

G_END_DECLS
