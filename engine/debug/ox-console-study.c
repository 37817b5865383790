/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-comparison.h"
#include "debug/ox-console-private.h"
#include "debug/ox-debugger-private.h"
#include "debug/ox-expression.h"
#include "debug/ox-hunt.h"
#include "debug/ox-profile.h"
#include "debug/ox-trace-file.h"
#include "debug/ox-versus.h"
#include "tensor/ox-format.h"

/* Rows of a comparison that a console shows. */
#define ROWS 20
#define SECONDS 3

/* "hunt", "compare FILE" and the lenses: a run of their own with the debugger's inputs and edits, which leaves the debugger where it is. */
struct _OxConsoleStudy
{
  OxConsole *console;
  OxCommand  command;
  OxSession *session;
  char      *argument;
  OxVersus  *versus;       /* or NULL */
  OxConsoleExtract *extract;   /* or NULL */
  guint64    turns;        /* RECORD: that the debugger has done, and which values go along; @argument: the path */
  char      *which;
  OxExpression *formula;     /* EVAL, and the values it names: char* -> OxTensor* */
  GHashTable   *values;
};

void
ox_console_study_free (OxConsoleStudy *self)
{
  g_clear_pointer (&self->session, ox_session_free);
  g_clear_pointer (&self->versus, ox_versus_free);
  g_clear_pointer (&self->extract, ox_console_extract_free);
  g_clear_pointer (&self->formula, ox_expression_free);
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_free (self->argument);
  g_free (self->which);
  g_free (self);
}

gboolean
ox_console_is_study (OxCommand command)
{
  return command == OX_COMMAND_EVAL || command == OX_COMMAND_HUNT || command == OX_COMMAND_COMPARE
         || command == OX_COMMAND_PRECISION || command == OX_COMMAND_QUANT || command == OX_COMMAND_PROVENANCE
         || command == OX_COMMAND_VERSUS || command == OX_COMMAND_ITERATIONS || command == OX_COMMAND_PROFILE
         || command == OX_COMMAND_RECORD || command == OX_COMMAND_EXTRACT;
}

/* The tensors that a formula names, as they are now. */
static OxConsoleStudy *
eval_new (OxConsole *console, const char *argument, GError **error)
{
  g_autoptr (OxConsoleStudy) self = g_new0 (OxConsoleStudy, 1);
  GPtrArray *names;

  self->command = OX_COMMAND_EVAL;
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_tensor_unref);
  if ((self->formula = ox_expression_new (argument, error)) == NULL)
    return NULL;
  names = ox_expression_names (self->formula);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autoptr (OxValue) value = NULL;
      g_autoptr (GError) problem = NULL;
      OxGraph *graph;
      int slot;

      if (!ox_console_find_slot (console, name, &graph, &slot))
        {
          ox_fail (error, OX_ERROR_VALUE, "there is no value '%s'", name);
          return NULL;
        }
      value = ox_debugger_dup_value (console->debugger, graph, slot, &problem);
      if (value != NULL && ox_value_get_tensor (value) != NULL)
        {
          g_hash_table_insert (self->values, g_strdup (name), ox_tensor_ref (ox_value_get_tensor (value)));
          continue;
        }
      if (problem != NULL)
        g_propagate_error (error, g_steal_pointer (&problem));
      else
        ox_fail (error, OX_ERROR_VALUE, value == NULL ? "'%s' is not computed yet" : "'%s' is not a tensor", name);
      return NULL;
    }
  return g_steal_pointer (&self);
}

static OxTensor *
look_up (const char *name, gpointer data, GError **error)
{
  return ox_tensor_ref (g_hash_table_lookup (data, name));
}

static char *
eval (OxConsoleStudy *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxTensor) result = ox_expression_evaluate (self->formula, look_up, self->values, cancellable, error);
  g_autofree char *shape = result != NULL ? ox_tensor_shape_string (result) : NULL;
  g_autofree char *elements = result != NULL ? ox_format_tensor (result, 6, 200) : NULL;

  if (result == NULL)
    return NULL;
  return result->rank == 0 ? g_strdup_printf ("%s\n", elements)
                           : g_strdup_printf ("%s %s\n%s\n", ox_dtype_name (result->dtype), shape, elements);
}

OxConsoleStudy *
ox_console_study_new (OxConsole *console, OxCommand command, const char *argument, GError **error)
{
  OxDebugger *debugger = console->debugger;
  g_autoptr (OxConsoleStudy) self = NULL;

  if (command == OX_COMMAND_EVAL)
    return eval_new (console, argument, error);
  if (command == OX_COMMAND_COMPARE && argument[0] == '\0')
    {
      ox_fail (error, OX_ERROR_VALUE, "expected compare REFERENCE [VALUE]: a file, a folder, onnxruntime, self:OPTION or twice");
      return NULL;
    }
  if (command == OX_COMMAND_HUNT && argument[0] != '\0')
    {
      ox_fail (error, OX_ERROR_VALUE, "expected hunt and nothing else");
      return NULL;
    }
  if (command == OX_COMMAND_PROFILE && argument[0] == '\0')
    {
      ox_fail (error, OX_ERROR_VALUE, "expected profile FILE");
      return NULL;
    }
  if (command == OX_COMMAND_RECORD && (argument[0] == '\0' || ox_session_turns (debugger->session) == 0))
    {
      ox_fail (error, OX_ERROR_VALUE, argument[0] == '\0' ? "expected record FILE [all|BYTES|PATTERN]" : "nothing has run yet");
      return NULL;
    }
  if (command == OX_COMMAND_VERSUS && ox_debugger_n_edits (debugger) == 0)
    {
      ox_fail (error, OX_ERROR_VALUE, "there are no edits");
      return NULL;
    }
  self = g_new0 (OxConsoleStudy, 1);
  self->console = console;
  self->command = command;
  if (command == OX_COMMAND_EXTRACT)
    return (self->extract = ox_console_extract_new (console, argument, error)) != NULL ? g_steal_pointer (&self) : NULL;
  self->session = ox_debugger_new_session (debugger, FALSE);
  self->argument = g_strdup (argument);
  if (command == OX_COMMAND_RECORD && strchr (self->argument, ' ') != NULL)
    {
      char *at = strchr (self->argument, ' ');

      self->which = g_strstrip (g_strdup (at));
      *at = '\0';
    }
  /* A node that fails here fails in the file, too. */
  self->turns = debugger->stop != NULL && debugger->stop->reason == OX_STOP_FAILED ? G_MAXUINT64
                                                                                     : ox_session_turns (debugger->session);
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

/* All that is known of the values of this name, one in every frame. */
static gboolean
put_details (GString *text, GPtrArray *values, const char *name, GError **error)
{
  guint n = 0;

  for (guint i = 0; i < values->len; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (values, i);
      g_autofree char *detail = NULL;

      if (value->output >= value->node->output_names->len
          || strcmp (g_ptr_array_index (value->node->output_names, value->output), name) != 0 || ++n > ROWS)
        continue;
      detail = ox_compared_value_detail (value);
      g_string_append (text, detail);
    }
  return n > 0 || ox_fail (error, OX_ERROR_VALUE, "'%s' is no value that was compared", name);
}

static char *
compare (OxConsoleStudy *self, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) words = g_strsplit (self->argument, " ", 2);
  OxReference *reference = ox_console_open_reference (self->console, words[0], self->session, error);
  g_autoptr (OxComparison) comparison = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  GPtrArray *values;
  guint differ = 0;

  if (reference == NULL)
    return NULL;
  comparison = ox_comparison_new (self->session, reference);
  ox_comparison_set_histograms (comparison, words[1] != NULL);
  ox_comparison_set_brief (comparison, words[1] == NULL);
  if (!ox_comparison_run (comparison, cancellable, error))
    return NULL;
  values = ox_comparison_values (comparison);
  if (words[1] != NULL)
    return put_details (text, values, g_strstrip (words[1]), error) ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
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

static char *
profile (OxConsoleStudy *self, GCancellable *cancellable, GError **error)
{
  g_auto (OxProfileSummary) summary = { 0 };
  g_autofree char *slowest = NULL;

  if (!ox_profile_run (self->session, self->argument, NULL, NULL, &summary, cancellable, error))
    return NULL;
  if (summary.slowest != NULL)
    slowest = g_strdup_printf ("; '%s' took %.3f ms, the longest", summary.slowest, summary.slowest_seconds * 1e3);
  return g_strdup_printf ("%s: %" G_GUINT64_FORMAT " nodes ran in %.3f ms%s\n", self->argument, summary.nodes,
                          summary.seconds * 1e3, slowest != NULL ? slowest : "");
}

static char *
record (OxConsoleStudy *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  OxTraceValues values;
  gboolean done;

  if (!ox_trace_values_parse (self->which, &values, error))
    return NULL;
  done = ox_trace_record_turns (self->session, self->turns, self->argument, &values, NULL, NULL, cancellable, &failure);
  if (!done && (self->turns < G_MAXUINT64 || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                || g_error_matches (failure, OX_ERROR, OX_ERROR_FILE)))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  return g_strdup_printf ("%s: %" G_GUINT64_FORMAT " turns%s\n", self->argument, ox_session_turns (self->session),
                          failure != NULL                            ? ", and how the next one failed"
                          : ox_session_depth (self->session) > 0 ? ", to where one stands"
                                                                     : ", the whole run");
}

char *
ox_console_study_run (OxConsoleStudy *self, GCancellable *cancellable, GError **error)
{
  switch (self->command)
    {
    case OX_COMMAND_EVAL:
      return eval (self, cancellable, error);
    case OX_COMMAND_EXTRACT:
      return ox_console_extract_run (self->extract, cancellable, error);
    case OX_COMMAND_COMPARE:
      return compare (self, cancellable, error);
    case OX_COMMAND_PROFILE:
      return profile (self, cancellable, error);
    case OX_COMMAND_RECORD:
      return record (self, cancellable, error);
    case OX_COMMAND_PRECISION:
      return ox_console_precision (self->session, self->argument, cancellable, error);
    case OX_COMMAND_PROVENANCE:
      return ox_console_provenance (self->session, self->argument, cancellable, error);
    case OX_COMMAND_VERSUS:
      return ox_console_versus (self->versus, self->argument, cancellable, error);
    case OX_COMMAND_ITERATIONS:
      return ox_console_iterations (self->session, self->argument, cancellable, error);
    case OX_COMMAND_QUANT:
      return ox_console_quant (self->session, self->argument, cancellable, error);
    default:
      return hunt (self, cancellable, error);
    }
}

gboolean
ox_console_record (OxConsole *self, const char *path, const char *which, char **said, GError **error)
{
  g_autoptr (OxConsoleStudy) study = ox_console_study_new (self, OX_COMMAND_RECORD, path, error);

  if (study == NULL)
    return FALSE;
  /* Paths may have spaces in them here. */
  g_free (study->argument);
  g_free (study->which);
  study->argument = g_strdup (path);
  study->which = g_strdup (which);
  return (*said = ox_console_study_run (study, NULL, error)) != NULL;
}
