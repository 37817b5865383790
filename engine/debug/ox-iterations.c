/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-iterations.h"
#include "tensor/ox-statistics.h"

#define MOST_ROWS 65536

typedef struct
{
  OxGraph      *body;
  int           slot;
  OxIterations *result;
} Watch;

void
ox_iterations_free (OxIterations *self)
{
  g_array_unref (self->rows);
  g_free (self);
}

/* Every other row goes when there are too many. */
static void
thin_out (OxIterations *self)
{
  guint n = (self->rows->len + 1) / 2;

  for (guint i = 0; i < n; i++)
    g_array_index (self->rows, OxIteration, i) = g_array_index (self->rows, OxIteration, 2 * i);
  g_array_set_size (self->rows, n);
  self->step *= 2;
}

static void
add_row (Watch *watch, const OxFrame *frame, const OxValue *value)
{
  OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  OxStatistics s;
  OxIteration row;

  if (tensor == NULL || frame->iteration < 0 || frame->iteration % watch->result->step != 0)
    return;
  ox_statistics_compute (tensor, &s);
  if (!s.numeric)
    return;
  row = (OxIteration){ frame->iteration, s.count, s.nan + s.pos_inf + s.neg_inf, s.min, s.max, s.mean };
  g_array_append_val (watch->result->rows, row);
  if (watch->result->rows->len > MOST_ROWS)
    thin_out (watch->result);
}

static void
look (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Watch *watch = data;

  for (guint i = 0; frame->graph == watch->body && i < node->output_names->len; i++)
    if (node->outputs[i] == watch->slot)
      add_row (watch, frame, outputs[i]);
}

OxIterations *
ox_iterations_run (OxSession *session, OxGraph *body, int slot, gint64 opening, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxIterations) self = g_new0 (OxIterations, 1);
  Watch watch = { body, slot, self };
  const OxSlot *info = ox_graph_slot (body, slot);
  OxTurnKind kind;
  OxTurn turn;

  self->rows = g_array_new (FALSE, FALSE, sizeof (OxIteration));
  self->step = 1;
  if (info == NULL || body->owner == NULL || g_str_equal (body->owner->op_type, "If"))
    {
      ox_fail (error, OX_ERROR_VALUE, "'%s' is no value of the body of a Loop or Scan", info != NULL ? info->name : "");
      return NULL;
    }
  ox_session_set_tap (session, look, &watch);
  while ((kind = ox_session_turn (session, &turn, cancellable, error)) != OX_TURN_ENDED)
    {
      if (kind == OX_TURN_FAILED)
        return NULL;
      if (kind != OX_TURN_ENTERED || turn.frame->graph != body)
        continue;
      if (!turn.again)
        {
          if (opening >= 0 && self->openings == (guint64) opening + 1)
            break;
          self->openings++;
          self->step = 1;
          g_array_set_size (self->rows, 0);
        }
      if (info->producer == NULL)
        add_row (&watch, turn.frame, turn.frame->values[slot]);
    }
  ox_session_set_tap (session, NULL, NULL);
  if (self->openings == 0 || (opening >= 0 && (guint64) opening >= self->openings))
    ox_fail (error, OX_ERROR_VALUE, "the run comes to it %u times", self->openings);
  else if (self->rows->len == 0)
    ox_fail (error, OX_ERROR_VALUE, "'%s' is no tensor of numbers in any iteration", info->name);
  else
    {
      self->opening = self->openings - 1;
      return g_steal_pointer (&self);
    }
  return NULL;
}
