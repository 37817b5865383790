/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-node-page.h"

#include <string.h>

#include "debug/ox-edit.h"
#include "ops/ox-op.h"
#include "tensor/ox-format.h"
#include "ui/ox-failure-page.h"
#include "ui/ox-words.h"

static void
value_clear (gpointer data)
{
  OxNodePageValue *value = data;

  g_clear_object (&value->label);
  g_free (value->known);
}

/* What an operator does when the attribute is left out; NULL when leaving it out has a meaning of its own. */
static char *
default_text (const OxAttrSpec *spec)
{
  switch (spec->kind)
    {
    case OX_KIND_INT:
      return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) spec->number);
    case OX_KIND_FLOAT:
      return ox_format_double (spec->number, 7);
    case OX_KIND_STRING:
      return spec->text != NULL ? g_strdup_printf ("\"%s\"", spec->text) : NULL;
    default:
      return NULL;
    }
}

static gboolean
is_set (const GPtrArray *attributes, const char *name)
{
  for (guint i = 0; i < attributes->len; i++)
    if (strcmp (((const OxAttribute *) g_ptr_array_index (attributes, i))->name, name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
can_be_typed (OxAttrKind kind)
{
  return kind <= OX_KIND_STRINGS || kind == OX_KIND_TENSOR;
}

static void
add_defaults (OxSheet *sheet, OxNode *node, OxDebugger *debugger, const GPtrArray *attributes)
{
  OxFunction *function = ox_model_find_function (node->graph->model, node->domain, node->op_type, node->overload);
  gint64 version = ox_model_opset (node->graph->model, node->graph, node->domain);
  const OxOp *op = version > 0 ? ox_op_find (ox_domain_canonical (node->domain), node->op_type, version) : NULL;

  if (function != NULL)
    {
      for (guint i = 0; function->attribute_defaults != NULL && i < function->attribute_defaults->len; i++)
        {
          const OxAttribute *a = g_ptr_array_index (function->attribute_defaults, i);
          g_autofree char *text = ox_words_attribute (a, 400);

          if (!is_set (attributes, a->name))
            ox_sheet_row_with_action (sheet, a->name, text, TRUE, debugger != NULL ? "edit.attribute" : NULL, a->name);
        }
      return;
    }
  for (int i = 0; op != NULL && i < op->n_attrs; i++)
    {
      const OxAttrSpec *spec = &op->attrs[i];
      g_autofree char *text = NULL;

      if (spec->kind == OX_KIND_IGNORED || spec->kind == OX_KIND_GRAPH || is_set (attributes, spec->name))
        continue;
      text = default_text (spec);
      if (text != NULL || spec->required)
        ox_sheet_row_with_action (sheet, spec->name, text != NULL ? text : "missing: the operator needs it", text != NULL,
                                  debugger != NULL && can_be_typed (spec->kind) ? "edit.attribute" : NULL, spec->name);
      else if (!g_str_equal (node->op_type, "Constant"))
        /* A Constant takes one of many, so all the others say nothing. */
        ox_sheet_row_with_action (sheet, spec->name, "not set", TRUE,
                                  debugger != NULL && can_be_typed (spec->kind) ? "edit.attribute" : NULL, spec->name);
    }
}

/* What one can go into: bodies of control flow, and a function's. */
static void
add_bodies (OxSheet *sheet, OxNode *node)
{
  OxFunction *function = ox_model_find_function (node->graph->model, node->domain, node->op_type, node->overload);
  gboolean bodies = FALSE;

  ox_sheet_section (sheet, "Bodies");
  if (function != NULL)
    ox_sheet_graph (sheet, "function", function->body);
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *a = g_ptr_array_index (node->attributes, i);

      for (guint g = 0; a->graphs != NULL && g < a->graphs->len; g++)
        ox_sheet_graph (sheet, a->name, g_ptr_array_index (a->graphs, g));
      bodies = bodies || (a->graphs != NULL && a->graphs->len > 0);
    }
  if (bodies)
    ox_sheet_text (sheet, "A body is not replaced by another for a run; what is in it can be changed.", "dim-label");
}

static void
add_attributes (OxSheet *sheet, OxNode *node, OxDebugger *debugger)
{
  const GPtrArray *attributes = debugger != NULL ? ox_debugger_node_attributes (debugger, node) : node->attributes;

  ox_sheet_section (sheet, "Attributes");
  for (guint i = 0; i < attributes->len; i++)
    {
      const OxAttribute *a = g_ptr_array_index (attributes, i);
      g_autofree char *text = NULL, *typed = ox_edit_attribute_text (attributes, a->name);
      /* Large tensors are not typed, but filled, and come from files. */
      const gboolean can_change = typed != NULL || (a->type == OX_ATTR_TENSOR && a->ref == NULL);

      if (a->type == OX_ATTR_GRAPH || a->type == OX_ATTR_GRAPHS)
        continue;
      text = ox_words_attribute (a, 400);
      ox_sheet_row_with_action (sheet, a->name, text, FALSE, can_change && debugger != NULL ? "edit.attribute" : NULL, a->name);
    }
  add_defaults (sheet, node, debugger, attributes);
}

static void
add_value (OxSheet *sheet, GArray *values, guint i, OxGraph *graph, int slot)
{
  g_autofree char *role = g_strdup_printf ("%u", i), *type = NULL;
  const char *source = NULL;
  GtkLabel *label;

  if (slot >= 0)
    {
      const OxSlot *s = ox_graph_slot (graph, slot);

      type = ox_words_slot_type (s);
      source = ox_words_slot_source (s);
    }
  label = ox_sheet_value (sheet, role, graph, slot, type, source);
  if (label != NULL)
    {
      OxNodePageValue value = { graph, slot, g_object_ref (label), g_steal_pointer (&type) };

      g_array_append_val (values, value);
    }
}

static void
add_values (OxSheet *sheet, GArray *values, OxNode *node)
{
  ox_sheet_section (sheet, "Inputs");
  for (guint i = 0; i < node->input_names->len; i++)
    {
      OxGraph *graph = node->graph;

      for (int up = node->inputs[i].up; up > 0 && graph->outer != NULL; up--)
        graph = graph->outer;
      add_value (sheet, values, i, graph, node->inputs[i].slot);
    }
  ox_sheet_section (sheet, "Outputs");
  for (guint i = 0; i < node->output_names->len; i++)
    add_value (sheet, values, i, node->graph, node->outputs[i]);
}

static void
add_neighbours (OxSheet *sheet, OxNode *node)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  ox_sheet_section (sheet, "Used by");
  for (guint i = 0; i < node->output_names->len; i++)
    {
      const OxSlot *slot = ox_node_output_slot (node, (int) i);

      for (guint u = 0; slot != NULL && slot->uses != NULL && u < slot->uses->len; u++)
        {
          OxNode *user = g_array_index (slot->uses, OxUse, u).node;

          if (g_hash_table_add (seen, user))
            ox_sheet_node (sheet, user);
        }
    }
}

static void
add_rest (OxSheet *sheet, OxNode *node)
{
  ox_sheet_section (sheet, "Metadata");
  for (guint i = 0; node->metadata != NULL && i < node->metadata->len; i++)
    {
      const OxMetadata *entry = &g_array_index (node->metadata, OxMetadata, i);

      ox_sheet_row (sheet, entry->key, entry->value, FALSE);
    }
  ox_sheet_section (sheet, "Documentation");
  if (node->doc != NULL && *node->doc != '\0')
    ox_sheet_text (sheet, node->doc, NULL);
}

GArray *
ox_node_page_fill (OxSheet *sheet, OxNode *node, OxDebugger *debugger, const OxStop *stop)
{
  GArray *values = g_array_new (FALSE, FALSE, sizeof (OxNodePageValue));
  g_autofree char *op = ox_words_operator (node), *title = ox_words_node (node), *path = ox_graph_path (node->graph);
  g_autofree char *number = g_strdup_printf ("%u of %u", node->index + 1, node->graph->nodes->len), *set = NULL;
  gint64 version = ox_model_opset (node->graph->model, node->graph, node->domain);

  g_array_set_clear_func (values, value_clear);
  ox_sheet_clear (sheet);
  ox_sheet_title (sheet, op, title);
  if (stop != NULL && stop->node == node && stop->error != NULL)
    ox_failure_page_fill (sheet, stop->failure, stop->error);
  else if (stop != NULL && stop->failure != NULL)
    ox_failure_page_trace (sheet, stop->failure, node);
  ox_sheet_section (sheet, NULL);
  ox_sheet_row (sheet, "node", number, FALSE);
  if (node->graph->outer != NULL || node->graph->function != NULL)
    ox_sheet_row (sheet, "in", path, FALSE);
  set = g_strdup_printf ("%s %" G_GINT64_FORMAT, ox_domain_canonical (node->domain), version);
  ox_sheet_row (sheet, "operator set", version > 0 ? set : "not imported by the model", FALSE);
  if (node->overload != NULL && *node->overload != '\0')
    ox_sheet_row (sheet, "overload", node->overload, FALSE);
  add_bodies (sheet, node);
  add_values (sheet, values, node);
  add_attributes (sheet, node, debugger);
  add_neighbours (sheet, node);
  add_rest (sheet, node);
  return values;
}
