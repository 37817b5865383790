/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-iterations.h"

#include <math.h>

#include "tensor/ox-statistics.h"

#define MOST_ROWS 65536

typedef struct
{
  OxGraph      *body;
  const GArray *place;
  gint64        opening;
  gboolean      inside;      /* of the opening that is looked at */
  gboolean      done;        /* it has closed, and no other can be the one */
  guint64       parent_id;   /* of the frame that opened it */
  guint64       turn;        /* that the iteration began after */
  OxIterations *result;
} Watch;

/* A frame around an opening. */
typedef struct
{
  const OxGraph *graph;
  const OxNode  *caller;
  gint64         iteration;
} Around;

static void
series_free (gpointer data)
{
  OxIterationSeries *series = data;

  g_array_unref (series->rows);
  g_clear_pointer (&series->last, ox_value_unref);
  g_free (series);
}

GPtrArray *
ox_iterations_new_series (void)
{
  return g_ptr_array_new_with_free_func (series_free);
}

OxIterationSeries *
ox_iteration_series_new (int slot, int after)
{
  OxIterationSeries *series = g_new0 (OxIterationSeries, 1);

  series->slot = slot;
  series->after = after;
  series->step = 1;
  series->rows = g_array_new (FALSE, FALSE, sizeof (OxIteration));
  return series;
}

void
ox_iterations_free (OxIterations *self)
{
  g_ptr_array_unref (self->series);
  g_clear_pointer (&self->place, g_array_unref);
  g_free (self->where);
  g_free (self->failure);
  g_free (self);
}

static gboolean
is_iterated (const OxGraph *body)
{
  static const char *const ops[] = { "Loop", "Scan", "SequenceMap", NULL };

  return body->owner != NULL && g_strv_contains (ops, body->owner->op_type);
}

/* Of an output of a body; -1 for a value of a graph around it. */
static int
own_slot (const GArray *refs, guint i)
{
  const OxRef *ref = i < refs->len ? &g_array_index (refs, OxRef, i) : NULL;

  return ref != NULL && ref->up == 0 ? ref->slot : -1;
}

GPtrArray *
ox_iterations_carried (const OxGraph *body)
{
  GPtrArray *all = ox_iterations_new_series ();
  guint first = 0, states = 0;   /* inputs before the carried ones; the carried ones */

  if (!is_iterated (body))
    return all;
  if (g_str_equal (body->owner->op_type, "Loop"))
    {
      first = 2;
      states = MAX (body->inputs->len, 2) - 2;
    }
  else if (g_str_equal (body->owner->op_type, "Scan"))
    {
      const OxAttribute *scans = ox_node_attribute (body->owner, "num_scan_inputs");

      states = scans != NULL && scans->i >= 0 && scans->i <= body->inputs->len ? body->inputs->len - (guint) scans->i : 0;
    }
  /* The outputs of a Loop's body begin with the condition. */
  for (guint i = 0; i < states; i++)
    {
      int slot = g_array_index (body->inputs, int, first + i);

      g_ptr_array_add (all, ox_iteration_series_new (slot, own_slot (body->outputs, i + first / 2)));
    }
  for (guint i = states + first / 2; i < body->outputs->len; i++)
    {
      int slot = own_slot (body->outputs, i);

      if (slot >= 0)
        g_ptr_array_add (all, ox_iteration_series_new (slot, -1));
    }
  return all;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

/* Every other row goes when there are too many. */
static void
thin_out (OxIterationSeries *series)
{
  guint n = (series->rows->len + 1) / 2;

  for (guint i = 0; i < n; i++)
    g_array_index (series->rows, OxIteration, i) = g_array_index (series->rows, OxIteration, 2 * i);
  g_array_set_size (series->rows, n);
  series->step *= 2;
}

/* The element that was asked for, if the tensor has it. */
static double
element_of (const OxIterationSeries *series, const OxTensor *tensor)
{
  gint64 at = 0;
  double number;

  if (series->n_index != tensor->rank && series->n_index != 1)
    return NAN;
  if (series->n_index == 1 && tensor->rank != 1)
    at = series->index[0];
  else
    for (int d = 0; d < series->n_index; d++)
      {
        if (series->index[d] < 0 || series->index[d] >= tensor->dims[d])
          return NAN;
        at = at * tensor->dims[d] + series->index[d];
      }
  if (series->n_index == 0 || at < 0 || at >= tensor->count)
    return NAN;
  ox_tensor_read_numbers (tensor, at, at + 1, &number);
  return number;
}

static void
add_row (OxIterationSeries *series, gint64 iteration, guint64 turn, const OxValue *value)
{
  OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  OxStatistics s;
  OxIteration row;

  if (tensor == NULL)
    return;
  ox_statistics_compute (tensor, &s);
  if (!s.numeric)
    return;
  row = (OxIteration){ iteration, turn, s.count, s.nan + s.pos_inf + s.neg_inf, s.min, s.max, s.mean, NAN, NAN };
  if (s.finite > 0)
    row.norm = sqrt ((double) s.finite) * hypot (s.mean, s.std);
  row.element = element_of (series, tensor);
  g_array_append_val (series->rows, row);
  if (series->rows->len > MOST_ROWS)
    thin_out (series);
}

static void
look (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Watch *watch = data;

  if (watch->inside && node == watch->body->owner && frame->id == watch->parent_id)
    {
      watch->inside = FALSE;
      watch->done = watch->place != NULL || watch->opening >= 0;
    }
  if (!watch->inside || frame->graph != watch->body || frame->iteration < 0)
    return;
  for (guint i = 0; i < watch->result->series->len; i++)
    {
      OxIterationSeries *series = g_ptr_array_index (watch->result->series, i);

      for (guint k = 0; k < node->output_names->len; k++)
        {
          if (node->outputs[k] < 0 || outputs[k] == NULL)
            continue;
          if (node->outputs[k] == series->slot && frame->iteration % series->step == 0)
            add_row (series, frame->iteration, watch->turn, outputs[k]);
          if (node->outputs[k] == series->after)
            {
              g_clear_pointer (&series->last, ox_value_unref);
              series->last = ox_value_ref (outputs[k]);
            }
        }
    }
}

/* ---- openings -------------------------------------------------------------------------------------------------- */

GArray *
ox_iterations_place (const OxFrame *frame)
{
  GArray *place = g_array_new (FALSE, TRUE, sizeof (Around));

  for (const OxFrame *f = frame->parent; f != NULL; f = f->parent)
    {
      Around around = { f->graph, f->caller, f->iteration };

      g_array_append_val (place, around);
    }
  return place;
}

static gboolean
is_at (const GArray *place, const OxFrame *frame)
{
  guint i = 0;

  for (const OxFrame *f = frame->parent; f != NULL; f = f->parent, i++)
    {
      const Around *around = i < place->len ? &g_array_index (place, Around, i) : NULL;

      if (around == NULL || around->graph != f->graph || around->caller != f->caller || around->iteration != f->iteration)
        return FALSE;
    }
  return i == place->len;
}

gboolean
ox_iterations_has (const OxIterations *self, const OxFrame *frame)
{
  return self->place != NULL && is_at (self->place, frame);
}

static char *
words_around (const OxFrame *frame)
{
  GString *text = g_string_new (NULL);

  for (; frame != NULL; frame = frame->parent)
    {
      g_autofree char *label = ox_frame_label (frame);

      g_string_prepend (text, text->len > 0 ? " / " : "");
      g_string_prepend (text, label);
    }
  return g_string_free (text, FALSE);
}

static void
open_it (Watch *watch, const OxFrame *frame)
{
  OxIterations *self = watch->result;

  self->opening = self->openings++;
  watch->inside = watch->place != NULL ? is_at (watch->place, frame)
                                       : watch->opening < 0 || watch->opening == self->opening;
  if (!watch->inside)
    return;
  watch->parent_id = frame->parent->id;
  g_clear_pointer (&self->place, g_array_unref);
  self->place = ox_iterations_place (frame);
  g_free (self->where);
  self->where = words_around (frame->parent);
  self->iterations = 0;
  for (guint i = 0; i < self->series->len; i++)
    {
      OxIterationSeries *series = g_ptr_array_index (self->series, i);

      series->step = 1;
      g_array_set_size (series->rows, 0);
      g_clear_pointer (&series->last, ox_value_unref);
    }
}

static void
enter (Watch *watch, OxFrame *frame, guint64 turn)
{
  OxIterations *self = watch->result;

  if (!watch->inside || frame->iteration < 0)
    return;
  watch->turn = turn;
  self->iterations = frame->iteration + 1;
  for (guint i = 0; i < self->series->len; i++)
    {
      OxIterationSeries *series = g_ptr_array_index (self->series, i);
      const OxSlot *slot = ox_graph_slot (watch->body, series->slot);

      if (slot->producer == NULL && frame->iteration % series->step == 0)
        add_row (series, frame->iteration, turn, frame->values[series->slot]);
    }
}

/* What the last iteration made for one that did not come. */
static void
add_last (Watch *watch, guint64 turn)
{
  for (guint i = 0; i < watch->result->series->len; i++)
    {
      OxIterationSeries *series = g_ptr_array_index (watch->result->series, i);

      if (series->last != NULL && series->rows->len > 0)
        add_row (series, watch->result->iterations, turn, series->last);
      g_clear_pointer (&series->last, ox_value_unref);
    }
}

static gboolean
run (Watch *watch, OxSession *session, GCancellable *cancellable, GError **error)
{
  OxTurnKind kind = OX_TURN_ENDED;
  OxTurn turn;
  guint64 left = 0;

  while (!watch->done && (kind = ox_session_turn (session, &turn, cancellable, error)) != OX_TURN_ENDED)
    {
      if (kind == OX_TURN_FAILED)
        break;
      if (kind == OX_TURN_LEFT && watch->inside && turn.frame->graph == watch->body)
        left = ox_session_turns (session);
      if (kind != OX_TURN_ENTERED || turn.frame->graph != watch->body)
        continue;
      if (!turn.again)
        open_it (watch, turn.frame);
      enter (watch, turn.frame, ox_session_turns (session));
    }
  add_last (watch, left);
  return watch->done || kind != OX_TURN_FAILED;
}

OxIterations *
ox_iterations_run (OxSession *session, OxGraph *body, GPtrArray *series, const GArray *place, gint64 opening,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (OxIterations) self = g_new0 (OxIterations, 1);
  g_autoptr (GError) failure = NULL;
  Watch watch = { .body = body, .place = place, .opening = opening, .result = self };
  gboolean good;

  self->series = series;
  if (!is_iterated (body))
    {
      ox_fail (error, OX_ERROR_VALUE, "expected a value of the body of a Loop, Scan or SequenceMap");
      return NULL;
    }
  ox_session_set_tap (session, look, &watch);
  good = run (&watch, session, cancellable, &failure);
  ox_session_set_tap (session, NULL, NULL);
  if (!good && (self->where == NULL || failure->domain != OX_ERROR))
    g_propagate_error (error, g_steal_pointer (&failure));
  else if (self->where == NULL)
    ox_fail (error, OX_ERROR_VALUE, "the run comes to it %u times", self->openings);
  else
    {
      self->failure = good ? NULL : g_strdup (failure->message);
      return g_steal_pointer (&self);
    }
  return NULL;
}
