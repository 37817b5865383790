/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "session/ox-inference-private.h"

#define MOST_PROBLEMS 50
#define SHAPE_ELEMENTS 1024   /* an integer constant of more is data, not a shape */
#define SCALE_ELEMENTS 16     /* and a float constant, which may be the scales of a Resize */

void
ox_fact_clear (OxFact *fact)
{
  memset (fact, 0, sizeof *fact);
  fact->rank = fact->n_ints = -1;
}

/* The names of dimensions that a file declares mean the same all over the main graph. In a function they are its own, and in
 * a body that runs again and again they may mean another number each time. */
void
ox_fact_of_type (OxInference *self, const OxType *type, OxFact *fact)
{
  gboolean names = self->repeated == 0 && self->calls == 0;

  ox_fact_clear (fact);
  if (type == NULL)
    return;
  fact->kind = type->kind;
  fact->dtype = type->dtype;
  fact->elem = type->elem;
  if (type->kind != OX_TYPE_TENSOR || type->rank > OX_MAX_RANK)
    return;
  fact->rank = type->rank;
  for (int i = 0; i < type->rank; i++)
    fact->dims[i] = type->dims[i].value >= 0                 ? type->dims[i].value
                    : type->dims[i].param != NULL && names ? ox_dim_symbol (self->dims, type->dims[i].param)
                                                             : OX_DIM_UNKNOWN;
}

static gboolean
same_type (const OxType *a, const OxType *b)
{
  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL || a->kind != b->kind || a->dtype != b->dtype || a->rank != b->rank)
    return FALSE;
  for (int i = 0; i < a->rank; i++)
    if (a->dims[i].value != b->dims[i].value || g_strcmp0 (a->dims[i].param, b->dims[i].param) != 0)
      return FALSE;
  return same_type (a->elem, b->elem);
}

gboolean
ox_fact_meet (OxFact *a, const OxFact *b)
{
  gboolean lost = FALSE;

  if (a->kind == OX_TYPE_UNKNOWN)
    return FALSE;
  if (a->kind != b->kind || a->dtype != b->dtype)
    {
      ox_fact_clear (a);
      return TRUE;
    }
  if (a->rank >= 0 && a->rank != b->rank)
    {
      a->rank = -1;
      lost = TRUE;
    }
  for (int i = 0; i < a->rank; i++)
    if (a->dims[i] != OX_DIM_UNKNOWN && a->dims[i] != b->dims[i])
      {
        a->dims[i] = OX_DIM_UNKNOWN;
        lost = TRUE;
      }
  if (a->elem != NULL && !same_type (a->elem, b->elem))
    {
      a->elem = NULL;
      lost = TRUE;
    }
  if (a->n_ints >= 0
      && (a->n_ints != b->n_ints || memcmp (a->ints, b->ints, (gsize) a->n_ints * sizeof (OxDim)) != 0))
    a->n_ints = -1;
  if (a->tensor != b->tensor)
    a->tensor = NULL;
  return lost;
}

static void
fact_of_initializer (OxInference *self, OxInitializer *tensor, OxFact *fact)
{
  gint64 count = ox_initializer_count (tensor);

  ox_fact_clear (fact);
  fact->kind = tensor->indices != NULL ? OX_TYPE_SPARSE : OX_TYPE_TENSOR;
  fact->dtype = tensor->dtype;
  if (tensor->indices != NULL || tensor->rank > OX_MAX_RANK)
    return;
  fact->rank = tensor->rank;
  for (int i = 0; i < tensor->rank; i++)
    fact->dims[i] = tensor->dims[i];
  if (count <= (ox_dtype_is_integer (tensor->dtype) || tensor->dtype == OX_BOOL ? SHAPE_ELEMENTS : SCALE_ELEMENTS)
      && tensor->encoding != OX_ENCODING_MISSING)
    {
      g_autoptr (OxValue) value = ox_initializer_get (tensor, NULL);
      OxTensor *usable = value != NULL && value->tensor != NULL ? ox_tensor_usable (value->tensor, NULL) : NULL;

      if (usable != NULL)
        {
          g_ptr_array_add (self->tensors, usable);
          fact->tensor = usable;
        }
    }
}

const OxFact *
ox_infer_look_up (const OxInferenceScope *scope, OxRef ref)
{
  for (; ref.up > 0 && scope != NULL; ref.up--)
    scope = scope->outer;
  return scope != NULL && ref.slot >= 0 ? &scope->facts[ref.slot] : NULL;
}

void
ox_infer_keep (OxInference *self, OxInferenceScope *scope, int slot, const OxFact *fact)
{
  OxFact *mine = &scope->facts[slot];

  *mine = *fact;
  if (fact->elem != NULL)
    g_ptr_array_add (self->types, ox_type_ref (fact->elem));
  if (fact->n_ints >= 0)
    {
      mine->ints = g_memdup2 (fact->ints, (gsize) fact->n_ints * sizeof (OxDim));
      g_ptr_array_add (self->arena, (gpointer) mine->ints);
    }
}

static void
complain (OxInference *self, const OxNode *node, OxInferenceProblem problem, const char *text)
{
  if (self->quiet == 0 && self->doubtful == 0 && self->sink->problem != NULL)
    self->sink->problem (node, problem, text, self->sink->data);
}

/* ---- nodes ---------------------------------------------------------------------------------------------------- */

/* Without the attributes of the call nothing can be said of a node that refers to them. */
static gboolean
refers_to_call (const OxInferenceScope *scope, const OxNode *node)
{
  for (guint i = 0; scope->bindings == NULL && i < node->attributes->len; i++)
    if (((const OxAttribute *) g_ptr_array_index (node->attributes, i))->ref != NULL)
      return TRUE;
  return FALSE;
}

static void
infer_kernel (OxInference *self, OxInferenceScope *scope, OxNode *node, const OxOp *op, gint64 opset, const void *attrs)
{
  int n_in = (int) node->input_names->len, n_out = (int) node->output_names->len;
  g_autofree OxFact *facts = g_new0 (OxFact, MAX (n_in, 1));
  OxCallSetup setup = { .op = op, .opset = opset, .attrs = attrs, .n_in = n_in, .n_out = n_out, .facts = facts,
                        .dims = self->dims };
  g_autoptr (GError) error = NULL;
  OxCall *call;

  for (int i = 0; i < n_in; i++)
    {
      const OxFact *fact = ox_infer_look_up (scope, node->inputs[i]);

      if (fact != NULL)
        facts[i] = *fact;
      else
        facts[i] = (OxFact) { .kind = OX_TYPE_OPAQUE, .rank = -1, .n_ints = -1 };
    }
  call = ox_call_new (&setup);
  if (!ox_call_infer (call, &error))
    complain (self, node, OX_INFERENCE_MISFIT, error->message);
  else
    {
      ox_infer_fold (self, &setup, call);
      for (int i = 0; i < n_out; i++)
        {
          const OxFact *fact = ox_call_out_fact (call, i);

          if (fact != NULL && fact->kind != OX_TYPE_UNKNOWN && node->outputs[i] >= 0)
            ox_infer_keep (self, scope, node->outputs[i], fact);
        }
    }
  ox_call_free (call);
}

static gboolean
infer_node (OxInference *self, OxInferenceScope *scope, OxNode *node)
{
  gint64 opset = ox_model_opset (self->model, node->graph, node->domain);
  OxFunction *function = NULL;
  const OxOp *op;
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;
  void *attrs;

  if (opset == 0)
    opset = G_MAXINT32;
  if (self->model->functions->len > 0)
    function = ox_model_find_function (self->model, node->domain, node->op_type, node->overload);
  if (function != NULL)
    return ox_infer_call (self, scope, node, function);
  op = ox_op_find (node->domain, node->op_type, opset);
  if (op == NULL || refers_to_call (scope, node))
    return ox_infer_bodies (self, scope, node);
  attrs = ox_attrs_parse (op, node, scope->bindings, &error);
  if (attrs == NULL)
    {
      complain (self, node, OX_INFERENCE_MISFIT, error->message);
      return TRUE;
    }
  if (op->flow != OX_FLOW_NONE)
    ok = ox_infer_flow (self, scope, node, op, attrs);
  if (ok && op->infer != NULL)
    infer_kernel (self, scope, node, op, opset, attrs);
  ox_attrs_free (op, attrs);
  return ok;
}

/* ---- what is declared ----------------------------------------------------------------------------------------- */

/* A declared type is believed where nothing else is known, and where it says more. */
static void
believe (OxInference *self, OxFact *fact, const OxType *type)
{
  OxFact declared;

  if (type == NULL || fact->kind == OX_TYPE_OPAQUE)
    return;
  ox_fact_of_type (self, type, &declared);
  if (fact->kind == OX_TYPE_UNKNOWN)
    *fact = declared;
  if (fact->kind != declared.kind)
    return;
  if (fact->dtype == OX_UNDEFINED)
    fact->dtype = declared.dtype;
  if (fact->elem == NULL)
    fact->elem = declared.elem;
  if (fact->rank < 0)
    {
      fact->rank = declared.rank;
      memcpy (fact->dims, declared.dims, sizeof declared.dims);
    }
  for (int i = 0; i < fact->rank && fact->rank == declared.rank; i++)
    if (fact->dims[i] == OX_DIM_UNKNOWN)
      fact->dims[i] = declared.dims[i];
}

/* Names are no contradiction: a name may well stand for the number. */
static gboolean
contradicts (const OxFact *fact, const OxType *type)
{
  if (fact->kind == OX_TYPE_UNKNOWN || fact->kind == OX_TYPE_OPAQUE || type->kind == OX_TYPE_UNKNOWN)
    return FALSE;
  if (fact->kind != type->kind)
    return TRUE;
  if (fact->kind != OX_TYPE_TENSOR)
    return FALSE;
  if (fact->dtype != OX_UNDEFINED && type->dtype != OX_UNDEFINED && fact->dtype != type->dtype)
    return TRUE;
  if (fact->rank >= 0 && type->rank >= 0 && fact->rank != type->rank)
    return TRUE;
  for (int i = 0; i < fact->rank && i < type->rank; i++)
    if (fact->dims[i] >= 0 && type->dims[i].value >= 0 && fact->dims[i] != type->dims[i].value)
      return TRUE;
  return FALSE;
}

static OxType *
type_of_fact (OxInference *self, const OxFact *fact)
{
  OxType *type = ox_type_new (fact->kind, fact->kind == OX_TYPE_SEQUENCE || fact->kind == OX_TYPE_OPTIONAL ? OX_UNDEFINED
                                                                                                    : fact->dtype);

  if (fact->elem != NULL && fact->kind != OX_TYPE_TENSOR)
    type->elem = ox_type_ref (fact->elem);
  if (fact->kind != OX_TYPE_TENSOR || fact->rank < 0)
    return type;
  ox_type_set_rank (type, fact->rank);
  for (int i = 0; i < fact->rank; i++)
    {
      gint64 number;
      g_autofree char *text = NULL;

      if (ox_dim_is_const (self->dims, fact->dims[i], &number))
        ox_type_set_dim (type, i, number, NULL);
      else if (fact->dims[i] != OX_DIM_UNKNOWN)
        {
          text = ox_dim_to_string (self->dims, fact->dims[i]);
          ox_type_set_dim (type, i, -1, text);
        }
    }
  return type;
}

/* Looks whether a node's output is what the file says it is, then takes what the file adds. */
static void
compare_and_believe (OxInference *self, const OxNode *node, int output, OxFact *fact, const OxType *declared)
{
  if (declared != NULL && contradicts (fact, declared))
    {
      g_autoptr (OxType) type = type_of_fact (self, fact);
      g_autofree char *found = ox_type_to_string (declared), *expected = ox_type_to_string (type);
      g_autofree char *text = g_strdup_printf ("output '%s' is declared %s, but follows as %s",
                                               (char *) g_ptr_array_index (node->output_names, output), found, expected);

      complain (self, node,
                fact->kind == declared->kind && (fact->kind != OX_TYPE_TENSOR || fact->dtype == declared->dtype)
                  ? OX_INFERENCE_SHAPE
                  : OX_INFERENCE_TYPE,
                text);
    }
  believe (self, fact, declared);
}

/* ---- graphs --------------------------------------------------------------------------------------------------- */

static void
store (OxInference *self, OxSlot *slot, const OxFact *fact)
{
  if (self->sink->fact != NULL)
    self->sink->fact (slot, fact, self->dims, self->sink->data);
  if (slot->inferred == NULL && fact->kind != OX_TYPE_UNKNOWN && (fact->dtype != OX_UNDEFINED || fact->elem != NULL)
      && (slot->type == NULL || (slot->type->kind == OX_TYPE_TENSOR && slot->type->rank < 0)))
    slot->inferred = type_of_fact (self, fact);
}

/* A function's values are shown once, so only what all its calls have in common is true of them. */
static void
merge (OxInference *self, OxSlot *slot, const OxFact *fact)
{
  OxFact *mine = g_hash_table_lookup (self->merged, slot);

  if (mine != NULL)
    ox_fact_meet (mine, fact);
  else
    {
      mine = g_memdup2 (fact, sizeof *fact);
      g_hash_table_insert (self->merged, slot, mine);
    }
  mine->n_ints = -1;
  mine->tensor = NULL;
}

gboolean
ox_infer_graph (OxInference *self, OxGraph *graph, OxInferenceScope *outer, GHashTable *bindings, const OxFact *inputs,
                OxFact *outputs)
{
  g_autofree OxFact *facts = g_new0 (OxFact, MAX (graph->slots->len, 1));
  OxInferenceScope scope = { graph, facts, outer != NULL ? outer->bindings : bindings, outer };

  for (guint i = 0; i < graph->slots->len; i++)
    {
      const OxSlot *slot = g_ptr_array_index (graph->slots, i);

      ox_fact_clear (&facts[i]);
      /* Before IR version 4 every constant had to be listed among the inputs. */
      if (slot->initializer != NULL && (slot->graph_input < 0 || self->model->ir_version < 4))
        fact_of_initializer (self, slot->initializer, &facts[i]);
      else if (slot->producer == NULL)
        {
          if (inputs != NULL && slot->graph_input >= 0)
            facts[i] = inputs[slot->graph_input];
          believe (self, &facts[i], slot->type);
        }
    }
  for (guint n = 0; n < graph->nodes->len; n++)
    {
      OxNode *node = g_ptr_array_index (graph->nodes, n);

      if (g_cancellable_is_cancelled (self->cancellable) || !infer_node (self, &scope, node))
        return FALSE;
      for (guint i = 0; i < node->output_names->len; i++)
        if (node->outputs[i] >= 0)
          compare_and_believe (self, node, (int) i, &facts[node->outputs[i]], ox_graph_slot (graph, node->outputs[i])->type);
    }
  for (guint i = 0; self->quiet == 0 && i < graph->slots->len; i++)
    if (self->calls > 0)
      merge (self, g_ptr_array_index (graph->slots, i), &facts[i]);
    else
      store (self, g_ptr_array_index (graph->slots, i), &facts[i]);
  for (guint i = 0; outputs != NULL && i < graph->outputs->len; i++)
    {
      const OxFact *fact = ox_infer_look_up (&scope, g_array_index (graph->outputs, OxRef, i));

      if (fact != NULL && fact->kind != OX_TYPE_OPAQUE)
        outputs[i] = *fact;
      else
        ox_fact_clear (&outputs[i]);
    }
  return TRUE;
}

gboolean
ox_model_infer_into (OxModel *model, const OxInferenceSink *sink, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) arena = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_tensor_unref);
  g_autoptr (GPtrArray) types = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_type_unref);
  g_autoptr (GHashTable) merged = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  OxInference self = { .model = model, .dims = ox_dims_new (), .sink = sink, .arena = arena, .tensors = tensors,
                       .types = types, .merged = merged, .cancellable = cancellable };
  gboolean ok = ox_infer_graph (&self, model->graph, NULL, NULL, NULL, NULL);
  GHashTableIter iter;
  gpointer slot, fact;

  g_hash_table_iter_init (&iter, merged);
  while (ok && !self.gave_up && g_hash_table_iter_next (&iter, &slot, &fact))
    store (&self, slot, fact);
  ox_dims_unref (self.dims);
  return ok;
}

static void
add_problem (const OxNode *node, OxInferenceProblem problem, const char *text, gpointer data)
{
  GPtrArray *problems = data;
  g_autofree char *path = NULL, *title = NULL;

  if (problems == NULL || problems->len >= MOST_PROBLEMS || problem != OX_INFERENCE_MISFIT)
    return;
  path = ox_graph_path (node->graph);
  title = ox_node_title (node);
  g_ptr_array_add (problems, g_strdup_printf ("%s: node '%s' (%s): %s", path, title, node->op_type, text));
}

gboolean
ox_model_infer (OxModel *model, GPtrArray *problems, GCancellable *cancellable)
{
  const OxInferenceSink sink = { .problem = add_problem, .data = problems };

  return ox_model_infer_into (model, &sink, cancellable);
}
