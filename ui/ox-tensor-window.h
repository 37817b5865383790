/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "tensor/ox-value.h"

G_BEGIN_DECLS

/* One value in a window of its own, so that it can be large, or stand beside another. It keeps the value it was made with,
 * whatever the debugger does. @declared may be NULL. (transfer none) floating. */
GtkWindow *ox_tensor_window_new (const char *name, OxValue *value, const char *declared);

G_END_DECLS
