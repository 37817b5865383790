/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-influence.h"
#include "debug/ox-provenance-private.h"

/* Bodies, seen from behind: a frame is left before it was entered, and the last iteration comes first. */

/* What the next iteration hangs on of what it was given. */
typedef struct
{
  OxFrame      *parent;
  const OxNode *node;
  GPtrArray    *masks;       /* OxMask or NULL, one a carried value */
  const OxNode *coarse;
  gboolean      matters;     /* whether an iteration seen so far ran at all */
} Carried;

static void
free_some (gpointer mask)
{
  if (mask != NULL)
    ox_mask_free (mask);
}

void
ox_carried_free (gpointer data)
{
  Carried *self = data;

  g_ptr_array_unref (self->masks);
  g_free (self);
}

guint
ox_carried_hash (gconstpointer data)
{
  const Carried *self = data;

  return g_direct_hash (self->parent) * 31 + g_direct_hash (self->node);
}

gboolean
ox_carried_equal (gconstpointer a, gconstpointer b)
{
  const Carried *one = a, *other = b;

  return one->parent == other->parent && one->node == other->node;
}

static Carried *
find_carried (OxProvenance *self, const OxStep *step)
{
  const Carried key = { .parent = step->frame->parent, .node = step->node };

  return g_hash_table_lookup (self->carried, &key);
}

static OxRef
output_ref (const OxFrame *frame, guint i)
{
  return g_array_index (frame->graph->outputs, OxRef, i);
}

static OxRef
input_ref (const OxFrame *frame, guint i)
{
  return (OxRef){ 0, g_array_index (frame->graph->inputs, int, i) };
}

static gboolean
is_asked (OxProvenance *self, OxFrame *frame, const OxNode *node)
{
  for (guint i = 0; i < node->output_names->len; i++)
    if (ox_provenance_output (self, frame, node, i) != NULL)
      return TRUE;
  return FALSE;
}

/* What the body gives is what the node gives. */
static void
pass_outputs (OxProvenance *self, const OxStep *step)
{
  for (guint i = 0; i < step->node->output_names->len && i < step->frame->graph->outputs->len; i++)
    {
      const OxFound *output = ox_provenance_output (self, step->frame->parent, step->node, i);

      if (output != NULL)
        ox_provenance_add (self, step->frame, output_ref (step->frame, i), output->mask, output->coarse);
    }
}

static void
whole_inputs (OxProvenance *self, const OxStep *step, OxFrame *frame, const OxNode *coarse)
{
  for (guint i = 0; i < step->node->input_names->len; i++)
    if (step->node->inputs[i].slot >= 0)
      ox_provenance_whole (self, frame, step->node->inputs[i], coarse);
}

/* ---- Loop and Scan --------------------------------------------------------------------------------------------- */

typedef struct
{
  gboolean loop;
  guint    carried;          /* how many values go from iteration to iteration */
  guint    first_in;         /* the first of them among the node's inputs */
  guint    body_in, body_out;/* and among the body's inputs and outputs */
} Shape;

/* FALSE for other nodes, and for Scan-8, which has a batch. */
static gboolean
read_shape (const OxStep *step, const OxGraph *body, Shape *shape)
{
  const OxNode *node = step->node;

  if (strcmp (node->op_type, "Loop") == 0 && body->inputs->len >= 2)
    *shape = (Shape){ TRUE, body->inputs->len - 2, 2, 2, 1 };
  else if (strcmp (node->op_type, "Scan") == 0 && ox_node_attribute (node, "directions") == NULL
           && ox_model_opset (node->graph->model, node->graph, node->domain) >= 9
           && ox_influence_int (node, "num_scan_inputs", 0) <= (gint64) body->inputs->len)
    *shape = (Shape){ FALSE, body->inputs->len - (guint) ox_influence_int (node, "num_scan_inputs", 0), 0, 0, 0 };
  else
    return FALSE;
  return node->output_names->len >= shape->carried && body->outputs->len >= shape->body_out + shape->carried
         && node->input_names->len >= shape->first_in + shape->carried;
}

static gint64
row_of (const OxNode *node, const char *directions, guint i, gint64 iteration, gint64 length)
{
  return ox_influence_int_at (node, directions, i, 0) != 0 ? length - 1 - iteration : iteration;
}

/* The part of scan output @j that this iteration made. */
static void
add_scanned (OxProvenance *self, const OxStep *step, const Shape *shape, guint j)
{
  const OxFound *output = ox_provenance_output (self, step->frame->parent, step->node, shape->carried + j);
  g_autoptr (OxMask) part = NULL;
  gint64 axis = 0, row = step->frame->iteration;

  if (output == NULL || shape->body_out + shape->carried + j >= step->frame->graph->outputs->len)
    return;
  if (!shape->loop && output->mask->on != NULL)
    {
      axis = ox_influence_int_at (step->node, "scan_output_axes", j, 0);
      axis += axis < 0 ? output->mask->rank : 0;
      if (axis >= 0 && axis < output->mask->rank)
        row = row_of (step->node, "scan_output_directions", j, row, output->mask->dims[axis]);
    }
  part = ox_mask_slice (output->mask, (int) axis, row);
  ox_provenance_add (self, step->frame, output_ref (step->frame, shape->body_out + shape->carried + j), part,
                     output->coarse);
}

static Carried *
new_carried (OxProvenance *self, const OxStep *step, const Shape *shape)
{
  Carried *carried = g_new0 (Carried, 1);

  carried->parent = step->frame->parent;
  carried->node = step->node;
  carried->masks = g_ptr_array_new_with_free_func (free_some);
  g_ptr_array_set_size (carried->masks, (int) shape->carried);
  g_hash_table_add (self->carried, carried);
  return carried;
}

static void
left_iteration (OxProvenance *self, const OxStep *step, const Shape *shape)
{
  Carried *carried = find_carried (self, step);
  gboolean last = carried == NULL;

  if (last)
    carried = new_carried (self, step, shape);
  for (guint k = 0; k < shape->carried; k++)
    {
      const OxFound *output = last ? ox_provenance_output (self, step->frame->parent, step->node, k) : NULL;
      const OxMask *mask = last ? (output != NULL ? output->mask : NULL) : g_ptr_array_index (carried->masks, k);

      ox_provenance_add (self, step->frame, output_ref (step->frame, shape->body_out + k), mask,
                         last && output != NULL ? output->coarse : carried->coarse);
    }
  for (guint j = 0; shape->carried + j < step->node->output_names->len; j++)
    add_scanned (self, step, shape, j);
  /* Whether there is another iteration: of what only iterations until here have made, it is no matter. */
  for (guint k = 0; last && k < shape->carried; k++)
    carried->matters = carried->matters || ox_provenance_output (self, step->frame->parent, step->node, k) != NULL;
  if (shape->loop && carried->matters)
    ox_provenance_whole (self, step->frame, output_ref (step->frame, 0), NULL);
}

static void
entered_iteration (OxProvenance *self, const OxStep *step, const Shape *shape)
{
  Carried *carried = find_carried (self, step);
  OxFrame *frame = step->frame, *parent = frame->parent;

  if (carried == NULL)
    carried = new_carried (self, step, shape);
  carried->matters = carried->matters || g_hash_table_contains (self->touched, frame);
  for (guint k = 0; k < shape->carried; k++)
    {
      const OxFound *found = ox_provenance_find (self, frame, input_ref (frame, shape->body_in + k));

      g_clear_pointer (&g_ptr_array_index (carried->masks, k), free_some);
      if (found == NULL)
        continue;
      g_ptr_array_index (carried->masks, k) = ox_mask_copy (found->mask);
      carried->coarse = carried->coarse != NULL ? carried->coarse : found->coarse;
      if (frame->iteration == 0)
        ox_provenance_add (self, parent, step->node->inputs[shape->first_in + k], found->mask, found->coarse);
    }
  for (guint j = 0; !shape->loop && shape->carried + j < frame->graph->inputs->len; j++)
    {
      const OxFound *found = ox_provenance_find (self, frame, input_ref (frame, shape->carried + j));
      guint i = shape->carried + j;
      OxFound *whole = found != NULL && i < step->node->input_names->len
                           ? ox_provenance_meet (self, parent, step->node->inputs[i])
                           : NULL;
      gint64 axis = ox_influence_int_at (step->node, "scan_input_axes", j, 0);

      if (whole == NULL)
        continue;
      axis += axis < 0 ? whole->mask->rank : 0;
      if (whole->mask->on != NULL && axis >= 0 && axis < whole->mask->rank)
        ox_mask_add_slice (whole->mask, (int) axis,
                           row_of (step->node, "scan_input_directions", j, frame->iteration, whole->mask->dims[axis]),
                           found->mask);
      else
        ox_mask_fill (whole->mask);
      whole->coarse = whole->coarse != NULL ? whole->coarse : found->coarse;
    }
  if (frame->iteration != 0)
    return;
  for (guint i = 0; shape->loop && carried->matters && i < 2; i++)
    if (step->node->inputs[i].slot >= 0)
      ox_provenance_whole (self, parent, step->node->inputs[i], NULL);
  g_hash_table_remove (self->carried, carried);
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

/* A derivative is taken of the graph around it, without inputs that say so. */
static gboolean
is_derivative (const OxNode *node)
{
  return strcmp (node->op_type, "Gradient") == 0;
}

void
ox_provenance_left (OxProvenance *self, const OxStep *step)
{
  OxFrame *parent = step->frame->parent;
  Shape shape;

  if (!is_asked (self, parent, step->node) && find_carried (self, step) == NULL)
    return;
  if (is_derivative (step->node))
    self->unknown = step->node;
  else if (step->frame->graph->function != NULL)
    pass_outputs (self, step);
  else if (strcmp (step->node->op_type, "If") == 0)
    pass_outputs (self, step);
  else if (read_shape (step, step->frame->graph, &shape))
    left_iteration (self, step, &shape);
  else
    for (guint i = 0; i < step->frame->graph->outputs->len; i++)
      ox_provenance_whole (self, step->frame, output_ref (step->frame, i), step->node);
}

void
ox_provenance_entered (OxProvenance *self, const OxStep *step)
{
  OxFrame *frame = step->frame, *parent = frame->parent;
  Shape shape;

  /* What was asked about may be in the body. */
  if (!is_asked (self, parent, step->node) && !g_hash_table_contains (self->touched, frame))
    return;
  if (is_derivative (step->node))
    self->unknown = step->node;
  else if (frame->graph->function != NULL)
    for (guint i = 0; i < step->node->input_names->len && i < frame->graph->inputs->len; i++)
      {
        const OxFound *found = ox_provenance_find (self, frame, input_ref (frame, i));

        if (found != NULL && step->node->inputs[i].slot >= 0)
          ox_provenance_add (self, parent, step->node->inputs[i], found->mask, found->coarse);
      }
  else if (strcmp (step->node->op_type, "If") == 0)
    ox_provenance_whole (self, parent, step->node->inputs[0], NULL);
  else if (read_shape (step, frame->graph, &shape))
    entered_iteration (self, step, &shape);
  else
    whole_inputs (self, step, parent, step->node);
}

void
ox_provenance_idle (OxProvenance *self, const OxStep *step)
{
  if (is_asked (self, step->frame, step->node))
    whole_inputs (self, step, step->frame, step->node);
}
