/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-influence.h"

/* Elements are given numbers, from 1 on, and the node is run: the numbers that come out say where each came from, 0 that it
 * came from nowhere. */

#define ALL (~0U)

typedef struct
{
  const char *op_type;
  guint       moved;        /* one bit an input */
  const char *attribute;    /* moves only with this attribute ... */
  const char *text;         /* ... being that; the first may be missing */
  int         pad;          /* an input that is filled in: has to be 0, and counts as used; -1: none */
} Row;

static const Row rows[] = {
  { "CenterCropPad", 1, NULL, NULL, -1 },
  { "Compress", 1, NULL, NULL, -1 },
  { "Concat", ALL, NULL, NULL, -1 },
  { "DepthToSpace", 1, NULL, NULL, -1 },
  { "Expand", 1, NULL, NULL, -1 },
  { "Flatten", 1, NULL, NULL, -1 },
  { "Gather", 1, NULL, NULL, -1 },
  { "GatherElements", 1, NULL, NULL, -1 },
  { "GatherND", 1, NULL, NULL, -1 },
  { "Identity", 1, NULL, NULL, -1 },
  { "Pad", 1, NULL, NULL, 2 },
  { "Reshape", 1, NULL, NULL, -1 },
  { "Resize", 1, "mode", "nearest", -1 },
  { "ReverseSequence", 1, NULL, NULL, -1 },
  { "Scatter", 5, NULL, NULL, -1 },
  { "ScatterElements", 5, "reduction", "none", -1 },
  { "ScatterND", 5, "reduction", "none", -1 },
  { "Slice", 1, NULL, NULL, -1 },
  { "SpaceToDepth", 1, NULL, NULL, -1 },
  { "Split", 1, NULL, NULL, -1 },
  { "Squeeze", 1, NULL, NULL, -1 },
  { "Tile", 1, NULL, NULL, -1 },
  { "Transpose", 1, NULL, NULL, -1 },
  { "Trilu", 1, NULL, NULL, -1 },
  { "Unsqueeze", 1, NULL, NULL, -1 },
  { "Upsample", 1, "mode", "nearest", -1 },
  { "Where", 6, NULL, NULL, -1 },
};

static const Row *
find_row (const OxNode *node)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (node->op_type, rows[i].op_type) == 0)
      return rows[i].attribute == NULL || ox_node_attribute (node, rows[i].attribute) == NULL
                 || ox_influence_has_text (node, rows[i].attribute, rows[i].text) ? &rows[i] : NULL;
  return NULL;
}

static OxValue *
numbered (const OxTensor *like, OxDtype dtype, gint64 first)
{
  OxTensor *tensor = ox_tensor_new (dtype, like->rank, like->dims, NULL);

  for (gint64 i = 0; tensor != NULL && i < tensor->count; i++)
    ox_tensor_set (tensor, i, (double) (first + i));
  return tensor != NULL ? ox_value_new_tensor (tensor) : NULL;
}

/* What comes out for numbers of a type; NULL when the node does not take them. @first gets the first number of each. */
static GPtrArray *
run_numbered (OxInfluence *self, const Row *row, OxDtype dtype, gint64 *first)
{
  guint n = self->node->input_names->len;
  g_autofree OxValue **inputs = g_new0 (OxValue *, n + 1);
  g_autoptr (GPtrArray) owned = ox_value_array_new ();
  gint64 next = 1;

  for (guint i = 0; i < n; i++)
    {
      const OxTensor *tensor = self->inputs[i];

      if (tensor == NULL || ((int) i != row->pad && (i > 31 ? row->moved != ALL : (row->moved >> i & 1) == 0)))
        continue;
      first[i] = next;
      inputs[i] = numbered (tensor, dtype, (int) i == row->pad ? 0 : next);
      if (inputs[i] == NULL)
        return NULL;
      g_ptr_array_add (owned, inputs[i]);
      next += (int) i == row->pad ? 0 : tensor->count;
    }
  /* Numbers that the type does not have would meet others. */
  if (next > (dtype == OX_F32 ? (gint64) 1 << 24 : (gint64) 1 << 53))
    return NULL;
  return ox_session_try (self->session, self->frame, self->node, inputs, self->cancellable, NULL);
}

static gboolean
same_shapes (const OxInfluence *self, const GPtrArray *found)
{
  for (guint o = 0; o < found->len; o++)
    {
      const OxValue *value = g_ptr_array_index (found, o);
      const OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;

      if (self->asked[o] != NULL
          && (tensor == NULL || self->outputs[o] == NULL || !ox_tensor_same_shape (tensor, self->outputs[o])))
        return FALSE;
    }
  return TRUE;
}

/* Element @number, by its place in the inputs. */
static void
mark (OxInfluence *self, const gint64 *first, gint64 number)
{
  for (guint i = 0; i < self->node->input_names->len; i++)
    if (first[i] > 0 && self->hangs_on[i] != NULL && number >= first[i] && number < first[i] + self->hangs_on[i]->count)
      {
        self->hangs_on[i]->on[number - first[i]] = 1;
        return;
      }
}

/* Gather: the index that chose an element. Its axes are where the axis was. */
static gboolean
add_indices (OxInfluence *self)
{
  const OxTensor *data = self->inputs[0], *indices = self->inputs[1];
  int map[OX_MAX_RANK];
  gint64 axis;

  if (data == NULL || indices == NULL || self->hangs_on[1] == NULL)
    return FALSE;
  if (strcmp (self->node->op_type, "Gather") == 0)
    {
      axis = ox_influence_int (self->node, "axis", 0);
      axis += axis < 0 ? data->rank : 0;
      for (int i = 0; i < indices->rank; i++)
        map[i] = (int) axis + i;
    }
  else if (strcmp (self->node->op_type, "GatherElements") == 0)
    for (int i = 0; i < indices->rank; i++)
      map[i] = i;
  else
    return FALSE;
  ox_mask_add_by_axes (self->hangs_on[1], self->asked[0], map);
  return TRUE;
}

/* Where: the conditions, which broadcast. */
static gboolean
add_conditions (OxInfluence *self)
{
  int map[OX_MAX_RANK];

  if (strcmp (self->node->op_type, "Where") != 0 || self->inputs[0] == NULL)
    return FALSE;
  for (int i = 0; i < self->inputs[0]->rank; i++)
    map[i] = self->outputs[0]->rank - self->inputs[0]->rank + i;
  ox_mask_add_by_axes (self->hangs_on[0], self->asked[0], map);
  return TRUE;
}

gboolean
ox_influence_by_moving (OxInfluence *self)
{
  static const OxDtype types[] = { OX_I64, OX_F64, OX_F32 };
  const Row *row = find_row (self->node);
  guint n = self->node->input_names->len;
  g_autofree gint64 *first = g_new0 (gint64, n + 1);
  g_autoptr (GPtrArray) found = NULL;
  gboolean special;

  for (guint t = 0; row != NULL && t < G_N_ELEMENTS (types) && found == NULL; t++)
    {
      found = run_numbered (self, row, types[t], first);
      if (found != NULL && !same_shapes (self, found))
        g_clear_pointer (&found, g_ptr_array_unref);
    }
  if (found == NULL)
    return FALSE;
  for (guint o = 0; o < self->node->output_names->len; o++)
    {
      const OxTensor *numbers = self->asked[o] != NULL ? ox_value_get_tensor (g_ptr_array_index (found, o)) : NULL;

      for (gint64 i = 0; numbers != NULL && i < numbers->count; i++)
        {
          double number = self->asked[o]->on[i] ? ox_tensor_get (numbers, i) : 0;

          if (number > 0)
            mark (self, first, (gint64) number);
          else if (self->asked[o]->on[i] && row->pad >= 0 && row->pad < (int) n)
            ox_influence_add_whole (self, (guint) row->pad);
        }
    }
  special = self->asked[0] != NULL && n > 1 && (add_indices (self) || add_conditions (self));
  /* Shapes, indices and the like. */
  for (guint i = 0; i < n; i++)
    if (first[i] == 0 && (int) i != row->pad && !(special && i == (strcmp (self->node->op_type, "Where") == 0 ? 0 : 1)))
      ox_influence_add_whole (self, i);
  return TRUE;
}
