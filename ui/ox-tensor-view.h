/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "tensor/ox-value.h"

G_BEGIN_DECLS

#define OX_TYPE_TENSOR_VIEW (ox_tensor_view_get_type ())
G_DECLARE_FINAL_TYPE (OxTensorView, ox_tensor_view, OX, TENSOR_VIEW, GtkBox)

/* One value: type and shape, statistics, histogram, and a table of the elements with sliders for the higher axes. Sequences,
 * optionals and maps get a chooser of their elements. The statistics are made on a worker. */
GtkWidget *ox_tensor_view_new         (void);
/* @value NULL: @message is shown instead ("not computed yet"). @declared (may be NULL) is the type as the model has it. */
void       ox_tensor_view_set         (OxTensorView *self, const char *name, OxValue *value, const char *declared,
                                       const char *message);
/* What is said under its type instead of how it is declared, until the next value: "recorded in turn 3". */
void       ox_tensor_view_set_source  (OxTensorView *self, const char *text);
/* The tensor that is shown, NULL if none. */
OxTensor  *ox_tensor_view_get_tensor  (OxTensorView *self);
/* The row-major number of the element that is selected in it, -1 if none. */
gint64     ox_tensor_view_get_selected (OxTensorView *self);

G_END_DECLS
