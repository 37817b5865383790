/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-breakpoints.h"

#include "ui/ox-breakpoint-editor.h"
#include "ui/ox-words.h"

#define MOST_HEIGHT 180

struct _OxBreakpoints
{
  GtkBox parent_instance;

  OxFocus    *focus;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (OxBreakpoints, ox_breakpoints, GTK_TYPE_BOX)

static void
ox_breakpoints_dispose (GObject *object)
{
  g_clear_object (&OX_BREAKPOINTS (object)->focus);
  G_OBJECT_CLASS (ox_breakpoints_parent_class)->dispose (object);
}

static void
ox_breakpoints_class_init (OxBreakpointsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_breakpoints_dispose;
}

/* Of the row that a widget is in. */
static const OxBreakpoint *
breakpoint_of (GtkWidget *part)
{
  return g_object_get_data (G_OBJECT (gtk_widget_get_ancestor (part, GTK_TYPE_LIST_BOX_ROW)), "breakpoint");
}

static void
toggled_cb (GtkCheckButton *check, OxBreakpoints *self)
{
  OxBreakpoint changed = *breakpoint_of (GTK_WIDGET (check));

  changed.enabled = gtk_check_button_get_active (check);
  ox_debugger_put_breakpoint (ox_focus_get_debugger (self->focus), &changed, NULL);
}

static void
remove_cb (GtkWidget *button, OxBreakpoints *self)
{
  ox_debugger_remove_breakpoint (ox_focus_get_debugger (self->focus), breakpoint_of (button)->id);
}

static void
edit_cb (GtkWidget *button, OxBreakpoints *self)
{
  ox_breakpoint_editor_open (self->focus, GTK_WIDGET (self), NULL, breakpoint_of (button), NULL);
}

static void
add_cb (OxBreakpoints *self)
{
  ox_breakpoint_editor_open (self->focus, GTK_WIDGET (self), NULL, NULL, NULL);
}

static void
remove_all_cb (OxBreakpoints *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  g_autoptr (GPtrArray) all = ox_debugger_dup_breakpoints (debugger);

  for (guint i = 0; i < all->len; i++)
    ox_debugger_remove_breakpoint (debugger, ((const OxBreakpoint *) g_ptr_array_index (all, i))->id);
}

static void
activated_cb (GtkListBox *list, GtkListBoxRow *row, OxBreakpoints *self)
{
  const OxBreakpoint *breakpoint = g_object_get_data (G_OBJECT (row), "breakpoint");

  if (breakpoint->node != NULL)
    ox_focus_select_node (self->focus, breakpoint->node);
}

static GtkWidget *
small_button (const char *icon, const char *tip, GCallback clicked, OxBreakpoints *self)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "ox-small-button");
  g_signal_connect (button, "clicked", clicked, self);
  return button;
}

static GtkWidget *
small_label (PangoEllipsizeMode mode)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "caption");
  gtk_label_set_ellipsize (GTK_LABEL (label), mode);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  return label;
}

static GtkWidget *
make_row (OxBreakpoints *self)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *check = gtk_check_button_new ();
  GtkWidget *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *upper = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (NULL), *detail = small_label (PANGO_ELLIPSIZE_START), *when = small_label (PANGO_ELLIPSIZE_END);

  gtk_widget_set_tooltip_text (check, "Stop here");
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (detail, TRUE);
  gtk_widget_set_hexpand (lines, TRUE);
  gtk_box_append (GTK_BOX (upper), title);
  gtk_box_append (GTK_BOX (upper), detail);
  gtk_box_append (GTK_BOX (lines), upper);
  gtk_box_append (GTK_BOX (lines), when);
  gtk_box_append (GTK_BOX (box), check);
  gtk_box_append (GTK_BOX (box), lines);
  gtk_box_append (GTK_BOX (box), small_button ("document-edit-symbolic", "When It Stops (Ctrl+F9)", G_CALLBACK (edit_cb), self));
  gtk_box_append (GTK_BOX (box), small_button ("window-close-symbolic", "Remove the Breakpoint", G_CALLBACK (remove_cb), self));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data (G_OBJECT (row), "check", check);
  g_object_set_data (G_OBJECT (row), "title", title);
  g_object_set_data (G_OBJECT (row), "detail", detail);
  g_object_set_data (G_OBJECT (row), "when", when);
  g_signal_connect (check, "toggled", G_CALLBACK (toggled_cb), self);
  return row;
}

static GtkLabel *
label_of (GtkWidget *row, const char *name)
{
  return GTK_LABEL (g_object_get_data (G_OBJECT (row), name));
}

/* "if nan, 2 hits", and why it could not be judged. */
static char *
words_of (const OxBreakpoint *b)
{
  g_autofree char *words = ox_breakpoint_words (b), *trouble = b->trouble != NULL ? ox_words_valid (b->trouble) : NULL;
  GString *text = g_string_new (words);

  if (b->hits > 0)
    g_string_append_printf (text, b->hits == 1 ? "%s%" G_GUINT64_FORMAT " hit" : "%s%" G_GUINT64_FORMAT " hits",
                            text->len > 0 ? ", " : "", b->hits);
  if (trouble != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ": " : "", trouble);
  return g_string_free (text, FALSE);
}

static void
show (OxBreakpoints *self, GtkWidget *row, OxBreakpoint *b)
{
  GtkWidget *check = g_object_get_data (G_OBJECT (row), "check");
  g_autofree char *title = b->node != NULL ? ox_words_valid (b->node->op_type) : ox_words_valid (b->place);
  g_autofree char *name = b->node != NULL ? ox_words_node (b->node) : NULL, *words = words_of (b);
  g_autofree char *tip = g_strdup_printf ("%s%s%s%s%s", title, name != NULL ? "\n" : "", name != NULL ? name : "",
                                          *words != '\0' ? "\n" : "", words);

  g_object_set_data_full (G_OBJECT (row), "breakpoint", b, ox_breakpoint_free);
  gtk_label_set_text (label_of (row, "title"), title);
  gtk_label_set_text (label_of (row, "detail"), name != NULL ? name : "");
  gtk_label_set_text (label_of (row, "when"), words);
  gtk_widget_set_visible (GTK_WIDGET (label_of (row, "when")), *words != '\0');
  if (b->trouble != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (label_of (row, "when")), "warning");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (label_of (row, "when")), "warning");
  gtk_widget_set_tooltip_text (row, tip);
  g_signal_handlers_block_by_func (check, toggled_cb, self);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), b->enabled);
  g_signal_handlers_unblock_by_func (check, toggled_cb, self);
}

static gboolean
is_there (GPtrArray *all, guint id)
{
  for (guint i = 0; i < all->len; i++)
    if (((const OxBreakpoint *) g_ptr_array_index (all, i))->id == id)
      return TRUE;
  return FALSE;
}

/* Rows that stay are kept: one of them may have the keyboard. */
static void
fill (OxBreakpoints *self)
{
  g_autoptr (GPtrArray) all = ox_debugger_dup_breakpoints (ox_focus_get_debugger (self->focus));
  guint n = all->len;
  GtkListBoxRow *row;

  for (int at = 0; (row = gtk_list_box_get_row_at_index (self->list, at)) != NULL;)
    if (is_there (all, ((const OxBreakpoint *) g_object_get_data (G_OBJECT (row), "breakpoint"))->id))
      at++;
    else
      gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < n; i++)
    {
      row = gtk_list_box_get_row_at_index (self->list, (int) i);
      if (row == NULL)
        {
          gtk_list_box_append (self->list, make_row (self));
          row = gtk_list_box_get_row_at_index (self->list, (int) i);
        }
      show (self, GTK_WIDGET (row), g_ptr_array_index (all, i));
    }
  /* The rows have them now. */
  g_ptr_array_set_free_func (all, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
}

static void
ox_breakpoints_init (OxBreakpoints *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *heading = gtk_label_new ("Breakpoints"), *all = gtk_button_new_from_icon_name ("user-trash-symbolic");
  GtkWidget *add = gtk_button_new_from_icon_name ("list-add-symbolic");

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (heading, "heading");
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_set_hexpand (heading, TRUE);
  gtk_widget_set_tooltip_text (all, "Remove All Breakpoints");
  gtk_widget_add_css_class (all, "flat");
  gtk_widget_add_css_class (all, "ox-small-button");
  g_signal_connect_swapped (all, "clicked", G_CALLBACK (remove_all_cb), self);
  gtk_widget_set_margin_start (top, 12);
  gtk_widget_set_margin_end (top, 12);
  gtk_widget_set_margin_top (top, 6);
  gtk_box_append (GTK_BOX (top), heading);
  gtk_widget_set_tooltip_text (add, "Stop at All Nodes That Fit…");
  gtk_widget_add_css_class (add, "flat");
  gtk_widget_add_css_class (add, "ox-small-button");
  g_signal_connect_swapped (add, "clicked", G_CALLBACK (add_cb), self);
  gtk_box_append (GTK_BOX (top), add);
  gtk_box_append (GTK_BOX (top), all);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "ox-breakpoints");
  g_signal_connect (self->list, "row-activated", G_CALLBACK (activated_cb), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), MOST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (self), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (self), top);
  gtk_box_append (GTK_BOX (self), scroller);
}

GtkWidget *
ox_breakpoints_new (OxFocus *focus)
{
  OxBreakpoints *self = g_object_new (OX_TYPE_BREAKPOINTS, NULL);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (ox_focus_get_debugger (focus), "breakpoints", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  /* Hits, and why a condition could not be judged. */
  g_signal_connect_object (ox_focus_get_debugger (focus), "stopped", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  fill (self);
  return GTK_WIDGET (self);
}
