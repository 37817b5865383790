/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-trace-private.h"

static void
frames_free (gpointer frames)
{
  g_queue_free_full (frames, (GDestroyNotify) ox_frame_unref);
}

OxTrace *
ox_trace_new (void)
{
  OxTrace *trace = g_new0 (OxTrace, 1);

  trace->records = g_array_new (FALSE, FALSE, sizeof (OxTraceRecord));
  trace->closed = g_hash_table_new_full (NULL, NULL, NULL, frames_free);
  return trace;
}

void
ox_trace_clear (OxTrace *trace)
{
  g_array_set_size (trace->records, 0);
  ox_trace_rewind (trace);
}

void
ox_trace_rewind (OxTrace *trace)
{
  trace->length = 0;
  g_hash_table_remove_all (trace->closed);
  trace->kept_bytes = 0;
}

void
ox_trace_cut (OxTrace *trace)
{
  g_array_set_size (trace->records, trace->length);
}

void
ox_trace_free (OxTrace *trace)
{
  g_array_unref (trace->records);
  g_hash_table_unref (trace->closed);
  g_free (trace);
}

static guint64
written (const OxFrame *frame, const OxNode *node)
{
  guint64 total = 0;

  for (guint i = 0; i < node->output_names->len; i++)
    if (node->outputs[i] >= 0 && frame->values[node->outputs[i]] != NULL)
      total += ox_value_bytes (frame->values[node->outputs[i]]);
  return total;
}

static void
append (OxTrace *trace, OxTraceRecord *record)
{
  OxTraceRecord *known = trace->length < trace->records->len ? &g_array_index (trace->records, OxTraceRecord, trace->length) : NULL;

  if (known != NULL && known->node == record->node && known->frame_id == record->frame_id && known->kind == record->kind)
    {
      record->bad = known->bad;
      *known = *record;
    }
  else
    {
      ox_trace_cut (trace);
      g_array_append_val (trace->records, *record);
    }
  trace->length++;
}

void
ox_trace_add (OxTrace *trace, const OxTurn *turn, guint64 time, guint depth)
{
  OxFrame *frame = turn->frame;
  OxTraceRecord record = {
    .time = time, .kind = turn->kind, .frame_id = frame->id, .graph = frame->graph, .depth = depth,
    .iteration = frame->iteration, .again = turn->again, .node = turn->node, .seconds = turn->seconds,
  };

  if (turn->kind == OX_TURN_NODE)
    record.bytes = written (frame, turn->node);
  else if (turn->kind == OX_TURN_LEFT)
    {
      GQueue *frames = g_hash_table_lookup (trace->closed, frame->graph);

      if (turn->node->index < frame->parent->pc)
        record.bytes = written (frame->parent, turn->node);
      if (frames == NULL)
        {
          frames = g_queue_new ();
          g_hash_table_insert (trace->closed, frame->graph, frames);
        }
      g_queue_push_tail (frames, ox_frame_ref (frame));
    }
  append (trace, &record);
}

void
ox_trace_pop (OxTrace *trace)
{
  const OxTraceRecord *record = ox_trace_get (trace, trace->length - 1);

  if (record->kind == OX_TURN_LEFT)
    ox_frame_unref (g_queue_pop_tail (g_hash_table_lookup (trace->closed, record->graph)));
  trace->length--;
}

void
ox_trace_forget (OxTrace *trace, guint64 time)
{
  const OxTraceRecord *record = ox_trace_get (trace, (guint) time);
  GQueue *frames = record->kind == OX_TURN_LEFT ? g_hash_table_lookup (trace->closed, record->graph) : NULL;

  /* Frames before this one were forgotten before, so the one to go is at most one. */
  if (frames != NULL && frames->length > 1 && ((OxFrame *) frames->head->data)->id != record->frame_id)
    ox_frame_unref (g_queue_pop_head (frames));
}

OxFrame *
ox_trace_closed (OxTrace *trace, const OxGraph *graph)
{
  GQueue *frames = g_hash_table_lookup (trace->closed, graph);

  return frames != NULL ? g_queue_peek_tail (frames) : NULL;
}

guint
ox_trace_length (OxTrace *trace)
{
  return trace->length;
}

guint
ox_trace_reach (OxTrace *trace)
{
  return trace->records->len;
}

const OxTraceRecord *
ox_trace_get (OxTrace *trace, guint index)
{
  return index < trace->records->len ? &g_array_index (trace->records, OxTraceRecord, index) : NULL;
}

gsize
ox_trace_kept_bytes (OxTrace *trace)
{
  return trace->kept_bytes;
}
