/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-recording-view.h"

#include "tensor/ox-format.h"
#include "ui/ox-column.h"
#include "ui/ox-label.h"
#include "ui/ox-recording-table.h"
#include "ui/ox-tensor-window.h"

struct _OxRecordingView
{
  GtkBox parent_instance;

  OxFocus            *focus;
  OxRecording        *recording;
  OxTraceNodes       *nodes;      /* of the model that is open */
  GtkColumnView      *table;
  GtkSingleSelection *selection;
  GtkCustomFilter    *filter;
  char              **words;      /* that rows have to have; NULL: any */
  GtkScrolledWindow  *scroller;
  GtkWidget          *doubt, *found, *go, *compare, *filter_entry;
  GtkLabel           *sum, *ended, *said, *shown;
  gint64              first;      /* the row where another run goes another way, -1: none */
  GCancellable       *reading;
  gboolean            popping;    /* what is being read goes into a window of its own */
};

G_DEFINE_FINAL_TYPE (OxRecordingView, ox_recording_view, GTK_TYPE_BOX)

static void
ox_recording_view_dispose (GObject *object)
{
  OxRecordingView *self = OX_RECORDING_VIEW (object);

  g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  g_clear_object (&self->filter);
  g_clear_object (&self->recording);
  g_clear_object (&self->focus);
  g_clear_pointer (&self->nodes, ox_trace_nodes_free);
  g_clear_pointer (&self->words, g_strfreev);
  G_OBJECT_CLASS (ox_recording_view_parent_class)->dispose (object);
}

/* The keyboard goes to the rows. */
static gboolean
ox_recording_view_grab_focus (GtkWidget *widget)
{
  OxRecordingView *self = OX_RECORDING_VIEW (widget);

  return self->table != NULL && gtk_widget_grab_focus (GTK_WIDGET (self->table));
}

static void
ox_recording_view_class_init (OxRecordingViewClass *klass)
{
  GTK_WIDGET_CLASS (klass)->grab_focus = ox_recording_view_grab_focus;
  G_OBJECT_CLASS (klass)->dispose = ox_recording_view_dispose;
}

static void
say (OxRecordingView *self, const char *text)
{
  ox_label_set_line (self->said, text);
  gtk_widget_set_visible (self->found, text != NULL);
}

/* ---- a value --------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxRecording      *recording;
  const OxTraceRow *row;
  OxNode           *node;       /* NULL: an input */
  OxGraph          *graph;
  int               slot;       /* -1: the model that is open has no such value */
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_object_unref (reading->recording);
  g_free (reading);
}

static void
read_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  GError *error = NULL;
  OxValue *value = ox_recording_read (reading->recording, reading->row, &error);

  if (value != NULL)
    g_task_return_pointer (task, value, (GDestroyNotify) ox_value_unref);
  else
    g_task_return_error (task, error);
}

static char *
from (const OxTraceRow *row)
{
  return row->turn > 0 ? g_strdup_printf ("recorded in turn %" G_GUINT64_FORMAT, row->turn) : g_strdup ("recorded as input");
}

static void
pop_out (OxRecordingView *self, const OxTraceRow *row, OxValue *value)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  g_autofree char *where = from (row), *title = g_strdup_printf ("%s, %s", row->output, where);
  GtkWindow *window = ox_tensor_window_new (title, value, NULL);

  if (GTK_IS_WINDOW (root))
    gtk_window_set_transient_for (window, GTK_WINDOW (root));
  gtk_window_present (window);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  OxRecordingView *self = OX_RECORDING_VIEW (source);
  const Reading *reading = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (OxValue) value = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *where = from (reading->row);

  if (self->focus == NULL || self->reading != g_task_get_cancellable (G_TASK (result)))
    return;
  g_clear_object (&self->reading);
  /* Unless somebody has looked elsewhere meanwhile. */
  if (reading->slot >= 0 && ox_focus_get_lent (self->focus, NULL, NULL) != NULL)
    ox_focus_lend_value (self->focus, reading->node, reading->graph, reading->slot, value, where,
                         error != NULL ? error->message : NULL);
  else if (error != NULL)
    say (self, error->message);
  if (self->popping && value != NULL)
    pop_out (self, reading->row, value);
  self->popping = FALSE;
}

static void
read_value (OxRecordingView *self, const Reading *what)
{
  g_autoptr (GTask) task = NULL;

  g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  self->reading = g_cancellable_new ();
  task = g_task_new (self, self->reading, read_cb, NULL);
  g_object_ref (what->recording);
  g_task_set_task_data (task, g_memdup2 (what, sizeof *what), reading_free);
  g_task_run_in_thread (task, read_worker);
}

/* Where the row's value is in the model that is open. */
static Reading
find (OxRecordingView *self, const OxTraceRow *row)
{
  OxGraph *main = ox_focus_get_model (self->focus)->graph;
  Reading place = { self->recording, row, ox_trace_nodes_find (self->nodes, row), NULL, -1 };

  if (place.node != NULL)
    place.graph = place.node->graph;
  else if (row->op_type[0] == '\0')
    place.graph = main;
  if (place.graph != NULL)
    place.slot = ox_graph_find (place.graph, row->output);
  return place;
}

static void
show_row (OxRecordingView *self, const OxTraceRow *row)
{
  const Reading place = find (self, row);
  g_autofree char *where = from (row), *text = NULL;

  g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  if (place.slot >= 0)
    ox_focus_lend_value (self->focus, place.node, place.graph, place.slot, NULL, where,
                         row->stored != NULL ? "Reading…"
                                             : "The recording has its numbers but not its elements: those are kept with "
                                               "--record-values.");
  else
    {
      ox_focus_select_node (self->focus, NULL);
      text = g_strdup_printf ("The model that is open makes no '%s' with %s", row->output,
                              row->op_type[0] != '\0' ? row->op_type : "an input");
      say (self, text);
    }
  if (row->stored != NULL)
    read_value (self, &place);
}

static void
selected_cb (OxRecordingView *self)
{
  OxRecord *item = gtk_single_selection_get_selected_item (self->selection);

  if (item != NULL)
    show_row (self, ox_recording_table_row (item));
}

/* Twice, or with Return: in a window of its own. */
static void
activated_cb (OxRecordingView *self, guint at)
{
  g_autoptr (OxRecord) item = g_list_model_get_item (G_LIST_MODEL (self->selection), at);
  const OxTraceRow *row = item != NULL ? ox_recording_table_row (item) : NULL;
  Reading place;

  if (row == NULL)
    return;
  if (row->stored == NULL)
    {
      say (self, "The recording has the numbers of this value but not its elements");
      return;
    }
  place = find (self, row);
  self->popping = TRUE;
  read_value (self, &place);
}

/* ---- the rows -------------------------------------------------------------------------------------------------- */

static gboolean
wanted (gpointer item, gpointer data)
{
  return ox_recording_table_fits (ox_recording_table_row (item), OX_RECORDING_VIEW (data)->words);
}

static void
count (OxRecordingView *self)
{
  guint all = ox_recording_sum (self->recording)->values, n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  g_autofree char *text = n < all ? g_strdup_printf ("%u of %u", n, all) : NULL;

  gtk_label_set_text (self->shown, text != NULL ? text : "");
}

static void
filter_cb (OxRecordingView *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->filter_entry));

  g_clear_pointer (&self->words, g_strfreev);
  if (*text != '\0')
    self->words = g_strsplit_set (text, " \t", -1);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

/* Selects the row and brings it into sight; filtered away, it comes back. */
static void
go_to (OxRecordingView *self, guint wanted_row)
{
  GListModel *rows = G_LIST_MODEL (self->selection);
  const OxTraceRow *row = ox_trace_file_row (ox_recording_get_file (self->recording), wanted_row);

  if (row == NULL)
    return;
  if (!ox_recording_table_fits (row, self->words))
    {
      gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), "");
      filter_cb (self);
    }
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (OxRecord) item = g_list_model_get_item (rows, i);
      GtkWidget *list = gtk_widget_get_last_child (GTK_WIDGET (self->table));

      if (ox_record_get_at (item) != wanted_row)
        continue;
      if (gtk_single_selection_get_selected (self->selection) == i)
        show_row (self, row);
      gtk_single_selection_set_selected (self->selection, i);
      if (list != NULL)
        gtk_widget_activate_action (list, "list.scroll-to-item", "u", i);
      return;
    }
}

static void
go_cb (OxRecordingView *self)
{
  if (self->first >= 0)
    go_to (self, (guint) self->first);
}

/* ---- what it is ------------------------------------------------------------------------------------------------ */

static char *
sentence (OxRecording *recording)
{
  const OxTraceSum *sum = ox_recording_sum (recording);
  g_autofree char *time = ox_recording_table_time (sum->seconds);
  const char *path = ox_trace_file_model (ox_recording_get_file (recording));
  g_autofree char *model = path[0] != '\0' ? g_filename_display_basename (path) : g_strdup ("a model without a file");
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "A run of %s: %u value%s in %" G_GUINT64_FORMAT " turn%s, %s", model, sum->values,
                          sum->values == 1 ? "" : "s", sum->turns, sum->turns == 1 ? "" : "s", time);
  if (sum->bad > 0)
    g_string_append_printf (text, ", %u with NaN or infinity", sum->bad);
  if (sum->stored == sum->values && sum->stored > 0)
    g_string_append (text, ", all with their elements");
  else if (sum->stored > 0)
    g_string_append_printf (text, ", %u with their elements", sum->stored);
  return g_string_free (text, FALSE);
}

static void
show_end (OxRecordingView *self)
{
  OxTraceFile *file = ox_recording_get_file (self->recording);
  const char *failure = ox_trace_file_failure (file);
  g_autofree char *text = NULL;

  if (failure != NULL)
    text = g_strdup_printf ("The run failed: %s", failure);
  else if (ox_trace_file_left (file) > 0)
    text = g_strdup_printf ("The run was left after %" G_GUINT64_FORMAT " turns, before its end", ox_trace_file_left (file));
  ox_label_set_line (self->ended, text);
  (failure != NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (GTK_WIDGET (self->ended), "error");
  gtk_widget_set_visible (GTK_WIDGET (self->ended), text != NULL);
}

void
ox_recording_view_set (OxRecordingView *self, OxRecording *recording, const char *doubt)
{
  g_autoptr (GListModel) rows = ox_recording_table_rows (recording);
  g_autoptr (GtkFilterListModel) shown = NULL;
  g_autofree char *sum = sentence (recording);
  const gboolean stored = ox_recording_sum (recording)->stored > 0;

  g_set_object (&self->recording, recording);
  if (self->nodes == NULL)
    self->nodes = ox_trace_nodes_new (ox_focus_get_model (self->focus));
  ox_label_set_line (self->sum, sum);
  ox_label_set_line (GTK_LABEL (self->doubt), doubt);
  gtk_widget_set_visible (self->doubt, doubt != NULL);
  show_end (self);
  gtk_widget_set_sensitive (self->compare, stored);
  gtk_widget_set_tooltip_text (self->compare, stored ? "Runs the Model and Compares It with the Recorded Values"
                                                     : "The Recording Has No Elements to Compare With");
  ox_recording_view_tell (self, NULL, -1);
  self->table = ox_recording_table_new (recording);
  shown = gtk_filter_list_model_new (g_object_ref (rows), g_object_ref (GTK_FILTER (self->filter)));
  self->selection = ox_column_view_set_model (self->table, G_LIST_MODEL (shown));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (count), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->table, "activate", G_CALLBACK (activated_cb), self, G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_child (self->scroller, GTK_WIDGET (self->table));
  count (self);
}

void
ox_recording_view_tell (OxRecordingView *self, const char *text, gint64 first)
{
  say (self, text);
  self->first = first;
  gtk_widget_set_visible (self->go, first >= 0
                                    && first < ox_trace_file_length (ox_recording_get_file (self->recording)));
  if (first >= 0)
    go_to (self, (guint) first);
}

/* ---- the widget ------------------------------------------------------------------------------------------------ */

static GtkWidget *
new_button (const char *label, const char *action, const char *tip)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

static GtkWidget *
new_line (GtkLabel **label, const char *css)
{
  GtkWidget *line = ox_label_new_line (NULL, css, PANGO_ELLIPSIZE_END);

  gtk_widget_set_hexpand (line, TRUE);
  *label = GTK_LABEL (line);
  return line;
}

static GtkWidget *
make_top (OxRecordingView *self)
{
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *found = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *lower = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  gtk_widget_add_css_class (top, "ox-study");
  self->doubt = ox_label_new_line (NULL, "warning", PANGO_ELLIPSIZE_END);
  self->filter_entry = gtk_search_entry_new ();
  g_object_set (self->filter_entry, "placeholder-text", "Filter", NULL);
  gtk_widget_set_tooltip_text (self->filter_entry, "Words of a Row, as Conv, decoder or f16; nan, inf, stored");
  gtk_widget_set_size_request (self->filter_entry, 160, -1);
  gtk_widget_set_valign (self->filter_entry, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->filter_entry, "search-changed", G_CALLBACK (filter_cb), self);
  self->shown = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->shown), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->shown), "numeric");
  gtk_label_set_xalign (self->shown, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->shown), TRUE);
  self->go = gtk_button_new_with_label ("Go There");
  gtk_widget_add_css_class (self->go, "suggested-action");
  gtk_widget_set_valign (self->go, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->go, "clicked", G_CALLBACK (go_cb), self);
  self->compare = new_button ("_Compare", "page.compare-recording", NULL);
  gtk_box_append (GTK_BOX (lower), self->filter_entry);
  gtk_box_append (GTK_BOX (lower), GTK_WIDGET (self->shown));
  gtk_box_append (GTK_BOX (lower), new_button ("_Hold Against…", "page.hold-against",
                                               "The First Value That Is Another in a Second Recorded Run"));
  gtk_box_append (GTK_BOX (lower), self->compare);
  gtk_box_append (GTK_BOX (found), new_line (&self->said, NULL));
  /* What differs has many words. */
  gtk_label_set_wrap (self->said, TRUE);
  gtk_label_set_lines (self->said, 2);
  gtk_box_append (GTK_BOX (found), self->go);
  gtk_widget_set_visible (found, FALSE);
  self->found = found;
  gtk_box_append (GTK_BOX (top), self->doubt);
  gtk_box_append (GTK_BOX (top), new_line (&self->sum, "heading"));
  gtk_box_append (GTK_BOX (top), new_line (&self->ended, NULL));
  gtk_box_append (GTK_BOX (top), lower);
  gtk_box_append (GTK_BOX (top), found);
  return top;
}

static void
ox_recording_view_init (OxRecordingView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->first = -1;
  self->filter = gtk_custom_filter_new (wanted, self, NULL);
  self->scroller = GTK_SCROLLED_WINDOW (scroller);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_set_hexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (self), make_top (self));
  gtk_box_append (GTK_BOX (self), scroller);
}

GtkWidget *
ox_recording_view_new (OxFocus *focus)
{
  OxRecordingView *self = g_object_new (OX_TYPE_RECORDING_VIEW, NULL);

  self->focus = g_object_ref (focus);
  return GTK_WIDGET (self);
}
