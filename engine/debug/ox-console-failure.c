/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-console-private.h"

#define MOST_CHAINS 12
#define MOST_STEPS 40

gboolean
ox_console_explain (OxConsole *self, GString *text, GError **error)
{
  const OxStop *stop = ox_debugger_get_stop (self->debugger);
  g_autofree char *whole = NULL;

  if (stop == NULL || stop->failure == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "there is nothing to explain: no node has failed here");
  whole = ox_failure_describe (stop->failure, MOST_CHAINS, MOST_STEPS);
  g_string_append (text, whole);
  g_string_append (text, "what can be done: set, fill or load a value before it; supply its outputs from files; skip it; and "
                         "undo that\n");
  return TRUE;
}

gboolean
ox_console_skip (OxConsole *self, GString *text, char **words, int n, GError **error)
{
  OxNode *node = n > 0 ? ox_console_find_node (self, words[0], error) : ox_console_node (self);
  g_autofree char *title = node != NULL ? ox_node_title (node) : NULL, *what = NULL, *said = NULL, *quoted = NULL;

  if (n > 1)
    return ox_fail (error, OX_ERROR_VALUE, "expected one node, found %d words", n);
  if (node == NULL)
    return n > 0 ? FALSE : ox_fail (error, OX_ERROR_VALUE, "there is no node to skip: the run is at its end");
  quoted = g_shell_quote (node->name[0] != '\0' ? node->name : n > 0 ? words[0] : title);
  what = g_strdup_printf ("skip %s", quoted);
  if (!ox_debugger_skip (self->debugger, node, what, &said, error))
    return FALSE;
  g_string_append_printf (text, "%s is not run\n%s", title, said);
  return TRUE;
}
