/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-console-private.h"
#include "debug/ox-iterations.h"
#include "tensor/ox-format.h"

/* Of more rows, the first and last half of these. */
#define ROWS 40

typedef struct
{
  const char *name;
  OxGraph    *graph;
  int         slot;
} Find;

static void
find (OxGraph *graph, gpointer data)
{
  Find *found = data;
  int slot = ox_graph_find (graph, found->name);

  if (slot < 0 || graph->owner == NULL || g_str_equal (graph->owner->op_type, "If") || found->graph != NULL)
    return;
  found->graph = graph;
  found->slot = slot;
}

static void
put_row (GString *text, const OxIteration *row)
{
  g_autofree char *min = ox_format_double (row->min, 6), *max = ox_format_double (row->max, 6);
  g_autofree char *mean = ox_format_double (row->mean, 6);

  g_string_append_printf (text, "%6" G_GINT64_FORMAT "  ", row->iteration);
  if (row->count == 1)
    g_string_append (text, mean);
  else
    g_string_append_printf (text, "%s to %s, mean %s", min, max, mean);
  if (row->bad > 0)
    g_string_append_printf (text, ", %" G_GINT64_FORMAT " not finite", row->bad);
  g_string_append_c (text, '\n');
}

char *
ox_console_iterations (OxSession *session, const char *argument, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) words = g_strsplit (argument, " ", 2);
  OxModel *model = ox_session_get_model (session);
  Find found = { words[0] != NULL ? words[0] : "", NULL, -1 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (OxIterations) iterations = NULL;
  GArray *rows;
  gint64 opening = -1;

  ox_model_foreach_graph (model, find, &found);
  if (found.graph == NULL)
    ox_fail (error, OX_ERROR_VALUE, "there is no value '%s' in the body of a Loop or Scan", found.name);
  else if (words[1] == NULL || g_ascii_string_to_signed (words[1], 10, 0, G_MAXUINT - 1, &opening, error))
    {
      GPtrArray *series = ox_iterations_new_series ();

      g_ptr_array_add (series, ox_iteration_series_new (found.slot, -1));
      iterations = ox_iterations_run (session, found.graph, series, NULL, opening, cancellable, error);
    }
  if (iterations == NULL)
    return NULL;
  rows = ((const OxIterationSeries *) g_ptr_array_index (iterations->series, 0))->rows;
  if (rows->len == 0)
    {
      ox_fail (error, OX_ERROR_VALUE, "'%s' is no tensor of numbers in any iteration", found.name);
      return NULL;
    }
  for (guint i = 0; i < rows->len; i++)
    {
      if (rows->len > ROWS && i == ROWS / 2)
        {
          g_string_append (text, "   ...\n");
          i = rows->len - ROWS / 2;
        }
      put_row (text, &g_array_index (rows, OxIteration, i));
    }
  if (iterations->openings > 1)
    g_string_append_printf (text, "time %u of the %u so far, in %s\n", iterations->opening, iterations->openings, iterations->where);
  if (iterations->failure != NULL)
    g_string_append_printf (text, "then: %s\n", iterations->failure);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
