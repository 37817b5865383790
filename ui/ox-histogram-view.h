/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "tensor/ox-statistics.h"

G_BEGIN_DECLS

#define OX_TYPE_HISTOGRAM_VIEW (ox_histogram_view_get_type ())
G_DECLARE_FINAL_TYPE (OxHistogramView, ox_histogram_view, OX, HISTOGRAM_VIEW, GtkWidget)

/* The distribution of a tensor's finite numbers, with its range below. Bar heights are square roots of counts, so that a
 * tail next to a tall peak stays visible. */
GtkWidget *ox_histogram_view_new (void);
/* @histogram NULL: nothing to show. */
void       ox_histogram_view_set (OxHistogramView *self, const OxHistogram *histogram);

G_END_DECLS
