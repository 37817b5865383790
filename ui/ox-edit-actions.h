/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_EDIT_ACTIONS (ox_edit_actions_get_type ())
G_DECLARE_FINAL_TYPE (OxEditActions, ox_edit_actions, OX, EDIT_ACTIONS, GObject)

/* Reads a value of a type (may be NULL) from a file. (transfer full) */
typedef OxValue *(*OxEditLoad) (const char *path, const OxType *type, GError **error);

/* The actions "edit.…" that change the run, for the widgets below @owner: of the value in focus "fill", "scale", "clamp",
 * "noise", "load", "through" (the type's name), "element" (its number), "reference"; of the node in focus "mute", "identity", "skip", "supply", "input", "attribute"
 * (its name); "drop" (the number of an edit), "undo", "redo". They ask for numbers in a dialog, compute on a worker, and do
 * the run again where it had come. Signal "told" (const char *text, gboolean undo): what was done, and whether to offer to take
 * it back; a failure is told without. Lives as long as @owner. */
OxEditActions *ox_edit_actions_new     (OxFocus *focus, GtkWidget *owner, OxEditLoad load);
/* For a menu button: what can be done to a value. (transfer full) */
GMenuModel    *ox_edit_actions_value_menu (void);
/* What can be done to a node. (transfer full) */
GMenuModel    *ox_edit_actions_node_menu  (void);

/* ---- ox-edit-dialog.c ---- */
typedef struct
{
  const char *title;     /* of an entry */
  double      value;     /* at first */
} OxEditField;

/* Asks for numbers; @done gets as many as there are fields, and is not called when nothing is to be done. */
typedef void (*OxEditNumbers) (const double *numbers, gpointer data);
void ox_edit_dialog_numbers (GtkWidget *owner, const char *heading, const char *body, const OxEditField *fields, guint n,
                             OxEditNumbers done, gpointer data, GDestroyNotify destroy);
/* Asks for a text; while @check says what is wrong with it (transfer full), there is no going on. */
typedef char *(*OxEditCheck) (const char *text, gpointer data);
typedef void (*OxEditText)   (const char *text, gpointer data);
void ox_edit_dialog_text    (GtkWidget *owner, const char *heading, const char *body, const char *title, const char *text,
                             OxEditCheck check, OxEditText done, gpointer data, GDestroyNotify destroy);
/* The same with a third button that is labelled @other (NULL: none) and calls @otherwise; @data goes when the dialog does. */
void ox_edit_dialog_text_or (GtkWidget *owner, const char *heading, const char *body, const char *title, const char *text,
                             OxEditCheck check, OxEditText done, const char *other, void (*otherwise) (gpointer data),
                             gpointer data, GDestroyNotify destroy);

G_END_DECLS
