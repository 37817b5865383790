/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "debug/ox-narrow.h"
#include "debug/ox-rounding.h"
#include "tensor/ox-small-float.h"

gboolean
ox_rounding_knows (OxDtype dtype)
{
  OxNarrow narrow;

  return dtype == OX_I8 || ox_narrow_find (dtype, &narrow, NULL);
}

static void
round_through_halves (const float *from, float *to, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    to[i] = ox_f16_load (ox_f16_store (from[i]));
}

static void
round_through_brains (const float *from, float *to, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    to[i] = ox_bf16_load (ox_bf16_store (from[i]));
}

/* 255 steps; infinities are the largest, NaN stays. */
static OxTensor *
round_in_steps (const OxTensor *tensor, GError **error)
{
  OxTensor *copy = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, error);
  double largest = 0, step;

  if (copy == NULL)
    return NULL;
  for (gint64 i = 0; i < tensor->count; i++)
    {
      double a = fabs (ox_tensor_get (tensor, i));

      if (isfinite (a))
        largest = MAX (largest, a);
    }
  step = largest / 127;
  for (gint64 i = 0; i < tensor->count; i++)
    {
      double x = ox_tensor_get (tensor, i);

      ox_tensor_set (copy, i, isnan (x) || step == 0 ? x : CLAMP (nearbyint (x / step), -127, 127) * step);
    }
  return copy;
}

OxTensor *
ox_round_tensor (OxTensor *tensor, OxDtype dtype, GError **error)
{
  g_autoptr (OxTensor) dense = NULL, there = NULL;
  OxTensor *copy;

  if (!ox_narrow_can_hold (tensor) || tensor->dtype == dtype)
    return ox_tensor_ref (tensor);
  dense = ox_tensor_contiguous (tensor, error);
  if (dense == NULL)
    return NULL;
  if (dtype == OX_I8)
    return round_in_steps (dense, error);
  if (dense->dtype != OX_F32 || (dtype != OX_F16 && dtype != OX_BF16))
    {
      there = ox_tensor_convert (dense, dtype, error);
      return there != NULL ? ox_tensor_convert (there, tensor->dtype, error) : NULL;
    }
  copy = ox_tensor_new (OX_F32, tensor->rank, tensor->dims, error);
  if (copy != NULL)
    (dtype == OX_F16 ? round_through_halves : round_through_brains) ((const float *) (gconstpointer) dense->data,
                                                                    (float *) (gpointer) copy->data, dense->count);
  return copy;
}

OxValue *
ox_round_value (OxValue *value, OxDtype dtype, GError **error)
{
  g_autoptr (GPtrArray) items = NULL;
  OxTensor *tensor = ox_value_get_tensor (value), *rounded;

  if (tensor != NULL)
    {
      rounded = ox_round_tensor (tensor, dtype, error);
      return rounded != NULL ? ox_value_new_tensor (rounded) : NULL;
    }
  if (value->kind == OX_VALUE_SPARSE || ox_value_n_items (value) == 0)
    return ox_value_ref (value);
  items = ox_value_array_new ();
  for (guint i = 0; i < ox_value_n_items (value); i++)
    {
      OxValue *item = ox_round_value (ox_value_get_item (value, i), dtype, error);

      if (item == NULL)
        return NULL;
      g_ptr_array_add (items, item);
    }
  if (value->kind == OX_VALUE_MAP)
    return ox_value_new_map (ox_tensor_ref (value->keys), g_steal_pointer (&items));
  if (value->kind == OX_VALUE_OPTIONAL)
    return ox_value_new_optional (value->dtype, ox_value_ref (g_ptr_array_index (items, 0)));
  return ox_value_new_sequence (value->dtype, g_steal_pointer (&items));
}
