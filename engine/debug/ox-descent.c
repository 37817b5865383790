/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-descent.h"
#include "debug/ox-trace-private.h"
#include "session/ox-ask.h"

#define MOST_STEPS 64
#define MOST_INTS 64
#define NAME "n"

struct _OxArena
{
  GPtrArray *tensors, *types, *blocks;
};

OxArena *
ox_arena_new (void)
{
  OxArena *arena = g_new0 (OxArena, 1);

  arena->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_value_unref);
  arena->types = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_type_unref);
  arena->blocks = g_ptr_array_new_with_free_func (g_free);
  return arena;
}

void
ox_arena_free (OxArena *arena)
{
  g_ptr_array_unref (arena->tensors);
  g_ptr_array_unref (arena->types);
  g_ptr_array_unref (arena->blocks);
  g_free (arena);
}

static void
origin_free (gpointer data)
{
  g_free (((OxDescent *) data)->how);
  g_free (data);
}

/* ---- what is known of a value --------------------------------------------------------------------------------- */

static void
set_ints (OxFact *fact, OxDims *dims, OxArena *arena, int n, const gint64 *numbers)
{
  OxDim *ints = g_new (OxDim, n + 1);

  for (int i = 0; i < n; i++)
    ints[i] = ox_dim_const (dims, numbers[i]);
  g_ptr_array_add (arena->blocks, ints);
  fact->ints = ints;
  fact->n_ints = n;
}

static void
fact_of_tensor (const OxTensor *tensor, OxFact *fact, OxDims *dims, OxArena *arena)
{
  gint64 numbers[MOST_INTS];

  fact->kind = OX_TYPE_TENSOR;
  fact->dtype = tensor->dtype;
  fact->rank = tensor->rank;
  for (int d = 0; d < tensor->rank; d++)
    fact->dims[d] = tensor->dims[d];
  fact->tensor = tensor;
  if (tensor->count > MOST_INTS || !ox_dtype_is_integer (tensor->dtype) || ox_dtype_is_packed (tensor->dtype))
    return;
  for (int i = 0; i < tensor->count; i++)
    numbers[i] = ox_tensor_get_int (tensor, i);
  set_ints (fact, dims, arena, (int) tensor->count, numbers);
}

static void
fact_of_shape (const OxShape *shape, OxFact *fact, OxDims *dims, OxArena *arena)
{
  fact->kind = OX_TYPE_TENSOR;
  fact->dtype = shape->dtype;
  fact->rank = shape->rank;
  for (int d = 0; d < shape->rank; d++)
    fact->dims[d] = shape->dims[d];
  if (shape->n_ints >= 0)
    set_ints (fact, dims, arena, shape->n_ints, shape->ints);
}

static OxFrame *
frame_of (OxFrame *frame, OxRef ref)
{
  for (int up = ref.up; up > 0 && frame != NULL; up--)
    frame = frame->outer;
  return frame;
}

gboolean
ox_descent_fact (OxDescentSource *source, OxFrame *frame, OxRef ref, OxFact *fact, OxDims *dims, OxArena *arena)
{
  OxFrame *where = frame_of (frame, ref);
  const OxSlot *slot = where != NULL ? ox_graph_slot (where->graph, ref.slot) : NULL;
  g_autoptr (OxValue) value = NULL;
  const OxShape *shape;

  *fact = (OxFact){ .kind = OX_TYPE_OPAQUE, .rank = -1, .n_ints = -1 };
  if (slot == NULL)
    return ref.slot < 0;
  if (where->values[ref.slot] != NULL)
    value = ox_value_ref (where->values[ref.slot]);
  else if (where->parent == NULL && slot->graph_input >= 0 && ox_session_get_input (source->session, slot->name) != NULL)
    value = ox_value_ref (ox_session_get_input (source->session, slot->name));
  else if (slot->initializer != NULL && slot->initializer->rank >= 0 && ox_initializer_count (slot->initializer) <= 1024)
    value = ox_initializer_get (slot->initializer, NULL);
  if (value != NULL && ox_value_get_tensor (value) != NULL)
    {
      fact_of_tensor (ox_value_get_tensor (value), fact, dims, arena);
      g_ptr_array_add (arena->tensors, g_steal_pointer (&value));
      return TRUE;
    }
  if (value != NULL)
    {
      OxType *type = ox_type_of_value (value);

      fact->kind = type->kind;
      fact->dtype = type->dtype;
      fact->elem = type->elem;
      g_ptr_array_add (arena->types, type);
      return TRUE;
    }
  if (slot->initializer != NULL)
    {
      fact->kind = OX_TYPE_TENSOR;
      fact->dtype = slot->initializer->dtype;
      fact->rank = slot->initializer->rank;
      for (int d = 0; d < fact->rank; d++)
        fact->dims[d] = slot->initializer->dims[d];
      return TRUE;
    }
  shape = source->shapes != NULL ? ox_shapes_get (source->shapes, slot) : NULL;
  if (shape != NULL && shape->frame_id == where->id)
    {
      fact_of_shape (shape, fact, dims, arena);
      return TRUE;
    }
  source->missing = TRUE;
  return FALSE;
}

/* ---- asking an operator --------------------------------------------------------------------------------------- */

typedef struct
{
  OxDescentSource *source;
  OxFrame *frame;
  OxNode  *node;
  int      output;
  gboolean is_element;
  int      at;
  gint64   number;
  OxDims  *dims;
  OxDim    name;        /* what is put in the place of numbers */
  OxArena *arena;
  OxFact  *facts;       /* [inputs] as they were */
  OxDim    found;       /* what the number asked for was inferred to be */
} Question;

static void
look (OxCall *call, gpointer data)
{
  Question *q = data;
  const OxFact *fact = ox_call_out_fact (call, q->output);

  q->found = OX_DIM_UNKNOWN;
  if (fact == NULL)
    return;
  if (q->is_element)
    q->found = q->at < fact->n_ints ? fact->ints[q->at] : OX_DIM_UNKNOWN;
  else if (q->at < fact->rank)
    q->found = fact->dims[q->at];
}

/* One number of an input. */
typedef struct
{
  int      input;
  gboolean is_element;
  int      at;
} Place;

static void
put (Question *q, OxFact *fact, const Place *place, OxDim dim)
{
  OxDim *ints;

  fact->tensor = NULL;
  if (!place->is_element)
    {
      fact->dims[place->at] = dim;
      return;
    }
  ints = g_memdup2 (fact->ints, (gsize) fact->n_ints * sizeof (OxDim));
  ints[place->at] = dim;
  g_ptr_array_add (q->arena->blocks, ints);
  fact->ints = ints;
}

/* What comes out when the numbers at @places are others; unknown when that is refused. */
static OxDim
ask (Question *q, guint n, const Place *places, const OxDim *others)
{
  guint n_in = q->node->input_names->len;
  g_autofree OxFact *facts = g_memdup2 (q->facts, (n_in + 1) * sizeof (OxFact));

  for (guint i = 0; i < n; i++)
    put (q, &facts[places[i].input], &places[i], others[i]);
  q->found = OX_DIM_UNKNOWN;
  return ox_session_ask (q->source->session, q->frame, q->node, facts, q->dims, look, q, NULL) ? q->found : OX_DIM_UNKNOWN;
}

static gint64
number_at (const Question *q, const Place *place)
{
  const OxFact *fact = &q->facts[place->input];
  gint64 number = -1;

  if (!place->is_element)
    return fact->dims[place->at];
  return ox_dim_is_const (q->dims, fact->ints[place->at], &number) ? number : -1;
}

/* All numbers of the inputs; those of activations before those of weights. */
static GArray *
list_places (const Question *q)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (Place));

  for (int constant = 0; constant < 2; constant++)
    for (guint i = 0; i < q->node->input_names->len; i++)
      {
        const OxSlot *slot = ox_node_input_slot (q->node, (int) i);

        if (slot == NULL || (slot->initializer != NULL) != constant)
          continue;
        for (int d = 0; d < q->facts[i].rank; d++)
          g_array_append_val (places, ((Place){ (int) i, FALSE, d }));
        for (int k = 0; k < q->facts[i].n_ints; k++)
          g_array_append_val (places, ((Place){ (int) i, TRUE, k }));
      }
  return places;
}

/* The place whose number comes out unchanged. Where operands must agree, the one that has it while others are 1. */
static const Place *
find_passed (Question *q, const GArray *places)
{
  g_autoptr (GArray) same = g_array_new (FALSE, FALSE, sizeof (Place));
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (OxDim));

  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = &g_array_index (places, Place, i);

      if (number_at (q, place) != q->number)
        continue;
      if (ask (q, 1, place, &q->name) == q->name)
        return place;
      g_array_append_vals (same, place, 1);
    }
  for (guint i = 0; i < same->len && same->len > 1 && q->number != 1; i++)
    {
      g_array_set_size (others, 0);
      for (guint k = 0; k < same->len; k++)
        {
          OxDim dim = k == i ? q->name : g_array_index (same, Place, k).is_element ? ox_dim_const (q->dims, q->number) : 1;

          g_array_append_val (others, dim);
        }
      if (ask (q, same->len, (const Place *) same->data, (const OxDim *) others->data) != q->name)
        continue;
      for (guint k = 0; k < places->len; k++)
        if (memcmp (&g_array_index (places, Place, k), &g_array_index (same, Place, i), sizeof (Place)) == 0)
          return &g_array_index (places, Place, k);
    }
  return NULL;
}

/* Those without which the number cannot be said. */
static GArray *
find_parts (Question *q, const GArray *places)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (Place));
  gint64 number;

  if (!ox_dim_is_const (q->dims, ask (q, 0, NULL, NULL), &number))
    return parts;
  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = &g_array_index (places, Place, i);

      if (!ox_dim_is_const (q->dims, ask (q, 1, place, &q->name), &number) || number != q->number)
        g_array_append_vals (parts, place, 1);
    }
  return parts;
}

/* ---- a chain -------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxFrame *frame;       /* where the value lives */
  int      slot;
  gboolean is_element;
  int      at;
  gint64   number;
} Point;

static char *
name_place (const char *name, gboolean is_element, int at)
{
  return g_strdup_printf (is_element ? "element %d of '%s'" : "axis %d of '%s'", at, name);
}

static char *
node_words (const OxNode *node)
{
  g_autofree char *title = ox_node_title (node);

  return node->name[0] != '\0' ? g_strdup_printf ("%s '%s'", node->op_type, title) : g_strdup (node->op_type);
}

static void
go_to (Point *point, OxFrame *frame, OxRef ref)
{
  point->frame = frame_of (frame, ref);
  point->slot = ref.slot;
}

static OxFrame *
last_closed (const OxDescentSource *source, const OxGraph *graph, const OxFrame *parent, gint64 iteration)
{
  const GQueue *frames = source->trace != NULL ? g_hash_table_lookup (source->trace->closed, graph) : NULL;

  for (const GList *at = frames != NULL ? frames->tail : NULL; at != NULL; at = at->prev)
    {
      OxFrame *frame = at->data;

      if (frame->parent == parent && frame->iteration == iteration)
        return frame;
    }
  return NULL;
}

/* Out of a body: to what its owner gave it, or to what the iteration before did. FALSE at the end of the chain. */
static gboolean
leave_body (OxDescentSource *source, Point *point, OxDescent *origin)
{
  OxFrame *frame = point->frame;
  const OxSlot *slot = ox_graph_slot (frame->graph, point->slot);
  OxNode *caller = frame->caller;
  g_autofree char *words = caller != NULL ? node_words (caller) : NULL;
  gboolean loop, scan;
  int input = slot->graph_input;

  origin->node = caller;
  if (caller == NULL || slot->graph_input < 0)
    {
      origin->kind = caller == NULL && slot->graph_input >= 0 ? OX_DESCENT_INPUT : OX_DESCENT_UNKNOWN;
      origin->how = g_strdup (origin->kind == OX_DESCENT_INPUT ? "an input of the model" : "nothing writes it");
      return FALSE;
    }
  loop = g_str_equal (caller->op_type, "Loop");
  scan = g_str_equal (caller->op_type, "Scan");
  if (loop && input >= 2 && frame->iteration > 0)
    {
      OxFrame *before = last_closed (source, frame->graph, frame->parent, frame->iteration - 1);

      origin->kind = before != NULL ? OX_DESCENT_PASSED : OX_DESCENT_UNKNOWN;
      origin->how = g_strdup_printf ("%s carries it on from iteration %" G_GINT64_FORMAT, words, frame->iteration - 1);
      if (before == NULL || input - 1 >= (int) frame->graph->outputs->len)
        return FALSE;
      go_to (point, before, g_array_index (frame->graph->outputs, OxRef, input - 1));
      return TRUE;
    }
  if (scan || (loop && input < 2) || !(loop || frame->graph->function != NULL) || input >= (int) caller->input_names->len
      || caller->inputs[input].slot < 0)
    {
      origin->kind = OX_DESCENT_UNKNOWN;
      origin->how = g_strdup_printf ("%s gives it to its body", words);
      return FALSE;
    }
  origin->kind = OX_DESCENT_PASSED;
  origin->how = g_strdup_printf ("%s gives its body '%s'", words, (const char *) g_ptr_array_index (caller->input_names, input));
  go_to (point, frame->parent, caller->inputs[input]);
  return TRUE;
}

/* Into the body that gave a node its output, if it is still there. */
static gboolean
enter_body (OxDescentSource *source, Point *point, const OxNode *node, int output, OxDescent *origin)
{
  g_autofree char *words = node_words (node);
  gboolean loop = g_str_equal (node->op_type, "Loop");
  OxFrame *inner = NULL;
  GHashTableIter iter;
  gpointer graph;

  origin->kind = OX_DESCENT_UNKNOWN;
  origin->how = g_strdup_printf ("%s gives it from its body", words);
  if (source->trace == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, source->trace->closed);
  while (inner == NULL && g_hash_table_iter_next (&iter, &graph, NULL))
    {
      inner = ox_trace_closed (source->trace, graph);
      if (inner != NULL && (inner->caller != node || inner->parent != point->frame))
        inner = NULL;
    }
  if (inner == NULL || !(loop || g_str_equal (node->op_type, "If") || inner->graph->function != NULL))
    return FALSE;
  output += loop ? 1 : 0;
  if (output >= (int) inner->graph->outputs->len)
    return FALSE;
  /* What a Loop gathers has an axis more. */
  if (loop && output >= (int) inner->graph->inputs->len - 1 && (point->is_element || point->at-- == 0))
    return FALSE;
  origin->kind = OX_DESCENT_PASSED;
  go_to (point, inner, g_array_index (inner->graph->outputs, OxRef, output));
  return TRUE;
}

static gboolean
facts_of_inputs (Question *q)
{
  gboolean all = TRUE;

  for (guint i = 0; i < q->node->input_names->len; i++)
    all = ox_descent_fact (q->source, q->frame, q->node->inputs[i], &q->facts[i], q->dims, q->arena) && all;
  return all;
}

static void
describe_parts (const Question *q, const GArray *parts, OxDescent *origin)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *words = node_words (q->node);

  for (guint i = 0; i < parts->len && i < 6; i++)
    {
      const Place *place = &g_array_index (parts, Place, i);
      g_autofree char *name = name_place (g_ptr_array_index (q->node->input_names, place->input), place->is_element, place->at);

      g_string_append_printf (text, "%s%s (%" G_GINT64_FORMAT ")", i > 0 ? ", " : "", name, number_at (q, place));
    }
  if (parts->len > 6)
    g_string_append_printf (text, " and %u more", parts->len - 6);
  origin->kind = OX_DESCENT_COMPUTED;
  origin->how = g_strdup_printf ("%s makes it of %s", words, text->str);
}

/* Through a node that runs a kernel. */
static gboolean
pass_node (OxDescentSource *source, Point *point, OxNode *node, int output, OxDescent *origin)
{
  g_autoptr (OxArena) arena = ox_arena_new ();
  g_autofree OxFact *facts = g_new0 (OxFact, node->input_names->len + 1);
  g_autofree char *words = node_words (node);
  OxDims *dims = ox_dims_new ();
  Question q = { .source = source, .frame = point->frame, .node = node, .output = output, .is_element = point->is_element,
                 .at = point->at, .number = point->number, .dims = dims, .name = ox_dim_symbol (dims, NAME), .arena = arena,
                 .facts = facts };
  gboolean known = facts_of_inputs (&q);
  g_autoptr (GArray) places = list_places (&q), parts = NULL;
  const Place *place = find_passed (&q, places);

  if (place != NULL)
    {
      g_autofree char *name = name_place (g_ptr_array_index (node->input_names, place->input), place->is_element, place->at);

      origin->kind = OX_DESCENT_PASSED;
      origin->how = g_strdup_printf ("%s takes it from %s", words, name);
    }
  else
    {
      parts = find_parts (&q, places);
      if (parts->len > 0)
        {
          place = &g_array_index (parts, Place, 0);
          describe_parts (&q, parts, origin);
        }
      else
        {
          origin->kind = known ? OX_DESCENT_MADE : OX_DESCENT_UNKNOWN;
          origin->how = known ? g_strdup_printf ("%s makes it", words)
                              : g_strdup_printf ("%s makes it of values that are not kept", words);
        }
    }
  if (place != NULL)
    {
      point->number = number_at (&q, place);
      point->is_element = place->is_element;
      point->at = place->at;
      go_to (point, point->frame, node->inputs[place->input]);
    }
  ox_dims_unref (dims);
  return place != NULL;
}

static gboolean
is_function (const OxDescentSource *source, const OxNode *node)
{
  return ox_model_find_function (ox_session_get_model (source->session), node->domain, node->op_type, node->overload) != NULL;
}

static gboolean
has_body (const OxDescentSource *source, const OxNode *node)
{
  for (guint a = 0; a < node->attributes->len; a++)
    if (((const OxAttribute *) g_ptr_array_index (node->attributes, a))->type == OX_ATTR_GRAPH)
      return TRUE;
  return is_function (source, node);
}

GPtrArray *
ox_descent_trace (OxDescentSource *source, OxFrame *frame, OxRef ref, gboolean is_element, int at, gint64 number)
{
  GPtrArray *chain = g_ptr_array_new_with_free_func (origin_free);
  Point point = { frame_of (frame, ref), ref.slot, is_element, at, number };
  gboolean more = point.frame != NULL;

  while (more && point.frame != NULL && chain->len < MOST_STEPS)
    {
      OxSlot *slot = ox_graph_slot (point.frame->graph, point.slot);
      OxDescent *origin = g_new0 (OxDescent, 1);

      origin->graph = point.frame->graph;
      origin->slot = point.slot;
      origin->node = slot->producer;
      origin->is_element = point.is_element;
      origin->at = point.at;
      origin->number = point.number;
      g_ptr_array_add (chain, origin);
      if (slot->producer != NULL && has_body (source, slot->producer))
        more = enter_body (source, &point, slot->producer, slot->output, origin);
      else if (slot->producer != NULL && g_str_equal (slot->producer->op_type, "Constant"))
        {
          origin->kind = OX_DESCENT_CONSTANT;
          origin->how = g_strdup ("a constant");
          more = FALSE;
        }
      else if (slot->producer != NULL)
        more = pass_node (source, &point, slot->producer, slot->output, origin);
      else if (slot->initializer != NULL)
        {
          origin->kind = OX_DESCENT_CONSTANT;
          origin->how = g_strdup ("a weight");
          more = FALSE;
        }
      else
        more = leave_body (source, &point, origin);
    }
  return chain;
}

char *
ox_descent_describe (const OxDescent *origin)
{
  g_autofree char *name = name_place (ox_graph_slot (origin->graph, origin->slot)->name, origin->is_element, origin->at);

  return g_strdup_printf ("%s is %" G_GINT64_FORMAT ": %s", name, origin->number, origin->how);
}
