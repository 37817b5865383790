/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-focus.h"

#define MAX_HISTORY 200

typedef struct
{
  OxGraph *graph;
  OxNode  *node;
} Place;

struct _OxFocus
{
  GObject parent_instance;

  OxModel    *model;
  OxDebugger *debugger;
  OxValueLog *log;
  OxOverlay  *overlay;
  OxGraph    *graph;
  OxNode     *node;
  OxGraph    *value_graph;
  int         slot;

  GArray     *places;     /* Place; the past, the present at @at, the future */
  guint       at;
  gboolean    travelling; /* going through @places, which is not to be written down */

  /* What is shown instead of the selected value. */
  OxValue    *lent;
  char       *lent_from, *lent_message;
};

G_DEFINE_FINAL_TYPE (OxFocus, ox_focus, G_TYPE_OBJECT)

enum
{
  GRAPH_CHANGED,
  NODE_CHANGED,
  VALUE_CHANGED,
  STATE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* Whether anything was. */
static gboolean
take_back (OxFocus *self)
{
  gboolean was = self->lent_from != NULL;

  g_clear_pointer (&self->lent, ox_value_unref);
  g_clear_pointer (&self->lent_from, g_free);
  g_clear_pointer (&self->lent_message, g_free);
  return was;
}

static void
ox_focus_finalize (GObject *object)
{
  OxFocus *self = OX_FOCUS (object);

  take_back (self);
  g_clear_object (&self->log);
  g_clear_object (&self->overlay);
  g_clear_object (&self->debugger);
  ox_model_unref (self->model);
  g_array_unref (self->places);
  G_OBJECT_CLASS (ox_focus_parent_class)->finalize (object);
}

static void
ox_focus_class_init (OxFocusClass *klass)
{
  static const char *const names[N_SIGNALS] = { "graph-changed", "node-changed", "value-changed", "state-changed" };

  G_OBJECT_CLASS (klass)->finalize = ox_focus_finalize;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], OX_TYPE_FOCUS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ox_focus_init (OxFocus *self)
{
  self->slot = -1;
  self->overlay = ox_overlay_new ();
  self->places = g_array_new (FALSE, FALSE, sizeof (Place));
}

OxFocus *
ox_focus_new (OxModel *model, OxDebugger *debugger)
{
  OxFocus *self = g_object_new (OX_TYPE_FOCUS, NULL);
  Place start = { model->graph, NULL };

  self->model = ox_model_ref (model);
  if (debugger != NULL)
    {
      self->debugger = g_object_ref (debugger);
      self->log = ox_value_log_new (debugger);
      g_signal_connect_object (debugger, "breakpoints", G_CALLBACK (ox_focus_touch), self, G_CONNECT_SWAPPED);
    }
  self->graph = model->graph;
  g_array_append_val (self->places, start);
  return self;
}

OxModel *
ox_focus_get_model (OxFocus *self)
{
  return self->model;
}

OxDebugger *
ox_focus_get_debugger (OxFocus *self)
{
  return self->debugger;
}

OxValueLog *
ox_focus_get_log (OxFocus *self)
{
  return self->log;
}

OxOverlay *
ox_focus_get_overlay (OxFocus *self)
{
  return self->overlay;
}

OxGraph *
ox_focus_get_graph (OxFocus *self)
{
  return self->graph;
}

OxNode *
ox_focus_get_node (OxFocus *self)
{
  return self->node;
}

int
ox_focus_get_value (OxFocus *self, OxGraph **graph)
{
  if (graph != NULL)
    *graph = self->value_graph;
  return self->slot;
}

static void
remember (OxFocus *self)
{
  Place place = { self->graph, self->node };
  const Place *now = &g_array_index (self->places, Place, self->at);

  if (self->travelling || (now->graph == place.graph && now->node == place.node))
    return;
  g_array_set_size (self->places, self->at + 1);
  g_array_append_val (self->places, place);
  if (self->places->len > MAX_HISTORY)
    g_array_remove_index (self->places, 0);
  self->at = self->places->len - 1;
}

/* Everything is in place before the first signal goes out, so that a listener sees no half-way. */
static void
set_lent (OxFocus *self, OxGraph *graph, OxNode *node, OxGraph *value_graph, int slot, OxValue *lent, const char *from,
          const char *message)
{
  gboolean other_graph = graph != self->graph, other_node = node != self->node;
  gboolean other_value = take_back (self) || from != NULL || value_graph != self->value_graph || slot != self->slot;

  self->lent = lent != NULL ? ox_value_ref (lent) : NULL;
  self->lent_from = g_strdup (from);
  self->lent_message = g_strdup (message);
  self->graph = graph;
  self->node = node;
  self->value_graph = value_graph;
  self->slot = slot;
  remember (self);
  g_object_ref (self);
  if (other_graph)
    g_signal_emit (self, signals[GRAPH_CHANGED], 0);
  if (other_node)
    g_signal_emit (self, signals[NODE_CHANGED], 0);
  if (other_value)
    g_signal_emit (self, signals[VALUE_CHANGED], 0);
  g_object_unref (self);
}

static void
set (OxFocus *self, OxGraph *graph, OxNode *node, OxGraph *value_graph, int slot)
{
  set_lent (self, graph, node, value_graph, slot, NULL, NULL, NULL);
}

void
ox_focus_show_graph (OxFocus *self, OxGraph *graph)
{
  g_return_if_fail (graph != NULL);

  if (graph != self->graph)
    set (self, graph, NULL, NULL, -1);
}

void
ox_focus_select_node (OxFocus *self, OxNode *node)
{
  set (self, node != NULL ? node->graph : self->graph, node, NULL, -1);
}

void
ox_focus_select_value (OxFocus *self, OxGraph *graph, int slot)
{
  set (self, self->graph, self->node, slot >= 0 ? graph : NULL, slot);
}

void
ox_focus_select_named (OxFocus *self, OxNode *node, const char *name)
{
  ox_focus_select_node (self, node);
  for (OxGraph *graph = node->graph; graph != NULL && name != NULL && *name != '\0'; graph = graph->outer)
    {
      int slot = ox_graph_find (graph, name);

      if (slot < 0)
        continue;
      ox_focus_select_value (self, graph, slot);
      return;
    }
}

void
ox_focus_lend_value (OxFocus *self, OxNode *node, OxGraph *graph, int slot, OxValue *value, const char *from, const char *message)
{
  g_return_if_fail (slot >= 0 && from != NULL);

  set_lent (self, node != NULL ? node->graph : graph, node, graph, slot, value, from, message);
}

const char *
ox_focus_get_lent (OxFocus *self, OxValue **value, const char **message)
{
  if (value != NULL)
    *value = self->lent;
  if (message != NULL)
    *message = self->lent_message;
  return self->lent_from;
}

static gboolean
travel (OxFocus *self, int by)
{
  const Place *place;

  if ((by < 0 && self->at == 0) || (by > 0 && self->at + 1 >= self->places->len))
    return FALSE;
  self->at += by;
  place = &g_array_index (self->places, Place, self->at);
  self->travelling = TRUE;
  set (self, place->graph, place->node, NULL, -1);
  self->travelling = FALSE;
  return TRUE;
}

gboolean
ox_focus_go_back (OxFocus *self)
{
  return travel (self, -1);
}

gboolean
ox_focus_go_forward (OxFocus *self)
{
  return travel (self, 1);
}

void
ox_focus_touch (OxFocus *self)
{
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

void
ox_focus_toggle_breakpoint (OxFocus *self, OxNode *node)
{
  ox_debugger_set_breakpoint (self->debugger, node, !ox_debugger_has_breakpoint (self->debugger, node));
}
