/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-attention.h"

#include <string.h>

/* RotaryEmbedding, of the standard and of com.microsoft. */

typedef struct { gint64 interleaved, num_heads, rotary_embedding_dim; } RotaryAttrs;

static const OxAttrSpec rotary_specs[] = {
  OX_INT (RotaryAttrs, interleaved, 0),
  OX_INT (RotaryAttrs, num_heads, 0),
  OX_INT (RotaryAttrs, rotary_embedding_dim, 0),
};

static const OxAttrSpec rotary_ms_specs[] = {
  OX_INT (RotaryAttrs, interleaved, 0),          OX_INT (RotaryAttrs, num_heads, 0),
  OX_INT (RotaryAttrs, rotary_embedding_dim, 0),
  /* Packed batches have positions of their own; that they are packed says nothing more. ONNX Runtime multiplies nothing by
   * the scale. */
  OX_IGNORE ("is_packed_batching"),              OX_IGNORE ("scale"),
};

static gboolean
rotary_run (OxCall *call, GError **error)
{
  const RotaryAttrs *attrs = call->attrs;
  /* com.microsoft has the positions before the tables. */
  const int tables = call->op->code ? 2 : 1, places = call->op->code ? 1 : 3;
  const OxTensor *x, *cos, *sin, *ids = NULL;
  gint64 batch, heads, rows, head, half, dim, at[3];
  gint64 *positions = NULL;
  gboolean batched;
  float *y;

  if ((x = ox_call_in_as (call, 0, OX_F32, error)) == NULL || (cos = ox_call_in_as (call, tables, OX_F32, error)) == NULL
      || (sin = ox_call_in_as (call, tables + 1, OX_F32, error)) == NULL)
    return FALSE;
  if (!ox_dtype_is_float (ox_call_in (call, 0)->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected a float type, found %s", ox_dtype_name (ox_call_in (call, 0)->dtype));
  if (x->rank != 3 && x->rank != 4)
    return ox_fail (error, OX_ERROR_SHAPE, "expected 3 or 4 axes, found %d", x->rank);
  batch = x->dims[0];
  rows = x->dims[x->rank - 2];
  heads = x->rank == 4 ? x->dims[1] : attrs->num_heads;
  if (x->rank == 3)
    {
      rows = x->dims[1];
      /* com.microsoft knows the size of a head from the tables as well. */
      if (heads == 0 && call->op->code && cos->rank == 2 && cos->dims[1] > 0)
        heads = x->dims[2] / (2 * cos->dims[1]);
      if (heads < 1 || x->dims[2] % heads != 0)
        return ox_fail (error, OX_ERROR_MODEL, "num_heads %" G_GINT64_FORMAT " does not divide %" G_GINT64_FORMAT, heads, x->dims[2]);
    }
  head = x->rank == 4 ? x->dims[3] : x->dims[2] / heads;
  dim = attrs->rotary_embedding_dim != 0 ? attrs->rotary_embedding_dim : head;
  half = dim / 2;
  if (dim < 0 || dim > head || dim % 2 != 0)
    return ox_fail (error, OX_ERROR_VALUE, "cannot rotate %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " elements", dim, head);
  batched = ox_call_in (call, places) == NULL;
  if (!ox_tensor_same_shape (cos, sin) || cos->rank != (batched ? 3 : 2) || cos->dims[cos->rank - 1] != half
      || (batched && (cos->dims[0] != batch || cos->dims[1] != rows)))
    {
      g_autofree char *c = ox_tensor_shape_string (cos), *s = ox_tensor_shape_string (sin);

      return ox_fail (error, OX_ERROR_SHAPE, "tables of %s and %s for a rotation of %" G_GINT64_FORMAT " elements", c, s, dim);
    }
  if (!batched)
    {
      if ((ids = ox_call_in_as (call, places, OX_I64, error)) == NULL
          || (positions = ox_call_scratch_n (call, batch * rows, sizeof (gint64), error)) == NULL)
        return FALSE;
      if (ids->count != batch * rows && !(call->op->code && ids->count == 1))
        return ox_fail (error, OX_ERROR_SHAPE, "expected %" G_GINT64_FORMAT " positions, found %" G_GINT64_FORMAT, batch * rows,
                        ids->count);
      for (gint64 i = 0; i < batch * rows && !ox_pause (i); i++)
        {
          const gint64 *id = (const gint64 *) (const void *) ids->data;

          /* In com.microsoft one number is where the first row stands. */
          if (call->op->code && ids->rank <= 1 && ids->count == 1)
            positions[i] = id[0] < cos->dims[0] ? id[0] + i % rows : id[0];
          else
            positions[i] = id[i];
        }
    }
  if ((y = ox_call_scratch_n (call, x->count, sizeof (float), error)) == NULL)
    return FALSE;
  if (x->count > 0)
    memcpy (y, x->data, (gsize) x->count * sizeof (float));
  at[0] = heads * rows * head;
  at[1] = x->rank == 4 ? rows * head : head;
  at[2] = x->rank == 4 ? head : heads * head;
  return ox_rotate (y, at, batch, heads, rows, half, (const float *) (const void *) cos->data,
                    (const float *) (const void *) sin->data, batched ? batch * rows : cos->dims[0], batched, positions,
                    attrs->interleaved != 0, error)
         && ox_call_store_f32 (call, 0, y, error);
}

static const OxOp rotary_rows[] = {
  { "RotaryEmbedding", 23, { 3, 4 }, { 1, 1 }, OX_ATTRS (rotary_specs, RotaryAttrs), ox_infer_same, rotary_run },
};

OX_FAMILY (rotary, "ai.onnx", rotary_rows);

static const OxOp rotary_ms_rows[] = {
  { "RotaryEmbedding", 1, { 4, 4 }, { 1, 1 }, OX_ATTRS (rotary_ms_specs, RotaryAttrs), ox_infer_same, rotary_run, .code = 1 },
};

OX_FAMILY (rotary_ms, "com.microsoft", rotary_ms_rows);
