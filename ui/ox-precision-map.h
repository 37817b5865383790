/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-study.h"

G_BEGIN_DECLS

/* A study: what a narrow type, which @choice names, would make of each node, the worst first. As bars over the graph, too. */
OxStudy *ox_precision_map_new (OxFocus *focus, GtkWidget *choice);

G_END_DECLS
