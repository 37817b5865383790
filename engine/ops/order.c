/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

#include "kernel/ox-sort.h"

/* Operators that order elements: TopK, Unique. */

typedef struct { gint64 axis, k, largest, sorted; } TopAttrs;
typedef struct { OxOptInt axis; gint64 sorted; } UniqueAttrs;

/* ---- keys ----------------------------------------------------------------------------------------------------- */

/* An integer that orders as the element does: NaN is above everything, both zeros are equal. Not for strings and
 * complex numbers. */
static gint64
order_key (OxDtype dtype, const void *element)
{
  double value;
  gint64 bits;

  switch (ox_dtype_class (dtype))
    {
    case OX_CLASS_FLOAT:
    case OX_CLASS_SMALL:
      value = ox_element_get (dtype, element);
      if (value != value)
        return G_MAXINT64;
      value += 0.0;
      memcpy (&bits, &value, sizeof bits);
      return bits >= 0 ? bits : (gint64) (G_GUINT64_CONSTANT (0x8000000000000000) - (guint64) bits);
    default:
      bits = ox_element_get_int (dtype, element);
      return dtype == OX_U64 ? (gint64) ((guint64) bits ^ G_GUINT64_CONSTANT (0x8000000000000000)) : bits;
    }
}

typedef struct
{
  gint64 key, index;
} Ranked;

static inline gboolean
ranked_before (const Ranked *a, const Ranked *b)
{
  return a->key < b->key || (a->key == b->key && a->index < b->index);
}

static int
ranked_compare (gconstpointer a, gconstpointer b, gpointer unused)
{
  return ranked_before (a, b) ? -1 : ranked_before (b, a) ? 1 : 0;
}

/* Restores the heap (the last in order on top) after heap[0] has changed. */
static void
heap_sink (Ranked *heap, gint64 n)
{
  gint64 at = 0;

  for (;;)
    {
      gint64 child = 2 * at + 1;
      Ranked swap;

      if (child >= n)
        return;
      if (child + 1 < n && ranked_before (&heap[child], &heap[child + 1]))
        child++;
      if (!ranked_before (&heap[at], &heap[child]))
        return;
      swap = heap[at];
      heap[at] = heap[child];
      heap[child] = swap;
      at = child;
    }
}

static int
ranked_compare_reverse (gconstpointer a, gconstpointer b, gpointer unused)
{
  return ranked_compare (b, a, NULL);
}

/* ---- TopK ----------------------------------------------------------------------------------------------------- */

static gboolean
top_infer (OxCall *call, GError **error)
{
  const TopAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0);
  int rank = ox_fact_rank (data), axis, n;
  OxDim dims[OX_MAX_RANK], k = OX_DIM_UNKNOWN;
  const OxDim *ints;
  gint64 number;

  if (call->op->in.max == 1)
    k = ox_dim_const (call->dims, at->k);
  else if (ox_call_ints (call, 1, &ints, &n))
    {
      if (n != 1)
        return ox_fail (error, OX_ERROR_SHAPE, "K has %d elements, expected 1", n);
      k = ints[0];
    }
  if (ox_dim_is_const (call->dims, k, &number) && number < 0)
    return ox_fail (error, OX_ERROR_VALUE, "K is %" G_GINT64_FORMAT, number);
  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (data));
      ox_call_set_unknown (call, 1, OX_I64);
      return TRUE;
    }
  if (!ox_call_axis (call, at->axis, rank, &axis, error))
    return FALSE;
  if (ox_dim_known (k) && ox_dim_known (data->dims[axis]) && k > data->dims[axis])
    return ox_fail (error, OX_ERROR_VALUE, "K is %" G_GINT64_FORMAT ", axis %d has only %" G_GINT64_FORMAT, k, axis,
                    data->dims[axis]);
  memcpy (dims, data->dims, (gsize) rank * sizeof (OxDim));
  dims[axis] = k;
  ox_call_set (call, 0, data->dtype, rank, dims);
  ox_call_set (call, 1, OX_I64, rank, dims);
  return TRUE;
}

static gboolean
top_run (OxCall *call, GError **error)
{
  const TopAttrs *at = call->attrs;
  const OxTensor *in = ox_call_in (call, 0);
  OxTensor *values = ox_call_out (call, 0, error), *indices = values != NULL ? ox_call_out (call, 1, error) : NULL;
  gint64 place[OX_MAX_RANK] = { 0 }, n, k, lines;
  const guint8 *line = in->data;
  guint8 *value;
  guint8 *index;
  Ranked *heap, *room;
  gboolean largest = at->largest || call->op->since < 11;
  int axis;

  if (indices == NULL || !ox_call_axis (call, at->axis, in->rank, &axis, error))
    return FALSE;
  if (in->dtype == OX_STR || ox_dtype_class (in->dtype) == OX_CLASS_COMPLEX)
    return ox_fail (error, OX_ERROR_DTYPE, "%s has no order", ox_dtype_name (in->dtype));
  if (values->count == 0)
    return TRUE;
  n = in->dims[axis];
  k = values->dims[axis];
  lines = values->count / k;
  heap = ox_call_scratch_n (call, k, sizeof (Ranked), error);
  room = heap != NULL ? ox_call_scratch_n (call, k, sizeof (Ranked), error) : NULL;
  if (room == NULL)
    return FALSE;
  value = values->data;
  index = indices->data;
  for (gint64 l = 0; l < lines && !ox_turn (); l++)
    {
      for (gint64 i = 0; i < n && !ox_pause (i); i++)
        {
          const guint8 *element = line + i * in->strides[axis];
          gint64 key = order_key (in->dtype, element);
          const Ranked next = { largest ? ~key : key, i };

          if (i < k)
            {
              heap[i] = next;
              /* A descending sequence is a heap. */
              if (i == k - 1 && !ox_sort (heap, room, k, sizeof (Ranked), ranked_compare_reverse, NULL))
                return FALSE;
            }
          else if (ranked_before (&next, &heap[0]))
            {
              heap[0] = next;
              heap_sink (heap, k);
            }
        }
      if (ox_call_cancelled (call, error) || !ox_sort (heap, room, k, sizeof (Ranked), ranked_compare, NULL))
        return FALSE;
      for (gint64 i = 0; i < k && !ox_pause (i); i++)
        {
          memcpy (value + i * values->strides[axis], line + heap[i].index * in->strides[axis],
                  ox_dtype_size (in->dtype));
          *(gint64 *) (index + i * indices->strides[axis]) = heap[i].index;
        }
      for (int i = in->rank - 1; i >= 0; i--)
        {
          if (i == axis)
            continue;
          line += in->strides[i];
          value += values->strides[i];
          index += indices->strides[i];
          if (++place[i] < in->dims[i])
            break;
          line -= in->strides[i] * in->dims[i];
          value -= values->strides[i] * in->dims[i];
          index -= indices->strides[i] * in->dims[i];
          place[i] = 0;
        }
    }
  return TRUE;
}

/* ---- Unique --------------------------------------------------------------------------------------------------- */

static gboolean
unique_infer (OxCall *call, GError **error)
{
  const UniqueAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0);
  int rank = ox_fact_rank (data), axis;
  OxDim dims[OX_MAX_RANK];

  for (int o = 1; o < 4; o++)
    if (!ox_call_set_rank (call, o, OX_I64, 1, error))
      return FALSE;
  if (!at->axis.set)
    return ox_call_set_rank (call, 0, ox_fact_dtype (data), 1, error);
  if (rank < 0)
    {
      ox_call_set_unknown (call, 0, ox_fact_dtype (data));
      return TRUE;
    }
  if (!ox_call_axis (call, at->axis.v, rank, &axis, error))
    return FALSE;
  memcpy (dims, data->dims, (gsize) rank * sizeof (OxDim));
  dims[axis] = OX_DIM_UNKNOWN;
  ox_call_set (call, 0, data->dtype, rank, dims);
  return TRUE;
}

typedef struct
{
  OxDtype dtype;
  const guint8 *data;
  gint64 block;      /* elements of one slice */
} Slices;

static int
element_compare (OxDtype dtype, const void *a, const void *b)
{
  gint64 x, y;

  if (dtype == OX_STR)
    {
      const char *s = *(char *const *) a, *t = *(char *const *) b;

      return strcmp (s != NULL ? s : "", t != NULL ? t : "");
    }
  if (dtype == OX_C64 || dtype == OX_C128)
    {
      OxDtype part = dtype == OX_C64 ? OX_F32 : OX_F64;
      gsize half = ox_dtype_size (part);

      x = order_key (part, a);
      y = order_key (part, b);
      if (x == y)
        {
          x = order_key (part, (const guint8 *) a + half);
          y = order_key (part, (const guint8 *) b + half);
        }
    }
  else
    {
      x = order_key (dtype, a);
      y = order_key (dtype, b);
    }
  return x < y ? -1 : x > y;
}

static int
slice_compare (const Slices *slices, gint64 a, gint64 b)
{
  gsize size = ox_dtype_size (slices->dtype);
  const guint8 *x = slices->data + (gsize) (a * slices->block) * size;
  const guint8 *y = slices->data + (gsize) (b * slices->block) * size;

  for (gint64 i = 0; i < slices->block && !ox_pause (i); i++)
    {
      int order = element_compare (slices->dtype, x + (gsize) i * size, y + (gsize) i * size);

      if (order != 0)
        return order;
    }
  return 0;
}

/* By content, the same content by position. */
static int
slice_order (gconstpointer a, gconstpointer b, gpointer data)
{
  gint64 i = *(const gint64 *) a, j = *(const gint64 *) b;
  int order = slice_compare (data, i, j);

  return order != 0 ? order : i < j ? -1 : i > j;
}

static int
int_order (gconstpointer a, gconstpointer b, gpointer data)
{
  const gint64 *first = data, i = first[*(const gint64 *) a], j = first[*(const gint64 *) b];

  return i < j ? -1 : i > j;
}

/* The input with @axis in front, contiguous. (transfer full) */
static OxTensor *
axis_first (OxTensor *in, int axis, GError **error)
{
  g_autoptr (OxTensor) view = NULL;
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK];
  int n = 1;

  dims[0] = in->dims[axis];
  strides[0] = in->strides[axis];
  for (int i = 0; i < in->rank; i++)
    if (i != axis)
      {
        dims[n] = in->dims[i];
        strides[n++] = in->strides[i];
      }
  view = ox_tensor_new_view (in, in->rank, dims, strides, in->data);
  return ox_tensor_contiguous (view, error);
}

/* The positions of the @n slices in their order; @room is for as many. FALSE when stopped. */
static gboolean
sort_slices (OxCall *call, Slices *slices, gint64 *order, gint64 *room, gint64 n, GError **error)
{
  Ranked *ranked;

  if (slices->block != 1 || slices->dtype == OX_STR || ox_dtype_class (slices->dtype) == OX_CLASS_COMPLEX)
    {
      for (gint64 i = 0; i < n; i++)
        order[i] = i;
      return ox_sort (order, room, n, sizeof (gint64), slice_order, slices);
    }
  /* Single numbers: their keys are made once. */
  if ((ranked = ox_call_scratch_n (call, 2 * n, sizeof (Ranked), error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    ranked[i] = (Ranked){ order_key (slices->dtype, slices->data + (gsize) i * ox_dtype_size (slices->dtype)), i };
  if (ox_call_cancelled (call, error) || !ox_sort (ranked, ranked + n, n, sizeof (Ranked), ranked_compare, NULL))
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    order[i] = ranked[i].index;
  return TRUE;
}

static gboolean
unique_run (OxCall *call, GError **error)
{
  const UniqueAttrs *at = call->attrs;
  OxTensor *in = (OxTensor *) ox_call_in (call, 0), *out, *firsts, *inverse, *counts;
  g_autoptr (OxTensor) dense = NULL;
  gint64 *order, *first, *rank_of, *group, n, groups = 0, dims[OX_MAX_RANK];
  Slices slices;
  gsize size = ox_dtype_size (in->dtype);
  int axis = 0, rank = 1;

  if (at->axis.set)
    {
      if (!ox_call_axis (call, at->axis.v, in->rank, &axis, error))
        return FALSE;
      dense = axis_first (in, axis, error);
      n = in->dims[axis];
      rank = in->rank;
      memcpy (dims, in->dims, (gsize) rank * sizeof (gint64));
    }
  else
    {
      dense = ox_tensor_contiguous (in, error);
      n = in->count;
    }
  if (dense == NULL)
    return FALSE;
  slices = (Slices){ in->dtype, dense->data, n > 0 ? in->count / n : 0 };
  order = ox_call_scratch_n (call, n, sizeof (gint64), error);
  first = order != NULL ? ox_call_scratch_n (call, n, sizeof (gint64), error) : NULL;
  rank_of = first != NULL ? ox_call_scratch_n (call, n, sizeof (gint64), error) : NULL;
  group = rank_of != NULL ? ox_call_scratch_n (call, n, sizeof (gint64), error) : NULL;
  if (group == NULL)
    return FALSE;
  if (!sort_slices (call, &slices, order, rank_of, n, error))
    return FALSE;
  for (gint64 i = 0; i < n && !(slices.block > 256 ? ox_parallel_stopped () : ox_pause (i)); i++)
    {
      if (i == 0 || slice_compare (&slices, order[i - 1], order[i]) != 0)
        first[groups++] = order[i];
      group[order[i]] = groups - 1;
    }
  if (ox_call_cancelled (call, error))
    return FALSE;
  /* order now becomes the groups in the order of the result, rank_of where each one stands there. */
  for (gint64 g = 0; g < groups; g++)
    order[g] = g;
  if (!at->sorted && !ox_sort (order, rank_of, groups, sizeof (gint64), int_order, first))
    return FALSE;
  for (gint64 g = 0; g < groups && !ox_pause (g); g++)
    rank_of[order[g]] = g;
  if (ox_call_cancelled (call, error))
    return FALSE;
  dims[axis] = groups;
  out = ox_call_alloc (call, 0, in->dtype, rank, dims, error);
  firsts = out != NULL ? ox_call_alloc (call, 1, OX_I64, 1, &groups, error) : NULL;
  inverse = firsts != NULL ? ox_call_alloc (call, 2, OX_I64, 1, &n, error) : NULL;
  counts = inverse != NULL ? ox_call_alloc (call, 3, OX_I64, 1, &groups, error) : NULL;
  if (counts == NULL)
    return FALSE;
  for (gint64 g = 0; g < groups; g++)
    ((gint64 *) counts->data)[g] = 0;
  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    {
      ((gint64 *) inverse->data)[i] = rank_of[group[i]];
      ((gint64 *) counts->data)[rank_of[group[i]]]++;
    }
  for (gint64 g = 0; g < groups && !(slices.block > 64 ? ox_parallel_stopped () : ox_pause (g)); g++)
    {
      gint64 source = first[order[g]];

      ((gint64 *) firsts->data)[g] = source;
      if (!at->axis.set)
        ox_move_block (in->dtype, out->data + (gsize) g * size, dense->data + (gsize) source * size, 1);
      else if (out->count > 0)
        {
          g_autoptr (OxTensor) part = NULL;

          dims[axis] = 1;
          part = ox_tensor_new_view (in, rank, dims, in->strides, in->data + source * in->strides[axis]);
          ox_move_tensor (part, out->data + g * out->strides[axis], out->strides);
        }
    }
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec top_1[] = { OX_INT (TopAttrs, axis, -1), OX_NEED (TopAttrs, k, INT) };
static const OxAttrSpec top_11[]
  = { OX_INT (TopAttrs, axis, -1), OX_INT (TopAttrs, largest, 1), OX_INT (TopAttrs, sorted, 1) };
static const OxAttrSpec unique_attrs[] = { OX_ATTR (UniqueAttrs, axis, OPT_INT), OX_INT (UniqueAttrs, sorted, 1) };

static const OxOp order_rows[] = {
  { "TopK", 1, { 1, 1 }, { 2, 2 }, OX_ATTRS (top_1, TopAttrs), .infer = top_infer, .run = top_run },
  { "TopK", 10, { 2, 2 }, { 2, 2 }, .attrs = top_11, .n_attrs = 1, .attrs_size = sizeof (TopAttrs), .infer = top_infer,
    .run = top_run },
  { "TopK", 11, { 2, 2 }, { 2, 2 }, OX_ATTRS (top_11, TopAttrs), .infer = top_infer, .run = top_run },
  { "Unique", 11, { 1, 1 }, { 1, 4 }, OX_ATTRS (unique_attrs, UniqueAttrs), .infer = unique_infer, .run = unique_run },
};

OX_FAMILY (order, "ai.onnx", order_rows);
