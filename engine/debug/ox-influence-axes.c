/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-influence.h"

/* Operators whose outputs hang on an input along axes: for each axis of an input which axis of the output it goes with, or
 * that all along it matter. */

typedef enum
{
  KIND_POINTS,        /* element by element, with broadcasting */
  KIND_QUANTISE,      /* the same, and parameters along "axis" */
  KIND_BATCH_NORM,    /* the same, and parameters along axis 1 */
  KIND_LINE,          /* all along "axis" */
  KIND_SOFTMAX,       /* the same; all from "axis" on before version 13 */
  KIND_FROM_AXIS,     /* all from "axis" on; the other inputs broadcast */
  KIND_SPACE,         /* all of one channel of one item; the other inputs are one number a channel */
  KIND_ITEM,          /* all of one item; the other inputs whole */
  KIND_AXES,          /* all along "axes" */
  KIND_REDUCE,        /* the same, which may go */
  KIND_MATMUL,
  KIND_GEMM,
  KIND_EINSUM,
  KIND_ATTENTION,     /* an item of the batch of all inputs that have one */
  KIND_GLOBAL_POOL,
  KIND_ONE_HOT,       /* the output has an axis more */
  KIND_ROWS,          /* rows of the output go with rows of the input */
  KIND_RECURRENT,     /* an item of the batch */
} Kind;

typedef struct
{
  const char *op_type;
  Kind        kind;
  gint64      axis;       /* the default of "axis" */
} Row;

static const Row rows[] = {
  { "QuantizeLinear", KIND_QUANTISE, 1 },   { "DequantizeLinear", KIND_QUANTISE, 1 },
  { "BatchNormalization", KIND_BATCH_NORM, 1 },
  { "Softmax", KIND_SOFTMAX, -1 },          { "LogSoftmax", KIND_SOFTMAX, -1 },
  { "Hardmax", KIND_SOFTMAX, -1 },          { "LpNormalization", KIND_LINE, -1 },
  { "LRN", KIND_LINE, 1 },                  { "TopK", KIND_LINE, -1 },
  { "CumSum", KIND_LINE, 0 },
  { "LayerNormalization", KIND_FROM_AXIS, -1 }, { "RMSNormalization", KIND_FROM_AXIS, -1 },
  { "SimplifiedLayerNormalization", KIND_FROM_AXIS, -1 }, { "SkipLayerNormalization", KIND_FROM_AXIS, -1 },
  { "SkipSimplifiedLayerNormalization", KIND_FROM_AXIS, -1 },
  { "InstanceNormalization", KIND_SPACE, 0 }, { "GroupNormalization", KIND_ITEM, 0 },
  { "MeanVarianceNormalization", KIND_AXES, 0 },
  { "ReduceSum", KIND_REDUCE, 0 },          { "ReduceMean", KIND_REDUCE, 0 },
  { "ReduceMax", KIND_REDUCE, 0 },          { "ReduceMin", KIND_REDUCE, 0 },
  { "ReduceProd", KIND_REDUCE, 0 },         { "ReduceL1", KIND_REDUCE, 0 },
  { "ReduceL2", KIND_REDUCE, 0 },           { "ReduceLogSum", KIND_REDUCE, 0 },
  { "ReduceLogSumExp", KIND_REDUCE, 0 },    { "ReduceSumSquare", KIND_REDUCE, 0 },
  { "ArgMax", KIND_REDUCE, 0 },             { "ArgMin", KIND_REDUCE, 0 },
  { "MatMul", KIND_MATMUL, 0 },             { "MatMulInteger", KIND_MATMUL, 0 },
  { "FusedMatMul", KIND_MATMUL, 0 },        { "Gemm", KIND_GEMM, 0 },
  { "FusedGemm", KIND_GEMM, 0 },            { "Einsum", KIND_EINSUM, 0 },
  { "Attention", KIND_ATTENTION, 0 },       { "MultiHeadAttention", KIND_ATTENTION, 0 },
  { "GlobalAveragePool", KIND_GLOBAL_POOL, 0 }, { "GlobalMaxPool", KIND_GLOBAL_POOL, 0 },
  { "GlobalLpPool", KIND_GLOBAL_POOL, 0 },
  { "OneHot", KIND_ONE_HOT, -1 },           { "LSTM", KIND_RECURRENT, 0 },
  { "GRU", KIND_RECURRENT, 0 },             { "RNN", KIND_RECURRENT, 0 },
  { "LinearClassifier", KIND_ROWS, 0 },     { "LinearRegressor", KIND_ROWS, 0 },
  { "Normalizer", KIND_ROWS, 0 },           { "Scaler", KIND_ROWS, 0 },
  { "SVMClassifier", KIND_ROWS, 0 },        { "SVMRegressor", KIND_ROWS, 0 },
  { "TreeEnsembleClassifier", KIND_ROWS, 0 }, { "TreeEnsembleRegressor", KIND_ROWS, 0 },
};

static const char *const points[] = {
  "Abs", "Acos", "Acosh", "Add", "And", "Asin", "Asinh", "Atan", "Atanh", "BiasGelu", "BipolarQuant", "BitShift",
  "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Cast", "CastLike", "Ceil", "Celu", "Clip", "Cos", "Cosh",
  "Div", "Dropout", "Elu", "Equal", "Erf", "Exp", "FastGelu", "Floor", "Gelu", "Greater", "GreaterOrEqual",
  "HardSigmoid", "HardSwish", "IntQuant", "IsInf", "IsNaN", "LeakyRelu", "Less", "LessOrEqual", "Log", "Max", "Mean",
  "Min", "Mish", "Mod", "Mul", "Neg", "Not", "Or", "PRelu", "Pow", "QLinearAdd", "QLinearLeakyRelu", "QLinearMul",
  "QLinearSigmoid", "Quant", "QuickGelu", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin",
  "Sinh", "Softplus", "Softsign", "Sqrt", "Sub", "Sum", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Xor",
};

static gboolean
find_row (const OxNode *node, Row *row)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (node->op_type, rows[i].op_type) == 0)
      {
        *row = rows[i];
        return TRUE;
      }
  *row = (Row){ node->op_type, KIND_POINTS, 0 };
  for (guint i = 0; i < G_N_ELEMENTS (points); i++)
    if (strcmp (node->op_type, points[i]) == 0)
      return TRUE;
  return FALSE;
}

/* ---- maps ------------------------------------------------------------------------------------------------------ */

static void
map_whole (const OxTensor *in, int *map)
{
  for (int i = 0; i < in->rank; i++)
    map[i] = OX_FREE;
}

/* The last axes go together. */
static gboolean
map_broadcast (const OxTensor *in, const OxTensor *out, int *map)
{
  for (int i = 0; i < in->rank; i++)
    {
      map[i] = out->rank - in->rank + i;
      if (in->dims[i] == 1)
        map[i] = OX_FREE;
      else if (map[i] < 0 || in->dims[i] != out->dims[map[i]])
        return FALSE;
    }
  return TRUE;
}

static gint64
axis_of (const OxNode *node, gint64 fallback, int rank)
{
  gint64 axis = ox_influence_int (node, "axis", fallback);

  return axis < 0 ? axis + rank : axis;
}

/* A list of one number an index of an axis; else broadcasting. */
static gboolean
map_parameter (const OxTensor *in, const OxTensor *out, gint64 axis, int *map)
{
  if (in->rank == 1 && axis >= 0 && axis < out->rank && in->dims[0] == out->dims[axis])
    {
      map[0] = (int) axis;
      return TRUE;
    }
  if (in->count == 1)
    {
      map_whole (in, map);
      return TRUE;
    }
  return FALSE;
}

/* The axes that are reduced, as flags. FALSE: not known. */
static gboolean
reduced_axes (const OxInfluence *self, const OxTensor *in, gboolean *reduced)
{
  const OxNode *node = self->node;
  const OxAttribute *axes = ox_node_attribute (node, "axes");
  const OxTensor *given = node->input_names->len > 1 ? self->inputs[1] : NULL;
  gboolean one = strcmp (node->op_type, "ArgMax") == 0 || strcmp (node->op_type, "ArgMin") == 0, any = FALSE;

  memset (reduced, 0, sizeof (gboolean) * OX_MAX_RANK);
  for (guint i = 0; !one && axes != NULL && axes->ints != NULL && i < axes->ints->len; i++, any = TRUE)
    {
      gint64 axis = g_array_index (axes->ints, gint64, i);

      axis += axis < 0 ? in->rank : 0;
      if (axis < 0 || axis >= in->rank)
        return FALSE;
      reduced[axis] = TRUE;
    }
  for (gint64 i = 0; !one && given != NULL && i < given->count; i++, any = TRUE)
    {
      gint64 axis = ox_tensor_get_int (given, i);

      axis += axis < 0 ? in->rank : 0;
      if (axis < 0 || axis >= in->rank)
        return FALSE;
      reduced[axis] = TRUE;
    }
  if (one)
    {
      gint64 axis = axis_of (node, 0, in->rank);

      if (axis < 0 || axis >= in->rank)
        return FALSE;
      reduced[axis] = any = TRUE;
    }
  if (strcmp (node->op_type, "MeanVarianceNormalization") == 0 && axes == NULL)
    reduced[0] = reduced[2] = reduced[3] = any = TRUE;
  for (int i = 0; !any && i < in->rank; i++)
    reduced[i] = ox_influence_int (node, "noop_with_empty_axes", 0) == 0;
  return TRUE;
}

static gboolean
map_reduced (const OxInfluence *self, const OxTensor *in, const OxTensor *out, gboolean keep, int *map)
{
  gboolean reduced[OX_MAX_RANK];
  int n = 0;

  if (!reduced_axes (self, in, reduced))
    return FALSE;
  for (int i = 0; i < in->rank; i++)
    {
      map[i] = reduced[i] ? OX_FREE : n;
      n += !reduced[i] || keep;
    }
  return n == out->rank;
}

/* All but the last two, which are rows and columns; a vector is one or the other. */
static gboolean
map_matrix (const OxTensor *in, const OxTensor *other, const OxTensor *out, gboolean first, gboolean transposed, int *map)
{
  gboolean vectors = in->rank == 1 || other->rank == 1;
  int rows_at = in->rank - (transposed ? 1 : 2), columns_at = in->rank - (transposed ? 2 : 1);
  /* The rows and columns that a vector does not have are gone from the output. */
  int out_rows = out->rank - (other->rank == 1 ? 1 : 2);

  map_whole (in, map);
  if (in->rank == 1)
    return TRUE;
  if (vectors && transposed)
    return FALSE;
  for (int i = 0; i < in->rank - 2; i++)
    {
      int batch = out->rank - (vectors ? 1 : 2) - (in->rank - 2) + i;

      if (batch < 0 || (in->dims[i] != 1 && in->dims[i] != out->dims[batch]))
        return FALSE;
      map[i] = in->dims[i] == 1 ? OX_FREE : batch;
    }
  if (first)
    map[rows_at] = out_rows;
  else
    map[columns_at] = out->rank - 1;
  return TRUE;
}

/* ---- Einsum ---------------------------------------------------------------------------------------------------- */

/* The letters of term @which of an equation: inputs, then the output. "" where there are none. (transfer full) */
static char *
einsum_term (const OxNode *node, guint which, gboolean output)
{
  const OxAttribute *attribute = ox_node_attribute (node, "equation");
  g_autofree char *text = attribute != NULL && attribute->s != NULL
                              ? g_strndup (g_bytes_get_data (attribute->s, NULL), g_bytes_get_size (attribute->s))
                              : g_strdup ("");
  g_auto (GStrv) spaces = g_strsplit (text, " ", -1);
  g_autofree char *plain = g_strjoinv ("", spaces);
  g_auto (GStrv) halves = g_strsplit (plain, "->", 2);
  g_auto (GStrv) terms = g_strsplit (halves[0] != NULL ? halves[0] : "", ",", -1);

  if (output)
    return g_strdup (halves[0] != NULL && halves[1] != NULL ? halves[1] : "?");
  return g_strdup (which < g_strv_length (terms) ? terms[which] : "?");
}

/* Without an ellipsis, and with the output written. */
static gboolean
map_einsum (const OxNode *node, guint i, const OxTensor *in, const OxTensor *out, int *map)
{
  g_autofree char *letters = einsum_term (node, i, FALSE), *result = einsum_term (node, 0, TRUE);

  if ((int) strlen (letters) != in->rank || (int) strlen (result) != out->rank)
    return FALSE;
  for (int k = 0; k < in->rank; k++)
    {
      const char *at = strchr (result, letters[k]);

      if (letters[k] == '.')
        return FALSE;
      map[k] = at != NULL ? (int) (at - result) : OX_FREE;
    }
  return TRUE;
}

/* ---- one input ------------------------------------------------------------------------------------------------- */

/* The map of input @i to output @o; FALSE: not known. */
static gboolean
map_input (OxInfluence *self, const Row *row, guint i, guint o, int *map)
{
  const OxNode *node = self->node;
  const OxTensor *in = self->inputs[i], *out = self->outputs[o], *x = self->inputs[0];
  gint64 axis;

  if (x == NULL)
    return FALSE;
  axis = axis_of (node, row->axis, x->rank);
  switch (row->kind)
    {
    case KIND_POINTS:
      /* The first versions broadcast in a way of their own. */
      return ox_node_attribute (node, "broadcast") == NULL && ox_node_attribute (node, "axis") == NULL
             && map_broadcast (in, out, map);
    case KIND_QUANTISE:
      if (ox_influence_int (node, "block_size", 0) != 0 && i > 0)
        return FALSE;
      return i == 0 ? map_broadcast (in, out, map) : map_parameter (in, out, axis, map);
    case KIND_BATCH_NORM:
      if (ox_influence_int (node, "training_mode", 0) != 0 || node->output_names->len > 1)
        return FALSE;
      return i == 0 ? map_broadcast (in, out, map) : map_parameter (in, out, 1, map);
    case KIND_LINE:
    case KIND_SOFTMAX:
      if (i > 0)
        return map_whole (in, map), TRUE;
      if (row->kind == KIND_SOFTMAX && ox_model_opset (node->graph->model, node->graph, node->domain) < 13)
        {
          axis = axis_of (node, 1, x->rank);
          for (int k = 0; k < in->rank; k++)
            map[k] = k < axis ? k : OX_FREE;
          return in->rank == out->rank;
        }
      if (strcmp (node->op_type, "CumSum") == 0)
        {
          if (self->inputs[1] == NULL || self->inputs[1]->count != 1)
            return FALSE;
          axis = ox_tensor_get_int (self->inputs[1], 0);
          axis += axis < 0 ? x->rank : 0;
        }
      for (int k = 0; k < in->rank; k++)
        map[k] = k == axis ? OX_FREE : k;
      /* A part of the line is less than the line. */
      self->coarse[i] = self->coarse[i] || strcmp (node->op_type, "LRN") == 0 || strcmp (node->op_type, "CumSum") == 0;
      return in->rank == out->rank;
    case KIND_FROM_AXIS:
      if (!ox_tensor_same_shape (in, x))
        return in->rank < x->rank && o == 0 && map_broadcast (in, out, map);
      for (int k = 0; k < in->rank; k++)
        map[k] = k < axis ? k : OX_FREE;
      return in->rank == out->rank;
    case KIND_SPACE:
      if (i > 0)
        return map_parameter (in, out, 1, map);
      for (int k = 0; k < in->rank; k++)
        map[k] = k < 2 ? k : OX_FREE;
      return TRUE;
    case KIND_ITEM:
      self->coarse[i] = TRUE;
      for (int k = 0; k < in->rank; k++)
        map[k] = i == 0 && k == 0 ? 0 : OX_FREE;
      return TRUE;
    case KIND_AXES:
    case KIND_REDUCE:
      if (i > 0)
        return map_whole (in, map), TRUE;
      return map_reduced (self, in, out, row->kind == KIND_AXES || ox_influence_int (node, "keepdims", 1) != 0, map);
    case KIND_MATMUL:
      if (ox_influence_int (node, "transBatchA", 0) != 0 || ox_influence_int (node, "transBatchB", 0) != 0)
        return FALSE;
      if (i > 1)
        return map_whole (in, map), TRUE;
      return self->inputs[1] != NULL
             && map_matrix (in, self->inputs[1 - i], out, i == 0,
                            ox_influence_int (node, i == 0 ? "transA" : "transB", 0) != 0, map);
    case KIND_GEMM:
      if (i > 1)
        return map_broadcast (in, out, map);
      return in->rank == 2 && out->rank == 2 && self->inputs[1] != NULL
             && map_matrix (in, self->inputs[1 - i], out, i == 0,
                            ox_influence_int (node, i == 0 ? "transA" : "transB", 0) != 0, map);
    case KIND_EINSUM:
      return map_einsum (node, i, in, out, map);
    case KIND_ATTENTION:
      self->coarse[i] = TRUE;
      map_whole (in, map);
      if (in->rank > 2 && in->rank <= 4 && out->rank > 0 && in->dims[0] == out->dims[0] && x->rank > 0
          && x->dims[0] == out->dims[0] && i < 3)
        map[0] = 0;
      return TRUE;
    case KIND_GLOBAL_POOL:
      for (int k = 0; k < in->rank; k++)
        map[k] = k < 2 ? k : OX_FREE;
      return in->rank == out->rank;
    case KIND_ONE_HOT:
      if (i > 0)
        return map_whole (in, map), TRUE;
      axis = axis_of (node, -1, out->rank);
      for (int k = 0; k < in->rank; k++)
        map[k] = k < axis ? k : k + 1;
      return in->rank + 1 == out->rank;
    case KIND_ROWS:
      for (int k = 0; k < in->rank; k++)
        map[k] = k == 0 ? 0 : OX_FREE;
      return i == 0 && in->rank > 1 && out->rank > 0 && in->dims[0] == out->dims[0];
    case KIND_RECURRENT:
      /* Steps before and after are not told apart. */
      self->coarse[i] = TRUE;
      map_whole (in, map);
      if (ox_influence_int (node, "layout", 0) == 0 && in->rank == 3 && (i == 0 || i == 5 || i == 6)
          && in->dims[1] == out->dims[out->rank - 2])
        map[1] = out->rank - 2;
      return TRUE;
    }
  return FALSE;
}

gboolean
ox_influence_by_axes (OxInfluence *self)
{
  Row row;

  if (!find_row (self->node, &row))
    return FALSE;
  for (guint i = 0; i < self->node->input_names->len; i++)
    for (guint o = 0; self->hangs_on[i] != NULL && o < self->node->output_names->len; o++)
      {
        int map[OX_MAX_RANK];

        if (self->asked[o] == NULL)
          continue;
        if (self->inputs[i] != NULL && self->outputs[o] != NULL && map_input (self, &row, i, o, map))
          ox_mask_add_by_axes (self->hangs_on[i], self->asked[o], map);
        else
          {
            ox_influence_add_whole (self, i);
            self->coarse[i] = TRUE;
          }
      }
  return TRUE;
}
