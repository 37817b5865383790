/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-error.h"
#include "debug/ox-debugger-private.h"

/* Small tensors as somebody types them. */

#define MOST_ELEMENTS 256

char **
ox_edit_split (const char *text)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  gsize length = strlen (copy);
  char **parts;

  if (length >= 2 && copy[0] == '[' && copy[length - 1] == ']')
    {
      copy[length - 1] = '\0';
      memmove (copy, copy + 1, length - 1);
      g_strstrip (copy);
    }
  parts = copy[0] != '\0' ? g_strsplit (copy, ",", -1) : g_new0 (char *, 1);
  for (guint i = 0; parts[i] != NULL; i++)
    g_strstrip (parts[i]);
  return parts;
}

static gboolean
is_whole (OxDtype dtype)
{
  return ox_dtype_is_integer (dtype) || dtype == OX_BOOL;
}

static gboolean
read_whole (const char *text, OxDtype dtype, gint64 *number, GError **error)
{
  if (dtype == OX_BOOL && (g_str_equal (text, "true") || g_str_equal (text, "false")))
    {
      *number = text[0] == 't';
      return TRUE;
    }
  return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, number, NULL)
         || ox_fail (error, OX_ERROR_VALUE, "expected an int, found '%s'", text);
}

/* (transfer full) A list of numbers: whole ones as i64, which are exact, others as f64. */
static OxTensor *
read_numbers (char **parts, gint64 n, OxDtype dtype, GError **error)
{
  g_autoptr (OxTensor) numbers = ox_tensor_new (is_whole (dtype) ? OX_I64 : OX_F64, 1, &n, error);

  for (gint64 i = 0; numbers != NULL && i < n; i++)
    {
      gint64 whole;
      char *end;
      double number = g_ascii_strtod (parts[i], &end);

      if (is_whole (dtype))
        {
          if (!read_whole (parts[i], dtype, &whole, error))
            return NULL;
          memcpy (ox_tensor_element (numbers, i), &whole, sizeof whole);
        }
      else if (end == parts[i] || *end != '\0')
        {
          ox_fail (error, OX_ERROR_VALUE, "expected a number, found '%s'", parts[i]);
          return NULL;
        }
      else
        ox_tensor_set (numbers, i, number);
    }
  return g_steal_pointer (&numbers);
}

/* In the element type; whole numbers have to be in its range. */
static OxTensor *
narrow (OxTensor *numbers, OxDtype dtype, GError **error)
{
  g_autoptr (OxTensor) narrowed = ox_tensor_convert (numbers, dtype, error);

  for (gint64 i = 0; narrowed != NULL && numbers->dtype == OX_I64 && i < numbers->count; i++)
    if (ox_tensor_get_int (narrowed, i) != ox_tensor_get_int (numbers, i))
      {
        ox_fail (error, OX_ERROR_VALUE, "expected a number that %s has, found %" G_GINT64_FORMAT, ox_dtype_name (dtype),
                 ox_tensor_get_int (numbers, i));
        return NULL;
      }
  return g_steal_pointer (&narrowed);
}

static OxTensor *
read_strings (const OxTensor *like, char **parts, GError **error)
{
  OxTensor *tensor = ox_tensor_new (OX_STR, like->rank, like->dims, error);

  for (gint64 i = 0; tensor != NULL && i < like->count; i++)
    ox_tensor_set_string (tensor, i, parts[i], -1);
  return tensor;
}

OxTensor *
ox_edit_parse (OxTensor *like, const char *text, GError **error)
{
  g_auto (GStrv) parts = NULL;
  g_autoptr (OxTensor) numbers = NULL, narrowed = NULL, all = NULL;
  const gint64 ones[OX_MAX_RANK] = { 0 };
  gint64 n;

  /* One string may have commas. */
  if (like->dtype == OX_STR && like->count == 1)
    {
      parts = g_new0 (char *, 2);
      parts[0] = g_strdup (text);
    }
  else
    parts = ox_edit_split (text);
  n = g_strv_length (parts);
  if (n != like->count && (n != 1 || like->dtype == OX_STR))
    {
      ox_fail (error, OX_ERROR_VALUE, "expected %" G_GINT64_FORMAT " elements%s, found %" G_GINT64_FORMAT, like->count,
               like->dtype == OX_STR ? "" : ", or one for all", n);
      return NULL;
    }
  if (like->dtype == OX_STR)
    return read_strings (like, parts, error);
  numbers = read_numbers (parts, n, like->dtype, error);
  narrowed = numbers != NULL ? narrow (numbers, like->dtype, error) : NULL;
  if (narrowed == NULL)
    return NULL;
  if (n == like->count)
    return ox_tensor_reshape (narrowed, like->rank, like->dims, error);
  all = ox_tensor_new_view (narrowed, like->rank, like->dims, ones, narrowed->data);
  return ox_tensor_contiguous (all, error);
}

char *
ox_edit_text (OxTensor *tensor)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (tensor->count > MOST_ELEMENTS || ox_dtype_class (tensor->dtype) == OX_CLASS_COMPLEX)
    return NULL;
  for (gint64 i = 0; i < tensor->count; i++)
    {
      char buffer[G_ASCII_DTOSTR_BUF_SIZE];

      g_string_append (text, i > 0 ? ", " : "");
      if (tensor->dtype == OX_STR)
        g_string_append (text, ox_tensor_get_string (tensor, i));
      else if (tensor->dtype == OX_U64)
        g_string_append_printf (text, "%" G_GUINT64_FORMAT, (guint64) ox_tensor_get_int (tensor, i));
      else if (is_whole (tensor->dtype))
        g_string_append_printf (text, "%" G_GINT64_FORMAT, ox_tensor_get_int (tensor, i));
      else
        g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, tensor->dtype == OX_F64 ? "%.17g" : "%.9g",
                                                ox_tensor_get (tensor, i)));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
