/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-edit-private.h"

#include "debug/ox-edit.h"
#include "ui/ox-words.h"

/* Ways past a node that has failed: another input, outputs from files, skipping it. */

static char *
word_of (const OxNode *node)
{
  return ox_edit_actions_word (node->name[0] != '\0' ? node->name : g_ptr_array_index (node->output_names, 0));
}

/* ---- another input --------------------------------------------------------------------------------------------- */

static OxGraph *
graph_of_input (const OxNode *node, guint i)
{
  OxGraph *graph = node->graph;

  for (int up = node->inputs[i].up; up > 0 && graph->outer != NULL; up--)
    graph = graph->outer;
  return graph;
}

void
ox_edit_input_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxEditActions *self = data;
  OxNode *node = ox_focus_get_node (self->focus);
  const OxStop *stop = ox_debugger_get_stop (ox_focus_get_debugger (self->focus));
  const OxFailure *failure = stop != NULL && stop->node == node ? stop->failure : NULL;

  /* The first number that does not fit is one of the input that is to be changed. */
  if (failure != NULL && failure->chains->len > 0)
    {
      const OxDescent *first = g_ptr_array_index ((GPtrArray *) g_ptr_array_index (failure->chains, 0), 0);

      ox_focus_select_value (self->focus, first->graph, first->slot);
      return;
    }
  for (guint i = 0; node != NULL && i < node->input_names->len; i++)
    if (node->inputs[i].slot >= 0)
      {
        ox_focus_select_value (self->focus, graph_of_input (node, i), node->inputs[i].slot);
        return;
      }
  ox_edit_actions_tell (self, "The node has no inputs", FALSE);
}

/* ---- skipping -------------------------------------------------------------------------------------------------- */

static void
stepped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxEditActions) self = data;
  g_autoptr (GError) error = NULL;

  if (!ox_debugger_move_finish (OX_DEBUGGER (source), result, &error) && self->focus != NULL)
    ox_edit_actions_tell (self, error->message, FALSE);
}

void
ox_edit_skip_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxEditActions *self = data;
  OxNode *node = ox_focus_get_node (self->focus);
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  const OxStop *stop = ox_debugger_get_stop (debugger);
  g_autofree char *word = NULL, *what = NULL, *said = NULL, *text = NULL, *title = NULL;
  gboolean failed = stop != NULL && stop->reason == OX_STOP_FAILED && stop->node == node;
  g_autoptr (GError) error = NULL;

  if (node == NULL || !ox_edit_actions_is_free (self))
    return;
  word = word_of (node);
  title = ox_node_title (node);
  what = g_strdup_printf ("skip %s", word);
  if (!ox_debugger_skip (debugger, node, what, &said, &error))
    {
      ox_edit_actions_tell (self, error->message, FALSE);
      return;
    }
  g_strdelimit (g_strchomp (said), "\n", ';');
  text = g_strdup_printf ("“%s” is skipped: %s", title, said);
  ox_edit_actions_tell (self, text, TRUE);
  if (failed)
    ox_debugger_move_async (debugger, OX_MOVE_OVER, NULL, NULL, stepped_cb, g_object_ref (self));
  else
    ox_edit_actions_again (self);
}

/* ---- outputs from files ---------------------------------------------------------------------------------------- */

typedef struct
{
  OxEditActions *self;
  OxNode        *node;
  GPtrArray     *paths;     /* of outputs that are wanted, in their order */
  GPtrArray     *values;
} Supply;

static void
supply_free (gpointer data)
{
  Supply *supply = data;

  g_object_unref (supply->self);
  g_ptr_array_unref (supply->paths);
  g_ptr_array_unref (supply->values);
  g_free (supply);
}

/* The place of output number @n of those that somebody reads; -1 when there are fewer. */
static int
wanted_output (const OxNode *node, guint n)
{
  for (guint i = 0; i < node->output_names->len; i++)
    if (node->outputs[i] >= 0 && n-- == 0)
      return (int) i;
  return -1;
}

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Supply *supply = data;
  GError *error = NULL;

  for (guint i = 0; i < supply->paths->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      const OxSlot *slot = ox_node_output_slot (supply->node, wanted_output (supply->node, i));
      OxValue *value = supply->self->load (g_ptr_array_index (supply->paths, i), slot->type, &error);

      if (value == NULL)
        {
          g_task_return_error (task, error);
          return;
        }
      g_ptr_array_add (supply->values, value);
    }
  g_task_return_boolean (task, TRUE);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxEditActions *self = OX_EDIT_ACTIONS (source);
  Supply *supply = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);
  OxDebugger *debugger;
  g_autofree char *word = NULL, *title = NULL, *text = NULL;
  g_autoptr (GString) what = NULL;

  g_clear_object (&self->working);
  if (self->focus == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  debugger = ox_focus_get_debugger (self->focus);
  if (!done || ox_debugger_is_running (debugger))
    {
      ox_edit_actions_tell (self, done ? "The model runs; nothing was changed" : error->message, FALSE);
      return;
    }
  word = word_of (supply->node);
  what = g_string_new ("supply ");
  g_string_append (what, word);
  for (guint i = 0; i < supply->paths->len; i++)
    {
      g_autofree char *path = ox_edit_actions_word (g_ptr_array_index (supply->paths, i));

      g_string_append_printf (what, " %s", path);
    }
  for (guint i = 0; i < supply->values->len; i++)
    ox_debugger_edit (debugger, supply->node->graph, supply->node->outputs[wanted_output (supply->node, i)],
                      g_ptr_array_index (supply->values, i), what->str);
  title = ox_node_title (supply->node);
  text = g_strdup_printf ("“%s” does not run: its outputs are from files", title);
  ox_edit_actions_tell (self, text, TRUE);
  ox_edit_actions_again (self);
}

static void ask_file (Supply *supply);

static void
file_cb (GtkNativeDialog *chooser, int response, Supply *supply)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser)) : NULL;
  char *path = file != NULL ? g_file_get_path (file) : NULL;
  OxEditActions *self = supply->self;

  if (path != NULL)
    g_ptr_array_add (supply->paths, path);
  if (path == NULL || self->focus == NULL || !ox_edit_actions_is_free (self))
    supply_free (supply);
  else if (wanted_output (supply->node, supply->paths->len) >= 0)
    ask_file (supply);
  else
    {
      g_autoptr (GTask) task = NULL;

      self->working = g_cancellable_new ();
      task = g_task_new (self, self->working, loaded_cb, NULL);
      g_task_set_task_data (task, supply, supply_free);
      g_task_run_in_thread (task, load_thread);
    }
  g_object_unref (chooser);
}

/* For the next output that has none. */
static void
ask_file (Supply *supply)
{
  const OxSlot *slot = ox_node_output_slot (supply->node, wanted_output (supply->node, supply->paths->len));
  g_autofree char *name = ox_words_valid (slot->name), *title = g_strdup_printf ("Supply Output “%s”", name);
  GtkRoot *root = gtk_widget_get_root (supply->self->owner);
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                                               GTK_FILE_CHOOSER_ACTION_OPEN, "_Load", "_Cancel");

  g_signal_connect (chooser, "response", G_CALLBACK (file_cb), supply);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

void
ox_edit_supply_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxEditActions *self = data;
  OxNode *node = ox_focus_get_node (self->focus);
  Supply *supply;

  if (node == NULL || !ox_edit_actions_is_free (self))
    return;
  if (wanted_output (node, 0) < 0)
    {
      ox_edit_actions_tell (self, "Nobody reads an output of the node", FALSE);
      return;
    }
  supply = g_new0 (Supply, 1);
  supply->self = g_object_ref (self);
  supply->node = node;
  supply->paths = g_ptr_array_new_with_free_func (g_free);
  supply->values = ox_value_array_new ();
  ask_file (supply);
}
