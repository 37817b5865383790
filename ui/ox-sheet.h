/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "model/ox-model.h"

G_BEGIN_DECLS

#define OX_TYPE_SHEET (ox_sheet_get_type ())
G_DECLARE_FINAL_TYPE (OxSheet, ox_sheet, OX, SHEET, GtkBox)

/* A page of properties: sections of rows, filled from top to bottom and thrown away as a whole. Signals: "value" (OxGraph *,
 * int slot) when a value's row, "node" (OxNode *) when a node's row, "graph" (OxGraph *) when a graph's row is clicked. Texts may be any bytes. */
GtkWidget *ox_sheet_new        (void);
void       ox_sheet_clear      (OxSheet *self);

/* A large first line with a smaller one below (may be NULL). */
void       ox_sheet_title      (OxSheet *self, const char *title, const char *subtitle);
/* The rows that follow belong to it; @title may be NULL. A section without rows shows nothing. */
void       ox_sheet_section    (OxSheet *self, const char *title);
/* A name and what it is; @dim: a default nobody has set. */
void       ox_sheet_row        (OxSheet *self, const char *name, const char *text, gboolean dim);
/* The same with a button that activates @action for @target, "Change": as ox_sheet_row() without. */
void       ox_sheet_row_with_action (OxSheet *self, const char *name, const char *text, gboolean dim, const char *action,
                                     const char *target);
/* A paragraph over the whole width; @css may be NULL. */
void       ox_sheet_text       (OxSheet *self, const char *text, const char *css);
/* A value that can be clicked: @role is what it is here ("X"), @slot of @graph the value; slot -1: not given. Returns the
 * label of its type, whose text the caller may change later; NULL once the section is so long that rows are left out. */
GtkLabel  *ox_sheet_value      (OxSheet *self, const char *role, OxGraph *graph, int slot, const char *type, const char *source);
/* A step of an explanation, @first: the one it begins with. Leads to @node if there is one, else to the value in @slot of
 * @graph. */
void       ox_sheet_step       (OxSheet *self, const char *text, gboolean first, OxNode *node, OxGraph *graph, int slot);
/* Things to do, below the rows of the section. */
void       ox_sheet_buttons    (OxSheet *self, guint n, const char *const *words, const char *const *tips,
                                const char *const *actions);
/* A heading over several sections. */
void       ox_sheet_heading    (OxSheet *self, const char *title);
/* A node that can be clicked. */
void       ox_sheet_node       (OxSheet *self, OxNode *node);
/* A graph that can be clicked; @role is what it is here ("then_branch"). */
void       ox_sheet_graph      (OxSheet *self, const char *role, OxGraph *graph);

G_END_DECLS
