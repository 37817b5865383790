/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The program's settings. The schema is looked for where the desktop has its own, then beside the program in a build tree,
 * then where the program is installed to. NULL when it is nowhere: a program without it does not start. (transfer none) */
GSettings *ox_settings_get (GError **error);

G_END_DECLS
