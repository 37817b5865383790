/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-watch.h"

#include "debug/ox-debugger-private.h"
#include "debug/ox-expression.h"

#define MAX_HISTORY 4096

typedef struct
{
  gatomicrefcount refs;
  OxExpression   *formula;
  OxWatch         shown;     /* under the debugger's lock */
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
  Search search = { scene->debugger, name, NULL, -1, FALSE };

  for (*graph = scene->frame->graph; *graph != NULL; *graph = (*graph)->outer)
    if ((*slot = ox_graph_find (*graph, name)) >= 0)
      return TRUE;
  ox_graph_foreach (model->graph, search_graph, &search);
  for (guint i = 0; i < model->functions->len; i++)
    ox_graph_foreach (((OxFunction *) g_ptr_array_index (model->functions, i))->body, search_graph, &search);
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

static void
compute (OxDebugger *self, Watch *watch, gboolean written, GCancellable *cancellable)
{
  Scene scene = { self, frame_now (self), FALSE };
  g_autoptr (GError) error = NULL;
  OxTensor *value = ox_expression_evaluate (watch->formula, look_up, &scene, cancellable, &error);
  const guint64 time = ox_session_turns (self->session);
  GArray *history = watch->shown.history;

  g_mutex_lock (&self->lock);
  g_clear_pointer (&watch->shown.value, ox_tensor_unref);
  g_clear_pointer (&watch->shown.trouble, g_free);
  watch->shown.value = value;
  watch->shown.trouble = error != NULL ? g_strdup (error->message) : NULL;
  if (value != NULL && value->count == 1)
    {
      const OxWatchPoint point = { time, ox_tensor_get (value, 0) };
      OxWatchPoint *last = history->len > 0 ? &g_array_index (history, OxWatchPoint, history->len - 1) : NULL;

      if (last != NULL && last->time == time)
        *last = point;
      else if (last == NULL || written || last->value != point.value)
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
names_an_output (const Watch *watch, const OxNode *node)
{
  GPtrArray *names = ox_expression_names (watch->formula);

  for (guint i = 0; i < node->output_names->len; i++)
    if (g_ptr_array_find_with_equal_func (names, g_ptr_array_index (node->output_names, i), g_str_equal, NULL))
      return TRUE;
  return FALSE;
}

void
ox_debugger_look_after (OxDebugger *self, const OxNode *node, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) watches = NULL;

  if (self->watches->len == 0)
    return;
  watches = hold (self);
  for (guint i = 0; i < watches->len; i++)
    if (names_an_output (g_ptr_array_index (watches, i), node))
      compute (self, g_ptr_array_index (watches, i), TRUE, cancellable);
}

void
ox_debugger_cut_watches (OxDebugger *self, guint64 turns)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->watches->len; i++)
    {
      GArray *history = ((Watch *) g_ptr_array_index (self->watches, i))->shown.history;

      while (history->len > 0 && g_array_index (history, OxWatchPoint, history->len - 1).time > turns)
        g_array_set_size (history, history->len - 1);
    }
  g_mutex_unlock (&self->lock);
}
