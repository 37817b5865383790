/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-tensor-view.h"

#include <math.h>

#include "core/ox-error.h"
#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"
#include "tensor/ox-tensor-file.h"
#include "ui/ox-histogram-view.h"
#include "ui/ox-label.h"
#include "ui/ox-tensor-grid.h"
#include "ui/ox-tensor-picture.h"

#define MAX_LEAVES 1000

/* Names and numbers of the statistics, in the order shown. */
enum
{
  ROW_MIN,
  ROW_MAX,
  ROW_MEAN,
  ROW_STD,
  ROW_ZEROS,
  ROW_NAN,
  ROW_INF,
  ROW_DENORMAL,
  N_ROWS
};

static const char *const row_names[N_ROWS] = { "min", "max", "mean", "std", "zeros", "NaN", "Inf", "denormal" };

struct _OxTensorView
{
  GtkBox parent_instance;

  GtkLabel *name, *type, *declared, *message;
  GtkWidget *body, *numbers, *chooser_box;
  GtkLabel *values[N_ROWS];
  OxHistogramView *histogram;
  GtkDropDown *chooser;
  GPtrArray *leaves;          /* OxValue, borrowed: what can be chosen */
  GtkFlowBox *slices;
  OxTensorGrid *grid;
  GtkLabel *cell;
  GtkToggleButton *heat, *as_picture;
  GtkStack *shown;            /* "grid", "picture" */
  GtkPicture *picture;
  GtkLabel *legend;
  GtkWidget *bad;

  OxValue *value;
  OxTensor *tensor;
  OxStatistics statistics;
  guint serial;
  gboolean filling;
};

G_DEFINE_FINAL_TYPE (OxTensorView, ox_tensor_view, GTK_TYPE_BOX)

typedef struct
{
  OxTensor *tensor;
  OxStatistics statistics;
  OxHistogram histogram;
  gboolean has_histogram;
  guint serial;
} Summary;

static void
summary_free (gpointer data)
{
  Summary *summary = data;

  ox_tensor_unref (summary->tensor);
  g_free (summary);
}

static void
summary_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Summary *summary = data;

  ox_statistics_compute (summary->tensor, &summary->statistics);
  summary->has_histogram = ox_histogram_compute (summary->tensor, &summary->statistics, &summary->histogram);
  g_task_return_boolean (task, TRUE);
}

static void
set_count (OxTensorView *self, int row, gint64 count, gint64 total, gboolean bad)
{
  g_autofree char *text = NULL;

  if (count > 0 && total > 0)
    text = g_strdup_printf ("%" G_GINT64_FORMAT "  (%.3g %%)", count, 100.0 * (double) count / (double) total);
  else
    text = g_strdup_printf ("%" G_GINT64_FORMAT, count);
  gtk_label_set_text (self->values[row], text);
  if (bad && count > 0)
    gtk_widget_add_css_class (GTK_WIDGET (self->values[row]), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->values[row]), "error");
}

static void
set_number (OxTensorView *self, int row, double value)
{
  g_autofree char *text = ox_format_double (value, 4), *exact = ox_format_double (value, 17);

  gtk_label_set_text (self->values[row], text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->values[row]), exact);
}

static void
apply_heat (OxTensorView *self)
{
  if (gtk_toggle_button_get_active (self->heat) && self->statistics.finite > 0)
    ox_tensor_grid_set_range (self->grid, self->statistics.min, self->statistics.max);
  else
    ox_tensor_grid_set_range (self->grid, 0, 0);
}

static void
show_picture (OxTensorView *self)
{
  gboolean possible = ox_tensor_has_picture (self->tensor);
  gboolean wanted = possible && gtk_toggle_button_get_active (self->as_picture);
  const OxStatistics *s = &self->statistics;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *low = NULL, *high = NULL, *text = NULL;

  gtk_widget_set_sensitive (GTK_WIDGET (self->as_picture), possible);
  gtk_widget_set_sensitive (GTK_WIDGET (self->heat), self->tensor != NULL && self->tensor->dtype != OX_STR && !wanted);
  gtk_stack_set_visible_child_name (self->shown, wanted ? "picture" : "grid");
  /* Without the range of its numbers there is nothing to paint yet. */
  if (!wanted || s->count == 0)
    {
      gtk_picture_set_paintable (self->picture, NULL);
      gtk_label_set_text (self->legend, "");
      return;
    }
  texture = ox_tensor_picture (self->tensor, ox_tensor_grid_index (self->grid), s->min, s->max);
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  low = ox_format_double (s->min, 4);
  high = ox_format_double (s->max, 4);
  text = s->finite > 0 ? g_strdup_printf ("black %s, white %s", low, high) : g_strdup ("nothing is finite");
  gtk_label_set_text (self->legend, text);
}

static void
summary_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  OxTensorView *self = OX_TENSOR_VIEW (source);
  Summary *summary = g_task_get_task_data (G_TASK (result));
  OxStatistics *s = &self->statistics;

  if (summary->serial != self->serial)
    return;
  *s = summary->statistics;
  gtk_widget_set_visible (self->numbers, s->numeric && s->count > 0);
  set_number (self, ROW_MIN, s->min);
  set_number (self, ROW_MAX, s->max);
  set_number (self, ROW_MEAN, s->mean);
  set_number (self, ROW_STD, s->std);
  set_count (self, ROW_ZEROS, s->zeros, s->count, FALSE);
  set_count (self, ROW_NAN, s->nan, s->count, TRUE);
  set_count (self, ROW_INF, s->pos_inf + s->neg_inf, s->count, TRUE);
  set_count (self, ROW_DENORMAL, s->denormals, s->count, FALSE);
  gtk_widget_set_visible (self->bad, s->first_bad >= 0);
  ox_histogram_view_set (self->histogram, summary->has_histogram ? &summary->histogram : NULL);
  apply_heat (self);
  show_picture (self);
}

static void
slice_changed_cb (GtkSpinButton *spin, OxTensorView *self)
{
  int axis = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (spin), "axis"));

  if (!self->filling)
    {
      ox_tensor_grid_set_index (self->grid, axis, gtk_spin_button_get_value_as_int (spin));
      show_picture (self);
    }
}

/* A box "axis 0 [ 3 ] / 12" for every axis above the two that the table shows. */
static void
make_slices (OxTensorView *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->slices))) != NULL)
    gtk_flow_box_remove (self->slices, child);
  for (int axis = 0; self->tensor != NULL && axis < self->tensor->rank - 2; axis++)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *spin;
      g_autofree char *text = g_strdup_printf ("axis %d", axis), *tip = NULL;
      GtkWidget *label = gtk_label_new (text);

      gtk_widget_add_css_class (label, "dim-label");
      spin = gtk_spin_button_new_with_range (0, (double) MAX (self->tensor->dims[axis] - 1, 0), 1);
      tip = g_strdup_printf ("Index along axis %d, of %" G_GINT64_FORMAT, axis, self->tensor->dims[axis]);
      gtk_widget_set_tooltip_text (spin, tip);
      g_object_set_data (G_OBJECT (spin), "axis", GINT_TO_POINTER (axis));
      g_signal_connect (spin, "value-changed", G_CALLBACK (slice_changed_cb), self);
      gtk_box_append (GTK_BOX (box), label);
      gtk_box_append (GTK_BOX (box), spin);
      gtk_flow_box_append (self->slices, box);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->slices), self->tensor != NULL && self->tensor->rank > 2);
}

static void
show_tensor (OxTensorView *self, OxTensor *tensor)
{
  g_clear_pointer (&self->tensor, ox_tensor_unref);
  self->serial++;
  self->statistics = (OxStatistics){ 0 };
  gtk_widget_set_visible (self->numbers, FALSE);
  gtk_widget_set_visible (self->bad, FALSE);
  ox_histogram_view_set (self->histogram, NULL);
  gtk_label_set_text (self->cell, "");
  if (tensor != NULL)
    {
      g_autoptr (GTask) task = g_task_new (self, NULL, summary_cb, NULL);
      Summary *summary = g_new0 (Summary, 1);

      self->tensor = ox_tensor_ref (tensor);
      summary->tensor = ox_tensor_ref (tensor);
      summary->serial = self->serial;
      g_task_set_task_data (task, summary, summary_free);
      g_task_run_in_thread (task, summary_worker);
    }
  ox_tensor_grid_set (self->grid, self->tensor);
  make_slices (self);
  show_picture (self);
  gtk_widget_set_visible (self->body, self->tensor != NULL);
}

static void
chosen_cb (OxTensorView *self)
{
  guint at = gtk_drop_down_get_selected (self->chooser);

  if (!self->filling && self->value != NULL)
    show_tensor (self, at < self->leaves->len ? ((OxValue *) g_ptr_array_index (self->leaves, at))->tensor : NULL);
}

/* The tensors in sequences and maps, however deep, under what leads there: "0 › 3". */
static void
add_leaves (OxTensorView *self, GtkStringList *names, OxValue *value, const char *where)
{
  guint n = ox_value_n_items (value);

  for (guint i = 0; i < n && self->leaves->len < MAX_LEAVES; i++)
    {
      OxValue *item = ox_value_get_item (value, i);
      g_autofree char *key = value->keys != NULL ? ox_format_element (value->keys, i, 0) : g_strdup_printf ("%u", i);
      g_autofree char *path = where != NULL ? g_strdup_printf ("%s › %s", where, key) : g_strdup (key);
      g_autofree char *what = NULL, *number = NULL, *text = NULL, *valid = NULL;

      if (item == NULL)
        continue;
      if (item->kind != OX_VALUE_TENSOR && item->kind != OX_VALUE_SPARSE)
        {
          add_leaves (self, names, item, path);
          continue;
        }
      what = ox_value_describe (item);
      number = item->kind == OX_VALUE_TENSOR && item->tensor->count == 1 ? ox_format_element (item->tensor, 0, 4) : NULL;
      text = g_strdup_printf (number != NULL ? "%s:  %s = %s" : "%s:  %s", path, what, number);
      valid = g_utf8_make_valid (text, -1);
      gtk_string_list_append (names, valid);
      g_ptr_array_add (self->leaves, item);
    }
}

static void
fill_chooser (OxTensorView *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  self->filling = TRUE;
  g_ptr_array_set_size (self->leaves, 0);
  if (self->value != NULL && self->value->kind != OX_VALUE_TENSOR && self->value->kind != OX_VALUE_SPARSE)
    add_leaves (self, names, self->value, NULL);
  gtk_drop_down_set_model (self->chooser, G_LIST_MODEL (names));
  gtk_widget_set_visible (self->chooser_box, self->leaves->len > 0);
  self->filling = FALSE;
}

static void
cell_cb (OxTensorGrid *grid, OxTensorView *self)
{
  gint64 element = ox_tensor_grid_selected (grid), rest = element;
  GString *where;
  g_autofree char *value = NULL;
  gint64 index[OX_MAX_RANK];

  if (element < 0 || element >= self->tensor->count)
    {
      gtk_label_set_text (self->cell, "");
      return;
    }
  for (int i = self->tensor->rank - 1; i >= 0; i--)
    {
      index[i] = rest % self->tensor->dims[i];
      rest /= self->tensor->dims[i];
    }
  where = g_string_new ("[");
  for (int i = 0; i < self->tensor->rank; i++)
    g_string_append_printf (where, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", index[i]);
  value = ox_format_element (self->tensor, element, 0);
  g_string_append_printf (where, "] = %s", value);
  gtk_label_set_text (self->cell, where->str);
  g_string_free (where, TRUE);
}

/* Jumps to the first NaN or infinity, and turns the sliders to it. */
static void
bad_clicked_cb (OxTensorView *self)
{
  gint64 rest = self->statistics.first_bad;
  gint64 index[OX_MAX_RANK];
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->slices));

  if (rest < 0)
    return;
  for (int i = self->tensor->rank - 1; i >= 0; i--)
    {
      index[i] = rest % self->tensor->dims[i];
      rest /= self->tensor->dims[i];
    }
  self->filling = TRUE;
  for (int axis = 0; child != NULL; axis++, child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *spin = gtk_widget_get_last_child (gtk_flow_box_child_get_child (GTK_FLOW_BOX_CHILD (child)));

      gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), (double) index[axis]);
    }
  self->filling = FALSE;
  ox_tensor_grid_reveal (self->grid, self->statistics.first_bad);
  show_picture (self);
}

static void
saved_cb (GtkNativeDialog *dialog, int response, OxTensorView *self)
{
  if (response == GTK_RESPONSE_ACCEPT && self->tensor != NULL)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = ox_npy_write (self->tensor, &error);
      gsize size;
      const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

      if (bytes == NULL || !g_file_replace_contents (file, data, size, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, &error))
        gtk_widget_activate_action (GTK_WIDGET (self), "page.report", "s", error->message);
      else
        {
          g_autofree char *name = g_file_get_basename (file), *text = g_strdup_printf ("Saved %s", name);

          gtk_widget_activate_action (GTK_WIDGET (self), "page.tell", "s", text);
        }
    }
  g_object_unref (dialog);
}

static void
save_clicked_cb (OxTensorView *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
    "Save Tensor", GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), GTK_FILE_CHOOSER_ACTION_SAVE, "_Save", "_Cancel");
  g_autofree char *name = g_strdup_printf ("%s.npy", gtk_label_get_text (self->name));

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), g_strdelimit (name, "/\\:", '_'));
  g_signal_connect_object (dialog, "response", G_CALLBACK (saved_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
ox_tensor_view_finalize (GObject *object)
{
  g_ptr_array_unref (OX_TENSOR_VIEW (object)->leaves);
  G_OBJECT_CLASS (ox_tensor_view_parent_class)->finalize (object);
}

static void
ox_tensor_view_dispose (GObject *object)
{
  OxTensorView *self = OX_TENSOR_VIEW (object);

  self->serial++;
  g_clear_pointer (&self->value, ox_value_unref);
  g_clear_pointer (&self->tensor, ox_tensor_unref);
  G_OBJECT_CLASS (ox_tensor_view_parent_class)->dispose (object);
}

static void
ox_tensor_view_class_init (OxTensorViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_tensor_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = ox_tensor_view_finalize;
}

static GtkLabel *
add_label (GtkWidget *box, const char *css)
{
  GtkWidget *label = ox_label_new (NULL, css);

  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

/* min max | mean std | zeros NaN | Inf denormal, two pairs a line */
static GtkWidget *
make_numbers (OxTensorView *self)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  for (int i = 0; i < N_ROWS; i++)
    {
      GtkWidget *name = gtk_label_new (row_names[i]), *value = gtk_label_new ("");

      gtk_label_set_xalign (GTK_LABEL (name), 0);
      gtk_label_set_xalign (GTK_LABEL (value), 0);
      gtk_label_set_selectable (GTK_LABEL (value), TRUE);
      gtk_widget_set_focusable (value, FALSE);
      gtk_widget_add_css_class (name, "dim-label");
      gtk_widget_add_css_class (value, "numeric");
      gtk_widget_set_hexpand (value, TRUE);
      gtk_grid_attach (GTK_GRID (grid), name, i % 2 * 2, i / 2, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), value, i % 2 * 2 + 1, i / 2, 1, 1);
      self->values[i] = GTK_LABEL (value);
    }
  return grid;
}

static GtkWidget *
make_toolbar (OxTensorView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *save = gtk_button_new_from_icon_name ("document-save-symbolic");
  GtkWidget *heat = gtk_toggle_button_new (), *picture = gtk_toggle_button_new ();

  self->cell = add_label (bar, "numeric");
  gtk_label_set_wrap (self->cell, FALSE);
  gtk_label_set_ellipsize (self->cell, PANGO_ELLIPSIZE_START);
  gtk_widget_set_hexpand (GTK_WIDGET (self->cell), TRUE);
  gtk_button_set_icon_name (GTK_BUTTON (heat), "applications-graphics-symbolic");
  gtk_widget_set_tooltip_text (heat, "Colour cells by value");
  gtk_widget_add_css_class (heat, "flat");
  self->heat = GTK_TOGGLE_BUTTON (heat);
  g_signal_connect_swapped (heat, "toggled", G_CALLBACK (apply_heat), self);
  gtk_widget_set_tooltip_text (save, "Save as .npy");
  gtk_widget_add_css_class (save, "flat");
  g_signal_connect_swapped (save, "clicked", G_CALLBACK (save_clicked_cb), self);
  gtk_button_set_icon_name (GTK_BUTTON (picture), "image-x-generic-symbolic");
  gtk_widget_set_tooltip_text (picture, "Show as a picture");
  gtk_widget_add_css_class (picture, "flat");
  self->as_picture = GTK_TOGGLE_BUTTON (picture);
  g_signal_connect_swapped (picture, "toggled", G_CALLBACK (show_picture), self);
  gtk_box_append (GTK_BOX (bar), picture);
  gtk_box_append (GTK_BOX (bar), heat);
  gtk_box_append (GTK_BOX (bar), save);
  return bar;
}

static GtkWidget *
make_picture (OxTensorView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *picture = gtk_picture_new (), *legend = gtk_label_new (NULL);

  self->picture = GTK_PICTURE (picture);
  self->legend = GTK_LABEL (legend);
  gtk_picture_set_can_shrink (self->picture, TRUE);
  gtk_widget_set_vexpand (picture, TRUE);
  gtk_widget_set_size_request (picture, -1, 140);
  gtk_widget_add_css_class (legend, "dim-label");
  gtk_widget_add_css_class (legend, "numeric");
  gtk_box_append (GTK_BOX (box), picture);
  gtk_box_append (GTK_BOX (box), legend);
  return box;
}

static void
ox_tensor_view_init (OxTensorView *self)
{
  GtkWidget *box = GTK_WIDGET (self), *scroller = gtk_scrolled_window_new ();

  self->leaves = g_ptr_array_new ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  self->name = add_label (box, "heading");
  self->type = add_label (box, "numeric");
  self->declared = add_label (box, "dim-label");
  self->message = add_label (box, "dim-label");

  self->chooser_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->chooser = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  gtk_widget_set_hexpand (GTK_WIDGET (self->chooser), TRUE);
  g_signal_connect_swapped (self->chooser, "notify::selected", G_CALLBACK (chosen_cb), self);
  gtk_box_append (GTK_BOX (self->chooser_box), GTK_WIDGET (self->chooser));
  gtk_box_append (GTK_BOX (self), self->chooser_box);

  self->body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_set_vexpand (self->body, TRUE);
  gtk_box_append (GTK_BOX (self), self->body);
  self->numbers = make_numbers (self);
  gtk_box_append (GTK_BOX (self->body), self->numbers);
  self->histogram = OX_HISTOGRAM_VIEW (ox_histogram_view_new ());
  gtk_box_append (GTK_BOX (self->body), GTK_WIDGET (self->histogram));
  self->bad = gtk_button_new_with_label ("Go to the first NaN or Inf");
  g_signal_connect_swapped (self->bad, "clicked", G_CALLBACK (bad_clicked_cb), self);
  gtk_box_append (GTK_BOX (self->body), self->bad);
  self->slices = GTK_FLOW_BOX (gtk_flow_box_new ());
  gtk_flow_box_set_selection_mode (self->slices, GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (self->slices, 2);
  gtk_box_append (GTK_BOX (self->body), GTK_WIDGET (self->slices));
  gtk_box_append (GTK_BOX (self->body), make_toolbar (self));
  self->grid = OX_TENSOR_GRID (ox_tensor_grid_new ());
  g_signal_connect (self->grid, "selected", G_CALLBACK (cell_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->grid));
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 140);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_add_css_class (scroller, "card");
  self->shown = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->shown, scroller, "grid");
  gtk_stack_add_named (self->shown, make_picture (self), "picture");
  gtk_box_append (GTK_BOX (self->body), GTK_WIDGET (self->shown));
  ox_tensor_view_set (self, NULL, NULL, NULL, NULL);
}

GtkWidget *
ox_tensor_view_new (void)
{
  return g_object_new (OX_TYPE_TENSOR_VIEW, NULL);
}

void
ox_tensor_view_set (OxTensorView *self, const char *name, OxValue *value, const char *declared, const char *message)
{
  g_autofree char *what = value != NULL ? ox_value_describe (value) : NULL;
  g_autofree char *bytes = value != NULL ? ox_format_bytes (ox_value_bytes (value)) : NULL;
  g_autofree char *type = value != NULL ? g_strdup_printf ("%s  ·  %s", what, bytes) : NULL;
  g_autofree char *valid = g_utf8_make_valid (name != NULL ? name : "", -1);
  g_autofree char *as_declared = declared != NULL ? g_strdup_printf ("declared %s", declared) : NULL;

  gtk_label_set_text (self->name, valid);
  gtk_label_set_text (self->type, type != NULL ? type : "");
  gtk_widget_set_visible (GTK_WIDGET (self->type), type != NULL);
  gtk_label_set_text (self->declared, as_declared != NULL ? as_declared : "");
  gtk_widget_set_visible (GTK_WIDGET (self->declared), as_declared != NULL);
  gtk_label_set_text (self->message, message != NULL ? message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), value == NULL && message != NULL);
  if (value != NULL && value == self->value)
    return;
  g_clear_pointer (&self->value, ox_value_unref);
  if (value != NULL)
    self->value = ox_value_ref (value);
  fill_chooser (self);
  if (value != NULL && value->kind != OX_VALUE_TENSOR && value->kind != OX_VALUE_SPARSE)
    chosen_cb (self);
  else
    show_tensor (self, value != NULL ? value->tensor : NULL);
}

void
ox_tensor_view_set_source (OxTensorView *self, const char *text)
{
  gtk_label_set_text (self->declared, text);
  gtk_widget_set_visible (GTK_WIDGET (self->declared), TRUE);
}

OxTensor *
ox_tensor_view_get_tensor (OxTensorView *self)
{
  return self->tensor;
}

gint64
ox_tensor_view_get_selected (OxTensorView *self)
{
  return self->tensor != NULL ? ox_tensor_grid_selected (self->grid) : -1;
}
