/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-iteration-view.h"

#include "debug/ox-iterations.h"
#include "ui/ox-iteration-rows.h"
#include "ui/ox-label.h"
#include "ui/ox-words.h"

/* A run that took longer does not begin by itself again. */
#define AT_ONCE 2.0
#define NONE G_MAXUINT64

struct _OxIterationView
{
  GtkBox parent_instance;

  OxFocus      *focus;
  GtkLabel     *title, *where, *said;
  GtkWidget    *times;         /* which opening */
  GtkSpinButton *opening;
  GtkLabel     *openings;
  GtkDropDown  *mode;
  GtkEntry     *index;         /* of an element */
  GtkSpinner   *spinner;
  GtkButton    *button;
  GtkStack     *stack;         /* "plots", "none" */
  GtkLabel     *none;
  OxIterationRows *rows;

  OxGraph      *body;          /* that is looked at; or NULL */
  OxIterations *result;        /* of @shown; or NULL */
  OxGraph      *shown;
  gboolean      stale;         /* the run is another than that of @result */
  gboolean      waiting;       /* for inputs that are being made */
  gint64        wanted;        /* an opening that was chosen; -1: none */
  guint         most;          /* openings of @shown that are known */
  double        seconds;       /* of the last run */
  GCancellable *working;
  guint64       going;         /* the turn to go to; NONE */
};

G_DEFINE_FINAL_TYPE (OxIterationView, ox_iteration_view, GTK_TYPE_BOX)

static void
ox_iteration_view_dispose (GObject *object)
{
  OxIterationView *self = OX_ITERATION_VIEW (object);

  g_cancellable_cancel (self->working);
  g_clear_object (&self->working);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_iteration_view_parent_class)->dispose (object);
}

static void
ox_iteration_view_finalize (GObject *object)
{
  g_clear_pointer (&OX_ITERATION_VIEW (object)->result, ox_iterations_free);
  G_OBJECT_CLASS (ox_iteration_view_parent_class)->finalize (object);
}

static void
ox_iteration_view_class_init (OxIterationViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_iteration_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = ox_iteration_view_finalize;
}

/* ---- which body ------------------------------------------------------------------------------------------------ */

/* The body of a node with iterations; NULL for others. */
static OxGraph *
body_of (const OxNode *node)
{
  const OxAttribute *body = node != NULL ? ox_node_attribute (node, "body") : NULL;
  g_autoptr (GPtrArray) carried = NULL;

  if (body == NULL || body->graphs == NULL || body->graphs->len == 0)
    return NULL;
  carried = ox_iterations_carried (g_ptr_array_index (body->graphs, 0));
  return carried->len > 0 ? g_ptr_array_index (body->graphs, 0) : NULL;
}

static void
find_body (OxGraph *graph, gpointer data)
{
  OxGraph **found = data;

  if (*found == NULL && graph->owner != NULL && body_of (graph->owner) == graph)
    *found = graph;
}

gboolean
ox_iteration_view_is_needed (OxModel *model)
{
  OxGraph *found = NULL;

  ox_model_foreach_graph (model, find_body, &found);
  return found != NULL;
}

/* Of the selected node, else the innermost around what is shown, else what was looked at before. */
static OxGraph *
wanted_body (OxIterationView *self)
{
  OxGraph *found = body_of (ox_focus_get_node (self->focus));

  for (OxGraph *graph = ox_focus_get_graph (self->focus); graph != NULL && found == NULL; graph = graph->outer)
    if (graph->owner != NULL && body_of (graph->owner) == graph)
      found = graph;
  if (found == NULL)
    found = self->body;
  if (found == NULL)
    ox_model_foreach_graph (ox_focus_get_model (self->focus), find_body, &found);
  return found;
}

/* The frame on the stack that is an iteration of the body; NULL if there is none, or while the model runs. */
static OxFrame *
frame_of (OxIterationView *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  for (guint level = ox_debugger_is_running (debugger) ? 0 : ox_debugger_get_depth (debugger); level-- > 0;)
    {
      OxFrame *frame = ox_debugger_get_frame (debugger, level);

      if (frame != NULL && frame->graph == self->body && frame->iteration >= 0)
        return frame;
    }
  return NULL;
}

/* ---- going to an iteration -------------------------------------------------------------------------------------- */

static void
gone_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxIterationView) self = data;
  g_autoptr (GError) error = NULL;

  if (!ox_debugger_move_finish (OX_DEBUGGER (source), result, &error) && self->focus != NULL
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_widget_activate_action (GTK_WIDGET (self), "page.report", "s", error->message);
}

static void
go (OxIterationView *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxGoal goal = { .move = OX_MOVE_TO_TIME, .time = self->going };

  if (self->going == NONE)
    return;
  if (ox_debugger_is_running (debugger))
    {
      ox_debugger_interrupt (debugger);
      return;
    }
  self->going = NONE;
  ox_debugger_go_async (debugger, &goal, NULL, gone_cb, g_object_ref (self));
}

static void
chosen_cb (OxIterationRows *rows, const OxIteration *row, OxIterationView *self)
{
  /* Turns of another run mean nothing. */
  if (self->stale)
    return;
  self->going = row->turn;
  go (self);
}

/* ---- what is shown --------------------------------------------------------------------------------------------- */

static void
named_cb (OxIterationRows *rows, int slot, OxIterationView *self)
{
  if (self->shown != NULL)
    ox_focus_select_value (self->focus, self->shown, slot);
}

static void
mark (OxIterationView *self)
{
  OxFrame *frame = frame_of (self);
  gboolean here = frame != NULL && self->result != NULL && ox_iterations_has (self->result, frame);

  if (self->result == NULL || self->shown != self->body)
    return;
  gtk_stack_set_visible_child_name (self->stack, "plots");
  ox_iteration_rows_mark (self->rows, here ? frame->iteration : -1);
}

static void
show_result (OxIterationView *self)
{
  const OxIterations *result = self->result;
  g_autofree char *text = NULL;

  ox_iteration_rows_set (self->rows, result, self->shown);
  text = g_strdup_printf ("%" G_GINT64_FORMAT " iteration%s%s%s", result->iterations, result->iterations == 1 ? "" : "s",
                          result->failure != NULL ? ", then: " : "", result->failure != NULL ? result->failure : "");
  ox_label_set_line (self->said, text);
  mark (self);
}

/* Numbers of another Loop, or another run, would mislead. */
static void
say_nothing (OxIterationView *self, const char *text)
{
  g_autofree char *valid = ox_words_valid (text);

  ox_iteration_rows_set (self->rows, NULL, NULL);
  gtk_label_set_text (self->none, valid);
  gtk_stack_set_visible_child_name (self->stack, "none");
}

/* The title, where that is, and which time it is come to. */
static void
show_title (OxIterationView *self)
{
  OxNode *owner = self->body->owner;
  g_autofree char *op = ox_words_operator (owner), *name = ox_words_node (owner), *path = NULL;
  g_autofree char *title = owner->name[0] != '\0' ? g_strdup_printf ("%s %s", op, name) : g_strdup (name);
  gboolean known = self->result != NULL && self->shown == self->body;

  ox_label_set_line (self->title, title);
  path = known ? g_strdup (self->result->where) : ox_graph_path (owner->graph);
  ox_label_set_line (self->where, path);
  self->most = known ? MAX (self->most, self->result->openings) : 0;
  gtk_widget_set_visible (self->times, known && self->most > 1 && frame_of (self) == NULL);
  if (known && self->most > 1)
    {
      g_autofree char *of = g_strdup_printf ("of %u", self->most);

      gtk_spin_button_set_range (self->opening, 1, self->most);
      gtk_spin_button_set_value (self->opening, self->result->opening + 1);
      gtk_label_set_text (self->openings, of);
    }
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxSession *session;
  OxGraph   *body;
  GPtrArray *series;
  GArray    *place;
  gint64     opening;
  double     seconds;
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  ox_session_free (run->session);
  g_clear_pointer (&run->series, g_ptr_array_unref);
  g_clear_pointer (&run->place, g_array_unref);
  g_free (run);
}

static void
run_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Run *run = data;
  gint64 start = g_get_monotonic_time ();
  GError *error = NULL;
  OxIterations *result = ox_iterations_run (run->session, run->body, g_steal_pointer (&run->series), run->place, run->opening,
                                            cancellable, &error);

  run->seconds = (double) (g_get_monotonic_time () - start) / 1e6;
  if (result != NULL)
    g_task_return_pointer (task, result, (GDestroyNotify) ox_iterations_free);
  else
    g_task_return_error (task, error);
}

static void refresh (OxIterationView *self, gboolean asked);

static void
ran_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxIterationView *self = OX_ITERATION_VIEW (source);
  const Run *run = g_task_get_task_data (G_TASK (result));
  gboolean wanted = g_task_get_cancellable (G_TASK (result)) == self->working;
  g_autoptr (GError) error = NULL;
  OxIterations *found = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->focus == NULL || !wanted)
    {
      g_clear_pointer (&found, ox_iterations_free);
      return;
    }
  g_clear_object (&self->working);
  gtk_spinner_stop (self->spinner);
  self->seconds = run->seconds;
  if (found != NULL)
    {
      ox_iteration_rows_set (self->rows, NULL, NULL);
      g_clear_pointer (&self->result, ox_iterations_free);
      self->result = found;
      self->shown = run->body;
      self->stale = FALSE;
      show_result (self);
      show_title (self);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      say_nothing (self, error->message);
      g_clear_pointer (&self->result, ox_iterations_free);
      self->shown = run->body;
      self->stale = FALSE;
      ox_label_set_line (self->said, "");
    }
  else
    {
      ox_label_set_line (self->said, "Stopped");
      gtk_button_set_label (self->button, "Plot");
      return;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->button), FALSE);
  refresh (self, FALSE);
}

static void
read_index (OxIterationView *self, OxIterationSeries *series)
{
  g_auto (GStrv) parts = g_strsplit_set (gtk_editable_get_text (GTK_EDITABLE (self->index)), "[], ", -1);

  for (int i = 0; parts[i] != NULL && series->n_index < OX_MAX_RANK; i++)
    if (parts[i][0] != '\0' && g_ascii_string_to_signed (parts[i], 10, 0, G_MAXINT64, &series->index[series->n_index], NULL))
      series->n_index++;
}

/* What is carried and collected, and the selected value of the body. */
static GPtrArray *
series_of (OxIterationView *self)
{
  GPtrArray *all = ox_iterations_carried (self->body);
  OxGraph *graph;
  int slot = ox_focus_get_value (self->focus, &graph);
  gboolean there = slot < 0 || graph != self->body;

  for (guint i = 0; i < all->len && !there; i++)
    there = ((const OxIterationSeries *) g_ptr_array_index (all, i))->slot == slot;
  if (!there)
    g_ptr_array_insert (all, 0, ox_iteration_series_new (slot, -1));
  for (guint i = 0; i < all->len; i++)
    read_index (self, g_ptr_array_index (all, i));
  return all;
}

/* Whether what is shown is what is asked for. */
static gboolean
is_shown (OxIterationView *self)
{
  OxFrame *frame = frame_of (self);
  OxGraph *graph;
  int slot = ox_focus_get_value (self->focus, &graph);
  gboolean there = slot < 0 || graph != self->body;

  if (self->stale || self->shown != self->body)
    return FALSE;
  if (self->result == NULL)
    return TRUE;
  for (guint i = 0; i < self->result->series->len && !there; i++)
    there = ((const OxIterationSeries *) g_ptr_array_index (self->result->series, i))->slot == slot;
  return there && (frame == NULL || ox_iterations_has (self->result, frame))
         && (self->wanted < 0 || self->wanted == self->result->opening);
}

static void
start (OxIterationView *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxFrame *frame = frame_of (self);
  Run *run = g_new0 (Run, 1);
  g_autoptr (GTask) task = NULL;

  g_cancellable_cancel (self->working);
  g_clear_object (&self->working);
  self->working = g_cancellable_new ();
  run->session = ox_debugger_new_replay (debugger);
  run->body = self->body;
  run->series = series_of (self);
  run->opening = self->wanted;
  if (frame != NULL)
    run->place = ox_iterations_place (frame);
  else if (self->wanted < 0 && self->result != NULL && self->shown == self->body && !self->stale)
    run->place = g_array_ref (self->result->place);
  task = g_task_new (self, self->working, ran_cb, NULL);
  g_task_set_task_data (task, run, run_free);
  gtk_spinner_start (self->spinner);
  ox_label_set_line (self->said, "Running the model…");
  gtk_button_set_label (self->button, "Cancel");
  gtk_widget_set_visible (GTK_WIDGET (self->button), TRUE);
  g_task_run_in_thread (task, run_worker);
}

/* Shows what is asked for, as far as that is quick or @asked. */
static void
refresh (OxIterationView *self, gboolean asked)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxGraph *body = wanted_body (self);
  g_autoptr (GError) error = NULL;

  if (body == NULL)
    {
      say_nothing (self, "The model has no Loop, Scan or SequenceMap");
      return;
    }
  if (body != self->body)
    self->wanted = -1;
  self->body = body;
  if (frame_of (self) != NULL)
    self->wanted = -1;
  show_title (self);
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || ox_debugger_is_running (debugger) || self->working != NULL)
    return;
  if (is_shown (self) && !asked)
    {
      mark (self);
      return;
    }
  if (ox_debugger_ready (debugger, &error) && (asked || self->seconds < AT_ONCE))
    {
      self->waiting = FALSE;
      start (self);
      return;
    }
  ox_label_set_line (self->said, "");
  gtk_button_set_label (self->button, "Plot");
  gtk_widget_set_visible (GTK_WIDGET (self->button), TRUE);
  say_nothing (self, error != NULL ? "Plot makes inputs, runs the model once and shows what each iteration carries to the next"
                                   : "Plot runs the model once more: the last time that took a while");
  if (asked && error != NULL)
    {
      self->waiting = TRUE;
      gtk_widget_activate_action (GTK_WIDGET (self), "page.make-inputs", NULL);
    }
}

static void
clicked_cb (OxIterationView *self)
{
  if (self->working != NULL)
    {
      ox_label_set_line (self->said, "Stopping…");
      g_cancellable_cancel (self->working);
    }
  else
    refresh (self, TRUE);
}

static void
focus_cb (OxIterationView *self)
{
  refresh (self, FALSE);
}

static void
state_changed_cb (OxIterationView *self)
{
  if (ox_debugger_is_running (ox_focus_get_debugger (self->focus)))
    return;
  go (self);
  refresh (self, self->waiting && ox_debugger_ready (ox_focus_get_debugger (self->focus), NULL));
}

/* Inputs, or what was changed, are others. */
static void
other_run_cb (OxIterationView *self)
{
  self->stale = TRUE;
  self->going = NONE;
  if (self->working != NULL)
    {
      g_cancellable_cancel (self->working);
      g_clear_object (&self->working);
      gtk_spinner_stop (self->spinner);
    }
}

static void
opening_cb (OxIterationView *self)
{
  self->wanted = gtk_spin_button_get_value_as_int (self->opening) - 1;
  if (self->result != NULL && self->wanted != self->result->opening)
    refresh (self, TRUE);
}

static void
mode_cb (OxIterationView *self)
{
  OxIterationMode mode = (OxIterationMode) gtk_drop_down_get_selected (self->mode);

  gtk_widget_set_visible (GTK_WIDGET (self->index), mode == OX_ITERATION_ELEMENT);
  ox_iteration_rows_set_mode (self->rows, mode);
}

static void
asked_cb (OxIterationView *self)
{
  refresh (self, TRUE);
}

/* ---- parts ----------------------------------------------------------------------------------------------------- */

static GtkWidget *
make_top (OxIterationView *self)
{
  static const char *const modes[] = { "Range", "Norm", "Element", NULL };
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->title = GTK_LABEL (ox_label_new_line ("", "heading", PANGO_ELLIPSIZE_MIDDLE));
  self->where = GTK_LABEL (ox_label_new_line ("", "dim-label", PANGO_ELLIPSIZE_START));
  self->said = GTK_LABEL (ox_label_new_line ("", "dim-label", PANGO_ELLIPSIZE_END));
  gtk_widget_set_hexpand (GTK_WIDGET (self->said), TRUE);
  self->times = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->opening = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (1, 1, 1));
  self->openings = GTK_LABEL (gtk_label_new (""));
  gtk_widget_set_tooltip_text (self->times, "Which Time the Run Comes to It");
  gtk_box_append (GTK_BOX (self->times), gtk_label_new ("time"));
  gtk_box_append (GTK_BOX (self->times), GTK_WIDGET (self->opening));
  gtk_box_append (GTK_BOX (self->times), GTK_WIDGET (self->openings));
  gtk_widget_set_visible (self->times, FALSE);
  g_signal_connect_swapped (self->opening, "value-changed", G_CALLBACK (opening_cb), self);
  self->mode = GTK_DROP_DOWN (gtk_drop_down_new_from_strings (modes));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->mode), "What of a Tensor Is Plotted");
  g_signal_connect_swapped (self->mode, "notify::selected", G_CALLBACK (mode_cb), self);
  self->index = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_placeholder_text (self->index, "0,3");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->index), 8);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->index), "Its Index in Each Tensor That Has It");
  gtk_widget_set_visible (GTK_WIDGET (self->index), FALSE);
  g_signal_connect_swapped (self->index, "activate", G_CALLBACK (asked_cb), self);
  self->spinner = GTK_SPINNER (gtk_spinner_new ());
  self->button = GTK_BUTTON (gtk_button_new_with_label ("Plot"));
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (clicked_cb), self);
  gtk_widget_set_margin_start (top, 12);
  gtk_widget_set_margin_end (top, 12);
  gtk_widget_set_margin_bottom (top, 6);
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->where));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->said));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->spinner));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->button));
  gtk_box_append (GTK_BOX (top), self->times);
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->index));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->mode));
  return top;
}

static void
ox_iteration_view_init (OxIterationView *self)
{
  self->wanted = -1;
  self->going = NONE;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_append (GTK_BOX (self), make_top (self));
  self->stack = GTK_STACK (gtk_stack_new ());
  self->rows = OX_ITERATION_ROWS (ox_iteration_rows_new ());
  g_signal_connect (self->rows, "chosen", G_CALLBACK (chosen_cb), self);
  g_signal_connect (self->rows, "named", G_CALLBACK (named_cb), self);
  self->none = GTK_LABEL (ox_label_new ("", "dim-label"));
  gtk_widget_set_margin_start (GTK_WIDGET (self->none), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self->none), 12);
  gtk_widget_set_valign (GTK_WIDGET (self->none), GTK_ALIGN_START);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->rows), "plots");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->none), "none");
  gtk_stack_set_visible_child_name (self->stack, "none");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->stack));
  g_signal_connect (self, "map", G_CALLBACK (focus_cb), NULL);
}

GtkWidget *
ox_iteration_view_new (OxFocus *focus)
{
  OxIterationView *self = g_object_new (OX_TYPE_ITERATION_VIEW, NULL);
  OxDebugger *debugger = ox_focus_get_debugger (focus);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (focus, "node-changed", G_CALLBACK (focus_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "graph-changed", G_CALLBACK (focus_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "value-changed", G_CALLBACK (focus_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "reset", G_CALLBACK (other_run_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "edits", G_CALLBACK (other_run_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
