/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"
#include "ui/ox-sheet.h"

G_BEGIN_DECLS

/* A row that shows a value of the node, so that what is observed can be put into it later. */
typedef struct
{
  OxGraph  *graph;
  int       slot;
  GtkLabel *label;   /* owned */
  char     *known;   /* the type as declared or inferred */
} OxNodePageValue;

/* Fills @sheet with what is known about @node: why it failed, or what it has to do with the failure of another, if @stop (may be
 * NULL) is one; attributes as @debugger (may be NULL) runs it, with defaults told apart, bodies, inputs and outputs,
 * documentation. (transfer full) an array of OxNodePageValue. */
GArray *ox_node_page_fill (OxSheet *sheet, OxNode *node, OxDebugger *debugger, const OxStop *stop);

G_END_DECLS
