/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "debug/ox-console-private.h"

typedef struct
{
  char    *node, *folder;
  gboolean weights;
} Request;

static void
request_clear (Request *self)
{
  g_free (self->node);
  g_free (self->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

static gboolean
parse (const char *argument, Request *request, GError **error)
{
  g_auto (GStrv) words = g_strsplit (argument, " ", -1);
  g_autoptr (GString) node = g_string_new (NULL);

  for (int i = 0; words[i] != NULL; i++)
    if (words[i][0] == '\0')
      continue;
    else if (g_str_equal (words[i], "--weights-as-inputs"))
      request->weights = TRUE;
    else if (g_str_equal (words[i], "-o") && words[i + 1] != NULL && request->folder == NULL)
      request->folder = g_strdup (words[++i]);
    else
      g_string_append_printf (node, "%s%s", node->len > 0 ? " " : "", words[i]);
  request->node = g_strdup (node->str);
  return (node->len > 0 && request->folder != NULL)
         || ox_fail (error, OX_ERROR_VALUE, "expected extract NODE -o FOLDER [--weights-as-inputs]");
}

/* A node that is passed over is not what the run has there. */
static gboolean
check_node (OxDebugger *debugger, const OxNode *node, GError **error)
{
  for (guint i = 0; i < ox_debugger_n_edits (debugger); i++)
    {
      const OxEdit *edit = ox_debugger_get_edit (debugger, i);

      if (edit->node == node && (edit->kind == OX_EDIT_MUTE || edit->kind == OX_EDIT_IDENTITY))
        return ox_fail (error, OX_ERROR_VALUE, "the node is passed over in this run: %s", edit->what);
    }
  return TRUE;
}

static gboolean
find_slot (OxGraph *graph, const char *name, OxGraph **where, int *slot)
{
  for (*where = graph; *where != NULL; *where = (*where)->outer)
    if ((*slot = ox_graph_find (*where, name)) >= 0)
      return TRUE;
  return FALSE;
}

/* What the nodes read, as the debugger has it where it stands. */
static gboolean
find_inputs (OxDebugger *debugger, OxRegion *region, GPtrArray *inputs, GError **error)
{
  for (guint i = 0; i < ox_region_inputs (region)->len; i++)
    {
      const char *name = g_ptr_array_index (ox_region_inputs (region), i);
      GError *failure = NULL;
      OxValue *value = NULL;
      OxGraph *graph;
      int slot;

      if (find_slot (ox_region_graph (region), name, &graph, &slot))
        value = ox_debugger_dup_value (debugger, graph, slot, &failure);
      if (failure != NULL)
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      if (value == NULL)
        return ox_fail (error, OX_ERROR_VALUE, "'%s' has no value yet; until NODE goes there", name);
      g_ptr_array_add (inputs, value);
    }
  return TRUE;
}

/* Weights and Constants that somebody changed. */
static gboolean
find_edited (OxDebugger *debugger, const OxNode *node, GHashTable *values, GError **error)
{
  for (guint i = 0; i < ox_debugger_n_edits (debugger); i++)
    {
      const OxEdit *edit = ox_debugger_get_edit (debugger, i);
      const OxSlot *slot = edit->kind == OX_EDIT_VALUE ? ox_graph_slot (edit->graph, edit->slot) : NULL;
      GError *failure = NULL;
      OxGraph *graph;
      OxValue *value;
      int found;

      if (slot == NULL || (slot->initializer == NULL && (slot->producer == NULL || !g_str_equal (slot->producer->op_type, "Constant")))
          || !find_slot (node->graph, slot->name, &graph, &found) || graph != edit->graph)
        continue;
      value = ox_debugger_dup_value (debugger, graph, found, &failure);
      if (failure != NULL)
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      if (value != NULL)
        g_hash_table_replace (values, g_strdup (slot->name), value);
    }
  return TRUE;
}

static OxFrame *
frame_of (OxDebugger *debugger, const OxGraph *graph)
{
  for (guint level = ox_debugger_get_depth (debugger); level > 0; level--)
    {
      OxFrame *frame = ox_debugger_get_frame (debugger, level - 1);

      if (frame != NULL && frame->graph == graph)
        return frame;
    }
  return NULL;
}

/* What it made here; what it makes of these inputs, when its turn has not come. */
static GPtrArray *
find_outputs (OxDebugger *debugger, OxRegion *region, const OxCase *made, GError **error)
{
  g_autoptr (GPtrArray) outputs = ox_value_array_new ();
  g_autoptr (OxSession) session = NULL;
  const OxGraph *to = made->model->graph;

  for (guint i = 0; i < to->output_infos->len; i++)
    {
      const char *name = ((OxSlot *) g_ptr_array_index (to->output_infos, i))->name;
      OxGraph *graph = ox_region_graph (region);
      OxValue *value = ox_debugger_peek_value (debugger, graph, ox_graph_find (graph, name));

      if (value == NULL && session == NULL)
        {
          session = ox_case_session (made, 0, error);
          if (session == NULL || !ox_session_run (session, NULL, error))
            return NULL;
        }
      if (value == NULL && ox_session_output (session, i) != NULL)
        value = ox_value_ref (ox_session_output (session, i));
      if (value == NULL)
        {
          ox_fail (error, OX_ERROR_VALUE, "'%s' was not made", name);
          return NULL;
        }
      g_ptr_array_add (outputs, value);
    }
  return g_steal_pointer (&outputs);
}

/* The number of @node among those of the case. */
static guint
number_of (const OxCase *made, const OxNode *node)
{
  const OxGraph *graph = made->model->graph;
  guint n = 0;

  while (n + 1 < graph->nodes->len && !g_str_equal (ox_graph_node (graph, n)->op_type, node->op_type))
    n++;
  return n;
}

gboolean
ox_console_extract (OxConsole *self, GString *text, const char *argument, GError **error)
{
  g_auto (Request) request = { 0 };
  g_autoptr (GPtrArray) inputs = ox_value_array_new (), outputs = NULL;
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  OxCaseChange change = { .values = values, .input = -1 };
  g_autoptr (OxRegion) region = NULL;
  g_autoptr (OxCase) plain = NULL, made = NULL, declared = NULL;
  OxNode *node;

  if (!parse (argument, &request, error))
    return FALSE;
  if (self->write == NULL)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "this console cannot write models");
  node = ox_console_find_node (self, request.node, error);
  if (node == NULL || !check_node (self->debugger, node, error))
    return FALSE;
  region = ox_region_new_node (node);
  if (request.weights)
    ox_region_take_weights (region);
  if (!find_inputs (self->debugger, region, inputs, error) || !find_edited (self->debugger, node, values, error))
    return FALSE;
  plain = ox_case_new_region (region, inputs, NULL, frame_of (self->debugger, node->graph), error);
  if (plain == NULL)
    return FALSE;
  if (ox_debugger_is_edited (self->debugger, node))
    {
      change.node = number_of (plain, node);
      change.attributes = ox_debugger_node_attributes (self->debugger, node);
    }
  made = ox_case_change (plain, &change, error);
  outputs = made != NULL ? find_outputs (self->debugger, region, made, error) : NULL;
  declared = outputs != NULL ? ox_case_declare (made, outputs, error) : NULL;
  if (declared == NULL || !self->write (declared, outputs, request.folder, error))
    return FALSE;
  g_string_append_printf (text, "%s: 1 node, %u inputs, %u outputs\n", request.folder, declared->inputs->len, outputs->len);
  return TRUE;
}
