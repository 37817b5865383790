/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-edit-view.h"

#include <math.h>

#include "debug/ox-edit.h"
#include "debug/ox-versus.h"
#include "tensor/ox-format.h"
#include "ui/ox-column.h"
#include "ui/ox-words.h"

/* What was compared, while a row of the table or the comparison needs it. */
typedef struct
{
  OxVersus *versus;
} Holder;

static void
holder_clear (gpointer data)
{
  ox_versus_free (((Holder *) data)->versus);
}

static void
release_holder (gpointer holder)
{
  g_rc_box_release_full (holder, holder_clear);
}

/* A value in the table; what it says lives as long as the table's OxVersus. */
#define OX_TYPE_MOVED_ITEM (ox_moved_item_get_type ())
G_DECLARE_FINAL_TYPE (OxMovedItem, ox_moved_item, OX, MOVED_ITEM, GObject)

struct _OxMovedItem
{
  GObject parent_instance;

  const OxVersusValue *value;
  gpointer             holder;    /* a reference to the OxVersus */
};

G_DEFINE_FINAL_TYPE (OxMovedItem, ox_moved_item, G_TYPE_OBJECT)

static void
ox_moved_item_finalize (GObject *object)
{
  release_holder (OX_MOVED_ITEM (object)->holder);
  G_OBJECT_CLASS (ox_moved_item_parent_class)->finalize (object);
}

static void
ox_moved_item_class_init (OxMovedItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_moved_item_finalize;
}

static void
ox_moved_item_init (OxMovedItem *self)
{
}

struct _OxEditView
{
  GtkBox parent_instance;

  OxFocus            *focus;
  GtkListBox         *list;
  GtkStack           *stack, *result;
  GtkLabel           *summary;
  GtkWidget          *compare;
  GListStore         *store;
  GtkSingleSelection *selection;
  GtkColumnViewColumn *where;
  GCancellable       *comparing;
};

G_DEFINE_FINAL_TYPE (OxEditView, ox_edit_view, GTK_TYPE_BOX)

static void
ox_edit_view_dispose (GObject *object)
{
  OxEditView *self = OX_EDIT_VIEW (object);

  g_cancellable_cancel (self->comparing);
  g_clear_object (&self->comparing);
  g_clear_object (&self->focus);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (ox_edit_view_parent_class)->dispose (object);
}

static void
ox_edit_view_class_init (OxEditViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_edit_view_dispose;
}

/* ---- the list ------------------------------------------------------------------------------------------------- */

static const char *
icon_of (OxEditKind kind)
{
  return kind == OX_EDIT_VALUE ? "document-edit-symbolic" : kind == OX_EDIT_MUTE ? "action-unavailable-symbolic"
         : kind == OX_EDIT_IDENTITY ? "go-down-symbolic" : "preferences-other-symbolic";
}

static GtkWidget *
make_row (const OxEdit *edit, guint i)
{
  g_autofree char *words = ox_words_valid (edit->what), *path = ox_graph_path (edit->graph), *place = ox_words_valid (path);
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *title = gtk_label_new (words);
  GtkWidget *where = gtk_label_new (place), *drop = gtk_button_new_from_icon_name ("edit-undo-symbolic");

  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_set_tooltip_text (title, words);
  gtk_label_set_ellipsize (GTK_LABEL (where), PANGO_ELLIPSIZE_START);
  gtk_label_set_max_width_chars (GTK_LABEL (where), 16);
  gtk_widget_add_css_class (where, "dim-label");
  gtk_widget_add_css_class (where, "caption");
  gtk_widget_set_tooltip_text (drop, "Take This Change Back");
  gtk_widget_add_css_class (drop, "flat");
  gtk_widget_add_css_class (drop, "ox-small-button");
  gtk_widget_set_valign (drop, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (drop), "edit.drop");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (drop), "u", i);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_widget_set_margin_top (box, 3);
  gtk_widget_set_margin_bottom (box, 3);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon_of (edit->kind)));
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), where);
  gtk_box_append (GTK_BOX (box), drop);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  return row;
}

/* Results of other changes say nothing of these. */
static void
forget_result (OxEditView *self)
{
  g_cancellable_cancel (self->comparing);
  g_clear_object (&self->comparing);
  g_list_store_remove_all (self->store);
  gtk_stack_set_visible_child_name (self->result, "none");
  gtk_label_set_text (self->summary, "");
}

static void
fill (OxEditView *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  GtkListBoxRow *row;
  guint n = ox_debugger_n_edits (debugger);

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < n; i++)
    gtk_list_box_append (self->list, make_row (ox_debugger_get_edit (debugger, i), i));
  gtk_stack_set_visible_child_name (self->stack, n + ox_debugger_n_redos (debugger) > 0 ? "edits" : "none");
  forget_result (self);
}

static void
update (OxEditView *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  gtk_widget_set_sensitive (self->compare, self->comparing == NULL && !ox_debugger_is_running (debugger)
                                             && ox_debugger_n_edits (debugger) > 0 && ox_debugger_ready (debugger, NULL));
}

static void
activated_cb (GtkListBox *list, GtkListBoxRow *row, OxEditView *self)
{
  const OxEdit *edit = ox_debugger_get_edit (ox_focus_get_debugger (self->focus), (guint) gtk_list_box_row_get_index (row));

  if (edit == NULL)
    return;
  if (edit->node != NULL)
    ox_focus_select_node (self->focus, edit->node);
  if (edit->kind == OX_EDIT_VALUE)
    ox_focus_select_value (self->focus, edit->graph, edit->slot);
}

/* ---- side by side --------------------------------------------------------------------------------------------- */

static void
show_result (OxEditView *self, Holder *holder)
{
  g_autoptr (GPtrArray) moved = ox_versus_moved (holder->versus);
  const char *failure = ox_versus_failure (holder->versus, TRUE), *other = ox_versus_failure (holder->versus, FALSE);
  g_autofree char *text = NULL, *valid = NULL;
  gboolean inner = FALSE;

  for (guint i = 0; i < moved->len; i++)
    inner = inner || ((const OxVersusValue *) g_ptr_array_index (moved, i))->where != NULL;
  gtk_column_view_column_set_visible (self->where, inner);
  for (guint i = 0; i < moved->len; i++)
    {
      g_autoptr (OxMovedItem) item = g_object_new (OX_TYPE_MOVED_ITEM, NULL);

      item->value = g_ptr_array_index (moved, i);
      item->holder = g_rc_box_acquire (holder);
      g_list_store_append (self->store, item);
    }
  text = g_strdup_printf ("%u values moved, %u are the same%s%s", moved->len, ox_versus_n_same (holder->versus),
                          failure != NULL ? "; with the changes it stops: " : other != NULL ? "; without them it stops: " : "",
                          failure != NULL ? failure : other != NULL ? other : "");
  valid = ox_words_valid (text);
  gtk_label_set_text (self->summary, valid);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->summary), valid);
  gtk_stack_set_visible_child_name (self->result, "table");
}

static void
compare_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (ox_versus_run (((Holder *) data)->versus, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
compared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxEditView *self = OX_EDIT_VIEW (source);

  if (!g_task_propagate_boolean (G_TASK (result), NULL) || self->focus == NULL)
    return;
  g_clear_object (&self->comparing);
  show_result (self, g_task_get_task_data (G_TASK (result)));
  update (self);
}

static void
compare_cb (OxEditView *self)
{
  g_autoptr (GTask) task = NULL;
  Holder *holder;

  forget_result (self);
  self->comparing = g_cancellable_new ();
  holder = g_rc_box_new (Holder);
  holder->versus = ox_debugger_versus (ox_focus_get_debugger (self->focus));
  gtk_label_set_text (self->summary, "Comparing…");
  task = g_task_new (self, self->comparing, compared_cb, NULL);
  g_task_set_task_data (task, holder, release_holder);
  g_task_run_in_thread (task, compare_thread);
  update (self);
}

static char *
name_text (gpointer item)
{
  const OxVersusValue *value = OX_MOVED_ITEM (item)->value;

  return ox_words_valid (g_ptr_array_index (value->node->output_names, value->output));
}

static char *
where_text (gpointer item)
{
  const char *where = OX_MOVED_ITEM (item)->value->where;

  return ox_words_valid (where != NULL ? where : "main");
}

static gboolean
is_numeric (const OxVersusValue *value)
{
  return value->kind == OX_VERSUS_MOVED && value->text == NULL;
}

static double
moved_number (gpointer item)
{
  return OX_MOVED_ITEM (item)->value->moved;
}

static char *
moved_text (gpointer item)
{
  const OxVersusValue *value = OX_MOVED_ITEM (item)->value;

  if (value->kind == OX_VERSUS_ONLY_WITH)
    return g_strdup ("only with the changes");
  if (value->kind == OX_VERSUS_ONLY_WITHOUT)
    return g_strdup ("only without");
  if (value->text != NULL)
    return g_strdup (value->text);
  return isfinite (value->moved) ? g_strdup_printf ("%.3g %%", 100 * value->moved) : g_strdup ("from zero");
}

static double
abs_number (gpointer item)
{
  return is_numeric (OX_MOVED_ITEM (item)->value) ? OX_MOVED_ITEM (item)->value->difference.max_abs : (double) NAN;
}

static char *
abs_text (gpointer item)
{
  return is_numeric (OX_MOVED_ITEM (item)->value) ? ox_format_double (abs_number (item), 4) : g_strdup ("");
}

static double
cosine_number (gpointer item)
{
  return is_numeric (OX_MOVED_ITEM (item)->value) ? OX_MOVED_ITEM (item)->value->difference.cosine : (double) NAN;
}

static char *
cosine_text (gpointer item)
{
  return is_numeric (OX_MOVED_ITEM (item)->value) ? ox_format_double (cosine_number (item), 5) : g_strdup ("");
}

static char *
most_text (gpointer item)
{
  const OxVersusValue *value = OX_MOVED_ITEM (item)->value;
  g_autofree char *before = ox_format_double (value->worst_without, 4), *after = ox_format_double (value->worst_with, 4);

  return is_numeric (value) && value->worst != NULL ? g_strdup_printf ("%s %s → %s", value->worst, before, after) : g_strdup ("");
}

static void
selected_cb (OxEditView *self)
{
  OxMovedItem *item = gtk_single_selection_get_selected_item (self->selection);
  const OxVersusValue *value = item != NULL ? item->value : NULL;

  if (value == NULL)
    return;
  ox_focus_select_node (self->focus, (OxNode *) value->node);
  ox_focus_select_value (self->focus, value->node->graph, value->node->outputs[value->output]);
}

static GtkWidget *
make_result (OxEditView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *none = gtk_label_new ("What the changes do to every value is shown here");
  GtkColumnView *view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));

  ox_column_append (view, "Value", name_text, NULL, TRUE);
  self->where = ox_column_append (view, "In", where_text, NULL, FALSE);
  ox_column_append (view, "Moved", moved_text, moved_number, FALSE);
  ox_column_append (view, "Max Difference", abs_text, abs_number, FALSE);
  ox_column_append (view, "Cosine", cosine_text, cosine_number, FALSE);
  ox_column_append (view, "Most", most_text, NULL, FALSE);
  self->store = g_list_store_new (OX_TYPE_MOVED_ITEM);
  self->selection = ox_column_view_set_model (view, G_LIST_MODEL (self->store));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (GTK_WIDGET (view), "data-table");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (view));
  gtk_widget_add_css_class (none, "dim-label");
  gtk_label_set_wrap (GTK_LABEL (none), TRUE);
  self->result = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->result, none, "none");
  gtk_stack_add_named (self->result, scroller, "table");
  gtk_widget_set_vexpand (GTK_WIDGET (self->result), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->result), TRUE);
  return GTK_WIDGET (self->result);
}

static GtkWidget *
make_bar (OxEditView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *undo = gtk_button_new_from_icon_name ("edit-undo-symbolic");
  GtkWidget *redo = gtk_button_new_from_icon_name ("edit-redo-symbolic");

  gtk_actionable_set_action_name (GTK_ACTIONABLE (undo), "edit.undo");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (redo), "edit.redo");
  gtk_widget_set_tooltip_text (undo, "Take the Last Change Back");
  gtk_widget_set_tooltip_text (redo, "Make It Again");
  gtk_widget_add_css_class (undo, "flat");
  gtk_widget_add_css_class (redo, "flat");
  self->compare = gtk_button_new_with_label ("Compare with the Unedited Run");
  gtk_widget_set_margin_start (self->compare, 6);
  g_signal_connect_swapped (self->compare, "clicked", G_CALLBACK (compare_cb), self);
  self->summary = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->summary, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->summary, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->summary), TRUE);
  gtk_widget_set_margin_start (GTK_WIDGET (self->summary), 6);
  gtk_widget_add_css_class (GTK_WIDGET (self->summary), "dim-label");
  gtk_widget_set_margin_start (bar, 6);
  gtk_widget_set_margin_end (bar, 6);
  gtk_widget_set_margin_bottom (bar, 6);
  gtk_box_append (GTK_BOX (bar), undo);
  gtk_box_append (GTK_BOX (bar), redo);
  gtk_box_append (GTK_BOX (bar), self->compare);
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->summary));
  return bar;
}

static void
ox_edit_view_init (OxEditView *self)
{
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL), *scroller = gtk_scrolled_window_new ();
  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *none = gtk_label_new ("Nothing is changed: select a value or a node, and change it");

  gtk_widget_add_css_class (none, "dim-label");
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (activated_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_widget_set_size_request (scroller, 240, -1);
  gtk_paned_set_start_child (GTK_PANED (paned), scroller);
  gtk_paned_set_end_child (GTK_PANED (paned), make_result (self));
  gtk_paned_set_resize_start_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_position (GTK_PANED (paned), 260);
  gtk_widget_set_vexpand (paned, TRUE);
  gtk_box_append (GTK_BOX (all), make_bar (self));
  gtk_box_append (GTK_BOX (all), paned);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, none, "none");
  gtk_stack_add_named (self->stack, all, "edits");
  gtk_widget_set_hexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->stack));
}

GtkWidget *
ox_edit_view_new (OxFocus *focus)
{
  OxEditView *self = g_object_new (OX_TYPE_EDIT_VIEW, NULL);
  OxDebugger *debugger = ox_focus_get_debugger (focus);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (debugger, "edits", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "edits", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  fill (self);
  update (self);
  return GTK_WIDGET (self);
}
