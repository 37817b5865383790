/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-memory.h"
#include "ops/ox-op.h"

/* Every row of the registry on made-up inputs and attributes: each must end in a result or in an error of its own,
 * without a warning, and what it infers must be what it computes. A new row is tested the day it is added. */

#define TURNS 300
#define MOST_INPUTS 8

static guint64 state;

/* A generator of our own, so that a failure comes back. */
static int
draw (int n)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (int) ((state >> 11) % (guint64) n);
}

static double
draw_number (void)
{
  static const double odd[] = { 9.3e18, -9.3e18, NAN, INFINITY, 0.5 };

  return draw (20) == 0 ? odd[draw (G_N_ELEMENTS (odd))] : draw (8) - 3;
}

static OxTensor *
draw_tensor (void)
{
  static const OxDtype dtypes[] = { OX_F32, OX_F32, OX_F32, OX_I64, OX_I64, OX_STR, OX_BOOL, OX_I32,
                                    OX_F64, OX_U8,  OX_F16, OX_I4,  OX_C64, OX_U64, OX_BF16 };
  OxDtype dtype = draw (4) > 0 ? dtypes[draw (G_N_ELEMENTS (dtypes))] : OX_UNDEFINED + 1 + (OxDtype) draw (OX_N_DTYPES - 1);
  guint8 *start;
  int rank = draw (5), kind;
  gint64 dims[4], strides[4];
  OxTensor *tensor, *view;

  for (int i = 0; i < rank; i++)
    dims[i] = draw (8) == 0 ? 0 : 1 + draw (4);
  tensor = ox_tensor_new_zeros (dtype, rank, dims, NULL);
  for (gint64 i = 0; i < tensor->count; i++)
    if (dtype == OX_STR)
      ox_tensor_set_string (tensor, i, (const char *const[]){ "a", "b c", "", "A" }[draw (4)], -1);
    else
      ox_tensor_set (tensor, i, draw_number ());
  kind = draw (9);
  if (rank < 1 || kind > 3 || tensor->packed)
    return tensor;
  /* Not every input is contiguous: axes the other way round, counted from the end, repeated, or with gaps. */
  start = tensor->data;
  for (int i = 0; i < rank; i++)
    {
      dims[i] = tensor->dims[kind == 0 ? rank - 1 - i : i];
      strides[i] = tensor->strides[kind == 0 ? rank - 1 - i : i];
    }
  kind = tensor->count == 0 ? 0 : kind;
  if (kind == 1)
    {
      start += (dims[rank - 1] - 1) * strides[rank - 1];
      strides[rank - 1] = -strides[rank - 1];
    }
  else if (kind == 2)
    strides[0] = 0;
  else if (kind == 3)
    {
      dims[rank - 1] = (dims[rank - 1] + 1) / 2;
      strides[rank - 1] *= 2;
    }
  view = ox_tensor_new_view (tensor, rank, dims, strides, start);
  ox_tensor_unref (tensor);
  return view;
}

static OxValue *
draw_value (gboolean any)
{
  int kind = any ? draw (4) : 0, n = draw (4);
  GPtrArray *items;
  OxTensor *keys;

  if (kind == 0)
    return ox_value_new_tensor (draw_tensor ());
  if (kind == 1)
    return ox_value_new_optional (OX_F32, n > 0 ? draw_value (FALSE) : NULL);
  items = ox_value_array_new ();
  for (int i = 0; i < n; i++)
    g_ptr_array_add (items, i > 0 && draw (2) ? ox_value_ref (g_ptr_array_index (items, 0)) : draw_value (FALSE));
  if (kind == 2)
    return ox_value_new_sequence (n > 0 ? ((OxValue *) g_ptr_array_index (items, 0))->dtype : OX_F32, items);
  keys = ox_tensor_new_zeros (OX_I64, 1, (gint64[]){ n }, NULL);
  for (int i = 0; i < n; i++)
    ox_tensor_set (keys, i, i);
  return ox_value_new_map (keys, items);
}

static gint64
draw_int (void)
{
  return draw (20) == 0 ? (draw (2) ? G_MAXINT64 : G_MININT64) : draw (6) - 1;
}

static const char *
draw_text (const OxAttrSpec *spec)
{
  static const char *const words[] = { "reflect", "edge", "wrap", "add", "max", "none", "CRD", "LINEAR", "RBF", "SOFTMAX",
                                       "PROBIT", "LEAF", "BRANCH_LT", "TF", "L2", "SPARSE", "[a-c]+", "LOWER", "", "half" };

  return spec->text != NULL && draw (3) > 0 ? spec->text : words[draw (G_N_ELEMENTS (words))];
}

static void
draw_attribute (OxNode *node, const OxAttrSpec *spec)
{
  int n = draw (5);
  const char *text;
  OxAttribute *a;

  if (spec->kind == OX_KIND_IGNORED || spec->kind == OX_KIND_GRAPH || spec->kind == OX_KIND_TYPE
      || spec->kind == OX_KIND_TENSORS || (!spec->required && draw (2)))
    return;
  a = ox_node_add_attribute (node, spec->name, OX_ATTR_UNDEFINED);
  switch (spec->kind)
    {
    case OX_KIND_INT:
    case OX_KIND_OPT_INT:
      a->type = OX_ATTR_INT;
      a->i = draw (2) ? (gint64) spec->number : draw_int ();
      break;
    case OX_KIND_FLOAT:
    case OX_KIND_OPT_FLOAT:
      a->type = OX_ATTR_FLOAT;
      a->f = draw_number ();
      break;
    case OX_KIND_STRING:
      a->type = OX_ATTR_STRING;
      text = draw_text (spec);
      a->s = g_bytes_new (text, strlen (text));
      break;
    case OX_KIND_INTS:
      a->type = OX_ATTR_INTS;
      a->ints = g_array_new (FALSE, FALSE, sizeof (gint64));
      for (int i = 0; i < n; i++)
        {
          gint64 value = draw_int ();

          g_array_append_val (a->ints, value);
        }
      break;
    case OX_KIND_FLOATS:
      a->type = OX_ATTR_FLOATS;
      a->floats = g_array_new (FALSE, FALSE, sizeof (float));
      for (int i = 0; i < n; i++)
        {
          float value = (float) draw_number ();

          g_array_append_val (a->floats, value);
        }
      break;
    case OX_KIND_STRINGS:
      a->type = OX_ATTR_STRINGS;
      a->strings = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      for (int i = 0; i < n; i++)
        {
          text = draw_text (spec);
          g_ptr_array_add (a->strings, g_bytes_new (text, strlen (text)));
        }
      break;
    default:
      a->type = OX_ATTR_TENSOR;
      a->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_initializer_unref);
      g_ptr_array_add (a->tensors, ox_initializer_new_tensor ("", draw_tensor ()));
      break;
    }
}

/* What may be known of a value before it is there: nothing, its kind, its rank, some dimensions, all of it. */
static OxFact
draw_fact (OxValue *value)
{
  const OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  OxFact fact = { .kind = value == NULL ? OX_TYPE_OPAQUE : OX_TYPE_UNKNOWN, .rank = -1, .n_ints = -1 };

  if (tensor == NULL || draw (4) == 0)
    return fact;
  fact.kind = OX_TYPE_TENSOR;
  fact.dtype = tensor->dtype;
  fact.rank = draw (3) > 0 ? tensor->rank : -1;
  for (int i = 0; i < fact.rank; i++)
    fact.dims[i] = draw (3) > 0 ? tensor->dims[i] : OX_DIM_UNKNOWN;
  if (fact.rank == tensor->rank && draw (2))
    {
      memcpy (fact.dims, tensor->dims, (gsize) tensor->rank * sizeof (gint64));
      fact.tensor = tensor;
    }
  return fact;
}

static volatile double seen;

/* Looks at every element, so that one outside of the memory is noticed. */
static void
look_at (const OxValue *value)
{
  const OxTensor *tensor = ox_value_get_tensor (value);

  for (guint i = 0; i < ox_value_n_items (value); i++)
    look_at (ox_value_get_item (value, i));
  for (gint64 i = 0; tensor != NULL && i < MIN (tensor->count, 10000); i++)
    seen = tensor->dtype == OX_STR ? (double) strlen (ox_tensor_get_string (tensor, i)) : ox_tensor_get (tensor, i);
}

static void
one_turn (const char *domain, const OxOp *op)
{
  g_autoptr (OxModel) model = ox_model_new ();
  OxGraph *graph = ox_graph_new (model, "test");
  OxNode *node = ox_graph_add_node (graph, op->name, domain, "");
  int n_in = op->in.min + draw (op->in.max < 0 ? 3 : op->in.max - op->in.min + 1);
  int n_out = op->out.max < 0 ? op->out.min + draw (3) : op->out.max;
  OxValue *in[MOST_INPUTS] = { NULL };
  OxFact facts[MOST_INPUTS];
  g_autoptr (GError) error = NULL;
  void *attrs;

  for (int i = 0; i < op->n_attrs; i++)
    draw_attribute (node, &op->attrs[i]);
  attrs = ox_attrs_parse (op, node, NULL, NULL);
  n_in = MIN (n_in, MOST_INPUTS);
  for (int i = 0; i < n_in; i++)
    {
      if (i > 0 && in[0] != NULL && draw (3) == 0)
        in[i] = ox_value_ref (in[0]);
      else if (i < op->in.min || op->in.max < 0 || draw (4) > 0)
        in[i] = draw_value (op->flags & OX_OP_VALUES);
      facts[i] = draw_fact (in[i]);
    }
  if (attrs != NULL && op->in.min <= MOST_INPUTS)
    {
      const OxCallSetup setup = { .op = op, .opset = op->since, .attrs = attrs, .n_in = n_in, .n_out = n_out };
      OxCallSetup before = setup, running = setup;
      OxCall *call;

      before.facts = facts;
      running.in = in;
      call = ox_call_new (&before);
      ox_call_infer (call, NULL);
      ox_call_free (call);
      call = ox_call_new (&running);
      if (!ox_call_run (call, &error))
        {
          g_assert_nonnull (error);
          if (strstr (error->message, "internal error") != NULL)
            g_error ("%s-%d: %s", op->name, op->since, error->message);
        }
      else
        for (int o = 0; o < n_out; o++)
          {
            g_autoptr (OxValue) value = ox_call_steal (call, o);

            look_at (value);
          }
      ox_call_free (call);
    }
  if (attrs != NULL)
    ox_attrs_free (op, attrs);
  for (int i = 0; i < n_in; i++)
    g_clear_pointer (&in[i], ox_value_unref);
  ox_graph_free (graph);
}

typedef struct { const char *domain; const OxOp *op; } Row;

static void
test_row (gconstpointer data)
{
  const Row *row = data;

  state = 88172645463325252ull + g_str_hash (row->op->name) + (guint64) row->op->since;
  for (int turn = 0; turn < TURNS; turn++)
    one_turn (row->domain, row->op);
}

static void
add_row (const char *domain, const OxOp *op, gpointer data)
{
  g_autofree char *path = g_strdup_printf ("/ops/walk/%s/%s-%d", domain, op->name, op->since);
  Row row = { domain, op };

  if (op->run != NULL)
    g_test_add_data_func_full (path, g_memdup2 (&row, sizeof row), test_row, g_free);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Sizes are made up too. */
  ox_memory_set_limit (16 << 20);
  ox_op_foreach (add_row, NULL);
  return g_test_run ();
}
