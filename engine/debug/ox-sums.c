/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-sums.h"
#include "tensor/ox-statistics.h"

#define BLOCK 4096

/* How the sum follows from the result for magnitudes. */
typedef enum
{
  SUM_PLAIN,      /* it is that */
  SUM_MEAN,       /* times the number of terms */
  SUM_SQUARE,     /* its square */
} SumKind;

/* How many terms a sum has. */
typedef enum
{
  LENGTH_INNER,   /* the axis that a product contracts */
  LENGTH_FILTER,  /* a filter of a convolution */
  LENGTH_SPREAD,  /* of a transposed one */
  LENGTH_RATIO,   /* elements in by elements out */
  LENGTH_WINDOW,  /* of a pool */
  LENGTH_ASKED,   /* what the node makes of ones */
} SumLength;

static const struct
{
  const char *op_type;
  SumKind     kind;
  SumLength   length;
} rows[] = {
  { "MatMul", SUM_PLAIN, LENGTH_INNER },        { "Gemm", SUM_PLAIN, LENGTH_INNER },
  { "FusedMatMul", SUM_PLAIN, LENGTH_INNER },   { "Einsum", SUM_PLAIN, LENGTH_ASKED },
  { "FusedConv", SUM_PLAIN, LENGTH_FILTER },    { "FusedGemm", SUM_PLAIN, LENGTH_INNER },
  { "Conv", SUM_PLAIN, LENGTH_FILTER },         { "ConvTranspose", SUM_PLAIN, LENGTH_SPREAD },
  { "ReduceSum", SUM_PLAIN, LENGTH_RATIO },     { "ReduceL1", SUM_PLAIN, LENGTH_RATIO },
  { "ReduceMean", SUM_MEAN, LENGTH_RATIO },     { "ReduceSumSquare", SUM_PLAIN, LENGTH_RATIO },
  { "ReduceL2", SUM_SQUARE, LENGTH_RATIO },     { "AveragePool", SUM_MEAN, LENGTH_WINDOW },
  { "GlobalAveragePool", SUM_MEAN, LENGTH_RATIO },
};

static const OxTensor *
input_tensor (OxFrame *frame, const OxNode *node, guint i)
{
  OxValue *value = i < node->input_names->len && node->inputs[i].slot >= 0 ? ox_frame_value (frame, node->inputs[i]) : NULL;

  return value != NULL ? ox_value_get_tensor (value) : NULL;
}

static gint64
attribute_int (const OxNode *node, const char *name)
{
  const OxAttribute *attribute = ox_node_attribute (node, name);

  return attribute != NULL ? attribute->i : 0;
}

/* Whether what is done to the sum leaves magnitudes as they are. */
static gboolean
is_plain (const OxNode *node)
{
  const OxAttribute *after = ox_node_attribute (node, "activation");
  g_autofree char *name = NULL;

  if (after == NULL || after->s == NULL)
    return TRUE;
  name = g_strndup (g_bytes_get_data (after->s, NULL), g_bytes_get_size (after->s));
  return name[0] == '\0' || strcmp (name, "Relu") == 0 || strcmp (name, "LeakyRelu") == 0;
}

static gint64
length_of (OxFrame *frame, const OxNode *node, SumLength kind, const OxTensor *result)
{
  const OxTensor *a = input_tensor (frame, node, 0), *b = input_tensor (frame, node, 1);
  const OxAttribute *window;
  gint64 n = 1;

  if (a == NULL)
    return 0;
  switch (kind)
    {
    case LENGTH_INNER:
      return a->rank == 0                                         ? 1
             : a->rank > 1 && attribute_int (node, "transA") != 0 ? a->dims[a->rank - 2]
                                                                  : a->dims[a->rank - 1];
    case LENGTH_FILTER:
      return b != NULL && b->rank > 0 && b->dims[0] > 0 ? b->count / b->dims[0] : 0;
    case LENGTH_SPREAD:
      return b != NULL && b->rank > 1 && b->dims[1] > 0 ? b->count / b->dims[1] / MAX (attribute_int (node, "group"), 1) : 0;
    case LENGTH_WINDOW:
      window = ox_node_attribute (node, "kernel_shape");
      for (guint i = 0; window != NULL && window->ints != NULL && i < window->ints->len; i++)
        n *= MAX (g_array_index (window->ints, gint64, i), 1);
      return n;
    default:
      return result->count > 0 ? a->count / result->count : 0;
    }
}

/* Magnitudes, or ones. */
static OxValue *
changed (const OxTensor *tensor, gboolean ones)
{
  g_autoptr (OxTensor) copy = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, NULL);
  double numbers[BLOCK];

  if (copy == NULL)
    return NULL;
  for (gint64 begin = 0; begin < copy->count; begin += BLOCK)
    {
      gint64 end = MIN (begin + BLOCK, copy->count);
      gsize size = ox_dtype_size (copy->dtype);

      ox_tensor_read_numbers (tensor, begin, end, numbers);
      for (gint64 i = begin; i < end; i++)
        ox_element_set (copy->dtype, copy->data + (gsize) i * size, ones ? 1 : fabs (numbers[i - begin]));
    }
  return ox_value_new_tensor (g_steal_pointer (&copy));
}

/* The largest magnitude and the root mean square of the finite numbers. */
static void
measure (const OxTensor *tensor, double *largest, double *rms)
{
  double numbers[BLOCK], squares = 0;

  *largest = 0;
  for (gint64 begin = 0; begin < tensor->count; begin += BLOCK)
    {
      gint64 end = MIN (begin + BLOCK, tensor->count);

      ox_tensor_read_numbers (tensor, begin, end, numbers);
      for (gint64 i = 0; i < end - begin; i++)
        {
          double a = fabs (numbers[i]);

          if (isnan (a))
            continue;
          *largest = MAX (*largest, a);
          if (isfinite (a))
            squares += a * a;
        }
    }
  *rms = tensor->count > 0 ? sqrt (squares / (double) tensor->count) : 0;
}

/* What the node makes of magnitudes or ones; FALSE when it cannot be asked. */
static gboolean
ask (OxSession *session, OxFrame *frame, OxNode *node, gboolean ones, GCancellable *cancellable, double *largest,
     double *rms)
{
  guint n = node->input_names->len;
  g_autoptr (GPtrArray) outputs = NULL, owned = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_value_unref);
  g_autofree OxValue **inputs = g_new0 (OxValue *, n + 1);
  OxValue *value;

  for (guint i = 0; i < n; i++)
    {
      const OxTensor *tensor = input_tensor (frame, node, i);

      if (tensor == NULL || !ox_dtype_is_float (tensor->dtype))
        continue;
      inputs[i] = changed (tensor, ones);
      if (inputs[i] == NULL)
        return FALSE;
      g_ptr_array_add (owned, inputs[i]);
    }
  outputs = ox_session_try (session, frame, node, inputs, cancellable, NULL);
  value = outputs != NULL ? g_ptr_array_index (outputs, 0) : NULL;
  if (value == NULL || ox_value_get_tensor (value) == NULL)
    return FALSE;
  measure (ox_value_get_tensor (value), largest, rms);
  return TRUE;
}

gboolean
ox_sums_compute (OxSession *session, OxFrame *frame, OxNode *node, const OxTensor *result, GCancellable *cancellable,
                 OxSums *sums)
{
  double result_largest, result_rms, rms, ones, unused;
  guint row = 0;

  memset (sums, 0, sizeof *sums);
  while (row < G_N_ELEMENTS (rows) && strcmp (rows[row].op_type, node->op_type) != 0)
    row++;
  if (row == G_N_ELEMENTS (rows) || result == NULL || !ox_dtype_is_float (result->dtype)
      || !is_plain (node))
    return FALSE;
  if (!ask (session, frame, node, FALSE, cancellable, &sums->bound, &rms))
    return FALSE;
  measure (result, &result_largest, &result_rms);
  sums->length = length_of (frame, node, rows[row].length, result);
  if (rows[row].length == LENGTH_ASKED && ask (session, frame, node, TRUE, cancellable, &ones, &unused) && ones < 0x1p62)
    sums->length = (gint64) ones;
  if (sums->length < 1)
    return FALSE;
  sums->growth = result_rms > 0 ? sqrt ((double) sums->length / 18 + rms / result_rms * (rms / result_rms) / 12) : 0;
  if (rows[row].kind == SUM_MEAN)
    sums->bound *= (double) sums->length;
  else if (rows[row].kind == SUM_SQUARE)
    sums->bound *= sums->bound;
  return TRUE;
}
