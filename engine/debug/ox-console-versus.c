/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-console-private.h"
#include "debug/ox-versus.h"

/* Rows that a console shows. */
#define ROWS 10

static void
put_value (GString *text, const OxVersusValue *value)
{
  g_autofree char *line = ox_versus_value_describe (value);

  g_string_append_printf (text, "  %s\n", line);
}

static gboolean
put_named (GString *text, OxVersus *versus, const char *name, GError **error)
{
  GPtrArray *values = ox_versus_values (versus);
  guint found = 0;

  for (guint i = 0; i < values->len; i++)
    {
      const OxVersusValue *value = g_ptr_array_index (values, i);

      if (!g_str_equal (g_ptr_array_index (value->node->output_names, value->output), name))
        continue;
      put_value (text, value);
      found++;
    }
  return found > 0 || ox_fail (error, OX_ERROR_VALUE, "no node made a value '%s'", name);
}

static void
put_same (GString *text, OxVersus *versus)
{
  GPtrArray *values = ox_versus_values (versus);
  guint shown = 0;

  g_string_append_printf (text, "%u values: %u are the same", values->len, ox_versus_n_same (versus));
  for (guint i = 0; i < values->len && shown < ROWS; i++)
    {
      const OxVersusValue *value = g_ptr_array_index (values, i);

      if (value->kind == OX_VERSUS_SAME && value->where == NULL)
        g_string_append_printf (text, "%s%s", shown++ == 0 ? ": " : ", ",
                                (const char *) g_ptr_array_index (value->node->output_names, value->output));
    }
  g_string_append (text, ox_versus_n_same (versus) > shown && shown > 0 ? ", …\n" : "\n");
}

static void
put_all (GString *text, OxVersus *versus)
{
  g_autoptr (GPtrArray) moved = ox_versus_moved (versus);
  const OxVersusValue *output;

  g_string_append (text, "outputs, with the changes against without\n");
  for (guint i = 0; (output = ox_versus_output (versus, i)) != NULL; i++)
    put_value (text, output);
  if (moved->len > 0)
    g_string_append_printf (text, "%u values moved, most of all\n", moved->len);
  for (guint i = 0; i < moved->len && i < ROWS; i++)
    put_value (text, g_ptr_array_index (moved, i));
  put_same (text, versus);
}

char *
ox_console_versus (OxVersus *versus, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (!ox_versus_run (versus, cancellable, error))
    return NULL;
  if (name[0] == '\0')
    put_all (text, versus);
  else if (!put_named (text, versus, name, error))
    return NULL;
  for (int with = 0; with <= 1; with++)
    if (ox_versus_failure (versus, with) != NULL)
      g_string_append_printf (text, "%s the changes the run stops: %s\n", with ? "with" : "without",
                              ox_versus_failure (versus, with));
  return g_string_free (g_steal_pointer (&text), FALSE);
}
