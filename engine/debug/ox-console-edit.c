/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "debug/ox-breakpoint.h"
#include "debug/ox-console-private.h"
#include "debug/ox-reference.h"
#include "tensor/ox-tensor-file.h"

static gboolean
read_number (const char *text, double *number, GError **error)
{
  char *end;

  *number = g_ascii_strtod (text, &end);
  return (end != text && *end == '\0') || ox_fail (error, OX_ERROR_VALUE, "expected a number, found '%s'", text);
}

/* "1,2]" as the number of an element in row-major order. */
static gboolean
read_indices (const OxTensor *tensor, const char *text, gint64 *index, GError **error)
{
  g_autofree char *inside = g_strndup (text, strcspn (text, "]"));
  g_auto (GStrv) parts = g_strsplit (inside, ",", -1);
  int n = inside[0] != '\0' ? (int) g_strv_length (parts) : 0;

  *index = 0;
  if (n != tensor->rank)
    return ox_fail (error, OX_ERROR_VALUE, "expected %d indices, found '%s'", tensor->rank, inside);
  for (int d = 0; d < n; d++)
    {
      gint64 i, dim = tensor->dims[d];

      if (dim == 0 || !g_ascii_string_to_signed (g_strstrip (parts[d]), 10, -dim, dim - 1, &i, NULL))
        return ox_fail (error, OX_ERROR_VALUE, "expected an index of 0 to %" G_GINT64_FORMAT ", found '%s'", dim - 1, parts[d]);
      *index = *index * dim + i + (i < 0 ? dim : 0);
    }
  return TRUE;
}

OxValue *
ox_console_load_value (OxConsole *self, const char *path, const OxSlot *slot, GError **error)
{
  OxTensor *tensor;

  if (self->load != NULL)
    return self->load (path, slot->type, error);
  tensor = ox_tensor_file_load (path, NULL, slot->type, error);
  return tensor != NULL ? ox_value_new_tensor (tensor) : NULL;
}

static OxTensor *
change (OxTensor *tensor, OxCommand command, char **words, int n, GError **error)
{
  double a = 0, b = 0;

  if (command != OX_COMMAND_THROUGH && (!read_number (words[1], &a, error) || (n > 2 && !read_number (words[2], &b, error))))
    return NULL;
  switch (command)
    {
    case OX_COMMAND_FILL:
      return ox_edit_fill (tensor, a, error);
    case OX_COMMAND_SCALE:
      return ox_edit_scale (tensor, a, error);
    case OX_COMMAND_CLAMP:
      return ox_edit_clamp (tensor, a, b, error);
    case OX_COMMAND_NOISE:
      return ox_edit_noise (tensor, a, (guint64) (gint64) b, error);
    default:
      break;
    }
  for (OxDtype dtype = OX_UNDEFINED + 1; dtype < OX_N_DTYPES; dtype++)
    if (g_ascii_strcasecmp (ox_dtype_name (dtype), words[1]) == 0)
      return ox_edit_through (tensor, dtype, error);
  ox_fail (error, OX_ERROR_VALUE, "there is no element type '%s'", words[1]);
  return NULL;
}

/* "set NAME FILE", "set NAME[INDICES] NUMBER" */
static OxValue *
set_to (OxConsole *self, const OxSlot *slot, OxValue *value, const char *indices, const char *text, GError **error)
{
  OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  g_autoptr (OxTensor) changed = NULL;
  gint64 index;
  double number;

  if (indices == NULL)
    return ox_console_load_value (self, text, slot, error);
  if (tensor == NULL)
    ox_fail (error, OX_ERROR_VALUE, "there is no tensor yet to change elements of");
  else if (read_indices (tensor, indices, &index, error) && read_number (text, &number, error))
    changed = ox_edit_element (tensor, index, number, error);
  return changed != NULL ? ox_value_new_tensor (g_steal_pointer (&changed)) : NULL;
}

static OxValue *
changed_value (OxConsole *self, OxCommand command, const OxSlot *slot, OxValue *value, const char *indices, char **words, int n,
               GError **error)
{
  OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL, *changed = NULL;

  if (command == OX_COMMAND_SET)
    return set_to (self, slot, value, indices, words[1], error);
  if (indices != NULL)
    ox_fail (error, OX_ERROR_VALUE, "'%s' is a part of a value; only set takes one", words[0]);
  else if (tensor == NULL)
    ox_fail (error, OX_ERROR_VALUE, "'%s' is %s", words[0], value == NULL ? "not computed yet" : "no tensor");
  else
    changed = change (tensor, command, words, n, error);
  return changed != NULL ? ox_value_new_tensor (changed) : NULL;
}

static const struct { const char *name; int least, most; } edits[] = {
  [OX_COMMAND_SET] = { "set", 2, 2 },     [OX_COMMAND_FILL] = { "fill", 2, 2 },   [OX_COMMAND_SCALE] = { "scale", 2, 2 },
  [OX_COMMAND_CLAMP] = { "clamp", 3, 3 }, [OX_COMMAND_NOISE] = { "noise", 2, 3 }, [OX_COMMAND_THROUGH] = { "through", 2, 2 },
  [OX_COMMAND_REPLACE] = { "replace", 1, 1 },
};

static void
put_new (GString *text, const OxSlot *slot, OxValue *value)
{
  g_autofree char *type = ox_value_describe (value);

  g_string_append_printf (text, "%s is now %s\n", slot->name, type);
}

static gboolean
change_value (OxConsole *self, GString *text, OxCommand command, const char *argument, char **words, int n, GError **error)
{
  g_autofree char *what = g_strdup_printf ("%s %s", edits[command].name, argument);
  g_autoptr (OxValue) value = NULL, changed = NULL;
  g_autoptr (GError) problem = NULL;
  const char *indices;
  OxGraph *graph;
  int slot;

  if (n < edits[command].least || n > edits[command].most)
    return ox_fail (error, OX_ERROR_VALUE, "expected what help says of %s, found '%s'", edits[command].name, argument);
  if (!ox_console_find_value (self, words[0], &graph, &slot, &indices, error))
    return FALSE;
  value = ox_debugger_dup_value (self->debugger, graph, slot, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  changed = command == OX_COMMAND_REPLACE && indices == NULL
              ? ox_debugger_reference_value (self->debugger, graph, slot, NULL, error)
              : changed_value (self, command, ox_graph_slot (graph, slot), value, indices, words, n, error);
  if (changed == NULL)
    return FALSE;
  ox_debugger_edit (self->debugger, graph, slot, changed, what);
  put_new (text, ox_graph_slot (graph, slot), changed);
  return TRUE;
}

/* A file for each output that somebody wants, in their order. */
static gboolean
supply (OxConsole *self, GString *text, const char *argument, char **words, int n, GError **error)
{
  g_autofree char *what = g_strdup_printf ("supply %s", argument);
  g_autoptr (GPtrArray) values = ox_value_array_new ();
  OxNode *node = ox_console_find_node (self, n > 0 ? words[0] : "", error);
  guint wanted = 0;

  if (node == NULL)
    return FALSE;
  for (guint i = 0; i < node->output_names->len; i++)
    wanted += node->outputs[i] >= 0;
  if ((guint) n != wanted + 1)
    return ox_fail (error, OX_ERROR_VALUE, "expected %u files, one for each output, found %d", wanted, n - 1);
  for (guint i = 0, k = 1; i < node->output_names->len; i++)
    if (node->outputs[i] >= 0)
      {
        OxValue *value = ox_console_load_value (self, words[k++], ox_node_output_slot (node, (int) i), error);

        if (value == NULL)
          return FALSE;
        g_ptr_array_add (values, value);
      }
  for (guint i = 0, k = 0; i < node->output_names->len; i++)
    if (node->outputs[i] >= 0)
      {
        ox_debugger_edit (self->debugger, node->graph, node->outputs[i], g_ptr_array_index (values, k), what);
        put_new (text, ox_node_output_slot (node, (int) i), g_ptr_array_index (values, k++));
      }
  return TRUE;
}

static gboolean
undo (OxConsole *self, GString *text, const char *argument, GError **error)
{
  guint n = ox_debugger_n_edits (self->debugger);
  guint64 number = n;

  if (n == 0)
    return ox_fail (error, OX_ERROR_VALUE, "there are no edits");
  if (argument[0] != '\0' && !g_ascii_string_to_unsigned (argument, 10, 1, n, &number, NULL))
    return ox_fail (error, OX_ERROR_VALUE, "expected an edit of 1 to %u, found '%s'", n, argument);
  g_string_append_printf (text, "undone: %s\n", ox_debugger_get_edit (self->debugger, (guint) number - 1)->what);
  ox_debugger_drop_edit (self->debugger, (guint) number - 1);
  return TRUE;
}

static gboolean
redo (OxConsole *self, GString *text, const char *argument, GError **error)
{
  g_autoptr (GPtrArray) before = g_ptr_array_new ();

  if (argument[0] != '\0')
    return ox_fail (error, OX_ERROR_VALUE, "expected redo and nothing else, found '%s'", argument);
  for (guint i = 0; i < ox_debugger_n_edits (self->debugger); i++)
    g_ptr_array_add (before, (gpointer) ox_debugger_get_edit (self->debugger, i));
  if (!ox_debugger_redo_edit (self->debugger))
    return ox_fail (error, OX_ERROR_VALUE, "there is nothing to make again");
  for (guint i = 0; i < ox_debugger_n_edits (self->debugger); i++)
    if (!g_ptr_array_find (before, ox_debugger_get_edit (self->debugger, i), NULL))
      g_string_append_printf (text, "again: %s\n", ox_debugger_get_edit (self->debugger, i)->what);
  return TRUE;
}

gboolean
ox_console_edit (OxConsole *self, OxCommand command, const char *argument, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) words = NULL;
  g_autofree char *plain = NULL;
  gboolean done;
  int n = 0;

  /* To a shell the # of "#12" would begin a remark. */
  if (argument[0] == '#')
    plain = g_strconcat ("\\", argument, NULL);
  if (argument[0] != '\0' && !g_shell_parse_argv (plain != NULL ? plain : argument, &n, &words, error))
    return FALSE;
  switch (command)
    {
    case OX_COMMAND_UNDO:
      done = undo (self, text, argument, error);
      break;
    case OX_COMMAND_REDO:
      done = redo (self, text, argument, error);
      break;
    case OX_COMMAND_SUPPLY:
      done = supply (self, text, argument, words, n, error);
      break;
    case OX_COMMAND_SKIP:
      done = ox_console_skip (self, text, words, n, error);
      break;
    case OX_COMMAND_ATTRIBUTE:
    case OX_COMMAND_UNSET:
    case OX_COMMAND_MUTE:
    case OX_COMMAND_IDENTITY:
      done = ox_console_change_node (self, text, command, argument, words, n, error);
      break;
    default:
      done = change_value (self, text, command, argument, words, n, error);
    }
  if (!done)
    return FALSE;
  g_free (self->said);
  self->said = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

static gboolean
save_edits (OxConsole *self, GString *text, const char *path, GError **error)
{
  guint written, left_out;
  g_autofree char *script = ox_console_edits_script (self, &written, &left_out);

  if (!g_file_set_contents (path, script, -1, error))
    return FALSE;
  g_string_append_printf (text, "%u %s written to %s\n", written, written == 1 ? "edit" : "edits", path);
  if (left_out > 0)
    g_string_append_printf (text, "%u in bodies are remarks only, for where one stood is not in it\n", left_out);
  return TRUE;
}

gboolean
ox_console_edits (OxConsole *self, GString *text, const char *argument, GError **error)
{
  g_auto (GStrv) words = NULL;
  int count = 0;
  guint n = ox_debugger_n_edits (self->debugger);

  if (argument[0] != '\0' && !g_shell_parse_argv (argument, &count, &words, error))
    return FALSE;
  if (count == 2 && g_str_equal (words[0], "save"))
    return save_edits (self, text, words[1], error);
  if (count > 0)
    return ox_fail (error, OX_ERROR_VALUE, "expected edits, edits save FILE or edits load FILE, found '%s'", argument);
  for (guint i = 0; i < n; i++)
    {
      const OxEdit *edit = ox_debugger_get_edit (self->debugger, i);
      g_autofree char *path = ox_graph_path (edit->graph);
      g_autofree char *title = edit->kind == OX_EDIT_VALUE ? g_strdup (ox_graph_slot (edit->graph, edit->slot)->name)
                                                           : ox_node_title (edit->node);

      g_string_append_printf (text, "%u %s: %s%s, by %s\n", i + 1, path, edit->kind == OX_EDIT_VALUE ? "" : "node ", title,
                              edit->what);
    }
  if (n == 0)
    g_string_append (text, "no edits\n");
  return TRUE;
}
