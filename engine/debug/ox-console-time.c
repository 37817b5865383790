/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-console-private.h"

/* Turns that are shown around the present one. */
#define AROUND 5

gboolean
ox_console_travel (OxConsole *self, OxCommand command, const char *argument, OxGoal *goal, GError **error)
{
  switch (command)
    {
    case OX_COMMAND_GOTO:
      goal->move = OX_MOVE_TO_TIME;
      return g_ascii_string_to_unsigned (argument, 10, 0, G_MAXUINT64, &goal->time, NULL)
             || ox_fail (error, OX_ERROR_VALUE, "expected the number of a turn, found '%s'", argument);
    case OX_COMMAND_ITERATION:
      goal->move = OX_MOVE_TO_ITERATION;
      return g_ascii_string_to_signed (argument, 10, 0, G_MAXINT64, &goal->iteration, NULL)
             || ox_fail (error, OX_ERROR_VALUE, "expected the number of an iteration, found '%s'", argument);
    case OX_COMMAND_BACK_TO_WRITE:
      goal->move = OX_MOVE_BACK_TO_WRITE;
      return ox_console_find_slot (self, argument, &goal->graph, &goal->slot)
             || ox_fail (error, OX_ERROR_VALUE, "there is no value '%s'", argument);
    case OX_COMMAND_BACK_TO_BAD:
      goal->move = OX_MOVE_BACK_TO_BAD;
      goal->bad = argument[0] == '\0'                       ? OX_BAD_NAN | OX_BAD_INF
                  : g_ascii_strcasecmp (argument, "nan") == 0 ? OX_BAD_NAN
                  : g_ascii_strcasecmp (argument, "inf") == 0 ? OX_BAD_INF
                                                              : 0;
      return goal->bad != 0 || ox_fail (error, OX_ERROR_VALUE, "expected nan, inf or nothing, found '%s'", argument);
    default:
      goal->move = OX_MOVE_BACK_TO_BREAK;
      return argument[0] == '\0' || ox_fail (error, OX_ERROR_VALUE, "expected nothing, found '%s'", argument);
    }
}

static void
put_record (GString *text, const OxTraceRecord *record, gboolean next)
{
  g_autofree char *path = ox_graph_path (record->node->graph), *title = ox_node_title (record->node);

  g_string_append_printf (text, "%s%5" G_GUINT64_FORMAT "  %s '%s' in %s", next ? "=>" : "  ", record->time,
                          record->node->op_type, title, path);
  if (record->kind == OX_TURN_ENTERED)
    g_string_append (text, ", with a body");
  if (record->bad & OX_BAD_NAN)
    g_string_append (text, ", writes NaN");
  if (record->bad & OX_BAD_INF)
    g_string_append (text, ", writes Inf");
  g_string_append_c (text, '\n');
}

/* The beginnings of nodes among the records, from turn @at on, @most of them, forwards or back. */
static guint
collect (OxTrace *trace, guint at, int step, guint most, guint *found)
{
  guint n = 0;

  for (gint64 i = (gint64) at + (step < 0 ? -1 : 0); n < most && i >= 0 && i < ox_trace_reach (trace); i += step)
    {
      const OxTraceRecord *record = ox_trace_get (trace, (guint) i);

      if (record->node != NULL && (record->kind == OX_TURN_NODE || (record->kind == OX_TURN_ENTERED && !record->again)))
        found[n++] = (guint) i;
    }
  return n;
}

void
ox_console_put_time (OxConsole *self, GString *text)
{
  OxTrace *trace = ox_debugger_get_trace (self->debugger);
  guint length = ox_trace_length (trace), before[AROUND], after[AROUND];
  guint n_before = collect (trace, length, -1, AROUND, before), n_after = collect (trace, length, 1, AROUND, after);

  g_string_append_printf (text, "turn %u of %u known, %" G_GSIZE_FORMAT " bytes kept\n", length, ox_trace_reach (trace),
                          ox_trace_kept_bytes (trace));
  for (guint i = n_before; i > 0; i--)
    put_record (text, ox_trace_get (trace, before[i - 1]), FALSE);
  for (guint i = 0; i < n_after; i++)
    put_record (text, ox_trace_get (trace, after[i]), after[i] == length);
}
