/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "debug/ox-edit.h"

/* A copy to write to. */
static OxTensor *
copy_of (OxTensor *tensor, GError **error)
{
  g_autoptr (OxTensor) usable = NULL, copy = NULL;

  if (!ox_dtype_is_float (tensor->dtype) && !ox_dtype_is_integer (tensor->dtype) && tensor->dtype != OX_BOOL)
    {
      ox_fail (error, OX_ERROR_DTYPE, "elements of type %s are not numbers", ox_dtype_name (tensor->dtype));
      return NULL;
    }
  usable = ox_tensor_usable (tensor, error);
  copy = usable != NULL ? ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, error) : NULL;
  if (copy == NULL)
    return NULL;
  ox_tensor_copy_to (usable, copy->data);
  return g_steal_pointer (&copy);
}

OxTensor *
ox_edit_fill (OxTensor *tensor, double number, GError **error)
{
  OxTensor *copy = copy_of (tensor, error);

  for (gint64 i = 0; copy != NULL && i < copy->count; i++)
    ox_tensor_set (copy, i, number);
  return copy;
}

OxTensor *
ox_edit_scale (OxTensor *tensor, double factor, GError **error)
{
  OxTensor *copy = copy_of (tensor, error);

  for (gint64 i = 0; copy != NULL && i < copy->count; i++)
    ox_tensor_set (copy, i, ox_tensor_get (copy, i) * factor);
  return copy;
}

OxTensor *
ox_edit_clamp (OxTensor *tensor, double low, double high, GError **error)
{
  OxTensor *copy;

  if (!(low <= high))
    {
      ox_fail (error, OX_ERROR_VALUE, "expected a lower and an upper bound, found %g and %g", low, high);
      return NULL;
    }
  copy = copy_of (tensor, error);
  for (gint64 i = 0; copy != NULL && i < copy->count; i++)
    {
      double x = ox_tensor_get (copy, i);

      if (x < low || x > high)
        ox_tensor_set (copy, i, x < low ? low : high);
    }
  return copy;
}

OxTensor *
ox_edit_noise (OxTensor *tensor, double deviation, guint64 seed, GError **error)
{
  OxTensor *copy = copy_of (tensor, error);
  g_autoptr (GRand) rand = g_rand_new_with_seed_array ((guint32[]) { (guint32) seed, (guint32) (seed >> 32) }, 2);

  for (gint64 i = 0; copy != NULL && i < copy->count; i++)
    {
      /* Box and Muller */
      double radius = sqrt (-2 * log (1 - g_rand_double (rand))), angle = 2 * G_PI * g_rand_double (rand);

      ox_tensor_set (copy, i, ox_tensor_get (copy, i) + deviation * radius * cos (angle));
    }
  return copy;
}

static double
largest_magnitude (const OxTensor *tensor)
{
  double largest = 0;

  for (gint64 i = 0; i < tensor->count; i++)
    {
      double x = fabs (ox_tensor_get (tensor, i));

      if (isfinite (x) && x > largest)
        largest = x;
    }
  return largest;
}

/* As a quantiser would that knows the range: round (x / scale), ties to even, times the scale. */
static OxTensor *
through_integer (OxTensor *tensor, OxDtype dtype, GError **error)
{
  gboolean is_signed = ox_dtype_class (dtype) == OX_CLASS_INT;
  int bits = ox_dtype_bits (dtype);
  double most = ldexp (1, is_signed ? bits - 1 : bits) - 1;
  OxTensor *copy = copy_of (tensor, error);
  double scale = copy != NULL ? largest_magnitude (copy) / most : 0;

  for (gint64 i = 0; copy != NULL && scale > 0 && i < copy->count; i++)
    {
      double x = ox_tensor_get (copy, i);

      if (isnan (x))
        continue;
      /* An integer has one zero. */
      ox_tensor_set (copy, i, (CLAMP (nearbyint (x / scale), is_signed ? -most : 0, most) + 0.0) * scale);
    }
  return copy;
}

OxTensor *
ox_edit_through (OxTensor *tensor, OxDtype dtype, GError **error)
{
  g_autoptr (OxTensor) usable = NULL, there = NULL;

  if (ox_dtype_is_float (tensor->dtype) && ox_dtype_is_integer (dtype) && ox_dtype_bits (dtype) <= 16)
    return through_integer (tensor, dtype, error);
  usable = ox_tensor_usable (tensor, error);
  there = usable != NULL ? ox_tensor_convert (usable, dtype, error) : NULL;
  return there != NULL ? ox_tensor_convert (there, tensor->dtype, error) : NULL;
}

OxTensor *
ox_edit_element (OxTensor *tensor, gint64 index, double number, GError **error)
{
  OxTensor *copy;

  if (index < 0 || index >= tensor->count)
    {
      ox_fail (error, OX_ERROR_VALUE, "expected an element of 0 to %" G_GINT64_FORMAT ", found %" G_GINT64_FORMAT,
               tensor->count - 1, index);
      return NULL;
    }
  copy = copy_of (tensor, error);
  if (copy != NULL)
    ox_tensor_set (copy, index, number);
  return copy;
}
