/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-console-private.h"

/* Changes of nodes: attributes, and nodes that are passed over. */

/* What follows the second word of @argument, as it was typed when that is one word; else the words with blanks between. */
static char *
rest_of (char **words, int n)
{
  return n > 2 ? g_strjoinv (" ", words + 2) : g_strdup ("");
}

static OxAttribute *
read_attribute (OxConsole *self, const OxNode *node, const char *name, const char *text, GError **error)
{
  OxAttrType type = ox_debugger_attribute_type (self->debugger, node, name, error);
  g_autoptr (OxValue) value = NULL;

  if (type == OX_ATTR_UNDEFINED)
    return NULL;
  if (type != OX_ATTR_TENSOR || !g_file_test (text, G_FILE_TEST_EXISTS))
    return ox_debugger_parse_attribute (self->debugger, node, name, text, error);
  value = ox_console_load_value (self, text, NULL, error);
  return value != NULL ? ox_edit_attribute_value (name, value, error) : NULL;
}

static gboolean
set_attribute (OxConsole *self, GString *text, OxNode *node, char **words, int n, const char *what, GError **error)
{
  g_autofree char *title = ox_node_title (node), *value = rest_of (words, n);
  OxAttribute *attribute;
  gboolean ok;

  if (n < 3)
    return ox_fail (error, OX_ERROR_VALUE, "expected attribute NODE NAME VALUE, found '%s'", what);
  attribute = read_attribute (self, node, words[1], value, error);
  if (attribute == NULL)
    return FALSE;
  ok = ox_debugger_edit_attribute (self->debugger, node, words[1], attribute, what, error);
  if (ok)
    {
      g_string_append_printf (text, "%s now has\n", title);
      ox_console_put_attribute (text, attribute);
    }
  ox_attribute_free (attribute);
  return ok;
}

/* Its number, or the name of the value. */
static gboolean
read_input (const OxNode *node, const char *word, int *input, GError **error)
{
  gint64 number;

  for (guint i = 0; i < node->input_names->len; i++)
    if (word[0] != '\0' && g_str_equal (g_ptr_array_index (node->input_names, i), word))
      {
        *input = (int) i;
        return TRUE;
      }
  if (!g_ascii_string_to_signed (word, 10, 0, (gint64) node->input_names->len - 1, &number, NULL))
    return ox_fail (error, OX_ERROR_VALUE, "expected an input of the node, by its name or 0 to %d, found '%s'",
                    (int) node->input_names->len - 1, word);
  *input = (int) number;
  return TRUE;
}

static gboolean
pass_over (OxConsole *self, GString *text, OxNode *node, OxEditKind how, char **words, int n, const char *what, GError **error)
{
  g_autofree char *title = ox_node_title (node);
  int input = -1;

  if (n > (how == OX_EDIT_IDENTITY ? 2 : 1))
    return ox_fail (error, OX_ERROR_VALUE, "expected a node and nothing after it, found '%s'", what);
  if ((n == 2 && !read_input (node, words[1], &input, error))
      || !ox_debugger_pass_over (self->debugger, node, how, input, what, error))
    return FALSE;
  g_string_append_printf (text, "%s is not run, its %s\n", title,
                          how == OX_EDIT_MUTE ? "outputs are zeros" : "output is an input");
  return TRUE;
}

gboolean
ox_console_change_node (OxConsole *self, GString *text, OxCommand command, const char *argument, char **words, int n,
                        GError **error)
{
  static const char *const names[] = { [OX_COMMAND_ATTRIBUTE] = "attribute", [OX_COMMAND_UNSET] = "unset",
                                       [OX_COMMAND_MUTE] = "mute", [OX_COMMAND_IDENTITY] = "identity" };
  g_autofree char *what = g_strdup_printf ("%s %s", names[command], argument);
  OxNode *node = ox_console_find_node (self, n > 0 ? words[0] : "", error);
  g_autofree char *title = node != NULL ? ox_node_title (node) : NULL;

  if (node == NULL)
    return FALSE;
  switch (command)
    {
    case OX_COMMAND_ATTRIBUTE:
      return set_attribute (self, text, node, words, n, what, error);
    case OX_COMMAND_UNSET:
      if (n != 2)
        return ox_fail (error, OX_ERROR_VALUE, "expected unset NODE NAME, found '%s'", what);
      if (!ox_debugger_edit_attribute (self->debugger, node, words[1], NULL, what, error))
        return FALSE;
      g_string_append_printf (text, "%s of %s is not set\n", words[1], title);
      return TRUE;
    default:
      return pass_over (self, text, node, command == OX_COMMAND_MUTE ? OX_EDIT_MUTE : OX_EDIT_IDENTITY, words, n, what, error);
    }
}
