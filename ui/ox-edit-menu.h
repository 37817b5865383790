/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "scene/ox-palette.h"
#include "scene/ox-scene.h"
#include "ui/ox-graph-view.h"

G_BEGIN_DECLS

/* ---- ox-edit-menu.c ---- */
/* A flat button with a pencil: what can be done to the value in focus. */
GtkWidget *ox_edit_menu_button_new (void);
/* The secondary button and the Menu key over a card select its node and offer what can be done to it. */
void       ox_edit_menu_attach     (OxGraphView *view, OxFocus *focus);

/* ---- ox-edit-badge.c ---- */
/* Marks the cards of what is changed. */
void       ox_edit_paint_badges    (OxDebugger *debugger, const OxScene *scene, cairo_t *cr, double scale, gboolean dark);

G_END_DECLS
