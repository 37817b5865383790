/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What can be done with a key: the accelerators, the shortcuts window and the documentation of keys come from here. */
typedef struct
{
  const char *action;      /* "page.over", with its target; NULL: a key the canvas itself understands */
  const char *accels;      /* as GTK writes them, separated by blanks */
  const char *title;
  const char *group;
} OxActionRow;

/* The table ends with a row without a title. */
const OxActionRow *ox_actions_get          (void);
void               ox_actions_install      (GtkApplication *application);
/* (transfer none) the window that lists every key, floating. */
GtkWindow         *ox_actions_new_shortcuts (void);

G_END_DECLS
