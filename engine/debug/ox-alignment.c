/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-reference-private.h"

static void align_graph (OxAlignment *self, OxGraph *mine, OxGraph *theirs);

static gboolean
same_operator (const OxNode *a, const OxNode *b)
{
  return strcmp (a->op_type, b->op_type) == 0 && strcmp (a->domain, b->domain) == 0
         && strcmp (a->overload, b->overload) == 0;
}

static OxSlot *
counterpart (OxAlignment *self, const OxSlot *slot)
{
  return g_hash_table_lookup (self->slots, slot);
}

static gboolean
match (OxAlignment *self, OxSlot *mine, OxSlot *theirs)
{
  if (counterpart (self, mine) != NULL || g_hash_table_contains (self->taken, theirs))
    return FALSE;
  g_hash_table_insert (self->slots, mine, theirs);
  g_hash_table_add (self->taken, theirs);
  return TRUE;
}

/* Something that is there before the first node runs. */
static gboolean
is_constant (const OxSlot *slot)
{
  return slot->initializer != NULL || (slot->producer != NULL && strcmp (slot->producer->op_type, "Constant") == 0);
}

/* ---- inputs --------------------------------------------------------------------------------------------------- */

static void
align_inputs (OxAlignment *self, OxGraph *mine, OxGraph *theirs)
{
  guint next = 0;

  for (guint i = 0; i < mine->inputs->len; i++)
    {
      OxSlot *slot = ox_graph_slot (mine, g_array_index (mine->inputs, int, i));
      OxSlot *other = ox_graph_slot (theirs, ox_graph_find (theirs, slot->name));

      if (other != NULL && other->graph_input >= 0)
        match (self, slot, other);
    }
  /* Those of other names, in order. */
  for (guint i = 0; i < mine->inputs->len; i++)
    {
      OxSlot *slot = ox_graph_slot (mine, g_array_index (mine->inputs, int, i));

      if (counterpart (self, slot) != NULL || slot->initializer != NULL)
        continue;
      for (; next < theirs->inputs->len; next++)
        {
          OxSlot *other = ox_graph_slot (theirs, g_array_index (theirs->inputs, int, next));

          if (other->initializer == NULL && match (self, slot, other))
            break;
        }
    }
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

/* The value of this name in the other graph, if a node or the file makes it. */
static OxSlot *
namesake (const OxSlot *slot, OxGraph *theirs)
{
  OxSlot *other = ox_graph_slot (theirs, ox_graph_find (theirs, slot->name));

  return other != NULL && other->graph_input < 0 ? other : NULL;
}

/* Numbers that two exporters gave out make poor names: they are believed only where the operators agree. */
static gboolean
names_mean_something (OxGraph *mine, OxGraph *theirs)
{
  guint both = 0, agree = 0;

  for (guint i = 0; i < mine->slots->len; i++)
    {
      const OxSlot *slot = g_ptr_array_index (mine->slots, i), *other;

      if (slot->producer == NULL || (other = namesake (slot, theirs)) == NULL || other->producer == NULL)
        continue;
      both++;
      agree += same_operator (slot->producer, other->producer);
    }
  return agree * 2 >= both;
}

static void
align_names (OxAlignment *self, OxGraph *mine, OxGraph *theirs)
{
  gboolean trust = names_mean_something (mine, theirs);

  for (guint i = 0; i < mine->slots->len; i++)
    {
      OxSlot *slot = g_ptr_array_index (mine->slots, i), *other;

      if (slot->graph_input >= 0 || (other = namesake (slot, theirs)) == NULL)
        continue;
      if (trust || (slot->producer == NULL) != (other->producer == NULL)
          || (slot->producer != NULL && same_operator (slot->producer, other->producer)))
        match (self, slot, other);
    }
}

/* ---- places --------------------------------------------------------------------------------------------------- */

static gboolean
same_dims (const OxInitializer *a, const OxInitializer *b)
{
  return a->rank == b->rank && (a->rank == 0 || memcmp (a->dims, b->dims, sizeof (gint64) * (gsize) a->rank) == 0);
}

/* How well the constant inputs fit: the same name, the same shape. -1: an input that says no. */
static int
fitness (OxAlignment *self, const OxNode *mine, const OxNode *theirs)
{
  int points = 0;

  if (!same_operator (mine, theirs) || mine->input_names->len != theirs->input_names->len
      || mine->output_names->len != theirs->output_names->len)
    return -1;
  for (guint i = 0; i < mine->input_names->len; i++)
    {
      const OxSlot *a = ox_node_input_slot (mine, (int) i), *b = ox_node_input_slot (theirs, (int) i);

      if ((a == NULL) != (b == NULL))
        return -1;
      if (a == NULL)
        continue;
      if (counterpart (self, a) == b)
        points += 4;
      else if (!is_constant (a) || !is_constant (b))
        return -1;
      else if (strcmp (a->name, b->name) == 0)
        points += 3;
      else if (a->initializer != NULL && b->initializer != NULL && same_dims (a->initializer, b->initializer))
        points += 2;
    }
  return points;
}

/* The best unclaimed node of theirs that does the same with the counterparts of the same values. */
static OxNode *
find_place (OxAlignment *self, const OxNode *node)
{
  OxNode *best = NULL;
  int most = 0;

  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxSlot *slot = ox_node_input_slot (node, (int) i), *other = slot != NULL ? counterpart (self, slot) : NULL;

      for (guint u = 0; other != NULL && other->uses != NULL && u < other->uses->len; u++)
        {
          const OxUse *use = &g_array_index (other->uses, OxUse, u);
          OxSlot *output = use->node->output_names->len > 0 ? ox_node_output_slot (use->node, 0) : NULL;
          int points;

          if (use->input != (int) i || output == NULL || g_hash_table_contains (self->taken, output))
            continue;
          points = fitness (self, node, use->node);
          if (points > most)
            {
              most = points;
              best = use->node;
            }
        }
    }
  return best;
}

static void
align_places (OxAlignment *self, OxGraph *mine)
{
  for (guint i = 0; i < mine->nodes->len; i++)
    {
      OxNode *node = g_ptr_array_index (mine->nodes, i), *other;
      const OxSlot *first = node->output_names->len > 0 ? ox_node_output_slot (node, 0) : NULL;

      if (first == NULL || counterpart (self, first) != NULL || (other = find_place (self, node)) == NULL)
        continue;
      for (guint o = 0; o < node->output_names->len; o++)
        {
          OxSlot *a = ox_node_output_slot (node, (int) o), *b = ox_node_output_slot (other, (int) o);

          if (a != NULL && b != NULL && match (self, a, b) && mine->outer == NULL && mine->function == NULL)
            self->by_place++;
        }
    }
}

/* ---- bodies --------------------------------------------------------------------------------------------------- */

static OxGraph *
function_body (const OxNode *node)
{
  const OxFunction *function = ox_model_find_function (node->graph->model, node->domain, node->op_type, node->overload);

  return function != NULL ? function->body : NULL;
}

static void
align_bodies (OxAlignment *self, OxNode *mine, OxNode *theirs)
{
  OxGraph *a = function_body (mine), *b = function_body (theirs);

  if (a != NULL && b != NULL)
    align_graph (self, a, b);
  for (guint i = 0; i < mine->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (mine->attributes, i);
      const OxAttribute *other = ox_node_attribute (theirs, attribute->name);

      for (guint g = 0; attribute->graphs != NULL && other != NULL && other->graphs != NULL && g < attribute->graphs->len
                        && g < other->graphs->len; g++)
        align_graph (self, g_ptr_array_index (attribute->graphs, g), g_ptr_array_index (other->graphs, g));
    }
}

/* The nodes that make values which have been matched belong together, and so do their bodies. */
static void
align_nodes (OxAlignment *self, OxGraph *mine)
{
  for (guint i = 0; i < mine->nodes->len; i++)
    {
      OxNode *node = g_ptr_array_index (mine->nodes, i);

      for (guint o = 0; o < node->output_names->len && !g_hash_table_contains (self->nodes, node); o++)
        {
          OxSlot *slot = ox_node_output_slot (node, (int) o), *other = slot != NULL ? counterpart (self, slot) : NULL;

          if (other == NULL || other->producer == NULL)
            continue;
          g_hash_table_insert (self->nodes, node, other->producer);
          align_bodies (self, node, other->producer);
        }
    }
}

/* Bodies nest no deeper than models may. */
static void
align_graph (OxAlignment *self, OxGraph *mine, OxGraph *theirs)
{
  if (g_hash_table_contains (self->graphs, mine))
    return;
  g_hash_table_insert (self->graphs, mine, theirs);
  align_inputs (self, mine, theirs);
  align_names (self, mine, theirs);
  align_places (self, mine);
  align_nodes (self, mine);
}

static void
count_matches (OxAlignment *self, const OxGraph *mine)
{
  self->by_name = self->unmatched = 0;
  for (guint i = 0; i < mine->slots->len; i++)
    {
      const OxSlot *slot = g_ptr_array_index (mine->slots, i);

      if (slot->producer != NULL && counterpart (self, slot) == NULL)
        self->unmatched++;
      else if (slot->producer != NULL)
        self->by_name++;
    }
  self->by_name -= self->by_place + self->by_value;
}

OxAlignment *
ox_alignment_new (OxModel *mine, OxModel *theirs)
{
  OxAlignment *self = g_new0 (OxAlignment, 1);

  self->slots = g_hash_table_new (NULL, NULL);
  self->nodes = g_hash_table_new (NULL, NULL);
  self->graphs = g_hash_table_new (NULL, NULL);
  self->taken = g_hash_table_new (NULL, NULL);
  align_graph (self, mine->graph, theirs->graph);
  count_matches (self, mine->graph);
  return self;
}

void
ox_alignment_free (OxAlignment *self)
{
  g_hash_table_unref (self->slots);
  g_hash_table_unref (self->nodes);
  g_hash_table_unref (self->graphs);
  g_hash_table_unref (self->taken);
  g_free (self);
}

gboolean
ox_alignment_is_same (OxAlignment *self, const OxNode *node)
{
  const OxNode *other = g_hash_table_lookup (self->nodes, node);

  if (other == NULL || !same_operator (node, other) || node->input_names->len != other->input_names->len)
    return FALSE;
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxSlot *a = ox_node_input_slot (node, (int) i), *b = ox_node_input_slot (other, (int) i);

      if ((a == NULL) != (b == NULL))
        return FALSE;
      if (a != NULL && counterpart (self, a) != b && (a->initializer == NULL || b->initializer == NULL))
        return FALSE;
    }
  return TRUE;
}

/* ---- values --------------------------------------------------------------------------------------------------- */

#define MARKS 16

/* What a value of the main graph looked like. */
typedef struct
{
  OxSlot *slot;
  char   *shape;
  OxDtype dtype;
  double  marks[MARKS], scale;
  int     n;
} Fingerprint;

typedef struct
{
  OxAlignment *alignment;
  gboolean     theirs;
  GArray      *found;
} Fingerprints;

static void
fingerprint_clear (gpointer data)
{
  g_free (((Fingerprint *) data)->shape);
}

static void
take_fingerprint (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Fingerprints *job = data;

  if (frame->id != 0)
    return;
  for (guint o = 0; o < node->output_names->len; o++)
    {
      OxSlot *slot = ox_node_output_slot (node, (int) o);
      OxTensor *tensor = outputs[o] != NULL ? ox_value_get_tensor (outputs[o]) : NULL;
      Fingerprint f = { .slot = slot };

      if (slot == NULL || tensor == NULL || tensor->dtype == OX_STR || tensor->count < 2
          || g_hash_table_contains (job->theirs ? job->alignment->taken : job->alignment->slots, slot))
        continue;
      f.shape = ox_tensor_shape_string (tensor);
      f.dtype = tensor->dtype;
      f.n = (int) MIN (tensor->count, MARKS);
      for (int i = 0; i < f.n; i++)
        {
          f.marks[i] = ox_tensor_get (tensor, (gint64) ((double) i * (double) (tensor->count - 1) / (f.n - 1)));
          if (isfinite (f.marks[i]))
            f.scale = fmax (f.scale, fabs (f.marks[i]));
        }
      g_array_append_val (job->found, f);
    }
}

static gboolean
looks_like (const Fingerprint *a, const Fingerprint *b)
{
  if (a->dtype != b->dtype || strcmp (a->shape, b->shape) != 0 || a->scale == 0
      || strcmp (a->slot->producer->op_type, b->slot->producer->op_type) != 0)
    return FALSE;
  for (int i = 0; i < a->n; i++)
    if (!(fabs (a->marks[i] - b->marks[i]) <= 1e-3 * a->scale) && !(isnan (a->marks[i]) && isnan (b->marks[i]))
        && a->marks[i] != b->marks[i])
      return FALSE;
  return TRUE;
}

static gboolean
collect (OxSession *session, Fingerprints *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxSession) twin = ox_session_new_twin (session, FALSE);

  job->found = g_array_new (FALSE, FALSE, sizeof (Fingerprint));
  g_array_set_clear_func (job->found, fingerprint_clear);
  ox_session_set_tap (twin, take_fingerprint, job);
  return ox_session_run (twin, cancellable, error);
}

gboolean
ox_alignment_by_value (OxAlignment *self, OxSession *mine, OxSession *theirs, GCancellable *cancellable, GError **error)
{
  Fingerprints a = { self, FALSE, NULL }, b = { self, TRUE, NULL };
  gboolean ok = TRUE;
  guint from = 0;

  if (self->unmatched > 0)
    ok = collect (theirs, &b, cancellable, error);
  /* Mine may fail, which the comparison will tell in its place. */
  if (ok && b.found != NULL && b.found->len > 0)
    collect (mine, &a, cancellable, NULL);
  ok = ok && !g_cancellable_set_error_if_cancelled (cancellable, error);
  for (guint i = 0; ok && a.found != NULL && i < a.found->len; i++)
    for (guint k = 0; k < b.found->len; k++)
      {
        guint at = (from + k) % b.found->len;
        const Fingerprint *x = &g_array_index (a.found, Fingerprint, i), *y = &g_array_index (b.found, Fingerprint, at);

        if (looks_like (x, y) && match (self, x->slot, y->slot))
          {
            self->by_value++;
            from = at + 1;
            break;
          }
      }
  /* What hangs on values that are matched now has a place. */
  if (self->by_value > 0)
    {
      OxGraph *graph = ox_session_get_model (mine)->graph;

      align_places (self, graph);
      align_nodes (self, graph);
      count_matches (self, graph);
    }
  g_clear_pointer (&a.found, g_array_unref);
  g_clear_pointer (&b.found, g_array_unref);
  return ok;
}
