/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "model/ox-text.h"
#include "ops/ox-expand.h"
#include "session/ox-session-private.h"

/* Operators as functions: what a node is made of is written as a text for the inputs it has, and parsed once
 * for each text. */

static GHashTable *
bindings_of (OxFrame *frame)
{
  while (frame != NULL && frame->bindings == NULL)
    frame = frame->outer;
  return frame != NULL ? frame->bindings : NULL;
}

/* What the kernel would refuse is left to it to refuse. */
static gboolean
is_accepted (const OxPlan *plan, const void *attrs, const OxNode *node, OxValue **in)
{
  OxCallSetup setup = { .op = plan->op, .opset = plan->opset, .attrs = attrs, .n_in = (int) node->input_names->len,
                        .n_out = (int) node->output_names->len, .in = in };
  OxCall *call = ox_call_new (&setup);
  gboolean ok = ox_call_infer (call, NULL);

  ox_call_free (call);
  return ok;
}

OxFunction *
ox_expansion_find (OxSession *self,
                   OxFrame *frame,
                   const OxNode *node,
                   const OxPlan *plan,
                   const void *attrs,
                   GError **error)
{
  int n_in = (int) node->input_names->len;
  g_autofree OxValue **values = g_new0 (OxValue *, n_in + 1);
  g_autofree const OxTensor **in = g_new0 (const OxTensor *, n_in + 1);
  OxWriter w = { .node = ox_session_node (self, node),
                 .op = plan->op,
                 .opset = plan->opset,
                 .bindings = bindings_of (frame),
                 .n_in = n_in,
                 .in = in };
  g_autofree char *text = NULL, *key = NULL;
  OxFunction *function;

  if (ox_expand_kind (node->domain, node->op_type, plan->opset) != OX_EXPAND_YES)
    return NULL;
  for (int i = 0; i < n_in; i++)
    {
      if (node->inputs[i].slot < 0)
        continue;
      values[i] = ox_frame_read (frame, node->inputs[i], NULL);
      in[i] = values[i] != NULL ? ox_value_get_tensor (values[i]) : NULL;
    }
  if (!is_accepted (plan, attrs, node, values) || (text = ox_expand (&w)) == NULL)
    return NULL;
  key = g_strdup_printf ("%s %s %s", node->op_type, ox_dtype_name (in[0]->dtype), text);
  function = ox_model_kept_function (self->model, key);
  if (function != NULL)
    return function;
  function = ox_function_parse (self->model, node->op_type, OX_EXPAND_OPSET, in[0]->dtype, text, error);
  return function != NULL ? ox_model_keep_function (self->model, key, function) : NULL;
}

/* ---- telling -------------------------------------------------------------------------------------------------- */

typedef struct
{
  const OxModel *model;
  GTree         *counts[2];   /* name -> how many; as bodies, as they are */
} Telling;

static void
count_graph (OxGraph *graph, gpointer data)
{
  const Telling *telling = data;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (graph, i);
      gint64 opset = ox_model_opset (telling->model, graph, node->domain);
      OxExpandKind kind = ox_expand_kind (node->domain, node->op_type, opset > 0 ? opset : G_MAXINT32);
      GTree *counts = telling->counts[kind == OX_EXPAND_YES ? 0 : 1];

      if (kind != OX_EXPAND_NO
          && ox_model_find_function (telling->model, node->domain, node->op_type, node->overload) == NULL)
        g_tree_insert (counts, node->op_type,
                       GUINT_TO_POINTER (GPOINTER_TO_UINT (g_tree_lookup (counts, node->op_type)) + 1));
    }
}

static gboolean
put_count (gpointer name, gpointer count, gpointer text)
{
  GString *to = text;

  g_string_append_printf (to, "%s%u %s", to->len > 0 ? ", " : "", GPOINTER_TO_UINT (count), (const char *) name);
  return FALSE;
}

char *
ox_model_expansions (const OxModel *model)
{
  Telling telling = { model, { g_tree_new ((GCompareFunc) strcmp), g_tree_new ((GCompareFunc) strcmp) } };
  GString *text = g_string_new (NULL);
  g_autoptr (GString) others = g_string_new (NULL);

  ox_model_foreach_graph (model, count_graph, &telling);
  g_tree_foreach (telling.counts[0], put_count, text);
  g_tree_foreach (telling.counts[1], put_count, others);
  if (text->len == 0)
    g_string_append (text, "no operator of this model");
  if (others->len > 0)
    g_string_append_printf (text, "; as they are: %s", others->str);
  g_tree_unref (telling.counts[0]);
  g_tree_unref (telling.counts[1]);
  return g_string_free (text, FALSE);
}
