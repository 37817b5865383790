/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-breakpoint.h"
#include "debug/ox-console-private.h"
#include "debug/ox-debugger-private.h"
#include "debug/ox-place.h"
#include "debug/ox-watch.h"
#include "tensor/ox-format.h"

/* Where to stop, and what to look at then. */

#define SPARKS 24

/* ---- words ------------------------------------------------------------------------------------------------------ */

static char *
place_text (const OxBreakpoint *breakpoint)
{
  g_autofree char *path = breakpoint->node != NULL ? ox_graph_path (breakpoint->node->graph) : NULL;

  return path != NULL ? g_strdup_printf ("#%u %s in %s", breakpoint->node->index, breakpoint->node->op_type, path)
                      : g_strdup (breakpoint->place);
}

/* "breakpoint 2 at #3 Conv in main, if nan" */
static void
put_breakpoint (GString *text, const OxBreakpoint *breakpoint)
{
  g_autofree char *place = place_text (breakpoint);

  g_string_append_printf (text, "breakpoint %u at %s", breakpoint->id, place);
  if (breakpoint->condition != NULL)
    g_string_append_printf (text, ", if %s", breakpoint->condition);
  if (breakpoint->log != NULL)
    g_string_append_printf (text, ", writes %s", breakpoint->log[0] != '\0' ? breakpoint->log : "where it is");
  if (breakpoint->once)
    g_string_append (text, ", once");
  if (breakpoint->ignore > 0)
    g_string_append_printf (text, ", not the next %" G_GUINT64_FORMAT " times", breakpoint->ignore);
  if (!breakpoint->enabled)
    g_string_append (text, ", disabled");
}

void
ox_console_put_breakpoints (OxConsole *self, GString *text)
{
  g_autoptr (GPtrArray) list = ox_debugger_dup_breakpoints (self->debugger);

  for (guint i = 0; i < list->len; i++)
    {
      const OxBreakpoint *breakpoint = g_ptr_array_index (list, i);

      put_breakpoint (text, breakpoint);
      g_string_append_printf (text, ": %" G_GUINT64_FORMAT " %s\n", breakpoint->hits, breakpoint->hits == 1 ? "hit" : "hits");
      if (breakpoint->trouble != NULL)
        g_string_append_printf (text, "  could not be judged: %s\n", breakpoint->trouble);
    }
  if (list->len == 0)
    g_string_append (text, "no breakpoints\n");
}

static void
put_watch (GString *text, const OxWatch *watch)
{
  g_string_append_printf (text, "watch %u: %s", watch->id, watch->text);
  if (watch->value != NULL)
    {
      g_autofree char *elements = ox_format_tensor (watch->value, 4, 8);

      g_strdelimit (elements, "\n", ' ');
      g_string_append_printf (text, " = %s\n", elements);
    }
  else
    g_string_append_printf (text, ": %s\n", watch->trouble != NULL ? watch->trouble : "at the next stop");
}

void
ox_console_put_watch_values (OxConsole *self, GString *text)
{
  g_autoptr (GPtrArray) list = ox_debugger_dup_watches (self->debugger);

  for (guint i = 0; i < list->len; i++)
    put_watch (text, g_ptr_array_index (list, i));
}

/* The last numbers of a watch as blocks between the lowest and the highest of them. */
static void
put_sparks (GString *text, const GArray *history)
{
  static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
  const guint first = history->len > SPARKS ? history->len - SPARKS : 0;
  double low = INFINITY, high = -INFINITY;

  for (guint i = first; i < history->len; i++)
    {
      const double v = g_array_index (history, OxWatchPoint, i).value;

      low = v < low ? v : low;
      high = v > high ? v : high;
    }
  g_string_append (text, "  ");
  for (guint i = first; i < history->len; i++)
    {
      const double v = g_array_index (history, OxWatchPoint, i).value;
      const double share = high > low && isfinite (high - low) ? (v - low) / (high - low) : 0;

      g_string_append (text, isfinite (v) ? blocks[CLAMP ((int) (share * 8), 0, 7)] : "!");
    }
  g_string_append_c (text, '\n');
}

void
ox_console_put_watches (OxConsole *self, GString *text)
{
  g_autoptr (GPtrArray) list = ox_debugger_dup_watches (self->debugger);

  for (guint i = 0; i < list->len; i++)
    {
      const OxWatch *watch = g_ptr_array_index (list, i);

      put_watch (text, watch);
      if (watch->history->len > 1)
        put_sparks (text, watch->history);
    }
  if (list->len == 0)
    g_string_append (text, "no watches\n");
}

/* ---- breakpoints ------------------------------------------------------------------------------------------------ */

/* The text behind " if " or " : ", which is cut off; NULL if there is none. */
static char *
cut (char *text, const char *word)
{
  char *at = strstr (text, word);

  if (at == NULL)
    return NULL;
  *at = '\0';
  g_strchomp (text);
  return g_strstrip (at + strlen (word));
}

gboolean
ox_console_add_breakpoint (OxConsole *self, GString *text, OxCommand command, const char *argument, OxNode *node, GError **error)
{
  g_autofree char *copy = g_strdup (argument);
  OxBreakpoint wanted = { .enabled = TRUE, .once = command == OX_COMMAND_TBREAK };
  const char *const log = command == OX_COMMAND_LOG ? cut (copy, " : ") : NULL;

  wanted.condition = cut (copy, " if ");
  if (command == OX_COMMAND_LOG)
    wanted.log = (char *) (log != NULL ? log : "");
  wanted.node = node;
  if (node == NULL && ox_place_is_query (copy))
    wanted.place = copy;
  else if (node == NULL && (wanted.node = ox_console_find_node (self, copy, error)) == NULL)
    return FALSE;
  wanted.id = ox_debugger_put_breakpoint (self->debugger, &wanted, error);
  if (wanted.id == 0)
    return FALSE;
  put_breakpoint (text, &wanted);
  g_string_append_c (text, '\n');
  return TRUE;
}

/* A copy of the breakpoint of this number in @list, or NULL with an error. */
static OxBreakpoint *
find_breakpoint (GPtrArray *list, const char *number, GError **error)
{
  guint64 id;

  if (g_ascii_string_to_unsigned (number, 10, 1, G_MAXUINT, &id, NULL))
    for (guint i = 0; i < list->len; i++)
      if (((OxBreakpoint *) g_ptr_array_index (list, i))->id == id)
        return g_ptr_array_index (list, i);
  ox_fail (error, OX_ERROR_VALUE, "there is no breakpoint '%s'", number);
  return NULL;
}

/* "condition N [CONDITION]", "ignore N COUNT" */
static gboolean
change_breakpoint (OxConsole *self, GString *text, OxCommand command, const char *argument, GError **error)
{
  g_autoptr (GPtrArray) list = ox_debugger_dup_breakpoints (self->debugger);
  g_autofree char *number = g_strndup (argument, strcspn (argument, " "));
  g_autofree char *rest = g_strstrip (g_strdup (argument + strlen (number)));
  OxBreakpoint *breakpoint = find_breakpoint (list, number, error);

  if (breakpoint == NULL)
    return FALSE;
  if (command == OX_COMMAND_IGNORE && !g_ascii_string_to_unsigned (rest, 10, 0, G_MAXINT64, &breakpoint->ignore, NULL))
    return ox_fail (error, OX_ERROR_VALUE, "expected how many times, found '%s'", rest);
  if (command == OX_COMMAND_CONDITION)
    {
      g_free (breakpoint->condition);
      breakpoint->condition = *rest != '\0' ? g_strdup (rest) : NULL;
    }
  if (ox_debugger_put_breakpoint (self->debugger, breakpoint, error) == 0)
    return FALSE;
  put_breakpoint (text, breakpoint);
  g_string_append_c (text, '\n');
  return TRUE;
}

/* "delete", "enable", "disable" of a number, or of all at a node. */
static gboolean
handle_breakpoint (OxConsole *self, GString *text, OxCommand command, const char *argument, GError **error)
{
  g_autoptr (GPtrArray) list = ox_debugger_dup_breakpoints (self->debugger);
  OxBreakpoint *breakpoint = find_breakpoint (list, argument, NULL);
  OxNode *node = breakpoint == NULL ? ox_console_find_node (self, argument, error) : NULL;
  gboolean found = FALSE;

  if (breakpoint == NULL && node == NULL)
    return FALSE;
  for (guint i = 0; i < list->len; i++)
    {
      OxBreakpoint *one = g_ptr_array_index (list, i);
      g_autofree char *place = place_text (one);

      if (breakpoint != NULL ? one != breakpoint : one->node != node)
        continue;
      found = TRUE;
      one->enabled = command == OX_COMMAND_ENABLE;
      if (command == OX_COMMAND_DELETE)
        ox_debugger_remove_breakpoint (self->debugger, one->id);
      else if (ox_debugger_put_breakpoint (self->debugger, one, error) == 0)
        return FALSE;
      g_string_append_printf (text, "%s %s\n",
                              command == OX_COMMAND_DELETE   ? "no breakpoint at"
                              : command == OX_COMMAND_ENABLE ? "enabled"
                                                             : "disabled",
                              place);
    }
  return found || ox_fail (error, OX_ERROR_VALUE, "there is no breakpoint at '%s'", argument);
}

/* ---- watches, the reference ------------------------------------------------------------------------------------- */

static gboolean
unwatch (OxConsole *self, GString *text, const char *argument, GError **error)
{
  guint64 id;

  if (!g_ascii_string_to_unsigned (argument, 10, 1, G_MAXUINT, &id, NULL) || !ox_debugger_remove_watch (self->debugger, (guint) id))
    return ox_fail (error, OX_ERROR_VALUE, "there is no watch '%s'", argument);
  g_string_append_printf (text, "watch %s is gone\n", argument);
  return TRUE;
}

static gboolean
watch (OxConsole *self, GString *text, const char *argument, GError **error)
{
  const guint id = ox_debugger_add_watch (self->debugger, argument, error);
  g_autoptr (GPtrArray) list = NULL;

  if (id == 0)
    return FALSE;
  if (ox_debugger_get_stop (self->debugger) != NULL)
    ox_debugger_look (self->debugger, NULL);
  list = ox_debugger_dup_watches (self->debugger);
  put_watch (text, g_ptr_array_index (list, list->len - 1));
  return TRUE;
}

static gboolean
reference (OxConsole *self, GString *text, const char *argument, GError **error)
{
  g_autoptr (OxSession) session = NULL;
  OxReference *opened;

  if (*argument == '\0' && ox_debugger_get_reference (self->debugger) == NULL)
    g_string_append (text, "no reference\n");
  else if (*argument == '\0')
    g_string_append_printf (text, "the reference is %s\n", ox_reference_title (ox_debugger_get_reference (self->debugger)));
  if (*argument == '\0')
    return TRUE;
  session = ox_debugger_new_session (self->debugger, FALSE);
  opened = ox_console_open_reference (self, argument, session, error);
  if (opened == NULL)
    return FALSE;
  /* One goes back and forth. */
  ox_reference_run_again (opened);
  ox_debugger_set_reference (self->debugger, opened);
  g_string_append_printf (text, "the reference is %s", ox_reference_title (opened));
  if (ox_reference_size (opened) >= 0)
    g_string_append_printf (text, ", %d values", ox_reference_size (opened));
  g_string_append_c (text, '\n');
  return TRUE;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

gboolean
ox_console_is_stop (OxCommand command)
{
  return command >= OX_COMMAND_BREAK && command <= OX_COMMAND_MARKS;
}

gboolean
ox_console_stop (OxConsole *self, GString *text, OxCommand command, const char *argument, GError **error)
{
  switch (command)
    {
    case OX_COMMAND_BREAK:
    case OX_COMMAND_TBREAK:
    case OX_COMMAND_LOG:
      return ox_console_add_breakpoint (self, text, command, argument, NULL, error);
    case OX_COMMAND_CONDITION:
    case OX_COMMAND_IGNORE:
      return change_breakpoint (self, text, command, argument, error);
    case OX_COMMAND_WATCH:
      return watch (self, text, argument, error);
    case OX_COMMAND_UNWATCH:
      return unwatch (self, text, argument, error);
    case OX_COMMAND_REFERENCE:
      return reference (self, text, argument, error);
    case OX_COMMAND_MARKS:
      return ox_console_keep_marks (self, text, argument, error);
    default:
      return handle_breakpoint (self, text, command, argument, error);
    }
}
