/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

/* Operators on sequences and optionals. A sequence shares its elements with the ones it was made of. */

typedef struct { gint64 dtype; } EmptyAttrs;
typedef struct { gint64 axis, keepdims, new_axis; } SplitAttrs;
typedef struct { OxType *type; } OptionalAttrs;

/* ---- types ---------------------------------------------------------------------------------------------------- */

/* A tensor of @dtype of which no more is known, or a sequence of such; made once, so that a fact may borrow it. */
static OxType *
plain_type (OxTypeKind kind, OxDtype dtype)
{
  static OxType *tensors[OX_N_DTYPES], *sequences[OX_N_DTYPES];
  static gsize made;

  if (g_once_init_enter (&made))
    {
      for (int i = 0; i < OX_N_DTYPES; i++)
        {
          tensors[i] = ox_type_new_tensor (i, -1, NULL);
          sequences[i] = ox_type_new (OX_TYPE_SEQUENCE, OX_UNDEFINED);
          sequences[i]->elem = ox_type_ref (tensors[i]);
        }
      g_once_init_leave (&made, 1);
    }
  return kind == OX_TYPE_SEQUENCE ? sequences[dtype] : kind == OX_TYPE_TENSOR ? tensors[dtype] : NULL;
}

static void
set_sequence (OxCall *call, int o, OxDtype dtype)
{
  ox_call_set_kind (call, o, OX_TYPE_SEQUENCE, dtype,
                    dtype != OX_UNDEFINED ? plain_type (OX_TYPE_TENSOR, dtype) : NULL);
}

/* The element type of a sequence or optional of tensors. */
static OxDtype
element_dtype (const OxFact *fact)
{
  const OxType *elem = fact->elem;

  while (elem != NULL && elem->kind != OX_TYPE_TENSOR)
    elem = elem->elem;
  return elem != NULL ? elem->dtype : fact->dtype;
}

/* Output @o is of the declared type; nothing is set for NULL. */
static void
set_type (OxCall *call, int o, const OxType *type)
{
  OxDim dims[OX_MAX_RANK];

  if (type == NULL)
    return;
  if (type->kind != OX_TYPE_TENSOR)
    {
      ox_call_set_kind (call, o, type->kind, type->dtype, type->elem);
      return;
    }
  if (type->rank > OX_MAX_RANK)
    return;
  for (int i = 0; i < type->rank; i++)
    dims[i] = type->dims[i].value >= 0 ? type->dims[i].value : OX_DIM_UNKNOWN;
  ox_call_set (call, o, type->dtype, type->rank, dims);
}

static gboolean
expect_kind (OxCall *call, int i, OxTypeKind kind, const char *what, GError **error)
{
  const OxFact *fact = ox_call_fact (call, i);

  if (fact != NULL && fact->kind != kind && fact->kind != OX_TYPE_UNKNOWN)
    return ox_fail (error, OX_ERROR_DTYPE, "input %d must be %s", i, what);
  return TRUE;
}

#define EXPECT_SEQUENCE(i) expect_kind (call, i, OX_TYPE_SEQUENCE, "a sequence", error)
#define EXPECT_TENSOR(i) expect_kind (call, i, OX_TYPE_TENSOR, "a tensor", error)

static gboolean
take_sequence (OxCall *call, OxDtype dtype, GPtrArray *items)
{
  ox_call_take_value (call, 0, ox_value_new_sequence (dtype, items));
  return TRUE;
}

/* A copy of the list of input 0, its elements shared. */
static GPtrArray *
copy_items (OxCall *call)
{
  const OxValue *sequence = ox_call_in_value (call, 0);
  GPtrArray *items = ox_value_array_new ();

  for (guint i = 0; i < ox_value_n_items (sequence); i++)
    g_ptr_array_add (items, ox_value_ref (ox_value_get_item (sequence, i)));
  return items;
}

/* ---- making and changing sequences ---------------------------------------------------------------------------- */

static gboolean
construct_infer (OxCall *call, GError **error)
{
  OxDtype dtype = OX_UNDEFINED;

  for (int i = 0; i < call->n_in; i++)
    {
      OxDtype other = ox_fact_dtype (ox_call_fact (call, i));

      if (dtype != OX_UNDEFINED && other != OX_UNDEFINED && dtype != other)
        return ox_fail (error, OX_ERROR_DTYPE, "input %d is %s, the ones before are %s", i, ox_dtype_name (other),
                        ox_dtype_name (dtype));
      if (other != OX_UNDEFINED)
        dtype = other;
    }
  set_sequence (call, 0, dtype);
  return TRUE;
}

static gboolean
construct_run (OxCall *call, GError **error)
{
  GPtrArray *items = ox_value_array_new ();

  for (int i = 0; i < call->n_in; i++)
    g_ptr_array_add (items, ox_value_ref (ox_call_in_value (call, i)));
  return take_sequence (call, ox_call_in (call, 0)->dtype, items);
}

static gboolean
empty_infer (OxCall *call, GError **error)
{
  const EmptyAttrs *at = call->attrs;

  if (at->dtype <= 0 || at->dtype > G_MAXINT || !ox_dtype_is_valid ((int) at->dtype))
    return ox_fail (error, OX_ERROR_VALUE, "dtype %" G_GINT64_FORMAT " is no element type", at->dtype);
  set_sequence (call, 0, (OxDtype) at->dtype);
  return TRUE;
}

static gboolean
empty_run (OxCall *call, GError **error)
{
  return take_sequence (call, (OxDtype) ((const EmptyAttrs *) call->attrs)->dtype, ox_value_array_new ());
}

/* A position of 0..@n-1 from input @i, negative ones from the end; @fallback if it is omitted. */
static gboolean
position (OxCall *call, int i, gint64 n, gint64 fallback, gint64 *result, GError **error)
{
  *result = fallback;
  if (ox_call_fact (call, i) != NULL && !ox_call_number (call, i, "the position", result, error))
    return FALSE;
  return ox_index_wrap (result, n, "position", error);
}

static gboolean
insert_infer (OxCall *call, GError **error)
{
  const OxFact *sequence = ox_call_fact (call, 0), *tensor = ox_call_fact (call, 1);
  OxDtype have = element_dtype (sequence), more = ox_fact_dtype (tensor);

  if (!EXPECT_SEQUENCE (0) || !EXPECT_TENSOR (1) || !EXPECT_TENSOR (2))
    return FALSE;
  if (have != OX_UNDEFINED && more != OX_UNDEFINED && have != more)
    return ox_fail (error, OX_ERROR_DTYPE, "a tensor of %s does not go into a sequence of %s", ox_dtype_name (more),
                    ox_dtype_name (have));
  set_sequence (call, 0, have != OX_UNDEFINED ? have : more);
  return TRUE;
}

static gboolean
insert_run (OxCall *call, GError **error)
{
  const OxValue *sequence = ox_call_in_value (call, 0);
  gint64 n = ox_value_n_items (sequence), at = n;
  GPtrArray *items;

  /* One past the end is a position here; the negative ones still count from the last element. */
  if (ox_call_fact (call, 2) != NULL
      && (!ox_call_number (call, 2, "the position", &at, error)
          || (at != n && !ox_index_wrap (&at, n, "position", error))))
    return FALSE;
  items = copy_items (call);
  g_ptr_array_insert (items, (int) at, ox_value_ref (ox_call_in_value (call, 1)));
  return take_sequence (call, ox_call_in (call, 1)->dtype, items);
}

static gboolean
erase_infer (OxCall *call, GError **error)
{
  if (!EXPECT_SEQUENCE (0) || !EXPECT_TENSOR (1))
    return FALSE;
  ox_call_set_like (call, 0, 0);
  return TRUE;
}

static gboolean
erase_run (OxCall *call, GError **error)
{
  const OxValue *sequence = ox_call_in_value (call, 0);
  gint64 at, n = ox_value_n_items (sequence);
  GPtrArray *items;

  if (!position (call, 1, n, n - 1, &at, error))
    return FALSE;
  items = copy_items (call);
  g_ptr_array_remove_index (items, (guint) at);
  return take_sequence (call, sequence->dtype, items);
}

static gboolean
at_infer (OxCall *call, GError **error)
{
  const OxFact *sequence = ox_call_fact (call, 0);

  if (!EXPECT_SEQUENCE (0) || !EXPECT_TENSOR (1))
    return FALSE;
  /* While running the element itself is at hand, and a sequence read from a file may hold anything. */
  if (!call->running)
    set_type (call, 0, sequence->elem);
  return TRUE;
}

static gboolean
at_run (OxCall *call, GError **error)
{
  const OxValue *sequence = ox_call_in_value (call, 0);
  gint64 at;

  if (!position (call, 1, ox_value_n_items (sequence), 0, &at, error))
    return FALSE;
  ox_call_take_value (call, 0, ox_value_ref (ox_value_get_item (sequence, (guint) at)));
  return TRUE;
}

static gboolean
length_infer (OxCall *call, GError **error)
{
  if (!EXPECT_SEQUENCE (0))
    return FALSE;
  ox_call_set (call, 0, OX_I64, 0, NULL);
  return TRUE;
}

static gboolean
length_run (OxCall *call, GError **error)
{
  OxTensor *out = ox_call_out (call, 0, error);

  if (out == NULL)
    return FALSE;
  *(gint64 *) out->data = ox_value_n_items (ox_call_in_value (call, 0));
  return TRUE;
}

/* ---- between tensors and sequences ---------------------------------------------------------------------------- */

static gboolean
split_infer (OxCall *call, GError **error)
{
  const SplitAttrs *at = call->attrs;
  const OxFact *data = ox_call_fact (call, 0), *split = ox_call_fact (call, 1);
  int axis;

  if (ox_fact_rank (data) >= 0 && !ox_call_axis (call, at->axis, data->rank, &axis, error))
    return FALSE;
  if (ox_fact_rank (split) > 1)
    return ox_fail (error, OX_ERROR_SHAPE, "split has rank %d, expected 0 or 1", split->rank);
  set_sequence (call, 0, ox_fact_dtype (data));
  return TRUE;
}

static gboolean
split_run (OxCall *call, GError **error)
{
  const SplitAttrs *at = call->attrs;
  OxTensor *in = (OxTensor *) ox_call_in (call, 0);
  const OxTensor *split = ox_call_in (call, 1);
  const gint64 *sizes = NULL;
  g_autoptr (GPtrArray) items = ox_value_array_new ();
  gint64 first = 0, size, chunk = 1, dims[OX_MAX_RANK], strides[OX_MAX_RANK];
  int axis, rank = in->rank;

  if (!ox_call_axis (call, at->axis, in->rank, &axis, error))
    return FALSE;
  if (split != NULL && (sizes = ox_call_indices (call, 1, error)) == NULL)
    return FALSE;
  size = in->dims[axis];
  if (split != NULL && split->rank == 0)
    {
      chunk = sizes[0];
      if (chunk < 1)
        return ox_fail (error, OX_ERROR_VALUE, "split is %" G_GINT64_FORMAT ", expected at least 1", chunk);
    }
  memcpy (dims, in->dims, (gsize) rank * sizeof (gint64));
  memcpy (strides, in->strides, (gsize) rank * sizeof (gint64));
  if (split == NULL && !at->keepdims)
    {
      rank--;
      memmove (dims + axis, in->dims + axis + 1, (gsize) (rank - axis) * sizeof (gint64));
      memmove (strides + axis, in->strides + axis + 1, (gsize) (rank - axis) * sizeof (gint64));
    }
  for (gint64 i = 0; split != NULL && split->rank == 1 ? i < split->count : first < size; i++)
    {
      gint64 length = split != NULL && split->rank == 1 ? sizes[i] : MIN (chunk, size - first);

      if (length < 0 || length > size - first)
        return ox_fail (error, OX_ERROR_VALUE,
                        "a part of %" G_GINT64_FORMAT " does not fit into the %" G_GINT64_FORMAT " that are left",
                        length, size - first);
      if (rank == in->rank)
        dims[axis] = length;
      g_ptr_array_add (items, ox_value_new_tensor (ox_tensor_new_view (
                                in, rank, dims, strides,
                                in->data + (length > 0 && in->count > 0 ? first * in->strides[axis] : 0))));
      first += length;
    }
  if (first != size)
    return ox_fail (error, OX_ERROR_SHAPE, "the parts add up to %" G_GINT64_FORMAT ", the axis has %" G_GINT64_FORMAT,
                    first, size);
  return take_sequence (call, in->dtype, g_steal_pointer (&items));
}

static gboolean
concat_infer (OxCall *call, GError **error)
{
  if (!EXPECT_SEQUENCE (0))
    return FALSE;
  ox_call_set_unknown (call, 0, call->running ? OX_UNDEFINED : element_dtype (ox_call_fact (call, 0)));
  return TRUE;
}

static gboolean
concat_run (OxCall *call, GError **error)
{
  const SplitAttrs *at = call->attrs;
  const OxValue *sequence = ox_call_in_value (call, 0);
  guint n = ox_value_n_items (sequence);
  const OxTensor *first = n > 0 ? ox_value_get_tensor (ox_value_get_item (sequence, 0)) : NULL;
  gint64 dims[OX_MAX_RANK + 1], strides[OX_MAX_RANK];
  int rank, axis;
  OxTensor *out;
  guint8 *to;

  if (first == NULL)
    return ox_fail (error, OX_ERROR_SHAPE, "a sequence without tensors cannot be concatenated");
  rank = first->rank + (at->new_axis ? 1 : 0);
  if (rank > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "the result would have rank %d, the limit is %d", rank, OX_MAX_RANK);
  if (!ox_call_axis (call, at->axis, rank, &axis, error))
    return FALSE;
  for (int i = 0, k = 0; i < rank; i++)
    dims[i] = i == axis && at->new_axis ? n : first->dims[k++];
  for (guint i = 1; i < n; i++)
    {
      const OxTensor *other = ox_value_get_tensor (ox_value_get_item (sequence, i));
      gboolean fits = other != NULL && other->dtype == first->dtype && other->rank == first->rank;

      for (int k = 0; fits && k < first->rank; k++)
        fits = other->dims[k] == first->dims[k] || (k == axis && !at->new_axis);
      if (!fits)
        {
          g_autofree char *expected = ox_value_describe (ox_value_get_item (sequence, 0));
          g_autofree char *found = ox_value_describe (ox_value_get_item (sequence, i));

          return ox_fail (error, OX_ERROR_SHAPE, "element %u is %s, the first one %s", i, found, expected);
        }
      if (!at->new_axis && other->dims[axis] > G_MAXINT64 - dims[axis])
        return ox_fail (error, OX_ERROR_SHAPE, "the result would have too many elements");
      if (!at->new_axis)
        dims[axis] += other->dims[axis];
    }
  out = ox_call_alloc (call, 0, first->dtype, rank, dims, error);
  if (out == NULL)
    return FALSE;
  for (int i = 0, k = 0; i < rank; i++)
    if (i != axis || !at->new_axis)
      strides[k++] = out->strides[i];
  to = out->data;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (OxTensor) part = ox_tensor_usable (ox_value_get_tensor (ox_value_get_item (sequence, i)), error);

      if (part == NULL)
        return FALSE;
      if (part->count == 0)
        continue;
      ox_move_tensor (part, to, strides);
      to += (at->new_axis ? 1 : part->dims[axis]) * out->strides[axis];
    }
  return TRUE;
}

/* ---- optionals ------------------------------------------------------------------------------------------------ */

/* From version 18 on a tensor or sequence may stand where an optional is asked for. Before, a loop can bring one there:
 * its state is declared an optional and its body returns what is inside. */

static gboolean
optional_infer (OxCall *call, GError **error)
{
  const OptionalAttrs *at = call->attrs;
  const OxFact *fact = ox_call_fact (call, 0);

  if (fact == NULL && at->type == NULL)
    return ox_fail (error, OX_ERROR_MODEL, "an empty optional needs the attribute type");
  if (fact == NULL)
    ox_call_set_kind (call, 0, OX_TYPE_OPTIONAL, at->type->dtype, at->type);
  else if (fact->kind == OX_TYPE_TENSOR || fact->kind == OX_TYPE_SEQUENCE)
    ox_call_set_kind (call, 0, OX_TYPE_OPTIONAL, element_dtype (fact), plain_type (fact->kind, element_dtype (fact)));
  else if (fact->kind != OX_TYPE_UNKNOWN)
    return ox_fail (error, OX_ERROR_DTYPE, "an optional holds a tensor or a sequence");
  return TRUE;
}

static gboolean
optional_run (OxCall *call, GError **error)
{
  const OptionalAttrs *at = call->attrs;
  OxValue *some = ox_call_in_value (call, 0);

  ox_call_take_value (call, 0,
                      some != NULL ? ox_value_new_optional (some->dtype, ox_value_ref (some))
                                   : ox_value_new_optional (at->type->dtype, NULL));
  return TRUE;
}

static gboolean
has_infer (OxCall *call, GError **error)
{
  ox_call_set (call, 0, OX_BOOL, 0, NULL);
  return TRUE;
}

static gboolean
has_run (OxCall *call, GError **error)
{
  const OxValue *value = ox_call_in_value (call, 0);
  OxTensor *out = ox_call_out (call, 0, error);

  if (out == NULL)
    return FALSE;
  out->data[0] = value != NULL && (value->kind != OX_VALUE_OPTIONAL || ox_value_n_items (value) > 0);
  return TRUE;
}

static gboolean
get_infer (OxCall *call, GError **error)
{
  const OxFact *fact = ox_call_fact (call, 0);

  if (fact->kind != OX_TYPE_OPTIONAL)
    ox_call_set_like (call, 0, 0);
  else if (!call->running)
    set_type (call, 0, fact->elem);
  return TRUE;
}

static gboolean
get_run (OxCall *call, GError **error)
{
  OxValue *value = ox_call_in_value (call, 0);

  if (value->kind == OX_VALUE_OPTIONAL)
    value = ox_value_get_item (value, 0);
  if (value == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "the optional is empty");
  ox_call_take_value (call, 0, ox_value_ref (value));
  return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static const OxAttrSpec empty_attrs[] = { OX_INT (EmptyAttrs, dtype, OX_F32) };
static const OxAttrSpec split_attrs[] = { OX_INT (SplitAttrs, axis, 0), OX_INT (SplitAttrs, keepdims, 1) };
static const OxAttrSpec concat_attrs[] = { OX_NEED (SplitAttrs, axis, INT), OX_INT (SplitAttrs, new_axis, 0) };
static const OxAttrSpec optional_attrs[] = { OX_ATTR (OptionalAttrs, type, TYPE) };

#define ONE { 1, 1 }

static const OxOp sequence_rows[] = {
  { "SequenceConstruct", 11, { 1, -1 }, ONE, .infer = construct_infer, .run = construct_run },
  { "SequenceEmpty", 11, { 0, 0 }, ONE, OX_ATTRS (empty_attrs, EmptyAttrs), .infer = empty_infer, .run = empty_run },
  { "SequenceInsert", 11, { 2, 3 }, ONE, .infer = insert_infer, .run = insert_run, .flags = OX_OP_VALUES },
  { "SequenceErase", 11, { 1, 2 }, ONE, .infer = erase_infer, .run = erase_run, .flags = OX_OP_VALUES },
  { "SequenceAt", 11, { 2, 2 }, ONE, .infer = at_infer, .run = at_run, .flags = OX_OP_VALUES },
  { "SequenceLength", 11, ONE, ONE, .infer = length_infer, .run = length_run, .flags = OX_OP_VALUES },
  { "SplitToSequence", 11, { 1, 2 }, ONE, OX_ATTRS (split_attrs, SplitAttrs), .infer = split_infer, .run = split_run },
  { "ConcatFromSequence", 11, ONE, ONE, OX_ATTRS (concat_attrs, SplitAttrs), .infer = concat_infer, .run = concat_run,
    .flags = OX_OP_VALUES },
  { "Optional", 15, { 0, 1 }, ONE, OX_ATTRS (optional_attrs, OptionalAttrs), .infer = optional_infer,
    .run = optional_run, .flags = OX_OP_VALUES },
  { "OptionalHasElement", 15, ONE, ONE, .infer = has_infer, .run = has_run, .flags = OX_OP_VALUES },
  { "OptionalHasElement", 18, { 0, 1 }, ONE, .infer = has_infer, .run = has_run, .flags = OX_OP_VALUES },
  { "OptionalGetElement", 15, ONE, ONE, .infer = get_infer, .run = get_run, .flags = OX_OP_VALUES },
};

OX_FAMILY (sequence, "ai.onnx", sequence_rows);
