/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-trace-private.h"

static void
kept_free (OxKept *kept)
{
  ox_frame_unref (kept->frame);
  g_free (kept);
}

OxTrace *
ox_trace_new (gsize budget)
{
  OxTrace *trace = g_new0 (OxTrace, 1);

  trace->records = g_array_new (FALSE, FALSE, sizeof (OxTraceRecord));
  trace->budget = budget;
  g_queue_init (&trace->kept);
  return trace;
}

void
ox_trace_clear (OxTrace *trace)
{
  g_array_set_size (trace->records, 0);
  g_queue_clear_full (&trace->kept, (GDestroyNotify) kept_free);
  trace->kept_bytes = 0;
  trace->dropped = 0;
}

void
ox_trace_free (OxTrace *trace)
{
  ox_trace_clear (trace);
  g_array_unref (trace->records);
  g_free (trace);
}

/* The values that the node wrote; returns their bytes. */
static guint64
keep_outputs (OxTrace *trace, OxFrame *frame, const OxNode *node, guint64 time)
{
  guint64 total = 0;

  for (guint i = 0; i < node->output_names->len; i++)
    {
      int slot = node->outputs[i];
      OxKept *kept;

      if (slot < 0 || frame->values[slot] == NULL)
        continue;
      kept = g_new0 (OxKept, 1);
      kept->frame = ox_frame_ref (frame);
      kept->slot = slot;
      kept->time = time;
      kept->bytes = ox_value_bytes (frame->values[slot]);
      trace->kept_bytes += kept->bytes;
      total += kept->bytes;
      g_queue_push_tail (&trace->kept, kept);
    }
  return total;
}

void
ox_trace_add (OxTrace *trace, const OxTurn *turn, guint64 time, guint depth)
{
  OxTraceRecord record = {
    .time = time, .kind = turn->kind, .frame_id = turn->frame != NULL ? turn->frame->id : 0, .depth = depth,
    .iteration = turn->frame != NULL ? turn->frame->iteration : -1, .node = turn->node, .seconds = turn->seconds,
  };

  if (turn->kind == OX_TURN_NODE)
    record.bytes = keep_outputs (trace, turn->frame, turn->node, time);
  else if (turn->kind == OX_TURN_LEFT && turn->node->index < turn->frame->parent->pc)
    record.bytes = keep_outputs (trace, turn->frame->parent, turn->node, time);
  g_array_append_val (trace->records, record);
  ox_trace_trim (trace);
}

void
ox_trace_truncate (OxTrace *trace, guint64 time)
{
  OxKept *kept;

  while (trace->records->len > 0
         && g_array_index (trace->records, OxTraceRecord, trace->records->len - 1).time >= time)
    g_array_set_size (trace->records, trace->records->len - 1);
  while ((kept = g_queue_peek_tail (&trace->kept)) != NULL && kept->time >= time)
    {
      g_queue_pop_tail (&trace->kept);
      trace->kept_bytes -= kept->bytes;
      kept_free (kept);
    }
}

void
ox_trace_trim (OxTrace *trace)
{
  GList *link = trace->kept.head;

  /* The newest stays, so that what was just computed can be seen whatever the budget. */
  while (trace->kept_bytes > trace->budget && link != NULL && link != trace->kept.tail)
    {
      GList *next = link->next;
      OxKept *kept = link->data;

      if (ox_frame_drop (kept->frame, kept->slot))
        {
          trace->kept_bytes -= kept->bytes;
          trace->dropped++;
          kept_free (kept);
          g_queue_delete_link (&trace->kept, link);
        }
      link = next;
    }
}

guint
ox_trace_length (OxTrace *trace)
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
