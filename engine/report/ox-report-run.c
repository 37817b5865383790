/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "report/ox-report-private.h"
#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"

/* Values beyond this many are counted only. */
#define MOST_RECORDS 200000
/* Elements of an output that are shown. */
#define SHOWN 12

/* ---- while it runs --------------------------------------------------------------------------------------------- */

static const OxNode *
top_of (const OxFrame *frame, const OxNode *node)
{
  for (; frame->parent != NULL; frame = frame->parent)
    node = frame->caller;
  return node;
}

static void
measure (OxRecord *record, const OxValue *value)
{
  const OxTensor *tensor = ox_value_get_tensor (value);
  OxStatistics statistics;

  record->min = record->mean = record->max = NAN;
  if (tensor == NULL)
    return;
  ox_statistics_compute (tensor, &statistics);
  record->numeric = statistics.numeric;
  if (!statistics.numeric)
    return;
  record->nan = statistics.nan;
  record->inf = statistics.pos_inf + statistics.neg_inf;
  record->min = statistics.min;
  record->mean = statistics.mean;
  record->max = statistics.max;
}

static void
keep_output (OxReport *self, const OxSlot *slot, const OxValue *value)
{
  const OxGraph *graph = self->model->graph;

  for (guint i = 0; i < graph->outputs->len; i++)
    {
      const OxRef *ref = &g_array_index (graph->outputs, OxRef, i);

      if (ref->up == 0 && ox_graph_slot (graph, ref->slot) == slot)
        {
          g_free (self->outputs[i]);
          self->outputs[i] = ox_format_value (value, 4, SHOWN);
        }
    }
}

static void
tap (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  OxReport *self = data;
  const OxNode *top = top_of (frame, node);
  const char *where = NULL;

  self->last = self->records->len;
  self->n_nodes++;
  if (frame->id != 0 && self->records->len < MOST_RECORDS)
    {
      g_autofree char *label = ox_frame_label (frame);

      where = g_string_chunk_insert_const (self->texts, label);
    }
  for (guint i = 0; i < node->output_names->len; i++)
    {
      OxRecord record = { .node = node, .top = top, .output = i, .frame = frame->id, .where = where, .seconds = NAN };
      const OxSlot *slot = ox_node_output_slot (node, (int) i);
      g_autofree char *type = NULL;

      if (outputs[i] == NULL || slot == NULL)
        continue;
      self->n_values++;
      measure (&record, outputs[i]);
      if (record.nan > 0 || record.inf > 0)
        {
          self->n_bad++;
          g_hash_table_add (self->bad, (gpointer) top);
        }
      if (frame->id == 0 && slot->graph_output >= 0)
        keep_output (self, slot, outputs[i]);
      if (self->records->len >= MOST_RECORDS)
        continue;
      type = ox_value_describe (outputs[i]);
      record.type = g_string_chunk_insert_const (self->texts, type);
      g_array_append_val (self->records, record);
    }
}

static void
turned (const OxTurn *turn, gpointer data)
{
  OxReport *self = data;

  if (turn->kind == OX_TURN_FAILED && turn->node != NULL)
    self->failed = top_of (turn->frame, turn->node);
  if (turn->kind != OX_TURN_NODE)
    return;
  self->seconds += turn->seconds;
  if (self->last < self->records->len)
    {
      OxRecord *record = &g_array_index (self->records, OxRecord, self->last);

      if (record->node == turn->node)
        record->seconds = turn->seconds;
    }
  if (self->options.progress != NULL && turn->frame->id == 0)
    self->options.progress (0.8 * (turn->node->index + 1) / turn->frame->graph->nodes->len, "Running…", self->options.data);
}

static gboolean
run_alone (OxReport *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxSession) session = ox_session_new_twin (self->session, FALSE);
  GError *failure = NULL;
  OxTurnKind kind;

  ox_session_set_tap (session, tap, self);
  do
    {
      OxTurn turn;

      kind = ox_session_turn (session, &turn, cancellable, &failure);
      turned (&turn, self);
    }
  while (kind != OX_TURN_ENDED && kind != OX_TURN_FAILED);
  if (failure != NULL && g_cancellable_is_cancelled (cancellable))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  self->result->failure = failure;
  return TRUE;
}

/* ---- with the reference ---------------------------------------------------------------------------------------- */

static char *
key_of (guint64 frame, const OxNode *node, guint output)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %p %u", frame, (const void *) node, output);
}

/* Each record gets what was found of its value; what only the run beside it made gets a record of its own. */
static void
join (OxReport *self)
{
  g_autoptr (GHashTable) compared = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *values = ox_comparison_values (self->comparison);
  const OxComparedValue *first = ox_comparison_first (self->comparison);

  for (guint i = 0; i < values->len; i++)
    {
      OxComparedValue *value = g_ptr_array_index (values, i);

      g_hash_table_insert (compared, key_of (value->frame, value->node, value->output), value);
    }
  for (guint i = 0; i < self->records->len; i++)
    {
      OxRecord *record = &g_array_index (self->records, OxRecord, i);
      g_autofree char *key = key_of (record->frame, record->node, record->output);

      record->compared = g_hash_table_lookup (compared, key);
      g_hash_table_remove (compared, key);
    }
  for (guint i = 0; i < values->len && self->records->len < MOST_RECORDS; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (values, i);
      g_autofree char *key = key_of (value->frame, value->node, value->output);
      OxRecord record = { .node = value->node,
                          .output = value->output,
                          .frame = value->frame,
                          .min = NAN,
                          .mean = NAN,
                          .max = NAN,
                          .seconds = NAN,
                          .compared = value };

      if (!g_hash_table_contains (compared, key))
        continue;
      record.top = value->frame == 0 ? value->node : NULL;
      record.where = value->where != NULL ? g_string_chunk_insert_const (self->texts, value->where) : NULL;
      g_array_append_val (self->records, record);
    }
  self->errors = ox_node_errors_new (values);
  for (guint i = 0; first != NULL && i < self->records->len; i++)
    if (g_array_index (self->records, OxRecord, i).compared == first)
      self->first = g_array_index (self->records, OxRecord, i).top;
}

static gboolean
run_beside (OxReport *self, GCancellable *cancellable, GError **error)
{
  GError *failure = NULL;
  gboolean done;

  ox_comparison_follow (self->comparison, tap, turned, self);
  ox_comparison_set_histograms (self->comparison, TRUE);
  done = ox_comparison_run (self->comparison, cancellable, &failure);
  ox_comparison_follow (self->comparison, NULL, NULL, NULL);
  /* A run that cannot go on is in the page; a reference that cannot be read is not worth one. */
  if (!done && self->failed == NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (!done && g_cancellable_is_cancelled (cancellable))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  self->result->failure = failure;
  return TRUE;
}

static gboolean
hunt (OxReport *self, GCancellable *cancellable, GError **error)
{
  self->hunt = ox_hunt_new (self->session, 1U << OX_HUNT_INF | 1U << OX_HUNT_NAN);
  if (self->options.progress != NULL)
    self->options.progress (0.8, "Looking where NaN come from…", self->options.data);
  /* A run that fails does so as before. */
  ox_hunt_run (self->hunt, self->options.seconds > 0 ? self->options.seconds : 3, cancellable, NULL);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

gboolean
ox_report_run (OxReport *self, GCancellable *cancellable, GError **error)
{
  gboolean beside = self->comparison != NULL && !self->options.compared;

  if (!(beside ? run_beside (self, cancellable, error) : run_alone (self, cancellable, error)))
    return FALSE;
  if (self->comparison != NULL)
    join (self);
  if (self->n_bad > 0 && !hunt (self, cancellable, error))
    return FALSE;
  self->result->differs = (self->comparison != NULL && ox_comparison_first (self->comparison) != NULL)
                          || (self->hunt != NULL
                              && (ox_hunt_first_unintended (self->hunt, OX_HUNT_INF) != NULL
                                  || ox_hunt_first_unintended (self->hunt, OX_HUNT_NAN) != NULL));
  return TRUE;
}
