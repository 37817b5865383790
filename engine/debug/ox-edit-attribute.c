/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-debugger-private.h"
#include "ops/ox-signature.h"

/* Attributes from what somebody typed. */

OxAttrType
ox_debugger_attribute_type (OxDebugger *self, const OxNode *node, const char *name, GError **error)
{
  return ox_session_attribute_type (self->session, node, name, error);
}

GPtrArray *
ox_debugger_node_attributes (OxDebugger *self, const OxNode *node)
{
  return ox_session_node (self->session, node)->attributes;
}

/* Such ints are numbers of element types. */
static gboolean
is_element_type (const char *name)
{
  return g_str_equal (name, "to") || g_str_equal (name, "dtype") || g_str_equal (name, "output_dtype")
         || g_str_equal (name, "output_datatype") || g_str_equal (name, "softmax_precision")
         || g_str_equal (name, "stash_type");
}

static gboolean
read_int (const char *name, const char *text, gint64 *number, GError **error)
{
  for (OxDtype dtype = OX_UNDEFINED + 1; is_element_type (name) && dtype < OX_N_DTYPES; dtype++)
    if (g_ascii_strcasecmp (ox_dtype_name (dtype), text) == 0)
      {
        *number = dtype;
        return TRUE;
      }
  return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, number, NULL)
         || ox_fail (error, OX_ERROR_VALUE, "expected an int, found '%s'", text);
}

static gboolean
read_float (const char *text, double *number, GError **error)
{
  char *end;

  *number = g_ascii_strtod (text, &end);
  return (end != text && *end == '\0') || ox_fail (error, OX_ERROR_VALUE, "expected a number, found '%s'", text);
}

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static gboolean
read_list (OxAttribute *attribute, const char *text, GError **error)
{
  g_auto (GStrv) parts = ox_edit_split (text);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      gint64 integer;
      double number;
      float single;

      if (attribute->type == OX_ATTR_INTS)
        {
          if (!read_int (attribute->name, parts[i], &integer, error))
            return FALSE;
          g_array_append_val (attribute->ints, integer);
        }
      else if (attribute->type == OX_ATTR_FLOATS)
        {
          if (!read_float (parts[i], &number, error))
            return FALSE;
          single = (float) number;
          g_array_append_val (attribute->floats, single);
        }
      else
        g_ptr_array_add (attribute->strings, bytes_of (parts[i]));
    }
  return TRUE;
}

static gboolean
read_text (OxAttribute *attribute, const char *text, GError **error)
{
  switch (attribute->type)
    {
    case OX_ATTR_INT:
      return read_int (attribute->name, text, &attribute->i, error);
    case OX_ATTR_FLOAT:
      if (!read_float (text, &attribute->f, error))
        return FALSE;
      /* A file has a float. */
      attribute->f = (double) (float) attribute->f;
      return TRUE;
    case OX_ATTR_STRING:
      attribute->s = bytes_of (text);
      return TRUE;
    case OX_ATTR_INTS:
    case OX_ATTR_FLOATS:
    case OX_ATTR_STRINGS:
      return read_list (attribute, text, error);
    case OX_ATTR_GRAPH:
    case OX_ATTR_GRAPHS:
      return ox_fail (error, OX_ERROR_UNSUPPORTED, "the attribute is a body, which is not replaced by another; its nodes, their"
                                                   " values and attributes are changed as all others are");
    default:
      return ox_fail (error, OX_ERROR_UNSUPPORTED, "the attribute '%s' is %s, which cannot be typed", attribute->name,
                      ox_signature_kind_name (attribute->type));
    }
}

static OxAttribute *
find (const GPtrArray *attributes, const char *name)
{
  for (guint i = 0; i < attributes->len; i++)
    if (g_str_equal (((const OxAttribute *) g_ptr_array_index (attributes, i))->name, name))
      return g_ptr_array_index (attributes, i);
  return NULL;
}

/* (transfer full) The tensor an attribute is; NULL, without an error too, when it is none or not there. */
static OxValue *
tensor_of (const OxAttribute *attribute, GError **error)
{
  if (attribute == NULL || attribute->type != OX_ATTR_TENSOR || attribute->ref != NULL || attribute->tensors == NULL
      || attribute->tensors->len != 1)
    return NULL;
  return ox_initializer_get (g_ptr_array_index (attribute->tensors, 0), error);
}

static OxAttribute *
parse_tensor (OxDebugger *self, const OxNode *node, const char *name, const char *text, GError **error)
{
  GError *problem = NULL;
  g_autoptr (OxValue) like = tensor_of (find (ox_debugger_node_attributes (self, node), name), &problem);
  g_autoptr (OxValue) value = NULL;
  OxTensor *tensor;

  if (like == NULL || ox_value_get_tensor (like) == NULL)
    {
      if (problem != NULL)
        g_propagate_error (error, problem);
      else
        ox_fail (error, OX_ERROR_VALUE, "there is no tensor yet whose type and shape it could have: it comes from a file");
      return NULL;
    }
  tensor = ox_edit_parse (ox_value_get_tensor (like), text, error);
  if (tensor == NULL)
    return NULL;
  value = ox_value_new_tensor (tensor);
  return ox_edit_attribute_value (name, value, error);
}

OxAttribute *
ox_debugger_parse_attribute (OxDebugger *self, const OxNode *node, const char *name, const char *text, GError **error)
{
  OxAttrType type = ox_session_attribute_type (self->session, node, name, error);
  OxAttribute *attribute;

  if (type == OX_ATTR_UNDEFINED)
    return NULL;
  if (type == OX_ATTR_TENSOR)
    attribute = parse_tensor (self, node, name, text, error);
  else
    {
      attribute = ox_attribute_new (name, type);
      if (!read_text (attribute, text, error))
        g_clear_pointer (&attribute, ox_attribute_free);
    }
  if (attribute == NULL)
    ox_error_prefix (error, "attribute '%s'", name);
  return attribute;
}

static char *
text_of_bytes (GBytes *bytes)
{
  gsize n = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &n) : NULL;

  return g_utf8_make_valid (data != NULL ? data : "", (gssize) n);
}

static void
put_number (GString *text, double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, "%.9g", number));
}

static void
put_list (GString *text, const OxAttribute *attribute)
{
  for (guint i = 0; attribute->type == OX_ATTR_INTS && i < attribute->ints->len; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", g_array_index (attribute->ints, gint64, i));
  for (guint i = 0; attribute->type == OX_ATTR_FLOATS && i < attribute->floats->len; i++)
    {
      g_string_append (text, i > 0 ? ", " : "");
      put_number (text, (double) g_array_index (attribute->floats, float, i));
    }
  for (guint i = 0; attribute->type == OX_ATTR_STRINGS && i < attribute->strings->len; i++)
    {
      g_autofree char *one = text_of_bytes (g_ptr_array_index (attribute->strings, i));

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", one);
    }
}

char *
ox_edit_attribute_text (const GPtrArray *attributes, const char *name)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const OxAttribute *attribute = find (attributes, name);
  g_autoptr (OxValue) value = NULL;

  if (attribute == NULL || attribute->ref != NULL)
    return NULL;
  switch (attribute->type)
    {
    case OX_ATTR_INT:
      g_string_append_printf (text, "%" G_GINT64_FORMAT, attribute->i);
      break;
    case OX_ATTR_FLOAT:
      put_number (text, attribute->f);
      break;
    case OX_ATTR_STRING:
      return text_of_bytes (attribute->s);
    case OX_ATTR_INTS:
    case OX_ATTR_FLOATS:
    case OX_ATTR_STRINGS:
      put_list (text, attribute);
      break;
    case OX_ATTR_TENSOR:
      value = tensor_of (attribute, NULL);
      return value != NULL && ox_value_get_tensor (value) != NULL ? ox_edit_text (ox_value_get_tensor (value)) : NULL;
    default:
      return NULL;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

OxAttribute *
ox_edit_attribute_value (const char *name, OxValue *value, GError **error)
{
  OxTensor *tensor = ox_value_get_tensor (value);
  OxAttribute *attribute;

  if (tensor == NULL)
    {
      g_autofree char *found = ox_value_describe (value);

      ox_fail (error, OX_ERROR_DTYPE, "expected a tensor for the attribute '%s', found %s", name, found);
      return NULL;
    }
  attribute = ox_attribute_new (name, OX_ATTR_TENSOR);
  g_ptr_array_add (attribute->tensors, ox_initializer_new_tensor (name, ox_tensor_ref (tensor)));
  return attribute;
}
