/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-memory.h"
#include "debug/ox-console.h"
#include "debug/ox-console-private.h"
#include "proto/ox-import.h"
#include "session/ox-feeds.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* What a line is made of besides the names of commands, which are half of all. The sample has a Loop with an If in it. */
static const char *const words[] = {
  "\n", "\n", "\n", "\n", " ", " ", "#0", "#3", "#7", "[0]", "[0,0]", "[:,1]", "[-1]", "[9", "0", "1", "-1", "2.5", "1e30", "nan",
  "inf", "f16", "i8", "u4", "f64", "i64", "str", "abs>3", "changed", "differs", "shape=1x*", "time>0", "max(abs(", ")", " - ",
  " > ", "argmax(", "out", "in0", "op:MatMul", "op:*", "scope:*", "name:*", "in:f32", " if ", " : ", "; ", "twice", "self:f64",
  "through", "keep", "all", "axis", "to", "pads", "on", "off", "node", "locals", "time", "frame", "breakpoints", "watches", "..",
};

static OxModel *model;
static GPtrArray *names;

static void
collect (OxGraph *graph, gpointer data)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (graph, i);

      g_ptr_array_add (names, node->name);
      for (guint k = 0; k < node->output_names->len; k++)
        g_ptr_array_add (names, g_ptr_array_index (node->output_names, k));
    }
  for (guint i = 0; i < graph->inputs->len; i++)
    g_ptr_array_add (names, ox_graph_slot (graph, g_array_index (graph->inputs, int, i))->name);
}

static void
load (void)
{
  g_autoptr (GError) error = NULL;

  if (model != NULL)
    return;
  model = ox_import_file (OX_FUZZ_MODEL, NULL, NULL, &error);
  if (model == NULL)
    g_error ("%s", error->message);
  names = g_ptr_array_new ();
  ox_model_foreach_graph (model, collect, NULL);
}

static OxDebugger *
fed (void)
{
  OxDebugger *debugger = ox_debugger_new (model);
  g_autoptr (GHashTable) symbols = g_hash_table_new (g_str_hash, g_str_equal);
  const OxGraph *graph = model->graph;

  for (guint i = 0; i < graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));
      g_autoptr (OxValue) value = ox_feed_make (slot, OX_FILL_ZEROS, 0, symbols, 0, NULL, NULL);

      if (value != NULL)
        ox_debugger_set_input (debugger, slot->name, value, NULL);
    }
  return debugger;
}

/* Files belong to somebody. */
static gboolean
is_harmless (const char *line)
{
  static const char *const writers[] = { "marks", "profile", "edits", "extract", "record", "quit" };

  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    if (strstr (line, writers[i]) != NULL)
      return FALSE;
  return TRUE;
}

/* Each byte is a word; the first is the budget. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_auto (GStrv) commands = ox_console_commands (), lines = NULL;
  g_autoptr (OxDebugger) debugger = NULL;
  g_autoptr (OxConsole) console = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  const guint n_commands = g_strv_length (commands);

  if (size < 2 || size > 400)
    return 0;
  load ();
  ox_memory_set_limit (256u << 20);
  for (gsize i = 1; i < size; i++)
    if (text->len == 0 || text->str[text->len - 1] == '\n')
      g_string_append_printf (text, "%s ", commands[data[i] % n_commands]);
    else if (data[i] >= 128)
      g_string_append (text, g_ptr_array_index (names, data[i] % names->len));
    else
      g_string_append (text, words[data[i] % G_N_ELEMENTS (words)]);
  lines = g_strsplit (text->str, "\n", -1);
  debugger = fed ();
  ox_debugger_set_budget (debugger, data[0] % 2 == 0 ? 0 : (gsize) data[0] << 12);
  console = ox_console_new (debugger, NULL);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *answer = NULL;
      gboolean quit;

      if (!is_harmless (lines[i]))
        continue;
      answer = ox_console_run (console, lines[i], NULL, &quit, &error);
      if ((answer == NULL) == (error == NULL))
        g_error ("'%s': expected an answer or an error", lines[i]);
    }
  return 0;
}
