/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"
#include "ui/ox-quant-view.h"
#include "ui/ox-recording.h"

G_BEGIN_DECLS

#define OX_TYPE_DRAWER (ox_drawer_get_type ())
G_DECLARE_FINAL_TYPE (OxDrawer, ox_drawer, OX, DRAWER, GtkBox)

/* The panel at the bottom: what has run, what was computed, comparison, hunt and console. */
GtkWidget *ox_drawer_new          (OxFocus *focus);
/* Turns to the hunt and starts it. */
void       ox_drawer_hunt         (OxDrawer *self);
/* Turns to a question of precision, see ox_precision_view_ask(), and asks it. */
void       ox_drawer_precision    (OxDrawer *self, const char *question);
/* Turns to what is quantised, and looks at it; with @path against a model, see ox_quant_view_set_reference(). */
void       ox_drawer_quantisation (OxDrawer *self, const char *path, OxQuantOpen open);
/* Turns to a recorded run; @doubt (may be NULL) says how the model is not the one of it. */
void       ox_drawer_show_recording (OxDrawer *self, OxRecording *recording, const char *doubt);
/* What holding that against another has found, see ox_recording_differ(). */
void       ox_drawer_tell_recording (OxDrawer *self, const char *text, gint64 first);
/* Shows what "T[0,3]" comes from. */
void       ox_drawer_show_origin  (OxDrawer *self, const char *expression);
/* Turns to "timeline", "iterations", "values", "compare", "hunt", "precision", "quantisation", "edits", "origin" or "console".
 * "recording" is there once one was shown. */
void       ox_drawer_show         (OxDrawer *self, const char *name);
/* Turns to the console and gives it the keyboard. */
void       ox_drawer_show_console (OxDrawer *self);

G_END_DECLS
