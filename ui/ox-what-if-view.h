/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-study.h"

G_BEGIN_DECLS

/* A study: some of the model rounded through the type that @choice names; how far off each value is by its own node's doing and
 * in all, and the outputs. As bars over the graph, too. */
OxStudy *ox_what_if_view_new (OxFocus *focus, GtkWidget *choice);

/* Which nodes are rounded. */
typedef enum
{
  OX_WHAT_IF_ALL,
  OX_WHAT_IF_NODE,       /* the selected one */
  OX_WHAT_IF_SCOPE,      /* its scope */
  OX_WHAT_IF_OPERATOR,   /* all of its operator */
} OxWhatIfRegion;

void     ox_what_if_view_set_region (OxStudy *study, OxWhatIfRegion region);

G_END_DECLS
