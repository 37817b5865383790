/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-genealogy-private.h"

/* Generations that are told; beyond, nobody reads them. */
#define MAX_GENERATIONS 64

/* One node that is asked again and again. */
typedef struct
{
  OxSession *session;
  OxFrame   *frame;
  OxNode    *node;
  guint      output;
  gint64     element;
  GPtrArray *calm;        /* OxValue or NULL, one an input: numbers that do no harm; NULL: as it is */
  gint64     deadline;
} Probe;

static void
ancestor_free (gpointer data)
{
  OxAncestor *self = data;

  g_free (self->name);
  g_free (self->index);
  g_free (self);
}

static void
generation_free (gpointer data)
{
  OxGeneration *self = data;

  g_free (self->where);
  g_free (self->name);
  g_free (self->index);
  g_ptr_array_unref (self->ancestors);
  g_free (self);
}

static void
unref_some (gpointer value)
{
  if (value != NULL)
    ox_value_unref (value);
}

char *
ox_index_to_string (const OxTensor *tensor, gint64 element)
{
  GString *text = g_string_new (NULL);
  gint64 at[OX_MAX_RANK];

  for (int i = tensor->rank - 1; i >= 0; i--)
    {
      at[i] = element % MAX (tensor->dims[i], 1);
      element /= MAX (tensor->dims[i], 1);
    }
  for (int i = 0; i < tensor->rank; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i == 0 ? "[" : ",", at[i]);
  return g_string_free (tensor->rank > 0 ? g_string_append_c (text, ']') : text, FALSE);
}

/* ---- what an element hangs on ---------------------------------------------------------------------------------- */

static gboolean
can_hold_nan (const OxTensor *tensor)
{
  return tensor != NULL && tensor->count > 0
         && (ox_dtype_class (tensor->dtype) == OX_CLASS_FLOAT || tensor->dtype == OX_F16 || tensor->dtype == OX_BF16);
}

static OxTensor *
input_tensor (OxFrame *frame, const OxNode *node, guint i)
{
  OxValue *value = node->inputs[i].slot >= 0 ? ox_frame_value (frame, node->inputs[i]) : NULL;

  return value != NULL ? ox_value_get_tensor (value) : NULL;
}

/* All elements are one number, held once. */
static OxValue *
filled (const OxTensor *like, double number)
{
  g_autoptr (OxTensor) one = ox_tensor_new_scalar (like->dtype, number);
  const gint64 strides[OX_MAX_RANK] = { 0 };

  return ox_value_new_tensor (ox_tensor_new_view (one, like->rank, like->dims, strides, one->data));
}

static OxValue *
copy_of (const OxTensor *tensor)
{
  OxTensor *copy = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, NULL);

  if (copy == NULL)
    return NULL;
  ox_tensor_copy_to (tensor, copy->data);
  return ox_value_new_tensor (copy);
}

/* The element with these inputs; FALSE when the node cannot be asked. */
static gboolean
ask (Probe *probe, OxValue *const *inputs, double *answer)
{
  g_autoptr (GPtrArray) outputs = ox_session_try (probe->session, probe->frame, probe->node, inputs, NULL, NULL);
  OxValue *value = outputs != NULL ? g_ptr_array_index (outputs, probe->output) : NULL;
  const OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;

  if (tensor == NULL || probe->element >= tensor->count)
    return FALSE;
  *answer = ox_tensor_get (tensor, probe->element);
  return TRUE;
}

/* Numbers for all inputs with which the element is finite. */
static gboolean
calm_down (Probe *probe)
{
  static const double numbers[] = { 1, 0.5, 2 };
  double answer;

  for (guint n = 0; n < G_N_ELEMENTS (numbers); n++)
    {
      g_ptr_array_set_size (probe->calm, 0);
      for (guint i = 0; i < probe->node->input_names->len; i++)
        {
          const OxTensor *tensor = input_tensor (probe->frame, probe->node, i);

          g_ptr_array_add (probe->calm, can_hold_nan (tensor) ? filled (tensor, numbers[n]) : NULL);
        }
      if (!ask (probe, (OxValue *const *) probe->calm->pdata, &answer))
        return FALSE;
      if (isfinite (answer))
        return TRUE;
    }
  return FALSE;
}

/* Whether NaN in indices @from up to @to of an axis, within the box, reaches the element. */
static gboolean
reaches (Probe *probe, guint input, const OxBox *box, int axis, gint64 from, gint64 to)
{
  OxValue *calm = g_ptr_array_index (probe->calm, input);
  const OxTensor *tensor = ox_value_get_tensor (calm);
  g_autoptr (OxValue) value = copy_of (tensor);
  OxTensor *copy = value != NULL ? ox_value_get_tensor (value) : NULL;
  g_autofree OxValue **inputs = g_memdup2 (probe->calm->pdata, sizeof (OxValue *) * probe->calm->len);
  gint64 at[OX_MAX_RANK];
  double answer;

  if (copy == NULL || g_get_monotonic_time () > probe->deadline)
    return TRUE;
  memcpy (at, box->low, sizeof at);
  if (tensor->rank > 0)
    at[axis] = from;
  for (;;)
    {
      gint64 flat = 0;
      int i;

      for (i = 0; i < tensor->rank; i++)
        flat = flat * tensor->dims[i] + at[i];
      ox_tensor_set (copy, flat, NAN);
      for (i = tensor->rank - 1; i >= 0; i--)
        {
          if (++at[i] < (i == axis ? to : box->high[i]))
            break;
          at[i] = i == axis ? from : box->low[i];
        }
      if (i < 0)
        break;
    }
  inputs[input] = value;
  return !ask (probe, inputs, &answer) || isnan (answer);
}

/* Narrows the box to what the element hangs on, axis by axis. FALSE when the element does not hang on the input. */
static gboolean
narrow (Probe *probe, guint input, const OxTensor *tensor, OxBox *box)
{
  for (int i = 0; i < tensor->rank; i++)
    {
      box->low[i] = 0;
      box->high[i] = tensor->dims[i];
    }
  if (g_ptr_array_index (probe->calm, input) == NULL)
    return TRUE;
  if (!reaches (probe, input, box, 0, 0, tensor->rank > 0 ? tensor->dims[0] : 1))
    return FALSE;
  for (int axis = 0; axis < tensor->rank; axis++)
    {
      gint64 low = 0, high = tensor->dims[axis], top = tensor->dims[axis];

      /* The last index that must be in, from below; then the first from above. */
      while (high - low > 1)
        {
          gint64 middle = low + (high - low) / 2;

          if (reaches (probe, input, box, axis, 0, middle))
            high = middle;
          else
            low = middle;
        }
      box->low[axis] = high - 1;
      low = box->low[axis];
      while (top - low > 1)
        {
          gint64 middle = low + (top - low) / 2;

          if (reaches (probe, input, box, axis, middle, tensor->dims[axis]))
            low = middle;
          else
            top = middle;
        }
      box->high[axis] = low + 1;
    }
  return TRUE;
}

/* ---- one generation -------------------------------------------------------------------------------------------- */

/* What counts most: what is no number, what is infinite, then size. */
static double
weight_of (double x)
{
  return isnan (x) ? INFINITY : isinf (x) ? G_MAXDOUBLE : fabs (x);
}

static gint64
pick (const OxTensor *tensor, const OxBox *box, gint64 *among)
{
  gint64 best = -1, at[OX_MAX_RANK], n = 1;
  double most = -1;

  memcpy (at, box->low, sizeof at);
  for (int i = 0; i < tensor->rank; i++)
    n *= box->high[i] - box->low[i];
  *among = n;
  for (gint64 k = 0; k < n; k++)
    {
      gint64 flat = 0;
      double weight;

      for (int i = 0; i < tensor->rank; i++)
        flat = flat * tensor->dims[i] + at[i];
      weight = weight_of (ox_tensor_get (tensor, flat));
      if (weight > most)
        {
          most = weight;
          best = flat;
        }
      for (int i = tensor->rank - 1; i >= 0; i--)
        {
          if (++at[i] < box->high[i])
            break;
          at[i] = box->low[i];
        }
    }
  return best;
}

/* A zero below a fraction matters more than the number above it. */
static gboolean
is_divisor (const OxNode *node, guint input)
{
  return (strcmp (node->op_type, "Div") == 0 || strcmp (node->op_type, "Mod") == 0) && input == 1;
}

static OxFrame *
frame_of (OxFrame *frame, OxRef ref)
{
  for (int up = ref.up; up > 0 && frame != NULL; up--)
    frame = frame->outer;
  return frame;
}

typedef struct
{
  OxFrame  *frame;
  OxNode   *node;
  guint     output;
  gint64    element;
  OxTensor *tensor;       /* borrowed from the frame */
} Place;

/* Where a value was made; a function's input is what its caller gave. FALSE at a weight, an input, or a body that is
 * closed. */
static gboolean
find_maker (OxFrame *frame, OxRef ref, Place *place, OxOrigin *origin)
{
  for (;;)
    {
      const OxSlot *slot;

      frame = frame_of (frame, ref);
      slot = frame != NULL ? ox_graph_slot (frame->graph, ref.slot) : NULL;
      *origin = slot != NULL && slot->producer != NULL ? OX_ORIGIN_NODE
                : slot != NULL && slot->initializer != NULL ? OX_ORIGIN_WEIGHT : OX_ORIGIN_INPUT;
      if (slot == NULL)
        return FALSE;
      if (slot->producer != NULL)
        {
          place->frame = frame;
          place->node = slot->producer;
          place->output = (guint) slot->output;
          return TRUE;
        }
      if (frame->graph->function == NULL || frame->parent == NULL || slot->graph_input < 0
          || (guint) slot->graph_input >= frame->caller->input_names->len)
        return FALSE;
      ref = frame->caller->inputs[slot->graph_input];
      frame = frame->parent;
    }
}

static OxGeneration *
make_generation (Place *place, double value, OxSession *session, gint64 deadline, Place *next)
{
  OxGeneration *self = g_new0 (OxGeneration, 1);
  OxNode *node = place->node;
  g_autoptr (GPtrArray) calm = g_ptr_array_new_with_free_func (unref_some);
  Probe probe = { session, place->frame, node, place->output, place->element, calm, deadline };
  g_autofree OxTensor **tensors = g_new0 (OxTensor *, node->input_names->len + 1);
  gboolean askable = FALSE, asked = FALSE, good = FALSE;
  OxAncestor *followed = NULL;
  double most = -1;

  self->node = node;
  self->where = place->frame->id != 0 ? ox_frame_label (place->frame) : NULL;
  self->name = g_strdup (g_ptr_array_index (node->output_names, place->output));
  self->index = place->tensor != NULL ? ox_index_to_string (place->tensor, place->element) : g_strdup ("");
  self->value = value;
  self->ancestors = g_ptr_array_new_with_free_func (ancestor_free);
  self->changed = ox_session_is_replaced (session, place->frame, node, node->outputs[place->output]);
  if (self->changed)
    return self;
  for (guint i = 0; i < node->input_names->len; i++)
    tensors[i] = input_tensor (place->frame, node, i);
  for (guint i = 0; i < node->input_names->len; i++)
    {
      OxTensor *tensor = tensors[i];
      OxAncestor *ancestor;
      Place maker = { 0 };
      double weight;
      OxBox box = { { 0 }, { 0 } };
      gboolean made;

      /* Shapes and indices are not what makes a number infinite; without answers, all of a tensor may. */
      if (!can_hold_nan (tensor))
        continue;
      if (place->tensor == NULL || !ox_box_compute (node, tensors, i, place->tensor, place->element, &box))
        {
          for (int k = 0; k < tensor->rank; k++)
            {
              box.low[k] = 0;
              box.high[k] = tensor->dims[k];
            }
          if (!asked)
            askable = g_get_monotonic_time () < deadline && calm_down (&probe);
          asked = TRUE;
          if (askable && !narrow (&probe, i, tensor, &box))
            continue;
        }
      ancestor = g_new0 (OxAncestor, 1);
      maker.element = pick (tensor, &box, &ancestor->among);
      maker.tensor = tensor;
      ancestor->name = g_strdup (g_ptr_array_index (node->input_names, i));
      ancestor->index = ox_index_to_string (tensor, maker.element);
      ancestor->value = ox_tensor_get (tensor, maker.element);
      made = find_maker (place->frame, node->inputs[i], &maker, &ancestor->origin);
      g_ptr_array_add (self->ancestors, ancestor);
      weight = weight_of (ancestor->value);
      if (is_divisor (node, i) && ancestor->value == 0)
        weight = G_MAXDOUBLE / 2;
      if (weight > most)
        {
          most = weight;
          followed = ancestor;
          *next = maker;
          good = made;
        }
    }
  if (followed != NULL)
    followed->followed = TRUE;
  if (!good)
    next->node = NULL;
  return self;
}

GPtrArray *
ox_genealogy_trace (OxSession *session, OxFrame *frame, OxNode *node, guint output, gint64 element, const OxTensor *found,
                    double seconds)
{
  GPtrArray *generations = g_ptr_array_new_with_free_func (generation_free);
  gint64 deadline = g_get_monotonic_time () + (gint64) (seconds * 1e6);
  Place place = { frame, node, output, element, NULL }, next = { 0 };
  double value = ox_tensor_get (found, element);

  place.tensor = (OxTensor *) found;
  while (place.node != NULL && generations->len < MAX_GENERATIONS && (generations->len == 0 || g_get_monotonic_time () < deadline))
    {
      next = (Place){ 0 };
      g_ptr_array_add (generations, make_generation (&place, value, session, deadline, &next));
      if (next.node != NULL)
        value = ox_tensor_get (next.tensor, next.element);
      place = next;
    }
  return generations;
}
