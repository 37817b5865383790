/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-comparison.h"
#include "debug/ox-console-private.h"
#include "debug/ox-debugger-private.h"
#include "debug/ox-hunt.h"
#include "debug/ox-versus.h"

/* Rows of a comparison that a console shows. */
#define ROWS 20
#define SECONDS 3

/* "hunt", "compare FILE" and the lenses: a run of their own with the debugger's inputs, which leaves the debugger where it is. */
struct _OxConsoleStudy
{
  OxCommand  command;
  OxSession *session;
  char      *argument;
  OxVersus  *versus;       /* or NULL */
};

void
ox_console_study_free (OxConsoleStudy *self)
{
  g_clear_pointer (&self->session, ox_session_free);
  g_clear_pointer (&self->versus, ox_versus_free);
  g_free (self->argument);
  g_free (self);
}

gboolean
ox_console_is_study (OxCommand command)
{
  return command == OX_COMMAND_HUNT || command == OX_COMMAND_COMPARE || command == OX_COMMAND_PRECISION
         || command == OX_COMMAND_QUANT || command == OX_COMMAND_VERSUS;
}

OxConsoleStudy *
ox_console_study_new (OxConsole *console, OxCommand command, const char *argument, GError **error)
{
  OxDebugger *debugger = console->debugger;
  OxModel *model = ox_debugger_get_model (debugger);
  OxSessionOptions options = { .seed = debugger->seed, .expand = debugger->expand };
  g_autoptr (OxConsoleStudy) self = NULL;

  if (command == OX_COMMAND_COMPARE && argument[0] == '\0')
    {
      ox_fail (error, OX_ERROR_VALUE, "expected compare FILE, an .npz or a .json of Polygraphy");
      return NULL;
    }
  if (command == OX_COMMAND_HUNT && argument[0] != '\0')
    {
      ox_fail (error, OX_ERROR_VALUE, "expected hunt and nothing else");
      return NULL;
    }
  if (command == OX_COMMAND_VERSUS && ox_debugger_n_edits (debugger) == 0)
    {
      ox_fail (error, OX_ERROR_VALUE, "there are no edits");
      return NULL;
    }
  self = g_new0 (OxConsoleStudy, 1);
  self->session = ox_session_new (model, &options);
  self->command = command;
  self->argument = g_strdup (argument);
  for (guint i = 0; i < model->graph->inputs->len; i++)
    {
      const char *name = ox_graph_slot (model->graph, g_array_index (model->graph->inputs, int, i))->name;
      OxValue *value = ox_debugger_get_input (debugger, name);

      if (value != NULL && !ox_session_set_input (self->session, name, value, error))
        return NULL;
    }
  if (command == OX_COMMAND_VERSUS)
    self->versus = ox_debugger_versus (debugger);
  return ox_session_ready (self->session, error) ? g_steal_pointer (&self) : NULL;
}

static char *
hunt (OxConsoleStudy *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxHunt) hunted = ox_hunt_new (self->session, 1U << OX_HUNT_INF | 1U << OX_HUNT_NAN | 1U << OX_HUNT_OVERFLOW16);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) failure = NULL;
  gboolean ok = ox_hunt_run (hunted, SECONDS, cancellable, &failure);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  for (int kind = 0; kind < OX_N_HUNTS; kind++)
    {
      const OxFinding *first = ox_hunt_first (hunted, kind), *other = ox_hunt_first_unintended (hunted, kind);
      g_autofree char *one = first != NULL ? ox_finding_describe (first) : NULL;
      g_autofree char *more = other != NULL && other != first ? ox_finding_describe (other) : NULL;

      if (one == NULL)
        g_string_append_printf (text, "no %s\n", ox_hunt_name (kind));
      else
        g_string_append (text, one);
      if (more != NULL)
        g_string_append_printf (text, "not on purpose, %s", more);
    }
  if (!ok)
    g_string_append_printf (text, "the run stops: %s\n", failure->message);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
compare (OxConsoleStudy *self, GCancellable *cancellable, GError **error)
{
  OxReference *reference = g_str_has_suffix (self->argument, ".json") ? ox_reference_new_json (self->argument, error)
                                                                       : ox_reference_new_npz (self->argument, error);
  g_autoptr (OxComparison) comparison = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  GPtrArray *values;
  guint differ = 0;

  if (reference == NULL)
    return NULL;
  comparison = ox_comparison_new (self->session, reference);
  if (!ox_comparison_run (comparison, cancellable, error))
    return NULL;
  values = ox_comparison_values (comparison);
  for (guint i = 0; i < values->len; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (values, i);
      g_autofree char *line = NULL;

      if (value->verdict != OX_VERDICT_DIFFERS || ++differ > ROWS)
        continue;
      line = ox_compared_value_describe (value);
      g_string_append_printf (text, "%s%s\n", differ == 1 ? "first divergence: " : "", line);
    }
  g_string_append_printf (text, "%u values compared, %u differ, %u are not in the reference\n", values->len, differ,
                          ox_comparison_missing (comparison));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
ox_console_study_run (OxConsoleStudy *self, GCancellable *cancellable, GError **error)
{
  switch (self->command)
    {
    case OX_COMMAND_COMPARE:
      return compare (self, cancellable, error);
    case OX_COMMAND_PRECISION:
      return ox_console_precision (self->session, self->argument, cancellable, error);
    case OX_COMMAND_VERSUS:
      return ox_console_versus (self->versus, self->argument, cancellable, error);
    case OX_COMMAND_QUANT:
      return ox_console_quant (self->session, self->argument, cancellable, error);
    default:
      return hunt (self, cancellable, error);
    }
}
