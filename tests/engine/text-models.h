/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <math.h>

#include "model/ox-text.h"
#include "models.h"

/* Models that a test writes as text, with inputs of f64. */

static inline void
move_names (GPtrArray *from, OxNode *to, void (*add_name) (OxNode *node, const char *name))
{
  for (guint i = 0; i < from->len; i++)
    add_name (to, g_ptr_array_index (from, i));
}

/* The text as the main graph. */
static inline OxModel *
text_model (gint64 opset, const char *text)
{
  OxModel *model = model_new (opset);
  OxOpset training = { g_strdup ("ai.onnx.preview.training"), 1 };
  g_autoptr (GError) error = NULL;
  OxFunction *function = ox_function_parse (model, "text", opset, OX_F64, text, &error);

  g_assert_no_error (error);
  g_array_append_val (model->opsets, training);
  for (guint i = 0; i < function->body->inputs->len; i++)
    ox_graph_add_input (model->graph, ox_graph_slot (function->body, (int) i)->name, NULL);
  for (guint i = 0; i < function->body->initializers->len; i++)
    ox_graph_add_initializer (model->graph, ox_initializer_ref (g_ptr_array_index (function->body->initializers, i)));
  for (guint i = 0; i < function->body->nodes->len; i++)
    {
      const OxNode *from = ox_graph_node (function->body, i);
      OxNode *to = ox_graph_add_node (model->graph, from->op_type, from->domain, "");

      move_names (from->input_names, to, ox_node_add_input);
      move_names (from->output_names, to, ox_node_add_output);
      for (guint a = 0; a < from->attributes->len; a++)
        g_ptr_array_add (to->attributes, ox_attribute_copy (g_ptr_array_index (from->attributes, a)));
    }
  ox_function_free (function);
  return model;
}

static inline void
link_good (OxModel *model)
{
  g_autoptr (GError) error = NULL;

  ox_model_link (model, &error);
  g_assert_no_error (error);
}

/* The same with the outputs that its first line names, linked. */
static inline OxModel *
whole_model (gint64 opset, const char *text)
{
  OxModel *model = text_model (opset, text);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 2), halves = g_strsplit (lines[0], "->", 2);
  g_auto (GStrv) outputs = g_strsplit (halves[1], ",", -1);

  for (int i = 0; outputs[i] != NULL; i++)
    ox_graph_add_output (model->graph, g_strstrip (outputs[i]), NULL);
  link_good (model);
  return model;
}

static inline void
give (OxSession *session, const char *name, OxValue *value)
{
  g_autoptr (GError) error = NULL;

  ox_session_set_input (session, name, value, &error);
  g_assert_no_error (error);
}

static inline void
run_good (OxSession *session)
{
  g_autoptr (GError) error = NULL;

  ox_session_run (session, NULL, &error);
  g_assert_no_error (error);
}

static inline OxValue *
make_input (const char *shape, int which, gint64 nudged, double by)
{
  g_auto (GStrv) parts = g_strsplit (g_str_equal (shape, "[]") ? "" : shape, ",", -1);
  gint64 dims[8];
  int rank = 0;
  OxTensor *tensor;

  for (; parts[rank] != NULL; rank++)
    dims[rank] = g_ascii_strtoll (parts[rank], NULL, 10);
  tensor = ox_tensor_new (OX_F64, rank, dims, NULL);
  /* Nothing is near one of the corners at 0.4, 0.7 and 0.9, and no two are alike. */
  for (gint64 i = 0; i < tensor->count; i++)
    ox_tensor_set (tensor, i,
                   0.2 + 1.1 * fmod (0.317 + (double)(which * 37 + i) * 0.6180339887, 1)
                       + (i == nudged ? by : 0));
  return ox_value_new_tensor (tensor);
}
