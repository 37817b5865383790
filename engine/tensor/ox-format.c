/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tensor/ox-format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Elements at either edge of an axis that is cut. */
#define EDGE 3

char *
ox_format_double (double value, int digits)
{
  char text[64];
  double size = fabs (value);

  if (isnan (value))
    return g_strdup ("NaN");
  if (isinf (value))
    return g_strdup (value > 0 ? "Inf" : "-Inf");
  if (value == 0)
    return g_strdup (signbit (value) ? "-0" : "0");
  if (size >= 1e5 || size < 1e-4)
    {
      char format[16], *e;
      int exponent;

      g_snprintf (format, sizeof format, "%%.%de", MAX (digits - 1, 0));
      g_ascii_formatd (text, sizeof text, format, value);
      e = strchr (text, 'e');
      exponent = atoi (e + 1);
      /* 1.500e+05 -> 1.5e5: zeros say nothing here. */
      while (e > text && e[-1] == '0' && memchr (text, '.', (gsize) (e - text)) != NULL)
        e--;
      if (e > text && e[-1] == '.')
        e--;
      g_snprintf (e, (gulong) (text + sizeof text - e), "e%d", exponent);
    }
  else
    {
      char format[16];

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, value);
      if (strchr (text, 'e') != NULL) /* %g turned to an exponent: all digits are before the point */
        g_ascii_formatd (text, sizeof text, "%.0f", value);
    }
  return g_strdup (text);
}

/* The fewest digits that give the same element back. */
static char *
shortest (OxDtype dtype, double value)
{
  guint8 bits[16] = { 0 }, again[16] = { 0 };

  ox_element_set (dtype, bits, value);
  for (int digits = 1; digits < 17; digits++)
    {
      g_autofree char *text = ox_format_double (value, digits);

      memset (again, 0, sizeof again);
      ox_element_set (dtype, again, g_ascii_strtod (text, NULL));
      if (memcmp (bits, again, ox_dtype_size (dtype)) == 0)
        return g_steal_pointer (&text);
    }
  return ox_format_double (value, 17);
}

static char *
format_real (OxDtype dtype, double value, int digits)
{
  return digits > 0 || !isfinite (value) ? ox_format_double (value, MAX (digits, 1)) : shortest (dtype, value);
}

static char *
format_string (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *quoted = g_string_new ("\"");

  for (const char *p = valid; *p != '\0'; p++)
    switch (*p)
      {
      case '"':
      case '\\':
        g_string_append_printf (quoted, "\\%c", *p);
        break;
      case '\n':
        g_string_append (quoted, "\\n");
        break;
      case '\t':
        g_string_append (quoted, "\\t");
        break;
      default:
        if ((guchar) *p < 32 || *p == 127)
          g_string_append_printf (quoted, "\\x%02x", (guchar) *p);
        else
          g_string_append_c (quoted, *p);
      }
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}

char *
ox_format_element (const OxTensor *tensor, gint64 index, int digits)
{
  switch (ox_dtype_class (tensor->dtype))
    {
    case OX_CLASS_STRING:
      return format_string (ox_tensor_get_string (tensor, index));
    case OX_CLASS_BOOL:
      return g_strdup (ox_tensor_get_int (tensor, index) != 0 ? "true" : "false");
    case OX_CLASS_UINT:
      return g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) ox_tensor_get_int (tensor, index));
    case OX_CLASS_INT:
      return g_strdup_printf ("%" G_GINT64_FORMAT, ox_tensor_get_int (tensor, index));
    case OX_CLASS_COMPLEX:
      {
        const guint8 *at = ox_tensor_element (tensor, index);
        OxComplex128 c;
        OxDtype part = tensor->dtype == OX_C64 ? OX_F32 : OX_F64;
        g_autofree char *re = NULL, *im = NULL;

        if (tensor->dtype == OX_C64)
          {
            OxComplex64 small;

            memcpy (&small, at, sizeof small);
            c = (OxComplex128){ small.re, small.im };
          }
        else
          memcpy (&c, at, sizeof c);
        re = format_real (part, c.re, digits);
        im = format_real (part, c.im, digits);
        return g_strdup_printf ("%s%s%sj", re, im[0] == '-' ? "" : "+", im);
      }
    case OX_CLASS_FLOAT:
    case OX_CLASS_SMALL:
      return format_real (tensor->dtype, ox_tensor_get (tensor, index), digits);
    case OX_CLASS_NONE:
      break;
    }
  return g_strdup ("?");
}

static char *
format_scaled (guint64 value, double step, const char *const *units, int n_units, const char *gap)
{
  double scaled = (double) value;
  int unit = 0;
  g_autofree char *number = NULL;

  while (unit < n_units - 1 && scaled >= step)
    {
      scaled /= step;
      unit++;
    }
  if (unit == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT "%s%s", value, *units[0] != '\0' ? gap : "", units[0]);
  number = ox_format_double (scaled, scaled >= 1000 ? 4 : 3);
  return g_strdup_printf ("%s%s%s", number, gap, units[unit]);
}

char *
ox_format_count (guint64 count)
{
  static const char *const units[] = { "", "k", "M", "G", "T", "P" };

  return count < 10000 ? g_strdup_printf ("%" G_GUINT64_FORMAT, count)
                       : format_scaled (count, 1000, units, G_N_ELEMENTS (units), " ");
}

char *
ox_format_bytes (guint64 bytes)
{
  static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };

  return format_scaled (bytes, 1000, units, G_N_ELEMENTS (units), " ");
}

static void
append_axis (GString *text, const OxTensor *t, int axis, gint64 base, gint64 stride, int digits, gboolean cut)
{
  gint64 n, inner;

  if (axis == t->rank)
    {
      g_autofree char *element = ox_format_element (t, base, digits);

      g_string_append (text, element);
      return;
    }
  n = t->dims[axis];
  inner = n > 0 ? stride / n : 0;
  g_string_append_c (text, '[');
  for (gint64 i = 0; i < n; i++)
    {
      if (i > 0)
        {
          if (axis == t->rank - 1)
            g_string_append (text, ", ");
          else
            {
              g_string_append_c (text, ',');
              for (int k = axis; k < t->rank - 1; k++)
                g_string_append_c (text, '\n');
              for (int k = 0; k <= axis; k++)
                g_string_append_c (text, ' ');
            }
        }
      if (cut && n > 2 * EDGE && i == EDGE)
        {
          g_string_append (text, "...");
          i = n - EDGE - 1;
          continue;
        }
      append_axis (text, t, axis + 1, base + i * inner, inner, digits, cut);
    }
  g_string_append_c (text, ']');
}

char *
ox_format_tensor (const OxTensor *tensor, int digits, gint64 limit)
{
  GString *text = g_string_new (NULL);

  if (tensor->count == 0)
    {
      g_autofree char *shape = ox_tensor_shape_string (tensor);

      g_string_append_printf (text, "[] (%s)", shape);
    }
  else
    append_axis (text, tensor, 0, 0, tensor->count, digits, tensor->count > limit);
  return g_string_free (text, FALSE);
}

char *
ox_format_value (const OxValue *value, int digits, gint64 limit)
{
  GString *text;
  g_autofree char *what = NULL;

  if (value->kind == OX_VALUE_TENSOR)
    return ox_format_tensor (value->tensor, digits, limit);
  what = ox_value_describe (value);
  text = g_string_new (what);
  for (guint i = 0; i < ox_value_n_items (value) && i < 100; i++)
    {
      g_autofree char *item = ox_format_value (ox_value_get_item (value, i), digits, limit);

      if (value->keys != NULL)
        {
          g_autofree char *key = ox_format_element (value->keys, i, 0);

          g_string_append_printf (text, "\n%s: %s", key, item);
        }
      else
        g_string_append_printf (text, "\n[%u] %s", i, item);
    }
  return g_string_free (text, FALSE);
}
