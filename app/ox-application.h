/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define OX_TYPE_APPLICATION (ox_application_get_type ())
G_DECLARE_FINAL_TYPE (OxApplication, ox_application, OX, APPLICATION, AdwApplication)

/* The program with windows: one process a user, files of the command line open as tabs. */
OxApplication *ox_application_new (void);

G_END_DECLS
