/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-compare-view.h"

#include <math.h>

#include "tensor/ox-format.h"
#include "ui/ox-column.h"
#include "ui/ox-label.h"
#include "ui/ox-words.h"

struct _OxCompareView
{
  GtkBox parent_instance;

  OxFocus            *focus;
  OxErrors           *errors;       /* what is shown */
  GtkColumnView      *table;
  GtkSingleSelection *selection;
  GtkCustomFilter    *filter;
  GtkStack           *stack;
  GtkLabel           *first, *summary;
  GtkWidget          *go, *region, *only, *overlay;
  GtkWidget          *stale, *again;
};

G_DEFINE_FINAL_TYPE (OxCompareView, ox_compare_view, GTK_TYPE_BOX)

static const char *const verdicts[] = {
  [OX_VERDICT_SAME] = "same",
  [OX_VERDICT_INHERITED] = "inherited",
  [OX_VERDICT_RANDOM] = "random",
  [OX_VERDICT_DIFFERS] = "differs",
};

static void
ox_compare_view_dispose (GObject *object)
{
  OxCompareView *self = OX_COMPARE_VIEW (object);

  g_clear_object (&self->focus);
  g_clear_object (&self->errors);
  g_clear_object (&self->filter);
  G_OBJECT_CLASS (ox_compare_view_parent_class)->dispose (object);
}

static void
ox_compare_view_class_init (OxCompareViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_compare_view_dispose;
}

/* ---- the columns ----------------------------------------------------------------------------------------------- */

static double
at_number (gpointer item)
{
  return ox_error_item_at (item);
}

static char *
at_text (gpointer item)
{
  return g_strdup_printf ("%u", ox_error_item_at (item) + 1);
}

static char *
op_text (gpointer item)
{
  return ox_words_valid (ox_error_item_value (item)->node->op_type);
}

static char *
name_text (gpointer item)
{
  const OxComparedValue *value = ox_error_item_value (item);
  const char *name = ox_error_item_name (item);
  g_autofree char *valid = *name != '\0' ? ox_words_valid (name) : ox_words_node (value->node);
  g_autofree char *where = value->where != NULL ? ox_words_valid (value->where) : NULL;

  return where != NULL ? g_strdup_printf ("%s, in %s", valid, where) : g_steal_pointer (&valid);
}

static double
own_number (gpointer item)
{
  const OxComparedValue *value = ox_error_item_value (item);

  return value->has_own ? value->own.max_abs : (double) NAN;
}

static double
through_number (gpointer item)
{
  const OxComparedValue *value = ox_error_item_value (item);

  return value->has_through ? value->through.max_abs : (double) NAN;
}

static double
part_number (gpointer item)
{
  const OxComparedValue *value = ox_error_item_value (item);
  const OxDifference *d = value->has_own ? &value->own : &value->through;

  return (value->has_own || value->has_through) && d->largest > 0 ? d->max_abs / d->largest : (double) NAN;
}

static char *
text_of (double number)
{
  return isnan (number) ? g_strdup ("") : ox_format_double (number, 3);
}

static char *
own_text (gpointer item)
{
  return text_of (own_number (item));
}

static char *
through_text (gpointer item)
{
  return text_of (through_number (item));
}

static char *
part_text (gpointer item)
{
  return text_of (part_number (item));
}

static char *
verdict_text (gpointer item)
{
  const OxComparedValue *value = ox_error_item_value (item);
  g_autofree char *text = value->text != NULL ? ox_words_valid (value->text) : NULL;

  return text != NULL ? g_strdup_printf ("%s: %s", verdicts[value->verdict], text) : g_strdup (verdicts[value->verdict]);
}

static gboolean
is_guilty (gpointer item)
{
  return ox_error_item_value (item)->verdict == OX_VERDICT_DIFFERS;
}

/* ---- the rows -------------------------------------------------------------------------------------------------- */

static void
show_value (OxCompareView *self, const OxComparedValue *value)
{
  OxNode *node = (OxNode *) value->node;
  const char *name = value->output < node->output_names->len ? g_ptr_array_index (node->output_names, value->output) : "";

  ox_focus_select_named (self->focus, node, name);
}

static void
selected_cb (OxCompareView *self)
{
  OxErrorItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (item != NULL)
    show_value (self, ox_error_item_value (item));
}

static void
go_cb (OxCompareView *self)
{
  const OxComparedValue *first = self->errors != NULL ? ox_comparison_first (ox_errors_comparison (self->errors)) : NULL;

  if (first != NULL)
    show_value (self, first);
}

/* Both models' nodes may be fused differently: those of this one light up, of the other one they are told. */
static void
region_cb (OxCompareView *self)
{
  OxComparison *comparison = self->errors != NULL ? ox_errors_comparison (self->errors) : NULL;
  const OxComparedValue *first = comparison != NULL ? ox_comparison_first (comparison) : NULL;
  g_autoptr (GPtrArray) region = first != NULL ? ox_comparison_region (comparison, first) : NULL;
  GHashTable *nodes;

  if (region == NULL)
    return;
  nodes = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < region->len; i++)
    for (OxNode *node = g_ptr_array_index (region, i); node != NULL; node = node->graph->owner)
      g_hash_table_add (nodes, node);
  ox_overlay_set_path (ox_focus_get_overlay (self->focus), nodes, "Between the last values that agree and the first that differs");
  show_value (self, first);
}

static void
update_region (OxCompareView *self, const OxComparedValue *first)
{
  OxComparison *comparison = ox_errors_comparison (self->errors);
  g_autoptr (GPtrArray) mine = first != NULL ? ox_comparison_region (comparison, first) : NULL;
  g_autoptr (GPtrArray) theirs
    = first != NULL ? ox_reference_region (ox_comparison_reference (comparison), first->node, first->output) : NULL;
  const gboolean several = mine != NULL && (mine->len > 1 || theirs->len > 1);
  g_autofree char *text = several ? ox_comparison_describe_region (comparison, first) : NULL;
  g_autofree char *valid = text != NULL ? ox_words_valid (g_strchomp (text)) : NULL;

  gtk_widget_set_visible (self->region, several);
  gtk_widget_set_tooltip_text (self->region, valid);
}

static gboolean
wanted (gpointer item, gpointer data)
{
  OxCompareView *self = data;

  return !gtk_check_button_get_active (GTK_CHECK_BUTTON (self->only)) || ox_error_item_value (item)->verdict != OX_VERDICT_SAME;
}

static void
only_cb (OxCompareView *self)
{
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static char *
sentence (OxErrors *errors)
{
  OxComparison *comparison = ox_errors_comparison (errors);
  const OxReference *reference = ox_comparison_reference (comparison);
  GPtrArray *remarks = ox_comparison_remarks (comparison);
  guint missing = ox_comparison_missing (comparison), random = ox_errors_count (errors, OX_VERDICT_RANDOM);
  g_autofree char *title = g_path_get_basename (ox_reference_title ((OxReference *) reference));
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%u values against %s: %u same, %u inherited, %u differ",
                          g_list_model_get_n_items (ox_errors_values (errors)), title, ox_errors_count (errors, OX_VERDICT_SAME),
                          ox_errors_count (errors, OX_VERDICT_INHERITED), ox_errors_count (errors, OX_VERDICT_DIFFERS));
  if (random > 0)
    g_string_append_printf (text, ", %u random", random);
  if (missing > 0)
    g_string_append_printf (text, "; %u are not in it", missing);
  for (guint i = 0; i < remarks->len; i++)
    g_string_append_printf (text, ". %s", (const char *) g_ptr_array_index (remarks, i));
  return g_string_free (text, FALSE);
}

static void
show_errors (OxCompareView *self)
{
  g_autoptr (GtkFilterListModel) rows = NULL;
  const OxComparedValue *first = ox_comparison_first (ox_errors_comparison (self->errors));
  g_autofree char *summary = sentence (self->errors), *line = first != NULL ? ox_compared_value_describe (first) : NULL;
  g_autofree char *heading = NULL;

  if (line != NULL)
    heading = g_strconcat ("First divergence: ", line, NULL);
  else if (g_list_model_get_n_items (ox_errors_values (self->errors)) > 0)
    heading = g_strdup ("No node differs");
  else
    heading = g_strdup ("Nothing to compare: the reference has none of the values that nodes make");
  ox_label_set_line (self->first, heading);
  ox_label_set_line (self->summary, summary);
  gtk_widget_set_visible (self->go, first != NULL);
  update_region (self, first);
  rows = gtk_filter_list_model_new (g_object_ref (ox_errors_values (self->errors)), g_object_ref (GTK_FILTER (self->filter)));
  self->selection = ox_column_view_set_model (self->table, G_LIST_MODEL (rows));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
}

static void
overlay_cb (GtkCheckButton *button, OxCompareView *self)
{
  OxOverlay *overlay = ox_focus_get_overlay (self->focus);
  gboolean on = gtk_check_button_get_active (button);

  if (on != (ox_overlay_get_kind (overlay) == OX_OVERLAY_ERRORS))
    ox_overlay_set_kind (overlay, on ? OX_OVERLAY_ERRORS : OX_OVERLAY_NONE);
}

static void
changed_cb (OxCompareView *self)
{
  OxOverlay *overlay = ox_focus_get_overlay (self->focus);
  OxErrors *errors = ox_overlay_get_errors (overlay);

  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->overlay), ox_overlay_get_kind (overlay) == OX_OVERLAY_ERRORS);
  gtk_widget_set_visible (self->stale, ox_overlay_get_stale (overlay));
  gtk_widget_set_visible (self->again, ox_overlay_get_stale (overlay));
  if (errors == self->errors)
    return;
  g_set_object (&self->errors, errors);
  if (errors != NULL)
    show_errors (self);
  gtk_stack_set_visible_child_name (self->stack, errors != NULL ? "table" : "none");
}

/* ---- the view -------------------------------------------------------------------------------------------------- */

static GtkWidget *
new_menu_button (const char *label)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new (), others = g_menu_new (), selves = g_menu_new (), itself = g_menu_new (), more = g_menu_new ();

  g_menu_append (others, "A _File…", "page.compare-file");
  g_menu_append (others, "A Fol_der of Values…", "page.compare-folder");
  g_menu_append (others, "Another _Model…", "page.compare-model");
  g_menu_append (others, "ONNX _Runtime", "page.compare-with::onnxruntime");
  g_menu_append (selves, "Run _Twice", "page.compare-with::twice");
  g_menu_append (selves, "Floats as f_64", "page.compare-with::self:f64");
  g_menu_append (selves, "Floats as _f16", "page.compare-with::self:f16");
  g_menu_append (selves, "Floats as _bf16", "page.compare-with::self:bf16");
  g_menu_append (selves, "_Operators as What They Are Made Of", "page.compare-with::self:expand");
  g_menu_append_submenu (itself, "_This Model in Another Way", G_MENU_MODEL (selves));
  g_menu_append (more, "_Again", "page.compare-again");
  g_menu_append (more, "T_olerances…", "page.compare-tolerances");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (others));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (itself));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (more));
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), label);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

static GtkWidget *
new_line (GtkLabel **label)
{
  *label = GTK_LABEL (ox_label_new_line (NULL, NULL, PANGO_ELLIPSIZE_END));
  return GTK_WIDGET (*label);
}

static GtkWidget *
make_row (GtkWidget *line)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  gtk_widget_set_margin_start (row, 12);
  gtk_widget_set_margin_end (row, 12);
  gtk_widget_set_margin_bottom (row, 6);
  gtk_widget_set_hexpand (line, TRUE);
  gtk_box_append (GTK_BOX (row), line);
  return row;
}

static GtkWidget *
make_top (OxCompareView *self)
{
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *upper = make_row (new_line (&self->first));
  GtkWidget *lower = make_row (new_line (&self->summary));

  gtk_widget_add_css_class (GTK_WIDGET (self->first), "heading");
  gtk_widget_add_css_class (GTK_WIDGET (self->summary), "dim-label");
  self->go = gtk_button_new_with_label ("Go There");
  gtk_widget_add_css_class (self->go, "suggested-action");
  gtk_widget_set_valign (self->go, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->go, "clicked", G_CALLBACK (go_cb), self);
  self->region = gtk_button_new_with_label ("Region");
  gtk_widget_add_css_class (self->region, "flat");
  gtk_widget_set_valign (self->region, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->region, "clicked", G_CALLBACK (region_cb), self);
  self->only = gtk_check_button_new_with_label ("Differences");
  gtk_widget_set_tooltip_text (self->only, "Only Values That Are Not the Same");
  g_signal_connect_swapped (self->only, "toggled", G_CALLBACK (only_cb), self);
  self->overlay = gtk_check_button_new_with_label ("Bars");
  gtk_widget_set_tooltip_text (self->overlay, "Errors as Bars on the Nodes");
  g_signal_connect (self->overlay, "toggled", G_CALLBACK (overlay_cb), self);
  self->stale = gtk_label_new ("Stale");
  gtk_widget_add_css_class (self->stale, "ox-bad");
  gtk_widget_set_tooltip_text (self->stale, "The inputs or edits are others now than when this was compared");
  self->again = gtk_button_new_with_mnemonic ("_Again");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->again), "page.compare-again");
  gtk_widget_set_tooltip_text (self->again, "Compare the Run as It Is Now");
  gtk_widget_set_valign (self->again, GTK_ALIGN_CENTER);
  gtk_box_prepend (GTK_BOX (upper), self->stale);
  gtk_box_append (GTK_BOX (upper), self->again);
  gtk_box_append (GTK_BOX (upper), self->go);
  gtk_box_append (GTK_BOX (upper), new_menu_button ("Compare With"));
  gtk_box_append (GTK_BOX (lower), self->region);
  gtk_box_append (GTK_BOX (lower), self->only);
  gtk_box_append (GTK_BOX (lower), self->overlay);
  gtk_box_append (GTK_BOX (top), upper);
  gtk_box_append (GTK_BOX (top), lower);
  return top;
}

static GtkWidget *
make_none (void)
{
  GtkWidget *none = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *button = new_menu_button ("Compare With");
  GtkWidget *text = gtk_label_new ("Which node makes the numbers differ from those of another run? Every value is compared with "
                                   "the reference's, and each node's own error is told from what it inherited.");

  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_justify (GTK_LABEL (text), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (text), 70);
  gtk_widget_add_css_class (text, "dim-label");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (none, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_start (none, 12);
  gtk_widget_set_margin_end (none, 12);
  gtk_box_append (GTK_BOX (none), text);
  gtk_box_append (GTK_BOX (none), button);
  return none;
}

static void
ox_compare_view_init (OxCompareView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *found = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->filter = gtk_custom_filter_new (wanted, self, NULL);
  self->table = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  ox_column_append (self->table, "Order", at_text, at_number, FALSE);
  ox_column_append (self->table, "Operator", op_text, NULL, FALSE);
  ox_column_append (self->table, "Value", name_text, NULL, TRUE);
  ox_column_append (self->table, "Own Error", own_text, own_number, FALSE);
  ox_column_append (self->table, "Relative", part_text, part_number, FALSE);
  ox_column_append (self->table, "Through", through_text, through_number, FALSE);
  ox_column_set_mark (ox_column_append (self->table, "Verdict", verdict_text, NULL, FALSE), is_guilty);
  gtk_widget_add_css_class (GTK_WIDGET (self->table), "data-table");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->table));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (found), make_top (self));
  gtk_box_append (GTK_BOX (found), scroller);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, make_none (), "none");
  gtk_stack_add_named (self->stack, found, "table");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->stack));
}

GtkWidget *
ox_compare_view_new (OxFocus *focus)
{
  OxCompareView *self = g_object_new (OX_TYPE_COMPARE_VIEW, NULL);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (ox_focus_get_overlay (focus), "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  changed_cb (self);
  return GTK_WIDGET (self);
}
