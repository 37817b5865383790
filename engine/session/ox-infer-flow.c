/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "ops/control.h"
#include "ops/flex.h"
#include "session/ox-inference-private.h"

#define MOST_ROUNDS 6       /* until what a loop carries has settled */
#define MOST_TRIALS 4096    /* of a whole model; beyond that a loop is gone through once, and a call not at all */

/* ---- If ------------------------------------------------------------------------------------------------------- */

static gboolean
infer_if (OxInference *self, OxInferenceScope *scope, OxNode *node, const OxIfAttrs *attrs)
{
  guint n = node->output_names->len, n_then = attrs->then_branch->outputs->len, n_else = attrs->else_branch->outputs->len;
  g_autofree OxFact *yes = g_new0 (OxFact, MAX (n_then, 1)), *no = g_new0 (OxFact, MAX (n_else, 1));
  const OxFact *condition = node->input_names->len > 0 ? ox_infer_look_up (scope, node->inputs[0]) : NULL;
  int taken = -1;
  gboolean ok;

  if (condition != NULL && condition->tensor != NULL && condition->tensor->dtype == OX_BOOL && condition->tensor->count == 1)
    taken = ox_tensor_get_int (condition->tensor, 0) != 0;
  self->doubtful += taken == 0;
  ok = ox_infer_graph (self, attrs->then_branch, scope, NULL, NULL, yes);
  self->doubtful += (taken == 1) - (taken == 0);
  ok = ok && ox_infer_graph (self, attrs->else_branch, scope, NULL, NULL, no);
  self->doubtful -= taken == 1;
  if (!ok)
    return FALSE;
  for (guint i = 0; i < n && i < n_then && i < n_else; i++)
    {
      if (taken == 0)
        yes[i] = no[i];
      else if (taken < 0)
        ox_fact_meet (&yes[i], &no[i]);
      if (node->outputs[i] >= 0)
        ox_infer_keep (self, scope, node->outputs[i], &yes[i]);
    }
  return TRUE;
}

/* ---- bodies that run again and again -------------------------------------------------------------------------- */

/* What the body is given, @in, holds for every iteration: of what @out says of the @n carried values (from input
 * @first_in and output @first_out on), only what stays the same is left. Then goes through the body for good. */
static gboolean
settle (OxInference *self, OxInferenceScope *scope, OxGraph *body, OxFact *in, guint first_in, OxFact *out, guint first_out,
        guint n)
{
  gboolean ok, moved = TRUE;

  for (guint i = 0; i < n; i++)
    {
      in[first_in + i].tensor = NULL;
      in[first_in + i].n_ints = -1;
    }
  self->repeated++;
  for (int round = 0; moved && round < MOST_ROUNDS && self->trials < MOST_TRIALS; round++)
    {
      moved = FALSE;
      self->trials++;
      self->quiet++;
      ok = ox_infer_graph (self, body, scope, NULL, in, out);
      self->quiet--;
      if (!ok)
        {
          self->repeated--;
          return FALSE;
        }
      for (guint i = 0; i < n; i++)
        moved = ox_fact_meet (&in[first_in + i], &out[first_out + i]) || moved;
    }
  for (guint i = 0; moved && i < n; i++)
    {
      OxFact *fact = &in[first_in + i];

      fact->rank = fact->n_ints = -1;
      fact->tensor = NULL;
      fact->elem = NULL;
    }
  ok = ox_infer_graph (self, body, scope, NULL, in, out);
  self->repeated--;
  /* After no iteration at all it is what went in; which has the same type at least. */
  for (guint i = 0; i < n; i++)
    if (in[first_in + i].kind != OX_TYPE_UNKNOWN)
      ox_fact_meet (&out[first_out + i], &in[first_in + i]);
    else
      {
        out[first_out + i].rank = out[first_out + i].n_ints = -1;
        out[first_out + i].tensor = NULL;
      }
  return ok;
}

/* A body's output of each iteration, stacked along @axis. */
static void
keep_stacked (OxInference *self, OxInferenceScope *scope, int slot, OxFact *fact, gint64 axis, OxDim length)
{
  if (slot < 0 || fact->kind != OX_TYPE_TENSOR)
    return;
  fact->n_ints = -1;
  fact->tensor = NULL;
  if (fact->rank >= 0)
    {
      if (axis < 0)
        axis += fact->rank + 1;
      if (axis < 0 || axis > fact->rank || fact->rank == OX_MAX_RANK)
        fact->rank = -1;
      else
        {
          memmove (fact->dims + axis + 1, fact->dims + axis, (gsize) (fact->rank - axis) * sizeof (OxDim));
          fact->dims[axis] = length;
          fact->rank++;
        }
    }
  ox_infer_keep (self, scope, slot, fact);
}

/* Whether the body's condition is its own unchanged, or a constant that says go on. */
static gboolean
goes_on (const OxGraph *body, const OxFact *condition)
{
  OxRef ref = g_array_index (body->outputs, OxRef, 0);
  const OxSlot *slot = ref.up == 0 ? ox_graph_slot (body, ref.slot) : NULL;

  while (slot != NULL && slot->producer != NULL && strcmp (slot->producer->op_type, "Identity") == 0
         && strcmp (slot->producer->domain, "ai.onnx") == 0 && slot->producer->input_names->len == 1
         && slot->producer->inputs[0].up == 0)
    slot = ox_node_input_slot (slot->producer, 0);
  if (slot != NULL && slot->graph_input == 1)
    return TRUE;
  return condition->tensor != NULL && condition->tensor->count == 1 && ox_tensor_get_int (condition->tensor, 0) != 0;
}

static gboolean
infer_loop (OxInference *self, OxInferenceScope *scope, OxNode *node, const OxLoopAttrs *attrs)
{
  const OxGraph *body = attrs->body;
  guint n_in = body->inputs->len, n_out = body->outputs->len, n_carried;
  g_autofree OxFact *in = g_new0 (OxFact, MAX (n_in, 1)), *out = g_new0 (OxFact, MAX (n_out, 1));
  const OxFact *trips = node->input_names->len > 0 ? ox_infer_look_up (scope, node->inputs[0]) : NULL;
  const OxFact *start = node->input_names->len > 1 ? ox_infer_look_up (scope, node->inputs[1]) : NULL;
  OxDim length = OX_DIM_UNKNOWN;
  gboolean always;

  if (n_in < 2 || node->input_names->len != n_in || n_out < n_in - 1)
    return TRUE;
  n_carried = n_in - 2;
  for (guint i = 0; i < n_in; i++)
    {
      const OxSlot *slot = ox_graph_slot (body, g_array_index (body->inputs, int, i));
      const OxFact *fact = i >= 2 ? ox_infer_look_up (scope, node->inputs[i]) : NULL;

      ox_fact_clear (&in[i]);
      if (i < 2)
        {
          /* Bodies may declare the counter and the condition as lists of one. */
          in[i].kind = OX_TYPE_TENSOR;
          in[i].dtype = i == 0 ? OX_I64 : OX_BOOL;
          in[i].rank = slot->type != NULL && slot->type->rank == 1;
          in[i].dims[0] = 1;
        }
      else if (fact != NULL)
        in[i] = *fact;
    }
  always = node->inputs[1].slot < 0 || (start != NULL && start->tensor != NULL && start->tensor->count == 1
                                        && ox_tensor_get_int (start->tensor, 0) != 0);
  if (!settle (self, scope, attrs->body, in, 2, out, 1, n_carried))
    return FALSE;
  if (trips != NULL && always && goes_on (body, &out[0]))
    length = trips->n_ints == 1 ? trips->ints[0]
             : trips->tensor != NULL && trips->tensor->count == 1
               ? ox_dim_const (self->dims, ox_tensor_get_int (trips->tensor, 0))
               : OX_DIM_UNKNOWN;
  if (length != OX_DIM_UNKNOWN)
    length = ox_dim_max (self->dims, length, 0);
  for (guint i = 0; i < node->output_names->len && i + 1 < n_out; i++)
    if (i >= n_carried)
      keep_stacked (self, scope, node->outputs[i], &out[i + 1], 0, length);
    else if (node->outputs[i] >= 0)
      ox_infer_keep (self, scope, node->outputs[i], &out[i + 1]);
  return TRUE;
}

static void
drop_axis (OxFact *fact, gint64 axis, OxDim *length)
{
  fact->n_ints = -1;
  fact->tensor = NULL;
  if (fact->rank < 0)
    return;
  if (axis < 0)
    axis += fact->rank;
  if (axis < 0 || axis >= fact->rank)
    {
      fact->rank = -1;
      return;
    }
  if (length != NULL && *length == OX_DIM_UNKNOWN)
    *length = fact->dims[axis];
  fact->rank--;
  memmove (fact->dims + axis, fact->dims + axis + 1, (gsize) (fact->rank - axis) * sizeof (OxDim));
}

/* Scan-8 has a batch around it all, and lengths as its first input. */
static gboolean
infer_scan (OxInference *self, OxInferenceScope *scope, OxNode *node, const OxOp *op, const OxScanAttrs *attrs)
{
  gboolean batched = op->since < 9;
  guint n_in = attrs->body->inputs->len, n_out = attrs->body->outputs->len, skip = batched ? 1 : 0, n_state, n_scan;
  g_autofree OxFact *in = g_new0 (OxFact, MAX (n_in, 1)), *out = g_new0 (OxFact, MAX (n_out, 1));
  OxDim length = OX_DIM_UNKNOWN, batch = OX_DIM_UNKNOWN;

  if (attrs->num_scan_inputs < 0 || attrs->num_scan_inputs > (gint64) n_in || node->input_names->len != n_in + skip)
    return TRUE;
  n_scan = (guint) attrs->num_scan_inputs;
  n_state = n_in - n_scan;
  if (n_out < n_state)
    return TRUE;
  for (guint i = 0; i < n_in; i++)
    {
      const OxFact *fact = ox_infer_look_up (scope, node->inputs[i + skip]);

      ox_fact_clear (&in[i]);
      if (fact != NULL)
        in[i] = *fact;
      if (in[i].kind != OX_TYPE_TENSOR)
        continue;
      if (batched)
        drop_axis (&in[i], 0, &batch);
      if (i >= n_state)
        drop_axis (&in[i],
                   !batched && (int) (i - n_state) < attrs->scan_input_axes.n ? attrs->scan_input_axes.v[i - n_state] : 0,
                   &length);
    }
  if (!settle (self, scope, attrs->body, in, 0, out, 0, n_state))
    return FALSE;
  if (batched && node->inputs[0].slot >= 0)
    length = OX_DIM_UNKNOWN;
  for (guint i = 0; i < node->output_names->len && i < n_out; i++)
    {
      gint64 axis = !batched && i >= n_state && (int) (i - n_state) < attrs->scan_output_axes.n
                      ? attrs->scan_output_axes.v[i - n_state]
                      : 0;

      if (batched && i >= n_state)
        {
          if (out[i].rank == OX_MAX_RANK)
            out[i].rank = -1;
          else if (out[i].rank >= 0)
            {
              memmove (out[i].dims + 1, out[i].dims, (gsize) out[i].rank * sizeof (OxDim));
              out[i].dims[0] = length;
              out[i].rank++;
            }
          keep_stacked (self, scope, node->outputs[i], &out[i], 0, batch);
        }
      else if (i >= n_state || batched)
        keep_stacked (self, scope, node->outputs[i], &out[i], axis, batched ? batch : length);
      else if (node->outputs[i] >= 0)
        ox_infer_keep (self, scope, node->outputs[i], &out[i]);
    }
  return TRUE;
}

static gboolean
infer_sequence_map (OxInference *self, OxInferenceScope *scope, OxNode *node, const OxLoopAttrs *attrs)
{
  guint n_in = attrs->body->inputs->len, n_out = attrs->body->outputs->len;
  g_autofree OxFact *in = g_new0 (OxFact, MAX (n_in, 1)), *out = g_new0 (OxFact, MAX (n_out, 1));
  gboolean ok;

  if (node->input_names->len != n_in)
    return TRUE;
  for (guint i = 0; i < n_in; i++)
    {
      const OxFact *fact = ox_infer_look_up (scope, node->inputs[i]);

      ox_fact_clear (&in[i]);
      if (fact != NULL && fact->kind == OX_TYPE_SEQUENCE)
        ox_fact_of_type (self, fact->elem, &in[i]);
      else if (fact != NULL)
        in[i] = *fact;
    }
  self->repeated++;
  ok = ox_infer_graph (self, attrs->body, scope, NULL, in, out);
  self->repeated--;
  for (guint i = 0; ok && i < node->output_names->len && i < n_out; i++)
    if (node->outputs[i] >= 0 && out[i].kind == OX_TYPE_TENSOR && out[i].dtype != OX_UNDEFINED)
      {
        OxType *elem = ox_type_new_tensor (out[i].dtype, -1, NULL);
        OxFact fact = { .kind = OX_TYPE_SEQUENCE, .dtype = out[i].dtype, .rank = -1, .elem = elem, .n_ints = -1 };

        g_ptr_array_add (self->types, elem);
        ox_infer_keep (self, scope, node->outputs[i], &fact);
      }
  return ok;
}

/* The graphs of FlexAttention are given scores and probabilities: [batch, heads of Q, rows of Q, rows of K]. */
static gboolean
infer_flex (OxInference *self, OxInferenceScope *scope, OxNode *node, const OxFlexAttrs *attrs)
{
  OxGraph *bodies[] = { attrs->score_mod, attrs->prob_mod };
  const OxFact *q = node->input_names->len > 0 ? ox_infer_look_up (scope, node->inputs[0]) : NULL;
  const OxFact *k = node->input_names->len > 1 ? ox_infer_look_up (scope, node->inputs[1]) : NULL;
  OxFact in = { .kind = OX_TYPE_TENSOR, .rank = 4, .n_ints = -1 };

  for (int i = 0; i < 4; i++)
    in.dims[i] = OX_DIM_UNKNOWN;
  in.dtype = ox_flex_type (attrs, q != NULL && q->kind == OX_TYPE_TENSOR ? q->dtype : OX_UNDEFINED);
  for (int i = 0; q != NULL && q->rank == 4 && i < 3; i++)
    in.dims[i] = q->dims[i];
  if (k != NULL && k->rank == 4)
    in.dims[3] = k->dims[2];
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    if (bodies[i] != NULL
        && !ox_infer_graph (self, bodies[i], scope, NULL, bodies[i]->inputs->len == 1 ? &in : NULL, NULL))
      return FALSE;
  return TRUE;
}

/* Bodies of which nothing is known but what they declare. */
gboolean
ox_infer_bodies (OxInference *self, OxInferenceScope *scope, OxNode *node)
{
  gboolean ok = TRUE;

  self->repeated++;
  for (guint a = 0; ok && a < node->attributes->len; a++)
    {
      OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

      for (guint g = 0; ok && attribute->graphs != NULL && g < attribute->graphs->len; g++)
        ok = ox_infer_graph (self, g_ptr_array_index (attribute->graphs, g), scope, NULL, NULL, NULL);
    }
  self->repeated--;
  return ok;
}

/* A graph that came as a function's attribute belongs to another place than the node that runs it. */
static gboolean
has_strange_body (const OxNode *node)
{
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

      if (attribute->ref != NULL && (attribute->type == OX_ATTR_GRAPH || attribute->type == OX_ATTR_GRAPHS))
        return TRUE;
    }
  return FALSE;
}

gboolean
ox_infer_flow (OxInference *self, OxInferenceScope *scope, OxNode *node, const OxOp *op, const void *attrs)
{
  if (has_strange_body (node))
    {
      self->gave_up = TRUE;
      return TRUE;
    }
  switch (op->flow)
    {
    case OX_FLOW_NONE:
      break;
    case OX_FLOW_IF:
      return infer_if (self, scope, node, attrs);
    case OX_FLOW_LOOP:
      return infer_loop (self, scope, node, attrs);
    case OX_FLOW_SCAN:
      return infer_scan (self, scope, node, op, attrs);
    case OX_FLOW_SEQUENCE_MAP:
      return infer_sequence_map (self, scope, node, attrs);
    case OX_FLOW_FLEX:
      return infer_flex (self, scope, node, attrs);
    case OX_FLOW_GRADIENT:
      break;
    }
  return ox_infer_bodies (self, scope, node);
}

/* ---- functions ------------------------------------------------------------------------------------------------ */

static GHashTable *
bind_attributes (const OxFunction *function, const OxNode *node, GHashTable *callers)
{
  GHashTable *bindings = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < function->attribute_defaults->len; i++)
    {
      OxAttribute *attribute = g_ptr_array_index (function->attribute_defaults, i);

      g_hash_table_insert (bindings, attribute->name, attribute);
    }
  for (guint i = 0; i < node->attributes->len; i++)
    {
      OxAttribute *attribute = g_ptr_array_index (node->attributes, i), *bound = attribute;

      if (attribute->ref != NULL)
        bound = callers != NULL ? g_hash_table_lookup (callers, attribute->ref) : NULL;
      if (bound != NULL)
        g_hash_table_insert (bindings, attribute->name, bound);
    }
  return bindings;
}

gboolean
ox_infer_call (OxInference *self, OxInferenceScope *scope, OxNode *node, OxFunction *function)
{
  OxGraph *body = function->body;
  guint n_in = body->inputs->len, n_out = body->outputs->len;
  g_autofree OxFact *in = g_new0 (OxFact, MAX (n_in, 1)), *out = g_new0 (OxFact, MAX (n_out, 1));
  g_autoptr (GHashTable) bindings = NULL;
  gboolean ok;

  if (node->input_names->len > n_in || self->calls >= OX_MAX_NESTING || self->trials >= MOST_TRIALS)
    {
      self->gave_up = TRUE;
      return TRUE;
    }
  self->trials++;
  bindings = bind_attributes (function, node, scope->bindings);
  for (guint i = 0; i < n_in; i++)
    {
      const OxFact *fact = i < node->input_names->len ? ox_infer_look_up (scope, node->inputs[i]) : NULL;

      ox_fact_clear (&in[i]);
      if (fact != NULL)
        in[i] = *fact;
      else
        in[i].kind = OX_TYPE_OPAQUE;
    }
  self->calls++;
  ok = ox_infer_graph (self, body, NULL, bindings, in, out);
  self->calls--;
  for (guint i = 0; ok && i < node->output_names->len && i < n_out; i++)
    if (node->outputs[i] >= 0)
      ox_infer_keep (self, scope, node->outputs[i], &out[i]);
  return ok;
}
