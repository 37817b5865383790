/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define OX_TYPE_WELCOME (ox_welcome_get_type ())
G_DECLARE_FINAL_TYPE (OxWelcome, ox_welcome, OX, WELCOME, AdwBin)

/* What an empty window shows: Open, the sample model, and the models that were opened last. Activates "win.open" and
 * "win.open-uri". */
GtkWidget *ox_welcome_new (void);

G_END_DECLS
