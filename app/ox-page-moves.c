/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-inputs-dialog.h"
#include "app/ox-page-private.h"
#include "ui/ox-breakpoint-editor.h"
#include "ui/ox-graph-view.h"
#include "ui/ox-words.h"

/* The actions that run the model. A move is remembered while inputs are made for it. */

typedef struct
{
  OxPage *page;
  OxMove  move;
  OxNode *target;
  gboolean only;     /* inputs are wanted, and no move */
} Move;

static const struct
{
  const char *name;
  OxMove      move;
} moves[] = {
  { "continue", OX_MOVE_CONTINUE }, { "over", OX_MOVE_OVER }, { "in", OX_MOVE_IN },
  { "out", OX_MOVE_OUT },           { "back", OX_MOVE_BACK }, { "back-in", OX_MOVE_BACK_IN },
  { "to-start", OX_MOVE_TO_START }, { "to-node", OX_MOVE_TO_NODE },
};

static void
set_enabled (OxPage *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
ox_page_update_moves (OxPage *self)
{
  /* What says nothing while there is no model. */
  static const char *const of_model[]
    = { "find", "go-back", "go-forward", "show-tensor", "export", "export-report", "console", "compare-file", "compare-folder",
        "compare-model", "compare-with", "compare-tolerances", "overlay", "condition", "watch", "hunt", "precision", "what-if",
        "quantisation" };
  OxDebugger *debugger = ox_document_get_debugger (self->document);
  gboolean there = debugger != NULL, running = there && ox_debugger_is_running (debugger), started, ended, forward;
  const OxStop *stop = there && !running ? ox_debugger_get_stop (debugger) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (of_model); i++)
    set_enabled (self, of_model[i], there);
  running = running || self->moving != NULL;
  started = there && !running && stop != NULL && stop->time > 0;
  ended = stop != NULL && stop->reason == OX_STOP_END;
  forward = there && !running && !ended;
  set_enabled (self, "continue", forward);
  set_enabled (self, "over", forward);
  set_enabled (self, "in", forward);
  set_enabled (self, "out", forward && stop != NULL);
  set_enabled (self, "to-node", forward && ox_focus_get_node (self->focus) != NULL);
  set_enabled (self, "breakpoint", there && ox_focus_get_node (self->focus) != NULL);
  set_enabled (self, "back", started);
  set_enabled (self, "back-in", started);
  set_enabled (self, "to-start", started);
  ox_page_enable_time (self, started);
  set_enabled (self, "restart", there && !running && stop != NULL);
  set_enabled (self, "stop", running);
  set_enabled (self, "inputs", there && !running);
  set_enabled (self, "show-current", stop != NULL && stop->node != NULL);
}

/* What a breakpoint found, and of which node. */
static void
show_why (OxPage *self, const OxStop *stop)
{
  g_autoptr (GPtrArray) all = ox_debugger_dup_breakpoints (ox_document_get_debugger (self->document));
  OxNode *node = NULL;
  g_autofree char *name = NULL, *text = NULL;

  for (guint i = 0; i < all->len && node == NULL; i++)
    if (((const OxBreakpoint *) g_ptr_array_index (all, i))->id == stop->breakpoint)
      node = ((const OxBreakpoint *) g_ptr_array_index (all, i))->node;
  name = node != NULL ? ox_words_node (node) : NULL;
  text = g_strdup_printf ("Breakpoint %u%s%s: %s", stop->breakpoint, name != NULL ? " at " : "", name != NULL ? name : "", stop->why);
  ox_page_show_trouble (self, text, "warning", node != NULL ? node : stop->node);
}

/* Goes to where the debugger stopped, and says what is worth a word. */
static void
show_stop (OxPage *self)
{
  const OxStop *stop = ox_debugger_get_stop (ox_document_get_debugger (self->document));

  ox_focus_touch (self->focus);
  ox_page_update_moves (self);
  ox_page_light_failure (self, stop != NULL ? stop->failure : NULL);
  if (stop == NULL)
    {
      ox_page_hide_trouble (self);
      return;
    }
  /* After a change one goes on looking at what was changed. */
  if (stop->node != NULL && (stop->move != OX_MOVE_AGAIN || stop->reason == OX_STOP_FAILED))
    ox_focus_select_node (self->focus, stop->node);
  if (stop->reason == OX_STOP_FAILED && stop->error != NULL)
    ox_page_show_trouble (self, stop->error->message, "error", stop->node);
  else if (stop->reason == OX_STOP_BREAKPOINT && stop->why != NULL)
    show_why (self, stop);
  else
    ox_page_hide_trouble (self);
  if (stop->reason == OX_STOP_NOWHERE)
    ox_page_tell (self, "No NaN or infinity was made before");
  if (stop->log != NULL && stop->log->len > 0)
    {
      g_autofree char *line = g_utf8_make_valid (g_ptr_array_index (stop->log, stop->log->len - 1), -1);
      g_autofree char *text = stop->log->len > 1 ? g_strdup_printf ("%s (and %u before)", line, stop->log->len - 1) : NULL;

      ox_page_tell (self, text != NULL ? text : line);
    }
  if (stop->reason == OX_STOP_END && stop->move != OX_MOVE_AGAIN)
    ox_page_tell (self, "The model ran to its end");
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean done = ox_debugger_move_finish (OX_DEBUGGER (source), result, &error);

  if (self->focus != NULL && !done && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
}

/* Whoever started it: a key, a button, a line of the console. */
static void
running_cb (OxPage *self)
{
  OxDebugger *debugger = ox_document_get_debugger (self->document);

  if (self->focus == NULL)
    return;
  g_clear_object (&self->moving);
  self->moving = g_cancellable_new ();
  g_signal_connect_object (self->moving, "cancelled", G_CALLBACK (ox_debugger_interrupt), debugger, G_CONNECT_SWAPPED);
  ox_page_start_progress (self, "Running…", self->moving);
  ox_page_update_moves (self);
  ox_focus_touch (self->focus);
}

static void
stopped_cb (OxPage *self)
{
  g_clear_object (&self->moving);
  if (self->focus == NULL)
    return;
  ox_page_end_progress (self);
  show_stop (self);
}

/* Something was looked up: one stands where one stood. */
static void
rested_cb (OxPage *self)
{
  g_clear_object (&self->moving);
  if (self->focus == NULL)
    return;
  ox_page_end_progress (self);
  ox_page_update_moves (self);
  ox_focus_touch (self->focus);
}

/* While inputs are made the page hears of it at the end. */
static void
reset_cb (OxPage *self)
{
  if (self->focus != NULL && self->moving == NULL)
    show_stop (self);
}

void
ox_page_follow_debugger (OxPage *self)
{
  OxDebugger *debugger = ox_document_get_debugger (self->document);

  g_signal_connect_object (debugger, "running", G_CALLBACK (running_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "stopped", G_CALLBACK (stopped_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "rested", G_CALLBACK (rested_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (debugger, "reset", G_CALLBACK (reset_cb), self, G_CONNECT_SWAPPED);
}

static void
start_move (OxPage *self, OxMove move, OxNode *target)
{
  ox_debugger_move_async (ox_document_get_debugger (self->document), move, target, NULL, moved_cb, g_object_ref (self));
}

static void
fed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Move *move = data;
  g_autoptr (OxPage) self = move->page;
  g_autoptr (GError) error = NULL;
  gboolean done = ox_document_feed_finish (OX_DOCUMENT (source), result, &error);

  if (self->focus != NULL)
    {
      g_clear_object (&self->moving);
      ox_page_end_progress (self);
      if (done)
        {
          AdwToast *toast = adw_toast_new (ox_page_inputs_are_made_up (self) ? "Inputs were filled with random numbers"
                                                                              : "Inputs are those of test_data_set_0");

          adw_toast_set_button_label (toast, "Change Inputs");
          adw_toast_set_action_name (toast, "page.inputs");
          adw_toast_overlay_add_toast (self->toasts, toast);
          if (!move->only)
            start_move (self, move->move, move->target);
        }
      else
        {
          if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
            ox_page_show_trouble (self, error->message, "error", NULL);
        }
      if (!done || move->only)
        {
          ox_page_update_moves (self);
          ox_focus_touch (self->focus);
        }
    }
  g_free (move);
}

gboolean
ox_page_inputs_are_made_up (OxPage *self)
{
  OxInputs *inputs = ox_document_get_inputs (self->document);

  for (guint i = 0; i < ox_inputs_length (inputs); i++)
    if (ox_inputs_get (inputs, i)->kind == OX_INPUT_FILL)
      return TRUE;
  return FALSE;
}

void
ox_page_feed_first (OxPage *self, GAsyncReadyCallback callback, gpointer data)
{
  OxInputs *chosen = ox_document_get_inputs (self->document);
  g_autoptr (OxInputs) inputs = ox_inputs_copy (chosen);
  g_autofree char *path = g_file_get_path (ox_document_get_file (self->document));
  g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;
  g_autofree char *set = folder != NULL ? g_build_filename (folder, "test_data_set_0", NULL) : NULL;
  gboolean untouched = TRUE;

  for (guint i = 0; i < ox_inputs_length (chosen); i++)
    untouched = untouched && ox_inputs_get (chosen, i)->kind != OX_INPUT_FILE;
  if (untouched && set != NULL && g_file_test (set, G_FILE_TEST_IS_DIR))
    ox_inputs_set_folder (inputs, set, NULL);
  ox_document_feed_async (self->document, inputs, self->moving, callback, data);
}

/* Makes inputs, then moves. */
static void
feed (OxPage *self, Move wanted)
{
  Move *move = g_memdup2 (&wanted, sizeof wanted);

  move->page = g_object_ref (self);
  self->moving = g_cancellable_new ();
  ox_page_start_progress (self, "Making inputs…", self->moving);
  ox_page_feed_first (self, fed_cb, move);
  ox_page_update_moves (self);
}

static void
move_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxDebugger *debugger = ox_document_get_debugger (self->document);
  const char *name = g_action_get_name (G_ACTION (action));
  guint i = 0;
  OxNode *target;

  if (debugger == NULL || self->moving != NULL || ox_debugger_is_running (debugger))
    return;
  while (i < G_N_ELEMENTS (moves) && g_strcmp0 (name, moves[i].name) != 0)
    i++;
  target = moves[i].move == OX_MOVE_TO_NODE ? ox_focus_get_node (self->focus) : NULL;
  if (ox_debugger_ready (debugger, NULL))
    start_move (self, moves[i].move, target);
  else
    feed (self, (Move){ NULL, moves[i].move, target, FALSE });
}

static void
make_inputs_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxDebugger *debugger = ox_document_get_debugger (self->document);

  if (debugger != NULL && self->moving == NULL && !ox_debugger_is_running (debugger) && !ox_debugger_ready (debugger, NULL))
    feed (self, (Move){ NULL, OX_MOVE_OVER, NULL, TRUE });
}

static void
stop_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  ox_debugger_interrupt (ox_document_get_debugger (self->document));
  if (self->moving != NULL)
    g_cancellable_cancel (self->moving);
}

static void
restart_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  ox_debugger_restart (ox_document_get_debugger (self->document));
}

static void
breakpoint_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxNode *node = ox_focus_get_node (self->focus);

  if (node != NULL)
    ox_focus_toggle_breakpoint (self->focus, node);
}

/* The first one at the selected node is changed; with no node selected it is about all that fit. */
static void
condition_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxNode *node = ox_focus_get_node (self->focus);
  g_autoptr (GPtrArray) all = ox_debugger_dup_breakpoints (ox_document_get_debugger (self->document));
  const OxBreakpoint *like = NULL;
  GdkRectangle at = { 0 };

  for (guint i = 0; i < all->len && like == NULL && node != NULL; i++)
    if (((const OxBreakpoint *) g_ptr_array_index (all, i))->node == node)
      like = g_ptr_array_index (all, i);
  if (node == NULL || !ox_graph_view_place_of (OX_GRAPH_VIEW (self->graph), node, &at))
    at = (GdkRectangle){ gtk_widget_get_width (self->graph) / 2, gtk_widget_get_height (self->graph) / 3, 1, 1 };
  ox_breakpoint_editor_open (self->focus, GTK_WIDGET (self->overlay), &at, like, node);
}

static void
show_current_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  const OxStop *stop = ox_debugger_get_stop (ox_document_get_debugger (self->document));

  if (stop != NULL && stop->node != NULL)
    ox_focus_select_node (self->focus, stop->node);
}

static void
changed_inputs_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean done = ox_document_feed_finish (OX_DOCUMENT (source), result, &error);

  if (self->focus == NULL)
    return;
  g_clear_object (&self->moving);
  ox_page_end_progress (self);
  show_stop (self);
  if (!done && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ox_page_show_trouble (self, error->message, "error", NULL);
  else if (done)
    ox_page_tell (self, "Inputs are ready");
}

static void
apply_inputs_cb (OxInputsDialog *dialog, OxPage *self)
{
  if (self->focus == NULL || self->moving != NULL)
    return;
  self->moving = g_cancellable_new ();
  ox_page_start_progress (self, "Reading inputs…", self->moving);
  ox_document_feed_async (self->document, ox_inputs_dialog_get_inputs (dialog), self->moving, changed_inputs_cb, g_object_ref (self));
  ox_page_update_moves (self);
}

static void
inputs_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  g_autoptr (GFile) folder = g_file_get_parent (ox_document_get_file (self->document));
  GtkWindow *dialog = ox_inputs_dialog_new (ox_document_get_inputs (self->document), folder);

  g_signal_connect_object (dialog, "apply", G_CALLBACK (apply_inputs_cb), self, 0);
  gtk_window_set_transient_for (dialog, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (dialog);
}

void
ox_page_add_moves (OxPage *self)
{
  static const GActionEntry entries[] = {
    { "stop", stop_cb },
    { "restart", restart_cb },
    { "show-current", show_current_cb },
    { "breakpoint", breakpoint_cb },
    { "condition", condition_cb },
    { "inputs", inputs_cb },
    { "make-inputs", make_inputs_cb },
  };

  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    {
      g_autoptr (GSimpleAction) action = g_simple_action_new (moves[i].name, NULL);

      g_signal_connect (action, "activate", G_CALLBACK (move_cb), self);
      g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (action));
    }
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
