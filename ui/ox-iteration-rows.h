/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-iteration-plot.h"

G_BEGIN_DECLS

#define OX_TYPE_ITERATION_ROWS (ox_iteration_rows_get_type ())
G_DECLARE_FINAL_TYPE (OxIterationRows, ox_iteration_rows, OX, ITERATION_ROWS, GtkBox)

/* Values over the iterations of one body, a row each, and the iterations below. Signals: "chosen" (const OxIteration *) as of a
 * plot, "named" (int slot) when a name is clicked. */
GtkWidget *ox_iteration_rows_new  (void);
/* @iterations: borrowed until others come; NULL: none. */
void       ox_iteration_rows_set  (OxIterationRows *self, const OxIterations *iterations, OxGraph *body);
void       ox_iteration_rows_set_mode (OxIterationRows *self, OxIterationMode mode);
/* Where the run is; -1: in none of them. Their numbers are beside the names. */
void       ox_iteration_rows_mark (OxIterationRows *self, gint64 iteration);

G_END_DECLS
