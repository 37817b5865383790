/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-genealogy-private.h"

static void
unravel (const OxTensor *tensor, gint64 element, gint64 *at)
{
  for (int i = tensor->rank - 1; i >= 0; i--)
    {
      at[i] = element % MAX (tensor->dims[i], 1);
      element /= MAX (tensor->dims[i], 1);
    }
}

static gint64
int_at (const OxNode *node, const char *name, guint i, gint64 fallback)
{
  const OxAttribute *attribute = ox_node_attribute (node, name);

  return attribute != NULL && attribute->ints != NULL && i < attribute->ints->len
           ? g_array_index (attribute->ints, gint64, i) : fallback;
}

static gboolean
has_text (const OxNode *node, const char *name, const char *text)
{
  const OxAttribute *attribute = ox_node_attribute (node, name);

  return attribute != NULL && attribute->s != NULL && g_bytes_get_size (attribute->s) == strlen (text)
         && memcmp (g_bytes_get_data (attribute->s, NULL), text, strlen (text)) == 0;
}

/* The window of one axis over the input. */
static gboolean
window (const OxNode *node, const OxTensor *x, const OxTensor *w, const OxTensor *y, int axis, gint64 at, gint64 *low,
        gint64 *high)
{
  guint k = (guint) axis - 2;
  gint64 stride = int_at (node, "strides", k, 1), dilation = int_at (node, "dilations", k, 1);
  gint64 span = dilation * (w->dims[axis] - 1) + 1, pad = int_at (node, "pads", k, 0);
  gint64 missing = MAX ((y->dims[axis] - 1) * stride + span - x->dims[axis], 0);

  if (has_text (node, "auto_pad", "SAME_UPPER"))
    pad = missing / 2;
  else if (has_text (node, "auto_pad", "SAME_LOWER"))
    pad = missing - missing / 2;
  *low = CLAMP (at * stride - pad, 0, x->dims[axis]);
  *high = CLAMP (at * stride - pad + span, 0, x->dims[axis]);
  return *high > *low;
}

static gboolean
box_of_conv (const OxNode *node, OxTensor *const *inputs, guint input, const OxTensor *y, const gint64 *at, OxBox *box)
{
  const OxTensor *x = inputs[0], *w = node->input_names->len > 1 ? inputs[1] : NULL;
  gint64 group;

  if (x == NULL || w == NULL || x->rank < 3 || w->rank != x->rank || y->rank != x->rank || w->dims[0] == 0 || w->dims[1] == 0
      || w->dims[0] != y->dims[1] || x->dims[1] % w->dims[1] != 0)
    return FALSE;
  if (input >= 1)
    {
      box->low[0] = at[1];
      box->high[0] = at[1] + 1;
      return input == 1 || (input == 2 && inputs[2]->rank == 1);
    }
  group = at[1] / MAX (w->dims[0] / (x->dims[1] / w->dims[1]), 1);
  box->low[0] = at[0];
  box->high[0] = at[0] + 1;
  box->low[1] = group * w->dims[1];
  box->high[1] = box->low[1] + w->dims[1];
  if (box->high[1] > x->dims[1])
    return FALSE;
  for (int i = 2; i < x->rank; i++)
    if (!window (node, x, w, y, i, at[i], &box->low[i], &box->high[i]))
      return FALSE;
  return TRUE;
}

static gboolean
box_of_product (OxTensor *const *inputs, guint input, const OxTensor *y, const gint64 *at, OxBox *box)
{
  const OxTensor *x = inputs[input];
  int own = input == 0 ? x->rank - 2 : x->rank - 1;

  if (input > 1 || x->rank < 2 || y->rank < x->rank)
    return FALSE;
  for (int i = 0; i < x->rank - 2; i++)
    {
      box->low[i] = x->dims[i] == 1 ? 0 : at[y->rank - x->rank + i];
      box->high[i] = box->low[i] + 1;
    }
  box->low[own] = at[input == 0 ? y->rank - 2 : y->rank - 1];
  box->high[own] = box->low[own] + 1;
  return box->high[own] <= x->dims[own];
}

/* Element by element, with broadcasting. */
static const char *const pointwise[] = {
  "Abs", "Add", "Cast", "Ceil", "Clip", "Cos", "Div", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity",
  "LeakyRelu", "Log", "Max", "Mean", "Min", "Mul", "Neg", "PRelu", "Pow", "Reciprocal", "Relu", "Round", "Sigmoid", "Sign", "Sin",
  "Softplus", "Sqrt", "Sub", "Sum", "Tanh", "Where",
};

static gboolean
is_pointwise (const OxNode *node)
{
  for (guint i = 0; i < G_N_ELEMENTS (pointwise); i++)
    if (strcmp (node->op_type, pointwise[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
box_of_element (const OxTensor *x, const OxTensor *y, const gint64 *at, OxBox *box)
{
  if (x->rank > y->rank)
    return FALSE;
  for (int i = 0; i < x->rank; i++)
    {
      gint64 index = at[y->rank - x->rank + i];

      if (x->dims[i] != 1 && x->dims[i] != y->dims[y->rank - x->rank + i])
        return FALSE;
      box->low[i] = x->dims[i] == 1 ? 0 : index;
      box->high[i] = box->low[i] + 1;
    }
  return TRUE;
}

gboolean
ox_box_compute (const OxNode *node, OxTensor *const *inputs, guint input, const OxTensor *output, gint64 element, OxBox *box)
{
  gboolean conv = strcmp (node->op_type, "Conv") == 0 || strcmp (node->op_type, "FusedConv") == 0;
  gboolean point = is_pointwise (node);
  gint64 at[OX_MAX_RANK];

  if (inputs[input] == NULL || element >= output->count || (!conv && !point && strcmp (node->op_type, "MatMul") != 0))
    return FALSE;
  for (int i = 0; i < inputs[input]->rank; i++)
    {
      box->low[i] = 0;
      box->high[i] = inputs[input]->dims[i];
    }
  unravel (output, element, at);
  if (conv)
    return box_of_conv (node, inputs, input, output, at, box);
  if (point)
    return box_of_element (inputs[input], output, at, box);
  return node->input_names->len == 2 && inputs[0] != NULL && inputs[1] != NULL && inputs[0]->rank >= 2 && inputs[1]->rank >= 2
         && box_of_product (inputs, input, output, at, box);
}
