/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"
#include "session/ox-session.h"

/* Small models for the tests of the session and of the debugger. They only need Concat, Gather, Size and the operators
 * with bodies: a list that grows tells exactly what ran, and in which order. */

static inline OxModel *
model_new (gint64 opset)
{
  OxModel *model = ox_model_new ();
  OxOpset import = { g_strdup ("ai.onnx"), opset };

  model->graph = ox_graph_new (model, "g");
  g_array_append_val (model->opsets, import);
  return model;
}

/* Names are separated by spaces, "-" stands for one that is left out. */
static inline OxNode *
add (OxGraph *graph, const char *op, const char *name, const char *in, const char *out)
{
  OxNode *node = ox_graph_add_node (graph, op, "", name);
  g_auto (GStrv) ins = g_strsplit (in, " ", -1), outs = g_strsplit (out, " ", -1);

  for (int i = 0; in[0] != '\0' && ins[i] != NULL; i++)
    ox_node_add_input (node, g_str_equal (ins[i], "-") ? "" : ins[i]);
  for (int i = 0; out[0] != '\0' && outs[i] != NULL; i++)
    ox_node_add_output (node, g_str_equal (outs[i], "-") ? "" : outs[i]);
  return node;
}

static inline OxGraph *
add_body (OxNode *node, const char *attribute, const char *inputs)
{
  OxGraph *body = ox_graph_new (node->graph->model, attribute);
  g_auto (GStrv) names = g_strsplit (inputs, " ", -1);

  g_ptr_array_add (ox_node_add_attribute (node, attribute, OX_ATTR_GRAPH)->graphs, body);
  for (int i = 0; inputs[0] != '\0' && names[i] != NULL; i++)
    ox_graph_add_input (body, names[i], NULL);
  return body;
}

static inline void
add_outputs (OxGraph *graph, const char *outputs)
{
  g_auto (GStrv) names = g_strsplit (outputs, " ", -1);

  for (int i = 0; names[i] != NULL; i++)
    ox_graph_add_output (graph, names[i], NULL);
}

/* Inputs of a function are separated by spaces; it imports opset 17. */
static inline OxFunction *
add_function (OxModel *model, const char *name, const char *inputs)
{
  OxFunction *function = ox_function_new (model, "local", name, "");
  OxOpset import = { g_strdup ("ai.onnx"), 17 };
  g_auto (GStrv) names = g_strsplit (inputs, " ", -1);

  g_array_append_val (function->opsets, import);
  for (int i = 0; names[i] != NULL; i++)
    ox_graph_add_input (function->body, names[i], NULL);
  return function;
}

static inline OxNode *
call_function (OxGraph *graph, const char *function, const char *in, const char *out)
{
  OxNode *node = add (graph, function, out, in, out);

  g_free (node->domain);
  node->domain = g_strdup ("local");
  return node;
}

static inline OxAttribute *
refer (OxNode *node, const char *name, OxAttrType type, const char *to)
{
  OxAttribute *attribute = ox_node_add_attribute (node, name, type);

  attribute->ref = g_strdup (to);
  return attribute;
}

static inline void
set_int (OxNode *node, const char *name, gint64 value)
{
  ox_node_add_attribute (node, name, OX_ATTR_INT)->i = value;
}

static inline void
set_ints (OxNode *node, const char *name, guint n, const gint64 *values)
{
  OxAttribute *attribute = ox_node_add_attribute (node, name, OX_ATTR_INTS);

  g_array_append_vals (attribute->ints, values, n);
}

static inline void
add_constant (OxGraph *graph, const char *name, OxTensor *tensor)
{
  ox_graph_add_initializer (graph, ox_initializer_new_tensor (name, tensor));
}

static inline OxTensor *
tensor_of (OxDtype dtype, int rank, const gint64 *dims, const double *values)
{
  OxTensor *tensor = ox_tensor_new (dtype, rank, dims, NULL);

  for (gint64 i = 0; i < tensor->count; i++)
    ox_tensor_set (tensor, i, values[i]);
  return tensor;
}

static inline OxTensor *
list_of (OxDtype dtype, gint64 n, const double *values)
{
  return tensor_of (dtype, 1, &n, values);
}

/* "[1, 2, 3]", whatever the shape; the shape before it when it is no list. */
static inline char *
value_text (const OxValue *value)
{
  OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  GString *text = g_string_new (NULL);

  if (tensor == NULL)
    return g_string_free (g_string_append (text, value != NULL ? "no tensor" : "nothing"), FALSE);
  if (tensor->rank != 1)
    {
      g_autofree char *shape = ox_tensor_shape_string (tensor);

      g_string_append (text, shape);
    }
  g_string_append_c (text, '[');
  for (gint64 i = 0; i < tensor->count; i++)
    g_string_append_printf (text, "%s%g", i > 0 ? ", " : "", ox_tensor_get (tensor, i));
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static inline void
assert_value (const OxValue *value, const char *expected)
{
  g_autofree char *text = value_text (value);

  g_assert_cmpstr (text, ==, expected);
}

static inline void
give_list (OxSession *session, const char *name, gint64 n, const double *values)
{
  g_autoptr (OxValue) value = ox_value_new_tensor (list_of (OX_I64, n, values));
  g_autoptr (GError) error = NULL;

  ox_session_set_input (session, name, value, &error);
  g_assert_no_error (error);
}

/* An If in a Loop:
 *   s = x; for i in 0, 1, 2: s = flags[i] ? s + s : s + [1]; n[i] = size (s)
 *   y = s + n
 * with + as concatenation and flags = no, yes, no. From x = [7] comes y = [7, 1, 7, 1, 1, 2, 4, 5]. */
static inline OxModel *
nested_model (void)
{
  const double flags[] = { 0, 1, 0 }, one = 1;
  OxModel *model = model_new (17);
  OxGraph *g = model->graph, *body, *branch;
  OxNode *loop, *pick;
  g_autoptr (GError) error = NULL;
  const gint64 any = -1;

  ox_graph_add_input (g, "x", ox_type_new_tensor (OX_I64, 1, &any));
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, 3));
  add_constant (g, "flags", list_of (OX_BOOL, 3, flags));
  add_constant (g, "one", list_of (OX_I64, 1, &one));
  loop = add (g, "Loop", "loop", "trips - x", "s n");
  body = add_body (loop, "body", "i go before");
  add (body, "Gather", "flag", "flags i", "flag");
  pick = add (body, "If", "pick", "flag", "after");
  branch = add_body (pick, "then_branch", "");
  set_int (add (branch, "Concat", "twice", "before before", "t"), "axis", 0);
  add_outputs (branch, "t");
  branch = add_body (pick, "else_branch", "");
  set_int (add (branch, "Concat", "more", "before one", "e"), "axis", 0);
  add_outputs (branch, "e");
  add (body, "Size", "size", "after", "size");
  add_outputs (body, "go after size");
  set_int (add (g, "Concat", "join", "s n", "y"), "axis", 0);
  add_outputs (g, "y");
  ox_model_link (model, &error);
  g_assert_no_error (error);
  return model;
}

/* Concatenates, then reads an element that is not there unless x has more than five. */
static inline OxModel *
failing_model (void)
{
  OxModel *model = model_new (17);
  OxGraph *g = model->graph;
  g_autoptr (GError) error = NULL;

  ox_graph_add_input (g, "x", ox_type_new_tensor (OX_I64, -1, NULL));
  add_constant (g, "ten", ox_tensor_new_scalar (OX_I64, 10));
  set_int (add (g, "Concat", "join", "x x", "xx"), "axis", 0);
  add (g, "Gather", "read", "xx ten", "y");
  add_outputs (g, "y");
  ox_model_link (model, &error);
  g_assert_no_error (error);
  return model;
}
