/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "debug/ox-breakpoint.h"
#include "debug/ox-console-private.h"

/* The changes of a run as lines, and such lines done again. */

char *
ox_console_edits_script (OxConsole *self, guint *written, guint *left_out)
{
  GString *script = g_string_new ("run\n");
  const char *before = NULL;

  *written = *left_out = 0;
  for (guint i = 0; i < ox_debugger_n_edits (self->debugger); i++)
    {
      const OxEdit *edit = ox_debugger_get_edit (self->debugger, i);
      gboolean inner = edit->kind == OX_EDIT_VALUE && edit->frame_id != OX_ANY_FRAME && edit->frame_id != 0;
      g_autofree char *place = inner ? ox_graph_path (edit->graph) : NULL;

      /* "supply" makes one of each output. */
      if (g_strcmp0 (edit->what, before) == 0)
        continue;
      before = edit->what;
      if (g_str_has_prefix (edit->what, "replace ") && ox_debugger_get_reference (self->debugger) != NULL)
        g_string_append_printf (script, "reference %s\n", ox_reference_title (ox_debugger_get_reference (self->debugger)));
      if (inner)
        g_string_append_printf (script, "# in one frame of %s: %s\n", place, edit->what);
      else
        g_string_append_printf (script, "%s\n", edit->what);
      *(inner ? left_out : written) += 1;
      if (edit->kind == OX_EDIT_MUTE || edit->kind == OX_EDIT_IDENTITY || g_str_has_prefix (edit->what, "supply "))
        g_string_append (script, "continue\n");
    }
  return g_string_free (script, FALSE);
}

/* ---- doing them again -------------------------------------------------------------------------------------------- */

char *
ox_console_read_edits (const char *argument, GError **error)
{
  g_auto (GStrv) words = NULL;
  char *text = NULL;
  int n = 0;

  if (!g_str_has_prefix (argument, "load ") || !g_shell_parse_argv (argument, &n, &words, NULL) || n != 2)
    return NULL;
  g_file_get_contents (words[1], &text, NULL, error);
  return text;
}

typedef struct
{
  OxConsole *console;
  char     **lines;
  guint      at;        /* the line that is next */
  guint      made;
  gboolean   changes;   /* the one that runs */
} Script;

static void
script_free (gpointer data)
{
  Script *script = data;

  g_strfreev (script->lines);
  g_free (script);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Script, script_free)

/* A file may come from anywhere: it changes the run, and does nothing else. */
static gboolean
may_be (OxCommand command)
{
  return command == OX_COMMAND_RUN || command == OX_COMMAND_CONTINUE || command == OX_COMMAND_REFERENCE
         || (command >= OX_COMMAND_SET && command <= OX_COMMAND_UNDO);
}

static gboolean
parse (const char *line, OxCommand *command, gboolean *empty, GError **error)
{
  g_autofree char *copy = g_strstrip (g_strdup (line));
  char *argument;

  return ox_console_parse (copy, command, &argument, empty, error);
}

static Script *
script_new (OxConsole *console, const char *text, GError **error)
{
  g_autoptr (Script) self = g_new0 (Script, 1);

  self->console = console;
  self->lines = g_strsplit (text, "\n", -1);
  if (!g_utf8_validate (text, -1, NULL))
    {
      ox_fail (error, OX_ERROR_FORMAT, "this is no text");
      return NULL;
    }
  for (guint i = 0; self->lines[i] != NULL; i++)
    {
      OxCommand command;
      gboolean empty;

      if (!parse (self->lines[i], &command, &empty, error))
        {
          ox_error_prefix (error, "line %u", i + 1);
          return NULL;
        }
      if (!empty && !may_be (command))
        {
          ox_fail (error, OX_ERROR_VALUE, "line %u: expected a change of the run, found '%s'", i + 1, self->lines[i]);
          return NULL;
        }
    }
  return g_steal_pointer (&self);
}

/* NULL when there is none left. To the end of the run breakpoints do not count, which are there for somebody else. */
static const char *
next_line (Script *self)
{
  while (self->lines[self->at] != NULL)
    {
      const char *line = self->lines[self->at++];
      OxCommand command;
      gboolean empty;

      if (!parse (line, &command, &empty, NULL) || empty)
        continue;
      self->changes = command >= OX_COMMAND_SET && command <= OX_COMMAND_UNDO;
      return command == OX_COMMAND_RUN || command == OX_COMMAND_CONTINUE ? "goto 1000000000000" : line;
    }
  return NULL;
}

static void
fail_at (const Script *self, GError **error)
{
  ox_error_prefix (error, "line %u, after %u %s", self->at, self->made, self->made == 1 ? "change" : "changes");
}

char *
ox_console_run_edits (OxConsole *self, const char *text, GCancellable *cancellable, GError **error)
{
  g_autoptr (Script) script = script_new (self, text, error);
  const char *line;

  if (script == NULL)
    return NULL;
  while ((line = next_line (script)) != NULL)
    {
      gboolean quit;
      g_autofree char *said = ox_console_run (self, line, cancellable, &quit, error);

      if (said == NULL)
        {
          fail_at (script, error);
          return NULL;
        }
      script->made += script->changes;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
    }
  return g_strdup_printf ("%u %s made\n", script->made, script->made == 1 ? "change" : "changes");
}

static void go_on (GTask *task);

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Script *script = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean quit;
  g_autofree char *said = ox_console_run_finish (result, &quit, &error);

  if (said == NULL)
    fail_at (script, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else if (!g_task_return_error_if_cancelled (task))
    {
      script->made += script->changes;
      go_on (task);
    }
}

static void
go_on (GTask *task)
{
  Script *script = g_task_get_task_data (task);
  const char *line = next_line (script);

  if (line != NULL)
    ox_console_run_async (script->console, line, g_task_get_cancellable (task), done_cb, g_object_ref (task));
  else
    g_task_return_pointer (task, g_strdup_printf ("%u %s made\n", script->made, script->made == 1 ? "change" : "changes"), g_free);
}

void
ox_console_run_edits_async (OxConsole *self, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  GError *error = NULL;
  Script *script = script_new (self, text, &error);

  if (script == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, script, script_free);
  go_on (task);
}

char *
ox_console_run_edits_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
