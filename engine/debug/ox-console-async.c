/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-console-private.h"
#include "debug/ox-expression.h"

/* A line without waiting, and what a line that is being typed may become. */

typedef struct
{
  OxConsole     *console;
  char          *line;
  OxConsoleMoves moves;
  char          *expression;   /* print: what, in @line */
  const char    *indices;
  OxValue       *value;
  OxConsoleStudy *study;
  gboolean       quit;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->value, ox_value_unref);
  g_clear_pointer (&job->study, ox_console_study_free);
  g_free (job->line);
  g_free (job);
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  OxDebugger *debugger = OX_DEBUGGER (source);
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;
  GString *text;

  if (!ox_debugger_move_finish (debugger, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (--job->moves.times > 0 && ox_console_goes_on (job->console)
      && !g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    {
      ox_debugger_go_async (debugger, &job->moves.goal, g_task_get_cancellable (task), moved_cb, g_object_ref (task));
      return;
    }
  text = g_string_new (NULL);
  ox_console_put_position (job->console, text);
  g_task_return_pointer (task, g_string_free (text, FALSE), g_free);
}

static void
edits_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  char *text = ox_console_run_edits_finish (result, &error);

  if (text != NULL)
    g_task_return_pointer (task, text, g_free);
  else
    g_task_return_error (task, error);
}

static void
print_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Job *job = data;
  GError *error = NULL;

  if (ox_console_put_value (text, job->expression, job->indices, job->value, &error))
    g_task_return_pointer (task, g_string_free (g_steal_pointer (&text), FALSE), g_free);
  else
    g_task_return_error (task, error);
}

static void
study_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  char *text = ox_console_study_run (((Job *) data)->study, cancellable, &error);

  if (text != NULL)
    g_task_return_pointer (task, text, g_free);
  else
    g_task_return_error (task, error);
}

static void
value_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;

  job->value = ox_debugger_dup_value_finish (OX_DEBUGGER (source), result, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_run_in_thread (task, print_thread);
}

void
ox_console_run_async (OxConsole *self, const char *line, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  g_autoptr (GString) text = g_string_new (NULL);
  Job *job = g_new0 (Job, 1);
  g_autofree char *script = NULL;
  GError *error = NULL;
  OxCommand command;
  gboolean empty;
  char *argument;
  OxGraph *graph;
  int slot;

  job->console = self;
  job->line = g_strstrip (g_strdup (line));
  g_task_set_task_data (task, job, job_free);
  /* An interrupted move has an answer, too. */
  g_task_set_check_cancellable (task, FALSE);
  if (ox_debugger_is_running (self->debugger))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, "the session is running");
  else if (!ox_console_parse (job->line, &command, &argument, &empty, &error))
    g_task_return_error (task, error);
  else if (empty)
    g_task_return_pointer (task, g_strdup (""), g_free);
  else if (command == OX_COMMAND_EDITS && (script = ox_console_read_edits (argument, &error)) != NULL)
    ox_console_run_edits_async (self, script, cancellable, edits_cb, g_object_ref (task));
  else if (error == NULL && ox_console_moves (self, command, argument, &job->moves, &error))
    ox_debugger_go_async (self->debugger, &job->moves.goal, cancellable, moved_cb, g_object_ref (task));
  else if (error != NULL)
    g_task_return_error (task, error);
  else if (command == OX_COMMAND_PRINT)
    {
      job->expression = argument;
      if (ox_console_find_value (self, argument, &graph, &slot, &job->indices, &error))
        ox_debugger_dup_value_async (self->debugger, graph, slot, cancellable, value_cb, g_object_ref (task));
      else
        g_task_return_error (task, error);
    }
  else if (ox_console_is_study (command))
    {
      job->study = ox_console_study_new (self, command, argument, &error);
      if (job->study != NULL)
        g_task_run_in_thread (task, study_thread);
      else
        g_task_return_error (task, error);
    }
  else if (ox_console_do (self, text, command, argument, &job->quit, &error))
    g_task_return_pointer (task, g_string_free (g_steal_pointer (&text), FALSE), g_free);
  else
    g_task_return_error (task, error);
}

char *
ox_console_run_finish (GAsyncResult *result, gboolean *quit, GError **error)
{
  const Job *job = g_task_get_task_data (G_TASK (result));

  *quit = job->quit;
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
ox_console_line_moves (OxConsole *self, const char *line)
{
  g_autofree char *copy = g_strstrip (g_strdup (line));
  OxCommand command;
  gboolean empty;
  char *argument;

  return ox_console_parse (copy, &command, &argument, &empty, NULL) && !empty
         && (command <= OX_COMMAND_RUN || ox_console_is_study (command)
             || (command == OX_COMMAND_EDITS && g_str_has_prefix (argument, "load "))
             || (command >= OX_COMMAND_SET && command <= OX_COMMAND_UNDO));
}

static void
offer (GHashTable *seen, GPtrArray *found, guint most, const char *head, gsize length, const char *word, const char *begun)
{
  g_autofree char *line = NULL;

  if (found->len >= most || word[0] == '\0' || !g_str_has_prefix (word, begun))
    return;
  line = g_strdup_printf ("%.*s%s", (int) length, head, word);
  if (g_hash_table_add (seen, g_strdup (line)))
    g_ptr_array_add (found, g_steal_pointer (&line));
}

/* Where the word begins that a formula ends in; NULL: the line is none. */
static const char *
formula_word (const char *text)
{
  const char *at = text + strcspn (text, " "), *word;
  gboolean quoted = FALSE;

  if (g_str_has_prefix (text, "break ") || g_str_has_prefix (text, "tbreak "))
    at = strstr (text, " if ");
  else if (g_str_has_prefix (text, "log "))
    at = strstr (text, " if ") != NULL ? strstr (text, " if ") : strstr (text, " : ");
  else if (!g_str_has_prefix (text, "watch ") && !g_str_has_prefix (text, "eval "))
    at = NULL;
  for (word = at; at != NULL && *at != '\0'; at++)
    if (*at == '\'')
      {
        quoted = !quoted;
        word = quoted ? at : at + 1;
      }
    else if (!quoted && strchr (" ([,+-*%^<>=!;", *at) != NULL)
      word = at + 1;
  return word;
}

/* Names as they stand in a formula, also for one that was begun without its quote; then functions. */
static void
offer_formula (OxConsole *self, GHashTable *seen, GPtrArray *found, guint most, const char *text, const char *word)
{
  g_auto (GStrv) functions = g_strsplit (ox_expression_functions (), " ", -1);
  const gsize length = (gsize) (word - text);

  for (OxGraph *graph = ox_console_frame (self)->graph; graph != NULL; graph = graph->outer)
    for (guint i = 0; i < graph->slots->len && found->len < most; i++)
      {
        const char *name = ox_graph_slot (graph, (int) i)->name;
        g_autofree char *quoted = ox_expression_quote (name);

        if (name[0] != '\0')
          offer (seen, found, most, text, length, quoted, g_str_has_prefix (name, word) ? "" : word);
      }
  for (guint i = 0; functions[i] != NULL; i++)
    {
      g_autofree char *call = g_strconcat (functions[i], "(", NULL);

      offer (seen, found, most, text, length, call, word);
    }
}

char **
ox_console_complete (OxConsole *self, const char *text, guint most)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *found = g_ptr_array_new ();
  const char *word = strrchr (text, ' '), *begun = formula_word (text);
  OxGraph *graph = ox_console_frame (self)->graph;

  if (word == NULL)
    {
      g_auto (GStrv) commands = ox_console_commands ();

      for (guint i = 0; commands[i] != NULL; i++)
        offer (seen, found, most, text, 0, commands[i], text);
    }
  else if (begun != NULL)
    offer_formula (self, seen, found, most, text, begun);
  else
    {
      gsize length = (gsize) (++word - text);

      for (; graph != NULL; graph = graph->outer)
        {
          for (guint i = 0; i < graph->nodes->len && found->len < most; i++)
            offer (seen, found, most, text, length, ox_graph_node (graph, i)->name, word);
          for (guint i = 0; i < graph->slots->len && found->len < most; i++)
            offer (seen, found, most, text, length, ox_graph_slot (graph, (int) i)->name, word);
        }
    }
  g_ptr_array_add (found, NULL);
  return (char **) g_ptr_array_free (found, FALSE);
}
