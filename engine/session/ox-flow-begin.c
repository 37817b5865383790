/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-session-private.h"

/* What a Loop, Scan, SequenceMap or FlexAttention needs before its first body. */

/* Input @i of @node, or NULL with no error if it is omitted. */
static gboolean
read_input (OxFrame *frame, const OxNode *node, guint i, OxValue **value, GError **error)
{
  *value = NULL;
  if (i >= node->input_names->len || node->inputs[i].slot < 0)
    return TRUE;
  *value = ox_frame_read (frame, node->inputs[i], error);
  return *value != NULL;
}

static gboolean
check_body (const OxGraph *body, guint inputs, guint outputs, GError **error)
{
  if (body->inputs->len != inputs)
    return ox_fail (error, OX_ERROR_MODEL, "its body should have %u inputs, found %u", inputs, body->inputs->len);
  if (body->outputs->len != outputs)
    return ox_fail (error, OX_ERROR_MODEL, "its body should have %u outputs, found %u", outputs, body->outputs->len);
  return TRUE;
}

static OxFlowState *
begin_loop (OxFrame *frame, OxNode *node, const OxLoopAttrs *attrs, GError **error)
{
  guint n_in = node->input_names->len, n_out = node->output_names->len, n_carried = n_in > 2 ? n_in - 2 : 0;
  OxValue *limit, *go;
  OxFlowState *flow;
  gint64 number;

  if (attrs->body->outputs->len < n_carried + 1)
    {
      ox_fail (error, OX_ERROR_MODEL, "its body should have at least %u outputs, found %u", n_carried + 1,
               attrs->body->outputs->len);
      return NULL;
    }
  if (n_out > attrs->body->outputs->len - 1
      || !check_body (attrs->body, n_carried + 2, attrs->body->outputs->len, error))
    {
      if (error != NULL && *error == NULL)
        ox_fail (error, OX_ERROR_MODEL, "it has %u outputs, its body gives %u", n_out, attrs->body->outputs->len - 1);
      return NULL;
    }
  if (!read_input (frame, node, 0, &limit, error) || !read_input (frame, node, 1, &go, error))
    return NULL;
  flow = ox_flow_new (OX_FLOW_LOOP, attrs->body, n_carried, attrs->body->outputs->len - 1 - n_carried);
  if (limit != NULL && !ox_flow_read_single (limit, "the trip count", &flow->limit, error))
    goto fail;
  if (limit != NULL)
    flow->limit = MAX (flow->limit, 0);
  if (go != NULL)
    {
      if (!ox_flow_read_single (go, "the condition", &number, error))
        goto fail;
      flow->go = number != 0;
    }
  for (guint i = 0; i < n_carried; i++)
    {
      OxValue *value = ox_frame_read (frame, node->inputs[i + 2], error);

      if (value == NULL)
        goto fail;
      flow->carried[i] = ox_value_ref (value);
    }
  flow->axes = g_new0 (int, flow->n_scans + 1);
  flow->backwards = g_new0 (gboolean, flow->n_scans + 1);
  return flow;
fail:
  ox_flow_unref (flow);
  return NULL;
}

static OxFlowState *
begin_map (OxFrame *frame, OxNode *node, const OxLoopAttrs *attrs, GError **error)
{
  guint n_in = node->input_names->len;
  OxFlowState *flow;

  if (!check_body (attrs->body, n_in, attrs->body->outputs->len, error))
    return NULL;
  flow = ox_flow_new (OX_FLOW_SEQUENCE_MAP, attrs->body, 0, attrs->body->outputs->len);
  flow->items = ox_value_array_new ();
  for (guint i = 0; i < n_in; i++)
    {
      OxValue *value = ox_frame_read (frame, node->inputs[i], error);

      if (value == NULL)
        goto fail;
      g_ptr_array_add (flow->items, ox_value_ref (value));
      if (i == 0 && value->kind != OX_VALUE_SEQUENCE)
        {
          g_autofree char *found = ox_value_describe (value);

          ox_fail (error, OX_ERROR_DTYPE, "expected a sequence as input 0, found %s", found);
          goto fail;
        }
      if (i == 0)
        flow->limit = ox_value_n_items (value);
      else if (value->kind == OX_VALUE_SEQUENCE && ox_value_n_items (value) != flow->limit)
        {
          ox_fail (error, OX_ERROR_SHAPE, "input %u has %u elements, input 0 has %" G_GINT64_FORMAT, i,
                   ox_value_n_items (value), flow->limit);
          goto fail;
        }
    }
  return flow;
fail:
  ox_flow_unref (flow);
  return NULL;
}

static gboolean
direction (OxInts list, guint i, gboolean *backwards, GError **error)
{
  gint64 v = list.set && i < (guint) list.n ? list.v[i] : 0;

  *backwards = v == 1;
  return v == 0 || v == 1 || ox_fail (error, OX_ERROR_VALUE, "a direction is 0 or 1, found %" G_GINT64_FORMAT, v);
}

/* The sequence lengths of Scan-8, all the same without them. */
static gboolean
read_lengths (OxFlowState *flow, const OxValue *value, GError **error)
{
  OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;

  flow->lengths = g_new (gint64, MAX (flow->batch, 1));
  if (value != NULL && (tensor == NULL || tensor->count != flow->batch || !ox_dtype_is_integer (tensor->dtype)))
    return ox_fail (error, OX_ERROR_SHAPE, "expected %" G_GINT64_FORMAT " sequence lengths", flow->batch);
  flow->limit = 0;
  for (gint64 b = 0; b < flow->batch; b++)
    {
      flow->lengths[b] = tensor != NULL ? ox_tensor_get_int (tensor, b) : flow->longest;
      if (flow->lengths[b] < 1 || flow->lengths[b] > flow->longest)
        return ox_fail (error, OX_ERROR_VALUE, "sequence length %" G_GINT64_FORMAT " is not in 1..%" G_GINT64_FORMAT,
                        flow->lengths[b], flow->longest);
      flow->limit += flow->lengths[b];
    }
  return TRUE;
}

static OxFlowState *
begin_scan (OxFrame *frame, OxNode *node, const OxOp *op, const OxScanAttrs *attrs, GError **error)
{
  guint first = op->since < 9 ? 1 : 0, n_in = node->input_names->len - first, n_items, n_carried;
  OxFlowState *flow;
  OxValue *lengths;

  if (node->input_names->len < first || attrs->num_scan_inputs < 1 || attrs->num_scan_inputs > n_in)
    {
      ox_fail (error, OX_ERROR_MODEL, "num_scan_inputs is %" G_GINT64_FORMAT ", there are %u inputs",
               attrs->num_scan_inputs, n_in);
      return NULL;
    }
  n_items = (guint) attrs->num_scan_inputs;
  n_carried = n_in - n_items;
  if (attrs->body->outputs->len < n_carried || !check_body (attrs->body, n_in, attrs->body->outputs->len, error))
    {
      if (error != NULL && *error == NULL)
        ox_fail (error, OX_ERROR_MODEL, "its body should have at least %u outputs, found %u", n_carried,
                 attrs->body->outputs->len);
      return NULL;
    }
  flow = ox_flow_new (OX_FLOW_SCAN, attrs->body, n_carried, attrs->body->outputs->len - n_carried);
  flow->items = ox_value_array_new ();
  flow->axes = g_new0 (int, n_items + flow->n_scans + 1);
  flow->backwards = g_new0 (gboolean, n_items + flow->n_scans + 1);
  for (guint i = 0; i < n_in; i++)
    {
      OxValue *value = ox_frame_read (frame, node->inputs[first + i], error);
      OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
      guint k = i - n_carried;
      gint64 axis;

      if (value == NULL)
        goto fail;
      if (tensor == NULL)
        {
          ox_fail (error, OX_ERROR_DTYPE, "expected a tensor as input %u", first + i);
          goto fail;
        }
      if (first == 1 && tensor->rank < (i < n_carried ? 1 : 2))
        {
          ox_fail (error, OX_ERROR_SHAPE, "input %u needs a batch axis", first + i);
          goto fail;
        }
      if (first == 1 && i == 0)
        flow->batch = tensor->dims[0];
      if (first == 1 && tensor->dims[0] != flow->batch)
        {
          ox_fail (error, OX_ERROR_SHAPE, "input %u has a batch of %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT,
                   first + i, tensor->dims[0], flow->batch);
          goto fail;
        }
      if (i < n_carried)
        {
          if (first == 0)
            flow->carried[i] = ox_value_ref (value);
          else
            {
              if (flow->starts == NULL)
                flow->starts = ox_value_array_new ();
              g_ptr_array_add (flow->starts, ox_value_ref (value));
            }
          continue;
        }
      axis = first == 1 ? 1 : attrs->scan_input_axes.set && k < (guint) attrs->scan_input_axes.n
                                ? attrs->scan_input_axes.v[k] : 0;
      if (axis < 0)
        axis += tensor->rank;
      if (axis < 0 || axis >= tensor->rank)
        {
          ox_fail (error, OX_ERROR_VALUE, "axis %" G_GINT64_FORMAT " is not one of the %d of input %u", axis, tensor->rank,
                   first + i);
          goto fail;
        }
      flow->axes[k] = (int) axis;
      if (!direction (first == 1 ? attrs->directions : attrs->scan_input_directions, k, &flow->backwards[k], error))
        goto fail;
      if (k == 0)
        flow->longest = tensor->dims[axis];
      else if (tensor->dims[axis] != flow->longest)
        {
          ox_fail (error, OX_ERROR_SHAPE, "input %u has %" G_GINT64_FORMAT " steps, the first has %" G_GINT64_FORMAT,
                   first + i, tensor->dims[axis], flow->longest);
          goto fail;
        }
      g_ptr_array_add (flow->items, ox_value_ref (value));
    }
  for (guint k = 0; k < flow->n_scans; k++)
    {
      flow->axes[n_items + k] = attrs->scan_output_axes.set && k < (guint) attrs->scan_output_axes.n
                                  ? (int) CLAMP (attrs->scan_output_axes.v[k], -64, 64) : 0;
      if (!direction (attrs->scan_output_directions, k, &flow->backwards[n_items + k], error))
        goto fail;
    }
  flow->limit = flow->longest;
  if (first == 1)
    {
      flow->finals = g_new0 (GPtrArray *, n_carried + 1);
      for (guint i = 0; i < n_carried; i++)
        flow->finals[i] = ox_value_array_new ();
      if (flow->starts == NULL)
        flow->starts = ox_value_array_new ();
      if (!read_input (frame, node, 0, &lengths, error) || !read_lengths (flow, lengths, error)
          || (flow->batch > 0 && !ox_flow_start_sequence (flow, 0, error)))
        goto fail;
    }
  return flow;
fail:
  ox_flow_unref (flow);
  return NULL;
}

static OxFlowState *
begin_flex (OxFrame *frame, OxNode *node, const OxFlexAttrs *attrs, GCancellable *cancellable, GError **error)
{
  OxFlowState *flow = ox_flow_new (OX_FLOW_FLEX, NULL, 1, 0);

  flow->limit = 0;
  flow->items = ox_value_array_new ();
  if (ox_flow_flex_begin (flow, frame, node, attrs, cancellable, error))
    return flow;
  ox_flow_unref (flow);
  return NULL;
}

static OxFlowState *
begin_gradient (OxSession *session, OxFrame *frame, OxNode *node, const OxGradientAttrs *attrs, GError **error)
{
  OxFlowState *flow = ox_flow_new (OX_FLOW_GRADIENT, NULL, 0, 0);

  if (ox_flow_gradient_begin (flow, session, frame, node, attrs, error))
    return flow;
  ox_flow_unref (flow);
  return NULL;
}

OxFlowState *
ox_flow_begin (OxSession *session, OxFrame *frame, OxNode *node, const OxOp *op, const void *attrs,
               GCancellable *cancellable, GError **error)
{
  switch (op->flow)
    {
    case OX_FLOW_LOOP:
      return begin_loop (frame, node, attrs, error);
    case OX_FLOW_SCAN:
      return begin_scan (frame, node, op, attrs, error);
    case OX_FLOW_FLEX:
      return begin_flex (frame, node, attrs, cancellable, error);
    case OX_FLOW_GRADIENT:
      return begin_gradient (session, frame, node, attrs, error);
    default:
      return begin_map (frame, node, attrs, error);
    }
}
