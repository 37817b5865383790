/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* (transfer none) the window of what can be set once and for all, floating. */
GtkWindow *ox_preferences_new (void);

G_END_DECLS
