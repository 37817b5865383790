/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

#define OX_TYPE_TENSOR_GRID (ox_tensor_grid_get_type ())
G_DECLARE_FINAL_TYPE (OxTensorGrid, ox_tensor_grid, OX, TENSOR_GRID, GtkWidget)

/* Two axes of a tensor as a table of numbers. It formats only the cells that are seen, so its cost does not depend on the
 * size of the tensor. The last two axes are rows and columns; the others are held at an index. A scroller's child. */
GtkWidget *ox_tensor_grid_new       (void);
/* @tensor may be NULL. Indices go back to 0. */
void       ox_tensor_grid_set       (OxTensorGrid *self, OxTensor *tensor);
/* The index at which @axis is held; ignored for the two axes that are shown. */
void       ox_tensor_grid_set_index (OxTensorGrid *self, int axis, gint64 index);
/* At which index every axis is held. (transfer none) */
const gint64 *ox_tensor_grid_index  (OxTensorGrid *self);
/* Colours cells from blue (@low) over white to red (@high); equal values switch it off. */
void       ox_tensor_grid_set_range (OxTensorGrid *self, double low, double high);
/* Scrolls to the element of that row-major number and selects it; also sets the held indices. */
void       ox_tensor_grid_reveal    (OxTensorGrid *self, gint64 element);
/* The selected element's row-major number, -1 if none. */
gint64     ox_tensor_grid_selected  (OxTensorGrid *self);

G_END_DECLS
