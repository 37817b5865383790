/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-breakpoint.h"
#include "debug/ox-console-private.h"
#include "debug/ox-watch.h"

/* Breakpoints and watches as the lines that would make them. A node is written by its name; the line before says in which graph
 * it was, which one and what, so that it is found when names came out differently in another export. */

#define MAX_MARKS (1 << 20)

/* ---- out -------------------------------------------------------------------------------------------------------- */

/* The name of a node, else its first output. */
static const char *
name_of (const OxNode *node)
{
  if (node->name[0] != '\0')
    return node->name;
  for (guint i = 0; i < node->output_names->len; i++)
    if (*(const char *) g_ptr_array_index (node->output_names, i) != '\0')
      return g_ptr_array_index (node->output_names, i);
  return node->op_type;
}

static void
put_mark (GString *text, const OxBreakpoint *one, guint number)
{
  if (one->node != NULL)
    {
      g_autofree char *path = ox_graph_path (one->node->graph);

      g_string_append_printf (text, "# #%u %s in %s\n", one->node->index, one->node->op_type, path);
    }
  g_string_append_printf (text, "%s %s", one->log != NULL ? "log" : one->once ? "tbreak" : "break",
                          one->node != NULL ? name_of (one->node) : one->place);
  if (one->condition != NULL)
    g_string_append_printf (text, " if %s", one->condition);
  if (one->log != NULL && one->log[0] != '\0')
    g_string_append_printf (text, " : %s", one->log);
  g_string_append_c (text, '\n');
  if (one->ignore > 0)
    g_string_append_printf (text, "ignore %u %" G_GUINT64_FORMAT "\n", number, one->ignore);
  if (!one->enabled)
    g_string_append_printf (text, "disable %u\n", number);
}

char *
ox_console_marks (OxConsole *self)
{
  g_autoptr (GPtrArray) breakpoints = ox_debugger_dup_breakpoints (self->debugger);
  g_autoptr (GPtrArray) watches = ox_debugger_dup_watches (self->debugger);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < breakpoints->len; i++)
    put_mark (text, g_ptr_array_index (breakpoints, i), i + 1);
  for (guint i = 0; i < watches->len; i++)
    g_string_append_printf (text, "watch %s\n", ((OxWatch *) g_ptr_array_index (watches, i))->text);
  return g_string_free (text, FALSE);
}

/* ---- in --------------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxConsole *console;
  GString   *said;
  GArray    *ids;       /* guint: of the breakpoints, in their order in the file; 0 for one that was not to be had */
  char      *hint;      /* "#3 Conv in main", or NULL */
} Reader;

static OxGraph *
find_graph (OxConsole *self, const char *path)
{
  for (guint i = 0; i < self->graphs->len; i++)
    {
      OxGraph *graph = g_ptr_array_index (self->graphs, i);
      g_autofree char *found = ox_graph_path (graph);

      if (g_str_equal (found, path))
        return graph;
    }
  return NULL;
}

/* By its name in the graph that the hint names, by its name anywhere, by its place if there is such an operator. */
static OxNode *
find_marked (const Reader *reader, const char *name, GError **error)
{
  g_auto (GStrv) words = g_strsplit (reader->hint, " ", 4);
  OxGraph *graph = g_strv_length (words) == 4 ? find_graph (reader->console, words[3]) : NULL;
  g_autoptr (GError) problem = NULL;
  guint64 index;
  OxNode *node;

  for (guint i = 0; graph != NULL && i < graph->nodes->len; i++)
    if (g_str_equal (name_of (ox_graph_node (graph, i)), name) && g_str_equal (ox_graph_node (graph, i)->op_type, words[1]))
      return ox_graph_node (graph, i);
  node = ox_console_find_node (reader->console, name, &problem);
  if (node == NULL && graph != NULL && g_ascii_string_to_unsigned (words[0] + 1, 10, 0, G_MAXUINT - 1, &index, NULL)
      && (node = ox_graph_node (graph, (guint) index)) != NULL && !g_str_equal (node->op_type, words[1]))
    node = NULL;
  if (node == NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  return node;
}

static gboolean
read_breakpoint (Reader *reader, OxCommand command, const char *argument, GError **error)
{
  g_autofree char *name = g_strdup (argument);
  OxNode *node = NULL;
  const guint none = 0;
  char *end;

  if ((end = strstr (name, " if ")) != NULL || (command == OX_COMMAND_LOG && (end = strstr (name, " : ")) != NULL))
    *end = '\0';
  g_array_append_val (reader->ids, none);
  if (reader->hint != NULL && (node = find_marked (reader, name, error)) == NULL)
    return FALSE;
  if (!ox_console_add_breakpoint (reader->console, reader->said, command, argument, node, error))
    return FALSE;
  {
    g_autoptr (GPtrArray) list = ox_debugger_dup_breakpoints (reader->console->debugger);

    g_array_index (reader->ids, guint, reader->ids->len - 1) = ((OxBreakpoint *) g_ptr_array_index (list, list->len - 1))->id;
  }
  return TRUE;
}

/* "disable 2", "ignore 2 5": the number is that of the place in the file. */
static gboolean
read_change (Reader *reader, OxCommand command, const char *argument, GError **error)
{
  g_autofree char *number = g_strndup (argument, strcspn (argument, " ")), *line = NULL;
  guint64 which;
  guint id;

  if (!g_ascii_string_to_unsigned (number, 10, 1, reader->ids->len, &which, NULL))
    return ox_fail (error, OX_ERROR_VALUE, "there is no breakpoint '%s'", number);
  id = g_array_index (reader->ids, guint, which - 1);
  line = g_strdup_printf ("%u%s", id, argument + strlen (number));
  /* Of one that was not to be had has been told. */
  return id == 0 || ox_console_stop (reader->console, reader->said, command, line, error);
}

static gboolean
read_line (Reader *reader, const char *line, GError **error)
{
  g_autofree char *copy = g_strstrip (g_strdup (line));
  OxCommand command;
  gboolean empty, done;
  char *argument;

  if (g_str_has_prefix (copy, "# #"))
    {
      g_free (reader->hint);
      reader->hint = g_strdup (copy + 2);
      return TRUE;
    }
  if (!ox_console_parse (copy, &command, &argument, &empty, error))
    return FALSE;
  if (empty)
    return TRUE;
  if (command == OX_COMMAND_BREAK || command == OX_COMMAND_TBREAK || command == OX_COMMAND_LOG)
    done = read_breakpoint (reader, command, argument, error);
  else if (command == OX_COMMAND_DISABLE || command == OX_COMMAND_IGNORE)
    done = read_change (reader, command, argument, error);
  else if (command == OX_COMMAND_WATCH)
    done = ox_console_stop (reader->console, reader->said, command, argument, error);
  else
    done = ox_fail (error, OX_ERROR_VALUE, "'%s' is no mark", copy);
  g_clear_pointer (&reader->hint, g_free);
  return done;
}

guint
ox_console_load_marks (OxConsole *self, const char *marks, GString *text)
{
  g_auto (GStrv) lines = g_strsplit (marks, "\n", -1);
  g_autoptr (GPtrArray) breakpoints = ox_debugger_dup_breakpoints (self->debugger);
  g_autoptr (GPtrArray) watches = ox_debugger_dup_watches (self->debugger);
  g_autoptr (GString) said = g_string_new (NULL);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint));
  Reader reader = { self, said, ids, NULL };
  guint skipped = 0;

  for (guint i = 0; i < breakpoints->len; i++)
    ox_debugger_remove_breakpoint (self->debugger, ((OxBreakpoint *) g_ptr_array_index (breakpoints, i))->id);
  for (guint i = 0; i < watches->len; i++)
    ox_debugger_remove_watch (self->debugger, ((OxWatch *) g_ptr_array_index (watches, i))->id);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;

      if (read_line (&reader, lines[i], &error))
        continue;
      g_string_append_printf (text, "%s: %s\n", lines[i], error->message);
      skipped++;
    }
  g_free (reader.hint);
  return skipped;
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

char *
ox_console_marks_path (OxConsole *self)
{
  const OxModel *model = ox_debugger_get_model (self->debugger);
  g_autofree char *full = model->path != NULL ? g_canonicalize_filename (model->path, NULL) : g_strdup ("");
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, full, -1);
  g_autofree char *name = g_strdup_printf ("%.16s.marks", hash);

  return g_build_filename (g_get_user_data_dir (), "onnxscope", "marks", name, NULL);
}

gboolean
ox_console_save_marks_file (OxConsole *self, const char *path, GError **error)
{
  g_autofree char *data = ox_console_marks (self);

  return g_file_set_contents (path, data, -1, error);
}

gboolean
ox_console_load_marks_file (OxConsole *self, const char *path, GString *text, GError **error)
{
  g_autofree char *data = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, error))
    return FALSE;
  if (size > MAX_MARKS || !g_utf8_validate (data, (gssize) size, NULL))
    return ox_fail (error, OX_ERROR_FORMAT, "%s: expected marks, lines such as 'break conv1 if nan'", path);
  ox_console_load_marks (self, data, text);
  return TRUE;
}

/* "marks save [FILE]", "marks load [FILE]" */
gboolean
ox_console_keep_marks (OxConsole *self, GString *text, const char *argument, GError **error)
{
  const gboolean save = g_str_has_prefix (argument, "save"), load = g_str_has_prefix (argument, "load");
  g_autofree char *usual = ox_console_marks_path (self), *folder = NULL;
  const char *path = save || load ? argument + 4 + strspn (argument + 4, " ") : NULL;

  if (path == NULL || (argument[4] != '\0' && argument[4] != ' '))
    return ox_fail (error, OX_ERROR_VALUE, "expected marks save [FILE] or marks load [FILE], found '%s'", argument);
  path = *path != '\0' ? path : usual;
  if (load)
    {
      if (!ox_console_load_marks_file (self, path, text, error))
        return FALSE;
      ox_console_put_breakpoints (self, text);
      return TRUE;
    }
  folder = g_path_get_dirname (path);
  if (path == usual)
    g_mkdir_with_parents (folder, 0700);
  if (!ox_console_save_marks_file (self, path, error))
    return FALSE;
  g_string_append_printf (text, "saved to %s\n", path);
  return TRUE;
}
