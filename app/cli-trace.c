/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "cli.h"
#include "debug/ox-trace-file.h"
#include "tensor/ox-format.h"

static void
print_row (const OxTraceRow *row)
{
  g_print ("%5" G_GUINT64_FORMAT " %-22.22s %-34.34s %-22.22s", row->turn, row->turn > 0 ? row->op_type : "input", row->output, row->value);
  if (row->has_numbers)
    {
      g_autofree char *low = ox_format_double (row->min, 4), *high = ox_format_double (row->max, 4);
      g_autofree char *mean = ox_format_double (row->mean, 4), *std = ox_format_double (row->std, 4);

      g_print (" %11s %11s %11s %11s", low, high, mean, std);
    }
  else
    g_print (" %11s %11s %11s %11s", "", "", "", "");
  g_print (" %.8s%s", row->hash, row->stored != NULL ? " stored" : "");
  if (row->nan + row->inf > 0)
    g_print ("  %" G_GINT64_FORMAT " NaN, %" G_GINT64_FORMAT " Inf", row->nan, row->inf);
  g_print ("%s%s\n", row->frame > 0 ? "  in " : "", row->frame > 0 ? row->where : "");
}

static int
print_table (OxTraceFile *trace, const char *node)
{
  guint shown = 0;

  for (guint i = 0; i < ox_trace_file_length (trace); i++)
    {
      const OxTraceRow *row = ox_trace_file_row (trace, i);

      if (node != NULL && strcmp (row->node, node) != 0 && strcmp (row->output, node) != 0)
        continue;
      if (shown++ == 0)
        g_print ("%5s %-22s %-34s %-22s %11s %11s %11s %11s %s\n", "turn", "operator", "tensor", "type and shape", "min", "max", "mean",
                 "std", "hash");
      print_row (row);
    }
  if (node != NULL && shown == 0)
    {
      g_printerr ("onnxscope: the run has no node or value '%s'\n", node);
      return OX_EXIT_UNUSABLE;
    }
  if (node == NULL)
    g_print ("%u values of %s\n", shown, ox_trace_file_model (trace));
  if (ox_trace_file_failure (trace) != NULL)
    g_print ("the run failed: %s\n", ox_trace_file_failure (trace));
  if (ox_trace_file_left (trace) > 0)
    g_print ("the run was left after %" G_GUINT64_FORMAT " turns\n", ox_trace_file_left (trace));
  return OX_EXIT_GOOD;
}

/* The name as it is stored: that of an inner frame has its number, "state#3". */
static int
print_value (OxTraceFile *trace, const char *name)
{
  const OxTraceRow *found = NULL;
  g_autoptr (OxValue) value = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;

  for (guint i = 0; i < ox_trace_file_length (trace); i++)
    {
      const OxTraceRow *row = ox_trace_file_row (trace, i);

      if (g_strcmp0 (row->stored, name) == 0 || (found == NULL && strcmp (row->output, name) == 0))
        found = row;
    }
  if (found == NULL)
    ox_fail (&error, OX_ERROR_VALUE, "the run has no value '%s'", name);
  else
    value = ox_trace_file_value (trace, found, &error);
  if (value == NULL)
    return ox_cli_fail (error);
  text = ox_format_value (value, 6, 1000);
  g_print ("%s: %s\n%s\n", name, found->value, text);
  return OX_EXIT_GOOD;
}

static int
hold_against (OxTraceFile *trace, const char *path)
{
  GError *error = NULL;
  g_autoptr (OxTraceFile) other = ox_trace_file_open (path, &error);
  g_autofree char *text = NULL;
  gint64 first;

  if (other == NULL)
    return ox_cli_fail (error);
  if (strcmp (ox_trace_file_hash (trace), ox_trace_file_hash (other)) != 0)
    g_print ("the model's file was another\n");
  first = ox_trace_file_differ (trace, other, &text);
  if (first < 0)
    {
      gboolean bits = strcmp (ox_trace_file_hashing (trace), ox_trace_file_hashing (other)) == 0;

      g_print ("%u values, all with the same %s\n", ox_trace_file_length (trace),
               bits ? "bits" : "statistics; their bits were hashed in two ways");
      return OX_EXIT_GOOD;
    }
  g_print ("%" G_GINT64_FORMAT " values are the same, then: %s\n", first, text);
  return OX_EXIT_DIFFERS;
}

int
ox_cli_trace (int argc, char **argv)
{
  g_autofree char *node = NULL, *value = NULL, *against = NULL;
  g_autoptr (OxTraceFile) trace = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
    { "node", 'n', 0, G_OPTION_ARG_STRING, &node, "Only what this node made, or this value", "NAME" },
    { "value", 0, 0, G_OPTION_ARG_STRING, &value, "The elements of a value that is stored; NAME#FRAME in a body", "NAME" },
    { "against", 0, 0, G_OPTION_ARG_FILENAME, &against, "The first value that is another in this one", "FILE" },
    { NULL },
  };

  if (!ox_cli_parse (&argc, &argv, "FILE.oxtrace", "Shows a run that \"onnxscope run --record\" has written down, without running anything.",
                     entries, 1))
    return OX_EXIT_UNUSABLE;
  trace = ox_trace_file_open (argv[1], &error);
  if (trace == NULL)
    return ox_cli_fail (error);
  if (against != NULL)
    return hold_against (trace, against);
  return value != NULL ? print_value (trace, value) : print_table (trace, node);
}
