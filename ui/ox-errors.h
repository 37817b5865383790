/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "debug/ox-comparison.h"
#include "ui/ox-bars.h"

G_BEGIN_DECLS

#define OX_TYPE_ERROR_ITEM (ox_error_item_get_type ())
G_DECLARE_FINAL_TYPE (OxErrorItem, ox_error_item, OX, ERROR_ITEM, GObject)
#define OX_TYPE_ERRORS (ox_errors_get_type ())
G_DECLARE_FINAL_TYPE (OxErrors, ox_errors, OX, ERRORS, GObject)

/* What a comparison found, for a list and for the picture. Immutable, and alive as long as one of its items is. */

/* (transfer full) @comparison, which has run. */
OxErrors   *ox_errors_new     (OxComparison *comparison);
OxComparison *ox_errors_comparison (OxErrors *self);
/* Of OxErrorItem, in the order of execution. (transfer none) */
GListModel *ox_errors_values  (OxErrors *self);
/* How many values have this verdict. */
guint       ox_errors_count   (OxErrors *self, OxVerdict verdict);
/* The largest errors in what each node made, in all frames: a full bar is as large as the values themselves. (transfer none) */
OxBars     *ox_errors_bars    (OxErrors *self);

const OxComparedValue *ox_error_item_value (OxErrorItem *self);
/* The compared value's name; "" of a node that could not run. */
const char *ox_error_item_name (OxErrorItem *self);
/* Its place in the order of execution. */
guint       ox_error_item_at  (OxErrorItem *self);

G_END_DECLS
