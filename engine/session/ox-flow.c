/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "session/ox-session-private.h"

OxFlowState *
ox_flow_new (OxFlow kind, OxGraph *body, guint n_carried, guint n_scans)
{
  OxFlowState *flow = g_new0 (OxFlowState, 1);

  g_atomic_ref_count_init (&flow->refs);
  flow->kind = kind;
  flow->body = body;
  flow->limit = -1;
  flow->go = TRUE;
  flow->n_carried = n_carried;
  flow->n_scans = n_scans;
  flow->carried = g_new0 (OxValue *, n_carried + 1);
  flow->scans = g_new0 (GPtrArray *, n_scans + 1);
  for (guint i = 0; i < n_scans; i++)
    flow->scans[i] = ox_value_array_new ();
  return flow;
}

OxFlowState *
ox_flow_ref (OxFlowState *flow)
{
  g_atomic_ref_count_inc (&flow->refs);
  return flow;
}

void
ox_flow_unref (OxFlowState *flow)
{
  if (!g_atomic_ref_count_dec (&flow->refs))
    return;
  for (guint i = 0; i < flow->n_carried; i++)
    {
      g_clear_pointer (&flow->carried[i], ox_value_unref);
      if (flow->finals != NULL)
        g_ptr_array_unref (flow->finals[i]);
    }
  for (guint i = 0; i < flow->n_scans; i++)
    g_ptr_array_unref (flow->scans[i]);
  g_free (flow->carried);
  g_free (flow->scans);
  g_free (flow->finals);
  for (guint i = 0; i < G_N_ELEMENTS (flow->feeds); i++)
    g_clear_pointer (&flow->feeds[i], g_ptr_array_unref);
  ox_flow_gradient_end (flow);
  g_clear_pointer (&flow->items, g_ptr_array_unref);
  g_clear_pointer (&flow->starts, g_ptr_array_unref);
  g_free (flow->axes);
  g_free (flow->backwards);
  g_free (flow->lengths);
  g_free (flow);
}

/* A value of one element. */
gboolean
ox_flow_read_single (const OxValue *value, const char *what, gint64 *result, GError **error)
{
  OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  g_autoptr (OxTensor) usable = NULL;

  if (tensor == NULL || tensor->count != 1
      || !(ox_dtype_is_integer (tensor->dtype) || tensor->dtype == OX_BOOL))
    {
      g_autofree char *found = value != NULL ? ox_value_describe (value) : g_strdup ("nothing");

      return ox_fail (error, OX_ERROR_DTYPE, "expected one number or bool as %s, found %s", what, found);
    }
  usable = ox_tensor_usable (tensor, error);
  if (usable == NULL)
    return FALSE;
  *result = ox_tensor_get_int (usable, 0);
  return TRUE;
}

gboolean
ox_flow_start_sequence (OxFlowState *flow, gint64 b, GError **error)
{
  for (guint i = 0; i < flow->n_carried; i++)
    {
      OxValue *value = ox_stack_slice (ox_value_get_tensor (g_ptr_array_index (flow->starts, i)), 0, b, error);

      if (value == NULL)
        return FALSE;
      g_clear_pointer (&flow->carried[i], ox_value_unref);
      flow->carried[i] = value;
    }
  return TRUE;
}

gboolean
ox_flow_is_over (const OxFlowState *flow)
{
  return !flow->go || (flow->limit >= 0 && flow->done >= flow->limit);
}

OxGraph *
ox_flow_body (const OxFlowState *flow)
{
  return flow->kind == OX_FLOW_FLEX || flow->kind == OX_FLOW_GRADIENT ? flow->bodies[flow->done] : flow->body;
}

/* Which sequence of the batch, and which step of it, iteration @done is. */
static void
locate (const OxFlowState *flow, gint64 *sequence, gint64 *step)
{
  *sequence = 0;
  *step = flow->done;
  while (flow->lengths != NULL && *sequence < flow->batch - 1 && *step >= flow->lengths[*sequence])
    *step -= flow->lengths[(*sequence)++];
}

static gboolean
feed_scan (OxFlowState *flow, OxFrame *frame, GError **error)
{
  gint64 sequence, step;

  locate (flow, &sequence, &step);
  for (guint i = 0; i < flow->items->len; i++)
    {
      OxTensor *tensor = ox_value_get_tensor (g_ptr_array_index (flow->items, i));
      gint64 length = flow->lengths != NULL ? flow->lengths[sequence] : flow->longest;
      gint64 at = flow->backwards[i] ? length - 1 - step : step;
      g_autoptr (OxValue) part = NULL;
      OxValue *value;

      if (flow->lengths != NULL)
        part = ox_stack_slice (tensor, 0, sequence, error);
      if (flow->lengths != NULL && part == NULL)
        return FALSE;
      value = ox_stack_slice (part != NULL ? ox_value_get_tensor (part) : tensor, flow->axes[i] - (part != NULL), at, error);
      if (value == NULL)
        return FALSE;
      ox_frame_write (frame, g_array_index (flow->body->inputs, int, flow->n_carried + i), value);
    }
  return TRUE;
}

/* Bodies may declare the counter and the condition as lists of one. */
static OxValue *
single_for (const OxGraph *body, guint input, OxDtype dtype, gint64 number)
{
  const OxSlot *slot = ox_graph_slot (body, g_array_index (body->inputs, int, input));
  OxTensor *tensor;
  gint64 one = 1;

  if (slot->type == NULL || slot->type->rank != 1)
    return ox_value_new_tensor (ox_tensor_new_scalar (dtype, (double) number));
  tensor = ox_tensor_new (dtype, 1, &one, NULL);
  ox_tensor_set (tensor, 0, (double) number);
  return ox_value_new_tensor (tensor);
}

gboolean
ox_flow_feed (OxFlowState *flow, OxFrame *frame, GError **error)
{
  const GArray *inputs = ox_flow_body (flow)->inputs;
  guint first = flow->kind == OX_FLOW_LOOP ? 2 : 0;
  gint64 sequence;

  if (flow->kind == OX_FLOW_GRADIENT)
    {
      ox_flow_gradient_feed (flow, frame);
      return TRUE;
    }
  if (flow->kind != OX_FLOW_FLEX)
    {
      frame->iteration = flow->done;
      frame->iterations = flow->limit;
    }
  if (flow->kind == OX_FLOW_LOOP)
    {
      ox_frame_write (frame, g_array_index (inputs, int, 0), single_for (flow->body, 0, OX_I64, flow->done));
      ox_frame_write (frame, g_array_index (inputs, int, 1), single_for (flow->body, 1, OX_BOOL, 1));
    }
  for (guint i = 0; i < flow->n_carried; i++)
    ox_frame_write (frame, g_array_index (inputs, int, first + i), ox_value_ref (flow->carried[i]));
  if (flow->kind == OX_FLOW_SCAN)
    return feed_scan (flow, frame, error);
  for (guint i = 0; flow->kind == OX_FLOW_SEQUENCE_MAP && i < flow->items->len; i++)
    {
      OxValue *value = g_ptr_array_index (flow->items, i);

      sequence = flow->done;
      if (value->kind == OX_VALUE_SEQUENCE)
        value = ox_value_get_item (value, (guint) sequence);
      ox_frame_write (frame, g_array_index (inputs, int, i), ox_value_ref (value));
    }
  return TRUE;
}

static GPtrArray *
copy_values (const GPtrArray *from)
{
  GPtrArray *to = ox_value_array_new ();

  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (to, ox_value_ref (g_ptr_array_index (from, i)));
  return to;
}

gboolean
ox_flow_advance (OxFlowState *flow, OxValue **results, GPtrArray **before, GCancellable *cancellable, GError **error)
{
  guint first = flow->kind == OX_FLOW_LOOP ? 1 : 0;
  gint64 go = 1, sequence, step;
  g_autoptr (GPtrArray) old = ox_value_array_new ();
  g_autoptr (OxValue) next = NULL;

  if (flow->kind == OX_FLOW_FLEX)
    {
      next = ox_flow_flex_next (flow, results[0], cancellable, error);
      if (next == NULL)
        return FALSE;
      results = &next;
    }
  if (flow->kind == OX_FLOW_GRADIENT && !ox_flow_gradient_next (flow, results, error))
    return FALSE;
  if (first == 1 && !ox_flow_read_single (results[0], "the body's condition", &go, error))
    return FALSE;
  locate (flow, &sequence, &step);
  flow->go = go != 0;
  for (guint i = 0; i < flow->n_carried; i++)
    {
      g_ptr_array_add (old, flow->carried[i]);
      flow->carried[i] = ox_value_ref (results[first + i]);
    }
  for (guint i = 0; i < flow->n_scans; i++)
    g_ptr_array_add (flow->scans[i], ox_value_ref (results[first + flow->n_carried + i]));
  flow->done++;
  if (flow->lengths != NULL && step + 1 == flow->lengths[sequence])
    {
      for (guint i = 0; i < flow->n_carried; i++)
        g_ptr_array_add (flow->finals[i], ox_value_ref (flow->carried[i]));
      if (sequence + 1 < flow->batch && !ox_flow_start_sequence (flow, sequence + 1, error))
        {
          ox_flow_retreat (flow, old);
          return FALSE;
        }
    }
  if (before != NULL)
    *before = g_steal_pointer (&old);
  return TRUE;
}

void
ox_flow_retreat (OxFlowState *flow, GPtrArray *before)
{
  gint64 sequence, step;

  flow->done--;
  flow->go = TRUE;
  locate (flow, &sequence, &step);
  for (guint i = 0; i < flow->n_carried; i++)
    {
      g_clear_pointer (&flow->carried[i], ox_value_unref);
      flow->carried[i] = ox_value_ref (g_ptr_array_index (before, i));
      if (flow->lengths != NULL && step + 1 == flow->lengths[sequence])
        g_ptr_array_set_size (flow->finals[i], (int) flow->finals[i]->len - 1);
    }
  for (guint i = 0; i < flow->n_scans; i++)
    g_ptr_array_set_size (flow->scans[i], (int) flow->scans[i]->len - 1);
}

/* Scan-8: each sequence's steps, filled up, then all sequences. */
static OxValue *
stack_batch (const OxFlowState *flow, const GPtrArray *steps, GError **error)
{
  g_autoptr (GPtrArray) sequences = ox_value_array_new ();
  guint at = 0;

  for (gint64 b = 0; b < flow->batch; at += (guint) flow->lengths[b++])
    {
      OxValue *joined = ox_stack_tensors ((guint) flow->lengths[b], (OxValue **) steps->pdata + at, 0, FALSE, error);
      OxTensor *padded;

      if (joined == NULL)
        return NULL;
      padded = ox_stack_pad (joined->tensor, flow->longest, error);
      ox_value_unref (joined);
      if (padded == NULL)
        return NULL;
      g_ptr_array_add (sequences, ox_value_new_tensor (padded));
    }
  return ox_stack_tensors (sequences->len, (OxValue **) sequences->pdata, 0, FALSE, error);
}

static OxValue *
finish_scan_output (const OxFlowState *flow, guint i, GError **error)
{
  const GPtrArray *steps = flow->scans[i];
  guint k = flow->kind == OX_FLOW_SCAN ? flow->items->len + i : i;
  guint output = (flow->kind == OX_FLOW_LOOP ? 1 : 0) + flow->n_carried + i;
  const OxSlot *info = g_ptr_array_index (flow->body->output_infos, output);

  if (flow->kind == OX_FLOW_SEQUENCE_MAP)
    return ox_value_new_sequence (info->type != NULL ? info->type->dtype : OX_UNDEFINED, copy_values (steps));
  if (flow->lengths != NULL)
    return stack_batch (flow, steps, error);
  if (steps->len == 0)
    return ox_stack_nothing (info->type, flow->axes[k], error);
  return ox_stack_tensors (steps->len, (OxValue **) steps->pdata, flow->axes[k], flow->backwards[k], error);
}

GPtrArray *
ox_flow_finish (OxFlowState *flow, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) outputs = ox_value_array_new ();

  if (flow->kind == OX_FLOW_GRADIENT)
    return g_ptr_array_ref (flow->items);
  if (flow->kind == OX_FLOW_FLEX)
    {
      OxValue *value = ox_flow_flex_end (flow, cancellable, error);

      if (value == NULL)
        return NULL;
      g_ptr_array_add (outputs, value);
      return g_steal_pointer (&outputs);
    }
  for (guint i = 0; i < flow->n_carried; i++)
    {
      OxValue *value = flow->finals != NULL ? ox_stack_tensors (flow->finals[i]->len, (OxValue **) flow->finals[i]->pdata,
                                                                0, FALSE, error)
                                            : ox_value_ref (flow->carried[i]);

      if (value == NULL)
        return NULL;
      g_ptr_array_add (outputs, value);
    }
  for (guint i = 0; i < flow->n_scans; i++)
    {
      OxValue *value = finish_scan_output (flow, i, error);

      if (value == NULL)
        {
          ox_error_prefix (error, "output %u", flow->n_carried + i);
          return NULL;
        }
      g_ptr_array_add (outputs, value);
    }
  return g_steal_pointer (&outputs);
}
