/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "core/ox-error.h"
#include "debug/ox-minimise-private.h"
#include "ops/ox-op.h"

/* So many rounds of all of them. */
#define ROUNDS 4
/* So many parts of one tensor are tried at a time. */
#define PARTS 128

/* Inputs and weights, by name. */
static GPtrArray *
list_names (const OxCase *self)
{
  const OxGraph *graph = self->model->graph;
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < graph->inputs->len; i++)
    g_ptr_array_add (names, g_strdup (ox_graph_slot (graph, g_array_index (graph->inputs, int, i))->name));
  for (guint i = 0; i < graph->initializers->len; i++)
    g_ptr_array_add (names, g_strdup (((OxInitializer *) g_ptr_array_index (graph->initializers, i))->name));
  return names;
}

/* (transfer full) The tensor of an input or weight; NULL when it is none. */
static OxTensor *
tensor_of (const OxCase *self, const char *name)
{
  const OxSlot *slot = ox_graph_slot (self->model->graph, ox_graph_find (self->model->graph, name));
  g_autoptr (OxValue) value = NULL;

  if (slot == NULL)
    return NULL;
  if (slot->graph_input >= 0)
    value = ox_value_ref (g_ptr_array_index (self->inputs, slot->graph_input));
  else if (slot->initializer != NULL)
    value = ox_initializer_get (slot->initializer, NULL);
  return value != NULL && ox_value_get_tensor (value) != NULL ? ox_tensor_usable (ox_value_get_tensor (value), NULL) : NULL;
}

static void
put (GHashTable *values, const char *name, OxTensor *tensor)
{
  g_hash_table_replace (values, g_strdup (name), ox_value_new_tensor (tensor));
}

static gboolean
try_values (OxMinimise *self, GHashTable *values, GCancellable *cancellable)
{
  const OxCaseChange change = { .values = values, .input = -1 };

  return g_hash_table_size (values) > 0 && ox_minimise_try (self, ox_case_change (self->best, &change, NULL), cancellable);
}

static gboolean
try_value (OxMinimise *self, const char *name, OxTensor *tensor, GCancellable *cancellable)
{
  g_autoptr (GHashTable) values = ox_minimise_values_new ();

  if (tensor == NULL)
    return FALSE;
  put (values, name, tensor);
  return try_values (self, values, cancellable);
}

/* ---- sizes --------------------------------------------------------------------------------------------------------- */

/* (transfer full) Elements @begin to @begin + @n of an axis. */
static OxTensor *
slice (OxTensor *tensor, int axis, gint64 begin, gint64 n)
{
  gint64 dims[OX_MAX_RANK];
  g_autoptr (OxTensor) view = NULL;

  for (int i = 0; i < tensor->rank; i++)
    dims[i] = i == axis ? n : tensor->dims[i];
  view = ox_tensor_new_view (tensor, tensor->rank, dims, tensor->strides, tensor->data + begin * tensor->strides[axis]);
  return ox_tensor_contiguous (view, NULL);
}

/* All axes of this size at once, in all tensors but those that one axis is of. */
static gboolean
try_size (OxMinimise *self, gint64 size, gint64 begin, gint64 n, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) names = list_names (self->best);
  g_autoptr (GHashTable) values = ox_minimise_values_new ();

  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (OxTensor) tensor = tensor_of (self->best, g_ptr_array_index (names, i));
      gboolean any = FALSE;

      for (int axis = 0; tensor != NULL && axis < tensor->rank; axis++)
        if (tensor->dims[axis] == size)
          {
            OxTensor *less = slice (tensor, axis, begin, n);

            ox_tensor_unref (tensor);
            tensor = less;
            any = TRUE;
          }
      if (any && tensor != NULL)
        put (values, g_ptr_array_index (names, i), g_steal_pointer (&tensor));
    }
  return try_values (self, values, cancellable);
}

static gboolean
try_axis (OxMinimise *self, const char *name, int axis, gint64 begin, gint64 n, GCancellable *cancellable)
{
  g_autoptr (OxTensor) tensor = tensor_of (self->best, name);

  return try_value (self, name, slice (tensor, axis, begin, n), cancellable);
}

static gint64
size_of (const OxCase *self, const char *name, int axis)
{
  g_autoptr (OxTensor) tensor = tensor_of (self, name);

  return tensor != NULL && axis < tensor->rank ? tensor->dims[axis] : 0;
}

static int
by_size (gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x < y) - (x > y);
}

/* (transfer full) The sizes that axes have, largest first. */
static GArray *
list_sizes (const OxCase *self)
{
  g_autoptr (GPtrArray) names = list_names (self);
  GArray *sizes = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (OxTensor) tensor = tensor_of (self, g_ptr_array_index (names, i));

      for (int axis = 0; tensor != NULL && axis < tensor->rank; axis++)
        if (tensor->dims[axis] > 1)
          g_array_append_val (sizes, tensor->dims[axis]);
    }
  g_array_sort (sizes, by_size);
  for (guint i = sizes->len; i > 1; i--)
    if (g_array_index (sizes, gint64, i - 1) == g_array_index (sizes, gint64, i - 2))
      g_array_remove_index (sizes, i - 1);
  return sizes;
}

static guint
shrink_sizes (OxMinimise *self, GCancellable *cancellable)
{
  g_autoptr (GArray) sizes = list_sizes (self->best);
  g_autoptr (GPtrArray) names = list_names (self->best);
  guint found = 0;

  for (guint i = 0; i < sizes->len; i++)
    for (gint64 size = g_array_index (sizes, gint64, i); size > 1 && ox_minimise_may_go_on (self, cancellable); found++)
      {
        const gint64 half = (size + 1) / 2;

        if (try_size (self, size, 0, 1, cancellable))
          size = 1;
        else if (half > 1 && (try_size (self, size, 0, half, cancellable) || try_size (self, size, size - half, half, cancellable)))
          size = half;
        else
          break;
      }
  for (guint i = 0; i < names->len; i++)
    for (int axis = 0; axis < OX_MAX_RANK; axis++)
      {
        const char *name = g_ptr_array_index (names, i);
        gint64 size;

        while ((size = size_of (self->best, name, axis)) > 1 && ox_minimise_may_go_on (self, cancellable))
          {
            const gint64 half = (size + 1) / 2;

            if (!try_axis (self, name, axis, 0, 1, cancellable)
                && (half == 1 || !try_axis (self, name, axis, 0, half, cancellable))
                && !try_axis (self, name, axis, size - half, half, cancellable))
              break;
            found++;
          }
        if (size == 0)
          break;
      }
  return found;
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

static OxTensor *
copy_tensor (OxTensor *tensor)
{
  OxTensor *copy = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, NULL);

  if (copy != NULL)
    ox_tensor_copy_to (tensor, copy->data);
  return copy;
}

static OxTensor *
filled (OxTensor *tensor, double number)
{
  OxTensor *copy = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, NULL);

  for (gint64 i = 0; copy != NULL && i < copy->count; i++)
    ox_tensor_set (copy, i, number);
  return copy;
}

static gboolean
is_all (const OxTensor *tensor, double number)
{
  for (gint64 i = 0; i < tensor->count; i++)
    if (ox_tensor_get (tensor, i) != number)
      return FALSE;
  return TRUE;
}

/* Elements @begin to @end become zero; NULL when they are. */
static OxTensor *
zeroed (OxTensor *tensor, gint64 begin, gint64 end)
{
  OxTensor *copy;
  gboolean any = FALSE;

  for (gint64 i = begin; i < end && !any; i++)
    any = ox_tensor_get (tensor, i) != 0;
  copy = any ? copy_tensor (tensor) : NULL;
  for (gint64 i = begin; copy != NULL && i < end; i++)
    ox_tensor_set (copy, i, 0);
  return copy;
}

static double
to_integer (double x)
{
  return isfinite (x) ? round (x) : x;
}

/* The power of two below. */
static double
to_power (double x)
{
  int exponent;

  if (!isfinite (x) || x == 0)
    return x;
  frexp (x, &exponent);
  return copysign (ldexp (1, exponent - 1), x);
}

/* NULL when nothing changes. */
static OxTensor *
rounded (OxTensor *tensor, double (*how) (double x))
{
  OxTensor *copy = copy_tensor (tensor);
  gboolean any = FALSE;

  for (gint64 i = 0; copy != NULL && i < copy->count; i++)
    {
      const double x = ox_tensor_get (copy, i), y = how (x);

      if (isnan (x) || x == y)
        continue;
      ox_tensor_set (copy, i, y);
      any = TRUE;
    }
  if (!any)
    g_clear_pointer (&copy, ox_tensor_unref);
  return copy;
}

/* Halves, quarters and so on become zero, as long as few are not. */
static guint
zero_parts (OxMinimise *self, const char *name, GCancellable *cancellable)
{
  g_autoptr (OxTensor) first = tensor_of (self->best, name);
  const gint64 count = first->count;
  guint found = 0;

  for (gint64 part = (count + 1) / 2; part > 0; part = part > 1 ? (part + 1) / 2 : 0)
    {
      guint left = 0;

      for (gint64 begin = 0; begin < count; begin += part)
        {
          g_autoptr (OxTensor) tensor = tensor_of (self->best, name);
          g_autoptr (OxTensor) less = zeroed (tensor, begin, MIN (begin + part, count));

          if (less == NULL)
            continue;
          if (left++ >= PARTS || !ox_minimise_may_go_on (self, cancellable))
            return found;
          found += try_value (self, name, g_steal_pointer (&less), cancellable);
        }
    }
  return found;
}

static guint
shrink_value (OxMinimise *self, const char *name, GCancellable *cancellable)
{
  g_autoptr (OxTensor) tensor = tensor_of (self->best, name);
  guint found = 0;

  if (tensor == NULL || tensor->count == 0 || tensor->dtype == OX_STR || ox_dtype_class (tensor->dtype) == OX_CLASS_COMPLEX
      || is_all (tensor, 0) || is_all (tensor, 1))
    return 0;
  if (try_value (self, name, filled (tensor, 0), cancellable) || try_value (self, name, filled (tensor, 1), cancellable))
    return 1;
  if (tensor->count > 1)
    found = zero_parts (self, name, cancellable);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (OxTensor) now = tensor_of (self->best, name);

      if (try_value (self, name, rounded (now, i == 0 ? to_integer : to_power), cancellable))
        found++;
    }
  return found;
}

static guint
shrink_values (OxMinimise *self, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) names = list_names (self->best);
  guint found = 0;

  for (guint i = 0; i < names->len && ox_minimise_may_go_on (self, cancellable); i++)
    found += shrink_value (self, g_ptr_array_index (names, i), cancellable);
  return found;
}

/* ---- attributes and inputs that may be left out --------------------------------------------------------------------- */

/* Whether the operator can do without; what is not known here is not judged. */
static gboolean
needs_attribute (const OxOp *op, const char *name)
{
  for (int i = 0; op != NULL && i < op->n_attrs; i++)
    if (g_str_equal (op->attrs[i].name, name))
      return op->attrs[i].required;
  return FALSE;
}

static const OxOp *
operator_of (const OxNode *node)
{
  return ox_op_find (node->domain, node->op_type, ox_model_opset (node->graph->model, node->graph, node->domain));
}

static guint
shrink_node (OxMinimise *self, guint n, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const OxNode *node = ox_graph_node (self->best->model->graph, n);
  const OxOp *op = operator_of (node);
  guint found = 0, inputs = node->input_names->len, least = op != NULL ? (guint) op->in.min : inputs;
  const guint before = self->best->model->graph->nodes->len;

  for (guint a = 0; a < node->attributes->len; a++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

      if (attribute->graphs == NULL && !needs_attribute (op, attribute->name))
        g_ptr_array_add (names, g_strdup (attribute->name));
    }
  for (guint a = 0; a < names->len; a++)
    {
      const OxCaseChange change = { .node = n, .attribute = g_ptr_array_index (names, a), .input = -1 };

      found += ox_minimise_try (self, ox_case_change (self->best, &change, NULL), cancellable);
    }
  /* With an input the node that makes it may go; then others have other numbers. */
  for (guint i = inputs; i > least && self->best->model->graph->nodes->len == before; i--)
    {
      const OxCaseChange change = { .node = n, .input = (int) i - 1 };

      node = ox_graph_node (self->best->model->graph, n);
      if (i <= node->input_names->len && *(char *) g_ptr_array_index (node->input_names, i - 1) != '\0')
        found += ox_minimise_try (self, ox_case_change (self->best, &change, NULL), cancellable);
    }
  return found;
}

static guint
shrink_nodes (OxMinimise *self, GCancellable *cancellable)
{
  guint found = 0;

  for (guint n = self->best->model->graph->nodes->len; n > 0 && ox_minimise_may_go_on (self, cancellable); n--)
    if (n <= self->best->model->graph->nodes->len)
      found += shrink_node (self, n - 1, cancellable);
  return found;
}

void
ox_minimise_shrink (OxMinimise *self, GCancellable *cancellable)
{
  guint sizes = 0, parts = 0, values = 0;

  for (guint round = 0; round < ROUNDS && ox_minimise_may_go_on (self, cancellable); round++)
    {
      const guint before = sizes + parts + values;

      parts += shrink_nodes (self, cancellable);
      sizes += shrink_sizes (self, cancellable);
      values += shrink_values (self, cancellable);
      if (sizes + parts + values == before)
        break;
    }
  if (parts > 0)
    ox_minimise_note (self, "%u attributes and inputs of nodes are not needed", parts);
  if (sizes > 0)
    ox_minimise_note (self, "sizes were cut %u times", sizes);
  if (values > 0)
    ox_minimise_note (self, "values were made plainer %u times", values);
}
