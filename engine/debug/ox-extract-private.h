/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-extract.h"

G_BEGIN_DECLS

struct _OxRegion
{
  OxModel    *model;
  OxGraph    *graph;
  gboolean   *in;         /* [nodes]: whether it belongs to it */
  guint       size;
  gboolean    weights;    /* are inputs, too */
  GHashTable *given;      /* set of names that nodes of it make, and that are inputs all the same; or NULL */
  GPtrArray  *inputs, *outputs;     /* names */
};

/* Takes @in. */
OxRegion *ox_region_new_marked (OxGraph *graph, gboolean *in);
/* (transfer full) What @name is in @frame, or in those around it; NULL: nothing (yet). */
OxValue  *ox_region_value      (OxFrame *frame, const char *name);

G_END_DECLS
