/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ui/ox-edit-actions.h"

G_BEGIN_DECLS

struct _OxEditActions
{
  GObject parent_instance;

  OxFocus            *focus;
  GtkWidget          *owner;    /* not owned: it owns this */
  OxEditLoad          load;
  GSimpleActionGroup *group;
  GCancellable       *working;  /* while a change is computed; or NULL */
};

/* Says what was done, or why not; @text may be any bytes. */
void  ox_edit_actions_tell  (OxEditActions *self, const char *text, gboolean undo);
/* The run goes to where it was, with what was changed. */
void  ox_edit_actions_again (OxEditActions *self);
/* Whether nothing runs; else says so. */
gboolean ox_edit_actions_is_free (OxEditActions *self);
/* A name as a command has it. (transfer full) */
char *ox_edit_actions_word  (const char *name);

/* Tells what was done, or @error (transfer full); @format has %s for the name, and what was done shows in the run. */
void  ox_edit_actions_finish (OxEditActions *self, gboolean done, GError *error, const char *format, const char *name);

/* ---- ox-edit-attribute.c: the same as below ---- */
void  ox_edit_attribute_cb  (GSimpleAction *action, GVariant *parameter, gpointer self);

/* ---- ox-edit-values.c: handlers of actions ---- */
void  ox_edit_form_cb       (GSimpleAction *action, GVariant *parameter, gpointer self);
void  ox_edit_element_cb    (GSimpleAction *action, GVariant *parameter, gpointer self);
void  ox_edit_through_cb    (GSimpleAction *action, GVariant *parameter, gpointer self);
void  ox_edit_load_cb       (GSimpleAction *action, GVariant *parameter, gpointer self);

/* ---- ox-edit-past.c: the same ---- */
void  ox_edit_input_cb      (GSimpleAction *action, GVariant *parameter, gpointer self);
void  ox_edit_skip_cb       (GSimpleAction *action, GVariant *parameter, gpointer self);
void  ox_edit_supply_cb     (GSimpleAction *action, GVariant *parameter, gpointer self);

G_END_DECLS
