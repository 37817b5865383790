/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-inference.h"

#include <string.h>

#include "ops/control.h"
#include "ops/flex.h"

#define MOST_PROBLEMS 50
#define SHAPE_ELEMENTS 1024   /* an integer constant of more is data, not a shape */

typedef struct
{
  OxModel      *model;
  OxDims       *dims;
  GPtrArray    *problems;
  GPtrArray    *arena;      /* g_free() */
  GPtrArray    *tensors;    /* OxTensor* that facts point at */
  GCancellable *cancellable;
} Inference;

/* What is known in one graph, and in those around it. */
typedef struct _Scope
{
  const OxGraph  *graph;
  OxFact         *facts;    /* [slots]; kind UNKNOWN: nothing */
  struct _Scope  *outer;
} Scope;

static void
fact_of_type (Inference *self, const OxType *type, OxFact *fact)
{
  memset (fact, 0, sizeof *fact);
  fact->rank = -1;
  fact->n_ints = -1;
  if (type == NULL)
    return;
  fact->kind = type->kind;
  fact->dtype = type->dtype;
  fact->elem = type->elem;
  if (type->kind != OX_TYPE_TENSOR || type->rank > OX_MAX_RANK)
    return;
  fact->rank = type->rank;
  for (int i = 0; i < type->rank; i++)
    fact->dims[i] = type->dims[i].value >= 0      ? type->dims[i].value
                    : type->dims[i].param != NULL ? ox_dim_symbol (self->dims, type->dims[i].param)
                                                  : OX_DIM_UNKNOWN;
}

static void
fact_of_initializer (Inference *self, OxInitializer *tensor, OxFact *fact)
{
  memset (fact, 0, sizeof *fact);
  fact->n_ints = -1;
  fact->kind = tensor->indices != NULL ? OX_TYPE_SPARSE : OX_TYPE_TENSOR;
  fact->dtype = tensor->dtype;
  fact->rank = tensor->indices != NULL ? -1 : tensor->rank;
  for (int i = 0; tensor->indices == NULL && i < tensor->rank; i++)
    fact->dims[i] = tensor->dims[i];
  if (tensor->indices == NULL && (ox_dtype_is_integer (tensor->dtype) || tensor->dtype == OX_BOOL)
      && tensor->encoding != OX_ENCODING_MISSING && ox_initializer_count (tensor) <= SHAPE_ELEMENTS)
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

static const OxFact *
look_up (const Scope *scope, OxRef ref)
{
  for (; ref.up > 0 && scope != NULL; ref.up--)
    scope = scope->outer;
  return scope != NULL && ref.slot >= 0 ? &scope->facts[ref.slot] : NULL;
}

static void
keep (Inference *self, Scope *scope, int slot, const OxFact *fact)
{
  OxFact *mine = &scope->facts[slot];

  *mine = *fact;
  mine->tensor = NULL;
  mine->elem = NULL;
  if (fact->n_ints >= 0)
    {
      mine->ints = g_memdup2 (fact->ints, (gsize) fact->n_ints * sizeof (OxDim));
      g_ptr_array_add (self->arena, (gpointer) mine->ints);
    }
}

static void
complain (Inference *self, const OxNode *node, const GError *error)
{
  g_autofree char *path = NULL, *title = NULL;

  if (self->problems == NULL || self->problems->len >= MOST_PROBLEMS)
    return;
  path = ox_graph_path (node->graph);
  title = ox_node_title (node);
  g_ptr_array_add (self->problems, g_strdup_printf ("%s: node '%s' (%s): %s", path, title, node->op_type, error->message));
}

/* ---- bodies --------------------------------------------------------------------------------------------------- */

static gboolean infer_graph (Inference *self, OxGraph *graph, Scope *outer, const OxFact *inputs, OxFact *outputs);

/* What both say; of what they disagree in, nothing. */
static void
meet (OxFact *a, const OxFact *b)
{
  if (a->kind != b->kind || a->dtype != b->dtype)
    {
      memset (a, 0, sizeof *a);
      a->rank = -1;
    }
  else if (a->rank != b->rank)
    a->rank = -1;
  for (int i = 0; i < a->rank; i++)
    if (a->dims[i] != b->dims[i])
      a->dims[i] = OX_DIM_UNKNOWN;
  a->n_ints = -1;
}

static gboolean
infer_if (Inference *self, Scope *scope, OxNode *node, const OxIfAttrs *attrs)
{
  guint n = node->output_names->len, n_then = attrs->then_branch->outputs->len, n_else = attrs->else_branch->outputs->len;
  g_autofree OxFact *yes = g_new0 (OxFact, MAX (n_then, 1)), *no = g_new0 (OxFact, MAX (n_else, 1));

  if (!infer_graph (self, attrs->then_branch, scope, NULL, yes) || !infer_graph (self, attrs->else_branch, scope, NULL, no))
    return FALSE;
  for (guint i = 0; i < n && i < n_then && i < n_else; i++)
    {
      meet (&yes[i], &no[i]);
      if (node->outputs[i] >= 0)
        keep (self, scope, node->outputs[i], &yes[i]);
    }
  return TRUE;
}

/* What is carried keeps its type; its shape only where the body leaves it as it is. */
static gboolean
infer_loop (Inference *self, Scope *scope, OxNode *node, const OxLoopAttrs *attrs)
{
  guint n_in = attrs->body->inputs->len, n_out = attrs->body->outputs->len, n_carried;
  g_autofree OxFact *in = g_new0 (OxFact, MAX (n_in, 1)), *out = g_new0 (OxFact, MAX (n_out, 1));

  if (n_in < 2 || node->input_names->len > n_in)
    return TRUE;
  n_carried = n_in - 2;
  for (guint i = 0; i < n_in; i++)
    {
      const OxFact *fact = i >= 2 && i < node->input_names->len ? look_up (scope, node->inputs[i]) : NULL;

      in[i].rank = -1;
      in[i].n_ints = -1;
      if (fact == NULL || fact->kind != OX_TYPE_TENSOR)
        continue;
      in[i].kind = fact->kind;
      in[i].dtype = fact->dtype;
    }
  if (!infer_graph (self, attrs->body, scope, in, out))
    return FALSE;
  for (guint i = 0; i < node->output_names->len && i + 1 < n_out; i++)
    {
      OxFact fact = out[i + 1];

      if (node->outputs[i] < 0 || fact.kind != OX_TYPE_TENSOR)
        continue;
      fact.n_ints = -1;
      if (i >= n_carried && fact.rank >= 0 && fact.rank < OX_MAX_RANK)
        {
          memmove (fact.dims + 1, fact.dims, (gsize) fact.rank * sizeof (OxDim));
          fact.dims[0] = OX_DIM_UNKNOWN;
          fact.rank++;
        }
      keep (self, scope, node->outputs[i], &fact);
    }
  return TRUE;
}

/* The graphs of FlexAttention are given scores and probabilities: [batch, heads of Q, rows of Q, rows of K]. */
static gboolean
infer_flex (Inference *self, Scope *scope, OxNode *node, const OxFlexAttrs *attrs)
{
  OxGraph *bodies[] = { attrs->score_mod, attrs->prob_mod };
  const OxFact *q = node->input_names->len > 0 ? look_up (scope, node->inputs[0]) : NULL;
  const OxFact *k = node->input_names->len > 1 ? look_up (scope, node->inputs[1]) : NULL;
  OxFact in = { .kind = OX_TYPE_TENSOR, .rank = 4, .n_ints = -1 };

  for (int i = 0; i < 4; i++)
    in.dims[i] = OX_DIM_UNKNOWN;
  in.dtype = ox_flex_type (attrs, q != NULL && q->kind == OX_TYPE_TENSOR ? q->dtype : OX_UNDEFINED);
  for (int i = 0; q != NULL && q->rank == 4 && i < 3; i++)
    in.dims[i] = q->dims[i];
  if (k != NULL && k->rank == 4)
    in.dims[3] = k->dims[2];
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    if (bodies[i] != NULL && !infer_graph (self, bodies[i], scope, bodies[i]->inputs->len == 1 ? &in : NULL, NULL))
      return FALSE;
  return TRUE;
}

/* Bodies of Scan and SequenceMap have inputs of declared types only. */
static gboolean
infer_bodies (Inference *self, Scope *scope, OxNode *node)
{
  for (guint a = 0; a < node->attributes->len; a++)
    {
      OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

      for (guint g = 0; attribute->graphs != NULL && g < attribute->graphs->len; g++)
        if (!infer_graph (self, g_ptr_array_index (attribute->graphs, g), scope, NULL, NULL))
          return FALSE;
    }
  return TRUE;
}

/* ---- nodes ---------------------------------------------------------------------------------------------------- */

static gboolean
refers_to_call (const OxNode *node)
{
  for (guint i = 0; i < node->attributes->len; i++)
    if (((const OxAttribute *) g_ptr_array_index (node->attributes, i))->ref != NULL)
      return TRUE;
  return FALSE;
}

static void
infer_kernel (Inference *self, Scope *scope, OxNode *node, const OxOp *op, gint64 opset, const void *attrs)
{
  int n_in = (int) node->input_names->len, n_out = (int) node->output_names->len;
  g_autofree OxFact *facts = g_new0 (OxFact, MAX (n_in, 1));
  OxCallSetup setup = { .op = op, .opset = opset, .attrs = attrs, .n_in = n_in, .n_out = n_out, .facts = facts,
                        .dims = self->dims };
  g_autoptr (GError) error = NULL;
  OxCall *call;

  for (int i = 0; i < n_in; i++)
    {
      const OxFact *fact = look_up (scope, node->inputs[i]);

      if (fact != NULL)
        facts[i] = *fact;
      else
        facts[i] = (OxFact) { .kind = OX_TYPE_OPAQUE, .rank = -1, .n_ints = -1 };
    }
  call = ox_call_new (&setup);
  if (!ox_call_infer (call, &error))
    complain (self, node, error);
  else
    for (int i = 0; i < n_out; i++)
      {
        const OxFact *fact = ox_call_out_fact (call, i);

        if (fact != NULL && fact->kind != OX_TYPE_UNKNOWN && node->outputs[i] >= 0)
          keep (self, scope, node->outputs[i], fact);
      }
  ox_call_free (call);
}

static gboolean
infer_node (Inference *self, Scope *scope, OxNode *node)
{
  gint64 opset = ox_model_opset (self->model, node->graph, node->domain);
  const OxOp *op;
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;
  void *attrs;

  if (opset == 0)
    opset = G_MAXINT32;
  if (self->model->functions->len > 0
      && ox_model_find_function (self->model, node->domain, node->op_type, node->overload) != NULL)
    return TRUE;
  op = ox_op_find (node->domain, node->op_type, opset);
  if (op == NULL || refers_to_call (node))
    return infer_bodies (self, scope, node);
  attrs = ox_attrs_parse (op, node, NULL, &error);
  if (attrs == NULL)
    {
      complain (self, node, error);
      return TRUE;
    }
  if (op->flow == OX_FLOW_IF)
    ok = infer_if (self, scope, node, attrs);
  else if (op->flow == OX_FLOW_LOOP)
    ok = infer_loop (self, scope, node, attrs);
  else if (op->flow == OX_FLOW_FLEX)
    ok = infer_flex (self, scope, node, attrs);
  else if (op->flow != OX_FLOW_NONE)
    ok = infer_bodies (self, scope, node);
  if (ok && op->infer != NULL)
    infer_kernel (self, scope, node, op, opset, attrs);
  ox_attrs_free (op, attrs);
  return ok;
}

/* A declared type is believed where nothing else is known, and where it says more. */
static void
believe (Inference *self, OxFact *fact, const OxType *type)
{
  OxFact declared;

  if (type == NULL)
    return;
  fact_of_type (self, type, &declared);
  if (fact->kind == OX_TYPE_UNKNOWN || fact->dtype == OX_UNDEFINED || (fact->rank < 0 && declared.rank >= 0))
    *fact = declared;
  for (int i = 0; i < fact->rank && i < declared.rank; i++)
    if (fact->dims[i] == OX_DIM_UNKNOWN)
      fact->dims[i] = declared.dims[i];
}

static void
store (Inference *self, OxSlot *slot, const OxFact *fact)
{
  OxType *type;

  if (slot->inferred != NULL || fact->kind == OX_TYPE_UNKNOWN || fact->dtype == OX_UNDEFINED
      || (slot->type != NULL && (slot->type->kind != OX_TYPE_TENSOR || slot->type->rank >= 0)))
    return;
  type = ox_type_new (fact->kind, fact->dtype);
  if (fact->kind == OX_TYPE_TENSOR && fact->rank >= 0)
    {
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
    }
  slot->inferred = type;
}

/* Graphs nest at most OX_MAX_NESTING deep. @inputs and @outputs may be NULL. */
static gboolean
infer_graph (Inference *self, OxGraph *graph, Scope *outer, const OxFact *inputs, OxFact *outputs)
{
  g_autofree OxFact *facts = g_new0 (OxFact, MAX (graph->slots->len, 1));
  Scope scope = { graph, facts, outer };

  for (guint i = 0; i < graph->slots->len; i++)
    {
      const OxSlot *slot = g_ptr_array_index (graph->slots, i);

      facts[i].rank = facts[i].n_ints = -1;
      if (slot->initializer != NULL && slot->graph_input < 0)
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
          believe (self, &facts[node->outputs[i]], ox_graph_slot (graph, node->outputs[i])->type);
    }
  for (guint i = 0; i < graph->slots->len; i++)
    store (self, g_ptr_array_index (graph->slots, i), &facts[i]);
  for (guint i = 0; outputs != NULL && i < graph->outputs->len; i++)
    {
      const OxFact *fact = look_up (&scope, g_array_index (graph->outputs, OxRef, i));

      outputs[i] = fact != NULL ? *fact : (OxFact) { .rank = -1, .n_ints = -1 };
    }
  return TRUE;
}

gboolean
ox_model_infer (OxModel *model, GPtrArray *problems, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) arena = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_tensor_unref);
  Inference self = { model, ox_dims_new (), problems, arena, tensors, cancellable };
  gboolean ok = infer_graph (&self, model->graph, NULL, NULL, NULL);

  ox_dims_unref (self.dims);
  return ok;
}
