/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-mask.h"

OxMask *
ox_mask_new_dims (int rank, const gint64 *dims)
{
  OxMask *self = g_new0 (OxMask, 1);

  self->rank = rank;
  self->count = 1;
  for (int i = 0; i < rank; i++)
    {
      self->dims[i] = dims[i];
      self->count *= dims[i];
    }
  self->on = g_try_malloc0 ((gsize) MAX (self->count, 1));
  if (self->on == NULL)
    g_clear_pointer (&self, g_free);
  return self;
}

OxMask *
ox_mask_new (const OxTensor *like)
{
  return like != NULL ? ox_mask_new_dims (like->rank, like->dims) : g_new0 (OxMask, 1);
}

OxMask *
ox_mask_copy (const OxMask *mask)
{
  OxMask *copy = mask->on != NULL ? ox_mask_new_dims (mask->rank, mask->dims) : g_new0 (OxMask, 1);

  if (copy != NULL && mask->on != NULL)
    memcpy (copy->on, mask->on, (gsize) mask->count);
  return copy;
}

void
ox_mask_free (OxMask *mask)
{
  g_free (mask->on);
  g_free (mask);
}

void
ox_mask_fill (OxMask *mask)
{
  if (mask->on != NULL)
    memset (mask->on, 1, (gsize) mask->count);
}

gboolean
ox_mask_same_shape (const OxMask *a, const OxMask *b)
{
  return a->on != NULL && b->on != NULL && a->rank == b->rank
         && memcmp (a->dims, b->dims, sizeof (gint64) * (gsize) a->rank) == 0;
}

void
ox_mask_add (OxMask *mask, const OxMask *other)
{
  if (mask->on == NULL)
    return;
  if (other->on == NULL || other->count != mask->count)
    {
      ox_mask_fill (mask);
      return;
    }
  for (gint64 i = 0; i < mask->count; i++)
    mask->on[i] |= other->on[i];
}

gint64
ox_mask_size (const OxMask *mask)
{
  gint64 n = 0;

  for (gint64 i = 0; mask->on != NULL && i < mask->count; i++)
    n += mask->on[i];
  return n;
}

/* The next index in row-major order; FALSE after the last. */
static gboolean
advance (gint64 *at, int rank, const gint64 *dims)
{
  for (int i = rank - 1; i >= 0; i--)
    {
      if (++at[i] < dims[i])
        return TRUE;
      at[i] = 0;
    }
  return FALSE;
}

gboolean
ox_mask_box (const OxMask *mask, gint64 *low, gint64 *high)
{
  gint64 at[OX_MAX_RANK] = { 0 };
  gboolean any = FALSE;

  for (gint64 i = 0; mask->on != NULL && i < mask->count; i++)
    {
      for (int k = 0; mask->on[i] && k < mask->rank; k++)
        {
          low[k] = any ? MIN (low[k], at[k]) : at[k];
          high[k] = any ? MAX (high[k], at[k] + 1) : at[k] + 1;
        }
      any = any || mask->on[i];
      advance (at, mask->rank, mask->dims);
    }
  return any;
}

void
ox_mask_add_by_axes (OxMask *to, const OxMask *from, const int *map)
{
  gint64 at[OX_MAX_RANK] = { 0 }, dims[OX_MAX_RANK] = { 0 }, strides[OX_MAX_RANK], from_strides[OX_MAX_RANK] = { 0 };
  g_autoptr (OxMask) shared = NULL;
  int n = 0, axes[OX_MAX_RANK];

  if (to->on == NULL || from->on == NULL)
    {
      ox_mask_fill (to);
      return;
    }
  for (int i = 0; i < to->rank; i++)
    if (map[i] != OX_FREE && to->dims[i] != 1 && (map[i] >= from->rank || to->dims[i] != from->dims[map[i]]))
      {
        ox_mask_fill (to);
        return;
      }
  /* The axes that both have, as a mask of their own. */
  for (int i = 0; i < to->rank; i++)
    if (map[i] != OX_FREE && to->dims[i] != 1)
      {
        axes[n] = i;
        dims[n++] = to->dims[i];
      }
  shared = ox_mask_new_dims (n, dims);
  if (shared == NULL)
    {
      ox_mask_fill (to);
      return;
    }
  for (int i = n - 1; i >= 0; i--)
    {
      strides[i] = i == n - 1 ? 1 : strides[i + 1] * dims[i + 1];
      from_strides[map[axes[i]]] += strides[i];
    }
  for (gint64 i = 0; i < from->count; i++)
    {
      gint64 place = 0;

      for (int k = 0; from->on[i] && k < from->rank; k++)
        place += at[k] * from_strides[k];
      if (from->on[i])
        shared->on[place] = 1;
      advance (at, from->rank, from->dims);
    }
  memset (at, 0, sizeof at);
  for (gint64 i = 0; i < to->count; i++)
    {
      gint64 place = 0;

      for (int k = 0; k < n; k++)
        place += at[axes[k]] * strides[k];
      to->on[i] |= shared->on[place];
      advance (at, to->rank, to->dims);
    }
}

OxMask *
ox_mask_slice (const OxMask *mask, int axis, gint64 index)
{
  gint64 dims[OX_MAX_RANK] = { 0 }, inner = 1, outer = 1;
  OxMask *part;
  int n = 0;

  if (mask->on == NULL || axis >= mask->rank)
    return ox_mask_copy (mask);
  for (int i = 0; i < mask->rank; i++)
    {
      if (i != axis)
        dims[n++] = mask->dims[i];
      if (i < axis)
        outer *= mask->dims[i];
      else if (i > axis)
        inner *= mask->dims[i];
    }
  part = ox_mask_new_dims (n, dims);
  for (gint64 o = 0; part != NULL && index < mask->dims[axis] && o < outer; o++)
    memcpy (part->on + o * inner, mask->on + (o * mask->dims[axis] + index) * inner, (gsize) inner);
  return part;
}

void
ox_mask_add_slice (OxMask *mask, int axis, gint64 index, const OxMask *part)
{
  gint64 inner = 1, outer = 1;

  if (mask->on == NULL || part->on == NULL || axis >= mask->rank || index >= mask->dims[axis])
    {
      ox_mask_fill (mask);
      return;
    }
  for (int i = 0; i < mask->rank; i++)
    if (i < axis)
      outer *= mask->dims[i];
    else if (i > axis)
      inner *= mask->dims[i];
  if (part->count != outer * inner)
    {
      ox_mask_fill (mask);
      return;
    }
  for (gint64 o = 0; o < outer; o++)
    for (gint64 i = 0; i < inner; i++)
      mask->on[(o * mask->dims[axis] + index) * inner + i] |= part->on[o * inner + i];
}
