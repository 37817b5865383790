/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "debug/ox-progress.h"
#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_STUDY (ox_study_get_type ())
G_DECLARE_FINAL_TYPE (OxStudy, ox_study, OX, STUDY, GtkBox)

/* A page of the drawer that asks something of a run of its own, on a worker: questions and a button that becomes Cancel, how far
 * it is, a sentence about what was found, and the findings, which stay until the next ones. When the inputs or edits are others
 * than they were, it says that what is shown is stale. Signals: "begin" (the button was clicked, the model stands still and has
 * inputs: the owner calls ox_study_run(), or says why not), "done" (the study, and a GError or NULL; not when it was cancelled). */
GtkWidget *ox_study_new          (OxFocus *focus, const char *verb, const char *hint, GtkWidget *findings);
/* Beside the button: before it, before what is before it, and at the end of the line with the sentence, where it is seen once there are findings. */
void       ox_study_add_question (OxStudy *self, GtkWidget *question);
void       ox_study_put_first    (OxStudy *self, GtkWidget *question);
void       ox_study_add_tool     (OxStudy *self, GtkWidget *tool);
/* As if the button were clicked, unless it is at work. */
void       ox_study_ask          (OxStudy *self);
gboolean   ox_study_is_running   (OxStudy *self);

/* Off the main thread. FALSE with @error. */
typedef gboolean (*OxStudyWork) (gpointer study, OxProgress progress, gpointer data, GCancellable *cancellable, GError **error);
/* @study (transfer full): a g_atomic_rc_box, of which "done" may acquire a part; @clear as for ox_record_list(). */
void       ox_study_run          (OxStudy *self, OxStudyWork work, gpointer study, GDestroyNotify clear);
/* A sentence; @wrong: about what went wrong. Showing findings puts them in the place of the hint. */
void       ox_study_say          (OxStudy *self, const char *text, gboolean wrong);
void       ox_study_show_findings (OxStudy *self);

G_END_DECLS
