/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "debug/ox-iterations.h"

G_BEGIN_DECLS

#define OX_TYPE_ITERATION_PLOT (ox_iteration_plot_get_type ())
G_DECLARE_FINAL_TYPE (OxIterationPlot, ox_iteration_plot, OX, ITERATION_PLOT, GtkWidget)

typedef enum
{
  OX_ITERATION_RANGE,     /* a band from the smallest to the largest number, the mean as a line */
  OX_ITERATION_NORM,
  OX_ITERATION_ELEMENT,
} OxIterationMode;

/* The free space left and right of what is drawn: numbers of the scale stand in the left one. */
#define OX_ITERATION_LEFT 64
#define OX_ITERATION_RIGHT 16

/* One value over the iterations of a body. Signal "chosen" (const OxIteration *): one was clicked, or reached by the arrow
 * keys. */
GtkWidget  *ox_iteration_plot_new  (void);
/* @rows: OxIteration, borrowed until others come; NULL: none. @end: the iteration that the right edge stands for. */
void        ox_iteration_plot_set  (OxIterationPlot *self, const GArray *rows, gint64 end);
void        ox_iteration_plot_set_mode (OxIterationPlot *self, OxIterationMode mode);
/* Where the run is; -1: in none of them. */
void        ox_iteration_plot_set_current (OxIterationPlot *self, gint64 iteration);
/* The number that the line of a mode is about. */
double      ox_iteration_number    (const OxIteration *row, OxIterationMode mode);
/* The row of an iteration; NULL if it has none. */
const OxIteration *ox_iteration_plot_find (const GArray *rows, gint64 iteration);
/* "iteration 3: -0.98 to 0.99, mean 0.26, 2 not finite"; (transfer full) */
char       *ox_iteration_words     (const OxIteration *row, OxIterationMode mode, gint64 end);

G_END_DECLS
