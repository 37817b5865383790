/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-recording-table.h"

#include <math.h>
#include <string.h>

#include "tensor/ox-format.h"
#include "ui/ox-column.h"
#include "ui/ox-words.h"

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void
clear (gpointer owner)
{
  g_object_unref (*(OxRecording **) owner);
}

GListModel *
ox_recording_table_rows (OxRecording *recording)
{
  OxTraceFile *file = ox_recording_get_file (recording);
  OxRecording **owner = g_atomic_rc_box_new (OxRecording *);
  g_autoptr (GPtrArray) rows = g_ptr_array_sized_new (ox_trace_file_length (file));
  GListModel *list;

  *owner = g_object_ref (recording);
  for (guint i = 0; i < ox_trace_file_length (file); i++)
    g_ptr_array_add (rows, (gpointer) ox_trace_file_row (file, i));
  list = ox_record_list (rows, owner, clear);
  g_atomic_rc_box_release_full (owner, clear);
  return list;
}

const OxTraceRow *
ox_recording_table_row (gpointer item)
{
  return ox_record_get (item);
}

static gboolean
holds (const char *text, const char *word)
{
  gsize n = strlen (word);

  for (; *text != '\0'; text++)
    if (g_ascii_strncasecmp (text, word, n) == 0)
      return TRUE;
  return FALSE;
}

gboolean
ox_recording_table_fits (const OxTraceRow *row, char *const *words)
{
  const char *const texts[] = { row->op_type[0] != '\0' ? row->op_type : "input", row->output, row->node, row->value,
                                row->where, row->nan > 0 ? "nan" : "", row->inf > 0 ? "inf" : "",
                                row->stored != NULL ? "stored" : "" };

  for (; words != NULL && *words != NULL; words++)
    {
      gboolean found = **words == '\0';

      for (guint i = 0; i < G_N_ELEMENTS (texts) && !found; i++)
        found = holds (texts[i], *words);
      if (!found)
        return FALSE;
    }
  return TRUE;
}

/* ---- columns --------------------------------------------------------------------------------------------------- */

static double
turn_number (gpointer item)
{
  return ox_record_get_at (item);
}

static char *
turn_text (gpointer item)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, ox_recording_table_row (item)->turn);
}

static char *
op_text (gpointer item)
{
  const char *op = ox_recording_table_row (item)->op_type;

  return g_strdup (op[0] != '\0' ? op : "input");
}

static char *
name_text (gpointer item)
{
  return ox_words_valid (ox_recording_table_row (item)->output);
}

static char *
node_text (gpointer item)
{
  return ox_words_valid (ox_recording_table_row (item)->node);
}

static double
where_number (gpointer item)
{
  return (double) ox_recording_table_row (item)->frame;
}

static char *
where_text (gpointer item)
{
  const OxTraceRow *row = ox_recording_table_row (item);

  return row->frame > 0 ? ox_words_valid (row->where) : g_strdup ("");
}

static char *
type_text (gpointer item)
{
  return ox_words_valid (ox_recording_table_row (item)->value);
}

static char *
text_of (gpointer item, double number)
{
  return ox_recording_table_row (item)->has_numbers && !isnan (number) ? ox_format_double (number, 4) : g_strdup ("");
}

static double
min_number (gpointer item)
{
  return ox_recording_table_row (item)->min;
}

static char *
min_text (gpointer item)
{
  return text_of (item, min_number (item));
}

static double
max_number (gpointer item)
{
  return ox_recording_table_row (item)->max;
}

static char *
max_text (gpointer item)
{
  return text_of (item, max_number (item));
}

static double
mean_number (gpointer item)
{
  return ox_recording_table_row (item)->mean;
}

static char *
mean_text (gpointer item)
{
  return text_of (item, mean_number (item));
}

static double
std_number (gpointer item)
{
  return ox_recording_table_row (item)->std;
}

static char *
std_text (gpointer item)
{
  return text_of (item, std_number (item));
}

static double
bad_number (gpointer item)
{
  const OxTraceRow *row = ox_recording_table_row (item);

  return (double) (row->nan + row->inf);
}

static gboolean
is_bad (gpointer item)
{
  return bad_number (item) > 0;
}

static char *
bad_text (gpointer item)
{
  const OxTraceRow *row = ox_recording_table_row (item);

  if (row->nan > 0 && row->inf > 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT " NaN, %" G_GINT64_FORMAT " Inf", row->nan, row->inf);
  if (row->nan + row->inf == 0)
    return g_strdup ("");
  return g_strdup_printf ("%" G_GINT64_FORMAT " %s", row->nan + row->inf, row->nan > 0 ? "NaN" : "Inf");
}

static double
time_number (gpointer item)
{
  const OxTraceRow *row = ox_recording_table_row (item);

  return row->seconds > 0 ? row->seconds : (double) NAN;
}

char *
ox_recording_table_time (double seconds)
{
  if (seconds < 1e-3)
    return g_strdup_printf ("%.1f µs", seconds * 1e6);
  return seconds < 1 ? g_strdup_printf ("%.2f ms", seconds * 1e3) : g_strdup_printf ("%.2f s", seconds);
}

static char *
time_text (gpointer item)
{
  const OxTraceRow *row = ox_recording_table_row (item);

  return row->seconds > 0 ? ox_recording_table_time (row->seconds) : g_strdup ("");
}

static double
stored_number (gpointer item)
{
  return ox_recording_table_row (item)->stored != NULL ? 0 : 1;
}

static char *
stored_text (gpointer item)
{
  return g_strdup (ox_recording_table_row (item)->stored != NULL ? "stored" : "");
}

GtkColumnView *
ox_recording_table_new (OxRecording *recording)
{
  GtkColumnView *table = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  OxTraceFile *file = ox_recording_get_file (recording);
  const OxTraceSum *sum = ox_recording_sum (recording);
  gboolean inside = FALSE;

  for (guint i = 0; i < sum->values && !inside; i++)
    inside = ox_trace_file_row (file, i)->frame > 0;
  ox_column_append (table, "Turn", turn_text, turn_number, FALSE);
  ox_column_append (table, "Operator", op_text, NULL, FALSE);
  ox_column_append (table, "Value", name_text, NULL, TRUE);
  if (inside)
    ox_column_set_words (ox_column_append (table, "In", where_text, where_number, TRUE));
  ox_column_set_words (ox_column_append (table, "Type", type_text, NULL, FALSE));
  ox_column_append (table, "Min", min_text, min_number, FALSE);
  ox_column_append (table, "Max", max_text, max_number, FALSE);
  ox_column_append (table, "Mean", mean_text, mean_number, FALSE);
  ox_column_append (table, "Std", std_text, std_number, FALSE);
  if (sum->bad > 0)
    ox_column_set_mark (ox_column_append (table, "NaN, Inf", bad_text, bad_number, FALSE), is_bad);
  ox_column_append (table, "Time", time_text, time_number, FALSE);
  if (sum->stored > 0)
    ox_column_set_words (ox_column_append (table, "Elements", stored_text, stored_number, FALSE));
  ox_column_append (table, "Node", node_text, NULL, FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (table), "data-table");
  return table;
}
