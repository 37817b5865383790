/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-watch.h"

#include <math.h>

#include "debug/ox-debugger-private.h"
#include "debug/ox-expression.h"

#define MAX_HISTORY 4096

/* Where a name was found: what is written there does not change as long as the run goes on. */
typedef struct
{
  guint64        frame_id;
  const OxGraph *graph;
  int            slot;
} Found;

typedef struct
{
  gatomicrefcount refs;
  OxExpression   *formula;
  OxWatch         shown;     /* under the debugger's lock */
  OxTensor       *made;      /* what it was last, of the values that were found at @places; or NULL. On the worker */
  GArray         *places;    /* Found, one a name */
} Watch;

static void
watch_clear (OxWatch *watch)
{
  g_free (watch->text);
  g_free (watch->trouble);
  g_clear_pointer (&watch->value, ox_tensor_unref);
  g_clear_pointer (&watch->history, g_array_unref);
}

void
ox_watch_free (gpointer watch)
{
  watch_clear (watch);
  g_free (watch);
}

static void
watch_unref (gpointer data)
{
  Watch *watch = data;

  if (!g_atomic_ref_count_dec (&watch->refs))
    return;
  ox_expression_free (watch->formula);
  g_clear_pointer (&watch->made, ox_tensor_unref);
  g_clear_pointer (&watch->places, g_array_unref);
  watch_clear (&watch->shown);
  g_free (watch);
}

void
ox_debugger_init_watches (OxDebugger *self)
{
  self->watches = g_ptr_array_new_with_free_func (watch_unref);
}

void
ox_debugger_clear_watches (OxDebugger *self)
{
  g_clear_pointer (&self->watches, g_ptr_array_unref);
}

/* ---- values where the run stands -------------------------------------------------------------------------------- */

typedef struct
{
  OxDebugger *debugger;
  OxFrame    *frame;       /* to begin with */
  gboolean    again;       /* what was dropped may be computed again */
} Scene;

typedef struct
{
  OxDebugger *debugger;
  const char *name;
  OxGraph    *graph;
  int         slot;
  gboolean    closed;      /* its frame was open once */
} Search;

static void
search_graph (OxGraph *graph, gpointer data)
{
  Search *search = data;
  const int slot = search->closed ? -1 : ox_graph_find (graph, search->name);

  if (slot < 0)
    return;
  search->graph = graph;
  search->slot = slot;
  search->closed = ox_debugger_frame_of (search->debugger, graph) != NULL;
}

static gboolean
find (Scene *scene, const char *name, OxGraph **graph, int *slot)
{
  const OxModel *model = scene->debugger->model;
  OxTrace *trace = scene->debugger->trace;
  Search search = { scene->debugger, name, NULL, -1, FALSE };

  for (*graph = scene->frame->graph; *graph != NULL; *graph = (*graph)->outer)
    if ((*slot = ox_graph_find (*graph, name)) >= 0)
      return TRUE;
  ox_model_foreach_graph (model, search_graph, &search);
  /* What the program wrote itself is in no list of the model. */
  for (guint i = ox_trace_length (trace); i > 0 && search.graph == NULL; i--)
    if (ox_trace_get (trace, i - 1)->kind == OX_TURN_LEFT)
      search_graph (ox_trace_get (trace, i - 1)->graph, &search);
  *graph = search.graph;
  *slot = search.slot;
  return search.graph != NULL;
}

static OxTensor *
look_up (const char *name, gpointer data, GError **error)
{
  Scene *scene = data;
  g_autoptr (OxValue) value = NULL;
  OxTensor *tensor;
  OxFrame *frame;
  OxGraph *graph;
  int slot;

  if (!find (scene, name, &graph, &slot))
    {
      ox_fail (error, OX_ERROR_VALUE, "there is no value '%s'", name);
      return NULL;
    }
  if (scene->again)
    {
      GError *problem = NULL;

      value = ox_debugger_dup_value (scene->debugger, graph, slot, &problem);
      if (problem != NULL)
        {
          g_propagate_error (error, problem);
          return NULL;
        }
    }
  else
    value = ox_debugger_peek_value (scene->debugger, graph, slot);
  tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  if (tensor != NULL)
    return ox_tensor_ref (tensor);
  if (value == NULL && (frame = ox_debugger_frame_of (scene->debugger, graph)) != NULL && ox_frame_was_dropped (frame, slot))
    ox_fail (error, OX_ERROR_VALUE, "'%s' has been forgotten; with a larger budget it stays", name);
  else
    ox_fail (error, OX_ERROR_VALUE, value == NULL ? "'%s' is not computed yet" : "'%s' is not a tensor", name);
  return NULL;
}

static OxFrame *
frame_now (OxDebugger *self)
{
  OxFrame *top = ox_session_top (self->session);

  return top != NULL ? top : ox_session_frame (self->session, 0);
}

OxTensor *
ox_debugger_evaluate (OxDebugger *self, const char *text, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxExpression) formula = ox_expression_new (text, error);
  Scene scene = { self, frame_now (self), TRUE };

  g_return_val_if_fail (!self->running, NULL);
  return formula != NULL ? ox_expression_evaluate (formula, look_up, &scene, cancellable, error) : NULL;
}

/* ---- watches ---------------------------------------------------------------------------------------------------- */

guint
ox_debugger_add_watch (OxDebugger *self, const char *text, GError **error)
{
  g_autoptr (OxExpression) formula = ox_expression_new (text, error);
  Watch *watch;

  if (formula == NULL)
    return 0;
  watch = g_new0 (Watch, 1);
  g_atomic_ref_count_init (&watch->refs);
  watch->shown.text = g_strdup (ox_expression_text (formula));
  watch->shown.history = g_array_new (FALSE, FALSE, sizeof (OxWatchPoint));
  watch->formula = g_steal_pointer (&formula);
  g_mutex_lock (&self->lock);
  watch->shown.id = ++self->last_watch;
  g_ptr_array_add (self->watches, watch);
  g_mutex_unlock (&self->lock);
  return watch->shown.id;
}

gboolean
ox_debugger_remove_watch (OxDebugger *self, guint id)
{
  gboolean found = FALSE;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->watches->len && !found; i++)
    if (((Watch *) g_ptr_array_index (self->watches, i))->shown.id == id)
      {
        g_ptr_array_remove_index (self->watches, i);
        found = TRUE;
      }
  g_mutex_unlock (&self->lock);
  return found;
}

GPtrArray *
ox_debugger_dup_watches (OxDebugger *self)
{
  GPtrArray *copies = g_ptr_array_new_with_free_func (ox_watch_free);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->watches->len; i++)
    {
      const OxWatch *from = &((Watch *) g_ptr_array_index (self->watches, i))->shown;
      OxWatch *copy = g_new0 (OxWatch, 1);

      *copy = *from;
      copy->text = g_strdup (from->text);
      copy->trouble = g_strdup (from->trouble);
      copy->value = from->value != NULL ? ox_tensor_ref (from->value) : NULL;
      copy->history = g_array_copy (from->history);
      g_ptr_array_add (copies, copy);
    }
  g_mutex_unlock (&self->lock);
  return copies;
}

static GPtrArray *
hold (OxDebugger *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (watch_unref);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->watches->len; i++)
    {
      Watch *watch = g_ptr_array_index (self->watches, i);

      g_atomic_ref_count_inc (&watch->refs);
      g_ptr_array_add (list, watch);
    }
  g_mutex_unlock (&self->lock);
  return list;
}

/* Every second one is forgotten when there are too many. */
static void
thin_out (GArray *history)
{
  if (history->len < MAX_HISTORY)
    return;
  for (guint i = 0; i < history->len / 2; i++)
    g_array_index (history, OxWatchPoint, i) = g_array_index (history, OxWatchPoint, 2 * i + 1);
  g_array_set_size (history, history->len / 2);
}

/* Where the names are now; NULL when one is nowhere. */
static GArray *
find_places (Scene *scene, const Watch *watch)
{
  const GPtrArray *names = ox_expression_names (watch->formula);
  g_autoptr (GArray) places = g_array_new (FALSE, TRUE, sizeof (Found));

  for (guint i = 0; i < names->len; i++)
    {
      OxFrame *frame;
      OxGraph *graph;
      Found place;

      if (!find (scene, g_ptr_array_index (names, i), &graph, &place.slot))
        return NULL;
      frame = ox_debugger_frame_of (scene->debugger, graph);
      place.graph = graph;
      place.frame_id = frame != NULL ? frame->id : OX_ANY_FRAME;
      g_array_append_val (places, place);
    }
  return g_steal_pointer (&places);
}

static gboolean
same_places (const GArray *a, const GArray *b)
{
  for (guint i = 0; i < a->len; i++)
    {
      const Found *x = &g_array_index (a, Found, i), *y = &g_array_index (b, Found, i);

      if (x->frame_id != y->frame_id || x->graph != y->graph || x->slot != y->slot)
        return FALSE;
    }
  return TRUE;
}

/* What was computed of the same values before still holds, also when they have been forgotten since. */
static OxTensor *
evaluate (OxDebugger *self, Watch *watch, GCancellable *cancellable, GError **error)
{
  Scene scene = { self, frame_now (self), FALSE };
  g_autoptr (GArray) places = find_places (&scene, watch);
  OxTensor *value;

  if (watch->made != NULL && places != NULL && same_places (places, watch->places))
    return ox_tensor_ref (watch->made);
  value = ox_expression_evaluate (watch->formula, look_up, &scene, cancellable, error);
  g_clear_pointer (&watch->made, ox_tensor_unref);
  g_clear_pointer (&watch->places, g_array_unref);
  if (value != NULL)
    {
      watch->made = ox_tensor_ref (value);
      watch->places = g_steal_pointer (&places);
    }
  return value;
}

static void
compute (OxDebugger *self, Watch *watch, gboolean written, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  OxTensor *value = evaluate (self, watch, cancellable, &error);
  const guint64 time = ox_session_turns (self->session);
  GArray *history = watch->shown.history;

  g_mutex_lock (&self->lock);
  g_clear_pointer (&watch->shown.value, ox_tensor_unref);
  g_clear_pointer (&watch->shown.trouble, g_free);
  watch->shown.value = value;
  if (error != NULL)
    watch->shown.trouble = g_strdup (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? "interrupted" : error->message);
  if (value != NULL && value->count == 1)
    {
      const OxWatchPoint point = { time, ox_tensor_get (value, 0) };
      OxWatchPoint *last = history->len > 0 ? &g_array_index (history, OxWatchPoint, history->len - 1) : NULL;

      if (last != NULL && last->time == time)
        *last = point;
      /* NaN is not what it was, either, but stays NaN. */
      else if (last == NULL || written || (last->value != point.value && !(isnan (last->value) && isnan (point.value))))
        {
          thin_out (history);
          g_array_append_val (history, point);
        }
    }
  g_mutex_unlock (&self->lock);
}

void
ox_debugger_look (OxDebugger *self, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) watches = self->watches->len > 0 ? hold (self) : NULL;

  for (guint i = 0; watches != NULL && i < watches->len; i++)
    compute (self, g_ptr_array_index (watches, i), FALSE, cancellable);
}

static gboolean
names_it (const Watch *watch, const char *name)
{
  return g_ptr_array_find_with_equal_func (ox_expression_names (watch->formula), name, g_str_equal, NULL);
}

static gboolean
names_an_output (const Watch *watch, const OxNode *node)
{
  for (guint i = 0; i < node->output_names->len; i++)
    if (names_it (watch, g_ptr_array_index (node->output_names, i)))
      return TRUE;
  return FALSE;
}

static gboolean
names_an_input (const Watch *watch, const OxGraph *body)
{
  for (guint i = 0; i < body->inputs->len; i++)
    if (names_it (watch, ox_graph_slot (body, g_array_index (body->inputs, int, i))->name))
      return TRUE;
  return FALSE;
}

void
ox_debugger_look_after (OxDebugger *self, const OxTurn *turn, GCancellable *cancellable)
{
  const OxFrame *frame = turn->kind == OX_TURN_LEFT ? turn->frame->parent : turn->frame;
  g_autoptr (GPtrArray) watches = NULL;

  /* A node with bodies has written when it is no longer the next; the inputs of a body when it is opened. */
  if (self->watches->len == 0 || frame == NULL || turn->node == NULL
      || (turn->kind != OX_TURN_ENTERED && frame->pc <= turn->node->index))
    return;
  watches = hold (self);
  for (guint i = 0; i < watches->len; i++)
    {
      Watch *watch = g_ptr_array_index (watches, i);

      if (turn->kind == OX_TURN_ENTERED ? names_an_input (watch, frame->graph) : names_an_output (watch, turn->node))
        compute (self, watch, TRUE, cancellable);
    }
}

void
ox_debugger_cut_watches (OxDebugger *self, guint64 turns)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->watches->len; i++)
    {
      Watch *watch = g_ptr_array_index (self->watches, i);
      GArray *history = watch->shown.history;

      g_clear_pointer (&watch->made, ox_tensor_unref);
      g_clear_pointer (&watch->places, g_array_unref);
      while (history->len > 0 && g_array_index (history, OxWatchPoint, history->len - 1).time > turns)
        g_array_set_size (history, history->len - 1);
    }
  g_mutex_unlock (&self->lock);
}
