/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-breakpoint-editor.h"

#include "ui/ox-words.h"

#define WIDTH 300

struct _OxBreakpointEditor
{
  GtkPopover parent_instance;

  OxFocus       *focus;
  guint          id;
  OxNode        *node;
  gboolean       enabled;
  GtkLabel      *title, *trouble;
  GtkEntry      *place, *condition, *log;
  GtkSpinButton *ignore;
  GtkWidget     *once, *writes;
};

G_DEFINE_FINAL_TYPE (OxBreakpointEditor, ox_breakpoint_editor, GTK_TYPE_POPOVER)

static const struct
{
  const char *label, *condition;
} presets[] = {
  { "Always", "" },
  { "NaN in What It Makes", "nan" },
  { "Infinity in What It Makes", "inf" },
  { "Beyond 16 Bits", "abs>65504" },
  { "All Zero", "zero" },
  { "All the Same", "constant" },
  { "A Share of Denormals", "denormals>0.1" },
  { "A Shape", "shape=1x3x*" },
  { "Differs from the Reference", "differs" },
  { "Changed Since Last Time", "changed" },
  { "Slow", "time>0.01" },
  { "Large", "bytes>1e6" },
};

static void
ox_breakpoint_editor_dispose (GObject *object)
{
  g_clear_object (&OX_BREAKPOINT_EDITOR (object)->focus);
  G_OBJECT_CLASS (ox_breakpoint_editor_parent_class)->dispose (object);
}

static void
ox_breakpoint_editor_class_init (OxBreakpointEditorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_breakpoint_editor_dispose;
}

char *
ox_breakpoint_words (const OxBreakpoint *b)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *condition = ox_words_valid (b->condition), *log = ox_words_valid (b->log);

  if (*condition != '\0')
    g_string_append_printf (text, "if %s", condition);
  if (b->log != NULL)
    g_string_append_printf (text, "%swrites %s", text->len > 0 ? ", " : "", *log != '\0' ? log : "where it is");
  if (b->ignore > 0)
    g_string_append_printf (text, "%snot the next %" G_GUINT64_FORMAT, text->len > 0 ? ", " : "", b->ignore);
  if (b->once)
    g_string_append_printf (text, "%sonce", text->len > 0 ? ", " : "");
  return g_strdup (text->str);
}

static void
save_cb (OxBreakpointEditor *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  const char *condition = gtk_editable_get_text (GTK_EDITABLE (self->condition));
  OxBreakpoint wanted = { .id = self->id, .node = self->node, .enabled = self->enabled };
  g_autoptr (GError) error = NULL;

  wanted.place = self->node == NULL ? (char *) gtk_editable_get_text (GTK_EDITABLE (self->place)) : NULL;
  wanted.condition = *condition != '\0' ? (char *) condition : NULL;
  if (gtk_check_button_get_active (GTK_CHECK_BUTTON (self->writes)))
    wanted.log = (char *) gtk_editable_get_text (GTK_EDITABLE (self->log));
  wanted.ignore = (guint64) gtk_spin_button_get_value (self->ignore);
  wanted.once = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->once));
  if (ox_debugger_put_breakpoint (debugger, &wanted, &error) == 0)
    {
      g_autofree char *text = ox_words_valid (error->message);

      gtk_label_set_text (self->trouble, text);
      gtk_widget_set_visible (GTK_WIDGET (self->trouble), TRUE);
      return;
    }
  gtk_popover_popdown (GTK_POPOVER (self));
}

static void
remove_cb (OxBreakpointEditor *self)
{
  ox_debugger_remove_breakpoint (ox_focus_get_debugger (self->focus), self->id);
  gtk_popover_popdown (GTK_POPOVER (self));
}

static void
preset_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxBreakpointEditor *self = data;

  gtk_editable_set_text (GTK_EDITABLE (self->condition), g_variant_get_string (parameter, NULL));
  gtk_widget_grab_focus (GTK_WIDGET (self->condition));
}

static void
writes_cb (OxBreakpointEditor *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->log), gtk_check_button_get_active (GTK_CHECK_BUTTON (self->writes)));
}

/* Not while the signal is on its way: others wait for it, too. */
static gboolean
gone_cb (gpointer self)
{
  gtk_widget_unparent (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

static void
closed_cb (GtkPopover *self)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, gone_cb, g_object_ref (self), g_object_unref);
}

static GtkWidget *
new_caption (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dim-label");
  return label;
}

static GtkWidget *
make_presets (OxBreakpointEditor *self)
{
  static const GActionEntry entries[] = { { "preset", preset_cb, "s" } };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GMenu) menu = g_menu_new ();
  GtkWidget *button = gtk_menu_button_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "editor", G_ACTION_GROUP (group));
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (presets[i].label, NULL);

      g_menu_item_set_action_and_target (item, "editor.preset", "s", presets[i].condition);
      g_menu_append_item (menu, item);
    }
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (button, "Usual Conditions");
  return button;
}

static void
ox_breakpoint_editor_init (OxBreakpointEditor *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *when = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *skip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (self->title, 34);
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "heading");
  self->place = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_placeholder_text (self->place, "op:Conv  scope:layers.3*  out:f16");
  self->condition = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_placeholder_text (self->condition, "always, or: nan, abs>65504, max(out)>3");
  gtk_widget_set_hexpand (GTK_WIDGET (self->condition), TRUE);
  self->log = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_placeholder_text (self->log, "formulas: max(out); mean(in0)");
  gtk_widget_set_visible (GTK_WIDGET (self->log), FALSE);
  self->once = gtk_check_button_new_with_label ("Only once");
  self->writes = gtk_check_button_new_with_label ("Write a line instead of stopping");
  g_signal_connect_swapped (self->writes, "toggled", G_CALLBACK (writes_cb), self);
  self->ignore = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (0, 1e9, 1));
  self->trouble = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->trouble, TRUE);
  gtk_label_set_xalign (self->trouble, 0);
  gtk_label_set_max_width_chars (self->trouble, 34);
  gtk_widget_add_css_class (GTK_WIDGET (self->trouble), "error");
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), FALSE);
  gtk_widget_set_size_request (box, WIDTH, -1);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_box_append (GTK_BOX (when), GTK_WIDGET (self->condition));
  gtk_box_append (GTK_BOX (when), make_presets (self));
  gtk_box_append (GTK_BOX (skip), gtk_label_new ("Not the next"));
  gtk_box_append (GTK_BOX (skip), GTK_WIDGET (self->ignore));
  gtk_box_append (GTK_BOX (skip), gtk_label_new ("times"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->place));
  gtk_box_append (GTK_BOX (box), new_caption ("Stop when"));
  gtk_box_append (GTK_BOX (box), when);
  gtk_box_append (GTK_BOX (box), skip);
  gtk_box_append (GTK_BOX (box), self->once);
  gtk_box_append (GTK_BOX (box), self->writes);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->log));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->trouble));
  g_signal_connect_swapped (self->place, "activate", G_CALLBACK (save_cb), self);
  g_signal_connect_swapped (self->condition, "activate", G_CALLBACK (save_cb), self);
  g_signal_connect_swapped (self->log, "activate", G_CALLBACK (save_cb), self);
  g_signal_connect (self, "closed", G_CALLBACK (closed_cb), NULL);
  gtk_popover_set_child (GTK_POPOVER (self), box);
}

static void
add_buttons (OxBreakpointEditor *self)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *save = gtk_button_new_with_label (self->id > 0 ? "Change" : "Set");

  gtk_widget_add_css_class (save, "suggested-action");
  gtk_widget_set_hexpand (save, TRUE);
  g_signal_connect_swapped (save, "clicked", G_CALLBACK (save_cb), self);
  if (self->id > 0)
    {
      GtkWidget *gone = gtk_button_new_with_label ("Remove");

      g_signal_connect_swapped (gone, "clicked", G_CALLBACK (remove_cb), self);
      gtk_widget_set_hexpand (gone, TRUE);
      gtk_box_append (GTK_BOX (buttons), gone);
    }
  gtk_box_append (GTK_BOX (buttons), save);
  gtk_box_append (GTK_BOX (gtk_popover_get_child (GTK_POPOVER (self))), buttons);
}

static void
show (OxBreakpointEditor *self, const OxBreakpoint *b)
{
  g_autofree char *place = ox_words_valid (b->place), *condition = ox_words_valid (b->condition), *log = ox_words_valid (b->log);

  self->id = b->id;
  self->node = b->node;
  self->enabled = b->enabled;
  gtk_editable_set_text (GTK_EDITABLE (self->place), place);
  gtk_editable_set_text (GTK_EDITABLE (self->condition), condition);
  gtk_editable_set_text (GTK_EDITABLE (self->log), log);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->writes), b->log != NULL);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->once), b->once);
  gtk_spin_button_set_value (self->ignore, (double) b->ignore);
}

void
ox_breakpoint_editor_open (OxFocus *focus, GtkWidget *parent, const GdkRectangle *at, const OxBreakpoint *like, OxNode *node)
{
  const OxBreakpoint fresh = { .node = node, .enabled = TRUE };
  OxBreakpointEditor *self = g_object_new (OX_TYPE_BREAKPOINT_EDITOR, NULL);
  g_autofree char *title = NULL;

  self->focus = g_object_ref (focus);
  show (self, like != NULL ? like : &fresh);
  if (self->node != NULL)
    {
      g_autofree char *op = ox_words_operator (self->node), *name = ox_words_node (self->node);

      title = g_strdup_printf ("%s %s", op, name);
    }
  gtk_label_set_text (self->title, title != NULL ? title : "At all nodes that fit");
  gtk_widget_set_visible (GTK_WIDGET (self->place), self->node == NULL);
  add_buttons (self);
  gtk_widget_set_parent (GTK_WIDGET (self), parent);
  if (at != NULL)
    gtk_popover_set_pointing_to (GTK_POPOVER (self), at);
  gtk_popover_popup (GTK_POPOVER (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->node == NULL ? self->place : self->condition));
}
