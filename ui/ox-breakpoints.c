/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-breakpoints.h"

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

static OxNode *
node_of (GtkWidget *part)
{
  return g_object_get_data (G_OBJECT (gtk_widget_get_ancestor (part, GTK_TYPE_LIST_BOX_ROW)), "node");
}

static void
toggled_cb (GtkCheckButton *check, OxBreakpoints *self)
{
  ox_debugger_enable_breakpoint (ox_focus_get_debugger (self->focus), node_of (GTK_WIDGET (check)),
                                 gtk_check_button_get_active (check));
}

static void
remove_cb (GtkWidget *button, OxBreakpoints *self)
{
  ox_debugger_set_breakpoint (ox_focus_get_debugger (self->focus), node_of (button), FALSE);
}

static void
remove_all_cb (OxBreakpoints *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  g_autoptr (GPtrArray) nodes = ox_debugger_list_breakpoints (debugger);

  for (guint i = 0; i < nodes->len; i++)
    ox_debugger_set_breakpoint (debugger, g_ptr_array_index (nodes, i), FALSE);
}

static void
activated_cb (GtkListBox *list, GtkListBoxRow *row, OxBreakpoints *self)
{
  ox_focus_select_node (self->focus, g_object_get_data (G_OBJECT (row), "node"));
}

static GtkWidget *
make_row (OxBreakpoints *self, OxNode *node)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *check = gtk_check_button_new ();
  g_autofree char *op = ox_words_valid (node->op_type), *name = ox_words_node (node), *tip = g_strdup_printf ("%s\n%s", op, name);
  GtkWidget *title = gtk_label_new (op), *detail = gtk_label_new (name);
  GtkWidget *gone = gtk_button_new_from_icon_name ("window-close-symbolic");

  g_object_set_data (G_OBJECT (row), "node", node);
  gtk_widget_set_tooltip_text (check, "Stop here");
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (detail, "dim-label");
  gtk_widget_add_css_class (detail, "caption");
  gtk_label_set_ellipsize (GTK_LABEL (detail), PANGO_ELLIPSIZE_START);
  gtk_label_set_xalign (GTK_LABEL (detail), 0);
  gtk_widget_set_hexpand (detail, TRUE);
  gtk_widget_set_tooltip_text (gone, "Remove the Breakpoint");
  gtk_widget_set_valign (gone, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (gone, "flat");
  gtk_widget_add_css_class (gone, "ox-small-button");
  gtk_widget_set_tooltip_text (row, tip);
  gtk_box_append (GTK_BOX (box), check);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), detail);
  gtk_box_append (GTK_BOX (box), gone);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_signal_connect (check, "toggled", G_CALLBACK (toggled_cb), self);
  g_signal_connect (gone, "clicked", G_CALLBACK (remove_cb), self);
  return row;
}

static void
show_enabled (OxBreakpoints *self, GtkWidget *row, OxNode *node)
{
  GtkWidget *check = gtk_widget_get_first_child (gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row)));

  g_signal_handlers_block_by_func (check, toggled_cb, self);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), ox_debugger_breakpoint_enabled (ox_focus_get_debugger (self->focus), node));
  g_signal_handlers_unblock_by_func (check, toggled_cb, self);
}

/* Rows that stay are kept: one of them may have the keyboard. */
static void
fill (OxBreakpoints *self)
{
  g_autoptr (GPtrArray) nodes = ox_debugger_list_breakpoints (ox_focus_get_debugger (self->focus));
  GtkListBoxRow *row;

  for (int at = 0; (row = gtk_list_box_get_row_at_index (self->list, at)) != NULL;)
    if (g_ptr_array_find (nodes, g_object_get_data (G_OBJECT (row), "node"), NULL))
      at++;
    else
      gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < nodes->len; i++)
    {
      row = gtk_list_box_get_row_at_index (self->list, (int) i);
      if (row == NULL)
        {
          gtk_list_box_append (self->list, make_row (self, g_ptr_array_index (nodes, i)));
          row = gtk_list_box_get_row_at_index (self->list, (int) i);
        }
      show_enabled (self, GTK_WIDGET (row), g_ptr_array_index (nodes, i));
    }
  gtk_widget_set_visible (GTK_WIDGET (self), nodes->len > 0);
}

static void
ox_breakpoints_init (OxBreakpoints *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *heading = gtk_label_new ("Breakpoints"), *all = gtk_button_new_from_icon_name ("user-trash-symbolic");

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
  fill (self);
  return GTK_WIDGET (self);
}
