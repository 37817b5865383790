/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-console-private.h"
#include "ops/ox-expand.h"
#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"

/* Longer lists are cut. */
#define MAX_SHOWN 12
#define MAX_ELEMENTS 200

static char *
describe_slot (OxFrame *frame, const OxSlot *slot, const OxValue *value)
{
  if (value != NULL)
    return ox_value_describe (value);
  if (slot->initializer != NULL)
    {
      const OxInitializer *constant = slot->initializer;
      g_autofree char *shape = ox_shape_to_string (constant->rank, constant->dims);

      return g_strdup_printf ("%s %s", ox_dtype_name (constant->dtype), shape);
    }
  return slot->type != NULL ? ox_type_to_string (slot->type) : g_strdup ("not computed");
}

char *
ox_console_describe (OxFrame *frame, OxRef ref)
{
  OxValue *value = ox_frame_value (frame, ref);

  for (; ref.up > 0; ref.up--)
    frame = frame->outer;
  return describe_slot (frame, ox_graph_slot (frame->graph, ref.slot), value);
}

static char *
name_of (const OxNode *node)
{
  return node->name[0] != '\0' ? g_strdup_printf ("%s '%s'", node->op_type, node->name) : g_strdup (node->op_type);
}

void
ox_console_put_node (OxConsole *self, GString *text, OxFrame *frame, const OxNode *node)
{
  g_autofree char *name = name_of (node);

  g_string_append_printf (text, "#%u %s:", node->index, name);
  for (guint i = 0; i < node->input_names->len; i++)
    {
      g_autofree char *type = node->inputs[i].slot >= 0 ? ox_console_describe (frame, node->inputs[i]) : NULL;

      if (i == MAX_SHOWN)
        {
          g_string_append_printf (text, ", and %u more", node->input_names->len - i);
          break;
        }
      g_string_append_printf (text, "%s %s%s%s%s", i > 0 ? "," : "",
                              type != NULL ? (const char *) g_ptr_array_index (node->input_names, i) : "omitted",
                              type != NULL ? " (" : "", type != NULL ? type : "", type != NULL ? ")" : "");
    }
  g_string_append (text, " ->");
  for (guint i = 0; i < node->output_names->len && i < MAX_SHOWN; i++)
    g_string_append_printf (text, "%s %s", i > 0 ? "," : "", (const char *) g_ptr_array_index (node->output_names, i));
  g_string_append_c (text, '\n');
}

/* ---- attributes ----------------------------------------------------------------------------------------------- */

static char *
text_of (GBytes *bytes)
{
  gsize n = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &n) : NULL;
  g_autofree char *copy = g_strndup (data != NULL ? data : "", MIN (n, 200));
  g_autofree char *valid = g_utf8_make_valid (copy, -1);
  g_autofree char *escaped = g_strescape (valid, "\x80\x81");

  return g_strdup_printf ("\"%s\"%s", escaped, n > 200 ? "…" : "");
}

void
ox_console_put_attribute (GString *text, const OxAttribute *attribute)
{
  guint n = 0;

  g_string_append_printf (text, "  %s = ", attribute->name);
  if (attribute->ref != NULL)
    {
      g_string_append_printf (text, "the function's %s\n", attribute->ref);
      return;
    }
  switch (attribute->type)
    {
    case OX_ATTR_INT:
      g_string_append_printf (text, "%" G_GINT64_FORMAT, attribute->i);
      break;
    case OX_ATTR_FLOAT:
      g_string_append_printf (text, "%.7g", attribute->f);
      break;
    case OX_ATTR_STRING:
      {
        g_autofree char *string = text_of (attribute->s);

        g_string_append (text, string);
        break;
      }
    case OX_ATTR_INTS:
      for (n = 0; n < attribute->ints->len && n < MAX_SHOWN; n++)
        g_string_append_printf (text, "%s%" G_GINT64_FORMAT, n > 0 ? ", " : "[", g_array_index (attribute->ints, gint64, n));
      g_string_append (text, attribute->ints->len > n ? ", …]" : n == 0 ? "[]" : "]");
      break;
    case OX_ATTR_FLOATS:
      for (n = 0; n < attribute->floats->len && n < MAX_SHOWN; n++)
        g_string_append_printf (text, "%s%.7g", n > 0 ? ", " : "[", (double) g_array_index (attribute->floats, float, n));
      g_string_append (text, attribute->floats->len > n ? ", …]" : n == 0 ? "[]" : "]");
      break;
    case OX_ATTR_STRINGS:
      for (n = 0; n < attribute->strings->len && n < MAX_SHOWN; n++)
        {
          g_autofree char *string = text_of (g_ptr_array_index (attribute->strings, n));

          g_string_append_printf (text, "%s%s", n > 0 ? ", " : "[", string);
        }
      g_string_append (text, attribute->strings->len > n ? ", …]" : n == 0 ? "[]" : "]");
      break;
    case OX_ATTR_TENSOR:
    case OX_ATTR_TENSORS:
    case OX_ATTR_SPARSE_TENSOR:
    case OX_ATTR_SPARSE_TENSORS:
      for (; n < attribute->tensors->len && n < MAX_SHOWN; n++)
        {
          const OxInitializer *tensor = g_ptr_array_index (attribute->tensors, n);
          g_autofree char *shape = ox_shape_to_string (tensor->rank, tensor->dims);

          g_string_append_printf (text, "%s%s %s", n > 0 ? ", " : "", ox_dtype_name (tensor->dtype), shape);
        }
      break;
    case OX_ATTR_GRAPH:
    case OX_ATTR_GRAPHS:
      for (; n < attribute->graphs->len; n++)
        g_string_append_printf (text, "%sa graph of %u nodes", n > 0 ? ", " : "",
                                ((const OxGraph *) g_ptr_array_index (attribute->graphs, n))->nodes->len);
      break;
    case OX_ATTR_TYPE:
    case OX_ATTR_TYPES:
      for (; n < attribute->types->len; n++)
        {
          g_autofree char *type = ox_type_to_string (g_ptr_array_index (attribute->types, n));

          g_string_append_printf (text, "%s%s", n > 0 ? ", " : "", type);
        }
      break;
    case OX_ATTR_UNDEFINED:
      g_string_append (text, "of no known type");
      break;
    }
  g_string_append_c (text, '\n');
}

/* Whether one can step into it. */
static void
put_parts (OxConsole *self, GString *text, const OxNode *node)
{
  const OxModel *model = ox_debugger_get_model (self->debugger);
  gint64 opset = ox_model_opset (model, node->graph, node->domain);
  OxExpandKind kind = ox_expand_kind (node->domain, node->op_type, opset > 0 ? opset : G_MAXINT32);

  if (kind == OX_EXPAND_NO || ox_model_find_function (model, node->domain, node->op_type, node->overload) != NULL)
    return;
  g_string_append_printf (text, "made of other operators; %s\n",
                          kind == OX_EXPAND_MISSING                    ? "this program does not know how, and runs it as it is"
                          : ox_debugger_get_expand (self->debugger) ? "step goes into them"
                                                                       : "after expand on, step goes into them");
}

/* @frame (may be NULL) runs the node's graph. */
void
ox_console_put_details (OxConsole *self, GString *text, OxFrame *frame, const OxNode *node)
{
  static const char *const states[] = { "waiting", "done", "next", "failed", "not taken" };
  const GPtrArray *attributes = ox_debugger_node_attributes (self->debugger, node);
  g_autofree char *path = ox_graph_path (node->graph), *name = name_of (node);

  g_string_append_printf (text, "#%u %s of %s, in %s: %s\n", node->index, name, node->domain, path,
                          states[ox_debugger_node_state (self->debugger, (OxNode *) node)]);
  put_parts (self, text, node);
  if (ox_debugger_is_edited (self->debugger, node))
    g_string_append (text, "changed for this run; edits says how\n");
  if (attributes->len > 0)
    g_string_append (text, "attributes\n");
  for (guint i = 0; i < attributes->len; i++)
    ox_console_put_attribute (text, g_ptr_array_index (attributes, i));
  g_string_append (text, "inputs\n");
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxSlot *slot = ox_node_input_slot (node, (int) i);
      g_autofree char *type = slot == NULL    ? g_strdup ("omitted")
                              : frame != NULL ? ox_console_describe (frame, node->inputs[i])
                                              : describe_slot (NULL, slot, NULL);

      g_string_append_printf (text, "  %u %s: %s%s\n", i, (const char *) g_ptr_array_index (node->input_names, i), type,
                              slot != NULL && slot->initializer != NULL ? ", constant" : "");
    }
  g_string_append (text, "outputs\n");
  for (guint i = 0; i < node->output_names->len; i++)
    {
      const OxSlot *slot = ox_node_output_slot (node, (int) i);
      g_autofree char *type = slot == NULL ? g_strdup ("not wanted")
                                           : describe_slot (frame, slot, frame != NULL ? frame->values[node->outputs[i]] : NULL);

      g_string_append_printf (text, "  %u %s: %s\n", i, (const char *) g_ptr_array_index (node->output_names, i), type);
    }
  if (node->doc != NULL && node->doc[0] != '\0')
    g_string_append_printf (text, "%s\n", node->doc);
}

/* ---- values --------------------------------------------------------------------------------------------------- */

static void
put_statistics (GString *text, const OxTensor *tensor)
{
  OxStatistics statistics;
  g_autofree char *min = NULL, *max = NULL, *mean = NULL, *std = NULL;

  ox_statistics_compute (tensor, &statistics);
  if (!statistics.numeric || statistics.count < 2)
    return;
  min = ox_format_double (statistics.min, 4);
  max = ox_format_double (statistics.max, 4);
  mean = ox_format_double (statistics.mean, 4);
  std = ox_format_double (statistics.std, 4);
  g_string_append_printf (text, "min %s, max %s, mean %s, std %s, %" G_GINT64_FORMAT " zeros", min, max, mean, std,
                          statistics.zeros);
  if (statistics.nan > 0)
    g_string_append_printf (text, ", %" G_GINT64_FORMAT " NaN", statistics.nan);
  if (statistics.pos_inf + statistics.neg_inf > 0)
    g_string_append_printf (text, ", %" G_GINT64_FORMAT " infinite", statistics.pos_inf + statistics.neg_inf);
  g_string_append_c (text, '\n');
}

/* The part of @value that "0,3" means: items of a sequence, then indices of leading axes. (transfer full) */
static OxValue *
select_part (OxValue *value, const char *indices, GError **error)
{
  g_auto (GStrv) parts = g_strsplit_set (indices, ",][", -1);
  g_autoptr (OxValue) at = ox_value_ref (value);

  for (int i = 0; parts[i] != NULL; i++)
    {
      OxTensor *tensor = ox_value_get_tensor (at);
      gint64 index, n = tensor == NULL ? ox_value_n_items (at) : tensor->rank > 0 ? tensor->dims[0] : 0;
      g_autoptr (OxTensor) usable = NULL;
      OxValue *next;

      g_strstrip (parts[i]);
      if (parts[i][0] == '\0')
        continue;
      if (n == 0)
        {
          ox_fail (error, OX_ERROR_VALUE, "there is nothing in it for the index '%s'", parts[i]);
          return NULL;
        }
      if (!g_ascii_string_to_signed (parts[i], 10, -n, n - 1, &index, NULL))
        {
          ox_fail (error, OX_ERROR_VALUE, "expected an index of 0 to %" G_GINT64_FORMAT ", found '%s'", n - 1, parts[i]);
          return NULL;
        }
      index += index < 0 ? n : 0;
      if (tensor == NULL)
        next = ox_value_ref (ox_value_get_item (at, (guint) index));
      else
        {
          usable = ox_tensor_usable (tensor, error);
          if (usable == NULL)
            return NULL;
          next = ox_value_new_tensor (ox_tensor_new_view (usable, usable->rank - 1, usable->dims + 1, usable->strides + 1,
                                                          usable->data + index * usable->strides[0]));
        }
      ox_value_unref (at);
      at = next;
    }
  return g_steal_pointer (&at);
}

gboolean
ox_console_find_value (OxConsole *self, const char *expression, OxGraph **graph, int *slot, const char **indices, GError **error)
{
  g_autofree char *name = g_strdup (expression);
  const char *bracket = strchr (expression, '[');

  *indices = NULL;
  if (ox_console_find_slot (self, name, graph, slot))
    return TRUE;
  if (bracket != NULL)
    name[bracket - expression] = '\0';
  if (bracket == NULL || !ox_console_find_slot (self, name, graph, slot))
    return ox_fail (error, OX_ERROR_VALUE, "there is no value '%s'", name);
  *indices = bracket + 1;
  return TRUE;
}

gboolean
ox_console_put_value (GString *text, const char *expression, const char *indices, OxValue *value, GError **error)
{
  g_autoptr (OxValue) part = value == NULL ? NULL : indices != NULL ? select_part (value, indices, error) : ox_value_ref (value);
  g_autofree char *type = NULL, *elements = NULL;

  if (value == NULL)
    {
      g_string_append_printf (text, "%.*s is not computed yet\n",
                              (int) (indices != NULL ? (gsize) (indices - 1 - expression) : strlen (expression)), expression);
      return TRUE;
    }
  if (part == NULL)
    return FALSE;
  type = ox_value_describe (part);
  g_string_append_printf (text, "%s: %s\n", expression, type);
  if (ox_value_get_tensor (part) != NULL)
    {
      g_autoptr (OxTensor) usable = ox_tensor_usable (ox_value_get_tensor (part), error);

      if (usable == NULL)
        return FALSE;
      put_statistics (text, usable);
    }
  elements = ox_format_value (part, 4, MAX_ELEMENTS);
  g_string_append_printf (text, "%s\n", elements);
  return TRUE;
}

/* ---- info, list ----------------------------------------------------------------------------------------------- */

void
ox_console_put_list (OxConsole *self, GString *text, OxFrame *frame, guint first, guint n)
{
  for (guint i = first; i < frame->graph->nodes->len && i - first < n; i++)
    {
      OxNode *node = ox_graph_node (frame->graph, i);
      OxNodeState state = ox_debugger_node_state (self->debugger, node);

      g_string_append (text, node == ox_console_node (self) ? "=> " : state == OX_NODE_DONE ? " . " : "   ");
      g_string_append (text, ox_debugger_has_breakpoint (self->debugger, node) ? "* " : "  ");
      ox_console_put_node (self, text, frame, node);
    }
}

void
ox_console_put_stack (OxConsole *self, GString *text)
{
  for (guint level = ox_debugger_get_depth (self->debugger); level > 0; level--)
    {
      OxFrame *frame = ox_debugger_get_frame (self->debugger, level - 1);
      g_autofree char *label = ox_frame_label (frame);
      const OxNode *node = ox_graph_node (frame->graph, frame->pc);
      g_autofree char *name = node != NULL ? name_of (node) : g_strdup ("its end");

      g_string_append_printf (text, "%u %s", level - 1, label);
      if (frame->iterations >= 0 && frame->iteration >= 0)
        g_string_append_printf (text, " of %" G_GINT64_FORMAT, frame->iterations);
      g_string_append_printf (text, ", at %s, node %u of %u\n", name, MIN (frame->pc + 1, frame->graph->nodes->len),
                              frame->graph->nodes->len);
    }
  if (ox_debugger_get_depth (self->debugger) == 0)
    g_string_append (text, "at the end\n");
}

static void
put_slots (GString *text, OxFrame *frame, gboolean inputs)
{
  for (guint s = 0; s < frame->graph->slots->len; s++)
    {
      const OxSlot *slot = ox_graph_slot (frame->graph, (int) s);
      g_autofree char *type = NULL;

      if (inputs ? slot->graph_input < 0 : (frame->values[s] == NULL || slot->initializer != NULL))
        continue;
      type = describe_slot (frame, slot, frame->values[s]);
      g_string_append_printf (text, "%s: %s%s\n", slot->name, type,
                              inputs && frame->values[s] == NULL && slot->initializer == NULL ? ", not given" : "");
    }
}

static void
put_outputs (GString *text, OxFrame *frame)
{
  const OxGraph *graph = frame->graph;

  for (guint i = 0; i < graph->outputs->len; i++)
    {
      const OxSlot *info = g_ptr_array_index (graph->output_infos, i);
      g_autofree char *type = ox_console_describe (frame, g_array_index (graph->outputs, OxRef, i));

      g_string_append_printf (text, "%s: %s\n", info->name, type);
    }
}

gboolean
ox_console_put_info (OxConsole *self, GString *text, const char *what, GError **error)
{
  OxFrame *frame = ox_console_frame (self);

  if (g_str_equal (what, "frame"))
    ox_console_put_stack (self, text);
  else if (g_str_equal (what, "locals"))
    put_slots (text, frame, FALSE);
  else if (g_str_equal (what, "inputs"))
    put_slots (text, frame, TRUE);
  else if (g_str_equal (what, "outputs"))
    put_outputs (text, frame);
  else if (g_str_equal (what, "breakpoints"))
    ox_console_put_breakpoints (self, text);
  else if (g_str_equal (what, "watches"))
    ox_console_put_watches (self, text);
  else if (g_str_equal (what, "time"))
    ox_console_put_time (self, text);
  else if (g_str_equal (what, "node") || g_str_has_prefix (what, "node "))
    {
      OxNode *node = what[4] == ' ' ? ox_console_find_node (self, what + 5, error) : ox_console_node (self);

      if (node == NULL && what[4] == ' ')
        return FALSE;
      if (node == NULL)
        g_string_append (text, "at the end\n");
      else
        ox_console_put_details (self, text, node->graph == frame->graph ? frame : NULL, node);
    }
  else
    return ox_fail (error, OX_ERROR_VALUE,
                    "expected info frame, node, locals, inputs, outputs, breakpoints, watches or time, found '%s'", what);
  return TRUE;
}
