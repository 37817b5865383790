/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-shapes.h"

/* Longer tensors of integers are data. */
#define MOST_INTS 64

struct _OxShapes
{
  GHashTable *shapes;   /* OxSlot* -> OxShape */
};

static void
shape_free (gpointer data)
{
  g_free (((OxShape *) data)->ints);
  g_free (data);
}

OxShapes *
ox_shapes_new (void)
{
  OxShapes *self = g_new0 (OxShapes, 1);

  self->shapes = g_hash_table_new_full (NULL, NULL, NULL, shape_free);
  return self;
}

void
ox_shapes_free (OxShapes *self)
{
  g_hash_table_unref (self->shapes);
  g_free (self);
}

static void
note (OxShapes *self, guint64 frame_id, const OxSlot *slot, const OxTensor *tensor)
{
  OxShape *shape = g_hash_table_lookup (self->shapes, slot);
  gboolean small = tensor->count <= MOST_INTS && ox_dtype_is_integer (tensor->dtype) && !ox_dtype_is_packed (tensor->dtype);

  if (shape == NULL)
    {
      shape = g_new0 (OxShape, 1);
      g_hash_table_insert (self->shapes, (gpointer) slot, shape);
    }
  shape->frame_id = frame_id;
  shape->dtype = tensor->dtype;
  shape->rank = tensor->rank;
  if (tensor->rank > 0)
    memcpy (shape->dims, tensor->dims, (gsize) tensor->rank * sizeof *shape->dims);
  if (small && (shape->ints == NULL || shape->n_ints < tensor->count))
    shape->ints = g_renew (gint64, shape->ints, tensor->count + 1);
  shape->n_ints = small ? (int) tensor->count : -1;
  for (int i = 0; i < shape->n_ints; i++)
    shape->ints[i] = ox_tensor_get_int (tensor, i);
}

void
ox_shapes_note (OxShapes *self, const OxFrame *frame, const OxNode *node, OxValue *const *outputs)
{
  for (guint i = 0; i < node->output_names->len; i++)
    {
      const OxTensor *tensor = outputs[i] != NULL ? ox_value_get_tensor (outputs[i]) : NULL;

      if (tensor != NULL && node->outputs[i] >= 0)
        note (self, frame->id, ox_graph_slot (frame->graph, node->outputs[i]), tensor);
    }
}

const OxShape *
ox_shapes_get (OxShapes *self, const OxSlot *slot)
{
  return g_hash_table_lookup (self->shapes, slot);
}
